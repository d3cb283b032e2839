/* edition.c - two editions of one document: which is the newer, and which a question means. */
#include "name_parts.h"
#include <string.h>

const char *edition_state_name(enum edition_state state)
{
    static const char *const names[] = {"in_force", "older", "superseded", "expired", "draft"}; /* ORDER edition_state */
    return names[state];
}

enum edition_state edition_state_on(const struct edition *edition, int64_t today)
{
    if (edition->state == EDITION_SUPERSEDED)
        return EDITION_SUPERSEDED;
    if (edition->until != EDITION_NO_DAY && edition->until < today)
        return EDITION_EXPIRED;
    if (edition->state == EDITION_IN_FORCE && edition->from != EDITION_NO_DAY && edition->from > today)
        return EDITION_DRAFT; /* not yet */
    return edition->state;
}

/* The folders of a family, without its name. */
static struct slice folder_of(struct slice family)
{
    size_t end = family.size;
    while (end > 0 && family.data[end - 1] != '/')
        end--;
    return slice_range(family, 0, end);
}

/* One title in two folders is of two sites, departments or products. */
bool edition_same_family(const struct edition *a, const struct edition *b)
{
    bool have_families = a->family.size > 0 && b->family.size > 0;
    if (have_families && slice_equal(a->family, b->family))
        return true;
    return have_families && slice_equal(folder_of(a->family), folder_of(b->family)) && a->title.size > 0 &&
           slice_equal(a->title, b->title);
}

static int compare_numbers(const struct edition_marks *a, const struct edition_marks *b)
{
    for (size_t i = 0; i < EDITION_PARTS && a->parts > 0 && b->parts > 0; i++) {
        uint32_t left = i < a->parts ? a->number[i] : 0, right = i < b->parts ? b->number[i] : 0;
        if (left != right)
            return left < right ? 1 : -1;
    }
    return 0;
}

int edition_compare(const struct edition *a, const struct edition *b)
{
    bool a_is_old = a->marks.is_old || a->marks.may_be_old, b_is_old = b->marks.is_old || b->marks.may_be_old;
    bool by_path = a->family.size > 0 && slice_equal(a->family, b->family);
    int by_number = compare_numbers(&a->marks, &b->marks);
    if (a_is_old != b_is_old && by_path)
        return a_is_old ? 1 : -1;
    if (by_number != 0)
        return by_number;
    int32_t first = a->marks.date, second = b->marks.date;
    bool is_told = first != 0 && second != 0 && !date_within(first, second) && !date_within(second, first);
    if (is_told && (by_path || (a->marks.parts > 0 && b->marks.parts > 0))) /* years in titles name cases, too */
        return first < second ? 1 : -1;
    if (a->from != EDITION_NO_DAY && b->from != EDITION_NO_DAY && a->from != b->from)
        return a->from < b->from ? 1 : -1;
    return 0;
}

/* What holds until the next one takes its place; reports, exams and budgets of a year stay what they are. */
static bool holds_on(struct slice family)
{
    static const char words[] =
        "handbook|policy|policies|guide|guideline|guidelines|procedure|procedures|protocol|tariff|tariffs|manual|regulation|"
        "regulations|rules|price|prices|pricelist|fee|fees|rate|rates|charges|terms|conditions|instruction|instructions|"
        "standard|specification|faq|catalogue|catalog|agreement|"
        "handbuch|richtlinie|anweisung|ordnung|satzung|tarif|tarife|preise|preisliste|gebühren|gebührenordnung|merkblatt|"
        "anleitung|leitfaden|regelung|"
        "règlement|procédure|manuel|tarifs|prix|consigne|"
        "tarifa|tarifas|precios|reglamento|procedimiento|política|guía|"
        "handleiding|regeling|tarief|tarieven|prijzen|prijslijst|richtlijn|reglement";
    struct name_parts parts;
    parts_read(&parts, slice_range(family, folder_of(family).size, family.size));
    for (size_t i = 0; i < parts.count; i++)
        if (word_among(parts.items[i].text, words))
            return true;
    return false;
}

bool edition_is_dated(const struct edition *edition)
{
    const struct edition_marks *marks = &edition->marks;
    bool is_of_year = marks->date != 0 && marks->date % 10000 == 0;
    return marks->parts == 0 &&
           (marks->date % 10000 != 0 || (is_of_year && !holds_on(edition->family) && !holds_on(edition->title)));
}

/* The number of the question is the edition's, or what that begins with: "version 2" is 2.1, too. */
static bool is_number_named(const struct edition_marks *marks, const struct mark *mark)
{
    bool is_same = mark->kind == MARK_NUMBER && marks->parts > 0 && mark->parts <= marks->parts;
    for (size_t i = 0; is_same && i < mark->parts; i++)
        is_same = mark->number[i] == marks->number[i];
    return is_same;
}

bool edition_is_named(const struct edition *edition, struct slice question)
{
    struct name_parts tokens;
    struct mark mark;
    size_t used;
    parts_read(&tokens, question);
    for (size_t at = 0; at < tokens.count; at += used > 0 ? used : 1) {
        used = mark_at(&tokens, at, &mark);
        if (used > 0 && (is_number_named(&edition->marks, &mark) ||
                         (mark.kind == MARK_DATE && edition->marks.date != 0 &&
                          (date_within(mark.date, edition->marks.date) || date_within(edition->marks.date, mark.date)))))
            return true;
    }
    return false;
}

enum edition_age edition_age_asked(struct slice question)
{
    enum { REACH = 3 };
    static const char
        words[] = "old|older|previous|previously|former|formerly|superseded|earlier|outdated|alte|alten|alter|altes|"
                  "vorige|vorigen|voriger|frühere|früheren|früher|bisherige|bisherigen|ancien|ancienne|anciens|"
                  "anciennes|précédent|précédente|antiguo|antigua|anterior|anteriores|viejo|vieja|oude|vorig|eerder";
    enum edition_age age = EDITION_AGE_ANY;
    struct name_parts parts;
    parts_read(&parts, question);
    for (size_t i = 0; i < parts.count; i++) {
        if (!word_among(parts.items[i].text, words) || (i > 0 && word_among(parts.items[i - 1].text, "how|years|months|year")))
            continue;
        age = EDITION_AGE_UNSURE;
        for (size_t j = i + 1; j < parts.count && j <= i + REACH; j++)
            if ((parts.items[j].classes & (WORD_PAPER | WORD_VALUE)) != 0)
                return EDITION_AGE_OLD;
        if (i > 0 && (parts.items[i - 1].classes & (WORD_PAPER | WORD_VALUE)) != 0) /* "le tarif précédent" */
            return EDITION_AGE_OLD;
    }
    return age;
}
