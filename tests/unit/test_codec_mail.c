/* test_codec_mail.c - mails into blocks, heads and files, against what is written here by hand; folders of mails; bombs. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool show_part(void *context, const struct mail_part *part, struct error *error)
{
    struct buffer *shown = context;
    (void)error;
    buffer_format(shown, "[" SLICE_FORMAT "|" SLICE_FORMAT "|" SLICE_FORMAT "]", SLICE_ARGUMENT(part->name),
                  SLICE_ARGUMENT(part->type), SLICE_ARGUMENT(part->bytes));
    return true;
}

/* "H1 heading ¶ P text ¶ …", then the head if it is asked for, then the parts. */
static void read_mail(struct slice source, bool with_head, struct buffer *shown)
{
    static const char *const kinds[] = {"H", "P", "I", "C", "T", "R"}; /* ORDER block_kind */
    struct error error = {0};
    struct arena arena;
    struct extract extract;
    char *exact = memory_alloc(source.size + 1, 1);
    memcpy(exact, source.data, source.size);
    source.data = exact;
    arena_init(&arena);
    extract_init(&extract, &arena, 16 * source.size + MIB);
    buffer_clear(shown);
    expect_ok(mail_read(source, &extract, &error) && extract_finish(&extract, &error), &error);
    for (size_t i = 0; i < extract.blocks.count; i++) {
        const struct block *block = &extract.blocks.items[i];
        buffer_format(shown, "%s%s%.0u ", i > 0 ? "|" : "", kinds[block->kind], block->level);
        buffer_append_slice(shown, block->text);
    }
    for (size_t i = 0; with_head && i < extract.blocks.head_count; i++)
        buffer_format(shown, "{" SLICE_FORMAT "=" SLICE_FORMAT "}", SLICE_ARGUMENT(extract.blocks.head[i].key),
                      SLICE_ARGUMENT(extract.blocks.head[i].text));
    expect_ok(mail_each_part(source, &arena, show_part, shown, &error), &error);
    extract_release(&extract);
    arena_release(&arena);
    free(exact);
}

static void expect_mail(const char *source, const char *wanted)
{
    struct buffer shown;
    buffer_init(&shown, MIB);
    read_mail(slice_from(source), false, &shown);
    compare_text(source, buffer_slice(&shown), wanted);
    buffer_release(&shown);
}

static void heads(void **state)
{
    (void)state;
    struct buffer shown;
    buffer_init(&shown, MIB);
    read_mail(SLICE("From: =?utf-8?Q?J=C3=B8rn_Moe?= <j@example.org>\r\nTO : a@example.org,\r\n  b@example.org\r\nSubject: "
                    "=?iso-8859-1?q?R=FCck?= =?iso-8859-1?q?gabe?= 7\r\nDate: Wed, 1 May 2024 12:30:05 +0200 (CEST)\r\n"
                    "Message-ID: <7@example.org>\r\n\r\nHello\r\n"),
              true, &shown);
    compare_text("head", buffer_slice(&shown),
                 "H1 R\xC3\xBC"
                 "ckgabe 7|P From: J\xC3\xB8rn Moe <j@example.org>\nTo: a@example.org, b@example.org\nDate: "
                 "2024-05-01T10:30:05Z|P Hello{from=J\xC3\xB8rn Moe <j@example.org>}{to=a@example.org, b@example.org}"
                 "{date=2024-05-01T10:30:05Z}{subject=R\xC3\xBC"
                 "ckgabe 7}{message_id=<7@example.org>}");
    buffer_release(&shown);
}

static void words_and_dates(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"=?utf-8?B?w6Q=?=", "\xC3\xA4"},
        {"=?utf-8?B?w6?= =?utf-8?B?Q=?=", "\xC3\xA4"}, /* cut within a character */
        {"=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "\xE2\x82\xAC"},
        {"a =?utf-8?q?b?= c", "a b c"},
        {"=?utf-8?q?b?= =?iso-8859-1?q?=E4?=", "b\xC3\xA4"},
        {"=?utf-8*en?q?b_c?=", "b c"},
        {"=?utf-8?q?a b?=", "a b"}, /* spaces do not belong there, but are met */
        {"=?utf-8?x?b?=", "=?utf-8?x?b?="},
        {"=?utf-8?q?b", "=?utf-8?q?b"},
        {"=?", "=?"},
        {"=?no-such?q?=41?=", "A"},
        {"caf\xE9", "caf\xC3\xA9"},
        {"50% =off=", "50% =off="},
        {"=?iso-2022-jp?B?GyRCSlY2YhsoQg==?=", "\xE8\xBF\x94\xE9\x87\x91"},
    };
    static const char *const dates[][2] = {
        {"Wed, 1 May 2024 12:30:05 +0200", "2024-05-01T10:30:05Z"},
        {"1 May 24 00:10 EST", "2024-05-01T05:10:00Z"},
        {"29 Feb 2024 23:59:59 -0100", "2024-03-01T00:59:59Z"},
        {"Fri, 31 Dec 1999 23:00:00 GMT", "1999-12-31T23:00:00Z"},
        {"1 May 2024", "2024-05-01T00:00:00Z"},
        {"yesterday", ""},
        {"40 May 2024 10:00:00 +0000", ""},
        {"1 Foo 2024", ""},
        {"1", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases) + ARRAY_COUNT(dates); i++) {
        bool is_date = i >= ARRAY_COUNT(cases);
        const char *const *pair = is_date ? dates[i - ARRAY_COUNT(cases)] : cases[i];
        char source[256], wanted[256];
        snprintf(source, sizeof(source), is_date ? "Date: %s\n\n" : "Subject: %s\n\n", pair[0]);
        snprintf(wanted, sizeof(wanted), "%s%s", pair[1][0] == '\0' ? "" : is_date ? "P Date: " : "H1 ", pair[1]);
        expect_mail(source, wanted);
    }
}

static void bodies(void **state)
{
    (void)state;
    expect_mail(
        "Subject: a\n\nOne\ntwo\n\nOn Monday, Ann wrote:\n> Did you\n> try?\n>\n>> No.\n> Well\n\nYes.\n-- \nBea\nSales\n",
        "H1 a|P One\ntwo|P On Monday, Ann wrote:|P > Did you\n> try?|P >> No.|P > Well|P Yes.|P Bea\nSales");
    expect_mail("Content-Type: text/plain; format=flowed\n\nOne \ntwo\n> three \n> four\n -- not a mark\n",
                "P One two|P > three four|P -- not a mark");
    expect_mail("Content-Type: text/plain; format=flowed; delsp=yes\n\nOne \ntwo\n", "P Onetwo");
    expect_mail("Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=\"iso-8859-15\"\n\n10 =A4 "
                "f=FC=\nr=20\nall=\n",
                "P 10 \xE2\x82\xAC f\xC3\xBCr\nall");
    expect_mail("Content-Transfer-Encoding: BASE64\n\nSGVs\nbG8gd29y bGQ=\n", "P Hello world");
    expect_mail("Content-Type: text/html; charset=windows-1251\n\n<h1>\xCF\xF0\xE8</h1><p>a<p>b",
                "H2 \xD0\x9F\xD1\x80\xD0\xB8|P a|P b");
    expect_mail("no head at all\nbut text\n", "P no head at all\nbut text");
    expect_mail("From ann@example.org Mon Jan  1 10:00:00 2024\nSubject: a\n\nb", "H1 a|P b");
    expect_mail("", "");
    expect_mail("Subject:", "");
}

/* A mail that is quoted to the end stands below a heading, without marks; where the writer went on below it, the marks tell who wrote what. */
static void quoted_mails(void **state)
{
    (void)state;
    expect_mail(
        "Subject: a\n\nYes.\n\n-- \nBea\nSales\n\nOn 5 May, Ann Lee <ann.lee@example.org>\nwrote:\n\n> Did you\n> try?\n>\n"
        "> -- \n> Ann\n> On 4 May, Bea wrote:\n>> No.\n>>> So\n",
        "H1 a|P Yes.|P Bea\nSales|H2 On 5 May, Ann Lee <ann.lee@example.org> wrote:|P Did you\ntry?|P Ann|"
        "H2 On 4 May, Bea wrote:|P No.|P > So");
    expect_mail("Subject: a\n\nOn 5 May, Ann wrote:\n> When?\n\nFriday.\n\n> Where?\n\nLund.\n",
                "H1 a|P On 5 May, Ann wrote:|P > When?|P Friday.|P > Where?|P Lund.");
    expect_mail(
        "Subject: a\n\nYes.\n\n________________________________\nVon: Ann <a@example.org>\nGesendet: Montag\nAn: Bea\n"
        "Betreff: b\n\nDid you?\n\nFrom: Bea\n\nno head\n",
        "H1 a|P Yes.|H2 Von: Ann <a@example.org>|P Gesendet: Montag\nAn: Bea\nBetreff: b|P Did you?|P From: Bea|P no head");
    expect_mail("Subject: a\n\nOui.\n\nLe 5 mai, Ann a \xC3\xA9"
                "crit\xC2\xA0:\n> Quand?\n",
                "H1 a|P Oui.|H2 Le 5 mai, Ann a \xC3\xA9"
                "crit\xC2\xA0:|P Quand?");
    expect_mail("Subject: a\n\nYes.\n\nOn Mon, May 4, 2026 at 9:00 AM Ann Lee\n<ann1984@example.org> wrote:\n> When?\n",
                "H1 a|P Yes.|H2 On Mon, May 4, 2026 at 9:00 AM Ann Lee <ann1984@example.org> wrote:|P When?");
    expect_mail("Subject: a\n\nOne\n________________________________\nTwo",
                "H1 a|P One|P ________________________________|P Two");
    expect_mail("Subject: a\n\nJa.\n\nAm 05.05.2025 um 09:00 schrieb Ann Lee\n<ann@example.org>:\n> Wann?\n",
                "H1 a|P Ja.|H2 Am 05.05.2025 um 09:00 schrieb Ann Lee <ann@example.org>:|P Wann?");
    expect_mail("Subject: a\n\nAm 5. Mai schrieb Ann: nein\n\nRooms 1 and 2:\n> big\n",
                "H1 a|P Am 5. Mai schrieb Ann: nein|P Rooms 1 and 2:|P > big");
    assert_true(mail_is_quote(SLICE("On 5 May, Ann wrote:")) && mail_is_quote(SLICE("De : Ann")));
    assert_false(mail_is_quote(SLICE("Re: Fromage")));
}

/* A head of a mail has two of an address, a subject, and a year with a time. */
static void heads_of_quoted_mails(void **state)
{
    (void)state;
    expect_mail(
        "Subject: a\n\nYour trip:\n\nFrom: Bonn\nTo: Kiel\nDate: 12 May 2026, 09:05\nSeat: 41\n\nCancel free of charge.\n",
        "H1 a|P Your trip:|P From: Bonn\nTo: Kiel\nDate: 12 May 2026, 09:05\nSeat: 41|P Cancel free of charge.");
    expect_mail("Subject: a\n\nMEMO\n\nTo: all\nFrom: Personnel\nDate: 4 May 2026\nSubject: Summer\n\nWe close at 4.\n",
                "H1 a|H2 MEMO|P To: all\nFrom: Personnel\nDate: 4 May 2026\nSubject: Summer|P We close at 4.");
    expect_mail("Subject: a\n\nUrlaub:\n\nVon: 12.05.2026\nBis: 23.05.2026\nDatum: 04.05.2026\n",
                "H1 a|P Urlaub:|P Von: 12.05.2026\nBis: 23.05.2026\nDatum: 04.05.2026");
    expect_mail("Subject: a\n\nYes.\n\nFrom: Ann Lee\nSent: Monday, May 4, 2026 9:00 AM\nTo: Bea\nSubject: b\n\nWhen?\n",
                "H1 a|P Yes.|H2 From: Ann Lee|P Sent: Monday, May 4, 2026 9:00 AM\nTo: Bea\nSubject: b|P When?");
    expect_mail("Subject: a\n\nS\xC3\xAD.\n\nDe\xC2\xA0: Ann <a@example.org>\nEnviado el: lunes, 4 de mayo de 2026 9:00\nPara: "
                "Bea\n\nCu\xC3\xA1ndo?\n",
                "H1 a|P S\xC3\xAD.|H2 De\xC2\xA0: Ann <a@example.org>|P Enviado el: lunes, 4 de mayo de 2026 9:00\nPara: Bea|P "
                "Cu\xC3\xA1ndo?");
    expect_mail(
        "Subject: a\n\nSee below.\n\n-------- Forwarded Message --------\nSubject: b\nDate: Mon, 4 May 2026 09:00:00 +0200\n"
        "From: Ann <a@example.org>\nTo: Bea\n\nThe price rises.\n",
        "H1 a|P See below.|H2 From: Ann <a@example.org>|P Subject: b\nDate: Mon, 4 May 2026 09:00:00 +0200\nTo: Bea|P The "
        "price rises.");
    expect_mail("Subject: a\n\n-------- Forwarded Message --------\n\nFrom: me\n",
                "H1 a|P -------- Forwarded Message --------|P From: me");
}

static void quoted_pages(void **state)
{
    (void)state;
#define PAGE(rest)                                                                                                             \
    "Subject: a\nContent-Type: text/html\n\n<p>Yes.</p><div>On 5 May, Ann wrote:</div><blockquote><p>Did you?</p>" rest
    expect_mail(PAGE("</blockquote></div>\n"), "H1 a|P Yes.|H2 On 5 May, Ann wrote:|P Did you?");
    expect_mail(PAGE("</blockquote><p>And so on</p>"), "H1 a|P Yes.|P On 5 May, Ann wrote:|P Did you?|P And so on");
#define HEAD(from, sent) "<p><b>From:</b> " from "<br><b>Sent:</b> " sent "<br><b>To:</b> Bea</p><h1>Why</h1><p>x</p>"
    expect_mail("Subject: a\nContent-Type: text/html\n\n<p>Yes.</p>" HEAD("Ann &lt;a@example.org&gt;", "4 May 2026 9:00"),
                "H1 a|P Yes.|H2 From: Ann <a@example.org>|P Sent: 4 May 2026 9:00\nTo: Bea|H3 Why|P x");
    expect_mail("Subject: a\nContent-Type: text/html\n\n<p>Yes.</p>" HEAD("Bonn", "4 May 2026 9:00"),
                "H1 a|P Yes.|P From: Bonn\nSent: 4 May 2026 9:00\nTo: Bea|H2 Why|P x");
}

/* Inline answers stand between several quotes: none is a heading. */
static void answers_in_pages(void **state)
{
    (void)state;
#define ASKED "Subject: a\nContent-Type: text/html\n\n<div>On 5 May, Ann wrote:</div>"
    expect_mail(ASKED "<blockquote>When?</blockquote><p>Friday.</p><blockquote>Where?</blockquote>",
                "H1 a|P On 5 May, Ann wrote:|P When?|P Friday.|P Where?");
    expect_mail(ASKED "<p>Really.</p><blockquote>When?</blockquote>", "H1 a|P On 5 May, Ann wrote:|P Really.|P When?");
    expect_mail(
        "Subject: a\nContent-Type: text/html\n\nYes.<blockquote><div>On 5 May, Ann wrote:</div><div>When?</div></blockquote>",
        "H1 a|P Yes.|H2 On 5 May, Ann wrote:|P When?");
    expect_mail(
        "Subject: a\nContent-Type: text/html\n\nYes.<blockquote><div>On 5 May, Ann wrote:</div><blockquote>When?</blockquote>"
        "Soon.<blockquote>Where?</blockquote>Here.</blockquote>",
        "H1 a|P Yes.|P On 5 May, Ann wrote:|P When?|P Soon.|P Where?|P Here.");
}

static void parts(void **state)
{
    (void)state;
    expect_mail("Content-Type: multipart/alternative; boundary=x\n\npreamble\n--x\n\nplain\n--x\nContent-Type: "
                "text/html\n\n<p>page\n--x--\nend",
                "P plain");
    expect_mail("Content-Type: multipart/alternative; boundary=x\n\n--x\n\nSee it.\n--x\nContent-Type: text/html\n\n<p>Far "
                "more is said "
                "in this page than there.\n--x--\n",
                "P Far more is said in this page than there.");
    expect_mail("Content-Type: multipart/alternative; boundary=x\n\n--x\n\n \n--x\nContent-Type: multipart/related; "
                "boundary=y\n\n--y\nContent-Type: "
                "text/html\n\n<p>page\n--y\nContent-Type: image/png; name=a.png\n\nPNG\n--y--\n--x--\n",
                "P page|I1 Attachment: a.png[a.png|image/png|PNG]");
    expect_mail(
        "Content-Type: multipart/mixed; boundary=\"a b\"\n\n--a b\n\ntext\n--a bc\n--a b\nContent-Disposition: attachment;\n "
        "filename*0*=utf-8''%C3%A4;\n filename*1=b.txt\n\nfile\n--a b--\n",
        "P text\n--a bc|I1 Attachment: \xC3\xA4"
        "b.txt[\xC3\xA4"
        "b.txt|text/plain|file]");
    expect_mail(
        "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nSubject: inner\nFrom: "
        "b@example.org\n\nbody\n--x\n"
        "Content-Type: application/pdf; name=\"=?utf-8?q?=C3=A4.pdf?=\"\nContent-Transfer-Encoding: base64\n\nJVBE\n--x",
        "H3 inner|P From: b@example.org|P body|I1 Attachment: \xC3\xA4.pdf[\xC3\xA4.pdf|application/pdf|%PD]");
    expect_mail("Content-Type: multipart/mixed\n\nno boundary\n", "P no boundary");
    expect_mail("Content-Type: multipart/mixed; boundary=x\n\nnothing", "");
    expect_mail("Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: one\n\na\n--x\n\nSubject: two\n\nb\n--x--",
                "H3 one|P a|H3 two|P b");
}

static bool stop(void *context, const struct mail_part *part, struct error *error)
{
    (void)context, (void)part;
    return error_set(error, ERROR_CANCELLED, "stopped");
}

static void visitors_end_the_walk(void **state)
{
    (void)state;
    struct arena arena;
    struct error error = {0};
    arena_init(&arena);
    bool ok = mail_each_part(SLICE("Content-Type: image/png\n\nx"), &arena, stop, NULL, &error);
    expect_error(ok, &error, ERROR_CANCELLED, "stopped");
    arena_release(&arena);
}

static bool show_message(void *context, size_t number, struct slice message, struct error *error)
{
    (void)error;
    buffer_format(context, "[%zu:", number);
    buffer_append_slice(context, message);
    buffer_append_byte(context, ']');
    return true;
}

static void folders(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"From a@b Mon Jan  1 10:00:00 2024\nSubject: 1\n\nx\n\nFrom c Tue Feb 13 11:12:13 2024\nSubject: 2\n",
         "[0:Subject: 1\n\nx\n\n][1:Subject: 2\n]"},
        {"From a@b Mon Jan  1 10:00:00 2024\n\n>From here\n>>From there\n\nFrom here on it is text\n",
         "[0:\nFrom here\n>From there\n\nFrom here on it is text\n]"},
        {"Subject: none\n\nx\n", "[0:Subject: none\n\nx\n]"},
        {"From a@b Mon Jan  1 10:00:00 2024\n", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buffer shown;
        struct error error = {0};
        buffer_init(&shown, MIB);
        expect_ok(mbox_each(slice_from(cases[i][0]), show_message, &shown, &error), &error);
        compare_text(cases[i][0], buffer_slice(&shown), cases[i][1]);
        buffer_release(&shown);
    }
    assert_true(mbox_is(slice_from(cases[0][0])));
    assert_false(mbox_is(slice_from(cases[2][0])));
    assert_false(mbox_is(SLICE("From here on it is text\n")));
}

static size_t count_of(struct slice shown, char wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < shown.size; i++)
        count += shown.data[i] == wanted;
    return count;
}

/* Mails that are made to be costly end soon, with what can be read of them. */
static void bombs(void **state)
{
    (void)state;
    struct buffer bomb, shown;
    buffer_init(&bomb, 64 * MIB);
    buffer_init(&shown, 64 * MIB);
    for (int i = 0; i < 2000; i++) /* parts within parts */
        buffer_format(&bomb, "Content-Type: multipart/mixed; boundary=%0*d\n\n--%0*d\n", 4, i, 4, i);
    buffer_append_text(&bomb, "\ndeep");
    read_mail(buffer_slice(&bomb), false, &shown);
    buffer_clear(&bomb);
    buffer_append_text(&bomb, "Content-Type: multipart/mixed; boundary=x\n\n");
    for (int i = 0; i < 1000000; i++) /* very many of them */
        buffer_append_text(&bomb, "--x\n\na\n");
    read_mail(buffer_slice(&bomb), false, &shown);
    assert_in_range(count_of(buffer_slice(&shown), 'a'), 1000, 20000);
    buffer_clear(&bomb);
    for (int i = 0; i < 500000; i++) /* a flood of fields */
        buffer_append_text(&bomb, "X: y\n");
    buffer_append_text(&bomb, "Subject: found\n\nbody");
    read_mail(buffer_slice(&bomb), false, &shown);
    compare_text("flood", buffer_slice(&shown), "H1 found|P body");
    buffer_clear(&bomb);
    for (int i = 0; i < 300; i++) /* mails within mails */
        buffer_append_text(&bomb, "Content-Type: message/rfc822\n\n");
    read_mail(buffer_slice(&bomb), false, &shown);
    buffer_release(&bomb);
    buffer_release(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads),
        cmocka_unit_test(words_and_dates),
        cmocka_unit_test(bodies),
        cmocka_unit_test(quoted_mails),
        cmocka_unit_test(heads_of_quoted_mails),
        cmocka_unit_test(quoted_pages),
        cmocka_unit_test(answers_in_pages),
        cmocka_unit_test(parts),
        cmocka_unit_test(visitors_end_the_walk),
        cmocka_unit_test(folders),
        cmocka_unit_test(bombs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
