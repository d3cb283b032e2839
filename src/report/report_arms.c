/* report_arms.c - the approaches side by side: scores with their intervals as a plot, then what was measured of answers, and what they take. */
#include "page.h"
#include <stdio.h>
#include <string.h>

/* One line of the plot:   Retrieval   ────├───●──┤──┆───   86.2 %      the dotted line: the target */
static void plot_row(struct page *page, const struct json_value *arm, double target, bool is_verdict)
{
    const struct slice name = arm_name(page, arm);
    const size_t style = arm_style(name);
    double score;
    struct statistics_interval interval;
    const bool has_score = page_share(page, arm, "score", &score);
    buffer_format(page->out, "<div class=\"lane arm-%zu%s\"><div class=\"lane-name\">", style, is_verdict ? " chosen" : "");
    page_arm(page, name);
    if (is_verdict)
        page_html(page, " <span class=\"badge\">verdict</span>");
    struct slice label = page_text(page, arm, "label");
    if (label.size > 0) {
        page_html(page, "<small>");
        page_say(page, label);
        page_html(page, "</small>");
    }
    page_html(
        page,
        "</div><svg class=\"track\" aria-hidden=\"true\"><line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"50%\" y2=\"50%\"/>");
    if (target > 0)
        buffer_format(page->out, "<line class=\"target\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>",
                      plot_percent(target), plot_percent(target));
    const bool has_interval = page_interval(page, arm, "interval", false, &interval);
    if (has_interval)
        buffer_format(page->out, "<line class=\"span\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"50%%\" y2=\"50%%\"/>",
                      plot_percent(interval.low), plot_percent(interval.high));
    if (has_score)
        buffer_format(page->out, "<circle class=\"dot\" cx=\"%.2f%%\" cy=\"50%%\" r=\"6\"/>", plot_percent(score));
    page_html(page, "</svg><div class=\"lane-value\">");
    if (has_score) {
        page_html(page, "<b>");
        page_percent(page, score);
        page_html(page, "</b>");
    } else {
        struct slice why = page_text(page, arm, "why");
        page_html(page, "not measured");
        if (why.size > 0) {
            page_html(page, "<small>");
            page_say(page, why);
            page_html(page, "</small>");
        }
    }
    if (has_score && has_interval) {
        page_html(page, "<small>");
        page_percents(page, interval);
        page_html(page, "</small>");
    }
    page_html(page, "</div></div>\n");
}

static void plot(struct page *page, const struct json_value *arms, struct slice chosen)
{
    double target = 0;
    const bool has_target = page_share(page, page->root, "target", &target) && target > 0;
    page_html(page, "<div class=\"lanes\">\n");
    for (size_t i = 0; i < arms->count; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "arms");
        if (arm != NULL)
            plot_row(page, arm, has_target ? target : 0, slice_equal(page_text(page, arm, "name"), chosen));
    }
    page_html(page, "<div class=\"lane scale\" aria-hidden=\"true\"><div></div><svg class=\"track\">");
    for (int percent = 0; percent <= 100; percent += 25)
        buffer_format(page->out, "<text x=\"%d%%\" y=\"14\" class=\"%s\">%d</text>", percent,
                      percent == 0     ? "start"
                      : percent == 100 ? "end"
                                       : "middle",
                      percent);
    page_html(page, "</svg><div class=\"lane-value\"><small>% of cases right</small></div></div>\n</div>\n");
    page_html(page, "<p class=\"legend\">A dot is the score, the bar its interval: with 95 of 100 such sets of cases the true "
                    "score lies in it.");
    if (has_target) {
        page_html(page, " The dotted line is the target, ");
        page_percent(page, target);
        page_html(page, ".");
    } else {
        page_html(page, " No target was set.");
    }
    page_html(page, "</p>\n");
}

/* ---- tables ---- */

enum figure { FIGURE_SHARE, FIGURE_NUMBER, FIGURE_RATIO, FIGURE_COUNT, FIGURE_TIME, FIGURE_MONEY };

/* A column: a field of an arm, or of an object within it. */
struct column {
    const char *within, *key, *title;
    enum figure figure;
};

static const struct column answer_columns[] = {
    {NULL, "score", "Score", FIGURE_SHARE},
    {NULL, "exact", "Exact", FIGURE_SHARE},
    {NULL, "strict", "Fact and form", FIGURE_SHARE},
    {NULL, "knowledge", "Fact right", FIGURE_SHARE},
    {NULL, "form", "Form right", FIGURE_SHARE},
    {NULL, "pattern", "Matches the pattern", FIGURE_SHARE},
    {NULL, "schema", "Follows the schema", FIGURE_SHARE},
    {NULL, "fields", "Fields right", FIGURE_SHARE},
    {"labels", "accuracy", "Right label", FIGURE_SHARE},
    {"labels", "macro_f1", "Macro F1 of labels", FIGURE_SHARE},
    {NULL, "similarity", "Near in meaning", FIGURE_SHARE},
    {NULL, "style", "Style told apart", FIGURE_RATIO},
    {NULL, "grounded", "Borne out by passages", FIGURE_SHARE},
    {NULL, "citations", "Cites rightly", FIGURE_SHARE},
    {"abstention", "precision", "Abstained rightly", FIGURE_SHARE},
    {"abstention", "recall", "Of what cannot be answered, abstained", FIGURE_SHARE},
    {NULL, "cases", "Cases", FIGURE_COUNT},
};

static const struct column taking_columns[] = {
    {"latency_ms", "p50", "Half within", FIGURE_TIME},
    {"latency_ms", "p95", "95 of 100 within", FIGURE_TIME},
    {"latency_ms", "p99", "99 of 100 within", FIGURE_TIME},
    {NULL, "tokens_per_request", "Tokens a request", FIGURE_NUMBER},
    {"cost", "build", "To build", FIGURE_MONEY},
    {"cost", "per_1000", "1,000 requests", FIGURE_MONEY},
    {"cost", "per_month", "A month, once built", FIGURE_MONEY},
};

static const struct json_value *object_of(struct page *page, const struct json_value *arm, const struct column *column)
{
    return column->within != NULL ? page_object(page, arm, column->within) : arm;
}

static bool read_figure(struct page *page, const struct json_value *arm, const struct column *column, double *number)
{
    const struct json_value *object = object_of(page, arm, column);
    uint64_t count;
    if (column->figure == FIGURE_SHARE)
        return page_share(page, object, column->key, number);
    if (column->figure != FIGURE_COUNT)
        return page_number(page, object, column->key, number);
    if (!page_count(page, object, column->key, &count))
        return false;
    *number = (double)count;
    return true;
}

static void say_figure(struct page *page, enum figure figure, double number)
{
    switch (figure) {
    case FIGURE_SHARE:
        page_percent(page, number);
        break;
    case FIGURE_TIME:
        page_time(page, number);
        break;
    case FIGURE_MONEY:
        page_money(page, number);
        break;
    case FIGURE_COUNT:
        page_integer(page, number);
        break;
    case FIGURE_NUMBER:
        page_plain(page, number);
        break;
    case FIGURE_RATIO:
        buffer_format(page->out, "%.2f", number);
        break;
    }
}

/* That of the score stands beside it, those of others in "intervals", or in the column's own object. */
static bool read_interval(struct page *page, const struct json_value *arm, const struct column *column,
                          struct statistics_interval *interval)
{
    char own[40];
    if (strcmp(column->key, "score") == 0)
        return page_interval(page, arm, "interval", false, interval);
    if (column->within == NULL)
        return page_interval(page, page_object(page, arm, "intervals"), column->key, false, interval);
    snprintf(own, sizeof(own), "%s_interval", column->key);
    return page_interval(page, object_of(page, arm, column), own, false, interval);
}

static void say_cell(struct page *page, const struct json_value *arm, const struct column *column)
{
    double number;
    struct statistics_interval interval;
    if (!read_figure(page, arm, column, &number)) {
        page_html(page, "<td class=\"none\">not measured</td>");
        return;
    }
    page_html(page, "<td>");
    say_figure(page, column->figure, number);
    if (column->figure == FIGURE_SHARE && read_interval(page, arm, column, &interval)) {
        page_html(page, "<small>");
        page_percents(page, interval);
        page_html(page, "</small>");
    }
    page_html(page, "</td>");
}

static bool is_told(struct page *page, const struct json_value *arms, const struct column *column)
{
    double number;
    bool told = false;
    for (size_t i = 0; i < arms->count && !told; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "arms");
        told = arm != NULL && read_figure(page, arm, column, &number);
    }
    return told;
}

static void say_row_head(struct page *page, const struct json_value *arm)
{
    const struct slice name = arm_name(page, arm), model = page_text(page, arm, "model");
    buffer_format(page->out, "<tr><th scope=\"row\"><span class=\"key arm-%zu\" aria-hidden=\"true\"></span>", arm_style(name));
    page_arm(page, name);
    if (model.size > 0) {
        page_html(page, "<small>");
        page_name(page, model);
        page_html(page, "</small>");
    }
    page_html(page, "</th>");
}

/* Limits of the project, and whether the approach keeps them. */
static void say_limits(struct page *page, const struct json_value *arm)
{
    static const struct {
        const char *name, *title;
    } limits[] = {{"latency_p95_ms", "time"},
                  {"cost_per_month", "cost"},
                  {"private", "privacy"},
                  {"citations", "citations"},
                  {"knowledge_changes", "freshness"}};
    const struct json_value *meets = page_object(page, arm, "meets");
    page_html(page, "<td class=\"limits\">");
    for (size_t i = 0; meets != NULL && i < meets->count; i++) {
        const char *title = NULL;
        for (size_t j = 0; j < ARRAY_COUNT(limits); j++)
            if (slice_equal_text(meets->keys[i], limits[j].name))
                title = limits[j].title;
        if (meets->items[i].kind != JSON_BOOL) {
            page_fail(page, "meets", "an object of true and false");
            break;
        }
        const bool kept = meets->items[i].boolean;
        buffer_format(page->out, "<span class=\"%s\">", kept ? "kept" : "broken");
        if (title != NULL)
            page_says(page, title);
        else
            page_name(page, meets->keys[i]);
        page_html(page, kept ? " kept</span> " : " not kept</span> ");
    }
    page_html(page, meets == NULL || meets->count == 0 ? "none set" : "");
    const struct slice ruled_out = page_text(page, arm, "ruled_out_by");
    if (ruled_out.size > 0) {
        page_html(page, "<small>Ruled out by ");
        page_say(page, ruled_out);
        page_html(page, "</small>");
    }
    page_html(page, "</td>");
}

static void say_table(struct page *page, const struct json_value *arms, const struct column *columns, size_t count,
                      const char *caption, bool with_limits)
{
    bool told[ARRAY_COUNT(answer_columns)] = {false};
    size_t missing = 0;
    table_begin(page, caption);
    page_html(page, "<thead><tr><th scope=\"col\">Approach</th>");
    for (size_t i = 0; i < count; i++) {
        told[i] = is_told(page, arms, &columns[i]);
        missing += !told[i];
        if (told[i])
            buffer_format(page->out, "<th scope=\"col\">%s</th>", columns[i].title);
    }
    page_html(page, with_limits ? "<th scope=\"col\" class=\"words\">Limits</th></tr></thead>\n<tbody>\n"
                                : "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < arms->count; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "arms");
        if (arm == NULL)
            break;
        say_row_head(page, arm);
        for (size_t j = 0; j < count; j++)
            if (told[j])
                say_cell(page, arm, &columns[j]);
        if (with_limits)
            say_limits(page, arm);
        page_html(page, "</tr>\n");
    }
    page_html(page, "</tbody>");
    table_end(page);
    if (missing == 0)
        return;
    page_html(page, "<p class=\"absent\">Not measured for any approach: ");
    for (size_t i = 0, said = 0; i < count; i++)
        if (!told[i])
            buffer_format(page->out, "%s%s", said++ > 0 ? "; " : "", columns[i].title);
    page_html(page, ".</p>\n");
}

/* In what the answers differ most from the examples, by approach. */
static void say_style(struct page *page, const struct json_value *arms)
{
    for (size_t i = 0; i < arms->count; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "arms");
        const struct json_value *features = arm != NULL ? page_array(page, arm, "style_features") : NULL;
        if (features == NULL)
            continue;
        page_html(page, "<p class=\"note\">");
        page_arm(page, arm_name(page, arm));
        page_html(page, ", beside your examples:");
        for (size_t j = 0; j < features->count; j++) {
            const struct json_value *feature = page_item(page, features, j, JSON_OBJECT, "style_features");
            double answers = 0, examples = 0;
            if (feature == NULL || !page_number(page, feature, "answers", &answers) ||
                !page_number(page, feature, "examples", &examples))
                continue;
            page_html(page, j > 0 ? ", " : " ");
            page_name(page, page_text(page, feature, "name"));
            page_html(page, " ");
            page_plain(page, answers);
            page_html(page, " instead of ");
            page_plain(page, examples);
        }
        page_html(page, ".</p>\n");
    }
}

/* Which labels are taken for which, where answers are labels. */
static void say_confusions(struct page *page, const struct json_value *arms)
{
    enum { SAID = 5 };
    for (size_t i = 0; i < arms->count; i++) {
        const struct json_value *arm = page_item(page, arms, i, JSON_OBJECT, "arms"),
                                *labels = arm != NULL ? page_object(page, arm, "labels") : NULL,
                                *confusions = labels != NULL ? page_array(page, labels, "confusions") : NULL;
        if (confusions == NULL)
            continue;
        page_html(page, "<p class=\"note\">");
        page_arm(page, arm_name(page, arm));
        page_html(page, ", most often wrong:");
        for (size_t j = 0; j < confusions->count && j < SAID; j++) {
            const struct json_value *confusion = page_item(page, confusions, j, JSON_OBJECT, "confusions");
            uint64_t cases = 0;
            if (confusion == NULL || !page_count(page, confusion, "cases", &cases))
                break;
            const struct slice answer = page_text(page, confusion, "answer");
            page_html(page, j > 0 ? "; " : " ");
            page_name(page, page_text(page, confusion, "truth"));
            if (answer.size > 0) {
                page_html(page, " taken for ");
                page_name(page, answer);
            } else {
                page_html(page, " given no label");
            }
            page_html(page, " (");
            page_integer(page, (double)cases);
            page_html(page, ")");
        }
        page_html(page, ".</p>\n");
    }
}

_Static_assert(ARRAY_COUNT(taking_columns) <= ARRAY_COUNT(answer_columns), "say_table has room for the longer one");

void report_arms(struct page *page)
{
    const struct json_value *arms = page_array(page, page->root, "arms");
    section_begin(
        page, "approaches", "Approaches",
        "Each was built by the pipeline that would serve it, and asked the same test cases, which none of them had seen.");
    if (arms == NULL) {
        page_fail(page, "arms", "a list of approaches");
    } else {
        plot(page, arms, page_text(page, page_object(page, page->root, "verdict"), "approach"));
        page_html(page, "<h3>Answers</h3>\n");
        say_table(page, arms, answer_columns, ARRAY_COUNT(answer_columns), "Answers by approach", false);
        page_html(page,
                  "<p class=\"note\">Fact right: what was wanted stands in the answer. Fact and form: it is the answer, and "
                  "nothing else. "
                  "Near in meaning: the cosine of the vectors of the answer and of what was wanted; it is blind to a \"not\". "
                  "Style told apart: 0.5, a classifier cannot tell the answers from your examples; 1, it always can.</p>\n");
        say_style(page, arms);
        say_confusions(page, arms);
        page_html(page, "<h3>Time, tokens and cost</h3>\n");
        say_table(page, arms, taking_columns, ARRAY_COUNT(taking_columns), "What each approach takes", true);
    }
    section_end(page);
}
