/* report_costs.c - what each approach costs by the month, over requests: a plot, a table, where one becomes cheaper, what moves the cost most.
 *
 *   a month  =  fixed + requests · each + build / months          both scales are of logarithms
 *
 * All stands in the table too. The page's script lets requests and months be chosen, and computes both anew from the numbers that stand in the
 * table's rows (data-build, data-fixed, data-request): the formula is the one above, there and here. */
#include "page.h"
#include <math.h>

enum { SERIES_MAX = 16, STEPS = 80, MONTHS = 12, DECADES_MAX = 7 };
#define FAR 1e8 /* requests a month: nothing beyond is told */

struct series {
    struct slice name;
    double build, fixed, request;
};

struct costing {
    struct page *page;
    struct series series[SERIES_MAX];
    size_t count;
    double requests, months; /* as they were set */
    double x_least, x_most, y_least, y_most; /* powers of ten */
};

static double month_of(const struct series *series, double requests, double months)
{
    return series->fixed + requests * series->request + (months > 0 ? series->build / months : 0);
}

static bool is_cost(double amount)
{
    return amount >= 0 && amount <= 1e12;
}

static bool read_series(struct costing *costing, const struct json_value *costs)
{
    struct page *page = costing->page;
    const struct json_value *arms = page_array(page, costs, "arms");
    for (size_t i = 0; arms != NULL && i < arms->count && costing->count < SERIES_MAX; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "costs.arms");
        struct series *series = &costing->series[costing->count];
        if (arm == NULL)
            break;
        *series = (struct series){.name = arm_name(page, arm)};
        if (!page_number(page, arm, "fixed_per_month", &series->fixed) ||
            !page_number(page, arm, "per_request", &series->request) || !page_number(page, arm, "build", &series->build))
            continue;
        if (!is_cost(series->fixed) || !is_cost(series->request) || !is_cost(series->build))
            page_fail(page, "costs.arms", "a list of costs from 0 to 1e12");
        costing->count++;
    }
    return costing->count > 0;
}

/* Whole decades that hold all curves, and at the most DECADES_MAX of them in height. */
static void set_scales(struct costing *costing)
{
    double least = HUGE_VAL, most = 0;
    costing->x_least = 2;
    costing->x_most = 7;
    if (costing->requests >= 1) {
        costing->x_least = fmin(costing->x_least, floor(log10(costing->requests)));
        costing->x_most = fmax(costing->x_most, fmin(15, ceil(log10(costing->requests))));
    }
    for (size_t i = 0; i < costing->count; i++) {
        const double low = month_of(&costing->series[i], pow(10, costing->x_least), costing->months);
        const double high = month_of(&costing->series[i], pow(10, costing->x_most), costing->months);
        if (low > 0)
            least = fmin(least, low);
        most = fmax(most, high);
    }
    most = fmin(fmax(most, 1), 1e15);
    least = isfinite(least) ? fmin(least, most) : 1;
    costing->y_most = ceil(log10(most) + 1e-9);
    costing->y_least = fmax(floor(log10(fmax(least, 1e-9))), costing->y_most - DECADES_MAX);
}

static double up(const struct costing *costing, double amount)
{
    if (amount <= 0)
        return 1000;
    const double share = (log10(amount) - costing->y_least) / (costing->y_most - costing->y_least);
    return 1000 - (share <= 0 ? 0 : share >= 1 ? 1000 : share * 1000);
}

/* Lines lie below the curves, texts above. */
static void draw_grid(struct costing *costing, bool texts)
{
    struct page *page = costing->page;
    const int low = (int)costing->y_least, high = (int)costing->y_most;
    for (int power = low; power <= high; power++) {
        const double y = 100 - 100.0 * (power - low) / (high - low);
        if (!texts)
            buffer_format(page->out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.2f%%\" y2=\"%.2f%%\"/>", y, y);
        if (!texts || power == low)
            continue;
        buffer_format(page->out, "<text class=\"start\" x=\"0\" y=\"%.2f%%\" dy=\"14\">", y);
        page_money(page, pow(10, power));
        page_html(page, "</text>");
    }
}

static void draw_under(struct costing *costing)
{
    struct page *page = costing->page;
    const int low = (int)costing->x_least, high = (int)costing->x_most;
    page_html(page, "<svg class=\"under\" aria-hidden=\"true\">");
    for (int power = low; power <= high; power++) {
        const char *anchor = power == low ? "start" : power == high ? "end" : "middle";
        buffer_format(page->out, "<text class=\"%s\" x=\"%.2f%%\" y=\"14\">", anchor, 100.0 * (power - low) / (high - low));
        if (power < 3)
            page_integer(page, pow(10, power));
        else if (power < 6)
            buffer_format(page->out, "%gk", pow(10, power - 3));
        else
            buffer_format(page->out, "%gM", pow(10, power - 6));
        page_html(page, "</text>");
    }
    page_html(page, "</svg>");
}

static void draw(struct costing *costing)
{
    struct page *page = costing->page;
    buffer_format(page->out,
                  "<figure><svg class=\"plot\" id=\"cost-plot\" role=\"img\" aria-label=\"Cost of a month by requests; the "
                  "table below has its "
                  "numbers\" data-x=\"%g\" data-x-end=\"%g\" data-y=\"%g\" data-y-end=\"%g\">",
                  costing->x_least, costing->x_most, costing->y_least, costing->y_most);
    draw_grid(costing, /* texts= */ false);
    page_html(page, "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\">");
    for (size_t i = 0; i < costing->count; i++) {
        buffer_format(page->out, "<polyline class=\"curve arm-%zu\" points=\"", arm_style(costing->series[i].name));
        for (int step = 0; step <= STEPS; step++) {
            const double power = costing->x_least + (costing->x_most - costing->x_least) * step / STEPS;
            buffer_format(page->out, "%.1f,%.1f ", 1000.0 * step / STEPS,
                          up(costing, month_of(&costing->series[i], pow(10, power), costing->months)));
        }
        page_html(page, "\"/>");
    }
    page_html(page, "</svg>");
    if (costing->requests >= 1) {
        const double x = 100 * (log10(costing->requests) - costing->x_least) / (costing->x_most - costing->x_least);
        buffer_format(page->out, "<line class=\"needed\" id=\"cost-mark\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>",
                      x, x);
    }
    draw_grid(costing, /* texts= */ true);
    page_html(page, "</svg>");
    draw_under(costing);
    page_html(page, "<figcaption>Requests a month across, cost of a month upwards, both on scales of "
                    "logarithms.</figcaption><ul class=\"key-list\">");
    for (size_t i = 0; i < costing->count; i++) {
        buffer_format(
            page->out,
            "<li><svg class=\"key-line arm-%zu\" aria-hidden=\"true\"><line class=\"curve\" x1=\"0\" x2=\"100%%\" y1=\"50%%\" "
            "y2=\"50%%\"/></svg>",
            arm_style(costing->series[i].name));
        page_arm(page, costing->series[i].name);
        page_html(page, "</li>");
    }
    page_html(page, "</ul></figure>\n");
}

/* Hidden until the script shows it: without the script it would do nothing. */
static void say_sliders(struct costing *costing)
{
    buffer_format(
        costing->page->out,
        "<form class=\"sliders\" id=\"cost-form\" hidden>"
        "<label for=\"cost-requests\">Requests a month <output id=\"cost-requests-said\" "
        "for=\"cost-requests\"></output></label>"
        "<input type=\"range\" id=\"cost-requests\" min=\"%g\" max=\"%g\" step=\"0.01\" value=\"%.2f\">"
        "<label for=\"cost-months\">Building spread over <output id=\"cost-months-said\" for=\"cost-months\"></output></label>"
        "<input type=\"range\" id=\"cost-months\" min=\"0\" max=\"36\" step=\"1\" value=\"%g\"></form>\n",
        costing->x_least, costing->x_most, costing->requests >= 1 ? log10(costing->requests) : costing->x_least,
        fmin(fmax(round(costing->months), 0), 36));
}

static void say_table(struct costing *costing)
{
    static const double columns[] = {1e3, 1e4, 1e5, 1e6};
    struct page *page = costing->page;
    const double requests = costing->requests >= 1 ? costing->requests : 1e4;
    table_begin(page, "Cost of a month by requests");
    page_html(page,
              "<thead><tr><th scope=\"col\">Approach</th><th scope=\"col\">To build</th><th scope=\"col\">Fixed, a month</th>"
              "<th scope=\"col\">1,000 requests</th><th scope=\"col\" id=\"cost-chosen\">A month at ");
    page_integer(page, requests);
    page_html(page, "</th>");
    for (size_t i = 0; i < ARRAY_COUNT(columns); i++) {
        page_html(page, "<th scope=\"col\">at ");
        page_integer(page, columns[i]);
        page_html(page, "</th>");
    }
    page_html(page, "</tr></thead>\n<tbody id=\"cost-rows\">\n");
    for (size_t i = 0; i < costing->count; i++) {
        const struct series *series = &costing->series[i];
        buffer_format(
            page->out,
            "<tr data-build=\"%.9g\" data-fixed=\"%.9g\" data-request=\"%.9g\"><th scope=\"row\"><span class=\"key arm-%zu\" "
            "aria-hidden=\"true\"></span>",
            series->build, series->fixed, series->request, arm_style(series->name));
        page_arm(page, series->name);
        page_html(page, "</th><td>");
        page_money(page, series->build);
        page_html(page, "</td><td>");
        page_money(page, series->fixed);
        page_html(page, "</td><td>");
        page_money(page, series->request * 1000);
        page_html(page, "</td><td class=\"chosen\">");
        page_money(page, month_of(series, requests, costing->months));
        for (size_t j = 0; j < ARRAY_COUNT(columns); j++) {
            page_html(page, "</td><td>");
            page_money(page, month_of(series, columns[j], costing->months));
        }
        page_html(page, "</td></tr>\n");
    }
    page_html(page, "</tbody>");
    table_end(page);
}

/* ---- where one becomes cheaper ---- */

static void say_crossings(struct page *page)
{
    const struct json_value *crossings = page_array(page, page->root, "break_even");
    if (crossings == NULL)
        return;
    page_html(page, "<h3>Where one becomes cheaper than another</h3>\n<ul class=\"sentences\">\n");
    size_t far = 0;
    for (size_t i = 0; i < crossings->count; i++) {
        const struct json_value *crossing = page_item(page, crossings, i, JSON_OBJECT, "break_even");
        double requests;
        if (crossing == NULL)
            break;
        if (page_number(page, crossing, "requests_per_month", &requests) && requests > FAR) {
            far++;
            continue;
        }
        page_html(page, "<li><b>");
        page_arm(page, page_text(page, crossing, "to"));
        page_html(page, "</b> costs less than <b>");
        page_arm(page, page_text(page, crossing, "from"));
        page_html(page, "</b>");
        if (page_number(page, crossing, "requests_per_month", &requests)) {
            page_html(page, " from about ");
            page_integer(page, requests);
            page_html(page, " requests a month on.</li>\n");
        } else {
            page_html(page, " at any number of requests.</li>\n");
        }
    }
    if (far > 0)
        page_html(page, "<li>What changes beyond a hundred million requests a month is left out.</li>\n");
    page_html(page, "</ul>\n");
}

static void say_lines(struct page *page, const struct json_value *lines)
{
    page_html(page, "<details><summary>What the costs are made of</summary>\n");
    table_begin(page, "Parts of the costs");
    page_html(page, "<thead><tr><th scope=\"col\">Approach</th><th scope=\"col\" class=\"words\">What</th><th "
                    "scope=\"col\">Amount</th><th scope=\"col\" class=\"words\">For</th>"
                    "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < lines->count; i++) {
        const struct json_value *line = page_item(page, lines, i, JSON_OBJECT, "lines");
        double amount;
        if (line == NULL)
            break;
        page_html(page, "<tr><td class=\"words\">");
        page_arm(page, page_text(page, line, "arm"));
        page_html(page, "</td><td class=\"words\">");
        page_say(page, page_text(page, line, "what"));
        page_html(page, "</td><td>");
        if (page_number(page, line, "amount", &amount))
            page_money(page, amount);
        else
            page_html(page, "not told");
        page_html(page, "</td><td class=\"words\">");
        page_say(page, page_text(page, line, "per"));
        page_html(page, "</td></tr>\n");
    }
    page_html(page, "</tbody>");
    table_end(page);
    page_html(page, "</details>\n");
}

/* Too small to be seen among the others. */
static bool is_small(double low, double high, double most)
{
    return fabs(high - low) < most / 200;
}

/* What moves a month's cost most: half and double of each thing. */
static void say_swings(struct page *page, const struct json_value *swings)
{
    double most = 0, low, high;
    for (size_t i = 0; i < swings->count; i++) {
        const struct json_value *swing = page_item(page, swings, i, JSON_OBJECT, "tornado");
        if (swing != NULL && page_number(page, swing, "low", &low) && page_number(page, swing, "high", &high))
            most = fmax(most, fmax(fabs(low), fabs(high)));
    }
    if (most <= 0)
        return;
    page_html(page, "<h3>What moves the cost of a month</h3>\n<p class=\"about\">The cost once it is built, when one thing is "
                    "half, and when it is double. What moves it by less than can be seen here is left out.</p>\n"
                    "<div class=\"lanes\">\n");
    for (size_t i = 0; i < swings->count; i++) {
        const struct json_value *swing = page_item(page, swings, i, JSON_OBJECT, "tornado");
        if (swing == NULL || !page_number(page, swing, "low", &low) || !page_number(page, swing, "high", &high) ||
            is_small(low, high, most))
            continue;
        const double from = plot_percent(fmin(low, high) / most), to = plot_percent(fmax(low, high) / most);
        const struct slice arm = page_text(page, swing, "arm");
        buffer_format(page->out, "<div class=\"lane bar arm-%zu\"><div class=\"lane-name\">", arm_style(arm));
        page_say(page, page_text(page, swing, "what"));
        page_html(page, "<small>");
        page_arm(page, arm);
        page_html(page, "</small></div><svg class=\"track\" aria-hidden=\"true\"><line class=\"base\" x1=\"0\" x2=\"100%\" "
                        "y1=\"50%\" y2=\"50%\"/>");
        buffer_format(page->out,
                      "<rect class=\"fill\" x=\"%.2f%%\" y=\"30%%\" width=\"%.2f%%\" height=\"40%%\" rx=\"2\"/></svg>", from,
                      fmax(to - from, 0.3));
        page_html(page, "<div class=\"lane-value\">");
        page_money(page, low);
        page_html(page, " to ");
        page_money(page, high);
        page_html(page, "</div></div>\n");
    }
    page_html(page, "</div>\n");
}

void report_costs(struct page *page)
{
    const struct json_value *costs = page_object(page, page->root, "costs"), *part;
    struct costing costing = {.page = page, .months = MONTHS};
    section_begin(page, "costs", "Costs", "From measured tokens, times and training, and the list of prices in force.");
    if (costs == NULL || !read_series(&costing, costs)) {
        page_not_measured(page, "costs", "Costs were not computed.");
        section_end(page);
        return;
    }
    uint64_t requests;
    double months;
    if (page_count(page, costs, "requests_per_month", &requests))
        costing.requests = (double)requests;
    if (page_number(page, costs, "months", &months) && months >= 0)
        costing.months = months;
    set_scales(&costing);
    page_html(page, "<p>");
    if (costing.months > 0)
        buffer_format(page->out, "What building costs is spread over %g months. ", costing.months);
    page_html(page, costing.requests >= 1 ? "The upright line is the number of requests that the run reckoned with.</p>\n"
                                          : "</p>\n");
    say_sliders(&costing);
    draw(&costing);
    say_table(&costing);
    say_crossings(page);
    part = page_array(page, costs, "tornado");
    if (part != NULL)
        say_swings(page, part);
    part = page_array(page, costs, "lines");
    if (part != NULL)
        say_lines(page, part);
    section_end(page);
}
