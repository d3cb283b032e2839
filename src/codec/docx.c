/* docx.c - Word documents (Office Open XML, ECMA-376 part 1, WordprocessingML) as a person reads them.
 *
 *   w:p                       a paragraph: heading, item, code or plain, by its own properties and its style's
 *     w:pPr                   style, numbering, outline level
 *     w:r                     a run: w:t has the text; hidden when its w:rPr says w:vanish
 *     w:ins, w:hyperlink …    around runs, nothing by themselves; w:del and w:moveFrom are passed over
 *   w:tbl / w:tr / w:tc       tables; one with a single column is there for the page's look, and read as what it holds
 *
 * Fields are  begin | code | separate | result | end  in runs of their own: text counts outside of the code. What a newer Word writes twice
 * (mc:AlternateContent) is read once. Tables of contents are left out, as a page's navigation is: they repeat the headings. Comments stand behind
 * the paragraph they are about, "Comment by Ann: …", unless they were resolved. Of heads and feet of pages the lines are told, before all text, that
 * tell of the document: "Version 3.2, valid from 1 May 2025".
 *
 * The language that Word states is that of the keyboard or the template as often as the text's, so it is not taken. */
#include "docx_remarks.h"
#include "docx_styles.h"
#include "office_chart.h"
#include "raised.h"
#include "symbol_font.h"
#include "utf8.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOCUMENT = 1,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    STYLE,
    NUMBER,
    NUMBER_LEVEL,
    OUTLINE,
    PAGE_BREAK_BEFORE,
    SECTION,
    RUN,
    RUN_PROPERTIES,
    RUN_STYLE,
    VANISH,
    STRUCK,
    VERTICAL_PLACE,
    BOLD,
    TEXT,
    TAB,
    BREAK,
    RETURN,
    HYPHEN,
    SYMBOL,
    FIELD_MARK,
    RENDERED_PAGE,
    NOTE_REFERENCE,
    END_REFERENCE,
    COMMENT_REFERENCE,
    TABLE,
    GRID,
    GRID_COLUMN,
    ROW,
    ROW_HEAD,
    CELL,
    CELL_PROPERTIES,
    CELL_SPAN,
    CELL_MERGE,
    ALTERNATES,
    CHOICE,
    FALLBACK,
    CHART,
    PLACEHOLDER,
    CONTENT,
    NOTE,
    SKIPPED
};

static const struct xml_word words[] = {
    {XML_WORD, "document", DOCUMENT},
    {XML_WORD, "p", PARAGRAPH},
    {XML_WORD, "pPr", PARAGRAPH_PROPERTIES},
    {XML_WORD, "pStyle", STYLE},
    {XML_WORD, "numId", NUMBER},
    {XML_WORD, "ilvl", NUMBER_LEVEL},
    {XML_WORD, "outlineLvl", OUTLINE},
    {XML_WORD, "pageBreakBefore", PAGE_BREAK_BEFORE},
    {XML_WORD, "sectPr", SECTION},
    {XML_WORD, "r", RUN},
    {XML_WORD, "rPr", RUN_PROPERTIES},
    {XML_WORD, "rStyle", RUN_STYLE},
    {XML_WORD, "vanish", VANISH},
    {XML_WORD, "strike", STRUCK},
    {XML_WORD, "dstrike", STRUCK},
    {XML_WORD, "vertAlign", VERTICAL_PLACE},
    {XML_WORD, "b", BOLD},
    {XML_WORD, "t", TEXT},
    {XML_MATH, "t", TEXT},
    {XML_WORD, "tab", TAB},
    {XML_WORD, "ptab", TAB},
    {XML_WORD, "br", BREAK},
    {XML_WORD, "cr", RETURN},
    {XML_WORD, "noBreakHyphen", HYPHEN},
    {XML_WORD, "sym", SYMBOL},
    {XML_WORD, "fldChar", FIELD_MARK},
    {XML_WORD, "lastRenderedPageBreak", RENDERED_PAGE},
    {XML_WORD, "footnoteReference", NOTE_REFERENCE},
    {XML_WORD, "endnoteReference", END_REFERENCE},
    {XML_WORD, "commentReference", COMMENT_REFERENCE},
    {XML_WORD, "tbl", TABLE},
    {XML_WORD, "tblGrid", GRID},
    {XML_WORD, "gridCol", GRID_COLUMN},
    {XML_WORD, "tr", ROW},
    {XML_WORD, "tblHeader", ROW_HEAD},
    {XML_WORD, "tc", CELL},
    {XML_WORD, "tcPr", CELL_PROPERTIES},
    {XML_WORD, "gridSpan", CELL_SPAN},
    {XML_WORD, "vMerge", CELL_MERGE},
    {XML_COMPATIBILITY, "AlternateContent", ALTERNATES},
    {XML_COMPATIBILITY, "Choice", CHOICE},
    {XML_COMPATIBILITY, "Fallback", FALLBACK},
    {XML_WORD, "footnote", NOTE},
    {XML_WORD, "endnote", NOTE},
    {XML_WORD, "comment", NOTE},
    {XML_WORD, "del", SKIPPED},
    {XML_WORD, "moveFrom", SKIPPED},
    {XML_WORD, "instrText", SKIPPED},
    {XML_WORD, "delText", SKIPPED},
    {XML_WORD, "rt", SKIPPED}, /* how the text above it is pronounced */
    {XML_CHART, "chart", CHART},
    {XML_WORD, "showingPlcHdr", PLACEHOLDER},
    {XML_WORD, "sdtContent", CONTENT},
    {XML_WORD, "tblPr", SKIPPED},
    {XML_WORD, "tblPrEx", SKIPPED},
    {XML_WORD, "pPrChange", SKIPPED}, /* what it was before */
    {XML_WORD, "trPrChange", SKIPPED},
    {XML_WORD, "tcPrChange", SKIPPED},
    {XML_WORD, "rPrChange", SKIPPED},
    {XML_WORD, "tblGridChange", SKIPPED},
    {XML_WORD, "sectPrChange", SKIPPED},
};

enum { FIELDS_MAX = 31, NOTES_MAX = 1000000 };

struct paragraph {
    size_t start; /* in the text */
    struct docx_style style;
    unsigned outline;
    bool has_numbering, is_numbered, has_level;
    unsigned item_level;
    bool in_properties, in_run, is_run_hidden, is_run_struck, is_run_bold;
    bool has_plain; /* text that is not bold */
    enum raised raised; /* the run at hand */
    unsigned page; /* where its text begins */
};

enum note_kind { NOTE_FOOT, NOTE_END, NOTE_COMMENT, NOTE_MARGIN };

struct note {
    struct slice id;
    struct slice paragraph; /* the id of a comment's last paragraph */
    struct slice row; /* of a comment in a table: the first cell of its row */
    size_t start, end; /* in the notes' text */
    size_t name_end; /* behind who wrote it, there */
    enum note_kind kind;
    bool is_told; /* once, however often it is referred to */
    bool in_row, row_is_over;
};

struct table {
    enum { TABLE_OPEN, TABLE_LAYOUT, TABLE_ROWS } form;
    size_t columns;
    size_t column; /* of the row at hand, behind the cell at hand */
    struct word_cell {
        size_t span;
        bool begins, goes_on; /* in the rows below; from the row above */
        bool is_told;
    } cell;
};

struct docx {
    struct package package;
    const struct relations *relations; /* of the text */
    struct docx_styles styles;
    struct office_text out;
    struct xml xml;
    struct buffer text; /* of the paragraphs that are open, one behind the other */
    struct paragraph paragraphs[LIMIT_XML_DEPTH];
    size_t paragraph_count;
    struct paragraph outside;
    struct table tables[LIMIT_XML_DEPTH];
    size_t table_count;
    bool row_is_plain; /* the outermost table's row at hand has text that is not bold */
    bool is_branch_taken[LIMIT_XML_DEPTH + 1]; /* of the AlternateContent at that depth */
    bool in_text;
    bool is_placeholder; /* what the content control at hand holds: "Click here to enter text." */
    unsigned field_count;
    uint32_t fields_in_code; /* a bit for each open field */
    bool pages_are_rendered; /* Word told where its pages end; else only breaks that somebody set are known */
    bool has_pages;
    struct slice *charts; /* parts of those in the paragraph or table at hand */
    size_t chart_count, chart_capacity;
    struct office_charts told_charts;
    /* Notes, read before the text that refers to them. */
    bool in_notes;
    enum note_kind kind; /* of those at hand */
    struct map resolved; /* paragraphs of comments that were */
    struct buffer note_text;
    struct note *notes;
    size_t note_count, note_capacity;
    struct note_queue {
        struct note **items;
        size_t count, capacity;
    } footnotes, endnotes; /* to tell behind the paragraph at hand, and at the end */
};

/* Outside of all paragraphs: one that is never told. */
static struct paragraph *innermost(struct docx *docx)
{
    return docx->paragraph_count > 0 ? &docx->paragraphs[docx->paragraph_count - 1] : &docx->outside;
}

static struct table *table_at_hand(struct docx *docx)
{
    return docx->table_count > 0 ? &docx->tables[docx->table_count - 1] : NULL;
}

/* ---- notes ---- */

static void begin_note(struct docx *docx)
{
    struct slice id = xml_get(&docx->xml, XML_WORD, "id"), type = xml_get(&docx->xml, XML_WORD, "type");
    if (docx->note_count >= NOTES_MAX)
        return;
    bool is_plain = type.data == NULL || slice_equal_text(type, "normal"); /* others are the lines between text and notes */
    docx->notes = memory_more(docx->notes, docx->note_count, &docx->note_capacity, sizeof(*docx->notes));
    docx->notes[docx->note_count++] = (struct note){.id = arena_slice(&docx->package.arena, id),
                                                    .start = docx->note_text.size,
                                                    .end = docx->note_text.size,
                                                    .kind = docx->kind,
                                                    .is_told = !is_plain};
    struct slice author = docx->kind == NOTE_COMMENT ? xml_get(&docx->xml, XML_WORD, "author") : SLICE("");
    if (docx->kind == NOTE_COMMENT)
        buffer_format(&docx->note_text, "Comment%s" SLICE_FORMAT ":", author.size > 0 ? " by " : "", SLICE_ARGUMENT(author));
    docx->notes[docx->note_count - 1].name_end = docx->note_text.size - (docx->kind == NOTE_COMMENT);
}

static void add_to_note(struct docx *docx, struct slice paragraph)
{
    paragraph = slice_trim(paragraph);
    if (docx->note_count == 0 || paragraph.size == 0 || docx->notes[docx->note_count - 1].kind != docx->kind)
        return;
    struct note *note = &docx->notes[docx->note_count - 1];
    if (note->start < docx->note_text.size)
        buffer_append_byte(&docx->note_text, note->kind == NOTE_COMMENT && note->end == note->start ? ' ' : '\n');
    buffer_append_slice(&docx->note_text, paragraph);
    note->end = docx->note_text.size;
}

static int by_id(const void *a, const void *b)
{
    const struct note *left = a, *right = b;
    int order = slice_compare(left->id, right->id);
    return order != 0 ? order : (int)left->kind - (int)right->kind;
}

/* Notes are sorted once all of them were read. */
static void refer_to_note(struct docx *docx, enum note_kind kind)
{
    const struct note wanted = {.id = xml_get(&docx->xml, XML_WORD, "id"), .kind = kind};
    struct note *note = NULL;
    struct note_queue *queue = kind == NOTE_END ? &docx->endnotes : &docx->footnotes;
    if (docx->note_count > 0 && !docx->in_notes)
        note = bsearch(&wanted, docx->notes, docx->note_count, sizeof(wanted), by_id);
    if (note == NULL || note->is_told || map_get(&docx->resolved, note->paragraph) != NULL)
        return;
    note->is_told = true;
    note->in_row = kind == NOTE_COMMENT && docx->out.tables > 0;
    queue->items = memory_more(queue->items, queue->count, &queue->capacity, sizeof(*queue->items));
    queue->items[queue->count++] = note;
}

/* The row at hand ends: comments in it are told behind the table with the name of the row. */
static void name_row_of_comments(struct docx *docx)
{
    enum { NAME_BYTES_MAX = 80 };
    struct slice row = buffer_slice(&docx->out.row), cell = slice_trim(table_next_cell(&row));
    const struct note_queue *queue = &docx->footnotes;
    bool is_name = cell.size > 0 && cell.size <= NAME_BYTES_MAX;
    if (docx->out.tables != 1)
        return;
    for (size_t i = queue->count; i > 0 && !queue->items[i - 1]->row_is_over; i--) {
        queue->items[i - 1]->row_is_over = true;
        queue->items[i - 1]->row = is_name ? arena_slice(&docx->package.arena, cell) : SLICE("");
    }
}

/* A comment in a row without a name is left out: nobody would know what it is about. */
static void tell_note(struct docx *docx, const struct note *note)
{
    struct slice text = slice_range(buffer_slice(&docx->note_text), note->start, note->end);
    if (note->in_row && note->row.size == 0)
        return;
    if (note->in_row && text.size > 0) {
        size_t size = note->name_end - note->start;
        text = slice_from(arena_format(&docx->package.arena,
                                       SLICE_FORMAT " on \xE2\x80\x9C" SLICE_FORMAT "\xE2\x80\x9D" SLICE_FORMAT,
                                       SLICE_ARGUMENT(slice_range(text, 0, size)), SLICE_ARGUMENT(note->row),
                                       SLICE_ARGUMENT(slice_range(text, size, text.size))));
    }
    office_paragraph(&docx->out, BLOCK_PARAGRAPH, 0, text);
}

/* Footnotes behind their paragraph or table; endnotes at the end. */
static void tell_notes(struct docx *docx, struct note_queue *queue)
{
    if (docx->out.tables > 0)
        return;
    for (size_t i = 0; i < queue->count; i++)
        tell_note(docx, queue->items[i]);
    queue->count = 0;
}

/* ---- charts ---- */

static void note_chart(struct docx *docx)
{
    const struct relation *chart = docx->relations == NULL || docx->in_notes
                                       ? NULL
                                       : relation_of_id(docx->relations, xml_get(&docx->xml, XML_RELATION, "id"));
    if (chart == NULL || !package_has(&docx->package, chart->target))
        return;
    docx->charts = memory_more(docx->charts, docx->chart_count, &docx->chart_capacity, sizeof(*docx->charts));
    docx->charts[docx->chart_count++] = chart->target;
}

/* What comes behind the paragraph or the table. */
static void tell_below(struct docx *docx)
{
    tell_notes(docx, &docx->footnotes);
    if (docx->out.tables > 0)
        return;
    for (size_t i = 0; i < docx->chart_count; i++)
        office_chart_tell(&docx->told_charts, &docx->package, docx->charts[i], &docx->out);
    docx->chart_count = 0;
}

/* ---- paragraphs ---- */

static void begin_paragraph(struct docx *docx)
{
    assert(docx->paragraph_count < LIMIT_XML_DEPTH);
    if (docx->in_notes && docx->kind == NOTE_COMMENT && docx->note_count > 0)
        docx->notes[docx->note_count - 1].paragraph = arena_slice(&docx->package.arena,
                                                                  xml_get(&docx->xml, XML_OTHER, "paraId"));
    docx->paragraphs[docx->paragraph_count++] = (struct paragraph){
        .start = docx->text.size, .style = {.outline = DOCX_LEVEL_UNSET}, .outline = DOCX_LEVEL_UNSET};
    office_paragraph_begin(&docx->out);
}

static enum block_kind kind_of(const struct paragraph *paragraph, unsigned *level)
{
    const struct docx_style *style = &paragraph->style;
    unsigned outline = paragraph->outline != DOCX_LEVEL_UNSET ? paragraph->outline : style->outline;
    bool is_numbered = paragraph->has_numbering ? paragraph->is_numbered : style->has_numbering && style->is_numbered;
    if (outline < DOCX_LEVEL_BODY) {
        *level = outline < 6 ? outline + 1 : 6;
        return BLOCK_HEADING;
    }
    *level = 1 + (paragraph->has_level ? paragraph->item_level : style->item_level);
    if (is_numbered)
        return BLOCK_ITEM;
    *level = paragraph->has_plain ? 0 : OFFICE_BOLD;
    return style->is_code ? BLOCK_CODE : BLOCK_PARAGRAPH;
}

static void end_paragraph(struct docx *docx)
{
    if (docx->paragraph_count == 0)
        return;
    struct paragraph *paragraph = innermost(docx);
    struct slice text = slice_range(buffer_slice(&docx->text), paragraph->start, docx->text.size);
    unsigned level;
    enum block_kind kind = kind_of(paragraph, &level);
    if (docx->in_notes)
        add_to_note(docx, text);
    bool is_covered = false; /* or a table within a cell that is */
    for (size_t i = 0; i < docx->table_count; i++)
        is_covered = is_covered || (docx->tables[i].cell.goes_on && docx->tables[i].cell.is_told);
    bool is_left_out = paragraph->style.is_contents || docx->in_notes || is_covered;
    unsigned page = docx->out.page;
    docx->out.page = paragraph->page;
    office_paragraph_end(&docx->out, kind, level, is_left_out ? SLICE("") : text);
    docx->out.page = page;
    docx->text.size = paragraph->start;
    docx->paragraph_count--;
    if (docx->paragraph_count > 0)
        return;
    docx->fields_in_code = 0; /* codes do not go on in another paragraph, but ends of fields get lost */
    tell_below(docx);
}

static void add_text(struct docx *docx, struct slice text)
{
    struct paragraph *paragraph = innermost(docx);
    bool is_read = !paragraph->is_run_hidden && !paragraph->is_run_struck;
    if (docx->paragraph_count == 0 || !is_read || docx->fields_in_code != 0)
        return;
    if (docx->text.size == paragraph->start)
        paragraph->page = docx->out.page;
    bool is_plain = !paragraph->is_run_bold && slice_trim(text).size > 0;
    docx->row_is_plain = docx->row_is_plain || is_plain;
    paragraph->has_plain = paragraph->has_plain || is_plain;
    char small[RAISED_BYTES_MAX];
    struct slice before = slice_range(buffer_slice(&docx->text), paragraph->start, docx->text.size);
    size_t small_size = raised_write(paragraph->raised, before, text, small);
    buffer_append_slice(&docx->text, small_size > 0 ? (struct slice){small, small_size} : text);
}

static void add_symbol(struct docx *docx)
{
    struct slice font = xml_get(&docx->xml, XML_WORD, "font"), digits = xml_get(&docx->xml, XML_WORD, "char");
    uint32_t code = 0;
    char bytes[UTF8_BYTES_MAX];
    for (size_t i = 0; i < digits.size && i < 6; i++) {
        char c = digits.data[i];
        code = code << 4 | (uint32_t)(c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) % 16;
    }
    uint32_t character = symbol_character(font, code);
    if (character != 0)
        add_text(docx, (struct slice){bytes, utf8_encode(character, bytes)});
}

static void mark_field(struct docx *docx)
{
    struct slice type = xml_get(&docx->xml, XML_WORD, "fldCharType");
    uint32_t bit = docx->field_count > 0 ? UINT32_C(1) << (docx->field_count - 1) : 0;
    if (slice_equal_text(type, "begin") && docx->field_count < FIELDS_MAX)
        docx->fields_in_code |= UINT32_C(1) << docx->field_count++;
    else if (slice_equal_text(type, "separate"))
        docx->fields_in_code &= ~bit;
    else if (slice_equal_text(type, "end") && docx->field_count > 0) {
        docx->fields_in_code &= ~bit;
        docx->field_count--;
    }
}

/* ---- pages ---- */

static void turn_page(struct docx *docx)
{
    if (docx->in_notes)
        return;
    docx->out.page++;
    docx->has_pages = true;
}

static void read_break(struct docx *docx)
{
    struct slice type = xml_get(&docx->xml, XML_WORD, "type");
    if (slice_equal_text(type, "page") && !docx->pages_are_rendered)
        turn_page(docx);
    add_text(docx, SLICE("\n"));
}

/* ---- tables ---- */

static void decide_table(struct docx *docx, struct table *table)
{
    if (table->form != TABLE_OPEN)
        return;
    table->form = table->columns == 1 && docx->out.tables == 0 ? TABLE_LAYOUT : TABLE_ROWS;
    if (table->form == TABLE_ROWS)
        office_table_begin(&docx->out);
}

static void begin_row(struct docx *docx)
{
    struct table *table = table_at_hand(docx);
    if (table == NULL)
        return;
    decide_table(docx, table);
    table->column = 0;
    if (table->form != TABLE_ROWS)
        return;
    docx->row_is_plain = docx->row_is_plain && docx->out.tables > 1;
    office_row_begin(&docx->out, 1);
}

static void read_row_head(struct docx *docx)
{
    const struct table *table = table_at_hand(docx);
    if (table != NULL && table->form == TABLE_ROWS && docx_is_on(&docx->xml))
        office_row_mark(&docx->out);
}

static void begin_cell(struct docx *docx)
{
    struct table *table = table_at_hand(docx);
    if (table != NULL)
        table->cell = (struct word_cell){.span = 1};
}

static void read_cell_property(struct docx *docx)
{
    struct table *table = table_at_hand(docx);
    struct slice value = xml_get(&docx->xml, XML_WORD, "val");
    uint64_t span;
    if (table == NULL || table->cell.is_told)
        return;
    if (docx->xml.code == CELL_SPAN && slice_to_u64(value, &span) && span > 0 && span < TABLE_COLUMNS_MAX)
        table->cell.span = (size_t)span;
    if (docx->xml.code == CELL_MERGE) {
        table->cell.begins = slice_equal_text(value, "restart");
        table->cell.goes_on = !table->cell.begins;
    }
}

/* Its properties are known. How many rows it goes over is not: each of them says whether it goes on. */
static void tell_cell(struct docx *docx)
{
    struct table *table = table_at_hand(docx);
    if (table == NULL || table->cell.is_told)
        return;
    struct word_cell *cell = &table->cell;
    cell->is_told = true;
    cell->goes_on = cell->goes_on && table->form == TABLE_ROWS && office_cell_continue(&docx->out, table->column, cell->span);
    if (table->form == TABLE_ROWS && !cell->goes_on)
        office_cell_begin(&docx->out, table->column, cell->span, cell->begins ? 2 : 1);
    table->column += cell->span;
}

static void end_row(struct docx *docx)
{
    const struct table *table = table_at_hand(docx);
    if (table == NULL || table->form != TABLE_ROWS)
        return;
    if (!docx->row_is_plain)
        office_row_mark(&docx->out);
    name_row_of_comments(docx);
    office_row_end(&docx->out);
}

static void end_table(struct docx *docx)
{
    const struct table *table = table_at_hand(docx);
    if (table == NULL)
        return;
    if (table->form == TABLE_ROWS)
        office_table_end(&docx->out);
    docx->table_count--;
    if (docx->paragraph_count == 0)
        tell_below(docx);
}

/* ---- elements ---- */

static unsigned number_of(struct xml *xml, unsigned otherwise)
{
    uint64_t value;
    return slice_to_u64(xml_get(xml, XML_WORD, "val"), &value) && value <= DOCX_LEVEL_BODY ? (unsigned)value : otherwise;
}

/* What a paragraph says of itself. */
static void read_property(struct docx *docx, struct paragraph *paragraph)
{
    struct xml *xml = &docx->xml;
    switch (xml->code) {
    case STYLE:
        paragraph->style = docx_style(&docx->styles, xml_get(xml, XML_WORD, "val"));
        paragraph->is_run_hidden = paragraph->style.is_hidden;
        break;
    case NUMBER:
        paragraph->has_numbering = true;
        paragraph->is_numbered = !slice_equal_text(xml_get(xml, XML_WORD, "val"), "0");
        break;
    case NUMBER_LEVEL:
        paragraph->has_level = true;
        paragraph->item_level = number_of(xml, 0);
        break;
    case OUTLINE:
        paragraph->outline = number_of(xml, paragraph->outline);
        break;
    case PAGE_BREAK_BEFORE:
        if (!docx->pages_are_rendered && docx_is_on(xml))
            turn_page(docx);
        break;
    default: /* the mark at its end has properties like those of a run */
        if (xml->code == RUN_PROPERTIES || xml->code == SECTION)
            xml_skip(xml);
        break;
    }
}

static void begin_run(struct paragraph *paragraph)
{
    paragraph->in_run = true;
    paragraph->is_run_struck = false;
    paragraph->is_run_bold = paragraph->style.is_bold;
    paragraph->raised = RAISED_NOT;
    paragraph->is_run_hidden = paragraph->style.is_hidden;
}

static void read_run_property(struct docx *docx, struct paragraph *paragraph)
{
    struct xml *xml = &docx->xml;
    if (xml->code == VANISH && paragraph->in_run)
        paragraph->is_run_hidden = docx_is_on(xml);
    if (xml->code == STRUCK && paragraph->in_run) /* crossed out: it no longer holds */
        paragraph->is_run_struck = paragraph->is_run_struck || docx_is_on(xml);
    if (xml->code == BOLD && paragraph->in_run)
        paragraph->is_run_bold = docx_is_on(xml);
    if (xml->code == VERTICAL_PLACE && paragraph->in_run) {
        struct slice place = xml_get(xml, XML_WORD, "val");
        bool is_up = slice_equal_text(place, "superscript");
        paragraph->raised = is_up ? RAISED_UP : slice_equal_text(place, "subscript") ? RAISED_DOWN : RAISED_NOT;
    }
    if (xml->code == RUN_STYLE && paragraph->in_run) {
        struct docx_style style = docx_style(&docx->styles, xml_get(xml, XML_WORD, "val"));
        paragraph->is_run_hidden = style.says_hidden ? style.is_hidden : paragraph->is_run_hidden;
        paragraph->is_run_bold = style.says_bold ? style.is_bold : paragraph->is_run_bold;
    }
}

/* One branch of what is written several times for several programs: the first choice, else the fallback. */
static void read_branch(struct docx *docx)
{
    bool *is_taken = &docx->is_branch_taken[docx->xml.depth - 1];
    if (*is_taken)
        xml_skip(&docx->xml);
    *is_taken = true;
}

static void read_text_start(struct docx *docx)
{
    struct paragraph *paragraph = innermost(docx);
    switch (docx->xml.code) {
    case RUN:
        begin_run(paragraph);
        break;
    case RUN_STYLE:
    case VANISH:
    case STRUCK:
    case VERTICAL_PLACE:
    case BOLD:
        read_run_property(docx, paragraph);
        break;
    case TEXT:
        docx->in_text = true;
        break;
    case TAB:
        if (paragraph->in_run) /* else it is a place where tabs stop */
            add_text(docx, SLICE("\t"));
        break;
    case BREAK:
        read_break(docx);
        break;
    case RETURN:
        add_text(docx, SLICE("\n"));
        break;
    case HYPHEN:
        add_text(docx, SLICE("-"));
        break;
    case SYMBOL:
        add_symbol(docx);
        break;
    case FIELD_MARK:
        mark_field(docx);
        break;
    case RENDERED_PAGE:
        turn_page(docx);
        break;
    case NOTE_REFERENCE:
        refer_to_note(docx, NOTE_FOOT);
        break;
    case END_REFERENCE:
        refer_to_note(docx, NOTE_END);
        break;
    case COMMENT_REFERENCE:
        refer_to_note(docx, NOTE_COMMENT);
        break;
    default:
        break;
    }
}

static void read_start(struct docx *docx)
{
    struct paragraph *paragraph = innermost(docx);
    if (paragraph->in_properties && docx->xml.code != SKIPPED) {
        read_property(docx, paragraph);
        return;
    }
    switch (docx->xml.code) {
    case PARAGRAPH:
        tell_cell(docx);
        begin_paragraph(docx);
        break;
    case PARAGRAPH_PROPERTIES:
        paragraph->in_properties = docx->paragraph_count > 0;
        break;
    case TABLE:
        tell_cell(docx);
        docx->tables[docx->table_count++] = (struct table){.form = TABLE_OPEN};
        break;
    case GRID_COLUMN:
        if (docx->table_count > 0)
            table_at_hand(docx)->columns++;
        break;
    case ROW:
        begin_row(docx);
        break;
    case ROW_HEAD:
        read_row_head(docx);
        break;
    case CELL:
        begin_cell(docx);
        break;
    case CELL_SPAN:
    case CELL_MERGE:
        read_cell_property(docx);
        break;
    case ALTERNATES:
        docx->is_branch_taken[docx->xml.depth] = false;
        break;
    case CHOICE:
    case FALLBACK:
        read_branch(docx);
        break;
    case CHART:
        note_chart(docx);
        break;
    case PLACEHOLDER:
        docx->is_placeholder = docx_is_on(&docx->xml);
        break;
    case CONTENT:
        if (docx->is_placeholder)
            xml_skip(&docx->xml);
        docx->is_placeholder = false;
        break;
    case NOTE:
        begin_note(docx);
        break;
    case SKIPPED:
    case SECTION:
        xml_skip(&docx->xml);
        break;
    default:
        read_text_start(docx);
    }
}

static void read_end(struct docx *docx)
{
    struct paragraph *paragraph = innermost(docx);
    switch (docx->xml.code) {
    case PARAGRAPH:
        end_paragraph(docx);
        break;
    case PARAGRAPH_PROPERTIES:
        paragraph->in_properties = false;
        break;
    case RUN:
        paragraph->in_run = paragraph->is_run_struck = paragraph->is_run_bold = false;
        paragraph->raised = RAISED_NOT;
        paragraph->is_run_hidden = paragraph->style.is_hidden;
        break;
    case TEXT:
        docx->in_text = false;
        break;
    case CELL_PROPERTIES:
    case CELL: /* it had none */
        tell_cell(docx);
        break;
    case ROW:
        end_row(docx);
        break;
    case TABLE:
        end_table(docx);
        break;
    default:
        break;
    }
}

/* ---- parts ---- */

static bool read_part(struct docx *docx, struct slice part, struct error *error)
{
    struct buffer content;
    bool ok = package_part(&docx->package, part, &content, error);
    if (!ok) {
        buffer_release(&content);
        return false;
    }
    struct slice source = buffer_slice(&content);
    docx->pages_are_rendered = memmem(source.data, source.size, "lastRenderedPageBreak", 21) != NULL;
    xml_init(&docx->xml, source, arena_text(&docx->package.arena, part), words, ARRAY_COUNT(words));
    while (ok && !docx->out.extract->text.failed && xml_next(&docx->xml)) {
        if (docx->xml.kind == XML_TEXT) {
            if (docx->in_text)
                add_text(docx, docx->xml.text);
        } else if (docx->xml.kind == XML_END)
            read_end(docx);
        else if (docx->xml.depth == 1 && !docx->in_notes && docx->xml.code != DOCUMENT)
            ok = package_refuse_root("a Word document", docx->xml.name, error);
        else
            read_start(docx);
    }
    ok = ok && xml_finish(&docx->xml, error);
    xml_release(&docx->xml);
    buffer_release(&content);
    return ok;
}

static bool read_notes(struct docx *docx, const struct relations *relations, const char *type, enum note_kind kind,
                       struct error *error)
{
    const struct relation *part = relation_of_type(relations, type);
    if (part == NULL || !package_has(&docx->package, part->target))
        return true;
    docx->in_notes = true;
    docx->kind = kind;
    bool ok = read_part(docx, part->target, error);
    docx->in_notes = false;
    return ok;
}

/* A part beside the text. One that cannot be read to its end is passed by, and what it left open closed. */
static bool read_beside(struct docx *docx, struct slice part, enum note_kind kind)
{
    struct error ignored;
    docx->in_notes = true;
    docx->kind = kind;
    bool ok = package_has(&docx->package, part) && read_part(docx, part, &ignored);
    docx->in_notes = false;
    if (!ok) {
        docx->paragraph_count = docx->table_count = docx->field_count = 0;
        docx->fields_in_code = 0;
        docx->in_text = docx->is_placeholder = false;
        docx->out.holding = docx->out.tables = 0;
        buffer_clear(&docx->text);
    }
    return ok;
}

static void read_comments(struct docx *docx, const struct relations *relations)
{
    const struct relation *comments = relation_of_type(relations, "comments"),
                          *more = relation_of_type(relations, "commentsExtended");
    if (comments != NULL && more != NULL && package_has(&docx->package, more->target))
        docx_resolved_read(&docx->package, more->target, &docx->resolved);
    if (comments != NULL)
        (void)read_beside(docx, comments->target, NOTE_COMMENT);
}

/* Keeps the text of the heads or feet of pages as notes that nothing refers to. */
static void read_margins(struct docx *docx, const struct relations *relations, const char *type)
{
    for (size_t i = 0; i < relations->count; i++) {
        size_t start = docx->note_text.size;
        if (!slice_equal_text(relations->items[i].type, type) || docx->note_count >= NOTES_MAX)
            continue;
        docx->notes = memory_more(docx->notes, docx->note_count, &docx->note_capacity, sizeof(*docx->notes));
        docx->notes[docx->note_count++] = (struct note){.start = start, .end = start, .kind = NOTE_MARGIN, .is_told = true};
        if (!read_beside(docx, relations->items[i].target, NOTE_MARGIN))
            docx->note_text.size = start;
        else if (start < docx->note_text.size)
            buffer_append_byte(&docx->note_text, '\n');
    }
}

/* Tells what they say of the document's edition, each piece once. Where sections tell of several by one word, nobody knows which one holds for all. */
static void tell_editions(struct docx *docx, struct slice margins)
{
    enum { PIECES_MAX = 64 };
    struct slice rest = margins, piece, other;
    size_t word, other_word, count = 0;
    struct map told;
    map_init(&told, NOTES_MAX);
    while (count++ < PIECES_MAX && docx_edition_next(&rest, &piece, &word)) {
        struct slice all = margins;
        bool is_new, is_only = true;
        while (is_only && docx_edition_next(&all, &other, &other_word))
            is_only = word != other_word || slice_equal(piece, other);
        if (is_only && map_put(&told, piece, &is_new) != NULL && is_new)
            office_paragraph(&docx->out, BLOCK_PARAGRAPH, 0, piece);
    }
    map_release(&told);
}

static void tell_margins(struct docx *docx, const struct relations *relations)
{
    enum { MARGINS_BYTES_MAX = 1 << 16 }; /* whoever needs more does not tell of an edition */
    size_t start = docx->note_text.size;
    read_margins(docx, relations, "header");
    read_margins(docx, relations, "footer");
    size_t end = docx->note_text.size - start < MARGINS_BYTES_MAX ? docx->note_text.size : start + MARGINS_BYTES_MAX;
    tell_editions(docx, slice_range(buffer_slice(&docx->note_text), start, end));
}

static bool read_parts(struct docx *docx, struct error *error)
{
    struct package *package = &docx->package;
    struct relations outer, inner;
    if (!relations_read(package, SLICE(""), &outer, error))
        return false;
    struct slice main = package_main(package, &outer, "word/document.xml");
    if (main.size == 0)
        return error_set(error, ERROR_INVALID, "it is not a Word document: it has no word/document.xml");
    if (!relations_read(package, main, &inner, error))
        return false;
    const struct relation *styles = relation_of_type(&inner, "styles");
    bool has_styles = styles != NULL && package_has(package, styles->target);
    if ((has_styles && !docx_styles_read(package, styles->target, &docx->styles, error)) ||
        !read_notes(docx, &inner, "footnotes", NOTE_FOOT, error) || !read_notes(docx, &inner, "endnotes", NOTE_END, error))
        return false;
    read_comments(docx, &inner);
    tell_margins(docx, &inner);
    if (docx->note_count > 0)
        qsort(docx->notes, docx->note_count, sizeof(*docx->notes), by_id);
    docx->relations = &inner;
    bool ok = read_part(docx, main, error);
    docx->relations = NULL;
    if (!ok)
        return false;
    tell_notes(docx, &docx->footnotes);
    tell_notes(docx, &docx->endnotes);
    office_text_end(&docx->out);
    package_properties(package, &outer, docx->out.extract);
    struct blocks *blocks = &docx->out.extract->blocks;
    for (size_t i = 0; i < blocks->count && !docx->has_pages; i++)
        blocks->items[i].page = 0;
    return true;
}

bool docx_read(struct slice source, struct extract *extract, struct error *error)
{
    struct docx *docx = memory_alloc(1, sizeof(*docx));
    bool ok = package_open(&docx->package, source, "a Word document", error);
    if (ok) {
        office_text_init(&docx->out, extract);
        docx->out.page = 1;
        buffer_init(&docx->text, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&docx->note_text, LIMIT_DOCUMENT_BYTES_MAX);
        map_init(&docx->resolved, NOTES_MAX);
        ok = read_parts(docx, error) && extract_finish(extract, error);
        office_text_release(&docx->out);
        buffer_release(&docx->text);
        buffer_release(&docx->note_text);
        map_release(&docx->resolved);
        package_release(&docx->package);
    }
    free(docx->charts);
    office_charts_release(&docx->told_charts);
    free(docx->notes);
    free(docx->footnotes.items);
    free(docx->endnotes.items);
    free(docx);
    return ok;
}
