/* normalize_form.c - the four normalization forms of Unicode Standard Annex #15, with the places that characters came from.
 *
 * utf8proc knows the decompositions and the pairs; order and places follow Hugging Face's `tokenizers`, which keeps a count beside
 * each character (struct change) through both steps:
 *
 *   é U+0316   ─▶   e 0, U+0301 1, U+0316 0   ─▶ in order: e 0, U+0316 0, U+0301 1   ─▶ composed: é 0, U+0316 0
 */
#include "normalizer.h"
#include "text.h"
#include "token_tables.h"
#include <assert.h>
#include <stdlib.h>
#include <utf8proc.h>

size_t character_decomposed(uint32_t character, bool is_compatible, uint32_t decomposed[DECOMPOSED_MAX])
{
    uint16_t wanted = is_compatible ? TOKEN_COMPATIBLE : TOKEN_CANONICAL;
    decomposed[0] = character;
    if (!(token_kind_of(character).flags & wanted))
        return 1;
    utf8proc_int32_t parts[DECOMPOSED_MAX];
    int last = 0;
    utf8proc_option_t options = UTF8PROC_DECOMPOSE;
    if (is_compatible)
        options = UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)character, parts, DECOMPOSED_MAX, options, &last);
    assert(count > 0 && count <= DECOMPOSED_MAX);
    for (utf8proc_ssize_t i = 0; i < count; i++)
        decomposed[i] = (uint32_t)parts[i];
    return (size_t)count;
}

/* 0 when the two do not compose. */
static uint32_t composed_pair(uint32_t first, uint32_t second)
{
    if (second == 0x11A7) /* the place before the first final consonant of Hangul: utf8proc lets it vanish into a syllable */
        return 0;
    if (second < 0x300 || (first == 0x11935 && second == 0x11930)) /* the package's table is older than that pair */
        return 0;
    utf8proc_int32_t pair[2] = {(utf8proc_int32_t)first, (utf8proc_int32_t)second};
    utf8proc_ssize_t count = utf8proc_normalize_utf32(pair, 2, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    return count == 1 ? (uint32_t)pair[0] : 0;
}

static uint8_t class_of(const struct change *change)
{
    return token_kind_of(change->character).combining_class;
}

/* Puts a run of marks in order of their class; those of one class stay as they are. */
static void sort_run(struct change *run, size_t count, struct changes *spare)
{
    size_t places[257] = {0};
    for (size_t i = 0; i < count; i++)
        places[class_of(&run[i]) + 1]++;
    for (size_t class = 1; class < 257; class ++)
        places[class] += places[class - 1];
    spare->count = 0;
    for (size_t i = 0; i < count; i++)
        changes_append(spare, run[i].character, run[i].change);
    for (size_t i = 0; i < count; i++)
        run[places[class_of(&spare->items[i])]++] = spare->items[i];
}

static void sort_marks(struct changes *changes, struct changes *spare)
{
    for (size_t start = 0; start < changes->count;) {
        size_t end = start;
        bool is_sorted = true;
        for (; end < changes->count && class_of(&changes->items[end]) != 0; end++)
            is_sorted = is_sorted && (end == start || class_of(&changes->items[end - 1]) <= class_of(&changes->items[end]));
        if (!is_sorted)
            sort_run(changes->items + start, end - start, spare);
        start = end + 1;
    }
}

static void decompose(struct token_work *work, const struct piece *piece, bool is_compatible)
{
    struct slice text = {work->text.bytes, piece->end};
    work->decomposed.count = 0;
    for (size_t at = piece->start; at < piece->end;) {
        uint32_t character, parts[DECOMPOSED_MAX];
        at += text_decode(text, at, &character);
        size_t count = character_decomposed(character, is_compatible, parts);
        for (size_t i = 0; i < count; i++)
            changes_append(&work->decomposed, parts[i], i == 0 ? 0 : 1);
    }
    sort_marks(&work->decomposed, &work->changes);
}

/* A starter takes up what composes with it and is not blocked; what is left follows it. */
static void compose(const struct changes *from, struct changes *to)
{
    size_t starter = SIZE_MAX; /* its place in `to` */
    unsigned last_class = 0; /* of the mark before that stayed; 0: none since the starter */
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        struct change next = from->items[i];
        unsigned class = token_kind_of(next.character).combining_class;
        bool is_blocked = last_class != 0 && last_class >= class;
        if (starter != SIZE_MAX && !is_blocked) {
            uint32_t both = composed_pair(to->items[starter].character, next.character);
            if (both != 0) {
                to->items[starter].character = both;
                to->items[starter].change += next.change - 1;
                continue;
            }
        }
        changes_append(to, next.character, next.change);
        if (class == 0) {
            starter = to->count - 1;
            last_class = 0;
        } else if (starter != SIZE_MAX) {
            last_class = class;
        }
    }
}

void normalize_form(struct token_work *work, const struct piece *piece, bool is_compatible, bool is_composed)
{
    decompose(work, piece, is_compatible);
    struct changes *result = &work->decomposed;
    if (is_composed) {
        compose(&work->decomposed, &work->changes);
        result = &work->changes;
    }
    token_work_transform(work, piece, piece->start, piece->end, result->items, result->count, 0);
}

struct slice text_composed(struct slice text, struct arena *arena)
{
    bool is_plain = true;
    utf8proc_uint8_t *composed = NULL;
    for (size_t i = 0; i < text.size && is_plain; i++)
        is_plain = (unsigned char)text.data[i] < 0x80;
    if (is_plain)
        return text;
    utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size, &composed,
                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (size >= 0 && !slice_equal(text, (struct slice){(const char *)composed, (size_t)size}))
        text = arena_slice(arena, (struct slice){(const char *)composed, (size_t)size});
    free(composed);
    return text;
}
