/* findings.c - what was found, what it costs, and the score.
 *
 *   share of a kind  = Σ over the documents it touches (severity: high 1, medium 0.6, low 0.3) / all documents
 *   cost of a kind   = its weight · √share        few bad documents already cost: a reader meets them
 *   score            = 100 − Σ costs, at least 0
 *
 * A kind's cost is divided among its findings by their severity and number of documents, so that the findings' costs add up to what is
 * missing to 100. docs/audit.md tells the same with examples. */
#include "pile.h"
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    double weight; /* points that it costs when every document is touched */
} kinds[AUDIT_KINDS] = {
    {"contradiction", 30}, {"unreadable", 25},     {"unretrievable", 20}, {"stale", 20},   {"duplicate", 15},
    {"garbled", 20},       {"near_duplicate", 12}, {"oversized", 10},     {"sparse", 8},   {"broken_link", 8},
    {"sensitive", 15},     {"boilerplate", 5},     {"orphaned", 5},       {"language", 0},
}; /* ORDER kinds */

static const double severity_share[] = {0.3, 0.6, 1};

const char *audit_kind_name(enum audit_kind kind)
{
    return kinds[kind].name;
}

bool audit_kind_named(struct slice name, enum audit_kind *kind)
{
    for (size_t i = 0; i < AUDIT_KINDS; i++)
        if (slice_equal_text(name, kinds[i].name)) {
            *kind = (enum audit_kind)i;
            return true;
        }
    return false;
}

const char *audit_severity_name(enum audit_severity severity)
{
    static const char *const names[] = {"low", "medium", "high"};
    return names[severity];
}

/* ---- adding ---- */

enum { SHOWN_BYTES = 240, MESSAGE_BYTES = 600 };

/* The first bytes, up to a whole character, on one line. */
static struct slice shorten(struct arena *arena, struct slice text)
{
    struct slice part = slice_cut(text, SHOWN_BYTES);
    if (part.size == text.size)
        return arena_line(arena, text);
    const char *shown = arena_format(arena, SLICE_FORMAT "…", SLICE_ARGUMENT(part));
    return arena_line(arena, slice_from(shown));
}

struct audit_place place_of(const struct pile *pile, struct findings *findings, size_t passage, struct slice text)
{
    const struct pile_passage *from = &pile->passages[passage];
    return (struct audit_place){.document = pile->documents[from->document].path,
                                .passage = from->id,
                                .line = from->line,
                                .line_end = from->line_end,
                                .start = from->start,
                                .end = from->end,
                                .text = shorten(findings->arena, hide_secrets(findings->arena, from->text, text))};
}

size_t places_of_copies(const struct pile *pile, size_t passage, struct slice text, struct audit_place *places, size_t count,
                        size_t max)
{
    assert(passage < pile->passage_count);
    for (uint32_t next = pile->passages[passage].next_copy; next > 0 && count < max;) {
        const struct pile_passage *copy = &pile->passages[next - 1];
        places[count++] = (struct audit_place){.document = pile->documents[copy->document].path,
                                               .passage = copy->id,
                                               .line = copy->line,
                                               .line_end = copy->line_end,
                                               .start = copy->start,
                                               .end = copy->end,
                                               .text = text};
        next = copy->next_copy;
    }
    return count;
}

struct audit_place place_of_document(const struct pile_document *document)
{
    return (struct audit_place){.document = document->path, .end = document->size, .text = {"", 0}};
}

void findings_add(struct findings *findings, enum audit_kind kind, enum audit_severity severity,
                  const struct audit_place *places, size_t place_count, const char *remedy, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    size_t written = size < 0 ? 0 : (size_t)size < sizeof(message) ? (size_t)size : sizeof(message) - 1;
    struct slice told = {message, written};
    if (written + 1 == sizeof(message)) /* it was cut: up to a whole character */
        told = slice_cut(told, written - 4);
    told = slice_cut(hide_secrets(findings->arena, told, told), MESSAGE_BYTES);
    struct audit_place *copy = arena_alloc(findings->arena, place_count, sizeof(*copy));
    for (size_t i = 0; i < place_count; i++) {
        copy[i] = places[i];
        copy[i].text = hide_secrets(findings->arena, places[i].text, places[i].text);
    }
    findings->items = arena_more(findings->arena, findings->items, findings->count, &findings->capacity,
                                 sizeof(*findings->items));
    findings->items[findings->count++] = (struct audit_finding){.kind = kind,
                                                                .severity = severity,
                                                                .message = arena_line(findings->arena, told),
                                                                .remedy = slice_from(remedy),
                                                                .places = copy,
                                                                .place_count = place_count};
}

/* ---- the score ---- */

/* How many different documents a finding names. */
static size_t documents_of(const struct audit_finding *finding)
{
    size_t count = 0;
    for (size_t i = 0; i < finding->place_count; i++) {
        bool is_new = true;
        for (size_t j = 0; is_new && j < i; j++)
            is_new = !slice_equal(finding->places[i].document, finding->places[j].document);
        count += is_new;
    }
    return count;
}

static double part_of(const struct audit_finding *finding)
{
    return severity_share[finding->severity] * (double)documents_of(finding);
}

/* The documents that a kind touches, each with its gravest severity: their number and the sum of their shares. */
static void tally_kind(const struct findings *findings, enum audit_kind kind, struct audit_tally *tally, double *touched)
{
    struct map seen; /* path → severity, plus one */
    map_init(&seen, UINT32_MAX / 4);
    for (size_t i = 0; i < findings->count; i++) {
        const struct audit_finding *finding = &findings->items[i];
        tally->findings += finding->kind == kind;
        for (size_t j = 0; finding->kind == kind && j < finding->place_count; j++) {
            struct map_entry *entry = map_put(&seen, finding->places[j].document, NULL);
            if (entry->value <= (uint64_t)finding->severity)
                entry->value = (uint64_t)finding->severity + 1;
        }
    }
    *touched = 0;
    for (size_t i = 0; i < seen.count; i++)
        *touched += severity_share[seen.entries[i].value - 1];
    tally->documents = seen.count;
    map_release(&seen);
}

static int compare_findings(const void *a, const void *b)
{
    const struct audit_finding *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    int order = slice_compare(x->places[0].document, y->places[0].document);
    if (order == 0 && x->places[0].start != y->places[0].start)
        order = x->places[0].start < y->places[0].start ? -1 : 1;
    return order != 0 ? order : slice_compare(x->message, y->message);
}

void findings_finish(struct findings *findings, size_t documents, struct audit_report *report)
{
    double cost = 0, sums[AUDIT_KINDS] = {0};
    for (size_t i = 0; i < findings->count; i++)
        sums[findings->items[i].kind] += part_of(&findings->items[i]);
    for (size_t kind = 0; kind < AUDIT_KINDS; kind++) {
        struct audit_tally *tally = &report->tallies[kind];
        double touched;
        tally_kind(findings, (enum audit_kind)kind, tally, &touched);
        size_t all = documents + (kind == AUDIT_UNREADABLE ? tally->documents : 0);
        double share = all > 0 ? touched / (double)all : 0;
        tally->cost = kinds[kind].weight * sqrt(share < 1 ? share : 1);
        cost += tally->cost;
    }
    for (size_t i = 0; i < findings->count; i++) {
        struct audit_finding *finding = &findings->items[i];
        finding->cost = report->tallies[finding->kind].cost * part_of(finding) / sums[finding->kind];
    }
    if (findings->count > 1)
        qsort(findings->items, findings->count, sizeof(*findings->items), compare_findings);
    report->findings = findings->items;
    report->count = findings->count;
    report->score = round(cost < 100 ? 100 - cost : 0);
}
