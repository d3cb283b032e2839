/* score_text.h - the score of a token as the original reads it, which is not always the nearest double. Private to this room. */
#ifndef TEXT_SCORE_TEXT_H
#define TEXT_SCORE_TEXT_H

#include "base/base.h"

/* `text` is a JSON number with fraction or exponent. False when it is past the range of doubles. */
bool score_from_text(struct slice text, double *score) MUST_USE;

#endif
