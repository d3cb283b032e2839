/* tools.c - search, ask, get_document and audit. What is wrong in a call of one is told as its result, so that the model that made it can
 * mend it. */
#include "offer.h"
#include "shape/shape.h"
#include <stdio.h>
#include <string.h>

enum { RESULTS_USUAL = 8, RESULTS_MAX = 50, FINDINGS_USUAL = 20, FINDINGS_MAX = 500, DOCUMENT_BYTES = 128 * 1024 };

#define READ_ONLY "\"annotations\":{\"readOnlyHint\":true,\"destructiveHint\":false,\"openWorldHint\":false}"

/* ---- arguments and results ---- */

static bool refuse_error(struct mcp_call *call, const struct assay_error *error)
{
    return call_refuse(call, "%s", call_reason(call, error));
}

static bool read_text(struct mcp_call *call, const struct json_value *arguments, const char *key, bool is_needed,
                      const char **text)
{
    const struct json_value *value = arguments != NULL ? json_get(arguments, key) : NULL;
    *text = NULL;
    if (value == NULL || value->kind == JSON_NULL)
        return !is_needed || call_refuse(call, "\"%s\" is missing", key);
    if (value->kind != JSON_TEXT || slice_trim(value->text).size == 0 || value->text.size > LIMIT_QUERY_BYTES ||
        memchr(value->text.data, '\0', value->text.size) != NULL)
        return call_refuse(call, "\"%s\" is empty, too long, or no text", key);
    *text = arena_text(call->arena, value->text);
    return true;
}

static bool read_whole(struct mcp_call *call, const struct json_value *arguments, const char *key, int64_t most, int64_t usual,
                       int64_t *number)
{
    const struct json_value *value = arguments != NULL ? json_get(arguments, key) : NULL;
    *number = usual;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (value->kind != JSON_NUMBER || !value->is_integer || value->integer < 1 || value->integer > most)
        return call_refuse(call, "\"%s\" is no whole number from 1 to %lld", key, (long long)most);
    *number = value->integer;
    return true;
}

/* "docs/a.md:12-14", "docs/a.pdf, page 3" */
static void append_place(struct buffer *out, const struct assay_hit *hit, size_t line, size_t line_end)
{
    buffer_append_text(out, hit->document);
    if (hit->page > 0)
        buffer_format(out, ", page %zu", hit->page);
    else if (line > 0 && line_end > line)
        buffer_format(out, ":%zu-%zu", line, line_end);
    else if (line > 0)
        buffer_format(out, ":%zu", line);
}

/* The result: what a model reads, and the same for a program. */
static void finish(struct mcp_call *call, struct buffer *text, const struct buffer *document)
{
    call_begin(call);
    call_write_text(call, buffer_slice(text));
    json_key(&call->json, "structuredContent");
    json_raw(&call->json, buffer_slice(document));
    json_key(&call->json, "isError");
    json_bool(&call->json, false);
    call_end(call);
}

/* Who waits long is told how far it is: when something else begins, and each second. */
struct telling {
    struct mcp_call *call;
    const char *stage;
    int64_t told;
    uint64_t told_ns;
};

/* False: nobody waits any more. */
static bool tell(void *context, const char *stage, size_t done, size_t total)
{
    const uint64_t second_ns = 1000000000;
    struct telling *telling = context;
    const struct mcp_caller *caller = telling->call->caller;
    if (stage != telling->stage || clock_now_ns() - telling->told_ns >= second_ns) {
        char message[120];
        snprintf(message, sizeof(message), total > 0 ? "%s: %zu of %zu" : "%s", stage, done, total);
        telling->stage = stage;
        telling->told_ns = clock_now_ns();
        call_progress(telling->call, ++telling->told, 0, message);
    }
    return caller->going == NULL || caller->going(caller->context);
}

/* ---- search ---- */

static const char search_form[] =
    "{\"name\":\"search\",\"title\":\"Search the documents\","
    "\"description\":\"Finds the passages of the project's documents that fit a question best, by words and by meaning, with "
    "document, "
    "headings, lines and score. Words in quotes stand in a row; refun* begins so; title:word and heading:word look there "
    "alone.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"query\":{\"type\":\"string\",\"description\":\"what is looked for: a question or words\"},"
    "\"k\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":50,\"default\":8,\"description\":\"passages at the most\"},"
    "\"mode\":{\"type\":\"string\",\"enum\":[\"hybrid\",\"text\",\"vector\"],\"description\":\"by words, by meaning, or both, "
    "which is usual\"},"
    "\"filter\":{\"type\":\"string\",\"description\":\"only documents that fit, such as: folder = docs/legal and year >= 2024, "
    "or "
    "path in (a.md, b.md)\"}},\"required\":[\"query\"],\"additionalProperties\":false},"
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"results\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
    "\"properties\":{"
    "\"document\":{\"type\":\"string\"},\"line\":{\"type\":\"integer\"},\"line_end\":{\"type\":\"integer\"},\"text\":{\"type\":"
    "\"string\"},"
    "\"score\":{\"type\":\"number\"}},\"required\":[\"document\",\"text\",\"score\"]}}},\"required\":[\"results\"]}," READ_ONLY
    "}";

void append_hit(struct buffer *out, size_t number, const struct assay_hit *hit)
{
    buffer_format(out, "[%zu] ", number);
    append_place(out, hit, hit->line, hit->line_end);
    for (size_t i = 0; i < hit->heading_count; i++)
        buffer_format(out, "%s%s", i == 0 ? " (" : " > ", hit->headings[i]);
    buffer_append_text(out, hit->heading_count > 0 ? ")\n" : "\n");
    buffer_append(out, hit->text, hit->text_size);
    buffer_append_text(out, "\n\n");
}

static void answer_search(struct mcp_call *call, const struct json_value *arguments)
{
    struct assay_search_options options = {.principal = call->caller->principal, .secret = call->caller->secret};
    struct assay_results *results;
    struct assay_error error;
    struct buffer text, document;
    struct json_writer json;
    const char *query;
    int64_t k;
    if (!read_text(call, arguments, "query", true, &query) || !read_text(call, arguments, "mode", false, &options.mode) ||
        !read_text(call, arguments, "filter", false, &options.filter) ||
        !read_whole(call, arguments, "k", RESULTS_MAX, RESULTS_USUAL, &k))
        return;
    options.k = (size_t)k;
    if (!assay_search(call->caller->assay, query, &options, &results, &error)) {
        (void)refuse_error(call, &error);
        return;
    }
    if (call->caller->on_search != NULL)
        call->caller->on_search(call->caller->context, results);
    buffer_init(&text, LIMIT_JSON_BYTES);
    buffer_init(&document, LIMIT_JSON_BYTES);
    json_writer_init(&json, &document);
    for (size_t i = 0; i < assay_results_count(results); i++)
        append_hit(&text, i + 1, assay_results_hit(results, i));
    if (text.size == 0)
        buffer_append_text(&text, "Nothing was found.");
    shape_results(&json, results, &(struct shape_results_options){0});
    finish(call, &text, &document);
    assay_results_free(results);
    buffer_release(&text);
    buffer_release(&document);
}

/* ---- ask ---- */

static const char ask_form[] =
    "{\"name\":\"ask\",\"title\":\"Ask the documents\","
    "\"description\":\"Answers a question from the project's documents, with the sentences there that bear the answer out; or "
    "says that "
    "they do not answer it, and names the nearest passages.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"question\":{\"type\":\"string\"},"
    "\"k\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":50,\"description\":\"passages to answer from\"}},"
    "\"required\":[\"question\"],\"additionalProperties\":false},"
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":[\"string\",\"null\"]},\"abstained\":{\"type\":"
    "\"boolean\"},"
    "\"confidence\":{\"type\":\"number\"},\"citations\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
    "\"document\":{\"type\":\"string\"},\"quote\":{\"type\":\"string\"}},\"required\":[\"document\",\"quote\"]}}},"
    "\"required\":[\"answer\",\"abstained\",\"citations\"]}," READ_ONLY "}";

static void append_answer(struct buffer *out, const struct assay_answer *answer)
{
    enum { NEAREST = 3 };
    buffer_format(out, "%s\n", answer->text != NULL ? answer->text : "The documents do not answer this.");
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct assay_citation *citation = &answer->citations[i];
        buffer_format(out, "\n[%zu] ", i + 1);
        append_place(out, citation->hit, citation->line, citation->line_end);
        buffer_append_text(out, "\n    \"");
        buffer_append(out, citation->quote, citation->quote_size);
        buffer_append_byte(out, '"');
    }
    for (size_t i = 0; answer->text == NULL && i < answer->hit_count && i < NEAREST; i++) {
        buffer_append_text(out, i == 0 ? "\nThe nearest passages:\n" : "");
        append_hit(out, i + 1, &answer->hits[i]);
    }
}

static bool goes_on(void *context)
{
    return tell(context, "answering", 0, 0);
}

static void answer_ask(struct mcp_call *call, const struct json_value *arguments)
{
    const struct mcp_caller *caller = call->caller;
    struct telling telling = {.call = call};
    struct assay_ask_options options = {.principal = caller->principal,
                                        .secret = caller->secret,
                                        .asker = caller->asker,
                                        .going = goes_on,
                                        .context = &telling};
    struct assay_answer answer;
    struct assay_error error;
    struct buffer text, document;
    struct json_writer json;
    const char *question;
    int64_t k;
    if (!read_text(call, arguments, "question", true, &question) || !read_whole(call, arguments, "k", RESULTS_MAX, 0, &k))
        return;
    options.k = (size_t)k;
    if (!assay_ask(caller->assay, question, &options, &answer,
                   &error)) { /* the question is one: what fails is not the caller's */
        if (caller->on_used != NULL)
            caller->on_used(caller->context, &answer);
        const char *told = caller->on_fault != NULL ? caller->on_fault(caller->context, &error) : call_reason(call, &error);
        (void)call_refuse(call, "%s", told);
        return;
    }
    if (caller->on_answer != NULL)
        caller->on_answer(caller->context, &answer);
    buffer_init(&text, LIMIT_JSON_BYTES);
    buffer_init(&document, LIMIT_JSON_BYTES);
    json_writer_init(&json, &document);
    append_answer(&text, &answer);
    shape_answer(&json, &answer);
    finish(call, &text, &document);
    assay_answer_release(&answer);
    buffer_release(&text);
    buffer_release(&document);
}

/* ---- get_document ---- */

static const char document_form[] = "{\"name\":\"get_document\",\"title\":\"Read a document\","
                                    "\"description\":\"The text of a document, or some lines of it. Of a long one at most 128 "
                                    "KiB come at once; the end says from which line "
                                    "to go on.\","
                                    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
                                    "\"document\":{\"type\":\"string\",\"description\":\"its path, as searches name it\"},"
                                    "\"line\":{\"type\":\"integer\",\"minimum\":1,\"description\":\"the first line\"},"
                                    "\"line_end\":{\"type\":\"integer\",\"minimum\":1,\"description\":\"the last line\"}},"
                                    "\"required\":[\"document\"],\"additionalProperties\":false}," READ_ONLY "}";

/* Lines `first` to `last` of a text, as many whole ones as fit, one at least. */
static struct slice take_lines(struct slice text, int64_t first, int64_t last, int64_t *taken_to, bool *is_all)
{
    size_t at = 0, start = text.size, end = text.size;
    int64_t line = 1;
    *taken_to = first - 1;
    *is_all = true;
    while (at < text.size && line <= last) {
        const char *found = memchr(text.data + at, '\n', text.size - at);
        size_t next = found != NULL ? (size_t)(found - text.data) + 1 : text.size;
        if (line == first)
            start = at;
        if (line > first && next - start > DOCUMENT_BYTES) {
            *is_all = false;
            break;
        }
        if (line >= first) {
            end = next;
            *taken_to = line;
        }
        at = next;
        line++;
    }
    return slice_range(text, start, end > start ? end : start);
}

bool append_lines(struct mcp_call *call, const char *path, int64_t first, int64_t last, struct buffer *out,
                  struct assay_error *error)
{
    const struct assay_documents_options options = {
        .principal = call->caller->principal, .secret = call->caller->secret, .path = path};
    struct assay_text text;
    int64_t taken_to;
    bool is_all;
    if (!assay_document_text(call->caller->assay, &options, &text, error))
        return false;
    struct slice taken = take_lines((struct slice){text.data, text.size}, first, last, &taken_to, &is_all);
    buffer_append_slice(out, slice_cut(taken, DOCUMENT_BYTES));
    if (taken.size > DOCUMENT_BYTES)
        buffer_append_text(out, "\n(the line is longer: its end is left out)");
    if (taken_to < first)
        buffer_format(out, "(the document has no line %lld)", (long long)first);
    if (!is_all)
        buffer_format(out, "\n(go on from line %lld)", (long long)taken_to + 1);
    assay_text_free(&text);
    return true;
}

static void answer_document(struct mcp_call *call, const struct json_value *arguments)
{
    struct assay_error error;
    struct buffer out;
    const char *path;
    int64_t line, line_end;
    if (!read_text(call, arguments, "document", true, &path) || !read_whole(call, arguments, "line", INT64_MAX - 1, 1, &line) ||
        !read_whole(call, arguments, "line_end", INT64_MAX - 1, INT64_MAX - 1, &line_end))
        return;
    buffer_init(&out, LIMIT_JSON_BYTES);
    if (!append_lines(call, path, line, line_end, &out, &error)) {
        (void)refuse_error(call, &error);
    } else {
        call_begin(call);
        call_write_text(call, buffer_slice(&out));
        json_key(&call->json, "isError");
        json_bool(&call->json, false);
        call_end(call);
    }
    buffer_release(&out);
}

/* ---- audit ---- */

static const char audit_form[] =
    "{\"name\":\"audit\",\"title\":\"Audit the documents\","
    "\"description\":\"What is wrong with the documents: contradictions, duplicates, what is out of date, sparse, garbled, or "
    "not found by any "
    "question; with places and remedies. It looks at every document and takes a while.\","
    "\"inputSchema\":{\"type\":\"object\",\"properties\":{"
    "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":500,\"default\":20,\"description\":\"findings at the most, the "
    "worst first\"}},"
    "\"additionalProperties\":false},"
    "\"outputSchema\":{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"number\"},\"findings\":{\"type\":\"array\"}},"
    "\"required\":[\"score\",\"findings\"]}," READ_ONLY "}";

static void append_finding(struct buffer *out, const struct assay_audit_finding *finding)
{
    enum { PLACES = 4 };
    buffer_format(out, "\n%s (%s): %s\n", finding->kind, finding->severity, finding->message);
    for (size_t i = 0; i < finding->place_count && i < PLACES; i++) {
        const struct assay_audit_place *place = &finding->places[i];
        buffer_format(out, "  %s", place->document);
        if (place->line > 0)
            buffer_format(out, ":%zu", place->line);
        buffer_format(out, "%s%s\n", place->text[0] != '\0' ? "  " : "", place->text);
    }
    buffer_format(out, "  -> %s\n", finding->remedy);
}

static void answer_audit(struct mcp_call *call, const struct json_value *arguments)
{
    struct telling telling = {.call = call};
    const struct assay_audit_options options = {.on_progress = tell, .context = &telling};
    struct assay_audit_result *result;
    struct assay_error error;
    struct buffer text, document;
    struct json_writer json;
    int64_t limit;
    if (!read_whole(call, arguments, "limit", FINDINGS_MAX, FINDINGS_USUAL, &limit))
        return;
    if (!assay_audit(call->caller->assay, &options, &result, &error)) {
        (void)refuse_error(call, &error);
        return;
    }
    const struct assay_audit_report *report = assay_audit_report(result);
    buffer_init(&text, LIMIT_JSON_BYTES);
    buffer_init(&document, LIMIT_JSON_BYTES);
    json_writer_init(&json, &document);
    buffer_format(&text, "Score %.0f of 100: %zu documents, %zu passages; %zu findings.\n", report->score, report->documents,
                  report->passages, report->finding_count);
    for (size_t i = 0; i < report->finding_count && i < (size_t)limit; i++)
        append_finding(&text, &report->findings[i]);
    shape_audit(&json, report, &(struct shape_audit_options){.limit = (size_t)limit});
    finish(call, &text, &document);
    assay_audit_free(result);
    buffer_release(&text);
    buffer_release(&document);
}

/* ---- the list ---- */

const struct mcp_offered document_tools[] = {
    {"search", search_form, false, answer_search},
    {"ask", ask_form, false, answer_ask},
    {"get_document", document_form, false, answer_document},
    {"audit", audit_form, true, answer_audit},
    {0},
};
