/* utf8.h - single characters in UTF-8, read and written. Private to this room. */
#ifndef CODEC_UTF8_H
#define CODEC_UTF8_H

#include "base/base.h"

enum { UTF8_BYTES_MAX = 4 };

/* Bytes of the well-formed character at `at` (< text.size), or 0: no overlong forms, no surrogates, nothing past U+10FFFF. */
size_t utf8_size(struct slice text, size_t at);

/* Bytes of the control character (U+0000 … U+001F, U+007F … U+009F) at `at`, or 0 when none stands there. Terminals obey them all. */
size_t utf8_control_size(struct slice text, size_t at);

/* A name out of a document as a message can tell it: cut, with "?" for what is not UTF-8 and for control characters. It is `out`. */
enum { UTF8_SHOWN_BYTES = 100 };
const char *utf8_shown(struct slice name, char out[UTF8_SHOWN_BYTES]);

/* Bytes written to `out`. */
size_t utf8_encode(uint32_t character, char out[UTF8_BYTES_MAX]);

#endif
