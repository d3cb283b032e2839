/* pile.h - the documents under audit, in memory, and what is found in them. Private to audit. */
#ifndef AUDIT_PILE_H
#define AUDIT_PILE_H

#include "audit.h"

struct pile_passage {
    int64_t id;
    uint32_t document; /* its number in the pile */
    bool is_copy;      /* the same text stands in an earlier passage: looked at once */
    bool is_quoted;    /* a mail within another one, which stands elsewhere as its own: nobody can thin it out */
    uint32_t next_copy; /* of the same text, in their order: its number plus one; 0: there is none */
    struct slice text, headings;
    int64_t line, line_end, start, end;
};

struct pile_document {
    int64_t id;
    struct slice path, title, format;
    struct slice language_code;
    enum text_language language;
    int64_t size;
    int64_t modified_day;
    size_t first, count; /* passages */
};

struct pile {
    const struct audit_request *request;
    struct arena *arena;
    struct pile_document *documents;
    size_t document_count, document_capacity;
    struct pile_passage *passages;
    size_t passage_count, passage_capacity;
    struct map ids;   /* a document's number in the catalog → in the pile, plus one */
    struct map paths; /* its path → in the pile, plus one */
    uint32_t *frequencies; /* passages that have a term, by the term's hash; see pile_frequency */
};

/* Reads everything, within a refresh of the project. */
bool pile_read(struct pile *pile, const struct audit_request *request, struct arena *arena, struct error *error) MUST_USE;
void pile_release(struct pile *pile);

/* Counts in how many passages each term stands, for pile_weight. */
bool pile_count_terms(struct pile *pile, struct error *error) MUST_USE;
uint32_t term_hash(struct slice term);
double pile_weight(const struct pile *pile, uint32_t term); /* idf: how much it says that two texts share this term */
uint32_t pile_frequency(const struct pile *pile, uint32_t term);

const struct pile_document *pile_document_of(const struct pile *pile, const struct pile_passage *passage);
struct pile_document *pile_find(const struct pile *pile, struct slice path); /* NULL: it is not there */

/* False when the person stopped it. */
bool pile_step(const struct pile *pile, const char *stage, size_t done, size_t total, struct error *error) MUST_USE;

/* The innermost of the headings; empty when there is none. */
struct slice innermost_heading(struct slice headings);

/* ---- findings ---- */

struct findings {
    struct arena *arena;
    struct audit_finding *items;
    size_t count, capacity;
};

/* A place in a passage, with `text` (copied, shortened); and a document as a whole. */
struct audit_place place_of(const struct pile *pile, struct findings *findings, size_t passage, struct slice text);
struct audit_place place_of_document(const struct pile_document *document);

/* Appends the places of the copies of `passage`, of which `text` is shown, up to `max` in all; how many there are then. Whoever mends some of the
 * copies leaves the others wrong. */
size_t places_of_copies(const struct pile *pile, size_t passage, struct slice text, struct audit_place *places, size_t count,
                        size_t max);

/* The part, with "[API key]" and the like in place of what opens doors or pays; it is looked for in the whole, of which it may be cut out. */
struct slice hide_secrets(struct arena *arena, struct slice whole, struct slice part);

/* Takes a copy of the places. `remedy` is constant. */
void findings_add(struct findings *findings, enum audit_kind kind, enum audit_severity severity,
                  const struct audit_place *places, size_t place_count, const char *remedy, const char *format, ...)
    PRINTF_LIKE(7, 8);

/* Costs, order, tallies and the score. */
void findings_finish(struct findings *findings, size_t documents, struct audit_report *report);

/* ---- the checks, each of which adds its findings ---- */

bool check_duplicates(struct pile *pile, struct findings *findings, struct error *error) MUST_USE; /* the first: marks copies */
bool check_contradictions(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;
bool check_stale(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;
bool check_revoked(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;
bool check_quality(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;
bool check_links(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;
bool check_boilerplate(struct pile *pile, struct findings *findings,
                       struct error *error) MUST_USE; /* behind check_duplicates */
bool check_exposed(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;
bool check_refused(struct pile *pile, struct findings *findings, struct error *error) MUST_USE;

#endif
