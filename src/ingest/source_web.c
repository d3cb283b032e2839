/* source_web.c - pages of the web. An address stands for its page; one of a sitemap, or of a robots.txt that names some, for the pages of the
 * site that they list.
 *
 *   robots.txt ─▶ sitemaps ─▶ (lists of sitemaps ─▶ sitemaps) ─▶ pages of that host ─▶ each asked for if it has changed
 *
 * A document from a site says in its metadata which address it was found by (`site`), so that pages which are listed no more can be told from
 * those that were added by themselves; and what the host said to tell versions apart (`etag`, `last_modified`). */
#include "adding.h"
#include "fetch/fetch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAILURES_MAX = 8 /* in a row without any answer: then the rest is left alone */, SITEMAP_DEPTH_MAX = 3 };

struct web {
    const char *const *urls;
    size_t url_count;
    struct arena arena;
    struct fetcher *fetcher;
    struct walk_file *files;
    size_t count, capacity;
    struct map pages; /* addresses in `files` */
    struct map sitemaps; /* addresses that were read, or are being */
    struct map whole; /* sites all of whose pages were found */
    struct map gone; /* pages that there are no more */
    struct map known; /* documents of the catalog that came from sites → number in `known_sites` */
    const char **known_sites;
    size_t known_count, known_capacity;
    size_t failures; /* in a row */
    struct adding *adding; /* while it works */
};

/* A site that is being listed. */
struct site {
    const struct url *url;
    const char *name; /* its address */
    bool is_whole;
};

static bool is_going(void *context)
{
    const struct web *web = context;
    const struct adding *adding = web->adding;
    const struct ingest_progress *progress = adding->progress;
    return progress->step == NULL || progress->step(progress->context, adding->stage, adding->done, adding->total);
}

static void fail(struct web *web, enum ingest_change change, const char *path, const struct error *error)
{
    count_failure(web->adding, change, path, error);
}

/* ---- listing ---- */

static void add_page(struct web *web, const struct url *url, const char *site)
{
    bool is_new;
    struct map_entry *entry = map_put(&web->pages, url->text, &is_new);
    if (entry == NULL || !is_new)
        return;
    const char *text = arena_text(&web->arena, url->text);
    struct web_page *page = arena_alloc(&web->arena, 1, sizeof(*page));
    *page = (struct web_page){.site = site};
    web->files = memory_more(web->files, web->count, &web->capacity, sizeof(*web->files));
    web->files[web->count++] = (struct walk_file){
        .path = arena_text(&web->arena, url->text), .stored = text, .is_named = site == NULL, .page = page};
}

static struct slice without_www(struct slice host)
{
    return slice_starts_with(host, SLICE("www.")) ? slice_range(host, 4, host.size) : host;
}

/* A sitemap speaks for its own host alone. */
static bool is_of_site(const struct site *site, const struct url *url)
{
    return slice_equal(without_www(site->url->host), without_www(url->host));
}

/* Of what a sitemap says no more is kept than its pages: `scratch` goes with it. */
static void add_listed(struct web *web, struct site *site, const struct url *from, struct slice location, struct arena *scratch)
{
    struct url url;
    struct error error;
    const char *shown = arena_text(scratch, slice_range(location, 0, location.size < 300 ? location.size : 300));
    if (!url_parse(location, from, scratch, &url, &error)) {
        fail(web, INGEST_SKIPPED, shown, &error);
    } else if (!is_of_site(site, &url)) {
        error_set(&error, ERROR_INVALID, "\"%s\" is of another host than the sitemap that lists it", shown);
        fail(web, INGEST_SKIPPED, shown, &error);
    } else if (web->count < LIMIT_SITE_PAGES) {
        add_page(web, &url, site->name);
    } else {
        site->is_whole = false;
    }
}

static bool list_sitemap(struct web *web, struct site *site, const struct url *url, unsigned depth, struct error *error);

static bool list_locations(struct web *web, struct site *site, const struct url *from, const struct sitemap *sitemap,
                           unsigned depth, struct error *error)
{
    struct arena scratch; /* of one location */
    bool ok = true;
    arena_init(&scratch);
    for (size_t i = 0; ok && i < sitemap->count; i++) {
        struct url url;
        struct error why;
        arena_clear(&scratch);
        if (sitemap->kind == SITEMAP_PAGES) {
            add_listed(web, site, from, sitemap->locations[i], &scratch);
        } else if (!url_parse(sitemap->locations[i], from, &scratch, &url, &why)) {
            site->is_whole = false;
            fail(web, INGEST_FAILED, site->name, &why);
        } else {
            ok = list_sitemap(web, site, &url, depth + 1, error);
        }
    }
    arena_release(&scratch);
    site->is_whole = site->is_whole && !sitemap->is_cut;
    return ok;
}

static bool read_sitemap(const struct fetch_answer *answer, const char *name, struct buffer *unpacked, struct arena *arena,
                         struct sitemap *sitemap, struct error *error)
{
    struct slice bytes = buffer_slice(&answer->body);
    if (gzip_is(bytes)) {
        if (!gzip_read(bytes, name, unpacked, error))
            return false;
        bytes = buffer_slice(unpacked);
    }
    return sitemap_read(bytes, arena, sitemap, error) || error_wrap(error, "could not read \"%s\"", name);
}

/* The sitemap at an address; what cannot be read is told, and false only when all is to end. `is_page`: it is some other document (NULL:
 * that is a failure). */
static bool ask_sitemap(struct web *web, struct site *site, const struct url *url, unsigned depth, bool *is_page,
                        struct error *error)
{
    struct fetch_answer answer;
    struct buffer unpacked;
    struct sitemap sitemap = {0};
    struct error why;
    struct arena scratch;
    const char *name = arena_text(&web->arena, url->text);
    arena_init(&scratch);
    fetch_answer_init(&answer, LIMIT_SITEMAP_BYTES + MIB);
    buffer_init(&unpacked, LIMIT_SITEMAP_BYTES + MIB);
    const struct fetch_request request = {.url = url->text, .size_max = LIMIT_SITEMAP_BYTES, .any_robots = depth > 0};
    enum fetch_outcome outcome = fetch_get(web->fetcher, &request, &answer, &why);
    bool is_read = outcome == FETCH_DONE && read_sitemap(&answer, name, &unpacked, &scratch, &sitemap, &why);
    if (is_read && sitemap.kind == SITEMAP_NONE && is_page == NULL)
        is_read = error_set(&why, ERROR_INVALID, "\"%s\" is no sitemap", name);
    else if (is_read && sitemap.kind == SITEMAP_NONE)
        *is_page = true;
    bool ok = outcome != FETCH_STOPPED || (*error = why, false);
    if (ok && !is_read) {
        site->is_whole = false;
        if (is_page == NULL || outcome == FETCH_DONE)
            fail(web, INGEST_FAILED, name, &why);
        else
            *is_page = true; /* it is asked for again, and told then */
    }
    buffer_release(&unpacked); /* before others are read: only the addresses of those that lead to them are held */
    fetch_answer_release(&answer);
    ok = ok && (!is_read || list_locations(web, site, url, &sitemap, depth, error));
    arena_release(&scratch);
    return ok;
}

static bool list_sitemap(struct web *web, struct site *site, const struct url *url, unsigned depth, struct error *error)
{
    bool is_new;
    struct error why;
    const struct map_entry *entry = map_put(&web->sitemaps, url->text, &is_new);
    if (entry != NULL && !is_new)
        return true; /* it was read, or is being: lists may lead back to themselves */
    if (entry == NULL || depth > SITEMAP_DEPTH_MAX) {
        site->is_whole = false;
        error_set(&why, ERROR_LIMIT, "site \"%s\" has more than %zu sitemaps, or more than %d below each other", site->name,
                  LIMIT_SITEMAPS, SITEMAP_DEPTH_MAX);
        fail(web, INGEST_FAILED, site->name, &why);
        return true;
    }
    return ask_sitemap(web, site, url, depth, NULL, error);
}

/* The sitemaps that a robots.txt names, else the one at the usual place. */
static bool list_robots(struct web *web, struct site *site, struct error *error)
{
    struct error why = {0};
    const struct robots *robots = fetch_robots(web->fetcher, site->url, &why);
    if (robots == NULL && why.kind == ERROR_CANCELLED) {
        *error = why;
        return false;
    }
    if (robots == NULL) {
        site->is_whole = false;
        fail(web, INGEST_FAILED, site->name, &why);
        return true;
    }
    static const struct slice usual = SLICE_CONSTANT("/sitemap.xml");
    size_t count = robots->sitemap_count > 0 ? robots->sitemap_count : 1;
    const struct slice *locations = robots->sitemap_count > 0 ? robots->sitemaps : &usual;
    for (size_t i = 0; i < count; i++) {
        struct url url;
        if (!url_parse(locations[i], site->url, &web->arena, &url, &why)) {
            site->is_whole = false;
            fail(web, INGEST_FAILED, site->name, &why);
        } else if (!list_sitemap(web, site, &url, 1, error)) {
            return false;
        }
    }
    return true;
}

/* Whether the address may be that of a sitemap, by its ending: others are pages, and are asked for once. */
static bool may_be_sitemap(const struct url *url)
{
    size_t query;
    struct slice path = url->target;
    if (slice_find(path, '?', &query))
        path = slice_range(path, 0, query);
    return slice_ends_with(path, SLICE(".xml")) || slice_ends_with(path, SLICE(".xml.gz")) ||
           slice_ends_with(path, SLICE("sitemap.txt"));
}

static bool list_url(struct web *web, const char *text, struct error *error)
{
    struct url *url = arena_alloc(&web->arena, 1, sizeof(*url));
    if (!url_parse(slice_from(text), NULL, &web->arena, url, error))
        return false;
    struct site site = {url, arena_text(&web->arena, url->text), true};
    bool is_robots = slice_equal_text(url->target, "/robots.txt"), is_page = !is_robots && !may_be_sitemap(url);
    size_t before = web->count;
    if (is_robots && !list_robots(web, &site, error))
        return false;
    if (!is_robots && !is_page && map_put(&web->sitemaps, url->text, NULL) != NULL &&
        !ask_sitemap(web, &site, url, 0, &is_page, error))
        return false;
    if (is_page)
        add_page(web, url, NULL);
    else if (site.is_whole && web->count > before) /* one that lists nothing at all is rather broken than empty */
        (void)map_put(&web->whole, slice_from(site.name), NULL);
    return true;
}

struct web_value {
    struct arena *arena;
    const char *text;
};

static void take_value(void *context, struct slice text)
{
    struct web_value *value = context;
    value->text = arena_text(value->arena, text);
}

/* What the catalog has of a document's metadata; NULL: nothing. */
static bool known_value(struct web *web, const struct known_document *known, const char *key, const char **text,
                        struct error *error)
{
    struct web_value value = {&web->arena, NULL};
    bool ok = store_each_value(web->adding->project->store, known->id, slice_from(key), take_value, &value, error);
    *text = value.text;
    return ok;
}

static void know_site(struct web *web, const char *path, const char *site)
{
    bool is_new;
    struct map_entry *entry = map_put(&web->known, slice_from(path), &is_new);
    if (entry == NULL || !is_new)
        return;
    entry->value = web->known_count;
    web->known_sites = arena_more(&web->arena, web->known_sites, web->known_count, &web->known_capacity, sizeof(char *));
    web->known_sites[web->known_count++] = site;
}

/* Which documents of the catalog came from which sites, and archives by their members. */
static bool know_sites(struct web *web, struct error *error)
{
    const struct adding *adding = web->adding;
    for (size_t i = 0; i < adding->known_count; i++) {
        const struct known_document *known = &adding->known[i];
        const char *site;
        if (!url_is_web(slice_from(known->path)))
            continue;
        if (!known_value(web, known, INGEST_SITE_KEY, &site, error))
            return false;
        if (site == NULL)
            continue;
        know_site(web, known->path, site);
        if (known->container_at > 0)
            know_site(web, adding->containers[known->container_at - 1].absolute, site);
    }
    return true;
}

static const char *site_of(const struct web *web, const char *path)
{
    const struct map_entry *entry = map_get(&web->known, slice_from(path));
    return entry != NULL ? web->known_sites[entry->value] : NULL;
}

static bool list(struct source *source, struct adding *adding, struct error *error)
{
    struct web *web = source->state;
    const struct settings *settings = &adding->project->settings;
    const struct ingest_progress *progress = adding->progress;
    size_t own = progress->allowed_host_count, all = own + settings->allowed_host_count;
    const char **allowed = arena_alloc(&web->arena, all + 1, sizeof(*allowed));
    for (size_t i = 0; i < all; i++)
        allowed[i] = i < own ? progress->allowed_hosts[i] : settings->allowed_hosts[i - own];
    const char *ca = settings->fetch_ca != NULL ? path_join(&web->arena, adding->project->root, settings->fetch_ca) : NULL;
    if (ca != NULL && !file_exists(ca)) {
        error_set(error, ERROR_NOT_FOUND, "there is no file \"%s\", which fetch.ca names", settings->fetch_ca);
        return error_hint(error, "Put the certificates there (PEM), or set fetch: {ca: system}.");
    }
    const struct fetch_options options = {.allowed = allowed,
                                          .allowed_count = all,
                                          .proxy = settings->fetch_proxy,
                                          .ca = ca,
                                          .timeout_ms = (unsigned)settings->fetch_timeout_s * 1000,
                                          .delay_ms = (unsigned)settings->fetch_delay_ms,
                                          .going = is_going,
                                          .context = web};
    web->adding = adding;
    if (!know_sites(web, error) || !fetcher_create(&web->fetcher, &options, error))
        return false;
    for (size_t i = 0; i < web->url_count; i++)
        if (!list_url(web, web->urls[i], error) || !step(adding, adding->stage, i + 1, web->url_count, error))
            return false;
    source->files = web->files;
    source->count = web->count;
    return true;
}

/* ---- pages ---- */

/* The name by which a reader is chosen where bytes do not tell: the address's last part, and an ending that fits what the host says it is. */
static const char *name_of(struct web *web, const char *address, const char *type)
{
    static const struct {
        const char *type, *ending;
    } endings[] = {
        {"text/html", ".html"}, {"application/xhtml+xml", ".html"},    {"text/markdown", ".md"},     {"text/x-markdown", ".md"},
        {"text/csv", ".csv"},   {"text/tab-separated-values", ".tsv"}, {"application/json", ".json"}};
    size_t query;
    struct slice path = slice_from(address);
    if (slice_find(path, '?', &query))
        path = slice_range(path, 0, query);
    const char *name = arena_text(&web->arena, path_name(arena_text(&web->arena, path)));
    const char *ending = "";
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (strcmp(endings[i].type, type) == 0)
            ending = endings[i].ending;
    if (ending[0] == '\0' || (format_is_promised(name) && strcmp(ending, ".html") != 0))
        return name;
    return arena_format(&web->arena, "%s%s", name, ending);
}

static void describe(struct web *web, struct walk_file *file, const struct fetch_answer *answer)
{
    struct web_page *page = file->page;
    page->etag = arena_text(&web->arena, slice_from(answer->etag));
    page->modified = arena_text(&web->arena, slice_from(answer->modified));
    page->charset = arena_text(&web->arena, slice_from(answer->charset));
    page->address = answer->address.size > 0 ? arena_text(&web->arena, buffer_slice(&answer->address)) : NULL;
    page->name = name_of(web, file->path, answer->type);
    file->size = (int64_t)answer->body.size;
    file->modified_ns = answer->modified_ns != 0 ? answer->modified_ns : clock_wall_ns();
}

/* What a page's answer means for its document. */
static enum source_answer judge(struct web *web, struct walk_file *file, bool is_known, enum fetch_outcome outcome,
                                const struct error *why)
{
    switch (outcome) {
    case FETCH_UNCHANGED:
        return SOURCE_UNCHANGED;
    case FETCH_GONE:
        (void)map_put(&web->gone, slice_from(file->stored), NULL);
        if (!is_known)
            fail(web, INGEST_FAILED, file->stored, why);
        return SOURCE_GONE;
    case FETCH_FORBIDDEN:
    case FETCH_OTHER:
        fail(web, file->is_named || is_known ? INGEST_FAILED : INGEST_SKIPPED, file->stored, why);
        return SOURCE_TOLD;
    default:
        fail(web, INGEST_FAILED, file->stored, why);
        return SOURCE_TOLD;
    }
}

/* A host that does not answer at all is not asked for ever. */
static bool give_up(struct web *web, struct walk_file *file, enum source_answer *answer)
{
    struct error error;
    if (web->failures < FAILURES_MAX)
        return false;
    if (web->failures == FAILURES_MAX) {
        error_set(&error, ERROR_IO, "%d requests in a row got no answer: from \"%s\" on nothing was asked for", FAILURES_MAX,
                  file->stored);
        error_hint(&error, "Run the command again to go on.");
        fail(web, INGEST_FAILED, file->stored, &error);
        web->failures++;
    }
    *answer = SOURCE_TOLD;
    return true;
}

static bool fetch(struct source *source, struct adding *adding, const struct walk_file *file,
                  const struct known_document *known, const struct known_container *container, enum source_answer *answer,
                  struct buffer *content, struct error *error)
{
    struct web *web = source->state;
    struct walk_file *own = &web->files[file - web->files];
    struct fetch_request request = {.url = slice_from(file->path), .size_max = adding->project->settings.document_bytes_max};
    struct fetch_answer page;
    struct error why;
    const char *site = site_of(web, file->stored);
    if (give_up(web, own, answer))
        return true;
    bool is_same_site = site == NULL ? own->page->site == NULL : own->page->site != NULL && strcmp(site, own->page->site) == 0;
    own->page->is_moved = !is_same_site; /* it is written anew, whatever its bytes are */
    if (known != NULL && known->recipe == adding->recipe && known->container == 0 && container == NULL && is_same_site &&
        (!known_value(web, known, INGEST_ETAG_KEY, &request.etag, error) ||
         !known_value(web, known, INGEST_MODIFIED_KEY, &request.modified, error)))
        return false;
    fetch_answer_init(&page, request.size_max);
    enum fetch_outcome outcome = fetch_get(web->fetcher, &request, &page, &why);
    web->failures = outcome == FETCH_FAILED && page.is_transport ? web->failures + 1 : 0;
    if (outcome == FETCH_DONE) {
        describe(web, own, &page);
        *content = page.body;
        buffer_init(&page.body, request.size_max);
        *answer = SOURCE_BYTES;
    } else if (outcome != FETCH_STOPPED) {
        *answer = judge(web, own, known != NULL || container != NULL, outcome, &why);
    } else {
        *error = why;
    }
    fetch_answer_release(&page);
    return outcome != FETCH_STOPPED;
}

/* ---- what is gone ---- */

static bool covers(const struct source *source, const char *absolute)
{
    const struct web *web = source->state;
    const char *site = site_of(web, absolute);
    return map_get(&web->gone, slice_from(absolute)) != NULL ||
           (site != NULL && map_get(&web->whole, slice_from(site)) != NULL);
}

static void release(struct source *source)
{
    struct web *web = source->state;
    fetcher_free(web->fetcher);
    map_release(&web->pages);
    map_release(&web->sitemaps);
    map_release(&web->whole);
    map_release(&web->gone);
    map_release(&web->known);
    free(web->files);
    arena_release(&web->arena);
    free(web);
}

bool source_web_init(struct source *source, const char *const *urls, size_t count, struct error *error)
{
    struct web *web = memory_alloc(1, sizeof(*web));
    struct url url;
    arena_init(&web->arena);
    map_init(&web->pages, LIMIT_SITE_PAGES);
    map_init(&web->sitemaps, LIMIT_SITEMAPS);
    map_init(&web->whole, LIMIT_SITEMAPS);
    map_init(&web->gone, LIMIT_SITE_PAGES);
    map_init(&web->known, UINT32_MAX / 4);
    web->urls = urls;
    web->url_count = count;
    *source = (struct source){
        .stage = "fetching", .state = web, .list = list, .fetch = fetch, .covers = covers, .release = release};
    for (size_t i = 0; i < count; i++)
        if (!url_parse(slice_from(urls[i]), NULL, &web->arena, &url, error)) {
            release(source);
            return false;
        }
    return true;
}
