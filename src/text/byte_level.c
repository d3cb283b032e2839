/* byte_level.c - the table of byte_level.h by its rule: it is short enough to be computed. */
#include "byte_level.h"

#define SHIFTED_FIRST 0x100
#define SHIFTED_LOW 33  /* 0x00 … 0x20 */
#define SHIFTED_MIDDLE 34 /* 0x7F … 0xA0 */

uint32_t byte_level_character(uint8_t byte)
{
    if (byte < 0x21)
        return SHIFTED_FIRST + (uint32_t)byte;
    if (byte >= 0x7F && byte <= 0xA0)
        return SHIFTED_FIRST + SHIFTED_LOW + (uint32_t)(byte - 0x7F);
    if (byte == 0xAD)
        return SHIFTED_FIRST + SHIFTED_LOW + SHIFTED_MIDDLE;
    return byte;
}

bool byte_level_byte(uint32_t character, uint8_t *byte)
{
    uint32_t found = character;
    if (character >= SHIFTED_FIRST) {
        uint32_t shifted = character - SHIFTED_FIRST;
        if (shifted < SHIFTED_LOW)
            found = shifted;
        else if (shifted < SHIFTED_LOW + SHIFTED_MIDDLE)
            found = shifted - SHIFTED_LOW + 0x7F;
        else if (shifted == SHIFTED_LOW + SHIFTED_MIDDLE)
            found = 0xAD;
        else
            return false;
    }
    if (byte_level_character((uint8_t)found) != character)
        return false;
    *byte = (uint8_t)found;
    return true;
}
