/* json_number.h - a JSON number into its value. Private to this room. */
#ifndef CODEC_JSON_NUMBER_H
#define CODEC_JSON_NUMBER_H

#include "codec.h"

/* Reads the number that begins at `*at` and moves there behind it. Its double is the nearest there is, ties to even. When it is
 * no number, `*at` is the place and `*wanted` says what was expected there. */
bool json_number_read(struct slice source, size_t *at, struct json_value *value, const char **wanted) MUST_USE;

#endif
