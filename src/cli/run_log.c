/* run_log.c - `assay log …`: reading, proving and erasing the audit log. */
#include "output.h"
#include "shape/shape.h"
#include <stdlib.h>
#include <string.h>

enum { QUESTION_SHOWN = 200 };

static bool open_log(const struct invocation *invocation, struct assay_log **log, struct assay_error *error)
{
    return assay_log_open(log,
                          &(struct assay_log_options){.project = invocation_option(invocation, "project"),
                                                      .folder = invocation_option(invocation, "folder")},
                          error);
}

static struct slice slice_of(struct assay_text text)
{
    return (struct slice){text.data, text.size};
}

/* ID as a number from 1; false: the error was told. */
static bool read_number(const struct invocation *invocation, const char *text, uint64_t *number)
{
    if (slice_to_u64(slice_from(text), number) && *number > 0 && *number <= INT64_MAX)
        return true;
    wrong_use(invocation, "`assay log list` shows them.", "\"%s\" is not the number of an entry", text);
    return false;
}

/* ---- list and show ---- */

struct log_listing {
    const struct invocation *invocation;
    struct buffer buffer;
    struct json_writer json;
    size_t count, damaged;
};

static void print_line(const struct assay_log_entry *entry)
{
    char number[NUMBER_TEXT_BYTES];
    printf("%8s  ", number_text(number, (size_t)entry->number));
    if (strcmp(entry->kind, "damaged") == 0) {
        puts("(damaged: it is not as it was written)");
        return;
    }
    printf("%s  ", entry->time);
    if (strcmp(entry->kind, "answer") != 0) {
        printf("(%s)\n", strcmp(entry->kind, "cut") == 0    ? "the rest of a crash was cut off"
                         : strcmp(entry->kind, "head") == 0 ? "the log's head was lost, and made anew"
                                                            : "personal content was erased");
        return;
    }
    if (strcmp(entry->content, "kept") != 0) {
        printf("(%s)\n", entry->content);
        return;
    }
    output_text(stdout, slice_of(entry->asker));
    fputs("  ", stdout);
    if (entry->question.size > 0)
        output_text(stdout, slice_cut(slice_of(entry->question), QUESTION_SHOWN));
    else
        fputs("(its hash is kept)", stdout);
    puts(entry->abstained ? "  (no answer)" : "");
}

static bool list_entry(void *context, const struct assay_log_entry *entry)
{
    struct log_listing *listing = context;
    listing->count++;
    listing->damaged += strcmp(entry->kind, "damaged") == 0;
    if (listing->invocation->json)
        json_raw(&listing->json, slice_of(entry->json));
    else
        print_line(entry);
    return !interrupted();
}

enum exit_code run_log_list(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    struct assay_log_head head;
    struct log_listing listing = {.invocation = invocation};
    size_t last = 0;
    if (!invocation_number(invocation, "last", 0, SIZE_MAX, 20, &last))
        return EXIT_WRONG_USE;
    if (!open_log(invocation, &log, &error))
        return output_failure(invocation, &error);
    buffer_init(&listing.buffer, LIMIT_JSON_BYTES);
    json_writer_init(&listing.json, &listing.buffer);
    json_object_begin(&listing.json);
    json_key(&listing.json, "entries");
    json_array_begin(&listing.json);
    interrupt_watch();
    bool is_counted = assay_log_head(log, &head, &error) || error.kind == ASSAY_CORRUPT;
    uint64_t first = is_counted && last > 0 && head.entries > last ? head.entries - last + 1 : 1;
    bool ok = is_counted && assay_log_each(log, first, UINT64_MAX, list_entry, &listing, &error);
    json_array_end(&listing.json);
    json_object_end(&listing.json);
    enum exit_code code = EXIT_DONE;
    if (!ok)
        code = output_failure_midway(invocation, !invocation->json && listing.count > 0, &error);
    else if (invocation->json)
        code = output_json(invocation, &listing.buffer);
    else if (listing.count == 0 && !invocation->quiet)
        puts("Nothing was asked yet. `assay ask` writes an entry for each question.");
    if (ok && listing.damaged > 0)
        code = EXIT_FAILED;
    buffer_release(&listing.buffer);
    assay_log_close(log);
    return code;
}

static void print_words(const char *name, struct slice text)
{
    printf("%-10s ", name);
    if (text.size > 0)
        output_text(stdout, text);
    else
        putchar('-');
    putchar('\n');
}

static struct slice member_text(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_TEXT ? value->text : SLICE("");
}

static void print_passages(const struct json_value *record, struct slice source)
{
    const struct json_value *passages = json_get(record, "passages");
    for (size_t i = 0; passages != NULL && passages->kind == JSON_ARRAY && i < passages->count; i++) {
        const struct json_value *passage = &passages->items[i], *start = json_get(passage, "start"),
                                *end = json_get(passage, "end"), *cited = json_get(passage, "cited");
        printf("  [%zu] ", i + 1);
        output_text(stdout, member_text(passage, "document"));
        if (start != NULL && end != NULL)
            printf(", bytes " SLICE_FORMAT " to " SLICE_FORMAT, SLICE_ARGUMENT(slice_range(source, start->at, start->end)),
                   SLICE_ARGUMENT(slice_range(source, end->at, end->end)));
        fputs(cited != NULL && cited->boolean ? ", cited\n      version " : "\n      version ", stdout);
        output_text(stdout, slice_cut(member_text(passage, "version"), 16));
        puts("…");
    }
}

struct log_showing {
    const struct invocation *invocation;
    bool is_damaged;
    struct error error; /* then */
};

static void show_damaged(struct log_showing *showing, const struct assay_log_entry *entry, struct slice reason)
{
    showing->is_damaged = true;
    error_set(&showing->error, ERROR_CORRUPT, "entry %llu of the audit log is damaged: " SLICE_FORMAT,
              (unsigned long long)entry->number, SLICE_ARGUMENT(reason));
    error_hint(&showing->error, "`assay log verify` looks at all of them.");
}

static void print_entry(const struct assay_log_entry *entry, const struct json_value *root, struct slice source)
{
    const struct json_value *record = json_get(root, "record");
    printf("%-10s %llu, %s\n", "entry", (unsigned long long)entry->number, entry->kind);
    print_words("when", slice_from(entry->time));
    print_words("hash", member_text(root, "hash"));
    if (strcmp(entry->kind, "answer") == 0) {
        print_words("asker", slice_of(entry->asker));
        print_words("question", slice_of(entry->question));
        print_words("answer", slice_of(entry->answer));
        print_words("content", slice_from(entry->content));
        if (record != NULL) {
            print_words("model", member_text(record, "model"));
            print_words("approach", member_text(record, "approach"));
            puts("sources");
            print_passages(record, source);
        }
    }
}

static bool show_entry(void *context, const struct assay_log_entry *entry)
{
    struct log_showing *showing = context;
    struct slice source = slice_of(entry->json);
    struct arena arena;
    struct json_value root;
    arena_init(&arena);
    bool ok = json_read(source, "an entry", &arena, &root, &showing->error);
    if (!ok) {
        showing->is_damaged = true;
    } else if (strcmp(entry->kind, "damaged") == 0) {
        show_damaged(showing, entry, member_text(&root, "reason"));
    } else if (showing->invocation->json) {
        fwrite(source.data, 1, source.size, stdout);
        putchar('\n');
    } else {
        print_entry(entry, &root, source);
    }
    arena_release(&arena);
    return true;
}

enum exit_code run_log_show(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    uint64_t number = 0;
    if (!read_number(invocation, invocation->arguments[0], &number))
        return EXIT_WRONG_USE;
    struct log_showing showing = {.invocation = invocation};
    bool ok = open_log(invocation, &log, &error) && assay_log_each(log, number, number, show_entry, &showing, &error);
    if (ok && showing.is_damaged) {
        output_from_inner(&error, &showing.error);
        ok = false;
    }
    enum exit_code code = ok ? EXIT_DONE : output_failure(invocation, &error);
    assay_log_close(log);
    return code;
}

/* ---- verify ---- */

struct verifying {
    const struct invocation *invocation;
    struct buffer buffer;
    struct json_writer json;
};

static void tell_problem(void *context, uint64_t number, const char *message)
{
    struct verifying *verifying = context;
    if (!verifying->invocation->json) {
        if (number > 0)
            printf("entry %llu: ", (unsigned long long)number);
        puts(message);
        return;
    }
    shape_log_problem(&verifying->json, number, message);
}

static enum exit_code print_report(struct verifying *verifying, const struct assay_log_report *report)
{
    struct json_writer *json = &verifying->json;
    bool is_good = report->first_bad == 0 && report->problems == 0;
    enum exit_code code = is_good ? EXIT_DONE : EXIT_FAILED;
    if (!verifying->invocation->json) {
        if (report->first_bad > 0)
            printf("entry %llu: %s\n", (unsigned long long)report->first_bad, report->reason);
        if (report->torn_bytes > 0)
            printf("%llu bytes behind the last entry are of one that nobody was told of; the next entry cuts them off\n",
                   (unsigned long long)report->torn_bytes);
        if (report->heads_lost > 0)
            printf(
                "%llu times the log's head was lost and made anew (`kind` head): what was cut off before shows against a head "
                "from elsewhere only (--head)\n",
                (unsigned long long)report->heads_lost);
        if (!verifying->invocation->quiet)
            printf("%s%llu %s written, %llu of them answers, %llu erased; %llu text%s kept.\n",
                   report->first_bad > 0 ? "Before it, " : "", (unsigned long long)report->entries,
                   report->entries == 1 ? "entry is as it was" : "entries are as they were",
                   (unsigned long long)report->answers, (unsigned long long)report->erased, (unsigned long long)report->texts,
                   report->texts == 1 ? "" : "s");
        return code;
    }
    shape_log_report(json, report);
    json_object_end(json);
    enum exit_code told = output_json(verifying->invocation, &verifying->buffer);
    return told != EXIT_DONE ? told : code;
}

enum exit_code run_log_verify(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    struct assay_log_report report;
    struct verifying verifying = {.invocation = invocation};
    if (!open_log(invocation, &log, &error))
        return output_failure(invocation, &error);
    buffer_init(&verifying.buffer, LIMIT_JSON_BYTES);
    json_writer_init(&verifying.json, &verifying.buffer);
    json_object_begin(&verifying.json);
    json_key(&verifying.json, "problems");
    json_array_begin(&verifying.json);
    bool ok = assay_log_verify(log, invocation_option(invocation, "head"), tell_problem, &verifying, &report, &error);
    json_array_end(&verifying.json);
    enum exit_code code = ok ? print_report(&verifying, &report) : output_failure(invocation, &error);
    buffer_release(&verifying.buffer);
    assay_log_close(log);
    return code;
}

enum exit_code run_log_head(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    struct assay_log_head head;
    bool ok = open_log(invocation, &log, &error) && assay_log_head(log, &head, &error);
    assay_log_close(log);
    if (!ok)
        return output_failure(invocation, &error);
    if (invocation->json)
        printf("{\"entries\":%llu,\"root\":\"%s\"}\n", (unsigned long long)head.entries, head.root);
    else
        printf("%llu %s\n", (unsigned long long)head.entries, head.root);
    return EXIT_DONE;
}

/* ---- prove and export ---- */

static void print_text(void *context, const char *text, size_t size)
{
    (void)context;
    fwrite(text, 1, size, stdout);
    putchar('\n');
}

enum exit_code run_log_prove(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    const char *since = invocation_option(invocation, "since");
    uint64_t number = 0;
    if ((since != NULL) == (invocation->argument_count == 1))
        return wrong_use(invocation, "assay log prove 17", "name an entry, or with --since the entries of an earlier head");
    if (!read_number(invocation, since != NULL ? since : invocation->arguments[0], &number))
        return EXIT_WRONG_USE;
    bool ok = open_log(invocation, &log, &error) &&
              (since != NULL ? assay_log_prove_growth(log, number, print_text, NULL, &error)
                             : assay_log_prove(log, number, print_text, NULL, &error));
    assay_log_close(log);
    return ok ? EXIT_DONE : output_failure(invocation, &error);
}

struct exporting {
    const struct invocation *invocation;
    const char *path; /* NULL: standard output */
    bool ok;
    struct error error;
};

static void write_page(void *context, const char *page, size_t size)
{
    struct exporting *exporting = context;
    if (exporting->path != NULL) {
        exporting->ok = file_replace(exporting->path, (struct slice){page, size}, &exporting->error) ||
                        error_hint(&exporting->error,
                                   "Name a file in a folder that is there and can be written to: --out FILE.");
    } else if (exporting->invocation->json) {
        struct buffer buffer;
        struct json_writer json;
        buffer_init(&buffer, LIMIT_JSON_BYTES);
        json_writer_init(&json, &buffer);
        json_object_begin(&json);
        json_key(&json, "page");
        json_text(&json, (struct slice){page, size});
        json_object_end(&json);
        (void)output_json(exporting->invocation, &buffer);
        buffer_release(&buffer);
    } else {
        fwrite(page, 1, size, stdout);
    }
}

enum exit_code run_log_export(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    const char *id = invocation_option(invocation, "case");
    struct exporting exporting = {invocation, invocation_option(invocation, "out"), true, {0}};
    uint64_t number = 0;
    if (id == NULL)
        return wrong_use(invocation, "assay log export --case 17", "which entry to export was not said");
    if (!read_number(invocation, id, &number))
        return EXIT_WRONG_USE;
    bool ok = open_log(invocation, &log, &error) && assay_log_page(log, number, write_page, &exporting, &error);
    assay_log_close(log);
    if (ok && !exporting.ok) {
        output_from_inner(&error, &exporting.error);
        ok = false;
    }
    if (!ok)
        return output_failure(invocation, &error);
    if (exporting.path != NULL && invocation->json)
        printf("{\"entry\":%llu}\n", (unsigned long long)number);
    return EXIT_DONE;
}

/* ---- erase ---- */

enum exit_code run_log_erase(struct invocation *invocation)
{
    struct assay_log *log = NULL;
    struct assay_error error;
    struct arena arena;
    uint64_t erased = 0;
    enum exit_code code = EXIT_WRONG_USE;
    struct assay_log_erase_options options = {.number_count = invocation->argument_count,
                                              .asker = invocation_option(invocation, "subject"),
                                              .before = invocation_option(invocation, "before")};
    if (options.number_count == 0 && options.asker == NULL && options.before == NULL)
        return wrong_use(invocation, "assay log erase 17, or --subject NAME, or --before DATE", "what to erase was not said");
    arena_init(&arena);
    uint64_t *numbers = arena_alloc(&arena, options.number_count + 1, sizeof(*numbers));
    bool ok = true;
    for (size_t i = 0; i < options.number_count && ok; i++)
        ok = read_number(invocation, invocation->arguments[i], &numbers[i]);
    options.numbers = options.number_count > 0 ? numbers : NULL;
    if (ok) {
        ok = open_log(invocation, &log, &error) && assay_log_erase(log, &options, &erased, &error);
        code = ok ? EXIT_DONE : output_failure(invocation, &error);
    }
    if (ok && invocation->json)
        printf("{\"erased\":%llu}\n", (unsigned long long)erased);
    else if (ok && !invocation->quiet)
        printf("Erased what was personal in %llu %s.\n", (unsigned long long)erased, erased == 1 ? "entry" : "entries");
    assay_log_close(log);
    arena_release(&arena);
    return code;
}
