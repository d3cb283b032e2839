/* log_parts.h - what the files of this room share. Private. */
#ifndef LEDGER_LOG_PARTS_H
#define LEDGER_LOG_PARTS_H

#include "ledger.h"
#include "tree.h"

enum {
    KEY_BYTES = 32,
    KEY_LINE_BYTES = 2 * KEY_BYTES + 1,
    HASH_TEXT = LEDGER_HASH_TEXT_BYTES - 1, /* without its end */
    LINE_START_BYTES = HASH_TEXT + 1 /* before the document */
};
#define ENTRY_BYTES_MAX (15 * MIB) /* a line; below LIMIT_TEXT_BYTES */

struct ledger {
    struct arena arena;
    struct ledger_options options;
    const char *folder, *entries, *keys, *head, *lock, *texts;
};

/* The log's end, as the next entry needs it. */
struct ledger_end {
    struct tree tree;
    uint64_t bytes; /* of the entries */
    struct tree_hash last; /* the last entry's leaf; zeros: there is none */
    uint64_t last_at; /* where it begins */
    uint64_t kept, kept_at; /* the first entry that age has not erased, and where it begins */
};

void hash_text(const struct tree_hash *hash, char text[LEDGER_HASH_TEXT_BYTES]);
bool hash_read(struct slice text, struct tree_hash *hash);
void hash_bytes_text(const unsigned char hash[LEDGER_HASH_BYTES], char text[LEDGER_HASH_TEXT_BYTES]);

/* ---- log_end.c ---- */

void end_write(const struct ledger_end *end, struct buffer *out);
bool end_read(struct slice source, struct ledger_end *end); /* false: it is none, or damaged */

/* The end as the file has it; an empty log's when there is no file. `*is_told` false: there is none, or none that can be read. */
bool end_load(struct ledger *ledger, struct ledger_end *end, bool *is_told, struct error *error) MUST_USE;
bool end_save(struct ledger *ledger, const struct ledger_end *end, struct error *error) MUST_USE;

/* ---- line.c ---- */

/* Reads one line, without its end, and proves its hash. `*why` says what is wrong, for "entry 7: …". */
struct line {
    struct tree_hash hash;
    struct slice document;
    struct json_value root;
    uint64_t number;
    struct tree_hash previous;
    enum ledger_kind kind;
    int64_t at_ns;
};
bool line_read(struct slice source, struct arena *arena, struct line *line, const char **why) MUST_USE;

/* Lines from byte `at` of the entries on, in order. */
struct walk {
    struct ledger *ledger;
    uint64_t at; /* where the next line begins */
    struct buffer window; /* bytes from there on begin at `start` of it */
    size_t start;
};
void walk_begin(struct walk *walk, struct ledger *ledger, uint64_t at);
void walk_end(struct walk *walk);

/* The next line without its end, good until the next call. `*rest` not 0: no whole line is left, and so many bytes; 0 and `*found` false: the end. */
bool walk_next(struct walk *walk, struct slice *line, bool *found, uint64_t *rest, struct error *error) MUST_USE;

/* Takes a line in behind the end: its number and the hash before must fit. */
bool end_take(struct ledger_end *end, const struct line *line, size_t size, const char **why) MUST_USE;

/* A member of an object, which may be NULL; a text, empty when it is absent or none. */
const struct json_value *member(const struct json_value *object, const char *key);
struct slice text_member(const struct json_value *object, const char *key);
int64_t integer_member(const struct json_value *object, const char *key, int64_t absent);

/* ---- sealed.c ---- */

/* `key` is random; what is sealed is for entry `number` alone. Both as base 64. */
bool seal(struct slice plain, uint64_t number, const unsigned char key[KEY_BYTES], struct buffer *sealed,
          struct error *error) MUST_USE;
bool unseal(struct slice sealed, uint64_t number, const unsigned char key[KEY_BYTES], struct buffer *plain);

void key_commitment(const unsigned char key[KEY_BYTES], char text[LEDGER_HASH_TEXT_BYTES]);
/* NULL: none. Not durable: the next durable one makes it so. */
bool key_write(struct ledger *ledger, uint64_t number, const unsigned char *key, bool durable, struct error *error) MUST_USE;
enum key_state { KEY_THERE, KEY_NONE, KEY_DAMAGED };
enum key_state key_read(struct slice line, unsigned char key[KEY_BYTES]);
bool key_load(struct ledger *ledger, uint64_t number, unsigned char key[KEY_BYTES], enum key_state *state,
              struct error *error) MUST_USE;

/* ---- append.c ---- */

/* Adds one entry behind the end, durably. `write` adds the members behind "kind"; it gets the number. The lock is held. */
struct entry_writer {
    const char *kind;
    bool is_sealed; /* `write` makes its key; else there is none, and one that stands in its place is overwritten */
    bool (*write)(void *context, uint64_t number, struct json_writer *json, struct error *error);
    void *context;
};
bool entry_append(struct ledger *ledger, struct ledger_end *end, const struct entry_writer *writer,
                  struct error *error) MUST_USE;

/* Finds the log's end, cuts off what a crash left behind it, and makes a lost head anew; the log tells of both. The lock is held. */
bool end_find(struct ledger *ledger, struct ledger_end *end, struct error *error) MUST_USE;

bool ledger_lock(struct ledger *ledger, struct file_lock *lock, struct error *error) MUST_USE;
char *text_path(struct ledger *ledger, struct arena *arena, struct slice hash) MUST_USE;

bool no_entry(uint64_t number, struct error *error); /* tells that the log has none of this number; false */

/* ---- erase.c ---- */

/* Erases what is older than the setting says, when some of it is a day over. The lock is held. */
bool erase_by_age(struct ledger *ledger, struct ledger_end *end, struct error *error) MUST_USE;

#endif
