/* asked.h - which request a job came of: for who puts jobs, in the transaction in which it does. Private. */
#ifndef JOBS_ASKED_H
#define JOBS_ASKED_H

#include "database.h"

/* `request` NULL: nothing to note. */
bool asked_put(struct jobs *jobs, const char *job, const char *request, struct error *error) MUST_USE;
/* Of the work that was put last, "work-NUMBER". */
bool asked_put_work(struct jobs *jobs, const char *request, struct error *error) MUST_USE;

#endif
