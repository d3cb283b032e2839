/* train.h - fine-tuning: labelled examples in, a tuned model with its proof out.
 *
 *   examples ─▶ checks ─▶ split ─▶ train ↔ validate ─▶ measures, calibration, threshold ─▶ adapter with its provenance */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "examples.h"

#endif
