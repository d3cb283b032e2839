/* sensitive_numbers.c - addresses of machines, and phone numbers, which have nothing that proves them but their form. */
#include "sensitive_parts.h"
#include <string.h>

enum { BEFORE_BYTES = 40, PHONE_BYTES_MAX = 32, PHONE_GROUPS_MAX = 8 };

bool sensitive_has_word_before(struct slice text, size_t at, const char *const *words)
{
    size_t from = at > BEFORE_BYTES ? at - BEFORE_BYTES : 0;
    for (size_t i = from; i < at; i++) {
        if (i > 0 && sensitive_is_letter(text.data[i - 1]))
            continue;
        for (size_t j = 0; words[j] != NULL; j++) {
            size_t size = strlen(words[j]), same = 0;
            while (same < size && i + same < at && (text.data[i + same] | 0x20) == words[j][same])
                same++;
            if (same == size)
                return true;
        }
    }
    return false;
}

/* ---- addresses ---- */

static size_t ipv4_size(struct slice text, size_t at)
{
    unsigned parts[4];
    size_t end = at;
    for (size_t i = 0; i < 4; i++) {
        size_t start = end;
        parts[i] = 0;
        while (end < text.size && end - start < 4 && sensitive_is_digit(text.data[end]))
            parts[i] = parts[i] * 10 + (unsigned)(text.data[end++] - '0');
        bool is_part = end > start && parts[i] <= 255 && (end - start == 1 || text.data[start] != '0');
        if (!is_part || (i < 3 && (end >= text.size || text.data[end] != '.')))
            return 0;
        end += i < 3;
    }
    static const char *const words[] = {"version", "release", "section", "v", NULL};
    bool is_private = parts[0] == 10 || (parts[0] == 172 && parts[1] >= 16 && parts[1] < 32) ||
                      (parts[0] == 192 && parts[1] == 168) ||
                      (parts[0] == 169 && parts[1] == 254); /* of no machine in particular */
    bool is_nobody = is_private || parts[0] == 0 || parts[0] == 127 || parts[0] == 255 ||
                     (at > 0 && (text.data[at - 1] == '.' || text.data[at - 1] == '-'));
    return is_nobody || !sensitive_ends_number(text, end) || sensitive_has_word_before(text, at, words) ? 0 : end - at;
}

static size_t ipv6_size(struct slice text, size_t at)
{
    size_t end = at, groups = 0, digits = 0, gaps = 0, letters = 0;
    for (; end < text.size && end - at < 40; end++) {
        char c = text.data[end], low = (char)(c | 0x20);
        if (sensitive_is_digit(c) || (low >= 'a' && low <= 'f')) {
            groups += digits == 0;
            letters += !sensitive_is_digit(c);
            if (++digits > 4)
                return 0;
        } else if (c == ':') {
            gaps += digits == 0;
            digits = 0;
        } else
            break;
    }
    if (end > at && text.data[end - 1] == ':' && gaps == 0)
        return 0;
    bool is_whole = (groups == 8 && gaps == 0) || (groups >= 3 && groups < 8 && gaps == 1);
    return is_whole && letters + groups > 4 && sensitive_ends_word(text, end) ? end - at : 0;
}

size_t sensitive_ip_size(struct slice text, size_t at, size_t *steps)
{
    *steps += 40; /* what the longest address has */
    size_t size = sensitive_is_digit(text.data[at]) ? ipv4_size(text, at) : 0;
    return size > 0 ? size : ipv6_size(text, at);
}

/* ---- phone numbers ---- */

struct phone {
    char digits[20];
    size_t count, end;
    size_t groups[PHONE_GROUPS_MAX], group_count;
    char marks[PHONE_GROUPS_MAX]; /* between the groups */
    bool has_plus, has_parenthesis;
};

static bool read_phone(struct slice text, size_t at, struct phone *phone)
{
    size_t end = at;
    *phone = (struct phone){0};
    phone->has_plus = text.data[end] == '+';
    end += phone->has_plus;
    for (bool open = false; end < text.size && end - at < PHONE_BYTES_MAX;) {
        char c = text.data[end];
        if (c == '(' && !open) {
            open = phone->has_parenthesis = true;
            end++;
            continue;
        }
        size_t start = end;
        while (end < text.size && sensitive_is_digit(text.data[end]) && phone->count < sizeof(phone->digits))
            phone->digits[phone->count++] = text.data[end++];
        if (end == start || phone->group_count == PHONE_GROUPS_MAX)
            return phone->group_count > 0;
        phone->groups[phone->group_count++] = end - start;
        phone->end = end;
        if (open && end < text.size && text.data[end] == ')') {
            open = false;
            end++;
        }
        size_t mark = end;
        while (end < text.size && end - mark < 2 && strchr(" -./", text.data[end]) != NULL && text.data[end] != '\0')
            end++;
        bool goes_on = end < text.size && (sensitive_is_digit(text.data[end]) || (text.data[end] == '(' && end > mark));
        if (!goes_on || (end == mark && text.data[mark - 1] != ')'))
            return true;
        phone->marks[phone->group_count - 1] = text.data[mark];
    }
    return phone->group_count > 0;
}

static bool is_north_american(const struct phone *phone)
{
    const char *digits = phone->digits;
    size_t skip = phone->count == 11 && digits[0] == '1' ? 1 : 0, first = skip > 0 && phone->groups[0] == 1 ? 1 : 0;
    if (phone->count - skip != 10 || phone->group_count != first + 3 || phone->groups[first] != 3 ||
        phone->groups[first + 1] != 3)
        return false;
    return digits[skip] >= '2' && digits[skip + 3] >= '2';
}

/* "01.02.2023", "2023-01-02": a date; "078-05-1120": another number. */
static bool is_date(const struct phone *phone)
{
    const size_t *groups = phone->groups;
    bool small_first = groups[0] <= 2 && phone->group_count == 3 && groups[1] <= 2 && (groups[2] == 4 || groups[2] == 2);
    bool is_year = memcmp(phone->digits, "19", 2) == 0 || memcmp(phone->digits, "20", 2) == 0;
    bool year_first = is_year && groups[0] == 4 && phone->group_count >= 3 && groups[1] == 2 && groups[2] == 2;
    bool is_security_number = phone->group_count == 3 && groups[0] == 3 && groups[1] == 2 && groups[2] == 4;
    return (small_first && phone->marks[0] != ' ') || year_first || is_security_number || phone->group_count < 2;
}

/* "x123" behind a number. */
static size_t extension_size(struct slice text, size_t at)
{
    size_t end = at + 1;
    if (at >= text.size || text.data[at] != 'x')
        return 0;
    while (end < text.size && end - at <= 5 && sensitive_is_digit(text.data[end]))
        end++;
    return end - at > 1 ? end - at : 0;
}

/* A word before or behind it says that it is one. */
static bool is_called_phone(struct slice text, size_t at, size_t end)
{
    static const char *const before[] = {"phone",     "tel",     "call",      "mobile",    "fax",         "cell", "whatsapp",
                                         "dial",      "hotline", "telephone", "telefon",   "handy",       "ring", "sms",
                                         "number is", "contact", "desk",      "answering", "messages to", NULL};
    static const char *const behind[] = {" office", " fax",    " mobil", " cell",   " (office",
                                         " (fax",   "-Office", "-Fax",   "-Mobile", " (mobile"};
    for (size_t i = 0; i < ARRAY_COUNT(behind); i++)
        if (slice_starts_with(slice_range(text, end, text.size), slice_from(behind[i])))
            return true;
    return sensitive_has_word_before(text, at, before);
}

size_t sensitive_phone_size(struct slice text, size_t at, size_t *steps)
{
    struct phone phone;
    bool begins = sensitive_is_digit(text.data[at]) || text.data[at] == '+' || text.data[at] == '(';
    char before = at > 0 ? text.data[at - 1] : ' ';
    if (sensitive_is_digit(text.data[at]) && at > 1 && before == ' ' && sensitive_is_digit(text.data[at - 2]))
        return 0; /* a longer number goes on */
    *steps += begins ? PHONE_BYTES_MAX : 0;
    if (!begins || strchr(".-/+:#=_$", before) != NULL || !read_phone(text, at, &phone) || phone.count < 7 || phone.count > 15)
        return 0;
    size_t end = phone.end + extension_size(text, phone.end);
    if (!sensitive_ends_number(text, end))
        return 0;
    bool is_american = is_north_american(&phone), is_dated = is_date(&phone);
    bool is_zero = phone.digits[0] == '0' && phone.digits[1] != '0' && phone.count >= 9 && phone.count <= 12 && !is_dated;
    bool is_abroad = (phone.has_plus || (phone.digits[0] == '0' && phone.digits[1] == '0' && phone.digits[2] != '0')) &&
                     phone.count >= 9;
    bool is_dotted = memchr(phone.marks, '.', sizeof(phone.marks)) != NULL && !phone.has_plus;
    if (is_american || (!is_dotted && (is_zero || is_abroad)))
        return end - at;
    bool has_form = phone.group_count >= 2 ? !is_dated : phone.count >= 9;
    return has_form && is_called_phone(text, at, end) ? end - at : 0;
}
