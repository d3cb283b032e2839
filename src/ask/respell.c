/* respell.c - "rehersals" for "rehearsals": what a question misspells is searched for as the documents write it.
 *
 *   word that no document has ─▶ no word of the language ─▶ one word of the passages is like it, and no other ─▶ that one
 *
 * People ask for much that the documents do not have, in words that differ in a letter from what they have ("parking" and "packing"): what the embedding
 * model knows as a word of its own is none that is misspelled. Where it knows the language less well, only letters left out, doubled or in the wrong order
 * count, and so do they alone in names: Meyer is not Meier. */
#include "respell.h"
#include "asked_names.h"
#include "asked_words.h"
#include "span_parts.h"
#include "text/text.h"

enum {
    LETTERS_MAX = 32,
    ONE_SLIP_FROM = 5,
    ONE_SLIP_FROM_ELSEWHERE = 6,
    TWO_SLIPS_FROM = 8,
    RESPELLED_MAX = 3,
    ENDING_MAX = 2
};

/* ---- how alike two words are ---- */

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t slips_between(struct slice typed, struct slice wanted, size_t most, bool *is_exchanged)
{
    size_t rows[LETTERS_MAX + 1][LETTERS_MAX + 1];
    *is_exchanged = false;
    if (typed.size > LETTERS_MAX || wanted.size > LETTERS_MAX)
        return most + 1;
    for (size_t i = 0; i <= typed.size; i++)
        for (size_t j = 0; j <= wanted.size; j++) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            char a = byte_small(typed.data[i - 1]), b = byte_small(wanted.data[j - 1]);
            rows[i][j] = least_of(rows[i - 1][j - 1] + (a != b), least_of(rows[i - 1][j], rows[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a == byte_small(wanted.data[j - 2]) && b == byte_small(typed.data[i - 2]))
                rows[i][j] = least_of(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    size_t differing = 0;
    for (size_t i = 0; i < typed.size && typed.size == wanted.size; i++)
        differing += byte_small(typed.data[i]) != byte_small(wanted.data[i]);
    *is_exchanged = differing == 1;
    return least_of(rows[typed.size][wanted.size], most + 1);
}

/* "rehearsal", "rehearsals" */
static bool are_forms(struct slice a, struct slice b)
{
    size_t least = least_of(a.size, b.size), same = 0;
    while (same < least && byte_small(a.data[same]) == byte_small(b.data[same]))
        same++;
    return a.size + b.size - 2 * same <= ENDING_MAX && same + 1 >= least;
}

/* ---- the word that is misspelled ---- */

struct typed {
    struct slice word;
    size_t most; /* slips that it may have */
    bool may_exchange; /* a letter in the place of another is a slip */
    bool is_name;
};

static bool is_lettered(struct slice word)
{
    for (size_t at = 0, size; at < word.size; at += size)
        if ((size = span_letter_at(word, at)) == 0)
            return false;
    return word.size > 0;
}

static bool is_capital(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* One that no passage has which may be seen. */
static bool is_in_no_document(const struct asking *asking, struct slice word)
{
    const struct search_result *search = &asking->answer->search;
    struct text_term found;
    bool is_asked = false;
    analyzer_start(asking->analyzer, word, language_of(asking, asking->answer->asked));
    while (analyzer_next(asking->analyzer, &found))
        for (size_t i = 0; i < search->word_count; i++)
            for (size_t j = 0; j < search->words[i].variant_count; j++) {
                if (!slice_equal(search->words[i].variants[j], found.term))
                    continue;
                if (search->words[i].documents > 0)
                    return false;
                is_asked = true;
            }
    return is_asked;
}

/* The embedding model has the word as one token; `*can_tell`: there is a model that could. */
static bool is_word_of_model(const struct asking *asking, struct slice word, bool *can_tell)
{
    const struct tokenizer *tokenizer = NULL;
    size_t most;
    uint32_t id;
    char bytes[LETTERS_MAX];
    *can_tell = false;
    if (asking->request->embedder == NULL || word.size > LETTERS_MAX)
        return false;
    const struct passage_model model = embedder_for_passages(asking->request->embedder);
    if (!model.measure(model.context, &tokenizer, &most) || tokenizer == NULL)
        return false;
    *can_tell = true;
    for (size_t i = 0; i < word.size; i++)
        bytes[i] = byte_small(word.data[i]);
    return tokenizer_id(tokenizer, (struct slice){bytes, word.size}, &id);
}

/* A short word of the language, as it asks: "combien". */
static bool says_nothing(struct asking *asking, struct slice word, enum text_language language)
{
    struct span_word small = span_word_at(word, 0);
    return span_is_function_word(&small) || question_terms(asking, word, language).count == 0 ||
           text_is_function_word((struct slice){small.bytes, small.size}, language);
}

/* `before`: the word in front of it. */
static bool is_slip(struct asking *asking, struct slice before, struct slice word, struct typed *typed)
{
    enum text_language language = language_of(asking, asking->answer->asked);
    size_t capitals = 0;
    bool can_tell;
    if (!is_lettered(word) || word.size < ONE_SLIP_FROM || says_nothing(asking, word, language) ||
        !is_in_no_document(asking, word))
        return false;
    for (size_t i = 0; i < word.size; i++)
        capitals += is_capital(word.data[i]);
    struct span_word title = span_word_at(before, 0);
    bool is_titled = before.size > 0 && span_word_is(&title, "dr|mr|mrs|ms|prof|herr|frau|monsieur|madame|mme|señor|señora");
    bool is_first = before.size == 0, is_word = is_word_of_model(asking, word, &can_tell);
    bool is_english = can_tell && language == LANGUAGE_ENGLISH;
    typed->word = word;
    typed->is_name = is_titled || (capitals > 0 && !is_first && language != LANGUAGE_GERMAN);
    typed->may_exchange = is_english && !typed->is_name;
    typed->most = typed->may_exchange && word.size >= TWO_SLIPS_FROM ? 2 : 1;
    bool is_shouted = capitals > 1;
    size_t least = is_english || typed->is_name ? ONE_SLIP_FROM : ONE_SLIP_FROM_ELSEWHERE;
    return !is_shouted && word.size >= least && (!is_word || is_titled);
}

/* ---- what the passages have in its place ---- */

struct likely {
    struct slice word;
    size_t slips;
    bool is_one; /* no other word is as like */
};

/* They differ in letters at their end: "licensor" is no slip for "licensee", nor "stapler" for "staples". Letters that changed places are one. */
static bool end_otherwise(struct slice a, struct slice b)
{
    enum { ENDING = 2 };
    size_t same = 0;
    while (same < a.size && same < b.size && byte_small(a.data[same]) == byte_small(b.data[same]))
        same++;
    if (a.size != b.size || same == a.size || same + ENDING < a.size)
        return false;
    return same + ENDING > a.size || byte_small(a.data[same]) != byte_small(b.data[same + 1]) ||
           byte_small(a.data[same + 1]) != byte_small(b.data[same]);
}

static void compare_word(const struct typed *typed, struct slice word, struct likely *likely)
{
    bool is_exchanged;
    if (!is_lettered(word) || word.size < ONE_SLIP_FROM || byte_small(word.data[0]) != byte_small(typed->word.data[0]) ||
        (typed->is_name && !is_capital(word.data[0])) || end_otherwise(typed->word, word))
        return;
    size_t slips = slips_between(typed->word, word, typed->most, &is_exchanged);
    bool is_ending = are_forms(typed->word, word); /* another form of another word: "Vereinsfahrten" */
    if (slips == 0 || slips > typed->most || (is_exchanged && !typed->may_exchange) || (is_ending && !typed->may_exchange))
        return;
    bool is_same = likely->word.size > 0 && are_forms(likely->word, word);
    if (likely->word.size == 0 || slips < likely->slips)
        *likely = (struct likely){.word = word, .slips = slips, .is_one = true};
    else if (!is_same)
        likely->is_one = likely->is_one && slips > likely->slips;
}

static void compare_text(const struct typed *typed, struct slice text, struct likely *likely)
{
    struct text_words walk = {.text = text};
    struct slice word;
    while (word_next(&walk, &word))
        compare_word(typed, word, likely);
}

static struct slice written_as(const struct asking *asking, const struct typed *typed)
{
    const struct search_result *search = &asking->answer->search;
    const enum text_language language = language_of(asking, asking->answer->asked);
    struct likely likely = {0};
    for (size_t i = 0; i < search->count; i++) {
        if (text_language_indexed(text_language_named(search->hits[i].language)) != language)
            continue; /* "turnen" is not "turned" */
        compare_text(typed, search->hits[i].passage.text, &likely);
        compare_text(typed, search->hits[i].passage.headings, &likely);
    }
    return likely.is_one ? likely.word : SLICE("");
}

/* "FY2018", "FY18", "FY 2018" where no document writes so: its columns are headed by years. `behind`: where the word ends in the question. */
static struct slice year_of(struct asking *asking, struct slice question, struct slice word, size_t behind)
{
    bool is_fiscal = slice_starts_with(word, SLICE("FY")) || slice_starts_with(word, SLICE("GJ"));
    if (!is_fiscal || !is_in_no_document(asking, word))
        return SLICE("");
    struct slice digits = slice_range(word, 2, word.size);
    if (span_digits_end(digits, 0) < digits.size)
        return SLICE("");
    if (digits.size == 2)
        return slice_from(arena_format(asking->arena, "20" SLICE_FORMAT, SLICE_ARGUMENT(digits)));
    size_t next = behind + span_blank_at(question, behind), end = span_digits_end(question, next);
    if (digits.size == 0)
        return next > behind && span_is_year(slice_range(question, next, end)) ? SLICE("year") : SLICE("");
    return span_is_year(digits) ? digits : SLICE("");
}

void respell(struct asking *asking, struct slice *respelled)
{
    const struct slice question = asking->answer->asked;
    struct text_words walk = {.text = question};
    struct slice word, before = SLICE("");
    struct buffer text;
    size_t copied = 0, count = 0;
    *respelled = question;
    buffer_init(&text, 2 * LIMIT_QUERY_BYTES);
    while (count < RESPELLED_MAX && word_next(&walk, &word)) {
        struct typed typed;
        size_t at = (size_t)(word.data - question.data);
        struct slice wanted = is_slip(asking, before, word, &typed) ? written_as(asking, &typed)
                                                                    : year_of(asking, question, word, at + word.size);
        before = word;
        if (wanted.size == 0)
            continue;
        buffer_append_slice(&text, slice_range(question, copied, at));
        bool is_small = !is_capital(word.data[0]) &&
                        is_capital(wanted.data[0]); /* of a heading, or of a sentence that it begins */
        buffer_append_byte(&text, is_small ? byte_small(wanted.data[0]) : wanted.data[0]);
        buffer_append_slice(&text, slice_range(wanted, 1, wanted.size));
        copied = at + word.size;
        count++;
    }
    buffer_append_slice(&text, slice_range(question, copied, question.size));
    if (count > 0 && !text.failed && text.size <= LIMIT_QUERY_BYTES)
        *respelled = arena_slice(asking->arena, buffer_slice(&text));
    buffer_release(&text);
}
