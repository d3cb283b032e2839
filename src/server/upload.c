/* upload.c - a file on its way from a request's body to the disk. It is written below .assay/uploads while it comes, and moved to its place when all of
 * it is durable: a file that is there is whole. Memory stays flat whatever its size. */
#include "exchange.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    HELD_BYTES = 256 * 1024,
    PURPOSE_BYTES_MAX = 64,
    NAME_BYTES_MAX = 200,
    ENDING_BYTES_MAX = 16,
    FORM_BYTES_BESIDE = 64 * 1024
};

struct upload {
    struct http_form form;
    char code[33]; /* by chance: the folder's name */
    const char *folder; /* it is written in; absolute */
    const char *name, *path; /* of the file; path NULL: none came yet */
    struct buffer held, purpose;
    uint64_t size; /* written */
    uint64_t came; /* of the body */
    bool is_whole, is_kept, is_large;
    struct error error;
};

bool upload_is_wanted(const struct route *route)
{
    return route->handle == handle_file_upload;
}

/* A name that is not too long; of one that is, the middle goes: its ending (".md", ".csv.gz") tells what it is. */
static struct slice shortened(struct arena *arena, struct slice name)
{
    size_t ending = name.size, dots = 0;
    if (name.size <= NAME_BYTES_MAX)
        return name;
    for (size_t i = name.size; i-- > name.size - ENDING_BYTES_MAX && dots < 2;)
        if (name.data[i] == '.') {
            ending = i;
            dots++;
        }
    struct slice end = slice_range(name, ending, name.size), start = slice_cut(name, NAME_BYTES_MAX - end.size);
    return slice_from(arena_format(arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENT(start), SLICE_ARGUMENT(end)));
}

/* The last part of a name as it was sent, in a form that every file system takes. */
static const char *plain_name(struct arena *arena, struct slice name)
{
    for (size_t i = name.size; i-- > 0;)
        if (byte_among(name.data[i], "/\\")) {
            name = slice_range(name, i + 1, name.size);
            break;
        }
    name = shortened(arena, name);
    if (name.size == 0)
        return NULL;
    char *plain = arena_text(arena, name);
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)plain[i] < ' ' || plain[i] == 0x7F)
            plain[i] = '_';
    if (plain[0] == '.')
        plain[0] = '_';
    return plain;
}

static bool refuse(struct exchange *exchange, unsigned status, const char *parameter, const char *message)
{
    exchange->is_refused = !exchange->upload->is_whole; /* the rest is not read */
    respond_refusal(exchange, status, status == 403 ? "not_allowed" : NULL, parameter, "%s", message);
    return false;
}

static bool fail(struct exchange *exchange, const struct error *inner)
{
    if (exchange->upload->is_large)
        return refuse(exchange, 413, "file", inner->message);
    exchange->is_refused = !exchange->upload->is_whole;
    return respond_inner(exchange, inner);
}

bool upload_begin(struct exchange *exchange, const struct http_head *head, struct slice source)
{
    struct upload *upload = memory_alloc(1, sizeof(*upload));
    unsigned char code[16];
    struct slice type;
    exchange->upload = upload;
    buffer_init(&upload->held, HELD_BYTES + 2 * HTTP_FORM_PIECE_BYTES);
    buffer_init(&upload->purpose, PURPOSE_BYTES_MAX);
    randombytes_buf(code, sizeof(code));
    sodium_bin2hex(upload->code, sizeof(upload->code), code, sizeof(code));
    upload->folder = arena_format(&exchange->arena, "%s/.assay/" UPLOADS_FOLDER "/%s", assay_folder(exchange->server->assay),
                                  upload->code);
    if (!exchange->key.may_write)
        return refuse(exchange, 403, NULL, "this key may not send files: it wants the group @write");
    if (!http_field(head, source, "content-type", &type))
        return refuse(exchange, 400, NULL, "the request has more than one Content-Type");
    if (!http_form_init(&upload->form, type, &upload->error))
        return refuse(exchange, 415, NULL, upload->error.message);
    return true;
}

static bool write_held(struct upload *upload, bool durable, struct error *error)
{
    if (!file_write_at(upload->path, upload->size, buffer_slice(&upload->held), durable, error))
        return false;
    upload->size += upload->held.size;
    buffer_clear(&upload->held);
    return true;
}

static bool fail_large(const struct server *server, struct upload *upload, struct error *error)
{
    upload->is_large = true;
    return error_set(error, ERROR_LIMIT,
                     "the file is larger than %zu MB, the most that is taken here (documents_max_mb of assay.yaml)",
                     server->settings.upload_bytes_max / MIB);
}

static bool take_file(struct exchange *exchange, const struct http_form_part *part, struct slice data, bool is_last,
                      struct error *error)
{
    struct upload *upload = exchange->upload;
    if (upload->path == NULL) {
        upload->name = plain_name(&exchange->arena, part->filename);
        if (upload->name == NULL)
            return error_set(error, ERROR_INVALID, "the file has no name");
        if (!folder_create(upload->folder, error))
            return false;
        upload->path = path_join(&exchange->arena, upload->folder, upload->name);
    }
    if (upload->size + upload->held.size + data.size > exchange->server->settings.upload_bytes_max)
        return fail_large(exchange->server, upload, error);
    buffer_append_slice(&upload->held, data);
    return (!is_last && upload->held.size < HELD_BYTES) || write_held(upload, /* durable= */ false, error);
}

/* What would be passed over in silence. OpenAI's clients send expires_after as "expires_after[anchor]" and "expires_after[seconds]". */
static bool fail_part(struct slice name, struct error *error)
{
    if (slice_starts_with(name, SLICE("expires_after")))
        return error_set(error, ERROR_INVALID,
                         "\"expires_after\" is not supported: files stay until they are deleted (DELETE /v1/files/ID)");
    return error_set(error, ERROR_INVALID, "the form has a part \"%.*s\", known are file and purpose",
                     name.size > 60 ? 60 : (int)name.size, name.data);
}

static bool take_part(void *context, const struct http_form_part *part, struct slice data, bool is_last, struct error *error)
{
    struct exchange *exchange = context;
    struct upload *upload = exchange->upload;
    if (slice_equal_text(part->name, "file") && part->filename.data != NULL) {
        bool is_second = upload->path != NULL && upload->is_whole;
        upload->is_whole = is_last;
        return is_second ? error_set(error, ERROR_INVALID, "the form has more than one file")
                         : take_file(exchange, part, data, is_last, error);
    }
    if (!slice_equal_text(part->name, "purpose"))
        return fail_part(part->name, error);
    buffer_append_slice(&upload->purpose, data);
    return !upload->purpose.failed || error_set(error, ERROR_INVALID, "\"purpose\" is too long");
}

bool upload_take(struct exchange *exchange, struct slice bytes)
{
    struct upload *upload = exchange->upload;
    struct error error;
    upload->came += bytes.size;
    bool ok = upload->came <= exchange->server->settings.upload_bytes_max + FORM_BYTES_BESIDE ||
              fail_large(exchange->server, upload, &error);
    ok = ok && http_form_feed(&upload->form, bytes, take_part, exchange, &error);
    if (!ok)
        upload->is_whole = false;
    return ok || fail(exchange, &error);
}

bool upload_is_purpose(struct slice purpose)
{
    struct slice rest = SLICE(UPLOAD_PURPOSES), one;
    while (slice_next(&rest, ',', &one))
        if (slice_equal(slice_trim(one), purpose))
            return true;
    return false;
}

bool upload_end(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;
    struct error error;
    if (!http_form_finish(&upload->form, &error))
        return fail(exchange, &error);
    if (upload->path == NULL)
        return refuse(exchange, 400, "file", "\"file\" is missing: a part of that name with a filename");
    return upload_is_purpose(buffer_slice(&upload->purpose)) ||
           refuse(exchange, 400, "purpose", "\"purpose\" is none of " UPLOAD_PURPOSES);
}

bool upload_keep(struct exchange *exchange, struct jobs_file *file)
{
    struct upload *upload = exchange->upload;
    struct error error;
    const char *root = assay_folder(exchange->hands->assay);
    const char *place = arena_format(&exchange->arena, "%s/" UPLOADS_FILES "/%s", root, upload->code);
    *file = (struct jobs_file){arena_format(&exchange->arena, UPLOADS_FILES "/%s/%s", upload->code, upload->name),
                               upload->name,
                               arena_text(&exchange->arena, buffer_slice(&upload->purpose)),
                               exchange->owner,
                               (int64_t)upload->size,
                               clock_wall_ns() / 1000000000};
    struct error other;
    /* the row first: a crash before the move leaves the folder where it is looked for at the next start, and the row goes with it */
    bool ok = write_held(upload, /* durable= */ true, &error) && folder_sync(upload->folder, &error) &&
              folder_create(arena_format(&exchange->arena, "%s/" UPLOADS_FILES, root), &error) &&
              jobs_put_file(exchange->server->jobs, file, &error);
    if (!ok)
        return fail(exchange, &error);
    upload->is_kept = folder_move(upload->folder, place, &error);
    if (upload->is_kept)
        return true;
    if (!jobs_forget_file(exchange->server->jobs, file->path, &other) || !folder_remove(place, &other))
        journal_event("error", "%s: %s", exchange->id, other.message);
    return fail(exchange, &error);
}

void upload_release(struct exchange *exchange)
{
    struct upload *upload = exchange->upload;
    struct error ignored;
    if (upload == NULL)
        return;
    if (upload->path != NULL && !upload->is_kept && !folder_remove(upload->folder, &ignored))
        journal_event("warning", "%s: %s", exchange->id, ignored.message);
    http_form_release(&upload->form);
    buffer_release(&upload->held);
    buffer_release(&upload->purpose);
    free(upload);
    exchange->upload = NULL;
}
