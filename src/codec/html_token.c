/* html_token.c - text and tags (HTML standard, "Tokenization"). The standard's states are written here as what they amount to: each
 * function reads one part of a tag and knows what may follow it. */
#include "entity.h"
#include "html_scan.h"
#include "html_token.h"
#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD";

void html_tokenizer_init(struct html_tokenizer *tokenizer, struct slice source)
{
    memset(tokenizer, 0, sizeof(*tokenizer));
    tokenizer->source = source;
    buffer_init(&tokenizer->bytes, 4 * source.size + 64); /* a zero byte becomes three */
}

void html_tokenizer_release(struct html_tokenizer *tokenizer)
{
    buffer_release(&tokenizer->bytes);
}

const struct slice *html_attribute(const struct html_token *token, const char *name)
{
    for (size_t i = 0; i < token->attribute_count; i++)
        if (slice_equal_text(token->attributes[i].name, name))
            return &token->attributes[i].value;
    return NULL;
}

bool html_begins(const struct html_tokenizer *tokenizer, size_t at, const char *lower)
{
    const struct slice *source = &tokenizer->source;
    for (; *lower != '\0'; lower++, at++) {
        if (at >= source->size)
            return false;
        char c = source->data[at];
        if ((html_is_letter(c) ? (c | 0x20) : c) != *lower)
            return false;
    }
    return true;
}

static bool is_as_it_stands(char c, bool lower)
{
    return c != '\0' && c != '\r' && !(lower && c >= 'A' && c <= 'Z');
}

void html_append(struct html_tokenizer *tokenizer, struct slice bytes, bool lower)
{
    for (size_t at = 0, end; at < bytes.size; at = end + 1) {
        for (end = at; end < bytes.size && is_as_it_stands(bytes.data[end], lower);)
            end++;
        buffer_append(&tokenizer->bytes, bytes.data + at, end - at);
        if (end == bytes.size)
            break;
        char c = bytes.data[end];
        if (c == '\0')
            buffer_append_text(&tokenizer->bytes, replacement);
        else if (c == '\r') {
            buffer_append_byte(&tokenizer->bytes, '\n');
            end += end + 1 < bytes.size && bytes.data[end + 1] == '\n';
        } else
            buffer_append_byte(&tokenizer->bytes, (char)(c | 0x20));
    }
}

/* ---- tags ---- */

/* Appends what stands before a white space, "/", ">" or (`equals`) "=". */
static void read_name(struct html_tokenizer *tokenizer, bool equals)
{
    size_t start = tokenizer->at;
    while (!html_is_over(tokenizer)) {
        char c = html_byte(tokenizer);
        if (html_is_space(c) || c == '/' || c == '>' || (equals && c == '=' && tokenizer->at > start))
            break;
        tokenizer->at++;
    }
    html_append(tokenizer, slice_range(tokenizer->source, start, tokenizer->at), true);
}

/* Appends a value up to `quote`, or an unquoted one ('\0') up to white space or ">". False at the end of the source. */
static bool read_value(struct html_tokenizer *tokenizer, char quote)
{
    size_t start = tokenizer->at;
    for (; !html_is_over(tokenizer); tokenizer->at++) {
        char c = html_byte(tokenizer), decoded[ENTITY_BYTES_MAX];
        size_t size = 0, written;
        if (quote != '\0' ? c == quote : html_is_space(c) || c == '>')
            break;
        if (c != '&')
            continue;
        written = entity_read(slice_range(tokenizer->source, tokenizer->at, tokenizer->source.size), true, decoded, &size);
        if (written == 0)
            continue;
        html_append(tokenizer, slice_range(tokenizer->source, start, tokenizer->at), false);
        buffer_append(&tokenizer->bytes, decoded, written);
        tokenizer->at += size - 1;
        start = tokenizer->at + 1;
    }
    html_append(tokenizer, slice_range(tokenizer->source, start, tokenizer->at), false);
    if (html_is_over(tokenizer))
        return false;
    tokenizer->at += quote != '\0';
    return true;
}

/* Keeps the attribute at `places` unless its name stood before. */
static void keep_attribute(struct html_tokenizer *tokenizer, const size_t places[4])
{
    const char *bytes = tokenizer->bytes.data;
    size_t size = places[1] - places[0];
    if (tokenizer->attribute_count == HTML_ATTRIBUTES_MAX)
        return;
    for (size_t i = 0; i < tokenizer->attribute_count; i++) {
        const size_t *other = tokenizer->places[i];
        if (other[1] - other[0] == size && memcmp(bytes + other[0], bytes + places[0], size) == 0)
            return;
    }
    memcpy(tokenizer->places[tokenizer->attribute_count++], places, 4 * sizeof(size_t));
}

/* From the first byte of a name. False at the end of the source. */
static bool read_attribute(struct html_tokenizer *tokenizer)
{
    size_t places[4] = {tokenizer->bytes.size};
    bool is_whole = true;
    read_name(tokenizer, true);
    places[1] = places[2] = places[3] = tokenizer->bytes.size;
    html_skip_space(tokenizer);
    if (html_byte(tokenizer) == '=' && !html_is_over(tokenizer)) {
        tokenizer->at++;
        html_skip_space(tokenizer);
        char c = html_byte(tokenizer);
        if (c == '"' || c == '\'') {
            tokenizer->at++;
            is_whole = read_value(tokenizer, c);
        } else if (c != '>')
            is_whole = read_value(tokenizer, '\0');
        places[3] = tokenizer->bytes.size;
    }
    keep_attribute(tokenizer, places);
    return is_whole && !html_is_over(tokenizer);
}

static void point_at_attributes(struct html_tokenizer *tokenizer, struct html_token *token)
{
    const char *bytes = tokenizer->bytes.data ? tokenizer->bytes.data : "";
    for (size_t i = 0; i < tokenizer->attribute_count; i++) {
        const size_t *places = tokenizer->places[i];
        tokenizer->attributes[i] = (struct html_attribute){{bytes + places[0], places[1] - places[0]},
                                                           {bytes + places[2], places[3] - places[2]}};
    }
    token->attributes = tokenizer->attributes;
    token->attribute_count = tokenizer->attribute_count;
}

/* From the first letter of its name. A tag that the source ends in is dropped: false. */
static bool read_tag(struct html_tokenizer *tokenizer, struct html_token *token, enum html_kind kind)
{
    token->kind = kind;
    tokenizer->attribute_count = 0;
    read_name(tokenizer, false);
    size_t name_size = tokenizer->bytes.size;
    for (;;) {
        html_skip_space(tokenizer);
        if (html_is_over(tokenizer))
            return false;
        char c = html_byte(tokenizer);
        if (c == '>')
            break;
        if (c == '/') {
            tokenizer->at++;
            token->self_closing = html_byte(tokenizer) == '>' && !html_is_over(tokenizer);
        } else if (!read_attribute(tokenizer))
            return false;
    }
    tokenizer->at++;
    token->text = (struct slice){tokenizer->bytes.data, name_size};
    point_at_attributes(tokenizer, token);
    return true;
}

/* ---- text ---- */

static bool is_raw_end(const struct html_tokenizer *tokenizer, size_t at)
{
    size_t size = strlen(tokenizer->raw_name), end = at + 2 + size;
    if (size == 0 || !html_begins(tokenizer, at, "</") || !html_begins(tokenizer, at + 2, tokenizer->raw_name) ||
        end >= tokenizer->source.size)
        return false;
    char c = tokenizer->source.data[end];
    return html_is_space(c) || c == '/' || c == '>';
}

/* The name behind `at` (letters) is "script", and ends as a tag's name does. */
static bool is_script(const struct html_tokenizer *tokenizer, size_t at)
{
    size_t end = at + 6;
    if (!html_begins(tokenizer, at, "script") || end >= tokenizer->source.size)
        return false;
    char c = tokenizer->source.data[end];
    return html_is_space(c) || c == '/' || c == '>';
}

/* Where the text of a script ends: at its end tag, unless that stands in <!-- <script> … </script> -->. */
static size_t script_end(const struct html_tokenizer *tokenizer)
{
    enum { PLAIN, ESCAPED, DOUBLE } state = PLAIN;
    const struct slice *source = &tokenizer->source;
    for (size_t at = tokenizer->at; at < source->size; at++) {
        char c = source->data[at];
        if (c == '-' && state != PLAIN && html_begins(tokenizer, at, "-->")) {
            state = PLAIN;
            at += 2;
        } else if (c != '<') {
            continue;
        } else if (state == PLAIN && html_begins(tokenizer, at, "<!--")) {
            state = ESCAPED;
            at += 1; /* its dashes may be those of "-->" */
        } else if (state != DOUBLE && is_raw_end(tokenizer, at)) {
            return at;
        } else if (state == ESCAPED && is_script(tokenizer, at + 1)) {
            state = DOUBLE;
        } else if (state == DOUBLE && html_begins(tokenizer, at, "</") && is_script(tokenizer, at + 2)) {
            state = ESCAPED;
        }
    }
    return source->size;
}

static size_t find_text(struct slice text, const char *wanted)
{
    const char *found = text.size == 0 ? NULL : memmem(text.data, text.size, wanted, strlen(wanted));
    return found == NULL ? text.size : (size_t)(found - text.data);
}

/* Where the text at hand ends. In HTML_DATA: at the next "<". */
static size_t text_end(const struct html_tokenizer *tokenizer)
{
    struct slice rest = slice_range(tokenizer->source, tokenizer->at, tokenizer->source.size);
    switch (tokenizer->mode) {
    case HTML_PLAINTEXT:
        return tokenizer->source.size;
    case HTML_CDATA:
        return tokenizer->at + find_text(rest, "]]>");
    case HTML_SCRIPT:
        return script_end(tokenizer);
    default:
        break;
    }
    for (size_t at = tokenizer->at; at < tokenizer->source.size; at++) {
        const char *found = memchr(tokenizer->source.data + at, '<', tokenizer->source.size - at);
        if (found == NULL)
            break;
        at = (size_t)(found - tokenizer->source.data);
        if (tokenizer->mode == HTML_DATA || is_raw_end(tokenizer, at))
            return at;
    }
    return tokenizer->source.size;
}

/* A run of `text` as one token, which takes `size` bytes of the source. */
static void take_run(struct html_tokenizer *tokenizer, struct html_token *token, struct slice text, size_t size)
{
    token->kind = HTML_RUN;
    token->text = text;
    token->at = tokenizer->at;
    token->size = size;
    tokenizer->at += size;
}

/* A run that is not what stands in the source. */
static void take_decoded(struct html_tokenizer *tokenizer, struct html_token *token, const char *text, size_t text_size,
                         size_t size)
{
    buffer_append(&tokenizer->bytes, text, text_size);
    take_run(tokenizer, token, buffer_slice(&tokenizer->bytes), size);
}

/* The text from here to `end`, or the first part of it that is all plain or all decoded. */
static void read_run(struct html_tokenizer *tokenizer, struct html_token *token, size_t end)
{
    const char *data = tokenizer->source.data;
    bool has_references = tokenizer->mode == HTML_DATA || tokenizer->mode == HTML_RCDATA;
    bool keeps_zero = tokenizer->mode == HTML_DATA || tokenizer->mode == HTML_CDATA;
    char decoded[ENTITY_BYTES_MAX];
    size_t start = tokenizer->at, at = start, size = 0, written = 0;
    for (at = scan_run(data, at, end); at < end; at = scan_run(data, at + 1, end)) {
        if (data[at] == '&' && has_references) {
            written = entity_read(slice_range(tokenizer->source, at, end), false, decoded, &size);
            if (written > 0)
                break;
        } else if (data[at] == '\r' || (data[at] == '\0' && !keeps_zero))
            break;
    }
    if (at > start)
        take_run(tokenizer, token, slice_range(tokenizer->source, start, at), at - start);
    else if (written > 0)
        take_decoded(tokenizer, token, decoded, written, size);
    else if (data[at] == '\r')
        take_decoded(tokenizer, token, "\n", 1, at + 1 < tokenizer->source.size && data[at + 1] == '\n' ? 2 : 1);
    else
        take_decoded(tokenizer, token, replacement, 3, 1);
}

/* What begins with "<" in HTML_DATA. False when it is nothing: go on. */
static bool read_markup(struct html_tokenizer *tokenizer, struct html_token *token)
{
    size_t start = tokenizer->at;
    struct slice rest = slice_range(tokenizer->source, start, tokenizer->source.size);
    bool is_end = rest.size > 1 && rest.data[1] == '/';
    size_t name_at = is_end ? 2 : 1;
    char c = rest.size > name_at ? rest.data[name_at] : '\0';
    bool kept = true;
    if (html_is_letter(c)) {
        tokenizer->at = start + name_at;
        kept = read_tag(tokenizer, token, is_end ? HTML_END_TAG : HTML_START_TAG);
    } else if (is_end && c == '>') {
        tokenizer->at = start + 3;
        kept = false;
    } else if (is_end && rest.size > 2) {
        tokenizer->at = start + 2;
        html_bogus(tokenizer, token);
    } else if (!is_end && c == '!') {
        tokenizer->at = start + 2;
        html_markup(tokenizer, token);
    } else if (!is_end && c == '?') {
        tokenizer->at = start + 1;
        html_bogus(tokenizer, token);
    } else
        take_run(tokenizer, token, slice_range(rest, 0, name_at), name_at);
    token->at = start;
    token->size = tokenizer->at - start;
    return kept;
}

/* What a doctype has of its own is set where one is read: there are few of them, and many tokens. */
static void begin_token(struct html_token *token, size_t at)
{
    token->kind = HTML_END_OF_FILE;
    token->text = (struct slice){"", 0};
    token->at = at;
    token->size = 0;
    token->self_closing = false;
    token->attributes = NULL;
    token->attribute_count = 0;
}

void html_next(struct html_tokenizer *tokenizer, struct html_token *token)
{
    for (;;) {
        begin_token(token, tokenizer->at);
        buffer_clear(&tokenizer->bytes);
        if (html_is_over(tokenizer))
            return;
        if (tokenizer->run_end == 0) /* once for all runs of a text: it may be long, and have many */
            tokenizer->run_end = text_end(tokenizer);
        if (tokenizer->run_end > tokenizer->at) {
            read_run(tokenizer, token, tokenizer->run_end);
            return;
        }
        tokenizer->run_end = 0;
        if (tokenizer->mode == HTML_CDATA) {
            tokenizer->mode = HTML_DATA;
            tokenizer->at += 3;
            continue;
        }
        tokenizer->mode = HTML_DATA;
        if (read_markup(tokenizer, token))
            return;
    }
}
