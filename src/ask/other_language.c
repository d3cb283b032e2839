/* other_language.c - a question in a language that none of the passages is in: words find nothing then, and who asks should know why. */
#include "ask_parts.h"

static const char *name_of(enum text_language language)
{
    static const char *const names[LANGUAGE_COUNT] = {
        [LANGUAGE_ARABIC] = "Arabic",         [LANGUAGE_CATALAN] = "Catalan",     [LANGUAGE_DANISH] = "Danish",
        [LANGUAGE_GERMAN] = "German",         [LANGUAGE_GREEK] = "Greek",         [LANGUAGE_ENGLISH] = "English",
        [LANGUAGE_SPANISH] = "Spanish",       [LANGUAGE_FINNISH] = "Finnish",     [LANGUAGE_FRENCH] = "French",
        [LANGUAGE_HINDI] = "Hindi",           [LANGUAGE_HUNGARIAN] = "Hungarian", [LANGUAGE_INDONESIAN] = "Indonesian",
        [LANGUAGE_ITALIAN] = "Italian",       [LANGUAGE_DUTCH] = "Dutch",         [LANGUAGE_NORWEGIAN] = "Norwegian",
        [LANGUAGE_PORTUGUESE] = "Portuguese", [LANGUAGE_ROMANIAN] = "Romanian",   [LANGUAGE_RUSSIAN] = "Russian",
        [LANGUAGE_SWEDISH] = "Swedish",       [LANGUAGE_TAMIL] = "Tamil",         [LANGUAGE_TURKISH] = "Turkish",
    };
    return names[language];
}

const char *other_language(const struct asking *asking)
{
    enum text_language asked = text_language_of(asking->answer->asked), told = LANGUAGE_UNKNOWN;
    for (size_t i = 0; i < asking->passage_count; i++) {
        enum text_language language = text_language_named(asking->passages[i].hit->language);
        if (language == asked || (told != LANGUAGE_UNKNOWN && language != LANGUAGE_UNKNOWN && language != told))
            return NULL; /* or several: a search in one of them may find it */
        told = language != LANGUAGE_UNKNOWN ? language : told;
    }
    return asked != LANGUAGE_UNKNOWN && told != LANGUAGE_UNKNOWN ? name_of(told) : NULL;
}
