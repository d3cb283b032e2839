/* test_report.c - report.json as a page: what must be read strictly, what must be said in words, and two runs side by side. */
#include "compare.h"
#include "report/report.h"
#include <math.h>
#include <stdlib.h>

#define DATA SOURCE_ROOT "/tests/data/report/"

struct made {
    struct buffer json, html;
    struct error error;
    bool ok;
};

static void make_text(struct made *made, const char *json)
{
    *made = (struct made){0};
    buffer_init(&made->json, MIB);
    buffer_init(&made->html, 16 * MIB);
    buffer_append_text(&made->json, json);
    made->ok = report_html(buffer_slice(&made->json), "report.json", &made->html, &made->error);
}

static void make_file(struct made *made, const char *path)
{
    *made = (struct made){0};
    buffer_init(&made->json, MIB);
    buffer_init(&made->html, 16 * MIB);
    if (!file_read(path, MIB, &made->json, &made->error))
        fail_msg("%s", made->error.message);
    made->ok = report_html(buffer_slice(&made->json), "report.json", &made->html, &made->error);
}

static void release(struct made *made)
{
    buffer_release(&made->json);
    buffer_release(&made->html);
}

static size_t count_from(const char *at, const char *text)
{
    size_t count = 0;
    for (; at != NULL && (at = strstr(at, text)) != NULL; at++)
        count++;
    return count;
}

static size_t count_of(struct made *made, const char *text)
{
    return count_from(buffer_text(&made->html), text);
}

static void expect(struct made *made, const char *text)
{
    if (count_of(made, text) == 0)
        fail_msg("the page does not hold \"%s\"", text);
}

/* Of what a person reads: the page's script and style stand aside. */
static void expect_not(struct made *made, const char *text)
{
    const char *all = buffer_text(&made->html), *start = strstr(all, "<main"), *end = strstr(all, "<script>");
    assert_true(start != NULL && end != NULL && start < end);
    if (count_from(start, text) != count_from(end, text))
        fail_msg("the page holds \"%s\"", text);
}

/* ---- the page ---- */

static void full(void **state)
{
    (void)state;
    struct made made;
    make_file(&made, DATA "full.json");
    if (!made.ok)
        fail_msg("%s", made.error.message);
    expect(&made, "Build it with retrieval and fine-tuning");
    expect(&made, "<b>96.2\xe2\x80\xaf%</b>");
    release(&made);
}

/* Each is said once and in words; nothing that was not measured stands there as a number. */
static void absent(void **state)
{
    (void)state;
    static const char *const sentences[] = {"The causes of wrong answers were not looked for.",
                                            "Retrieval was not measured.",
                                            "Tuning on parts of the examples was not measured.",
                                            "The reason: <bdi>there are 12 examples, and 40 are the least",
                                            "Costs were not computed.",
                                            "What changed documents do to the answers was not measured.",
                                            "Questions in other words were not asked.",
                                            "The published rules of thumb were not computed.",
                                            "The report holds no single cases.",
                                            "The documents were not audited.",
                                            "Nothing was checked before the run.",
                                            "The run does not say by which command it was made.",
                                            "No target was set.",
                                            "To tell for sure, 100 test cases are needed in all."};
    struct made made;
    make_file(&made, DATA "small.json");
    if (!made.ok)
        fail_msg("%s", made.error.message);
    for (size_t i = 0; i < ARRAY_COUNT(sentences); i++)
        assert_int_equal(count_of(&made, sentences[i]), 1);
    expect_not(&made, "null");
    expect_not(&made, "nan");
    release(&made);
}

#define VERDICT "\"format\":1,\"verdict\":{\"approach\":\"rag\"}"
#define ARM(fields) "{" VERDICT ",\"arms\":[{\"name\":\"rag\"" fields "}]}"
#define REST(fields) "{" VERDICT ",\"arms\":[{\"name\":\"rag\"}]" fields "}"

static void strict(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message; /* NULL: it is taken */
    } cases[] = {
        {ARM(""), NULL},
        {ARM(",\"score\":null,\"interval\":null"), NULL},
        {ARM(",\"score\":1,\"interval\":[0,1]"), NULL},
        {"[]", "expected the object of a report"},
        {"{}", "has no format"},
        {"{\"format\":2}", "has format 2, this program reads 1"},
        {"{\"format\":1}", "\"verdict\" is not an object with an approach"},
        {"{" VERDICT "}", "\"arms\" is not a list of approaches"},
        {"{" VERDICT ",\"arms\":[3]}", "\"arms\" is not a list of objects"},
        {"{" VERDICT ",\"arms\":[{}]}", "\"arms\" is not a list of objects with a name each"},
        {ARM(",\"score\":1.5"), "\"score\" is not between 0 and 1"},
        {ARM(",\"score\":\"high\""), "\"score\" is a text"},
        {ARM(",\"interval\":[0.6,0.5]"), "\"interval\" is not an interval"},
        {ARM(",\"interval\":[0.6]"), "\"interval\" is not an interval"},
        {ARM(",\"cases\":1.5"), "\"cases\" is not a whole number"},
        {ARM(",\"meets\":{\"citations\":1}"), "\"meets\" is not an object of true and false"},
        {REST(",\"staleness\":{\"rag\":2}"), "\"rag\" is not a number between 0 and 1"},
        {REST(",\"staleness\":{\"rag\":null}"), NULL},
        {REST(",\"brittleness\":{\"rag\":-0.1}"), NULL},
        {REST(",\"brittleness\":{\"rag\":-1.1}"), "\"brittleness\" is not"},
        {REST(",\"gaps\":{},\"gap_cases\":{}"), NULL},
        {REST(",\"gaps\":{\"retrieval\":1},\"gap_cases\":{\"retrieval\":[\"\\\"><script>\"]}"), "\"gap_cases\" is not"},
        {REST(",\"costs\":{\"arms\":[{\"name\":\"rag\",\"build\":-1,\"fixed_per_month\":0,\"per_request\":0}]}"),
         "\"costs.arms\" is not a list of costs"},
        {REST(",\"costs\":{\"arms\":[{\"name\":\"rag\",\"build\":0,\"fixed_per_month\":1e13,\"per_request\":0}]}"),
         "\"costs.arms\" is not"},
        {REST(",\"costs\":{\"arms\":[{\"name\":\"rag\",\"build\":0,\"fixed_per_month\":0,\"per_request\":0}]}"), NULL},
        {REST(",\"costs\":{\"requests_per_month\":9000000000000000000,\"arms\":[{\"name\":\"rag\",\"build\":1e12,\"fixed_per_"
              "month\":"
              "1e-300,\"per_request\":1e12}]}"),
         NULL},
        {REST(",\"curve\":{\"points\":[{\"examples\":0,\"score\":0.5}]}"), NULL},
        {REST(",\"curve\":{\"points\":[{\"examples\":5,\"score\":0.5}],\"forecast\":[{\"examples\":1e300,\"score\":1,"
              "\"interval\":[0,1]},"
              "{\"examples\":-1,\"score\":1,\"interval\":[0,1]}]}"),
         NULL},
        {REST(",\"curve\":{\"points\":[{\"examples\":5,\"score\":0.5}],\"forecast\":[{\"examples\":5,\"score\":2}]}"),
         "\"score\" is not between 0 and 1"},
        {REST(",\"curve\":{\"points\":[{\"examples\":5,\"score\":0.5}],\"needed_for_target\":9,\"needed_interval\":[7,null]}"),
         NULL},
        {REST(",\"curve\":{\"points\":[{\"examples\":5,\"score\":0.5}],\"needed_for_target\":9,\"needed_interval\":[null,9]}"),
         "\"needed_interval\" is not an interval"},
        {REST(",\"cases\":[{\"question\":\"?\"}]"), "\"cases\" is not a list of objects with an id each"},
        {REST(",\"cases\":[{\"id\":1,\"expected\":\"x\"}]"), "\"expected\" is not a list of texts"},
        {REST(",\"cases\":[{\"id\":1,\"arms\":{\"rag\":1}}]"), "\"cases.arms\" is not an object of objects"},
        {REST("} x"), "report.json"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct made made;
        make_text(&made, cases[i].json);
        if (made.ok != (cases[i].message == NULL))
            fail_msg("%s: %s", cases[i].json, made.ok ? "was taken" : made.error.message);
        if (!made.ok && cases[i].message != NULL && strstr(made.error.message, cases[i].message) == NULL)
            fail_msg("%s: \"%s\" and not \"%s\"", cases[i].json, made.error.message, cases[i].message);
        if (made.ok)
            expect_not(&made, "inf");
        release(&made);
    }
}

static void escaped(void **state)
{
    (void)state;
    struct made made;
    make_text(
        &made,
        "{\"format\":1,\"project\":\"</title><script>alert(1)</script>\",\"verdict\":{\"approach\":\"\\\"'<&>\\u0000\\u0007\"},"
        "\"arms\":[{\"name\":\"<b onclick=x>\"}]}");
    assert_true(made.ok);
    assert_int_equal(count_of(&made, "<script>"), 1); /* the page's own */
    assert_int_equal(count_of(&made, "</title>"), 1);
    expect(&made, "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(&made, "&quot;&#39;&lt;&amp;&gt;\xef\xbf\xbd\xef\xbf\xbd");
    expect_not(&made, "<b onclick");
    release(&made);
}

static void differences(void **state)
{
    (void)state;
    struct made made;
    make_text(&made, REST(",\"cases\":[{\"id\":7,\"question\":\"?\",\"expected\":[\"within 30 days of <delivery>\"],\"arms\":{"
                          "\"rag\":{\"answer\":\"within 30 working days of <delivery>\"},\"tune\":{\"answer\":\"\"}}}]"));
    assert_true(made.ok);
    expect(&made, "within 30 <ins>working</ins> days of &lt;delivery&gt;</p>");
    expect(&made, "There was no answer.");
    release(&made);
}

/* ---- two runs ---- */

static void add_case(struct buffer *json, int number, const char *arm, double score)
{
    buffer_format(json, "%s{\"id\":%d,\"question\":\"q%d\",\"arms\":{\"%s\":{\"score\":%g,\"right\":%s,\"answer\":\"a\"}}}",
                  number > 0 ? "," : "", number, number, arm, score, score >= 1 ? "true" : "false");
}

static void begin_run(struct buffer *json, double score)
{
    buffer_init(json, MIB);
    buffer_format(json, "{" VERDICT ",\"arms\":[{\"name\":\"rag\",\"score\":%g}],\"cases\":[", score);
}

/* Of 40 cases 10 become right and 2 wrong: McNemar's chance is 2 · P(X <= 2 of 12) = 2 · (1 + 12 + 66) / 4096. */
static void compared(void **state)
{
    (void)state;
    struct buffer first, second;
    struct report_comparison comparison;
    struct error error;
    struct arena arena;
    begin_run(&first, 0.5);
    begin_run(&second, 0.7);
    for (int i = 0; i < 40; i++) {
        add_case(&first, i, "rag", i < 20);
        add_case(&second, i, "rag", (i >= 2 && i < 20) || (i >= 20 && i < 30));
    }
    buffer_append_text(&first, "]}");
    buffer_append_text(&second, "]}");
    arena_init(&arena);
    if (!report_compare(buffer_slice(&first), "1", buffer_slice(&second), "2", &arena, &comparison, &error))
        fail_msg("%s", error.message);
    assert_true(comparison.same_cases);
    assert_int_equal(comparison.shared_cases, 40);
    assert_int_equal(comparison.arm_count, 1);
    assert_int_equal(comparison.case_count, 12);
    const struct report_arm_change *change = &comparison.arms[0];
    assert_true(change->is_paired_yes_no);
    assert_int_equal(change->gained, 10);
    assert_int_equal(change->lost, 2);
    assert_true(fabs(change->difference - 0.2) < 1e-12);
    assert_true(fabs(change->chance - 2 * 79 / 4096.0) < 1e-12);
    assert_true(change->interval.low > 0 && change->interval.low < 0.2 && change->interval.high > 0.2);
    arena_release(&arena);
    buffer_release(&first);
    buffer_release(&second);
}

/* Scores between 0 and 1, other questions on one side, and an approach that one run alone has. */
static void compared_in_part(void **state)
{
    (void)state;
    struct buffer first, second;
    struct report_comparison comparison;
    struct error error;
    struct arena arena;
    begin_run(&first, 0.5);
    begin_run(&second, 0.7);
    for (int i = 0; i < 30; i++) {
        add_case(&first, i, "rag", 0.25);
        add_case(&second, i, i < 25 ? "rag" : "tune", 0.5);
    }
    add_case(&second, 99, "rag", 1);
    buffer_append_text(&first, "]}");
    buffer_append_text(&second, "]}");
    arena_init(&arena);
    if (!report_compare(buffer_slice(&first), "1", buffer_slice(&second), "2", &arena, &comparison, &error))
        fail_msg("%s", error.message);
    assert_false(comparison.same_cases);
    assert_int_equal(comparison.shared_cases, 30);
    const struct report_arm_change *change = &comparison.arms[0];
    assert_int_equal(change->paired, 25);
    assert_false(change->is_paired_yes_no);
    assert_true(fabs(change->difference - 0.25) < 1e-12);
    assert_true(change->chance < 0.01);
    assert_int_equal(comparison.case_count, 0);
    arena_release(&arena);
    buffer_release(&first);
    buffer_release(&second);
}

/* ---- a training ---- */

static void make_training(struct made *made, const char *provenance, const char *log)
{
    *made = (struct made){0};
    buffer_init(&made->json, MIB);
    buffer_init(&made->html, 16 * MIB);
    made->ok = report_training_html(slice_from(provenance), slice_from(log), "desk", &made->html, &made->error);
}

/* Four steps and two scores: both in one plot where the score is the loss of what is held out, else in two. */
static void training(void **state)
{
    (void)state;
    struct made made;
    static const char log[] = "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":1}\n{\"step\":2,\"score\":-0.75}\n"
                              "{\"step\":3,\"loss\":0.5}\n{\"step\":4,\"loss\":0.25}\n{\"step\":4,\"score\":-1.5}\n";
    make_training(&made,
                  "{\"name\":\"a<b\",\"task\":\"classify\",\"recipe\":{\"best_step\":2,\"seed\":7},"
                  "\"scores\":{\"cases\":50,\"before\":{\"accuracy\":0.5},\"after\":{\"accuracy\":0.875}}}",
                  log);
    if (!made.ok)
        fail_msg("%s", made.error.message);
    expect(&made, "<h1>a&lt;b</h1>");
    expect(&made, "points=\"250.0,0.0 500.0,500.0 750.0,750.0 1000.0,875.0 \"");
    expect(&made, "cx=\"50.00%\" cy=\"62.50%\"");
    expect(&made, "cx=\"100.00%\" cy=\"25.00%\"");
    expect(&made, "<line class=\"needed\" x1=\"50.00%\"");
    expect(&made, "<tr><th scope=\"row\">2</th><td>1.5</td><td>0.75</td></tr>");
    expect(&made, "<tr><th scope=\"row\">4</th><td>0.375</td><td>1.5</td></tr>");
    expect(&made, "50 cases that it never saw: <b>87.5\xe2\x80\xaf%</b>, before 50.0\xe2\x80\xaf%");
    assert_int_equal(count_of(&made, "<figure"), 1);
    release(&made);
    make_training(&made, "{\"name\":\"r\",\"task\":\"rerank\",\"scores\":{\"cases\":3,\"after\":{\"ndcg@10\":[0.6,0.5,0.7]}}}",
                  "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":1}\n{\"step\":2,\"score\":0.6}");
    if (!made.ok)
        fail_msg("%s", made.error.message);
    expect(&made, "nDCG@10 on 3 cases that it never saw: <b>60.0\xe2\x80\xaf%</b>.");
    expect(&made, "cx=\"100.00%\" cy=\"40.00%\"");
    assert_int_equal(count_of(&made, "<figure"), 2);
    release(&made);
}

static void training_refused(void **state)
{
    (void)state;
    struct made made;
    static const struct {
        const char *provenance, *log, *message;
    } cases[] = {
        {"{\"task\":\"knit\"}", "", "\"desk/provenance.json\": \"task\" is not one that this program trains for"},
        {"{\"task\":\"embed\"}", "{\"loss\":1}", "\"desk/train.jsonl\": \"step\" is not there in each line"},
        {"{\"task\":\"embed\"}", "{\"step\":1,\"loss\":1}\nrest", "desk/train.jsonl"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        make_training(&made, cases[i].provenance, cases[i].log);
        assert_false(made.ok);
        if (strstr(made.error.message, cases[i].message) == NULL)
            fail_msg("\"%s\" does not hold \"%s\"", made.error.message, cases[i].message);
        release(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full),
        cmocka_unit_test(absent),
        cmocka_unit_test(strict),
        cmocka_unit_test(escaped),
        cmocka_unit_test(differences),
        cmocka_unit_test(compared),
        cmocka_unit_test(compared_in_part),
        cmocka_unit_test(training),
        cmocka_unit_test(training_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
