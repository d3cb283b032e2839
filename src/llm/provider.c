/* provider.c - what a model's name means: who is asked, where, and with which key. */
#include "dialect.h"
#include "fetch/fetch.h"
#include <assert.h>
#include <stdlib.h>

enum { NAME_BYTES_MAX = 256, KEY_BYTES_MAX = 4096 };

bool llm_is_remote(const char *model)
{
    struct slice name = slice_from(model);
    return slice_starts_with(name, SLICE("openai:")) || slice_starts_with(name, SLICE("anthropic:")) ||
           slice_starts_with(name, SLICE("http://")) || slice_starts_with(name, SLICE("https://"));
}

bool llm_runs_here(const char *model)
{
    return slice_starts_with(slice_from(model), SLICE("http")) && http_is_loopback(model);
}

bool llm_tells_logprobs(const char *model)
{
    return llm_is_remote(model) && !slice_starts_with(slice_from(model), SLICE("anthropic:"));
}

/* A key goes into a header: a line end in it would begin another one. */
static bool read_key(struct provider *provider, struct arena *arena, struct error *error)
{
    const char *key = getenv(provider->key_variable);
    if (key == NULL || key[0] == '\0')
        return true;
    struct slice trimmed = slice_trim(slice_from(key));
    bool ok = trimmed.size > 0 && trimmed.size <= KEY_BYTES_MAX;
    for (size_t i = 0; ok && i < trimmed.size; i++)
        ok = trimmed.data[i] > ' ' && trimmed.data[i] < 0x7F;
    if (!ok)
        return error_set(error, ERROR_INVALID, "the key in %s is not one line of printable characters", provider->key_variable);
    provider->key = arena_text(arena, trimmed);
    return true;
}

static bool needs_key(const struct provider *provider, const char *model, struct error *error)
{
    if (provider->key != NULL)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" needs a key, and %s is not set", model, provider->key_variable);
    return error_hint(error, "Set it where the program runs: export %s=… The key stands in no file of the project.",
                      provider->key_variable);
}

/* A key crosses no network unencrypted. */
static bool is_private(const struct provider *provider, struct error *error)
{
    if (provider->key == NULL || slice_starts_with(slice_from(provider->url), SLICE("https://")) ||
        http_is_loopback(provider->url))
        return true;
    error_set(error, ERROR_INVALID, "the key in %s would go to \"%s\" unencrypted", provider->key_variable, provider->url);
    return error_hint(error, "Use an https address, or unset %s when the server needs no key.", provider->key_variable);
}

static const char *join(struct arena *arena, struct slice base, const char *path)
{
    while (slice_ends_with(base, SLICE("/")))
        base.size--;
    return arena_format(arena, SLICE_FORMAT "%s", SLICE_ARGUMENT(base), path);
}

/* What is in an address is shown in messages: nothing secret may be. */
static bool check_base(struct slice base, struct error *error)
{
    size_t at;
    if (!slice_find(base, '@', &at) && !slice_find(base, '?', &at))
        return true;
    error_set(error, ERROR_INVALID, "the address of the model has a user or a query in it");
    return error_hint(error, "Write http://HOST/v1#MODEL, and put the key into ASSAY_MODEL_KEY.");
}

static bool find_named(struct provider *provider, const char *model, struct arena *arena, bool replays, struct error *error)
{
    bool is_openai = slice_starts_with(slice_from(model), SLICE("openai:"));
    const char *base = getenv(is_openai ? "OPENAI_BASE_URL"
                                        : "ANTHROPIC_BASE_URL"); /* as the providers' own libraries read it */
    if (base == NULL || base[0] == '\0')
        base = is_openai ? "https://api.openai.com/v1" : "https://api.anthropic.com";
    if (!check_base(slice_from(base), error))
        return false;
    provider->dialect = is_openai ? &dialect_openai : &dialect_anthropic;
    provider->url = join(arena, slice_from(base), is_openai ? "/chat/completions" : "/v1/messages");
    provider->key_variable = is_openai ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY";
    provider->is_openai = is_openai;
    provider->model = strchr(model, ':') + 1;
    return read_key(provider, arena, error) && (replays || needs_key(provider, model, error)) && is_private(provider, error);
}

/* "http://host/v1#NAME"; an address without #NAME asks for "default", which servers with one model take. */
static bool find_address(struct provider *provider, const char *model, struct arena *arena, struct error *error)
{
    struct slice base = slice_from(model), name = SLICE("default");
    size_t at;
    if (slice_find(base, '#', &at)) {
        name = slice_range(base, at + 1, base.size);
        base = slice_range(base, 0, at);
    }
    if (!check_base(base, error))
        return false;
    provider->dialect = &dialect_openai;
    provider->key_variable = "ASSAY_MODEL_KEY";
    provider->model = arena_text(arena, name);
    provider->url = join(arena, base, "/chat/completions");
    provider->is_azure = strstr(provider->url, ".openai.azure.com/") != NULL;
    return read_key(provider, arena, error) && is_private(provider, error);
}

const char *provider_url(const struct provider *provider, const char *end, struct arena *arena)
{
    struct slice base = slice_from(provider->url);
    const struct slice chat = SLICE("/chat/completions");
    assert(slice_ends_with(base, chat));
    base.size -= chat.size;
    return arena_format(arena, SLICE_FORMAT "/%s", SLICE_ARGUMENT(base), end);
}

bool provider_find(struct provider *provider, const char *model, struct arena *arena, bool replays, struct error *error)
{
    *provider = (struct provider){0};
    model = arena_text(arena, slice_from(model));
    bool is_plain = true;
    for (const char *c = model; *c != '\0'; c++)
        is_plain = is_plain && (unsigned char)*c > ' ' && *c != 0x7F;
    if (!llm_is_remote(model) || !is_plain || strlen(model) > NAME_BYTES_MAX || model[strlen(model) - 1] == ':') {
        error_set(error, ERROR_INVALID, "\"%s\" does not say which model to ask", model);
        return error_hint(error,
                          "Write openai:NAME, anthropic:NAME, or the address of a server as http://127.0.0.1:11434/v1#NAME.");
    }
    return slice_starts_with(slice_from(model), SLICE("http")) ? find_address(provider, model, arena, error)
                                                               : find_named(provider, model, arena, replays, error);
}
