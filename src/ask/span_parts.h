/* span_parts.h - what the files that look for spans share. Private to ask. */
#ifndef ASK_SPAN_PARTS_H
#define ASK_SPAN_PARTS_H

#include "spans.h"

enum { SPAN_WORD_BYTES = 24 };

/* ---- words (span_words.c) ---- */

/* A word in small letters, ASCII's and Latin-1's; of a longer one the beginning. */
struct span_word {
    char bytes[SPAN_WORD_BYTES];
    size_t size;
    size_t start, end; /* in the text */
};

bool span_is_digit(struct slice text, size_t at); /* false past the end */
bool span_has_digit(struct slice text);
bool span_starts(struct slice text, size_t at, const char *what);
size_t span_letter_at(struct slice text, size_t at); /* bytes of the letter there, or 0 */
bool span_letter_before(struct slice text, size_t at);
bool span_ideograph_at(struct slice text, size_t at); /* also kana: words are not parted by blanks there */
size_t span_blank_at(struct slice text, size_t at); /* also those that do not break */
size_t span_digits_end(struct slice text, size_t at);

/* The letters at `at`, none: of size 0; at the most 23 bytes are read. */
struct span_word span_word_at(struct slice text, size_t at);
/* The letters that end before `at`, blanks and one full stop left out; `*stop`, unless NULL: whether there was one. */
struct span_word span_word_before(struct slice text, size_t at, bool *stop);

/* `alternatives` are in small letters, "|" between them. */
bool span_is_one_of(const char *alternatives, struct slice word);
bool span_word_is(const struct span_word *word, const char *alternatives);
bool span_has_word(struct slice text, const char *alternatives); /* one of them stands in it */
/* The first words of a text. */
enum { SPAN_WORDS_MAX = 40 };
struct span_words {
    struct span_word items[SPAN_WORDS_MAX];
    size_t count;
};
void span_words_read(struct slice text, struct span_words *words);
bool span_words_at(const struct span_words *words, size_t at, const char *alternatives); /* false past the end */
/* The size of the one of them that stands at `at`, the first that does; whatever stands behind it. */
size_t span_one_at(struct slice text, size_t at, const char *alternatives);
bool span_capital_at(struct slice text, size_t at); /* one of ASCII; false past the end */
bool span_term_at(struct slice text, size_t at,
                  struct slice term); /* it stands there, in letters of any size, no letter or digit beside it */
bool span_is_function_word(const struct span_word *word); /* "of", "für": it is no unit and no name */
/* Where the word ends, however long; letters that are words by themselves, as in Chinese, are one each. */
size_t span_letters_end(struct slice text, size_t at);

/* ---- quantities (span_numbers.c), dates and hours (span_dates.c) ---- */

struct number {
    size_t start, end; /* with sign, currency and unit */
    size_t bare_end; /* without unit */
    size_t rate; /* where "a month" begins, or 0 */
    enum span_kind kind; /* SPAN_NONE: it is passed over */
    double value;
    struct slice unit; /* the word, empty: none */
    uint8_t family, rank; /* of units of which smaller ones may follow */
    bool has_sign; /* of a currency, before it */
    bool is_spelled;
    bool is_ordinal;
    bool is_bare; /* digits alone */
    bool is_thing; /* the unit is a word that is no unit: of what is counted */
    bool lacks_year; /* a date */
};

/* The date, the month or the day of the week at `at`. `alone`: a month may stand alone. */
bool span_date_at(struct slice text, size_t at, bool alone, struct number *number);
bool span_hour_at(struct slice text, size_t at, struct number *number);
/* ", 2024" behind a day and its month. */
void span_year_behind(struct slice text, struct number *number);
bool span_is_month(const struct span_word *word);
bool span_is_year(struct slice digits);
bool span_is_reference(struct slice text, size_t at); /* "chapter 5", "Nr. 5": the number at `at` counts nothing */
bool span_is_named_date(struct slice text, size_t at); /* a preposition that dates have stands before `at` */

/* A number to call: where it ends, or 0. `is_asked`: one is asked for, and less has to tell it. */
size_t span_phone_end(struct slice text, size_t at, bool is_asked);

/* An amount of money stands in it. */
bool span_tells_money(struct slice text);

/* A whole quantity from `at` on, no range; false where none begins. */
bool span_quantity_at(struct slice text, size_t at, struct number *number);

/* The next number from `*at` on, ranges joined. */
bool span_next_number(struct slice text, size_t *at, unsigned asked, struct number *number);

/* ---- names and codes (span_names.c) ---- */

bool span_next_name(struct slice text, size_t *at, struct slice *name);
bool span_is_title(struct slice word); /* "Dr", before a name */
bool span_next_code(struct slice text, size_t *at, struct slice *code);
bool span_next_mail(struct slice text, size_t *at, struct slice *mail);

/* ---- units (span_units.c) ---- */

/* Units of one family follow one another, the larger ones first: "2 hours 30 minutes". */
enum { SPAN_FAMILY_TIME = 1, SPAN_FAMILY_FEET, SPAN_FAMILY_METRES, SPAN_FAMILY_POUNDS, SPAN_FAMILY_GRAMS };

struct span_unit {
    const char *words; /* "|" between them */
    enum span_kind kind;
    uint8_t family, rank; /* rank: the smaller unit has the lower one; 0: stands alone */
};

const struct span_unit *span_unit_of(struct slice word);
size_t span_currency_at(struct slice text, size_t at); /* bytes of the sign, code or word */
size_t span_currency_before(struct slice text, size_t at); /* with a blank */
/* Multiplies `*value` and returns the end of what stands there: "million", "Mio.", "k". 0: nothing. */
size_t span_scale_at(struct slice text, size_t at, bool is_money, double *value);
size_t span_share_at(struct slice text, size_t at); /* "%", "per cent" */
/* The value of a spelled number and its end, or 0. `*is_article`: it may be one. */
size_t span_spelled_at(struct slice text, size_t at, double *value, bool *is_article);

#endif
