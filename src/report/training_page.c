/* training_page.c - how a training went: the loss step by step, what was measured on the way, what came of it.
 *
 *   train.jsonl ─▶ steps and scores ─▶ a line of means of neighbouring steps, a dot for each score ─▶ the same numbers as a table
 *
 * Plots are drawn as those of report_curve.c are: lines in an inner drawing of 1,000 by 1,000 units, dots and texts at percentages. */
#include "page.h"
#include <math.h>
#include <stdlib.h>

enum { MEANS_MAX = 400, ROWS_MAX = 12 };

/* What a task's adapter is called and measured by. */
struct task {
    const char *name, *title, *key, *measure; /* the member of "scores" */
    bool is_list; /* [mean, low, high] */
    bool is_loss; /* what was measured on the way is a loss, below 0 */
    const char *scored; /* its name; NULL: the very loss that is learned by, so that both stand in one plot */
};

static const struct task tasks[] = {
    {"classify", "A classifier", "accuracy", "Accuracy", false, true, NULL},
    {"reader", "A reader", "f1_all", "F1 of all, abstaining", false, false, "F1 of all, abstaining"},
    {"writer", "A writer", "f1_all", "F1 of all, abstaining", false, true, "Loss of a whole answer"},
    {"rerank", "A reranker", "ndcg@10", "nDCG@10", true, false, "nDCG@10"},
    {"embed", "An embedding model", "recall@10", "Recall@10", true, false, "Reciprocal rank of the first answer"},
};

struct point {
    double step, value;
};

struct training {
    struct page *page;
    const struct task *task;
    struct point *losses, *scores; /* each step's; each measurement's */
    size_t loss_count, score_count;
    double steps; /* the last one */
    double best; /* the step whose weights were kept; 0: not told */
};

/* ---- what happened ---- */

static size_t count_lines(struct slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '\n';
    return count;
}

static bool read_line(struct training *training, struct slice line)
{
    struct page *page = training->page;
    struct json_value value;
    uint64_t step = 0;
    double number;
    if (!json_read(line, page->name, page->arena, &value, page->error)) {
        page->failed = true;
        return false;
    }
    if (!page_count(page, &value, "step", &step) && !page->failed)
        page_fail(page, "step", "there in each line");
    if (page_number(page, &value, "loss", &number))
        training->losses[training->loss_count++] = (struct point){(double)step, number};
    if (page_number(page, &value, "score", &number))
        training->scores[training->score_count++] = (struct point){(double)step, training->task->is_loss ? -number : number};
    training->steps = fmax(training->steps, (double)step);
    return !page->failed;
}

static bool read_log(struct training *training, struct slice log, const char *name)
{
    struct page *page = training->page;
    const char *before = page->name;
    const size_t lines = count_lines(log);
    training->losses = arena_alloc(page->arena, lines, sizeof(*training->losses));
    training->scores = arena_alloc(page->arena, lines, sizeof(*training->scores));
    page->name = name;
    for (size_t start = 0, i = 0; i <= log.size && !page->failed; i++)
        if (i == log.size || log.data[i] == '\n') {
            if (i > start && !read_line(training, slice_range(log, start, i)))
                break;
            start = i + 1;
        }
    page->name = before;
    return !page->failed;
}

/* ---- plots ---- */

struct plot {
    const struct point *line, *dots; /* the line is of means of neighbours */
    size_t line_count, dot_count;
    double most; /* the top */
    const char *name; /* for those who do not see it */
};

/* At most MEANS_MAX points, each the mean of as many neighbours. */
static size_t even_out(const struct training *training, struct point means[MEANS_MAX])
{
    const size_t apart = (training->loss_count + MEANS_MAX - 1) / MEANS_MAX;
    size_t count = 0;
    for (size_t at = 0; at < training->loss_count; at += apart) {
        const size_t end = at + apart < training->loss_count ? at + apart : training->loss_count;
        double sum = 0;
        for (size_t i = at; i < end; i++)
            sum += training->losses[i].value;
        means[count++] = (struct point){training->losses[end - 1].step, sum / (double)(end - at)};
    }
    return count;
}

static void put_scale(struct training *training, const struct plot *plot)
{
    enum { PARTS = 4 };
    struct page *page = training->page;
    for (int i = 1; i <= PARTS; i++) {
        buffer_format(page->out, "<text class=\"start\" x=\"0\" y=\"%d%%\" dy=\"14\">", 100 - 100 * i / PARTS);
        page_plain(page, plot->most * i / PARTS);
        page_html(page, "</text>");
    }
    page_html(page, "</svg><svg class=\"under\" aria-hidden=\"true\"><text class=\"start\" x=\"0\" y=\"14\">step 0</text>"
                    "<text class=\"end\" x=\"100%\" y=\"14\">");
    page_integer(page, training->steps);
    page_html(page, "</text></svg>");
}

static void put_polyline(struct training *training, const struct plot *plot)
{
    struct page *page = training->page;
    if (plot->line_count < 2)
        return;
    page_html(page, "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\"><polyline class=\"fit\" points=\"");
    for (size_t i = 0; i < plot->line_count; i++)
        buffer_format(page->out, "%.1f,%.1f ", 1000 * plot->line[i].step / training->steps,
                      1000 - 10 * plot_percent(plot->line[i].value / plot->most));
    page_html(page, "\"/></svg>");
}

static void draw(struct training *training, struct plot *plot, const char *caption)
{
    struct page *page = training->page;
    buffer_format(page->out, "<figure class=\"arm-3\"><svg class=\"plot\" role=\"img\" aria-label=\"%s\">", plot->name);
    for (int percent = 0; percent <= 100; percent += 25)
        buffer_format(page->out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%d%%\" y2=\"%d%%\"/>", percent, percent);
    if (training->best > 0)
        buffer_format(page->out, "<line class=\"needed\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"0\" y2=\"100%%\"/>",
                      plot_percent(training->best / training->steps), plot_percent(training->best / training->steps));
    put_polyline(training, plot);
    for (size_t i = 0; i < plot->dot_count; i++)
        buffer_format(page->out, "<circle class=\"dot\" cx=\"%.2f%%\" cy=\"%.2f%%\" r=\"5\"/>",
                      plot_percent(plot->dots[i].step / training->steps), 100 - plot_percent(plot->dots[i].value / plot->most));
    put_scale(training, plot);
    buffer_format(page->out, "<figcaption>%s%s.</figcaption></figure>\n", caption,
                  training->best > 0 ? "; the upright line is where the weights that were kept are from" : "");
}

/* ---- the same in numbers ---- */

/* The mean of the steps behind `from`, up to `to`. */
static double mean_loss(const struct training *training, double from, double to)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < training->loss_count; i++)
        if (training->losses[i].step > from && training->losses[i].step <= to) {
            sum += training->losses[i].value;
            count++;
        }
    return count > 0 ? sum / (double)count : (double)NAN;
}

static void say_row(struct training *training, double from, double to, const struct point *score)
{
    struct page *page = training->page;
    const double loss = mean_loss(training, from, to);
    page_html(page, "<tr><th scope=\"row\">");
    page_integer(page, to);
    page_html(page, "</th><td>");
    if (isfinite(loss))
        page_plain(page, loss);
    if (training->score_count > 0)
        page_html(page, "</td><td>");
    if (score != NULL)
        page_plain(page, score->value);
    page_html(page, "</td></tr>\n");
}

/* A row for each of the scores, or for so many of them that the table stays short, the last one among them. */
static void say_numbers(struct training *training)
{
    struct page *page = training->page;
    const size_t count = training->score_count, rows = count > 0 && count < ROWS_MAX ? count : ROWS_MAX;
    double from = 0;
    table_begin(page, "Loss by the number of steps");
    page_html(page, "<thead><tr><th scope=\"col\">Up to step</th><th scope=\"col\">Loss since the row before</th>");
    if (count > 0)
        buffer_format(page->out, "<th scope=\"col\">%s, held out</th>",
                      training->task->scored == NULL ? "Loss" : training->task->scored);
    page_html(page, "</tr></thead>\n<tbody>");
    for (size_t i = 1; i <= rows; i++) {
        const struct point *score = count > 0 ? &training->scores[i * count / rows - 1] : NULL;
        const double to = score != NULL ? score->step : floor(training->steps * (double)i / (double)rows);
        if (to > from)
            say_row(training, from, to, score);
        from = fmax(from, to);
    }
    page_html(page, "</tbody>");
    table_end(page);
}

/* ---- sections ---- */

static double most_of(const struct point *points, size_t count, double most)
{
    for (size_t i = 0; i < count; i++)
        most = fmax(most, points[i].value);
    return most;
}

static void write_loss(struct training *training)
{
    struct point means[MEANS_MAX];
    const bool held = training->task->scored == NULL && training->score_count > 0;
    struct plot plot = {.line = means,
                        .line_count = even_out(training, means),
                        .dots = held ? training->scores : NULL,
                        .dot_count = held ? training->score_count : 0,
                        .name = "Loss by the number of steps; the table below has its numbers"};
    section_begin(
        training->page, "loss", "Did it learn?",
        "The loss is how far answers are from those that were wanted. One that falls in training and rises on what is "
        "held out is a model that learns its examples by heart.");
    if (plot.line_count == 0 || !(training->steps > 0)) {
        page_html(training->page, "<p class=\"absent\">No step was recorded.</p>\n");
    } else {
        plot.most = fmax(most_of(plot.dots, plot.dot_count, most_of(means, plot.line_count, 0)), 1e-9);
        draw(training, &plot,
             held ? "The line is the loss of what it learned from, the dots that of what is held out to choose by"
                  : "Loss of what it learned from");
        say_numbers(training);
    }
    section_end(training->page);
}

static void write_scores(struct training *training)
{
    struct plot plot = {.line = training->scores,
                        .line_count = training->score_count,
                        .dots = training->scores,
                        .dot_count = training->score_count,
                        .most = most_of(training->scores, training->score_count, training->task->is_loss ? 1e-9 : 1),
                        .name = "Scores on the way; the table above has their numbers"};
    if (training->task->scored == NULL || training->score_count == 0)
        return;
    section_begin(training->page, "scores", "How good was it on the way?", "Measured on what is held out to choose by.");
    draw(training, &plot, training->task->scored);
    section_end(training->page);
}

static bool read_measure(struct training *training, const struct json_value *scores, const char *when, double *value)
{
    struct page *page = training->page;
    const struct json_value *measured = page_object(page, scores, when);
    if (!training->task->is_list)
        return measured != NULL && page_number(page, measured, training->task->key, value);
    const struct json_value *list = page_array(page, measured, training->task->key);
    if (list == NULL || list->items[0].kind != JSON_NUMBER)
        return false;
    *value = list->items[0].real;
    return true;
}

static void write_outcome(struct training *training)
{
    struct page *page = training->page;
    const struct json_value *scores = page_object(page, page->root, "scores");
    double before, after;
    uint64_t cases = 0;
    section_begin(page, "outcome", "What came of it?", NULL);
    if (!page_count(page, scores, "cases", &cases) || !read_measure(training, scores, "after", &after)) {
        page_html(page, "<p class=\"absent\">Nothing was measured.</p>\n");
    } else {
        buffer_format(page->out, "<p class=\"says\">%s on ", training->task->measure);
        page_integer(page, (double)cases);
        page_html(page, " cases that it never saw: <b>");
        page_percent(page, after);
        page_html(page, "</b>");
        if (read_measure(training, scores, "before", &before)) {
            page_html(page, ", before ");
            page_percent(page, before);
        }
        page_html(page, ".</p>\n");
    }
    section_end(page);
}

static void say_fact(struct page *page, const char *title, struct slice text)
{
    if (text.size == 0)
        return;
    buffer_format(page->out, "<tr><th scope=\"row\">%s</th><td>", title);
    page_name(page, text);
    page_html(page, "</td></tr>\n");
}

static void write_basis(struct training *training)
{
    struct page *page = training->page;
    static const struct {
        const char *key, *title;
    } numbers[] = {{"train", "Learned from"}, {"validation", "Chosen by"},        {"epochs", "Rounds"},
                   {"steps", "Steps"},        {"best_step", "Best step"},         {"batch", "Examples a step"},
                   {"rank", "Rank"},          {"learning_rate", "Learning rate"}, {"seed", "Seed"}};
    const struct json_value *base = page_object(page, page->root, "base"), *data = page_object(page, page->root, "data"),
                            *recipe = page_object(page, page->root, "recipe");
    double number;
    section_begin(page, "basis", "What it rests on", NULL);
    table_begin(page, "What it was made of");
    page_html(page, "<tbody>");
    say_fact(page, "Base", page_text(page, base, "name"));
    say_fact(page, "Base, SHA-256", page_text(page, base, "sha256"));
    say_fact(page, "Data", page_text(page, data, "path"));
    say_fact(page, "Data, SHA-256", page_text(page, data, "sha256"));
    say_fact(page, "Method", page_text(page, page->root, "method"));
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
        if (page_number(page, recipe, numbers[i].key, &number)) {
            buffer_format(page->out, "<tr><th scope=\"row\">%s</th><td>", numbers[i].title);
            page_plain(page, number);
            page_html(page, "</td></tr>\n");
        }
    page_html(page, "</tbody>");
    table_end(page);
    section_end(page);
}

/* ---- the page ---- */

static const struct task *find_task(struct page *page)
{
    const struct slice name = page_text(page, page->root, "task");
    for (size_t i = 0; i < ARRAY_COUNT(tasks); i++)
        if (slice_equal_text(name, tasks[i].name))
            return &tasks[i];
    page_fail(page, "task", "one that this program trains for");
    return NULL;
}

static void write_page(struct training *training)
{
    struct page *page = training->page;
    const struct slice name = page_text(page, page->root, "name");
    page_head(page, name, ": how the training went");
    page_html(page, "<a class=\"skip\" href=\"#main\">Skip to the loss</a>\n<header><p class=\"kind\">");
    page_html(page, training->task->title);
    page_html(page, ", fine-tuned</p><h1>");
    page_say(page, name);
    page_html(page, "</h1><p class=\"made\"><span>Made ");
    page_name(page, page_text(page, page->root, "created"));
    page_html(page, "</span> <span>by assay ");
    page_name(page, page_text(page, page->root, "assay"));
    page_html(page, "</span></p></header>\n<main id=\"main\" tabindex=\"-1\">\n");
    write_loss(training);
    write_scores(training);
    write_outcome(training);
    write_basis(training);
    page_html(page, "</main>\n</body>\n</html>\n");
}

bool report_training_html(struct slice provenance, struct slice log, const char *folder, struct buffer *html,
                          struct error *error)
{
    struct arena arena;
    struct json_value root;
    uint64_t best;
    arena_init(&arena);
    bool ok = json_read(provenance, arena_format(&arena, "%s/provenance.json", folder), &arena, &root, error);
    if (ok) {
        struct page page = {.out = html,
                            .arena = &arena,
                            .root = &root,
                            .name = arena_format(&arena, "%s/provenance.json", folder),
                            .error = error};
        struct training training = {.page = &page, .task = find_task(&page)};
        if (page_count(&page, page_object(&page, &root, "recipe"), "best_step", &best))
            training.best = (double)best;
        if (!page.failed && read_log(&training, log, arena_format(&arena, "%s/train.jsonl", folder)))
            write_page(&training);
        ok = !page.failed && buffer_finish(html, "the page of a training", error);
    }
    arena_release(&arena);
    return ok;
}
