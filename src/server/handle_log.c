/* handle_log.c - the audit log: its last entries, and whether all of it is as it was written. It tells what everybody asked. */
#include "exchange.h"
#include "shape/shape.h"

enum { ENTRIES_USUAL = 50, ENTRIES_MAX = 1000 };

static void write_words(struct json_writer *json, const char *key, struct assay_text text)
{
    json_key(json, key);
    if (text.size > 0)
        json_text(json, (struct slice){text.data, text.size});
    else
        json_null(json);
}

static bool list_entry(void *context, const struct assay_log_entry *entry)
{
    struct json_writer *json = context;
    json_object_begin(json);
    json_integers(json, &(struct json_integer_member){"number", (int64_t)entry->number}, 1);
    json_text_or_null(json, "time", entry->time[0] != '\0' ? entry->time : NULL);
    json_text_or_null(json, "kind", entry->kind);
    json_text_or_null(json, "content", entry->content);
    write_words(json, "asker", entry->asker);
    write_words(json, "question", entry->question);
    write_words(json, "answer", entry->answer);
    json_key(json, "abstained");
    json_bool(json, entry->abstained);
    json_object_end(json);
    return true;
}

/* limit=… and before=… (a number) of the address; false: refused. */
static bool read_range(struct exchange *exchange, uint64_t *limit, uint64_t *before)
{
    return query_whole(exchange, &(struct query_number){"limit", 1, ENTRIES_MAX, ENTRIES_USUAL}, limit) &&
           query_whole(exchange, &(struct query_number){"before", 1, INT64_MAX - 1, 0}, before);
}

static bool open_log(struct exchange *exchange, struct assay_log **log)
{
    struct assay_error error;
    if (assay_log_open(log, &(struct assay_log_options){.project = assay_folder(exchange->hands->assay)}, &error))
        return true;
    respond_error(exchange, &error);
    return false;
}

void handle_log(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_log *log;
    struct assay_log_head head;
    struct assay_error error;
    uint64_t limit, before;
    if (!read_range(exchange, &limit, &before) || !open_log(exchange, &log))
        return;
    list_begin(exchange, &json);
    bool ok = assay_log_head(log, &head, &error), is_damaged = !ok && error.kind == ASSAY_CORRUPT;
    if (ok || is_damaged) {
        uint64_t last = before > 0 && before <= head.entries ? before - 1 : head.entries;
        uint64_t first = last > limit ? last - limit + 1 : 1;
        ok = last == 0 || assay_log_each(log, first, last, list_entry, &json, &error);
    }
    assay_log_close(log);
    if (!ok) {
        respond_error(exchange, &error);
        return;
    }
    json_array_end(&json);
    json_integers(&json, &(struct json_integer_member){"entries", (int64_t)head.entries}, 1);
    json_text_or_null(&json, "root", is_damaged ? NULL : head.root);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

static void tell_problem(void *context, uint64_t number, const char *message)
{
    shape_log_problem(context, number, message);
}

void handle_log_verify(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_log *log;
    struct assay_log_report report;
    struct assay_error error;
    if (!open_log(exchange, &log))
        return;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "problems");
    json_array_begin(&json);
    bool ok = assay_log_verify(log, NULL, tell_problem, &json, &report, &error);
    json_array_end(&json);
    assay_log_close(log);
    if (!ok) {
        respond_error(exchange, &error);
        return;
    }
    shape_log_report(&json, &report);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}
