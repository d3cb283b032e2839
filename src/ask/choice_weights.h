/* choice_weights.h - what the features of candidates count. Private to builtin.c; written by bench/ask_fit.py --write. */
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
                       {0.000,  0.000, 0.018,  -0.021, -0.128, 0.124, 0.071,  0.000,  -0.175, 0.106,
                        -0.410, 0.365, -0.050, 0.000,  0.001,  0.365, -0.153, -0.123, -0.272, -0.151},
                       -2.754,
                       0.354,
                       0.396,
                       0.094},
    [WEIGHTS_MEANING] = {{0.410,  2.221, 0.871,  0.787, 0.720, 1.141, 0.955, 0.292,  1.249,  -0.954,
                          -0.473, 0.246, -0.456, 0.797, 0.222, 0.668, 0.386, -0.113, -0.230, 0.715},
                         {-0.036, 0.238, -0.165, -0.448, -0.236, 0.098, 0.059,  0.074,  -0.099, 0.182,
                          -0.502, 0.642, -0.023, 0.212,  0.023,  0.327, -0.018, -0.158, -0.188, -0.081},
                         -4.464,
                         0.536,
                         0.433,
                         0.053},
};

#endif
