/* edition.h - which edition of a document this is, and which of two is the one in force: by what its name, its title, its head and its first
 * words say. Pure.
 *
 *   "hr/Staff_Handbook_ed4_2024.docx"     family "hr/staff handbook", number 4, year 2024
 *   "hr/Staff Handbook, edition 5.pdf"    the same family, number 5: the newer one
 *   "hr/archive/staff handbook.md"        the same family, an old one, since another lies outside of the archive
 *   status: superseded, valid_until: 2024-12-31, "This edition is no longer valid."    it says so itself
 *
 * Words are known in English, German, French, Spanish and Dutch. What cannot be told stays untold: two documents whose names differ in
 * anything else are of two families, and one whose name has two numbers, "from-v2-to-v3", is an edition of nothing. */
#ifndef EDITION_EDITION_H
#define EDITION_EDITION_H

#include "base/base.h"

enum { EDITION_PARTS = 4 };
#define EDITION_NO_DAY INT64_MIN

struct edition_marks {
    uint32_t number[EDITION_PARTS]; /* "v2.1": 2, 1 */
    size_t parts; /* 0: it has no number */
    int32_t date; /* 20260315; 20260300: a month, 20260000: a year; 0: none */
    bool is_old; /* "superseded", "OLD" */
    bool may_be_old; /* "old", "archive": only beside a document of the same family that has no such word */
    bool is_draft;
};

enum edition_state { EDITION_IN_FORCE, EDITION_OLDER, EDITION_SUPERSEDED, EDITION_EXPIRED, EDITION_DRAFT };
const char *edition_state_name(enum edition_state state); /* "older" */

struct edition {
    struct slice family; /* of the path; empty: of none */
    struct slice title; /* of the title without its marks; empty: it says too little */
    struct edition_marks marks; /* of the name; what that lacks of the title, of the head, of the first words */
    int64_t from, until; /* days since 1970 that the head names, or EDITION_NO_DAY */
    enum edition_state state; /* as it tells of itself, but for EDITION_EXPIRED: see edition_state_on */
    struct slice why; /* the words that say so, for people */
    struct slice until_text; /* the head's line of `until` */
    struct slice replaces, replaced_by; /* as the head has it: a name, a title or a number; empty: nothing */
};

/* What path and title say. All texts are in the arena. */
void edition_read(struct edition *edition, struct slice path, struct slice title, struct arena *arena);
/* A line of its head; keys that mean nothing here change nothing. */
void edition_read_head(struct edition *edition, struct slice key, struct slice value, struct arena *arena);
/* Its first words: "Edition 5, valid from …", "This protocol is no longer valid." */
void edition_read_opening(struct edition *edition, struct slice text, struct arena *arena);

/* What it says of itself, on a day. */
enum edition_state edition_state_on(const struct edition *edition, int64_t today);
/* What a sentence says of the document that it stands in: false: nothing of the kind. */
bool edition_is_revoked_by(struct slice sentence);

/* Whether two documents are editions of one. */
bool edition_same_family(const struct edition *a, const struct edition *b);
/* Of one family: above 0: b is the newer, below 0: a is; 0: nobody can tell. */
int edition_compare(const struct edition *a, const struct edition *b);
/* It is one of a series by date, such as minutes or the report of a year: the last does not stand for those before. A tariff or a handbook of a year
 * holds until the next. */
bool edition_is_dated(const struct edition *edition);

/* Whether a question names this edition: its number, or its year. */
bool edition_is_named(const struct edition *edition, struct slice question);
/* Whether it asks for what held before: "the old tariff"; of "the old boiler" nobody knows. */
enum edition_age { EDITION_AGE_ANY, EDITION_AGE_UNSURE, EDITION_AGE_OLD };
enum edition_age edition_age_asked(struct slice question);

/* Whether `text`, the value of a head, names this document by its file's name or by its title. */
bool edition_is_called(struct slice text, struct slice path, struct slice title);

#endif
