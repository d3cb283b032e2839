/* table_signs.c - see table_signs.h.
 *
 * Columns are where amounts end: those of a row without a sign may go over the column of the sign. A name goes over the columns that it stands above, or
 * stands at the nearest. */
#include "table_signs.h"
#include "table_grid.h"
#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 20000, ROW_CELLS_MAX = 128, COLUMNS_MAX = 32, SIGNS_LEAST = 2, ROW_BYTES_MAX = 20000 };

void table_signs_release(struct table_signs *signs)
{
    free(signs->cells);
    free(signs->rows);
    *signs = (struct table_signs){0};
}

void table_signs_begin(struct table_signs *signs)
{
    signs->cell_count = signs->row_count = 0;
    signs->is_other = false;
}

void table_signs_row(struct table_signs *signs)
{
    signs->rows = memory_more(signs->rows, signs->row_count, &signs->row_capacity, sizeof(*signs->rows));
    signs->rows[signs->row_count++] = (struct signs_row){.block = SIZE_MAX, .cell = signs->cell_count};
}

void table_signs_cell(struct table_signs *signs, size_t columns, size_t rows, bool is_repeated)
{
    if (signs->row_count == 0)
        return;
    struct signs_row *row = &signs->rows[signs->row_count - 1];
    signs->is_other = signs->is_other || rows > 1 || row->cell_count == ROW_CELLS_MAX || signs->cell_count == CELLS_MAX;
    if (signs->is_other)
        return;
    size_t first = row->cell_count > 0 ? signs->cells[signs->cell_count - 1].last + 1 : 0;
    columns = columns == 0 ? 1 : columns > TABLE_COLUMNS_MAX ? TABLE_COLUMNS_MAX : columns;
    signs->cells = memory_more(signs->cells, signs->cell_count, &signs->cell_capacity, sizeof(*signs->cells));
    signs->cells[signs->cell_count++] = (struct signs_cell){first, first + columns - 1, is_repeated};
    row->cell_count++;
}

void table_signs_block(struct table_signs *signs, size_t block)
{
    if (signs->row_count > 0)
        signs->rows[signs->row_count - 1].block = block;
}

/* ---- a row's values ---- */

struct value {
    struct slice text;
    struct slice sign; /* before it; empty: none */
    size_t sign_at; /* its column */
    struct slice ending; /* behind it */
    struct signs_cell cell;
    bool is_amount;
};

struct values {
    struct value items[ROW_CELLS_MAX];
    size_t count, signs; /* that stood apart */
    bool has_amount; /* behind its name */
};

bool signs_is_currency(struct slice text)
{
    static const char *const currencies[] = {"$", "€", "£", "¥", "US$", "C$", "A$", "HK$"};
    for (size_t i = 0; i < ARRAY_COUNT(currencies); i++)
        if (slice_equal_text(text, currencies[i]))
            return true;
    return false;
}

bool signs_is_ending(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!byte_among(text.data[i], ")%"))
            return false;
    return text.size > 0;
}

/* "—" stands where an amount would. */
static bool is_amount(struct slice cell)
{
    return table_is_number(cell) || slice_equal_text(cell, "—") || slice_equal_text(cell, "–") || slice_equal_text(cell, "-");
}

/* The next cell, with the others that it is written in. Of a text that begins with a separator the first one is empty. */
static struct slice take_cell(struct slice *text, const struct signs_cell *told)
{
    struct slice cell, rest;
    if (slice_starts_with(*text, SLICE("| "))) {
        *text = slice_range(*text, 2, text->size);
        return SLICE("");
    }
    cell = table_next_cell(text);
    for (size_t i = told->first; i < told->last && told->is_repeated && cell.size > 0; i++) {
        rest = *text;
        if (!slice_equal(table_next_cell(&rest), cell))
            break;
        *text = rest;
    }
    return cell;
}

/* False: the row has other cells than were told of. */
static bool values_read(const struct table_signs *signs, const struct signs_row *row, struct slice text, struct values *values)
{
    struct slice sign = SLICE("");
    size_t sign_at = 0;
    *values = (struct values){0};
    for (size_t i = 0; text.size > 0; i++) {
        if (i == row->cell_count)
            return false;
        struct slice cell = take_cell(&text, &signs->cells[row->cell + i]);
        struct value *last = values->count > 0 ? &values->items[values->count - 1] : NULL;
        if (cell.size == 0)
            continue;
        if (signs_is_ending(cell) && last != NULL && last->is_amount && last->ending.size == 0) {
            last->ending = cell;
            values->signs++;
            continue;
        }
        if (signs_is_currency(cell) && sign.size == 0) {
            sign = cell;
            sign_at = signs->cells[row->cell + i].first;
            continue;
        }
        bool amount = is_amount(cell);
        values->signs += amount && sign.size > 0;
        values->has_amount = values->has_amount || (amount && i > 0);
        values->items[values->count++] = (struct value){.text = cell,
                                                        .sign = amount ? sign : SLICE(""),
                                                        .sign_at = sign_at,
                                                        .cell = signs->cells[row->cell + i],
                                                        .is_amount = amount};
        sign = SLICE("");
    }
    return true;
}

/* ---- the table's columns ---- */

struct columns {
    size_t ends[COLUMNS_MAX];
    size_t count;
};

static bool add_column(struct columns *columns, size_t end)
{
    size_t at = columns->count;
    for (size_t i = 0; i < columns->count; i++)
        if (columns->ends[i] == end)
            return true;
    if (at == COLUMNS_MAX)
        return false;
    for (; at > 0 && columns->ends[at - 1] > end; at--)
        columns->ends[at] = columns->ends[at - 1];
    columns->ends[at] = end;
    columns->count++;
    return true;
}

static size_t apart(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

static size_t nearest(const struct columns *columns, size_t end)
{
    size_t best = 0;
    for (size_t c = 1; c < columns->count; c++)
        if (apart(columns->ends[c], end) < apart(columns->ends[best], end))
            best = c;
    return best;
}

/* Columns, of which the next is meant, too. */
struct pairs {
    bool signs[ROW_CELLS_MAX]; /* a sign and its amount stand there */
    bool names[ROW_CELLS_MAX]; /* a name stands in each */
};

static void note_pairs(struct pairs *pairs, const struct values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct value *value = &values->items[i], *last = i > 0 ? value - 1 : NULL;
        size_t column = value->cell.first;
        if (column == 0 || column >= ROW_CELLS_MAX)
            continue;
        if (value->sign.size > 0 && value->sign_at + 1 == column)
            pairs->signs[value->sign_at] = true;
        if (last != NULL && !value->is_amount && !last->is_amount && last->cell.first + 1 == column &&
            last->cell.last + 1 == column && value->cell.last == column)
            pairs->names[column - 1] = true;
    }
}

/* "Currency | Sign | Rate": signs that have a name of their own are values. */
static bool are_named(const struct pairs *pairs)
{
    for (size_t c = 1; c < ROW_CELLS_MAX; c++)
        if (pairs->signs[c] && pairs->names[c])
            return true;
    return false;
}

/* False: this is no table of amounts whose signs stand apart. */
static bool find_columns(const struct table_signs *signs, const struct blocks *blocks, struct columns *columns)
{
    size_t apart_count = 0;
    struct pairs pairs = {0};
    columns->count = 0;
    for (size_t r = 0; r < signs->row_count; r++) {
        const struct signs_row *row = &signs->rows[r];
        struct values values;
        if (row->block == SIZE_MAX)
            continue;
        struct slice text = blocks->items[row->block].text;
        if (text.size > ROW_BYTES_MAX || !values_read(signs, row, text, &values))
            return false;
        apart_count += values.signs;
        note_pairs(&pairs, &values);
        for (size_t i = 0; i < values.count; i++)
            if (values.items[i].is_amount && values.items[i].cell.first > 0 && !add_column(columns, values.items[i].cell.last))
                return false;
    }
    return apart_count >= SIGNS_LEAST && columns->count > 0 && !are_named(&pairs);
}

/* ---- rows anew ---- */

static void put_value(struct buffer *cell, const struct value *value)
{
    if (cell->size > 0)
        buffer_append_byte(cell, ' ');
    if (value->sign.size > 0)
        buffer_format(cell, SLICE_FORMAT " ", SLICE_ARGUMENT(value->sign));
    buffer_append_slice(cell, value->text);
    buffer_append_slice(cell, value->ending);
}

/* A name stands in each column that it goes over, an amount where it ends. */
static void place(const struct columns *columns, const struct value *value, struct buffer cells[1 + COLUMNS_MAX])
{
    bool is_placed = false;
    if (value->cell.first == 0) {
        put_value(&cells[0], value);
        return;
    }
    for (size_t c = 0; c < columns->count && !value->is_amount; c++)
        if (columns->ends[c] >= value->cell.first && columns->ends[c] <= value->cell.last) {
            put_value(&cells[1 + c], value);
            is_placed = true;
        }
    if (!is_placed)
        put_value(&cells[1 + nearest(columns, value->cell.last)], value);
}

static void write_row(const struct columns *columns, const struct values *values, struct buffer *out)
{
    struct buffer cells[1 + COLUMNS_MAX];
    for (size_t c = 0; c <= columns->count; c++)
        buffer_init(&cells[c], out->size_max);
    for (size_t i = 0; i < values->count; i++)
        place(columns, &values->items[i], cells);
    size_t count = columns->count + 1;
    while (count > 1 && cells[count - 1].size == 0)
        count--;
    for (size_t c = 0; c < count; c++) {
        buffer_append_text(out, c > 0 ? " | " : "");
        buffer_append_slice(out, buffer_slice(&cells[c]));
    }
    for (size_t c = 0; c <= columns->count; c++)
        buffer_release(&cells[c]);
}

/* Where its words stand in the source: they follow one another as before, and a name that is written again stands there once. */
static void place_runs(struct block *block, struct slice text, struct arena *arena)
{
    struct block_run *runs = arena_alloc(arena, block->run_count + 1, sizeof(*runs));
    size_t count = 0, at = 0;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        const char *found = memmem(text.data + at, text.size - at, block->text.data + run->text_at, run->size);
        if (found == NULL || slice_trim(slice_range(block->text, run->text_at, run->text_at + run->size)).size == 0)
            continue;
        runs[count] = *run;
        runs[count++].text_at = (size_t)(found - text.data);
        at = (size_t)(found - text.data) + run->size;
    }
    if (count == 0) /* a head of several rows: its words are somewhere in all of it */
        runs[count++] = (struct block_run){0, block->start, text.size, block->end - block->start};
    block->runs = runs;
    block->run_count = (uint32_t)count;
}

static void rewrite(struct block *block, const struct columns *columns, const struct values *values, struct arena *arena)
{
    struct buffer written;
    buffer_init(&written, COLUMNS_MAX * (block->text.size + 64));
    write_row(columns, values, &written);
    if (written.size > 0 && !written.failed) {
        struct slice text = arena_slice(arena, slice_trim(buffer_slice(&written)));
        place_runs(block, text, arena);
        block->text = text;
    }
    buffer_release(&written);
}

void table_signs_end(struct table_signs *signs, struct blocks *blocks, struct arena *arena)
{
    struct columns columns;
    if (!signs->is_other && find_columns(signs, blocks, &columns))
        for (size_t r = 0; r < signs->row_count; r++) {
            const struct signs_row *row = &signs->rows[r];
            struct values values;
            if (row->block != SIZE_MAX && values_read(signs, row, blocks->items[row->block].text, &values) && values.count > 0)
                rewrite(&blocks->items[row->block], &columns, &values, arena);
        }
    table_signs_begin(signs);
}
