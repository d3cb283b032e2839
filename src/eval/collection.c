/* collection.c - a judged collection: its texts become a project of their own, every question is asked, and what was found is measured.
 *
 *   corpus ─ each text one document with one passage, "title text" ─▶ project in a temporary folder (or the one to keep)
 *   questions ─▶ answer_search ─▶ results in trec_eval's order ─▶ measures, and the run file
 *
 * trec_eval orders by score, held as a float, and then by the document's name, descending. The same order stands here, so that
 * the run file measured there gives the same numbers. A result that is the question itself is dropped, as BEIR does. */
#include "files.h"
#include "runs.h"
#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { K_USUAL = 100 };

/* ---- the project ---- */

struct known_text {
    int64_t id;
    unsigned char hash[STORE_HASH_BYTES];
    bool seen;
};

struct corpus {
    struct project *project;
    const char *path;
    struct map by_name; /* → number in known, plus one */
    struct known_text *known;
    size_t known_count, known_capacity;
    struct arena arena;
    size_t count, in_batch;
    const struct eval_progress *progress;
};

static bool know_text(void *context, const struct store_document *document, struct error *error)
{
    struct corpus *corpus = context;
    (void)error;
    corpus->known = memory_more(corpus->known, corpus->known_count, &corpus->known_capacity, sizeof(*corpus->known));
    struct known_text *known = &corpus->known[corpus->known_count++];
    *known = (struct known_text){.id = document->id};
    memcpy(known->hash, document->hash, sizeof(known->hash));
    map_put(&corpus->by_name, document->path, NULL)->value = corpus->known_count;
    return true;
}

static bool commit_batch(struct corpus *corpus, struct error *error)
{
    corpus->in_batch = 0;
    return store_commit(corpus->project->store, error) && eval_step(corpus->progress, "reading", corpus->count, 0, error);
}

static bool put_text(struct corpus *corpus, struct slice name, struct slice text, const unsigned char *hash,
                     struct error *error)
{
    static const struct slice label = SLICE_CONSTANT("public");
    struct store *store = corpus->project->store;
    const struct store_passage passage = {.text = text, .end = (int64_t)text.size, .line = 1, .line_end = 1};
    struct store_document document = {.path = name,
                                      .format = SLICE("text"),
                                      .language = slice_from(text_language_code(text_language_of(text))),
                                      .size = (int64_t)text.size};
    memcpy(document.hash, hash, sizeof(document.hash));
    if (corpus->in_batch == 0 && !store_begin(store, STORE_WRITE, error))
        return false;
    corpus->in_batch++;
    return store_put_document(store, &document, text, &passage, 1, &label, 1, error) &&
           (corpus->in_batch < LIMIT_BATCH_DOCUMENTS || commit_batch(corpus, error));
}

static bool take_text(void *context, const struct json_value *object, size_t line, struct error *error)
{
    struct corpus *corpus = context;
    struct slice name, text;
    const struct json_value *title = json_get(object, "title");
    unsigned char hash[STORE_HASH_BYTES];
    arena_clear(&corpus->arena);
    if (!files_text(object, corpus->path, line, "_id", &name, error) ||
        !files_text(object, corpus->path, line, "text", &text, error))
        return false;
    if (name.size == 0 || name.size >= LIMIT_PATH_BYTES)
        return error_set(error, ERROR_INVALID, "%s:%zu: \"_id\" is empty or too long", corpus->path, line);
    if (title != NULL && title->kind == JSON_TEXT && title->text.size > 0)
        text = slice_from(
            arena_format(&corpus->arena, SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(title->text), SLICE_ARGUMENT(text)));
    crypto_hash_sha256(hash, (const unsigned char *)text.data, text.size);
    corpus->count++;
    bool is_new;
    struct map_entry *entry = map_put(&corpus->by_name, name, &is_new);
    struct known_text *known = is_new ? NULL : &corpus->known[entry->value - 1];
    if (known != NULL && known->seen)
        return error_set(error, ERROR_INVALID, "%s:%zu: \"_id\" \"" SLICE_FORMAT "\" stands twice", corpus->path, line,
                         SLICE_ARGUMENT(name));
    if (known == NULL) {
        corpus->known = memory_more(corpus->known, corpus->known_count, &corpus->known_capacity, sizeof(*corpus->known));
        corpus->known[corpus->known_count++] = (struct known_text){.seen = true};
        entry->value = corpus->known_count;
        return put_text(corpus, name, text, hash, error);
    }
    known->seen = true;
    return memcmp(known->hash, hash, sizeof(hash)) == 0 || put_text(corpus, name, text, hash, error);
}

/* Texts of an older corpus in a folder that was kept. */
static bool remove_unseen(struct corpus *corpus, struct error *error)
{
    struct store *store = corpus->project->store;
    for (size_t i = 0; i < corpus->known_count; i++) {
        if (corpus->known[i].seen)
            continue;
        if (corpus->in_batch == 0 && !store_begin(store, STORE_WRITE, error))
            return false;
        corpus->in_batch++;
        if (!store_remove_document(store, corpus->known[i].id, error))
            return false;
    }
    return corpus->in_batch == 0 || commit_batch(corpus, error);
}

static bool read_corpus(struct corpus *corpus, struct error *error)
{
    struct buffer text;
    buffer_init(&text, LIMIT_COLLECTION_BYTES);
    map_init(&corpus->by_name, UINT32_MAX / 4);
    arena_init(&corpus->arena);
    bool ok = store_each_document(corpus->project->store, know_text, corpus, error) && files_read(corpus->path, &text, error) &&
              files_each_line(buffer_slice(&text), corpus->path, take_text, corpus, error) && remove_unseen(corpus, error);
    store_rollback(corpus->project->store);
    ok = ok && project_seal(corpus->project, error);
    buffer_release(&text);
    map_release(&corpus->by_name);
    arena_release(&corpus->arena);
    free(corpus->known);
    return ok;
}

/* ---- questions ---- */

struct ranked {
    struct slice document;
    float score;
};

struct asking {
    const struct eval_collection *collection;
    struct project *project;
    struct embedder *embedder;
    const struct judged *judged;
    struct eval_scores *scores;
    struct eval_report *report;
    struct buffer run;
};

static int trec_order(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->score != right->score)
        return left->score < right->score ? 1 : -1;
    return slice_compare(right->document, left->document);
}

static void write_run(struct buffer *run, struct slice question, const struct ranked *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_append_slice(run, question);
        buffer_append_text(run, " Q0 ");
        buffer_append_slice(run, items[i].document);
        buffer_format(run, " %zu %.9g assay\n", i, (double)items[i].score);
    }
}

static void measure(const struct asking *asking, const struct question *question, const struct ranked *items, size_t count,
                    struct eval_scores *scores)
{
    double *relevant = memory_alloc(question->count, sizeof(*relevant)), *gains = memory_alloc(count + 1, sizeof(*gains));
    size_t relevant_count = 0;
    for (size_t i = 0; i < question->count; i++) {
        const struct judgement *judgement = &asking->judged->judgements[question->first + i];
        if (judgement->gain > 0)
            relevant[relevant_count++] = judgement->gain;
    }
    for (size_t i = 0; i < count; i++)
        gains[i] = files_gain(asking->judged, question, items[i].document);
    eval_question(gains, count, relevant, relevant_count, scores);
    free(relevant);
    free(gains);
}

/* Some collections ask with their own documents (ArguAna, Quora), and finding itself is no find. Where one of that name is judged relevant, ids only
 * happen to be the same: questions and documents are both numbered. */
static bool is_question_itself(const struct judged *judged, const struct question *question, struct slice document)
{
    return slice_equal(document, question->id) && files_gain(judged, question, document) <= 0;
}

static bool ask(struct asking *asking, const struct question *question, struct error *error)
{
    const struct eval_collection *collection = asking->collection;
    struct search_result result;
    const struct search_request request = {.question = question->text,
                                           .k = collection->k > 0 ? collection->k : K_USUAL,
                                           .keep_copies = true,
                                           .mode = collection->mode,
                                           .plain = true,
                                           .embedder = asking->embedder,
                                           .ranker = collection->ranker};
    uint64_t start = clock_now_ns();
    bool ok = answer_search(asking->project, &request, &result, error);
    asking->report->search_ms += clock_ms_since(start);
    if (ok) {
        size_t count = 0;
        struct ranked *items = arena_alloc(&result.arena, result.count, sizeof(*items));
        for (size_t i = 0; i < result.count; i++)
            if (!is_question_itself(asking->judged, question, result.hits[i].path))
                items[count++] = (struct ranked){result.hits[i].path, (float)result.hits[i].score};
        if (count > 0)
            qsort(items, count, sizeof(*items), trec_order);
        if (collection->run_out != NULL)
            write_run(&asking->run, question->id, items, count);
        asking->report->mode = result.mode;
        measure(asking, question, items, count, &asking->scores[asking->report->cases++]);
    }
    search_result_release(&result);
    return ok || error_wrap(error, "%s: question \"" SLICE_FORMAT "\"", collection->queries, SLICE_ARGUMENT(question->id));
}

static bool has_relevant(const struct judged *judged, const struct question *question)
{
    for (size_t i = 0; i < question->count; i++) {
        const struct judgement *judgement = &judged->judgements[question->first + i];
        if (judgement->gain > 0)
            return true;
    }
    return false;
}

static bool ask_all(struct asking *asking, struct error *error)
{
    const struct judged *judged = asking->judged;
    bool ok = true;
    for (size_t i = 0; ok && i < judged->question_count; i++) {
        if (has_relevant(judged, &judged->questions[i]))
            ok = ask(asking, &judged->questions[i], error);
        else
            asking->report->passed_over++;
        ok = ok && eval_step(&asking->collection->progress, "asking", i + 1, judged->question_count, error);
    }
    if (ok && asking->report->cases == 0) {
        error_set(error, ERROR_INVALID, "no question of \"%s\" is judged in \"%s\"", asking->collection->queries,
                  asking->collection->qrels);
        return error_hint(error, "Do they belong together? The first column of the judgements is the _id of a question.");
    }
    if (ok && asking->collection->run_out != NULL)
        ok = buffer_finish(&asking->run, "the run file", error) &&
             file_replace(asking->collection->run_out, buffer_slice(&asking->run), error);
    return ok;
}

/* A name means the model that it means where the command was given. */
static void use_models_from_here(struct project *project, struct arena *arena)
{
    struct model_place place;
    struct error ignored;
    const char *name = project->settings.embedding;
    if (strcmp(name, "none") != 0 && strchr(name, '/') == NULL && models_find(name, NULL, arena, &place, &ignored))
        project->settings.embedding = path_join(arena, project->root, place.folder);
}

static bool evaluate(const struct eval_collection *collection, struct project *project, struct eval_report *report,
                     struct error *error)
{
    struct corpus corpus = {.project = project, .path = collection->corpus, .progress = &collection->progress};
    struct embed_report embedded = {0};
    struct judged judged;
    struct arena arena;
    const struct embed_progress progress = {.step = collection->progress.step, .context = collection->progress.context};
    if (!read_corpus(&corpus, error))
        return false;
    report->documents = corpus.count;
    arena_init(&arena);
    use_models_from_here(project, &arena);
    struct embedder *embedder = embedder_create(project);
    bool ok = (collection->mode == RETRIEVE_TEXT || embed_passages(embedder, &progress, &embedded, error)) &&
              files_read_judged(collection->queries, collection->qrels, &arena, &judged, error);
    if (ok) {
        struct asking asking = {collection, project, embedder, &judged, NULL, report, {0}};
        asking.scores = memory_alloc(judged.question_count + 1, sizeof(*asking.scores));
        buffer_init(&asking.run, LIMIT_COLLECTION_BYTES);
        ok = ask_all(&asking, error);
        if (ok)
            eval_intervals(asking.scores, NULL, report->cases, report->measures);
        buffer_release(&asking.run);
        free(asking.scores);
        files_free_judged(&judged);
    }
    embedder_free(embedder);
    arena_release(&arena);
    return ok;
}

/* An empty folder of its own below $TMPDIR or /tmp. */
static bool make_temporary(struct arena *arena, char **folder, struct error *error)
{
    const char *below = getenv("TMPDIR");
    *folder = arena_format(arena, "%s/assay-eval-XXXXXX", below != NULL && below[0] == '/' ? below : "/tmp");
    return mkdtemp(*folder) != NULL || error_system(error, "could not make a folder \"%s\"", *folder);
}

static bool find_entry(void *context, const char *name, struct error *error)
{
    (void)name, (void)error;
    *(bool *)context = true;
    return true;
}

/* A folder may be kept between runs when it is one of this command's, a project without documents, or empty: documents that are not the
 * collection's would be removed from it. */
static bool check_kept(const char *folder, const char *mark, bool is_project, struct error *error)
{
    struct project *project = NULL;
    struct store_counts counts = {0};
    bool is_used = false;
    if (file_exists(mark) || !file_exists(folder))
        return true;
    if (is_project) {
        bool ok = project_open(&project, folder, STORE_READ, "assay eval", error) &&
                  store_count(project->store, &counts, error);
        project_close(project);
        if (!ok)
            return false;
        is_used = counts.documents > 0;
    } else if (!folder_list(folder, find_entry, &is_used, error))
        return false;
    if (!is_used)
        return true;
    error_set(error, ERROR_CONFLICT, "\"%s\" is in use, and not from an earlier `assay eval --keep`", folder);
    return error_hint(error, "Name a folder that is empty or not there yet.");
}

static bool open_folder(const char *folder, struct project **project, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    const char *mark = path_join(&arena, folder, PROJECT_STATE "/collection");
    bool is_project = file_exists(path_join(&arena, folder, PROJECT_SETTINGS));
    bool ok = check_kept(folder, mark, is_project, error) && (is_project || project_create(folder, error)) &&
              project_open(project, folder, STORE_WRITE, "assay eval", error) &&
              (file_exists(mark) || file_replace(mark, SLICE("made by assay eval\n"), error));
    arena_release(&arena);
    return ok;
}

bool eval_run_collection(const struct eval_collection *collection, struct eval_report *report, struct error *error)
{
    struct project *project = NULL;
    struct error ignored;
    struct arena arena;
    char *temporary = NULL;
    arena_init(&arena);
    *report = (struct eval_report){0};
    bool ok = collection->keep != NULL || make_temporary(&arena, &temporary, error);
    const char *folder = collection->keep != NULL ? collection->keep : temporary;
    ok = ok && open_folder(folder, &project, error) && evaluate(collection, project, report, error);
    project_close(project);
    if (temporary != NULL && !folder_remove(temporary, ok ? error : &ignored))
        ok = false;
    arena_release(&arena);
    return ok;
}
