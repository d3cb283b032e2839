/* mail.c - a mail as a person reads it, and what is attached to it.
 *
 *   multipart/mixed                      text    Refund for order 7          (heading: the subject)
 *   ├ multipart/alternative                      From: … To: … Date: …
 *   │ ├ text/plain        ◀ read                 paragraphs, quotes, signature
 *   │ └ text/html                                Attachment: bill.pdf
 *   ├ message/rfc822      ◀ read below a heading of its own
 *   └ application/pdf     ◀ mail_each_part
 *
 * Of alternatives the plain text is read, unless there is far more in the other one. Nothing here trusts what a mail says of itself: parts
 * within parts end at PART_DEPTH_MAX, and all parts together at PARTS_MAX. */
#include "mail_head.h"
#include <string.h>

enum {
    PART_DEPTH_MAX = 24,
    PARTS_MAX = 10000,
    ALTERNATIVES_MAX = 32,
    BOUNDARY_BYTES_MAX = 256,
    FAR_SHORTER = 4 /* plain text of less than a quarter of the page's is a notice that there is a page */
};

struct part {
    struct slice head, body;
    struct slice type;        /* "text/plain" */
    struct slice type_value;  /* the whole field */
    struct slice name;        /* of a file; may be empty */
    bool is_attachment, is_inline;
};

struct mail {
    struct arena *arena;
    struct extract *extract; /* NULL: only what is attached is wanted */
    mail_part_visitor *visit; /* NULL: only the text is wanted */
    void *context;
    struct error *error;
    unsigned level; /* of the message's heading */
    size_t parts;
    bool failed;
};

static void read_part(struct mail *mail, struct slice source, const char *default_type, unsigned depth, bool with_text);
static void read_message(struct mail *mail, struct slice source, unsigned depth);

/* ---- a part by itself ---- */

static struct part part_from(struct mail *mail, struct slice source, const char *default_type)
{
    struct part part;
    mail_split(source, &part.head, &part.body);
    part.type_value = mail_field(part.head, "content-type", mail->arena);
    part.type = mail_main_value(part.type_value, mail->arena);
    size_t slash;
    if (slice_equal_text(part.type, "text"))
        part.type = SLICE("text/plain");
    else if (part.type.size == 0 || !slice_find(part.type, '/', &slash))
        part.type = slice_from(default_type);
    struct slice disposition = mail_field(part.head, "content-disposition", mail->arena);
    part.name = mail_parameter(disposition, "filename", mail->arena);
    if (part.name.size == 0)
        part.name = mail_parameter(part.type_value, "name", mail->arena);
    struct slice shown = mail_main_value(disposition, mail->arena);
    part.is_attachment = slice_equal_text(shown, "attachment");
    part.is_inline = !part.is_attachment &&
                     (slice_equal_text(shown, "inline") || mail_field(part.head, "content-id", mail->arena).size > 0);
    return part;
}

static bool is_type(const struct part *part, const char *start)
{
    return slice_starts_with(part->type, slice_from(start));
}

/* The bytes that the part's transfer encoding stands for: in `bytes`, or in the source. */
static struct slice part_bytes(struct mail *mail, const struct part *part, struct buffer *bytes)
{
    struct slice encoding = mail_main_value(mail_field(part->head, "content-transfer-encoding", mail->arena), mail->arena);
    if (slice_equal_text(encoding, "base64"))
        base64_decode(part->body, bytes);
    else if (slice_equal_text(encoding, "quoted-printable"))
        quoted_printable_decode(part->body, false, bytes);
    else
        return part->body;
    return buffer_slice(bytes);
}

/* The part's text in UTF-8; false when it is none. */
static bool part_text(struct mail *mail, const struct part *part, struct buffer *text)
{
    struct buffer bytes;
    struct error error = {0};
    const char *name;
    buffer_init(&bytes, part->body.size + 16);
    struct slice source = part_bytes(mail, part, &bytes), charset = mail_parameter(part->type_value, "charset", mail->arena);
    if (charset.size == 0 && is_type(part, "text/html"))
        charset = html_encoding(source);
    bool ok = encoding_detect(source, charset, &name) && encoding_to_utf8(source, name, text, &error);
    buffer_release(&bytes);
    return ok;
}

/* ---- text ---- */

static void add_html(struct mail *mail, struct slice text)
{
    struct blocks blocks;
    struct error error = {0};
    if (!html_read(text, mail->arena, &blocks, &error))
        return; /* any page can be read, but for its limits */
    mail_add_page(mail->extract, text, &blocks, mail->level);
}

static size_t html_text_size(struct mail *mail, struct slice text)
{
    struct blocks blocks;
    struct error error = {0};
    size_t size = 0;
    if (html_read(text, mail->arena, &blocks, &error))
        for (size_t i = 0; i < blocks.count; i++)
            size += blocks.items[i].text.size;
    return size;
}

static void add_text(struct mail *mail, const struct part *part)
{
    struct buffer text;
    buffer_init(&text, 3 * part->body.size + 16);
    if (part_text(mail, part, &text)) {
        if (is_type(part, "text/html"))
            add_html(mail, buffer_slice(&text));
        else {
            struct slice format = mail_parameter(part->type_value, "format", mail->arena);
            struct slice drops = mail_parameter(part->type_value, "delsp", mail->arena);
            mail_add_plain(mail->extract, buffer_slice(&text), mail->level, slice_equal_lower(format, "flowed"),
                           slice_equal_lower(drops, "yes"));
        }
    }
    buffer_release(&text);
}

/* ---- what is attached ---- */

static void visit_attachment(struct mail *mail, const struct part *part)
{
    struct buffer bytes;
    buffer_init(&bytes, part->body.size + 16);
    struct mail_part attachment = {
        .name = part->name, .type = part->type, .bytes = part_bytes(mail, part, &bytes), .is_inline = part->is_inline};
    if (!mail->visit(mail->context, &attachment, mail->error))
        mail->failed = true;
    buffer_release(&bytes);
}

static void take_attachment(struct mail *mail, const struct part *part, bool with_text)
{
    if (mail->visit != NULL)
        visit_attachment(mail, part);
    if (mail->extract == NULL || !with_text || part->name.size == 0)
        return;
    struct buffer line;
    buffer_init(&line, part->name.size + 32);
    buffer_append_text(&line, "Attachment: ");
    buffer_append_slice(&line, part->name);
    extract_block(mail->extract, BLOCK_ITEM, 1, 0, buffer_slice(&line));
    buffer_release(&line);
}

/* ---- parts within parts ---- */

struct walk {
    struct slice rest;
    struct slice boundary; /* with its "--" */
    bool is_over;
};

static bool is_delimiter(struct slice line, struct slice boundary, bool *is_last)
{
    if (!slice_starts_with(line, boundary))
        return false;
    struct slice behind = slice_range(line, boundary.size, line.size);
    *is_last = slice_starts_with(behind, SLICE("--"));
    return slice_trim(*is_last ? slice_range(behind, 2, behind.size) : behind).size == 0; /* else it only begins like ours */
}

/* The part up to the next delimiter; the line end before that belongs to it. */
static bool next_part(struct walk *walk, struct slice *part)
{
    struct slice start = walk->rest, line;
    if (walk->is_over)
        return false;
    for (;;) {
        struct slice before = walk->rest;
        if (!mail_next_line(&walk->rest, &line)) {
            walk->is_over = true; /* it was cut off: what there is counts */
            *part = start;
            return slice_trim(start).size > 0;
        }
        if (!is_delimiter(line, walk->boundary, &walk->is_over))
            continue;
        size_t size = start.size - before.size;
        size -= size > 0 && start.data[size - 1] == '\n';
        size -= size > 0 && start.data[size - 1] == '\r';
        *part = slice_range(start, 0, size);
        return true;
    }
}

static bool begin_walk(struct mail *mail, const struct part *part, struct walk *walk)
{
    struct slice boundary = mail_parameter(part->type_value, "boundary", mail->arena), preamble;
    if (boundary.size == 0 || boundary.size > BOUNDARY_BYTES_MAX)
        return false;
    char *marked = arena_format(mail->arena, "--" SLICE_FORMAT, SLICE_ARGUMENT(boundary));
    *walk = (struct walk){.rest = part->body, .boundary = {marked, boundary.size + 2}};
    (void)next_part(walk, &preamble);
    return true;
}

/* Which of the alternatives is read: the plain text, unless the page says far more. */
static size_t choose(struct mail *mail, const struct slice *sources, size_t count)
{
    size_t plain = SIZE_MAX, other = SIZE_MAX, html_size = 0, plain_size = 0;
    for (size_t i = 0; i < count; i++) {
        struct part part = part_from(mail, sources[i], "text/plain");
        struct buffer text;
        bool is_html = is_type(&part, "text/html"), is_plain = is_type(&part, "text/plain");
        if (!is_html && !is_plain && !is_type(&part, "multipart/"))
            continue;
        buffer_init(&text, 3 * part.body.size + 16);
        if (is_plain && plain == SIZE_MAX && part_text(mail, &part, &text)) {
            plain = i;
            plain_size = slice_trim(buffer_slice(&text)).size;
        } else if (!is_plain) {
            other = i;
            html_size = is_html && part_text(mail, &part, &text) ? html_text_size(mail, buffer_slice(&text)) : 0;
        }
        buffer_release(&text);
    }
    bool is_notice = plain_size == 0 || plain_size * FAR_SHORTER < html_size;
    return plain != SIZE_MAX && (other == SIZE_MAX || !is_notice) ? plain : other;
}

static void read_alternatives(struct mail *mail, struct walk *walk, unsigned depth, bool with_text)
{
    struct slice *sources = arena_alloc(mail->arena, ALTERNATIVES_MAX, sizeof(*sources));
    size_t count = 0;
    while (count < ALTERNATIVES_MAX && next_part(walk, &sources[count]))
        count++;
    size_t chosen = mail->extract != NULL && with_text ? choose(mail, sources, count) : SIZE_MAX;
    for (size_t i = 0; i < count; i++)
        read_part(mail, sources[i], "text/plain", depth + 1, with_text && (i == chosen || chosen == SIZE_MAX));
}

static void read_parts(struct mail *mail, const struct part *part, unsigned depth, bool with_text)
{
    struct walk walk;
    struct slice source;
    if (!begin_walk(mail, part, &walk)) {
        if (with_text && mail->extract != NULL)
            add_text(mail,
                     &(struct part){.head = {"", 0}, .body = part->body, .type = SLICE("text/plain"), .type_value = {"", 0}});
        return;
    }
    if (slice_equal_text(part->type, "multipart/alternative")) {
        read_alternatives(mail, &walk, depth, with_text);
        return;
    }
    bool is_digest = slice_equal_text(part->type, "multipart/digest");
    while (!mail->failed && next_part(&walk, &source))
        read_part(mail, source, is_digest ? "message/rfc822" : "text/plain", depth + 1, with_text);
}

static void read_part(struct mail *mail, struct slice source, const char *default_type, unsigned depth, bool with_text)
{
    if (depth > PART_DEPTH_MAX || mail->parts >= PARTS_MAX || mail->failed)
        return;
    mail->parts++;
    struct part part = part_from(mail, source, default_type);
    bool is_text = is_type(&part, "text/plain") || is_type(&part, "text/html") || is_type(&part, "message/delivery-status") ||
                   (is_type(&part, "text/") && part.name.size == 0 && !is_type(&part, "text/calendar") &&
                    !is_type(&part, "text/rfc822-headers"));
    bool is_file = part.is_attachment || (part.name.size > 0 && !is_type(&part, "text/plain") && !is_type(&part, "text/html"));
    if (is_type(&part, "multipart/"))
        read_parts(mail, &part, depth, with_text);
    else if (is_type(&part, "message/rfc822")) {
        struct buffer bytes;
        buffer_init(&bytes, part.body.size + 16);
        if (with_text || mail->extract == NULL)
            read_message(mail, part_bytes(mail, &part, &bytes), depth + 1);
        buffer_release(&bytes);
    } else if (is_text && !is_file) {
        if (mail->extract != NULL && with_text)
            add_text(mail, &part);
    } else
        take_attachment(mail, &part, with_text);
}

/* ---- a message ---- */

static void add_line(struct buffer *out, const char *name, struct slice value)
{
    if (value.size == 0)
        return;
    buffer_append_text(out, name);
    buffer_append_slice(out, value);
    buffer_append_byte(out, '\n');
}

static void add_head(struct mail *mail, struct slice head, unsigned depth)
{
    struct extract *extract = mail->extract;
    struct slice subject = mail_field_text(head, "subject", mail->arena), from = mail_field_text(head, "from", mail->arena);
    struct slice to = mail_field_text(head, "to", mail->arena),
                 date = mail_date(mail_field(head, "date", mail->arena), mail->arena);
    struct buffer lines;
    extract_block(extract, BLOCK_HEADING, mail->level, 0, subject);
    buffer_init(&lines, subject.size + from.size + to.size + 256);
    add_line(&lines, "From: ", from);
    add_line(&lines, "To: ", to);
    add_line(&lines, "Date: ", date);
    extract_block(extract, BLOCK_PARAGRAPH, 0, 0, buffer_slice(&lines));
    buffer_release(&lines);
    if (depth > 0)
        return;
    extract->blocks.title = subject;
    extract_head(extract, "from", from);
    extract_head(extract, "to", to);
    extract_head(extract, "cc", mail_field_text(head, "cc", mail->arena));
    extract_head(extract, "date", date);
    extract_head(extract, "subject", subject);
    extract_head(extract, "message_id", mail_field(head, "message-id", mail->arena));
    extract_head(extract, "in_reply_to", mail_field(head, "in-reply-to", mail->arena));
}

static void read_message(struct mail *mail, struct slice source, unsigned depth)
{
    struct slice head, body;
    unsigned above = mail->level;
    mail->level = mail_level(depth, 1);
    mail_split(source, &head, &body);
    if (mail->extract != NULL)
        add_head(mail, head, depth);
    read_part(mail, source, "text/plain", depth, true);
    mail->level = above;
}

bool mail_read(struct slice source, struct extract *extract, struct error *error)
{
    struct mail mail = {.arena = extract->arena, .extract = extract, .error = error};
    read_message(&mail, source, 0);
    return !mail.failed;
}

bool mail_each_part(struct slice source, struct arena *arena, mail_part_visitor *visit, void *context, struct error *error)
{
    struct mail mail = {.arena = arena, .visit = visit, .context = context, .error = error};
    read_message(&mail, source, 0);
    return !mail.failed;
}
