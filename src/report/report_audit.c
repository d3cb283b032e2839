/* report_audit.c - what is wrong with the documents, what the numbers rest on, and how to make them again. */
#include "page.h"

static void say_documents(struct page *page, const struct json_value *finding)
{
    const struct json_value *documents = page_array(page, finding, "documents");
    for (size_t i = 0; documents != NULL && i < documents->count; i++) {
        const struct json_value *document = page_item(page, documents, i, JSON_TEXT, "documents");
        if (document == NULL)
            break;
        page_html(page, i > 0 ? "<br><cite>" : "<cite>");
        page_say(page, document->text);
        page_html(page, "</cite>");
    }
}

static void say_findings(struct page *page, const struct json_value *findings)
{
    table_begin(page, "Findings");
    page_html(page, "<thead><tr><th scope=\"col\" class=\"words\">Kind</th><th scope=\"col\" class=\"words\">Weight</th><th "
                    "scope=\"col\" class=\"words\">What</th>"
                    "<th scope=\"col\" class=\"words\">Where</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < findings->count; i++) {
        const struct json_value *finding = page_item(page, findings, i, JSON_OBJECT, "findings");
        if (finding == NULL)
            break;
        const struct slice remedy = page_text(page, finding, "remedy");
        page_html(page, "<tr><th scope=\"row\">");
        page_say(page, page_text(page, finding, "kind"));
        page_html(page, "</th><td class=\"words\">");
        page_say(page, page_text(page, finding, "severity"));
        page_html(page, "</td><td class=\"words\">");
        page_say(page, page_text(page, finding, "message"));
        if (remedy.size > 0) {
            page_html(page, "<small>");
            page_say(page, remedy);
            page_html(page, "</small>");
        }
        page_html(page, "</td><td class=\"words\">");
        say_documents(page, finding);
        page_html(page, "</td></tr>\n");
    }
    page_html(page, "</tbody>");
    table_end(page);
}

void report_audit(struct page *page)
{
    const struct json_value *audit = page_object(page, page->root, "audit");
    section_begin(page, "audit", "The documents", "No approach answers better than the documents allow.");
    if (audit == NULL) {
        page_not_measured(page, "audit", "The documents were not audited.");
    } else {
        const struct json_value *findings = page_array(page, audit, "findings");
        double score;
        if (page_number(page, audit, "score", &score)) {
            page_html(page, "<p>Score <b>");
            page_plain(page, score);
            page_html(page, "</b> of 100.</p>\n");
        }
        if (findings != NULL)
            say_findings(page, findings);
        else
            page_html(page, "<p>The audit found nothing.</p>\n");
    }
    section_end(page);
}

/* ---- what it rests on ---- */

static void say_counts(struct page *page, const struct json_value *data)
{
    static const struct {
        const char *key, *title;
    } counts[] = {{"documents", "Documents"},           {"passages", "Passages"},
                  {"tokens", "Tokens in them"},         {"examples", "Examples"},
                  {"development", "Development cases"}, {"test", "Test cases"}};
    page_html(page, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++) {
        uint64_t count;
        buffer_format(page->out, "<dt>%s</dt><dd>", counts[i].title);
        if (page_count(page, data, counts[i].key, &count))
            page_integer(page, (double)count);
        else
            page_html(page, "not told");
        page_html(page, "</dd>\n");
    }
    const struct json_value *hashes = page_object(page, data, "hashes");
    for (size_t i = 0; hashes != NULL && i < hashes->count; i++) {
        if (hashes->items[i].kind != JSON_TEXT)
            continue;
        page_html(page, "<dt>Hash of ");
        page_name(page, hashes->keys[i]);
        page_html(page, "</dt><dd><code>");
        page_say(page, hashes->items[i].text);
        page_html(page, "</code></dd>\n");
    }
    page_html(page, "</dl>\n");
}

static void say_checks(struct page *page, const struct json_value *checks)
{
    page_html(page, "<h3>Checked before</h3>\n<ul class=\"rows checks\">\n");
    for (size_t i = 0; i < checks->count; i++) {
        const struct json_value *check = page_item(page, checks, i, JSON_OBJECT, "checks");
        if (check == NULL)
            break;
        const enum page_truth ok = page_truth(page, check, "ok");
        const struct slice message = page_text(page, check, "message");
        page_html(page, ok == PAGE_YES  ? "<li><span class=\"badge right\">holds</span> "
                        : ok == PAGE_NO ? "<li><span class=\"badge wrong\">does not hold</span> "
                                        : "<li><span class=\"badge\">not looked at</span> ");
        page_say(page, page_text(page, check, "check"));
        if (message.size > 0) {
            page_html(page, "<small>");
            page_say(page, message);
            page_html(page, "</small>");
        }
        page_html(page, "</li>\n");
    }
    page_html(page, "</ul>\n");
}

static void say_reproduce(struct page *page)
{
    const struct json_value *reproduce = page_object(page, page->root, "reproduce");
    const struct slice command = page_text(page, reproduce, "command"), program = page_text(page, page->root, "program");
    uint64_t seed;
    page_html(page, "<h3>Make it again</h3>\n");
    if (command.size == 0) {
        page_html(page, "<p class=\"absent\">The run does not say by which command it was made.</p>\n");
        return;
    }
    page_html(page, "<pre tabindex=\"0\">");
    page_say(page, command);
    page_html(page, "</pre>\n<p class=\"note\">The same documents, examples, cases, models and seed");
    if (page_count(page, reproduce, "seed", &seed) || page_count(page, page->root, "seed", &seed))
        buffer_format(page->out, " (%llu)", (unsigned long long)seed);
    page_html(page, " give the same numbers; times are the machine's.");
    if (program.size > 0) {
        page_html(page, " Made by ");
        page_name(page, program);
        page_html(page, ".");
    }
    page_html(page, "</p>\n");
}

void report_data(struct page *page)
{
    const struct json_value *data = page_object(page, page->root, "data"), *checks = page_array(page, page->root, "checks");
    section_begin(page, "basis", "What it rests on", NULL);
    if (data != NULL)
        say_counts(page, data);
    else
        page_html(page, "<p class=\"absent\">The run does not say how much it was made from.</p>\n");
    if (checks != NULL)
        say_checks(page, checks);
    else
        page_html(page, "<p class=\"absent\">Nothing was checked before the run.</p>\n");
    say_reproduce(page);
    section_end(page);
}
