/* table.c - every command, in the order of help. What is added here, with its words in words_*.c and its name in command.h, appears in man pages and completions by itself. */
#include "command.h"

const struct option global_options[] = {
    {"project", 'C', "DIR", "the project's folder (default: the nearest one at or above the current folder)"},
    {"json", 0, NULL, "print one JSON document on standard output"},
    {"quiet", 'q', NULL, "no progress and no summary, only results and errors"},
    {"help", 'h', NULL, "show this help"},
};
const size_t global_option_count = ARRAY_COUNT(global_options);

const struct command *const commands[] = {&command_init,          &command_add,         &command_remove,
                                          &command_list,          &command_search,      &command_ask,
                                          &command_prompt_show,   &command_prompt_diff, &command_prompt_test,
                                          &command_audit,         &command_eval,        &command_decide,
                                          &command_drift,         &command_key_add,     &command_key_list,
                                          &command_key_revoke,    &command_log_list,    &command_log_show,
                                          &command_log_verify,    &command_log_head,    &command_log_prove,
                                          &command_log_export,    &command_log_erase,   &command_tune_again,
                                          &command_tune_classify, &command_tune_reader, &command_tune_writer,
                                          &command_tune_rerank,   &command_tune_embed,  &command_classify,
                                          &command_calibrate,     &command_embed,       &command_tokenize,
                                          &command_generate,      &command_model_list,  &command_model_show,
                                          &command_model_merge,   &command_model_add,   &command_bench_embed,
                                          &command_bench_search,  &command_report_open, &command_report_compare,
                                          &command_serve,         &command_mcp,         &command_doctor,
                                          &command_version,       &command_help};
const size_t command_count = ARRAY_COUNT(commands);
