/* form_walk.c - along the tokens of an answer: are they on the form's path, and what may come next? Each node takes its own tokens and says
 * whether it is whole; where the tokens end, it marks those that may come, if there is room for the rest. */
#include "form_parts.h"

static void allow(struct form_walk *walk, uint32_t id, size_t rest)
{
    if (walk->allowed == NULL || walk->left < rest + 1)
        return;
    walk->allowed[id] = 1;
    walk->any = true;
}

/* Takes one token. */
static enum form_step take(struct form_walk *walk, uint32_t id, size_t rest)
{
    if (walk->at == walk->count) {
        allow(walk, id, rest);
        return FORM_MORE;
    }
    return walk->ids[walk->at++] == id ? FORM_DONE : FORM_WRONG;
}

/* ---- one of several runs ---- */

struct runs {
    struct form_run items[FORM_CHOICES_MAX + 1];
    size_t rests[FORM_CHOICES_MAX + 1]; /* the fewest tokens behind each */
    size_t count;
};

/* Takes one of the runs; of those that begin alike the longest that fits. */
static enum form_step take_run(struct form_walk *walk, const struct runs *runs, size_t *which)
{
    bool alive[FORM_CHOICES_MAX + 1];
    size_t whole = SIZE_MAX, left = runs->count;
    for (size_t i = 0; i < runs->count; i++)
        alive[i] = true;
    for (size_t depth = 0; left > 0; depth++) {
        for (size_t i = 0; i < runs->count; i++)
            if (alive[i] && runs->items[i].count == depth) {
                whole = whole == SIZE_MAX || runs->items[whole].count < depth ? i : whole;
                alive[i] = false;
                left--;
            }
        if (left == 0)
            break;
        if (walk->at == walk->count) {
            for (size_t i = 0; i < runs->count; i++)
                if (alive[i])
                    allow(walk, runs->items[i].ids[depth], runs->items[i].count - depth - 1 + runs->rests[i]);
            if (whole == SIZE_MAX || runs->items[whole].count < depth)
                return FORM_MORE;
            break; /* one is whole, and may stay so */
        }
        uint32_t id = walk->ids[walk->at];
        size_t fitting = 0;
        for (size_t i = 0; i < runs->count; i++)
            fitting += alive[i] && runs->items[i].ids[depth] == id;
        if (fitting == 0)
            return whole != SIZE_MAX && runs->items[whole].count == depth ? (*which = whole, FORM_DONE) : FORM_WRONG;
        for (size_t i = 0; i < runs->count; i++)
            if (alive[i] && runs->items[i].ids[depth] != id) {
                alive[i] = false;
                left--;
            }
        walk->at++;
    }
    if (whole == SIZE_MAX)
        return FORM_WRONG;
    *which = whole;
    return FORM_DONE;
}

/* ---- values ---- */

static void write_value(struct json_writer *json, const struct json_value *value)
{
    if (value->kind == JSON_TEXT)
        json_text(json, value->text);
    else if (value->kind == JSON_NUMBER)
        json_raw(json, value->text);
    else if (value->kind == JSON_BOOL)
        json_bool(json, value->boolean);
    else
        json_null(json);
}

static enum form_step walk_choice(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    struct runs runs = {.count = node->count};
    size_t which = 0;
    for (size_t i = 0; i < node->count; i++) {
        runs.items[i] = node->choices[i];
        runs.rests[i] = behind;
    }
    enum form_step step = take_run(walk, &runs, &which);
    if (step == FORM_DONE && walk->json != NULL)
        write_value(walk->json, &node->values[which]);
    return step;
}

static enum form_step walk_text(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    const struct form *form = walk->form;
    enum form_step step = take(walk, form->quote, node->least - 1 + behind);
    if (step != FORM_DONE)
        return step;
    size_t first = walk->at;
    while (walk->at < walk->count && walk->ids[walk->at] != form->quote)
        walk->at++;
    size_t size = walk->at - first;
    if (walk->at == walk->count) {
        if (size > 0 || node->may_be_empty)
            allow(walk, form->quote, behind);
        for (uint32_t id = 0; id < form->tokens; id++)
            if (id != form->quote && !form->is_special[id])
                allow(walk, id, 1 + behind);
        return FORM_MORE;
    }
    walk->at++;
    if (walk->json != NULL)
        json_text(walk->json, walk->texts->text_of(walk->texts->context, walk->ids + first, size, walk->arena));
    return FORM_DONE;
}

static void allow_digits(struct form_walk *walk, uint8_t kind, size_t digits, size_t behind)
{
    for (uint32_t id = 0; id < walk->form->tokens && digits < FORM_DIGITS_MAX - 4; id++) /* a token has few digits */
        if (walk->form->digits[id] == kind)
            allow(walk, id, behind);
}

/* Takes digits; false: there are none. */
static bool take_digits(struct form_walk *walk, struct buffer *text, size_t *digits)
{
    size_t first = walk->at;
    while (walk->at < walk->count &&
           walk->form->digits[walk->ids[walk->at]] == (walk->at == first ? FIRST_DIGITS : MORE_DIGITS)) {
        struct slice token = {0};
        if (tokenizer_token(walk->form->tokenizer, walk->ids[walk->at], &token)) {
            size_t skip = walk->at == first ? 0 : 2;
            *digits += token.size - skip;
            buffer_append_slice(text, slice_range(token, skip, token.size));
        }
        walk->at++;
    }
    return walk->at > first;
}

/* [-] digits [. digits] */
static enum form_step walk_number_text(struct form_walk *walk, const struct form_node *node, size_t behind, struct buffer *text)
{
    const struct form *form = walk->form;
    size_t digits = 0;
    bool has_minus = walk->at < walk->count && walk->ids[walk->at] == form->minus;
    if (walk->at == walk->count)
        allow(walk, form->minus, 1 + behind);
    if (has_minus) {
        buffer_append_byte(text, '-');
        walk->at++;
    }
    if (walk->at == walk->count) {
        allow_digits(walk, FIRST_DIGITS, 0, behind);
        return FORM_MORE;
    }
    if (!take_digits(walk, text, &digits))
        return FORM_WRONG;
    if (walk->at == walk->count) {
        allow_digits(walk, MORE_DIGITS, digits, behind);
        if (node->kind == FORM_NUMBER)
            allow(walk, form->point, 1 + behind);
        return FORM_DONE;
    }
    if (node->kind != FORM_NUMBER || walk->ids[walk->at] != form->point)
        return FORM_DONE;
    walk->at++;
    buffer_append_byte(text, '.');
    if (walk->at == walk->count) {
        allow_digits(walk, FIRST_DIGITS, 0, behind);
        return FORM_MORE;
    }
    digits = 0;
    if (!take_digits(walk, text, &digits))
        return FORM_WRONG;
    if (walk->at == walk->count)
        allow_digits(walk, MORE_DIGITS, digits, behind);
    return FORM_DONE;
}

/* JSON has no number 007. */
static struct slice without_zeros(struct buffer *text)
{
    size_t sign = text->size > 0 && text->data[0] == '-', zeros = 0;
    while (sign + zeros + 1 < text->size && text->data[sign + zeros] == '0' && text->data[sign + zeros + 1] != '.')
        zeros++;
    if (zeros > 0 && sign > 0)
        text->data[zeros] = '-';
    return slice_range(buffer_slice(text), zeros, text->size);
}

static enum form_step walk_number(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    struct buffer text;
    buffer_init(&text, KIB);
    enum form_step step = walk_number_text(walk, node, behind, &text);
    if (step == FORM_DONE && walk->json != NULL)
        json_raw(walk->json, arena_slice(walk->arena, without_zeros(&text)));
    buffer_release(&text);
    return step;
}

/* ---- values with values in them ---- */

static enum form_step walk_array(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    const struct form *form = walk->form;
    size_t least = node->items->least, wanted = node->items_least;
    enum form_step step = take(walk, form->open_array, node->least - 1 + behind);
    if (step != FORM_DONE)
        return step;
    if (walk->json != NULL)
        json_array_begin(walk->json);
    for (size_t n = 0;; n++) {
        size_t missing = wanted > n + 1 ? wanted - n - 1 : 0; /* behind the next one */
        size_t rest = missing * (least + 1) + 1 + behind;
        if (walk->at == walk->count && n >= wanted)
            allow(walk, form->close_array, behind);
        if (walk->at < walk->count && walk->ids[walk->at] == form->close_array && n >= wanted) {
            walk->at++;
            if (walk->json != NULL)
                json_array_end(walk->json);
            return FORM_DONE;
        }
        if (n >= node->items_most)
            return walk->at == walk->count ? FORM_MORE : FORM_WRONG;
        step = n > 0 ? take(walk, form->comma, least + rest) : FORM_DONE;
        step = step == FORM_DONE ? form_walk_node(walk, node->items, rest) : step;
        if (step != FORM_DONE)
            return step;
    }
}

/* The fewest tokens from member `first` to the end of the object. */
static size_t members_least(const struct form_node *node, size_t first)
{
    size_t least = 1;
    for (size_t i = first; i < node->count; i++)
        if (node->members[i].is_required)
            least += node->members[i].next_key.count + node->members[i].value->least;
    return least;
}

/* The members that may come, up to the first that must, and the end if none must. */
static void list_members(const struct form_node *node, size_t first, bool is_first, size_t behind, struct runs *runs)
{
    size_t i = first;
    runs->count = 0;
    while (i < node->count) {
        const struct form_member *member = &node->members[i++];
        runs->items[runs->count] = is_first ? member->key : member->next_key;
        runs->rests[runs->count++] = member->value->least + members_least(node, i) + behind;
        if (member->is_required)
            return;
    }
}

static enum form_step walk_object(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    const struct form *form = walk->form;
    enum form_step step = take(walk, form->open_object, node->least - 1 + behind);
    if (step != FORM_DONE)
        return step;
    if (walk->json != NULL)
        json_object_begin(walk->json);
    bool is_first = true;
    for (size_t first = 0;;) {
        struct runs runs;
        size_t which = 0;
        list_members(node, first, is_first, behind, &runs);
        bool may_end = runs.count == 0 || !node->members[first + runs.count - 1].is_required;
        size_t end = runs.count;
        if (may_end) {
            runs.items[end] = (struct form_run){&form->close_object, 1};
            runs.rests[end] = behind;
            runs.count++;
        }
        step = take_run(walk, &runs, &which);
        if (step != FORM_DONE)
            return step;
        if (may_end && which == end)
            break;
        const struct form_member *member = &node->members[first + which];
        if (walk->json != NULL)
            json_key(walk->json, arena_text(walk->arena, member->name));
        first += which + 1;
        is_first = false;
        step = form_walk_node(walk, member->value, members_least(node, first) + behind);
        if (step != FORM_DONE)
            return step;
    }
    if (walk->json != NULL)
        json_object_end(walk->json);
    return FORM_DONE;
}

/* Alternatives are told apart by their first token: the first that does not go wrong is it. */
static enum form_step walk_any(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    size_t at = walk->at;
    enum form_step step = FORM_WRONG;
    for (size_t i = 0; i < node->count; i++) {
        struct form_walk trial = *walk;
        trial.json = NULL;
        step = form_walk_node(&trial, &node->items[i], behind);
        walk->any = walk->any || trial.any;
        if (at == walk->count || step == FORM_WRONG) /* all may come, or this one cannot */
            continue;
        if (walk->json != NULL)
            return form_walk_node(walk, &node->items[i], behind);
        walk->at = trial.at;
        return step;
    }
    return at == walk->count ? FORM_MORE : FORM_WRONG;
}

enum form_step form_walk_node(struct form_walk *walk, const struct form_node *node, size_t behind)
{
    switch (node->kind) {
    case FORM_OBJECT:
        return walk_object(walk, node, behind);
    case FORM_ARRAY:
        return walk_array(walk, node, behind);
    case FORM_TEXT:
        return walk_text(walk, node, behind);
    case FORM_INTEGER:
    case FORM_NUMBER:
        return walk_number(walk, node, behind);
    case FORM_CHOICE:
        return walk_choice(walk, node, behind);
    case FORM_ANY:
        break;
    }
    return walk_any(walk, node, behind);
}
