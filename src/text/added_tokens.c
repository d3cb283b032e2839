#include "added_tokens.h"
#include "members.h"
#include "text.h"
#include "token_tables.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void added_tokens_init(struct added_tokens *added)
{
    *added = (struct added_tokens){0};
    map_init(&added->by_content, LIMIT_TOKENIZER_TOKENS);
    map_init(&added->special, LIMIT_TOKENIZER_TOKENS);
}

void added_tokens_release(struct added_tokens *added)
{
    map_release(&added->by_content);
    map_release(&added->special);
    free(added->by_id);
    free(added->plain.nodes);
    free(added->normalized.nodes);
}

const struct added_token *added_tokens_by_id(const struct added_tokens *added, uint32_t id)
{
    return id < added->by_id_count && added->by_id[id] != 0 ? &added->items[added->by_id[id] - 1] : NULL;
}

const struct added_token *added_tokens_by_content(const struct added_tokens *added, struct slice content)
{
    const struct map_entry *entry = map_get(&added->by_content, content);
    return entry != NULL ? &added->items[entry->value - 1] : NULL;
}

/* ---- the tree ---- */

static uint32_t child_with(struct token_tree *tree, uint32_t parent, uint8_t byte)
{
    uint32_t *link = parent == 0 ? &tree->first[byte] : &tree->nodes[parent].child;
    while (*link != 0 && tree->nodes[*link].byte != byte)
        link = &tree->nodes[*link].sibling;
    if (*link != 0)
        return *link;
    uint32_t node = (uint32_t)tree->count;
    *link = node; /* before the nodes may move */
    tree->nodes = memory_more(tree->nodes, tree->count, &tree->capacity, sizeof(*tree->nodes));
    tree->nodes[tree->count++] = (struct token_tree_node){.byte = byte};
    return node;
}

static void plant(struct token_tree *tree, struct slice text, size_t item)
{
    if (text.size == 0)
        return;
    if (tree->count == 0) { /* node 0 is no node */
        tree->nodes = memory_more(tree->nodes, 0, &tree->capacity, sizeof(*tree->nodes));
        tree->nodes[tree->count++] = (struct token_tree_node){0};
    }
    unsigned char first = (unsigned char)text.data[0];
    if (tree->first[first] == 0) {
        tree->first_count++;
        tree->only = first;
    }
    uint32_t node = 0;
    for (size_t i = 0; i < text.size; i++)
        node = child_with(tree, node, (uint8_t)text.data[i]);
    tree->nodes[node].token = (uint32_t)item + 1;
}

/* The longest token at `at`: its item plus one, or 0. `*steps` grows by the nodes looked at. */
static uint32_t longest_at(const struct token_tree *tree, struct slice text, size_t at, size_t *end, uint64_t *steps)
{
    uint32_t node = tree->first[(unsigned char)text.data[at]], token = 0;
    for (size_t i = at; node != 0;) {
        i++;
        if (tree->nodes[node].token != 0) {
            token = tree->nodes[node].token;
            *end = i;
        }
        if (i == text.size)
            break;
        node = tree->nodes[node].child;
        ++*steps;
        for (; node != 0 && tree->nodes[node].byte != (unsigned char)text.data[i]; ++*steps)
            node = tree->nodes[node].sibling;
    }
    return token;
}

/* The next byte from `at` on that can begin a token, or the end. */
static size_t next_start(const struct token_tree *tree, struct slice text, size_t at)
{
    if (tree->first_count == 1) {
        const char *found = at < text.size ? memchr(text.data + at, tree->only, text.size - at) : NULL;
        return found != NULL ? (size_t)(found - text.data) : text.size;
    }
    while (at < text.size && tree->first[(unsigned char)text.data[at]] == 0)
        at++;
    return at;
}

bool token_tree_may_match(const struct token_tree *tree, struct slice text)
{
    size_t end;
    uint64_t steps = 0;
    if (tree->first_count == 0)
        return false;
    for (size_t at = next_start(tree, text, 0); at < text.size; at = next_start(tree, text, at + 1))
        if (longest_at(tree, text, at, &end, &steps) != 0 || steps > LIMIT_PIECE_STEPS * text.size)
            return true;
    return false;
}

/* ---- reading ---- */

/* As the package numbers a token that the vocabulary lacks. */
static uint64_t next_id(const struct added_tokens *added, size_t vocabulary_count)
{
    uint64_t next = vocabulary_count;
    for (size_t id = added->by_id_count; id > 0; id--)
        if (added->by_id[id - 1] != 0) {
            if (id > next)
                next = id;
            break;
        }
    return next;
}

static void set_by_id(struct added_tokens *added, uint32_t id, size_t item)
{
    if (id >= added->by_id_count) {
        size_t count = (size_t)id + 1;
        if (count > added->by_id_capacity) {
            added->by_id_capacity = memory_grown(added->by_id_capacity, count);
            added->by_id = memory_resize(added->by_id, added->by_id_capacity, sizeof(*added->by_id));
        }
        memset(added->by_id + added->by_id_count, 0, (count - added->by_id_count) * sizeof(*added->by_id));
        added->by_id_count = count;
    }
    added->by_id[id] = (uint32_t)item + 1;
}

static bool read_token(struct added_tokens *added, const struct json_value *value, const char *name,
                       const struct token_lookup *lookup, struct arena *arena, struct error *error)
{
    struct added_token token = {.normalized = true};
    if (value->kind != JSON_OBJECT)
        return error_set(error, ERROR_INVALID, "\"added_tokens\" of %s holds %s, expected objects", name,
                         json_kind_name(value->kind));
    bool has_normalized = json_get(value, "normalized") != NULL;
    if (!member_text(value, name, "content", /* is_required= */ true, arena, &token.content, error) ||
        !member_flag(value, name, "single_word", &token.single_word, error) ||
        !member_flag(value, name, "lstrip", &token.lstrip, error) ||
        !member_flag(value, name, "rstrip", &token.rstrip, error) ||
        !member_flag(value, name, "normalized", &token.normalized, error) ||
        !member_flag(value, name, "special", &token.special, error))
        return false;
    if (!has_normalized)
        token.normalized = !token.special;
    token.shown = token.content;
    if (token.content.size == 0)
        return true;
    const struct added_token *known = added_tokens_by_content(added, token.content);
    uint64_t id;
    if (known != NULL)
        token.id = known->id;
    else if (!lookup->id_of(lookup->context, token.content, &token.id)) {
        id = next_id(added, lookup->count);
        if (id >= LIMIT_TOKENIZER_TOKENS)
            return error_set(error, ERROR_LIMIT, "%s has more than %zu tokens", name, LIMIT_TOKENIZER_TOKENS);
        token.id = (uint32_t)id;
    }
    added->items = arena_more(arena, added->items, added->count, &added->capacity, sizeof(*added->items));
    added->items[added->count++] = token;
    struct map_entry *entry = map_put(&added->by_content, token.content, NULL);
    if (entry == NULL || (token.special && map_put(&added->special, token.content, NULL) == NULL))
        return error_set(error, ERROR_LIMIT, "%s has more than %zu added tokens", name, LIMIT_TOKENIZER_TOKENS);
    entry->value = added->count;
    set_by_id(added, token.id, added->count - 1);
    return true;
}

/* What normalizing the added tokens has taken so far. */
struct planting {
    struct token_work work;
    size_t content, normal, seen; /* bytes */
};

static bool plant_normalized(struct added_tokens *added, size_t item, const struct normalizers *normalizers, const char *name,
                             struct arena *arena, struct planting *planting, struct error *error)
{
    struct token_work *work = &planting->work;
    struct slice content = added->items[item].content;
    token_work_start(work, content);
    normalizers_apply(normalizers, work);
    planting->content += content.size;
    planting->normal += work->text.size;
    planting->seen += work->seen;
    if (token_work_is_excess(work) || planting->normal > MIB + LIMIT_NORMALIZED_GROWTH * planting->content ||
        planting->seen > GIB)
        return error_set(error, ERROR_LIMIT, "the normalizer of %s makes %zu bytes of %zu of added tokens", name,
                         planting->normal, planting->content);
    struct slice normal = {work->text.bytes, work->pieces.count > 0 ? work->text.size : 0};
    added->items[item].shown = arena_slice(arena, normal);
    plant(&added->normalized, normal, item);
    return true;
}

bool added_tokens_read(struct added_tokens *added, const struct json_value *list, const char *name,
                       const struct token_lookup *lookup, const struct normalizers *normalizers, struct arena *arena,
                       struct error *error)
{
    if (list->count > LIMIT_TOKENIZER_TOKENS)
        return error_set(error, ERROR_LIMIT, "%s has %zu added tokens, the limit is %zu", name, list->count,
                         LIMIT_TOKENIZER_TOKENS);
    for (size_t i = 0; i < list->count; i++)
        if (!read_token(added, &list->items[i], name, lookup, arena, error))
            return false;
    struct planting planting = {0};
    bool ok = true;
    for (size_t i = 0; i < added->count && ok; i++) {
        const struct added_token *token = &added->items[i];
        if (token->normalized)
            ok = plant_normalized(added, i, normalizers, name, arena, &planting, error);
        else
            plant(&added->plain, token->content, i);
    }
    token_work_release(&planting.work);
    return ok;
}

/* ---- at work ---- */

struct cut_context {
    const struct added_tokens *added;
    const struct token_tree *tree;
};

static uint16_t flags_before(struct slice text, size_t at, size_t *start)
{
    uint32_t character;
    *start = at - 1;
    while (*start > 0 && ((unsigned char)text.data[*start] & 0xC0) == 0x80)
        (*start)--;
    text_decode(text, *start, &character);
    return token_kind_of(character).flags;
}

static uint16_t flags_behind(struct slice text, size_t at, size_t *end)
{
    uint32_t character;
    *end = at + text_decode(text, at, &character);
    return token_kind_of(character).flags;
}

/* A word character next to it? */
static bool is_in_word(struct slice text, size_t start, size_t end)
{
    size_t other;
    return (start > 0 && (flags_before(text, start, &other) & TOKEN_WORD)) ||
           (end < text.size && (flags_behind(text, end, &other) & TOKEN_WORD));
}

/* Takes the white space beside it in, but none that the token before took. */
static void widen(const struct added_token *token, struct slice text, size_t done, size_t *start, size_t *end)
{
    size_t other;
    if (token->lstrip) {
        while (*start > 0 && (flags_before(text, *start, &other) & TOKEN_SPACE))
            *start = other;
        if (*start < done)
            *start = done;
    }
    if (token->rstrip)
        while (*end < text.size && (flags_behind(text, *end, &other) & TOKEN_SPACE))
            *end = other;
}

static void cut_at_tokens(const void *context, struct token_work *work, const struct piece *piece)
{
    const struct cut_context *cut = context;
    struct slice text = {work->text.bytes + piece->start, piece->end - piece->start};
    size_t done = 0, end = 0;
    for (size_t at = next_start(cut->tree, text, 0); at < text.size && work->steps <= work->steps_max;
         at = next_start(cut->tree, text, at)) {
        uint32_t item = longest_at(cut->tree, text, at, &end, &work->steps);
        if (item == 0) {
            at++;
            continue;
        }
        const struct added_token *token = added_tokens_by_id(cut->added, cut->added->items[item - 1].id);
        size_t start = at;
        at = end;
        if (token->single_word && is_in_word(text, start, end))
            continue;
        widen(token, text, done, &start, &end);
        if (done < start)
            token_work_keep(work, piece, piece->start + done, piece->start + start);
        token_work_keep(work, piece, piece->start + start, piece->start + end);
        if (start < end) {
            work->other_pieces.items[work->other_pieces.count - 1].is_token = true;
            work->other_pieces.items[work->other_pieces.count - 1].id = token->id;
        }
        done = end;
    }
    token_work_keep(work, piece, piece->start + done, piece->end);
}

void added_tokens_cut(const struct added_tokens *added, const struct token_tree *tree, struct token_work *work)
{
    struct cut_context context = {added, tree};
    if (tree->first_count == 0)
        return;
    work->steps_max += MIB + LIMIT_PIECE_STEPS * work->text.size;
    token_work_cut(work, &context, cut_at_tokens);
}
