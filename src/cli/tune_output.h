/* tune_output.h - what every kind of tuning tells of its data. Private to cli. */
#ifndef CLI_TUNE_OUTPUT_H
#define CLI_TUNE_OUTPUT_H

#include "output.h"

/* The one document: what of the data is the same for every kind, and in it what was learned, which may be nothing. */
enum exit_code tune_print_json(const struct invocation *invocation, const struct assay_tune_report *report,
                               void (*write_learned)(struct json_writer *json, const struct assay_tune_report *report));

/* --rate; 0: it was not given. False: wrong use, told. */
bool tune_read_rate(const struct invocation *invocation, double *rate);

void tune_print_data(const struct assay_tune_report *report);
void tune_print_rejected(const struct assay_tune_report *report);

#endif
