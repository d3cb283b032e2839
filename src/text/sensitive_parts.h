/* sensitive_parts.h - what the finders of sensitive data share. Private to this room. */
#ifndef TEXT_SENSITIVE_PARTS_H
#define TEXT_SENSITIVE_PARTS_H

#include "text.h"

static inline bool sensitive_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool sensitive_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool sensitive_is_word(char c)
{
    return sensitive_is_digit(c) || sensitive_is_letter(c) || c == '_';
}

/* No word goes on at `at`. */
static inline bool sensitive_ends_word(struct slice text, size_t at)
{
    return at >= text.size || (!sensitive_is_word(text.data[at]) && (unsigned char)text.data[at] < 0x80);
}

/* Neither a word nor a number with marks in it. */
static inline bool sensitive_ends_number(struct slice text, size_t at)
{
    if (!sensitive_ends_word(text, at))
        return false;
    bool is_mark = at < text.size &&
                   (text.data[at] == '.' || text.data[at] == '-' || text.data[at] == ',' || text.data[at] == '/');
    return !(is_mark && at + 1 < text.size && sensitive_is_digit(text.data[at + 1]));
}

/* "：", of Chinese and Japanese. */
static inline bool sensitive_is_wide_colon(struct slice text, size_t at)
{
    return slice_starts_with(slice_range(text, at, text.size), SLICE("\xEF\xBC\x9A"));
}

/* Whether one of the words (in small letters, the last is NULL) stands shortly before `at`. */
bool sensitive_has_word_before(struct slice text, size_t at, const char *const *words);

/* As sensitive_each; adds to `*steps` how many bytes were looked at, so that a test can count them. */
bool sensitive_walk(struct slice text, sensitive_visitor *visit, void *context, size_t *steps);

size_t sensitive_access_key_size(struct slice text, size_t at, size_t *steps);
size_t sensitive_secret_size(struct slice text, size_t at,
                             size_t *steps); /* of `name = value`; the value begins at sensitive_secret_start */
size_t sensitive_secret_start(struct slice text, size_t at);
/* Whether a name says that a password follows; the same of a word of another script before `at`; whether what follows may be one. */
bool sensitive_is_password_name(struct slice text, size_t start, size_t end);
bool sensitive_is_password_before(struct slice text, size_t at);
bool sensitive_is_password(struct slice value);
size_t sensitive_ip_size(struct slice text, size_t at, size_t *steps);
size_t sensitive_phone_size(struct slice text, size_t at, size_t *steps);

#endif
