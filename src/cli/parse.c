/* parse.c - the command line into an invocation. Options may stand anywhere behind the command; "--" ends them. */
#include "command.h"
#include "output.h"
#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* The same words, with a blank or a hyphen between them in `name`. */
static bool is_named(const char *own, const char *name)
{
    while (*own != '\0' && (*own == *name || (*own == ' ' && *name == '-'))) {
        own++;
        name++;
    }
    return *own == '\0' && *name == '\0';
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (is_named(commands[i]->name, name))
            return commands[i];
    return NULL;
}

struct slice command_first_word(const struct command *command)
{
    struct slice name = slice_from(command->name);
    size_t at;
    return slice_find(name, ' ', &at) ? slice_range(name, 0, at) : name;
}

bool command_is_group(const char *word)
{
    for (size_t i = 0; i < command_count; i++)
        if (slice_equal_text(command_first_word(commands[i]), word) && strcmp(commands[i]->name, word) != 0)
            return true;
    return false;
}

bool command_is_first_of_its_word(const struct command *command)
{
    for (size_t i = 0; commands[i] != command; i++)
        if (slice_equal(command_first_word(commands[i]), command_first_word(command)))
            return false;
    return true;
}

PRINTF_LIKE(3, 0)
static void tell_wrong_use(const struct invocation *invocation, const char *hint, const char *format, va_list arguments)
{
    struct assay_error error = {.kind = ASSAY_INVALID};
    vsnprintf(error.message, sizeof(error.message), format, arguments);
    snprintf(error.hint, sizeof(error.hint), "%s", hint);
    output_error(invocation, &error);
}

enum exit_code wrong_use(const struct invocation *invocation, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_wrong_use(invocation, hint, format, arguments);
    va_end(arguments);
    return EXIT_WRONG_USE;
}

bool question_is_given(const struct invocation *invocation, const char *hint)
{
    bool is_given = false;
    for (size_t i = 0; i < invocation->argument_count; i++)
        is_given = is_given || slice_trim(slice_from(invocation->arguments[i])).size > 0;
    if (!is_given)
        (void)wrong_use(invocation, hint, "the question is empty");
    return is_given;
}

PRINTF_LIKE(3, 4)
static bool refuse(const struct invocation *invocation, const char *hint, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    tell_wrong_use(invocation, hint, format, arguments);
    va_end(arguments);
    return false;
}

struct place {
    const struct option *option;
    const char **value;
};

static size_t count_options(const struct command *command)
{
    size_t count = 0;
    while (command != NULL && count < OPTIONS_MAX && command->options[count].name != NULL)
        count++;
    return count;
}

/* Finds an option by its name, or by its letter when `letter` is not 0. */
static bool find_option(struct invocation *invocation, struct slice name, char letter, struct place *place)
{
    size_t own = count_options(invocation->command);
    for (size_t i = 0; i < own + global_option_count; i++) {
        const struct option *option = i < own ? &invocation->command->options[i] : &global_options[i - own];
        bool fits = letter != 0 ? option->letter == letter : slice_equal_text(name, option->name);
        if (fits) {
            *place = (struct place){option, i < own ? &invocation->values[i] : &invocation->global_values[i - own]};
            return true;
        }
    }
    return false;
}

static bool refuse_option(struct invocation *invocation, const char *word, struct slice name)
{
    const char *best = NULL;
    size_t best_distance = 2 + name.size / 4, own = count_options(invocation->command);
    char hint[200];
    for (size_t i = 0; i < own + global_option_count; i++) {
        const struct option *option = i < own ? &invocation->command->options[i] : &global_options[i - own];
        size_t distance = slice_distance(name, slice_from(option->name), 100);
        if (distance < best_distance) {
            best = option->name;
            best_distance = distance;
        }
    }
    const char *command = invocation->command ? invocation->command->name : "";
    if (best != NULL)
        snprintf(hint, sizeof(hint), "Did you mean --%s?", best);
    else
        snprintf(hint, sizeof(hint), "`assay %s%s--help` lists the options.", command, command[0] ? " " : "");
    return refuse(invocation, hint, "unrecognized option \"%.80s\"", word);
}

/* Options of which a second one would not narrow what the first one lets through, as a person may mean it, but replace it. */
static bool narrows(const struct option *option)
{
    return strcmp(option->name, "filter") == 0 || strcmp(option->name, "as") == 0;
}

/* One word that begins with "-". `*next` is the word behind it, or NULL; `*used_next` when it was the value. */
static bool parse_option(struct invocation *invocation, const char *word, const char *next, bool *used_next)
{
    struct slice name = slice_from(word), value = {NULL, 0};
    struct place place;
    char letter = 0;
    size_t equals;
    *used_next = false;
    if (slice_starts_with(name, SLICE("--"))) {
        name = slice_range(name, 2, name.size);
        if (slice_find(name, '=', &equals)) {
            value = slice_range(name, equals + 1, name.size);
            name = slice_range(name, 0, equals);
        }
    } else {
        letter = word[1];
        name = slice_range(name, 1, 2);
        if (word[2] != '\0') /* -k5 */
            value = slice_from(word + 2);
    }
    if (!find_option(invocation, name, letter, &place))
        return refuse_option(invocation, word, name);
    if (*place.value != NULL && narrows(place.option))
        return refuse(invocation, "Give it once.", "option \"--%s\" was given twice", place.option->name);
    if (place.option->value == NULL) {
        if (value.data != NULL)
            return refuse(invocation, "Leave the value out.", "option \"--%s\" takes no value", place.option->name);
        *place.value = "";
        return true;
    }
    if (value.data == NULL) {
        bool is_option = next != NULL && next[0] == '-' && next[1] == '-';
        if (next == NULL || is_option)
            return refuse(invocation,
                          is_option ? "A value that begins with -- is written with =." : "Write it behind the option.",
                          "option \"--%s\" wants a value", place.option->name);
        value = slice_from(next);
        *used_next = true;
    }
    *place.value = value.data; /* runs to the end of its word */
    return true;
}

static bool refuse_command(struct invocation *invocation, const char *name)
{
    struct slice best = {NULL, 0};
    size_t best_distance = 2 + strlen(name) / 4; /* a short word has few letters to get wrong */
    char hint[200];
    for (size_t i = 0; i < command_count; i++) {
        assert(commands[i] != NULL);
        struct slice known = invocation->group != NULL ? slice_from(commands[i]->name) : command_first_word(commands[i]);
        size_t distance = slice_distance(slice_from(name), known, 100);
        if (distance < best_distance) {
            best = known;
            best_distance = distance;
        }
    }
    if (best.size > 0)
        snprintf(hint, sizeof(hint), "Did you mean `assay " SLICE_FORMAT "`?", SLICE_ARGUMENT(best));
    else
        snprintf(hint, sizeof(hint), "`assay help` lists the commands.");
    return refuse(invocation, hint, "unrecognized command \"%.80s\"", name);
}

/* A word where a command is wanted: the command, its group, or the command within the group. */
static bool take_command(struct invocation *invocation, const char *word)
{
    char name[2 * COMMAND_NAME_BYTES];
    int size = snprintf(name, sizeof(name), "%.*s%s%.*s", COMMAND_NAME_BYTES, invocation->group ? invocation->group : "",
                        invocation->group ? " " : "", COMMAND_NAME_BYTES - 2, word);
    bool is_whole = size > 0 && strlen(word) < COMMAND_NAME_BYTES - 2;
    if (invocation->group == NULL && command_is_group(word)) {
        invocation->group = word;
        return true;
    }
    invocation->command = is_whole && strchr(word, ' ') == NULL && strchr(word, '-') == NULL ? command_find(name) : NULL;
    return invocation->command != NULL || refuse_command(invocation, invocation->group != NULL ? name : word);
}

static bool check_count(struct invocation *invocation)
{
    const struct command *command = invocation->command;
    char hint[200];
    snprintf(hint, sizeof(hint), "Usage: assay %s%s%s", command->name, command->arguments[0] ? " " : "", command->arguments);
    if (invocation_option(invocation, "help") != NULL)
        return true;
    if (invocation->argument_count < command->argument_least)
        return refuse(invocation, hint, "`assay %s` wants more words", command->name);
    if (invocation->argument_count > command->argument_most)
        return refuse(invocation, hint, "too many words: \"%.80s\"", invocation->arguments[command->argument_most]);
    return true;
}

bool command_parse(int argc, char **argv, const char **arguments, struct invocation *invocation)
{
    bool options_ended = false;
    *invocation = (struct invocation){.arguments = arguments};
    for (int i = 1; i < argc; i++) /* before all else, so that errors come in the form that was asked for */
        if (strcmp(argv[i], "--json") == 0)
            invocation->json = true;
    for (int i = 1; i < argc; i++) {
        const char *word = i == 1 && strcmp(argv[i], "--version") == 0 ? "version" : argv[i]; /* as every program knows it */
        bool used_next = false;
        if (!options_ended && strcmp(word, "--") == 0) {
            options_ended = true;
        } else if (!options_ended && word[0] == '-' && word[1] != '\0') {
            if (!parse_option(invocation, word, i + 1 < argc ? argv[i + 1] : NULL, &used_next))
                return false;
            i += used_next;
        } else if (invocation->command == NULL) {
            if (!take_command(invocation, word))
                return false;
        } else {
            arguments[invocation->argument_count++] = word;
        }
    }
    invocation->json = invocation_option(invocation, "json") != NULL;
    invocation->quiet = invocation_option(invocation, "quiet") != NULL;
    return invocation->command == NULL || check_count(invocation);
}

const char *invocation_option(const struct invocation *invocation, const char *name)
{
    size_t own = count_options(invocation->command);
    for (size_t i = 0; i < own; i++)
        if (strcmp(invocation->command->options[i].name, name) == 0)
            return invocation->values[i];
    for (size_t i = 0; i < global_option_count; i++)
        if (strcmp(global_options[i].name, name) == 0)
            return invocation->global_values[i];
    return NULL;
}

bool invocation_number(const struct invocation *invocation, const char *name, size_t least, size_t most, size_t usual,
                       size_t *number)
{
    const char *text = invocation_option(invocation, name);
    uint64_t value;
    *number = usual;
    if (text == NULL)
        return true;
    if (slice_to_u64(slice_from(text), &value) && value >= least && value <= most) {
        *number = (size_t)value;
        return true;
    }
    return refuse(invocation, "", "\"--%s\" is \"%.60s\", expected a whole number from %zu to %zu", name, text, least, most);
}
