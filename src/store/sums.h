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

/* Around a change of the tables, within its transaction: finds which sums are right, or not there yet, and counts these anew afterwards.
 * A sum that was wrong before stays as it is, and so wrong: a change of the tables does not vouch for damaged rows. */
struct sums_right {
    bool tables[SUMS_TABLES];
};
bool sums_before_change(struct store *store, bool has_sums, struct sums_right *right, struct error *error) MUST_USE;
bool sums_after_change(struct store *store, const struct sums_right *right, struct error *error) MUST_USE;

/* Empties the tables that say what index files hold, and with `vectors` those of vectors: they are right again. Within a transaction. */
bool sums_forget(struct store *store, bool vectors, struct error *error) MUST_USE;

/* Counts everything anew and calls each(context, message) for a table whose rows are not those that were written. */
bool sums_check(struct store *store, struct store_wrong *wrong, void (*each)(void *context, const char *message), void *context,
                struct error *error) MUST_USE;

#endif
