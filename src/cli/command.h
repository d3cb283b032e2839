/* command.h - the one table of commands: parsing, help, man pages and shell completions all come from it. Private to cli. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/base.h"
#include "codec/codec.h"
#include <assay.h>
#include <stdio.h>

enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2, EXIT_TARGET_MISSED = 3 };

struct option {
    const char *name;
    char letter;       /* 0: none */
    const char *value; /* what stands behind it ("N", "DIR"); NULL: a switch */
    const char *help;
};

struct example {
    const char *line;
    const char *what;
};

enum { OPTIONS_MAX = 26, EXAMPLES_MAX = 6, COMMAND_NAME_BYTES = 32 };

struct invocation;

struct command {
    const char *name; /* "search"; "model add" is the command "add" of the group "model" */
    const char *arguments; /* "PATH…" or "" */
    const char *summary;
    const char *description; /* paragraphs, separated by empty lines */
    size_t argument_least, argument_most;
    bool arguments_are_paths; /* for completion */
    struct option options[OPTIONS_MAX];
    struct example examples[EXAMPLES_MAX];
    enum exit_code (*run)(struct invocation *invocation);
};

/* Each with its words in words_*.c. */
extern const struct command command_init, command_add, command_remove, command_list, command_search, command_ask,
    command_prompt_show, command_prompt_diff, command_prompt_test, command_audit, command_eval, command_decide, command_drift,
    command_key_add, command_key_list, command_key_revoke, command_log_list, command_log_show, command_log_verify,
    command_log_head, command_log_prove, command_log_export, command_log_erase, command_tune_again, command_tune_classify,
    command_tune_reader, command_tune_writer, command_tune_rerank, command_tune_embed, command_classify, command_calibrate,
    command_embed, command_tokenize, command_generate, command_model_list, command_model_show, command_model_merge,
    command_model_add, command_bench_embed, command_bench_search, command_report_open, command_report_compare, command_serve,
    command_mcp, command_doctor, command_version, command_help;
extern const struct command *const commands[]; /* in the order of help */
extern const size_t command_count;
extern const struct option global_options[];
extern const size_t global_option_count;

/* One call of the program, parsed. */
struct invocation {
    const struct command *command;
    const char *group; /* the group's name, when no command of it was named: "model" */
    const char *const *arguments;
    size_t argument_count;
    const char *values[OPTIONS_MAX];        /* of the command's options; a switch that is set: "" */
    const char *global_values[OPTIONS_MAX]; /* the same for the global ones */
    bool json, quiet;
};

/* The value of an option of this command or a global one; NULL when it was not given. */
const char *invocation_option(const struct invocation *invocation, const char *name);

/* Tells what is wrong in how the program was called. */
enum exit_code wrong_use(const struct invocation *invocation, const char *hint, const char *format, ...) PRINTF_LIKE(3, 4);
/* Whether the arguments, which are a question, have anything but white space; false with wrong use told. */
bool question_is_given(const struct invocation *invocation, const char *hint);

/* As a number within bounds; `usual` when it was not given. False: the error was told. */
bool invocation_number(const struct invocation *invocation, const char *name, size_t least, size_t most, size_t usual,
                       size_t *number);

const struct command *command_find(const char *name); /* "model add"; also "model-add", as its man page is called */

/* The first word of a command's name; its size is that of the name when the command is in no group. */
struct slice command_first_word(const struct command *command);
bool command_is_group(const char *word);

/* True when no command before has the same first word: for lists of what may stand first. */
bool command_is_first_of_its_word(const struct command *command);

/* Parses; false when the use is wrong, which it has told. `argv` must outlive the invocation; `arguments` has argc places. */
bool command_parse(int argc, char **argv, const char **arguments, struct invocation *invocation);

/* help.c */
void help_overview(FILE *out);
void help_command(FILE *out, const struct command *command);
void help_group(FILE *out, const char *group);
bool help_man(FILE *out, const char *name);

/* completion.c */
bool help_completion(FILE *out, const char *shell);

extern const char build_commit[]; /* of the source, "8ca3789" */

/* The runs, one a command. */
enum exit_code run_init(struct invocation *invocation);
enum exit_code run_add(struct invocation *invocation);
enum exit_code run_watch(struct invocation *invocation); /* `assay add --watch` */
enum exit_code run_remove(struct invocation *invocation);
enum exit_code run_list(struct invocation *invocation);
enum exit_code run_search(struct invocation *invocation);
enum exit_code run_ask(struct invocation *invocation);
enum exit_code run_calibrate(struct invocation *invocation);
enum exit_code run_prompt_show(struct invocation *invocation);
enum exit_code run_prompt_diff(struct invocation *invocation);
enum exit_code run_prompt_test(struct invocation *invocation);
enum exit_code run_key_add(struct invocation *invocation);
enum exit_code run_key_list(struct invocation *invocation);
enum exit_code run_key_revoke(struct invocation *invocation);
enum exit_code run_log_list(struct invocation *invocation);
enum exit_code run_log_show(struct invocation *invocation);
enum exit_code run_log_verify(struct invocation *invocation);
enum exit_code run_log_head(struct invocation *invocation);
enum exit_code run_log_prove(struct invocation *invocation);
enum exit_code run_log_export(struct invocation *invocation);
enum exit_code run_log_erase(struct invocation *invocation);
enum exit_code run_audit(struct invocation *invocation);
enum exit_code run_eval(struct invocation *invocation);
enum exit_code run_decide(struct invocation *invocation);
enum exit_code run_drift(struct invocation *invocation);
enum exit_code run_embed(struct invocation *invocation);
enum exit_code run_tokenize(struct invocation *invocation);
enum exit_code run_generate(struct invocation *invocation);
enum exit_code run_model_list(struct invocation *invocation);
enum exit_code run_model_show(struct invocation *invocation);
enum exit_code run_model_add(struct invocation *invocation);
enum exit_code run_model_merge(struct invocation *invocation);
enum exit_code run_tune_again(struct invocation *invocation);
enum exit_code run_tune_classify(struct invocation *invocation);
enum exit_code run_tune_embed(struct invocation *invocation);
enum exit_code run_tune_reader(struct invocation *invocation);
enum exit_code run_tune_writer(struct invocation *invocation);
enum exit_code run_tune_rerank(struct invocation *invocation);
enum exit_code run_classify(struct invocation *invocation);
enum exit_code run_bench_embed(struct invocation *invocation);
enum exit_code run_bench_search(struct invocation *invocation);
enum exit_code run_serve(struct invocation *invocation);
enum exit_code run_report_open(struct invocation *invocation);
enum exit_code run_report_compare(struct invocation *invocation);
enum exit_code run_mcp(struct invocation *invocation);
enum exit_code run_doctor(struct invocation *invocation);
enum exit_code run_version(struct invocation *invocation);
enum exit_code run_help(struct invocation *invocation);

/* Help of a command, of a group, or the overview when both are NULL. */
enum exit_code print_help(const struct invocation *invocation, const struct command *command, const char *group);

#endif
