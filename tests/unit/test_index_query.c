/* test_index_query.c - phrases, fields, required words, likeness and explanations against a plain restatement: lists of words, searched
 * through, in double arithmetic. */
#include "compare.h"
#include "index/index.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VOCABULARY = 40, PASSAGES_MAX = 400, TERMS_MAX = 24, WORDS_MAX = 4, VARIANTS_MAX = 3, PLACES_MAX = 3, PHRASES_MAX = 2 };

static char vocabulary[VOCABULARY][32];

struct text {
    uint32_t terms[TERMS_MAX];
    uint32_t places[TERMS_MAX];
    size_t count;
};

struct passage {
    passage_id id;
    struct text texts[INDEX_FIELDS]; /* [INDEX_TEXT]: the body */
    bool hidden;
};

struct world {
    struct passage *passages;
    size_t count;
    struct index *index;
    struct index_view *view;
    struct random random;
};

struct word {
    uint32_t variants[VARIANTS_MAX];
    size_t variant_count;
    float weight;
    enum index_field field;
    bool required;
};

struct question {
    struct word words[WORDS_MAX];
    size_t word_count;
    struct word phrases[PHRASES_MAX][PLACES_MAX];
    size_t place_counts[PHRASES_MAX];
    size_t phrase_count;
    float field_weights[INDEX_FIELDS];
};

/* Different words of one to nine characters of two letters and an accented one, so that many are alike. */
static void make_vocabulary(struct random *random)
{
    static const char *const letters[] = {"a", "b", "é"};
    for (size_t i = 0; i < VOCABULARY; i++) {
        bool is_new = false;
        while (!is_new) {
            size_t size = 0;
            for (uint64_t length = 1 + random_below(random, 9); length > 0; length--) {
                struct slice letter = slice_from(letters[random_below(random, ARRAY_COUNT(letters))]);
                memcpy(vocabulary[i] + size, letter.data, letter.size);
                size += letter.size;
            }
            vocabulary[i][size] = '\0';
            is_new = true;
            for (size_t j = 0; j < i; j++)
                is_new &= strcmp(vocabulary[i], vocabulary[j]) != 0;
        }
    }
}

static uint32_t any_term(struct random *random)
{
    return (uint32_t)random_below(random, 1 + random_below(random, VOCABULARY));
}

static struct text make_text(struct random *random, size_t max)
{
    struct text text = {.count = random_below(random, max + 1)};
    uint32_t place = 0;
    for (size_t i = 0; i < text.count; i++) {
        text.terms[i] = any_term(random);
        text.places[i] = place;
        place += random_below(random, 8) != 0; /* now and then a word has two terms */
    }
    return text;
}

/* ---- the plain way ---- */

static bool is_variant(const struct word *word, uint32_t term)
{
    for (size_t i = 0; i < word->variant_count; i++)
        if (word->variants[i] == term)
            return true;
    return false;
}

static size_t frequency(const struct passage *passage, const struct word *word, enum index_field field)
{
    size_t count = 0;
    for (enum index_field f = 0; f < INDEX_FIELDS; f++)
        for (size_t i = 0; i < passage->texts[f].count; i++)
            count += (field == INDEX_TEXT || field == f) && is_variant(word, passage->texts[f].terms[i]);
    return count;
}

static size_t length(const struct passage *passage)
{
    return passage->texts[0].count + passage->texts[1].count + passage->texts[2].count;
}

static bool stands_at(const struct text *text, const struct word *places, size_t place_count, uint32_t start)
{
    for (uint32_t i = 0; i < place_count; i++) {
        bool found = false;
        for (size_t j = 0; j < text->count; j++)
            found |= text->places[j] == start + i && is_variant(&places[i], text->terms[j]);
        if (!found)
            return false;
    }
    return true;
}

static bool has_phrase(const struct passage *passage, const struct word *places, size_t place_count)
{
    for (size_t f = 0; f < INDEX_FIELDS; f++)
        for (uint32_t start = 0; start < TERMS_MAX; start++)
            if (stands_at(&passage->texts[f], places, place_count, start))
                return true;
    return false;
}

static bool passes(const struct passage *passage, const struct question *question)
{
    bool ok = !passage->hidden;
    for (size_t i = 0; i < question->word_count; i++)
        ok = ok && (!question->words[i].required || frequency(passage, &question->words[i], question->words[i].field) > 0);
    for (size_t i = 0; i < question->phrase_count; i++)
        ok = ok && has_phrase(passage, question->phrases[i], question->place_counts[i]);
    return ok;
}

static double mean_length(const struct world *world, double *seen)
{
    double lengths = 0;
    *seen = 0;
    for (size_t i = 0; i < world->count; i++) {
        *seen += !world->passages[i].hidden;
        lengths += world->passages[i].hidden ? 0 : (double)length(&world->passages[i]);
    }
    return lengths > 0 ? lengths / *seen : 1;
}

static double plain_part(const struct world *world, const struct word *word, enum index_field field, double weight,
                         const struct passage *passage, double *having)
{
    double seen, mean = mean_length(world, &seen), tf = (double)frequency(passage, word, field);
    *having = 0;
    for (size_t i = 0; i < world->count; i++)
        *having += !world->passages[i].hidden && frequency(&world->passages[i], word, field) > 0;
    double idf = log(1 + (seen - *having + 0.5) / (*having + 0.5));
    return weight * idf * tf / (tf + 1.2 * (0.25 + 0.75 * (double)length(passage) / mean));
}

/* ---- the index ---- */

static void add_passage(struct segment_builder *builder, const struct passage *passage)
{
    struct error error = {0};
    static const enum index_field order[] = {INDEX_TITLE, INDEX_HEADINGS, INDEX_TEXT};
    struct slice terms[INDEX_FIELDS][TERMS_MAX];
    uint32_t numbers[INDEX_FIELDS][TERMS_MAX]; /* some terms have one, in some passages */
    struct index_text texts[INDEX_FIELDS];
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        const struct text *text = &passage->texts[order[i]];
        for (size_t j = 0; j < text->count; j++) {
            terms[i][j] = slice_from(vocabulary[text->terms[j]]);
            numbers[i][j] = text->terms[j] % 3 > 0 ? text->terms[j] : 0;
        }
        texts[i] = (struct index_text){order[i], terms[i], text->count, text->places, passage->id % 2 ? numbers[i] : NULL};
    }
    expect_ok(segment_builder_add_texts(builder, passage->id, texts, INDEX_FIELDS, &error), &error);
}

static struct buffer encode(const struct passage *passages, size_t count, bool deleted_too)
{
    struct error error = {0};
    struct segment_builder *builder = segment_builder_create();
    struct buffer bytes;
    segment_builder_keep_positions(builder);
    for (size_t i = 0; i < count; i++)
        if (deleted_too || !passages[i].hidden)
            add_passage(builder, &passages[i]);
    buffer_init(&bytes, GIB);
    expect_ok(segment_builder_encode(builder, &bytes, &error), &error);
    segment_builder_free(builder);
    return bytes;
}

static void add_segment(struct index *index, struct buffer *bytes)
{
    struct error error = {0};
    struct segment *segment;
    expect_ok(segment_open_bytes(&segment, bytes, "test", &error), &error);
    expect_ok(segment_check(segment, &error), &error);
    expect_ok(index_add_segment(index, segment, &error), &error);
}

/* Merges everything; the bytes are those of a segment built from what lives. */
static void merge_world(struct world *world)
{
    struct error error = {0};
    struct buffer bytes, wanted = encode(world->passages, world->count, false);
    buffer_init(&bytes, GIB);
    expect_ok(index_merge(world->index, 0, index_segment_count(world->index), NULL, &bytes, &error), &error);
    compare_bytes("merged segment", buffer_slice(&bytes), buffer_slice(&wanted), test_seed());
    index_free(world->index);
    world->index = index_create();
    add_segment(world->index, &bytes);
    buffer_release(&wanted);
}

/* Hides passages by deleting them, or by a view of what is left. */
static struct world world_make(uint64_t seed, size_t max)
{
    struct world world = {.index = index_create()};
    random_init(&world.random, seed);
    struct random *random = &world.random;
    make_vocabulary(random);
    world.count = random_below(random, max);
    world.passages = memory_alloc(world.count, sizeof(*world.passages));
    bool by_view = random_below(random, 2);
    struct index_range *ranges = memory_alloc(world.count, sizeof(*ranges));
    size_t range_count = 0, at = 0;
    for (size_t i = 0; i < world.count; i++) {
        struct passage *passage = &world.passages[i];
        passage->id = 1 + 2 * i;
        passage->hidden = random_below(random, 4) == 0;
        for (size_t f = 0; f < INDEX_FIELDS; f++)
            passage->texts[f] = make_text(random, f == INDEX_TEXT ? TERMS_MAX : 4);
        if (!passage->hidden)
            ranges[range_count++] = (struct index_range){passage->id, passage->id};
    }
    while (at < world.count) {
        size_t count = 1 + random_below(random, world.count - at);
        struct buffer bytes = encode(world.passages + at, count, true);
        add_segment(world.index, &bytes);
        at += count;
    }
    for (size_t i = 0; i < world.count && !by_view; i++)
        if (world.passages[i].hidden)
            assert_true(index_delete(world.index, world.passages[i].id));
    if (!by_view && random_below(random, 2))
        merge_world(&world);
    if (by_view)
        world.view = index_view_create(world.index, ranges, range_count);
    free(ranges);
    return world;
}

static void world_free(struct world *world)
{
    index_view_free(world->view);
    index_free(world->index);
    free(world->passages);
}

static struct word make_word(struct random *random)
{
    struct word word = {.variant_count = random_below(random, 3) ? 1 : 1 + random_below(random, VARIANTS_MAX), .weight = 1};
    for (size_t i = 0; i < word.variant_count; i++)
        word.variants[i] = any_term(random);
    return word;
}

static struct question make_question(struct random *random)
{
    struct question question = {.word_count = random_below(random, WORDS_MAX + 1)};
    for (size_t i = 0; i < question.word_count; i++) {
        question.words[i] = make_word(random);
        question.words[i].field = random_below(random, 3) ? INDEX_TEXT : (enum index_field)random_below(random, INDEX_FIELDS);
        question.words[i].required = random_below(random, 5) == 0;
    }
    question.phrase_count = random_below(random, 3) ? 0 : 1 + random_below(random, PHRASES_MAX);
    for (size_t i = 0; i < question.phrase_count; i++) {
        question.place_counts[i] = 1 + random_below(random, PLACES_MAX);
        for (size_t j = 0; j < question.place_counts[i]; j++)
            question.phrases[i][j] = make_word(random);
    }
    if (random_below(random, 2)) {
        question.field_weights[INDEX_TITLE] = 0.5F;
        question.field_weights[INDEX_HEADINGS] = random_below(random, 2) ? 0.25F : 0;
    }
    return question;
}

/* ---- asking ---- */

struct asked {
    struct slice texts[WORDS_MAX + PHRASES_MAX * PLACES_MAX][VARIANTS_MAX];
    struct index_word words[WORDS_MAX], places[PHRASES_MAX][PLACES_MAX];
    struct index_phrase phrases[PHRASES_MAX];
    struct index_query query;
};

static struct index_word ask_word(const struct word *word, struct slice *texts)
{
    for (size_t i = 0; i < word->variant_count; i++)
        texts[i] = slice_from(vocabulary[word->variants[i]]);
    return (struct index_word){texts, word->variant_count, word->weight, word->field, word->required};
}

static void ask(struct asked *asked, const struct question *question, const struct world *world)
{
    size_t at = 0;
    for (size_t i = 0; i < question->word_count; i++)
        asked->words[i] = ask_word(&question->words[i], asked->texts[at++]);
    for (size_t i = 0; i < question->phrase_count; i++) {
        for (size_t j = 0; j < question->place_counts[i]; j++)
            asked->places[i][j] = ask_word(&question->phrases[i][j], asked->texts[at++]);
        asked->phrases[i] = (struct index_phrase){asked->places[i], question->place_counts[i]};
    }
    asked->query = (struct index_query){.words = asked->words,
                                        .word_count = question->word_count,
                                        .k1 = 1.2F,
                                        .b = 0.75F,
                                        .k = PASSAGES_MAX,
                                        .view = world->view,
                                        .phrases = asked->phrases,
                                        .phrase_count = question->phrase_count};
    memcpy(asked->query.field_weights, question->field_weights, sizeof(question->field_weights));
}

/* The parts of one passage's score, and their sum, against the plain ones; returns the plain sum, or -1 for no hit. */
static double check_parts(const struct world *world, const struct question *question, const struct asked *asked,
                          const struct passage *passage, float *score, uint64_t seed)
{
    struct error error = {0};
    struct index_part_of_score parts[WORDS_MAX * INDEX_FIELDS];
    struct index_explanation explanation = {.parts = parts};
    if (passage->hidden) {
        expect_error(index_explain(world->index, &asked->query, passage->id, &explanation, &error), &error, ERROR_NOT_FOUND,
                     "there is no passage");
        return -1;
    }
    expect_ok(index_explain(world->index, &asked->query, passage->id, &explanation, &error), &error);
    double sum = 0;
    float added = 0;
    size_t at = 0;
    bool any = false;
    for (size_t i = 0; i < question->word_count; i++)
        for (enum index_field field = 0; field < INDEX_FIELDS; field++) {
            const struct word *word = &question->words[i];
            double weight = field == word->field ? 1 : word->field == INDEX_TEXT ? (double)question->field_weights[field] : 0;
            if (weight <= 0)
                continue;
            double having, part = plain_part(world, word, field, weight, passage, &having);
            assert_true(at < explanation.part_count && parts[at].word == i && parts[at].field == field);
            assert_int_equal(parts[at].documents, (uint64_t)having);
            assert_int_equal(parts[at].frequency, frequency(passage, word, field));
            compare_floats("part of score", &parts[at].score, &(float){(float)part}, 1, (struct tolerance){.relative = 1e-5},
                           seed);
            any |= parts[at].frequency > 0;
            sum += part;
            added += parts[at++].score;
        }
    assert_int_equal(at, explanation.part_count);
    assert_int_equal(explanation.length, length(passage));
    assert_memory_equal(&added, &explanation.score, sizeof(added));
    bool is_hit = any && passes(passage, question);
    assert_int_equal(explanation.is_hit, is_hit);
    *score = explanation.score;
    return is_hit ? sum : -1;
}

static void check_question(struct world *world, uint64_t seed)
{
    struct error error = {0};
    struct question question = make_question(&world->random);
    struct asked asked = {0};
    struct index_hit hits[PASSAGES_MAX];
    size_t count = 0, matching = 0;
    ask(&asked, &question, world);
    expect_ok(index_search(world->index, &asked.query, hits, &count, &error), &error);
    for (size_t i = 0; i < world->count; i++) {
        float score = 0;
        const struct passage *passage = &world->passages[i];
        double wanted = check_parts(world, &question, &asked, passage, &score, seed);
        size_t at = 0;
        while (at < count && hits[at].passage != passage->id)
            at++;
        if ((wanted >= 0) != (at < count))
            fail_msg("passage %llu is %sa hit (seed %llu)", (unsigned long long)passage->id, at < count ? "" : "not ",
                     (unsigned long long)seed);
        matching += wanted >= 0;
        if (at < count)
            assert_memory_equal(&hits[at].score, &score, sizeof(score));
    }
    assert_int_equal(count, matching);
    for (size_t i = 1; i < count; i++)
        assert_true(hits[i].score < hits[i - 1].score ||
                    (hits[i].score <= hits[i - 1].score && hits[i].passage > hits[i - 1].passage));
    /* the best few alone are the first of all */
    struct index_hit best[3];
    size_t best_count = 0;
    asked.query.k = ARRAY_COUNT(best);
    expect_ok(index_search(world->index, &asked.query, best, &best_count, &error), &error);
    assert_int_equal(best_count, count < ARRAY_COUNT(best) ? count : ARRAY_COUNT(best));
    for (size_t i = 0; i < best_count; i++) {
        assert_int_equal(best[i].passage, hits[i].passage);
        assert_memory_equal(&best[i].score, &hits[i].score, sizeof(float));
    }
}

static void questions(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 60; round++) {
        uint64_t seed = test_seed() + round;
        struct world world = world_make(seed, round % 5 ? 60 : PASSAGES_MAX);
        for (int i = 0; i < (round % 5 ? 40 : 8); i++)
            check_question(&world, seed);
        world_free(&world);
    }
}

/* Blocks of positions: words that stand in hundreds of passages, phrases of them. */
static void long_phrases(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct error error = {0};
    struct segment_builder *builder = segment_builder_create();
    segment_builder_keep_positions(builder);
    for (passage_id id = 1; id <= COUNT; id++) {
        struct slice terms[300];
        size_t count = 3 + (size_t)id % 290;
        for (size_t i = 0; i < count; i++)
            terms[i] = slice_from(i == (size_t)id % 7 ? "x" : i == (size_t)id % 11 ? "y" : "z");
        expect_ok(segment_builder_add(builder, id, terms, count, &error), &error);
    }
    struct buffer bytes;
    buffer_init(&bytes, GIB);
    expect_ok(segment_builder_encode(builder, &bytes, &error), &error);
    segment_builder_free(builder);
    struct index *index = index_create();
    add_segment(index, &bytes);
    struct slice x = SLICE("x"), y = SLICE("y");
    struct index_word words[] = {{.variants = &x, .variant_count = 1, .weight = 1},
                                 {.variants = &y, .variant_count = 1, .weight = 1}};
    struct index_phrase phrase = {words, 2};
    struct index_query query = {
        .words = words, .word_count = 2, .k1 = 1.2F, .b = 0.75F, .k = COUNT, .phrases = &phrase, .phrase_count = 1};
    struct index_hit *hits = memory_alloc(COUNT, sizeof(*hits));
    size_t count = 0, wanted = 0;
    expect_ok(index_search(index, &query, hits, &count, &error), &error);
    for (passage_id id = 1; id <= COUNT; id++)
        wanted += id % 11 == id % 7 + 1 && id % 11 < 3 + id % 290;
    assert_true(wanted > 50);
    assert_int_equal(count, wanted);
    free(hits);
    index_free(index);
}

/* ---- likeness ---- */

static size_t characters(const char *text, uint32_t *out)
{
    size_t count = 0;
    for (size_t at = 0; text[at] != '\0'; count++) {
        bool is_long = (unsigned char)text[at] >= 0x80;
        out[count] = (unsigned char)text[at] + (is_long ? 256u * (unsigned char)text[at + 1] : 0);
        at += is_long ? 2 : 1;
    }
    return count;
}

static unsigned distance(const char *a, const char *b)
{
    uint32_t x[32], y[32];
    size_t m = characters(a, x), n = characters(b, y);
    unsigned table[32][32];
    for (size_t i = 0; i <= m; i++)
        for (size_t j = 0; j <= n; j++) {
            unsigned best = i == 0   ? (unsigned)j
                            : j == 0 ? (unsigned)i
                                     : table[i - 1][j - 1] + (x[i - 1] != y[j - 1] ? 1u : 0u);
            if (i > 0 && j > 0 && table[i - 1][j] + 1 < best)
                best = table[i - 1][j] + 1;
            if (i > 0 && j > 0 && table[i][j - 1] + 1 < best)
                best = table[i][j - 1] + 1;
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] && table[i - 2][j - 2] + 1 < best)
                best = table[i - 2][j - 2] + 1;
            table[i][j] = best;
        }
    return table[m][n];
}

struct candidate {
    size_t documents;
    const char *text;
};

static int by_documents(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->documents != y->documents)
        return x->documents > y->documents ? -1 : 1;
    return strcmp(x->text, y->text);
}

static void check_expansion(struct world *world, enum index_likeness likeness, uint64_t seed)
{
    struct error error = {0};
    struct random *random = &world->random;
    const char *text = vocabulary[random_below(random, VOCABULARY)];
    char prefix[32];
    snprintf(prefix, sizeof(prefix), "%.*s", 1 + (int)random_below(random, 4), text);
    text = likeness == INDEX_PREFIX ? prefix : text;
    unsigned edits = (unsigned)random_below(random, INDEX_EDITS_MAX + 1);
    enum index_field field = (enum index_field)random_below(random, INDEX_FIELDS);
    struct candidate wanted[VOCABULARY];
    size_t wanted_count = 0, max = 1 + random_below(random, 12), count = 0;
    for (uint32_t term = 0; term < VOCABULARY; term++) {
        struct word word = {.variants = {term}, .variant_count = 1};
        bool is_like = likeness == INDEX_PREFIX ? strncmp(vocabulary[term], text, strlen(text)) == 0
                                                : distance(vocabulary[term], text) <= edits;
        struct candidate candidate = {0, vocabulary[term]};
        for (size_t i = 0; i < world->count; i++)
            candidate.documents += !world->passages[i].hidden && frequency(&world->passages[i], &word, field) > 0;
        if (is_like && candidate.documents > 0)
            wanted[wanted_count++] = candidate;
    }
    qsort(wanted, wanted_count, sizeof(*wanted), by_documents);
    struct arena arena;
    struct slice terms[12];
    arena_init(&arena);
    expect_ok(
        index_expand(world->index, world->view, field, likeness, slice_from(text), edits, &arena, terms, max, &count, &error),
        &error);
    assert_int_equal(count, wanted_count < max ? wanted_count : max);
    for (size_t i = 0; i < count; i++)
        compare_bytes("like term", terms[i], slice_from(wanted[i].text), seed);
    arena_release(&arena);
}

static void likeness(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < 40; round++) {
        uint64_t seed = test_seed() + 1000 + round;
        struct world world = world_make(seed, 60);
        for (int i = 0; i < 40; i++) {
            check_expansion(&world, INDEX_PREFIX, seed);
            check_expansion(&world, INDEX_FUZZY, seed);
        }
        world_free(&world);
    }
}

static void refusals(void **state)
{
    (void)state;
    struct error error = {0};
    struct segment_builder *builder = segment_builder_create();
    struct slice x = SLICE("x");
    expect_ok(segment_builder_add(builder, 1, &x, 1, &error), &error);
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    expect_ok(segment_builder_encode(builder, &bytes, &error), &error);
    segment_builder_free(builder);
    struct index *index = index_create();
    add_segment(index, &bytes);
    struct index_word word = {.variants = &x, .variant_count = 1, .weight = 1};
    struct index_phrase phrase = {&word, 1};
    struct index_query query = {
        .words = &word, .word_count = 1, .k1 = 1.2F, .b = 0.75F, .k = 1, .phrases = &phrase, .phrase_count = 1};
    struct index_hit hit;
    size_t count = 0;
    expect_error(index_search(index, &query, &hit, &count, &error), &error, ERROR_INVALID, "has no positions of words");
    phrase.place_count = 0;
    expect_error(index_search(index, &query, &hit, &count, &error), &error, ERROR_INVALID, "phrase 0 has 0 words");
    phrase.place_count = INDEX_PHRASE_MAX + 1;
    expect_error(index_search(index, &query, &hit, &count, &error), &error, ERROR_LIMIT, "phrase 0 has 65 words");
    query.phrase_count = 0;
    query.field_weights[INDEX_TITLE] = -1;
    expect_error(index_search(index, &query, &hit, &count, &error), &error, ERROR_INVALID, "field 1 has weight -1");
    query.field_weights[INDEX_TITLE] = 0;
    word.field = INDEX_FIELDS;
    expect_error(index_search(index, &query, &hit, &count, &error), &error, ERROR_INVALID, "word 0 is of field 3");
    index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions),
        cmocka_unit_test(long_phrases),
        cmocka_unit_test(likeness),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests_name("index_query", tests, NULL, NULL);
}
