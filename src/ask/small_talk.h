/* small_talk.h - what greets, thanks or asks for nothing that stands in a document. Private to ask. */
#ifndef ASK_SMALL_TALK_H
#define ASK_SMALL_TALK_H

#include "base/base.h"

/* Every word of it is one of those that people say to be kind: "Hello!", "thanks, that helped", "Wer bist du?" */
bool is_small_talk(struct slice text);

#endif
