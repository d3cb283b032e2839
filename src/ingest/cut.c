/* cut.c - from the blocks of a document to passages.
 *
 *   section (below one heading)  =  pieces: blocks; a block over the limit is split into sentences, a sentence over it into words
 *   passage                      =  as many pieces as fit; the next one begins with the last pieces again, up to `overlap` tokens
 *
 * A passage never crosses a heading, except with unit `fixed`, where headings are text like any other. Its range runs from its first
 * piece's first byte in the source to its last piece's last; its text is what a person reads there, and before the row of a table
 * its head. A heading with nothing below it is a passage by itself. */
#include "ingest.h"
#include "text/text.h"
#include <assert.h>
#include <stdlib.h>

/* Long headings above millions of tiny sections would be stored millions of times: past this, a section keeps only its own. */
#define HEADINGS_BYTES_MAX (256 * MIB)

struct piece {
    struct slice text;
    const char *joint; /* what stands between it and the piece before */
    size_t start, end; /* in the source */
    unsigned page;
    size_t tokens;
    struct slice headings;   /* above it */
    struct slice table_head; /* of the table this row belongs to */
    size_t head_tokens;      /* what that adds when a passage begins here */
};

struct cutter {
    struct slice source;
    const struct settings *settings;
    struct arena *arena;
    struct passage_list *list;
    size_t capacity;
    struct piece *pieces; /* of the current section; freed at the end */
    size_t piece_count, piece_capacity;
    const char *joint;       /* before the next piece */
    struct slice table_head; /* for the pieces of a row */
    size_t head_tokens;
    struct slice headings[LIMIT_HEADING_DEPTH];
    struct slice joined; /* the headings, once a piece stands below them */
    bool is_joined;
    size_t joined_bytes; /* of all sections so far */
    size_t line_at, line; /* the line number at byte line_at, so that counting goes on from there */
    struct buffer scratch;
};

static struct slice joined_headings(struct cutter *cutter)
{
    struct buffer *joined = &cutter->scratch;
    if (cutter->is_joined)
        return cutter->joined;
    buffer_clear(joined);
    size_t first = 0;
    for (size_t i = 0; cutter->joined_bytes > HEADINGS_BYTES_MAX && i < LIMIT_HEADING_DEPTH; i++)
        if (cutter->headings[i].size > 0)
            first = i;
    for (size_t i = first; i < LIMIT_HEADING_DEPTH; i++) {
        if (cutter->headings[i].size == 0)
            continue;
        if (joined->size > 0)
            buffer_append_byte(joined, STORE_HEADING_SEPARATOR);
        buffer_append_slice(joined, cutter->headings[i]);
    }
    cutter->is_joined = true;
    cutter->joined = arena_slice(cutter->arena, buffer_slice(joined));
    cutter->joined_bytes += joined->size;
    return cutter->joined;
}

/* A part of a block's text. One without words is left out, and what joins it goes to the next. */
static void add_piece(struct cutter *cutter, const struct block *block, struct slice text)
{
    if (slice_trim(text).size == 0)
        return;
    size_t at = (size_t)(text.data - block->text.data);
    size_t start = block_source(block, at, false), end = block_source(block, at + text.size, true);
    struct piece piece = {.text = text,
                          .joint = cutter->joint,
                          .start = start < end ? start : end, /* text of the reader's own, between the two places */
                          .end = start < end ? end : start,
                          .page = block->page,
                          .tokens = text_token_estimate(text),
                          .headings = joined_headings(cutter),
                          .table_head = cutter->table_head,
                          .head_tokens = cutter->head_tokens};
    cutter->joint = "";
    cutter->pieces = memory_more(cutter->pieces, cutter->piece_count, &cutter->piece_capacity, sizeof(*cutter->pieces));
    cutter->pieces[cutter->piece_count++] = piece;
}

/* More than this and it is cut, whatever its tokens: white space and marks have none, but their bytes are stored and shown too. */
static size_t bytes_max(size_t token_limit)
{
    return 16 * token_limit;
}

/* The start of a word that is too long as a whole, in whole characters and of at most `limit` tokens. */
static size_t word_part(struct slice word, size_t limit)
{
    size_t size = 4 * limit;
    if (size >= word.size)
        size = word.size;
    for (;; size /= 2) {
        while (size < word.size && ((unsigned char)word.data[size] & 0xC0) == 0x80)
            size++;
        if (size <= 4 || text_token_estimate(slice_range(word, 0, size)) <= limit)
            return size;
    }
}

/* Runs of whole words, each run of at most `limit` tokens or one word. A word over `word_limit` (base64, a long line without
 * spaces) is cut. */
static void split_words(struct cutter *cutter, const struct block *block, struct slice text, size_t limit, size_t word_limit)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    size_t start = 0, tokens = 0;
    while (text_words_next(&words, &segment, &is_word)) {
        size_t at = (size_t)(segment.data - text.data), end = at + segment.size;
        size_t more = text_token_estimate(segment);
        if ((tokens + more > limit || end - start > bytes_max(limit)) && at > start) {
            add_piece(cutter, block, slice_range(text, start, at));
            start = at;
            tokens = 0;
        }
        tokens += more;
        while (tokens > word_limit || end - start > bytes_max(word_limit)) { /* this word alone: nothing stands before it */
            size_t part = word_part(slice_range(text, start, end), word_limit);
            if (start + part == end) {
                tokens = text_token_estimate(slice_range(text, start, end));
                break;
            }
            add_piece(cutter, block, slice_range(text, start, start + part));
            start += part;
        }
    }
    add_piece(cutter, block, slice_range(text, start, text.size));
}

static void split_sentences(struct cutter *cutter, const struct block *block, size_t limit)
{
    struct text_sentences sentences = {.text = block->text};
    struct slice sentence;
    while (text_sentences_next(&sentences, &sentence)) {
        if (text_token_estimate(sentence) > limit || sentence.size > bytes_max(limit))
            split_words(cutter, block, sentence, limit, limit);
        else
            add_piece(cutter, block, sentence);
    }
}

/* A row leaves room for its table's head. */
static void add_block(struct cutter *cutter, const struct block *block, struct slice table_head)
{
    enum passage_unit unit = cutter->settings->unit;
    size_t limit = cutter->settings->passage_tokens;
    bool is_row = block->kind == BLOCK_TABLE_ROW;
    cutter->joint = is_row || block->kind == BLOCK_ITEM || block->kind == BLOCK_TABLE_HEAD ? "\n" : "\n\n";
    cutter->table_head = is_row ? table_head : SLICE("");
    cutter->head_tokens = text_token_estimate(cutter->table_head);
    limit -= cutter->head_tokens;
    if (unit == UNIT_FIXED)
        split_words(cutter, block, block->text, 8, limit); /* small runs, so that passages fill up evenly */
    else if (unit == UNIT_SENTENCE || text_token_estimate(block->text) > limit || block->text.size > bytes_max(limit))
        split_sentences(cutter, block, limit);
    else
        add_piece(cutter, block, block->text);
}

/* Line breaks in a part of the source: LF, CR, and CR LF as one. */
static size_t count_breaks(struct slice source, size_t from, size_t to)
{
    size_t breaks = 0;
    for (size_t at = from; at < to; at++)
        breaks += source.data[at] == '\n' ||
                  (source.data[at] == '\r' && (at + 1 == source.size || source.data[at + 1] != '\n'));
    return breaks;
}

/* Counts on from the place asked for before, in either direction: an overlap goes back only a little. */
static size_t line_of(struct cutter *cutter, size_t at)
{
    if (at >= cutter->line_at)
        cutter->line += count_breaks(cutter->source, cutter->line_at, at);
    else
        cutter->line -= count_breaks(cutter->source, at, cutter->line_at);
    cutter->line_at = at;
    return cutter->line;
}

/* Pieces first … last-1 become a passage. */
static void add_passage(struct cutter *cutter, size_t first, size_t last)
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
                                                        .headings = cutter->pieces[first].headings,
                                                        .start = (int64_t)start,
                                                        .end = (int64_t)end,
                                                        .line = (int64_t)line,
                                                        .line_end = (int64_t)line_of(cutter, end),
                                                        .page = cutter->pieces[first].page};
}

/* What a passage from this piece on holds before anything else is put into it. */
static size_t tokens_from(const struct piece *piece)
{
    return piece->head_tokens + piece->tokens;
}

static void end_section(struct cutter *cutter)
{
    size_t limit = cutter->settings->passage_tokens, overlap = cutter->settings->passage_overlap;
    size_t first = 0;
    const struct piece *pieces = cutter->pieces;
    while (first < cutter->piece_count) {
        size_t last = first + 1, tokens = tokens_from(&pieces[first]);
        while (last < cutter->piece_count && tokens + pieces[last].tokens <= limit)
            tokens += pieces[last++].tokens;
        add_passage(cutter, first, last);
        if (last == cutter->piece_count)
            break;
        size_t again = last, repeated = 0; /* step back by whole pieces, but leave room for the next one */
        while (again > first + 1 && repeated + pieces[again - 1].tokens <= overlap &&
               repeated + tokens_from(&pieces[again - 1]) + pieces[last].tokens <= limit)
            repeated += pieces[--again].tokens;
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
    cutter->headings[block->level - 1] = arena_line(cutter->arena, text);
    for (size_t i = block->level; i < LIMIT_HEADING_DEPTH; i++)
        cutter->headings[i] = SLICE("");
    cutter->is_joined = false;
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
        else if (block->kind != BLOCK_TABLE_ROW) /* a table whose head is empty has none, and not that of the one before */
            table_head = SLICE("");
        if (block->kind != BLOCK_HEADING) {
            add_block(&cutter, block, table_head);
            continue;
        }
        if (settings->unit != UNIT_FIXED)
            end_section(&cutter);
        set_heading(&cutter, block);
        const struct block *next = i + 1 < blocks->count ? &blocks->items[i + 1] : NULL;
        bool is_alone = next == NULL || (next->kind == BLOCK_HEADING && next->level <= block->level);
        if (is_alone || settings->unit == UNIT_FIXED)
            add_block(&cutter, block, table_head);
    }
    end_section(&cutter);
    free(cutter.pieces);
    buffer_release(&cutter.scratch);
}
