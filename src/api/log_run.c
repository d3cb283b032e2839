/* log_run.c - the part of include/assay.h about the audit log. */
#include "ledger/ledger.h"
#include "tell.h"
#include <stdlib.h>

_Static_assert(sizeof(((struct assay_log_report *)0)->reason) == sizeof(((struct ledger_report *)0)->reason), "the same size");

enum { PAGE_BYTES_MAX = 512 << 20, HEADS_BYTES_MAX = 64 << 20 };

struct assay_log {
    struct ledger *inner;
};

bool log_open(const char *root, const struct settings *settings, struct ledger **ledger, struct error *error)
{
    struct arena arena;
    const struct ledger_options options = {.hash_questions = settings->log_hashes_questions,
                                           .keep_days = settings->log_keep_days};
    arena_init(&arena);
    bool ok = ledger_open(ledger, arena_format(&arena, "%s/" PROJECT_STATE "/log", root), &options, error);
    arena_release(&arena);
    return ok;
}

struct log_examination {
    struct arena arena;
    void (*each)(void *context, const char *kind, const char *message);
    void *context;
};

static void on_log_problem(void *context, uint64_t number, const char *message)
{
    struct log_examination *examination = context;
    examination->each(
        examination->context, "log",
        number > 0 ? arena_format(&examination->arena, "entry %llu of the audit log: %s", (unsigned long long)number, message)
                   : message);
}

bool log_examine(const struct project *project, void (*each)(void *context, const char *kind, const char *message),
                 void *context, struct assay_examine_report *report, struct error *error)
{
    struct log_examination examination = {.each = each, .context = context};
    struct ledger *ledger;
    struct ledger_report found = {0};
    arena_init(&examination.arena);
    bool ok = true;
    if (file_exists(path_join(&examination.arena, path_join(&examination.arena, project->root, PROJECT_STATE), "log"))) {
        ok = log_open(project->root, &project->settings, &ledger, error);
        if (ok) {
            ok = ledger_verify(ledger, NULL, 0, on_log_problem, &examination, &found, error);
            ledger_close(ledger);
        }
    }
    if (ok && found.first_bad > 0)
        on_log_problem(&examination, found.first_bad, found.reason);
    report->log_entries = (size_t)found.entries;
    report->problems += (size_t)found.problems + (found.first_bad > 0);
    arena_release(&examination.arena);
    return ok;
}

bool assay_log_open(struct assay_log **log, const struct assay_log_options *options, struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    const char *root = NULL;
    const struct settings none = {0};
    struct assay_log *opened = memory_alloc(1, sizeof(*opened));
    bool ok;
    arena_init(&arena);
    if (options->folder != NULL) {
        ok = ledger_open(&opened->inner, options->folder, &(struct ledger_options){.is_copy = true}, &inner);
        if (ok && !file_exists(options->folder)) {
            ok = error_set(&inner, ERROR_NOT_FOUND, "there is no folder \"%s\"", options->folder);
            ledger_close(opened->inner);
        }
    } else {
        ok = project_locate(options->project, &arena, &root, &inner) && log_open(root, &none, &opened->inner, &inner);
    }
    arena_release(&arena);
    if (ok)
        *log = opened;
    else
        free(opened);
    return finish(ok, &inner, error);
}

void assay_log_close(struct assay_log *log)
{
    if (log == NULL)
        return;
    ledger_close(log->inner);
    free(log);
}

/* ---- entries ---- */

struct log_listing {
    bool (*each)(void *context, const struct assay_log_entry *entry);
    void *context;
    size_t count;
};

static struct assay_text words_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    bool is_text = value != NULL && value->kind == JSON_TEXT;
    return (struct assay_text){is_text ? value->text.data : "", is_text ? value->text.size : 0};
}

static void write_entry(struct buffer *out, const struct ledger_entry *entry, const char *content)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_object_begin(&json);
    json_texts(&json, (const struct json_text_member[]){{"hash", entry->hash}, {"state", content}}, 2);
    json_key(&json, "record");
    json_raw(&json, entry->document);
    json_key(&json, "content");
    if (entry->content.size > 0)
        json_raw(&json, entry->content);
    else
        json_null(&json);
    json_object_end(&json);
}

static void write_damaged(struct buffer *out, const struct ledger_entry *entry)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_object_begin(&json);
    json_integers(&json, &(struct json_integer_member){"number", (int64_t)entry->number}, 1);
    json_texts(&json, (const struct json_text_member[]){{"state", "damaged"}, {"reason", entry->why}}, 2);
    json_object_end(&json);
}

static bool list_entry(void *context, const struct ledger_entry *entry, struct error *error)
{
    static const char *const contents[] = {"kept", "none", "erased", "lost"}; /* ORDER ledger_content */
    static const char *const kinds[] = {"answer", "erased", "cut", "head", "damaged"}; /* ORDER ledger_kind */
    struct log_listing *listing = context;
    struct buffer out;
    char time[CLOCK_TEXT_BYTES];
    listing->count++;
    bool is_damaged = entry->kind == LEDGER_DAMAGED;
    const struct json_value *abstained = is_damaged ? NULL : json_get(entry->record, "abstained");
    clock_text(entry->at_ns, time);
    buffer_init(&out, LIMIT_JSON_BYTES);
    if (is_damaged)
        write_damaged(&out, entry);
    else
        write_entry(&out, entry, contents[entry->state]);
    const struct assay_log_entry outer = {.number = entry->number,
                                          .time = is_damaged ? "" : time,
                                          .kind = kinds[entry->kind],
                                          .content = is_damaged ? "damaged" : contents[entry->state],
                                          .asker = words_of(entry->personal, "asker"),
                                          .question = words_of(entry->personal, "question"),
                                          .answer = words_of(entry->personal, "answer"),
                                          .abstained = abstained != NULL && abstained->boolean,
                                          .json = {out.data, out.size}};
    bool ok = listing->each(listing->context, &outer) || error_set(error, ERROR_CANCELLED, "the listing was stopped");
    buffer_release(&out);
    return ok;
}

bool assay_log_each(struct assay_log *log, uint64_t first, uint64_t last,
                    bool (*each)(void *context, const struct assay_log_entry *entry), void *context, struct assay_error *error)
{
    struct error inner;
    struct log_listing listing = {each, context, 0};
    bool ok = ledger_each(log->inner, first, last, list_entry, &listing, &inner);
    if (ok && first == last && listing.count == 0) /* one: it is there, or that is an error */
        ok = ledger_find(log->inner, first, list_entry, &listing, &inner);
    return finish(ok, &inner, error);
}

/* ---- what is made of them ---- */

typedef bool making(struct ledger *ledger, uint64_t number, struct buffer *out, struct error *error);

static bool make(struct assay_log *log, making *of, uint64_t number, void (*take)(void *context, const char *text, size_t size),
                 void *context, struct assay_error *error)
{
    struct error inner;
    struct buffer out;
    buffer_init(&out, PAGE_BYTES_MAX);
    bool ok = of(log->inner, number, &out, &inner);
    if (ok)
        take(context, out.data, out.size);
    buffer_release(&out);
    return finish(ok, &inner, error);
}

bool assay_log_page(struct assay_log *log, uint64_t number, void (*take)(void *context, const char *page, size_t size),
                    void *context, struct assay_error *error)
{
    return make(log, ledger_page, number, take, context, error);
}

bool assay_log_prove(struct assay_log *log, uint64_t number, void (*take)(void *context, const char *json, size_t size),
                     void *context, struct assay_error *error)
{
    return make(log, ledger_prove, number, take, context, error);
}

bool assay_log_prove_growth(struct assay_log *log, uint64_t entries, void (*take)(void *context, const char *json, size_t size),
                            void *context, struct assay_error *error)
{
    return make(log, ledger_prove_growth, entries, take, context, error);
}

bool assay_log_head(struct assay_log *log, struct assay_log_head *head, struct assay_error *error)
{
    struct error inner;
    struct ledger_head found = {0};
    bool ok = ledger_head(log->inner, &found, &inner);
    head->entries = found.entries;
    memcpy(head->root, found.root, sizeof(head->root));
    return finish(ok, &inner, error);
}

bool assay_log_verify(struct assay_log *log, const char *heads,
                      void (*each)(void *context, uint64_t number, const char *message), void *context,
                      struct assay_log_report *report, struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    struct buffer text;
    struct ledger_head *read = NULL;
    struct ledger_report found = {0};
    size_t count = 0;
    arena_init(&arena);
    buffer_init(&text, HEADS_BYTES_MAX);
    bool ok = heads == NULL || (file_read(heads, HEADS_BYTES_MAX, &text, &inner) &&
                                ledger_heads_read(buffer_slice(&text), heads, &arena, &read, &count, &inner));
    ok = ok && ledger_verify(log->inner, read, count, each, context, &found, &inner);
    *report = (struct assay_log_report){.entries = found.entries,
                                        .first_bad = found.first_bad,
                                        .answers = found.answers,
                                        .erased = found.erased,
                                        .texts = found.texts,
                                        .problems = found.problems,
                                        .torn_bytes = found.torn_bytes,
                                        .heads_lost = found.heads_lost};
    memcpy(report->reason, found.reason, sizeof(report->reason));
    memcpy(report->root, found.root, sizeof(report->root));
    buffer_release(&text);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

bool assay_log_erase(struct assay_log *log, const struct assay_log_erase_options *options, uint64_t *erased,
                     struct assay_error *error)
{
    struct error inner;
    struct ledger_erase which = {.numbers = options->numbers, .number_count = options->number_count};
    bool ok = true;
    *erased = 0;
    if (options->asker != NULL)
        which.asker = slice_from(options->asker);
    if (options->before != NULL && !clock_date(slice_from(options->before), &which.before_ns)) {
        ok = error_set(&inner, ERROR_INVALID, "\"%.60s\" is no date", options->before);
        error_hint(&inner, "Write it as 2026-01-31: what was asked before that day, in UTC, is erased.");
    }
    if (ok && options->numbers == NULL && which.asker.size == 0 && which.before_ns == 0)
        ok = error_set(&inner, ERROR_INVALID, "what to erase was not said");
    ok = ok && ledger_erase(log->inner, &which, erased, &inner);
    if (ok && *erased == 0 && options->asker != NULL && options->numbers == NULL && which.before_ns == 0) {
        ok = error_set(&inner, ERROR_NOT_FOUND, "nobody of the name \"%.100s\" has asked what the audit log keeps",
                       options->asker);
        error_hint(&inner, "`assay log list` shows who asked. What was erased has no name any more.");
    }
    return finish(ok, &inner, error);
}
