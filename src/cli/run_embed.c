/* run_embed.c - `assay embed`: lines into vectors, scores or the states of tokens, as they come. */
#include "model_option.h"
#include "vectors.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_LINES = 1024 };

struct embedding {
    const struct invocation *invocation;
    struct assay_model *model;
    const struct assay_model_info *info;
    const char *prompt;
    bool scores;
    bool pairs, pairs_known; /* the first line says whether lines are pairs */
    struct lines lines;
    struct vector_writer writer;
    struct progress progress;
    float *rows;             /* of one batch */
    struct assay_text *texts, *seconds;
};

static bool cancelled(struct error *error)
{
    return error_set(error, ERROR_CANCELLED, "stopped");
}

/* A line at a TAB into the two texts of a pair. */
static bool split_pair(struct embedding *work, struct slice line, size_t number, size_t i, struct error *error)
{
    size_t at;
    bool is_pair = slice_find(line, '\t', &at);
    if (!work->pairs_known) {
        work->pairs = is_pair;
        work->pairs_known = true;
    }
    if (is_pair != work->pairs) {
        error_set(error, ERROR_INVALID, "line %zu of \"%s\" %s, unlike the lines before", number, work->lines.name,
                  is_pair ? "holds a TAB" : "holds no TAB");
        return error_hint(error, "Write pairs as first TAB second, or texts without a TAB, all of one kind.");
    }
    work->texts[i] = (struct assay_text){line.data, is_pair ? at : line.size};
    if (is_pair)
        work->seconds[i] = (struct assay_text){line.data + at + 1, line.size - at - 1};
    return true;
}

/* One batch through the model. */
static bool compute(struct embedding *work, const struct slice *batch, size_t count, struct error *error)
{
    struct assay_error outer;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (work->scores)
            ok = split_pair(work, batch[i], work->lines.first + i, i, error);
        else
            work->texts[i] = (struct assay_text){batch[i].data, batch[i].size};
    }
    if (!ok)
        return false;
    ok = work->scores
             ? assay_model_score(work->model, work->texts, work->pairs ? work->seconds : NULL, count, work->rows, &outer)
             : assay_model_embed(work->model, work->texts, count, work->prompt, work->rows, &outer);
    return ok || output_to_inner(error, &outer);
}

static void show_progress(struct embedding *work)
{
    size_t done = work->writer.rows, total = 0;
    if (work->lines.total > 0 && work->lines.taken > 0) /* as if all lines were as long as those so far */
        total = (size_t)((double)done * (double)work->lines.total / (double)work->lines.taken);
    progress_step(&work->progress, work->scores ? "scoring" : "embedding", done, total < done ? 0 : total);
}

static bool compute_all(struct embedding *work, struct error *error)
{
    for (;;) {
        const struct slice *batch;
        size_t count;
        if (!lines_next(&work->lines, BATCH_LINES, &batch, &count, error))
            return false;
        if (count == 0)
            return true;
        if (interrupted())
            return cancelled(error);
        if (!compute(work, batch, count, error))
            return false;
        if (!vectors_write(&work->writer, work->rows, count, batch, error))
            return false;
        show_progress(work);
    }
}

/* The last layer's outputs for the one line. */
static bool write_states(struct embedding *work, struct error *error)
{
    const struct slice *batch;
    const float *states;
    size_t count, rows;
    struct assay_error outer;
    if (!lines_next(&work->lines, 2, &batch, &count, error))
        return false;
    if (count != 1) {
        error_set(error, ERROR_INVALID, "--states takes one line, and there %s", count == 0 ? "is none" : "are more");
        return error_hint(error, "For instance: echo \"a text\" | assay embed --states --json");
    }
    if (!assay_model_states(work->model, (struct assay_text){batch->data, batch->size}, &states, &rows, &outer))
        return output_to_inner(error, &outer);
    buffer_format(&work->writer.head, "{\"rows\":%zu,\"hidden\":%zu,\"states\":[", rows, work->info->hidden);
    return vectors_write(&work->writer, states, rows, NULL, error);
}

/* The members before the array. */
static void write_head(struct embedding *work)
{
    struct json_writer json;
    json_writer_init(&json, &work->writer.head);
    json_object_begin(&json);
    json_key(&json, "model");
    json_text(&json, slice_from(work->info->name));
    if (work->scores) {
        json_key(&json, "labels");
        json_array_begin(&json);
        for (size_t i = 0; i < work->info->labels; i++)
            json_text(&json, slice_from(work->info->label_names[i]));
        json_array_end(&json);
        json_key(&json, "scores");
    } else {
        json_key(&json, "dimensions");
        json_integer(&json, (int64_t)work->info->dimensions);
        json_key(&json, "embeddings");
    }
    json_array_begin(&json);
}

static void print_summary(const struct embedding *work, double took_ms)
{
    char count[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES];
    printf("%s text%s with %s in %s on %zu thread%s: %s\n", number_text(count, work->writer.rows),
           work->writer.rows == 1 ? "" : "s", work->info->name, work->info->precision, work->info->threads,
           work->info->threads == 1 ? "" : "s", time_text(time, took_ms));
}

static enum exit_code run_with(struct embedding *work, enum vector_format format, bool states)
{
    struct error inner;
    struct assay_error error;
    const struct invocation *invocation = work->invocation;
    size_t columns = states ? work->info->hidden : work->scores ? work->info->labels : work->info->dimensions;
    if (work->scores && columns == 0) { /* the library tells why */
        (void)assay_model_score(work->model, NULL, NULL, 0, NULL, &error);
        return output_failure(invocation, &error);
    }
    uint64_t start = clock_now_ns();
    work->rows = memory_alloc(BATCH_LINES * columns, sizeof(*work->rows));
    work->texts = memory_alloc(BATCH_LINES, sizeof(*work->texts));
    work->seconds = memory_alloc(BATCH_LINES, sizeof(*work->seconds));
    lines_init(&work->lines, invocation->arguments, invocation->argument_count);
    vectors_begin(&work->writer, invocation, format, states ? "state" : work->scores ? "scores" : "embedding", columns);
    if (invocation->argument_count == 0 && isatty(STDIN_FILENO) && !invocation->quiet)
        fputs("Reading lines from the terminal; Ctrl-D ends.\n", stderr);
    interrupt_watch();
    if (!states)
        write_head(work);
    bool ok = (states ? write_states(work, &inner) : compute_all(work, &inner)) && vectors_end(&work->writer, &inner);
    progress_clear(&work->progress);
    enum exit_code code = EXIT_DONE;
    if (!ok) {
        output_from_inner(&error, &inner);
        code = vectors_failure(&work->writer, &error);
    } else if (format == FORMAT_GLANCE && !invocation->quiet) {
        print_summary(work, clock_ms_since(start));
    }
    vectors_release(&work->writer);
    lines_release(&work->lines);
    free(work->rows);
    free(work->texts);
    free(work->seconds);
    return code;
}

enum exit_code run_embed(struct invocation *invocation)
{
    enum vector_format format;
    struct embedding work = {.invocation = invocation,
                             .prompt = invocation_option(invocation, "prompt"),
                             .scores = invocation_option(invocation, "score") != NULL};
    bool states = invocation_option(invocation, "states") != NULL;
    if (!vector_format_chosen(invocation, isatty(STDOUT_FILENO) ? FORMAT_GLANCE : FORMAT_TEXT, &format))
        return EXIT_WRONG_USE;
    if (states && work.scores)
        return wrong_use(invocation, "Leave one of them out.", "--states and --score do not go together");
    if (work.prompt != NULL && (states || work.scores))
        return wrong_use(invocation, "Prompts stand before texts that become vectors.", "--prompt and --%s do not go together",
                         states ? "states" : "score");
    enum exit_code code = model_of_options(invocation, &work.model);
    if (code != EXIT_DONE)
        return code;
    work.info = assay_model_info(work.model);
    progress_init_stream(&work.progress, invocation);
    code = run_with(&work, format, states);
    assay_model_close(work.model);
    return code;
}
