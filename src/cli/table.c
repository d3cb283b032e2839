/* table.c - every command with its words. What is added here appears in help, man pages and completions by itself. */
#include "command.h"

const struct option global_options[] = {
    {"project", 'C', "DIR", "the project's folder (default: the nearest one at or above the current folder)"},
    {"json", 0, NULL, "print one JSON document on standard output"},
    {"quiet", 'q', NULL, "no progress and no summary, only results and errors"},
    {"help", 'h', NULL, "show this help"},
};
const size_t global_option_count = ARRAY_COUNT(global_options);

const struct command commands[] = {
    {.name = "init",
     .arguments = "[DIR]",
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_init,
     .summary = "make a folder a project",
     .description =
         "Writes assay.yaml, with every setting explained, and an empty catalog in .assay/. The folder is made when it is"
         " not there. An assay.yaml that exists is kept.",
     .examples = {{"assay init shop", "make the folder shop a project"}, {"assay init", "the current folder"}}},
    {.name = "add",
     .arguments = "[PATH…]",
     .argument_most = SIZE_MAX,
     .arguments_are_paths = true,
     .run = run_add,
     .summary = "add documents, or bring them up to date",
     .description =
         "Reads files and folders (Markdown and plain text), cuts them into passages and makes them searchable. Without PATH "
         "it reads"
         " the `documents` of assay.yaml.\n\n"
         "Only what is new or has changed is read. A document that was added from below a named folder and is not there any "
         "more is"
         " removed. A file that cannot be taken is reported with its reason, and the rest goes on; the exit code is 1 then.\n\n"
         "With --verbose a line is printed for each document once it is stored durably: from then on it survives a crash. "
         "Stopping"
         " with Ctrl-C keeps everything that was stored.",
     .options = {{"verbose", 'v', NULL, "print a line for each document as it becomes durable"}},
     .examples = {{"assay add docs/", "add a folder, or what has changed in it"},
                  {"assay add", "the folders that assay.yaml names"},
                  {"assay add docs/ --json | jq .failed", "which files could not be taken, and why"}}},
    {.name = "remove",
     .arguments = "PATH…",
     .argument_least = 1,
     .argument_most = SIZE_MAX,
     .arguments_are_paths = true,
     .run = run_remove,
     .summary = "forget documents",
     .description =
         "Removes documents from the project, by file or folder. The files themselves are not touched; a later `assay add` of"
         " a folder above them adds them again.",
     .options = {{"verbose", 'v', NULL, "print a line for each document"}},
     .examples = {{"assay remove docs/old/", "forget what was added from docs/old/"}}},
    {.name = "list",
     .arguments = "",
     .run = run_list,
     .summary = "show the documents",
     .description = "Prints a line for each document: its passages, size, language and path.",
     .examples = {{"assay list", "all documents"}, {"assay list --json | jq '.documents[].path'", "their paths"}}},
    {.name = "search",
     .arguments = "QUERY…",
     .argument_least = 1,
     .argument_most = LIMIT_QUERY_TERMS,
     .run = run_search,
     .summary = "find passages",
     .description = "Finds the passages that fit a question best (BM25 over stemmed words), with their score, the words that "
                    "matched, and the place"
                    " where they stand: file, lines and headings. Several words may be given without quotes.",
     .options = {{"k", 'k', "N", "results at the most (default: retrieve.k of assay.yaml, 8)"}},
     .examples = {{"assay search \"refund window\"", "the best passages"},
                  {"assay search -k 3 how long may I keep a book", "the best three"},
                  {"assay search --json \"refund window\" | jq '.results[0]'", "for a script"}}},
    {.name = "doctor",
     .arguments = "",
     .run = run_doctor,
     .summary = "examine a project, and repair it",
     .description = "Checks the catalog, the stored contents against their hashes, the index files against their checksums, "
                    "and that the index"
                    " covers exactly the stored passages. The exit code is 0 when nothing is wrong.\n\n"
                    "Index files are derived from the catalog: with --repair, missing or damaged ones are written anew.",
     .options = {{"repair", 0, NULL, "write derived files anew where they are wrong"}},
     .examples = {{"assay doctor", "is everything whole?"}, {"assay doctor --repair", "rebuild what is damaged"}}},
    {.name = "version",
     .arguments = "",
     .run = run_version,
     .summary = "show version, build and processor kernels",
     .description = "The kernels are the innermost loops chosen for this processor; ASSAY_CPU=reference (or sse4, avx2, neon)"
                    " forces others.",
     .examples = {{"assay version --json", "for a report"}}},
    {.name = "help",
     .arguments = "[COMMAND]",
     .argument_most = 1,
     .run = run_help,
     .summary = "explain a command",
     .description =
         "Without COMMAND: an overview. The man pages and the completions of the shells are made from the same words.",
     .options = {{"man", 0, "NAME", "print the man page of `assay` or of a command"},
                 {"completion", 0, "SHELL", "print the completion script for bash, zsh or fish"}},
     .examples = {{"assay help add", "how to add documents"},
                  {"assay help --completion bash > ~/.local/share/bash-completion/completions/assay", "complete in bash"}}},
};
const size_t command_count = ARRAY_COUNT(commands);
