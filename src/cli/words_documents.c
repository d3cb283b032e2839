/* words_documents.c - the words of what is done with documents: added, listed, searched, asked, audited. */
#include "command.h"

const struct command command_init = {
    .name = "init",
    .arguments = "[DIR]",
    .argument_most = 1,
    .arguments_are_paths = true,
    .run = run_init,
    .summary = "make a folder a project",
    .description =
        "Writes assay.yaml, with every setting explained, and an empty catalog in .assay/. The folder is made when it is"
        " not there. An assay.yaml that exists is kept.",
    .examples = {{"assay init shop", "make the folder shop a project"}, {"assay init", "the current folder"}}};

const struct command command_add = {
    .name = "add",
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
                 {"assay add docs/ --json | jq .failed", "which files could not be taken, and why"}}};

const struct command command_remove = {
    .name = "remove",
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
    .examples = {{"assay remove docs/old/", "forget what was added from docs/old/"}}};

const struct command command_list = {
    .name = "list",
    .arguments = "",
    .run = run_list,
    .summary = "show the documents",
    .description = "Prints a line for each document: its passages, size, format, language and path.",
    .options = {{"verbose", 'v', NULL, "tell too by which unit each was cut into passages, and why"}},
    .examples = {{"assay list", "all documents"},
                 {"assay list -v", "what `passages: {unit: auto}` made of each"},
                 {"assay list --json | jq '.documents[].path'", "their paths"}}};

const struct command command_search = {
    .name = "search",
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
                 {"assay search --json \"refund window\" | jq '.results[0]'", "for a script"}}};

const struct command command_ask = {
    .name = "ask",
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
                {"model", 'm', "NAME", "builtin, builtin:writer, or a language model as in `assay help generate`"},
                {"approach", 0, "NAME",
                 "rag, full: all documents, prompt: none; tune, hybrid: the project's writer (default: rag)"},
                {"as", 0, "KEYNAME", "ask as the holder of this key (see `assay help key`)"},
                {"filter", 0, "FILTER", "only documents that fit (see `assay help search`)"},
                {"mode", 0, "MODE", "hybrid, text or vector (default: retrieve.mode of assay.yaml)"},
                {"rerank", 0, NULL, "put the passages into a new order by the reranker first"},
                {"conversation", 0, "FILE", "what was asked before, a line of JSON each; made when it is not there"},
                {"unsupported", 0, "WAY", "mark, remove or keep sentences that no passage bears out (default: mark)"},
                {"schema", 0, "FILE", "a JSON Schema that the answer must follow, also without a model"},
                {"record", 0, "FILE", "add the model's answer to FILE"},
                {"replay", 0, "FILE", "take the model's answer from FILE, without the network"}},
    .examples = {{"assay ask \"How long is the refund window?\"", "without a language model"},
                 {"assay ask -m openai:gpt-5-mini \"How long is the refund window?\"", "with one"},
                 {"assay ask --as intern --json \"Who approves leave?\"", "as somebody else, for a script"},
                 {"assay ask --conversation talk.jsonl \"And for members?\"", "as a part of a conversation"}}};

const struct command command_prompt_show = {
    .name = "prompt show",
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
                 {"assay prompt show -p prompts/new \"How long?\"", "with templates that are tried out"}}};

const struct command command_prompt_diff = {
    .name = "prompt diff",
    .arguments = "NAME NAME",
    .argument_least = 2,
    .argument_most = 2,
    .arguments_are_paths = true,
    .run = run_prompt_diff,
    .summary = "compare two prompts line by line",
    .description = "Prints the templates of both: a line that only the first has begins with -, one that only the second has "
                   "with +. What NAME can be, `assay help prompt show` tells.",
    .examples = {{"assay prompt diff builtin current", "what is the project's own"},
                 {"assay prompt diff 5f0c1a current", "what changed since a version that was used"}}};

const struct command command_prompt_test = {
    .name = "prompt test",
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
    .examples = {{"assay prompt test current prompts/new", "before a change is made"}}};

const struct command command_audit = {
    .name = "audit",
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
                 {"assay audit --json | jq '.findings[] | {kind, message}'", "for a script"}}};
