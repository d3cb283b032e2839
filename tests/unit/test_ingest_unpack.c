/* test_ingest_unpack.c - archives come apart in a worker, member by member; and one that was taken over by its archive cannot say more than
 * an archive could. */
#include "compare.h"
#include "ingest/unpack.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seen {
    struct buffer text; /* "path=content;" and "!path: message;" */
    size_t stop_after;
};

static bool each(void *context, struct slice path, struct buffer *content, struct error *error)
{
    struct seen *seen = context;
    buffer_format(&seen->text, SLICE_FORMAT "=", SLICE_ARGUMENT(path));
    buffer_append_slice(&seen->text, buffer_slice(content));
    buffer_append_byte(&seen->text, ';');
    return --seen->stop_after > 0 || error_set(error, ERROR_CANCELLED, "enough");
}

static void refuse(void *context, struct slice path, const struct error *why, enum archive_refusal refusal)
{
    struct seen *seen = context;
    buffer_format(&seen->text, "!%d " SLICE_FORMAT ": %s;", (int)refusal, SLICE_ARGUMENT(path), why->message);
}

static bool go_on(void *context, struct error *error)
{
    (void)context, (void)error;
    return true;
}

enum { MEMBER_MAX = 64 };

/* What is seen of `source`; "stopped", or the error's message behind it. */
static void expect_unpacked(struct workers *workers, enum file_format format, struct slice source, size_t stop_after,
                            enum error_kind kind, const char *expected)
{
    struct unpacker unpacker = {.workers = workers};
    struct seen seen = {.stop_after = stop_after};
    const struct archive_visitor visitor = {each, refuse, go_on, &seen, MEMBER_MAX};
    struct buffer bytes;
    struct error error = {0};
    bool is_stopped;
    buffer_init(&seen.text, MIB);
    buffer_init(&bytes, MIB);
    buffer_append_slice(&bytes, source);
    bool ok = archive_unpack(&unpacker, format, &bytes, "in.zip", &visitor, &is_stopped, &error);
    assert_int_equal(ok ? ERROR_NONE : error.kind, kind);
    assert_int_equal(is_stopped, kind == ERROR_CANCELLED);
    assert_int_equal(bytes.size == 0 || !ok, true); /* let go, once the worker had them */
    if (!ok && !is_stopped)
        buffer_append_text(&seen.text, error.message);
    assert_string_equal(buffer_text(&seen.text), expected);
    buffer_release(&seen.text);
    buffer_release(&bytes);
}

static void archives(void **state)
{
    (void)state;
    struct workers *workers = unpack_workers();
    static const char box[] =
        "From a@b.c Mon Jan  1 10:00:00 2024\nSubject: x\n\none\n\nFrom a@b.c Mon Jan  1 10:00:00 2024\nSubject: y\n\ntwo\n";
    expect_unpacked(workers, FORMAT_MBOX, slice_from(box), 9, ERROR_NONE,
                    "000001.eml=Subject: x\n\none\n\n;000002.eml=Subject: y\n\ntwo\n;");
    expect_unpacked(workers, FORMAT_MBOX, slice_from(box), 1, ERROR_CANCELLED, "000001.eml=Subject: x\n\none\n\n;");
    expect_unpacked(
        workers, FORMAT_ZIP, SLICE("PK\3\4 no archive"), 9, ERROR_CORRUPT,
        "the zip archive is damaged: the directory at its end is missing, as when a file was not copied to its end");
    workers_free(workers);
}

/* ---- taken over ---- */

enum lie { UP, ABSOLUTE, TWICE, LARGE, KIND, SHORT, REFUSAL, NO_TEXT, LAST, ERROR_LIE, LONG, CRASH, LIE_COUNT };

static void send_parts(const char *head, size_t head_size, struct slice path, struct slice content)
{
    struct buffer message;
    buffer_init(&message, KIB);
    buffer_append_slice(&message, (struct slice){head, head_size});
    buffer_u32(&message, (uint32_t)path.size);
    buffer_append_slice(&message, path);
    (void)worker_hand_over(buffer_slice(&message), content);
    buffer_release(&message);
}

static bool lying_work(unsigned job, struct slice input, struct buffer *output, struct error *error)
{
    static char large[MEMBER_MAX + 1], long_text[9000];
    (void)job, (void)error;
    send_parts("\0", 1, SLICE("a"), SLICE("1"));
    switch ((enum lie)(input.data[0] - 'a')) { /* the archive says it: a worker knows nothing else */
    case UP:
        send_parts("\0", 1, SLICE("b/../../c"), SLICE("2"));
        break;
    case ABSOLUTE:
        send_parts("\0", 1, SLICE("/b"), SLICE("2"));
        break;
    case TWICE:
        send_parts("\0", 1, SLICE("a"), SLICE("2"));
        break;
    case LARGE:
        send_parts("\0", 1, SLICE("b"), (struct slice){large, sizeof(large)});
        break;
    case KIND:
        send_parts("\2", 1, SLICE("b"), SLICE("2"));
        break;
    case SHORT:
        (void)worker_hand_over(SLICE("\0\xFF\xFF\xFF\xFF"), SLICE("b"));
        break;
    case REFUSAL:
        send_parts("\1\7", 2, SLICE("b"), SLICE("2"));
        break;
    case NO_TEXT:
        send_parts("\0", 1, SLICE("b\xFF"), SLICE("2"));
        break;
    case LAST:
        buffer_append_byte(output, 'x');
        break;
    case ERROR_LIE:
        send_parts("\1\2", 2, SLICE("b"), SLICE("\xEE\xFF\xFF\xFF\xFF"));
        break;
    case LONG:
        send_parts("\1\2", 2, SLICE("b"), (struct slice){long_text, sizeof(long_text)});
        break;
    case CRASH:
    case LIE_COUNT:
        _exit(7);
    }
    return true;
}

static void lies(void **state)
{
    (void)state;
    static const struct worker_limits limits = {
        .wall_ms = 20000, .memory_bytes = 512 << 20, .output_bytes = MIB, .advice = "Unpack it"};
    for (enum lie lie = UP; lie < LIE_COUNT; lie++) {
        const char archive[] = {(char)('a' + lie), '\0'};
        struct workers *workers = workers_create(lying_work, &limits, 1);
        const char *expected = "a=1;what its reader gave back is damaged";
        enum error_kind kind = ERROR_CORRUPT;
        if (lie == ERROR_LIE) { /* it costs nothing but what it would have said */
            expected = "a=1;!2 b: what its reader gave back is damaged;";
            kind = ERROR_NONE;
        } else if (lie == CRASH) {
            expected = "a=1;its reader ended before it answered (code 7)";
            kind = ERROR_INVALID;
        }
        expect_unpacked(workers, FORMAT_ZIP, slice_from(archive), 9, kind, expected);
        workers_free(workers);
    }
}

static void kinds(void **state)
{
    (void)state;
    struct file_kind kind;
    for (unsigned code = 0; code < 256; code++) {
        if (!archive_kind_decode((unsigned char)code, &kind))
            continue;
        assert_int_equal(archive_kind_encode(&kind), code);
        assert_true(kind.format == FORMAT_ZIP || kind.what != NULL || !format_is_container(kind.format));
    }
    assert_false(archive_kind_decode(FORMAT_GZIP, &kind));
    assert_false(archive_kind_decode(FORMAT_OTHER, &kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives),
        cmocka_unit_test(lies),
        cmocka_unit_test(kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
