/* wording.c - the same questions in other words and with typos: how much an arm loses. */
#include "arms_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_MOST = 12, WORD_LEAST = 5 };

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* From `from` on; false: none is as long. */
static bool long_word(struct slice text, size_t from, size_t *start, size_t *end)
{
    for (size_t i = from; i < text.size;) {
        size_t begin = i;
        while (i < text.size && is_letter(text.data[i]))
            i++;
        bool is_whole = (begin == 0 || (unsigned char)text.data[begin - 1] < 0x80) &&
                        (i == text.size || (unsigned char)text.data[i] < 0x80);
        if (i - begin >= WORD_LEAST && is_whole) {
            *start = begin;
            *end = i;
            return true;
        }
        i += i == begin;
    }
    return false;
}

struct slice wording_typo(struct slice question, uint64_t seed, struct arena *arena)
{
    char *out = arena_text(arena, question);
    size_t start, end, count = 0;
    struct random random;
    for (size_t at = 0; long_word(question, at, &start, &end); at = end)
        count++;
    random_init(&random, seed);
    if (count == 0)
        return question;
    size_t chosen = (size_t)random_below(&random, count), at = 0;
    for (size_t i = 0; i <= chosen && long_word(question, at, &start, &end); i++)
        at = end;
    size_t place = start + 1 + (size_t)random_below(&random, end - start - 3);
    char kept = out[place];
    out[place] = out[place + 1];
    out[place + 1] = kept;
    return (struct slice){out, question.size};
}

struct slice wording_other(struct slice question, struct arena *arena)
{
    static const struct {
        const char *from, *to;
    } beginnings[] = {{"How long ", "For how long "},
                      {"How many ", "What number of "},
                      {"How much ", "What amount of "},
                      {"Who ", "Which person "},
                      {"When ", "At what time "},
                      {"Where ", "At what place "},
                      {"Can I ", "Am I able to "},
                      {"May I ", "Am I allowed to "},
                      {"What is ", "Tell me: what is "},
                      {"What are ", "Tell me: what are "},
                      {"Which ", "Tell me which "},
                      {"Do ", "I would like to know: do "},
                      {"Does ", "I would like to know: does "}};
    for (size_t i = 0; i < ARRAY_COUNT(beginnings); i++)
        if (slice_starts_with(question, slice_from(beginnings[i].from)))
            return slice_from(arena_format(arena, "%s" SLICE_FORMAT, beginnings[i].to,
                                           SLICE_ARGUMENT(slice_range(question, strlen(beginnings[i].from), question.size))));
    char *out = arena_text(arena, question); /* of another language, or another kind: as one types in haste */
    size_t size = question.size;
    while (size > 0 && byte_among(out[size - 1], "?!. "))
        size--;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(out[i] >= 'A' && out[i] <= 'Z' ? out[i] - 'A' + 'a' : out[i]);
    return size > 0 ? (struct slice){out, size} : question;
}

/* Cases that have an answer, spread over all. */
static size_t choose_cases(const struct deciding *deciding, size_t chosen[CASES_MOST])
{
    size_t with_answer = 0, seen = 0, count = 0;
    for (size_t i = 0; i < deciding->test_count; i++)
        with_answer += test_case(deciding, i)->gold_count > 0;
    size_t every = with_answer / CASES_MOST + 1;
    for (size_t i = 0; i < deciding->test_count && count < CASES_MOST; i++)
        if (test_case(deciding, i)->gold_count > 0 && seen++ % every == 0)
            chosen[count++] = i;
    return count;
}

static bool measure_drop(struct deciding *deciding, struct arm_state *state, const size_t *chosen, size_t count,
                         struct error *error)
{
    double before = 0, after = 0;
    for (size_t i = 0; i < count; i++) {
        const struct answer_case *item = test_case(deciding, chosen[i]);
        struct said typo, other;
        if (!way_ask(deciding, &state->way, item, "typo",
                     wording_typo(item->question, deciding->seed + item->line, deciding->arena), &typo, error) ||
            !way_ask(deciding, &state->way, item, "other words", wording_other(item->question, deciding->arena), &other,
                     error) ||
            !deciding_step(deciding, "asking in other words", i + 1, count, error))
            return false;
        before += 2 * state->said[chosen[i]].score;
        after += typo.score + other.score;
    }
    state->drop = count > 0 ? (before - after) / (double)(2 * count) : (double)NAN;
    return true;
}

bool measure_brittleness(struct deciding *deciding, struct error *error)
{
    size_t chosen[CASES_MOST], count = choose_cases(deciding, chosen);
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED && !measure_drop(deciding, &deciding->arms[i], chosen, count, error))
            return false;
    return true;
}
