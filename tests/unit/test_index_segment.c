/* test_index_segment.c - the segment format: damage of every kind is refused or harmless, and the bytes in docs/format/segment.md are the
 * bytes that are written. */
#include "compare.h"
#include "index/index.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { TERMS = 60 };

/* ---- damage ---- */

static bool opens(struct slice bytes, struct segment **segment, struct error *error)
{
    struct buffer copy;
    buffer_init(&copy, GIB);
    buffer_append_slice(&copy, bytes);
    if (segment_open_bytes(segment, &copy, "damaged", error))
        return true;
    buffer_release(&copy);
    return false;
}

/* 140 passages of up to 12 terms; the first is in nearly all of them, so that it fills a block. */
static void small_segment(struct buffer *bytes)
{
    struct error error = {0};
    struct random random;
    random_init(&random, test_seed());
    struct segment_builder *builder = segment_builder_create();
    for (passage_id passage = 1; passage <= 140; passage++) {
        char texts[12][8];
        struct slice terms[12];
        size_t count = random_below(&random, 20) ? 1 + random_below(&random, 12) : 0;
        for (size_t i = 0; i < count; i++) {
            snprintf(texts[i], sizeof(texts[i]), "w%u",
                     i == 0 ? 0 : (unsigned)random_below(&random, 1 + random_below(&random, TERMS)));
            terms[i] = slice_from(texts[i]);
        }
        expect_ok(segment_builder_add(builder, passage * 3, terms, count, &error), &error);
    }
    buffer_init(bytes, MIB);
    expect_ok(segment_builder_encode(builder, bytes, &error), &error);
    segment_builder_free(builder);
}

static void every_bit_and_every_end(void **state)
{
    (void)state;
    struct buffer bytes;
    small_segment(&bytes);
    struct segment *segment;
    struct error error = {0};
    for (size_t i = 0; i < bytes.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
            expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT,
                         "segment \"damaged\" is damaged at byte");
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
        }
        expect_error(opens(slice_range(buffer_slice(&bytes), 0, i), &segment, &error), &error, ERROR_CORRUPT, "damaged");
    }
    assert_true(opens(buffer_slice(&bytes), &segment, &error));
    segment_close(segment);
    buffer_append_byte(&bytes, 0);
    expect_error(opens(buffer_slice(&bytes), &segment, &error), &error, ERROR_CORRUPT, "the header says");
    buffer_release(&bytes);
}

static uint64_t number_at(const char *at)
{
    uint64_t number = 0;
    for (int i = 7; i >= 0; i--)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

static void put_number(char *at, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        at[i] = (char)(number >> (8 * i));
}

/* Makes all checksums right again, wherever the chunk table points. */
static void repair_checksums(struct buffer *bytes)
{
    enum { TABLE = 24, ROW = 32, CHUNKS = 6, END = TABLE + ROW * CHUNKS };
    for (size_t row = TABLE; row < END; row += ROW) {
        uint64_t offset = number_at(bytes->data + row + 8), size = number_at(bytes->data + row + 16);
        if (offset <= bytes->size && size <= bytes->size - offset)
            put_number(bytes->data + row + 24, XXH3_64bits(bytes->data + offset, (size_t)size));
    }
    put_number(bytes->data + END, XXH3_64bits(bytes->data, END));
}

/* Searches for everything, before and after a deletion, and merges; ASan watches. What opened may still prove damaged. */
static void search_damaged(struct segment *segment)
{
    struct error error = {0};
    struct index *index = index_create();
    passage_id first = segment_first_passage(segment);
    expect_ok(index_add_segment(index, segment, &error), &error);
    for (unsigned i = 0; i < 2 * TERMS; i++) {
        char texts[3][8];
        struct slice variants[3];
        for (unsigned j = 0; j < 3; j++) {
            snprintf(texts[j], sizeof(texts[j]), "w%u", j == 2 ? i / 2 : i + j);
            variants[j] = slice_from(texts[j]);
        }
        struct index_word words[] = {{.variants = variants, .variant_count = 1 + i % 2, .weight = 1},
                                     {.variants = variants + 2, .variant_count = 1, .weight = 1}};
        struct index_query query = {.words = words, .word_count = 2, .k1 = 1.2F, .b = 0.75F, .k = 10};
        struct index_hit hits[10];
        size_t count = 0;
        if (!index_search(index, &query, hits, &count, &error))
            assert_int_equal(error.kind, ERROR_CORRUPT);
        if (i == TERMS)
            index_delete(index, first);
    }
    struct buffer merged;
    buffer_init(&merged, MIB);
    if (!index_merge(index, 0, 1, NULL, &merged, &error))
        assert_int_equal(error.kind, ERROR_CORRUPT);
    buffer_release(&merged);
    index_free(index);
}

static void lies_with_right_checksums(void **state)
{
    (void)state;
    enum { ROUNDS = 4000 }; /* the fuzz target of segments goes on */
    static const unsigned char values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    struct random random;
    random_init(&random, test_seed() + 1);
    struct buffer bytes, good;
    small_segment(&good);
    buffer_init(&bytes, MIB);
    size_t opened = 0;
    for (int round = 0; round < ROUNDS; round++) {
        buffer_clear(&bytes);
        buffer_append_slice(&bytes, buffer_slice(&good));
        for (uint64_t changes = 1 + random_below(&random, 3); changes > 0; changes--) {
            size_t at = random_below(&random, 2) ? random_below(&random, 300) : random_below(&random, bytes.size);
            uint64_t run = random_below(&random, 4) ? 1 : 1 + random_below(&random, 8);
            for (; run > 0 && at < bytes.size; run--, at++)
                bytes.data[at] = random_below(&random, 2) ? (char)values[random_below(&random, ARRAY_COUNT(values))]
                                                          : (char)random_u64(&random);
        }
        repair_checksums(&bytes);
        struct segment *segment;
        struct error error = {0};
        if (!opens(buffer_slice(&bytes), &segment, &error)) {
            assert_int_equal(error.kind, ERROR_CORRUPT);
            continue;
        }
        opened++;
        if (!segment_check(segment, &error))
            assert_int_equal(error.kind, ERROR_CORRUPT);
        search_damaged(segment);
    }
    assert_true(opened > 0 && opened < ROUNDS); /* both ways were taken */
    buffer_release(&bytes);
    buffer_release(&good);
}

/* ---- files, and the bytes in the document ---- */

static void files(void **state)
{
    (void)state;
    struct error error = {0};
    char *folder = test_folder_create();
    struct arena arena;
    arena_init(&arena);
    char *path = path_join(&arena, folder, "1.seg");
    struct buffer bytes;
    small_segment(&bytes);
    expect_ok(file_replace(path, buffer_slice(&bytes), &error), &error);
    struct segment *segment;
    expect_ok(segment_open(&segment, path, &error), &error);
    assert_int_equal(segment_size_bytes(segment), bytes.size);
    expect_ok(segment_check(segment, &error), &error);
    segment_close(segment);
    expect_error(segment_open(&segment, folder, &error), &error, ERROR_INVALID, "could not open segment");
    expect_ok(file_replace(path, SLICE(""), &error), &error);
    expect_error(segment_open(&segment, path, &error), &error, ERROR_CORRUPT, "1.seg\" is damaged at byte 0");
    expect_ok(file_remove(path, &error), &error);
    expect_error(segment_open(&segment, path, &error), &error, ERROR_NOT_FOUND, "could not open segment");
    buffer_release(&bytes);
    arena_release(&arena);
    test_folder_remove(folder);
}

/* The lines between "```hex" and "```" of the document: "0010  01 00 … ; meaning". */
static void hex_of_document(struct buffer *bytes)
{
    struct error error = {0};
    struct buffer document;
    buffer_init(&document, MIB);
    expect_ok(file_read(SOURCE_ROOT "/docs/format/segment.md", MIB, &document, &error), &error);
    struct slice rest = buffer_slice(&document), line;
    while (slice_next(&rest, '\n', &line) && !slice_equal_text(line, "```hex"))
        ;
    while (slice_next(&rest, '\n', &line) && !slice_equal_text(line, "```")) {
        struct slice hex, pair;
        assert_true(slice_next(&line, ';', &hex));
        hex = slice_trim(hex);
        assert_true(slice_next(&hex, ' ', &pair)); /* the offset */
        assert_int_equal(strtoul(pair.data, NULL, 16), bytes->size);
        while (slice_next(&hex, ' ', &pair))
            if (pair.size == 2)
                buffer_append_byte(bytes, (char)strtoul(pair.data, NULL, 16));
    }
    buffer_release(&document);
}

static void document_example(void **state)
{
    (void)state;
    struct error error = {0};
    struct slice first[] = {SLICE("alpha"), SLICE("beta"), SLICE("alpha")}, second[] = {SLICE("alps")};
    struct index_text texts[] = {{.field = INDEX_TITLE, .terms = first, .term_count = 1},
                                 {.field = INDEX_TEXT, .terms = first + 1, .term_count = 2}};
    struct segment_builder *builder = segment_builder_create();
    segment_builder_keep_positions(builder);
    expect_ok(segment_builder_add_texts(builder, 3, texts, 2, &error), &error);
    expect_ok(segment_builder_add(builder, 5, second, 1, &error), &error);
    struct buffer built, documented;
    buffer_init(&built, MIB);
    buffer_init(&documented, MIB);
    expect_ok(segment_builder_encode(builder, &built, &error), &error);
    segment_builder_free(builder);
    hex_of_document(&documented);
    compare_bytes("docs/format/segment.md, section 9", buffer_slice(&documented), buffer_slice(&built), 0);
    struct segment *segment;
    expect_ok(segment_open_bytes(&segment, &documented, "document", &error), &error);
    expect_ok(segment_check(segment, &error), &error);
    assert_int_equal(segment_last_passage(segment), 5);
    segment_close(segment);
    buffer_release(&built);
}

static void long_terms_are_cut(void **state)
{
    (void)state;
    struct error error = {0};
    char text[LIMIT_TERM_BYTES + 40];
    memset(text, 'x', sizeof(text));
    struct slice long_term = {text, sizeof(text)}, cut = {text, LIMIT_TERM_BYTES}, shorter = {text, LIMIT_TERM_BYTES - 1};
    struct slice terms[] = {long_term, shorter, cut, {"", 0}};
    struct segment_builder *builder = segment_builder_create();
    expect_ok(segment_builder_add(builder, 1, terms, ARRAY_COUNT(terms), &error), &error);
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    expect_ok(segment_builder_encode(builder, &bytes, &error), &error);
    segment_builder_free(builder);
    struct segment *segment;
    expect_ok(segment_open_bytes(&segment, &bytes, "long", &error), &error);
    expect_ok(segment_check(segment, &error), &error);
    struct index *index = index_create();
    expect_ok(index_add_segment(index, segment, &error), &error);
    for (size_t i = 0; i < ARRAY_COUNT(terms); i++) {
        struct index_word word = {.variants = &terms[i], .variant_count = 1, .weight = 1};
        struct index_query query = {.words = &word, .word_count = 1, .k1 = 1.2F, .b = 0, .k = 1};
        struct index_hit hit;
        size_t count = 0;
        expect_ok(index_search(index, &query, &hit, &count, &error), &error);
        assert_int_equal(count, 1);
        double tf = i == 0 || i == 2 ? 2 : 1, wanted = log(1 + 0.5 / 1.5) * tf / (tf + 1.2);
        assert_true(fabs((double)hit.score - wanted) < 1e-6);
    }
    index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_and_every_end), cmocka_unit_test(lies_with_right_checksums), cmocka_unit_test(files),
        cmocka_unit_test(document_example),        cmocka_unit_test(long_terms_are_cut),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
