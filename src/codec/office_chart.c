/* office_chart.c - charts (Office Open XML, ECMA-376 part 1, DrawingML charts).
 *
 *   c:title   a:t                                  text of the title; axes have titles, too, which are not read
 *   c:ser     c:tx   c:pt c:v      "Injuries"      a series' name           | Injuries | Near misses
 *             c:cat  c:pt idx c:v  "Q1", "Q2"      its categories       Q1  | 2        | 4
 *             c:val  c:pt idx c:v  "2", "1"        its values           Q2  | 1        | 5
 *
 * What the cells showed when the chart was saved is kept in it (c:strCache, c:numCache): the workbook behind it is not opened. Points of scatter
 * charts have c:xVal and c:yVal in the place of categories and values. */
#include "office_chart.h"
#include "number_format.h"
#include <stdlib.h>

enum { SERIES_MAX = 32, POINTS_MAX = 512, CHART_BYTES_MAX = 16 * MIB };
enum { SERIES = 1, NAME, CATEGORIES, VALUES, FORMAT, POINT, VALUE, TITLE, PLOT, TEXT };

static const struct xml_word words[] = {
    {XML_CHART, "ser", SERIES}, {XML_CHART, "tx", NAME},     {XML_CHART, "cat", CATEGORIES},    {XML_CHART, "xVal", CATEGORIES},
    {XML_CHART, "val", VALUES}, {XML_CHART, "yVal", VALUES}, {XML_CHART, "formatCode", FORMAT}, {XML_CHART, "pt", POINT},
    {XML_CHART, "v", VALUE},    {XML_CHART, "title", TITLE}, {XML_CHART, "plotArea", PLOT},     {XML_DRAWING, "t", TEXT},
};

struct chart {
    struct arena arena;
    struct xml xml;
    struct buffer title, text; /* text: of the element at hand */
    struct slice names[SERIES_MAX], categories[POINTS_MAX];
    struct slice (*values)[POINTS_MAX]; /* of each series */
    size_t series_count, point_count;
    int part; /* of the series at hand: NAME, CATEGORIES, VALUES; 0: none */
    bool in_series, in_title, in_plot;
    uint64_t point;
    struct number_format format;
};

/* What a point says, as its cell showed it. */
static void take_value(struct chart *chart)
{
    struct buffer shown;
    buffer_init(&shown, LIMIT_DOCUMENT_BYTES_MAX);
    struct slice raw = slice_trim(buffer_slice(&chart->text));
    if (chart->part != NAME)
        number_show(&chart->format, raw, /* from_1904= */ false, &shown);
    struct slice text = arena_slice(&chart->arena, chart->part == NAME ? raw : buffer_slice(&shown));
    size_t series = chart->series_count - 1;
    if (chart->part == NAME && chart->names[series].size == 0)
        chart->names[series] = text;
    if (chart->part == CATEGORIES && chart->point < POINTS_MAX && chart->categories[chart->point].size == 0)
        chart->categories[chart->point] = text;
    if (chart->part == VALUES && chart->point < POINTS_MAX)
        chart->values[series][chart->point] = text;
    if (chart->part != NAME && chart->point < POINTS_MAX && chart->point >= chart->point_count)
        chart->point_count = (size_t)chart->point + 1;
    buffer_release(&shown);
}

static void read_start(struct chart *chart)
{
    struct xml *xml = &chart->xml;
    buffer_clear(&chart->text);
    switch (xml->code) {
    case SERIES:
        chart->in_series = chart->series_count < SERIES_MAX;
        chart->series_count += chart->in_series;
        chart->part = 0;
        break;
    case NAME:
    case CATEGORIES:
    case VALUES:
        chart->part = chart->in_series ? xml->code : 0;
        chart->format = (struct number_format){0};
        chart->point = 0;
        break;
    case POINT:
        if (!slice_to_u64(xml_get(xml, XML_NONE, "idx"), &chart->point))
            chart->point = 0;
        break;
    case TITLE:
        chart->in_title = !chart->in_plot;
        break;
    case PLOT:
        chart->in_plot = true;
        break;
    default:
        break;
    }
}

static void read_end(struct chart *chart)
{
    switch (chart->xml.code) {
    case SERIES:
        chart->in_series = false;
        chart->part = 0;
        break;
    case NAME:
    case CATEGORIES:
    case VALUES:
        chart->part = 0;
        break;
    case FORMAT:
        chart->format = number_format_read(buffer_slice(&chart->text));
        break;
    case VALUE:
        if (chart->part != 0)
            take_value(chart);
        break;
    case TEXT:
        if (chart->in_title)
            buffer_append_slice(&chart->title, buffer_slice(&chart->text));
        break;
    case TITLE:
        chart->in_title = false;
        break;
    default:
        break;
    }
    buffer_clear(&chart->text);
}

static void write_cell(struct office_text *text, size_t column, struct slice cell)
{
    office_cell_begin(text, column, 1, 1);
    office_paragraph(text, BLOCK_PARAGRAPH, 0, cell);
}

static void write_table(const struct chart *chart, struct office_text *text)
{
    office_paragraph(text, BLOCK_PARAGRAPH, 0, buffer_slice(&chart->title));
    if (chart->point_count == 0)
        return;
    office_table_begin(text);
    office_row_begin(text, 1);
    for (size_t s = 0; s < chart->series_count; s++)
        write_cell(text, s + 1, chart->names[s]);
    office_row_mark(text);
    office_row_end(text);
    for (size_t p = 0; p < chart->point_count; p++) {
        office_row_begin(text, 1);
        write_cell(text, 0, chart->categories[p]);
        for (size_t s = 0; s < chart->series_count; s++)
            write_cell(text, s + 1, chart->values[s][p]);
        office_row_end(text);
    }
    office_table_end(text);
}

static bool read_chart(struct chart *chart, struct slice source)
{
    struct error ignored;
    xml_init(&chart->xml, source, "chart", words, ARRAY_COUNT(words));
    while (xml_next(&chart->xml)) {
        if (chart->xml.kind == XML_START)
            read_start(chart);
        else if (chart->xml.kind == XML_END)
            read_end(chart);
        else
            buffer_append_slice(&chart->text, chart->xml.text);
    }
    bool ok = xml_finish(&chart->xml, &ignored);
    xml_release(&chart->xml);
    return ok;
}

/* The first time, and if it leaves room for the parts that have the text. */
static bool is_taken(struct office_charts *charts, const struct package *package, struct slice part)
{
    const struct zip *zip = &package->zip;
    const struct zip_entry *entry = zip_find(zip, part);
    if (entry == NULL || entry->size > CHART_BYTES_MAX || entry->size > zip->unpacked_left / 2)
        return false;
    if (charts->are_told == NULL)
        charts->are_told = memory_alloc(zip->count, sizeof(*charts->are_told));
    bool *is_told = &charts->are_told[entry - zip->items];
    bool is_first = !*is_told;
    *is_told = true;
    return is_first;
}

void office_charts_release(struct office_charts *charts)
{
    free(charts->are_told);
    charts->are_told = NULL;
}

bool office_chart_tell(struct office_charts *charts, struct package *package, struct slice part, struct office_text *text)
{
    struct buffer content;
    struct error ignored;
    bool is_told = false;
    if (!is_taken(charts, package, part))
        return false;
    struct chart chart = {.point_count = 0};
    arena_init(&chart.arena);
    buffer_init(&chart.title, LIMIT_TITLE_BYTES);
    buffer_init(&chart.text, LIMIT_DOCUMENT_BYTES_MAX);
    if (package_part(package, part, &content, &ignored)) {
        chart.values = arena_alloc(&chart.arena, SERIES_MAX, sizeof(*chart.values));
        is_told = read_chart(&chart, buffer_slice(&content));
        if (is_told)
            write_table(&chart, text);
    }
    buffer_release(&content);
    buffer_release(&chart.title);
    buffer_release(&chart.text);
    arena_release(&chart.arena);
    return is_told;
}
