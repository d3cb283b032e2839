/* asked_labels.h - "zone G", "band 6", "the third permit": one of several of its kind. Private to ask. */
#ifndef ASK_ASKED_LABELS_H
#define ASK_ASKED_LABELS_H

#include "ask_parts.h"

enum { LABELS_MAX = 4 };

struct label {
    struct slice word; /* "zone" */
    char letter; /* small; 0: it is a number */
    unsigned number; /* "6", "VI", "sixth"; 0: it is a letter alone */
};

struct labels {
    struct label items[LABELS_MAX];
    size_t count;
};

enum label_telling {
    LABEL_NONE, /* the question names none */
    LABEL_TOLD,
    LABEL_UNTOLD,
    LABEL_ANOTHER /* another one of the kind is told of in its place */
};

/* Those that the question names: of kinds that are known to have marks. */
struct labels labels_find(struct slice question);
/* And of what has marks in the passages: a word with two numbers or letters behind it there, "Torrent 150" and "Torrent 180". */
struct labels labels_asked(struct asking *asking);

/* The digits are the mark of a name that has several, "Norda 6" beside "Norda 9": no amount. */
bool is_mark_of_name(struct asking *asking, struct slice line, struct slice digits);

/* What a line tells of them. `head`: of the table that it is a row of, empty: of none. `above`: title and headings. */
enum label_telling labels_told(const struct labels *labels, struct slice head, struct slice text, struct slice above);
enum label_telling labels_told_at(struct asking *asking, const struct labels *labels, size_t passage, size_t sentence,
                                  struct slice head);

#endif
