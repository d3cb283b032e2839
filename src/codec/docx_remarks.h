/* docx_remarks.h - what stands beside the text of a Word document and is told with it: comments that are open, and what the margins of
 * its pages say of it. Private to this room. */
#ifndef CODEC_DOCX_REMARKS_H
#define CODEC_DOCX_REMARKS_H

#include "package.h"

/* Puts into `done` the paragraph ids of comments that were resolved, and of answers to them; nothing when that cannot be read. */
void docx_resolved_read(struct package *package, struct slice part, struct map *done);

/* Whether a line above or below each page tells of the document, which version it is or from when on it holds, rather than of who wrote it or
 * which page it is. */
bool docx_margin_is_told(struct slice line);

#endif
