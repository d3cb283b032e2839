/* llm_tuning.h - fine-tuning that a provider does, as OpenAI's API has it. Part of llm.h.
 *
 *   lines ─▶ POST files ─▶ POST fine_tuning/jobs ─▶ GET fine_tuning/jobs/ID, from time to time ─▶ a model with a name of its own
 *
 * What a job will cost counts for the day it is asked for, by its tokens as they are reckoned beforehand. A job goes on at the provider whether or
 * not somebody waits for it. */
#ifndef LLM_LLM_TUNING_H
#define LLM_LLM_TUNING_H

#include "base/base.h"

struct llm;

enum { LLM_TUNING_LINES_MAX = (64 << 20) - 4096 }; /* bytes of all lines that are sent */

/* Whether a person has stopped it: asked from time to time, never NULL. */
struct llm_tuning_stop {
    bool (*is_cancelled)(void *context);
    void *context;
};

struct llm_tuning_request {
    struct slice lines; /* JSON, {"messages": [...]} each */
    double tokens; /* of all lines, in all epochs, about */
    unsigned epochs;
    int64_t seed; /* negative: none */
    const char *suffix; /* becomes part of the model's name */
    struct llm_tuning_stop stop;
};

enum llm_tuning_state { LLM_TUNING_RUNS, LLM_TUNING_DONE, LLM_TUNING_FAILED };

/* Texts are in the arena given to llm_tuning_look. */
struct llm_tuning {
    enum llm_tuning_state state;
    const char *status; /* as the provider has it: "queued" */
    const char *model; /* of one that is done, named as llm_open takes it */
    const char *complaint; /* of one that failed */
    int64_t trained_tokens; /* 0: not told */
};

/* Whether its provider speaks this part of the API at all; whether this very model can be tuned says the provider. */
bool llm_can_tune(const struct llm *llm);

double llm_tuning_cost(const struct llm *llm, double tokens); /* negative: the price of training is not known */

/* Sends the lines and asks for the job, whose name is in the arena then. Where there is no job for sure `*may_run` is false, and ERROR_INVALID and
 * ERROR_NOT_FOUND: the provider does not do it; ERROR_LIMIT: not today. Else (it broke off, it failed at the provider, or what came is no name)
 * nobody knows: such a request is not made again, and its money counts. */
bool llm_tuning_start(struct llm *llm, const struct llm_tuning_request *request, struct arena *arena, const char **job,
                      bool *may_run, struct error *error) MUST_USE;

bool llm_tuning_look(struct llm *llm, const char *job, const struct llm_tuning_stop *stop, struct arena *arena,
                     struct llm_tuning *tuning, struct error *error) MUST_USE;

#endif
