/* fuzz_text.c - any bytes through words, sentences, terms and language. The first byte chooses the language.
 *
 *     CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
 *     build-fuzz/tests/fuzz/fuzz_text -max_total_time=120 CORPUS_FOLDER */
#include "text/text.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

static void check_words(struct slice text)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    size_t sum = 0;
    while (text_words_next(&words, &segment, &is_word)) {
        REQUIRE(segment.data == text.data + sum && segment.size > 0);
        sum += segment.size;
    }
    REQUIRE(sum == text.size);
}

static void check_sentences(struct slice text)
{
    struct text_sentences sentences = {.text = text};
    struct slice sentence;
    size_t sum = 0;
    while (text_sentences_next(&sentences, &sentence)) {
        REQUIRE(sentence.data == text.data + sum && sentence.size > 0);
        sum += sentence.size;
    }
    REQUIRE(sum == text.size);
}

/* Each term within its limits and behind the one before; the same from an analyzer that has seen much and from a new one. */
static void check_terms(struct analyzer *seasoned, struct slice text, enum text_language language)
{
    struct analyzer *fresh = analyzer_create();
    struct text_term term = {0}, other;
    size_t last_start = 0, bad_at;
    analyzer_start(seasoned, text, language);
    analyzer_start(fresh, text, language);
    while (analyzer_next(seasoned, &term)) {
        REQUIRE(analyzer_next(fresh, &other));
        REQUIRE(slice_equal(term.term, other.term) && term.start == other.start && term.end == other.end);
        REQUIRE(term.term.size > 0 && term.term.size <= LIMIT_TERM_BYTES && text_is_utf8(term.term, &bad_at));
        REQUIRE(term.start >= last_start && term.start < term.end && term.end <= text.size);
        last_start = term.start;
    }
    REQUIRE(!analyzer_next(fresh, &other));
    analyzer_free(fresh);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct analyzer *seasoned; /* lives as long as the process */
    if (seasoned == NULL)
        seasoned = analyzer_create();
    if (size == 0)
        return 0;
    enum text_language language = (enum text_language)(data[0] % LANGUAGE_COUNT);
    struct slice text = {(const char *)data + 1, size - 1};
    check_words(text);
    check_sentences(text);
    check_terms(seasoned, text, language);
    REQUIRE(text_language_of(text) < LANGUAGE_COUNT);
    REQUIRE(text_token_estimate(text) <= text.size + 1);
    return 0;
}
