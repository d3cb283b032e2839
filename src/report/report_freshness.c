/* report_freshness.c - what becomes of answers when the documents change, and when questions are asked in other words. */
#include "page.h"

static void say_lane(struct page *page, struct slice arm, double share, bool is_difference)
{
    buffer_format(page->out, "<div class=\"lane bar arm-%zu\"><div class=\"lane-name\">", arm_style(arm));
    page_arm(page, arm);
    page_html(
        page,
        "</div><svg class=\"track\" aria-hidden=\"true\"><line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"50%\" y2=\"50%\"/>");
    buffer_format(page->out, "<rect class=\"fill\" x=\"0\" y=\"25%%\" width=\"%.2f%%\" height=\"50%%\" rx=\"2\"/></svg>",
                  plot_percent(share));
    page_html(page, "<div class=\"lane-value\"><b>");
    if (is_difference)
        page_points(page, -share);
    else
        page_percent(page, share);
    page_html(page, "</b></div></div>\n");
}

static void say_staleness(struct page *page)
{
    const struct json_value *staleness = page_object(page, page->root, "staleness");
    page_html(page, "<h3>When the documents change</h3>\n");
    if (staleness == NULL || staleness->count == 0) {
        page_not_measured(page, "staleness", "What changed documents do to the answers was not measured.");
        return;
    }
    page_html(page, "<p class=\"about\">Values in the documents were changed and asked for again: the share of answers that "
                    "were still the old "
                    "ones.</p>\n<div class=\"lanes\">\n");
    for (size_t i = 0; i < staleness->count; i++) {
        double share;
        if (page_value_share(page, &staleness->items[i], staleness->keys[i], &share))
            say_lane(page, staleness->keys[i], share, false);
    }
    page_html(page, "</div>\n");
}

static void say_brittleness(struct page *page)
{
    const struct json_value *brittleness = page_object(page, page->root, "brittleness");
    page_html(page, "<h3>When questions are asked otherwise</h3>\n");
    if (brittleness == NULL || brittleness->count == 0) {
        page_not_measured(page, "brittleness", "Questions in other words were not asked.");
        return;
    }
    page_html(
        page,
        "<p class=\"about\">The same questions in other words and with slips of the keyboard: the change of the score.</p>\n"
        "<div class=\"lanes\">\n");
    for (size_t i = 0; i < brittleness->count; i++) {
        const struct json_value *drop = &brittleness->items[i];
        if (drop->kind == JSON_NULL)
            continue;
        if (drop->kind != JSON_NUMBER || !(drop->real >= -1 && drop->real <= 1)) {
            page_fail(page, "brittleness", "an object of numbers between -1 and 1");
            return;
        }
        say_lane(page, brittleness->keys[i], drop->real, true);
    }
    page_html(page, "</div>\n");
}

void report_freshness(struct page *page)
{
    section_begin(page, "freshness", "Freshness and brittleness", NULL);
    say_staleness(page);
    say_brittleness(page);
    section_end(page);
}
