/* test_ask_spans.c - quantities, dates, hours, names and numbers to call are found whole, in eight languages, and nothing is joined to them that
 * is of something else. */
#include "ask/asked_codes.h"
#include "ask/asked_labels.h"
#include "ask/asked_words.h"
#include "ask/enumerated.h"
#include "ask/grown.h"
#include "ask/line_parts.h"
#include "ask/other_counts.h"
#include "ask/outer_times.h"
#include "ask/priced_thing.h"
#include "ask/ranges.h"
#include "ask/span_edges.h"
#include "ask/spans.h"
#include "compare.h"
#include "text/text.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct span_case {
    const char *question, *sentence, *span; /* NULL: none */
};

/* Numbers with scale, currency, unit, a second unit. */
static const struct span_case quantity_cases[] = {
    {"How much was the profit?", "Profit rose to £3.75 billion last year.", "£3.75 billion"},
    {"How much did they pay?", "They paid $12k for the booth.", "$12k"},
    {"How much does it cost?", "The licence costs US$ 1,299.00 once paid.", "US$ 1,299.00"},
    {"How much does it cost?", "It is 45 euros, tax included.", "45 euros"},
    {"How much does it cost?", "It is 1,200 USD for all.", "1,200 USD"},
    {"How much does it cost?", "Entry is CHF 12.50 for adults.", "CHF 12.50"},
    {"How much does it cost?", "The fee is 2'500 CHF in total.", "2'500 CHF"},
    {"How much does it cost?", "The pass is 1 250 kr for adults.", "1 250 kr"},
    {"How much does it cost?", "It is ₹1,25,000 with tax.", "₹1,25,000"},
    {"What's the price?", "Of all 40 tents this one is €89 today.", "€89"},
    {"What do children pay?", "Adults pay £6, children under 14 £3, babies nothing.", "£6"},
    {"What do children pay?", "Children under 14 £3, babies nothing.", "£3"},
    {"What does it cost?", "It is 14 £ at the door.", "14 £"},
    {"How many days do I have to pay?", "Pay within 14 days at most.", "14 days"},
    {"How long is the gift code valid?", "Code AB-12 is valid for 24 months.", "24 months"},
    {"How many emails may I send a day?", "Write to a@b.example, 500 messages are allowed.", "500"},
    {"How much is the fine?", "A fine of 2.5 million euros was set.", "2.5 million euros"},
    {"What does the plan cost?", "The plan costs $30 a month, cancel any time.", "$30 a month"},
    {"What does the plan cost?", "The plan costs €9.99/month here.", "€9.99/month"},
    {"What does the plan cost a month?", "The plan costs $30 a month, cancel any time.", "$30"},
    {"How many users are there?", "It serves 3.2 million users.", "3.2 million"},
    {"How many users are there?", "It serves 40k users.", "40k"},
    {"How many users are there?", "It serves 1 234 567 users.", "1 234 567"},
    {"How many seats are there?", "The hall has 2000 seats.", "2000"},
    {"How fast is it?", "It reaches 120 km/h on the flat.", "120 km/h"},
    {"What is the maximum speed?", "The link does 10 Mbit/s at most.", "10 Mbit/s"},
    {"How cold may it get?", "Keep it above -15 °C at night.", "-15 °C"},
    {"How cold may it get?", "Keep it above −15 °C at night.", "−15 °C"},
    {"How heavy is it?", "It weighs 14.5 kg when empty.", "14.5 kg"},
    {"How heavy is it?", "It weighs 6 lb 4 oz when empty.", "6 lb 4 oz"},
    {"How tall is he?", "He stands 6 ft 2 in tall.", "6 ft 2 in"},
    {"How long does it run?", "It runs 3 hours 20 minutes.", "3 hours 20 minutes"},
    {"How long does it run?", "It runs for 1 h 45 min.", "1 h 45 min"},
    {"How long does it run?", "It runs for 1h45 on the track.", "1h45"},
    {"How long is the term?", "The term is 2 years and 6 months.", "2 years and 6 months"},
    {"How long is the trial?", "There is a 14-day trial.", "14-day"},
    {"How long is the notice?", "Notice is thirty (30) days.", "thirty (30) days"},
    {"How long is it valid?", "It is valid for twenty-four months.", "twenty-four months"},
    {"How large is the flat?", "The flat has 85 m² in all.", "85 m²"},
    {"What share is it?", "It is 12,5 % of all.", "12,5 %"},
    {"What percentage is it?", "It is 12 per cent of all.", "12 per cent"},
    {"Wie lange dauert es?", "Es dauert 2 Stunden und 15 Minuten.", "2 Stunden und 15 Minuten"},
    {"Was kostet es?", "Es kostet 1.299,90 € im Laden.", "1.299,90 €"},
    {"Was kostet es?", "Der Bau kostete 3,5 Mio. Euro.", "3,5 Mio. Euro"},
    {"Wie viel kostet es?", "Es waren 2 Milliarden Euro.", "2 Milliarden Euro"},
    {"Wie lange ist die Frist?", "Die Frist beträgt drei Monate.", "drei Monate"},
    {"Combien coûte le billet?", "Le billet coûte 1 499,50 € par an.", "1 499,50 € par an"},
    {"Combien coûte le billet?",
     "Le billet coûte 12\xE2\x80\xAF"
     "500\xC2\xA0€.",
     "12\xE2\x80\xAF"
     "500\xC2\xA0€"},
    {"Combien coûte le projet?", "Le projet a coûté 4,2 millions d'euros.", "4,2 millions d'euros"},
    {"¿Cuánto cuesta el curso?", "El curso cuesta 1.950 € al mes.", "1.950 € al mes"},
    {"¿Cuánto cuesta el estadio?", "Costó 3 millones de euros.", "3 millones de euros"},
    {"Quanto costa il corso?", "Il corso costa 250 euro a persona.", "250 euro"},
    {"Quanto custa o curso?", "O curso custa R$ 1.200,00 no total.", "R$ 1.200,00"},
    {"Hoeveel kost het?", "Het kost € 50,- per jaar.", "€ 50,- per jaar"},
    {"送料はいくらですか？", "送料は1,500円です。", "1,500円"},
    {"多少钱？", "价格是3万元。", "3万元"},
};

static const struct span_case range_cases[] = {
    {"How long does it take?", "It takes 4 to 6 working days.", "4 to 6 working days"},
    {"How long does it take?", "It takes between 10 and 12 weeks.", "10 and 12 weeks"},
    {"How long does it take?", "It takes 4 or 5 months.", "4 or 5 months"},
    {"How long does it take?", "It takes two to three weeks.", "two to three weeks"},
    {"How long does it take?", "It takes 24-48 hours.", "24-48 hours"},
    {"How long does it take?", "It takes 30 minutes to 2 hours.", "30 minutes to 2 hours"},
    {"How long does it take?", "It takes 5 days – 3 weeks.", "5 days – 3 weeks"},
    {"How much does it cost?", "It costs $1500-3000 a year.", "$1500-3000 a year"},
    {"How much does it cost?", "It costs €5 to €7 each.", "€5 to €7"},
    {"How much does it cost?", "It costs between $2 million and $3 million.", "$2 million and $3 million"},
    {"How much does it cost?", "It costs 10–15 € here.", "10–15 €"},
    {"How cold may it get?", "Keep it at -20 to -10 °C.", "-20 to -10 °C"},
    {"How hot may it be?", "From -5 °C to +40 °C it works.", "-5 °C to +40 °C"},
    {"How many people come?", "There come 20 to 30 people.", "20 to 30"},
    {"How heavy is it?", "It weighs 500 g to 1 kg.", "500 g to 1 kg"},
    {"How big is it?", "The box is 120 x 80 x 60 cm.", "120 x 80 x 60 cm"},
    {"What rate is it?", "The rate is 3 % to 4.5 % here.", "3 % to 4.5 %"},
    {"Wie lange dauert es?", "Es dauert 3 bis 5 Werktage.", "3 bis 5 Werktage"},
    {"Wie lange dauert es?", "Es dauert zwischen 2 und 4 Wochen.", "2 und 4 Wochen"},
    {"Wie lange dauert es?", "Es dauert 2 oder 3 Tage.", "2 oder 3 Tage"},
    {"Combien coûte le repas?", "Le repas coûte de 15 à 20 € environ.", "15 à 20 €"},
    {"Combien coûte le repas?", "Entre 15 et 20 € environ.", "15 et 20 €"},
    {"¿Cuánto tarda?", "Tarda de 3 a 5 días.", "3 a 5 días"},
    {"¿Cuánto tarda?", "Tarda entre 3 y 5 días.", "3 y 5 días"},
    {"Quanto dura?", "Dura da 3 a 5 giorni.", "3 a 5 giorni"},
    {"Hoe lang duurt het?", "Het duurt 3 tot 5 werkdagen.", "3 tot 5 werkdagen"},
    /* not ranges */
    {"How long is the flight?", "Flights 3 to Berlin take 2 hours.", "2 hours"},
    {"How many people came?", "It opened in 2019 and 20 people came.", "20"},
    {"How many people may sign?", "By chapter 5 to 7 people a letter is sent.", "7"},
    {"How long is it?", "It went down from 9 days to 4 days.", "9 days"},
    {"How much does it cost?", "It costs $5 to 10 people.", "$5"},
    {"How long does it take?", "On page 3 or 4 weeks are told.", "4 weeks"},
    {"How long does it take?", "For 12 cases and 3 weeks.", "3 weeks"},
    {"How heavy is it?", "5 pegs to 7 kg are in.", "5 pegs"},
    {"How high is the hatch?", "The hatch is 3.10 m by 2.00 m.", "3.10 m by 2.00 m"},
    {"How much does it hold?", "It was cut from 100 by 2030.", "100"},
    {"How long is the break?", "From 2 years 5 were lost.", "2 years"},
};

static const struct span_case date_cases[] = {
    {"When was it founded?", "It was founded on June 12th, 1994 in Kiel.", "June 12th, 1994"},
    {"When was it founded?", "It was founded on the 22nd of August 2003.", "22nd of August 2003"},
    {"When was it founded?", "It was founded on 7 Sept. 2003.", "7 Sept. 2003"},
    {"When was it founded?", "It was founded in October 1987.", "October 1987"},
    {"When was it founded?", "It was founded in 1987.", "1987"},
    {"When does it start?", "It starts on Monday, 4 May 2026.", "Monday, 4 May 2026"},
    {"When does it run?", "It runs from May 5 to June 7, 2026.", "May 5 to June 7, 2026"},
    {"When does it run?", "It runs May 5–7, 2026 in Ulm.", "May 5–7, 2026"},
    {"When does it run?", "It runs 5–7 May 2026 in Ulm.", "5–7 May 2026"},
    {"When did she rule?", "She ruled 1998–2003 alone.", "1998–2003"},
    {"When did she rule?", "She ruled from 1998 to 2003 alone.", "1998 to 2003"},
    {"When is it due?", "It is due on 31/12/2030 at the latest.", "31/12/2030"},
    {"When is it due?", "It is due on 2030-12-31 at the latest.", "2030-12-31"},
    {"When is rent due?", "Rent is due on the 5th of each month.", "5th of each month"},
    {"When is it open?", "It is open Monday to Friday.", "Monday to Friday"},
    {"When is it open?", "It is open Mon–Fri.", "Mon–Fri"},
    {"When do exams begin?", "Exams begin in March and are hard.", "March"},
    {"Wann beginnt es?", "Es beginnt am 3. Oktober 2025.", "3. Oktober 2025"},
    {"Wann endet es?", "Es endet am 31.12.2030 um Mitternacht.", "31.12.2030"},
    {"Wann läuft es?", "Es läuft vom 1. bis 15. März 2025.", "1. bis 15. März 2025"},
    {"Wann ist Miete fällig?", "Die Miete ist bis zum 3. des Monats fällig.", "3. des Monats"},
    {"Quand commence le bail?", "Le bail commence le 1er février 2025.", "1er février 2025"},
    {"Quand a lieu la fête?", "La fête a lieu le 14 août.", "14 août"},
    {"¿Cuándo empieza?", "Empieza el 5 de mayo de 2024.", "5 de mayo de 2024"},
    {"Quando inizia?", "Inizia il 1º settembre 2024.", "1º settembre 2024"},
    {"Quando começa?", "Começa em 7 de setembro de 2024.", "7 de setembro de 2024"},
    {"Wanneer begint het?", "Het begint op 12 maart 2024.", "12 maart 2024"},
    {"いつ始まりますか？", "契約は2024年3月1日に始まります。", "2024年3月1日"},
    {"什么时候开始？", "合同从2024年3月开始。", "2024年3月"},
    /* hours */
    {"What time does it open?", "It opens at 8:30 a.m. on weekdays.", "8:30 a.m."},
    {"What time is it open?", "It is open 8:30 – 18:00 daily.", "8:30 – 18:00"},
    {"What time is it open?", "It is open 10am-4pm daily.", "10am-4pm"},
    {"What time is it open?", "It is open 9 to 5 pm daily.", "9 to 5 pm"},
    {"When is it staffed?", "It is staffed from 7 am to 9 pm.", "7 am to 9 pm"},
    {"When is it staffed?", "It is staffed between 7 am and 9 pm.", "7 am and 9 pm"},
    {"Wann ist offen?", "Offen ist von 9 bis 17 Uhr.", "9 bis 17 Uhr"},
    {"Wann ist offen?", "Offen ist ab 9.30 Uhr.", "9.30 Uhr"},
    {"Quand est-ce ouvert?", "C'est ouvert de 9h à 17h30.", "9h à 17h30"},
    {"営業時間は何時ですか？", "営業時間は午前9時から午後5時までです。", "午前9時から午後5時"},
    /* no dates */
    {"When did it start?", "In all 5 may be used since 1999.", "1999"},
    {"When did it start?", "Three out of 12 people said 1999.", "1999"},
    {"Which day is it?", "On the 3rd floor it is the 4 May party.", "4 May"},
};

static const struct span_case name_cases[] = {
    {"Who wrote it?", "It was written by J. R. R. Tolkien in Oxford.", "J. R. R. Tolkien"},
    {"Who wrote it?", "It was written by J.K. Rowling.", "J.K. Rowling"},
    {"Who is the head?", "The head is Jean-Luc O'Brien since May.", "Jean-Luc O'Brien"},
    {"Who is the head?", "The head is Åsa Öberg.", "Åsa Öberg"},
    {"Who is the head?", "The head is Łukasz Żółkiewski.", "Łukasz Żółkiewski"},
    {"Who is the painter?", "The painter was Vincent van Gogh.", "Vincent van Gogh"},
    {"Who is the painter?", "The painter was Rogier van der Weyden.", "Rogier van der Weyden"},
    {"Who is the painter?", "The painter was Leonardo da Vinci.", "Leonardo da Vinci"},
    {"Who is the owner?", "The owner is Ludwig von Beethoven.", "Ludwig von Beethoven"},
    {"Who is the owner?", "The owner is Juan de la Cruz.", "Juan de la Cruz"},
    {"Who is the owner?", "The owner is Mohammed bin Salman.", "Mohammed bin Salman"},
    {"Who is the owner?", "The owner is Иван Петров.", "Иван Петров"},
    {"Where is it?", "It is at the University of Bergen now.", "University of Bergen"},
    {"Wer ist der Chef?", "Der Chef heißt Günther Äpfel.", "Günther Äpfel"},
    {"Qui est le chef?", "Le chef est Éloïse d'Aubigné.", "Éloïse d'Aubigné"},
    {"¿Quién es la dueña?", "La dueña es Ángela Núñez.", "Ángela Núñez"},
    {"Who signs?", "The form is signed by Anna Berg, Otto Grimm.", "Anna Berg"},
    {"Who signs?", "nobody of them did.", NULL},
};

static const struct span_case phone_cases[] = {
    {"What is the phone number?", "Call 01.23.45.67.89 for help.", "01.23.45.67.89"},
    {"What is the phone number?", "Call +49 30 1234567 for help.", "+49 30 1234567"},
    {"What is the phone number?", "Call (555) 123-4567 for help.", "(555) 123-4567"},
    {"What is the phone number?", "Call 1-800-555-0199 for help.", "1-800-555-0199"},
    {"How many calls?", "Call 0800 123 456 for 12 calls.", "12"},
    /* codes of digits, which are no quantities, whole or in part */
    {"How many days?", "Version 2.10.3 runs 5 days.", "5 days"},
    {"How many days?", "v2.10.3 runs 5 days.", "5 days"},
    {"How many boxes are there?", "Article A-1000-2000 comes in 3 boxes.", "3"},
    {"How many boxes are there?", "Article EMB-24 comes in 3 boxes.", "3"},
    {"How many accounts are there?", "DE89 3704 0044 0532 0130 00 is one of 2 accounts.", "2"},
    {"How many codes are there?", "ISO 8601-1:2019 has 4 codes.", "4"},
    {"How many boxes are there?", "As told[1] there are 7 boxes.", "7"},
    {"How many boxes are there?", "By § 12 and Fig. 3 there are 7 boxes.", "7"},
    {"How many codes are there?", "Error 0x80070005 has 2 codes.", "2"},
    {"How much oil does it take?", "Use SAE 15W-40, 120 ml of it.", "120 ml"},
    {"How much does it cost?", "It is thinned 1:10,000 for $4.", "$4"},
    {"Which label is it?", "A label is EUR 0.06 and has no code AB-12.", "AB-12"},
    {"price of a label", "A label is EUR 0.06 here.", "EUR 0.06"},
    {"What is the article number of the lance?", "TR-2302 foam lance", "TR-2302"},
    {"What is the deposit for a key?", "A key is 12 days for €20.", "€20"},
    {"Quel est le loyer du gîte ?", "Le loyer est de 640 € la semaine.", "640 €"},
    {"How many hosts are there?", "At 192.168.10.1 are 6 hosts.", "6"},
    {"What is the phone number?", "It costs $1000-2000 a year.", NULL},
};

static void check_cases(const struct span_case *cases, size_t case_count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < case_count; i++) {
        struct slice question = slice_from(cases[i].question);
        struct span found[12];
        unsigned asked = span_asked(question);
        size_t count = spans_find(question, slice_from(cases[i].sentence), asked, found, ARRAY_COUNT(found)), best = 0;
        for (size_t j = 1; j < count; j++)
            if (span_fits(asked, found[j].kind) > span_fits(asked, found[best].kind))
                best = j;
        struct slice said = count > 0 ? found[best].text : SLICE("(none)");
        if (slice_equal_text(said, cases[i].span == NULL ? "(none)" : cases[i].span))
            continue;
        wrong++;
        print_error("\"%s\" \"%s\": \"" SLICE_FORMAT "\" for \"%s\"\n", cases[i].question, cases[i].sentence,
                    SLICE_ARGUMENT(said), cases[i].span == NULL ? "(none)" : cases[i].span);
    }
    assert_int_equal(wrong, 0);
}

static void quantities_are_whole(void **state)
{
    (void)state;
    check_cases(quantity_cases, ARRAY_COUNT(quantity_cases));
}

static void ranges_are_of_whole_quantities(void **state)
{
    (void)state;
    check_cases(range_cases, ARRAY_COUNT(range_cases));
}

static void dates_and_hours_are_whole(void **state)
{
    (void)state;
    check_cases(date_cases, ARRAY_COUNT(date_cases));
}

static void names_are_whole(void **state)
{
    (void)state;
    check_cases(name_cases, ARRAY_COUNT(name_cases));
}

static void codes_are_no_quantities(void **state)
{
    (void)state;
    check_cases(phone_cases, ARRAY_COUNT(phone_cases));
}

/* ---- hostile text ---- */

static const char *const pieces[] = {"1",       "23",    "2024", " ",        "-",    "–",    " to ", "between ", " and ", "€",
                                     "$",       ".",     ",",    "/",        ":",    "(",    ")",    "+",        "h",     "min",
                                     "May",     "März",  "th",   "年",       "月",   "日",   "時",   "から",     "午前",  "%",
                                     "°",       " of ",  "J. ",  "van ",     "Otto", "É",    "\xC2", "\xE2\x80", "\xFF",  "\n",
                                     "million", " per ", "’",    "\xC2\xA0", "@",    "a.m.", "two ", "["};

/* Spans lie in the text, in order within their sort, and begin and end where characters do. */
static void check_hostile(struct slice text)
{
    struct span found[64];
    size_t bad_at, count = spans_find(SLICE("What?"), text, 0xFFF, found, ARRAY_COUNT(found));
    bool is_good = text_is_utf8(text, &bad_at);
    for (size_t i = 0; i < count; i++) {
        size_t start = (size_t)(found[i].text.data - text.data);
        assert_true(start <= text.size && found[i].text.size > 0 && found[i].text.size <= text.size - start);
        assert_true(found[i].bare.data >= found[i].text.data);
        assert_true(found[i].bare.data + found[i].bare.size <= text.data + text.size);
        if (is_good)
            assert_true(text_is_utf8(found[i].text, &bad_at));
    }
}

static void hostile_text_is_bounded(void **state)
{
    uint64_t random = 88172645463325252u;
    static char text[256];
    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        size_t size = 0;
        while (size < 200) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            const char *piece = pieces[random % ARRAY_COUNT(pieces)];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        char *exact = malloc(size); /* so that a byte read past it is noticed */
        assert_non_null(exact);
        memcpy(exact, text, size);
        check_hostile((struct slice){exact, size});
        free(exact);
    }
}

/* A quarter of a megabyte of what could be looked through anew from each place is looked through once, more or less. */
static void long_text_takes_no_longer(void **state)
{
    static const char *const repeated[] = {"1 ",    "1",      "(",        "1-", "1.1",  "1 to ", "a",   "a ", "J. ",
                                           "Otto ", "van ",   "@",        "a@", "€",    "1 h ",  " ",   "+1", "111 ",
                                           "May ",  "May 1 ", "Monday, ", "-",  "two ", "É",     "日1", "1h", "between 1 and "};
    enum { SIZE = 256 * 1024 };
    char *text = malloc(SIZE);
    struct span found[2];
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < ARRAY_COUNT(repeated); i++) {
        size_t step = strlen(repeated[i]), size = 0;
        for (; size + step <= SIZE; size += step)
            memcpy(text + size, repeated[i], step);
        clock_t start = clock();
        (void)spans_find((struct slice){text, 4096}, (struct slice){text, size}, 0xFFF, found, ARRAY_COUNT(found));
        (void)spans_find(SLICE("x"), (struct slice){text, size}, SPAN_MAIL, found, ARRAY_COUNT(found));
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 20)
            fail_msg("\"%s\" again and again: %.1f s", repeated[i], seconds);
    }
    free(text);
}

/* A number of the question lies in one range and not in another, or in the narrower one of two. */
static void numbers_lie_in_ranges(void **state)
{
    static const struct {
        const char *question, *mine, *other;
        bool is_rival;
    } cases[] = {
        {"price of 4 pallets", "1–2 pallets", "3–6 pallets", true},
        {"price of 4 pallets", "3–6 pallets", "1–2 pallets", false},
        {"price of 4 pallets", "7+ pallets", "3–6 pallets", true},
        {"export of 800 kg", "up to 2,500 kg", "up to 1,000 kg", true},
        {"export of 800 kg", "up to 500 kg", "up to 1,000 kg", true},
        {"export of 800 kg", "up to 1,000 kg", "up to 2,500 kg", false},
        {"glucose of 13.5", "8.1–12.0", "12.1–16.0", true},
        {"a ratio of 3.4", "2.6–3.0", "> 3.0", true},
        {"¿cuánto cuesta cancelar 20 días antes?", "De 60 a 31 días", "De 30 a 15 días", true},
        {"a claim of £600", "up to £250", "up to £1,000", true},
        {"a person of 70", "18 to 64", "65 and over", true},
        {"in 4 weeks", "1–2 pallets", "3–6 pallets", false}, /* of something else */
        {"price of GI-103", "1–50", "100–120", false}, /* a piece of a code */
        {"when did 5.2.0 appear", "1–2", "5–6", false},
        {"When was version 3.1 released?", "2024-05-01", "2023-02-11", false}, /* dates are none */
        {"What is said at 10?", "-20 to 10", "555-104", false},
        {"What do 5 guests pay for 2 nights?", "4–7", "1–3", false}, /* one of its numbers means this one */
        {"What do 5 guests pay for 2 nights?", "8–9", "4–7", true},
        {"price of 4 pallets", "4 pallets", "no limit", false}, /* no ranges */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        if (range_is_rival(slice_from(cases[i].question), slice_from(cases[i].mine), slice_from(cases[i].other)) !=
            cases[i].is_rival)
            fail_msg("\"%s\": \"%s\" beside \"%s\"", cases[i].question, cases[i].mine, cases[i].other);
    assert_true(row_has_range(SLICE("Route: Export | Weight: up to 1,000 kg | Price: 330 EUR"), SLICE("800 kg?")));
    assert_true(row_has_range(SLICE("Zone: D | 3-6 pallets: 79"), SLICE("4 pallets to zone D")));
    assert_true(!row_has_range(SLICE("Zone: D | 3-6 pallets: 79"), SLICE("9 pallets to zone D")));
    assert_true(!row_has_range(SLICE("Released: 2024-05-01"), SLICE("5")));
    assert_true(range_is_out(SLICE("storage for a 14 m boat"), SLICE("10–12 m")));
    assert_true(!range_is_out(SLICE("storage for an 11 m boat"), SLICE("10–12 m")));
    assert_true(!range_is_out(SLICE("storage for 14 weeks"), SLICE("10–12 m")));
    assert_true(!range_is_out(SLICE("storage for 14"), SLICE("10–12 m")));
}

static void the_end_of_a_range_that_is_asked_for_is_told(void **state)
{
    static const char *const cases[][3] = {
        {"How old can I be at most?", "18 to 70 years", "70 years"},
        {"minimum age", "10-16", "10"},
        {"What does it cost at most?", "€5–€8", "€8"},
        {"How long does it take?", "3 to 5 days", "3 to 5 days"},
        {"What is the maximum?", "12 and 14 or 16", "12 and 14 or 16"},
        {"the least and the most?", "3 to 5 days", "3 to 5 days"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i][0], range_end_asked(slice_from(cases[i][0]), slice_from(cases[i][1])), cases[i][2]);
}

static void codes_are_told_alone_and_within_ranges(void **state)
{
    static const struct {
        const char *text, *code;
        bool is_told;
    } cases[] = {
        {"A1-A20 | 1480", "A15", true},
        {"A1-A20 | 1480", "a1", true},
        {"A1-A20 | 1480", "A21", false},
        {"B1-B24 | 2060", "A15", false},
        {"rooms K 101, C101–120", "C110", true},
        {"TR-2210: shut", "tr-2210", true},
        {"TR-2210: shut", "TR-2255", false},
        {"A1 to A9", "A5", true},
        {"v1.2 and v3", "v2", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        if (code_is_told(slice_from(cases[i].text), slice_from(cases[i].code)) != cases[i].is_told)
            fail_msg("\"%s\" of \"%s\"", cases[i].code, cases[i].text);
}

static void numbers_of_the_same_things_are_counted(void **state)
{
    static const struct {
        const char *question, *line;
        enum sibling_telling told; /* none is asked: untold */
    } cases[] = {
        {"boxes for a house with four bedrooms", "A flat with two bedrooms needs about 35.", SIBLING_ANOTHER},
        {"boxes for a house with two bedrooms", "A flat with 2 bedrooms needs about 35.", SIBLING_TOLD},
        {"Combien coûte un bloc de 18 litres ?", "Gonflage, bloc de 15 litres | 5 €", SIBLING_ANOTHER},
        {"a table for six guests", "A table for four guests costs 20.", SIBLING_UNTOLD},
        {"I send 4 crates", "Up to 10 crates go for 30.", SIBLING_TOLD},
        {"I send 4 crates", "Each 2 crates are 30.", SIBLING_TOLD},
        {"in 14 days", "within 10 days", SIBLING_UNTOLD},
        {"a parcel of 3 kg", "2 kg | 4.50", SIBLING_UNTOLD},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct number count;
        enum sibling_telling told = count_asked(slice_from(cases[i].question), &count)
                                        ? count_told(&count, slice_from(cases[i].line), SLICE(""))
                                        : SIBLING_UNTOLD;
        if (told != cases[i].told)
            fail_msg("\"%s\": \"%s\"", cases[i].question, cases[i].line);
    }
}

struct told {
    const char *question, *head, *text, *above;
    enum label_telling told;
};

static void compare_labels(const struct told *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct labels labels = labels_find(slice_from(cases[i].question));
        if (labels_told(&labels, slice_from(cases[i].head), slice_from(cases[i].text), slice_from(cases[i].above)) !=
            cases[i].told)
            fail_msg("\"%s\": \"%s\"", cases[i].question, cases[i].text);
    }
}

static void labels_are_told(void **state)
{
    static const char zones[] = "Zone | Postcodes | Price per pallet", handbook[] = "Handbook\nEdition 4\n";
    static const struct told cases[] = {
        {"price for zone G", zones, "E | EH, G, KY | 97.00", "", LABEL_ANOTHER},
        {"price for zone G", zones, "G | AB, IV | 120.00", "", LABEL_TOLD},
        {"price for zone c", zones, "A–D | EH, KY | 97.00", "", LABEL_TOLD},
        {"price for zone G", "", "Zone: E | Price: 97.00", "", LABEL_ANOTHER},
        {"Was kostet Klasse B?", "Leistung | Klasse B | Klasse A", "Fahrstunde | 62 € | 68 €", "", LABEL_TOLD},
        {"Was kostet Klasse C?", "", "Herr Aydin unterrichtet auch Klasse A.", "", LABEL_ANOTHER},
        {"bank rate band 6 nights", "", "Rate for Band 5: £19.82 weekdays.", "", LABEL_ANOTHER},
        {"bank rate of band 6", "", "Bands 5 and 6 get £19.82.", "", LABEL_TOLD},
        {"bank rate of band 6", "", "Bands 4–7 get £19.82.", "", LABEL_TOLD},
        {"bank rate of band 6", "", "The rate is £19.82.", "", LABEL_UNTOLD},
        {"bank rate of band 6", "", "The rate is £19.82 for 6 nights.", "", LABEL_UNTOLD},
        {"bank rate of band 6", "", "6: £19.82", "Rates\nBands\n", LABEL_TOLD},
        {"when does edition 6 come out", "", "It is out in May.", handbook, LABEL_ANOTHER},
        {"who wrote edition 4", "", "By Ada Stone.", handbook, LABEL_TOLD},
        {"price of a third car permit", "", "The second car permit costs £140.", "", LABEL_ANOTHER},
        {"price of the second permit", "", "A 2nd permit costs £140.", "", LABEL_TOLD},
        {"Was kostet die dritte Stufe?", "", "Die zweite Stufe kostet 5 Euro.", "", LABEL_ANOTHER},
        {"price of a third permit", "", "Every further permit costs £140, the second permit £90.", "", LABEL_TOLD},
        {"is TLS 1.1 allowed", "", "TLS 1.2 is needed.", "", LABEL_NONE},
        {"stop at level 13", "Level | Rate", "> 12 | 4", "", LABEL_UNTOLD},
        {"stop at level 13", "Level | Rate", "8–12 | 3", "", LABEL_ANOTHER},
        {"price for band 4", "Band | Price", "3+ | 16.49", "", LABEL_TOLD},
        {"fee of tier 5", "Tier | Fee", "All higher tiers | 900", "", LABEL_TOLD},
    };
    (void)state;
    compare_labels(cases, ARRAY_COUNT(cases));
}

static void marks_are_told_in_any_spelling(void **state)
{
    static const struct told cases[] = {
        /* amounts and thresholds */
        {"how long can I keep 6 books", "", "You may borrow 5 books for 21 days.", "", LABEL_NONE},
        {"what do I need for Android 14", "", "The app runs on Android 9 or newer.", "", LABEL_NONE},
        {"how much off when buying 20 tickets", "", "Buying 50 tickets gets 12 % off.", "", LABEL_NONE},
        {"when is it open on Saturday 9 am", "", "Saturday 10 am to 6 pm", "", LABEL_NONE},
        {"which room 20 people fit in", "", "Room 12 seats 24.", "", LABEL_NONE},
        {"when is the section due", "", "Section 1 is due in May.", "", LABEL_NONE},
        {"who may use the lab from class 5", "", "Class 3 and up may use the lab.", "", LABEL_TOLD},
        {"what does grade 5 pay", "", "Grade 3 or higher pays 35 euros.", "", LABEL_TOLD},
        {"what does zone 4 cost", "", "From zone 3 on it costs 9 euros.", "", LABEL_TOLD},
        /* ranges by words */
        {"rate of band 6", "", "Bands 4 to 7 get 20 euros.", "", LABEL_TOLD},
        {"rate of band 9", "", "Band 4 to 7 get 20 euros.", "", LABEL_ANOTHER},
        {"Was kostet Zone 3?", "", "Zonen 1 bis 5 kosten 20 Euro.", "", LABEL_TOLD},
        {"Combien coûte la zone 3 ?", "", "Les zones 1 à 5 coûtent 20 euros.", "", LABEL_TOLD},
        {"¿Cuánto cuesta la zona 3?", "", "Las zonas 1 a 5 cuestan 20 euros.", "", LABEL_TOLD},
        {"Wat kost zone 3?", "", "Zone 1 t/m 5 kost 20 euro.", "", LABEL_TOLD},
        {"when does grade 3 meet", "", "Grade 1 through 5 meet on Monday.", "", LABEL_TOLD},
        {"price of zone 5", "", "Zones 01–09 cost 20 euros.", "", LABEL_TOLD},
        {"price of zone 5", "", "Zone 1 to zone 9: 20 euros.", "", LABEL_TOLD},
        /* words that are no marks */
        {"price in zone G", "", "In every zone a child pays 2 euros.", "", LABEL_TOLD},
        {"price in class B", "", "In the class I teach it is 2 euros.", "", LABEL_UNTOLD},
        {"precio de la zona G", "", "En la zona y horario el niño paga 2 euros.", "", LABEL_UNTOLD},
        /* the same in another spelling */
        {"who reads part 2", "", "Part I is read by Ana, part II by Ben.", "", LABEL_TOLD},
        {"who sits on floor 3", "", "HR is on the third floor.", "", LABEL_TOLD},
        {"who sits on floor 3", "", "HR is on the second floor.", "", LABEL_ANOTHER},
        {"who sits on the third floor", "", "HR is on floor 3.", "", LABEL_TOLD},
        {"what is room 3 for", "", "Room 1 is for talks, rooms two and three for workshops.", "", LABEL_TOLD},
        {"when does phase 3 begin", "", "Phase II begins in June.", "", LABEL_ANOTHER},
        {"may a child of age 5 swim", "", "Children swim from age 8.", "", LABEL_NONE},
        {"a parcel of weight 5 kg", "", "Up to a weight 10 kg it is free.", "", LABEL_NONE},
        {"how much do I pay for 3", "", "You pay 5 for 2.", "", LABEL_NONE},
        {"what happened in May 5", "", "In May 6 nothing did.", "", LABEL_NONE},
    };
    (void)state;
    compare_labels(cases, ARRAY_COUNT(cases));
}

static void words_are_nearly_alike(void **state)
{
    (void)state;
    assert_true(words_are_nearly_one(SLICE("milage"), SLICE("mileage")));
    assert_true(words_are_nearly_one(SLICE("extration"), SLICE("Extractions")));
    assert_true(words_are_nearly_one(SLICE("anmelden"), SLICE("Anmeldung")));
    assert_true(words_are_nearly_one(SLICE("Biotonne"), SLICE("tonne")));
    assert_false(words_are_nearly_one(SLICE("Rotterdam"), SLICE("Immingham")));
    assert_false(words_are_nearly_one(SLICE("rust"), SLICE("trust")) || words_are_nearly_one(SLICE(""), SLICE("a")));
}

static void brackets_are_closed(void **state)
{
    static const struct {
        const char *part, *span, *whole;
    } cases[] = {
        {"Create a label (PDF, A6 or ZPL).", "Create a label (PDF, A6 or ZPL", "Create a label (PDF, A6 or ZPL)"},
        {"Give oxygen, GTN spray 2 puffs (400 mcg each) if low.", "400 mcg each) if low",
         "GTN spray 2 puffs (400 mcg each) if low"},
        {"Keys (pk_) may read", "pk_) may read", "Keys (pk_) may read"},
        {"Take a) tea or b) milk", "tea or b) milk", "tea or b) milk"},
        {"It is (open", "(open", "(open"},
        {"plain", "plain", "plain"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice part = slice_from(cases[i].part);
        size_t at = (size_t)(strstr(cases[i].part, cases[i].span) - cases[i].part);
        compare_text(cases[i].part, span_closed(part, slice_range(part, at, at + strlen(cases[i].span))), cases[i].whole);
    }
}

/* What begins the next clause is no part of it. */
static void joints_of_clauses_are_cut(void **state)
{
    static const char french[] = "Elle commence le 8 septembre, car il fait chaud.", english[] = "Bring tea, milk and a cup.";
    struct slice line = slice_from(french), other = slice_from(english);
    (void)state;
    compare_text(french, span_whole(line, slice_range(line, 14, 32)), "le 8 septembre");
    compare_text(english, span_whole(other, slice_range(other, 6, 19)), "tea, milk and");
}

static void settings_are_assigned(void **state)
{
    static const struct {
        const char *text, *key, *value, *comment; /* key NULL: nothing is */
    } cases[] = {
        {"DEFAULT_TIMEOUT = 12.5  # seconds", "DEFAULT_TIMEOUT", "12.5", "seconds"},
        {"max_body_kb: 512  # per request", "max_body_kb", "512", "per request"},
        {"idle_minutes: 30  # minutes until a session ends", "idle_minutes", "30", "minutes until a session ends"},
        {"log_level: info  # debug, info, warn or error", NULL, NULL, NULL},
        {"cache_size = 256  # MiB, 0 turns it off", NULL, NULL, NULL},
        {"retries = 4 // each", "retries", "4", "each"},
        {"color = \"#fff\"", "color", "\"#fff\"", ""},
        {"url: https://a.example/b", NULL, NULL, NULL},
        {"Address: 12 Main Street, Apt # 5, Springfield", NULL, NULL, NULL},
        {"Prize: 1st # 500 euros", NULL, NULL, NULL},
        {"Hours: 9 to 17 // closed on Sundays", NULL, NULL, NULL},
        {"Owner = platform team # since 2024", NULL, NULL, NULL},
        {"Duration: 75 minutes", NULL, NULL, NULL},
        {"a + b = c", NULL, NULL, NULL},
        {"key =", NULL, NULL, NULL},
        {"a = b | c", NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice key, value, comment;
        bool assigns = line_assigns(slice_from(cases[i].text), &key, &value, &comment);
        if (assigns != (cases[i].key != NULL))
            fail_msg("\"%s\"", cases[i].text);
        if (!assigns)
            continue;
        compare_text(cases[i].text, key, cases[i].key);
        compare_text(cases[i].text, value, cases[i].value);
        compare_text(cases[i].text, comment, cases[i].comment);
    }
}

static void several_things_are_asked_for(void **state)
{
    static const char *const all[] = {
        "What documents do I need to go live?",
        "Which jobs need a permit?",
        "Which IP addresses do I have to whitelist?",
        "What do I need to bring?",
        "What's included in the plan?",
        "What are the opening hours?",
        "Was muss ich mitbringen?",
        "Quels documents faut-il?",
        "In which cases can I get it back?",
        "What should I pack for my stay?",
    };
    static const char *const one[] = {
        "Which plan has single sign-on?",
        "What is the fee?",
        "What happens if I cancel?",
        "Which address do I use?",
        "What does a driver earn per hour?",
        "What time does it close?",
        "Who needs a permit?",
        "What causes the delay?",
        "How many documents do I need?",
        "What is the status of it?",
        "Which shop closes at 20:00?",
        "Which plan includes the sauna?",
        "Which tennis court is free?",
        "Welche Frist gilt?",
        "¿Cuándo tengo que pedir vacaciones?",
        "What is the setup fee I need to pay?",
        "Was kostet der Kurs?",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        if (!asks_for_all(slice_from(all[i])))
            fail_msg("\"%s\" is asked of one", all[i]);
    for (size_t i = 0; i < ARRAY_COUNT(one); i++)
        if (asks_for_all(slice_from(one[i])))
            fail_msg("\"%s\" is asked of all", one[i]);
}

static void what_is_told_one_after_the_other_is_found(void **state)
{
    static const struct {
        const char *sentence, *item, *all;
    } cases[] = {
        {"Bring a photo document, the name of your GP and a list of medicines.", "a photo document",
         "a photo document, the name of your GP and a list of medicines"},
        {"You need: a passport, a photo and a form.", "a photo", "a passport, a photo and a form"},
        {"A permit is needed for hot work, digging and lifting.", "digging",
         "A permit is needed for hot work, digging and lifting"},
        {"| Site | hot work, digging | Kev |", "hot work", "hot work, digging"},
        {"Nötig sind ein Ausweis und ein Foto.", "ein Ausweis", "ein Ausweis und ein Foto"},
        {"From 17:00 on Tuesday, Thursday and Sunday.", "Thursday", "From 17:00 on Tuesday, Thursday and Sunday"},
        {"Only the owner can close an account.", "the owner", "the owner"},
        {"Bring a photo document", "photo document", "photo document"},
        {"a, ", "a", "a"},
        {"", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice sentence = slice_from(cases[i].sentence);
        const char *at = strstr(cases[i].sentence, cases[i].item);
        compare_text(cases[i].sentence, enumeration_around(sentence, (struct slice){at, strlen(cases[i].item)}), cases[i].all);
    }
    compare_text("of another text", enumeration_around(SLICE("a, b and c"), SLICE("elsewhere")), "elsewhere");
}

struct part_case {
    const char *question, *line, *part, *whole;
};

static struct slice part_of(const struct part_case *item)
{
    return (struct slice){strstr(item->line, item->part), strlen(item->part)};
}

/* A part that was found in another way has all of its numbers, with the unit where time or money is counted. */
static void numbers_of_parts_are_whole(void **state)
{
    static const struct part_case cases[] = {
        {"How many days of holiday are there?", "Staff have 28 days a year.", "28", "28 days"},
        {"How many pegs are there?", "There are 20 pegs in it.", "20", "20"},
        {"How many people come?", "There come 20 to 30 people.", "30", "20 to 30"},
        {"How often is it checked?", "Tanks are checked twice a day until day 4.", "twice", "twice a day"},
        {"What does it cost?", "It costs 30 euros a month.", "30", "30 euros"},
        {"What is the liability per kilo?", "By air it is 22 SDR per kilo.", "22", "22 SDR"},
        {"What is the liability per kilo?", "By air it is 22 pegs.", "22", "22"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i].line,
                     span_widened(slice_from(cases[i].line), part_of(&cases[i]), span_asked(slice_from(cases[i].question))),
                     cases[i].whole);
}

static void times_are_told_with_those_joined_to_them(void **state)
{
    static const struct part_case cases[] = {
        {"", "It is open on Tuesdays and Thursdays at 17:00.", "Tuesdays", "Tuesdays and Thursdays at 17:00"},
        {"", "Open days are 14 June, 13 September and 18 October.", "14 June", "14 June, 13 September and 18 October"},
        {"", "Apply by 30 April or 31 October.", "31 October", "30 April or 31 October"},
        {"When is the last sailing?", "Boats leave at 07:15, 09:40 and 12:05.", "07:15", "07:15"},
        {"When is the June meeting?", "It meets 3 May, 4 June.", "4 June", "4 June"},
        {"Wann ist der nächste Markt?", "Markt ist 3. Mai, 4. Juni.", "4. Juni", "4. Juni"},
        {"When do boats leave?", "Boats leave at 07:15, 09:40 and 12:05.", "07:15", "07:15, 09:40 and 12:05"},
        {"", "By 7 June for Ulm, 9 July for Kiel.", "7 June", "7 June"},
        {"", "It was opened 3 May 2020, closed 4 June 2021.", "3 May 2020", "3 May 2020"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i].line,
                     span_whole_time(slice_from(cases[i].question), slice_from(cases[i].line), part_of(&cases[i])),
                     cases[i].whole);
}

/* Of a list that rises the end that is asked for; whatever else the question asks, the part stays. */
static void the_outer_one_of_times_is_told(void **state)
{
    static const struct part_case cases[] = {
        {"When is the last sailing?", "Boats leave at 07:15, 09:40 and 12:05.", "07:15", "12:05"},
        {"When is the first sailing?", "Boats leave at 07:15, 09:40 and 12:05.", "09:40", "07:15"},
        {"When is the last sailing?", "Boats leave at 07:15, 09:40 and 12:05.", "07:15, 09:40 and 12:05", "12:05"},
        {"Wann fährt der letzte Bus?", "Er fährt um 6.45, 9.30 und 18.40 Uhr.", "6.45", "18.40 Uhr"},
        {"À quelle heure sort la dernière fournée ?", "Elles sortent à 6 h, 9 h 30 et 16 h 30.", "6 h", "16 h 30"},
        {"¿Cuándo es la última clase?", "Hay clases a las 7:30, 14:15 y 20:45.", "7:30", "20:45"},
        {"When is the last tour?", "Tours start at 10, 11 and 2 pm.", "10", "10"},
        {"When is the first tour?", "Tours start at 10 am, 11 am and 2 pm.", "2 pm", "10 am"},
        {"When is the last open day?", "Open days are 14 June, 13 September and 18 October.", "14 June", "18 October"},
        {"When is the last open day in June?", "Open days are 4 June, 18 June and 18 October.", "4 June", "4 June"},
        {"When is the last bus before 12:00?", "Buses leave at 7:15, 9:40 and 12:05.", "9:40", "9:40"},
        {"When is the first aid course?", "Courses are at 9:00 and 14:00.", "14:00", "14:00"},
        {"When are the first and last buses?", "Buses leave at 7:15, 9:40 and 12:05.", "7:15", "7:15"},
        {"When is the last bus?", "Buses leave at 9:40, 7:15 and 12:05.", "9:40", "9:40"},
        {"When is the last shift?", "Shifts are 6:00–14:00 and 14:00–22:00.", "6:00–14:00", "6:00–14:00"},
        {"When is the last bus?", "Line 3 leaves at 9:40, line 4 at 12:05.", "9:40", "9:40"},
        {"When do buses leave?", "Buses leave at 7:15, 9:40 and 12:05.", "7:15", "7:15"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i].line,
                     time_outermost(slice_from(cases[i].question), slice_from(cases[i].line), part_of(&cases[i])),
                     cases[i].whole);
    const struct slice line = SLICE("Boats leave at 07:15 and 12:05 from pier 2."), question = SLICE("When is the last boat?");
    assert_true(time_tells_outermost(question, SLICE("last"), line, slice_range(line, 15, 20)));
    assert_false(time_tells_outermost(question, SLICE("boat"), line, slice_range(line, 15, 20)));
    assert_false(time_tells_outermost(question, SLICE("last"), line, slice_range(line, 0, 5)));
    compare_text("of another text", time_outermost(SLICE("When is the last?"), SLICE("a"), SLICE("elsewhere")), "elsewhere");
}

/* What a question asks the price of, where its form is plain. */
static void what_has_a_price_is_named(void **state)
{
    static const struct {
        const char *question, *thing;
    } cases[] = {
        {"How much does a dental implant cost?", "dental implant"},
        {"How much is a bag of seed potatoes?", "bag of seed potatoes"},
        {"How much is a compact car per week in Cork?", "compact car"},
        {"How much is it to borrow the shredder?", ""},
        {"How much do we pay for the room?", ""},
        {"What does a meal plan in halls cost?", "meal plan"},
        {"What is the filing fee for small claims court?", "filing"},
        {"What is the price of the yellow tent?", "yellow tent"},
        {"What is the price?", ""},
        {"What's the rent for the shop?", "rent"},
        {"What time is it?", ""},
        {"When is the party?", ""},
        {"Was kostet ein Kinderbett pro Nacht?", "Kinderbett"},
        {"Was kostet die Miete des Bootshauses mit Küche?", "Bootshauses"},
        {"How much is the hire of a kayak?", "kayak"},
        {"Was kostet es, ein Bett zu mieten?", ""},
        {"Wie hoch ist die Kaution?", "Kaution"},
        {"Combien coûte la location d'un instrument ?", "location d'un instrument"},
        {"Quel est le prix de la visite guidée ?", "visite guidée"},
        {"¿Cuánto cuesta entrar?", ""},
        {"¿Cuál es la cuota anual?", "cuota anual"},
        {"Quanto costa la camera tripla?", "camera tripla"},
        {"Wat kost een tandem?", "tandem"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i].question, priced_thing(slice_from(cases[i].question)), cases[i].thing);
    assert_true(priced_by_time(SLICE("annual"), SLICE("It is £28 a year.")));
    assert_true(priced_by_time(SLICE("mensual"), SLICE("34 € al mes")));
    assert_false(priced_by_time(SLICE("annual"), SLICE("34 € a month")) || priced_by_time(SLICE("tent"), SLICE("a year")));
}

static const struct part_case grown_cases[] = {
    {"Who has the keys?", "The keys are with Mr Dunne.", "Dunne", "Mr Dunne"},
    {"Who chairs it?", "It is chaired by Prof. Dr. Ada Stone.", "Ada Stone", "Prof. Dr. Ada Stone"},
    {"Who chairs it?", "The doctor is Ada Stone.", "Ada Stone", "Ada Stone"},
    {"What is the price?", "The fee of Mr 30 is € 5.", "30", "30"},
    {"When must it be there?", "It must be there 45 minutes before departure, sealed.", "45 minutes",
     "45 minutes before departure"},
    {"When may I come back?", "Come back 48 hours after the last symptoms and not sooner.", "48 hours",
     "48 hours after the last symptoms"},
    {"How late can I cancel?", "Cancel 1 h before.", "1 h", "1 h before"},
    {"When is it told?", "Changes are told 30 days in advance by mail.", "30 days", "30 days in advance"},
    {"How long does it take?", "It takes 2 hours after the last symptoms.", "2 hours", "2 hours"},
    {"When is it due?", "It is due 14 days before the start with a full refund.", "14 days", "14 days before the start"},
    {"When is it due?", "It is due 14 days before the start 100%.", "14 days", "14 days before the start"},
    {"When is it due?", "It is due 3 days after the fall begins in writing to us.", "3 days", "3 days after the fall begins"},
    {"When is it due?", "It is due 3 days after the office has read the form.", "3 days", "3 days"},
    {"When is it closed?", "Two hours after low water the slip is closed.", "Two hours", "Two hours"},
    {"When is it closed?", "Two hours after low water the tide turns.", "Two hours", "Two hours"},
    {"When is it told?", "24 hours before the sailing we tell you.", "24 hours", "24 hours"},
    {"When is it told?", "24 hours before the sailing, we tell you.", "24 hours", "24 hours before the sailing"},
    {"When does it close?", "It closes 10 minutes before the 07:15 sailing.", "10 minutes",
     "10 minutes before the 07:15 sailing"},
    {"When is it paid?", "It is paid 5 days after St. Olaf's day.", "5 days", "5 days after St. Olaf's day"},
    {"When is it due?", "It is due 6 weeks after purchase or after 300 km.", "6 weeks", "6 weeks after purchase"},
    {"When is it closed?", "It closes 10 minutes before the sailing and 20 minutes before others.", "10 minutes",
     "10 minutes before the sailing"},
    {"When is it done?", "Lambs must be tagged within 20 days of birth and registered soon.", "20 days", "20 days of birth"},
    {"When is it done?", "It is done 5 days before the first and revised date.", "5 days", "5 days"},
    {"When is it due?", "Money back: up to 14 days before the start 100%.", "14 days", "14 days before the start"},
    {"When is it open?", "It opens one hour before the first and last sailing.", "one hour", "one hour"},
    {"When is it done?", "It is done 5 days after arrival or departure.", "5 days", "5 days"},
    {"Wann ist es zu zahlen?", "14 Tage vor Beginn müssen Sie das Geld bezahlen.", "14 Tage", "14 Tage vor Beginn"},
    {"Bis wann darf ich trinken?", "Trinken ist bis 2 Stunden vor der Narkose erlaubt.", "2 Stunden",
     "2 Stunden vor der Narkose"},
    {"Wann ist es zu zahlen?", "Es ist 30 Tage nach Erhalt der Rechnung zu zahlen.", "30 Tage",
     "30 Tage nach Erhalt der Rechnung"},
    {"¿Cuándo hay que llegar?", "Hay que llegar 20 minutos antes de la audición con el arpa.", "20 minutos",
     "20 minutos antes de la audición"},
    {"Who runs it?", "It is run by Mr and Mrs Hale.", "Hale", "Mr and Mrs Hale"},
    {"Who has it?", "14 Mill St. Ada Stone has it.", "Ada Stone", "Ada Stone"},
    {"Where is it?", "It is at St Olaf's.", "Olaf's", "St Olaf's"},
    {"When is it due?",
     "Within 5 days after the day on which the letter that tells the tenant about all of these changes in full has come.",
     "5 days", "5 days"},
    {"How often is it tested?", "It is tested every 12 months.", "12 months", "every 12 months"},
    {"How long is it valid?", "It is renewed every 12 months.", "12 months", "12 months"},
    {"When is it?", "On the first Tuesday of each month, in room 4.", "Tuesday", "first Tuesday of each month"},
    {"When is it?", "On every second Tuesday at noon.", "Tuesday", "every second Tuesday"},
    {"When is it?", "On the second and fourth Tuesday of each month.", "Tuesday", "second and fourth Tuesday of each month"},
    {"When is it?", "On the first, second and fourth Tuesday.", "Tuesday", "Tuesday"},
    {"When is it?", "On Tuesday of this week.", "Tuesday", "Tuesday"},
    {"Which day is it in May?", "On the first May of the month.", "May", "May"},
    {"What is the fee for cards?", "It is 2.9% + 25¢ for cards.", "2.9%", "2.9% + 25¢"},
    {"What is the fee?", "It is £4 plus £1 per bag.", "£4", "£4 plus £1 per bag"},
    {"What is the fee?", "It is £140 plus 20% VAT a year.", "£140", "£140 plus 20% VAT a year"},
    {"What is the fee?", "It is 60 € plus 15 € par animal.", "60 €", "60 € plus 15 € par animal"},
    {"What is the fee for cards?", "It is 2.9% + all costs.", "2.9%", "2.9%"},
    {"How much is a tent?", "A tent is £14.50 a night and a van £22 a night.", "£14.50", "£14.50 a night"},
    {"How much is a tent a night?", "A tent is £14.50 a night.", "£14.50", "£14.50"},
    {"What does soil cost?", "Soil is £3.60 per bag plus VAT.", "£3.60", "£3.60 per bag plus VAT"},
    {"What does soil cost?", "Soil is £3.60 per bag plus VAT.", "£3.60 per bag", "£3.60 per bag plus VAT"},
    {"What do tyres cost?", "Tyres are £5.50 each and soil £3.60.", "£5.50", "£5.50 each"},
    {"What is charged?", "It is £10 for every 15 minutes.", "£10", "£10 for every 15 minutes"},
    {"How much is it?", "It is £6 each per night, babies are free.", "£6", "£6 each per night"},
    {"How much is it?", "It is £95 a season on grass.", "£95", "£95 a season"},
    {"How much is it?", "It is £5 a friend brings along.", "£5", "£5"},
    {"How much is it?", "It is £12 per small wooden crate here.", "£12", "£12"},
    {"How much is it?", "It is £12 per wooden crate.", "£12", "£12 per wooden crate"},
    {"What does it cost?", "An hour is £60 (excl. VAT) here.", "£60", "£60 (excl. VAT)"},
    {"What does it cost?", "An hour is £60 plus a deposit.", "£60", "£60"},
    {"What does it cost?", "An hour is £60 network included.", "£60", "£60"},
    {"Was kostet das?", "Es kostet 0,85 € je Kilometer berechnet.", "0,85 €", "0,85 € je Kilometer"},
    {"Was kostet das?", "Es kostet 2,80 € pro Person und Tag bar.", "2,80 € pro Person", "2,80 € pro Person und Tag"},
    {"Was kostet das?", "Es kostet 74 € netto, mehr nicht.", "74 €", "74 € netto"},
    {"Was kostet das?", "Es kostet 60 € zzgl. MwSt.", "60 €", "60 € zzgl. MwSt"},
    {"Combien coûte l'adhésion ?", "L'adhésion est de 18 € par an et par famille.", "18 €", "18 € par an et par famille"},
    {"Quanto costa la cena?", "La cena costa 28 € a persona, bevande escluse.", "28 €", "28 € a persona"},
    {"¿Cuánto cuesta?", "Cuesta 3 € a partir de las 18 h.", "3 €", "3 €"},
    {"¿Cuánto cuesta?", "Cuesta 34 € al mes y 93 € cada trimestre.", "93 €", "93 € cada trimestre"},
    {"Wat kost het?", "Het kost € 79 excl. btw.", "€ 79", "€ 79 excl. btw"},
};

/* What means nothing by itself has what is beside it; nothing else is added. */
static void parts_have_what_belongs_to_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(grown_cases); i++) {
        struct slice question = slice_from(grown_cases[i].question);
        compare_text(grown_cases[i].line,
                     span_grown(question, span_asked(question), slice_from(grown_cases[i].line), part_of(&grown_cases[i])),
                     grown_cases[i].whole);
    }
    compare_text("of another text", span_grown(SLICE("When?"), SPAN_DATE, SLICE("a"), SLICE("elsewhere")), "elsewhere");
}

/* "What's the day rate?" asks for no day, as "what is the day rate?" does not; "the day's" stays one word. */
static void verbs_behind_what_count_as_words(void **state)
{
    static const char *const pairs[][2] = {
        {"What's the day rate for the hall?", "What is the day rate for the hall?"},
        {"What’s the deadline for forms?", "What is the deadline for forms?"},
        {"Who's on duty?", "Who is on duty?"},
        {"Where're the keys?", "Where are the keys?"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++)
        assert_int_equal(span_asked(slice_from(pairs[i][0])), span_asked(slice_from(pairs[i][1])));
    assert_int_equal(span_asked(SLICE("What's the day rate for the hall?")), SPAN_NONE);
    assert_int_equal(span_asked(SLICE("Who's on duty?")), SPAN_NAME);
    assert_int_equal(span_asked(SLICE("What PIN do I key in when I call the line?")), SPAN_NONE);
    assert_int_equal(span_asked(SLICE("Which list has the lockers where keys are missing?")), SPAN_NONE);
    assert_int_equal(span_asked(SLICE("I lost my key. When is the desk open?")), span_asked(SLICE("When is the desk open?")));
    assert_int_equal(span_asked(SLICE("Which mailbox gets the replies?")), SPAN_MAIL);
    assert_int_equal(span_asked(SLICE("Combien de personnes tiennent dans le bateau ?")), SPAN_COUNT);
    assert_int_equal(span_asked(SLICE("Combien coûte une sortie pour quelqu'un qui n'est pas membre ?")), SPAN_MONEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_range_that_is_asked_for_is_told),
        cmocka_unit_test(codes_are_told_alone_and_within_ranges),
        cmocka_unit_test(numbers_of_the_same_things_are_counted),
        cmocka_unit_test(numbers_of_parts_are_whole),
        cmocka_unit_test(times_are_told_with_those_joined_to_them),
        cmocka_unit_test(the_outer_one_of_times_is_told),
        cmocka_unit_test(what_has_a_price_is_named),
        cmocka_unit_test(parts_have_what_belongs_to_them),
        cmocka_unit_test(verbs_behind_what_count_as_words),
        cmocka_unit_test(quantities_are_whole),
        cmocka_unit_test(ranges_are_of_whole_quantities),
        cmocka_unit_test(dates_and_hours_are_whole),
        cmocka_unit_test(names_are_whole),
        cmocka_unit_test(codes_are_no_quantities),
        cmocka_unit_test(hostile_text_is_bounded),
        cmocka_unit_test(long_text_takes_no_longer),
        cmocka_unit_test(numbers_lie_in_ranges),
        cmocka_unit_test(labels_are_told),
        cmocka_unit_test(marks_are_told_in_any_spelling),
        cmocka_unit_test(words_are_nearly_alike),
        cmocka_unit_test(brackets_are_closed),
        cmocka_unit_test(joints_of_clauses_are_cut),
        cmocka_unit_test(settings_are_assigned),
        cmocka_unit_test(several_things_are_asked_for),
        cmocka_unit_test(what_is_told_one_after_the_other_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
