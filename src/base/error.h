/* error.h - why something failed, told so that a person can act on it.
 *
 * message: one line, lower case, no full stop: the kind of thing, its quoted name, the value complained about, the reason.
 * hint:    full sentences, what to do.
 * The same object becomes CLI text, a log line and the API's error document. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "attributes.h"
#include <stdbool.h>

enum error_kind {
    ERROR_NONE,
    ERROR_INVALID,   /* the input is wrong; the same call will fail again */
    ERROR_NOT_FOUND, /* the thing named is not there */
    ERROR_CONFLICT,  /* somebody else holds it, or it exists already */
    ERROR_LIMIT,     /* a stated limit was reached; the message names it */
    ERROR_CORRUPT,   /* stored bytes are not what was written */
    ERROR_IO,        /* the system refused to read or write */
    ERROR_NO_MEMORY, /* a sized allocation failed */
    ERROR_CANCELLED, /* the person stopped it */
    ERROR_KIND_COUNT
};

struct error {
    enum error_kind kind;
    char message[1024]; /* room for a long path and the reason */
    char hint[240];
    bool is_elsewhere; /* what failed is a server that was asked, not this machine */
    bool is_full;      /* what failed is a disk without room, or a quota of it */
};

/* Fills `error` and returns false, always, so that a failure is one line: return error_set(error, ERROR_LIMIT, "…"). */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same for a failed system call: the kind follows errno, whose text is appended after ": ". */
bool error_system(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts context before the message: "could not open segment "x": input/output error". Returns false. */
bool error_wrap(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* Says what the person can do about it. Returns false. */
bool error_hint(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* Compilers and analyzers cannot see into error.c; this tells them that the four above return false, so that they do not warn
 * of outputs that a failed call left alone. */
static inline bool error_told(bool told)
{
    (void)told;
    return false;
}
#define error_set(...) error_told(error_set(__VA_ARGS__))
#define error_system(...) error_told(error_system(__VA_ARGS__))
#define error_wrap(...) error_told(error_wrap(__VA_ARGS__))
#define error_hint(...) error_told(error_hint(__VA_ARGS__))

void error_clear(struct error *error);

/* The name that machines see: "not_found". */
const char *error_kind_name(enum error_kind kind);

#endif
