/* drift_index.c - documents that came, went or changed; vectors of another model; files that are newer than the index; and what all of that did to
 * the test cases. */
#include "drift_parts.h"
#include <math.h>
#include <string.h>
#include <sys/stat.h>

struct document_changes {
    size_t added, removed, changed;
    struct slice first; /* one of them, to name */
};

/* Both lists are in order of path. */
static void compare_lists(const struct state *before, const struct state *now, struct document_changes *changes)
{
    size_t i = 0, j = 0;
    while (i < before->document_count || j < now->document_count) {
        int order = i == before->document_count ? 1
                    : j == now->document_count  ? -1
                                                : slice_compare(before->documents[i].path, now->documents[j].path);
        struct slice path = order > 0 ? now->documents[j].path : before->documents[i].path;
        bool is_other = order != 0 || !slice_equal(before->documents[i].hash, now->documents[j].hash);
        changes->removed += order < 0;
        changes->added += order > 0;
        changes->changed += order == 0 && is_other;
        if (is_other && changes->first.size == 0)
            changes->first = path;
        i += order <= 0;
        j += order >= 0;
    }
}

static void look_at_documents(struct looking *looking)
{
    const struct state *before = looking->before, *now = looking->now;
    struct document_changes changes = {0};
    bool is_same = slice_equal(before->document_hash, now->document_hash), is_listed = before->documents && now->documents;
    if (!is_same && is_listed)
        compare_lists(before, now, &changes);
    json_key(looking->json, "documents");
    json_object_begin(looking->json);
    json_integers(looking->json,
                  (const struct json_integer_member[]){{"before", (int64_t)before->document_count},
                                                       {"now", (int64_t)now->document_count}},
                  2);
    if (is_same || is_listed)
        json_integers(looking->json,
                      (const struct json_integer_member[]){{"added", (int64_t)changes.added},
                                                           {"changed", (int64_t)changes.changed},
                                                           {"removed", (int64_t)changes.removed}},
                      3);
    json_object_end(looking->json);
    if (is_same)
        return;
    looking->verdict = DRIFT_FOUND;
    looking_say(looking,
                is_listed
                    ? arena_format(looking->arena, "Documents: %zu added, %zu changed, %zu removed since then (%s first).",
                                   changes.added, changes.changed, changes.removed, arena_text(looking->arena, changes.first))
                    : "Documents have changed since then.");
}

/* ---- files newer than the index ---- */

struct newer_files {
    const struct project *project;
    struct arena *arena;
    size_t changed, gone;
    const char *first;
};

static bool has_content(const char *path, const unsigned char hash[STORE_HASH_BYTES])
{
    struct error ignored = {0};
    struct buffer bytes;
    unsigned char sum[SHA256_BYTES];
    buffer_init(&bytes, LIMIT_EXAMPLES_BYTES);
    bool same = file_read(path, LIMIT_EXAMPLES_BYTES, &bytes, &ignored);
    sha256(sum, bytes.data, bytes.size);
    buffer_release(&bytes);
    return same && memcmp(sum, hash, sizeof(sum)) == 0;
}

static bool look_at_file(void *context, const struct store_document *document, struct error *error)
{
    struct newer_files *newer = context;
    struct stat about;
    (void)error;
    if (document->container != 0 || document->inode == 0)
        return true;
    const char *path = path_join(newer->arena, newer->project->root, arena_text(newer->arena, document->path));
    bool is_there = stat(path, &about) == 0;
    int64_t modified = is_there ? (int64_t)about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec : 0;
    if (is_there && about.st_size == document->size && (modified == document->modified_ns || has_content(path, document->hash)))
        return true;
    newer->gone += !is_there;
    newer->changed += is_there;
    newer->first = newer->first != NULL ? newer->first : arena_text(newer->arena, document->path);
    return true;
}

static bool look_at_files(struct looking *looking, struct error *error)
{
    struct newer_files newer = {.project = looking->run->project, .arena = looking->arena};
    if (!project_refresh(looking->run->project, error))
        return false;
    bool ok = store_each_document(looking->run->project->store, look_at_file, &newer, error);
    project_release(looking->run->project);
    json_integers(
        looking->json,
        (const struct json_integer_member[]){{"files_changed", (int64_t)newer.changed}, {"files_gone", (int64_t)newer.gone}},
        2);
    if (!ok || newer.changed + newer.gone == 0)
        return ok;
    looking->verdict = DRIFT_FOUND;
    looking_say(looking,
                arena_format(
                    looking->arena, "The index is older than %zu file%s, and has %zu that %s gone (%s first): run `assay add`.",
                    newer.changed, newer.changed == 1 ? "" : "s", newer.gone, newer.gone == 1 ? "is" : "are", newer.first));
    return true;
}

/* ---- vectors and settings ---- */

static void look_at_text(struct looking *looking, const char *key, struct slice before, struct slice now, const char *what)
{
    if (looking_pair(looking, key, before, now))
        looking_say(looking, arena_format(looking->arena, "%s: \"%s\", it was \"%s\".", what, arena_text(looking->arena, now),
                                          arena_text(looking->arena, before)));
}

/* Whether questions can be asked of the vectors that there are. */
static bool look_at_vectors(struct looking *looking, struct error *error)
{
    const struct drift_run *run = looking->run;
    const struct state *before = looking->before, *now = looking->now;
    struct error why = {0};
    look_at_text(looking, "embedding", before->embedding, now->embedding, "The embedding model is another one");
    if (slice_equal(before->embedding, now->embedding) && !slice_equal(before->embedding_hash, now->embedding_hash)) {
        looking->verdict = DRIFT_FOUND;
        looking_say(looking, "The embedding model has its old name and other weights.");
    }
    if (now->embedding.size == 0 || run->embedder == NULL)
        return true;
    if (!project_refresh(run->project, error))
        return false;
    bool ok = project_refresh_vectors(run->project, error);
    if (ok && !embed_ready(run->embedder, &why)) {
        looking->verdict = DRIFT_FOUND;
        looking_say(looking, arena_format(looking->arena, "The vectors cannot be used: %s.", why.message));
    }
    project_release(run->project);
    return ok;
}

/* ---- what it did ---- */

struct case_pairs {
    size_t count;
    double *recall, *ndcg; /* now less before */
    double recall_before, recall_now;
};

static void pair_cases(struct looking *looking, struct case_pairs *pairs)
{
    const struct state *before = looking->before, *now = looking->now;
    struct map places;
    map_init(&places, UINT32_MAX / 4);
    for (size_t i = 0; i < before->case_count; i++)
        map_put(&places, before->cases[i].question, NULL)->value = i;
    pairs->recall = arena_alloc(looking->arena, now->case_count, sizeof(*pairs->recall));
    pairs->ndcg = arena_alloc(looking->arena, now->case_count, sizeof(*pairs->ndcg));
    for (size_t i = 0; i < now->case_count; i++) {
        const struct map_entry *entry = map_get(&places, now->cases[i].question);
        if (entry == NULL)
            continue;
        const struct state_case *old = &before->cases[entry->value];
        pairs->recall[pairs->count] = now->cases[i].recall - old->recall;
        pairs->ndcg[pairs->count++] = now->cases[i].ndcg - old->ndcg;
        pairs->recall_before += old->recall;
        pairs->recall_now += now->cases[i].recall;
    }
    map_release(&places);
}

static void look_at_cases(struct looking *looking)
{
    struct case_pairs pairs = {0};
    struct statistics_interval interval;
    pair_cases(looking, &pairs);
    if (pairs.count < 2)
        return;
    const struct clustered recall = {pairs.recall, NULL, pairs.count, 1}, ndcg = {pairs.ndcg, NULL, pairs.count, 1};
    double before = pairs.recall_before / (double)pairs.count, now = pairs.recall_now / (double)pairs.count;
    double chance = statistics_sign_flip(&ndcg), difference = statistics_mean(&ndcg);
    statistics_clustered(&ndcg, &interval);
    json_key(looking->json, "retrieval");
    json_object_begin(looking->json);
    json_integers(looking->json, &(struct json_integer_member){"cases", (int64_t)pairs.count}, 1);
    json_pair(looking->json, "recall@10", before, now, 9);
    json_key(looking->json, "ndcg@10_difference");
    json_real(looking->json, difference, 9);
    json_pair(looking->json, "interval", interval.low, interval.high, 9);
    json_key(looking->json, "chance");
    json_real(looking->json, chance, 6);
    json_object_end(looking->json);
    if (fabs(statistics_mean(&recall)) > 1e-9 || fabs(difference) > 1e-9)
        looking_say(looking,
                    arena_format(looking->arena,
                                 "Of %zu test cases, recall@10 is %.3f, it was %.3f; nDCG@10 %+.3f (%+.3f to %+.3f)%s.",
                                 pairs.count, now, before, difference, interval.low, interval.high,
                                 chance <= 0.05 ? ", more than chance explains" : ", which may be chance"));
}

bool look_at_index(struct looking *looking, struct error *error)
{
    looking->verdict = DRIFT_NONE;
    look_at_documents(looking);
    if (!look_at_files(looking, error) || !look_at_vectors(looking, error))
        return false;
    look_at_text(looking, "cutting", looking->before->cutting, looking->now->cutting, "Documents are cut otherwise");
    look_at_text(looking, "searching", looking->before->searching, looking->now->searching, "The search has other settings");
    look_at_cases(looking);
    return true;
}
