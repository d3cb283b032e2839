/* family.c - a path, or a title, without the marks of editions: what is left is the family.
 *
 *   hr/2024/Staff_Handbook (final).docx      hr / staff handbook          a folder that is nothing but a mark is none
 *   Staff Handbook, edition 4 of 2024        staff handbook               words that led the marks in go, too */
#include "name_parts.h"
#include <stdlib.h>
#include <string.h>

enum { TITLE_WORDS_LEAST = 2, TITLE_BYTES_LEAST = 6, ENDING_BYTES = 5 };

/* Reads a part of a name: its marks into `marks`, its other words behind `family`. False: marks that contradict each other. */
static bool read_part(struct name_parts *tokens, struct edition_marks *marks, struct buffer *family, size_t *words)
{
    struct mark mark;
    size_t used, kept = 0, behind_marks = 0;
    const struct name_part *rest[TOKENS_MAX];
    bool ok = true;
    *words = 0;
    for (size_t at = 0; at < tokens->count; at += used > 0 ? used : 1) {
        used = mark_at(tokens, at, &mark);
        if (used > 0) {
            ok = ok && marks_take(marks, &mark);
            while (kept > behind_marks && (rest[kept - 1]->classes & WORD_LEADING) != 0)
                kept--;
            behind_marks = kept;
        } else if ((tokens->items[at].classes & WORD_FINAL) == 0) {
            rest[kept++] = &tokens->items[at];
        }
    }
    for (size_t i = 0; i < kept; i++) {
        buffer_append_text(family, i > 0 ? " " : "");
        if (rest[i]->is_number && rest[i]->end - rest[i]->start < WORD_BYTES - 1)
            buffer_append_slice(family, slice_range(tokens->text, rest[i]->start, rest[i]->end));
        else
            buffer_append_text(family, rest[i]->text);
    }
    *words = kept;
    return ok;
}

/* The file's name without ".docx". */
static struct slice without_ending(struct slice name)
{
    size_t dot = name.size;
    while (dot > 1 && name.data[dot - 1] != '.')
        dot--;
    size_t size = name.size - dot;
    bool has_letter = false;
    for (size_t i = dot; i < name.size; i++)
        has_letter = has_letter || (name.data[i] | 0x20) >= 'a';
    return dot > 1 && size > 0 && size <= ENDING_BYTES && has_letter && memchr(name.data + dot, ' ', size) == NULL
               ? slice_range(name, 0, dot - 1)
               : name;
}

/* What folders say counts where the name says nothing. */
static void take_of_folders(struct edition_marks *marks, const struct edition_marks *folders)
{
    if (marks->parts == 0) {
        memcpy(marks->number, folders->number, sizeof(marks->number));
        marks->parts = folders->parts;
    }
    if (marks->date == 0 || (folders->date != 0 && date_within(folders->date, marks->date)))
        marks->date = folders->date != 0 ? folders->date : marks->date;
    marks->may_be_old = marks->may_be_old || folders->is_old || folders->may_be_old;
    marks->is_draft = marks->is_draft || folders->is_draft;
}

/* The name has a word that tells what the document is, and not its place among others alone. */
static bool says_what(const struct name_parts *tokens)
{
    for (size_t i = 0; i < tokens->count; i++)
        if (!tokens->items[i].is_number && !word_among(tokens->items[i].text, "readme|index|notes|note|page|part|no|nr"))
            return true;
    return false;
}

static void read_path(struct edition *edition, struct slice path, struct buffer *family, struct name_parts *tokens)
{
    struct edition_marks folders = {0};
    struct slice rest = path, part;
    size_t at, words;
    bool ok = true,
         is_sent = slice_starts_with(path, SLICE("uploads/")); /* uploads/files/CODE/NAME: each in a folder of its own */
    for (size_t depth = 0; ok && slice_find(rest, '/', &at); depth++) {
        size_t before = family->size;
        struct edition_marks marks = folders;
        part = slice_range(rest, 0, at);
        rest = slice_range(rest, at + 1, rest.size);
        if (is_sent && depth == 2)
            continue;
        parts_read(tokens, part);
        ok = read_part(tokens, &marks, family, &words);
        if (words == 0 && part.size > 0) {
            folders = marks;
            continue;
        }
        ok = true; /* a folder with a name is taken as it stands */
        family->size = before;
        buffer_append_slice(family, part);
        buffer_append_byte(family, '/');
    }
    parts_read(tokens, without_ending(rest));
    ok = ok && read_part(tokens, &edition->marks, family, &words);
    bool has_name = words > 0 || edition->marks.date != 0 || edition->marks.parts > 0;
    bool is_of_folder = folders.date != 0 && !says_what(tokens); /* "invoices/2023/003": of that year, and nothing of its own */
    ok = ok && !is_of_folder;
    if (!ok || !has_name || tokens->count == TOKENS_MAX) {
        family->size = 0;
        edition->marks = (struct edition_marks){0};
    } else {
        take_of_folders(&edition->marks, &folders);
    }
}

/* What the path does not say; but words such as "obsolete" and "draft" are as often what a title is about. */
static void take_of_title(struct edition *edition, const struct edition_marks *marks)
{
    struct edition_marks *own = &edition->marks;
    if (own->parts == 0) {
        memcpy(own->number, marks->number, sizeof(own->number));
        own->parts = marks->parts;
    }
    if (own->date == 0)
        own->date = marks->date;
}

static void read_title(struct edition *edition, struct slice title, struct buffer *family, struct name_parts *tokens)
{
    struct edition_marks marks = {0};
    size_t words, before = family->size;
    parts_read(tokens, title);
    bool ok = read_part(tokens, &marks, family, &words) && tokens->count < TOKENS_MAX;
    if (ok)
        take_of_title(edition, &marks);
    if (!ok || (words < TITLE_WORDS_LEAST && family->size - before < TITLE_BYTES_LEAST))
        family->size = before;
}

void edition_read(struct edition *edition, struct slice path, struct slice title, struct arena *arena)
{
    struct name_parts *tokens = memory_alloc(1, sizeof(*tokens));
    struct buffer family;
    *edition = (struct edition){.from = EDITION_NO_DAY, .until = EDITION_NO_DAY};
    buffer_init(&family, 8 * KIB);
    read_path(edition, path, &family, tokens);
    edition->family = arena_slice(arena, buffer_slice(&family));
    buffer_clear(&family);
    read_title(edition, title, &family, tokens);
    edition->title = arena_slice(arena, buffer_slice(&family));
    buffer_release(&family);
    free(tokens);
    bool is_said = edition->marks.is_old || edition->marks.is_draft;
    edition->state = edition->marks.is_old ? EDITION_SUPERSEDED : is_said ? EDITION_DRAFT : EDITION_IN_FORCE;
    edition->why = is_said ? SLICE("its name says so") : SLICE("");
}

bool edition_is_called(struct slice text, struct slice path, struct slice title)
{
    struct slice name = path;
    size_t at;
    text = slice_trim(text);
    while (slice_find(name, '/', &at))
        name = slice_range(name, at + 1, name.size);
    struct slice last = text; /* "../old/handbook.md", "[[handbook]]" */
    while (slice_find(last, '/', &at))
        last = slice_range(last, at + 1, last.size);
    return last.size > 2 && (slice_equal(last, name) || slice_equal(last, without_ending(name)) || slice_equal(text, title));
}
