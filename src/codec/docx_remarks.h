/* docx_remarks.h - what stands beside the text of a Word document and is told with it: comments that are open, and what the margins of
 * its pages say of it. Private to this room. */
#ifndef CODEC_DOCX_REMARKS_H
#define CODEC_DOCX_REMARKS_H

#include "package.h"

/* Puts into `done` the paragraph ids of comments that were resolved, and of answers to them; nothing when that cannot be read. */
void docx_resolved_read(struct package *package, struct slice part, struct map *done);

/* Takes the next piece off `rest` that tells which edition of the document this is, or from when on it holds, without the number of the page; false:
 * there is none. `word` is the number of the word that tells it. */
bool docx_edition_next(struct slice *rest, struct slice *piece, size_t *word);

#endif
