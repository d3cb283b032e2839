/* gate.c - the second look. The search has asked the index; here the catalog is asked, in another transaction and by another way, for each
 * passage again: a key revoked, a label changed, a document gone since then counts already. What does not pass is not there for what follows. */
#include "ask_parts.h"
#include <stdlib.h>
#include <string.h>

struct gate {
    struct asking *asking;
    const struct store_principal *principal; /* NULL: the owner */
    struct buffer content; /* of `document` */
    int64_t document; /* 0: none read */
};

bool gate_principal(struct asking *asking, const struct store_principal **principal, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct store_principal *found = arena_alloc(asking->arena, 1, sizeof(*found));
    *principal = NULL;
    if (request->principal.data == NULL && request->secret.data == NULL)
        return true;
    *principal = found;
    if (request->secret.data != NULL)
        return project_principal_of(asking->project, request->secret, asking->arena, found, error);
    return store_principal_named(asking->project->store, request->principal, clock_wall_ns(), asking->arena, found, error);
}

/* The document that a passage stands in now. */
struct passage_place {
    int64_t document; /* 0: the passage is gone */
    unsigned char version[STORE_HASH_BYTES];
};

static bool take_document(void *context, const struct store_passage *passage, const struct store_document *document,
                          struct error *error)
{
    struct passage_place *place = context;
    (void)error;
    place->document = passage->document;
    memcpy(place->version, document->hash, sizeof(place->version));
    return true;
}

static bool may_see(struct gate *gate, int64_t passage, struct passage_place *place, bool *may, struct error *error)
{
    struct store *store = gate->asking->project->store;
    *place = (struct passage_place){0};
    *may = false;
    return store_each_passage(store, passage, passage, take_document, place, error) &&
           (place->document == 0 || store_may_see(store, gate->principal, place->document, may, error));
}

/* Copies stand in other documents. */
static bool pass_copies(struct gate *gate, struct search_hit *hit, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < hit->copy_count; i++) {
        struct passage_place place;
        bool may;
        if (!may_see(gate, hit->copies[i].passage, &place, &may, error))
            return false;
        if (may)
            hit->copies[kept++] = hit->copies[i];
    }
    hit->copy_count = kept;
    return true;
}

/* The bytes of the document that the passage was cut from. */
static bool read_source(struct gate *gate, struct ask_passage *passage, struct error *error)
{
    const struct store_passage *place = &passage->hit->passage;
    if (gate->document != place->document) {
        buffer_clear(&gate->content);
        gate->document = 0;
        if (!store_content(gate->asking->project->store, place->document, &gate->content, error))
            return false;
        gate->document = place->document;
    }
    struct slice content = buffer_slice(&gate->content);
    if (place->start < 0 || place->end < place->start || (uint64_t)place->end > content.size)
        return error_set(error, ERROR_CORRUPT, "passage %lld ends behind its document \"%.300s\"", (long long)place->id,
                         arena_text(gate->asking->arena, passage->hit->path));
    passage->source = arena_slice(gate->asking->arena, slice_range(content, (size_t)place->start, (size_t)place->end));
    return true;
}

/* Of the hits from the first on, which stand behind those that passed. */
static bool pass_from(struct gate *gate, size_t first, struct error *error)
{
    struct asking *asking = gate->asking;
    struct search_result *search = &asking->answer->search;
    size_t kept = first;
    if (!gate_principal(asking, &gate->principal, error))
        return false;
    for (size_t i = first; i < search->count; i++) {
        struct passage_place place;
        bool may;
        if (!may_see(gate, search->hits[i].passage.id, &place, &may, error))
            return false;
        if (!may)
            continue;
        memcpy(asking->answer->versions[kept], place.version, sizeof(place.version));
        search->hits[kept++] = search->hits[i];
    }
    search->count = kept;
    asking->passage_count = kept;
    for (size_t i = first; i < kept; i++) {
        asking->passages[i].hit = &search->hits[i];
        if (!pass_copies(gate, &search->hits[i], error) || !read_source(gate, &asking->passages[i], error))
            return false;
    }
    return true;
}

static bool gate_from(struct asking *asking, size_t first, struct error *error)
{
    struct gate gate = {.asking = asking};
    struct store *store = asking->project->store;
    if (!store_begin(store, STORE_READ, error))
        return false;
    buffer_init(&gate.content, LIMIT_EXTRACT_BYTES > LIMIT_DOCUMENT_BYTES_MAX ? LIMIT_EXTRACT_BYTES : LIMIT_DOCUMENT_BYTES_MAX);
    bool ok = pass_from(&gate, first, error);
    store_rollback(store);
    buffer_release(&gate.content);
    return ok;
}

bool gate_passages(struct asking *asking, struct error *error)
{
    size_t count = asking->answer->search.count;
    asking->answer->versions = arena_alloc(asking->arena, count, sizeof(*asking->answer->versions));
    asking->passages = arena_alloc(asking->arena, count, sizeof(*asking->passages));
    return gate_from(asking, 0, error);
}

/* What was there keeps its place: the arrays are made anew, since passages of older editions lie behind theirs. */
bool gate_more(struct asking *asking, const struct search_hit *hits, size_t count, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    size_t first = asking->passage_count, all = first + count;
    struct search_hit *more = arena_alloc(asking->arena, all + 1, sizeof(*more));
    struct ask_passage *passages = arena_alloc(asking->arena, all + 1, sizeof(*passages));
    unsigned char(*versions)[STORE_HASH_BYTES] = arena_alloc(asking->arena, all + 1, sizeof(*versions));
    for (size_t i = 0; i < first; i++) {
        more[i] = answer->search.hits[i];
        passages[i] = asking->passages[i];
        passages[i].hit = &more[i];
        memcpy(versions[i], answer->versions[i], sizeof(versions[i]));
    }
    for (size_t i = 0; i < count; i++)
        more[first + i] = hits[i];
    answer->search.hits = more;
    answer->search.count = all;
    answer->versions = versions;
    asking->passages = passages;
    if (!gate_from(asking, first, error))
        return false;
    passages_read(asking, asking->passages + first, asking->passage_count - first);
    return true;
}
