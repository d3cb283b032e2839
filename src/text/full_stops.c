/* full_stops.c - full stops that end no sentence: those of abbreviations, initials and ordinals.
 *
 *   am 1. | März     im 3. | Stock     Dr. | Møller     z. | B. | Montag     J. | R. | Tolkien     Art. | 5     Acme Inc. | Board
 *
 * Unicode's rules (sentences.c) end a sentence at each of these bars: a capital letter or a digit follows. Whether that is right depends on the
 * word before and the word behind; of English, German, French, Spanish, Italian, Dutch and Portuguese. In doubt the sentence ends. */
#include "full_stops.h"
#include <string.h>

enum { WORD_BYTES = 24 };

/* In front of a name, whatever is behind. */
static const char titles[] =
    "Dr|Drs|dr|Prof|prof|Mr|Mrs|Ms|Mme|Mlle|Messrs|Sr|Sra|Srta|sr|sra|Dña|Ud|Uds|Ing|ing|Dipl|Hr|Hrn|Frl|Fa|Rev|Sgt|Capt|"
    "Hon|Dott|dott|Sig|sig|Avv|avv|Mgr|Dhr|Mevr|Mag|Univ|Doz|Pfr|Attn|attn|Arch|arch|Geom|geom|Fam|fam|Gebr|Ste|Mons";
/* In the middle of a sentence, whatever is behind. */
static const char always[] = "ca|bzw|vgl|inkl|exkl|zzgl|ggf|evtl|sog|approx|vs|cf|incl|excl|aprox|bijv|mind|resp|geb|verh|insb|"
                             "einschl|ausschl|jew|bes|allg|ehem|gem|"
                             "lt|zw|viz|circa|env|spec|gesch|staatl|z.b|d.h|u.a|i.d.r|z.t|u.u|v.a|i.e|e.g|p.ex|p.ej|ad.es|c.-à-"
                             "d|s.o|t.a.v|d.w.z|o.a|m.b.t|"
                             "i.v.m|i.s.d|i.h.v|m.a.w|i.b.a|a.d|i.a|i.e.s|m.e|m.i|p.a";
/* In front of a number. */
static const char numbered[] =
    "no|nos|nr|nrn|art|arts|fig|figs|abs|abb|tab|kap|p|pp|s|vol|vols|ch|chap|sec|secs|eq|núm|núms|pág|págs|pag|cap|rn|rz|tz|"
    "ziff|bd|bde|anm|ref|tel|tél|fax|ext|max|min|st|av|avda|op|par|para|nro|lfd|rd|blz|hfst|bl|ed|aufl|kto|blz|plz|"
    "zi|hs|hausnr|bj|jg|tlf|tfno|int|app|apt|geb|fl|etg|og|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|okt|dez|janv|"
    "févr|avr|juil|déc|ene|abr|ago|dic|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so";
/* In front of a capital letter that begins no common short word ("The"), which would begin a sentence. */
static const char doubtful[] =
    "Inc|Ltd|Co|Corp|Bros|St|Fr|Col|Gen|Rep|Lt|Sen|Gov|Mio|Mrd|Mt|Ft|Jr|Pte|Pty|Cie|Abt|Dept|Bhf|Tsd|Adm|Cmdr|Maj|Supt|S.A|"
    "S.L|B.V|N.V|e.V";
/* A letter behind these is their name, and its full stop the sentence's: "plan B. Customers …". */
static const char lettered[] =
    "plan|vitamin|type|class|group|option|appendix|annex|section|schedule|exhibit|grade|hepatitis|category|part|team|block|"
    "figure|table|level|phase|building|room|zone|tier|form|row|column|point|answer|gate|terminal|hall|wing|line|"
    "typ|teil|klasse|gruppe|anlage|anhang|punkt|variante|kategorie|tarif|halle|gebäude|block|zimmer|raum|stufe|"
    "annexe|catégorie|partie|groupe|classe|grupo|parte|tipo|clase|anexo|gruppo|categoria|allegato|groep|bijlage|deel|letter";
/* "am 3. Tag": behind these a number with a full stop is an ordinal when a noun follows. */
static const char before_ordinals[] =
    "am|im|zum|zur|vom|beim|ins|der|die|das|des|dem|den|ein|eine|einem|einen|einer|eines|jeder|jede|jeden|jedem|jedes|"
    "seinem|seinen|ihrem|ihren|ihr|unser|unserem|dieser|diesem|diesen|aus|zu|als|ihre|seine|unsere|mein|meinem";

/* ---- words ---- */

struct word {
    char bytes[WORD_BYTES]; /* in small letters, of ASCII and Latin-1 */
    size_t size;
};

static bool is_one_of(const char *alternatives, struct slice word)
{
    struct slice rest = slice_from(alternatives), part;
    while (word.size > 0 && slice_next(&rest, '|', &part))
        if (slice_equal(part, word))
            return true;
    return false;
}

static struct slice text_of(const struct word *word)
{
    return (struct slice){word->bytes, word->size};
}

/* In small letters, without blanks; of a longer one nothing. */
static struct word small_of(struct slice text)
{
    struct word word = {.size = 0};
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i], before = word.size > 0 ? (unsigned char)word.bytes[word.size - 1] : 0;
        if (byte == ' ')
            continue;
        if (word.size + 1 >= WORD_BYTES)
            return (struct word){.size = 0};
        bool is_capital = (byte >= 'A' && byte <= 'Z') || (before == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97);
        word.bytes[word.size++] = (char)(is_capital ? byte | 0x20 : byte);
    }
    return word;
}

static bool is_blank(struct slice text, size_t at)
{
    return byte_among(text.data[at], " \t\n\r") || (unsigned char)text.data[at] == 0xA0;
}

/* Where the run without blanks and brackets that ends before `end` begins. */
static size_t run_start(struct slice text, size_t from, size_t end)
{
    size_t at = end;
    while (at > from && end - at < WORD_BYTES && !is_blank(text, at - 1) && !byte_among(text.data[at - 1], "([{\"'|/"))
        at--;
    return at;
}

static size_t letters_end(struct slice text, size_t at)
{
    uint32_t character;
    for (size_t count = 0; at < text.size && count < WORD_BYTES; count++) {
        size_t size = text_decode(text, at, &character);
        if (!text_is_letter(character))
            break;
        at += size;
    }
    return at;
}

static bool is_capital(struct slice text, size_t at)
{
    uint32_t character = 0;
    if (at < text.size)
        (void)text_decode(text, at, &character);
    return text_is_capital(character);
}

static bool is_digit(struct slice text, size_t at)
{
    return at < text.size && text.data[at] >= '0' && text.data[at] <= '9';
}

static bool is_common(const struct word *word)
{
    static const enum text_language languages[] = {LANGUAGE_ENGLISH, LANGUAGE_GERMAN, LANGUAGE_FRENCH,    LANGUAGE_SPANISH,
                                                   LANGUAGE_ITALIAN, LANGUAGE_DUTCH,  LANGUAGE_PORTUGUESE};
    for (size_t i = 0; i < ARRAY_COUNT(languages); i++)
        if (text_is_function_word(text_of(word), languages[i]))
            return true;
    return false;
}

bool text_is_month(struct slice word)
{
    static const char months[] =
        "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|"
        "aug|sep|sept|oct|nov|dec|"
        "januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|okt|dez|"
        "janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
        "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|"
        "gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|"
        "januari|februari|maart|mei|augustus|"
        "janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro";
    return is_one_of(months, word);
}

/* ---- kinds of full stops ---- */

/* What stands around it. */
struct stop {
    struct slice text;
    size_t from; /* the sentence */
    size_t start, end; /* the run before the full stop */
    size_t next;
    struct word behind;
};

static struct word word_before(const struct stop *stop)
{
    size_t end = stop->start;
    while (end > stop->from && stop->start - end < 3 && is_blank(stop->text, end - 1))
        end--;
    while (end > stop->from && (unsigned char)stop->text.data[end - 1] == 0xC2)
        end--;
    return small_of(slice_range(stop->text, run_start(stop->text, stop->from, end), end));
}

/* "1. März", "am 3. Tag", and "1." that begins a line. */
static bool is_ordinal(const struct stop *stop)
{
    size_t size = stop->end - stop->start;
    for (size_t i = stop->start; i < stop->end; i++)
        if (!is_digit(stop->text, i))
            return false;
    if (size == 0 || size > 3 || letters_end(stop->text, stop->next) == stop->next)
        return false;
    if (size <= 2 && (text_is_month(text_of(&stop->behind)) || stop->start == stop->from))
        return true;
    struct word before = word_before(stop);
    return is_one_of(before_ordinals, text_of(&before)) && !is_common(&stop->behind);
}

/* "z. B": short parts with full stops, to be looked up without blanks. The run before the full stop is the last of them. */
static struct word joined_parts(const struct stop *stop)
{
    size_t start = stop->start;
    for (size_t count = 0; count < 3; count++) {
        size_t end = start;
        if (end <= stop->from || !is_blank(stop->text, end - 1))
            break;
        end -= (unsigned char)stop->text.data[end - 1] == 0xA0 && end >= 2 ? 2 : 1;
        size_t part = run_start(stop->text, stop->from, end);
        if (end - part < 2 || end - part > 4 || stop->text.data[end - 1] != '.')
            break;
        start = part;
    }
    struct slice run = slice_range(stop->text, start, stop->end);
    char bytes[WORD_BYTES * 2];
    size_t size = 0;
    for (size_t i = 0; i < run.size && size < sizeof(bytes); i++)
        if ((unsigned char)run.data[i] != 0xC2 && (unsigned char)run.data[i] != 0xA0)
            bytes[size++] = run.data[i];
    return start == stop->start ? small_of(run) : small_of((struct slice){bytes, size});
}

/* "z. | B.": a letter, and behind it a short part with a full stop. */
static bool is_part_of_many(const struct stop *stop)
{
    size_t end = letters_end(stop->text, stop->next);
    return letters_end(stop->text, stop->start) == stop->end && stop->end - stop->start <= 2 && end > stop->next &&
           end - stop->next <= 2 && end < stop->text.size && stop->text.data[end] == '.';
}

/* "J. | Tolkien", "U.S. | Army": single capital letters. */
static bool is_initial(const struct stop *stop)
{
    size_t at = stop->start;
    while (at < stop->end) {
        uint32_t character;
        size_t size = text_decode(stop->text, at, &character);
        bool is_part = text_is_capital(character) && (at + size == stop->end || stop->text.data[at + size] == '.');
        if (!is_part)
            return false;
        at += size + (at + size < stop->end);
    }
    struct word before = word_before(stop);
    bool is_pronoun = stop->end - stop->start == 1 && stop->text.data[stop->start] == 'I';
    return at > stop->start && is_capital(stop->text, stop->next) && !is_pronoun && !is_common(&stop->behind) &&
           !is_one_of(lettered, text_of(&before));
}

static bool is_abbreviation(const struct stop *stop)
{
    struct slice run = slice_range(stop->text, stop->start, stop->end), last = run;
    for (size_t i = 0; i < run.size; i++)
        if (byte_among(run.data[i], "-.") && i + 1 < run.size)
            last = slice_range(run, i + 1, run.size); /* "Dipl.-Ing" */
    struct word joined = joined_parts(stop), small = small_of(last);
    bool is_number = is_digit(stop->text, stop->next) || byte_among(stop->text.data[stop->next], "+(") ||
                     slice_starts_with(slice_range(stop->text, stop->next, stop->text.size), SLICE("§"));
    if (is_one_of(titles, last) || is_one_of(always, text_of(&joined)))
        return true;
    if (is_number && (is_one_of(numbered, text_of(&small)) || slice_ends_with(run, SLICE("str"))))
        return true;
    bool is_doubtful = is_one_of(doubtful, run) || is_one_of(doubtful, last);
    return is_doubtful && !is_common(&stop->behind) && letters_end(stop->text, stop->next) > stop->next;
}

bool full_stop_is_inside(struct slice text, size_t start, size_t stop_at, size_t next)
{
    struct stop stop = {.text = text, .from = start, .end = stop_at, .next = next};
    bool is_there = stop_at > start && stop_at + 1 < next && text.data[stop_at] == '.' && next < text.size;
    if (!is_there || !(is_blank(text, stop_at + 1) || (unsigned char)text.data[stop_at + 1] == 0xC2 ||
                       (unsigned char)text.data[stop_at + 1] == 0xE2))
        return false;
    stop.start = run_start(text, start, stop_at);
    if (stop.start == stop_at || stop_at - stop.start >= WORD_BYTES)
        return false;
    stop.behind = small_of(slice_range(text, next, letters_end(text, next)));
    return is_ordinal(&stop) || is_part_of_many(&stop) || is_initial(&stop) || is_abbreviation(&stop);
}

bool word_may_end(struct slice text, size_t stop_at)
{
    static const char
        titles_small[] = "mrs|mme|mlle|prof|inc|ltd|corp|bros|col|gen|rep|lt|sen|gov|jr|sr|capt|sgt|rev|hon|dept|maj|"
                         "adm|vol|fig|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|etc|dipl|ing|univ|abt|str|tel";
    enum { LETTERS_LEAST = 3 };
    size_t start = run_start(text, 0, stop_at);
    struct slice run = slice_range(text, start, stop_at);
    bool is_digits = run.size > 0 && is_digit(run, run.size - 1);
    return (run.size >= LETTERS_LEAST || is_digits) && memchr(run.data, '.', run.size) == NULL && !is_one_of(titles_small, run);
}

/* ---- other marks ---- */

static bool is_small_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_letter_or_digit(char byte)
{
    return is_small_or_digit(byte) || (byte >= 'A' && byte <= 'Z');
}

bool mark_is_inside(struct slice text, size_t start, size_t mark_at, size_t next)
{
    if (mark_at < start || next <= mark_at || next + 1 >= text.size || !byte_among(text.data[mark_at], "!?") ||
        !is_letter_or_digit(text.data[next]) || !(is_letter_or_digit(text.data[next + 1]) || text.data[next + 1] == '='))
        return false;
    bool begins_token = mark_at == start || byte_among(text.data[mark_at - 1], " \t(\"'`[{<");
    if (next == mark_at + 1)
        return begins_token || is_small_or_digit(text.data[next]);
    size_t word = mark_at;
    while (word > start && is_letter_or_digit(text.data[word - 1]))
        word--;
    bool is_name = word + 1 < mark_at && text.data[word] >= 'A' && text.data[word] <= 'Z';
    return text.data[mark_at] == '!' && is_name && next == mark_at + 2 && is_small_or_digit(text.data[next]) &&
           text.data[next] > '9';
}
