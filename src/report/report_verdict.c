/* report_verdict.c - the top of the page: what to build, how sure that is, why, and what would change it. */
#include "page.h"
#include <math.h>

static const struct {
    const char *approach, *title, *means;
} headlines[] = {
    {"prompt", "A prompt alone is enough", "No retrieval and no tuning: a model is asked with instructions and examples."},
    {"full", "Put all documents into the prompt", "They fit; a search would add work and no answers."},
    {"rag", "Build it with retrieval",
     "Each question is answered from passages that a search finds, so that what the model can see is what the documents say "
     "now."},
    {"tune", "Fine-tune a model", "The facts were there; what was missing is behaviour, which examples teach."},
    {"hybrid", "Build it with retrieval and fine-tuning",
     "Passages bring the facts, and a model tuned on examples that hold passages answers in the right form."},
    {"none", "No approach can be recommended yet",
     "What was measured does not carry a recommendation; the reasons stand below."},
};

static void say_headline(struct page *page, struct slice approach)
{
    for (size_t i = 0; i < ARRAY_COUNT(headlines); i++)
        if (slice_equal_text(approach, headlines[i].approach)) {
            buffer_format(page->out, "<p class=\"headline\">%s</p>\n<p class=\"means\">%s</p>\n", headlines[i].title,
                          headlines[i].means);
            return;
        }
    page_html(page, "<p class=\"headline\">");
    page_name(page, approach);
    page_html(page, "</p>\n");
}

static const struct json_value *arm_named(struct page *page, struct slice name)
{
    const struct json_value *arms = page_array(page, page->root, "arms");
    for (size_t i = 0; arms != NULL && i < arms->count; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "arms");
        if (arm != NULL && slice_equal(page_text(page, arm, "name"), name))
            return arm;
    }
    return NULL;
}

/* ---- figures ---- */

static void figure_begin(struct page *page, const char *what)
{
    buffer_format(page->out, "<div class=\"figure\"><dt>%s</dt><dd>", what);
}

static void figure_end(struct page *page)
{
    page_html(page, "</dd></div>\n");
}

static void say_score(struct page *page, const struct json_value *arm, double target, bool has_target)
{
    double score;
    struct statistics_interval interval;
    if (!page_share(page, arm, "score", &score))
        return;
    figure_begin(page, "Score");
    page_html(page, "<b>");
    page_percent(page, score);
    page_html(page, "</b>");
    if (page_interval(page, arm, "interval", false, &interval)) {
        page_html(page, "<small>");
        page_percents(page, interval);
        page_html(page, "</small>");
    }
    if (has_target) {
        page_html(page, "<small>target ");
        page_percent(page, target);
        page_html(page, "</small>");
    }
    figure_end(page);
}

static void say_figures(struct page *page, const struct json_value *verdict, const struct json_value *arm)
{
    double confidence, number, target = 0;
    const bool has_target = page_share(page, page->root, "target", &target) && target > 0;
    page_html(page, "<dl class=\"figures\">\n");
    if (page_share(page, verdict, "confidence", &confidence)) {
        figure_begin(page, "Confidence");
        if (confidence > 0) {
            page_html(page, "<b>");
            page_percent(page, confidence);
            page_html(page, "</b><small>that the verdict holds</small>");
        } else {
            page_html(page, "<b>undecided</b><small>these cases cannot tell</small>");
        }
        figure_end(page);
    }
    say_score(page, arm, target, has_target);
    if (page_number(page, page_object(page, arm, "latency_ms"), "p95", &number)) {
        figure_begin(page, "Time for an answer");
        page_html(page, "<b>");
        page_time(page, number);
        page_html(page, "</b><small>95 of 100 are no slower</small>");
        figure_end(page);
    }
    if (page_number(page, page_object(page, arm, "cost"), "per_month", &number)) {
        figure_begin(page, "Cost of a month");
        page_html(page, "<b>");
        page_money(page, number);
        page_html(page, "</b>");
        uint64_t requests;
        if (page_count(page, page_object(page, page->root, "costs"), "requests_per_month", &requests)) {
            page_html(page, "<small>at ");
            page_integer(page, (double)requests);
            page_html(page, " requests, once it is built</small>");
        }
        figure_end(page);
    }
    page_html(page, "</dl>\n");
}

/* ---- sentences ---- */

static void say_list(struct page *page, const struct json_value *verdict, const char *key, const char *title,
                     const char *otherwise)
{
    const struct json_value *sentences = page_array(page, verdict, key);
    buffer_format(page->out, "<h3>%s</h3>\n", title);
    if (sentences == NULL) {
        buffer_format(page->out, "<p class=\"absent\">%s</p>\n", otherwise);
        return;
    }
    page_html(page, "<ul class=\"sentences\">\n");
    for (size_t i = 0; i < sentences->count; i++) {
        const struct json_value *sentence = page_item(page, sentences, i, JSON_TEXT, key);
        if (sentence == NULL)
            break;
        page_html(page, "<li>");
        page_say(page, sentence->text);
        page_html(page, "</li>\n");
    }
    page_html(page, "</ul>\n");
}

/* How fine these cases tell is one of the reasons; how many would be enough is not. */
static void say_needed(struct page *page, const struct json_value *verdict)
{
    uint64_t cases, documents;
    if (!page_count(page, verdict, "needs_cases", &cases) || cases == 0)
        return;
    page_html(page, "<p class=\"power\">To tell for sure, ");
    page_integer(page, (double)cases);
    page_html(page, " test cases");
    if (page_count(page, verdict, "needs_documents", &documents)) {
        page_html(page, " about at least ");
        page_integer(page, (double)documents);
        page_html(page, " documents");
    }
    page_html(page, " are needed in all.</p>\n");
}

/* Checks that failed belong to the verdict: they say what it stands on. */
static void say_warnings(struct page *page)
{
    const struct json_value *checks = page_array(page, page->root, "checks");
    bool is_open = false;
    for (size_t i = 0; checks != NULL && i < checks->count; i++) {
        const struct json_value *check = page_item(page, checks, i, JSON_OBJECT, "checks");
        if (check == NULL || page_truth(page, check, "ok") != PAGE_NO)
            continue;
        if (!is_open)
            page_html(page, "<div class=\"warning\" role=\"note\"><p><b>Before you rely on this</b></p><ul>\n");
        is_open = true;
        page_html(page, "<li><b>");
        page_say(page, page_text(page, check, "check"));
        page_html(page, ":</b> ");
        struct slice message = page_text(page, check, "message");
        page_say(page, message.size > 0 ? message : SLICE("not so"));
        page_html(page, "</li>\n");
    }
    if (is_open)
        page_html(page, "</ul></div>\n");
}

void report_verdict(struct page *page)
{
    const struct json_value *verdict = page_object(page, page->root, "verdict");
    const struct slice approach = page_text(page, verdict, "approach");
    if (approach.size == 0)
        page_fail(page, "verdict", "an object with an approach");
    page_html(page, "<section id=\"verdict\" class=\"verdict\" aria-labelledby=\"verdict-title\">"
                    "<h2 id=\"verdict-title\">Verdict</h2>\n");
    say_headline(page, approach);
    say_figures(page, verdict, arm_named(page, approach));
    say_warnings(page);
    say_list(page, verdict, "reasons", "Why", "The run gave no reasons.");
    say_needed(page, verdict);
    const struct slice next = page_text(page, verdict, "next");
    if (next.size > 0) {
        page_html(page, "<h3>What to do next</h3>\n<p>");
        page_say(page, next);
        page_html(page, "</p>\n");
    }
    say_list(page, verdict, "would_change_if", "What would change it", "The run names nothing that would change it.");
    section_end(page);
}
