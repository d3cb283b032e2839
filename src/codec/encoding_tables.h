/* encoding_tables.h - what the bytes of older encodings stand for; made by scripts/make_encoding_tables.py. Private to this room. */
#ifndef CODEC_ENCODING_TABLES_H
#define CODEC_ENCODING_TABLES_H

#include "base/base.h"
#include <uchar.h>

enum {
    SINGLE_BYTES = 33,
    GB_COLUMNS = 190,
    BIG5_COLUMNS = 157,
    KOREAN_COLUMNS = 190,
    JIS_COLUMNS = 188,
    JIS_MORE_COLUMNS = 94
};
enum { GB_ROWS = 126, BIG5_ROWS = 126, KOREAN_ROWS = 125, JIS_ROWS = 60, JIS_MORE_ROWS = 94 };

/* One byte a character; those below 0x80 are ASCII. */
struct single_byte {
    const char *name;
    bool is_found; /* encoding_detect considers it unasked */
    char16_t upper[128];
};

/* From a number of four bytes in GB 18030 on, up to the next run, characters follow one another. */
struct four_byte_run {
    uint32_t number;
    uint16_t first;
};

extern const struct single_byte single_bytes[SINGLE_BYTES];
extern const char16_t gb_table[GB_ROWS][GB_COLUMNS]; /* first bytes from 0x81, second ones from 0x40 without 0x7F */
extern const char16_t big5_table[BIG5_ROWS][BIG5_COLUMNS]; /* from 0x81; 0x40 … 0x7E, 0xA1 … 0xFE */
extern const char16_t korean_table[KOREAN_ROWS][KOREAN_COLUMNS]; /* from 0x81; from 0x41 */
extern const char16_t jis_table[JIS_ROWS][JIS_COLUMNS]; /* Shift_JIS: 0x81 … 0x9F, 0xE0 … 0xFC; 0x40 … 0xFC without 0x7F */
extern const char16_t jis_more_table[JIS_MORE_ROWS][JIS_MORE_COLUMNS]; /* JIS X 0212: EUC-JP behind 0x8F */
extern const struct four_byte_run four_byte_runs[];
extern const size_t four_byte_run_count;

#endif
