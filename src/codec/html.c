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
    JUMP_BYTES_MAX = 60
};

enum part { PART_PLAIN, PART_MAIN, PART_AROUND };

/* An element that is open. What is nested deeper than OPEN_MAX is counted alone. */
struct open_element {
    const struct html_element *element;
    struct slice name; /* in the source, to find its end: names that are not known are not on the stack */
    enum part part;
    bool is_hidden;
};

struct block_note {
    enum part part;
    size_t link_bytes; /* of its text that stands in links */
    bool is_name; /* bold, or what unfolds what comes: a heading, where other text follows */
};

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
    enum block_kind kind; /* of the block at hand */
    unsigned level;
    bool in_row, row_has_cell, row_has_data; /* cells of a row are one block */
    struct table_grid grid;
    bool in_head, has_rows; /* in a <thead>; the table had rows with text */
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
        page->notes[before] = (struct block_note){innermost(page)->part, page->link_bytes, is_name};
    }
    page->has_plain = false;
    set_kind(page, BLOCK_PARAGRAPH, 0);
    page->link_bytes = 0;
    page->space = false;
    page->raised = RAISED_NOT;
    page->in_term = page->after_term = false;
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

/* Words, with `spaces` single spaces between them. */
static void add_words(struct html_page *page, struct slice text, size_t spaces, size_t at, size_t source_size)
{
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
    if (innermost(page)->is_hidden)
        return;
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

static void end_row(struct html_page *page)
{
    struct blocks *out = page->collector.out;
    if (!page->in_row)
        return;
    bool is_head = page->row_has_cell && (!page->row_has_data || page->in_head), has_text = table_grid_row_end(&page->grid);
    bool is_named = page->head != SIZE_MAX;
    is_head = is_head || (!page->has_plain && !page->has_rows && !is_named && page->grid.filled > 1);
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
    page->has_rows = page->has_rows || (!is_head && has_text && !page->grid.is_whole);
}

static void begin_row(struct html_page *page)
{
    end_row(page);
    end_block(page);
    table_grid_row(&page->grid, 1);
    page->in_row = true;
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
    page->has_rows = false;
    page->head = SIZE_MAX;
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
    page->grid.is_headed = !page->row_has_data || page->in_head || page->head != SIZE_MAX;
    table_grid_cell(&page->grid, TABLE_NEXT_COLUMN, span_of(token, "colspan"), span_of(token, "rowspan"));
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

static bool is_button(const struct html_element *element)
{
    return element->role == HTML_HIDDEN && slice_equal_text(element->name, "button");
}

/* A button is no text, unless a heading begins with it, or it is the name of what it unfolds. */
static bool is_hidden(const struct html_page *page, const struct html_token *token, const struct html_element *element)
{
    if (element->role == HTML_HIDDEN)
        return !is_button(element) || !((page->kind == BLOCK_HEADING && page->collector.text.size == 0) || html_unfolds(token));
    if (token->attribute_count == 0)
        return false;
    const struct slice *style = html_attribute(token, "style");
    bool is_folded_away = html_attribute(token, "hidden") != NULL || value_is(html_attribute(token, "aria-hidden"), "true") ||
                          (style != NULL && (memmem(style->data, style->size, "display:none", 12) != NULL ||
                                             memmem(style->data, style->size, "display: none", 13) != NULL));
    return (is_folded_away && !html_is_folded(token)) ||
           (style != NULL && memmem(style->data, style->size, "line-through", 12) != NULL);
}

static enum part part_of(const struct html_page *page, const struct html_token *token, const struct html_element *element)
{
    static const char *const around[] = {"navigation", "banner", "contentinfo", "complementary", "search", "menu"};
    enum part outer = innermost(page)->part;
    if (element->role == HTML_AROUND || (element->role == HTML_EDGE && outer == PART_PLAIN))
        return PART_AROUND;
    const struct slice *role = html_attribute(token, "role");
    bool is_block = element->role == HTML_BLOCK || element->role == HTML_LIST || element->role == HTML_MAIN;
    if (is_block && token->attribute_count > 0 && html_is_around(token))
        return PART_AROUND;
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

/* The name of what is unfolded: of a heading that consists of a button it is the text. */
static void begin_summary(struct html_page *page)
{
    if (page->kind == BLOCK_HEADING)
        return;
    break_block(page);
    page->in_summary = true;
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
    case HTML_SUMMARY:
        if (!page->in_summary && element->role == HTML_HIDDEN)
            break;
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
    if (is_empty && !was_hidden && !hidden && !element->is_void)
        end_element(page, element);
    if (is_empty)
        return;
    bool is_known = element->name.size > 0 && element->role != HTML_BOLD; /* that may end anywhere */
    if (element->is_void || (token->self_closing && !is_known))
        return;
    if (hidden && !was_hidden && element->role != HTML_INLINE && element->role != HTML_HIDDEN)
        break_block(page);
    if (page->open_count < OPEN_MAX && (is_known || hidden))
        page->open[page->open_count++] = (struct open_element){element, name_at(&page->tokenizer.source, token->at + 1), part,
                                                               hidden || was_hidden};
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
            if (!was_hidden && page->open[i - 1].part != (i > 1 ? page->open[i - 2].part : PART_PLAIN))
                end_block(page); /* before its part of the page ends */
            page->open_count = i - 1;
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
    page->head = SIZE_MAX;
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
    keep_part(page);
    raise_names(page);
    blocks->title = arena_slice(arena, slice_trim(buffer_slice(&page->title)));
    bool ok = buffer_finish(&page->collector.text, "the page's text", error) &&
              buffer_finish(&page->tokenizer.bytes, "a tag", error);
    html_tokenizer_release(&page->tokenizer);
    table_grid_release(&page->grid);
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
