/* pronouns.h - whom a sentence means by "she". Private to ask. */
#ifndef ASK_PRONOUNS_H
#define ASK_PRONOUNS_H

#include "base/base.h"

/* The sentence tells of one person by a pronoun alone, and the one before it names one: `name` there, `pronoun` here. English. */
bool person_meant(struct slice before, struct slice sentence, struct slice *name, struct slice *pronoun);

#endif
