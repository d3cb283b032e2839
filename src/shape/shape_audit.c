/* shape_audit.c - what `assay audit --json` prints. */
#include "shape.h"
#include <string.h>

/* The documents of a finding, each once. */
static void write_documents(struct json_writer *json, const struct assay_audit_finding *finding)
{
    json_array_begin(json);
    for (size_t i = 0; i < finding->place_count; i++) {
        bool is_new = true;
        for (size_t j = 0; is_new && j < i; j++)
            is_new = strcmp(finding->places[i].document, finding->places[j].document) != 0;
        if (is_new)
            json_text(json, slice_from(finding->places[i].document));
    }
    json_array_end(json);
}

static void write_place(struct json_writer *json, const struct assay_audit_place *place)
{
    json_object_begin(json);
    json_key(json, "document");
    json_text(json, slice_from(place->document));
    json_key(json, "passage");
    if (place->passage > 0)
        json_integer(json, place->passage);
    else
        json_null(json);
    const struct json_integer_member members[] = {{"line", (int64_t)place->line},
                                                  {"line_end", (int64_t)place->line_end},
                                                  {"start", (int64_t)place->start},
                                                  {"end", (int64_t)place->end}};
    json_integers(json, members, ARRAY_COUNT(members));
    json_key(json, "text");
    json_text(json, slice_from(place->text));
    json_object_end(json);
}

static void write_finding(struct json_writer *json, const struct assay_audit_finding *finding)
{
    json_object_begin(json);
    json_key(json, "kind");
    json_text(json, slice_from(finding->kind));
    json_key(json, "severity");
    json_text(json, slice_from(finding->severity));
    json_key(json, "cost");
    json_real(json, finding->cost, 6);
    json_key(json, "documents");
    write_documents(json, finding);
    json_key(json, "message");
    json_text(json, slice_from(finding->message));
    json_key(json, "remedy");
    json_text(json, slice_from(finding->remedy));
    json_key(json, "places");
    json_array_begin(json);
    for (size_t i = 0; i < finding->place_count; i++)
        write_place(json, &finding->places[i]);
    json_array_end(json);
    json_object_end(json);
}

static void write_counts(struct json_writer *json, const struct assay_audit_report *report)
{
    const struct json_integer_member members[] = {{"documents", (int64_t)report->documents},
                                                  {"passages", (int64_t)report->passages},
                                                  {"tokens", (int64_t)report->tokens},
                                                  {"score", (int64_t)report->score}};
    json_integers(json, members, ARRAY_COUNT(members));
    json_key(json, "fits_in_context");
    json_bool(json, report->fits_in_context);
    json_key(json, "languages");
    json_object_begin(json);
    for (size_t i = 0; i < report->language_count; i++) {
        json_key(json, report->languages[i].code);
        json_integer(json, (int64_t)report->languages[i].documents);
    }
    json_object_end(json);
    json_key(json, "kinds");
    json_object_begin(json);
    for (size_t i = 0; i < report->kind_count; i++) {
        const struct assay_audit_kind *kind = &report->kinds[i];
        const struct json_integer_member counts[] = {{"findings", (int64_t)kind->findings},
                                                     {"documents", (int64_t)kind->documents}};
        json_key(json, kind->name);
        json_object_begin(json);
        json_integers(json, counts, ARRAY_COUNT(counts));
        json_key(json, "cost");
        json_real(json, kind->cost, 6);
        json_object_end(json);
    }
    json_object_end(json);
}

void shape_audit(struct json_writer *json, const struct assay_audit_report *report, const struct shape_audit_options *options)
{
    size_t shown = 0;
    json_object_begin(json);
    write_counts(json, report);
    json_key(json, "findings");
    json_array_begin(json);
    for (size_t i = 0; i < report->finding_count && shown < options->limit; i++)
        if (options->is_shown == NULL || options->is_shown(options->context, report->findings[i].kind)) {
            write_finding(json, &report->findings[i]);
            shown++;
        }
    json_array_end(json);
    json_key(json, "took_ms");
    json_real(json, report->took_ms, 6);
    json_object_end(json);
}
