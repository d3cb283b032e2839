/* charsmap.c - SentencePiece's precompiled normalization.
 *
 *   size of the trie, u32 ┊ trie: units of u32 ┊ replacements, each with a zero byte behind
 *
 *   unit   bit 31: it is a value, the rest of it a place in the replacements
 *          bits 0 … 7: the byte that leads here; bit 8: a value hangs below; bits 9 … 31: how far away the children are
 *
 * As in Hugging Face's `tokenizers`: a cluster of fewer than six bytes is looked up as a whole first, then each of its characters,
 * and the shortest entry that the looked-up text begins with is taken. */
#include "charsmap.h"
#include "text.h"
#include <utf8proc.h>

struct charsmap {
    const uint32_t *units;
    size_t unit_count;
    struct slice replacements;
};

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* False when it is not base64. `out` has room for three quarters of it. */
static bool decode_base64(struct slice text, unsigned char *out, size_t *size)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    if (text.size % 4 != 0)
        return false;
    for (int padding = 0; padding < 2 && text.size > 0 && text.data[text.size - 1] == '='; padding++)
        text.size--;
    *size = 0;
    for (size_t i = 0; i < text.size; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[(*size)++] = (unsigned char)(bits >> bit_count);
        }
    }
    return true;
}

/* The bytes of the longest replacement. */
static size_t longest_replacement(struct slice replacements)
{
    size_t longest = 0, start = 0;
    for (size_t i = 0; i <= replacements.size; i++)
        if (i == replacements.size || replacements.data[i] == 0) {
            longest = i - start > longest ? i - start : longest;
            start = i + 1;
        }
    return longest;
}

bool charsmap_read(const struct charsmap **charsmap, struct slice base64, const char *name, struct arena *arena,
                   struct error *error)
{
    size_t size;
    unsigned char *bytes = arena_alloc(arena, base64.size / 4 * 3 + 3, 1);
    if (!decode_base64(base64, bytes, &size))
        return error_set(error, ERROR_INVALID, "\"precompiled_charsmap\" of %s is not base64", name);
    struct bytes reader = bytes_from((struct slice){(const char *)bytes, size});
    uint32_t trie_size = bytes_u32(&reader);
    struct slice trie = bytes_slice(&reader, trie_size);
    if (reader.failed || trie_size % sizeof(uint32_t) != 0 || trie_size == 0)
        return error_set(error, ERROR_INVALID, "\"precompiled_charsmap\" of %s has %zu bytes, of which %u would be its trie",
                         name, size, trie_size);
    struct charsmap *map = arena_alloc(arena, 1, sizeof(*map));
    uint32_t *units = arena_alloc(arena, trie_size / sizeof(uint32_t), sizeof(*units));
    struct bytes unit_reader = bytes_from(trie);
    map->unit_count = trie_size / sizeof(uint32_t);
    for (size_t i = 0; i < map->unit_count; i++)
        units[i] = bytes_u32(&unit_reader);
    map->units = units;
    map->replacements = bytes_slice(&reader, bytes_left(&reader));
    size_t longest = longest_replacement(map->replacements);
    if (longest > LIMIT_TOKENIZER_TEXT_BYTES)
        return error_set(error, ERROR_LIMIT, "a replacement in \"precompiled_charsmap\" of %s has %zu bytes, the limit is %zu",
                         name, longest, LIMIT_TOKENIZER_TEXT_BYTES);
    *charsmap = map;
    return true;
}

static size_t children_of(uint32_t unit)
{
    return (unit >> 10) << ((unit & (1u << 9)) >> 6);
}

/* The shortest entry that the text begins with. */
static bool look_up(const struct charsmap *map, struct slice text, struct slice *replacement)
{
    size_t node = children_of(map->units[0]);
    for (size_t i = 0; i < text.size && text.data[i] != 0; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        node ^= byte;
        if (node >= map->unit_count || (map->units[node] & (1u << 31 | 0xFF)) != byte)
            return false;
        uint32_t unit = map->units[node];
        node ^= children_of(unit);
        if (!(unit >> 8 & 1))
            continue;
        size_t start = node < map->unit_count ? map->units[node] & ~(1u << 31) : SIZE_MAX;
        if (start > map->replacements.size)
            return false;
        size_t end = start;
        while (end < map->replacements.size && map->replacements.data[end] != 0)
            end++;
        *replacement = slice_range(map->replacements, start, end);
        return true;
    }
    return false;
}

static size_t character_count(struct slice text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.size; count++) {
        uint32_t character;
        at += text_decode(text, at, &character);
    }
    return count;
}

/* What stands for `old_count` characters: its last ones are new, or what is missing counts as gone behind the last. */
static void append_replacement(struct changes *changes, struct slice replacement, size_t old_count)
{
    size_t first = changes->count;
    for (size_t at = 0; at < replacement.size;) {
        uint32_t character;
        at += text_decode(replacement, at, &character);
        changes_append(changes, character, 0);
    }
    size_t new_count = changes->count - first;
    for (size_t i = old_count; i < new_count; i++)
        changes->items[first + i].change = 1;
    if (new_count < old_count && changes->count > 0)
        changes->items[changes->count - 1].change -= (int32_t)(old_count - new_count);
}

/* One cluster; true when something of it was replaced. */
static bool change_cluster(const struct charsmap *map, struct slice cluster, struct changes *changes)
{
    struct slice replacement;
    if (cluster.size < 6 && look_up(map, cluster, &replacement)) {
        append_replacement(changes, replacement, character_count(cluster));
        return true;
    }
    bool is_changed = false;
    for (size_t at = 0; at < cluster.size;) {
        uint32_t character;
        size_t size = text_decode(cluster, at, &character);
        if (look_up(map, slice_range(cluster, at, at + size), &replacement)) {
            append_replacement(changes, replacement, 1);
            is_changed = true;
        } else {
            changes_append(changes, character, 0);
        }
        at += size;
    }
    return is_changed;
}

void normalize_charsmap(struct token_work *work, const struct piece *piece, const struct charsmap *charsmap)
{
    struct slice text = {work->text.bytes, piece->end};
    bool is_changed = false;
    work->changes.count = 0;
    for (size_t start = piece->start; start < piece->end && !work->changes.is_cut;) {
        uint32_t character, next;
        utf8proc_int32_t state = 0;
        size_t end = start + text_decode(text, start, &character);
        while (end < piece->end) {
            size_t size = text_decode(text, end, &next);
            if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)character, (utf8proc_int32_t)next, &state))
                break;
            character = next;
            end += size;
        }
        if (change_cluster(charsmap, slice_range(text, start, end), &work->changes))
            is_changed = true;
        start = end;
    }
    if (is_changed)
        token_work_transform(work, piece, piece->start, piece->end, work->changes.items, work->changes.count, 0);
    else
        aligned_copy(&work->other, &work->text, piece->start, piece->end);
}
