/* exchanged.h - "And for children?" behind "What does it cost for adults?" asks "What does it cost for children?". Private to ask. */
#ifndef ASK_EXCHANGED_H
#define ASK_EXCHANGED_H

#include "base/base.h"

/* Puts `before` with what `fragment` asks for in the place of what it replaces there, or behind it all. False, and nothing is put: the fragment is a
 * question of its own, or too long to be one of these. */
bool exchange(struct slice before, struct slice fragment, struct buffer *out);

#endif
