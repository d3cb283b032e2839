/* run_add.c - `assay add` and `assay remove`. */
#include "output.h"
#include <string.h>
#include <unistd.h>

struct failure {
    char *path, *message, *hint;
};

struct remark {
    char *path, *message;
};

struct adding {
    const struct invocation *invocation;
    struct progress progress;
    bool verbose;
    struct arena arena;
    struct failure *failures; /* for the JSON document */
    size_t failure_count, failure_capacity;
    struct remark *remarks; /* the same */
    size_t remark_count, remark_capacity;
};

/* The line that says "durable" goes out at once: whoever reads it can rely on it, even if we are killed now. */
static void print_durable(struct adding *adding, const char *word, const char *path)
{
    progress_clear(&adding->progress);
    printf("%s ", word);
    output_text(stdout, slice_from(path));
    putchar('\n');
    fflush(stdout);
}

static void print_skipped(struct adding *adding, const struct assay_error *error)
{
    progress_clear(&adding->progress);
    fputs("skipped: ", stdout);
    output_text(stdout, slice_from(error->message));
    putchar('\n');
}

static void note_failure(struct adding *adding, const char *path, const struct assay_error *error)
{
    if (!adding->invocation->json) {
        progress_clear(&adding->progress);
        output_warning(error->message, error->hint);
        return;
    }
    adding->failures = arena_more(&adding->arena, adding->failures, adding->failure_count, &adding->failure_capacity,
                                  sizeof(*adding->failures));
    adding->failures[adding->failure_count++] = (struct failure){arena_text(&adding->arena, slice_from(path)),
                                                                 arena_text(&adding->arena, slice_from(error->message)),
                                                                 arena_text(&adding->arena, slice_from(error->hint))};
}

static void on_document(void *context, enum assay_change change, const char *path, const struct assay_error *error)
{
    static const char *const words[] = {[ASSAY_ADDED] = "added", [ASSAY_UPDATED] = "updated", [ASSAY_REMOVED] = "removed"};
    struct adding *adding = context;
    if (change == ASSAY_FAILED)
        note_failure(adding, path, error);
    else if (adding->verbose && change == ASSAY_SKIPPED)
        print_skipped(adding, error);
    else if (adding->verbose && change <= ASSAY_REMOVED)
        print_durable(adding, words[change], path);
}

static void on_note(void *context, const char *message, const char *hint)
{
    struct adding *adding = context;
    progress_clear(&adding->progress);
    if (!adding->invocation->quiet)
        output_warning(message, hint);
}

/* "docs/report.pdf: pages 3 and 4 hold only images" */
static void on_document_note(void *context, const char *path, const char *message)
{
    struct adding *adding = context;
    if (!adding->invocation->json) {
        progress_clear(&adding->progress);
        if (!adding->invocation->quiet)
            output_warning(arena_format(&adding->arena, "note: \"%s\": %s", path, message), "");
        return;
    }
    adding->remarks = arena_more(&adding->arena, adding->remarks, adding->remark_count, &adding->remark_capacity,
                                 sizeof(*adding->remarks));
    adding->remarks[adding->remark_count++] = (struct remark){arena_text(&adding->arena, slice_from(path)),
                                                              arena_text(&adding->arena, slice_from(message))};
}

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct adding *adding = context;
    progress_step(&adding->progress, stage, done, total);
    return !interrupted();
}

static void write_remarks(const struct adding *adding, struct json_writer *json)
{
    json_key(json, "notes");
    json_array_begin(json);
    for (size_t i = 0; i < adding->remark_count; i++) {
        const struct json_text_member members[] = {{"path", adding->remarks[i].path}, {"message", adding->remarks[i].message}};
        json_object_begin(json);
        json_texts(json, members, ARRAY_COUNT(members));
        json_object_end(json);
    }
    json_array_end(json);
}

static enum exit_code print_report_json(const struct adding *adding, const struct assay_add_report *report)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_integer_member counts[] = {
        {"added", (int64_t)report->added},         {"updated", (int64_t)report->updated},
        {"unchanged", (int64_t)report->unchanged}, {"removed", (int64_t)report->removed},
        {"skipped", (int64_t)report->skipped},     {"relabelled", (int64_t)report->relabelled},
        {"passages", (int64_t)report->passages},   {"bytes", (int64_t)report->bytes},
        {"embedded", (int64_t)report->embedded}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    json_key(&json, "failed");
    json_array_begin(&json);
    for (size_t i = 0; i < adding->failure_count; i++) {
        json_object_begin(&json);
        const struct failure *failure = &adding->failures[i];
        const struct json_text_member members[] = {
            {"path", failure->path}, {"message", failure->message}, {"hint", failure->hint}};
        json_texts(&json, members, ARRAY_COUNT(members));
        json_object_end(&json);
    }
    json_array_end(&json);
    write_remarks(adding, &json);
    json_key(&json, "took_ms");
    json_real(&json, report->took_ms, 6);
    json_object_end(&json);
    enum exit_code code = output_json(adding->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_report(const struct assay_add_report *report)
{
    char number[NUMBER_TEXT_BYTES], size[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES];
    const struct {
        const char *word;
        size_t value;
    } counts[] = {{"added", report->added},     {"updated", report->updated},       {"unchanged", report->unchanged},
                  {"removed", report->removed}, {"relabelled", report->relabelled}, {"skipped", report->skipped},
                  {"failed", report->failed}};
    const char *joint = "";
    for (size_t i = 0; i < ARRAY_COUNT(counts); i++)
        if (counts[i].value > 0) {
            printf("%s%s %s", joint, number_text(number, counts[i].value), counts[i].word);
            joint = ", ";
        }
    if (joint[0] == '\0')
        printf("no documents found");
    if (report->passages > 0)
        printf(": %s passage%s from %s", number_text(number, report->passages), report->passages == 1 ? "" : "s",
               size_text(size, report->bytes));
    if (report->embedded > 0)
        printf(", %s vector%s made", number_text(number, report->embedded), report->embedded == 1 ? "" : "s");
    printf(" in %s\n", time_text(time, report->took_ms));
    if (report->skipped > 0)
        printf("skipped: files with nothing in them that can be read; --verbose names them\n");
}

/* "a,b:8000" into its parts. */
static const char **split_hosts(struct arena *arena, const char *text, size_t *count)
{
    struct slice rest = slice_from(text != NULL ? text : ""), host;
    const char **hosts = NULL;
    size_t capacity = 0;
    *count = 0;
    while (slice_next(&rest, ',', &host)) {
        hosts = arena_more(arena, hosts, *count, &capacity, sizeof(*hosts));
        hosts[(*count)++] = arena_text(arena, slice_trim(host));
    }
    return hosts;
}

typedef bool change_work(struct assay *assay, const struct assay_add_options *options, struct assay_add_report *report,
                         struct assay_error *error);

static enum exit_code change_documents(struct invocation *invocation, change_work *work, const char *purpose)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_add_report report;
    struct adding adding = {.invocation = invocation};
    (void)!nice(10); /* who asks meanwhile waits for nobody: indexing takes what searches leave of the cores */
    adding.verbose = invocation_option(invocation, "verbose") != NULL && !invocation->json;
    if (!assay_open(&assay, &(struct assay_open_options){invocation_option(invocation, "project"), true, purpose}, &error))
        return output_failure(invocation, &error);
    arena_init(&adding.arena);
    progress_init(&adding.progress, invocation);
    interrupt_watch();
    size_t host_count;
    const char **hosts = split_hosts(&adding.arena, invocation_option(invocation, "allow-host"), &host_count);
    const struct assay_add_options options = {.paths = invocation->arguments,
                                              .path_count = invocation->argument_count,
                                              .on_document = on_document,
                                              .on_progress = on_progress,
                                              .on_note = on_note,
                                              .on_document_note = on_document_note,
                                              .no_embed = invocation_option(invocation, "no-embed") != NULL,
                                              .allowed_hosts = hosts,
                                              .allowed_host_count = host_count,
                                              .context = &adding};
    bool ok = work(assay, &options, &report, &error);
    progress_clear(&adding.progress);
    assay_close(assay);
    enum exit_code code = EXIT_DONE;
    if (!ok)
        code = output_failure(invocation, &error);
    else if (invocation->json)
        code = print_report_json(&adding, &report);
    else if (!invocation->quiet)
        print_report(&report);
    arena_release(&adding.arena);
    return ok && report.failed > 0 ? EXIT_FAILED : code;
}

enum exit_code run_add(struct invocation *invocation)
{
    if (invocation_option(invocation, "watch") != NULL)
        return run_watch(invocation);
    return change_documents(invocation, assay_add, "assay add");
}

enum exit_code run_remove(struct invocation *invocation)
{
    return change_documents(invocation, assay_remove, "assay remove");
}
