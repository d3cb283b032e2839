/* completion.c - what the shells offer behind "assay", from the table. */
#include "command.h"
#include <string.h>

/* Writes what may stand first: commands, and each group once. */
static void first_words(FILE *out)
{
    for (size_t i = 0; i < command_count; i++)
        if (command_is_first_of_its_word(commands[i]))
            fprintf(out, SLICE_FORMAT " ", SLICE_ARGUMENT(command_first_word(commands[i])));
}

static bool is_in_group(const struct command *command)
{
    return strchr(command->name, ' ') != NULL;
}

/* The name within its group: "add" of "model add". */
static const char *name_in_group(const struct command *command)
{
    return command->name + command_first_word(command).size + 1;
}

/* Writes the names within the group that `command` is in. */
static void group_words(FILE *out, const struct command *command)
{
    for (size_t i = 0; i < command_count; i++)
        if (is_in_group(commands[i]) && slice_equal(command_first_word(commands[i]), command_first_word(command)))
            fprintf(out, "%s ", name_in_group(commands[i]));
}

/* Calls each() once for every group, with its first command. */
static void each_group(FILE *out, void (*each)(FILE *out, const struct command *first))
{
    for (size_t i = 0; i < command_count; i++)
        if (is_in_group(commands[i]) && command_is_first_of_its_word(commands[i]))
            each(out, commands[i]);
}

static void bash_group(FILE *out, const struct command *first)
{
    fprintf(out, "    " SLICE_FORMAT ") if [ \"$COMP_CWORD\" -eq 2 ]; then\n      COMPREPLY=($(compgen -W \"",
            SLICE_ARGUMENT(command_first_word(first)));
    group_words(out, first);
    fputs("\" -- \"$word\"))\n      return\n    fi\n    command=\"$command ${COMP_WORDS[2]}\" ;;\n", out);
}

static void completion_bash(FILE *out)
{
    fputs("# bash completion for assay\n_assay() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\"\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"",
          out);
    first_words(out);
    fputs("\" -- \"$word\"))\n    return\n  fi\n  case \"$command\" in\n", out);
    each_group(out, bash_group);
    fputs("  esac\n  case \"$command\" in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "    \"%s\") [[ \"$word\" == -* ]] && COMPREPLY=($(compgen -W \"", commands[i]->name);
        for (size_t j = 0; j < OPTIONS_MAX && commands[i]->options[j].name != NULL; j++)
            fprintf(out, "--%s ", commands[i]->options[j].name);
        for (size_t j = 0; j < global_option_count; j++)
            fprintf(out, "--%s ", global_options[j].name);
        fprintf(out, "\" -- \"$word\"))%s ;;\n",
                commands[i]->arguments_are_paths ? " || COMPREPLY=($(compgen -f -- \"$word\"))" : "");
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

static void zsh_group(FILE *out, const struct command *first)
{
    fprintf(out, "    " SLICE_FORMAT ") if (( CURRENT == 3 )); then\n      compadd ",
            SLICE_ARGUMENT(command_first_word(first)));
    group_words(out, first);
    fputs("\n      return\n    fi\n    name=\"$name $words[3]\" ;;\n", out);
}

static void completion_zsh(FILE *out)
{
    fputs("#compdef assay\n_assay() {\n  local -a names\n  local name=$words[2]\n  names=(", out);
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = commands[i];
        if (!is_in_group(command))
            fprintf(out, " '%s:%s'", command->name, command->summary);
        else if (command_is_first_of_its_word(command))
            fprintf(out, " '" SLICE_FORMAT "'", SLICE_ARGUMENT(command_first_word(command)));
    }
    fputs(" )\n  if (( CURRENT == 2 )); then\n    _describe command names\n    return\n  fi\n  case $name in\n", out);
    each_group(out, zsh_group);
    fputs("  esac\n  case $name in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fprintf(out, "    '%s') _arguments", commands[i]->name);
        zsh_options(out, commands[i]->options, OPTIONS_MAX);
        zsh_options(out, global_options, global_option_count);
        fprintf(out, "%s ;;\n", commands[i]->arguments_are_paths ? " '*:file:_files'" : "");
    }
    fputs("  esac\n}\n_assay \"$@\"\n", out);
}

/* The condition under which a command's options are offered. */
static void fish_condition(FILE *out, const struct command *command)
{
    struct slice first = command_first_word(command);
    if (is_in_group(command)) {
        fprintf(out, "'__fish_seen_subcommand_from " SLICE_FORMAT "; and __fish_seen_subcommand_from %s'",
                SLICE_ARGUMENT(first), name_in_group(command));
        return;
    }
    fprintf(out, "'__fish_seen_subcommand_from %s", command->name);
    for (size_t i = 0; i < command_count; i++) /* "model list" is not "list" */
        if (is_in_group(commands[i]) && strcmp(name_in_group(commands[i]), command->name) == 0)
            fprintf(out, "; and not __fish_seen_subcommand_from " SLICE_FORMAT,
                    SLICE_ARGUMENT(command_first_word(commands[i])));
    fputc('\'', out);
}

static void fish_options(FILE *out, const struct command *command, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count && options[i].name != NULL; i++) {
        fputs("complete -c assay -n ", out);
        fish_condition(out, command);
        fprintf(out, " -l %s", options[i].name);
        if (options[i].letter != 0)
            fprintf(out, " -s %c", options[i].letter);
        fprintf(out, "%s -d \"", options[i].value ? " -r" : "");
        for (const char *c = options[i].help; *c != '\0'; c++)
            fputc(strchr("\"$\\", *c) ? ' ' : *c, out);
        fputs("\"\n", out);
    }
}

static void fish_group(FILE *out, const struct command *first)
{
    struct slice word = command_first_word(first);
    fprintf(out, "complete -c assay -n __fish_use_subcommand -f -a " SLICE_FORMAT "\n", SLICE_ARGUMENT(word));
    fprintf(out, "complete -c assay -n '__fish_seen_subcommand_from " SLICE_FORMAT "; and not __fish_seen_subcommand_from ",
            SLICE_ARGUMENT(word));
    group_words(out, first);
    fputs("' -f -a '", out);
    group_words(out, first);
    fputs("'\n", out);
}

static void completion_fish(FILE *out)
{
    fputs("# fish completion for assay\n", out);
    each_group(out, fish_group);
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = commands[i];
        if (!is_in_group(command))
            fprintf(out, "complete -c assay -n __fish_use_subcommand -f -a %s -d '%s'\n", command->name, command->summary);
        if (!command->arguments_are_paths) {
            fputs("complete -c assay -n ", out);
            fish_condition(out, command);
            fputs(" -f\n", out);
        }
        fish_options(out, command, command->options, OPTIONS_MAX);
        fish_options(out, command, global_options, global_option_count);
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
