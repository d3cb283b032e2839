/* report_gaps.c - why answers were wrong, and whether the right passages were found. */
#include "page.h"

static const struct {
    const char *name, *title, *means;
} gaps[] = {
    {"knowledge", "Knowledge",
     "The fact was not in front of the model; with the passage that proves it, the answer is right. Retrieval mends this."},
    {"retrieval", "Retrieval", "A search was made, and the right passage was not among what it found."},
    {"behaviour", "Behaviour",
     "The fact was there, and the form or the use of it was wrong. Examples, or a form that is enforced, mend this."},
    {"capability", "Capability", "Nothing that was repaired helped: another model is needed, or an easier question."},
    {"knowledge_base", "Documents", "What would prove the answer stands nowhere in the documents."},
    {"test_case", "Test case", "The approaches agree on another answer: the answer that was wanted is in doubt."},
};

void page_gap(struct page *page, struct slice name)
{
    for (size_t i = 0; i < ARRAY_COUNT(gaps); i++)
        if (slice_equal_text(name, gaps[i].name)) {
            page_says(page, gaps[i].title);
            return;
        }
    page_name(page, name);
}

enum { CASES_LINKED = 12 };

/* `within`: the report, or its "left". */
static void say_cases(struct page *page, const struct json_value *within, const char *name)
{
    const struct json_value *ids = page_array(page, page_object(page, within, "gap_cases"), name);
    if (ids == NULL)
        return;
    page_html(page, "<span class=\"case-links\">Cases ");
    for (size_t i = 0; i < ids->count && i < CASES_LINKED; i++) {
        const struct json_value *id = page_item(page, ids, i, JSON_NUMBER, "gap_cases");
        if (id == NULL)
            return;
        if (!id->is_integer || id->integer < 0) {
            page_fail(page, "gap_cases", "a list of cases' numbers");
            return;
        }
        buffer_format(page->out, "%s<a href=\"#case-%lld\">%lld</a>", i > 0 ? ", " : "", (long long)id->integer,
                      (long long)id->integer);
    }
    if (ids->count > CASES_LINKED)
        buffer_format(page->out, " and %zu more", ids->count - CASES_LINKED);
    page_html(page, "</span>");
}

static void say_gap(struct page *page, const struct json_value *within, size_t i)
{
    double share;
    struct statistics_interval interval;
    if (!page_share(page, page_object(page, within, "gaps"), gaps[i].name, &share))
        return;
    const bool has_interval = page_interval(page, page_object(page, within, "gap_intervals"), gaps[i].name, false, &interval);
    buffer_format(page->out, "<div class=\"lane bar\"><div class=\"lane-name\">%s<small>%s</small>", gaps[i].title,
                  gaps[i].means);
    say_cases(page, within, gaps[i].name);
    page_html(
        page,
        "</div><svg class=\"track\" aria-hidden=\"true\"><line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"50%\" y2=\"50%\"/>");
    buffer_format(page->out, "<rect class=\"fill\" x=\"0\" y=\"25%%\" width=\"%.2f%%\" height=\"50%%\" rx=\"2\"/>",
                  plot_percent(share));
    if (has_interval)
        buffer_format(page->out, "<line class=\"whisker\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"50%%\" y2=\"50%%\"/>",
                      plot_percent(interval.low), plot_percent(interval.high));
    page_html(page, "</svg><div class=\"lane-value\"><b>");
    page_percent(page, share);
    page_html(page, "</b>");
    if (has_interval) {
        page_html(page, "<small>");
        page_percents(page, interval);
        page_html(page, "</small>");
    }
    page_html(page, "</div></div>\n");
}

/* "Shares of the 58 cases that failed with Retrieval; in 3 of them the form was wrong too." */
static void say_failing(struct page *page, const struct json_value *within)
{
    const struct slice arm = page_text(page, within, "gaps_of");
    uint64_t failing, both = 0;
    if (!page_count(page, within, "failing", &failing))
        return;
    page_html(page, failing == 1 ? "<p>One case failed" : "<p>Shares of the ");
    if (failing != 1) {
        page_integer(page, (double)failing);
        page_html(page, " cases that failed");
    }
    if (arm.size > 0) {
        page_html(page, " with <b>");
        page_arm(page, arm);
        page_html(page, "</b>");
    }
    if (page_count(page, within, "also_behaviour", &both) && both > 0) {
        page_html(page, "; in ");
        page_integer(page, (double)both);
        page_html(page, " of them the form was wrong too");
    }
    page_html(page, ".</p>\n");
}

static void say_gaps(struct page *page, const struct json_value *within)
{
    uint64_t failing;
    if (page_count(page, within, "failing", &failing) && failing == 0) {
        page_html(page, "<p>No case failed with <b>");
        page_arm(page, page_text(page, within, "gaps_of"));
        page_html(page, "</b>.</p>\n");
        return;
    }
    say_failing(page, within);
    page_html(page, "<div class=\"lanes\">\n");
    for (size_t i = 0; i < ARRAY_COUNT(gaps); i++)
        say_gap(page, within, i);
    page_html(page, "</div>\n");
}

void report_gaps(struct page *page)
{
    const struct json_value *left = page_object(page, page->root, "left");
    section_begin(page, "gaps", "Why answers were wrong",
                  "Each case that failed was asked again with one thing repaired; the first repair that put it right names "
                  "what was missing.");
    if (page_object(page, page->root, "gaps") == NULL)
        page_not_measured(page, "gaps", "The causes of wrong answers were not looked for.");
    else
        say_gaps(page, page->root);
    if (page_object(page, left, "gaps") != NULL) {
        page_html(page, "<h3>What the verdict's approach leaves</h3>\n");
        say_gaps(page, left);
    }
    section_end(page);
}

/* ---- retrieval ---- */

static const struct {
    const char *key, *means;
} measures[] = {{"recall@1", "the right document comes first"},
                {"recall@5", "the right documents are among the first five passages"},
                {"recall@10", "… among the first ten"},
                {"precision@5", "of the first five passages, those of right documents"},
                {"mrr@10", "one divided by the place of the first right one"},
                {"ndcg@10", "right ones count more the higher they stand"},
                {"map", "precision at each right one, averaged"}};

void report_retrieval(struct page *page)
{
    const struct json_value *retrieval = page_object(page, page->root, "retrieval");
    section_begin(page, "retrieval", "Retrieval",
                  "Measured first and by itself: no answer is better than the passages that it rests on.");
    if (retrieval == NULL) {
        page_not_measured(page, "retrieval", "Retrieval was not measured.");
        section_end(page);
        return;
    }
    table_begin(page, "Retrieval on the test cases");
    page_html(page,
              "<thead><tr><th scope=\"col\">Measure</th><th scope=\"col\">Value</th><th scope=\"col\">Interval (95 %)</th>"
              "<th scope=\"col\" class=\"words\">What it says</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < ARRAY_COUNT(measures); i++) {
        double share;
        struct statistics_interval interval;
        if (!page_share(page, retrieval, measures[i].key, &share))
            continue;
        buffer_format(page->out, "<tr><th scope=\"row\">%s</th><td>", measures[i].key);
        page_percent(page, share);
        page_html(page, "</td><td>");
        if (page_interval(page, page_object(page, retrieval, "intervals"), measures[i].key, false, &interval))
            page_percents(page, interval);
        else
            page_html(page, "not told");
        buffer_format(page->out, "</td><td class=\"words\">%s</td></tr>\n", measures[i].means);
    }
    page_html(page, "</tbody>");
    table_end(page);
    section_end(page);
}
