/* test_train_examples.c - every form of examples, found by its content; and every way in which a record can be wrong. */
#include "compare.h"
#include "train/train.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const struct examples_options usual = {0};

static void read_ok(struct examples *examples, const char *text, const struct examples_options *options)
{
    struct error error;
    expect_ok(examples_read(examples, slice_from(text), "data", options, &error), &error);
}

static void expect_rejected(const struct examples *examples, size_t number, size_t line, const char *fault, const char *reason)
{
    if (number >= examples->rejected_count)
        fail_msg("record %zu was not rejected (\"%s\")", number, reason);
    const struct example_rejected *rejected = &examples->rejected[number];
    assert_string_equal(example_fault_name(rejected->fault), fault);
    assert_int_equal(rejected->line, line);
    if (strstr(rejected->reason, reason) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", rejected->reason, reason);
}

/* One record that must be rejected beside one that is right. */
static void expect_wrong(const char *right, const char *wrong, const char *fault, const char *reason)
{
    char text[4096];
    struct examples examples;
    snprintf(text, sizeof(text), "%s\n%s\n", right, wrong);
    read_ok(&examples, text, &usual);
    assert_int_equal(examples.count, 1);
    assert_int_equal(examples.records, 2);
    expect_rejected(&examples, 0, 2, fault, reason);
    examples_release(&examples);
}

static void labelled_lines(void **state)
{
    (void)state;
    struct examples examples;
    read_ok(&examples,
            "{\"text\":\" Wo ist \\u00e9? "
            "\",\"label\":\"b\"}\n\n{\"text\":\"x\",\"label\":[\"c\",\"a\",\"c\"]}\r\n{\"label\":\"a\","
            "\"text\":\"y\"}",
            &usual);
    assert_int_equal(examples.format, EXAMPLES_TEXT_LABEL);
    assert_int_equal(examples.shape, EXAMPLES_LABELED);
    assert_int_equal(examples.count, 3);
    assert_int_equal(examples.label_count, 3);
    compare_text("first label", examples.labels[0], "a");
    compare_text("last label", examples.labels[2], "c");
    compare_text("text", examples.items[0].text, "Wo ist é?");
    assert_int_equal(examples.items[0].labels[0], 1);
    assert_int_equal(examples.items[1].line, 3);
    assert_int_equal(examples.items[1].label_count, 2);
    assert_int_equal(examples.items[1].labels[0], 0);
    assert_int_equal(examples.items[1].labels[1], 2);
    assert_true(examples.has_several);
    examples_release(&examples);
    read_ok(&examples,
            "{\"utterance\":\"x\",\"intent\":10}\n{\"utterance\":\"y\",\"intent\":9}\n{\"utterance\":\"y\",\"intent\":true}",
            &usual);
    compare_text("not all are numbers", examples.labels[0], "10");
    examples_release(&examples);
    read_ok(&examples, "{\"utterance\":\"x\",\"intent\":10}\n{\"utterance\":\"y\",\"intent\":9}", &usual);
    compare_text("numbers in their order", examples.labels[0], "9");
    assert_false(examples.has_several);
    examples_release(&examples);
}

static void wrong_labels(void **state)
{
    (void)state;
    static const char right[] = "{\"text\":\"x\",\"label\":\"a\"}";
    expect_wrong(right, "{\"text\":\"x\"", "invalid_json", "");
    expect_wrong(right, "[1]", "data_type", "an array, expected an object");
    expect_wrong(right, "{\"label\":\"a\"}", "missing_key", "\"text\" is missing");
    expect_wrong(right, "{\"text\":\"x\"}", "missing_key", "\"label\" is missing");
    expect_wrong(right, "{\"text\":\"x\",\"label\":null}", "missing_key", "\"label\" is null");
    expect_wrong(right, "{\"text\":5,\"label\":\"a\"}", "wrong_type", "\"text\" is a number");
    expect_wrong(right, "{\"text\":\"x\",\"label\":{}}", "wrong_type", "expected a text or a number");
    expect_wrong(right, "{\"text\":\" \\t\",\"label\":\"a\"}", "empty", "\"text\" is empty");
    expect_wrong(right, "{\"text\":\"x\",\"label\":\" \"}", "empty", "\"label\" is empty");
    char *longer = memory_alloc(LIMIT_EXAMPLE_BYTES + 100, 1);
    memset(longer, 'a', LIMIT_EXAMPLE_BYTES + 60);
    memcpy(longer, "{\"text\":\"", 9);
    memcpy(longer + LIMIT_EXAMPLE_BYTES + 20, "\",\"label\":1}\n{\"text\":\"x\",\"label\":1}", 36);
    struct examples examples;
    read_ok(&examples, longer, &usual);
    expect_rejected(&examples, 0, 1, "too_long", "the limit is 1048576");
    examples_release(&examples);
    free(longer);
}

static void tables(void **state)
{
    (void)state;
    struct examples examples;
    read_ok(&examples, "\xEF\xBB\xBFText,Category\n\"a \"\"b\"\",\nc\",one\nd,two\ne,\n\nf,g,h\nj\n", &usual);
    assert_int_equal(examples.format, EXAMPLES_TEXT_LABEL);
    assert_int_equal(examples.count, 2);
    compare_text("quoted", examples.items[0].text, "a \"b\",\nc");
    assert_int_equal(examples.items[0].line, 2);
    assert_int_equal(examples.items[1].line, 4);
    compare_text("label", examples.labels[0], "one");
    expect_rejected(&examples, 0, 5, "empty", "\"category\" is empty");
    expect_rejected(&examples, 1, 7, "data_type", "needs quotes");
    expect_rejected(&examples, 2, 8, "missing_key", "the row has 1 value, expected 2");
    assert_non_null(strstr(examples.stated, "\"text\" and \"category\""));
    examples_release(&examples);
    read_ok(&examples, "ham\thello there\nspam\tbuy\nham\twell\n", &usual); /* no names: the label is what comes again */
    assert_int_equal(examples.count, 3);
    compare_text("text", examples.items[0].text, "hello there");
    assert_non_null(strstr(examples.note, "first column was taken as label"));
    examples_release(&examples);
    read_ok(&examples, "id;body_text;group\n1;hello;x\n2;bye;y\n",
            &(struct examples_options){.text_name = "body_text", .label_name = "group"});
    compare_text("told names", examples.items[1].text, "bye");
    examples_release(&examples);
    read_ok(&examples, "text,label\na,1\n\"open,2\nb,3\n\"c \"\"d\",4\n", &usual);
    assert_int_equal(examples.count, 3);
    expect_rejected(&examples, 0, 3, "unclosed_quote", "nothing closes");
    compare_text("behind it", examples.items[1].text, "b");
    compare_text("quotes within a line", examples.items[2].text, "c \"d");
    assert_int_equal(examples.items[2].line, 5);
    examples_release(&examples);
    read_ok(&examples, "query\tpositive\tnegative\nq\tp\t\nq2\tp2\tn2\n", &usual);
    assert_int_equal(examples.format, EXAMPLES_PAIRS);
    assert_int_equal(examples.items[0].negative_count, 0);
    compare_text("negative", examples.items[1].negatives[0], "n2");
    examples_release(&examples);
}

/* Two columns whose first row may name them: what is read as the first text, and how many examples there are. */
static void first_rows(void **state)
{
    (void)state;
    static const char
        rows[] = "one is lost;post\ntwo is late;post\nthree came back;post\nwho has paid;money\nwhat was paid;money\n"
                 "why was it paid;money\n";
    static const char swapped[] = "post;one is lost\npost;two is late\nmoney;who has paid\n";
    static const struct {
        const char *head, *rows, *text, *note;
        size_t count;
    } cases[] = {
        {"Ticket;Team\n", rows, "one is lost", "\"ticket\" was taken as text, \"team\" as label", 6},
        {" Text ;team\n", rows, "one is lost", "the first row names the columns", 6},
        {"subject;category\n", rows, "one is lost", "\"subject\" was taken as text", 6},
        {"message;department\n", "one is lost;post\nwho has paid;money\n", "one is lost", "\"department\" as label", 2},
        {"team;message\n", swapped, "one is lost", "\"message\" was taken as text, \"team\" as label", 3},
        {"intent;what was said\n", swapped, "one is lost", "\"what was said\" was taken as text", 3},
        {"four is here;Post\n", rows, "four is here", "names no columns", 7}, /* a label of others, in another case */
        {"what did I say in it?;category of a thing\n", rows, "what did I say in it?", "names no columns", 7},
        {"hello;greeting\n", "one is lost;post\ntwo is late;post\nwho has paid;money\n", "hello",
         "if \"hello\" and \"greeting\" are their names, write", 4}, /* as rare as the others: no evidence */
        {"help me;question\n", "and now;question\nno;answer\nyes;answer\n", "help me", "names no columns", 4},
        {"hello;greeting\n", "hello;post\nhello;post\nhello;post\na;money\nb;money\nc;money\n", "hello", "names no columns", 7},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char text[512];
        struct examples examples;
        snprintf(text, sizeof(text), "%s%s", cases[i].head, cases[i].rows);
        read_ok(&examples, text, &usual);
        assert_int_equal(examples.format, EXAMPLES_TEXT_LABEL);
        assert_int_equal(examples.count, cases[i].count);
        compare_text(cases[i].head, examples.items[0].text, cases[i].text);
        if (strstr(examples.note, cases[i].note) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", examples.note, cases[i].note);
        examples_release(&examples);
    }
    struct examples examples; /* a test of a few rows, whose columns are called as those of the examples */
    read_ok(&examples, "Ticket;Team\none is lost;post\n", &(struct examples_options){.label_column = "team"});
    assert_int_equal(examples.count, 1);
    examples_release(&examples);
}

static void conversations(void **state)
{
    (void)state;
    struct examples examples;
    read_ok(&examples,
            "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\","
            "\"text\":\"q\"},"
            "{\"type\":\"text\",\"text\":\"r\"}]},{\"role\":\"assistant\",\"content\":\"a\",\"weight\":0},{\"role\":\"user\","
            "\"content\":"
            "\"q2\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":1}]}],\"tools\":[2]}",
            &usual);
    assert_int_equal(examples.format, EXAMPLES_CHAT);
    const struct example *example = &examples.items[0];
    assert_int_equal(example->turn_count, 5);
    compare_text("parts", example->turns[1].text, "qr");
    assert_false(example->turns[2].is_learned);
    assert_true(example->turns[4].is_learned);
    compare_text("calls", example->turns[4].calls, "[{\"id\":1}]");
    compare_text("tools", example->tools, "[2]");
    compare_text("what it answers", example->text, "q2");
    examples_release(&examples);
    read_ok(&examples,
            "[\n{\"instruction\":\"i\",\"input\":\"n\",\"output\":\"o\",\"history\":[[\"q\",\"a\"]],\"system\":\"s\"},\n"
            "{\"instruction\":\"i\",\"input\":\"\",\"output\":\"o\"},\n{\"instruction\":\"i\",\"output\":\"\"}]",
            &usual);
    assert_int_equal(examples.format, EXAMPLES_ALPACA);
    assert_int_equal(examples.count, 2);
    compare_text("joined", examples.items[0].turns[3].text, "i\nn");
    assert_true(examples.items[0].turns[2].is_learned);
    compare_text("alone", examples.items[1].turns[0].text, "i");
    assert_int_equal(examples.items[1].line, 3);
    expect_rejected(&examples, 0, 4, "empty", "\"output\" is empty");
    examples_release(&examples);
    read_ok(&examples,
            "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},{\"from\":\"function_call\",\"value\":\"{}\"},{\"from\":"
            "\"observation\",\"value\":\"v\"},{\"from\":\"gpt\",\"value\":\"a\"}],\"system\":\"s\"}",
            &usual);
    assert_int_equal(examples.format, EXAMPLES_SHAREGPT);
    assert_int_equal(examples.items[0].turn_count, 5);
    assert_int_equal(examples.items[0].turns[0].role, TURN_SYSTEM);
    compare_text("call", examples.items[0].turns[2].calls, "{}");
    assert_int_equal(examples.items[0].turns[3].role, TURN_TOOL);
    examples_release(&examples);
    read_ok(&examples, "{\"input\":\"q\",\"output\":{\"a\": 1}}\n{\"prompt\":\"q\",\"completion\":\"b\"}", &usual);
    assert_int_equal(examples.format, EXAMPLES_INPUT_OUTPUT);
    compare_text("an output that is no text", examples.items[0].turns[1].text, "{\"a\": 1}");
    expect_rejected(&examples, 0, 2, "missing_key", "\"input\" is missing");
    examples_release(&examples);
    read_ok(&examples, "{\"input\":\"q\",\"output\":\"refund\"}", &(struct examples_options){.wants_labels = true});
    assert_int_equal(examples.format, EXAMPLES_TEXT_LABEL);
    compare_text("output as label", examples.labels[0], "refund");
    examples_release(&examples);
}

static void wrong_conversations(void **state)
{
    (void)state;
    static const char
        chat[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}]}";
    expect_wrong(chat, "{\"message\":[]}", "missing_messages_list", "messages");
    expect_wrong(chat, "{\"messages\":[]}", "missing_messages_list", "messages");
    expect_wrong(chat, "{\"messages\":[5]}", "data_type", "message 1 is a number");
    expect_wrong(chat, "{\"messages\":[{\"content\":\"x\"}]}", "message_missing_key", "message 1 has no \"role\"");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"user\"}]}", "message_missing_key", "message 1 has no \"content\"");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"bot\",\"content\":\"x\"}]}", "unrecognized_role", "\"bot\"");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"contents\":1}]}", "message_unrecognized_key",
                 "\"contents\"");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"user\",\"content\":\" \"}]}", "missing_content", "message 1 is empty");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"user\",\"content\":7}]}", "wrong_type", "is a number");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", "example_missing_assistant_message",
                 "no answer");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"weight\":0}]}",
                 "example_missing_assistant_message", "no answer");
    expect_wrong(chat, "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"weight\":2}]}", "wrong_type", "weight");
    static const char turns[] = "{\"conversations\":[{\"from\":\"gpt\",\"value\":\"a\"}]}";
    expect_wrong(turns, "{\"conversations\":[{\"from\":\"me\",\"value\":\"a\"}]}", "unrecognized_role", "\"me\"");
    expect_wrong(turns, "{\"conversations\":[{\"from\":\"gpt\"}]}", "message_missing_key", "\"value\"");
    expect_wrong(turns, "{\"conversations\":[{\"from\":\"gpt\",\"value\":\"\"}]}", "missing_content", "turn 1 is empty");
    expect_wrong(turns, "{\"conversations\":[{\"from\":\"human\",\"value\":\"a\"}]}", "example_missing_assistant_message", "");
}

static void questions_on_passages(void **state)
{
    (void)state;
    struct examples examples;
    read_ok(&examples,
            "{\"version\":\"v2.0\",\"data\":[{\"title\":\"t\",\"paragraphs\":[{\"context\":\" Müller né à Zürich\",\n\"qas\":["
            "{\"id\":\"1\",\"question\":\"where?\",\"answers\":[{\"text\":\"Zürich\",\"answer_start\":13}],\"is_impossible\":"
            "false},\n"
            "{\"id\":\"2\",\"question\":\"when?\",\"answers\":[],\"is_impossible\":true},\n"
            "{\"id\":\"3\",\"question\":\"who?\",\"answers\":[{\"text\":\"Müller\",\"answer_start\":2}]},\n"
            "{\"id\":\"4\",\"question\":\"who?\",\"answers\":[{\"text\":\"r\",\"answer_start\":99999999999}]}]}]}]}",
            &usual);
    assert_int_equal(examples.format, EXAMPLES_SQUAD);
    assert_int_equal(examples.shape, EXAMPLES_READING);
    assert_int_equal(examples.count, 2);
    assert_int_equal(examples.items[0].answers[0].start, 16); /* ü, é and à are two bytes each */
    compare_text("answer", examples.items[0].answers[0].text, "Zürich");
    assert_int_equal(examples.items[1].answer_count, 0);
    assert_int_equal(examples.items[1].line, 3);
    expect_rejected(&examples, 0, 4, "misplaced_answer", "\"Müller\" does not stand at character 2");
    expect_rejected(&examples, 1, 5, "misplaced_answer", "");
    examples_release(&examples);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[LIMIT_PATH_BYTES];
    struct error error;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    expect_ok(file_replace(path, slice_from(text), &error), &error);
}

static void folders_and_packed_files(void **state)
{
    (void)state;
    char *folder = test_folder_create(), path[LIMIT_PATH_BYTES];
    struct examples examples;
    struct error error;
    expect_error(examples_open(&examples, folder, &usual, &error), &error, ERROR_NOT_FOUND, "has no queries.jsonl");
    examples_release(&examples);
    write_file(folder, "queries.jsonl", "{\"_id\":\"q1\",\"text\":\"one\"}\n{\"_id\":\"q2\",\"text\":\"two\"}\n");
    write_file(
        folder, "corpus.jsonl",
        "{\"_id\":\"d1\",\"title\":\"T\",\"text\":\"x\"}\n{\"_id\":\"d2\",\"text\":\"y\"}\n{\"_id\":\"d2\",\"text\":\"z\"}\n");
    snprintf(path, sizeof(path), "%s/qrels", folder);
    expect_ok(folder_create(path, &error), &error);
    expect_error(examples_open(&examples, folder, &usual, &error), &error, ERROR_NOT_FOUND, "qrels/train.tsv");
    examples_release(&examples);
    write_file(folder, "qrels/train.tsv",
               "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td1\t0\nq1\td2\t0\nq3\td1\t1\nq1\td7\t1\nnonsense\n");
    expect_ok(examples_open(&examples, folder, &usual, &error), &error);
    assert_int_equal(examples.format, EXAMPLES_BEIR);
    assert_int_equal(examples.count, 1);
    compare_text("query", examples.items[0].text, "one");
    compare_text("positive", examples.items[0].positives[0], "T x");
    compare_text("negative", examples.items[0].negatives[0], "y");
    assert_int_equal(examples.items[0].positive_count, 1);
    assert_int_equal(examples.corpus_count, 2);
    compare_text("text", examples.corpus[1], "y");
    assert_int_equal(examples.rejected_count, 5); /* d2 twice; nonsense; q1 d7; q2 without a positive; q3 unknown */
    examples_release(&examples);
    snprintf(path, sizeof(path), "%s/data.csv.gz", folder);
    gzFile file = gzopen(path, "wb");
    assert_true(gzputs(file, "text,label\ncaf\xe9 bar ouvert,x\nla fen\xeatre,y\n") > 0);
    gzclose(file);
    expect_ok(examples_open(&examples, path, &usual, &error), &error);
    compare_text("turned into UTF-8", examples.items[0].text, "café bar ouvert");
    assert_non_null(strstr(examples.note, "windows-1252"));
    examples_release(&examples);
    test_folder_remove(folder);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        struct examples_options options;
    } cases[] = {
        {"", "has no examples", {0}},
        {"\n \n", "has no examples", {0}},
        {"{\"a\":1,\"b\":2}\n", "the records have \"a\", \"b\"", {0}},
        {"[]", "no members", {0}},
        {"a,b,c\n1,2,3\n", "the first row is \"a\", \"b\", \"c\"", {0}},
        {"{\"text\":\"\",\"label\":\"x\"}", "none of the 1 records", {0}},
        {"{\"text\":\"x\",\"label\":\"x\"}", "the records have", {.label_name = "intent"}},
        {"text,label\nx,y\n", "expected a folder", {.format = EXAMPLES_BEIR}},
        {"{\"text\":\"x\",", "", {0}},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct examples examples;
        struct error error;
        expect_error(examples_read(&examples, slice_from(cases[i].text), "data", &cases[i].options, &error), &error,
                     ERROR_INVALID, cases[i].part);
        examples_release(&examples);
    }
    enum examples_format format;
    assert_true(examples_format_named("sharegpt", &format) && format == EXAMPLES_SHAREGPT);
    assert_false(examples_format_named("parquet", &format));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labelled_lines),
        cmocka_unit_test(wrong_labels),
        cmocka_unit_test(tables),
        cmocka_unit_test(first_rows),
        cmocka_unit_test(conversations),
        cmocka_unit_test(wrong_conversations),
        cmocka_unit_test(questions_on_passages),
        cmocka_unit_test(folders_and_packed_files),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
