/* told_two.c - sentences, dates and amounts of two things, each from its own document or from sentences that name it alone.
 *
 *   # Orla Finch                                    # Bram Teal
 *   Orla Finch (born 3 May 1961) is a Welsh …       Bram Teal (2 June 1974 – 2020) was an English …
 *
 *   "Are they both singers?"     ▶  both sentences                "Which is Welsh?"  ▶  the sentence of Orla Finch
 *   "Who is older?"              ▶  Orla Finch: 3 May 1961        Bram Teal: 2 June 1974
 *
 * Nothing is told where a date or an amount is lacking, where there are several, or where both are the same. */
#include "told_two.h"
#include "line_parts.h"
#include "rival_words.h"
#include "spans.h"
#include <string.h>

enum {
    LINES_MAX = 48,
    AMOUNTS_MAX = 24,
    FIRST_TERMS_LEAST = 3,
    NAME_REACH = 60 /* bytes of a sentence that begins with the name */
};

static const char
    founding[] = "founded|founding|established|formed|formation|started|began|begun|created|launched|introduced|opened|built|"
                 "completed|incorporated|set|since",
    publishing[] = "published|publication|released|release|issued|aired|premiered|debuted|printed";

/* A sentence that tells of one of them. */
struct told {
    size_t passage, sentence;
    bool is_own; /* it stands in the document, or below the heading, that has the name */
    bool is_first; /* of such a passage: it tells what the thing is */
    size_t has; /* words of what is asked */
};

struct one {
    struct slice name;
    struct terms terms, alone; /* of the name, and those that the other's has not */
    struct told lines[LINES_MAX];
    size_t count;
    size_t closest; /* words of a title or heading beyond the name, the fewest */
};

struct two {
    struct asking *asking;
    const struct named_two *named;
    struct terms asked; /* words of the question but those of the names */
    struct one sides[2];
};

static const struct ask_sentence *sentence_of(const struct two *two, const struct told *told)
{
    return &two->asking->passages[told->passage].sentences[told->sentence];
}

static size_t count_in(const struct terms *there, const struct terms *words)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += terms_have(there, words->items[i]);
    return count;
}

static struct terms without(struct asking *asking, const struct terms *words, const struct terms *those)
{
    struct terms left = {.items = arena_alloc(asking->arena, words->count + 1, sizeof(*left.items))};
    for (size_t i = 0; i < words->count; i++)
        if (!terms_have(those, words->items[i]))
            left.items[left.count++] = words->items[i];
    return left;
}

/* ---- their sentences ---- */

/* Words of the line of the title or headings that has the name, beyond it; SIZE_MAX: none has. */
static size_t beyond_name(struct two *two, const struct one *one, size_t passage)
{
    struct slice rest = text_above(two->asking, &two->asking->passages[passage]), line;
    size_t least = SIZE_MAX;
    while (slice_next(&rest, '\n', &line)) {
        struct terms words = rival_terms(two->asking, passage, line);
        if (terms_have_all(&words, &one->terms) && words.count - one->terms.count < least)
            least = words.count - one->terms.count;
    }
    return least;
}

static void add_sentences(struct two *two, size_t of, size_t passage, bool is_own)
{
    struct one *one = &two->sides[of];
    const struct one *other = &two->sides[1 - of];
    const struct ask_passage *read = &two->asking->passages[passage];
    size_t first = 0;
    while (first < read->sentence_count && read->sentences[first].terms.count < FIRST_TERMS_LEAST) /* "E. B." ends none */
        first++;
    for (size_t i = 0; i < read->sentence_count && one->count < LINES_MAX; i++) {
        const struct ask_sentence *sentence = &read->sentences[i];
        bool names = terms_have_all(&sentence->terms, &one->alone),
             names_other = terms_have_all(&sentence->terms, &other->alone);
        if ((!names && !is_own) || names_other || sentence->is_order || line_has_bar(sentence->text) ||
            line_is_question(sentence->text) || sentence->terms.count <= one->terms.count)
            continue;
        one->lines[one->count++] = (struct told){.passage = passage,
                                                 .sentence = i,
                                                 .is_own = is_own,
                                                 .is_first = is_own && i == first,
                                                 .has = count_in(&sentence->terms, &two->asked)};
    }
}

/* Its own document's sentences go first; a document with more in its title than the name is another one's, where there is one with the name alone. */
static void find_sentences(struct two *two, size_t of)
{
    struct one *one = &two->sides[of];
    const size_t count = two->asking->passage_count;
    size_t *beyond = arena_alloc(two->asking->arena, count + 1, sizeof(*beyond));
    one->closest = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        beyond[i] = beyond_name(two, one, i);
        one->closest = beyond[i] < one->closest ? beyond[i] : one->closest;
    }
    for (size_t i = 0; i < count; i++)
        if (beyond[i] != SIZE_MAX && beyond[i] == one->closest)
            add_sentences(two, of, i, true);
    for (size_t i = 0; i < count; i++)
        if (beyond[i] == SIZE_MAX)
            add_sentences(two, of, i, false);
}

static bool read_two(struct asking *asking, const struct named_two *named, struct two *two)
{
    const enum text_language language = language_of(asking, asking->answer->asked);
    *two = (struct two){.asking = asking, .named = named};
    for (size_t i = 0; i < 2; i++) {
        two->sides[i].name = named->names[i];
        two->sides[i].terms = terms_of(asking, named->names[i], language);
    }
    for (size_t i = 0; i < 2; i++)
        two->sides[i].alone = without(asking, &two->sides[i].terms, &two->sides[1 - i].terms);
    struct terms rest = without(asking, &asking->question, &two->sides[0].terms);
    two->asked = without(asking, &rest, &two->sides[1].terms);
    two->asked.count = named->is_common ? 0 : two->asked.count;
    if (two->sides[0].alone.count == 0 || two->sides[1].alone.count == 0)
        return false;
    find_sentences(two, 0);
    find_sentences(two, 1);
    return true;
}

static struct compared compared_of(const struct told *told, struct slice key, struct slice text)
{
    return (struct compared){
        .key = key, .item = {.passage = told->passage, .sentence = told->sentence, .last = told->sentence, .text = text}};
}

/* ---- both ---- */

/* In its own document a sentence tells of it that has a word of what is asked; where it is asked what both are, the first does. Elsewhere one that begins
 * with it, and has half of what is asked. */
static bool tells_of(const struct two *two, const struct one *one, const struct told *told)
{
    const struct slice text = slice_cut(sentence_of(two, told)->text, NAME_REACH);
    const struct terms beginning = rival_terms(two->asking, told->passage, text);
    bool may_introduce = two->asked.count == 0 || span_has_word(two->asking->answer->asked, "same");
    return told->is_own ? told->has > 0 || (told->is_first && may_introduce)
                        : told->has > 0 && 2 * told->has >= two->asked.count && terms_have_all(&beginning, &one->alone);
}

/* Where it stands in its document. */
static int64_t place_of(const struct two *two, const struct told *told)
{
    return two->asking->passages[told->passage].hit->passage.start;
}

/* The sentence with most of what is asked; of its own document the first such one. */
static const struct told *best_of(const struct two *two, const struct one *one)
{
    const struct told *best = NULL;
    for (size_t i = 0; i < one->count; i++) {
        const struct told *told = &one->lines[i];
        if (!tells_of(two, one, told))
            continue;
        bool is_better = best == NULL || told->has > best->has ||
                         (told->has == best->has && told->is_own &&
                          (!best->is_own || place_of(two, told) < place_of(two, best)));
        best = is_better ? told : best;
    }
    return best;
}

static bool tell_both(const struct two *two, struct compared sides[2])
{
    for (size_t i = 0; i < 2; i++) {
        const struct told *best = best_of(two, &two->sides[i]);
        if (best == NULL)
            return false;
        sides[i] = compared_of(best, SLICE(""), sentence_of(two, best)->text);
    }
    return true;
}

/* ---- dates ---- */

/* The year that begins at or behind `at`; 0: there is none. */
static size_t year_behind(struct slice text, size_t at, size_t *start)
{
    while (at < text.size) {
        size_t end = span_is_digit(text, at) ? span_digits_end(text, at) : at;
        if (end == at + 4 && span_is_year(slice_range(text, at, end)) && !(at > 0 && span_is_digit(text, at - 1))) {
            uint64_t year;
            *start = at;
            return slice_to_u64(slice_range(text, at, end), &year) ? (size_t)year : 0;
        }
        at = end > at ? end : at + 1;
    }
    return 0;
}

/* The date that the year is of, as it is written; of "2 June 1974 – 9 April 2020" that before the dash. */
static struct slice date_around(struct slice text, size_t year)
{
    struct span spans[8];
    size_t count = spans_find(SLICE(""), text, SPAN_DATE, spans, ARRAY_COUNT(spans));
    for (size_t i = 0; i < count; i++) {
        size_t start = (size_t)(spans[i].text.data - text.data), end = start + spans[i].text.size;
        const char *dash = memmem(text.data + start, end - start, "–", strlen("–"));
        size_t stop = dash != NULL ? (size_t)(dash - text.data) : end;
        if (spans[i].kind == SPAN_DATE && start <= year && year + 4 <= stop)
            return slice_trim(slice_range(text, start, stop));
    }
    return slice_range(text, year, year + 4);
}

struct dated {
    const struct told *told;
    struct slice text;
    size_t year; /* 0: none is told, or several are */
};

static size_t word_end(struct slice text, const char *alternatives)
{
    for (size_t at = 0, end; at<text.size; at = end> at ? end : at + 1) {
        struct span_word word = span_word_at(text, at);
        end = span_letters_end(text, at);
        if (end > at && span_word_is(&word, alternatives))
            return end;
    }
    return 0;
}

/* "Orla Finch (born 3 May 1961)", "Bram Teal (2 June 1974 – 2020)". */
static size_t birth_at(const struct told *told, struct slice text)
{
    size_t born = word_end(text, "born"), open;
    if (born > 0)
        return born;
    bool has_bracket = told->is_first && slice_find(text, '(', &open);
    const char *dash = has_bracket ? memmem(text.data + open, text.size - open, "–", strlen("–")) : NULL;
    return dash != NULL ? open : 0;
}

/* "It is a 1997 novel": what stands behind the first "is a". */
static size_t made_at(const struct told *told, struct slice text)
{
    static const char *const beginnings[] = {" is a ", " was a ", " is an ", " was an "};
    for (size_t i = 0; told->is_first && i < ARRAY_COUNT(beginnings); i++) {
        const char *found = memmem(text.data, text.size, beginnings[i], strlen(beginnings[i]));
        size_t at = found != NULL ? (size_t)(found - text.data) + strlen(beginnings[i]) : 0, start;
        if (at > 0 && year_behind(text, at, &start) > 0 && start == at)
            return at;
    }
    return 0;
}

enum date_mode { DATE_BIRTH, DATE_FOUNDING, DATE_PUBLISHING, DATE_MODES };

static size_t date_at(const struct told *told, struct slice text, enum date_mode mode)
{
    size_t made = mode == DATE_PUBLISHING ? made_at(told, text) : 0;
    return made > 0 ? made
                    : (mode == DATE_BIRTH      ? birth_at(told, text)
                       : mode == DATE_FOUNDING ? word_end(text, founding)
                                               : word_end(text, publishing));
}

/* The one year that its sentences have so; of several years none is sure. */
static struct dated dated_of(const struct two *two, const struct one *one, enum date_mode mode)
{
    struct dated dated = {0};
    for (size_t i = 0; i < one->count; i++) {
        const struct told *told = &one->lines[i];
        struct slice text = sentence_of(two, told)->text;
        size_t start = 0, at = date_at(told, text, mode), year = at > 0 ? year_behind(text, at, &start) : 0;
        if (year == 0 || (dated.year > 0 && (mode == DATE_BIRTH || dated.told->is_own > told->is_own)))
            continue;
        if (dated.year > 0 && dated.year != year)
            return (struct dated){0};
        if (dated.year == 0)
            dated = (struct dated){told, date_around(text, start), year};
    }
    return dated;
}

/* The kinds of dates that the question may mean. */
static bool may_mean(const struct two *two, enum date_mode mode)
{
    const struct slice rest = two->named->rest;
    bool is_born = span_has_word(rest, "born|birth"), is_founded = word_end(rest, founding) > 0,
         is_published = word_end(rest, publishing) > 0;
    if (is_born || is_founded || is_published)
        return mode == DATE_BIRTH ? is_born : mode == DATE_FOUNDING ? is_founded : is_published;
    return two->named->order == ORDER_AGE || (mode != DATE_BIRTH && span_has_word(rest, "came|come|comes|was|is"));
}

/* The one that is asked for first. */
static void put_in_order(const struct two *two, bool is_second, const struct compared found[2], struct compared sides[2])
{
    for (size_t i = 0; i < 2; i++) {
        sides[i] = found[is_second ? 1 - i : i];
        sides[i].key = two->sides[is_second ? 1 - i : i].name;
    }
}

static bool tell_dates(const struct two *two, struct compared sides[2])
{
    for (int mode = DATE_BIRTH; mode < DATE_MODES; mode++) {
        struct dated dated[2];
        struct compared found[2];
        if (!may_mean(two, (enum date_mode)mode))
            continue;
        for (size_t i = 0; i < 2; i++)
            dated[i] = dated_of(two, &two->sides[i], (enum date_mode)mode);
        if (dated[0].year == 0 || dated[1].year == 0 || dated[0].year == dated[1].year)
            continue;
        for (size_t i = 0; i < 2; i++)
            found[i] = compared_of(dated[i].told, SLICE(""), dated[i].text);
        put_in_order(two, two->named->is_more ? dated[1].year > dated[0].year : dated[1].year < dated[0].year, found, sides);
        return true;
    }
    return false;
}

/* ---- amounts ---- */

struct amount {
    const struct told *told;
    struct number number;
    struct slice text;
};

/* "heavier" compares kilograms, and no years: without a word of what is asked beside it an amount has to be of what the question compares. */
static bool is_compared(const struct two *two, const struct told *told, const struct number *number)
{
    const struct slice question = two->asking->answer->asked;
    bool is_mass = number->family == SPAN_FAMILY_POUNDS || number->family == SPAN_FAMILY_GRAMS,
         is_length = number->family == SPAN_FAMILY_FEET || number->family == SPAN_FAMILY_METRES;
    return two->named->is_money || told->has > 0 || (is_mass && span_has_word(question, "heavier|lighter|heaviest|lightest")) ||
           (is_length &&
            span_has_word(question,
                          "longer|taller|higher|deeper|wider|shorter|longest|tallest|highest|deepest|widest|shortest"));
}

/* All amounts of a kind that may be compared. */
static size_t amounts_of(const struct two *two, const struct one *one, struct amount amounts[AMOUNTS_MAX])
{
    const unsigned kinds = two->named->is_money ? SPAN_MONEY : SPAN_MEASURE | SPAN_DURATION | SPAN_SHARE;
    size_t count = 0;
    for (size_t i = 0; i < one->count; i++) {
        struct slice text = sentence_of(two, &one->lines[i])->text;
        struct number number;
        for (size_t at = 0; count < AMOUNTS_MAX && span_next_number(text, &at, kinds, &number);)
            if ((number.kind & kinds) != 0 && number.value > 0 && is_compared(two, &one->lines[i], &number))
                amounts[count++] = (struct amount){&one->lines[i], number, slice_range(text, number.start, number.end)};
    }
    return count;
}

static bool is_same_unit(const struct amount *a, const struct amount *b)
{
    return a->number.kind == b->number.kind && slice_equal(a->number.unit, b->number.unit) &&
           (a->number.rate > 0) == (b->number.rate > 0);
}

static size_t count_like(const struct amount *amounts, size_t count, const struct amount *one)
{
    size_t like = 0;
    for (size_t i = 0; i < count; i++)
        like += is_same_unit(&amounts[i], one);
    return like;
}

/* One amount of each, of one unit that both have once. */
static bool tell_amounts(const struct two *two, struct compared sides[2])
{
    struct amount *amounts[2];
    size_t counts[2], pairs = 0, chosen[2] = {0, 0};
    for (size_t i = 0; i < 2; i++) {
        amounts[i] = arena_alloc(two->asking->arena, AMOUNTS_MAX, sizeof(*amounts[i]));
        counts[i] = amounts_of(two, &two->sides[i], amounts[i]);
    }
    for (size_t i = 0; i < counts[0]; i++)
        for (size_t j = 0; j < counts[1]; j++) {
            const struct amount *first = &amounts[0][i], *second = &amounts[1][j];
            if (!is_same_unit(first, second) || count_like(amounts[0], counts[0], first) > 1 ||
                count_like(amounts[1], counts[1], second) > 1)
                continue;
            chosen[0] = i;
            chosen[1] = j;
            pairs++;
        }
    const struct amount *first = &amounts[0][chosen[0]], *second = &amounts[1][chosen[1]];
    if (pairs != 1 || !(first->number.value < second->number.value || first->number.value > second->number.value))
        return false;
    struct compared found[2] = {compared_of(first->told, SLICE(""), first->text),
                                compared_of(second->told, SLICE(""), second->text)};
    bool is_larger = second->number.value > first->number.value;
    put_in_order(two, two->named->is_more ? is_larger : !is_larger, found, sides);
    return true;
}

/* ---- what one of them has ---- */

/* Words of what is asked, but for that of its kind: "American" of "Which singer is American". */
static struct terms told_apart_by(struct two *two)
{
    const enum text_language language = language_of(two->asking, two->asking->answer->asked);
    struct span_words words;
    size_t kind = 1;
    span_words_read(two->named->rest, &words);
    bool has_kind = words.count > 2 && span_word_is(&words.items[0], "which|what");
    while (has_kind && kind < words.count && !span_word_is(&words.items[kind], "is|are|was|were|has|had|does|did|do|can|will"))
        kind++;
    struct terms kinds = {0};
    if (has_kind && kind < words.count)
        kinds = terms_of(two->asking, slice_range(two->named->rest, words.items[1].start, words.items[kind].start), language);
    return without(two->asking, &two->asked, &kinds);
}

/* The one that alone has all of it, in one sentence; the other one is told of, too. */
static bool tell_one(struct two *two, struct compared sides[1])
{
    const struct terms asked = told_apart_by(two);
    const struct told *found[2] = {NULL, NULL};
    for (size_t of = 0; of < 2; of++)
        for (size_t i = 0; i < two->sides[of].count && found[of] == NULL; i++)
            if (terms_have_all(&sentence_of(two, &two->sides[of].lines[i])->terms, &asked))
                found[of] = &two->sides[of].lines[i];
    size_t of = found[0] != NULL ? 0 : 1;
    if ((found[0] == NULL) == (found[1] == NULL) || two->sides[1 - of].count == 0)
        return false;
    const struct ask_sentence *sentence = sentence_of(two, found[of]);
    bool is_named = terms_have_all(&sentence->terms, &two->sides[of].terms);
    sides[0] = compared_of(found[of], is_named ? SLICE("") : two->sides[of].name, sentence->text);
    return true;
}

/* ---- all ---- */

/* A sentence tells of both at once what is asked: it answers in the usual way. */
static bool is_told_at_once(const struct two *two)
{
    for (size_t i = 0; i < two->asking->passage_count; i++)
        for (size_t j = 0; j < two->asking->passages[i].sentence_count; j++) {
            const struct terms *terms = &two->asking->passages[i].sentences[j].terms;
            if (terms_have_all(terms, &two->sides[0].alone) && terms_have_all(terms, &two->sides[1].alone) &&
                count_in(terms, &two->asked) > 0)
                return true;
        }
    return false;
}

size_t told_two(struct asking *asking, const struct named_two *named, struct compared sides[2])
{
    struct two *two = arena_alloc(asking->arena, 1, sizeof(*two));
    if (named->kind == TWO_NONE || !read_two(asking, named, two) || is_told_at_once(two))
        return 0;
    if (named->kind == TWO_BOTH)
        return tell_both(two, sides) ? 2 : 0;
    if (named->order == ORDER_NONE)
        return tell_one(two, sides) ? 1 : 0;
    return (named->order == ORDER_VALUE ? tell_amounts(two, sides) : tell_dates(two, sides)) ? 2 : 0;
}

bool told_of_two(struct asking *asking, const struct named_two *named, struct candidate *item)
{
    struct two *two = arena_alloc(asking->arena, 1, sizeof(*two));
    if (named->kind != TWO_CHOICE || !read_two(asking, named, two))
        return true;
    const struct ask_passage *passage = &asking->passages[item->passage];
    const struct ask_sentence *sentence = &passage->sentences[item->sentence];
    const struct terms words = rival_terms(asking, item->passage, item->text), asked = told_apart_by(two);
    size_t named_there = 0, told = 0, ones = 0;
    for (size_t i = 0; i < 2; i++) {
        const struct terms *alone = &two->sides[i].alone;
        bool names = terms_have_all(&sentence->terms, alone);
        ones += count_in(&words, alone) > 0;
        named_there += names;
        told += names || terms_have_all(&passage->above, &two->sides[i].terms);
    }
    bool is_compared = named->order == ORDER_NONE || named_there == 2; /* of one alone nothing is compared */
    bool is_part = item->text.size < sentence->text.size;
    if (line_has_bar(sentence->text) || (is_part && ones > 0 && is_compared))
        return true;
    bool is_told = told > 0 && is_compared && 2 * count_in(&sentence->terms, &asked) >= asked.count;
    if (is_told && item->last == item->sentence)
        item->text = sentence->text;
    return is_told;
}
