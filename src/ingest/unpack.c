/* unpack.c - archives, mailboxes and what is attached to mails, unpacked by a worker (base/worker.h): archive.c runs there, and each member
 * comes back in a message of its own.
 *
 *   to it:    the archive, its name, u32 size of the name, u64 bytes that a member may have
 *   from it:  u8 0, u32 size, path, content                        a member
 *             u8 1, u8 refusal, u32 size, path, error              one that is not taken
 *
 * An archive says nothing but what lies below its own path, and only within the limits: what comes back is looked at as if the archive had
 * taken its worker over. Each has a worker of its own, so that none can change what another's members are. */
#include "unpack.h"
#include "text/text.h"
#include <string.h>

enum { MESSAGE_MEMBER, MESSAGE_REFUSED };
enum { END_BYTES = 12 /* of the input, behind the name */ };
enum { REFUSAL_BYTES_MAX = LIMIT_PATH_BYTES + 4096 };

/* ---- in the worker ---- */

/* Each level's names have their limit, and all of them together may be over it: then they are cut, since nobody looks for them. */
static void send_refused(void *context, struct slice path, const struct error *why, enum archive_refusal refusal)
{
    struct buffer *head = context;
    struct slice shown = path.size < LIMIT_PATH_BYTES ? path : slice_cut(path, ARCHIVE_SHOWN_BYTES);
    struct slice rest = shown.size < path.size ? SLICE("…") : SLICE("");
    buffer_clear(head);
    buffer_append_byte(head, MESSAGE_REFUSED);
    buffer_append_byte(head, (char)refusal);
    buffer_u32(head, (uint32_t)(shown.size + rest.size));
    buffer_append_slice(head, shown);
    buffer_append_slice(head, rest);
    worker_put_error(why, head);
    (void)worker_hand_over(buffer_slice(head), SLICE("")); /* when nobody waits any more, the next member tells it */
}

static bool send_member(void *context, struct slice path, struct buffer *content, struct error *error)
{
    struct buffer *head = context;
    struct error why;
    if (path.size >= LIMIT_PATH_BYTES) {
        error_set(&why, ERROR_LIMIT, "its path is longer than %zu bytes", LIMIT_PATH_BYTES);
        send_refused(context, path, &why, ARCHIVE_LOST);
        return true;
    }
    buffer_clear(head);
    buffer_append_byte(head, MESSAGE_MEMBER);
    buffer_u32(head, (uint32_t)path.size);
    buffer_append_slice(head, path);
    return worker_hand_over(buffer_slice(head), buffer_slice(content)) ||
           error_set(error, ERROR_CANCELLED, "nobody waits for its members");
}

static bool go_on(void *context, struct error *error)
{
    (void)context, (void)error;
    return true;
}

static bool unpack_in_worker(unsigned job, struct slice input, struct buffer *output, struct error *error)
{
    struct bytes end = bytes_from(slice_range(input, input.size - END_BYTES, input.size));
    struct buffer head;
    struct arena arena;
    bool is_stopped;
    (void)output;
    size_t name_size = bytes_u32(&end), member_bytes_max = (size_t)bytes_u64(&end), size = input.size - END_BYTES - name_size;
    struct slice name = slice_range(input, size, size + name_size), source = slice_range(input, 0, size);
    arena_init(&arena);
    buffer_init(&head, 4 * LIMIT_PATH_BYTES + MIB);
    const struct archive_visitor visitor = {send_member, send_refused, go_on, &head, member_bytes_max};
    bool ok = archive_visit((enum file_format)job, source, arena_text(&arena, name), &visitor, &is_stopped, error);
    buffer_release(&head);
    arena_release(&arena);
    return ok;
}

/* What is not taken costs next to nothing to say. */
static bool is_member(struct slice part)
{
    return part.size > 0 && part.data[0] == MESSAGE_MEMBER;
}

struct workers *unpack_workers(void)
{
    static const struct worker_limits limits = {.wall_ms = 1000 * LIMIT_READER_SECONDS,
                                                .wall_ms_per_mib = 1000,
                                                .buys_time = is_member,
                                                .memory_bytes = LIMIT_UNPACK_MEMORY,
                                                .output_bytes = LIMIT_DOCUMENT_BYTES_MAX + MIB,
                                                .advice = "Unpack it, and add the folder"};
    return workers_create(unpack_in_worker, &limits, 1);
}

/* ---- in the program ---- */

struct receiving {
    const struct archive_visitor *visitor;
    struct buffer *source; /* let go as soon as the worker has it */
    struct buffer content;
    struct map paths; /* of the members that came */
    size_t parts_left, bytes_left;
    bool is_stopped;
};

static bool tell_damaged(struct error *error)
{
    return error_set(error, ERROR_CORRUPT, "what its reader gave back is damaged");
}

static bool take_member(struct receiving *receiving, struct slice path, struct slice content, struct error *error)
{
    bool is_new;
    size_t bad_at;
    if (path.size >= LIMIT_PATH_BYTES || !zip_name_is_safe(path) || !text_is_utf8(path, &bad_at) ||
        content.size > receiving->visitor->member_bytes_max || content.size > receiving->bytes_left ||
        map_put(&receiving->paths, path, &is_new) == NULL || !is_new)
        return tell_damaged(error);
    receiving->bytes_left -= content.size;
    buffer_clear(&receiving->content);
    buffer_append_slice(&receiving->content, content);
    receiving->is_stopped = !receiving->visitor->each(receiving->visitor->context, path, &receiving->content, error);
    return !receiving->is_stopped;
}

static bool take_refused(struct receiving *receiving, struct bytes *bytes, struct error *error)
{
    struct error why;
    struct arena arena;
    size_t bad_at;
    uint8_t refusal = bytes_u8(bytes);
    struct slice path = bytes_slice(bytes, bytes_u32(bytes));
    if (bytes->failed || refusal > ARCHIVE_NONE || path.size >= LIMIT_PATH_BYTES || !text_is_utf8(path, &bad_at))
        return tell_damaged(error);
    worker_take_error(bytes, &why);
    arena_init(&arena);
    receiving->visitor->refuse(receiving->visitor->context, arena_line(&arena, path), &why, (enum archive_refusal)refusal);
    arena_release(&arena);
    return true;
}

static bool go_on_receiving(void *context, struct error *error)
{
    struct receiving *receiving = context;
    receiving->is_stopped = !receiving->visitor->go_on(receiving->visitor->context, error);
    return !receiving->is_stopped;
}

static bool take_part(void *context, struct slice part, struct error *error)
{
    struct receiving *receiving = context;
    struct bytes bytes = bytes_from(part);
    buffer_release(receiving->source);
    if (receiving->parts_left-- == 0) {
        receiving->parts_left = 0;
        return tell_damaged(error);
    }
    if (!go_on_receiving(receiving, error))
        return false;
    uint8_t kind = bytes_u8(&bytes);
    if (kind == MESSAGE_REFUSED)
        return part.size <= REFUSAL_BYTES_MAX ? take_refused(receiving, &bytes, error) : tell_damaged(error);
    struct slice path = bytes_slice(&bytes, bytes_u32(&bytes)), content = bytes_slice(&bytes, bytes_left(&bytes));
    return kind == MESSAGE_MEMBER && !bytes.failed ? take_member(receiving, path, content, error) : tell_damaged(error);
}

static bool take_end(void *context, struct slice output, struct error *error)
{
    (void)context;
    return output.size == 0 || tell_damaged(error);
}

bool archive_unpack(struct unpacker *unpacker, enum file_format format, struct buffer *source, const char *name,
                    const struct archive_visitor *visitor, bool *is_stopped, struct error *error)
{
    struct receiving receiving = {
        .visitor = visitor, .source = source, .parts_left = 2 * LIMIT_ARCHIVE_ENTRIES, .bytes_left = LIMIT_CONTAINER_UNPACKED};
    *is_stopped = false;
    buffer_append_text(source, name);
    buffer_u32(source, (uint32_t)strlen(name));
    buffer_u64(source, visitor->member_bytes_max);
    if (!buffer_finish(source, name, error) || !workers_start(unpacker->workers, ++unpacker->count, 1, error))
        return false;
    buffer_init(&receiving.content, visitor->member_bytes_max);
    map_init(&receiving.paths, 2 * LIMIT_ARCHIVE_ENTRIES);
    const struct worker_taking taking = {take_part, take_end, go_on_receiving, &receiving};
    bool ok = workers_stream(unpacker->workers, unpacker->count, format, buffer_slice(source), &taking, error) == WORKER_DONE;
    *is_stopped = receiving.is_stopped;
    buffer_release(&receiving.content);
    map_release(&receiving.paths);
    return ok;
}
