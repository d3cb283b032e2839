/* page_write.c - HTML, written safely: texts from anywhere through page_say alone. */
#include "page.h"
#include <math.h>
#include <stdio.h>

void page_html(struct page *page, const char *html)
{
    buffer_append_text(page->out, html);
}

/* What a byte becomes; NULL: it stays. Control characters that HTML does not know become U+FFFD, as browsers do with them or should. */
static const char *escape(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
    case '\t':
        return NULL;
    default:
        return byte < 0x20 || byte == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void page_say(struct page *page, struct slice text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char *instead = escape((unsigned char)text.data[i]);
        if (instead == NULL)
            continue;
        buffer_append_slice(page->out, slice_range(text, start, i));
        buffer_append_text(page->out, instead);
        start = i + 1;
    }
    buffer_append_slice(page->out, slice_range(text, start, text.size));
}

void page_says(struct page *page, const char *text)
{
    page_say(page, slice_from(text));
}

void page_name(struct page *page, struct slice text)
{
    page_html(page, "<bdi>");
    page_say(page, text);
    page_html(page, "</bdi>");
}

/* ---- numbers ---- */

#define NARROW_SPACE "\xe2\x80\xaf"
#define MINUS "\xe2\x88\x92"

void page_percent(struct page *page, double share)
{
    buffer_format(page->out, "%.1f" NARROW_SPACE "%%", share * 100);
}

void page_percents(struct page *page, struct statistics_interval interval)
{
    buffer_format(page->out, "%.1f to %.1f" NARROW_SPACE "%%", interval.low * 100, interval.high * 100);
}

void page_points(struct page *page, double difference)
{
    const double points = fabs(difference * 100);
    const char *sign = points < 0.05 ? "" : difference > 0 ? "+" : MINUS;
    buffer_format(page->out, "%s%.1f points", sign, points);
}

/* Digits in threes. Past what a double holds exactly, as a power. */
void page_integer(struct page *page, double number)
{
    char digits[32];
    const double size = fabs(number);
    if (size >= 1e15) {
        buffer_format(page->out, "%.3g", number);
        return;
    }
    const int count = snprintf(digits, sizeof(digits), "%.0f", size);
    if (number < 0 && size >= 0.5)
        page_html(page, MINUS);
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            page_html(page, ",");
        buffer_append_byte(page->out, digits[i]);
    }
}

void page_plain(struct page *page, double number)
{
    if (fabs(number) >= 1000)
        page_integer(page, number);
    else
        buffer_format(page->out, "%s%.4g", number < 0 ? MINUS : "", fabs(number));
}

void page_time(struct page *page, double milliseconds)
{
    if (milliseconds >= 1000)
        buffer_format(page->out, "%.3g" NARROW_SPACE "s", milliseconds / 1000);
    else
        buffer_format(page->out, "%.3g" NARROW_SPACE "ms", milliseconds);
}

static struct slice currency(struct page *page)
{
    struct slice code = page_text(page, page_object(page, page->root, "costs"), "currency");
    return code.size > 0 ? code : SLICE("USD");
}

void page_money(struct page *page, double amount)
{
    static const struct {
        const char *code, *sign;
    } signs[] = {{"USD", "$"}, {"EUR", "€"}, {"GBP", "£"}};
    const struct slice code = currency(page);
    const double size = fabs(amount);
    const char *sign = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(signs); i++)
        if (slice_equal_text(code, signs[i].code))
            sign = signs[i].sign;
    page_html(page, amount < 0 ? MINUS : "");
    if (sign != NULL)
        page_html(page, sign);
    if (size >= 100)
        page_integer(page, size);
    else if (size >= 0.1 || size <= 0)
        buffer_format(page->out, "%.2f", size);
    else
        buffer_format(page->out, "%.2g", size);
    if (sign == NULL) {
        page_html(page, NARROW_SPACE);
        page_name(page, slice_cut(code, 16));
    }
}

/* ---- parts ---- */

void section_begin(struct page *page, const char *id, const char *title, const char *about)
{
    buffer_format(page->out, "<section id=\"%s\" aria-labelledby=\"%s-title\"><h2 id=\"%s-title\">%s</h2>\n", id, id, id,
                  title);
    if (about != NULL)
        buffer_format(page->out, "<p class=\"about\">%s</p>\n", about);
}

void section_end(struct page *page)
{
    page_html(page, "</section>\n");
}

void page_not_measured(struct page *page, const char *key, const char *sentence)
{
    struct slice why = page_text(page, page_object(page, page->root, "not_measured"), key);
    page_html(page, "<p class=\"absent\">");
    page_says(page, sentence);
    if (why.size > 0) {
        page_html(page, " The reason: ");
        page_name(page, why);
    }
    page_html(page, "</p>\n");
}

void table_begin(struct page *page, const char *caption)
{
    buffer_format(page->out,
                  "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table><caption>%s</caption>\n",
                  caption, caption);
}

void table_end(struct page *page)
{
    page_html(page, "</table></div>\n");
}

/* ---- approaches ---- */

static const struct {
    const char *name, *title;
} arms[ARM_STYLES - 1] = {{"prompt", "Prompt alone"},
                          {"full", "All documents in the prompt"},
                          {"rag", "Retrieval"},
                          {"tune", "Fine-tuning"},
                          {"hybrid", "Retrieval and fine-tuning"}};

size_t arm_style(struct slice name)
{
    size_t i = 0;
    while (i < ARRAY_COUNT(arms) && !slice_equal_text(name, arms[i].name))
        i++;
    return i;
}

const char *arm_title(struct slice name)
{
    const size_t style = arm_style(name);
    return style < ARRAY_COUNT(arms) ? arms[style].title : NULL;
}

void page_arm(struct page *page, struct slice name)
{
    const char *title = arm_title(name);
    if (title != NULL)
        page_says(page, title);
    else
        page_name(page, name);
}

struct slice arm_name(struct page *page, const struct json_value *arm)
{
    struct slice name = page_text(page, arm, "name");
    if (name.size == 0)
        page_fail(page, "arms", "a list of objects with a name each");
    return name;
}

double plot_percent(double share)
{
    return share <= 0 ? 0 : share >= 1 ? 100 : share * 100;
}
