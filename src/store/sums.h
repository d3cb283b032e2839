/* sums.h - a sum over the rows of each table, kept up to date by the program and compared by `assay doctor`. Private. */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "catalog.h"

/* Makes what the rest needs; for every connection. */
bool sums_prepare(struct store *store, struct error *error) MUST_USE;

/* Rows that change from here on change the sums. For writers, once the tables are there. */
void sums_watch(struct store *store);

/* At the beginning of a transaction that writes, and before it is committed. */
bool sums_load(struct store *store, struct error *error) MUST_USE;
bool sums_save(struct store *store, struct error *error) MUST_USE;

/* Counts everything anew and keeps that: after the tables were changed. Within a transaction. */
bool sums_renew(struct store *store, struct error *error) MUST_USE;

/* Counts everything anew and calls each(context, message) for a table whose rows are not those that were written. */
bool sums_check(struct store *store, void (*each)(void *context, const char *message), void *context,
                struct error *error) MUST_USE;

#endif
