#include "code.h"
#include <string.h>

#define C_COMMENTS .line_comments = "//", .comment_begin = "/*", .comment_end = "*/"
#define BRACES .open = "({[", .close = ")}]"

static const struct code_language languages[] = {
    {"c", "c h", "", C_COMMENTS, "\"'", "", BRACES, .has_semicolons = true, .has_directives = true},
    {"c++", "cc cpp cxx hpp hh hxx ino cu cuh", "", C_COMMENTS, "\"'", "", BRACES, .has_semicolons = true,
     .has_directives = true},
    {"objective-c", "m mm", "", C_COMMENTS, "\"'", "", BRACES, .has_semicolons = true, .has_directives = true},
    {"c#", "cs", "", C_COMMENTS, "\"'", "\"\"\"", BRACES, .has_semicolons = true, .has_directives = true},
    {"java", "java", "", C_COMMENTS, "\"'", "\"\"\"", BRACES, .has_semicolons = true},
    {"kotlin", "kt kts", "", C_COMMENTS, "\"'", "\"\"\"", BRACES},
    {"scala", "scala sc", "", C_COMMENTS, "\"'", "\"\"\"", BRACES},
    {"swift", "swift", "", C_COMMENTS, "\"", "\"\"\"", BRACES},
    {"dart", "dart", "", C_COMMENTS, "\"'", "\"\"\" '''", BRACES, .has_semicolons = true},
    {"go", "go", "", C_COMMENTS, "\"'", "`", BRACES},
    {"rust", "rs", "", C_COMMENTS, "\"'", "", BRACES, .has_semicolons = true},
    {"javascript", "js mjs cjs jsx", "node nodejs deno bun", C_COMMENTS, "\"'", "`", BRACES, .has_patterns = true},
    {"typescript", "ts tsx mts cts", "", C_COMMENTS, "\"'", "`", BRACES, .has_patterns = true},
    {"php", "php phtml", "php", "// #", "/*", "*/", "\"'", "", BRACES, .has_semicolons = true},
    {"css", "css scss less", "", C_COMMENTS, "\"'", "", BRACES, .has_semicolons = true},
    {"protobuf", "proto", "", C_COMMENTS, "\"'", "", BRACES, .has_semicolons = true},
    {"groovy", "groovy gradle", "groovy", C_COMMENTS, "\"'", "\"\"\" '''", BRACES},
    {"zig", "zig", "", .line_comments = "//", .quotes = "\"'", .long_quotes = "", BRACES, .has_semicolons = true},
    {"r", "r R", "Rscript", "#", NULL, NULL, "\"'", "", BRACES},
    {"perl", "pl pm", "perl", "#", NULL, NULL, "\"'", "", BRACES, .has_semicolons = true, .has_here_texts = true},
    {"terraform", "tf hcl", "", "# //", "/*", "*/", "\"", "", BRACES},
    {"sql", "sql", "", "--", "/*", "*/", "'\"", "$$", .open = "(", .close = ")", .has_semicolons = true},
    {"lisp", "lisp el scm clj cljs rkt", "guile", ";", NULL, NULL, "\"", "", .open = "(", .close = ")"},
    {"python", "py pyi pyw", "python python3 python2", "#", NULL, NULL, "\"'", "\"\"\" '''", BRACES, .by_indent = true},
    {"ruby", "rb rake gemspec", "ruby", "#", "=begin", "=end", "\"'", "", BRACES, .by_indent = true, .has_here_texts = true},
    {"shell", "sh bash zsh ksh", "sh bash zsh dash ksh", "#", NULL, NULL, "", "", .open = "", .close = "", .by_indent = true,
     .has_here_texts = true},
    {"lua", "lua", "lua", "--", "--[[", "]]", "\"'", "", BRACES, .by_indent = true},
    {"elixir", "ex exs", "elixir", "#", NULL, NULL, "\"'", "\"\"\"", BRACES, .by_indent = true},
    {"julia", "jl", "julia", "#", "#=", "=#", "\"", "\"\"\"", BRACES, .by_indent = true},
    {"make", "mk", "make", "#", NULL, NULL, "", "", .open = "", .close = "", .by_indent = true},
    {"cmake", "cmake", "", "#", NULL, NULL, "\"", "", .open = "(", .close = ")", .by_indent = true},
    {"dockerfile", "dockerfile", "", "#", NULL, NULL, "", "", .open = "", .close = "", .by_indent = true},
    {"haskell", "hs", "runhaskell", "--", "{-", "-}", "\"", "", .open = "([", .close = ")]", .by_indent = true},
    {"f#", "fs fsx", "", "//", "(*", "*)", "\"", "\"\"\"", .open = "([{", .close = ")]}", .by_indent = true},
    {"nim", "nim", "", "#", NULL, NULL, "\"", "\"\"\"", BRACES, .by_indent = true},
};

/* Files that are called so, whatever their ending. */
static const struct {
    const char *file, *language;
} file_names[] = {
    {"SConstruct", "python"},    {"Rakefile", "ruby"},         {"Gemfile", "ruby"},
    {"Makefile", "make"},        {"makefile", "make"},         {"GNUmakefile", "make"},
    {"CMakeLists.txt", "cmake"}, {"Dockerfile", "dockerfile"}, {"Jenkinsfile", "groovy"},
};

static bool is_in_list(const char *list, struct slice wanted)
{
    struct slice rest = slice_from(list), word;
    while (slice_next(&rest, ' ', &word))
        if (slice_equal(word, wanted))
            return true;
    return false;
}

static struct slice behind_last(struct slice text, char mark)
{
    for (size_t i = text.size; i-- > 0;)
        if (text.data[i] == mark)
            return slice_range(text, i + 1, text.size);
    return text;
}

/* "#!/usr/bin/env python3 -u", "#!/bin/bash": the program's name without its version. */
static struct slice interpreter_of(struct slice source)
{
    size_t end = 0;
    if (!slice_starts_with(source, SLICE("#!")))
        return (struct slice){"", 0};
    while (end < source.size && source.data[end] != '\n' && source.data[end] != '\r')
        end++;
    struct slice rest = slice_trim(slice_range(source, 2, end)), word = {"", 0};
    while (slice_next(&rest, ' ', &word)) {
        word = behind_last(word, '/');
        if (!slice_equal_text(word, "env") && !slice_starts_with(word, SLICE("-")))
            break;
    }
    while (word.size > 0 &&
           ((word.data[word.size - 1] >= '0' && word.data[word.size - 1] <= '9') || word.data[word.size - 1] == '.'))
        word.size--;
    return word;
}

const struct code_language *code_language_of(struct slice source, const char *name)
{
    struct slice file = behind_last(slice_from(name), '/'), extension = behind_last(file, '.'),
                 interpreter = interpreter_of(source);
    const char *named = "";
    for (size_t i = 0; i < ARRAY_COUNT(file_names); i++)
        named = slice_equal_text(file, file_names[i].file) ? file_names[i].language : named;
    for (size_t i = 0; i < ARRAY_COUNT(languages); i++)
        if (strcmp(languages[i].name, named) == 0 ||
            (named[0] == '\0' && extension.size < file.size && is_in_list(languages[i].extensions, extension)))
            return &languages[i];
    for (size_t i = 0; interpreter.size > 0 && i < ARRAY_COUNT(languages); i++)
        if (is_in_list(languages[i].interpreters, interpreter))
            return &languages[i];
    return NULL;
}

const char *code_language(struct slice source, const char *name)
{
    const struct code_language *language = code_language_of(source, name);
    return language != NULL ? language->name : NULL;
}
