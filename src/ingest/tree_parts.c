/* tree_parts.c - which nodes of a syntax tree are functions, classes and methods.
 *
 * Grammars are written by many people, and yet name what they have alike: "function_definition", "method_declaration", "struct_item",
 * "class_specifier". So a node is a definition when a word of its type says of what, and the last one that it is one; and when it has a body, which
 * prototypes have not. What holds definitions at the same level (#ifdef, namespaces, extern "C", if) is looked through; what is in a function belongs to it. */
#include "tree_sitter.h"
#include <string.h>

enum { DEPTH_MAX = 24, LINES_LEAST = 3 /* of what has no body that can be told */ };
static const uint32_t NOWHERE = UINT32_MAX;

struct finding {
    const struct tree_sitter *library;
    struct slice source;
    struct buffer *out;
    size_t count;
};

/* ---- types ---- */

static bool is_word(struct slice word, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (slice_equal_text(word, words[i]))
            return true;
    return false;
}

static bool has_word(const char *type, const char *const *words)
{
    struct slice rest = slice_from(type), word;
    while (slice_next(&rest, '_', &word))
        if (is_word(word, words))
            return true;
    return false;
}

static struct slice last_word(const char *type)
{
    const char *dash = strrchr(type, '_');
    return slice_from(dash != NULL ? dash + 1 : type);
}

static bool is_container_type(const char *type)
{
    static const char *const words[] = {"class",  "interface", "trait",  "impl",  "module", "mod",
                                        "struct", "enum",      "record", "union", NULL};
    return has_word(type, words);
}

static bool is_definition_type(const char *type)
{
    static const char *const subjects[] = {"function", "method", "constructor", "destructor",
                                           "macro",    "type",   "operator",    NULL};
    static const char *const ends[] = {"definition", "declaration", "item", "specifier", "statement", NULL};
    static const char *const whole[] = {
        "method", "class", "module", "function", "singleton_method", "singleton_class", "function_expression", NULL};
    return is_word(slice_from(type), whole) ||
           (is_word(last_word(type), ends) && (has_word(type, subjects) || is_container_type(type)));
}

/* Belongs to the definition below, or before which it stands. */
static bool is_lead_type(const char *type)
{
    static const char *const words[] = {"comment", "attribute", "attributes", "annotation", "decorator", NULL};
    return has_word(type, words) && strcmp(type, "annotation_type_declaration") != 0;
}

/* Stands around one definition, and is part of it. */
static bool is_wrapper_type(const char *type)
{
    static const char *const words[] = {"decorated", "export", "template", "ambient", NULL};
    return has_word(type, words);
}

static bool is_passed_through(const char *type)
{
    static const char *const words[] = {"preproc", "linkage", "namespace", "block",        "if",      "try",
                                        "else",    "elif",    "except",    "declarations", "finally", NULL};
    return has_word(type, words) || strcmp(type, "declaration_list") == 0;
}

/* ---- nodes ---- */

static bool ends_as_body(const char *type)
{
    static const char *const words[] = {"body", "block", NULL};
    return is_word(last_word(type), words);
}

/* The node that holds the definition's members or statements, or none. */
static TSNode body_of(const struct finding *finding, TSNode node)
{
    const struct tree_sitter *library = finding->library;
    TSNode body = library->node_child_by_field_name(node, "body", strlen("body"));
    if (body.id != NULL)
        return body;
    TSTreeCursor cursor = library->tree_cursor_new(node);
    for (bool more = library->tree_cursor_goto_first_child(&cursor); more && body.id == NULL;
         more = library->tree_cursor_goto_next_sibling(&cursor)) {
        TSNode child = library->tree_cursor_current_node(&cursor);
        if (library->node_is_named(child) && ends_as_body(library->node_type(child)))
            body = child;
    }
    library->tree_cursor_delete(&cursor);
    return body;
}

static size_t lines_of(const struct finding *finding, TSNode node)
{
    size_t lines = 1, end = finding->library->node_end_byte(node);
    for (size_t i = finding->library->node_start_byte(node); i < end && i < finding->source.size && lines < LINES_LEAST; i++)
        lines += finding->source.data[i] == '\n';
    return lines;
}

/* The node itself, or the definition that it stands around; none: it is no definition. */
static TSNode definition_in(const struct finding *finding, TSNode node, unsigned depth)
{
    const struct tree_sitter *library = finding->library;
    const char *type = library->node_type(node);
    TSNode found = {.id = NULL};
    if (!library->node_is_named(node) || depth > 3)
        return found;
    if (is_wrapper_type(type)) {
        TSTreeCursor cursor = library->tree_cursor_new(node);
        for (bool more = library->tree_cursor_goto_first_child(&cursor); more && found.id == NULL;
             more = library->tree_cursor_goto_next_sibling(&cursor))
            found = definition_in(finding, library->tree_cursor_current_node(&cursor), depth + 1);
        library->tree_cursor_delete(&cursor);
        return found;
    }
    bool is_one = is_definition_type(type) && (body_of(finding, node).id != NULL || lines_of(finding, node) >= LINES_LEAST);
    return is_one ? node : found;
}

/* Behind annotations and decorators. */
static uint32_t signature_of(const struct finding *finding, TSNode node)
{
    const struct tree_sitter *library = finding->library;
    uint32_t start = NOWHERE;
    TSTreeCursor cursor = library->tree_cursor_new(node);
    for (bool more = library->tree_cursor_goto_first_child(&cursor); more && start == NOWHERE;
         more = library->tree_cursor_goto_next_sibling(&cursor)) {
        TSNode child = library->tree_cursor_current_node(&cursor);
        const char *type = library->node_type(child);
        if (strcmp(type, "modifiers") == 0)
            start = signature_of(finding, child);
        else if (!is_lead_type(type))
            start = library->node_start_byte(child);
    }
    library->tree_cursor_delete(&cursor);
    return start;
}

/* ---- the tree ---- */

static void find_in(struct finding *finding, TSTreeCursor *cursor, uint32_t level, unsigned depth);

static void find_members(struct finding *finding, TSNode definition, uint32_t level, unsigned depth)
{
    const struct tree_sitter *library = finding->library;
    TSNode body = body_of(finding, definition);
    TSTreeCursor cursor = library->tree_cursor_new(body.id != NULL ? body : definition);
    find_in(finding, &cursor, level, depth);
    library->tree_cursor_delete(&cursor);
}

static void add_part(struct finding *finding, uint32_t lead, TSNode node, TSNode definition, uint32_t level, unsigned depth)
{
    const struct tree_sitter *library = finding->library;
    bool is_template = strcmp(library->node_type(node), "template_declaration") == 0; /* its first line says nothing */
    uint32_t body = signature_of(finding, is_template ? definition : node);
    if (finding->count++ >= LIMIT_GRAMMAR_PARTS)
        return;
    buffer_u32(finding->out, lead);
    buffer_u32(finding->out, body != NOWHERE ? body : library->node_start_byte(node));
    buffer_u32(finding->out, library->node_end_byte(node));
    buffer_u32(finding->out, level);
    if (is_container_type(library->node_type(definition)))
        find_members(finding, definition, level + 1, depth + 1);
}

/* Whether nothing stands between two nodes but the end of a line. */
static bool touches(const struct finding *finding, uint32_t end, uint32_t start)
{
    size_t lines = 0;
    for (uint32_t i = end > 0 && finding->source.data[end - 1] == '\n' ? end - 1 : end; i < start; i++) {
        char c = finding->source.data[i];
        if (c != '\n' && c != ' ' && c != '\t' && c != '\r')
            return false;
        lines += c == '\n';
    }
    return lines <= 1;
}

static bool begins_its_line(const struct finding *finding, uint32_t at)
{
    while (at > 0 && (finding->source.data[at - 1] == ' ' || finding->source.data[at - 1] == '\t'))
        at--;
    return at == 0 || finding->source.data[at - 1] == '\n';
}

/* Looks at the children of the cursor's node, which it comes back to. */
static void find_in(struct finding *finding, TSTreeCursor *cursor, uint32_t level, unsigned depth)
{
    const struct tree_sitter *library = finding->library;
    uint32_t lead = NOWHERE, lead_end = 0;
    if (depth > DEPTH_MAX || !library->tree_cursor_goto_first_child(cursor))
        return;
    do {
        TSNode node = library->tree_cursor_current_node(cursor);
        const char *type = library->node_type(node);
        uint32_t start = library->node_start_byte(node), end = library->node_end_byte(node);
        if (lead != NOWHERE && !touches(finding, lead_end, start))
            lead = NOWHERE;
        if (is_lead_type(type)) {
            lead = lead == NOWHERE && begins_its_line(finding, start) ? start : lead;
            lead_end = end;
            continue;
        }
        TSNode definition = definition_in(finding, node, 0);
        if (definition.id != NULL)
            add_part(finding, lead != NOWHERE ? lead : start, node, definition, level, depth);
        else if (is_passed_through(type))
            find_in(finding, cursor, level, depth + 1);
        lead = NOWHERE;
    } while (library->tree_cursor_goto_next_sibling(cursor));
    (void)library->tree_cursor_goto_parent(cursor);
}

void tree_write_parts(const struct tree_sitter *library, const TSTree *tree, struct slice source, struct buffer *out)
{
    struct finding finding = {.library = library, .source = source, .out = out};
    TSTreeCursor cursor = library->tree_cursor_new(library->tree_root_node(tree));
    find_in(&finding, &cursor, 0, 0);
    library->tree_cursor_delete(&cursor);
}
