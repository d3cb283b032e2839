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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
