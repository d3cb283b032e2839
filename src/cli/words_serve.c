/* words_serve.c - the words of the server, and the program itself. */
#include "command.h"

const struct command command_serve = {
    .name = "serve",
    .arguments = "",
    .run = run_serve,
    .summary = "serve the project over HTTP, as OpenAI's clients speak it",
    .description =
        "Listens where server.listen of assay.yaml says: at 127.0.0.1:8080, which is reached from this machine alone, unless "
        "it "
        "says otherwise. A page for people is at /. Answers clients of OpenAI (/v1/chat/completions, responses, embeddings, "
        "files, "
        "vector_stores, fine_tuning, evals, models, moderations), of Anthropic (/v1/messages), of rerankers (/v1/rerank) and "
        "of MCP "
        "(/mcp), and /v1/ask, search, documents, audit and tasks of its own, with a key as the client's API key; /metrics "
        "with a "
        "key that may, /health and /ready without. docs/serve.md has examples, docs/openapi.json every route.\n\n"
        "A key sees the documents of its groups, here as in every command. When no key has the group @admin, which sees all, "
        "one "
        "is made and shown this once.\n\n"
        "SIGTERM and Ctrl-C end it once what was begun is answered; SIGHUP reads assay.yaml again. The log is one JSON object "
        "a "
        "line on standard error; with --quiet only what went wrong. No question and no text stands in it.",
    .options = {{"listen", 'l', "ADDRESS", "ADDRESS:PORT instead of server.listen; port 0: any free one"},
                {"tls-cert", 0, "FILE", "serve HTTPS with this certificate, and those that signed it, in PEM form"},
                {"tls-key", 0, "FILE", "its key; SIGHUP reads both anew"}},
    .examples = {{"assay serve", "at http://127.0.0.1:8080"},
                 {"assay serve --listen 127.0.0.1:9000 2>> assay.log", "elsewhere, with a log"}}};

const struct command command_mcp = {
    .name = "mcp",
    .arguments = "",
    .run = run_mcp,
    .summary = "let coding agents search and read the project (MCP)",
    .description =
        "Reads messages of the Model Context Protocol, a line each, from standard input, and replies on standard output until "
        "the "
        "input ends. Editors and coding agents start it: they get the tools search, ask, get_document and audit, and the "
        "documents as resources, and prompts. `assay serve` offers the same at /mcp over HTTP.\n\n"
        "With --as, it sees what that key may see, and audits for a key of @admin alone; without it, everything.",
    .options = {{"as", 0, "KEYNAME", "see as the holder of this key (see `assay help key`)"}},
    .examples = {{"assay mcp --project ~/handbook", "as the command of a server in an agent's settings"},
                 {"assay mcp --as intern", "as the holder of a key"}}};

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .run = run_doctor,
    .summary = "examine a project, and repair it",
    .description = "Checks the catalog, the stored contents against their hashes, the index files against their checksums, "
                   "and that the index"
                   " covers exactly the stored passages. An embedding model that is there must open, and the audit log must be "
                   "as it was written (`assay log verify`). The exit code is 0 when nothing is wrong.\n\n"
                   "Index files are derived from the catalog: with --repair, missing or damaged ones are written anew.",
    .options = {{"repair", 0, NULL, "write derived files anew where they are wrong"}},
    .examples = {{"assay doctor", "is everything whole?"}, {"assay doctor --repair", "rebuild what is damaged"}}};

const struct command command_version = {
    .name = "version",
    .arguments = "",
    .run = run_version,
    .summary = "show version, build and processor kernels",
    .description = "The kernels are the innermost loops chosen for this processor; ASSAY_CPU=reference (or neon, sse4, avx2,"
                   " avx512, avx512_vnni, avx512_bf16, amx) forces others.",
    .examples = {{"assay version --json", "for a report"}}};

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND]",
    .argument_most = 2,
    .run = run_help,
    .summary = "explain a command",
    .description =
        "Without COMMAND: an overview. The man pages and the completions of the shells are made from the same words.",
    .options = {{"man", 0, "NAME", "print the man page of `assay` or of a command"},
                {"completion", 0, "SHELL", "print the completion script for bash, zsh or fish"}},
    .examples = {{"assay help add", "how to add documents"},
                 {"assay help --completion bash > ~/.local/share/bash-completion/completions/assay", "complete in bash"}}};
