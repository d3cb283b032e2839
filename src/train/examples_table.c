/* examples_table.c - examples in a table: values separated by commas, tabs, semicolons or bars.
 *
 * Each row becomes an object with the columns' names as keys, so that a table can hold whatever a line of JSON can. Without a row of names
 * a table of two columns is text and label: the label is the column with fewer different values. */
#include "examples_parts.h"
#include <assert.h>

enum { ROWS_SNIFFED = 200 };

static struct slice lowercase(struct arena *arena, struct slice text)
{
    struct slice trimmed = slice_trim(text);
    char *out = arena_alloc(arena, trimmed.size + 1, 1);
    for (size_t i = 0; i < trimmed.size; i++)
        out[i] = (char)(trimmed.data[i] >= 'A' && trimmed.data[i] <= 'Z' ? trimmed.data[i] + 32 : trimmed.data[i]);
    return (struct slice){out, trimmed.size};
}

/* A column's name as it is looked for: in small letters, or as the person has written it. */
static struct slice key_of(struct examples_reader *reader, struct slice name)
{
    struct arena *arena = &reader->examples->arena;
    const char *const given[] = {reader->options->text_name, reader->options->label_name, reader->options->group_name};
    struct slice small = lowercase(arena, name);
    for (size_t i = 0; i < ARRAY_COUNT(given); i++)
        if (given[i] != NULL && slice_equal(lowercase(arena, slice_from(given[i])), small))
            return slice_from(given[i]);
    return small;
}

/* The first row as the keys of an object whose values are all texts. */
static struct json_value object_of_names(struct examples_reader *reader, const struct csv_rows *rows)
{
    struct arena *arena = &reader->examples->arena;
    struct slice *keys = arena_alloc(arena, rows->count, sizeof(*keys));
    struct json_value *items = arena_alloc(arena, rows->count, sizeof(*items));
    for (size_t i = 0; i < rows->count; i++) {
        keys[i] = key_of(reader, rows->values[i]);
        items[i] = (struct json_value){.kind = JSON_TEXT, .text = {"", 0}};
    }
    return (struct json_value){.kind = JSON_OBJECT, .count = rows->count, .keys = keys, .items = items};
}

/* Which of two columns has fewer different values, over the first rows. */
static size_t label_column(struct slice source)
{
    struct map seen[2];
    struct arena arena;
    struct csv_rows rows;
    arena_init(&arena);
    map_init(&seen[0], ROWS_SNIFFED);
    map_init(&seen[1], ROWS_SNIFFED);
    csv_rows_open(&rows, source, &arena);
    for (size_t i = 0; i < ROWS_SNIFFED && csv_rows_next(&rows, &arena); i++)
        for (size_t j = 0; j < 2 && j < rows.count; j++)
            (void)map_put(&seen[j], slice_trim(rows.values[j]), NULL);
    size_t column = seen[0].count < seen[1].count ? 0 : 1;
    map_release(&seen[0]);
    map_release(&seen[1]);
    arena_release(&arena);
    return column;
}

/* A name that was told, and that no column has; NULL: none. */
static const char *absent_column(const struct examples_reader *reader, const struct json_value *names)
{
    const char *const told[] = {reader->options->text_name, reader->options->label_name};
    for (size_t i = 0; i < ARRAY_COUNT(told); i++)
        if (told[i] != NULL && json_get(names, told[i]) == NULL)
            return told[i];
    return NULL;
}

static bool refuse_columns(struct examples_reader *reader, const struct json_value *names, struct error *error)
{
    struct buffer known;
    const char *absent = absent_column(reader, names);
    buffer_init(&known, KIB);
    for (size_t i = 0; i < names->count && i < 8; i++)
        buffer_format(&known, "%s\"%.*s\"", i > 0 ? ", " : "", (int)(names->keys[i].size < 40 ? names->keys[i].size : 40),
                      names->keys[i].data);
    if (absent != NULL)
        error_set(error, ERROR_INVALID, "no column of \"%s\" is called \"%.60s\": the first row is %s", reader->name, absent,
                  known.size > 0 ? buffer_text(&known) : "empty");
    else
        error_set(error, ERROR_INVALID, "could not tell which columns of \"%s\" hold text and label: the first row is %s",
                  reader->name, known.size > 0 ? buffer_text(&known) : "empty");
    buffer_release(&known);
    return error_hint(error, absent != NULL ? "Give --text and --label names that stand in the first row."
                                            : "Name them text and label in the first row, or tell their names.");
}

/* Names the columns, from the first row or without it. */
static bool find_columns(struct examples_reader *reader, const struct csv_rows *rows, struct json_value *names, bool *has_names,
                         struct error *error)
{
    struct examples *examples = reader->examples;
    *names = object_of_names(reader, rows);
    examples->format = example_format_of(reader, names);
    *has_names = examples->format != EXAMPLES_AUTO && examples->format != EXAMPLES_CHAT &&
                 examples->format != EXAMPLES_SHAREGPT && examples->format != EXAMPLES_SQUAD;
    bool may_lack = reader->options->format == EXAMPLES_AUTO || reader->options->format == EXAMPLES_TEXT_LABEL;
    if (!*has_names && rows->count == 2 && may_lack && reader->options->text_name == NULL &&
        reader->options->label_name == NULL) {
        size_t label = label_column(reader->source);
        struct slice *keys = arena_alloc(&examples->arena, 2, sizeof(*keys));
        keys[label] = SLICE("label");
        keys[1 - label] = SLICE("text");
        names->keys = keys;
        examples->format = example_format_of(reader, names);
        examples->note = label == 0 ? "the first row names no columns: the first column was taken as label, the second as text"
                                    : "the first row names no columns: the first column was taken as text, the second as label";
    } else if (!*has_names) {
        return refuse_columns(reader, names, error);
    }
    examples->shape = example_shape_of(examples->format);
    examples->stated = arena_format(&examples->arena, "a table with the columns \"%s\" and \"%s\" (%s)",
                                    reader->text_name != NULL ? reader->text_name : "instruction",
                                    reader->label_name != NULL ? reader->label_name : "output",
                                    examples_format_name(examples->format));
    return true;
}

static bool take_row(struct examples_reader *reader, const struct csv_rows *rows, const struct json_value *names,
                     struct error *error)
{
    struct json_value *items = arena_alloc(&reader->scratch, names->count, sizeof(*items));
    for (size_t i = 0; i < names->count; i++)
        items[i] = (struct json_value){.kind = JSON_TEXT, .text = i < rows->count ? rows->values[i] : SLICE("")};
    bool is_other = rows->count != names->count;
    if (is_other && rows->count < 2) {
        example_reject(reader, FAULT_MISSING_KEY, "the row has %zu value%s, expected %zu", rows->count,
                       rows->count == 1 ? "" : "s", names->count);
        return true;
    }
    if (is_other && rows->count > names->count) { /* a separator within a text without quotes: which part is the label? */
        example_reject(reader, FAULT_DATA_TYPE, "the row has %zu values, expected %zu: a text with \"%c\" in it needs quotes",
                       rows->count, names->count, rows->separator);
        return true;
    }
    struct json_value object = {.kind = JSON_OBJECT, .count = names->count, .keys = names->keys, .items = items};
    return example_take(reader, &object, error);
}

static bool is_blank(const struct csv_rows *rows)
{
    return !rows->is_unclosed && rows->count <= 1 && (rows->count == 0 || slice_trim(rows->values[0]).size == 0);
}

bool examples_read_table(struct examples_reader *reader, struct error *error)
{
    struct arena keep;
    struct csv_rows rows;
    struct json_value names;
    bool ok = true, has_names = false, is_first = true;
    arena_init(&keep);
    csv_rows_open(&rows, reader->source, &keep);
    while (ok && csv_rows_next(&rows, &reader->scratch)) {
        reader->line = rows.line;
        if (is_blank(&rows)) {
            arena_clear(&reader->scratch);
            continue;
        }
        if (is_first) {
            ok = find_columns(reader, &rows, &names, &has_names, error);
            is_first = false;
            if (!ok || has_names) {
                arena_clear(&reader->scratch);
                continue;
            }
        }
        if (rows.is_unclosed) {
            example_reject(reader, FAULT_UNCLOSED_QUOTE, "a quote opens that nothing closes");
        } else {
            ok = take_row(reader, &rows, &names, error);
        }
        arena_clear(&reader->scratch);
    }
    arena_release(&keep);
    return ok;
}
