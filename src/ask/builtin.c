/* builtin.c - an answer without a language model: the sentence of the passages that answers the question most likely, and in it the number, name
 * or code that was asked for.
 *
 *   sentences of the passages ─▶ features (meaning, words, kind of thing) ─▶ logistic regression ─▶ best ─▶ confidence ─▶ answer or none
 *
 * The weights were set by hand and by what bench/ask_quality.py shows; bench/ask_fit.py fits such weights to questions with known answers. Those
 * of SQuAD's did not carry over: with them hardly a question on a shop's pages is answered. So the confidence puts answers in order, and is no
 * share of right ones. */
#include "features.h"
#include "spans.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct weights {
    double one; /* of what is always there */
    double values[FEATURES]; /* ORDER features */
};
static const struct weights with_meaning = {-4.6, {4.0, 2.0, 1.0, 1.0, -0.7, 0.8, 2.0}};
static const struct weights words_alone = {-3.6, {0, 3.0, 2.0, 1.0, -0.7, 0.4, 0}};
#define CONFIDENCE_LEAST 0.35 /* below it, the answer is that there is none */

static double confidence_of(const struct features *features, const struct weights *weights)
{
    double sum = weights->one;
    for (size_t i = 0; i < FEATURES; i++)
        sum += weights->values[i] * features->values[i];
    return 1 / (1 + exp(-sum));
}

/* Where the words of the question stand in the sentence, on the average. */
static size_t middle_of_question(struct asking *asking, struct slice sentence, enum text_language language)
{
    struct text_term term;
    size_t sum = 0, count = 0;
    analyzer_start(asking->analyzer, sentence, language);
    while (analyzer_next(asking->analyzer, &term))
        if (terms_have(&asking->question, term.term)) {
            sum += term.start;
            count++;
        }
    return count > 0 ? sum / count : 0;
}

/* The thing asked for, else the whole sentence. */
static struct slice answer_in(struct asking *asking, const struct candidate_sentence *best)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    struct slice sentence = passage->sentences[best->sentence].text, span;
    enum text_language language = text_language_named(passage->hit->language);
    enum span_kind kind = span_asked(asking->request->question);
    size_t near = middle_of_question(asking, sentence, language);
    return kind != SPAN_NONE && span_find(asking->request->question, sentence, kind, near, &span) ? span : sentence;
}

static void take_answer(struct asking *asking, const struct candidate_sentence *best)
{
    struct ask_answer *answer = asking->answer;
    struct buffer text;
    buffer_init(&text, LIMIT_EXTRACT_BYTES);
    defang(answer_in(asking, best), &text);
    size_t number = cite(asking, best->passage, best->sentence);
    buffer_format(&text, " [%zu]", number);
    answer->text = arena_slice(asking->arena, buffer_slice(&text));
    answer->sentences = 1;
    buffer_release(&text);
}

bool answer_builtin(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    struct candidate_sentence *items, *best = NULL;
    size_t count;
    answer->model = "builtin:sentence";
    answer->abstained = true;
    if (!features_of(asking, &items, &count, error))
        return false;
    bool has_meaning = features_know_meaning(asking);
    for (size_t i = 0; i < count; i++) {
        double confidence = confidence_of(&items[i].features, has_meaning ? &with_meaning : &words_alone);
        if (best == NULL || confidence > answer->confidence) {
            best = &items[i];
            answer->confidence = confidence;
        }
    }
    if (best == NULL || answer->confidence < CONFIDENCE_LEAST)
        return true;
    answer->abstained = false;
    take_answer(asking, best);
    return true;
}
