/* pattern_speed.h - whether an expression can take time that grows faster than the text. */
#ifndef TEXT_PATTERN_SPEED_H
#define TEXT_PATTERN_SPEED_H

#include "base/base.h"

/* Tries it on texts made to hurt. `expression` compiled before, with these options. */
bool pattern_is_slow(struct slice expression, uint32_t options);

#endif
