/* xlsx_notes.c - notes at cells (SpreadsheetML's comments), as a person reads them who points at the cell.
 *
 *   comment ref="B2" authorId="0"     text / r / t: "Ann:\n", "until June"      the writer's name stands in the text, too: it is left out
 *   author "tc={…}"                   what was said in threads, for older programs: how to get a newer one, then each remark, indented by 4
 */
#include "xlsx_notes.h"
#include <stdlib.h>
#include <string.h>

enum { NOTES_MAX = 100000, AUTHORS_MAX = 10000 };
enum { AUTHOR = 1, COMMENT, TEXT, PRONUNCIATION };

static const struct xml_word words[] = {
    {XML_SHEET, "author", AUTHOR},
    {XML_SHEET, "comment", COMMENT},
    {XML_SHEET, "t", TEXT},
    {XML_SHEET, "rPh", PRONUNCIATION},
};

struct reading {
    struct arena *arena;
    struct xlsx_notes *notes;
    size_t capacity;
    struct slice *authors;
    size_t author_count, author_capacity;
    struct slice place, author; /* of the note at hand */
    struct buffer text;
    bool in_text;
};

/* The remarks of a thread. */
static struct slice remarks_of(struct slice text, struct arena *arena)
{
    static const char indent[] = "    ";
    struct buffer remarks;
    struct slice line;
    buffer_init(&remarks, text.size + 1);
    while (slice_next(&text, '\n', &line)) {
        if (!slice_starts_with(line, slice_from(indent)))
            continue;
        if (remarks.size > 0)
            buffer_append_byte(&remarks, '\n');
        buffer_append_slice(&remarks, slice_trim(line));
    }
    struct slice copy = arena_slice(arena, buffer_slice(&remarks));
    buffer_release(&remarks);
    return copy;
}

static void end_note(struct reading *reading)
{
    struct xlsx_notes *notes = reading->notes;
    struct slice text = slice_trim(buffer_slice(&reading->text)), author = reading->author;
    bool is_thread = slice_starts_with(author, SLICE("tc=")), is_named = author.size > 0 && slice_starts_with(text, author) &&
                                                                         author.size < text.size &&
                                                                         text.data[author.size] == ':';
    if (is_named)
        text = slice_trim(slice_range(text, author.size + 1, text.size));
    text = is_thread ? remarks_of(text, reading->arena) : arena_slice(reading->arena, text);
    if (text.size == 0 || reading->place.size == 0 || notes->count >= NOTES_MAX)
        return;
    notes->items = arena_more(reading->arena, notes->items, notes->count, &reading->capacity, sizeof(*notes->items));
    notes->items[notes->count++] = (struct xlsx_note){.place = reading->place, .text = text};
}

static void begin_note(struct reading *reading, struct xml *xml)
{
    uint64_t number;
    reading->place = arena_slice(reading->arena, xml_get(xml, XML_NONE, "ref"));
    bool has_author = slice_to_u64(xml_get(xml, XML_NONE, "authorId"), &number) && number < reading->author_count;
    reading->author = has_author ? reading->authors[number] : SLICE("");
    buffer_clear(&reading->text);
}

static void end_author(struct reading *reading)
{
    if (reading->author_count >= AUTHORS_MAX)
        return;
    reading->authors = arena_more(reading->arena, reading->authors, reading->author_count, &reading->author_capacity,
                                  sizeof(*reading->authors));
    reading->authors[reading->author_count++] = arena_slice(reading->arena, slice_trim(buffer_slice(&reading->text)));
}

static void read_token(struct reading *reading, struct xml *xml)
{
    bool is_start = xml->kind == XML_START;
    if (xml->kind == XML_TEXT) {
        if (reading->in_text)
            buffer_append_slice(&reading->text, xml->text);
        return;
    }
    if (xml->code == PRONUNCIATION && is_start)
        xml_skip(xml);
    else if (xml->code == TEXT)
        reading->in_text = is_start;
    else if (xml->code == AUTHOR) {
        reading->in_text = is_start;
        if (is_start)
            buffer_clear(&reading->text);
        else
            end_author(reading);
    } else if (xml->code == COMMENT && is_start)
        begin_note(reading, xml);
    else if (xml->code == COMMENT)
        end_note(reading);
}

static int by_place(const void *a, const void *b)
{
    const struct xlsx_note *left = a, *right = b;
    return slice_compare(left->place, right->place);
}

void xlsx_notes_read(struct package *package, struct slice sheet, struct xlsx_notes *notes)
{
    struct relations relations;
    struct error ignored;
    struct buffer content;
    struct xml xml;
    *notes = (struct xlsx_notes){0};
    if (!relations_read(package, sheet, &relations, &ignored))
        return;
    const struct relation *part = relation_of_type(&relations, "comments");
    if (part == NULL || !package_has(package, part->target))
        return;
    struct reading reading = {.arena = &package->arena, .notes = notes};
    if (package_part(package, part->target, &content, &ignored)) {
        buffer_init(&reading.text, LIMIT_DOCUMENT_BYTES_MAX);
        xml_init(&xml, buffer_slice(&content), "comments", words, ARRAY_COUNT(words));
        while (xml_next(&xml))
            read_token(&reading, &xml);
        xml_release(&xml);
        buffer_release(&reading.text);
    }
    buffer_release(&content);
    if (notes->count > 1)
        qsort(notes->items, notes->count, sizeof(*notes->items), by_place);
}

struct slice xlsx_notes_take(struct xlsx_notes *notes, struct slice place)
{
    const struct xlsx_note wanted = {.place = place};
    struct xlsx_note *note = notes->count == 0 ? NULL : bsearch(&wanted, notes->items, notes->count, sizeof(wanted), by_place);
    if (note == NULL || note->is_told)
        return SLICE("");
    note->is_told = true;
    return note->text;
}
