/* pdf_info.c - what a PDF states about itself, from what pdfinfo -rawdates writes:
 *
 *   Title:           Terms of Service
 *   CreationDate:    D:20250730134813+05'30'
 *   Pages:           3
 *
 * A title may hold line ends, and so anything; so the last "Pages" counts, which comes behind what the document says. */
#include "codec.h"
#include <string.h>

/* "D:20250730134813+05'30'" → "2025-07-30T13:48:13+05:30"; what is left out at its end is left out, and a date alone is a date. False for
 * what is no such date. */
static bool read_date(struct slice text, char out[32])
{
    enum { DATE_DIGITS = 8, TIME_DIGITS = 14 };
    if (slice_starts_with(text, SLICE("D:")))
        text = slice_range(text, 2, text.size);
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (digits < DATE_DIGITS)
        return false;
    const char *d = text.data;
    char day[11] = {d[0], d[1], d[2], d[3], '-', d[4], d[5], '-', d[6], d[7], 0};
    int64_t wall_ns;
    if (!clock_date(slice_from(day), &wall_ns))
        return false;
    struct slice zone = slice_range(text, digits, text.size);
    size_t size = 10;
    memcpy(out, day, sizeof(day));
    if (digits < TIME_DIGITS || d[8] > '2' || d[10] > '5' || d[12] > '5')
        return true;
    const char time[] = {'T', d[8], d[9], ':', d[10], d[11], ':', d[12], d[13]};
    memcpy(out + size, time, sizeof(time));
    size += sizeof(time);
    bool has_zone = zone.size >= 3 && (zone.data[0] == '+' || zone.data[0] == '-') && zone.data[1] >= '0' &&
                    zone.data[1] <= '1' && zone.data[2] >= '0' && zone.data[2] <= '9';
    if (has_zone) {
        bool has_minutes = zone.size >= 6 && zone.data[3] == '\'' && zone.data[4] >= '0' && zone.data[4] <= '5' &&
                           zone.data[5] >= '0' && zone.data[5] <= '9';
        const char offset[] = {
            zone.data[0], zone.data[1], zone.data[2], ':', has_minutes ? zone.data[4] : '0', has_minutes ? zone.data[5] : '0'};
        memcpy(out + size, offset, sizeof(offset));
        size += sizeof(offset);
    } else
        out[size++] = 'Z';
    out[size] = '\0';
    return true;
}

/* Titles that programs write when nobody gave one say nothing. */
static struct slice real_title(struct slice title)
{
    static const char *const addresses[] = {"http://", "https://", "file://", "localhost:"};
    static const char *const before[] = {"Microsoft Word - ", "Microsoft PowerPoint - ", "Microsoft Excel - "};
    static const char *const never[] = {"untitled", "Untitled",    "Untitled Document", "PowerPoint Presentation",
                                        "Document", "(anonymous)", "about:blank"};
    static const char *const endings[] = {".doc",  ".docx", ".dvi", ".indd", ".pdf",  ".ppt",
                                          ".pptx", ".rtf",  ".tex", ".xls",  ".xlsx", ".qxd"};
    const struct slice none = {"", 0};
    for (size_t i = 0; i < ARRAY_COUNT(before); i++)
        if (slice_starts_with(title, slice_from(before[i])))
            title = slice_range(title, strlen(before[i]), title.size);
    for (size_t i = 0; i < ARRAY_COUNT(never); i++)
        if (slice_equal_text(title, never[i]))
            return none;
    for (size_t i = 0; i < ARRAY_COUNT(addresses); i++)
        if (slice_starts_with(title, slice_from(addresses[i])))
            return none;
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (slice_ends_with(title, slice_from(endings[i])))
            return none;
    return title;
}

void pdf_info_read(struct slice program_output, struct extract *extract, struct pdf_info *info)
{
    static const struct {
        const char *name, *key;
        bool is_date;
    } values[] = {{"Author", "author", false},
                  {"Subject", "subject", false},
                  {"Keywords", "keywords", false},
                  {"CreationDate", "created", true},
                  {"ModDate", "modified", true}};
    struct slice line;
    *info = (struct pdf_info){0};
    while (slice_next(&program_output, '\n', &line)) {
        struct slice name, value = line;
        if (!slice_next(&value, ':', &name))
            continue;
        value = slice_trim(value);
        if (slice_equal_text(name, "Title") && extract->blocks.title.size == 0)
            extract->blocks.title = arena_line(extract->arena, real_title(value));
        uint64_t pages;
        if (slice_equal_text(name, "Pages") && slice_to_u64(value, &pages))
            info->page_count = pages;
        for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
            char date[32];
            if (!slice_equal_text(name, values[i].name))
                continue;
            if (!values[i].is_date)
                extract_head(extract, values[i].key, value);
            else if (read_date(value, date))
                extract_head(extract, values[i].key, slice_from(date));
        }
    }
}
