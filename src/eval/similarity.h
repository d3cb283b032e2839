/* similarity.h - how alike two texts are: measures that count common characters or words. Pure. */
#ifndef EVAL_SIMILARITY_H
#define EVAL_SIMILARITY_H

#include "base/base.h"

/* Words are those of Unicode, in small letters.
 *
 *   fuzzy_match   2·L / (characters of both), L the longest common subsequence of characters
 *   bleu          geometric mean of the shares of runs of 1 to 4 words that the reference has too, one added to both counts from 2 on
 *                 (Lin & Och 2004), times the penalty for being shorter than the reference (Papineni et al. 2002)
 *   gleu          common runs of 1 to 4 words / those of the longer one (Wu et al. 2016)
 *   rouge_1 … 5   2·common / (runs of n words of both)   (Lin 2004: F1)
 *   rouge_l       2·L / (words of both), L the longest common subsequence of words
 *   meteor        words are matched, then, of those left over, stems (Porter 1980), each with the last one that is free. F = P·R / (0.9·P + 0.1·R),
 *                 times 1 - 0.5·(chunks / matches)³, chunks being runs that stand together in both (Banerjee & Lavie 2005; the numbers are those of
 *                 NLTK). Synonyms, which want WordNet, count as different. */
enum similarity {
    SIMILARITY_FUZZY,
    SIMILARITY_BLEU,
    SIMILARITY_GLEU,
    SIMILARITY_ROUGE_1,
    SIMILARITY_ROUGE_2,
    SIMILARITY_ROUGE_3,
    SIMILARITY_ROUGE_4,
    SIMILARITY_ROUGE_5,
    SIMILARITY_ROUGE_L,
    SIMILARITY_METEOR,
    SIMILARITIES
};
bool similarity_named(const char *name, enum similarity *similarity);

/* 0 … 1. ERROR_LIMIT: a text is too long for a measure that compares each part of one with each of the other. */
bool similarity_measure(enum similarity similarity, struct slice text, struct slice reference, double *value,
                        struct error *error) MUST_USE;

#endif
