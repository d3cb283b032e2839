/* fuzz_segment.c - a segment file that lies about everything but its checksums.
 *
 * The input is a file; its chunk table is followed and every checksum made right, so that the fuzzer gets behind them. What opens
 * is checked, searched, explained, deleted from, and merged. Nothing may crash; what the check finds sound must do all of it, and a
 * merged segment must open.
 *
 * An empty corpus works too: an input that does not begin as a segment does is laid over a small one, byte by byte. */
#include "index/index.h"
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TABLE = 24, ROW = 32, CHUNKS = 6, TABLE_END = TABLE + ROW * CHUNKS, SEED_PASSAGES = 150, TERMS = 8 };

static const struct slice terms[TERMS] = {SLICE_CONSTANT("a"),  SLICE_CONSTANT("ab"),  SLICE_CONSTANT("abc"),
                                          SLICE_CONSTANT("b"),  SLICE_CONSTANT("bcd"), SLICE_CONSTANT("c"),
                                          SLICE_CONSTANT("cd"), SLICE_CONSTANT("")};

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

static void repair_checksums(struct buffer *bytes)
{
    if (bytes->size < TABLE_END + 8)
        return;
    put_number(bytes->data + 16, bytes->size);
    for (size_t row = TABLE; row < TABLE_END; row += ROW) {
        uint64_t offset = number_at(bytes->data + row + 8), length = number_at(bytes->data + row + 16);
        if (offset <= bytes->size && length <= bytes->size - offset)
            put_number(bytes->data + row + 24, XXH3_64bits(bytes->data + offset, (size_t)length));
    }
    put_number(bytes->data + TABLE_END, XXH3_64bits(bytes->data, TABLE_END));
}

static void require(bool ok)
{
    if (!ok)
        abort();
}

static struct buffer seed_segment(void)
{
    struct error error;
    struct segment_builder *builder = segment_builder_create();
    segment_builder_keep_positions(builder);
    for (passage_id passage = 1; passage <= SEED_PASSAGES; passage++) {
        struct slice chosen[] = {terms[0], terms[passage % TERMS], terms[passage % 3], terms[passage / 20 % TERMS]};
        struct index_text texts[] = {{.field = INDEX_TITLE, .terms = chosen, .term_count = passage % 2},
                                     {.field = INDEX_HEADINGS, .terms = chosen + 1, .term_count = passage % 3},
                                     {.field = INDEX_TEXT, .terms = chosen, .term_count = 1 + passage % 4}};
        require(segment_builder_add_texts(builder, passage * passage, texts, 3, &error));
    }
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    require(segment_builder_encode(builder, &bytes, &error));
    segment_builder_free(builder);
    return bytes;
}

/* A file as it is; anything else as a list of changes (place u16, byte) to the small one. */
static void file_of_input(struct buffer *bytes, const uint8_t *data, size_t size)
{
    if (size >= 8 && memcmp(data, "ASSAYSEG", 8) == 0) {
        buffer_append(bytes, data, size);
        return;
    }
    static struct buffer seed;
    if (seed.size == 0)
        seed = seed_segment();
    buffer_append_slice(bytes, buffer_slice(&seed));
    for (size_t i = 0; i + 3 <= size; i += 3)
        bytes->data[(data[i] | (size_t)data[i + 1] << 8) % bytes->size] = (char)data[i + 2];
}

/* A question with everything in it. What the segment's damage lets fail, fails as damage, or for want of positions. */
static void search(const struct index *index, bool is_sound, passage_id first)
{
    struct error error;
    for (size_t i = 0; i + 2 < TERMS; i++) {
        struct index_word words[] = {{.variants = terms + i, .variant_count = 3, .weight = 1},
                                     {.variants = terms + (i + 5) % TERMS,
                                      .variant_count = 1,
                                      .weight = 2,
                                      .field = (enum index_field)(i % INDEX_FIELDS),
                                      .required = i % 4 == 0},
                                     {.variants = terms + i + 1, .variant_count = 2, .weight = 1}};
        struct index_word places[] = {words[0], words[2]};
        struct index_phrase phrase = {places, 2};
        struct index_query query = {.words = words,
                                    .word_count = 3,
                                    .k1 = 1.2F,
                                    .b = 0.75F,
                                    .k = 5,
                                    .phrases = &phrase,
                                    .phrase_count = i % 2,
                                    .field_weights = {0, 0.5F, 0.25F}};
        struct index_hit hits[5];
        size_t count = 0;
        bool ok = index_search(index, &query, hits, &count, &error);
        require(ok || error.kind == ERROR_INVALID || (!is_sound && error.kind == ERROR_CORRUPT));
        for (size_t j = 0; j < count; j++)
            require(index_contains(index, hits[j].passage));
        struct index_part_of_score parts[3 * INDEX_FIELDS];
        struct index_explanation explanation = {.parts = parts};
        passage_id passage = count > 0 ? hits[0].passage : first;
        ok = index_explain(index, &query, passage, &explanation, &error);
        require(!ok || count == 0 || !is_sound || (explanation.is_hit && explanation.score == hits[0].score));
    }
}

static void expand(const struct index *index, bool is_sound)
{
    struct error error;
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < TERMS; i++) {
        struct slice found[4];
        size_t count = 0;
        enum index_field field = (enum index_field)(i % INDEX_FIELDS);
        enum index_likeness likeness = i % 2 ? INDEX_PREFIX : INDEX_FUZZY;
        bool ok = index_expand(index, NULL, field, likeness, terms[i], (unsigned)(i % 3), &arena, found, 4, &count, &error);
        require(ok || (!is_sound && error.kind == ERROR_CORRUPT));
        require(count <= 4);
    }
    arena_release(&arena);
}

static void merge(const struct index *index, bool is_sound)
{
    struct error error;
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    struct segment *segment;
    bool merged = index_merge(index, 0, 1, NULL, &bytes, &error);
    require(merged || (!is_sound && error.kind == ERROR_CORRUPT));
    if (!merged) {
        buffer_release(&bytes);
        return;
    }
    bool opened = segment_open_bytes(&segment, &bytes, "merged", &error);
    /* lengths that do not fit the frequencies stay wrong when they are merged, and then META does not add up */
    require(opened || !is_sound);
    if (opened)
        segment_close(segment);
    else
        buffer_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error;
    struct buffer bytes;
    struct segment *segment;
    buffer_init(&bytes, MIB);
    file_of_input(&bytes, data, size);
    repair_checksums(&bytes);
    if (!segment_open_bytes(&segment, &bytes, "input", &error)) {
        require(error.kind == ERROR_CORRUPT);
        buffer_release(&bytes);
        return 0;
    }
    bool is_sound = segment_check(segment, &error);
    require(is_sound || error.kind == ERROR_CORRUPT);
    struct index *index = index_create();
    passage_id first = segment_first_passage(segment);
    require(index_add_segment(index, segment, &error));
    search(index, is_sound, first);
    index_delete(index, first);
    search(index, is_sound, first);
    expand(index, is_sound);
    merge(index, is_sound);
    index_free(index);
    return 0;
}
