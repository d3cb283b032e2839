/* ledger.h - the audit log: what was asked, by whom, from which sources it was answered, and what it cost; for ever, and so that a change shows.
 *
 *   .assay/log/entries     a line an entry: its hash, and a JSON document that has the hash of the entry before in it
 *              keys        a line an entry: the key of what is personal in it; overwritten, that is gone for good
 *              head        how many entries there are, and the root of the Merkle tree (RFC 6962) over them
 *              texts/      the passages as they stood then, each under its SHA-256
 *              lock        held while an entry is added
 *
 * They are plain files of their own and not tables of the catalog: an auditor copies them, and checks them with sha256sum and a page of
 * script; a damaged or replaced catalog takes no record along; and a question waits for no `add` that writes the catalog.
 *
 * An entry is durable when ledger_append returns true. Any number of processes and threads may append; readers never wait.
 * Format: docs/format/log.md. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/base.h"
#include "codec/codec.h"

enum { LEDGER_HASH_BYTES = 32, LEDGER_HASH_TEXT_BYTES = 65 };

struct ledger;

struct ledger_options {
    bool hash_questions; /* the SHA-256 of a question is kept instead of it */
    size_t keep_days; /* what is personal is erased after so many days; 0: never */
    bool is_copy; /* for who only looks at it: its keys may have been left out on purpose */
};

/* `folder` is made by the first entry. NULL options: questions are kept, for ever. */
bool ledger_open(struct ledger **ledger, const char *folder, const struct ledger_options *options,
                 struct error *error) MUST_USE;
void ledger_close(struct ledger *ledger); /* NULL is fine */

/* ---- writing ---- */

/* What the answer was made from. */
struct ledger_passage {
    struct slice document; /* its path */
    struct slice title;
    unsigned char version[LEDGER_HASH_BYTES]; /* SHA-256 of the document's source */
    int64_t passage, start, end, page; /* as in the catalog */
    struct slice text; /* as the catalog has it: a model is given it without what reads like an order */
    double score;
    bool is_cited; /* its text is kept beside the log */
};

struct ledger_citation {
    size_t passage; /* which of the answer's passages */
    int64_t start, end; /* bytes in the document */
    struct slice quote;
};

struct ledger_answer {
    struct slice asker; /* a key's name, "owner", or whoever it was */
    struct slice question, answer; /* the answer: empty when it abstained, or wants functions called */
    struct slice calls,
        since; /* JSON: functions that it wants called; calls made since the question, and what came of them. Empty: none */
    struct slice model, approach; /* "builtin", "openai:NAME"; "rag", "full" … */
    const unsigned char *model_hash, *prompt_hash; /* SHA-256; NULL: there is none */
    bool abstained;
    double confidence; /* negative: not known */
    const struct ledger_passage *passages;
    size_t passage_count;
    const struct ledger_citation *citations;
    size_t citation_count;
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    double cost_usd; /* negative: not known */
    double took_ms;
};

/* Returns true once the entry is durable: before that, no answer is handed out. `*number` is its number, from 1. */
bool ledger_append(struct ledger *ledger, const struct ledger_answer *answer, uint64_t *number, struct error *error) MUST_USE;

/* ---- reading ---- */

enum ledger_kind {
    LEDGER_ANSWER,
    LEDGER_ERASED, /* what was personal in earlier entries was erased */
    LEDGER_CUT, /* a crash had left the beginning of an entry, which nobody was told of */
    LEDGER_HEAD, /* the head was gone or damaged, and was made anew */
    LEDGER_DAMAGED /* it is not as it was written, or not there: `number` and `why` alone are told of it */
};
enum ledger_content { LEDGER_HAS_CONTENT, LEDGER_NO_CONTENT, LEDGER_CONTENT_ERASED, LEDGER_CONTENT_LOST };

/* Good during the call that hands it out. */
struct ledger_entry {
    uint64_t number;
    char hash[LEDGER_HASH_TEXT_BYTES]; /* its leaf in the tree */
    enum ledger_kind kind;
    const char *why; /* what is wrong with a damaged one; else NULL */
    int64_t at_ns; /* when, by the wall clock */
    struct slice document; /* the JSON document of the line */
    const struct json_value *record; /* the same, read */
    enum ledger_content state; /* of what is personal */
    struct slice content; /* that, as JSON; empty unless it is there */
    const struct json_value *personal; /* the same, read; NULL unless it is there */
};
typedef bool ledger_visit(void *context, const struct ledger_entry *entry, struct error *error);

/* Entries first … last, ascending, by the numbers that they tell themselves. Those that are damaged are among them: each of the others is vouched for
 * by a hash of its own. */
bool ledger_each(struct ledger *ledger, uint64_t first, uint64_t last, ledger_visit *each, void *context,
                 struct error *error) MUST_USE;

/* For who needs all of them: false and ERROR_CORRUPT, with its number, when this one is damaged. */
bool ledger_is_sound(const struct ledger_entry *entry, struct error *error) MUST_USE;

/* One entry; ERROR_NOT_FOUND when there is no such number, ERROR_CORRUPT when it is damaged. */
bool ledger_find(struct ledger *ledger, uint64_t number, ledger_visit *take, void *context, struct error *error) MUST_USE;

/* The text of a passage as it stood then; `*found` false when it is not kept. */
bool ledger_text(struct ledger *ledger, struct slice hash, struct buffer *out, bool *found, struct error *error) MUST_USE;

/* An entry as a page for a browser that needs nothing else: question, answer, every source as it stood then, and the proof that it is in
 * the log. */
bool ledger_page(struct ledger *ledger, uint64_t number, struct buffer *out, struct error *error) MUST_USE;

/* ---- vouching ---- */

struct ledger_head {
    uint64_t entries;
    char root[LEDGER_HASH_TEXT_BYTES];
};

/* ERROR_CORRUPT when the file of the head is gone and an entry is damaged: `entries` is told all the same. */
bool ledger_head(struct ledger *ledger, struct ledger_head *head, struct error *error) MUST_USE;

/* Heads as `assay log head` prints them, a line each: "ENTRIES ROOT", or its JSON. */
bool ledger_heads_read(struct slice source, const char *name, struct arena *arena, struct ledger_head **heads, size_t *count,
                       struct error *error) MUST_USE;

struct ledger_report {
    uint64_t entries; /* that are as they were written */
    uint64_t first_bad; /* 0: none; else the first that is not, or is not there */
    char reason[256]; /* then */
    uint64_t answers, erased; /* entries whose content is gone, as the log says */
    uint64_t texts; /* kept */
    uint64_t problems; /* with keys and texts, told one by one */
    uint64_t torn_bytes; /* behind the last entry, of one that was never acknowledged */
    uint64_t heads_lost; /* how often the head was made anew: entries cut off before that would not show */
    char root[LEDGER_HASH_TEXT_BYTES];
};

/* Looks at every byte. `heads` were written down earlier, elsewhere: the log must have grown from each. Calls each(context, number, message) for
 * what is wrong with keys and texts. False only when the log could not be read at all. */
bool ledger_verify(struct ledger *ledger, const struct ledger_head *heads, size_t head_count,
                   void (*each)(void *context, uint64_t number, const char *message), void *context,
                   struct ledger_report *report, struct error *error) MUST_USE;

/* A proof as JSON: that an entry is in the tree, or that the tree of `before` entries is the beginning of this one (RFC 9162). */
bool ledger_prove(struct ledger *ledger, uint64_t number, struct buffer *out, struct error *error) MUST_USE;
bool ledger_prove_growth(struct ledger *ledger, uint64_t before, struct buffer *out, struct error *error) MUST_USE;

/* ---- erasing ---- */

/* Entries whose personal content goes: those of these numbers; those of one asker; those older than a moment. */
struct ledger_erase {
    const uint64_t *numbers; /* NULL: all */
    size_t number_count;
    struct slice asker; /* empty: any */
    int64_t before_ns; /* 0: any time */
};

/* Overwrites their keys, and removes the texts that no other entry cites. The log says which were erased, and not why. `*erased` counts them.
 * ERROR_NOT_FOUND, and nothing is erased, when one of the numbers is not there. */
bool ledger_erase(struct ledger *ledger, const struct ledger_erase *which, uint64_t *erased, struct error *error) MUST_USE;

#endif
