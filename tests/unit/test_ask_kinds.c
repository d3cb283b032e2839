/* test_ask_kinds.c - what is of another kind than what is asked for is left out, and nothing else is; names that are told one after the other. */
#include "ask/asked_days.h"
#include "ask/asked_months.h"
#include "ask/asked_quarters.h"
#include "ask/enumerated.h"
#include "ask/hops.h"
#include "ask/kept_kinds.h"
#include "ask/named_two.h"
#include "ask/plain_kinds.h"
#include "ask/pronouns.h"
#include "ask/span_edges.h"
#include "ask/spans.h"
#include "ask/steps.h"
#include "compare.h"
#include <string.h>

struct kind_case {
    const char *question, *text;
    bool is_whole, stays;
};

static const struct kind_case kind_cases[] = {
    {"How long are the mugs guaranteed?", "0.3 l", false, false},
    {"How long are the mugs guaranteed?", "2 years", false, true},
    {"How long is the rope?", "60 m", false, true},
    {"How heavy is the desk?", "120 cm", false, false},
    {"How heavy is the desk?", "31 kg", false, true},
    {"How often is the van serviced?", "every 10,000 miles", false, true},
    {"Wie oft wird der Bus gewartet?", "15.000 km", false, true},
    {"How thick is the poster paper?", "170 g", false, true},
    {"What is the distance to the station?", "10 min", false, true},
    {"When is the pond safe?", "12 cm", false, true}, /* it may be told by how thick the ice is */
    {"How many rooms are there?", "14", false, true},
    {"How many rooms are there?", "1950", false, true},
    {"How many rooms are there?", "€40", false, false},
    {"How many euros do I get back?", "€40", false, true},
    {"How many rinses does it need?", "three times", false, true},
    {"How many times a year are we audited?", "five times a year", false, true},
    {"How many cards are there?", "five", false, true},
    {"How many weeks does it take?", "three weeks", false, true},
    {"How many holidays do I get?", "5.6 weeks", false, true},
    {"Wie viele Urlaubstage haben wir?", "28 Tage", false, true},
    {"Wie viele Tage darf ich mobil arbeiten?", "zwei Tage", false, true},
    {"¿Con cuántos días hay que avisar?", "7 días", false, true},
    {"What does the job pay?", "4 days", false, false},
    {"What does a Norda 9 cost?", "sold for the Norda 9 and Norda 12", false, false},
    {"What does a Norda 9 cost?", "Norda 9: 1890", false, true},
    {"Combien coûte la sortie ?", "s'appelle Pen Duick", false, false},
    {"What does the job pay?", "£1.20", false, true},
    {"What does the job pay?", "It takes 4 days.", true, false},
    {"How much does a cylinder cost?", "A cylinder weighs 64 kg.", true, false},
    {"How much does a cylinder cost?", "A cylinder of 64 kg is free.", true, true},
    {"How much does a cylinder cost?", "A cylinder of 64 kg is 20 points.", true, true},
    {"How much does a cylinder cost?", "A cylinder of 64 kg is £4.", true, true},
    {"How much does a cylinder cost?", "Ask at the desk.", true, true},
    {"How long do brake pads last?", "twice a year", false, false},
    {"How long do brake pads last?", "2 years", false, true},
    {"How long does a post have to be in wet ground?", "1.8 m", false, true},
    {"What does the yard cost?", "2000", false, true},
    {"What does the yard cost?", "a year", false, false},
    {"¿Cuánto cuesta la cirugía?", "1950", false, true},
    {"What does a new filter cost?", "5 litres", false, false},
    {"How much does it cost to charge the van?", "36 V", false, false},
    {"What is the yearly price of the cover?", "12 kg", false, false},
    {"Was kostet der Filter?", "5 kg", false, false},
    {"What does a new filter cost?", "5 pounds", false, true},
    {"What does a new filter cost?", "20 points", false, true},
    {"What does a new filter cost?", "19.80", false, true},
    {"What does a new filter cost?", "75% of the price", false, true},
    {"What is the limit for the reduced price?", "5 kg", false, true},
    {"What is the fee period?", "3 months", false, true},
    {"How much is the lunch?", "5 December", false, false},
    {"How much is the lunch?", "1950", false, true},
    {"How much water goes in?", "3 kg", false, true},
    {"How long do business cards take?", "85 mm", false, false},
    {"How long does the rope have to be?", "85 m", false, true},
    {"How quickly are expenses paid?", "5 days", false, true},
    {"What day are wages paid?", "28 May", false, true},
    {"How long is sick leave paid?", "4 weeks", false, true},
    {"What is the phone number of support?", "9-17", false, false},
    {"What is the phone number of support?", "£93,200", false, false},
    {"What is the phone number of support?", "40%", false, false},
    {"What is the phone number of support?", "an hour", false, false},
    {"What is the phone number of support?", "01977 960 345", false, true},
    {"What is the phone number of support?", "(06131) 44-12", false, true},
    {"What is the phone number of support?", "ext. 2850", false, true},
    {"What is the phone number of support?", "24", false, true},
    {"What is the phone number of support?", "Desk:0", false, true},
    {"What is the extension of the desk?", "extension 42", false, true},
    {"What is the pager number?", "77", false, true},
    {"What is the phone number of support?", "It stands on the red card.", true, true},
    {"Which hotline is answered at night?", "Crisis Line", false, true},
    {"How many phone calls has Silver?", "12", false, true},
    {"What does the phone cost?", "£93", false, true},
    {"When is the phone line open?", "9-17", false, true},
    {"Which email do I write to?", "the office", false, true},
    {"Who is our insurer?", "28 days", false, false},
    {"Who is our insurer?", "Ada Lovelace", false, true},
    {"Who is on call?", "April", false, true},
    {"Who do I call in an emergency?", "112", false, true},
    {"Who supplies the internet?", "1&1", false, true},
    {"Where is the office?", "at 10:30", false, false},
    {"Where is the office?", "C 2.14", false, true},
    {"Where are the filters?", "Bay 1950", false, true},
    {"Where do we meet?", "Sunday Bar", false, true},
    {"Where is the office?", "Haus 4 am Markt", false, true},
    {"When does it begin?", "June", false, true},
    {"When does it begin?", "daily", false, true},
    {"When does it begin?", "dusk", false, true},
    {"Wann ist der Kurs?", "vierteljährlich", false, true},
    {"When does it begin?", "after lunch", false, true},
    {"How many rooms are there?", "the north wing", false, false},
    {"How much does it cost?", "0800 111 999", false, false},
    {"What is it?", "18", false, true},
};

static void other_kinds_are_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(kind_cases); i++) {
        const struct kind_case *test = &kind_cases[i];
        struct ask_answer answer = {.asked = slice_from(test->question)};
        struct ask_sentence sentence = {.text = slice_from(test->text)};
        struct ask_passage passage = {.sentences = &sentence, .sentence_count = 1};
        struct asking asking = {.answer = &answer, .passages = &passage, .passage_count = 1};
        struct candidate items[2] = {{.text = sentence.text}, {.text = sentence.text}};
        items[0].values[FEATURE_WHOLE] = items[1].values[FEATURE_WHOLE] = test->is_whole;
        if (kinds_kept(&asking, span_asked(answer.asked), items, 2) != (test->stays ? 2 : 0))
            fail_msg("\"%s\": \"%s\"", test->question, test->text);
    }
}

/* Where another candidate counts what is asked for. */
static void times_count_nothing_that_is_counted(void **state)
{
    (void)state;
    struct ask_answer answer = {.asked = SLICE("How many cards are there?")};
    struct ask_sentence sentence = {.text = SLICE("There are 12 cards, five times a year.")};
    struct ask_passage passage = {.sentences = &sentence, .sentence_count = 1};
    struct asking asking = {.answer = &answer, .passages = &passage, .passage_count = 1};
    struct candidate items[2] = {{.text = SLICE("five times a year")}, {.text = SLICE("12 cards")}};
    assert_int_equal(kinds_kept(&asking, span_asked(answer.asked), items, 2), 1);
    compare_text("what is kept", items[0].text, "12 cards");
}

/* Also beside a price of the thing. */
static void sentences_without_a_price_tell_none(void **state)
{
    (void)state;
    struct ask_answer answer = {.asked = SLICE("How much does a cylinder cost?")};
    struct ask_sentence sentences[2] = {{.text = SLICE("A cylinder weighs 64 kg.")}, {.text = SLICE("Cylinder hire: £4")}};
    struct ask_passage passage = {.sentences = sentences, .sentence_count = 2};
    struct asking asking = {.answer = &answer, .passages = &passage, .passage_count = 1};
    struct candidate items[2] = {{.text = sentences[0].text}, {.text = SLICE("£4"), .sentence = 1}};
    items[0].values[FEATURE_WHOLE] = 1;
    assert_int_equal(kinds_kept(&asking, span_asked(answer.asked), items, 2), 1);
    compare_text("what is kept", items[0].text, "£4");
}

/* Whether `part` of a line may answer. */
static bool stays(const char *question, const char *line, const char *part, bool is_cell)
{
    struct ask_answer answer = {.asked = slice_from(question)};
    struct ask_sentence sentence = {.text = slice_from(line)};
    struct ask_passage passage = {.sentences = &sentence, .sentence_count = 1};
    struct asking asking = {.answer = &answer, .passages = &passage, .passage_count = 1};
    size_t start = (size_t)(strstr(line, part) - line);
    struct candidate item = {.text = slice_range(sentence.text, start, start + strlen(part))};
    item.values[FEATURE_CELL] = is_cell;
    return kinds_kept(&asking, span_asked(answer.asked), &item, 1) == 1;
}

static void what_a_thing_does_is_nobody(void **state)
{
    static const struct {
        const char *question, *line, *text;
        bool stays;
    } cases[] = {
        {"Whose job is it to care for parcels that nobody collects?",
         "Parcels that nobody collects lie in the depot behind the station.", "lie in the depot behind the station", false},
        {"Who is responsible for the old keys?", "The old keys hang in the porter's lodge.", "hang in the porter's lodge",
         false},
        {"Who keeps the old keys?", "The old keys are kept by the porter.", "the porter", true},
        {"Who gets the discount?", "The discount goes to members.", "goes to members", true},
        {"Who keeps the old keys?", "The old keys: porter on duty", "porter on duty", true},
        {"Who has the old keys?", "The old keys hang at Nora's desk.", "hang at Nora's desk", true},
        {"Who may use the old keys?", "Anybody may use the old keys.", "Anybody", true},
        {"Who looks after the boats?", "In winter staff members look after the boats.", "staff members", true},
        {"Where are the old keys?", "The old keys hang in the porter's lodge.", "hang in the porter's lodge", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        if (stays(cases[i].question, cases[i].line, cases[i].text, /* is_cell= */ false) != cases[i].stays)
            fail_msg("\"%s\": \"%s\" in \"%s\"", cases[i].question, cases[i].text, cases[i].line);
    }
}

static void cells_may_answer_in_other_words(void **state)
{
    static const struct {
        const char *question, *line, *cell;
        bool stays;
    } cases[] = {
        {"What is the phone number of the works council?", "Works council: see notice board", "see notice board", true},
        {"What is the extension of the officer?", "Officer | Ottilie Brandt | ext. 7001", "Ottilie Brandt", false},
        {"What is the extension of the officer?", "Officer | Ottilie Brandt | ext. 7001", "ext. 7001", true},
        {"What is the phone number of the shop?", "Shop | £4", "£4", false},
        {"Who leads robotics?", "Robotics | Year 11 pupils", "Year 11 pupils", true},
        {"Where do we meet?", "Tuesdays | 1 Euro Bar", "1 Euro Bar", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        if (stays(cases[i].question, cases[i].line, cases[i].cell, /* is_cell= */ true) != cases[i].stays)
            fail_msg("\"%s\": \"%s\"", cases[i].question, cases[i].cell);
    }
}

/* `part` NULL: the whole line. */
struct plain_case {
    const char *question, *line, *part;
    bool is_cell, stays;
};

static const struct plain_case plain_cases[] = {
    /* weights and lengths */
    {"How heavy is the pump?", "Rated power | 2,100 W", "2,100 W", true, false},
    {"How heavy is the pump?", "Margin | 28 %", "28 %", true, false},
    {"How heavy is the pump?", "Pump head  69.00", "69.00", true, false},
    {"How heavy is the pump?", "Weight: 69.00", "69.00", true, true},
    {"How heavy is the pump?", "Pump head | 69 kg", "69 kg", true, true},
    {"How long is the cable?", "Rated power | 2,100 W", "2,100 W", true, false},
    {"How long is the cable?", "Cable | 5", "5", true, true},
    {"How deep is the pool?", "Chlorine: pH between 7.0 and 7.4.", "7.0 and 7.4", false, false},
    {"How deep is the pool?", "The pool is 1.8 deep.", "1.8", false, true},
    {"Wie tief ist der Keller?", "Die Räder stehen im Keller.", NULL, false, false},
    {"How deep is the pool?", "It is shallow enough to stand in.", NULL, false, true},
    {"How long is the course?", "It goes on for as long as you like.", NULL, false, true},
    /* prices */
    {"How much does a canoe cost?", "Canoe tour | jetty", "jetty", true, false},
    {"How much does a canoe cost?", "Canoe tour | on request", "on request", true, true},
    {"How much does a canoe cost?", "Canoe tour | none", "none", true, true},
    {"How much does anti-PHX cost?", "anti-PHX | 1:10,000", "1:10,000", true, false},
    {"Quel est le loyer du garage ?", "Chaque lot a un garage.", NULL, false, false},
    {"Quel est le loyer du garage ?", "Le garage est compris.", NULL, false, true},
    {"Quel est le loyer du garage ?", "Les garages sont aux visiteurs pour deux heures.", NULL, false, false},
    {"What does it cost to insure a rabbit?", "We do not insure rabbits.", NULL, false, true},
    {"What is the fare of the night boat?", "The night boat leaves on 2 February at 20:30.", NULL, false, false},
    {"What is the monthly premium for a cat?", "Bills rise by 8 % a year.", "8 %", false, false},
    {"What is the excess for theft?", "Theft takes up to 28 days.", "takes up to 28 days", false, false},
    {"What is the excess for theft?", "Theft: 20 % of the damage", "20 %", false, true},
    {"What is the deposit for a bike?", "A guest leaves an identity card.", NULL, false, true},
    /* times */
    {"How early must I be at the port?", "9 Feb 2026 - Car park: closed.", "9 Feb 2026", false, false},
    {"How early must I be at the port?", "9 Feb 2026 - Car park of the port.", NULL, false, false},
    {"How early must I be at the port?", "9 Feb 2026 - Come 40 minutes before.", NULL, false, true},
    {"How early may I book?", "Book from 9 Feb 2026 on.", "9 Feb 2026", false, true},
    {"When was the car park closed?", "9 Feb 2026 - Car park: closed.", "9 Feb 2026", false, true},
    {"How fast is the boat?", "MV Corran | 15:55", "15:55", true, false},
    {"How fast is the boat?", "MV Corran | 18 knots", "18 knots", true, true},
    {"How long may someone be chair?", "The sub is due by 27 January.", "27 January", false, false},
    {"How long can I stay?", "You may stay until 27 January.", "27 January", false, true},
    {"How long can I register?", "Register by 27 January.", "27 January", false, true},
    {"What time does the lodge close?", "Urgent cases (leak, lift): ring.", "leak, lift", false, false},
    {"What time does the lodge close?", "Urgent cases (leak, lift): 0161 496 0390.", NULL, false, false},
    {"What time does the lodge close?", "The lodge shuts at dusk.", "dusk", false, true},
    {"What time does the lodge close?", "The lodge shuts when the porter leaves.", "when the porter leaves", false, true},
    /* versions, codes */
    {"What version of the queue do we run?", "Restart the single pod.", "single pod", false, false},
    {"What version of the queue do we run?", "We run release Noble Numbat.", "Noble Numbat", false, true},
    {"What version of the queue do we run?", "We run the latest.", "latest", false, true},
    {"What is the article number of the lance?", "foam lance | 24.90", "24.90", true, false},
    {"What is the article number of the lance?", "foam lance | 23024", "23024", true, true},
};

static void plainly_other_kinds_are_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(plain_cases); i++) {
        const struct plain_case *test = &plain_cases[i];
        struct ask_answer answer = {.asked = slice_from(test->question)};
        struct ask_sentence sentence = {.text = slice_from(test->line)};
        struct ask_passage passage = {.sentences = &sentence, .sentence_count = 1};
        struct asking asking = {.answer = &answer, .passages = &passage, .passage_count = 1};
        size_t start = test->part != NULL ? (size_t)(strstr(test->line, test->part) - test->line) : 0;
        struct candidate item = {.text = sentence.text};
        if (test->part != NULL)
            item.text = slice_range(sentence.text, start, start + strlen(test->part));
        item.values[FEATURE_WHOLE] = test->part == NULL;
        item.values[FEATURE_CELL] = test->is_cell;
        if ((kinds_kept(&asking, span_asked(answer.asked), &item, 1) == 1) != test->stays)
            fail_msg("\"%s\": \"%s\" of \"%s\"", test->question, test->part != NULL ? test->part : "all", test->line);
    }
}

/* Of two lines, by the words of the question that they have, the ones that are left. */
static size_t left_of(const char *question, const char *const lines[2], double words,
                      size_t (*keep)(const struct asking *asking, struct candidate *items, size_t count), struct slice *first)
{
    struct ask_answer answer = {.asked = slice_from(question)};
    struct ask_sentence sentences[2] = {{.text = slice_from(lines[0])}, {.text = slice_from(lines[1])}};
    struct ask_passage passage = {.sentences = sentences, .sentence_count = 2};
    struct asking asking = {.answer = &answer, .passages = &passage, .passage_count = 1};
    struct candidate items[2] = {{.text = sentences[0].text}, {.text = sentences[1].text, .sentence = 1}};
    items[0].values[FEATURE_OWN_WORDS] = words;
    items[1].values[FEATURE_OWN_WORDS] = 0.5;
    size_t count = keep(&asking, items, 2);
    *first = items[0].text;
    return count;
}

static void reasons_go_before_sentences_that_give_none(void **state)
{
    static const char *const lines[2] = {"The boat is for the team.", "The boat is shut because an oar broke."};
    struct slice first;
    (void)state;
    assert_int_equal(left_of("Why is the boat shut?", lines, 0.4, causes_kept, &first), 1);
    compare_text("the reason", first, lines[1]);
    assert_int_equal(left_of("Why is the boat shut?", lines, 0.6, causes_kept, &first), 2);
    assert_int_equal(left_of("How do I shut the boat?", lines, 0.4, causes_kept, &first), 2);
}

static void of_steps_the_one_that_is_reached_stays(void **state)
{
    static const char *const hours[2] = {"From one hour: a hot drink.", "From two hours: a quarter of the fare."};
    static const char *const days[2] = {"From 30 days before: nothing.", "From 2 days before: all of it."};
    struct slice first;
    (void)state;
    assert_int_equal(left_of("It was three hours late. What do I get?", hours, 0, steps_kept, &first), 1);
    compare_text("three hours", first, hours[1]);
    assert_int_equal(left_of("It was 90 minutes late. What do I get?", hours, 0, steps_kept, &first), 1);
    compare_text("90 minutes", first, hours[0]);
    assert_int_equal(left_of("It was 1 hour late. What do I get?", hours, 0, steps_kept, &first), 1);
    compare_text("one hour", first, hours[0]);
    assert_int_equal(left_of("It was late. What do I get?", hours, 0, steps_kept, &first), 2);
    assert_int_equal(left_of("I cancel 10 days before.", days, 0, steps_kept, &first), 2);
}

static void of_sentences_for_times_the_one_that_holds_stays(void **state)
{
    static const char *const refunds[2] = {"More than 21 days before, you get all of it back.",
                                           "Between 21 and 8 days before, you get half."},
                             *const ends[2] = {"You may cancel up to ten days before the move.",
                                               "In the last two days we charge half of it."},
                             *const german[2] = {"Bis zu 14 Tage vorher ist es frei.",
                                                 "Weniger als 14 Tage vorher kostet es 20 EUR."},
                             *const answered[2] = {"An offer is good for 30 days.", "It is answered within 24 hours."};
    static const struct {
        const char *question, *const *lines;
        size_t stays; /* 2: both do */
    } cases[] = {
        {"What do I get when I cancel 10 days before?", refunds, 1},
        {"What do I get when I cancel 4 weeks before?", refunds, 0},
        {"What do I get when I cancel 3 days before?", refunds, 2},
        {"What do I lose when I cancel one day before?", ends, 1},
        {"What do I lose when I cancel the day before?", ends, 1},
        {"Was kostet es 3 Tage vorher?", german, 1},
        {"Was kostet es drei Wochen vorher?", german, 0},
        {"Is it still good after three weeks?", answered, 2},
    };
    struct slice first;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        size_t left = left_of(cases[i].question, cases[i].lines, 0, steps_kept, &first);
        if (cases[i].stays == 2) {
            assert_int_equal(left, 2);
            continue;
        }
        assert_int_equal(left, 1);
        compare_text(cases[i].question, first, cases[i].lines[cases[i].stays]);
    }
}

static void months_tell_apart(void **state)
{
    static const struct {
        const char *question, *mine, *other;
        bool is_rival;
    } cases[] = {
        {"price in October", "May–Sep", "Oct–Apr", true},
        {"price in January", "May–Sep", "Oct–Apr", true},
        {"price in June", "1 May - 30 Sep", "winter", false},
        {"price in May", "from March", "May–June", false},
        {"May I come in June?", "July, August", "June", true},
        {"Was kostet es im Mai?", "Juli bis August", "April bis Juni", true},
        {"May I come?", "July, August", "May", false},
        {"price in July or August", "June", "July", false},
    };
    static const struct {
        const char *question, *line, *part;
        bool is_other;
    } parts[] = {
        {"When is it open in October?", "Open 9 to 19 in July and August, else 10 to 16.", "9 to 19", true},
        {"When is it open in October?", "Open 9 to 19 in July and August, else 10 to 16.", "10 to 16", false},
        {"When is it open in July?", "Open 9 to 19 in July and August, else 10 to 16.", "9 to 19", false},
        {"When is it open in October?", "Open 9 to 19, except in July.", "9 to 19", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        if (months_are_rival(slice_from(cases[i].question), slice_from(cases[i].mine), slice_from(cases[i].other)) !=
            cases[i].is_rival)
            fail_msg("%s: %s, %s", cases[i].question, cases[i].mine, cases[i].other);
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        struct slice line = slice_from(parts[i].line);
        size_t at = (size_t)(strstr(parts[i].line, parts[i].part) - parts[i].line);
        struct slice part = slice_range(line, at, at + strlen(parts[i].part));
        if (months_are_others(slice_from(parts[i].question), line, part) != parts[i].is_other)
            fail_msg("%s: %s", parts[i].question, parts[i].part);
    }
}

static void sentences_with_other_numbers_tell_none_to_call(void **state)
{
    static const struct {
        const char *question, *sentence;
        double read;
        bool is_untold;
    } cases[] = {
        {"What is the phone number?", "We answer Mon-Fri 9-17.", -1, true},
        {"What is the phone number?", "Wir sind bis 8:30 Uhr da.", -1, true},
        {"What is the phone number?", "They get the order for £93,200.", -1, true},
        {"What is the phone number?", "Those opened by email are treated as P2.", -1, true},
        {"What is the phone number?", "The number is on page 2-3 of the card.", 0.2, false},
        {"What is the phone number?", "Call 0161 496 0390.", -1, false},
        {"What is the pager number?", "The guard's pager is 77.", -1, false},
        {"What is the phone number?", "Dial 0.", -1, false},
        {"What is the phone number?", "See the notice board.", -1, false},
        {"What is the phone number?", "The warden is Amos Leland.", 0.2, true},
        {"When is the phone line open?", "We answer 9-17.", -1, false},
        {"Which teams share a kitchen?", "Design and Sales share a kitchen.", -1, false},
        {"What does the fee cover?", "The fee covers the cleaning.", -1, false},
        {"Which rate applies to trainees?", "Trainees have the lower rate.", -1, false},
        {"How much is the tour?", "The tour is included in the ticket.", -1, false},
        {"Wie hoch ist die Gebühr?", "Die Gebühr beträgt ein Dutzend Euro.", -1, false},
        {"Combien coûte la location ?", "La location coûte une centaine d'euros.", -1, false},
        {"How many staff are there?", "Several.", -1, false},
        {"Who signs?", "It is signed by the manager.", -1, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct ask_answer answer = {.asked = slice_from(cases[i].question)};
        struct asking asking = {.answer = &answer};
        struct candidate item = {.text = slice_from(cases[i].sentence)};
        item.values[FEATURE_WHOLE] = 1;
        item.values[FEATURE_READ] = cases[i].read;
        if (number_untold(&asking, span_asked(answer.asked), &item) != cases[i].is_untold)
            fail_msg("\"%s\": \"%s\"", cases[i].question, cases[i].sentence);
    }
}

static void names_told_one_after_the_other_are_all_told(void **state)
{
    static const struct {
        const char *sentence, *name, *all;
    } cases[] = {
        {"It is done by Carl Muir, Dora Ross and Henry Stone only.", "Dora Ross", "Carl Muir, Dora Ross and Henry Stone"},
        {"It is done by Carl Muir and Dora Ross.", "Carl Muir", "Carl Muir and Dora Ross"},
        {"Ask Carl Muir, Leeds.", "Carl Muir", "Carl Muir"},
        {"It may be driven by Carl Muir and Dora Ross, others need a course.", "Dora Ross", "Carl Muir and Dora Ross"},
        {"The manager is Carl Muir and Dora Ross, his wife, is the deputy.", "Carl Muir", "Carl Muir"},
        {"Carl Muir and Dora Ross sign.", "Dora Ross", "Carl Muir and Dora Ross"},
        {"Cargo bikes | only with Carl Muir or Dora Ross | 4", "Dora Ross", "Carl Muir or Dora Ross"},
        {"Carl Muir signs, and Dora Ross pays.", "Carl Muir", "Carl Muir"},
        {"The manager is Carl Muir and Dora Ross is the deputy.", "Carl Muir", "Carl Muir"},
        {"The restorer is Carl Muir, and Dora Ross can stand in.", "Carl Muir", "Carl Muir"},
        {"It is done by Carl Muir in Berlin and Dora Ross in Oslo.", "Dora Ross", "Dora Ross"},
        {"It is done by Carl Muir in Leeds or Dora Ross.", "Dora Ross", "Dora Ross"},
        {"Leiterin ist Ada Lovelace und Vertreter Bob Stone.", "Ada Lovelace", "Ada Lovelace"},
        {"Chair is Ada Lovelace and Deputy Bob Stone.", "Ada Lovelace", "Ada Lovelace"},
        {"La présidente est Claire Martin et Paul Durand est le trésorier.", "Paul Durand", "Paul Durand"},
        {"Anne Petit en Bretagne et Luc Moreau à Lyon vendent les billets.", "Anne Petit", "Anne Petit"},
        {"Carl Muir takes over from Dora Ross and Henry Stone.", "Carl Muir", "Carl Muir"},
        {"Ask Carl Muir.", "Carl Muir", "Carl Muir"},
        {"It is organised by Carl Muir and Dr Dora Ross.", "Carl Muir", "Carl Muir and Dr Dora Ross"},
        {"Permits are issued by Carl Muir and Dora Ross and are valid for a year.", "Dora Ross", "Carl Muir and Dora Ross"},
        {"Permits are issued by Carl Muir and Dora Ross and Henry pays.", "Dora Ross", "Dora Ross"},
        {"Le piano est enseigné par Hugo Marchand et Inès Petit, la guitare par Luc Moreau.", "par Hugo Marchand",
         "Hugo Marchand et Inès Petit"},
        {"It is done by Carl Muir.", "by Carl Muir", "Carl Muir"},
        {"The key is with Carl Muir (manager) and Dora Ross (nights).", "Carl Muir",
         "Carl Muir (manager) and Dora Ross (nights)"},
        {"Keys: Carl Muir (manager), Dora Ross and Henry Stone hold a set.", "Henry Stone",
         "Carl Muir (manager), Dora Ross and Henry Stone"},
        {"The chair: Carl Muir (Leeds) and Dora Ross is the deputy.", "Carl Muir", "Carl Muir"},
        {"It is done by the office.", "by the office", "by the office"},
        {"Le guide sono Chiara Bellini e Paolo Ferri.", "Paolo Ferri", "Chiara Bellini e Paolo Ferri"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *at = strstr(cases[i].sentence, cases[i].name);
        compare_text(cases[i].sentence, names_around(slice_from(cases[i].sentence), (struct slice){at, strlen(cases[i].name)}),
                     cases[i].all);
    }
}

static void columns_of_days_are_told_apart(void **state)
{
    static const struct {
        const char *question, *mine, *other;
        bool is_rival;
    } cases[] = {
        {"When is the first Sunday ferry?", "Mon–Fri", "Sun", true},
        {"When is the first Sunday ferry?", "Sun", "Mon–Fri", false},
        {"When does it leave on Friday?", "Mon–Fri", "Sat", false},
        {"When does it leave on Friday?", "Sat", "Mon–Fri", true},
        {"Wann fährt er am Sonntag?", "Mo–Fr", "So", true},
        {"Wann fährt er am Mittwoch?", "Mo–Fr", "So", false},
        {"Which ferry goes before Sunday?", "Mon–Fri", "Sun", false},
        {"Is it Monday or Sunday?", "Mon–Fri", "Sun", false},
        {"When is the first ferry?", "Mon–Fri", "Sun", false},
        {"When does it leave on Sunday?", "Price", "Sun", false},
    };
    struct arena arena;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        if (days_are_rival(slice_from(cases[i].question), slice_from(cases[i].mine), slice_from(cases[i].other)) !=
            cases[i].is_rival)
            fail_msg("%s: %s, %s", cases[i].question, cases[i].mine, cases[i].other);
    assert_true(days_are_named(SLICE("open on Saturday?"), SLICE("Sat")));
    assert_false(days_are_named(SLICE("open on Saturday?"), SLICE("Sun")));
    arena_init(&arena);
    compare_text("in full", days_leading(&arena, SLICE("Mon–Wed | 9–17"), LANGUAGE_ENGLISH), "monday tuesday wednesday ");
    compare_text("in German", days_leading(&arena, SLICE("Sa | 9–12"), LANGUAGE_GERMAN), "samstag ");
    compare_text("no row", days_leading(&arena, SLICE("Sun is good for plants."), LANGUAGE_ENGLISH), "");
    arena_release(&arena);
}

/* Of days of the week, one after the other, what holds on the day that is asked for. */
static void what_holds_on_other_days_is_told_apart(void **state)
{
    static const struct {
        const char *question, *line, *part;
        bool is_other;
    } cases[] = {
        {"When do you close on Fridays?", "Mon–Thu 8:00–17:00, Fri 8:00–13:00.", "8:00–17:00", true},
        {"When do you close on Fridays?", "Mon–Thu 8:00–17:00, Fri 8:00–13:00.", "8:00–13:00", false},
        {"When do you close on Wednesday?", "Mon–Thu 8:00–17:00, Fri 8:00–13:00.", "8:00–17:00", false},
        {"Are you open on Sundays?", "Mon–Thu 8:00–17:00, closed on Sundays.", "closed on Sundays", false},
        {"When do you close on Friday?", "Fri 8:00–13:00, Sat 9:00–12:00 and is closed on Sunday.", "is closed on Sunday",
         true},
        {"Bis wann ist am Freitag offen?", "Von Montag bis Donnerstag von 7:00 bis 16:15 Uhr, am Freitag bis 12:30 Uhr.",
         "16:15", true},
        {"Bis wann ist am Freitag offen?", "Von Montag bis Donnerstag von 7:00 bis 16:15 Uhr, am Freitag bis 12:30 Uhr.",
         "12:30", false},
        {"Bis wann ist freitags offen?", "Mo–Do 7–16 Uhr, Fr. 7–12 Uhr", "7–16", true},
        {"When is it open on Sunday?", "8:00–17:00 from Monday to Thursday, 9:00–13:00 on Sunday.", "8:00–17:00", true},
        {"When is it open on Sunday?", "8:00–17:00 from Monday to Thursday, 9:00–13:00 on Sunday.", "9:00–13:00", false},
        {"When does it close at the weekend?", "It closes at 17:00 on Fridays.", "17:00", true},
        {"When does it close on Tuesday?", "It closes at 17:00 on weekdays.", "17:00", false},
        {"¿Qué horario hay los sábados?", "De lunes a viernes de 7:00 a 22:30, los sábados de 9:00 a 20:00.", "22:30", true},
        {"À quelle heure fermez-vous le dimanche ?", "Il ferme à 19 h 30 du mardi au samedi.", "19 h 30", true},
        {"When does it close on Sunday?", "It closes at 17:00 on Fridays and every other day at 18:00.", "17:00", false},
        {"When do I have to order for Monday?", "Orders have to be in by Thursday 17:00.", "Thursday 17:00", false},
        {"When is the Friday market?", "The market is on Saturday at 9:00.", "Saturday at 9:00", false},
        {"When does it close on Friday?", "Monday, Friday: ask. It closes at 17:00.", "17:00", false},
        {"When does it close on Friday?", "It closes at 17:00.", "17:00", false},
        {"When does it close?", "It closes at 17:00 on Sunday.", "17:00", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *at = strstr(cases[i].line, cases[i].part);
        struct slice part = {at, strlen(cases[i].part)};
        if (days_are_others(days_asked(slice_from(cases[i].question)), slice_from(cases[i].line), part) != cases[i].is_other)
            fail_msg("\"%s\": \"%s\" of \"%s\"", cases[i].question, cases[i].part, cases[i].line);
    }
    assert_true(days_alone(SLICE("Mondays")) && days_alone(SLICE("Mon–Fri")) && !days_alone(SLICE("Monday 9:00")));
    assert_true(days_are_told(days_asked(SLICE("When is it open on Friday?")), SLICE("Mon–Fri 8:00–13:00")));
    assert_false(days_are_told(days_asked(SLICE("When is it open on Friday?")), SLICE("Friday is a fine day.")));
}

static void whom_a_pronoun_means_is_told(void **state)
{
    static const struct {
        const char *before, *sentence, *name; /* NULL: none */
    } cases[] = {
        {"The officer is Ada Lovelace.", "Every leak is reported to her within two hours.", "Ada Lovelace"},
        {"The officer is Ada Lovelace.", "Leaks are reported to her.", "Ada Lovelace"},
        {"We asked Carl Muir.", "After that he signs all of it.", "Carl Muir"},
        {"The officer is Ada Lovelace.", "She signs all of it.", "Ada Lovelace"},
        {"In York the officer is Ada Lovelace.", "She signs all of it.", "Ada Lovelace"},
        {"The officer is Ada Lovelace.", "A visitor signs the guest book before he enters.", NULL},
        {"The officer is Ada Lovelace.", "Every driver shows it when he leaves.", NULL},
        {"The officer is Ada Lovelace.", "If a member has a guest, it is paid by him.", NULL},
        {"The officer is Ada Lovelace.", "Leaks are reported to her deputy.", NULL},
        {"The officer is Ada Lovelace.", "Leaks are reported to Carl Muir by her.", NULL},
        {"We asked Ada Lovelace and Carl Muir.", "After that he signs all of it.", NULL},
        {"The officer is told.", "Leaks are reported to her.", NULL},
        {"The officer is Ada Lovelace.", "Leaks are reported here.", NULL},
        {"", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice name, pronoun;
        bool is_meant = person_meant(slice_from(cases[i].before), slice_from(cases[i].sentence), &name, &pronoun);
        compare_text(cases[i].sentence, is_meant ? name : SLICE(""), cases[i].name != NULL ? cases[i].name : "");
    }
}

static void places_have_their_numbers(void **state)
{
    static const struct {
        const char *line, *place, *whole;
    } cases[] = {
        {"Wertstoffhof: Gerberstraße 18, 67655 Lautern", "Gerberstraße", "Gerberstraße 18"},
        {"Der Hof in der Gerberstraße 18 ist offen.", "Gerberstraße", "Gerberstraße 18"},
        {"It is at Mill Lane 18a.", "Mill Lane", "Mill Lane 18a"},
        {"| Enoxaparin | Shelf A1 |", "Shelf A", "Shelf A1"},
        {"It is on Level 3 opposite the lift.", "Level", "Level 3"},
        {"It is in Leeds 20 minutes from here.", "Leeds", "Leeds"},
        {"It is in Leeds 7.50 away.", "Leeds", "Leeds"},
        {"It was opened in Leeds 1998.", "Leeds", "Leeds"},
        {"It is in Leeds.", "Leeds", "Leeds"},
        {"Hall 4", "Hall 4", "Hall 4"},
        {"Leeds", "Leeds", "Leeds"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *at = strstr(cases[i].line, cases[i].place);
        compare_text(cases[i].line, span_with_number(slice_from(cases[i].line), (struct slice){at, strlen(cases[i].place)}),
                     cases[i].whole);
    }
}

static void quarters_are_named(void **state)
{
    static const struct {
        const char *text;
        unsigned named;
    } cases[] = {
        {"What was the revenue in Q3 2019?", 4},
        {"revenue of q1", 1},
        {"the fourth quarter of 2018", 8},
        {"in the 2nd quarter", 2},
        {"im dritten Quartal", 4},
        {"3. Quartal 2020", 4},
        {"1Q20 and 2Q20", 3},
        {"1Q 20 and 2Q 20", 3},
        {"Q10 and Q31 and FAQ3", 0},
        {"the third of the quarters", 0},
        {"three quarters of the 4 rooms", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        if (quarters_named(slice_from(cases[i].text)) != cases[i].named)
            fail_msg("\"%s\": %u, not %u", cases[i].text, quarters_named(slice_from(cases[i].text)), cases[i].named);
}

static void two_named_things_are_read(void **state)
{
    static const struct {
        const char *question;
        enum two_kind kind;
        const char *first, *second;
        enum two_order order;
        bool is_more;
    } cases[] = {
        {"Are Orla Finch and Bram Teal both directors?", TWO_BOTH, "Orla Finch", "Bram Teal", ORDER_NONE, false},
        {"Are both papers, the Tide and Reef Review, weekly?", TWO_BOTH, "Tide", "Reef Review", ORDER_NONE, false},
        {"Are Ghent and Conwy in the same country?", TWO_BOTH, "Ghent", "Conwy", ORDER_NONE, false},
        {"What do the Tide and the Reef Review have in common?", TWO_BOTH, "Tide", "Reef Review", ORDER_NONE, false},
        {"Are hand luggage and pets both free?", TWO_BOTH, "hand luggage", "pets", ORDER_NONE, false},
        {"Are dogs and cats free?", TWO_NONE, "", "", ORDER_NONE, false},
        {"Who is the oldest, Orla Finch or Bram Teal?", TWO_CHOICE, "Orla Finch", "Bram Teal", ORDER_AGE, false},
        {"Which paper came later, Tide or Reef?", TWO_CHOICE, "Tide", "Reef", ORDER_START, true},
        {"Which is cheaper, the Basic or the Pro plan?", TWO_CHOICE, "Basic", "Pro plan", ORDER_VALUE, false},
        {"Is the Basic or the Pro plan dearer?", TWO_CHOICE, "Basic", "Pro plan", ORDER_VALUE, true},
        {"Between Bram Teal and Orla Finch, who is Welsh?", TWO_CHOICE, "Bram Teal", "Orla Finch", ORDER_NONE, false},
        {"Which town is Welsh, Conwy or Ghent?", TWO_CHOICE, "Conwy", "Ghent", ORDER_NONE, false},
        {"Which town did he leave for Bath, Bristol or Wells?", TWO_NONE, "", "", ORDER_NONE, false},
        {"Who pays for damage, loss or theft?", TWO_NONE, "", "", ORDER_NONE, false},
        {"What happens if I am late or sick?", TWO_NONE, "", "", ORDER_NONE, false},
        {"Is the fee 10 or 20 euros?", TWO_NONE, "", "", ORDER_NONE, false},
        {"Who signs?", TWO_NONE, "", "", ORDER_NONE, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct named_two two = named_two_find(slice_from(cases[i].question));
        if (two.kind != cases[i].kind || two.order != cases[i].order || two.is_more != cases[i].is_more)
            fail_msg("\"%s\": %d, %d, %d", cases[i].question, (int)two.kind, (int)two.order, (int)two.is_more);
        compare_text(cases[i].question, two.names[0], cases[i].first);
        compare_text(cases[i].question, two.names[1], cases[i].second);
    }
}

static void described_things_are_asked_for_first(void **state)
{
    static const struct {
        const char *question, *first, *behind;
    } cases[] = {
        {"Ada Finch plays for a club founded in what year?", "Ada Finch plays for which club?", "founded in what year"},
        {"Ada Finch is a nurse in a ward led by whom?", "Ada Finch is a nurse in which ward?", "led by whom"},
        {"Ada Finch sings in the choir that meets where?", "Ada Finch sings in which choir?", "meets where"},
        {"The Lamp is the first film by a director from which town?", "The Lamp is the first film by which director?",
         "from which town"},
        {"Who plays for a club founded in what year?", NULL, NULL},
        {"Ada Finch is a nurse who works where?", NULL, NULL}, /* it is what she is */
        {"The Hall resulted in which work?", NULL, NULL},
        {"In 2004 the fair occurred in which town?", NULL, NULL},
        {"My cat ate a mouse that lived in the shed.", NULL, NULL},
        {"Is it open?", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct arena arena;
        struct hop_asked asked;
        arena_init(&arena);
        bool is_read = hop_read(&arena, slice_from(cases[i].question), &asked);
        if (is_read != (cases[i].first != NULL))
            fail_msg("\"%s\"", cases[i].question);
        compare_text(cases[i].question, is_read ? asked.first : SLICE(""), is_read ? cases[i].first : "");
        compare_text(cases[i].question, is_read ? asked.behind : SLICE(""), is_read ? cases[i].behind : "");
        arena_release(&arena);
    }
}

static void what_is_asked_of_a_described_thing_is_read(void **state)
{
    static const struct {
        const char *question, *first, *before;
    } cases[] = {
        {"Who trains the club that won the cup?", "Which club won the cup?", "Who trains"},
        {"Who directed the film in which Ada Finch sings?", "Which film in which Ada Finch sings?", "Who directed"},
        {"What show does a retired player, who hurt his knee, host?", "Which retired player hurt his knee, host?",
         "What show does"},
        {"Who is the nurse that signs the form?", NULL, NULL}, /* asks for what is described */
        {"What is the name of the club that won the cup?", NULL, NULL},
        {"Who trains the club?", NULL, NULL},
        {"Is the club that won the cup from Ghent?", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct arena arena;
        struct hop_asked asked = {0};
        arena_init(&arena);
        bool is_read = hop_read_object(&arena, slice_from(cases[i].question), &asked);
        if (is_read != (cases[i].first != NULL))
            fail_msg("\"%s\"", cases[i].question);
        compare_text(cases[i].question, asked.first, is_read ? cases[i].first : "");
        compare_text(cases[i].question, asked.before, is_read ? cases[i].before : "");
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_kinds_are_left_out),
        cmocka_unit_test(times_count_nothing_that_is_counted),
        cmocka_unit_test(sentences_without_a_price_tell_none),
        cmocka_unit_test(what_a_thing_does_is_nobody),
        cmocka_unit_test(cells_may_answer_in_other_words),
        cmocka_unit_test(plainly_other_kinds_are_left_out),
        cmocka_unit_test(reasons_go_before_sentences_that_give_none),
        cmocka_unit_test(of_steps_the_one_that_is_reached_stays),
        cmocka_unit_test(of_sentences_for_times_the_one_that_holds_stays),
        cmocka_unit_test(months_tell_apart),
        cmocka_unit_test(quarters_are_named),
        cmocka_unit_test(sentences_with_other_numbers_tell_none_to_call),
        cmocka_unit_test(whom_a_pronoun_means_is_told),
        cmocka_unit_test(places_have_their_numbers),
        cmocka_unit_test(names_told_one_after_the_other_are_all_told),
        cmocka_unit_test(columns_of_days_are_told_apart),
        cmocka_unit_test(what_holds_on_other_days_is_told_apart),
        cmocka_unit_test(two_named_things_are_read),
        cmocka_unit_test(described_things_are_asked_for_first),
        cmocka_unit_test(what_is_asked_of_a_described_thing_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
