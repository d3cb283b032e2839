/* test_ask_talk.c - what is no question, what leans on the questions before and what it takes over, and what questions name. */
#include "ask/asked_names.h"
#include "ask/contrasts.h"
#include "ask/follow.h"
#include "ask/leaning.h"
#include "ask/respell.h"
#include "ask/small_talk.h"
#include "compare.h"
#include <stdio.h>
#include <string.h>

static void small_talk(void **state)
{
    static const char *const kind[] = {
        "Hello!",         "hi there",          "thanks, that helped!", "Thank you very much.", "Who are you?",
        "How are you?",   "what's your name?", "Hallo, guten Morgen",  "Danke schön!",         "Wer bist du?",
        "muchas gracias", "merci beaucoup !",  "good afternoon",       "Hi, how are you?",     "bonjour"};
    static const char *const meant[] = {"Who approves leave?",
                                        "Hello, when do you open?",
                                        "thank you page URL",
                                        "How much is the good help?",
                                        "Thanks, and what does it cost?",
                                        "Wie geht es weiter?",
                                        "Who is the director?",
                                        "3",
                                        "",
                                        "What is your address?",
                                        "Is the salve good?",
                                        "Is the salve good for the night?",
                                        "hello 7"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(kind); i++)
        if (!is_small_talk(slice_from(kind[i])))
            fail_msg("\"%s\" is small talk", kind[i]);
    for (size_t i = 0; i < ARRAY_COUNT(meant); i++)
        if (is_small_talk(slice_from(meant[i])))
            fail_msg("\"%s\" is none", meant[i]);
}

/* What is asked after the questions of a conversation, the oldest first. */
static void compare_followed(const char *const before[], size_t count, const char *question, const char *wanted)
{
    struct error error = {0};
    struct ask_turn turns[8] = {0};
    struct ask_answer answer = {0};
    for (size_t i = 0; i < count; i++)
        turns[i] = (struct ask_turn){slice_from(before[i]), SLICE("x")};
    const struct ask_request request = {.question = slice_from(question), .turns = turns, .turn_count = count};
    arena_init(&answer.arena);
    arena_init(&answer.search.arena);
    struct asking asking = {.request = &request, .answer = &answer, .arena = &answer.arena, .analyzer = analyzer_create()};
    expect_ok(follow_up(&asking, &error), &error);
    compare_text(question, answer.asked, wanted);
    analyzer_free(asking.analyzer);
    ask_answer_release(&answer);
}

#define FOLLOWED(question, wanted, ...)                                                                                        \
    compare_followed((const char *const[]){__VA_ARGS__}, ARRAY_COUNT(((const char *const[]){__VA_ARGS__})), question, wanted)

static void follow_ups(void **state)
{
    (void)state;
    FOLLOWED("What does it weigh?", "What does it weigh? tent", "How much is the tent?");
    FOLLOWED("And for members?", "How long is the refund window for members?", "How long is the refund window?");
    FOLLOWED("And in France?", "How long is the refund window in France?", "How long is the refund window?", "And in Germany?");
    FOLLOWED("And in France?", "How long is the refund window in France?", "How long is the refund window in Germany?");
    FOLLOWED("And E-3300?", "What does error E-3300 mean?", "What does error E-2107 mean?");
    FOLLOWED("And E-3300?", "What does error E-3300 mean?", "What does error E-2107 mean?", "Thanks!");
    FOLLOWED("Was kostet das?", "Was kostet das? schwer neue Zelt", "Wie schwer ist das neue Zelt?");
}

/* "And …?" stands in the place of what it replaces: the question keeps the words that ask. */
static void exchanges(void **state)
{
    (void)state;
    FOLLOWED("and for children?", "How much is the visit for children on Sundays?",
             "How much is the visit for adults on Sundays?");
    FOLLOWED("And of an associate?", "What is the hourly rate of an associate?", "What is the hourly rate of a partner?");
    FOLLOWED("and the minimum?", "What is the minimum voltage of the KX-20?", "What is the maximum voltage of the KX-20?");
    FOLLOWED("und ein Urnengrab?", "Was kostet ein Urnengrab?", "Was kostet ein Reihengrab?");
    FOLLOWED("what about a surgical extraction?", "How much is a surgical extraction?", "How much is a simple extraction?");
    FOLLOWED("et la Pro ?", "Combien coûte la formule Pro?", "Combien coûte la formule Essentiel ?");
    FOLLOWED("¿y fuera de Europa?", "¿Cuánto es la dieta de los guías fuera de Europa?",
             "¿Cuánto es la dieta de los guías en Europa?");
    FOLLOWED("and the weight?", "What is the weight of the KX-20?", "What is the voltage of the KX-20?");
    FOLLOWED("and drying?", "How much is drying?", "How much is a wash?");
    FOLLOWED("and the second stage?", "How fast is the second stage complaint answered?",
             "How fast is a stage 1 complaint answered?");
    FOLLOWED("and abroad?", "How much do drivers get for meals abroad?", "How much do drivers get for meals?");
    FOLLOWED("And how long does it last?", "And how long does it last? course", "How much is the course?");
}

/* A new question takes nothing over. */
static void new_questions(void **state)
{
    static const char *const questions[] = {"Who approves leave for drivers?",
                                            "Is there a gym in the office?",
                                            "How long does it take to get a refund?",
                                            "Which rules apply that nobody knows?",
                                            "How much is a meal?",
                                            "What is overtime?",
                                            "And who pays the courier in Norway?",
                                            "Wie lange ist das Paket unterwegs?",
                                            "Gibt es einen Parkplatz am Haus?",
                                            "Est-ce que les chiens sont admis ?",
                                            "¿Cuál es el precio de la tienda?"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(questions); i++)
        FOLLOWED(questions[i], questions[i], "How long is the refund window?", "And in Germany?");
}

static void names(void **state)
{
    static const struct {
        const char *text, *names;
    } cases[] = {{"Do I need a visa for China?", "China "},
                 {"What is the VAT number?", "VAT "},
                 {"Is the dock in Quenby Dale open on Saturdays in May?", "Quenby Dale "},
                 {"What does error FN-2026-01 mean?", "FN-2026-01 "},
                 {"How heavy is the HP200?", "HP200 "},
                 {"Where is the printer? Upstairs?", ""},
                 {"Was kostet ein Zelt für Kinder?", ""},
                 {"What is the German term for it?", ""},
                 {"When does school begin in the United Kingdom?", "United Kingdom "},
                 {"WHO PAYS THE COURIER", ""}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice found[NAMES_MAX];
        struct buffer all;
        buffer_init(&all, 1000);
        size_t count = names_find(slice_from(cases[i].text), found);
        for (size_t j = 0; j < count; j++)
            buffer_format(&all, SLICE_FORMAT " ", SLICE_ARGUMENT(found[j]));
        compare_text(cases[i].text, buffer_slice(&all), cases[i].names);
        buffer_release(&all);
    }
    assert_true(is_code(SLICE("E-3300")) && is_code(SLICE("HP200")));
    assert_true(is_code(SLICE("max_retries")) && is_code(SLICE("createLabel")) && is_code(SLICE("3.7.0")));
    assert_false(is_code(SLICE("iPhone")) || is_code(SLICE("2.5")) || is_code(SLICE("12.03.2026")) || is_code(SLICE("_")));
    assert_true(name_is_spelled_in(SLICE("The manager in Immingham."), SLICE("Imingham")));
    assert_true(name_is_spelled_in(SLICE("Our Annual General Meeting is in May."), SLICE("AGM")));
    assert_true(name_is_spelled_in(SLICE("An annual, annual general meeting"), SLICE("AGM")));
    assert_false(name_is_spelled_in(SLICE("The manager in Immingham."), SLICE("Rotterdam")));
    assert_false(name_is_spelled_in(SLICE("The general meeting."), SLICE("AGM")) ||
                 name_is_spelled_in(SLICE(""), SLICE("AGM")));
    assert_false(is_code(SLICE("China")) || is_code(SLICE("18F")) || is_code(SLICE("VAT")));
}

static void contrasts_are_told(void **state)
{
    static const struct {
        const char *question, *text;
        bool is_told, is_other;
    } cases[] = {
        {"import customs declaration fee", "Export customs declaration: 55", false, true},
        {"import customs declaration fee", "Import and export declarations: 55", true, true},
        {"When does it leave in winter?", "Summer (1 May - 30 Sep) | 10:00", false, true},
        {"rolling fee for road cargo", "a rolling fee of EUR 75 for sea", false, true},
        {"the air freight rate", "1. Sea freight, groupage", false, true},
        {"liability by air", "Air: 22 SDR per kilo", true, false},
        {"the air freight rate", "12 Station Road, near the sea", false, false}, /* an address */
        {"Wann turnen die Damen?", "Herren: montags um 19 Uhr", false, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct contrast contrasts[CONTRASTS_MAX];
        assert_int_equal(contrasts_find(slice_from(cases[i].question), contrasts), 1);
        if (contrast_told(&contrasts[0], slice_from(cases[i].text)) != cases[i].is_told ||
            contrast_other_told(&contrasts[0], slice_from(cases[i].text)) != cases[i].is_other)
            fail_msg("\"%s\": \"%s\"", cases[i].question, cases[i].text);
    }
    struct contrast none[CONTRASTS_MAX];
    assert_int_equal(contrasts_find(SLICE("prices in summer and winter"), none), 0);
    assert_int_equal(contrasts_find(SLICE("Is the air conditioning on?"), none), 0);
}

static void slips_are_counted(void **state)
{
    static const struct {
        const char *typed, *wanted;
        size_t slips;
        bool is_exchanged;
    } cases[] = {
        {"rehersals", "rehearsals", 1, false}, {"lugage", "luggage", 1, false},   {"recieve", "receive", 1, false},
        {"tryal", "trial", 1, true},           {"Meyer", "Meier", 1, true},       {"acommodatoin", "accommodation", 2, false},
        {"premium", "Premium", 0, false},      {"parking", "kitchens", 3, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        bool is_exchanged;
        assert_int_equal(slips_between(slice_from(cases[i].typed), slice_from(cases[i].wanted), 2, &is_exchanged),
                         cases[i].slips);
        assert_int_equal(is_exchanged, cases[i].is_exchanged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contrasts_are_told),
        cmocka_unit_test(slips_are_counted),
        cmocka_unit_test(small_talk),
        cmocka_unit_test(follow_ups),
        cmocka_unit_test(exchanges),
        cmocka_unit_test(new_questions),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
