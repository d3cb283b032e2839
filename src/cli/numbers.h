/* numbers.h - numbers as text, for output that has millions of them. Private to cli. */
#ifndef CLI_NUMBERS_H
#define CLI_NUMBERS_H

#include "base/base.h"

void append_u32(struct buffer *out, uint32_t number);

/* Nine significant digits, enough to read the same f32 back; what is no number: null. */
void append_f32(struct buffer *out, float number);

#endif
