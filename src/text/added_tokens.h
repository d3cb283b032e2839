/* added_tokens.h - tokens that are found in the text as they stand, before anything else is: [MASK], <|endoftext|>. */
#ifndef TEXT_ADDED_TOKENS_H
#define TEXT_ADDED_TOKENS_H

#include "aligned.h"
#include "codec/codec.h"
#include "normalizer.h"

struct added_token {
    struct slice content;
    struct slice shown; /* what it decodes to: the content, normalized if it is matched so */
    uint32_t id;
    bool single_word, lstrip, rstrip, normalized, special;
};

/* Places to look for, as a tree of bytes: children of a node are a list. */
struct token_tree_node {
    uint32_t child, sibling;
    uint32_t token; /* its place in the list, plus one */
    uint8_t byte;
};

struct token_tree {
    struct token_tree_node *nodes;
    size_t count, capacity;
    uint32_t first[256]; /* nodes of the first byte; 0: none */
    size_t first_count;  /* how many bytes can begin one */
    unsigned char only;  /* that byte, when it is one */
};

struct added_tokens {
    struct added_token *items; /* as read, in the arena */
    size_t count, capacity;
    struct map by_content; /* the last item, plus one */
    struct map special;    /* contents of special ones */
    uint32_t *by_id;       /* item plus one */
    size_t by_id_count, by_id_capacity;
    struct token_tree plain, normalized;
};

void added_tokens_init(struct added_tokens *added);
void added_tokens_release(struct added_tokens *added);

/* From the "added_tokens" of tokenizer.json, numbered as the vocabulary has them, else behind it. `id_of` looks into it. */
struct token_lookup {
    bool (*id_of)(const void *context, struct slice token, uint32_t *id);
    const void *context;
    size_t count; /* of tokens in the vocabulary */
};
bool added_tokens_read(struct added_tokens *added, const struct json_value *list, const char *name,
                       const struct token_lookup *lookup, const struct normalizers *normalizers, struct arena *arena,
                       struct error *error) MUST_USE;

const struct added_token *added_tokens_by_id(const struct added_tokens *added, uint32_t id); /* or NULL */
const struct added_token *added_tokens_by_content(const struct added_tokens *added, struct slice content);

/* Cuts the pieces at the tokens of the tree. */
void added_tokens_cut(const struct added_tokens *added, const struct token_tree *tree, struct token_work *work);
bool token_tree_may_match(const struct token_tree *tree, struct slice text); /* false: none of them is in the text */

#endif
