/* bpe_encode.c - a piece into tokens by merging pairs.
 *
 * The piece begins as one symbol for each character. The queue holds the merges of neighbours, the one that stands first in the
 * model's list at its head, of equal ones the one further left:
 *
 *   symbols  [h][e][l][l][o]      queue  l+l at 2 (rank 0), h+e at 0 (rank 3)
 *            [h][e][ll]-[o]              h+e at 0 (rank 3), ll+o at 2 (rank 5)
 *
 * An entry whose symbols have changed since is left in the queue. It is passed over when it comes up, unless the pair that now
 * stands there becomes the very token that the entry was made for. That takes two tokens of one number, or a merge that adds
 * nothing ("a" and "" are "a"), since otherwise what stands there has grown longer; a model without either is plain, and for its
 * short pieces the best pair is found by looking at all of them, which gives the same and needs no queue.
 *
 * What the vocabulary lacks is treated as the original does, oddities included: the places of tokens are the sums of their
 * lengths, so a character that becomes nothing, because there is no unknown token, shifts those behind it; and an unknown token
 * waits for the next known character, while the bytes of a character do not wait for it. Sums that leave the piece end with it. */
#include "bpe_parts.h"
#include "piece_cache.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX

enum {
    SCAN_MAX = 40, /* symbols, up to which looking at all pairs is quicker than a queue */
    KEPT_MAX = 1 << 16 /* symbols, for which a workspace keeps memory from piece to piece */
};

struct symbol {
    uint32_t id;
    uint32_t size; /* bytes of the piece; 0: merged into the one before */
    /* while the queue is in use: */
    uint32_t previous, next; /* or NOWHERE */
    uint32_t merged;         /* what it and the next become together, or TOKEN_NONE */
};

struct bpe_workspace {
    struct piece_cache cache;
    struct symbol *symbols;
    size_t count, capacity;
    uint64_t *queue; /* a heap of rank << 32 | place of the left symbol; each node has four children */
    size_t queue_count, queue_capacity;
    char *decorated; /* a character with prefix and suffix */
    size_t decorated_capacity;
};

struct bpe_workspace *bpe_workspace_create(void)
{
    struct bpe_workspace *workspace = memory_alloc(1, sizeof(*workspace));
    piece_cache_init(&workspace->cache);
    return workspace;
}

void bpe_workspace_free(struct bpe_workspace *workspace)
{
    if (workspace == NULL)
        return;
    piece_cache_release(&workspace->cache);
    free(workspace->symbols);
    free(workspace->queue);
    free(workspace->decorated);
    free(workspace);
}

/* ---- characters into symbols ---- */

static void add_symbol(struct bpe_workspace *workspace, uint32_t id, size_t size)
{
    workspace->symbols = memory_more(workspace->symbols, workspace->count, &workspace->capacity, sizeof(*workspace->symbols));
    size_t at = workspace->count++;
    if (at > 0)
        workspace->symbols[at - 1].next = (uint32_t)at;
    workspace->symbols[at] = (struct symbol){
        .id = id, .size = (uint32_t)size, .previous = at > 0 ? (uint32_t)at - 1 : NOWHERE, .next = NOWHERE};
}

/* A character as it is looked up: with the prefix unless it is the first, with the suffix if it is the last. */
static struct slice decorate(const struct bpe *bpe, struct bpe_workspace *workspace, struct slice character, bool is_first,
                             bool is_last)
{
    size_t prefix_size = is_first ? 0 : bpe->prefix.size, suffix_size = is_last ? bpe->suffix.size : 0;
    if (prefix_size + suffix_size == 0)
        return character;
    size_t size = prefix_size + character.size + suffix_size;
    if (size > workspace->decorated_capacity) {
        workspace->decorated_capacity = memory_grown(workspace->decorated_capacity, size);
        workspace->decorated = memory_resize(workspace->decorated, workspace->decorated_capacity, 1);
    }
    if (prefix_size > 0)
        memcpy(workspace->decorated, bpe->prefix.data, prefix_size);
    memcpy(workspace->decorated + prefix_size, character.data, character.size);
    if (suffix_size > 0)
        memcpy(workspace->decorated + prefix_size + character.size, bpe->suffix.data, suffix_size);
    return (struct slice){workspace->decorated, size};
}

static uint32_t find_character(const struct bpe *bpe, uint32_t character, struct slice text, struct slice decorated)
{
    if (decorated.data == text.data && character < BPE_CHARACTERS)
        return bpe->characters[character];
    uint32_t id = TOKEN_NONE;
    return bpe_id(bpe, decorated, &id) ? id : TOKEN_NONE;
}

/* Adds the bytes of a character that the vocabulary lacks, if it has them all. */
static bool add_bytes(const struct bpe *bpe, struct bpe_workspace *workspace, struct slice decorated)
{
    for (size_t i = 0; i < decorated.size; i++)
        if (bpe->bytes[(uint8_t)decorated.data[i]] == TOKEN_NONE)
            return false;
    for (size_t i = 0; i < decorated.size; i++)
        add_symbol(workspace, bpe->bytes[(uint8_t)decorated.data[i]], 1);
    return true;
}

/* False when a prefix or a suffix in bytes makes many times more symbols than the piece has bytes, which no real model does. */
static bool make_symbols(const struct bpe *bpe, struct bpe_workspace *workspace, struct slice piece)
{
    enum { SYMBOLS_MAX = 8 }; /* for each byte */
    size_t unknown_size = 0; /* of unknown characters that are not added yet; 0: none */
    workspace->count = 0;
    for (size_t at = 0, size; at < piece.size; at += size) {
        if (workspace->count > KIB + SYMBOLS_MAX * piece.size)
            return false;
        uint32_t character = (unsigned char)piece.data[at];
        size = character < 0x80 ? 1 : text_decode(piece, at, &character);
        struct slice text = {piece.data + at, size};
        struct slice decorated = decorate(bpe, workspace, text, at == 0, at + size == piece.size);
        uint32_t id = find_character(bpe, character, text, decorated);
        if (id != TOKEN_NONE) {
            if (unknown_size > 0)
                add_symbol(workspace, bpe->unknown, unknown_size);
            unknown_size = 0;
            add_symbol(workspace, id, size);
        } else if (bpe->byte_fallback && add_bytes(bpe, workspace, decorated)) {
            continue;
        } else if (bpe->unknown != TOKEN_NONE) {
            if (unknown_size > 0 && !bpe->fuse_unknown) {
                add_symbol(workspace, bpe->unknown, unknown_size);
                unknown_size = 0;
            }
            unknown_size += size;
        }
    }
    if (unknown_size > 0)
        add_symbol(workspace, bpe->unknown, unknown_size);
    return true;
}

/* ---- short pieces of plain models ---- */

static uint32_t rank_of(const struct bpe *bpe, const struct symbol *left)
{
    const struct bpe_pair *pair = bpe_pair_get(bpe, left[0].id, left[1].id);
    return pair ? pair->rank : UINT32_MAX;
}

/* Merges the best pair until there is none. Symbols close up, they have no links. */
static void merge_by_scan(const struct bpe *bpe, struct bpe_workspace *workspace)
{
    struct symbol *symbols = workspace->symbols;
    size_t count = workspace->count;
    uint32_t ranks[SCAN_MAX]; /* of each symbol with the next; that of the last has none */
    assert(count >= 1 && count <= SCAN_MAX);
    for (size_t i = 0; i + 1 < count; i++)
        ranks[i] = rank_of(bpe, &symbols[i]);
    for (;;) {
        uint32_t best = UINT32_MAX;
        size_t at = 0;
        for (size_t i = 0; i + 1 < count; i++) {
            at = ranks[i] < best ? i : at;
            best = ranks[i] < best ? ranks[i] : best;
        }
        if (best == UINT32_MAX)
            break;
        symbols[at].id = bpe->merged[best];
        symbols[at].size += symbols[at + 1].size;
        count--;
        for (size_t i = at + 1; i < count; i++) {
            symbols[i] = symbols[i + 1];
            ranks[i - 1] = ranks[i];
        }
        if (at + 1 < count)
            ranks[at] = rank_of(bpe, &symbols[at]);
        if (at > 0)
            ranks[at - 1] = rank_of(bpe, &symbols[at - 1]);
    }
    workspace->count = count;
}

/* ---- any piece: the queue ---- */

/* Puts `entry` into the hole at `at`, or lower down. */
static void sift_down(uint64_t *queue, size_t count, size_t at, uint64_t entry)
{
    for (size_t child; (child = 4 * at + 1) < count;) {
        size_t best = child;
        if (child + 4 <= count) {
            size_t left = child + (queue[child + 1] < queue[child]), right = child + 2 + (queue[child + 3] < queue[child + 2]);
            best = queue[right] < queue[left] ? right : left;
        } else {
            while (++child < count)
                best = queue[child] < queue[best] ? child : best;
        }
        if (queue[best] >= entry)
            break;
        queue[at] = queue[best];
        at = best;
    }
    queue[at] = entry;
}

static void queue_push(struct bpe_workspace *workspace, uint64_t entry)
{
    if (workspace->queue_count == workspace->queue_capacity)
        workspace->queue = memory_more(workspace->queue, workspace->queue_count, &workspace->queue_capacity,
                                       sizeof(*workspace->queue));
    uint64_t *queue = workspace->queue;
    size_t at = workspace->queue_count++;
    for (; at > 0 && queue[(at - 1) / 4] > entry; at = (at - 1) / 4)
        queue[at] = queue[(at - 1) / 4];
    queue[at] = entry;
}

static uint64_t queue_pop(struct bpe_workspace *workspace)
{
    assert(workspace->queue_count > 0);
    uint64_t entry = workspace->queue[0], last = workspace->queue[--workspace->queue_count];
    if (workspace->queue_count > 0)
        sift_down(workspace->queue, workspace->queue_count, 0, last);
    return entry;
}

/* Puts the merge of the symbol at `at` with the next one into the queue, if there is such a merge. */
static void queue_pair(const struct bpe *bpe, struct bpe_workspace *workspace, uint32_t at)
{
    struct symbol *left = &workspace->symbols[at];
    const struct bpe_pair *pair = bpe_pair_get(bpe, left->id, workspace->symbols[left->next].id);
    left->merged = pair ? pair->merged : TOKEN_NONE;
    if (pair != NULL)
        queue_push(workspace, (uint64_t)pair->rank << 32 | at);
}

/* Links the symbols, and queues the merges of all neighbours. */
static void fill_queue(const struct bpe *bpe, struct bpe_workspace *workspace)
{
    struct symbol *symbols = workspace->symbols;
    if (workspace->queue_capacity < workspace->count) {
        workspace->queue = memory_resize(workspace->queue, workspace->count, sizeof(*workspace->queue));
        workspace->queue_capacity = workspace->count;
    }
    uint64_t *queue = workspace->queue;
    size_t count = 0, last = workspace->count - 1;
    for (size_t i = 0; i < last; i++) {
        const struct bpe_pair *pair = bpe_pair_get(bpe, symbols[i].id, symbols[i + 1].id);
        symbols[i].previous = (uint32_t)i - 1;
        symbols[i].next = (uint32_t)i + 1;
        symbols[i].merged = pair ? pair->merged : TOKEN_NONE;
        if (pair != NULL)
            queue[count++] = (uint64_t)pair->rank << 32 | i;
    }
    symbols[0].previous = NOWHERE;
    symbols[last].previous = (uint32_t)last - 1;
    symbols[last].next = NOWHERE;
    symbols[last].merged = TOKEN_NONE;
    workspace->queue_count = count;
    for (size_t i = count / 4 + 1; i-- > 0;)
        if (i < count)
            sift_down(queue, count, i, queue[i]);
}

static void merge_by_queue(const struct bpe *bpe, struct bpe_workspace *workspace)
{
    struct symbol *symbols = workspace->symbols;
    assert(workspace->count >= 2);
    fill_queue(bpe, workspace);
    while (workspace->queue_count > 0) {
        uint64_t entry = queue_pop(workspace);
        uint32_t at = (uint32_t)entry, merged = bpe->merged[entry >> 32];
        struct symbol *left = &symbols[at];
        if (left->merged != merged) /* TOKEN_NONE where there is no next symbol, or no symbol any more */
            continue;
        struct symbol *right = &symbols[left->next];
        left->id = merged;
        left->size += right->size;
        left->next = right->next;
        left->merged = right->merged = TOKEN_NONE;
        right->size = 0;
        if (left->next != NOWHERE) {
            symbols[left->next].previous = at;
            queue_pair(bpe, workspace, at);
        }
        if (left->previous != NOWHERE)
            queue_pair(bpe, workspace, left->previous);
    }
    size_t count = 0;
    for (size_t i = 0; i < workspace->count; i++)
        if (symbols[i].size > 0)
            symbols[count++] = symbols[i];
    workspace->count = count;
}

/* ---- the whole ---- */

static void append_symbols(const struct bpe_workspace *workspace, size_t piece_size, struct piece_tokens *out)
{
    size_t start = 0;
    for (size_t i = 0; i < workspace->count; i++) {
        size_t end = start + workspace->symbols[i].size;
        end = end < piece_size ? end : piece_size;
        piece_tokens_append(out, workspace->symbols[i].id, start, end);
        start = end;
    }
}

/* Memory for a very long piece goes back. */
static void trim(struct bpe_workspace *workspace)
{
    if (workspace->capacity > KEPT_MAX) {
        free(workspace->symbols);
        workspace->symbols = NULL;
        workspace->capacity = 0;
    }
    if (workspace->queue_capacity > KEPT_MAX) {
        free(workspace->queue);
        workspace->queue = NULL;
        workspace->queue_capacity = 0;
    }
    workspace->count = workspace->queue_count = 0;
}

void bpe_encode(const struct bpe *bpe, struct bpe_workspace *workspace, struct slice piece, struct piece_tokens *out)
{
    assert(piece.size <= PIECE_BYTES_MAX);
    if (piece.size == 0)
        return;
    piece_cache_own(&workspace->cache, bpe->serial);
    if (piece_cache_get(&workspace->cache, piece, out))
        return;
    size_t first = out->count;
    uint32_t id = 0;
    if (bpe->ignore_merges && bpe_id(bpe, piece, &id)) {
        piece_tokens_append(out, id, 0, piece.size);
    } else {
        if (!make_symbols(bpe, workspace, piece))
            piece_tokens_step(out, UINT64_MAX / 2);
        if (bpe->is_plain && workspace->count <= SCAN_MAX && workspace->count > 1)
            merge_by_scan(bpe, workspace);
        else if (workspace->count > 1)
            merge_by_queue(bpe, workspace);
        append_symbols(workspace, piece.size, out);
        trim(workspace);
    }
    if (piece_tokens_step(out, 0))
        piece_cache_put(&workspace->cache, piece, out, first);
}
