#include "html_look.h"
#include "codec.h"

static bool has_any(struct slice value, const struct slice *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_has_letters(value, words[i]))
            return true;
    return false;
}

#define HAS_ANY(value, words) has_any(value, words, ARRAY_COUNT(words))

static struct slice value_of(const struct html_token *token, const char *name)
{
    const struct slice *value = html_attribute(token, name);
    return value != NULL ? *value : SLICE("");
}

bool html_is_folded(const struct html_token *token)
{
    static const struct slice folded[] = {SLICE_CONSTANT("accordion"), SLICE_CONSTANT("collaps"), SLICE_CONSTANT("tab-"),
                                          SLICE_CONSTANT("tabpanel"),  SLICE_CONSTANT("panel"),   SLICE_CONSTANT("faq"),
                                          SLICE_CONSTANT("answer"),    SLICE_CONSTANT("toggle")};
    static const struct slice others[] = {SLICE_CONSTANT("nav"),    SLICE_CONSTANT("menu"),    SLICE_CONSTANT("modal"),
                                          SLICE_CONSTANT("cookie"), SLICE_CONSTANT("consent"), SLICE_CONSTANT("search")};
    struct slice class = value_of(token, "class"), id = value_of(token, "id"), role = value_of(token, "role");
    return (HAS_ANY(class, folded) || HAS_ANY(id, folded) || HAS_ANY(role, folded)) && !HAS_ANY(class, others) &&
           !HAS_ANY(id, others);
}

bool html_unfolds(const struct html_token *token)
{
    static const struct slice words[] = {SLICE_CONSTANT("accordion"), SLICE_CONSTANT("collaps"), SLICE_CONSTANT("faq"),
                                         SLICE_CONSTANT("question")};
    static const struct slice others[] = {SLICE_CONSTANT("nav"), SLICE_CONSTANT("menu"), SLICE_CONSTANT("search")};
    struct slice class = value_of(token, "class"), label = value_of(token, "aria-label");
    bool is_stated = html_attribute(token, "aria-expanded") != NULL && html_attribute(token, "aria-controls") != NULL;
    return (is_stated || HAS_ANY(class, words)) && !HAS_ANY(class, others) && label.size == 0;
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
    for (size_t i = 0; i < ARRAY_COUNT(starts); i++)
        if (end == starts[i].size && slice_has_letters(slice_range(text, 0, end), starts[i]))
            return true;
    return false;
}

bool html_is_around(const struct html_token *token)
{
    static const struct slice consent[] = {SLICE_CONSTANT("cookie"), SLICE_CONSTANT("consent"), SLICE_CONSTANT("gdpr")};
    static const struct slice asks[] = {SLICE_CONSTANT("banner"),  SLICE_CONSTANT("consent"), SLICE_CONSTANT("notice"),
                                        SLICE_CONSTANT("bar"),     SLICE_CONSTANT("popup"),   SLICE_CONSTANT("modal"),
                                        SLICE_CONSTANT("overlay"), SLICE_CONSTANT("dialog")};
    static const struct slice around[] = {SLICE_CONSTANT("breadcrumb"),    SLICE_CONSTANT("share"),
                                          SLICE_CONSTANT("sharing"),       SLICE_CONSTANT("social-share"),
                                          SLICE_CONSTANT("share-buttons"), SLICE_CONSTANT("social-links"),
                                          SLICE_CONSTANT("breadcrumbs")};
    struct slice values[] = {value_of(token, "class"), value_of(token, "id")}, word;
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        if (values[i].size < 5) /* the shortest of these words */
            continue;
        if (HAS_ANY(values[i], consent) && HAS_ANY(values[i], asks))
            return true;
        for (struct slice rest = values[i]; slice_next(&rest, ' ', &word);)
            for (size_t j = 0; j < ARRAY_COUNT(around); j++)
                if (slice_equal(word, around[j]))
                    return true;
    }
    return false;
}
