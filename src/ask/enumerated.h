/* enumerated.h - answers that are several things told one after the other. Private to ask. */
#ifndef ASK_ENUMERATED_H
#define ASK_ENUMERATED_H

#include "base/base.h"

/* "Which documents do I need?", "What do I have to bring?": one of several things is not the answer. */
bool asks_for_all(struct slice question);

/* What stands from `start` to `end`, of a table's row with the rest of its cell; else all of the sentence. */
struct slice cell_around(struct slice sentence, size_t start, size_t end);

/* All that the sentence tells one after the other where `item`, a part of it, is one of these; else the item. */
struct slice enumeration_around(struct slice sentence, struct slice item);

/* "Ada Lovelace, Bob Stone and Carla Ruiz", where `name` is one of them; else the name. */
struct slice names_around(struct slice sentence, struct slice name);

#endif
