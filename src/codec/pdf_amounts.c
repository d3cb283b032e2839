/* pdf_amounts.c - amounts of neighbouring columns that stand so close that pdftohtml took them for one run of text, and signs that stand apart from theirs.
 *
 *   as it came       $ 32,136  $ 32,765      one piece
 *                      17,136    16,682      two pieces; their ends are where those of the amounts above are
 *                     │  (547│)              two pieces
 *   as it is meant   $ 32,136│$ 32,765
 *                      17,136│  16,682
 *                        (547)│
 *
 * Where no other line has as many amounts that end at the same place, the amounts that stand alone in the same font tell how wide a digit is, and so how
 * much white is between two: more than a space parts them. */
#include "pdf_page.h"
#include "table_signs.h"
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 16, SIZES_MAX = 8, KNOWN_MAX = 64, DIGITS_LEAST = 3, ENDS_MAX = 2000 };

#define WHITE_LEAST 0.45 /* of the font's size, more than a space */

/* Width of a digit in each font size of a page, as its amounts tell. */
struct digit_widths {
    struct {
        int size;
        double widths[KNOWN_MAX];
        size_t count;
    } fonts[SIZES_MAX];
    size_t count;
};

/* What amounts are made of, with its width in digits. */
static const struct {
    const char *text;
    double width;
} signs[] = {{"$", 1},    {"€", 1},    {"£", 1},   {"¥", 1},   {",", 0.5}, {".", 0.5},
             {"(", 0.62}, {")", 0.62}, {"%", 1.5}, {"-", 0.6}, {"–", 0.9}, {"—", 1.6}};

/* In digits; 0: it is no amount. */
static double width_of(struct slice text, size_t *digits)
{
    double width = 0;
    *digits = 0;
    for (size_t at = 0, size; at < text.size; at += size) {
        double sign = 0;
        size = 1;
        for (size_t i = 0; i < ARRAY_COUNT(signs) && sign == 0; i++)
            if (slice_starts_with(slice_range(text, at, text.size), slice_from(signs[i].text))) {
                sign = signs[i].width;
                size = strlen(signs[i].text);
            }
        bool is_digit = text.data[at] >= '0' && text.data[at] <= '9';
        if (!is_digit && sign == 0)
            return 0;
        *digits += is_digit;
        width += is_digit ? 1 : sign;
    }
    return width;
}

static int compare_widths(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static void measure_digits(const struct pdf_page *page, struct digit_widths *known)
{
    known->count = 0;
    for (size_t i = 0; i < page->count; i++) {
        const struct pdf_piece *piece = &page->pieces[i];
        size_t digits, font = 0;
        double width = width_of(piece->text, &digits);
        while (font < known->count && known->fonts[font].size != piece->size)
            font++;
        if (width == 0 || digits < DIGITS_LEAST || font == SIZES_MAX)
            continue;
        if (font == known->count) {
            known->fonts[known->count++].size = piece->size;
            known->fonts[font].count = 0;
        }
        if (known->fonts[font].count < KNOWN_MAX)
            known->fonts[font].widths[known->fonts[font].count++] = (piece->right - piece->left) / width;
    }
    for (size_t i = 0; i < known->count; i++)
        qsort(known->fonts[i].widths, known->fonts[i].count, sizeof(double), compare_widths);
}

/* 0: no amount of this size tells it. */
static double digit_width(const struct digit_widths *known, int size)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->fonts[i].size == size)
            return known->fonts[i].widths[known->fonts[i].count / 2];
    return 0;
}

/* ---- the amounts of a piece ---- */

struct amounts {
    struct slice parts[PARTS_MAX];
    double widths[PARTS_MAX]; /* in digits, of the number alone */
    size_t count;
    size_t digits;
    bool ends_with_sign; /* of the amount in the next piece */
};

/* "(54%)" says of the amount before it what share it is; "$" stands before its own. */
static bool is_joined(struct slice last, struct slice part)
{
    bool is_share = slice_starts_with(part, SLICE("(")) && slice_ends_with(part, SLICE("%)"));
    return is_share || signs_is_ending(part) || signs_is_currency(last);
}

/* False: it has something else, too. */
static bool amounts_read(struct slice text, struct amounts *amounts)
{
    struct slice rest = text, part;
    size_t digits;
    *amounts = (struct amounts){0};
    while (slice_next(&rest, ' ', &part)) {
        double width = width_of(part, &digits);
        struct slice *last = amounts->count > 0 ? &amounts->parts[amounts->count - 1] : NULL;
        bool is_more = last != NULL && is_joined(*last, part);
        if (part.size == 0)
            continue;
        if (width == 0 || (amounts->count == PARTS_MAX && !is_more))
            return false;
        amounts->digits += digits;
        if (is_more) {
            amounts->widths[amounts->count - 1] = signs_is_currency(*last) ? width
                                                                           : amounts->widths[amounts->count - 1] + width;
            last->size = (size_t)(part.data + part.size - last->data);
        } else {
            amounts->parts[amounts->count] = part;
            amounts->widths[amounts->count++] = width;
        }
    }
    amounts->ends_with_sign = amounts->count > 0 && signs_is_currency(amounts->parts[amounts->count - 1]);
    return amounts->digits > 0;
}

/* ---- where they end ---- */

struct column_end {
    int top, right;
};

/* A page on its way. */
struct parting {
    const struct pdf_page *page;
    struct digit_widths known;
    struct column_end *ends; /* of amounts that are pieces of their own: from the top, from the left */
    size_t end_count;
    struct pdf_piece *out;
    size_t count;
};

static int compare_ends(const void *a, const void *b)
{
    const struct column_end *first = a, *second = b;
    int by_top = (first->top > second->top) - (first->top < second->top);
    return by_top != 0 ? by_top : (first->right > second->right) - (first->right < second->right);
}

static void find_ends(struct parting *parting)
{
    struct amounts amounts;
    for (size_t i = 0; i < parting->page->count; i++) {
        const struct pdf_piece *piece = &parting->page->pieces[i];
        if (amounts_read(piece->text, &amounts) && amounts.count == 1)
            parting->ends[parting->end_count++] = (struct column_end){piece->top, piece->right};
    }
    if (parting->end_count > ENDS_MAX) /* each piece looks through all of them */
        parting->end_count = 0;
    qsort(parting->ends, parting->end_count, sizeof(*parting->ends), compare_ends);
}

/* The ends of as many amounts of the nearest line, of which the last ends where the piece does and the first behind its beginning; NULL: there is none. */
static const struct column_end *ends_like(const struct parting *parting, const struct pdf_piece *piece, size_t count)
{
    const struct column_end *best = NULL;
    for (size_t i = 0; i + count <= parting->end_count; i++) {
        const struct column_end *first = &parting->ends[i], *last = first + count - 1;
        bool is_like = first->top == last->top && first->top != piece->top && abs(last->right - piece->right) <= piece->size &&
                       first->right > piece->left + piece->size / 2;
        if (is_like && (best == NULL || abs(first->top - piece->top) < abs(best->top - piece->top)))
            best = first;
    }
    return best;
}

/* ---- pieces ---- */

static void put_part(struct parting *parting, const struct pdf_piece *piece, struct slice text, double left, double right)
{
    struct pdf_piece *part = &parting->out[parting->count++];
    *part = *piece;
    part->text = text;
    part->left = (int)left;
    part->right = (int)right;
    part->has_space = false;
}

static void split_piece(struct parting *parting, const struct pdf_piece *piece)
{
    struct amounts amounts;
    double all = 0, digit = digit_width(&parting->known, piece->size), left = piece->left;
    bool may_part = digit > 0 && amounts_read(piece->text, &amounts) && amounts.count > 1;
    for (size_t i = 0; may_part && i < amounts.count; i++)
        all += amounts.widths[i] * digit;
    size_t ended = may_part ? amounts.count - amounts.ends_with_sign : 0;
    const struct column_end *ends = ended > 1 && !amounts.ends_with_sign ? ends_like(parting, piece, ended) : NULL;
    double white = may_part ? (piece->right - piece->left - all) / (double)(amounts.count - 1) : 0;
    if (!may_part || (ends == NULL && white < WHITE_LEAST * piece->size)) {
        parting->out[parting->count++] = *piece;
        return;
    }
    for (size_t i = 0; i < amounts.count; i++) {
        double width = amounts.widths[i] * digit, right = i + 1 == amounts.count ? piece->right : left + width;
        if (ends != NULL) {
            right = i + 1 == amounts.count ? piece->right : ends[i].right;
            left = right - width;
        }
        put_part(parting, piece, amounts.parts[i], left, right);
        left = right + white;
    }
}

static int by_line(const void *a, const void *b)
{
    const struct pdf_piece *first = a, *second = b;
    int by_top = (first->top > second->top) - (first->top < second->top);
    return by_top != 0 ? by_top : (first->left > second->left) - (first->left < second->left);
}

static bool is_amount(const struct pdf_piece *piece)
{
    struct amounts amounts;
    return amounts_read(piece->text, &amounts) && amounts.count == 1;
}

/* "(114 )", "$ (114 )": the sign stands at its amount. */
static struct slice tidy(struct slice text, struct arena *arena)
{
    size_t at = text.size;
    while (at > 0 && text.data[at - 1] != ' ')
        at--;
    if (at == 0 || !signs_is_ending(slice_range(text, at, text.size)))
        return text;
    return slice_from(arena_format(arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENT(slice_range(text, 0, at - 1)),
                                   SLICE_ARGUMENT(slice_range(text, at, text.size))));
}

/* Signs that are pieces of their own go to the amount beside them. The pieces of a line stand side by side from here on. */
static void join_signs(struct parting *parting, struct arena *arena)
{
    size_t kept = 0;
    qsort(parting->out, parting->count, sizeof(*parting->out), by_line);
    for (size_t i = 0; i < parting->count; i++) {
        struct pdf_piece *piece = &parting->out[i], *next = i + 1 < parting->count ? piece + 1 : NULL,
                         *last = kept > 0 ? &parting->out[kept - 1] : NULL;
        if (next != NULL && next->top == piece->top && signs_is_currency(piece->text) && is_amount(next)) {
            next->text = slice_from(
                arena_format(arena, SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(piece->text), SLICE_ARGUMENT(next->text)));
            continue;
        }
        if (last != NULL && last->top == piece->top && signs_is_ending(piece->text) && is_amount(last)) {
            last->text = slice_from(
                arena_format(arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENT(last->text), SLICE_ARGUMENT(piece->text)));
            last->right = piece->right;
            continue;
        }
        parting->out[kept] = *piece;
        parting->out[kept++].text = is_amount(piece) ? tidy(piece->text, arena) : piece->text;
    }
    parting->count = kept;
}

void pdf_part_amounts(struct pdf_page *page, struct arena *arena)
{
    struct amounts amounts;
    size_t more = 0;
    for (size_t i = 0; i < page->count; i++) {
        struct slice text = page->pieces[i].text;
        more += amounts_read(text, &amounts) ? amounts.count - 1 + slice_ends_with(text, SLICE(" )"))
                                             : signs_is_currency(text) || signs_is_ending(text);
    }
    if (more == 0)
        return;
    struct parting parting = {.page = page,
                              .ends = arena_alloc(arena, page->count, sizeof(*parting.ends)),
                              .out = arena_alloc(arena, page->count + more, sizeof(*parting.out))};
    measure_digits(page, &parting.known);
    find_ends(&parting);
    for (size_t i = 0; i < page->count; i++)
        split_piece(&parting, &page->pieces[i]);
    join_signs(&parting, arena);
    page->pieces = parting.out;
    page->count = parting.count;
}
