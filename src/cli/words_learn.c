/* words_learn.c - the words of what is tuned, and models by themselves. */
#include "command.h"

#define TRAINING_OPTIONS                                                                                                       \
    {"dora", 0, NULL, "with LoRA: learn the lengths of the layers' rows apart (DoRA)"},                                        \
        {"moments-8bit", 0, NULL, "keep what AdamW remembers in 8 bits: a quarter of that memory"},                            \
        {"recompute", 0, NULL, "make what layers made again on the way back: less memory, slower, same outcome"},              \
    {                                                                                                                          \
        "threads", 0, "N", "threads to compute on (default: one per core)"                                                     \
    }

#define LOW_RANK_TRAINING_OPTIONS                                                                                              \
    {"dropout", 0, "SHARE", "of what layers make that is dropped while it learns (default: none)"}, TRAINING_OPTIONS

const struct command command_tune_again = {
    .name = "tune again",
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
                 {"assay tune again tickets --take", "the new one all the same"}}};

const struct command command_tune_classify = {
    .name = "tune classify",
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
                {"replace", 0, NULL, "replace an adapter, or a stopped training, of that name"},
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
                 {"assay tune classify mails.csv --text body --label team --json", "for a script"}}};

const struct command command_tune_reader = {
    .name = "tune reader",
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
                LOW_RANK_TRAINING_OPTIONS},
    .examples = {
        {"assay tune reader questions.json --check", "what is wrong with the data?"},
        {"assay tune reader questions.json --name handbook", "train, measure, keep"},
        {"assay tune reader questions.json --name handbook --resume", "after a stop"},
        {"mpirun -n 4 assay tune reader questions.json", "in four processes, by Open MPI"},
        {"assay tune reader questions.json --from builtin --rate 0.0003", "teach the built-in reader your documents"}}};

const struct command command_tune_writer = {
    .name = "tune writer",
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
                {"from", 0, "ADAPTER",
                 "begin with a writer or a reader: its name, its folder, builtin:reader or builtin:writer"},
                {"epochs", 0, "N", "times that it sees every example (default: 2)"},
                {"steps", 0, "N", "end after so many steps"},
                {"rank", 0, "N", "of LoRA (default: 64)"},
                {"rate", 0, "R", "the highest learning rate (default: 0.001)"},
                {"batch", 0, "N", "examples of a step (default: 32)"},
                {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                {"seed", 0, "N", "of what is held out, and of the training (default: 1)"},
                LOW_RANK_TRAINING_OPTIONS},
    .examples = {{"assay tune writer questions.json", "short answers to questions on passages"},
                 {"assay tune writer questions.json --from builtin:reader", "begin with what finds answers already"},
                 {"assay tune writer examples.jsonl --epochs 10", "the form of your own outputs"},
                 {"assay tune writer examples.jsonl --from writer --name tickets", "begin with one that writes already"}}};

const struct command command_tune_rerank = {
    .name = "tune rerank",
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
                {"from", 0, "ADAPTER", "begin with a reranker or a reader: its name, its folder, or builtin:reader"},
                {"rank", 0, "N", "of LoRA (default: 32); with --from that of the other, which for builtin:reader is 64"},
                {"rate", 0, "R", "the highest learning rate (default: 0.001)"},
                {"batch", 0, "N", "pairs of a step (default: 32)"},
                {"model", 'm', "NAME", "the base: a model's folder or name (default: builtin, which is all-MiniLM-L6-v2)"},
                {"seed", 0, "N", "of what is held out, and of the training (default: 1)"},
                LOW_RANK_TRAINING_OPTIONS},
    .examples = {{"assay tune rerank pairs.jsonl --check", "what is wrong with the data?"},
                 {"assay tune rerank pairs.jsonl", "train, measure, keep"},
                 {"assay tune rerank pairs.jsonl --from builtin:reader --rank 64", "begin with what finds answers already"},
                 {"assay tune rerank beir-folder/ --test beir-folder/", "measured by its qrels/test.tsv"}}};

const struct command command_tune_embed = {
    .name = "tune embed",
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
                LOW_RANK_TRAINING_OPTIONS},
    .examples = {{"assay tune embed pairs.jsonl --check", "what is wrong with the data?"},
                 {"assay tune embed pairs.jsonl", "train, measure, keep"}}};

const struct command command_classify = {
    .name = "classify",
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
                 {"assay classify - --json < tickets.txt", "a line a text, for a script"}}};

const struct command command_embed = {
    .name = "embed",
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
                 {"assay embed --score --model ranker pairs.tsv", "scores of question and passage"}}};

const struct command command_tokenize = {
    .name = "tokenize",
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
                 {"echo 101 25416 102 | assay tokenize --decode", "back into text"}}};

const struct command command_generate = {
    .name = "generate",
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
                 {"assay generate -m anthropic:claude-haiku-4-5 --schema form.json --json < mail.txt", "for a script"}}};

const struct command command_model_list = {
    .name = "model list",
    .arguments = "",
    .run = run_model_list,
    .summary = "show the models that are here, and the project's adapters",
    .description =
        "Models are looked for in models/ of the project and of the current folder, then in ~/.local/share/assay/models (or "
        "below $XDG_DATA_HOME), then beside the installed program (or in $ASSAY_MODELS). One that cannot be used is shown "
        "with the reason. No project is needed; of one, the adapters that `assay tune` made follow.",
    .examples = {{"assay model list", "names, kinds and sizes"},
                 {"assay model list --json | jq '.models[].name'", "their names"}}};

const struct command command_model_show = {
    .name = "model show",
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
                 {"assay model show tickets", "what an adapter was made of, and how good it is"}}};

const struct command command_model_merge = {
    .name = "model merge",
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
    .examples = {{"assay model merge embed models/shop", "of `assay tune embed`; then `embedding: shop` in assay.yaml"}}};

const struct command command_model_add = {
    .name = "model add",
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
                 {"assay model add --global --name ranker ./ms-marco-MiniLM-L6-v2", "for all projects"}}};
