/* opposites.c - lines that tell the opposite of what is asked.
 *
 *   "When is the office open?"         The office is closed from 21 December to 4 January.
 *   "Which classes are not carried?"   Carried are classes 2 to 9. **Not** carried: class 1.
 *
 * They share all words with the question but one. Only where the question asks for a thing: of "is it open?" such a line is an answer. */
#include "opposites.h"
#include "rival_words.h"
#include "span_parts.h"

static const char
    opens[] = "open|opens|opened|opening|geöffnet|offen|öffnet|öffnungszeiten|ouvert|ouverte|ouvre|abierto|abierta|abre|"
              "aperto|aperta|apre|geopend|aberto|aberta";
static const char closed[] = "closed|shut|geschlossen|fermé|fermée|cerrado|cerrada|chiuso|chiusa|gesloten|fechado|fechada";
static const char nots[] = "not|never|cannot|nicht|kein|keine|keinen|nie|pas|jamais|nunca|non|niet|geen|não";

static bool is_closed(const struct asking *asking, struct slice line)
{
    struct slice asked = asking->answer->asked;
    bool asks_open = span_has_word(asked, opens) && !span_has_word(asked, closed) && !span_has_word(asked, nots);
    return asks_open && span_has_word(line, closed) && !span_has_word(line, opens) &&
           !span_has_word(line, "until|till|before|bis|jusqu|hasta|fino|tot|até");
}

/* "not carried", and of what is "not open" also "closed". */
static bool is_denied(const struct asking *asking, struct slice line)
{
    return span_has_word(line, nots) || (span_has_word(asking->answer->asked, opens) && span_has_word(line, closed));
}

/* A line of the passage has the "not", and as many words of the question. */
static bool is_denied_beside(struct asking *asking, const struct ask_passage *passage, const struct ask_sentence *mine)
{
    static const struct terms none = {0};
    size_t have = rival_asked_beyond(asking, &mine->terms, &none);
    for (size_t i = 0; i < passage->sentence_count; i++) {
        const struct ask_sentence *other = &passage->sentences[i];
        size_t has = other != mine && is_denied(asking, other->text) ? rival_asked_beyond(asking, &other->terms, &none) : 0;
        if (has > 0 && has >= have && rival_asked_beyond(asking, &mine->terms, &other->terms) == 0)
            return true;
    }
    return false;
}

bool line_is_opposite(struct asking *asking, size_t passage, size_t sentence)
{
    const struct ask_passage *place = &asking->passages[passage];
    const struct ask_sentence *line = &place->sentences[sentence];
    return is_closed(asking, line->text) || (span_has_word(asking->answer->asked, nots) && !is_denied(asking, line->text) &&
                                             is_denied_beside(asking, place, line));
}
