/* test_codec_csv.c - tables into records, against what is written here by hand, csv-spectrum's files where they are at hand, and rules that
 * hold for any bytes. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_block(struct slice source, const struct block *block)
{
    bool is_above = block->kind == BLOCK_HEADING || block->kind == BLOCK_PARAGRAPH;
    assert_true(is_above || block->kind == BLOCK_TABLE_ROW);
    assert_true(block->start < block->end && block->end <= source.size && block->run_count > 0);
    size_t source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        assert_true(run->source_at >= source_at && run->size == run->source_size);
        assert_true(run->source_at + run->size <= block->end && run->text_at + run->size <= block->text.size);
        assert_memory_equal(block->text.data + run->text_at, source.data + run->source_at, run->size);
        source_at = run->source_at + run->size;
    }
}

/* Reads an exact copy, so that a read past the end is seen. */
static void read_table(struct slice source, struct buffer *shown)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    char *exact = memory_alloc(source.size + 1, 1);
    memcpy(exact, source.data, source.size);
    source.data = exact;
    arena_init(&arena);
    buffer_clear(shown);
    expect_ok(csv_read(source, &arena, &blocks, &error), &error);
    for (size_t i = 0; i < blocks.count; i++) {
        check_block(source, &blocks.items[i]);
        buffer_append_text(shown, blocks.items[i].kind == BLOCK_HEADING ? "# " : "");
        buffer_append_text(shown, blocks.items[i].kind == BLOCK_PARAGRAPH ? "> " : "");
        buffer_append_slice(shown, blocks.items[i].text);
        buffer_append_byte(shown, '\n');
    }
    arena_release(&arena);
    free(exact);
}

static void tables(void **state)
{
    (void)state;
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        {"", ""},
        {"\n\r\n\n", ""},
        {"a,b\n1,2\n3,4", "a: 1 | b: 2\na: 3 | b: 4\n"},
        {"a,b\r\n1,2\r\n", "a: 1 | b: 2\n"},
        {"a,b\r1,2\r", "a: 1 | b: 2\n"},
        {"1,2\n3,4\n", "1 | 2\n3 | 4\n"},
        {"a,b\n", "a | b\n"}, /* one record names nothing */
        {"Price,20 EUR\nWeight,3 kg\n", "Price | 20 EUR\nWeight | 3 kg\n"}, /* keys and values */
        {"Name:,Ann\nCity:,Oslo\n", "Name: | Ann\nCity: | Oslo\n"},
        {"Region,2023\nNorth,5\n", "Region | 2023\nNorth | 5\n"},
        /* lines above a table, and below it */
        {"Visitors\nMade: 3 May\n\nMonth,Old,Young\nMay,1,2\nJune,3,4\nSource: desk\n",
         "# Visitors\n> Made: 3 May\nMonth: May | Old: 1 | Young: 2\nMonth: June | Old: 3 | Young: 4\nSource: desk\n"},
        {"Sales;;;\nAs of:;3 May;;\n;;;\nShop;Jan;Feb;Mar\nLund;1,5;2;3\n",
         "# Sales\nAs of: | 3 May\nShop: Lund | Jan: 1,5 | Feb: 2 | Mar: 3\n"},
        {"Stops as of May 3, 2026\nStop;Trains\nA;4\nB;7\n",
         "# Stops as of May 3, 2026\nStop: A | Trains: 4\nStop: B | Trains: 7\n"},
        /* texts with commas, and rows below names of one column, have nothing above them */
        {"comment\nI like it\nThe door is broken, please mend it\nGood\nThank you, all\nToo cold, in May\n",
         "comment: I like it\ncomment: The door is broken | please mend it\ncomment: Good\ncomment: Thank you | all\n"
         "comment: Too cold | in May\n"},
        {"Ann\nBen\nCarla,Kiel,Chair\nDora,Bonn,Member\n", "Ann: Ben\nAnn: Carla | Kiel | Chair\nAnn: Dora | Bonn | Member\n"},
        {"Report\nfor,May\nItem,Price\nPen,2\n", "Report: for | May\nReport: Item | Price\nReport: Pen | 2\n"},
        {"Members\n\nName,Town,Role\nDora,Bonn,Member\nEmil,Jena,Trainer\n",
         "# Members\nName: Dora | Town: Bonn | Role: Member\nName: Emil | Town: Jena | Role: Trainer\n"},
        {"sep=;\r\nPart;Price\r\nNut;0,12\r\n", "Part: Nut | Price: 0,12\n"},
        {"Region,2023,,\n,Q1,Q2,Q3\nNorth,1,2,3\n", "Region: North | 2023 Q1: 1 | 2023 Q2: 2 | 2023 Q3: 3\n"},
        {",2023,,2024,\nRegion,Q1,Q2,Q1,Q2\nNorth,1,2,3,4\n",
         "Region: North | 2023 Q1: 1 | 2023 Q2: 2 | 2024 Q1: 3 | 2024 Q2: 4\n"},
        {"Zone,Towns,Price,,Time\n,,1-2 pallets,3+ pallets,\nF,Wick,16,14,3 d\n",
         "Zone: F | Towns: Wick | Price 1-2 pallets: 16 | Price 3+ pallets: 14 | Time: 3 d\n"},
        {"Name,,Stock,Stock\nPump,x,5,6\n", "Name: Pump | x | Stock: 5 | Stock: 6\n"},
        {"Ann,,Oslo\nBob,x,Rome\n", "Ann | Oslo\nBob | x | Rome\n"},
        {"2024-05-01,login,Ann\n2024-05-02,logout,Bob\n", "2024-05-01 | login | Ann\n2024-05-02 | logout | Bob\n"},
        {"Ann,555-1040,Berlin\nBob,555-1041,Rome\n", "Ann | 555-1040 | Berlin\nBob | 555-1041 | Rome\n"},
        {"a;b;c\n1,5;2;3\n", "a: 1,5 | b: 2 | c: 3\n"},
        {"a\tb\nx, y\tz\n", "a: x, y | b: z\n"},
        {"a|b\nx|y\n", "a: x | b: y\n"},
        {"a,b\n\"x \"\"y\"\" z\",\"1,2\"\n", "a: x \"y\" z | b: 1,2\n"},
        {"a,b\n\"x\ny\r\nz\",w\n", "a: x y z | b: w\n"},
        {"a,b\n\"open,1\n2", "a: open,1 2\n"},
        {"a,b\n\"x\"junk,y\n", "a: x | b: y\n"},
        {"a,b\nx\"y,z\n", "a: x\"y | b: z\n"},
        {"a,b\n1\n1,2,3\n", "a: 1\na: 1 | b: 2 | 3\n"},
        {"a,b,c\n1,,3\n,,\n", "a: 1 | c: 3\n"},
        {",name\n1,Ann\n", "1 | name: Ann\n"},
        {"a,a\n1,2\n", "a | a\n1 | 2\n"}, /* names are different */
        {"\"\"\"\",b\nx,y\n", "\" | b\nx | y\n"},
    };
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        read_table(slice_from(cases[i].source), &shown);
        compare_text(cases[i].source, buffer_slice(&shown), cases[i].wanted);
    }
    buffer_release(&shown);
}

/* What the records of csv-spectrum's JSON file are as text. */
static void show_json(const struct json_value *records, struct buffer *out)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct json_value *record = &records->items[i];
        bool has_any = false;
        for (size_t j = 0; j < record->count; j++) {
            struct slice value = slice_trim(record->items[j].text);
            if (value.size == 0)
                continue;
            buffer_format(out, "%s" SLICE_FORMAT ": ", has_any ? " | " : "", SLICE_ARGUMENT(record->keys[j]));
            for (size_t k = 0; k < value.size; k++)
                if (value.data[k] != '\r') /* "\r\n" is one line end */
                    buffer_append_byte(out, value.data[k] == '\n' ? ' ' : value.data[k]);
            has_any = true;
        }
        buffer_append_byte(out, '\n');
    }
}

static void spectrum(void **state)
{
    (void)state;
    static const char folder[] = SOURCE_ROOT "/../shared/data/csv-spectrum";
    /* without location_coordinates, whose two files say different things */
    static const char *const names[] = {"comma_in_quotes",
                                        "empty",
                                        "empty_crlf",
                                        "escaped_quotes",
                                        "json",
                                        "newlines",
                                        "newlines_crlf",
                                        "quotes_and_newlines",
                                        "simple",
                                        "simple_crlf",
                                        "utf8"};
    struct buffer table, expected, shown, wanted;
    struct error error = {0};
    struct arena arena;
    if (!file_exists(SOURCE_ROOT "/../shared/data/csv-spectrum/SOURCE.md")) {
        print_message("csv-spectrum is not beside the project\n");
        skip();
    }
    arena_init(&arena);
    buffer_init(&table, MIB);
    buffer_init(&expected, MIB);
    buffer_init(&shown, MIB);
    buffer_init(&wanted, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        struct json_value root;
        buffer_clear(&table);
        buffer_clear(&expected);
        buffer_clear(&wanted);
        expect_ok(file_read(arena_format(&arena, "%s/csvs/%s.csv", folder, names[i]), MIB, &table, &error), &error);
        expect_ok(file_read(arena_format(&arena, "%s/json/%s.json", folder, names[i]), MIB, &expected, &error), &error);
        expect_ok(json_read(buffer_slice(&expected), names[i], &arena, &root, &error), &error);
        show_json(&root, &wanted);
        read_table(buffer_slice(&table), &shown);
        compare_text(names[i], buffer_slice(&shown), buffer_text(&wanted));
    }
    buffer_release(&table);
    buffer_release(&expected);
    buffer_release(&shown);
    buffer_release(&wanted);
    arena_release(&arena);
}

static void random_tables(void **state)
{
    (void)state;
    static const char bytes[] = "ab,,;\t|\"\"\n\r 1";
    struct random random;
    uint64_t seed = test_seed();
    struct buffer table, shown;
    random_init(&random, seed);
    buffer_init(&table, MIB);
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < 20000; i++) {
        buffer_clear(&table);
        for (size_t j = random_below(&random, 60); j > 0; j--)
            buffer_append_byte(&table, bytes[random_below(&random, sizeof(bytes) - 1)]);
        read_table(buffer_slice(&table), &shown);
    }
    buffer_release(&table);
    buffer_release(&shown);
}

/* "sep=|" says what parts the values of rows, too, and is none. */
static void rows_with_stated_separator(void **state)
{
    (void)state;
    static const char *const sources[] = {"sep=|\r\na,b|c\r\nd,e|f\r\n", "\xEF\xBB\xBFsep=|\na,b|c\nd,e|f"};
    for (size_t i = 0; i < ARRAY_COUNT(sources); i++) {
        struct arena arena;
        struct csv_rows rows;
        arena_init(&arena);
        csv_rows_open(&rows, slice_from(sources[i]), &arena);
        assert_true(csv_rows_next(&rows, &arena) && rows.count == 2 && rows.line == 2);
        assert_true(slice_equal_text(rows.values[0], "a,b") && slice_equal_text(rows.values[1], "c"));
        assert_true(csv_rows_next(&rows, &arena) && rows.count == 2 && rows.line == 3);
        assert_true(slice_equal_text(rows.values[0], "d,e") && slice_equal_text(rows.values[1], "f"));
        assert_false(csv_rows_next(&rows, &arena));
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables), cmocka_unit_test(rows_with_stated_separator),
                                       cmocka_unit_test(spectrum), cmocka_unit_test(random_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
