/* follow.h - questions that lean on what was asked before. Private to ask. */
#ifndef ASK_FOLLOW_H
#define ASK_FOLLOW_H

#include "ask_parts.h"

/* Fills answer->asked: the question, and where it leans on the conversation, what it lacks. With a language model, by its rewriting; without
 * one, by the words of the question before. */
bool follow_up(struct asking *asking, struct error *error) MUST_USE;

#endif
