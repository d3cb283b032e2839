/* log.h - lines on standard error, for the server. Libraries report errors instead.
 *
 * Whoever writes a line never waits for whoever reads them. What standard error does not take at the moment waits here, LOG_WAITING_BYTES at the
 * most; lines beyond that are lost, are counted, and are told of before the next line that has room. Into a file lines go at once. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "buffer.h"

enum { LOG_LINE_BYTES = 16 * 1024, LOG_WAITING_BYTES = 512 * 1024 };

/* Begins a buffer, and makes the line in it which tells that so many were lost. */
typedef void log_tell_lost(struct buffer *line, uint64_t count);

/* A line that is made already, with its end, LOG_LINE_BYTES at the most. Lines of threads do not mix. */
void log_ready(struct slice line, log_tell_lost *tell_lost);
/* Writes what waits, as far as it is taken: from time to time, and at the end. */
void log_flush(void);

#endif
