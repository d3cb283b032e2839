/* csv.c - tables of values separated by commas, tabs, semicolons or bars, a block a record.
 *
 *   source   name,city⏎ "Ann ""A."" B",Oslo⏎        text   name: Ann "A." B | city: Oslo
 *
 * RFC 4180, and what is met beyond it: other separators (the one that divides the first records most evenly), any line end, quotes within
 * unquoted values, a last record without a line end. The first record names the columns when it looks like names; then each value stands
 * behind its name, so that a record can be understood, and found, by itself. Empty values are left out. Where cells of a spreadsheet's head were
 * merged, two records name the columns; a table of keys and values ("Price,20 EUR") has no names.
 *
 * Reports have lines above their table ("Visitors by month", "As of: 3 May"): they are a heading and text. Excel's first line "sep=;" names the
 * separator. */
#include "block.h"
#include "table_grid.h"
#include <string.h>

enum { COLUMNS_MAX = 1024, SAMPLE_RECORDS = 32, NAME_BYTES_MAX = 64, LINES_ABOVE_MAX = 10 };

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
    if (count == 2 && table_is_pair(slice_trim(values[0].text), slice_trim(values[1].text)))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!looks_like_name(&values[i]) || (i > 0 && slice_trim(values[i].text).size == 0))
            return false;
        for (size_t j = 0; j < i; j++)
            if (slice_equal(values[i].text, values[j].text))
                return false;
    }
    return count > 0;
}

/* ---- heads that spreadsheets leave ---- */

struct sample {
    const struct csv_value *values;
    size_t count;
};

/* Nothing but names and years, and at least one. */
static bool may_be_head(const struct sample *record)
{
    size_t filled = 0;
    for (size_t i = 0; i < record->count; i++) {
        struct slice text = slice_trim(record->values[i].text);
        if (text.size > NAME_BYTES_MAX || (table_is_number(text) && !table_is_range(text)))
            return false;
        filled += text.size > 0;
    }
    return filled > 0;
}

/* Numbers below names: the line between a head and what it is the head of. */
static bool has_numbers_below(const struct sample *head, const struct sample *record)
{
    for (size_t i = 0; i < head->count && i < record->count; i++) {
        struct slice name = slice_trim(head->values[i].text), below = slice_trim(record->values[i].text);
        if (name.size > 0 && table_is_number(below) && !(table_is_range(name) && table_is_range(below)))
            return true;
    }
    return false;
}

/* Of the second record, or where it names none, of the first, as a cell that was merged over both leaves it. */
static bool name_all_columns(const struct sample *above, const struct sample *below)
{
    for (size_t i = 1; i < below->count; i++)
        if (slice_trim(below->values[i].text).size == 0 && slice_trim(above->values[i].text).size == 0)
            return false;
    return true;
}

/* A merged cell leaves its text in the first of its columns, and the others empty. */
static bool has_gap_behind_name(const struct sample *record)
{
    bool has_name = false;
    for (size_t i = 0; i < record->count; i++) {
        bool is_empty = slice_trim(record->values[i].text).size == 0;
        if (is_empty && has_name)
            return true;
        has_name = has_name || !is_empty;
    }
    return false;
}

/* ",2023,,2024," above "Region,Q1,Q2,Q1,Q2": the columns are "Region", "2023 Q1", "2023 Q2" … */
static bool join_names(const struct sample *above, const struct sample *below, struct arena *arena, struct csv_value *names)
{
    struct slice group = {"", 0};
    for (size_t i = 0; i < below->count; i++) {
        struct slice own = i < above->count ? slice_trim(above->values[i].text) : SLICE(""),
                     name = slice_trim(below->values[i].text);
        group = own.size > 0 ? own : group;
        const char *joined = group.size == 0  ? arena_text(arena, name)
                             : name.size == 0 ? arena_text(arena, group)
                                              : arena_format(arena, SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(group),
                                                             SLICE_ARGUMENT(name));
        names[i] = (struct csv_value){.text = slice_from(joined)};
        if (names[i].text.size > NAME_BYTES_MAX)
            return false;
    }
    return true;
}

/* How many of the first records name the columns: 0, 1 or 2. */
static size_t find_names(struct csv_reader reader, struct arena *arena, struct csv_value *names, size_t *name_count)
{
    enum { RECORDS = 3 };
    struct sample records[RECORDS] = {{NULL, 0}};
    for (size_t i = 0; i < RECORDS; i++) {
        if (reader.at >= reader.source.size)
            break;
        struct csv_value *values = arena_alloc(arena, COLUMNS_MAX, sizeof(*values));
        size_t count = read_record(&reader, values, COLUMNS_MAX);
        records[i] = (struct sample){values, count < COLUMNS_MAX ? count : COLUMNS_MAX};
    }
    const struct sample *first = &records[0], *second = &records[1], *third = &records[2];
    *name_count = first->count;
    if (second->count == 0)
        return 0;
    memcpy(names, first->values, first->count * sizeof(*names));
    if (are_names(first->values, first->count))
        return 1;
    if (first->count < 3 || !may_be_head(first))
        return 0;
    if (second->count == first->count && has_gap_behind_name(first) && may_be_head(second) && name_all_columns(first, second) &&
        has_numbers_below(second, third) && join_names(first, second, arena, names))
        return 2;
    if (!has_numbers_below(first, second)) /* two columns of one name, or of none */
        return 0;
    memcpy(names, first->values, first->count * sizeof(*names));
    return 1;
}

/* ---- what stands above a table ---- */

/* "sep=;" as the first line, as Excel writes and reads it. */
static bool states_separator(struct slice source, char *separator)
{
    bool is_stated = source.size >= 6 && slice_starts_with(source, SLICE("sep=")) && is_line_end(source.data[5]) &&
                     !is_line_end(source.data[4]);
    *separator = is_stated ? source.data[4] : ',';
    return is_stated;
}

/* How many values most of the first records have that have several; how many have so many. */
static size_t usual_count(struct slice source, char separator, size_t *even)
{
    struct csv_reader reader = {.source = source, .separator = separator};
    size_t counts[SAMPLE_RECORDS], usual = 0;
    *even = 0;
    for (size_t i = 0; i < SAMPLE_RECORDS && reader.at < source.size; i++) {
        size_t same = 1;
        counts[i] = read_record(&reader, NULL, 0);
        for (size_t j = 0; j < i; j++)
            same += counts[j] == counts[i];
        if (counts[i] > 1 && same > *even) {
            *even = same;
            usual = counts[i];
        }
    }
    return usual;
}

/* The separator, also where the first record has none or another, and past a line that states it. */
static void begin_table(struct csv_reader *reader)
{
    static const char separators[] = {',', '\t', ';', '|'};
    char stated;
    reader->separator = separator_of(reader->source);
    size_t best = evenness(reader->source, reader->separator), even;
    for (size_t i = 0; i < ARRAY_COUNT(separators); i++)
        if (usual_count(reader->source, separators[i], &even) > 1 && even > best) {
            best = even;
            reader->separator = separators[i];
        }
    if (states_separator(reader->source, &stated)) {
        reader->separator = stated;
        reader->at = 5;
        take_line_end(reader);
    }
}

static size_t filled_values(const struct csv_value *values, size_t count)
{
    size_t filled = 0;
    for (size_t i = 0; i < count; i++)
        filled += slice_trim(values[i].text).size > 0;
    return filled;
}

/* Whether nearly all records of a table have `columns` values: those of one stand below it, not between its rows. */
static bool is_even_below(struct csv_reader reader, size_t columns)
{
    size_t even = 0, other = 0, singles = 0;
    for (size_t i = 0; i < SAMPLE_RECORDS && reader.at < reader.source.size; i++) {
        struct csv_value value;
        size_t count = read_record(&reader, &value, 1);
        if (count == 1) {
            singles += slice_trim(value.text).size > 0;
            continue;
        }
        if (singles > 0)
            return false;
        even += count == columns;
        other += count != columns;
    }
    return even > 1 && even >= 4 * other;
}

/* How many records stand above the one that names the columns, and where that is; 0 when none do, or none names them. A column of texts with
 * commas in some is no table: below names stand numbers, or an empty line is above them. */
static size_t records_above(struct csv_reader *reader, struct arena *arena, struct csv_value *values)
{
    size_t even, columns = usual_count(reader->source, reader->separator, &even), above = 0, pairs = 0;
    struct csv_reader at = *reader, next = *reader;
    bool is_above = columns > 1, is_apart = false, is_below_empty = false;
    while (is_above && next.at < next.source.size && above <= LINES_ABOVE_MAX) {
        at = next;
        size_t count = read_record(&next, values, COLUMNS_MAX),
               filled = filled_values(values, count < COLUMNS_MAX ? count : COLUMNS_MAX);
        bool begins = filled == 0 || slice_trim(values[0].text).size > 0;
        is_above = begins && filled <= 2 && (count < columns || 2 * filled <= columns);
        above += is_above;
        pairs = is_above ? filled == 2 : pairs;
        is_apart = is_below_empty;
        is_below_empty = filled == 0;
    }
    if (is_above || above == 0 || !is_even_below(at, columns))
        return 0;
    struct csv_value *names = arena_alloc(arena, COLUMNS_MAX, sizeof(*names)),
                     *below = arena_alloc(arena, COLUMNS_MAX, sizeof(*below));
    size_t name_count,
        count = read_record(&(struct csv_reader){.source = at.source, .at = at.at, .separator = at.separator}, values,
                            COLUMNS_MAX),
        below_count = read_record(&next, below, COLUMNS_MAX);
    if (count != columns || count > COLUMNS_MAX || below_count > COLUMNS_MAX)
        return 0;
    size_t heads = find_names(at, arena, names, &name_count);
    bool is_head = heads > 1 || is_apart ||
                   has_numbers_below(&(struct sample){values, count}, &(struct sample){below, below_count});
    if (heads == 0 || !is_head || (pairs > 0 && slice_trim(values[0].text).size == 0)) /* "Region,2023,,": names of groups */
        return 0;
    *reader = at;
    return above;
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

/* Records from `start` to where the reader is: the first line is the table's name. */
static void add_above(struct block_collector *collector, const struct csv_reader *reader, size_t start,
                      struct csv_value *values)
{
    struct csv_reader above = {.source = reader->source, .at = start, .separator = reader->separator};
    for (bool is_first = true; above.at < reader->at;) {
        size_t count = read_record(&above, values, COLUMNS_MAX), filled = 0;
        count = count < COLUMNS_MAX ? count : COLUMNS_MAX;
        for (size_t i = 0; i < count; i++) {
            if (slice_trim(values[i].text).size == 0)
                continue;
            if (filled++ > 0)
                block_add_text(collector, SLICE(" | "), SIZE_MAX);
            add_value(collector, &values[i]);
        }
        bool is_name = is_first && filled == 1 && slice_trim(values[0].text).size <= 2 * NAME_BYTES_MAX;
        if (filled > 0)
            block_end(collector, is_name ? BLOCK_HEADING : filled == 1 ? BLOCK_PARAGRAPH : BLOCK_TABLE_ROW, is_name);
        is_first = is_first && filled == 0;
    }
}

bool csv_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    struct block_collector collector;
    struct csv_reader reader = {.source = source};
    struct csv_value *names = arena_alloc(arena, COLUMNS_MAX, sizeof(*names));
    struct csv_value *values = arena_alloc(arena, COLUMNS_MAX, sizeof(*values));
    begin_table(&reader);
    size_t start = reader.at, above = records_above(&reader, arena, values);
    size_t name_count = 0, text_left = 8 * source.size + MIB, heads = find_names(reader, arena, names, &name_count);
    name_count = heads > 0 ? name_count : 0;
    block_collector_init(&collector, source, arena, blocks);
    /* Each value may have its column's name before it. */
    collector.text.size_max = (NAME_BYTES_MAX + 8) * (source.size + 1);
    if (above > 0)
        add_above(&collector, &reader, start, values);
    for (size_t i = 0; reader.at < source.size; i++) {
        size_t count = read_record(&reader, values, COLUMNS_MAX);
        bool is_line = count == 1 && name_count > 2; /* below the table, or between its rows: in no column */
        count = count < COLUMNS_MAX ? count : COLUMNS_MAX;
        if (i >= heads)
            add_record(&collector, names, is_line ? 0 : name_count, values, count, &text_left);
    }
    bool ok = buffer_finish(&collector.text, "a record's text", error);
    block_collector_release(&collector);
    return ok;
}

/* ---- rows, value by value ---- */

void csv_rows_open(struct csv_rows *rows, struct slice source, struct arena *arena)
{
    *rows = (struct csv_rows){.source = slice_without_mark(source), .next_line = 1};
    if (states_separator(rows->source, &rows->separator)) { /* on a line of its own, which is no row */
        struct csv_reader reader = {.source = rows->source, .at = 5};
        take_line_end(&reader);
        rows->at = reader.at;
        rows->next_line = 2;
    } else
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
