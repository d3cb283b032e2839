/* append.c - opening the log, finding its end, and adding an entry:
 *
 *   lock → texts/… (synced) → keys (synced) → entries (synced) → head → unlock → the answer may be handed out
 *
 * A crash at any byte leaves at most one entry that is not whole, behind the last whole one: nobody was told of it, and it is cut off before the next
 * one, which is told in the log itself. A key whose entry never came is written over by the next. */
#include "log_parts.h"
#include <sodium.h>
#include <stdlib.h>

bool ledger_open(struct ledger **ledger, const char *folder, const struct ledger_options *options, struct error *error)
{
    if (sodium_init() < 0)
        return error_set(error, ERROR_IO, "no random numbers to be had from the system");
    struct ledger *opened = memory_alloc(1, sizeof(*opened));
    struct arena *arena = &opened->arena;
    arena_init(arena);
    if (options != NULL)
        opened->options = *options;
    opened->folder = arena_text(arena, slice_from(folder));
    opened->entries = path_join(arena, folder, "entries");
    opened->keys = path_join(arena, folder, "keys");
    opened->head = path_join(arena, folder, "head");
    opened->lock = path_join(arena, folder, "lock");
    opened->texts = path_join(arena, folder, "texts");
    *ledger = opened;
    return true;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    arena_release(&ledger->arena);
    free(ledger);
}

bool ledger_lock(struct ledger *ledger, struct file_lock *lock, struct error *error)
{
    lock->descriptor = -1;
    return (file_exists(ledger->folder) || folder_create(ledger->folder, error)) &&
           file_lock_wait(lock, ledger->lock, "audit log", error);
}

/* texts/5f/5f0c…9a */
char *text_path(struct ledger *ledger, struct arena *arena, struct slice hash)
{
    return arena_format(arena, "%s/%.2s/" SLICE_FORMAT, ledger->texts, hash.data, SLICE_ARGUMENT(hash));
}

static bool keep_text(struct ledger *ledger, struct slice text, struct error *error)
{
    struct arena arena;
    unsigned char hash[LEDGER_HASH_BYTES];
    char name[LEDGER_HASH_TEXT_BYTES];
    arena_init(&arena);
    crypto_hash_sha256(hash, (const unsigned char *)text.data, text.size);
    hash_bytes_text(hash, name);
    const char *path = text_path(ledger, &arena, (struct slice){name, HASH_TEXT});
    bool ok = file_exists(path) ||
              (folder_create(arena_text(&arena, path_folder(path)), error) && file_replace(path, text, error));
    arena_release(&arena);
    return ok;
}

/* ---- the log's end ---- */

static bool tell_damage(struct ledger *ledger, uint64_t number, const char *why, struct error *error)
{
    error_set(error, ERROR_CORRUPT, "entry %llu of the audit log \"%s\" is damaged: %s", (unsigned long long)number,
              ledger->folder, why);
    return error_hint(
        error, "`assay log verify` says more. Keep the folder as it is, then restore it from a copy or move it away to begin "
               "anew.");
}

/* The last entry that the head tells of is the one that is there. */
static bool check_last(struct ledger *ledger, const struct ledger_end *end, struct arena *arena, struct error *error)
{
    struct walk walk;
    struct line line;
    struct slice source;
    const char *why = "the log ends before it";
    bool found = false;
    uint64_t rest = 0, whole = 0;
    if (!file_size(ledger->entries, &whole, error))
        return false;
    if (whole < end->bytes)
        return tell_damage(ledger, end->tree.size, why, error);
    if (end->tree.size == 0)
        return true;
    walk_begin(&walk, ledger, end->last_at);
    bool ok = walk_next(&walk, &source, &found, &rest, error);
    if (ok && (!found || !line_read(source, arena, &line, &why)))
        ok = tell_damage(ledger, end->tree.size, why, error);
    if (ok && (!tree_hash_equal(&line.hash, &end->last) || walk.at != end->bytes))
        ok = tell_damage(ledger, end->tree.size, "it is not the entry that the log ended with", error);
    walk_end(&walk);
    return ok;
}

struct cut {
    struct slice kept;
    uint64_t bytes; /* all that was there */
};

static bool write_cut(void *context, uint64_t number, struct json_writer *json, struct error *error)
{
    const struct cut *cut = context;
    unsigned char hash[LEDGER_HASH_BYTES];
    char text[LEDGER_HASH_TEXT_BYTES];
    (void)number;
    (void)error;
    crypto_hash_sha256(hash, (const unsigned char *)cut->kept.data, cut->kept.size);
    hash_bytes_text(hash, text);
    json_integers(json, &(struct json_integer_member){"bytes", (int64_t)cut->bytes}, 1);
    json_texts(json, &(struct json_text_member){"sha256", text}, 1);
    return true;
}

/* What a crash left behind the last entry. It is kept, as far as an entry may be long, under its hash, in case that it was no crash. */
static bool cut_rest(struct ledger *ledger, struct ledger_end *end, uint64_t rest, struct error *error)
{
    struct buffer bytes;
    buffer_init(&bytes, ENTRY_BYTES_MAX);
    bool ok = file_read_at(ledger->entries, end->bytes, rest < ENTRY_BYTES_MAX ? (size_t)rest : ENTRY_BYTES_MAX, &bytes, error);
    struct cut cut = {buffer_slice(&bytes), rest};
    const struct entry_writer writer = {.kind = "cut", .write = write_cut, .context = &cut};
    ok = ok && keep_text(ledger, cut.kept, error) && file_cut(ledger->entries, end->bytes, error) &&
         entry_append(ledger, end, &writer, error);
    buffer_release(&bytes);
    return ok;
}

static bool write_head_lost(void *context, uint64_t number, struct json_writer *json, struct error *error)
{
    const uint64_t *keys = context;
    (void)number;
    (void)error;
    json_integers(json, &(struct json_integer_member){"keys", (int64_t)*keys}, 1);
    return true;
}

/* Without the head nobody knows how many entries there were: the log says so, and how many lines `keys` had. */
static bool tell_head_lost(struct ledger *ledger, struct ledger_end *end, uint64_t keys, struct error *error)
{
    struct error ignored;
    const struct entry_writer writer = {.kind = "head", .write = write_head_lost, .context = &keys};
    if (!entry_append(ledger, end, &writer, error))
        return false;
    (void)!end_save(ledger, end, &ignored);
    return true;
}

bool end_find(struct ledger *ledger, struct ledger_end *end, struct error *error)
{
    struct arena arena;
    struct walk walk = {0};
    bool is_told = false, found = true;
    uint64_t whole = 0, rest = 0, keys = 0;
    arena_init(&arena);
    bool ok = end_load(ledger, end, &is_told, error) && check_last(ledger, end, &arena, error) &&
              file_size(ledger->entries, &whole, error) && file_size(ledger->keys, &keys, error);
    keys /= KEY_LINE_BYTES;
    walk_begin(&walk, ledger, end->bytes);
    /* Entries behind it: written just before a power loss, or all of them when the head is gone. */
    while (ok && found && end->bytes < whole && rest == 0) {
        struct line line;
        struct slice source;
        const char *why = "";
        arena_clear(&arena);
        ok = walk_next(&walk, &source, &found, &rest, error);
        if (!ok || !found || (line_read(source, &arena, &line, &why) && end_take(end, &line, source.size + 1, &why)))
            continue;
        if (walk.at < whole) /* a crash spoils no more than the last one */
            ok = tell_damage(ledger, end->tree.size + 1, why, error);
        rest = source.size + 1;
    }
    walk_end(&walk);
    ok = ok && (rest == 0 || cut_rest(ledger, end, rest, error));
    if (ok && !is_told && (whole > 0 || keys > 1)) /* one key alone: the first entry failed */
        ok = tell_head_lost(ledger, end, keys, error);
    else if (ok && !is_told) /* a new log has a head before its first entry: no kill leaves it without one */
        ok = end_save(ledger, end, error);
    arena_release(&arena);
    return ok;
}

/* ---- adding ---- */

bool entry_append(struct ledger *ledger, struct ledger_end *end, const struct entry_writer *writer, struct error *error)
{
    struct buffer out;
    struct json_writer json;
    char text[LEDGER_HASH_TEXT_BYTES], time[CLOCK_TEXT_BYTES];
    int64_t now_ns = clock_wall_ns();
    uint64_t number = end->tree.size + 1;
    buffer_init(&out, ENTRY_BYTES_MAX);
    buffer_append_zeros(&out, LINE_START_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_integers(&json, &(struct json_integer_member){"entry", (int64_t)number}, 1);
    hash_text(&end->last, text);
    clock_text(now_ns, time);
    json_texts(&json, (const struct json_text_member[]){{"previous", text}, {"time", time}}, 2);
    json_integers(&json, &(struct json_integer_member){"at_ns", now_ns}, 1);
    json_texts(&json, &(struct json_text_member){"kind", writer->kind}, 1);
    /* A key that a crash left in its place opens what was torn off: it goes first. */
    bool ok = (writer->is_sealed || key_write(ledger, number, NULL, true, error)) &&
              writer->write(writer->context, number, &json, error);
    json_object_end(&json);
    buffer_append_byte(&out, '\n');
    ok = ok && buffer_finish(&out, "an entry of the audit log", error);
    if (ok) {
        struct tree_hash hash = tree_leaf(slice_range(buffer_slice(&out), LINE_START_BYTES, out.size - 1));
        hash_text(&hash, text);
        memcpy(out.data, text, HASH_TEXT);
        out.data[HASH_TEXT] = ' ';
        ok = file_write_at(ledger->entries, end->bytes, buffer_slice(&out), true, error);
        struct error ignored;
        if (!ok && file_exists(ledger->entries)) /* a full disk: the part that was taken goes, if it can */
            (void)!file_cut(ledger->entries, end->bytes, &ignored);
        if (ok) {
            tree_add(&end->tree, &hash);
            end->last = hash;
            end->last_at = end->bytes;
            end->bytes += out.size;
        }
    }
    buffer_release(&out);
    return ok;
}

/* An answer on its way into the log. */
struct writing {
    struct ledger *ledger;
    const struct ledger_answer *answer;
};

static void write_hash(struct json_writer *json, const char *key, const unsigned char *hash)
{
    char text[LEDGER_HASH_TEXT_BYTES];
    json_key(json, key);
    if (hash == NULL) {
        json_null(json);
        return;
    }
    hash_bytes_text(hash, text);
    json_text(json, slice_from(text));
}

static void write_hash_of(struct json_writer *json, const char *key, struct slice text)
{
    unsigned char hash[LEDGER_HASH_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)text.data, text.size);
    write_hash(json, key, hash);
}

static void write_text(struct json_writer *json, const char *key, struct slice text)
{
    json_key(json, key);
    json_text(json, text);
}

static void write_known(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    if (value >= 0)
        json_real(json, value, 10);
    else
        json_null(json);
}

static void write_passages(struct json_writer *json, const struct ledger_answer *answer)
{
    json_key(json, "passages");
    json_array_begin(json);
    for (size_t i = 0; i < answer->passage_count; i++) {
        const struct ledger_passage *passage = &answer->passages[i];
        json_object_begin(json);
        write_text(json, "document", passage->document);
        write_text(json, "title", passage->title);
        write_hash(json, "version", passage->version);
        json_integers(
            json,
            (const struct json_integer_member[]){
                {"passage", passage->passage}, {"start", passage->start}, {"end", passage->end}, {"page", passage->page}},
            4);
        json_key(json, "score");
        json_real(json, passage->score, 7);
        write_hash_of(json, "text_sha256", passage->text);
        json_key(json, "cited");
        json_bool(json, passage->is_cited);
        json_object_end(json);
    }
    json_array_end(json);
    json_key(json, "citations");
    json_array_begin(json);
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct ledger_citation *citation = &answer->citations[i];
        json_object_begin(json);
        json_integers(json,
                      (const struct json_integer_member[]){
                          {"source", (int64_t)citation->passage}, {"start", citation->start}, {"end", citation->end}},
                      3);
        json_object_end(json);
    }
    json_array_end(json);
}

/* What the key opens. */
static void write_personal(struct json_writer *json, const struct writing *writing)
{
    const struct ledger_answer *answer = writing->answer;
    json_object_begin(json);
    write_text(json, "asker", answer->asker);
    if (writing->ledger->options.hash_questions)
        write_hash_of(json, "question_sha256", answer->question);
    else
        write_text(json, "question", answer->question);
    json_key(json, "answer");
    if (answer->answer.size > 0)
        json_text(json, answer->answer);
    else
        json_null(json);
    if (answer->calls.size > 0)
        write_text(json, "calls", answer->calls);
    if (answer->since.size > 0)
        write_text(json, "since", answer->since);
    json_key(json, "quotes");
    json_array_begin(json);
    for (size_t i = 0; i < answer->citation_count; i++)
        json_text(json, answer->citations[i].quote);
    json_array_end(json);
    json_object_end(json);
}

static bool write_sealed(const struct writing *writing, uint64_t number, struct json_writer *json, struct error *error)
{
    struct buffer plain, sealed;
    struct json_writer inner;
    unsigned char key[KEY_BYTES];
    char commitment[LEDGER_HASH_TEXT_BYTES];
    buffer_init(&plain, ENTRY_BYTES_MAX);
    buffer_init(&sealed, ENTRY_BYTES_MAX);
    json_writer_init(&inner, &plain);
    write_personal(&inner, writing);
    randombytes_buf(key, sizeof(key));
    key_commitment(key, commitment);
    bool ok = buffer_finish(&plain, "an entry of the audit log", error) &&
              seal(buffer_slice(&plain), number, key, &sealed, error) && key_write(writing->ledger, number, key, true, error);
    if (ok) {
        json_texts(json, &(struct json_text_member){"key", commitment}, 1);
        write_text(json, "sealed", buffer_slice(&sealed));
    }
    sodium_memzero(key, sizeof(key));
    if (plain.data != NULL)
        sodium_memzero(plain.data, plain.capacity);
    buffer_release(&plain);
    buffer_release(&sealed);
    return ok;
}

static bool write_answer(void *context, uint64_t number, struct json_writer *json, struct error *error)
{
    const struct writing *writing = context;
    const struct ledger_answer *answer = writing->answer;
    write_text(json, "approach", answer->approach);
    write_text(json, "model", answer->model);
    write_hash(json, "model_sha256", answer->model_hash);
    write_hash(json, "prompt_sha256", answer->prompt_hash);
    json_key(json, "abstained");
    json_bool(json, answer->abstained);
    write_known(json, "confidence", answer->confidence);
    write_passages(json, answer);
    json_key(json, "usage");
    json_object_begin(json);
    json_integers(json,
                  (const struct json_integer_member[]){{"prompt_tokens", answer->prompt_tokens},
                                                       {"completion_tokens", answer->completion_tokens},
                                                       {"cached_tokens", answer->cached_tokens}},
                  3);
    json_object_end(json);
    write_known(json, "cost_usd", answer->cost_usd);
    json_key(json, "took_ms");
    json_real(json, answer->took_ms, 6);
    return write_sealed(writing, number, json, error);
}

bool ledger_append(struct ledger *ledger, const struct ledger_answer *answer, uint64_t *number, struct error *error)
{
    struct ledger_end end;
    struct file_lock lock;
    struct error ignored;
    struct writing writing = {ledger, answer};
    const struct entry_writer writer = {.kind = "answer", .is_sealed = true, .write = write_answer, .context = &writing};
    bool ok = ledger_lock(ledger, &lock, error);
    for (size_t i = 0; i < answer->passage_count && ok; i++)
        ok = !answer->passages[i].is_cited || keep_text(ledger, answer->passages[i].text, error);
    ok = ok && end_find(ledger, &end, error) && erase_by_age(ledger, &end, error) && entry_append(ledger, &end, &writer, error);
    if (ok) {
        *number = end.tree.size;
        (void)!end_save(ledger, &end, &ignored); /* the entry is durable: an old head is only slower */
    } else {
        error_wrap(error, "no entry could be written into the audit log");
    }
    file_lock_release(&lock);
    return ok;
}
