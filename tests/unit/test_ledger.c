/* test_ledger.c - the audit log: what it keeps, what it notices, and what a crash leaves of it. */
#include "ledger/ledger.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static size_t syncs;

/* In place of the system's: a kill loses nothing that was written, and there are thousands of them. */
int fsync(int descriptor)
{
    (void)descriptor;
    syncs++;
    return 0;
}

struct place {
    char root[64];
    char folder[96], entries[112], keys[112], head[112];
};

static void place_make(struct place *place)
{
    snprintf(place->root, sizeof(place->root), "/tmp/assay-ledger-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->folder, sizeof(place->folder), "%s/log", place->root);
    snprintf(place->entries, sizeof(place->entries), "%s/entries", place->folder);
    snprintf(place->keys, sizeof(place->keys), "%s/keys", place->folder);
    snprintf(place->head, sizeof(place->head), "%s/head", place->folder);
}

static void place_remove(const struct place *place)
{
    struct error error;
    assert_true(folder_remove(place->root, &error));
}

static struct ledger *open_log(const struct place *place, const struct ledger_options *options)
{
    struct ledger *ledger;
    struct error error;
    assert_true(ledger_open(&ledger, place->folder, options, &error));
    return ledger;
}

static bool append(struct ledger *ledger, const char *asker, const char *question, uint64_t *number, struct error *error)
{
    const struct ledger_passage passages[] = {{.document = SLICE("docs/refunds.md"),
                                               .title = SLICE("Refunds"),
                                               .passage = 4,
                                               .start = 10,
                                               .end = 52,
                                               .text = SLICE("You have 30 days to send it back."),
                                               .score = 1.5,
                                               .is_cited = true},
                                              {.document = SLICE("docs/other.md"), .text = SLICE("Not cited at all.")}};
    const struct ledger_citation citation = {.passage = 0, .start = 19, .end = 26, .quote = SLICE("30 days")};
    const struct ledger_answer answer = {.asker = slice_from(asker),
                                         .question = slice_from(question),
                                         .answer = SLICE("30 days <b>\"from\"</b> delivery"),
                                         .model = SLICE("builtin"),
                                         .approach = SLICE("rag"),
                                         .confidence = 0.5,
                                         .passages = passages,
                                         .passage_count = 2,
                                         .citations = &citation,
                                         .citation_count = 1,
                                         .cost_usd = -1,
                                         .took_ms = 12.5};
    return ledger_append(ledger, &answer, number, error);
}

static void append_many(const struct place *place, size_t count)
{
    struct ledger *ledger = open_log(place, NULL);
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        struct error error;
        char question[32];
        snprintf(question, sizeof(question), "question %zu", i + 1);
        assert_true(append(ledger, i % 2 ? "anna" : "ben", question, &number, &error));
    }
    ledger_close(ledger);
}

static void count_problem(void *context, uint64_t number, const char *message)
{
    size_t *count = context;
    assert_true(message[0] != '\0' && number < 1000000);
    ++*count;
}

static struct ledger_report verify_with(const struct place *place, const struct ledger_head *heads, size_t head_count)
{
    struct ledger *ledger = open_log(place, NULL);
    struct ledger_report report;
    struct error error;
    size_t problems = 0;
    assert_true(ledger_verify(ledger, heads, head_count, count_problem, &problems, &report, &error));
    assert_int_equal(problems, report.problems);
    ledger_close(ledger);
    return report;
}

static struct ledger_report verify(const struct place *place)
{
    return verify_with(place, NULL, 0);
}

static struct ledger_head head_of(const struct place *place)
{
    struct ledger *ledger = open_log(place, NULL);
    struct ledger_head head;
    struct error error;
    assert_true(ledger_head(ledger, &head, &error));
    ledger_close(ledger);
    return head;
}

static struct buffer load(const char *path)
{
    struct buffer buffer;
    struct error error;
    buffer_init(&buffer, 64 * MIB);
    assert_true(file_read(path, 64 * MIB, &buffer, &error));
    return buffer;
}

/* Not durably: there are thousands of them. */
static void save(const char *path, struct slice bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
}

/* Where line `number` (from 1) begins; past the last: the end. */
static size_t line_start(struct slice log, size_t number)
{
    size_t at = 0, end;
    while (--number > 0 && slice_find(slice_range(log, at, log.size), '\n', &end))
        at += end + 1;
    return at;
}

/* ---- what is kept ---- */

struct seen {
    size_t count;
    enum ledger_content state;
    char question[64], asker[64], answer[64];
};

static void copy_member(char out[64], const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    snprintf(out, 64, SLICE_FORMAT, SLICE_ARGUMENT(value != NULL && value->kind == JSON_TEXT ? value->text : SLICE("")));
}

static bool see(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct seen *seen = context;
    (void)error;
    seen->count++;
    seen->state = entry->state;
    copy_member(seen->question, entry->personal, "question");
    copy_member(seen->asker, entry->personal, "asker");
    copy_member(seen->answer, entry->personal, "answer");
    return true;
}

static struct seen see_entry(const struct place *place, uint64_t number)
{
    struct ledger *ledger = open_log(place, NULL);
    struct seen seen = {0};
    struct error error;
    assert_true(ledger_find(ledger, number, see, &seen, &error));
    ledger_close(ledger);
    return seen;
}

static void test_keeps(void **state)
{
    struct place place;
    struct error error;
    (void)state;
    place_make(&place);
    append_many(&place, 3);
    struct seen seen = see_entry(&place, 2);
    assert_int_equal(seen.state, LEDGER_HAS_CONTENT);
    assert_string_equal(seen.question, "question 2");
    assert_string_equal(seen.asker, "anna");
    assert_string_equal(seen.answer, "30 days <b>\"from\"</b> delivery");
    struct ledger *ledger = open_log(&place, NULL);
    assert_false(ledger_find(ledger, 4, see, &seen, &error));
    assert_int_equal(error.kind, ERROR_NOT_FOUND);
    ledger_close(ledger);
    struct ledger_report report = verify(&place);
    assert_int_equal(report.entries, 3);
    assert_int_equal(report.first_bad, 0);
    assert_int_equal(report.answers, 3);
    assert_int_equal(report.texts, 1);
    assert_int_equal(report.problems, 0);
    struct buffer log = load(place.entries); /* nothing personal stands in it as it is */
    assert_null(strstr(buffer_text(&log), "question 2"));
    assert_null(strstr(buffer_text(&log), "anna"));
    assert_null(strstr(buffer_text(&log), "30 days"));
    buffer_release(&log);
    place_remove(&place);
}

static void test_hashed_question(void **state)
{
    struct place place;
    struct error error;
    uint64_t number;
    (void)state;
    place_make(&place);
    struct ledger *ledger = open_log(&place, &(struct ledger_options){.hash_questions = true});
    assert_true(append(ledger, "anna", "abc", &number, &error));
    ledger_close(ledger);
    struct seen seen = see_entry(&place, 1);
    assert_string_equal(seen.question, "");
    assert_string_equal(seen.asker, "anna");
    place_remove(&place);
}

static void test_page(void **state)
{
    struct place place;
    struct error error;
    struct buffer page;
    (void)state;
    place_make(&place);
    append_many(&place, 2);
    struct ledger *ledger = open_log(&place, NULL);
    buffer_init(&page, 16 * MIB);
    assert_true(ledger_page(ledger, 2, &page, &error));
    const char *text = buffer_text(&page);
    assert_non_null(strstr(text, "question 2"));
    assert_non_null(strstr(text, "30 days &lt;b&gt;&quot;from&quot;&lt;/b&gt; delivery"));
    assert_null(strstr(text, "<b>"));
    assert_non_null(strstr(text, "You have <mark>30 days</mark> to send it back."));
    assert_non_null(strstr(text, "leaf_index"));
    buffer_release(&page);
    ledger_close(ledger);
    place_remove(&place);
}

/* ---- what is noticed ---- */

static void test_every_byte(void **state)
{
    struct place place;
    (void)state;
    place_make(&place);
    append_many(&place, 2);
    struct buffer log = load(place.entries);
    size_t second = line_start(buffer_slice(&log), 2);
    for (size_t at = 0; at < log.size; at++) {
        log.data[at] = (char)(log.data[at] ^ 1 << at % 8);
        save(place.entries, buffer_slice(&log));
        struct ledger_report report = verify(&place);
        assert_int_equal(report.first_bad, at < second ? 1 : 2);
        assert_true(report.reason[0] != '\0');
        log.data[at] = (char)(log.data[at] ^ 1 << at % 8);
    }
    save(place.entries, buffer_slice(&log));
    assert_int_equal(verify(&place).first_bad, 0);
    buffer_release(&log);
    place_remove(&place);
}

/* Puts together lines of the log, each by its number, and expects this entry to be told. */
static void expect_bad(const struct place *place, struct slice log, const size_t *numbers, size_t count, uint64_t first_bad)
{
    struct buffer other;
    buffer_init(&other, 64 * MIB);
    for (size_t i = 0; i < count; i++)
        buffer_append_slice(&other, slice_range(log, line_start(log, numbers[i]), line_start(log, numbers[i] + 1)));
    save(place->entries, buffer_slice(&other));
    assert_int_equal(verify(place).first_bad, first_bad);
    buffer_release(&other);
    save(place->entries, log);
}

static void test_lines_moved(void **state)
{
    struct place place;
    (void)state;
    place_make(&place);
    append_many(&place, 6);
    struct buffer log = load(place.entries);
    struct slice whole = buffer_slice(&log);
    expect_bad(&place, whole, (const size_t[]){1, 2, 4, 5, 6}, 5, 3); /* deleted */
    expect_bad(&place, whole, (const size_t[]){2, 3, 4, 5, 6}, 5, 1);
    expect_bad(&place, whole, (const size_t[]){1, 2, 3, 3, 4, 5, 6}, 7, 4); /* inserted */
    expect_bad(&place, whole, (const size_t[]){1, 2, 4, 3, 5, 6}, 6, 3); /* in another order */
    expect_bad(&place, whole, (const size_t[]){1, 2, 3, 4, 5}, 5, 6); /* cut off */
    expect_bad(&place, whole, (const size_t[]){1, 2, 3}, 3, 4);
    expect_bad(&place, whole, NULL, 0, 1);
    assert_int_equal(verify(&place).first_bad, 0);
    buffer_release(&log);
    place_remove(&place);
}

/* Another log of the same length, with its own head, keys and all: only a head from elsewhere tells. */
static void test_replaced(void **state)
{
    struct place place, other;
    char moved[112];
    struct error error;
    (void)state;
    place_make(&place);
    place_make(&other);
    append_many(&place, 3);
    struct ledger_head heads[] = {head_of(&place), {0}};
    append_many(&place, 4);
    heads[1] = head_of(&place);
    assert_int_equal(heads[1].entries, 7);
    assert_int_equal(verify_with(&place, heads, 2).first_bad, 0);
    append_many(&other, 7);
    assert_int_equal(verify(&other).first_bad, 0);
    assert_int_equal(verify_with(&other, heads, 2).first_bad, 1);
    assert_int_equal(verify_with(&other, heads + 1, 1).first_bad, 1);

    /* One that begins as the right one does, and goes on otherwise. */
    struct buffer log = load(place.entries);
    save(place.entries, slice_range(buffer_slice(&log), 0, line_start(buffer_slice(&log), 5)));
    assert_true(file_remove(place.head, &error));
    append_many(&place, 3);
    assert_int_equal(verify(&place).first_bad, 0);
    struct ledger_report report = verify_with(&place, heads, 2);
    assert_int_equal(report.first_bad, 4); /* behind the last head that fits */
    buffer_release(&log);

    /* A shorter one. */
    snprintf(moved, sizeof(moved), "%s/gone", place.root);
    assert_true(folder_move(place.folder, moved, &error));
    append_many(&place, 2);
    assert_int_equal(verify_with(&place, heads + 1, 1).first_bad, 3);
    place_remove(&place);
    place_remove(&other);
}

/* The last acknowledged entry is damaged: it is not cut off as if a crash had left it, and nothing is answered. */
static void test_damaged_end(void **state)
{
    struct place place;
    struct error error;
    uint64_t number;
    (void)state;
    place_make(&place);
    append_many(&place, 3);
    struct buffer log = load(place.entries);
    log.data[log.size - 9] ^= 1;
    save(place.entries, buffer_slice(&log));
    struct ledger *ledger = open_log(&place, NULL);
    assert_false(append(ledger, "anna", "?", &number, &error));
    assert_int_equal(error.kind, ERROR_CORRUPT);
    assert_non_null(strstr(error.message, "entry 3"));
    struct seen seen; /* nor is it left out where entries are read */
    struct buffer proof;
    buffer_init(&proof, MIB);
    assert_false(ledger_find(ledger, 3, see, &seen, &error));
    assert_int_equal(error.kind, ERROR_CORRUPT);
    assert_false(ledger_prove(ledger, 1, &proof, &error));
    assert_int_equal(error.kind, ERROR_CORRUPT);
    save(place.entries, slice_range(buffer_slice(&log), 0, line_start(buffer_slice(&log), 3) + 40)); /* torn, and it was told */
    assert_false(ledger_find(ledger, 3, see, &seen, &error));
    assert_int_equal(error.kind, ERROR_CORRUPT);
    assert_false(ledger_find(ledger, 4, see, &seen, &error));
    assert_true(ledger_find(ledger, 2, see, &seen, &error));
    buffer_release(&proof);
    ledger_close(ledger);
    buffer_release(&log);
    place_remove(&place);
}

struct listed {
    char text[64]; /* "1 2! 3": a mark behind those that are damaged */
};

static bool list(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct listed *listed = context;
    size_t size = strlen(listed->text);
    (void)error;
    assert_true((entry->kind == LEDGER_DAMAGED) == (entry->why != NULL));
    snprintf(listed->text + size, sizeof(listed->text) - size, "%s%llu%s", size > 0 ? " " : "",
             (unsigned long long)entry->number, entry->why != NULL ? "!" : "");
    return true;
}

static const char *list_from(const struct place *place, uint64_t first, struct listed *listed)
{
    struct error error;
    struct ledger *ledger = open_log(place, NULL);
    listed->text[0] = '\0';
    assert_true(ledger_each(ledger, first, UINT64_MAX, list, listed, &error));
    ledger_close(ledger);
    return listed->text;
}

/* Whatever happens to some lines: all others are told, by their own numbers. */
static void test_damage_hides_no_others(void **state)
{
    struct place place;
    struct listed listed;
    struct error error;
    struct ledger_head head = {0};
    (void)state;
    place_make(&place);
    append_many(&place, 7);
    struct buffer log = load(place.entries), other;
    struct slice whole = buffer_slice(&log);
    buffer_init(&other, MIB);
    size_t third = line_start(whole, 3), fourth = line_start(whole, 4), fifth = line_start(whole, 5);
    log.data[third - 1] = ' '; /* a lost end makes one line of two */
    save(place.entries, whole);
    assert_string_equal(list_from(&place, 1, &listed), "1 2! 3! 4 5 6 7");
    assert_string_equal(list_from(&place, 3, &listed), "3! 4 5 6 7");
    assert_string_equal(list_from(&place, 5, &listed), "5 6 7");
    log.data[third + 90] = '\n'; /* one more makes two of one */
    save(place.entries, whole);
    assert_string_equal(list_from(&place, 1, &listed), "1 2! 3! 4 5 6 7");
    assert_true(file_remove(place.head, &error)); /* nobody says how many there are */
    assert_string_equal(list_from(&place, 1, &listed), "1 2! 3! 4 5 6 7");
    struct ledger *ledger = open_log(&place, NULL);
    assert_false(ledger_head(ledger, &head, &error)); /* no root, but a count */
    assert_int_equal(error.kind, ERROR_CORRUPT);
    assert_int_equal(head.entries, 7);
    ledger_close(ledger);
    buffer_append_slice(&other, slice_range(whole, fourth, whole.size)); /* the first three are gone */
    save(place.entries, buffer_slice(&other));
    assert_string_equal(list_from(&place, 1, &listed), "1! 2! 3! 4 5 6 7");
    buffer_clear(&other);
    buffer_append_slice(&other, slice_range(whole, fourth, fifth));
    buffer_append_slice(&other, SLICE("no entry\n")); /* in the place of none: the one behind it is told once, as it is */
    buffer_append_slice(&other, slice_range(whole, fifth, whole.size));
    save(place.entries, buffer_slice(&other));
    assert_string_equal(list_from(&place, 4, &listed), "4 5 6 7");
    buffer_append_slice(&other, slice_range(whole, fourth, fifth)); /* one that stood there is put behind */
    buffer_append_slice(&other, SLICE("no entry\n"));
    save(place.entries, buffer_slice(&other));
    assert_string_equal(list_from(&place, 6, &listed), "6 7 8!"); /* the last line may be what a crash left */
    buffer_release(&other);
    buffer_release(&log);
    place_remove(&place);
}

static void test_keys_and_texts(void **state)
{
    struct place place;
    char path[400];
    struct error error;
    (void)state;
    place_make(&place);
    append_many(&place, 2);
    struct buffer keys = load(place.keys);
    for (size_t at = 0; at < keys.size; at++) {
        keys.data[at] = (char)(keys.data[at] ^ 1 << at % 7);
        save(place.keys, buffer_slice(&keys));
        struct ledger_report report = verify(&place);
        assert_int_equal(report.first_bad, 0);
        assert_int_equal(report.problems, 1);
        keys.data[at] = (char)(keys.data[at] ^ 1 << at % 7);
    }
    memset(keys.data, '-', 64); /* destroyed, and the log does not say so */
    save(place.keys, buffer_slice(&keys));
    assert_int_equal(verify(&place).problems, 1);
    buffer_release(&keys);
    /* SHA-256 of the text that append() cites */
    snprintf(path, sizeof(path), "%s/texts", place.folder);
    assert_true(folder_remove(path, &error));
    assert_int_equal(verify(&place).problems, 2);
    place_remove(&place);
}

/* ---- erasing ---- */

static uint64_t erase(const struct place *place, const struct ledger_erase *which)
{
    struct ledger *ledger = open_log(place, NULL);
    struct error error;
    uint64_t erased = 0;
    assert_true(ledger_erase(ledger, which, &erased, &error));
    ledger_close(ledger);
    return erased;
}

static void test_erase(void **state)
{
    struct place place;
    (void)state;
    place_make(&place);
    append_many(&place, 6);
    assert_int_equal(erase(&place, &(struct ledger_erase){.asker = SLICE("anna")}), 3);
    assert_int_equal(see_entry(&place, 2).state, LEDGER_CONTENT_ERASED);
    assert_string_equal(see_entry(&place, 2).question, "");
    assert_string_equal(see_entry(&place, 3).question, "question 3");
    struct ledger_report report = verify(&place);
    assert_int_equal(report.first_bad, 0);
    assert_int_equal(report.problems, 0);
    assert_int_equal(report.erased, 3);
    assert_int_equal(report.entries, 7); /* the erasure is one */
    assert_int_equal(report.texts, 1);
    assert_int_equal(erase(&place, &(struct ledger_erase){.asker = SLICE("anna")}), 0);
    assert_int_equal(erase(&place, &(struct ledger_erase){.numbers = (const uint64_t[]){3}, .number_count = 1}), 1);
    assert_int_equal(erase(&place, &(struct ledger_erase){.before_ns = INT64_MAX}), 2);
    report = verify(&place);
    assert_int_equal(report.first_bad + report.problems, 0);
    assert_int_equal(report.erased, 6);
    assert_int_equal(report.texts, 0); /* nobody cites it any more */
    append_many(&place, 1);
    assert_int_equal(verify(&place).problems, 0);
    place_remove(&place);
}

/* However many are erased: the entry that says so, the line of its key, and one sync for all of theirs. */
static void test_erases_at_once(void **state)
{
    struct place place;
    (void)state;
    place_make(&place);
    append_many(&place, 40);
    syncs = 0;
    assert_int_equal(erase(&place, &(struct ledger_erase){.asker = SLICE("anna")}), 20);
    assert_true(syncs <= 3);
    assert_int_equal(verify(&place).problems, 0);
    place_remove(&place);
}

/* Entries cut off, and the head with them: the next entry says that it was gone, and the keys of those that are missing tell. */
static void test_lost_head(void **state)
{
    struct place place;
    struct error error;
    (void)state;
    place_make(&place);
    append_many(&place, 6);
    assert_true(file_remove(place.head, &error));
    append_many(&place, 1);
    struct ledger_report report = verify(&place);
    assert_int_equal(report.heads_lost, 1);
    assert_int_equal(report.entries, 8);
    assert_int_equal(report.problems, 0);
    struct buffer log = load(place.entries);
    save(place.entries, slice_range(buffer_slice(&log), 0, line_start(buffer_slice(&log), 3)));
    assert_true(file_remove(place.head, &error));
    assert_int_equal(verify(&place).problems, 2); /* the head is lost, and there are 8 keys for 2 entries */
    append_many(&place, 1);
    report = verify(&place);
    assert_int_equal(report.heads_lost, 1);
    assert_int_equal(report.entries, 4);
    assert_int_equal(report.problems, 2); /* as the entry says, and 8 keys for 4 */
    append_many(&place, 8);
    assert_int_equal(verify(&place).problems, 1); /* the entry stays */
    save(place.entries, SLICE(""));
    assert_true(file_remove(place.head, &error));
    append_many(&place, 1);
    assert_int_equal(verify(&place).heads_lost, 1);
    buffer_release(&log);
    place_remove(&place);
}

/* ---- crashes ---- */

/* What a crash may leave of an entry: any number of its first bytes, or zeros where they were to be. */
static void test_torn(void **state)
{
    struct place place;
    (void)state;
    place_make(&place);
    append_many(&place, 2);
    struct buffer log = load(place.entries), head = load(place.head);
    append_many(&place, 1);
    struct buffer longer = load(place.entries);
    for (size_t size = log.size; size <= longer.size; size += size % 5 + 17) {
        bool zeros = size % 2 == 0;
        struct buffer torn;
        buffer_init(&torn, 64 * MIB);
        buffer_append_slice(&torn, slice_range(buffer_slice(&longer), 0, size));
        if (zeros)
            buffer_append_zeros(&torn, longer.size - size);
        save(place.entries, buffer_slice(&torn));
        save(place.head, buffer_slice(&head));
        assert_int_equal(verify(&place).first_bad, 0);
        assert_int_equal(verify(&place).entries, 2);
        append_many(&place, 1);
        struct ledger_report report = verify(&place);
        assert_int_equal(report.first_bad, 0);
        assert_int_equal(report.torn_bytes, 0);
        assert_int_equal(report.answers, 3);
        assert_int_equal(report.entries, torn.size > log.size ? 4 : 3); /* what was cut off is told */
        buffer_release(&torn);
    }
    buffer_release(&log);
    buffer_release(&longer);
    buffer_release(&head);
    place_remove(&place);
}

static void append_and_tell(const struct place *place, int descriptor)
{
    struct ledger *ledger;
    struct error error;
    uint64_t number;
    if (!ledger_open(&ledger, place->folder, NULL, &error))
        _exit(1);
    while (append(ledger, "anna", "again and again", &number, &error))
        if (write(descriptor, &number, sizeof(number)) != sizeof(number))
            _exit(2);
    _exit(3);
}

/* Starts a process that appends until it is killed; what it told of goes into `told`. */
static void killed_run(const struct place *place, unsigned microseconds, uint64_t *told)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        append_and_tell(place, ends[1]);
    }
    close(ends[1]);
    usleep(microseconds);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    uint64_t number;
    while (read(ends[0], &number, sizeof(number)) == sizeof(number))
        *told = number;
    close(ends[0]);
}

static void test_kills(void **state)
{
    struct place place;
    struct random random;
    uint64_t told = 0;
    (void)state;
    place_make(&place);
    random_init(&random, 20261126);
    append_many(&place, 1);
    for (size_t i = 0; i < 40; i++) { /* tests/faults/logkill.py goes on */
        killed_run(&place, (unsigned)random_below(&random, 12000), &told);
        struct ledger_report report = verify(&place);
        assert_int_equal(report.first_bad, 0);
        assert_int_equal(report.problems, 0);
        assert_true(report.entries >= told);
        if (told > 0)
            assert_string_equal(see_entry(&place, told).question, "again and again");
    }
    assert_true(told > 0);
    place_remove(&place);
}

/* Others ask, and erase what they asked, while every byte is looked at: nothing is wrong with that. */
static void test_verified_meanwhile(void **state)
{
    struct place place;
    (void)state;
    place_make(&place);
    append_many(&place, 2);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < 12; i++) {
            append_many(&place, 5);
            erase(&place, &(struct ledger_erase){.asker = i % 2 ? SLICE("anna") : SLICE("")});
        }
        _exit(0);
    }
    struct ledger_report report;
    int status = 0;
    do {
        report = verify(&place);
    } while (report.first_bad == 0 && report.problems == 0 && waitpid(child, &status, WNOHANG) == 0);
    assert_int_equal(report.first_bad, 0);
    assert_int_equal(report.problems, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    place_remove(&place);
}

static void test_two_processes(void **state)
{
    enum { PROCESSES = 3, EACH = 20 };
    struct place place;
    pid_t children[PROCESSES];
    (void)state;
    place_make(&place);
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            append_many(&place, EACH);
            _exit(0);
        }
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    struct ledger_report report = verify(&place);
    assert_int_equal(report.first_bad + report.problems, 0);
    assert_int_equal(report.entries, PROCESSES * EACH);
    place_remove(&place);
}

static void test_full_disk(void **state)
{
    struct place place;
    struct rlimit before, small;
    struct error error;
    uint64_t number;
    (void)state;
    place_make(&place);
    append_many(&place, 8);
    struct buffer log = load(place.entries);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    small = before;
    small.rlim_cur = log.size + 100; /* the next entry does not fit */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct ledger *ledger = open_log(&place, NULL);
    assert_false(append(ledger, "anna", "?", &number, &error));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_non_null(strstr(error.message, "audit log"));
    assert_int_equal(verify(&place).entries, 8);
    assert_true(append(ledger, "anna", "?", &number, &error));
    assert_int_equal(number, 9);
    assert_int_equal(verify(&place).first_bad, 0);
    ledger_close(ledger);
    buffer_release(&log);
    place_remove(&place);
}

static void test_heads_read(void **state)
{
    static const char root[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    struct arena arena;
    struct error error;
    struct ledger_head *heads;
    size_t count;
    char text[400];
    (void)state;
    arena_init(&arena);
    snprintf(text, sizeof(text), "0 %s\n\n{\"entries\":12,\"root\":\"%s\"}\n", root, root);
    assert_true(ledger_heads_read(slice_from(text), "heads", &arena, &heads, &count, &error));
    assert_int_equal(count, 2);
    assert_int_equal(heads[1].entries, 12);
    assert_string_equal(heads[0].root, root);
    static const char *const bad[] = {"", "12", "12 abc", "x e3b0", "{}", "{\"entries\":-1,\"root\":\"\"}"};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_false(ledger_heads_read(slice_from(bad[i]), "heads", &arena, &heads, &count, &error));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps),          cmocka_unit_test(test_hashed_question),
        cmocka_unit_test(test_page),           cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_lines_moved),    cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_damaged_end),    cmocka_unit_test(test_damage_hides_no_others),
        cmocka_unit_test(test_keys_and_texts), cmocka_unit_test(test_erase),
        cmocka_unit_test(test_torn),           cmocka_unit_test(test_kills),
        cmocka_unit_test(test_two_processes),  cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_heads_read),     cmocka_unit_test(test_verified_meanwhile),
        cmocka_unit_test(test_lost_head),      cmocka_unit_test(test_erases_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
