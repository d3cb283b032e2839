/* run_drift.c - `assay drift`: what has changed since a measurement, once or again and again. */
#include "output.h"
#include <assay_drift.h>
#include <stdlib.h>
#include <time.h>

enum { REQUESTS_DEFAULT = 20, REQUESTS_MOST = 1000, HOURS_MOST = 24 * 366 };

struct drift_command {
    const struct invocation *invocation;
    struct progress progress;
};

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct drift_command *command = context;
    progress_step(&command->progress, stage, done, total);
    return !interrupted();
}

static void print_part(const struct json_value *root, const char *name, const char *label)
{
    const struct json_value *part = json_get(root, name), *says = json_get(part, "says");
    printf("%-9s ", label);
    output_text(stdout, json_text_at(part, "state"));
    putchar('\n');
    for (size_t i = 0; says != NULL && i < says->count; i++) {
        fputs("          ", stdout);
        output_text(stdout, says->items[i].text);
        putchar('\n');
    }
}

static enum exit_code print_report(const struct drift_command *command, const struct assay_text *report)
{
    static const char *const parts[][2] = {{"index", "index"},       {"dataset", "questions"}, {"prompt", "prompt"},
                                           {"provider", "provider"}, {"data", "data"},         {"base", "base"},
                                           {"inputs", "inputs"},     {"fresh", "fresh"}};
    struct arena arena;
    struct json_value root;
    struct error inner;
    struct assay_error error;
    arena_init(&arena);
    bool ok = json_read((struct slice){report->data, report->size}, "the report", &arena, &root, &inner);
    if (ok) {
        const struct slice adapter = json_text_at(&root, "adapter");
        fputs(adapter.size > 0 ? "Since " : "Since run ", stdout);
        output_text(stdout, adapter.size > 0 ? adapter : json_text_at(&root, "since"));
        fputs(adapter.size > 0 ? " was trained, " : " of ", stdout);
        output_text(stdout, json_text_at(&root, "made"));
        fputs(":\n", stdout);
        for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
            if (json_get(&root, parts[i][0]) != NULL)
                print_part(&root, parts[i][0], parts[i][1]);
        fflush(stdout);
    } else {
        output_from_inner(&error, &inner);
    }
    arena_release(&arena);
    return ok ? EXIT_DONE : output_failure(command->invocation, &error);
}

static enum exit_code print_first(const struct drift_command *command, const char *run)
{
    struct buffer buffer;
    struct json_writer json;
    if (!command->invocation->json) {
        printf("No run has kept its state yet: the project as it is now is run %s. Later calls compare with it.\n", run);
        return EXIT_DONE;
    }
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_text_or_null(&json, "since", NULL);
    json_text_or_null(&json, "kept", run);
    json_key(&json, "drifted");
    json_array_begin(&json);
    json_array_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(command->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static enum exit_code print_drift(const struct drift_command *command, const struct assay_drift *drift)
{
    struct buffer buffer;
    enum exit_code code;
    if (drift->report.size == 0)
        return print_first(command, drift->kept);
    if (command->invocation->json) {
        buffer_init(&buffer, LIMIT_JSON_BYTES);
        buffer_append_slice(&buffer, (struct slice){drift->report.data, drift->report.size});
        code = output_json(command->invocation, &buffer);
        buffer_release(&buffer);
    } else {
        code = print_report(command, &drift->report);
    }
    return code == EXIT_DONE && drift->has_drifted ? EXIT_TARGET_MISSED : code;
}

/* The project is opened anew each time: others change it meanwhile. */
static enum exit_code look(struct drift_command *command, const struct assay_drift_options *options)
{
    const struct invocation *invocation = command->invocation;
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_drift drift = {0};
    bool ok = assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error) &&
              assay_drift(assay, options, &drift, &error);
    progress_clear(&command->progress);
    enum exit_code code = ok ? print_drift(command, &drift) : output_failure(invocation, &error);
    if (drift.report.data != NULL)
        assay_text_free(&drift.report);
    assay_close(assay);
    return code;
}

static void wait_for(double seconds)
{
    const uint64_t start = clock_now_ns();
    while (!interrupted() && clock_ms_since(start) < 1000 * seconds)
        nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
}

/* What compares a project with one of its runs says nothing of a tuned model. */
static bool check_adapter(const struct invocation *invocation)
{
    static const char *const others[] = {"since", "tests", "model", "ask"};
    const bool has_adapter = invocation_option(invocation, "adapter") != NULL;
    if (!has_adapter && invocation_option(invocation, "fresh") != NULL) {
        (void)wrong_use(invocation, "--adapter NAME says which one.", "--fresh is for a tuned model");
        return false;
    }
    for (size_t i = 0; has_adapter && i < ARRAY_COUNT(others); i++)
        if (invocation_option(invocation, others[i]) != NULL) {
            (void)wrong_use(invocation,
                            "A tuned model is compared with what its provenance.json says; --questions and --fresh name what "
                            "came in since. Leave --adapter out to look at the project.",
                            "--%s is for the project, and has no meaning beside --adapter", others[i]);
            return false;
        }
    return true;
}

enum exit_code run_drift(struct invocation *invocation)
{
    struct drift_command command = {.invocation = invocation};
    const char *every = invocation_option(invocation, "every");
    struct assay_drift_options options = {.run = invocation_option(invocation, "since"),
                                          .questions = invocation_option(invocation, "questions"),
                                          .tests = invocation_option(invocation, "tests"),
                                          .model = invocation_option(invocation, "model"),
                                          .adapter = invocation_option(invocation, "adapter"),
                                          .fresh = invocation_option(invocation, "fresh"),
                                          .on_progress = on_progress,
                                          .context = &command};
    double hours = 0;
    if (!invocation_number(invocation, "ask", 0, REQUESTS_MOST, REQUESTS_DEFAULT, &options.requests))
        return EXIT_WRONG_USE;
    if (every != NULL && (!slice_to_double(slice_from(every), &hours) || !(hours >= 0.001 && hours <= (double)HOURS_MOST)))
        return wrong_use(invocation, "Hours, as 24 or 0.5.", "--every is \"%.60s\", expected a number of hours", every);
    if (!check_adapter(invocation))
        return EXIT_WRONG_USE;
    progress_init(&command.progress, invocation);
    interrupt_watch();
    enum exit_code code = look(&command, &options);
    while (every != NULL && !interrupted()) {
        wait_for(hours * 3600);
        if (!interrupted())
            code = look(&command, &options);
    }
    return code;
}
