/* run_generate.c - `assay generate`: one prompt to a language model elsewhere. */
#include "output.h"
#include "shape/shape.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PROMPT_BYTES_MAX = 32 << 20, SCHEMA_BYTES_MAX = 1 << 20 };

/* What the call was given, read. */
struct asking {
    const struct invocation *invocation;
    struct buffer prompt, system, schema;
    size_t tokens_max, timeout_s;
    double temperature;
    int64_t seed;
    bool has_temperature, has_seed;
    bool shown; /* a piece of the answer is on standard output */
};

static bool show_piece(void *context, struct assay_text piece)
{
    struct asking *asking = context;
    asking->shown = true;
    if (isatty(STDOUT_FILENO))
        output_lines(stdout, (struct slice){piece.data, piece.size});
    else
        fwrite(piece.data, 1, piece.size, stdout);
    fflush(stdout);
    return !interrupted() && !ferror(stdout);
}

static bool going(void *context)
{
    (void)context;
    return !interrupted();
}

static bool read_option_file(const struct invocation *invocation, const char *option, size_t bytes_max, struct buffer *out,
                             struct error *error)
{
    const char *path = invocation_option(invocation, option);
    buffer_init(out, bytes_max);
    return path == NULL || file_read(path, bytes_max, out, error);
}

static bool read_prompt(struct asking *asking, struct error *error)
{
    const struct invocation *invocation = asking->invocation;
    buffer_init(&asking->prompt, PROMPT_BYTES_MAX);
    if (invocation->argument_count == 1 && strcmp(invocation->arguments[0], "-") != 0) {
        buffer_append_text(&asking->prompt, invocation->arguments[0]);
    } else {
        if (isatty(STDIN_FILENO) && !invocation->quiet)
            fputs("Reading the prompt from the terminal; Ctrl-D ends it.\n", stderr);
        for (char *room; (room = buffer_reserve(&asking->prompt, 64 * KIB)) != NULL;) {
            ssize_t got = read(STDIN_FILENO, room, 64 * KIB);
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return error_system(error, "could not read the prompt from standard input");
            if (got == 0)
                break;
            asking->prompt.size += (size_t)got;
        }
    }
    if (!buffer_finish(&asking->prompt, "the prompt", error))
        return false;
    if (slice_trim(buffer_slice(&asking->prompt)).size == 0) {
        error_set(error, ERROR_INVALID, "the prompt is empty");
        return error_hint(error, "Give it as an argument or on standard input.");
    }
    return true;
}

static enum exit_code print_json(struct asking *asking, const struct assay_generated *generated)
{
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_key(&json, "text");
    json_text(&json, (struct slice){generated->text.data, generated->text.size});
    json_key(&json, "model");
    json_text(&json, (struct slice){generated->model.data, generated->model.size});
    json_texts(&json, &(struct json_text_member){"finish_reason", generated->finish}, 1);
    json_key(&json, "usage");
    json_object_begin(&json);
    json_integers(&json,
                  (const struct json_integer_member[]){{"prompt_tokens", generated->prompt_tokens},
                                                       {"completion_tokens", generated->completion_tokens},
                                                       {"cached_tokens", generated->cached_tokens}},
                  3);
    shape_cost(&json, generated->cost, generated->currency);
    json_object_end(&json);
    json_key(&json, "timings");
    json_object_begin(&json);
    json_key(&json, "prefill_ms");
    json_real(&json, generated->first_ms, 6);
    json_key(&json, "decode_ms");
    json_real(&json, generated->took_ms - generated->first_ms, 6);
    json_object_end(&json);
    json_integers(&json, &(struct json_integer_member){"tries", generated->tries}, 1);
    json_object_end(&json);
    enum exit_code code = output_json(asking->invocation, &out);
    buffer_release(&out);
    return code;
}

static enum exit_code print_answer(struct asking *asking, const struct assay_generated *generated)
{
    if (asking->invocation->json)
        return print_json(asking, generated);
    if (generated->text.size > 0 && generated->text.data[generated->text.size - 1] != '\n')
        fputc('\n', stdout);
    if (strcmp(generated->finish, "stop") != 0)
        output_warning(strcmp(generated->finish, "length") == 0 ? "the answer was cut off at its longest"
                                                                : "the provider withheld a part of the answer",
                       strcmp(generated->finish, "length") == 0 ? "Allow more with --max-tokens N." : "");
    return EXIT_DONE;
}

static enum exit_code ask(struct asking *asking, const char *model)
{
    const struct invocation *invocation = asking->invocation;
    struct assay_error error;
    struct assay_llm *llm;
    struct assay_generated generated;
    const struct assay_llm_options llm_options = {.record = invocation_option(invocation, "record"),
                                                  .replay = invocation_option(invocation, "replay"),
                                                  .wall_ms = (unsigned)(asking->timeout_s * 1000),
                                                  .project = invocation_option(invocation, "project")};
    const struct assay_generate_options options = {.system = {asking->system.data, asking->system.size},
                                                   .schema = {asking->schema.data, asking->schema.size},
                                                   .tokens_max = asking->tokens_max,
                                                   .temperature = asking->has_temperature ? &asking->temperature : NULL,
                                                   .seed = asking->has_seed ? &asking->seed : NULL,
                                                   .on_text = invocation->json ? NULL : show_piece,
                                                   .going = going,
                                                   .context = asking};
    if (!assay_llm_open(&llm, model, &llm_options, &error))
        return output_failure(invocation, &error);
    interrupt_watch();
    enum exit_code code;
    if (assay_generate(llm, (struct assay_text){asking->prompt.data, asking->prompt.size}, &options, &generated, &error)) {
        code = print_answer(asking, &generated);
        assay_generated_release(&generated);
    } else {
        if (asking->shown)
            fputc('\n', stdout);
        code = output_failure_midway(invocation, asking->shown, &error);
    }
    assay_llm_close(llm);
    return code;
}

static bool read_numbers(struct asking *asking)
{
    const struct invocation *invocation = asking->invocation;
    const char *temperature = invocation_option(invocation, "temperature");
    size_t seed = 0;
    asking->has_temperature = temperature != NULL;
    if (temperature != NULL && (!slice_to_double(slice_from(temperature), &asking->temperature) || asking->temperature < 0 ||
                                asking->temperature > 2)) {
        wrong_use(invocation, "0 is the most repeatable.", "--temperature takes a number from 0 to 2, not \"%s\"", temperature);
        return false;
    }
    asking->has_seed = invocation_option(invocation, "seed") != NULL;
    if (!invocation_number(invocation, "max-tokens", 1, 1000000, 0, &asking->tokens_max) ||
        !invocation_number(invocation, "seed", 0, INT32_MAX, 0, &seed) ||
        !invocation_number(invocation, "timeout", 1, 86400, 0, &asking->timeout_s))
        return false;
    asking->seed = (int64_t)seed;
    return true;
}

enum exit_code run_generate(struct invocation *invocation)
{
    struct asking asking = {.invocation = invocation};
    struct error inner = {0};
    struct assay_error error;
    const char *model = invocation_option(invocation, "model");
    enum exit_code code = EXIT_FAILED;
    if (model == NULL)
        return wrong_use(invocation, "Name one with --model: openai:NAME, anthropic:NAME, or http://127.0.0.1:11434/v1#NAME.",
                         "which model to ask was not said");
    if (!read_numbers(&asking))
        return EXIT_WRONG_USE;
    bool ok = read_option_file(invocation, "system", PROMPT_BYTES_MAX, &asking.system, &inner);
    ok = read_option_file(invocation, "schema", SCHEMA_BYTES_MAX, &asking.schema, &inner) && ok;
    ok = ok && read_prompt(&asking, &inner);
    if (ok) {
        code = ask(&asking, model);
    } else {
        output_from_inner(&error, &inner);
        code = output_failure(invocation, &error);
    }
    buffer_release(&asking.prompt);
    buffer_release(&asking.system);
    buffer_release(&asking.schema);
    return code;
}
