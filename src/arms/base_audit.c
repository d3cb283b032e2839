/* base_audit.c - what is wrong with the documents, beside what the approaches make of them. */
#include "arms_parts.h"
#include "audit/audit.h"

enum { FINDINGS_MOST = 50 };
#define DAY_NS ((int64_t)86400 * 1000000000)

static void write_documents(const struct audit_finding *finding, struct json_writer *json)
{
    json_key(json, "documents");
    json_array_begin(json);
    for (size_t i = 0; i < finding->place_count; i++)
        if (i == 0 || !slice_equal(finding->places[i].document, finding->places[i - 1].document))
            json_text(json, finding->places[i].document);
    json_array_end(json);
}

static void write_audit(const struct audit_report *report, struct json_writer *json)
{
    json_object_begin(json);
    json_key(json, "score");
    json_real(json, report->score, 6);
    json_key(json, "findings");
    json_array_begin(json);
    for (size_t i = 0; i < report->count && i < FINDINGS_MOST; i++) {
        const struct audit_finding *finding = &report->findings[i];
        json_object_begin(json);
        json_texts(json,
                   (const struct json_text_member[]){{"kind", audit_kind_name(finding->kind)},
                                                     {"severity", audit_severity_name(finding->severity)}},
                   2);
        json_key(json, "message");
        json_text(json, finding->message);
        write_documents(finding, json);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static bool step(void *context, const char *stage, size_t done, size_t total)
{
    const struct arms_run *run = context;
    (void)stage;
    return run->step == NULL || run->step(run->context, "looking through the documents", done, total);
}

/* Too many documents to be held in memory are no failure of a decision: the report goes without. */
bool audit_base(struct deciding *deciding, struct error *error)
{
    struct audit_report report;
    struct error why = {0};
    const struct audit_request request = {.project = deciding->project,
                                          .embedder = deciding->run->embedder,
                                          .today = clock_wall_ns() / DAY_NS,
                                          .step = step,
                                          .context = (void *)(uintptr_t)deciding->run};
    struct json_writer json;
    struct buffer out;
    if (deciding->counts.passages == 0)
        return true;
    bool ok = audit_project(&request, &report, &why);
    if (ok) {
        buffer_init(&out, LIMIT_JSON_BYTES);
        json_writer_init(&json, &out);
        write_audit(&report, &json);
        deciding->audit = arena_slice(deciding->arena, buffer_slice(&out));
        buffer_release(&out);
    }
    audit_release(&report);
    if (ok || why.kind == ERROR_LIMIT || why.kind == ERROR_NO_MEMORY)
        return true;
    *error = why;
    return error_wrap(error, "could not look through the documents");
}
