/* sheet_panes.c - whether what stands on both sides of an empty column are two tables, or one with a gap.
 *
 *   Region | Units |   | Product | Stock      two: each has a head and a key in each of its rows, and one of them ends first
 *   North  |    10 |   | Bolt    |   500
 *   South  |    20 |   | Nut     |   700
 *          |       |   | Washer  |    40
 *
 *   Region |   | 2023 | 2024                  one: what is on the right are values of the row
 *   North  |   |   10 |   12
 *
 * A right part of as many rows may tell more of the same things ("Person | Age | | Insurer | Plan"): it is a table of its own only when its first
 * column has the name of the left one's. One that is shorter may be what was filled in for some rows, so it has to be shorter by several, and to have no name twice. */
#include "sheet_panes.h"
#include "table_grid.h"
#include <stdlib.h>

enum { COLUMNS_MAX = 256, CELLS_MAX = 200000, LINES_ABOVE_MAX = 3, ROWS_LEAST = 2, SHORTER_LEAST = 2, KEYS_MAX = 64 };

struct part {
    size_t first, end;
    bool is_table;
    bool has_names; /* its first column has texts below the head */
    uint64_t head_row, last_row, first_name;
    bool are_keys; /* no two of those texts are equal */
    uint64_t keys[KEYS_MAX];
};

void sheet_panes_add(struct sheet_panes *panes, uint64_t row, size_t column, struct slice text)
{
    if (panes->count >= CELLS_MAX)
        return;
    panes->cells = memory_more(panes->cells, panes->count, &panes->capacity, sizeof(*panes->cells));
    panes->cells[panes->count++] = (struct pane_cell){row, map_hash(text), column, table_is_number(text)};
}

void sheet_panes_release(struct sheet_panes *panes)
{
    free(panes->cells);
    *panes = (struct sheet_panes){0};
}

/* Runs of columns with text between empty ones; 0: too many, or none. */
static size_t find_parts(const struct sheet_panes *panes, struct part parts[SHEET_PANES_MAX])
{
    bool is_used[COLUMNS_MAX + 1] = {false};
    size_t count = 0;
    for (size_t i = 0; i < panes->count; i++) {
        if (panes->cells[i].column >= COLUMNS_MAX)
            return 0;
        is_used[panes->cells[i].column] = true;
    }
    for (size_t column = 0; column < COLUMNS_MAX; column++) {
        if (!is_used[column])
            continue;
        if (count == SHEET_PANES_MAX)
            return 0;
        parts[count].first = column;
        while (is_used[column])
            column++;
        parts[count++].end = column;
    }
    return count;
}

/* The cells of a part in the row at hand, which `at` is moved behind. */
struct part_row {
    uint64_t row;
    size_t cells, numbers;
    bool has_first, first_is_number;
    uint64_t first;
};

static bool next_row(const struct sheet_panes *panes, const struct part *part, size_t *at, struct part_row *row)
{
    *row = (struct part_row){0};
    for (; *at < panes->count; ++*at) {
        const struct pane_cell *cell = &panes->cells[*at];
        if (cell->column < part->first || cell->column >= part->end)
            continue;
        if (row->cells > 0 && cell->row != row->row)
            break;
        row->row = cell->row;
        row->cells++;
        row->numbers += cell->is_number;
        if (cell->column == part->first) {
            row->has_first = true;
            row->first_is_number = cell->is_number;
            row->first = cell->hash;
        }
    }
    return row->cells > 0;
}

static void take_key(struct part *part, size_t rows, uint64_t key)
{
    for (size_t i = 0; i < rows && i < KEYS_MAX; i++)
        part->are_keys = part->are_keys && part->keys[i] != key;
    part->are_keys = part->are_keys && rows < KEYS_MAX;
    if (rows < KEYS_MAX)
        part->keys[rows] = key;
}

/* Lines above, a head that names each column, and rows right below it with something in the first column. */
static void look_at_part(const struct sheet_panes *panes, struct part *part)
{
    struct part_row row;
    size_t at = 0, lines = 0, rows = 0, columns = part->end - part->first;
    bool has_row = next_row(panes, part, &at, &row);
    while (has_row && row.cells == 1 && lines < LINES_ABOVE_MAX) {
        has_row = next_row(panes, part, &at, &row);
        lines++;
    }
    if (!has_row || columns < 2 || row.cells != columns || row.numbers > 0)
        return;
    part->head_row = part->last_row = row.row;
    part->first_name = row.first;
    part->has_names = part->are_keys = true;
    while (next_row(panes, part, &at, &row)) {
        if (!row.has_first || row.row != part->last_row + 1)
            return;
        part->has_names = part->has_names && !row.first_is_number;
        part->last_row = row.row;
        take_key(part, rows++, row.first);
    }
    part->is_table = rows >= ROWS_LEAST;
}

static bool are_apart(const struct part *left, const struct part *right)
{
    if (!left->is_table || !right->is_table)
        return false;
    bool is_moved = left->head_row != right->head_row || right->last_row > left->last_row ||
                    (right->are_keys && right->last_row + SHORTER_LEAST <= left->last_row);
    return left->first_name == right->first_name || (right->has_names && is_moved);
}

size_t sheet_panes_find(const struct sheet_panes *panes, struct sheet_pane found[SHEET_PANES_MAX])
{
    struct part parts[SHEET_PANES_MAX] = {0};
    size_t count = panes->count < CELLS_MAX ? find_parts(panes, parts) : 0, found_count = 1;
    found[0] = (struct sheet_pane){0, SIZE_MAX};
    for (size_t i = 0; i < count; i++)
        look_at_part(panes, &parts[i]);
    for (size_t i = 1; i < count; i++) {
        if (!are_apart(&parts[i - 1], &parts[i])) {
            parts[i].is_table = false; /* it is a part of the one on its left */
            continue;
        }
        found[found_count - 1].end = parts[i].first;
        found[found_count++] = (struct sheet_pane){parts[i].first, SIZE_MAX};
    }
    return found_count;
}
