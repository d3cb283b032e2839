/* token_trie.h - finds every token that begins at a place of a text. A trie whose paths without a branch are one edge:
 *
 *   tokens  a, ab, abacus, abate        nodes in order of depth, the children of each together and by their first byte
 *
 *           0 ──a──▶ 1 ──b──▶ 2 ──a─▶ 3 ──c(us)──▶ 4     labels   first bytes:   [ ][a][b][a][c][t]
 *                    a        ab      └───t(e)───▶ 5              further bytes, in the tokens' own bytes: "us", "e"
 *
 * So it has less than two nodes for each token, however long the tokens are. */
#ifndef TEXT_TOKEN_TRIE_H
#define TEXT_TOKEN_TRIE_H

#include "pieces.h"
#include <string.h>

struct trie_node {
    uint32_t child;      /* the first; the next node's first child ends them */
    uint32_t label_at;   /* further bytes of the way here, in `bytes` */
    uint32_t label_size;
    uint32_t token;      /* that ends here, or TOKEN_NONE */
    double score;        /* its score */
};

struct token_trie {
    const char *bytes;       /* of all tokens, the caller's */
    struct trie_node *nodes; /* and one behind the last */
    uint8_t *firsts;         /* the first byte of the way to each node */
    size_t node_count;
    uint32_t root[256]; /* children of the root by their first byte, or 0 */
};

/* Token i is bytes[starts[i]] up to bytes[starts[i + 1]]; at most LIMIT_TOKENIZER_TOKENS of them. Of equal ones the last counts; no
 * walk finds the empty one. `bytes` must live as long as the trie. */
void token_trie_build(struct token_trie *trie, const char *bytes, const uint32_t *starts, const double *scores, size_t count);
void token_trie_release(struct token_trie *trie);

/* The token that is exactly this text, or TOKEN_NONE. */
uint32_t token_trie_get(const struct token_trie *trie, struct slice text);

/* Walks one step down from `*node` along text[*at …]: false when no token goes on like this. Begin with node 0. Each node passed
 * whose token is not TOKEN_NONE is a token that ends at `*at`. */
static inline bool token_trie_step(const struct token_trie *trie, struct slice text, uint32_t *node, size_t *at)
{
    if (*at >= text.size)
        return false;
    uint8_t byte = (uint8_t)text.data[*at];
    uint32_t child = 0;
    if (*node == 0) {
        child = trie->root[byte];
    } else {
        uint32_t i = trie->nodes[*node].child, end = trie->nodes[*node + 1].child;
        while (i < end && trie->firsts[i] < byte)
            i++;
        if (i < end && trie->firsts[i] == byte)
            child = i;
    }
    if (child == 0)
        return false;
    size_t next = *at + 1, rest = trie->nodes[child].label_size;
    if (rest > 0) {
        if (rest > text.size - next || memcmp(trie->bytes + trie->nodes[child].label_at, text.data + next, rest) != 0)
            return false;
        next += rest;
    }
    *node = child;
    *at = next;
    return true;
}

#endif
