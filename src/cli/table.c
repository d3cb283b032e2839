/* table.c - every command with its words. What is added here appears in help, man pages and completions by itself. */
#include "command.h"

const struct option global_options[] = {
    {"project", 'C', "DIR", "the project's folder (default: the nearest one at or above the current folder)"},
    {"json", 0, NULL, "print one JSON document on standard output"},
    {"quiet", 'q', NULL, "no progress and no summary, only results and errors"},
    {"help", 'h', NULL, "show this help"},
};
const size_t global_option_count = ARRAY_COUNT(global_options);

#define TRAINING_OPTIONS                                                                                                       \
    {"dora", 0, NULL, "with LoRA: learn the lengths of the layers' rows apart (DoRA)"},                                        \
        {"moments-8bit", 0, NULL, "keep what AdamW remembers in 8 bits: a quarter of that memory"},                            \
        {"recompute", 0, NULL, "make what layers made again on the way back: less memory, slower, same outcome"},              \
    {                                                                                                                          \
        "threads", 0, "N", "threads to compute on (default: one per core)"                                                     \
    }

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
         "Reads files and folders, cuts them into passages and makes them searchable. Without PATH it reads the `documents` of"
         " assay.yaml. What a file is, its bytes tell: Markdown, HTML, CSV, JSON, source code and other text, PDF, Word, Excel,"
         " PowerPoint, OpenDocument, EPUB and RTF documents, Jupyter notebooks, e-mail, and zip and tar archives and "
         "mailboxes, whose members become "
         "documents with a path below the archive's. Files "
         "of"
         " other kinds are passed over in folders; --verbose names them. Source code is cut into the functions and classes that"
         " tree-sitter finds, where its grammar is installed ($ASSAY_GRAMMARS names folders).\n\n"
         "Only what is new or has changed is read. A document that was added from below a named folder and is not there any "
         "more is"
         " removed, and so is what an archive holds no more. A file that cannot be taken is reported with its reason, and the "
         "rest goes on; the exit code is 1 then.\n\n"
         "An address (https://…) stands for its page; that of a sitemap.xml, or of a robots.txt, for all pages that the site "
         "lists."
         " robots.txt is obeyed, only what has changed is fetched, and pages that are gone are removed. Nothing but public "
         "hosts "
         "is asked, unless --allow-host or assay.yaml says so. Nothing else in assay add uses the network.\n\n"
         "Then each new passage gets a vector, by the model that `embedding` in assay.yaml names, for search by meaning. "
         "Documents "
         "can be searched by words already while that goes on; stopped, it goes on with the next `assay add`.\n\n"
         "With --verbose a line is printed for each document once it is stored durably: from then on it survives a crash. "
         "Stopping"
         " with Ctrl-C keeps everything that was stored.\n\n"
         "With --watch it then follows the files, and takes in what is written, renamed or removed; a line is printed for each "
         "change (with --json an object a line). Other commands may write to the project in between.",
     .options = {{"verbose", 'v', NULL, "print a line for each document as it becomes durable"},
                 {"no-embed", 0, NULL, "make no vectors now; the next `assay add` makes them"},
                 {"allow-host", 0, "HOSTS", "fetch from HOST or HOST:PORT though it is not public; several with commas"},
                 {"watch", 'w', NULL, "go on until Ctrl-C: take in what changes, within a second"}},
     .examples = {{"assay add docs/", "add a folder, or what has changed in it"},
                  {"assay add export.zip", "an archive: of an export, each page"},
                  {"assay add https://example.com/sitemap.xml", "a web site, or what has changed in it"},
                  {"assay add --watch", "the same whenever a file changes"},
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
     .description = "Prints a line for each document: its passages, size, format, language and path.",
     .options = {{"verbose", 'v', NULL, "tell too by which unit each was cut into passages, and why"}},
     .examples = {{"assay list", "all documents"},
                  {"assay list -v", "what `passages: {unit: auto}` made of each"},
                  {"assay list --json | jq '.documents[].path'", "their paths"}}},
    {.name = "search",
     .arguments = "QUERY…",
     .argument_least = 1,
     .argument_most = LIMIT_QUERY_TERMS,
     .run = run_search,
     .summary = "find passages",
     .description =
         "Finds the passages that fit a question best, with their score, the words that matched, and the place where they "
         "stand: "
         "file, lines and headings. Several words may be given without quotes.\n\n"
         "A text search goes by words (BM25 over stemmed words), a vector search by meaning: it also finds what says the same "
         "in "
         "other words. A hybrid search joins both. With vectors that is the usual one, else text.\n\n"
         "In a question, \"late fee\" asks for these words in a row, refun* for words that begin so, refnd~ for words like it, "
         "and title:refund and heading:refund for words of the title and the headings; a hybrid search keeps to them.\n\n"
         "With --as, a search sees what that key may see; without it, everything. With --filter, only documents that "
         "fit: comparisons of what a document says about itself (and of path, folder, title, format, language, size "
         "and modified) by = != < <= > >= and in (…), `exists KEY`, joined by and, or, not. What a search does not "
         "see leaves no trace in its scores and counts.",
     .options = {{"k", 'k', "N", "results at the most (default: retrieve.k of assay.yaml, 8)"},
                 {"mode", 'm', "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"},
                 {"rerank", 0, NULL, "put the best results into a new order by the reranker (see `assay help tune rerank`)"},
                 {"explain", 0, NULL, "show how each result came to its score, and where the time went"},
                 {"as", 0, "KEYNAME", "search as the holder of this key (see `assay help key`)"},
                 {"filter", 0, "FILTER", "only documents that fit"}},
     .examples = {{"assay search \"refund window\"", "the best passages"},
                  {"assay search '\"late fee\" libr*'", "words in a row, and words that begin so"},
                  {"assay search -k 3 how long may I keep a book", "the best three"},
                  {"assay search --as intern --filter 'year >= 2024 and team in (sales, legal)' refunds", "as somebody else"},
                  {"assay search --json \"refund window\" | jq '.results[0]'", "for a script"}}},
    {.name = "ask",
     .arguments = "QUESTION…",
     .argument_least = 1,
     .argument_most = LIMIT_QUERY_TERMS,
     .run = run_ask,
     .summary = "answer a question from the documents",
     .description =
         "Answers with the sources beneath: document, lines or page, and the words there that bear the answer out, as they "
         "stand in the document. When the documents do not hold the answer, it says so and shows the nearest passages.\n\n"
         "Without a language model the answer is the number, name or sentence in the documents that fits best. With --model "
         "(or `model` in assay.yaml) it is that model's, told to keep to the passages; each of its sentences is checked "
         "against them before it is shown.\n\n"
         "With --as, nothing is used that the key may not see. A FILE of --conversation holds what was asked before, and "
         "gets the question and its answer added: \"and for members?\" is then understood.",
     .options = {{"k", 'k', "N", "passages to answer from (default: retrieve.k of assay.yaml, 8)"},
                 {"model", 'm', "NAME",
                  "builtin, or a language model as in `assay help generate` (default: as assay.yaml says)"},
                 {"approach", 0, "NAME",
                  "rag, full: all documents, prompt: none; tune, hybrid: the project's writer (default: rag)"},
                 {"as", 0, "KEYNAME", "ask as the holder of this key (see `assay help key`)"},
                 {"filter", 0, "FILTER", "only documents that fit (see `assay help search`)"},
                 {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"},
                 {"rerank", 0, NULL, "put the passages into a new order by the reranker first"},
                 {"conversation", 0, "FILE", "what was asked before, a line of JSON each; made when it is not there"},
                 {"unsupported", 0, "WAY", "mark, remove or keep sentences that no passage bears out (default: mark)"},
                 {"schema", 0, "FILE", "a JSON Schema that the model's answer must follow"},
                 {"record", 0, "FILE", "add the model's answer to FILE"},
                 {"replay", 0, "FILE", "take the model's answer from FILE, without the network"}},
     .examples = {{"assay ask \"How long is the refund window?\"", "without a language model"},
                  {"assay ask -m openai:gpt-5-mini \"How long is the refund window?\"", "with one"},
                  {"assay ask --as intern --json \"Who approves leave?\"", "as somebody else, for a script"},
                  {"assay ask --conversation talk.jsonl \"And for members?\"", "as a part of a conversation"}}},
    {.name = "prompt show",
     .arguments = "QUESTION…",
     .argument_least = 1,
     .argument_most = LIMIT_QUERY_TERMS,
     .run = run_prompt_show,
     .summary = "show what a language model would be told",
     .description =
         "Prints the finished prompt of a question, and what was cut from it for want of room. No model is asked.\n\n"
         "NAME of --prompt: current (as assay.yaml says), builtin, a file (the system template), a folder with system.md, "
         "user.md or both, or the first digits of a version that was used: each version that goes to a model is kept, and "
         "`assay log show` tells which it was.",
     .options = {{"prompt", 'p', "NAME", "which templates (default: current)"},
                 {"k", 'k', "N", "passages (default: retrieve.k of assay.yaml, 8)"},
                 {"approach", 0, "NAME", "rag, full: all documents, or prompt: none of them (default: rag)"},
                 {"as", 0, "KEYNAME", "as the holder of this key (see `assay help key`)"},
                 {"filter", 0, "FILTER", "only documents that fit (see `assay help search`)"},
                 {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"}},
     .examples = {{"assay prompt show \"How long is the refund window?\"", "as it is now"},
                  {"assay prompt show -p prompts/new \"How long?\"", "with templates that are tried out"}}},
    {.name = "prompt diff",
     .arguments = "NAME NAME",
     .argument_least = 2,
     .argument_most = 2,
     .arguments_are_paths = true,
     .run = run_prompt_diff,
     .summary = "compare two prompts line by line",
     .description = "Prints the templates of both: a line that only the first has begins with -, one that only the second has "
                    "with +. What NAME can be, `assay help prompt show` tells.",
     .examples = {{"assay prompt diff builtin current", "what is the project's own"},
                  {"assay prompt diff 5f0c1a current", "what changed since a version that was used"}}},
    {.name = "prompt test",
     .arguments = "NAME NAME",
     .argument_least = 2,
     .argument_most = 2,
     .arguments_are_paths = true,
     .run = run_prompt_test,
     .summary = "find out which of two prompts answers better",
     .description =
         "Answers the project's test cases with both, and compares them case by case: the difference of each measure with "
         "its interval, and the chance of one as large if both were equally good. It asks the model twice a case.",
     .options = {{"model", 'm', "NAME", "a language model (default: as assay.yaml says)"},
                 {"tests", 't', "FILE", "test cases (default: `tests` of assay.yaml)"},
                 {"approach", 0, "NAME", "rag, full or prompt (default: rag)"},
                 {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"}},
     .examples = {{"assay prompt test current prompts/new", "before a change is made"}}},
    {.name = "audit",
     .arguments = "",
     .run = run_audit,
     .summary = "find what is wrong with the documents",
     .description =
         "Looks through all documents for what makes answers fail before any model is asked: the same text twice, the same "
         "subject with another number or date (contradictions), dates that have passed, stubs and garbled text, files that "
         "could not be read, links that lead nowhere, secrets and personal data, and passages that not even their own words "
         "find. Findings come with "
         "their place and a remedy, those that cost most first, and all together make a score from 0 to 100 "
         "(docs/audit.md tells how).\n\n"
         "It also tells how many tokens all of it has: below 100,000 the whole may be put before a model each time, and a "
         "search may not be needed. With --deep, passages that their words do not find are asked for with the embedding "
         "model too.\n\n"
         "Kinds: contradiction, unreadable, unretrievable, stale, duplicate, garbled, near_duplicate, oversized, sparse, "
         "broken_link, sensitive, boilerplate, orphaned, language.\n\n"
         "Nothing is changed. The audit is the project owner's: it sees every document. Contradictions and stale dates are "
         "found by rules for English.",
     .options = {{"kind", 'k', "KINDS", "show only these kinds of findings, with commas between them"},
                 {"limit", 'n', "N", "show at the most N findings (default: 20; with --json all)"},
                 {"deep", 0, NULL, "ask with the model too whether passages can be found"},
                 {"today", 0, "DATE", "what counts as passed, as 2027-01-31 (default: today)"},
                 {"require", 0, "RULE", "exit code 3 unless it holds, as 'score>=80'"}},
     .examples = {{"assay audit", "score, a table by kind, the worst findings"},
                  {"assay audit --kind contradiction,stale --limit 100", "only these"},
                  {"assay audit --require 'score>=80'", "in a pipeline"},
                  {"assay audit --json | jq '.findings[] | {kind, message}'", "for a script"}}},
    {.name = "eval",
     .arguments = "",
     .run = run_eval,
     .summary = "measure whether the right passages are found, and the right answers given",
     .description =
         "Asks the project's test cases (`tests` of assay.yaml: JSON lines with question, answer and source) and tells how "
         "often a "
         "passage of the source is among the first: recall@1, 5 and 10, MRR@10, nDCG@10, hits and precision among 5 and 10, "
         "and MAP, "
         "with 95 % intervals. Cases whose "
         "source "
         "is not among the first ten are listed. Then each case is answered as `assay ask` does, and graded: exact and F1 as "
         "SQuAD has them, quantities with their units, strictly (the answer and nothing else) and relaxed (it stands in it), "
         "whether the passages bear it out, and whether it abstains where it should. Cases that are not right are listed with "
         "the reason: not in the index, cut badly, ranked low, or answered wrongly. docs/evaluate.md tells more.\n\n"
         "Each run is kept in .assay/runs. With --baseline RUN, measures are compared with an earlier one, case by case: what "
         "is "
         "lower by more than chance explains is named, and with --require the exit code is 3 then.\n\n"
         "With --sweep retrieve, asks them under many settings of `retrieve` and tells which are better than the current ones "
         "by "
         "more than chance explains, if any. With --sweep passages, cuts the documents by other units and sizes, in a project "
         "of "
         "its own that goes afterwards, and does the same; where cases have a quote, evidence or answer, a hit is a passage "
         "that "
         "holds it.\n\n"
         "With --corpus, --queries and --qrels, measures a judged collection in BEIR's layout instead: JSON lines with _id, "
         "title and "
         "text, and a table of question, document and judgement; files may be packed by gzip. No project is needed. --run-out "
         "writes the results as trec_eval reads them.",
     .options = {{"mode", 'm', "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"},
                 {"rerank", 0, NULL, "with what was found put into a new order by the reranker"},
                 {"tests", 0, "FILE", "test cases (default: tests of assay.yaml, eval.jsonl)"},
                 {"model", 0, "MODEL", "answer by this one (default: model of assay.yaml)"},
                 {"approach", 0, "WAY", "rag, full or prompt, as of `assay ask`"},
                 {"no-answers", 0, NULL, "measure retrieval alone"},
                 {"anew", 0, NULL, "ask a language model again what it was asked before"},
                 {"require", 0, "RULES", "exit code 3 unless all hold, as 'recall@5>=0.9, f1>=baseline-0.02'"},
                 {"baseline", 0, "RUN", "compare with this run of `assay eval`: a number, last, or a path"},
                 {"junit", 0, "FILE", "write the cases as JUnit's XML"},
                 {"markdown", 0, "FILE", "write a summary in Markdown"},
                 {"draft", 0, "N", "propose N test cases from the documents, as lines for a person to check"},
                 {"sweep", 0, "PART", "compare settings; PART is retrieve or passages"},
                 {"judge", 0, "MODEL", "let a language model judge the answers too; with --baseline against the earlier ones"},
                 {"rubric", 0, "FILE", "what the judge is told that a right answer is"},
                 {"labels", 0, "FILE", "a person's labels, that the judge is measured by (default: judge.jsonl)"},
                 {"plan", 0, NULL, "tell calls, tokens, money and minutes (or what --sweep passages costs), and ask nothing"},
                 {"corpus", 0, "FILE", "a collection's texts"},
                 {"queries", 0, "FILE", "its questions"},
                 {"qrels", 0, "FILE", "its judgements"},
                 {"run-out", 0, "FILE", "write the results: question Q0 document rank score assay"},
                 {"keep", 0, "DIR", "keep the index there and use it again; its assay.yaml has the settings"},
                 {"k", 'k', "N", "results for each question of a collection (default: 100)"}},
     .examples = {{"assay eval", "the project's test cases"},
                  {"assay eval --require 'recall@5>=0.9, f1>=0.8'", "in a pipeline"},
                  {"assay eval --baseline last --require 'f1>=0.8' --junit eval.xml", "the same, and no worse than last time"},
                  {"assay eval --sweep retrieve", "would other settings find more?"},
                  {"assay eval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv --json", "a collection"}}},
    {.name = "decide",
     .arguments = "",
     .run = run_decide,
     .summary = "find out which approach to build: prompt, retrieval, tuning, or both",
     .description =
         "Builds each approach and asks it the project's test cases, in the order of their cost: prompt (the model by itself), "
         "full (all documents in the prompt, where they fit), rag (the passages that a search finds), tune (what can be "
         "learned "
         "from the examples) and hybrid. It stops at the first that meets `target` for sure. Then it asks failing cases again "
         "with one thing repaired, which tells why they fail; learns from fewer examples; changes the documents and words "
         "questions otherwise. The verdict is the simplest approach that is good enough and keeps to `limits`, or that there "
         "are too few cases to tell.\n\n"
         "Every answer is kept as it comes: after Ctrl-C the same command goes on. Answers of a language model are kept by "
         "their request, and are not asked for twice. The report is .assay/runs/N/report.json (docs/decide.md).\n\n"
         "Without a language model, answers come from the built-in ones, and tuning is what can be learned here: labels, or "
         "the "
         "form of the examples. With --tuned, tune and hybrid ask a model that was tuned on the examples elsewhere. With "
         "--hosted, "
         "its provider fine-tunes one for each of the two: examples are sent there, the job costs money, and "
         "limits.spend_per_day holds for it.",
     .options = {{"plan", 0, NULL, "tell questions, tokens, money and minutes, and ask nothing"},
                 {"model", 'm', "NAME", "the language model (default: model of assay.yaml)"},
                 {"tuned", 0, "NAME", "a model that was tuned on the examples, named like --model"},
                 {"hosted", 0, "NAME", "have its provider fine-tune this model on the examples, for money (see --plan)"},
                 {"tests", 0, "FILE", "test cases (default: tests of assay.yaml, eval.jsonl)"},
                 {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"},
                 {"target", 0, "SCORE", "the score to be reached (default: target of assay.yaml)"},
                 {"all", 0, NULL, "run all approaches, also where a simple one meets the target"},
                 {"anew", 0, NULL, "begin anew, also where a run was stopped, and ask a model again what it was asked before"},
                 {"seed", 0, "N", "another division into development and test cases (default: 1)"},
                 {"require", 0, NULL, "exit code 3 unless the verdict is an approach that reaches the target for sure"},
                 {"apply", 0, NULL, "set assay.yaml to the winner"}},
     .examples = {{"assay decide --plan", "what it would take"},
                  {"assay decide", "the verdict, with the models that assay.yaml names"},
                  {"assay decide -m openai:gpt-5-mini --target 0.9 --require", "in a pipeline"},
                  {"assay decide --all --json | jq .verdict", "for a script"},
                  {"assay decide --hosted openai:gpt-4.1-mini --plan", "what fine-tuning there would cost"},
                  {"assay decide --apply", "and use the winner from now on"}}},
    {.name = "drift",
     .arguments = "",
     .run = run_drift,
     .summary = "find out what has changed since a measurement",
     .description =
         "Compares the project with its state at a run of `assay eval` or `assay decide`, and tells apart: the index "
         "(documents that came, went or changed, another embedding model, files newer than the index, and what that did to "
         "the test cases' retrieval), the questions (those of the audit log against the test cases: how many are like none, "
         "and the mix of "
         "labels), the prompt (templates, settings, examples), and the provider (requests that were kept are sent twice more: "
         "does it answer otherwise than then, and more than from one time to the next?).\n\n"
         "The exit code is 3 when any of them has drifted. Where no run has kept a state, the present one is kept for next "
         "time. "
         "docs/drift.md tells more.",
     .options = {{"since", 0, "RUN", "compare with this run: a number, last, or a path (default: the last one)"},
                 {"questions", 0, "FILE", "questions asked lately, a line each (default: the last 500 of the audit log)"},
                 {"tests", 0, "FILE", "test cases (default: tests of assay.yaml, eval.jsonl)"},
                 {"model", 'm', "NAME", "the language model (default: model of assay.yaml)"},
                 {"ask", 0, "N", "send N kept requests to it again, twice each (default: 20; 0: none)"},
                 {"adapter", 0, "NAME", "look at this tuned model: its data, its base, what comes in"},
                 {"fresh", 0, "FILE", "with --adapter: examples that came in since, to compare and to measure with"},
                 {"every", 0, "HOURS", "look again after so many hours, until Ctrl-C"}},
     .examples = {{"assay drift", "since the last measurement"},
                  {"assay drift --json --ask 0", "for a nightly job, without asking the model"},
                  {"assay drift --adapter tickets --fresh july.csv", "is it time to tune it again?"},
                  {"assay drift --every 24 >> drift.log", "each day"}}},
    {.name = "key add",
     .arguments = "NAME",
     .argument_least = 1,
     .argument_most = 1,
     .run = run_key_add,
     .summary = "make a key for somebody who may ask",
     .description =
         "Prints a new key on standard output, this once: the project keeps no more than its hash. Whoever has it sees "
         "documents "
         "with the label public, and with a label that is one of its groups. Labels come from access.labels of assay.yaml and "
         "from `access` in the head of a Markdown document.\n\n"
         "The name of a revoked key can be given again. Keys can be made and revoked while another process adds documents.",
     .options = {{"groups", 'g', "LIST", "labels that it may see, with commas between them (default: none but public)"},
                 {"expires", 'e', "DATE", "the last day on which it holds, in UTC, as 2027-01-31 (default: it never expires)"},
                 {"quota", 0, "LIST", "what it may use at the server in a day: requests=1000,tokens=2000000,money=5"}},
     .examples = {{"assay key add intern --groups sales --expires 2027-01-31", "for a few months"},
                  {"assay key add bot --groups sales --quota requests=5000,money=2", "answers for two dollars a day"},
                  {"assay key add --json ci --groups hr,legal | jq -r .key", "for a script"},
                  {"assay search --as intern \"refund window\"", "what would intern find?"}}},
    {.name = "key list",
     .arguments = "",
     .run = run_key_list,
     .summary = "show the keys",
     .description =
         "Prints a line for each key: its name, how it begins, whether it is valid, expired or revoked, the last day on "
         "which it holds, its groups, and what it may use in a day.",
     .examples = {{"assay key list", "all keys"},
                  {"assay key list --json | jq '.keys[] | select(.state == \"valid\").name'", "those that hold"}}},
    {.name = "key revoke",
     .arguments = "NAME",
     .argument_least = 1,
     .argument_most = 1,
     .run = run_key_revoke,
     .summary = "end a key",
     .description = "Once this command has ended, no search that begins, in any process, sees anything by this key. Revoking a "
                    "key again changes nothing.",
     .examples = {{"assay key revoke intern", "at once, everywhere"}}},
    {.name = "log list",
     .arguments = "",
     .run = run_log_list,
     .summary = "show what was asked",
     .description =
         "Prints a line for each entry of the audit log: its number, when, who asked, and the question. There is one for each "
         "question that `assay ask` answered, or said it cannot answer: durable before the answer was shown.\n\n"
         "Question, answer and asker are kept under a key for each entry and can be erased; the rest stays, and any change of "
         "it "
         "shows (`assay log verify`). docs/audit-log.md says how an auditor works with it.",
     .options = {{"last", 'n', "N", "only so many, the latest (default: 20; 0: all)"},
                 {"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log list", "the last 20"},
                  {"assay log list -n 0 --json | jq -r '.entries[].content.question'", "every question"}}},
    {.name = "log show",
     .arguments = "ID",
     .argument_least = 1,
     .argument_most = 1,
     .run = run_log_show,
     .summary = "show one entry in full",
     .description =
         "Prints who asked what and when, the answer, and from which passages of which versions of the documents it was "
         "made. ID is the number that `assay ask --json` gives as \"audit\".",
     .options = {{"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log show 17", "for reading"}, {"assay log show 17 --json | jq .record.passages", "its sources"}}},
    {.name = "log verify",
     .arguments = "",
     .run = run_log_verify,
     .summary = "see whether the log is as it was written",
     .description =
         "Looks at every byte: each entry's hash, that each follows the one before, the Merkle tree's root, the keys, and the "
         "texts "
         "that were kept. It names the first entry that was changed, removed, inserted or moved, and ends with exit code 1.\n\n"
         "Whoever can write all files of the log can write another one. So keep heads elsewhere (`assay log head`): with "
         "--head, "
         "the log must have grown from each of them.",
     .options = {{"head", 0, "FILE", "heads that were written down earlier, a line each"},
                 {"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log verify", "all of it"},
                  {"assay log verify --head heads.txt", "against heads that were kept elsewhere"},
                  {"assay log verify --folder /media/copy/log", "a copy"}}},
    {.name = "log head",
     .arguments = "",
     .run = run_log_head,
     .summary = "print what vouches for the whole log",
     .description =
         "Prints the number of entries and the root of the Merkle tree (RFC 6962) over them. Kept where nobody who can "
         "write to the log can write, in another system, or on paper, it finds any later change of these entries.",
     .options = {{"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log head | ssh archive 'cat >> heads.txt'", "once an hour, from cron"},
                  {"assay log head --json", "for a script"}}},
    {.name = "log prove",
     .arguments = "[ID]",
     .argument_most = 1,
     .run = run_log_prove,
     .summary = "prove that an entry is in the log",
     .description =
         "Prints as JSON the hashes that lead from the entry's leaf to the root (RFC 9162, section 2.1.3): who has a head "
         "needs no more. With --since, those that show that the log of N entries is the beginning of this one (section "
         "2.1.4).",
     .options = {{"since", 0, "N", "prove that nothing of the first N entries has changed"},
                 {"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log prove 17", "entry 17"},
                  {"assay log prove --since 1000", "growth since a head of 1,000 entries"}}},
    {.name = "log export",
     .arguments = "",
     .run = run_log_export,
     .summary = "write an entry as a page for an auditor",
     .description =
         "Writes one HTML file that needs nothing else: question and answer, each citation with its quote, every source as "
         "it stood then, the entry as it lies in the log, and the proof that it does.",
     .options = {{"case", 0, "ID", "the entry"},
                 {"out", 'o', "FILE", "where to (default: standard output)"},
                 {"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log export --case 17 --out case-17.html", "for a browser"}}},
    {.name = "log erase",
     .arguments = "[ID…]",
     .argument_most = LIMIT_RESULTS,
     .run = run_log_erase,
     .summary = "erase what is personal in entries",
     .description =
         "Overwrites the keys of question, answer and asker, which nobody can read from then on, and removes the kept texts "
         "that "
         "only these entries cite. The entries stay, and the log notes which were erased; chain and tree stay whole. "
         "`log: {keep_days: N}` in assay.yaml does it by age.\n\n"
         "Copies of the folder that were made before have the keys still: erase there too.",
     .options = {{"subject", 0, "NAME", "all that this asker asked"},
                 {"before", 0, "DATE", "all that was asked before this day, in UTC, as 2026-01-31"},
                 {"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
     .examples = {{"assay log erase 17 18", "two entries"}, {"assay log erase --subject intern", "all of one asker"}}},
    {.name = "tune again",
     .arguments = "NAME [DATA]",
     .argument_least = 1,
     .argument_most = 2,
     .arguments_are_paths = true,
     .run = run_tune_again,
     .summary = "train an adapter once more, on data that have grown",
     .description =
         "NAME is an adapter of the project, of any kind of tuning. It is trained anew as it was before: its provenance.json "
         "has the recipe and the file that it learned from. DATA is another file in that one's place. For an adapter that is "
         "refused because its base has changed, this makes it anew on the base as it is now.\n\n"
         "What the adapter was measured with is held out again, so that both can be measured on cases that neither has "
         "learned from. One that is not worse takes the place of the other. A worse one stays beside it as NAME.again, and "
         "the exit status is 3; --take puts it in all the same.",
     .options = {{"test", 0, "FILE", "cases to measure with (default: as before)"},
                 {"check", 0, NULL, "only look at the data"},
                 {"take", 0, NULL, "put NAME.again in the place of NAME; nothing is trained"},
                 {"resume", 0, NULL, "go on with such a training that was stopped"},
                 {"threads", 0, "N", "threads to compute on (default: one per core)"}},
     .examples = {{"assay tune again tickets", "tickets.csv has grown"},
                  {"assay tune again tickets tickets-2027.csv", "on another file"},
                  {"assay tune again tickets --take", "the new one all the same"}}},
    {.name = "tune classify",
     .arguments = "DATA",
     .argument_least = 1,
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_tune_classify,
     .summary = "learn to classify texts from labelled examples",
     .description =
         "DATA is a table or JSON lines with a text and its label; what it is, its content tells. The examples are checked "
         "first: records that cannot be used, duplicates, contradictory labels, texts that stand in the test too, labels with "
         "too few, texts too long for the model, secrets and personal data. --check stops there.\n\n"
         "Then a part is held out, near-duplicates together, a logistic regression is fitted on the model's vectors, or the "
         "model is trained (--method), and it is measured on cases that it never saw: before and after with intervals, "
         "confusions, calibration, and a threshold below which it abstains so that what it answers is right as often as "
         "--precision-wanted says. The outcome is an adapter in .assay/adapters/NAME, with the hashes of data and base, the "
         "recipe and the scores (provenance.json); `assay model show NAME` prints it, `assay classify` uses it.",
     .options = {{"test", 0, "FILE", "cases to measure with (default: a tenth of DATA is held out)"},
                 {"check", 0, NULL, "only look at the data"},
                 {"find-rate", 0, NULL, "only try learning rates, and suggest one"},
                 {"name", 0, "NAME", "of the adapter (default: classify)"},
                 {"replace", 0, NULL, "replace an adapter of that name"},
                 {"method", 0, "METHOD",
                  "head (a regression on the model's vectors), lora, full (every weight) or auto (default: auto)"},
                 {"resume", 0, NULL, "go on with a training of lora or full that was stopped"},
                 {"epochs", 0, "N", "of lora and full: times that it sees every example (default: 8, or 20 below 2,000)"},
                 {"rate", 0, "R", "the highest learning rate (default: 0.001 of lora, 0.0002 of full)"},
                 {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"precision", 0, "P", "in which it is measured and used: int8, bf16, f32 (default: int8 where that is fast)"},
                 {"format", 0, "FORM", "auto, text-label, or input-output (default: auto)"},
                 {"text", 0, "NAME", "the column or member that holds the text (default: text and other usual names)"},
                 {"label", 0, "NAME", "the one that holds the label (default: label and other usual names)"},
                 {"group", 0, "NAME", "one that says what belongs together, as a customer's number: it is not divided"},
                 {"class-weights", 0, NULL, "every label counts as much as any other, however many examples it has"},
                 {"label-smoothing", 0, "S", "of lora and full: that much of what is wanted is spread over all labels"},
                 {"focal", 0, "GAMMA", "of lora and full: learn less from what it is sure of (2 is usual)"},
                 {"precision-wanted", 0, "SHARE", "of the answers that are to be right when it may abstain (default: 0.95)"},
                 {"seed", 0, "N", "of what is held out (default: 1)"},
                 TRAINING_OPTIONS},
     .examples = {{"assay tune classify tickets.csv --check", "what is wrong with the data?"},
                  {"assay tune classify tickets.csv --name tickets", "train, measure, keep"},
                  {"assay tune classify train.jsonl --test test.jsonl", "measure on cases of your own"},
                  {"assay tune classify mails.csv --text body --label team --json", "for a script"}}},
    {.name = "tune reader",
     .arguments = "DATA",
     .argument_least = 1,
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_tune_reader,
     .summary = "learn to find answers in passages",
     .description = "DATA is questions on passages as SQuAD 1.1 or 2.0 has them: with where the answer stands, or that the "
                    "passage has none. They "
                    "are checked first as those of `tune classify` are; --check stops there.\n\n"
                    "Then LoRA for every linear layer of the model and a head for the answer's start and end are trained. "
                    "Passages that are longer "
                    "than the model reads are cut into windows that overlap. Questions on one passage are never on both sides "
                    "of the split. Before "
                    "and after, it reads passages that it did not learn from: exact matches and F1 as SQuAD counts them, how "
                    "often it abstains where "
                    "there is no answer, and how well its score tells the two apart.\n\n"
                    "The outcome is .assay/adapters/NAME in PEFT's form with provenance.json. A training that was stopped, "
                    "even by kill -9, goes on "
                    "with --resume to the same weights; --now keeps what it has reached, also while it is going on.",
     .options = {{"test", 0, "FILE", "questions to measure with (default: a tenth of DATA, at most 2,000, is held out)"},
                 {"check", 0, NULL, "only look at the data"},
                 {"find-rate", 0, NULL, "only try learning rates, and suggest one"},
                 {"name", 0, "NAME", "of the adapter (default: reader)"},
                 {"replace", 0, NULL, "replace an adapter, or a stopped training, of that name"},
                 {"resume", 0, NULL, "go on with a training that was stopped"},
                 {"now", 0, NULL, "keep what such a training has reached, and do not go on"},
                 {"from", 0, "READER", "begin with this one: an adapter, its folder, or builtin (default: the base alone)"},
                 {"with-context", 0, NULL,
                  "learn from passages of the project too that the search finds and that do not answer"},
                 {"epochs", 0, "N", "times that it sees every question (default: 2)"},
                 {"steps", 0, "N", "end after so many steps"},
                 {"rank", 0, "N", "of LoRA (default: 64)"},
                 {"rate", 0, "R", "the highest learning rate (default: 0.001)"},
                 {"batch", 0, "N", "questions of a step (default: 32)"},
                 {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"seed", 0, "N", "of what is held out, and of the training (default: 1)"},
                 TRAINING_OPTIONS},
     .examples = {{"assay tune reader questions.json --check", "what is wrong with the data?"},
                  {"assay tune reader questions.json --name handbook", "train, measure, keep"},
                  {"assay tune reader questions.json --name handbook --resume", "after a stop"},
                  {"mpirun -n 4 assay tune reader questions.json", "in four processes, by Open MPI"},
                  {"assay tune reader questions.json --from builtin --rate 0.0003",
                   "teach the built-in reader your documents"}}},
    {.name = "tune writer",
     .arguments = "DATA",
     .argument_least = 1,
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_tune_writer,
     .summary = "learn to write short answers, plain or in a JSON form",
     .description =
         "DATA is questions on passages (SQuAD 1.1 or 2.0), or your examples, {\"input\", \"output\"} a line. What it "
         "writes is made of words "
         "of its own and of words that it copies from the passage; names and numbers are copied. Where the passage "
         "has no answer it "
         "learns to say so.\n\n"
         "For examples, passages that the project has for each input are read beside it (--without-passages: none "
         "are). Where all outputs are "
         "JSON objects, it learns their common form, or that of --schema, and writes nothing that is not of it.\n\n"
         "LoRA for every linear layer of the model and a head that writes are trained. Before and after, it answers "
         "what it did not learn "
         "from: exact matches and F1 as SQuAD counts them, how often it abstains where there is no answer, and how "
         "well its score "
         "tells the two apart. Answers have at most 96 tokens.\n\n"
         "The outcome is .assay/adapters/NAME in PEFT's form with provenance.json; `assay ask` uses the one that is "
         "called writer. A training "
         "that was stopped goes on with --resume to the same weights; --now keeps what it has reached.",
     .options = {{"test", 0, "FILE", "cases to measure with (default: a tenth of DATA, at most 2,000, is held out)"},
                 {"check", 0, NULL, "only look at the data"},
                 {"find-rate", 0, NULL, "only try learning rates, and suggest one"},
                 {"name", 0, "NAME", "of the adapter (default: writer)"},
                 {"schema", 0, "FILE", "a JSON Schema that answers follow (default: the outputs' own form)"},
                 {"without-passages", 0, NULL, "learn to answer inputs by themselves"},
                 {"replace", 0, NULL, "replace an adapter, or a stopped training, of that name"},
                 {"resume", 0, NULL, "go on with a training that was stopped"},
                 {"now", 0, NULL, "keep what such a training has reached, and do not go on"},
                 {"from", 0, "WRITER", "begin with this adapter: its name or its folder"},
                 {"epochs", 0, "N", "times that it sees every example (default: 2)"},
                 {"steps", 0, "N", "end after so many steps"},
                 {"rank", 0, "N", "of LoRA (default: 64)"},
                 {"rate", 0, "R", "the highest learning rate (default: 0.001)"},
                 {"batch", 0, "N", "examples of a step (default: 32)"},
                 {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"seed", 0, "N", "of what is held out, and of the training (default: 1)"},
                 TRAINING_OPTIONS},
     .examples = {{"assay tune writer questions.json", "short answers to questions on passages"},
                  {"assay tune writer examples.jsonl --epochs 10", "the form of your own outputs"},
                  {"assay tune writer examples.jsonl --from writer --name tickets", "begin with one that writes already"}}},
    {.name = "tune rerank",
     .arguments = "DATA",
     .argument_least = 1,
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_tune_rerank,
     .summary = "learn to rank what a search finds",
     .description =
         "DATA is questions with texts that answer them: JSON lines with query, positives and, where there are some, "
         "negatives, or a folder in BEIR's layout with qrels/train.tsv. They are checked first as those of `tune "
         "classify` are; --check stops there.\n\n"
         "Texts that look right and are not teach the most. Where none are given, they are what the project's own search "
         "finds for the question, or, where its documents are about something else, the nearest of DATA's texts. "
         "LoRA for every linear layer of the model is trained to tell the two apart by reading question and text "
         "together. Before and after, the candidates of questions that it never saw are put into order: nDCG@10, "
         "recall@10 and MRR@10 with intervals.\n\n"
         "The outcome is .assay/adapters/NAME in PEFT's form with provenance.json. `assay search --rerank`, and every "
         "search with `retrieve: {rerank: true}`, uses the one that is called reranker. A training that was stopped, "
         "even by kill -9, goes on with --resume to the same weights.",
     .options = {{"test", 0, "PATH",
                  "questions to measure with; of a folder qrels/test.tsv (default: a tenth of DATA is held out)"},
                 {"check", 0, NULL, "only look at the data"},
                 {"find-rate", 0, NULL, "only try learning rates, and suggest one"},
                 {"name", 0, "NAME", "of the adapter (default: reranker)"},
                 {"replace", 0, NULL, "replace an adapter, or a stopped training, of that name"},
                 {"resume", 0, NULL, "go on with a training that was stopped"},
                 {"now", 0, NULL, "keep what such a training has reached, and do not go on"},
                 {"epochs", 0, "N", "times that it sees every question (default: 3, or 1 from 2,000 questions on)"},
                 {"steps", 0, "N", "end after so many steps"},
                 {"negatives", 0, "N", "near misses of a question that are learned from (default: 7)"},
                 {"rank", 0, "N", "of LoRA (default: 32)"},
                 {"rate", 0, "R", "the highest learning rate (default: 0.001)"},
                 {"batch", 0, "N", "pairs of a step (default: 32)"},
                 {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"seed", 0, "N", "of what is held out, and of the training (default: 1)"},
                 TRAINING_OPTIONS},
     .examples = {{"assay tune rerank pairs.jsonl --check", "what is wrong with the data?"},
                  {"assay tune rerank pairs.jsonl", "train, measure, keep"},
                  {"assay tune rerank beir-folder/ --test beir-folder/", "measured by its qrels/test.tsv"}}},
    {.name = "tune embed",
     .arguments = "DATA",
     .argument_least = 1,
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_tune_embed,
     .summary = "learn vectors that find what answers questions of your kind",
     .description =
         "DATA is questions with texts that answer them, as for `assay tune rerank`, whose checks, near misses and "
         "held-out questions are the same here.\n\n"
         "LoRA for every linear layer of the model is trained so that a question's vector is near those of the texts that "
         "answer it, and far from the others of its batch and its near misses. Before and after, the answers of "
         "questions that it never saw are looked for among all texts of DATA: recall@10, nDCG@10 and MRR@10 with "
         "intervals.\n\n"
         "The outcome is .assay/adapters/NAME in PEFT's form with provenance.json. With `embedding: "
         ".assay/adapters/NAME` in assay.yaml, the next `assay add` makes all vectors anew with it; until then, searches "
         "say that the vectors are another model's.",
     .options = {{"test", 0, "PATH",
                  "questions to measure with; of a folder qrels/test.tsv (default: a tenth of DATA is held out)"},
                 {"check", 0, NULL, "only look at the data"},
                 {"find-rate", 0, NULL, "only try learning rates, and suggest one"},
                 {"name", 0, "NAME", "of the adapter (default: embed)"},
                 {"replace", 0, NULL, "replace an adapter, or a stopped training, of that name"},
                 {"resume", 0, NULL, "go on with a training that was stopped"},
                 {"now", 0, NULL, "keep what such a training has reached, and do not go on"},
                 {"epochs", 0, "N", "times that it sees every question (default: 8, or 3 from 2,000 questions on)"},
                 {"steps", 0, "N", "end after so many steps"},
                 {"negatives", 0, "N", "near misses of a question that are learned from (default: 1)"},
                 {"rank", 0, "N", "of LoRA (default: 16)"},
                 {"rate", 0, "R", "the highest learning rate (default: 0.0003)"},
                 {"batch", 0, "N", "questions of a step (default: 32)"},
                 {"matryoshka", 0, "N,N…", "have the first so many numbers of a vector do in its place, as 64,128,256"},
                 {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"seed", 0, "N", "of what is held out, and of the training (default: 1)"},
                 TRAINING_OPTIONS},
     .examples = {{"assay tune embed pairs.jsonl --check", "what is wrong with the data?"},
                  {"assay tune embed pairs.jsonl", "train, measure, keep"}}},
    {.name = "classify",
     .arguments = "TEXT…|-",
     .argument_least = 1,
     .argument_most = SIZE_MAX,
     .run = run_classify,
     .summary = "classify texts with an adapter that was tuned",
     .description =
         "Each TEXT is one text; - stands for lines of standard input. Prints the label, its confidence, and whether the "
         "confidence "
         "is below the adapter's threshold, so that a person should look. An adapter whose base has changed is refused.",
     .options = {{"adapter", 'a', "NAME", "the adapter (default: classify)"},
                 {"precision", 0, "P", "auto, f32, bf16 or int8 (default: auto)"},
                 {"threads", 0, "N", "threads to compute on (default: one per core)"}},
     .examples = {{"assay classify \"Where is my parcel?\" --adapter tickets", "one text"},
                  {"assay classify - --json < tickets.txt", "a line a text, for a script"}}},
    {.name = "calibrate",
     .arguments = "",
     .run = run_calibrate,
     .summary = "make confidences shares of right answers",
     .description =
         "Answers the project's test cases, and fits the confidence of answers to the share of right ones (those that hold "
         "what "
         "was wanted). `assay ask` tells it so from then on (\"calibrated\": true). The table shows how well that holds, on "
         "answers that were not fitted on.\n\n"
         "With --precision, answers are held back below the confidence from which on that share of them is right. The fit lies "
         "in "
         ".assay/calibration, one for each model and approach, with hashes of what it was made on: where test cases, settings, "
         "prompt or model have changed, or more than a fifth of the documents, `assay ask` says so and does not use it.",
     .options = {{"precision", 0, "P", "the share of answers that shall be right, as 0.95 (default: nothing is held back)"},
                 {"tests", 't', "FILE", "test cases (default: `tests` of assay.yaml)"},
                 {"model", 'm', "NAME", "builtin, or a language model (default: as assay.yaml says)"},
                 {"approach", 0, "NAME", "rag, full or prompt (default: rag)"},
                 {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"}},
     .examples = {{"assay calibrate", "fit, and show the table"},
                  {"assay calibrate --precision 0.95", "and abstain rather than err"}}},
    {.name = "embed",
     .arguments = "[FILE…]",
     .argument_most = SIZE_MAX,
     .arguments_are_paths = true,
     .run = run_embed,
     .summary = "turn lines of text into vectors, or score them",
     .description =
         "Reads lines from the files, or from standard input, and writes a vector for each: a line of numbers, or what "
         "--format "
         "says. Empty lines are texts too. Any bytes may stand in a line; it ends by \\n, or \\r\\n. No project is needed.\n\n"
         "Lines are read and results written as they come, so memory does not grow with the input. Only an .npy file that goes "
         "into a pipe is held back until its number of rows is known: send it into a file. Once a part of the results is "
         "written, an error goes to standard error and the exit code is 1.\n\n"
         "With --score, a cross-encoder's raw scores for lines of the form `first TAB second`, or a classifier's for lines "
         "without a TAB. The numbers of a text do not depend on the other texts or on the number of threads.",
     .options = {{"model", 'm', "NAME", "a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"precision", 0, "P", "auto, f32, bf16 or int8 (default: auto, what is fastest here and exact enough)"},
                 {"prompt", 0, "NAME", "put this prompt of the model before each text"},
                 {"format", 0, "FORM", "json, jsonl, npy or text (default: text; for people on a terminal)"},
                 {"score", 0, NULL, "scores of pairs or of texts instead of vectors"},
                 {"states", 0, NULL, "the last layer's outputs for the tokens of the one line"},
                 {"threads", 0, "N", "threads to compute on (default: one per core)"}},
     .examples = {{"echo \"How long is the refund window?\" | assay embed", "one vector"},
                  {"assay embed --format npy titles.txt > titles.npy", "for NumPy"},
                  {"assay embed --json titles.txt | jq '.embeddings[0]'", "for a script"},
                  {"assay embed --score --model ranker pairs.tsv", "scores of question and passage"}}},
    {.name = "tokenize",
     .arguments = "[FILE…]",
     .argument_most = SIZE_MAX,
     .arguments_are_paths = true,
     .run = run_tokenize,
     .summary = "show the tokens that a model reads",
     .description =
         "Reads lines from the files, or from standard input, and writes each one's tokens as the model's numbers, with blanks "
         "between them. Lines are never cut unless --max says so. No project is needed.\n\n"
         "With --text, the tokens as the vocabulary has them. With --json and --text or --offsets each token is an object; "
         "start "
         "and end are bytes of the line. --decode goes the other way; --bare leaves special tokens out there too, and control "
         "characters are shown as \\xNN unless --json is given.",
     .options = {{"model", 'm', "NAME", "a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"text", 't', NULL, "show the tokens' texts"},
                 {"offsets", 0, NULL, "show where each token stands in the line"},
                 {"bare", 0, NULL, "leave out special tokens, such as [CLS]"},
                 {"max", 0, "N", "cut lines to N tokens, special ones included"},
                 {"decode", 'd', NULL, "read numbers and write text"},
                 {"threads", 0, "N", "threads to compute on (default: one per core)"}},
     .examples = {{"echo \"refund window\" | assay tokenize", "numbers"},
                  {"echo \"refund window\" | assay tokenize --text", "what stands for them"},
                  {"assay tokenize notes.txt | wc -w", "how many tokens a file has"},
                  {"echo 101 25416 102 | assay tokenize --decode", "back into text"}}},
    {.name = "generate",
     .arguments = "[PROMPT]",
     .argument_most = 1,
     .run = run_generate,
     .summary = "ask a language model that runs elsewhere",
     .description = "Sends PROMPT, or standard input, to the model and writes its answer as it comes. This is the way the "
                    "other commands ask too: to see "
                    "that a model, its address and its key work. No project is needed.\n\n"
                    "A model is openai:NAME, anthropic:NAME, or the address of a server that speaks as OpenAI's does, such as "
                    "vLLM, Ollama or "
                    "llama.cpp: http://127.0.0.1:11434/v1#NAME. Keys come from OPENAI_API_KEY, ANTHROPIC_API_KEY, and "
                    "ASSAY_MODEL_KEY for addresses. "
                    "Requests that fail for a reason that may pass are made again, up to four times in all.",
     .options = {{"model", 'm', "NAME", "which model to ask (needed)"},
                 {"system", 0, "FILE", "instructions that stand before the prompt"},
                 {"schema", 0, "FILE", "a JSON Schema that the answer must follow"},
                 {"max-tokens", 0, "N", "the longest answer (default: 1024)"},
                 {"temperature", 0, "T", "0 to 2 (default: as the provider has it)"},
                 {"seed", 0, "N", "for an answer that can be repeated, where the provider can"},
                 {"timeout", 0, "S", "seconds that one try may take (default: 600)"},
                 {"record", 0, "FILE", "add the answer to FILE"},
                 {"replay", 0, "FILE", "answer from FILE, without the network"}},
     .examples = {{"assay generate -m openai:gpt-5-mini \"Say hello\"", "with OPENAI_API_KEY set"},
                  {"assay generate -m http://127.0.0.1:11434/v1#qwen3 < prompt.txt", "a server on this machine"},
                  {"assay generate -m anthropic:claude-haiku-4-5 --schema form.json --json < mail.txt", "for a script"}}},
    {.name = "model list",
     .arguments = "",
     .run = run_model_list,
     .summary = "show the models that are here",
     .description =
         "Models are looked for in models/ of the project and of the current folder, then in ~/.local/share/assay/models (or "
         "below $XDG_DATA_HOME), then beside the installed program (or in $ASSAY_MODELS). One that cannot be used is shown "
         "with the reason. No project is needed.",
     .examples = {{"assay model list", "names, kinds and sizes"},
                  {"assay model list --json | jq '.models[].name'", "their names"}}},
    {.name = "model show",
     .arguments = "[NAME]",
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_model_show,
     .summary = "show what a model is",
     .description = "NAME is a model's folder or name, or that of an adapter of this project, whose provenance.json is printed "
                    "then; without it, the "
                    "builtin model. Shows where it was found, its size and shape, the "
                    "longest text it takes, its prompts, and the precision it runs in on this processor. No project is needed.",
     .options = {{"precision", 0, "P", "auto, f32, bf16 or int8 (default: auto)"}},
     .examples = {{"assay model show", "the builtin model"},
                  {"assay model show models/ranker --json", "for a script"},
                  {"assay model show tickets", "what an adapter was made of, and how good it is"}}},
    {.name = "model merge",
     .arguments = "ADAPTER FOLDER",
     .argument_least = 2,
     .argument_most = 2,
     .arguments_are_paths = true,
     .run = run_model_merge,
     .summary = "make a whole model of an adapter and its base",
     .description =
         "Writes weights with what the adapter adds to them, its head, and the base's tokenizer and configuration to "
         "FOLDER, which must not be there yet. Every command here reads it as a model, transformers and sentence-transformers "
         "do "
         "too, with the same outputs. A classifier or reranker gets one layer more for that, which brings the mean of all "
         "tokens "
         "to where their classes read.",
     .examples = {{"assay model merge embed models/shop", "of `assay tune embed`; then `embedding: shop` in assay.yaml"}}},
    {.name = "model add",
     .arguments = "PATH",
     .argument_least = 1,
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_model_add,
     .summary = "copy a model folder to where it is found by name",
     .description =
         "Tries the model on a sentence, then copies what it needs into the project's models/: configuration, tokenizer, "
         "weights "
         "in safetensors, licence and readme. Code and weights in other forms are left out, and links are refused. The copy is "
         "whole, or it is not there.",
     .options = {{"name", 0, "NAME", "its name (default: the folder's)"},
                 {"global", 'g', NULL, "for all projects of this user: ~/.local/share/assay/models"}},
     .examples = {{"assay model add ~/downloads/bge-small-en-v1.5", "into the project"},
                  {"assay model add --global --name ranker ./ms-marco-MiniLM-L6-v2", "for all projects"}}},
    {.name = "bench embed",
     .arguments = "",
     .run = run_bench_embed,
     .summary = "measure how fast a model makes vectors",
     .description =
         "Embeds texts several times after a first time that does not count, and tells the median and how far the runs are "
         "apart. "
         "Without --texts it makes texts of 20, 128 and 256 tokens from the vocabulary's whole words, the same ones each time, "
         "and prints a line for each; with --json each line is a document.\n\n"
         "gflops counts two operations for each weight of a linear layer and token, and 4·n²·width in each layer's attention. "
         "spread is the slowest run less the fastest, over the median.",
     .options = {{"model", 'm', "NAME", "a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                 {"precision", 0, "P", "auto, f32, bf16 or int8 (default: auto)"},
                 {"threads", 0, "N", "threads to compute on (default: one per core)"},
                 {"texts", 0, "FILE", "embed the lines of this file"},
                 {"batch", 0, "N", "texts handed to the model at once (default: 1024)"},
                 {"repeat", 0, "N", "runs (default: 5)"},
                 {"latency", 0, NULL, "one text at a time: also the median and the 99th percentile of a text"}},
     .examples = {{"assay bench embed", "the builtin model on all cores"},
                  {"assay bench embed --texts titles.txt --precision int8 --json", "for a script"},
                  {"assay bench embed --latency --threads 1", "how long one text takes"}}},
    {.name = "bench search",
     .arguments = "",
     .run = run_bench_search,
     .summary = "measure how long a question takes on this project",
     .description = "Asks questions in one process, one after the other, by words, by vectors and by both, and tells the "
                    "median and the 99th "
                    "percentile of the whole and of each stage: embedding the question, words, vectors, fusion, fetching the "
                    "passages. Without "
                    "--questions they are made of a few words that stand together in a passage, the same ones each time.",
     .options = {{"questions", 0, "FILE", "ask the lines of this file"},
                 {"count", 0, "N", "questions (default: 1000)"},
                 {"mode", 'm', "MODE", "only this one: text, vector or hybrid"},
                 {"rerank", 0, NULL, "with what was found put into a new order by the reranker"},
                 {"k", 'k', "N", "results for each question (default: 8)"}},
     .examples = {{"assay bench search", "all modes"}, {"assay bench search --mode hybrid --json", "for a script"}}},
    {.name = "report open",
     .arguments = "[RUN]",
     .argument_most = 1,
     .arguments_are_paths = true,
     .run = run_report_open,
     .summary = "write the page of a decision",
     .description =
         "Makes one HTML file of what `assay decide` measured, and prints where it lies: the verdict, the approaches with "
         "their "
         "intervals, why answers were wrong, costs over requests, every case with its answers, and how to make it again. The "
         "file fetches nothing from anywhere, so that it can be sent and kept; a browser opens it.\n\n"
         "RUN is a run's number, or a path to its report.json; without it, the newest run of the project.",
     .options = {{"out", 'o', "FILE", "where to write the page (default: report.html beside report.json)"}},
     .examples = {{"assay report open", "the newest run's page"},
                  {"assay report open 3 --out review.html", "of run 3, somewhere else"}}},
    {.name = "report compare",
     .arguments = "RUN RUN",
     .argument_least = 2,
     .argument_most = 2,
     .arguments_are_paths = true,
     .run = run_report_compare,
     .summary = "tell what changed between two decisions",
     .description =
         "Prints each approach's score in both runs, and the cases that became right or wrong. Over the cases that both runs "
         "have (by their questions) the difference comes with its interval and with how often chance alone brings as much: "
         "McNemar's exact test where answers are right or wrong, else signs turned over.\n\n"
         "RUN is a run's number, `last`, or a path to its report.json.",
     .examples = {{"assay report compare 3 4", "did run 4 do better than run 3?"},
                  {"assay report compare 3 last --json | jq '.cases[]'", "which cases changed"}}},
    {.name = "serve",
     .arguments = "",
     .run = run_serve,
     .summary = "serve the project over HTTP, as OpenAI's clients speak it",
     .description =
         "Listens where server.listen of assay.yaml says: at 127.0.0.1:8080, which is reached from this machine alone, unless "
         "it "
         "says otherwise. Answers /v1/search, /v1/embeddings, /v1/rerank, /v1/vector_stores, /v1/files, /v1/documents and "
         "/v1/models with a key as the client's API key, /metrics with a key that may, /health and /ready without. "
         "docs/serve.md has examples.\n\n"
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
                  {"assay serve --listen 127.0.0.1:9000 2>> assay.log", "elsewhere, with a log"}}},
    {.name = "mcp",
     .arguments = "",
     .run = run_mcp,
     .summary = "let coding agents search and read the project (MCP)",
     .description =
         "Reads messages of the Model Context Protocol, a line each, from standard input, and replies on standard output until "
         "the "
         "input ends. Editors and coding agents start it: they get the tools search, ask, get_document and audit, and the "
         "documents as resources, and prompts. `assay serve` offers the same at /mcp over HTTP.\n\n"
         "With --as, it sees what that key may see, and there is no audit; without it, everything.",
     .options = {{"as", 0, "KEYNAME", "see as the holder of this key (see `assay help key`)"}},
     .examples = {{"assay mcp --project ~/handbook", "as the command of a server in an agent's settings"},
                  {"assay mcp --as intern", "as the holder of a key"}}},
    {.name = "doctor",
     .arguments = "",
     .run = run_doctor,
     .summary = "examine a project, and repair it",
     .description =
         "Checks the catalog, the stored contents against their hashes, the index files against their checksums, "
         "and that the index"
         " covers exactly the stored passages. An embedding model that is there must open, and the audit log must be "
         "as it was written (`assay log verify`). The exit code is 0 when nothing is wrong.\n\n"
         "Index files are derived from the catalog: with --repair, missing or damaged ones are written anew.",
     .options = {{"repair", 0, NULL, "write derived files anew where they are wrong"}},
     .examples = {{"assay doctor", "is everything whole?"}, {"assay doctor --repair", "rebuild what is damaged"}}},
    {.name = "version",
     .arguments = "",
     .run = run_version,
     .summary = "show version, build and processor kernels",
     .description = "The kernels are the innermost loops chosen for this processor; ASSAY_CPU=reference (or neon, sse4, avx2,"
                    " avx512, avx512_vnni, avx512_bf16, amx) forces others.",
     .examples = {{"assay version --json", "for a report"}}},
    {.name = "help",
     .arguments = "[COMMAND]",
     .argument_most = 2,
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
