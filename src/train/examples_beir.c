/* examples_beir.c - a judged collection in BEIR's layout as pairs for training:
 *
 *   queries.jsonl  {"_id","text"}            ┐
 *   corpus.jsonl   {"_id","title","text"}    ├▶ a question with the texts judged above 0 (positives) and others (negatives)
 *   qrels/NAME.tsv  question, text, judgement ┘
 *
 * Only qrels/train.tsv is taken unless another is named: the others are for measuring. Files may be packed (.gz). */
#include "examples_parts.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct beir {
    struct map queries, corpus; /* id → number in texts */
    struct slice *texts;
    size_t count, capacity;
};

struct beir_reader {
    struct examples_reader inner; /* first: take_text() gets it as its reader */
    struct beir *beir;
    struct map *into;
};

static bool take_text(struct examples_reader *reader, const struct json_value *object, struct error *error)
{
    struct beir_reader *outer = (struct beir_reader *)reader;
    struct beir *beir = outer->beir;
    struct slice id, text;
    const struct json_value *title = json_get(object, "title");
    bool is_new;
    (void)error;
    if (!example_text(reader, object, "_id", &id) || !example_text(reader, object, "text", &text))
        return true;
    if (title != NULL && title->kind == JSON_TEXT)
        text = example_join(reader, slice_trim(title->text), SLICE(" "), text);
    struct map_entry *entry = map_put(outer->into, id, &is_new);
    if (entry == NULL || !is_new) {
        example_reject(reader, FAULT_UNKNOWN_REFERENCE, "\"_id\" stands twice");
        return true;
    }
    beir->texts = memory_more(beir->texts, beir->count, &beir->capacity, sizeof(*beir->texts));
    beir->texts[beir->count] = text;
    entry->value = beir->count++;
    return true;
}

/* folder/NAME or folder/NAME.gz; NULL when neither is there. */
static const char *find_file(struct arena *arena, const char *folder, const char *name)
{
    const char *path = path_join(arena, folder, name);
    if (file_exists(path))
        return path;
    path = arena_format(arena, "%s.gz", path);
    return file_exists(path) ? path : NULL;
}

/* Appends the file behind those read before, and tells its part: texts may point into it once all are read. */
static bool append_file(struct examples *examples, const char *path, size_t *start, crypto_hash_sha256_state *hash,
                        struct error *error)
{
    struct buffer bytes;
    unsigned char own[32];
    buffer_init(&bytes, LIMIT_EXAMPLES_BYTES);
    bool ok = examples_file(path, &bytes, own, error);
    *start = examples->source.size;
    if (ok) {
        crypto_hash_sha256_update(hash, own, sizeof(own));
        buffer_append_slice(&examples->source, buffer_slice(&bytes));
        ok = buffer_finish(&examples->source, path, error);
    }
    buffer_release(&bytes);
    return ok;
}

/* ---- judgements ---- */

struct judgement {
    struct slice question, text; /* ids */
    double gain;
    size_t line;
};

/* "question TAB text TAB judgement", or trec_eval's four columns. */
static bool split_judgement(struct slice line, struct judgement *judgement)
{
    struct slice rest = line, parts[4];
    size_t count = 0;
    while (count < 4 && slice_next(&rest, '\t', &parts[count]))
        count++;
    if (count < 3 || rest.size > 0)
        return false;
    judgement->question = slice_trim(parts[0]);
    judgement->text = slice_trim(parts[count - 2]);
    return slice_to_double(slice_trim(parts[count - 1]), &judgement->gain);
}

static int by_question(const void *a, const void *b)
{
    const struct judgement *left = a, *right = b;
    int order = slice_compare(left->question, right->question);
    return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

static struct judgement *read_judgements(struct examples_reader *reader, struct slice text, size_t *count)
{
    struct judgement *items = NULL;
    struct slice rest = text, line;
    size_t capacity = 0;
    *count = 0;
    for (reader->line = 1; slice_next(&rest, '\n', &line); reader->line++) {
        struct judgement judgement = {.line = reader->line};
        if (slice_trim(line).size == 0)
            continue;
        if (!split_judgement(line, &judgement)) {
            if (reader->line > 1) /* the first line may name the columns */
                example_reject(reader, FAULT_DATA_TYPE, "not a judgement: question, text and a number, with tabs between");
            continue;
        }
        items = memory_more(items, *count, &capacity, sizeof(*items));
        items[(*count)++] = judgement;
    }
    if (*count > 1)
        qsort(items, *count, sizeof(*items), by_question);
    return items;
}

/* The judgements of one question as an example. */
static bool take_judged(struct examples_reader *reader, const struct beir *beir, const struct judgement *items, size_t count,
                        struct error *error)
{
    struct arena *arena = &reader->examples->arena;
    struct slice *positives = arena_alloc(arena, count, sizeof(*positives)),
                 *negatives = arena_alloc(arena, count, sizeof(*negatives));
    struct example example = {.positives = positives, .negatives = negatives, .tools = {"", 0}, .context = {"", 0}};
    const struct map_entry *question = map_get(&beir->queries, items[0].question);
    reader->line = items[0].line;
    if (question == NULL) {
        example_reject(reader, FAULT_UNKNOWN_REFERENCE, "question \"%.*s\" is not among the queries",
                       (int)(items[0].question.size < 60 ? items[0].question.size : 60), items[0].question.data);
        return true;
    }
    example.text = beir->texts[question->value];
    for (size_t i = 0; i < count; i++) {
        const struct map_entry *text = map_get(&beir->corpus, items[i].text);
        reader->line = items[i].line;
        if (text == NULL)
            example_reject(reader, FAULT_UNKNOWN_REFERENCE, "text \"%.*s\" is not in the corpus",
                           (int)(items[i].text.size < 60 ? items[i].text.size : 60), items[i].text.data);
        else if (items[i].gain > 0)
            positives[example.positive_count++] = beir->texts[text->value];
        else
            negatives[example.negative_count++] = beir->texts[text->value];
    }
    reader->line = items[0].line;
    if (example.positive_count > 0)
        return example_add(reader, example, error);
    example_reject(reader, FAULT_EMPTY, "no text is judged to answer the question");
    return true;
}

static bool take_all(struct examples_reader *reader, const struct beir *beir, struct slice judged, struct error *error)
{
    size_t count;
    struct judgement *items = read_judgements(reader, judged, &count);
    bool ok = true;
    for (size_t start = 0, end; ok && start < count; start = end) {
        for (end = start + 1; end < count && slice_equal(items[end].question, items[start].question);)
            end++;
        ok = take_judged(reader, beir, &items[start], end - start, error);
    }
    free(items);
    return ok;
}

/* ---- the folder ---- */

static bool find_files(struct examples_reader *reader, const char *folder, const char *paths[3], struct error *error)
{
    struct arena *arena = &reader->examples->arena;
    const char *name = reader->options->judgements != NULL ? reader->options->judgements : "train";
    paths[0] = find_file(arena, folder, "queries.jsonl");
    paths[1] = find_file(arena, folder, "corpus.jsonl");
    paths[2] = find_file(arena, folder, arena_format(arena, "qrels/%s.tsv", name));
    if (paths[0] == NULL || paths[1] == NULL) {
        error_set(error, ERROR_NOT_FOUND, "folder \"%s\" has no %s", folder,
                  paths[0] == NULL ? "queries.jsonl" : "corpus.jsonl");
        return error_hint(error,
                          "Examples are a file, or a folder in BEIR's layout: corpus.jsonl, queries.jsonl, qrels/train.tsv.");
    }
    if (paths[2] == NULL) {
        error_set(error, ERROR_NOT_FOUND, "folder \"%s\" has no qrels/%s.tsv", folder, name);
        return error_hint(error, "Judgements for training are wanted; those for testing must stay unseen.");
    }
    return true;
}

static void read_texts(struct examples_reader *reader, struct beir *beir, struct map *into, struct slice text)
{
    struct beir_reader outer = {*reader, beir, into};
    struct error never;
    bool ok = examples_each_line(&outer.inner, text, take_text, &never); /* take_text() goes on whatever it meets */
    (void)ok;
    *reader = outer.inner;
}

bool examples_open_folder(struct examples_reader *reader, const char *path, struct error *error)
{
    struct examples *examples = reader->examples;
    struct beir beir = {0};
    const char *paths[3];
    size_t starts[4];
    crypto_hash_sha256_state hash;
    if (!find_files(reader, path, paths, error))
        return false;
    crypto_hash_sha256_init(&hash);
    for (size_t i = 0; i < 3; i++)
        if (!append_file(examples, paths[i], &starts[i], &hash, error))
            return false;
    crypto_hash_sha256_final(&hash, examples->hash);
    starts[3] = examples->source.size;
    reader->source = buffer_slice(&examples->source);
    examples->format = EXAMPLES_BEIR;
    examples->shape = EXAMPLES_PAIRED;
    examples->stated = "a folder with corpus, queries and judgements (beir)";
    map_init(&beir.queries, UINT32_MAX / 4);
    map_init(&beir.corpus, UINT32_MAX / 4);
    read_texts(reader, &beir, &beir.queries, slice_range(reader->source, starts[0], starts[1]));
    size_t first = beir.count;
    read_texts(reader, &beir, &beir.corpus, slice_range(reader->source, starts[1], starts[2]));
    bool ok = take_all(reader, &beir, slice_range(reader->source, starts[2], starts[3]), error);
    examples->corpus_count = beir.count - first;
    struct slice *corpus = arena_alloc(&examples->arena, examples->corpus_count + 1, sizeof(*corpus));
    if (examples->corpus_count > 0)
        memcpy(corpus, beir.texts + first, examples->corpus_count * sizeof(*corpus));
    examples->corpus = corpus;
    map_release(&beir.queries);
    map_release(&beir.corpus);
    free(beir.texts);
    return ok;
}
