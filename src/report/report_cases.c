/* report_cases.c - every test case, to be opened: answers of each approach with what differs from the one wanted, passages, prompts, repairs. */
#include "page.h"

struct case_view {
    struct page *page;
    const struct json_value *item;
    uint64_t id;
    struct slice expected; /* the first answer wanted; data NULL: not told */
    bool must_abstain;
};

/* ---- one approach's answer ---- */

static void say_passages(struct page *page, const struct json_value *answer)
{
    const struct json_value *passages = page_array(page, answer, "passages");
    if (passages == NULL)
        return;
    page_html(page, "<details><summary>Passages it was given</summary><ol class=\"passages\">\n");
    for (size_t i = 0; i < passages->count; i++) {
        const struct json_value *passage = page_item(page, passages, i, JSON_OBJECT, "passages");
        uint64_t start, end;
        if (passage == NULL)
            break;
        page_html(page, "<li><cite>");
        page_say(page, page_text(page, passage, "document"));
        page_html(page, "</cite>");
        if (page_count(page, passage, "start", &start) && page_count(page, passage, "end", &end)) {
            page_html(page, " <small>bytes ");
            page_integer(page, (double)start);
            page_html(page, " to ");
            page_integer(page, (double)end);
            page_html(page, "</small>");
        }
        page_html(page, "<blockquote>");
        page_say(page, page_text(page, passage, "text"));
        page_html(page, "</blockquote></li>\n");
    }
    page_html(page, "</ol></details>\n");
}

static void say_citations(struct page *page, const struct json_value *answer)
{
    const struct json_value *citations = page_array(page, answer, "citations");
    if (citations == NULL)
        return;
    page_html(page, "<ul class=\"citations\">\n");
    for (size_t i = 0; i < citations->count; i++) {
        const struct json_value *citation = page_item(page, citations, i, JSON_OBJECT, "citations");
        if (citation == NULL)
            break;
        page_html(page, "<li>Cites <cite>");
        page_say(page, page_text(page, citation, "document"));
        page_html(page, "</cite>: <q>");
        page_say(page, page_text(page, citation, "quote"));
        page_html(page, "</q></li>\n");
    }
    page_html(page, "</ul>\n");
}

static void say_prompt(struct page *page, const struct json_value *answer)
{
    const struct slice prompt = page_text(page, answer, "prompt");
    if (prompt.size == 0)
        return;
    page_html(page, "<details><summary>Prompt</summary><pre tabindex=\"0\">");
    page_say(page, prompt);
    page_html(page, "</pre></details>\n");
}

static void say_failure(struct page *page, const struct json_value *answer)
{
    const struct slice failure = page_text(page, answer, "failure");
    if (failure.size == 0)
        return;
    page_html(page, " ");
    page_say(page, failure);
}

static void say_answer(const struct case_view *view, struct slice name, const struct json_value *answer)
{
    struct page *page = view->page;
    const enum page_truth right = page_truth(page, answer, "right");
    const struct slice text = page_text(page, answer, "answer");
    const bool abstained = page_truth(page, answer, "abstained") == PAGE_YES;
    double number;
    buffer_format(page->out, "<div class=\"answer-of\"><h3><span class=\"key arm-%zu\" aria-hidden=\"true\"></span>",
                  arm_style(name));
    page_arm(page, name);
    if (right != PAGE_NOT_TOLD)
        page_html(page, right == PAGE_YES ? " <span class=\"badge right\">right</span>"
                                          : " <span class=\"badge wrong\">wrong</span>");
    page_html(page, "<small>");
    if (page_share(page, answer, "score", &number)) {
        page_html(page, "score ");
        page_percent(page, number);
    }
    if (page_number(page, answer, "took_ms", &number)) {
        page_html(page, ", ");
        page_time(page, number);
    }
    page_html(page, "</small></h3>\n");
    if (text.size > 0) {
        page_html(page, "<p class=\"answer\">");
        page_say(page, text);
        page_html(page, "</p>\n");
        if (view->expected.size > 0 && !slice_equal(view->expected, text))
            page_difference(page, view->expected, text);
    } else {
        page_html(page, abstained ? "<p class=\"absent\">It abstained." : "<p class=\"absent\">There was no answer.");
        say_failure(page, answer);
        page_html(page, "</p>\n");
    }
    say_citations(page, answer);
    say_passages(page, answer);
    say_prompt(page, answer);
    page_html(page, "</div>\n");
}

/* ---- one case ---- */

static void say_wanted(struct case_view *view)
{
    struct page *page = view->page;
    const struct json_value *expected = json_get(view->item, "expected"), *gold = page_array(page, view->item, "gold");
    page_html(page, "<dl class=\"wanted\"><dt>Wanted</dt>");
    if (expected != NULL && expected->kind == JSON_ARRAY && expected->count > 0) {
        for (size_t i = 0; i < expected->count; i++) {
            const struct json_value *text = page_item(page, expected, i, JSON_TEXT, "expected");
            if (text == NULL)
                break;
            if (i == 0)
                view->expected = text->text;
            page_html(page, "<dd>");
            page_say(page, text->text);
            page_html(page, "</dd>");
        }
    } else if (expected != NULL && expected->kind != JSON_NULL && expected->kind != JSON_ARRAY) {
        page_fail(page, "expected", "a list of texts");
    } else {
        page_html(page, "<dd>To abstain: nothing in the documents answers it.</dd>");
    }
    if (gold != NULL)
        page_html(page, "<dt>Stands in</dt>");
    for (size_t i = 0; gold != NULL && i < gold->count; i++) {
        const struct json_value *document = page_item(page, gold, i, JSON_TEXT, "gold");
        if (document == NULL)
            break;
        page_html(page, "<dd><cite>");
        page_say(page, document->text);
        page_html(page, "</cite></dd>");
    }
    page_html(page, "</dl>\n");
}

static void say_repairs(struct page *page, const struct json_value *item)
{
    const struct json_value *repairs = page_array(page, item, "repairs");
    const struct slice why = page_text(page, item, "gap_why");
    if (why.size > 0) {
        page_html(page, "<p class=\"says\">");
        page_say(page, why);
        page_html(page, page_truth(page, item, "also_behaviour") == PAGE_YES ? "; the form was wrong too</p>\n" : "</p>\n");
    }
    if (repairs == NULL)
        return;
    page_html(page, "<h3>Asked again with one thing repaired</h3><ul class=\"rows\">\n");
    for (size_t i = 0; i < repairs->count; i++) {
        const struct json_value *repair = page_item(page, repairs, i, JSON_OBJECT, "repairs");
        if (repair == NULL)
            break;
        const enum page_truth right = page_truth(page, repair, "right");
        const struct slice answer = page_text(page, repair, "answer");
        page_html(page, "<li>");
        page_say(page, page_text(page, repair, "repair"));
        if (right != PAGE_NOT_TOLD)
            page_html(page, right == PAGE_YES ? " <span class=\"badge right\">right</span>"
                                              : " <span class=\"badge wrong\">wrong</span>");
        if (answer.size > 0) {
            page_html(page, " <q>");
            page_say(page, answer);
            page_html(page, "</q>");
        }
        page_html(page, "</li>\n");
    }
    page_html(page, "</ul>\n");
}

/* A mark for each approach, so that the closed list tells where they differ. */
static void say_marks(struct page *page, const struct json_value *answers)
{
    page_html(page, "<span class=\"marks\">");
    for (size_t i = 0; answers != NULL && i < answers->count; i++) {
        const enum page_truth right = page_truth(page, &answers->items[i], "right");
        if (right == PAGE_NOT_TOLD)
            continue;
        buffer_format(page->out, "<span class=\"mark %s\">", right == PAGE_YES ? "right" : "wrong");
        page_name(page, slice_cut(answers->keys[i], 24));
        page_html(page, right == PAGE_YES ? " right</span> " : " wrong</span> ");
    }
    page_html(page, "</span>");
}

static bool has_wrong(struct page *page, const struct json_value *answers)
{
    bool wrong = false;
    for (size_t i = 0; answers != NULL && i < answers->count; i++)
        wrong = wrong || page_truth(page, &answers->items[i], "right") == PAGE_NO;
    return wrong;
}

static void say_case(struct page *page, const struct json_value *item)
{
    struct case_view view = {.page = page, .item = item};
    const struct json_value *answers = page_object(page, item, "arms");
    const struct slice gap = page_text(page, item, "gap");
    if (!page_count(page, item, "id", &view.id))
        page_fail(page, "cases", "a list of objects with an id each");
    for (size_t i = 0; answers != NULL && i < answers->count; i++)
        if (answers->items[i].kind != JSON_OBJECT)
            page_fail(page, "cases.arms", "an object of objects");
    if (page->failed)
        return;
    buffer_format(page->out, "<details class=\"case\" id=\"case-%llu\" data-wrong=\"%d\" data-gap=\"",
                  (unsigned long long)view.id, has_wrong(page, answers));
    page_say(page, gap);
    buffer_format(page->out, "\"><summary><span class=\"number\">%llu</span> <span class=\"question\">",
                  (unsigned long long)view.id);
    page_say(page, page_text(page, item, "question"));
    page_html(page, "</span>");
    if (gap.size > 0) {
        page_html(page, " <span class=\"badge\">");
        page_gap(page, gap);
        page_html(page, "</span>");
    }
    say_marks(page, answers);
    page_html(page, "</summary>\n<div class=\"case-body\">\n");
    say_wanted(&view);
    say_repairs(page, item);
    for (size_t i = 0; answers != NULL && i < answers->count; i++)
        say_answer(&view, answers->keys[i], &answers->items[i]);
    page_html(page, "</div></details>\n");
}

/* Hidden until the script shows it. */
static void say_choice(struct page *page)
{
    page_html(
        page,
        "<form class=\"choice\" id=\"case-form\" hidden><label>Show <select id=\"case-which\"><option value=\"all\">all "
        "cases</option>"
        "<option value=\"wrong\">with a wrong answer</option><option value=\"knowledge\">knowledge gaps</option>"
        "<option value=\"retrieval\">retrieval gaps</option><option value=\"behaviour\">behaviour gaps</option>"
        "<option value=\"capability\">capability gaps</option><option value=\"knowledge_base\">gaps in the documents</option>"
        "<option value=\"test_case\">doubtful test cases</option></select></label> "
        "<label>with the words <input type=\"search\" id=\"case-words\" autocomplete=\"off\" spellcheck=\"false\"></label> "
        "<output id=\"case-count\" for=\"case-which case-words\"></output></form>\n");
}

void report_cases(struct page *page)
{
    const struct json_value *cases = page_array(page, page->root, "cases");
    section_begin(
        page, "cases", "Cases",
        "Each opens. In a difference, struck words are of the answer wanted and missing, underlined ones were added.");
    if (cases == NULL) {
        page_not_measured(page, "cases", "The report holds no single cases.");
    } else {
        say_choice(page);
        page_html(page, "<div id=\"case-list\">\n");
        for (size_t i = 0; i < cases->count && !page->failed; i++) {
            const struct json_value *item = page_item(page, cases, i, JSON_OBJECT, "cases");
            if (item != NULL)
                say_case(page, item);
        }
        page_html(page, "</div>\n");
    }
    section_end(page);
}
