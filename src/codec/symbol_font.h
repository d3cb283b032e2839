#ifndef CODEC_SYMBOL_FONT_H
#define CODEC_SYMBOL_FONT_H

#include "base/base.h"

/* The Unicode character of that code in a font of signs; 0 when there is none that one could read. */
uint32_t symbol_character(struct slice font, uint32_t code);

#endif
