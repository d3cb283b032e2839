/* help.c - overview, help of a command or a group, and man pages, all from the table. */
#include "command.h"
#include <string.h>

enum { WIDTH = 96 };

/* Prints paragraphs, wrapped, each line behind `indent` spaces. */
static void print_wrapped(FILE *out, const char *text, size_t indent)
{
    size_t column = 0;
    const char *word = text;
    while (*word != '\0') {
        size_t size = strcspn(word, " \n");
        if (column > 0 && column + 1 + size > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0)
            column = (size_t)fprintf(out, "%*s%.*s", (int)indent, "", (int)size, word);
        else
            column += (size_t)fprintf(out, " %.*s", (int)size, word);
        word += size;
        if (word[0] == '\n') {
            fputs(word[1] == '\n' ? "\n\n" : "\n", out);
            column = 0;
        }
        word += strspn(word, " \n");
    }
    fputc('\n', out);
}

static void option_words(char *text, size_t size, const struct option *option)
{
    char letter[8] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    snprintf(text, size, "%s--%s%s%s", letter, option->name, option->value ? " " : "", option->value ? option->value : "");
}

static void print_options(FILE *out, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count && options[i].name != NULL; i++) {
        char words[64];
        option_words(words, sizeof(words), &options[i]);
        fprintf(out, "  %-24s %s\n", words, options[i].help);
    }
}

void help_overview(FILE *out)
{
    fputs("assay finds passages in your documents, with their sources. It needs no network and no language model.\n\n"
          "Usage: assay COMMAND [options]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nOptions of every command:\n", out);
    print_options(out, global_options, global_option_count);
    fputs("\nTo begin:\n"
          "  assay init shop && cd shop     make a project\n"
          "  assay add docs/                add a folder of documents\n"
          "  assay search \"refund window\"   find passages\n"
          "\nExit codes: 0 done, 1 failed, 2 wrong use, 3 target not reached. `assay help COMMAND` tells more.\n",
          out);
}

void help_command(FILE *out, const struct command *command)
{
    fprintf(out, "assay %s: %s\n\nUsage: assay %s%s%s [options]\n\n", command->name, command->summary, command->name,
            command->arguments[0] ? " " : "", command->arguments);
    print_wrapped(out, command->description, 0);
    fputs("\nOptions:\n", out);
    print_options(out, command->options, OPTIONS_MAX);
    print_options(out, global_options, global_option_count);
    if (command->examples[0].line != NULL)
        fputs("\nExamples:\n", out);
    for (size_t i = 0; i < EXAMPLES_MAX && command->examples[i].line != NULL; i++)
        fprintf(out, "  %s\n      %s\n", command->examples[i].line, command->examples[i].what);
}

void help_group(FILE *out, const char *group)
{
    fprintf(out, "Usage: assay %s COMMAND [options]\n\nCommands:\n", group);
    for (size_t i = 0; i < command_count; i++)
        if (slice_equal_text(command_first_word(commands[i]), group))
            fprintf(out, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nOptions of every command:\n", out);
    print_options(out, global_options, global_option_count);
    fprintf(out, "\n`assay help %s COMMAND` tells more.\n", group);
}

/* The name of a command's man page: "model\\-add". */
static void print_page_name(FILE *out, const char *name)
{
    for (; *name != '\0'; name++)
        fputs(*name == ' ' || *name == '-' ? "\\-" : (const char[]){*name, '\0'}, out);
}

/* Text of a man page: what roff takes for its own is escaped. */
static void print_roff(FILE *out, const char *text)
{
    bool line_start = true;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n' && c[1] == '\n') {
            fputs("\n.PP\n", out);
            c++;
            line_start = true;
            continue;
        }
        if (line_start && (*c == '.' || *c == '\''))
            fputs("\\&", out);
        if (*c == '\\' || *c == '-')
            fputc('\\', out);
        fputc(*c, out);
        line_start = *c == '\n';
    }
    fputc('\n', out);
}

static void man_options(FILE *out, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count && options[i].name != NULL; i++) {
        char words[64];
        option_words(words, sizeof(words), &options[i]);
        fputs(".TP\n.B ", out);
        print_roff(out, words + strspn(words, " "));
        print_roff(out, options[i].help);
    }
}

static void man_command(FILE *out, const struct command *command)
{
    fputs(".TH ASSAY\\-", out);
    print_page_name(out, command->name);
    fprintf(out, " 1 \"\" \"assay %s\" \"assay manual\"\n.SH NAME\nassay\\-", assay_version());
    print_page_name(out, command->name);
    fprintf(out, " \\- %s\n.SH SYNOPSIS\n.B assay %s\n", command->summary, command->name);
    fprintf(out, "%s [options]\n.SH DESCRIPTION\n", command->arguments);
    print_roff(out, command->description);
    fputs(".SH OPTIONS\n", out);
    man_options(out, command->options, OPTIONS_MAX);
    man_options(out, global_options, global_option_count);
    fputs(".SH EXAMPLES\n", out);
    for (size_t i = 0; i < EXAMPLES_MAX && command->examples[i].line != NULL; i++) {
        fputs(".TP\n.B ", out);
        print_roff(out, command->examples[i].line);
        print_roff(out, command->examples[i].what);
    }
    fputs(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong use, 3 target not reached.\n.SH SEE ALSO\n.BR assay (1)\n", out);
}

static void man_overview(FILE *out)
{
    fprintf(out,
            ".TH ASSAY 1 \"\" \"assay %s\" \"assay manual\"\n.SH NAME\nassay \\- documents in, cited passages out\n"
            ".SH SYNOPSIS\n.B assay\nCOMMAND [options]\n.SH DESCRIPTION\n"
            "Finds passages in documents, with their sources. It needs no network and no language model.\n.SH COMMANDS\n",
            assay_version());
    for (size_t i = 0; i < command_count; i++) {
        fputs(".TP\n.BR assay\\-", out);
        print_page_name(out, commands[i]->name);
        fprintf(out, " (1)\n%s\n", commands[i]->summary);
    }
    fputs(".SH OPTIONS\n", out);
    man_options(out, global_options, global_option_count);
    fputs(".SH FILES\n.TP\n.I assay.yaml\nthe settings of a project\n.TP\n.I .assay/assay.db\nthe catalog: the only truth\n"
          ".TP\n.I .assay/index/\nindex files, derived from it\n.SH ENVIRONMENT\n.TP\n.B ASSAY_CPU\n"
          "forces the processor's kernels: reference, neon, sse4, avx2, avx512, avx512_vnni, avx512_bf16, amx\n.TP\n.B "
          "NO_COLOR\nwhen set, no colours\n"
          ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong use, 3 target not reached.\n",
          out);
}

bool help_man(FILE *out, const char *name)
{
    const struct command *command = command_find(name);
    if (strcmp(name, "assay") == 0)
        man_overview(out);
    else if (command != NULL)
        man_command(out, command);
    return strcmp(name, "assay") == 0 || command != NULL;
}
