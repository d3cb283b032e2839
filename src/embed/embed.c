/* embed.c - passages and questions into vectors. */
#include "embedder.h"
#include "llm/llm.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_PASSAGES = 256, /* in one transaction: what a crash or Ctrl-C can lose is a second or two of work */
    SEAL_EVERY = 50000 /* so that another process that searches meanwhile has little to copy for itself */
};

struct embedder *embedder_create(struct project *project)
{
    struct embedder *embedder = memory_alloc(1, sizeof(*embedder));
    embedder->project = project;
    embedder->remote.project = project;
    arena_init(&embedder->arena);
    buffer_init(&embedder->asked, LIMIT_QUERY_BYTES);
    return embedder;
}

void embedder_free(struct embedder *embedder)
{
    if (embedder == NULL)
        return;
    model_close(embedder->model);
    remote_close(&embedder->remote);
    tokenizer_free(embedder->tokenizer);
    kept_vectors_free(embedder->kept);
    free(embedder->vector);
    buffer_release(&embedder->asked);
    arena_release(&embedder->arena);
    free(embedder);
}

/* ---- the model ---- */

bool embedder_is_elsewhere(const struct embedder *embedder)
{
    return llm_is_remote(embedder->project->settings.embedding);
}

static const struct embed_way *way_of(const struct embedder *embedder)
{
    return embedder_is_elsewhere(embedder) ? &embed_elsewhere : &embed_here;
}

static bool is_off(const struct project *project)
{
    return strcmp(project->settings.embedding, "none") == 0;
}

static bool find_model(struct embedder *embedder, struct error *error)
{
    return embedder->folder != NULL || way_of(embedder)->find(embedder, error);
}

/* Which model it is. */
static bool know_model(struct embedder *embedder, const struct store_embedding *stored, struct error *error)
{
    embedder->is_known = embedder->is_known || way_of(embedder)->know(embedder, stored, error);
    return embedder->is_known;
}

static void make_unit(float *vector, size_t dimensions)
{
    double sum = 0;
    for (size_t i = 0; i < dimensions; i++)
        sum += (double)vector[i] * (double)vector[i];
    double factor = sum > 0 ? 1 / sqrt(sum) : 0;
    for (size_t i = 0; i < dimensions; i++)
        vector[i] = (float)((double)vector[i] * factor);
}

void embedder_make_units(float *vectors, size_t count, size_t dimensions)
{
    for (size_t i = 0; i < count; i++)
        make_unit(vectors + i * dimensions, dimensions);
}

static bool make_vectors(struct embedder *embedder, const struct embed_texts *texts, float *vectors, struct error *error)
{
    if (!way_of(embedder)->embed(embedder, texts, vectors, error))
        return false;
    for (size_t i = 0; i < texts->count * way_of(embedder)->dimensions(embedder); i++)
        if (!isfinite(vectors[i]))
            return error_set(error, ERROR_CORRUPT, "model \"%s\" gives numbers that are none", embedder->name);
    return true;
}

/* ---- texts that are no passages ---- */

static bool tell_tokenizer(void *context, const struct tokenizer **tokenizer, size_t *tokens_max)
{
    struct embedder *embedder = context;
    struct error why;
    enum { OWN_TOKENS = 16 }; /* the model's marks at both ends, and a prompt before the text */
    if (embedder->tokenizer == NULL && !embedder->has_no_tokenizer)
        embedder->has_no_tokenizer = is_off(embedder->project) || !find_model(embedder, &why) ||
                                     !way_of(embedder)->read_tokenizer(embedder, &why);
    if (embedder->tokenizer == NULL)
        return false;
    *tokenizer = embedder->tokenizer;
    *tokens_max = embedder->tokens_max > 2 * OWN_TOKENS ? embedder->tokens_max - OWN_TOKENS : OWN_TOKENS;
    return true;
}

static bool measure_model(struct embedder *embedder, size_t *dimensions, struct error *error)
{
    if (!find_model(embedder, error) || !way_of(embedder)->open(embedder, error) || !way_of(embedder)->measure(embedder, error))
        return false;
    *dimensions = way_of(embedder)->dimensions(embedder);
    return true;
}

static bool embed_others(void *context, const struct slice *texts, size_t count, float **vectors, size_t *dimensions,
                         struct error *error)
{
    struct embedder *embedder = context;
    if (!measure_model(embedder, dimensions, error))
        return false;
    float *made = memory_alloc(count * *dimensions, sizeof(*made));
    if (!make_vectors(embedder, &(struct embed_texts){.texts = texts, .count = count}, made, error)) {
        free(made);
        return false;
    }
    *vectors = made;
    return true;
}

struct passage_model embedder_for_passages(struct embedder *embedder)
{
    return (struct passage_model){.measure = tell_tokenizer, .embed = embed_others, .context = embedder};
}

static bool make_missing(struct embedder *embedder, struct slice whose, const struct embed_texts *missing, const size_t *places,
                         float *vectors, struct error *error)
{
    size_t dimensions = way_of(embedder)->dimensions(embedder);
    float *made = memory_alloc(missing->count * dimensions, sizeof(*made));
    bool ok = make_vectors(embedder, missing, made, error);
    for (size_t i = 0; ok && i < missing->count; i++) {
        const float *vector = made + i * dimensions;
        memcpy(vectors + places[i] * dimensions, vector, dimensions * sizeof(*vector));
        kept_vectors_put(embedder->kept, whose, missing->texts[i], vector);
    }
    free(made);
    return ok;
}

bool embed_again(struct embedder *embedder, struct slice whose, const struct slice *texts, size_t count, float **vectors,
                 size_t *dimensions, struct error *error)
{
    if (!measure_model(embedder, dimensions, error))
        return false;
    if (embedder->kept == NULL)
        embedder->kept = kept_vectors_create(*dimensions);
    float *all = memory_alloc(count * *dimensions, sizeof(*all));
    struct slice *missing = memory_alloc(count, sizeof(*missing));
    size_t *places = memory_alloc(count, sizeof(*places)), missing_count = 0;
    for (size_t i = 0; i < count; i++) {
        const float *found = kept_vectors_find(embedder->kept, whose, texts[i]);
        if (found != NULL) {
            memcpy(all + i * *dimensions, found, *dimensions * sizeof(*found));
            continue;
        }
        missing[missing_count] = texts[i];
        places[missing_count++] = i;
    }
    const struct embed_texts work = {.texts = missing, .count = missing_count};
    bool ok = missing_count == 0 || make_missing(embedder, whose, &work, places, all, error);
    free(missing);
    free(places);
    if (!ok) {
        free(all);
        return false;
    }
    *vectors = all;
    return true;
}

/* ---- passages ---- */

struct passage_batch {
    struct buffer texts;
    int64_t ids[BATCH_PASSAGES];
    size_t ends[BATCH_PASSAGES]; /* in texts: the buffer may move while it is filled */
    size_t count, most;
};

struct embedding_work {
    struct embedder *embedder;
    const struct embed_progress *progress;
    struct embed_report *report;
    struct passage_batch batch;
    float *vectors;
    unsigned char digests[BATCH_PASSAGES][STORE_DIGEST_BYTES];
    struct buffer codes; /* of the batch, one behind the other */
    size_t code_bytes;
    size_t total, done, unsealed;
};

/* False, without an error, when the batch is full. */
static bool take_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct passage_batch *batch = context;
    (void)error;
    if (batch->count == batch->most || batch->texts.size > LIMIT_BATCH_BYTES)
        return false;
    passage_index_text(&batch->texts, document->title, passage->headings, passage->text);
    batch->ids[batch->count] = passage->id;
    batch->ends[batch->count++] = batch->texts.size;
    return true;
}

static bool read_batch(struct embedding_work *work, int64_t after, struct error *error)
{
    struct passage_batch *batch = &work->batch;
    batch->count = 0;
    buffer_clear(&batch->texts);
    error_clear(error);
    if (!store_each_passage(work->embedder->project->store, after + 1, INT64_MAX, take_passage, batch, error) &&
        error->kind != ERROR_NONE)
        return false;
    return buffer_finish(&batch->texts, "the text of a batch of passages", error);
}

static bool write_batch(struct embedding_work *work, struct error *error)
{
    struct store *store = work->embedder->project->store;
    const struct passage_batch *batch = &work->batch;
    bool ok = store_begin(store, STORE_WRITE, error);
    for (size_t i = 0; ok && i < batch->count; i++) {
        const struct slice code = {work->codes.data + i * work->code_bytes, work->code_bytes};
        ok = store_put_vector(store, batch->ids[i], work->digests[i], code, error);
    }
    ok = ok && store_commit(store, error);
    store_rollback(store);
    return ok;
}

static struct slice batch_text(const struct passage_batch *batch, size_t i)
{
    size_t start = i > 0 ? batch->ends[i - 1] : 0;
    return slice_trim((struct slice){batch->texts.data + start, batch->ends[i] - start});
}

/* Fills the codes that are spare, leaves room for the others and lists them in `wanted`. */
static bool take_spares(struct embedding_work *work, size_t wanted[BATCH_PASSAGES], size_t *count, struct error *error)
{
    struct store *store = work->embedder->project->store;
    *count = 0;
    buffer_clear(&work->codes);
    for (size_t i = 0; i < work->batch.count; i++) {
        unsigned char hash[SHA256_BYTES];
        const struct slice text = batch_text(&work->batch, i);
        bool found;
        sha256(hash, text.data, text.size);
        memcpy(work->digests[i], hash, STORE_DIGEST_BYTES);
        if (!store_find_spare(store, work->digests[i], &work->codes, &found, error))
            return false;
        if (found && work->codes.size == (i + 1) * work->code_bytes)
            continue;
        work->codes.size = i * work->code_bytes; /* there is none, or one of another size, which cannot be right */
        buffer_append_zeros(&work->codes, work->code_bytes);
        wanted[(*count)++] = i;
    }
    return buffer_finish(&work->codes, "the vectors of a batch", error);
}

static bool embed_batch(struct embedding_work *work, struct error *error)
{
    static const char *const prompts[] = {"document", "passage"};
    struct embedder *embedder = work->embedder;
    struct slice texts[BATCH_PASSAGES];
    size_t wanted[BATCH_PASSAGES], count, dimensions = way_of(embedder)->dimensions(embedder);
    if (!take_spares(work, wanted, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        texts[i] = batch_text(&work->batch, wanted[i]);
    const struct embed_texts wanted_texts = {texts, count, prompts, ARRAY_COUNT(prompts)};
    if (count > 0 && !make_vectors(embedder, &wanted_texts, work->vectors, error))
        return false;
    for (size_t i = 0; i < count; i++)
        vector_encode((unsigned char *)work->codes.data + wanted[i] * work->code_bytes, work->vectors + i * dimensions,
                      dimensions);
    if (!write_batch(work, error))
        return false;
    work->done += work->batch.count;
    work->report->embedded += count;
    work->unsealed += work->batch.count;
    if (work->unsealed < SEAL_EVERY)
        return true;
    work->unsealed = 0;
    return project_seal(embedder->project, error);
}

static bool step(const struct embedding_work *work, struct error *error)
{
    const struct embed_progress *progress = work->progress;
    if (progress->step == NULL || progress->step(progress->context, "embedding", work->done, work->total))
        return true;
    error_set(error, ERROR_CANCELLED, "stopped after %zu of %zu passages had their vectors", work->done, work->total);
    return error_hint(error, "All documents can be searched by words already. Run `assay add` again to go on.");
}

/* While a server is waited for. */
static bool is_stopped(void *context)
{
    struct error ignored;
    return !step(context, &ignored);
}

/* A request that was answered elsewhere, and may have cost money, is kept before the next one is sent. */
static size_t batch_most(const struct embedder *embedder)
{
    const struct embed_way *way = way_of(embedder);
    size_t at_once = way->at_once != NULL ? way->at_once(embedder) : BATCH_PASSAGES;
    return at_once < BATCH_PASSAGES ? at_once : BATCH_PASSAGES;
}

static bool embed_missing(struct embedding_work *work, int64_t after, struct error *error)
{
    size_t dimensions = way_of(work->embedder)->dimensions(work->embedder);
    work->vectors = memory_alloc(BATCH_PASSAGES * dimensions, sizeof(*work->vectors));
    work->code_bytes = vector_code_bytes(dimensions);
    work->batch.most = batch_most(work->embedder);
    buffer_init(&work->codes, BATCH_PASSAGES * 2 * work->code_bytes);
    buffer_init(&work->batch.texts, 2 * LIMIT_BATCH_BYTES);
    bool ok = step(work, error);
    while (ok) {
        ok = read_batch(work, after, error);
        if (!ok || work->batch.count == 0)
            break;
        after = work->batch.ids[work->batch.count - 1];
        ok = embed_batch(work, error) && step(work, error);
    }
    /* What was embedded before the person stopped it, or a server failed, goes into a file too. */
    struct error late;
    bool sealed = ok || error->kind == ERROR_CANCELLED || error->is_elsewhere
                      ? project_seal(work->embedder->project, ok ? error : &late)
                      : true;
    buffer_release(&work->batch.texts);
    buffer_release(&work->codes);
    free(work->vectors);
    return ok && sealed;
}

/* Every passage has its vector: what was kept of those that went is of no more use. */
static bool drop_spares(struct project *project, struct error *error)
{
    bool ok = store_begin(project->store, STORE_WRITE, error) && store_drop_spares(project->store, error) &&
              store_commit(project->store, error);
    store_rollback(project->store);
    return ok;
}

/* Makes the catalog's vectors those of this model: nothing to do when they are, else they go. */
static bool adopt_model(struct embedder *embedder, const struct store_embedding *stored, struct embed_report *report,
                        struct error *error)
{
    struct store *store = embedder->project->store;
    struct store_vector_counts counts;
    bool is_same = stored != NULL && memcmp(stored->fingerprint, embedder->fingerprint, STORE_HASH_BYTES) == 0;
    if (is_same && slice_equal(stored->stamp, (struct slice){(const char *)embedder->stamp, sizeof(embedder->stamp)}))
        return true;
    if (!store_count_vectors(store, &counts, error) || !way_of(embedder)->open(embedder, error) ||
        !way_of(embedder)->measure(embedder, error) || !store_begin(store, STORE_WRITE, error))
        return false;
    struct store_embedding adopted = {.model = slice_from(embedder->name),
                                      .stamp = {(const char *)embedder->stamp, sizeof(embedder->stamp)},
                                      .dimensions = (int64_t)way_of(embedder)->dimensions(embedder)};
    memcpy(adopted.fingerprint, embedder->fingerprint, sizeof(adopted.fingerprint));
    bool ok = (is_same || store_drop_vectors(store, error)) && store_set_embedding(store, &adopted, error) &&
              store_commit(store, error);
    store_rollback(store);
    if (ok && !is_same)
        report->dropped = (size_t)counts.vectors;
    return ok;
}

bool embed_passages(struct embedder *embedder, const struct embed_progress *progress, struct embed_report *report,
                    struct error *error)
{
    struct project *project = embedder->project;
    struct store_embedding stored;
    struct store_vector_counts counts;
    struct embedding_work work = {.embedder = embedder, .progress = progress, .report = report};
    bool found;
    assert(project->mode == STORE_WRITE);
    *report = (struct embed_report){0};
    if (is_off(project))
        return true;
    if (!store_get_embedding(project->store, &embedder->arena, &stored, &found, error) ||
        !store_count_vectors(project->store, &counts, error))
        return false;
    if (!found && counts.missing == 0)
        return true; /* an empty project needs no model */
    if (!find_model(embedder, error)) {
        if (error->kind != ERROR_NOT_FOUND || strcmp(project->settings.embedding, "builtin") != 0)
            return false;
        report->no_model = counts.missing > 0;
        report->why = *error;
        return true;
    }
    if (!know_model(embedder, found ? &stored : NULL, error) || !adopt_model(embedder, found ? &stored : NULL, report, error) ||
        !store_count_vectors(project->store, &counts, error))
        return false;
    if (!store_get_embedding(project->store, &embedder->arena, &stored, &found, error))
        return false;
    if (!found)
        return error_set(error, ERROR_CORRUPT, "the catalog does not keep which model its vectors are of");
    if (!way_of(embedder)->expect(embedder, (size_t)stored.dimensions, error))
        return false;
    work.total = (size_t)counts.missing;
    embedder->remote.is_cancelled = is_stopped;
    embedder->remote.context = &work;
    bool ok = counts.missing == 0 || (way_of(embedder)->open(embedder, error) && embed_missing(&work, counts.last, error));
    embedder->remote.is_cancelled = NULL;
    if (!ok)
        return false;
    return (!counts.has_spares || progress->keep_spares || drop_spares(project, error)) &&
           (counts.missing > 0 || counts.last <= counts.sealed || project_seal(project, error));
}

/* ---- questions ---- */

bool embed_without_vectors(const struct embedder *embedder, struct error *error)
{
    if (is_off(embedder->project)) {
        error_set(error, ERROR_NOT_FOUND, "the project has no embedding model: `embedding` is `none`");
        return error_hint(error, "Name one in assay.yaml, and run `assay add`.");
    }
    error_set(error, ERROR_NOT_FOUND, "the passages have no vectors yet");
    return error_hint(error, "Run `assay add`.");
}

bool embed_ready(struct embedder *embedder, struct error *error)
{
    const struct project *project = embedder->project;
    struct store_embedding stored;
    bool found;
    if (is_off(project) || project->vectors.index == NULL || vector_index_count(project->vectors.index) == 0)
        return embed_without_vectors(embedder, error);
    if (!embedder->is_known &&
        (!find_model(embedder, error) || !store_get_embedding(project->store, &embedder->arena, &stored, &found, error) ||
         !know_model(embedder, found ? &stored : NULL, error)))
        return false;
    if (memcmp(project->vectors.fingerprint, embedder->fingerprint, STORE_HASH_BYTES) == 0)
        return true;
    error_set(error, ERROR_CONFLICT, "the vectors are not those of model \"%s\", which the settings name", embedder->name);
    return error_hint(error, "Run `assay add`: it makes them anew.");
}

bool embed_question(struct embedder *embedder, struct slice question, const float **vector, struct error *error)
{
    static const char *const prompts[] = {"query"};
    if (!way_of(embedder)->open(embedder, error) ||
        !way_of(embedder)->expect(embedder, embedder->project->vectors.dimensions, error))
        return false;
    size_t dimensions = way_of(embedder)->dimensions(embedder);
    assert(dimensions == embedder->project->vectors.dimensions);
    if (embedder->vector == NULL || !slice_equal(buffer_slice(&embedder->asked), question)) {
        free(embedder->vector);
        embedder->vector = NULL;
        float *made = memory_alloc(dimensions, sizeof(*made));
        const struct embed_texts asked = {&question, 1, prompts, ARRAY_COUNT(prompts)};
        embedder->remote.is_hurried = true; /* somebody waits, and words are here */
        bool ok = make_vectors(embedder, &asked, made, error);
        embedder->remote.is_hurried = false;
        if (!ok) {
            free(made);
            return false;
        }
        buffer_clear(&embedder->asked);
        buffer_append_slice(&embedder->asked, question);
        embedder->vector = made;
    }
    *vector = embedder->vector;
    return true;
}
