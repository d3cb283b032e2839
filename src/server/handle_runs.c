/* handle_runs.c - what was measured: the runs of `assay eval` and `assay decide`. Their cases tell questions, answers and passages of every
 * document, so they are for who may see those. */
#include "exchange.h"
#include <string.h>

static bool list_run(void *context, const struct assay_recorded *run)
{
    struct json_writer *json = context;
    json_object_begin(json);
    json_text_or_null(json, "object", "run");
    json_text_or_null(json, "id", run->number);
    json_text_or_null(json, "kind", run->kind);
    json_text_or_null(json, "made", run->made);
    json_key(json, "has_page");
    json_bool(json, run->has_page);
    json_object_end(json);
    return true;
}

void handle_runs(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_error error;
    list_begin(exchange, &json);
    if (!assay_run_list(exchange->hands->assay, list_run, &json, &error)) {
        respond_error(exchange, &error);
        return;
    }
    list_end(exchange, &json);
}

/* The path of a run's file, `first` or else `second`; NULL: refused. A run is named by its number alone. */
static const char *find(struct exchange *exchange, const char *first, const char *second)
{
    const struct slice id = exchange->match.parts[0];
    const struct assay *assay = exchange->hands->assay;
    struct assay_error error;
    char *path = arena_alloc(&exchange->arena, ASSAY_PATH_BYTES, 1);
    uint64_t number;
    if (slice_to_u64(id, &number)) {
        const char *name = arena_text(&exchange->arena, id);
        if (assay_run_find(assay, name, first, path, &error) ||
            (second != NULL && assay_run_find(assay, name, second, path, &error)))
            return path;
    }
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such run");
    return NULL;
}

static void answer_file(struct exchange *exchange, const char *path, const char *type)
{
    struct error error;
    if (path == NULL)
        return;
    buffer_clear(&exchange->text);
    if (file_read(path, LIMIT_REPORT_BYTES, &exchange->text, &error))
        respond_text(exchange, 200, type, buffer_slice(&exchange->text));
    else
        (void)respond_inner(exchange, &error);
}

void handle_run(struct exchange *exchange)
{
    answer_file(exchange, find(exchange, "report.json", "eval.json"), "application/json");
}

/* It runs nothing where it is opened from here: whoever wants it as a page keeps it as a file. */
void handle_run_page(struct exchange *exchange)
{
    answer_file(exchange, find(exchange, "report.html", NULL), "text/html; charset=utf-8");
}
