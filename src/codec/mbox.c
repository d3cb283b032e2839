/* mbox.c - a folder of mails in one file: each begins with a line "From sender date", behind an empty line or at the beginning. Lines of
 * a mail that would look like one begin with ">" (mboxo, and mboxrd, where ">>From " is ">From "): one ">" goes. */
#include "mail_head.h"
#include <string.h>

/* "From ann@example.org Mon Jan  1 10:00:00 2024": a year and a time stand in it, which few sentences have. */
static bool is_envelope(struct slice line)
{
    bool has_time = false, has_year = false;
    if (!slice_starts_with(line, SLICE("From ")))
        return false;
    for (size_t i = 5; i + 3 < line.size; i++) {
        const char *c = line.data + i;
        has_time = has_time || (c[0] >= '0' && c[0] <= '9' && c[1] == ':' && c[2] >= '0' && c[2] <= '5');
        bool begins_number = c[-1] == ' ' && (c[0] == '1' || c[0] == '2') && (c[1] == '9' || c[1] == '0');
        has_year = has_year || (begins_number && c[2] >= '0' && c[2] <= '9' && c[3] >= '0' && c[3] <= '9');
    }
    return has_time && has_year;
}

bool mbox_is(struct slice source)
{
    struct slice line;
    return mail_next_line(&source, &line) && is_envelope(line);
}

static bool is_quoted_from(struct slice line)
{
    size_t marks = 0;
    while (marks < line.size && line.data[marks] == '>')
        marks++;
    return marks > 0 && slice_starts_with(slice_range(line, marks, line.size), SLICE("From "));
}

/* The message without one ">" before each "From "; itself when there is none. */
static struct slice unquoted(struct slice message, struct buffer *out)
{
    struct slice rest = message, line;
    size_t kept = 0;
    buffer_clear(out);
    for (struct slice before = rest; mail_next_line(&rest, &line); before = rest) {
        if (!is_quoted_from(line))
            continue;
        size_t at = message.size - before.size;
        buffer_append_slice(out, slice_range(message, kept, at));
        kept = at + 1;
    }
    if (kept == 0)
        return message;
    buffer_append_slice(out, slice_range(message, kept, message.size));
    return buffer_slice(out);
}

bool mbox_each(struct slice source, mbox_visitor *visit, void *context, struct error *error)
{
    struct slice rest = source, line;
    struct buffer plain;
    size_t start = SIZE_MAX; /* of the message at hand, behind its envelope */
    size_t number = 0;
    bool was_empty = true, ok = true;
    buffer_init(&plain, source.size + 1);
    while (ok) {
        size_t at = source.size - rest.size;
        bool has_line = mail_next_line(&rest, &line);
        if (has_line && !(was_empty && is_envelope(line))) {
            was_empty = line.size == 0;
            start = start == SIZE_MAX ? at : start; /* mail without an envelope before it */
            continue;
        }
        if (start != SIZE_MAX && slice_trim(slice_range(source, start, at)).size > 0)
            ok = visit(context, number++, unquoted(slice_range(source, start, at), &plain), error);
        if (!has_line)
            break;
        start = source.size - rest.size;
        was_empty = false;
    }
    buffer_release(&plain);
    return ok;
}
