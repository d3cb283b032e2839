/* vocabulary_folder.h - a tokenizer from vocab.txt and what stands beside it, as transformers' BertTokenizer and MPNetTokenizer read it.
 * Private to model. */
#ifndef MODEL_VOCABULARY_FOLDER_H
#define MODEL_VOCABULARY_FOLDER_H

#include "text/text.h"

/* `path` is vocab.txt's, of the folder. */
bool vocabulary_folder_read(struct tokenizer **tokenizer, const char *folder, const char *path, struct slice vocabulary,
                            struct arena *arena, struct error *error) MUST_USE;

#endif
