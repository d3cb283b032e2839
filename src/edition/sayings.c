/* sayings.c - what a document says of its being in force: in its head, and in its first words. */
#include "name_parts.h"
#include "text/text.h"
#include <string.h>

enum { OPENING_BYTES = 1500, MARKS_BYTES = 400, SENTENCE_BYTES = 300, KEY_BYTES = 48, STATUS_BYTES = 60 };

/* Small letters, without blanks, "-" and "_": "Valid until" is "validuntil". */
static void key_read(char out[KEY_BYTES], struct slice key)
{
    struct name_parts tokens;
    size_t size = 0;
    parts_read(&tokens, key);
    for (size_t i = 0; i < tokens.count; i++) {
        size_t more = strlen(tokens.items[i].text);
        if (size + more + 1 > KEY_BYTES)
            break;
        memcpy(out + size, tokens.items[i].text, more);
        size += more;
    }
    out[size] = '\0';
}

static const char status_keys[] = "status|documentstatus|docstatus|lifecycle|statut";
static const char
    until_keys[] = "validuntil|validto|validthrough|expires|expireson|expiry|expirydate|expiration|expirationdate|"
                   "effectiveuntil|effectiveto|gültigbis|gueltigbis|gültigkeitsende|valablejusquau|valablejusqu|"
                   "validejusquau|expirele|válidohasta|validohasta|vigentehasta|caduca|geldigtot|vervaltop";
static const char
    from_keys[] = "validfrom|validsince|effective|effectivefrom|effectivedate|effectiveon|inforcefrom|inforcesince|"
                  "gültigab|gueltigab|gültigvon|envigueur|entréeenvigueur|valableàpartirdu|applicableàpartirdu|"
                  "válidodesde|validodesde|vigentedesde|entradaenvigor|geldigvanaf|geldigvan|ingangsdatum";
static const char
    number_keys[] = "version|edition|revision|rev|issue|documentversion|docversion|ausgabe|auflage|fassung|édition|"
                    "révision|versión|edición|revisión|versie|uitgave|editie";
static const char
    replaces_keys[] = "replaces|supersedes|obsoletes|ersetzt|remplace|annuleetremplace|sustituye|sustituyea|reemplaza|"
                      "vervangt";
static const char replaced_keys[] = "replacedby|supersededby|obsoletedby|newerversion|successor|ersetztdurch|abgelöstdurch|"
                                    "remplacépar|sustituidopor|reemplazadopor|vervangendoor";

static const char gone_words[] = "superseded|obsolete|outdated|deprecated|withdrawn|expired|archived|replaced|revoked|"
                                 "veraltet|überholt|ungültig|abgelöst|ersetzt|archiviert|aufgehoben|"
                                 "zurückgezogen|abgelaufen|obsolète|remplacé|remplacée|périmé|périmée|archivé|archivée|abrogé|"
                                 "abrogée|caduc|caduque|obsoleto|obsoleta|sustituido|sustituida|reemplazado|reemplazada|"
                                 "archivado|archivada|derogado|derogada|caducado|caducada|verouderd|vervallen|"
                                 "vervangen|gearchiveerd|ingetrokken|verlopen";
static const char draft_words[] = "draft|entwurf|brouillon|borrador|ontwerp";
static const char negations[] = "not|never|no|nicht|kein|pas|non|niet";

/* "status: superseded", "Status: Superseded by v3"; "not superseded" is no such word. */
static enum edition_state state_of(struct slice value)
{
    struct name_parts tokens;
    parts_read(&tokens, slice_cut(value, STATUS_BYTES));
    for (size_t i = 0; i < tokens.count; i++) {
        if (word_among(tokens.items[i].text, negations))
            return EDITION_IN_FORCE;
        if (word_among(tokens.items[i].text, gone_words))
            return EDITION_SUPERSEDED;
        if (word_among(tokens.items[i].text, draft_words))
            return EDITION_DRAFT;
    }
    return EDITION_IN_FORCE;
}

static int32_t date_of(struct slice value)
{
    struct name_parts tokens;
    struct mark mark;
    parts_read(&tokens, slice_cut(value, STATUS_BYTES));
    for (size_t at = 0; at < tokens.count; at++)
        if (mark_at(&tokens, at, &mark) > 0 && mark.kind == MARK_DATE)
            return mark.date;
    return 0;
}

/* "version: 2.1", "edition: 4", "version: v3", "version: 2024-05". */
static void take_number(struct edition *edition, struct slice value, struct arena *arena)
{
    struct name_parts tokens;
    struct mark mark;
    const char *named = arena_format(arena, "version " SLICE_FORMAT, SLICE_ARGUMENT(slice_cut(value, STATUS_BYTES)));
    parts_read(&tokens, slice_from(named));
    size_t at = tokens.count > 2 && tokens.items[1].text[0] == 'v' ? 1 : 0; /* version v3 */
    if (tokens.count < 2 || (mark_at(&tokens, at, &mark) == 0 && mark_at(&tokens, ++at, &mark) == 0))
        return;
    if ((mark.kind == MARK_NUMBER && edition->marks.parts == 0) || (mark.kind == MARK_DATE && edition->marks.date == 0))
        (void)marks_take(&edition->marks, &mark);
}

static void say(struct edition *edition, enum edition_state state, const char *why)
{
    edition->state = state;
    edition->why = slice_from(why);
}

/* "none", "-" and "n/a" name nothing. */
static bool text_is_said(struct slice value)
{
    struct name_parts tokens;
    parts_read(&tokens, slice_cut(value, STATUS_BYTES));
    return tokens.count > 0 &&
           !word_among(tokens.items[0].text, "none|null|no|nothing|keine|keines|nichts|aucun|ninguno|geen|tbd");
}

void edition_read_head(struct edition *edition, struct slice key, struct slice value, struct arena *arena)
{
    char name[KEY_BYTES];
    value = slice_trim(value);
    if (key.size > KEY_BYTES || value.size == 0)
        return;
    key_read(name, key);
    const char *line = arena_format(arena, SLICE_FORMAT ": " SLICE_FORMAT, SLICE_ARGUMENT(key),
                                    SLICE_ARGUMENT(slice_cut(value, STATUS_BYTES)));
    if (word_among(name, status_keys)) {
        enum edition_state state = state_of(value);
        if (state != EDITION_IN_FORCE)
            say(edition, state, arena_format(arena, "its head says “%s”", line));
    } else if (word_among(name, until_keys)) {
        edition->until = date_day(date_of(value), true);
        edition->until_text = slice_from(line);
    } else if (word_among(name, from_keys)) {
        edition->from = date_day(date_of(value), false);
    } else if (word_among(name, number_keys)) {
        take_number(edition, value, arena);
    } else if (word_among(name, replaces_keys) && text_is_said(value)) {
        edition->replaces = value;
    } else if (word_among(name, replaced_keys) && text_is_said(value)) {
        edition->replaced_by = value;
        say(edition, EDITION_SUPERSEDED, arena_format(arena, "its head says “%s”", line));
    }
}

/* ---- sentences ---- */

/* What is said of it: words in their order, "…" letting some stand between. */
static const char *const revoked[] = {
    "no longer valid",     "no longer in force", "no longer applies",  "no longer apply",    "no longer current",
    "no longer in effect", "not valid any",      "not in force any",   "is superseded",      "are superseded",
    "been superseded",     "was superseded",     "is obsolete",        "is outdated",        "is out of date",
    "been replaced",       "was replaced",       "is replaced by",     "are replaced by",    "been withdrawn",
    "is withdrawn",        "was withdrawn",      "been revoked",       "nicht mehr gültig",  "ist ungültig",
    "außer kraft",         "ausser kraft",       "gilt nicht mehr",    "gelten nicht mehr",  "ist veraltet",
    "ist überholt",        "wurde … ersetzt",    "wird … ersetzt",     "ist … ersetzt",      "wurde … abgelöst",
    "plus valable",        "plus en vigueur",    "plus applicable",    "est obsolète",       "est périmé",
    "est caduc",           "est caduque",        "est abrogé",         "est remplacé",       "est remplacée",
    "été remplacé",        "été remplacée",      "été abrogé",         "ya no es válido",    "ya no es válida",
    "ya no está vigente",  "no está vigente",    "ha sido sustituido", "ha sido sustituida", "ha sido reemplazado",
    "ha sido reemplazada", "queda derogado",     "queda derogada",     "está obsoleto",      "está obsoleta",
    "niet meer geldig",    "niet langer geldig", "is vervallen",       "is vervangen",       "is verouderd",
    "buiten werking",      "is ingetrokken",     "geldt niet meer"};

/* "This card is no longer valid if it is lost" tells of what may be. */
static const char
    conditions[] = "if|when|unless|once|until|will|may|should|wenn|falls|sobald|sofern|wird|si|quand|lorsque|sera|"
                   "cuando|als|indien|zodra|wordt|zal";

static bool has_phrase(const struct name_parts *tokens, size_t from, const char *phrase)
{
    struct name_parts wanted;
    parts_read(&wanted, slice_from(phrase));
    bool has_gap = strstr(phrase, "…") != NULL;
    for (size_t at = from; at < tokens->count; at++) {
        size_t found = 0, next = at;
        for (; found < wanted.count && next < tokens->count; next++) {
            if (strcmp(tokens->items[next].text, wanted.items[found].text) == 0)
                found++;
            else if (found == 0 || !has_gap || next - at > 12)
                break;
        }
        if (found == wanted.count)
            return true;
    }
    return false;
}

/* Where "this protocol" ends, near the beginning; 0: it does not speak of itself. */
static size_t speaks_of_itself(const struct name_parts *tokens)
{
    enum { NEAR = 6, APART = 3 };
    for (size_t at = 0; at < tokens->count && at < NEAR; at++) {
        if ((tokens->items[at].classes & WORD_THIS) == 0)
            continue;
        for (size_t i = at + 1; i < tokens->count && i <= at + APART; i++)
            if ((tokens->items[i].classes & WORD_PAPER) != 0)
                return i + 1;
    }
    return 0;
}

bool edition_is_revoked_by(struct slice sentence)
{
    struct name_parts tokens;
    if (sentence.size > SENTENCE_BYTES)
        return false;
    parts_read(&tokens, sentence);
    size_t from = speaks_of_itself(&tokens);
    bool is_gone = false;
    for (size_t i = 0; i < ARRAY_COUNT(revoked) && from > 0 && !is_gone; i++)
        is_gone = has_phrase(&tokens, from, revoked[i]);
    for (size_t i = 0; i < tokens.count && is_gone; i++)
        is_gone = !word_among(tokens.items[i].text, conditions) ||
                  (strcmp(tokens.items[i].text, "wird") == 0 && has_phrase(&tokens, from, "wird … ersetzt"));
    return is_gone;
}

/* "SUPERSEDED – see version 3": a line of capitals alone, or one that begins with the word and a sign. */
static bool is_banner(struct slice line)
{
    enum { BANNER_WORDS = 12 };
    struct name_parts tokens;
    static const char
        words[] = "superseded|obsolete|outdated|withdrawn|deprecated|archived|veraltet|ungültig|aufgehoben|überholt|"
                  "obsolète|périmé|abrogé|obsoleto|derogado|caducado|verouderd|vervallen|ingetrokken";
    parts_read(&tokens, slice_cut(line, SENTENCE_BYTES));
    if (tokens.count == 0 || tokens.count > BANNER_WORDS || !word_among(tokens.items[0].text, words))
        return false;
    const struct name_part *first = &tokens.items[0];
    bool is_alone = tokens.count == 1 || !byte_among(line.data[first->end], " ") ||
                    (unsigned char)line.data[first->end + 1] >= 0x80 || byte_among(line.data[first->end + 1], "-(");
    return first->is_capital || is_alone;
}

static void take_opening_marks(struct edition *edition, struct slice text)
{
    struct name_parts tokens;
    struct mark mark;
    struct edition_marks marks = {0};
    parts_read(&tokens, slice_cut(text, MARKS_BYTES));
    for (size_t at = 0; at < tokens.count; at++)
        if (mark_at(&tokens, at, &mark) > 0 && mark.kind == MARK_NUMBER && !tokens.items[at].is_number &&
            tokens.items[at].text[1] != '\0' && !marks_take(&marks, &mark))
            return; /* "edition 5 … replaces edition 4" */
    if (edition->marks.parts == 0 && marks.parts > 0) {
        memcpy(edition->marks.number, marks.number, sizeof(marks.number));
        edition->marks.parts = marks.parts;
    }
}

void edition_read_opening(struct edition *edition, struct slice text, struct arena *arena)
{
    struct text_sentences walk = {.text = slice_cut(text, OPENING_BYTES)};
    struct slice sentence, rest = walk.text, line;
    take_opening_marks(edition, text);
    if (edition->state == EDITION_SUPERSEDED)
        return;
    while (text_sentences_next(&walk, &sentence))
        if (edition_is_revoked_by(sentence)) {
            sentence = slice_trim(sentence);
            say(edition, EDITION_SUPERSEDED, arena_format(arena, "it says “" SLICE_FORMAT "”", SLICE_ARGUMENT(sentence)));
            return;
        }
    for (size_t lines = 0; lines < 3 && slice_next(&rest, '\n', &line); lines++)
        if (is_banner(line)) {
            line = slice_trim(line);
            say(edition, EDITION_SUPERSEDED, arena_format(arena, "it says “" SLICE_FORMAT "”", SLICE_ARGUMENT(line)));
            return;
        }
}
