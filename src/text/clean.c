/* clean.c - a block's text made right, while each of its bytes still knows where it stands in the source.
 *
 *   source  cafÃ© re-⏎turns     text   café returns        runs   [caf][é ◀ Ã©][ re][turns]
 *
 * Steps follow one another; each finds its changes, which are then made to text and runs together. */
#include "clean_parts.h"
#include "codec/codec.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MOJIBAKE_ROUNDS = 3 };

void edits_add(struct edits *edits, size_t at, size_t size, struct slice with)
{
    assert(edits->count == 0 || at >= edits->items[edits->count - 1].at + edits->items[edits->count - 1].size);
    edits->items = memory_more(edits->items, edits->count, &edits->capacity, sizeof(*edits->items));
    edits->items[edits->count++] = (struct edit){at, size, with};
}

/* ---- runs ---- */

struct moved {
    const struct block *block;
    struct block_run *runs;
    size_t run_count, run_at; /* the run of the block at which we are */
    size_t source_end; /* of the run that was added last */
};

static void add_run(struct moved *moved, struct block_run run)
{
    if (run.size == 0 || run.source_at < moved->source_end)
        return; /* another piece of what stands for one reference */
    moved->runs[moved->run_count++] = run;
    moved->source_end = run.source_at + run.source_size;
}

/* The runs of [start, end) of the old text, which now stands at `to`. */
static void keep_runs(struct moved *moved, size_t start, size_t end, size_t to)
{
    for (; moved->run_at < moved->block->run_count; moved->run_at++) {
        struct block_run run = moved->block->runs[moved->run_at];
        size_t from = run.text_at > start ? run.text_at : start, run_end = run.text_at + run.size;
        size_t until = run_end < end ? run_end : end;
        if (run.text_at >= end)
            return;
        if (from < until) {
            bool is_exact = run.size == run.source_size;
            struct block_run piece = {.text_at = to + (from - start),
                                      .size = until - from,
                                      .source_at = run.source_at,
                                      .source_size = run.source_size};
            if (is_exact) {
                piece.source_at += from - run.text_at;
                piece.source_size = piece.size;
            }
            add_run(moved, piece);
        }
        if (run_end > end)
            return; /* more of it may follow */
    }
}

static void replace_runs(struct moved *moved, const struct edit *edit, size_t to)
{
    size_t start = SIZE_MAX, end = 0, edit_end = edit->at + edit->size;
    for (size_t i = moved->run_at; i < moved->block->run_count && moved->block->runs[i].text_at < edit_end; i++) {
        const struct block_run *run = &moved->block->runs[i];
        size_t run_end = run->text_at + run->size;
        if (run_end <= edit->at)
            continue;
        bool is_exact = run->size == run->source_size;
        size_t from = is_exact && edit->at > run->text_at ? run->source_at + (edit->at - run->text_at) : run->source_at;
        size_t until = is_exact && edit_end < run_end ? run->source_at + (edit_end - run->text_at)
                                                      : run->source_at + run->source_size;
        start = from < start ? from : start;
        end = until > end ? until : end;
    }
    if (start < end)
        add_run(moved,
                (struct block_run){.text_at = to, .size = edit->with.size, .source_at = start, .source_size = end - start});
}

static void make_edits(struct block *block, const struct edits *edits)
{
    struct moved moved = {.block = block};
    struct buffer text;
    size_t at = 0, more = 0;
    for (size_t i = 0; i < edits->count; i++)
        more += edits->items[i].with.size;
    buffer_init(&text, block->text.size + more + 1);
    moved.runs = arena_alloc(edits->arena, block->run_count + 2 * edits->count + 1, sizeof(*moved.runs));
    for (size_t i = 0; i <= edits->count; i++) {
        const struct edit *edit = i < edits->count ? &edits->items[i] : NULL;
        size_t end = edit != NULL ? edit->at : block->text.size;
        keep_runs(&moved, at, end, text.size);
        buffer_append_slice(&text, slice_range(block->text, at, end));
        if (edit == NULL)
            break;
        if (edit->with.size > 0)
            replace_runs(&moved, edit, text.size);
        buffer_append_slice(&text, edit->with);
        at = edit->at + edit->size;
    }
    if (moved.run_count > 0 && slice_trim(buffer_slice(&text)).size > 0) { /* else nothing would be left of it */
        block->text = arena_slice(edits->arena, buffer_slice(&text));
        block->runs = moved.runs;
        block->run_count = (uint32_t)moved.run_count;
    }
    buffer_release(&text);
}

/* ---- steps ---- */

static void take_step(struct block *block, enum clean_step step, struct slice document, struct arena *arena,
                      struct clean_counts *counts)
{
    struct edits edits = {.arena = arena};
    size_t *count = &counts->spaces;
    switch (step) {
    case CLEAN_MOJIBAKE:
        clean_find_mojibake(block->text, &edits);
        count = &counts->mojibake;
        break;
    case CLEAN_MARKS:
        clean_find_marks(block->text, &edits);
        count = &counts->marks;
        break;
    case CLEAN_FORM:
        clean_find_forms(block->text, &edits);
        count = &counts->forms;
        break;
    case CLEAN_HYPHENS:
        clean_find_hyphens(block->text, document, &edits);
        count = &counts->hyphens;
        break;
    case CLEAN_SPACES:
        clean_find_spaces(block->text, &edits);
        break;
    }
    *count += edits.count;
    if (edits.count > 0)
        make_edits(block, &edits);
    free(edits.items);
}

/* A character beyond ASCII, white space that is not one space between words or a line's end, a hyphen before white space. Reads one byte more
 * than `count`: what follows the last. Every byte is looked at in the same way, so that the compiler takes many of them at once. */
static bool may_need_at(const unsigned char *bytes, size_t count, bool spaces, bool hyphens)
{
    unsigned char found = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char c = bytes[i], is_last = bytes[i + 1] <= ' ';
        unsigned char space = (c < ' ' && c != '\n') | (c == ' ' && is_last), hyphen = c == '-' && is_last;
        found |= (c >= 0x80) | (space & spaces) | (hyphen & hyphens);
    }
    return found != 0;
}

/* Most blocks of most documents need nothing: one look tells. */
static bool may_need(struct slice text, unsigned steps)
{
    enum { AT_ONCE = 512 };
    const unsigned char *bytes = (const unsigned char *)text.data;
    bool spaces = (steps & CLEAN_SPACES) != 0, hyphens = (steps & CLEAN_HYPHENS) != 0;
    if (text.size == 0)
        return false;
    size_t last = text.size - 1;
    for (size_t at = 0; at < last; at += AT_ONCE)
        if (may_need_at(bytes + at, last - at < AT_ONCE ? last - at : AT_ONCE, spaces, hyphens))
            return true;
    return may_need_at((const unsigned char[]){bytes[last], '\n'}, 1, spaces, hyphens);
}

void clean_block(struct block *block, unsigned steps, struct slice document, struct arena *arena, struct clean_counts *counts)
{
    if (!may_need(block->text, steps))
        return;
    static const enum clean_step order[] = {CLEAN_MARKS, CLEAN_FORM, CLEAN_HYPHENS, CLEAN_SPACES};
    for (size_t round = 0, before; round < MOJIBAKE_ROUNDS && (steps & CLEAN_MOJIBAKE); round++) {
        before = counts->mojibake;
        take_step(block, CLEAN_MOJIBAKE, document, arena, counts);
        if (counts->mojibake == before)
            break;
    }
    if (block->kind == BLOCK_CODE)
        steps &= CLEAN_MARKS; /* white space and hyphens mean something there */
    for (size_t i = 0; i < ARRAY_COUNT(order); i++)
        if (steps & order[i])
            take_step(block, order[i], document, arena, counts);
}

struct slice clean_text(struct slice text, unsigned steps, struct arena *arena, struct clean_counts *counts)
{
    struct block_run run = {.size = text.size, .source_size = text.size};
    struct block block = {.kind = BLOCK_PARAGRAPH, .text = text, .end = text.size, .runs = &run, .run_count = 1};
    if (text.size > 0)
        clean_block(&block, steps, text, arena, counts);
    return block.text;
}
