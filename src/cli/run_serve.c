/* run_serve.c - `assay serve`: tells where it listens, and hands on to the server, which logs by itself. */
#include "output.h"
#include "server/server.h"

static void on_ready(void *context, const char *address, const char *admin_key)
{
    const struct invocation *invocation = context;
    const char *scheme = invocation_option(invocation, "tls-cert") != NULL ? "https" : "http";
    if (invocation->json) {
        printf("{\"listening\":\"%s://%s\"", scheme, address);
        if (admin_key != NULL)
            printf(",\"admin_key\":\"%s\"", admin_key);
        puts("}");
    } else {
        printf("listening at %s://%s\n", scheme, address);
        if (admin_key != NULL)
            printf("admin key, shown this once: %s\n", admin_key);
        if (!invocation->quiet)
            printf("OpenAI's clients: base URL %s://%s/v1, and a key: `assay key add NAME --groups …` makes more\n", scheme,
                   address);
    }
    fflush(stdout);
}

enum exit_code run_serve(struct invocation *invocation)
{
    struct assay_error error;
    const struct server_options options = {.folder = invocation_option(invocation, "project"),
                                           .listen = invocation_option(invocation, "listen"),
                                           .tls_certificate = invocation_option(invocation, "tls-cert"),
                                           .tls_key = invocation_option(invocation, "tls-key"),
                                           .quiet = invocation->quiet,
                                           .on_ready = on_ready,
                                           .context = invocation};
    return server_run(&options, &error) ? EXIT_DONE : output_failure(invocation, &error);
}
