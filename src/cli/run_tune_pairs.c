/* run_tune_pairs.c - `assay tune rerank` and `assay tune embed`: the data first, then how well what answers is found, before and after. */
#include "tuning.h"
#include <math.h>
#include <string.h>

/* ---- one document ---- */

static void write_interval(struct json_writer *json, const char *key, const struct assay_interval *interval)
{
    const double numbers[] = {interval->mean, interval->low, interval->high};
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
        json_real(json, numbers[i], 6);
    json_array_end(json);
}

/* Each measure as mean, low, high. */
static void write_ranking(struct json_writer *json, const char *key, const struct assay_tune_ranking *ranking)
{
    json_key(json, key);
    json_object_begin(json);
    write_interval(json, "ndcg@10", &ranking->ndcg_10);
    write_interval(json, "recall@10", &ranking->recall_10);
    write_interval(json, "mrr@10", &ranking->mrr_10);
    json_object_end(json);
}

/* The measure that the document's "score" is of. */
static const struct assay_interval *score_of(const struct assay_tune_report *report, const struct assay_tune_ranking *ranking)
{
    return report->is_embedding ? &ranking->recall_10 : &ranking->ndcg_10;
}

static void write_learned(struct json_writer *json, const struct assay_tune_report *report)
{
    if (report->ranking == NULL)
        return;
    const struct json_text_member texts[] = {{"base", report->base}, {"method", report->method}, {"mined", report->mined}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    const struct json_integer_member counts[] = {{"epochs", (int64_t)report->epochs},
                                                 {"steps", (int64_t)report->steps},
                                                 {"best_step", (int64_t)report->best_step},
                                                 {"texts", (int64_t)report->texts}};
    const struct assay_interval *after = score_of(report, report->ranking);
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_key(json, "loss");
    json_object_begin(json);
    json_key(json, "train");
    json_real(json, report->loss_train, 6);
    json_key(json, "validation"); /* the weights are chosen by what is found, not by the loss */
    json_null(json);
    json_object_end(json);
    json_key(json, "score");
    json_object_begin(json);
    json_key(json, "before");
    json_real(json, score_of(report, report->ranking_before)->mean, 6);
    json_key(json, "after");
    json_real(json, after->mean, 6);
    json_pair(json, "interval", after->low, after->high, 6);
    json_object_end(json);
    write_ranking(json, "ranking_before", report->ranking_before);
    write_ranking(json, "ranking", report->ranking);
    write_ranking(json, "ranking_change", report->ranking_change);
    if (report->width_count > 0) {
        json_key(json, "widths");
        json_array_begin(json);
        for (size_t i = 0; i < report->width_count; i++) {
            json_object_begin(json);
            json_integers(json, &(struct json_integer_member){"width", (int64_t)report->widths[i].width}, 1);
            tuning_write_reals(json, (const char *const[]){"before", "after"},
                               (const double[]){report->widths[i].before, report->widths[i].after}, 2);
            json_object_end(json);
        }
        json_array_end(json);
    }
    json_key(json, "tokens_per_second");
    json_real(json, report->tokens_per_second, 6);
}

/* ---- for people ---- */

static void print_interval(const struct assay_interval *interval, bool is_change)
{
    char text[INTERVAL_TEXT_BYTES];
    if (!isfinite(interval->low))
        printf(is_change ? "  %+7.3f %-15s" : "  %7.3f %-15s", interval->mean, "-");
    else
        printf(is_change ? "  %+7.3f %s" : "  %7.3f  %s", interval->mean,
               tuning_interval_text(text, interval->low, interval->high, is_change));
}

static void print_line(const char *what, const struct assay_tune_ranking *ranking, bool is_change)
{
    printf("%-8s", what);
    print_interval(&ranking->ndcg_10, is_change);
    print_interval(&ranking->recall_10, is_change);
    print_interval(&ranking->mrr_10, is_change);
    putchar('\n');
}

static void print_use(const struct assay_tune_report *report)
{
    const char *name = strrchr(report->adapter, '/');
    name = name != NULL ? name + 1 : report->adapter;
    if (report->is_embedding)
        printf("Use it: `embedding: .assay/adapters/%s` in assay.yaml, then `assay add`, which makes all vectors anew.\n",
               name);
    else if (strcmp(name, "reranker") == 0)
        puts("Use it: --rerank, or `retrieve: {rerank: true}` in assay.yaml.");
    else
        puts("A search uses the adapter that is called reranker.");
}

/* Where no interval of the change can be told: of few cases, or where it is the same in every one. */
static void print_unbounded(const struct assay_tune_report *report, const struct assay_interval *change)
{
    enum { FEWEST = 10 }; /* so many alike are no chance: all of one sign come about in 1 of 512 */
    if (report->cases < FEWEST)
        printf("\n%zu case%s that %s cannot show that it is better: no interval of the change can be told (-).\n",
               report->cases, report->cases == 1 ? "" : "s", report->cases == 1 ? "was held out" : "were held out");
    else if (change->mean > 0)
        printf("\nIt is better, by as much in each of the %zu cases that were held out: alike as they are, no interval of "
               "the change can be told (-).\n",
               report->cases);
    else if (change->mean < 0)
        printf("\nIt is WORSE than what was there before, by as much in each of the %zu cases that were held out. Do not use "
               "it.\n",
               report->cases);
    else
        printf("\nIt changes nothing in the %zu cases that were held out: they do not show that it is better.\n",
               report->cases);
}

static void print_outcome(const struct assay_tune_report *report)
{
    char train[NUMBER_TEXT_BYTES], cases[NUMBER_TEXT_BYTES], texts[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES],
        peak[NUMBER_TEXT_BYTES];
    const char *among = report->is_embedding                   ? "looked for among"
                        : strcmp(report->mined, "search") == 0 ? "put into order as the project's search found them, of"
                        : strcmp(report->mined, "given") == 0  ? "put into order among the texts given with them, of"
                                                               : "put into order among the nearest of";
    printf("\nLearned from %s questions on %s in %zu steps, chose by %zu, measured on %s that it never saw:\n"
           "what answers them, %s %s texts.\n\n",
           number_text(train, report->train), report->base, report->steps, report->validation,
           number_text(cases, report->cases), among, number_text(texts, report->texts));
    printf("%-8s  %7s %-15s  %9s %-15s %8s %s\n", "", "nDCG@10", "", "recall@10", "", "MRR@10", "(with 95 % intervals)");
    print_line("before", report->ranking_before, false);
    print_line("after", report->ranking, false);
    print_line("change", report->ranking_change, true);
    for (size_t i = 0; i < report->width_count; i++)
        printf("by the first %zu numbers alone: recall@10 %.3f before, %.3f after\n", report->widths[i].width,
               report->widths[i].before, report->widths[i].after);
    const struct assay_interval *change = score_of(report, report->ranking_change);
    if (change->high < 0)
        puts("\nIt is WORSE than what was there before: the whole interval of the change is below 0. Do not use it; the "
             "examples may be too few, or\n"
             "have no near misses that teach what does not answer.");
    else if (!isfinite(change->low))
        print_unbounded(report, change);
    else if (!(change->low > 0))
        puts("\nThe interval of the change holds 0: the cases do not show that it is better.");
    fputs("\nKept in ", stdout);
    output_text(stdout, slice_from(report->adapter));
    printf("; took %s and %s.\n", time_text(time, report->took_ms), size_text(peak, report->peak_bytes));
    print_use(report);
}

/* "64,128,256" */
static bool read_widths(const struct invocation *invocation, struct assay_tune_reader_options *options)
{
    const char *given = invocation_option(invocation, "matryoshka");
    struct slice rest = slice_from(given != NULL ? given : ""), part;
    enum { WIDTH_MOST = 65536 };
    uint64_t before = 0, width = 0;
    size_t count = 0;
    bool ok = given == NULL || rest.size > 0;
    while (ok && slice_next(&rest, ',', &part)) {
        ok = count < ARRAY_COUNT(options->widths) && slice_to_u64(part, &width) && width > before && width <= WIDTH_MOST;
        if (ok)
            options->widths[count++] = (size_t)(before = width);
    }
    if (!ok)
        (void)wrong_use(invocation, "Whole numbers with commas between them, as 64,128,256.",
                        "\"--matryoshka\" is \"%.60s\", expected up to %zu rising numbers", given,
                        ARRAY_COUNT(options->widths));
    return ok;
}

static enum exit_code run(struct invocation *invocation, const struct tuning_kind *kind)
{
    enum { NEGATIVES_MOST = 1000 };
    struct assay_tune_reader_options options = {0};
    return tuning_read_training(invocation, &options) && (kind != &embed_kind || read_widths(invocation, &options)) &&
                   invocation_number(invocation, "negatives", 1, NEGATIVES_MOST, 0, &options.negatives)
               ? tuning_run(invocation, kind, &options)
               : EXIT_WRONG_USE;
}

const struct tuning_kind rerank_kind = {assay_tune_rerank, write_learned, print_outcome};

enum exit_code run_tune_rerank(struct invocation *invocation)
{
    return run(invocation, &rerank_kind);
}

const struct tuning_kind embed_kind = {assay_tune_embed, write_learned, print_outcome};

enum exit_code run_tune_embed(struct invocation *invocation)
{
    return run(invocation, &embed_kind);
}
