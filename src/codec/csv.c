/* csv.c - tables of values separated by commas, tabs, semicolons or bars, a block a record.
 *
 *   source   name,city⏎ "Ann ""A."" B",Oslo⏎        text   name: Ann "A." B | city: Oslo
 *
 * RFC 4180, and what is met beyond it: other separators (the one that divides the first records most evenly), any line end, quotes within
 * unquoted values, a last record without a line end. The first record names the columns when it looks like names; then each value stands
 * behind its name, so that a record can be understood, and found, by itself. Empty values are left out. */
#include "block.h"
#include <string.h>

enum { COLUMNS_MAX = 1024, SAMPLE_RECORDS = 32, NAME_BYTES_MAX = 64 };

struct csv_reader {
    struct slice source;
    size_t at;
    char separator;
    bool ended_line; /* the value read last was the last of its record */
    bool is_unclosed; /* a quote was opened that nothing closes */
    bool is_torn; /* a value of several lines was closed by a quote that more text follows: that quote opens another value */
};

/* A value as it stands in the source, without its quotes; doubled quotes are still doubled. */
struct csv_value {
    struct slice text;
    bool has_quotes; /* within, doubled */
    bool was_quoted;
};

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static void take_line_end(struct csv_reader *reader)
{
    const struct slice *source = &reader->source;
    reader->at += source->data[reader->at] == '\r' && reader->at + 1 < source->size && source->data[reader->at + 1] == '\n' ? 2
                                                                                                                            : 1;
}

/* Behind the opening quote; to behind the closing one, or to the end of the source. */
static void read_quoted(struct csv_reader *reader, struct csv_value *value)
{
    const struct slice *source = &reader->source;
    size_t start = reader->at;
    for (;;) {
        const char *quote = reader->at < source->size ? memchr(source->data + reader->at, '"', source->size - reader->at)
                                                      : NULL;
        if (quote == NULL) {
            reader->is_unclosed = true;
            reader->at = source->size;
            value->text = slice_range(*source, start, source->size);
            return;
        }
        size_t at = (size_t)(quote - source->data);
        if (at + 1 < source->size && source->data[at + 1] == '"') {
            value->has_quotes = true;
            reader->at = at + 2;
            continue;
        }
        value->text = slice_range(*source, start, at);
        reader->at = at + 1;
        return;
    }
}

/* The next value. Whatever stands between a closing quote and the separator is passed over. */
static void read_value(struct csv_reader *reader, struct csv_value *value)
{
    const struct slice *source = &reader->source;
    *value = (struct csv_value){.text = {"", 0}};
    if (reader->at < source->size && source->data[reader->at] == '"') {
        reader->at++;
        value->was_quoted = true;
        read_quoted(reader, value);
    }
    size_t start = reader->at;
    while (reader->at < source->size && source->data[reader->at] != reader->separator && !is_line_end(source->data[reader->at]))
        reader->at++;
    if (value->was_quoted && slice_trim(slice_range(*source, start, reader->at)).size > 0)
        reader->is_torn = reader->is_torn || memchr(value->text.data, '\n', value->text.size) != NULL;
    if (!value->was_quoted)
        value->text = slice_range(*source, start, reader->at);
    reader->ended_line = reader->at >= source->size || is_line_end(source->data[reader->at]);
    if (reader->at < source->size && reader->ended_line)
        take_line_end(reader);
    else if (reader->at < source->size)
        reader->at++;
}

/* Reads up to `capacity` values of a record and passes over the rest of it; how many there were. */
static size_t read_record(struct csv_reader *reader, struct csv_value *values, size_t capacity)
{
    size_t count = 0;
    do {
        struct csv_value value;
        read_value(reader, &value);
        if (count < capacity)
            values[count] = value;
        count++;
    } while (!reader->ended_line);
    return count;
}

/* ---- which separator, and whether there are names ---- */

/* How many of the first records have as many values as the first one; 0 when that is one. */
static size_t evenness(struct slice source, char separator)
{
    struct csv_reader reader = {.source = source, .separator = separator};
    size_t columns = 0, even = 0;
    for (size_t i = 0; i < SAMPLE_RECORDS && reader.at < source.size; i++) {
        size_t count = read_record(&reader, NULL, 0);
        if (i == 0)
            columns = count;
        even += count == columns;
    }
    return columns > 1 ? even : 0;
}

static char separator_of(struct slice source)
{
    static const char separators[] = {',', '\t', ';', '|'};
    char best = ',';
    size_t best_even = 0;
    for (size_t i = 0; i < ARRAY_COUNT(separators); i++) {
        size_t even = evenness(source, separators[i]);
        if (even > best_even) {
            best_even = even;
            best = separators[i];
        }
    }
    return best;
}

static bool looks_like_name(const struct csv_value *value)
{
    struct slice text = slice_trim(value->text);
    bool has_letter = false;
    for (size_t i = 0; i < text.size; i++)
        has_letter = has_letter || (text.data[i] | 0x20) >= 'a' || (unsigned char)text.data[i] >= 0x80;
    return text.size <= NAME_BYTES_MAX && (has_letter || text.size == 0);
}

/* All different, none a number, at most the first empty (spreadsheets leave that of the row's number out). */
static bool are_names(const struct csv_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!looks_like_name(&values[i]) || (i > 0 && slice_trim(values[i].text).size == 0))
            return false;
        for (size_t j = 0; j < i; j++)
            if (slice_equal(values[i].text, values[j].text))
                return false;
    }
    return count > 0;
}

/* ---- records into blocks ---- */

static void add_value(struct block_collector *collector, const struct csv_value *value)
{
    struct slice text = slice_trim(value->text);
    size_t start = 0;
    for (size_t at = 0; at < text.size; at++) {
        bool is_doubled = value->has_quotes && text.data[at] == '"' && at + 1 < text.size && text.data[at + 1] == '"';
        bool is_break = is_line_end(text.data[at]);
        if (!is_doubled && !is_break)
            continue;
        struct slice before = slice_range(text, start, at + is_doubled);
        block_add_text(collector, before, (size_t)(before.data - collector->source.data));
        if (is_break)
            block_add_text(collector, SLICE(" "), SIZE_MAX);
        bool is_pair = text.data[at] == '\r' && at + 1 < text.size && text.data[at + 1] == '\n';
        at += is_doubled || is_pair;
        start = at + 1;
    }
    struct slice rest = slice_range(text, start, text.size);
    block_add_text(collector, rest, (size_t)(rest.data - collector->source.data));
}

/* `text_left`: what names may still add. Wide tables of short values would grow many times over: then values stand alone. */
static void add_record(struct block_collector *collector, const struct csv_value *names, size_t name_count,
                       const struct csv_value *values, size_t count, size_t *text_left)
{
    bool has_any = false;
    if (*text_left < name_count * (NAME_BYTES_MAX + 5))
        name_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (slice_trim(values[i].text).size == 0)
            continue;
        if (has_any)
            block_add_text(collector, SLICE(" | "), SIZE_MAX);
        struct slice name = i < name_count ? slice_trim(names[i].text) : (struct slice){"", 0};
        if (name.size > 0) {
            block_add_text(collector, name, SIZE_MAX);
            block_add_text(collector, SLICE(": "), SIZE_MAX);
            *text_left -= name.size + 2;
        }
        add_value(collector, &values[i]);
        has_any = true;
    }
    block_end(collector, BLOCK_TABLE_ROW, 0);
}

bool csv_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    struct block_collector collector;
    struct csv_reader reader = {.source = source, .separator = separator_of(source)};
    struct csv_value *names = arena_alloc(arena, COLUMNS_MAX, sizeof(*names));
    struct csv_value *values = arena_alloc(arena, COLUMNS_MAX, sizeof(*values));
    size_t name_count = 0, text_left = 8 * source.size + MIB;
    block_collector_init(&collector, source, arena, blocks);
    /* Each value may have its column's name before it. */
    collector.text.size_max = (NAME_BYTES_MAX + 8) * (source.size + 1);
    for (bool is_first = true; reader.at < source.size; is_first = false) {
        size_t count = read_record(&reader, values, COLUMNS_MAX);
        count = count < COLUMNS_MAX ? count : COLUMNS_MAX;
        if (is_first && reader.at < source.size && are_names(values, count)) {
            memcpy(names, values, count * sizeof(*values));
            name_count = count;
        } else
            add_record(&collector, names, name_count, values, count, &text_left);
    }
    bool ok = buffer_finish(&collector.text, "a record's text", error);
    block_collector_release(&collector);
    return ok;
}

/* ---- rows, value by value ---- */

void csv_rows_open(struct csv_rows *rows, struct slice source, struct arena *arena)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t start = slice_starts_with(source, slice_from(mark)) ? sizeof(mark) - 1 : 0;
    *rows = (struct csv_rows){.source = slice_range(source, start, source.size), .next_line = 1};
    rows->separator = separator_of(rows->source);
    rows->values = arena_alloc(arena, COLUMNS_MAX, sizeof(*rows->values));
    rows->raw = arena_alloc(arena, COLUMNS_MAX, sizeof(*rows->raw));
}

static size_t count_line_ends(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n' || (text.data[i] == '\r' && (i + 1 == text.size || text.data[i + 1] != '\n'));
    return count;
}

/* Doubled quotes as one each. */
static struct slice plain_value(const struct csv_value *value, struct arena *arena)
{
    if (!value->has_quotes)
        return value->text;
    char *out = arena_alloc(arena, value->text.size, 1);
    size_t size = 0;
    for (size_t at = 0; at < value->text.size; at++) {
        out[size++] = value->text.data[at];
        at += value->text.data[at] == '"' && at + 1 < value->text.size && value->text.data[at + 1] == '"';
    }
    return (struct slice){out, size};
}

/* The end of the line that begins at `at`, its line end not included. */
static size_t line_stop(struct slice source, size_t at)
{
    while (at < source.size && !is_line_end(source.data[at]))
        at++;
    return at;
}

bool csv_rows_next(struct csv_rows *rows, struct arena *arena)
{
    size_t start = rows->at;
    if (start >= rows->source.size)
        return false;
    size_t stop = rows->no_quoted_lines ? line_stop(rows->source, start) : rows->source.size;
    struct csv_reader reader = {.source = slice_range(rows->source, 0, stop), .at = start, .separator = rows->separator};
    rows->count = read_record(&reader, rows->raw, COLUMNS_MAX);
    rows->is_unclosed = reader.is_unclosed || reader.is_torn;
    if (reader.is_unclosed) /* from here on a quote holds no longer than its line: what follows is not lost */
        rows->no_quoted_lines = true;
    if (rows->is_unclosed)
        stop = line_stop(rows->source, start);
    if (rows->is_unclosed || rows->no_quoted_lines) {
        reader = (struct csv_reader){.source = rows->source, .at = stop};
        if (stop < rows->source.size)
            take_line_end(&reader);
    }
    rows->at = reader.at;
    rows->count = rows->is_unclosed ? 0 : rows->count < COLUMNS_MAX ? rows->count : COLUMNS_MAX;
    for (size_t i = 0; i < rows->count; i++)
        rows->values[i] = plain_value(&rows->raw[i], arena);
    rows->line = rows->next_line;
    rows->next_line += count_line_ends(slice_range(rows->source, start, rows->at));
    return true;
}
