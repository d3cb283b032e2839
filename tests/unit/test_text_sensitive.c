/* test_text_sensitive.c - secrets and personal data: what is found, and what only looks like it. All of it is made up. */
#include "compare.h"
#include "text/sensitive_parts.h"
#include <string.h>

struct shown {
    struct slice text;
    struct buffer out;
};

static bool show(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct shown *shown = context;
    assert_true(start < end && end <= shown->text.size);
    buffer_format(&shown->out, "%s%s " SLICE_FORMAT, shown->out.size > 0 ? "|" : "", sensitive_kind_name(kind),
                  SLICE_ARGUMENT(slice_range(shown->text, start, end)));
    return true;
}

static void expect_found(const char *text, const char *wanted)
{
    struct shown shown = {.text = slice_from(text)};
    buffer_init(&shown.out, MIB);
    assert_true(sensitive_each(shown.text, show, &shown));
    compare_text(text, buffer_slice(&shown.out), wanted);
    buffer_release(&shown.out);
}

static void people(void **state)
{
    (void)state;
    expect_found("Write to ann.b+x@mail.example.org. Or not@all, a@b.c, icon@2x.png, git@host.example:a/b",
                 "email ann.b+x@mail.example.org");
    expect_found("<bea@example.com>,carl@example.co.uk", "email bea@example.com|email carl@example.co.uk");
    expect_found("Card 4111 1111 1111 1111, not 4111 1111 1111 1112, 1234567812345670; 371449635398431.",
                 "card 4111 1111 1111 1111|card 371449635398431");
    expect_found("IBAN DE89 3704 0044 0532 0130 00 and GB82WEST12345698765432, not DE88 3704 0044 0532 0130 00 or DE89",
                 "iban DE89 3704 0044 0532 0130 00|iban GB82WEST12345698765432");
    expect_found("SSN 078-05-1120, not 000-05-1120, 666-12-1234, 900-12-1234, 078-00-1120, 078-05-0000, 1078-05-1120",
                 "us_ssn 078-05-1120");
    expect_found("(415) 555-2671 and +44 20 7946 0958, 030 901820 555, 415-555-2671x12",
                 "phone (415) 555-2671|phone +44 20 7946 0958|phone 030 901820 555|phone 415-555-2671x12");
    expect_found("Tel. 699 956 915, in 2023-01-02 01.02.2023 10-12 3.14159265 1,234,567 12345678 v1.2.3.4",
                 "phone 699 956 915");
    expect_found(
        "host 192.0.2.17, 127.0.0.1, 0.0.0.0, 256.1.1.1, version 1.2.3.4, 1.2.3.4.5, 2001:db8::8a2e:370:7334 at 10:20:30",
        "ip_address 192.0.2.17|ip_address 2001:db8::8a2e:370:7334");
}

static void secrets(void **state)
{
    (void)state;
    /* In parts, so that no scanner takes this file for a leak. */
    expect_found("key AKIA"
                 "QWERTYUIOPASDF12, AKIA"
                 "QWERTY12",
                 "access_key AKIA"
                 "QWERTYUIOPASDF12");
    expect_found("ghp_"
                 "0123456789abcdefghijABCDEFGHIJ012345 sk_live_"
                 "4eC39HqLyjWDarjtT1",
                 "access_key ghp_"
                 "0123456789abcdefghijABCDEFGHIJ012345|access_key sk_live_"
                 "4eC39HqLyjWDarjtT1");
    expect_found("eyJ"
                 "hbGciOiJIUzI1NiJ9.eyJ"
                 "zdWIiOiJhIn0abc.dBjftJeZ4CVPmB92K27u",
                 "token eyJ"
                 "hbGciOiJIUzI1NiJ9.eyJ"
                 "zdWIiOiJhIn0abc.dBjftJeZ4CVPmB92K27u");
    expect_found("a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b",
                 "private_key -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----");
    expect_found("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "");
    expect_found(
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nMIIEvQIBADANBgkqhkiG9w0BAQ\n\nand words of more text",
        "private_key -----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nMIIEvQIBADANBgkqhkiG9w0BAQ");
    expect_found("Lines like -----BEGIN PRIVATE KEY tell it", "private_key -----BEGIN PRIVATE KEY");
    expect_found("password = \"k3R!x9vQ2m\"\napi_key: 9f8e7d6c5b4a39281706f5e4\nDB_PASSWORD=hunter",
                 "secret k3R!x9vQ2m|secret 9f8e7d6c5b4a39281706f5e4");
    expect_found("{\"clientSecret\": \"Zm9vYmFyMTIzNDU2Nzg\"}", "secret Zm9vYmFyMTIzNDU2Nzg");
    expect_found(
        "password: your-password-here1, token = ${TOKEN_12345678901}, secret=get_secret(a, 123456789012), password = \"\"", "");
    expect_found("The password is sent by mail. Tokens: 512. See token-based authentication and pwd.", "");
}

/* What people choose has 8 to 14 characters; what tells about passwords is none. */
static void passwords(void **state)
{
    (void)state;
    expect_found("The server password = Zx9!kk2Qw7pL. AWS", "secret Zx9!kk2Qw7pL");
    expect_found("Root password: Qw7!pLzx9kkR\npassword = Zx9kk2Qw7pLt\nPASSWORD=Zx9kk2Qw7pLt\npwd=Tr0ub4dor&3xyz",
                 "secret Qw7!pLzx9kkR|secret Zx9kk2Qw7pLt|secret Zx9kk2Qw7pLt|secret Tr0ub4dor&3xyz");
    expect_found("The router password is hunter2Kx9. **Password:** `Xk29sLq8` and *Passwort*: „sommer2024“.",
                 "secret hunter2Kx9|secret Xk29sLq8|secret sommer2024");
    expect_found("Contraseña: Xk29sLq8Wm41; Passwort: Xk29sLq8Wm42, mot de passe\xC2\xA0: Xk29sLq8Wm43.",
                 "secret Xk29sLq8Wm41|secret Xk29sLq8Wm42|secret Xk29sLq8Wm43");
    expect_found("hasło: Xk29sLq8, senha = Xk29sLq8, wachtwoord: Xk29sLq8, lösenord: Xk29sLq8, das Kennwort lautet Xk29sLq8.",
                 "secret Xk29sLq8|secret Xk29sLq8|secret Xk29sLq8|secret Xk29sLq8|secret Xk29sLq8");
    expect_found("Пароль: Xk29sLq8Wm41, 密码：Xk29sLq8Wm42。", "secret Xk29sLq8Wm41|secret Xk29sLq8Wm42");
    expect_found("password: at least 8 characters. Password: required! A password is case-sensitive. password: 12-characters",
                 "");
    expect_found("password: ********, password: <password>, pwd=your-password1, password = changeme1, password: ${PASS_12aB}",
                 "");
    expect_found("password = config.db2.value, password: SHA256-hashed, password = get(\"aB3456789\"), bypass: Version12a", "");
    expect_found("password: /etc/App1/pass2, Password: Windows, password is McDonald, PASSWORD: 31.12.2024", "");
}

static void masking(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, MIB);
    sensitive_mask(SLICE("Ann <ann@example.org>, 078-05-1120."), 1u << SENSITIVE_EMAIL, &out);
    compare_text("e-mail only", buffer_slice(&out), "Ann <[e-mail address]>, 078-05-1120.");
    buffer_clear(&out);
    sensitive_mask(SLICE("Ann <ann@example.org>, 078-05-1120."), UINT32_MAX, &out);
    compare_text("all", buffer_slice(&out), "Ann <[e-mail address]>, [social security number].");
    buffer_clear(&out);
    sensitive_mask(SLICE(""), UINT32_MAX, &out);
    compare_text("nothing", buffer_slice(&out), "");
    buffer_release(&out);
}

/* A megabyte of what each finder begins to read and none can take: the steps stay within so many for a byte. */
static void hostile_texts_cost_steps_in_their_size(void **state)
{
    static const char *const pieces[] = {
        "eyJ-",
        "eyJ.eyJ-",
        "eyJabcdefghi.",
        "glpat-",
        "xoxb-1",
        "SG.",
        "sk-ant-_",
        "ya29.",
        "AIza-",
        "a.b-",
        "a@a.",
        "a.a@b.b@",
        "DE89 ",
        "GB82WEST1234",
        "4111 1111 ",
        "4-",
        "1.1.1.",
        "1:1:1:",
        "+1 (2) ",
        "0 1 2 ",
        "password=",
        "api-key-",
        "token: ",
        "pwd=1a",
        "密码:",
        "passwort：",
        "mot de passe: ",
        "secret = ",
        "\"secret\": \"",
        "----------",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----a-----END ",
        "eyJ",
        "password                                                        ",
    };
    enum { STEPS_PER_BYTE = 400 };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
        struct shown shown = {0};
        struct buffer text;
        size_t steps = 0;
        buffer_init(&text, 2 * MIB);
        while (text.size < MIB)
            buffer_append_text(&text, pieces[i]);
        shown.text = buffer_slice(&text);
        buffer_init(&shown.out, 64 * MIB);
        assert_true(sensitive_walk(shown.text, show, &shown, &steps));
        if (steps > STEPS_PER_BYTE * text.size)
            fail_msg("\"%s\" over and over costs %zu steps for %zu bytes", pieces[i], steps, text.size);
        buffer_release(&shown.out);
        buffer_release(&text);
    }
}

static bool stop(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    (void)kind, (void)start, (void)end;
    return ++*(size_t *)context < 2;
}

static void visitors_end_the_walk(void **state)
{
    (void)state;
    size_t count = 0;
    assert_false(sensitive_each(SLICE("a@example.org b@example.org c@example.org"), stop, &count));
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(people),
                                       cmocka_unit_test(secrets),
                                       cmocka_unit_test(passwords),
                                       cmocka_unit_test(masking),
                                       cmocka_unit_test(hostile_texts_cost_steps_in_their_size),
                                       cmocka_unit_test(visitors_end_the_walk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
