/* decide_learn.c - classifiers for `assay decide`, learned as `assay tune classify` learns them. Their adapters go with the decision;
 * those of one that was killed are no adapters for anybody, and go with the next one. */
#include "decide_learn.h"
#include "tell.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "decide.own-" /* no name that somebody gives: "decide-2024-11" is one */

struct learned {
    struct assay_classifier *classifier;
    char name[64]; /* of its adapter */
};

static bool inward(struct error *inner, const struct assay_error *error)
{
    inner->kind = (enum error_kind)error->kind;
    snprintf(inner->message, sizeof(inner->message), "%s", error->message);
    snprintf(inner->hint, sizeof(inner->hint), "%s", error->hint);
    return false;
}

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    const struct decide_learning *learning = context;
    (void)stage;
    return learning->on_progress == NULL ||
           learning->on_progress(learning->progress_context, "learning from the examples", done, total);
}

static void remove_adapter(struct assay *assay, const char *name)
{
    struct arena arena;
    struct error ignored = {0};
    const char *folder;
    arena_init(&arena);
    if (adapter_folder(assay, name, &arena, &folder, &ignored))
        (void)!folder_remove(folder, &ignored);
    arena_release(&arena);
}

static const char *digits_end(const char *text)
{
    while (*text >= '0' && *text <= '9')
        text++;
    return text;
}

bool decide_made_adapter(const char *name)
{
    if (strncmp(name, MARK, strlen(MARK)) != 0)
        return false;
    const char *process = name + strlen(MARK), *number = digits_end(process);
    if (number == process || *number != '-')
        return false;
    const char *end = digits_end(number + 1);
    return end > number + 1 && (*end == '\0' || *end == '~' || *end == '.'); /* ".new-PROCESS": being written */
}

static bool sweep(void *context, const char *name, struct error *error)
{
    const char *adapters = context;
    struct arena arena;
    struct error ignored;
    (void)error;
    if (!decide_made_adapter(name))
        return true;
    arena_init(&arena);
    const char *path = path_join(&arena, adapters, name);
    if (!folder_remove(path, &ignored))
        (void)!file_remove(path, &ignored); /* "NAME~training.lock" */
    arena_release(&arena);
    return true;
}

void decide_sweep(const struct assay *assay)
{
    struct arena arena;
    struct error ignored;
    arena_init(&arena);
    const char *adapters = adapters_folder(&arena, assay->project->root);
    if (file_exists(adapters))
        (void)!folder_list(adapters, sweep, (void *)(uintptr_t)adapters, &ignored);
    arena_release(&arena);
}

bool decide_learn(void *context, const char *data, void **out, struct error *error)
{
    struct decide_learning *learning = context;
    struct learned *learned = memory_alloc(1, sizeof(*learned));
    struct assay_error outer = {0};
    struct assay_tuned *tuned = NULL;
    snprintf(learned->name, sizeof(learned->name), MARK "%ld-%zu", (long)getpid(), learning->count++);
    const struct assay_tune_options options = {.data = data,
                                               .name = learned->name,
                                               .method = "head",
                                               .replace = true,
                                               .on_progress = on_progress,
                                               .context = learning};
    bool ok = assay_tune_classify(learning->assay, &options, &tuned, &outer);
    assay_tuned_free(tuned);
    ok = ok &&
         assay_classifier_open(learning->assay, learned->name, &(struct assay_model_options){0}, &learned->classifier, &outer);
    if (ok) {
        *out = learned;
        return true;
    }
    remove_adapter(learning->assay, learned->name);
    free(learned);
    return inward(error, &outer);
}

bool decide_label(void *context, void *learned, struct slice text, struct arena *arena, struct slice *label,
                  struct error *error)
{
    struct learned *one = learned;
    struct assay_error outer;
    struct assay_class found;
    (void)context;
    const struct assay_text given = {text.data, text.size};
    if (!assay_classify(one->classifier, &given, 1, &found, &outer))
        return inward(error, &outer);
    *label = arena_slice(arena, slice_from(found.label));
    return true;
}

void decide_drop(void *context, void *learned)
{
    struct decide_learning *learning = context;
    struct learned *one = learned;
    assay_classifier_close(one->classifier);
    remove_adapter(learning->assay, one->name);
    free(one);
}
