/* words_measure.c - the words of what is measured and decided. */
#include "command.h"

const struct command command_eval = {
    .name = "eval",
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
                 {"assay eval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv --json", "a collection"}}};

const struct command command_decide = {
    .name = "decide",
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
                 {"assay decide --apply", "and use the winner from now on"}}};

const struct command command_drift = {
    .name = "drift",
    .arguments = "",
    .run = run_drift,
    .summary = "find out what has changed since a measurement",
    .description =
        "Compares the project with its state at a run of `assay eval` or `assay decide`, and tells apart: the index "
        "(documents "
        "that came, went or changed, another embedding model, files newer than the index, and what that did to the test "
        "cases' "
        "retrieval), the questions (those of the audit log against the test cases: how many are like none, and the mix of "
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
                 {"assay drift --every 24 >> drift.log", "each day"}}};

const struct command command_calibrate = {
    .name = "calibrate",
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
                {"model", 'm', "NAME", "builtin, builtin:writer, or a language model (default: as assay.yaml says)"},
                {"approach", 0, "NAME", "rag, full or prompt (default: rag)"},
                {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"}},
    .examples = {{"assay calibrate", "fit, and show the table"},
                 {"assay calibrate --precision 0.95", "and abstain rather than err"}}};

const struct command command_bench_embed = {
    .name = "bench embed",
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
                 {"assay bench embed --latency --threads 1", "how long one text takes"}}};

const struct command command_bench_search = {
    .name = "bench search",
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
    .examples = {{"assay bench search", "all modes"}, {"assay bench search --mode hybrid --json", "for a script"}}};

const struct command command_report_open = {
    .name = "report open",
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
                 {"assay report open 3 --out review.html", "of run 3, somewhere else"}}};

const struct command command_report_compare = {
    .name = "report compare",
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
                 {"assay report compare 3 last --json | jq '.cases[]'", "which cases changed"}}};
