/* html_markup.c - comments and doctypes. */
#include "html_token.h"
#include <string.h>

static void take_comment(struct html_tokenizer *tokenizer, struct html_token *token, size_t start, size_t end, size_t next)
{
    token->kind = HTML_COMMENT;
    html_append(tokenizer, slice_range(tokenizer->source, start, end), false);
    token->text = buffer_slice(&tokenizer->bytes);
    tokenizer->at = next;
}

void html_bogus(struct html_tokenizer *tokenizer, struct html_token *token)
{
    size_t start = tokenizer->at, end = start;
    while (end < tokenizer->source.size && tokenizer->source.data[end] != '>')
        end++;
    take_comment(tokenizer, token, start, end, end + (end < tokenizer->source.size));
}

/* Behind "<!--". It ends at the first "-->" or "--!>"; at the end of the source the beginning of one does not count. */
static void read_comment(struct html_tokenizer *tokenizer, struct html_token *token)
{
    static const char *const beginnings[] = {"--!", "--", "-"};
    size_t start = tokenizer->at, end = start, size = tokenizer->source.size;
    if (html_begins(tokenizer, start, ">") || html_begins(tokenizer, start, "->")) {
        take_comment(tokenizer, token, start, start, start + (tokenizer->source.data[start] == '-' ? 2 : 1));
        return;
    }
    for (; end < size; end++) {
        if (tokenizer->source.data[end] != '-')
            continue;
        bool is_plain = html_begins(tokenizer, end, "-->");
        if (is_plain || html_begins(tokenizer, end, "--!>")) {
            take_comment(tokenizer, token, start, end, end + (is_plain ? 3 : 4));
            return;
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(beginnings); i++) {
        size_t length = strlen(beginnings[i]);
        if (end - start >= length && memcmp(tokenizer->source.data + end - length, beginnings[i], length) == 0) {
            end -= length;
            break;
        }
    }
    take_comment(tokenizer, token, start, end, size);
}

/* ---- doctypes ---- */

struct identifier {
    bool is_there;
    size_t start, end; /* in the tokenizer's bytes */
};

/* A quoted identifier, if one stands here. False when the doctype ends within it. */
static bool read_identifier(struct html_tokenizer *tokenizer, struct identifier *identifier)
{
    char quote = html_byte(tokenizer);
    if (quote != '"' && quote != '\'')
        return true;
    size_t start = ++tokenizer->at;
    while (!html_is_over(tokenizer) && html_byte(tokenizer) != quote && html_byte(tokenizer) != '>')
        tokenizer->at++;
    identifier->is_there = true;
    identifier->start = tokenizer->bytes.size;
    html_append(tokenizer, slice_range(tokenizer->source, start, tokenizer->at), false);
    identifier->end = tokenizer->bytes.size;
    if (html_is_over(tokenizer) || html_byte(tokenizer) == '>')
        return false;
    tokenizer->at++;
    return true;
}

/* Behind the name. True when all of it is as it should be. */
static bool read_identifiers(struct html_tokenizer *tokenizer, struct identifier *public_id, struct identifier *system_id)
{
    bool is_public = html_begins(tokenizer, tokenizer->at, "public");
    if (!is_public && !html_begins(tokenizer, tokenizer->at, "system"))
        return false;
    tokenizer->at += 6;
    html_skip_space(tokenizer);
    struct identifier *first = is_public ? public_id : system_id;
    if (!read_identifier(tokenizer, first) || !first->is_there)
        return false;
    html_skip_space(tokenizer);
    if (is_public && html_byte(tokenizer) != '>') {
        if (!read_identifier(tokenizer, system_id) || !system_id->is_there)
            return false;
        html_skip_space(tokenizer);
    }
    return !html_is_over(tokenizer); /* anything behind the last one is passed over */
}

/* Behind "<!DOCTYPE". */
static void read_doctype(struct html_tokenizer *tokenizer, struct html_token *token)
{
    struct identifier public_id = {0}, system_id = {0};
    token->kind = HTML_DOCTYPE;
    html_skip_space(tokenizer);
    size_t start = tokenizer->at;
    while (!html_is_over(tokenizer) && html_byte(tokenizer) != '>' && !html_is_space(html_byte(tokenizer)))
        tokenizer->at++;
    html_append(tokenizer, slice_range(tokenizer->source, start, tokenizer->at), true);
    size_t name_size = tokenizer->bytes.size;
    html_skip_space(tokenizer);
    bool is_right = name_size > 0 && !html_is_over(tokenizer) &&
                    (html_byte(tokenizer) == '>' || read_identifiers(tokenizer, &public_id, &system_id));
    while (!html_is_over(tokenizer) && html_byte(tokenizer) != '>')
        tokenizer->at++;
    tokenizer->at += !html_is_over(tokenizer);
    const char *bytes = tokenizer->bytes.data ? tokenizer->bytes.data : "";
    token->text = (struct slice){bytes, name_size};
    token->doctype.has_name = name_size > 0;
    token->doctype.is_quirky = !is_right;
    token->doctype.has_public = public_id.is_there;
    token->doctype.has_system = system_id.is_there;
    token->doctype.public_id = (struct slice){bytes + public_id.start, public_id.end - public_id.start};
    token->doctype.system_id = (struct slice){bytes + system_id.start, system_id.end - system_id.start};
}

void html_markup(struct html_tokenizer *tokenizer, struct html_token *token)
{
    if (html_begins(tokenizer, tokenizer->at, "--")) {
        tokenizer->at += 2;
        read_comment(tokenizer, token);
    } else if (html_begins(tokenizer, tokenizer->at, "doctype")) {
        tokenizer->at += 7;
        read_doctype(tokenizer, token);
    } else
        html_bogus(tokenizer, token);
}
