/* function_words.c - is a word one of its language's commonest short words ("the", "of", "how"), which say little about a subject? */
#include "language_words.h"

bool text_is_function_word(struct slice word, enum text_language language)
{
    for (size_t i = 0; i < language_words_count; i++) {
        struct slice rest = slice_from(language_words[i].words), one;
        while (language_words[i].language == language && slice_next(&rest, ' ', &one))
            if (slice_equal(one, word))
                return true;
    }
    return false;
}
