/* test_base.c - the base room against plain restatements of its contracts. */
#include "compare.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void error_messages(void **state)
{
    (void)state;
    struct error error = {0};
    assert_false(error_set(&error, ERROR_LIMIT, "body is %d MiB, the limit is %d MiB", 34, 16));
    assert_string_equal(error.message, "body is 34 MiB, the limit is 16 MiB");
    error_hint(&error, "Raise %s.", "server.body_max_mb");
    assert_false(error_wrap(&error, "could not take \"%s\"", "a.txt"));
    assert_string_equal(error.message, "could not take \"a.txt\": body is 34 MiB, the limit is 16 MiB");
    assert_string_equal(error.hint, "Raise server.body_max_mb.");
    assert_int_equal(error.kind, ERROR_LIMIT);
    errno = ENOENT;
    error_system(&error, "could not open \"%s\"", "x");
    assert_string_equal(error.message, "could not open \"x\": no such file or directory");
    assert_int_equal(error.kind, ERROR_NOT_FOUND);
    assert_string_equal(error_kind_name(ERROR_NO_MEMORY), "no_memory");
}

/* Lines cut the plain way: at \n, without \r before it. */
static void lines_like_plain_cutting(void **state)
{
    (void)state;
    static const char alphabet[] = "ab\n\n\r\n\xff\0";
    struct random random;
    random_init(&random, 7);
    for (size_t round = 0; round < 60; round++) {
        struct error error = {0};
        struct buffer content;
        buffer_init(&content, 8 * MIB);
        size_t size = round < 40 ? (size_t)random_below(&random, 40) : 3 * MIB;
        for (size_t i = 0; i < size; i++)
            buffer_append_byte(&content, alphabet[random_below(&random, round % 2 ? sizeof(alphabet) - 1 : 4)]);
        assert_true(file_replace("lines.tmp", buffer_slice(&content), &error));
        static const char *const paths[] = {"lines.tmp", "lines.tmp"};
        struct lines lines;
        lines_init(&lines, paths, 2);
        assert_int_equal(lines.total, 2 * size);
        struct slice rest = {0};
        size_t number = 1, count, files = 0;
        const struct slice *batch;
        do {
            assert_true(lines_next(&lines, 1 + round * 7, &batch, &count, &error));
            assert_true(count <= 1 + round * 7);
            for (size_t i = 0; i < count; i++, number++) {
                struct slice line = {0};
                size_t at;
                if (rest.size == 0) {
                    rest = buffer_slice(&content);
                    number = 1;
                    files++;
                }
                assert_int_equal(lines.first + i, number);
                bool ended = slice_find(rest, '\n', &at);
                assert_true(slice_next(&rest, '\n', &line));
                if (ended && line.size > 0 && line.data[line.size - 1] == '\r')
                    line.size--;
                assert_true(slice_equal(batch[i], line));
            }
        } while (count > 0);
        assert_int_equal(rest.size, 0);
        assert_int_equal(files, size > 0 ? 2 : 0);
        assert_int_equal(lines.taken, lines.total);
        lines_release(&lines);
        buffer_release(&content);
    }
    struct error error = {0};
    assert_true(file_remove("lines.tmp", &error));
}

static void folders_copied_and_removed(void **state)
{
    (void)state;
    struct error error = {0};
    struct buffer content;
    assert_true(folder_remove("tree.tmp", &error)); /* not there */
    assert_true(folder_create("tree.tmp/a/b", &error));
    assert_true(file_replace("tree.tmp/a/one", SLICE("content"), &error));
    assert_true(file_copy("tree.tmp/a/one", "tree.tmp/a/b/two", &error));
    assert_false(file_copy("tree.tmp/a/one", "tree.tmp/a/b/two", &error)); /* it is there */
    assert_int_equal(symlink("one", "tree.tmp/a/link"), 0);
    expect_error(file_copy("tree.tmp/a/link", "tree.tmp/three", &error), &error, ERROR_INVALID,
                 "\"tree.tmp/a/link\" is a link, and links are not followed");
    assert_false(file_copy("tree.tmp/a", "tree.tmp/three", &error));
    buffer_init(&content, MIB);
    assert_true(file_read("tree.tmp/a/b/two", KIB, &content, &error));
    assert_string_equal(buffer_text(&content), "content");
    buffer_release(&content);
    expect_error(folder_move("tree.tmp/a/b", "tree.tmp/a", &error), &error, ERROR_CONFLICT, "\"tree.tmp/a\" exists");
    assert_true(folder_move("tree.tmp/a", "tree.tmp/moved", &error) && file_exists("tree.tmp/moved/b/two"));
    assert_true(folder_create("tree.tmp/fresh", &error) && file_replace("tree.tmp/fresh/three", SLICE("new"), &error));
    assert_true(folder_replace("tree.tmp/fresh", "tree.tmp/moved", &error));
    assert_true(file_exists("tree.tmp/moved/three") && !file_exists("tree.tmp/moved/b") && !file_exists("tree.tmp/fresh"));
    assert_true(folder_replace("tree.tmp/moved", "tree.tmp/fresh", &error) && file_exists("tree.tmp/fresh/three"));
    assert_true(folder_replace("tree.tmp/fresh", "tree.tmp/moved", &error)); /* to where nothing is */
    assert_true(file_replace("tree.tmp/file", SLICE(""), &error));
    expect_error(folder_replace("tree.tmp/moved", "tree.tmp/file", &error), &error, ERROR_CONFLICT, "is no folder");
    assert_int_equal(symlink("..", "tree.tmp/moved/up"), 0); /* removed, not entered */
    assert_true(folder_remove("tree.tmp", &error) && !file_exists("tree.tmp"));
}

/* A link is removed, wherever it stands, and what it points to stays. */
static void folder_remove_follows_no_link(void **state)
{
    (void)state;
    struct error error = {0};
    assert_true(folder_create("kept.tmp/below", &error) && file_replace("kept.tmp/below/file", SLICE("kept"), &error));
    assert_int_equal(symlink("kept.tmp", "link.tmp"), 0);
    expect_ok(folder_remove("link.tmp", &error), &error);
    assert_int_equal(access("link.tmp", F_OK), -1);
    assert_true(file_exists("kept.tmp/below/file"));
    assert_true(folder_create("tree.tmp/a", &error));
    assert_int_equal(symlink("../../kept.tmp/below", "tree.tmp/a/link"), 0);
    assert_int_equal(symlink("nowhere", "tree.tmp/a/dangling"), 0);
    assert_int_equal(mkfifo("tree.tmp/a/pipe", 0600), 0);
    expect_ok(folder_remove("tree.tmp", &error), &error);
    assert_false(file_exists("tree.tmp"));
    assert_true(file_exists("kept.tmp/below/file"));
    expect_ok(folder_remove("kept.tmp/below/file", &error), &error); /* a file is removed too */
    expect_ok(folder_remove("kept.tmp", &error), &error);
}

static void new_folders_are_new(void **state)
{
    (void)state;
    struct error error = {0};
    expect_ok(folder_create_new("new.tmp", &error), &error);
    expect_error(folder_create_new("new.tmp", &error), &error, ERROR_CONFLICT, "\"new.tmp\" exists");
    assert_int_equal(symlink("nowhere", "new.tmp/link"), 0);
    expect_error(folder_create_new("new.tmp/link", &error), &error, ERROR_CONFLICT, "\"new.tmp/link\" exists");
    expect_error(folder_create_new("new.tmp/a/b", &error), &error, ERROR_NOT_FOUND, "could not create folder");
    expect_ok(folder_remove("new.tmp", &error), &error);
}

/* A buffer that holds the file exactly takes it; one with a byte less does not. */
enum { REPLACERS = 4, REPLACEMENTS = 50 };

static void *replace_often(void *path)
{
    struct error error;
    for (int i = 0; i < REPLACEMENTS; i++)
        if (!file_replace(path, SLICE("whole"), &error))
            return path;
    return NULL;
}

/* What all of them write is there afterwards, and none of them failed by another's work. */
static void files_replaced_by_several_threads(void **state)
{
    (void)state;
    static char path[] = "shared.tmp";
    pthread_t threads[REPLACERS];
    struct error error;
    struct buffer content;
    void *failed;
    buffer_init(&content, MIB);
    for (int i = 0; i < REPLACERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, replace_often, path), 0);
    for (int i = 0; i < REPLACERS; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    expect_ok(file_read(path, MIB, &content, &error), &error);
    compare_bytes(path, buffer_slice(&content), SLICE("whole"), 0);
    expect_ok(file_remove(path, &error), &error);
    buffer_release(&content);
}

static void files_of_exact_size(void **state)
{
    (void)state;
    static char content[5000];
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 5000};
    struct error error = {0};
    memset(content, 'x', sizeof(content));
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        struct buffer exact, small;
        buffer_init(&exact, sizes[i] > 0 ? sizes[i] : 1);
        assert_true(file_replace("exact.tmp", (struct slice){content, sizes[i]}, &error));
        expect_ok(file_read("exact.tmp", sizes[i], &exact, &error), &error);
        compare_bytes("exact", buffer_slice(&exact), (struct slice){content, sizes[i]}, 0);
        buffer_release(&exact);
        if (sizes[i] < 2)
            continue;
        buffer_init(&small, sizes[i] - 1);
        expect_error(file_read("exact.tmp", sizes[i], &small, &error), &error, ERROR_LIMIT, "does not fit");
        buffer_release(&small);
    }
    struct buffer unsized; /* a file that says it has 0 bytes */
    buffer_init(&unsized, 64 * KIB);
    expect_ok(file_read("/proc/self/status", 64 * KIB, &unsized, &error), &error);
    assert_true(unsized.size > 0);
    buffer_release(&unsized);
    assert_true(file_remove("exact.tmp", &error));
}

static void error_cut_at_character(void **state)
{
    (void)state;
    char long_text[sizeof(((struct error *)NULL)->message) + 80];
    for (size_t shift = 0; shift < 4; shift++) {
        struct error error = {0};
        memset(long_text, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof(long_text); i += 3)
            memcpy(long_text + i, "\xE2\x82\xAC", 4); /* euro signs */
        error_set(&error, ERROR_INVALID, "%s", long_text);
        size_t size = strlen(error.message);
        assert_true(size < sizeof(error.message) && size > sizeof(error.message) - 5);
        assert_int_equal((size - shift) % 3, 0);
    }
}

static void buffer_limits(void **state)
{
    (void)state;
    struct buffer buffer;
    struct error error = {0};
    buffer_init(&buffer, 10);
    buffer_append_text(&buffer, "12345");
    buffer_append_text(&buffer, "67890");
    assert_true(buffer_finish(&buffer, "text", &error));
    assert_string_equal(buffer_text(&buffer), "1234567890");
    buffer_append_byte(&buffer, 'x');
    assert_int_equal(buffer.size, 10);
    expect_error(buffer_finish(&buffer, "text", &error), &error, ERROR_LIMIT, "text does not fit: the limit is 10 bytes");
    buffer_clear(&buffer);
    buffer_format(&buffer, "%d-%s", 7, "a");
    assert_string_equal(buffer_text(&buffer), "7-a");
    buffer_release(&buffer);
}

static void numbers_round_trip(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    struct buffer buffer;
    buffer_init(&buffer, MIB);
    uint64_t values[1000];
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        values[i] = random_u64(&random) >> random_below(&random, 64);
        if (i < 4)
            values[i] = (uint64_t[]){0, 127, 128, UINT64_MAX}[i];
        buffer_varint(&buffer, values[i]);
        buffer_u32(&buffer, (uint32_t)values[i]);
        buffer_u16(&buffer, (uint16_t)values[i]);
        buffer_u64(&buffer, values[i]);
    }
    struct bytes bytes = bytes_from(buffer_slice(&buffer));
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        assert_int_equal(bytes_varint(&bytes), values[i]);
        assert_int_equal(bytes_u32(&bytes), (uint32_t)values[i]);
        assert_int_equal(bytes_u16(&bytes), (uint16_t)values[i]);
        assert_int_equal(bytes_u64(&bytes), values[i]);
    }
    assert_false(bytes.failed);
    assert_int_equal(bytes_left(&bytes), 0);
    assert_int_equal(bytes_u8(&bytes), 0);
    assert_true(bytes.failed);
    assert_int_equal(bytes.failed_at, buffer.size);
    buffer_release(&buffer);
}

static void varint_rejects(void **state)
{
    (void)state;
    static const struct slice wrong[] = {SLICE_CONSTANT(""), SLICE_CONSTANT("\x80"),
                                         SLICE_CONSTANT("\x80\x00"), /* 0 in two bytes */
                                         SLICE_CONSTANT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
                                         SLICE_CONSTANT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01")};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct bytes bytes = bytes_from(wrong[i]);
        bytes_varint(&bytes);
        assert_true(bytes.failed);
    }
}

static void map_against_array(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, test_seed());
    enum { KEYS = 5000 };
    struct map map;
    map_init(&map, KEYS);
    static uint64_t truth[KEYS];
    memset(truth, 0, sizeof(truth));
    for (size_t step = 0; step < 40000; step++) {
        char key[16];
        size_t number = (size_t)random_below(&random, KEYS);
        int size = snprintf(key, sizeof(key), "k%zu", number);
        bool is_new;
        struct map_entry *entry = map_put(&map, (struct slice){key, (size_t)size}, &is_new);
        assert_non_null(entry);
        assert_int_equal(is_new, truth[number] == 0);
        assert_int_equal(entry->value, truth[number]);
        truth[number] = entry->value = step + 1;
    }
    for (size_t number = 0; number < KEYS; number++) {
        char key[16];
        int size = snprintf(key, sizeof(key), "k%zu", number);
        struct map_entry *entry = map_get(&map, (struct slice){key, (size_t)size});
        assert_int_equal(entry ? entry->value : 0, truth[number]);
    }
    assert_null(map_get(&map, SLICE("absent")));
    map_release(&map);
    map_init(&map, 1);
    assert_non_null(map_put(&map, SLICE(""), NULL));
    assert_null(map_put(&map, SLICE("second"), NULL));
    map_release(&map);
}

static void slices(void **state)
{
    (void)state;
    uint64_t number;
    double real;
    assert_true(slice_to_u64(SLICE("18446744073709551615"), &number) && number == UINT64_MAX);
    assert_false(slice_to_u64(SLICE("18446744073709551616"), &number));
    assert_false(slice_to_u64(SLICE("-1"), &number) || slice_to_u64(SLICE(""), &number) || slice_to_u64(SLICE("1 "), &number));
    assert_true(slice_to_double(SLICE("-1.5e3"), &real) && real == -1500.0);
    assert_false(slice_to_double(SLICE("inf"), &real) || slice_to_double(SLICE("0x1"), &real) ||
                 slice_to_double(SLICE("1e999"), &real) || slice_to_double(SLICE("1\0"), &real));
    compare_text("trim", slice_trim(SLICE(" \t a b\n")), "a b");
    assert_int_equal(slice_distance(SLICE("serach"), SLICE("search"), 9), 1);
    assert_int_equal(slice_distance(SLICE("kitten"), SLICE("sitting"), 9), 3);
    assert_int_equal(slice_distance(SLICE(""), SLICE("abc"), 2), 2);
    struct slice rest = SLICE("a,,b"), part;
    size_t parts = 0;
    while (slice_next(&rest, ',', &part))
        parts++;
    assert_int_equal(parts, 3);
}

static void paths(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"/a/b", "c.md", "/a/b/c.md"},  {"/a/b", "../c", "/a/c"}, {"/a/b", "../../../..", "/"},
        {"/a", "/x//y/./z/", "/x/y/z"}, {"/", "a", "/a"},         {"/a/b", ".", "/a/b"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        assert_string_equal(path_normal(&arena, cases[i][0], cases[i][1]), cases[i][2]);
    arena_release(&arena);
    assert_true(path_is_below("/a/b", "/a") && path_is_below("/a", "/a") && path_is_below("/a", "/"));
    assert_false(path_is_below("/ab", "/a") || path_is_below("/a", "/a/b"));
    compare_text("extension", path_extension("a.d/b.tar.MD"), "MD");
    compare_text("extension", path_extension("a.d/b"), "");
    compare_text("extension", path_extension(".profile"), "");
    compare_text("folder", path_folder("/a"), "/");
    compare_text("folder", path_folder("a"), ".");
}

static void files(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    arena_init(&arena);
    char *folder = test_folder_create();
    char *deep = path_join(&arena, folder, "a/b/c");
    expect_ok(folder_create(deep, &error), &error);
    char *path = path_join(&arena, deep, "file");
    expect_ok(file_replace(path, SLICE("first"), &error), &error);
    expect_ok(file_replace(path, SLICE("second\0!"), &error), &error);
    struct buffer buffer;
    buffer_init(&buffer, MIB);
    expect_ok(file_read(path, MIB, &buffer, &error), &error);
    compare_bytes("file", buffer_slice(&buffer), SLICE("second\0!"), 0);
    expect_error(file_read(path, 7, &buffer, &error), &error, ERROR_LIMIT, "has 8 bytes, the limit is 7");
    expect_error(file_read(deep, 7, &buffer, &error), &error, ERROR_INVALID, "is not a regular file");
    struct file_map map;
    expect_ok(file_map_open(&map, path, &error), &error);
    compare_bytes("map", (struct slice){(const char *)map.data, map.size}, SLICE("second\0!"), 0);
    file_map_close(&map);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    const struct file_identity identity = {status.st_dev, status.st_ino};
    buffer_clear(&buffer);
    expect_ok(file_read_same(path, &identity, MIB, &buffer, &error), &error);
    compare_bytes("the same file", buffer_slice(&buffer), SLICE("second\0!"), 0);
    assert_true(file_is_same(path, &identity));
    expect_ok(file_replace(path, SLICE("another"), &error), &error);
    expect_error(file_read_same(path, &identity, MIB, &buffer, &error), &error, ERROR_CONFLICT, "was replaced by another file");
    assert_false(file_is_same(path, &identity));
    char *absent = path_join(&arena, folder, "absent");
    expect_error(file_map_open(&map, absent, &error), &error, ERROR_NOT_FOUND, "no such file");
    expect_ok(file_remove(absent, &error), &error);
    expect_error(folder_create(path, &error), &error, ERROR_CONFLICT, "is not a folder");
    buffer_release(&buffer);
    arena_release(&arena);
    test_folder_remove(folder);
}

static void locks(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    arena_init(&arena);
    char *folder = test_folder_create();
    char *path = path_join(&arena, folder, "lock");
    struct file_lock first = {-1}, second = {-1};
    expect_ok(file_lock_take(&first, path, "assay add", &error), &error);
    expect_error(file_lock_take(&second, path, "assay add", &error), &error, ERROR_CONFLICT, "(assay add)");
    file_lock_release(&first);
    expect_ok(file_lock_take(&second, path, "assay add", &error), &error);
    file_lock_release(&second);
    arena_release(&arena);
    test_folder_remove(folder);
}

struct loop {
    atomic_uint *seen;
    size_t threads;
    atomic_bool wrong;
};

static void visit(void *context, size_t index, size_t thread)
{
    struct loop *loop = context;
    if (thread >= loop->threads)
        atomic_store(&loop->wrong, true);
    atomic_fetch_add(&loop->seen[index], 1);
}

static void loops(void **state)
{
    (void)state;
    static atomic_uint seen[1000];
    for (size_t threads = 1; threads <= 8; threads++) {
        struct pool *pool = pool_create(threads);
        for (size_t count = 0; count <= 1000; count = count * 3 + 1) {
            struct loop loop = {seen, pool_thread_count(pool), false};
            for (size_t i = 0; i < count; i++)
                atomic_store(&seen[i], 0);
            pool_parallel_for(pool, count, visit, &loop);
            assert_false(atomic_load(&loop.wrong));
            for (size_t i = 0; i < count; i++)
                assert_int_equal(atomic_load(&seen[i]), 1);
        }
        pool_free(pool);
    }
}

struct caller {
    struct pool *pool;
    atomic_size_t loops;
    atomic_bool ended;
};

static void take_a_while(void *context, size_t index, size_t thread)
{
    (void)context;
    (void)index;
    (void)thread;
    for (volatile size_t i = 0; i < 20000; i++) {
    }
}

static void *loop_after_loop(void *argument)
{
    struct caller *other = argument;
    while (!atomic_load(&other->ended)) {
        pool_parallel_for(other->pool, 2, take_a_while, NULL);
        atomic_fetch_add(&other->loops, 1);
    }
    return NULL;
}

/* Beside a caller of loop after loop, one's turn comes after the loop that runs and at most one more. Where this thread is stopped
 * between the look at the count and its call, others pass: so not every time, but nearly. */
static void turns_in_order(void **state)
{
    (void)state;
    enum { ROUNDS = 100, PASSED_MAX = 3 };
    for (size_t threads = 1; threads <= 2; threads++) {
        struct caller other = {.pool = pool_create(threads)};
        size_t late = 0;
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, loop_after_loop, &other), 0);
        while (atomic_load(&other.loops) == 0)
            sched_yield();
        for (size_t round = 0; round < ROUNDS; round++) {
            size_t before = atomic_load(&other.loops);
            pool_parallel_for(other.pool, 1 + round % 2, take_a_while, NULL);
            late += atomic_load(&other.loops) - before > PASSED_MAX;
        }
        atomic_store(&other.ended, true);
        pthread_join(thread, NULL);
        pool_free(other.pool);
        assert_in_range(late, 0, ROUNDS / 4);
    }
}

struct crowd {
    struct pool *pool;
    atomic_bool used[8]; /* by place */
    atomic_size_t clashes, visits;
};

static void use_place(void *context, size_t index, size_t thread)
{
    struct crowd *crowd = context;
    if (atomic_exchange(&crowd->used[thread], true))
        atomic_fetch_add(&crowd->clashes, 1);
    take_a_while(NULL, index, thread);
    atomic_store(&crowd->used[thread], false);
    atomic_fetch_add(&crowd->visits, 1);
}

enum { CROWD_LOOPS = 50, CROWD_ITEMS = 7 };

static void *call_often(void *argument)
{
    struct crowd *crowd = argument;
    for (size_t i = 0; i < CROWD_LOOPS; i++)
        pool_parallel_for(crowd->pool, i % (CROWD_ITEMS + 1), use_place, crowd);
    return NULL;
}

/* However many call, two that work at a time have two places, and each item is done once. */
static void places_of_many_callers(void **state)
{
    (void)state;
    enum { CALLERS = 5 };
    size_t wanted = 0;
    for (size_t i = 0; i < CROWD_LOOPS; i++)
        wanted += CALLERS * (i % (CROWD_ITEMS + 1));
    for (size_t threads = 1; threads <= 4; threads++) {
        struct crowd crowd = {.pool = pool_create(threads)};
        pthread_t callers[CALLERS];
        for (size_t i = 0; i < CALLERS; i++)
            assert_int_equal(pthread_create(&callers[i], NULL, call_often, &crowd), 0);
        for (size_t i = 0; i < CALLERS; i++)
            pthread_join(callers[i], NULL);
        pool_free(crowd.pool);
        assert_int_equal(atomic_load(&crowd.clashes), 0);
        assert_int_equal(atomic_load(&crowd.visits), wanted);
    }
}

struct long_loop {
    struct pool *pool;
    atomic_bool begun, second_done, gave_up;
};

/* Its first item ends when the other caller's loop has, which therefore must not wait for it. */
static void wait_for_second(void *context, size_t index, size_t thread)
{
    struct long_loop *loop = context;
    atomic_store(&loop->begun, true);
    uint64_t until = clock_now_ns() + UINT64_C(20000000000);
    while (index == 0 && !atomic_load(&loop->second_done) && !atomic_load(&loop->gave_up)) {
        if (clock_now_ns() > until)
            atomic_store(&loop->gave_up, true);
        sched_yield();
    }
    take_a_while(NULL, index, thread);
}

static void *call_long(void *argument)
{
    struct long_loop *loop = argument;
    pool_parallel_for(loop->pool, 100, wait_for_second, loop);
    return NULL;
}

static void second_loop_does_not_wait(void **state)
{
    (void)state;
    struct long_loop loop = {.pool = pool_create(2)};
    pthread_t first;
    assert_int_equal(pthread_create(&first, NULL, call_long, &loop), 0);
    while (!atomic_load(&loop.begun))
        sched_yield();
    pool_parallel_for(loop.pool, 3, take_a_while, NULL);
    atomic_store(&loop.second_done, true);
    pthread_join(first, NULL);
    pool_free(loop.pool);
    assert_false(atomic_load(&loop.gave_up));
}

static void chance(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 42);
    size_t counts[6] = {0};
    for (int i = 0; i < 60000; i++)
        counts[random_below(&random, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(counts[i], 9600, 10400); /* over 4 standard deviations of 91 */
    for (int i = 0; i < 1000; i++) {
        double unit = random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
    }
}

/* Of a line that the disk has no room for, no part stays: the next one would run into it. */
static void lines_appended_whole(void **state)
{
    (void)state;
    static const char line[] = "{\"question\": \"a line of more than so many bytes\"}";
    char path[] = "/tmp/assay_lines_XXXXXX", read[64];
    struct rlimit before, small;
    struct error error = {0};
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0 && write(descriptor, "old", 3) == 3);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    small = before;
    small.rlim_cur = 20;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(file_append_line(path, slice_from(line), &error));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_non_null(strstr(error.message, "could not append"));
    expect_ok(file_append_line(path, SLICE("new"), &error), &error);
    assert_int_equal(pread(descriptor, read, sizeof(read), 0), 8);
    assert_memory_equal(read, "old\nnew\n", 8);
    close(descriptor);
    unlink(path);
}

static void arena_alignment(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct random random;
    random_init(&random, test_seed());
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2000; i++) {
            size_t size = (size_t)random_below(&random, i % 100 == 0 ? 200000 : 200);
            unsigned char *memory = arena_alloc(&arena, size, 1);
            assert_int_equal((uintptr_t)memory % 16, 0);
            for (size_t j = 0; j < size; j++)
                assert_int_equal(memory[j], 0);
            memset(memory, 0xA5, size);
        }
        arena_clear(&arena);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_messages),
        cmocka_unit_test(error_cut_at_character),
        cmocka_unit_test(buffer_limits),
        cmocka_unit_test(numbers_round_trip),
        cmocka_unit_test(varint_rejects),
        cmocka_unit_test(map_against_array),
        cmocka_unit_test(slices),
        cmocka_unit_test(paths),
        cmocka_unit_test(files),
        cmocka_unit_test(locks),
        cmocka_unit_test(loops),
        cmocka_unit_test(turns_in_order),
        cmocka_unit_test(places_of_many_callers),
        cmocka_unit_test(second_loop_does_not_wait),
        cmocka_unit_test(chance),
        cmocka_unit_test(arena_alignment),
        cmocka_unit_test(lines_like_plain_cutting),
        cmocka_unit_test(folders_copied_and_removed),
        cmocka_unit_test(folder_remove_follows_no_link),
        cmocka_unit_test(new_folders_are_new),
        cmocka_unit_test(files_of_exact_size),
        cmocka_unit_test(files_replaced_by_several_threads),
        cmocka_unit_test(lines_appended_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
