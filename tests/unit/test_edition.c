/* test_edition.c - names, titles, heads and first words that tell of editions, and names that do not. */
#include "edition/edition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct arena arena;

static struct edition read_one(const char *path, const char *title)
{
    struct edition edition;
    edition_read(&edition, slice_from(path), slice_from(title), &arena);
    return edition;
}

static int compare(const char *older, const char *newer)
{
    struct edition a = read_one(older, ""), b = read_one(newer, "");
    return edition_same_family(&a, &b) ? edition_compare(&a, &b) : 99;
}

static int start(void **state)
{
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void names_tell_the_newer(void **state)
{
    static const char *const pairs[][2] = {
        {"hr/Staff_Handbook_ed4_2024.docx", "hr/Staff_Handbook_ed5_2026.docx"},
        {"Tariff 2025.xlsx", "Tariff 2026.xlsx"},
        {"OLD heparin-protocol-v2.1.md", "heparin-protocol-v3.md"},
        {"exam-rules-2021.pdf", "exam-rules-2025.pdf"},
        {"abfall-alt.txt", "abfall.txt"},
        {"archive/handbook.md", "handbook.md"},
        {"docs/2025/prices.csv", "docs/2026/prices.csv"},
        {"v1/api.md", "v2/api.md"},
        {"manual-v2.1.pdf", "manual-v2.10.pdf"},
        {"Preisliste Stand 2024-05.pdf", "Preisliste_Stand_2025-01.pdf"},
        {"Satzung, 2. Auflage.docx", "Satzung 3. Auflage.docx"},
        {"guide 2nd edition.pdf", "guide 3rd edition.pdf"},
        {"Règlement édition 3.pdf", "Règlement édition 4.pdf"},
        {"reglamento versión 1.pdf", "reglamento versión 2.pdf"},
        {"handleiding versie 1.pdf", "handleiding versie 2.pdf"},
        {"tarieven oud.pdf", "tarieven.pdf"},
        {"Handbook2024.pdf", "Handbook2026.pdf"},
        {"budget FY2024.pdf", "budget FY2025.pdf"},
        {"fees 2024-25.pdf", "fees 2025-26.pdf"},
        {"Price list March 2025.pdf", "Price list January 2026.pdf"},
        {"uploads/files/0190a1/Tariff 2025.xlsx", "uploads/files/0190b2/Tariff 2026.xlsx"},
        {"prices 15.03.2025.pdf", "prices 20260101.pdf"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        if (compare(pairs[i][0], pairs[i][1]) != 1 || compare(pairs[i][1], pairs[i][0]) != -1)
            fail_msg("%s is not older than %s: %d, %d", pairs[i][0], pairs[i][1], compare(pairs[i][0], pairs[i][1]),
                     compare(pairs[i][1], pairs[i][0]));
    }
}

static void other_names_are_other_documents(void **state)
{
    static const char *const pairs[][2] = {
        {"chapter-1.md", "chapter-2.md"},
        {"KX20-datasheet.pdf", "KX35-datasheet.pdf"},
        {"migration-v2-to-v3.md", "v3.md"},
        {"form W-17.pdf", "form W-18.pdf"},
        {"lease-smith-2024.pdf", "lease-jones-2025.pdf"},
        {"hr/handbook-2024.md", "it/handbook-2025.md"},
        {"drawer 1.txt", "drawer 2.txt"},
        {"old-town.md", "new-town.md"},
        {"RX2010-sheet.pdf", "RX2020-sheet.pdf"},
        {"faq.md", "faq-fr.md"},
        {"control-5.1.md", "control-5.2.md"},
        {"room-2.14.md", "room-2.15.md"},
        {"python-3.11.md", "python-3.12.md"},
        {"issue-101.md", "issue-102.md"},
        {"invoices/2023/003.md", "invoices/2024/003.md"},
        {"obsolete-stock.md", "stock.md"},
        {"draft-beer.md", "beer.md"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++)
        if (compare(pairs[i][0], pairs[i][1]) != 99)
            fail_msg("%s and %s are one", pairs[i][0], pairs[i][1]);
    assert_int_equal(compare("handbook.md", "handbook.pdf"), 0);
    assert_int_equal(compare("handbook.md", "handbook-2026.md"), 0);
}

/* Reports of a year stay what they are; what is about old things is not old. */
static void series_and_subjects(void **state)
{
    static const char *const series[] = {"sustainability-2023.md", "annual-report-2024.pdf", "exam-2024.pdf",
                                         "minutes-2026-03.md"};
    static const char *const holding[] = {"tariff-2025.xlsx", "Preisliste 2025.pdf", "staff handbook 2024.docx"};
    static const char *const subjects[] = {"handling-of-obsolete-stock.md", "draft-beer.md", "disposal-of-expired-medicines.md",
                                           "wip-limits.md"};
    struct edition edition;
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(series); i++) {
        edition = read_one(series[i], "");
        assert_true(edition_is_dated(&edition));
    }
    for (size_t i = 0; i < ARRAY_COUNT(holding); i++) {
        edition = read_one(holding[i], "");
        assert_false(edition_is_dated(&edition));
    }
    for (size_t i = 0; i < ARRAY_COUNT(subjects); i++) {
        edition = read_one(subjects[i], "Draft beer and obsolete stock");
        assert_int_equal(edition.state, EDITION_IN_FORCE);
    }
    edition = read_one("stock-policy (obsolete).md", "");
    assert_int_equal(edition.state, EDITION_SUPERSEDED);
    struct edition london = read_one("london/fire.md", "Fire safety, version 3"),
                   paris = read_one("paris/fire.md", "Fire safety, version 5");
    assert_false(edition_same_family(&london, &paris));
}

static void titles_and_heads_tell_it_too(void **state)
{
    struct edition a = read_one("a17.pdf", "Staff Handbook, edition 4 of 2024"),
                   b = read_one("b3.pdf", "Staff handbook – edition 5");
    (void)state;
    assert_true(edition_same_family(&a, &b));
    assert_int_equal(edition_compare(&a, &b), 1);
    a = read_one("x.md", "Heparin infusion");
    b = read_one("y.md", "Heparin infusion");
    assert_int_equal(edition_compare(&a, &b), 0);
    edition_read_head(&a, SLICE("version"), SLICE("2.1"), &arena);
    edition_read_head(&b, SLICE("Version"), SLICE("v3"), &arena);
    assert_int_equal(edition_compare(&a, &b), 1);
    a = read_one("x.md", "Heparin infusion");
    b = read_one("y.md", "Heparin infusion");
    edition_read_head(&a, SLICE("valid_from"), SLICE("2022-05-01"), &arena);
    edition_read_head(&b, SLICE("gültig ab"), SLICE("03.11.2025"), &arena);
    assert_int_equal(edition_compare(&a, &b), 1);
    a = read_one("x.md", "Lease agreement 2024"); /* of two tenants */
    b = read_one("y.md", "Lease agreement 2025");
    assert_int_equal(edition_compare(&a, &b), 0);
}

static void heads_say_what_is_in_force(void **state)
{
    static const char *const gone[][2] = {{"status", "superseded"},   {"Status", "Archived (2024)"},
                                          {"statut", "obsolète"},     {"statut", "caduc"},
                                          {"status", "vervallen"},    {"Status", "außer Kraft, aufgehoben"},
                                          {"superseded_by", "v3.md"}, {"ersetzt durch", "Fassung 3"}};
    static const char *const live[][2] = {{"status", "approved"},
                                          {"status", "not superseded"},
                                          {"superseded_by", "none"},
                                          {"replaced by", "-"},
                                          {"owner", "old"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(gone); i++) {
        struct edition edition = read_one("a.md", "A");
        edition_read_head(&edition, slice_from(gone[i][0]), slice_from(gone[i][1]), &arena);
        if (edition_state_on(&edition, 20000) != EDITION_SUPERSEDED || edition.why.size == 0)
            fail_msg("%s: %s", gone[i][0], gone[i][1]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(live); i++) {
        struct edition edition = read_one("a.md", "A");
        edition_read_head(&edition, slice_from(live[i][0]), slice_from(live[i][1]), &arena);
        if (edition_state_on(&edition, 20000) != EDITION_IN_FORCE)
            fail_msg("%s: %s", live[i][0], live[i][1]);
    }
    struct edition edition = read_one("a.md", "A");
    edition_read_head(&edition, SLICE("valid_until"), SLICE("2024-12-31"), &arena); /* day 20088 */
    assert_int_equal(edition_state_on(&edition, 20088), EDITION_IN_FORCE);
    assert_int_equal(edition_state_on(&edition, 20089), EDITION_EXPIRED);
    edition = read_one("a.md", "A");
    edition_read_head(&edition, SLICE("effective"), SLICE("1 January 2025"), &arena); /* day 20089 */
    assert_int_equal(edition_state_on(&edition, 20088), EDITION_DRAFT);
    assert_int_equal(edition_state_on(&edition, 20089), EDITION_IN_FORCE);
    edition_read_head(&edition, SLICE("status"), SLICE("draft"), &arena);
    assert_int_equal(edition_state_on(&edition, 20089), EDITION_DRAFT);
}

static void sentences_revoke(void **state)
{
    static const char *const gone[] = {"This protocol is no longer valid.",
                                       "This edition has been superseded by edition 5.",
                                       "Diese Anweisung ist nicht mehr gültig.",
                                       "Diese Satzung wurde durch die Satzung vom 3. März ersetzt.",
                                       "Ce règlement n'est plus en vigueur.",
                                       "Este documento ya no es válido.",
                                       "Deze regeling is vervallen."};
    static const char *const live[] = {
        "This edition replaces edition 4 of 2024.",           "This card is no longer valid.",
        "This document is no longer valid if it is printed.", "The old protocol is no longer valid.",
        "Passports that are no longer valid are kept.",       "This policy will be replaced by a new one."};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(gone); i++)
        if (!edition_is_revoked_by(slice_from(gone[i])))
            fail_msg("%s", gone[i]);
    for (size_t i = 0; i < ARRAY_COUNT(live); i++)
        if (edition_is_revoked_by(slice_from(live[i])))
            fail_msg("%s", live[i]);
    struct edition edition = read_one("a.md", "A");
    edition_read_opening(&edition, SLICE("SUPERSEDED – see version 3\nDose: 5,000 units."), &arena);
    assert_int_equal(edition.state, EDITION_SUPERSEDED);
    edition = read_one("a.md", "A");
    edition_read_opening(&edition, SLICE("Edition 5, valid from 1 January 2026. It replaces all before."), &arena);
    assert_int_equal(edition.state, EDITION_IN_FORCE);
    assert_int_equal(edition.marks.number[0], 5);
    edition = read_one("a.md", "A");
    edition_read_opening(&edition, SLICE("Obsolete machines are sold. Edition 5 replaces edition 4."), &arena);
    assert_int_equal(edition.state, EDITION_IN_FORCE);
    assert_int_equal(edition.marks.parts, 0);
}

static void questions_name_editions(void **state)
{
    struct edition handbook = read_one("Handbook_ed4_2024.docx", ""), protocol = read_one("p-v2.1.md", ""),
                   minutes = read_one("minutes-2026-01.odt", "");
    (void)state;
    assert_true(edition_is_named(&handbook, SLICE("what did edition 4 say of mileage?")));
    assert_true(edition_is_named(&handbook, SLICE("mileage rate in 2024")));
    assert_false(edition_is_named(&handbook, SLICE("mileage rate in 2026")));
    assert_false(edition_is_named(&handbook, SLICE("4 pallets to zone D")));
    assert_true(edition_is_named(&protocol, SLICE("loading dose by version 2.1")));
    assert_true(edition_is_named(&protocol, SLICE("loading dose by v2")));
    assert_false(edition_is_named(&protocol, SLICE("loading dose by v3")));
    assert_true(edition_is_named(&minutes, SLICE("what was decided in January 2026")));
    assert_false(edition_is_named(&minutes, SLICE("what was decided in April 2026")));
    assert_int_equal(edition_age_asked(SLICE("what was the old mileage rate")), EDITION_AGE_OLD);
    assert_int_equal(edition_age_asked(SLICE("Was galt nach der alten Satzung?")), EDITION_AGE_OLD);
    assert_int_equal(edition_age_asked(SLICE("who repairs the old boiler")), EDITION_AGE_UNSURE);
    assert_int_equal(edition_age_asked(SLICE("how old must a child be")), EDITION_AGE_ANY);
    assert_int_equal(edition_age_asked(SLICE("what is the mileage rate")), EDITION_AGE_ANY);
    assert_true(edition_is_dated(&minutes));
    assert_false(edition_is_dated(&handbook));
}

static void heads_name_documents(void **state)
{
    (void)state;
    assert_true(edition_is_called(SLICE("handbook-2024.md"), SLICE("docs/handbook-2024.md"), SLICE("Handbook")));
    assert_true(edition_is_called(SLICE("../old/handbook-2024"), SLICE("docs/handbook-2024.md"), SLICE("Handbook")));
    assert_true(edition_is_called(SLICE("Staff rules"), SLICE("docs/x.md"), SLICE("Staff rules")));
    assert_false(edition_is_called(SLICE("2.1"), SLICE("docs/x-2.1.md"), SLICE("X")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_the_newer),       cmocka_unit_test(other_names_are_other_documents),
        cmocka_unit_test(series_and_subjects),        cmocka_unit_test(titles_and_heads_tell_it_too),
        cmocka_unit_test(heads_say_what_is_in_force), cmocka_unit_test(sentences_revoke),
        cmocka_unit_test(questions_name_editions),    cmocka_unit_test(heads_name_documents),
    };
    return cmocka_run_group_tests(tests, start, end);
}
