/* cut.c - from the blocks of a document to passages.
 *
 *   section   what no passage crosses the ends of: the text below one heading; a record, a page, a function, by the unit
 *   pieces    of a section: blocks; a block over the limit is split into sentences, a sentence over it into words
 *   passage   as many pieces as fit; the next one begins with the last pieces again, up to `overlap` tokens
 *
 * With the units `fixed` and `page`, headings are text like any other. A passage's range runs from its first piece's first byte in the
 * source to its last piece's last; its text is what a person reads there, and before the row of a table its head. A heading with nothing
 * below it is a passage by itself. What a model is given of a passage (title, headings and text) is not more than it takes. */
#include "cut.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Long headings above millions of tiny sections would be stored millions of times: past this, a section keeps only its own. */
#define HEADINGS_BYTES_MAX (256 * MIB)

_Static_assert(LIMIT_DOCUMENT_BYTES_MAX <= UINT32_MAX / 4, "places and tokens of a piece fit into 32 bits");

enum {
    ROOM_LEAST = 16 /* tokens that are left for the text, whatever stands above it */,
    TABLE_ROWS_LOOKED_AT = 12 /* to tell its head */
};

size_t cut_tokens(const struct cutter *cutter, struct slice text)
{
    return token_meter_count(cutter->cutting->meter, text);
}

/* As many of the innermost headings as a model has room for beside the text: half of what it takes. */
static size_t first_heading(struct cutter *cutter, size_t *tokens)
{
    size_t most = cutter->cutting->tokens_max > 0 ? cutter->cutting->tokens_max / 2 : SIZE_MAX, first = LIMIT_HEADING_DEPTH;
    *tokens = 0;
    for (size_t i = LIMIT_HEADING_DEPTH; i > 0; i--) {
        struct slice heading = cutter->headings[i - 1];
        size_t more = heading.size > 0 ? cut_tokens(cutter, heading) : 0;
        bool is_over = cutter->joined_bytes > HEADINGS_BYTES_MAX || *tokens + more > most;
        if (is_over && first < LIMIT_HEADING_DEPTH)
            break;
        if (heading.size > 0)
            first = i - 1;
        *tokens += more;
    }
    return first;
}

/* The room that title and headings leave for the text: of what the settings allow, and of what the model takes. */
static size_t room_below(const struct cutter *cutter, size_t heading_tokens)
{
    const struct cutting *cutting = cutter->cutting;
    size_t taken = cutting->title_tokens + heading_tokens;
    if (cutting->tokens_max == 0)
        return cutting->tokens;
    size_t room = cutting->tokens_max > taken + ROOM_LEAST ? cutting->tokens_max - taken : ROOM_LEAST;
    return room < cutting->tokens ? room : cutting->tokens;
}

/* Joins the headings above what comes next, once for all its pieces. */
static void join_headings(struct cutter *cutter)
{
    struct buffer *joined = &cutter->scratch;
    size_t tokens;
    if (cutter->is_joined)
        return;
    buffer_clear(joined);
    for (size_t i = first_heading(cutter, &tokens); i < LIMIT_HEADING_DEPTH; i++) {
        if (cutter->headings[i].size == 0)
            continue;
        if (joined->size > 0)
            buffer_append_byte(joined, STORE_HEADING_SEPARATOR);
        buffer_append_slice(joined, cutter->headings[i]);
    }
    cutter->is_joined = true;
    cutter->joined = arena_slice(cutter->arena, buffer_slice(joined));
    cutter->joined_bytes += joined->size;
    cutter->limit = room_below(cutter, tokens);
}

/* A part of a block's text. One without words is left out, and what joins it goes to the next. */
void cut_add_piece(struct cutter *cutter, const struct block *block, struct slice text, size_t tokens)
{
    if (slice_trim(text).size == 0)
        return;
    size_t at = (size_t)(text.data - block->text.data);
    size_t start = block_source(block, at, false), end = block_source(block, at + text.size, true);
    struct piece piece = {.text = text,
                          .joint = cutter->joint,
                          .start = (uint32_t)(start < end ? start : end), /* text of the reader's own, between the two places */
                          .end = (uint32_t)(start < end ? end : start),
                          .page = block->page,
                          .tokens = (uint32_t)tokens,
                          .limit = (uint32_t)cutter->limit,
                          .headings = cutter->joined,
                          .lead = cutter->lead,
                          .lead_tokens = (uint32_t)cutter->lead_tokens};
    cutter->joint = "";
    cutter->pieces = memory_more(cutter->pieces, cutter->piece_count, &cutter->piece_capacity, sizeof(*cutter->pieces));
    cutter->pieces[cutter->piece_count++] = piece;
}

/* Counted anew: the estimates of its words, each rounded up, are more than that of all of them. */
static void add_text(struct cutter *cutter, const struct block *block, struct slice text)
{
    cut_add_piece(cutter, block, text, cut_tokens(cutter, text));
}

/* More than this and it is cut, whatever its tokens: white space and marks have none, but their bytes are stored and shown too. */
static size_t bytes_max(size_t token_limit)
{
    return 16 * token_limit;
}

/* The start of a word that is too long as a whole, in whole characters and of at most `limit` tokens. */
static size_t word_part(const struct cutter *cutter, struct slice word, size_t limit)
{
    size_t size = 4 * limit;
    if (size >= word.size)
        size = word.size;
    for (;; size /= 2) {
        while (size < word.size && ((unsigned char)word.data[size] & 0xC0) == 0x80)
            size++;
        if (size <= 4 || cut_tokens(cutter, slice_range(word, 0, size)) <= limit)
            return size;
    }
}

/* Runs of whole words, each run of at most `limit` tokens or one word. A word over `word_limit` (base64, a long line without
 * spaces) is cut. */
void cut_words(struct cutter *cutter, const struct block *block, struct slice text, size_t limit, size_t word_limit)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    size_t start = 0, tokens = 0;
    while (text_words_next(&words, &segment, &is_word)) {
        size_t at = (size_t)(segment.data - text.data), end = at + segment.size;
        size_t more = cut_tokens(cutter, segment);
        if ((tokens + more > limit || end - start > bytes_max(limit)) && at > start) {
            add_text(cutter, block, slice_range(text, start, at));
            start = at;
            tokens = 0;
        }
        tokens += more;
        while (tokens > word_limit || end - start > bytes_max(word_limit)) { /* this word alone: nothing stands before it */
            size_t part = word_part(cutter, slice_range(text, start, end), word_limit);
            if (start + part == end) {
                tokens = cut_tokens(cutter, slice_range(text, start, end));
                break;
            }
            add_text(cutter, block, slice_range(text, start, start + part));
            start += part;
        }
    }
    add_text(cutter, block, slice_range(text, start, text.size));
}

static void split_sentences(struct cutter *cutter, const struct block *block, size_t limit)
{
    struct text_sentences sentences = {.text = block->text};
    struct slice sentence;
    while (text_sentences_next(&sentences, &sentence)) {
        size_t tokens = cut_tokens(cutter, sentence);
        if (tokens > limit || sentence.size > bytes_max(limit))
            cut_words(cutter, block, sentence, limit, limit);
        else
            cut_add_piece(cutter, block, sentence, tokens);
    }
}

/* What stands before a block when it follows another in a passage. */
static const char *joint_before(const struct block *block)
{
    bool is_line = block->kind == BLOCK_TABLE_ROW || block->kind == BLOCK_ITEM || block->kind == BLOCK_TABLE_HEAD;
    return is_line ? "\n" : "\n\n";
}

static void add_pieces(struct cutter *cutter, const struct block *block, size_t limit)
{
    enum passage_unit unit = cutter->cutting->unit;
    size_t tokens = cut_tokens(cutter, block->text);
    bool is_over = tokens > limit || block->text.size > bytes_max(limit);
    if (unit == UNIT_FIXED)
        cut_words(cutter, block, block->text, 8, limit); /* small runs, so that passages fill up evenly */
    else if (unit == UNIT_CODE && block->kind == BLOCK_CODE && is_over)
        cut_code(cutter, block, limit);
    else if (unit == UNIT_SENTENCE || unit == UNIT_SEMANTIC || is_over)
        split_sentences(cutter, block, limit);
    else
        cut_add_piece(cutter, block, block->text, tokens);
}

/* Whether the unit ends a passage around this block whatever there is room for. */
static bool stands_alone(const struct cutter *cutter, const struct block *block)
{
    const struct cutting *cutting = cutter->cutting;
    return (cutting->unit == UNIT_RECORD && !cutting->join_records && block->kind == BLOCK_TABLE_ROW) ||
           (cutting->unit == UNIT_CODE && block->kind == BLOCK_CODE);
}

/* ---- heads of tables ---- */

/* The table whose rows are being cut. */
struct table {
    size_t body; /* the block that its first row below the head is; those before are its head */
    struct slice head; /* what of it was met */
    struct slice titled; /* with the last row of one cell, which is the title of those below it; empty: there is none */
};

static bool is_of_table(const struct block *block)
{
    return block->kind == BLOCK_TABLE_HEAD || block->kind == BLOCK_TABLE_ROW;
}

/* A table that begins at `first`. One whose head is empty has none, and not that of the one before. */
static struct table table_at(const struct blocks *blocks, size_t first)
{
    struct slice rows[TABLE_ROWS_LOOKED_AT];
    size_t count = 0;
    const struct block *block = &blocks->items[first];
    bool is_told = block->kind == BLOCK_TABLE_HEAD;
    for (; count < TABLE_ROWS_LOOKED_AT && first + count < blocks->count && is_of_table(block + count); count++)
        rows[count] = block[count].text;
    return (struct table){.body = first + text_table_heads(rows, count, is_told), .head = SLICE("")};
}

static bool has_cells(struct slice row)
{
    return row.size > 0 && memchr(row.data, '|', row.size) != NULL;
}

static struct slice below(struct cutter *cutter, struct slice first, struct slice second)
{
    if (first.size == 0 || second.size == 0)
        return first.size > 0 ? first : second;
    return slice_from(
        arena_format(cutter->arena, SLICE_FORMAT "\n" SLICE_FORMAT, SLICE_ARGUMENT(first), SLICE_ARGUMENT(second)));
}

/* What a row's passage repeats: the title too, where both are short. */
static struct slice lead_of(struct cutter *cutter, const struct table *table)
{
    if (table->titled.size == 0)
        return table->head;
    join_headings(cutter);
    return 2 * cut_tokens(cutter, table->titled) > cutter->limit ? table->head : table->titled;
}

/* A row of one cell between rows of several. */
static bool is_title(const struct table *table, const struct block *block, const struct block *next)
{
    return block->kind == BLOCK_TABLE_ROW && table->head.size > 0 && text_table_title(block->text) && next != NULL &&
           next->kind == BLOCK_TABLE_ROW && has_cells(next->text);
}

/* What each of its rows begins with, a table's head or a title, is no passage of its own. */
static bool is_repeated(struct cutter *cutter, const struct table *table, const struct block *block, const struct block *next)
{
    if (next == NULL || next->kind != BLOCK_TABLE_ROW || !stands_alone(cutter, next))
        return false;
    join_headings(cutter);
    return 2 * (cut_tokens(cutter, table->head) + cut_tokens(cutter, block->text)) <= cutter->limit;
}

/* A row leaves room for its table's head, as far as that stands above it. */
static void add_block(struct cutter *cutter, const struct block *block, struct slice table_head)
{
    bool is_alone = stands_alone(cutter, block), is_other_page = block->page != cutter->page;
    if (is_alone || (is_other_page && cutter->cutting->unit == UNIT_PAGE))
        cut_end_section(cutter);
    cutter->page = block->page;
    join_headings(cutter);
    cutter->joint = joint_before(block);
    cutter->lead = block->kind == BLOCK_TABLE_ROW ? table_head : SLICE("");
    cutter->lead_tokens = cut_tokens(cutter, cutter->lead);
    if (2 * cutter->lead_tokens > cutter->limit) { /* repeated for every passage of its table: only when it is short */
        cutter->lead = SLICE("");
        cutter->lead_tokens = 0;
    }
    add_pieces(cutter, block, cutter->limit - cutter->lead_tokens);
    if (is_alone)
        cut_end_section(cutter);
}

/* Line breaks in a part of the source: LF, CR, and CR LF as one. */
static size_t count_breaks(struct slice source, size_t from, size_t to)
{
    const char *end = source.data + to, *at;
    size_t breaks = 0;
    for (at = source.data + from; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        breaks++;
    for (at = source.data + from; at < end && (at = memchr(at, '\r', (size_t)(end - at))) != NULL; at++)
        breaks += at + 1 == source.data + source.size || at[1] != '\n';
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
    if (cutter->pieces[first].lead.size > 0) { /* a row without its head says little */
        buffer_append_slice(text, cutter->pieces[first].lead);
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
    return (size_t)piece->lead_tokens + piece->tokens;
}

void cut_end_section(struct cutter *cutter)
{
    size_t overlap = cutter->cutting->overlap, first = 0;
    const struct piece *pieces = cutter->pieces;
    if (cutter->cutting->unit == UNIT_SEMANTIC)
        cut_find_turns(cutter);
    while (first < cutter->piece_count) {
        size_t last = first + 1, tokens = tokens_from(&pieces[first]), limit = pieces[first].limit;
        while (last < cutter->piece_count && !pieces[last].is_turn && tokens + pieces[last].tokens <= limit)
            tokens += pieces[last++].tokens;
        add_passage(cutter, first, last);
        if (last == cutter->piece_count)
            break;
        if (pieces[last].is_turn) { /* what went before is of another subject */
            first = last;
            continue;
        }
        size_t again = last, repeated = 0; /* step back by whole pieces, but leave room for the next one */
        while (again > first + 1 && repeated + pieces[again - 1].tokens <= overlap &&
               repeated + tokens_from(&pieces[again - 1]) + pieces[last].tokens <= limit)
            repeated += pieces[--again].tokens;
        first = again;
    }
    cutter->piece_count = 0;
}

/* The beginning of a heading that is too long, in whole characters: for the catalog, or for half of what the model takes. */
static struct slice short_heading(const struct cutter *cutter, struct slice text)
{
    size_t most = cutter->cutting->tokens_max > 0 ? cutter->cutting->tokens_max / 2 : SIZE_MAX;
    size_t size = text.size < LIMIT_HEADING_BYTES ? text.size : LIMIT_HEADING_BYTES;
    for (;; size = size * 3 / 4) {
        while (size > 0 && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80)
            size--;
        text = slice_range(text, 0, size);
        if (size <= 4 || most == SIZE_MAX || cut_tokens(cutter, text) <= most)
            return text;
    }
}

static void set_heading(struct cutter *cutter, const struct block *block)
{
    assert(block->level >= 1 && block->level <= LIMIT_HEADING_DEPTH);
    struct slice text = short_heading(cutter, slice_trim(block->text));
    cutter->headings[block->level - 1] = arena_line(cutter->arena, text);
    for (size_t i = block->level; i < LIMIT_HEADING_DEPTH; i++)
        cutter->headings[i] = SLICE("");
    cutter->is_joined = false;
}

/* Whether headings end a section, or are text. */
static bool cuts_at_headings(enum passage_unit unit)
{
    return unit != UNIT_FIXED && unit != UNIT_PAGE;
}

bool cut_document(struct slice source, const struct blocks *blocks, const struct cutting *cutting, struct arena *arena,
                  struct passage_list *list, struct error *error)
{
    struct cutter cutter = {
        .source = source, .cutting = cutting, .arena = arena, .list = list, .line = 1, .ok = true, .error = error};
    bool cuts = cuts_at_headings(cutting->unit);
    assert(cutting->unit != UNIT_AUTO);
    buffer_init(&cutter.scratch, LIMIT_DOCUMENT_BYTES_MAX * 4);
    *list = (struct passage_list){0};
    struct table table = {0};
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i], *next = i + 1 < blocks->count ? block + 1 : NULL;
        if (block->kind == BLOCK_TABLE_HEAD || (block->kind == BLOCK_TABLE_ROW && (i == 0 || !is_of_table(block - 1))))
            table = table_at(blocks, i);
        if (block->kind != BLOCK_HEADING) {
            bool is_head = is_of_table(block) && i < table.body, is_above = is_head || is_title(&table, block, next);
            if (!is_above || !is_repeated(&cutter, &table, block, next))
                add_block(&cutter, block, is_above || !is_of_table(block) ? table.head : lead_of(&cutter, &table));
            if (is_head)
                table.head = below(&cutter, table.head, block->text);
            else if (is_above)
                table.titled = below(&cutter, table.head, block->text);
            continue;
        }
        if (cuts)
            cut_end_section(&cutter);
        set_heading(&cutter, block);
        bool is_alone = next == NULL || (next->kind == BLOCK_HEADING && next->level <= block->level);
        if (is_alone || !cuts)
            add_block(&cutter, block, SLICE(""));
    }
    cut_end_section(&cutter);
    free(cutter.pieces);
    buffer_release(&cutter.scratch);
    return cutter.ok;
}

void cut_passages(struct slice source, const struct blocks *blocks, const struct settings *settings, struct arena *arena,
                  struct passage_list *list)
{
    struct error error;
    struct cutting cutting = {.unit = settings->unit,
                              .tokens = settings->passage_tokens,
                              .overlap = settings->passage_overlap,
                              .join_records = settings->join_records};
    if (cutting.unit == UNIT_AUTO || cutting.unit == UNIT_SEMANTIC)
        cutting.unit = choose_unit(blocks, settings, /* has_model= */ false).unit;
    bool ok = cut_document(source, blocks, &cutting, arena, list, &error);
    assert(ok); /* nothing that can fail was asked for */
    (void)ok;
}
