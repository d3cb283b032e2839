/* find.c - digests, then keys, then band after band: who shares a key is compared, and who is alike joins a group.
 *
 *   texts  ─[threads]▶ digest, keys
 *   the same digest: one group at once, of which the lowest alone goes on
 *   a band:  sorted by key   |a a|b|c c c c|…    runs of equal keys: candidates, those of one group already left out
 *            ─[threads]▶ exact likeness ─▶ groups
 *
 * In a long run (a phrase that thousands of texts begin with) each text is compared with the run's first and with the few before it, not
 * with all: work stays in proportion to the texts, and another band brings together whom this one missed. */
#include "bands.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_TEXTS = 512, CHUNK_PAIRS = 64, RUN_NEIGHBORS = 4, ROUND_PAIRS = 1 << 16 };

struct tools {
    struct shingles first, second;
    uint32_t first_is; /* the text that `first` holds */
};

struct finding {
    const struct alike_search *search;
    struct tools *tools; /* one a thread */
    unsigned char (*digests)[ALIKE_DIGEST_BYTES];
    uint32_t *keys; /* band by band: keys[band · count + text] */
    bool *takes_part; /* long enough, and the first of those that are the same */
    uint32_t *groups;
    band_entry *entries, *spare;
    struct alike_pair *round; /* candidates at hand */
    size_t round_count, round_capacity;
    struct alike_pair *pairs; /* found */
    size_t pair_count, pair_capacity;
    size_t chunk_first; /* of this loop */
};

static uint32_t group_of(uint32_t *groups, uint32_t text)
{
    while (groups[text] != text)
        text = groups[text] = groups[groups[text]];
    return text;
}

/* False when they were in one group before. */
static bool join(uint32_t *groups, uint32_t a, uint32_t b)
{
    a = group_of(groups, a);
    b = group_of(groups, b);
    groups[a > b ? a : b] = a > b ? b : a;
    return a != b;
}

static void keep_pair(struct finding *finding, struct alike_pair pair)
{
    finding->pairs = memory_more(finding->pairs, finding->pair_count, &finding->pair_capacity, sizeof(*finding->pairs));
    finding->pairs[finding->pair_count++] = pair;
}

static bool step(const struct finding *finding, size_t done, size_t total, struct error *error)
{
    const struct alike_search *search = finding->search;
    return search->step == NULL || search->step(search->context, done, total) ||
           error_set(error, ERROR_CANCELLED, "stopped while comparing texts");
}

/* ---- digests and keys ---- */

static void read_chunk(void *context, size_t index, size_t thread)
{
    struct finding *finding = context;
    const struct alike_search *search = finding->search;
    struct shingles *shingles = &finding->tools[thread].first;
    size_t first = (finding->chunk_first + index) * CHUNK_TEXTS;
    size_t end = first + CHUNK_TEXTS < search->count ? first + CHUNK_TEXTS : search->count;
    for (size_t i = first; i < end; i++) {
        uint32_t keys[BANDS] = {0};
        alike_digest(&search->texts[i], finding->digests[i]);
        shingles_read(shingles, &search->texts[i]);
        finding->takes_part[i] = shingles->count > 0 && shingles->words >= search->words_least;
        if (finding->takes_part[i])
            band_keys(shingles, keys);
        for (size_t band = 0; band < BANDS; band++)
            finding->keys[band * search->count + i] = keys[band];
    }
}

static bool read_texts(struct finding *finding, struct error *error)
{
    const struct alike_search *search = finding->search;
    size_t chunks = (search->count + CHUNK_TEXTS - 1) / CHUNK_TEXTS, at_once = 8 * pool_thread_count(search->pool);
    for (size_t first = 0; first < chunks; first += at_once) {
        finding->chunk_first = first;
        pool_parallel_for(search->pool, chunks - first < at_once ? chunks - first : at_once, read_chunk, finding);
        size_t done = (first + at_once) * CHUNK_TEXTS;
        if (!step(finding, done < search->count ? done : search->count, search->count, error))
            return false;
    }
    return true;
}

static int compare_digests(const void *a, const void *b, void *context)
{
    const struct finding *finding = context;
    const uint32_t *x = a, *y = b;
    int order = memcmp(finding->digests[*x], finding->digests[*y], ALIKE_DIGEST_BYTES);
    return order != 0 ? order : (*x > *y) - (*x < *y);
}

static bool is_empty(const struct alike_text *text)
{
    for (size_t i = 0; i < text->part_count; i++)
        if (slice_trim(text->parts[i]).size > 0)
            return false;
    return true;
}

/* Texts of one digest are a group; only its first is compared with others. */
static void join_same(struct finding *finding)
{
    size_t count = finding->search->count;
    uint32_t *order = memory_alloc(count, sizeof(*order));
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof(*order), compare_digests, finding);
    size_t first = 0;
    for (size_t i = 1; i < count; i++) {
        if (memcmp(finding->digests[order[first]], finding->digests[order[i]], ALIKE_DIGEST_BYTES) != 0) {
            first = i;
        } else if (!is_empty(&finding->search->texts[order[i]])) {
            (void)join(finding->groups, order[first], order[i]);
            finding->takes_part[order[i]] = false;
            keep_pair(finding, (struct alike_pair){order[first], order[i], 1, true});
        }
    }
    free(order);
}

/* ---- candidates ---- */

static const struct shingles *first_of(struct finding *finding, struct tools *tools, uint32_t text)
{
    if (tools->first_is != text) {
        shingles_read(&tools->first, &finding->search->texts[text]);
        shingles_sort(&tools->first);
        tools->first_is = text;
    }
    return &tools->first;
}

static void compare_chunk(void *context, size_t index, size_t thread)
{
    struct finding *finding = context;
    struct tools *tools = &finding->tools[thread];
    size_t first = index * CHUNK_PAIRS;
    size_t end = first + CHUNK_PAIRS < finding->round_count ? first + CHUNK_PAIRS : finding->round_count;
    for (size_t i = first; i < end; i++) {
        struct alike_pair *pair = &finding->round[i];
        const struct shingles *one = first_of(finding, tools, pair->second); /* who has several candidates stands second */
        shingles_read(&tools->second, &finding->search->texts[pair->first]);
        shingles_sort(&tools->second);
        pair->likeness = (float)shingles_likeness(one, &tools->second);
    }
}

static void compare_round(struct finding *finding)
{
    pool_parallel_for(finding->search->pool, (finding->round_count + CHUNK_PAIRS - 1) / CHUNK_PAIRS, compare_chunk, finding);
    for (size_t i = 0; i < finding->round_count; i++)
        if ((double)finding->round[i].likeness >= finding->search->least &&
            join(finding->groups, finding->round[i].first, finding->round[i].second))
            keep_pair(finding, finding->round[i]);
    finding->round_count = 0;
}

static void add_candidate(struct finding *finding, uint32_t first, uint32_t second)
{
    if (group_of(finding->groups, first) == group_of(finding->groups, second))
        return;
    finding->round = memory_more(finding->round, finding->round_count, &finding->round_capacity, sizeof(*finding->round));
    finding->round[finding->round_count++] = (struct alike_pair){first, second, 0, false};
}

/* The texts at entries first … end-1 share a key. */
static void add_run(struct finding *finding, size_t first, size_t end)
{
    const band_entry *entries = finding->entries;
    for (size_t i = first + 1; i < end; i++) {
        size_t near = i - first > RUN_NEIGHBORS ? i - RUN_NEIGHBORS : first;
        if (near > first)
            add_candidate(finding, (uint32_t)entries[first], (uint32_t)entries[i]);
        for (size_t j = near; j < i; j++)
            add_candidate(finding, (uint32_t)entries[j], (uint32_t)entries[i]);
        if (finding->round_count >= ROUND_PAIRS)
            compare_round(finding);
    }
}

static void search_band(struct finding *finding, size_t band)
{
    const uint32_t *keys = finding->keys + band * finding->search->count;
    size_t count = 0, first = 0;
    for (size_t i = 0; i < finding->search->count; i++)
        if (finding->takes_part[i])
            finding->entries[count++] = (band_entry)keys[i] << 32 | i;
    band_sort(finding->entries, finding->spare, count);
    for (size_t i = 1; i <= count; i++) {
        if (i < count && finding->entries[i] >> 32 == finding->entries[first] >> 32)
            continue;
        add_run(finding, first, i);
        first = i;
    }
    compare_round(finding);
}

/* ---- all of it ---- */

static bool allocate(struct finding *finding, struct error *error)
{
    size_t count = finding->search->count, threads = pool_thread_count(finding->search->pool);
    finding->tools = memory_alloc(threads, sizeof(*finding->tools));
    for (size_t i = 0; i < threads; i++) {
        shingles_init(&finding->tools[i].first);
        shingles_init(&finding->tools[i].second);
        finding->tools[i].first_is = UINT32_MAX;
    }
    finding->digests = memory_try(count, sizeof(*finding->digests));
    finding->keys = memory_try(count * BANDS, sizeof(*finding->keys)); /* count is limited: no overflow */
    finding->takes_part = memory_try(count, sizeof(*finding->takes_part));
    finding->groups = memory_try(count, sizeof(*finding->groups));
    finding->entries = memory_try(count, sizeof(*finding->entries));
    finding->spare = memory_try(count, sizeof(*finding->spare));
    for (size_t i = 0; finding->groups != NULL && i < count; i++)
        finding->groups[i] = (uint32_t)i;
    return (finding->digests != NULL && finding->keys != NULL && finding->takes_part != NULL && finding->groups != NULL &&
            finding->entries != NULL && finding->spare != NULL) ||
           error_set(error, ERROR_NO_MEMORY, "there is no memory to compare %zu texts", count);
}

static void release(struct finding *finding)
{
    for (size_t i = 0; i < pool_thread_count(finding->search->pool); i++) {
        shingles_release(&finding->tools[i].first);
        shingles_release(&finding->tools[i].second);
    }
    free(finding->tools);
    free(finding->digests);
    free(finding->keys);
    free(finding->takes_part);
    free(finding->entries);
    free(finding->spare);
    free(finding->round);
}

static int compare_pairs(const void *a, const void *b)
{
    const struct alike_pair *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->second > y->second) - (x->second < y->second);
}

bool alike_find(const struct alike_search *search, struct alike_found *found, struct error *error)
{
    struct finding finding = {.search = search};
    *found = (struct alike_found){0};
    assert(search->least > 0);
    if (search->count > LIMIT_ALIKE_TEXTS)
        return error_set(error, ERROR_LIMIT, "%zu texts to compare, the limit is %zu", search->count, LIMIT_ALIKE_TEXTS);
    bool ok = allocate(&finding, error) && read_texts(&finding, error);
    if (ok)
        join_same(&finding);
    for (size_t i = 0; i < pool_thread_count(search->pool); i++)
        finding.tools[i].first_is = UINT32_MAX;
    for (size_t band = 0; ok && band < BANDS; band++) {
        search_band(&finding, band);
        ok = step(&finding, search->count, search->count, error);
    }
    for (size_t i = 0; ok && i < search->count; i++)
        finding.groups[i] = group_of(finding.groups, (uint32_t)i);
    if (finding.pair_count > 1)
        qsort(finding.pairs, finding.pair_count, sizeof(*finding.pairs), compare_pairs);
    release(&finding);
    if (ok) {
        *found = (struct alike_found){finding.pairs, finding.pair_count, finding.groups};
        return true;
    }
    free(finding.pairs);
    free(finding.groups);
    return false;
}

void alike_found_group(struct alike_found *found, size_t text_count)
{
    for (size_t i = 0; i < text_count; i++)
        found->groups[i] = (uint32_t)i;
    for (size_t i = 0; i < found->count; i++)
        (void)join(found->groups, found->pairs[i].first, found->pairs[i].second);
    for (size_t i = 0; i < text_count; i++)
        found->groups[i] = group_of(found->groups, (uint32_t)i);
}

void alike_found_release(struct alike_found *found)
{
    free(found->pairs);
    free(found->groups);
    *found = (struct alike_found){0};
}
