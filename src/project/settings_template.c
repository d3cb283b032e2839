/* settings_template.c - the text of a new assay.yaml: every setting with what it means, in the order in which a person meets them; and that of a
 * new prices.yaml. */
#include "project.h"

static const char *const sections[] = {
    "# Settings of this assay project. Every line shows its default; remove what you do not change.\n",

    "# Files and folders that `assay add` reads when none is named, relative to this file.\n"
    "documents: [docs/]\n",

    "# A larger document is refused, with its name. At most 512.\n"
    "documents_max_mb: 64\n",

    "# How documents are cut into passages, the pieces that a search finds.\n"
    "#   unit     auto: what fits each document; `assay list --verbose` tells which and why\n"
    "#            heading: along headings; sentence: whole sentences; fixed: runs of words; record: a row or record each;\n"
    "#            page: within pages; code: functions and classes; semantic: where the subject turns (costs embedding twice)\n"
    "#   tokens   the most one passage holds (16 to 4096; about 3/4 of a word each), counted as the embedding model does\n"
    "#   overlap  how much of a passage's end is repeated at the start of the next when a section is cut\n"
    "#   join_records  record: true: small records fill a passage together\n"
    "passages: {unit: auto, tokens: 200, overlap: 30, join_records: false}\n",

    "# Secrets and personal data in documents: `assay audit` tells of them.\n"
    "#   report   they stay as they are\n"
    "#   mask     what `assay add` keeps and finds has [card number] and the like instead; a list masks only some: email, "
    "phone, card,\n"
    "#            iban, us_ssn, ip_address, private_key, access_key, token, secret\n"
    "sensitive: report\n",

    "# The model that makes vectors, which find passages by meaning: builtin, a model's name or folder, an adapter's folder\n"
    "# (.assay/adapters/embed, made by `assay tune embed`), or none. openai:NAME and http://HOST:PORT/v1#NAME make them "
    "elsewhere:\n"
    "# then the text of every passage and question, and of answers that are measured, goes there.\n"
    "# `assay add` makes a vector for each passage; after a change of the model it makes them anew.\n"
    "embedding: builtin\n",

    "# Search.\n"
    "#   mode           auto: hybrid when there are vectors, else text; hybrid, text (words) or vector (meaning)\n"
    "#   k              results\n"
    "#   k1, b          of BM25: how much repeating a word counts (0 to 10), how much length is evened out (0 to 1)\n"
    "#   candidates     hybrid: passages that each of the two searches hands on\n"
    "#   fusion         hybrid: scores: by scores brought to one scale; ranks: by ranks alone\n"
    "#   vector_weight  hybrid: how much meaning counts, 0 to 1; words count for the rest\n"
    "#   per_document   results from one document at the most; 0: any number\n"
    "#   neighbors      true: found passages that stand next to each other become one result\n"
    "#   diversity      0 to 1: how much a passage that repeats a better one loses; 0: nothing\n"
    "#   wordings       `assay ask` with a language model: it is asked for so many other wordings of the question, which\n"
    "#                  are searched for, too (0 to 8)\n"
    "#   hypothetical   the same with what it takes for the answer; both together are one request more\n"
    "#   rerank         true: the best rerank_candidates are read by the reranker (`assay help tune rerank`) and put into a "
    "new\n"
    "#                  order, in which its score counts rerank_weight, 0 to 1, and that of the search the rest\n"
    "retrieve: {mode: auto, k: 8, k1: 1.2, b: 0.75, candidates: 100, fusion: scores, vector_weight: 0.5,\n"
    "  per_document: 0, neighbors: false, diversity: 0, wordings: 0, hypothetical: false,\n"
    "  rerank: false, rerank_candidates: 20, rerank_weight: 0.7}\n",

    "# The model that answers `assay ask`: builtin, builtin:writer, openai:NAME, anthropic:NAME, or http://HOST:PORT/v1#NAME.\n"
    "model: builtin\n",

    "# How `assay ask` answers: rag: from the passages that a search finds; full: from all documents, in the prompt;\n"
    "# prompt: from what the model knows. `assay decide --apply` sets what was found to be best.\n"
    "approach: rag\n",

    "# What the model's tokens cost, and the costs that `assay decide` counts (docs/decide.md); `assay init` writes one.\n"
    "prices: prices.yaml\n",

    "# What a language model is told.\n"
    "#   system, user  files of templates with {question}, {passages} and {examples}; default: the built-in ones\n"
    "#   examples      auto: examples like the question; first: the first ones; none\n"
    "#   order         of the passages: best: the best first; last: the best last; document: as they stand in documents\n"
    "#   tokens        the longest prompt, about; what does not fit is left out\n"
    "prompt: {examples: auto, order: best, tokens: 6000}\n",

    "# Inputs with the outputs that are wanted.\n"
    "examples: examples.jsonl\n",

    "# Questions with the documents that answer them, for `assay eval`.\n"
    "tests: eval.jsonl\n",

    "# What a right answer is, for `assay decide`.\n"
    "#   answer   relaxed: the answer wanted stands in it; strict: and nothing else; exact, f1, contains, numeric as\n"
    "#            `assay eval` has them; auto: strict for labels, else relaxed\n"
    "#   schema   a file with a JSON Schema that it must follow; pattern: a regular expression that it must match\n"
    "#   style    examples: it must have the form of the examples, where these have one in common; none\n"
    "checks: {answer: auto, schema: none, pattern: none, style: examples}\n",

    "# The score to be reached, 0 to 1; 0: none, the best is looked for.\n"
    "target: 0\n",

    "# Limits.\n"
    "#   spend_per_day  what language models may cost in one day (UTC), in the currency of `prices`; none, or a number\n"
    "# The others are what `assay decide` keeps to; 0: no limit.\n"
    "#   knowledge_changes  unknown, never, yearly, monthly, weekly, daily: how soon old answers are wrong ones\n"
    "#   private            true: nothing may leave this machine; citations: optional or required\n"
    "limits: {spend_per_day: none, latency_p95_ms: 0, cost_per_month: 0, requests_per_month: 0, private: false, "
    "citations: optional, knowledge_changes: unknown}\n",

    "# Labels say who may see a document: `assay search --as KEY` sees those labelled public, or like one of "
    "the key's groups.\n"
    "#   public       every document is public\n"
    "#   from-folder  the label is its folder below one of `documents` (docs/hr/x.md: hr; docs/x.md: public; a\n"
    "#                document from elsewhere: other)\n"
    "#   labels.csv   a file with lines `path,label,label…`; the longest path that fits counts; no line, no label\n"
    "# With the first two, `access: [hr, legal]` in the head of a Markdown document says it instead.\n"
    "access: {labels: public}\n",

    "# Pages of the web, which `assay add https://…` fetches, and nothing else does.\n"
    "#   allow_hosts  hosts that may be asked though they are not public, or at another port: [wiki.corp, 127.0.0.1:8000]\n"
    "#   proxy        http://HOST:PORT to go through; it decides what it connects to\n"
    "#   ca           a file of certificates (PEM) that count beside the system's, as those of a company\n"
    "#   timeout_s    the most that one page may take\n"
    "#   delay_ms     between two requests to a host; its robots.txt may ask for more\n"
    "fetch: {allow_hosts: [], proxy: none, ca: system, timeout_s: 60, delay_ms: 200}\n",

    "# The audit log, which has an entry for each question that was answered (`assay help log`).\n"
    "#   questions  keep: as they were asked; hash: only their SHA-256\n"
    "#   keep_days  question, answer and asker of an entry are erased after so many days; 0: never\n"
    "log: {questions: keep, keep_days: 0}\n",

    "# How each answer came about (what ran, how long, tokens; no question, answer or passage), for OpenTelemetry:\n"
    "#   none, a collector as http://127.0.0.1:4318/v1/traces, or a file, which gets a line of OTLP/JSON an answer\n"
    "traces: none\n",

    "# `assay serve`.\n"
    "#   listen       ADDRESS:PORT; 127.0.0.1 is reached from this machine alone\n"
    "#   body_max_mb  the largest request\n"
    "#   records_max_mb  what is kept of one key's fine-tuning jobs and evals; of all keys 16 times as much\n"
    "#   client_wait_s  for the body of a client that sends less than 32 KiB a second, twice as long for one that reads\n"
    "#                less than 16 KiB a second: then it is left\n"
    "#   hosts        names that clients call it by, where it is not localhost or an address: [assay.corp]\n"
    "#   origins      pages that may ask it from a browser: [https://wiki.corp]\n"
    "server: {listen: 127.0.0.1:8080, body_max_mb: 64, records_max_mb: 256, client_wait_s: 15, hosts: [], origins: []}\n",

    "# What `POST /v1/moderations` tells of a text (docs/serve.md).\n"
    "#   classifier  none, or one that `assay tune classify` made of examples of your own\n"
    "#   fine        its labels that nothing is said against, as [ok]; a text that has likelier another one is flagged\n"
    "moderation: {classifier: none, fine: []}\n"};

/* The numbers below `machine` and after are those that hold without the file (decide/cost.c). */
static const char
    prices[] = "# What things cost, for `assay ask` with a language model and for comparisons of approaches. Prices change:\n"
               "# look at your provider's list, write them down here, and say of which day they are.\n"
               "date: 2026-06-15\n"
               "currency: USD\n"
               "\n"
               "# A language model's tokens, for a million of them, under the name that `model` of assay.yaml has.\n"
               "#   input, output  of the prompt and of the answer\n"
               "#   cached         of the part of the prompt that the provider had at hand; as input when it is not stated\n"
               "#   training       of a tuning run\n"
               "# A server of your own: \"http://127.0.0.1:11434/v1#NAME\": {input: 0, output: 0}\n"
               "models:\n"
               "  openai:gpt-5: {input: 1.25, cached: 0.125, output: 10}\n"
               "  openai:gpt-5-mini: {input: 0.25, cached: 0.025, output: 2}\n"
               "  openai:gpt-5-nano: {input: 0.05, cached: 0.005, output: 0.40}\n"
               "  openai:gpt-4.1-mini: {input: 0.40, cached: 0.10, output: 1.60}\n"
               "  anthropic:claude-sonnet-4-5: {input: 3, cached: 0.30, output: 15}\n"
               "  anthropic:claude-haiku-4-5: {input: 1, cached: 0.10, output: 5}\n"
               "\n"
               "# An hour of a machine of your own, without and with a graphics card.\n"
               "machine: {cpu_hour: 0.05, gpu_hour: 2.5}\n"
               "\n"
               "# A vector database (0: the index of this program), and what lies in it.\n"
               "retrieval: {month: 0, storage_gb_month: 0.1}\n"
               "\n"
               "# An hour of a person, and training runs until one is kept.\n"
               "people: {hour: 60}\n"
               "training: {runs: 4}\n";

const char *prices_template(void)
{
    return prices;
}

const char *settings_template(struct arena *arena)
{
    struct buffer text;
    buffer_init(&text, SIZE_MAX);
    for (size_t i = 0; i < ARRAY_COUNT(sections); i++) {
        buffer_append_text(&text, i == 0 ? "" : "\n");
        buffer_append_text(&text, sections[i]);
    }
    const char *copy = arena_text(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
