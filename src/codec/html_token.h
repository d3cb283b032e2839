/* html_token.h - HTML cut into tags, text, comments and doctypes, as the HTML standard's tokenizer cuts it. Private to this room.
 *
 * Any bytes can be read: what is wrong in a page has a meaning in the standard, so there are no errors. Text comes in runs: as it stands in
 * the source where it can, else decoded with the place of what it was decoded from. */
#ifndef CODEC_HTML_TOKEN_H
#define CODEC_HTML_TOKEN_H

#include "base/base.h"

enum html_kind { HTML_END_OF_FILE, HTML_START_TAG, HTML_END_TAG, HTML_RUN, HTML_COMMENT, HTML_DOCTYPE };

/* How text is read: what begins a tag in it and whether references stand for characters. */
enum html_mode {
    HTML_DATA,
    HTML_RCDATA, /* <title>, <textarea>: references, no tags but the end tag */
    HTML_RAWTEXT, /* <style>, <iframe> …: neither */
    HTML_SCRIPT, /* the same, with <!-- --> around end tags that are none */
    HTML_PLAINTEXT, /* all of the rest */
    HTML_CDATA /* up to ]]> */
};

struct html_attribute {
    struct slice name, value; /* the name in lower case, the value decoded */
};

enum { HTML_ATTRIBUTES_MAX = 128 }; /* of one tag; more are passed over */

struct html_token {
    enum html_kind kind;
    struct slice text; /* a tag's or doctype's name in lower case, a run's text, what a comment says */
    size_t at, size; /* where it stands in the source */
    bool self_closing;
    const struct html_attribute *attributes;
    size_t attribute_count;
    struct {
        bool has_name, has_public, has_system, is_quirky;
        struct slice public_id, system_id;
    } doctype; /* of HTML_DOCTYPE alone */
};

struct html_tokenizer {
    struct slice source;
    size_t at;
    size_t run_end; /* where the text at hand ends, once that was looked for; 0: it was not */
    enum html_mode mode; /* set by whoever reads the tags, as html_element says */
    char raw_name[16]; /* the element whose end tag ends RCDATA, RAWTEXT and SCRIPT */
    struct buffer bytes; /* names and values of the token at hand */
    struct html_attribute attributes[HTML_ATTRIBUTES_MAX];
    size_t places[HTML_ATTRIBUTES_MAX][4]; /* of names and values in `bytes`, while it grows */
    size_t attribute_count;
};

void html_tokenizer_init(struct html_tokenizer *tokenizer, struct slice source);
void html_tokenizer_release(struct html_tokenizer *tokenizer);

/* The next token; its slices are good until the one after it. HTML_END_OF_FILE at the end, again and again. */
void html_next(struct html_tokenizer *tokenizer, struct html_token *token);

/* The value of an attribute; NULL when the tag has none of that name. */
const struct slice *html_attribute(const struct html_token *token, const char *name);

/* html_markup.c: what begins with "<!" or ends up as a comment. `at` is behind "<!"; for html_bogus where the comment begins. */
void html_markup(struct html_tokenizer *tokenizer, struct html_token *token);
void html_bogus(struct html_tokenizer *tokenizer, struct html_token *token);

/* For both files. */
static inline bool html_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\f' || c == '\r';
}

static inline bool html_is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool html_is_over(const struct html_tokenizer *tokenizer)
{
    return tokenizer->at >= tokenizer->source.size;
}

/* The byte that comes next; zero at the end. */
static inline char html_byte(const struct html_tokenizer *tokenizer)
{
    return html_is_over(tokenizer) ? '\0' : tokenizer->source.data[tokenizer->at];
}

static inline void html_skip_space(struct html_tokenizer *tokenizer)
{
    while (html_is_space(html_byte(tokenizer)))
        tokenizer->at++;
}

bool html_begins(const struct html_tokenizer *tokenizer, size_t at, const char *lower); /* in any case */

/* Appends bytes to the token's buffer as they count: zero bytes as U+FFFD, line ends as \n, in lower case if asked for. */
void html_append(struct html_tokenizer *tokenizer, struct slice bytes, bool lower);

#endif
