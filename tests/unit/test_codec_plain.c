/* test_codec_plain.c - what plain text shows by how it is written alone: headings in capitals and with numbers, and tables below names; and what
 * looks like them and is text. What marks tell is in test_codec.c. */
#include "compare.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

static void show_block(const struct block *block, struct slice source, struct buffer *out)
{
    static const char *const names[] = {"H", "P", "I", "C", "TH", "TR"};
    size_t source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        assert_true(run->source_at >= source_at && run->size == run->source_size);
        assert_memory_equal(block->text.data + run->text_at, source.data + run->source_at, run->size);
        source_at = run->source_at + run->size;
    }
    assert_true(source_at <= block->end);
    buffer_append_text(out, names[block->kind]);
    if (block->level > 0)
        buffer_format(out, "%u", block->level);
    buffer_format(out, " " SLICE_FORMAT "\n", SLICE_ARGUMENT(block->text));
}

static void expect_blocks(const char *text, const char *wanted)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct buffer shown;
    struct slice source = slice_from(text);
    char *exact = memory_alloc(source.size + 1, 1); /* so that a read past the end is seen */
    memcpy(exact, source.data, source.size);
    source.data = exact;
    arena_init(&arena);
    buffer_init(&shown, MIB);
    expect_ok(plain_read(source, &arena, &blocks, &error), &error);
    for (size_t i = 0; i < blocks.count; i++)
        show_block(&blocks.items[i], source, &shown);
    compare_text(text, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    arena_release(&arena);
    free(exact);
}

static void unmarked(void **state)
{
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        {"Dear  all\n=========\nwe meet  at nine\n", "H1 Dear  all\nP we meet  at nine\n"},
        {"Team  Points\n============\nReds  vs  Blues\n", "H1 Team  Points\nP Reds  vs  Blues\n"},
        {"Name  Task          Day\n----  ------------  ---\nAnna  Opens the     Mon\n      house and\n      shuts it\nBen   "
         "Cleans        Tue\n              \n",
         "TH Name | Task | Day\nTR Anna | Opens the house and shuts it | Mon\nTR Ben | Cleans | Tue\n"},
        /* numbers that do not count on, and have no mark */
        {"Cake\n\n3 eggs\n\n200 g flour\n\n09.30 Doors open\n\nBring a cup.\n\n12.50 EUR for adults\n\nOthers are free.\n\n"
         "24.12. and 31.12. closed\n\nWe are back in May.\n",
         "P Cake\nP 3 eggs\nP 200 g flour\nP 09.30 Doors open\nP Bring a cup.\nP 12.50 EUR for adults\nP Others are free.\n"
         "P 24.12. and 31.12. closed\nP We are back in May.\n"},
        {"1. Minutes\n\nRead.\n\n2 votes against\n\nSo it is.\n", "I1 1. Minutes\nP Read.\nP 2 votes against\nP So it is.\n"},
        {"1.1 The rent\n\n1.2 The flat\n\nSome text.\n\n1.3 Costs\n\n1.3.1 Heat\n\n(a) oil\n",
         "P 1.1 The rent\nP 1.2 The flat\nP Some text.\nP 1.3 Costs\nP 1.3.1 Heat\nP (a) oil\n"},
        {"1) What is it?\n\nA club.\n\n2) Where is it?\n\nHere.\n",
         "H2 1) What is it?\nP A club.\nH2 2) Where is it?\nP Here.\n"},
        /* capitals right above text: a sentence, a key, who speaks, code; headings only where there are several */
        {"NASA AND ESA HAVE AGREED\nto build it.\n\nDATE: THE FIRST\n\nof May\n\nNOTE\n\nIt is hot.\n",
         "P NASA AND ESA HAVE AGREED\nto build it.\nP DATE: THE FIRST\nP of May\nP NOTE\nP It is hot.\n"},
        {"ANNA\nYes?\n\nBERT\nNo.\n\nANNA\nWell.\n", "P ANNA\nYes?\nP BERT\nNo.\nP ANNA\nWell.\n"},
        {"main() {\n  x();\n\nBEGIN WORK\n\nThen end\n", "P main() {\nx();\nP BEGIN WORK\nP Then end\n"},
        {"FOOD\nIn the hall.\n\nROOMS\nUpstairs.\n\nLOST THINGS\nAt the desk.\n",
         "H2 FOOD\nP In the hall.\nH2 ROOMS\nP Upstairs.\nH2 LOST THINGS\nP At the desk.\n"},
        {"FOOD\nIn the hall.\n\nROOMS\nUpstairs.\n", "P FOOD\nIn the hall.\nP ROOMS\nUpstairs.\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        expect_blocks(cases[i].source, cases[i].wanted);
}

/* Numbers count on over parts, begin again, and are headings of clauses; one that does not follow is none. */
static void numbered(void **state)
{
    (void)state;
    expect_blocks(
        "1. Staff\n\n1.1 Hours\n\nTen to six.\n\n1.2 Leave\n\nThirty days.\n\n7. Odd\n\nNo.\n\n2. Guests\n\nSign in.\n",
        "H2 1. Staff\nH3 1.1 Hours\nP Ten to six.\nH3 1.2 Leave\nP Thirty days.\nI1 7. Odd\nP No.\nH2 2. Guests\n"
        "P Sign in.\n");
    expect_blocks(
        "HIRE OF A CRANE\n\nbetween A and B\n\n1. CRANE\n1.1 It is let.\n1.2 It stands.\n\n2. PERIOD\n2.1 It begins.\n",
        "H1 HIRE OF A CRANE\nP between A and B\nH2 1. CRANE\nP 1.1 It is let.\n1.2 It stands.\nH2 2. PERIOD\n"
        "P 2.1 It begins.\n");
    expect_blocks("1. NEWS\n\nNone.\n\n2. LATE THINGS (Ms Ann)\nTwo.\n\n3. METHOD\na) Wipe it.\n\n4. AOB\nNone.\n\n"
                  "5. LOW STREET, a house in the town of Lund, unit 7\n\nIt is old.\n",
                  "H2 1. NEWS\nP None.\nH2 2. LATE THINGS (Ms Ann)\nP Two.\nH2 3. METHOD\nP a) Wipe it.\nH2 4. AOB\nP None.\n"
                  "H2 5. LOW STREET, a house in the town of Lund, unit 7\nP It is old.\n");
    expect_blocks("1. NEVER run in a place in which others\nwalk.\n\n2. NEVER shout.\n\nBe kind.\n",
                  "I1 1. NEVER run in a place in which others\nwalk.\nI1 2. NEVER shout.\nP Be kind.\n");
    expect_blocks("1. Hours\n\n- Monday\n- Tuesday\n\n2. Leave\n\nThirty days:\n\n1. Ask\n\n2. Sign\n\nand wait.\n\n3. "
                  "Guests\n\nSign in.\n",
                  "H2 1. Hours\nI1 - Monday\nI1 - Tuesday\nH2 2. Leave\nP Thirty days:\nI1 1. Ask\nI1 2. Sign\nP and wait.\n"
                  "H2 3. Guests\nP Sign in.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unmarked), cmocka_unit_test(numbered)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
