/* run_watch.c - `assay add --watch`: a line for each change, until Ctrl-C. */
#include "output.h"
#include <stdlib.h>
#include <string.h>

struct watching {
    const struct invocation *invocation;
    struct progress progress;
    struct map failures; /* path → what was told of it last: a folder that is looked through again tells it again */
    bool is_idle;        /* the first time is behind us */
};

static void print_json(const struct watching *watching, const char *change, const char *path, const char *message)
{
    struct buffer buffer;
    struct json_writer json;
    (void)watching;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "change");
    json_text(&json, slice_from(change));
    if (path != NULL) {
        json_key(&json, "path");
        json_text(&json, slice_from(path));
    }
    if (message != NULL) {
        json_key(&json, "message");
        json_text(&json, slice_from(message));
    }
    json_object_end(&json);
    fwrite(buffer.data, 1, buffer.size, stdout);
    putchar('\n');
    fflush(stdout);
    buffer_release(&buffer);
}

/* True when this was not the last thing told of this path. */
static bool is_news(struct watching *watching, const char *path, const char *message)
{
    struct map_entry *entry = map_put(&watching->failures, slice_from(path), NULL);
    uint64_t hash = map_hash(slice_from(message));
    if (entry == NULL || entry->value == hash)
        return entry == NULL;
    entry->value = hash;
    return true;
}

static void on_document(void *context, enum assay_change change, const char *path, const struct assay_error *error)
{
    static const char *const words[] = {[ASSAY_ADDED] = "added", [ASSAY_UPDATED] = "updated", [ASSAY_REMOVED] = "removed"};
    struct watching *watching = context;
    bool is_json = watching->invocation->json;
    progress_clear(&watching->progress);
    if (change == ASSAY_FAILED) {
        if (!is_news(watching, path, error->message))
            return;
        if (is_json)
            print_json(watching, "failed", path, error->message);
        else
            output_warning(error->message, error->hint);
    } else if (change <= ASSAY_REMOVED) {
        (void)is_news(watching, path, "");
        if (is_json) {
            print_json(watching, words[change], path, NULL);
            return;
        }
        printf("%s ", words[change]);
        output_text(stdout, slice_from(path));
        putchar('\n');
        fflush(stdout);
    }
}

static void on_note(void *context, const char *message, const char *hint)
{
    struct watching *watching = context;
    progress_clear(&watching->progress);
    if (!watching->invocation->quiet)
        output_warning(message, hint);
}

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct watching *watching = context;
    if (!watching->is_idle)
        progress_step(&watching->progress, stage, done, total);
    return !interrupted();
}

static bool going(void *context)
{
    (void)context;
    return !interrupted();
}

static void on_idle(void *context, const struct assay_add_report *report, size_t watched)
{
    struct watching *watching = context;
    char number[NUMBER_TEXT_BYTES];
    (void)report;
    progress_clear(&watching->progress);
    if (watching->is_idle)
        return;
    watching->is_idle = true;
    if (watching->invocation->json)
        print_json(watching, "ready", NULL, NULL);
    else if (!watching->invocation->quiet) {
        printf("watching %s folders; Ctrl-C ends it\n", number_text(number, watched));
        fflush(stdout);
    }
}

enum exit_code run_watch(struct invocation *invocation)
{
    struct watching watching = {.invocation = invocation};
    struct assay_error error;
    map_init(&watching.failures, UINT32_MAX / 4);
    progress_init(&watching.progress, invocation);
    interrupt_watch();
    const struct assay_watch_options options = {.folder = invocation_option(invocation, "project"),
                                                .add = {.paths = invocation->arguments,
                                                        .path_count = invocation->argument_count,
                                                        .on_document = on_document,
                                                        .on_progress = on_progress,
                                                        .on_note = on_note,
                                                        .no_embed = invocation_option(invocation, "no-embed") != NULL,
                                                        .context = &watching},
                                                .going = going,
                                                .on_idle = on_idle,
                                                .context = &watching};
    bool ok = assay_watch(&options, &error);
    progress_clear(&watching.progress);
    map_release(&watching.failures);
    return ok ? EXIT_DONE : output_failure(invocation, &error);
}
