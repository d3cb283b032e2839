/* asked_names.h - whether a passage tells of whom and what a question names. Private to ask. */
#ifndef ASK_ASKED_NAMES_H
#define ASK_ASKED_NAMES_H

#include "ask_parts.h"

enum { NAMES_MAX = 12 };

/* The names, acronyms and codes of a text, as they stand there. */
size_t names_find(struct slice text, struct slice names[NAMES_MAX]);
/* Letters, and two digits or more behind them: "HP-200". */
bool is_code(struct slice name);

/* Of the names, acronyms and codes in the question ("China", "VAT", "HP-200"), the share that stands neither in the passage nor above it. 0: none. A year
 * counts as one where the passage tells of another. */
double names_lacking(struct asking *asking, size_t passage);

/* A word of the text is the name but for a slip, or words of it spell the name out: "Annual General Meeting" for AGM. */
bool name_is_spelled_in(struct slice text, struct slice name);

/* Something that the question names, "Rotterdam", stands in none of the passages and nowhere in the project, in any spelling. */
bool names_are_strange(struct asking *asking);

/* A code of the question stands neither in the passage nor above it: it tells of another. */
bool lacks_code(struct asking *asking, size_t passage);

/* A year of the question is not that of the line, which has another one, while a line beside it has it. */
bool line_lacks_year(struct asking *asking, size_t passage, size_t sentence);

#endif
