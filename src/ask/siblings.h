/* siblings.h - lines that tell of a sibling of what a question names: of Dr Saffari, where Dr Wrona is asked of. Private to ask. */
#ifndef ASK_SIBLINGS_H
#define ASK_SIBLINGS_H

#include "asked_labels.h"
#include "contrasts.h"
#include "other_leads.h"
#include "span_parts.h"

enum { PAIRS_MAX = 6 };

/* How a word and its mark are joined: "Dr Wrona", "anti-tubulin", "Rowan Ward", "platform team". */
enum joint { JOINT_TITLE, JOINT_HYPHEN, JOINT_NAME, JOINT_SEVERAL };

/* A word and what tells one of its kind from another, side by side in the question. */
struct pair {
    enum joint joint;
    struct slice kind, mark; /* of a name all its words: one of them tells */
    bool is_before; /* the mark stands before the kind */
};

/* What a question names of which there are siblings. */
struct siblings {
    struct pair pairs[PAIRS_MAX];
    size_t pair_count;
    struct contrast contrasts[CONTRASTS_MAX];
    size_t contrast_count;
    struct labels labels;
    struct leads leads;
    struct number count; /* of things */
    bool has_count;
};

enum sibling_telling {
    SIBLING_UNTOLD, /* nothing is told of any of them */
    SIBLING_TOLD, /* of what is asked of */
    SIBLING_ANOTHER /* of a sibling alone */
};

struct siblings siblings_find(struct asking *asking);
/* What a line tells. `head`: of the table that it is a row of; empty: of none. */
enum sibling_telling sibling_told(struct asking *asking, const struct siblings *siblings, size_t passage, size_t sentence,
                                  struct slice head);

#endif
