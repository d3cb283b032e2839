/* shape_answer.c - what `assay ask --json` prints. */
#include "shape.h"
#include <string.h>

static void write_citation(struct json_writer *json, const struct assay_citation *citation)
{
    const struct json_integer_member places[] = {{"start", (int64_t)citation->start},
                                                 {"end", (int64_t)citation->end},
                                                 {"line", (int64_t)citation->line},
                                                 {"line_end", (int64_t)citation->line_end}};
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"document", citation->hit->document}, 1);
    json_integers(json, &(struct json_integer_member){"passage", citation->hit->passage}, 1);
    shape_page(json, citation->hit->page);
    json_integers(json, places, ARRAY_COUNT(places));
    json_key(json, "quote");
    json_text(json, (struct slice){citation->quote, citation->quote_size});
    json_key(json, "extracted");
    json_bool(json, citation->hit->is_extracted);
    shape_edition(json, citation->hit);
    json_object_end(json);
}

/* The passages that it was answered from: what is nearest when there is no answer. */
static void write_passages(struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "passages");
    json_array_begin(json);
    for (size_t i = 0; i < answer->hit_count; i++) {
        const struct assay_hit *hit = &answer->hits[i];
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"document", hit->document}, 1);
        json_integers(json,
                      (const struct json_integer_member[]){
                          {"passage", hit->passage}, {"start", (int64_t)hit->start}, {"end", (int64_t)hit->end}},
                      3);
        json_key(json, "score");
        json_real(json, hit->score, 9);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_prompt(struct json_writer *json, const struct assay_answer *answer)
{
    const struct json_integer_member members[] = {
        {"tokens", (int64_t)answer->tokens},           {"tokens_max", (int64_t)answer->tokens_budget},
        {"passages", (int64_t)answer->passages},       {"passages_cut", (int64_t)answer->passages_cut},
        {"examples", (int64_t)answer->examples},       {"examples_cut", (int64_t)answer->examples_cut},
        {"flagged", (int64_t)answer->flagged},         {"sentences", (int64_t)answer->sentences},
        {"unsupported", (int64_t)answer->unsupported},
    };
    if (answer->prompt_version == NULL)
        return;
    json_key(json, "prompt");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"version", answer->prompt_version}, 1);
    json_integers(json, members, ARRAY_COUNT(members));
    json_object_end(json);
}

static void write_numbers(struct json_writer *json, const struct assay_answer *answer)
{
    const struct json_integer_member usage[] = {{"prompt_tokens", answer->prompt_tokens},
                                                {"completion_tokens", answer->completion_tokens},
                                                {"cached_tokens", answer->cached_tokens}};
    const struct {
        const char *name;
        double ms;
    } timings[] = {
        {"retrieve_ms", answer->retrieve_ms}, {"rerank_ms", answer->rerank_ms}, {"generate_ms", answer->generate_ms}};
    json_key(json, "usage");
    json_object_begin(json);
    json_integers(json, usage, ARRAY_COUNT(usage));
    shape_cost(json, answer->cost, answer->currency);
    json_object_end(json);
    json_key(json, "timings");
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(timings); i++) {
        json_key(json, timings[i].name);
        json_real(json, timings[i].ms, 4);
    }
    json_object_end(json);
}

bool shape_withheld(const struct assay_answer *answer)
{
    bool is_builtin = answer->model == NULL || strncmp(answer->model, "builtin:", strlen("builtin:")) == 0;
    return answer->abstained && !is_builtin && !answer->is_held_back && answer->sentences > 0 &&
           answer->unsupported == answer->sentences;
}

void shape_answer(struct json_writer *json, const struct assay_answer *answer)
{
    json_object_begin(json);
    json_key(json, "answer");
    if (answer->text != NULL)
        json_text(json, slice_from(answer->text));
    else
        json_null(json);
    json_key(json, "abstained");
    json_bool(json, answer->abstained);
    json_key(json, "confidence");
    json_real(json, answer->confidence, 4);
    json_key(json, "calibrated");
    json_bool(json, answer->is_calibrated);
    if (answer->is_held_back) {
        json_key(json, "held_back");
        json_bool(json, true);
    }
    if (shape_withheld(answer)) {
        json_key(json, "withheld");
        json_bool(json, true);
    }
    if (answer->stale != NULL)
        json_texts(json, &(struct json_text_member){"stale", answer->stale}, 1);
    json_key(json, "citations");
    json_array_begin(json);
    for (size_t i = 0; i < answer->citation_count; i++)
        write_citation(json, &answer->citations[i]);
    json_array_end(json);
    if (answer->otherwise.hit != NULL) {
        json_key(json, "otherwise");
        write_citation(json, &answer->otherwise);
    }
    json_texts(
        json,
        (const struct json_text_member[]){{"model", answer->model}, {"approach", answer->approach}, {"asked", answer->asked}},
        3);
    write_numbers(json, answer);
    write_prompt(json, answer);
    write_passages(json, answer);
    json_integers(json, &(struct json_integer_member){"audit", (int64_t)answer->audit}, 1);
    json_key(json, "took_ms");
    json_real(json, answer->took_ms, 4);
    json_object_end(json);
}
