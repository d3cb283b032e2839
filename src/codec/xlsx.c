/* xlsx.c - Excel workbooks (Office Open XML, ECMA-376 part 1, SpreadsheetML), sheet by sheet.
 *
 *   workbook.xml        the sheets' names and order
 *   styles.xml          cellXfs: what a cell's style number means; of it, the number format
 *   sharedStrings.xml   texts, which cells name by their number
 *   sheet               row / c: r="C5" where, t="s" what kind, s="3" style; v: the value, of a formula the last one computed
 *   comments            what was noted at cells: behind the table, "Bolt M6 (0.12): until 30 June"
 *
 * A sheet is a heading and a table. Where a row is missing or empty, and the next one looks like names, another table begins. Tables that stand
 * side by side (sheet_panes.h) are read one after the other, each as if the columns of the others were not there. */
#include "number_format.h"
#include "office_text.h"
#include "package.h"
#include "sheet_panes.h"
#include "utf8.h"
#include "xlsx_notes.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STYLES_MAX = 65536, OWN_FORMATS_MAX = 4096, STRINGS_MAX = 16 << 20, COLUMNS_MAX = 16384, MERGED_MAX = 1 << 20 };

enum { SHEET = 1, PROPERTIES, FORMAT, CELL_STYLES, CELL_STYLE, STRING, TEXT, PRONUNCIATION, ROW, CELL, VALUE, FORMULA, MERGED };

static const struct xml_word words[] = {
    {XML_SHEET, "sheet", SHEET},      {XML_SHEET, "workbookPr", PROPERTIES},
    {XML_SHEET, "numFmt", FORMAT},    {XML_SHEET, "cellXfs", CELL_STYLES},
    {XML_SHEET, "xf", CELL_STYLE},    {XML_SHEET, "si", STRING},
    {XML_SHEET, "t", TEXT},           {XML_SHEET, "rPh", PRONUNCIATION},
    {XML_SHEET, "row", ROW},          {XML_SHEET, "c", CELL},
    {XML_SHEET, "v", VALUE},          {XML_SHEET, "f", FORMULA},
    {XML_SHEET, "mergeCell", MERGED},
};

struct sheet {
    struct slice name, part;
};

enum cell_kind { CELL_NUMBER, CELL_SHARED, CELL_TRUTH, CELL_TEXT };

struct xlsx {
    struct package package;
    struct office_text out;
    struct xml xml;
    struct sheet *sheets;
    size_t sheet_count, sheet_capacity;
    bool from_1904;
    struct own_format {
        uint64_t id;
        struct number_format format;
    } *own_formats;
    size_t own_format_count, own_format_capacity;
    struct number_format *styles;
    size_t style_count, style_capacity;
    struct buffer strings;
    size_t *string_ends;
    size_t string_count, string_capacity;
    /* The row and the cell at hand. */
    uint64_t row, last_row; /* last_row: the last one with text */
    uint64_t told_row; /* where the table's grid is */
    struct sheet_pane pane; /* the columns of the table at hand */
    size_t column, first_column; /* the column that comes next; the table's first one, SIZE_MAX before its first cell */
    size_t values; /* cells of this row with something */
    enum cell_kind kind;
    size_t style;
    struct buffer value, shown; /* as it is stored, as it is shown */
    struct merged {
        uint64_t row; /* where its value stands: the first cell */
        size_t column, columns, rows;
    } *merged; /* of the sheet, in their order */
    size_t merged_count, merged_capacity;
    struct sheet_panes panes;
    struct xlsx_notes notes; /* of the sheet */
    struct buffer row_name,
        remarks; /* the text of the row's first cell; notes of the table at hand, each behind what it is about */
    bool in_value; /* also: in the part at hand where values stand */
};

/* ---- text ---- */

/* Characters that XML cannot have stand as _x000A_; so does an underscore that would begin one. */
static bool escape_at(struct slice text, size_t at, uint32_t *character)
{
    if (text.size - at < 7 || text.data[at + 1] != 'x' || text.data[at + 6] != '_')
        return false;
    *character = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text.data[i];
        uint32_t digit = c >= '0' && c <= '9'                     ? (uint32_t)(c - '0')
                         : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (uint32_t)((c | 0x20) - 'a' + 10)
                                                                  : 16;
        if (digit == 16)
            return false;
        *character = *character << 4 | digit;
    }
    return *character != 0 && (*character < 0xD800 || *character >= 0xE000);
}

static void append_text(struct buffer *out, struct slice text)
{
    char bytes[UTF8_BYTES_MAX];
    uint32_t character;
    size_t at;
    while (slice_find(text, '_', &at)) {
        buffer_append_slice(out, slice_range(text, 0, at));
        bool is_escape = escape_at(text, at, &character);
        if (is_escape)
            buffer_append(out, bytes, utf8_encode(character, bytes));
        else
            buffer_append_byte(out, '_');
        text = slice_range(text, at + (is_escape ? 7 : 1), text.size);
    }
    buffer_append_slice(out, text);
}

/* ---- parts ---- */

typedef void token_reader(struct xlsx *xlsx);

static bool read_content(struct xlsx *xlsx, struct slice content, struct slice part, token_reader *read, struct error *error)
{
    xml_init(&xlsx->xml, content, arena_text(&xlsx->package.arena, part), words, ARRAY_COUNT(words));
    while (!xlsx->out.extract->text.failed && xml_next(&xlsx->xml))
        read(xlsx);
    bool ok = xml_finish(&xlsx->xml, error);
    xml_release(&xlsx->xml);
    return ok;
}

static bool read_part(struct xlsx *xlsx, struct slice part, token_reader *read, struct error *error)
{
    struct buffer content;
    bool ok = package_part(&xlsx->package, part, &content, error) &&
              read_content(xlsx, buffer_slice(&content), part, read, error);
    buffer_release(&content);
    return ok;
}

static bool read_if_there(struct xlsx *xlsx, const struct relations *relations, const char *type, token_reader *read,
                          struct error *error)
{
    const struct relation *part = relation_of_type(relations, type);
    return part == NULL || !package_has(&xlsx->package, part->target) || read_part(xlsx, part->target, read, error);
}

/* Formats of the workbook's own, then what each style has. */
static void read_style(struct xlsx *xlsx)
{
    struct xml *xml = &xlsx->xml;
    uint64_t id = 0;
    if (xml->code == CELL_STYLES)
        xlsx->in_value = xml->kind == XML_START;
    if (xml->kind != XML_START || (xml->code != FORMAT && xml->code != CELL_STYLE) ||
        !slice_to_u64(xml_get(xml, XML_NONE, "numFmtId"), &id))
        id = 0;
    if (xml->kind == XML_START && xml->code == FORMAT && xlsx->own_format_count < OWN_FORMATS_MAX) {
        xlsx->own_formats = memory_more(xlsx->own_formats, xlsx->own_format_count, &xlsx->own_format_capacity,
                                        sizeof(*xlsx->own_formats));
        xlsx->own_formats[xlsx->own_format_count++] = (struct own_format){
            id, number_format_read(xml_get(xml, XML_NONE, "formatCode"))};
    }
    if (xml->kind != XML_START || xml->code != CELL_STYLE || !xlsx->in_value || xlsx->style_count >= STYLES_MAX)
        return;
    struct number_format format = number_format_built_in(id);
    for (size_t i = 0; i < xlsx->own_format_count; i++)
        if (xlsx->own_formats[i].id == id) {
            format = xlsx->own_formats[i].format;
            break;
        }
    xlsx->styles = memory_more(xlsx->styles, xlsx->style_count, &xlsx->style_capacity, sizeof(*xlsx->styles));
    xlsx->styles[xlsx->style_count++] = format;
}

static void read_string(struct xlsx *xlsx)
{
    struct xml *xml = &xlsx->xml;
    if (xml->kind == XML_START && xml->code == PRONUNCIATION)
        xml_skip(xml);
    else if (xml->code == TEXT && xml->kind != XML_TEXT)
        xlsx->in_value = xml->kind == XML_START;
    else if (xml->kind == XML_TEXT && xlsx->in_value)
        append_text(&xlsx->strings, xml->text);
    else if (xml->kind == XML_END && xml->code == STRING && xlsx->string_count < STRINGS_MAX) {
        xlsx->string_ends = memory_more(xlsx->string_ends, xlsx->string_count, &xlsx->string_capacity,
                                        sizeof(*xlsx->string_ends));
        xlsx->string_ends[xlsx->string_count++] = xlsx->strings.size;
    }
}

static struct slice shared_string(const struct xlsx *xlsx, struct slice number)
{
    uint64_t i;
    if (!slice_to_u64(slice_trim(number), &i) || i >= xlsx->string_count)
        return SLICE("");
    size_t start = i > 0 ? xlsx->string_ends[i - 1] : 0;
    return slice_range(buffer_slice(&xlsx->strings), start, xlsx->string_ends[i]);
}

/* ---- cells ---- */

/* "BC12": 54, from 0; `otherwise` when there is no such thing. */
static size_t column_of(struct slice place, size_t otherwise)
{
    size_t column = 0, i = 0;
    for (; i < place.size && i < 3 && place.data[i] >= 'A' && place.data[i] <= 'Z'; i++)
        column = column * 26 + (size_t)(place.data[i] - 'A') + 1;
    return i == 0 || column > COLUMNS_MAX ? otherwise : column - 1;
}

static int by_place(const void *a, const void *b)
{
    const struct merged *left = a, *right = b;
    int by_row = (left->row > right->row) - (left->row < right->row);
    return by_row != 0 ? by_row : (left->column > right->column) - (left->column < right->column);
}

/* The row of "BC12". */
static uint64_t row_of(struct slice place)
{
    uint64_t row;
    size_t letters = 0;
    while (letters < place.size && place.data[letters] >= 'A' && place.data[letters] <= 'Z')
        letters++;
    return slice_to_u64(slice_range(place, letters, place.size), &row) ? row : 0;
}

/* "B2:D2" */
static void read_merged(struct xlsx *xlsx)
{
    struct slice last = xml_get(&xlsx->xml, XML_NONE, "ref"), first;
    if (xlsx->xml.kind != XML_START || xlsx->xml.code != MERGED || xlsx->merged_count >= MERGED_MAX)
        return;
    if (!slice_next(&last, ':', &first) || last.size == 0)
        return;
    size_t column = column_of(first, SIZE_MAX), column_end = column_of(last, SIZE_MAX);
    uint64_t row = row_of(first), row_end = row_of(last);
    if (column == SIZE_MAX || column_end == SIZE_MAX || column > column_end || row == 0 || row > row_end)
        return;
    xlsx->merged = memory_more(xlsx->merged, xlsx->merged_count, &xlsx->merged_capacity, sizeof(*xlsx->merged));
    xlsx->merged[xlsx->merged_count++] = (struct merged){row, column, column_end - column + 1, (size_t)(row_end - row + 1)};
}

/* Of which cells are merged a sheet tells behind its cells. */
static bool list_merged(struct xlsx *xlsx, struct slice content, struct slice part, struct error *error)
{
    xlsx->merged_count = 0;
    if (content.size == 0 || memmem(content.data, content.size, "mergeCell", 9) == NULL)
        return true;
    bool ok = read_content(xlsx, content, part, read_merged, error);
    if (xlsx->merged_count > 0)
        qsort(xlsx->merged, xlsx->merged_count, sizeof(*xlsx->merged), by_place);
    return ok;
}

static const struct merged *merged_at(const struct xlsx *xlsx)
{
    const struct merged wanted = {.row = xlsx->row, .column = xlsx->column};
    return xlsx->merged_count == 0 ? NULL : bsearch(&wanted, xlsx->merged, xlsx->merged_count, sizeof(wanted), by_place);
}

static void begin_row(struct xlsx *xlsx)
{
    uint64_t number;
    bool is_numbered = slice_to_u64(xml_get(&xlsx->xml, XML_NONE, "r"), &number);
    xlsx->row = is_numbered ? number : xlsx->row + 1;
    xlsx->column = xlsx->first_column == SIZE_MAX ? 0 : xlsx->first_column;
    xlsx->values = 0;
    buffer_clear(&xlsx->row_name);
    bool is_below = xlsx->row > xlsx->told_row;
    office_row_begin(&xlsx->out, is_below ? (size_t)(xlsx->row - xlsx->told_row) : 1);
    xlsx->told_row = is_below ? xlsx->row : xlsx->told_row + 1;
}

static void end_row(struct xlsx *xlsx)
{
    bool is_apart = xlsx->row > xlsx->last_row + 1 && xlsx->last_row > 0;
    if (xlsx->values > 0)
        xlsx->last_row = xlsx->row;
    office_sheet_row_end(&xlsx->out, is_apart);
}

static void begin_cell(struct xlsx *xlsx)
{
    static const struct {
        const char *type;
        enum cell_kind kind;
    } kinds[] = {{"s", CELL_SHARED},       {"b", CELL_TRUTH}, {"str", CELL_TEXT},
                 {"inlineStr", CELL_TEXT}, {"e", CELL_TEXT},  {"d", CELL_TEXT}};
    struct slice type = xml_get(&xlsx->xml, XML_NONE, "t");
    uint64_t style;
    xlsx->kind = CELL_NUMBER;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (slice_equal_text(type, kinds[i].type))
            xlsx->kind = kinds[i].kind;
    bool has_style = slice_to_u64(xml_get(&xlsx->xml, XML_NONE, "s"), &style) && style < xlsx->style_count;
    xlsx->style = has_style ? (size_t)style : SIZE_MAX;
    size_t column = column_of(xml_get(&xlsx->xml, XML_NONE, "r"), xlsx->column);
    xlsx->column = column > xlsx->column || xlsx->values == 0 ? column : xlsx->column;
    buffer_clear(&xlsx->value);
}

/* The cell's value as a person sees it. */
static void show_value(struct xlsx *xlsx)
{
    static const struct number_format plain = {0};
    struct buffer *shown = &xlsx->shown;
    struct slice raw = buffer_slice(&xlsx->value);
    buffer_clear(shown);
    switch (xlsx->kind) {
    case CELL_SHARED:
        buffer_append_slice(shown, shared_string(xlsx, raw));
        break;
    case CELL_TRUTH:
        buffer_append_text(shown, slice_equal_text(slice_trim(raw), "1") ? "TRUE" : "FALSE");
        break;
    case CELL_TEXT:
        append_text(shown, raw);
        break;
    case CELL_NUMBER:
        number_show(xlsx->style == SIZE_MAX ? &plain : &xlsx->styles[xlsx->style], raw, xlsx->from_1904, shown);
        break;
    }
}

/* The text of the cell that ends; none when it is empty: then the next one with a value tells how many were. */
static struct slice shown_text(struct xlsx *xlsx)
{
    if (xlsx->value.size == 0)
        return SLICE("");
    show_value(xlsx);
    return slice_trim(buffer_slice(&xlsx->shown));
}

/* "BC12" */
static struct slice place_at(const struct xlsx *xlsx, char place[32])
{
    char letters[8];
    size_t at = sizeof(letters);
    for (size_t rest = xlsx->column + 1; rest > 0 && at > 0; rest = (rest - 1) / 26)
        letters[--at] = (char)('A' + (rest - 1) % 26);
    int size = snprintf(place, 32, "%.*s%llu", (int)(sizeof(letters) - at), letters + at, (unsigned long long)xlsx->row);
    return (struct slice){place, (size_t)size};
}

/* What was noted at the cell, behind the names of its row and of itself. */
static void add_remark(struct xlsx *xlsx, struct slice note, struct slice text)
{
    struct slice row = buffer_slice(&xlsx->row_name);
    bool has_row = row.size > 0 && xlsx->values > 0;
    buffer_append_slice(&xlsx->remarks, has_row ? row : text);
    if (has_row && text.size > 0)
        buffer_format(&xlsx->remarks, " (" SLICE_FORMAT ")", SLICE_ARGUMENT(text));
    if (has_row || text.size > 0)
        buffer_append_text(&xlsx->remarks, ": ");
    while (note.size > 0) {
        struct slice line;
        (void)slice_next(&note, '\n', &line);
        buffer_append_slice(&xlsx->remarks, slice_trim(line));
        buffer_append_byte(&xlsx->remarks, note.size > 0 ? ' ' : '\n');
    }
}

static void look_for_note(struct xlsx *xlsx, struct slice text)
{
    char place[32];
    struct slice note = xlsx->notes.count > 0 ? xlsx_notes_take(&xlsx->notes, place_at(xlsx, place)) : SLICE("");
    if (note.size > 0)
        add_remark(xlsx, note, text);
}

/* Behind the table: what was noted at its cells. */
static void tell_remarks(struct xlsx *xlsx)
{
    struct slice rest = buffer_slice(&xlsx->remarks), line;
    while (slice_next(&rest, '\n', &line))
        office_paragraph(&xlsx->out, BLOCK_PARAGRAPH, 0, line);
    buffer_clear(&xlsx->remarks);
}

static void end_cell(struct xlsx *xlsx)
{
    struct slice text = shown_text(xlsx);
    if (xlsx->column >= xlsx->pane.first && xlsx->column < xlsx->pane.end)
        look_for_note(xlsx, text);
    if (text.size == 0)
        return;
    if (xlsx->column < xlsx->pane.first || xlsx->column >= xlsx->pane.end) {
        xlsx->column++;
        return;
    }
    if (xlsx->first_column == SIZE_MAX)
        xlsx->first_column = xlsx->column;
    if (xlsx->column < xlsx->first_column && office_table_widen(&xlsx->out, xlsx->first_column - xlsx->column))
        xlsx->first_column = xlsx->column;
    size_t column = xlsx->column > xlsx->first_column ? xlsx->column - xlsx->first_column : 0;
    const struct merged *merged = merged_at(xlsx);
    office_cell_begin(&xlsx->out, column, merged != NULL ? merged->columns : 1, merged != NULL ? merged->rows : 1);
    office_paragraph(&xlsx->out, BLOCK_PARAGRAPH, 0, text);
    if (xlsx->values == 0 && xlsx->notes.count > 0)
        buffer_append_slice(&xlsx->row_name, text);
    xlsx->values++;
    xlsx->column++;
}

/* What is within a cell. */
static void read_value(struct xlsx *xlsx)
{
    struct xml *xml = &xlsx->xml;
    bool is_start = xml->kind == XML_START;
    if (xml->kind == XML_TEXT) {
        if (xlsx->in_value)
            buffer_append_slice(&xlsx->value, xml->text);
    } else if (xml->code == VALUE || xml->code == TEXT)
        xlsx->in_value = is_start;
    else if (is_start && (xml->code == FORMULA || xml->code == PRONUNCIATION))
        xml_skip(xml);
}

static void read_cell(struct xlsx *xlsx)
{
    bool is_start = xlsx->xml.kind == XML_START;
    if (xlsx->xml.kind != XML_TEXT && xlsx->xml.code == ROW)
        (is_start ? begin_row : end_row)(xlsx);
    else if (xlsx->xml.kind != XML_TEXT && xlsx->xml.code == CELL)
        (is_start ? begin_cell : end_cell)(xlsx);
    else
        read_value(xlsx);
}

/* ---- tables side by side ---- */

/* NAN: it is no number. */
static double value_of(const struct xlsx *xlsx)
{
    double value;
    bool is_number = xlsx->kind == CELL_NUMBER && slice_to_double(slice_trim(buffer_slice(&xlsx->value)), &value);
    return is_number ? value : (double)NAN;
}

/* A look at the cells before any is told. */
static void look_at_cell(struct xlsx *xlsx)
{
    struct xml *xml = &xlsx->xml;
    uint64_t number;
    if (xml->kind == XML_START && xml->code == ROW) {
        xlsx->row = slice_to_u64(xml_get(xml, XML_NONE, "r"), &number) ? number : xlsx->row + 1;
        xlsx->column = 0;
        xlsx->values = 0;
    } else if (xml->kind == XML_START && xml->code == CELL)
        begin_cell(xlsx);
    else if (xml->kind == XML_END && xml->code == CELL) {
        struct slice text = shown_text(xlsx);
        if (text.size > 0)
            sheet_panes_add(&xlsx->panes, xlsx->row, xlsx->column++, text, value_of(xlsx));
        xlsx->values += text.size > 0;
    } else
        read_value(xlsx);
}

/* Large sheets are one table: looking at each cell twice would take its time. */
static bool find_panes(struct xlsx *xlsx, struct slice content, struct slice part, struct sheet_pane found[SHEET_PANES_MAX],
                       size_t *count, struct error *error)
{
    enum { BYTES_MAX = MIB };
    xlsx->row = 0;
    xlsx->first_column = 0;
    xlsx->panes.count = 0;
    bool ok = content.size > BYTES_MAX || read_content(xlsx, content, part, look_at_cell, error);
    *count = sheet_panes_find(&xlsx->panes, found);
    return ok;
}

/* ---- the workbook ---- */

/* Sheets that their maker hid are not for readers. The person who adds the workbook is told. */
static bool is_hidden(struct xlsx *xlsx)
{
    struct slice state = xml_get(&xlsx->xml, XML_NONE, "state"), name = xml_get(&xlsx->xml, XML_NONE, "name");
    if (!slice_equal_text(state, "hidden") && !slice_equal_text(state, "veryHidden"))
        return false;
    extract_note(xlsx->out.extract, "the hidden sheet “" SLICE_FORMAT "” was left out", SLICE_ARGUMENT(name));
    return true;
}

static bool list_sheets(struct xlsx *xlsx, struct slice part, const struct relations *relations, struct error *error)
{
    struct buffer content;
    struct arena *arena = &xlsx->package.arena;
    bool ok = package_part(&xlsx->package, part, &content, error);
    if (ok) {
        struct xml *xml = &xlsx->xml;
        xml_init(xml, buffer_slice(&content), arena_text(arena, part), words, ARRAY_COUNT(words));
        while (ok && xml_next(xml)) {
            if (xml->kind != XML_START)
                continue;
            if (xml->depth == 1 && (xml->space != XML_SHEET || !slice_equal_text(xml->name, "workbook")))
                ok = package_refuse_root("an Excel workbook", xml->name, error);
            if (xml->code == PROPERTIES)
                xlsx->from_1904 = xml_is_true(xml, "date1904");
            if (xml->code != SHEET)
                continue;
            const struct relation *sheet = relation_of_id(relations, xml_get(xml, XML_RELATION, "id"));
            if (sheet == NULL || !slice_equal_text(sheet->type, "worksheet") || !package_has(&xlsx->package, sheet->target))
                continue;
            if (is_hidden(xlsx))
                continue;
            xlsx->sheets = memory_more(xlsx->sheets, xlsx->sheet_count, &xlsx->sheet_capacity, sizeof(*xlsx->sheets));
            xlsx->sheets[xlsx->sheet_count++] = (struct sheet){arena_slice(arena, xml_get(xml, XML_NONE, "name")),
                                                               sheet->target};
        }
        ok = ok && xml_finish(xml, error);
        xml_release(xml);
    }
    buffer_release(&content);
    return ok;
}

static bool read_pane(struct xlsx *xlsx, struct slice content, struct slice part, struct error *error)
{
    xlsx->row = xlsx->last_row = xlsx->told_row = 0;
    xlsx->first_column = SIZE_MAX;
    xlsx->in_value = false;
    office_table_begin(&xlsx->out);
    bool ok = read_content(xlsx, content, part, read_cell, error);
    office_table_end(&xlsx->out);
    tell_remarks(xlsx);
    return ok;
}

static bool read_sheet(struct xlsx *xlsx, const struct sheet *sheet, struct error *error)
{
    struct sheet_pane panes[SHEET_PANES_MAX];
    size_t count = 0;
    struct buffer content;
    office_sheet_begin(&xlsx->out, sheet->name);
    bool ok = package_part(&xlsx->package, sheet->part, &content, error);
    xlsx_notes_read(&xlsx->package, sheet->part, &xlsx->notes);
    struct slice source = buffer_slice(&content);
    ok = ok && list_merged(xlsx, source, sheet->part, error) && find_panes(xlsx, source, sheet->part, panes, &count, error);
    for (size_t i = 0; ok && i < count; i++) {
        if (i > 0)
            office_sheet_go_on(&xlsx->out);
        xlsx->pane = panes[i];
        ok = read_pane(xlsx, source, sheet->part, error);
    }
    for (size_t i = 0; i < xlsx->notes.count; i++)
        if (!xlsx->notes.items[i].is_told) {
            xlsx->values = 0;
            add_remark(xlsx, xlsx->notes.items[i].text, SLICE(""));
        }
    tell_remarks(xlsx);
    buffer_release(&content);
    return ok;
}

static bool read_parts(struct xlsx *xlsx, struct error *error)
{
    struct package *package = &xlsx->package;
    struct relations outer, inner;
    if (!relations_read(package, SLICE(""), &outer, error))
        return false;
    struct slice main = package_main(package, &outer, "xl/workbook.xml");
    if (main.size == 0)
        return error_set(error, ERROR_INVALID, "it is not an Excel workbook: it has no xl/workbook.xml");
    if (!relations_read(package, main, &inner, error) || !list_sheets(xlsx, main, &inner, error) ||
        !read_if_there(xlsx, &inner, "styles", read_style, error) ||
        !read_if_there(xlsx, &inner, "sharedStrings", read_string, error))
        return false;
    for (size_t i = 0; i < xlsx->sheet_count && !xlsx->out.extract->text.failed; i++) {
        xlsx->out.page = (unsigned)i + 1;
        if (!read_sheet(xlsx, &xlsx->sheets[i], error))
            return false;
    }
    package_properties(package, &outer, xlsx->out.extract);
    return true;
}

bool xlsx_read(struct slice source, struct extract *extract, struct error *error)
{
    struct xlsx *xlsx = memory_alloc(1, sizeof(*xlsx));
    bool ok = package_open(&xlsx->package, source, "an Excel workbook", error);
    if (ok) {
        office_text_init(&xlsx->out, extract);
        buffer_init(&xlsx->strings, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&xlsx->value, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&xlsx->shown, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&xlsx->row_name, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&xlsx->remarks, LIMIT_DOCUMENT_BYTES_MAX);
        ok = read_parts(xlsx, error) && extract_finish(extract, error);
        office_text_release(&xlsx->out);
        buffer_release(&xlsx->strings);
        buffer_release(&xlsx->value);
        buffer_release(&xlsx->shown);
        buffer_release(&xlsx->row_name);
        buffer_release(&xlsx->remarks);
        package_release(&xlsx->package);
    }
    free(xlsx->sheets);
    free(xlsx->own_formats);
    free(xlsx->styles);
    free(xlsx->string_ends);
    free(xlsx->merged);
    sheet_panes_release(&xlsx->panes);
    free(xlsx);
    return ok;
}
