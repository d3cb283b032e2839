/* name_parts.h - words and marks of a name. Private to edition. */
#ifndef EDITION_NAME_PARTS_H
#define EDITION_NAME_PARTS_H

#include "edition.h"

enum { TOKENS_MAX = 64, WORD_BYTES = 64, QUESTION_MARKS_MAX = 16 };

/* ORDER word classes (name_words.c) */
enum word_class {
    WORD_EDITION = 1, /* "edition", "v", "Fassung" */
    WORD_ORDINAL = 2, /* "nd" of "2nd" */
    WORD_OLD = 4,
    WORD_MAYBE_OLD = 8,
    WORD_DRAFT = 16,
    WORD_LEADING = 32, /* "of", "vom": before a date */
    WORD_FINAL = 64, /* says nothing */
    WORD_THIS = 128,
    WORD_PAPER = 256, /* "handbook", "Tarif": what has editions */
    WORD_VALUE = 512, /* "price", "fee": what stands in them */
    WORD_OF_YEARS = 1024
};
unsigned word_classes(const char *word); /* in small letters */

/* A run of letters, in small ones, or of digits. */
struct name_part {
    char text[WORD_BYTES]; /* cut where it is longer */
    size_t start, end; /* in what was read */
    bool is_number, is_capital; /* all its letters are */
    uint64_t value;
    unsigned classes; /* of a word */
};

struct name_parts {
    struct slice text;
    struct name_part items[TOKENS_MAX];
    size_t count;
};
void parts_read(struct name_parts *tokens, struct slice text);

/* "a|b|c" has the word. */
bool word_among(const char *word, const char *list);

enum mark_kind { MARK_NUMBER, MARK_DATE, MARK_OLD, MARK_MAYBE_OLD, MARK_DRAFT };
struct mark {
    enum mark_kind kind;
    uint32_t number[EDITION_PARTS];
    size_t parts;
    int32_t date;
};

/* The mark that begins at this token: returns how many tokens it takes; 0: none does. */
size_t mark_at(const struct name_parts *tokens, size_t at, struct mark *mark);

/* Days since 1970 of 20260315; of a month or a year the first, or with `end` the last. */
int64_t date_day(int32_t date, bool end);
/* Whether one is a closer telling of the other: 2026 and 20260300. */
bool date_within(int32_t date, int32_t other);

/* Takes a mark in; false: it contradicts what was there. */
bool marks_take(struct edition_marks *marks, const struct mark *mark);

#endif
