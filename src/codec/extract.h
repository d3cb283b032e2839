/* extract.h - what the parts of extracts share. Private to this room. */
#ifndef CODEC_EXTRACT_H
#define CODEC_EXTRACT_H

#include "codec.h"

/* Gives the blocks, whose places are known, their texts and runs. */
void extract_place_blocks(struct extract *extract);

#endif
