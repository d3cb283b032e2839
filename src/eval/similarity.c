/* similarity.c - texts become rows of numbers, one for each different character or word; what is common to two rows is counted. */
#include "similarity.h"
#include "text/text.h"
#include <libstemmer.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { PARTS_MAX = 1 << 20, COMPARED_MAX = 10000, RUN_MAX = 4 };

struct row {
    uint32_t *items;
    size_t count;
};

struct rows {
    struct map seen;
    struct buffer word; /* in small letters */
    struct sb_stemmer *stemmer; /* words are their stems; NULL: as they are */
    struct row text, reference;
};

bool similarity_named(const char *name, enum similarity *similarity)
{
    static const char *const names[SIMILARITIES] = {"fuzzy_match", "bleu",    "gleu",    "rouge_1", "rouge_2",
                                                    "rouge_3",     "rouge_4", "rouge_5", "rouge_l", "meteor"};
    for (size_t i = 0; i < SIMILARITIES; i++)
        if (strcmp(name, names[i]) == 0) {
            *similarity = (enum similarity)i;
            return true;
        }
    return false;
}

/* ---- rows ---- */

static void take_characters(struct slice text, struct row *row)
{
    row->items = memory_alloc(text.size + 1, sizeof(*row->items));
    for (size_t at = 0; at < text.size;)
        at += text_decode(text, at, &row->items[row->count++]);
}

static struct slice form_of(struct rows *rows)
{
    const struct slice word = buffer_slice(&rows->word);
    if (rows->stemmer == NULL || word.size <= 2 ||
        word.size > INT_MAX) /* of two letters, as Porter has it, nothing is taken off */
        return word;
    const sb_symbol *stem = sb_stemmer_stem(rows->stemmer, (const sb_symbol *)word.data, (int)word.size);
    return stem != NULL ? (struct slice){(const char *)stem, (size_t)sb_stemmer_length(rows->stemmer)} : word;
}

static bool take_words(struct rows *rows, struct slice text, struct row *row)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    size_t capacity = 0;
    while (text_words_next(&words, &segment, &is_word)) {
        if (!is_word)
            continue;
        buffer_clear(&rows->word);
        for (size_t at = 0; at < segment.size;) {
            uint32_t character;
            char bytes[4];
            at += text_decode(segment, at, &character);
            buffer_append(&rows->word, bytes, text_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)character), bytes));
        }
        bool is_new = false;
        struct map_entry *entry = map_put(&rows->seen, form_of(rows), &is_new);
        if (entry == NULL)
            return false;
        if (is_new)
            entry->value = rows->seen.count;
        row->items = memory_more(row->items, row->count, &capacity, sizeof(*row->items));
        row->items[row->count++] = (uint32_t)entry->value;
    }
    return true;
}

/* ---- what is common ---- */

static size_t runs_of(const struct row *row, size_t length)
{
    return row->count >= length ? row->count - length + 1 : 0;
}

static size_t common_runs(const struct rows *rows, size_t length)
{
    struct map counts;
    size_t common = 0;
    map_init(&counts, PARTS_MAX);
    for (size_t i = 0; i < runs_of(&rows->reference, length); i++)
        map_put(&counts, (struct slice){(const char *)&rows->reference.items[i], length * sizeof(uint32_t)}, NULL)->value++;
    for (size_t i = 0; i < runs_of(&rows->text, length); i++) {
        struct map_entry *entry = map_get(&counts,
                                          (struct slice){(const char *)&rows->text.items[i], length * sizeof(uint32_t)});
        if (entry != NULL && entry->value > 0) {
            entry->value--;
            common++;
        }
    }
    map_release(&counts);
    return common;
}

static size_t longest_common(const struct row *a, const struct row *b)
{
    size_t *lengths = memory_alloc(b->count + 1, sizeof(*lengths));
    memset(lengths, 0, (b->count + 1) * sizeof(*lengths));
    for (size_t i = 0; i < a->count; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < b->count; j++) {
            size_t above = lengths[j + 1];
            if (a->items[i] == b->items[j])
                lengths[j + 1] = diagonal + 1;
            else if (lengths[j] > above)
                lengths[j + 1] = lengths[j];
            diagonal = above;
        }
    }
    size_t longest = lengths[b->count];
    free(lengths);
    return longest;
}

/* 2·common / all; two empty ones are the same. */
static double both(size_t common, size_t all)
{
    return all > 0 ? 2.0 * (double)common / (double)all : 1;
}

static double bleu(const struct rows *rows)
{
    size_t length = rows->text.count, wanted = rows->reference.count, orders = length < RUN_MAX ? length : RUN_MAX;
    double sum = 0;
    if (length == 0)
        return wanted == 0;
    for (size_t n = 1; n <= orders; n++) {
        double add = n > 1 ? 1 : 0, common = (double)common_runs(rows, n) + add;
        if (common <= 0)
            return 0;
        sum += log(common / ((double)runs_of(&rows->text, n) + add));
    }
    double penalty = length < wanted ? 1 - (double)wanted / (double)length : 0;
    return exp(sum / (double)orders + penalty);
}

static double gleu(const struct rows *rows)
{
    size_t common = 0, own = 0, wanted = 0;
    for (size_t n = 1; n <= RUN_MAX; n++) {
        common += common_runs(rows, n);
        own += runs_of(&rows->text, n);
        wanted += runs_of(&rows->reference, n);
    }
    size_t most = own > wanted ? own : wanted;
    return most > 0 ? (double)common / (double)most : 1;
}

/* ---- METEOR ---- */

#define FREE UINT32_MAX

struct alignment {
    const struct row *text, *reference;
    uint32_t *matches; /* of each word of the text, the place in the reference; FREE: none */
    bool *taken; /* of the reference */
    size_t count;
};

/* Each word of the text that has no match, from the last one on, with the last one of the reference that is equal and free. */
static void align(struct alignment *alignment, const struct row *text, const struct row *reference)
{
    size_t different = 0;
    for (size_t i = 0; i < text->count; i++)
        different = text->items[i] >= different ? text->items[i] + (size_t)1 : different;
    uint32_t *last = memory_alloc(different + 1, sizeof(*last)), *before = memory_alloc(reference->count + 1, sizeof(*before));
    memset(last, 0xFF, (different + 1) * sizeof(*last));
    for (size_t i = 0; i < reference->count; i++) {
        uint32_t word = reference->items[i];
        if (alignment->taken[i] || word >= different)
            continue;
        before[i] = last[word];
        last[word] = (uint32_t)i;
    }
    for (size_t i = text->count; i-- > 0;) {
        uint32_t word = text->items[i], place = last[word];
        if (alignment->matches[i] != FREE || place == FREE)
            continue;
        last[word] = before[place];
        alignment->matches[i] = place;
        alignment->taken[place] = true;
        alignment->count++;
    }
    free(last);
    free(before);
}

/* Runs of matches that follow each other in both. */
static size_t count_chunks(const struct alignment *alignment)
{
    const uint32_t *matches = alignment->matches;
    size_t chunks = 0;
    for (size_t i = 0; i < alignment->text->count; i++)
        chunks += matches[i] != FREE && (i == 0 || matches[i - 1] == FREE || matches[i] != matches[i - 1] + 1);
    return chunks;
}

static double meteor_of(const struct alignment *alignment)
{
    double matches = (double)alignment->count;
    if (alignment->count == 0)
        return alignment->text->count == 0 && alignment->reference->count == 0;
    double precision = matches / (double)alignment->text->count, recall = matches / (double)alignment->reference->count;
    double mean = precision * recall / (0.9 * precision + 0.1 * recall), torn = (double)count_chunks(alignment) / matches;
    return (1 - 0.5 * torn * torn * torn) * mean;
}

static bool meteor(const struct rows *rows, struct slice text, struct slice reference, double *value)
{
    struct rows stems = {.stemmer = sb_stemmer_new("porter", "UTF_8")};
    struct alignment alignment = {.text = &rows->text, .reference = &rows->reference};
    map_init(&stems.seen, PARTS_MAX);
    buffer_init(&stems.word, PARTS_MAX * 4);
    bool ok = take_words(&stems, text, &stems.text) && take_words(&stems, reference, &stems.reference);
    if (ok) {
        alignment.matches = memory_alloc(rows->text.count + 1, sizeof(*alignment.matches));
        alignment.taken = memory_alloc(rows->reference.count + 1, sizeof(*alignment.taken));
        memset(alignment.matches, 0xFF, (rows->text.count + 1) * sizeof(*alignment.matches));
        memset(alignment.taken, 0, (rows->reference.count + 1) * sizeof(*alignment.taken));
        align(&alignment, &rows->text, &rows->reference);
        align(&alignment, &stems.text, &stems.reference);
        *value = meteor_of(&alignment);
    }
    free(alignment.matches);
    free(alignment.taken);
    free(stems.text.items);
    free(stems.reference.items);
    buffer_release(&stems.word);
    map_release(&stems.seen);
    sb_stemmer_delete(stems.stemmer);
    return ok;
}

static double measure_rows(enum similarity similarity, const struct rows *rows)
{
    size_t length = (size_t)similarity - SIMILARITY_ROUGE_1 + 1;
    switch (similarity) {
    case SIMILARITY_BLEU:
        return bleu(rows);
    case SIMILARITY_GLEU:
        return gleu(rows);
    case SIMILARITY_FUZZY:
    case SIMILARITY_ROUGE_L:
        return both(longest_common(&rows->text, &rows->reference), rows->text.count + rows->reference.count);
    default:
        return both(common_runs(rows, length), runs_of(&rows->text, length) + runs_of(&rows->reference, length));
    }
}

bool similarity_measure(enum similarity similarity, struct slice text, struct slice reference, double *value,
                        struct error *error)
{
    struct rows rows = {.text = {0}};
    bool is_fuzzy = similarity == SIMILARITY_FUZZY, ok = text.size <= PARTS_MAX && reference.size <= PARTS_MAX;
    map_init(&rows.seen, PARTS_MAX);
    buffer_init(&rows.word, PARTS_MAX * 4);
    if (ok && is_fuzzy) {
        take_characters(text, &rows.text);
        take_characters(reference, &rows.reference);
    } else if (ok) {
        ok = take_words(&rows, text, &rows.text) && take_words(&rows, reference, &rows.reference);
    }
    bool is_compared = is_fuzzy || similarity == SIMILARITY_ROUGE_L;
    ok = ok && (!is_compared || (rows.text.count <= COMPARED_MAX && rows.reference.count <= COMPARED_MAX));
    if (ok && similarity == SIMILARITY_METEOR)
        ok = meteor(&rows, text, reference, value);
    else if (ok)
        *value = measure_rows(similarity, &rows);
    if (!ok)
        error_set(error, ERROR_LIMIT, "a text of %zu bytes and one of %zu are too long to be compared so", text.size,
                  reference.size);
    free(rows.text.items);
    free(rows.reference.items);
    buffer_release(&rows.word);
    map_release(&rows.seen);
    return ok;
}
