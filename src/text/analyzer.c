/* analyzer.c - text into index terms, fast because most words were seen before.
 *
 *     text ─▶ word (words.c) ─▶ parts (term_parts.c) ─▶ cache ─hit──────────────▶ terms
 *                                                         └─miss─▶ term_forms.c ─┘
 *
 * The cache maps the language and the word, small letters for ASCII and the bytes as they stand otherwise, to its terms. It
 * stops to grow at CACHE_WORDS and is emptied when the next text begins: terms handed out must stay good until then. Words that
 * find it full are worked out each time and kept for their text only.
 *
 * What words become: "Refunds" → refund (English), "l’île" → île (French), "support.refund" → support, refund. "3.5", "10,000" and
 * "v2.3" stay; "FH-2026-104233" is three words by the rule, which divides at hyphens. Chinese and Japanese without spaces give a
 * term a character, or a run of katakana; Thai gives its letters (it would take a dictionary to do better). */
#include "text.h"
#include "term_forms.h"
#include "words.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CACHE_WORDS ((size_t)200000)
#define CACHE_KEY_BYTES ((size_t)128) /* longer words are not kept */
#define NUMBERS_MAX (4 * CACHE_WORDS)     /* terms with a number of their own */
#define PASSING_BYTES_MAX (1 * GIB)   /* of terms for one text beyond the cache; what follows in the text is left out */

/* The terms of a word: a byte of size before each. */
struct term_list {
    size_t count;
    const uint32_t *numbers; /* of the terms; NULL: they have none */
    char bytes[];
};

/* Short words that came last, each at the one place that its bytes have: nearly all that a text has. A question and the passages found for it have few
 * words, and filling the table with zeros took longer than looking them up without it. */
enum { FRONT_BITS = 14, FRONT_BYTES = 16, FRONT_FROM_WORDS = 1024 };
struct front {
    uint64_t key[FRONT_BYTES / 8]; /* as in the cache, zeros, its size */
    const struct term_list *list; /* NULL: empty */
};

struct analyzer {
    struct front *front; /* NULL before FRONT_FROM_WORDS words are in the cache */
    size_t words_max; /* in the cache */
    struct map cache; /* to the address of a struct term_list */
    struct arena kept; /* those lists */
    struct map numbers; /* their terms; the value is not used: a term's number is its place, plus one */
    uint32_t numbering; /* how often they were numbered anew */
    struct arena passing; /* lists that are not in the cache */
    struct term_forms *forms;
    enum text_language language;
    struct text_words words;
    struct term_parts parts; /* of the word being divided */
    size_t parts_start; /* its place in the text */
    struct text_term next; /* start and end of the part whose terms are being handed out */
    const char *next_term;
    const uint32_t *next_number; /* NULL: the terms have none */
    size_t terms_left;
};

struct analyzer *analyzer_create(void)
{
    struct analyzer *analyzer = memory_alloc(1, sizeof(*analyzer));
    analyzer->words_max = CACHE_WORDS;
    map_init(&analyzer->cache, CACHE_WORDS);
    map_init(&analyzer->numbers, NUMBERS_MAX);
    arena_init(&analyzer->kept);
    arena_init(&analyzer->passing);
    analyzer->forms = term_forms_create();
    return analyzer;
}

void analyzer_keep(struct analyzer *analyzer, size_t words)
{
    analyzer->words_max = words < CACHE_WORDS ? words : CACHE_WORDS;
}

void analyzer_free(struct analyzer *analyzer)
{
    if (analyzer == NULL)
        return;
    free(analyzer->front);
    map_release(&analyzer->cache);
    map_release(&analyzer->numbers);
    arena_release(&analyzer->kept);
    arena_release(&analyzer->passing);
    term_forms_free(analyzer->forms);
    free(analyzer);
}

void analyzer_start(struct analyzer *analyzer, struct slice text, enum text_language language)
{
    assert(language < LANGUAGE_COUNT);
    if (analyzer->cache.count >= analyzer->words_max) {
        if (analyzer->front != NULL)
            memset(analyzer->front, 0, sizeof(*analyzer->front) << FRONT_BITS);
        map_clear(&analyzer->cache);
        map_clear(&analyzer->numbers);
        arena_clear(&analyzer->kept);
        analyzer->numbering++;
    }
    if (analyzer->passing.size > 0)
        arena_clear(&analyzer->passing);
    analyzer->language = language;
    analyzer->words = (struct text_words){.text = text};
    analyzer->parts = (struct term_parts){0};
    analyzer->terms_left = 0;
}

/* The key of `word` in the cache, in `key`; its size, or 0 when it is too long to be kept. */
static size_t make_key(char key[CACHE_KEY_BYTES + 1], struct slice word, enum text_language language)
{
    if (word.size > CACHE_KEY_BYTES)
        return 0;
    key[0] = (char)language;
    if (!term_forms_is_plain(word, language)) {
        memcpy(key + 1, word.data, word.size);
        return word.size + 1;
    }
    for (size_t i = 0; i < word.size; i++) {
        unsigned char byte = (unsigned char)word.data[i];
        key[i + 1] = (char)(byte | ((byte >= 'A' && byte <= 'Z') ? 0x20 : 0));
    }
    return word.size + 1;
}

static struct term_list *make_list(struct analyzer *analyzer, struct slice word, struct arena *arena)
{
    size_t count;
    struct slice terms = term_forms_make(analyzer->forms, word, analyzer->language, &count);
    struct term_list *list = arena_alloc(arena, 1, sizeof(*list) + terms.size);
    list->count = count;
    memcpy(list->bytes, terms.data, terms.size);
    return list;
}

/* The same term has the same number, whatever word it comes from. */
static void number_terms(struct analyzer *analyzer, struct term_list *list)
{
    uint32_t *numbers = arena_alloc(&analyzer->kept, list->count, sizeof(*numbers));
    const char *at = list->bytes;
    for (size_t i = 0; i < list->count; i++) {
        size_t size = (unsigned char)at[0];
        const struct map_entry *entry = map_put(&analyzer->numbers, (struct slice){at + 1, size}, NULL);
        numbers[i] = entry != NULL ? (uint32_t)(entry - analyzer->numbers.entries) + 1 : 0;
        at += 1 + size;
    }
    list->numbers = numbers;
}

/* From the cache, or made for it; from `passing` when it is full. */
static const struct term_list *find_list(struct analyzer *analyzer, struct slice key, struct slice word)
{
    struct map_entry *entry = NULL;
    if (key.size > 0) {
        entry = map_get(&analyzer->cache, key);
        if (entry != NULL)
            return (const struct term_list *)(uintptr_t)entry->value;
        entry = map_put(&analyzer->cache, key, NULL);
    }
    if (entry == NULL)
        return make_list(analyzer, word, &analyzer->passing);
    struct term_list *list = make_list(analyzer, word, &analyzer->kept);
    number_terms(analyzer, list);
    entry->value = (uint64_t)(uintptr_t)list;
    return list;
}

/* The place of a key in `front`. */
static struct front *front_of(const struct analyzer *analyzer, const uint64_t key[2])
{
    uint64_t mixed = (key[0] ^ (key[1] << 29 | key[1] >> 35)) * UINT64_C(0x9E3779B97F4A7C15);
    return &analyzer->front[mixed >> (64 - FRONT_BITS)];
}

/* `key` has zeros behind its bytes, FRONT_BYTES in all. */
static const struct term_list *list_by_key(struct analyzer *analyzer, struct slice key, struct slice word)
{
    if (analyzer->front == NULL && analyzer->cache.count >= FRONT_FROM_WORDS)
        analyzer->front = memory_alloc((size_t)1 << FRONT_BITS, sizeof(*analyzer->front));
    if (analyzer->front == NULL || key.size == 0 || key.size >= FRONT_BYTES)
        return find_list(analyzer, key, word);
    struct front front = {.key = {eight_bytes(key.data, 8), eight_bytes(key.data + 8, 8) | (uint64_t)key.size << 56}};
    struct front *place = front_of(analyzer, front.key);
    if (place->key[0] == front.key[0] && place->key[1] == front.key[1])
        return place->list;
    front.list = find_list(analyzer, key, word);
    if (front.list->numbers != NULL) /* it stays as long as the cache */
        *place = front;
    return front.list;
}

static const struct term_list *list_of(struct analyzer *analyzer, struct slice word)
{
    char key[CACHE_KEY_BYTES + 1];
    memset(key, 0, FRONT_BYTES);
    return list_by_key(analyzer, (struct slice){key, make_key(key, word, analyzer->language)}, word);
}

/* The list of the word that begins at the gap, when that word is some letters of ASCII that were met before; NULL: look closer. What is read
 * here is what next_word and list_of find with more pains. */
static const struct term_list *list_of_letters(const struct analyzer *analyzer, size_t *size)
{
    struct slice text = analyzer->words.text;
    size_t at = analyzer->words.at;
    if (text.size - at < FRONT_BYTES || analyzer->language == LANGUAGE_TURKISH || analyzer->front == NULL)
        return NULL;
    uint64_t low = eight_bytes(text.data + at, 8), high = 0;
    size_t letters = eight_letters(low);
    if (letters == 8) {
        high = eight_bytes(text.data + at + 8, 8);
        size_t more = eight_letters(high);
        high = more == 0 ? 0 : eight_small(high & UINT64_MAX >> (64 - 8 * more));
        letters += more;
    }
    if (letters == 0 || letters > FRONT_BYTES - 2 || !words_letters_end(text, at + letters))
        return NULL;
    low = eight_small(letters >= 8 ? low : low & UINT64_MAX >> (64 - 8 * letters));
    const uint64_t key[2] = {low << 8 | (uint64_t)analyzer->language, high << 8 | low >> 56 | (uint64_t)(letters + 1) << 56};
    const struct front *place = front_of(analyzer, key);
    *size = letters;
    return place->key[0] == key[0] && place->key[1] == key[1] ? place->list : NULL;
}

/* Steps over bytes of ASCII that begin no word: no rule joins such a byte to a word behind it. */
static void skip_ascii(struct text_words *words)
{
    struct slice text = words->text;
    size_t at = words->at;
    while (at < text.size && (unsigned char)text.data[at] < 0x80 && !words_starts_ascii(text.data[at]) &&
           (at + 1 == text.size || (unsigned char)text.data[at + 1] < 0x80))
        at++;
    words->at = at;
}

/* The next segment that is a word. */
static bool next_word(struct analyzer *analyzer, struct slice *word, bool *has_joint)
{
    struct text_words *words = &analyzer->words;
    struct slice text = words->text;
    for (skip_ascii(words); words->at < text.size; skip_ascii(words)) {
        size_t start = words->at;
        if (words_starts_ascii(text.data[start])) {
            size_t end = words_ascii_end(text, start, has_joint);
            if (end > 0) {
                *word = slice_range(text, start, end);
                words->at = end;
                return true;
            }
        }
        bool is_word;
        if (text_words_next(words, word, &is_word) && is_word) {
            *has_joint = true; /* perhaps */
            return true;
        }
    }
    return false;
}

/* The next part of a word, and where it stands. */
static bool next_part(struct analyzer *analyzer, struct slice *part)
{
    const char *text = analyzer->words.text.data;
    while (!term_parts_next(&analyzer->parts, part)) {
        struct slice word;
        bool has_joint;
        if (!next_word(analyzer, &word, &has_joint))
            return false;
        if (!has_joint) {
            *part = word;
            break;
        }
        analyzer->parts = term_parts_of(word);
    }
    analyzer->next.start = (size_t)(part->data - text);
    analyzer->next.end = analyzer->next.start + part->size;
    return true;
}

/* The terms of the next word, or of its next part. */
static const struct term_list *next_list(struct analyzer *analyzer)
{
    const struct term_list *list = NULL;
    struct text_words *words = &analyzer->words;
    struct slice part;
    size_t size;
    if (analyzer->parts.at == analyzer->parts.word.size) { /* between words */
        skip_ascii(words);
        list = list_of_letters(analyzer, &size);
    }
    if (list == NULL)
        return next_part(analyzer, &part) ? list_of(analyzer, part) : NULL;
    analyzer->next.start = words->at;
    analyzer->next.end = words->at += size;
    return list;
}

bool analyzer_next(struct analyzer *analyzer, struct text_term *term)
{
    while (analyzer->terms_left == 0) {
        const struct term_list *list = analyzer->passing.size > PASSING_BYTES_MAX ? NULL : next_list(analyzer);
        if (list == NULL)
            return false;
        analyzer->next_term = list->bytes;
        analyzer->next_number = list->numbers;
        analyzer->terms_left = list->count;
    }
    size_t size = (unsigned char)analyzer->next_term[0];
    *term = analyzer->next;
    term->term = (struct slice){analyzer->next_term + 1, size};
    term->number = analyzer->next_number != NULL ? *analyzer->next_number++ : 0;
    analyzer->next_term += 1 + size;
    analyzer->terms_left--;
    return true;
}

uint32_t analyzer_numbering(const struct analyzer *analyzer)
{
    return analyzer->numbering;
}
