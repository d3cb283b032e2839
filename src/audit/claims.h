/* claims.h - sentences that state a value, and what they state it about. Private to audit. */
#ifndef AUDIT_CLAIMS_H
#define AUDIT_CLAIMS_H

#include "differ.h"
#include "pile.h"

enum { CLAIM_TERMS_MAX = 48 };

/* Whether a sentence tells of what was, or of what is: by its "was" and "is"; neither where it has both, or none. */
enum clause_tense { TENSE_NONE, TENSE_PAST, TENSE_PRESENT };

struct claim {
    uint32_t passage; /* in the pile */
    struct slice sentence;
    struct value value;
    uint32_t rate; /* bits of "per month" behind it, or of a rule's conditions; 0: none is stated */
    uint32_t *terms; /* of the sentence's content words, without values; ascending, each once */
    size_t term_count;
    uint32_t *about; /* those of the innermost heading and the title */
    size_t about_count;
    double weight; /* of the terms together */
    const uint32_t *row; /* of a row of a table: the terms of its own cells; NULL: it is a sentence */
    size_t row_count;
    enum text_language language;
    enum clause_tense tense;
    bool is_dependent; /* it holds under a condition that another sentence names: "in this case", "if so" */
};

struct claims {
    struct claim *items;
    size_t count, capacity;
};

/* Reads those of all passages that are no copies. All of it lies in the arena. */
bool claims_read(struct claims *claims, const struct pile *pile, struct arena *arena, struct error *error) MUST_USE;

/* ---- what else a sentence says (clauses.c) ---- */

/* "Members enjoy a discount, points and 90 days to return things": the bytes between the verb and the value, which is listed last. */
bool clause_listed(struct slice sentence, const struct value *value, size_t *start, size_t *end);

/* It speaks of a case that another sentence names: "in this case", "if so", "otherwise". */
bool clause_depends(struct slice sentence);

/* "For example, …": its values are no rule. */
bool clause_is_example(struct slice sentence);

/* "The fee was raised to 30 euros", "was approved at 30 euros" are none of the past: they hold. */
enum clause_tense clause_tense_of(struct slice sentence, enum text_language language);

/* Lines that follow one another and have as many bars are the rows of a table, the first of which is its head. */
struct table {
    struct slice head; /* empty: there is none */
    size_t bars;
};

/* The next line of a passage; whether it is a row below a head. */
bool table_take(struct table *table, struct slice line, enum text_language language);

/* What the head says of the column in which this byte of a row stands. */
struct slice table_head_of(const struct table *table, struct slice row, size_t place);

/* ---- rules ---- */

enum rule_kind { RULE_PERMISSION, RULE_DUTY, RULE_STATE };

/* What a sentence lays down: `value->number` is the kind plus one, below 0 where it is denied, and its bytes are the verb's. `*conditions` has a
 * bit for each word that limits it. */
bool rule_read(struct slice sentence, struct value *value, uint32_t *conditions);

/* "The manager of the Harrow shop is Priya Nair.": a sentence that names the holder of an office, at its beginning or end. */
bool name_read(struct slice sentence, struct value *value);

/* "Priya Nair" and "Nair, Priya" are, and so may "Ms Nair" and "Chef Priya Anand Nair" be. */
bool names_are_same(const struct value *a, const struct value *b);

/* Of the same, both cannot hold: allowed and forbidden, demanded and not demanded or forbidden, so and not so. */
bool rules_contradict(const struct value *a, const struct value *b);

/* How far two claims are about the same by the words they share, 0 … 1. */
double claims_agree(const struct pile *pile, const struct claim *a, const struct claim *b);

/* What stands around both sentences speaks for one subject: needed where the sentences alone do not tell it, being short, or said of a case
 * that stands elsewhere, or a row among others. */
bool claims_share_context(const struct pile *pile, const struct claim *a, const struct claim *b);

/* They have the same words but for the value. */
bool claims_same_words(const struct claim *a, const struct claim *b);

/* Whether words say that they are not, however much they share. */
bool claims_differ_in_subject(const struct claim *a, const struct claim *b);

/* Both begin with a pronoun ("Its capacity is 3 l"), and what stands above them names two things (subjects.c). */
bool claims_of_two_subjects(const struct pile *pile, const struct claim *a, const struct claim *b);

/* One text for words of one meaning (must, have to; client, customer); NULL for others. `word` in small letters. `*light`: it does not tell what
 * a sentence is about. */
const char *synonym_of(struct slice word, bool *light);

/* "time out", "timed-out", "log in": words that are written apart or together; the latter, or NULL. In small letters. `between` is the sign
 * between them, `rest` the text behind them: "the logs in the vault" are no login. */
const char *written_together(struct slice first, struct slice second, char between, struct slice rest);

/* A word that says nothing about a subject, beside the function words. */
bool is_general(struct slice word);

/* Words that exclude each other: a number for the set (north, south, …) and one for the member; false when it is in none. */
bool contrast_of(struct slice word, unsigned *set, unsigned *member);

#endif
