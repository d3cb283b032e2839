/* eval_draft.c - test cases drafted from the documents, one a line as eval.jsonl has them, for a person to check. */
#include "eval_draft.h"
#include <stdio.h>

enum { DRAFTS_MAX = 2000 };

struct drafting {
    struct progress *progress;
    struct buffer lines; /* of one document with --json: items of a list */
    bool is_document;
};

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct drafting *drafting = context;
    progress_step(drafting->progress, stage, done, total);
    return !interrupted();
}

static void on_draft(void *context, const struct assay_draft *draft)
{
    struct drafting *drafting = context;
    struct json_writer json;
    if (drafting->is_document && drafting->lines.size > 0)
        buffer_append_byte(&drafting->lines, ',');
    json_writer_init(&json, &drafting->lines);
    json_object_begin(&json);
    const struct json_text_member members[] = {
        {"question", draft->question}, {"answer", draft->answer}, {"source", draft->source}, {"quote", draft->quote}};
    json_texts(&json, members, ARRAY_COUNT(members));
    json_key(&json, "tags");
    json_array_begin(&json);
    json_text(&json, SLICE("draft"));
    if (draft->is_gap)
        json_text(&json, SLICE("gap"));
    json_array_end(&json);
    json_object_end(&json);
    if (!drafting->is_document)
        buffer_append_byte(&drafting->lines, '\n');
}

static enum exit_code print_json(const struct invocation *invocation, const struct drafting *drafting,
                                 const struct assay_draft_report *report)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "drafts");
    json_array_begin(&json);
    if (drafting->lines.size > 0)
        json_raw(&json, buffer_slice(&drafting->lines));
    json_array_end(&json);
    const struct json_integer_member counts[] = {{"documents", (int64_t)report->documents},
                                                 {"alike", (int64_t)report->alike},
                                                 {"refused", (int64_t)report->refused},
                                                 {"failed", (int64_t)report->failed},
                                                 {"out_of_force", (int64_t)report->out_of_force}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    json_key(&json, "took_ms");
    json_real(&json, report->took_ms, 6);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* What came of it, on standard error: the lines are the output. */
static void tell(const struct invocation *invocation, const struct assay_draft_report *report, size_t wanted)
{
    char message[280], old[80] = "";
    if (invocation->quiet)
        return;
    if (report->out_of_force > 0)
        snprintf(old, sizeof(old), ", %zu document%s not in force", report->out_of_force,
                 report->out_of_force == 1 ? " that is" : "s that are");
    if (report->out_of_force + report->drafts + report->alike + report->refused + report->failed == 0) {
        output_warning(
            "nothing to draft: no document has what drafts are made of",
            "They are made of passages of 80 bytes or more; without a language model (--model) these need a sentence of "
            "5 to 35 words with a quantity and its unit, as in \"within 30 days\".");
        return;
    }
    snprintf(message, sizeof(message),
             "%zu draft%s from %zu document%s; left out: %zu like another text, %zu refused, %zu failed%s", report->drafts,
             report->drafts == 1 ? "" : "s", report->documents, report->documents == 1 ? "" : "s", report->alike,
             report->refused, report->failed, old);
    output_warning(message, report->drafts == 0 ? "There is no more to draft here."
                            : report->drafts < wanted
                                ? "There is no more to draft here. Read and mend each line, then add it to eval.jsonl."
                                : "Read and mend each line, then add it to eval.jsonl.");
}

enum exit_code eval_draft_cases(const struct invocation *invocation, struct progress *progress, struct assay *assay)
{
    struct drafting drafting = {.progress = progress, .is_document = invocation->json};
    struct assay_draft_options options = {.model = invocation_option(invocation, "model"),
                                          .seed = 1,
                                          .on_draft = on_draft,
                                          .on_progress = on_progress,
                                          .context = &drafting};
    struct assay_draft_report report;
    struct assay_error error;
    if (!invocation_number(invocation, "draft", 1, DRAFTS_MAX, 0, &options.count))
        return EXIT_WRONG_USE;
    buffer_init(&drafting.lines, LIMIT_JSON_BYTES);
    bool ok = assay_draft_cases(assay, &options, &report, &error);
    progress_clear(progress);
    enum exit_code code = EXIT_DONE;
    bool is_shown = ok || report.drafts > 0; /* those drafted before a failure were paid for */
    if (is_shown && invocation->json)
        code = print_json(invocation, &drafting, &report);
    else if (is_shown)
        fwrite(drafting.lines.data, 1, drafting.lines.size, stdout);
    if (!ok)
        code = output_failure_midway(invocation, is_shown, &error);
    else if (!invocation->json)
        tell(invocation, &report, options.count);
    buffer_release(&drafting.lines);
    return code;
}
