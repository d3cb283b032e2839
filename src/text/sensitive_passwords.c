/* sensitive_passwords.c - passwords that people choose, behind a word that says so: shorter than keys, and not at random.
 *
 * "password: X" is believed when X is no word: letters and digits mixed, or capitals within and signs. What tells about passwords is not taken
 * ("at least 8 characters", "8-character", "SHA256", `config.db2`), nor what stands for one ("********", "your-password"). */
#include "sensitive_parts.h"
#include <string.h>

enum { PASSWORD_BYTES_LEAST = 8, PASSWORD_BYTES_MAX = 64, BEFORE_BYTES = 32 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool ends_with_lower(struct slice text, struct slice ending)
{
    if (text.size < ending.size)
        return false;
    for (size_t i = 0; i < ending.size; i++)
        if (lower(text.data[text.size - ending.size + i]) != ending.data[i])
            return false;
    return true;
}

/* Within longer names: `db_password`, "Kundenpasswort". */
static bool ends_with_long_word(struct slice name)
{
    static const struct slice words[] = {
        SLICE_CONSTANT("password"),    SLICE_CONSTANT("passwd"),      SLICE_CONSTANT("passwort"),
        SLICE_CONSTANT("kennwort"),    SLICE_CONSTANT("passphrase"),  SLICE_CONSTANT("passcode"),
        SLICE_CONSTANT("contraseña"),  SLICE_CONSTANT("contrasena"),  SLICE_CONSTANT("motdepasse"),
        SLICE_CONSTANT("wachtwoord"),  SLICE_CONSTANT("lösenord"),    SLICE_CONSTANT("losenord"),
        SLICE_CONSTANT("adgangskode"), SLICE_CONSTANT("passord"),     SLICE_CONSTANT("salasana"),
        SLICE_CONSTANT("jelszó"),      SLICE_CONSTANT("contrasenya"), SLICE_CONSTANT("mot_de_passe")};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (ends_with_lower(name, words[i]))
            return true;
    return false;
}

/* By themselves or behind a joint: `SMTP_PASS`, `db.pwd`, but not "bypass". */
static bool ends_with_short_word(struct slice name)
{
    static const struct slice words[] = {SLICE_CONSTANT("pwd"),    SLICE_CONSTANT("pass"),  SLICE_CONSTANT("pw"),
                                         SLICE_CONSTANT("mdp"),    SLICE_CONSTANT("senha"), SLICE_CONSTANT("hasło"),
                                         SLICE_CONSTANT("haslo"),  SLICE_CONSTANT("heslo"), SLICE_CONSTANT("parola"),
                                         SLICE_CONSTANT("lozinka")};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        size_t before = name.size - words[i].size;
        if (ends_with_lower(name, words[i]) && (before == 0 || strchr("_-.", name.data[before - 1]) != NULL))
            return true;
    }
    return false;
}

bool sensitive_is_password_name(struct slice text, size_t start, size_t end)
{
    struct slice name = slice_range(text, start, end),
                 before = slice_range(text, start > BEFORE_BYTES ? start - BEFORE_BYTES : 0, start);
    return ends_with_long_word(name) || ends_with_short_word(name) ||
           (name.size == 5 && ends_with_lower(name, SLICE("passe")) && ends_with_lower(before, SLICE("mot de ")));
}

/* Words that begin with no letter of ASCII, before their sign. */
bool sensitive_is_password_before(struct slice text, size_t at)
{
    static const struct slice words[] = {SLICE_CONSTANT("пароль"),   SLICE_CONSTANT("Пароль"),  SLICE_CONSTANT("密码"),
                                         SLICE_CONSTANT("密碼"),     SLICE_CONSTANT("口令"),    SLICE_CONSTANT("パスワード"),
                                         SLICE_CONSTANT("비밀번호"), SLICE_CONSTANT("암호"),    SLICE_CONSTANT("كلمة المرور"),
                                         SLICE_CONSTANT("κωδικός"),  SLICE_CONSTANT("Κωδικός"), SLICE_CONSTANT("סיסמה"),
                                         SLICE_CONSTANT("รหัสผ่าน"),   SLICE_CONSTANT("पासवर्ड")};
    while (at > 0 && (text.data[at - 1] == ' ' || text.data[at - 1] == '*'))
        if (--at == 0)
            return false;
    struct slice before = slice_range(text, at > BEFORE_BYTES ? at - BEFORE_BYTES : 0, at);
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (slice_ends_with(before, words[i]))
            return true;
    return false;
}

/* "8-character", "128bit", "12-digit-long": a measure and what it measures. */
static bool is_measure(struct slice value)
{
    size_t at = 0;
    while (at < value.size && sensitive_is_digit(value.data[at]))
        at++;
    if (at == 0)
        return false;
    while (at < value.size && ((value.data[at] >= 'a' && value.data[at] <= 'z') || value.data[at] == '-'))
        at++;
    return at == value.size;
}

bool sensitive_is_password(struct slice value)
{
    size_t digits = 0, small = 0, capitals = 0, capitals_within = 0, signs = 0, joints = 0;
    if (value.size < PASSWORD_BYTES_LEAST || value.size > PASSWORD_BYTES_MAX || is_measure(value))
        return false;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (strchr("()[]{}<>|\\/", c) != NULL)
            return false; /* a call, a variable, a path */
        digits += sensitive_is_digit(c);
        small += c >= 'a' && c <= 'z';
        bool is_capital = c >= 'A' && c <= 'Z';
        capitals += is_capital;
        capitals_within += is_capital && i > 0;
        signs += i + 1 < value.size && strchr("!#$%&*+;=?@^~", c) != NULL;
        joints += strchr("._-:'", c) != NULL;
    }
    if (digits == 0) /* "case-sensitive", "McDonald": only with a sign within */
        return signs > 0 && small > 0 && capitals_within > 0;
    if (small > 0 && capitals > 0)
        return joints == 0 || capitals_within > 0 || signs > 0;
    bool is_mixed = small + capitals >= 2 && (joints == 0 || signs > 0); /* `db2.name`, "rev-2024" are names */
    return is_mixed && (digits >= 2 || signs > 0);
}
