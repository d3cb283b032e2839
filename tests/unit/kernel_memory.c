#include "kernel_memory.h"
#include "compare.h"
#include <stdlib.h>
#include <string.h>

void *exact_copy(const void *data, size_t size, size_t shift, unsigned char **owner)
{
    *owner = memory_alloc(size + shift + 1, 1);
    *owner = memory_resize(*owner, size + shift > 0 ? size + shift : 1, 1);
    if (size > 0)
        memcpy(*owner + shift, data, size);
    return *owner + shift;
}

void *guarded(size_t size, size_t shift, unsigned char **owner)
{
    size_t bytes = GUARD + shift + size + GUARD;
    *owner = memory_alloc(bytes, 1);
    memset(*owner, GUARD_BYTE, bytes);
    return *owner + GUARD + shift;
}

void check_guards(const char *what, const void *output, size_t size, uint64_t seed)
{
    const unsigned char *from = output;
    for (size_t i = 1; i <= GUARD; i++)
        if (*(from - i) != GUARD_BYTE)
            fail_msg("%s wrote %zu bytes before its output (seed %llu)", what, i, (unsigned long long)seed);
    for (size_t i = 0; i < GUARD; i++)
        if (from[size + i] != GUARD_BYTE)
            fail_msg("%s wrote %zu bytes behind its output (seed %llu)", what, i + 1, (unsigned long long)seed);
}

uint16_t bf16_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    uint32_t kept = bits >> 16, rest = bits & 0xFFFF;
    if ((bits & 0x7FFFFFFF) > 0x7F800000)
        return 0x7FC0;
    if (rest > 0x8000 || (rest == 0x8000 && kept % 2 == 1))
        kept++;
    return (uint16_t)kept;
}

float bf16_to_float(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof(value));
    return value;
}
