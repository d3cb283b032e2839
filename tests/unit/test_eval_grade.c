/* test_eval_grade.c - answers against golds. SQuAD's numbers by hand from its published definition; tests/measures/compare.py does it for many. */
#include "compare.h"
#include "eval/eval.h"
#include <math.h>
#include <stdlib.h>

static void expect_near(const char *what, double got, double wanted)
{
    if (!(fabs(got - wanted) <= 1e-9))
        fail_msg("%s is %.15g, expected %.15g", what, got, wanted);
}

/* Of the case answered "refund" that is right too, and of the one answered "I cannot say" that is, in other letters: both count as the label wanted. */
static void labels_with_two_answers(struct label_case *cases, size_t count)
{
    static const struct slice refund[] = {SLICE_CONSTANT("money"), SLICE_CONSTANT("Refund.")},
                              unsure[] = {SLICE_CONSTANT("i cannot say!")};
    struct label_report report;
    cases[3].others = refund;
    cases[3].other_count = ARRAY_COUNT(refund);
    cases[7].others = unsure;
    cases[7].other_count = ARRAY_COUNT(unsure);
    eval_labels(cases, count, 1, &report);
    assert_true(report.labels == 3 && report.unlabelled == 3);
    expect_near("accuracy", report.accuracy, 8.0 / 12);
    expect_near("macro F1", report.macro_f1, (2 * 4.0 / (4 + 5) + 2 * 3.0 / (4 + 3) + 2 * 1.0 / (4 + 1)) / 3);
    assert_true(report.confusion_count == 2 && strcmp(report.confusions[1].truth, "refund") == 0);
    cases[3].other_count = cases[7].other_count = 0;
}

/* Numbers of documents whose cases are not among these change nothing. */
static void documents_left_out(struct label_case *cases, size_t count)
{
    struct label_report all, some;
    eval_labels(cases, count, 1, &all);
    for (size_t i = 0; i < count; i++)
        cases[i].document = 7 * cases[i].document + 3;
    eval_labels(cases, count, 1, &some);
    expect_near("low end of macro F1", some.macro_f1_interval.low, all.macro_f1_interval.low);
    expect_near("high end of macro F1", some.macro_f1_interval.high, all.macro_f1_interval.high);
    expect_near("low end of accuracy", some.accuracy_interval.low, all.accuracy_interval.low);
}

/* Three labels by hand: billing 4 wanted, 3 right, 1 given wrongly; refund 4 wanted, 2 right, 1 given wrongly; other 4 wanted, 2 right. */
static void labels(void **state)
{
    (void)state;
    static const char *const wanted[] = {"Billing", "billing", "billing", "billing", "refund", "refund",
                                         "refund",  "refund",  "A",       "A",       "A",      "A"};
    static const char *const given[] = {"billing.", "Billing",      "the billing", "refund", "refund", "Refund",
                                        "billing",  "I cannot say", "A",           "a",      "",       "B"};
    struct label_case cases[ARRAY_COUNT(wanted)];
    struct label_report report;
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++)
        cases[i] = (struct label_case){
            .wanted = slice_from(wanted[i]), .answer = slice_from(given[i]), .document = (uint32_t)i / 2};
    eval_labels(cases, ARRAY_COUNT(cases), 1, &report);
    assert_true(report.is_told && report.labels == 3 && report.cases == 12);
    expect_near("accuracy", report.accuracy, 6.0 / 12);
    expect_near("macro F1", report.macro_f1, (2 * 3.0 / (4 + 4) + 2 * 2.0 / (4 + 3) + 2 * 1.0 / (4 + 1)) / 3);
    assert_int_equal(report.unlabelled, 4);
    assert_true(report.macro_f1_interval.low < report.macro_f1 && report.macro_f1 < report.macro_f1_interval.high);
    assert_int_equal(report.confusion_count, 4);
    assert_true(strcmp(report.confusions[0].truth, "A") == 0 && report.confusions[0].answer[0] == '\0' &&
                report.confusions[0].cases == 3);
    labels_with_two_answers(cases, ARRAY_COUNT(cases));
    documents_left_out(cases, ARRAY_COUNT(cases));
    /* answers that are no labels: each another one, or long */
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++)
        cases[i].wanted = slice_from((const char *const[]){"one", "two", "three", "four", "five", "six", "seven", "eight",
                                                           "nine", "ten", "eleven", "twelve"}[i]);
    eval_labels(cases, ARRAY_COUNT(cases), 1, &report);
    assert_false(report.is_told);
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++)
        cases[i].wanted = SLICE("yes");
    eval_labels(cases, ARRAY_COUNT(cases), 1, &report);
    assert_false(report.is_told);
    eval_labels(cases, 9, 1, &report);
    assert_false(report.is_told);
}

static void words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *normal;
    } cases[] = {
        {"The  quick, (brown) fox!", "quick brown fox"},
        {"A man. An apple\tthe\n end", "man apple end"},
        {"theory an-other", "theory another"},
        {"\xE2\x82\xAC"
         "9.50",
         "\xE2\x82\xAC"
         "950"},
        {"\xE2\x80\x94the\xE2\x80\x94", "\xE2\x80\x94 \xE2\x80\x94"}, /* a dash that is no ASCII bounds a word */
        {"\xC3\x89"
         "COLE the",
         "\xC3\xA9"
         "cole"},
        {"the", ""},
        {"", ""},
        {"a_b a", "ab"},
        {"\xC2\xA0x\xE3\x80\x80y\xC2\xA0", "x y"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        grade_normalize(slice_from(cases[i].text), &out);
        compare_text(cases[i].text, buffer_slice(&out), cases[i].normal);
        buffer_release(&out);
    }
}

struct wanted {
    const char *gold, *answer;
    double exact, f1, contains, numeric, strict, relaxed;
};

static void check_answer(const struct wanted *wanted)
{
    struct slice gold = slice_from(wanted->gold), answer = slice_from(wanted->answer);
    struct grade_scores scores;
    grade_answer(&(struct grade_gold){&gold, 1, 0}, &answer, &scores);
    const double expected[] = {wanted->exact,
                               wanted->f1,
                               wanted->contains,
                               wanted->numeric,
                               wanted->strict,
                               wanted->relaxed,
                               slice_equal(gold, answer) ? 1 : -1};
    for (size_t i = 0; i < GRADE_MEASURES; i++)
        if (!(fabs(scores.values[i] - expected[i]) <= 1e-9))
            fail_msg("\"%s\" for \"%s\": %s is %.9g, expected %.9g", wanted->answer, wanted->gold, grade_measure_names[i],
                     scores.values[i], expected[i]);
}

static void answers(void **state)
{
    (void)state;
    static const struct wanted cases[] = {
        {"30 days", "30 days", 1, 1, 1, 1, 1, 1},
        {"30 days", "You have 30 days.", 0, 2.0 * 2 / 6, 1, 1, 0, 1},
        {"the red leaf", "Red Leaf!", 1, 1, 1, 0, 1, 1},
        {"24", "In 2024 it was 240.", 0, 0, 0, 0, 0, 0},
        {"24", "24 letters", 0, 2.0 / 3, 1, 1, 0, 1},
        {"\xE2\x82\xAC"
         "15",
         "15 \xE2\x82\xAC", 0, 0, 0, 1, 1, 1},
        {"1,500 litres", "It is 1500 l per insert", 0, 0.25, 0, 1, 0, 1},
        {"7 days", "one thing: a week, or 7 working days", 0, 4.0 / 9, 0, 0, 0, 0},
        {"14 days", "two weeks", 0, 0, 0, 1, 1, 1},
        {"14:00", "by 2 pm", 0, 0, 0, 1, 0, 1},
        {"14 days", "14", 0, 2.0 / 3, 0, 1, 1, 1}, /* without a unit: the number as it is written */
        {"5 km", "5", 0, 2.0 / 3, 0, 1, 1, 1},
        {"5 km", "5000", 0, 0, 0, 0, 0, 0},
        {"5 km", "5000 m", 0, 0, 0, 1, 1, 1},
        {"14", "14 days", 0, 2.0 / 3, 1, 1, 1, 1},
        {"2 million EUR", "2,000,000", 0, 0, 0, 1, 1, 1},
        {"2 pm", "2", 0, 2.0 / 3, 0, 1, 1, 1},
        {"14:30", "14", 0, 0, 0, 0, 0, 0},
        {"60 %", "60%", 1, 1, 1, 1, 1, 1},
        {"x b c", "b c d", 0, 2.0 / 3, 0, 0, 0, 0},
        {"x", "y", 0, 0, 0, 0, 0, 0},
        {"the", "a", 1, 1, 0, 0, 1, 1}, /* nothing is left of either: the same, as SQuAD has it */
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        check_answer(&cases[i]);
    const struct slice golds[] = {slice_from("\xE2\x82\xAC"
                                             "46"),
                                  slice_from("46.00")},
                       answer = slice_from("46 euros");
    struct grade_scores scores;
    grade_answer(&(struct grade_gold){golds, 2, 0}, &answer, &scores);
    expect_near("the best gold", scores.values[GRADE_STRICT], 1);
    const struct slice hundred = slice_from("100 g"), near = slice_from("101 g");
    grade_answer(&(struct grade_gold){&hundred, 1, 0.02}, &near, &scores);
    expect_near("within tolerance", scores.values[GRADE_NUMERIC], 1);
    grade_answer(&(struct grade_gold){&hundred, 1, 0.005}, &near, &scores);
    expect_near("outside of it", scores.values[GRADE_NUMERIC], 0);
}

static void abstaining(void **state)
{
    (void)state;
    const struct slice text = slice_from("42"), blank = slice_from(" \n");
    struct grade_scores scores;
    const struct {
        struct grade_gold gold;
        const struct slice *answer;
        double wanted;
    } cases[] = {{{NULL, 0, 0}, NULL, 1},
                 {{NULL, 0, 0}, &blank, 1},
                 {{NULL, 0, 0}, &text, 0},
                 {{&text, 1, 0}, NULL, 0},
                 {{&text, 1, 0}, &text, 1}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        grade_answer(&cases[i].gold, cases[i].answer, &scores);
        for (size_t j = 0; j < GRADE_MEASURES; j++)
            expect_near(grade_measure_names[j], scores.values[j], cases[i].wanted);
    }
    const bool wanted[] = {true, true, true, false, false, false, false},
               done[] = {true, true, false, true, false, false, false};
    struct grade_abstention abstention;
    grade_abstention(wanted, done, 7, &abstention);
    expect_near("precision", abstention.precision, 2.0 / 3);
    expect_near("recall", abstention.recall, 2.0 / 3);
    expect_near("f1", abstention.f1, 2.0 / 3);
    assert_true(abstention.precision_interval.low > 0.2 && abstention.precision_interval.high < 0.95);
    grade_abstention(wanted + 3, done + 4, 3, &abstention);
    expect_near("precision of none", abstention.precision, -1);
    expect_near("recall of none", abstention.recall, -1);
}

static void quantities(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        enum quantity_unit unit;
        const char *part; /* what it takes up */
    } cases[] = {
        {"pay \xE2\x82\xAC 9.50 now", 9.5, QUANTITY_EUROS, "\xE2\x82\xAC 9.50"},
        {"9,50 \xE2\x82\xAC", 9.5, QUANTITY_EUROS, "9,50 \xE2\x82\xAC"},
        {"$1,500.25", 1500.25, QUANTITY_DOLLARS, "$1,500.25"},
        {"1.500,25 EUR", 1500.25, QUANTITY_EUROS, "1.500,25 EUR"},
        {"EUR 12", 12, QUANTITY_EUROS, "EUR 12"},
        {"1 500 litres", 1500, QUANTITY_LITRES, "1 500 litres"},
        {"1\xE2\x80\xAF"
         "500,5 l",
         1500.5, QUANTITY_LITRES,
         "1\xE2\x80\xAF"
         "500,5 l"},
        {"1,234,567", 1234567, QUANTITY_NONE, "1,234,567"},
        {"-5 \xC2\xB0"
         "C",
         -5, QUANTITY_CELSIUS,
         "-5 \xC2\xB0"
         "C"},
        {"\xE2\x88\x92"
         "5",
         -5, QUANTITY_NONE,
         "\xE2\x88\x92"
         "5"},
        {"a 30-day window", 30 * 86400, QUANTITY_SECONDS, "30-day"},
        {"Two working days", 2, QUANTITY_WORKING_DAYS, "Two working days"},
        {"5 years", 60, QUANTITY_MONTHS, "5 years"},
        {"2.5 million euros", 2.5e6, QUANTITY_EUROS, "2.5 million euros"},
        {"$40k a month", 40000, QUANTITY_DOLLARS, "$40k"},
        {"at 2:30 p.m. or", 870, QUANTITY_CLOCK, "2:30 p.m."},
        {"12 am", 0, QUANTITY_CLOCK, "12 am"},
        {"14:00", 840, QUANTITY_CLOCK, "14:00"},
        {"FH-2026-113370 costs 7", 7, QUANTITY_NONE, "7"},
        {"H2O 3 kg", 3000, QUANTITY_GRAMS, "3 kg"},
        {"25MB", 25e6, QUANTITY_BYTES, "25MB"},
        {"sixty percent", 60, QUANTITY_PERCENT, "sixty percent"},
        {"Zone 3. Then", 3, QUANTITY_NONE, "3"},
        {"\xC3\xA9t\xC3\xA9 20 m", 20, QUANTITY_METRES, "20 m"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct quantity quantity;
        struct slice text = slice_from(cases[i].text);
        size_t at = 0;
        if (!quantity_next(text, &at, &quantity) && i > 0)
            fail_msg("no quantity in \"%s\"", cases[i].text);
        while (quantity.unit == QUANTITY_NONE && cases[i].unit != QUANTITY_NONE && quantity_next(text, &at, &quantity))
            ;
        if (strncmp(cases[i].text, "FH-", 3) == 0)
            while (quantity_next(text, &at, &quantity))
                ;
        expect_near(cases[i].text, quantity.value, cases[i].value);
        assert_int_equal(quantity.unit, cases[i].unit);
        compare_text(cases[i].text, slice_range(text, quantity.start, quantity.end), cases[i].part);
    }
    static const char *const none[] = {"", "nothing", "A4 and B52", "12abc"};
    for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
        struct quantity quantity;
        size_t at = 0;
        if (quantity_next(slice_from(none[i]), &at, &quantity))
            fail_msg("\"%s\" has the quantity %g", none[i], quantity.value);
    }
}

/* Any bytes: it comes to an end, and places lie within the text and go up. */
static void quantities_of_noise(void **state)
{
    (void)state;
    static const char *const parts[] = {"1",        "23", ".",  ",",    " ",    ":",   "-", "\xE2\x82\xAC",
                                        "\xC2\xA0", "k",  "pm", "days", "\xFF", "two", "%"};
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < 20000; round++) {
        struct buffer text;
        struct quantity quantity;
        buffer_init(&text, 1000);
        for (size_t i = 0, count = (size_t)random_below(&random, 20); i < count; i++)
            buffer_append_text(&text, parts[random_below(&random, ARRAY_COUNT(parts))]);
        size_t at = 0, before = 0;
        while (quantity_next(buffer_slice(&text), &at, &quantity)) {
            assert_true(quantity.start < quantity.end && quantity.end <= text.size && at > before);
            assert_true(quantity.value - quantity.value == 0);
            before = at;
        }
        buffer_release(&text);
    }
}

static void patterns(void **state)
{
    (void)state;
    struct error error;
    struct expression *pattern;
    bool gave_up;
    expect_ok(expression_create(&pattern, EXPRESSION_UNICODE, SLICE("^FH-\\d{4}$"), &error), &error);
    assert_true(expression_matches(pattern, SLICE("FH-2026"), &gave_up));
    assert_false(expression_matches(pattern, SLICE("an FH-2026"), &gave_up));
    assert_false(expression_matches(pattern, SLICE("\xFF"), &gave_up));
    assert_false(expression_matches(pattern, (struct slice){NULL, 0}, &gave_up));
    expression_free(pattern);
    expect_error(expression_create(&pattern, EXPRESSION_UNICODE, SLICE("(a"), &error), &error, ERROR_INVALID, "(a");
    expect_ok(expression_create(&pattern, EXPRESSION_UNICODE, SLICE("^(a+)+$"), &error), &error);
    assert_false(expression_matches(pattern, SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &gave_up));
    assert_true(gave_up);
    assert_true(expression_matches(pattern, SLICE("aaaa"), &gave_up));
    assert_false(gave_up);
    expression_free(pattern);
    expression_free(NULL);
}

static void note_field(void *context, const char *path, struct slice wanted, struct slice got, bool is_right)
{
    struct buffer *out = context;
    buffer_format(out, "%s:" SLICE_FORMAT ":" SLICE_FORMAT "%s ", path, SLICE_ARGUMENT(wanted), SLICE_ARGUMENT(got),
                  is_right ? ":right" : "");
}

static void documents(void **state)
{
    (void)state;
    struct grade_fields fields;
    struct error error;
    struct buffer out;
    const struct slice wanted = SLICE("{\"a\": 1, \"b\": {\"c\": [\"x\", null], \"d\": []}, \"e\": true}");
    buffer_init(&out, 1000);
    expect_ok(grade_json(wanted, SLICE("{\"e\": true, \"b\": {\"d\": [], \"c\": [\"x\", null]}, \"a\": 1.0}"), NULL, NULL,
                         &fields, &error),
              &error);
    assert_true(fields.is_json && fields.is_relaxed_json && fields.is_equal);
    assert_int_equal(fields.wanted, 5);
    expect_near("f1", fields.f1, 1);
    expect_ok(grade_json(wanted, SLICE("Here you are:\n```json\n{\"a\": 2, \"e\": true, \"f\": 1}\n```\n"), note_field, &out,
                         &fields, &error),
              &error);
    assert_true(!fields.is_json && fields.is_relaxed_json && !fields.is_equal);
    assert_int_equal(fields.right, 1);
    expect_near("f1", fields.f1, 2.0 / 8);
    compare_text("fields", buffer_slice(&out), "a:1:2 b.c[0]:\"x\": b.c[1]:null: b.d:[]: e:true:true:right f::1 ");
    expect_ok(grade_json(wanted, SLICE("no document"), NULL, NULL, &fields, &error), &error);
    assert_true(!fields.is_relaxed_json && fields.right == 0 && fields.given == 0);
    expect_near("f1", fields.f1, 0);
    expect_ok(grade_json(SLICE("{\"a\": 1, \"a\": 2}"), SLICE("{\"a\": 2}"), NULL, NULL, &fields, &error), &error);
    assert_true(fields.is_equal);
    static const struct {
        const char *wanted, *other;
    } different[] = {{"{\"a.b\": 1}", "{\"a\": {\"b\": 1}}"},      {"{\"a[0]\": 1}", "{\"a\": [1]}"},
                     {"{\"\": {\"a\": 1}}", "{\"a\": 1}"},         {"{\"a\\\\\": {\"b\": 1}}", "{\"a.b\": 1}"},
                     {"{\"a\\u0000b\": 1}", "{\"a\\u0000c\": 1}"}, {"{\"\": 1}", "{\"\\\\e\": 1}"}};
    for (size_t i = 0; i < ARRAY_COUNT(different); i++) {
        struct slice one = slice_from(different[i].wanted), other = slice_from(different[i].other);
        expect_ok(grade_json(one, other, NULL, NULL, &fields, &error), &error);
        if (fields.right != 0 || fields.is_equal)
            fail_msg("%s is taken for %s", different[i].other, different[i].wanted);
        expect_ok(grade_json(one, one, NULL, NULL, &fields, &error), &error);
        assert_true(fields.right == 1 && fields.is_equal);
    }
    expect_ok(grade_json(SLICE("{}"), SLICE("{}"), NULL, NULL, &fields, &error), &error);
    assert_true(fields.is_equal);
    expect_error(grade_json(SLICE("{"), SLICE("{}"), NULL, NULL, &fields, &error), &error, ERROR_INVALID, "wanted");
    buffer_release(&out);
}

static void grounding(void **state)
{
    (void)state;
    const struct slice sources[] = {SLICE("Parcels to Portugal cost \xE2\x82\xAC"
                                          "9.50. Refunds take two weeks after the box has arrived at our dock."),
                                    SLICE("The courier for heavy boxes is Norrbahn Cargo.")};
    struct grade_grounding result;
    struct arena arena;
    arena_init(&arena);
    grade_grounding(SLICE("A parcel to Portugal costs 9.50 \xE2\x82\xAC. Refunds take 14 days after arrival of the box. "
                          "Refunds take three weeks after the box has arrived. Your heavy boxes go with Rondeel Cargo. "
                          "Elephants sleep under bright umbrellas."),
                    sources, 2, &arena, &result);
    assert_int_equal(result.count, 5);
    static const bool wanted[] = {true, true, false, false, false};
    for (size_t i = 0; i < 5; i++)
        if (result.sentences[i].is_supported != wanted[i])
            fail_msg("sentence %zu: %zu of %zu words, %zu of %zu numbers, %zu of %zu names", i, result.sentences[i].words_found,
                     result.sentences[i].words, result.sentences[i].numbers_found, result.sentences[i].numbers,
                     result.sentences[i].names_found, result.sentences[i].names);
    expect_near("share", result.share, 0.4);
    grade_grounding(SLICE(""), sources, 2, &arena, &result);
    expect_near("nothing said", result.share, 1);
    grade_grounding(SLICE("Refunds take two weeks."), NULL, 0, &arena, &result);
    expect_near("no source", result.share, 0);
    arena_release(&arena);
}

/* A sentence with a quantity as a question for it, where its verb is known; else with a gap; and none where there is nothing to ask. */
static void sentences(void **state)
{
    (void)state;
    static const struct {
        const char *sentence, *question, *answer; /* question NULL: none */
        bool is_gap;
    } cases[] = {
        {"The label for Lisbon costs 9 euros.", "What does the label for Lisbon cost?", "9 euros", false},
        {"Our lightest tent weighs 900 g.", "How much does our lightest tent weigh?", "900 g", false},
        {"Goods may go back within 30 days.", "Goods may go back within \xe2\x80\xa6. What stands in the place of the dots?",
         "30 days", true},
        {"It rests for 3 days, in a shed, and costs 5 euros.",
         "It rests for \xe2\x80\xa6, in a shed, and costs 5 euros. What stands in the place of the dots?", "3 days", true},
        {"Das Etikett für Portugal kostet bei uns 9,50 €.",
         "Das Etikett für Portugal kostet bei uns …. Was steht an der Stelle der Punkte?", "9,50 €", true},
        {"Le retour de la marchandise vous coûte 9,50 €.",
         "Le retour de la marchandise vous coûte …. Que faut-il mettre à la place des points\xC2\xA0?", "9,50 €", true},
        {"El envío de los productos cuesta 9,50 €.", "El envío de los productos cuesta …. ¿Qué va en el lugar de los puntos?",
         "9,50 €", true},
        {"There is nothing to be counted here.", NULL, NULL, false},
        {"It costs 5 euros.", NULL, NULL, false},
        {"Is it true that it costs 5 euros?", NULL, NULL, false},
        {"The first line\nof a table has 5 kg.", NULL, NULL, false},
        {"", NULL, NULL, false},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct eval_draft draft = {0};
        bool has = draft_of_sentence(slice_from(cases[i].sentence), LANGUAGE_UNKNOWN, &arena, &draft);
        if (has != (cases[i].question != NULL))
            fail_msg("%s: %s", cases[i].sentence, has ? "a question was made" : "no question was made");
        if (!has)
            continue;
        compare_text("question", draft.question, cases[i].question);
        compare_text("answer", draft.answer, cases[i].answer);
        assert_int_equal(draft.is_gap, cases[i].is_gap);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels),     cmocka_unit_test(words),      cmocka_unit_test(answers),
        cmocka_unit_test(abstaining), cmocka_unit_test(quantities), cmocka_unit_test(quantities_of_noise),
        cmocka_unit_test(patterns),   cmocka_unit_test(documents),  cmocka_unit_test(sentences),
        cmocka_unit_test(grounding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
