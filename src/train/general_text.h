/* general_text.h - questions of general knowledge with passages that answer them: what is asked before and after a tuning, to see what it damages. Part of
 * train.h. */
#ifndef TRAIN_GENERAL_TEXT_H
#define TRAIN_GENERAL_TEXT_H

struct general_text {
    const char *question, *passage; /* no other passage answers it */
};

enum { GENERAL_TEXTS = 60 };
extern const struct general_text general_texts[GENERAL_TEXTS];

#endif
