/* sight.c - what a principal with a filter may see, as ranges of passages, worked out once for each state of the catalog.
 *
 * A view belongs to one generation of the catalog. Every change of a document, a label or a key makes a new one, so a view that is kept
 * never outlives what it was made of. What is kept is found by the groups themselves, not by the key's name. */
#include "parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct kept_view {
    struct project_view view;
    char *name; /* groups and filter, in one text */
    size_t name_size;
    uint64_t used; /* when, by project->view_clock */
};

static void release_kept(struct kept_view *kept)
{
    index_view_free(kept->view.words);
    vector_view_free(kept->view.vectors);
    free((void *)kept->view.ranges);
    free(kept->name);
}

void views_clear(struct project *project)
{
    for (size_t i = 0; i < project->view_count; i++)
        release_kept(&project->views[i]);
    project->view_count = 0;
    editions_clear(project);
}

/* Lengths stand before the texts, so that no text can look like two. */
static void name_view(struct buffer *name, const struct store_principal *principal, const struct store_filter *filter)
{
    if (principal != NULL) {
        buffer_format(name, "groups %zu:", principal->group_count);
        for (size_t i = 0; i < principal->group_count; i++) {
            buffer_format(name, "%zu:", principal->groups[i].size);
            buffer_append_slice(name, principal->groups[i]);
        }
    }
    if (filter != NULL) {
        buffer_append_text(name, "filter ");
        store_filter_write(filter, name);
    }
}

static struct kept_view *find_kept(struct project *project, struct slice name)
{
    for (size_t i = 0; i < project->view_count; i++)
        if (slice_equal(name, (struct slice){project->views[i].name, project->views[i].name_size}))
            return &project->views[i];
    return NULL;
}

struct range_list {
    struct project_view *view;
    struct index_range *ranges;
    size_t capacity;
};

/* Documents come in the order of their passages; neighbours become one range. */
static bool take_document(void *context, int64_t first, int64_t last, struct slice language, struct error *error)
{
    struct range_list *list = context;
    struct project_view *view = list->view;
    struct index_range *before = view->range_count > 0 ? &list->ranges[view->range_count - 1] : NULL;
    if (first < 1 || last < first || (before != NULL && (passage_id)first <= before->last)) {
        error_set(error, ERROR_CORRUPT, "the catalog has documents whose passages overlap: %lld to %lld", (long long)first,
                  (long long)last);
        return error_hint(error, "Run `assay doctor`; restore the catalog from a backup, or add the documents again.");
    }
    view->documents++;
    note_language(view->languages, &view->language_count, language);
    if (before != NULL && before->last + 1 == (passage_id)first) {
        before->last = (passage_id)last;
        return true;
    }
    list->ranges = memory_more(list->ranges, view->range_count, &list->capacity, sizeof(*list->ranges));
    list->ranges[view->range_count++] = (struct index_range){(passage_id)first, (passage_id)last};
    return true;
}

/* The place for a new one: behind the others, or that of the one that was not used for longest. */
static struct kept_view *make_room(struct project *project)
{
    if (project->views == NULL)
        project->views = memory_alloc(LIMIT_VIEWS, sizeof(*project->views));
    if (project->view_count < LIMIT_VIEWS)
        return &project->views[project->view_count++];
    struct kept_view *oldest = &project->views[0];
    for (size_t i = 1; i < project->view_count; i++)
        if (project->views[i].used < oldest->used)
            oldest = &project->views[i];
    release_kept(oldest);
    return oldest;
}

static bool make_view(struct project *project, const struct store_principal *principal, const struct store_filter *filter,
                      struct slice name, struct kept_view **kept, struct error *error)
{
    struct project_view view = {0};
    struct range_list list = {.view = &view};
    if (!store_visible(project->store, principal, filter, take_document, &list, error)) {
        free(list.ranges);
        return false;
    }
    view.ranges = list.ranges;
    view.words = index_view_create(project->index, view.ranges, view.range_count);
    *kept = make_room(project);
    **kept = (struct kept_view){.view = view, .name = memory_copy_text(name.data, name.size), .name_size = name.size};
    return true;
}

bool project_view(struct project *project, const struct store_principal *principal, const struct store_filter *filter,
                  const struct project_view **view, struct error *error)
{
    assert(project->index != NULL); /* refreshed */
    *view = NULL;
    if (principal == NULL && filter == NULL)
        return true;
    struct buffer name;
    buffer_init(&name, MIB);
    name_view(&name, principal, filter);
    bool ok = buffer_finish(&name, "the description of a view", error);
    struct kept_view *kept = ok ? find_kept(project, buffer_slice(&name)) : NULL;
    ok = ok && (kept != NULL || make_view(project, principal, filter, buffer_slice(&name), &kept, error));
    buffer_release(&name);
    if (!ok)
        return false;
    kept->used = ++project->view_clock;
    *view = &kept->view;
    return true;
}

const struct vector_view *project_view_vectors(struct project *project, const struct project_view *view)
{
    if (view == NULL)
        return NULL;
    for (size_t i = 0; i < project->view_count; i++)
        if (&project->views[i].view == view) {
            struct project_view *kept = &project->views[i].view;
            if (kept->vectors == NULL)
                kept->vectors = vector_view_create(project->vectors.index, kept->ranges, kept->range_count);
            return kept->vectors;
        }
    assert(false); /* a view is good until the next refresh */
    return NULL;
}
