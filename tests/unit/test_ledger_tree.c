/* test_ledger_tree.c - the Merkle tree against the vectors that certificate transparency is tested with, and proofs of all sizes. */
#include "ledger/tree.h"
#include <sodium.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

static struct tree_hash from_hex(const char *hex)
{
    struct tree_hash hash;
    size_t size = 0;
    assert_int_equal(sodium_hex2bin(hash.bytes, sizeof(hash.bytes), hex, strlen(hex), NULL, &size, NULL), 0);
    assert_int_equal(size, sizeof(hash.bytes));
    return hash;
}

static void assert_hash(struct tree_hash hash, const char *hex)
{
    struct tree_hash wanted = from_hex(hex);
    assert_memory_equal(hash.bytes, wanted.bytes, sizeof(hash.bytes));
}

/* The eight entries of those vectors. */
static size_t known_leaves(struct tree_hash leaves[8])
{
    static const struct slice entries[] = {
        SLICE_CONSTANT(""),
        SLICE_CONSTANT("\x00"),
        SLICE_CONSTANT("\x10"),
        SLICE_CONSTANT("\x20\x21"),
        SLICE_CONSTANT("\x30\x31"),
        SLICE_CONSTANT("\x40\x41\x42\x43"),
        SLICE_CONSTANT("\x50\x51\x52\x53\x54\x55\x56\x57"),
        SLICE_CONSTANT("\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"),
    };
    for (size_t i = 0; i < ARRAY_COUNT(entries); i++)
        leaves[i] = tree_leaf(entries[i]);
    return ARRAY_COUNT(entries);
}

static void test_known_roots(void **state)
{
    static const char *const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct tree_hash leaves[8];
    struct tree tree = {0};
    (void)state;
    known_leaves(leaves);
    assert_hash(tree_leaf(SLICE("L123456")), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    for (size_t size = 0; size < ARRAY_COUNT(roots); size++) {
        assert_hash(tree_root_of(leaves, size), roots[size]);
        assert_hash(tree_root(&tree), roots[size]);
        if (size < 8)
            tree_add(&tree, &leaves[size]);
    }
}

static void assert_proof(const struct tree_hash *proof, size_t count, const char *const *wanted, size_t wanted_count)
{
    assert_int_equal(count, wanted_count);
    for (size_t i = 0; i < count; i++)
        assert_hash(proof[i], wanted[i]);
}

static void test_known_proofs(void **state)
{
    static const char *const first_of_8[] = {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                                             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
    static const char *const sixth_of_8[] = {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                                             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    static const char *const third_of_3[] = {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"};
    static const char *const second_of_5[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                              "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                                              "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"};
    static const char *const growth_6_to_8[] = {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                                                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
    struct tree_hash leaves[8], proof[TREE_DEPTH_MAX];
    (void)state;
    known_leaves(leaves);
    assert_proof(proof, tree_prove_leaf(leaves, 8, 0, proof), first_of_8, 3);
    assert_proof(proof, tree_prove_leaf(leaves, 8, 5, proof), sixth_of_8, 3);
    assert_proof(proof, tree_prove_leaf(leaves, 3, 2, proof), third_of_3, 1);
    assert_proof(proof, tree_prove_leaf(leaves, 5, 1, proof), second_of_5, 3);
    assert_proof(proof, tree_prove_growth(leaves, 1, 8, proof), first_of_8, 3);
    assert_proof(proof, tree_prove_growth(leaves, 6, 8, proof), growth_6_to_8, 3);
    assert_proof(proof, tree_prove_growth(leaves, 2, 5, proof), second_of_5 + 1, 2);
}

enum { SIZE_MAX_TRIED = 64 };

static void make_leaves(struct tree_hash leaves[SIZE_MAX_TRIED])
{
    for (size_t i = 0; i < SIZE_MAX_TRIED; i++) {
        char entry[16];
        snprintf(entry, sizeof(entry), "entry %zu", i);
        leaves[i] = tree_leaf(slice_from(entry));
    }
}

/* By the book: recursion over halves, as section 2.1 of the RFC writes it. */
static struct tree_hash root_by_the_book(const struct tree_hash *leaves, size_t count)
{
    size_t half = 1;
    if (count == 1)
        return leaves[0];
    while (2 * half < count)
        half *= 2;
    struct tree_hash left = root_by_the_book(leaves, half), right = root_by_the_book(leaves + half, count - half);
    return tree_node(&left, &right);
}

static void test_leaf_proofs(void **state)
{
    struct tree_hash leaves[SIZE_MAX_TRIED], proof[TREE_DEPTH_MAX];
    (void)state;
    make_leaves(leaves);
    for (size_t size = 1; size <= SIZE_MAX_TRIED; size++) {
        struct tree_hash root = tree_root_of(leaves, size), book = root_by_the_book(leaves, size);
        assert_true(tree_hash_equal(&root, &book));
        for (size_t index = 0; index < size; index++) {
            size_t count = tree_prove_leaf(leaves, size, index, proof);
            assert_true(tree_check_leaf(&leaves[index], index, size, proof, count, &root));
            /* another leaf, place, or size, a shorter proof and a damaged one do not hold */
            assert_false(tree_check_leaf(&leaves[(index + 1) % SIZE_MAX_TRIED], index, size, proof, count, &root));
            if (size > 1)
                assert_false(tree_check_leaf(&leaves[index], (index + 1) % size, size, proof, count, &root));
            if (count > 0) {
                assert_false(tree_check_leaf(&leaves[index], index, size, proof, count - 1, &root));
                proof[count - 1].bytes[7] ^= 4;
                assert_false(tree_check_leaf(&leaves[index], index, size, proof, count, &root));
            }
        }
    }
}

static void test_growth_proofs(void **state)
{
    struct tree_hash leaves[SIZE_MAX_TRIED], proof[TREE_DEPTH_MAX];
    (void)state;
    make_leaves(leaves);
    for (size_t size = 1; size <= SIZE_MAX_TRIED; size++) {
        struct tree_hash root = tree_root_of(leaves, size);
        for (size_t before = 1; before <= size; before++) {
            struct tree_hash old = tree_root_of(leaves, before), wrong = tree_root_of(leaves + 1, before - 1);
            size_t count = tree_prove_growth(leaves, before, size, proof);
            assert_true(tree_check_growth(before, &old, size, &root, proof, count));
            assert_false(tree_check_growth(before, &wrong, size, &root, proof, count));
            assert_false(tree_check_growth(before, &old, size, &wrong, proof, count));
            if (count > 0) {
                assert_false(tree_check_growth(before, &old, size, &root, proof, count - 1));
                proof[0].bytes[31] ^= 1;
                assert_false(tree_check_growth(before, &old, size, &root, proof, count));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_roots), cmocka_unit_test(test_known_proofs),
                                       cmocka_unit_test(test_leaf_proofs), cmocka_unit_test(test_growth_proofs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
