/* ask_many.c - many questions to one project, by one process. For bench_ask.py, ask_squad.py and injection.py, which build it.
 *
 *   ask_many PROJECT [mock|MODEL [undefended]] < lines of FILTER, tab, QUESTION        (an empty filter: none)
 *
 * Writes a line a question: milliseconds, abstained (0, 1), confidence, the document of the first passage, of the first citation ("-": none), and the
 * answer on one line, with tabs between.
 *
 * "mock": a language model on loopback that takes no time: a thread here, which answers with the beginning of the first passage that it is given. */
#include <assay.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 4 << 20, ANSWER_BYTES = 4096, SAID_BYTES = 120 };

/* ---- the model ---- */

/* Whole requests, one behind another; false when the client is gone. */
static bool take_request(int connection, char *request, size_t *size)
{
    size_t have = 0;
    for (;;) {
        ssize_t more = recv(connection, request + have, REQUEST_BYTES - 1 - have, 0);
        if (more <= 0)
            return false;
        have += (size_t)more;
        request[have] = '\0';
        const char *end = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");
        if (end != NULL && length != NULL && have >= (size_t)(end + 4 - request) + strtoul(length + 16, NULL, 10)) {
            *size = have;
            return true;
        }
    }
}

/* The first passage's beginning, as it is in the JSON of the request; no escape is cut apart. */
static void say(const char *request, char *said)
{
    const char *at = strstr(request, "\\nDocument: ");
    at = at != NULL ? strstr(at + 2, "\\n") : NULL;
    size_t size = 0;
    for (at = at != NULL ? at + 2 : ""; *at != '\0' && *at != '\\' && *at != '"' && size < SAID_BYTES; at++)
        said[size++] = *at;
    while (size > 0 && said[size - 1] != ' ')
        size--;
    said[size > 0 ? size - 1 : 0] = '\0';
}

static void *serve_one(void *context)
{
    int connection = (int)(intptr_t)context;
    char *request = malloc(REQUEST_BYTES);
    char body[ANSWER_BYTES], answer[2 * ANSWER_BYTES], said[SAID_BYTES + 1];
    size_t size;
    while (request != NULL && take_request(connection, request, &size)) {
        say(request, said);
        int length = snprintf(
            body, sizeof(body),
            "{\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s [1].\"},"
            "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":30}}",
            said);
        int whole = snprintf(answer, sizeof(answer),
                             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body);
        if (send(connection, answer, (size_t)whole, MSG_NOSIGNAL) != whole)
            break;
    }
    free(request);
    close(connection);
    return NULL;
}

static void *serve(void *context)
{
    int listening = (int)(intptr_t)context;
    for (;;) {
        pthread_t thread;
        int connection = accept(listening, NULL, NULL);
        if (connection < 0)
            return NULL;
        if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)connection) == 0)
            pthread_detach(thread);
    }
}

/* Its address as `model` of assay.yaml has it. */
static bool start_mock(char *model, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    pthread_t thread;
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    if (listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listening, 16) != 0 ||
        getsockname(listening, (struct sockaddr *)&address, &length) != 0 ||
        pthread_create(&thread, NULL, serve, (void *)(intptr_t)listening) != 0)
        return false;
    pthread_detach(thread);
    snprintf(model, size, "http://127.0.0.1:%d/v1#mock", ntohs(address.sin_port));
    return true;
}

/* ---- the questions ---- */

static void print_line(const char *text)
{
    for (; *text != '\0'; text++)
        putchar(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text);
    putchar('\n');
}

static bool ask(struct assay *assay, struct assay_llm *llm, bool undefended, const char *filter, const char *question)
{
    struct assay_answer answer;
    struct assay_error error;
    const struct assay_ask_options options = {.llm = llm,
                                              .model = "builtin",
                                              .filter = filter[0] != '\0' ? filter : NULL,
                                              .unsupported = undefended ? "keep" : NULL,
                                              .undefended = undefended};
    if (!assay_ask(assay, question, &options, &answer, &error)) {
        fprintf(stderr, "ask_many: %s\n", error.message);
        return false;
    }
    printf("%.3f\t%d\t%.5f\t%s\t%s\t", answer.took_ms, answer.abstained, answer.confidence,
           answer.hit_count > 0 ? answer.hits[0].document : "-",
           answer.citation_count > 0 ? answer.citations[0].hit->document : "-");
    print_line(answer.text != NULL ? answer.text : "");
    assay_answer_release(&answer);
    return true;
}

int main(int argc, char **argv)
{
    struct assay *assay = NULL;
    struct assay_llm *llm = NULL;
    struct assay_error error = {.message = "could not start a model"};
    char model[80] = "", line[65536];
    bool ok = argc >= 2 && assay_open(&assay, &(struct assay_open_options){.folder = argv[1]}, &error);
    if (ok && argc > 2)
        ok = (strcmp(argv[2], "mock") != 0 || start_mock(model, sizeof(model))) &&
             assay_llm_open(&llm, model[0] != '\0' ? model : argv[2], &(struct assay_llm_options){.project = argv[1]}, &error);
    if (!ok)
        fprintf(stderr, "ask_many PROJECT [mock|MODEL [undefended]]: %s\n", error.message);
    while (ok && fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *question = strchr(line, '\t');
        ok = question != NULL;
        if (ok) {
            *question = '\0';
            ok = ask(assay, llm, argc > 3, line, question + 1);
        }
    }
    assay_llm_close(llm);
    assay_close(assay);
    return ok ? 0 : 1;
}
