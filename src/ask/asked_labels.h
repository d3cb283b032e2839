/* asked_labels.h - "zone G", "band 6", "the third permit": one of several of its kind. Private to ask. */
#ifndef ASK_ASKED_LABELS_H
#define ASK_ASKED_LABELS_H

#include "ask_parts.h"

enum label_telling {
    LABEL_NONE, /* the question names none */
    LABEL_TOLD,
    LABEL_UNTOLD,
    LABEL_ANOTHER /* another one of the kind is told of in its place */
};

/* What a line tells of the one that the question names. `head`: of the table that it is a row of, empty: of none. `above`: title and headings. */
enum label_telling labels_told(struct slice question, struct slice head, struct slice text, struct slice above);
enum label_telling labels_told_at(struct asking *asking, size_t passage, size_t sentence, struct slice head);

#endif
