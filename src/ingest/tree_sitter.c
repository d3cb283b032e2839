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
 * What lies there is run, so nobody may have put it there but the user and root: the file, and each folder on the way to it, belongs to one of them
 * and is not for others to write to. One that is not of use is passed over, and the next place is asked. */
#include "tree_sitter.h"
#include "codec/codec.h"
#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Languages whose trees name definitions as tree_parts.c looks for them. */
static const struct {
    const char *language, *grammar;
} grammars[GRAMMAR_COUNT] = {
    {"c", "c"},
    {"c++", "cpp"},
    {"c#", "c_sharp"},
    {"java", "java"},
    {"go", "go"},
    {"rust", "rust"},
    {"javascript", "javascript"},
    {"php", "php"},
    {"python", "python"},
    {"ruby", "ruby"},
    {"typescript", "typescript"},
    {"typescript", "tsx"},
    {"shell", "bash"},
};

const char *grammar_name(int grammar)
{
    return grammars[grammar].grammar;
}

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

/* ---- who could have put it there ---- */

/* The first part of the path, which begins with "/" and holds no link, that others could have changed, or the path itself: it ends at `end`, where 0
 * stands for nothing. A folder like /tmp, where each may only remove what is theirs, is nobody's to change below it. */
static size_t find_open_part(const char *path)
{
    char part[PATH_MAX];
    size_t size = strlen(path);
    struct stat found;
    for (size_t end = 1; end <= size && size < sizeof(part); end++) {
        if (end > 1 && end < size && path[end] != '/')
            continue;
        memcpy(part, path, end);
        part[end] = '\0';
        if (lstat(part, &found) != 0 || (found.st_uid != 0 && found.st_uid != geteuid()))
            return end;
        bool is_shared = S_ISDIR(found.st_mode) && (found.st_mode & S_ISVTX) != 0;
        bool is_for_group = (found.st_mode & S_IWGRP) != 0 && found.st_gid != 0;
        if (!is_shared && (is_for_group || (found.st_mode & S_IWOTH) != 0))
            return end;
    }
    return 0;
}

/* ---- opening, in a worker ---- */

static struct tree_sitter opened; /* a worker has one thread */
static TSParser *parser; /* to try grammars with */

static bool open_library(struct tree_sitter *library)
{
    static const char *const names[] = {"libtree-sitter.so.0",    "libtree-sitter.so.0.26", "libtree-sitter.so.0.25",
                                        "libtree-sitter.so.0.24", "libtree-sitter.so.0.23", "libtree-sitter.so.0.22",
                                        "libtree-sitter.so.0.21", "libtree-sitter.so.0.20"};
    void *handle = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(names) && handle == NULL; i++)
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    bool ok = handle != NULL;
#define TREE_SITTER_FIND(name) ok = ok && library_find(handle, "ts_" #name, &library->name);
    TREE_SITTER_FUNCTIONS(TREE_SITTER_FIND)
#undef TREE_SITTER_FIND
    return ok;
}

/* Keeps the first reason: it is of the place that is asked first. */
__attribute__((format(printf, 1, 2))) static bool pass_over(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    if (opened.reason[0] == '\0')
        vsnprintf(opened.reason, sizeof(opened.reason), format, values);
    va_end(values);
    return false;
}

/* Lazily: a grammar that is a module of Python's too has functions that only Python needs, and only Python has. */
static bool open_grammar(void *context, const char *path)
{
    const char *grammar = context;
    char name[64], real[PATH_MAX];
    const TSLanguage *(*find)(void);
    if (access(path, F_OK) != 0)
        return false;
    if (realpath(path, real) == NULL)
        return pass_over("\"%s\" cannot be looked at: %s", path, strerror(errno));
    size_t open_end = find_open_part(real);
    if (open_end > 0)
        return pass_over("\"%s\" is not run, because others than you can change \"%.*s\" (chown and chmod go-w make it yours)",
                         path, (int)open_end, real);
    if (parser == NULL)
        return pass_over("\"%s\" is there, but not the library libtree-sitter.so.0, 0.20 or later (Debian: libtree-sitter0)",
                         path);
    snprintf(name, sizeof(name), "tree_sitter_%s", grammar);
    void *handle = dlopen(real, RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL)
        return pass_over("it is no library that can be loaded: %s", dlerror());
    if (!library_find(handle, name, &find))
        return pass_over("\"%s\" has no function %s", path, name);
    const TSLanguage *language = find();
    if (language == NULL || !opened.parser_set_language(parser, language)) /* it stays loaded: a worker lives for one `add` */
        return pass_over("\"%s\" is made for another version of tree-sitter than the library that is installed", path);
    opened.language = language;
    return true;
}

void tree_sitter_open(unsigned grammar)
{
    assert(grammar < GRAMMAR_COUNT && parser == NULL);
    parser = open_library(&opened) ? opened.parser_new() : NULL;
    (void)grammar_each_place((int)grammar, open_grammar, (void *)grammars[grammar].grammar);
}

const struct tree_sitter *tree_sitter(void)
{
    return &opened;
}
