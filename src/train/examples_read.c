/* examples_read.c - finds out what a file of examples is, and reads it record by record.
 *
 *   '{' …  lines of JSON, unless the whole is one document (SQuAD)
 *   '[' …  a JSON array of records
 *   else   a table
 *
 * The whole file is held in memory, and texts point into it where nothing is escaped, so that an example costs little more than its bytes. */
#include "examples_parts.h"
#include "text/text.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { LINES_SNIFFED = 64 };

static void reader_init(struct examples_reader *reader, struct examples *examples, const char *name,
                        const struct examples_options *options)
{
    *examples = (struct examples){.stated = ""};
    arena_init(&examples->arena);
    buffer_init(&examples->source, LIMIT_EXAMPLES_BYTES);
    *reader = (struct examples_reader){.examples = examples, .options = options, .name = name};
    arena_init(&reader->scratch);
    map_init(&reader->labels, LIMIT_EXAMPLES_LABELS);
}

static void reader_release(struct examples_reader *reader)
{
    arena_release(&reader->scratch);
    map_release(&reader->labels);
}

void examples_release(struct examples *examples)
{
    free(examples->items);
    free(examples->labels);
    free(examples->rejected);
    arena_release(&examples->arena);
    buffer_release(&examples->source);
    *examples = (struct examples){.stated = ""};
}

struct slice example_output(const struct examples *examples, const struct example *example)
{
    if (examples->shape == EXAMPLES_LABELED)
        return example->label_count == 1 ? examples->labels[example->labels[0]] : (struct slice){0};
    for (size_t i = example->turn_count; i > 0; i--)
        if (example->turns[i - 1].role == TURN_ASSISTANT)
            return example->turns[i - 1].text;
    return (struct slice){0};
}

/* ---- JSON lines ---- */

/* The parser names line and column; the line here is the record's. */
static void reject_json(struct examples_reader *reader, const struct error *why)
{
    const char *reason = strstr(why->message, ": ");
    example_reject(reader, FAULT_INVALID_JSON, "%s", reason != NULL ? reason + 2 : why->message);
}

bool examples_each_line(struct examples_reader *reader, struct slice text,
                        bool (*take)(struct examples_reader *reader, const struct json_value *object, struct error *error),
                        struct error *error)
{
    struct slice rest = text, line;
    bool ok = true;
    for (reader->line = 1; ok && slice_next(&rest, '\n', &line); reader->line++) {
        struct json_value root;
        struct error why;
        if (slice_trim(line).size == 0)
            continue;
        arena_clear(&reader->scratch);
        reader->record = line;
        if (line.size > LIMIT_TEXT_BYTES)
            example_reject(reader, FAULT_TOO_LONG, "the line has %zu bytes, the limit is %zu", line.size, LIMIT_TEXT_BYTES);
        else if (json_read(line, "line", &reader->scratch, &root, &why))
            ok = take(reader, &root, error);
        else
            reject_json(reader, &why);
    }
    return ok;
}

static void state(struct examples_reader *reader, const char *build)
{
    struct examples *examples = reader->examples;
    const char *text = reader->text_name, *label = reader->label_name;
    if (text != NULL && label != NULL)
        examples->stated = arena_format(&examples->arena, "%s with \"%s\" and \"%s\" (%s)", build, text, label,
                                        examples_format_name(examples->format));
    else
        examples->stated = arena_format(&examples->arena, "%s of the form %s", build, examples_format_name(examples->format));
}

static bool refuse_unknown(struct examples_reader *reader, const struct json_value *object, struct error *error)
{
    struct buffer keys;
    buffer_init(&keys, KIB);
    for (size_t i = 0; i < object->count && i < 8; i++)
        buffer_format(&keys, "%s\"%.*s\"", i > 0 ? ", " : "", (int)(object->keys[i].size < 40 ? object->keys[i].size : 40),
                      object->keys[i].data);
    error_set(error, ERROR_INVALID, "could not tell the form of the examples in \"%s\": the records have %s", reader->name,
              keys.size > 0 ? buffer_text(&keys) : "no members");
    buffer_release(&keys);
    return error_hint(error,
                      "Name the members that hold text and label, or give them usual names: text and label, input and output, "
                      "messages, instruction and output, query and positive.");
}

/* ---- which build ---- */

struct sniffed {
    enum examples_format format;
    bool is_document; /* no line is a record: the whole may be one */
    struct json_value unknown; /* the first object of no form; its keys live in the scratch arena */
    bool has_unknown;
};

static void sniff_lines(struct examples_reader *reader, struct sniffed *sniffed)
{
    struct slice rest = reader->source, line;
    size_t objects = 0;
    *sniffed = (struct sniffed){.format = EXAMPLES_AUTO};
    for (size_t i = 0; i < LINES_SNIFFED && sniffed->format == EXAMPLES_AUTO && slice_next(&rest, '\n', &line); i++) {
        struct json_value root;
        struct error ignored;
        if (slice_trim(line).size == 0 || (line.size > LIMIT_TEXT_BYTES && i > 0) ||
            !json_read(line, "line", &reader->scratch, &root, &ignored) || root.kind != JSON_OBJECT)
            continue;
        objects++;
        sniffed->format = example_format_of(reader, &root);
        if (sniffed->format == EXAMPLES_AUTO && !sniffed->has_unknown) {
            sniffed->unknown = root;
            sniffed->has_unknown = true;
        }
    }
    sniffed->is_document = objects == 0 || sniffed->format == EXAMPLES_SQUAD;
}

static bool take_array(struct examples_reader *reader, const struct json_value *root, struct error *error)
{
    struct examples *examples = reader->examples;
    size_t at = 0;
    for (size_t i = 0; i < root->count && examples->format == EXAMPLES_AUTO; i++)
        examples->format = example_format_of(reader, &root->items[i]);
    if (examples->format == EXAMPLES_AUTO) {
        struct json_value none = {.kind = JSON_OBJECT};
        return refuse_unknown(reader, root->count > 0 && root->items[0].kind == JSON_OBJECT ? &root->items[0] : &none, error);
    }
    if (examples->format == EXAMPLES_SQUAD)
        return error_set(error, ERROR_INVALID, "\"%s\" is a list, expected an object with \"data\"", reader->name);
    examples->shape = example_shape_of(examples->format);
    state(reader, "a JSON list");
    reader->line = 1;
    for (size_t i = 0; i < root->count; i++) {
        for (; at < root->items[i].at; at++)
            reader->line += reader->source.data[at] == '\n';
        if (!example_take(reader, &root->items[i], error))
            return false;
    }
    return true;
}

/* The whole as one JSON value. */
static bool read_document(struct examples_reader *reader, struct error *error)
{
    struct examples *examples = reader->examples;
    struct json_value root;
    struct arena tree; /* the scratch arena is cleared record by record */
    arena_init(&tree);
    reader->record = reader->source;
    bool ok = json_read(reader->source, reader->name, &tree, &root, error);
    if (ok && root.kind == JSON_ARRAY) {
        ok = take_array(reader, &root, error);
    } else if (ok && json_get(&root, "data") != NULL && json_get(&root, "data")->kind == JSON_ARRAY) {
        examples->format = EXAMPLES_SQUAD;
        examples->shape = EXAMPLES_READING;
        examples->stated = "questions on passages, as SQuAD has them (squad)";
        ok = examples_take_squad(reader, &root, error);
    } else if (ok) {
        ok = refuse_unknown(reader, &root, error);
    }
    arena_release(&tree);
    return ok;
}

static bool read_lines(struct examples_reader *reader, struct error *error)
{
    struct examples *examples = reader->examples;
    struct sniffed sniffed;
    sniff_lines(reader, &sniffed);
    if (sniffed.is_document)
        return read_document(reader, error);
    if (sniffed.format == EXAMPLES_AUTO)
        return refuse_unknown(reader, &sniffed.unknown, error);
    examples->format = sniffed.format;
    examples->shape = example_shape_of(sniffed.format);
    state(reader, "JSON lines");
    return examples_each_line(reader, reader->source, example_take, error);
}

/* ---- labels in order ---- */

struct label_order {
    struct slice name;
    double number;
    uint32_t was;
};

static int by_label_number(const void *a, const void *b)
{
    const struct label_order *left = a, *right = b;
    int order = (left->number > right->number) - (left->number < right->number);
    return order != 0 ? order : slice_compare(left->name, right->name);
}

static int by_label_name(const void *a, const void *b)
{
    const struct label_order *left = a, *right = b;
    return slice_compare(left->name, right->name);
}

static int by_value(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

void examples_order_labels(struct examples *examples)
{
    size_t count = examples->label_count;
    if (count == 0)
        return;
    struct label_order *order = memory_alloc(count, sizeof(*order));
    uint32_t *now = memory_alloc(count, sizeof(*now));
    bool are_numbers = true;
    for (size_t i = 0; i < count; i++) {
        order[i] = (struct label_order){examples->labels[i], 0, (uint32_t)i};
        are_numbers = are_numbers && slice_to_double(examples->labels[i], &order[i].number);
    }
    qsort(order, count, sizeof(*order), are_numbers ? by_label_number : by_label_name);
    for (size_t i = 0; i < count; i++) {
        examples->labels[i] = order[i].name;
        now[order[i].was] = (uint32_t)i;
    }
    for (size_t i = 0; i < examples->count; i++) {
        struct example *example = &examples->items[i];
        uint32_t *labels = arena_alloc(&examples->arena, example->label_count + 1, sizeof(*labels));
        for (size_t j = 0; j < example->label_count; j++)
            labels[j] = now[example->labels[j]];
        qsort(labels, example->label_count, sizeof(*labels), by_value);
        example->labels = labels;
    }
    free(order);
    free(now);
}

/* ---- all of it ---- */

static void tell_composed(struct examples_reader *reader)
{
    struct examples *examples = reader->examples;
    example_note(reader, arena_format(&examples->arena,
                                      "%zu label%s accents as characters of their own, and %s taken as written in one",
                                      reader->composed, reader->composed == 1 ? " has" : "s have",
                                      reader->composed == 1 ? "was" : "were"));
}

static bool finish(struct examples_reader *reader, struct error *error)
{
    struct examples *examples = reader->examples;
    if (reader->composed > 0)
        tell_composed(reader);
    examples->records = examples->count;
    for (size_t i = 0; i < EXAMPLE_FAULTS; i++)
        examples->records += examples->faults[i];
    if (examples->records == 0)
        return error_set(error, ERROR_INVALID, "\"%s\" has no examples", reader->name);
    if (examples->shape == EXAMPLES_LABELED)
        examples_order_labels(examples);
    if (examples->count > 0)
        return true;
    const struct example_rejected *first = &examples->rejected[0];
    error_set(error, ERROR_INVALID, "none of the %zu records of \"%s\" is an example: line %zu: %s", examples->records,
              reader->name, first->line, first->reason);
    return error_hint(error, "The records were taken as %.140s.", examples->stated);
}

static bool read_all(struct examples_reader *reader, struct error *error)
{
    struct slice rest = slice_trim(reader->source);
    if (slice_starts_with(rest, SLICE("\xEF\xBB\xBF"))) {
        reader->source = slice_range(rest, 3, rest.size);
        rest = slice_trim(reader->source);
    }
    if (reader->options->format == EXAMPLES_BEIR) {
        error_set(error, ERROR_INVALID, "\"%s\" is a file, expected a folder", reader->name);
        return error_hint(error, "BEIR's form is a folder with corpus.jsonl, queries.jsonl and qrels/train.tsv.");
    }
    bool ok = rest.size == 0        ? true
              : rest.data[0] == '{' ? read_lines(reader, error)
              : rest.data[0] == '[' ? read_document(reader, error)
                                    : examples_read_table(reader, error);
    return ok && finish(reader, error);
}

bool examples_read(struct examples *examples, struct slice source, const char *name, const struct examples_options *options,
                   struct error *error)
{
    struct examples_reader reader;
    reader_init(&reader, examples, name, options);
    reader.source = source;
    bool ok = read_all(&reader, error);
    reader_release(&reader);
    return ok;
}

/* ---- files ---- */

static bool unpack(struct buffer *bytes, const char *path, struct error *error)
{
    struct buffer packed = *bytes;
    buffer_init(bytes, LIMIT_EXAMPLES_BYTES);
    bool ok = gzip_read(buffer_slice(&packed), path, bytes, error);
    buffer_release(&packed);
    return ok;
}

bool examples_file(const char *path, struct buffer *out, unsigned char hash[32], struct error *error)
{
    if (!file_read(path, LIMIT_EXAMPLES_BYTES, out, error))
        return false;
    crypto_hash_sha256(hash, (const unsigned char *)(out->data != NULL ? out->data : ""), out->size);
    return !gzip_is(buffer_slice(out)) || unpack(out, path, error);
}

/* A table that is not in UTF-8 is turned into it; JSON is always UTF-8. */
static bool turn_into_utf8(struct examples_reader *reader, struct error *error)
{
    struct examples *examples = reader->examples;
    struct slice source = buffer_slice(&examples->source), start = slice_trim(source);
    const char *encoding;
    size_t bad_at;
    bool is_json = start.size > 0 && (start.data[0] == '{' || start.data[0] == '[');
    if (is_json || text_is_utf8(source, &bad_at) || !encoding_detect(source, SLICE(""), &encoding) ||
        strcmp(encoding, "utf-8") == 0)
        return true;
    struct buffer was = examples->source;
    buffer_init(&examples->source, LIMIT_EXAMPLES_BYTES);
    bool ok = encoding_to_utf8(buffer_slice(&was), encoding, &examples->source, error) &&
              buffer_finish(&examples->source, reader->name, error);
    buffer_release(&was);
    example_note(reader, arena_format(&examples->arena, "it is not in UTF-8 and was read as %s", encoding));
    return ok;
}

static bool open_file(struct examples_reader *reader, const char *path, struct error *error)
{
    struct examples *examples = reader->examples;
    if (!examples_file(path, &examples->source, examples->hash, error) || !turn_into_utf8(reader, error))
        return false;
    reader->source = buffer_slice(&examples->source);
    return read_all(reader, error);
}

bool examples_open(struct examples *examples, const char *path, const struct examples_options *options, struct error *error)
{
    struct examples_reader reader;
    struct stat status;
    reader_init(&reader, examples, path, options);
    bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    bool ok = is_folder ? examples_open_folder(&reader, path, error) && finish(&reader, error)
                        : open_file(&reader, path, error);
    reader_release(&reader);
    return ok;
}
