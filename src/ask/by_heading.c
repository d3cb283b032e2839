/* by_heading.c - codes and versions that are asked for stand in headings, as in lists of changes and of errors, and so do their dates.
 *
 *   ## 5.2.0 (12 March 2026)          "When did 5.2.0 appear?"  ▶  12 March 2026
 *   ## E-2107: certificate expired    "E-2107"                  ▶  the first sentence below
 *   ## 3.4.0 – 2025-12-02             "Which version added      ▶  3.4.0
 *   Added: restricted keys.            restricted keys?"
 */
#include "by_heading.h"
#include "asked_shape.h"
#include "line_parts.h"
#include "span_parts.h"
#include <string.h>

enum { CODE_BYTES = 40 };

static bool is_of_code(char byte)
{
    return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9') || byte_among(byte, ".-_/");
}

/* "5.2.0", "E-2107": digits that something joins to others or to capital letters. An amount or a date is none. */
static bool is_code(struct slice text)
{
    size_t digits = 0, joints = 0, capitals = 0, stops = 0;
    for (size_t i = 0; i < text.size; i++) {
        digits += span_is_digit(text, i);
        capitals += text.data[i] >= 'A' && text.data[i] <= 'Z';
        joints += byte_among(text.data[i], "-_/");
        stops += text.data[i] == '.';
    }
    return text.size <= CODE_BYTES && digits > 0 && ((capitals > 0 && digits + joints > 1) || stops > 1);
}

/* The next code of the text from `*at` on. */
static bool next_code(struct slice text, size_t *at, struct slice *code)
{
    while (*at < text.size) {
        size_t start = *at, end;
        while (*at < text.size && is_of_code(text.data[*at]))
            ++*at;
        for (end = *at; end > start && byte_among(text.data[end - 1], ".-_/");)
            end--;
        *at += *at == start;
        *code = slice_range(text, start, end);
        if (end > start && is_code(*code))
            return true;
    }
    return false;
}

static bool has_code(struct slice text, struct slice code)
{
    struct slice found;
    for (size_t at = 0; next_code(text, &at, &found);)
        if (slice_equal(found, code))
            return true;
    return false;
}

/* Nothing but the code, and signs. */
static bool is_alone(struct slice question, struct slice code)
{
    size_t start = (size_t)(code.data - question.data);
    for (size_t i = 0; i < question.size; i++)
        if ((i < start || i >= start + code.size) && !byte_among(question.data[i], " ?!.:\"'"))
            return false;
    return true;
}

/* "date of 5.2.0": of the code, and of nothing else. */
static bool asks_date_alone(struct slice question, struct slice code)
{
    static const char dates[] = "date|datum|fecha|data",
                      small_words[] = "the|of|for|release|version|das|von|der|la|du|de|di|del|van|het|what|is|was";
    size_t start = (size_t)(code.data - question.data);
    bool has_date = false;
    for (size_t at = 0; at < question.size;) {
        if (at == start)
            at += code.size;
        struct span_word word = span_word_at(question, at);
        if (word.size == 0) {
            at++;
            continue;
        }
        if (!span_word_is(&word, dates) && !span_word_is(&word, small_words))
            return false;
        has_date = has_date || span_word_is(&word, dates);
        at = span_letters_end(question, at);
    }
    return has_date;
}

/* The last of the passage's headings that has the code; empty: none. */
static struct slice heading_with(struct asking *asking, const struct ask_passage *passage, struct slice code)
{
    struct slice rest = text_above(asking, passage), line, found = SLICE("");
    (void)slice_next(&rest, '\n', &line); /* the title */
    while (slice_next(&rest, '\n', &line))
        if (has_code(line, code))
            found = line;
    return found;
}

static bool take_first_sentence(const struct ask_passage *passage, struct candidate *item)
{
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (!passage->sentences[i].is_order && passage->sentences[i].terms.count > 0) {
            item->sentence = item->last = i;
            item->text = passage->sentences[i].text;
            return true;
        }
    return false;
}

/* "18" and "18F" of "18F": what the question names is no answer to it. */
static bool stands_in_code(struct slice question, struct slice value)
{
    struct slice code;
    for (size_t at = 0; next_code(question, &at, &code);)
        if (memmem(code.data, code.size, value.data, value.size) != NULL)
            return true;
    return false;
}

/* What of the kind that is asked for stands in the heading beside the code. */
static bool take_value(struct asking *asking, struct slice heading, unsigned asked, struct candidate *item)
{
    struct span spans[4];
    struct slice question = asking->answer->asked;
    size_t count = asked != SPAN_NONE ? spans_find(question, heading, asked, spans, ARRAY_COUNT(spans)) : 0;
    for (size_t i = 0; i < count; i++)
        if (span_fits(asked, spans[i].kind) == 1 && !stands_in_code(question, spans[i].text)) {
            item->text = spans[i].text;
            return true;
        }
    return false;
}

/* ---- the version that a change came with ---- */

static const char versions[] = "version|versions|release|releases|versión|versione|versão|versie|wersja|wersji";
static const char
    changes[] = "added|introduced|removed|dropped|fixed|changed|deprecated|renamed|discontinued|new|"
                "hinzugefügt|eingeführt|entfernt|behoben|geändert|neu|ajouté|ajoutée|supprimé|supprimée|corrigé|corrigée|"
                "añadió|añadido|eliminó|eliminado|corrigió|corregido|aggiunto|rimosso|corretto|toegevoegd|verwijderd";

/* The heading begins with it: "3.4.0 – 2025-12-02", "v2.1", "Version 5.2 (March)". */
static struct slice version_of(struct slice heading)
{
    size_t at = 0, stops = 0;
    struct span_word first = span_word_at(heading, 0);
    if (first.size > 0 && span_word_is(&first, versions))
        at = first.end + span_blank_at(heading, first.end);
    size_t start = at;
    at += at < heading.size && byte_among(heading.data[at], "vV[") ? 1 : 0;
    start += start < heading.size && heading.data[start] == '[';
    while (at < heading.size && (span_is_digit(heading, at) || (heading.data[at] == '.' && span_is_digit(heading, at + 1))))
        stops += heading.data[at++] == '.';
    return stops > 0 ? slice_range(heading, start, at) : SLICE("");
}

/* Of the lowest heading that begins with one; "### Added" stands below it. */
static struct slice version_above(struct asking *asking, const struct ask_passage *passage, struct slice *heading)
{
    struct slice rest = text_above(asking, passage), line, version = SLICE("");
    *heading = SLICE("");
    (void)slice_next(&rest, '\n', &line); /* the title */
    while (slice_next(&rest, '\n', &line))
        if (version_of(line).size > 0) {
            *heading = line;
            version = version_of(line);
        }
    return version;
}

/* The next letters from there on. */
static struct span_word next_letters(struct slice text, size_t at)
{
    while (at < text.size && span_letter_at(text, at) == 0)
        at++;
    return span_word_at(text, at);
}

/* All that the question says but that it asks for a version, in the sentence or above it ("### Added"): two words at the least. */
static bool tells_change(const struct asking *asking, const struct terms *terms, const struct terms *above)
{
    size_t there = 0, own = 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice term = asking->question.items[i];
        bool is_asking = slice_starts_with(term, SLICE("version")) || slice_starts_with(term, SLICE("releas")) ||
                         slice_starts_with(term, SLICE("versi"));
        bool is_own = terms_have(terms, term), is_there = is_own || terms_have(above, term);
        if (!is_there && !is_asking)
            return false;
        there += is_there && !is_asking;
        own += is_own && !is_asking;
    }
    return there > 1 && own > 0;
}

/* "Which version …", "in welcher Version …", "What release …" */
static bool asks_version(struct slice question)
{
    static const char before[] = "in|with|mit|dans|en|avec|à|con|nella|desde|since|seit|depuis|from|ab|met";
    static const char whichs[] = "which|what|welche|welcher|welchem|quelle|quelles|qué|que|quale|welke";
    struct span_word word = next_letters(question, 0);
    if (word.size > 0 && span_word_is(&word, before))
        word = next_letters(question, word.end);
    if (word.size == 0 || !span_word_is(&word, whichs))
        return false;
    word = next_letters(question, word.end);
    return word.size > 0 && span_word_is(&word, versions);
}

static bool change_answers(struct asking *asking, struct candidate *item)
{
    struct slice question = asking->answer->asked;
    if (shape_asked(question) != SHAPE_ANY || !asks_version(question) || !span_has_word(question, changes))
        return false;
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        struct slice heading, version = version_above(asking, passage, &heading);
        for (size_t j = 0; j < passage->sentence_count && version.size > 0 && !order_is(heading); j++) {
            if (passage->sentences[j].is_order || !tells_change(asking, &passage->sentences[j].terms, &passage->above))
                continue;
            *item = (struct candidate){.passage = i, .sentence = j, .last = j, .text = version};
            return true;
        }
    }
    return false;
}

bool heading_answers(struct asking *asking, struct candidate *item)
{
    struct slice question = asking->answer->asked, code;
    unsigned asked = shape_asked(question) == SHAPE_ANY ? span_asked(question) & ~(unsigned)SPAN_CODE : SPAN_NONE;
    if (change_answers(asking, item))
        return true;
    for (size_t at = 0; next_code(question, &at, &code);) {
        bool alone = is_alone(question, code);
        if (asked == SPAN_NONE && asks_date_alone(question, code))
            asked = SPAN_DATE;
        for (size_t i = 0; i < asking->passage_count && (alone || asked != SPAN_NONE); i++) {
            const struct ask_passage *passage = &asking->passages[i];
            struct slice heading = heading_with(asking, passage, code);
            *item = (struct candidate){.passage = i};
            if (heading.size > 0 && !order_is(heading) && passage->sentence_count > 0 &&
                (alone ? take_first_sentence(passage, item) : take_value(asking, heading, asked, item)))
                return true;
        }
    }
    return false;
}
