/* fuzz_values.c - any bytes as a sentence: its values lie in it, in order, and are numbers. */
#include "audit/audit.h"
#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct value values[VALUES_MAX];
    struct slice text = {(const char *)data, size};
    size_t count = values_read(text, LANGUAGE_UNKNOWN, values), at = 0;
    REQUIRE(count <= VALUES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &values[i];
        REQUIRE(value->start >= at && value->start < value->end && value->end <= size);
        REQUIRE((unsigned)value->kind < VALUE_KINDS && isfinite(value->number));
        REQUIRE(value->kind != VALUE_DATE || value->grain == DATE_DAY_OF_YEAR || (double)value->last >= value->number);
        at = value->end;
    }
    return 0;
}
