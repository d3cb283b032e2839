/* grounds.c - where links may lead: into the project, and into what a person named, in the settings or as an argument.
 *
 * Whoever may write into a folder of documents can put a link there to any file that the owner can read, and with it into answers that others
 * see. So a link that was only met on the way is followed no farther than to what the owner has chosen to be read. */
#include "walk.h"
#include "codec/codec.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_real(struct walk *walk, const char *path)
{
    char real[PATH_MAX];
    if (realpath(path, real) != NULL) /* what is not there yet holds nothing */
        (void)map_put(&walk->grounds, slice_from(real), NULL);
}

void grounds_init(struct walk *walk)
{
    const struct project *project = walk->project;
    map_init(&walk->grounds, UINT32_MAX / 4);
    add_real(walk, project->root);
    for (size_t i = 0; i < project->settings.document_count; i++)
        if (!url_is_web(slice_from(project->settings.documents[i])))
            add_real(walk, path_normal(&walk->arena, project->root, project->settings.documents[i]));
}

void grounds_add(struct walk *walk, const char *name)
{
    if (!url_is_web(slice_from(name)))
        add_real(walk, name);
}

/* The project's state has the log and the keys that open it; its settings are no document either. */
static bool is_of_project(const struct walk *walk, const char *real)
{
    char state[PATH_MAX];
    int size = snprintf(state, sizeof(state), "%s/%s", walk->project->root, PROJECT_STATE);
    bool is_state = size > 0 && (size_t)size < sizeof(state) && (strcmp(real, state) == 0 || path_is_below(real, state));
    return is_state || walk_is_own(walk, real);
}

bool grounds_check(const struct walk *walk, const char *stored, const char *real, struct error *error)
{
    if (is_of_project(walk, real)) {
        error_set(error, ERROR_INVALID, "\"%s\" is a link to what belongs to the project itself", stored);
        return error_hint(error, "Remove the link: whoever may ask would read it.");
    }
    if (walk_find_above(&walk->grounds, real) != NULL)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" is a link that leads out of what is added, to \"%s\"", stored, real);
    return error_hint(error, "Copy the file, or list the link itself or where it leads under `documents` in assay.yaml.");
}
