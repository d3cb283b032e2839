/* markdown_marks.h - marks of Markdown's dialects that md4c does not know. Private to this room. */
#ifndef CODEC_MARKDOWN_MARKS_H
#define CODEC_MARKDOWN_MARKS_H

#include "codec.h"

/* Bytes that stand in the place of marks: they are no text. Behind MARK_TITLE stands a title, which ends with its line. MARK_LABEL_END ends the
 * label of a footnote, "- 1" in the place of "[^1". */
enum { MARK_NOTHING = 1, MARK_TITLE = 2, MARK_LABEL_END = 3 };

/* Replaces marks in a text of `size` bytes, which stays as long as it is; false: it has none. `notes` gets the labels of footnotes. */
bool markdown_marks_hide(char *text, size_t size, struct map *notes);

/* The bytes of a footnote's mark, "[^1]", that `text` begins with; 0: it does not. */
size_t markdown_note_size(struct slice text, const struct map *notes);

#endif
