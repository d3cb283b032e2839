/* run_key.c - `assay key add`, `list` and `revoke`: who may ask. */
#include "output.h"
#include "shape/shape.h"
#include <stdlib.h>
#include <string.h>

/* "hr, legal" as single names; empty ones stay, to be refused by their place. */
static const char **split_groups(const char *text, struct arena *arena, size_t *count)
{
    const char **groups = NULL;
    size_t capacity = 0;
    struct slice rest = slice_from(text ? text : ""), part;
    *count = 0;
    while (slice_next(&rest, ',', &part)) {
        groups = arena_more(arena, groups, *count, &capacity, sizeof(*groups));
        groups[(*count)++] = arena_text(arena, slice_trim(part));
    }
    return groups;
}

enum { QUOTA_KINDS = 3 };
static const char *const quota_names[QUOTA_KINDS] = {"requests", "tokens", "money"};

static double *quota_amount(struct assay_quota *quota, size_t kind)
{
    double *const amounts[QUOTA_KINDS] = {&quota->requests, &quota->tokens, &quota->money};
    return amounts[kind];
}

/* "tokens=2e6" */
static bool read_limit(struct slice part, struct assay_quota *quota)
{
    for (size_t i = 0; i < QUOTA_KINDS; i++) {
        size_t size = strlen(quota_names[i]);
        if (slice_starts_with(part, slice_from(quota_names[i])) && part.size > size && part.data[size] == '=')
            return *quota_amount(quota, i) == 0 && /* said once */
                   slice_to_double(slice_range(part, size + 1, part.size), quota_amount(quota, i)) &&
                   *quota_amount(quota, i) > 0;
    }
    return false;
}

/* "requests=1000,tokens=2e6,money=2.5" */
static bool read_quota(const char *text, struct assay_quota *quota, struct assay_error *error)
{
    struct slice rest = slice_from(text != NULL ? text : ""), part = rest;
    bool ok = text == NULL ||
              rest.size > 0; /* an empty one is a script's variable that is not set, and no quota without limits */
    while (ok && slice_next(&rest, ',', &part))
        ok = read_limit(slice_trim(part), quota);
    if (ok)
        return true;
    *error = (struct assay_error){
        .kind = ASSAY_INVALID,
        .hint = "Write it as --quota requests=1000,tokens=2000000,money=5: each a day, once, any of them."};
    snprintf(error->message, sizeof(error->message), "the quota \"%.*s\" cannot be read",
             part.size > 100 ? 100 : (int)part.size, part.data);
    return false;
}

static void print_quota(struct assay_quota quota)
{
    const char *before = "  a day: ";
    for (size_t i = 0; i < QUOTA_KINDS; i++)
        if (*quota_amount(&quota, i) > 0) {
            printf("%s%.15g %s", before, *quota_amount(&quota, i), quota_names[i]);
            before = ", ";
        }
}

static void warn_unused(void *context, const char *group)
{
    char message[512];
    (void)context;
    snprintf(message, sizeof(message), "no document has the label \"%s\" now", group);
    output_warning(message, "The key will see documents that get this label. Is it written right?");
}

static enum exit_code print_new_key(const struct invocation *invocation, const struct assay_key_add_options *options,
                                    const char *secret)
{
    if (!invocation->json) {
        puts(secret);
        if (!invocation->quiet)
            output_warning("this is the key, shown this once: only its hash is kept", "");
        return EXIT_DONE;
    }
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_text_member texts[] = {{"name", options->name}, {"key", secret}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    shape_groups(&json, options->groups, options->group_count);
    json_text_or_null(&json, "expires", options->expires);
    shape_quota(&json, options->quota);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

enum exit_code run_key_add(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct arena arena;
    char secret[ASSAY_SECRET_BYTES];
    arena_init(&arena);
    struct assay_key_add_options options = {.name = invocation->arguments[0],
                                            .expires = invocation_option(invocation, "expires"),
                                            .on_unused_group = invocation->quiet ? NULL : warn_unused};
    options.groups = split_groups(invocation_option(invocation, "groups"), &arena, &options.group_count);
    const struct assay_open_options open = {.folder = invocation_option(invocation, "project")};
    bool ok = read_quota(invocation_option(invocation, "quota"), &options.quota, &error) && assay_open(&assay, &open, &error) &&
              assay_key_add(assay, &options, secret, &error);
    enum exit_code code = ok ? print_new_key(invocation, &options, secret) : output_failure(invocation, &error);
    if (ok && (fflush(stdout) != 0 || ferror(stdout) || code != EXIT_DONE)) {
        struct assay_error ignored;
        (void)assay_key_revoke(assay, options.name, &ignored);
        output_warning("the key could not be shown, so it was revoked", "Run the command again with another name.");
        code = EXIT_FAILED;
    }
    assay_close(assay);
    arena_release(&arena);
    return code;
}

struct key_listing {
    struct json_writer json;
    struct buffer buffer;
    bool is_json;
    size_t count;
};

static bool list_key(void *context, const struct assay_key *key)
{
    struct key_listing *listing = context;
    listing->count++;
    if (!listing->is_json) {
        printf("%-16s  %s…  %-7s  %-10s  ", key->name, key->hint, key->state, key->expires ? key->expires : "-");
        for (size_t i = 0; i < key->group_count; i++) {
            fputs(i > 0 ? "," : "", stdout);
            output_text(stdout, slice_from(key->groups[i]));
        }
        print_quota(key->quota);
        putchar('\n');
        return true;
    }
    shape_key(&listing->json, key);
    return true;
}

enum exit_code run_key_list(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct key_listing listing = {.is_json = invocation->json};
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    buffer_init(&listing.buffer, LIMIT_JSON_BYTES);
    json_writer_init(&listing.json, &listing.buffer);
    json_object_begin(&listing.json);
    json_key(&listing.json, "keys");
    json_array_begin(&listing.json);
    bool ok = assay_key_list(assay, list_key, &listing, &error);
    json_array_end(&listing.json);
    json_object_end(&listing.json);
    enum exit_code code = EXIT_DONE;
    if (!ok)
        code = output_failure(invocation, &error);
    else if (invocation->json)
        code = output_json(invocation, &listing.buffer);
    else if (listing.count == 0 && !invocation->quiet)
        puts("No keys. `assay key add NAME --groups …` makes one.");
    buffer_release(&listing.buffer);
    assay_close(assay);
    return code;
}

enum exit_code run_key_revoke(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    const char *name = invocation->arguments[0];
    const struct assay_open_options open = {.folder = invocation_option(invocation, "project")};
    bool ok = assay_open(&assay, &open, &error) && assay_key_revoke(assay, name, &error);
    assay_close(assay);
    if (!ok)
        return output_failure(invocation, &error);
    if (!invocation->json) {
        if (!invocation->quiet) {
            fputs("Revoked ", stdout);
            output_text(stdout, slice_from(name));
            puts(": no search that begins now sees anything by it.");
        }
        return EXIT_DONE;
    }
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "revoked");
    json_text(&json, slice_from(name));
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}
