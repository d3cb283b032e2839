/* test_codec_web.c - addresses of the web, robots.txt and sitemaps: one spelling, what is refused, and what the rules say. */
#include "compare.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

/* The spelling of a reference from a base (NULL: none); "!reason" when it is refused. */
static const char *spell(struct arena *arena, const char *text, const char *base_text)
{
    struct url base, url;
    struct error error = {0};
    if (base_text != NULL && !url_parse(slice_from(base_text), NULL, arena, &base, &error))
        return "!base";
    if (!url_parse(slice_from(text), base_text != NULL ? &base : NULL, arena, &url, &error))
        return arena_format(arena, "!%s", error.message);
    return arena_text(arena, url.text);
}

static void one_address_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"HTTPS://Example.COM:443/a/./b/../c d?q=\xC3\xA9#place", "https://example.com/a/c%20d?q=%C3%A9"},
        {"http://example.com", "http://example.com/"},
        {"  http://example.com:080/\t\n ", "http://example.com/"},
        {"http://ex\nample.com/a\tb", "http://example.com/ab"},
        {"http://example.com:8080", "http://example.com:8080/"},
        {"http:\\\\example.com\\a\\..\\b", "http://example.com/b"},
        {"http:/example.com/a", "http://example.com/a"},
        {"https:example.com", "https://example.com/"},
        {"http://h/../../a/%2E%2e/%2e/b/..", "http://h/"},
        {"http://h/a/b/.", "http://h/a/b/"},
        {"http://h//a//", "http://h//a//"},
        {"http://h/a%2fb%zz", "http://h/a%2fb%zz"},
        {"http://h?a?b'", "http://h/?a?b%27"},
        {"http://h#x", "http://h/"},
        {"http://h/{a}|`", "http://h/%7Ba%7D|%60"},
        {"http://%65xample.com/", "http://example.com/"},
        {"http://0x7f.1/", "http://127.0.0.1/"},
        {"http://2130706433/", "http://127.0.0.1/"},
        {"http://017700000001/", "http://127.0.0.1/"},
        {"http://0/", "http://0.0.0.0/"},
        {"http://1.2.3/", "http://1.2.0.3/"},
        {"http://127.0.0.1./", "http://127.0.0.1/"},
        {"http://[::FFFF:127.0.0.1]:81/", "http://[::ffff:127.0.0.1]:81/"},
        {"http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"},
        {"http://a.b-c_d.e/", "http://a.b-c_d.e/"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i].text, slice_from(spell(&arena, cases[i].text, NULL)), cases[i].wanted);
    arena_release(&arena);
}

static void references_are_followed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"x", "https://h:81/a/x"},
        {"../x", "https://h:81/x"},
        {"/x", "https://h:81/x"},
        {"//g/x", "https://g/x"},
        {"?x", "https://h:81/a/b?x"},
        {"#x", "https://h:81/a/b?c"},
        {"", "https://h:81/a/b?c"},
        {"https:x", "https://h:81/a/x"},
        {"http:x", "http://x/"},
        {"http://g", "http://g/"},
        {".", "https://h:81/a/"},
        {"..", "https://h:81/"},
        {"x/../../../y", "https://h:81/y"},
        {"a:b", "!"},
        {"\\\\g\\x", "https://g/x"},
        {"\\x", "https://h:81/x"},
        {"javascript:alert(1)", "!"},
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *got = spell(&arena, cases[i].text, "https://h:81/a/b?c");
        compare_text(cases[i].text, slice_from(got[0] == '!' ? "!" : got), cases[i].wanted);
    }
    arena_release(&arena);
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "example.com",
        "/a",
        "file:///etc/passwd",
        "gopher://h/",
        "ftp://h/",
        "http://",
        "http:///",
        "http://h:0/",
        "http://h:65536/",
        "http://h:a/",
        "http://user@h/",
        "http://u:p@h/",
        "http://@h/",
        "http://1.2.3.4.5/",
        "http://256.1.1.1/",
        "http://0x100000000/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[1.2.3.4]/",
        "http://a..b/",
        "http://.a/",
        "http://a b/",
        "http://a%00b/",
        "http://a%2fb/",
        "http://\xC3\xA9/",
        "http://a<b/",
        "http://h:80:80/",
        "http://a%",
        "http://.",
    };
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *got = spell(&arena, cases[i], NULL);
        if (got[0] != '!')
            fail_msg("\"%s\" was read as %s", cases[i], got);
    }
    char *large = memory_alloc(LIMIT_URL_BYTES + 2, 1);
    memset(large, 'a', LIMIT_URL_BYTES + 1);
    memcpy(large, "http://h/", 9);
    compare_text("a long one", slice_range(slice_from(spell(&arena, large, NULL)), 0, 1), "!");
    memset(large + 9, ' ', LIMIT_URL_BYTES - 9); /* that is escaped into three times as many */
    large[LIMIT_URL_BYTES - 1] = 'a';
    large[LIMIT_URL_BYTES] = '\0';
    compare_text("one that grows", slice_range(slice_from(spell(&arena, large, NULL)), 0, 1), "!");
    free(large);
    arena_release(&arena);
}

static void expect_allowed(const char *file, const char *path, bool wanted)
{
    struct arena arena;
    struct robots robots;
    arena_init(&arena);
    robots_read(slice_from(file), SLICE("assay"), &arena, &robots);
    if (robots_allows(&robots, slice_from(path)) != wanted)
        fail_msg("\"%s\" should be %s by\n%s", path, wanted ? "allowed" : "forbidden", file);
    arena_release(&arena);
}

static void robots_groups(void **state)
{
    (void)state;
    static const char
        file[] = "User-agent: other\nDisallow: /a\n\nUser-Agent: Assay/2.0 (x)\nuser-agent: third\nDisallow: /b # no\n"
                 "Crawl-delay: 2.5\n\nUser-agent: *\nDisallow: /\n\nUser-agent: assay\nDisallow: /c\n"
                 "Sitemap: https://h/s.xml\n";
    struct arena arena;
    struct robots robots;
    expect_allowed(file, "/a", true);
    expect_allowed(file, "/b/x", false);
    expect_allowed(file, "/c", false); /* both groups are one */
    expect_allowed(file, "/d", true);
    expect_allowed("User-agent: *\nDisallow: /\n", "/a", false);
    expect_allowed("User-agent: *\nDisallow: /\n", "/robots.txt", true);
    expect_allowed("User-agent: *\nDisallow: /\nUser-agent: assay\n", "/a", true);
    expect_allowed("User-agent: assays\nDisallow: /\n", "/a", true);
    expect_allowed("Disallow: /\n", "/a", true); /* for nobody */
    expect_allowed("User-agent: *\nDisallow:\n", "/a", true);
    expect_allowed("\xEF\xBB\xBFUser-agent:*\rDisallow:/a\r\nnonsense\n", "/a", false);
    expect_allowed("", "/a", true);
    arena_init(&arena);
    robots_read(slice_from(file), SLICE("assay"), &arena, &robots);
    assert_int_equal(robots.delay_ms, 2500);
    assert_int_equal(robots.sitemap_count, 1);
    compare_text("sitemap", robots.sitemaps[0], "https://h/s.xml");
    arena_release(&arena);
}

static void robots_patterns(void **state)
{
    (void)state;
#define FOR_ALL "User-agent: *\n"
    expect_allowed(FOR_ALL "Disallow: /a\nAllow: /a/b\n", "/a/b/c", true);
    expect_allowed(FOR_ALL "Allow: /a/b\nDisallow: /a/b/c\n", "/a/b/c", false);
    expect_allowed(FOR_ALL "Disallow: /a\nAllow: /a\n", "/a", true);
    expect_allowed(FOR_ALL "Disallow: /*.php$\n", "/x.php", false);
    expect_allowed(FOR_ALL "Disallow: /*.php$\n", "/x.php?a", true);
    expect_allowed(FOR_ALL "Disallow: /*.php\n", "/x.php?a", false);
    expect_allowed(FOR_ALL "Disallow: /a$\n", "/a", false);
    expect_allowed(FOR_ALL "Disallow: /a$\n", "/ab", true);
    expect_allowed(FOR_ALL "Disallow: /a*b*c$\n", "/axbxcxbc", false);
    expect_allowed(FOR_ALL "Disallow: /a*b*c$\n", "/axbx", true);
    expect_allowed(FOR_ALL "Disallow: *x\n", "/ax", false);
    expect_allowed(FOR_ALL "Disallow: /A\n", "/a", true);
    expect_allowed(FOR_ALL "Disallow: /%7eann\n", "/~ann/", false);
    expect_allowed(FOR_ALL "Disallow: /\xC3\xA9\n", "/%c3%a9", false);
    expect_allowed(FOR_ALL "Disallow: /a%2Fb\n", "/a/b", true);
    expect_allowed(FOR_ALL "Disallow: /?q=\n", "/?q=1", false);
#undef FOR_ALL
}

/* "kind: location location …", or "!kind of error". */
static void expect_sitemap(struct slice source, const char *wanted)
{
    static const char *const kinds[] = {"none", "pages", "index"};
    struct arena arena;
    struct sitemap sitemap;
    struct error error = {0};
    struct buffer shown;
    arena_init(&arena);
    buffer_init(&shown, MIB);
    if (sitemap_read(source, &arena, &sitemap, &error)) {
        buffer_append_text(&shown, kinds[sitemap.kind]);
        for (size_t i = 0; i < sitemap.count; i++)
            buffer_format(&shown, " " SLICE_FORMAT, SLICE_ARGUMENT(sitemap.locations[i]));
    } else {
        buffer_format(&shown, "!%s", error_kind_name(error.kind));
    }
    compare_text("sitemap", buffer_slice(&shown), wanted);
    buffer_release(&shown);
    arena_release(&arena);
}

static void sitemaps(void **state)
{
    (void)state;
    expect_sitemap(
        SLICE("<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:i='i'><url><loc> "
              "https://h/a?b&amp;c\n</loc><i:image><i:loc>https://h/p</i:loc></i:image></url><url><lastmod>x</lastmod>"
              "<loc>https://h/b</loc></url><sitemap><loc>n</loc></sitemap></urlset>"),
        "pages https://h/a?b&c https://h/b");
    expect_sitemap(SLICE("<sitemapindex><sitemap><loc>https://h/1</loc></sitemap></sitemapindex>"), "index https://h/1");
    expect_sitemap(SLICE("\xEF\xBB\xBFhttps://h/a\r\n\r\nhttp://h/b"), "pages https://h/a http://h/b");
    expect_sitemap(SLICE("https://h/a\nand so on"), "none");
    expect_sitemap(SLICE("<html><p>"), "none");
    expect_sitemap(SLICE("<urlset><url><loc>https://h/a</loc>"), "!corrupt");
    expect_sitemap(SLICE("<!DOCTYPE x [<!ENTITY a 'b'>]><urlset/>"), "none");
    expect_sitemap(SLICE(""), "none");
}

static void sitemaps_are_cut(void **state)
{
    (void)state;
    struct buffer source;
    struct arena arena;
    struct sitemap sitemap;
    struct error error = {0};
    arena_init(&arena);
    buffer_init(&source, 8 * MIB);
    for (size_t i = 0; i <= LIMIT_SITEMAP_ENTRIES; i++)
        buffer_format(&source, "https://h/%zu\n", i);
    assert_true(sitemap_read(buffer_slice(&source), &arena, &sitemap, &error));
    assert_int_equal(sitemap.count, LIMIT_SITEMAP_ENTRIES);
    assert_true(sitemap.is_cut);
    buffer_release(&source);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_has_one_spelling),
        cmocka_unit_test(references_are_followed),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(robots_groups),
        cmocka_unit_test(robots_patterns),
        cmocka_unit_test(sitemaps),
        cmocka_unit_test(sitemaps_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
