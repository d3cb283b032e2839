/* test_ingest.c - cutting documents into passages against the rules that its callers rely on, on made and on real documents;
 * hostile documents; adding to a project. */
#include "answer/answer.h"
#include "compare.h"
#include "ingest/ingest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utime.h>

/* ---- the rules ----
 *
 * A section's text without white space is one long run of bytes. Its passages, without white space, are pieces of that run: in
 * order, without a gap, overlapping a little. A row's passage begins with its table's head and the title above the row. Where white space stood between two
 * bytes of the run, it stands in the passage, and nowhere else. */

enum { HEADINGS_MAX = 6, RUN_MAX = 4 * 1024 * 1024 };

struct run {
    struct buffer bytes;
    struct buffer is_start;          /* 1 where white space stands before the byte */
    const struct block *blocks[20000];
    size_t ends[20000];              /* of each block's bytes */
    size_t block_count;
    struct slice headings;           /* of the section */
};

static size_t places[RUN_MAX]; /* of each byte of the run in the source */

struct check {
    struct slice source;
    const struct settings *settings;
    const struct passage_list *list;
    size_t next; /* passage */
    bool is_verbatim; /* the source has no references: its bytes are the text's */
    uint64_t seed;
    struct run run;
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void add_run(struct buffer *bytes, struct buffer *is_start, struct slice text)
{
    bool after_space = true;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_space(text.data[i])) {
            buffer_append_byte(bytes, text.data[i]);
            buffer_append_byte(is_start, after_space ? 1 : 0);
        }
        after_space = is_space(text.data[i]);
    }
}

static void add_to_run(struct run *run, const struct block *block)
{
    size_t before = run->bytes.size;
    add_run(&run->bytes, &run->is_start, block->text);
    assert_true(run->bytes.size <= RUN_MAX);
    for (size_t i = 0; i < block->text.size; i++)
        if (!is_space(block->text.data[i]))
            places[before++] = block_source(block, i, false);
    assert_true(run->block_count < ARRAY_COUNT(run->blocks));
    run->blocks[run->block_count] = block;
    run->ends[run->block_count++] = run->bytes.size;
}

static bool is_of_table(const struct block *block)
{
    return block->kind == BLOCK_TABLE_HEAD || block->kind == BLOCK_TABLE_ROW;
}

static bool has_bar(const struct block *block)
{
    return memchr(block->text.data, '|', block->text.size) != NULL;
}

static size_t count_heads(const struct run *run, size_t first)
{
    struct slice rows[12];
    size_t count = 0;
    for (; count < ARRAY_COUNT(rows) && first + count < run->block_count && is_of_table(run->blocks[first + count]); count++)
        rows[count] = run->blocks[first + count]->text;
    return text_table_heads(rows, count, run->blocks[first]->kind == BLOCK_TABLE_HEAD);
}

/* Rows that each passage of a table begins with; too long ones, or too many, are left out. */
static void put_lead(const struct check *check, struct buffer *lead, const struct buffer *head, struct slice title)
{
    size_t most = check->settings->passage_tokens / 2;
    buffer_clear(lead);
    buffer_format(lead, SLICE_FORMAT "%s" SLICE_FORMAT, SLICE_ARGUMENT(buffer_slice(head)), title.size > 0 ? "\n" : "",
                  SLICE_ARGUMENT(title));
    if (text_token_estimate(buffer_slice(lead)) > most) {
        buffer_clear(lead);
        if (text_token_estimate(buffer_slice(head)) <= most)
            buffer_append_slice(lead, buffer_slice(head));
    }
}

/* What stands above the row that byte `at` of the run belongs to, as its passage repeats it: the table's head and the last row of one cell. */
static void lead_at(const struct check *check, size_t at, struct buffer *lead)
{
    const struct run *run = &check->run;
    struct buffer head;
    struct slice title = SLICE("");
    size_t body = 0;
    buffer_init(&head, RUN_MAX);
    buffer_clear(lead);
    for (size_t i = 0; i < run->block_count; i++) {
        const struct block *block = run->blocks[i], *next = i + 1 < run->block_count ? run->blocks[i + 1] : NULL;
        bool begins = block->kind == BLOCK_TABLE_HEAD ||
                      (block->kind == BLOCK_TABLE_ROW && (i == 0 || !is_of_table(run->blocks[i - 1])));
        if (begins) {
            body = i + count_heads(run, i);
            buffer_clear(&head);
            title = SLICE("");
        }
        bool is_row = block->kind == BLOCK_TABLE_ROW, is_title = is_row && i >= body && head.size > 0 &&
                                                                 text_table_title(block->text) && next != NULL &&
                                                                 next->kind == BLOCK_TABLE_ROW && has_bar(next);
        if (at < run->ends[i]) {
            if (is_row)
                put_lead(check, lead, &head, i < body || is_title ? SLICE("") : title);
            break;
        }
        if (is_of_table(block) && i < body)
            buffer_format(&head, "%s" SLICE_FORMAT, head.size > 0 ? "\n" : "", SLICE_ARGUMENT(block->text));
        title = is_title ? block->text : title;
    }
    buffer_release(&head);
}

/* True when the passage (its bytes and its word starts) stands at byte `at` of the run. */
static bool stands_at(const struct run *run, const struct buffer *bytes, const struct buffer *is_start, size_t at)
{
    if (bytes->size == 0 || at + bytes->size > run->bytes.size || memcmp(run->bytes.data + at, bytes->data, bytes->size) != 0)
        return false;
    return memcmp(run->is_start.data + at + 1, is_start->data + 1, bytes->size - 1) == 0;
}

/* The passage's range begins with byte `at` of the run, or with white space before it. */
static bool begins_with(const struct check *check, const struct store_passage *passage, size_t at)
{
    size_t place = places[at];
    if (place < (size_t)passage->start)
        return false;
    for (size_t i = (size_t)passage->start; i < place; i++)
        if (!is_space(check->source.data[i]))
            return false;
    return true;
}

/* The text's bytes stand in the source's range in this order. */
static void check_range(const struct check *check, const struct store_passage *passage, struct slice text)
{
    struct slice source = check->source;
    assert_true(passage->start >= 0 && passage->start < passage->end && (size_t)passage->end <= source.size);
    int64_t line = 1, line_end = 1;
    for (int64_t i = 0; i < passage->end; i++)
        if (source.data[i] == '\n') {
            line += i < passage->start;
            line_end++;
        }
    if (passage->line != line || passage->line_end != line_end)
        fail_msg("lines %lld to %lld, expected %lld to %lld", (long long)passage->line, (long long)passage->line_end,
                 (long long)line, (long long)line_end);
    if (!check->is_verbatim)
        return;
    size_t at = (size_t)passage->start;
    for (size_t i = 0; i < text.size; i++) {
        if (is_space(text.data[i]) || text.data[i] == '|')
            continue;
        while (at < (size_t)passage->end && source.data[at] != text.data[i])
            at++;
        if (at == (size_t)passage->end)
            fail_msg("passage \"%.*s\" does not stand in its range \"%.*s\" (seed %llu)", (int)text.size, text.data,
                     (int)(passage->end - passage->start), source.data + passage->start, (unsigned long long)check->seed);
        at++;
    }
}

/* How many tokens of the passage's text its first `bytes` bytes without white space are. */
static size_t tokens_of_start(struct slice text, size_t bytes)
{
    size_t at = 0;
    for (; bytes > 0; at++)
        bytes -= !is_space(text.data[at]);
    return text_token_estimate(slice_range(text, 0, at));
}

/* Where the next passage stands in the run: it begins at or before `covered`, and behind `begun`. */
static size_t place_passage(const struct check *check, const struct store_passage *passage, size_t begun, size_t covered,
                            struct slice *text)
{
    const struct run *run = &check->run;
    struct buffer bytes, is_start, lead;
    buffer_init(&bytes, RUN_MAX);
    buffer_init(&is_start, RUN_MAX);
    buffer_init(&lead, RUN_MAX);
    size_t found = SIZE_MAX;
    for (size_t at = covered + 1; found == SIZE_MAX && at > begun; at--) {
        if (at > run->bytes.size || !begins_with(check, passage, at - 1))
            continue;
        *text = passage->text;
        lead_at(check, at - 1, &lead);
        if (lead.size > 0) {
            struct slice head = slice_trim(buffer_slice(&lead));
            if (!slice_starts_with(*text, head) || text->size <= head.size || text->data[head.size] != '\n')
                continue; /* a row's passage begins with the head */
            *text = slice_range(*text, head.size + 1, text->size);
        }
        buffer_clear(&bytes);
        buffer_clear(&is_start);
        add_run(&bytes, &is_start, *text);
        if (stands_at(run, &bytes, &is_start, at - 1))
            found = at - 1;
    }
    if (found == SIZE_MAX)
        fail_msg("passage %zu \"%.*s\" does not continue its section at \"%.*s\" (seed %llu)", check->next,
                 (int)passage->text.size, passage->text.data,
                 (int)(run->bytes.size - covered > 80 ? 80 : run->bytes.size - covered), run->bytes.data + covered,
                 (unsigned long long)check->seed);
    if (covered > found && tokens_of_start(*text, covered - found) > check->settings->passage_overlap + 1)
        fail_msg("passage %zu repeats %zu tokens, at most %zu are wanted (seed %llu): %.*s", check->next,
                 tokens_of_start(*text, covered - found), check->settings->passage_overlap, (unsigned long long)check->seed,
                 (int)text->size, text->data);
    size_t size = bytes.size;
    buffer_release(&lead);
    buffer_release(&bytes);
    buffer_release(&is_start);
    assert_true(found + size > covered);
    return found;
}

/* A word near the limit, or a part of a longer one: put together again, parts count for more than each by itself. */
static bool has_cut_word(const struct check *check, struct slice text)
{
    size_t longest = 0, size = 0;
    for (size_t i = 0; i < text.size; i++) {
        size = is_space(text.data[i]) ? 0 : size + 1;
        longest = size > longest ? size : longest;
    }
    return longest >= check->settings->passage_tokens && text_token_estimate(text) <= 2 * check->settings->passage_tokens;
}

static size_t count_bytes(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += !is_space(text.data[i]);
    return count;
}

/* Takes the passages of the section that the run holds. */
static void check_section(struct check *check)
{
    struct run *run = &check->run;
    size_t begun = 0, covered = 0;
    while (covered < run->bytes.size) {
        assert_true(check->next < check->list->count);
        const struct store_passage *passage = &check->list->items[check->next], *before = passage - 1;
        struct slice text;
        size_t at = place_passage(check, passage, begun, covered, &text);
        check_range(check, passage, text);
        if (check->next > 0)
            assert_true(passage->start >= before->start && passage->end > before->end);
        size_t tokens = text_token_estimate(passage->text);
        if (tokens > check->settings->passage_tokens && !has_cut_word(check, text))
            fail_msg("passage %zu has %zu tokens, the limit is %zu (unit %d, seed %llu): %.*s", check->next, tokens,
                     check->settings->passage_tokens, (int)check->settings->unit, (unsigned long long)check->seed,
                     (int)passage->text.size, passage->text.data);
        if (check->settings->unit != UNIT_FIXED && !slice_equal(passage->headings, run->headings))
            fail_msg("passage %zu stands below \"%.*s\", expected \"%.*s\"", check->next, (int)passage->headings.size,
                     passage->headings.data, (int)run->headings.size, run->headings.data);
        begun = at + 1;
        covered = at + count_bytes(text);
        check->next++;
    }
    buffer_clear(&run->bytes);
    buffer_clear(&run->is_start);
    run->block_count = 0;
}

static struct slice join_headings(struct arena *arena, const struct slice *headings)
{
    struct buffer joined;
    buffer_init(&joined, MIB);
    for (size_t i = 0; i < HEADINGS_MAX; i++)
        if (headings[i].size > 0)
            buffer_format(&joined, "%s" SLICE_FORMAT, joined.size ? "\x1f" : "", SLICE_ARGUMENT(headings[i]));
    struct slice copy = arena_slice(arena, buffer_slice(&joined));
    buffer_release(&joined);
    return copy;
}

static void check_passages(struct slice source, const struct blocks *blocks, const struct settings *settings,
                           const struct passage_list *list, bool is_verbatim, uint64_t seed)
{
    static struct check check;
    struct arena arena;
    struct slice headings[HEADINGS_MAX] = {{"", 0}};
    arena_init(&arena);
    check = (struct check){.source = source, .settings = settings, .list = list, .is_verbatim = is_verbatim, .seed = seed};
    buffer_init(&check.run.bytes, RUN_MAX);
    buffer_init(&check.run.is_start, RUN_MAX);
    check.run.headings = SLICE("");
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i], *next = i + 1 < blocks->count ? block + 1 : NULL;
        if (block->kind == BLOCK_HEADING && settings->unit != UNIT_FIXED) {
            check_section(&check);
            headings[block->level - 1] = slice_trim(block->text);
            if (headings[block->level - 1].size > LIMIT_HEADING_BYTES) /* made ones are ASCII */
                headings[block->level - 1].size = LIMIT_HEADING_BYTES;
            for (size_t j = block->level; j < HEADINGS_MAX; j++)
                headings[j] = SLICE("");
            check.run.headings = join_headings(&arena, headings);
            if (next != NULL && (next->kind != BLOCK_HEADING || next->level > block->level))
                continue; /* it is the heading of something */
        }
        add_to_run(&check.run, block);
    }
    check_section(&check);
    assert_int_equal(check.next, list->count);
    buffer_release(&check.run.bytes);
    buffer_release(&check.run.is_start);
    arena_release(&arena);
}

static void cut_and_check(struct slice source, bool is_markdown, const struct settings *settings, bool is_verbatim,
                          uint64_t seed)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct passage_list list;
    arena_init(&arena);
    expect_ok((is_markdown ? markdown_read : plain_read)(source, &arena, &blocks, &error), &error);
    cut_passages(source, &blocks, settings, &arena, &list);
    check_passages(source, &blocks, settings, &list, is_verbatim, seed);
    arena_release(&arena);
}

/* ---- made documents ---- */

static void add_word(struct buffer *out, struct random *random)
{
    static const char *const ends[] = {"", "", "", "", ",", ".", ".", "?", ";", ")"};
    size_t size = random_below(random, 60) == 0 ? 100 + (size_t)random_below(random, 600) : 1 + (size_t)random_below(random, 9);
    for (size_t i = 0; i < size; i++)
        buffer_append_byte(out, (char)('a' + random_below(random, 26)));
    buffer_append_text(out, ends[random_below(random, ARRAY_COUNT(ends))]);
}

static void add_words(struct buffer *out, struct random *random, size_t most)
{
    for (uint64_t i = 1 + random_below(random, most); i > 0; i--) {
        add_word(out, random);
        buffer_append_byte(out, random_below(random, 12) == 0 ? '\n' : ' ');
        if (out->data[out->size - 1] == '\n')
            buffer_append_text(out, "w");
    }
}

static void add_table(struct buffer *out, struct random *random)
{
    size_t columns = 1 + (size_t)random_below(random, 4);
    bool is_blank = random_below(random, 4) == 0;
    for (uint64_t row = 0, rows = 3 + random_below(random, 12); row < rows; row++) {
        for (size_t i = 0; i < columns; i++) {
            buffer_append_text(out, "| ");
            if (row == 1)
                buffer_append_text(out, "---");
            else if (row > 0 || !is_blank)
                for (uint64_t words = random_below(random, 5) + (i == 0); words > 0; words--) {
                    for (uint64_t letter = 3 + random_below(random, 6); letter > 0; letter--)
                        buffer_append_byte(out, (char)('a' + random_below(random, 26)));
                    buffer_append_byte(out, ' ');
                }
        }
        buffer_append_text(out, "|\n");
    }
    buffer_append_byte(out, '\n');
}

static void make_document(struct buffer *out, struct random *random)
{
    for (uint64_t blocks = random_below(random, 14); blocks > 0; blocks--) {
        uint64_t kind = random_below(random, 8);
        if (kind < 2) {
            for (uint64_t level = 1 + random_below(random, 6); level > 0; level--)
                buffer_append_byte(out, '#');
            buffer_append_byte(out, ' ');
            add_word(out, random);
        } else if (kind == 2) {
            add_table(out, random);
        } else if (kind == 3) {
            for (uint64_t items = 1 + random_below(random, 5); items > 0; items--) {
                buffer_append_text(out, random_below(random, 3) == 0 ? "  - " : "- ");
                add_word(out, random);
                buffer_append_text(out, " x\n");
            }
        } else if (kind == 4) {
            buffer_append_text(out, "```\n");
            buffer_append_text(out, random_below(random, 2) == 0 ? "\n   \n" : "");
            add_words(out, random, 60);
            buffer_append_text(out, "\n```");
        } else {
            add_words(out, random, kind == 5 ? 400 : 30);
        }
        buffer_append_text(out, "\n\n");
    }
}

static struct settings settings_of(enum passage_unit unit, size_t tokens, size_t overlap)
{
    return (struct settings){.unit = unit, .passage_tokens = tokens, .passage_overlap = overlap};
}

static void made_documents(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    struct buffer text;
    buffer_init(&text, RUN_MAX);
    for (size_t round = 0; round < 600; round++) {
        buffer_clear(&text);
        make_document(&text, &random);
        size_t tokens = 16 + (size_t)random_below(&random, round % 3 ? 60 : 300);
        for (enum passage_unit unit = UNIT_HEADING; unit <= UNIT_FIXED; unit++) {
            struct settings settings = settings_of(unit, tokens, (size_t)random_below(&random, tokens / 2 + 1));
            cut_and_check(buffer_slice(&text), true, &settings, true, seed);
            cut_and_check(buffer_slice(&text), false, &settings, true, seed);
        }
    }
    buffer_release(&text);
}

struct example_walk {
    struct arena arena;
    const char *folder;
    size_t documents;
};

static bool cut_example(void *context, const char *name, struct error *error)
{
    struct example_walk *walk = context;
    const char *path = path_join(&walk->arena, walk->folder, name);
    struct slice extension = path_extension(name);
    if (extension.size == 0) {
        struct example_walk below = {.folder = path};
        arena_init(&below.arena);
        bool ok = folder_list(path, cut_example, &below, error);
        walk->documents += below.documents;
        arena_release(&below.arena);
        return ok;
    }
    struct buffer content;
    buffer_init(&content, RUN_MAX);
    bool ok = file_read(path, RUN_MAX, &content, error);
    static const size_t sizes[][2] = {{200, 30}, {16, 8}, {64, 0}, {4096, 2048}};
    for (size_t i = 0; ok && i < ARRAY_COUNT(sizes); i++)
        for (enum passage_unit unit = UNIT_HEADING; unit <= UNIT_FIXED; unit++) {
            struct settings settings = settings_of(unit, sizes[i][0], sizes[i][1]);
            cut_and_check(buffer_slice(&content), slice_equal_text(extension, "md"), &settings, false, 0);
        }
    walk->documents++;
    buffer_release(&content);
    return ok;
}

static void example_documents(void **state)
{
    (void)state;
    struct error error = {0};
    struct example_walk walk = {.folder = SOURCE_ROOT "/examples/support/docs"};
    arena_init(&walk.arena);
    expect_ok(folder_list(walk.folder, cut_example, &walk, &error), &error);
    assert_true(walk.documents >= 30);
    arena_release(&walk.arena);
}

/* ---- by hand ---- */

static void show_passages(const struct passage_list *list, struct buffer *out)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct store_passage *passage = &list->items[i];
        buffer_format(out, "[");
        for (size_t j = 0; j < passage->headings.size; j++)
            buffer_append_byte(out, passage->headings.data[j] == '\x1f' ? '/' : passage->headings.data[j]);
        buffer_format(out, "] %lld-%lld ", (long long)passage->line, (long long)passage->line_end);
        for (size_t j = 0; j < passage->text.size; j++)
            buffer_append_byte(out, passage->text.data[j] == '\n' ? '~' : passage->text.data[j]);
        buffer_append_byte(out, '\n');
    }
}

static void units(void **state)
{
    (void)state;
    static const struct {
        enum passage_unit unit;
        size_t tokens, overlap;
        const char *source, *wanted;
    } cases[] = {
        {UNIT_AUTO, 50, 10, "# A\n\nOne two.\n\nThree.\n\n## B\n\n- four\n- five\n\n# C\n# D\nsix\n",
         "[A] 3-5 One two.~~Three.\n[A/B] 9-10 four~five\n[C] 12-12 C\n[D] 14-14 six\n"},
        {UNIT_SENTENCE, 16, 8, "Is it that one here now? It was not there, so we left. And so on.\n",
         "[] 1-1 Is it that one here now?\n[] 1-1 It was not there, so we left. And so on.\n"},
        {UNIT_FIXED, 30, 0, "# A\n\none two\n\n## B\n\nthree four\n", "[A] 1-7 A~~one two~~B~~three four\n"},
        {UNIT_FIXED, 16, 0, "# A\n\none two three four five six seven\n\n# B\n\none two three four five six seven eight nine\n",
         "[A] 1-7 A~~one two three four five six seven~~B~~one two three four\n[B] 7-7 five six seven eight nine\n"},
        {UNIT_HEADING, 16, 0,
         "| name | cost |\n|---|---|\n| alpha beta gamma | delta epsilon |\n| zeta eta theta iota | kappa lambda |\n\nafter\n",
         NULL},
        {UNIT_HEADING, 50, 0, "| a |\n|---|\n| b |\n\n| | |\n|---|---|\n| c | d |\n", "[] 1-7 a~b~c | d\n"},
        {UNIT_AUTO, 50, 10, "", ""},
        {UNIT_AUTO, 50, 10, "# Alone\n", "[Alone] 1-1 Alone\n"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct blocks blocks;
        struct passage_list list;
        struct buffer shown;
        struct settings settings = settings_of(cases[i].unit, cases[i].tokens, cases[i].overlap);
        arena_init(&arena);
        buffer_init(&shown, MIB);
        expect_ok(markdown_read(slice_from(cases[i].source), &arena, &blocks, &error), &error);
        cut_passages(slice_from(cases[i].source), &blocks, &settings, &arena, &list);
        check_passages(slice_from(cases[i].source), &blocks, &settings, &list, true, 0);
        show_passages(&list, &shown);
        if (cases[i].wanted != NULL)
            compare_text(cases[i].source, buffer_slice(&shown), cases[i].wanted);
        else
            assert_true(list.count >= 2 && slice_starts_with(list.items[1].text, SLICE("name | cost\n")));
        buffer_release(&shown);
        arena_release(&arena);
    }
}

/* A table of one head must not lend it to the next, whose own is empty. */
static void empty_table_head(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct passage_list list;
    struct buffer text;
    arena_init(&arena);
    buffer_init(&text, MIB);
    buffer_append_text(&text, "| wrong |\n|---|\n| x |\n\ntext\n\n| | |\n|---|---|\n");
    for (size_t i = 0; i < 40; i++)
        buffer_format(&text, "| cell%zu | value |\n", i);
    struct settings settings = settings_of(UNIT_HEADING, 20, 0);
    expect_ok(markdown_read(buffer_slice(&text), &arena, &blocks, &error), &error);
    cut_passages(buffer_slice(&text), &blocks, &settings, &arena, &list);
    for (size_t i = 1; i < list.count; i++)
        assert_null(strstr(arena_text(&arena, list.items[i].text), "wrong"));
    buffer_release(&text);
    arena_release(&arena);
}

/* Between two cells whose words fill a passage each, the reader's own " | " is a passage by itself; it has a place all the same. */
static void cells_without_room(void **state)
{
    (void)state;
    struct settings settings = settings_of(UNIT_FIXED, 16, 0);
    for (size_t size = 1; size < 100; size++) {
        struct error error = {0};
        struct arena arena;
        struct blocks blocks;
        struct passage_list list;
        char word[100] = "";
        memset(word, 'w', size);
        arena_init(&arena);
        struct slice source = slice_from(arena_format(&arena, "| a | b |\n|---|---|\n| %s | %s |\n", word, word));
        expect_ok(markdown_read(source, &arena, &blocks, &error), &error);
        cut_passages(source, &blocks, &settings, &arena, &list);
        for (size_t i = 0; i < list.count; i++)
            assert_true(list.items[i].start < list.items[i].end && (size_t)list.items[i].end <= source.size);
        arena_release(&arena);
    }
}

/* ---- hostile ---- */

static void repeat(struct buffer *out, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_append_text(out, part);
}

enum { HOSTILE_COUNT = 12 };

static void make_hostile(struct buffer *out, size_t kind)
{
    static const struct {
        const char *part;
        size_t count;
    } repeated[] = {{"x", 1000000}, {"1", 1000000}, {"\xE0\xB8\x81", 300000}, {"# a\n", 100000},  {"## a\nb\n", 50000},
                    {">", 10000},   {"- ", 10000},  {"> - ", 5000},           {"*a **b ", 50000}, {"[a](", 50000}};
    if (kind < ARRAY_COUNT(repeated)) {
        repeat(out, repeated[kind].part, repeated[kind].count);
        buffer_append_text(out, "end\n");
    } else if (kind == 10) { /* 100,000 cells in a table of 10 columns */
        repeat(out, "|head", 10);
        repeat(out, "\n", 1);
        repeat(out, "|---", 10);
        for (size_t i = 0; i < 10000; i++) {
            buffer_append_byte(out, '\n');
            repeat(out, "|c", 10);
        }
    } else { /* one inside the other */
        for (size_t i = 0; i < 1000; i++) {
            repeat(out, "  ", i);
            buffer_append_text(out, "- a\n");
        }
    }
}

/* A way that is quadratic does not end within the time that a test has. */
static void hostile(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 64 * MIB);
    for (size_t kind = 0; kind < HOSTILE_COUNT; kind++)
        for (size_t tokens = 16; tokens <= 4096; tokens *= 16) {
            struct error error = {0};
            struct arena arena;
            struct blocks blocks;
            struct passage_list list;
            arena_init(&arena);
            buffer_clear(&text);
            make_hostile(&text, kind);
            struct settings settings = settings_of(kind % 2 ? UNIT_HEADING : UNIT_SENTENCE, tokens, tokens / 4);
            expect_ok(markdown_read(buffer_slice(&text), &arena, &blocks, &error), &error);
            cut_passages(buffer_slice(&text), &blocks, &settings, &arena, &list);
            expect_ok(plain_read(buffer_slice(&text), &arena, &blocks, &error), &error);
            cut_passages(buffer_slice(&text), &blocks, &settings, &arena, &list);
            if (arena.size > 400 * MIB)
                fail_msg("hostile document %zu, %zu tokens: %zu MiB", kind, tokens, arena.size / MIB);
            arena_release(&arena);
        }
    buffer_release(&text);
}

/* ---- adding to a project ---- */

struct place {
    char *folder;
    struct arena arena;
    struct project *project;
    struct buffer told; /* "a docs/x.md\n": added, updated, removed, unchanged, failed, skipped */
};

static void tell(void *context, enum ingest_change change, const char *path, const struct error *error)
{
    static const char letters[] = "aurnfs";
    buffer_format(context, "%c %s\n", letters[change], path);
    assert_int_equal(error != NULL, change == INGEST_FAILED || change == INGEST_SKIPPED);
}

static void open_place(struct place *place, const char *settings)
{
    struct error error = {0};
    expect_ok(file_replace(path_join(&place->arena, place->folder, "assay.yaml"), slice_from(settings), &error), &error);
    expect_ok(project_open(&place->project, place->folder, STORE_WRITE, "test", &error), &error);
}

static void write_file(struct place *place, const char *name, struct slice content)
{
    struct error error = {0};
    char *path = path_join(&place->arena, place->folder, name);
    char *folder = arena_text(&place->arena, path_folder(path));
    expect_ok(folder_create(folder, &error), &error);
    expect_ok(file_replace(path, content, &error), &error);
}

/* Adds what the settings say (or `path`) and compares the report and what was told. */
static void expect_added(struct place *place, const char *path, const char *report_wanted, const char *told_wanted)
{
    struct error error = {0};
    struct ingest_report report;
    struct ingest_progress progress = {.acknowledge = tell, .context = &place->told};
    buffer_clear(&place->told);
    expect_ok(ingest_add(place->project, place->folder, &path, path ? 1 : 0, &progress, &report, &error), &error);
    char *shown = arena_format(&place->arena, "%zu+ %zu~ %zu= %zu- %zu! %zu? %zup", report.added, report.updated,
                               report.unchanged, report.removed, report.failed, report.skipped, report.passages);
    assert_string_equal(shown, report_wanted);
    if (told_wanted != NULL)
        assert_string_equal(buffer_text(&place->told), told_wanted);
}

static void expect_documents(struct place *place, const char *word, const char *wanted)
{
    struct error error = {0};
    struct search_result result;
    struct buffer shown;
    buffer_init(&shown, MIB);
    expect_ok(answer_search(place->project, &(struct search_request){.question = slice_from(word), .k = 10}, &result, &error),
              &error);
    for (size_t i = 0; i < result.count; i++)
        buffer_format(&shown, SLICE_FORMAT ":%lld ", SLICE_ARGUMENT(result.hits[i].path),
                      (long long)result.hits[i].passage.start);
    compare_text(word, buffer_slice(&shown), wanted);
    buffer_release(&shown);
    search_result_release(&result);
}

static void add_counts(void **state)
{
    (void)state;
    struct error error = {0};
    struct place place = {.folder = test_folder_create()};
    arena_init(&place.arena);
    buffer_init(&place.told, MIB);
    expect_ok(project_create(place.folder, &error), &error);
    open_place(&place, "documents: [docs]\n");
    write_file(&place, "docs/a.md", SLICE("# Apples\n\ncrimson\n\n## More\n\nverdant\n"));
    write_file(&place, "docs/sub/b.txt",
               SLICE("\xEF\xBB\xBF"
                     "crimson with a mark before it\n"));
    write_file(&place, "docs/c.txt", SLICE("latin caf\xE9 au lait\n"));
    write_file(&place, "docs/d.png", SLICE("\x89PNG\r\n\x1A\n\0"));
    write_file(&place, "docs/e.md", SLICE("a\0b"));
    write_file(&place, "docs/f.txt",
               SLICE("\xFF\xFE"
                     "a\0"));
    write_file(&place, "docs/.hidden.md", SLICE("crimson"));
    write_file(&place, "docs/empty.md", SLICE(""));
    expect_added(&place, NULL, "5+ 0~ 0= 0- 1! 1? 5p", NULL);
    assert_non_null(strstr(buffer_text(&place.told), "f docs/e.md\n"));
    assert_non_null(strstr(buffer_text(&place.told), "s docs/d.png\n"));
    expect_documents(&place, "verdant", "docs/a.md:28 ");
    expect_documents(&place, "mark", "docs/sub/b.txt:3 "); /* the file's bytes, its mark included */
    expect_added(&place, NULL, "0+ 0~ 5= 0- 1! 1? 0p", NULL);
    write_file(&place, "docs/a.md", SLICE("# Apples\n\nazure\n"));
    expect_ok(file_remove(path_join(&place.arena, place.folder, "docs/sub/b.txt"), &error), &error);
    for (const char *const *name = (const char *const[]){"c.txt", "d.png", "e.md", "f.txt", NULL}; *name != NULL; name++)
        expect_ok(file_remove(path_join(&place.arena, place.folder, arena_format(&place.arena, "docs/%s", *name)), &error),
                  &error);
    expect_added(&place, NULL, "0+ 1~ 1= 3- 0! 0? 1p",
                 "u docs/a.md\nn docs/empty.md\nr docs/c.txt\nr docs/f.txt\nr docs/sub/b.txt\n");
    expect_documents(&place, "crimson", "");
    expect_documents(&place, "azure", "docs/a.md:10 ");
    expect_added(&place, "docs/none.md", "0+ 0~ 0= 0- 1! 0? 0p", "f docs/none.md\n");
    project_close(place.project);
    open_place(&place, "documents: [docs]\npassages: {tokens: 60}\n"); /* another recipe: all is read again */
    expect_added(&place, NULL, "0+ 2~ 0= 0- 0! 0? 1p", "u docs/a.md\nu docs/empty.md\n");
    expect_added(&place, NULL, "0+ 0~ 2= 0- 0! 0? 0p", NULL);
    const char *names[] = {"docs/a.md", "docs/none"};
    struct ingest_report report;
    struct ingest_progress progress = {0};
    expect_error(ingest_remove(place.project, place.folder, names, 2, &progress, &report, &error), &error, ERROR_NOT_FOUND,
                 "no document");
    expect_documents(&place, "azure", "docs/a.md:10 ");
    expect_ok(ingest_remove(place.project, place.folder, names, 1, &progress, &report, &error), &error);
    assert_int_equal(report.removed, 1);
    expect_documents(&place, "azure", "");
    project_close(place.project);
    buffer_release(&place.told);
    arena_release(&place.arena);
    test_folder_remove(place.folder);
}

static bool stop_early(void *context, const char *stage, size_t done, size_t total)
{
    (void)stage;
    (void)total;
    *(size_t *)context = done;
    return done < 512;
}

/* More than one batch; stopped after the first, then gone on with. */
static void add_stopped(void **state)
{
    (void)state;
    struct error error = {0};
    struct place place = {.folder = test_folder_create()};
    arena_init(&place.arena);
    buffer_init(&place.told, MIB);
    expect_ok(project_create(place.folder, &error), &error);
    open_place(&place, "documents: [docs]\n");
    expect_ok(folder_create(path_join(&place.arena, place.folder, "docs"), &error), &error);
    for (size_t i = 0; i < 700; i++) {
        char *path = arena_format(&place.arena, "%s/docs/%03zu.txt", place.folder, i);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "number n%zu\n", i);
        fclose(file);
    }
    struct ingest_report report;
    size_t done = 0;
    struct ingest_progress progress = {.step = stop_early, .context = &done};
    expect_error(ingest_add(place.project, place.folder, NULL, 0, &progress, &report, &error), &error, ERROR_CANCELLED,
                 "stopped after 512 of 700");
    assert_int_equal(report.added, 512);
    expect_documents(&place, "n511", "docs/511.txt:0 ");
    expect_documents(&place, "n512", "");
    expect_added(&place, NULL, "188+ 0~ 512= 0- 0! 0? 188p", NULL);
    expect_documents(&place, "n699", "docs/699.txt:0 ");
    project_close(place.project);
    buffer_release(&place.told);
    arena_release(&place.arena);
    test_folder_remove(place.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),          cmocka_unit_test(empty_table_head),  cmocka_unit_test(cells_without_room),
        cmocka_unit_test(made_documents), cmocka_unit_test(example_documents), cmocka_unit_test(hostile),
        cmocka_unit_test(add_counts),     cmocka_unit_test(add_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
