/* odf.c - OpenDocument texts, presentations and spreadsheets (ISO 26300), as LibreOffice writes them.
 *
 *   content.xml   office:body / office:text          text:h, text:p, text:list, table:table …
 *                             / office:presentation  draw:page: a slide; draw:frame: its parts, by presentation:class
 *                             / office:spreadsheet   table:table: a sheet
 *   meta.xml      title, author, dates
 *
 * Notes stand in the paragraph that refers to them, and text boxes in the one that they are tied to: both come behind it. Tracked deletions lie
 * apart (text:tracked-changes) and are left out, as are tables of contents. Comments on a text come behind their paragraph, "Comment by Ann: …", unless
 * they were resolved; those in tables, sheets and on slides are left out. */
#include "office_text.h"
#include "package.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STYLES_MAX = 100000, SPACES_MAX = 100, CHAIN_MAX = 16 };

enum {
    HEADING = 1,
    PARAGRAPH,
    SPAN,
    LIST,
    ITEM,
    SPACES,
    TAB,
    LINE_BREAK,
    PAGE_BREAK,
    SECTION,
    TABLE,
    COLUMN,
    ROW,
    HEAD_ROWS,
    CELL,
    COVERED_CELL,
    SLIDE,
    FRAME,
    SLIDE_NOTES,
    SPREADSHEET,
    TEXT_BODY,
    STYLE,
    TEXT_PROPERTIES,
    ENCRYPTED,
    ANNOTATION,
    CREATOR,
    SKIPPED
};

static const struct xml_word words[] = {
    {XML_ODF_TEXT, "h", HEADING},
    {XML_ODF_TEXT, "p", PARAGRAPH},
    {XML_ODF_TEXT, "span", SPAN},
    {XML_ODF_TEXT, "list", LIST},
    {XML_ODF_TEXT, "list-item", ITEM},
    {XML_ODF_TEXT, "s", SPACES},
    {XML_ODF_TEXT, "tab", TAB},
    {XML_ODF_TEXT, "line-break", LINE_BREAK},
    {XML_ODF_TEXT, "soft-page-break", PAGE_BREAK},
    {XML_ODF_TEXT, "section", SECTION},
    {XML_ODF_TABLE, "table", TABLE},
    {XML_ODF_TABLE, "table-column", COLUMN},
    {XML_ODF_TABLE, "table-row", ROW},
    {XML_ODF_TABLE, "table-header-rows", HEAD_ROWS},
    {XML_ODF_TABLE, "table-cell", CELL},
    {XML_ODF_TABLE, "covered-table-cell", COVERED_CELL},
    {XML_ODF_DRAW, "page", SLIDE},
    {XML_ODF_DRAW, "frame", FRAME},
    {XML_ODF_PRESENTATION, "notes", SLIDE_NOTES},
    {XML_ODF_OFFICE, "spreadsheet", SPREADSHEET},
    {XML_ODF_OFFICE, "text", TEXT_BODY},
    {XML_ODF_STYLE, "style", STYLE},
    {XML_ODF_STYLE, "text-properties", TEXT_PROPERTIES},
    {XML_ODF_MANIFEST, "encryption-data", ENCRYPTED},
    {XML_ODF_TEXT, "note-citation", SKIPPED},
    {XML_ODF_TEXT, "tracked-changes", SKIPPED},
    {XML_ODF_TEXT, "table-of-content", SKIPPED},
    {XML_ODF_TEXT, "illustration-index", SKIPPED},
    {XML_ODF_TEXT, "table-index", SKIPPED},
    {XML_ODF_TEXT, "alphabetical-index", SKIPPED},
    {XML_ODF_TEXT, "ruby-text", SKIPPED}, /* how the text below it is pronounced */
    {XML_ODF_TEXT, "hidden-text", SKIPPED},
    {XML_ODF_TEXT, "hidden-paragraph", SKIPPED},
    {XML_ODF_OFFICE, "annotation", ANNOTATION},
    {XML_DC, "creator", CREATOR},
    {XML_ODF_OFFICE, "forms", SKIPPED},
    {XML_ODF_OFFICE, "binary-data", SKIPPED},
    {XML_ODF_OFFICE, "scripts", SKIPPED},
    {XML_ODF_SVG, "title", SKIPPED},
    {XML_ODF_SVG, "desc", SKIPPED},
};

struct odf_style {
    struct slice name, parent;
    bool is_hidden;
    enum { WEIGHT_UNSAID, WEIGHT_BOLD, WEIGHT_PLAIN } weight;
};

struct paragraph {
    size_t start; /* in the text */
    enum block_kind kind;
    unsigned level, page;
    bool is_bold; /* by its style */
    size_t first_span; /* within it */
    bool has_plain; /* text that is not bold */
};

struct table {
    enum { TABLE_OPEN, TABLE_LAYOUT, TABLE_ROWS } form;
    size_t columns;
    size_t column; /* of the row at hand, behind the cell at hand */
    bool in_head_rows;
};

enum purpose { PURPOSE_NONE, PURPOSE_TITLE, PURPOSE_SUBTITLE, PURPOSE_AROUND };

struct odf {
    struct package package;
    struct office_text out;
    struct xml xml;
    struct odf_style *styles;
    size_t style_count, style_capacity;
    bool styles_are_sorted;
    struct buffer text; /* of the paragraphs that are open, one behind the other */
    struct paragraph paragraphs[LIMIT_XML_DEPTH];
    size_t paragraph_count;
    struct table tables[LIMIT_XML_DEPTH];
    size_t table_count;
    bool span_is_bold[LIMIT_XML_DEPTH];
    size_t span_count;
    bool row_is_plain; /* the outermost table's row at hand has text that is not bold */
    unsigned lists; /* open, within each other */
    bool item_begins; /* its first paragraph is the item, others stand behind it */
    bool has_pages, is_spreadsheet;
    /* The slide at hand. */
    bool in_slide, in_slide_notes, has_body_text;
    enum purpose purpose;
    struct buffer title;
};

/* ---- styles ---- */

static int by_name(const void *a, const void *b)
{
    const struct odf_style *left = a, *right = b;
    return slice_compare(left->name, right->name);
}

static const struct odf_style *find_style(struct odf *odf, struct slice name)
{
    if (!odf->styles_are_sorted && odf->style_count > 0)
        qsort(odf->styles, odf->style_count, sizeof(*odf->styles), by_name);
    odf->styles_are_sorted = true;
    const struct odf_style wanted = {.name = name};
    return odf->style_count == 0 ? NULL : bsearch(&wanted, odf->styles, odf->style_count, sizeof(wanted), by_name);
}

/* Styles of content.xml are made by the program for single paragraphs, over those that people know. */
static void begin_style(struct odf *odf)
{
    struct arena *arena = &odf->package.arena;
    struct slice name = xml_get(&odf->xml, XML_ODF_STYLE, "name"),
                 parent = xml_get(&odf->xml, XML_ODF_STYLE, "parent-style-name");
    if (odf->style_count >= STYLES_MAX || odf->styles_are_sorted)
        return;
    odf->styles = memory_more(odf->styles, odf->style_count, &odf->style_capacity, sizeof(*odf->styles));
    odf->styles[odf->style_count++] = (struct odf_style){.name = arena_slice(arena, name),
                                                         .parent = arena_slice(arena, parent)};
}

static void read_text_properties(struct odf *odf)
{
    bool is_hidden = slice_equal_text(xml_get(&odf->xml, XML_ODF_TEXT, "display"), "none");
    if (odf->style_count > 0 && !odf->styles_are_sorted)
        odf->styles[odf->style_count - 1].is_hidden = is_hidden;
    struct slice weight = xml_get(&odf->xml, XML_ODF_FORMAT, "font-weight");
    bool is_bold = slice_equal_text(weight, "bold") || (weight.size == 3 && weight.data[0] >= '6');
    if (weight.size > 0 && odf->style_count > 0 && !odf->styles_are_sorted)
        odf->styles[odf->style_count - 1].weight = is_bold ? WEIGHT_BOLD : WEIGHT_PLAIN;
}

/* Whether the style, or the first that it goes back to and that says so, is bold. */
static bool is_bold(struct odf *odf, struct slice name, bool otherwise)
{
    for (size_t step = 0; step < CHAIN_MAX && name.size > 0; step++) {
        const struct odf_style *style = find_style(odf, name);
        if (style != NULL && style->weight != WEIGHT_UNSAID)
            return style->weight == WEIGHT_BOLD;
        name = style != NULL ? style->parent : SLICE("");
    }
    return otherwise;
}

static bool is_hidden(struct odf *odf, struct slice name)
{
    const struct odf_style *style = find_style(odf, name);
    return style != NULL && style->is_hidden;
}

/* What a paragraph's style, or the one that it goes back to, says by its name. */
static void take_style(struct odf *odf, struct paragraph *paragraph, struct slice name)
{
    static const char *const code[] = {"Preformatted_20_Text", "Source_20_Code", "Source_20_Text", "Code", "SourceCode"};
    for (size_t step = 0; step < CHAIN_MAX && name.size > 0; step++) {
        for (size_t i = 0; i < ARRAY_COUNT(code); i++)
            if (slice_equal_text(name, code[i])) {
                paragraph->kind = BLOCK_CODE;
                return;
            }
        if (slice_equal_text(name, "Title")) {
            paragraph->kind = BLOCK_HEADING;
            paragraph->level = 1;
            return;
        }
        const struct odf_style *style = find_style(odf, name);
        name = style != NULL ? style->parent : SLICE("");
    }
}

/* ---- paragraphs ---- */

static bool is_outline(struct slice value, uint64_t *level)
{
    return slice_to_u64(value, level) && *level >= 1;
}

static void begin_paragraph(struct odf *odf)
{
    struct xml *xml = &odf->xml;
    bool is_heading = xml->code == HEADING;
    uint64_t level = 1;
    struct slice style = xml_get(xml, XML_ODF_TEXT, "style-name");
    struct paragraph paragraph = {.start = odf->text.size,
                                  .kind = BLOCK_PARAGRAPH,
                                  .is_bold = is_bold(odf, style, /* otherwise= */ false),
                                  .first_span = odf->span_count};
    if (odf->lists > 0 && odf->item_begins && odf->out.tables == 0) {
        paragraph.kind = BLOCK_ITEM;
        paragraph.level = odf->lists;
    }
    if (is_heading) {
        if (!is_outline(xml_get(xml, XML_ODF_TEXT, "outline-level"), &level))
            level = 1;
        paragraph.kind = BLOCK_HEADING;
        paragraph.level = level < 6 ? (unsigned)level : 6;
    } else if (paragraph.kind == BLOCK_PARAGRAPH)
        take_style(odf, &paragraph, style);
    odf->item_begins = false;
    assert(odf->paragraph_count < LIMIT_XML_DEPTH);
    odf->paragraphs[odf->paragraph_count++] = paragraph;
    office_paragraph_begin(&odf->out);
}

static void add_to_title(struct odf *odf, struct slice text)
{
    if (odf->title.size > 0 && slice_trim(text).size > 0)
        buffer_append_byte(&odf->title, ' ');
    for (size_t i = 0; i < text.size; i++)
        buffer_append_byte(&odf->title, text.data[i] == '\n' ? ' ' : text.data[i]);
}

static void end_paragraph(struct odf *odf)
{
    if (odf->paragraph_count == 0)
        return;
    const struct paragraph *paragraph = &odf->paragraphs[odf->paragraph_count - 1];
    struct slice text = slice_range(buffer_slice(&odf->text), paragraph->start, odf->text.size);
    bool is_title = odf->in_slide && odf->purpose == PURPOSE_TITLE, is_around = odf->in_slide && odf->purpose == PURPOSE_AROUND;
    if (is_title)
        add_to_title(odf, text);
    else if (odf->in_slide && !odf->in_slide_notes && !is_around && odf->purpose != PURPOSE_SUBTITLE)
        odf->has_body_text = odf->has_body_text || slice_trim(text).size > 0;
    unsigned page = odf->out.page;
    bool is_bold_line = paragraph->kind == BLOCK_PARAGRAPH && !paragraph->has_plain && !odf->in_slide;
    odf->out.page = paragraph->page;
    office_paragraph_end(&odf->out, paragraph->kind, is_bold_line ? OFFICE_BOLD : paragraph->level,
                         is_title || is_around ? SLICE("") : text);
    odf->out.page = page;
    odf->text.size = paragraph->start;
    odf->paragraph_count--;
}

static bool is_bold_here(const struct odf *odf)
{
    const struct paragraph *paragraph = &odf->paragraphs[odf->paragraph_count - 1];
    return odf->span_count > paragraph->first_span ? odf->span_is_bold[odf->span_count - 1] : paragraph->is_bold;
}

static void begin_span(struct odf *odf)
{
    struct slice style = xml_get(&odf->xml, XML_ODF_TEXT, "style-name");
    if (odf->paragraph_count == 0 || is_hidden(odf, style)) {
        xml_skip(&odf->xml);
        return;
    }
    assert(odf->span_count < LIMIT_XML_DEPTH);
    odf->span_is_bold[odf->span_count] = is_bold(odf, style, is_bold_here(odf));
    odf->span_count++;
}

static void add_text(struct odf *odf, struct slice text)
{
    struct paragraph *paragraph = &odf->paragraphs[odf->paragraph_count - 1];
    if (odf->text.size == paragraph->start)
        paragraph->page = odf->out.page;
    bool is_plain = !is_bold_here(odf) && slice_trim(text).size > 0;
    odf->row_is_plain = odf->row_is_plain || is_plain;
    paragraph->has_plain = paragraph->has_plain || is_plain;
    buffer_append_slice(&odf->text, text);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* White space of any length is one space; more of them are elements. */
static void add_flowing(struct odf *odf, struct slice text)
{
    if (odf->paragraph_count == 0)
        return;
    for (size_t at = 0; at < text.size;) {
        size_t start = at;
        while (at < text.size && !is_space(text.data[at]))
            at++;
        if (at > start)
            add_text(odf, slice_range(text, start, at));
        start = at;
        while (at < text.size && is_space(text.data[at]))
            at++;
        bool is_apart = odf->text.size > 0 && odf->text.data[odf->text.size - 1] == ' ';
        if (at > start && !is_apart)
            add_text(odf, SLICE(" "));
    }
}

static void add_mark(struct odf *odf)
{
    uint64_t count = 1;
    if (odf->paragraph_count == 0)
        return;
    (void)slice_to_u64(xml_get(&odf->xml, XML_ODF_TEXT, "c"), &count);
    count = odf->xml.code != SPACES ? 1 : count < SPACES_MAX ? count : SPACES_MAX;
    for (uint64_t i = 0; i < count; i++)
        add_text(odf, odf->xml.code == SPACES ? SLICE(" ") : odf->xml.code == TAB ? SLICE("\t") : SLICE("\n"));
}

/* ---- tables and slides ---- */

static struct table *table_at_hand(struct odf *odf)
{
    return odf->table_count > 0 ? &odf->tables[odf->table_count - 1] : NULL;
}

/* How often a cell or a column stands there; a great many are as good as a few. */
static size_t repeated(struct odf *odf)
{
    uint64_t count;
    bool is_stated = slice_to_u64(xml_get(&odf->xml, XML_ODF_TABLE, "number-columns-repeated"), &count);
    return !is_stated || count == 0 ? 1 : count < 1000 ? (size_t)count : 1000;
}

static void begin_table(struct odf *odf)
{
    if (odf->is_spreadsheet && odf->table_count == 0) {
        odf->out.page++;
        odf->has_pages = true;
        office_sheet_begin(&odf->out, arena_slice(&odf->package.arena, xml_get(&odf->xml, XML_ODF_TABLE, "name")));
    }
    odf->tables[odf->table_count++] = (struct table){.form = TABLE_OPEN};
}

static void begin_row(struct odf *odf)
{
    struct table *table = table_at_hand(odf);
    if (table == NULL)
        return;
    if (table->form == TABLE_OPEN) {
        bool is_layout = table->columns == 1 && odf->out.tables == 0 && !odf->is_spreadsheet;
        table->form = is_layout ? TABLE_LAYOUT : TABLE_ROWS;
        if (!is_layout)
            office_table_begin(&odf->out);
    }
    table->column = 0;
    odf->row_is_plain = odf->row_is_plain && odf->out.tables > 1;
    if (table->form == TABLE_ROWS)
        office_row_begin(&odf->out, 1);
    if (table->form == TABLE_ROWS && table->in_head_rows)
        office_row_mark(&odf->out);
}

static size_t spanned(struct odf *odf, const char *attribute)
{
    uint64_t count;
    return slice_to_u64(xml_get(&odf->xml, XML_ODF_TABLE, attribute), &count) ? (size_t)count : 1;
}

/* Cells that others reach into are written, too, and what they hold is not seen. */
static void begin_cell(struct odf *odf)
{
    struct table *table = table_at_hand(odf);
    if (table == NULL)
        return;
    size_t count = repeated(odf), column = table->column, columns = spanned(odf, "number-columns-spanned");
    table->column += count;
    if (table->form == TABLE_ROWS && odf->xml.code != COVERED_CELL)
        office_cell_begin(&odf->out, column, count > 1 ? count : columns, spanned(odf, "number-rows-spanned"));
}

static void end_row(struct odf *odf)
{
    const struct table *table = table_at_hand(odf);
    if (table == NULL || table->form != TABLE_ROWS)
        return;
    if (!odf->row_is_plain && !odf->is_spreadsheet)
        office_row_mark(&odf->out);
    if (odf->is_spreadsheet && odf->table_count == 1)
        office_sheet_row_end(&odf->out, /* is_apart= */ false);
    else
        office_row_end(&odf->out);
}

static void end_table(struct odf *odf)
{
    const struct table *table = table_at_hand(odf);
    if (table == NULL)
        return;
    if (table->form == TABLE_ROWS)
        office_table_end(&odf->out);
    odf->table_count--;
}

static void begin_slide(struct odf *odf)
{
    if (odf->in_slide)
        return;
    odf->out.page++;
    odf->has_pages = odf->in_slide = true;
    odf->has_body_text = false;
    buffer_clear(&odf->title);
    office_paragraph_begin(&odf->out); /* the title is one that all else is held behind */
}

static void end_slide(struct odf *odf)
{
    if (!odf->in_slide)
        return;
    odf->in_slide = false;
    office_paragraph_end(&odf->out, BLOCK_HEADING, odf->has_body_text ? 2 : 1, buffer_slice(&odf->title));
}

static void begin_frame(struct odf *odf)
{
    static const char *const around[] = {"header", "footer", "date-time", "page-number", "page"};
    struct slice class = xml_get(&odf->xml, XML_ODF_PRESENTATION, "class");
    odf->purpose = slice_equal_text(class, "title")      ? PURPOSE_TITLE
                   : slice_equal_text(class, "subtitle") ? PURPOSE_SUBTITLE
                                                         : PURPOSE_NONE;
    for (size_t i = 0; i < ARRAY_COUNT(around); i++)
        if (slice_equal_text(class, around[i]))
            odf->purpose = PURPOSE_AROUND;
}

/* ---- elements ---- */

static void turn_page(struct odf *odf)
{
    odf->out.page++;
    odf->has_pages = true;
}

static void read_text_start(struct odf *odf)
{
    struct xml *xml = &odf->xml;
    switch (xml->code) {
    case HEADING:
    case PARAGRAPH:
        begin_paragraph(odf);
        break;
    case SPAN:
        begin_span(odf);
        break;
    case SECTION:
        if (slice_equal_text(xml_get(xml, XML_ODF_TEXT, "display"), "none"))
            xml_skip(xml);
        break;
    case LIST:
        odf->lists++;
        break;
    case ITEM:
        odf->item_begins = true;
        break;
    case SPACES:
    case TAB:
    case LINE_BREAK:
        add_mark(odf);
        break;
    case PAGE_BREAK:
        turn_page(odf);
        break;
    default:
        break;
    }
}

/* A comment, to its end: who wrote it, then its paragraphs. */
static void read_annotation(struct odf *odf)
{
    struct xml *xml = &odf->xml;
    struct buffer text;
    bool is_resolved = slice_equal_text(xml_get(xml, XML_OTHER, "resolved"), "true"), has_text = false;
    int inside = 0; /* CREATOR, PARAGRAPH */
    if (is_resolved || odf->is_spreadsheet || odf->in_slide || odf->out.tables > 0 || odf->paragraph_count == 0) {
        xml_skip(xml);
        return;
    }
    buffer_init(&text, LIMIT_DOCUMENT_BYTES_MAX);
    buffer_append_text(&text, "Comment");
    size_t word_size = text.size;
    for (size_t level = 1; level > 0 && xml_next(xml);) {
        bool is_start = xml->kind == XML_START,
             is_piece = xml->kind != XML_TEXT && (xml->code == CREATOR || xml->code == PARAGRAPH);
        level += is_start;
        level -= xml->kind == XML_END;
        if (is_piece && is_start && xml->code == PARAGRAPH) {
            buffer_append_text(&text, has_text ? "\n" : ": ");
            has_text = true;
        }
        if (is_piece)
            inside = is_start ? xml->code : 0;
        if (xml->kind == XML_TEXT && inside == CREATOR && text.size == word_size)
            buffer_append_text(&text, " by ");
        if (xml->kind == XML_TEXT && inside != 0)
            buffer_append_slice(&text, xml->text);
    }
    if (has_text)
        office_paragraph(&odf->out, BLOCK_PARAGRAPH, 0, buffer_slice(&text));
    buffer_release(&text);
}

static void read_start(struct odf *odf)
{
    switch (odf->xml.code) {
    case TABLE:
        begin_table(odf);
        break;
    case COLUMN:
        if (odf->table_count > 0)
            table_at_hand(odf)->columns += repeated(odf);
        break;
    case HEAD_ROWS:
        if (odf->table_count > 0)
            table_at_hand(odf)->in_head_rows = true;
        break;
    case ROW:
        begin_row(odf);
        break;
    case CELL:
        begin_cell(odf);
        break;
    case COVERED_CELL:
        begin_cell(odf);
        xml_skip(&odf->xml);
        break;
    case SLIDE:
        begin_slide(odf);
        break;
    case SLIDE_NOTES: /* of the slide, but no part of it */
        odf->in_slide_notes = true;
        break;
    case FRAME:
        begin_frame(odf);
        break;
    case SPREADSHEET:
        odf->is_spreadsheet = true;
        break;
    case TEXT_BODY:
        odf->out.page = 1;
        break;
    case STYLE:
        begin_style(odf);
        break;
    case TEXT_PROPERTIES:
        read_text_properties(odf);
        break;
    case ANNOTATION:
        read_annotation(odf);
        break;
    case SKIPPED:
        xml_skip(&odf->xml);
        break;
    default:
        read_text_start(odf);
    }
}

static void read_end(struct odf *odf)
{
    switch (odf->xml.code) {
    case HEADING:
    case PARAGRAPH:
        end_paragraph(odf);
        break;
    case SPAN:
        odf->span_count -= odf->span_count > 0;
        break;
    case LIST:
        odf->lists -= odf->lists > 0;
        odf->item_begins = false;
        break;
    case ITEM:
        odf->item_begins = false;
        break;
    case HEAD_ROWS:
        if (odf->table_count > 0)
            table_at_hand(odf)->in_head_rows = false;
        break;
    case ROW:
        end_row(odf);
        break;
    case TABLE:
        end_table(odf);
        break;
    case SLIDE:
        end_slide(odf);
        break;
    case SLIDE_NOTES:
        odf->in_slide_notes = false;
        break;
    case FRAME:
        odf->purpose = PURPOSE_NONE;
        break;
    default:
        break;
    }
}

/* ---- parts ---- */

static bool read_content(struct odf *odf, struct error *error)
{
    struct buffer content;
    struct xml *xml = &odf->xml;
    bool ok = package_part(&odf->package, SLICE("content.xml"), &content, error);
    if (ok) {
        xml_init(xml, buffer_slice(&content), "content.xml", words, ARRAY_COUNT(words));
        while (ok && !odf->out.extract->text.failed && xml_next(xml)) {
            if (xml->kind == XML_TEXT)
                add_flowing(odf, xml->text);
            else if (xml->kind == XML_END)
                read_end(odf);
            else if (xml->depth == 1 && xml->space != XML_ODF_OFFICE)
                ok = package_refuse_root("an OpenDocument file", xml->name, error);
            else
                read_start(odf);
        }
        ok = ok && xml_finish(xml, error);
        xml_release(xml);
        office_text_end(&odf->out);
    }
    buffer_release(&content);
    return ok;
}

/* Whoever began the document is its author; dc:creator is who wrote in it last. */
static void read_meta(struct odf *odf)
{
    struct buffer content, value, last_writer;
    struct xml *xml = &odf->xml;
    struct error ignored;
    bool has_author = false;
    if (!package_has(&odf->package, SLICE("meta.xml")))
        return;
    buffer_init(&value, LIMIT_DOCUMENT_BYTES_MAX);
    buffer_init(&last_writer, LIMIT_DOCUMENT_BYTES_MAX);
    if (package_part(&odf->package, SLICE("meta.xml"), &content, &ignored)) {
        xml_init(xml, buffer_slice(&content), "meta.xml", words, ARRAY_COUNT(words));
        while (xml_next(xml)) {
            if (xml->kind != XML_START || (xml->space != XML_DC && xml->space != XML_ODF_META))
                continue;
            struct slice name = xml->name; /* in the part */
            buffer_clear(&value);
            xml_text_into(xml, &value);
            if (slice_equal_text(name, "creator"))
                buffer_append_slice(&last_writer, buffer_slice(&value));
            else
                property_add(odf->out.extract, name, buffer_slice(&value));
            has_author = has_author || slice_equal_text(name, "initial-creator");
        }
        xml_release(xml);
    }
    if (!has_author)
        property_add(odf->out.extract, SLICE("creator"), buffer_slice(&last_writer));
    buffer_release(&content);
    buffer_release(&value);
    buffer_release(&last_writer);
}

static bool refuse_encrypted(struct odf *odf, struct error *error)
{
    struct buffer content;
    struct xml *xml = &odf->xml;
    struct error ignored;
    bool is_encrypted = false;
    if (!package_has(&odf->package, SLICE("META-INF/manifest.xml")))
        return true;
    if (package_part(&odf->package, SLICE("META-INF/manifest.xml"), &content, &ignored)) {
        xml_init(xml, buffer_slice(&content), "META-INF/manifest.xml", words, ARRAY_COUNT(words));
        while (xml_next(xml))
            is_encrypted = is_encrypted || (xml->kind == XML_START && xml->code == ENCRYPTED);
        xml_release(xml);
    }
    buffer_release(&content);
    if (!is_encrypted)
        return true;
    error_set(error, ERROR_INVALID, "it is encrypted with a password");
    return error_hint(error, "Save it without the password, and add that.");
}

static bool read_parts(struct odf *odf, struct error *error)
{
    if (!package_has(&odf->package, SLICE("content.xml")))
        return error_set(error, ERROR_INVALID, "it is not an OpenDocument file: it has no content.xml");
    if (!refuse_encrypted(odf, error) || !read_content(odf, error))
        return false;
    read_meta(odf);
    struct blocks *blocks = &odf->out.extract->blocks;
    for (size_t i = 0; i < blocks->count && !odf->has_pages; i++)
        blocks->items[i].page = 0;
    return true;
}

bool odf_read(struct slice source, struct extract *extract, struct error *error)
{
    struct odf *odf = memory_alloc(1, sizeof(*odf));
    bool ok = package_open(&odf->package, source, "an OpenDocument file", error);
    if (ok) {
        office_text_init(&odf->out, extract);
        buffer_init(&odf->text, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&odf->title, LIMIT_DOCUMENT_BYTES_MAX);
        ok = read_parts(odf, error) && extract_finish(extract, error);
        office_text_release(&odf->out);
        buffer_release(&odf->text);
        buffer_release(&odf->title);
        package_release(&odf->package);
    }
    free(odf->styles);
    free(odf);
    return ok;
}
