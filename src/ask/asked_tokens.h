/* asked_tokens.h - a question cut at its blanks, with the marks behind its words told apart. Private to ask. */
#ifndef ASK_ASKED_TOKENS_H
#define ASK_ASKED_TOKENS_H

#include "base/base.h"

enum { ASKED_TOKENS_MAX = 60 };

struct asked_token {
    struct slice text; /* without the marks around it */
    bool has_comma; /* a comma or a colon stands behind it */
};

struct asked_tokens {
    struct asked_token items[ASKED_TOKENS_MAX];
    size_t count;
};

void tokens_read(struct slice question, struct asked_tokens *tokens);

/* It is one of the words, which are in small letters with "|" between them; false past the end. */
bool token_is(const struct asked_tokens *tokens, size_t at, const char *alternatives);

/* It begins as a name does: with a capital letter or a digit. */
bool token_is_named(const struct asked_tokens *tokens, size_t at);

/* From the one at `start` to that before `end`, as the question has them. */
struct slice tokens_text(const struct asked_tokens *tokens, size_t start, size_t end);

#endif
