/* tree.h - the Merkle tree of RFC 6962 (and 9162) over the log's entries. Pure; private to ledger.
 *
 *                root
 *              ╱      ╲          node = SHA-256(1, left, right)
 *            ·          ·        leaf = SHA-256(0, an entry's bytes)
 *          ╱   ╲      ╱   ╲
 *         ·     ·    ·     4     a tree of 7: split at the largest power of two below, again and again
 *        ╱ ╲   ╱ ╲  ╱ ╲
 *       0   1 2  3 4   5 …
 *
 * It grows by its peaks: the roots of the perfect trees that it is made of, one for each bit that is set in its size, the largest first. */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include "base/base.h"

enum { TREE_HASH_BYTES = 32, TREE_DEPTH_MAX = 40 }; /* up to 2^40 - 1 leaves */

struct tree_hash {
    unsigned char bytes[TREE_HASH_BYTES];
};

struct tree {
    uint64_t size;
    struct tree_hash peaks[TREE_DEPTH_MAX];
};

struct tree_hash tree_leaf(struct slice entry);
struct tree_hash tree_node(const struct tree_hash *left, const struct tree_hash *right);
bool tree_hash_equal(const struct tree_hash *a, const struct tree_hash *b);

size_t tree_peak_count(uint64_t size);
void tree_add(struct tree *tree, const struct tree_hash *leaf);
struct tree_hash tree_root(const struct tree *tree); /* of an empty one: SHA-256 of nothing */

/* The same from all leaves at once. */
struct tree_hash tree_root_of(const struct tree_hash *leaves, size_t count);

/* That leaf `index` is in the tree of `count` leaves: the neighbours on the way up. Returns how many. */
size_t tree_prove_leaf(const struct tree_hash *leaves, size_t count, size_t index, struct tree_hash proof[TREE_DEPTH_MAX]);
bool tree_check_leaf(const struct tree_hash *leaf, uint64_t index, uint64_t count, const struct tree_hash *proof,
                     size_t proof_count, const struct tree_hash *root);

/* That the tree of the first `before` leaves is the beginning of that of all `count`; 1 ≤ before ≤ count. Returns how many. */
size_t tree_prove_growth(const struct tree_hash *leaves, size_t before, size_t count, struct tree_hash proof[TREE_DEPTH_MAX]);
bool tree_check_growth(uint64_t before, const struct tree_hash *root_before, uint64_t count, const struct tree_hash *root,
                       const struct tree_hash *proof, size_t proof_count);

#endif
