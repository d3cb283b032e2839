/* choice_weights.h - what the features of candidates count. Private to builtin.c; bench/ask_fit.py --write fits and puts the numbers. */
#ifndef ASK_CHOICE_WEIGHTS_H
#define ASK_CHOICE_WEIGHTS_H

#include "features.h"

struct weights {
    double choice[FEATURES]; /* of which the best sum is the answer */
    double chance[FEATURES]; /* of the best one: how likely it is right, with what follows */
    double one, sum, lead;
    double threshold; /* below that chance there is no answer */
};

/* ORDER weights. By what there is: words alone, or vectors too. */
enum weights_kind { WEIGHTS_WORDS, WEIGHTS_MEANING };

static const struct weights fitted[] = {
    [WEIGHTS_WORDS] = {{0.000,  0.000, 1.331,  1.315, 0.703, 1.509, 1.261, 0.000,  1.404,  -1.055,
                        -0.655, 0.325, -0.420, 0.000, 0.305, 0.790, 0.638, -0.019, -0.178, 0.805},
                       {0.000,  0.000, 0.082,  -0.001, -0.016, 0.089, 0.039,  0.000,  -0.070, 0.098,
                        -0.319, 0.429, -0.035, 0.000,  0.038,  0.322, -0.138, -0.106, -0.116, -0.177},
                       -4.282,
                       0.499,
                       0.418,
                       0.061},
    [WEIGHTS_MEANING] = {{0.410,  2.221, 0.871,  0.787, 0.720, 1.141, 0.955, 0.292,  1.249,  -0.954,
                          -0.473, 0.246, -0.456, 0.797, 0.222, 0.668, 0.386, -0.113, -0.230, 0.715},
                         {0.100,  0.194, -0.108, -0.341, -0.150, 0.095, 0.043,  0.183,  -0.085, 0.161,
                          -0.416, 0.693, -0.010, 0.272,  0.038,  0.271, -0.051, -0.124, -0.107, -0.127},
                         -5.705,
                         0.651,
                         0.416,
                         0.041},
};

#endif
