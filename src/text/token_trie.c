/* token_trie.c - builds a trie (token_trie.h) level by level.
 *
 * Each node owns the run of tokens that begin with its bytes, in one array that is sorted as far as the depth reached so far. The
 * nodes are taken in order: tokens that end at a node are set aside, the others sorted by their next byte, and each byte that
 * occurs becomes a child, which goes as far down as all tokens of its run agree. Each byte of a token is looked at once or twice. */
#include "token_trie.h"
#include <assert.h>
#include <stdlib.h>

enum { COUNTING_MIN = 48 }; /* tokens, from which on counting sorts quicker than inserting */

/* A node in the making: its run of `order`, all of which agree in `depth` bytes. */
struct run {
    uint32_t from, to;
    uint32_t depth;
};

struct building {
    struct token_trie *trie;
    const uint32_t *starts;
    const double *scores;
    uint32_t *order, *sorted; /* numbers of tokens; room to sort them */
    struct run *runs;         /* by node */
};

static uint8_t byte_at(const struct building *building, uint32_t token, uint32_t depth)
{
    return (uint8_t)building->trie->bytes[building->starts[token] + depth];
}

static uint32_t size_of(const struct building *building, uint32_t token)
{
    return building->starts[token + 1] - building->starts[token];
}

/* Moves the tokens that end at `depth` to the front and returns where the others begin; `*last` is the last of the ended. */
static uint32_t set_ended_aside(const struct building *building, struct run run, uint32_t *last)
{
    uint32_t *order = building->order;
    uint32_t middle = run.from;
    *last = TOKEN_NONE;
    for (uint32_t i = run.from; i < run.to; i++) {
        uint32_t token = order[i];
        if (size_of(building, token) > run.depth)
            continue;
        if (*last == TOKEN_NONE || token > *last)
            *last = token;
        order[i] = order[middle];
        order[middle++] = token;
    }
    return middle;
}

static void sort_by_counting(const struct building *building, uint32_t from, uint32_t to, uint32_t depth)
{
    uint32_t places[256] = {0};
    for (uint32_t i = from; i < to; i++)
        places[byte_at(building, building->order[i], depth)]++;
    uint32_t place = from;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint32_t count = places[byte];
        places[byte] = place;
        place += count;
    }
    for (uint32_t i = from; i < to; i++)
        building->sorted[places[byte_at(building, building->order[i], depth)]++] = building->order[i];
    memcpy(building->order + from, building->sorted + from, (to - from) * sizeof(*building->order));
}

static void sort_by_byte(const struct building *building, uint32_t from, uint32_t to, uint32_t depth)
{
    if (to - from >= COUNTING_MIN) {
        sort_by_counting(building, from, to, depth);
        return;
    }
    uint32_t *order = building->order;
    for (uint32_t i = from + 1; i < to; i++) {
        uint32_t token = order[i], at = i;
        uint8_t byte = byte_at(building, token, depth);
        for (; at > from && byte_at(building, order[at - 1], depth) > byte; at--)
            order[at] = order[at - 1];
        order[at] = token;
    }
}

/* How many bytes all tokens of the run have in common. They agree in `depth` of them. */
static uint32_t common_depth(const struct building *building, uint32_t from, uint32_t to, uint32_t depth)
{
    uint32_t first = building->order[from];
    uint32_t common = size_of(building, first);
    const char *bytes = building->trie->bytes + building->starts[first];
    for (uint32_t i = from + 1; i < to && common > depth; i++) {
        uint32_t token = building->order[i], size = size_of(building, token), agreed = depth;
        const char *others = building->trie->bytes + building->starts[token];
        common = size < common ? size : common;
        while (agreed < common && bytes[agreed] == others[agreed])
            agreed++;
        common = agreed;
    }
    return common;
}

static void add_child(struct building *building, uint32_t from, uint32_t to, uint32_t depth)
{
    struct token_trie *trie = building->trie;
    uint32_t end = common_depth(building, from, to, depth + 1), first = building->order[from];
    size_t node = trie->node_count++;
    trie->firsts[node] = byte_at(building, first, depth);
    trie->nodes[node] = (struct trie_node){
        .label_at = building->starts[first] + depth + 1, .label_size = end - depth - 1, .token = TOKEN_NONE};
    building->runs[node] = (struct run){from, to, end};
}

static void expand(struct building *building, size_t node)
{
    struct run run = building->runs[node];
    struct trie_node *parent = &building->trie->nodes[node];
    uint32_t from = set_ended_aside(building, run, &parent->token);
    if (parent->token != TOKEN_NONE)
        parent->score = building->scores[parent->token];
    parent->child = (uint32_t)building->trie->node_count;
    sort_by_byte(building, from, run.to, run.depth);
    while (from < run.to) {
        uint32_t to = from + 1;
        uint8_t byte = byte_at(building, building->order[from], run.depth);
        while (to < run.to && byte_at(building, building->order[to], run.depth) == byte)
            to++;
        add_child(building, from, to, run.depth);
        from = to;
    }
}

void token_trie_build(struct token_trie *trie, const char *bytes, const uint32_t *starts, const double *scores, size_t count)
{
    assert(count <= LIMIT_TOKENIZER_TOKENS);
    size_t room = 2 * count + 2; /* a leaf for each token, fewer branches than leaves, the root, one behind the last */
    *trie = (struct token_trie){.bytes = bytes};
    trie->nodes = memory_alloc(room, sizeof(*trie->nodes));
    trie->firsts = memory_alloc(room, 1);
    struct building building = {.trie = trie, .starts = starts, .scores = scores};
    building.order = memory_alloc(count, sizeof(*building.order));
    building.sorted = memory_alloc(count, sizeof(*building.sorted));
    building.runs = memory_alloc(room, sizeof(*building.runs));
    for (size_t i = 0; i < count; i++)
        building.order[i] = (uint32_t)i;
    building.runs[0] = (struct run){0, (uint32_t)count, 0};
    trie->node_count = 1;
    for (size_t node = 0; node < trie->node_count; node++)
        expand(&building, node);
    assert(trie->node_count < room);
    trie->nodes[trie->node_count].child = (uint32_t)trie->node_count;
    for (uint32_t child = trie->nodes[0].child; child < trie->nodes[1].child; child++)
        trie->root[trie->firsts[child]] = child;
    free(building.order);
    free(building.sorted);
    free(building.runs);
    trie->nodes = memory_resize(trie->nodes, trie->node_count + 1, sizeof(*trie->nodes));
    trie->firsts = memory_resize(trie->firsts, trie->node_count + 1, 1);
}

void token_trie_release(struct token_trie *trie)
{
    free(trie->nodes);
    free(trie->firsts);
    *trie = (struct token_trie){0};
}

uint32_t token_trie_get(const struct token_trie *trie, struct slice text)
{
    uint32_t node = 0;
    size_t at = 0;
    while (token_trie_step(trie, text, &node, &at))
        ;
    return at == text.size ? trie->nodes[node].token : TOKEN_NONE;
}
