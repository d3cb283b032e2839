/* architectures.h - the table of known encoders. Private to model. */
#ifndef MODEL_ARCHITECTURES_H
#define MODEL_ARCHITECTURES_H

#include "config.h"

const struct architecture *architecture_find(struct slice model_type); /* NULL when unknown */
const char *architecture_list(void);                                   /* for people */

/* What may stand before the names of an encoder's tensors, "" first; NULL behind the last. */
extern const char *const architecture_prefixes[];

#endif
