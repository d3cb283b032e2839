/* report_curve.c - how the score grows with the number of examples: points with intervals, the forecast, the target.
 *
 * Plots stretch with the page: shapes stand in an inner drawing of 1,000 by 1,000 units without proportions of its own, texts and dots in the outer
 * one at percentages, so that they keep their size. */
#include "page.h"
#include <math.h>

enum { POINTS_MAX = 200, STEPS_MAX = 200 };
#define FORESEEN 4.0 /* times the examples there are, where nothing says how many are needed */

/* Numbers of examples, on a scale of logarithms. */
struct scale {
    double least, most;
};

static double place(const struct scale *scale, double examples)
{
    const double share = (log(examples) - log(scale->least)) / (log(scale->most) - log(scale->least));
    return share <= 0 ? 0 : share >= 1 ? 100 : share * 100;
}

static double height(double score)
{
    return 100 - plot_percent(score);
}

/* What is forecast of one number of examples. */
struct step {
    double examples, score;
    struct statistics_interval interval;
};

struct drawing {
    struct page *page;
    const struct json_value *points;
    double examples[POINTS_MAX], scores[POINTS_MAX];
    struct statistics_interval intervals[POINTS_MAX];
    bool has_interval[POINTS_MAX];
    size_t count;
    double needed, target; /* 0: not told */
    struct step steps[STEPS_MAX];
    size_t step_count;
    struct scale scale;
};

static bool read_points(struct drawing *drawing, const struct json_value *curve)
{
    struct page *page = drawing->page;
    const struct json_value *points = page_array(page, curve, "points");
    for (size_t i = 0; points != NULL && i < points->count && drawing->count < POINTS_MAX; i++) {
        const struct json_value *point = page_item(page, points, i, JSON_OBJECT, "points");
        const size_t at = drawing->count;
        uint64_t examples;
        if (point == NULL || !page_count(page, point, "examples", &examples) || examples == 0 ||
            !page_share(page, point, "score", &drawing->scores[at]))
            continue;
        drawing->examples[at] = (double)examples;
        drawing->has_interval[at] = page_interval(page, point, "interval", false, &drawing->intervals[at]);
        drawing->count++;
    }
    return drawing->count > 0;
}

static void read_forecast(struct drawing *drawing, const struct json_value *curve)
{
    struct page *page = drawing->page;
    const struct json_value *steps = page_array(page, curve, "forecast");
    for (size_t i = 0; steps != NULL && i < steps->count && drawing->step_count < STEPS_MAX; i++) {
        const struct json_value *item = page_item(page, steps, i, JSON_OBJECT, "forecast");
        struct step *step = &drawing->steps[drawing->step_count];
        if (item != NULL && page_number(page, item, "examples", &step->examples) && step->examples >= 1 &&
            page_share(page, item, "score", &step->score) && page_interval(page, item, "interval", false, &step->interval))
            drawing->step_count++;
    }
}

static void set_scale(struct drawing *drawing)
{
    struct scale *scale = &drawing->scale;
    *scale = (struct scale){drawing->examples[0], drawing->examples[0]};
    for (size_t i = 1; i < drawing->count; i++) {
        scale->least = fmin(scale->least, drawing->examples[i]);
        scale->most = fmax(scale->most, drawing->examples[i]);
    }
    if (drawing->needed > scale->most && drawing->needed < scale->most * 30)
        scale->most = drawing->needed;
    else if (drawing->step_count > 0)
        scale->most *= FORESEEN;
    scale->least /= 1.25;
    scale->most *= 1.25;
}

static void draw_grid(struct drawing *drawing)
{
    struct buffer *out = drawing->page->out;
    for (int percent = 0; percent <= 100; percent += 25)
        buffer_format(out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%d%%\" y2=\"%d%%\"/>", 100 - percent,
                      100 - percent);
    if (drawing->target > 0)
        buffer_format(out, "<line class=\"target\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>",
                      height(drawing->target), height(drawing->target));
    if (drawing->needed > 0 && drawing->needed <= drawing->scale.most)
        buffer_format(out, "<line class=\"needed\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>",
                      place(&drawing->scale, drawing->needed), place(&drawing->scale, drawing->needed));
}

static void put_step(struct drawing *drawing, double examples, double score)
{
    buffer_format(drawing->page->out, "%.1f,%.1f ", place(&drawing->scale, examples) * 10, height(score) * 10);
}

/* The band there along its high ends and back along its low ones, and the middle; as far as the scale goes. */
static void draw_forecast(struct drawing *drawing)
{
    struct page *page = drawing->page;
    size_t count = 0;
    while (count < drawing->step_count && drawing->steps[count].examples <= drawing->scale.most)
        count++;
    if (count < 2)
        return;
    page_html(page, "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\"><polyline class=\"band\" points=\"");
    for (size_t i = 0; i < count; i++)
        put_step(drawing, drawing->steps[i].examples, drawing->steps[i].interval.high);
    for (size_t i = count; i-- > 0;)
        put_step(drawing, drawing->steps[i].examples, drawing->steps[i].interval.low);
    page_html(page, "\"/><polyline class=\"fit\" points=\"");
    for (size_t i = 0; i < count; i++)
        put_step(drawing, drawing->steps[i].examples, drawing->steps[i].score);
    page_html(page, "\"/></svg>");
}

static void draw_points(struct drawing *drawing)
{
    struct buffer *out = drawing->page->out;
    for (size_t i = 0; i < drawing->count; i++) {
        const double x = place(&drawing->scale, drawing->examples[i]);
        if (drawing->has_interval[i])
            buffer_format(out, "<line class=\"span\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>", x, x,
                          height(drawing->intervals[i].low), height(drawing->intervals[i].high));
        buffer_format(out, "<circle class=\"dot\" cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"5\"/>", x, height(drawing->scores[i]));
    }
}

static void draw(struct drawing *drawing)
{
    struct page *page = drawing->page;
    page_html(page, "<figure class=\"arm-3\"><svg class=\"plot\" role=\"img\" aria-label=\"Score by the number of examples; "
                    "the table below "
                    "has its numbers\">");
    draw_grid(drawing);
    draw_forecast(drawing);
    draw_points(drawing);
    for (int percent = 25; percent <= 100; percent += 25)
        buffer_format(page->out, "<text class=\"start\" x=\"0\" y=\"%d%%\" dy=\"14\">%d %%</text>", 100 - percent, percent);
    page_html(page, "</svg><svg class=\"under\" aria-hidden=\"true\">");
    for (size_t i = 0; i < drawing->count; i++) {
        buffer_format(page->out, "<text class=\"middle\" x=\"%.2f%%\" y=\"14\">", place(&drawing->scale, drawing->examples[i]));
        page_integer(page, drawing->examples[i]);
        page_html(page, "</text>");
    }
    if (drawing->step_count > 1) { /* how far it is looked ahead */
        page_html(page, "<text class=\"end\" x=\"100%\" y=\"14\">");
        page_integer(page, drawing->scale.most);
        page_html(page, "</text>");
    }
    page_html(page, "</svg><figcaption>Examples, on a scale of logarithms; bars are 95 % intervals");
    page_html(page, drawing->step_count > 1
                        ? ", the line is the middle of the curves that these points allow, the band holds 95 of 100 of them"
                        : "");
    page_html(page, drawing->target > 0 ? ", the dotted one the target" : "");
    page_html(page, drawing->needed > 0 && drawing->needed <= drawing->scale.most
                        ? ", the upright one about where it is reached"
                        : "");
    page_html(page, ".</figcaption></figure>\n");
}

static void say_points(struct drawing *drawing)
{
    struct page *page = drawing->page;
    table_begin(page, "Score by the number of examples");
    page_html(page, "<thead><tr><th scope=\"col\">Examples</th><th scope=\"col\">Score</th><th "
                    "scope=\"col\">Interval</th></tr></thead>\n<tbody>");
    for (size_t i = 0; i < drawing->count; i++) {
        page_html(page, "<tr><th scope=\"row\">");
        page_integer(page, drawing->examples[i]);
        page_html(page, "</th><td>");
        page_percent(page, drawing->scores[i]);
        page_html(page, "</td><td>");
        if (drawing->has_interval[i])
            page_percents(page, drawing->intervals[i]);
        else
            page_html(page, "not told");
        page_html(page, "</td></tr>\n");
    }
    page_html(page, "</tbody>");
    table_end(page);
}

static void say_needed(struct page *page, const struct json_value *curve, double needed)
{
    struct statistics_interval interval;
    struct slice says = page_text(page, curve, "says");
    page_html(page, "<p class=\"says\">");
    if (says.size > 0) {
        page_say(page, says);
    } else if (needed > 0) {
        page_html(page, "About ");
        page_integer(page, needed);
        page_html(page, " examples in all would reach the target");
        if (page_interval_open(page, curve, "needed_interval", &interval)) {
            page_html(page, " (");
            page_integer(page, interval.low);
            page_html(page, isfinite(interval.high) ? " to " : " at least, with no upper end");
            if (isfinite(interval.high))
                page_integer(page, interval.high);
            page_html(page, ")");
        }
        page_html(page, ".");
    } else {
        page_html(page, "How many examples would reach the target was not forecast.");
    }
    page_html(page, "</p>\n");
}

void report_curve(struct page *page)
{
    const struct json_value *curve = page_object(page, page->root, "curve");
    struct drawing drawing = {.page = page};
    uint64_t needed = 0;
    section_begin(page, "examples", "Would more examples help?",
                  "Tuning was done on parts of the examples: how the score grows says what more of them would bring.");
    if (curve == NULL || !read_points(&drawing, curve)) {
        page_not_measured(page, "curve", "Tuning on parts of the examples was not measured.");
    } else {
        if (page_count(page, curve, "needed_for_target", &needed))
            drawing.needed = (double)needed;
        if (!page_share(page, page->root, "target", &drawing.target))
            drawing.target = 0;
        read_forecast(&drawing, curve);
        set_scale(&drawing);
        say_needed(page, curve, drawing.needed);
        draw(&drawing);
        say_points(&drawing);
    }
    section_end(page);
}
