/* examples_table.c - examples in a table: values separated by commas, tabs, semicolons or bars.
 *
 * Each row becomes an object with the columns' names as keys, so that a table can hold whatever a line of JSON can. A table of two columns
 * is text and label also where its names are not both known, or where it has none: the label is the column with fewer different values.
 *
 *   message,department    one name is known: the first row names the columns
 *   Ticket;Team           none is: it does where "Team" is no label of any other row, and all others are there three times and more
 *   hello,greeting        else it is an example */
#include "examples_parts.h"
#include <assert.h>

enum { ROWS_SNIFFED = 200, ROWS_SURVEYED = 100000, NAME_BYTES = 40, NAME_WORDS = 4, TIMES_LEAST = 3 };

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

/* ---- a first row of names that are not all known ---- */

/* Two columns below their first row. */
struct survey {
    bool comes_again[2]; /* what the first row has there stands below it too, in whatever case */
    size_t labels, rarest; /* how many different ones, and how often the rarest of them */
};

static void survey_row(const struct csv_rows *rows, const struct slice *first, size_t label, struct map *labels,
                       struct survey *survey, struct arena *arena)
{
    struct slice cells[2];
    for (size_t i = 0; i < 2; i++) {
        cells[i] = lowercase(arena, rows->values[i]);
        survey->comes_again[i] = survey->comes_again[i] || slice_equal(cells[i], first[i]);
    }
    struct map_entry *entry = cells[label].size > 0 ? map_put(labels, cells[label], NULL) : NULL;
    if (entry != NULL)
        entry->value++;
}

static struct survey survey_columns(struct slice source, const struct csv_rows *head, size_t label)
{
    struct survey survey = {.rarest = SIZE_MAX};
    struct map labels;
    struct arena keep, scratch;
    struct csv_rows rows;
    arena_init(&keep);
    arena_init(&scratch);
    map_init(&labels, ROWS_SURVEYED);
    csv_rows_open(&rows, source, &keep);
    const struct slice first[2] = {lowercase(&keep, head->values[0]), lowercase(&keep, head->values[1])};
    for (size_t i = 0; i < ROWS_SURVEYED && csv_rows_next(&rows, &scratch); i++) {
        if (rows.line > head->line && rows.count == 2)
            survey_row(&rows, first, label, &labels, &survey, &scratch);
        arena_clear(&scratch);
    }
    for (size_t i = 0; i < labels.count; i++)
        survey.rarest = labels.entries[i].value < survey.rarest ? labels.entries[i].value : survey.rarest;
    survey.labels = labels.count;
    map_release(&labels);
    arena_release(&keep);
    arena_release(&scratch);
    return survey;
}

/* A few words that end no sentence, as columns are called. */
static bool is_like_name(struct slice cell)
{
    size_t words = 1;
    if (cell.size == 0 || cell.size > NAME_BYTES || strchr(".?!,:;", cell.data[cell.size - 1]) != NULL)
        return false;
    for (size_t i = 0; i < cell.size; i++) {
        if ((unsigned char)cell.data[i] < ' ')
            return false;
        words += cell.data[i] == ' ';
    }
    return words <= NAME_WORDS && !(cell.data[0] >= '0' && cell.data[0] <= '9');
}

/* Whether a known name says which of two columns is the label. */
static bool names_decide(const struct examples_reader *reader, const struct json_value *names, const struct survey *survey,
                         size_t *label)
{
    enum example_name meant[2];
    for (size_t i = 0; i < 2; i++)
        meant[i] = survey->comes_again[i] ? EXAMPLE_NAME_OTHER : example_name_of(reader, names->keys[i]);
    if (meant[0] == EXAMPLE_NAME_OTHER && meant[1] == EXAMPLE_NAME_OTHER)
        return false;
    if (meant[0] != meant[1]) /* of two of a kind, the values tell */
        *label = meant[0] == EXAMPLE_NAME_LABEL || meant[1] == EXAMPLE_NAME_TEXT ? 0 : 1;
    return true;
}

/* Whether the first of two cells a row names the columns; which one is the label is told either way. */
static bool names_two_columns(struct examples_reader *reader, const struct csv_rows *rows, const struct json_value *names,
                              size_t *label)
{
    struct arena *arena = &reader->examples->arena;
    const struct slice *keys = names->keys;
    *label = label_column(reader->source);
    const char *doubt = "";
    if (is_like_name(keys[0]) && is_like_name(keys[1]) && !slice_equal(keys[0], keys[1])) {
        struct survey survey = survey_columns(reader->source, rows, *label);
        bool is_alone = !survey.comes_again[0] && !survey.comes_again[1];
        if (names_decide(reader, names, &survey, label) || (is_alone && survey.labels > 1 && survey.rarest >= TIMES_LEAST)) {
            example_note(reader, arena_format(arena,
                                              "the first row names the columns: \"" SLICE_FORMAT
                                              "\" was taken as text, \"" SLICE_FORMAT "\" as label",
                                              SLICE_ARGUMENT(keys[1 - *label]), SLICE_ARGUMENT(keys[*label])));
            return true;
        }
        if (is_alone)
            doubt = arena_format(arena,
                                 "; if \"" SLICE_FORMAT "\" and \"" SLICE_FORMAT
                                 "\" are their names, write \"text\" and \"label\" in their place",
                                 SLICE_ARGUMENT(keys[0]), SLICE_ARGUMENT(keys[1]));
    }
    example_note(reader,
                 arena_format(arena, "the first row names no columns: the first column was taken as %s, the second as %s%s",
                              *label == 0 ? "label" : "text", *label == 0 ? "text" : "label", doubt));
    return false;
}

/* True: the first row has their names. */
static bool take_two_columns(struct examples_reader *reader, const struct csv_rows *rows, struct json_value *names)
{
    struct examples *examples = reader->examples;
    size_t label;
    bool has_names = names_two_columns(reader, rows, names, &label);
    if (!has_names) {
        struct slice *keys = arena_alloc(&examples->arena, 2, sizeof(*keys));
        keys[label] = SLICE("label");
        keys[1 - label] = SLICE("text");
        names->keys = keys;
    }
    examples->format = EXAMPLES_TEXT_LABEL;
    reader->text_name = arena_text(&examples->arena, names->keys[1 - label]);
    reader->label_name = arena_text(&examples->arena, names->keys[label]);
    if (has_names) {
        examples->text_column = reader->text_name;
        examples->label_column = reader->label_name;
    }
    return has_names;
}

/* ---- the columns ---- */

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
        *has_names = take_two_columns(reader, rows, names);
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
