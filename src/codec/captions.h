/* captions.h - transcripts and subtitles as plain text. Private to this room. */
#ifndef CODEC_CAPTIONS_H
#define CODEC_CAPTIONS_H

#include "codec.h"

/* WebVTT by its first word; SubRip by a number and a line of times, with which it begins. */
bool captions_is(struct slice source);

/* What is said, without numbers, times and tags: a paragraph for each speaker who is named ("Anna: …"), or until a sentence ends or nobody
 * speaks for a while. Each word's place is that in the file, so a citation leads to its time. */
void captions_read(struct slice source, struct arena *arena, struct blocks *blocks);

#endif
