/* pdf_read.c - what pdftohtml -xml writes, into pages of pieces.
 *
 *   <page number="1" … height="1188" width="918">
 *       <fontspec id="0" size="22" family="WMFFMW+LMRoman12-Bold" color="#000000"/>
 *   <text top="186" left="201" width="516" height="22" font="0"><b>Lane Keeping</b></text>
 *
 * Its names of fonts and its text come from the PDF, so nothing is expected of it: a tag that lacks something is passed over, and what
 * does not fit is cut. Outlines and images are passed over too. */
#include "pdf_page.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct font {
    int size;
    bool is_bold, is_fixed;
};

struct pdf_reader {
    struct slice rest;
    struct arena *arena;
    struct font *fonts; /* by number */
    size_t font_capacity;
    struct pdf_page *pages;
    size_t page_count, page_capacity;
    size_t piece_capacity; /* of the page being read */
    size_t piece_count;    /* of all pages */
    struct buffer text;
};

/* ---- tags and their attributes ---- */

/* The value of an attribute of `tag`, which is all from < to >. */
static bool attribute(struct slice tag, const char *name, struct slice *value)
{
    char wanted[16];
    int size = snprintf(wanted, sizeof(wanted), " %s=\"", name);
    if (size < 0 || (size_t)size >= sizeof(wanted))
        return false;
    const char *found = memmem(tag.data, tag.size, wanted, (size_t)size);
    if (found == NULL)
        return false;
    struct slice rest = slice_range(tag, (size_t)(found - tag.data) + (size_t)size, tag.size);
    size_t end;
    if (!slice_find(rest, '"', &end))
        return false;
    *value = slice_range(rest, 0, end);
    return true;
}

static int number(struct slice tag, const char *name, int absent)
{
    struct slice value;
    double real;
    if (!attribute(tag, name, &value) || !slice_to_double(value, &real))
        return absent;
    if (real > PDF_PLACE_MAX)
        return PDF_PLACE_MAX;
    return real < -PDF_PLACE_MAX ? -PDF_PLACE_MAX : (int)real;
}

static bool has_part(struct slice text, const char *lower)
{
    size_t size = strlen(lower);
    for (size_t at = 0; at + size <= text.size; at++) {
        size_t i = 0;
        while (i < size && (text.data[at + i] | 0x20) == lower[i])
            i++;
        if (i == size)
            return true;
    }
    return false;
}

/* ---- what the tags say ---- */

static void take_font(struct pdf_reader *reader, struct slice tag)
{
    static const char *const fixed_names[] = {"courier", "mono",       "consol", "typewriter", "cmtt", "lmtt",
                                              "menlo",   "inconsolat", "andale", "lettergoth", "code"};
    enum { FONTS_MAX = 4096 };
    int id = number(tag, "id", -1);
    struct slice family;
    if (id < 0 || id >= FONTS_MAX)
        return;
    if ((size_t)id >= reader->font_capacity) {
        size_t capacity = memory_grown(reader->font_capacity, (size_t)id + 1);
        struct font *fonts = arena_alloc(reader->arena, capacity, sizeof(*fonts));
        if (reader->font_capacity > 0)
            memcpy(fonts, reader->fonts, reader->font_capacity * sizeof(*fonts));
        reader->fonts = fonts;
        reader->font_capacity = capacity;
    }
    struct font *font = &reader->fonts[id];
    *font = (struct font){.size = number(tag, "size", 0)};
    if (!attribute(tag, "family", &family))
        return;
    font->is_bold = has_part(family, "bold") || has_part(family, "black") || has_part(family, "heavy");
    for (size_t i = 0; i < ARRAY_COUNT(fixed_names); i++)
        font->is_fixed = font->is_fixed || has_part(family, fixed_names[i]);
}

static void take_page(struct pdf_reader *reader, struct slice tag)
{
    int value = number(tag, "number", 0);
    reader->pages = arena_more(reader->arena, reader->pages, reader->page_count, &reader->page_capacity,
                               sizeof(*reader->pages));
    reader->pages[reader->page_count++] = (struct pdf_page){
        .number = value > 0 ? (unsigned)value : 0, .width = number(tag, "width", 0), .height = number(tag, "height", 0)};
    reader->piece_capacity = 0;
}

/* Text that is bold by its tags alone: pdftohtml knows more of fonts than their names. */
static bool is_marked_bold(struct slice raw)
{
    return slice_starts_with(raw, SLICE("<b>")) || slice_starts_with(raw, SLICE("<i><b>"));
}

static void take_text(struct pdf_reader *reader, struct slice tag, struct slice raw)
{
    if (reader->page_count == 0)
        return;
    buffer_clear(&reader->text);
    pdf_clean(raw, &reader->text);
    struct slice whole = buffer_slice(&reader->text), text = slice_trim(whole);
    struct pdf_page *page = &reader->pages[reader->page_count - 1];
    if (text.size == 0 && whole.size > 0 && page->count > 0)
        page->pieces[page->count - 1].has_space = true;
    if (text.size == 0 || ++reader->piece_count > LIMIT_PDF_PIECES)
        return;
    int id = number(tag, "font", -1), left = number(tag, "left", 0), top = number(tag, "top", 0);
    int width = number(tag, "width", 0), height = number(tag, "height", 0);
    bool is_known = id >= 0 && (size_t)id < reader->font_capacity;
    struct font font = is_known ? reader->fonts[id] : (struct font){.size = height};
    page->pieces = arena_more(reader->arena, page->pieces, page->count, &reader->piece_capacity, sizeof(*page->pieces));
    if (page->count > 0 && text.data > whole.data)
        page->pieces[page->count - 1].has_space = true;
    page->pieces[page->count++] = (struct pdf_piece){.left = left,
                                                     .right = left + (width > 0 ? width : 0),
                                                     .top = top,
                                                     .bottom = top + (height > 0 ? height : 1),
                                                     .size = font.size > 0 ? font.size : 1,
                                                     .is_bold = font.is_bold || is_marked_bold(raw),
                                                     .is_fixed = font.is_fixed,
                                                     .has_space = text.data + text.size < whole.data + whole.size,
                                                     .text = arena_slice(reader->arena, text)};
}

/* ---- the whole ---- */

/* Takes the next tag and moves behind it; false at the end. */
static bool next_tag(struct pdf_reader *reader, struct slice *tag)
{
    size_t start, end;
    if (!slice_find(reader->rest, '<', &start))
        return false;
    reader->rest = slice_range(reader->rest, start, reader->rest.size);
    if (!slice_find(reader->rest, '>', &end))
        return false;
    *tag = slice_range(reader->rest, 0, end + 1);
    reader->rest = slice_range(reader->rest, end + 1, reader->rest.size);
    return true;
}

static void read_tag(struct pdf_reader *reader, struct slice tag)
{
    if (slice_starts_with(tag, SLICE("<text "))) {
        const char *end = memmem(reader->rest.data, reader->rest.size, "</text>", 7);
        size_t size = end != NULL ? (size_t)(end - reader->rest.data) : reader->rest.size;
        take_text(reader, tag, slice_range(reader->rest, 0, size));
        reader->rest = slice_range(reader->rest, size, reader->rest.size);
    } else if (slice_starts_with(tag, SLICE("<fontspec ")))
        take_font(reader, tag);
    else if (slice_starts_with(tag, SLICE("<page ")))
        take_page(reader, tag);
}

static int by_number(const void *a, const void *b)
{
    const struct pdf_page *first = a, *second = b;
    if (first->number != second->number)
        return first->number < second->number ? -1 : 1;
    return (first->count == 0) - (second->count == 0); /* one with text first */
}

static size_t without_doubles(struct pdf_page *pages, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(pages, count, sizeof(*pages), by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || pages[kept - 1].number != pages[i].number)
            pages[kept++] = pages[i];
    return kept;
}

bool pdf_pages_read(struct slice xml, struct arena *arena, struct pdf_page **pages, size_t *count, struct error *error)
{
    struct pdf_reader reader = {.rest = xml, .arena = arena};
    struct slice tag;
    buffer_init(&reader.text, 4 * xml.size + 64);
    while (next_tag(&reader, &tag))
        read_tag(&reader, tag);
    bool ok = buffer_finish(&reader.text, "the text of a page", error);
    buffer_release(&reader.text);
    if (ok && reader.piece_count > LIMIT_PDF_PIECES)
        ok = error_set(error, ERROR_LIMIT, "its pages hold %zu runs of text, the limit is %zu", reader.piece_count,
                       LIMIT_PDF_PIECES);
    if (!ok)
        return false;
    *count = without_doubles(reader.pages, reader.page_count);
    *pages = reader.pages;
    return true;
}
