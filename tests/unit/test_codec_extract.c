/* test_codec_extract.c - the text that readers of binary documents make, and the places of its blocks. */
#include "compare.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

static void check_places(const struct extract *extract)
{
    struct slice text = buffer_slice(&extract->text);
    size_t end = 0;
    for (size_t i = 0; i < extract->blocks.count; i++) {
        const struct block *block = &extract->blocks.items[i];
        assert_true(end <= block->start && block->start < block->end && block->end <= text.size);
        assert_true(slice_equal(block->text, slice_range(text, block->start, block->end)));
        assert_int_equal(block->run_count, 1);
        assert_int_equal(block_source(block, 0, false), block->start);
        assert_int_equal(block_source(block, block->text.size, true), block->end);
        end = block->end;
    }
}

static void text_and_places(void **state)
{
    (void)state;
    struct arena arena;
    struct extract extract;
    struct error error = {0};
    arena_init(&arena);
    extract_init(&extract, &arena, 1000);
    extract_block(&extract, BLOCK_HEADING, 1, 1, SLICE("  Refunds\n"));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 1, SLICE(" \n\t "));
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 1, SLICE("30 days\r\nat\rmost"));
    extract_block(&extract, BLOCK_ITEM, 1, 2, SLICE("one"));
    extract_block(&extract, BLOCK_ITEM, 1, 2, SLICE("two"));
    extract_block(&extract, BLOCK_TABLE_HEAD, 0, 2, SLICE("Method | Days"));
    extract_block(&extract, BLOCK_TABLE_ROW, 0, 3, SLICE("Card | 5"));
    extract_head(&extract, "author", SLICE(" Ada\x1b "));
    extract_head(&extract, "empty", SLICE("  "));
    expect_ok(extract_finish(&extract, &error), &error);
    assert_string_equal(buffer_text(&extract.text), "Refunds\n\n30 days\nat\nmost\n\none\ntwo\n\nMethod | Days\nCard | 5\n");
    assert_int_equal(extract.blocks.count, 6);
    assert_int_equal(extract.blocks.items[5].page, 3);
    assert_int_equal(extract.blocks.head_count, 1);
    assert_true(slice_equal(extract.blocks.head[0].text, SLICE("Ada\xEF\xBF\xBD")));
    check_places(&extract);
    extract_release(&extract);
    arena_release(&arena);
}

static void broken_characters(void **state)
{
    (void)state;
    struct arena arena;
    struct extract extract;
    struct error error = {0};
    arena_init(&arena);
    extract_init(&extract, &arena, 1000);
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 0, (struct slice){"a\xFF\xC3\0b\xC3\xA9\xE2\x82", 9});
    expect_ok(extract_finish(&extract, &error), &error);
    assert_string_equal(buffer_text(&extract.text), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                                                    "b\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\n");
    check_places(&extract);
    extract_release(&extract);
    arena_release(&arena);
}

static void text_that_does_not_fit(void **state)
{
    (void)state;
    struct arena arena;
    struct extract extract;
    struct error error = {0};
    arena_init(&arena);
    extract_init(&extract, &arena, 10);
    extract_block(&extract, BLOCK_PARAGRAPH, 0, 0, SLICE("0123456789"));
    assert_false(extract_finish(&extract, &error));
    assert_int_equal(error.kind, ERROR_LIMIT);
    extract_release(&extract);
    arena_release(&arena);
}

/* ---- as bytes, from one process to another ---- */

static void make_example(struct extract *extract, struct arena *arena)
{
    struct error error = {0};
    extract_init(extract, arena, KIB);
    extract->blocks.title = SLICE("A title");
    extract_block(extract, BLOCK_HEADING, 2, 1, SLICE("Überschrift"));
    extract_block(extract, BLOCK_TABLE_HEAD, 0, 1, SLICE("Method | Days"));
    extract_block(extract, BLOCK_TABLE_ROW, 0, 2, SLICE("Card | 5"));
    extract_head(extract, "author", SLICE("Ann"));
    extract_note(extract, "page %d holds only images", 3);
    expect_ok(extract_finish(extract, &error), &error);
}

static void there_and_back(void **state)
{
    (void)state;
    struct arena arena;
    struct buffer bytes;
    struct error error = {0};
    struct extract made, got;
    arena_init(&arena);
    buffer_init(&bytes, MIB);
    make_example(&made, &arena);
    extract_encode(&made, &bytes);
    extract_init(&got, &arena, KIB);
    expect_ok(extract_decode(buffer_slice(&bytes), &got, &error), &error);
    compare_bytes("text", buffer_slice(&got.text), buffer_slice(&made.text), 0);
    assert_int_equal(got.blocks.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct block *a = &got.blocks.items[i], *b = &made.blocks.items[i];
        assert_true(a->kind == b->kind && a->level == b->level && a->page == b->page && a->start == b->start &&
                    a->end == b->end);
        assert_true(slice_equal(a->text, b->text) && a->run_count == 1);
    }
    assert_true(slice_equal_text(got.blocks.title, "A title") && got.blocks.head_count == 1 && got.note_count == 1);
    assert_string_equal(got.notes[0], "page 3 holds only images");
    extract_release(&made);
    extract_release(&got);
    buffer_release(&bytes);
    arena_release(&arena);
}

/* Every byte cut off, and every byte another one: refused, or read as something that is whole in itself. */
static void from_a_liar(void **state)
{
    (void)state;
    struct arena arena, scratch;
    struct buffer bytes;
    struct extract made;
    arena_init(&arena);
    arena_init(&scratch);
    buffer_init(&bytes, MIB);
    make_example(&made, &arena);
    extract_encode(&made, &bytes);
    for (size_t at = 0; at < bytes.size; at++)
        for (unsigned flip = 0; flip < 256; flip++) {
            struct error error = {0};
            struct extract got;
            char kept = bytes.data[at];
            arena_clear(&scratch);
            extract_init(&got, &scratch, KIB);
            bytes.data[at] = (char)(kept ^ (char)flip);
            bool ok = extract_decode(slice_range(buffer_slice(&bytes), 0, flip == 0 ? at : bytes.size), &got, &error);
            assert_true(ok || error.kind == ERROR_CORRUPT || error.kind == ERROR_LIMIT);
            for (size_t i = 0; ok && i < got.blocks.count; i++) {
                const struct block *block = &got.blocks.items[i];
                assert_true(block->start < block->end && block->end <= got.text.size);
                assert_true(i == 0 || block->start >= got.blocks.items[i - 1].end);
                assert_true(block->kind != BLOCK_HEADING || (block->level >= 1 && block->level <= LIMIT_HEADING_DEPTH));
            }
            assert_true(flip != 0 || !ok);
            bytes.data[at] = kept;
            extract_release(&got);
        }
    extract_release(&made);
    buffer_release(&bytes);
    arena_release(&arena);
    arena_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_places), cmocka_unit_test(broken_characters), cmocka_unit_test(text_that_does_not_fit),
        cmocka_unit_test(there_and_back),  cmocka_unit_test(from_a_liar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
