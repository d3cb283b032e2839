/* test_text_clean.c - texts put right, right ones left alone, and each byte still at its place in the source. */
#include "compare.h"
#include "codec/codec.h"
#include "text/text.h"
#include <string.h>

static void expect_clean(const char *text, unsigned steps, const char *wanted)
{
    struct arena arena;
    struct clean_counts counts = {0};
    arena_init(&arena);
    compare_text(text, clean_text(slice_from(text), steps, &arena, &counts), wanted);
    size_t changes = counts.mojibake + counts.marks + counts.forms + counts.hyphens + counts.spaces;
    assert_int_equal(changes > 0, strcmp(text, wanted) != 0);
    arena_release(&arena);
}

/* What is wrong is found wherever it stands: at the end of what is looked at together, and at the text's own. */
static void found_at_any_place(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"a  b", "a b"},
                                           {"a\tb", "a b"},
                                           {"a \nb", "a\nb"},
                                           {"a ", "a"},
                                           {"caf\x65\xCC\x81", "caf\xC3\xA9"},
                                           {"a\xE2\x80\x8B"
                                            "b",
                                            "ab"},
                                           {"ab-\ncd", "abcd"},
                                           {"a\nb", "a\nb"},
                                           {"a b", "a b"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        for (size_t before = 0; before < 1100; before += before < 40 || (before > 480 && before < 530) ? 1 : 37) {
            char text[1200], wanted[1200];
            memset(text, 'x', before);
            memset(wanted, 'x', before);
            memcpy(text + before, cases[i][0], strlen(cases[i][0]) + 1);
            memcpy(wanted + before, cases[i][1], strlen(cases[i][1]) + 1);
            expect_clean(text, CLEAN_MARKS | CLEAN_FORM | CLEAN_HYPHENS | CLEAN_SPACES, wanted);
        }
}

/* The bytes of UTF-8 as windows-1252 would show them, in UTF-8. */
static void misread(struct slice text, struct buffer *out)
{
    struct error error = {0};
    buffer_clear(out);
    for (size_t i = 0; i < text.size; i++) { /* what windows-1252 lacks stays a control character */
        unsigned char c = (unsigned char)text.data[i];
        bool is_lacking = c == 0x81 || c == 0x8D || c == 0x8F || c == 0x90 || c == 0x9D;
        char control[2] = {(char)0xC2, (char)c};
        if (is_lacking)
            buffer_append(out, control, 2);
        else
            expect_ok(encoding_to_utf8(slice_range(text, i, i + 1), "windows-1252", out, &error), &error);
    }
}

static void mojibake_comes_back(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Die Rückgabe ist möglich; größere Geräte – auch „Öfen“ – holen wir ab.",
        "L’article défectueux est remboursé dès réception, à l’entrepôt : 30 €.",
        "El año pasado cambió la dirección del almacén.",
        "Zwrot pieniędzy następuje po sprawdzeniu przesyłki w magazynie; koszt wysyłki też.",
        "Peníze vám vrátíme, jakmile bude zboží zkontrolováno ve skladu.",
        "Para iadesi, ürün depoda kontrol edildikten sonra yapılır; arızalıysa kargo ücretini öderiz.",
        "Деньги возвращаются после проверки товара на складе, и это быстро.",
        "Τα χρήματα επιστρέφονται μετά τον έλεγχο του προϊόντος.",
        "退款将在仓库检查商品之后进行。",
        "It’s 20 °C — “fine”, £5 😀",
    };
    struct buffer once, twice;
    buffer_init(&once, MIB);
    buffer_init(&twice, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        misread(slice_from(texts[i]), &once);
        expect_clean(buffer_text(&once), CLEAN_MOJIBAKE, texts[i]);
        misread(buffer_slice(&once), &twice);
        expect_clean(buffer_text(&twice), CLEAN_MOJIBAKE, texts[i]);
        expect_clean(texts[i], CLEAN_MOJIBAKE, texts[i]);
    }
    buffer_release(&once);
    buffer_release(&twice);
}

static void right_text_stays(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "«SÍ» dijo", "„IBM-Ä“ und „Ä…“", "À “la carte”, Ô, Â, Ã, ÅÄÖ", "naïve café Ångström", "× ÷ ± ² ³", "Ð Ñ Ø", "",
        "\xC3",      "\xFF\xFE"};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        expect_clean(texts[i], CLEAN_MOJIBAKE, texts[i]);
}

static void steps(void **state)
{
    (void)state;
    expect_clean("a\u200Bb\uFEFFc\u00ADd\u202Ee\u2066f", CLEAN_MARKS, "abcdef");
    expect_clean(
        "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 \U0001F468\u200D\U0001F469", CLEAN_MARKS,
        "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 \U0001F468\u200D\U0001F469"); /* joiners that mean something */
    expect_clean("cafe\u0301 A\u030A \u212B \u1112\u1161\u11AB x\u0323\u0307", CLEAN_FORM, "café Å Å 한 \u1E8B\u0323");
    expect_clean("a \u00A0 b\u2003c\td  \n  e\u2028f\v", CLEAN_SPACES, "a b c d\n e\nf\n");
    expect_clean("an exam-\nple of self-  \n aware, x-\ny, 3-\nfold, Jean-\nPaul, a-b-\ncd", CLEAN_HYPHENS,
                 "an example of selfaware, x-\ny, 3-\nfold, Jean-\nPaul, a-b-\ncd");
    expect_clean("self-aware and self-\naware", CLEAN_HYPHENS, "self-aware and self-aware"); /* as it is written elsewhere */
    expect_clean("cafÃ©\u200B  re-\nturns e\u0301", CLEAN_MOJIBAKE | CLEAN_MARKS | CLEAN_FORM | CLEAN_HYPHENS | CLEAN_SPACES,
                 "café returns é");
}

static void places_are_kept(void **state)
{
    (void)state;
    struct slice source = SLICE("x\n\ncafÃ© re-\nturns e\u0301nd\n");
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    struct clean_counts counts = {0};
    arena_init(&arena);
    expect_ok(plain_read(source, &arena, &blocks, &error), &error);
    struct block *block = &blocks.items[1];
    clean_block(block, CLEAN_MOJIBAKE | CLEAN_FORM | CLEAN_HYPHENS, source, &arena, &counts);
    compare_text("text", block->text, "café returns énd");
    assert_int_equal(counts.mojibake + counts.forms + counts.hyphens, 3);
    static const struct {
        size_t start, end;
        const char *wanted;
    } places[] = {{0, 3, "caf"}, {3, 5, "Ã©"}, {6, 8, "re"}, {8, 13, "turns"}, {14, 16, "e\u0301"}, {16, 18, "nd"}};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        size_t start = block_source(block, places[i].start, false), end = block_source(block, places[i].end, true);
        compare_text(places[i].wanted, slice_range(source, start, end), places[i].wanted);
    }
    struct block code = *block;
    code.kind = BLOCK_CODE;
    code.text = SLICE("a  b-\nc");
    clean_block(&code, CLEAN_SPACES | CLEAN_HYPHENS, source, &arena, &counts);
    compare_text("code", code.text, "a  b-\nc");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(found_at_any_place), cmocka_unit_test(mojibake_comes_back),
                                       cmocka_unit_test(right_text_stays), cmocka_unit_test(steps),
                                       cmocka_unit_test(places_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
