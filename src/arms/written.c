/* written.c - the writer that the project has learned from its examples (`assay tune writer`), as an arm: by itself, or with passages.
 *
 * It is trained before the run and stands beside what is learned here in minutes (tuned.c): of the two the development cases choose, and of
 * equal ones the simpler, which is not the writer. */
#include "arms_parts.h"
#include "writer/writer.h"

bool way_is_written(const struct way *way)
{
    return way->maker == MAKER_ASK && (way->approach == ASK_TUNE || way->approach == ASK_HYBRID);
}

/* Whether it learned the project's examples as they are now, and nothing else: of others nobody knows whether test cases were among them. */
static bool learned_these(const struct deciding *deciding)
{
    struct arena arena;
    struct buffer text;
    struct json_value root;
    struct error ignored = {0};
    char hash[2 * STORE_HASH_BYTES + 1];
    arena_init(&arena);
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    const char *path = path_join(&arena, writer_info(deciding->run->writer)->adapter, "provenance.json");
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, &ignored) &&
              json_read(buffer_slice(&text), path, &arena, &root, &ignored) &&
              deciding_hash_file(path_join(&arena, deciding->project->root, deciding->settings->examples), hash) &&
              slice_equal_text(json_text_at(json_get(&root, "data"), "sha256"), hash);
    buffer_release(&text);
    arena_release(&arena);
    return ok;
}

const char *written_why_not(const struct deciding *deciding)
{
    if (deciding->run->writer_fault != NULL)
        return deciding->run->writer_fault;
    if (deciding->run->writer == NULL)
        return "the examples show no form in common, and to learn to write takes a writer (`assay tune writer`), or a model "
               "that "
               "is tuned elsewhere: name it with --tuned, or have a provider tune one with --hosted";
    if (!learned_these(deciding))
        return "the project's writer learned from something else than the examples as they are now: `assay tune writer "
               "--replace`";
    if (deciding->overlapping > 0)
        return "the project's writer has learned examples that are like test cases: take these out of the examples, and train "
               "it "
               "again (`assay tune writer --replace`)";
    return NULL;
}

void check_written_form(struct deciding *deciding)
{
    for (size_t i = ARM_TUNE; i <= ARM_HYBRID; i++) {
        const struct arm_state *state = &deciding->arms[i];
        if (state->state != ARM_MEASURED || !way_is_written(&state->way))
            continue;
        const bool gives = state->way.retrieves, learned = writer_info(deciding->run->writer)->passages != WRITER_ALONE;
        deciding_check(deciding, "form in training and use", gives == learned,
                       gives == learned
                           ? arena_format(deciding->arena, "%s asks the project's writer as it was trained", arm_names[i])
                           : arena_format(deciding->arena, "%s asks the project's writer %s passages, and it learned %s",
                                          arm_names[i], gives ? "with" : "without", learned ? "with them" : "without"));
    }
}

/* What was built belongs to the arm `tune` and is freed at the end of the run: the way that takes its place keeps it. */
static struct way written_way(const struct way *beside, enum arm_kind kind)
{
    const bool alone = kind == ARM_TUNE;
    return (struct way){.key = alone ? "tune+writer" : "hybrid+writer",
                        .label = alone ? "the writer that learned from the examples, by itself"
                                       : "the writer that learned from the examples, with the passages that a search finds",
                        .approach = alone ? ASK_TUNE : ASK_HYBRID,
                        .retrieves = !alone,
                        .built = beside->built};
}

bool written_choose(struct deciding *deciding, struct arm_state *state, enum arm_kind kind, struct error *error)
{
    const struct way way = written_way(&state->way, kind);
    double score = 0, other = -1;
    if (written_why_not(deciding) != NULL)
        return true;
    if (state->way.label != NULL &&
        (!way_score(deciding, &state->way, &other, error) || !way_score(deciding, &way, &score, error)))
        return false;
    if (score > other + 1e-9)
        state->way = way;
    return true;
}
