/* settings.c - assay.yaml: one table of keys, each with its reader and default. What they mean is told in settings_template.c. */
#include "project.h"
#include "codec/codec.h"
#include "text/text.h"
#include <stdio.h>
#include <string.h>

static const char *const unit_names[] = {"auto",   "heading", "sentence", "fixed",
                                         "record", "page",    "code",     "semantic"}; /* ORDER passage_unit */

const char *passage_unit_name(enum passage_unit unit)
{
    return unit_names[unit];
}

struct settings_reader {
    const char *name;
    struct arena *arena;
    struct settings *settings;
    struct error *error;
};

struct setting {
    const char *key;
    bool (*read)(struct settings_reader *reader, const struct yaml_node *node, const char *key);
};

static bool refuse(struct settings_reader *reader, const struct yaml_node *node, const char *key, const char *expected)
{
    if (node->kind == YAML_SCALAR)
        return error_set(reader->error, ERROR_INVALID, "%s:%zu: \"%s\" is \"" SLICE_FORMAT "\", expected %s", reader->name,
                         node->line, key, SLICE_ARGUMENT(node->text), expected);
    return error_set(reader->error, ERROR_INVALID, "%s:%zu: \"%s\" is not a single value, expected %s", reader->name,
                     node->line, key, expected);
}

static bool read_whole(struct settings_reader *reader, const struct yaml_node *node, const char *key, size_t least, size_t most,
                       size_t *value)
{
    char expected[64];
    uint64_t number;
    if (node->kind == YAML_SCALAR && slice_to_u64(node->text, &number) && number >= least && number <= most) {
        *value = (size_t)number;
        return true;
    }
    snprintf(expected, sizeof(expected), "a whole number from %zu to %zu", least, most);
    return refuse(reader, node, key, expected);
}

static bool read_real(struct settings_reader *reader, const struct yaml_node *node, const char *key, double most, float *value)
{
    char expected[64];
    double number;
    if (node->kind == YAML_SCALAR && slice_to_double(node->text, &number) && number >= 0 && number <= most) {
        *value = (float)number;
        return true;
    }
    snprintf(expected, sizeof(expected), "a number from 0 to %g", most);
    return refuse(reader, node, key, expected);
}

/* One of `count` words; its place in `words`. */
static bool read_choice(struct settings_reader *reader, const struct yaml_node *node, const char *key, const char *const *words,
                        size_t count, size_t *choice)
{
    char expected[160] = "";
    for (size_t i = 0; i < count; i++) {
        if (node->kind == YAML_SCALAR && slice_equal_text(node->text, words[i])) {
            *choice = i;
            return true;
        }
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof(expected) - used, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
    }
    return refuse(reader, node, key, expected);
}

static bool read_bool(struct settings_reader *reader, const struct yaml_node *node, const char *key, bool *value)
{
    static const char *const words[] = {"false", "true"};
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    *value = choice == 1;
    return true;
}

static bool read_table(struct settings_reader *reader, const struct yaml_node *node, const char *where,
                       const struct setting *table, size_t count);

static bool read_documents(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    const struct yaml_node *items = node->kind == YAML_SEQUENCE ? node->items : node;
    size_t count = node->kind == YAML_SEQUENCE ? node->count : 1;
    const char **documents = arena_alloc(reader->arena, count, sizeof(*documents));
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != YAML_SCALAR || items[i].text.size == 0 || items[i].text.size >= LIMIT_PATH_BYTES)
            return refuse(reader, &items[i], key, "a list of files and folders");
        if (slice_starts_with(items[i].text, SLICE("http://")) || slice_starts_with(items[i].text, SLICE("https://"))) {
            (void)refuse(reader, &items[i], key, "files and folders");
            return error_hint(reader->error,
                              "Nothing is fetched unasked: `assay add ADDRESS` adds pages, and brings them up to date.");
        }
        documents[i] = arena_text(reader->arena, items[i].text);
    }
    reader->settings->documents = documents;
    reader->settings->document_count = count;
    return true;
}

static bool read_documents_max(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    size_t mib;
    if (!read_whole(reader, node, key, 1, LIMIT_DOCUMENT_BYTES_MAX / MIB, &mib))
        return false;
    reader->settings->document_bytes_max = mib * MIB;
    return true;
}

static bool read_unit(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    size_t choice = 0;
    if (!read_choice(reader, node, key, unit_names, ARRAY_COUNT(unit_names), &choice))
        return false;
    reader->settings->unit = (enum passage_unit)choice;
    return true;
}

static bool read_tokens(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 16, LIMIT_PASSAGE_TOKENS_MAX, &reader->settings->passage_tokens);
}

static bool read_overlap(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, LIMIT_PASSAGE_TOKENS_MAX / 2, &reader->settings->passage_overlap);
}

static bool read_join_records(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_bool(reader, node, key, &reader->settings->join_records);
}

static bool read_passages(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {
        {"unit", read_unit}, {"tokens", read_tokens}, {"overlap", read_overlap}, {"join_records", read_join_records}};
    struct settings *settings = reader->settings;
    if (!read_table(reader, node, key, table, ARRAY_COUNT(table)))
        return false;
    if (yaml_get(node, "overlap") == NULL && settings->passage_overlap > settings->passage_tokens / 4)
        settings->passage_overlap = settings->passage_tokens / 4; /* the usual one is too much for small passages */
    if (2 * settings->passage_overlap > settings->passage_tokens)
        return error_set(reader->error, ERROR_INVALID, "%s:%zu: \"overlap\" is %zu, more than half of \"tokens\" (%zu)",
                         reader->name, node->line, settings->passage_overlap, settings->passage_tokens);
    return true;
}

static bool read_sensitive(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char expected[] = "report, mask, or a list of kinds ([card, iban, secret, …])";
    uint32_t kinds = 0;
    if (node->kind == YAML_SEQUENCE) {
        for (size_t i = 0; i < node->count; i++) {
            enum sensitive_kind kind;
            if (node->items[i].kind != YAML_SCALAR || !sensitive_kind_named(node->items[i].text, &kind))
                return refuse(reader, &node->items[i], key, expected);
            kinds |= 1u << kind;
        }
    } else if (node->kind == YAML_SCALAR && slice_equal_text(node->text, "mask")) {
        kinds = SENSITIVE_ALL;
    } else if (node->kind != YAML_SCALAR || !slice_equal_text(node->text, "report")) {
        return refuse(reader, node, key, expected);
    }
    reader->settings->masked_kinds = kinds;
    return true;
}

static bool read_k(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 1, LIMIT_RESULTS, &reader->settings->k);
}

static bool read_k1(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_real(reader, node, key, 10, &reader->settings->k1);
}

static bool read_b(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_real(reader, node, key, 1, &reader->settings->b);
}

static bool read_mode(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"auto", "hybrid", "text", "vector"}; /* ORDER retrieve_mode */
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->mode = (enum retrieve_mode)choice;
    return true;
}

static bool read_fusion(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"scores", "ranks"}; /* ORDER retrieve_fusion */
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->fusion = (enum retrieve_fusion)choice;
    return true;
}

static bool read_candidates(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 1, LIMIT_RESULTS, &reader->settings->candidates);
}

static bool read_vector_weight(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_real(reader, node, key, 1, &reader->settings->vector_weight);
}

static bool read_per_document(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, LIMIT_RESULTS, &reader->settings->per_document);
}

static bool read_diversity(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_real(reader, node, key, 1, &reader->settings->diversity);
}

static bool read_wordings(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, 8, &reader->settings->wordings);
}

static bool read_hypothetical(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_bool(reader, node, key, &reader->settings->hypothetical);
}

static bool read_neighbors(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_bool(reader, node, key, &reader->settings->neighbors);
}

static bool read_rerank(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_bool(reader, node, key, &reader->settings->rerank);
}

static bool read_rerank_candidates(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 1, LIMIT_RESULTS, &reader->settings->rerank_candidates);
}

static bool read_rerank_weight(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_real(reader, node, key, 1, &reader->settings->rerank_weight);
}

static bool read_name(struct settings_reader *reader, const struct yaml_node *node, const char *key, const char *expected,
                      const char **name)
{
    size_t at;
    if (node->kind != YAML_SCALAR || node->text.size == 0 || node->text.size >= LIMIT_PATH_BYTES ||
        slice_find(node->text, '\0', &at))
        return refuse(reader, node, key, expected);
    *name = arena_text(reader->arena, node->text);
    return true;
}

static bool read_embedding(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "builtin, none, a model's name or folder, openai:NAME or the address of a server",
                     &reader->settings->embedding);
}

static bool read_tests(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "the name of a file", &reader->settings->tests);
}

static bool read_model(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "builtin, openai:NAME, anthropic:NAME or the address of a server",
                     &reader->settings->model);
}

static bool read_prices(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "the name of a file", &reader->settings->prices);
}

static bool read_spend(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    double *most = &reader->settings->spend_per_day;
    if (node->kind == YAML_SCALAR && slice_equal_text(node->text, "none")) {
        *most = -1;
        return true;
    }
    return (node->kind == YAML_SCALAR && slice_to_double(node->text, most) && *most >= 0 && *most <= 1e9) ||
           refuse(reader, node, key, "none, or a number from 0 on");
}

static bool read_examples(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "the name of a file", &reader->settings->examples);
}

static bool read_approach(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"rag", "full", "prompt"};
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->approach = words[choice];
    return true;
}

static bool read_target(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    double target;
    if (node->kind != YAML_SCALAR || !slice_to_double(node->text, &target) || !(target >= 0 && target <= 1))
        return refuse(reader, node, key, "a number from 0 to 1");
    reader->settings->target = target;
    return true;
}

/* ---- what a right answer is ---- */

const char *const answer_check_names[ANSWER_CHECKS] = {"auto", "exact", "f1", "contains", "numeric", "strict", "relaxed"};

static bool read_check_answer(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    size_t choice = 0;
    if (!read_choice(reader, node, key, answer_check_names, ANSWER_CHECKS, &choice))
        return false;
    reader->settings->check_answer = (enum answer_check)choice;
    return true;
}

/* A name, or null: none. */
static bool read_optional(struct settings_reader *reader, const struct yaml_node *node, const char *key, const char *expected,
                          const char **name)
{
    *name = NULL;
    return (node->kind == YAML_SCALAR && (slice_equal_text(node->text, "null") || slice_equal_text(node->text, "none"))) ||
           read_name(reader, node, key, expected, name);
}

static bool read_check_schema(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_optional(reader, node, key, "the name of a file with a JSON Schema, or none", &reader->settings->check_schema);
}

static bool read_check_pattern(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_optional(reader, node, key, "a regular expression, or none", &reader->settings->check_pattern);
}

static bool read_check_style(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"none", "examples"};
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->check_examples = choice == 1;
    return true;
}

static bool read_checks(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"answer", read_check_answer},
                                           {"schema", read_check_schema},
                                           {"pattern", read_check_pattern},
                                           {"style", read_check_style}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

/* ---- limits ---- */

static bool read_latency(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, 3600000, &reader->settings->limit_latency_ms);
}

static bool read_cost(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, 1000000000, &reader->settings->limit_cost_month);
}

static bool read_requests(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, 100000000000, &reader->settings->requests_month);
}

static bool read_private(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_bool(reader, node, key, &reader->settings->limit_private);
}

static bool read_citations(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"optional", "required"};
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->limit_citations = choice == 1;
    return true;
}

static bool read_changes(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"unknown", "never", "yearly", "monthly", "weekly", "daily"}; /* ORDER change_rate */
    return read_choice(reader, node, key, words, ARRAY_COUNT(words), &reader->settings->knowledge_changes);
}

static bool read_limits(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"spend_per_day", read_spend},      {"latency_p95_ms", read_latency},
                                           {"cost_per_month", read_cost},      {"requests_per_month", read_requests},
                                           {"private", read_private},          {"citations", read_citations},
                                           {"knowledge_changes", read_changes}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool read_prompt_system(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "the name of a file", &reader->settings->prompt_system);
}

static bool read_prompt_user(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "the name of a file", &reader->settings->prompt_user);
}

static bool read_prompt_examples(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"auto", "first", "none"}; /* ORDER prompt_examples */
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->prompt_examples = (enum prompt_examples)choice;
    return true;
}

static bool read_prompt_order(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"best", "last", "document"}; /* ORDER prompt_order */
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->prompt_order = (enum prompt_order)choice;
    return true;
}

static bool read_prompt_tokens(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 500, 10000000, &reader->settings->prompt_tokens);
}

static bool read_prompt(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"system", read_prompt_system},
                                           {"user", read_prompt_user},
                                           {"examples", read_prompt_examples},
                                           {"order", read_prompt_order},
                                           {"tokens", read_prompt_tokens}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool read_retrieve(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"mode", read_mode},
                                           {"k", read_k},
                                           {"k1", read_k1},
                                           {"b", read_b},
                                           {"candidates", read_candidates},
                                           {"fusion", read_fusion},
                                           {"vector_weight", read_vector_weight},
                                           {"per_document", read_per_document},
                                           {"neighbors", read_neighbors},
                                           {"diversity", read_diversity},
                                           {"wordings", read_wordings},
                                           {"hypothetical", read_hypothetical},
                                           {"rerank", read_rerank},
                                           {"rerank_candidates", read_rerank_candidates},
                                           {"rerank_weight", read_rerank_weight}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool read_labels(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    struct settings *settings = reader->settings;
    if (node->kind != YAML_SCALAR || node->text.size >= LIMIT_PATH_BYTES)
        return refuse(reader, node, key, "public, from-folder or a .csv file");
    if (slice_equal_text(node->text, "public")) {
        settings->access = ACCESS_PUBLIC;
    } else if (slice_equal_text(node->text, "from-folder")) {
        settings->access = ACCESS_FROM_FOLDER;
    } else if (slice_ends_with(node->text, SLICE(".csv"))) {
        settings->access = ACCESS_FROM_FILE;
        settings->labels_file = arena_text(reader->arena, node->text);
    } else {
        return refuse(reader, node, key, "public, from-folder or a .csv file");
    }
    return true;
}

/* A list of names, such as hosts. */
static bool read_names(struct settings_reader *reader, const struct yaml_node *node, const char *key, const char *expected,
                       const char ***names, size_t *count)
{
    const char **read = arena_alloc(reader->arena, node->count + 1, sizeof(*read));
    if (node->kind != YAML_SEQUENCE)
        return refuse(reader, node, key, "a list");
    for (size_t i = 0; i < node->count; i++)
        if (!read_name(reader, &node->items[i], key, expected, &read[i]))
            return false;
    *names = read;
    *count = node->count;
    return true;
}

static bool read_allowed(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    struct settings *settings = reader->settings;
    return read_names(reader, node, key, "a host, or host:port", &settings->allowed_hosts, &settings->allowed_host_count);
}

static bool read_proxy(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    struct slice text = node->text;
    if (node->kind == YAML_SCALAR && slice_equal_text(text, "none")) {
        reader->settings->fetch_proxy = NULL;
        return true;
    }
    if (node->kind != YAML_SCALAR || !url_is_web(text))
        return refuse(reader, node, key, "none or http://HOST:PORT");
    return read_name(reader, node, key, "none or http://HOST:PORT", &reader->settings->fetch_proxy);
}

static bool read_certificates(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    if (node->kind == YAML_SCALAR && slice_equal_text(node->text, "system")) {
        reader->settings->fetch_ca = NULL;
        return true;
    }
    return read_name(reader, node, key, "system, or a file", &reader->settings->fetch_ca);
}

static bool read_timeout(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 1, 3600, &reader->settings->fetch_timeout_s);
}

static bool read_delay(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, 60000, &reader->settings->fetch_delay_ms);
}

static bool read_fetch(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"allow_hosts", read_allowed},
                                           {"proxy", read_proxy},
                                           {"ca", read_certificates},
                                           {"timeout_s", read_timeout},
                                           {"delay_ms", read_delay}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool read_listen(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_name(reader, node, key, "ADDRESS:PORT", &reader->settings->server_listen);
}

static bool read_body_max(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    size_t mib;
    if (!read_whole(reader, node, key, 1, LIMIT_BODY_BYTES_MAX / MIB, &mib))
        return false;
    reader->settings->server_body_bytes = mib * MIB;
    return true;
}

static bool read_records_max(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    size_t mib;
    if (!read_whole(reader, node, key, 1, LIMIT_RECORDS_BYTES_MAX / MIB, &mib))
        return false;
    reader->settings->server_record_bytes = mib * MIB;
    return true;
}

static bool read_client_wait(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 1, 3600, &reader->settings->server_client_wait_s);
}

static bool read_hosts(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    struct settings *settings = reader->settings;
    if (!read_names(reader, node, key, "a host's name", &settings->server_hosts, &settings->server_host_count))
        return false;
    for (size_t i = 0; i < settings->server_host_count; i++)
        if (strpbrk(settings->server_hosts[i], "/* ") != NULL) /* an address: no request would ever name it */
            return refuse(reader, &node->items[i], key, "a host's name, such as assay.corp");
    return true;
}

static bool read_origins(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    struct settings *settings = reader->settings;
    if (!read_names(reader, node, key, "https://HOST", &settings->server_origins, &settings->server_origin_count))
        return false;
    for (size_t i = 0; i < settings->server_origin_count; i++) {
        const char *origin = settings->server_origins[i];
        size_t start = strncmp(origin, "https://", 8) == 0 ? 8 : strncmp(origin, "http://", 7) == 0 ? 7 : 0;
        if (start == 0 || origin[start] == '\0' || strpbrk(origin + start, "/*?#@ ") != NULL) /* no page would ever have it */
            return refuse(reader, &node->items[i], key, "https://HOST, or https://HOST:PORT, and nothing behind it");
    }
    return true;
}

static bool read_server(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"listen", read_listen},
                                           {"body_max_mb", read_body_max},
                                           {"records_max_mb", read_records_max},
                                           {"client_wait_s", read_client_wait},
                                           {"hosts", read_hosts},
                                           {"origins", read_origins}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool read_moderator(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    if (node->kind == YAML_SCALAR && slice_equal_text(node->text, "none")) {
        reader->settings->moderation = NULL;
        return true;
    }
    return read_name(reader, node, key, "none, or the name of a classifier", &reader->settings->moderation);
}

static bool read_fine(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    struct settings *settings = reader->settings;
    return read_names(reader, node, key, "a label", &settings->moderation_fine, &settings->moderation_fine_count);
}

static bool read_moderation(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"classifier", read_moderator}, {"fine", read_fine}};
    const struct settings *settings = reader->settings;
    if (!read_table(reader, node, key, table, ARRAY_COUNT(table)))
        return false;
    if (settings->moderation == NULL || settings->moderation_fine_count > 0)
        return true;
    error_set(reader->error, ERROR_INVALID, "%s:%zu: \"moderation\" names no label that is fine: every text would be flagged",
              reader->name, node->line);
    return error_hint(reader->error, "For example: moderation: {classifier: " SLICE_FORMAT ", fine: [ok]}",
                      SLICE_ARGUMENT(slice_from(settings->moderation)));
}

static bool read_access(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"labels", read_labels}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool read_log_questions(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const char *const words[] = {"keep", "hash"};
    size_t choice = 0;
    if (!read_choice(reader, node, key, words, ARRAY_COUNT(words), &choice))
        return false;
    reader->settings->log_hashes_questions = choice == 1;
    return true;
}

static bool read_log_days(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    return read_whole(reader, node, key, 0, 36500, &reader->settings->log_keep_days);
}

static bool read_traces(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    if (node->kind == YAML_SCALAR && slice_equal_text(node->text, "none")) {
        reader->settings->traces = NULL;
        return true;
    }
    return read_name(reader, node, key, "none, the address of a collector, or the name of a file", &reader->settings->traces);
}

static bool read_log(struct settings_reader *reader, const struct yaml_node *node, const char *key)
{
    static const struct setting table[] = {{"questions", read_log_questions}, {"keep_days", read_log_days}};
    return read_table(reader, node, key, table, ARRAY_COUNT(table));
}

static bool refuse_key(struct settings_reader *reader, const struct yaml_node *node, struct slice key, const char *where,
                       const struct setting *table, size_t count)
{
    size_t best = 0, best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t distance = slice_distance(key, slice_from(table[i].key), 100);
        if (distance < best_distance) {
            best = i;
            best_distance = distance;
        }
    }
    error_set(reader->error, ERROR_INVALID, "%s:%zu: unrecognized setting \"%s%s" SLICE_FORMAT "\"", reader->name, node->line,
              where, where[0] ? "." : "", SLICE_ARGUMENT(key));
    if (best_distance <= 3)
        return error_hint(reader->error, "Did you mean \"%s\"?", table[best].key);
    char known[224] = ""; /* what a hint has room for */
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", table[i].key);
    }
    return error_hint(reader->error, "Settings here: %s.", known);
}

static bool read_table(struct settings_reader *reader, const struct yaml_node *node, const char *where,
                       const struct setting *table, size_t count)
{
    if (node->kind != YAML_MAPPING)
        return error_set(reader->error, ERROR_INVALID, "%s:%zu: %s%s%s is not a set of \"key: value\" lines", reader->name,
                         node->line, where[0] ? "\"" : "", where[0] ? where : "the file", where[0] ? "\"" : "");
    for (size_t i = 0; i < node->count; i++) {
        size_t at = 0;
        while (at < count && !slice_equal_text(node->keys[i], table[at].key))
            at++;
        if (at == count)
            return refuse_key(reader, &node->items[i], node->keys[i], where, table, count);
        if (!table[at].read(reader, &node->items[i], table[at].key))
            return false;
    }
    return true;
}

bool settings_read(struct slice source, const char *name, struct arena *arena, struct settings *settings, struct error *error)
{
    static const struct setting table[] = {{"documents", read_documents},
                                           {"documents_max_mb", read_documents_max},
                                           {"passages", read_passages},
                                           {"sensitive", read_sensitive},
                                           {"embedding", read_embedding},
                                           {"retrieve", read_retrieve},
                                           {"tests", read_tests},
                                           {"access", read_access},
                                           {"fetch", read_fetch},
                                           {"model", read_model},
                                           {"prices", read_prices},
                                           {"limits", read_limits},
                                           {"prompt", read_prompt},
                                           {"examples", read_examples},
                                           {"log", read_log},
                                           {"traces", read_traces},
                                           {"server", read_server},
                                           {"moderation", read_moderation},
                                           {"approach", read_approach},
                                           {"checks", read_checks},
                                           {"target", read_target}};
    static const char *default_documents[] = {"docs/"};
    struct settings read = {.documents = default_documents,
                            .document_count = 1,
                            .document_bytes_max = LIMIT_DOCUMENT_BYTES_DEFAULT,
                            .unit = UNIT_AUTO,
                            .passage_tokens = 200,
                            .passage_overlap = 30,
                            .k = 8,
                            .k1 = 1.2f,
                            .b = 0.75f,
                            .mode = RETRIEVE_AUTO,
                            .candidates = 100,
                            .fusion = FUSION_SCORES,
                            .vector_weight = 0.5f,
                            .rerank_candidates = 20,
                            .rerank_weight = 0.7F,
                            .embedding = "builtin",
                            .tests = "eval.jsonl",
                            .model = "builtin",
                            .prices = PROJECT_PRICES,
                            .spend_per_day = -1,
                            .examples = PROJECT_EXAMPLES,
                            .approach = "rag",
                            .check_examples = true,
                            .prompt_tokens = 6000,
                            .fetch_timeout_s = 60,
                            .fetch_delay_ms = 200,
                            .server_listen = "127.0.0.1:8080",
                            .server_body_bytes = LIMIT_BODY_BYTES_DEFAULT,
                            .server_record_bytes = LIMIT_RECORDS_BYTES_DEFAULT,
                            .server_client_wait_s = LIMIT_CLIENT_WAIT_S_DEFAULT,
                            .access = ACCESS_PUBLIC};
    struct yaml_node root;
    if (!yaml_read(source, name, arena, &root, error))
        return false;
    struct settings_reader reader = {name, arena, &read, error};
    if (!read_table(&reader, &root, "", table, ARRAY_COUNT(table)))
        return false;
    *settings = read;
    return true;
}
