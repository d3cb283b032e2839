/* run_model.c - `assay model list`, `show`, `merge` and `add`: which models are there, what they are, making and bringing one. */
#include "model_option.h"
#include "output.h"
#include <stdlib.h>
#include <string.h>

static bool is_precision(const char *name)
{
    static const char *const names[] = {"auto", "f32", "bf16", "int8"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

enum exit_code model_named(const struct invocation *invocation, const char *name, struct assay_model_place *place,
                           struct assay_model **model)
{
    struct assay_error error;
    struct assay_model_options options = {.folder = place->folder, .precision = invocation_option(invocation, "precision")};
    if (options.precision != NULL && !is_precision(options.precision))
        return wrong_use(invocation, "Known: auto, f32, bf16, int8.", "unrecognized precision \"%.60s\"", options.precision);
    if (!invocation_number(invocation, "threads", 1, LIMIT_THREADS, 0, &options.threads))
        return EXIT_WRONG_USE;
    if (!assay_model_find(name, invocation_option(invocation, "project"), place, &error) ||
        !assay_model_open(model, &options, &error))
        return output_failure(invocation, &error);
    return EXIT_DONE;
}

enum exit_code model_of_options(const struct invocation *invocation, struct assay_model **model)
{
    struct assay_model_place place;
    return model_named(invocation, invocation_option(invocation, "model"), &place, model);
}

static const char *source_text(const char *source)
{
    static const struct {
        const char *source, *text;
    } texts[] = {{"path", "the folder that was named"},
                 {"project", "the project's models/"},
                 {"folder", "models/ in the current folder"},
                 {"user", "the user's models"},
                 {"installation", "installed with assay"}};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        if (strcmp(texts[i].source, source) == 0)
            return texts[i].text;
    return source;
}

/* The members that `list` and `show` have in common. */
static void write_model(struct json_writer *json, const struct assay_model_place *place, const struct assay_model_info *info)
{
    const struct json_text_member texts[] = {
        {"name", info->name}, {"folder", place->folder}, {"source", place->source}, {"architecture", info->architecture}};
    const struct json_integer_member numbers[] = {{"parameters", (int64_t)info->parameters},
                                                  {"dimensions", (int64_t)info->dimensions},
                                                  {"labels", (int64_t)info->labels},
                                                  {"tokens_max", (int64_t)info->tokens_max},
                                                  {"file_bytes", (int64_t)info->file_bytes}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
}

/* "22.7 M" */
static const char *parameters_text(char text[NUMBER_TEXT_BYTES], uint64_t parameters)
{
    double millions = (double)parameters / 1e6;
    snprintf(text, NUMBER_TEXT_BYTES, millions >= 1000 ? "%.1f B" : "%.1f M", millions >= 1000 ? millions / 1000 : millions);
    return text;
}

struct model_listing {
    const struct invocation *invocation;
    struct json_writer json;
    size_t count;
};

static void print_model(const struct assay_model_place *place, const struct assay_model_info *info)
{
    char size[NUMBER_TEXT_BYTES], parameters[NUMBER_TEXT_BYTES], makes[NUMBER_TEXT_BYTES];
    snprintf(makes, sizeof(makes), info->labels > 0 ? "%zu labels" : "%zu dimensions",
             info->labels > 0 ? info->labels : info->dimensions);
    output_text(stdout, slice_from(info->name));
    printf("  %s, %s parameters, %s, %s\n    ", info->architecture, parameters_text(parameters, info->parameters), makes,
           size_text(size, info->file_bytes));
    output_text(stdout, slice_from(place->folder));
    putchar('\n');
}

/* One that does not open is shown with the reason. */
static void list_broken(struct model_listing *listing, const struct assay_model_place *place, const struct assay_error *error)
{
    struct slice name = path_name(place->folder);
    if (listing->invocation->json) {
        json_object_begin(&listing->json);
        json_key(&listing->json, "name");
        json_text(&listing->json, name);
        const struct json_text_member texts[] = {
            {"folder", place->folder}, {"source", place->source}, {"error", error->message}};
        json_texts(&listing->json, texts, ARRAY_COUNT(texts));
        json_object_end(&listing->json);
        return;
    }
    output_text(stdout, name);
    fputs("  cannot be used: ", stdout);
    output_text(stdout, slice_from(error->message));
    fputs("\n    ", stdout);
    output_text(stdout, slice_from(place->folder));
    putchar('\n');
}

static bool list_model(void *context, const struct assay_model_place *place)
{
    struct model_listing *listing = context;
    struct assay_model *model;
    struct assay_error error;
    listing->count++;
    if (!assay_model_open(&model, &(struct assay_model_options){.folder = place->folder}, &error)) {
        list_broken(listing, place, &error);
        return true;
    }
    const struct assay_model_info *info = assay_model_info(model);
    if (listing->invocation->json) {
        json_object_begin(&listing->json);
        write_model(&listing->json, place, info);
        json_object_end(&listing->json);
    } else {
        print_model(place, info);
    }
    assay_model_close(model);
    return true;
}

/* What an adapter of the project learned, by its provenance.json; one without is told by its name alone. */
static bool list_adapter(void *context, const char *name, struct assay_text provenance)
{
    static const char *const keys[] = {"task", "method", "created"};
    struct model_listing *listing = context;
    struct arena arena;
    struct json_value root;
    struct error ignored;
    arena_init(&arena);
    bool is_known = json_read((struct slice){provenance.data, provenance.size}, "provenance.json", &arena, &root, &ignored);
    struct slice values[ARRAY_COUNT(keys)] = {0};
    for (size_t i = 0; i < ARRAY_COUNT(keys) && is_known; i++)
        values[i] = json_text_at(&root, keys[i]);
    if (listing->invocation->json) {
        json_object_begin(&listing->json);
        json_texts(&listing->json, &(struct json_text_member){"name", name}, 1);
        for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
            json_key(&listing->json, keys[i]);
            if (values[i].size > 0)
                json_text(&listing->json, values[i]);
            else
                json_null(&listing->json);
        }
        json_object_end(&listing->json);
    } else {
        output_text(stdout, slice_from(name));
        fputs("  adapter", stdout);
        for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
            if (values[i].size > 0) {
                fputs(", ", stdout);
                output_text(stdout, values[i]);
            }
        putchar('\n');
        listing->count++;
    }
    arena_release(&arena);
    return true;
}

/* Those of the project one is in; none where there is no project. */
static bool list_adapters(struct model_listing *listing, struct assay_error *error)
{
    struct assay *assay;
    const char *project = invocation_option(listing->invocation, "project");
    bool ok = true; /* models are told whatever state the project is in */
    json_key(&listing->json, "adapters");
    json_array_begin(&listing->json);
    if (assay_open(&assay, &(struct assay_open_options){.folder = project}, error)) {
        ok = assay_adapter_list(assay, list_adapter, listing, error);
        assay_close(assay);
    }
    json_array_end(&listing->json);
    return ok;
}

enum exit_code run_model_list(struct invocation *invocation)
{
    struct model_listing listing = {.invocation = invocation};
    struct assay_error error;
    struct buffer buffer;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&listing.json, &buffer);
    json_object_begin(&listing.json);
    json_key(&listing.json, "models");
    json_array_begin(&listing.json);
    enum exit_code code = EXIT_DONE;
    bool ok = assay_model_list(invocation_option(invocation, "project"), list_model, &listing, &error);
    json_array_end(&listing.json);
    ok = ok && list_adapters(&listing, &error);
    json_object_end(&listing.json);
    if (!ok)
        code = output_failure(invocation, &error);
    else if (invocation->json)
        code = output_json(invocation, &buffer);
    else if (listing.count == 0 && !invocation->quiet)
        puts("No models here. Run scripts/setup, or `assay model add PATH`.");
    buffer_release(&buffer);
    return code;
}

static void write_details(struct json_writer *json, const struct assay_model_info *info)
{
    const struct json_text_member texts[] = {
        {"tokenizer", info->tokenizer}, {"pooling", info->pooling}, {"precision", info->precision}};
    const struct json_integer_member numbers[] = {
        {"layers", (int64_t)info->layers},   {"hidden", (int64_t)info->hidden},
        {"heads", (int64_t)info->heads},     {"vocabulary", (int64_t)info->vocabulary},
        {"threads", (int64_t)info->threads}, {"memory_bytes", (int64_t)info->memory_bytes}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "normalized");
    json_bool(json, info->normalized);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "label_names");
    json_array_begin(json);
    for (size_t i = 0; i < info->labels; i++)
        json_text(json, slice_from(info->label_names[i]));
    json_array_end(json);
    json_key(json, "prompts");
    json_object_begin(json);
    for (size_t i = 0; i < info->prompt_count; i++) {
        json_key(json, info->prompts[i].name);
        json_text(json, slice_from(info->prompts[i].text));
    }
    json_object_end(json);
}

static enum exit_code show_json(const struct invocation *invocation, const struct assay_model_place *place,
                                const struct assay_model_info *info)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    write_model(&json, place, info);
    write_details(&json, info);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_texts(const char *what, const char *text, const char *more)
{
    printf("%-14s", what);
    output_text(stdout, slice_from(text));
    printf("%s\n", more);
}

static void show_text(const struct assay_model_place *place, const struct assay_model_info *info)
{
    char parameters[NUMBER_TEXT_BYTES], vocabulary[NUMBER_TEXT_BYTES], file[NUMBER_TEXT_BYTES], memory[NUMBER_TEXT_BYTES];
    print_texts("name", info->name, "");
    print_texts("folder", place->folder, "");
    print_texts("found in", source_text(place->source), "");
    printf("%-14s%s: %zu layers, %zu wide, %zu heads, %s parameters\n", "architecture", info->architecture, info->layers,
           info->hidden, info->heads, parameters_text(parameters, info->parameters));
    printf("%-14s%s, %s tokens\n", "tokenizer", info->tokenizer, number_text(vocabulary, info->vocabulary));
    printf("%-14sat most %zu tokens; what is longer is cut\n", "texts", info->tokens_max);
    if (info->labels > 0) {
        printf("%-14s", "labels");
        for (size_t i = 0; i < info->labels; i++) {
            fputs(i > 0 ? ", " : "", stdout);
            output_text(stdout, slice_from(info->label_names[i]));
        }
        putchar('\n');
    } else {
        printf("%-14s%zu dimensions, %s of the tokens%s\n", "vectors", info->dimensions, info->pooling,
               info->normalized ? ", of length 1" : "");
    }
    printf("%-14s%s, on %zu thread%s\n", "runs in", info->precision, info->threads, info->threads == 1 ? "" : "s");
    printf("%-14s%s on disk, %s in memory beside them\n", "weights", size_text(file, info->file_bytes),
           size_text(memory, info->memory_bytes));
    for (size_t i = 0; i < info->prompt_count; i++) {
        printf("%-14s", i == 0 ? "prompts" : "");
        output_text(stdout, slice_from(info->prompts[i].name));
        fputs(": \"", stdout);
        output_text(stdout, slice_from(info->prompts[i].text));
        puts("\"");
    }
}

/* An adapter of the project has that name: its provenance was printed, or why it cannot be was told. */
static bool showed_adapter(const struct invocation *invocation, const char *name, enum exit_code *code)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_text provenance;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return false;
    bool ok = assay_adapter_provenance(assay, name, &provenance, &error);
    assay_close(assay);
    if (!ok && (error.kind == ASSAY_NOT_FOUND || error.kind == ASSAY_INVALID))
        return false; /* a model's name or path */
    *code = EXIT_DONE;
    if (!ok) {
        *code = output_failure(invocation, &error);
        return true;
    }
    fwrite(provenance.data, 1, provenance.size, stdout);
    assay_text_free(&provenance);
    return true;
}

enum exit_code run_model_show(struct invocation *invocation)
{
    struct assay_model *model = NULL;
    struct assay_model_place place;
    enum exit_code adapter_code;
    if (invocation->argument_count > 0 && showed_adapter(invocation, invocation->arguments[0], &adapter_code))
        return adapter_code;
    enum exit_code code = model_named(invocation, invocation->argument_count > 0 ? invocation->arguments[0] : NULL, &place,
                                      &model);
    if (code != EXIT_DONE)
        return code;
    const struct assay_model_info *info = assay_model_info(model);
    if (invocation->json)
        code = show_json(invocation, &place, info);
    else
        show_text(&place, info);
    assay_model_close(model);
    return code;
}

enum exit_code run_model_merge(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    const char *name = invocation->arguments[0], *to = invocation->arguments[1];
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    bool ok = assay_adapter_merge(assay, name, to, &error);
    assay_close(assay);
    if (!ok)
        return output_failure(invocation, &error);
    if (invocation->json) {
        struct buffer buffer;
        struct json_writer json;
        buffer_init(&buffer, MIB);
        json_writer_init(&json, &buffer);
        json_object_begin(&json);
        json_texts(&json, (const struct json_text_member[]){{"adapter", name}, {"folder", to}}, 2);
        json_object_end(&json);
        enum exit_code code = output_json(invocation, &buffer);
        buffer_release(&buffer);
        return code;
    }
    if (!invocation->quiet) {
        fputs("Merged into ", stdout);
        output_text(stdout, slice_from(to));
        putchar('\n');
    }
    return EXIT_DONE;
}

static bool on_file(void *context, const char *name)
{
    (void)context;
    (void)name;
    return !interrupted();
}

enum exit_code run_model_add(struct invocation *invocation)
{
    struct assay_error error;
    struct assay_model_place place;
    const struct assay_model_add_options options = {.path = invocation->arguments[0],
                                                    .name = invocation_option(invocation, "name"),
                                                    .project = invocation_option(invocation, "project"),
                                                    .global = invocation_option(invocation, "global") != NULL,
                                                    .on_file = on_file};
    interrupt_watch();
    if (!assay_model_add(&options, &place, &error))
        return output_failure(invocation, &error);
    if (invocation->json) {
        struct buffer buffer;
        struct json_writer json;
        buffer_init(&buffer, MIB);
        json_writer_init(&json, &buffer);
        json_object_begin(&json);
        json_key(&json, "name");
        json_text(&json, path_name(place.folder));
        const struct json_text_member texts[] = {{"folder", place.folder}, {"source", place.source}};
        json_texts(&json, texts, ARRAY_COUNT(texts));
        json_object_end(&json);
        enum exit_code code = output_json(invocation, &buffer);
        buffer_release(&buffer);
        return code;
    }
    if (!invocation->quiet) {
        fputs("Added ", stdout);
        output_text(stdout, path_name(place.folder));
        fputs(": ", stdout);
        output_text(stdout, slice_from(place.folder));
        putchar('\n');
    }
    return EXIT_DONE;
}
