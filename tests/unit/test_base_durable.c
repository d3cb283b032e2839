/* test_base_durable.c - what was made new keeps its name through a power loss: the folder above it is synced. */
#include "base/base.h"
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { SYNCS_MAX = 64 };

static ino_t synced[SYNCS_MAX];
static size_t sync_count;

/* In place of the system's: notes what is synced. */
int fsync(int descriptor)
{
    struct stat status;
    assert_int_equal(fstat(descriptor, &status), 0);
    assert_true(sync_count < SYNCS_MAX);
    synced[sync_count++] = status.st_ino;
    return 0;
}

static bool was_synced(const char *path)
{
    struct stat status;
    bool was = false;
    assert_int_equal(stat(path, &status), 0);
    for (size_t i = 0; i < sync_count; i++)
        was = was || synced[i] == status.st_ino;
    return was;
}

struct world {
    char root[64], folder[80], deep[96], file[96];
};

static void begin(struct world *world)
{
    snprintf(world->root, sizeof(world->root), "/tmp/assay-durable-XXXXXX");
    assert_non_null(mkdtemp(world->root));
    snprintf(world->folder, sizeof(world->folder), "%s/one", world->root);
    snprintf(world->deep, sizeof(world->deep), "%s/two", world->folder);
    snprintf(world->file, sizeof(world->file), "%s/lines", world->root);
    sync_count = 0;
}

static void end(const struct world *world)
{
    struct error error;
    assert_true(folder_remove(world->root, &error));
}

static void test_first_line_of_a_file(void **state)
{
    struct world world;
    struct error error;
    (void)state;
    begin(&world);
    assert_true(file_append_line(world.file, SLICE("one"), &error));
    assert_true(was_synced(world.file) && was_synced(world.root));
    sync_count = 0;
    assert_true(file_append_line(world.file, SLICE("two"), &error)); /* its name is known to stay */
    assert_true(was_synced(world.file) && !was_synced(world.root));
    end(&world);
}

static void test_folders_made_just_before_a_crash(void **state)
{
    struct world world;
    struct error error;
    (void)state;
    begin(&world);
    assert_true(folder_create(world.deep, &error));
    assert_true(was_synced(world.root) && was_synced(world.folder));
    assert_true(folder_remove(world.folder, &error));
    assert_int_equal(mkdir(world.folder, 0777), 0); /* and here somebody lost power */
    sync_count = 0;
    assert_true(folder_create(world.folder, &error));
    assert_true(was_synced(world.root));
    sync_count = 0;
    assert_true(folder_create(world.deep, &error));
    assert_true(was_synced(world.root) && was_synced(world.folder));
    assert_true(file_append_line(world.file, SLICE("one"), &error));
    sync_count = 0;
    assert_true(folder_create(world.folder, &error)); /* something is in it by now */
    assert_int_equal(sync_count, 0);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_line_of_a_file),
        cmocka_unit_test(test_folders_made_just_before_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
