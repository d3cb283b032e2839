/* settings_template.c - the text of a new assay.yaml: every setting with what it means, in the order in which a person meets them. */
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

    "# The model that makes vectors, which find passages by meaning: builtin, a model's name or folder, or none.\n"
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
    "retrieve: {mode: auto, k: 8, k1: 1.2, b: 0.75, candidates: 100, fusion: scores, vector_weight: 0.5,\n"
    "  per_document: 0, neighbors: false}\n",

    "# The model that answers `assay ask`: builtin, openai:NAME, anthropic:NAME, or http://HOST:PORT/v1#NAME.\n"
    "model: builtin\n",

    "# How `assay ask` answers: rag: from the passages that a search finds; full: from all documents, in the prompt;\n"
    "# prompt: from what the model knows. `assay decide --apply` sets what was found to be best.\n"
    "approach: rag\n",

    "# What a language model is told.\n"
    "#   system, user  files of templates with {question}, {passages} and {examples}; default: the built-in ones\n"
    "#   examples      auto: examples like the question; first: the first ones; none\n"
    "#   tokens        the longest prompt, about; what does not fit is left out\n"
    "prompt: {examples: auto, tokens: 6000}\n",

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

    "# What `assay decide` keeps to; 0: no limit.\n"
    "#   knowledge_changes  unknown, never, yearly, monthly, weekly, daily: how soon old answers are wrong ones\n"
    "#   private            true: nothing may leave this machine; citations: optional or required\n"
    "limits: {latency_p95_ms: 0, cost_per_month: 0, requests_per_month: 0, private: false, citations: optional,\n"
    "  knowledge_changes: unknown}\n",

    "# What models, machines and people cost (docs/decide.md); a guide's figures where there is no such file.\n"
    "prices: prices.yaml\n",

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
    "#   timeout_s    the most that one page may take\n"
    "#   delay_ms     between two requests to a host; its robots.txt may ask for more\n"
    "fetch: {allow_hosts: [], proxy: none, timeout_s: 60, delay_ms: 200}\n",

    "# The audit log, which has an entry for each question that was answered (`assay help log`).\n"
    "#   questions  keep: as they were asked; hash: only their SHA-256\n"
    "#   keep_days  question, answer and asker of an entry are erased after so many days; 0: never\n"
    "log: {questions: keep, keep_days: 0}\n",

    "# `assay serve`.\n"
    "#   listen       ADDRESS:PORT; 127.0.0.1 is reached from this machine alone\n"
    "#   body_max_mb  the largest request\n"
    "#   hosts        names that clients call it by, where it is not localhost or an address: [assay.corp]\n"
    "#   origins      pages that may ask it from a browser: [https://wiki.corp]\n"
    "server: {listen: 127.0.0.1:8080, body_max_mb: 64, hosts: [], origins: []}\n"};

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
