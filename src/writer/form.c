/* form.c - a JSON Schema into nodes (form_parts.h), values into tokens, and tokens into JSON. */
#include "form_parts.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- tokens ---- */

struct form_run form_run_of(struct form *form, struct slice text)
{
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    tokens_init(&tokens);
    tokenizer_encode(form->tokenizer, workspace, text, NULL, &(struct tokenizer_options){.bare = true}, &tokens);
    uint32_t *ids = arena_alloc(&form->arena, tokens.count + 1, sizeof(*ids));
    memcpy(ids, tokens.ids, tokens.count * sizeof(*ids));
    struct form_run run = {ids, tokens.count};
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
    return run;
}

static bool find_marks(struct form *form, struct error *error)
{
    const struct {
        const char *text;
        uint32_t *id;
    } marks[] = {{"{", &form->open_object}, {"}", &form->close_object}, {"[", &form->open_array}, {"]", &form->close_array},
                 {",", &form->comma},       {"\"", &form->quote},       {"-", &form->minus},      {".", &form->point}};
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        if (!tokenizer_id(form->tokenizer, slice_from(marks[i].text), marks[i].id))
            return error_set(error, ERROR_INVALID, "the model has no token %s: it cannot write JSON", marks[i].text);
    return true;
}

/* Which tokens are digits, and which are no text. */
static void sort_tokens(struct form *form)
{
    form->tokens = tokenizer_count(form->tokenizer);
    form->digits = arena_alloc(&form->arena, form->tokens + 1, 1);
    form->is_special = arena_alloc(&form->arena, form->tokens + 1, 1);
    for (uint32_t id = 0; id < form->tokens; id++) {
        struct slice token;
        bool is_there = tokenizer_token(form->tokenizer, id, &token);
        bool goes_on = is_there && slice_starts_with(token, SLICE("##"));
        size_t at = goes_on ? 2 : 0, digits = 0;
        while (is_there && at + digits < token.size && token.data[at + digits] >= '0' && token.data[at + digits] <= '9')
            digits++;
        bool is_digits = is_there && digits > 0 && at + digits == token.size && digits <= 4;
        form->digits[id] = (uint8_t)(!is_digits ? 0 : goes_on ? MORE_DIGITS : FIRST_DIGITS);
        form->is_special[id] = !is_there || (token.size > 2 && token.data[0] == '[' && token.data[token.size - 1] == ']');
    }
}

/* ---- nodes ---- */

static bool compile(struct form *form, const struct json_value *schema, struct form_node *node, size_t depth,
                    struct error *error);

static bool refuse(struct error *error, const char *what)
{
    error_set(error, ERROR_INVALID, "a form with %s cannot be written without a language model", what);
    return error_hint(error,
                      "Known are objects with properties, arrays with items, texts, numbers, booleans, null, enum and anyOf.");
}

/* A literal's tokens, and its value. */
static bool add_choice(struct form *form, struct form_node *node, const struct json_value *value, struct json_value *values,
                       struct error *error)
{
    struct buffer text;
    struct json_writer json;
    if (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY)
        return refuse(error, "an enum of objects or arrays");
    if (value->kind == JSON_TEXT && value->text.size == 0)
        return refuse(error, "an empty text in an enum");
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    if (value->kind == JSON_TEXT)
        json_text(&json, value->text);
    else if (value->kind == JSON_NUMBER)
        json_raw(&json, value->text);
    else if (value->kind == JSON_BOOL)
        json_bool(&json, value->boolean);
    else
        json_null(&json);
    struct form_run run = form_run_of(form, buffer_slice(&text));
    bool ok = buffer_finish(&text, "a value of the schema", error);
    buffer_release(&text);
    if (!ok)
        return false;
    values[node->count] = *value;
    node->choices[node->count++] = run;
    if (node->least == 0 || run.count < node->least)
        node->least = run.count;
    return true;
}

static bool compile_choice(struct form *form, const struct json_value *values, size_t count, struct form_node *node,
                           struct error *error)
{
    if (count == 0 || count > FORM_CHOICES_MAX)
        return error_set(error, ERROR_LIMIT, "an enum of the schema has %zu values, expected 1 to %d", count, FORM_CHOICES_MAX);
    node->kind = FORM_CHOICE;
    node->choices = arena_alloc(&form->arena, count, sizeof(*node->choices));
    struct json_value *kept = arena_alloc(&form->arena, count, sizeof(*kept));
    node->values = kept;
    for (size_t i = 0; i < count; i++)
        if (!add_choice(form, node, &values[i], kept, error))
            return false;
    return true;
}

static bool is_required(const struct json_value *schema, struct slice name)
{
    const struct json_value *required = json_get(schema, "required");
    for (size_t i = 0; required != NULL && required->kind == JSON_ARRAY && i < required->count; i++)
        if (required->items[i].kind == JSON_TEXT && slice_equal(required->items[i].text, name))
            return true;
    return false;
}

/* Of names that the model's tokens cannot tell apart ("A" and "a" without capitals) only one would be written. */
static bool same_run(struct form_run a, struct form_run b)
{
    return a.count == b.count && memcmp(a.ids, b.ids, a.count * sizeof(*a.ids)) == 0;
}

static bool compile_member(struct form *form, struct slice name, const struct json_value *schema, struct form_member *member,
                           size_t depth, struct error *error)
{
    struct buffer text;
    struct json_writer json;
    buffer_init(&text, LIMIT_JSON_BYTES);
    buffer_append_byte(&text, ',');
    json_writer_init(&json, &text);
    json_text(&json, name);
    buffer_append_byte(&text, ':');
    member->name = name;
    member->next_key = form_run_of(form, buffer_slice(&text));
    buffer_release(&text);
    if (member->next_key.count < 2 || member->next_key.ids[0] != form->comma)
        return error_set(error, ERROR_INVALID, "the model's tokens do not keep a comma apart: it cannot write JSON");
    member->key = (struct form_run){member->next_key.ids + 1, member->next_key.count - 1};
    member->value = arena_alloc(&form->arena, 1, sizeof(*member->value));
    return compile(form, schema, member->value, depth + 1, error);
}

/* Nested arrays that must have many items would have more tokens than a number can say. */
static bool check_least(const struct form_node *node, struct error *error)
{
    return node->least <= FORM_TOKENS_MAX ||
           error_set(error, ERROR_LIMIT, "the schema's shortest value has more than %d tokens", FORM_TOKENS_MAX);
}

static bool compile_object(struct form *form, const struct json_value *schema, struct form_node *node, size_t depth,
                           struct error *error)
{
    const struct json_value *properties = json_get(schema, "properties");
    if (properties == NULL || properties->kind != JSON_OBJECT || properties->count == 0)
        return refuse(error, "an object without properties");
    if (properties->count > FORM_MEMBERS_MAX)
        return error_set(error, ERROR_LIMIT, "the schema has %zu properties, the limit is %d", properties->count,
                         FORM_MEMBERS_MAX);
    node->kind = FORM_OBJECT;
    node->members = arena_alloc(&form->arena, properties->count, sizeof(*node->members));
    node->least = 2;
    for (size_t i = 0; i < properties->count; i++) {
        struct form_member *member = &node->members[node->count++];
        member->is_required = is_required(schema, properties->keys[i]);
        if (!compile_member(form, properties->keys[i], &properties->items[i], member, depth, error))
            return false;
        for (size_t k = 0; k < i; k++)
            if (same_run(node->members[k].key, member->key))
                return refuse(error, "two properties of one spelling");
        node->least += member->is_required ? member->next_key.count + member->value->least : 0;
    }
    return check_least(node, error);
}

static size_t whole_of(const struct json_value *schema, const char *key, size_t usual, size_t most)
{
    const struct json_value *value = json_get(schema, key);
    if (value == NULL || value->kind != JSON_NUMBER || !(value->real >= 0))
        return usual;
    return value->real < (double)most ? (size_t)value->real : most;
}

static bool compile_array(struct form *form, const struct json_value *schema, struct form_node *node, size_t depth,
                          struct error *error)
{
    const struct json_value *items = json_get(schema, "items");
    if (items == NULL || items->kind != JSON_OBJECT)
        return refuse(error, "an array without items");
    node->kind = FORM_ARRAY;
    node->items = arena_alloc(&form->arena, 1, sizeof(*node->items));
    node->items_least = whole_of(schema, "minItems", 0, SIZE_MAX / 2);
    node->items_most = whole_of(schema, "maxItems", FORM_ITEMS_USUAL, FORM_ITEMS_USUAL);
    if (node->items_least > node->items_most)
        return refuse(error, "an array of that many items");
    if (!compile(form, items, node->items, depth + 1, error))
        return false;
    node->least = 2 + node->items_least * (node->items->least + 1);
    return check_least(node, error);
}

static bool compile_type(struct form *form, const struct json_value *schema, struct slice type, struct form_node *node,
                         size_t depth, struct error *error)
{
    static const struct json_value truths[] = {{.kind = JSON_BOOL, .boolean = true}, {.kind = JSON_BOOL}};
    static const struct json_value none = {.kind = JSON_NULL};
    if (slice_equal_text(type, "object"))
        return compile_object(form, schema, node, depth, error);
    if (slice_equal_text(type, "array"))
        return compile_array(form, schema, node, depth, error);
    if (slice_equal_text(type, "boolean"))
        return compile_choice(form, truths, ARRAY_COUNT(truths), node, error);
    if (slice_equal_text(type, "null"))
        return compile_choice(form, &none, 1, node, error);
    if (slice_equal_text(type, "string")) {
        node->kind = FORM_TEXT;
        node->may_be_empty = whole_of(schema, "minLength", 0, SIZE_MAX / 2) == 0;
        node->least = node->may_be_empty ? 2 : 3;
        return true;
    }
    node->kind = slice_equal_text(type, "integer") ? FORM_INTEGER : FORM_NUMBER;
    node->least = 1;
    return slice_equal_text(type, "integer") || slice_equal_text(type, "number") || refuse(error, "a type that is none");
}

/* Each of them as a schema of its own, or as a type of this one. */
static bool compile_any(struct form *form, const struct json_value *schema, const struct json_value *each,
                        struct form_node *node, size_t depth, struct error *error)
{
    if (each->count == 0 || each->count > FORM_MEMBERS_MAX)
        return refuse(error, "so many alternatives");
    node->kind = FORM_ANY;
    node->items = arena_alloc(&form->arena, each->count, sizeof(*node->items));
    node->count = each->count;
    node->least = SIZE_MAX;
    for (size_t i = 0; i < each->count; i++) {
        const struct json_value *item = &each->items[i];
        bool ok = item->kind == JSON_TEXT ? compile_type(form, schema, item->text, &node->items[i], depth + 1, error)
                                          : compile(form, item, &node->items[i], depth + 1, error);
        if (!ok)
            return false;
        if (node->items[i].least < node->least)
            node->least = node->items[i].least;
    }
    return true;
}

static bool compile(struct form *form, const struct json_value *schema, struct form_node *node, size_t depth,
                    struct error *error)
{
    *node = (struct form_node){0};
    if (++form->nodes > FORM_NODES_MAX)
        return error_set(error, ERROR_LIMIT, "the schema stands for more than %d values", FORM_NODES_MAX);
    if (schema->kind != JSON_OBJECT)
        return refuse(error, "a schema that is no object");
    if (depth > FORM_DEPTH_MAX)
        return error_set(error, ERROR_LIMIT, "the schema is more than %d levels deep", FORM_DEPTH_MAX);
    const struct json_value *values = json_get(schema, "enum"), *value = json_get(schema, "const");
    const struct json_value *any = json_get(schema, "anyOf"), *type = json_get(schema, "type");
    if (values != NULL && values->kind == JSON_ARRAY)
        return compile_choice(form, values->items, values->count, node, error);
    if (value != NULL)
        return compile_choice(form, value, 1, node, error);
    if (any != NULL && any->kind == JSON_ARRAY)
        return compile_any(form, schema, any, node, depth, error);
    if (type != NULL && type->kind == JSON_ARRAY)
        return compile_any(form, schema, type, node, depth, error);
    if (type != NULL && type->kind == JSON_TEXT)
        return compile_type(form, schema, type->text, node, depth, error);
    return json_get(schema, "properties") != NULL ? compile_object(form, schema, node, depth, error)
                                                  : refuse(error, "a value of any type");
}

bool form_read(struct form **form, struct slice schema, const char *name, const struct tokenizer *tokenizer,
               struct error *error)
{
    struct form *made = memory_alloc(1, sizeof(*made));
    arena_init(&made->arena);
    made->tokenizer = tokenizer;
    made->text = arena_slice(&made->arena, schema);
    if (!json_read(made->text, name, &made->arena, &made->schema, error) || !find_marks(made, error)) {
        form_free(made);
        return false;
    }
    sort_tokens(made);
    if (!compile(made, &made->schema, &made->root, 0, error)) {
        form_free(made);
        return error_wrap(error, "could not take \"%s\" for a form", name);
    }
    *form = made;
    return true;
}

void form_free(struct form *form)
{
    if (form == NULL)
        return;
    arena_release(&form->arena);
    free(form);
}

struct slice form_schema(const struct form *form)
{
    return form->text;
}

size_t form_least(const struct form *form)
{
    return form->root.least;
}

/* ---- what may come ---- */

bool form_allows(const struct form *form, const uint32_t *ids, size_t count, size_t left, uint32_t end, uint8_t *allowed)
{
    struct form_walk walk = {.form = form, .ids = ids, .count = count, .left = left};
    walk.allowed = allowed;
    memset(allowed, 0, form->tokens);
    enum form_step step = form_walk_node(&walk, &form->root, 0);
    if (step == FORM_DONE && walk.at == count) {
        allowed[end] = 1;
        walk.any = true;
    }
    return walk.any && step != FORM_WRONG;
}

/* ---- values into tokens ---- */

struct form_putting {
    const struct form *form;
    uint32_t *ids;
    size_t count, most;
    struct tokenizer_workspace *workspace;
    struct tokens tokens;
};

static bool put(struct form_putting *putting, const uint32_t *ids, size_t count)
{
    if (count > putting->most - putting->count)
        return false;
    memcpy(putting->ids + putting->count, ids, count * sizeof(*ids));
    putting->count += count;
    return true;
}

/* Its quotes are left out: they end a text. */
static bool put_text(struct form_putting *putting, struct slice text)
{
    const struct form *form = putting->form;
    tokenizer_encode(form->tokenizer, putting->workspace, text, NULL, &(struct tokenizer_options){.bare = true},
                     &putting->tokens);
    bool ok = put(putting, &form->quote, 1);
    for (size_t i = 0; i < putting->tokens.count && ok; i++) {
        uint32_t id = putting->tokens.ids[i];
        if (id < form->tokens && id != form->quote && !form->is_special[id])
            ok = put(putting, &id, 1);
    }
    return ok && put(putting, &form->quote, 1);
}

/* Digits as one or more tokens, the way they are cut within a text. */
static bool put_number(struct form_putting *putting, const struct json_value *value, bool is_integer)
{
    const struct form *form = putting->form;
    char text[64];
    if (is_integer && floor(value->real) < value->real)
        return false;
    int size = is_integer ? snprintf(text, sizeof(text), "%.0f", value->real)
                          : snprintf(text, sizeof(text), "%.10f", value->real);
    if (size <= 0 || (size_t)size >= sizeof(text))
        return false;
    while (!is_integer && text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    struct slice number = {text, (size_t)size};
    tokenizer_encode(form->tokenizer, putting->workspace, number, NULL, &(struct tokenizer_options){.bare = true},
                     &putting->tokens);
    return put(putting, putting->tokens.ids, putting->tokens.count);
}

static bool values_equal(const struct json_value *a, const struct json_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSON_TEXT)
        return slice_equal(a->text, b->text);
    return a->kind == JSON_NUMBER ? !(a->real < b->real) && !(a->real > b->real)
                                  : a->kind == JSON_NULL || a->boolean == b->boolean;
}

static bool put_value(struct form_putting *putting, const struct form_node *node, const struct json_value *value);

static bool put_object(struct form_putting *putting, const struct form_node *node, const struct json_value *value)
{
    const struct form *form = putting->form;
    bool is_first = true, ok = value->kind == JSON_OBJECT && put(putting, &form->open_object, 1);
    for (size_t i = 0; i < node->count && ok; i++) {
        const struct form_member *member = &node->members[i];
        const struct json_value *item = NULL;
        for (size_t k = 0; k < value->count; k++)
            if (slice_equal(value->keys[k], member->name))
                item = &value->items[k];
        if (item == NULL) {
            ok = !member->is_required;
            continue;
        }
        struct form_run key = is_first ? member->key : member->next_key;
        ok = put(putting, key.ids, key.count) && put_value(putting, member->value, item);
        is_first = false;
    }
    return ok && put(putting, &form->close_object, 1);
}

static bool put_array(struct form_putting *putting, const struct form_node *node, const struct json_value *value)
{
    const struct form *form = putting->form;
    bool ok = value->kind == JSON_ARRAY && value->count >= node->items_least && value->count <= node->items_most &&
              put(putting, &form->open_array, 1);
    for (size_t i = 0; i < value->count && ok; i++)
        ok = (i == 0 || put(putting, &form->comma, 1)) && put_value(putting, node->items, &value->items[i]);
    return ok && put(putting, &form->close_array, 1);
}

static bool put_value(struct form_putting *putting, const struct form_node *node, const struct json_value *value)
{
    size_t before = putting->count;
    switch (node->kind) {
    case FORM_OBJECT:
        return put_object(putting, node, value);
    case FORM_ARRAY:
        return put_array(putting, node, value);
    case FORM_TEXT:
        return value->kind == JSON_TEXT && put_text(putting, value->text);
    case FORM_INTEGER:
    case FORM_NUMBER:
        return value->kind == JSON_NUMBER && put_number(putting, value, node->kind == FORM_INTEGER);
    case FORM_CHOICE:
        for (size_t i = 0; i < node->count; i++)
            if (values_equal(&node->values[i], value))
                return put(putting, node->choices[i].ids, node->choices[i].count);
        return false;
    case FORM_ANY:
        break;
    }
    for (size_t i = 0; i < node->count; i++) {
        putting->count = before;
        if (put_value(putting, &node->items[i], value))
            return true;
    }
    return false;
}

bool form_tokens(const struct form *form, const struct json_value *value, size_t most, uint32_t **ids, size_t *count,
                 struct error *error)
{
    struct form_putting putting = {.form = form, .most = most, .workspace = tokenizer_workspace_create()};
    putting.ids = memory_alloc(most + 1, sizeof(*putting.ids));
    tokens_init(&putting.tokens);
    bool ok = put_value(&putting, &form->root, value);
    tokens_release(&putting.tokens);
    tokenizer_workspace_free(putting.workspace);
    if (ok) { /* what is learned must be what may be written */
        struct form_walk walk = {.form = form, .ids = putting.ids, .count = putting.count};
        ok = form_walk_node(&walk, &form->root, 0) == FORM_DONE && walk.at == putting.count;
    }
    if (!ok) {
        free(putting.ids);
        return error_set(error, ERROR_INVALID, "a value is not of the form, or has more than %zu tokens", most);
    }
    *ids = putting.ids;
    *count = putting.count;
    return true;
}

/* ---- tokens into JSON ---- */

bool form_write(const struct form *form, const uint32_t *ids, size_t count, const struct form_texts *texts, struct arena *arena,
                struct slice *json, struct error *error)
{
    struct buffer text;
    struct json_writer writer;
    struct json_value value;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&writer, &text);
    struct form_walk walk = {.form = form, .ids = ids, .count = count, .json = &writer, .texts = texts, .arena = arena};
    bool ok = form_walk_node(&walk, &form->root, 0) == FORM_DONE && walk.at == count;
    *json = arena_slice(arena, buffer_slice(&text));
    ok = ok ? buffer_finish(&text, "the answer", error)
            : error_set(error, ERROR_INVALID, "what was written is not of the form");
    buffer_release(&text);
    return ok && json_read(*json, "the answer", arena, &value, error) && json_follows(&value, &form->schema, error);
}
