/* change.c - are answers those of the documents as they are now? Numbers in what proves an answer are changed, in a project of its own below the run's
 * folder that goes afterwards, and the same questions asked again:
 *
 *   the new number   the change was followed
 *   the old number   the answer is stale
 *
 * An arm that does not look into the documents has no other answer than before. */
#include "arms_parts.h"
#include "ingest/ingest.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_MOST = 12, DOCUMENTS_MOST = 64 };

struct changed_case {
    size_t test;
    struct slice was, becomes;
};

/* A document with what is replaced in it: places of changed cases, by bits. */
struct changed_document {
    int64_t id;
    const char *name; /* of its file */
    uint32_t cases;
};

struct changing {
    struct deciding *deciding;
    struct changed_case cases[CASES_MOST];
    size_t case_count;
    struct changed_document documents[DOCUMENTS_MOST];
    size_t document_count;
    const char *folder;
    struct project *project;
    struct embedder *embedder;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

struct slice change_numbers(struct slice text, struct arena *arena)
{
    char *out = arena_text(arena, text);
    bool has = false;
    for (size_t i = 0; i < text.size; i++) {
        bool begins = is_digit(out[i]) && (i == 0 || !is_digit(text.data[i - 1]));
        if (!begins)
            continue;
        out[i] = (char)(out[i] >= '8' ? '3' : out[i] + 2); /* never 0, and never what it was */
        has = true;
    }
    return has ? (struct slice){out, text.size} : (struct slice){0};
}

/* ---- which cases ---- */

/* Some arm that looks into the documents answers it. */
static bool is_answered(const struct deciding *deciding, size_t test)
{
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED && deciding->arms[i].way.retrieves &&
            deciding->arms[i].said[test].knowledge > 0)
            return true;
    return false;
}

static bool stands_alone(struct slice text, size_t at, size_t size)
{
    char before = at > 0 ? text.data[at - 1] : ' ', after = at + size < text.size ? text.data[at + size] : ' ';
    bool goes_on = byte_among(after, ".,") && at + size + 1 < text.size && is_digit(text.data[at + size + 1]);
    return !is_digit(before) && !is_digit(after) && !byte_among(before, ".,") && !goes_on;
}

static bool find_alone(struct slice text, struct slice what, size_t from, size_t *at)
{
    while (from + what.size <= text.size) {
        const char *found = memmem(text.data + from, text.size - from, what.data, what.size);
        if (found == NULL)
            return false;
        *at = (size_t)(found - text.data);
        if (stands_alone(text, *at, what.size))
            return true;
        from = *at + 1;
    }
    return false;
}

struct noting {
    struct changing *changing;
    const struct answer_case *item;
    size_t number;
};

/* A fact of the case that stands in the passage to the letter, and has a number. */
static void choose_fact(struct changing *changing, const struct answer_case *item, struct slice text,
                        struct changed_case *changed)
{
    size_t at = 0;
    for (size_t i = 0; i < item->gold_count; i++)
        for (size_t j = 0; changed->was.size == 0 && j < item->facts[i].count; j++) {
            struct slice fact = item->facts[i].items[j].text, becomes = change_numbers(fact, changing->deciding->arena);
            if (becomes.size > 0 && find_alone(text, fact, 0, &at)) {
                changed->was = fact;
                changed->becomes = becomes;
            }
        }
}

/* The document of a passage that holds the answer, to the letter. */
static bool note_document(void *context, const struct store_passage *passage, const struct store_document *document,
                          struct error *error)
{
    struct noting *noting = context;
    struct changing *changing = noting->changing;
    struct changed_case *changed = &changing->cases[noting->number];
    size_t place = 0;
    (void)error;
    if (changed->was.size == 0)
        choose_fact(changing, noting->item, passage->text, changed);
    if (changed->was.size == 0)
        return true;
    while (place < changing->document_count && changing->documents[place].id != document->id)
        place++;
    if (place == DOCUMENTS_MOST)
        return true;
    if (place == changing->document_count)
        changing->documents[changing->document_count++] = (struct changed_document){
            .id = document->id,
            .name = arena_format(changing->deciding->arena, "%zu.%s", place,
                                 !document->is_extracted && slice_equal_text(document->format, "markdown") ? "md" : "txt")};
    changing->documents[place].cases |= 1u << noting->number;
    return true;
}

static bool choose_cases(struct changing *changing, struct error *error)
{
    struct deciding *deciding = changing->deciding;
    for (size_t i = 0; i < deciding->test_count && changing->case_count < CASES_MOST; i++) {
        const struct gold_places *gold = &deciding->gold[deciding->test[i]];
        struct noting noting = {changing, test_case(deciding, i), changing->case_count};
        if (!is_answered(deciding, i))
            continue;
        changing->cases[noting.number] = (struct changed_case){.test = i};
        for (size_t j = 0; j < gold->count; j++)
            if (!store_each_passage(deciding->project->store, gold->passages[j], gold->passages[j], note_document, &noting,
                                    error))
                return false;
        changing->case_count += changing->cases[noting.number].was.size > 0;
    }
    return true;
}

/* ---- the changed documents ---- */

static void replace_all(struct slice text, struct slice was, struct slice becomes, struct buffer *out)
{
    size_t from = 0, at = 0;
    while (find_alone(text, was, from, &at)) {
        buffer_append_slice(out, slice_range(text, from, at));
        buffer_append_slice(out, becomes);
        from = at + was.size;
    }
    buffer_append_slice(out, slice_range(text, from, text.size));
}

static bool write_document(struct changing *changing, const struct changed_document *document, struct error *error)
{
    struct arena *arena = changing->deciding->arena;
    struct buffer text, other;
    buffer_init(&text, LIMIT_EXTRACT_BYTES > LIMIT_DOCUMENT_BYTES_MAX ? LIMIT_EXTRACT_BYTES : LIMIT_DOCUMENT_BYTES_MAX);
    buffer_init(&other, 2 * text.size_max);
    bool ok = store_content(changing->deciding->project->store, document->id, &text, error);
    for (size_t i = 0; ok && i < changing->case_count; i++) {
        if ((document->cases >> i & 1) == 0)
            continue;
        buffer_clear(&other);
        replace_all(buffer_slice(&text), changing->cases[i].was, changing->cases[i].becomes, &other);
        buffer_clear(&text);
        buffer_append_slice(&text, buffer_slice(&other));
    }
    ok = ok && buffer_finish(&text, "a changed document", error) &&
         file_replace(path_join(arena, path_join(arena, changing->folder, "docs"), document->name), buffer_slice(&text), error);
    buffer_release(&text);
    buffer_release(&other);
    return ok;
}

/* Settings name places from where they are: here they lie elsewhere. */
static void take_settings(struct changing *changing)
{
    const struct project *real = changing->deciding->project;
    struct settings *settings = &changing->project->settings;
    struct arena *arena = changing->deciding->arena;
    const char **documents = arena_alloc(arena, 1, sizeof(*documents));
    struct model_place place;
    struct error ignored;
    documents[0] = "docs";
    *settings = real->settings;
    settings->documents = documents;
    settings->document_count = 1;
    settings->access = ACCESS_PUBLIC;
    settings->labels_file = NULL;
    if (settings->prompt_system != NULL)
        settings->prompt_system = path_normal(arena, real->root, settings->prompt_system);
    if (settings->prompt_user != NULL)
        settings->prompt_user = path_normal(arena, real->root, settings->prompt_user);
    if (strcmp(settings->embedding, "none") != 0 && models_find(settings->embedding, real->root, arena, &place, &ignored))
        settings->embedding = path_normal(arena, real->root, place.folder);
}

static bool make_project(struct changing *changing, struct error *error)
{
    struct deciding *deciding = changing->deciding;
    const char *paths[] = {"docs"};
    struct ingest_report added;
    struct embed_report embedded;
    changing->folder = path_join(deciding->arena, deciding->folder, "changed");
    if (!folder_remove(changing->folder, error) || !project_create(changing->folder, error) ||
        !folder_create(path_join(deciding->arena, changing->folder, "docs"), error))
        return false;
    for (size_t i = 0; i < changing->document_count; i++)
        if (!write_document(changing, &changing->documents[i], error))
            return false;
    if (!project_open(&changing->project, changing->folder, STORE_WRITE, "assay decide", error))
        return false;
    take_settings(changing);
    changing->project->open_remote = deciding->project->open_remote;
    changing->project->prices_root = deciding->project->root;
    changing->embedder = embedder_create(changing->project);
    struct passage_model model = embedder_for_passages(changing->embedder);
    return ingest_add(changing->project, changing->project->root, paths, 1, &(struct ingest_progress){.model = &model}, &added,
                      error) &&
           embed_passages(changing->embedder, &(struct embed_progress){0}, &embedded, error);
}

/* ---- asked again ---- */

static bool ask_again(struct changing *changing, struct arm_state *state, struct error *error)
{
    struct deciding *deciding = changing->deciding;
    struct way way = state->way;
    size_t asked = 0, stale = 0;
    way.project = changing->project;
    way.embedder = changing->embedder;
    way.key = arena_format(deciding->arena, "%s+changed", way.key);
    for (size_t i = 0; i < changing->case_count; i++) {
        const struct changed_case *changed = &changing->cases[i];
        const struct answer_case *item = test_case(deciding, changed->test);
        struct answer_case other = *item;
        struct said said;
        if (state->said[changed->test].knowledge <= 0)
            continue;
        asked++;
        if (!state->way.retrieves) {
            stale++;
            continue;
        }
        struct slice golds[] = {changed->becomes};
        struct case_fact fact = {.text = changed->becomes};
        struct case_facts facts = {.items = &fact, .count = 1};
        other.golds = golds;
        other.facts = &facts;
        other.gold_count = 1;
        other.tolerance = 0;
        if (!way_ask(deciding, &way, &other, "changed", item->question, &said, error) ||
            !deciding_step(deciding, "asking about changed documents", i + 1, changing->case_count, error))
            return false;
        stale += said.knowledge <= 0 && !said.abstained && !said.failed && case_facts_stand_in(item, said.text, GRADE_CONTAINS);
    }
    state->stale = asked > 0 ? (double)stale / (double)asked : -1;
    state->stale_cases = asked;
    return true;
}

bool measure_staleness(struct deciding *deciding, struct error *error)
{
    struct changing changing = {.deciding = deciding};
    struct error late;
    if (!choose_cases(&changing, error))
        return false;
    if (changing.case_count == 0)
        return true;
    bool ok = make_project(&changing, error);
    for (size_t i = 0; ok && i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED)
            ok = ask_again(&changing, &deciding->arms[i], error);
    embedder_free(changing.embedder);
    project_close(changing.project);
    if (changing.folder != NULL && !folder_remove(changing.folder, ok ? error : &late))
        ok = false;
    return ok || error_wrap(error, "could not measure what changed documents change");
}
