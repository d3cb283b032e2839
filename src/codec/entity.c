#include "entity.h"
#include "utf8.h"
#include <string.h>

/* The named ones that prose uses: Latin-1 and the typographic, arrow and mathematical signs. */
static const struct {
    const char *name;
    uint32_t character;
} named[] = {
    {"amp", '&'},      {"lt", '<'},        {"gt", '>'},        {"quot", '"'},     {"apos", '\''},     {"nbsp", 0xA0},
    {"iexcl", 0xA1},   {"cent", 0xA2},     {"pound", 0xA3},    {"curren", 0xA4},  {"yen", 0xA5},      {"brvbar", 0xA6},
    {"sect", 0xA7},    {"uml", 0xA8},      {"copy", 0xA9},     {"ordf", 0xAA},    {"laquo", 0xAB},    {"not", 0xAC},
    {"shy", 0xAD},     {"reg", 0xAE},      {"macr", 0xAF},     {"deg", 0xB0},     {"plusmn", 0xB1},   {"sup2", 0xB2},
    {"sup3", 0xB3},    {"acute", 0xB4},    {"micro", 0xB5},    {"para", 0xB6},    {"middot", 0xB7},   {"cedil", 0xB8},
    {"sup1", 0xB9},    {"ordm", 0xBA},     {"raquo", 0xBB},    {"frac14", 0xBC},  {"frac12", 0xBD},   {"frac34", 0xBE},
    {"iquest", 0xBF},  {"Agrave", 0xC0},   {"Aacute", 0xC1},   {"Acirc", 0xC2},   {"Atilde", 0xC3},   {"Auml", 0xC4},
    {"Aring", 0xC5},   {"AElig", 0xC6},    {"Ccedil", 0xC7},   {"Egrave", 0xC8},  {"Eacute", 0xC9},   {"Ecirc", 0xCA},
    {"Euml", 0xCB},    {"Igrave", 0xCC},   {"Iacute", 0xCD},   {"Icirc", 0xCE},   {"Iuml", 0xCF},     {"ETH", 0xD0},
    {"Ntilde", 0xD1},  {"Ograve", 0xD2},   {"Oacute", 0xD3},   {"Ocirc", 0xD4},   {"Otilde", 0xD5},   {"Ouml", 0xD6},
    {"times", 0xD7},   {"Oslash", 0xD8},   {"Ugrave", 0xD9},   {"Uacute", 0xDA},  {"Ucirc", 0xDB},    {"Uuml", 0xDC},
    {"Yacute", 0xDD},  {"THORN", 0xDE},    {"szlig", 0xDF},    {"agrave", 0xE0},  {"aacute", 0xE1},   {"acirc", 0xE2},
    {"atilde", 0xE3},  {"auml", 0xE4},     {"aring", 0xE5},    {"aelig", 0xE6},   {"ccedil", 0xE7},   {"egrave", 0xE8},
    {"eacute", 0xE9},  {"ecirc", 0xEA},    {"euml", 0xEB},     {"igrave", 0xEC},  {"iacute", 0xED},   {"icirc", 0xEE},
    {"iuml", 0xEF},    {"eth", 0xF0},      {"ntilde", 0xF1},   {"ograve", 0xF2},  {"oacute", 0xF3},   {"ocirc", 0xF4},
    {"otilde", 0xF5},  {"ouml", 0xF6},     {"divide", 0xF7},   {"oslash", 0xF8},  {"ugrave", 0xF9},   {"uacute", 0xFA},
    {"ucirc", 0xFB},   {"uuml", 0xFC},     {"yacute", 0xFD},   {"thorn", 0xFE},   {"yuml", 0xFF},     {"OElig", 0x152},
    {"oelig", 0x153},  {"Scaron", 0x160},  {"scaron", 0x161},  {"ensp", 0x2002},  {"emsp", 0x2003},   {"thinsp", 0x2009},
    {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"sbquo", 0x201A},  {"ldquo", 0x201C},
    {"rdquo", 0x201D}, {"bdquo", 0x201E},  {"dagger", 0x2020}, {"bull", 0x2022},  {"hellip", 0x2026}, {"permil", 0x2030},
    {"prime", 0x2032}, {"lsaquo", 0x2039}, {"rsaquo", 0x203A}, {"euro", 0x20AC},  {"trade", 0x2122},  {"larr", 0x2190},
    {"uarr", 0x2191},  {"rarr", 0x2192},   {"darr", 0x2193},   {"harr", 0x2194},  {"minus", 0x2212},  {"infin", 0x221E},
    {"asymp", 0x2248}, {"ne", 0x2260},     {"le", 0x2264},     {"ge", 0x2265},    {"check", 0x2713},
};

static size_t encode(uint32_t c, char out[ENTITY_BYTES_MAX])
{
    if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    return utf8_encode(c, out);
}

static bool parse_number(struct slice digits, unsigned base, uint32_t *value)
{
    if (digits.size == 0 || digits.size > 7)
        return false;
    *value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        char c = digits.data[i];
        unsigned digit = c >= '0' && c <= '9'                     ? (unsigned)(c - '0')
                         : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10)
                                                                  : 99;
        if (digit >= base)
            return false;
        *value = *value * base + digit;
    }
    return true;
}

size_t entity_decode(struct slice reference, char out[ENTITY_BYTES_MAX])
{
    if (reference.size < 3 || reference.data[0] != '&' || reference.data[reference.size - 1] != ';')
        return 0;
    struct slice name = slice_range(reference, 1, reference.size - 1);
    uint32_t character;
    if (name.data[0] == '#') {
        bool hexadecimal = name.size > 1 && (name.data[1] | 0x20) == 'x';
        struct slice digits = slice_range(name, hexadecimal ? 2 : 1, name.size);
        return parse_number(digits, hexadecimal ? 16 : 10, &character) ? encode(character, out) : 0;
    }
    for (size_t i = 0; i < ARRAY_COUNT(named); i++)
        if (slice_equal_text(name, named[i].name))
            return encode(named[i].character, out);
    return 0;
}
