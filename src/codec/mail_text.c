/* mail_text.c - the lines of a mail's plain text into blocks: what was written, what is quoted, the signature.
 *
 *   Thanks, that works.              plain text, as plain_read has it
 *   On Monday, Ann wrote:            begins what is quoted
 *   > Did you try                    a paragraph of its own: quoted lines of one depth
 *   > the new filter?
 *   --                               a signature: the rest, if it is not quoted itself
 *   Bea
 *
 * With format=flowed (RFC 3676) a line that ends with a space goes on in the next one of the same depth. */
#include "mail_head.h"
#include <string.h>

enum { SIGNATURE_LINES_MAX = 12, DEPTH_MAX = 8, INTRODUCTION_BYTES_MAX = 200 };

struct body {
    struct extract *extract;
    struct buffer text; /* lines of the block at hand, or of plain text up to the next quote */
    unsigned depth;     /* of its quoting */
    bool is_flowed, drops_space;
    bool goes_on;       /* the line that was last ended in a space: the next one continues it */
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

/* "On …, Ann wrote:" in the languages that mail programs speak, and the lines they draw. */
static bool begins_quote(struct slice line)
{
    static const char *const ends[] = {"wrote:",
                                       "writes:",
                                       "schrieb:",
                                       "crit :",
                                       "crit:",
                                       "escribi\xC3\xB3:",
                                       "escribi\xC3\xB3 :",
                                       "scritto:",
                                       "escreveu:",
                                       "schreef:",
                                       "skrev:",
                                       "\xD0\xB0\xD0\xBB:",
                                       "\xE5\x86\x99\xE9\x81\x93\xEF\xBC\x9A"};
    static const char *const starts[] = {"-----Original Message-----", "-----Urspr", "---------- Forwarded message",
                                         "Begin forwarded message", "________________________________"};
    line = slice_trim(line);
    for (size_t i = 0; i < ARRAY_COUNT(starts); i++)
        if (slice_starts_with(line, slice_from(starts[i])))
            return true;
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++)
        if (line.size <= INTRODUCTION_BYTES_MAX && slice_ends_with(line, slice_from(ends[i])))
            return true;
    return false;
}

static void end_plain(struct body *body)
{
    struct blocks blocks;
    struct error error = {0};
    struct slice text = arena_slice(body->extract->arena, buffer_slice(&body->text));
    if (!plain_read(text, body->extract->arena, &blocks, &error))
        return; /* any text can be read */
    for (size_t i = 0; i < blocks.count; i++) {
        const struct block *block = &blocks.items[i];
        unsigned level = block->kind == BLOCK_HEADING && block->level < 6 ? block->level + 1
                                                                          : block->level; /* below the subject */
        extract_block(body->extract, block->kind, level, 0, block->text);
    }
}

static void end_block(struct body *body)
{
    if (body->text.size > 0 && body->depth == 0)
        end_plain(body);
    else
        extract_block(body->extract, BLOCK_PARAGRAPH, 0, 0, buffer_slice(&body->text));
    buffer_clear(&body->text);
    body->goes_on = false;
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
    body->goes_on = body->is_flowed && !is_signature && slice_ends_with(line, SLICE(" "));
    if (body->goes_on && body->drops_space)
        line = slice_range(line, 0, line.size - 1);
    buffer_append_slice(&body->text, line);
    if (!body->goes_on)
        buffer_append_byte(&body->text, '\n');
}

/* The rest of a text behind "-- " is a signature when it is short and nothing in it is quoted. */
static bool is_signature(struct slice rest)
{
    struct slice line;
    size_t size;
    for (unsigned count = 0; mail_next_line(&rest, &line); count++)
        if (count >= SIGNATURE_LINES_MAX || quote_depth(line, &size) > 0)
            return false;
    return true;
}

void mail_add_plain(struct extract *extract, struct slice text, bool is_flowed, bool drops_space)
{
    struct body body = {.extract = extract, .is_flowed = is_flowed, .drops_space = drops_space};
    struct slice rest = text, line;
    buffer_init(&body.text, (DEPTH_MAX + 3) * text.size + 64);
    while (mail_next_line(&rest, &line)) {
        size_t mark;
        unsigned depth = quote_depth(line, &mark);
        bool is_mark = depth == 0 && (slice_equal_text(line, "-- ") || slice_equal_text(line, "--"));
        if (is_mark && is_signature(rest)) {
            end_block(&body);
            extract_block(extract, BLOCK_PARAGRAPH, 0, 0, rest);
            break;
        }
        line = slice_range(line, mark, line.size);
        if (depth == 0 && is_flowed && slice_starts_with(line, SLICE(" ")))
            line = slice_range(line, 1, line.size); /* stuffed */
        if (depth == 0 && begins_quote(line)) {
            end_block(&body);
            extract_block(extract, BLOCK_PARAGRAPH, 0, 0, line);
            continue;
        }
        add_line(&body, line, depth);
    }
    end_block(&body);
    buffer_release(&body.text);
}
