#include "aligned.h"
#include "pattern.h"
#include "text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void aligned_release(struct aligned *aligned)
{
    free(aligned->bytes);
    free(aligned->starts);
    free(aligned->ends);
    *aligned = (struct aligned){0};
}

/* False when the text would grow past its limit. */
static bool make_room(struct aligned *aligned, size_t size)
{
    aligned->is_cut = aligned->is_cut || aligned->size + size > aligned->size_max;
    if (aligned->is_cut)
        return false;
    if (size <= aligned->capacity - aligned->size)
        return true;
    size_t capacity = memory_grown(aligned->capacity, aligned->size + size);
    aligned->bytes = memory_resize(aligned->bytes, capacity, 1);
    aligned->starts = memory_resize(aligned->starts, capacity, sizeof(*aligned->starts));
    aligned->ends = memory_resize(aligned->ends, capacity, sizeof(*aligned->ends));
    aligned->capacity = capacity;
    return true;
}

void aligned_append(struct aligned *aligned, const char *bytes, size_t size, uint32_t start, uint32_t end)
{
    if (!make_room(aligned, size))
        return;
    for (size_t i = 0; i < size; i++) {
        aligned->bytes[aligned->size + i] = bytes[i];
        aligned->starts[aligned->size + i] = start;
        aligned->ends[aligned->size + i] = end;
    }
    aligned->size += size;
}

void aligned_append_character(struct aligned *aligned, uint32_t character, uint32_t start, uint32_t end)
{
    char bytes[4];
    aligned_append(aligned, bytes, text_encode(character, bytes), start, end);
}

void aligned_copy(struct aligned *aligned, const struct aligned *from, size_t start, size_t end)
{
    assert(start <= end && end <= from->size && aligned != from);
    size_t size = end - start;
    if (size == 0 || !make_room(aligned, size))
        return;
    memcpy(aligned->bytes + aligned->size, from->bytes + start, size);
    memcpy(aligned->starts + aligned->size, from->starts + start, size * sizeof(*from->starts));
    memcpy(aligned->ends + aligned->size, from->ends + start, size * sizeof(*from->ends));
    aligned->size += size;
}

void aligned_original(struct aligned *aligned, struct slice text)
{
    aligned->size = 0;
    if (!make_room(aligned, text.size))
        return;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t size = text_decode(text, at, &character);
        aligned_append(aligned, text.data + at, size, (uint32_t)at, (uint32_t)(at + size));
        at += size;
    }
}

void pieces_append(struct pieces *pieces, struct piece piece)
{
    pieces->items = memory_more(pieces->items, pieces->count, &pieces->capacity, sizeof(*pieces->items));
    pieces->items[pieces->count++] = piece;
}

void changes_append(struct changes *changes, uint32_t character, int32_t change)
{
    if (changes->count >= changes->count_max) {
        changes->is_cut = true;
        return;
    }
    changes->items = memory_more(changes->items, changes->count, &changes->capacity, sizeof(*changes->items));
    changes->items[changes->count++] = (struct change){character, change};
}

void spans_append(struct spans *spans, size_t start, size_t end, bool is_match)
{
    spans->items = memory_more(spans->items, spans->count, &spans->capacity, sizeof(*spans->items));
    spans->items[spans->count++] = (struct span){start, end, is_match};
}

void token_work_release(struct token_work *work)
{
    aligned_release(&work->text);
    aligned_release(&work->other);
    free(work->pieces.items);
    free(work->other_pieces.items);
    free(work->changes.items);
    free(work->decomposed.items);
    free(work->spans.items);
    pattern_work_free(work->pattern);
    *work = (struct token_work){0};
}

static void set_limits(struct token_work *work, size_t size)
{
    size_t most = 64 * KIB + LIMIT_NORMALIZED_GROWTH * size;
    size_t ceiling = 4 * size > LIMIT_NORMALIZED_BYTES ? 4 * size : LIMIT_NORMALIZED_BYTES;
    most = most < ceiling ? most : ceiling;
    work->text.size_max = work->other.size_max = most;
    work->text.is_cut = work->other.is_cut = false;
    work->changes.count_max = work->decomposed.count_max = most; /* each becomes a byte at least */
    work->changes.is_cut = work->decomposed.is_cut = false;
    work->seen = 0;
    work->seen_max = LIMIT_NORMALIZED_ROUNDS * most;
    work->steps = work->steps_max = 0;
}

bool token_work_is_excess(const struct token_work *work)
{
    return work->text.is_cut || work->other.is_cut || work->changes.is_cut || work->decomposed.is_cut ||
           work->seen > work->seen_max || work->steps > work->steps_max;
}

void token_work_start(struct token_work *work, struct slice text)
{
    set_limits(work, text.size);
    aligned_original(&work->text, text);
    work->pieces.count = 0;
    if (work->text.size > 0)
        pieces_append(&work->pieces, (struct piece){.end = work->text.size});
}

static size_t character_size(const struct aligned *text, size_t at, size_t end)
{
    uint32_t character;
    return at < end ? text_decode((struct slice){text->bytes, end}, at, &character) : 0;
}

void token_work_transform(struct token_work *work, const struct piece *piece, size_t from, size_t to,
                          const struct change *changes, size_t count, size_t skipped)
{
    const struct aligned *text = &work->text;
    size_t at = from;
    for (; skipped > 0 && at < to; skipped--)
        at += character_size(text, at, to);
    for (size_t i = 0; i < count; i++) {
        uint32_t start = piece->shift, end = piece->shift;
        /* a new character shares the place of the one before; so does one that replaces more than there is */
        bool is_new = changes[i].change > 0 || at >= piece->end;
        size_t place = is_new ? at - 1 : at;
        if (!is_new || at > piece->start) {
            start = text->starts[place];
            end = text->ends[place];
        }
        aligned_append_character(&work->other, changes[i].character, start, end);
        if (changes[i].change <= 0)
            for (int64_t gone = changes[i].change; gone <= 0 && at < to; gone++)
                at += character_size(text, at, to);
    }
}

static void take_turns(struct token_work *work)
{
    struct pieces pieces = work->pieces;
    work->pieces = work->other_pieces;
    work->other_pieces = pieces;
}

void token_work_rewrite(struct token_work *work, const void *context,
                        void (*each)(const void *context, struct token_work *work, const struct piece *piece))
{
    if (token_work_is_excess(work))
        return;
    work->other.size = 0;
    work->other_pieces.count = 0;
    for (size_t i = 0; i < work->pieces.count; i++) {
        struct piece piece = work->pieces.items[i];
        size_t start = work->other.size;
        if (piece.is_token)
            aligned_copy(&work->other, &work->text, piece.start, piece.end);
        else
            each(context, work, &piece);
        if (work->other.size > start) {
            piece.start = start;
            piece.end = work->other.size;
            pieces_append(&work->other_pieces, piece);
        }
    }
    work->seen += work->text.size + work->other.size;
    struct aligned text = work->text;
    work->text = work->other;
    work->other = text;
    take_turns(work);
}

void token_work_cut(struct token_work *work, const void *context,
                    void (*each)(const void *context, struct token_work *work, const struct piece *piece))
{
    if (token_work_is_excess(work))
        return;
    work->seen += work->text.size;
    work->other_pieces.count = 0;
    for (size_t i = 0; i < work->pieces.count; i++) {
        struct piece piece = work->pieces.items[i];
        if (piece.is_token)
            pieces_append(&work->other_pieces, piece);
        else
            each(context, work, &piece);
    }
    take_turns(work);
}

void token_work_keep(struct token_work *work, const struct piece *piece, size_t start, size_t end)
{
    assert(start >= piece->start && end <= piece->end);
    if (start < end)
        pieces_append(&work->other_pieces, (struct piece){.start = start, .end = end, .shift = work->text.starts[start]});
}
