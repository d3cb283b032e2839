/* charged.c - an amount of money means little without what it is charged for.
 *
 *   [£14.50] a night and …      [12 €] pro Person und Tag      [£10] for every 15 minutes      [2.9%] + 25¢      [£3.60] per bag plus VAT
 *            ~~~~~~~                   ~~~~~~~~~~~~~~~~~~             ~~~~~~~~~~~~~~~~~~~~             ~~~~~              ~~~~~~~~~~~~~~~~
 *
 * Of a noun that is no unit it must be plain that it ends: nothing but a sign or a short word of grammar stands behind it. Where that is not so, the amount
 * stands alone. */
#include "charged.h"
#include "span_parts.h"
#include "text/text.h"

enum { RATES_MOST = 3 };

/* Of all of these a noun follows; of the last ones only a time. */
static const char per[] = " per | pro | par | por | je | cada | ogni | elke ",
                  each[] = " each | every | for each | for every | chaque ", one[] = " a | an ",
                  times[] = " the | al | a la | alla | all'| à la | à l'| la | de l'| l'| die | im | am | ao | à ";
static const char joints[] = " and| und| et| y| e| en";
static const char counted[] =
    "person|persons|adult|adults|child|user|users|seat|head|unit|item|page|employee|guest|room|piece|quarter|call|visit|"
    "order|parcel|personne|adulte|enfant|persona|pessoa|persoon|kind|stuk|kopf|stück|capita|testa|uno|uno|una|one|"
    "trimestre|quartal|vehicle|car|bag|box|bottle|tree|door|pair|pupil|student|participant";
/* Of "a": no rate begins with it. */
static const char
    no_nouns[] = "partir|partire|menos|más|meno|carico|cargo|scelta|elegir|domicilio|causa|little|few|lot|bit|total|"
                 "maximum|minimum|further|deposit|discount|fee|refund|charge";

/* ---- nouns ---- */

static bool is_capital(struct slice line, size_t at)
{
    uint32_t character;
    if (at >= line.size)
        return false;
    (void)text_decode(line, at, &character);
    return text_is_capital(character);
}

/* Nothing that goes on with a noun: a sign, or a word of grammar. */
static bool is_plain_end(struct slice line, size_t at)
{
    size_t blank = span_blank_at(line, at);
    struct span_word word = span_word_at(line, at + blank);
    if (at == line.size || byte_among(line.data[at], ",;.:!?|()\n"))
        return true;
    return blank > 0 && (word.size == 0 ? !span_is_digit(line, at + blank) : span_is_function_word(&word));
}

/* Words with hyphens between them. */
static size_t compound_end(struct slice line, size_t at)
{
    size_t end = span_letters_end(line, at);
    while (end > at && span_starts(line, end, "-") && span_letter_at(line, end + 1) > 0)
        end = span_letters_end(line, end + 1);
    return end;
}

static bool is_of_kinds(const struct span_word *word, unsigned kinds)
{
    const struct span_unit *unit = word->size > 0 ? span_unit_of((struct slice){word->bytes, word->size}) : NULL;
    return unit != NULL && (unit->kind & kinds) != 0;
}

/* "15 minutes", "100 g" */
static size_t quantity_end(struct slice line, size_t at)
{
    struct number number;
    bool is_one = span_is_digit(line, at) && span_quantity_at(line, at, &number) && !number.is_bare && !number.is_thing &&
                  (number.kind == SPAN_DURATION || number.kind == SPAN_MEASURE);
    return is_one ? number.end : at;
}

/* The noun at `at`, of one or `most` words; `at`: none of which it is plain that it ends. */
static size_t noun_end(struct slice line, size_t at, size_t most)
{
    struct span_word word = span_word_at(line, at);
    size_t end = compound_end(line, at);
    if (end == word.end && (is_of_kinds(&word, SPAN_DURATION | SPAN_MEASURE) || span_word_is(&word, counted)))
        return end;
    if (word.size == 0 || span_is_function_word(&word) || span_word_is(&word, no_nouns))
        return at;
    if (is_plain_end(line, end) || (most > 1 && is_capital(line, at))) /* "je Kilometer │ berechnet" */
        return end;
    size_t second = most > 1 ? end + span_blank_at(line, end) : end;
    return second > end ? (noun_end(line, second, 1) > second ? noun_end(line, second, 1) : at) : at;
}

/* ---- rates ---- */

/* "a night", "per person", "each": where the first rate behind `end` ends; `end`: there is none. */
static size_t one_rate_end(struct slice line, size_t end)
{
    size_t size = span_one_at(line, end, per);
    if (size > 0) {
        size_t quantity = quantity_end(line, end + size), noun = noun_end(line, end + size, 2);
        return quantity > end + size ? quantity : noun > end + size ? noun : end;
    }
    size = span_one_at(line, end, each);
    if (size > 0) {
        size_t quantity = quantity_end(line, end + size), noun = noun_end(line, end + size, 1);
        if (quantity > end + size || noun > end + size)
            return quantity > end + size ? quantity : noun;
    }
    size = span_one_at(line, end, " each| apiece");
    if (size > 0)
        return is_plain_end(line, end + size) || span_one_at(line, end + size, per) > 0 ? end + size : end;
    size = span_one_at(line, end, one);
    if (size > 0) {
        size_t noun = noun_end(line, end + size, 1);
        return noun > end + size ? noun : end;
    }
    size = span_one_at(line, end, times);
    struct span_word word = span_word_at(line, end + size);
    return size > 0 && is_of_kinds(&word, SPAN_DURATION) ? word.end : end;
}

/* The last words of what stands from `start` to `end` are the question's own. */
static bool is_asked(struct slice question, struct slice line, size_t end)
{
    struct span_word word = span_word_before(line, end, NULL);
    return word.size >= 3 && span_has_word(question, word.bytes);
}

/* "per night | and person", "pro Person | und Tag" */
static size_t joined_end(struct slice line, size_t end)
{
    size_t size = span_one_at(line, end, joints), next = end + size;
    size_t rate = size > 0 ? one_rate_end(line, next) : end, blank = span_blank_at(line, next);
    struct span_word word = span_word_at(line, next + blank);
    if (size == 0 || blank == 0)
        return end;
    if (span_one_at(line, next, per) > 0)
        return rate > next ? rate : end;
    bool is_noun = (is_of_kinds(&word, SPAN_DURATION) || span_word_is(&word, counted)) &&
                   (is_plain_end(line, word.end) || is_capital(line, word.start));
    return is_noun ? word.end : end;
}

static size_t rates_end(struct slice question, struct slice line, size_t end)
{
    for (size_t i = 0; i < RATES_MOST; i++) {
        size_t next = one_rate_end(line, end);
        if (next == end && i > 0)
            next = joined_end(line, end);
        if (next == end || is_asked(question, line, next))
            return end;
        end = next;
    }
    return end;
}

/* ---- what is added ---- */

/* "£1 | per bag", "20% | VAT" */
static size_t added_end(struct slice line, const struct number *number)
{
    size_t end = number->rate > 0 ? number->rate : number->end, rate = one_rate_end(line, end);
    size_t at = end + span_blank_at(line, end);
    struct span_word word = span_word_at(line, at);
    bool is_noun = rate == end && at > end && word.size > 0 && !span_is_function_word(&word);
    return rate > end ? rate : is_noun ? span_letters_end(line, at) : end;
}

/* "2.9%" of "2.9% + 25¢" is not all that is charged. */
static size_t sum_end(struct slice line, size_t end)
{
    static const char plus[] = " + | plus ";
    struct number number;
    size_t sign = span_one_at(line, end, plus);
    bool is_more = sign > 0 && span_quantity_at(line, end + sign, &number) &&
                   (number.kind == SPAN_MONEY || number.kind == SPAN_SHARE);
    return is_more ? added_end(line, &number) : end;
}

/* "plus VAT", "zzgl. MwSt.", "HT" */
static size_t tax_end(struct slice line, size_t end)
{
    static const char leading[] = "plus |+ |+|excluding |excl. |excl |ex |including |incl. |incl |inc. |inc |zuzüglich |zzgl. |"
                                  "inklusive |inkl. |einschließlich |exclusief |inclusief |más |mais |più |hors |";
    static const char taxes[] = "VAT|GST|sales tax|taxes|tax|MwSt|Mehrwertsteuer|USt|Umsatzsteuer|TVA|IVA|btw|BTW";
    static const char alone[] = "netto|net|gross|brutto|HT|TTC|hors taxes|toutes taxes comprises|IVA incluido|IVA incluida|"
                                "IVA inclusa|IVA compresa|IVA esclusa|IVA no incluido|IVA no incluida|sans TVA|VAT included";
    size_t at = end + span_starts(line, end, ",");
    at += span_blank_at(line, at);
    size_t opened = at > end && span_starts(line, at, "("), lead = span_one_at(line, at + opened, leading);
    size_t size = span_one_at(line, at + opened + lead, taxes), whole = span_one_at(line, at + opened, alone);
    size_t last = at + opened + (whole > 0 ? whole : lead + size);
    if (at == end || (whole == 0 && (lead == 0 || size == 0)) || span_letter_at(line, last) > 0)
        return end;
    last += span_starts(line, last, ".") && last + 1 < line.size;
    if (opened > 0)
        return span_starts(line, last, ")") ? last + 1 : end;
    return is_plain_end(line, last) || line.data[last - 1] == '.' ? last : end;
}

/* ---- all ---- */

struct slice charged_grown(struct slice question, struct slice line, struct slice part)
{
    size_t start = (size_t)(part.data - line.data), end = start + part.size;
    struct number number;
    for (size_t at = 0; at < end && span_next_number(line, &at, SPAN_MONEY | SPAN_SHARE, &number);) {
        size_t bare = number.rate > 0 ? number.rate : number.end;
        bool is_charged = (number.kind == SPAN_MONEY || number.kind == SPAN_SHARE) && number.start >= start && bare <= end;
        if (!is_charged)
            continue;
        size_t rate = rates_end(question, line, bare), sum = sum_end(line, rate), last = rates_end(question, line, sum);
        last = tax_end(line, last);
        if (end == bare || end == number.end || (end > bare && end < last && number.start == start))
            return slice_range(line, start, last > end ? last : end);
    }
    return part;
}
