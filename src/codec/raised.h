/* raised.h - digits above and below the line: what "10<sup>6</sup>" is in plain text. Private to this room. */
#ifndef CODEC_RAISED_H
#define CODEC_RAISED_H

#include "base/base.h"

enum raised { RAISED_NOT, RAISED_UP, RAISED_DOWN };

enum { RAISED_TEXT_MAX = 16, RAISED_BYTES_MAX = 3 * RAISED_TEXT_MAX };

/* Writes `text` in small digits and signs ("10⁶", "10⁻³") where it would else run together with `before`, the text that it follows. The bytes
 * written; 0: it stays as it is, since it is other text, stands by itself, or is below a letter ("CO2" is how people type it). */
size_t raised_write(enum raised raised, struct slice before, struct slice text, char out[RAISED_BYTES_MAX]);

#endif
