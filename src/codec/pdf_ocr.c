/* pdf_ocr.c - a scanned page as tesseract reads it (its "tsv": a line a page, block, paragraph, line or word, with place and text), written as
 * pdftohtml would have told the page, so that it goes the same way.
 *
 *   level page block par line word left top width height conf text
 *   5     1    1     1   1    2    500  740 774   43     77.3 chunks
 *
 * Lines are as high as their letters happen to be; only one that is much higher or lower than most is taken for another size of font. */
#include "codec.h"
#include <stdlib.h>

enum { COLUMNS = 11, FONT = 4000, CONFIDENCE_MIN = 20, PLACES_PER_INCH = 108, LINES_MAX = 4096 };
enum { LEVEL, LEFT = 6, TOP, WIDTH, HEIGHT, CONFIDENCE };

struct row {
    int64_t values[COLUMNS];
    struct slice text;
};

static bool read_row(struct slice line, struct row *row)
{
    struct slice part;
    for (size_t i = 0; i < COLUMNS; i++) {
        double value;
        if (!slice_next(&line, '\t', &part) || !slice_to_double(part, &value) || value > 1e6 || value < -1e6)
            return false;
        row->values[i] = (int64_t)value;
    }
    row->text = slice_trim(line);
    return true;
}

static int compare_heights(const void *a, const void *b)
{
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

static int64_t usual_height(struct slice tsv)
{
    int64_t *heights = memory_alloc(LINES_MAX, sizeof(*heights));
    size_t count = 0;
    struct slice line;
    struct row row;
    while (slice_next(&tsv, '\n', &line))
        if (read_row(line, &row) && row.values[LEVEL] == 4 && count < LINES_MAX)
            heights[count++] = row.values[HEIGHT];
    qsort(heights, count, sizeof(*heights), compare_heights);
    int64_t height = count > 0 ? heights[count / 2] : 1;
    free(heights);
    return height;
}

static void append_escaped(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '&' || c == '<' || c == '>')
            buffer_append_text(out, c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
        else
            buffer_append_byte(out, c);
    }
}

static long long scaled(int64_t value, unsigned dpi)
{
    return (long long)(value * PLACES_PER_INCH / (int64_t)dpi);
}

void pdf_ocr_write(struct slice tsv, unsigned page, unsigned dpi, struct buffer *xml)
{
    int64_t usual = usual_height(tsv);
    struct row row, around = {.values = {0}};
    struct slice line;
    bool has_page = false;
    while (slice_next(&tsv, '\n', &line)) {
        if (!read_row(line, &row))
            continue;
        if (row.values[LEVEL] == 1 && !has_page) {
            buffer_format(xml, "<page number=\"%u\" height=\"%lld\" width=\"%lld\">\n", page, scaled(row.values[HEIGHT], dpi),
                          scaled(row.values[WIDTH], dpi));
            has_page = true;
        }
        if (row.values[LEVEL] == 4) {
            int64_t height = row.values[HEIGHT];
            around = row;
            bool is_usual = 10 * height < 14 * usual && 14 * height > 10 * usual;
            buffer_format(xml, "<fontspec id=\"%d\" size=\"%lld\"/>\n", FONT, scaled(is_usual ? usual : height, dpi));
        }
        if (row.values[LEVEL] != 5 || !has_page || row.values[CONFIDENCE] < CONFIDENCE_MIN || row.text.size == 0)
            continue;
        buffer_format(xml, "<text top=\"%lld\" left=\"%lld\" width=\"%lld\" height=\"%lld\" font=\"%d\">",
                      scaled(around.values[TOP], dpi), scaled(row.values[LEFT], dpi), scaled(row.values[WIDTH], dpi),
                      scaled(around.values[HEIGHT], dpi), FONT);
        append_escaped(xml, row.text);
        buffer_append_text(xml, "</text>\n");
    }
    if (has_page)
        buffer_append_text(xml, "</page>\n");
}
