/* post_processor.h - the last stage of a tokenizer: the tokens of one or two texts become one sequence, with those between them
 * that the model was trained with.
 *
 * The sequence is in segments until then: one for each text, then one for each thing that a processor adds. */
#ifndef TEXT_POST_PROCESSOR_H
#define TEXT_POST_PROCESSOR_H

#include "codec/codec.h"
#include "text.h"

enum post_processor_kind { PROCESS_TEMPLATE, PROCESS_BERT, PROCESS_ROBERTA, PROCESS_TRIM };

/* A text, or tokens. */
struct template_part {
    bool is_text;
    size_t text; /* 0 or 1 */
    uint8_t type;
    const uint32_t *ids;
    size_t id_count;
};

struct template
{
    struct template_part *parts;
    size_t count;
    size_t added; /* tokens */
};

struct post_processor {
    enum post_processor_kind kind;
    struct template single, pair;
    uint32_t first, separator; /* of BERT and RoBERTa: [CLS], [SEP] */
    bool trims, adds_space; /* offsets leave white space out, but for a space that the pre-tokenizer added */
};

struct post_processors {
    struct post_processor *items; /* in the arena */
    size_t count, capacity;
};

bool post_processors_read(struct post_processors *processors, const struct json_value *value, const char *name,
                          struct arena *arena, struct error *error) MUST_USE;
void post_processors_add_bert(struct post_processors *processors, uint32_t first, uint32_t separator, bool is_roberta,
                              struct arena *arena);

/* How many tokens they add. */
size_t post_processors_added(const struct post_processors *processors, bool is_pair);
bool post_processors_trim(const struct post_processors *processors);

/* White space at both ends of a token, in characters, for the processors that trim. */
struct token_margin {
    uint32_t before, behind;
};

struct segment {
    size_t start, end;
};

/* The tokens of one or two texts on their way. */
struct sequence {
    struct tokens *tokens, *spare; /* what it is now, and room for what it becomes */
    struct token_margin *margins, *spare_margins; /* of each token, if any processor trims */
    size_t margin_capacity, spare_margin_capacity;
    struct segment *segments;
    size_t segment_count, segment_capacity;
    struct slice texts[2];
};

void post_processors_apply(const struct post_processors *processors, struct sequence *sequence, bool is_bare);

/* Appends one token; its margin goes to margins[count]. */
void tokens_append(struct tokens *tokens, uint32_t id, uint32_t start, uint32_t end, uint8_t type, uint8_t special);

#endif
