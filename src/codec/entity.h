/* entity.h - character references of HTML ("&amp;", "&#8364;") into UTF-8. Private to this room. */
#ifndef CODEC_ENTITY_H
#define CODEC_ENTITY_H

#include "base/base.h"

enum { ENTITY_BYTES_MAX = 4 };

/* Bytes written to `out`; 0 when the reference (from & to ;) is not one we know. */
size_t entity_decode(struct slice reference, char out[ENTITY_BYTES_MAX]);

#endif
