#include "table_grid.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    EMPTY_CELLS_MAX = 16,   /* told one by one where nothing is known of the table's width; more are as that many */
    REPEAT_BYTES_MAX = 200, /* longer texts are not written again */
};

static const char separator[] = " | ";
enum { SEPARATOR_BYTES = sizeof(separator) - 1 };

void table_grid_init(struct table_grid *grid, struct buffer *row_text, size_t repeat_max)
{
    *grid = (struct table_grid){.row_text = row_text, .repeat_left = repeat_max};
    buffer_init(&grid->texts, row_text->size_max);
}

void table_grid_release(struct table_grid *grid)
{
    buffer_release(&grid->texts);
    free(grid->columns);
    grid->columns = NULL;
}

static void forget_spans(struct table_grid *grid)
{
    grid->column_count = grid->last_row = 0;
    buffer_clear(&grid->texts);
}

void table_grid_begin(struct table_grid *grid)
{
    forget_spans(grid);
    grid->row = grid->width = grid->filled = 0;
    grid->in_cell = grid->is_headed = grid->is_whole = grid->has_span = false;
}

void table_grid_row(struct table_grid *grid, size_t rows)
{
    assert(rows > 0);
    buffer_clear(grid->row_text);
    grid->row += rows;
    if (grid->row > grid->last_row)
        forget_spans(grid);
    grid->next = grid->filled = grid->text_end = grid->rows_most = 0;
    grid->in_cell = grid->is_whole = grid->has_span = false;
}

/* ---- what stands between the reader's cells ---- */

static bool spend(struct table_grid *grid, size_t bytes)
{
    bool is_left = bytes <= grid->repeat_left;
    grid->repeat_left = is_left ? grid->repeat_left - bytes : 0;
    return is_left;
}

static void begin_column(struct table_grid *grid)
{
    if (grid->next++ > 0)
        buffer_append(grid->row_text, separator, SEPARATOR_BYTES);
}

static void repeat(struct table_grid *grid, struct slice text)
{
    begin_column(grid);
    if (!spend(grid, text.size + SEPARATOR_BYTES)) {
        forget_spans(grid);
        return;
    }
    buffer_append_slice(grid->row_text, text);
    if (text.size > 0)
        grid->text_end = grid->row_text->size;
}

static bool reaches_here(const struct table_grid *grid, size_t column)
{
    return column < grid->column_count && grid->columns[column].until_row >= grid->row;
}

static struct slice text_above(const struct table_grid *grid, size_t column)
{
    const struct table_column *above = &grid->columns[column];
    return slice_range(buffer_slice(&grid->texts), above->text_at, above->text_at + above->text_size);
}

static void add_empty(struct table_grid *grid, size_t count)
{
    size_t end = grid->next + count;
    bool is_known = end <= grid->width && count <= TABLE_COLUMNS_MAX && spend(grid, count * SEPARATOR_BYTES);
    for (size_t i = 0; i < count && (is_known || i < EMPTY_CELLS_MAX); i++)
        begin_column(grid);
    grid->next = end;
}

/* Columns up to `end`: with what reaches into them from above, else empty. */
static void pass_to(struct table_grid *grid, size_t end)
{
    while (grid->next < end) {
        size_t empty = 0;
        while (grid->next + empty < end && !reaches_here(grid, grid->next + empty))
            empty = grid->next + empty < grid->column_count ? empty + 1 : end - grid->next;
        if (empty > 0)
            add_empty(grid, empty);
        else
            repeat(grid, text_above(grid, grid->next));
    }
}

/* ---- cells ---- */

/* The cell's text reaches into rows below. */
static void keep_below(struct table_grid *grid, struct slice text, size_t text_at)
{
    size_t end = grid->cell_column + grid->cell_columns;
    for (; grid->column_count < end; grid->column_count++) {
        grid->columns = memory_more(grid->columns, grid->column_count, &grid->column_capacity, sizeof(*grid->columns));
        grid->columns[grid->column_count] = (struct table_column){0};
    }
    size_t until_row = grid->row + grid->cell_rows - 1;
    for (size_t i = grid->cell_column; i < end; i++)
        grid->columns[i] = (struct table_column){text_at, text.size, until_row};
    grid->last_row = until_row > grid->last_row ? until_row : grid->last_row;
}

/* It is where a cell from above would be: that one has ended. */
static void end_above(struct table_grid *grid, size_t column, size_t columns)
{
    for (size_t i = column; i < grid->column_count && i - column < columns; i++)
        grid->columns[i].until_row = 0;
}

static void end_cell(struct table_grid *grid, bool is_last)
{
    if (!grid->in_cell)
        return;
    size_t size = grid->row_text->size, text_at = grid->texts.size;
    struct slice text = slice_trim(
        slice_range(buffer_slice(grid->row_text), grid->cell_at < size ? grid->cell_at : size, size));
    size_t column = grid->cell_column, columns = grid->cell_columns;
    grid->in_cell = false;
    if (text.size > 0) {
        grid->filled++;
        grid->text_end = (size_t)(text.data - grid->row_text->data) + text.size;
        grid->is_whole = is_last && columns > 1 && column == 0;
        grid->has_span = grid->has_span || (columns > 1 && !grid->is_whole);
        grid->rows_most = grid->cell_rows > grid->rows_most ? grid->cell_rows : grid->rows_most;
    }
    if ((columns == 1 && grid->cell_rows == 1) || grid->repeat_left == 0)
        return;
    if (text.size <= REPEAT_BYTES_MAX)
        buffer_append_slice(&grid->texts, text);
    text = slice_range(buffer_slice(&grid->texts), text_at, grid->texts.size);
    if (grid->cell_rows > 1)
        keep_below(grid, text, text_at);
    for (size_t i = 1; i < columns && grid->is_headed && !grid->is_whole && text.size > 0 && grid->repeat_left > 0; i++)
        repeat(grid, text);
}

static size_t span_of(size_t stated, size_t most)
{
    return stated == 0 ? 1 : stated < most ? stated : most;
}

void table_grid_cell(struct table_grid *grid, size_t column, size_t columns, size_t rows)
{
    enum { ROWS_MAX = 65534 };
    end_cell(grid, /* is_last= */ false);
    if (column == TABLE_NEXT_COLUMN)
        for (column = grid->next; reaches_here(grid, column);)
            column++;
    if (column < grid->next)
        column = grid->next;
    pass_to(grid, column);
    begin_column(grid);
    columns = span_of(columns, TABLE_COLUMNS_MAX);
    if (column >= TABLE_COLUMNS_MAX)
        columns = rows = 1;
    if (grid->width > column && columns > grid->width - column) /* "all of them", by a number that is large enough */
        columns = grid->width - column;
    end_above(grid, column, columns);
    grid->in_cell = true;
    grid->cell_at = grid->row_text->size;
    grid->cell_column = column;
    grid->cell_columns = columns;
    grid->cell_rows = span_of(rows, ROWS_MAX);
}

bool table_grid_continue(struct table_grid *grid, size_t column, size_t columns)
{
    bool is_continued = false;
    for (size_t i = column; i < grid->column_count && i - column < columns; i++)
        if (reaches_here(grid, i)) {
            grid->columns[i].until_row = grid->last_row = grid->row + 1;
            is_continued = true;
        }
    return is_continued;
}

void table_grid_widen(struct table_grid *grid, size_t columns)
{
    size_t count = grid->column_count;
    grid->width += columns;
    if (count == 0)
        return;
    for (size_t i = 0; i < columns; i++) {
        grid->columns = memory_more(grid->columns, grid->column_count, &grid->column_capacity, sizeof(*grid->columns));
        grid->columns[grid->column_count++] = (struct table_column){0};
    }
    memmove(grid->columns + columns, grid->columns, count * sizeof(*grid->columns));
    memset(grid->columns, 0, columns * sizeof(*grid->columns));
}

bool table_grid_row_end(struct table_grid *grid)
{
    end_cell(grid, /* is_last= */ grid->next == 1);
    if (grid->filled > 0 && !grid->is_whole) {
        size_t end = grid->column_count;
        while (end > 0 && !reaches_here(grid, end - 1))
            end--;
        pass_to(grid, end);
    }
    if (grid->filled > 0 && grid->row_text->size > grid->text_end)
        grid->row_text->size = grid->text_end;
    if (grid->next > grid->width)
        grid->width = grid->next;
    return grid->filled > 0;
}

/* ---- what a cell is by its look ---- */

static bool begins_with_number(struct slice cell)
{
    size_t at = 0;
    while (at < cell.size && byte_among(cell.data[at], "+-(<>=~ ."))
        at++;
    return at < cell.size && cell.data[at] >= '0' && cell.data[at] <= '9';
}

bool table_is_year(struct slice cell)
{
    uint64_t year;
    return cell.size == 4 && slice_to_u64(cell, &year) && year >= 1900 && year < 2100;
}

bool table_is_number(struct slice cell)
{
    return begins_with_number(cell) && !table_is_year(cell);
}

static size_t digits_end(struct slice cell, size_t at)
{
    while (at < cell.size && ((cell.data[at] >= '0' && cell.data[at] <= '9') || byte_among(cell.data[at], ".,")))
        at++;
    return at;
}

bool table_is_range(struct slice cell)
{
    size_t at = digits_end(cell, 0);
    if (at == 0 || memchr(cell.data, ':', cell.size) != NULL) /* hours are values */
        return false;
    struct slice rest = slice_range(cell, at, cell.size);
    while (rest.size > 0 && rest.data[0] == ' ')
        rest = slice_range(rest, 1, rest.size);
    if (slice_starts_with(rest, SLICE("+")))
        return true;
    static const char *const dashes[] = {"-", "\xE2\x80\x93", "to ", "bis ", "\xC3\xA0 ", "a "};
    for (size_t i = 0; i < ARRAY_COUNT(dashes); i++)
        if (slice_starts_with(rest, slice_from(dashes[i]))) {
            struct slice end = slice_trim(slice_range(rest, strlen(dashes[i]), rest.size));
            size_t behind = digits_end(end, 0); /* "2024-05-01" is a date */
            return behind > 0 && (behind == end.size || !byte_among(end.data[behind], "-/"));
        }
    return false;
}

bool table_is_pair(struct slice key, struct slice value)
{
    if (key.size == 0 || value.size == 0)
        return false;
    return key.data[key.size - 1] == ':' || (table_is_number(value) && !begins_with_number(key)) ||
           memchr(value.data, '@', value.size) != NULL || memmem(value.data, value.size, "://", 3) != NULL;
}

/* ---- heads of several rows ---- */

struct slice table_next_cell(struct slice *rest)
{
    for (size_t i = 0; i + SEPARATOR_BYTES <= rest->size; i++)
        if (slice_starts_with(slice_range(*rest, i, rest->size), SLICE(" | "))) {
            struct slice cell = slice_range(*rest, 0, i);
            *rest = slice_range(*rest, i + SEPARATOR_BYTES, rest->size);
            return slice_trim(cell);
        }
    struct slice cell = *rest;
    *rest = SLICE("");
    return slice_trim(cell);
}

/* It is the cell above, or the last of those above, that reaches into its row. */
static bool is_same_cell(struct slice above, struct slice below)
{
    if (above.size < below.size)
        return false;
    size_t start = above.size - below.size;
    return slice_equal(slice_range(above, start, above.size), below) && (start == 0 || above.data[start - 1] == ' ');
}

bool table_head_spread(struct slice above, struct slice below, struct buffer *out)
{
    struct slice group = SLICE("");
    bool is_grouped = false, has_gap = false;
    for (size_t column = 0; above.size > 0 || below.size > 0; column++) {
        struct slice upper = table_next_cell(&above), lower = table_next_cell(&below);
        bool is_gap = upper.size == 0 && lower.size > 0;
        if ((column == 0 && (upper.size == 0 || lower.size > 0)) || (is_gap && !is_grouped))
            return false;
        if (!is_gap) {
            group = upper;
            is_grouped = lower.size > 0;
        }
        if (column > 0)
            buffer_append(out, separator, SEPARATOR_BYTES);
        buffer_append_slice(out, group);
        has_gap = has_gap || is_gap;
    }
    return has_gap;
}

void table_head_join(struct slice above, struct slice below, struct buffer *out)
{
    for (bool is_first = true; above.size > 0 || below.size > 0; is_first = false) {
        struct slice upper = table_next_cell(&above), lower = table_next_cell(&below);
        if (!is_first)
            buffer_append(out, separator, SEPARATOR_BYTES);
        buffer_append_slice(out, upper);
        if (lower.size == 0 || is_same_cell(upper, lower))
            continue;
        if (upper.size > 0)
            buffer_append_byte(out, ' ');
        buffer_append_slice(out, lower);
    }
}
