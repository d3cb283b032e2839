/* physicals.h - times, lengths, masses, volumes and heat: which of them a question asks for, and which a text tells. Private to ask. */
#ifndef ASK_PHYSICALS_H
#define ASK_PHYSICALS_H

#include "base/base.h"

enum physical { PHYSICAL_TIME = 1, PHYSICAL_LENGTH = 2, PHYSICAL_MASS = 4, PHYSICAL_VOLUME = 8, PHYSICAL_HEAT = 16 };

unsigned physicals_asked(struct slice question); /* "how heavy": mass; "how long": time and length */
unsigned physicals_told(struct slice text); /* by the units behind its numbers */
unsigned physicals_of_unit(struct slice word);

#endif
