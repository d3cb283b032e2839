/* program.h - another program reads what nobody vouches for, in our stead: confined (confine.h), within limits, without a file.
 *
 *   input ─▶ sealed memory, its standard input (also /dev/fd/0, for programs that want to seek) ─▶ program ─▶ output
 *
 * Programs are looked for in /usr/local/bin, /usr/bin and /bin alone, get an environment that is always the same, no descriptor but
 * the standard ones, and "/" as their folder. May be called from several threads. */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "buffer.h"

struct program_limits {
    unsigned wall_ms;
    unsigned cpu_seconds;
    size_t memory_bytes; /* of its address space, libraries among it */
};

struct program_end {
    int code; /* its exit status */
    char complaint[400]; /* how what it wrote to standard error begins */
};

bool program_is_installed(const char *name);

/* Runs arguments[0] (a name; the list ends with NULL) and appends what it writes to `output`, whose maximum is the limit. Fails with
 * ERROR_NOT_FOUND when it is not installed, ERROR_LIMIT when it took too long or wrote too much, ERROR_INVALID when a signal ended it:
 * programs that find something wrong with their input end by themselves, with a code. */
bool program_run(const char *const *arguments, struct slice input, struct buffer *output, const struct program_limits *limits,
                 struct program_end *end, struct error *error) MUST_USE;

#endif
