/* table_rows.c - the rows of a table among the sentences of a passage.
 *
 *   |               | Year ended June 30, |             first, a head: above all columns, so that it tells none apart
 *   |               | 2019      | 2018 |                 a head
 *   Net sales:                                            title, of the rows below it
 *   Malaysia        | 1,138,380 | 1,118,032 |             the head of its second column is "2019", above it stands "Net sales:"
 *   China           | 418,825   | 379,977 |
 *                                                         end */
#include "table_rows.h"
#include "line_parts.h"
#include <string.h>

enum { TITLES_MAX = 3 /* below each other */, ROWS_LOOKED_AT = 12 };

bool table_is_row(const struct ask_passage *passage, size_t sentence)
{
    struct slice key, value, comment;
    if (sentence >= passage->sentence_count)
        return false;
    struct slice text = passage->sentences[sentence].text;
    return line_has_bar(text) || (line_has_gap(text) && !line_assigns(text, &key, &value, &comment));
}

/* Only a line's end stands between the two. */
static bool is_next_line(const struct ask_passage *passage, size_t sentence)
{
    struct slice before = passage->sentences[sentence - 1].text;
    const char *at = before.data + before.size, *end = passage->sentences[sentence].text.data;
    size_t lines = 0;
    for (; at < end; at++)
        lines += *at == '\n';
    return lines == 1;
}

static bool may_be_title(const struct ask_passage *passage, size_t sentence)
{
    return sentence > 0 && text_table_title(passage->sentences[sentence].text) && !table_is_row(passage, sentence) &&
           is_next_line(passage, sentence);
}

bool table_is_title(const struct ask_passage *passage, size_t sentence)
{
    size_t first = sentence, end = sentence;
    if (sentence >= passage->sentence_count)
        return false;
    while (end < passage->sentence_count && end < sentence + TITLES_MAX && may_be_title(passage, end))
        end++;
    while (first > 0 && first + TITLES_MAX > sentence && may_be_title(passage, first))
        first--;
    return end > sentence && first < sentence && end < passage->sentence_count && is_next_line(passage, end) &&
           line_has_bar(passage->sentences[first].text) && line_has_bar(passage->sentences[end].text);
}

static bool is_in_table(const struct ask_passage *passage, size_t sentence)
{
    return table_is_row(passage, sentence) || table_is_title(passage, sentence);
}

/* ---- heads ---- */

/* The row of signs below a head, or cells that are heads: the source tells that a table's first row is one. */
static bool tells_head(const struct ask_passage *passage)
{
    static const char *const signs[] = {"|---",  "| ---", "|:--", "| :--", "| --", "|--",
                                        "--- |", "---|",  "<th>", "<th ",  "<TH>", "<TH "};
    for (size_t i = 0; i < ARRAY_COUNT(signs) && passage->source.size > 0; i++)
        if (memmem(passage->source.data, passage->source.size, signs[i], strlen(signs[i])) != NULL)
            return true;
    return false;
}

struct head_row {
    struct slice cells[CELLS_MAX];
    size_t count, filled, last; /* cells; those with text, behind the first one; the last of these */
};

static struct head_row head_row_of(struct slice text)
{
    struct head_row row;
    row.count = line_cells(text, row.cells);
    row.filled = row.last = 0;
    for (size_t i = 1; i < row.count; i++) {
        row.filled += row.cells[i].size > 0;
        row.last = row.cells[i].size > 0 ? i : row.last;
    }
    return row;
}

/* What the row says of a column. With fewer texts than there are columns, one stands for those up to the next. */
static struct slice said_of(const struct head_row *row, size_t column, size_t columns)
{
    bool is_wide = row->filled + 1 < columns;
    struct slice said = column < row->count ? row->cells[column] : SLICE("");
    for (size_t i = column; is_wide && column > 0 && said.size == 0 && i > 0; i--)
        said = i < row->count ? row->cells[i] : SLICE("");
    for (size_t i = column; is_wide && column > 0 && said.size == 0 && i < row->count; i++)
        said = row->cells[i];
    return said;
}

static void join_heads(struct asking *asking, const struct ask_passage *passage, struct table_rows *rows)
{
    struct head_row *heads = arena_alloc(asking->arena, rows->heads, sizeof(*heads));
    size_t columns = 0;
    const char *head = "", *around = "";
    for (size_t i = 0; i < rows->heads; i++) {
        heads[i] = head_row_of(passage->sentences[rows->first + i].text);
        columns = heads[i].count > columns ? heads[i].count : columns;
        if (heads[i].filled == 1) /* it tells no column from another */
            around = arena_format(asking->arena, "%s " SLICE_FORMAT, around, SLICE_ARGUMENT(heads[i].cells[heads[i].last]));
    }
    for (size_t column = 0; column < columns; column++) {
        head = arena_format(asking->arena, "%s%s", head, column > 0 ? " | " : "");
        for (size_t i = 0; i < rows->heads; i++) {
            struct slice said = said_of(&heads[i], column, columns);
            if (column == 0 || heads[i].filled != 1 || columns == 2)
                head = arena_format(asking->arena, "%s" SLICE_FORMAT " ", head, SLICE_ARGUMENT(said));
        }
    }
    rows->head = slice_from(head);
    rows->around = slice_trim(slice_from(around));
}

/* The first of rows may be their head, which its look does not tell for sure. */
static struct slice maybe_head(const struct ask_passage *passage, size_t first, bool is_told)
{
    struct slice head = passage->sentences[first].text;
    bool is_head = !passage->sentences[first].is_order &&
                   (line_may_be_head(head) || (is_told && line_has_bar(head) && !line_is_record(head)));
    return is_head ? head : SLICE("");
}

static void find_heads(struct asking *asking, const struct ask_passage *passage, struct table_rows *rows)
{
    struct slice texts[ROWS_LOOKED_AT];
    size_t count = 0;
    bool is_told = tells_head(passage), has_bar = line_has_bar(passage->sentences[rows->first].text);
    for (; has_bar && count < ROWS_LOOKED_AT && rows->first + count < rows->end; count++)
        texts[count] = passage->sentences[rows->first + count].text;
    rows->heads = text_table_heads(texts, count, false);
    if (is_told && count > 1 && rows->heads < 2)
        rows->heads = text_table_heads(texts, count, true);
    for (size_t i = 0; i < rows->heads; i++)
        if (passage->sentences[rows->first + i].is_order)
            rows->heads = 0;
    if (rows->heads > 1)
        join_heads(asking, passage, rows);
    else
        rows->head = maybe_head(passage, rows->first, is_told || rows->heads > 0);
    if (rows->heads == 0 && count > 1 && line_looks_like_head(texts[0], texts[1]))
        rows->heads = 1;
}

struct table_rows table_rows_at(struct asking *asking, const struct ask_passage *passage, size_t sentence)
{
    struct table_rows rows = {.first = sentence, .end = sentence};
    if (!is_in_table(passage, sentence))
        return rows;
    while (rows.first > 0 && is_in_table(passage, rows.first - 1))
        rows.first--;
    while (is_in_table(passage, rows.end))
        rows.end++;
    find_heads(asking, passage, &rows);
    return rows;
}

size_t table_title_above(const struct ask_passage *passage, const struct table_rows *rows, size_t sentence)
{
    for (size_t i = sentence; i > rows->first + rows->heads; i--)
        if (table_is_title(passage, i - 1))
            return i - 1;
    return passage->sentence_count;
}
