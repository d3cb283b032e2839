/* main.c - the program: parses the command line, runs the command, and makes sure that what was printed was taken. */
#include "output.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static enum exit_code run(struct invocation *invocation)
{
    bool wants_help = invocation_option(invocation, "help") != NULL;
    if (invocation->command == NULL && invocation->group != NULL && !wants_help) {
        char hint[100];
        snprintf(hint, sizeof(hint), "`assay help %.40s` lists them.", invocation->group);
        return wrong_use(invocation, hint, "`assay %.40s` wants the name of a command behind it", invocation->group);
    }
    if (invocation->command == NULL && invocation->json && !wants_help) {
        output_error(invocation, &(struct assay_error){.kind = ASSAY_INVALID,
                                                       .message = "no command given",
                                                       .hint = "`assay help` lists the commands."});
        return EXIT_WRONG_USE;
    }
    if (wants_help)
        return print_help(invocation, invocation->command, invocation->group);
    if (invocation->command == NULL) {
        help_overview(stderr);
        return EXIT_WRONG_USE;
    }
    return invocation->command->run(invocation);
}

int main(int argc, char **argv)
{
    struct invocation invocation;
    signal(SIGCHLD, SIG_DFL); /* who started us may have ignored it: then nobody would learn how readers' processes end */
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error like a full disk */
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
