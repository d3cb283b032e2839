/* cut.c - from the blocks of a document to passages.
 *
 *   section (below one heading)  =  pieces: blocks; a block over the limit is split into sentences, a sentence over it into words
 *   passage                      =  as many pieces as fit; the next one begins with the last pieces again, up to `overlap` tokens
 *
 * A passage never crosses a heading, except with unit `fixed`. Its range runs from its first piece's first byte in the source to its last
 * piece's last; its text is what a person reads there. A heading with nothing below it is a passage by itself. */
#include "ingest.h"
#include "text/text.h"
#include <assert.h>
#include <string.h>

struct piece {
    struct slice text;
    const char *joint; /* what stands between it and the piece before */
    size_t start, end; /* in the source */
    size_t tokens;
    struct slice table_head; /* of the table this row belongs to */
};

struct cutter {
    struct slice source;
    const struct settings *settings;
    struct arena *arena;
    struct passage_list *list;
    size_t capacity;
    struct piece *pieces; /* of the current section */
    size_t piece_count, piece_capacity;
    struct slice headings[LIMIT_HEADING_DEPTH];
    size_t line_at, line; /* the line number at byte line_at, so that counting goes on from there */
    struct buffer scratch;
};

static void add_piece(struct cutter *cutter, struct piece piece)
{
    if (slice_trim(piece.text).size == 0)
        return;
    cutter->pieces = arena_more(cutter->arena, cutter->pieces, cutter->piece_count, &cutter->piece_capacity,
                                sizeof(*cutter->pieces));
    cutter->pieces[cutter->piece_count++] = piece;
}

static struct piece piece_of(const struct block *block, struct slice text, const char *joint)
{
    size_t at = (size_t)(text.data - block->text.data);
    return (struct piece){.text = text,
                          .joint = joint,
                          .start = block_source(block, at, false),
                          .end = block_source(block, at + text.size, true),
                          .tokens = text_token_estimate(text)};
}

/* Runs of whole words, each of at most `limit` tokens. A word longer than that is cut at a character. */
static void split_words(struct cutter *cutter, const struct block *block, struct slice text, const char *joint, size_t limit)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    size_t start = 0, tokens = 0;
    while (text_words_next(&words, &segment, &is_word)) {
        size_t at = (size_t)(segment.data - text.data);
        size_t more = text_token_estimate(segment);
        if (tokens + more > limit && at > start) {
            add_piece(cutter, piece_of(block, slice_range(text, start, at), joint));
            joint = "";
            start = at;
            tokens = 0;
        }
        tokens += more;
        while (tokens > limit) { /* one "word" over the limit: base64, a long line without spaces */
            size_t half = start + 4 * limit, end = at + segment.size;
            while (half < end && ((unsigned char)text.data[half] & 0xC0) == 0x80)
                half++;
            if (half >= end)
                break;
            add_piece(cutter, piece_of(block, slice_range(text, start, half), joint));
            joint = "";
            start = half;
            tokens = text_token_estimate(slice_range(text, start, end));
        }
    }
    if (start < text.size)
        add_piece(cutter, piece_of(block, slice_range(text, start, text.size), joint));
}

static void split_sentences(struct cutter *cutter, const struct block *block, const char *joint)
{
    size_t limit = cutter->settings->passage_tokens;
    struct text_sentences sentences = {.text = block->text};
    struct slice sentence;
    while (text_sentences_next(&sentences, &sentence)) {
        if (text_token_estimate(sentence) > limit)
            split_words(cutter, block, sentence, joint, limit);
        else
            add_piece(cutter, piece_of(block, sentence, joint));
        joint = "";
    }
}

static void add_block(struct cutter *cutter, const struct block *block, struct slice table_head)
{
    enum passage_unit unit = cutter->settings->unit;
    bool is_line = block->kind == BLOCK_ITEM || block->kind == BLOCK_TABLE_HEAD || block->kind == BLOCK_TABLE_ROW;
    const char *joint = is_line ? "\n" : "\n\n";
    size_t before = cutter->piece_count;
    if (unit == UNIT_FIXED)
        split_words(cutter, block, block->text, joint, 8); /* small runs, so that passages fill up evenly */
    else if (unit == UNIT_SENTENCE || text_token_estimate(block->text) > cutter->settings->passage_tokens)
        split_sentences(cutter, block, joint);
    else
        add_piece(cutter, piece_of(block, block->text, joint));
    if (block->kind == BLOCK_TABLE_ROW)
        for (size_t i = before; i < cutter->piece_count; i++)
            cutter->pieces[i].table_head = table_head;
}

static struct slice joined_headings(struct cutter *cutter)
{
    struct buffer *joined = &cutter->scratch;
    buffer_clear(joined);
    for (size_t i = 0; i < LIMIT_HEADING_DEPTH; i++) {
        if (cutter->headings[i].size == 0)
            continue;
        if (joined->size > 0)
            buffer_append_byte(joined, STORE_HEADING_SEPARATOR);
        buffer_append_slice(joined, cutter->headings[i]);
    }
    return arena_slice(cutter->arena, buffer_slice(joined));
}

static size_t line_of(struct cutter *cutter, size_t at)
{
    if (at < cutter->line_at) {
        cutter->line_at = 0;
        cutter->line = 1;
    }
    const char *from = cutter->source.data + cutter->line_at, *end = cutter->source.data + at;
    while (from < end && (from = memchr(from, '\n', (size_t)(end - from))) != NULL) {
        from++;
        cutter->line++;
    }
    cutter->line_at = at;
    return cutter->line;
}

/* Pieces first … last-1 become a passage. */
static void add_passage(struct cutter *cutter, size_t first, size_t last, struct slice headings)
{
    struct buffer *text = &cutter->scratch;
    buffer_clear(text);
    if (cutter->pieces[first].table_head.size > 0) { /* a row without its head says little */
        buffer_append_slice(text, cutter->pieces[first].table_head);
        buffer_append_byte(text, '\n');
    }
    for (size_t i = first; i < last; i++) {
        if (i > first)
            buffer_append_text(text, cutter->pieces[i].joint);
        buffer_append_slice(text, cutter->pieces[i].text);
    }
    struct passage_list *list = cutter->list;
    list->items = arena_more(cutter->arena, list->items, list->count, &cutter->capacity, sizeof(*list->items));
    size_t start = cutter->pieces[first].start, end = cutter->pieces[last - 1].end;
    assert(start <= end && end <= cutter->source.size);
    size_t line = line_of(cutter, start);
    list->items[list->count++] = (struct store_passage){.text = arena_slice(cutter->arena, slice_trim(buffer_slice(text))),
                                                        .headings = headings,
                                                        .start = (int64_t)start,
                                                        .end = (int64_t)end,
                                                        .line = (int64_t)line,
                                                        .line_end = (int64_t)line_of(cutter, end)};
}

static void end_section(struct cutter *cutter)
{
    size_t limit = cutter->settings->passage_tokens, overlap = cutter->settings->passage_overlap;
    size_t first = 0;
    struct slice headings = cutter->piece_count > 0 ? joined_headings(cutter) : SLICE("");
    while (first < cutter->piece_count) {
        size_t last = first, tokens = 0;
        while (last < cutter->piece_count && (last == first || tokens + cutter->pieces[last].tokens <= limit))
            tokens += cutter->pieces[last++].tokens;
        add_passage(cutter, first, last, headings);
        if (last == cutter->piece_count)
            break;
        size_t again = last, repeated = 0; /* step back by whole pieces, but leave room for the next one */
        while (again > first + 1 && repeated + cutter->pieces[again - 1].tokens <= overlap &&
               repeated + cutter->pieces[again - 1].tokens + cutter->pieces[last].tokens <= limit)
            repeated += cutter->pieces[--again].tokens;
        first = again;
    }
    cutter->piece_count = 0;
}

static void set_heading(struct cutter *cutter, const struct block *block)
{
    assert(block->level >= 1 && block->level <= LIMIT_HEADING_DEPTH);
    struct slice text = slice_trim(block->text);
    if (text.size > LIMIT_HEADING_BYTES) {
        text.size = LIMIT_HEADING_BYTES;
        while (text.size > 0 && ((unsigned char)text.data[text.size] & 0xC0) == 0x80) /* not within a character */
            text.size--;
    }
    cutter->headings[block->level - 1] = text;
    for (size_t i = block->level; i < LIMIT_HEADING_DEPTH; i++)
        cutter->headings[i] = SLICE("");
}

void cut_passages(struct slice source, const struct blocks *blocks, const struct settings *settings, struct arena *arena,
                  struct passage_list *list)
{
    struct cutter cutter = {.source = source, .settings = settings, .arena = arena, .list = list, .line = 1};
    buffer_init(&cutter.scratch, LIMIT_DOCUMENT_BYTES_MAX * 4);
    *list = (struct passage_list){0};
    struct slice table_head = {"", 0};
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        if (block->kind == BLOCK_TABLE_HEAD) /* repeated for every passage of its table: only when it is short */
            table_head = text_token_estimate(block->text) <= settings->passage_tokens / 2 ? block->text : SLICE("");
        if (block->kind != BLOCK_HEADING) {
            add_block(&cutter, block, table_head);
            continue;
        }
        if (settings->unit != UNIT_FIXED)
            end_section(&cutter);
        set_heading(&cutter, block);
        const struct block *next = i + 1 < blocks->count ? &blocks->items[i + 1] : NULL;
        if (next == NULL || (next->kind == BLOCK_HEADING && next->level <= block->level))
            add_block(&cutter, block, table_head);
    }
    end_section(&cutter);
    buffer_release(&cutter.scratch);
}
