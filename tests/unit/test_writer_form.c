/* test_writer_form.c - JSON forms: whatever is chosen among what is allowed, the outcome is JSON that follows the schema. */
#include "writer/form.h"
#include "compare.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT = 60, END = 1 };

static const char vocabulary[] =
    "[PAD]\n[SEP]\n[UNK]\n[CLS]\n{\n}\n[\n]\n,\n\"\n:\n-\n.\nteam\ndays\nitems\nname\nhigh\nrisk\nlow\ntrue\nfalse\nnull\n"
    "12\n7\n##34\n##5\n5\n0\nred\n##dish\nblue\nokay\n";

static struct tokenizer *tokenizer_create(void)
{
    struct tokenizer *tokenizer = NULL;
    struct error error = {0};
    expect_ok(
        tokenizer_read_vocabulary(&tokenizer, slice_from(vocabulary), &(struct vocabulary_settings){0}, "vocab.txt", &error),
        &error);
    return tokenizer;
}

static const char *const schemas[] = {
    "{\"type\":\"object\",\"properties\":{\"team\":{\"enum\":[\"high\",\"high "
    "risk\",\"low\"]},\"days\":{\"type\":\"integer\"}},"
    "\"required\":[\"team\"]}",
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"days\":{\"type\":[\"number\",\"null\"]},"
    "\"okay\":{\"type\":\"boolean\"}},\"required\":[\"name\",\"days\",\"okay\"],\"additionalProperties\":false}",
    "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,\"items\":{\"type\":"
    "\"object\","
    "\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":1},\"days\":{\"enum\":[7,12]}},\"required\":[\"name\"]}}},"
    "\"required\":[\"items\"]}",
    "{\"anyOf\":[{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},{\"type\":\"string\"},{\"const\":null}]}",
};

static struct slice text_of(void *context, const uint32_t *ids, size_t count, struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, MIB);
    tokenizer_decode(context, ids, count, true, &text);
    struct slice made = arena_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return made;
}

/* Chance chooses, now and then the end as soon as it may. */
static void any_path_ends_in_the_form(void **state)
{
    (void)state;
    struct tokenizer *tokenizer = tokenizer_create();
    struct random random;
    struct error error = {0};
    uint8_t allowed[64];
    random_init(&random, test_seed());
    assert_true(tokenizer_count(tokenizer) <= sizeof(allowed));
    for (size_t s = 0; s < ARRAY_COUNT(schemas); s++) {
        struct form *form = NULL;
        expect_ok(form_read(&form, slice_from(schemas[s]), "the schema", tokenizer, &error), &error);
        assert_true(form_least(form) > 0 && form_least(form) < LEFT);
        for (size_t round = 0; round < 300; round++) {
            uint32_t ids[LEFT + 1];
            size_t count = 0, most = form_least(form) + random_below(&random, LEFT - form_least(form) + 1);
            for (;;) {
                size_t choices = 0;
                assert_true(form_allows(form, ids, count, most - count, END, allowed));
                for (size_t id = 0; id < tokenizer_count(tokenizer); id++)
                    choices += allowed[id];
                size_t chosen = random_below(&random, choices);
                uint32_t id = 0;
                while (!allowed[id] || chosen-- > 0)
                    id++;
                if (id == END || (allowed[END] && random_below(&random, 3) == 0))
                    break;
                assert_true(count < most);
                ids[count++] = id;
            }
            struct arena arena;
            struct slice json;
            arena_init(&arena);
            const struct form_texts texts = {text_of, tokenizer};
            expect_ok(form_write(form, ids, count, &texts, &arena, &json, &error), &error);
            arena_release(&arena);
        }
        form_free(form);
    }
    tokenizer_free(tokenizer);
}

static void values_go_there_and_back(void **state)
{
    (void)state;
    static const struct {
        size_t schema;
        const char *value, *back; /* back NULL: the same */
    } cases[] = {{0, "{\"team\":\"high risk\"}", NULL},
                 {0, "{\"days\":1234,\"team\":\"high\"}", "{\"team\":\"high\",\"days\":1234}"},
                 {0, "{\"team\":\"low\",\"days\":-7}", NULL},
                 {1, "{\"name\":\"reddish blue\",\"days\":12.5,\"okay\":true}", NULL},
                 {1, "{\"name\":\"red\",\"days\":null,\"okay\":false}", NULL},
                 {2, "{\"items\":[{\"name\":\"red\"},{\"name\":\"blue\",\"days\":7}]}", NULL},
                 {3, "[]", NULL},
                 {3, "[12,0,-1234]", NULL},
                 {3, "null", NULL},
                 {3, "\"blue\"", NULL}};
    struct tokenizer *tokenizer = tokenizer_create();
    struct error error = {0};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct form *form = NULL;
        struct arena arena;
        struct json_value value;
        uint32_t *ids = NULL;
        size_t count;
        struct slice json;
        arena_init(&arena);
        expect_ok(form_read(&form, slice_from(schemas[cases[i].schema]), "the schema", tokenizer, &error), &error);
        expect_ok(json_read(slice_from(cases[i].value), "a value", &arena, &value, &error), &error);
        expect_ok(form_tokens(form, &value, LEFT, &ids, &count, &error), &error);
        expect_ok(form_write(form, ids, count, &(struct form_texts){text_of, tokenizer}, &arena, &json, &error), &error);
        compare_text("the value", json, cases[i].back != NULL ? cases[i].back : cases[i].value);
        assert_false(form_tokens(form, &value, count - 1, &ids, &count, &error));
        free(ids);
        form_free(form);
        arena_release(&arena);
    }
    tokenizer_free(tokenizer);
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    static const char *const refused[][2] = {
        {"{\"type\":\"object\"}", "an object without properties"},
        {"{}", "a value of any type"},
        {"{\"type\":\"array\"}", "an array without items"},
        {"{\"type\":\"thing\"}", "a type that is none"},
        {"{\"enum\":[{}]}", "an enum of objects"},
        {"{\"enum\":[]}", "an enum of the schema has 0 values"},
        {"[]", "a schema that is no object"},
        {"{\"properties\":{\"day\":{\"const\":1},\"Day\":{\"const\":2}}}", "two properties of one spelling"},
        {"{", "the schema"}};
    struct tokenizer *tokenizer = tokenizer_create();
    for (size_t i = 0; i < ARRAY_COUNT(refused); i++) {
        struct form *form = NULL;
        struct error error = {0};
        assert_false(form_read(&form, slice_from(refused[i][0]), "the schema", tokenizer, &error));
        if (strstr(error.message, refused[i][1]) == NULL)
            fail_msg("%s: %s", refused[i][0], error.message);
    }
    tokenizer_free(tokenizer);
}

/* A schema of few bytes that stands for a great deal. */
static void schemas_are_bounded(void **state)
{
    (void)state;
    static const char *const opened[][2] = {
        {"{\"minItems\":16,\"type\":\"array\",\"items\":", "the schema's shortest value has more than"},
        {"{\"type\":[\"array\",\"array\",\"array\",\"array\"],\"items\":", "the schema stands for more than"}};
    struct tokenizer *tokenizer = tokenizer_create();
    for (size_t i = 0; i < ARRAY_COUNT(opened); i++) {
        enum { LEVELS = 8 };
        struct buffer schema;
        struct form *form = NULL;
        struct error error = {0};
        buffer_init(&schema, MIB);
        for (size_t level = 0; level < LEVELS; level++)
            buffer_append_text(&schema, opened[i][0]);
        buffer_append_text(&schema, "{\"const\":1}");
        for (size_t level = 0; level < LEVELS; level++)
            buffer_append_byte(&schema, '}');
        assert_false(form_read(&form, buffer_slice(&schema), "the schema", tokenizer, &error));
        if (strstr(error.message, opened[i][1]) == NULL)
            fail_msg("%s", error.message);
        buffer_release(&schema);
    }
    tokenizer_free(tokenizer);
}

static void whole_numbers_stay_whole(void **state)
{
    (void)state;
    struct tokenizer *tokenizer = tokenizer_create();
    struct form *form = NULL;
    struct arena arena;
    struct json_value value;
    struct error error = {0};
    uint32_t *ids;
    size_t count;
    arena_init(&arena);
    expect_ok(form_read(&form, SLICE("{\"type\":\"integer\"}"), "the schema", tokenizer, &error), &error);
    expect_ok(json_read(SLICE("1.5"), "a value", &arena, &value, &error), &error);
    assert_false(form_tokens(form, &value, LEFT, &ids, &count, &error));
    form_free(form);
    arena_release(&arena);
    tokenizer_free(tokenizer);
}

static void forms_are_found_in_values(void **state)
{
    (void)state;
    static const char wanted[] =
        "{\"type\":\"object\",\"properties\":{\"team\":{\"enum\":[\"a\",\"b\"]},\"days\":{\"anyOf\":[{\"type\":\"integer\"},"
        "{\"type\":\"null\"}]},\"note\":{\"type\":\"string\"}},\"required\":[\"team\",\"days\"],\"additionalProperties\":"
        "false}";
    enum { VALUES = 30 };
    struct arena arena;
    struct json_value values[VALUES];
    struct error error = {0};
    struct buffer schema;
    arena_init(&arena);
    buffer_init(&schema, MIB);
    for (size_t i = 0; i < VALUES; i++) {
        const char *days = i % 5 == 1 ? "null" : arena_format(&arena, "%zu", i);
        const char *note = i % 2 == 1 ? arena_format(&arena, ",\"note\":\"text %zu\"", i) : "";
        const char *text = arena_format(&arena, "{\"team\":\"%s\",\"days\":%s%s}", i % 3 == 0 ? "a" : "b", days, note);
        expect_ok(json_read(slice_from(text), "a value", &arena, &values[i], &error), &error);
    }
    assert_true(form_infer(values, VALUES, &schema));
    compare_text("the schema", buffer_slice(&schema), wanted);
    buffer_release(&schema);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_path_ends_in_the_form),         cmocka_unit_test(values_go_there_and_back),
        cmocka_unit_test(what_cannot_be_written_is_refused), cmocka_unit_test(schemas_are_bounded),
        cmocka_unit_test(whole_numbers_stay_whole),          cmocka_unit_test(forms_are_found_in_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
