/* pdf_blocks.c - lines in reading order into headings, paragraphs, items and code.
 *
 * A PDF says where each line stands, not what it is. Text that is larger than most of the document, or bold lines that stand alone, are headings; their
 * sizes, from the largest down, are the levels. A paragraph ends where a wider gap follows, where a line is indented, and where a line ends
 * although the next word would have fitted. One that a column or page cuts goes on behind it when its sentence does. */
#include "pdf_page.h"
#include <stdlib.h>
#include <string.h>

enum { SIZES = 256, BANDS_MAX = 8, LEVELS = 6, DEPTH_MAX = 8, HEADING_LINES_MAX = 4, HEADING_BYTES = 300 };

/* Where lines end that stand across pages of one width. */
struct band {
    int width, right;
};

struct writer {
    const struct pdf_lines *lines;
    const struct pdf_words *words;
    struct extract *extract;
    int body_size, body_gap; /* of most of the text: its font, the white between its lines */
    bool has_bold_headings;  /* bold says something here: most text is not */
    bool has_code;           /* so do fonts of one width */
    unsigned levels[2 * SIZES]; /* of headings by size and, of the same, first those that are bold */
    struct band bands[BANDS_MAX];
    size_t band_count;
    int left, right; /* of the text around the line */
    /* the block being written, if any */
    bool is_open;
    enum block_kind kind;
    unsigned level, page;
    const struct pdf_line *last; /* its last line */
    int block_left;              /* where its lines begin, but for the first */
    struct buffer text;
    int depths[DEPTH_MAX]; /* where the marks of the items around stand */
    unsigned depth;
};

/* ---- the document as a whole ---- */

static int size_of(const struct pdf_line *line)
{
    return line->size < SIZES ? line->size : SIZES - 1;
}

static int compare_numbers(const void *a, const void *b)
{
    int first = *(const int *)a, second = *(const int *)b;
    return (first > second) - (first < second);
}

static const struct band *find_band(const struct writer *writer, int width)
{
    for (size_t i = 0; i < writer->band_count; i++)
        if (writer->bands[i].width == width)
            return &writer->bands[i];
    return NULL;
}

/* The white between lines of one paragraph: a low one of all gaps, since those between paragraphs are wider. */
static int usual_gap(const struct pdf_lines *lines, int body_size)
{
    int *gaps = memory_alloc(lines->count + 1, sizeof(*gaps));
    size_t count = 0;
    for (size_t i = 1; i < lines->count; i++) {
        const struct pdf_line *line = &lines->items[i], *before = line - 1;
        int gap = line->top - before->bottom;
        if (line->flow == before->flow && line->size == body_size && before->size == body_size && gap < 2 * body_size &&
            gap > -body_size)
            gaps[count++] = gap;
    }
    qsort(gaps, count, sizeof(*gaps), compare_numbers);
    int gap = count > 0 ? gaps[count / 4] : body_size / 4;
    free(gaps);
    return gap;
}

/* Remembers where lines end on pages of this width, longer than all but a few of them. */
static void survey_bands(struct writer *writer)
{
    const struct pdf_lines *lines = writer->lines;
    int *rights = memory_alloc(lines->count + 1, sizeof(*rights));
    for (size_t first = 0; first < lines->count && writer->band_count < BANDS_MAX; first++) {
        int width = lines->items[first].band_width;
        size_t count = 0;
        if (width == 0 || find_band(writer, width) != NULL)
            continue;
        for (size_t i = first; i < lines->count; i++)
            if (lines->items[i].band_width == width)
                rights[count++] = lines->items[i].right;
        qsort(rights, count, sizeof(*rights), compare_numbers);
        writer->bands[writer->band_count++] = (struct band){width, rights[count - 1 - count / 128]};
    }
    free(rights);
}

static void survey(struct writer *writer)
{
    const struct pdf_lines *lines = writer->lines;
    size_t bytes[SIZES] = {0}, all = 0, bold = 0, fixed = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const struct pdf_line *line = &lines->items[i];
        bytes[size_of(line)] += line->text.size;
        all += line->text.size;
        bold += line->is_bold ? line->text.size : 0;
        fixed += line->is_fixed ? line->text.size : 0;
    }
    writer->body_size = 1;
    for (int i = 1; i < SIZES; i++)
        if (bytes[i] > bytes[writer->body_size])
            writer->body_size = i;
    writer->has_bold_headings = 2 * bold < all;
    writer->has_code = 5 * fixed < 3 * all;
    writer->body_gap = usual_gap(lines, writer->body_size);
    survey_bands(writer);
}

/* ---- whether lines belong together ---- */

static bool is_same_size(int a, int b)
{
    return 8 * abs(a - b) <= (a > b ? a : b);
}

/* Whether the first word of `line` would have fitted behind the line before. */
static bool ended_early(const struct writer *writer, const struct pdf_line *before, const struct pdf_line *line)
{
    size_t word;
    if (!slice_find(line->text, ' ', &word))
        word = line->text.size;
    int64_t needed = (int64_t)(line->right - line->left) * (int64_t)word / (int64_t)line->text.size + line->size;
    return before->right + needed <= writer->right;
}

static bool is_close(const struct writer *writer, const struct pdf_line *before, const struct pdf_line *line)
{
    int gap = line->top - before->bottom, size = line->size > before->size ? line->size : before->size;
    int64_t usual = writer->body_gap > 0 ? (int64_t)writer->body_gap * size / writer->body_size : writer->body_gap;
    return gap <= usual + 2 + size / 4 && gap > -2 * size;
}

static bool ends_sentence(struct slice text)
{
    static const char *const ends[] = {".", "!", "?", ":", ".\"", ".”", ".)", "…", "。", "?”", "!”"};
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
        if (slice_ends_with(text, slice_from(ends[i])))
            return true;
    return false;
}

/* ---- headings ---- */

static bool is_larger(const struct writer *writer, const struct pdf_line *line)
{
    return 100 * line->size >= 112 * writer->body_size;
}

static bool has_letter(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((text.data[i] | 0x20) >= 'a' && ((text.data[i] | 0x20) <= 'z' || (unsigned char)text.data[i] >= 0x80))
            return true;
    return false;
}

static size_t level_slot(const struct pdf_line *line)
{
    return 2 * (size_t)size_of(line) + line->is_bold;
}

/* Bold lines of the body's size must stand alone: text does not go on behind them. */
static bool stands_alone(const struct writer *writer, size_t first, size_t count)
{
    const struct pdf_line *line = &writer->lines->items[first], *last = line + count - 1;
    char end = last->text.data[last->text.size - 1];
    if (end == ':' || end == ',' || end == ';' || end == '.')
        return false;
    if (first > 0 && line[-1].flow == line->flow && is_close(writer, line - 1, line) && !is_larger(writer, line - 1) &&
        !line[-1].is_bold && !ended_early(writer, line - 1, line))
        return false;
    if (first + count == writer->lines->count || last[1].flow != last->flow)
        return true;
    return !is_close(writer, last, last + 1) || ended_early(writer, last, last + 1);
}

/* Lines from `first` on that are one heading: how many, or 0. */
static size_t heading_lines(const struct writer *writer, size_t first)
{
    const struct pdf_line *line = &writer->lines->items[first];
    bool larger = is_larger(writer, line);
    bool is_bold = writer->has_bold_headings && line->is_bold && 100 * line->size >= 94 * writer->body_size;
    size_t count = 1, bytes = line->text.size;
    struct pdf_mark mark = pdf_mark_of(line->text);
    if ((!larger && !is_bold) || mark.kind == PDF_MARK_BULLET || !has_letter(line->text))
        return 0;
    if (!larger && pdf_table_begins(writer->lines, first))
        return 0;
    while (first + count < writer->lines->count) {
        const struct pdf_line *next = line + count;
        if (next->flow != line->flow || next->size != line->size || next->is_bold != line->is_bold ||
            next->top - next[-1].bottom > line->size * 3 / 5 || ended_early(writer, next - 1, next))
            break;
        bytes += next->text.size;
        count++;
    }
    if (count > HEADING_LINES_MAX || bytes > HEADING_BYTES)
        return 0;
    return larger || stands_alone(writer, first, count) ? count : 0;
}

static void set_flow(struct writer *writer, size_t first)
{
    const struct pdf_lines *lines = writer->lines;
    if (first > 0 && lines->items[first - 1].flow == lines->items[first].flow)
        return;
    writer->left = lines->items[first].left;
    writer->right = lines->items[first].right;
    for (size_t i = first; i < lines->count && lines->items[i].flow == lines->items[first].flow; i++) {
        writer->left = lines->items[i].left < writer->left ? lines->items[i].left : writer->left;
        writer->right = lines->items[i].right > writer->right ? lines->items[i].right : writer->right;
    }
    /* A page may hold but a few short lines: those of other pages tell where they might have ended. */
    const struct band *band = find_band(writer, lines->items[first].band_width);
    if (band != NULL)
        writer->right = band->right;
}

/* Ranks the looks that headings have: the largest is level 1. */
static void rank_headings(struct writer *writer)
{
    unsigned level = 0;
    for (size_t i = 0, count; i < writer->lines->count; i += count) {
        set_flow(writer, i);
        count = heading_lines(writer, i);
        if (count > 0)
            writer->levels[level_slot(&writer->lines->items[i])] = 1;
        count = 1; /* so that each line's flow is seen */
    }
    for (size_t slot = ARRAY_COUNT(writer->levels); slot-- > 0;)
        if (writer->levels[slot] > 0)
            writer->levels[slot] = level < LEVELS ? ++level : LEVELS;
}

/* ---- blocks ---- */

static void close_block(struct writer *writer)
{
    if (writer->is_open)
        extract_block(writer->extract, writer->kind, writer->level, writer->page, buffer_slice(&writer->text));
    writer->is_open = false;
}

static void open_block(struct writer *writer, enum block_kind kind, unsigned level, const struct pdf_line *line,
                       struct slice text)
{
    close_block(writer);
    writer->is_open = true;
    writer->kind = kind;
    writer->level = level;
    writer->page = line->page;
    writer->last = line;
    writer->block_left = line->left;
    buffer_clear(&writer->text);
    pdf_join(&writer->text, text, writer->words);
}

static void write_heading(struct writer *writer, const struct pdf_line *line, size_t count)
{
    open_block(writer, BLOCK_HEADING, writer->levels[level_slot(line)], line, line->text);
    for (size_t i = 1; i < count; i++)
        pdf_join(&writer->text, line[i].text, writer->words);
    close_block(writer);
    writer->depth = 0;
}

/* Spaces as wide as the white before and between the pieces. */
static void add_code_line(struct writer *writer, const struct pdf_line *line, int left)
{
    int64_t width = 0, characters = 0;
    for (size_t i = 0; i < line->count; i++) {
        width += line->pieces[i].right - line->pieces[i].left;
        characters += (int64_t)line->pieces[i].text.size;
    }
    int64_t each = characters > 0 && width > characters ? width / characters : 1, at = left;
    for (size_t i = 0; i < line->count; i++) {
        int64_t spaces = (line->pieces[i].left - at + each / 2) / each;
        for (int64_t s = 0; s < spaces && s < 200; s++)
            buffer_append_byte(&writer->text, ' ');
        buffer_append_slice(&writer->text, line->pieces[i].text);
        at = line->pieces[i].right;
    }
}

/* Lines of one flow in fonts of one width; a wide gap is an empty line. */
static size_t write_code(struct writer *writer, size_t first)
{
    const struct pdf_line *line = &writer->lines->items[first];
    size_t count = 1;
    int left = line->left;
    for (; first + count < writer->lines->count && line[count].is_fixed && line[count].flow == line->flow; count++)
        left = line[count].left < left ? line[count].left : left;
    open_block(writer, BLOCK_CODE, 0, line, (struct slice){"", 0});
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(&writer->text, line[i].top - line[i - 1].bottom > line->size ? "\n\n" : "\n");
        add_code_line(writer, &line[i], left);
    }
    close_block(writer);
    return count;
}

/* How deep an item is, by where its mark stands among those around it. */
static unsigned item_depth(struct writer *writer, const struct pdf_line *line)
{
    while (writer->depth > 0 && writer->depths[writer->depth - 1] > line->left + line->size / 2)
        writer->depth--;
    bool is_deeper = writer->depth == 0 || line->left > writer->depths[writer->depth - 1] + line->size / 2;
    if (is_deeper && writer->depth < DEPTH_MAX)
        writer->depths[writer->depth++] = line->left;
    return writer->depth;
}

static void open_item(struct writer *writer, const struct pdf_line *line, struct pdf_mark mark)
{
    unsigned depth = item_depth(writer, line);
    struct slice text = mark.kind == PDF_MARK_NUMBER ? line->text : slice_range(line->text, mark.size, line->text.size);
    open_block(writer, BLOCK_ITEM, depth, line, text);
    /* Its text is where the lines below may begin: behind the mark, if that is a piece of its own. */
    if (line->count > 1 && line->pieces[0].text.size <= mark.size)
        writer->block_left = line->pieces[1].left;
}

/* Whether the open block goes on in a line of the same flow. */
static bool goes_on(const struct writer *writer, const struct pdf_line *line)
{
    const struct pdf_line *last = writer->last;
    if (!is_close(writer, last, line) || !is_same_size(line->size, last->size))
        return false;
    if (line->left > writer->block_left + line->size) /* indented: it begins something */
        return writer->kind == BLOCK_ITEM && !ended_early(writer, last, line);
    if (writer->kind == BLOCK_ITEM && line->left + line->size / 2 < writer->block_left)
        return !ended_early(writer, last, line) &&
               line->left + line->size / 2 >= writer->depths[writer->depth > 0 ? writer->depth - 1 : 0];
    return !(ended_early(writer, last, line) && ends_sentence(last->text));
}

/* Whether it goes on in another column or on another page: within its sentence. */
static bool goes_on_elsewhere(const struct writer *writer, const struct pdf_line *line)
{
    const struct pdf_line *last = writer->last;
    char first = line->text.data[0];
    if (!is_same_size(line->size, last->size) || ends_sentence(last->text) || line->page > last->page + 1)
        return false;
    return (first >= 'a' && first <= 'z') || slice_ends_with(last->text, SLICE("-"));
}

static void add_line(struct writer *writer, const struct pdf_line *line)
{
    char first = line->text.data[0];
    bool is_within = (first >= 'a' && first <= 'z') || slice_ends_with(writer->last->text, SLICE("-"));
    if (writer->last->flow == line->flow && !is_within && ended_early(writer, writer->last, line))
        buffer_append_byte(&writer->text, '\n');
    pdf_join(&writer->text, line->text, writer->words);
    bool is_elsewhere = writer->last->flow != line->flow;
    writer->last = line;
    if (is_elsewhere)
        writer->block_left = line->left;
    if (writer->kind != BLOCK_ITEM && line->left < writer->block_left)
        writer->block_left = line->left;
    if (writer->kind == BLOCK_ITEM && line->left > writer->block_left && line->left < writer->block_left + 3 * line->size)
        writer->block_left = line->left;
}

static void write_line(struct writer *writer, const struct pdf_line *line)
{
    struct pdf_mark mark = pdf_mark_of(line->text);
    bool is_here = writer->is_open && writer->last->flow == line->flow;
    bool is_continued = writer->is_open && (is_here ? goes_on(writer, line) : goes_on_elsewhere(writer, line));
    /* A dash or number at a line's beginning is a mark only where the text does not just happen to break before it. */
    bool is_broken = is_continued && is_here && !ended_early(writer, writer->last, line) &&
                     abs(line->left - writer->block_left) <= line->size / 2;
    if (mark.size > 0 && mark.size < line->text.size && (mark.kind == PDF_MARK_BULLET || !is_broken)) {
        open_item(writer, line, mark);
        return;
    }
    if (is_continued) {
        add_line(writer, line);
        return;
    }
    open_block(writer, BLOCK_PARAGRAPH, 0, line, line->text);
    if (line->left <= writer->left + line->size / 2)
        writer->depth = 0;
}

void pdf_blocks(const struct pdf_lines *lines, const struct pdf_words *words, struct extract *extract)
{
    struct writer writer = {.lines = lines, .words = words, .extract = extract};
    buffer_init(&writer.text, extract->text.size_max);
    survey(&writer);
    rank_headings(&writer);
    for (size_t i = 0, count; i < lines->count; i += count) {
        const struct pdf_line *line = &lines->items[i];
        set_flow(&writer, i);
        count = heading_lines(&writer, i);
        if (count > 0) {
            write_heading(&writer, line, count);
            continue;
        }
        if (writer.has_code && line->is_fixed) {
            count = write_code(&writer, i);
            continue;
        }
        count = pdf_table_lines(lines, i);
        if (count > 0) {
            close_block(&writer);
            pdf_table_write(lines, i, words, extract);
            continue;
        }
        count = 1;
        write_line(&writer, line);
    }
    close_block(&writer);
    buffer_release(&writer.text);
}
