/* ingest.h - from files to passages in the catalog: find, compare, read, parse, cut, store.
 *
 *   walk ─▶ unchanged? (size and time, else SHA-256) ─▶ batch ─▶ [thread: read, parse, cut] ─▶ one transaction ─▶ acknowledged
 *                                                         ▲                │
 *                                                         └─ each member ──┘ of an archive
 *
 * A document is acknowledged (progress.acknowledge) after its batch is durable, never before. A file that cannot be taken costs only
 * itself: it is told, with its reason, and the rest goes on. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "codec/codec.h"
#include "project/project.h"

/* In the metadata of each document: the unit it was cut by, and why that one. */
#define INGEST_UNIT_KEY "passage_unit"
#define INGEST_REASON_KEY "passage_unit_reason"
#define INGEST_MASKED_KEY "masked" /* how many secrets and personal data were masked in it, if any were */

/* In that of a page of the web: the sitemap or robots.txt that it was found by, and what its host tells versions apart by. */
#define INGEST_SITE_KEY "site"
#define INGEST_ETAG_KEY "etag"
#define INGEST_MODIFIED_KEY "last_modified"

enum ingest_change { INGEST_ADDED, INGEST_UPDATED, INGEST_REMOVED, INGEST_UNCHANGED, INGEST_FAILED, INGEST_SKIPPED };

struct ingest_progress {
    /* All may be NULL. `change` of a document: for ADDED, UPDATED, REMOVED after it is durable; for FAILED with its error. */
    void (*acknowledge)(void *context, enum ingest_change change, const char *path, const struct error *error);
    /* Something that a person should know of how a document was read: after it is durable. */
    void (*note)(void *context, const char *path, const char *message);
    /* From time to time; false stops the work after the current batch: what is acknowledged stays. */
    bool (*step)(void *context, const char *stage, size_t done, size_t total);
    void *context;
    const char *const *allowed_hosts; /* that pages may be fetched from beside public ones and those of the settings */
    size_t allowed_host_count;
    const struct passage_model *model; /* NULL: tokens are estimated, and `semantic` is not possible */
};

struct ingest_report {
    size_t added, updated, unchanged, removed, failed, skipped;
    size_t relabelled; /* got other labels because the rule for them has changed */
    size_t passages; /* written */
    size_t bytes; /* read */
};

/* Adds files and folders (paths as the person wrote them, relative to `working`), or with path_count 0 the settings' documents. An address
 * (http:// or https://) is a page of the web, or the pages of the site whose sitemap or robots.txt it is; nothing else goes to the network.
 * When the rule for labels (access.labels, or the file it names) is another than last time, all documents of the project get their labels
 * anew first. A document that was added from below a named folder and is gone is removed. Failures of single files are counted in the report
 * and are no error. Ends with project_seal. */
bool ingest_add(struct project *project, const char *working, const char *const *paths, size_t path_count,
                const struct ingest_progress *progress, struct ingest_report *report, struct error *error) MUST_USE;

/* Forgets documents: each path is one, or a folder of some. A path that names none is an error, before anything is removed. */
bool ingest_remove(struct project *project, const char *working, const char *const *paths, size_t path_count,
                   const struct ingest_progress *progress, struct ingest_report *report, struct error *error) MUST_USE;

/* Calls each() for the files below the settings' documents that are not in the catalog because `add` cannot take them, with the reason. They
 * are looked for and read anew, so that what was mended meanwhile is not told; nothing is changed. */
bool ingest_each_refused(struct project *project, void (*each)(void *context, const char *path, const struct error *error),
                         void *context, struct error *error) MUST_USE;

/* What stands in the catalog of an archive that was read whole with these settings: all members, or all but damaged ones. */
int64_t ingest_recipe(const struct settings *settings, bool is_partial);

/* ---- watching ---- */

/* Follows files and folders by inotify, as the walk does: what lies below them, links to folders and files too, hidden entries passed over.
 *
 *   event ─▶ its folder is noted ─▶ quiet for a moment, or 200 ms since the first ─▶ the folders to be added again
 *
 * Watching begins with watch_open, so what changes between it and a first ingest_add is told afterwards. Events that the system has
 * dropped mean that everything is told. Not for two threads at once. */
struct watch;

/* `paths` absolute; one that is not there is waited for. */
bool watch_open(struct watch **watch, const char *const *paths, size_t path_count, struct error *error) MUST_USE;
void watch_close(struct watch *watch); /* NULL is fine */
size_t watch_count(const struct watch *watch); /* folders and linked files watched */

/* The working tree of Git that the path lies in, at or below one of the `roots`; else the path itself. What is kept of a folder in one is told
 * only by all of it. The text lives in the arena. */
const char *watch_whole(const char *path, const char *const *roots, size_t root_count, struct arena *arena);

/* Does the path lie in what was sent to the server of the project at `project`, and none of the `roots` in that? Then it is the server's to add. */
bool watch_passes_over(const char *path, const char *project, const char *const *roots, size_t root_count);

/* Waits at most `timeout_ms` for changes; `*count` 0: there were none. The paths are there, or are the watched ones, and good until the next
 * call. A folder that cannot be watched is told through `*warning` (kind ERROR_NONE: there is none), and the rest goes on. */
bool watch_wait(struct watch *watch, unsigned timeout_ms, const char *const **paths, size_t *count, struct error *warning,
                struct error *error) MUST_USE;

/* ---- the steps, for tests ---- */

struct passage_list {
    struct store_passage *items;
    size_t count;
};

/* Which unit a document is cut by, and why: what the settings say, and for `auto` what fits it. */
struct unit_choice {
    enum passage_unit unit; /* never UNIT_AUTO */
    char reason[96];
};
struct unit_choice choose_unit(const struct blocks *blocks, const struct settings *settings, bool has_model);

struct cutting {
    enum passage_unit unit; /* never UNIT_AUTO */
    size_t tokens, overlap;
    bool join_records;
    struct token_meter *meter; /* NULL: tokens are estimated */
    size_t tokens_max; /* what the model takes of title, headings and text together; 0: any number */
    size_t title_tokens;
    const struct passage_model *model; /* for UNIT_SEMANTIC */
};

/* Cuts a document's blocks into passages (id 0, document 0). Slices live in the arena. Only UNIT_SEMANTIC can fail. */
bool cut_document(struct slice source, const struct blocks *blocks, const struct cutting *cutting, struct arena *arena,
                  struct passage_list *list, struct error *error) MUST_USE;

/* The same as the settings say, without a model. */
void cut_passages(struct slice source, const struct blocks *blocks, const struct settings *settings, struct arena *arena,
                  struct passage_list *list);

/* Could this be the file of access.labels? The error names its line. */
bool ingest_check_labels(const struct project *project, struct slice text, struct error *error) MUST_USE;

#endif
