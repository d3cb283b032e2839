/* tune_output.h - what every kind of tuning tells of its data. Private to cli. */
#ifndef CLI_TUNE_OUTPUT_H
#define CLI_TUNE_OUTPUT_H

#include "output.h"

/* The members "examples", and "tokens", "findings", "labels" of the one document. */
void tune_write_examples(struct json_writer *json, const struct assay_tune_report *report);
void tune_write_data(struct json_writer *json, const struct assay_tune_report *report);

void tune_print_data(const struct assay_tune_report *report);
void tune_print_rejected(const struct assay_tune_report *report);

#endif
