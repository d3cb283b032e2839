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

const char *written_why_not(const struct deciding *deciding)
{
    const struct writer *writer = deciding->run->writer;
    if (writer == NULL)
        return "the examples show no form in common, and to learn to write takes a writer (`assay tune writer`), or a model "
               "that is tuned "
               "elsewhere: name it with --tuned, or have a provider tune one with --hosted";
    if (deciding->overlapping > 0)
        return "the project's writer may have learned examples that are like test cases: take these out of the examples, and "
               "train it "
               "again (`assay tune writer --replace`)";
    return NULL;
}

const char *written_form(const struct deciding *deciding)
{
    return writer_info(deciding->run->writer)->passages == WRITER_ALONE
               ? "the project's writer learned without passages: `hybrid`, which gives it some, asks in another form"
               : "the project's writer learned from passages: `tune`, which gives it none, asks in another form";
}

/* The part of the example most like the question is freed with the way: what was built stays in it. */
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
