/* confine.h - a process that reads bytes nobody vouches for gives up what it does not need, before it reads the first of them.
 *
 *   CONFINE_WORKER    a forked process that has what it works on: it reads and writes the descriptors it holds, and takes memory
 *   CONFINE_PROGRAM   a process that is about to become another program, which must load its libraries: files, only to be read
 *   CONFINE_LOADER    a forked process that opens libraries of others before it becomes a CONFINE_WORKER: files, only to be read
 *
 * All: no new process, no network, no signal to others, no look into another process, no file made or changed, no privilege gained by
 * exec. What is refused fails there with EPERM; a limit that is passed ends the process. A loader, whose libraries run as they are opened,
 * reads what its user may read, what /proc tells of processes among it. The system calls are bound by seccomp, the files of a program also by
 * Landlock where the kernel has it: then it sees nothing but programs, libraries, fonts and its input. */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include "attributes.h"
#include "error.h"
#include <stdbool.h>
#include <stddef.h>

/* Built with a sanitizer, whose tables are far beyond any limit on memory: then a worker has none. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CONFINE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define CONFINE_SANITIZED 1
#endif
#endif
#ifndef CONFINE_SANITIZED
#define CONFINE_SANITIZED 0
#endif

enum confine_kind { CONFINE_PROGRAM, CONFINE_WORKER, CONFINE_LOADER };

struct confine_limits {
    size_t memory_bytes;  /* of a worker and a loader: what it takes beyond what it has; not limited when CONFINE_SANITIZED */
    unsigned cpu_seconds; /* at least 1 */
};

/* Makes what confine_self needs, once for the process; to be called before the fork, since it takes memory and locks. */
bool confine_prepare(struct error *error) MUST_USE;

/* Confines the calling process for good, and has it end with the thread that forked it. Takes neither memory nor locks. It must have one
 * thread. */
bool confine_self(enum confine_kind kind, const struct confine_limits *limits, struct error *error) MUST_USE;

/* Closes all descriptors but standard input, output and error and `keep` (-1: nothing). For the child of a fork. */
void confine_descriptors(int keep);

/* The one exec that a CONFINE_PROGRAM may make: the file open as CONFINE_PROGRAM_DESCRIPTOR (close-on-exec). Returns only if it fails. */
enum { CONFINE_PROGRAM_DESCRIPTOR = 63 };
void confine_exec(char *const *arguments, char *const *environment);

#endif
