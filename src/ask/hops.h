/* hops.h - questions of a thing that is only described. Private to ask. */
#ifndef ASK_HOPS_H
#define ASK_HOPS_H

#include "features.h"

/* As two questions, of which the second has what answers the first between these two. */
struct hop_asked {
    struct slice first; /* "Ada Finch plays for which club?", "Which club won the cup?" */
    struct slice before; /* "Who trains"; or empty */
    struct slice behind; /* "founded in what year"; or empty */
};

/* "Ada Finch plays for a club founded in what year?"; false: it describes nothing so. */
bool hop_read(struct arena *arena, struct slice question, struct hop_asked *asked);
/* "Who trains the club that won the cup?" */
bool hop_read_object(struct arena *arena, struct slice question, struct hop_asked *asked);

struct hop {
    struct candidate bridge, answer;
    struct slice asked; /* what it answers: "Conwy Rovers founded in what year?" */
    double chance;
};

/* Answers both, the second in what the documents have on the first answer. `*found` false: not both are told for sure, and nothing has changed. */
bool hop_find(struct asking *asking, struct hop *hop, bool *found, struct error *error) MUST_USE;

/* The same of "Who trains the club that won the cup?", where the question as it stands was answered by the club: by what answers "Which club won the cup?", too. */
bool hop_follow(struct asking *asking, const struct builtin_choice *chosen, struct hop *hop, bool *found,
                struct error *error) MUST_USE;

#endif
