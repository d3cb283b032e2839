/* entity.h - character references of HTML ("&amp;", "&#8364;") into UTF-8. Private to this room. */
#ifndef CODEC_ENTITY_H
#define CODEC_ENTITY_H

#include "base/base.h"

enum { ENTITY_BYTES_MAX = 8, ENTITY_NAME_BYTES_MAX = 32 }; /* some names stand for two characters */

struct entity_name {
    const char *name; /* "amp", "amp;" */
    size_t size;
    uint32_t characters[2]; /* the second is 0 where there is one */
};
extern const struct entity_name entity_names[];
extern const size_t entity_name_count;

/* The reference at the beginning of `text`, which begins with "&", as a browser reads it: bytes written to `out`, and in `*size` those it
 * takes of the text; 0 when none stands there. `in_attribute`: a name that misses its ";" is none before "=", a letter or a digit. */
size_t entity_read(struct slice text, bool in_attribute, char out[ENTITY_BYTES_MAX], size_t *size);

/* The same for a reference from & to ;, as Markdown has them: nothing may be missing. */
size_t entity_decode(struct slice reference, char out[ENTITY_BYTES_MAX]);

#endif
