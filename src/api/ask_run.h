/* ask_run.h - questions and answers between assay.h and the room that answers. Private to api. */
#ifndef API_ASK_RUN_H
#define API_ASK_RUN_H

#include "ask/ask.h"
#include "tell.h"

/* What an answer that was handed out points into. */
struct answer_memory {
    struct ask_answer inner;
    char version[2 * STORE_HASH_BYTES + 1];
    uint64_t entry; /* in the audit log; 0: none */
};

/* All but the model, the reader and the turns. */
bool fill_request(struct assay *assay, const char *question, const struct assay_ask_options *options,
                  struct ask_request *request, struct error *error) MUST_USE;
const struct ask_turn *read_turns(struct arena *arena, const struct assay_ask_options *options);
void fill_answer(struct answer_memory *memory, struct assay_answer *answer);

#endif
