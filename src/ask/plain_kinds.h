/* plain_kinds.h - what an answer must have where one plain word tells what is asked for. Private to ask. */
#ifndef ASK_PLAIN_KINDS_H
#define ASK_PLAIN_KINDS_H

#include "features.h"

/* It cannot answer: watts to "how heavy?", an hour to "how fast?", a cell of words to "how much does it cost?". `asked`: kinds of spans.h. */
bool plainly_other(const struct asking *asking, unsigned asked, const struct candidate *item);

/* Of "why", sentences that give no reason are left out where one that has more of the question's words gives one. Returns how many are left. */
size_t causes_kept(const struct asking *asking, struct candidate *items, size_t count);

/* Leaves out what has no word but the question's: an error that it quotes tells nobody what to do. Returns how many are left, all where none would be. */
size_t echoes_dropped(struct candidate *items, size_t count);

/* The text says how many or how much: by digits, or by a word. */
bool says_amount(struct slice text);

/* A word that a price may be told by or be wanting by: "free", "on request", "do not insure". */
bool has_price_word(struct slice text);

/* The kind of the first number of these kinds, if it is most of the text; `kinds`: of spans.h. */
unsigned kind_of_most(struct slice question, struct slice text, unsigned kinds);

#endif
