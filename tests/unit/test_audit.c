/* test_audit.c - values in running text. What an audit finds in documents is tested from outside, in tests/blackbox/test_audit.py. */
#include "audit/claims.h"
#include "compare.h"
#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {"money",   "percent", "duration", "date",    "time",     "count",
                                    "version", "email",   "phone",    "weekday", "monthday", "name"};

static enum text_language read_as = LANGUAGE_UNKNOWN; /* the language of what expect_values reads */
static size_t mismatches; /* of this test: all of them are shown */

static int start(void **state)
{
    (void)state;
    mismatches = 0;
    return 0;
}

/* "money usd 1500 | date 19846…19846": the values as read. */
static void expect_values(const char *text, const char *wanted)
{
    struct value values[VALUES_MAX];
    struct buffer shown;
    struct slice sentence = slice_from(text);
    size_t count = values_read(sentence, read_as, values);
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &values[i];
        assert_true(value->start < value->end && value->end <= sentence.size);
        assert_true(i == 0 || value->start >= values[i - 1].end);
        buffer_format(&shown, "%s%s", i > 0 ? " | " : "", kinds[value->kind]);
        if (value->unit.size > 0)
            buffer_format(&shown, " " SLICE_FORMAT, SLICE_ARGUMENT(value->unit));
        if (value->kind == VALUE_DATE && value->grain != DATE_DAY_OF_YEAR)
            buffer_format(&shown, " %d…%lld", (int)value->number, (long long)value->last);
        else if (value->kind != VALUE_EMAIL)
            buffer_format(&shown, " %.10g", value->number);
        if (value->is_range)
            buffer_format(&shown, " from %.10g", value->low);
        if (value->ranged)
            buffer_append_text(&shown, " ranged");
    }
    if (!slice_equal_text(buffer_slice(&shown), wanted)) {
        mismatches++;
        print_error("%s\n  read   %s\n  wanted %s\n", text, buffer_text(&shown), wanted);
    }
    buffer_release(&shown);
}

static void amounts(void **state)
{
    (void)state;
    expect_values("It costs $1,500.25 or 20 euros.", "money usd 1500.25 ranged | money eur 20 ranged");
    expect_values("€3.50 each, £ 4, 5 USD, 99 cents",
                  "money eur 3.5 | money gbp 4 ranged | money usd 5 ranged | money cent 99");
    expect_values("Cars are paid with 40p per mile; 720p is no price.", "money pence 40");
    expect_values("a budget of $2.5 million, or 10k dollars", "money usd 2500000 | money usd 10000");
    expect_values("80 % of it, 5.5% and ten percent", "percent 80 | percent 5.5 | percent 10");
    expect_values("within 30 days, two weeks, a 90-day trial, 24 hours",
                  "duration 2592000 | duration 1209600 | duration 7776000 | duration 86400");
    expect_values("10 working days or 5 business days", "duration working 864000 | duration working 432000");
    expect_values("200 pages, 25 MB, 25MB, 18 °C, 2,400 rpm",
                  "count page 200 | count MB 25 | count MB 25 ranged | count C 18 ranged | count rpm 2400");
    expect_values("between 5 and 7 days", "duration 604800 from 432000");
    expect_values("5–7 days, 10 to 20 %, 5 and 7 days",
                  "duration 604800 from 432000 | percent 20 from 10 | duration 604800 ranged");
    expect_values("open Monday to Friday from 9:00 to 18:00.", "weekday 5 from 1 | time 1080 from 540");
    expect_values("from 9 am to 5 pm, between 8:30 and 10:15", "time 1020 from 540 | time 615 from 510");
    expect_values("9 to 12:30; 1 to 3:30 pm; between 9 am and 5 pm",
                  "time 750 from 540 | time 930 from 780 | time 1020 from 540");
    expect_values("Lesson 3 – 45 minutes; raised from 16 % to 19 %",
                  "duration 2700 ranged | percent 16 ranged | percent 19 ranged");
    expect_values("Monday through Friday, 1.500 €, 1.250,50 €", "weekday 5 from 1 | money eur 1500 | money eur 1250.5");
    read_as = LANGUAGE_ENGLISH;
    expect_values("one DAG at a time, 1 tag, due weeks, 5 Mars bars, Mars 2020",
                  "count DAG 1 | count tag 1 | count Mar 5 | date 18262…18627");
    read_as = LANGUAGE_UNKNOWN;
    expect_values("15, 30 or 60 minutes; 7 to 5 days", "duration 3600 ranged | duration 432000 ranged");
    expect_values("The API listens on port 8080, and ext. 204 is mine", "version port 8080 | version extension 204");
    expect_values("by the 5th of each month, the 3rd of May", "monthday 5 | date 503");
    expect_values("Der Preis ist 12,50 € und 4,5 Prozent", "money eur 12.5 | count Prozent 4.5");
    expect_values(
        "drei Monate, deux semaines, tres años, twee maanden, 5 Werktage, 9 Uhr",
        "duration 7889400 | duration 1209600 | duration 94672800 | duration 5259600 | duration working 432000 | time 540");
    expect_values("am 5. März 2026; le 5 mars 2026; 5 de marzo de 2026",
                  "date 20517…20517 | date 20517…20517 | date 20517…20517");
    expect_values("Call 020 7946 0018 or 0171-555", "phone 2079460018");
    expect_values("five an hour, dos and don'ts, the sept of 3", "");
    expect_values("GC + 14 characters, 90+7 days", "count character 14 ranged | duration 604800 ranged");
    expect_values("Step 3 Click on it, room 12 upstairs, #7 wins, 24/7", "");
    expect_values("no numbers here", "");
    expect_values("3", "");
    expect_values("", "");
    assert_int_equal(mismatches, 0);
}

static void dates(void **state)
{
    (void)state;
    expect_values("on 3 May 2024, May 3, 2024 or 2024-05-03",
                  "date 19846…19846 ranged | date 19846…19846 ranged | date 19846…19846 ranged");
    expect_values("3.5.2024, 25/12/2024, the 3rd of May, 2024", "date 19846…19846 | date 20082…20082 | date 19846…19846");
    expect_values("in March 2023, Sept. 2023 and Q3 2022",
                  "date 19417…19447 ranged | date 19601…19630 ranged | date 19174…19265 ranged");
    expect_values("as of 2021", "date 18628…18992");
    expect_values("by November 3", "date 1103");
    expect_values("spring 2022", "date 19052…19143");
    expect_values("29 February 2023 is none, 29 February 2024 is one", "date 19389…19416 | date 19782…19782");
    expect_values("1 April – 27 May 2025", "date 401 ranged | date 20235…20235 ranged");
    expect_values("they may march in 12 rows", "count row 12");
    int64_t days;
    assert_true(date_days(1970, 1, 1, &days) && days == 0);
    assert_true(date_days(2000, 2, 29, &days) && days == 11016);
    assert_true(date_days(1900, 3, 1, &days) && days == -25508);
    assert_false(date_days(1900, 2, 29, &days) || date_days(2024, 13, 1, &days) || date_days(2024, 4, 31, &days) ||
                 date_days(0, 1, 1, &days) || date_days(2024, 0, 1, &days));
    assert_int_equal(mismatches, 0);
}

static void others(void **state)
{
    (void)state;
    expect_values("from 9 pm, at 10:30 and 12 am", "time 1260 | time 630 ranged | time 0 ranged");
    expect_values("version 4.2 and v4.2 are older than 4.10.1",
                  "version 4.0002e+12 ranged | version 4.0002e+12 ranged | version 4.00100001e+12");
    expect_values("write to it-help@example.com or call 555-0134", "email | phone 5550134");
    expect_values("+49 30 1234567", "phone 4.930123457e+10");
    struct value values[VALUES_MAX];
    assert_int_equal(values_read(SLICE("A@Example.com and a@example.COM"), LANGUAGE_ENGLISH, values), 2);
    assert_true(values[0].number == values[1].number);
    assert_int_equal(mismatches, 0);
}

/* Any bytes are read; what does not fit is left out. */
static void bounds(void **state)
{
    (void)state;
    struct value values[VALUES_MAX];
    struct buffer text;
    buffer_init(&text, MIB);
    for (int i = 0; i < 100; i++)
        buffer_format(&text, "$%d, ", i + 1);
    assert_int_equal(values_read(buffer_slice(&text), LANGUAGE_UNKNOWN, values), VALUES_MAX);
    buffer_clear(&text);
    for (int i = 0; i < 5000; i++)
        buffer_append_text(&text, "9");
    assert_int_equal(values_read(buffer_slice(&text), LANGUAGE_UNKNOWN, values), 0);
    assert_int_equal(values_read(SLICE("\xff\xfe 5 \x80 days $ € 5"), LANGUAGE_UNKNOWN, values), 1);
    buffer_release(&text);
}

static void names(void **state)
{
    (void)state;
    for (size_t i = 0; i < AUDIT_KINDS; i++) {
        enum audit_kind kind;
        assert_true(audit_kind_named(slice_from(audit_kind_name((enum audit_kind)i)), &kind) && kind == i);
    }
    enum audit_kind kind;
    assert_false(audit_kind_named(SLICE("duplicates"), &kind) || audit_kind_named(SLICE(""), &kind));
    assert_string_equal(audit_severity_name(AUDIT_HIGH), "high");
}

static void expect_rule(const char *sentence, double number, const char *verb)
{
    struct value value;
    uint32_t conditions;
    if (!rule_read(slice_from(sentence), &value, &conditions)) {
        if (number < 0 || number > 0)
            fail_msg("no rule is read in “%s”", sentence);
        return;
    }
    if (value.number < number || value.number > number)
        fail_msg("“%s” is read as %g, not %g", sentence, value.number, number);
    compare_text(sentence, slice_range(slice_from(sentence), value.start, value.end), verb);
}

static void rules_are_read(void **state)
{
    (void)state;
    expect_rule("Visitors may park in the yard.", 1, "may");
    expect_rule("Visitors may not park in the yard.", -1, "may not");
    expect_rule("Visitors must not park in the yard.", -1, "must not");
    expect_rule("Parking in the yard is strictly forbidden.", -1, "is strictly forbidden");
    expect_rule("It is not permitted to park in the yard.", -1, "is not permitted");
    expect_rule("Never park in the yard.", -1, "Never");
    expect_rule("Don't park in the yard.", -1, "Don't");
    expect_rule("Gloves are mandatory in the yard.", 2, "are mandatory");
    expect_rule("You do not have to wear gloves.", -2, "do not have to");
    expect_rule("No gloves are required in the yard.", -2, "are required");
    expect_rule("Helpers need not wear gloves.", -2, "need not");
    expect_rule("The yard is open to guests.", 3, "is");
    expect_rule("The yard isn't open to guests.", -3, "isn't");
    expect_rule("May visitors park in the yard?", 0, "");
    expect_rule("This is not open to guests.", 0, "");
    expect_rule("The yard is open, but guests do not park in it.", 0, "");
    expect_rule("The yard with trees behind it.", 0, "");
    expect_rule("", 0, "");
    const struct value allowed = {.number = 1}, forbidden = {.number = -1}, demanded = {.number = 2}, free_to = {.number = -2};
    assert_true(rules_contradict(&allowed, &forbidden) && rules_contradict(&demanded, &free_to));
    assert_true(rules_contradict(&demanded, &forbidden) && !rules_contradict(&allowed, &free_to));
    assert_false(rules_contradict(&allowed, &demanded) || rules_contradict(&forbidden, &free_to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(amounts, start),
        cmocka_unit_test_setup(dates, start),
        cmocka_unit_test_setup(others, start),
        cmocka_unit_test(bounds),
        cmocka_unit_test(names),
        cmocka_unit_test(rules_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
