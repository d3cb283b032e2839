/* http_form.c - multipart/form-data (RFC 7578), from bytes that come in pieces. What was not handed on yet is no longer than a part's head, or than a
 * delimiter: data is handed on as it comes. */
#include "codec.h"
#include <strings.h>

enum { TYPE_BYTES_MAX = 512, BOUNDARY_BYTES_MAX = 70, HEAD_BYTES_MAX = 4096, PARTS_MAX = 32 };

static bool refuse(struct error *error, const char *reason)
{
    return error_set(error, ERROR_INVALID, "the form cannot be read: %s", reason);
}

/* The value of NAME=… behind a semicolon, quoted or not; data NULL: it does not stand there. False: it is not as it should be. */
static bool parameter(struct slice field, const char *name, struct arena *arena, struct slice *value)
{
    size_t at = 0, size = strlen(name);
    *value = (struct slice){NULL, 0};
    if (!slice_find(field, ';', &at))
        return true;
    while (at < field.size) {
        at++; /* behind the semicolon */
        while (at < field.size && byte_among(field.data[at], " \t"))
            at++;
        bool is_it = field.size - at > size && strncasecmp(field.data + at, name, size) == 0 && field.data[at + size] == '=';
        while (at < field.size && field.data[at] != '=' && field.data[at] != ';')
            at++;
        if (at == field.size || field.data[at] == ';')
            continue;
        bool is_quoted = ++at < field.size && field.data[at] == '"';
        if (is_it && value->data != NULL)
            return false;
        char *text = is_it ? arena_alloc(arena, field.size - at + 1, 1) : NULL; /* of the one that is wanted alone */
        size_t count = 0;
        at += is_quoted;
        while (at < field.size && (is_quoted ? field.data[at] != '"' : field.data[at] != ';')) {
            at += is_quoted && field.data[at] == '\\' && at + 1 < field.size && byte_among(field.data[at + 1], "\"\\");
            if (text != NULL)
                text[count++] = field.data[at];
            at++;
        }
        if (is_quoted && at++ == field.size)
            return false;
        while (at < field.size && byte_among(field.data[at], " \t"))
            at++;
        if (at < field.size && field.data[at] != ';')
            return false;
        if (text != NULL)
            *value = is_quoted ? (struct slice){text, count} : slice_trim((struct slice){text, count});
    }
    return true;
}

bool http_form_init(struct http_form *form, struct slice type, struct error *error)
{
    static const char start[] = "multipart/form-data";
    struct slice boundary = {NULL, 0};
    bool fits = type.size >= sizeof(start) - 1 && strncasecmp(type.data, start, sizeof(start) - 1) == 0;
    *form = (struct http_form){.state = FORM_START};
    arena_init(&form->arena);
    buffer_init(&form->held, HEAD_BYTES_MAX + 2 * HTTP_FORM_PIECE_BYTES);
    if (type.size > TYPE_BYTES_MAX)
        return refuse(error, "its Content-Type is longer than 512 bytes");
    if (!fits || !parameter(type, "boundary", &form->arena, &boundary) || boundary.size == 0 ||
        boundary.size > BOUNDARY_BYTES_MAX)
        return refuse(error, "its Content-Type is not multipart/form-data with a boundary of 1 to 70 bytes");
    form->delimiter = slice_from(arena_format(&form->arena, "\r\n--" SLICE_FORMAT, SLICE_ARGUMENT(boundary)));
    return form->delimiter.size == boundary.size + 4 || refuse(error, "its boundary has a zero byte");
}

void http_form_release(struct http_form *form)
{
    buffer_release(&form->held);
    arena_release(&form->arena);
}

static bool read_line(struct http_form *form, struct slice line, struct error *error)
{
    size_t colon;
    struct slice value;
    if (!slice_find(line, ':', &colon))
        return refuse(error, "a part's head has a line without a colon");
    bool is_it = colon == 19 && strncasecmp(line.data, "content-disposition", 19) == 0;
    if (!is_it)
        return true;
    value = slice_trim(slice_range(line, colon + 1, line.size));
    if (form->part.name.data != NULL || value.size < 10 || strncasecmp(value.data, "form-data;", 10) != 0 ||
        !parameter(value, "name", &form->arena, &form->part.name) ||
        !parameter(value, "filename", &form->arena, &form->part.filename) || form->part.name.data == NULL)
        return refuse(error, "a part's Content-Disposition is not form-data with a name");
    return true;
}

/* A part's head, whole. */
static bool read_head(struct http_form *form, struct slice head, struct error *error)
{
    form->part = (struct http_form_part){0};
    if (++form->part_count > PARTS_MAX)
        return refuse(error, "it has more than 32 parts");
    while (head.size > 0) {
        const char *end = memmem(head.data, head.size, "\r\n", 2);
        size_t size = end != NULL ? (size_t)(end - head.data) : head.size;
        struct slice line = slice_range(head, 0, size);
        head = slice_range(head, end != NULL ? size + 2 : size, head.size);
        for (size_t i = 0; i < line.size; i++)
            if ((unsigned char)line.data[i] < ' ' && line.data[i] != '\t')
                return refuse(error, "a part's head has a control character");
        if (!read_line(form, line, error))
            return false;
    }
    return form->part.name.data != NULL || refuse(error, "a part has no Content-Disposition");
}

static void consume(struct http_form *form, size_t size)
{
    memmove(form->held.data, form->held.data + size, form->held.size - size);
    form->held.size -= size;
}

/* What is held, as far as it can be told what it is; `*moves`: something was, and more may be. */
static bool take_held(struct http_form *form, http_form_take *take, void *context, bool *moves, struct error *error)
{
    struct slice held = buffer_slice(&form->held), delimiter = form->delimiter;
    const char *found;
    *moves = false;
    switch (form->state) {
    case FORM_START: /* the first delimiter has no line before it */
        delimiter = slice_range(delimiter, 2, delimiter.size);
        if (held.size < delimiter.size)
            return true;
        if (!slice_starts_with(held, delimiter))
            return refuse(error, "it does not begin with its boundary");
        consume(form, delimiter.size);
        form->state = FORM_BETWEEN;
        break;
    case FORM_BETWEEN:
        if (held.size < 2)
            return true;
        if (!slice_starts_with(held, SLICE("\r\n")) && !slice_starts_with(held, SLICE("--")))
            return refuse(error, "a boundary is not at the end of its line");
        form->state = held.data[0] == '-' ? FORM_END : FORM_HEAD;
        consume(form, 2);
        break;
    case FORM_HEAD:
        found = memmem(held.data, held.size, "\r\n\r\n", 4);
        if (found == NULL)
            return held.size <= HEAD_BYTES_MAX || refuse(error, "a part's head is longer than 4 KiB");
        if (!read_head(form, slice_range(held, 0, (size_t)(found - held.data)), error))
            return false;
        consume(form, (size_t)(found - held.data) + 4);
        form->state = FORM_DATA;
        break;
    case FORM_DATA: {
        found = held.size > 0 ? memmem(held.data, held.size, delimiter.data, delimiter.size) : NULL;
        size_t sure = found != NULL                 ? (size_t)(found - held.data)
                      : held.size >= delimiter.size ? held.size - delimiter.size + 1
                                                    : 0;
        if ((sure > 0 || found != NULL) && !take(context, &form->part, slice_range(held, 0, sure), found != NULL, error))
            return false;
        consume(form, found != NULL ? sure + delimiter.size : sure);
        form->state = found != NULL ? FORM_BETWEEN : FORM_DATA;
        *moves = found != NULL;
        return true;
    }
    case FORM_END: /* what stands behind is nothing */
        consume(form, held.size);
        return true;
    }
    *moves = true;
    return true;
}

bool http_form_feed(struct http_form *form, struct slice bytes, http_form_take *take, void *context, struct error *error)
{
    while (bytes.size > 0) {
        size_t size = bytes.size < HTTP_FORM_PIECE_BYTES ? bytes.size : HTTP_FORM_PIECE_BYTES;
        buffer_append(&form->held, bytes.data, size);
        bytes = slice_range(bytes, size, bytes.size);
        if (form->held.failed)
            return refuse(error, "a part's head is longer than 4 KiB");
        for (bool moves = true; moves && form->held.size > 0;)
            if (!take_held(form, take, context, &moves, error))
                return false;
    }
    return true;
}

bool http_form_finish(const struct http_form *form, struct error *error)
{
    return form->state == FORM_END || refuse(error, "it ends before its last boundary");
}
