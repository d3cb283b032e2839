/* full_stops.h - which full stops end no sentence. Private to text. */
#ifndef TEXT_FULL_STOPS_H
#define TEXT_FULL_STOPS_H

#include "text.h"

/* Whether the terminator at `stop` of the sentence from `start` on is a full stop of an abbreviation, an initial or an ordinal; what follows its
 * blank is at `next`. Looks at a few words around it, however long the text. */
bool full_stop_is_inside(struct slice text, size_t start, size_t stop, size_t next);

/* Of a text without capitals: the word before the full stop is none that is mostly cut short. */
bool word_may_end(struct slice text, size_t stop);

/* As full_stop_is_inside of an exclamation or question mark: within a word ("!important", "find?q=1"), or the last sign of a name that a sentence goes on behind
 * ("Yahoo! is"). */
bool mark_is_inside(struct slice text, size_t start, size_t mark_at, size_t next);

#endif
