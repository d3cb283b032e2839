/* bpe_read.c - a byte pair encoding out of tokenizer.json's "model":
 *
 *   {"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"] or [["a", "b"]], "unk_token": null, "fuse_unk": false, …}
 *
 * A merge makes the token that is spelled by its two, the second without the prefix of inner tokens; all three must be in the
 * vocabulary. Of two merges of one pair the later counts. */
#include "bpe_parts.h"
#include "piece_cache.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { AFFIX_BYTES_MAX = 64 }; /* of the prefix and the suffix: an unknown character may become all their bytes */

struct reading {
    struct bpe *bpe;
    const struct json_value *model;
    const char *name;
    struct buffer spelling; /* of the merge at hand */
};

/* ---- vocabulary ---- */

static bool read_id(const struct reading *reading, struct slice token, const struct json_value *value, uint32_t *id,
                    struct error *error)
{
    if (value->kind != JSON_NUMBER)
        return error_set(error, ERROR_INVALID, "%s: the number of token \"%s\" is %s, expected a number", reading->name,
                         token_label(token).text, json_kind_name(value->kind));
    if (!value->is_integer || value->integer < 0)
        return error_set(error, ERROR_INVALID, "%s: token \"%s\" has number %.15g, expected a whole number from 0 on",
                         reading->name, token_label(token).text, value->real);
    if ((uint64_t)value->integer >= LIMIT_TOKENIZER_TOKENS)
        return error_set(error, ERROR_LIMIT, "%s: token \"%s\" has number %lld, the limit is %zu", reading->name,
                         token_label(token).text, (long long)value->integer, LIMIT_TOKENIZER_TOKENS - 1);
    *id = (uint32_t)value->integer;
    return true;
}

static bool read_vocabulary(struct reading *reading, struct error *error)
{
    const struct json_value *vocabulary;
    if (!json_member(reading->model, reading->name, "vocab", JSON_OBJECT, &vocabulary, error))
        return false;
    if (vocabulary == NULL)
        return error_set(error, ERROR_INVALID, "%s: \"vocab\" is missing", reading->name);
    if (vocabulary->count > LIMIT_TOKENIZER_TOKENS)
        return error_set(error, ERROR_LIMIT, "%s: the vocabulary has %zu tokens, the limit is %zu", reading->name,
                         vocabulary->count, LIMIT_TOKENIZER_TOKENS);
    struct bpe *bpe = reading->bpe;
    for (size_t i = 0; i < vocabulary->count; i++) {
        uint32_t id = 0;
        if (!read_id(reading, vocabulary->keys[i], &vocabulary->items[i], &id, error))
            return false;
        map_put(&bpe->tokens, vocabulary->keys[i], NULL)->value = id;
        bpe->name_count = id >= bpe->name_count ? (size_t)id + 1 : bpe->name_count;
    }
    return true;
}

/* The way from numbers back to tokens, and what is looked up so often that it has a table. Two tokens may share a number. */
static void index_vocabulary(struct bpe *bpe)
{
    bpe->names = memory_alloc(bpe->name_count, sizeof(*bpe->names));
    bpe->is_plain = true;
    for (size_t i = 0; i < bpe->tokens.count; i++) {
        const struct map_entry *entry = &bpe->tokens.entries[i];
        bpe->is_plain = bpe->is_plain && bpe->names[entry->value].data == NULL;
        bpe->names[entry->value] = entry->key;
        assert(entry->key.data != NULL);
    }
    for (unsigned byte = 0; byte < 256; byte++)
        if (!bpe_id(bpe, slice_from(byte_token((uint8_t)byte).text), &bpe->bytes[byte]))
            bpe->bytes[byte] = TOKEN_NONE;
    for (uint32_t character = 0; character < BPE_CHARACTERS; character++) {
        char bytes[4];
        struct slice text = {bytes, text_encode(character, bytes)};
        if (!bpe_id(bpe, text, &bpe->characters[character]))
            bpe->characters[character] = TOKEN_NONE;
    }
}

/* ---- merges ---- */

static bool merge_token(const struct reading *reading, size_t number, struct slice token, uint32_t *id, struct error *error)
{
    if (bpe_id(reading->bpe, token, id))
        return true;
    return error_set(error, ERROR_INVALID, "%s: merge %zu needs token \"%s\", which the vocabulary lacks", reading->name,
                     number, token_label(token).text);
}

/* Puts one merge behind the others. `number` counts from 1 for messages. */
static bool add_merge(struct reading *reading, size_t number, struct slice left, struct slice right, struct error *error)
{
    struct bpe *bpe = reading->bpe;
    uint32_t left_id = 0, right_id = 0, merged = 0;
    if (!merge_token(reading, number, left, &left_id, error) || !merge_token(reading, number, right, &right_id, error))
        return false;
    if (right.size < bpe->prefix.size)
        return error_set(error, ERROR_INVALID, "%s: merge %zu has \"%s\" on its right, which is shorter than the prefix \"%s\"",
                         reading->name, number, token_label(right).text, token_label(bpe->prefix).text);
    buffer_clear(&reading->spelling);
    buffer_append_slice(&reading->spelling, left);
    buffer_append_slice(&reading->spelling, slice_range(right, bpe->prefix.size, right.size));
    if (!merge_token(reading, number, buffer_slice(&reading->spelling), &merged, error))
        return false;
    bpe->is_plain = bpe->is_plain && right.size > bpe->prefix.size;

    uint64_t pair = (uint64_t)left_id << 32 | right_id;
    size_t slot = bpe_pair_slot(bpe, pair);
    while (bpe->pairs[slot].pair != BPE_PAIR_NONE && bpe->pairs[slot].pair != pair)
        slot = (slot + 1) & bpe->pair_mask;
    bpe->pairs[slot] = (struct bpe_pair){.pair = pair, .rank = (uint32_t)bpe->merge_count, .merged = merged};
    bpe->merged[bpe->merge_count++] = merged;
    return true;
}

/* "a b": exactly one space, though there may be nothing before or behind it. */
static bool split_merge(struct slice line, struct slice *left, struct slice *right)
{
    size_t at, again;
    if (!slice_find(line, ' ', &at) || slice_find(slice_range(line, at + 1, line.size), ' ', &again))
        return false;
    *left = slice_range(line, 0, at);
    *right = slice_range(line, at + 1, line.size);
    return true;
}

static bool read_merge(struct reading *reading, size_t number, const struct json_value *merge, enum json_kind kind,
                       struct error *error)
{
    if (merge->kind != kind)
        return error_set(error, ERROR_INVALID, "%s: merge %zu is %s, those before it are not", reading->name, number,
                         json_kind_name(merge->kind));
    if (kind == JSON_ARRAY) {
        if (merge->count != 2 || merge->items[0].kind != JSON_TEXT || merge->items[1].kind != JSON_TEXT)
            return error_set(error, ERROR_INVALID, "%s: merge %zu is not a pair of texts", reading->name, number);
        return add_merge(reading, number, merge->items[0].text, merge->items[1].text, error);
    }
    struct slice left, right;
    if (slice_starts_with(merge->text, SLICE("#version")))
        return true; /* the first line of the file that such merges once came from */
    if (!split_merge(merge->text, &left, &right))
        return error_set(error, ERROR_INVALID, "%s: merge %zu is \"%s\", expected two tokens with one space between",
                         reading->name, number, token_label(merge->text).text);
    return add_merge(reading, number, left, right, error);
}

static bool read_merges(struct reading *reading, struct error *error)
{
    const struct json_value *merges;
    if (!json_member(reading->model, reading->name, "merges", JSON_ARRAY, &merges, error))
        return false;
    if (merges == NULL)
        return error_set(error, ERROR_INVALID, "%s: \"merges\" is missing", reading->name);
    size_t slot_count = 16;
    while (slot_count / 2 < merges->count)
        slot_count *= 2;
    struct bpe *bpe = reading->bpe;
    bpe->pairs = memory_alloc(slot_count, sizeof(*bpe->pairs));
    memset(bpe->pairs, 0xFF, slot_count * sizeof(*bpe->pairs)); /* BPE_PAIR_NONE */
    bpe->pair_mask = slot_count - 1;
    bpe->merged = memory_alloc(merges->count, sizeof(*bpe->merged));
    if (merges->count == 0)
        return true;
    enum json_kind kind = merges->items[0].kind;
    if (kind != JSON_TEXT && kind != JSON_ARRAY)
        return error_set(error, ERROR_INVALID, "%s: merge 1 is %s, expected a text or a pair of texts", reading->name,
                         json_kind_name(kind));
    for (size_t i = 0; i < merges->count; i++)
        if (!read_merge(reading, i + 1, &merges->items[i], kind, error))
            return false;
    return true;
}

/* ---- settings ---- */

static bool read_bool(const struct reading *reading, const char *key, bool *value, struct error *error)
{
    const struct json_value *member;
    if (!json_member(reading->model, reading->name, key, JSON_BOOL, &member, error))
        return false;
    *value = member != NULL && member->boolean;
    return true;
}

/* The text of a member, copied; empty and NULL when there is none. */
static bool read_text(const struct reading *reading, const char *key, char **bytes, struct slice *text, struct error *error)
{
    const struct json_value *member;
    if (!json_member(reading->model, reading->name, key, JSON_TEXT, &member, error))
        return false;
    if (member != NULL && member->text.size > AFFIX_BYTES_MAX)
        return error_set(error, ERROR_LIMIT, "%s: \"%s\" has %zu bytes, the limit is %d", reading->name, key, member->text.size,
                         AFFIX_BYTES_MAX);
    if (member != NULL) {
        *bytes = memory_copy_text(member->text.data, member->text.size);
        *text = (struct slice){*bytes, member->text.size};
    }
    return true;
}

static bool read_settings(struct reading *reading, struct error *error)
{
    struct bpe *bpe = reading->bpe;
    const struct json_value *dropout, *unknown;
    if (!json_member(reading->model, reading->name, "dropout", JSON_NUMBER, &dropout, error))
        return false;
    if (dropout != NULL && dropout->real != 0) {
        error_set(error, ERROR_INVALID, "%s: \"dropout\" is %g, expected null", reading->name, dropout->real);
        return error_hint(error,
                          "Dropout leaves merges out at random, which is for training. Set it to null in tokenizer.json.");
    }
    if (!json_member(reading->model, reading->name, "unk_token", JSON_TEXT, &unknown, error))
        return false;
    if (unknown == NULL || !bpe_id(bpe, unknown->text, &bpe->unknown))
        bpe->unknown = TOKEN_NONE;
    return read_text(reading, "continuing_subword_prefix", &bpe->prefix_bytes, &bpe->prefix, error) &&
           read_text(reading, "end_of_word_suffix", &bpe->suffix_bytes, &bpe->suffix, error) &&
           read_bool(reading, "fuse_unk", &bpe->fuse_unknown, error) &&
           read_bool(reading, "byte_fallback", &bpe->byte_fallback, error) &&
           read_bool(reading, "ignore_merges", &bpe->ignore_merges, error);
}

bool bpe_read(struct bpe **bpe, const struct json_value *model, const char *name, struct error *error)
{
    struct reading reading = {.bpe = memory_alloc(1, sizeof(struct bpe)), .model = model, .name = name};
    map_init(&reading.bpe->tokens, LIMIT_TOKENIZER_TOKENS);
    buffer_init(&reading.spelling, LIMIT_JSON_BYTES);
    reading.bpe->serial = piece_cache_serial();
    reading.bpe->secret = token_secret();
    bool ok = read_vocabulary(&reading, error) && read_settings(&reading, error);
    if (ok) {
        index_vocabulary(reading.bpe);
        ok = read_merges(&reading, error);
    }
    buffer_release(&reading.spelling);
    if (ok)
        *bpe = reading.bpe;
    else
        bpe_free(reading.bpe);
    return ok;
}

void bpe_free(struct bpe *bpe)
{
    if (bpe == NULL)
        return;
    map_release(&bpe->tokens);
    free(bpe->names);
    free(bpe->pairs);
    free(bpe->merged);
    free(bpe->prefix_bytes);
    free(bpe->suffix_bytes);
    free(bpe);
}

bool bpe_id(const struct bpe *bpe, struct slice token, uint32_t *id)
{
    const struct map_entry *entry = map_get(&bpe->tokens, token);
    if (entry != NULL)
        *id = (uint32_t)entry->value;
    return entry != NULL;
}

bool bpe_token(const struct bpe *bpe, uint32_t id, struct slice *token)
{
    if (id >= bpe->name_count || bpe->names[id].data == NULL)
        return false;
    *token = bpe->names[id];
    return true;
}

size_t bpe_count(const struct bpe *bpe)
{
    return bpe->tokens.count;
}
