/* tree_sitter.c - finds the library and the grammars that a machine has. Grammars are shared objects that packages and editors install, each
 * with a function tree_sitter_LANGUAGE:
 *
 *   $ASSAY_GRAMMARS                     folders, with ":" between them
 *   ~/.local/share/assay/grammars       or below $XDG_DATA_HOME
 *   /usr/local/lib, /usr/lib, …         packages of distributions (libtree-sitter-LANGUAGE.so), and /usr/lib/tree_sitter
 *   ~/.local/share/nvim/site/parser     Neovim's
 *   ~/.config/helix/runtime/grammars    Helix's, or below $XDG_CONFIG_HOME
 *   ~/.emacs.d/tree-sitter              Emacs's
 *
 * One that is made for another version of the library is passed over, and the next place is asked. */
#include "tree_sitter.h"
#include "codec/codec.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Languages whose trees name definitions as tree_parts.c looks for them. */
static const struct {
    const char *language, *grammar;
} grammars[GRAMMAR_COUNT] = {
    {"c", "c"},
    {"c++", "cpp"},
    {"c#", "c_sharp"},
    {"java", "java"},
    {"kotlin", "kotlin"},
    {"scala", "scala"},
    {"swift", "swift"},
    {"go", "go"},
    {"rust", "rust"},
    {"javascript", "javascript"},
    {"php", "php"},
    {"python", "python"},
    {"ruby", "ruby"},
    {"typescript", "typescript"},
    {"typescript", "tsx"},
    {"lua", "lua"},
    {"shell", "bash"},
    {"julia", "julia"},
};

int grammar_of(struct slice source, const char *name)
{
    const char *language = code_language(source, name);
    bool is_tsx = slice_ends_with(slice_from(name), SLICE(".tsx"));
    for (int i = 0; language != NULL && i < GRAMMAR_COUNT; i++)
        if (strcmp(grammars[i].language, language) == 0 && is_tsx <= (strcmp(grammars[i].grammar, "tsx") == 0))
            return i;
    return GRAMMAR_NONE;
}

/* ---- places ---- */

struct asking {
    const char *grammar;
    bool (*each)(void *context, const char *path);
    void *context;
};

/* What it may be called in a folder: "libtree-sitter-c-sharp.so" as packages have it, "c_sharp.so" where there is nothing but grammars. */
static bool ask_folder(const struct asking *asking, struct slice folder, bool is_for_grammars)
{
    static const char *const versions[] = {"", ".0", ".15", ".14", ".13"};
    char path[LIMIT_PATH_BYTES], dashed[32];
    if (folder.size == 0 || folder.data[0] != '/')
        return false;
    snprintf(dashed, sizeof(dashed), "%s", asking->grammar);
    for (char *c = dashed; *c != '\0'; c++)
        *c = *c == '_' ? '-' : *c;
    if (is_for_grammars &&
        snprintf(path, sizeof(path), SLICE_FORMAT "/%s.so", SLICE_ARGUMENT(folder), asking->grammar) < (int)sizeof(path) &&
        asking->each(asking->context, path))
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(versions); i++)
        if (snprintf(path, sizeof(path), SLICE_FORMAT "/libtree-sitter-%s.so%s", SLICE_ARGUMENT(folder), dashed, versions[i]) <
                (int)sizeof(path) &&
            asking->each(asking->context, path))
            return true;
    return false;
}

static bool ask_below(const struct asking *asking, const char *base, const char *folder)
{
    char path[LIMIT_PATH_BYTES];
    int size = base != NULL ? snprintf(path, sizeof(path), "%s/%s", base, folder) : -1;
    return size > 0 && size < (int)sizeof(path) && ask_folder(asking, slice_from(path), true);
}

/* Below $XDG_…, or where that is by default. */
static bool ask_user(const struct asking *asking, const char *variable, const char *usual, const char *folder)
{
    char base[LIMIT_PATH_BYTES];
    const char *stated = getenv(variable), *home = getenv("HOME");
    if (stated != NULL && stated[0] == '/')
        return ask_below(asking, stated, folder);
    int size = home != NULL ? snprintf(base, sizeof(base), "%s/%s", home, usual) : -1;
    return size > 0 && size < (int)sizeof(base) && ask_below(asking, base, folder);
}

bool grammar_each_place(int grammar, bool (*each)(void *context, const char *path), void *context)
{
    static const char *const system[] = {"/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
                                         "/usr/lib64", "/usr/lib"};
    const struct asking asking = {.grammar = grammars[grammar].grammar, .each = each, .context = context};
    const char *stated = getenv("ASSAY_GRAMMARS");
    struct slice rest = slice_from(stated != NULL ? stated : ""), folder;
    while (slice_next(&rest, ':', &folder))
        if (ask_folder(&asking, folder, true))
            return true;
    if (ask_user(&asking, "XDG_DATA_HOME", ".local/share", "assay/grammars"))
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(system); i++)
        if (ask_folder(&asking, slice_from(system[i]), false))
            return true;
    return ask_below(&asking, "/usr/lib", "tree_sitter") ||
           ask_user(&asking, "XDG_DATA_HOME", ".local/share", "nvim/site/parser") ||
           ask_user(&asking, "XDG_CONFIG_HOME", ".config", "helix/runtime/grammars") ||
           ask_below(&asking, getenv("HOME"), ".emacs.d/tree-sitter");
}

/* ---- opening, in a worker ---- */

static struct tree_sitter opened; /* in a worker, which has one thread */
static bool is_open;

static bool open_library(struct tree_sitter *library)
{
    static const char *const names[] = {"libtree-sitter.so.0",    "libtree-sitter.so.0.26", "libtree-sitter.so.0.25",
                                        "libtree-sitter.so.0.24", "libtree-sitter.so.0.23", "libtree-sitter.so.0.22",
                                        "libtree-sitter.so.0.21", "libtree-sitter.so.0.20"};
    void *handle = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(names) && handle == NULL; i++)
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    bool ok = handle != NULL;
#define TREE_SITTER_FIND(result, name, parameters) ok = ok && library_find(handle, "ts_" #name, &library->name);
    TREE_SITTER_FUNCTIONS(TREE_SITTER_FIND)
#undef TREE_SITTER_FIND
    return ok;
}

struct opening {
    const char *grammar;
    TSParser *parser;
    const TSLanguage **language;
};

/* Lazily: a grammar that is a module of Python's too has functions that only Python needs, and only Python has. */
static bool open_grammar(void *context, const char *path)
{
    const struct opening *opening = context;
    char name[64];
    const TSLanguage *(*find)(void);
    snprintf(name, sizeof(name), "tree_sitter_%s", opening->grammar);
    void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL)
        return false;
    const TSLanguage *language = library_find(handle, name, &find) ? find() : NULL;
    if (language == NULL || !opened.parser_set_language(opening->parser, language))
        return false; /* it stays loaded: a worker lives for one `add` */
    *opening->language = language;
    return true;
}

void tree_sitter_open(void)
{
    if (!open_library(&opened))
        return;
    is_open = true;
    TSParser *parser = opened.parser_new();
    for (int i = 0; i < GRAMMAR_COUNT; i++) {
        struct opening opening = {.grammar = grammars[i].grammar, .parser = parser, .language = &opened.languages[i]};
        (void)grammar_each_place(i, open_grammar, &opening);
    }
    opened.parser_delete(parser);
}

const struct tree_sitter *tree_sitter(void)
{
    return is_open ? &opened : NULL;
}
