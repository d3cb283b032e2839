/* templates.h - the texts that prompts are made of, and their versions. Part of ask.h.
 *
 *   .assay/prompts/5f0c…9a   a version that was used: {"system","rules","user"}, and "tools" where functions were offered or called; its name is its hash */
#ifndef ASK_TEMPLATES_H
#define ASK_TEMPLATES_H

#include "project/project.h"

struct ask_templates {
    struct slice system, user; /* with {question}, {passages}, {examples} */
    struct slice rules; /* the program's own, behind `system` */
    struct slice tools; /* behind them, its own of a client's functions; empty: there are none */
    unsigned char hash[STORE_HASH_BYTES]; /* of all: the version */
};

/* The same with rules of functions, which are those of one question, or with none. */
void ask_templates_with_tools(struct ask_templates *templates, struct slice tools);

/* The program's own texts are those of a prompt with passages, or of one without; a project's own stay. */
void ask_templates_suit(struct ask_templates *templates, bool has_passages);

/* As the settings say; texts in the arena. */
bool ask_templates_read(const struct project *project, struct arena *arena, struct ask_templates *templates,
                        struct error *error) MUST_USE;

/* By name: "current", "builtin", the first 6 or more digits of a version that was used, a file (the system template, with the current user
 * template), or a folder with system.md, user.md or both (the other one is the current one). Paths are relative to the current folder. */
bool ask_templates_named(const struct project *project, const char *name, struct arena *arena, struct ask_templates *templates,
                         struct error *error) MUST_USE;

/* Keeps a version that is used, once, durably: the audit log names it by its hash. */
bool ask_templates_keep(const struct project *project, const struct ask_templates *templates, struct error *error) MUST_USE;

/* Two texts line by line. */
enum ask_line { ASK_LINE_SAME, ASK_LINE_GONE, ASK_LINE_NEW };
struct ask_change {
    enum ask_line kind;
    struct slice line; /* without its end */
};

/* The fewest lines that go and come (Hunt and Szymanski's problem, by dynamic programming). At the most ASK_DIFF_LINES each. */
enum { ASK_DIFF_LINES = 2000 };
bool ask_diff(struct slice before, struct slice after, struct arena *arena, struct ask_change **changes, size_t *count,
              struct error *error) MUST_USE;

#endif
