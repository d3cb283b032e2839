/* tune_parts.h - what trainings with checkpoints share: how the examples are divided, and what a stopped training left. Private to api. */
#ifndef API_TUNE_PARTS_H
#define API_TUNE_PARTS_H

#include "tune.h"

/* Examples that belong together. */
struct tuning_part {
    const struct examples *examples;
    uint32_t *items; /* numbers of them */
    size_t count;
};
struct tuning_parts {
    struct tuning_part train, validation, cases; /* cases: of the test where there is one */
};

/* Divides the checked examples, groups together: about a tenth to choose by and, without a test, another to measure with, at most
 * `held_most` of each. `what`: "questions". Tells tuning how many there are. Released by the caller, also after a failure. */
bool tuning_divide_parts(struct tuning *tuning, size_t held_most, const char *what, struct tuning_parts *parts,
                         struct error *error) MUST_USE;
void tuning_parts_release(struct tuning_parts *parts);

/* The folder of the adapter that `from` names, to begin with: an adapter of the project, a folder, "builtin" (the built-in one of this kind),
 * or, but for readers, "builtin:reader". `from` NULL: nothing is found. */
bool tuning_find_from(struct tuning *tuning, const char *from, const char *kind, const char **folder,
                      struct error *error) MUST_USE;
/* As a recipe names it: what was given as a folder as a path. */
const char *tuning_kept_from(const struct tuning *tuning, const char *from, const char *folder);

/* The folder of the checkpoints. A training that was stopped is neither lost by mistake nor gone on with by mistake. */
struct tuning_going_on {
    const char *name; /* of the adapter */
    bool resume, now;
    bool cannot_end_early; /* there is no --now for it */
};
bool tuning_find_work(struct tuning *tuning, const struct tuning_going_on *going_on, const char **work,
                      struct error *error) MUST_USE;

/* One training of a name at a time: another one is refused, and told who. Ends with tuning_unlock, or with the process. */
bool tuning_lock(struct tuning *tuning, const char *name, const char *folder, struct error *error) MUST_USE;
void tuning_unlock(struct tuning *tuning);

/* The adapter in `folder` is what was kept early of the training whose checkpoints are tuning's: then that may take its place when it ends. */
bool tuning_note_early(const struct tuning *tuning, const char *folder, struct error *error) MUST_USE;
bool tuning_is_early(const struct tuning *tuning, const char *folder);

#endif
