/* retrieve.c - a question into words, words into the index, numbers back into passages.
 *
 * A word is looked for as every language of the documents stems it: its variants. With one language that is one term. A word that
 * stands twice in the question weighs 2; the short words of a question's own language ("how do I …") weigh a tenth: in a small
 * collection they are rare enough to outweigh what was asked about. Marks can say more of a word (query.h). */
#include "answer.h"
#include "collect.h"
#include "diverse.h"
#include "fuse.h"
#include "hit_editions.h"
#include "query.h"
#include "rerank.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTION_WORD_WEIGHT 0.1F
#define PART_WEIGHT 0.5F /* of "HP" and "200", where "HP200" is asked for */
#define LIKE_WORDS_MAX 32 /* words with a star or a tilde: each costs a walk through the index's terms */

struct asked_word {
    struct slice variants[INDEX_VARIANTS_MAX];
    size_t variant_count;
    float weight;
    size_t start, end; /* in the question */
    enum index_field field;
};

struct question {
    struct arena *arena;
    const enum text_language *languages; /* of the documents that may be seen */
    size_t language_count;
    struct asked_word *words; /* moves as it grows */
    size_t count, capacity;
    float marked;        /* words that weigh less are not shown as matches: short ones, unless there are no others */
    struct map by_place; /* "start-end" of a word in the question → number in words, plus one */
    bool plain; /* no marks are looked for */
    struct query_syntax syntax;
    const struct index_view *view; /* what the asker may see; NULL: everything */
    struct index_phrase *phrases;
    size_t phrase_count, phrase_capacity;
    struct asked_word *places; /* of the phrase at hand; NULL until there is one */
};

/* A word has a term a language, and more when it holds characters that stand for phrases; what is over the maximum is left out. */
static void add_variant(struct question *question, struct asked_word *word, struct slice term)
{
    for (size_t i = 0; i < word->variant_count; i++)
        if (slice_equal(word->variants[i], term))
            return;
    if (word->variant_count == ARRAY_COUNT(word->variants))
        return;
    word->variants[word->variant_count++] = arena_slice(question->arena, term);
}

/* The word at this place of the question; NULL when there is none. */
static struct asked_word *find_word(struct question *question, size_t start, size_t end)
{
    const uint64_t place[2] = {start, end};
    struct map_entry *entry = map_get(&question->by_place, (struct slice){(const char *)place, sizeof(place)});
    return entry ? &question->words[entry->value - 1] : NULL;
}

/* The same, made when it is new; NULL when there are too many. */
static struct asked_word *put_word(struct question *question, size_t start, size_t end)
{
    const uint64_t place[2] = {start, end};
    struct map_entry *entry = map_put(&question->by_place, (struct slice){(const char *)place, sizeof(place)}, NULL);
    if (entry == NULL)
        return NULL;
    if (entry->value == 0) {
        question->words = arena_more(question->arena, question->words, question->count, &question->capacity,
                                     sizeof(*question->words));
        question->words[question->count] = (struct asked_word){.weight = 1, .start = start, .end = end};
        entry->value = ++question->count;
    }
    return &question->words[entry->value - 1];
}

static bool same_variants(const struct asked_word *a, const struct asked_word *b)
{
    if (a->variant_count != b->variant_count || a->field != b->field)
        return false;
    for (size_t i = 0; i < a->variant_count; i++)
        if (!slice_equal(a->variants[i], b->variants[i]))
            return false;
    return true;
}

/* Words that are looked for in the same way become one that weighs more. */
static void join_repeated(struct question *question)
{
    size_t kept = 0;
    for (size_t i = 0; i < question->count; i++) {
        size_t same = 0;
        while (same < kept && !same_variants(&question->words[same], &question->words[i]))
            same++;
        if (same < kept)
            question->words[same].weight += question->words[i].weight;
        else
            question->words[kept++] = question->words[i];
    }
    question->count = kept;
}

/* The language of the documents whose short words the question has most of. */
static enum text_language question_language(const struct question *question, struct analyzer *analyzer, struct slice text)
{
    size_t hits[LANGUAGE_COUNT] = {0};
    enum text_language best = LANGUAGE_UNKNOWN;
    struct text_term term;
    analyzer_start(analyzer, text, LANGUAGE_UNKNOWN);
    while (analyzer_next(analyzer, &term))
        for (size_t i = 0; i < question->language_count; i++)
            hits[question->languages[i]] += text_is_function_word(term.term, question->languages[i]);
    for (size_t i = 0; i < question->language_count; i++)
        if (hits[question->languages[i]] > hits[best])
            best = question->languages[i];
    return best;
}

static void weigh_function_words(struct question *question, struct analyzer *analyzer, struct slice text,
                                 enum text_language language)
{
    struct text_term term;
    analyzer_start(analyzer, text, LANGUAGE_UNKNOWN);
    while (analyzer_next(analyzer, &term)) {
        struct asked_word *word = find_word(question, term.start, term.end);
        if (word != NULL && text_is_function_word(term.term, language))
            word->weight = FUNCTION_WORD_WEIGHT;
    }
}

/* Replaces the word's variants by the terms that the index has and that are like them. */
static bool expand_word(struct question *question, const struct project *project, struct asked_word *word,
                        enum index_likeness likeness, struct error *error)
{
    struct asked_word like = *word;
    like.variant_count = 0;
    for (size_t i = 0; i < word->variant_count; i++) {
        struct slice terms[INDEX_VARIANTS_MAX];
        size_t count = 0;
        if (!index_expand(project->index, question->view, word->field, likeness, word->variants[i],
                          query_edits(word->variants[i]), question->arena, terms, INDEX_VARIANTS_MAX, &count, error))
            return false;
        for (size_t j = 0; j < count; j++)
            add_variant(question, &like, terms[j]);
    }
    if (like.variant_count > 0) /* else it stays a word that nothing has */
        *word = like;
    return true;
}

/* What begins a word is no whole word: it is taken as it stands, without a stemmer. */
static void unstem_prefixes(struct question *question, struct analyzer *analyzer)
{
    struct text_term term;
    const struct asked_word *before = NULL;
    analyzer_start(analyzer, question->syntax.text, LANGUAGE_UNKNOWN);
    while (analyzer_next(analyzer, &term)) {
        struct asked_word *word = find_word(question, term.start, term.end);
        if (word == NULL || query_find(&question->syntax, QUERY_PREFIX, term.start, term.end) == NULL)
            continue;
        if (word != before)
            word->variant_count = 0;
        before = word;
        add_variant(question, word, text_without_accents(term.term, question->arena));
    }
}

/* The words between two quotation marks, in their order. Words of different languages that overlap are one place. */
static bool read_phrase(struct question *question, const struct query_mark *mark, struct error *error)
{
    size_t count = 0, at = mark->start;
    if (question->places == NULL)
        question->places = arena_alloc(question->arena, INDEX_PHRASE_MAX, sizeof(*question->places));
    struct asked_word *places = question->places;
    for (;;) {
        const struct asked_word *next = NULL;
        for (size_t i = 0; i < question->count; i++) {
            const struct asked_word *word = &question->words[i];
            if (word->start >= at && word->end <= mark->end && word->variant_count > 0 &&
                (next == NULL || word->start < next->start))
                next = word;
        }
        if (next == NULL)
            break;
        if (count == INDEX_PHRASE_MAX)
            return error_set(error, ERROR_LIMIT, "a phrase in the question has more than %d words", INDEX_PHRASE_MAX);
        places[count] = *next;
        at = next->end;
        for (size_t i = 0; i < question->count; i++)
            for (size_t j = 0; j < question->words[i].variant_count; j++)
                if (question->words[i].start < next->end && question->words[i].end > next->start)
                    add_variant(question, &places[count], question->words[i].variants[j]);
        count++;
    }
    if (count == 0)
        return true;
    struct index_word *words = arena_alloc(question->arena, count, sizeof(*words));
    for (size_t i = 0; i < count; i++) {
        struct slice *variants = arena_alloc(question->arena, places[i].variant_count, sizeof(*variants));
        memcpy(variants, places[i].variants, places[i].variant_count * sizeof(*variants));
        words[i] = (struct index_word){.variants = variants, .variant_count = places[i].variant_count, .weight = 1};
    }
    question->phrases = arena_more(question->arena, question->phrases, question->phrase_count, &question->phrase_capacity,
                                   sizeof(*question->phrases));
    question->phrases[question->phrase_count++] = (struct index_phrase){words, count};
    return true;
}

/* Does to the words what the question's marks say. */
static bool apply_marks(struct question *question, const struct project *project, struct analyzer *analyzer,
                        struct error *error)
{
    const struct query_syntax *syntax = &question->syntax;
    for (size_t i = 0; i < syntax->count; i++)
        if (syntax->marks[i].kind == QUERY_PHRASE && !read_phrase(question, &syntax->marks[i], error))
            return false;
    if (syntax->count > question->phrase_count)
        unstem_prefixes(question, analyzer);
    size_t like_words = 0;
    for (size_t i = 0; i < question->count && syntax->count > 0; i++) {
        struct asked_word *word = &question->words[i];
        const struct query_mark *field = query_find(syntax, QUERY_FIELD, word->start, word->end);
        bool is_prefix = query_find(syntax, QUERY_PREFIX, word->start, word->end) != NULL;
        bool is_fuzzy = query_find(syntax, QUERY_FUZZY, word->start, word->end) != NULL;
        word->field = field != NULL ? field->field : INDEX_TEXT;
        if (!is_prefix && !is_fuzzy)
            continue;
        if (++like_words > LIKE_WORDS_MAX)
            return error_set(error, ERROR_LIMIT, "the question has more than %d words with a star or a tilde", LIKE_WORDS_MAX);
        if (!expand_word(question, project, word, is_prefix ? INDEX_PREFIX : INDEX_FUZZY, error))
            return false;
    }
    return true;
}

/* How many ASCII letters stand at `at`, and digits behind them; 0: not two of each, and nothing else. */
static size_t code_letters(struct slice word)
{
    size_t letters = 0, at;
    while (letters < word.size && ((word.data[letters] | 0x20) >= 'a' && (word.data[letters] | 0x20) <= 'z'))
        letters++;
    for (at = letters; at < word.size && word.data[at] >= '0' && word.data[at] <= '9';)
        at++;
    return letters >= 2 && at == word.size && at - letters >= 2 ? letters : 0;
}

/* A word of a phrase, a field, or one looked for by its beginning or with faults. */
static bool is_marked(const struct query_syntax *syntax, const struct asked_word *word)
{
    static const enum query_kind kinds[] = {QUERY_PHRASE, QUERY_FIELD, QUERY_PREFIX, QUERY_FUZZY};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (query_find(syntax, kinds[i], word->start, word->end) != NULL)
            return true;
    return false;
}

/* "HP200", "HP-200" and "HP 200" are written for one another: two words are also looked for as one, and one also, for less, as two. */
static void add_codes(struct question *question, struct slice text)
{
    enum { CODE_BYTES = 24 };
    size_t count = question->count;
    for (size_t i = 0; i < count; i++) {
        assert(question->words != NULL);
        struct asked_word *word = &question->words[i], *next = i + 1 < count ? word + 1 : NULL;
        bool is_beside = next != NULL && next->start == word->end + 1 && byte_among(text.data[word->end], " -") &&
                         code_letters(slice_range(text, word->start, word->end)) == 0;
        struct slice pair = slice_range(text, word->start, is_beside ? next->end : word->end);
        if (pair.size > CODE_BYTES || is_marked(&question->syntax, word))
            continue;
        char code[CODE_BYTES];
        size_t size = 0;
        for (size_t at = 0; at < pair.size; at++)
            if (!byte_among(pair.data[at], " -"))
                code[size++] = pair.data[at] >= 'A' && pair.data[at] <= 'Z' ? (char)(pair.data[at] | 0x20) : pair.data[at];
        size_t letters = code_letters((struct slice){code, size}), start = word->start, end = word->end;
        if (letters > 0 && is_beside && letters == end - start) {
            add_variant(question, word, (struct slice){code, size});
            add_variant(question, next, (struct slice){code, size});
        } else if (letters > 0 && !is_beside && size == pair.size) {
            struct asked_word *parts[2];
            for (size_t part = 0; part < 2; part++) {
                parts[part] = put_word(question, part == 0 ? start : start + letters, part == 0 ? start + letters : end);
                if (parts[part] == NULL) /* the question is long enough without */
                    return;
                parts[part]->weight = PART_WEIGHT;
                add_variant(question, parts[part],
                            part == 0 ? (struct slice){code, letters} : (struct slice){code + letters, size - letters});
            }
        }
    }
}

static bool read_question(struct question *question, const struct project *project, struct analyzer *analyzer,
                          struct slice text, struct error *error)
{
    static const enum text_language none[] = {LANGUAGE_ENGLISH};
    const enum text_language *languages = question->language_count > 0 ? question->languages : none;
    size_t language_count = question->language_count > 0 ? question->language_count : 1;
    if (question->plain)
        question->syntax.text = text;
    else
        query_parse(&question->syntax, text, question->arena);
    text = question->syntax.text;
    for (size_t i = 0; i < language_count; i++) {
        struct text_term term;
        analyzer_start(analyzer, text, languages[i]);
        while (analyzer_next(analyzer, &term)) {
            struct asked_word *word = put_word(question, term.start, term.end);
            if (word == NULL)
                return error_set(error, ERROR_LIMIT, "the question has more than %d words", LIMIT_QUERY_TERMS);
            add_variant(question, word, term.term);
        }
    }
    add_codes(question, text);
    weigh_function_words(question, analyzer, text, question_language(question, analyzer, text));
    if (!apply_marks(question, project, analyzer, error))
        return false;
    join_repeated(question);
    for (size_t i = 0; i < question->count; i++)
        if (question->words[i].weight >= 1)
            question->marked = 1;
    return true;
}

static struct index_query make_query(const struct project *project, const struct question *question, size_t k)
{
    struct index_word *words = arena_alloc(question->arena, question->count, sizeof(*words));
    for (size_t i = 0; i < question->count; i++)
        words[i] = (struct index_word){.variants = question->words[i].variants,
                                       .variant_count = question->words[i].variant_count,
                                       .weight = question->words[i].weight,
                                       .field = question->words[i].field,
                                       .required = question->words[i].field != INDEX_TEXT};
    return (struct index_query){.words = words,
                                .word_count = question->count,
                                .k1 = project->settings.k1,
                                .b = project->settings.b,
                                .k = k,
                                .view = question->view,
                                .phrases = question->phrases,
                                .phrase_count = question->phrase_count};
}

/* What the words gave to the score of a hit that they found. */
static bool explain_hit(const struct project *project, const struct question *question, struct search_hit *hit,
                        struct error *error)
{
    struct index_explanation explanation = {
        .parts = arena_alloc(question->arena, question->count * INDEX_FIELDS, sizeof(*explanation.parts))};
    const struct index_query query = make_query(project, question, 1);
    if (hit->rank_text == 0)
        return true;
    if (!index_explain(project->index, &query, (passage_id)hit->passage.id, &explanation, error))
        return false;
    struct search_part *parts = arena_alloc(question->arena, explanation.part_count, sizeof(*parts));
    for (size_t i = 0; i < explanation.part_count; i++) {
        const struct index_part_of_score *part = &explanation.parts[i];
        const struct asked_word *word = &question->words[part->word];
        if (part->frequency > 0)
            parts[hit->part_count++] = (struct search_part){word->variant_count > 0 ? word->variants[0] : SLICE(""),
                                                            part->field, part->documents, part->frequency, part->score};
    }
    hit->parts = parts;
    return true;
}

/* How many of the passages that are seen have each word: the explanation of any hit tells that of words that it lacks too. */
static bool tell_words(const struct project *project, const struct question *question, struct search_result *result,
                       struct error *error)
{
    struct index_explanation explanation = {
        .parts = arena_alloc(question->arena, question->count * INDEX_FIELDS, sizeof(*explanation.parts))};
    const struct index_query query = make_query(project, question, 1);
    if (result->count == 0 || question->count == 0)
        return true;
    if (!index_explain(project->index, &query, (passage_id)result->hits[0].passage.id, &explanation, error))
        return false;
    struct search_word *words = arena_alloc(question->arena, question->count, sizeof(*words));
    for (size_t i = 0; i < question->count; i++)
        words[i] = (struct search_word){.variants = question->words[i].variants,
                                        .variant_count = question->words[i].variant_count};
    for (size_t i = 0; i < explanation.part_count; i++) {
        const struct index_part_of_score *part = &explanation.parts[i];
        double asked = (double)question->words[part->word].weight;
        if (part->field != INDEX_TEXT)
            continue;
        words[part->word].documents = part->documents;
        words[part->word].weight = (double)part->weight;
        words[part->word].idf = (double)part->weight / asked;
    }
    result->words = words;
    result->word_count = question->count;
    return true;
}

/* The terms that are shown as matches. A question may have a thousand words, and its hits a million. */
static void list_marked(const struct question *question, struct map *marked)
{
    size_t count = 0;
    for (size_t i = 0; i < question->count; i++)
        count += question->words[i].variant_count;
    map_init(marked, count + 1);
    for (size_t i = 0; i < question->count; i++)
        for (size_t j = 0; question->words[i].weight >= question->marked && j < question->words[i].variant_count; j++)
            (void)map_put(marked, question->words[i].variants[j], NULL);
}

/* Finds the question's words in a passage, by the very terms that the index holds. */
static void mark_matches(const struct question *question, const struct map *marked, struct analyzer *analyzer,
                         struct search_hit *hit)
{
    struct text_term term;
    struct search_match *matches = NULL;
    size_t count = 0, capacity = 0;
    analyzer_start(analyzer, hit->passage.text, text_language_indexed(text_language_named(hit->language)));
    while (analyzer_next(analyzer, &term)) {
        if (map_get(marked, term.term) == NULL)
            continue;
        matches = arena_more(question->arena, matches, count, &capacity, sizeof(*matches));
        matches[count++] = (struct search_match){term.start, term.end};
    }
    hit->matches = matches;
    hit->match_count = count;
}

/* ---- the two searches ---- */

/* One search: who asks, what they see, and what was found. */
struct searching {
    struct project *project;
    const struct search_request *request;
    struct search_result *result;
    const struct store_principal *principal; /* NULL: the owner */
    const struct project_view *view; /* NULL: everything */
    enum retrieve_mode asked;
    struct ranking text, vector;
    size_t depth; /* how many hits each of the two was asked for */
};

static double lap(uint64_t *start)
{
    double ms = clock_ms_since(*start);
    *start = clock_now_ns();
    return ms;
}

/* Loads the vectors when this search may need them: before there is a view, for loading ends those that there are. */
static bool load_vectors(struct searching *searching, struct error *error)
{
    struct project *project = searching->project;
    searching->asked = searching->request->mode != RETRIEVE_AUTO ? searching->request->mode : project->settings.mode;
    bool needs = searching->asked == RETRIEVE_VECTOR || searching->asked == RETRIEVE_HYBRID;
    if (searching->request->embedder == NULL)
        return !needs || error_set(error, ERROR_INVALID, "a search by vectors has no embedder");
    return searching->asked == RETRIEVE_TEXT || project_refresh_vectors(project, error);
}

/* Whether what this search sees has vectors: what it does not see must not decide anything. */
static bool sees_vectors(const struct searching *searching)
{
    struct project *project = searching->project;
    if (project->vectors.index == NULL)
        return false;
    return searching->view != NULL ? vector_view_count(project_view_vectors(project, searching->view)) > 0
                                   : vector_index_count(project->vectors.index) > 0;
}

/* How this search is done: as asked for, else as the settings say, else with vectors where there are some. */
static bool choose_mode(struct searching *searching, struct error *error)
{
    struct embedder *embedder = searching->request->embedder;
    struct search_result *result = searching->result;
    result->mode = RETRIEVE_TEXT;
    if (searching->asked == RETRIEVE_TEXT || embedder == NULL)
        return true;
    bool sees = sees_vectors(searching);
    if (searching->asked != RETRIEVE_AUTO) {
        result->mode = searching->asked;
        return sees ? embed_ready(embedder, error) : embed_without_vectors(embedder, error);
    }
    if (!sees)
        return true;
    if (embed_ready(embedder, &result->fallback)) {
        error_clear(&result->fallback);
        result->mode = RETRIEVE_HYBRID;
    }
    return true;
}

/* Marks that a passage must fulfil: vectors cannot tell whether it does. */
static bool has_demands(const struct question *question)
{
    bool demands = question->phrase_count > 0;
    for (size_t i = 0; i < question->count; i++)
        demands = demands || question->words[i].field != INDEX_TEXT;
    return demands;
}

/* An embedding model elsewhere may be down, or at its limit: words are here. Where it is, and what it said, is for the owner. */
static bool goes_by_words(struct searching *searching, struct error *error)
{
    struct search_result *result = searching->result;
    if (!embedder_is_elsewhere(searching->request->embedder) || error->kind == ERROR_CANCELLED ||
        error->kind == ERROR_NO_MEMORY)
        return false;
    result->fallback = *error;
    if (searching->principal != NULL)
        error_set(&result->fallback, ERROR_IO, "the embedding model could not be asked");
    result->mode = RETRIEVE_TEXT;
    error_clear(error);
    return true;
}

static bool nearest(struct searching *searching, const struct question *question, size_t k, struct error *error)
{
    struct search_result *result = searching->result;
    struct project *project = searching->project;
    const float *vector;
    uint64_t start = clock_now_ns();
    bool says_nothing = question->count == 0 && searching->asked == RETRIEVE_AUTO;
    if (says_nothing || slice_trim(question->syntax.text).size == 0) /* a model has a vector for nothing, too */
        return true;
    if (!embed_question(searching->request->embedder, slice_trim(question->syntax.text), &vector, error)) {
        return searching->asked == RETRIEVE_AUTO && goes_by_words(searching, error);
    }
    result->timings.embed_ms = lap(&start);
    struct index_hit *hits = arena_alloc(&result->arena, k, sizeof(*hits));
    searching->vector.hits = hits;
    /* A graph's ways lead past hidden vectors too, and which are found depends on them: whoever may not see all of it has all of what they
     * see looked at. */
    const struct vector_query query = {.vector = vector,
                                       .k = k,
                                       .exact = searching->principal != NULL,
                                       .view = project_view_vectors(project, searching->view)};
    bool ok = vector_search(project->vectors.index, &query, hits, &searching->vector.count, error);
    result->timings.vector_ms = lap(&start);
    if (ok && searching->vector.count == 0 && searching->asked == RETRIEVE_AUTO)
        result->mode = RETRIEVE_TEXT; /* what this search sees has no vectors yet */
    return ok;
}

static bool best_words(struct searching *searching, const struct question *question, size_t k, struct error *error)
{
    struct search_result *result = searching->result;
    uint64_t start = clock_now_ns();
    struct index_hit *hits = arena_alloc(&result->arena, k, sizeof(*hits));
    searching->text.hits = hits;
    const struct index_query query = make_query(searching->project, question, k);
    bool ok = index_search(searching->project->index, &query, hits, &searching->text.count, error);
    result->timings.text_ms = lap(&start);
    return ok;
}

static bool find_candidates(struct searching *searching, const struct question *question, size_t k, struct error *error)
{
    const struct settings *settings = &searching->project->settings;
    bool drops = settings->per_document > 0 || settings->neighbors; /* then k candidates may not make k results */
    enum retrieve_mode mode = searching->result->mode;
    size_t depth = searching->request->keep_copies ? k : k + COLLECT_BEYOND;
    if ((mode == RETRIEVE_HYBRID || drops) && depth < settings->candidates)
        depth = settings->candidates;
    searching->depth = depth < LIMIT_RESULTS ? depth : LIMIT_RESULTS;
    return (mode == RETRIEVE_VECTOR || best_words(searching, question, searching->depth, error)) &&
           (mode == RETRIEVE_TEXT || nearest(searching, question, searching->depth, error));
}

/* What the searches found as one ranking; returns how many. */
static size_t join_rankings(struct searching *searching, const struct question *question, struct candidate **candidates)
{
    const struct settings *settings = &searching->project->settings;
    struct search_result *result = searching->result;
    struct ranking *text = &searching->text, *vector = &searching->vector;
    *candidates = arena_alloc(&result->arena, text->count + vector->count, sizeof(**candidates));
    if (result->mode == RETRIEVE_TEXT)
        return fuse_text(text, *candidates);
    if (result->mode == RETRIEVE_VECTOR)
        return fuse_vector(vector, *candidates);
    text->depth = vector->depth = settings->candidates;
    size_t count = fuse(text, vector, settings->fusion, (double)settings->vector_weight, *candidates), kept = 0;
    bool demands = has_demands(question);
    for (size_t i = 0; i < count; i++)
        if (!demands || (*candidates)[i].text_rank > 0)
            (*candidates)[kept++] = (*candidates)[i];
    return kept;
}

/* Searches until `k` results are together or there are no more: deeper and deeper where many passages have one text. */
static bool find_hits(struct searching *searching, const struct question *question, size_t k, struct error *error)
{
    struct search_result *result = searching->result;
    for (size_t wanted = k;; wanted = wanted < LIMIT_RESULTS / 4 ? 4 * wanted : LIMIT_RESULTS) {
        if (!find_candidates(searching, question, wanted, error))
            return false;
        uint64_t start = clock_now_ns();
        struct candidate *candidates;
        size_t copies, count = join_rankings(searching, question, &candidates);
        result->timings.fuse_ms = lap(&start);
        const struct collecting collecting = {
            searching->project, searching->principal, candidates, count, k, searching->request->keep_copies};
        bool ok = collect_hits(&collecting, result, &copies, error);
        result->timings.fetch_ms = lap(&start);
        bool has_more = searching->text.count == searching->depth || searching->vector.count == searching->depth;
        if (!ok || copies == 0 || result->count == k || !has_more || searching->depth == LIMIT_RESULTS)
            return ok;
    }
}

/* Stemming the words of passages found, to mark them, took a fifth of a search. */
static struct analyzer *kept_analyzer(struct project *project)
{
    enum { KEPT_WORDS = 20000 };
    if (project->analyzer == NULL) {
        project->analyzer = analyzer_create();
        analyzer_keep(project->analyzer, KEPT_WORDS);
    }
    return project->analyzer;
}

static bool search_view(struct searching *searching, struct error *error)
{
    struct project *project = searching->project;
    struct search_result *result = searching->result;
    const struct project_view *view = searching->view;
    struct analyzer *analyzer = kept_analyzer(project);
    struct question question = {.arena = &result->arena,
                                .plain = searching->request->plain,
                                .view = view ? view->words : NULL,
                                .languages = view ? view->languages : project->languages,
                                .language_count = view ? view->language_count : project->language_count};
    size_t k = searching->request->k > 0 ? searching->request->k : project->settings.k;
    struct ranker *ranker = searching->request->ranker;
    map_init(&question.by_place, LIMIT_QUERY_TERMS);
    double diversity = (double)project->settings.diversity;
    size_t depth = diversity > 0 ? diverse_depth(k) : k;
    if (ranker != NULL && rerank_depth(&project->settings, k) > depth)
        depth = rerank_depth(&project->settings, k);
    bool ok = read_question(&question, project, analyzer, searching->request->question, error) &&
              find_hits(searching, &question, depth, error);
    uint64_t start = clock_now_ns();
    if (ok && ranker != NULL) {
        const struct reranking reranking = {&project->settings, ranker, slice_trim(question.syntax.text),
                                            diversity > 0 ? depth : k};
        ok = rerank_hits(&reranking, result, error);
        result->timings.rerank_ms = lap(&start);
    }
    if (ok && diversity > 0)
        diversify(result, diversity, k);
    const struct edition_marking marking = {project, searching->principal, question.syntax.text,
                                            searching->request->keep_copies};
    bool is_filtered = searching->request->filter.size > 0; /* which documents are meant is said */
    ok = ok && (is_filtered || mark_editions(&marking, result, error));
    struct map marked;
    list_marked(&question, &marked);
    for (size_t i = 0; ok && i < result->count; i++)
        mark_matches(&question, &marked, analyzer, &result->hits[i]);
    map_release(&marked);
    for (size_t i = 0; ok && searching->request->explain && i < result->count; i++)
        ok = explain_hit(project, &question, &result->hits[i], error);
    ok = ok && (!searching->request->tell_words || tell_words(project, &question, result, error));
    result->timings.fetch_ms += lap(&start);
    result->searched = view ? index_view_passage_count(view->words) : index_passage_count(project->index);
    map_release(&question.by_place);
    return ok;
}

/* Who asks; `*principal` NULL: the owner. A key that does not hold is an error, never somebody else. */
static bool find_principal(struct project *project, const struct search_request *request, struct arena *arena,
                           const struct store_principal **principal, struct error *error)
{
    struct store_principal *found = arena_alloc(arena, 1, sizeof(*found));
    *principal = NULL;
    if (request->secret.data == NULL && request->principal.data == NULL)
        return true;
    if (request->secret.data != NULL && request->principal.data != NULL)
        return error_set(error, ERROR_INVALID, "a key's name and a secret were given, expected one of them");
    *principal = found;
    return request->secret.data != NULL
               ? project_principal_of(project, request->secret, arena, found, error)
               : store_principal_named(project->store, request->principal, clock_wall_ns(), arena, found, error);
}

static bool search_refreshed(struct searching *searching, const struct store_filter *filter, struct error *error)
{
    struct project *project = searching->project;
    return find_principal(project, searching->request, &searching->result->arena, &searching->principal, error) &&
           load_vectors(searching, error) && project_view(project, searching->principal, filter, &searching->view, error) &&
           choose_mode(searching, error) && search_view(searching, error);
}

static bool check_request(const struct search_request *request, struct error *error)
{
    size_t bad_at;
    struct slice question = request->question;
    if (request->k > LIMIT_RESULTS)
        return error_set(error, ERROR_INVALID, "%zu results wanted, the limit is %d", request->k, LIMIT_RESULTS);
    if (question.size > LIMIT_QUERY_BYTES)
        return error_set(error, ERROR_LIMIT, "the question has %zu bytes, the limit is %zu", question.size, LIMIT_QUERY_BYTES);
    if (!text_is_utf8(question, &bad_at))
        return error_set(error, ERROR_INVALID, "the question is not UTF-8: byte %zu", bad_at);
    if (!text_is_utf8(request->filter, &bad_at))
        return error_set(error, ERROR_INVALID, "the filter is not UTF-8: byte %zu", bad_at);
    return true;
}

bool answer_search(struct project *project, const struct search_request *request, struct search_result *result,
                   struct error *error)
{
    const struct store_filter *filter = NULL;
    struct searching searching = {.project = project, .request = request, .result = result};
    *result = (struct search_result){0};
    arena_init(&result->arena);
    if (!check_request(request, error) ||
        (request->filter.data != NULL && !store_filter_read(request->filter, &result->arena, &filter, error)))
        return false;
    uint64_t start = clock_now_ns();
    if (!project_refresh(project, error))
        return false;
    result->timings.refresh_ms = lap(&start);
    bool ok = search_refreshed(&searching, filter, error);
    project_release(project);
    return ok;
}

void search_result_release(struct search_result *result)
{
    arena_release(&result->arena);
    *result = (struct search_result){0};
}

/* ---- many questions by words alone ---- */

struct answer_words {
    const struct project *project;
    struct analyzer *analyzer;
    struct arena arena;
};

struct answer_words *answer_words_create(const struct project *project)
{
    struct answer_words *words = memory_alloc(1, sizeof(*words));
    words->project = project;
    words->analyzer = analyzer_create();
    arena_init(&words->arena);
    return words;
}

void answer_words_free(struct answer_words *words)
{
    if (words == NULL)
        return;
    analyzer_free(words->analyzer);
    arena_release(&words->arena);
    free(words);
}

bool answer_words_ask(struct answer_words *words, struct slice question_text, size_t k, struct index_hit *hits, size_t *count,
                      struct error *error)
{
    const struct project *project = words->project;
    arena_clear(&words->arena);
    struct question question = {
        .arena = &words->arena, .plain = true, .languages = project->languages, .language_count = project->language_count};
    map_init(&question.by_place, LIMIT_QUERY_TERMS);
    bool ok = read_question(&question, project, words->analyzer, question_text, error);
    *count = 0;
    if (ok && question.count > 0) {
        const struct index_query query = make_query(project, &question, k);
        ok = index_search(project->index, &query, hits, count, error);
    }
    map_release(&question.by_place);
    return ok;
}
