/* contradictions.c - the same subject with another value.
 *
 *   claims of one kind and unit ─ by their rarest words ─▶ pairs ─ agree enough? ─▶ the values differ: a contradiction
 *                                                                                └▶ the values are the same: they confirm each other
 *
 * A pair is dropped when one of its claims finds a better match in the other's document, with its own value most of all; and when a claim meets
 * many different values in many documents: then each speaks of its own document's subject. */
#include "claims.h"
#include "edition/edition.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AGREE_LEAST 0.45      /* between documents */
#define AGREE_WITHIN 0.8      /* within one, where lists of like things are common */
#define AGREE_ADDRESSES 0.6   /* e-mail addresses and telephone numbers: there are many, for many things */
#define AGREE_RULES 0.7       /* what is allowed here and forbidden there: nearly the same sentence */
#define RATIO_MAX 12          /* between two values: what is 20 times as much is another thing */
enum { RARE_TERMS = 6, RUN_MAX = 48, PLACES_MAX = 12, LIST_VALUES = 4 };

static const char settle[] = "Find out which one holds, correct the other, and if both do, say what each is for.";
static const char settle_editions[] = "Answers come from the newer edition; remove the older one, or let its head say “status: "
                                      "superseded”, when it is of no use.";

struct entry {
    uint64_t key; /* kind, unit and a term */
    uint32_t claim;
};

struct match {
    uint32_t a, b; /* claims, a < b */
    double agree;
    bool same; /* their values are */
    bool dropped;
};

struct comparing {
    struct pile *pile;
    const struct claims *claims;
    struct match *matches;
    size_t count, capacity;
};

/* Equal values, or as near as units allow: a month is 30 days to everybody. */
static bool same_value(const struct value *a, const struct value *b)
{
    double larger = fmax(fabs(a->number), fabs(b->number)), gap = fmax(fabs(a->number - b->number), fabs(a->low - b->low));
    if (a->kind == VALUE_NAME)
        return names_are_same(a, b);
    if (a->kind == VALUE_DURATION && larger >= 86400.0 * 28)
        return gap <= larger * 0.04;
    return gap <= larger * 1e-9;
}

/* Values that could be meant to say the same: stated per the same time, and not of another magnitude. */
static bool could_be_same(const struct claim *a, const struct claim *b)
{
    double small = fmin(fabs(a->value.number), fabs(b->value.number)),
           large = fmax(fabs(a->value.number), fabs(b->value.number));
    if (a->value.kind == VALUE_RULE)
        return a->rate == b->rate && (a->value.number == b->value.number || rules_contradict(&a->value, &b->value));
    if (a->rate != 0 && b->rate != 0 && (a->rate & b->rate) == 0)
        return false;
    bool is_amount = a->value.kind <= VALUE_DURATION || a->value.kind == VALUE_COUNT;
    return !is_amount || large <= RATIO_MAX * small;
}

static double agree_least(const struct claim *claim, bool within)
{
    enum value_kind kind = claim->value.kind;
    bool is_address = kind == VALUE_EMAIL || kind == VALUE_PHONE;
    if (kind == VALUE_RULE || kind == VALUE_NAME || kind == VALUE_WEEKDAY)
        return AGREE_RULES;
    return within ? AGREE_WITHIN : is_address ? AGREE_ADDRESSES : AGREE_LEAST;
}

static uint64_t class_of(const struct value *value)
{
    char small[64];
    size_t size = value->unit.size < sizeof(small) ? value->unit.size : sizeof(small);
    for (size_t i = 0; i < size; i++)
        small[i] = (char)(value->unit.data[i] >= 'A' && value->unit.data[i] <= 'Z' ? value->unit.data[i] | 0x20
                                                                                   : value->unit.data[i]);
    return map_hash((struct slice){small, size}) * 31 + (uint64_t)value->kind * 16 + (uint64_t)value->grain * 2 +
           value->is_range;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : (x->claim > y->claim) - (x->claim < y->claim);
}

struct ranked_term {
    uint32_t term, frequency;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked_term *x = a, *y = b;
    return x->frequency != y->frequency ? (x->frequency > y->frequency) - (x->frequency < y->frequency)
                                        : (x->term > y->term) - (x->term < y->term);
}

/* The entries of a claim: one for each of its rarest terms. */
static size_t put_entries(const struct comparing *comparing, uint32_t number, struct entry entries[RARE_TERMS])
{
    const struct claim *claim = &comparing->claims->items[number];
    struct ranked_term ranked[CLAIM_TERMS_MAX];
    uint64_t class = class_of(&claim->value);
    for (size_t i = 0; i < claim->term_count; i++)
        ranked[i] = (struct ranked_term){claim->terms[i], pile_frequency(comparing->pile, claim->terms[i])};
    qsort(ranked, claim->term_count, sizeof(*ranked), compare_ranked);
    size_t count = claim->term_count < RARE_TERMS ? claim->term_count : RARE_TERMS;
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){class * 0x9e3779b97f4a7c15u + ranked[i].term, number};
    return count;
}

static void consider(struct comparing *comparing, uint32_t a, uint32_t b)
{
    const struct claim *one = &comparing->claims->items[a], *other = &comparing->claims->items[b];
    const struct pile_passage *passages = comparing->pile->passages;
    bool within = passages[one->passage].document == passages[other->passage].document;
    /* within one document, exceptions stand beside rules, and one name or day beside another */
    enum value_kind kind = one->value.kind;
    bool is_between = kind == VALUE_RULE || kind == VALUE_NAME || kind == VALUE_WEEKDAY;
    if (one->passage == other->passage ||
        (within && (is_between || claims_same_words(one, other)))) /* what stands above tells them apart */
        return;
    double agree = claims_agree(comparing->pile, one, other);
    if (agree < agree_least(one, within) || !could_be_same(one, other) || claims_differ_in_subject(one, other) ||
        !claims_share_context(comparing->pile, one, other) || claims_of_two_subjects(comparing->pile, one, other))
        return;
    comparing->matches = memory_more(comparing->matches, comparing->count, &comparing->capacity, sizeof(*comparing->matches));
    comparing->matches[comparing->count++] = (struct match){a, b, agree, same_value(&one->value, &other->value), false};
}

static int compare_pairs(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* All pairs that share a rare term, each once. */
static bool find_matches(struct comparing *comparing, struct error *error)
{
    const struct claims *claims = comparing->claims;
    struct entry *entries = memory_alloc(claims->count * RARE_TERMS + 1, sizeof(*entries));
    uint64_t *pairs = NULL;
    size_t count = 0, pair_count = 0, capacity = 0;
    bool ok = true;
    for (size_t i = 0; i < claims->count; i++)
        count += put_entries(comparing, (uint32_t)i, entries + count);
    if (count > 1)
        qsort(entries, count, sizeof(*entries), compare_entries);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && entries[end].key == entries[first].key;)
            end++;
        for (size_t i = first; i < end && end - first <= RUN_MAX; i++)
            for (size_t j = i + 1; j < end; j++) {
                pairs = memory_more(pairs, pair_count, &capacity, sizeof(*pairs));
                pairs[pair_count++] = (uint64_t)entries[i].claim << 32 | entries[j].claim;
            }
    }
    free(entries);
    if (pair_count > 1)
        qsort(pairs, pair_count, sizeof(*pairs), compare_pairs);
    for (size_t i = 0; ok && i < pair_count; i++) {
        if (i == 0 || pairs[i] != pairs[i - 1])
            consider(comparing, (uint32_t)(pairs[i] >> 32), (uint32_t)pairs[i]);
        ok = i % 4096 != 0 || pile_step(comparing->pile, "comparing values", i, pair_count, error);
    }
    free(pairs);
    return ok;
}

/* ---- which of them are left ---- */

static uint32_t document_of(const struct comparing *comparing, uint32_t claim)
{
    return comparing->pile->passages[comparing->claims->items[claim].passage].document;
}

/* For a claim: how well the best claim with the same value, or with another, of a document agrees with it. */
struct best {
    double same, other;
};

static struct best *best_of(struct map *bests, struct best *room, size_t *count, uint32_t claim, uint32_t document)
{
    const uint64_t key = (uint64_t)claim << 32 | document;
    struct map_entry *entry = map_put(bests, (struct slice){(const char *)&key, sizeof(key)}, NULL);
    if (entry->value == 0)
        entry->value = ++*count;
    return &room[entry->value - 1];
}

/* The different values that a claim meets, up to one too many. */
struct met {
    const struct value *values[LIST_VALUES];
    size_t count;
};

static void meet(struct met *met, const struct value *value)
{
    for (size_t i = 0; i < met->count; i++)
        if (same_value(met->values[i], value))
            return;
    if (met->count < LIST_VALUES)
        met->values[met->count++] = value;
}

/* Drops pairs of which one claim meets so many values that each must speak of something else. */
static void drop_lists(struct comparing *comparing)
{
    const struct claim *claims = comparing->claims->items;
    struct met *met = memory_alloc(comparing->claims->count + 1, sizeof(*met));
    for (size_t i = 0; i < comparing->count; i++) {
        const struct match *match = &comparing->matches[i];
        if (match->same)
            continue;
        meet(&met[match->a], &claims[match->b].value);
        meet(&met[match->b], &claims[match->a].value);
    }
    for (size_t i = 0; i < comparing->count; i++) {
        struct match *match = &comparing->matches[i];
        match->dropped = match->dropped || met[match->a].count == LIST_VALUES || met[match->b].count == LIST_VALUES;
    }
    free(met);
}

/* Drops pairs of which one claim is confirmed better, or stands better, in the other's document. */
static void drop_worse(struct comparing *comparing)
{
    struct map bests; /* claim and document → number in the room, plus one */
    struct best *room = memory_alloc(2 * comparing->count + 1, sizeof(*room));
    size_t count = 0;
    map_init(&bests, UINT32_MAX / 4);
    for (size_t i = 0; i < comparing->count; i++) {
        const struct match *match = &comparing->matches[i];
        const uint32_t sides[2] = {match->a, match->b};
        for (size_t side = 0; side < 2; side++) {
            struct best *best = best_of(&bests, room, &count, sides[side], document_of(comparing, sides[1 - side]));
            double *value = match->same ? &best->same : &best->other;
            *value = fmax(*value, match->agree);
        }
    }
    for (size_t i = 0; i < comparing->count; i++) {
        struct match *match = &comparing->matches[i];
        const uint32_t sides[2] = {match->a, match->b};
        for (size_t side = 0; side < 2; side++) {
            const struct best *best = best_of(&bests, room, &count, sides[side], document_of(comparing, sides[1 - side]));
            match->dropped = match->dropped || best->same >= match->agree - 0.05 || match->agree < best->other - 0.1;
        }
        match->dropped = match->dropped || match->same;
    }
    map_release(&bests);
    free(room);
}

/* ---- telling ---- */

static struct slice shown_value(const struct claim *claim)
{
    return slice_range(claim->sentence, claim->value.start, claim->value.end);
}

/* All places are in two documents that are editions of one, by their names: nobody has to find out which one holds. */
static bool are_two_editions(const struct pile *pile, const struct audit_place *places, size_t count, struct slice *older,
                             struct slice *newer)
{
    const struct slice *other = NULL;
    for (size_t i = 1; i < count; i++) {
        if (slice_equal(places[i].document, places[0].document))
            continue;
        if (other != NULL && !slice_equal(places[i].document, *other))
            return false;
        other = &places[i].document;
    }
    const struct pile_document *documents[2] = {pile_find(pile, places[0].document),
                                                other != NULL ? pile_find(pile, *other) : NULL};
    struct edition editions[2];
    if (documents[0] == NULL || documents[1] == NULL)
        return false;
    for (size_t i = 0; i < 2; i++)
        edition_read(&editions[i], documents[i]->path, documents[i]->title, pile->arena);
    int order = edition_same_family(&editions[0], &editions[1]) ? edition_compare(&editions[0], &editions[1]) : 0;
    *older = documents[order < 0]->path;
    *newer = documents[order > 0]->path;
    return order != 0;
}

static void tell_group(struct comparing *comparing, struct findings *findings, const uint32_t *members, size_t count)
{
    struct audit_place places[PLACES_MAX];
    size_t place_count = 0, value_count = 0;
    const struct claim *first = &comparing->claims->items[members[0]];
    const char *shown = "";
    for (size_t i = 0; i < count && i < PLACES_MAX; i++) {
        const struct claim *claim = &comparing->claims->items[members[i]];
        bool is_new = true;
        for (size_t j = 0; is_new && j < i; j++)
            is_new = !same_value(&claim->value, &comparing->claims->items[members[j]].value);
        if (is_new) {
            shown = arena_format(findings->arena, "%s%s“" SLICE_FORMAT "”", shown, value_count > 0 ? " / " : "",
                                 SLICE_ARGUMENT(shown_value(claim)));
            value_count++;
        }
        places[place_count++] = place_of(comparing->pile, findings, claim->passage, claim->sentence);
    }
    for (size_t i = 0; i < count && i < PLACES_MAX; i++)
        place_count = places_of_copies(comparing->pile, comparing->claims->items[members[i]].passage, places[i].text, places,
                                       place_count, PLACES_MAX);
    assert(place_count >= 2);
    struct slice older, newer;
    if (are_two_editions(comparing->pile, places, place_count, &older, &newer)) {
        findings_add(findings, AUDIT_CONTRADICTION, AUDIT_LOW, places, place_count, settle_editions,
                     "%s: " SLICE_FORMAT " is an older edition of " SLICE_FORMAT ", and says another thing", shown,
                     SLICE_ARGUMENT(older), SLICE_ARGUMENT(newer));
        return;
    }
    enum value_kind kind = first->value.kind;
    bool sure = kind < VALUE_WEEKDAY && kind != VALUE_COUNT && kind != VALUE_EMAIL;
    findings_add(findings, AUDIT_CONTRADICTION, sure ? AUDIT_HIGH : AUDIT_MEDIUM, places, place_count, settle,
                 "%s: " SLICE_FORMAT ":%lld and " SLICE_FORMAT ":%lld seem to say it of the same", shown,
                 SLICE_ARGUMENT(places[0].document), (long long)places[0].line, SLICE_ARGUMENT(places[1].document),
                 (long long)places[1].line);
}

static int by_agreement(const void *a, const void *b)
{
    const struct match *x = a, *y = b;
    if (x->agree != y->agree)
        return x->agree > y->agree ? -1 : 1;
    return x->a != y->a ? (x->a > y->a) - (x->a < y->a) : (x->b > y->b) - (x->b < y->b);
}

/* For each claim, those that say the same: lists of matches, each of which stands in two. */
struct confirming {
    uint32_t *first; /* of each claim: a place in `next`, plus one */
    uint32_t *next, *other;
};

static void confirming_make(struct confirming *confirming, const struct comparing *comparing)
{
    uint32_t count = 0;
    confirming->first = memory_alloc(comparing->claims->count + 1, sizeof(uint32_t));
    confirming->next = memory_alloc(2 * comparing->count + 1, sizeof(uint32_t));
    confirming->other = memory_alloc(2 * comparing->count + 1, sizeof(uint32_t));
    for (size_t i = comparing->count; i-- > 0;) { /* the best stands first in its lists */
        const struct match *match = &comparing->matches[i];
        const uint32_t sides[2] = {match->a, match->b};
        for (size_t side = 0; match->same && side < 2; side++) {
            confirming->next[count] = confirming->first[sides[side]];
            confirming->other[count++] = sides[1 - side];
            confirming->first[sides[side]] = count;
        }
    }
}

static void confirming_release(struct confirming *confirming)
{
    free(confirming->first);
    free(confirming->next);
    free(confirming->other);
}

/* The best pairs first; each with the claims that confirm one of its two. A claim is told of once. */
static void tell_matches(struct comparing *comparing, struct findings *findings)
{
    bool *told = memory_alloc(comparing->claims->count + 1, sizeof(*told));
    struct confirming confirming;
    if (comparing->count > 1)
        qsort(comparing->matches, comparing->count, sizeof(*comparing->matches), by_agreement);
    confirming_make(&confirming, comparing);
    for (size_t i = 0; i < comparing->count; i++) {
        const struct match *match = &comparing->matches[i];
        uint32_t members[PLACES_MAX] = {match->a, match->b};
        size_t count = 2;
        if (match->dropped || told[match->a] || told[match->b])
            continue;
        told[match->a] = told[match->b] = true;
        for (size_t side = 0; side < 2; side++)
            for (uint32_t at = confirming.first[members[side]]; at > 0 && count < PLACES_MAX; at = confirming.next[at - 1]) {
                uint32_t other = confirming.other[at - 1];
                if (told[other])
                    continue;
                told[other] = true;
                members[count++] = other;
            }
        tell_group(comparing, findings, members, count);
    }
    confirming_release(&confirming);
    free(told);
}

bool check_contradictions(struct pile *pile, struct findings *findings, struct error *error)
{
    struct arena arena;
    struct claims claims;
    struct comparing comparing = {.pile = pile, .claims = &claims};
    arena_init(&arena);
    bool ok = claims_read(&claims, pile, &arena, error) && find_matches(&comparing, error);
    if (ok) {
        drop_worse(&comparing);
        drop_lists(&comparing);
        tell_matches(&comparing, findings);
    }
    free(comparing.matches);
    arena_release(&arena);
    return ok;
}
