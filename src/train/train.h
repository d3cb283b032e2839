/* train.h - fine-tunes an encoder on labelled examples: what tunes it, checks its examples and measures it.
 *
 *   examples ─▶ validate, split ─▶ trainer_run ─▶ adapter (a PEFT folder) or a whole model
 *                                     ▲  │
 *                                     └──┘ the caller's score of examples held out, now and then
 *
 * Results depend on the examples, the recipe, the precision and the processor's kernels, to the last bit: never on the number of threads, nor on
 * whether a run was ended and resumed on its way. */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "checks.h"
#include "classifier.h"
#include "examples.h"
#include "general_text.h"
#include "linear_head.h"
#include "measures_classify.h"
#include "reading.h"
#include "team.h"
#include "trainer.h"

#endif
