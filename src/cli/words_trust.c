/* words_trust.c - the words of keys, and the audit log. */
#include "command.h"

const struct command command_key_add = {
    .name = "key add",
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
                 {"assay search --as intern \"refund window\"", "what would intern find?"}}};

const struct command command_key_list = {
    .name = "key list",
    .arguments = "",
    .run = run_key_list,
    .summary = "show the keys",
    .description =
        "Prints a line for each key: its name, how it begins, whether it is valid, expired or revoked, the last day on "
        "which it holds, its groups, and what it may use in a day.",
    .examples = {{"assay key list", "all keys"},
                 {"assay key list --json | jq '.keys[] | select(.state == \"valid\").name'", "those that hold"}}};

const struct command command_key_revoke = {
    .name = "key revoke",
    .arguments = "NAME",
    .argument_least = 1,
    .argument_most = 1,
    .run = run_key_revoke,
    .summary = "end a key",
    .description = "Once this command has ended, no search that begins, in any process, sees anything by this key. Revoking a "
                   "key again changes nothing.",
    .examples = {{"assay key revoke intern", "at once, everywhere"}}};

const struct command command_log_list = {
    .name = "log list",
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
                 {"assay log list -n 0 --json | jq -r '.entries[].content.question'", "every question"}}};

const struct command command_log_show = {
    .name = "log show",
    .arguments = "ID",
    .argument_least = 1,
    .argument_most = 1,
    .run = run_log_show,
    .summary = "show one entry in full",
    .description =
        "Prints who asked what and when, the answer, and from which passages of which versions of the documents it was "
        "made. ID is the number that `assay ask --json` gives as \"audit\".",
    .options = {{"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
    .examples = {{"assay log show 17", "for reading"}, {"assay log show 17 --json | jq .record.passages", "its sources"}}};

const struct command command_log_verify = {
    .name = "log verify",
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
                 {"assay log verify --folder /media/copy/log", "a copy"}}};

const struct command command_log_head = {
    .name = "log head",
    .arguments = "",
    .run = run_log_head,
    .summary = "print what vouches for the whole log",
    .description =
        "Prints the number of entries and the root of the Merkle tree (RFC 6962) over them. Kept where nobody who can "
        "write to the log can write, in another system, or on paper, it finds any later change of these entries.",
    .options = {{"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
    .examples = {{"assay log head | ssh archive 'cat >> heads.txt'", "once an hour, from cron"},
                 {"assay log head --json", "for a script"}}};

const struct command command_log_prove = {
    .name = "log prove",
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
    .examples = {{"assay log prove 17", "entry 17"}, {"assay log prove --since 1000", "growth since a head of 1,000 entries"}}};

const struct command command_log_export = {
    .name = "log export",
    .arguments = "",
    .run = run_log_export,
    .summary = "write an entry as a page for an auditor",
    .description =
        "Writes one HTML file that needs nothing else: question and answer, each citation with its quote, every source as "
        "it stood then, the entry as it lies in the log, and the proof that it does.",
    .options = {{"case", 0, "ID", "the entry"},
                {"out", 'o', "FILE", "where to (default: standard output)"},
                {"folder", 0, "DIR", "a log's own folder, a copy for instance (default: the project's .assay/log)"}},
    .examples = {{"assay log export --case 17 --out case-17.html", "for a browser"}}};

const struct command command_log_erase = {
    .name = "log erase",
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
    .examples = {{"assay log erase 17 18", "two entries"}, {"assay log erase --subject intern", "all of one asker"}}};
