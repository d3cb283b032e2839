/* page.c - an entry as one page of HTML for an auditor: no script, nothing loaded from elsewhere, every text escaped. */
#include "log_parts.h"
#include <sodium.h>
#include <stdio.h>

struct paging {
    struct ledger *ledger;
    struct buffer *out;
    const struct ledger_entry *entry;
};

static const char page_start[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}\n"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;"
    "border-bottom:1px solid #ddd}\n"
    "th{width:12rem;font-weight:600}code,pre{font:13px/1.45 "
    "ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}\n"
    "blockquote{margin:.5rem 0;padding:.5rem 1rem;border-left:4px solid #888;background:#f5f5f5;white-space:pre-wrap}\n"
    ".text{white-space:pre-wrap;border:1px solid #ddd;padding:.75rem 1rem}mark{background:#ffe58a}\n"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}th,td{border-color:#444}"
    "blockquote{background:#242424}.text{border-color:#444}mark{background:#7a6200;color:#fff}}\n"
    "</style>\n";

static void put(struct buffer *out, const char *html)
{
    buffer_append_text(out, html);
}

/* U+202A … U+202E and U+2066 … U+2069, which turn the direction of what stands behind them. */
static bool turns(struct slice text, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)text.data + at;
    return text.size - at >= 3 && bytes[0] == 0xE2 &&
           ((bytes[1] == 0x80 && bytes[2] >= 0xAA && bytes[2] <= 0xAE) ||
            (bytes[1] == 0x81 && bytes[2] >= 0xA6 && bytes[2] <= 0xA9));
}

/* Control characters but line ends and tabs are shown as what they are, and direct nothing. */
static void put_text(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (turns(text, i)) {
            put(out, "\xEF\xBF\xBD");
            i += 2;
            continue;
        }
        if (c == '<')
            put(out, "&lt;");
        else if (c == '>')
            put(out, "&gt;");
        else if (c == '&')
            put(out, "&amp;");
        else if (c == '"')
            put(out, "&quot;");
        else if (((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7F)
            put(out, "\xEF\xBF\xBD");
        else
            buffer_append_byte(out, c);
    }
}

static void put_row(struct buffer *out, const char *name, struct slice value)
{
    put(out, "<tr><th scope=\"row\">");
    put(out, name);
    put(out, "</th><td>");
    put_text(out, value.size > 0 ? value : SLICE("–"));
    put(out, "</td></tr>\n");
}

/* A member as it is written: numbers, true, false. */
static void put_value_row(struct buffer *out, const struct ledger_entry *entry, const char *name,
                          const struct json_value *value)
{
    bool is_known = value != NULL && value->kind != JSON_NULL;
    if (is_known && value->kind == JSON_TEXT)
        put_row(out, name, value->text);
    else
        put_row(out, name, is_known ? slice_range(entry->document, value->at, value->end) : SLICE(""));
}

static struct slice content_text(const struct ledger_entry *entry, const char *key)
{
    static const char *const absent[] = {"", "nothing personal", "erased", "its key is lost"}; /* ORDER ledger_content */
    struct slice text = text_member(entry->personal, key);
    return text.size > 0 || entry->state == LEDGER_HAS_CONTENT ? text : slice_from(absent[entry->state]);
}

static void put_facts(struct paging *paging)
{
    static const struct {
        const char *name, *key;
    } rows[] = {{"Approach", "approach"},           {"Model", "model"},
                {"Model, SHA-256", "model_sha256"}, {"Prompt, SHA-256", "prompt_sha256"},
                {"Abstained", "abstained"},         {"Confidence", "confidence"},
                {"Cost, US dollars", "cost_usd"},   {"Milliseconds", "took_ms"}};
    struct buffer *out = paging->out;
    const struct ledger_entry *entry = paging->entry;
    put(out, "<table>\n");
    put_row(out, "When", text_member(entry->record, "time"));
    put_row(out, "Who asked", content_text(entry, "asker"));
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        put_value_row(out, entry, rows[i].name, member(entry->record, rows[i].key));
    const struct json_value *usage = member(entry->record, "usage");
    put_value_row(out, entry, "Tokens of the prompt", member(usage, "prompt_tokens"));
    put_value_row(out, entry, "Tokens of the answer", member(usage, "completion_tokens"));
    put(out, "</table>\n");
}

static const struct json_value *item_of(const struct json_value *array, size_t at)
{
    return array != NULL && array->kind == JSON_ARRAY && at < array->count ? &array->items[at] : NULL;
}

static void put_citations(struct paging *paging)
{
    struct buffer *out = paging->out;
    const struct json_value *citations = member(paging->entry->record, "citations"), *citation;
    const struct json_value *passages = member(paging->entry->record, "passages"), *quote;
    for (size_t i = 0; (citation = item_of(citations, i)) != NULL; i++) {
        int64_t source = integer_member(citation, "source", 0);
        const struct json_value *passage = item_of(passages, source >= 0 ? (size_t)source : SIZE_MAX);
        buffer_format(out, "<p><a href=\"#source-%lld\">[%lld]</a> ", (long long)source + 1, (long long)source + 1);
        put_text(out, text_member(passage, "document"));
        buffer_format(out, ", bytes %lld to %lld</p>\n<blockquote>", (long long)integer_member(citation, "start", 0),
                      (long long)integer_member(citation, "end", 0));
        quote = item_of(member(paging->entry->personal, "quotes"), i);
        put_text(out, quote != NULL && quote->kind == JSON_TEXT ? quote->text : content_text(paging->entry, "quote"));
        put(out, "</blockquote>\n");
    }
}

/* The first of the quotes that begins at this place of the text; its size, or 0. */
static size_t quote_at(const struct paging *paging, size_t source, struct slice rest)
{
    const struct json_value *citations = member(paging->entry->record, "citations"), *citation, *quote;
    for (size_t i = 0; (citation = item_of(citations, i)) != NULL; i++) {
        quote = item_of(member(paging->entry->personal, "quotes"), i);
        if (integer_member(citation, "source", -1) == (int64_t)source && quote != NULL && quote->kind == JSON_TEXT &&
            quote->text.size > 0 && slice_starts_with(rest, quote->text))
            return quote->text.size;
    }
    return 0;
}

static void put_marked(struct paging *paging, size_t source, struct slice text)
{
    size_t plain = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = quote_at(paging, source, slice_range(text, at, text.size));
        if (size == 0) {
            at++;
            continue;
        }
        put_text(paging->out, slice_range(text, plain, at));
        put(paging->out, "<mark>");
        put_text(paging->out, slice_range(text, at, at + size));
        put(paging->out, "</mark>");
        plain = at += size;
    }
    put_text(paging->out, slice_range(text, plain, text.size));
}

static bool put_source(struct paging *paging, size_t at, const struct json_value *passage, struct error *error)
{
    struct buffer *out = paging->out, text;
    bool found = false;
    unsigned char sum[LEDGER_HASH_BYTES];
    char name[LEDGER_HASH_TEXT_BYTES];
    struct slice hash = text_member(passage, "text_sha256");
    buffer_init(&text, ENTRY_BYTES_MAX);
    buffer_format(out, "<h3 id=\"source-%zu\">[%zu] ", at + 1, at + 1);
    put_text(out, text_member(passage, "document"));
    put(out, "</h3>\n<table>\n");
    put_row(out, "Title", text_member(passage, "title"));
    put_row(out, "Version, SHA-256", text_member(passage, "version"));
    put_value_row(out, paging->entry, "From byte", member(passage, "start"));
    put_value_row(out, paging->entry, "To byte", member(passage, "end"));
    if (integer_member(passage, "page", 0) > 0)
        put_value_row(out, paging->entry, "Page", member(passage, "page"));
    put_value_row(out, paging->entry, "Score", member(passage, "score"));
    put_row(out, "Text, SHA-256", hash);
    put(out, "</table>\n");
    bool ok = ledger_text(paging->ledger, hash, &text, &found, error);
    crypto_hash_sha256(sum, (const unsigned char *)text.data, text.size);
    hash_bytes_text(sum, name);
    const struct json_value *cited = member(passage, "cited");
    if (found && slice_equal_text(hash, name)) {
        put(out, "<div class=\"text\">");
        put_marked(paging, at, buffer_slice(&text));
        put(out, "</div>\n");
    } else if (found) {
        put(out, "<p><strong>The text that was kept is not the one of this hash: it was changed.</strong></p>\n");
    } else {
        put(out, cited != NULL && cited->boolean ? "<p>Its text is not kept any more.</p>\n" : "<p>Read, and not cited.</p>\n");
    }
    buffer_release(&text);
    return ok;
}

static bool write_page(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct paging *paging = context;
    struct buffer *out = paging->out;
    paging->entry = entry;
    put(out, page_start);
    buffer_format(out, "<title>Entry %llu of the audit log</title></head><body>\n<h1>Entry %llu of the audit log</h1>\n",
                  (unsigned long long)entry->number, (unsigned long long)entry->number);
    if (entry->kind == LEDGER_ANSWER) {
        struct slice hashed = text_member(entry->personal, "question_sha256");
        put(out, hashed.size > 0 ? "<h2>Question, as its SHA-256</h2>\n<p>" : "<h2>Question</h2>\n<p>");
        put_text(out, hashed.size > 0 ? hashed : content_text(entry, "question"));
        put(out, "</p>\n<h2>Answer</h2>\n<blockquote>");
        struct slice answer = content_text(entry, "answer"), calls = content_text(entry, "calls");
        put_text(out, answer.size > 0  ? answer
                      : calls.size > 0 ? SLICE("None: it wanted functions of the client's called.")
                                       : SLICE("None: it abstained."));
        put(out, "</blockquote>\n");
        put_citations(paging);
        put_facts(paging);
        put(out, "<h2>Sources, as they stood then</h2>\n");
    }
    const struct json_value *passages = member(entry->record, "passages"), *passage;
    for (size_t i = 0; (passage = item_of(passages, i)) != NULL; i++)
        if (!put_source(paging, i, passage, error))
            return false;
    put(out, "<h2>The entry itself</h2>\n<p>The SHA-256 of a zero byte and of these bytes is <code>");
    put(out, entry->hash);
    put(out, "</code>, its leaf in the tree.</p>\n<pre>");
    put_text(out, entry->document);
    put(out, "</pre>\n");
    return true;
}

/* A proof stands on all entries: where another one is damaged there is none, and the page says so. */
static bool put_proof(struct paging *paging, uint64_t number, struct error *error)
{
    struct buffer proof, *out = paging->out;
    struct error why;
    buffer_init(&proof, 64 * KIB);
    bool ok = ledger_prove(paging->ledger, number, &proof, &why), is_damaged = !ok && why.kind == ERROR_CORRUPT;
    if (ok || is_damaged)
        put(out, "<h2>That it is in the log</h2>\n");
    if (ok) {
        put(out, "<p>A proof of inclusion after RFC 9162, section 2.1.3. Compare the root with a head that was written down "
                 "elsewhere.</p>\n<pre>");
        put_text(out, buffer_slice(&proof));
        put(out, "</pre>\n");
    } else if (is_damaged) {
        put(out, "<p><strong>This cannot be proved: ");
        put_text(out, slice_from(why.message));
        put(out, ".</strong> The entry itself is as its hash says.</p>\n");
    } else {
        *error = why;
    }
    buffer_release(&proof);
    return ok || is_damaged;
}

bool ledger_page(struct ledger *ledger, uint64_t number, struct buffer *out, struct error *error)
{
    struct paging paging = {.ledger = ledger, .out = out};
    if (!ledger_find(ledger, number, write_page, &paging, error) || !put_proof(&paging, number, error))
        return false;
    put(out, "</body></html>\n");
    return buffer_finish(out, "the page of an entry", error);
}
