/* run_project.c - the commands around a project: init, list, doctor; and version and help. */
#include "output.h"
#include <stdlib.h>
#include <string.h>

enum exit_code run_init(struct invocation *invocation)
{
    struct assay_error error;
    const char *folder = invocation->argument_count > 0 ? invocation->arguments[0] : invocation_option(invocation, "project");
    if (folder == NULL)
        folder = ".";
    if (!assay_create(folder, &error))
        return output_failure(invocation, &error);
    if (invocation->json) {
        struct buffer buffer;
        struct json_writer json;
        buffer_init(&buffer, MIB);
        json_writer_init(&json, &buffer);
        json_object_begin(&json);
        json_key(&json, "project");
        json_text(&json, slice_from(folder));
        json_object_end(&json);
        enum exit_code code = output_json(invocation, &buffer);
        buffer_release(&buffer);
        return code;
    }
    if (!invocation->quiet) {
        bool here = strcmp(folder, ".") == 0;
        fputs("Made a project in ", stdout);
        output_text(stdout, slice_from(here ? "this folder" : folder));
        fputs(": settings in assay.yaml, its state in .assay/.\nNext: ", stdout);
        if (!here) {
            fputs("cd ", stdout);
            output_text(stdout, slice_from(folder));
            fputs(", ", stdout);
        }
        puts("put documents into docs/, then `assay add` and `assay search \"…\"`.");
    }
    return EXIT_DONE;
}

struct listing {
    struct json_writer json;
    struct buffer buffer;
    bool is_json, verbose;
    size_t count, passages, bytes;
};

static bool list_document(void *context, const struct assay_document *document)
{
    struct listing *listing = context;
    char size[NUMBER_TEXT_BYTES];
    listing->count++;
    listing->passages += document->passages;
    listing->bytes += document->size;
    if (!listing->is_json) {
        printf("%5zu  %8s  %-8s  %-3s  ", document->passages, size_text(size, document->size), document->format,
               document->language);
        output_text(stdout, slice_from(document->path));
        if (listing->verbose && document->unit[0] != '\0')
            printf("  by %s: %s", document->unit, document->unit_reason);
        putchar('\n');
        return true;
    }
    struct json_writer *json = &listing->json;
    const struct json_text_member texts[] = {{"path", document->path},
                                             {"title", document->title},
                                             {"format", document->format},
                                             {"language", document->language},
                                             {"sha256", document->sha256},
                                             {"unit", document->unit},
                                             {"unit_reason", document->unit_reason}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "size_bytes");
    json_integer(json, (int64_t)document->size);
    json_key(json, "passages");
    json_integer(json, (int64_t)document->passages);
    json_object_end(json);
    return true;
}

enum exit_code run_list(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct listing listing = {.is_json = invocation->json, .verbose = invocation_option(invocation, "verbose") != NULL};
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    buffer_init(&listing.buffer, LIMIT_JSON_BYTES);
    json_writer_init(&listing.json, &listing.buffer);
    json_object_begin(&listing.json);
    json_key(&listing.json, "documents");
    json_array_begin(&listing.json);
    bool ok = assay_list(assay, list_document, &listing, &error);
    json_array_end(&listing.json);
    json_object_end(&listing.json);
    enum exit_code code = EXIT_DONE;
    if (!ok)
        code = output_failure(invocation, &error);
    else if (invocation->json)
        code = output_json(invocation, &listing.buffer);
    else if (!invocation->quiet) {
        char documents[NUMBER_TEXT_BYTES], passages[NUMBER_TEXT_BYTES], size[NUMBER_TEXT_BYTES];
        printf("%s documents, %s passages, %s\n", number_text(documents, listing.count),
               number_text(passages, listing.passages), size_text(size, listing.bytes));
    }
    buffer_release(&listing.buffer);
    assay_close(assay);
    return code;
}

struct examination {
    const struct invocation *invocation;
    struct json_writer problems, notes;
    struct buffer problem_text, note_text;
};

static void on_finding(void *context, const char *kind, const char *message)
{
    struct examination *examination = context;
    bool is_note = strcmp(kind, "note") == 0;
    if (!examination->invocation->json) {
        printf("%-8s ", kind);
        output_text(stdout, slice_from(message));
        putchar('\n');
        return;
    }
    struct json_writer *json = is_note ? &examination->notes : &examination->problems;
    json_object_begin(json);
    json_key(json, "kind");
    json_text(json, slice_from(kind));
    json_key(json, "message");
    json_text(json, slice_from(message));
    json_object_end(json);
}

static enum exit_code print_examination(struct examination *examination, const struct assay_examine_report *report)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "ok");
    json_bool(&json, report->problems == report->repaired);
    const struct json_integer_member counts[] = {{"documents", (int64_t)report->documents},
                                                 {"passages", (int64_t)report->passages},
                                                 {"segments", (int64_t)report->segments},
                                                 {"unsealed", (int64_t)report->unsealed},
                                                 {"vectors", (int64_t)report->vectors},
                                                 {"vector_files", (int64_t)report->vector_files},
                                                 {"without_vector", (int64_t)report->without_vector},
                                                 {"log_entries", (int64_t)report->log_entries},
                                                 {"repaired", (int64_t)report->repaired}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    json_key(&json, "problems");
    buffer_append_byte(&buffer, '[');
    buffer_append_slice(&buffer, buffer_slice(&examination->problem_text));
    buffer_append_text(&buffer, "],\"notes\":[");
    buffer_append_slice(&buffer, buffer_slice(&examination->note_text));
    buffer_append_text(&buffer, "],\"took_ms\":");
    buffer_format(&buffer, "%.4g}", report->took_ms);
    enum exit_code code = output_json(examination->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_health(const struct assay_examine_report *report)
{
    char documents[NUMBER_TEXT_BYTES], passages[NUMBER_TEXT_BYTES], vectors[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES];
    size_t files = report->segments + report->vector_files;
    printf("%s documents, %s passages, %s vectors, %zu index file%s examined in %s: ",
           number_text(documents, report->documents), number_text(passages, report->passages),
           number_text(vectors, report->vectors), files, files == 1 ? "" : "s", time_text(time, report->took_ms));
    if (report->problems == 0)
        puts("nothing wrong");
    else if (report->repaired == report->problems)
        printf("%zu problem%s, all repaired\n", report->problems, report->problems == 1 ? "" : "s");
    else
        printf("%zu problem%s, %zu repaired%s\n", report->problems, report->problems == 1 ? "" : "s", report->repaired,
               report->repaired == 0 ? " (`assay doctor --repair` rebuilds index files)" : "");
    if (report->log_entries > 0)
        printf("%s entr%s of the audit log examined\n", number_text(documents, report->log_entries),
               report->log_entries == 1 ? "y" : "ies");
    if (report->unsealed > 0)
        printf("%zu passages are not in an index file yet; the next `assay add` writes them\n", report->unsealed);
    if (report->vectors > 0 && report->without_vector > 0)
        printf("%zu passages have no vector yet; the next `assay add` makes them\n", report->without_vector);
}

/* The embedding model, when there is one, must open. */
static void examine_model(struct examination *examination, struct assay_examine_report *report)
{
    struct assay_model_place place;
    struct assay_model *model = NULL;
    struct assay_error error;
    bool found = assay_model_find(NULL, invocation_option(examination->invocation, "project"), &place, &error);
    if (!found && error.kind == ASSAY_NOT_FOUND)
        return;
    if (!found || !assay_model_open(&model, &(struct assay_model_options){.folder = place.folder}, &error)) {
        report->problems++;
        on_finding(examination, "model", error.message);
    }
    assay_model_close(model);
}

enum exit_code run_doctor(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_examine_report report;
    struct examination examination = {.invocation = invocation};
    bool repair = invocation_option(invocation, "repair") != NULL;
    const struct assay_open_options open = {invocation_option(invocation, "project"), repair, "assay doctor --repair"},
                                    look = {.folder = open.folder};
    /* Who opens to write begins a catalog that is not there: of one that is gone nothing would be told. */
    bool is_gone = repair && !assay_open(&assay, &look, &error) && error.kind == ASSAY_NOT_FOUND;
    assay_close(assay);
    assay = NULL;
    if (is_gone || !assay_open(&assay, &open, &error))
        return output_failure(invocation, &error);
    buffer_init(&examination.problem_text, LIMIT_JSON_BYTES);
    buffer_init(&examination.note_text, LIMIT_JSON_BYTES);
    json_writer_init(&examination.problems, &examination.problem_text);
    json_writer_init(&examination.notes, &examination.note_text);
    enum exit_code code = EXIT_DONE;
    if (!assay_examine(assay, &(struct assay_examine_options){repair, on_finding, &examination}, &report, &error)) {
        code = output_failure(invocation, &error);
    } else {
        examine_model(&examination, &report);
        if (invocation->json)
            code = print_examination(&examination, &report);
        else if (!invocation->quiet)
            print_health(&report);
        if (report.problems > report.repaired)
            code = EXIT_FAILED;
    }
    buffer_release(&examination.problem_text);
    buffer_release(&examination.note_text);
    assay_close(assay);
    return code;
}

enum exit_code run_version(struct invocation *invocation)
{
    if (!invocation->json) {
        printf("assay %s (%s), kernels: %s\n", assay_version(), build_commit, assay_kernels());
        return EXIT_DONE;
    }
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_text_member texts[] = {
        {"version", assay_version()}, {"commit", build_commit}, {"kernels", assay_kernels()}, {"compiler", __VERSION__}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* With --json the same words as one text. */
enum exit_code print_help(const struct invocation *invocation, const struct command *command, const char *group)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = invocation->json ? open_memstream(&text, &size) : stdout;
    if (out == NULL)
        return EXIT_FAILED;
    if (command != NULL)
        help_command(out, command);
    else if (group != NULL)
        help_group(out, group);
    else
        help_overview(out);
    if (!invocation->json)
        return EXIT_DONE;
    (void)fclose(out); /* a memory stream */
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "help");
    json_text(&json, (struct slice){text, size});
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    free(text);
    return code;
}

enum exit_code run_help(struct invocation *invocation)
{
    static const char where[] = "`assay help` lists the commands.";
    const char *man = invocation_option(invocation, "man"), *shell = invocation_option(invocation, "completion");
    if (man != NULL)
        return help_man(stdout, man) ? EXIT_DONE : wrong_use(invocation, where, "unrecognized command \"%.80s\"", man);
    if (shell != NULL)
        return help_completion(stdout, shell)
                   ? EXIT_DONE
                   : wrong_use(invocation, "Known: bash, zsh, fish.", "unrecognized shell \"%.80s\"", shell);
    if (invocation->argument_count == 0)
        return print_help(invocation, NULL, NULL);
    const char *first = invocation->arguments[0], *second = invocation->argument_count > 1 ? invocation->arguments[1] : NULL;
    char name[200];
    snprintf(name, sizeof(name), "%.80s%s%.80s", first, second ? " " : "", second ? second : "");
    const struct command *command = command_find(name);
    if (command == NULL && (second != NULL || !command_is_group(first)))
        return wrong_use(invocation, where, "unrecognized command \"%.160s\"", name);
    return print_help(invocation, command, first);
}
