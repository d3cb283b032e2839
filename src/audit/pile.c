/* pile.c - the catalog's documents and passages in memory, and how rare their words are. */
#include "pile.h"
#include "codec/codec.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FREQUENCY_BITS = 22, FREQUENCIES = 1 << FREQUENCY_BITS, CHUNK_PASSAGES = 256 };

#define DAY_NS ((int64_t)86400 * 1000000000)

static struct slice bytes_of(const int64_t *number)
{
    return (struct slice){(const char *)number, sizeof(*number)};
}

static bool take_document(void *context, const struct store_document *document, struct error *error)
{
    struct pile *pile = context;
    (void)error;
    pile->documents = arena_more(pile->arena, pile->documents, pile->document_count, &pile->document_capacity,
                                 sizeof(*pile->documents));
    pile->documents[pile->document_count++] = (struct pile_document){
        .id = document->id,
        .path = arena_slice(pile->arena, document->path),
        .title = arena_slice(pile->arena, document->title),
        .format = arena_slice(pile->arena, document->format),
        .language_code = arena_slice(pile->arena, document->language),
        .language = text_language_named(document->language),
        .size = document->size,
        .modified_day = document->modified_ns / DAY_NS,
    };
    map_put(&pile->ids, bytes_of(&document->id), NULL)->value = pile->document_count;
    map_put(&pile->paths, document->path, NULL)->value = pile->document_count;
    return true;
}

static bool take_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct pile *pile = context;
    const struct map_entry *entry = map_get(&pile->ids, bytes_of(&document->id));
    if (entry == NULL)
        return error_set(error, ERROR_CORRUPT, "passage %lld is of a document that is not there", (long long)passage->id);
    size_t number = (size_t)entry->value - 1;
    struct pile_document *owner = &pile->documents[number];
    size_t subject;
    bool is_mail = slice_equal_text(owner->format, "mail") && slice_find(passage->headings, STORE_HEADING_SEPARATOR, &subject);
    pile->passages = memory_more(pile->passages, pile->passage_count, &pile->passage_capacity, sizeof(*pile->passages));
    if (owner->count++ == 0)
        owner->first = pile->passage_count;
    pile->passages[pile->passage_count++] = (struct pile_passage){
        .id = passage->id,
        .document = (uint32_t)number,
        .is_quoted = is_mail && mail_is_quote(innermost_heading(passage->headings)),
        .text = arena_slice(pile->arena, passage->text),
        .headings = arena_slice(pile->arena, passage->headings),
        .line = passage->line,
        .line_end = passage->line_end,
        .start = passage->start,
        .end = passage->end};
    return true;
}

bool pile_read(struct pile *pile, const struct audit_request *request, struct arena *arena, struct error *error)
{
    struct store *store = request->project->store;
    struct store_counts counts;
    *pile = (struct pile){.request = request, .arena = arena};
    map_init(&pile->ids, UINT32_MAX / 4);
    map_init(&pile->paths, UINT32_MAX / 4);
    if (!store_count(store, &counts, error))
        return false;
    if (counts.bytes > (int64_t)LIMIT_AUDIT_BYTES || counts.passages > (int64_t)LIMIT_ALIKE_TEXTS) {
        error_set(error, ERROR_LIMIT, "the documents have %lld bytes in %lld passages, an audit takes %zu bytes",
                  (long long)counts.bytes, (long long)counts.passages, LIMIT_AUDIT_BYTES);
        return error_hint(error, "Audit parts of them as projects of their own.");
    }
    return store_each_document(store, take_document, pile, error) &&
           store_each_passage(store, 1, counts.passage_last, take_passage, pile, error) &&
           pile_step(pile, "reading", pile->passage_count, pile->passage_count, error);
}

void pile_release(struct pile *pile)
{
    map_release(&pile->ids);
    map_release(&pile->paths);
    free(pile->passages);
    free(pile->frequencies);
    *pile = (struct pile){0};
}

/* ---- how rare a word is ---- */

uint32_t term_hash(struct slice term)
{
    return (uint32_t)(map_hash(term) >> 16);
}

struct counting {
    struct pile *pile;
    struct analyzer **analyzers;
    uint32_t **frequencies; /* of each thread */
    size_t first;
};

static int compare_hashes(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void count_passage(const struct pile *pile, const struct pile_passage *passage, struct analyzer *analyzer,
                          uint32_t *frequencies)
{
    enum { TERMS_MAX = 1024 }; /* of one passage; the rest of a longer one is not counted */
    uint32_t terms[TERMS_MAX];
    size_t count = 0;
    struct text_term term;
    analyzer_start(analyzer, passage->text, text_language_indexed(pile_document_of(pile, passage)->language));
    while (count < TERMS_MAX && analyzer_next(analyzer, &term))
        terms[count++] = term_hash(term.term) & (FREQUENCIES - 1);
    qsort(terms, count, sizeof(*terms), compare_hashes);
    for (size_t i = 0; i < count; i++)
        frequencies[terms[i]] += i == 0 || terms[i] != terms[i - 1];
}

static void count_chunk(void *context, size_t index, size_t thread)
{
    struct counting *counting = context;
    const struct pile *pile = counting->pile;
    size_t first = counting->first + index * CHUNK_PASSAGES;
    for (size_t i = first; i < pile->passage_count && i < first + CHUNK_PASSAGES; i++)
        count_passage(pile, &pile->passages[i], counting->analyzers[thread], counting->frequencies[thread]);
}

bool pile_count_terms(struct pile *pile, struct error *error)
{
    struct pool *pool = pile->request->project->pool;
    size_t threads = pool_thread_count(pool), at_once = CHUNK_PASSAGES * 16 * threads;
    struct counting counting = {.pile = pile,
                                .analyzers = memory_alloc(threads, sizeof(struct analyzer *)),
                                .frequencies = memory_alloc(threads, sizeof(uint32_t *))};
    for (size_t i = 0; i < threads; i++) {
        counting.analyzers[i] = analyzer_create();
        counting.frequencies[i] = memory_alloc(FREQUENCIES, sizeof(uint32_t));
    }
    bool ok = true;
    for (; ok && counting.first < pile->passage_count; counting.first += at_once) {
        size_t left = pile->passage_count - counting.first, count = left < at_once ? left : at_once;
        pool_parallel_for(pool, (count + CHUNK_PASSAGES - 1) / CHUNK_PASSAGES, count_chunk, &counting);
        ok = pile_step(pile, "counting words", counting.first + count, pile->passage_count, error);
    }
    for (size_t i = 1; i < threads; i++)
        for (size_t j = 0; j < FREQUENCIES; j++)
            counting.frequencies[0][j] += counting.frequencies[i][j];
    pile->frequencies = counting.frequencies[0];
    for (size_t i = 0; i < threads; i++) {
        analyzer_free(counting.analyzers[i]);
        if (i > 0)
            free(counting.frequencies[i]);
    }
    free(counting.analyzers);
    free(counting.frequencies);
    return ok;
}

uint32_t pile_frequency(const struct pile *pile, uint32_t term)
{
    return pile->frequencies[term & (FREQUENCIES - 1)];
}

double pile_weight(const struct pile *pile, uint32_t term)
{
    double with = (double)pile_frequency(pile, term), all = (double)pile->passage_count;
    return log(1 + (all + 1) / (with + 1));
}

/* ---- looking things up ---- */

const struct pile_document *pile_document_of(const struct pile *pile, const struct pile_passage *passage)
{
    return &pile->documents[passage->document];
}

struct pile_document *pile_find(const struct pile *pile, struct slice path)
{
    const struct map_entry *entry = map_get(&pile->paths, path);
    return entry != NULL ? &pile->documents[entry->value - 1] : NULL;
}

bool pile_step(const struct pile *pile, const char *stage, size_t done, size_t total, struct error *error)
{
    const struct audit_request *request = pile->request;
    return request->step == NULL || request->step(request->context, stage, done, total) ||
           error_set(error, ERROR_CANCELLED, "the audit was stopped");
}

struct slice innermost_heading(struct slice headings)
{
    struct slice part, last = {"", 0};
    while (slice_next(&headings, STORE_HEADING_SEPARATOR, &part))
        last = part;
    return last;
}
