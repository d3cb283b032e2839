/* unigram.c - a unigram language model out of tokenizer.json's "model", and the best way to cut a piece by it:
 *
 *   {"vocab": [["<unk>", 0], ["▁a", -2.1], …], "unk_id": 0, "byte_fallback": false}
 *
 * Viterbi's algorithm from left to right: the best way to each place is the best way to an earlier place and one token between;
 * of equally good ones the one whose last token is longer.
 *
 *   piece   a  b  c  d            at each place: score of the best way, where its last token begins, which token
 *   place  0  1  2  3  4
 *          └a─┴b─┘                a character that is no token by itself may be passed as unknown, at the lowest score of the
 *          └──ab─┴──cd─┘          vocabulary less 10
 *
 * As in the original: neighbouring unknowns become one; when the vocabulary has their text after all, it is that token; else
 * the bytes of the text, each with the place of the whole text, if the model falls back to bytes and has all of them; else
 * the unknown token. Without one, the original gives up on such a text; here those characters have no token. */
#include "unigram.h"
#include "piece_cache.h"
#include "score_text.h"
#include "text.h"
#include "token_trie.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_PENALTY 10.0
#define NOWHERE UINT32_MAX

enum { KEPT_MAX = 1 << 16 }; /* places, for which a workspace keeps memory from piece to piece */

struct unigram {
    uint64_t serial;
    char *bytes;      /* of all tokens */
    uint32_t *starts; /* of each token in `bytes`, and the end */
    double *scores;   /* freed when the trie has them */
    size_t count;
    struct token_trie trie;
    double unknown_score;
    uint32_t unknown; /* or TOKEN_NONE */
    bool byte_fallback;
    uint32_t byte_ids[256]; /* or TOKEN_NONE */
};

/* The best way to a place of the piece. */
struct place {
    double score;
    uint32_t start; /* of its last token; NOWHERE: no way found yet */
    uint32_t token;
};

struct unigram_workspace {
    struct piece_cache cache;
    struct place *places;
    size_t capacity;
    struct piece_tokens path; /* from the last token to the first */
};

/* ---- reading ---- */

static bool read_entry(struct unigram *unigram, size_t i, const struct json_value *entry, const char *name, size_t *size,
                       struct error *error)
{
    if (entry->kind != JSON_ARRAY || entry->count != 2 || entry->items[0].kind != JSON_TEXT ||
        entry->items[1].kind != JSON_NUMBER)
        return error_set(error, ERROR_INVALID, "%s: token %zu is not a pair of a text and a number", name, i);
    struct slice token = entry->items[0].text;
    const struct json_value *score = &entry->items[1];
    unigram->scores[i] = score->real;
    if ((!score->is_integer && score->text.size > 0 && !score_from_text(score->text, &unigram->scores[i])) ||
        !isfinite(unigram->scores[i]))
        return error_set(error, ERROR_INVALID, "%s: the score of token %zu, \"%s\", is past the range of doubles", name, i,
                         token_label(token).text);
    if (token.size > LIMIT_TOKENIZER_TEXT_BYTES)
        return error_set(error, ERROR_LIMIT, "%s: token %zu has %zu bytes, the limit is %zu", name, i, token.size,
                         LIMIT_TOKENIZER_TEXT_BYTES);
    if (token.size > UINT32_MAX - *size)
        return error_set(error, ERROR_LIMIT, "%s: the tokens have more than %u bytes", name, UINT32_MAX);
    *size += token.size;
    unigram->starts[i + 1] = (uint32_t)*size;
    return true;
}

static bool read_vocabulary(struct unigram *unigram, const struct json_value *model, const char *name, struct error *error)
{
    const struct json_value *vocabulary;
    if (!json_member(model, name, "vocab", JSON_ARRAY, &vocabulary, error))
        return false;
    if (vocabulary == NULL || vocabulary->count == 0)
        return error_set(error, ERROR_INVALID, "%s: \"vocab\" is %s", name, vocabulary == NULL ? "missing" : "empty");
    if (vocabulary->count > LIMIT_TOKENIZER_TOKENS)
        return error_set(error, ERROR_LIMIT, "%s: the vocabulary has %zu tokens, the limit is %zu", name, vocabulary->count,
                         LIMIT_TOKENIZER_TOKENS);
    unigram->count = vocabulary->count;
    unigram->starts = memory_alloc(vocabulary->count + 1, sizeof(*unigram->starts));
    unigram->scores = memory_alloc(vocabulary->count, sizeof(*unigram->scores));
    size_t size = 0;
    double lowest = HUGE_VAL;
    for (size_t i = 0; i < vocabulary->count; i++) {
        if (!read_entry(unigram, i, &vocabulary->items[i], name, &size, error))
            return false;
        lowest = unigram->scores[i] < lowest ? unigram->scores[i] : lowest;
    }
    unigram->unknown_score = lowest - UNKNOWN_PENALTY;
    unigram->bytes = memory_alloc(size, 1);
    for (size_t i = 0; i < vocabulary->count; i++) {
        struct slice token = vocabulary->items[i].items[0].text;
        if (token.size > 0)
            memcpy(unigram->bytes + unigram->starts[i], token.data, token.size);
    }
    return true;
}

static bool read_settings(struct unigram *unigram, const struct json_value *model, const char *name, struct error *error)
{
    const struct json_value *unknown, *byte_fallback;
    if (!json_member(model, name, "unk_id", JSON_NUMBER, &unknown, error) ||
        !json_member(model, name, "byte_fallback", JSON_BOOL, &byte_fallback, error))
        return false;
    unigram->unknown = TOKEN_NONE;
    if (unknown != NULL) {
        if (!unknown->is_integer || unknown->integer < 0 || (uint64_t)unknown->integer >= unigram->count)
            return error_set(error, ERROR_INVALID, "%s: \"unk_id\" is %.15g, expected 0 to %zu", name, unknown->real,
                             unigram->count - 1);
        unigram->unknown = (uint32_t)unknown->integer;
    }
    unigram->byte_fallback = byte_fallback != NULL && byte_fallback->boolean;
    return true;
}

bool unigram_read(struct unigram **unigram, const struct json_value *model, const char *name, struct error *error)
{
    struct unigram *made = memory_alloc(1, sizeof(*made));
    made->serial = piece_cache_serial();
    if (!read_vocabulary(made, model, name, error) || !read_settings(made, model, name, error)) {
        unigram_free(made);
        return false;
    }
    token_trie_build(&made->trie, made->bytes, made->starts, made->scores, made->count);
    free(made->scores);
    made->scores = NULL;
    for (unsigned byte = 0; byte < 256; byte++)
        made->byte_ids[byte] = token_trie_get(&made->trie, slice_from(byte_token((uint8_t)byte).text));
    *unigram = made;
    return true;
}

void unigram_free(struct unigram *unigram)
{
    if (unigram == NULL)
        return;
    token_trie_release(&unigram->trie);
    free(unigram->bytes);
    free(unigram->starts);
    free(unigram->scores);
    free(unigram);
}

bool unigram_id(const struct unigram *unigram, struct slice token, uint32_t *id)
{
    uint32_t found = token_trie_get(&unigram->trie, token);
    if (found != TOKEN_NONE)
        *id = found;
    return found != TOKEN_NONE;
}

bool unigram_token(const struct unigram *unigram, uint32_t id, struct slice *token)
{
    if (id >= unigram->count)
        return false;
    *token = (struct slice){unigram->bytes + unigram->starts[id], unigram->starts[id + 1] - unigram->starts[id]};
    return true;
}

size_t unigram_count(const struct unigram *unigram)
{
    return unigram->count;
}

/* ---- encoding ---- */

struct unigram_workspace *unigram_workspace_create(void)
{
    struct unigram_workspace *workspace = memory_alloc(1, sizeof(*workspace));
    piece_cache_init(&workspace->cache);
    piece_tokens_init(&workspace->path);
    return workspace;
}

void unigram_workspace_free(struct unigram_workspace *workspace)
{
    if (workspace == NULL)
        return;
    piece_cache_release(&workspace->cache);
    piece_tokens_release(&workspace->path);
    free(workspace->places);
    free(workspace);
}

static struct place *clear_places(struct unigram_workspace *workspace, size_t count)
{
    if (workspace->capacity < count) {
        free(workspace->places);
        workspace->capacity = memory_grown(workspace->capacity, count);
        workspace->places = memory_alloc(workspace->capacity, sizeof(*workspace->places));
    }
    for (size_t i = 0; i < count; i++)
        workspace->places[i] = (struct place){.start = NOWHERE};
    return workspace->places;
}

static void offer(struct place *place, double score, size_t start, uint32_t token)
{
    if (place->start == NOWHERE || score > place->score)
        *place = (struct place){.score = score, .start = (uint32_t)start, .token = token};
}

/* Past the limit of steps, each character is the unknown token. */
static void find_best(const struct unigram *unigram, struct place *places, struct slice piece, struct piece_tokens *out)
{
    bool is_in_time = true;
    for (size_t start = 0, size; start < piece.size; start += size) {
        uint32_t character, node = 0;
        size = (unsigned char)piece.data[start] < 0x80 ? 1 : text_decode(piece, start, &character);
        bool is_token = false; /* the character by itself */
        double score = places[start].score;
        size_t end = start;
        while (is_in_time && token_trie_step(&unigram->trie, piece, &node, &end)) {
            const struct trie_node *found = &unigram->trie.nodes[node];
            if (found->token == TOKEN_NONE)
                continue;
            offer(&places[end], found->score + score, start, found->token);
            is_token = is_token || end == start + size;
        }
        is_in_time = is_in_time && piece_tokens_step(out, end - start);
        if (!is_token)
            offer(&places[start + size], unigram->unknown_score + score, start, unigram->unknown);
    }
}

/* Walks back from the end; unknowns that touch become one. */
static void trace_back(const struct unigram *unigram, const struct place *places, size_t size, struct piece_tokens *path)
{
    bool was_unknown = false;
    path->count = 0;
    for (size_t end = size; end > 0;) {
        const struct place *place = &places[end];
        assert(place->start < end);
        bool is_unknown = place->token == unigram->unknown;
        if (is_unknown && was_unknown)
            path->items[path->count - 1].start = place->start;
        else
            piece_tokens_append(path, place->token, place->start, end);
        was_unknown = is_unknown;
        end = place->start;
    }
}

static void append_unknown(const struct unigram *unigram, struct slice piece, const struct piece_token *part,
                           struct piece_tokens *out)
{
    struct slice text = slice_range(piece, part->start, part->end);
    uint32_t id = token_trie_get(&unigram->trie, text);
    bool has_bytes = id == TOKEN_NONE && unigram->byte_fallback;
    for (size_t i = 0; i < text.size && has_bytes; i++)
        has_bytes = unigram->byte_ids[(uint8_t)text.data[i]] != TOKEN_NONE;
    if (has_bytes) {
        for (size_t i = 0; i < text.size; i++)
            piece_tokens_append(out, unigram->byte_ids[(uint8_t)text.data[i]], part->start, part->end);
        return;
    }
    id = id != TOKEN_NONE ? id : unigram->unknown;
    if (id != TOKEN_NONE)
        piece_tokens_append(out, id, part->start, part->end);
}

/* Memory for a very long piece goes back. */
static void trim(struct unigram_workspace *workspace)
{
    if (workspace->capacity > KEPT_MAX) {
        free(workspace->places);
        workspace->places = NULL;
        workspace->capacity = 0;
    }
    if (workspace->path.capacity > KEPT_MAX)
        piece_tokens_release(&workspace->path);
}

void unigram_encode(const struct unigram *unigram, struct unigram_workspace *workspace, struct slice piece,
                    struct piece_tokens *out)
{
    assert(piece.size < PIECE_BYTES_MAX);
    if (piece.size == 0)
        return;
    piece_cache_own(&workspace->cache, unigram->serial);
    if (piece_cache_get(&workspace->cache, piece, out))
        return;
    size_t first = out->count;
    struct place *places = clear_places(workspace, piece.size + 1);
    find_best(unigram, places, piece, out);
    trace_back(unigram, places, piece.size, &workspace->path);
    for (size_t i = workspace->path.count; i-- > 0;) {
        const struct piece_token *part = &workspace->path.items[i];
        if (part->id == unigram->unknown)
            append_unknown(unigram, piece, part, out);
        else
            piece_tokens_append(out, part->id, part->start, part->end);
    }
    trim(workspace);
    if (piece_tokens_step(out, 0))
        piece_cache_put(&workspace->cache, piece, out, first);
}
