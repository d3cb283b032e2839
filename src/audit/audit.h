/* audit.h - what is wrong with a pile of documents, told before any model is involved.
 *
 *   catalog ─▶ collection in memory ─┬─ duplicates      the same or nearly the same text twice           (alike/)
 *                                    ├─ contradictions  the same subject, another number or date         (values, claims)
 *                                    ├─ stale           dates that have passed, where the text looks ahead
 *                                    ├─ quality         stubs, empty headings, garbled or oversized text
 *                                    ├─ boilerplate     the same lines in many documents
 *                                    ├─ exposed         secrets and personal data
 *                                    ├─ links           that lead nowhere; documents that none leads to
 *                                    ├─ reach           passages that their own words do not find
 *                                    └─ refused         files that `add` cannot take
 *                                                 ─▶ findings ─▶ cost of each, score (docs/audit.md)
 *
 * An audit reads, in one transaction, and changes nothing. It is the owner's: it sees every document. */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "answer/answer.h"

/* ORDER kinds (findings.c) */
enum audit_kind {
    AUDIT_CONTRADICTION,
    AUDIT_UNREADABLE,
    AUDIT_UNRETRIEVABLE,
    AUDIT_STALE,
    AUDIT_DUPLICATE,
    AUDIT_GARBLED,
    AUDIT_NEAR_DUPLICATE,
    AUDIT_OVERSIZED,
    AUDIT_SPARSE,
    AUDIT_BROKEN_LINK,
    AUDIT_SENSITIVE,
    AUDIT_BOILERPLATE,
    AUDIT_ORPHANED,
    AUDIT_LANGUAGE,
    AUDIT_KINDS
};
enum audit_severity { AUDIT_LOW, AUDIT_MEDIUM, AUDIT_HIGH };

const char *audit_kind_name(enum audit_kind kind);             /* "near_duplicate" */
bool audit_kind_named(struct slice name, enum audit_kind *kind);
const char *audit_severity_name(enum audit_severity severity); /* "high" */

struct audit_place {
    struct slice document; /* path */
    int64_t passage;       /* 0: the place is no passage */
    int64_t line, line_end; /* from 1; 0: the whole document */
    int64_t start, end;    /* bytes in the source */
    struct slice text;     /* what stands there, shortened; may be empty */
};

struct audit_finding {
    enum audit_kind kind;
    enum audit_severity severity;
    double cost; /* points that it takes from the score, before rounding */
    struct slice message, remedy;
    const struct audit_place *places; /* at least one */
    size_t place_count;
};

/* What one kind of finding comes to. */
struct audit_tally {
    size_t findings;
    size_t documents; /* that it touches, each once */
    double cost;
};

struct audit_language {
    struct slice code;
    size_t documents;
};

struct audit_report {
    struct arena arena; /* holds all of it */
    size_t documents, passages;
    size_t tokens; /* of all documents, about; exact_tokens: by the model's tokenizer on a sample */
    bool exact_tokens;
    bool fits_in_context; /* less than AUDIT_CONTEXT_TOKENS */
    double score; /* 0 … 100, whole */
    struct audit_tally tallies[AUDIT_KINDS];
    struct audit_finding *findings; /* the costliest first */
    size_t count;
    struct audit_language *languages; /* the commonest first */
    size_t language_count;
};

#define AUDIT_CONTEXT_TOKENS 100000

struct audit_request {
    struct project *project;
    struct embedder *embedder; /* for `deep` */
    int64_t today; /* days since 1970-01-01 */
    bool deep; /* passages that their words do not find are asked for with the model too */
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

/* The report is released by audit_release, also after a failure. */
bool audit_project(const struct audit_request *request, struct audit_report *report, struct error *error) MUST_USE;
void audit_release(struct audit_report *report);

/* ---- values, for tests: numbers and dates in running text ---- */

/* ORDER value kinds */
enum value_kind {
    VALUE_MONEY,
    VALUE_PERCENT,
    VALUE_DURATION,
    VALUE_DATE,
    VALUE_TIME, /* of day */
    VALUE_COUNT, /* anything else that has a unit: pages, MB, °C */
    VALUE_VERSION,
    VALUE_EMAIL,
    VALUE_PHONE,
    VALUE_WEEKDAY, /* 1 … 7 */
    VALUE_MONTH_DAY, /* "the 5th of each month" */
    VALUE_NAME, /* "… is Priya Nair": of claims only */
    VALUE_RULE, /* what a sentence allows, demands or states, and whether it denies it: of claims only */
    VALUE_KINDS
};
enum date_grain { DATE_NONE, DATE_YEAR, DATE_MONTH, DATE_DAY, DATE_DAY_OF_YEAR /* "3 November" */ };

struct value {
    enum value_kind kind;
    enum date_grain grain;
    struct slice unit; /* of money and counts, small letters, without the s of a plural; lies in the text or is constant */
    double
        number; /* of a duration: seconds; of a time: minutes; of a date: its first day since 1970 (day of year: month · 100 + day) */
    int64_t last; /* of a date: its last day */
    double low; /* of a range: its other end */
    bool is_range; /* "5 to 7 days", "from 9:00 to 18:00": `number` is the upper end */
    bool ranged; /* one of several: "15, 30 or 60 minutes" */
    size_t start, end; /* bytes of the text */
};

#define VALUES_MAX 32

/* The values of a sentence, in its order; returns how many, at most VALUES_MAX. Any bytes may be read. */
size_t values_read(struct slice sentence, enum text_language language, struct value values[VALUES_MAX]);

/* Days since 1970-01-01 of a day in the Gregorian calendar; false when there is no such day. */
bool date_days(int64_t year, int64_t month, int64_t day, int64_t *days);

#endif
