/* mail_text.c - the lines of a mail's plain text into blocks: what was written, what is quoted, the signature.
 *
 *   Thanks, that works.              plain text, as plain_read has it
 *   --                               a signature, up to what is quoted
 *   Bea
 *   On Monday, Ann wrote:            a heading, where all that follows is quoted: below it stands another mail
 *   > Did you try                    its text, without the marks
 *   > the new filter?
 *
 * Where the writer went on below a quote, the heading would be wrong for what is theirs. There "On Monday, Ann wrote:" is a paragraph, and so are
 * quoted lines of one depth, with their marks. Outlook has no marks: its head of a mail ("From: …", "Sent: …") is the heading, since what
 * stands below one always is that mail.
 *
 * With format=flowed (RFC 3676) a line that ends with a space goes on in the next one of the same depth. */
#include "mail_head.h"
#include <string.h>

enum { SIGNATURE_LINES_MAX = 12, DEPTH_MAX = 8, INTRODUCTION_BYTES_MAX = 200, HEAD_LINES_MAX = 8, HEADING_LEVEL_MAX = 6 };

struct body {
    struct extract *extract;
    struct buffer text; /* of the block at hand, or of plain text up to the next quote */
    unsigned level;     /* of the heading above */
    unsigned marks;     /* that each line has, in a mail that is quoted to the end */
    unsigned depth;     /* of the block's quoting, behind them */
    bool is_flowed, drops_space;
    bool goes_on;       /* the line that was last ended in a space: the next one continues it */
    bool in_signature;
};

static unsigned quote_depth(struct slice line, size_t *size)
{
    unsigned depth = 0;
    size_t at = 0;
    *size = 0;
    while (at < line.size && line.data[at] == '>') {
        depth++;
        at++;
        *size = at;
        if (at < line.size && line.data[at] == ' ' && at + 1 < line.size && line.data[at + 1] == '>')
            at++; /* "> > " */
    }
    if (depth > 0 && *size < line.size && line.data[*size] == ' ')
        ++*size;
    return depth;
}

/* ---- where a quote begins ---- */

static bool has_digit(struct slice line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] >= '0' && line.data[i] <= '9')
            return true;
    return false;
}

/* "Am 5. Mai 2025 schrieb Ann:": the name stands last. */
static bool ends_with_name(struct slice line)
{
    static const char *const verbs[][2] = {
        {"Am ", " schrieb "}, {"Op ", " schreef "}, {"Den ", " skrev "}, {"P\xC3\xA5 ", " skrev "}};
    if (line.size == 0 || line.data[line.size - 1] != ':' || !has_digit(line))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
        if (slice_starts_with(line, slice_from(verbs[i][0])) &&
            memmem(line.data, line.size, verbs[i][1], strlen(verbs[i][1])) != NULL)
            return true;
    return false;
}

/* "On …, Ann wrote:" in the languages that mail programs speak. */
static bool is_introduction(struct slice line)
{
    static const char *const ends[] = {"wrote:",   "writes:",           "schrieb:",
                                       "crit :",   "crit\xC2\xA0:",     "crit\xE2\x80\xAF:",
                                       "crit:",    "escribi\xC3\xB3:",  "escribi\xC3\xB3 :",
                                       "scritto:", "escreveu:",         "schreef:",
                                       "skrev:",   "\xD0\xB0\xD0\xBB:", "\xE5\x86\x99\xE9\x81\x93\xEF\xBC\x9A"};
    line = slice_trim(line);
    if (line.size > INTRODUCTION_BYTES_MAX)
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
        if (slice_ends_with(line, slice_from(ends[i])))
            return true;
    return ends_with_name(line);
}

/* The lines that mail programs draw above one. */
static bool is_rule(struct slice line)
{
    static const char *const starts[] = {"-----Original Message-----",         "-----Urspr",
                                         "---------- Forwarded message",       "-------- Forwarded Message",
                                         "-------- Weitergeleitete Nachricht", "Begin forwarded message",
                                         "________________________________"};
    line = slice_trim(line);
    for (size_t i = 0; i < ARRAY_COUNT(starts); i++)
        if (slice_starts_with(line, slice_from(starts[i])))
            return true;
    return false;
}

/* "Name: …", with any kind of space before the colon, as the French write it. */
static bool has_name(struct slice line, const char *const *names, size_t count)
{
    static const char *const spaces[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "*"};
    line = slice_trim(line);
    while (line.size > 0 && line.data[0] == '*') /* "*From:* Ann": it was bold */
        line = slice_range(line, 1, line.size);
    for (size_t i = 0; i < count; i++) {
        if (!slice_starts_with(line, slice_from(names[i])))
            continue;
        struct slice behind = slice_range(line, strlen(names[i]), line.size);
        for (size_t j = 0; j < ARRAY_COUNT(spaces); j++)
            if (slice_starts_with(behind, slice_from(spaces[j])))
                behind = slice_range(behind, strlen(spaces[j]), behind.size);
        if (slice_starts_with(behind, SLICE(":")))
            return true;
    }
    return false;
}

static bool names_writer(struct slice line)
{
    static const char *const names[] = {"From", "Von", "De", "Da", "Van", "Fra", "Fr\xC3\xA5n", "Od"};
    return has_name(line, names, ARRAY_COUNT(names));
}

/* "4 May 2026 at 09:00": a year and a time. */
static bool has_year_and_time(struct slice line)
{
    bool has_year = false, has_time = false;
    for (size_t at = 0, end; at < line.size; at = end + 1) {
        for (end = at; end < line.size && line.data[end] >= '0' && line.data[end] <= '9';)
            end++;
        has_year = has_year || end == at + 4;
        has_time = has_time || (end > at && end <= at + 2 && end + 1 < line.size && line.data[end] == ':' &&
                                line.data[end + 1] >= '0' && line.data[end + 1] <= '5');
    }
    return has_year && has_time;
}

static bool has_address(struct slice line)
{
    size_t at;
    return slice_find(line, '@', &at) || (slice_find(line, '<', &at) && slice_find(line, '>', &at));
}

/* How many bytes of `lines` are the head of a mail below `writer`, "From: …": when it was sent, then whom to and what about. 0: it is none. Trains go
 * from and to on a date, too: two of an address, a subject, and a date with a time tell that it is a mail. */
static size_t head_size(struct slice writer, struct slice lines)
{
    static const char *const sent[] = {"Sent",    "Date",       "Gesendet",  "Datum",   "Envoy\xC3\xA9",
                                       "Inviato", "Data",       "Fecha",     "Enviado", "Enviado el",
                                       "Enviada", "Enviada em", "Verzonden", "Sendt",   "Skickat"};
    static const char *const subjects[] = {"Subject", "Betreff",   "Objet", "Asunto",     "Oggetto",
                                           "Assunto", "Onderwerp", "Emne",  "\xC3\x84mne"};
    struct slice rest = lines, line;
    size_t size = 0;
    bool is_sent = false, is_exact = false, has_subject = false;
    unsigned count = 0;
    for (; count < HEAD_LINES_MAX && mail_next_line(&rest, &line); count++) {
        size_t colon;
        line = slice_trim(line);
        if (line.size == 0 || !slice_find(line, ':', &colon) || colon > 16)
            break;
        bool is_date = has_name(line, sent, ARRAY_COUNT(sent));
        is_sent = is_sent || is_date;
        is_exact = is_exact || (is_date && has_year_and_time(line));
        has_subject = has_subject || has_name(line, subjects, ARRAY_COUNT(subjects));
        size = lines.size - rest.size;
    }
    return is_sent && count > 1 && has_address(writer) + has_subject + is_exact >= 2 ? size : 0;
}

bool mail_is_quote(struct slice heading)
{
    return is_introduction(heading) || names_writer(heading);
}

/* ---- blocks ---- */

static void end_plain(struct body *body)
{
    struct blocks blocks;
    struct error error = {0};
    struct slice text = arena_slice(body->extract->arena, buffer_slice(&body->text));
    if (!plain_read(text, body->extract->arena, &blocks, &error))
        return; /* any text can be read */
    for (size_t i = 0; i < blocks.count; i++) {
        const struct block *block = &blocks.items[i];
        unsigned level = block->kind == BLOCK_HEADING ? mail_level(body->level, block->level) : block->level;
        extract_block(body->extract, block->kind, level, 0, block->text);
    }
}

static void end_block(struct body *body)
{
    if (body->text.size > 0 && body->depth == 0 && !body->in_signature)
        end_plain(body);
    else
        extract_block(body->extract, BLOCK_PARAGRAPH, 0, 0, buffer_slice(&body->text));
    buffer_clear(&body->text);
    body->goes_on = body->in_signature = false;
}

static void add_line(struct body *body, struct slice line, unsigned depth)
{
    static const char marks[DEPTH_MAX + 1] = ">>>>>>>>";
    if (depth != body->depth)
        end_block(body);
    body->depth = depth;
    if (depth > 0 && slice_trim(line).size == 0) {
        end_block(body);
        return;
    }
    bool is_signature = slice_equal_text(line, "-- ");
    if (!body->goes_on && depth > 0) {
        buffer_append(&body->text, marks, depth < DEPTH_MAX ? depth : DEPTH_MAX);
        buffer_append_byte(&body->text, ' ');
    }
    body->goes_on = body->is_flowed && !is_signature && !body->in_signature && slice_ends_with(line, SLICE(" "));
    if (body->goes_on && body->drops_space)
        line = slice_range(line, 0, line.size - 1);
    buffer_append_slice(&body->text, line);
    if (!body->goes_on)
        buffer_append_byte(&body->text, '\n');
}

/* ---- lines ---- */

/* Takes a line off `rest`, without the marks that each has; `depth` is how many more there are. */
static bool next_line(const struct body *body, struct slice *rest, struct slice *line, unsigned *depth)
{
    size_t mark;
    if (!mail_next_line(rest, line))
        return false;
    *depth = quote_depth(*line, &mark);
    *depth -= *depth < body->marks ? *depth : body->marks;
    *line = slice_range(*line, mark, line->size);
    if (*depth == 0 && body->is_flowed && slice_starts_with(*line, SLICE(" ")))
        *line = slice_range(*line, 1, line->size); /* stuffed */
    return true;
}

/* Whether all that follows is quoted, and something is. */
static bool is_quoted_to_end(const struct body *body, struct slice rest)
{
    struct slice line;
    unsigned depth;
    bool is_quoted = false;
    while (next_line(body, &rest, &line, &depth)) {
        if (depth == 0 && slice_trim(line).size > 0)
            return false;
        is_quoted = is_quoted || depth > 0;
    }
    return is_quoted;
}

/* A head of a mail as Outlook has it, behind "From: …". Its lines have the marks of all others. */
static size_t head_size_below(const struct body *body, struct slice line, struct slice rest)
{
    return body->marks == 0 && names_writer(line) ? head_size(line, rest) : 0;
}

/* What stands behind "-- " is a signature when it is short. */
static bool is_signature(const struct body *body, struct slice rest)
{
    struct slice line;
    unsigned depth, count = 0;
    while (next_line(body, &rest, &line, &depth) && depth == 0 && !is_introduction(line) && !is_rule(line) &&
           head_size_below(body, line, rest) == 0)
        if (++count > SIGNATURE_LINES_MAX)
            return false;
    return true;
}

/* A line with the date that was too long and goes on in the next one, in which the introduction ends; it is taken off `rest` then. Where the date is
 * another one, that line stands for itself, but an address may have digits. */
static struct slice unwrapped(const struct body *body, struct slice line, struct slice *rest)
{
    struct slice after = *rest, next;
    unsigned depth;
    bool may_be_cut = has_digit(line) && !is_introduction(line) && line.size <= INTRODUCTION_BYTES_MAX &&
                      next_line(body, &after, &next, &depth) && depth == 0 && next.size <= INTRODUCTION_BYTES_MAX &&
                      (!has_digit(next) || slice_starts_with(next, SLICE("<")) || slice_ends_with(line, SLICE("<"))) &&
                      is_quoted_to_end(body, after);
    if (!may_be_cut)
        return line;
    struct slice whole = slice_from(
        arena_format(body->extract->arena, SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(line), SLICE_ARGUMENT(next)));
    if (!is_introduction(whole))
        return line;
    *rest = after;
    return whole;
}

/* A line that is drawn above the head of a mail says no more than that. */
static bool is_above_head(const struct body *body, struct slice rest)
{
    struct slice line;
    unsigned depth;
    while (next_line(body, &rest, &line, &depth))
        if (slice_trim(line).size > 0)
            return head_size_below(body, line, rest) > 0;
    return false;
}

/* A head below such a line, whatever the order of its lines: Thunderbird writes the subject first. */
static bool begin_forwarded(struct body *body, struct slice *rest, unsigned level)
{
    struct slice after = *rest, behind, line, writer = {"", 0};
    struct buffer others;
    unsigned depth;
    buffer_init(&others, rest->size + HEAD_LINES_MAX);
    for (unsigned i = 0; i < HEAD_LINES_MAX; i++, after = behind) {
        size_t colon;
        behind = after;
        if (!next_line(body, &behind, &line, &depth) || depth > 0 || !slice_find(line, ':', &colon))
            break;
        if (writer.size == 0 && names_writer(line)) {
            writer = slice_trim(line);
            continue;
        }
        buffer_append_slice(&others, line);
        buffer_append_byte(&others, '\n');
    }
    bool is_head = body->marks == 0 && writer.size > 0 && head_size(writer, buffer_slice(&others)) == others.size;
    if (is_head) {
        body->level = mail_level(level, 1);
        extract_block(body->extract, BLOCK_HEADING, body->level, 0, writer);
        extract_block(body->extract, BLOCK_PARAGRAPH, 0, 0, buffer_slice(&others));
        *rest = after;
    }
    buffer_release(&others);
    return is_head;
}

/* The heading of what is quoted, or the line that only introduces it; false for any other line. */
static bool begin_quote(struct body *body, struct slice line, struct slice *rest, unsigned level)
{
    line = unwrapped(body, line, rest);
    size_t head = head_size_below(body, line, *rest);
    bool is_introduced = is_introduction(line), is_mail = head > 0 || (is_introduced && is_quoted_to_end(body, *rest));
    if (!is_mail && !is_introduced && !is_rule(line))
        return false;
    end_block(body);
    if (is_rule(line) && (is_above_head(body, *rest) || begin_forwarded(body, rest, level)))
        return true;
    extract_block(body->extract, is_mail ? BLOCK_HEADING : BLOCK_PARAGRAPH, is_mail ? mail_level(level, 1) : 0, 0, line);
    extract_block(body->extract, BLOCK_PARAGRAPH, 0, 0, slice_range(*rest, 0, head));
    *rest = slice_range(*rest, head, rest->size);
    body->level = is_mail ? mail_level(level, 1) : body->level;
    body->marks += is_mail && head == 0;
    return true;
}

unsigned mail_level(unsigned above, unsigned level)
{
    return above + level < HEADING_LEVEL_MAX ? above + level : HEADING_LEVEL_MAX;
}

void mail_add_plain(struct extract *extract, struct slice text, unsigned level, bool is_flowed, bool drops_space)
{
    struct body body = {.extract = extract, .level = level, .is_flowed = is_flowed, .drops_space = drops_space};
    struct slice rest = text, line;
    unsigned depth;
    buffer_init(&body.text, (DEPTH_MAX + 3) * text.size + 64);
    while (next_line(&body, &rest, &line, &depth)) {
        if (depth == 0 && begin_quote(&body, line, &rest, level))
            continue;
        bool is_mark = depth == 0 && (slice_equal_text(line, "-- ") || slice_equal_text(line, "--"));
        if (is_mark && !body.in_signature && is_signature(&body, rest)) {
            end_block(&body);
            body.depth = 0;
            body.in_signature = true;
            continue;
        }
        add_line(&body, line, depth);
    }
    end_block(&body);
    buffer_release(&body.text);
}

/* ---- pages ---- */

/* Quotes of a page that are, each in the one before it, the only one, and that end where the page ends. */
struct quotes {
    size_t starts[DEPTH_MAX]; /* in the page */
    size_t count;
    bool are_all; /* the innermost of them has none in it */
};

static bool is_tag(struct slice page, size_t at, const char *lower)
{
    size_t size = strlen(lower);
    return at + size <= page.size && slice_equal_lower(slice_range(page, at, at + size), lower);
}

/* Whether a tag begins here that shows something by itself, or text. */
static bool is_shown(struct slice page, size_t at, bool in_tag)
{
    return in_tag ? false : page.data[at] == '<' ? is_tag(page, at, "<img") : !byte_among(page.data[at], "> \t\r\n");
}

static void read_quotes(struct slice page, struct quotes *quotes)
{
    size_t opened[DEPTH_MAX] = {0}, starts[DEPTH_MAX] = {0}, depth = 0, ended = 0;
    bool in_tag = false;
    for (size_t at = 0; at < page.size; at++) {
        bool begins = page.data[at] == '<' && is_tag(page, at, "<blockquote"),
             ends = page.data[at] == '<' && is_tag(page, at, "</blockquote");
        if (begins && depth < DEPTH_MAX && opened[depth]++ == 0)
            starts[depth] = at;
        depth += begins;
        depth -= ends && depth > 0;
        ended = ends ? ended + 1 : begins || is_shown(page, at, in_tag) ? 0 : ended;
        in_tag = page.data[at] == '<' || (in_tag && page.data[at] != '>');
    }
    for (quotes->count = 0; quotes->count < DEPTH_MAX && quotes->count < ended && opened[quotes->count] == 1; quotes->count++)
        quotes->starts[quotes->count] = starts[quotes->count];
    quotes->are_all = quotes->count < DEPTH_MAX && opened[quotes->count] == 0;
}

/* Whether the block is right before one of them, or the first in one, as Apple Mail has it. */
static bool is_at_quote(const struct quotes *quotes, const struct blocks *blocks, size_t i)
{
    size_t at = blocks->items[i].start, before = i > 0 ? blocks->items[i - 1].start : 0,
           behind = i + 1 < blocks->count ? blocks->items[i + 1].start : at;
    for (size_t j = 0; j < quotes->count; j++) {
        size_t start = quotes->starts[j];
        bool is_last = quotes->are_all && j + 1 == quotes->count;
        if ((at < start && start < behind) || (is_last && before < start && start < at && i > 0))
            return true;
    }
    return false;
}

void mail_add_page(struct extract *extract, struct slice page, const struct blocks *blocks, unsigned level)
{
    struct quotes quotes;
    unsigned above = level;
    read_quotes(page, &quotes);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        struct slice rest = block->text, line;
        bool has_line = block->kind == BLOCK_PARAGRAPH && mail_next_line(&rest, &line);
        bool is_head = has_line && names_writer(line) && head_size(line, rest) > 0;
        if (is_head || (has_line && rest.size == 0 && is_introduction(line) && is_at_quote(&quotes, blocks, i))) {
            above = mail_level(level, 1);
            extract_block(extract, BLOCK_HEADING, above, 0, line);
            extract_block(extract, BLOCK_PARAGRAPH, 0, 0, rest);
            continue;
        }
        unsigned own = block->kind == BLOCK_HEADING ? mail_level(above, block->level) : block->level;
        extract_block(extract, block->kind, own, 0, block->text);
    }
}
