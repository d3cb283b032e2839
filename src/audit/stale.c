/* stale.c - dates that have passed where the text looks ahead of them, or that it calls its own present.
 *
 *   will, planned, starts …   + a date that has passed          "The tool will be available in March 2023."
 *   until, expires, due …     + a date that has passed          "Valid until 31 December 2024."
 *   as of, last updated …     + a date of long ago              "As of 2021, four stops are served."
 *   currently, latest …       + a date of long ago nearby       "Currently (March 2021), …"
 *
 * What tells of the past as of the past ("the offer had been valid until 2019", "enacted in 2018") is history, not stale. Years of copyright,
 * versions and references do not count. And a document that has not changed for long, while younger ones send their readers to it. */
#include "sentence.h"
#include "pile.h"
#include "links.h"
#include <string.h>

enum {
    OLD_DAYS = 548 /* a year and a half: what was true then may not be now */,
    UNCHANGED_DAYS = 730,
    NEAR_WORDS = 5,
    PLACES_MAX = 12
};

static const char bring_up[] = "Say what holds today, or remove it.";
static const char review[] = "Check whether it still holds, and change its date, or remove it.";

static bool one_of(const struct pieces *pieces, size_t at, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (piece_is(pieces, at, words[i]))
            return true;
    return false;
}
#define ONE_OF(pieces, at, words) one_of(pieces, at, words, ARRAY_COUNT(words))

/* The word before `at`, past blanks and light signs; SIZE_MAX: none. */
static size_t word_before(const struct pieces *pieces, size_t at)
{
    while (at-- > 0) {
        if (pieces->items[at].is_word)
            return at;
        char sign = piece_sign(pieces, at);
        if (sign == ';' || sign == '\n')
            break;
    }
    return SIZE_MAX;
}

/* A date in its sentence. */
struct dated {
    const struct pieces *pieces;
    const struct value *date;
    size_t at, behind; /* pieces of the date */
};

static bool ends_in_ed(const struct pieces *pieces, size_t at)
{
    struct slice word = piece_text(pieces, at);
    return word.size > 3 && slice_ends_with(word, SLICE("ed")) && !slice_equal_text(word, "need");
}

/* "is expected", "will be finished", "are accepted": a participle that speaks of now or later. */
static bool is_present_participle(const struct pieces *pieces, size_t at)
{
    static const char *const now[] = {"is",   "are",  "be",    "being",   "not",    "currently", "still", "get",  "gets",
                                      "also", "only", "stays", "remains", "remain", "now",       "stay",  "keeps"};
    size_t before = word_before(pieces, at);
    return before != SIZE_MAX && ONE_OF(pieces, before, now);
}

/* What stands before the date tells of the past. */
static bool tells_history(const struct dated *dated)
{
    static const char *const past[] = {"was",   "were", "had",  "did",   "ran",    "began", "became", "came", "went",  "held",
                                       "took",  "made", "won",  "wrote", "would",  "gave",  "built",  "met",  "saw",   "left",
                                       "spent", "sold", "grew", "fell",  "served", "led",   "said",   "got",  "lasted"};
    for (size_t i = 0; i < dated->at; i++) {
        if (!dated->pieces->items[i].is_word)
            continue;
        if (ONE_OF(dated->pieces, i, past))
            return true;
        if (ends_in_ed(dated->pieces, i) && !is_present_participle(dated->pieces, i)) {
            size_t next = word_before(dated->pieces, dated->at);
            static const char *const planned[] = {"planned",  "scheduled", "expected", "estimated", "updated",
                                                  "reviewed", "revised",   "modified", "verified",  "checked",
                                                  "proposed", "limited",   "projected"};
            if (i + 8 >= next && !ONE_OF(dated->pieces, i, planned))
                return true;
        }
    }
    return false;
}

/* Any of these words before the date, at most `reach` words away. */
static bool stands_before(const struct dated *dated, const char *const *words, size_t count, size_t reach)
{
    size_t at = dated->at;
    for (size_t step = 0; step < reach && (at = word_before(dated->pieces, at)) != SIZE_MAX; step++)
        if (one_of(dated->pieces, at, words, count))
            return true;
    return false;
}
#define STANDS_BEFORE(dated, words, reach) stands_before(dated, words, ARRAY_COUNT(words), reach)

static bool holds(const struct pieces *pieces, const char *const *words, size_t count)
{
    for (size_t i = 0; i < pieces->count; i++)
        if (one_of(pieces, i, words, count))
            return true;
    return false;
}
#define HOLDS(pieces, words) holds(pieces, words, ARRAY_COUNT(words))

/* Two words one after the other, anywhere before the date. */
static bool pair_before(const struct dated *dated, const char *first, const char *second)
{
    for (size_t i = 0; i < dated->at; i++)
        if (piece_is(dated->pieces, i, first) && piece_is(dated->pieces, piece_after_blank(dated->pieces, i + 1), second))
            return true;
    return false;
}

/* "In 2001 we added …", "Until 2023, we used to …": the verb that belongs to the date stands behind it. */
static bool is_past_behind(const struct dated *dated)
{
    static const char *const past[] = {"was", "were", "had", "did", "used"};
    size_t words = 0;
    for (size_t i = dated->behind; i < dated->pieces->count && words < 5; i++) {
        if (!dated->pieces->items[i].is_word)
            continue;
        words++;
        if (ONE_OF(dated->pieces, i, past) || (ends_in_ed(dated->pieces, i) && !is_present_participle(dated->pieces, i)))
            return word_before(dated->pieces, dated->at) == SIZE_MAX ||
                   word_before(dated->pieces, word_before(dated->pieces, dated->at)) == SIZE_MAX;
    }
    return false;
}

/* A bare year says when something is only behind a word of time; else it names something ("the 2018 Act"). */
static bool is_time(const struct dated *dated)
{
    static const char *const time[] = {"in",     "by",     "until", "till",     "through", "from", "for",      "of",
                                       "before", "during", "since", "early",    "late",    "mid",  "starting", "beginning",
                                       "end",    "around", "as",    "upcoming", "next",    "year"};
    size_t before = word_before(dated->pieces, dated->at);
    static const char *const now[] = {"currently", "presently", "nowadays", "today"};
    if (dated->date->grain != DATE_YEAR)
        return true;
    if (before != SIZE_MAX && ONE_OF(dated->pieces, before, now)) /* "Currently (2022) …", not "currently 2022 members" */
        return piece_sign(dated->pieces, dated->at - 1) == '(';
    if (before == SIZE_MAX || !ONE_OF(dated->pieces, before, time))
        return false;
    if (piece_is(dated->pieces, before, "of")) /* "the Act of 1974" */
        return pair_before(dated, "end", "of") || pair_before(dated, "as", "of") || pair_before(dated, "beginning", "of");
    return true;
}

/* The verb before "in 2018" tells what was: "enacted in 2018", "founded by 1990". */
static bool is_past_event(const struct dated *dated)
{
    size_t preposition = word_before(dated->pieces, dated->at);
    size_t verb = preposition == SIZE_MAX ? SIZE_MAX : word_before(dated->pieces, preposition);
    static const char *const since[] = {"since",     "after",  "before", "between", "enacted",
                                        "published", "signed", "dated",  "issued"};
    if (preposition != SIZE_MAX && ONE_OF(dated->pieces, preposition, since))
        return true;
    return verb != SIZE_MAX && ends_in_ed(dated->pieces, verb) && !is_present_participle(dated->pieces, verb);
}

static bool looks_ahead(const struct dated *dated)
{
    static const char *const will[] = {"will",    "shall",    "upcoming", "forthcoming", "planned", "scheduled",
                                       "slated",  "expected", "expects",  "expect",      "plans",   "plan",
                                       "intends", "intend",   "soon",     "anticipated", "going",   "aims"};
    static const char *const starts[] = {"starts",  "begins",  "opens",   "reopens", "launches", "closes", "ends",
                                         "expires", "happens", "arrives", "resumes", "ships",    "kicks"};
    static const char *const joined[] = {"on", "in", "from", "at", "again", "until"};
    if (is_past_event(dated))
        return false;
    if (HOLDS(dated->pieces, will) || pair_before(dated, "plans", "to") || pair_before(dated, "plan", "to"))
        return !is_past_behind(dated);
    size_t before = word_before(dated->pieces, dated->at);
    return before != SIZE_MAX && ONE_OF(dated->pieces, before, joined) && STANDS_BEFORE(dated, starts, 4);
}

static bool sets_an_end(const struct dated *dated)
{
    static const char *const ends[] = {"until",  "till",     "expires", "expire",  "expiry", "ends",     "ending",
                                       "closes", "deadline", "due",     "through", "thru",   "expiring", "end"};
    static const char *const by[] = {"by", "before"};
    static const char *const demands[] = {"please",   "must",   "should",   "need",     "have", "has",   "apply",
                                          "register", "submit", "sign",     "renew",    "send", "order", "book",
                                          "can",      "may",    "complete", "required", "later"};
    if (STANDS_BEFORE(dated, ends, 4))
        return !is_past_behind(dated);
    size_t before = word_before(dated->pieces, dated->at);
    return dated->date->grain == DATE_DAY && before != SIZE_MAX && ONE_OF(dated->pieces, before, by) &&
           HOLDS(dated->pieces, demands);
}

/* "as of", "as at", "last updated", "reviewed on". */
static bool states_its_day(const struct dated *dated)
{
    static const char *const touched[] = {"updated", "reviewed", "modified", "revised", "verified", "checked", "refreshed"};
    static const char *const right[] = {"correct", "accurate", "current"};
    size_t one = word_before(dated->pieces, dated->at), two = one == SIZE_MAX ? SIZE_MAX : word_before(dated->pieces, one);
    if (one == SIZE_MAX)
        return false;
    if (two != SIZE_MAX && piece_is(dated->pieces, two, "as") &&
        (piece_is(dated->pieces, one, "of") || piece_is(dated->pieces, one, "at") || piece_is(dated->pieces, one, "on")))
        return true;
    return (STANDS_BEFORE(dated, touched, 3) && dated->pieces->count < 40) || STANDS_BEFORE(dated, right, 3);
}

static bool calls_it_now(const struct dated *dated)
{
    static const char *const now[] = {"currently", "presently", "nowadays", "latest", "newest", "today"};
    size_t first = dated->at > 2 * NEAR_WORDS ? dated->at - 2 * NEAR_WORDS : 0, end = dated->behind + 2 * NEAR_WORDS;
    for (size_t i = first; i < end && i < dated->pieces->count; i++)
        if (ONE_OF(dated->pieces, i, now))
            return true;
    return pair_before(dated, "at", "present") || pair_before(dated, "right", "now");
}

static bool is_excused(const struct dated *dated)
{
    static const char *const words[] = {"copyright", "©",       "isbn", "doi",      "version",
                                        "act",       "edition", "vol",  "archived", "formerly"};
    return HOLDS(dated->pieces, words);
}

/* What is wrong with the date, or NULL. */
static const char *complaint(const struct dated *dated, int64_t today, enum audit_severity *severity)
{
    int64_t passed = today - dated->date->last;
    *severity = AUDIT_HIGH;
    if (passed <= 0 || is_excused(dated) || !is_time(dated))
        return NULL;
    if (states_its_day(dated)) {
        *severity = passed > 3 * 365 ? AUDIT_MEDIUM : AUDIT_LOW;
        return passed > OLD_DAYS ? "states what held at a day of long ago" : NULL;
    }
    if (tells_history(dated))
        return NULL;
    if (sets_an_end(dated))
        return "names an end that has passed";
    if (looks_ahead(dated))
        return "looks ahead to a day that has passed";
    *severity = AUDIT_MEDIUM;
    return passed > OLD_DAYS && calls_it_now(dated) ? "calls a day of long ago the present" : NULL;
}

static void check_sentence(struct pile *pile, struct findings *findings, size_t passage, struct slice sentence)
{
    struct value values[VALUES_MAX];
    struct pieces pieces;
    enum text_language language = text_language_indexed(pile_document_of(pile, &pile->passages[passage])->language);
    size_t count = values_read(sentence, language, values);
    bool read = false;
    for (size_t i = 0; i < count; i++) {
        struct dated dated = {.pieces = &pieces, .date = &values[i]};
        enum audit_severity severity;
        if (values[i].kind != VALUE_DATE || values[i].grain == DATE_DAY_OF_YEAR || values[i].last >= pile->request->today)
            continue;
        if (!read)
            pieces_read(&pieces, sentence);
        read = true;
        while (dated.at < pieces.count && pieces.items[dated.at].start < values[i].start)
            dated.at++;
        for (dated.behind = dated.at; dated.behind < pieces.count && pieces.items[dated.behind].start < values[i].end;)
            dated.behind++;
        const char *what = complaint(&dated, pile->request->today, &severity);
        if (what == NULL)
            continue;
        struct audit_place places[PLACES_MAX] = {place_of(pile, findings, passage, sentence)};
        size_t place_count = places_of_copies(pile, passage, places[0].text, places, 1, PLACES_MAX);
        struct slice shown = slice_range(sentence, values[i].start, values[i].end);
        findings_add(findings, AUDIT_STALE, severity, places, place_count, bring_up,
                     SLICE_FORMAT ":%lld %s: “" SLICE_FORMAT "”", SLICE_ARGUMENT(places[0].document), (long long)places[0].line,
                     what, SLICE_ARGUMENT(shown));
        return; /* one complaint a sentence */
    }
}

/* ---- documents that stayed behind ---- */

static void note_link(void *context, const struct link *link)
{
    int64_t *youngest = context;
    if (link->to != NULL && link->to != link->from) {
        size_t number = link->to_number;
        if (link->from->modified_day > youngest[number])
            youngest[number] = link->from->modified_day;
    }
}

static bool check_unchanged(struct pile *pile, struct findings *findings, struct error *error)
{
    int64_t *youngest = arena_alloc(pile->arena, pile->document_count + 1, sizeof(*youngest)); /* of those that link there */
    if (!links_each(pile, note_link, youngest, error))
        return false;
    for (size_t i = 0; i < pile->document_count; i++) {
        const struct pile_document *document = &pile->documents[i];
        int64_t age = pile->request->today - document->modified_day;
        if (age < UNCHANGED_DAYS || youngest[i] < document->modified_day + UNCHANGED_DAYS / 2)
            continue;
        const struct audit_place place = place_of_document(document);
        findings_add(findings, AUDIT_STALE, AUDIT_LOW, &place, 1, review,
                     SLICE_FORMAT " has not changed for %lld months, and younger documents link to it",
                     SLICE_ARGUMENT(document->path), (long long)(age / 30));
    }
    return true;
}

bool check_stale(struct pile *pile, struct findings *findings, struct error *error)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena);
    for (size_t i = 0; ok && i < pile->passage_count; i++) {
        struct sentence_walk walk;
        struct slice sentence;
        const struct pile_passage *passage = &pile->passages[i];
        if (i % 1024 == 0) {
            arena_clear(&arena);
            ok = pile_step(pile, "looking at dates", i, pile->passage_count, error);
        }
        if (passage->is_copy || slice_equal_text(pile_document_of(pile, passage)->format, "csv"))
            continue;
        sentence_walk_start(&walk, passage->text, &arena);
        while (sentence_walk_next(&walk, &sentence))
            if (sentence.size < 1000)
                check_sentence(pile, findings, i, sentence);
    }
    arena_release(&arena);
    return ok && check_unchanged(pile, findings, error);
}
