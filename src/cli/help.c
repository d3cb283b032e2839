/* help.c - overview, help of a command, man pages and completions, all from the table. */
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
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
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
    fprintf(out,
            ".TH ASSAY\\-%s 1 \"\" \"assay %s\" \"assay manual\"\n.SH NAME\nassay\\-%s \\- %s\n.SH SYNOPSIS\n.B assay %s\n",
            command->name, assay_version(), command->name, command->summary, command->name);
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
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, ".TP\n.BR assay\\-%s (1)\n%s\n", commands[i].name, commands[i].summary);
    fputs(".SH OPTIONS\n", out);
    man_options(out, global_options, global_option_count);
    fputs(".SH FILES\n.TP\n.I assay.yaml\nthe settings of a project\n.TP\n.I .assay/assay.db\nthe catalog: the only truth\n"
          ".TP\n.I .assay/index/\nindex files, derived from it\n.SH ENVIRONMENT\n.TP\n.B ASSAY_CPU\n"
          "forces the processor's kernels: reference, sse4, avx2, neon\n.TP\n.B NO_COLOR\nwhen set, no colours\n"
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

static void completion_bash(FILE *out)
{
    fputs("# bash completion for assay\n_assay() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\"\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"",
          out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "%s ", commands[i].name);
    fputs("\" -- \"$word\"))\n    return\n  fi\n  case \"$command\" in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "    %s) [[ \"$word\" == -* ]] && COMPREPLY=($(compgen -W \"", commands[i].name);
        for (size_t j = 0; j < OPTIONS_MAX && commands[i].options[j].name != NULL; j++)
            fprintf(out, "--%s ", commands[i].options[j].name);
        for (size_t j = 0; j < global_option_count; j++)
            fprintf(out, "--%s ", global_options[j].name);
        fprintf(out, "\" -- \"$word\"))%s ;;\n",
                commands[i].arguments_are_paths ? " || COMPREPLY=($(compgen -f -- \"$word\"))" : "");
    }
    fputs("  esac\n}\ncomplete -o filenames -F _assay assay\n", out);
}

static void zsh_options(FILE *out, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count && options[i].name != NULL; i++) {
        fprintf(out, " '--%s[", options[i].name);
        for (const char *c = options[i].help; *c != '\0'; c++) /* brackets and quotes would end the text */
            fputc(strchr("[]'", *c) ? ' ' : *c, out);
        fprintf(out, "]%s%s%s'", options[i].value ? ":" : "", options[i].value ? options[i].value : "",
                options[i].value ? ":" : "");
    }
}

static void completion_zsh(FILE *out)
{
    fputs("#compdef assay\n_assay() {\n  local -a names\n  names=(", out);
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, " '%s:%s'", commands[i].name, commands[i].summary);
    fputs(" )\n  if (( CURRENT == 2 )); then\n    _describe command names\n    return\n  fi\n  case $words[2] in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "    %s) _arguments", commands[i].name);
        zsh_options(out, commands[i].options, OPTIONS_MAX);
        zsh_options(out, global_options, global_option_count);
        fprintf(out, "%s ;;\n", commands[i].arguments_are_paths ? " '*:file:_files'" : "");
    }
    fputs("  esac\n}\n_assay \"$@\"\n", out);
}

static void fish_options(FILE *out, const char *command, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count && options[i].name != NULL; i++) {
        fprintf(out, "complete -c assay -n '__fish_seen_subcommand_from %s' -l %s", command, options[i].name);
        if (options[i].letter != 0)
            fprintf(out, " -s %c", options[i].letter);
        fprintf(out, "%s -d \"", options[i].value ? " -r" : "");
        for (const char *c = options[i].help; *c != '\0'; c++)
            fputc(strchr("\"$\\", *c) ? ' ' : *c, out);
        fputs("\"\n", out);
    }
}

static void completion_fish(FILE *out)
{
    fputs("# fish completion for assay\n", out);
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        fprintf(out, "complete -c assay -n __fish_use_subcommand -f -a %s -d '%s'\n", command->name, command->summary);
        if (!command->arguments_are_paths)
            fprintf(out, "complete -c assay -n '__fish_seen_subcommand_from %s' -f\n", command->name);
        fish_options(out, command->name, command->options, OPTIONS_MAX);
        fish_options(out, command->name, global_options, global_option_count);
    }
}

bool help_completion(FILE *out, const char *shell)
{
    static const struct {
        const char *shell;
        void (*print)(FILE *out);
    } shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
    for (size_t i = 0; i < ARRAY_COUNT(shells); i++)
        if (strcmp(shells[i].shell, shell) == 0) {
            shells[i].print(out);
            return true;
        }
    return false;
}
