/* tree_sitter.h - tree-sitter's library and grammars, where they are installed: opened when they are needed, and in a worker only. Private.
 *
 * Nothing of it is needed to build: what is used of its interface is declared here, as its version 0.20 and all later ones have it. */
#ifndef INGEST_TREE_SITTER_H
#define INGEST_TREE_SITTER_H

#include "base/base.h"

/* The languages whose grammars are asked for; their numbers are the workers' jobs. */
enum { GRAMMAR_NONE = -1, GRAMMAR_COUNT = 13 };

/* By the file's name, else by its first line ("#!"); GRAMMAR_NONE: another language, or none. */
int grammar_of(struct slice source, const char *name);

const char *grammar_name(int grammar); /* "python", as its function tree_sitter_python has it */

/* Calls each() with the paths where the grammar may lie, first those that are asked first, until it says true; whether it did. */
bool grammar_each_place(int grammar, bool (*each)(void *context, const char *path), void *context);

/* ---- in a worker ---- */

typedef struct TSParser TSParser;
typedef struct TSTree TSTree;
typedef struct TSLanguage TSLanguage;

typedef struct {
    uint32_t context[4];
    const void *id; /* NULL: there is no such node */
    const TSTree *tree;
} TSNode;

typedef struct {
    const void *tree, *id;
    uint32_t
        context[8]; /* two or three by the version; it is handed out through a pointer, so that room to spare does no harm */
} TSTreeCursor;

/* Their types; none is called by its name. */
TSParser *ts_parser_new(void);
void ts_parser_delete(TSParser *);
bool ts_parser_set_language(TSParser *, const TSLanguage *);
TSTree *ts_parser_parse_string(TSParser *, const TSTree *, const char *, uint32_t);
void ts_tree_delete(TSTree *);
TSNode ts_tree_root_node(const TSTree *);
const char *ts_node_type(TSNode);
bool ts_node_is_named(TSNode);
uint32_t ts_node_start_byte(TSNode);
uint32_t ts_node_end_byte(TSNode);
TSNode ts_node_child_by_field_name(TSNode, const char *, uint32_t);
TSTreeCursor ts_tree_cursor_new(TSNode);
void ts_tree_cursor_delete(TSTreeCursor *);
TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
bool ts_tree_cursor_goto_parent(TSTreeCursor *);

#define TREE_SITTER_FUNCTIONS(X)                                                                                               \
    X(parser_new)                                                                                                              \
    X(parser_delete)                                                                                                           \
    X(parser_set_language)                                                                                                     \
    X(parser_parse_string)                                                                                                     \
    X(tree_delete)                                                                                                             \
    X(tree_root_node)                                                                                                          \
    X(node_type)                                                                                                               \
    X(node_is_named)                                                                                                           \
    X(node_start_byte)                                                                                                         \
    X(node_end_byte)                                                                                                           \
    X(node_child_by_field_name)                                                                                                \
    X(tree_cursor_new)                                                                                                         \
    X(tree_cursor_delete)                                                                                                      \
    X(tree_cursor_current_node)                                                                                                \
    X(tree_cursor_goto_first_child)                                                                                            \
    X(tree_cursor_goto_next_sibling)                                                                                           \
    X(tree_cursor_goto_parent)

struct tree_sitter {
#define TREE_SITTER_MEMBER(name) __typeof__(ts_##name) *(name);
    TREE_SITTER_FUNCTIONS(TREE_SITTER_MEMBER)
#undef TREE_SITTER_MEMBER
    const TSLanguage *language; /* NULL: there is none of use */
    char reason[512]; /* why not, of the place that comes first; "": none lies anywhere */
};

/* Opens the library and a grammar, once for a process. */
void tree_sitter_open(unsigned grammar);
const struct tree_sitter *tree_sitter(void);

/* The definitions in a tree, as struct code_part, each as four u32, in their order; no more than LIMIT_GRAMMAR_PARTS. */
void tree_write_parts(const struct tree_sitter *library, const TSTree *tree, struct slice source, struct buffer *out);

#endif
