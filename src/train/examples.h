/* examples.h - labelled examples as people have them, read into one form.
 *
 *   file ─▶ which form is it? ─▶ a record at a time ─┬─▶ example
 *   (JSON lines, a JSON array, a table, a folder)    └─▶ rejected: line, kind of fault, reason
 *
 *   form          record                                                              shape
 *   text-label    {"text","label"}, a table with such columns                         LABELED
 *   input-output  {"input","output"}                                                  TURNS
 *   chat          {"messages":[{"role","content","weight"}]}                          TURNS
 *   alpaca        {"instruction","input","output","system","history"}                 TURNS
 *   sharegpt      {"conversations":[{"from","value"}]}                                TURNS
 *   pairs         {"query","positive","negative"}, {"anchor",…}                       PAIRS
 *   squad         SQuAD 1.1 and 2.0                                                   READING
 *   beir          a folder with corpus.jsonl, queries.jsonl, qrels/train.tsv          PAIRS
 *
 * The form is found by looking at the content, stated, and can be told instead. A record that is wrong is told and costs only itself. */
#ifndef TRAIN_EXAMPLES_H
#define TRAIN_EXAMPLES_H

#include "base/base.h"

enum examples_format {
    EXAMPLES_AUTO,
    EXAMPLES_TEXT_LABEL,
    EXAMPLES_INPUT_OUTPUT,
    EXAMPLES_CHAT,
    EXAMPLES_ALPACA,
    EXAMPLES_SHAREGPT,
    EXAMPLES_PAIRS,
    EXAMPLES_SQUAD,
    EXAMPLES_BEIR,
    EXAMPLES_FORMATS
};
const char *examples_format_name(enum examples_format format); /* "text-label" */
bool examples_format_named(const char *name, enum examples_format *format);

enum examples_shape { EXAMPLES_LABELED, EXAMPLES_TURNS, EXAMPLES_PAIRED, EXAMPLES_READING };

enum turn_role { TURN_SYSTEM, TURN_USER, TURN_ASSISTANT, TURN_TOOL };

struct example_turn {
    enum turn_role role;
    bool is_learned; /* an answer that the model is to learn */
    struct slice text;
    struct slice calls; /* of the assistant: its "tool_calls" as they are written; may be empty */
};

struct example_answer {
    struct slice text;
    size_t start; /* bytes in the context */
};

struct example {
    size_t line; /* in its file, from 1 */
    const char *where; /* in the line, where many may stand in one; NULL: it is the line */
    struct slice text; /* LABELED: the text; PAIRED: the query; READING: the question; TURNS: what the last answer answers */
    const uint32_t *labels; /* LABELED: numbers of examples.labels, ascending */
    size_t label_count;
    const struct example_turn *turns; /* TURNS */
    size_t turn_count;
    struct slice tools; /* TURNS: "tools" as they are written; may be empty */
    const struct slice *positives, *negatives; /* PAIRED */
    size_t positive_count, negative_count;
    struct slice group; /* what options.group_name holds; empty: nothing was asked for */
    struct slice context; /* READING */
    const struct example_answer *answers; /* none: the context does not answer it */
    size_t answer_count;
};

/* The names that machines see are those of OpenAI's own checker where it has one. */
enum example_fault {
    FAULT_INVALID_JSON,
    FAULT_DATA_TYPE, /* no object where one belongs */
    FAULT_MISSING_KEY,
    FAULT_WRONG_TYPE,
    FAULT_EMPTY,
    FAULT_TOO_LONG,
    FAULT_MISSING_MESSAGES,
    FAULT_MESSAGE_MISSING_KEY,
    FAULT_MESSAGE_UNRECOGNIZED_KEY,
    FAULT_UNRECOGNIZED_ROLE,
    FAULT_MISSING_CONTENT,
    FAULT_MISSING_ASSISTANT,
    FAULT_UNCLOSED_QUOTE,
    FAULT_MISPLACED_ANSWER,
    FAULT_UNKNOWN_REFERENCE, /* a judgement of a question or text that is not there */
    EXAMPLE_FAULTS
};
const char *example_fault_name(enum example_fault fault); /* "missing_key" */

struct example_rejected {
    size_t line;
    enum example_fault fault;
    const char *reason; /* "\"label\" is missing" */
};

struct examples {
    enum examples_format format; /* never EXAMPLES_AUTO */
    enum examples_shape shape;
    const char *stated; /* "a table with the columns \"text\" and \"category\"" */
    const char *note; /* something to know of how it was read; NULL: nothing */
    const char *text_column,
        *label_column; /* as the first row calls them, in small letters, where that was found out; else NULL */
    struct example *items;
    size_t count;
    struct slice *labels; /* in order: as numbers when all are, else by bytes */
    size_t label_count;
    const struct slice *corpus; /* of a BEIR folder: all its texts */
    size_t corpus_count;
    bool has_several; /* an example has several labels, or none of several */
    size_t records; /* taken and rejected */
    struct example_rejected *rejected; /* the first LIMIT_EXAMPLES_REJECTED of them */
    size_t rejected_count;
    size_t faults[EXAMPLE_FAULTS]; /* of all */
    unsigned char hash[32]; /* SHA-256 of the files' bytes */
    struct arena arena;
    struct buffer source;
};

struct examples_options {
    enum examples_format format;
    bool wants_labels; /* {"input","output"} are a text and its label */
    const char *text_name, *label_name; /* members or columns that hold them; NULL: the usual names */
    const char *text_column, *label_column; /* usual names too, as another file of the same has them; NULL: none */
    const char *
        group_name; /* a member or column: examples that have the same there stay together; NULL: none. Not for SQuAD and BEIR */
    const char *judgements; /* of a BEIR folder: "train" for qrels/train.tsv; NULL: train */
};

/* Any bytes; slices point into `source` or the arena. `name` is for messages. Released by the caller, also after a failure. Not for folders. */
bool examples_read(struct examples *examples, struct slice source, const char *name, const struct examples_options *options,
                   struct error *error) MUST_USE;

/* The same from a file, which may be packed by gzip, or a folder. */
bool examples_open(struct examples *examples, const char *path, const struct examples_options *options,
                   struct error *error) MUST_USE;
void examples_release(struct examples *examples);

/* What the answers of conversations are like (TURNS). */
struct examples_answers {
    bool are_labels; /* each is short, and they are few different ones: what comes out is a choice */
    size_t different;
    size_t system_differs,
        with_history; /* examples whose instructions are not those of the first, or that have more than one question */
};
void examples_look(const struct examples *examples, struct examples_answers *found);
/* Those whose answers are labels become LABELED: the last question as the text, what answers it as its label. */
void examples_take_answers_as_labels(struct examples *examples);

/* What an example has come out: its label, where it has one, or the last turn of the assistant; empty: neither. */
struct slice example_output(const struct examples *examples, const struct example *example);

#endif
