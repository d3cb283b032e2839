/* test_codec_html.c - pages into blocks, against what is written here by hand, and against rules that hold for any bytes. The tokenizer
 * beneath is compared with html5lib's cases in tests/blackbox/test_html.py. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const struct blocks *blocks, struct buffer *out)
{
    static const char *const names[] = {"H", "P", "I", "C", "TH", "TR"}; /* ORDER block_kind */
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        buffer_append_text(out, names[block->kind]);
        if (block->level > 0)
            buffer_format(out, "%u", block->level);
        buffer_format(out, " " SLICE_FORMAT "\n", SLICE_ARGUMENT(block->text));
    }
}

/* Runs in order and within the source; each has the bytes that stand there, or comes from what stands for another character. */
static void check_block(struct slice source, const struct block *block)
{
    assert_true(slice_trim(block->text).size > 0 && block->run_count > 0);
    assert_true(block->start < block->end && block->end <= source.size);
    assert_int_equal(block->level > 0, block->kind == BLOCK_HEADING || block->kind == BLOCK_ITEM);
    size_t text_at = 0, source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        assert_true(run->size > 0 && run->text_at >= text_at && run->text_at + run->size <= block->text.size);
        assert_true(run->source_at >= source_at && run->source_at + run->source_size <= block->end);
        bool is_plain = run->size == run->source_size &&
                        memcmp(block->text.data + run->text_at, source.data + run->source_at, run->size) == 0;
        assert_true(is_plain || strchr("&\r+-0123456789", source.data[run->source_at]) != NULL); /* a zero byte too; <sup>2 */
        text_at = run->text_at + run->size;
        source_at = run->source_at + run->source_size;
    }
}

/* Reads an exact copy, so that a read past the end is seen. */
static void read_page(struct slice source, struct buffer *shown, struct slice *title, struct slice *language)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    char *exact = memory_alloc(source.size + 1, 1);
    memcpy(exact, source.data, source.size);
    source.data = exact;
    arena_init(&arena);
    buffer_clear(shown);
    expect_ok(html_read(source, &arena, &blocks, &error), &error);
    for (size_t i = 0; i < blocks.count; i++) {
        check_block(source, &blocks.items[i]);
        assert_true(i == 0 || blocks.items[i].start >= blocks.items[i - 1].start);
    }
    show(&blocks, shown);
    if (title != NULL) {
        buffer_append_byte(shown, '=');
        buffer_append_slice(shown, blocks.title);
        buffer_append_byte(shown, '=');
        buffer_append_slice(shown, blocks.language);
        *title = *language = (struct slice){"", 0};
    }
    arena_release(&arena);
    free(exact);
}

struct page_case {
    const char *source, *wanted;
};

static void compare_pages(const struct page_case *cases, size_t count)
{
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < count; i++) {
        read_page(slice_from(cases[i].source), &shown, NULL, NULL);
        compare_text(cases[i].source, buffer_slice(&shown), cases[i].wanted);
    }
    buffer_release(&shown);
}

static void pages(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"", ""},
        {" \n ", ""},
        {"plain words", "P plain words\n"},
        {"<p>a  b\n c<p>d", "P a b c\nP d\n"},
        {"<h1>A</h1><h2>B <b>c</b></h2>d", "H1 A\nH2 B c\nP d\n"},
        {"<h1></h1><p>a", "P a\n"},
        {"a<b>b</b> <i>c</i>d", "P ab cd\n"},
        {"<div>a<div>b</div>c</div>", "P a\nP b\nP c\n"},
        {"a<br>b<br/>c", "P a\nb\nc\n"},
        {"a&nbsp;b &amp; &lt;c&gt; &hellip; &#8364; &unknown;", "P a b & <c> \xE2\x80\xA6 \xE2\x82\xAC &unknown;\n"},
        {"<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "I1 a\nI1 b\nI2 c\nI1 d\nP e\n"},
        {"<ol><li><p>a</p><p>b</p></li></ol>", "I1 a\nP b\n"},
        {"<li>a", "I1 a\n"},
        {"<pre>\n a\n  b\n</pre>c", "C  a\n  b\n\nP c\n"},
        {"<pre>\r\na\r\nb</pre>", "C a\nb\n"},
        {"<table><tr><th>a<th>b<tr><td>1<td>2</table>", "TH a | b\nTR 1 | 2\n"},
        {"<table><tbody><tr><th>a</th><td><p>1</p><p>2</p></td></tr></tbody></table>x", "TR a | 1 2\nP x\n"},
        {"<table><tr><td><h1>A</h1><p>b</p></td><td>c</td></tr></table>", "H1 A\nP b\nP c\n"},
        {"<table><tr><td>a<br>b</td><td>c</td></tr></table>", "TR a b | c\n"},
        {"<script>if (a < b) '</p>'</script>a<style>p {}</style>b<!-- c -->d", "P abd\n"},
        {"<script><!-- <script> </script> --></script>a", "P a\n"},
        {"<p hidden>a</p>b<div style='display:none'>c<div>d</div></div>e", "P b\nP e\n"},
        {"<nav>menu</nav><p>text</p><footer>foot</footer>", "P text\n"},
        {"<nav>menu</nav>", "P menu\n"},
        {"<article><header><h1>A</h1></header><p>b</p><footer>c</footer></article>", "H1 A\nP b\nP c\n"},
        {"<div role=navigation>menu</div>a", "P a\n"},
        {"<ul><li><a href=x>One</a><li><a href=y>Two</a><li><a href=z>Three</a></ul><p>text", "P text\n"},
        {"<p>text<ul><li><a>One</a> and more<li><a>Two</a><li><a>Three</a></ul>",
         "P text\nI1 One and more\nI1 Two\nI1 Three\n"},
        {"<textarea>a</textarea><select><option>b</select><button>c</button>d", "P d\n"},
        {"<svg><title>no</title><p>no</p></svg><p>a", "P a\n"},
        {"<p>a</nav></div></p></table>b", "P a\nP b\n"},
        {"a<", "P a<\n"},
        {"a <b", "P a\n"},
        {"a </ b> c", "P a c\n"},
        {"a<![CDATA[x]]>b", "P ab\n"},
        {"<plaintext><p>a", "C <p>a\n"},
        {"<title>T &amp;\n U</title><p>a", "P a\n"},
        {"<p>Price: <del>\xE2\x82\xAC 99</del> <ins>79</ins>, <s>a</s><strike>b</strike>c<p>d", "P Price: 79, c\nP d\n"},
        {"<p style='text-decoration: line-through'>old</p>new", "P new\n"},
        {"<p><s>never closed</p><p>a", "P a\n"},
        {"10<sup>6</sup> 10<sup><a>&minus;3</a></sup> 20 m<sup>2</sup> 1<sup>st</sup> <sup>1</sup> note",
         "P 10\xE2\x81\xB6 10\xE2\x81\xBB\xC2\xB3 20 m\xC2\xB2 1st 1 note\n"},
        {"CO<sub>2</sub> 101<sub>2</sub>", "P CO2 101\xE2\x82\x82\n"},
        {"<blockquote>a<p>b</blockquote>c<dl><dt>d<dd>e</dl>", "P a\nP b\nP c\nP d: e\n"},
        {"<dl><div><dt>Price:</dt>\n<dd><p>20 EUR</p><p>net</p></dd></div><dt>a</dt><dt>b</dt><dd>c<dd>d</dl>e",
         "P Price: 20 EUR\nP net\nP a\nP b: c\nP d\nP e\n"},
        {"<dl><dt>a</dt><dd><ul><li>b</ul></dl><dt>c</dt><h2>d</h2>", "P a: \nI1 b\nP c\nH2 d\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

/* What a click unfolds, what asks for cookies, and bold lines above text. */
static void looks(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        /* what a click unfolds, and its name */
        {"<button>Send</button><h3><button aria-expanded='false'>May I?</button></h3><div id='panel-1' hidden>Yes.</div>",
         "H3 May I?\nP Yes.\n"},
        {"<h1>f <button>Copy</button></h1>a<div class='modal accordion' style='display:none'>b</div>", "H1 f\nP a\n"},
        {"<p>a</p><button class='accordion-title'>Dogs</button><div class='panel' style='display:none'><p>No.</div>"
         "<button class='nav-collapse'>Menu</button>",
         "P a\nH1 Dogs\nP No.\n"},
        {"<h2>A</h2><details><summary>Who pays?</summary>We do.</details><details><summary>Show more</summary>b</details>",
         "H2 A\nH3 Who pays?\nP We do.\nP Show more\nP b\n"},
        {"<div class='cookie-banner'>We use cookies.</div><ol class=breadcrumb><li><a href=/>Home</a><li>A</ol><p>Cookies are "
         "baked.</p>"
         "<div class='share'>Share: <a href=x>by electric mail</a></div>",
         "P Cookies are baked.\n"},
        /* bold lines, and a bold first row */
        {"<h1>A</h1><p><b>Hours</b></p><p>Ten to six.<p><strong>Rest:</strong> five</p><b>End</b>",
         "H1 A\nH2 Hours\nP Ten to six.\nP Rest: five\nP End\n"},
        {"<p><b>A Ltd</b><p><b>Street 1</b><p><b>Town</b><p>text<p><b><a href=x>Read on</a></b><p>b",
         "P A Ltd\nP Street 1\nP Town\nP text\nP Read on\nP b\n"},
        {"<table><tr><td><b>a</b><td><b>b</b><tr><td><b>1</b><td><b>2</b></table>", "TH a | b\nTR 1 | 2\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

/* Buttons that are read, and what is not for being called like a panel. */
static void buttons(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        /* of a heading a button is the text, or none of it */
        {"<h3><button>#</button> Update</h3>a<h3><button>Copy</button>Remove</h3>b<h3>Install <button>Copy</button></h3>c"
         "<h3><button>Sum</button> \xE2\x96\xBC</h3>d<h3><button hidden>X</button>Cost</h3>e",
         "H3 Update\nP a\nH3 Remove\nP b\nH3 Install\nP c\nH3 Sum \xE2\x96\xBC\nP d\nH3 Cost\nP e\n"},
        {"<h3><button class='accordion-button collapsed' aria-controls=c aria-expanded=false>Join?<i class='toggle-icon' "
         "aria-hidden=true>more</i></button></h3><div id=c class='accordion-collapse' style='display:none'>Write.</div>",
         "H3 Join?\nP Write.\n"},
        /* in a sentence it is a word */
        {"<p>The <button aria-expanded=false aria-controls=g>tenant</button> pays the <button class=collapse-x>rent</button>.",
         "P The tenant pays the .\n"},
        /* what it says it unfolds comes next, or it is no text */
        {"<p><button aria-expanded=false aria-controls=c>Who pays?</button></p><div id=c hidden>We do.</div>"
         "<button aria-expanded=false aria-controls=f>Filter</button><p>a</p><div id=f hidden>b</div>",
         "H1 Who pays?\nP We do.\nP a\nP b\n"},
        {"<p>a<button aria-expanded=false aria-controls=c aria-haspopup=true>English</button><ul id=c hidden><li>Deutsch</ul>"
         "<h2><button class=nav-toggle>Pages</button></h2>b",
         "P a\nP b\n"},
        {"<button class='question-mark-help'>Help</button><button class='faq-feedback'>Helpful?</button><p>a", "P a\n"},
        {"<div><button class=collapsible>Ask</div><p>b<p>c<p>d", "H1 Ask\nP b\nP c\nP d\n"},
        /* hidden is what no button unfolds */
        {"<p>a<div class=admin-panel style='display:none'>b</div><div class='panel error-panel' hidden>c</div>"
         "<div class=toggle-mobile aria-hidden=true>d</div><span class=accordion hidden>{{answer}}</span>",
         "P a\n"},
        {"<p>a<div role=tabpanel hidden>b</div><div class='faq-answer' hidden>c</div>", "P a\nP b\nP c\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

/* A class alone takes nothing off a page. */
static void around(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<section class='recipe cookie-bars'><h2>Bars</h2><p>Mix 200 g of butter.</section>",
         "H2 Bars\nP Mix 200 g of butter.\n"},
        {"<body class='cookies-not-set right-sidebar cookie-bar'><header>Slogan</header><p>a</p><footer>f</footer>", "P a\n"},
        {"<p>p<article id=cookie-notice><h2>Our cookies</h2>30 days.</article><div class=consent-form-bar>Parents sign.</div>",
         "P p\nH2 Our cookies\nP 30 days.\nP Parents sign.\n"},
        {"<h1>Shares</h1><div class=share><h2>One</h2>It costs 100 EUR.</div><div class=share>Two cost <a href=x>190</a> "
         "EUR.</div>",
         "H1 Shares\nH2 One\nP It costs 100 EUR.\nP Two cost 190 EUR.\n"},
        {"<div class='breadcrumb-container share post'><h1>Loaf</h1>Knead.</div><ul class=breadcrumbs><li>Bread, dry</ul>",
         "H1 Loaf\nP Knead.\nI1 Bread, dry\n"},
        {"<p>a<div class=gdpr-info-sidebar>b</div><section id=cookie-barista>c</section><section class=cookie-dialogue>d",
         "P a\nP b\nP c\nP d\n"},
        {"<p>a<div id=cookie-notice>b <button>OK</button></div><div class=cookieBanner>c</div><div "
         "class=cookieconsent><a>d</a></div>"
         "<div class='x cookies' role=dialog><h2>e</h2>f</div><div id=cookie-banner><h2>g</h2>h</div>",
         "P a\nH2 g\nP h\n"},
        {"<main><h2>a</h2><div id=cookie-banner>b</div></main>", "H2 a\nP b\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

/* A first row in bold is the head where it looks it, and the row below does. */
static void bold_rows(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<table><tr><td><b>Day</b><td><b>Hours</b><tr><td>Mon<td>9-17</table>", "TH Day | Hours\nTR Mon | 9-17\n"},
        {"<table><tr><td><b>Mon</b><td><b>9-17</b><tr><td>Tue<td>9-12</table>", "TR Mon | 9-17\nTR Tue | 9-12\n"},
        {"<table><tr><td><b>Menu</b><td><b>8.50 EUR</b><tr><td>Soup<td>2.50 EUR</table>",
         "TR Menu | 8.50 EUR\nTR Soup | 2.50 EUR\n"},
        {"<table><tr><td><b>Winner:</b><td><b>Anna</b><tr><td>Points<td>4</table>", "TR Winner: | Anna\nTR Points | 4\n"},
        {"<table><tr><td><b>Chair</b><td><b>Anna</b><tr><td>Clerk<td>Ben</table>", "TR Chair | Anna\nTR Clerk | Ben\n"},
        {"<table><tr><td><b>Name</b><td><b>Town</b><td><b>Role</b><tr><td>Ann<td>Oslo<td>Chair</table>",
         "TH Name | Town | Role\nTR Ann | Oslo | Chair\n"},
        {"<table><tr><td><b>a</b><td><b>b</b><td><b>c</b><tr><td><b>d</b><td><b>e</b><td><b>f</b></table>",
         "TR a | b | c\nTR d | e | f\n"},
        {"<table><tr><td><b>a</b><td><b>b</b></table>", "TR a | b\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

/* Links that skip to the content are no text; what only begins so is. */
/* Signs in columns of their own, names over several columns; a table without such signs, or whose signs have a name of
 * their own, stays as it is, and so does one whose cells go over rows. */
static void signs_apart(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<table><tr><td><td colspan=5>Years ended<tr><td><td colspan=2>2019<td><td colspan=2>2018<tr><td>Net "
         "sales<td>$<td>32,136<td><td>$<td>32,765"
         "<tr><td>Costs<td colspan=2>17,136<td><td "
         "colspan=2>16,682<tr><td>Other<tr><td>Loss<td><td>(547<td>)<td><td>\xE2\x80\x94<tr><td>Margin<td><td>12.5<td>%"
         "<td><td>13.1</table>x",
         "TR | Years ended | Years ended\nTR | 2019 | 2018\nTR Net sales | $ 32,136 | $ 32,765\nTR Costs | 17,136 | 16,682\nTR "
         "Other\n"
         "TR Loss | (547) | \xE2\x80\x94\nTR Margin | 12.5% | 13.1\nP x\n"},
        {"<table><tr><td><td colspan=2><b>2019</b><td><td "
         "colspan=2><b>2018</b><tr><td>Sales<td>$<td>5<td><td>$<td>6<tr><td>Costs<td>$<td>3<td><td>$<td>4</table>",
         "TR | 2019 | 2018\nTR Sales | $ 5 | $ 6\nTR Costs | $ 3 | $ 4\n"},
        {"<table><tr><td>Sales<td><td>5<td>6<tr><td>Price in<td>$<td>3<td>a piece</table>",
         "TR Sales |  | 5 | 6\nTR Price in | $ | 3 | a piece\n"},
        {"<table><tr><td>Currency<td>Sign<td>Rate<tr><td>Dollar<td>$<td>1.08<tr><td>Pound<td>£<td>0.85</table>",
         "TR Currency | Sign | Rate\nTR Dollar | $ | 1.08\nTR Pound | £ | 0.85\n"},
        {"<table><tr><td rowspan=2>Sales<td>$<td>5<tr><td>$<td>6</table>", "TR Sales | $ | 5\nTR Sales | $ | 6\n"},
        {"<table><tr><td>a<table><tr><td>Sales<td>$<td>5<tr><td>Costs<td>$<td>6</table><td>b</table>",
         "P a\nTR Sales | $ 5\nTR Costs | $ 6\nP b\n"},
        {"<table><tr><td>$<tr><td>)<tr><td>$<td>)<td>%<tr><td>1<td>$<tr></table>", "TR $\nTR )\nTR $ | ) | %\nTR 1 | $\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

static void links_that_skip(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<a href=#main>Skip to main content</a><p>text</p>", "P text\n"},
        {"<a class=s href='#c'>Zum Inhalt springen</a><div>text</div>", "P text\n"},
        {"<p>Skip to main content</p><p>text</p>", "P Skip to main content\nP text\n"},
        {"<p><a href=/x>Skip to</a> the next chapter when you know this already</p>",
         "P Skip to the next chapter when you know this already\n"},
        {"<a href=#m>Skip to content</a>", "P Skip to content\n"},
        {"<h2><a href=#j>Skip to the next line</a></h2><p>Press F12.</p>", "H2 Skip to the next line\nP Press F12.\n"},
        {"<p><a href=/x.pdf>Skip to my loo: the score (PDF)</a></p><p>a</p>", "P Skip to my loo: the score (PDF)\nP a\n"},
        {"<h1>a</h1><p><a href=#x>Skip to the end</a></p>", "H1 a\nP Skip to the end\n"},
    };
    compare_pages(cases, ARRAY_COUNT(cases));
}

/* What a page says is its main part is kept alone when it holds most of the text. */
static void main_part(void **state)
{
    (void)state;
    static const char page[] =
        "<html lang=de><head><title> Der  Titel </title></head><body><header>Kopf</header><div>Daneben</div><main><h1>A</h1>"
        "<p>Ein Absatz, der so lang ist, dass er als der eigentliche Inhalt dieser Seite gelten darf, denn er sagt etwas, und "
        "zwar mehr als alles, was um ihn herum steht.</p><nav>Inhalt</nav></main><footer>Fu\xC3\x9F</footer></body></html>";
    struct buffer shown;
    struct slice title, language;
    buffer_init(&shown, MIB);
    read_page(slice_from(page), &shown, &title, &language);
    compare_text(
        "a page with a main part", buffer_slice(&shown),
        "H1 A\nP Ein Absatz, der so lang ist, dass er als der eigentliche Inhalt dieser Seite gelten darf, denn er sagt "
        "etwas, und zwar mehr als alles, was um ihn herum steht.\n=Der Titel=de");
    buffer_release(&shown);
}

/* Words are read many at a time: what stands between them is seen at any place. */
static void words_at_any_place(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a  b", "a b"},
        {"a b", "a b"},
        {"a&amp;b", "a&b"},
        {"a\xC2\xA0 b", "a b"},
        {"a \xC3\xA4 b", "a \xC3\xA4 b"},
        {"a \n b", "a b"},
        {"a\r\nb", "a b"},
        {"a <b>c</b> d", "a c d"},
    };
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        for (int before = 1; before < 40; before++)
            for (int behind = 1; behind < 40; behind += 19) {
                char page[256], wanted[256];
                static const char word[] = "words of some few more letters that follow";
                snprintf(page, sizeof(page), "<p>%.*s%s%.*s</p>", before, word, cases[i][0], behind, word);
                struct slice start = slice_trim((struct slice){word, (size_t)before}),
                             end = slice_trim((struct slice){word, (size_t)behind});
                bool is_apart = (size_t)before > start.size;
                snprintf(wanted, sizeof(wanted), "P " SLICE_FORMAT "%s%s" SLICE_FORMAT "\n", SLICE_ARGUMENT(start),
                         is_apart ? " " : "", cases[i][1], SLICE_ARGUMENT(end));
                read_page(slice_from(page), &shown, NULL, NULL);
                assert_string_equal(buffer_text(&shown), wanted);
            }
    buffer_release(&shown);
}

/* Deep, long and unfinished: in a time that grows with the size alone. */
static void hostile_pages(void **state)
{
    (void)state;
    static const char *const parts[] = {"<div>",           "<p>",         "</p>",      "<ul><li>",    "<a ",
                                        "<table><tr><td>", "&",           "<!--",      "<script>",    "<b><i>",
                                        "</div>",          "<x a=1 a=2 ", "<pre>\r\n", "<nav hidden>"};
    enum { REPEATS = 40000 };
    struct buffer page, shown;
    buffer_init(&page, 64 * MIB);
    buffer_init(&shown, 256 * MIB);
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        buffer_clear(&page);
        for (size_t j = 0; j < REPEATS; j++)
            buffer_append_text(&page, parts[i]);
        buffer_append_text(&page, "end");
        read_page(buffer_slice(&page), &shown, NULL, NULL);
    }
    buffer_release(&page);
    buffer_release(&shown);
}

/* Texts of many runs: what ends them is looked for once. */
static void many_runs(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<p>a</p><script>", "x = 1;\r\n"}, {"<pre>", "a\r\n"}, {"<p>", "&amp;"}, {"<textarea>", "&lt;\r"}, {"", "a\r"}};
    enum { REPEATS = 150000 };
    struct buffer page, shown;
    buffer_init(&page, 64 * MIB);
    buffer_init(&shown, 256 * MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        buffer_clear(&page);
        buffer_append_text(&page, cases[i][0]);
        for (size_t j = 0; j < REPEATS; j++)
            buffer_append_text(&page, cases[i][1]);
        read_page(buffer_slice(&page), &shown, NULL, NULL);
    }
    static const char zeros[] = "<p>hello</p><x\0\0\0\0 hidden>gone</x\0\0\0\0>";
    read_page((struct slice){zeros, sizeof(zeros) - 1}, &shown, NULL, NULL);
    compare_text("zero bytes in a name", buffer_slice(&shown), "P hello\n");
    buffer_release(&page);
    buffer_release(&shown);
}

/* Any bytes, made of what means something in HTML. */
static void random_pages(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<p>",
                                         "</p>",
                                         "<li>",
                                         "<ul>",
                                         "</ul>",
                                         "<td>",
                                         "<tr>",
                                         "<table>",
                                         "</table>",
                                         "<pre>",
                                         "</pre>",
                                         "<h2>",
                                         "</h2>",
                                         "<nav>",
                                         "</nav>",
                                         "<main>",
                                         "</main>",
                                         "<br>",
                                         "<a>",
                                         "</a>",
                                         "words",
                                         " ",
                                         "\n",
                                         "\r\n",
                                         "&amp;",
                                         "&#0;",
                                         "\xC2\xA0",
                                         "<!--",
                                         "-->",
                                         "<",
                                         "<title>",
                                         "</title>",
                                         "<script>",
                                         "</script>",
                                         "\xFF",
                                         "<b>",
                                         "</b>",
                                         "<button>",
                                         "</button>",
                                         "<summary>",
                                         "<h3>",
                                         "<div hidden id=i>",
                                         "<div>",
                                         "</div>",
                                         "<button aria-expanded aria-controls=i>",
                                         "<button class=accordion>",
                                         "<div class=share>",
                                         "<div class=cookie-banner>",
                                         "<ul class=breadcrumb>",
                                         "<div id=cookies role=dialog>"};
    struct random random;
    uint64_t seed = test_seed();
    struct buffer page, shown;
    random_init(&random, seed);
    buffer_init(&page, MIB);
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < 20000; i++) {
        buffer_clear(&page);
        for (size_t j = random_below(&random, 30); j > 0; j--)
            buffer_append_text(&page, pieces[random_below(&random, ARRAY_COUNT(pieces))]);
        read_page(buffer_slice(&page), &shown, NULL, NULL);
    }
    buffer_release(&page);
    buffer_release(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages),           cmocka_unit_test(looks),     cmocka_unit_test(buttons),
        cmocka_unit_test(around),          cmocka_unit_test(bold_rows), cmocka_unit_test(signs_apart),
        cmocka_unit_test(links_that_skip), cmocka_unit_test(main_part), cmocka_unit_test(words_at_any_place),
        cmocka_unit_test(hostile_pages),   cmocka_unit_test(many_runs), cmocka_unit_test(random_pages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
