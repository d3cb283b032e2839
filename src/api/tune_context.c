/* tune_context.c - passages of the project beside those of the examples, so that a reader learns in what it is used in (RAFT, Zhang et al. 2024):
 *
 *   question, its passage, its answer ─▶ as it is: the answer can be found
 *          └─▶ the project's search ─▶ what lies near and does not hold the answer ─▶ the same question, without an answer
 *
 * A passage is used on one side alone. One that shares RUN words in a row with a passage of the examples of another part is not taken for this part's questions,
 * nor one that was taken for another part's: what is measured with has not been learned from, and what the threshold is chosen by neither. Passages may be
 * few, and what is learned from has the most questions: so what is measured with takes first, then what the threshold is chosen by.
 *
 * A reader reads one passage at a time. So the examples of what was found are those without the right passage, and there are up to FOUND of them for each
 * with it. A passage that holds one of the answers, or that is the question's own, might answer it and is left out; so is what is found for questions
 * without an answer, of which nobody has said that it does not answer them. */
#include "answer/answer.h"
#include "text/text.h"
#include "tune_reader.h"
#include <stdlib.h>
#include <string.h>

enum { FOUND = 2, SEARCHED = 16, RUN = 8, SHORT = 4, PARTS = READER_FOUND_PARTS };

/* A part's passages by hashes: of each RUN words in a row, and of all words of a shorter one. One of fewer than SHORT words, which stand anywhere, and one that
 * was taken are known as a whole: by the hash of the plain text with the blanks around it, which no run has. */
struct runs {
    uint64_t *hashes; /* rising, when settled */
    size_t count, capacity;
    bool lengths[RUN + 1]; /* there are runs of so many words */
};

/* Its words, folded, with a blank before, between and behind: as which others are looked for. */
static struct slice plain(struct analyzer *analyzer, struct slice text, struct buffer *out)
{
    struct text_term term;
    buffer_clear(out);
    buffer_append_byte(out, ' ');
    analyzer_start(analyzer, text, LANGUAGE_UNKNOWN);
    while (analyzer_next(analyzer, &term)) {
        buffer_append_slice(out, term.term);
        buffer_append_byte(out, ' ');
    }
    return buffer_slice(out);
}

static bool holds(struct slice whole, struct slice part)
{
    return part.size > 1 && memmem(whole.data, whole.size, part.data, part.size) != NULL;
}

/* Might the passage answer the question? */
static bool may_answer(struct analyzer *analyzer, const struct example *example, struct slice passage)
{
    struct buffer whole, part;
    buffer_init(&whole, SIZE_MAX);
    buffer_init(&part, SIZE_MAX);
    const struct slice plain_passage = plain(analyzer, passage, &whole),
                       plain_context = plain(analyzer, example->context, &part);
    bool may = holds(plain_passage, plain_context) || holds(plain_context, plain_passage);
    for (size_t i = 0; i < example->answer_count && !may; i++) {
        struct slice answer = example->answers[i].text, words = plain(analyzer, answer, &part);
        may = words.size > 1 ? holds(plain_passage, words) /* "$" has no word */
                             : answer.size > 0 && memmem(passage.data, passage.size, answer.data, answer.size) != NULL;
    }
    buffer_release(&part);
    buffer_release(&whole);
    return may;
}

/* ---- one side alone ---- */

static void add_hash(struct runs *runs, uint64_t hash)
{
    runs->hashes = memory_more(runs->hashes, runs->count, &runs->capacity, sizeof(*runs->hashes));
    runs->hashes[runs->count++] = hash;
}

static int by_hash(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void settle(struct runs *runs)
{
    if (runs->count > 0)
        qsort(runs->hashes, runs->count, sizeof(*runs->hashes), by_hash);
}

static bool has_hash(const struct runs *runs, uint64_t hash)
{
    return runs->count > 0 && bsearch(&hash, runs->hashes, runs->count, sizeof(hash), by_hash) != NULL;
}

/* Calls each() for the hash of each run of `length` words of a plain text, until it returns true. */
static bool each_run(struct slice plain_text, size_t length, bool (*each)(void *context, uint64_t hash), void *context)
{
    struct slice words[RUN], rest = plain_text, word;
    size_t count = 0;
    while (slice_next(&rest, ' ', &word)) {
        if (word.size == 0)
            continue;
        words[count++ % length] = word;
        if (count < length)
            continue;
        const struct slice first = words[count % length];
        if (each(context, map_hash((struct slice){first.data, (size_t)(word.data + word.size - first.data)})))
            return true;
    }
    return false;
}

static size_t word_count(struct slice plain_text)
{
    size_t blanks = 0;
    for (size_t i = 0; i < plain_text.size; i++)
        blanks += plain_text.data[i] == ' ';
    return blanks > 0 ? blanks - 1 : 0;
}

static bool note_run(void *context, uint64_t hash)
{
    add_hash(context, hash);
    return false;
}

static void add_passage(struct runs *runs, struct slice plain_text)
{
    size_t words = word_count(plain_text), length = words < RUN ? words : RUN;
    if (length < SHORT) {
        add_hash(runs, map_hash(plain_text));
        return;
    }
    runs->lengths[length] = true;
    (void)each_run(plain_text, length, note_run, runs);
}

/* A run of another part that the own part's passages do not have as well, as what stands at the end of every document. */
struct search {
    const struct runs *other, *own;
};

static bool is_foreign_run(void *context, uint64_t hash)
{
    const struct search *search = context;
    return has_hash(search->other, hash) && !has_hash(search->own, hash);
}

static bool is_of_another(const struct runs *all, size_t own, struct slice plain_text)
{
    for (size_t part = 0; part < PARTS; part++) {
        struct search search = {&all[part], &all[own]};
        if (part == own)
            continue;
        if (has_hash(&all[part], map_hash(plain_text)))
            return true;
        for (size_t length = SHORT; length <= RUN; length++)
            if (all[part].lengths[length] && each_run(plain_text, length, is_foreign_run, &search))
                return true;
    }
    return false;
}

/* ---- what is found ---- */

struct adding {
    struct reader_tuning *reader;
    struct analyzer *analyzer;
    struct runs runs[PARTS];
    size_t part; /* whose questions they are */
    struct runs taken; /* for them */
    struct buffer plain;
    struct example *items;
    size_t count;
};

static bool add_found(struct adding *adding, const struct example *example, struct error *error)
{
    struct assay *assay = adding->reader->tuning.assay;
    struct search_result result;
    const struct search_request request = {
        .question = slice_cut(example->text, LIMIT_QUERY_BYTES), .k = SEARCHED, .embedder = assay->embedder, .plain = true};
    bool ok = answer_search(assay->project, &request, &result, error);
    size_t taken = 0;
    for (size_t i = 0; ok && i < result.count && taken < FOUND; i++) {
        const struct slice text = result.hits[i].passage.text;
        if (may_answer(adding->analyzer, example, text))
            continue;
        const struct slice words = plain(adding->analyzer, text, &adding->plain);
        if (is_of_another(adding->runs, adding->part, words))
            continue;
        add_hash(&adding->taken, map_hash(words));
        adding->items[adding->count++] = (struct example){.line = example->line,
                                                          .text = example->text,
                                                          .group = example->group,
                                                          .context = arena_slice(&adding->reader->tuning.tuned->arena, text)};
        taken++;
    }
    search_result_release(&result);
    return ok;
}

/* The questions of a part, those that have an answer each followed by what was found for it. */
static bool add_to_part(struct adding *adding, struct reader_part *part, struct error *error)
{
    static const char stage[] = "searching passages";
    struct tuning *tuning = &adding->reader->tuning;
    struct arena *arena = &tuning->tuned->arena;
    bool ok = true;
    adding->items = arena_alloc(arena, part->count * (1 + FOUND) + 1, sizeof(*adding->items));
    adding->count = 0;
    for (size_t i = 0; ok && i < part->count; i++) {
        const struct example *example = &part->examples->items[part->items[i]];
        adding->items[adding->count++] = *example;
        ok = tuning_step(tuning, stage, i, part->count) ? example->answer_count == 0 || add_found(adding, example, error)
                                                        : tuning_stopped(stage, error);
    }
    if (!ok)
        return false;
    struct runs *own = &adding->runs[adding->part];
    for (size_t i = 0; i < adding->taken.count; i++)
        add_hash(own, adding->taken.hashes[i]);
    settle(own);
    adding->taken.count = 0;
    struct examples *with = arena_alloc(arena, 1, sizeof(*with));
    uint32_t *numbers = arena_alloc(arena, adding->count + 1, sizeof(*numbers));
    for (size_t i = 0; i < adding->count; i++)
        numbers[i] = (uint32_t)i;
    *with = *part->examples; /* texts stay those of the data */
    with->items = adding->items;
    with->count = adding->count;
    adding->reader->found[adding->part] = adding->count - part->count;
    *part = (struct reader_part){.examples = with, .items = numbers, .count = adding->count};
    return true;
}

/* The words of the part's own passages; questions on one stand behind one another. */
static void note_passages(struct adding *adding, const struct reader_part *part, struct runs *runs)
{
    const char *before = NULL;
    for (size_t i = 0; i < part->count; i++) {
        const struct slice context = part->examples->items[part->items[i]].context;
        if (context.data != before)
            add_passage(runs, plain(adding->analyzer, context, &adding->plain));
        before = context.data;
    }
    settle(runs);
}

bool reader_tuning_add_found(struct reader_tuning *reader, struct error *error)
{
    struct reader_part *const parts[PARTS] = {[READER_FOUND_CASES] = &reader->cases,
                                              [READER_FOUND_VALIDATION] = &reader->validation,
                                              [READER_FOUND_TRAIN] = &reader->train};
    struct adding adding = {.reader = reader, .analyzer = analyzer_create()};
    bool ok = true;
    buffer_init(&adding.plain, SIZE_MAX);
    for (size_t i = 0; i < PARTS; i++)
        note_passages(&adding, parts[i], &adding.runs[i]);
    for (; ok && adding.part < PARTS; adding.part++)
        ok = add_to_part(&adding, parts[adding.part], error);
    for (size_t i = 0; i < PARTS; i++)
        free(adding.runs[i].hashes);
    free(adding.taken.hashes);
    buffer_release(&adding.plain);
    analyzer_free(adding.analyzer);
    return ok;
}

bool reader_tuning_check_context(struct reader_tuning *reader, struct error *error)
{
    struct store_counts counts;
    if (!reader->options->with_context)
        return true;
    if (!store_count(reader->tuning.assay->project->store, &counts, error))
        return false;
    if (counts.passages > 0)
        return true;
    error_set(error, ERROR_INVALID, "the project has no passages to learn with");
    return error_hint(error, "Run `assay add` before, or leave --with-context out.");
}
