/* pattern_syntax.h - a regular expression as Oniguruma reads it, in PCRE2's words. */
#ifndef TEXT_PATTERN_SYNTAX_H
#define TEXT_PATTERN_SYNTAX_H

#include "base/base.h"

/* Appends the translation. `name` is for messages. */
bool pattern_translate(struct slice expression, const char *name, struct buffer *out, struct error *error) MUST_USE;

#endif
