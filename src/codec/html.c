/* html.c - a page as a person reads it: headings, paragraphs, items, tables and code, without what stands around them.
 *
 *   page   <nav>…</nav> <main> <h1>Refunds</h1> <p>You have <b>30</b> days…</p> </main> <footer>…</footer>
 *   blocks                     └ heading ────┘  └ paragraph ────────────────┘
 *
 * No tree is built. A block ends where an element begins or ends that is not part of a line of text, so what is left open or closed
 * twice does no harm. A short stack of what is open tells where hidden parts and navigation end.
 *
 * Each block is collected with the part of the page it stands in; at the end the page's main part is kept when it states one, else all but
 * what stands around it; when nothing would be left, everything. */
#include "block.h"
#include "html_element.h"
#include "html_look.h"
#include "html_page.h"
#include "html_scan.h"
#include "raised.h"
#include "table_grid.h"
#include "table_signs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPEN_MAX = 512,
    MAIN_BYTES_LEAST = 140,
    MENU_ITEMS_LEAST = 3,
    REPEAT_BYTES_LEAST = 65536,
    TERM_BYTES_MAX = 200,
    HEAD_ROWS_MAX = 6,
    JUMP_BYTES_MAX = 60,
    CONTROLS_MAX = 64
};

enum part { PART_PLAIN, PART_MAIN, PART_AROUND };

/* An element that is open. What is nested deeper than OPEN_MAX is counted alone. */
struct open_element {
    const struct html_element *element;
    struct slice name; /* in the source, to find its end: names that are not known are not on the stack */
    enum part part;
    bool is_hidden;
    enum html_look look; /* of what may stand around; with what came before it: */
    size_t blocks_before, buttons_before, button_bytes_before;
};

struct block_note {
    enum part part;
    size_t link_bytes; /* of its text that stands in links */
    bool is_name; /* bold, or what unfolds what comes: a heading, where other text follows */
    bool awaits_panel; /* it is a button, which is text only if what it unfolds comes next */
};

/* A button that says what it unfolds. */
struct control {
    struct slice panel; /* its id */
    size_t block; /* the button's name; SIZE_MAX: none */
};

/* A button that is read: as a heading, when nothing else is in that; as a name of its own; as words of a sentence. */
enum button { BUTTON_NONE, BUTTON_IN_HEADING, BUTTON_WAS_IN_HEADING, BUTTON_APART, BUTTON_IN_TEXT };

struct html_page {
    struct html_tokenizer tokenizer;
    struct block_collector collector;
    struct open_element open[OPEN_MAX];
    size_t open_count;
    struct block_note *notes; /* one a block */
    size_t note_capacity;
    size_t link_bytes; /* of the block at hand */
    size_t links;      /* open <a> */
    size_t lists;      /* open <ul> and <ol> */
    size_t bolds;      /* open <b> and <strong> */
    bool has_plain;    /* the block, or the row, at hand has text that is not bold */
    bool in_summary;
    size_t summary_depth;
    enum button button;
    bool awaits_panel; /* the button at hand does */
    size_t unfolder; /* the block with the name of what is unfolded; SIZE_MAX: none, so far */
    struct control controls[CONTROLS_MAX]; /* the last ones */
    size_t control_count;
    size_t buttons, button_bytes; /* those that are not read */
    enum block_kind kind; /* of the block at hand */
    unsigned level;
    bool in_row, row_has_cell, row_has_data; /* cells of a row are one block */
    struct table_grid grid;
    struct table_signs signs;
    bool in_head, has_rows; /* in a <thead>; the table had rows with text */
    size_t bold_row; /* the block with the first row, if that is bold: it may be the head; SIZE_MAX: none */
    size_t head; /* the block with the table's head; SIZE_MAX: none, so far */
    size_t head_rows; /* that were joined in it */
    bool in_term, after_term; /* the block at hand is a term; it is one that its meaning is about to follow */
    bool is_pre;
    enum raised raised;
    bool space;        /* white space came since the last text */
    bool after_pre;    /* a line end right behind <pre> does not count */
    struct buffer title;
    bool in_title, has_title;
    bool is_xml; /* "<title/>" has no content, as "<br/>" has none in HTML */
};

static const struct open_element *innermost(const struct html_page *page)
{
    static const struct open_element outside = {.part = PART_PLAIN};
    return page->open_count > 0 ? &page->open[page->open_count - 1] : &outside;
}

static void set_kind(struct html_page *page, enum block_kind kind, unsigned level)
{
    page->kind = kind;
    page->level = level;
}

static void end_block(struct html_page *page)
{
    struct blocks *out = page->collector.out;
    size_t before = out->count;
    block_end(&page->collector, page->kind, page->level);
    if (out->count > before) {
        page->notes = memory_more(page->notes, before, &page->note_capacity, sizeof(*page->notes));
        struct slice text = out->items[before].text;
        bool is_name = page->kind == BLOCK_PARAGRAPH && !page->has_plain && 2 * page->link_bytes <= text.size &&
                       block_is_name(text) && !html_only_unfolds(text);
        page->notes[before] = (struct block_note){innermost(page)->part, page->link_bytes, is_name,
                                                  page->awaits_panel && !page->has_plain};
    }
    page->has_plain = false;
    page->button = page->button == BUTTON_APART || page->button == BUTTON_IN_TEXT ? page->button : BUTTON_NONE;
    page->awaits_panel = page->awaits_panel && page->button == BUTTON_APART;
    set_kind(page, BLOCK_PARAGRAPH, 0);
    page->link_bytes = 0;
    page->space = false;
    page->raised = RAISED_NOT;
    page->in_term = page->after_term = false;
}

static bool is_button(const struct html_element *element)
{
    return element->role == HTML_HIDDEN && slice_equal_text(element->name, "button");
}

/* ---- text ---- */

static bool has_text(const struct html_page *page)
{
    return page->collector.text.size > 0;
}

/* Between two words, and not at the beginning of a line. */
static void add_space(struct html_page *page)
{
    struct slice text = buffer_slice(&page->collector.text);
    if (page->space && text.size > 0 && text.data[text.size - 1] != '\n' && text.data[text.size - 1] != ' ')
        block_add_text(&page->collector, SLICE(" "), SIZE_MAX);
    page->space = false;
}

/* "<button>Copy</button> Installation": other words in a heading, and no mere sign behind its name. */
static bool tells_more(struct slice words)
{
    enum { SIGN_BYTES_MAX = 4 };
    bool has_letter = words.size > SIGN_BYTES_MAX;
    for (size_t i = 0; i < words.size && !has_letter; i++)
        has_letter = html_is_letter(words.data[i]) || (words.data[i] >= '0' && words.data[i] <= '9');
    return has_letter;
}

static void forget_button(struct html_page *page)
{
    buffer_clear(&page->collector.text);
    page->collector.run_count = page->link_bytes = 0;
    page->button = BUTTON_NONE;
}

/* Words, with `spaces` single spaces between them. */
static void add_words(struct html_page *page, struct slice text, size_t spaces, size_t at, size_t source_size)
{
    if (page->button == BUTTON_WAS_IN_HEADING && tells_more(text))
        forget_button(page);
    add_space(page);
    page->after_term = false;
    block_add_decoded(&page->collector, text, at, source_size);
    page->link_bytes += page->links > 0 ? text.size - spaces : 0;
    page->has_plain = page->has_plain || (page->bolds == 0 && !page->in_summary);
}

/* A no-break space is white space to a reader. */
static size_t space_size(struct slice text, size_t at)
{
    if (html_is_space(text.data[at]))
        return 1;
    return text.data[at] == '\xC2' && at + 1 < text.size && text.data[at + 1] == '\xA0' ? 2 : 0;
}

/* Where the words end that begin at `at`: before white space that is more, or other, than one space between two of them. */
static size_t words_end(struct slice text, size_t at, size_t *spaces)
{
    *spaces = 0;
    for (at = scan_words(text, at, spaces); at < text.size; at = scan_words(text, at + 1, spaces)) {
        if (space_size(text, at) == 0)
            continue;
        if (text.data[at] != ' ' || at + 1 == text.size || space_size(text, at + 1) > 0)
            break;
        ++*spaces;
    }
    return at;
}

/* Digits of <sup> and <sub> that would run together with what stands before them. */
static bool add_raised(struct html_page *page, const struct html_token *token)
{
    char small[RAISED_BYTES_MAX];
    size_t size = page->space ? 0 : raised_write(page->raised, buffer_slice(&page->collector.text), token->text, small);
    block_add_decoded(&page->collector, (struct slice){small, size}, token->at, token->size);
    return size > 0;
}

/* White space of any length is one space. */
static void add_flowing(struct html_page *page, const struct html_token *token)
{
    struct slice text = token->text;
    bool is_plain = token->size == text.size;
    if (page->raised != RAISED_NOT && add_raised(page, token))
        return;
    for (size_t at = 0, spaces; at < text.size;) {
        size_t space = space_size(text, at), start = at;
        if (space > 0) {
            page->space = true;
            at += space;
            continue;
        }
        at = words_end(text, at, &spaces);
        add_words(page, slice_range(text, start, at), spaces, is_plain ? token->at + start : token->at,
                  is_plain ? at - start : token->size);
    }
}

static void add_title(struct html_page *page, struct slice text)
{
    for (size_t i = 0; i < text.size && page->title.size < LIMIT_TITLE_BYTES * 2; i++) {
        bool is_space = html_is_space(text.data[i]);
        bool after_space = page->title.size == 0 || page->title.data[page->title.size - 1] == ' ';
        if (!is_space || !after_space)
            buffer_append_byte(&page->title, is_space ? ' ' : text.data[i]);
    }
}

static void read_text(struct html_page *page, const struct html_token *token)
{
    if (page->in_title) {
        add_title(page, token->text);
        return;
    }
    if (innermost(page)->is_hidden) {
        page->button_bytes += is_button(innermost(page)->element) ? slice_trim(token->text).size : 0;
        return;
    }
    if (!page->is_pre) {
        add_flowing(page, token);
        return;
    }
    struct slice text = token->text;
    size_t skip = page->after_pre && text.size > 0 && text.data[0] == '\n' ? 1 : 0;
    page->after_pre = false;
    if (skip == 1 && token->size != text.size)
        return; /* "\r\n" */
    block_add_decoded(&page->collector, slice_range(text, skip, text.size), token->at + skip, token->size - skip);
}

/* ---- tables ---- */

/* A row of the head below another one: what both say of a column is its name. */
static void join_head(struct html_page *page)
{
    struct block_collector *collector = &page->collector;
    struct block *head = &collector->out->items[page->head];
    const struct block_run *last = &collector->runs[collector->run_count - 1];
    struct block_run *run = arena_alloc(collector->arena, 1, sizeof(*run));
    struct buffer joined;
    buffer_init(&joined, 2 * collector->text.size_max);
    table_head_join(head->text, buffer_slice(&collector->text), &joined);
    head->text = arena_slice(collector->arena, buffer_slice(&joined));
    buffer_release(&joined);
    head->end = last->source_at + last->source_size > head->end ? last->source_at + last->source_size : head->end;
    *run = (struct block_run){0, head->start, head->text.size, head->end - head->start};
    head->runs = run;
    head->run_count = 1;
    buffer_clear(&collector->text);
    collector->run_count = 0;
}

/* A first row in bold names the columns if it looks it ("Opening hours | 9-17" does not), and the row below too: below a name of two stands a
 * number; others are not bold as well. */
static bool names_columns(struct slice row, struct slice below, bool is_below_bold)
{
    size_t count = 0, numbers = 0, numbers_second = 0;
    for (size_t i = 0; i < row.size; i++)
        if (row.data[i] >= '0' && row.data[i] <= '9')
            return false;
    for (; row.size > 0; count++) {
        struct slice name = slice_trim(table_next_cell(&row)), cell = below.size > 0 ? table_next_cell(&below) : SLICE("");
        bool is_number = table_is_number(cell) || table_is_range(cell);
        if (name.size > 0 && name.data[name.size - 1] == ':')
            return false;
        numbers += is_number;
        numbers_second += is_number && count == 1;
    }
    return count <= 2 ? numbers_second > 0 : !is_below_bold || numbers > 0;
}

/* The row at hand has text, and is no head itself: it tells whether the bold one above it is one. */
static void judge_bold_row(struct html_page *page)
{
    struct block *above = &page->collector.out->items[page->bold_row];
    if (page->bold_row + 1 == page->collector.out->count &&
        names_columns(above->text, buffer_slice(&page->collector.text), !page->has_plain)) {
        above->kind = BLOCK_TABLE_HEAD;
        page->head = page->bold_row;
        page->head_rows = 1;
    }
    page->bold_row = SIZE_MAX;
}

static void end_row(struct html_page *page)
{
    struct blocks *out = page->collector.out;
    if (!page->in_row)
        return;
    bool is_head = page->row_has_cell && (!page->row_has_data || page->in_head), has_text = table_grid_row_end(&page->grid);
    bool is_named = page->head != SIZE_MAX;
    bool is_bold_row = !is_head && !page->has_plain && !page->has_rows && !is_named && page->grid.filled > 1;
    if (page->bold_row != SIZE_MAX && has_text && !page->grid.is_whole)
        judge_bold_row(page);
    page->in_row = page->row_has_cell = page->row_has_data = false;
    if (is_head && has_text && !page->grid.is_whole && is_named && page->head + 1 == out->count &&
        page->head_rows < TABLE_HEAD_ROWS_MAX && page->collector.run_count > 0) {
        page->head_rows++;
        join_head(page);
        end_block(page);
        return;
    }
    /* One cell over all columns names the table, or the rows below it. */
    is_head = is_head && !page->grid.is_whole;
    set_kind(page,
             is_head                                               ? BLOCK_TABLE_HEAD
             : page->grid.is_whole && !page->has_rows && !is_named ? BLOCK_PARAGRAPH
                                                                   : BLOCK_TABLE_ROW,
             0);
    size_t before = out->count;
    end_block(page);
    if (is_head && out->count > before) {
        page->head = before;
        page->head_rows = 1;
    }
    page->bold_row = is_bold_row && out->count > before ? before : page->bold_row;
    if (out->count > before)
        table_signs_block(&page->signs, out->items[before].kind == BLOCK_PARAGRAPH ? SIZE_MAX : before);
    page->has_rows = page->has_rows || (!is_head && has_text && !page->grid.is_whole);
}

static void begin_row(struct html_page *page)
{
    end_row(page);
    end_block(page);
    table_grid_row(&page->grid, 1);
    table_signs_row(&page->signs);
    page->in_row = true;
}

/* The table at hand is over, or another one begins within it. */
static void end_signs(struct html_page *page)
{
    table_signs_end(&page->signs, page->collector.out, page->collector.arena);
}

/* A table, or a part of one: no cell reaches out of it. */
static void begin_table(struct html_page *page, const struct html_element *element)
{
    size_t width = page->grid.width;
    bool is_table = slice_equal_text(element->name, "table");
    page->in_head = slice_equal_text(element->name, "thead");
    table_grid_begin(&page->grid);
    if (!is_table) {
        page->grid.width = width;
        return;
    }
    end_signs(page);
    page->has_rows = false;
    page->head = page->bold_row = SIZE_MAX;
}

static size_t span_of(const struct html_token *token, const char *name)
{
    const struct slice *value = html_attribute(token, name);
    uint64_t span;
    return value != NULL && slice_to_u64(slice_trim(*value), &span) ? (size_t)span : 1;
}

static void begin_cell(struct html_page *page, const struct html_token *token, bool is_head)
{
    page->space = false;
    page->row_has_data = page->row_has_data || !is_head;
    page->grid.is_headed = !page->row_has_data || page->in_head || page->head != SIZE_MAX || page->bold_row != SIZE_MAX;
    size_t columns = span_of(token, "colspan"), rows = span_of(token, "rowspan");
    table_grid_cell(&page->grid, TABLE_NEXT_COLUMN, columns, rows);
    table_signs_cell(&page->signs, columns, rows, page->grid.is_headed);
    page->row_has_cell = true;
}

/* A heading, list or table in a cell: the table is there for the page's look, and its cells are read as what they hold. */
static void leave_row(struct html_page *page)
{
    if (page->in_row) {
        set_kind(page, BLOCK_PARAGRAPH, 0);
        end_block(page);
        page->in_row = page->row_has_cell = page->row_has_data = false;
    }
}

/* The end of a line of text, whatever comes. Within a cell: a space. */
static void break_block(struct html_page *page)
{
    if (page->in_row)
        page->space = true;
    else
        end_block(page);
}

/* ---- elements ---- */

static bool value_is(const struct slice *value, const char *wanted)
{
    return value != NULL && slice_equal_text(slice_trim(*value), wanted);
}

static bool is_block(const struct html_element *element)
{
    return (element->role == HTML_BLOCK || element->role == HTML_LIST || element->role == HTML_MEANING) &&
           !slice_equal_text(element->name, "body");
}

/* A button is no text, unless nothing else is in its heading, or it is the name of what it unfolds. */
static bool is_read(const struct html_page *page, const struct html_token *token)
{
    if (page->kind == BLOCK_HEADING)
        return !has_text(page) && !html_is_tool(token);
    enum html_unfolding unfolding = html_unfolds(token);
    bool is_inline = has_text(page) || page->in_row;
    bool is_stated = html_attribute(token, "aria-expanded") != NULL && html_attribute(token, "aria-controls") != NULL;
    return unfolding != HTML_UNFOLDS_NOTHING && (is_stated || (unfolding == HTML_UNFOLDS && !is_inline));
}

/* The button that says that it unfolds this element; NULL: none does. */
static const struct control *control_of(const struct html_page *page, const struct html_token *token)
{
    const struct slice *id = html_attribute(token, "id");
    size_t count = page->control_count < CONTROLS_MAX ? page->control_count : CONTROLS_MAX;
    for (size_t i = 0; i < count && id != NULL && id->size > 0; i++)
        if (slice_equal(page->controls[i].panel, slice_trim(*id)))
            return &page->controls[i];
    return NULL;
}

/* What is hidden until a click: a button's panel. */
static bool is_unfolded(const struct html_page *page, const struct html_token *token, const struct html_element *element)
{
    if (!is_block(element))
        return false;
    bool is_right_below = page->unfolder != SIZE_MAX && page->unfolder + 1 == page->collector.out->count && !has_text(page);
    return html_is_folded(token) || (html_may_fold(token) && (is_right_below || control_of(page, token) != NULL));
}

static bool is_hidden(const struct html_page *page, const struct html_token *token, const struct html_element *element)
{
    if (element->role == HTML_HIDDEN && (!is_button(element) || !is_read(page, token)))
        return true;
    if (token->attribute_count == 0)
        return false;
    const struct slice *style = html_attribute(token, "style");
    bool is_folded_away = html_attribute(token, "hidden") != NULL || value_is(html_attribute(token, "aria-hidden"), "true") ||
                          (style != NULL && (memmem(style->data, style->size, "display:none", 12) != NULL ||
                                             memmem(style->data, style->size, "display: none", 13) != NULL));
    return (is_folded_away && !is_unfolded(page, token, element)) ||
           (style != NULL && memmem(style->data, style->size, "line-through", 12) != NULL);
}

static enum part part_of(const struct html_page *page, const struct html_token *token, const struct html_element *element)
{
    static const char *const around[] = {"navigation", "banner", "contentinfo", "complementary", "search", "menu"};
    enum part outer = innermost(page)->part;
    if (element->role == HTML_AROUND || (element->role == HTML_EDGE && outer == PART_PLAIN))
        return PART_AROUND;
    const struct slice *role = html_attribute(token, "role");
    for (size_t i = 0; i < ARRAY_COUNT(around) && role != NULL; i++)
        if (value_is(role, around[i]))
            return PART_AROUND;
    if (outer == PART_PLAIN && (element->role == HTML_MAIN || value_is(role, "main")))
        return PART_MAIN;
    return outer;
}

/* "Price: 20 EUR": what a term means is read with it. */
static void begin_meaning(struct html_page *page)
{
    struct slice term = buffer_slice(&page->collector.text);
    if (!page->in_term || term.size == 0 || term.size > TERM_BYTES_MAX) {
        break_block(page);
        return;
    }
    block_add_text(&page->collector, byte_among(term.data[term.size - 1], ":?!.") ? SLICE(" ") : SLICE(": "), SIZE_MAX);
    page->space = page->in_term = false;
    page->after_term = true;
}

/* A block of its own, also where it stands in a cell. */
static void begin_apart(struct html_page *page, enum block_kind kind, unsigned level)
{
    leave_row(page);
    end_block(page);
    set_kind(page, kind, level);
}

/* The name of what is unfolded: of a heading that consists of it, it is the text. */
static void begin_summary(struct html_page *page)
{
    if (page->kind == BLOCK_HEADING)
        return;
    break_block(page);
    page->in_summary = !page->in_row;
    page->summary_depth = page->open_count;
}

/* A button that is read. In a sentence it is words of it. */
static void begin_button(struct html_page *page, const struct html_token *token)
{
    enum html_unfolding unfolding = html_unfolds(token);
    if (page->kind == BLOCK_HEADING) {
        page->button = unfolding == HTML_UNFOLDS_NOTHING ? BUTTON_IN_HEADING : page->button;
        page->unfolder = unfolding == HTML_UNFOLDS_NOTHING ? page->unfolder : page->collector.out->count;
        return;
    }
    bool is_in_text = has_text(page) || page->in_row || slice_equal_text(innermost(page)->name, "p");
    page->button = is_in_text ? BUTTON_IN_TEXT : BUTTON_APART;
    if (!is_in_text)
        break_block(page);
    page->unfolder = page->collector.out->count;
    page->awaits_panel = unfolding == HTML_UNFOLDS_WHAT_IT_STATES && !page->in_row && !has_text(page);
    page->in_summary = !page->in_row;
    page->summary_depth = page->open_count;
}

static void end_button(struct html_page *page)
{
    if (page->button == BUTTON_IN_HEADING) {
        page->button = BUTTON_WAS_IN_HEADING;
        return;
    }
    if (page->button == BUTTON_APART)
        break_block(page);
    if (page->button == BUTTON_APART || page->button == BUTTON_IN_TEXT)
        page->in_summary = false;
    page->awaits_panel = page->awaits_panel && page->button == BUTTON_IN_TEXT; /* its paragraph ends later */
    page->button = BUTTON_NONE;
}

/* What an element says of others: what it unfolds, or that it is what the button above it does. */
static void note_control(struct html_page *page, const struct html_token *token, enum part part)
{
    const struct slice *panel = html_attribute(token, "aria-controls");
    bool is_tab = value_is(html_attribute(token, "role"), "tab");
    bool unfolds = panel != NULL && (is_tab || html_unfolds(token) != HTML_UNFOLDS_NOTHING) && part != PART_AROUND;
    if (unfolds && slice_trim(*panel).size > 0)
        page->controls[page->control_count++ % CONTROLS_MAX] = (struct control){
            arena_slice(page->collector.arena, slice_trim(*panel)), is_tab ? SIZE_MAX : page->unfolder};
    const struct control *control = unfolds ? NULL : control_of(page, token);
    if (control != NULL && control->block != SIZE_MAX && control->block + 1 == page->collector.out->count && !has_text(page))
        page->notes[control->block].awaits_panel = false;
}

static void begin_element(struct html_page *page, const struct html_token *token, const struct html_element *element)
{
    switch (element->role) {
    case HTML_HEADING:
        begin_apart(page, BLOCK_HEADING, element->level);
        break;
    case HTML_LIST:
        leave_row(page);
        end_block(page);
        page->lists++;
        break;
    case HTML_ITEM:
        begin_apart(page, BLOCK_ITEM, page->lists > 0 ? (unsigned)page->lists : 1);
        break;
    case HTML_PRE:
        begin_apart(page, BLOCK_CODE, 0);
        page->is_pre = page->after_pre = true;
        break;
    case HTML_TABLE:
        leave_row(page);
        end_block(page);
        begin_table(page, element);
        break;
    case HTML_ROW:
        begin_row(page);
        break;
    case HTML_CELL:
    case HTML_CELL_HEAD:
        if (page->in_row)
            begin_cell(page, token, element->role == HTML_CELL_HEAD);
        else
            end_block(page);
        break;
    case HTML_BREAK:
        if (has_text(page))
            block_add_text(&page->collector, page->in_row ? SLICE(" ") : SLICE("\n"), SIZE_MAX);
        page->space = false;
        break;
    case HTML_LINK:
        page->links = 1; /* one in another cannot be */
        break;
    case HTML_ABOVE:
    case HTML_BELOW:
        page->raised = element->role == HTML_ABOVE ? RAISED_UP : RAISED_DOWN;
        break;
    case HTML_BOLD:
        page->bolds++;
        break;
    case HTML_HIDDEN: /* a button that is not */
        begin_button(page, token);
        break;
    case HTML_SUMMARY:
        begin_summary(page);
        break;
    case HTML_INLINE:
        break;
    case HTML_TERM:
        break_block(page);
        page->in_term = !page->in_row;
        break;
    case HTML_MEANING:
        begin_meaning(page);
        break;
    default:
        if (page->after_term) /* the first paragraph of a meaning */
            break;
        if (page->kind != BLOCK_ITEM || has_text(page)) /* the first paragraph of an item is the item */
            break_block(page);
    }
}

static void end_element(struct html_page *page, const struct html_element *element)
{
    switch (element->role) {
    case HTML_LIST:
        end_block(page);
        page->lists -= page->lists > 0;
        break;
    case HTML_PRE:
        set_kind(page, BLOCK_CODE, 0);
        end_block(page);
        page->is_pre = false;
        break;
    case HTML_ROW:
        end_row(page);
        end_block(page);
        break;
    case HTML_TABLE:
        end_row(page);
        end_block(page);
        page->in_head = page->in_head && !slice_equal_text(element->name, "thead");
        if (slice_equal_text(element->name, "table"))
            end_signs(page);
        break;
    case HTML_CELL:
    case HTML_CELL_HEAD:
        if (!page->in_row)
            end_block(page);
        break;
    case HTML_LINK:
        page->links = 0;
        break;
    case HTML_ABOVE:
    case HTML_BELOW:
        page->raised = RAISED_NOT;
        break;
    case HTML_BOLD:
        page->bolds -= page->bolds > 0;
        break;
    case HTML_HIDDEN:
        if (is_button(element))
            end_button(page);
        break;
    case HTML_SUMMARY:
        break_block(page);
        page->in_summary = false;
        break;
    case HTML_INLINE:
    case HTML_BREAK:
        break;
    case HTML_TERM:
        if (!page->in_term) /* else its meaning, or what comes instead, ends it */
            break_block(page);
        break;
    default:
        break_block(page);
    }
}

/* A tag's name as it stands in the source: not as long as the token's when it holds zero bytes. */
static struct slice name_at(const struct slice *source, size_t at)
{
    size_t end = at;
    while (end < source->size && !html_is_space(source->data[end]) && source->data[end] != '/' && source->data[end] != '>')
        end++;
    return slice_range(*source, at, end);
}

/* What an element that begins a block looks like; inside of the main part nothing asks for cookies. */
static enum html_look look_of(const struct html_page *page, const struct html_token *token, const struct html_element *element,
                              enum part part)
{
    if (!is_block(element) || token->attribute_count == 0 || part == PART_AROUND || page->in_row || has_text(page))
        return HTML_LOOK_PLAIN;
    enum html_look look = html_look(token);
    return part == PART_PLAIN || look == HTML_LOOK_PATH || look == HTML_LOOK_SHARES ? look : HTML_LOOK_PLAIN;
}

/* The element ends that looked like what stands around: what it held tells. */
static void judge_look(struct html_page *page, const struct open_element *ended)
{
    const struct block *blocks = page->collector.out->items;
    size_t count = page->collector.out->count;
    struct html_held held = {.buttons = page->buttons - ended->buttons_before,
                             .button_bytes = page->button_bytes - ended->button_bytes_before};
    for (size_t i = ended->blocks_before; i < count && held.bytes <= HTML_DIALOG_BYTES_MAX; i++) {
        held.bytes += blocks[i].text.size;
        held.link_bytes += page->notes[i].link_bytes;
        held.has_heading = held.has_heading || blocks[i].kind == BLOCK_HEADING;
    }
    bool is_around = html_is_around(ended->look, &held);
    for (size_t i = ended->blocks_before; i < count && is_around; i++)
        page->notes[i].part = page->notes[i].part == ended->part ? PART_AROUND : page->notes[i].part;
}

static void read_start(struct html_page *page, const struct html_token *token)
{
    const struct html_element *element = html_element(token->text);
    bool hidden = is_hidden(page, token, element), was_hidden = innermost(page)->is_hidden;
    enum part part = part_of(page, token, element);
    bool is_empty = page->is_xml && token->self_closing;
    page->tokenizer.mode = is_empty ? HTML_DATA : element->mode;
    if (page->tokenizer.mode != HTML_DATA)
        snprintf(page->tokenizer.raw_name, sizeof(page->tokenizer.raw_name), SLICE_FORMAT, SLICE_ARGUMENT(token->text));
    if (element->role == HTML_TITLE) {
        page->in_title = !page->has_title && !was_hidden && !is_empty; /* an <svg> has titles too */
        return;
    }
    const struct slice *language = element->role == HTML_ROOT ? html_attribute(token, "lang") : NULL;
    if (language != NULL)
        page->collector.out->language = arena_slice(page->collector.arena, *language);
    if (!was_hidden && !hidden)
        begin_element(page, token, element);
    if (!was_hidden && !hidden && token->attribute_count > 0)
        note_control(page, token, part);
    if (is_empty && !was_hidden && !hidden && !element->is_void)
        end_element(page, element);
    if (is_empty)
        return;
    bool is_known = element->name.size > 0 && element->role != HTML_BOLD; /* that may end anywhere */
    if (element->is_void || (token->self_closing && !is_known))
        return;
    if (hidden && !was_hidden && element->role != HTML_INLINE && element->role != HTML_HIDDEN)
        break_block(page);
    page->buttons += hidden && !was_hidden && is_button(element);
    if (page->open_count < OPEN_MAX && (is_known || hidden))
        page->open[page->open_count++] = (struct open_element){
            .element = element,
            .name = name_at(&page->tokenizer.source, token->at + 1),
            .part = part,
            .is_hidden = hidden || was_hidden,
            .look = hidden || was_hidden ? HTML_LOOK_PLAIN : look_of(page, token, element, part),
            .blocks_before = page->collector.out->count,
            .buttons_before = page->buttons,
            .button_bytes_before = page->button_bytes};
}

static bool same_name(struct slice written, struct slice lower)
{
    if (written.size != lower.size)
        return false;
    for (size_t i = 0; i < lower.size; i++)
        if (written.data[i] != lower.data[i] && (written.data[i] | 0x20) != lower.data[i])
            return false;
    return true;
}

static void read_end(struct html_page *page, const struct html_token *token)
{
    const struct html_element *element = html_element(token->text);
    if (element->role == HTML_TITLE) {
        page->has_title = page->has_title || page->in_title;
        page->in_title = false;
        return;
    }
    bool was_hidden = innermost(page)->is_hidden;
    if (!was_hidden)
        end_element(page, element);
    for (size_t i = page->open_count; i > 0; i--)
        if (page->open[i - 1].element == element && same_name(page->open[i - 1].name, token->text)) {
            bool is_plain = page->open[i - 1].look == HTML_LOOK_PLAIN;
            if (!was_hidden && (!is_plain || page->open[i - 1].part != (i > 1 ? page->open[i - 2].part : PART_PLAIN)))
                end_block(page); /* before its part of the page ends */
            if (!was_hidden && !is_plain)
                judge_look(page, &page->open[i - 1]);
            page->open_count = i - 1;
            if (page->in_summary && page->open_count <= page->summary_depth) { /* it was left open */
                page->in_summary = page->awaits_panel = false;
                page->button = BUTTON_NONE;
            }
            return;
        }
}

/* ---- what is kept ---- */

static bool is_menu_item(const struct html_page *page, size_t i)
{
    const struct block *block = &page->collector.out->items[i];
    return block->kind == BLOCK_ITEM && page->notes[i].part != PART_MAIN &&
           10 * page->notes[i].link_bytes >= 9 * slice_trim(block->text).size;
}

/* "Skip to main content": a link for who works by keys, a paragraph of its own before the page's first heading. */
static bool is_jump(const struct html_page *page, size_t i)
{
    static const struct slice starts[] = {
        SLICE_CONSTANT("skip to main"),        SLICE_CONSTANT("skip to content"),  SLICE_CONSTANT("skip to the"),
        SLICE_CONSTANT("skip to nav"),         SLICE_CONSTANT("skip navigation"),  SLICE_CONSTANT("jump to content"),
        SLICE_CONSTANT("jump to main"),        SLICE_CONSTANT("zum inhalt"),       SLICE_CONSTANT("zum hauptinhalt"),
        SLICE_CONSTANT("direkt zum inhalt"),   SLICE_CONSTANT("aller au contenu"), SLICE_CONSTANT("passer au contenu"),
        SLICE_CONSTANT("saltar al contenido"), SLICE_CONSTANT("ir al contenido"),  SLICE_CONSTANT("vai al contenuto"),
        SLICE_CONSTANT("ga naar de inhoud"),   SLICE_CONSTANT("ga naar inhoud")};
    const struct block *block = &page->collector.out->items[i];
    struct slice text = slice_trim(block->text);
    bool is_short = block->kind == BLOCK_PARAGRAPH && page->notes[i].part == PART_PLAIN && text.size <= JUMP_BYTES_MAX &&
                    10 * page->notes[i].link_bytes >= 7 * text.size;
    for (size_t j = 0; is_short && j < ARRAY_COUNT(starts); j++)
        if (text.size >= starts[j].size && slice_has_letters(slice_range(text, 0, starts[j].size), starts[j]))
            return true;
    return false;
}

/* Items that are nothing but links, several in a row, outside of a main part: a menu, whatever its element is called. */
static void mark_menus(struct html_page *page)
{
    size_t count = page->collector.out->count;
    for (size_t i = 0; i < count && page->collector.out->items[i].kind != BLOCK_HEADING; i++)
        if (is_jump(page, i))
            page->notes[i].part = PART_AROUND;
    for (size_t first = 0, end; first < count; first = end + 1) {
        for (end = first; end < count && is_menu_item(page, end);)
            end++;
        for (size_t i = first; end - first >= MENU_ITEMS_LEAST && i < end; i++)
            page->notes[i].part = PART_AROUND;
    }
}

static size_t bytes_in(const struct html_page *page, enum part part)
{
    size_t bytes = 0;
    for (size_t i = 0; i < page->collector.out->count; i++)
        bytes += page->notes[i].part == part ? page->collector.out->items[i].text.size : 0;
    return bytes;
}

static void keep_part(struct html_page *page)
{
    struct blocks *out = page->collector.out;
    mark_menus(page);
    for (size_t i = 0; i < out->count; i++)
        page->notes[i].part = page->notes[i].awaits_panel ? PART_AROUND : page->notes[i].part;
    size_t main_bytes = bytes_in(page, PART_MAIN), plain_bytes = bytes_in(page, PART_PLAIN), kept = 0;
    bool only_main = main_bytes >= MAIN_BYTES_LEAST && 2 * main_bytes >= plain_bytes;
    if (main_bytes + plain_bytes == 0)
        return;
    for (size_t i = 0; i < out->count; i++)
        if (page->notes[i].part == PART_MAIN || (!only_main && page->notes[i].part == PART_PLAIN)) {
            page->notes[kept] = page->notes[i];
            out->items[kept++] = out->items[i];
        }
    out->count = kept;
}

static void raise_names(struct html_page *page)
{
    struct blocks *out = page->collector.out;
    bool *are_names = memory_alloc(out->count + 1, sizeof(*are_names));
    for (size_t i = 0; i < out->count; i++)
        are_names[i] = page->notes[i].is_name;
    block_raise_names(out, are_names);
    free(are_names);
}

static bool read_page(struct slice source, bool is_xml, struct arena *arena, struct blocks *blocks, struct error *error)
{
    struct html_page *page = memory_alloc(1, sizeof(*page));
    struct html_token token;
    html_tokenizer_init(&page->tokenizer, source);
    block_collector_init(&page->collector, source, arena, blocks);
    page->collector.is_exact = true;
    page->collector.text.size_max += source.size + REPEAT_BYTES_LEAST;
    table_grid_init(&page->grid, &page->collector.text, source.size + REPEAT_BYTES_LEAST);
    page->head = page->bold_row = page->unfolder = SIZE_MAX;
    page->kind = BLOCK_PARAGRAPH;
    page->is_xml = is_xml;
    buffer_init(&page->title, 4 * LIMIT_TITLE_BYTES);
    for (html_next(&page->tokenizer, &token); token.kind != HTML_END_OF_FILE; html_next(&page->tokenizer, &token)) {
        if (token.kind == HTML_RUN)
            read_text(page, &token);
        else if (token.kind == HTML_START_TAG)
            read_start(page, &token);
        else if (token.kind == HTML_END_TAG)
            read_end(page, &token);
    }
    end_row(page);
    end_block(page);
    end_signs(page);
    keep_part(page);
    raise_names(page);
    blocks->title = arena_slice(arena, slice_trim(buffer_slice(&page->title)));
    bool ok = buffer_finish(&page->collector.text, "the page's text", error) &&
              buffer_finish(&page->tokenizer.bytes, "a tag", error);
    html_tokenizer_release(&page->tokenizer);
    table_grid_release(&page->grid);
    table_signs_release(&page->signs);
    block_collector_release(&page->collector);
    buffer_release(&page->title);
    free(page->notes);
    free(page);
    return ok;
}

bool html_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    return read_page(source, false, arena, blocks, error);
}

bool xhtml_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    return read_page(source, true, arena, blocks, error);
}
