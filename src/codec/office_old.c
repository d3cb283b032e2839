/* office_old.c - tells what an OLE file holds by the names of its streams.
 *
 *   [header, 512 bytes or a sector] [sector] [sector] …     a sector of the directory: records of 128 bytes
 *   record   name in UTF-16 (64 bytes) | its size in bytes, with its zero (2) | type (1): 2 is a stream | …
 *
 * Sectors begin at multiples of 512, so that every record begins at a multiple of 128: all of these are looked at, which needs no
 * table of sectors, and works for damaged files too. */
#include "codec.h"
#include <string.h>

enum { RECORD_BYTES = 128, NAME_BYTES = 64, NAME_SIZE_AT = 64, TYPE_AT = 66, TYPE_STREAM = 2 };

bool office_old_is(struct slice source)
{
    return slice_starts_with(source, SLICE("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"));
}

static unsigned char small(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool is_stream(const unsigned char *record, const char *name)
{
    size_t size = strlen(name);
    if (record[TYPE_AT] != TYPE_STREAM || record[NAME_SIZE_AT] != 2 * (size + 1) || record[NAME_SIZE_AT + 1] != 0)
        return false;
    for (size_t i = 0; i < size; i++)
        if (small(record[2 * i]) != small((unsigned char)name[i]) || record[2 * i + 1] != 0)
            return false;
    return true;
}

bool office_old_refuse(struct slice source, struct error *error)
{
    static const struct {
        const char *stream, *what, *hint;
    } kinds[] = {
        {"EncryptedPackage", "it is encrypted with a password", "Save it without the password, and add that."},
        {"WordDocument", "it is a Word document in the format from before 2007 (.doc)", "Save it as .docx, and add that."},
        {"Workbook", "it is an Excel workbook in the format from before 2007 (.xls)", "Save it as .xlsx, and add that."},
        {"Book", "it is an Excel workbook in the format from before 1997 (.xls)", "Save it as .xlsx, and add that."},
        {"PowerPoint Document", "it is a PowerPoint presentation in the format from before 2007 (.ppt)",
         "Save it as .pptx, and add that."},
    };
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        for (size_t at = 0; at + RECORD_BYTES <= source.size; at += RECORD_BYTES)
            if (is_stream((const unsigned char *)source.data + at, kinds[i].stream)) {
                error_set(error, ERROR_INVALID, "%s", kinds[i].what);
                return error_hint(error, "%s", kinds[i].hint);
            }
    error_set(error, ERROR_INVALID, "it is a file in Microsoft's old container format (OLE), which is not read");
    return error_hint(error, "Save it as .docx, .xlsx, .pptx or .pdf, and add that.");
}
