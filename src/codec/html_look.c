#include "html_look.h"
#include "codec.h"

static bool is_of_part(char c)
{
    return html_is_letter(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Takes the next part off the names of an attribute: "cookie-banner", "cookie_banner" and "cookieBanner" have two. */
static bool next_part(struct slice *rest, struct slice *part)
{
    size_t start = 0;
    while (start < rest->size && !is_of_part(rest->data[start]))
        start++;
    size_t end = start;
    while (end < rest->size && is_of_part(rest->data[end])) {
        bool is_large = rest->data[end] >= 'A' && rest->data[end] <= 'Z';
        if (is_large && end > start && rest->data[end - 1] >= 'a' && rest->data[end - 1] <= 'z')
            break;
        end++;
    }
    *part = slice_range(*rest, start, end);
    *rest = slice_range(*rest, end, rest->size);
    return part->size > 0;
}

static bool is_any(struct slice part, const struct slice *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (part.size == words[i].size && slice_has_letters(part, words[i]))
            return true;
    return false;
}

static bool has_part(struct slice value, const struct slice *words, size_t count)
{
    for (struct slice part; next_part(&value, &part);)
        if (is_any(part, words, count))
            return true;
    return false;
}

#define HAS_PART(value, words) has_part(value, words, ARRAY_COUNT(words))

static struct slice value_of(const struct html_token *token, const char *name)
{
    const struct slice *value = html_attribute(token, name);
    return value != NULL ? slice_trim(*value) : SLICE("");
}

bool html_is_tool(const struct html_token *token)
{
    static const struct slice tools[] = {SLICE_CONSTANT("nav"),    SLICE_CONSTANT("menu"),    SLICE_CONSTANT("modal"),
                                         SLICE_CONSTANT("cookie"), SLICE_CONSTANT("consent"), SLICE_CONSTANT("search")};
    for (size_t i = 0; i < ARRAY_COUNT(tools); i++)
        if (slice_has_letters(value_of(token, "class"), tools[i]) || slice_has_letters(value_of(token, "id"), tools[i]))
            return true;
    return false;
}

/* An accordion, or questions with answers. */
static bool is_accordion(const struct html_token *token, struct slice of_questions)
{
    static const struct slice words[] = {SLICE_CONSTANT("accordion"), SLICE_CONSTANT("collapse"), SLICE_CONSTANT("collapsed"),
                                         SLICE_CONSTANT("collapsible")};
    static const struct slice questions[] = {SLICE_CONSTANT("faq")};
    struct slice class = value_of(token, "class");
    return HAS_PART(class, words) || (HAS_PART(class, questions) && has_part(class, &of_questions, 1));
}

bool html_is_folded(const struct html_token *token)
{
    bool is_panel = slice_equal_text(value_of(token, "role"), "tabpanel");
    return (is_panel || is_accordion(token, SLICE("answer"))) && !html_is_tool(token);
}

bool html_may_fold(const struct html_token *token)
{
    struct slice role = value_of(token, "role");
    return (role.size == 0 || slice_equal_text(role, "region") || slice_equal_text(role, "tabpanel")) && !html_is_tool(token);
}

enum html_unfolding html_unfolds(const struct html_token *token)
{
    struct slice opens = value_of(token, "aria-haspopup"); /* a menu, a list to choose from, a dialog */
    bool opens_tool = opens.size > 0 && !slice_equal_text(opens, "false");
    if (html_is_tool(token) || opens_tool || value_of(token, "aria-label").size > 0)
        return HTML_UNFOLDS_NOTHING;
    if (is_accordion(token, SLICE("question")))
        return HTML_UNFOLDS;
    return html_attribute(token, "aria-expanded") != NULL ? HTML_UNFOLDS_WHAT_IT_STATES : HTML_UNFOLDS_NOTHING;
}

bool html_only_unfolds(struct slice text)
{
    static const struct slice starts[] = {SLICE_CONSTANT("expand"), SLICE_CONSTANT("show"),  SLICE_CONSTANT("more"),
                                          SLICE_CONSTANT("read"),   SLICE_CONSTANT("click"), SLICE_CONSTANT("details"),
                                          SLICE_CONSTANT("mehr"),   SLICE_CONSTANT("plus"),  SLICE_CONSTANT("voir")};
    text = slice_trim(text);
    size_t end;
    if (!slice_find(text, ' ', &end))
        end = text.size;
    return is_any(slice_range(text, 0, end), starts, ARRAY_COUNT(starts));
}

/* ---- what stands around ---- */

/* "cookie-banner", "cookiebanner": both of it in one value. */
static enum html_look cookie_look(struct slice value)
{
    static const struct slice topics[] = {SLICE_CONSTANT("cookies"), SLICE_CONSTANT("cookie"), SLICE_CONSTANT("gdpr")};
    static const struct slice asking[] = {SLICE_CONSTANT("banner"), SLICE_CONSTANT("popup"), SLICE_CONSTANT("modal"),
                                          SLICE_CONSTANT("overlay"), SLICE_CONSTANT("dialog")};
    static const struct slice maybe[] = {SLICE_CONSTANT("consent"), SLICE_CONSTANT("notice"), SLICE_CONSTANT("bar")};
    bool has_topic = false, asks = false, may_ask = false;
    for (struct slice part; next_part(&value, &part);) {
        for (size_t i = 0; i < ARRAY_COUNT(topics); i++)
            if (part.size > topics[i].size && is_any(slice_range(part, 0, topics[i].size), &topics[i], 1)) {
                has_topic = true;
                part = slice_range(part, topics[i].size, part.size);
            }
        has_topic = has_topic || is_any(part, topics, ARRAY_COUNT(topics));
        asks = asks || is_any(part, asking, ARRAY_COUNT(asking));
        may_ask = may_ask || is_any(part, maybe, ARRAY_COUNT(maybe));
    }
    return !has_topic ? HTML_LOOK_PLAIN : asks ? HTML_LOOK_ASKS : may_ask ? HTML_LOOK_MAY_ASK : HTML_LOOK_TOPIC;
}

enum html_look html_look(const struct html_token *token)
{
    static const struct slice paths[] = {SLICE_CONSTANT("breadcrumb"), SLICE_CONSTANT("breadcrumbs")};
    static const struct slice sharing[] = {SLICE_CONSTANT("share"), SLICE_CONSTANT("sharing"), SLICE_CONSTANT("social-share"),
                                           SLICE_CONSTANT("share-buttons"), SLICE_CONSTANT("social-links")};
    struct slice values[] = {value_of(token, "class"), value_of(token, "id")}, role = value_of(token, "role"), word;
    bool is_dialog = slice_equal_text(role, "dialog") || slice_equal_text(role, "alertdialog") ||
                     slice_equal_text(value_of(token, "aria-modal"), "true");
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        enum html_look look = cookie_look(values[i]);
        if (look != HTML_LOOK_PLAIN && is_dialog)
            return HTML_LOOK_DIALOG;
        if (look == HTML_LOOK_ASKS || look == HTML_LOOK_MAY_ASK)
            return look;
        for (struct slice rest = values[i]; slice_next(&rest, ' ', &word);)
            if (is_any(word, paths, ARRAY_COUNT(paths)))
                return HTML_LOOK_PATH;
            else if (is_any(word, sharing, ARRAY_COUNT(sharing)))
                return HTML_LOOK_SHARES;
    }
    return HTML_LOOK_PLAIN;
}

bool html_is_around(enum html_look look, const struct html_held *held)
{
    bool is_short = held->bytes <= HTML_AROUND_BYTES_MAX;
    switch (look) {
    case HTML_LOOK_DIALOG:
        return held->bytes <= HTML_DIALOG_BYTES_MAX;
    case HTML_LOOK_ASKS:
        return is_short && (!held->has_heading || held->buttons > 0);
    case HTML_LOOK_MAY_ASK:
        return is_short && !held->has_heading && (held->buttons > 0 || held->link_bytes > 0);
    case HTML_LOOK_PATH:
        return 2 * held->bytes <= HTML_AROUND_BYTES_MAX && !held->has_heading && held->link_bytes > 0;
    case HTML_LOOK_SHARES:
        return is_short && !held->has_heading &&
               2 * (held->link_bytes + held->button_bytes) >= held->bytes + held->button_bytes;
    default:
        return false;
    }
}
