/* audit_run.c - the part of assay.h that audits. */
#include "tell.h"
#include "audit/audit.h"
#include <stdlib.h>

#define DAY_NS ((int64_t)86400 * 1000000000)

struct assay_audit_result {
    struct audit_report inner;
    struct assay_audit_report outer;
};

const char *assay_audit_kind_name(size_t number)
{
    return number < AUDIT_KINDS ? audit_kind_name((enum audit_kind)number) : NULL;
}

static const struct assay_audit_place *fill_places(struct arena *arena, const struct audit_finding *finding)
{
    struct assay_audit_place *places = arena_alloc(arena, finding->place_count, sizeof(*places));
    for (size_t i = 0; i < finding->place_count; i++) {
        const struct audit_place *place = &finding->places[i];
        places[i] = (struct assay_audit_place){.document = arena_text(arena, place->document),
                                               .passage = place->passage,
                                               .line = (size_t)place->line,
                                               .line_end = (size_t)place->line_end,
                                               .start = (size_t)place->start,
                                               .end = (size_t)place->end,
                                               .text = arena_text(arena, place->text)};
    }
    return places;
}

static void fill_report(struct assay_audit_result *result, double took_ms)
{
    struct audit_report *inner = &result->inner;
    struct arena *arena = &inner->arena;
    struct assay_audit_finding *findings = arena_alloc(arena, inner->count, sizeof(*findings));
    struct assay_audit_kind *kinds = arena_alloc(arena, AUDIT_KINDS, sizeof(*kinds));
    struct assay_audit_language *languages = arena_alloc(arena, inner->language_count, sizeof(*languages));
    for (size_t i = 0; i < inner->count; i++)
        findings[i] = (struct assay_audit_finding){.kind = audit_kind_name(inner->findings[i].kind),
                                                   .severity = audit_severity_name(inner->findings[i].severity),
                                                   .cost = inner->findings[i].cost,
                                                   .message = arena_text(arena, inner->findings[i].message),
                                                   .remedy = arena_text(arena, inner->findings[i].remedy),
                                                   .places = fill_places(arena, &inner->findings[i]),
                                                   .place_count = inner->findings[i].place_count};
    for (size_t i = 0; i < AUDIT_KINDS; i++)
        kinds[i] = (struct assay_audit_kind){audit_kind_name((enum audit_kind)i), inner->tallies[i].findings,
                                             inner->tallies[i].documents, inner->tallies[i].cost};
    for (size_t i = 0; i < inner->language_count; i++)
        languages[i] = (struct assay_audit_language){arena_text(arena, inner->languages[i].code),
                                                     inner->languages[i].documents};
    result->outer = (struct assay_audit_report){.documents = inner->documents,
                                                .passages = inner->passages,
                                                .tokens = inner->tokens,
                                                .fits_in_context = inner->fits_in_context,
                                                .score = inner->score,
                                                .kinds = kinds,
                                                .kind_count = AUDIT_KINDS,
                                                .languages = languages,
                                                .language_count = inner->language_count,
                                                .findings = findings,
                                                .finding_count = inner->count,
                                                .took_ms = took_ms};
}

static bool read_today(const char *text, int64_t *day, struct error *error)
{
    int64_t wall_ns = clock_wall_ns();
    if (text != NULL && !clock_date(slice_from(text), &wall_ns))
        return error_set(error, ERROR_INVALID, "the day \"%.40s\" is no date, expected one as 2027-01-31", text);
    *day = wall_ns / DAY_NS;
    return true;
}

bool assay_audit(struct assay *assay, const struct assay_audit_options *options, struct assay_audit_result **result,
                 struct assay_error *error)
{
    struct error inner;
    struct audit_request request = {.project = assay->project,
                                    .embedder = assay->embedder,
                                    .deep = options->deep,
                                    .step = options->on_progress,
                                    .context = options->context};
    uint64_t start = clock_now_ns();
    if (!read_today(options->today, &request.today, &inner))
        return finish(false, &inner, error);
    struct assay_audit_result *made = memory_alloc(1, sizeof(*made));
    if (!audit_project(&request, &made->inner, &inner)) {
        assay_audit_free(made);
        return finish(false, &inner, error);
    }
    fill_report(made, clock_ms_since(start));
    *result = made;
    return true;
}

const struct assay_audit_report *assay_audit_report(const struct assay_audit_result *result)
{
    return &result->outer;
}

void assay_audit_free(struct assay_audit_result *result)
{
    if (result == NULL)
        return;
    audit_release(&result->inner);
    free(result);
}
