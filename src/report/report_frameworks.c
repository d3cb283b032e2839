/* report_frameworks.c - what published rules of thumb say, and where the measurement disagrees. */
#include "page.h"

static void say_rows(struct page *page, const struct json_value *rows)
{
    page_html(page, "<ul class=\"rows\">\n");
    for (size_t i = 0; i < rows->count; i++) {
        const struct json_value *row = page_item(page, rows, i, JSON_OBJECT, "rows");
        if (row == NULL)
            break;
        page_html(page, page_truth(page, row, "decides") == PAGE_YES ? "<li class=\"decides\">" : "<li>");
        page_say(page, page_text(page, row, "question"));
        page_html(page, " <b>");
        page_say(page, page_text(page, row, "answer"));
        page_html(page, "</b>");
        const enum page_truth measured = page_truth(page, row, "measured");
        if (measured != PAGE_NOT_TOLD)
            page_html(page, measured == PAGE_YES ? " <small>measured</small>" : " <small>not measured</small>");
        if (page_truth(page, row, "decides") == PAGE_YES)
            page_html(page, " <span class=\"badge\">decides</span>");
        page_html(page, "</li>\n");
    }
    page_html(page, "</ul>\n");
}

/* What was measured of it: a sentence, or whether it was. */
static void say_measured(struct page *page, const struct json_value *framework)
{
    const struct json_value *measured = json_get(framework, "measured");
    if (measured == NULL || measured->kind == JSON_NULL)
        return;
    page_html(page, "<p class=\"note\">");
    if (measured->kind == JSON_TEXT)
        page_say(page, measured->text);
    else if (page_truth(page, framework, "measured") == PAGE_YES)
        page_html(page, "What decides it was measured.");
    else
        page_html(page, "What decides it was not measured.");
    page_html(page, "</p>\n");
}

/* The question that decides, where no rows tell it. */
static void say_question(struct page *page, const struct json_value *framework)
{
    const struct slice question = page_text(page, framework, "question"), found = page_text(page, framework, "found");
    if (question.size == 0 || page_array(page, framework, "rows") != NULL)
        return;
    page_html(page, "<p class=\"about\">");
    page_say(page, question);
    page_html(page, " <b>");
    page_say(page, found);
    page_html(page, "</b></p>\n");
}

static void say_framework(struct page *page, const struct json_value *framework)
{
    const enum page_truth told = page_truth(page, framework, "agrees");
    const struct slice verdict = page_text(page, page_object(page, page->root, "verdict"), "approach");
    const enum page_truth agrees = slice_equal_text(verdict, "none") ? PAGE_NOT_TOLD
                                                                     : told; /* there is nothing to agree with */
    const struct json_value *rows = page_array(page, framework, "rows");
    page_html(page, agrees == PAGE_NO ? "<article class=\"framework disagrees\"><h3>" : "<article class=\"framework\"><h3>");
    page_say(page, page_text(page, framework, "source"));
    page_html(page, "</h3>\n<p class=\"answer\">");
    page_html(page, "<b>");
    page_arm(page, page_text(page, framework, "answer"));
    page_html(page, "</b>");
    if (agrees != PAGE_NOT_TOLD)
        page_html(page, agrees == PAGE_YES ? " <span class=\"badge agree\">agrees with the measurement</span>"
                                           : " <span class=\"badge against\">the measurement disagrees</span>");
    page_html(page, "</p>\n");
    say_question(page, framework);
    say_measured(page, framework);
    if (rows != NULL)
        say_rows(page, rows);
    page_html(page, "</article>\n");
}

void report_frameworks(struct page *page)
{
    const struct json_value *frameworks = page_array(page, page->root, "frameworks");
    section_begin(page, "rules", "Rules of thumb beside it",
                  "Published guides, computed: they are answered from what was measured where that is possible, and do not "
                  "decide anything here.");
    if (frameworks == NULL)
        page_not_measured(page, "frameworks", "The published rules of thumb were not computed.");
    for (size_t i = 0; frameworks != NULL && i < frameworks->count; i++) {
        const struct json_value *framework = page_item(page, frameworks, i, JSON_OBJECT, "frameworks");
        if (framework == NULL)
            break;
        say_framework(page, framework);
    }
    section_end(page);
}
