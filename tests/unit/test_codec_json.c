/* test_codec_json.c - JSON in: values, numbers, texts and complaints against what is written here by hand; any document against the
 * writer; the public suite of documents to take and to refuse, where it is at hand. */
#include "compare.h"
#include "codec/codec.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes the tree again: numbers with all their digits, integers as such. */
static void write_value(struct json_writer *json, const struct json_value *value)
{
    switch (value->kind) {
    case JSON_NULL:
        json_null(json);
        break;
    case JSON_BOOL:
        json_bool(json, value->boolean);
        break;
    case JSON_NUMBER:
        if (value->is_integer)
            json_integer(json, value->integer);
        else
            json_real(json, value->real, 17);
        break;
    case JSON_TEXT:
        json_text(json, value->text);
        break;
    case JSON_ARRAY:
        json_array_begin(json);
        for (size_t i = 0; i < value->count; i++)
            write_value(json, &value->items[i]);
        json_array_end(json);
        break;
    case JSON_OBJECT:
        json_object_begin(json);
        for (size_t i = 0; i < value->count; i++) {
            struct buffer key;
            buffer_init(&key, MIB);
            buffer_append_slice(&key, value->keys[i]);
            json_key(json, buffer_text(&key));
            buffer_release(&key);
            write_value(json, &value->items[i]);
        }
        json_object_end(json);
        break;
    }
}

static bool read_document(struct slice source, struct arena *arena, struct json_value *root, struct error *error)
{
    arena_init(arena);
    return json_read(source, "j", arena, root, error);
}

static void values(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"null", "null"},
        {" \t\r\n true \n", "true"},
        {"false", "false"},
        {"0", "0"},
        {"-0", "0"},
        {"-0.0", "-0"},
        {"12", "12"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9.2233720368547758e+18"},
        {"-9223372036854775809", "-9.2233720368547758e+18"},
        {"18446744073709551616", "1.8446744073709552e+19"},
        {"1.5", "1.5"},
        {"1e2", "100"},
        {"1E+2", "100"},
        {"25e-1", "2.5"},
        {"\"\"", "\"\""},
        {"\"abc\"", "\"abc\""},
        {"[]", "[]"},
        {"[ ]", "[]"},
        {"{}", "{}"},
        {"{ }", "{}"},
        {"[1,[2,[3]],{},[]]", "[1,[2,[3]],{},[]]"},
        {" [ 1 , 2 ] ", "[1,2]"},
        {"{\"a\":1,\"b\":[true,null],\"c\":{\"d\":\"e\"}}", "{\"a\":1,\"b\":[true,null],\"c\":{\"d\":\"e\"}}"},
        {"{ \"a\" : 1 , \"a\" : 2 }", "{\"a\":1,\"a\":2}"},
        {"{\"a\\n\":\"\\u00e9\\ud83d\\ude00\"}", "{\"a\\n\":\"\xC3\xA9\xF0\x9F\x98\x80\"}"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct buffer written;
        struct json_writer json;
        struct json_value root;
        buffer_init(&written, MIB);
        json_writer_init(&json, &written);
        expect_ok(read_document(slice_from(cases[i][0]), &arena, &root, &error), &error);
        write_value(&json, &root);
        compare_text(cases[i][0], buffer_slice(&written), cases[i][1]);
        buffer_release(&written);
        arena_release(&arena);
    }
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        struct slice source, text;
        bool is_in_source;
    } cases[] = {
        {SLICE_CONSTANT("\"\""), SLICE_CONSTANT(""), true},
        {SLICE_CONSTANT("\"a/b'\x7F\""), SLICE_CONSTANT("a/b'\x7F"), true},
        {SLICE_CONSTANT("\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF\""),
         SLICE_CONSTANT("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF"), true},
        {SLICE_CONSTANT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SLICE_CONSTANT("\"\\/\b\f\n\r\t"), false},
        {SLICE_CONSTANT("\"a\\u0000b\""), SLICE_CONSTANT("a\0b"), false},
        {SLICE_CONSTANT("\"\\u0041\\u00e9\\u00E9\\u20aC\\uFFFF\""), SLICE_CONSTANT("A\xC3\xA9\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"),
         false},
        {SLICE_CONSTANT("\"\\uD7FF\\uE000\\uD800\\uDC00\\udbff\\udfff\""),
         SLICE_CONSTANT("\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), false},
        {SLICE_CONSTANT("\"x\\u007f\\u0080\\u07ff\\u0800\""), SLICE_CONSTANT("x\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80"), false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct json_value root;
        expect_ok(read_document(cases[i].source, &arena, &root, &error), &error);
        assert_int_equal(root.kind, JSON_TEXT);
        compare_bytes(cases[i].source.data, root.text, cases[i].text, 0);
        assert_int_equal(root.text.data == cases[i].source.data + 1, cases[i].is_in_source);
        arena_release(&arena);
    }
}

struct refused {
    struct slice source;
    const char *message;
};

static void expect_all_refused(const struct refused *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        struct arena arena;
        struct json_value root = {.at = 77};
        bool ok = read_document(cases[i].source, &arena, &root, &error);
        expect_error(ok, &error, ERROR_INVALID, cases[i].message);
        assert_int_equal(root.at, 77);
        arena_release(&arena);
    }
}

#define REFUSED(source, message) {SLICE_CONSTANT(source), message}

static void values_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        REFUSED("", "j:1:1: expected a value, found the end"),
        REFUSED(" \n ", "j:2:2: expected a value, found the end"),
        REFUSED("{\n \"a\": nul\n}", "j:2:7: expected a value, found \"nul\""),
        REFUSED("nullx", "j:1:1: expected a value, found \"nullx\""),
        REFUSED("[1 2]", "j:1:4: expected \",\" or \"]\", found \"2\""),
        REFUSED("[1,]", "j:1:4: expected a value, found \"]\""),
        REFUSED("[,1]", "j:1:2: expected a value, found \",\""),
        REFUSED("[1}", "j:1:3: expected \",\" or \"]\", found \"}\""),
        REFUSED("[", "j:1:2: expected a value, found the end"),
        REFUSED("[1", "j:1:3: expected \",\" or \"]\", found the end"),
        REFUSED("{\"a\" 1}", "j:1:6: expected \":\" behind a key, found \"1\""),
        REFUSED("{\"a\":}", "j:1:6: expected a value, found \"}\""),
        REFUSED("{\"a\":1,}", "j:1:8: expected a key in quotes, found \"}\""),
        REFUSED("{a:1}", "j:1:2: expected a key in quotes or \"}\", found \"a\""),
        REFUSED("{\"a\":1 \"b\":2}", "j:1:8: expected \",\" or \"}\", found \"\"\""),
        REFUSED("{1:2}", "j:1:2: expected a key in quotes"),
        REFUSED("{}{}", "j:1:3: expected nothing behind the document, found \"{\""),
        REFUSED("1 2", "j:1:3: expected nothing behind the document, found \"2\""),
        REFUSED("\xC3\xA9\xC3\xA9 1", "j:1:1: expected a value, found \"\xC3\xA9\""),
        REFUSED("[\"\xC3\xA9\xC3\xA9\" 1]", "j:1:7: expected"), /* columns are characters */
        REFUSED("\xFF", "j:1:1: expected a value, found the byte ff, which is not UTF-8"),
        REFUSED("\0", "j:1:1: expected a value, found the control character U+0000"),
        REFUSED("[1]\0", "j:1:4: expected nothing behind the document, found the control character U+0000"),
        REFUSED("\v1", "found the control character U+000B"),
        REFUSED("\xC2\x9B[31m", "j:1:1: expected a value, found the control character U+009B"),
        REFUSED("\x7F", "found the control character U+007F"),
        REFUSED("\xC2\xA0"
                "1",
                "found \"\xC2\xA0\""), /* a no-break space is no white space */
        /* numbers */
        REFUSED("-", "j:1:2: expected a digit, found the end"),
        REFUSED("+1", "j:1:1: expected a value, found \"+1\""),
        REFUSED(".5", "j:1:1: expected a value, found \".5\""),
        REFUSED("5.", "j:1:3: expected a digit, found the end"),
        REFUSED("5.e1", "j:1:3: expected a digit, found \"e1\""),
        REFUSED("[1e]", "j:1:4: expected a digit, found \"]\""),
        REFUSED("1e+", "j:1:4: expected a digit, found the end"),
        REFUSED("01", "j:1:1: expected a number without needless zeros in front, found \"01\""),
        REFUSED("-012", "j:1:2: expected a number without needless zeros in front, found \"012\""),
        REFUSED("0x10", "j:1:2: expected nothing behind the document, found \"x10\""),
        REFUSED("1e400", "j:1:1: expected a number within the range of doubles, found \"1e400\""),
        REFUSED("[-1.7976931348623159e308]", "j:1:2: expected a number within the range of doubles"),
        REFUSED("1e99999999999999999999999", "within the range of doubles"),
    };
    expect_all_refused(cases, ARRAY_COUNT(cases));
}

static void texts_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        REFUSED("\"abc", "j:1:1: a text has no closing quote"),
        REFUSED("[\"a\",\n\"abc\\\"]", "j:2:1: a text has no closing quote"),
        REFUSED("\"a\nb\"",
                "j:1:3: expected an escape (\\n, \\t, \\u0000) for a control character, found the control character U+000A"),
        REFUSED("\"\0\"", "found the control character U+0000"),
        REFUSED("\"\x1F\"", "found the control character U+001F"),
        REFUSED("\"\\x41\"", "j:1:3: expected one of \"\\/bfnrtu behind a backslash, found \"x41\""),
        REFUSED("\"\\\0\"", "j:1:3: expected one of"),
        REFUSED("\"\\", "j:1:3: expected one of \"\\/bfnrtu behind a backslash, found the end"),
        REFUSED("\"\\u12G4\"", "j:1:6: expected four hexadecimal digits behind \\u, found \"G4\""),
        REFUSED("\"\\u12", "j:1:6: expected four hexadecimal digits behind \\u, found the end"),
        REFUSED("\"\\U0041\"", "j:1:3: expected one of"),
        REFUSED("\"\\ud800\"", "j:1:2: an escaped surrogate stands alone"),
        REFUSED("\"a\\udc00\"", "j:1:3: an escaped surrogate stands alone"),
        REFUSED("\"\\ud800\\ud800\"", "j:1:2: an escaped surrogate stands alone"),
        REFUSED("\"\\ud800\\u0041\"", "j:1:2: an escaped surrogate stands alone"),
        REFUSED("\"\\ud800\\n\"", "j:1:2: an escaped surrogate stands alone"),
        REFUSED("\"\\ud800\\udc0\"", "j:1:13: expected four hexadecimal digits"),
        REFUSED("{\"\\ud800\":1}", "j:1:3: an escaped surrogate stands alone"),
        REFUSED("\"\x80\"", "j:1:2: expected UTF-8, found the byte 80"),
        REFUSED("\"a\xC3\"", "j:1:3: expected UTF-8, found the byte c3"),
        REFUSED("\"\xC0\x80\"", "found the byte c0"),
        REFUSED("\"\xE0\x9F\xBF\"", "found the byte e0"),
        REFUSED("\"\xED\xA0\x80\"", "found the byte ed"),
        REFUSED("\"\xF4\x90\x80\x80\"", "found the byte f4"),
        REFUSED("\"\xF5\x80\x80\x80\"", "found the byte f5"),
        REFUSED("\"\xF0\x9F\x98", "j:1:2: expected UTF-8, found the byte f0"),
    };
    expect_all_refused(cases, ARRAY_COUNT(cases));
}

static void hints(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[NaN]", "no NaN"},
        {"[-Infinity]", "no Infinity"},
        {"{\"a\":Infinity}", "no Infinity"},
        {"{\"a\":True}", "small"},
        {"[None]", "null"},
        {"{'a':1}", "double quotes"},
        {"// x\n{}", "no comments"},
        {"[1, # x\n2]", "no comments"},
        {"{\"a\":1,}", "no comma behind the last"},
        {"[1 // x\n]", "comments"},
        {"\xEF\xBB\xBF{}", "order mark"},
        {"\xFF\xFE{", "UTF-16"},
        {"<html>", "web page"},
        {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct json_value root;
        expect_error(read_document(slice_from(cases[i][0]), &arena, &root, &error), &error, ERROR_INVALID, "j:1:");
        if (strstr(error.hint, cases[i][1]) == NULL)
            fail_msg("%s: hint \"%s\", expected \"%s\"", cases[i][0], error.hint, cases[i][1]);
        arena_release(&arena);
    }
}

static void members(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct json_value root;
    const struct json_value *value = NULL;
    struct slice source = SLICE("{\"a\": 1, \"b\": null, \"a\": \"x\", \"\": []}");
    expect_ok(read_document(source, &arena, &root, &error), &error);
    assert_int_equal(root.count, 4);
    assert_ptr_equal(json_get(&root, "a"), &root.items[2]); /* the last of two */
    assert_ptr_equal(json_get(&root, ""), &root.items[3]);
    assert_null(json_get(&root, "c"));
    assert_null(json_get(&root.items[3], "a"));
    assert_null(json_get(&root.items[0], "a"));
    assert_int_equal(root.items[2].at, 25);
    expect_ok(json_member(&root, "file", "a", JSON_TEXT, &value, &error), &error);
    compare_text("a", value->text, "x");
    expect_ok(json_member(&root, "file", "b", JSON_NUMBER, &value, &error), &error);
    assert_null(value);
    value = &root;
    expect_ok(json_member(&root, "file", "c", JSON_NUMBER, &value, &error), &error);
    assert_null(value);
    value = &root;
    expect_error(json_member(&root, "file", "a", JSON_NUMBER, &value, &error), &error, ERROR_INVALID,
                 "file: \"a\" is a text, expected a number");
    assert_ptr_equal(value, &root);
    expect_error(json_member(&root, "file", "", JSON_OBJECT, &value, &error), &error, ERROR_INVALID,
                 "file: \"\" is an array, expected an object");
    arena_release(&arena);
}

/* ---- numbers ---- */

static void expect_number(const char *text, double wanted)
{
    struct error error = {0};
    struct arena arena;
    struct json_value root;
    expect_ok(read_document(slice_from(text), &arena, &root, &error), &error);
    assert_int_equal(root.kind, JSON_NUMBER);
    if (memcmp(&root.real, &wanted, sizeof(wanted)) != 0)
        fail_msg("%.100s is %a, expected %a", text, root.real, wanted);
    arena_release(&arena);
}

static void edge_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"-0", -0.0},
        {"-0e5", -0.0},
        {"0.000", 0.0},
        {"0e-999999999999999999999", 0.0},
        {"1e-999999999999999999999", 0.0},
        {"-1e-400", -0.0},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0.0}, /* just below half of the smallest */
        {"2.4703282292062328e-324", 0x1p-1074},
        {"2.2250738585072014e-308", 0x1p-1022},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"1.7976931348623157e308", 0x1.fffffffffffffp+1023},
        {"1.7976931348623158e308", 0x1.fffffffffffffp+1023},
        {"9007199254740993", 0x1p53}, /* 2^53 + 1: to even */
        {"9007199254740995", 0x1.0000000000002p53},
        {"9007199254740993.0000000000000000000000000000001", 0x1.0000000000001p53},
        {"9223372036854775807", 0x1p63},
        {"18446744073709551615", 0x1p64},
        {"1e22", 1e22},
        {"1e23", 0x1.52d02c7e14af6p+76},
        {"8.5e-27", 8.5e-27},
        {"0.1", 0.1},
        {"100000000000000000000000000000000000000000000000000000000000000000000000000000000e-80", 1},
        {"0.00000000000000000000000000000000000000000000000000000000000000000000000000000001e80", 1},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        expect_number(cases[i].text, cases[i].value);
}

/* The middle between two doubles has all its digits behind 2^53 + 1, and one more far behind them tells it from the middle. */
static void long_numbers(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 16 * MIB);
    for (size_t zeros = 10; zeros <= 1000000; zeros *= 10)
        for (int has_rest = 0; has_rest < 2; has_rest++) {
            buffer_clear(&text);
            buffer_append_text(&text, "9007199254740993.");
            for (size_t i = 0; i < zeros; i++)
                buffer_append_byte(&text, '0');
            buffer_append_text(&text, has_rest ? "1" : "0");
            expect_number(buffer_text(&text), has_rest ? 0x1.0000000000001p53 : 0x1p53);
            buffer_clear(&text);
            buffer_append_text(&text, "0.");
            for (size_t i = 0; i < zeros; i++)
                buffer_append_byte(&text, '0');
            buffer_format(&text, "25e%zu", zeros + 1);
            expect_number(buffer_text(&text), 2.5);
            buffer_clear(&text);
            buffer_append_text(&text, "25");
            for (size_t i = 0; i < zeros; i++)
                buffer_append_byte(&text, '0');
            buffer_format(&text, "E-%zu", zeros + 1);
            expect_number(buffer_text(&text), 2.5);
        }
    buffer_release(&text);
}

/* Against the C library, which rounds correctly, in the "C" locale that a test runs in. */
static void random_numbers(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    for (size_t round = 0; round < 300000; round++) {
        char text[128];
        union {
            uint64_t bits;
            double value;
        } chosen = {random_u64(&random)};
        int digits = 1 + (int)random_below(&random, 30), exponent = (int)random_below(&random, 640) - 330;
        if (random_below(&random, 3) == 0)
            snprintf(text, sizeof(text), "%llu.%lluE%+d", (unsigned long long)(chosen.bits >> random_below(&random, 64)),
                     (unsigned long long)random_u64(&random), exponent % 40);
        else if (random_below(&random, 2) == 0)
            snprintf(text, sizeof(text), "%llue%d", (unsigned long long)(chosen.bits >> random_below(&random, 64)),
                     exponent % 60);
        else if (isfinite(chosen.value))
            snprintf(text, sizeof(text), "%.*e", digits, chosen.value);
        else
            continue;
        double wanted = strtod(text, NULL);
        if (isfinite(wanted))
            expect_number(text, wanted);
    }
}

static void integers(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    for (size_t round = 0; round < 100000; round++) {
        char text[32];
        struct error error = {0};
        struct arena arena;
        struct json_value root;
        int64_t wanted = (int64_t)(random_u64(&random) >> random_below(&random, 64));
        wanted = round == 0 ? INT64_MAX : round == 1 ? INT64_MIN : random_below(&random, 2) ? wanted : -wanted;
        snprintf(text, sizeof(text), "%lld", (long long)wanted);
        expect_ok(read_document(slice_from(text), &arena, &root, &error), &error);
        assert_true(root.is_integer && root.integer == wanted && root.real == (double)wanted);
        arena_release(&arena);
    }
    static const char *const reals[] = {
        "1.0", "1e0", "9223372036854775808", "-9223372036854775809", "10000000000000000000", "100000000000000000000", "0.0"};
    for (size_t i = 0; i < ARRAY_COUNT(reals); i++) {
        struct error error = {0};
        struct arena arena;
        struct json_value root;
        expect_ok(read_document(slice_from(reals[i]), &arena, &root, &error), &error);
        assert_true(!root.is_integer && root.integer == 0);
        arena_release(&arena);
    }
}

/* ---- limits ---- */

static void limits(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 16 * MIB);
    static const char *const opens[] = {"[", "{\"a\":", "[{\"a\":"};
    static const char *const closes[] = {"]", "}", "}]"};
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t depth = LIMIT_JSON_DEPTH - 2; depth <= LIMIT_JSON_DEPTH + 2; depth += 2) {
            struct error error = {0};
            struct arena arena;
            struct json_value root;
            size_t pairs = kind == 2 ? depth / 2 : depth;
            buffer_clear(&text);
            for (size_t i = 0; i < pairs; i++)
                buffer_append_text(&text, opens[kind]);
            buffer_append_text(&text, "0");
            for (size_t i = 0; i < pairs; i++)
                buffer_append_text(&text, closes[kind]);
            bool ok = read_document(buffer_slice(&text), &arena, &root, &error);
            if (depth <= LIMIT_JSON_DEPTH)
                expect_ok(ok, &error);
            else
                expect_error(ok, &error, ERROR_LIMIT, "stand too deep in each other: the limit is 128");
            arena_release(&arena);
        }
    for (size_t kind = 0; kind < 3; kind++) { /* bombs, which end at the limit */
        struct error error = {0};
        struct arena arena;
        struct json_value root;
        buffer_clear(&text);
        for (size_t i = 0; i < 1000000; i++)
            buffer_append_text(&text, opens[kind]);
        expect_error(read_document(buffer_slice(&text), &arena, &root, &error), &error, ERROR_LIMIT, "too deep");
        assert_true(arena.size < MIB);
        arena_release(&arena);
    }
    buffer_release(&text);
}

static void memory_limits(void **state)
{
    (void)state;
    static const char *const sources[] = {"[1]", "{\"a\":1}", "\"\\n\"", "{\"\\n\":1}"};
    struct error error = {0};
    struct arena arena;
    struct json_value root;
    expect_error(read_document((struct slice){"", LIMIT_JSON_BYTES + 1}, &arena, &root, &error), &error, ERROR_LIMIT,
                 "j has 1073741825 bytes, the limit is 1073741824");
    for (size_t i = 0; i < ARRAY_COUNT(sources); i++) { /* an arena that is full already */
        arena_init(&arena);
        arena.size = LIMIT_ARENA_BYTES - KIB;
        expect_error(json_read(slice_from(sources[i]), "j", &arena, &root, &error), &error, ERROR_LIMIT,
                     "the document needs too many bytes of memory: the limit is 4294967296");
        arena_release(&arena);
    }
    expect_ok(read_document(SLICE("\"a text of the source\""), &arena, &root, &error), &error);
    assert_int_equal(arena.size, 0);
    arena_release(&arena);
}

/* ---- vectors ---- */

static void check_float(struct buffer *out, float value)
{
    struct json_writer json;
    char *end;
    buffer_clear(out);
    json_writer_init(&json, out);
    json_float(&json, value);
    const char *text = buffer_text(out);
    float read = strtof(text, &end);
    if (*end != '\0' || memcmp(&read, &value, sizeof(value)) != 0 || strlen(text) > 16)
        fail_msg("%.9g is written \"%s\"", (double)value, text);
}

/* Each float is read back as it was: those of vectors, those at the powers of ten, those half-way between two digits, and all others. */
static void floats(void **state)
{
    (void)state;
    struct random random;
    struct buffer out;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    buffer_init(&out, MIB);
    for (size_t i = 0; i < 300000; i++) {
        uint32_t bits = (uint32_t)random_u64(&random);
        float any, share = (float)((random_unit(&random) - 0.5) * 2);
        memcpy(&any, &bits, sizeof(any));
        if (isfinite(any))
            check_float(&out, any);
        check_float(&out, share);
        check_float(&out, share / 1000);
        check_float(&out, (float)(1 + 2 * random_below(&random, 512)) / 1024.0f);
    }
    static const float edges[] = {0, -0.0f, 1, -1, 0.1f, 0.01f, 0.001f, 0.0001f, 0.00001f, 0.5f, -0.25f, 9.99999e-5f};
    for (size_t i = 0; i < ARRAY_COUNT(edges); i++)
        for (int step = -20; step <= 20; step++) {
            float value = edges[i];
            for (int k = 0; k < abs(step); k++)
                value = nextafterf(value, step < 0 ? -2.0f : 2.0f);
            check_float(&out, value);
        }
    buffer_clear(&out);
    struct json_writer json;
    json_writer_init(&json, &out);
    json_array_begin(&json);
    json_float(&json, 0.25f);
    json_float(&json, (float)HUGE_VAL);
    json_float(&json, -0.0009765625f);
    json_float(&json, 3);
    json_array_end(&json);
    assert_string_equal(buffer_text(&out), "[0.25,null,-0.0009765625,3]");
    buffer_release(&out);
}

static void base64(void **state)
{
    (void)state;
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, MIB);
    json_writer_init(&json, &out);
    json_array_begin(&json);
    for (size_t size = 0; size <= 6; size++)
        json_base64(&json, slice_range(SLICE("foobar"), 0, size));
    json_base64(&json, SLICE("\xff\xfe\xfd\x00\x10"));
    json_array_end(&json);
    assert_string_equal(buffer_text(&out),
                        "[\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"Zm9vYg==\",\"Zm9vYmE=\",\"Zm9vYmFy\",\"//79ABA=\"]");
    buffer_release(&out);
}

/* ---- any document ---- */

static void write_random_text(struct buffer *text, struct random *random)
{
    static const char *const pieces[] = {"a", "\"", "\\", "\n", "\x01", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                         "/", " "};
    buffer_clear(text);
    for (uint64_t i = random_below(random, 8); i > 0; i--)
        buffer_append_text(text, pieces[random_below(random, ARRAY_COUNT(pieces))]);
}

static void write_random(struct json_writer *json, struct buffer *text, struct random *random, unsigned depth)
{
    uint64_t kind = random_below(random, depth < 10 ? 8 : 5);
    if (kind == 0)
        json_integer(json, (int64_t)(random_u64(random) >> random_below(random, 64)));
    else if (kind == 1)
        json_real(json, random_unit(random) - 0.5, 17);
    else if (kind == 2)
        json_bool(json, random_below(random, 2) == 1);
    else if (kind == 3)
        json_null(json);
    else if (kind == 4) {
        write_random_text(text, random);
        json_text(json, buffer_slice(text));
    } else {
        (kind == 5 ? json_object_begin : json_array_begin)(json);
        for (uint64_t i = random_below(random, 6); i > 0; i--) {
            write_random_text(text, random);
            if (kind == 5)
                json_key(json, buffer_text(text));
            write_random(json, text, random, depth + 1);
        }
        (kind == 5 ? json_object_end : json_array_end)(json);
    }
}

/* What the writer writes comes back; a byte of it changed, or its end cut off, is read or refused, never more. */
static void round_trip(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    struct buffer written, again, text;
    buffer_init(&written, 16 * MIB);
    buffer_init(&again, 16 * MIB);
    buffer_init(&text, MIB);
    for (size_t round = 0; round < 5000; round++) {
        struct error error = {0};
        struct arena arena;
        struct json_value root;
        struct json_writer json;
        buffer_clear(&written);
        buffer_clear(&again);
        json_writer_init(&json, &written);
        write_random(&json, &text, &random, 0);
        expect_ok(read_document(buffer_slice(&written), &arena, &root, &error), &error);
        json_writer_init(&json, &again);
        write_value(&json, &root);
        compare_bytes("document", buffer_slice(&again), buffer_slice(&written), seed);
        arena_release(&arena);
        for (size_t change = 0; change < 20; change++) {
            written.data[random_below(&random, written.size)] = (char)random_u64(&random);
            size_t size = (size_t)random_below(&random, written.size + 1);
            size = change % 4 ? written.size : size;
            bool ok = read_document(slice_range(buffer_slice(&written), 0, size), &arena, &root, &error);
            assert_true(ok || (error.kind == ERROR_INVALID && strncmp(error.message, "j:", 2) == 0));
            arena_release(&arena);
        }
    }
    buffer_release(&written);
    buffer_release(&again);
    buffer_release(&text);
}

/* ---- the public suite: y_ must be taken, n_ refused, i_ may be either ---- */

struct suite {
    size_t taken, refused, either;
};

static bool check_suite_file(void *context, const char *name, struct error *error)
{
    struct suite *suite = context;
    struct arena arena;
    struct json_value root;
    struct buffer text;
    char path[LIMIT_PATH_BYTES];
    if (!slice_ends_with(slice_from(name), SLICE(".json")))
        return true;
    snprintf(path, sizeof(path), "%s/%s", SOURCE_ROOT "/../shared/data/json-test-suite", name);
    buffer_init(&text, 16 * MIB);
    expect_ok(file_read(path, 16 * MIB, &text, error), error);
    bool ok = read_document(buffer_slice(&text), &arena, &root, error);
    arena_release(&arena);
    buffer_release(&text);
    if (name[0] == 'y' && !ok)
        fail_msg("%s is refused: %s", name, error->message);
    if (name[0] == 'n' && ok)
        fail_msg("%s is taken", name);
    suite->taken += name[0] == 'y';
    suite->refused += name[0] == 'n';
    suite->either += name[0] == 'i';
    return true;
}

static void public_suite(void **state)
{
    (void)state;
    static const char folder[] = SOURCE_ROOT "/../shared/data/json-test-suite";
    if (!file_exists(folder)) {
        printf("%s is not there: the public suite is skipped\n", folder);
        skip();
    }
    struct error error = {0};
    struct suite suite = {0};
    expect_ok(folder_list(folder, check_suite_file, &suite, &error), &error);
    printf("JSON suite: %zu taken, %zu refused, %zu either\n", suite.taken, suite.refused, suite.either);
    assert_int_equal(suite.taken + suite.refused + suite.either, 150);
}

/* What was read is written again as the same document. */
static void again(void **state)
{
    (void)state;
    static const char *const documents[] = {"{\"a\":[1,2.50,-3e5,true,null],\"b\\n\":{\"\":\"x\\\"y\"},\"a\":[]}", "[]",
                                            "\"\xc3\xa9\"", "0", "{\"k\":{}}"};
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(documents); i++) {
        struct buffer out;
        struct json_writer json;
        struct json_value root;
        struct error error;
        buffer_init(&out, 1000);
        json_writer_init(&json, &out);
        expect_ok(json_read(slice_from(documents[i]), "a document", &arena, &root, &error), &error);
        json_again(&json, &root);
        compare_text("document", buffer_slice(&out), documents[i]);
        buffer_release(&out);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(again),          cmocka_unit_test(values),        cmocka_unit_test(texts),
        cmocka_unit_test(values_refused), cmocka_unit_test(texts_refused), cmocka_unit_test(hints),
        cmocka_unit_test(members),        cmocka_unit_test(edge_numbers),  cmocka_unit_test(long_numbers),
        cmocka_unit_test(random_numbers), cmocka_unit_test(integers),      cmocka_unit_test(limits),
        cmocka_unit_test(memory_limits),  cmocka_unit_test(floats),        cmocka_unit_test(base64),
        cmocka_unit_test(round_trip),     cmocka_unit_test(public_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
