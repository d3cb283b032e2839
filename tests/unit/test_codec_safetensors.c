/* test_codec_safetensors.c - files of weights: what the reference takes is taken, every known attack is refused with its reason,
 * and halves become floats as the formats define them. */
#include "compare.h"
#include "codec/codec.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

static void put_file(struct buffer *file, uint64_t length, struct slice head, size_t data_size)
{
    buffer_clear(file);
    buffer_u64(file, length);
    buffer_append_slice(file, head);
    for (size_t i = 0; i < data_size; i++)
        buffer_append_byte(file, (char)i);
}

struct outcome {
    bool ok;
    struct safetensors tensors;
    struct error error;
    struct arena arena;
};

static void read_file(struct outcome *outcome, struct slice file)
{
    *outcome = (struct outcome){0};
    arena_init(&outcome->arena);
    outcome->ok = safetensors_read(file, "w", &outcome->arena, &outcome->tensors, &outcome->error);
}

static void read_head(struct outcome *outcome, struct buffer *file, const char *head, size_t data_size)
{
    put_file(file, strlen(head), slice_from(head), data_size);
    read_file(outcome, buffer_slice(file));
}

static void expect_refused(struct slice file, enum error_kind kind, const char *part)
{
    struct outcome outcome;
    read_file(&outcome, file);
    expect_error(outcome.ok, &outcome.error, kind, part);
    assert_int_equal(strncmp(outcome.error.message, "w", 1), 0);
    assert_null(outcome.tensors.items);
    arena_release(&outcome.arena);
}

static void expect_head_refused(struct buffer *file, const char *head, size_t data_size, const char *part)
{
    struct outcome outcome;
    read_head(&outcome, file, head, data_size);
    if (outcome.ok || strstr(outcome.error.message, part) == NULL)
        fail_msg("%s: %s, expected \"%s\"", head, outcome.ok ? "taken" : outcome.error.message, part);
    arena_release(&outcome.arena);
}

#define F32(shape, begin, end) "{\"dtype\":\"F32\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"
#define U8(shape, begin, end) "{\"dtype\":\"U8\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end "]}"

static void tensors_found(void **state)
{
    (void)state;
    struct buffer file;
    struct outcome outcome;
    buffer_init(&file, MIB);
    read_head(&outcome, &file,
              "{\"z\":" F32("2,3", 8, 32) ",\"__metadata__\":{\"format\":\"pt\",\"\":\"\"},\"a\\u00e9\":"
                                          "{\"data_offsets\":[0,8],\"shape\":[],\"more\":[1,{}],\"dtype\":\"I64\"}}  \n ",
              32);
    expect_ok(outcome.ok, &outcome.error);
    assert_int_equal(outcome.tensors.count, 2);
    compare_text("name", outcome.tensors.items[0].name, "a\xC3\xA9");
    compare_text("name", outcome.tensors.items[1].name, "z");
    const struct tensor *z = safetensors_get(&outcome.tensors, "z");
    assert_true(z == &outcome.tensors.items[1]);
    assert_true(z->type == TENSOR_F32 && z->dimensions == 2 && z->shape[0] == 2 && z->shape[1] == 3);
    assert_true(z->count == 6 && z->size == 24);
    assert_ptr_equal(z->data, file.data + file.size - 24);
    const struct tensor *a = safetensors_get(&outcome.tensors, "a\xC3\xA9");
    assert_true(a->type == TENSOR_I64 && a->dimensions == 0 && a->count == 1 && a->size == 8);
    assert_ptr_equal(a->data, file.data + file.size - 32);
    assert_null(safetensors_get(&outcome.tensors, "b"));
    assert_null(safetensors_get(&outcome.tensors, ""));
    assert_null(safetensors_get(&outcome.tensors, "__metadata__"));
    arena_release(&outcome.arena);
    buffer_release(&file);
}

/* Valid in the reference, though odd. */
static void odd_but_valid(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t data_size, count;
    } cases[] = {
        {"{}", 0, 0},
        {"{}      ", 0, 0},
        {"{\"__metadata__\":null}", 0, 0},
        {"{\"__metadata__\":{}}", 0, 0},
        {"{\"a\":" F32("", 0, 4) "}", 4, 1}, /* no dimensions: one value */
        {"{\"a\":" F32("0", 0, 0) "}", 0, 1},
        {"{\"a\":" F32("3,0,5", 0, 0) "}", 0, 1},
        {"{\"a\":" F32("0,9223372036854775807,4", 0, 0) "}", 0, 1},
        {"{\"a\":" F32("9223372036854775807,2,0", 0, 0) "}", 0, 1}, /* 2^64 - 2 on the way */
        {"{\"a\":" F32("1,1,1,1,1,1,1,1", 0, 4) "}", 4, 1},
        {"{\"b\":" F32("1", 0, 4) ",\"a\":" F32("0", 4, 4) ",\"c\":" F32("1", 4, 8) "}", 8, 3},
        {"{\"a\":" F32("0", 0, 0) ",\"b\":" F32("0", 0, 0) ",\"c\":" U8("1", 0, 1) ",\"d\":" U8("0", 1, 1) "}", 1, 4},
        {"{\"\":" U8("1", 0, 1) "}", 1, 1},
        {"{\"../../etc/passwd\":" U8("1", 0, 1) "}", 1, 1},
        {"{\"a\\u0000b\":" U8("1", 0, 1) ",\"a\":" U8("1", 1, 2) "}", 2, 2},
        {"{\"\\u001b[31m\\r\\n\":" U8("1", 0, 1) "}", 1, 1},
        {"{\"a\":" U8("1", 0, 1) ",\"b\":" F32("1", 1, 5) "}", 5, 2}, /* aligned to nothing */
    };
    struct buffer file;
    buffer_init(&file, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct outcome outcome;
        read_head(&outcome, &file, cases[i].head, cases[i].data_size);
        if (!outcome.ok)
            fail_msg("%s: %s", cases[i].head, outcome.error.message);
        assert_int_equal(outcome.tensors.count, cases[i].count);
        arena_release(&outcome.arena);
    }
    buffer_release(&file);
}

static void names_are_bytes(void **state)
{
    (void)state;
    struct buffer file;
    struct outcome outcome;
    buffer_init(&file, MIB);
    read_head(&outcome, &file, "{\"a\\u0000b\":" U8("1", 0, 1) ",\"ab\":" U8("1", 1, 2) ",\"a/../b\":" U8("1", 2, 3) "}", 3);
    expect_ok(outcome.ok, &outcome.error);
    assert_null(safetensors_get(&outcome.tensors, "a"));
    assert_int_equal(safetensors_get(&outcome.tensors, "ab")->data[0], 1);
    assert_int_equal(safetensors_get(&outcome.tensors, "a/../b")->data[0], 2);
    assert_null(safetensors_get(&outcome.tensors, "b"));
    compare_bytes("name", outcome.tensors.items[0].name, SLICE("a\0b"), 0);
    arena_release(&outcome.arena);
    /* a message shows no control characters, and not all of a long name */
    expect_head_refused(&file, "{\"a\\u0000\\u001b[31m\\n\\u007f\":1}", 0, "tensor \"a??[31m??\" is a number");
    expect_head_refused(&file, "{\"a\\u009b31m\xC2\x85\xC2\xA0\":1}", 0, "tensor \"a??31m??\xC2\xA0\" is a number");
    struct buffer head;
    buffer_init(&head, MIB);
    buffer_append_text(&head, "{\"x"); /* a limit inside a character */
    for (size_t i = 0; i < 2000; i++)
        buffer_append_text(&head, "\xC3\xA9");
    buffer_append_text(&head, "\":1}");
    put_file(&file, head.size, buffer_slice(&head), 0);
    expect_refused(buffer_slice(&file), ERROR_INVALID, "\xC3\xA9...\" is a number, expected an object");
    buffer_release(&head);
    buffer_release(&file);
}

/* ---- attacks ---- */

static void head_lengths(void **state)
{
    (void)state;
    static const struct {
        uint64_t length;
        enum error_kind kind;
        const char *part;
    } cases[] = {
        {0, ERROR_INVALID, "does not begin with \"{\""},
        {1, ERROR_INVALID, "head:1:2: "},
        {53, ERROR_INVALID, "head:1:54: expected \",\" or \"}\", found the end"},
        {55, ERROR_INVALID, "head:1:55: expected nothing behind the document, found the control character U+0000"},
        {59, ERROR_CORRUPT, "said to have 59 bytes, only 58 follow"},
        {1000, ERROR_CORRUPT, "said to have 1000 bytes, only 58 follow"},
        {99999999, ERROR_CORRUPT, "said to have 99999999 bytes"},
        {100000000, ERROR_CORRUPT, "said to have 100000000 bytes"},
        {100000001, ERROR_LIMIT, "the limit is 100000000"},
        {UINT64_C(1) << 31, ERROR_LIMIT, "2147483648 bytes, the limit"},
        {UINT64_C(1) << 32, ERROR_LIMIT, "4294967296 bytes, the limit"},
        {UINT64_C(1) << 63, ERROR_LIMIT, "9223372036854775808 bytes, the limit"},
        {UINT64_MAX - 7, ERROR_LIMIT, "the limit"},
        {UINT64_MAX, ERROR_LIMIT, "18446744073709551615 bytes, the limit"},
    };
    static const char head[] = "{\"a\":" F32("1", 0, 4) "}";
    assert_int_equal(sizeof(head) - 1, 54);
    struct buffer file;
    buffer_init(&file, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        put_file(&file, cases[i].length, slice_from(head), 4);
        expect_refused(buffer_slice(&file), cases[i].kind, cases[i].part);
    }
    put_file(&file, sizeof(head) - 1, slice_from(head), 4);
    for (size_t size = 0; size < file.size; size++) /* cut off anywhere */
        expect_refused(slice_range(buffer_slice(&file), 0, size),
                       size < 8    ? ERROR_INVALID
                       : size < 62 ? ERROR_CORRUPT
                                   : ERROR_INVALID,
                       "");
    expect_refused((struct slice){NULL, 0}, ERROR_INVALID, "has 0 bytes");
    buffer_release(&file);
}

struct refused_head {
    const char *head;
    size_t data_size;
    const char *part;
};

static void expect_heads_refused(const struct refused_head *cases, size_t count)
{
    struct buffer file;
    buffer_init(&file, MIB);
    for (size_t i = 0; i < count; i++)
        expect_head_refused(&file, cases[i].head, cases[i].data_size, cases[i].part);
    buffer_release(&file);
}

static void places_refused(void **state)
{
    (void)state;
    static const struct refused_head cases[] = {
        {" {}", 0, "does not begin with \"{\""},
        {"[]", 0, "does not begin with \"{\""},
        {"{}x", 0, "head:1:3: expected nothing"},
        {"{\"a\":\xFF}", 0, "head:1:6: "},
        {"{\"a", 0, "head:1:2: a text has no closing quote"},
        /* offsets that overlap, leave gaps, do not reach the end, go past it, backwards, below 0 */
        {"{\"a\":" F32("2", 0, 8) ",\"b\":" F32("2", 4, 12) "}", 12, "tensor \"b\" begins at byte 4, inside"},
        {"{\"a\":" F32("2", 0, 8) ",\"b\":" F32("2", 0, 8) "}", 8, "tensor \"b\" begins at byte 0, inside"},
        {"{\"a\":" F32("2", 0, 8) ",\"b\":" F32("0", 4, 4) "}", 8, "inside another"},
        {"{\"a\":" F32("2", 0, 8) ",\"b\":" F32("2", 9, 17) "}", 17, "tensor \"b\" begins at byte 9, behind a gap from byte 8"},
        {"{\"a\":" F32("2", 1, 9) "}", 9, "gap from byte 0"},
        {"{\"a\":" F32("0", 4, 4) "}", 4, "gap from byte 0"},
        {"{\"a\":" F32("2", 0, 8) "}", 9, "1 bytes stand behind the last tensor"},
        {"{}", 1, "1 bytes stand behind"},
        {"{\"a\":" F32("2", 0, 8) "}", 7, "lies at bytes 0 to 8 of 7"},
        {"{\"a\":" F32("2", 8, 0) "}", 8, "lies at bytes 8 to 0 of 8"},
        {"{\"a\":" F32("2", -8, 0) "}", 8, "two whole numbers"},
        {"{\"a\":" F32("2", 9223372036854775800, 9223372036854775807) "}", 8, "of 8 bytes of data"},
        {"{\"a\":" F32("2", 0, 18446744073709551615) "}", 8, "two whole numbers"},
        {"{\"a\":" F32("2", 0, 18446744073709551624) "}", 8, "two whole numbers"},
        /* offsets are not type times shape */
        {"{\"a\":" F32("2", 0, 4) "}", 4, "has 4 bytes, expected 8"},
        {"{\"a\":" F32("2", 0, 12) "}", 12, "has 12 bytes, expected 8"},
        {"{\"a\":" U8("2,3", 0, 5) "}", 5, "has 5 bytes, expected 6"},
        {"{\"a\":" F32("", 0, 0) "}", 0, "has 0 bytes, expected 4"},
        {"{\"a\":" F32("0", 0, 4) "}", 4, "has 4 bytes, expected 0"},
        /* products that wrap to something small */
        {"{\"a\":" F32("4294967296,4294967296", 0, 0) "}", 0, "2^64 values"},
        {"{\"a\":" F32("4611686018427387905,4", 0, 16) "}", 16, "2^64 values"},
        {"{\"a\":" F32("4611686018427387905", 0, 4) "}", 4, "2^64 bytes"},
        {"{\"a\":" F32("9223372036854775807,4,0", 0, 0) "}", 0, "2^64 values"},
        {"{\"a\":" U8("4294967297,4294967297", 0, 1) "}", 1, "2^64 values"},
    };
    expect_heads_refused(cases, ARRAY_COUNT(cases));
}

static void fields_refused(void **state)
{
    (void)state;
    static const struct refused_head cases[] = {
        /* shapes */
        {"{\"a\":" U8("18446744073709551615", 0, 1) "}", 1, "no whole number"},
        {"{\"a\":" U8("18446744073709551617", 0, 1) "}", 1, "no whole number"},
        {"{\"a\":" U8("-1", 0, 1) "}", 1, "no whole number"},
        {"{\"a\":" U8("-0", 0, 0) "}", 0, "no whole number"},
        {"{\"a\":" U8("1.0", 0, 1) "}", 1, "no whole number"},
        {"{\"a\":" U8("1e0", 0, 1) "}", 1, "no whole number"},
        {"{\"a\":" U8("1e999", 0, 1) "}", 1, "within the range"},
        {"{\"a\":" U8("1,1,1,1,1,1,1,1,1", 0, 1) "}", 1, "has 9 dimensions, the limit is 8"},
        /* types */
        {"{\"a\":{\"dtype\":\"f32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "type \"f32\", which is not supported"},
        {"{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, "\"F8_E4M3\""},
        {"{\"a\":{\"dtype\":\"\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, "type \"\""},
        {"{\"a\":{\"dtype\":\"F32\\u0000\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "type \"F32?\""},
        /* twice */
        {"{\"a\":" U8("1", 0, 1) ",\"a\":" U8("1", 1, 2) "}", 2, "tensor \"a\" stands twice"},
        {"{\"a\":" U8("0", 0, 0) ",\"b\":" U8("0", 0, 0) ",\"\\u0061\":" U8("0", 0, 0) "}", 0, "tensor \"a\" stands twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "\"__metadata__\" stands twice"},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "has \"dtype\" twice"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"shape\":[4],\"data_offsets\":[0,4]}}", 4, "has \"shape\" twice"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"data_offsets\":[0,4]}}", 4,
         "has \"data_offsets\" twice"},
        /* missing */
        {"{\"a\":{}}", 0, "has no \"dtype\""},
        {"{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "has no \"shape\""},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 1, "has no \"data_offsets\""},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[]}}", 1, "two whole numbers"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0]}}", 1, "two whole numbers"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1,1]}}", 1, "two whole numbers"},
    };
    expect_heads_refused(cases, ARRAY_COUNT(cases));
}

/* Each place of the head with each kind of value that does not belong there. */
static void wrong_kinds(void **state)
{
    (void)state;
    static const char *const values[] = {"null",        "true",      "4",  "\"x\"", "[]", "[\"x\"]",
                                         "[null,null]", "[[0],[4]]", "{}", "1.5",   "-1", "{\"F32\":null}"};
    static const struct {
        const char *head;
        unsigned valid; /* bits: values that are right there */
    } places[] = {
        {"@", 1U << 8},
        {"{\"a\":@}", 0},
        {"{\"__metadata__\":@}", 1U << 0 | 1U << 8},
        {"{\"__metadata__\":{\"k\":@}}", 1U << 3},
        {"{\"a\":{\"dtype\":@,\"shape\":[0],\"data_offsets\":[0,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":@,\"data_offsets\":[0,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[@],\"data_offsets\":[0,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":@}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[@,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,@]}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0],\"extra\":@}}", ~0U},
    };
    struct buffer file, head;
    buffer_init(&file, MIB);
    buffer_init(&head, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        for (size_t j = 0; j < ARRAY_COUNT(values); j++) {
            struct outcome outcome;
            const char *at = strchr(places[i].head, '@');
            buffer_clear(&head);
            buffer_append(&head, places[i].head, (size_t)(at - places[i].head));
            buffer_append_text(&head, values[j]);
            buffer_append_text(&head, at + 1);
            read_head(&outcome, &file, buffer_text(&head), 0);
            if (outcome.ok != ((places[i].valid >> j & 1) == 1))
                fail_msg("%s: %s", buffer_text(&head), outcome.ok ? "taken" : outcome.error.message);
            arena_release(&outcome.arena);
        }
    buffer_release(&file);
    buffer_release(&head);
}

/* Many tensors over the same bytes: a small file that would fill the memory of a reader that copies each. */
static void many_entries(void **state)
{
    (void)state;
    enum { ENTRIES = 100000 };
    struct buffer file, head;
    struct outcome outcome;
    buffer_init(&file, 64 * MIB);
    buffer_init(&head, 64 * MIB);
    for (size_t step = 0; step <= 4; step += 4) {
        buffer_clear(&head);
        for (size_t i = 0; i < ENTRIES; i++)
            buffer_format(&head, "%c\"weight_%zu\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%zu,%zu]}", i ? ',' : '{',
                          i, step * i, step * i + 4);
        buffer_append_byte(&head, '}');
        put_file(&file, head.size, buffer_slice(&head), ENTRIES * 4);
        read_file(&outcome, buffer_slice(&file));
        if (step == 0)
            expect_error(outcome.ok, &outcome.error, ERROR_INVALID, "inside another");
        else
            expect_ok(outcome.ok, &outcome.error);
        assert_true(outcome.arena.size < 64 * MIB);
        arena_release(&outcome.arena);
    }
    buffer_clear(&head); /* more than the limit */
    for (size_t i = 0; i <= LIMIT_TENSORS; i++)
        buffer_append_text(&head, i ? ",\"\":0" : "{\"\":0");
    buffer_append_byte(&head, '}');
    put_file(&file, head.size, buffer_slice(&head), 0);
    expect_refused(buffer_slice(&file), ERROR_LIMIT, "w has 1048577 tensors, the limit is 1048576");
    buffer_clear(&head); /* deep nesting */
    buffer_append_text(&head, "{\"a\":");
    for (size_t i = 0; i < 1000000; i++)
        buffer_append_byte(&head, '[');
    put_file(&file, head.size, buffer_slice(&head), 0);
    expect_refused(buffer_slice(&file), ERROR_LIMIT, "too deep");
    buffer_release(&file);
    buffer_release(&head);
}

/* What people rename to .safetensors, or download instead of it. */
static void other_files(void **state)
{
    (void)state;
    static const struct {
        struct slice start;
        const char *part, *hint;
    } cases[] = {
        {SLICE_CONSTANT("PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00\x00\x00"), "zip archive", "run code"},
        {SLICE_CONSTANT("PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00"), "zip archive", "run code"},
        {SLICE_CONSTANT("\x80\x02\x8A\x0Al\xFC\x9C"
                        "F\xF9 j\xA8P\x19."),
         "pickle", "run code"},
        {SLICE_CONSTANT("\x80\x02}q\x00."), "pickle", "run code"},
        {SLICE_CONSTANT("\x80\x04\x95\x0B\x00\x00\x00\x00\x00\x00\x00}"), "pickle", "run code"},
        {SLICE_CONSTANT("\x80\x05\x95\x0B\x00\x00\x00\x00\x00\x00\x00}"), "pickle", "run code"},
        {SLICE_CONSTANT("GGUF\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"), "GGUF", ".safetensors"},
        {SLICE_CONSTANT("\x89HDF\r\n\x1A\n\x00\x00\x00\x00"), "HDF5", ".safetensors"},
        {SLICE_CONSTANT("\x93NUMPY\x01\x00v\x00{'descr'"), "NumPy", ".safetensors"},
        {SLICE_CONSTANT("\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03"), "gzip", "Unpack"},
        {SLICE_CONSTANT("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), "Git LFS pointer",
         "git lfs pull"},
        {SLICE_CONSTANT("<!DOCTYPE html><html></html>"), "web page", "download"},
        {SLICE_CONSTANT("\n\n  <html lang=\"en\">"), "web page", "download"},
        {SLICE_CONSTANT("{\"error\":\"Repository not found\"}"), "JSON", "download"},
        {SLICE_CONSTANT("Entry not found"), "it is a text", "download"},
        {SLICE_CONSTANT("404\n"), "it is a text", "download"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct outcome outcome;
        read_file(&outcome, cases[i].start);
        expect_error(outcome.ok, &outcome.error, ERROR_INVALID, "w is not a safetensors file: it is");
        assert_non_null(strstr(outcome.error.message, cases[i].part));
        assert_non_null(strstr(outcome.error.hint, cases[i].hint));
        arena_release(&outcome.arena);
    }
    /* a head of 640 bytes begins as a pickle does */
    struct buffer file, head;
    buffer_init(&file, MIB);
    buffer_init(&head, MIB);
    buffer_append_text(&head, "{}");
    while (head.size < 0x280)
        buffer_append_byte(&head, ' ');
    put_file(&file, head.size, buffer_slice(&head), 0);
    assert_int_equal(memcmp(file.data, "\x80\x02", 2), 0);
    struct outcome outcome;
    read_file(&outcome, buffer_slice(&file));
    expect_ok(outcome.ok, &outcome.error);
    arena_release(&outcome.arena);
    expect_refused(slice_range(buffer_slice(&file), 0, 600), ERROR_CORRUPT, "said to have 640 bytes");
    buffer_clear(&head); /* and one of 60 bytes as a web page */
    while (head.size < '<')
        buffer_append_byte(&head, ' ');
    put_file(&file, head.size, buffer_slice(&head), 0);
    expect_refused(buffer_slice(&file), ERROR_INVALID, "does not begin with \"{\"");
    buffer_release(&file);
    buffer_release(&head);
}

/* ---- numbers ---- */

static void types(void **state)
{
    (void)state;
    static const struct {
        enum tensor_type type;
        size_t size;
        const char *name;
    } wanted[] = {{TENSOR_F64, 8, "f64"}, {TENSOR_F32, 4, "f32"},  {TENSOR_F16, 2, "f16"}, {TENSOR_BF16, 2, "bf16"},
                  {TENSOR_I64, 8, "i64"}, {TENSOR_I32, 4, "i32"},  {TENSOR_I16, 2, "i16"}, {TENSOR_I8, 1, "i8"},
                  {TENSOR_U8, 1, "u8"},   {TENSOR_BOOL, 1, "bool"}};
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        assert_int_equal(tensor_type_size(wanted[i].type), wanted[i].size);
        assert_string_equal(tensor_type_name(wanted[i].type), wanted[i].name);
    }
}

/* The formats' definitions in double arithmetic, in which all of these are exact. */
static float half_value(uint16_t half, bool is_bf16)
{
    int exponent_bits = is_bf16 ? 8 : 5, mantissa_bits = is_bf16 ? 7 : 10, bias = is_bf16 ? 127 : 15;
    int exponent = (half & 0x7FFF) >> mantissa_bits, mantissa = half & ((1 << mantissa_bits) - 1);
    double fraction = ldexp(mantissa, -mantissa_bits), value;
    if (exponent == (1 << exponent_bits) - 1)
        value = mantissa ? (double)NAN : (double)INFINITY;
    else
        value = exponent ? ldexp(1 + fraction, exponent - bias) : ldexp(fraction, 1 - bias);
    return (float)copysign(value, half & 0x8000 ? -1.0 : 1.0);
}

static void halves(void **state)
{
    (void)state;
    static unsigned char bytes[2 * 65536 + 1];
    static float got[65536], wanted[65536];
    for (size_t shift = 0; shift < 2; shift++) {
        for (size_t i = 0; i < 65536; i++) {
            bytes[shift + 2 * i] = (unsigned char)i;
            bytes[shift + 2 * i + 1] = (unsigned char)(i >> 8);
        }
        for (size_t is_bf16 = 0; is_bf16 < 2; is_bf16++) {
            struct tensor tensor = {.type = is_bf16 ? TENSOR_BF16 : TENSOR_F16, .count = 65536, .data = bytes + shift};
            for (size_t i = 0; i < 65536; i++)
                wanted[i] = half_value((uint16_t)i, is_bf16);
            tensor_to_f32(&tensor, 0, 65536, got);
            compare_floats(is_bf16 ? "bf16" : "f16", got, wanted, 65536, (struct tolerance){0, 0}, 0);
        }
    }
}

static void parts(void **state)
{
    (void)state;
    static const float values[] = {0, -0.0F, 1, -1.5F, 3.4028235e38F, 1e-45F, INFINITY, NAN};
    enum { COUNT = ARRAY_COUNT(values) };
    unsigned char bytes[sizeof(values) + 4];
    float got[COUNT];
    for (size_t shift = 0; shift < 4; shift++) {
        memcpy(bytes + shift, values, sizeof(values));
        struct tensor tensor = {.type = TENSOR_F32, .count = COUNT, .data = bytes + shift};
        for (size_t first = 0; first <= COUNT; first++)
            for (size_t count = 0; count <= COUNT - first; count++) {
                memset(got, 0x55, sizeof(got));
                tensor_to_f32(&tensor, first, count, got);
                assert_int_equal(memcmp(got, values + first, count * sizeof(float)), 0);
                for (size_t i = count * sizeof(float); i < sizeof(got); i++) /* nothing behind */
                    assert_int_equal(((unsigned char *)got)[i], 0x55);
            }
    }
    struct tensor empty = {.type = TENSOR_F16};
    tensor_to_f32(&empty, 0, 0, got);
}

static void any_bytes(void **state)
{
    (void)state;
    static const char head[] = "{\"__metadata__\":{\"a\":\"b\"},\"a\":" F32("1,2", 0, 8) ",\"b\":" U8("2", 8, 10) "}";
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    struct buffer file;
    buffer_init(&file, MIB);
    for (size_t round = 0; round < 100000; round++) {
        struct outcome outcome;
        put_file(&file, sizeof(head) - 1, slice_from(head), 10);
        for (uint64_t i = 1 + random_below(&random, 4); i > 0; i--)
            file.data[random_below(&random, file.size)] = (char)(random_below(&random, 2) ? random_u64(&random)
                                                                                          : '0' + random_below(&random, 10));
        read_file(&outcome, slice_range(buffer_slice(&file), 0,
                                        random_below(&random, 8) ? file.size : (size_t)random_below(&random, file.size)));
        for (size_t i = 0; outcome.ok && i < outcome.tensors.count; i++) {
            const struct tensor *tensor = &outcome.tensors.items[i];
            size_t at = (size_t)((const char *)tensor->data - file.data);
            assert_true(at <= file.size && tensor->size <= file.size - at);
        }
        assert_true(outcome.ok || outcome.error.message[0] == 'w');
        arena_release(&outcome.arena);
    }
    buffer_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tensors_found), cmocka_unit_test(odd_but_valid),  cmocka_unit_test(names_are_bytes),
        cmocka_unit_test(head_lengths),  cmocka_unit_test(places_refused), cmocka_unit_test(fields_refused),
        cmocka_unit_test(wrong_kinds),   cmocka_unit_test(many_entries),   cmocka_unit_test(other_files),
        cmocka_unit_test(types),         cmocka_unit_test(halves),         cmocka_unit_test(parts),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
