/* docx_remarks.c - commentsExtended:  commentEx paraId="0A" done="1"   /   commentEx paraId="0B" paraIdParent="0A", an answer to it */
#include "docx_remarks.h"
#include <string.h>

enum { COMMENT_MORE = 1 };

static const struct xml_word words[] = {{XML_OTHER, "commentEx", COMMENT_MORE}};

void docx_resolved_read(struct package *package, struct slice part, struct map *done)
{
    struct buffer content;
    struct error ignored;
    struct xml xml;
    if (package_part(package, part, &content, &ignored)) {
        xml_init(&xml, buffer_slice(&content), "resolved comments", words, ARRAY_COUNT(words));
        while (xml_next(&xml)) {
            if (xml.kind != XML_START || xml.code != COMMENT_MORE)
                continue;
            struct slice id = xml_get(&xml, XML_OTHER, "paraId"), parent = xml_get(&xml, XML_OTHER, "paraIdParent"),
                         state = xml_get(&xml, XML_OTHER, "done");
            bool is_done = slice_equal_text(state, "1") || slice_equal_text(state, "true") ||
                           (parent.size > 0 && map_get(done, parent) != NULL);
            if (is_done && id.size > 0)
                (void)map_put(done, id, NULL);
        }
        xml_release(&xml);
    }
    buffer_release(&content);
}

/* The word stands there as one, whatever the case of its first letter. */
static bool has_word(struct slice line, const char *word)
{
    size_t size = strlen(word);
    for (size_t at = 0; at + size <= line.size; at++) {
        char before = at > 0 ? line.data[at - 1] : ' ', after = at + size < line.size ? line.data[at + size] : ' ';
        bool is_apart = byte_among(before, " (\t,;-|/") && byte_among(after, " .:\t,;)-|/0123456789");
        if (is_apart && (line.data[at] | 0x20) == (word[0] | 0x20) && memcmp(line.data + at + 1, word + 1, size - 1) == 0)
            return true;
    }
    return false;
}

bool docx_margin_is_told(struct slice line)
{
    enum { BYTES_MAX = 160 };
    static const char *const tells[] = {
        "version",         "revision",       "rev",     "edition", "issue",           "valid",          "effective",
        "approved",        "status",         "as of",   "updated", "reviewed",        "review",         "document no",
        "document number", "stand",          "fassung", "ausgabe", "g\xC3\xBCltig",   "revisionsstand", "freigegeben",
        "dokument-nr",     "versi\xC3\xB3n", "vigente", "valable", "r\xC3\xA9vision", "versione",       "versie",
        "geldig"};
    bool has_digit = false;
    for (size_t i = 0; i < line.size; i++)
        has_digit = has_digit || (line.data[i] >= '0' && line.data[i] <= '9');
    if (!has_digit || line.size > BYTES_MAX)
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(tells); i++)
        if (has_word(line, tells[i]))
            return true;
    return false;
}
