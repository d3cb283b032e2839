/* table_head.c - which of a table's first rows are heads, by what stands in them.
 *
 *   |                 | Year ended December 31, |            one text above several columns
 *   |                 | 2019  | 2018 (1) | 2017 |            years, dates, words: a head
 *   |                 | US$'000 | US$'000 | US$'000 |        units: a head
 *   | Bad debt expense | (1.6) | (0.6)   | (0.8) |          what the table is about
 *
 * Their first cell is empty, or says of what the rest is ("in millions"), or they are years below a text that stands above several columns. */
#include "text.h"
#include <string.h>
#include <strings.h>

enum { HEADS_MAX = 4, CELLS_MAX = 64, CELL_BYTES = 80, TITLE_BYTES = 160 };

static bool is_digit(struct slice text, size_t at)
{
    return at < text.size && text.data[at] >= '0' && text.data[at] <= '9';
}

static bool has_letter(struct slice text)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += text_decode(text, at, &character);
        if (text_is_letter(character))
            return true;
    }
    return false;
}

/* "US$", "€", "%": what numbers are of. */
static bool has_unit(struct slice text)
{
    static const char *const signs[] = {"$", "%", "€", "£", "¥"};
    for (size_t i = 0; i < ARRAY_COUNT(signs); i++)
        if (memmem(text.data, text.size, signs[i], strlen(signs[i])) != NULL)
            return true;
    return false;
}

/* One of the words, each ended by "|", in the text; in small letters. */
static bool has_any(struct slice text, const char *words)
{
    for (const char *word = words, *end; *word != '\0'; word = end + 1) {
        end = strchr(word, '|');
        size_t size = (size_t)(end - word);
        for (size_t at = 0; at + size <= text.size; at++)
            if (strncasecmp(text.data + at, word, size) == 0)
                return true;
    }
    return false;
}

static bool is_year(struct slice digits)
{
    return digits.size == 4 && (memcmp(digits.data, "19", 2) == 0 || memcmp(digits.data, "20", 2) == 0);
}

static bool is_zeros(struct slice digits)
{
    for (size_t i = 0; i < digits.size; i++)
        if (digits.data[i] != '0')
            return false;
    return true;
}

/* What the numbers of a cell are: years and what dates have beside them, noughts of a unit, or amounts. */
struct cell_numbers {
    size_t runs, years, noughts;
    bool has_amount;
};

static struct cell_numbers numbers_of(struct slice cell)
{
    struct cell_numbers numbers = {0};
    for (size_t at = 0, end; at < cell.size; at = end + 1) {
        for (end = at; is_digit(cell, end);)
            end++;
        if (end == at)
            continue;
        struct slice digits = slice_range(cell, at, end);
        numbers.runs++;
        numbers.years += is_year(digits);
        numbers.noughts += digits.size >= 3 && is_zeros(digits);
        numbers.has_amount = numbers.has_amount || (digits.size > 2 && !is_year(digits) && !is_zeros(digits)) ||
                             (end < cell.size && cell.data[end] == ',' && is_digit(cell, end + 1));
    }
    return numbers;
}

/* "FY19", "FY 2019" */
static bool is_fiscal(struct slice cell)
{
    size_t at = cell.size > 2 && cell.data[2] == ' ' ? 3 : 2;
    return cell.size > 3 && strncasecmp(cell.data, "FY", 2) == 0 && is_digit(cell, at) && is_digit(cell, at + 1);
}

/* "2019 (1)", "30 June 2018", "2019/20": a year, and nothing beside it that a date would not have. */
static bool is_of_year(struct slice cell)
{
    if (cell.size > CELL_BYTES)
        return false;
    struct cell_numbers numbers = numbers_of(cell);
    return (numbers.years > 0 || is_fiscal(cell)) && !numbers.has_amount;
}

static bool is_head_cell(struct slice cell)
{
    if (cell.size > CELL_BYTES)
        return false;
    struct cell_numbers numbers = numbers_of(cell);
    if (numbers.runs == 0)
        return has_letter(cell) || has_unit(cell);
    if (numbers.has_amount)
        return false;
    if (numbers.noughts > 0)
        return has_unit(cell) || has_letter(cell);
    bool is_quantity = is_digit(cell, 0) && !has_any(cell, "end|");
    return numbers.years > 0 || (has_letter(cell) && !has_unit(cell) && !is_quantity); /* "Q1", "Three months ended May 31," */
}

/* ---- rows ---- */

struct row_look {
    struct slice first;
    size_t filled; /* cells behind the first one */
    size_t heads, years, units; /* of them, that may be heads; that are years; that have a unit */
};

static struct row_look look_at(struct slice row)
{
    struct row_look look = {0};
    size_t start = 0, cells = 0;
    for (size_t at = 0; at <= row.size && cells < CELLS_MAX; at++) {
        if (at < row.size && row.data[at] != '|')
            continue;
        struct slice cell = slice_trim(slice_range(row, start, at));
        start = at + 1;
        if (cells++ == 0) {
            look.first = cell;
            continue;
        }
        look.filled += cell.size > 0;
        look.heads += cell.size > 0 && is_head_cell(cell);
        look.years += cell.size > 0 && is_of_year(cell);
        look.units += has_unit(cell);
    }
    return look;
}

/* "In millions", "Fiscal year": of the columns, not of what the row would be about. */
static bool is_of_columns(const struct row_look *row)
{
    return row->filled > 1 &&
           has_any(row->first, "million|thousand|'000|’000|year|ended|fiscal|period|quarter|as of|as at|jahr|teur|mio|");
}

/* `least`: so many texts stand in the narrowest head above, 0: there is none. Years below texts that stand for several columns are heads of these,
 * whatever stands before them. */
static bool is_head(const struct row_look *row, size_t least, bool has_years)
{
    if (row->filled == 0 || row->heads < row->filled)
        return false;
    bool is_all_years = row->years == row->filled && row->filled > 1, is_below_wide = least > 0 && least < row->filled;
    return row->first.size == 0 || (is_of_columns(row) && (is_all_years || is_below_wide)) ||
           (is_all_years && is_below_wide && !has_years);
}

/* Below a head that names the first column, "Done | Job | Person", an empty cell may be a value: " | Buy rope | Anna". */
static bool may_be_value(const struct row_look *told, const struct row_look *row)
{
    return told->first.size > 0 && told->years < told->filled && !is_of_columns(told) && row->first.size == 0 &&
           row->filled <= told->filled && row->years < row->filled && row->units < row->filled;
}

size_t text_table_heads(const struct slice *rows, size_t count, bool is_told)
{
    bool has_years = false;
    size_t at, titles = 0, least = 0; /* texts in the narrowest row */
    struct row_look told = {0};
    for (at = 0; at < count && at < HEADS_MAX; at++) {
        struct row_look row = look_at(rows[at]);
        if (is_told && at > 0 && may_be_value(&told, &row))
            break;
        told = at == 0 ? row : told;
        bool is_title = at == 0 && row.filled == 0 && row.first.size > 0; /* of the table, in a row of its own */
        if (!is_title && !(at == 0 && is_told) && !is_head(&row, least, has_years))
            break;
        has_years = has_years || row.years > 0;
        titles += is_title;
        least = row.filled > 0 && (least == 0 || row.filled < least) ? row.filled : least;
    }
    if (is_told ? at <= 1 : !has_years || at == titles) /* words above words may be a row like others */
        return is_told;
    for (size_t below = at; below < count; below++) {
        struct row_look row = look_at(rows[below]);
        if (row.filled > 0) /* else a title of some rows */
            return row.first.size > 0 ? at : is_told;
    }
    return is_told;
}

bool text_table_title(struct slice row)
{
    return row.size > 0 && row.size <= TITLE_BYTES && memchr(row.data, '|', row.size) == NULL &&
           !byte_among(row.data[row.size - 1], ".!?");
}
