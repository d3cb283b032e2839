/* main.c - the program: parses the command line, runs the command, and makes sure that what was printed was taken. */
#include "output.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum exit_code run(struct invocation *invocation)
{
    if (invocation->command == NULL) {
        help_overview(invocation_option(invocation, "help") ? stdout : stderr);
        return invocation_option(invocation, "help") ? EXIT_DONE : EXIT_WRONG_USE;
    }
    if (invocation_option(invocation, "help") != NULL) {
        help_command(stdout, invocation->command);
        return EXIT_DONE;
    }
    return invocation->command->run(invocation);
}

int main(int argc, char **argv)
{
    struct invocation invocation;
    const char **arguments = memory_alloc((size_t)argc + 1, sizeof(*arguments));
    enum exit_code code = EXIT_WRONG_USE;
    if (command_parse(argc, argv, arguments, &invocation))
        code = run(&invocation);
    free(arguments);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "assay: could not write to standard output: %s\n", strerror(errno));
        return EXIT_FAILED;
    }
    return (int)code;
}
