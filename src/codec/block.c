#include "block.h"
#include "base/base.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void block_collector_init(struct block_collector *collector, struct slice source, struct arena *arena, struct blocks *out)
{
    *collector = (struct block_collector){.source = source, .arena = arena, .out = out};
    /* A block's text is at most four times its source: U+FFFD and itself for a zero byte, " | " for a "|". */
    buffer_init(&collector->text, 4 * source.size + 1024);
    *out = (struct blocks){.title = {"", 0}, .language = {"", 0}};
}

void block_collector_release(struct block_collector *collector)
{
    buffer_release(&collector->text);
    free(collector->runs);
    collector->runs = NULL;
}

void block_add_text(struct block_collector *collector, struct slice text, size_t source_at)
{
    block_add_decoded(collector, text, source_at, text.size);
}

void block_add_decoded(struct block_collector *collector, struct slice text, size_t source_at, size_t source_size)
{
    if (text.size == 0)
        return;
    if (source_at != SIZE_MAX) {
        assert(source_at <= collector->source.size && source_size <= collector->source.size - source_at);
        collector->runs = memory_more(collector->runs, collector->run_count, &collector->run_capacity,
                                      sizeof(*collector->runs));
        collector->runs[collector->run_count++] = (struct block_run){collector->text.size, source_at, text.size, source_size};
    }
    buffer_append_slice(&collector->text, text);
}

static bool is_break(char byte)
{
    return byte == '\n' || byte == '\r';
}

static size_t line_start(struct slice source, size_t at)
{
    while (at > 0 && !is_break(source.data[at - 1]))
        at--;
    return at;
}

static size_t line_end(struct slice source, size_t at)
{
    while (at < source.size && !is_break(source.data[at]))
        at++;
    return at;
}

/* A table's row ends with its last word: what stood behind it is not of the text any more, nor are its runs. */
static void fit_runs(struct block_collector *collector)
{
    while (collector->run_count > 0 && collector->runs[collector->run_count - 1].text_at >= collector->text.size)
        collector->run_count--;
    if (collector->run_count == 0)
        return;
    struct block_run *last = &collector->runs[collector->run_count - 1];
    size_t size = collector->text.size - last->text_at;
    if (last->size > size) {
        if (last->source_size == last->size) /* as written, not decoded */
            last->source_size = size;
        last->size = size;
    }
}

void block_end(struct block_collector *collector, enum block_kind kind, unsigned level)
{
    fit_runs(collector);
    struct slice text = buffer_slice(&collector->text);
    struct blocks *out = collector->out;
    if (slice_trim(text).size > 0 && collector->run_count > 0) {
        out->items = arena_more(collector->arena, out->items, out->count, &collector->capacity, sizeof(*out->items));
        struct block *block = &out->items[out->count++];
        struct block_run *runs = arena_alloc(collector->arena, collector->run_count, sizeof(*runs));
        memcpy(runs, collector->runs, collector->run_count * sizeof(*runs));
        const struct block_run *last = &runs[collector->run_count - 1];
        *block = (struct block){.kind = kind,
                                .level = level,
                                .text = arena_slice(collector->arena, text),
                                .runs = runs,
                                .run_count = (uint32_t)collector->run_count, /* at the most one for each byte of a document */
                                .start = runs[0].source_at,
                                .end = last->source_at + last->source_size};
        if (!collector->is_exact) {
            block->start = line_start(collector->source, block->start);
            block->end = line_end(collector->source, block->end);
        }
        assert(block->start <= block->end);
    }
    buffer_clear(&collector->text);
    collector->run_count = 0;
}

size_t block_source(const struct block *block, size_t text_at, bool is_end)
{
    /* The number of runs that begin before text_at (for a start: at or before). */
    size_t low = 0, high = block->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (block->runs[middle].text_at < text_at + (is_end ? 0 : 1))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) /* before the first byte that stands in the source */
        return block->runs[0].source_at;
    const struct block_run *run = &block->runs[low - 1];
    size_t into = text_at - run->text_at;
    if (into < run->size && run->size == run->source_size)
        return run->source_at + into;
    if (into < run->size) /* within a character reference: all of it */
        return is_end ? run->source_at + run->source_size : run->source_at;
    bool is_between = !is_end && low < block->run_count; /* the byte was made by the reader: take the next from the source */
    return is_between ? block->runs[low].source_at : run->source_at + run->source_size;
}

bool block_next_line(struct slice *rest, struct slice *line)
{
    size_t end = 0;
    if (rest->size == 0)
        return false;
    while (end < rest->size && rest->data[end] != '\n' && rest->data[end] != '\r')
        end++;
    *line = slice_range(*rest, 0, end);
    bool is_pair = end + 1 < rest->size && rest->data[end] == '\r' && rest->data[end + 1] == '\n';
    *rest = slice_range(*rest, end == rest->size ? end : end + 1 + is_pair, rest->size);
    return true;
}

/* "Note:": it names what stands right below it, and not what comes then. */
static bool is_remark(struct slice line)
{
    static const struct slice words[] = {SLICE_CONSTANT("note"),    SLICE_CONSTANT("notes"),     SLICE_CONSTANT("please note"),
                                         SLICE_CONSTANT("warning"), SLICE_CONSTANT("important"), SLICE_CONSTANT("caution"),
                                         SLICE_CONSTANT("tip"),     SLICE_CONSTANT("attention"), SLICE_CONSTANT("example"),
                                         SLICE_CONSTANT("hinweis"), SLICE_CONSTANT("achtung"),   SLICE_CONSTANT("wichtig"),
                                         SLICE_CONSTANT("beispiel")};
    size_t size = line.size - (line.data[line.size - 1] == ':');
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (size == words[i].size && slice_has_letters(slice_range(line, 0, size), words[i]))
            return true;
    return false;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_capital(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* Letters: of ASCII, and those beyond it that are no signs like dashes; of scripts that need few, each counts for three. */
static size_t count_letters(struct slice text)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool is_letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= 0xC3 && byte != 0xE2);
        letters += byte > 0xE2 ? 3 : is_letter;
    }
    return letters;
}

/* "40 EUR", "Tickets cost 3 EUR", "3 May 2024", "10 - 12 Uhr": an amount, or numbers with less words than they are. */
static bool tells_value(struct slice line)
{
    size_t numbers = 0, words = 0, letters_most = 0;
    bool has_amount = false, is_behind_number = false, begins_with_number = false;
    struct slice rest = line, word;
    for (bool is_first = true; slice_next(&rest, ' ', &word); is_first = false) {
        size_t letters = count_letters(word);
        bool is_number = word.size > 0 && letters == 0 && is_digit(word.data[0]);
        bool is_marked = is_first && is_number && word.size > 1 && byte_among(word.data[word.size - 1], ".)");
        bool is_code = word.size == 3 && is_capital(word.data[0]) && is_capital(word.data[1]) && is_capital(word.data[2]);
        has_amount = has_amount || (is_behind_number && is_code && rest.size == 0) ||
                     memmem(word.data, word.size, "\xE2\x82\xAC", 3) != NULL || memchr(word.data, '$', word.size) != NULL ||
                     memmem(word.data, word.size, "\xC2\xA3", 2) != NULL;
        numbers += (is_number && !is_marked) || (word.size > 1 && letters == 0 && is_digit(word.data[word.size - 1]));
        words += letters > 1 || (letters == 1 && word.size > 1 && is_capital(word.data[0]));
        letters_most = letters > letters_most ? letters : letters_most;
        begins_with_number = begins_with_number || (is_first && is_number && !is_marked);
        is_behind_number = is_number;
    }
    return has_amount || numbers > words || (begins_with_number && words == 1 && letters_most <= 3);
}

/* Words and numbers; signs between them are none. */
static size_t count_words(struct slice text)
{
    size_t words = 0;
    struct slice word;
    while (slice_next(&text, ' ', &word))
        words += word.size > 0 && (count_letters(word) > 0 || is_digit(word.data[0]));
    return words;
}

bool block_is_name_of(struct slice line, size_t words_max)
{
    enum { NAME_BYTES_MAX = 100, LETTERS_MIN = 3 };
    line = slice_trim(line);
    if (line.size == 0 || line.size > NAME_BYTES_MAX || byte_among(line.data[line.size - 1], ".,;!") || is_remark(line))
        return false;
    for (size_t i = 0; i < line.size; i++)
        if (byte_among(line.data[i], "\n\t@") || (line.data[i] == ':' && i + 1 < line.size && line.data[i + 1] == ' '))
            return false;
    return count_words(line) <= words_max && count_letters(line) >= LETTERS_MIN && !tells_value(line);
}

bool block_is_name(struct slice line)
{
    enum { BYTES_MAX = 64, WORDS_MAX = 7, CAPITAL_WORDS_MAX = 9 };
    bool has_small = false;
    line = slice_trim(line);
    for (size_t i = 0; i < line.size; i++)
        has_small = has_small || (line.data[i] >= 'a' && line.data[i] <= 'z');
    if (line.size > 0 && line.data[line.size - 1] == '?')
        return block_is_name_of(line, SIZE_MAX);
    return line.size <= BYTES_MAX && block_is_name_of(line, has_small ? WORDS_MAX : CAPITAL_WORDS_MAX);
}

bool block_stands_alone(struct slice name)
{
    size_t words = 1;
    for (size_t i = 0; i < name.size; i++) {
        if (is_digit(name.data[i]) && i > 0)
            return false;
        words += name.data[i] == ' ';
    }
    return words < 4 && name.size > 0 && !byte_among(name.data[name.size - 1], ":?");
}

void block_raise_names(struct blocks *blocks, const bool *are_names)
{
    enum { TOGETHER_MAX = 2, LEVEL_MAX = 6 };
    unsigned level = 0;
    for (size_t first = 0, end; first < blocks->count; first = end) {
        end = first + 1;
        if (blocks->items[first].kind == BLOCK_HEADING)
            level = blocks->items[first].level;
        if (!are_names[first])
            continue;
        while (end < blocks->count && are_names[end])
            end++;
        if (end - first > TOGETHER_MAX || end == blocks->count || blocks->items[end].kind == BLOCK_HEADING)
            continue;
        bool is_pair = end - first == TOGETHER_MAX;
        unsigned below = level < LEVEL_MAX ? level + 1 : LEVEL_MAX;
        for (size_t i = first; i < end; i++, below += below < LEVEL_MAX) {
            if (is_pair && i == first && first > 0 && !block_stands_alone(blocks->items[i].text)) {
                below--; /* it ends what is above */
                continue;
            }
            blocks->items[i].kind = BLOCK_HEADING;
            blocks->items[i].level = below;
        }
        level = is_pair && first == 0 ? 1 : level; /* the page's title */
    }
}
