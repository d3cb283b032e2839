/* answers_run.h - graded answers as assay.h tells them. Private to api. */
#ifndef API_ANSWERS_RUN_H
#define API_ANSWERS_RUN_H

#include "eval/eval.h"
#include <assay.h>

void fill_graded(const struct eval_answers_report *inner, struct assay_answers_report *report);

#endif
