/* small_talk.c - texts that no document answers, told by their words: one of the words that greet or thank, and none but those that stand around them;
 * or a question to the program itself. */
#include "small_talk.h"
#include "span_parts.h"
#include <string.h>

enum { TEXT_BYTES = 120 };

/* One of these there must be. */
static const char greetings[] = "hello|hi|hey|hiya|greetings|howdy|thanks|thank|thx|ty|cheers|bye|goodbye|ciao|"
                                "hallo|servus|moin|danke|dankeschön|tschüss|tschüs|grüezi|gruß|grüße|"
                                "bonjour|bonsoir|salut|merci|coucou|"
                                "hola|gracias|adiós|adios|saludos|"
                                "buongiorno|buonasera|grazie|salve|arrivederci|"
                                "olá|oi|obrigado|obrigada|tchau|hoi|dag|bedankt|dank|doei";
/* These may stand beside them. */
static const char
    around[] = "a|all|again|and|are|for|good|great|help|helped|helping|helpful|how|i|is|it|lot|lots|much|morning|afternoon|"
               "evening|night|day|doing|going|"
               "nice|ok|okay|perfect|please|so|that|the|there|this|to|today|very|was|works|you|your|yes|everyone|everybody|"
               "assistant|bot|team|later|see|"
               "guten|gute|gut|morgen|tag|abend|nacht|wie|geht|es|dir|ihnen|schön|schönen|sehr|vielen|viele|lieben|für|die|"
               "hilfe|zusammen|auf|wiedersehen|"
               "du|ja|noch|und|herzlichen|das|war|hat|geholfen|dich|mir|"
               "beaucoup|bien|ça|va|comment|vous|allez|à|tous|toi|pour|votre|aide|journée|bonne|au|revoir|et|"
               "muchas|muchos|mil|buenos|buenas|días|dias|tardes|noches|qué|tal|cómo|estás|está|por|la|ayuda|todo|y|"
               "tante|mille|molte|come|stai|sta|va|tutti|bem|tudo|bom|boa|dia|tarde|noite|muito|muita|goedemorgen|goed|"
               "hartelijk|je|wel|u|met";
/* Alone, or with what stands around. */
static const char *const sayings[] = {
    "who are you",
    "what are you",
    "what is your name",
    "what s your name",
    "how are you",
    "how are you doing",
    "what can you do",
    "are you a bot",
    "are you human",
    "are you a robot",
    "are you there",
    "who made you",
    "good morning",
    "good afternoon",
    "good evening",
    "good night",
    "good day",
    "see you later",
    "wer bist du",
    "wer sind sie",
    "was bist du",
    "was kannst du",
    "wie heißt du",
    "wie geht es dir",
    "wie gehts",
    "wie geht es ihnen",
    "guten morgen",
    "guten tag",
    "guten abend",
    "gute nacht",
    "grüß gott",
    "auf wiedersehen",
    "bist du ein mensch",
    "qui es tu",
    "qui êtes vous",
    "comment ça va",
    "ça va",
    "comment allez vous",
    "au revoir",
    "bonne journée",
    "quién eres",
    "qué eres",
    "cómo estás",
    "qué tal",
    "buenos días",
    "buenas tardes",
    "buenas noches",
    "chi sei",
    "come stai",
    "buona sera",
    "quem é você",
    "tudo bem",
    "bom dia",
    "boa tarde",
    "wie ben jij",
    "wie ben je",
    "hoe gaat het",
    "goedemorgen",
    "goedemiddag",
    "wie geht s",
};

/* The words of a text, and how many are of which kind. */
struct kindness {
    bool begins, ends; /* with a greeting */
    size_t greetings, others; /* others: neither greeting nor around it */
    struct buffer rest; /* the words but for greetings, a blank between them */
};

static void count_word(struct kindness *counts, const struct span_word *word)
{
    bool greets = span_word_is(word, greetings);
    counts->begins = counts->begins || (greets && counts->greetings + counts->others + counts->rest.size == 0);
    counts->ends = greets;
    if (greets) {
        counts->greetings++;
        return;
    }
    counts->others += !span_word_is(word, around);
    if (counts->rest.size > 0)
        buffer_append_byte(&counts->rest, ' ');
    buffer_append(&counts->rest, word->bytes, word->size);
}

bool is_small_talk(struct slice text)
{
    struct kindness counts = {0};
    if (text.size > TEXT_BYTES)
        return false;
    buffer_init(&counts.rest, 2 * TEXT_BYTES);
    for (size_t at = 0; at < text.size;) {
        struct span_word word = span_word_at(text, at);
        counts.others += span_is_digit(text, at);
        if (word.size > 0)
            count_word(&counts, &word);
        at = word.size > 0 ? span_letters_end(text, at) : at + 1;
    }
    struct slice trimmed = slice_trim(text);
    bool asks = trimmed.size > 0 && trimmed.data[trimmed.size - 1] == '?'; /* "Is the salve good for the night?" */
    bool found = (counts.begins || counts.ends) && counts.others == 0 && !(asks && counts.rest.size > 0);
    for (size_t i = 0; i < ARRAY_COUNT(sayings) && !found; i++)
        found = slice_equal_text(buffer_slice(&counts.rest), sayings[i]);
    buffer_release(&counts.rest);
    return found;
}
