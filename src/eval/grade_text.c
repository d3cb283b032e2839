/* grade_text.c - an answer against golds by their words, as SQuAD's evaluation defines it.
 *
 *   small letters ─▶ ASCII punctuation out ─▶ the words a, an, the out ─▶ white space is one space
 *
 * F1 is over the words as a bag: 2·common / (words of one + words of the other). */
#include "grade.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <utf8proc.h>

const char *const grade_measure_names[GRADE_MEASURES] = {"exact",  "f1",      "contains",  "numeric",
                                                         "strict", "relaxed", "similarity"};

static bool is_space(uint32_t character)
{
    return character == ' ' || (character >= 0x09 && character <= 0x0D) || (character >= 0x1C && character <= 0x1F) ||
           character == 0x85 || character == 0xA0 || character == 0x1680 || (character >= 0x2000 && character <= 0x200A) ||
           character == 0x2028 || character == 0x2029 || character == 0x202F || character == 0x205F || character == 0x3000;
}

static bool is_punctuation(uint32_t character)
{
    return character > 0x20 && character < 0x7F && !(character >= '0' && character <= '9') &&
           !(character >= 'A' && character <= 'Z') && !(character >= 'a' && character <= 'z');
}

/* What a regular expression's \b sees as part of a word. */
static bool is_word_part(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return character == '_' || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

static void fold(struct slice text, struct buffer *out)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        char bytes[4];
        at += text_decode(text, at, &character);
        if (is_punctuation(character))
            continue;
        if (is_space(character))
            character = ' ';
        buffer_append(out, bytes, text_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)character), bytes));
    }
}

static bool is_article(struct slice word)
{
    return slice_equal_text(word, "a") || slice_equal_text(word, "an") || slice_equal_text(word, "the");
}

/* The end of the run that is all of words, or all of none, from `at` on. */
static size_t run_end(struct slice text, size_t at, bool *is_word)
{
    uint32_t character;
    size_t size = text_decode(text, at, &character);
    *is_word = is_word_part(character);
    for (at += size; at < text.size; at += size) {
        size = text_decode(text, at, &character);
        if (is_word_part(character) != *is_word)
            break;
    }
    return at;
}

void grade_normalize(struct slice text, struct buffer *out)
{
    struct buffer folded, bare;
    struct slice rest, word;
    bool is_first = true, is_word;
    buffer_init(&folded, 4 * text.size + 4);
    buffer_init(&bare, 8 * text.size + 8);
    fold(text, &folded);
    struct slice small = buffer_slice(&folded);
    for (size_t at = 0, end; at < small.size; at = end) {
        end = run_end(small, at, &is_word);
        struct slice run = slice_range(small, at, end);
        if (is_word && is_article(run))
            buffer_append_byte(&bare, ' ');
        else
            buffer_append_slice(&bare, run);
    }
    rest = buffer_slice(&bare);
    while (slice_next(&rest, ' ', &word)) {
        if (word.size == 0)
            continue;
        if (!is_first)
            buffer_append_byte(out, ' ');
        buffer_append_slice(out, word);
        is_first = false;
    }
    buffer_release(&folded);
    buffer_release(&bare);
}

/* ---- words in common ---- */

struct word_list {
    struct slice *items;
    size_t count;
};

static void split(struct slice text, struct word_list *words)
{
    size_t capacity = 0;
    struct slice rest = text, word;
    *words = (struct word_list){0};
    while (slice_next(&rest, ' ', &word)) {
        words->items = memory_more(words->items, words->count, &capacity, sizeof(*words->items));
        words->items[words->count++] = word;
    }
}

static int by_bytes(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static double contains(const struct word_list *gold, const struct word_list *answer)
{
    if (gold->count == 0 || gold->count > answer->count)
        return 0;
    for (size_t i = 0; i + gold->count <= answer->count; i++) {
        size_t same = 0;
        while (same < gold->count && slice_equal(gold->items[same], answer->items[i + same]))
            same++;
        if (same == gold->count)
            return 1;
    }
    return 0;
}

/* Sorts both. */
static double shared_f1(struct word_list *gold, struct word_list *answer)
{
    size_t common = 0;
    if (gold->count == 0 || answer->count == 0)
        return gold->count == answer->count;
    qsort(gold->items, gold->count, sizeof(*gold->items), by_bytes);
    qsort(answer->items, answer->count, sizeof(*answer->items), by_bytes);
    for (size_t i = 0, j = 0; i < gold->count && j < answer->count;) {
        int order = slice_compare(gold->items[i], answer->items[j]);
        common += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return 2 * (double)common / (double)(gold->count + answer->count);
}

/* ---- quantities ---- */

/* The answer's first quantity of the gold's unit, or else its first bare number; for a bare gold the other way round. */
static bool find_quantity(struct slice answer, enum quantity_unit unit, struct quantity *found)
{
    struct quantity next, spare = {0};
    bool has_spare = false;
    for (size_t at = 0; quantity_next(answer, &at, &next);) {
        if (next.unit == unit) {
            *found = next;
            return true;
        }
        if (!has_spare && (next.unit == QUANTITY_NONE || unit == QUANTITY_NONE)) {
            spare = next;
            has_spare = true;
        }
    }
    *found = spare;
    return has_spare;
}

/* Nothing but this quantity stands there. */
static bool is_all(struct slice text, const struct quantity *quantity)
{
    return slice_trim(slice_range(text, 0, quantity->start)).size == 0 &&
           slice_trim(slice_range(text, quantity->end, text.size)).size == 0;
}

/* Whether the gold is one quantity and nothing else, and the answer's is the same. Where one of the two has no unit, the numbers are compared as they
 * are written. `*is_bare`: it is all that the answer says. */
static bool same_quantity(struct slice gold, struct slice answer, double tolerance, bool *is_bare)
{
    struct quantity wanted, found;
    size_t at = 0;
    *is_bare = false;
    if (!quantity_next(gold, &at, &wanted) || !is_all(gold, &wanted) || !find_quantity(answer, wanted.unit, &found))
        return false;
    *is_bare = is_all(answer, &found);
    bool is_converted = wanted.unit != QUANTITY_NONE && found.unit != QUANTITY_NONE;
    double right = is_converted ? wanted.value : wanted.number, given = is_converted ? found.value : found.number;
    return fabs(given - right) <= fabs(right) * (tolerance > 1e-9 ? tolerance : 1e-9);
}

/* ---- all of it ---- */

static void grade_one(struct slice gold, struct slice answer, double tolerance, struct grade_scores *scores)
{
    struct buffer of_gold, of_answer;
    struct word_list gold_words, answer_words;
    bool is_bare;
    buffer_init(&of_gold, 16 * gold.size + 16);
    buffer_init(&of_answer, 16 * answer.size + 16);
    grade_normalize(gold, &of_gold);
    grade_normalize(answer, &of_answer);
    split(buffer_slice(&of_gold), &gold_words);
    split(buffer_slice(&of_answer), &answer_words);
    double *values = scores->values;
    values[GRADE_EXACT] = slice_equal(buffer_slice(&of_gold), buffer_slice(&of_answer));
    values[GRADE_CONTAINS] = contains(&gold_words, &answer_words);
    values[GRADE_F1] = shared_f1(&gold_words, &answer_words);
    values[GRADE_NUMERIC] = same_quantity(gold, answer, tolerance, &is_bare);
    values[GRADE_STRICT] = values[GRADE_EXACT] > 0 || (values[GRADE_NUMERIC] > 0 && is_bare);
    values[GRADE_RELAXED] = fmax(values[GRADE_EXACT], fmax(values[GRADE_CONTAINS], values[GRADE_NUMERIC]));
    values[GRADE_SIMILARITY] = slice_equal(gold, answer) ? 1 : -1;
    free(gold_words.items);
    free(answer_words.items);
    buffer_release(&of_gold);
    buffer_release(&of_answer);
}

void grade_answer(const struct grade_gold *gold, const struct slice *answer, struct grade_scores *scores)
{
    bool abstained = answer == NULL || slice_trim(*answer).size == 0;
    *scores = (struct grade_scores){0};
    if (abstained || gold->count == 0) {
        for (size_t i = 0; i < GRADE_MEASURES; i++)
            scores->values[i] = abstained && gold->count == 0;
        return;
    }
    scores->values[GRADE_SIMILARITY] = -1;
    for (size_t i = 0; i < gold->count; i++) {
        struct grade_scores one;
        grade_one(gold->texts[i], *answer, gold->tolerance, &one);
        for (size_t j = 0; j < GRADE_MEASURES; j++)
            scores->values[j] = fmax(scores->values[j], one.values[j]);
    }
}

void grade_abstention(const bool *wanted, const bool *done, size_t count, struct grade_abstention *abstention)
{
    *abstention = (struct grade_abstention){0};
    for (size_t i = 0; i < count; i++) {
        abstention->wanted += wanted[i];
        abstention->done += done[i];
        abstention->right += wanted[i] && done[i];
    }
    double right = (double)abstention->right;
    size_t both = abstention->wanted + abstention->done;
    abstention->precision = abstention->done > 0 ? right / (double)abstention->done : -1;
    abstention->recall = abstention->wanted > 0 ? right / (double)abstention->wanted : -1;
    abstention->f1 = both > 0 ? 2 * right / (double)both : -1;
    statistics_wilson(abstention->right, abstention->done, &abstention->precision_interval);
    statistics_wilson(abstention->right, abstention->wanted, &abstention->recall_interval);
}
