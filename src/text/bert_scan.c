/* bert_scan.c - BertNormalizer, BertPreTokenizer and WordPiece in one scan.
 *
 * The normalizer changes characters one by one, but for marks that change places, so each character has one fate: it belongs to a
 * word, as some bytes; it stands alone; it is space; it is nothing. For ASCII that is a table; for others, pages of 256
 * characters, made when one of them is first met.
 *
 * A word whose characters all keep their sizes is `exact`: its bytes stand in the text as they stand in the word, and places need
 * no bookkeeping. The first one that does not starts it. */
#include "bert_scan.h"
#include "token_tables.h"
#include <assert.h>
#include <stdlib.h>

enum {
    PAGE = 256,
    PAGES = 0x110000 / PAGE,
    FATE_BYTES = 14,
    CACHE_WORDS = 8192,
    CACHE_WORD_BYTES = 48,
    CACHE_WORD_TOKENS = 14,
    SLACK = 8 /* words are read eight bytes at a time */
};

enum fate_kind {
    FATE_WORD,  /* part of a word */
    FATE_EXACT, /* the same, one character of the same size */
    FATE_ALONE, /* punctuation, ideographs */
    FATE_SPACE,
    FATE_NOTHING,
    FATE_HARD /* for the stages */
};

struct fate {
    uint8_t kind;
    uint8_t size;
    char bytes[FATE_BYTES];
};

/* A word that is more than one token, or none of the vocabulary's. */
struct cached_word {
    uint64_t hash;
    uint8_t size; /* 0: empty */
    uint8_t count;
    uint8_t ends[CACHE_WORD_TOKENS];
    uint32_t ids[CACHE_WORD_TOKENS];
    char word[CACHE_WORD_BYTES];
};

struct bert_scan {
    struct bert_normalizer normalizer;
    const struct word_piece *words;
    struct piece_tokens pieces;
    uint8_t ascii_kinds[128]; /* enum fate_kind; FATE_EXACT for all of words */
    char ascii_bytes[128];
    uint32_t ascii_ids[128]; /* of what stands alone */
    struct fate *pages[PAGES];
    struct cached_word cache[CACHE_WORDS];
    /* the word that is being read */
    char *word;
    uint32_t *starts, *ends; /* of each byte, when it is not exact */
    size_t size, capacity;
    bool is_exact;
    uint32_t start; /* in the text */
};

/* ---- what becomes of a character ---- */

/* Its characters behind the normalizer; false for one that marks may change places with. */
static bool normalize_one(const struct bert_normalizer *normalizer, uint32_t character, uint32_t *out, size_t *count)
{
    uint32_t parts[DECOMPOSED_MAX], lower[2];
    size_t part_count = 1;
    parts[0] = character;
    if (normalizer->strip_accents)
        part_count = character_decomposed(character, /* is_compatible= */ false, parts);
    *count = 0;
    for (size_t i = 0; i < part_count; i++) {
        struct token_kind kind = token_kind_of(parts[i]);
        if (normalizer->strip_accents && (kind.flags & TOKEN_ACCENT))
            continue;
        if (normalizer->strip_accents && kind.combining_class != 0)
            return false;
        size_t lower_count = normalizer->lowercase ? character_lower(parts[i], lower) : 1;
        for (size_t j = 0; j < lower_count; j++)
            out[(*count)++] = normalizer->lowercase ? lower[j] : parts[i];
    }
    return true;
}

static struct fate fate_of(const struct bert_normalizer *normalizer, uint32_t character)
{
    uint32_t parts[2 * DECOMPOSED_MAX];
    size_t count;
    struct fate fate = {.kind = FATE_WORD};
    uint16_t flags = token_kind_of(character).flags, all = 0;
    if (normalizer->clean_text && (flags & TOKEN_CONTROL))
        return (struct fate){.kind = FATE_NOTHING}; /* some of them count as space, but are gone before that */
    if (flags & TOKEN_SPACE)
        return (struct fate){.kind = FATE_SPACE};
    if (!normalize_one(normalizer, character, parts, &count))
        return (struct fate){.kind = FATE_HARD};
    for (size_t i = 0; i < count; i++) {
        char bytes[4];
        size_t size = text_encode(parts[i], bytes);
        all |= token_kind_of(parts[i]).flags;
        if (fate.size + size > FATE_BYTES)
            return (struct fate){.kind = FATE_HARD};
        memcpy(fate.bytes + fate.size, bytes, size);
        fate.size = (uint8_t)(fate.size + size);
    }
    bool is_alone = (all & TOKEN_PUNCTUATION) || (normalizer->handle_chinese_chars && character_is_chinese(character));
    char original[4];
    if (count == 0)
        fate.kind = FATE_NOTHING;
    else if ((is_alone && count > 1) || (all & TOKEN_SPACE))
        fate.kind = FATE_HARD;
    else if (is_alone)
        fate.kind = FATE_ALONE;
    else if (count == 1 && text_encode(character, original) == fate.size)
        fate.kind = FATE_EXACT;
    return fate;
}

static const struct fate *fate_in_page(struct bert_scan *scan, uint32_t character)
{
    struct fate *page = scan->pages[character / PAGE];
    if (page == NULL) {
        page = memory_alloc(PAGE, sizeof(*page));
        for (uint32_t i = 0; i < PAGE; i++)
            page[i] = fate_of(&scan->normalizer, character / PAGE * PAGE + i);
        scan->pages[character / PAGE] = page;
    }
    return &page[character % PAGE];
}

struct bert_scan *bert_scan_create(const struct bert_normalizer *normalizer, const struct word_piece *words)
{
    struct bert_scan *scan = memory_alloc(1, sizeof(*scan));
    scan->normalizer = *normalizer;
    scan->words = words;
    piece_tokens_init(&scan->pieces);
    for (uint32_t c = 0; c < 128; c++) {
        struct fate fate = fate_of(normalizer, c);
        assert(fate.kind != FATE_WORD && fate.kind != FATE_HARD);
        scan->ascii_kinds[c] = fate.kind;
        scan->ascii_bytes[c] = fate.bytes[0];
        if (fate.kind == FATE_ALONE && !vocabulary_id(&words->tokens, (struct slice){fate.bytes, 1}, &scan->ascii_ids[c]))
            scan->ascii_ids[c] = words->unknown;
        if (words->characters_max == 0)
            scan->ascii_ids[c] = words->unknown;
    }
    return scan;
}

void bert_scan_free(struct bert_scan *scan)
{
    if (scan == NULL)
        return;
    for (size_t i = 0; i < PAGES; i++)
        free(scan->pages[i]);
    piece_tokens_release(&scan->pieces);
    free(scan->word);
    free(scan->starts);
    free(scan->ends);
    free(scan);
}

/* ---- a word into tokens ---- */

/* token_hash of a word with SLACK bytes behind it. */
static uint64_t word_hash(uint64_t secret, const char *word, size_t size)
{
    uint64_t hash = secret;
    size_t at = 0;
    for (; size - at >= 8; at += 8)
        hash = token_hash_step(secret, hash, eight_bytes(word + at, 8));
    return token_hash_end(secret, hash, eight_bytes(word + at, size - at), size);
}

static void append(struct bert_scan *scan, struct tokens *tokens, uint32_t id, size_t start, size_t end, uint8_t type,
                   uint8_t special)
{
    size_t at = tokens->count++;
    assert(at < tokens->capacity);
    tokens->ids[at] = id;
    tokens->starts[at] = scan->is_exact ? scan->start + (uint32_t)start : scan->starts[start];
    tokens->ends[at] = scan->is_exact ? scan->start + (uint32_t)end : scan->ends[end - 1];
    tokens->types[at] = type;
    tokens->special[at] = special;
}

static void append_pieces(struct bert_scan *scan, struct tokens *tokens, uint64_t hash, uint8_t type, uint8_t special)
{
    struct piece_tokens *pieces = &scan->pieces;
    struct slice word = {scan->word, scan->size};
    pieces->count = 0;
    word_piece_encode(scan->words, word, pieces);
    for (size_t i = 0; i < pieces->count; i++)
        append(scan, tokens, pieces->items[i].id, pieces->items[i].start, pieces->items[i].end, type, special);
    if (!piece_tokens_step(pieces, 0) || scan->size > CACHE_WORD_BYTES || pieces->count > CACHE_WORD_TOKENS)
        return;
    struct cached_word *cached = &scan->cache[hash % CACHE_WORDS];
    *cached = (struct cached_word){.hash = hash, .size = (uint8_t)scan->size, .count = (uint8_t)pieces->count};
    memcpy(cached->word, scan->word, scan->size);
    for (size_t i = 0; i < pieces->count; i++) {
        cached->ids[i] = pieces->items[i].id;
        cached->ends[i] = (uint8_t)pieces->items[i].end;
    }
}

static void end_word(struct bert_scan *scan, struct tokens *tokens, uint8_t type, uint8_t special)
{
    uint32_t id;
    uint64_t hash = word_hash(scan->words->tokens.secret, scan->word, scan->size);
    struct slice word = {scan->word, scan->size};
    if (tokens->capacity - tokens->count < scan->size)
        tokens_reserve(tokens, scan->size);
    if (scan->size <= scan->words->characters_max && vocabulary_find(&scan->words->tokens, word, hash, &id)) {
        append(scan, tokens, id, 0, scan->size, type, special);
    } else {
        const struct cached_word *cached = &scan->cache[hash % CACHE_WORDS];
        if (cached->hash == hash && cached->size == scan->size && memcmp(cached->word, scan->word, scan->size) == 0) {
            size_t start = 0;
            for (size_t i = 0; i < cached->count; i++) {
                append(scan, tokens, cached->ids[i], start, cached->ends[i], type, special);
                start = cached->ends[i];
            }
        } else {
            append_pieces(scan, tokens, hash, type, special);
        }
    }
    scan->size = 0;
    scan->is_exact = true;
}

/* ---- the scan ---- */

static void make_room(struct bert_scan *scan, size_t size)
{
    if (scan->capacity - scan->size >= size + SLACK)
        return;
    scan->capacity = memory_grown(scan->capacity, scan->size + size + SLACK);
    scan->word = memory_resize(scan->word, scan->capacity, 1);
    scan->starts = memory_resize(scan->starts, scan->capacity, sizeof(*scan->starts));
    scan->ends = memory_resize(scan->ends, scan->capacity, sizeof(*scan->ends));
}

/* From here on each byte of the word has its place written down. */
static void keep_places(struct bert_scan *scan)
{
    if (!scan->is_exact)
        return;
    for (size_t i = 0; i < scan->size; i++) {
        scan->starts[i] = scan->start + (uint32_t)i;
        scan->ends[i] = scan->start + (uint32_t)i + 1;
    }
    scan->is_exact = false;
}

static void add_bytes(struct bert_scan *scan, const struct fate *fate, size_t start, size_t end)
{
    if (scan->size == 0)
        scan->start = (uint32_t)start;
    make_room(scan, fate->size);
    if (fate->kind != FATE_EXACT)
        keep_places(scan);
    memcpy(scan->word + scan->size, fate->bytes, fate->size);
    if (!scan->is_exact)
        for (size_t i = 0; i < fate->size; i++) {
            scan->starts[scan->size + i] = (uint32_t)start;
            scan->ends[scan->size + i] = (uint32_t)end;
        }
    scan->size += fate->size;
}

/* The ASCII characters of a word from `at` on: where they end. */
static size_t scan_ascii(struct bert_scan *scan, struct slice text, size_t at)
{
    size_t start = at, size = scan->size;
    const unsigned char *bytes = (const unsigned char *)text.data;
    if (size == 0)
        scan->start = (uint32_t)at;
    for (; at < text.size && bytes[at] < 128 && scan->ascii_kinds[bytes[at]] == FATE_EXACT; at++)
        scan->word[size + at - start] = scan->ascii_bytes[bytes[at]];
    if (!scan->is_exact)
        for (size_t i = start; i < at; i++) {
            scan->starts[size + i - start] = (uint32_t)i;
            scan->ends[size + i - start] = (uint32_t)i + 1;
        }
    scan->size = size + at - start;
    return at;
}

/* One character that is not ASCII: true unless it is hard. */
static bool scan_character(struct bert_scan *scan, struct slice text, size_t *at, uint8_t type, uint8_t special,
                           struct tokens *tokens)
{
    uint32_t character;
    size_t start = *at, end = start + text_decode(text, start, &character);
    const struct fate *fate = fate_in_page(scan, character);
    *at = end;
    switch ((enum fate_kind)fate->kind) {
    case FATE_WORD:
    case FATE_EXACT:
        add_bytes(scan, fate, start, end);
        return true;
    case FATE_ALONE:
        if (scan->size > 0)
            end_word(scan, tokens, type, special);
        scan->is_exact = true;
        keep_places(scan);
        add_bytes(scan, fate, start, end);
        end_word(scan, tokens, type, special);
        return true;
    case FATE_SPACE:
        if (scan->size > 0)
            end_word(scan, tokens, type, special);
        return true;
    case FATE_NOTHING:
        if (scan->size > 0)
            keep_places(scan);
        return true;
    case FATE_HARD:
        break;
    }
    return false;
}

bool bert_scan(struct bert_scan *scan, struct slice text, uint8_t type, uint8_t special, struct tokens *tokens)
{
    size_t count = tokens->count, at = 0;
    scan->pieces.steps = 0;
    scan->pieces.steps_max = MIB + LIMIT_PIECE_STEPS * text.size;
    scan->size = 0;
    scan->is_exact = true;
    make_room(scan, text.size);
    while (at < text.size) {
        unsigned char byte = (unsigned char)text.data[at];
        if (byte >= 128) {
            if (!scan_character(scan, text, &at, type, special, tokens)) {
                tokens->count = count;
                return false;
            }
            continue;
        }
        if (scan->ascii_kinds[byte] == FATE_EXACT) {
            make_room(scan, text.size - at);
            at = scan_ascii(scan, text, at);
            continue;
        }
        if (scan->ascii_kinds[byte] == FATE_NOTHING) {
            if (scan->size > 0)
                keep_places(scan);
            at++;
            continue;
        }
        if (scan->size > 0)
            end_word(scan, tokens, type, special);
        if (scan->ascii_kinds[byte] == FATE_ALONE) {
            if (tokens->capacity == tokens->count)
                tokens_reserve(tokens, 1);
            scan->start = (uint32_t)at;
            append(scan, tokens, scan->ascii_ids[byte], 0, 1, type, special);
        }
        at++;
    }
    if (scan->size > 0)
        end_word(scan, tokens, type, special);
    if (!piece_tokens_step(&scan->pieces, 0))
        tokens->count = count;
    return piece_tokens_step(&scan->pieces, 0);
}
