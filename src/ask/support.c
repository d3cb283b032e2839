/* support.c - does a passage bear a sentence out? Its numbers and names must stand in the passage, and most of its words in one sentence of it.
 *
 *   share = Σ weight of the words that stand there / Σ weight       (words of the question weigh half: an answer repeats them)
 *
 * This finds what was made up, not what was turned round: "is not" for "is" passes. */
#include "ask_parts.h"
#include <string.h>

#define SHARE_LEAST 0.5 /* of the words, in one sentence of the passage */
#define SHARE_TOGETHER 0.75 /* or in all of the passage, when one sentence has SHARE_PART of them */
#define SHARE_PART 0.3
#define ECHO_WEIGHT 0.5
enum { QUOTE_MAX = 600, NUMBER_BYTES = 40 };

/* ---- numbers and names ---- */

/* Digits alone: "1,500" and "1 500" are one number. Zero bytes: it has none. */
static size_t digits_of(struct slice word, char digits[NUMBER_BYTES])
{
    size_t count = 0;
    for (size_t i = 0; i < word.size && count < NUMBER_BYTES; i++)
        if (word.data[i] >= '0' && word.data[i] <= '9')
            digits[count++] = word.data[i];
    return count;
}

static bool has_number(struct slice text, const char *digits, size_t count)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    while (text_words_next(&words, &segment, &is_word)) {
        char other[NUMBER_BYTES];
        size_t size = digits_of(segment, other);
        if (size == count && memcmp(other, digits, count) == 0)
            return true;
    }
    return false;
}

static bool is_capital(struct slice word)
{
    return word.data[0] >= 'A' && word.data[0] <= 'Z';
}

/* The number (`digits` of it) or the name in what the passage shows of itself. */
static bool stands_in(const struct ask_passage *passage, struct slice word, const char *digits, size_t count)
{
    const struct search_hit *hit = passage->hit;
    const struct slice texts[] = {hit->passage.text, hit->passage.headings, hit->title};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        if (texts[i].size > 0 && (count > 0 ? has_number(texts[i], digits, count)
                                            : memmem(texts[i].data, texts[i].size, word.data, word.size) != NULL))
            return true;
    return false;
}

/* Every number of the sentence, also one that the question has (it may ask whether it is so), and every name (a capital letter that begins no
 * sentence) that the question has not. */
static bool holds_facts(const struct asking *asking, const struct ask_passage *passage, struct slice sentence)
{
    struct text_words words = {.text = sentence};
    struct slice word, question = asking->answer->asked;
    bool is_word, first = true;
    while (text_words_next(&words, &word, &is_word)) {
        char digits[NUMBER_BYTES];
        size_t count = digits_of(word, digits);
        if (!is_word)
            continue;
        bool is_name = !first && is_capital(word) && memmem(question.data, question.size, word.data, word.size) == NULL;
        if ((count > 0 || is_name) && !stands_in(passage, word, digits, count))
            return false;
        first = false;
    }
    return true;
}

/* ---- words ---- */

static double weight_of(const struct asking *asking, struct slice term)
{
    return terms_have(&asking->question, term) ? ECHO_WEIGHT : 1;
}

static double share_in(const struct asking *asking, const struct terms *said, const struct terms *there)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < said->count; i++) {
        double weight = weight_of(asking, said->items[i]);
        all += weight;
        found += terms_have(there, said->items[i]) ? weight : 0;
    }
    return all > 0 ? found / all : 0;
}

static double share_together(const struct asking *asking, const struct terms *said, const struct ask_passage *passage)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < said->count; i++) {
        double weight = weight_of(asking, said->items[i]);
        bool there = false;
        for (size_t j = 0; j < passage->sentence_count && !there; j++)
            there = !passage->sentences[j].is_order && terms_have(&passage->sentences[j].terms, said->items[i]);
        all += weight;
        found += there ? weight : 0;
    }
    return all > 0 ? found / all : 0;
}

static struct support support_in(const struct asking *asking, const struct ask_passage *passages, size_t passage,
                                 struct slice sentence, const struct terms *said)
{
    const struct ask_passage *place = &passages[passage];
    struct support support = {.passage = passage};
    for (size_t i = 0; i < place->sentence_count; i++) {
        double share = place->sentences[i].is_order ? 0 : share_in(asking, said, &place->sentences[i].terms);
        if (share > support.share) {
            support.share = share;
            support.sentence = i;
        }
    }
    bool enough = support.share >= SHARE_LEAST ||
                  (support.share >= SHARE_PART && share_together(asking, said, place) >= SHARE_TOGETHER);
    support.is_supported = enough && holds_facts(asking, place, sentence);
    return support;
}

static bool is_better(const struct support *a, const struct support *b)
{
    return a->is_supported != b->is_supported ? a->is_supported : a->share > b->share;
}

struct support support_find(struct asking *asking, struct slice sentence, uint64_t marks)
{
    struct terms said = terms_of(asking, sentence, language_of(asking, sentence));
    struct support best = {.says_nothing = said.count == 0};
    for (int round = marks == 0; round < 2 && !best.is_supported; round++)
        for (size_t i = 0; i < asking->passage_count && said.count > 0; i++) {
            bool marked = i < 64 && (marks >> i & 1) != 0;
            if (round == 0 && !marked)
                continue;
            struct support support = support_in(asking, asking->passages, i, sentence, &said);
            if (is_better(&support, &best))
                best = support;
        }
    return best;
}

struct support support_at(struct asking *asking, size_t passage, struct slice sentence)
{
    struct terms said = terms_of(asking, sentence, language_of(asking, sentence));
    return support_in(asking, asking->passages, passage, sentence, &said);
}

/* ---- what functions gave ---- */

/* Data is told in other words than it has ("2026-12-01" as "December 1", "cancelled" of {"ok": true}): what can be checked of such a sentence are its
 * numbers and names. */
static bool is_calendar(struct slice word)
{
    static const char *const names[] = {"January",   "February",  "March",   "April",    "May",      "June",   "July",
                                        "August",    "September", "October", "November", "December", "Monday", "Tuesday",
                                        "Wednesday", "Thursday",  "Friday",  "Saturday", "Sunday"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(word, names[i]))
            return true;
    return false;
}

/* A run of digits with that value: "01" for "1". */
static bool has_value(struct slice text, const char *digits, size_t count)
{
    for (; count > 1 && *digits == '0'; count--)
        digits++;
    for (size_t at = 0, end; at < text.size; at = end + 1) {
        for (end = at; end < text.size && text.data[end] >= '0' && text.data[end] <= '9';)
            end++;
        size_t start = at;
        while (start + 1 < end && text.data[start] == '0')
            start++;
        if (end > at && end - start == count && memcmp(text.data + start, digits, count) == 0)
            return true;
    }
    return false;
}

static bool is_given(const struct asking *asking, struct slice word, const char *digits, size_t count)
{
    for (size_t i = 0; i < asking->outcome_count; i++) {
        struct slice text = asking->outcomes[i].hit->passage.text;
        if (stands_in(&asking->outcomes[i], word, digits, count) || (count > 0 && has_value(text, digits, count)))
            return true;
    }
    return false;
}

/* Whether all numbers and names of it stand in what functions gave; those of the question may be repeated, and stand for nothing. `*given`: how many
 * do. */
static bool keeps_to_outcomes(const struct asking *asking, struct slice sentence, size_t *given)
{
    struct text_words words = {.text = sentence};
    struct slice word, question = asking->answer->asked;
    bool is_word, first = true;
    *given = 0;
    while (text_words_next(&words, &word, &is_word)) {
        char digits[NUMBER_BYTES];
        size_t count = digits_of(word, digits);
        bool is_fact = is_word && (count > 0 || (!first && is_capital(word) && !is_calendar(word)));
        first = first && !is_word;
        if (!is_fact)
            continue;
        bool is_there = is_given(asking, word, digits, count);
        if (!is_there && memmem(question.data, question.size, word.data, word.size) == NULL)
            return false;
        *given += is_there;
    }
    return true;
}

struct support support_by_outcomes(struct asking *asking, struct slice sentence)
{
    struct support best = {0};
    if (asking->outcome_count == 0)
        return best;
    struct terms said = terms_of(asking, sentence, language_of(asking, sentence));
    for (size_t i = 0; i < asking->outcome_count && !best.is_supported; i++) {
        struct support support = support_in(asking, asking->outcomes, i, sentence, &said);
        if (is_better(&support, &best))
            best = support;
    }
    size_t given;
    if (best.is_supported || !keeps_to_outcomes(asking, sentence, &given))
        return best;
    best.is_supported = given > 0;
    best.says_nothing = given == 0;
    best.share = best.share > SHARE_LEAST ? best.share : SHARE_LEAST;
    return best;
}

/* ---- citations ---- */

static int64_t lines_in(struct slice text)
{
    int64_t lines = 0;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    return lines;
}

/* What cannot be found again word by word is quoted by its whole passage. */
static void find_place(const struct ask_passage *passage, struct slice sentence, size_t *start, size_t *end)
{
    if (quote_find(passage->source, sentence, start, end))
        return;
    struct slice whole = slice_cut(slice_trim(passage->source), QUOTE_MAX);
    *start = whole.size > 0 ? (size_t)(whole.data - passage->source.data) : 0;
    *end = *start + whole.size;
}

size_t cite(struct asking *asking, size_t passage, size_t sentence)
{
    return cite_run(asking, passage, sentence, sentence);
}

size_t cite_run(struct asking *asking, size_t passage, size_t first, size_t last)
{
    struct ask_answer *answer = asking->answer;
    const struct ask_passage *place = &asking->passages[passage];
    size_t start, end;
    struct slice from_here = place->sentences[first].text, to_here = place->sentences[last].text;
    find_place(place, (struct slice){from_here.data, (size_t)(to_here.data + to_here.size - from_here.data)}, &start, &end);
    int64_t from = place->hit->passage.start + (int64_t)start;
    for (size_t i = 0; i < answer->citation_count; i++)
        if (answer->citations[i].passage == passage && answer->citations[i].start == from &&
            answer->citations[i].end == from + (int64_t)(end - start))
            return i + 1;
    answer->citations = arena_more(asking->arena, answer->citations, answer->citation_count, &asking->citation_capacity,
                                   sizeof(*answer->citations));
    struct slice quote = slice_range(place->source, start, end);
    int64_t line = place->hit->passage.line + lines_in(slice_range(place->source, 0, start));
    answer->citations[answer->citation_count++] = (struct ask_citation){.passage = passage,
                                                                        .quote = quote,
                                                                        .start = from,
                                                                        .end = from + (int64_t)quote.size,
                                                                        .line = line,
                                                                        .line_end = line + lines_in(quote)};
    return answer->citation_count;
}

struct ask_otherwise otherwise_quote(const struct ask_passage *passage, struct slice sentence)
{
    size_t start, end;
    find_place(passage, sentence, &start, &end);
    struct slice quote = slice_range(passage->source, start, end);
    int64_t line = passage->hit->passage.line + lines_in(slice_range(passage->source, 0, start));
    return (struct ask_otherwise){passage->hit, quote, passage->hit->passage.start + (int64_t)start, line,
                                  line + lines_in(quote)};
}
