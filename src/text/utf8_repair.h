/* utf8_repair.h - text that is not UTF-8, made so: one U+FFFD for each maximal part that could have begun a character. */
#ifndef TEXT_UTF8_REPAIR_H
#define TEXT_UTF8_REPAIR_H

#include "base/base.h"

struct utf8_repair {
    char *bytes;
    uint32_t *places; /* of each byte of it and of its end, in the text */
    size_t size, capacity;
    bool is_used;
};

void utf8_repair_release(struct utf8_repair *repair);

/* The text itself when it is UTF-8, else a repaired copy. */
struct slice utf8_repaired(struct utf8_repair *repair, struct slice text);

#endif
