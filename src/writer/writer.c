/* writer.c - opens a writer, finds the window to write from, and writes.
 *
 *   1. windows of all passages, or of all behind one another, or none
 *   2. each through the encoder, and the first token behind it: how likely is it to end at once?
 *   3. the window with the highest score (and bonus) is written from: write_beam.c */
#include "writer_parts.h"
#include "codec/codec.h"
#include "reader/reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PROVENANCE_BYTES_MAX = 1 << 20, ROWS_AT_ONCE = 32 };

static const char *const passages_names[] = {"each", "joined", "none"}; /* ORDER writer_passages */

const char *writer_passages_name(enum writer_passages passages)
{
    return passages_names[passages];
}

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

static bool take_passages(struct writer *writer, const struct json_value *root, const char *path, struct error *error)
{
    const struct json_value *value = NULL;
    if (!json_member(root, path, "passages", JSON_TEXT, &value, error))
        return false;
    if (value == NULL)
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(passages_names); i++)
        if (slice_equal_text(value->text, passages_names[i])) {
            writer->info.passages = (enum writer_passages)i;
            return true;
        }
    return error_set(error, ERROR_INVALID, "\"%s\": \"passages\" is none of each, joined and none", path);
}

/* What the scores are worth, and how it wants its passages. */
static bool read_provenance(struct writer *writer, struct error *error)
{
    struct json_value root;
    struct buffer text;
    const char *path = path_join(&writer->arena, writer->info.adapter, "provenance.json");
    writer->info.slope = 1;
    if (!file_exists(path))
        return true;
    buffer_init(&text, PROVENANCE_BYTES_MAX);
    bool ok = file_read(path, PROVENANCE_BYTES_MAX, &text, error) &&
              json_read(arena_slice(&writer->arena, buffer_slice(&text)), path, &writer->arena, &root, error);
    if (ok && root.kind != JSON_OBJECT)
        ok = error_set(error, ERROR_INVALID, "\"%s\" is %s, expected an object", path, json_kind_name(root.kind));
    ok = ok && read_real(&root, path, "threshold", &writer->info.threshold, error) &&
         read_real(&root, path, "chance_slope", &writer->info.slope, error) &&
         read_real(&root, path, "chance_offset", &writer->info.offset, error) && take_passages(writer, &root, path, error);
    buffer_release(&text);
    return ok;
}

static bool read_tensor(struct writer *writer, const char *name, size_t rows, size_t columns, float **values,
                        struct error *error)
{
    *values = model_read(writer->model, name, rows, columns, error);
    for (size_t i = 0; *values != NULL && i < rows * (columns > 0 ? columns : 1); i++)
        if (!isfinite((*values)[i]))
            return error_set(error, ERROR_CORRUPT, "tensor \"%s\" of adapter \"%s\" holds what is no number", name,
                             writer->info.adapter);
    return *values != NULL;
}

static bool read_head(struct writer *writer, struct error *error)
{
    size_t hidden = writer->hidden;
    return read_tensor(writer, WRITER_DENSE ".weight", hidden, hidden, &writer->dense, error) &&
           read_tensor(writer, WRITER_DENSE ".bias", hidden, 0, &writer->dense_bias, error) &&
           read_tensor(writer, WRITER_NORM ".weight", hidden, 0, &writer->norm, error) &&
           read_tensor(writer, WRITER_NORM ".bias", hidden, 0, &writer->norm_bias, error) &&
           read_tensor(writer, WRITER_WORDS ".bias", writer->vocabulary, 0, &writer->bias, error) &&
           read_tensor(writer, WRITER_QUERY ".weight", hidden, hidden, &writer->query, error) &&
           read_tensor(writer, WRITER_QUERY ".bias", hidden, 0, &writer->query_bias, error) &&
           read_tensor(writer, WRITER_GATE ".weight", 1, hidden, &writer->gate, error) &&
           read_tensor(writer, WRITER_GATE ".bias", 1, 0, &writer->gate_bias, error);
}

static bool pack_words(struct writer *writer, struct error *error)
{
    bool halves = model_info(writer->model)->precision != MODEL_F32 && gemm_has_bf16();
    float *words = model_words(writer->model);
    bool ok = words != NULL || error_set(error, ERROR_NO_MEMORY, "no memory for %zu words", writer->vocabulary);
    ok = ok && gemm_pack(&writer->words, halves ? GEMM_BF16 : GEMM_F32, words, writer->vocabulary, writer->hidden, error);
    free(words);
    return ok;
}

static bool make_lanes(struct writer *writer, struct error *error)
{
    writer->lane_count = pool_thread_count(writer->pool);
    writer->lanes = memory_alloc(writer->lane_count, sizeof(struct gemm_lane *));
    writer->tiles = memory_alloc(writer->lane_count, sizeof(float *));
    bool ok = true;
    for (size_t i = 0; i < writer->lane_count; i++) {
        writer->lanes[i] = gemm_lane_create();
        writer->tiles[i] = memory_large((size_t)GEMM_TILE * GEMM_PANEL, sizeof(float));
        ok = ok && writer->tiles[i] != NULL;
    }
    return ok || error_set(error, ERROR_NO_MEMORY, "no memory for %zu threads", writer->lane_count);
}

/* The form that it learned lies beside its weights. */
static bool read_form(struct writer *writer, struct error *error)
{
    const char *path = path_join(&writer->arena, writer->info.adapter, "form.json");
    struct form *form = NULL;
    struct buffer text;
    if (!file_exists(path))
        return true;
    buffer_init(&text, PROVENANCE_BYTES_MAX);
    bool ok = file_read(path, PROVENANCE_BYTES_MAX, &text, error) &&
              form_read(&form, buffer_slice(&text), path, model_tokenizer(writer->model), error);
    buffer_release(&text);
    writer->info.form = form;
    return ok;
}

bool writer_check_base(const struct tokenizer *tokenizer, struct error *error)
{
    if (strcmp(tokenizer_kind(tokenizer), "WordPiece") == 0)
        return true;
    error_set(error, ERROR_INVALID, "a writer needs a model with WordPiece tokens, this one has %s", tokenizer_kind(tokenizer));
    return error_hint(error, "Choose a BERT model, such as the one that comes with assay.");
}

void writer_divide(size_t positions, size_t tokens_max, size_t *source, size_t *target)
{
    *target = positions / 2 < WRITER_TARGET_TOKENS ? positions / 2 : WRITER_TARGET_TOKENS;
    *source = positions - *target - 1;
    if (tokens_max < *source)
        *source = tokens_max;
}

static bool open_parts(struct writer *writer, const struct writer_options *options, struct error *error)
{
    const struct model_options model = {options->precision, options->pool, options->adapter};
    if (!read_provenance(writer, error) || !model_open(&writer->model, options->base, &model, error) ||
        !writer_check_base(model_tokenizer(writer->model), error))
        return false;
    const struct model_info *info = model_info(writer->model);
    writer->hidden = info->hidden;
    writer->vocabulary = info->vocabulary;
    size_t tokens = tokenizer_count(model_tokenizer(writer->model));
    if (tokens > writer->vocabulary)
        return error_set(error, ERROR_INVALID, "the tokenizer has %zu tokens, the model %zu", tokens, writer->vocabulary);
    writer_divide(info->positions, info->tokens_max, &writer->info.tokens_max, &writer->info.target_max);
    return read_head(writer, error) && pack_words(writer, error) && make_lanes(writer, error) && read_form(writer, error);
}

bool writer_open(struct writer **writer, const struct writer_options *options, struct error *error)
{
    struct writer *opened = memory_alloc(1, sizeof(*opened));
    arena_init(&opened->arena);
    opened->pool = options->pool;
    opened->info.adapter = arena_text(&opened->arena, slice_from(options->adapter));
    opened->has_lock = pthread_mutex_init(&opened->lock, NULL) == 0;
    if (!open_parts(opened, options, error)) {
        writer_close(opened);
        return error_wrap(error, "could not open writer \"%s\"", options->adapter);
    }
    *writer = opened;
    return true;
}

void writer_close(struct writer *writer)
{
    if (writer == NULL)
        return;
    float *const tensors[] = {writer->dense, writer->dense_bias, writer->norm, writer->norm_bias, writer->bias,
                              writer->query, writer->query_bias, writer->gate, writer->gate_bias};
    for (size_t i = 0; i < ARRAY_COUNT(tensors); i++)
        free(tensors[i]);
    for (size_t i = 0; i < writer->lane_count; i++) {
        gemm_lane_free(writer->lanes[i]);
        free(writer->tiles[i]);
    }
    free(writer->lanes);
    free(writer->tiles);
    gemm_release(&writer->words);
    form_free((struct form *)(uintptr_t)writer->info.form);
    model_close(writer->model);
    if (writer->has_lock)
        pthread_mutex_destroy(&writer->lock);
    arena_release(&writer->arena);
    free(writer);
}

bool writer_read_form(const struct writer *writer, struct slice schema, struct form **form, struct error *error)
{
    if (!form_read(form, schema, "the schema", model_tokenizer(writer->model), error))
        return false;
    size_t least = form_least(*form);
    if (least <= writer->info.target_max)
        return true;
    form_free(*form);
    *form = NULL;
    return error_set(error, ERROR_LIMIT, "the schema's shortest answer has %zu tokens, the writer writes %zu", least,
                     writer->info.target_max);
}

const struct writer_info *writer_info(const struct writer *writer)
{
    return &writer->info;
}

/* ---- which window? ---- */

struct choosing {
    struct writer *writer;
    const struct writer_request *request;
    struct reader_cutter cutter;
    struct slice question;
    struct write_source best;
    double best_worth, best_score;
    bool has_best;
};

/* log (1 - p) / p of ending at once. */
static bool score_of(struct writer *writer, const struct write_source *source, double *score, struct error *error)
{
    struct text_memory memory;
    float *state = memory_alloc(writer->hidden, sizeof(*state)), *p = memory_alloc(writer->vocabulary, sizeof(*p));
    bool ok = text_memory_init(&memory, model_info(writer->model), 1, &source->memory, error);
    struct text_memory *const memories[] = {&memory};
    ok = ok && rows_behind(writer, memories, 1, &source->start, 1, state, error) &&
         next_tokens(writer, source, state, 1, p, error);
    double rest = 0;
    for (size_t v = 0; v < writer->vocabulary; v++)
        rest += v != source->end ? (double)p[v] : 0;
    *score = log(fmax(rest, 1e-30)) - log(fmax((double)p[source->end], 1e-30));
    text_memory_release(&memory);
    free(state);
    free(p);
    return ok;
}

/* The source stays if it is the best so far. */
static bool weigh(struct choosing *choosing, const struct slice *window, size_t passage, size_t offset, struct error *error)
{
    struct write_source source;
    double score = 0;
    const double *bonus = choosing->request->bonus;
    bool ok = source_read(choosing->writer, choosing->question, window, &source, error) &&
              score_of(choosing->writer, &source, &score, error);
    source.passage = passage;
    source.offset = offset;
    double worth = score + (bonus != NULL && window != NULL ? bonus[passage] : 0);
    if (!ok || (choosing->has_best && !(worth > choosing->best_worth))) {
        source_release(&source);
        return ok;
    }
    source_release(&choosing->best);
    choosing->best = source;
    choosing->best_worth = worth;
    choosing->best_score = score;
    choosing->has_best = true;
    return true;
}

static bool weigh_passage(struct choosing *choosing, struct slice passage, size_t number, struct error *error)
{
    struct reader_window *windows = NULL;
    size_t count = 0, capacity = 0;
    bool ok = true;
    reader_cut_passage(&choosing->cutter, choosing->question, passage, &windows, &count, &capacity);
    for (size_t i = 0; i < count && ok; i++) {
        struct slice window = slice_range(passage, windows[i].start, windows[i].end);
        ok = weigh(choosing, &window, number, windows[i].start, error);
    }
    free(windows);
    return ok;
}

struct slice writer_join(const struct slice *passages, size_t count, struct arena *arena)
{
    struct buffer joined;
    buffer_init(&joined, LIMIT_EXTRACT_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(&joined, '\n');
        buffer_append_slice(&joined, passages[i]);
    }
    struct slice text = arena_slice(arena, buffer_slice(&joined));
    buffer_release(&joined);
    return text;
}

static bool weigh_all(struct choosing *choosing, struct arena *arena, struct error *error)
{
    const struct writer_request *request = choosing->request;
    enum writer_passages passages = choosing->writer->info.passages;
    bool ok = true;
    if (passages == WRITER_ALONE || (passages == WRITER_EACH && request->count == 0))
        return weigh(choosing, NULL, 0, 0, error);
    if (passages == WRITER_JOINED) { /* what does not fit is cut off */
        struct slice joined = writer_join(request->passages, request->count, arena);
        return weigh(choosing, &joined, 0, 0, error);
    }
    for (size_t i = 0; i < request->count && ok; i++)
        ok = weigh_passage(choosing, request->passages[i], i, error);
    return ok;
}

/* ---- writing ---- */

struct form_source {
    const struct writer *writer;
    const struct write_source *source;
};

static struct slice form_text_of(void *context, const uint32_t *ids, size_t count, struct arena *arena)
{
    const struct form_source *from = context;
    size_t start, end;
    return text_of(from->writer, from->source, ids, count, arena, &start, &end);
}

static bool put_text(struct writer *writer, const struct choosing *choosing, const struct form *form,
                     const struct write_line *line, struct arena *arena, struct writer_answer *answer, struct error *error)
{
    const struct write_source *source = &choosing->best;
    answer->log_p = line->log_p;
    answer->id_count = line->count;
    answer->ids = memcpy(arena_alloc(arena, line->count + 1, sizeof(*line->ids)), line->ids, line->count * sizeof(*line->ids));
    if (form == NULL) {
        answer->text = text_of(writer, source, line->ids, line->count, arena, &answer->start, &answer->end);
        if (answer->end > 0 && writer->info.passages == WRITER_EACH) {
            answer->start += source->offset;
            answer->end += source->offset;
        } else {
            answer->start = answer->end = 0;
        }
        return true;
    }
    struct form_source text = {writer, source};
    return form_write(form, line->ids, line->count, &(struct form_texts){form_text_of, &text}, arena, &answer->text, error);
}

static bool write_answer(struct choosing *choosing, struct arena *arena, struct writer_answer *answer, struct error *error)
{
    struct writer *writer = choosing->writer;
    const struct writer_request *request = choosing->request;
    const struct writer_info *info = &writer->info;
    struct write_line line = {0};
    bool found = false;
    *answer = (struct writer_answer){.score = -(double)INFINITY};
    if (!weigh_all(choosing, arena, error) || !choosing->has_best)
        return choosing->has_best || error->kind == ERROR_NONE;
    answer->score = choosing->best_score;
    answer->chance = 1 / (1 + exp(-(info->slope * answer->score + info->offset)));
    answer->passage = choosing->best.passage;
    if (!(answer->score > info->threshold) && !request->always)
        return true;
    size_t beams = request->beams > 0 && request->beams <= WRITER_BEAMS_MAX ? request->beams : 1;
    const struct write_search search = {.writer = writer,
                                        .source = &choosing->best,
                                        .form = request->form != NULL ? request->form : info->form,
                                        .beams = beams};
    if (!write_best(&search, &line, &found, error))
        return false;
    answer->answers = found && answer->score > info->threshold;
    return !found || put_text(writer, choosing, search.form, &line, arena, answer, error);
}

bool writer_write(struct writer *writer, const struct writer_request *request, struct arena *arena,
                  struct writer_answer *answer, struct error *error)
{
    struct choosing choosing = {.writer = writer, .request = request};
    *error = (struct error){0};
    choosing.cutter = (struct reader_cutter){.tokenizer = model_tokenizer(writer->model),
                                             .tokens_max = writer->info.tokens_max};
    choosing.cutter.workspace = tokenizer_workspace_create();
    tokens_init(&choosing.cutter.tokens);
    bool is_alone = writer->info.passages != WRITER_EACH || request->count == 0; /* then the question is what matters */
    choosing.question = is_alone ? request->question : reader_cut_question(&choosing.cutter, request->question);
    pthread_mutex_lock(&writer->lock);
    bool ok = write_answer(&choosing, arena, answer, error);
    pthread_mutex_unlock(&writer->lock);
    source_release(&choosing.best);
    tokens_release(&choosing.cutter.tokens);
    tokenizer_workspace_free(choosing.cutter.workspace);
    return ok;
}

/* ---- without steps ---- */

bool writer_likelihood(struct writer *writer, struct slice question, struct slice passage, const uint32_t *ids, size_t count,
                       double *log_p, struct error *error)
{
    struct write_source source;
    struct text_memory memory = {0};
    size_t rows = count + 1;
    uint32_t *read = memory_alloc(rows, sizeof(*read));
    float *states = memory_alloc(rows, writer->hidden * sizeof(float)), *p = memory_alloc(writer->vocabulary, sizeof(*p));
    struct text_memory *const memories[] = {&memory};
    *log_p = 0;
    pthread_mutex_lock(&writer->lock);
    bool ok = source_read(writer, question, passage.data != NULL ? &passage : NULL, &source, error) &&
              text_memory_init(&memory, model_info(writer->model), rows, &source.memory, error);
    read[0] = source.start;
    memcpy(read + 1, ids, count * sizeof(*ids));
    ok = ok && rows_behind(writer, memories, 1, read, rows, states, error);
    for (size_t i = 0; i < rows && ok; i++) {
        ok = next_tokens(writer, &source, states + i * writer->hidden, 1, p, error);
        *log_p += log((double)p[i < count ? ids[i] : source.end]);
    }
    pthread_mutex_unlock(&writer->lock);
    text_memory_release(&memory);
    source_release(&source);
    free(read);
    free(states);
    free(p);
    return ok;
}
