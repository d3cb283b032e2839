/* run_classify.c - `assay classify`: texts of the command line or lines of standard input, each with its label. */
#include "output.h"
#include <stdlib.h>
#include <string.h>

enum { BATCH_LINES = 256 };

struct classifying {
    const struct invocation *invocation;
    struct assay_classifier *classifier;
    struct json_writer json;
    struct buffer buffer;
    struct assay_class classes[BATCH_LINES];
    struct assay_text texts[BATCH_LINES];
};

static void write_class(struct classifying *work, const struct assay_class *class)
{
    struct json_writer *json = &work->json;
    json_object_begin(json);
    json_key(json, "label");
    json_text(json, slice_from(class->label));
    json_key(json, "confidence");
    json_real(json, class->confidence, 6);
    json_key(json, "abstained");
    json_bool(json, class->abstained);
    json_object_end(json);
}

static void print_class(const struct assay_class *class)
{
    output_text(stdout, slice_from(class->label));
    printf("\t%.3f%s\n", class->confidence, class->abstained ? "\tabstained" : "");
}

static bool classify_batch(struct classifying *work, size_t count, struct assay_error *error)
{
    if (!assay_classify(work->classifier, work->texts, count, work->classes, error))
        return false;
    for (size_t i = 0; i < count; i++)
        if (work->invocation->json)
            write_class(work, &work->classes[i]);
        else
            print_class(&work->classes[i]);
    return true;
}

static bool classify_lines(struct classifying *work, struct assay_error *error)
{
    static const char *const standard_input[] = {"-"};
    struct lines lines;
    struct error inner;
    const struct slice *batch;
    size_t count;
    bool ok;
    lines_init(&lines, standard_input, 1);
    while ((ok = lines_next(&lines, BATCH_LINES, &batch, &count, &inner)) && count > 0) {
        for (size_t i = 0; i < count; i++)
            work->texts[i] = (struct assay_text){batch[i].data, batch[i].size};
        if (!classify_batch(work, count, error)) {
            lines_release(&lines);
            return false;
        }
        fflush(stdout); /* whoever writes into the pipe waits for the answer */
    }
    if (!ok)
        output_from_inner(error, &inner);
    lines_release(&lines);
    return ok;
}

static bool classify_words(struct classifying *work, struct assay_error *error)
{
    const struct invocation *invocation = work->invocation;
    for (size_t at = 0; at < invocation->argument_count;) {
        size_t count = 0;
        bool is_input = strcmp(invocation->arguments[at], "-") == 0;
        if (is_input) {
            at++;
            if (!classify_lines(work, error))
                return false;
            continue;
        }
        for (; at < invocation->argument_count && count < BATCH_LINES && strcmp(invocation->arguments[at], "-") != 0; at++)
            work->texts[count++] = (struct assay_text){invocation->arguments[at], strlen(invocation->arguments[at])};
        if (!classify_batch(work, count, error))
            return false;
    }
    return true;
}

static enum exit_code run_with(struct classifying *work)
{
    struct assay_error error;
    uint64_t start = clock_now_ns();
    buffer_init(&work->buffer, LIMIT_JSON_BYTES);
    json_writer_init(&work->json, &work->buffer);
    json_object_begin(&work->json);
    json_key(&work->json, "results");
    json_array_begin(&work->json);
    enum exit_code code = EXIT_DONE;
    if (!classify_words(work, &error)) {
        code = output_failure_midway(work->invocation, !work->invocation->json, &error);
    } else if (work->invocation->json) {
        json_array_end(&work->json);
        json_key(&work->json, "took_ms");
        json_real(&work->json, clock_ms_since(start), 6);
        json_object_end(&work->json);
        code = output_json(work->invocation, &work->buffer);
    }
    buffer_release(&work->buffer);
    return code;
}

enum exit_code run_classify(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_model_options options = {.precision = invocation_option(invocation, "precision")};
    const char *name = invocation_option(invocation, "adapter");
    if (!invocation_number(invocation, "threads", 1, LIMIT_THREADS, 0, &options.threads))
        return EXIT_WRONG_USE;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    struct classifying *work = memory_alloc(1, sizeof(*work));
    work->invocation = invocation;
    enum exit_code code;
    if (assay_classifier_open(assay, name != NULL ? name : "classify", &options, &work->classifier, &error)) {
        code = run_with(work);
        assay_classifier_close(work->classifier);
    } else {
        code = output_failure(invocation, &error);
    }
    free(work);
    assay_close(assay);
    return code;
}
