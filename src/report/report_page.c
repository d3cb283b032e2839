/* report_page.c - the whole page: head with its security policy, navigation, sections. */
#include "page.h"

enum { REPORT_FORMAT = 1 };

static const struct {
    const char *id, *title;
    void (*write)(struct page *page);
} sections[] = {
    {"verdict", "Verdict", report_verdict},
    {"approaches", "Approaches", report_arms},
    {"gaps", "Why answers were wrong", report_gaps},
    {"retrieval", "Retrieval", report_retrieval},
    {"examples", "More examples", report_curve},
    {"costs", "Costs", report_costs},
    {"freshness", "Freshness", report_freshness},
    {"rules", "Rules of thumb", report_frameworks},
    {"cases", "Cases", report_cases},
    {"audit", "The documents", report_audit},
    {"basis", "What it rests on", report_data},
};

static struct slice project_name(struct page *page)
{
    struct slice project = page_text(page, page->root, "project");
    return project.size > 0 ? project : SLICE("a project without a name");
}

void page_head(struct page *page, struct slice name, const char *about)
{
    page_html(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    buffer_format(page->out,
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
                  "'sha256-%s'; script-src "
                  "'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
                  page_style.hash, page_script.hash);
    page_html(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
                    "content=\"light dark\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
    page_say(page, name);
    page_html(page, about);
    page_html(page, "</title>\n<style>");
    buffer_append_slice(page->out, page_style.text);
    page_html(page, "</style>\n</head>\n<body>\n");
}

static void write_banner(struct page *page)
{
    static const struct {
        const char *key, *before;
    } parts[] = {{"made", "Made "}, {"run", "Run "}, {"program", "by "}};
    page_html(page, "<header><p class=\"kind\">Prompt, retrieval, fine-tuning, or both?</p><h1>");
    page_say(page, project_name(page));
    page_html(page, "</h1><p class=\"made\">");
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        const struct slice text = page_text(page, page->root, parts[i].key);
        if (text.size == 0)
            continue;
        buffer_format(page->out, "<span>%s", parts[i].before);
        page_name(page, text);
        page_html(page, "</span> ");
    }
    page_html(page, "</p></header>\n<nav aria-label=\"Sections\"><ol>\n");
    for (size_t i = 0; i < ARRAY_COUNT(sections); i++)
        buffer_format(page->out, "<li><a href=\"#%s\">%s</a></li>\n", sections[i].id, sections[i].title);
    page_html(page, "</ol></nav>\n");
}

static void write_page(struct page *page)
{
    page_head(page, project_name(page), ": which approach to build");
    page_html(page, "<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n");
    write_banner(page);
    page_html(page, "<main id=\"main\" tabindex=\"-1\">\n");
    for (size_t i = 0; i < ARRAY_COUNT(sections) && !page->failed; i++)
        sections[i].write(page);
    page_html(page, "</main>\n<script>");
    buffer_append_slice(page->out, page_script.text);
    page_html(page, "</script>\n</body>\n</html>\n");
}

static bool check_format(const struct json_value *root, const char *name, struct error *error)
{
    const struct json_value *format = NULL;
    if (root->kind != JSON_OBJECT)
        return error_set(error, ERROR_INVALID, "\"%s\" is %s, expected the object of a report", name,
                         json_kind_name(root->kind));
    if (!json_member(root, name, "format", JSON_NUMBER, &format, error))
        return false;
    if (format == NULL)
        return error_set(error, ERROR_INVALID, "\"%s\" has no format: it is no report of `assay decide`", name);
    if (!format->is_integer || format->integer != REPORT_FORMAT) {
        (void)error_set(error, ERROR_INVALID, "\"%s\" has format " SLICE_FORMAT ", this program reads %d", name,
                        SLICE_ARGUMENT(slice_cut(format->text, 20)), REPORT_FORMAT);
        return error_hint(error, "Use the program that made it, or run `assay decide` again.");
    }
    return true;
}

bool report_read(struct slice json, const char *name, struct arena *arena, struct json_value *root, struct error *error)
{
    return json_read(json, name, arena, root, error) && check_format(root, name, error);
}

bool report_html(struct slice json, const char *name, struct buffer *html, struct error *error)
{
    struct arena arena;
    struct json_value root;
    arena_init(&arena);
    bool ok = report_read(json, name, &arena, &root, error);
    if (ok) {
        struct page page = {.out = html, .arena = &arena, .root = &root, .name = name, .error = error};
        write_page(&page);
        ok = !page.failed && buffer_finish(html, "the report", error);
    }
    arena_release(&arena);
    return ok;
}
