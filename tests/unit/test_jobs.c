/* test_jobs.c - what a server must not forget: it is there when the file is opened again, in order, and each owner has what is its own. */
#include "jobs/jobs.h"
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct place {
    char root[64], file[80];
    struct jobs *jobs;
};

static void open_jobs(struct place *place)
{
    struct error error;
    assert_true(jobs_open(&place->jobs, place->file, &error));
}

static int place_make(void **state)
{
    struct place *place = memory_alloc(1, sizeof(*place));
    snprintf(place->root, sizeof(place->root), "/tmp/assay-jobs-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->file, sizeof(place->file), "%s/server.db", place->root);
    open_jobs(place);
    *state = place;
    return 0;
}

static int place_remove(void **state)
{
    struct place *place = *state;
    struct error error;
    jobs_close(place->jobs);
    assert_true(folder_remove(place->root, &error));
    free(place);
    return 0;
}

static void reopen(struct place *place)
{
    jobs_close(place->jobs);
    open_jobs(place);
}

/* What each() met, as one text: "a b c". */
struct met {
    char text[512];
};

static void note(struct met *met, const char *word)
{
    size_t used = strlen(met->text);
    snprintf(met->text + used, sizeof(met->text) - used, "%s%s", used > 0 ? " " : "", word);
}

static bool note_file(void *context, const struct jobs_file *file)
{
    note(context, file->name);
    return true;
}

static bool note_work(void *context, const struct jobs_work *work)
{
    note(context, work->path);
    return true;
}

static bool note_first_work(void *context, const struct jobs_work *work)
{
    note(context, work->path);
    return false;
}

static void put_file(struct place *place, const char *path, const char *owner)
{
    struct error error;
    assert_true(jobs_put_file(
        place->jobs,
        &(struct jobs_file){.path = path, .name = path, .purpose = "assistants", .owner = owner, .size = 7, .created = 9},
        &error));
}

static void put_work(struct place *place, const char *store, const char *batch, const char *from, const char *path,
                     const char *owner)
{
    struct error error;
    const struct jobs_work work = {.store = store, .batch = batch, .from = from, .path = path, .owner = owner, .created = 5};
    assert_true(jobs_put_works(place->jobs, &work, 1, &error));
}

static void check_works(struct place *place, const struct jobs_which *which, const char *expected)
{
    struct met met = {""};
    struct error error;
    assert_true(jobs_each_work(place->jobs, which, note_work, &met, &error));
    assert_string_equal(met.text, expected);
}

static void check_files(struct place *place, const char *owner, const char *after, size_t most, const char *expected)
{
    struct met met = {""};
    struct error error;
    assert_true(jobs_each_file(place->jobs, owner, after, most, note_file, &met, &error));
    assert_string_equal(met.text, expected);
}

static void test_files(void **state)
{
    struct place *place = *state;
    struct jobs_file file;
    struct arena arena;
    struct error error;
    arena_init(&arena);
    put_file(place, "b", "one");
    put_file(place, "a", "two");
    put_file(place, "c", "one");
    reopen(place);
    check_files(place, NULL, NULL, 10, "a b c");
    check_files(place, "one", NULL, 10, "b c");
    check_files(place, NULL, "a", 1, "b");
    assert_true(jobs_find_file(place->jobs, "a", &arena, &file, &error));
    assert_string_equal(file.owner, "two");
    assert_string_equal(file.purpose, "assistants");
    assert_true(file.size == 7 && file.created == 9);
    assert_true(jobs_find_file(place->jobs, "nothing", &arena, &file, &error));
    assert_null(file.path);
    put_work(place, "s", "", "b", "copy of b", "one");
    put_work(place, "s", "", "c", "copy of c", "one");
    assert_true(jobs_forget_file(place->jobs, "b", &error));
    check_files(place, NULL, NULL, 10, "a c");
    check_works(place, &(struct jobs_which){0}, "copy of c");
    arena_release(&arena);
}

static void test_stores(void **state)
{
    struct place *place = *state;
    struct jobs_store store = {.id = "vs_1", .name = "fees", .metadata = "{}", .owner = "one", .created = 3};
    struct arena arena;
    struct error error;
    arena_init(&arena);
    assert_true(jobs_put_store(place->jobs, &store, &error));
    store.name = "changed";
    assert_true(jobs_put_store(place->jobs, &store, &error));
    reopen(place);
    assert_true(jobs_find_store(place->jobs, "vs_1", &arena, &store, &error));
    assert_string_equal(store.name, "changed");
    assert_string_equal(store.owner, "one");
    put_work(place, "vs_1", "", "a", "x", "one");
    put_work(place, "vs_2", "", "a", "y", "one");
    assert_true(jobs_forget_store(place->jobs, "vs_1", &error));
    assert_true(jobs_find_store(place->jobs, "vs_1", &arena, &store, &error));
    assert_null(store.id);
    check_works(place, &(struct jobs_which){0}, "y");
    arena_release(&arena);
}

static void test_works(void **state)
{
    struct place *place = *state;
    struct jobs_tally tally;
    struct met met = {""};
    struct error error;
    put_work(place, "s", "b1", "f", "x", "one");
    put_work(place, "s", "b1", "f", "y", "one");
    put_work(place, "s", "", "f", "z", "two");
    put_work(place, "s", "", "f", "z", "two"); /* takes the place of the one before */
    put_work(place, "t", "b2", "f", "x", "two");
    reopen(place);
    check_works(place, &(struct jobs_which){.state = JOBS_QUEUED}, "x y z x");
    check_works(place, &(struct jobs_which){.state = JOBS_QUEUED, .most = 2}, "x y");
    check_works(place, &(struct jobs_which){.store = "s", .path = "x"}, "x");
    check_works(place, &(struct jobs_which){.owner = "two"}, "z x");
    check_works(place, &(struct jobs_which){.batch = "b1", .owner = "two"}, "");
    assert_true(jobs_each_work(place->jobs, &(struct jobs_which){0}, note_first_work, &met, &error));
    assert_string_equal(met.text, "x");
    assert_true(jobs_end_work(place->jobs, 1, JOBS_DONE, "", &error));
    assert_true(jobs_end_work(place->jobs, 1, JOBS_FAILED, "too late", &error)); /* an outcome stays */
    assert_true(jobs_cancel_batch(place->jobs, "b1", &error));
    assert_true(jobs_tally_works(place->jobs, &(struct jobs_which){.batch = "b1"}, &tally, &error));
    assert_true(tally.done == 1 && tally.cancelled == 1 && tally.queued == 0 && tally.failed == 0 && tally.created == 5);
    assert_true(jobs_tally_works(place->jobs, &(struct jobs_which){.batch = "none"}, &tally, &error));
    assert_true(tally.done == 0 && tally.created == 0);
    assert_true(jobs_forget_works(place->jobs, "x", &error));
    check_works(place, &(struct jobs_which){0}, "y z");
}

static enum jobs_measure take(struct place *place, const char *key, int64_t day, const struct jobs_use *most)
{
    enum jobs_measure used_up = JOBS_NOTHING;
    struct error error;
    assert_true(jobs_take_request(place->jobs, key, day, most, &used_up, &error));
    return used_up;
}

static void test_uses(void **state)
{
    struct place *place = *state;
    const struct jobs_use three = {.requests = 3}, tokens = {.tokens = 10}, money = {.money = 0.5}, many = {.requests = 1000};
    enum jobs_measure used_up = JOBS_NOTHING;
    struct jobs_use use;
    struct error error;
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(place, "a", 100, &three), JOBS_NOTHING);
    assert_int_equal(take(place, "a", 100, &three), JOBS_REQUESTS);
    assert_int_equal(take(place, "b", 100, &three), JOBS_NOTHING);
    reopen(place);
    assert_int_equal(take(place, "a", 100, &three), JOBS_REQUESTS);
    assert_int_equal(take(place, "a", 99, &three), JOBS_REQUESTS); /* a clock that goes back */
    assert_int_equal(take(place, "a", 101, &three), JOBS_NOTHING);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take(place, "f", 5000, &three), JOBS_NOTHING); /* a clock that was years ahead */
    assert_int_equal(take(place, "f", 5000, &three), JOBS_REQUESTS);
    assert_int_equal(take(place, "f", 4999, &three), JOBS_REQUESTS);
    assert_int_equal(take(place, "f", 100, &three), JOBS_NOTHING);
    assert_true(jobs_look_at_use(place->jobs, "f", 100, &three, &used_up, &error) && used_up == JOBS_NOTHING);
    assert_int_equal(take(place, "f", 100, &three), JOBS_NOTHING);
    assert_int_equal(take(place, "f", 100, &three), JOBS_NOTHING);
    assert_true(jobs_look_at_use(place->jobs, "f", 100, &three, &used_up, &error) && used_up == JOBS_REQUESTS);
    assert_int_equal(take(place, "t", 100, &tokens), JOBS_NOTHING);
    assert_true(jobs_note_use(place->jobs, "t", 100, 10, 0.25, &error));
    assert_int_equal(take(place, "t", 100, &tokens), JOBS_TOKENS);
    assert_int_equal(take(place, "t", 100, &money), JOBS_NOTHING);
    assert_true(jobs_note_use(place->jobs, "t", 100, 0, 0.25, &error));
    assert_int_equal(take(place, "t", 100, &money), JOBS_MONEY);
    for (int i = 0; i < 5; i++)
        assert_int_equal(take(place, "m", 100, &many), JOBS_NOTHING);
    reopen(place); /* in order: the count is exact */
    assert_true(jobs_find_use(place->jobs, "m", 100, &use, &error));
    assert_true(use.requests == 5);
    assert_true(jobs_find_use(place->jobs, "t", 100, &use, &error));
    assert_true(use.tokens == 10 && use.money == 0.5);
}

/* Two handles on one file, as two processes have them: neither writes over what the other one counted. */
static void test_uses_of_several_handles_add_up(void **state)
{
    struct place *place = *state, other = *place;
    const struct jobs_use tokens = {.tokens = 30}, many = {.requests = 500};
    struct jobs_use use;
    struct error error;
    open_jobs(&other);
    assert_true(jobs_note_use(place->jobs, "t", 100, 10, 0.25, &error));
    assert_true(jobs_note_use(other.jobs, "t", 100, 10, 0.5, &error));
    assert_int_equal(take(place, "t", 100, &tokens), JOBS_NOTHING);
    assert_true(jobs_note_use(place->jobs, "t", 100, 10, 0, &error));
    assert_int_equal(take(&other, "t", 100, &tokens), JOBS_TOKENS); /* at once, not when it writes next */
    for (int i = 0; i < 7; i++) {
        assert_int_equal(take(place, "m", 100, &many), JOBS_NOTHING);
        assert_int_equal(take(&other, "m", 100, &many), JOBS_NOTHING);
    }
    assert_int_equal(take(&other, "t", 101, &tokens), JOBS_NOTHING); /* another day */
    assert_true(jobs_note_use(place->jobs, "t", 101, 3, 0, &error));
    jobs_close(other.jobs);
    reopen(place);
    assert_true(jobs_find_use(place->jobs, "m", 100, &use, &error));
    assert_true(use.requests == 14); /* what was set aside is given back by both */
    assert_true(jobs_find_use(place->jobs, "t", 101, &use, &error));
    assert_true(use.tokens == 3 && use.money == 0);
}

/* In a process of its own: asks until nothing is left and notes a token for each; writes how often it was let through. */
static void ask_until_refused(const char *file, int go, int told)
{
    const struct jobs_use most = {.requests = 700};
    enum jobs_measure used_up = JOBS_NOTHING;
    struct jobs *jobs;
    struct error error;
    int count = 0;
    char byte;
    bool ok = jobs_open(&jobs, file, &error);
    ok = read(go, &byte, 1) == 0 && ok; /* until the other one is ready, too */
    for (; ok; count++) {
        ok = jobs_take_request(jobs, "k", 100, &most, &used_up, &error) && used_up == JOBS_NOTHING &&
             jobs_note_use(jobs, "k", 100, 1, 0.5, &error);
        if (!ok)
            break;
    }
    if (used_up != JOBS_REQUESTS)
        count = -1;
    _exit(write(told, &count, sizeof(count)) == sizeof(count) ? 0 : 1);
}

static void test_uses_of_several_processes_add_up(void **state)
{
    struct place *place = *state;
    struct jobs_use use;
    struct error error;
    int go[2], told[2], let_through = 0;
    jobs_close(place->jobs); /* a handle is not to be carried into another process */
    assert_int_equal(pipe(go), 0);
    assert_int_equal(pipe(told), 0);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(go[1]);
            ask_until_refused(place->file, go[0], told[1]);
        }
    }
    close(go[1]);
    for (int i = 0; i < 2; i++) {
        int count, status;
        assert_int_equal(read(told[0], &count, sizeof(count)), sizeof(count));
        assert_true(count >= 0);
        let_through += count;
        assert_true(wait(&status) > 0 && status == 0);
    }
    close(go[0]);
    close(told[0]);
    close(told[1]);
    open_jobs(place);
    assert_int_equal(let_through, 700);
    assert_true(jobs_find_use(place->jobs, "k", 100, &use, &error));
    assert_true(use.requests == 700 && use.tokens == 700 && use.money == 350);
}

static bool note_record(void *context, const struct jobs_record *record)
{
    note(context, record->id);
    return true;
}

static void put_record(struct place *place, const char *id, const char *kind, const char *parent, const char *owner,
                       const char *state)
{
    struct error error;
    const struct jobs_record record = {.id = id,
                                       .kind = kind,
                                       .parent = parent,
                                       .owner = owner,
                                       .state = state,
                                       .body = "{\"a\":1}",
                                       .outcome = "{}",
                                       .created = 4};
    assert_true(jobs_put_record(place->jobs, &record, &error));
}

static void check_records(struct place *place, const struct jobs_records *which, const char *expected)
{
    struct met met = {""};
    struct error error;
    int64_t count, words = expected[0] != '\0';
    assert_true(jobs_each_record(place->jobs, which, note_record, &met, &error));
    assert_string_equal(met.text, expected);
    if (which->after > 0 || which->most > 0)
        return;
    for (const char *at = expected; *at != '\0'; at++)
        words += *at == ' ';
    assert_true(jobs_count_records(place->jobs, which, &count, &error));
    assert_int_equal(count, words);
}

static void test_records(void **state)
{
    struct place *place = *state;
    struct jobs_record record;
    struct arena arena;
    struct error error;
    bool changed;
    arena_init(&arena);
    put_record(place, "e", "eval", "", "one", "");
    put_record(place, "r", "run", "e", "one", "queued");
    put_record(place, "s", "run", "e", "two", "running");
    put_record(place, "i", "item", "r", "one", "pass");
    put_record(place, "other", "item", "s", "one", "pass");
    put_record(place, "orphan", "item", "gone", "one", "pass");
    reopen(place);
    check_records(place, &(struct jobs_records){.kind = "run"}, "r s");
    check_records(place, &(struct jobs_records){.kind = "run", .newest_first = true}, "s r");
    check_records(place, &(struct jobs_records){.kind = "run", .owner = "two"}, "s");
    check_records(place, &(struct jobs_records){.kind = "run", .parent = "f"}, "");
    check_records(place, &(struct jobs_records){.kind = "run", .state = "queued running"}, "r s");
    check_records(place, &(struct jobs_records){.kind = "run", .state = "run"}, "");
    check_records(place, &(struct jobs_records){.kind = "run", .most = 1}, "r");
    check_records(place, &(struct jobs_records){.kind = "run", .after = 2}, "s");
    check_records(place, &(struct jobs_records){.kind = "run", .after = 3, .newest_first = true}, "r");
    assert_true(jobs_next_record(place->jobs, NULL, "queued", &arena, &record, &error));
    assert_string_equal(record.id, "r");
    assert_true(jobs_change_record(place->jobs, "r", &(struct jobs_change){.from = "running paused", .state = "done"}, &changed,
                                   &error));
    assert_false(changed);
    assert_true(jobs_change_record(
        place->jobs, "r", &(struct jobs_change){.from = "queued", .state = "done", .outcome = "{\"b\":2}"}, &changed, &error));
    assert_true(changed);
    assert_true(jobs_find_record(place->jobs, "run", "r", &arena, &record, &error));
    assert_string_equal(record.state, "done");
    assert_string_equal(record.body, "{\"a\":1}");
    assert_string_equal(record.outcome, "{\"b\":2}");
    assert_true(record.created == 4);
    assert_true(jobs_find_record(place->jobs, "eval", "r", &arena, &record, &error)); /* of another kind */
    assert_null(record.id);
    assert_true(jobs_forget_record(place->jobs, "r", &error));
    check_records(place, &(struct jobs_records){.kind = "item"}, "other");
    assert_true(jobs_forget_record(place->jobs, "e", &error)); /* with all below it */
    check_records(place, &(struct jobs_records){.kind = "item"}, "");
    check_records(place, &(struct jobs_records){.kind = "run"}, "");
    arena_release(&arena);
}

static void test_records_have_space(void **state)
{
    struct place *place = *state;
    struct jobs_space space;
    struct jobs_record record = {.id = "x",
                                 .kind = "eval",
                                 .parent = "",
                                 .owner = "one",
                                 .state = "",
                                 .body = "{\"a\":1}",
                                 .outcome = "{}",
                                 .created = 4};
    struct error error;
    bool changed;
    const int64_t each = 7 + 2 + JOBS_RECORD_ROW_BYTES;
    jobs_limit_records(place->jobs, 3 * each, 4 * each);
    put_record(place, "a", "eval", "", "one", "");
    put_record(place, "b", "run", "a", "one", "queued");
    put_record(place, "c", "eval", "", "two", "");
    assert_true(jobs_space_of(place->jobs, "one", &space, &error) && space.bytes == each);
    assert_true(jobs_change_record(place->jobs, "b", &(struct jobs_change){.outcome = "{\"b\":2}"}, &changed, &error));
    assert_true(jobs_space_of(place->jobs, "one", &space, &error) && space.bytes == each - 5 && !space.is_others);
    assert_false(jobs_put_record(place->jobs, &record, &error));
    assert_int_equal(error.kind, ERROR_LIMIT);
    assert_true(jobs_forget_record(place->jobs, "a", &error)); /* with its run */
    assert_true(jobs_space_of(place->jobs, "one", &space, &error) && space.bytes == 3 * each);
    put_record(place, "a", "eval", "", "one", "");
    reopen(place);
    jobs_limit_records(place->jobs, 3 * each, 4 * each);
    put_record(place, "d", "eval", "", "two", "");
    put_record(place, "e", "eval", "", "three", "");
    assert_true(jobs_space_of(place->jobs, "one", &space, &error) && space.bytes == 0 && space.is_others);
    record.owner = "four";
    assert_false(jobs_put_record(place->jobs, &record, &error));
    assert_non_null(strstr(error.message, "all keys"));
}

static bool note_attributes(void *context, const char *path, const char *attributes)
{
    char text[64];
    snprintf(text, sizeof(text), "%s=%s", path, attributes);
    note(context, text);
    return true;
}

static void check_changed(struct place *place, const char *expected)
{
    struct met met = {""};
    struct error error;
    assert_true(jobs_each_attributes(place->jobs, 10, note_attributes, &met, &error));
    assert_string_equal(met.text, expected);
}

static void test_attributes(void **state)
{
    struct place *place = *state;
    struct arena arena;
    struct error error;
    const char *found;
    struct jobs_work work = {
        .store = "vs_1", .batch = "", .from = "f", .path = "x", .owner = "one", .created = 5, .attributes = "{\"a\":1}"};
    arena_init(&arena);
    assert_true(jobs_put_works(place->jobs, &work, 1, &error));
    check_changed(place, ""); /* they come with the document */
    reopen(place);
    assert_true(jobs_find_attributes(place->jobs, "x", &arena, &found, &error));
    assert_string_equal(found, "{\"a\":1}");
    assert_true(jobs_end_work(place->jobs, 1, JOBS_DONE, "", &error));
    check_changed(place, "x={\"a\":1}");
    assert_true(jobs_put_attributes(place->jobs, "x", "{\"a\":2}", &error));
    assert_true(jobs_end_attributes(place->jobs, "x", "{\"a\":1}", &error)); /* they were changed meanwhile */
    check_changed(place, "x={\"a\":2}");
    assert_true(jobs_end_attributes(place->jobs, "x", "{\"a\":2}", &error));
    check_changed(place, "");
    work.attributes = NULL;
    assert_true(jobs_put_works(place->jobs, &work, 1, &error));
    assert_true(jobs_find_attributes(place->jobs, "x", &arena, &found, &error));
    assert_string_equal(found, "{}");
    assert_true(jobs_forget_works(place->jobs, "x", &error));
    assert_true(jobs_find_attributes(place->jobs, "x", &arena, &found, &error));
    assert_null(found);
    arena_release(&arena);
}

static bool note_task(void *context, const struct jobs_task *task)
{
    char text[64];
    snprintf(text, sizeof(text), "%lld:%s", (long long)task->id, task->state);
    note(context, text);
    return true;
}

static void assert_tasks(struct place *place, const char *expected)
{
    struct met met = {0};
    struct error error;
    assert_true(jobs_each_task(place->jobs, 0, 100, note_task, &met, &error));
    assert_string_equal(met.text, expected);
}

static bool is_tune(void *context, const struct jobs_task *task)
{
    (*(int *)context)++;
    return strcmp(task->kind, "tune") == 0;
}

static void test_a_task_is_chosen(void **state)
{
    struct place *place = *state;
    struct arena arena;
    struct error error;
    struct jobs_task task = {.kind = "eval", .request = "{}", .by = "admin", .created = 5}, taken;
    int64_t id;
    int asked = 0;
    const struct jobs_choice choice = {is_tune, &asked};
    arena_init(&arena);
    assert_true(jobs_put_task(place->jobs, &task, &id, &error));
    assert_true(jobs_take_task(place->jobs, &choice, 7, &arena, &taken, &error) && taken.id == 0 && asked == 1);
    task.kind = "tune";
    assert_true(jobs_put_task(place->jobs, &task, &id, &error));
    assert_true(jobs_take_task(place->jobs, &choice, 7, &arena, &taken, &error) && taken.id == 2);
    assert_tasks(place, "2:running 1:queued");
    arena_release(&arena);
}

static void test_tasks(void **state)
{
    struct place *place = *state;
    struct arena arena;
    struct error error;
    struct jobs_task task = {.kind = "eval", .request = "{}", .by = "admin", .created = 5}, taken, none;
    int64_t id;
    arena_init(&arena);
    for (int i = 0; i < 3; i++)
        assert_true(jobs_put_task(place->jobs, &task, &id, &error));
    assert_int_equal(id, 3);
    assert_true(jobs_take_task(place->jobs, NULL, 7, &arena, &taken, &error));
    assert_true(taken.id == 1 && taken.tries == 1 && taken.started == 7 && strcmp(taken.kind, "eval") == 0);
    assert_true(jobs_cancel_task(place->jobs, 2, 8, &error));
    assert_tasks(place, "3:queued 2:cancelled 1:running");

    for (int i = 1; i < JOBS_TASK_TRIES; i++) { /* the program ends while it runs */
        reopen(place);
        assert_true(jobs_recover_tasks(place->jobs, 9, &error));
        assert_true(jobs_take_task(place->jobs, NULL, 9, &arena, &taken, &error));
        assert_true(taken.id == 1 && taken.tries == i + 1);
    }
    reopen(place);
    assert_true(jobs_recover_tasks(place->jobs, 10, &error));
    assert_tasks(place, "3:queued 2:cancelled 1:failed");

    assert_true(jobs_take_task(place->jobs, NULL, 11, &arena, &taken, &error));
    assert_true(jobs_cancel_task(place->jobs, 3, 12, &error));
    assert_tasks(place, "3:stopping 2:cancelled 1:failed");
    taken.state = JOBS_DONE;
    taken.message = "";
    taken.result = "0004";
    taken.ended = 13;
    assert_true(jobs_end_task(place->jobs, &taken, &error));
    taken.state = JOBS_FAILED; /* it has ended: nothing changes */
    assert_true(jobs_end_task(place->jobs, &taken, &error));
    assert_true(jobs_cancel_task(place->jobs, 3, 14, &error));
    assert_true(jobs_find_task(place->jobs, 3, &arena, &taken, &error));
    assert_true(strcmp(taken.state, JOBS_DONE) == 0 && strcmp(taken.result, "0004") == 0 && taken.ended == 13);
    assert_true(jobs_take_task(place->jobs, NULL, 15, &arena, &none, &error) && none.id == 0);
    assert_true(jobs_find_task(place->jobs, 99, &arena, &none, &error) && none.id == 0);

    for (int i = 0; i < JOBS_TASKS_WAITING; i++)
        assert_true(jobs_put_task(place->jobs, &task, &id, &error));
    assert_false(jobs_put_task(place->jobs, &task, &id, &error));
    assert_int_equal(error.kind, ERROR_LIMIT);
    arena_release(&arena);
}

static void test_tasks_that_are_long_done_go(void **state)
{
    struct place *place = *state;
    struct arena arena;
    struct error error;
    const struct jobs_task task = {.kind = "eval", .request = "{}", .by = "admin", .created = 5};
    struct jobs_task taken, found;
    int64_t id = 0;
    arena_init(&arena);
    for (int i = 0; i <= JOBS_TASKS_KEPT; i++) {
        assert_true(jobs_put_task(place->jobs, &task, &id, &error));
        assert_true(jobs_cancel_task(place->jobs, id, 6, &error));
    }
    assert_true(jobs_find_task(place->jobs, 1, &arena, &found, &error) && found.id == 0);
    assert_true(jobs_find_task(place->jobs, 2, &arena, &found, &error) && found.id == 2);
    assert_true(jobs_take_task(place->jobs, NULL, 7, &arena, &taken, &error) && taken.id == 0);
    arena_release(&arena);
}

static void test_another_file_is_refused(void **state)
{
    struct place *place = *state;
    struct jobs *jobs = NULL;
    struct error error;
    char path[96];
    snprintf(path, sizeof(path), "%s/other.db", place->root);
    assert_true(file_replace(path, SLICE("this is no database, and long enough to be looked at as one ............"), &error));
    assert_false(jobs_open(&jobs, path, &error));
    assert_int_equal(error.kind, ERROR_CORRUPT);
    assert_non_null(strstr(error.message, "other.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_stores, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_works, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_uses, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_uses_of_several_handles_add_up, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_uses_of_several_processes_add_up, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_records, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_records_have_space, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_attributes, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_a_task_is_chosen, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_tasks, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_tasks_that_are_long_done_go, place_make, place_remove),
        cmocka_unit_test_setup_teardown(test_another_file_is_refused, place_make, place_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
