/* run_tune_again.c - `assay tune again`: an adapter trained once more by its own recipe, and put in its place where it is not worse. */
#include "tuning.h"
#include <string.h>

/* How an adapter of that task is told of; NULL: there is no such. */
static const struct tuning_kind *kind_of(struct slice task)
{
    static const struct {
        const char *task;
        const struct tuning_kind *kind;
    } kinds[] = {{"classify", &classify_kind},
                 {"reader", &reader_kind},
                 {"writer", &writer_kind},
                 {"rerank", &rerank_kind},
                 {"embed", &embed_kind}};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (slice_equal_text(task, kinds[i].task))
            return kinds[i].kind;
    return NULL;
}

struct wanted {
    const char *name;
    const struct tuning_kind *kind;
};

static bool note_kind(void *context, const char *name, struct assay_text provenance)
{
    struct wanted *wanted = context;
    struct arena arena;
    struct json_value root;
    struct error ignored;
    if (strcmp(name, wanted->name) != 0)
        return true;
    arena_init(&arena);
    if (json_read((struct slice){provenance.data, provenance.size}, name, &arena, &root, &ignored)) {
        const struct json_value *task = json_get(&root, "task");
        wanted->kind = task != NULL && task->kind == JSON_TEXT ? kind_of(task->text) : NULL;
    }
    arena_release(&arena);
    return true;
}

static enum exit_code take(struct invocation *invocation, struct assay *assay)
{
    struct assay_error error;
    const char *name = invocation->arguments[0];
    if (!assay_tune_take(assay, name, &error))
        return output_failure(invocation, &error);
    if (!invocation->quiet && !invocation->json)
        printf("%s is the one that was trained last.\n", name);
    return EXIT_DONE;
}

static enum exit_code train(struct invocation *invocation, struct assay *assay, const struct assay_tune_options *common)
{
    struct wanted wanted = {.name = invocation->arguments[0], .kind = &classify_kind};
    struct progress progress;
    struct assay_tuned *tuned = NULL;
    struct assay_error error;
    const struct assay_tune_again_options options = {.name = wanted.name,
                                                     .data = invocation->argument_count > 1 ? invocation->arguments[1] : NULL,
                                                     .test = common->test,
                                                     .threads = common->threads,
                                                     .resume = invocation_option(invocation, "resume") != NULL,
                                                     .check = common->check,
                                                     .on_progress = tuning_progress(),
                                                     .context = &progress};
    if (!assay_adapter_list(assay, note_kind, &wanted, &error))
        return output_failure(invocation, &error);
    progress_init(&progress, invocation);
    interrupt_watch();
    if (!assay_tune_again(assay, &options, &tuned, &error))
        tuned = NULL;
    progress_clear(&progress);
    enum exit_code code = tuning_outcome(invocation, wanted.kind != NULL ? wanted.kind : &classify_kind, tuned, &error);
    assay_tuned_free(tuned);
    return code;
}

enum exit_code run_tune_again(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_tune_options common = {0};
    bool takes = invocation_option(invocation, "take") != NULL;
    if (!tuning_read_common(invocation, &common))
        return EXIT_WRONG_USE;
    if (takes && (invocation->argument_count > 1 || common.test != NULL || common.check))
        return wrong_use(invocation, "It puts in what was trained before.", "--take trains nothing, and needs no data");
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    enum exit_code code = takes ? take(invocation, assay) : train(invocation, assay, &common);
    assay_close(assay);
    return code;
}
