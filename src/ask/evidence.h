/* evidence.h - what tells whether the documents hold an answer at all, and whether the one that was chosen is it. Private to ask. */
#ifndef ASK_EVIDENCE_H
#define ASK_EVIDENCE_H

#include "features.h"

/* ORDER evidence: bench/evidence_fit.py fits weights in this order. "Words" are those of the question, rare ones in the project counting more. */
enum evidence {
    EVIDENCE_MEANING, /* of the answer's line: similarity of its vector */
    EVIDENCE_MEANING_MOST, /* of any line */
    EVIDENCE_PASSAGE, /* of the answer's passage: similarity */
    EVIDENCE_PASSAGE_MOST, /* of any passage */
    EVIDENCE_PASSAGE_ABOVE, /* how far that is above those that were found, on the average */
    EVIDENCE_WORDS, /* share of the words in the answer's line and its headings */
    EVIDENCE_PASSAGE_WORDS, /* in its passage */
    EVIDENCE_FOUND_WORDS, /* in any passage that was found */
    EVIDENCE_UNKNOWN, /* share that no passage of the project has */
    EVIDENCE_RAREST, /* weight of the rarest word that the answer's passage lacks, as a share of the most that there is */
    EVIDENCE_SCORE, /* the passage's score by words as a share of the highest that any text could have */
    EVIDENCE_SCORE_MOST, /* of any passage */
    EVIDENCE_READ, /* how far the reader puts the answer above there being none */
    EVIDENCE_READ_MOST, /* the best of any line */
    EVIDENCE_READ_AGREES, /* that best one is the answer, more or less */
    EVIDENCE_NAMES, /* share of the names that the answer's passage lacks */
    EVIDENCE_NUMBERS, /* share of the numbers that it lacks */
    EVIDENCE_FITS,
    EVIDENCE_LACKS, /* as features of the answer */
    EVIDENCE_WHOLE,
    EVIDENCE_CELL,
    EVIDENCE_ECHO,
    EVIDENCE_RANK,
    EVIDENCE_SUM, /* what it was chosen by */
    EVIDENCE_LEAD,
    EVIDENCE_NEAR_WORDS, /* as EVIDENCE_WORDS, words of like meaning counting by how near they are */
    EVIDENCE_NEAR_PASSAGE, /* the same of the passage */
    EVIDENCE_NEAR_LEAST, /* of the word that is farthest from all of the passage */
    EVIDENCE_SIZE, /* of the project: logarithm of its passages */
    EVIDENCE_LENGTH, /* of the question: logarithm of its words */
    EVIDENCE_UNIT,
    EVIDENCE_NEAR,
    EVIDENCE_COLUMN,
    EVIDENCE_COLUMN_WORDS,
    EVIDENCE_ROW_WORDS, /* as features of the answer, too */
    EVIDENCE_ASKED, /* of "how many X", "which X": how far X is from all words of the answer's line; 0 where none is asked for */
    EVIDENCE_OTHER_UNIT, /* the answer is in a unit of another kind than what is asked for */
    EVIDENCE_FOREIGN, /* the passage is in a language that reader and model did not learn */
    EVIDENCE_UNKNOWN_FAR, /* of words that no passage of the project has: how far the farthest is from all words of the answer's passage */
    EVIDENCE_LINE_FAR, /* of the words by how rare each is: how far the farthest is from all words of the answer's line */
    EVIDENCES
};

/* Of the chosen one of `count` candidates; `sum` and `lead` as it was chosen by. */
bool evidence_find(struct asking *asking, const struct candidate *items, size_t count, const struct candidate *best, double sum,
                   double lead, double values[EVIDENCES], struct error *error) MUST_USE;

/* The word of the search that is the term; NULL: it looked for none such. */
const struct search_word *search_word_of(const struct search_result *search, struct slice term);

#endif
