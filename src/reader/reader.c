/* reader.c - passages through the encoder, and the best span of each.
 *
 *   1. windows of all passages, each tokenized beside the question: where its tokens stand
 *   2. the encoder's rows of each window ─▶ two numbers a token: an answer starts here, ends here
 *   3. marks: both, less half each of the first token's, which stand for "no answer"; a span's score is its start's and its end's (marks.c)
 *   4. of a passage's windows the best span counts; of equal ones the first */
#include "reader.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_USUAL = 384, PROVENANCE_BYTES_MAX = 1 << 20 };

struct reader {
    struct arena arena;
    struct reader_info info;
    struct model *model;
    size_t hidden;
    float *weight, *bias; /* [2, hidden], [2] */
};

/* ---- opening ---- */

static bool read_real(const struct json_value *root, const char *path, const char *key, double *real, struct error *error)
{
    const struct json_value *value = NULL;
    if (!json_member(root, path, key, JSON_NUMBER, &value, error))
        return false;
    if (value == NULL)
        return true;
    *real = value->real;
    return isfinite(*real) || error_set(error, ERROR_INVALID, "\"%s\": \"%s\" is no finite number", path, key);
}

/* What the scores are worth; one that was made elsewhere does not say it. */
static bool read_provenance(struct reader *reader, struct error *error)
{
    struct json_value root;
    struct buffer text;
    const char *path = path_join(&reader->arena, reader->info.adapter, "provenance.json");
    reader->info.slope = 1;
    if (!file_exists(path))
        return true;
    buffer_init(&text, PROVENANCE_BYTES_MAX);
    bool ok = file_read(path, PROVENANCE_BYTES_MAX, &text, error) &&
              json_read(arena_slice(&reader->arena, buffer_slice(&text)), path, &reader->arena, &root, error);
    if (ok && root.kind != JSON_OBJECT)
        ok = error_set(error, ERROR_INVALID, "\"%s\" is %s, expected an object", path, json_kind_name(root.kind));
    ok = ok && read_real(&root, path, "threshold", &reader->info.threshold, error) &&
         read_real(&root, path, "chance_slope", &reader->info.slope, error) &&
         read_real(&root, path, "chance_offset", &reader->info.offset, error);
    buffer_release(&text);
    return ok;
}

static bool all_finite(const float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return false;
    return true;
}

static bool read_head(struct reader *reader, struct error *error)
{
    reader->weight = model_read(reader->model, "qa_outputs.weight", 2, reader->hidden, error);
    if (reader->weight == NULL)
        return false;
    reader->bias = model_read(reader->model, "qa_outputs.bias", 2, 0, error);
    if (reader->bias == NULL)
        return false;
    return (all_finite(reader->weight, 2 * reader->hidden) && all_finite(reader->bias, 2)) ||
           error_set(error, ERROR_CORRUPT, "the head of adapter \"%s\" holds what is no number", reader->info.adapter);
}

static bool open_parts(struct reader *reader, const struct reader_options *options, struct error *error)
{
    const struct model_options model = {options->precision, options->pool, options->adapter};
    if (!read_provenance(reader, error) || !model_open(&reader->model, options->base, &model, error))
        return false;
    const struct model_info *info = model_info(reader->model);
    reader->hidden = info->hidden;
    reader->info.tokens_max = info->tokens_max < TOKENS_USUAL ? info->tokens_max : TOKENS_USUAL;
    return read_head(reader, error);
}

bool reader_open(struct reader **reader, const struct reader_options *options, struct error *error)
{
    struct reader *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    opened->info.adapter = arena_text(&opened->arena, slice_from(options->adapter));
    opened->info.is_builtin = options->is_builtin;
    if (!open_parts(opened, options, error)) {
        reader_close(opened);
        return error_wrap(error, "could not open reader \"%s\"", options->adapter);
    }
    *reader = opened;
    return true;
}

void reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    model_close(reader->model);
    free(reader->weight);
    free(reader->bias);
    arena_release(&reader->arena);
    free(reader);
}

const struct reader_info *reader_info(const struct reader *reader)
{
    return &reader->info;
}

/* ---- windows ---- */

/* A token of a window that an answer may start or end at. */
struct place {
    uint32_t row, start, end; /* its row, and its bytes of the window */
    float starts, ends; /* what speaks for an answer from there, and to there */
};

struct part {
    size_t passage;
    struct reader_window window;
    size_t above; /* bytes in front of the window's */
    size_t rows; /* of its question and window */
    struct place *places;
    size_t place_count;
    float none; /* what speaks for there being no answer */
    bool is_wrong; /* the rows are not those of its tokens, or no numbers */
};

struct reading {
    const struct reader *reader;
    struct arena arena;
    struct reader_cutter cutter;
    struct slice question, *firsts, *seconds; /* by part */
    struct part *parts;
    size_t count;
};

/* Where the tokens of a window stand; those of what stands above it are no places. */
static void place_tokens(struct reading *reading, struct part *part, struct slice window)
{
    struct tokens *tokens = &reading->cutter.tokens;
    const struct tokenizer_options options = {.tokens_max = reading->cutter.tokens_max};
    tokenizer_encode(reading->cutter.tokenizer, reading->cutter.workspace, reading->question, &window, &options, tokens);
    part->rows = tokens->count;
    part->places = arena_alloc(&reading->arena, tokens->count + 1, sizeof(*part->places));
    bool has_types = false; /* some tokenizers call both parts 0: then the second begins behind the second special token */
    for (size_t i = 0; i < tokens->count; i++)
        has_types = has_types || tokens->types[i] == 1;
    size_t specials = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        specials += tokens->special[i] && i > 0;
        bool is_window = has_types ? tokens->types[i] == 1 : specials > 0;
        if (is_window && !tokens->special[i] && tokens->ends[i] > tokens->starts[i] && tokens->starts[i] >= part->above)
            part->places[part->place_count++] = (struct place){(uint32_t)i, tokens->starts[i] - (uint32_t)part->above,
                                                               tokens->ends[i] - (uint32_t)part->above, 0, 0};
    }
}

static struct slice joined(struct arena *arena, struct slice first, struct slice second)
{
    size_t size = first.size + second.size;
    char *text = arena_alloc(arena, size + 1, 1);
    if (first.size > 0)
        memcpy(text, first.data, first.size);
    if (second.size > 0)
        memcpy(text + first.size, second.data, second.size);
    return (struct slice){text, size};
}

/* "ABOVE\n", no more of it than of a question. */
static struct slice line_above(struct reading *reading, const struct reader_passage *passage)
{
    struct slice above = reader_cut_question(&reading->cutter, passage->above);
    return above.size == 0 ? above : joined(&reading->arena, above, SLICE("\n"));
}

static void make_parts(struct reading *reading, const struct reader_passage *passages, size_t count)
{
    struct reader_window *windows = NULL;
    size_t window_count = 0, window_capacity = 0, capacity = 0;
    struct slice *above = arena_alloc(&reading->arena, count + 1, sizeof(*above));
    for (size_t i = 0; i < count; i++) {
        window_count = 0;
        above[i] = line_above(reading, &passages[i]);
        struct slice beside = joined(&reading->arena, reading->question, above[i]);
        reader_cut_passage(&reading->cutter, beside, passages[i].text, &windows, &window_count, &window_capacity);
        for (size_t w = 0; w < window_count; w++) {
            reading->parts = memory_more(reading->parts, reading->count, &capacity, sizeof(*reading->parts));
            reading->parts[reading->count++] = (struct part){.passage = i, .window = windows[w], .above = above[i].size};
        }
    }
    reading->firsts = arena_alloc(&reading->arena, reading->count + 1, sizeof(*reading->firsts));
    reading->seconds = arena_alloc(&reading->arena, reading->count + 1, sizeof(*reading->seconds));
    for (size_t i = 0; i < reading->count; i++) {
        struct part *part = &reading->parts[i];
        reading->firsts[i] = reading->question;
        struct slice window = slice_range(passages[part->passage].text, part->window.start, part->window.end);
        reading->seconds[i] = part->above > 0 ? joined(&reading->arena, above[part->passage], window) : window;
        place_tokens(reading, part, reading->seconds[i]);
    }
    free(windows);
}

/* ---- spans ---- */

static void rows_done(void *context, size_t text, const float *rows, size_t count)
{
    const struct reading *reading = context;
    const struct reader *reader = reading->reader;
    struct part *part = &reading->parts[text];
    part->is_wrong = count != part->rows;
    if (part->is_wrong || count == 0)
        return;
    float *logits = memory_alloc(2 * count, sizeof(*logits));
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < 2; i++)
            logits[2 * row + i] = kernels()->dot(rows + row * reader->hidden, reader->weight + i * reader->hidden,
                                                 reader->hidden) +
                                  reader->bias[i];
    for (size_t i = 0; i < 2 * count; i++)
        part->is_wrong = part->is_wrong || !isfinite(logits[i]);
    part->none = logits[0] + logits[1];
    for (size_t i = 0; i < part->place_count; i++) {
        part->places[i].starts = logits[2 * part->places[i].row];
        part->places[i].ends = logits[2 * part->places[i].row + 1];
    }
    free(logits);
}

static void gather_marks(const struct reading *reading, size_t count, struct arena *arena, struct reader_marks *marks)
{
    for (size_t i = 0; i < count; i++)
        marks[i] = (struct reader_marks){0};
    for (size_t i = 0; i < reading->count; i++)
        marks[reading->parts[i].passage].count += reading->parts[i].place_count;
    for (size_t i = 0; i < count; i++) {
        marks[i].items = arena_alloc(arena, marks[i].count, sizeof(*marks[i].items));
        marks[i].count = 0;
    }
    for (size_t i = 0; i < reading->count; i++) {
        const struct part *part = &reading->parts[i];
        struct reader_marks *own = &marks[part->passage];
        for (size_t j = 0; j < part->place_count; j++) {
            const struct place *place = &part->places[j];
            own->items[own->count++] = (struct reader_mark){part->window.start + place->start, part->window.start + place->end,
                                                            i, place->starts - part->none / 2, place->ends - part->none / 2};
        }
    }
}

static void judge(const struct reader_info *info, struct reader_answer *answer)
{
    double score = (double)answer->score;
    answer->answers = score > info->threshold;
    answer->chance = answer->end > 0 ? 1 / (1 + exp(-(info->slope * score + info->offset))) : 0;
}

/* ---- reading ---- */

static bool none_is_wrong(const struct reading *reading, struct error *error)
{
    for (size_t i = 0; i < reading->count; i++)
        if (reading->parts[i].is_wrong)
            return error_set(error, ERROR_CORRUPT, "reader \"%s\" gives numbers that are none: its weights hold some",
                             reading->reader->info.adapter);
    return true;
}

bool reader_mark_passages(struct reader *reader, struct slice question, const struct reader_passage *passages, size_t count,
                          struct arena *arena, struct reader_marks *marks, struct error *error)
{
    struct reading reading = {.reader = reader};
    arena_init(&reading.arena);
    reading.cutter = (struct reader_cutter){.tokenizer = model_tokenizer(reader->model), .tokens_max = reader->info.tokens_max};
    reading.cutter.workspace = tokenizer_workspace_create();
    tokens_init(&reading.cutter.tokens);
    reading.question = reader_cut_question(&reading.cutter, question);
    make_parts(&reading, passages, count);
    const struct model_rows rows = {.firsts = reading.firsts,
                                    .seconds = reading.seconds,
                                    .count = reading.count,
                                    .tokens_max = reading.cutter.tokens_max, /* as the parts' places are cut */
                                    .done = rows_done,
                                    .context = &reading};
    bool ok = model_rows(reader->model, &rows, error) && none_is_wrong(&reading, error);
    if (ok)
        gather_marks(&reading, count, arena, marks);
    free(reading.parts);
    tokens_release(&reading.cutter.tokens);
    tokenizer_workspace_free(reading.cutter.workspace);
    arena_release(&reading.arena);
    return ok;
}

bool reader_read(struct reader *reader, struct slice question, const struct reader_passage *passages, size_t count,
                 struct reader_answer *answers, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    struct reader_marks *marks = arena_alloc(&arena, count, sizeof(*marks));
    bool ok = reader_mark_passages(reader, question, passages, count, &arena, marks, error);
    for (size_t i = 0; ok && i < count; i++) {
        answers[i] = reader_marks_best(&marks[i], 0, passages[i].text.size);
        judge(&reader->info, &answers[i]);
    }
    arena_release(&arena);
    return ok;
}
