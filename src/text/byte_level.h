/* byte_level.h - each byte as a printable character, as GPT-2 wrote them: '!' … '~', '¡' … '¬' and '®' … 'ÿ' stand for
 * themselves, the other 68 bytes, in order, are U+0100 … U+0143 (a space is "Ġ"). */
#ifndef TEXT_BYTE_LEVEL_H
#define TEXT_BYTE_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

uint32_t byte_level_character(uint8_t byte);
bool byte_level_byte(uint32_t character, uint8_t *byte); /* false: not one of the 256 */

#endif
