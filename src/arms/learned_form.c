/* learned_form.c - what outputs have in common. Nineteen of twenty must have it: real files have slips. */
#include "learned_form.h"
#include <stdlib.h>

enum {
    OUTPUTS_LEAST = 10,
    LABELS_MOST = 200,
    LABEL_BYTES = 64,
    FIELDS_MOST = 64,
    FIELD_VALUES_MOST = 20,
    FIELD_USES_LEAST = 5,
    TAIL_WORDS_LEAST = 2,
    TAIL_LETTERS_LEAST = 8,
    MIDDLES_LEAST = 3
};
#define SHARE_LEAST 0.95

static bool is_most(size_t having, size_t count)
{
    return (double)having >= SHARE_LEAST * (double)count;
}

/* ---- values that come again ---- */

static int commonest_first(const void *a, const void *b)
{
    const struct map_entry *left = a, *right = b;
    int order = (left->value < right->value) - (left->value > right->value);
    return order != 0 ? order : slice_compare(left->key, right->key);
}

/* The different texts; none when there are more than `most`, or they come less than `uses` times each on average. */
static void count_values(const struct slice *texts, size_t count, size_t most, size_t uses, struct arena *arena,
                         struct form_values *values)
{
    struct map seen;
    map_init(&seen, most + 1);
    *values = (struct form_values){0};
    for (size_t i = 0; i < count; i++) {
        struct map_entry *entry = map_put(&seen, texts[i], NULL);
        if (entry != NULL)
            entry->value++;
    }
    if (seen.count > 0 && seen.count <= most && seen.count * uses <= count) {
        qsort(seen.entries, seen.count, sizeof(*seen.entries), commonest_first); /* it is only read from here on */
        values->items = arena_alloc(arena, seen.count, sizeof(*values->items));
        for (size_t i = 0; i < seen.count; i++)
            values->items[values->count++] = arena_slice(arena, seen.entries[i].key);
    }
    map_release(&seen);
}

static bool has_value(const struct form_values *values, struct slice text)
{
    for (size_t i = 0; i < values->count; i++)
        if (slice_equal(values->items[i], text))
            return true;
    return false;
}

/* ---- frames ---- */

static struct slice last_line(struct slice text)
{
    size_t start = text.size;
    while (start > 0 && text.data[start - 1] != '\n')
        start--;
    return slice_range(text, start, text.size);
}

static struct slice first_word(struct slice text)
{
    size_t end = 0;
    while (end < text.size && !byte_among(text.data[end], " \t\n,:"))
        end++;
    return slice_range(text, 0, end);
}

/* The part that most of the texts have; empty: there is none. */
static struct slice common_part(const struct slice *texts, size_t count, struct slice (*part_of)(struct slice text),
                                struct arena *arena)
{
    struct map seen;
    struct slice best = {0};
    size_t having = 0;
    map_init(&seen, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct map_entry *entry = map_put(&seen, part_of(slice_trim(texts[i])), NULL);
        if (entry != NULL && ++entry->value > having) {
            having = (size_t)entry->value;
            best = entry->key;
        }
    }
    best = is_most(having, count) ? arena_slice(arena, best) : (struct slice){0};
    map_release(&seen);
    return best;
}

/* Texts that all are the same have no frame: they are a label. */
static void learn_lines(const struct slice *texts, size_t count, struct arena *arena, struct form_frame *frame)
{
    size_t lines = 0, at;
    for (size_t i = 0; i < count; i++)
        lines += slice_find(slice_trim(texts[i]), '\n', &at);
    if (!is_most(lines, count))
        return;
    frame->tail = common_part(texts, count, last_line, arena);
    if (frame->tail.size > 0)
        frame->head = common_part(texts, count, first_word, arena);
}

/* ---- frames within a line: "Hi there! 29 euros. Your Nordhaus team" ---- */

static int by_end(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    size_t i = 0;
    while (i < left->size && i < right->size && left->data[left->size - 1 - i] == right->data[right->size - 1 - i])
        i++;
    if (i == left->size || i == right->size)
        return (left->size > right->size) - (left->size < right->size);
    return (unsigned char)left->data[left->size - 1 - i] < (unsigned char)right->data[right->size - 1 - i] ? -1 : 1;
}

static int by_beginning(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static size_t same_bytes(struct slice a, struct slice b, bool at_end)
{
    size_t i = 0;
    while (i < a.size && i < b.size && (at_end ? a.data[a.size - 1 - i] == b.data[b.size - 1 - i] : a.data[i] == b.data[i]))
        i++;
    return i;
}

/* The longest beginning or end that most of the texts have: in their order, those that have it stand together. */
static struct slice common_bytes(struct slice *texts, size_t count, bool at_end)
{
    size_t having = count;
    struct slice best = {0};
    while (having > 1 && is_most(having - 1, count))
        having--;
    qsort(texts, count, sizeof(*texts), at_end ? by_end : by_beginning);
    for (size_t i = 0; i + having <= count; i++) {
        size_t same = same_bytes(texts[i], texts[i + having - 1], at_end);
        if (same > best.size)
            best = at_end ? slice_range(texts[i], texts[i].size - same, texts[i].size) : slice_range(texts[i], 0, same);
    }
    return best;
}

/* A dash or an emoji. */
static bool is_sign(struct slice sign)
{
    return sign.size >= 3 &&
           ((unsigned char)sign.data[0] == 0xF0 || slice_starts_with(sign, SLICE("–")) || slice_starts_with(sign, SLICE("—")));
}

/* Up to the last place where a sentence, a greeting or a sign ends: what comes behind belongs to what is said. */
static struct slice head_of(struct slice common)
{
    for (size_t end = common.size; end > 1; end--) {
        size_t sign = end - 2;
        if (!byte_among(common.data[end - 1], " \n"))
            continue;
        while (sign > 0 && ((unsigned char)common.data[sign] & 0xC0) == 0x80)
            sign--;
        if (byte_among(common.data[end - 2], ".!?:,\n") || is_sign(slice_range(common, sign, end)))
            return slice_range(common, 0, end);
    }
    return SLICE("");
}

/* From the first place where a sentence ends, or a sign stands: units that all facts have are no part of it. */
static struct slice tail_of(struct slice common)
{
    for (size_t i = 0; i + 1 < common.size; i++) {
        struct slice rest = slice_range(common, i, common.size);
        if ((byte_among(rest.data[0], ".!?") && byte_among(rest.data[1], " \n")) || rest.data[0] == '\n' ||
            (rest.data[0] == ' ' && is_sign(slice_range(rest, 1, rest.size))))
            return rest;
    }
    return SLICE("");
}

/* Short ends may be alike by chance. */
static bool says_enough(struct slice tail)
{
    size_t words = 0, letters = 0;
    for (size_t i = 0; i < tail.size; i++) {
        unsigned char byte = (unsigned char)tail.data[i];
        bool is_letter = ((byte | 32) >= 'a' && (byte | 32) <= 'z') || (byte >= 0xC3 && byte < 0xF0 && byte != 0xE2);
        words += is_letter && (i == 0 || byte_among(tail.data[i - 1], " \n"));
        letters += is_letter;
    }
    return words >= TAIL_WORDS_LEAST && letters >= TAIL_LETTERS_LEAST;
}

static bool is_within(const struct form_frame *frame, struct slice text)
{
    return text.size > frame->head.size + frame->tail.size && slice_starts_with(text, frame->head) &&
           slice_ends_with(text, frame->tail) &&
           slice_trim(slice_range(text, frame->head.size, text.size - frame->tail.size)).size > 0;
}

/* What stands in it must differ: else it is the same sentence over and over. */
static bool holds_most(const struct form_frame *frame, const struct slice *texts, size_t count)
{
    struct map middles;
    size_t having = 0;
    map_init(&middles, count + 1);
    for (size_t i = 0; i < count; i++)
        if (is_within(frame, texts[i])) {
            map_put(&middles, slice_range(texts[i], frame->head.size, texts[i].size - frame->tail.size), NULL);
            having++;
        }
    bool differ = middles.count >= MIDDLES_LEAST && 4 * middles.count >= having;
    map_release(&middles);
    return differ && is_most(having, count);
}

static void learn_within(const struct slice *texts, size_t count, struct arena *arena, struct form_frame *frame)
{
    struct slice *trimmed = memory_alloc(count, sizeof(*trimmed));
    for (size_t i = 0; i < count; i++)
        trimmed[i] = slice_trim(texts[i]);
    struct form_frame found = {.tail = tail_of(common_bytes(trimmed, count, true)), .is_within = true};
    found.head = head_of(common_bytes(trimmed, count, false));
    if (says_enough(found.tail) && holds_most(&found, trimmed, count))
        *frame = (struct form_frame){arena_slice(arena, found.head), arena_slice(arena, found.tail), true};
    free(trimmed);
}

static void learn_frame(const struct slice *texts, size_t count, struct arena *arena, struct form_frame *frame)
{
    *frame = (struct form_frame){0};
    learn_lines(texts, count, arena, frame);
    if (frame->tail.size == 0 && count >= OUTPUTS_LEAST)
        learn_within(texts, count, arena, frame);
}

/* ---- a frame looked for, and put around ---- */

static bool has_frame(const struct form_frame *frame, struct slice text)
{
    text = slice_trim(text);
    if (frame->is_within)
        return is_within(frame, text);
    return (frame->tail.size == 0 || slice_equal(last_line(text), frame->tail)) &&
           (frame->head.size == 0 || slice_equal(first_word(text), frame->head));
}

/* Without the first line, where it is a greeting, and the last. */
static struct slice within_frame(const struct form_frame *frame, struct slice text)
{
    size_t at;
    text = slice_trim(text);
    if (frame->tail.size == 0 || !has_frame(frame, text))
        return text;
    text.size -= frame->tail.size;
    if (frame->is_within)
        text = slice_range(text, frame->head.size, text.size);
    else if (frame->head.size > 0 && slice_find(text, '\n', &at))
        text = slice_range(text, at, text.size);
    return slice_trim(text);
}

/* What ends as a sentence is not ended twice. */
static void put_within(const struct form_frame *frame, struct slice fact, struct buffer *out)
{
    fact = slice_trim(fact);
    if (fact.size > 1 && byte_among(frame->tail.data[0], ".!?") && byte_among(fact.data[fact.size - 1], ".!?"))
        fact.size--;
    buffer_append_slice(out, frame->head);
    buffer_append_slice(out, fact);
    buffer_append_slice(out, frame->tail);
}

static void put_in_frame(const struct form_frame *frame, struct slice fact, struct buffer *out)
{
    if (frame->is_within) {
        put_within(frame, fact, out);
        return;
    }
    if (frame->head.size > 0) {
        buffer_append_slice(out, frame->head);
        buffer_append_text(out, ",\n");
    }
    buffer_append_slice(out, slice_trim(fact));
    if (frame->tail.size > 0) {
        buffer_append_byte(out, '\n');
        buffer_append_slice(out, frame->tail);
    }
}

/* ---- JSON ---- */

static bool has_fields(const struct json_value *value, const struct json_value *first)
{
    if (value->kind != JSON_OBJECT || value->count != first->count)
        return false;
    for (size_t i = 0; i < first->count; i++) {
        bool found = false;
        for (size_t j = 0; j < value->count; j++)
            found = found || (slice_equal(value->keys[j], first->keys[i]) && value->items[j].kind == first->items[i].kind);
        if (!found)
            return false;
    }
    return true;
}

static const struct json_value *field_of(const struct json_value *object, struct slice name)
{
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->keys[i], name))
            return &object->items[i];
    return NULL;
}

static struct slice value_text(const struct json_value *value)
{
    return value->kind == JSON_BOOL ? slice_from(value->boolean ? "true" : "false") : value->text;
}

static void learn_fields(const struct json_value *values, size_t count, struct arena *arena, struct learned_form *form)
{
    const struct json_value *first = &values[0];
    struct slice *texts = memory_alloc(count, sizeof(*texts));
    form->kind = FORM_JSON;
    form->fields = arena_alloc(arena, first->count, sizeof(*form->fields));
    for (size_t i = 0; i < first->count; i++) {
        struct form_field *field = &form->fields[form->field_count++];
        *field = (struct form_field){.name = arena_slice(arena, first->keys[i]), .kind = first->items[i].kind};
        for (size_t j = 0; j < count; j++)
            texts[j] = value_text(field_of(&values[j], field->name));
        count_values(texts, count, FIELD_VALUES_MOST, FIELD_USES_LEAST, arena, &field->values);
        if (field->kind == JSON_TEXT && field->values.count == 0)
            learn_frame(texts, count, arena, &field->frame);
    }
    free(texts);
}

/* Scalars alone: lists and objects within are another task. */
static bool is_flat(const struct json_value *value)
{
    if (value->kind != JSON_OBJECT || value->count == 0 || value->count > FIELDS_MOST)
        return false;
    for (size_t i = 0; i < value->count; i++)
        if (value->items[i].kind == JSON_ARRAY || value->items[i].kind == JSON_OBJECT || value->items[i].kind == JSON_NULL)
            return false;
    return true;
}

static bool learn_json(const struct slice *outputs, size_t count, struct arena *arena, struct learned_form *form)
{
    struct json_value *values = arena_alloc(arena, count, sizeof(*values));
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct error ignored = {0};
        if (json_read(outputs[i], "an output", arena, &values[kept], &ignored) && is_flat(&values[kept]) &&
            (kept == 0 || has_fields(&values[kept], &values[0])))
            kept++;
    }
    if (kept < OUTPUTS_LEAST || !is_most(kept, count))
        return false;
    learn_fields(values, kept, arena, form);
    return true;
}

/* ---- the form ---- */

static bool are_short(const struct slice *outputs, size_t count)
{
    size_t at, having = 0;
    for (size_t i = 0; i < count; i++)
        having += outputs[i].size > 0 && outputs[i].size <= LABEL_BYTES && !slice_find(outputs[i], '\n', &at);
    return having == count;
}

void learned_form_learn(const struct slice *outputs, size_t count, struct arena *arena, struct learned_form *form)
{
    enum { LABEL_USES_LEAST = 3 };
    *form = (struct learned_form){0};
    if (count < OUTPUTS_LEAST)
        return;
    if (are_short(outputs, count))
        count_values(outputs, count, LABELS_MOST, LABEL_USES_LEAST, arena, &form->labels);
    if (form->labels.count > 1) {
        form->kind = FORM_LABELS;
        return;
    }
    if (learn_json(outputs, count, arena, form))
        return;
    learn_frame(outputs, count, arena, &form->frame);
    form->kind = form->frame.tail.size > 0 ? FORM_FRAME : FORM_NONE;
}

static void frame_words(const struct form_frame *frame, struct buffer *words)
{
    struct slice tail = frame->tail;
    while (frame->is_within && tail.size > 0 && byte_among(tail.data[0], ".!? \n")) /* it ends what is said */
        tail = slice_range(tail, 1, tail.size);
    buffer_append_text(words, "text that ");
    if (frame->is_within && frame->head.size > 0)
        buffer_format(words, "begins with \"" SLICE_FORMAT "\" and ", SLICE_ARGUMENT(slice_cut(slice_trim(frame->head), 80)));
    buffer_format(words, "ends with \"" SLICE_FORMAT "\"", SLICE_ARGUMENT(slice_cut(tail, 80)));
}

const char *learned_form_words(const struct learned_form *form, struct arena *arena)
{
    struct buffer words;
    buffer_init(&words, 4 * KIB);
    if (form->kind == FORM_LABELS)
        buffer_format(&words, "one of %zu labels", form->labels.count);
    else if (form->kind == FORM_FRAME)
        frame_words(&form->frame, &words);
    else if (form->kind == FORM_NONE)
        buffer_append_text(&words, "no form in common");
    for (size_t i = 0; form->kind == FORM_JSON && i < form->field_count; i++)
        buffer_format(&words, "%s" SLICE_FORMAT, i == 0 ? "JSON with " : ", ",
                      SLICE_ARGUMENT(slice_cut(form->fields[i].name, 40)));
    const char *text = arena_text(arena, buffer_slice(&words));
    buffer_release(&words);
    return text;
}

static bool follows_json(const struct learned_form *form, struct slice text)
{
    struct arena arena;
    struct json_value value;
    struct error ignored = {0};
    arena_init(&arena);
    bool ok = json_read(text, "the answer", &arena, &value, &ignored) && value.kind == JSON_OBJECT &&
              value.count == form->field_count;
    for (size_t i = 0; ok && i < form->field_count; i++) {
        const struct form_field *field = &form->fields[i];
        const struct json_value *found = field_of(&value, field->name);
        ok = found != NULL && found->kind == field->kind &&
             (field->values.count == 0 || has_value(&field->values, value_text(found))) &&
             (field->kind != JSON_TEXT || has_frame(&field->frame, found->text));
    }
    arena_release(&arena);
    return ok;
}

bool learned_form_follows(const struct learned_form *form, struct slice text)
{
    switch (form->kind) {
    case FORM_LABELS:
        return has_value(&form->labels, slice_trim(text));
    case FORM_JSON:
        return follows_json(form, text);
    case FORM_FRAME:
        return has_frame(&form->frame, text);
    case FORM_NONE:
        break;
    }
    return true;
}

/* Texts of an object, one after the other; labels say nothing that a question asks for. */
static struct slice json_fact(const struct learned_form *form, struct slice text, struct arena *arena)
{
    struct json_value value;
    struct error ignored = {0};
    struct buffer fact;
    if (!json_read(text, "the answer", arena, &value, &ignored) || value.kind != JSON_OBJECT)
        return text;
    buffer_init(&fact, LIMIT_JSON_BYTES);
    for (size_t i = 0; i < value.count; i++) {
        const struct form_field *known = NULL;
        for (size_t j = 0; j < form->field_count; j++)
            known = slice_equal(form->fields[j].name, value.keys[i]) ? &form->fields[j] : known;
        if (value.items[i].kind != JSON_TEXT || (known != NULL && known->values.count > 0))
            continue;
        buffer_append_text(&fact, fact.size > 0 ? "\n" : "");
        buffer_append_slice(&fact, known != NULL ? within_frame(&known->frame, value.items[i].text) : value.items[i].text);
    }
    struct slice copy = arena_slice(arena, buffer_slice(&fact));
    buffer_release(&fact);
    return copy;
}

struct slice learned_form_fact(const struct learned_form *form, struct slice text, struct arena *arena)
{
    if (form->kind == FORM_JSON)
        return json_fact(form, text, arena);
    return form->kind == FORM_FRAME ? within_frame(&form->frame, text) : text;
}

struct slice learned_form_within(const struct learned_form *form, struct slice member, struct slice text)
{
    const struct form_frame *frame = form->kind == FORM_FRAME && member.size == 0 ? &form->frame : NULL;
    for (size_t i = 0; i < form->field_count; i++)
        frame = slice_equal(form->fields[i].name, member) ? &form->fields[i].frame : frame;
    struct slice within = frame != NULL ? within_frame(frame, text) : text;
    return within.size > 0 ? within : text;
}

const char *learned_form_schema(const struct learned_form *form, struct arena *arena)
{
    static const char *const types[] = {"null", "boolean", "number", "string", "array", "object"}; /* ORDER json_kind */
    struct buffer out;
    struct json_writer json;
    if (form->kind != FORM_JSON)
        return NULL;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"type", "object"}, 1);
    json_key(&json, "properties");
    json_object_begin(&json);
    for (size_t i = 0; i < form->field_count; i++) {
        const struct form_field *field = &form->fields[i];
        json_key(&json, arena_text(arena, field->name));
        json_object_begin(&json);
        json_texts(&json, &(struct json_text_member){"type", types[field->kind]}, 1);
        if (field->kind == JSON_TEXT && field->values.count > 0) {
            json_key(&json, "enum");
            json_array_begin(&json);
            for (size_t j = 0; j < field->values.count; j++)
                json_text(&json, field->values.items[j]);
            json_array_end(&json);
        }
        json_object_end(&json);
    }
    json_object_end(&json);
    json_key(&json, "required");
    json_array_begin(&json);
    for (size_t i = 0; i < form->field_count; i++)
        json_text(&json, form->fields[i].name);
    json_array_end(&json);
    json_key(&json, "additionalProperties");
    json_bool(&json, false);
    json_object_end(&json);
    const char *schema = arena_text(arena, buffer_slice(&out));
    buffer_release(&out);
    return schema;
}

void learned_form_write(const struct learned_form *form, const struct slice *labels, struct slice fact, struct buffer *out)
{
    struct json_writer json;
    struct buffer framed;
    if (form->kind == FORM_FRAME) {
        put_in_frame(&form->frame, fact, out);
        return;
    }
    buffer_init(&framed, LIMIT_JSON_BYTES);
    json_writer_init(&json, out);
    json_object_begin(&json);
    for (size_t i = 0; i < form->field_count; i++) {
        const struct form_field *field = &form->fields[i];
        char *name = memory_copy_text(field->name.data, field->name.size);
        json_key(&json, name);
        free(name);
        if (field->values.count == 0) {
            buffer_clear(&framed);
            put_in_frame(&field->frame, fact, &framed);
        }
        struct slice value = field->values.count > 0 ? labels[i] : buffer_slice(&framed);
        if (field->kind == JSON_TEXT)
            json_text(&json, value);
        else if (field->values.count > 0)
            json_raw(&json, value);
        else if (field->kind == JSON_BOOL)
            json_bool(&json, false);
        else
            json_integer(&json, 0);
    }
    json_object_end(&json);
    buffer_release(&framed);
}
