/* value_words.h - words for numbers, units and times of other languages than English, and weekdays of all. Private to audit.
 *
 * Those of other languages are none in an English text, where "tag", "due" and "Mars" are words. A day in the plural tells when, not what, and is none. */
#ifndef AUDIT_VALUE_WORDS_H
#define AUDIT_VALUE_WORDS_H

#include "sentence.h"

/* The piece is a unit of time: its seconds, and whether it counts working days; 0: it is none. */
double foreign_seconds(const struct pieces *pieces, size_t at, bool *is_working);

double foreign_number(const struct pieces *pieces, size_t at); /* before such a unit alone; 0: none */
int64_t foreign_month(const struct pieces *pieces, size_t at); /* 1 … 12; 0: none, or as in English */
double weekday_at(const struct pieces *pieces, size_t at); /* 1 … 7; 0: none */

#endif
