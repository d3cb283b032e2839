/* examples_record.c - one record, a JSON object or the row of a table, as an example.
 *
 * The readers are strict about what would teach the wrong thing (an empty answer, an unknown role, a label of the wrong kind) and
 * pass over members that they do not know. */
#include "examples_parts.h"
#include "text/text.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const format_names[EXAMPLES_FORMATS] = {"auto",     "text-label", "input-output", "chat", "alpaca",
                                                           "sharegpt", "pairs",      "squad",        "beir"};

const char *examples_format_name(enum examples_format format)
{
    return format_names[format];
}

bool examples_format_named(const char *name, enum examples_format *format)
{
    for (size_t i = 0; i < EXAMPLES_FORMATS; i++)
        if (strcmp(format_names[i], name) == 0) {
            *format = (enum examples_format)i;
            return true;
        }
    return false;
}

enum examples_shape example_shape_of(enum examples_format format)
{
    switch (format) {
    case EXAMPLES_TEXT_LABEL:
        return EXAMPLES_LABELED;
    case EXAMPLES_PAIRS:
    case EXAMPLES_BEIR:
        return EXAMPLES_PAIRED;
    case EXAMPLES_SQUAD:
        return EXAMPLES_READING;
    default:
        return EXAMPLES_TURNS;
    }
}

const char *example_fault_name(enum example_fault fault)
{
    static const char *const names[EXAMPLE_FAULTS] = {"invalid_json",
                                                      "data_type",
                                                      "missing_key",
                                                      "wrong_type",
                                                      "empty",
                                                      "too_long",
                                                      "missing_messages_list",
                                                      "message_missing_key",
                                                      "message_unrecognized_key",
                                                      "unrecognized_role",
                                                      "missing_content",
                                                      "example_missing_assistant_message",
                                                      "unclosed_quote",
                                                      "misplaced_answer",
                                                      "unknown_reference"};
    return names[fault];
}

bool example_reject(struct examples_reader *reader, enum example_fault fault, const char *format, ...)
{
    struct examples *examples = reader->examples;
    char reason[400];
    va_list arguments;
    examples->faults[fault]++;
    if (examples->rejected_count >= LIMIT_EXAMPLES_REJECTED)
        return false;
    va_start(arguments, format);
    int size = snprintf(reason, sizeof(reason), "%s%s", reader->where, reader->where[0] != '\0' ? ": " : "");
    vsnprintf(reason + size, sizeof(reason) - (size_t)size, format, arguments);
    va_end(arguments);
    examples->rejected = memory_more(examples->rejected, examples->rejected_count, &reader->rejected_capacity,
                                     sizeof(*examples->rejected));
    examples->rejected[examples->rejected_count++] = (struct example_rejected){
        reader->line, fault, arena_text(&examples->arena, arena_line(&reader->scratch, slice_from(reason)))};
    return false;
}

void example_note(struct examples_reader *reader, const char *note)
{
    struct examples *examples = reader->examples;
    examples->note = examples->note == NULL ? note : arena_format(&examples->arena, "%s; %s", examples->note, note);
}

struct slice example_keep(struct examples_reader *reader, struct slice text)
{
    uintptr_t at = (uintptr_t)text.data, start = (uintptr_t)reader->source.data;
    if (text.size == 0)
        return SLICE("");
    if (reader->source.data != NULL && at >= start && at - start < reader->source.size)
        return text;
    return arena_slice(&reader->examples->arena, text);
}

struct slice example_join(struct examples_reader *reader, struct slice first, struct slice between, struct slice second)
{
    if (first.size == 0)
        return example_keep(reader, second);
    if (second.size == 0)
        return example_keep(reader, first);
    size_t size = first.size + between.size + second.size;
    char *joined = arena_alloc(&reader->examples->arena, size, 1);
    memcpy(joined, first.data, first.size);
    if (between.size > 0)
        memcpy(joined + first.size, between.data, between.size);
    memcpy(joined + first.size + between.size, second.data, second.size);
    return (struct slice){joined, size};
}

bool example_check_text(struct examples_reader *reader, const char *key, struct slice *text)
{
    struct slice trimmed = slice_trim(*text);
    if (trimmed.size == 0)
        return example_reject(reader, FAULT_EMPTY, "\"%.60s\" is empty", key);
    if (trimmed.size > LIMIT_EXAMPLE_BYTES)
        return example_reject(reader, FAULT_TOO_LONG, "\"%.60s\" has %zu bytes, the limit is %zu", key, trimmed.size,
                              LIMIT_EXAMPLE_BYTES);
    *text = example_keep(reader, trimmed);
    return true;
}

bool example_text(struct examples_reader *reader, const struct json_value *object, const char *key, struct slice *text)
{
    const struct json_value *value = json_get(object, key);
    if (value == NULL)
        return example_reject(reader, FAULT_MISSING_KEY, "\"%.60s\" is missing", key);
    if (value->kind != JSON_TEXT)
        return example_reject(reader, FAULT_WRONG_TYPE, "\"%.60s\" is %s, expected a text", key, json_kind_name(value->kind));
    *text = value->text;
    return example_check_text(reader, key, text);
}

bool example_add(struct examples_reader *reader, struct example example, struct error *error)
{
    struct examples *examples = reader->examples;
    if (examples->count >= LIMIT_EXAMPLES) {
        error_set(error, ERROR_LIMIT, "\"%s\" has more than %zu examples, which is the limit", reader->name, LIMIT_EXAMPLES);
        return error_hint(error, "Take a sample of it.");
    }
    example.line = reader->line;
    if (reader->where[0] != '\0')
        example.where = arena_text(&examples->arena, slice_from(reader->where));
    examples->items = memory_more(examples->items, examples->count, &reader->capacity, sizeof(*examples->items));
    examples->items[examples->count++] = example;
    return true;
}

/* ---- which form ---- */

static const char *const text_names[] = {"text",    "sentence", "utterance", "query", "question",
                                         "message", "content",  "review",    "body",  "input"};
static const char *const label_names[] = {"label", "labels", "category", "categories", "intent",    "class",
                                          "topic", "target", "tag",      "sentiment",  "label_text"};
static const char *const input_names[] = {"input", "prompt", "question"};
static const char *const output_names[] = {"output", "completion", "response", "answer"};
static const char *const query_names[] = {"query", "anchor", "question"};
static const char *const positive_names[] = {"positive", "positives", "pos"};

static const char *first_of(const struct json_value *object, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_get(object, names[i]) != NULL)
            return names[i];
    return NULL;
}

static bool is_one_of(struct slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_text(name, names[i]))
            return true;
    return false;
}

enum example_name example_name_of(const struct examples_reader *reader, struct slice name)
{
    const struct examples_options *options = reader->options;
    if (is_one_of(name, text_names, ARRAY_COUNT(text_names)) || is_one_of(name, input_names, ARRAY_COUNT(input_names)) ||
        (options->text_column != NULL && slice_equal_text(name, options->text_column)))
        return EXAMPLE_NAME_TEXT;
    if (is_one_of(name, label_names, ARRAY_COUNT(label_names)) || is_one_of(name, output_names, ARRAY_COUNT(output_names)) ||
        (options->label_column != NULL && slice_equal_text(name, options->label_column)))
        return EXAMPLE_NAME_LABEL;
    return EXAMPLE_NAME_OTHER;
}

static bool has_kind(const struct json_value *object, const char *key, enum json_kind kind)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == kind;
}

/* Text and label are there by the names that were told, else by usual ones; those that were found are remembered. */
static bool finds_labels(struct examples_reader *reader, const struct json_value *object)
{
    const struct examples_options *options = reader->options;
    const char *text = options->text_name != NULL ? options->text_name : first_of(object, text_names, ARRAY_COUNT(text_names));
    const char *label = options->label_name != NULL ? options->label_name
                                                    : first_of(object, label_names, ARRAY_COUNT(label_names));
    if (label == NULL && options->wants_labels)
        label = first_of(object, output_names, ARRAY_COUNT(output_names));
    if (text == NULL && options->wants_labels)
        text = first_of(object, input_names, ARRAY_COUNT(input_names));
    if (text == NULL || label == NULL || json_get(object, text) == NULL || json_get(object, label) == NULL)
        return false;
    reader->text_name = text;
    reader->label_name = label;
    return true;
}

static bool finds_both(struct examples_reader *reader, const struct json_value *object, const char *const *firsts,
                       size_t first_count, const char *const *seconds, size_t second_count)
{
    const char *first = first_of(object, firsts, first_count), *second = first_of(object, seconds, second_count);
    if (first == NULL || second == NULL)
        return false;
    reader->text_name = first;
    reader->label_name = second;
    return true;
}

static bool finds_pairs(struct examples_reader *reader, const struct json_value *object)
{
    return finds_both(reader, object, query_names, ARRAY_COUNT(query_names), positive_names, ARRAY_COUNT(positive_names));
}

static bool finds_input(struct examples_reader *reader, const struct json_value *object)
{
    return finds_both(reader, object, input_names, ARRAY_COUNT(input_names), output_names, ARRAY_COUNT(output_names));
}

enum examples_format example_format_of(struct examples_reader *reader, const struct json_value *object)
{
    enum examples_format told = reader->options->format;
    if (object->kind != JSON_OBJECT)
        return EXAMPLES_AUTO;
    if (told == EXAMPLES_TEXT_LABEL || told == EXAMPLES_PAIRS || told == EXAMPLES_INPUT_OUTPUT) {
        bool finds = told == EXAMPLES_PAIRS          ? finds_pairs(reader, object)
                     : told == EXAMPLES_INPUT_OUTPUT ? finds_input(reader, object)
                                                     : finds_labels(reader, object);
        return finds ? told : EXAMPLES_AUTO;
    }
    if (told != EXAMPLES_AUTO)
        return told;
    if (reader->options->text_name != NULL || reader->options->label_name != NULL)
        return finds_labels(reader, object) ? EXAMPLES_TEXT_LABEL : EXAMPLES_AUTO;
    if (json_get(object, "messages") != NULL)
        return EXAMPLES_CHAT;
    if (json_get(object, "conversations") != NULL)
        return EXAMPLES_SHAREGPT;
    if (has_kind(object, "data", JSON_ARRAY))
        return EXAMPLES_SQUAD;
    if (json_get(object, "instruction") != NULL && json_get(object, "output") != NULL)
        return EXAMPLES_ALPACA;
    if (finds_pairs(reader, object))
        return EXAMPLES_PAIRS;
    if (finds_labels(reader, object))
        return EXAMPLES_TEXT_LABEL;
    return finds_input(reader, object) ? EXAMPLES_INPUT_OUTPUT : EXAMPLES_AUTO;
}

/* ---- text and label ---- */

static bool label_number(struct examples_reader *reader, struct slice name, uint32_t *number)
{
    struct examples *examples = reader->examples;
    struct map_entry *entry = map_get(&reader->labels, name);
    if (entry == NULL) {
        bool is_new;
        entry = map_put(&reader->labels, name, &is_new);
        if (entry == NULL)
            return example_reject(reader, FAULT_TOO_LONG, "more than %zu different labels", LIMIT_EXAMPLES_LABELS);
        entry->value = examples->label_count;
        examples->labels = memory_more(examples->labels, examples->label_count, &reader->label_capacity,
                                       sizeof(*examples->labels));
        examples->labels[examples->label_count++] = arena_slice(&examples->arena, name);
    }
    *number = (uint32_t)entry->value;
    return true;
}

/* A text, a number, true or false. */
static bool label_of(struct examples_reader *reader, const struct json_value *value, uint32_t *number)
{
    struct slice name = slice_trim(value->text);
    if (value->kind == JSON_BOOL)
        name = value->boolean ? SLICE("true") : SLICE("false");
    else if (value->kind != JSON_TEXT && value->kind != JSON_NUMBER)
        return example_reject(reader, FAULT_WRONG_TYPE, "\"%.60s\" is %s, expected a text or a number", reader->label_name,
                              json_kind_name(value->kind));
    if (name.size == 0)
        return example_reject(reader, FAULT_EMPTY, "\"%.60s\" is empty", reader->label_name);
    if (name.size > LIMIT_LABEL_BYTES)
        return example_reject(reader, FAULT_TOO_LONG, "the label has %zu bytes, the limit is %zu", name.size,
                              LIMIT_LABEL_BYTES);
    struct slice composed = text_composed(name, &reader->scratch);
    reader->composed += composed.data != name.data;
    return label_number(reader, composed, number);
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static bool take_labels(struct examples_reader *reader, const struct json_value *value, struct example *example)
{
    bool is_list = value->kind == JSON_ARRAY;
    size_t count = is_list ? value->count : 1, kept = 0;
    uint32_t *labels = arena_alloc(&reader->examples->arena, count > 0 ? count : 1, sizeof(*labels));
    for (size_t i = 0; i < count; i++)
        if (!label_of(reader, is_list ? &value->items[i] : value, &labels[i]))
            return false;
    qsort(labels, count, sizeof(*labels), by_number);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || labels[i] != labels[i - 1])
            labels[kept++] = labels[i];
    reader->examples->has_several = reader->examples->has_several || (is_list && kept != 1);
    example->labels = labels;
    example->label_count = kept;
    return true;
}

static bool take_labeled(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    const struct json_value *label = json_get(object, reader->label_name);
    if (!example_text(reader, object, reader->text_name, &example->text))
        return false;
    if (label == NULL || label->kind == JSON_NULL)
        return example_reject(reader, FAULT_MISSING_KEY, "\"%.60s\" is %s", reader->label_name,
                              label == NULL ? "missing" : "null");
    return take_labels(reader, label, example);
}

/* ---- pairs ---- */

/* A text, or a list of them. */
static bool take_texts(struct examples_reader *reader, const char *key, const struct json_value *value,
                       const struct slice **texts, size_t *count)
{
    bool is_list = value->kind == JSON_ARRAY;
    size_t total = is_list ? value->count : 1;
    struct slice *kept = arena_alloc(&reader->examples->arena, total > 0 ? total : 1, sizeof(*kept));
    for (size_t i = 0; i < total; i++) {
        const struct json_value *item = is_list ? &value->items[i] : value;
        if (item->kind != JSON_TEXT)
            return example_reject(reader, FAULT_WRONG_TYPE, "\"%s\" holds %s, expected a text", key,
                                  json_kind_name(item->kind));
        kept[i] = item->text;
        if (!example_check_text(reader, key, &kept[i]))
            return false;
    }
    *texts = kept;
    *count = total;
    return true;
}

static bool take_pair(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    static const char *const names[] = {"negative", "negatives", "neg", "hard_negatives"};
    const struct json_value *positive = json_get(object, reader->label_name);
    if (!example_text(reader, object, reader->text_name, &example->text))
        return false;
    if (positive == NULL)
        return example_reject(reader, FAULT_MISSING_KEY, "\"%s\" is missing", reader->label_name);
    if (!take_texts(reader, reader->label_name, positive, &example->positives, &example->positive_count))
        return false;
    if (example->positive_count == 0)
        return example_reject(reader, FAULT_EMPTY, "\"%s\" is empty", reader->label_name);
    const char *name = first_of(object, names, ARRAY_COUNT(names));
    const struct json_value *negative = name != NULL ? json_get(object, name) : NULL;
    bool is_there = negative != NULL && negative->kind != JSON_NULL &&
                    (negative->kind != JSON_TEXT || slice_trim(negative->text).size > 0);
    return !is_there || take_texts(reader, name, negative, &example->negatives, &example->negative_count);
}

/* A text or a number that says with which others the example must stay. */
static bool take_group(struct examples_reader *reader, const struct json_value *object, struct example *example)
{
    const char *name = reader->options->group_name;
    const struct json_value *value = name != NULL ? json_get(object, name) : NULL;
    if (name == NULL)
        return true;
    if (value == NULL || value->kind == JSON_NULL)
        return example_reject(reader, FAULT_MISSING_KEY, "\"%.60s\" is %s", name, value == NULL ? "missing" : "null");
    if (value->kind != JSON_TEXT && value->kind != JSON_NUMBER)
        return example_reject(reader, FAULT_WRONG_TYPE, "\"%.60s\" is %s, expected a text or a number", name,
                              json_kind_name(value->kind));
    example->group = value->text;
    return example_check_text(reader, name, &example->group);
}

bool example_take(struct examples_reader *reader, const struct json_value *value, struct error *error)
{
    struct example example = {.text = {"", 0}, .tools = {"", 0}, .group = {"", 0}, .context = {"", 0}};
    bool is_taken;
    if (value->kind != JSON_OBJECT)
        is_taken = example_reject(reader, FAULT_DATA_TYPE, "%s, expected an object", json_kind_name(value->kind));
    else if (!take_group(reader, value, &example)) /* before its label is known to the set */
        is_taken = false;
    else if (reader->examples->shape == EXAMPLES_LABELED)
        is_taken = take_labeled(reader, value, &example);
    else if (reader->examples->shape == EXAMPLES_PAIRED)
        is_taken = take_pair(reader, value, &example);
    else
        is_taken = example_take_turns(reader, value, &example);
    return !is_taken || example_add(reader, example, error);
}
