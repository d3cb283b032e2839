/* found_results.c - of a report of a study, a survey or a test, "is it so?" is answered from what was found, not from what was to be found out.
 *
 *   ## Aim        To find out whether the new soles slip less on wet tiles.          the question once more
 *   ## Results    On wet tiles the new soles slipped in 3 of 40 trials, the old …    ▶ the answer
 *
 * The aim has more words of the question than anything else of the report. Its results are read by themselves, also those that the search did not find. */
#include "found_results.h"
#include "asked_shape.h"
#include "full.h"
#include "span_parts.h"
#include <math.h>
#include <string.h>

enum { PASSAGES_MAX = 1000, READ_MAX = 6, HEADING_WORDS_MAX = 5 };

static const char openings[] =
    "background|introduction|aim|aims|objective|objectives|purpose|goal|goals|hypothesis|rationale|context|method|methods|"
    "methodology|design|setting|participants|patients|subjects|sample|materials|measures|measurements|statistics|analysis|"
    "einleitung|hintergrund|ziel|ziele|fragestellung|methode|methoden|methodik|contexte|objectif|objectifs|méthode|méthodes|"
    "antecedentes|introducción|objetivo|objetivos|método|métodos|introduzione|scopo|obiettivo|obiettivi|metodo|metodi|"
    "inleiding|doel";
static const char found_words[] =
    "results|findings|conclusion|conclusions|ergebnisse|befunde|schlussfolgerung|schlussfolgerungen|résultats|resultados|"
    "conclusiones|risultati|conclusioni|resultaten|conclusies";

static struct slice last_heading(const struct store_passage *passage)
{
    struct slice rest = passage->headings, heading = SLICE(""), part;
    while (slice_next(&rest, STORE_HEADING_SEPARATOR, &part))
        heading = part;
    return heading;
}

/* A short heading with such a word: "Main results", and no sentence that has it. */
static bool is_headed(const struct store_passage *passage, const char *alternatives)
{
    struct span_words words;
    struct slice heading = last_heading(passage);
    span_words_read(heading, &words);
    return words.count > 0 && words.count <= HEADING_WORDS_MAX && span_has_word(heading, alternatives);
}

/* ---- the report's results ---- */

struct fetching {
    struct asking *asking;
    const struct search_hit *like; /* a hit of the same document */
    struct search_hit hits[READ_MAX]; /* of those that the search did not find, the ones with most of the question */
    size_t shares[READ_MAX];
    size_t count;
};

static bool was_found(const struct asking *asking, const struct store_passage *passage)
{
    for (size_t i = 0; i < asking->passage_count; i++)
        if (asking->passages[i].hit->first <= passage->id && passage->id <= asking->passages[i].hit->last)
            return true;
    return false;
}

static bool take_result(void *context, const struct store_passage *passage, const struct store_document *document,
                        struct error *error)
{
    struct fetching *fetching = context;
    struct asking *asking = fetching->asking;
    (void)error;
    if (!is_headed(passage, found_words) || was_found(asking, passage))
        return true;
    struct terms terms = terms_of(asking, passage->text, text_language_indexed(text_language_named(fetching->like->language)));
    size_t share = 0, at = fetching->count;
    for (size_t i = 0; i < asking->question.count; i++)
        share += terms_have(&terms, asking->question.items[i]);
    while (at > 0 && fetching->shares[at - 1] < share)
        at--;
    if (at == READ_MAX)
        return true;
    fetching->count += fetching->count < READ_MAX;
    for (size_t i = fetching->count - 1; i > at; i--) {
        fetching->hits[i] = fetching->hits[i - 1];
        fetching->shares[i] = fetching->shares[i - 1];
    }
    fetching->shares[at] = share;
    fetching->hits[at] = hit_of(asking->arena, passage, document);
    fetching->hits[at].edition = fetching->like->edition;
    return true;
}

/* Takes in the results that the search did not find. */
static bool fetch_results(struct asking *asking, size_t passage, struct error *error)
{
    struct fetching *fetching = arena_alloc(asking->arena, 1, sizeof(*fetching));
    const struct store_passage_range range = {.most = PASSAGES_MAX};
    *fetching = (struct fetching){.asking = asking, .like = asking->passages[passage].hit};
    if (asking->request->given != NULL)
        return true;
    if (!store_begin(asking->project->store, STORE_READ, error))
        return false;
    bool ok = store_each_passage_of(asking->project->store, fetching->like->passage.document, &range, take_result, fetching,
                                    error);
    store_rollback(asking->project->store);
    return ok && (fetching->count == 0 || gate_more(asking, fetching->hits, fetching->count, error));
}

/* ---- what a sentence tells ---- */

/* Who took part, and what was done: it stands before what was found. English. */
static bool may_be_finding(void *context, struct slice text)
{
    static const char *const methods[] = {"were searched",  "was searched",  "were included",      "were enrolled",
                                          "were recruited", "were selected", "inclusion criteria", "took part",
                                          "were reviewed",  "mean age",      "average age",        "median age",
                                          "response rate"};
    static const char
        found[] = "significant|significantly|difference|differences|associated|association|than|compared|increased|"
                  "decreased|reduced|improved|showed|revealed|predicted|correlated|not|no";
    bool tells_methods = false;
    (void)context;
    for (size_t i = 0; i < ARRAY_COUNT(methods) && !tells_methods; i++)
        tells_methods = memmem(text.data, text.size, methods[i], strlen(methods[i])) != NULL;
    return !tells_methods || span_has_word(text, found);
}

/* "To find out whether …", "We examined …", "It is unclear whether …": what is asked, and no answer. English. */
static bool is_inquiry(struct slice text)
{
    static const char
        asks[] = "aim|aims|aimed|purpose|objective|goal|hypothesis|hypothesized|hypothesised|whether|unclear|unknown|"
                 "investigated|examined|evaluated|assessed|explored|determine|evaluate|assess|examine|investigate";
    struct span_word first = span_word_at(text, 0);
    return span_word_is(&first, "to|whether") || span_has_word(text, asks);
}

bool prefer_findings(struct asking *asking, struct builtin_choice *chosen, struct error *error)
{
    const struct candidate *best = chosen->best;
    const bool asks_truth = shape_asked(asking->answer->asked) == SHAPE_TRUTH || asks_by_title(asking->answer->asked);
    if (best == NULL || !asks_truth || !is_headed(&asking->passages[best->passage].hit->passage, openings))
        return true;
    const int64_t document = asking->passages[best->passage].hit->passage.document;
    if (!fetch_results(asking, best->passage, error))
        return false;
    size_t *places = arena_alloc(asking->arena, asking->passage_count, sizeof(*places)), count = 0;
    for (size_t i = 0; i < asking->passage_count && count < READ_MAX; i++) {
        const struct store_passage *passage = &asking->passages[i].hit->passage;
        if (passage->document == document && is_headed(passage, found_words))
            places[count++] = i;
    }
    struct builtin_choice found;
    if (count == 0)
        return true;
    const struct slice told = asking->passages[best->passage].sentences[best->sentence].text;
    if (!builtin_choose_among(asking, places, count, may_be_finding, &found, error))
        return false;
    bool is_close = found.best != NULL && (found.is_likely || (is_inquiry(told) && found.best->values[FEATURE_OWN_WORDS] > 0));
    if (is_close) {
        chosen->best = found.best;
        chosen->chance = fmin(chosen->chance, found.chance); /* that of the aim says nothing of the finding */
    }
    return true;
}
