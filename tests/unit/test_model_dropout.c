/* test_model_dropout.c - what is dropped of a row while an encoder learns. */
#include "compare.h"
#include "model/trainable.h"
#include <math.h>

/* Whatever parts of a row come together, the same columns of it are dropped. */
static void parts_of_a_row_are_dropped_alike(void **state)
{
    (void)state;
    enum { COLUMNS = 700 };
    const struct dropout dropout = {.part = 0.3F, .seed = 11, .step = 5};
    struct random random;
    random_init(&random, test_seed());
    float whole[COLUMNS], parts[COLUMNS];
    for (size_t round = 0; round < 50; round++) {
        size_t dropped = 0, end;
        for (size_t i = 0; i < COLUMNS; i++)
            whole[i] = parts[i] = (float)(i + 1);
        dropout_apply(&dropout, 3, round, 0, whole, COLUMNS);
        for (size_t first = 0; first < COLUMNS; first = end) {
            end = first + 1 + (size_t)random_below(&random, COLUMNS - first);
            dropout_apply(&dropout, 3, round, first, parts + first, end - first);
        }
        compare_floats("a row in parts", parts, whole, COLUMNS, (struct tolerance){0}, test_seed());
        for (size_t i = 0; i < COLUMNS; i++)
            dropped += fpclassify(whole[i]) == FP_ZERO;
        assert_in_range(dropped, COLUMNS * 2 / 10, COLUMNS * 4 / 10); /* 0.3 of 700, and nearly six spreads to each side */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts_of_a_row_are_dropped_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
