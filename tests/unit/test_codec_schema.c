/* test_codec_schema.c - JSON values beside schemas. */
#include "codec/codec.h"
#include "compare.h"

static bool follows(const char *value_text, const char *schema_text, struct error *error)
{
    struct arena arena;
    struct json_value value, schema;
    arena_init(&arena);
    expect_ok(json_read(slice_from(value_text), "value", &arena, &value, error), error);
    expect_ok(json_read(slice_from(schema_text), "schema", &arena, &schema, error), error);
    bool ok = json_follows(&value, &schema, error);
    arena_release(&arena);
    return ok;
}

static const struct {
    const char *value, *schema, *reason; /* reason NULL: it follows */
} cases[] = {
    {"1", "{}", NULL},
    {"1", "true", NULL},
    {"1", "false", "$ is not allowed"},
    {"1", "{\"type\":\"integer\"}", NULL},
    {"1.0", "{\"type\":\"integer\"}", NULL},
    {"1.5", "{\"type\":\"integer\"}", "another type"},
    {"null", "{\"type\":[\"string\",\"null\"]}", NULL},
    {"\"a\"", "{\"enum\":[\"a\",2]}", NULL},
    {"\"b\"", "{\"enum\":[\"a\",2]}", "none of the values"},
    {"{\"a\":[1,{}]}", "{\"const\":{\"a\":[1,{}]}}", NULL},
    {"{\"a\":1}", "{\"required\":[\"a\",\"b\"]}", "lacks \"b\""},
    {"{\"a\":1}", "{\"properties\":{\"a\":{\"type\":\"string\"}}}", "$.a is of another type"},
    {"{\"a\":1,\"c\":2}", "{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "$.c is not allowed"},
    {"[1,\"x\"]", "{\"items\":{\"type\":\"number\"}}", "$[1] is of another type"},
    {"\"äö\"", "{\"maxLength\":2}", NULL},
    {"\"abc\"", "{\"maxLength\":2}", "\"maxLength\""},
    {"[1]", "{\"minItems\":2}", "\"minItems\""},
    {"3", "{\"exclusiveMaximum\":3}", "\"exclusiveMaximum\""},
    {"0.3", "{\"multipleOf\":0.1}", NULL},
    {"3", "{\"multipleOf\":2}", "\"multipleOf\""},
    {"3", "{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":2}]}", NULL},
    {"3", "{\"oneOf\":[{\"type\":\"number\"},{\"minimum\":2}]}", "more than one"},
    {"1", "{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":2}]}", "none of the schemas"},
    {"1", "{\"allOf\":[{\"type\":\"number\"},{\"minimum\":2}]}", "\"minimum\""},
    {"1", "{\"not\":{\"type\":\"number\"}}", "must not"},
    {"{\"n\":{\"n\":{}}}", "{\"$ref\":\"#/$defs/t\",\"$defs\":{\"t\":{\"properties\":{\"n\":{\"$ref\":\"#/$defs/t\"}}}}}",
     NULL},
    {"1", "{\"$ref\":\"#\"}", "too deep"},
    {"1", "{\"$ref\":\"#/$defs/x\"}", "leads nowhere"},
    {"1", "{\"contains\":{}}", "not known here"},
    {"1", "{\"anyOf\":[{\"contains\":{}},{}]}", "not known here"},
    {"\"xa\"", "{\"pattern\":\"a\"}", NULL},
    {"1", "{\"pattern\":\"a\"}", NULL},
    {"\"b\"", "{\"pattern\":\"a\"}", "does not fit"},
    {"\"7a\"", "{\"pattern\":\"^\\\\d+$\"}", "does not fit"},
    {"\"\\u0663\"", "{\"pattern\":\"^\\\\d$\"}", "does not fit"},
    {"\"7\\n\"", "{\"pattern\":\"^\\\\d$\"}", "does not fit"},
    {"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"", "{\"pattern\":\"^(a+)+$\"}", "too long"},
    {"\"a\"", "{\"pattern\":\"(a\"}", "no regular expression"},
    {"1", "{\"pattern\":3}", "no regular expression"},
    {"[1,2]", "{\"uniqueItems\":true}", NULL},
    {"[1,{\"a\":2},{\"a\":2}]", "{\"uniqueItems\":true}", "twice"},
    {"[1,1]", "{\"uniqueItems\":false}", NULL},
    {"[1,\"a\",true]", "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":{\"type\":\"boolean\"}}",
     NULL},
    {"[1,2]", "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"items\":false}", "$[1] is of another type"},
    {"[1,\"a\",2]", "{\"prefixItems\":[{},{}],\"items\":false}", "$[2] is not allowed"},
    {"1", "{\"prefixItems\":{}}", "not a list"},
    {"{\"ab\":1}", "{\"propertyNames\":{\"maxLength\":1}}", "\"maxLength\""},
    {"1", "{\"discriminator\":{\"propertyName\":\"x\"},\"contentEncoding\":\"base64\"}", NULL},
    {"1", "{\"multipleOf\":0}", "cannot"},
    {"1", "3", "neither an object"},
    {"1", "{\"type\":\"int\"}", "schema's \"int\" is no type"},
    {"1", "{\"type\":[\"number\",\"int\"]}", "schema's \"int\" is no type"},
    {"1", "{\"type\":3}", "schema's \"type\" is no type"},
    {"1", "{\"anyOf\":[{\"type\":\"int\"},{}]}", "schema's \"int\" is no type"},
    {"{\"a\":1}", "{\"required\":\"a\"}", "\"required\" is no list"},
    {"{\"a\":1}", "{\"required\":[1]}", "\"required\" is no list"},
    {"{\"a\":1}", "{\"required\":true}", "\"required\" is no list"},
    {"{\"a\":1}", "{\"properties\":[\"a\"]}", "\"properties\" is no object"},
};

static void rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        bool ok = follows(cases[i].value, cases[i].schema, &error);
        if (cases[i].reason == NULL)
            expect_ok(ok, &error);
        else
            expect_error(ok, &error, ERROR_INVALID, cases[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
