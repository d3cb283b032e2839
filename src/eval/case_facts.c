/* case_facts.c - what must stand in a text that proves the answer of a test case.
 *
 *   "29 euros"                                   itself
 *   {"topic": "price", "answer": "29 euros"}     29 euros: "price" is a label, one of a few values that come again and again
 *
 * A text that holds all facts of one gold proves it: a passage, or an answer in whatever form. */
#include "answer_cases.h"

enum { LABEL_VALUES_MOST = 20, LABEL_USES_LEAST = 5, KEY_BYTES = 4 * KIB };

/* ---- labels ---- */

struct member_values {
    struct map numbers; /* name of a member → its place below, plus one */
    struct map seen; /* name and value */
    size_t *uses, *different;
    size_t count, uses_capacity, different_capacity;
    struct arena *arena;
};

static bool is_object(struct slice text)
{
    text = slice_trim(text);
    return text.size > 0 && text.data[0] == '{';
}

static bool read_object(struct slice text, struct arena *arena, struct json_value *value)
{
    struct error ignored = {0};
    return is_object(text) && json_read(text, "an answer", arena, value, &ignored);
}

static bool is_scalar(const struct json_value *value)
{
    return value->kind == JSON_TEXT || value->kind == JSON_NUMBER;
}

static void count_member(struct member_values *values, struct slice name, struct slice text)
{
    bool is_new = true;
    struct map_entry *entry = map_put(&values->numbers, name, &is_new);
    if (entry == NULL)
        return;
    if (is_new) {
        values->uses = arena_more(values->arena, values->uses, values->count, &values->uses_capacity, sizeof(size_t));
        values->different = arena_more(values->arena, values->different, values->count, &values->different_capacity,
                                       sizeof(size_t));
        values->uses[values->count] = values->different[values->count] = 0;
        entry->value = ++values->count;
    }
    size_t at = (size_t)entry->value - 1;
    struct slice key = slice_from(
        arena_format(values->arena, "%zu " SLICE_FORMAT, at, SLICE_ARGUMENT(slice_cut(text, KEY_BYTES))));
    bool is_other = true;
    map_put(&values->seen, key, &is_other);
    values->uses[at]++;
    values->different[at] += is_other;
}

static void count_members(struct member_values *values, struct slice text)
{
    struct json_value object;
    if (!read_object(text, values->arena, &object))
        return;
    for (size_t i = 0; i < object.count; i++)
        if (is_scalar(&object.items[i]))
            count_member(values, object.keys[i], object.items[i].text);
}

static bool is_label(const struct member_values *values, struct slice name)
{
    const struct map_entry *entry = map_get(&values->numbers, name);
    if (entry == NULL)
        return false;
    size_t at = (size_t)entry->value - 1;
    return values->different[at] <= LABEL_VALUES_MOST && values->different[at] * LABEL_USES_LEAST <= values->uses[at];
}

/* ---- facts ---- */

static void add_fact(struct case_facts *facts, struct slice member, struct slice text, struct arena *arena)
{
    if (slice_trim(text).size == 0)
        return;
    facts->items = arena_more(arena, facts->items, facts->count, &facts->capacity, sizeof(*facts->items));
    facts->items[facts->count++] = (struct case_fact){member, text};
}

/* Texts and numbers, however deep; `values` NULL: labels, too. */
static void add_leaves(const struct json_value *value, struct slice member, const struct member_values *values,
                       struct arena *arena, struct case_facts *facts)
{
    if (is_scalar(value))
        add_fact(facts, member, value->text, arena);
    for (size_t i = 0; (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) && i < value->count; i++) {
        struct slice name = value->kind == JSON_OBJECT ? value->keys[i] : SLICE("");
        if (values == NULL || !is_scalar(&value->items[i]) || !is_label(values, name))
            add_leaves(&value->items[i], name, NULL, arena, facts);
    }
}

static void find_facts(struct slice gold, const struct member_values *values, struct arena *arena, struct case_facts *facts)
{
    struct json_value object;
    if (read_object(gold, arena, &object)) {
        add_leaves(&object, SLICE(""), values, arena, facts);
        if (facts->count == 0) /* nothing but labels: then they are what is asked for */
            add_leaves(&object, SLICE(""), NULL, arena, facts);
    }
    if (facts->count == 0)
        add_fact(facts, SLICE(""), gold, arena);
}

void answer_cases_facts(struct answer_cases *cases, const struct slice *outputs, size_t output_count, struct arena *arena)
{
    struct member_values values = {.arena = arena};
    map_init(&values.numbers, UINT32_MAX / 4);
    map_init(&values.seen, UINT32_MAX / 4);
    for (size_t i = 0; i < output_count; i++)
        count_members(&values, outputs[i]);
    for (size_t i = 0; i < cases->count; i++)
        if (cases->items[i].gold_count > 0)
            count_members(&values, cases->items[i].golds[0]);
    for (size_t i = 0; i < cases->count; i++) {
        struct answer_case *item = &cases->items[i];
        item->facts = arena_alloc(arena, item->gold_count, sizeof(*item->facts));
        for (size_t j = 0; j < item->gold_count; j++)
            find_facts(item->golds[j], &values, arena, &item->facts[j]);
    }
    map_release(&values.seen);
    map_release(&values.numbers);
}

/* ---- looked for ---- */

static bool holds_all(const struct answer_case *item, struct slice text, enum grade_measure measure)
{
    bool found = false;
    for (size_t i = 0; !found && i < item->gold_count; i++) {
        found = item->facts[i].count > 0;
        for (size_t j = 0; found && j < item->facts[i].count; j++) {
            struct grade_scores scores;
            grade_answer(&(struct grade_gold){&item->facts[i].items[j].text, 1, item->tolerance}, &text, &scores);
            found = scores.values[measure] > 0;
        }
    }
    return found;
}

bool case_facts_stand_in(const struct answer_case *item, struct slice text, enum grade_measure measure)
{
    struct arena arena;
    struct json_value object;
    struct case_facts said = {0};
    struct buffer leaves;
    if (holds_all(item, text, measure))
        return true;
    if (!is_object(grade_json_within(text)))
        return false;
    arena_init(&arena);
    buffer_init(&leaves, LIMIT_TEXT_BYTES);
    if (read_object(grade_json_within(text), &arena, &object))
        add_leaves(&object, SLICE(""), NULL, &arena, &said);
    for (size_t i = 0; i < said.count; i++) {
        buffer_append_slice(&leaves, said.items[i].text);
        buffer_append_byte(&leaves, '\n');
    }
    bool found = said.count > 0 && holds_all(item, buffer_slice(&leaves), measure);
    buffer_release(&leaves);
    arena_release(&arena);
    return found;
}
