/* again.h - this program once more, with other words: long work in a process of its own, which takes its memory along when it ends.
 *
 * It is as trusted as the program is, gets its environment, yields to others, and ends with the thread that started it. */
#ifndef BASE_AGAIN_H
#define BASE_AGAIN_H

#include "attributes.h"
#include "error.h"
#include <stdbool.h>
#include <sys/types.h>

struct again_options {
    const char *const *words; /* the first is the program's name; the list ends with NULL */
    const char *variable; /* "NAME=value", in place of what the environment has by that name */
    const char *output, *messages; /* files that standard output and standard error go to, made anew */
};
bool again_start(const struct again_options *options, pid_t *child, struct error *error) MUST_USE;

/* False: it runs. `*status` as waitpid has it. */
bool again_ended(pid_t child, int *status);
void again_stop(pid_t child, bool at_once); /* asked to end, or ended */

#endif
