/* captions.c - WebVTT (W3C) and SubRip, as meetings and films are written down:
 *
 *   WEBVTT                                     head: up to the first empty line
 *
 *   12                                         a name, which may be missing
 *   00:01:04.000 --> 00:01:07.500 align:start  times: what makes the lines below a cue
 *   <v Anna>The refund window                  text, up to an empty line
 *   is <b>30 days</b>.
 *
 * Lines that no times stand above (NOTE, STYLE, REGION) are not said by anybody. */
#include "captions.h"
#include "block.h"
#include "entity.h"
#include <string.h>

enum { PARAGRAPH_BYTES = 600, PAUSE_MS = 4000, TOUCH_MS = 500, NAME_BYTES_MAX = 120 };

struct captions {
    struct block_collector collector;
    struct slice speaker;  /* of the paragraph; empty: nobody is named */
    struct slice voice;    /* who speaks now: to the end of its cue, or to </v> */
    struct slice last;     /* the line that was taken last: rolling captions show it once more */
    uint64_t end_ms;       /* of the cue before */
    bool touches;          /* the cue follows on it without a pause */
    bool is_open;          /* the paragraph has text */
};

/* ---- times ---- */

static bool take_number(struct slice *rest, uint64_t *number)
{
    size_t at = 0;
    *number = 0;
    while (at < rest->size && at < 9 && rest->data[at] >= '0' && rest->data[at] <= '9')
        *number = 10 * *number + (uint64_t)(rest->data[at++] - '0');
    *rest = slice_range(*rest, at, rest->size);
    return at > 0;
}

static bool take_byte(struct slice *rest, char a, char b)
{
    bool is_there = rest->size > 0 && (rest->data[0] == a || rest->data[0] == b);
    if (is_there)
        *rest = slice_range(*rest, 1, rest->size);
    return is_there;
}

/* "01:02:03.004", "02:03.004", and with a comma as SubRip has it. */
static bool take_time(struct slice *rest, uint64_t *ms)
{
    uint64_t part, seconds = 0;
    size_t parts = 0;
    do {
        if (!take_number(rest, &part))
            return false;
        seconds = 60 * seconds + part;
        parts++;
    } while (parts < 3 && take_byte(rest, ':', ':'));
    if (parts < 2 || !take_byte(rest, '.', ',') || !take_number(rest, &part))
        return false;
    *ms = 1000 * seconds + part;
    return true;
}

static bool read_times(struct slice line, uint64_t *start, uint64_t *end)
{
    struct slice rest = slice_trim(line);
    if (!take_time(&rest, start))
        return false;
    rest = slice_trim(rest);
    if (!slice_starts_with(rest, SLICE("-->")))
        return false;
    rest = slice_trim(slice_range(rest, 3, rest.size));
    return take_time(&rest, end);
}

/* ---- what is said ---- */

static void close_paragraph(struct captions *captions)
{
    if (captions->is_open)
        block_end(&captions->collector, BLOCK_PARAGRAPH, 0);
    captions->is_open = false;
}

/* Text between tags, at its place in the file. */
static void add_text(struct captions *captions, struct slice text)
{
    struct block_collector *collector = &captions->collector;
    size_t place = (size_t)(text.data - collector->source.data), from = 0;
    for (size_t at = 0, end, size; at < text.size; at = end) {
        char decoded[ENTITY_BYTES_MAX];
        end = at + 1;
        if (text.data[at] != '&')
            continue;
        while (end < text.size && end - at < ENTITY_NAME_BYTES_MAX && text.data[end] != ';')
            end++;
        size = end < text.size ? entity_decode(slice_range(text, at, end + 1), decoded) : 0;
        if (size == 0) {
            end = at + 1;
            continue;
        }
        end++;
        block_add_text(collector, slice_range(text, from, at), place + from);
        block_add_decoded(collector, (struct slice){decoded, size}, place + at, end - at);
        from = end;
    }
    block_add_text(collector, slice_range(text, from, text.size), place + from);
}

/* "<v Anna Berg>" names who speaks; "<v.loud Anna>" too. */
static bool names_speaker(struct slice tag, struct slice *speaker)
{
    size_t at = 1;
    if (tag.size < 3 || tag.data[0] != 'v' || (tag.data[1] != ' ' && tag.data[1] != '.'))
        return false;
    while (at < tag.size && tag.data[at] != ' ')
        at++;
    *speaker = slice_trim(slice_range(tag, at, tag.size));
    return speaker->size > 0 && speaker->size <= NAME_BYTES_MAX;
}

/* The paragraph goes on, behind what it has: a space, or who speaks before its first words. */
static void add_piece(struct captions *captions, struct slice piece, bool *is_new_line)
{
    struct block_collector *collector = &captions->collector;
    bool is_other = !captions->is_open || !slice_equal(captions->voice, captions->speaker);
    if (piece.size == 0 || (slice_trim(piece).size == 0 && is_other))
        return;
    if (is_other) {
        close_paragraph(captions);
        while (piece.data[0] == ' ' || piece.data[0] == '\t')
            piece = slice_range(piece, 1, piece.size);
    }
    captions->speaker = captions->voice;
    if (!captions->is_open && captions->speaker.size > 0) {
        block_add_text(collector, captions->speaker, SIZE_MAX); /* it may be named only before an earlier paragraph */
        block_add_text(collector, SLICE(": "), SIZE_MAX);
    } else if (captions->is_open && *is_new_line) {
        block_add_text(collector, SLICE(" "), SIZE_MAX);
    }
    captions->is_open = true;
    *is_new_line = false;
    add_text(captions, piece);
}

/* A line of a cue: pieces of text between tags. */
static void add_line(struct captions *captions, struct slice line)
{
    bool is_new_line = true;
    size_t from = 0;
    line = slice_trim(line);
    if (captions->touches && slice_equal(line, captions->last))
        return;
    captions->last = line;
    for (size_t at = 0, end; at < line.size; at++) {
        if (line.data[at] != '<')
            continue;
        for (end = at + 1; end < line.size && line.data[end] != '>'; end++)
            ;
        if (end == line.size)
            break; /* a "<" that begins no tag */
        struct slice speaker, tag = slice_range(line, at + 1, end);
        add_piece(captions, slice_range(line, from, at), &is_new_line);
        if (names_speaker(tag, &speaker))
            captions->voice = speaker;
        else if (slice_equal_text(tag, "/v"))
            captions->voice = SLICE("");
        from = end + 1;
        at = end;
    }
    if (from < line.size)
        add_piece(captions, slice_range(line, from, line.size), &is_new_line);
}

static bool ends_sentence(const struct captions *captions)
{
    struct slice text = slice_trim(buffer_slice(&captions->collector.text));
    char last = text.size > 0 ? text.data[text.size - 1] : ' ';
    return last == '.' || last == '?' || last == '!';
}

/* Before a cue: whether what it says begins a paragraph of its own. */
static void begin_cue(struct captions *captions, uint64_t start_ms)
{
    captions->touches = start_ms <= captions->end_ms + TOUCH_MS;
    captions->voice = SLICE("");
    bool is_pause = start_ms > captions->end_ms + PAUSE_MS;
    size_t size = captions->collector.text.size;
    if (captions->is_open && (is_pause || (size >= PARAGRAPH_BYTES && ends_sentence(captions)) || size >= 4 * PARAGRAPH_BYTES))
        close_paragraph(captions);
}

bool captions_is(struct slice source)
{
    struct slice rest = slice_without_mark(source), line;
    uint64_t start, end;
    if (slice_starts_with(rest, SLICE("WEBVTT")))
        return rest.size == 6 || (rest.data[6] != '\0' && strchr(" \t\r\n", rest.data[6]) != NULL);
    if (!block_next_line(&rest, &line))
        return false;
    line = slice_trim(line);
    return take_number(&line, &start) && line.size == 0 && block_next_line(&rest, &line) && read_times(line, &start, &end);
}

void captions_read(struct slice source, struct arena *arena, struct blocks *blocks)
{
    struct captions captions = {0};
    struct slice rest = source, line;
    bool is_cue = false;
    block_collector_init(&captions.collector, source, arena, blocks);
    while (block_next_line(&rest, &line)) {
        uint64_t start_ms, end_ms;
        if (slice_trim(line).size == 0) {
            is_cue = false;
        } else if (read_times(line, &start_ms, &end_ms)) {
            begin_cue(&captions, start_ms);
            captions.end_ms = end_ms;
            is_cue = true;
        } else if (is_cue) {
            add_line(&captions, line);
        }
    }
    close_paragraph(&captions);
    block_collector_release(&captions.collector);
}
