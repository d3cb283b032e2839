/* tidy.c - blocks made clean; secrets and personal data masked where the settings say so.
 *
 *   a file's own text    blocks are cleaned, and their runs still tell where each byte stands in the file
 *   text read out of it  the same; when anything changed, the text is written anew from the blocks, so that it is what is cited
 *   something is masked  the text is written anew from the blocks too: it must be nowhere in what is kept
 *
 * What is looked for is looked for in all blocks together: a key of many lines may be several paragraphs. */
#include "document.h"
#include "tidy.h"
#include "text/text.h"
#include <stdlib.h>

struct hidden {
    size_t start, end; /* in the blocks' texts behind one another */
    enum sensitive_kind kind;
};

struct hiding {
    uint32_t kinds;
    struct hidden *items;
    size_t count, capacity;
};

/* Columns of plain text are made of spaces; only there do people, or their programs, divide words at line ends. */
static unsigned steps_for(enum file_format format)
{
    unsigned steps = CLEAN_MOJIBAKE | CLEAN_MARKS | CLEAN_FORM;
    return format == FORMAT_TEXT ? steps | CLEAN_HYPHENS : steps | CLEAN_SPACES;
}

/* Whether any text has changed. */
static bool clean_blocks(struct tidying *tidying, struct slice text, struct blocks *blocks)
{
    struct clean_counts counts = {0};
    unsigned steps = steps_for(tidying->format);
    for (size_t i = 0; i < blocks->count; i++)
        clean_block(&blocks->items[i], steps, text, tidying->arena, &counts);
    blocks->title = clean_text(blocks->title, steps, tidying->arena, &counts);
    tidying->repaired = counts.mojibake;
    return counts.mojibake + counts.marks + counts.forms + counts.hyphens + counts.spaces > 0;
}

static bool note_hidden(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct hiding *hiding = context;
    if (!(hiding->kinds >> kind & 1))
        return true;
    hiding->items = memory_more(hiding->items, hiding->count, &hiding->capacity, sizeof(*hiding->items));
    hiding->items[hiding->count++] = (struct hidden){start, end, kind};
    return true;
}

static struct slice mask_value(struct tidying *tidying, struct slice text)
{
    struct hiding hiding = {.kinds = tidying->settings->masked_kinds};
    struct buffer masked;
    (void)sensitive_each(text, note_hidden, &hiding);
    size_t count = hiding.count;
    free(hiding.items);
    if (count == 0)
        return arena_slice(tidying->arena, text);
    buffer_init(&masked, LIMIT_DOCUMENT_BYTES_MAX);
    sensitive_mask(text, hiding.kinds, &masked);
    struct slice result = arena_slice(tidying->arena, buffer_slice(&masked));
    buffer_release(&masked);
    tidying->masked += count;
    return result;
}

/* A value behind a name like "password" is one that a text would have behind it: then nothing of it stays. */
static struct slice mask_named(struct tidying *tidying, struct slice name, struct slice text)
{
    struct hiding hiding = {.kinds = tidying->settings->masked_kinds & 1u << SENSITIVE_SECRET};
    struct buffer line;
    buffer_init(&line, LIMIT_DOCUMENT_BYTES_MAX);
    buffer_format(&line, SLICE_FORMAT ": \"", SLICE_ARGUMENT(name));
    buffer_append_slice(&line, text);
    buffer_append_byte(&line, '"');
    if (hiding.kinds != 0)
        (void)sensitive_each(buffer_slice(&line), note_hidden, &hiding);
    bool is_secret = hiding.count > 0;
    free(hiding.items);
    buffer_release(&line);
    if (!is_secret)
        return mask_value(tidying, text);
    tidying->masked++;
    return slice_from(arena_format(tidying->arena, "[%s]", sensitive_kind_label(SENSITIVE_SECRET)));
}

/* What the document states about itself, but for its labels. */
static void mask_head(struct tidying *tidying, struct blocks *blocks)
{
    struct head_value *head = arena_alloc(tidying->arena, blocks->head_count + 1, sizeof(*head));
    for (size_t i = 0; i < blocks->head_count; i++) {
        bool is_label = is_access_key(blocks->head[i].key);
        head[i] = blocks->head[i];
        head[i].key = arena_slice(tidying->arena, head[i].key);
        head[i].text = is_label ? arena_slice(tidying->arena, head[i].text) : mask_named(tidying, head[i].key, head[i].text);
    }
    blocks->head = head;
    blocks->title = mask_value(tidying, blocks->title);
    blocks->language = arena_slice(tidying->arena, blocks->language);
}

/* The blocks as text; each block's part of it without what is hidden, of which the first block has the mask. */
static bool write_anew(struct tidying *tidying, struct blocks *blocks, const struct hiding *hiding, struct error *error)
{
    struct buffer part;
    size_t start = 0, next = 0;
    buffer_init(&part, LIMIT_EXTRACT_BYTES);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        size_t end = start + block->text.size, at = start;
        buffer_clear(&part);
        while (next < hiding->count && hiding->items[next].start < end) {
            const struct hidden *it = &hiding->items[next];
            if (it->start >= at) {
                buffer_append_slice(&part, slice_range(block->text, at - start, it->start - start));
                buffer_format(&part, "[%s]", sensitive_kind_label(it->kind));
            }
            at = it->end < end ? it->end : end;
            if (it->end > end)
                break; /* it goes on in the next block */
            next++;
        }
        buffer_append_slice(&part, slice_range(block->text, at - start, block->text.size));
        extract_block(&tidying->made, block->kind, block->level, block->page, buffer_slice(&part));
        start = end + 1; /* a line end between them */
    }
    bool ok = buffer_finish(&part, "a part of the text", error);
    buffer_release(&part);
    tidying->is_new = true;
    if (!ok || !extract_finish(&tidying->made, error))
        return false;
    blocks->items = tidying->made.blocks.items;
    blocks->count = tidying->made.blocks.count;
    return true;
}

static bool find_hidden(const struct blocks *blocks, struct hiding *hiding, struct error *error)
{
    struct buffer all;
    buffer_init(&all, LIMIT_EXTRACT_BYTES + LIMIT_DOCUMENT_BYTES_MAX);
    for (size_t i = 0; i < blocks->count; i++) {
        buffer_append_slice(&all, blocks->items[i].text);
        buffer_append_byte(&all, '\n');
    }
    bool ok = buffer_finish(&all, "the text to be masked", error);
    if (ok)
        (void)sensitive_each(buffer_slice(&all), note_hidden, hiding);
    buffer_release(&all);
    return ok;
}

static size_t count_hidden(struct slice text, uint32_t kinds)
{
    struct hiding hiding = {.kinds = kinds};
    (void)sensitive_each(text, note_hidden, &hiding);
    free(hiding.items);
    return hiding.count;
}

bool tidy_blocks(struct tidying *tidying, struct slice text, struct blocks *blocks, struct error *error)
{
    struct hiding hiding = {.kinds = tidying->settings->masked_kinds};
    extract_init(&tidying->made, tidying->arena, LIMIT_EXTRACT_BYTES);
    bool is_changed = clean_blocks(tidying, text, blocks) && tidying->is_extracted, ok = true;
    if (hiding.kinds != 0) {
        if (!find_hidden(blocks, &hiding, error))
            return false;
        mask_head(tidying, blocks);
        tidying->masked += hiding.count;
        if (tidying->masked == 0 && !tidying->is_extracted)
            tidying->masked = count_hidden(text, hiding.kinds); /* in comments, scripts, targets of links: what is no block's */
    }
    if (is_changed || tidying->masked > 0) {
        if (hiding.kinds == 0)
            mask_head(tidying, blocks); /* masks nothing; the text that it lies in goes */
        ok = write_anew(tidying, blocks, &hiding, error);
    }
    free(hiding.items);
    return ok;
}
