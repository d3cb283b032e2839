/* sheet_panes.c - whether what stands on both sides of an empty column are two tables, or one with a gap.
 *
 *   Region | Units |   | Product | Stock      two: each has a head and a key in each of its rows, and the right one goes on
 *   North  |    10 |   | Bolt    |   500
 *   South  |    20 |   | Nut     |   700
 *          |       |   | Washer  |    40
 *
 *   Item  | Day |   | Kind   | Amount         one: what goes on is the total
 *   Drill | May |   | Tools  |     71
 *   Train | May |   | Travel |     89
 *         |     |   | Total  |    160
 *
 *   Laptop | Room |   | Assigned to | Since   one: the right part was filled in for some rows
 *   L1     |  101 |   | Ann         |  2024
 *   L2     |  102 |   | Bob         |  2025
 *   L3     |  103
 *
 *   Order | State |   | Code | Meaning        two: the right one tells what stands in a column of the left one
 *   1     | P     |   | P    | paid
 *   2     | O     |   | O    | open
 *   3     | P
 *   4     | O
 *
 * A part whose first column has the name of the left one's, or that ends elsewhere and has a line of its own above its head, as the left one
 * has, is a table of its own, too. To miss a pair does less harm than to cut a table. */
#include "sheet_panes.h"
#include "table_grid.h"
#include <math.h>
#include <stdlib.h>

enum { COLUMNS_MAX = 256, CELLS_MAX = 200000, LINES_ABOVE_MAX = 3, ROWS_LEAST = 2, KEYS_MAX = 64 };

struct part {
    size_t first, end;
    bool is_table;
    bool has_names; /* its first column has texts below the head */
    bool has_line;  /* above its head, in its first column */
    uint64_t first_row, head_row, last_row, first_name;
    bool are_keys; /* no two of those texts are equal */
    size_t key_count;
    uint64_t keys[KEYS_MAX];
};

void sheet_panes_add(struct sheet_panes *panes, uint64_t row, size_t column, struct slice text, double value)
{
    if (panes->count >= CELLS_MAX)
        return;
    panes->cells = memory_more(panes->cells, panes->count, &panes->capacity, sizeof(*panes->cells));
    panes->cells[panes->count++] = (struct pane_cell){row, map_hash(text), column, table_is_number(text), value};
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

static void take_key(struct part *part, uint64_t key)
{
    for (size_t i = 0; i < part->key_count; i++)
        part->are_keys = part->are_keys && part->keys[i] != key;
    part->are_keys = part->are_keys && part->key_count < KEYS_MAX;
    if (part->are_keys)
        part->keys[part->key_count++] = key;
}

/* Lines above, a head that names each column, and rows right below it with something in the first column. */
static void look_at_part(const struct sheet_panes *panes, struct part *part)
{
    struct part_row row;
    size_t at = 0, lines = 0, rows = 0, columns = part->end - part->first;
    bool has_row = next_row(panes, part, &at, &row);
    part->first_row = row.row;
    while (has_row && row.cells == 1 && lines < LINES_ABOVE_MAX) {
        part->has_line = row.has_first;
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
        take_key(part, row.first);
        rows++;
    }
    part->is_table = rows >= ROWS_LEAST;
}

/* Whether a cell of the part below this row is what those above it in its column add up to, or a row is not whole. */
static bool ends_with_totals(const struct sheet_panes *panes, const struct part *part, uint64_t last_row)
{
    enum { PARTS_OF_CENT = 1000 };
    double sums[COLUMNS_MAX] = {0};
    size_t in_row = 0, columns = part->end - part->first;
    uint64_t row = 0;
    for (size_t i = 0; i < panes->count; i++) {
        const struct pane_cell *cell = &panes->cells[i];
        if (cell->column < part->first || cell->column >= part->end || cell->row <= part->head_row)
            continue;
        double *sum = &sums[cell->column];
        bool is_new = cell->row != row;
        if (cell->row > last_row && ((is_new && row > last_row && in_row < columns) ||
                                     (*sum != 0 && fabs(*sum - cell->value) * PARTS_OF_CENT < 1 + fabs(*sum))))
            return true;
        in_row = is_new ? 1 : in_row + 1;
        row = cell->row;
        *sum += isnan(cell->value) ? 0 : cell->value;
    }
    return in_row < columns;
}

/* Whether each name of the right part stands in a column of the left one, and more than once. */
static bool is_legend(const struct sheet_panes *panes, const struct part *left, const struct part *right)
{
    for (size_t column = left->first + 1; right->are_keys && column < left->end; column++) {
        size_t key = 0;
        for (; key < right->key_count; key++) {
            size_t count = 0;
            for (size_t i = 0; i < panes->count; i++)
                count += panes->cells[i].column == column && panes->cells[i].hash == right->keys[key];
            if (count < 2)
                break;
        }
        if (key == right->key_count)
            return true;
    }
    return false;
}

static bool are_apart(const struct sheet_panes *panes, const struct part *left, const struct part *right)
{
    if (!left->is_table || !right->is_table)
        return false;
    if (left->first_name == right->first_name)
        return true;
    if (!right->has_names)
        return false;
    if (left->head_row != right->head_row) /* a line that is beside the other one's head belongs to it */
        return right->first_row > left->head_row || left->first_row > right->head_row;
    if (left->last_row == right->last_row)
        return false;
    if (left->has_line && right->has_line)
        return true;
    return right->last_row > left->last_row ? !ends_with_totals(panes, right, left->last_row) : is_legend(panes, left, right);
}

size_t sheet_panes_find(const struct sheet_panes *panes, struct sheet_pane found[SHEET_PANES_MAX])
{
    struct part parts[SHEET_PANES_MAX] = {0};
    const struct part *left = parts; /* the first part of the table on the left */
    size_t count = panes->count < CELLS_MAX ? find_parts(panes, parts) : 0, found_count = 1;
    found[0] = (struct sheet_pane){0, SIZE_MAX};
    for (size_t i = 0; i < count; i++)
        look_at_part(panes, &parts[i]);
    for (size_t i = 1; i < count; i++) {
        if (!are_apart(panes, left, &parts[i]))
            continue; /* it is a part of the one on its left */
        left = &parts[i];
        found[found_count - 1].end = parts[i].first;
        found[found_count++] = (struct sheet_pane){parts[i].first, SIZE_MAX};
    }
    return found_count;
}
