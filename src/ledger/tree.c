/* tree.c - hashes, peaks and proofs. Checking a proof follows RFC 9162, sections 2.1.3.2 and 2.1.4.2. */
#include "tree.h"
#include <assert.h>
#include <sodium.h>

_Static_assert(TREE_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256 all the way");

struct tree_hash tree_leaf(struct slice entry)
{
    struct tree_hash hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char[]){0}, 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)entry.data, entry.size);
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

struct tree_hash tree_node(const struct tree_hash *left, const struct tree_hash *right)
{
    struct tree_hash hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char[]){1}, 1);
    crypto_hash_sha256_update(&state, left->bytes, sizeof(left->bytes));
    crypto_hash_sha256_update(&state, right->bytes, sizeof(right->bytes));
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

bool tree_hash_equal(const struct tree_hash *a, const struct tree_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

size_t tree_peak_count(uint64_t size)
{
    return (size_t)__builtin_popcountll(size);
}

void tree_add(struct tree *tree, const struct tree_hash *leaf)
{
    assert(tree->size + 1 < UINT64_C(1) << TREE_DEPTH_MAX);
    size_t count = tree_peak_count(tree->size);
    struct tree_hash hash = *leaf;
    /* Like adding one in binary: each 1 at the end is a peak as high as what we carry. */
    for (uint64_t bits = tree->size; bits & 1; bits >>= 1)
        hash = tree_node(&tree->peaks[--count], &hash);
    tree->peaks[count] = hash;
    tree->size++;
}

struct tree_hash tree_root(const struct tree *tree)
{
    struct tree_hash hash;
    size_t count = tree_peak_count(tree->size);
    if (count == 0) {
        crypto_hash_sha256(hash.bytes, NULL, 0);
        return hash;
    }
    hash = tree->peaks[count - 1];
    while (--count > 0)
        hash = tree_node(&tree->peaks[count - 1], &hash);
    return hash;
}

struct tree_hash tree_root_of(const struct tree_hash *leaves, size_t count)
{
    struct tree tree = {0};
    for (size_t i = 0; i < count; i++)
        tree_add(&tree, &leaves[i]);
    return tree_root(&tree);
}

/* The largest power of two below `count`, which is at least 2. */
static size_t split_at(size_t count)
{
    size_t half = 1;
    while (2 * half < count)
        half *= 2;
    return half;
}

size_t tree_prove_leaf(const struct tree_hash *leaves, size_t count, size_t index, struct tree_hash proof[TREE_DEPTH_MAX])
{
    struct tree_hash down[TREE_DEPTH_MAX];
    size_t found = 0;
    assert(index < count);
    while (count > 1) { /* from the root down; told from the leaf up */
        size_t half = split_at(count);
        assert(found < TREE_DEPTH_MAX);
        if (index < half) {
            down[found++] = tree_root_of(leaves + half, count - half);
            count = half;
        } else {
            down[found++] = tree_root_of(leaves, half);
            leaves += half;
            count -= half;
            index -= half;
        }
    }
    for (size_t i = 0; i < found; i++)
        proof[i] = down[found - 1 - i];
    return found;
}

bool tree_check_leaf(const struct tree_hash *leaf, uint64_t index, uint64_t count, const struct tree_hash *proof,
                     size_t proof_count, const struct tree_hash *root)
{
    if (index >= count)
        return false;
    uint64_t at = index, last = count - 1;
    struct tree_hash hash = *leaf;
    for (size_t i = 0; i < proof_count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) != 0 || at == last) {
            hash = tree_node(&proof[i], &hash);
            while ((at & 1) == 0 && at != 0) { /* levels on which it has no neighbour */
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = tree_node(&hash, &proof[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && tree_hash_equal(&hash, root);
}

size_t tree_prove_growth(const struct tree_hash *leaves, size_t before, size_t count, struct tree_hash proof[TREE_DEPTH_MAX])
{
    struct tree_hash down[TREE_DEPTH_MAX];
    size_t found = 0;
    bool is_known = true; /* the part that is looked at is the whole earlier tree, whose root the reader has */
    assert(before > 0 && before <= count);
    while (before < count) {
        size_t half = split_at(count);
        assert(found < TREE_DEPTH_MAX - 1);
        if (before <= half) {
            down[found++] = tree_root_of(leaves + half, count - half);
            count = half;
        } else {
            down[found++] = tree_root_of(leaves, half);
            leaves += half;
            count -= half;
            before -= half;
            is_known = false;
        }
    }
    if (!is_known)
        down[found++] = tree_root_of(leaves, count);
    for (size_t i = 0; i < found; i++)
        proof[i] = down[found - 1 - i];
    return found;
}

bool tree_check_growth(uint64_t before, const struct tree_hash *root_before, uint64_t count, const struct tree_hash *root,
                       const struct tree_hash *proof, size_t proof_count)
{
    if (before == 0 || before > count)
        return false;
    if (before == count)
        return proof_count == 0 && tree_hash_equal(root_before, root);
    bool is_perfect = (before & (before - 1)) == 0; /* then its root is the first of the proof, and not told */
    if (proof_count == 0 && !is_perfect)
        return false;
    uint64_t at = before - 1, last = count - 1;
    while ((at & 1) != 0) {
        at >>= 1;
        last >>= 1;
    }
    struct tree_hash old = is_perfect ? *root_before : proof[0], now = old;
    for (size_t i = is_perfect ? 0 : 1; i < proof_count; i++) {
        if (last == 0)
            return false;
        if ((at & 1) != 0 || at == last) {
            old = tree_node(&proof[i], &old);
            now = tree_node(&proof[i], &now);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            now = tree_node(&now, &proof[i]);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && tree_hash_equal(&old, root_before) && tree_hash_equal(&now, root);
}
