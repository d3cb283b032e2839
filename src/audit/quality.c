/* quality.c - documents and passages that hold too little, too much, or no language. */
#include "sentence.h"
#include "pile.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

enum {
    STUB_WORDS = 15,
    MANY_PASSAGES = 2000,      /* of one document */
    PLACEHOLDER_WORDS = 14,    /* a longer sentence with such a mark in it speaks about it */
    GARBLED_BYTES = 120,       /* shorter passages tell too little */
    ENCODED_RUN = 96,          /* bytes without a blank, as base64 has them */
    PLACES_MAX = 20,
};

static const char fill[] = "Write what belongs there, or remove it: it takes the place of answers.";
static const char mend[] = "Convert the source anew with the right encoding or a better text recognition, and add it again.";
static const char split[] = "Split it by subject, or turn the table into records: one large document crowds out the others.";

/* ---- sparse ---- */

static size_t words_of(const struct pile *pile, const struct pile_document *document)
{
    size_t count = 0;
    for (size_t i = 0; i < document->count && count < STUB_WORDS; i++) {
        struct text_words words = {.text = pile->passages[document->first + i].text};
        struct slice segment;
        bool is_word;
        while (count < STUB_WORDS && text_words_next(&words, &segment, &is_word))
            count += is_word;
    }
    return count;
}

static void check_length(struct pile *pile, struct findings *findings, const struct pile_document *document)
{
    size_t words = words_of(pile, document);
    const struct audit_place place = place_of_document(document);
    if (words == 0)
        findings_add(findings, AUDIT_SPARSE, AUDIT_HIGH, &place, 1, fill, SLICE_FORMAT " has no text",
                     SLICE_ARGUMENT(document->path));
    else if (words < STUB_WORDS)
        findings_add(findings, AUDIT_SPARSE, AUDIT_MEDIUM, &place, 1, fill, SLICE_FORMAT " has %zu word%s",
                     SLICE_ARGUMENT(document->path), words, words == 1 ? "" : "s");
    if (document->count > MANY_PASSAGES)
        findings_add(findings, AUDIT_OVERSIZED, AUDIT_LOW, &place, 1, split, SLICE_FORMAT " is one document of %zu passages",
                     SLICE_ARGUMENT(document->path), document->count);
}

static int64_t line_at(struct slice text, size_t at)
{
    int64_t line = 1;
    for (size_t i = 0; i < at && i < text.size; i++)
        line += text.data[i] == '\n';
    return line;
}

/* A heading behind which another one of its level or above comes at once, or nothing. */
static void check_headings(struct findings *findings, const struct pile_document *document, struct slice content,
                           const struct blocks *blocks)
{
    struct audit_place places[PLACES_MAX];
    size_t count = 0, empty = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i], *next = i + 1 < blocks->count ? block + 1 : NULL;
        if (block->kind != BLOCK_HEADING || (next != NULL && (next->kind != BLOCK_HEADING || next->level > block->level)))
            continue;
        if (i == 0 && next == NULL) /* a title alone: told as a stub */
            continue;
        empty++;
        if (count == PLACES_MAX)
            continue;
        places[count] = place_of_document(document);
        places[count].line = places[count].line_end = line_at(content, block->start);
        places[count].start = (int64_t)block->start;
        places[count].end = (int64_t)block->end;
        places[count++].text = arena_line(findings->arena, block->text);
    }
    if (empty > 0)
        findings_add(findings, AUDIT_SPARSE, AUDIT_LOW, places, count, fill,
                     SLICE_FORMAT ":%lld: %zu heading%s without text, “" SLICE_FORMAT "”%s", SLICE_ARGUMENT(document->path),
                     (long long)places[0].line, empty, empty == 1 ? "" : "s", SLICE_ARGUMENT(slice_cut(places[0].text, 80)),
                     empty > 1 ? " …" : "");
}

/* Where a document has code, whose signs are no sign of damage. */
struct code_range {
    int64_t start, end;
};

struct code_ranges {
    struct code_range *items;
    size_t count, capacity;
};

static void list_code(const struct blocks *blocks, struct code_ranges *code)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->items[i].kind == BLOCK_CODE) {
            code->items = memory_more(code->items, code->count, &code->capacity, sizeof(*code->items));
            code->items[code->count++] = (struct code_range){(int64_t)blocks->items[i].start, (int64_t)blocks->items[i].end};
        }
}

/* Half of the passage and more. */
static bool is_code(const struct pile_passage *passage, const struct code_ranges *code)
{
    int64_t within = 0;
    size_t low = 0, high = code->count;
    while (low < high) { /* the first that ends behind the passage's start */
        size_t middle = low + (high - low) / 2;
        if (code->items[middle].end <= passage->start)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < code->count && code->items[low].start < passage->end; low++) {
        int64_t start = code->items[low].start > passage->start ? code->items[low].start : passage->start;
        int64_t end = code->items[low].end < passage->end ? code->items[low].end : passage->end;
        within += end - start;
    }
    return 2 * within >= passage->end - passage->start && within > 0;
}

static bool check_blocks(struct pile *pile, struct findings *findings, const struct pile_document *document,
                         struct buffer *content, struct code_ranges *code, struct error *error)
{
    bool is_markdown = slice_equal_text(document->format, "markdown"), is_html = slice_equal_text(document->format, "html");
    struct arena arena;
    struct blocks blocks;
    struct error unread;
    code->count = 0;
    if (!is_markdown && !is_html)
        return true;
    buffer_clear(content);
    if (!store_content(pile->request->project->store, document->id, content, error))
        return false;
    arena_init(&arena);
    struct slice source = buffer_slice(content);
    if ((is_markdown ? markdown_read : html_read)(source, &arena, &blocks, &unread)) {
        check_headings(findings, document, source, &blocks);
        list_code(&blocks, code);
    }
    arena_release(&arena);
    return true;
}

/* ---- placeholders ---- */

static void check_placeholders(struct pile *pile, struct findings *findings, size_t number, struct slice sentence)
{
    static const char *const marks[] = {"TO"
                                        "DO",
                                        "TBD",
                                        "FIX"
                                        "ME",
                                        "TBC",
                                        "XX"
                                        "X"}; /* this file must not have them */
    struct pieces pieces;
    size_t words = 0;
    struct slice found = {NULL, 0};
    if (sentence.size > 400)
        return;
    pieces_read(&pieces, sentence);
    for (size_t i = 0; i < pieces.count; i++) {
        words += pieces.items[i].is_word;
        for (size_t j = 0; j < ARRAY_COUNT(marks); j++)
            if (slice_equal_text(piece_text(&pieces, i), marks[j]) &&
                (i == 0 || !byte_among(sentence.data[pieces.items[i].start - 1], "_`'\"-/")))
                found = piece_text(&pieces, i);
        size_t next = piece_after_blank(&pieces, i + 1);
        if (piece_is(&pieces, i, "lorem") && piece_is(&pieces, next, "ipsum"))
            found = SLICE("lorem ipsum");
        if (pieces.count < 14 && piece_is(&pieces, i, "coming") && piece_is(&pieces, next, "soon"))
            found = SLICE("coming soon");
    }
    if (found.data == NULL || words > PLACEHOLDER_WORDS)
        return;
    const struct audit_place place = place_of(pile, findings, number, sentence);
    findings_add(findings, AUDIT_SPARSE, AUDIT_LOW, &place, 1, fill,
                 SLICE_FORMAT ":%lld holds a placeholder: “" SLICE_FORMAT "”", SLICE_ARGUMENT(place.document),
                 (long long)place.line, SLICE_ARGUMENT(found));
}

/* ---- garbled ---- */

/* Counts over the characters of a passage. */
struct characters {
    size_t count; /* without white space */
    size_t letters;
    size_t lost; /* U+FFFD and control characters */
    size_t doubled; /* "Ã©", "â€": UTF-8 read as Latin-1 */
    size_t encoded; /* bytes in long runs without a blank that look like base64 */
    size_t words, voiceless; /* Latin words of four letters and more; those without a vowel */
};

static bool is_vowel(uint32_t character)
{
    return character >= 0xC0 || (character < 0x80 && byte_among((char)character, "aeiouyAEIOUY"));
}

static void count_run(struct characters *counts, struct slice run)
{
    size_t fitting = 0, digits = 0, capitals = 0;
    if (run.size < ENCODED_RUN)
        return;
    for (size_t i = 0; i < run.size; i++) {
        char byte = run.data[i];
        bool digit = byte >= '0' && byte <= '9', capital = byte >= 'A' && byte <= 'Z';
        digits += digit;
        capitals += capital;
        fitting += digit || capital || (byte >= 'a' && byte <= 'z') || byte == '+' || byte == '/' || byte == '=';
    }
    if (fitting == run.size && digits * 20 > run.size && capitals * 20 > run.size)
        counts->encoded += run.size;
}

static void count_characters(struct characters *counts, struct slice text)
{
    uint32_t character, before = 0;
    size_t word_letters = 0, run = 0;
    bool voiced = false;
    for (size_t at = 0; at <= text.size; before = character) {
        size_t start = at;
        character = ' ';
        at += at < text.size ? text_decode(text, at, &character) : 1;
        bool space = character == ' ' || (character >= '\t' && character <= '\r') || character == 0xA0;
        bool latin = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
        bool letter = latin || character >= 0xC0;
        if (space) {
            count_run(counts, slice_range(text, run, start));
            run = at;
        }
        if (letter) {
            word_letters++;
            voiced = voiced || is_vowel(character);
        } else {
            counts->words += word_letters >= 4;
            counts->voiceless += word_letters >= 4 && !voiced;
            word_letters = 0;
            voiced = false;
        }
        counts->count += !space;
        counts->letters += letter || (character >= '0' && character <= '9');
        counts->lost += character == 0xFFFD || (character < ' ' && !space) || (character >= 0x80 && character < 0xA0);
        counts->doubled += (before == 0xC3 || before == 0xC2) &&
                           ((character >= 0x80 && character <= 0xBF) || character == 0x20AC);
        counts->doubled += before == 0xE2 && (character == 0x20AC || character == 0x80);
    }
}

enum garble { GARBLE_NONE, GARBLE_LOST, GARBLE_MISREAD, GARBLE_ENCODED, GARBLE_SIGNS, GARBLE_WORDS, GARBLE_COUNT };

static const char *const garbles[GARBLE_COUNT] = {
    [GARBLE_LOST] = "characters that were lost in a conversion",
    [GARBLE_MISREAD] = "characters read in the wrong encoding",
    [GARBLE_ENCODED] = "encoded bytes instead of text",
    [GARBLE_SIGNS] = "more signs than letters",
    [GARBLE_WORDS] = "words that are none, as bad text recognition gives them",
};

/* The passages of a document that have each. */
struct garbled {
    struct audit_place places[GARBLE_COUNT][PLACES_MAX];
    size_t counts[GARBLE_COUNT];
};

static enum garble garble_of(const struct characters *counts, bool in_code)
{
    if (counts->lost * 100 > counts->count && counts->lost >= 2)
        return GARBLE_LOST;
    if (counts->doubled >= 2 && counts->doubled * 200 > counts->count)
        return GARBLE_MISREAD;
    if (in_code)
        return GARBLE_NONE;
    if (counts->encoded * 2 > counts->count)
        return GARBLE_ENCODED;
    if (counts->letters * 100 < counts->count * 40)
        return GARBLE_SIGNS;
    if (counts->words >= 12 && counts->voiceless * 3 > counts->words)
        return GARBLE_WORDS;
    return GARBLE_NONE;
}

static void add_garbled(struct pile *pile, struct findings *findings, struct garbled *garbled, size_t number, enum garble what)
{
    if (garbled->counts[what]++ < PLACES_MAX)
        garbled->places[what][garbled->counts[what] - 1] = place_of(pile, findings, number, pile->passages[number].text);
}

/* Each kind of damage once: one conversion went wrong. */
static void tell_garbled(struct findings *findings, const struct garbled *garbled)
{
    for (size_t what = GARBLE_NONE + 1; what < GARBLE_COUNT; what++) {
        const struct audit_place *places = garbled->places[what];
        size_t count = garbled->counts[what];
        if (count > 0)
            findings_add(findings, AUDIT_GARBLED, AUDIT_MEDIUM, places, count < PLACES_MAX ? count : PLACES_MAX, mend,
                         SLICE_FORMAT ":%lld has %s%s", SLICE_ARGUMENT(places[0].document), (long long)places[0].line,
                         garbles[what], count > 1 ? ", here and further down" : "");
    }
}

static void check_characters(struct pile *pile, struct findings *findings, struct garbled *garbled, size_t number,
                             const struct code_ranges *code)
{
    const struct pile_passage *passage = &pile->passages[number];
    struct characters counts = {0};
    if (passage->text.size < GARBLED_BYTES)
        return;
    count_characters(&counts, passage->text);
    enum garble what = garble_of(&counts, is_code(passage, code));
    if (what != GARBLE_NONE)
        add_garbled(pile, findings, garbled, number, what);
}

/* Marks of lost characters that stand in a word or beside each other; one by itself may have been a picture. */
static size_t lost_in_words(struct slice text)
{
    uint32_t before = ' ', character, behind;
    size_t lost = 0;
    for (size_t at = 0, next; at < text.size; at = next, before = character) {
        next = at + text_decode(text, at, &character);
        behind = ' ';
        if (next < text.size)
            (void)text_decode(text, next, &behind);
        bool touches = (before | 0x20) >= 'a' || (behind | 0x20) >= 'a';
        lost += character == 0xFFFD && touches;
    }
    return lost;
}

/* In a passage that is too short for shares they tell by themselves. */
static void check_short_passage(struct pile *pile, struct findings *findings, struct garbled *garbled, size_t number)
{
    struct slice text = pile->passages[number].text;
    if (text.size < GARBLED_BYTES && lost_in_words(text) >= 2)
        add_garbled(pile, findings, garbled, number, GARBLE_LOST);
}

/* ---- languages ---- */

static void check_languages(struct pile *pile, struct findings *findings)
{
    static const char translate[] = "Translate what is asked in the other language, or keep the languages apart by a filter.";
    size_t counts[LANGUAGE_COUNT] = {0}, known = 0;
    enum text_language main = LANGUAGE_UNKNOWN;
    for (size_t i = 0; i < pile->document_count; i++)
        counts[pile->documents[i].language]++;
    for (size_t i = 1; i < LANGUAGE_COUNT; i++) {
        known += counts[i];
        if (counts[i] > counts[main] || main == LANGUAGE_UNKNOWN)
            main = (enum text_language)i;
    }
    for (size_t language = 1; language < LANGUAGE_COUNT; language++) {
        struct audit_place places[PLACES_MAX];
        size_t count = 0;
        if (counts[language] == 0 || language == main || counts[language] * 5 > known)
            continue;
        for (size_t i = 0; i < pile->document_count && count < PLACES_MAX; i++)
            if (pile->documents[i].language == language)
                places[count++] = place_of_document(&pile->documents[i]);
        findings_add(findings, AUDIT_LANGUAGE, AUDIT_LOW, places, count, translate,
                     "%zu document%s in “%s”, %zu in “%s”, of %zu whose language is known: words of one language do not find "
                     "the other",
                     counts[language], counts[language] == 1 ? " is" : "s are",
                     text_language_code((enum text_language)language), counts[main], text_language_code(main), known);
    }
}

bool check_quality(struct pile *pile, struct findings *findings, struct error *error)
{
    struct arena arena;
    struct buffer content;
    struct code_ranges code = {NULL, 0, 0};
    bool ok = true;
    arena_init(&arena);
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX + MIB);
    for (size_t i = 0; ok && i < pile->document_count; i++) {
        const struct pile_document *document = &pile->documents[i];
        struct garbled garbled = {0};
        check_length(pile, findings, document);
        ok = check_blocks(pile, findings, document, &content, &code, error);
        for (size_t j = document->first; ok && j < document->first + document->count; j++) {
            struct sentence_walk walk;
            struct slice sentence;
            check_short_passage(pile, findings, &garbled, j);
            check_characters(pile, findings, &garbled, j, &code);
            sentence_walk_start(&walk, pile->passages[j].text, &arena);
            while (sentence_walk_next(&walk, &sentence))
                check_placeholders(pile, findings, j, sentence);
        }
        tell_garbled(findings, &garbled);
        arena_clear(&arena);
        ok = ok && (i % 64 != 0 || pile_step(pile, "reading texts", i, pile->document_count, error));
    }
    if (ok)
        check_languages(pile, findings);
    free(code.items);
    buffer_release(&content);
    arena_release(&arena);
    return ok;
}
