/* examples_answers.c - conversations whose answers are few different texts, as texts with labels. */
#include "examples_parts.h"
#include <stdlib.h>

enum { LABEL_BYTES_MAX = 200, TIMES_LEAST = 3 };

static struct slice last_answer(const struct example *example)
{
    struct slice text = {"", 0};
    for (size_t i = 0; i < example->turn_count; i++)
        if (example->turns[i].is_learned)
            text = slice_trim(example->turns[i].text);
    return text;
}

static struct slice system_of(const struct example *example)
{
    for (size_t i = example->turn_count; i-- > 0;)
        if (example->turns[i].role == TURN_SYSTEM)
            return example->turns[i].text;
    return (struct slice){"", 0};
}

static bool has_several_questions(const struct example *example)
{
    size_t count = 0;
    for (size_t i = 0; i < example->turn_count; i++)
        count += example->turns[i].role == TURN_USER || example->turns[i].role == TURN_TOOL;
    return count > 1;
}

void examples_look(const struct examples *examples, struct examples_answers *found)
{
    struct map seen;
    *found = (struct examples_answers){0};
    map_init(&seen, LIMIT_EXAMPLES_LABELS);
    bool can = examples->shape == EXAMPLES_TURNS && examples->count > 0;
    struct slice system = can ? system_of(&examples->items[0]) : (struct slice){"", 0};
    bool is_short = can, has_room = can;
    for (size_t i = 0; can && i < examples->count; i++) {
        const struct example *example = &examples->items[i];
        struct slice answer = last_answer(example);
        bool is_new = false;
        is_short = is_short && answer.size > 0 && answer.size <= LABEL_BYTES_MAX && example->text.size > 0;
        has_room = has_room && map_put(&seen, answer, &is_new) != NULL;
        is_short = is_short && has_room;
        found->different += is_new;
        found->system_differs += !slice_equal(system_of(example), system);
        found->with_history += has_several_questions(example);
    }
    found->are_labels = is_short && found->different >= 2 && found->different * TIMES_LEAST <= examples->count;
    map_release(&seen);
}

void examples_take_answers_as_labels(struct examples *examples)
{
    struct map seen;
    size_t capacity = examples->label_count;
    map_init(&seen, LIMIT_EXAMPLES_LABELS);
    for (size_t i = 0; i < examples->count; i++) {
        struct example *example = &examples->items[i];
        struct slice answer = last_answer(example);
        bool is_new = false;
        struct map_entry *entry = map_put(&seen, answer, &is_new);
        uint32_t *label = arena_alloc(&examples->arena, 1, sizeof(*label));
        if (is_new) {
            entry->value = examples->label_count;
            examples->labels = memory_more(examples->labels, examples->label_count, &capacity, sizeof(*examples->labels));
            examples->labels[examples->label_count++] = answer;
        }
        *label = (uint32_t)entry->value;
        example->labels = label;
        example->label_count = 1;
    }
    map_release(&seen);
    examples->shape = EXAMPLES_LABELED;
    examples_order_labels(examples);
}
