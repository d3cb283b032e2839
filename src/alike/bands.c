/* bands.c - one hash function, 96 places: a shingle belongs to the place that its upper bits name, and a place keeps the smallest of the
 * lower bits. Places that got none take the minimum of another one, the same one in every text:
 *
 *   minima   [7][–][3][–][9] …      –: no shingle fell there
 *   filled   [7][9][3][7][9] …
 *   keys     hash of [7][9][3], hash of the next three, … */
#include "bands.h"
#include <assert.h>
#include <string.h>

enum { PLACES = BANDS * BAND_MINIMA };
#define EMPTY UINT32_MAX

static uint32_t scatter(uint32_t a, uint32_t b)
{
    uint64_t value = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u;
    value ^= value >> 29;
    value *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(value >> 32);
}

static void fill_empty(uint32_t minima[PLACES])
{
    uint32_t filled[PLACES];
    for (uint32_t place = 0; place < PLACES; place++) {
        uint32_t from = place;
        for (uint32_t turn = 1; minima[from] == EMPTY; turn++)
            from = (uint32_t)((uint64_t)scatter(place, turn) * PLACES >> 32);
        filled[place] = minima[from];
    }
    memcpy(minima, filled, sizeof(filled));
}

void band_keys(const struct shingles *shingles, uint32_t keys[BANDS])
{
    uint32_t minima[PLACES];
    assert(shingles->count > 0);
    memset(minima, 0xff, sizeof(minima));
    for (size_t i = 0; i < shingles->count; i++) {
        uint32_t place = (uint32_t)((shingles->items[i] >> 32) * PLACES >> 32);
        uint32_t value = (uint32_t)shingles->items[i];
        value -= value == EMPTY;
        if (value < minima[place])
            minima[place] = value;
    }
    fill_empty(minima);
    for (uint32_t band = 0; band < BANDS; band++) {
        keys[band] = band;
        for (size_t i = 0; i < BAND_MINIMA; i++)
            keys[band] = scatter(keys[band], minima[band * BAND_MINIMA + i]);
    }
}

void band_sort(band_entry *entries, band_entry *spare, size_t count)
{
    enum { BITS = 8, DIGITS = 1 << BITS };
    for (unsigned shift = 32; shift < 64; shift += BITS) {
        size_t starts[DIGITS + 1] = {0};
        for (size_t i = 0; i < count; i++)
            starts[(entries[i] >> shift & (DIGITS - 1)) + 1]++;
        for (size_t digit = 1; digit < DIGITS; digit++)
            starts[digit] += starts[digit - 1];
        for (size_t i = 0; i < count; i++)
            spare[starts[entries[i] >> shift & (DIGITS - 1)]++] = entries[i];
        memcpy(entries, spare, count * sizeof(*entries));
    }
}
