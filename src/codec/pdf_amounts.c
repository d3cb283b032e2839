/* pdf_amounts.c - amounts of neighbouring columns that stand so close that pdftohtml took them for one run of text.
 *
 *   one piece    $15,990 $11,401      less than an em between them
 *   two pieces   $15,990│$11,401      as the white there is wider than a space
 *
 * How wide the white is tell the amounts that stand alone in the same font: digits are equally wide. */
#include "pdf_page.h"
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 16, SIZES_MAX = 8, KNOWN_MAX = 64, DIGITS_LEAST = 3 };

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

/* "(54%)" says of the amount before it what share it is; "$" stands before its own. */
static bool is_joined(struct slice last, struct slice part)
{
    bool is_share = slice_starts_with(part, SLICE("(")) && slice_ends_with(part, SLICE("%)"));
    return is_share || slice_equal_text(last, "$") || slice_equal_text(last, "€") || slice_equal_text(last, "£") ||
           slice_equal_text(last, "¥");
}

/* The amounts of a piece; 0: it has something else, too, or but one. */
static size_t amounts_in(struct slice text, struct slice parts[PARTS_MAX], double widths[PARTS_MAX])
{
    struct slice rest = text, part;
    size_t count = 0, digits, all = 0;
    while (slice_next(&rest, ' ', &part)) {
        double width = width_of(part, &digits);
        bool is_more = count > 0 && is_joined(parts[count - 1], part);
        if (width == 0 || (count == PARTS_MAX && !is_more))
            return 0;
        all += digits;
        if (is_more) {
            parts[count - 1].size = (size_t)(part.data + part.size - parts[count - 1].data);
            widths[count - 1] += width + 0.5;
        } else {
            parts[count] = part;
            widths[count++] = width;
        }
    }
    return count > 1 && all > 0 ? count : 0;
}

/* Puts the piece's parts behind `*count` pieces of `out`, which has room for them. */
static void split_piece(const struct pdf_piece *piece, const struct digit_widths *known, struct pdf_piece *out, size_t *count)
{
    struct slice parts[PARTS_MAX];
    double widths[PARTS_MAX], all = 0, digit = digit_width(known, piece->size);
    size_t part_count = digit > 0 ? amounts_in(piece->text, parts, widths) : 0;
    for (size_t i = 0; i < part_count; i++)
        all += widths[i] * digit;
    double white = part_count > 0 ? (piece->right - piece->left - all) / (double)(part_count - 1) : 0;
    if (white < 0.45 * piece->size) {
        out[(*count)++] = *piece;
        return;
    }
    double left = piece->left;
    for (size_t i = 0; i < part_count; i++) {
        struct pdf_piece *part = &out[(*count)++];
        bool is_last = i + 1 == part_count;
        *part = *piece;
        part->text = parts[i];
        part->left = (int)left;
        part->right = is_last ? piece->right : (int)(left + widths[i] * digit);
        part->has_space = is_last && piece->has_space;
        left += widths[i] * digit + white;
    }
}

void pdf_part_amounts(struct pdf_page *page, struct arena *arena)
{
    struct digit_widths known;
    size_t most = 0, count = 0;
    struct slice parts[PARTS_MAX];
    double widths[PARTS_MAX];
    for (size_t i = 0; i < page->count; i++)
        most += amounts_in(page->pieces[i].text, parts, widths);
    if (most == 0)
        return;
    measure_digits(page, &known);
    struct pdf_piece *pieces = arena_alloc(arena, page->count + most, sizeof(*pieces));
    for (size_t i = 0; i < page->count; i++)
        split_piece(&page->pieces[i], &known, pieces, &count);
    page->pieces = pieces;
    page->count = count;
}
