/* number_format.h - numbers of a spreadsheet as they are shown there, where that is simple. Private to this room. */
#ifndef CODEC_NUMBER_FORMAT_H
#define CODEC_NUMBER_FORMAT_H

#include "base/base.h"

enum number_kind { NUMBER_PLAIN, NUMBER_FIXED, NUMBER_POWER, NUMBER_DATE, NUMBER_TIME, NUMBER_DATE_TIME, NUMBER_DURATION };
enum { NUMBER_LITERAL_BYTES = 12 };

struct number_format {
    enum number_kind kind;
    unsigned decimals;
    bool has_thousands, is_percent;
    char before[NUMBER_LITERAL_BYTES], after[NUMBER_LITERAL_BYTES]; /* "€ " */
};

/* A format as it is written ("#,##0.00 €"), of which the part for positive numbers is read; what is not simple is NUMBER_PLAIN. */
struct number_format number_format_read(struct slice code);

/* One of those that every program knows by its number. */
struct number_format number_format_built_in(uint64_t id);

/* Appends the number; dates and times as ISO 8601 has them. Days count from 1900, or 1904. What is no number is appended as it is. */
void number_show(const struct number_format *format, struct slice number, bool from_1904, struct buffer *out);

#endif
