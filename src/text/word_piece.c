#include "word_piece.h"
#include "members.h"
#include <assert.h>

enum { CHARACTERS_MAX = 100 };

void word_piece_release(struct word_piece *words)
{
    vocabulary_release(&words->tokens);
    vocabulary_release(&words->suffixes);
}

/* ---- reading ---- */

static bool add_token(struct word_piece *words, struct slice token, uint32_t id, const char *name, struct error *error)
{
    struct slice other;
    if (vocabulary_add(&words->tokens, token, id, &other))
        return true;
    int shown = (int)(token.size < 80 ? token.size : 80);
    if (slice_equal(token, other))
        return error_set(error, ERROR_INVALID, "the vocabulary of %s has the token \"%.*s\" twice", name, shown, token.data);
    return error_set(error, ERROR_INVALID, "the vocabulary of %s gives the number %u to two tokens, \"%.*s\" and \"%.*s\"",
                     name, id, (int)(other.size < 80 ? other.size : 80), other.data, shown, token.data);
}

static bool read_vocabulary(struct word_piece *words, const struct json_value *model, const char *name, struct error *error)
{
    const struct json_value *vocab;
    size_t size = 0;
    if (!json_member(model, name, "vocab", JSON_OBJECT, &vocab, error))
        return false;
    if (vocab == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"vocab\"", name);
    if (vocab->count > LIMIT_TOKENIZER_TOKENS)
        return error_set(error, ERROR_LIMIT, "the vocabulary of %s has %zu tokens, the limit is %zu", name, vocab->count,
                         LIMIT_TOKENIZER_TOKENS);
    for (size_t i = 0; i < vocab->count; i++) {
        if (vocab->keys[i].size > LIMIT_TOKENIZER_TEXT_BYTES)
            return error_set(error, ERROR_LIMIT, "a token of %s has %zu bytes, the limit is %zu", name, vocab->keys[i].size,
                             LIMIT_TOKENIZER_TEXT_BYTES);
        size += vocab->keys[i].size;
    }
    vocabulary_init(&words->tokens, vocab->count, size);
    for (size_t i = 0; i < vocab->count; i++) {
        const struct json_value *id = &vocab->items[i];
        if (id->kind != JSON_NUMBER || !id->is_integer || id->integer < 0 || (uint64_t)id->integer >= LIMIT_TOKENIZER_TOKENS)
            return error_set(error, ERROR_INVALID, "the token \"%.*s\" of %s is not numbered by a whole number below %zu",
                             (int)(vocab->keys[i].size < 80 ? vocab->keys[i].size : 80), vocab->keys[i].data, name,
                             LIMIT_TOKENIZER_TOKENS);
        if (!add_token(words, vocab->keys[i], (uint32_t)id->integer, name, error))
            return false;
    }
    return true;
}

/* Which tokens go on with a word, and the unknown one. */
static bool finish(struct word_piece *words, struct slice prefix, struct slice unknown, const char *name, struct error *error)
{
    struct slice token, other;
    words->has_unknown = vocabulary_id(&words->tokens, unknown, &words->unknown);
    if (words->is_whole)
        return true;
    if (!words->has_unknown)
        return error_set(error, ERROR_INVALID, "the vocabulary of %s lacks its \"unk_token\" \"%.*s\"", name,
                         (int)(unknown.size < 80 ? unknown.size : 80), unknown.data);
    vocabulary_init(&words->suffixes, words->tokens.count, words->tokens.texts_size);
    for (size_t i = 0; i < words->tokens.count; i++) {
        const struct vocabulary_entry *entry = &words->tokens.entries[i];
        token = (struct slice){words->tokens.texts + entry->at, entry->size};
        if (slice_starts_with(token, prefix) && token.size > prefix.size) {
            bool is_new = vocabulary_add(&words->suffixes, slice_range(token, prefix.size, token.size), entry->id, &other);
            assert(is_new);
            (void)is_new;
        }
    }
    return true;
}

bool word_piece_read(struct word_piece *words, const struct json_value *model, bool is_whole, const char *name,
                     struct error *error)
{
    struct slice prefix = SLICE("##"), unknown = is_whole ? SLICE("<unk>") : SLICE("[UNK]");
    uint64_t characters_max = CHARACTERS_MAX;
    struct arena arena;
    *words = (struct word_piece){.is_whole = is_whole};
    arena_init(&arena);
    bool ok = member_text(model, name, "unk_token", /* is_required= */ false, &arena, &unknown, error);
    if (!is_whole)
        ok = ok && member_text(model, name, "continuing_subword_prefix", /* is_required= */ false, &arena, &prefix, error) &&
             member_count(model, name, "max_input_chars_per_word", /* is_required= */ false, UINT32_MAX, &characters_max,
                          error);
    words->characters_max = (size_t)characters_max;
    ok = ok && read_vocabulary(words, model, name, error) && finish(words, prefix, unknown, name, error);
    arena_release(&arena);
    if (!ok)
        word_piece_release(words);
    return ok;
}

bool word_piece_read_lines(struct word_piece *words, struct slice lines, const char *name, struct error *error)
{
    struct slice rest = lines, line;
    size_t count = 0;
    *words = (struct word_piece){.characters_max = CHARACTERS_MAX};
    while (slice_next(&rest, '\n', &line))
        count++;
    if (count > LIMIT_TOKENIZER_TOKENS || lines.size > LIMIT_TOKENIZER_BYTES)
        return error_set(error, ERROR_LIMIT, "the vocabulary of %s has %zu tokens in %zu bytes, the limits are %zu and %zu",
                         name, count, lines.size, LIMIT_TOKENIZER_TOKENS, LIMIT_TOKENIZER_BYTES);
    vocabulary_init(&words->tokens, count, lines.size);
    rest = lines;
    bool ok = true;
    for (uint32_t id = 0; ok && slice_next(&rest, '\n', &line); id++) {
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        ok = line.size <= LIMIT_TOKENIZER_TEXT_BYTES ||
             error_set(error, ERROR_LIMIT, "token %u of %s has %zu bytes, the limit is %zu", id, name, line.size,
                       LIMIT_TOKENIZER_TEXT_BYTES);
        ok = ok && add_token(words, line, id, name, error);
    }
    ok = ok && finish(words, SLICE("##"), SLICE("[UNK]"), name, error);
    if (!ok)
        word_piece_release(words);
    return ok;
}

/* ---- at work ---- */

#define STATES (LIMIT_TOKENIZER_TEXT_BYTES / 8 + 1) /* hashes of all beginnings of the longest token */

/* The longest token of the vocabulary that `text` begins with: its size, or 0. */
static size_t longest(const struct vocabulary *vocabulary, struct slice text, struct piece_tokens *out, uint32_t *id)
{
    uint64_t states[STATES];
    size_t size = text.size < vocabulary->size_max ? text.size : vocabulary->size_max;
    assert(size <= LIMIT_TOKENIZER_TEXT_BYTES);
    if (!piece_tokens_step(out, size))
        return 0;
    states[0] = vocabulary->secret;
    for (size_t i = 0; i + 8 <= size; i += 8)
        states[i / 8 + 1] = token_hash_step(vocabulary->secret, states[i / 8], token_bytes(text.data + i, 8));
    for (; size > 0; size--) {
        if (size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80)
            continue; /* inside a character */
        struct slice token = slice_range(text, 0, size);
        uint64_t last = token_bytes(text.data + (size & ~(size_t)7), size & 7);
        uint64_t hash = token_hash_end(vocabulary->secret, states[size / 8], last, size);
        if (vocabulary_find(vocabulary, token, hash, id))
            return size;
    }
    return 0;
}

static bool has_more_characters(struct slice word, size_t count)
{
    if (word.size <= count)
        return false;
    size_t characters = 0;
    for (size_t i = 0; i < word.size; i++)
        characters += ((unsigned char)word.data[i] & 0xC0) != 0x80;
    return characters > count;
}

void word_piece_encode(const struct word_piece *words, struct slice word, struct piece_tokens *out)
{
    uint32_t id;
    size_t first = out->count;
    if (words->is_whole) {
        if (vocabulary_id(&words->tokens, word, &id) || words->has_unknown)
            piece_tokens_append(out, vocabulary_id(&words->tokens, word, &id) ? id : words->unknown, 0, word.size);
        return;
    }
    size_t at = 0;
    if (has_more_characters(word, words->characters_max))
        at = SIZE_MAX;
    while (at < word.size) {
        const struct vocabulary *vocabulary = at == 0 ? &words->tokens : &words->suffixes;
        size_t size = longest(vocabulary, slice_range(word, at, word.size), out, &id);
        if (size == 0)
            break;
        piece_tokens_append(out, id, at, at + size);
        at += size;
    }
    if (at != word.size) { /* a part is unknown, so all of it is */
        out->count = first;
        piece_tokens_append(out, words->unknown, 0, word.size);
    }
}
