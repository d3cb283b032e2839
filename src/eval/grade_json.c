/* grade_json.c - a JSON document field by field.
 *
 *   {"category": "return", "items": [{"code": 7}]}   ─▶   category = "return",  items[0].code = 7
 *
 * Both documents become such lists in the order of their paths, which are then walked side by side. Of a key that stands twice the last counts. */
#include "grade.h"
#include <assert.h>
#include <stdlib.h>

struct field {
    const char *path;
    const struct json_value *value;
};

struct field_list {
    struct field *items;
    size_t count, capacity;
    struct arena *arena;
};

/* A key as a part of a path, which no other key or run of keys gives: points, brackets and backslashes get a backslash; a zero byte is \0, no key at
 * all \e. */
static const char *key_text(struct arena *arena, struct slice key)
{
    char *text = arena_alloc(arena, 2 * key.size + 3, 1), *end = text;
    for (size_t i = 0; i < key.size; i++) {
        if (key.data[i] == '.' || key.data[i] == '[' || key.data[i] == '\\' || key.data[i] == '\0')
            *end++ = '\\';
        *end++ = (char)(key.data[i] != '\0' ? key.data[i] : '0');
    }
    return key.size > 0 ? text : "\\e";
}

static void collect(struct field_list *list, const struct json_value *value, const char *path, unsigned depth)
{
    assert(depth <= LIMIT_JSON_DEPTH);
    bool holds = (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) && value->count > 0;
    if (!holds) {
        list->items = arena_more(list->arena, list->items, list->count, &list->capacity, sizeof(*list->items));
        list->items[list->count++] = (struct field){path, value};
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        const char *below;
        if (value->kind == JSON_ARRAY)
            below = arena_format(list->arena, "%s[%zu]", path, i);
        else
            below = arena_format(list->arena, path[0] != '\0' ? "%s.%s" : "%s%s", path, key_text(list->arena, value->keys[i]));
        collect(list, &value->items[i], below, depth + 1);
    }
}

/* By path; of one path the later value first. */
static int by_path(const void *a, const void *b)
{
    const struct field *left = a, *right = b;
    int order = strcmp(left->path, right->path);
    return order != 0 ? order : (left->value->at < right->value->at) - (left->value->at > right->value->at);
}

static void list_fields(struct field_list *list, const struct json_value *root, struct arena *arena)
{
    size_t kept = 0;
    *list = (struct field_list){.arena = arena};
    collect(list, root, "", 0);
    qsort(list->items, list->count, sizeof(*list->items), by_path);
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || strcmp(list->items[kept - 1].path, list->items[i].path) != 0)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static bool same_value(const struct json_value *a, const struct json_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSON_NUMBER)
        return a->is_integer && b->is_integer ? a->integer == b->integer : a->real >= b->real && a->real <= b->real;
    if (a->kind == JSON_TEXT)
        return slice_equal(a->text, b->text);
    return a->kind != JSON_BOOL || a->boolean == b->boolean; /* null, and lists and objects that hold nothing */
}

struct slice grade_json_within(struct slice answer)
{
    struct slice text = slice_trim(answer);
    size_t open = 0, close = text.size;
    if (text.size > 0 && (text.data[0] == '{' || text.data[0] == '['))
        return text;
    while (open < text.size && text.data[open] != '{' && text.data[open] != '[')
        open++;
    if (open == text.size)
        return slice_range(text, 0, 0);
    char last = text.data[open] == '{' ? '}' : ']';
    while (close > open && text.data[close - 1] != last)
        close--;
    return close > open ? slice_range(text, open, close) : slice_range(text, 0, 0);
}

struct comparing {
    struct slice wanted_source, answer_source;
    void (*on_field)(void *context, const char *path, struct slice wanted, struct slice got, bool is_right);
    void *context;
};

static struct slice source_of(struct slice source, const struct field *field)
{
    return field != NULL ? slice_range(source, field->value->at, field->value->end) : SLICE("");
}

static void compare(const struct comparing *comparing, const struct field_list *wanted, const struct field_list *given,
                    struct grade_fields *fields)
{
    for (size_t i = 0, j = 0; i < wanted->count || j < given->count;) {
        const struct field *left = i < wanted->count ? &wanted->items[i] : NULL;
        const struct field *right = j < given->count ? &given->items[j] : NULL;
        int order = left == NULL ? 1 : right == NULL ? -1 : strcmp(left->path, right->path);
        const char *path = order <= 0 && left != NULL ? left->path : right != NULL ? right->path : "";
        left = order <= 0 ? left : NULL;
        right = order >= 0 ? right : NULL;
        bool is_right = left != NULL && right != NULL && same_value(left->value, right->value);
        fields->right += is_right;
        if (comparing->on_field != NULL)
            comparing->on_field(comparing->context, path, source_of(comparing->wanted_source, left),
                                source_of(comparing->answer_source, right), is_right);
        i += order <= 0;
        j += order >= 0;
    }
}

bool grade_json(struct slice wanted, struct slice answer,
                void (*on_field)(void *context, const char *path, struct slice wanted, struct slice got, bool is_right),
                void *context, struct grade_fields *fields, struct error *error)
{
    struct arena arena;
    struct error why;
    struct json_value wanted_root, root;
    struct field_list wanted_list, given = {0};
    struct slice document = slice_trim(answer);
    *fields = (struct grade_fields){0};
    arena_init(&arena);
    if (!json_read(wanted, "the wanted answer", &arena, &wanted_root, error)) {
        arena_release(&arena);
        return false;
    }
    fields->is_json = fields->is_relaxed_json = json_read(document, "the answer", &arena, &root, &why);
    if (!fields->is_json) {
        document = grade_json_within(answer);
        fields->is_relaxed_json = document.size > 0 && json_read(document, "the answer", &arena, &root, &why);
    }
    list_fields(&wanted_list, &wanted_root, &arena);
    if (fields->is_relaxed_json)
        list_fields(&given, &root, &arena);
    const struct comparing comparing = {wanted, document, on_field, context};
    compare(&comparing, &wanted_list, &given, fields);
    fields->wanted = wanted_list.count;
    fields->given = given.count;
    fields->is_equal = fields->is_relaxed_json && fields->right == given.count && given.count == wanted_list.count;
    fields->f1 = 2 * (double)fields->right / (double)(wanted_list.count + given.count);
    arena_release(&arena);
    return true;
}
