/* run_tokenize.c - `assay tokenize`: lines into a model's tokens and back. Millions of lines go through: tokens are made on all
 * threads, a batch at a time, and printed without a tree of values. */
#include "model_option.h"
#include "numbers.h"
#include "output.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_LINES = 4096, TEXT_PRINTED = 1 << 20 };

struct token_work {
    const struct invocation *invocation;
    struct assay_model *model;
    struct assay_tokenize_options options;
    bool text, offsets, decode;
    struct lines lines;
    struct progress progress;
    struct assay_text *texts;
    struct assay_tokens *tokens;
    uint32_t *ids; /* of a line that is decoded */
    size_t id_capacity;
    struct buffer out;
    struct buffer shown; /* a token's text, made safe */
    size_t count; /* lines so far */
    bool started;
};

static bool print(struct token_work *work, struct error *error)
{
    struct slice text = buffer_slice(&work->out);
    if (!buffer_finish(&work->out, "the tokens of one batch", error))
        return false;
    work->started = work->started || text.size > 0;
    errno = 0;
    if (text.size > 0 && fwrite(text.data, 1, text.size, stdout) != text.size)
        return error_system(error, "could not write to standard output");
    buffer_clear(&work->out);
    return true;
}

static bool flush(struct error *error)
{
    errno = 0;
    return fflush(stdout) == 0 || error_system(error, "could not write to standard output");
}

/* Appends the text as a terminal may get it. Words stand between blanks, so their own blanks are shown too. */
static void append_shown(struct buffer *out, struct assay_text text, bool is_word)
{
    char shown[OUTPUT_ESCAPED_BYTES];
    for (size_t at = 0, size; at < text.size; at += size > 0 ? size : 1) {
        size = output_escaped((struct slice){text.data, text.size}, at, shown);
        if (size > 0)
            buffer_append_text(out, shown);
        else if (is_word && text.data[at] == ' ')
            buffer_append_text(out, "\\x20");
        else
            buffer_append_byte(out, text.data[at]);
    }
}

static const char *token_text(struct token_work *work, uint32_t id)
{
    struct assay_text token = {NULL, 0};
    buffer_clear(&work->shown);
    if (!assay_model_token(work->model, id, &token))
        return "";
    append_shown(&work->shown, token, /* is_word= */ true);
    return buffer_text(&work->shown);
}

/* "101 2054 102" */
static void append_ids(struct buffer *out, const struct assay_tokens *tokens, char between)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (i > 0)
            buffer_append_byte(out, between);
        append_u32(out, tokens->ids[i]);
    }
}

/* "[CLS]" or "[CLS]:0-0" or "101:0-0" */
static void append_words(struct token_work *work, const struct assay_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (i > 0)
            buffer_append_byte(&work->out, ' ');
        if (work->text)
            buffer_append_text(&work->out, token_text(work, tokens->ids[i]));
        else
            append_u32(&work->out, tokens->ids[i]);
        if (work->offsets)
            buffer_format(&work->out, ":%u-%u", tokens->starts[i], tokens->ends[i]);
    }
}

/* {"id":101,"text":"[CLS]","start":0,"end":0} each */
static void append_objects(struct token_work *work, const struct assay_tokens *tokens)
{
    struct json_writer json;
    struct assay_text token;
    json_writer_init(&json, &work->out);
    for (size_t i = 0; i < tokens->count; i++) {
        json_object_begin(&json);
        json_key(&json, "id");
        json_integer(&json, tokens->ids[i]);
        if (work->text && assay_model_token(work->model, tokens->ids[i], &token)) {
            json_key(&json, "text");
            json_text(&json, (struct slice){token.data, token.size});
        }
        if (work->offsets) {
            const struct json_integer_member places[] = {{"start", tokens->starts[i]}, {"end", tokens->ends[i]}};
            json_integers(&json, places, ARRAY_COUNT(places));
        }
        json_object_end(&json);
    }
}

static bool append_line(struct token_work *work, const struct assay_tokens *tokens, struct error *error)
{
    bool plain = !work->text && !work->offsets, is_json = work->invocation->json;
    if (is_json)
        buffer_append_text(&work->out, work->count > 0 ? ",[" : "[");
    if (plain)
        append_ids(&work->out, tokens, is_json ? ',' : ' ');
    else if (is_json)
        append_objects(work, tokens);
    else
        append_words(work, tokens);
    buffer_append_byte(&work->out, is_json ? ']' : '\n');
    work->count++;
    return work->out.size < TEXT_PRINTED || print(work, error);
}

static bool encode_batch(struct token_work *work, const struct slice *batch, size_t count, struct error *error)
{
    struct assay_error outer;
    for (size_t i = 0; i < count; i++)
        work->texts[i] = (struct assay_text){batch[i].data, batch[i].size};
    if (!assay_model_tokenize(work->model, work->texts, count, &work->options, work->tokens, &outer))
        return output_to_inner(error, &outer);
    for (size_t i = 0; i < count; i++)
        if (!append_line(work, &work->tokens[i], error))
            return false;
    return true;
}

/* The numbers of a line, with blanks or commas between them. */
static bool read_ids(struct token_work *work, struct slice line, size_t number, size_t *count, struct error *error)
{
    *count = 0;
    for (size_t at = 0; at < line.size;) {
        size_t end = at;
        uint64_t id;
        while (end < line.size && line.data[end] != ' ' && line.data[end] != ',' && line.data[end] != '\t')
            end++;
        struct slice word = slice_range(line, at, end);
        at = end + 1;
        if (word.size == 0)
            continue;
        if (!slice_to_u64(word, &id) || id > UINT32_MAX) {
            error_set(error, ERROR_INVALID, "line %zu of \"%s\": \"%.*s\" is not a token's number", number, work->lines.name,
                      word.size > 40 ? 40 : (int)word.size, word.data);
            return error_hint(error, "--decode reads numbers with blanks between them, a text a line.");
        }
        work->ids = memory_more(work->ids, *count, &work->id_capacity, sizeof(*work->ids));
        work->ids[(*count)++] = (uint32_t)id;
    }
    return true;
}

/* With --json the exact text; else control characters are shown, so that a text is a line. */
static void append_text(struct token_work *work, struct assay_text text)
{
    if (work->invocation->json) {
        struct json_writer json;
        json_writer_init(&json, &work->out);
        if (work->count > 0)
            buffer_append_byte(&work->out, ',');
        json_text(&json, (struct slice){text.data, text.size});
        return;
    }
    append_shown(&work->out, text, /* is_word= */ false);
    buffer_append_byte(&work->out, '\n');
}

static bool decode_batch(struct token_work *work, const struct slice *batch, size_t count, struct error *error)
{
    struct assay_error outer;
    struct assay_text text = {"", 0};
    for (size_t i = 0; i < count; i++) {
        size_t id_count;
        if (!read_ids(work, batch[i], work->lines.first + i, &id_count, error))
            return false;
        if (!assay_model_decode(work->model, work->ids, id_count, !work->options.bare, &text, &outer)) {
            output_to_inner(error, &outer);
            return error_wrap(error, "line %zu of \"%s\"", work->lines.first + i, work->lines.name);
        }
        append_text(work, id_count > 0 ? text : (struct assay_text){"", 0});
        work->count++;
        if (work->out.size >= TEXT_PRINTED && !print(work, error))
            return false;
    }
    return true;
}

static bool work_through(struct token_work *work, struct error *error)
{
    size_t done, total;
    for (;;) {
        const struct slice *batch;
        size_t count;
        if (!lines_next(&work->lines, BATCH_LINES, &batch, &count, error))
            return false;
        if (work->invocation->json && !work->started && work->count == 0 && work->out.size == 0)
            buffer_append_text(&work->out, work->decode ? "{\"texts\":[" : "{\"tokens\":[");
        if (count == 0)
            break;
        if (interrupted())
            return error_set(error, ERROR_CANCELLED, "stopped");
        if (!(work->decode ? decode_batch : encode_batch)(work, batch, count, error))
            return false;
        if (work->lines.total == 0 && !(print(work, error) && flush(error))) /* somebody may wait at the pipe's end */
            return false;
        done = work->count;
        total = work->lines.total > 0 ? (size_t)((double)done * (double)work->lines.total / (double)work->lines.taken) : 0;
        progress_step(&work->progress, "tokenizing", done, total < done ? 0 : total);
    }
    if (work->invocation->json)
        buffer_append_text(&work->out, "]}\n");
    return print(work, error) && flush(error);
}

static enum exit_code run_with(struct token_work *work)
{
    struct error inner;
    struct assay_error error;
    enum exit_code code = EXIT_DONE;
    work->texts = memory_alloc(BATCH_LINES, sizeof(*work->texts));
    work->tokens = memory_alloc(BATCH_LINES, sizeof(*work->tokens));
    lines_init(&work->lines, work->invocation->arguments, work->invocation->argument_count);
    buffer_init(&work->out, LIMIT_JSON_BYTES);
    buffer_init(&work->shown, MIB);
    interrupt_watch();
    bool ok = work_through(work, &inner);
    progress_clear(&work->progress);
    if (!ok) {
        output_from_inner(&error, &inner);
        code = output_failure_midway(work->invocation, work->started, &error);
    }
    buffer_release(&work->out);
    buffer_release(&work->shown);
    lines_release(&work->lines);
    free(work->texts);
    free(work->tokens);
    free(work->ids);
    return code;
}

enum exit_code run_tokenize(struct invocation *invocation)
{
    struct token_work work = {.invocation = invocation,
                              .text = invocation_option(invocation, "text") != NULL,
                              .offsets = invocation_option(invocation, "offsets") != NULL,
                              .decode = invocation_option(invocation, "decode") != NULL};
    work.options.bare = invocation_option(invocation, "bare") != NULL;
    if (!invocation_number(invocation, "max", 1, LIMIT_TEXT_BYTES, 0, &work.options.tokens_max))
        return EXIT_WRONG_USE;
    if (work.decode && (work.text || work.offsets || work.options.tokens_max > 0))
        return wrong_use(invocation, "Those are for text into tokens.",
                         "--decode does not go with --text, --offsets and --max");
    if (invocation->argument_count == 0 && isatty(STDIN_FILENO) && !invocation->quiet)
        fputs("Reading lines from the terminal; Ctrl-D ends.\n", stderr);
    enum exit_code code = model_of_options(invocation, &work.model);
    if (code != EXIT_DONE)
        return code;
    progress_init_stream(&work.progress, invocation);
    code = run_with(&work);
    assay_model_close(work.model);
    return code;
}
