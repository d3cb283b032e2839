/* test_answer.c - from questions to passages: words of several languages, weights, matches, limits. The index's own numbers are
 * tested in test_index.c. */
#include "answer/answer.h"
#include "compare.h"
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place {
    char *folder;
    struct project *project;
};

static struct place place_create(void)
{
    struct error error = {0};
    struct place place = {.folder = test_folder_create()};
    expect_ok(project_create(place.folder, &error), &error);
    expect_ok(project_open(&place.project, place.folder, STORE_WRITE, "test", &error), &error);
    return place;
}

static void place_remove(struct place *place)
{
    project_close(place->project);
    test_folder_remove(place->folder);
}

/* One document of one passage. */
static void put(struct place *place, const char *path, const char *language, const char *title, const char *headings,
                const char *text)
{
    struct error error = {0};
    struct store *store = place->project->store;
    struct store_document document = {.path = slice_from(path),
                                      .title = slice_from(title),
                                      .format = SLICE("text"),
                                      .language = slice_from(language),
                                      .size = (int64_t)strlen(text)};
    crypto_hash_sha256(document.hash, (const unsigned char *)text, strlen(text));
    struct store_passage passage = {
        .text = slice_from(text), .headings = slice_from(headings), .end = (int64_t)strlen(text), .line = 1, .line_end = 1};
    struct slice label = SLICE("public");
    expect_ok(store_begin(store, STORE_WRITE, &error), &error);
    expect_ok(store_put_document(store, &document, slice_from(text), &passage, 1, &label, 1, &error), &error);
    expect_ok(store_commit(store, &error), &error);
}

static void search(struct place *place, const char *question, size_t k, struct search_result *result)
{
    struct error error = {0};
    expect_ok(answer_search(place->project, &(struct search_request){.question = slice_from(question), .k = k}, result, &error),
              &error);
}

/* The paths found, best first, each with the matched words: "a(refund,refunds) b()". */
static void expect_hits(struct place *place, const char *question, const char *wanted)
{
    struct search_result result;
    struct buffer shown;
    buffer_init(&shown, MIB);
    search(place, question, 0, &result);
    for (size_t i = 0; i < result.count; i++) {
        const struct search_hit *hit = &result.hits[i];
        buffer_format(&shown, "%s" SLICE_FORMAT "(", i ? " " : "", SLICE_ARGUMENT(hit->path));
        for (size_t j = 0; j < hit->match_count; j++) {
            assert_true(j == 0 || hit->matches[j].start >= hit->matches[j - 1].end);
            struct slice match = slice_range(hit->passage.text, hit->matches[j].start, hit->matches[j].end);
            buffer_format(&shown, "%s" SLICE_FORMAT, j ? "," : "", SLICE_ARGUMENT(match));
        }
        buffer_append_byte(&shown, ')');
        assert_true(isfinite((double)hit->score) && (i == 0 || hit->score <= result.hits[i - 1].score));
    }
    compare_text(question, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    search_result_release(&result);
}

static void forms_and_matches(void **state)
{
    (void)state;
    struct place place = place_create();
    put(&place, "a", "en", "T", "", "Refunds were paid; a refund, re-funding and REFUNDED.");
    put(&place, "b", "en", "T", "", "Nothing of that sort.");
    put(&place, "c", "en", "Refund",
        "Money\x1f"
        "Refunds",
        "Only above it.");
    expect_hits(&place, "refund", "a(Refunds,refund,REFUNDED) c()");
    expect_hits(&place, "refunding?", "a(Refunds,refund,REFUNDED) c()");
    expect_hits(&place, "MONEY", "c()");
    expect_hits(&place, "absent", "");
    expect_hits(&place, "", "");
    expect_hits(&place, " ?! \n", "");
    struct search_result result;
    search(&place, "refunds money", 0, &result);
    assert_int_equal(result.searched, 3);
    compare_text("headings", result.hits[0].passage.headings,
                 "Money\x1f"
                 "Refunds");
    compare_text("title", result.hits[0].title, "Refund");
    compare_text("language", result.hits[0].language, "en");
    search_result_release(&result);
    search_result_release(&result); /* twice is once */
    place_remove(&place);
}

/* What quotation marks, stars, tildes and names of fields mean, and when they mean nothing. */
static void marks(void **state)
{
    (void)state;
    struct place place = place_create();
    put(&place, "a", "en", "Refunds", "Refunds\x1fLate fees", "A late fee is charged after ten days.");
    put(&place, "b", "en", "Loans", "Loans", "The fee for a late return; refunded later. Refunding takes days.");
    put(&place, "c", "en", "Late", "Late\x1fRefunds", "Fees of last year.");
    expect_hits(&place, "\"late fee\"", "a(late,fee)");
    expect_hits(&place, "\"a late return\"", "b(late,return)");
    expect_hits(&place, "\"fee late\"", "");
    expect_hits(&place, "\"late fee\" \"ten days\"", "a(late,fee,ten,days)");
    expect_hits(&place, "\"late fee", "a(late,fee) c(Fees) b(fee,late)"); /* no second mark: plain words */
    expect_hits(&place, "\"\" year", "c(year)");
    expect_hits(&place, "title:refund", "a()");
    expect_hits(&place, "TITLE:late days", "c()");
    expect_hits(&place, "headings:refund", "c()");
    expect_hits(&place, "heading:fee", "a(fee)");
    expect_hits(&place, "refun*", "b(refunded,Refunding) c() a()");
    expect_hits(&place, "retu*", "b(return)");
    expect_hits(&place, "zzz*", "");
    expect_hits(&place, "retrun~", "b(return)");
    expect_hits(&place, "retrrn~ tne~", "b(return)"); /* three letters are too few */
    expect_hits(&place, "retun~ chargd~", "a(charged) b(return)");
    expect_hits(&place, "title:lon~", "");
    expect_hits(&place, "title:lat*", "c()");
    expect_hits(&place, "year * ~", "c(year)");
    struct search_result result;
    struct error error = {0};
    struct buffer question;
    buffer_init(&question, MIB);
    buffer_append_byte(&question, '"');
    for (int i = 0; i < 65; i++)
        buffer_format(&question, "w%d ", i);
    buffer_append_byte(&question, '"');
    expect_error(
        answer_search(place.project, &(struct search_request){.question = buffer_slice(&question), .k = 1}, &result, &error),
        &error, ERROR_LIMIT, "a phrase in the question has more than 64 words");
    search_result_release(&result);
    buffer_clear(&question);
    for (int i = 0; i < 33; i++)
        buffer_format(&question, "w%d* ", i);
    expect_error(
        answer_search(place.project, &(struct search_request){.question = buffer_slice(&question), .k = 1}, &result, &error),
        &error, ERROR_LIMIT, "more than 32 words with a star or a tilde");
    search_result_release(&result);
    buffer_release(&question);
    place_remove(&place);
}

/* A word is looked for as each language of the documents stems it. */
static void languages(void **state)
{
    (void)state;
    struct place place = place_create();
    put(&place, "de", "de", "", "", "Die Lieferungen kommen an.");
    expect_hits(&place, "Lieferung", "de(Lieferungen)");
    put(&place, "en", "en", "", "", "The deliveries arrive in the house.");
    put(&place, "fr", "fr", "", "", "L\xE2\x80\x99\xC3\xAEle et les maisons.");
    put(&place, "und", "und", "", "", "deliveries 42");
    expect_hits(&place, "Lieferung", "de(Lieferungen)");
    expect_hits(&place, "delivery", "und(deliveries) en(deliveries)"); /* of no known language: as English */
    expect_hits(&place, "deliveries", "und(deliveries) en(deliveries)");
    expect_hits(&place, "\xC3\xAEle", "fr(L\xE2\x80\x99\xC3\xAEle)");
    expect_hits(&place, "maison", "fr(maisons)");
    expect_hits(&place, "42", "und(42)");
    place_remove(&place);
}

static float score_of(struct place *place, const char *question, const char *path)
{
    struct search_result result;
    float score = 0;
    search(place, question, 0, &result);
    for (size_t i = 0; i < result.count; i++)
        if (slice_equal_text(result.hits[i].path, path))
            score = (float)result.hits[i].score;
    search_result_release(&result);
    return score;
}

static void weights(void **state)
{
    (void)state;
    struct place place = place_create();
    put(&place, "a", "en", "", "", "Crimson paint for walls.");
    put(&place, "b", "en", "", "", "Verdant paint for walls.");
    put(&place, "c", "en", "", "", "How do I get there? I do not know how.");
    expect_hits(&place, "crimson verdant verdant", "b(Verdant) a(Crimson)");
    expect_hits(&place, "crimson crimsons verdant", "a(Crimson) b(Verdant)"); /* the same word in two forms */
    float once = score_of(&place, "crimson", "a"), twice = score_of(&place, "crimson crimson", "a");
    assert_true(fabs((double)twice - 2 * (double)once) < 1e-5);
    expect_hits(&place, "how do I get the crimson", "a(Crimson) c(get)"); /* short words weigh little, and are not marked */
    /* BM25 by hand: N = 3, df = 1, tf = 1; 4, 4 and 9 terms */
    double mean = (4 + 4 + 10) / 3.0, idf = log(1 + (3 - 1 + 0.5) / 1.5);
    double wanted = idf / (1 + 1.2 * (1 - 0.75 + 0.75 * 4 / mean));
    assert_true(fabs((double)once - wanted) < 1e-5);
    place_remove(&place);
}

static void limits(void **state)
{
    (void)state;
    struct place place = place_create();
    struct error error = {0};
    struct search_result result;
    for (size_t i = 0; i < 30; i++) {
        char path[8], text[40];
        snprintf(path, sizeof(path), "%02zu", i);
        snprintf(text, sizeof(text), "common word number%zu", i);
        put(&place, path, "en", "", "", text);
    }
    search(&place, "common", 0, &result);
    assert_int_equal(result.count, 8); /* as the settings say */
    assert_true(slice_equal_text(result.hits[0].path, "00") && slice_equal_text(result.hits[7].path, "07"));
    search_result_release(&result);
    for (size_t k = 1; k <= LIMIT_RESULTS; k = k * 10) {
        search(&place, "common", k, &result);
        assert_int_equal(result.count, k < 30 ? k : 30);
        search_result_release(&result);
    }
    expect_error(answer_search(place.project, &(struct search_request){.question = SLICE("common"), .k = LIMIT_RESULTS + 1},
                               &result, &error),
                 &error, ERROR_INVALID, "10001 results wanted, the limit is 10000");
    search_result_release(&result);
    struct buffer text;
    buffer_init(&text, MIB);
    while (text.size < LIMIT_QUERY_BYTES - 20)
        buffer_format(&text, "w%zu ", text.size);
    buffer_append_text(&text, "common");
    expect_error(
        answer_search(place.project, &(struct search_request){.question = buffer_slice(&text), .k = 0}, &result, &error),
        &error, ERROR_LIMIT, "the question has more than 1024 words");
    search_result_release(&result);
    while (text.size <= LIMIT_QUERY_BYTES)
        buffer_append_byte(&text, ' ');
    expect_error(
        answer_search(place.project, &(struct search_request){.question = buffer_slice(&text), .k = 0}, &result, &error),
        &error, ERROR_LIMIT, "the question has 65537 bytes, the limit is 65536");
    search_result_release(&result);
    static const struct slice wrong[] = {SLICE_CONSTANT("caf\xE9"), SLICE_CONSTANT("\xED\xA0\x80"), SLICE_CONSTANT("\xC0\x80"),
                                         SLICE_CONSTANT("abc\xE2\x82")};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        expect_error(answer_search(place.project, &(struct search_request){.question = wrong[i], .k = 0}, &result, &error),
                     &error, ERROR_INVALID, "the question is not UTF-8: byte");
        search_result_release(&result);
    }
    buffer_release(&text);
    place_remove(&place);
}

/* One word can have many terms: characters that stand for phrases, put together with others. */
static void many_terms(void **state)
{
    (void)state;
    struct place place = place_create();
    put(&place, "ar", "ar", "", "", "\xD8\xA7\xD9\x84\xD9\x84\xD9\x87");
    put(&place, "en", "en", "", "", "word");
    struct buffer question;
    struct search_result result;
    buffer_init(&question, LIMIT_QUERY_BYTES);
    for (size_t words = 0; words < 3; words++) {
        for (unsigned i = 0; i < 60; i++) /* U+FDFA, which is four words, between different letters */
            buffer_format(&question, "\xEF\xB7\xBA%c%c", 'a' + i % 26, 'a' + i / 26);
        buffer_append_byte(&question, ' ');
    }
    buffer_append_text(&question, "word");
    search(&place, buffer_text(&question), 0, &result);
    assert_true(result.count >= 1);
    search_result_release(&result);
    buffer_release(&question);
    place_remove(&place);
}

/* Questions of any characters: no crash, matches within their texts. */
static void any_questions(void **state)
{
    (void)state;
    static const char *const parts[] = {"word ",
                                        "refund",
                                        ".",
                                        "_",
                                        "the ",
                                        "how ",
                                        "\xC3\xA9",
                                        "\xEF\xB7\xBA",
                                        "\xE4\xB8\xAD",
                                        "\xE0\xB8\x81",
                                        "3.5",
                                        "-",
                                        "'",
                                        "\xE2\x80\x99",
                                        " ",
                                        "\n",
                                        "A",
                                        "\xF0\x9F\x98\x80"};
    struct place place = place_create();
    static const char *const codes[] = {"en", "de", "fr", "ar", "und", "ta", "ru"};
    for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
        put(&place, codes[i], codes[i], "refund", "word", "A word, the refund: \xC3\xA9\xE4\xB8\xAD 3.5 \xF0\x9F\x98\x80.");
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    for (size_t round = 0; round < 400; round++) {
        struct buffer question;
        struct search_result result;
        buffer_init(&question, MIB);
        for (uint64_t i = random_below(&random, 30); i > 0; i--)
            buffer_append_text(&question, parts[random_below(&random, ARRAY_COUNT(parts))]);
        search(&place, buffer_text(&question), 1 + (size_t)random_below(&random, 9), &result);
        for (size_t i = 0; i < result.count; i++)
            for (size_t j = 0; j < result.hits[i].match_count; j++)
                assert_true(result.hits[i].matches[j].start < result.hits[i].matches[j].end &&
                            result.hits[i].matches[j].end <= result.hits[i].passage.text.size);
        search_result_release(&result);
        buffer_release(&question);
    }
    place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_and_matches), cmocka_unit_test(marks),  cmocka_unit_test(languages),
        cmocka_unit_test(weights),           cmocka_unit_test(limits), cmocka_unit_test(many_terms),
        cmocka_unit_test(any_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
