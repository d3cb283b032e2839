/* eval_summaries.c - what `assay eval` found, for build servers: JUnit's XML, and a summary in Markdown. Texts come from documents, models and people:
 * each is escaped where it is written. */
#include "eval_record.h"
#include <string.h>

enum { CASES_SHOWN = 30, TEXT_BYTES_SHOWN = 300, STYLE_SHOWN = 3 };

static bool is_right(const struct case_record *item)
{
    return item->has_answer ? strcmp(item->why, "right") == 0 : item->missed == NULL;
}

static const char *reason_of(const struct case_record *item)
{
    return item->has_answer ? item->reason : item->missed;
}

static bool keep(const struct buffer *buffer, const char *what, const char *path, struct assay_error *error)
{
    struct error inner;
    const bool ok = buffer_finish(buffer, what, &inner) && file_replace(path, buffer_slice(buffer), &inner);
    if (!ok)
        output_from_inner(error, &inner);
    return ok;
}

/* ---- JUnit ---- */

/* XML 1.0 has no way to write most control characters: they become U+FFFD. */
static void xml_text(struct buffer *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        if (byte == '&')
            buffer_append_text(out, "&amp;");
        else if (byte == '<')
            buffer_append_text(out, "&lt;");
        else if (byte == '>')
            buffer_append_text(out, "&gt;");
        else if (byte == '"')
            buffer_append_text(out, "&quot;");
        else if (byte == '\n' || byte == '\t')
            buffer_format(out, "&#%d;", byte);
        else if (byte < 0x20 || (byte == 0xEF && (unsigned char)at[1] == 0xBF && (unsigned char)at[2] >= 0xBE)) {
            buffer_append_text(out, "\xef\xbf\xbd");
            at += byte == 0xEF ? 2 : 0;
        } else {
            buffer_append_byte(out, *at);
        }
    }
}

static void xml_attribute(struct buffer *out, const char *name, const char *text)
{
    buffer_format(out, " %s=\"", name);
    xml_text(out, text);
    buffer_append_byte(out, '"');
}

static void junit_case(struct buffer *out, const struct eval_record *record, const struct case_record *item)
{
    buffer_append_text(out, "    <testcase");
    xml_attribute(out, "classname", record->tests);
    buffer_format(out, " name=\"line %zu: ", item->line);
    xml_text(out, item->question);
    buffer_format(out, "\" time=\"%.3f\"", item->took_ms / 1000);
    if (is_right(item)) {
        buffer_append_text(out, "/>\n");
        return;
    }
    buffer_append_text(out, ">\n      <failure");
    xml_attribute(out, "type", item->has_answer ? item->why : "retrieval");
    xml_attribute(out, "message", reason_of(item));
    buffer_append_byte(out, '>');
    if (item->has_answer) {
        buffer_append_text(out, "wanted: ");
        xml_text(out, item->wanted != NULL ? item->wanted : "to abstain");
        buffer_append_text(out, "&#10;answered: ");
        xml_text(out, item->answer != NULL ? item->answer : "abstained");
    }
    if (item->has_retrieval && item->missed != NULL) {
        buffer_append_text(out, "&#10;found first: ");
        xml_text(out, item->found != NULL ? item->found : "nothing");
    }
    buffer_append_text(out, "</failure>\n    </testcase>\n");
}

static void junit_check(struct buffer *out, const char *name, bool ok, const char *message)
{
    buffer_append_text(out, "    <testcase classname=\"assay eval\"");
    xml_attribute(out, "name", name);
    if (ok) {
        buffer_append_text(out, "/>\n");
        return;
    }
    buffer_append_text(out, "><failure");
    xml_attribute(out, "message", message);
    buffer_append_text(out, "/></testcase>\n");
}

static void junit_checks(struct buffer *out, const struct eval_outcome *outcome, struct arena *arena)
{
    const struct requirements *requirements = outcome->requirements;
    const struct baseline *baseline = outcome->baseline;
    size_t count = requirements->count, failed = 0;
    for (size_t i = 0; i < requirements->count; i++)
        failed += !requirements->items[i].is_met;
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        count += baseline->changes[i].cases > 0;
        failed += baseline->changes[i].is_regression;
    }
    if (count == 0)
        return;
    buffer_format(out, "  <testsuite name=\"measures\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", count,
                  failed);
    for (size_t i = 0; i < requirements->count; i++) {
        const struct requirement *item = &requirements->items[i];
        const char *name = arena_format(arena, "%.*s %s %g", (int)item->name.size, item->name.data,
                                        item->is_most ? "<=" : ">=", item->limit);
        junit_check(out, name, item->is_met,
                    item->is_known ? arena_format(arena, "it is %.4g", item->value) : "it was not measured");
    }
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        const struct measure_change *change = &baseline->changes[i];
        if (change->cases > 0)
            junit_check(out, arena_format(arena, "%s is no worse than in run %s", record_measure_name(i), baseline->run),
                        !change->is_regression,
                        arena_format(arena, "%.4f before, %.4f now (%+.4f to %+.4f)", change->before, change->after,
                                     change->low, change->high));
    }
    buffer_append_text(out, "  </testsuite>\n");
}

bool outcome_junit(const struct eval_outcome *outcome, const char *path, struct assay_error *error)
{
    const struct eval_record *record = outcome->record;
    struct buffer out;
    size_t failed = 0;
    buffer_init(&out, LIMIT_JSON_BYTES);
    for (size_t i = 0; i < record->count; i++)
        failed += !is_right(&record->cases[i]);
    buffer_append_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay eval\">\n");
    buffer_format(&out, "  <testsuite name=\"cases\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
                  record->count, failed);
    for (size_t i = 0; i < record->count; i++)
        junit_case(&out, record, &record->cases[i]);
    buffer_append_text(&out, "  </testsuite>\n");
    junit_checks(&out, outcome, record->arena);
    buffer_append_text(&out, "</testsuites>\n");
    const bool ok = keep(&out, "the summary for JUnit", path, error);
    buffer_release(&out);
    return ok;
}

/* ---- Markdown ---- */

/* On one line, every sign that means something with a backslash before it, and cut where it is long. */
static void markdown_text(struct buffer *out, const char *text)
{
    const struct slice whole = slice_from(text), shown = slice_cut(whole, TEXT_BYTES_SHOWN);
    for (size_t i = 0; i < shown.size; i++) {
        const char byte = shown.data[i];
        if ((unsigned char)byte < 0x20 || byte == 0x7f) {
            buffer_append_byte(out, ' ');
        } else if (byte == '<' || byte == '>' || byte == '&' || byte == '@') {
            buffer_format(out, "&#%d;", byte);
        } else {
            if (byte_among(byte, "\\`*_{}[]()#+-.!|~$:"))
                buffer_append_byte(out, '\\');
            buffer_append_byte(out, byte);
        }
    }
    if (shown.size < whole.size)
        buffer_append_text(out, "…");
}

static void markdown_measures(struct buffer *out, const struct eval_outcome *outcome)
{
    const struct baseline *baseline = outcome->baseline;
    const bool has_baseline = baseline->run != NULL;
    buffer_append_text(out, has_baseline ? "| measure | value | 95 % interval | against the baseline |\n|---|---|---|---|\n"
                                         : "| measure | value | 95 % interval |\n|---|---|---|\n");
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        if (!outcome->record->has[i])
            continue;
        const bool is_retrieval = i < ASSAY_MEASURES;
        const struct assay_interval *grade = is_retrieval       ? NULL
                                             : i < RECORD_FORMS ? &outcome->answers->grades[i - ASSAY_MEASURES]
                                                                : &outcome->answers->forms[i - RECORD_FORMS];
        buffer_append_text(out, "| ");
        markdown_text(out, record_measure_name(i));
        buffer_format(out, " | %.3f | %.3f to %.3f |", outcome->record->means[i],
                      is_retrieval ? outcome->report->low[i] : grade->low,
                      is_retrieval ? outcome->report->high[i] : grade->high);
        const struct measure_change *change = &baseline->changes[i];
        if (has_baseline && change->cases > 0)
            buffer_format(out, " %+.3f (%+.3f to %+.3f)%s |", change->difference, change->low, change->high,
                          change->is_regression ? " **worse**" : "");
        else if (has_baseline)
            buffer_append_text(out, " not measured in both |");
        buffer_append_byte(out, '\n');
    }
    buffer_append_byte(out, '\n');
}

static void markdown_labels(struct buffer *out, const struct assay_labels *labels)
{
    if (labels->is_told)
        buffer_format(out, "%zu labels: accuracy %.4f, macro F1 %.4f (%.4f to %.4f); %zu of %zu answers are none of them.\n\n",
                      labels->labels, labels->accuracy.mean, labels->macro_f1.mean, labels->macro_f1.low, labels->macro_f1.high,
                      labels->unlabelled, labels->cases);
}

static void markdown_style(struct buffer *out, const struct assay_style *style)
{
    if (!style->is_told)
        return;
    buffer_format(out, "Style: the answers are told from %zu examples with %.2f (0.5: cannot be told; 1: always), chance %.3f.",
                  style->examples, style->separation, style->chance);
    for (size_t i = 0; i < STYLE_SHOWN; i++) {
        const struct assay_style_feature *feature = &style->features[i];
        buffer_append_text(out, i == 0 ? " Most different: " : ", ");
        markdown_text(out, feature->name);
        buffer_format(out, " (%.3g, examples %.3g)", feature->answers, feature->examples);
    }
    buffer_append_text(out, ".\n\n");
}

static void markdown_requirements(struct buffer *out, const struct requirements *requirements)
{
    for (size_t i = 0; i < requirements->count; i++) {
        const struct requirement *item = &requirements->items[i];
        buffer_append_text(out, item->is_met ? "- met: " : "- **not met**: ");
        buffer_append_slice(out, item->name);
        buffer_format(out, " %s %g", item->is_most ? "at most" : "at least", item->limit);
        if (item->is_known)
            buffer_format(out, ", it is %.4g\n", item->value);
        else
            buffer_append_text(out, ", it was not measured\n");
    }
    if (requirements->count > 0)
        buffer_append_byte(out, '\n');
}

static void markdown_cases(struct buffer *out, const struct eval_record *record)
{
    size_t failed = 0;
    for (size_t i = 0; i < record->count; i++)
        failed += !is_right(&record->cases[i]);
    buffer_format(out, "%zu of %zu cases are right.\n", record->count - failed, record->count);
    if (failed == 0)
        return;
    buffer_append_text(out, "\n| line | question | wanted | answered | why |\n|---|---|---|---|---|\n");
    for (size_t i = 0, shown = 0; i < record->count && shown < CASES_SHOWN; i++) {
        const struct case_record *item = &record->cases[i];
        if (is_right(item))
            continue;
        shown++;
        buffer_format(out, "| %zu | ", item->line);
        markdown_text(out, item->question);
        buffer_append_text(out, " | ");
        markdown_text(out, !item->has_answer ? "" : item->wanted != NULL ? item->wanted : "to abstain");
        buffer_append_text(out, " | ");
        markdown_text(out, !item->has_answer ? "" : item->answer != NULL ? item->answer : "abstained");
        buffer_append_text(out, " | ");
        markdown_text(out, reason_of(item));
        buffer_append_text(out, " |\n");
    }
    if (failed > CASES_SHOWN)
        buffer_format(out, "\n… and %zu more.\n", failed - CASES_SHOWN);
}

bool outcome_markdown(const struct eval_outcome *outcome, const char *path, struct assay_error *error)
{
    struct buffer out;
    buffer_init(&out, LIMIT_JSON_BYTES);
    buffer_append_text(&out, "## assay eval\n\n");
    markdown_requirements(&out, outcome->requirements);
    markdown_measures(&out, outcome);
    markdown_labels(&out, &outcome->answers->labels);
    markdown_style(&out, &outcome->answers->style);
    const char *calibration = calibration_words(outcome->answers, outcome->record->arena);
    if (calibration != NULL)
        buffer_format(&out, "%s%s.\n\n", outcome->answers->fitted_on > 0 ? "**In-sample:** " : "", calibration);
    markdown_cases(&out, outcome->record);
    const bool ok = keep(&out, "the summary in Markdown", path, error);
    buffer_release(&out);
    return ok;
}
