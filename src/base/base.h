/* base.h - what every room may use: memory, bytes, files, programs, threads, time, chance, and the one way to report a failure.
 *
 * Nothing here knows what assay does. The rules that hold for the whole program:
 *   - a function that can fail is MUST_USE, returns bool, takes `struct error *` last and leaves its outputs alone on failure;
 *   - small allocations abort when memory is out, sized ones report ERROR_LIMIT or ERROR_NO_MEMORY;
 *   - everything that grows is given its maximum when it is made (the maxima are in limits.h);
 *   - bytes that must survive are written through file.h and nowhere else. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include "again.h"
#include "arena.h"
#include "buffer.h"
#include "bytes.h"
#include "clock.h"
#include "confine.h"
#include "eight_bytes.h"
#include "error.h"
#include "file.h"
#include "library.h"
#include "limits.h"
#include "lines.h"
#include "log.h"
#include "map.h"
#include "memory.h"
#include "program.h"
#include "random.h"
#include "sha256.h"
#include "slice.h"
#include "statistics.h"
#include "thread.h"
#include "worker.h"

#endif
