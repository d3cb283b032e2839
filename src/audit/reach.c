/* reach.c - each passage is asked for by what should find it: its innermost heading (or the title) and its most telling words.
 *
 *   passage ─▶ words by frequency in it · rareness ─▶ the best six, in their order ─▶ heading + words ─▶ search ─▶ among the first ten?
 *
 * Words that stand in thousands of passages are left out, but for the rarest two: they would not tell this passage from those, and each
 * question would have to look at all of them. Nor does anybody ask by a key or a card's number.
 *
 * A passage that this does not find is out of every question's reach: a reader does not know its words as well. */
#include "reach.h"
#include "text/text.h"
#include <stdlib.h>
#include <string.h>

enum {
    COMMON_PASSAGES = 4096,
    WORDS_LEAST = 2,
    SPANS_MAX = 32,
    WORDS = 6,
    CANDIDATES_MAX = 256,
    CHUNK = 64,
    QUESTION_BYTES = 1024
};

struct candidate_word {
    uint32_t term;
    uint32_t frequency;
    uint32_t at; /* place in the passage: words are asked in their order */
    double weight;
    struct slice word;
};

struct asking {
    struct pile *pile;
    struct map headings; /* words of innermost headings, by their hash: the passages below them */
    struct analyzer **analyzers;
    struct answer_words **askers;
    bool *missed;
    char (*questions)[QUESTION_BYTES]; /* of this round's passages */
    size_t first; /* of this round */
    struct error *errors; /* of each thread; kind ERROR_NONE: none */
};

static int by_weight(const void *a, const void *b)
{
    const struct candidate_word *x = a, *y = b;
    return x->weight != y->weight ? (x->weight < y->weight) - (x->weight > y->weight) : (x->at > y->at) - (x->at < y->at);
}

static int by_place(const void *a, const void *b)
{
    const struct candidate_word *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

/* What is secret in a text. */
struct spans {
    size_t starts[SPANS_MAX], ends[SPANS_MAX];
    size_t count;
};

static bool note_span(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct spans *spans = context;
    if (SENSITIVE_SECRETS >> kind & 1) {
        spans->starts[spans->count] = start;
        spans->ends[spans->count++] = end;
    }
    return spans->count < SPANS_MAX;
}

static bool lies_in(const struct spans *spans, const struct text_term *term)
{
    for (size_t i = 0; i < spans->count; i++)
        if (term->start < spans->ends[i] && term->end > spans->starts[i])
            return true;
    return spans->count == SPANS_MAX && term->start >= spans->ends[SPANS_MAX - 1];
}

/* The passage's terms, each once. */
static size_t collect(const struct pile *pile, const struct pile_passage *passage, struct analyzer *analyzer,
                      struct candidate_word words[CANDIDATES_MAX])
{
    struct text_term term;
    struct spans spans = {.count = 0};
    size_t count = 0;
    (void)sensitive_each(passage->text, note_span, &spans);
    analyzer_start(analyzer, passage->text, text_language_indexed(pile_document_of(pile, passage)->language));
    while (analyzer_next(analyzer, &term)) {
        uint32_t hash = term_hash(term.term);
        size_t i = 0;
        if (lies_in(&spans, &term))
            continue;
        while (i < count && words[i].term != hash)
            i++;
        if (i == CANDIDATES_MAX)
            break;
        if (i == count)
            words[count++] = (struct candidate_word){
                .term = hash, .at = (uint32_t)term.start, .word = slice_range(passage->text, term.start, term.end)};
        words[i].frequency++;
    }
    for (size_t i = 0; i < count; i++)
        words[i].weight = words[i].frequency * pile_weight(pile, words[i].term);
    return count;
}

static void append(char question[QUESTION_BYTES], size_t *size, struct slice word)
{
    if (*size + word.size + 2 > QUESTION_BYTES)
        return;
    memcpy(question + *size, word.data, word.size);
    *size += word.size;
    question[(*size)++] = ' ';
    question[*size] = '\0';
}

/* How many passages have the word, in their text or their heading, at the most. */
static size_t passages_with(const struct asking *asking, uint32_t term)
{
    const struct map_entry *entry = map_get(&asking->headings, (struct slice){(const char *)&term, sizeof(term)});
    return pile_frequency(asking->pile, term) + (entry != NULL ? (size_t)entry->value : 0);
}

/* The heading's words, but for common ones. */
static void append_heading(const struct asking *asking, const struct pile_passage *passage, struct analyzer *analyzer,
                           char question[QUESTION_BYTES], size_t *size)
{
    struct slice heading = innermost_heading(passage->headings);
    struct text_term term;
    size_t taken = 0, kept = 0, words = 0;
    heading = heading.size > 0 ? heading : pile_document_of(asking->pile, passage)->title;
    analyzer_start(analyzer, heading, text_language_indexed(pile_document_of(asking->pile, passage)->language));
    while (analyzer_next(analyzer, &term)) {
        words++;
        kept += passages_with(asking, term_hash(term.term)) <= COMMON_PASSAGES;
    }
    if (kept == words) {
        append(question, size, heading);
        return;
    }
    analyzer_start(analyzer, heading, text_language_indexed(pile_document_of(asking->pile, passage)->language));
    while (kept > 0 && analyzer_next(analyzer, &term)) {
        if (term.start < taken || passages_with(asking, term_hash(term.term)) > COMMON_PASSAGES)
            continue;
        append(question, size, slice_range(heading, term.start, term.end));
        taken = term.end;
    }
}

/* Of the words, the weightiest first, those that are asked for: common ones only where there are no others. */
static size_t choose_words(const struct asking *asking, struct candidate_word *words, size_t count)
{
    struct candidate_word chosen[WORDS];
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < WORDS; i++)
        if (passages_with(asking, words[i].term) <= COMMON_PASSAGES)
            chosen[kept++] = words[i];
    for (size_t i = 0; i < count && kept < WORDS_LEAST; i++)
        if (passages_with(asking, words[i].term) > COMMON_PASSAGES)
            chosen[kept++] = words[i];
    memcpy(words, chosen, kept * sizeof(*chosen));
    return kept;
}

/* The question for a passage; false when it has no words. */
static bool make_question(const struct asking *asking, const struct pile_passage *passage, struct analyzer *analyzer,
                          char question[QUESTION_BYTES])
{
    struct candidate_word words[CANDIDATES_MAX];
    size_t count = collect(asking->pile, passage, analyzer, words), size = 0;
    question[0] = '\0';
    if (count == 0)
        return false;
    append_heading(asking, passage, analyzer, question, &size);
    qsort(words, count, sizeof(*words), by_weight);
    count = choose_words(asking, words, count);
    qsort(words, count, sizeof(*words), by_place);
    for (size_t i = 0; i < count; i++)
        append(question, &size, words[i].word);
    return true;
}

/* The passage of this number in the catalog; they ascend. */
static const struct pile_passage *passage_numbered(const struct pile *pile, int64_t id)
{
    size_t low = 0, high = pile->passage_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pile->passages[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pile->passage_count && pile->passages[low].id == id ? &pile->passages[low] : NULL;
}

static void ask_one(void *context, size_t index, size_t thread)
{
    struct asking *asking = context;
    const struct pile *pile = asking->pile;
    const struct pile_passage *passage = &pile->passages[asking->first + index];
    struct index_hit hits[REACH_RANK];
    size_t count = 0;
    struct error *error = &asking->errors[thread];
    if (passage->is_copy || passage->is_quoted || error->kind != ERROR_NONE ||
        !make_question(asking, passage, asking->analyzers[thread], asking->questions[index]) ||
        !answer_words_ask(asking->askers[thread], slice_from(asking->questions[index]), REACH_RANK, hits, &count, error))
        return;
    bool found = false;
    for (size_t i = 0; !found && i < count; i++) {
        const struct pile_passage *hit = passage_numbered(pile, (int64_t)hits[i].passage);
        found = hit == passage || (hit != NULL && slice_equal(hit->text, passage->text));
    }
    asking->missed[index] = !found;
}

/* Each heading is looked at once, whatever the number of passages below it. */
static void count_headings(struct asking *asking, struct analyzer *analyzer)
{
    const struct pile *pile = asking->pile;
    struct map headings; /* text → passages */
    enum text_language *languages = memory_alloc(pile->passage_count, sizeof(*languages));
    map_init(&headings, UINT32_MAX / 4);
    for (size_t i = 0; i < pile->passage_count; i++) {
        const struct pile_document *document = pile_document_of(pile, &pile->passages[i]);
        struct slice heading = innermost_heading(pile->passages[i].headings);
        bool is_new = false;
        map_put(&headings, heading.size > 0 ? heading : document->title, &is_new)->value++;
        if (is_new)
            languages[headings.count - 1] = text_language_indexed(document->language);
    }
    for (size_t i = 0; i < headings.count; i++) {
        struct text_term term;
        analyzer_start(analyzer, headings.entries[i].key, languages[i]);
        while (analyzer_next(analyzer, &term)) {
            uint32_t hash = term_hash(term.term);
            struct slice key = {(const char *)&hash, sizeof(hash)};
            map_put(&asking->headings, key, NULL)->value += headings.entries[i].value;
        }
    }
    map_release(&headings);
    free(languages);
}

static void note_missed(struct asking *asking, size_t count, struct reach *reach, size_t *capacity)
{
    for (size_t i = 0; i < count; i++) {
        if (!asking->missed[i])
            continue;
        struct slice question = slice_trim(slice_from(asking->questions[i]));
        reach->items = arena_more(asking->pile->arena, reach->items, reach->count, capacity, sizeof(*reach->items));
        reach->items[reach->count++] = (struct unreached){asking->first + i, arena_slice(asking->pile->arena, question)};
    }
}

bool reach_by_words(struct pile *pile, struct reach *reach, struct error *error)
{
    enum { ROUND = 1024 };
    const struct project *project = pile->request->project;
    size_t threads = pool_thread_count(project->pool), capacity = 0;
    struct asking asking = {.pile = pile,
                            .analyzers = memory_alloc(threads, sizeof(struct analyzer *)),
                            .askers = memory_alloc(threads, sizeof(struct answer_words *)),
                            .missed = memory_alloc(ROUND, sizeof(bool)),
                            .questions = memory_alloc(ROUND, QUESTION_BYTES),
                            .errors = memory_alloc(threads, sizeof(struct error))};
    bool ok = true;
    *reach = (struct reach){0};
    for (size_t i = 0; i < threads; i++) {
        asking.analyzers[i] = analyzer_create();
        asking.askers[i] = answer_words_create(project);
    }
    map_init(&asking.headings, UINT32_MAX / 4);
    if (pile->passage_count > COMMON_PASSAGES)
        count_headings(&asking, asking.analyzers[0]);
    for (; ok && asking.first < pile->passage_count; asking.first += ROUND) {
        size_t left = pile->passage_count - asking.first, count = left < ROUND ? left : ROUND;
        memset(asking.missed, 0, ROUND * sizeof(bool));
        pool_parallel_for(project->pool, count, ask_one, &asking);
        for (size_t i = 0; ok && i < threads; i++)
            if (asking.errors[i].kind != ERROR_NONE) {
                *error = asking.errors[i];
                ok = false;
            }
        note_missed(&asking, count, reach, &capacity);
        ok = ok && pile_step(pile, "asking for passages", asking.first + count, pile->passage_count, error);
    }
    for (size_t i = 0; i < threads; i++) {
        analyzer_free(asking.analyzers[i]);
        answer_words_free(asking.askers[i]);
    }
    map_release(&asking.headings);
    free(asking.analyzers);
    free(asking.askers);
    free(asking.missed);
    free(asking.questions);
    free(asking.errors);
    return ok;
}

static bool is_found(const struct search_result *result, const struct pile_passage *passage)
{
    for (size_t i = 0; i < result->count; i++) {
        const struct search_hit *hit = &result->hits[i];
        if ((passage->id >= hit->first && passage->id <= hit->last) || slice_equal(hit->passage.text, passage->text))
            return true;
    }
    return false;
}

bool reach_by_meaning(struct pile *pile, struct reach *reach, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < reach->count; i++) {
        struct search_result result;
        const struct search_request request = {.question = reach->items[i].question,
                                               .k = REACH_RANK,
                                               .embedder = pile->request->embedder,
                                               .keep_copies = true,
                                               .plain = true};
        bool ok = answer_search(pile->request->project, &request, &result, error);
        bool found = ok && is_found(&result, &pile->passages[reach->items[i].passage]);
        search_result_release(&result);
        if (!ok || !pile_step(pile, "asking with the model", i + 1, reach->count, error))
            return false;
        if (!found)
            reach->items[kept++] = reach->items[i];
    }
    reach->count = kept;
    return true;
}

void reach_tell(const struct pile *pile, const struct reach *reach, struct findings *findings)
{
    static const char tell_apart[] = "Give it a heading that says what it is about, and the words by which readers would ask; "
                                     "or join it with what is like it.";
    for (size_t i = 0; i < reach->count; i++) {
        size_t number = reach->items[i].passage;
        struct slice question = reach->items[i].question;
        struct slice shown = slice_cut(question, 160);
        const struct audit_place place = place_of(pile, findings, number, pile->passages[number].text);
        findings_add(findings, AUDIT_UNRETRIEVABLE, AUDIT_LOW, &place, 1, tell_apart,
                     SLICE_FORMAT ":%lld is not among the first %d for its own heading and words (“" SLICE_FORMAT "”)",
                     SLICE_ARGUMENT(place.document), (long long)place.line, REACH_RANK, SLICE_ARGUMENT(shown));
    }
}
