/* log.h - one line per event on standard error, for the two front doors (cli, server). Libraries report errors instead.
 * Control characters in the text are written as \xNN, so that no input can forge a line. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "attributes.h"
#include "slice.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* LOG_WARNING at start */
/* A line that is made already, with its end, by one write: lines of threads do not mix. What cannot be written is lost. */
void log_ready(struct slice line);
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
