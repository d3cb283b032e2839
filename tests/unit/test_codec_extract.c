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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_places),
        cmocka_unit_test(broken_characters),
        cmocka_unit_test(text_that_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
