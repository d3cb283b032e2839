/* page_read.c - fields of report.json, read strictly. The first one that is not what it should be fails the page. */
#include "page.h"
#include <math.h>

void page_fail(struct page *page, const char *what, const char *wanted)
{
    if (!page->failed)
        (void)error_set(page->error, ERROR_INVALID, "\"%s\": \"%s\" is not %s", page->name, what, wanted);
    page->failed = true;
}

static const struct json_value *member(struct page *page, const struct json_value *object, const char *key, enum json_kind kind)
{
    const struct json_value *value = NULL;
    struct error error;
    if (object == NULL || page->failed)
        return NULL;
    if (!json_member(object, page->name, key, kind, &value, &error)) {
        *page->error = error;
        page->failed = true;
        return NULL;
    }
    return value;
}

const struct json_value *page_object(struct page *page, const struct json_value *object, const char *key)
{
    return member(page, object, key, JSON_OBJECT);
}

const struct json_value *page_array(struct page *page, const struct json_value *object, const char *key)
{
    const struct json_value *array = member(page, object, key, JSON_ARRAY);
    return array != NULL && array->count > 0 ? array : NULL;
}

struct slice page_text(struct page *page, const struct json_value *object, const char *key)
{
    const struct json_value *text = member(page, object, key, JSON_TEXT);
    return text != NULL ? text->text : SLICE("");
}

static bool is_share(double number)
{
    return number >= 0 && number <= 1;
}

bool page_number(struct page *page, const struct json_value *object, const char *key, double *number)
{
    const struct json_value *value = member(page, object, key, JSON_NUMBER);
    if (value == NULL)
        return false;
    if (!isfinite(value->real)) {
        page_fail(page, key, "a number that a report can hold");
        return false;
    }
    *number = value->real;
    return true;
}

bool page_share(struct page *page, const struct json_value *object, const char *key, double *share)
{
    double number;
    if (!page_number(page, object, key, &number))
        return false;
    if (!is_share(number)) {
        page_fail(page, key, "between 0 and 1");
        return false;
    }
    *share = number;
    return true;
}

bool page_value_share(struct page *page, const struct json_value *value, struct slice name, double *share)
{
    if (value->kind == JSON_NULL)
        return false;
    if (value->kind != JSON_NUMBER || !is_share(value->real)) {
        page_fail(page, arena_text(page->arena, slice_cut(name, 60)), "a number between 0 and 1");
        return false;
    }
    *share = value->real;
    return true;
}

bool page_count(struct page *page, const struct json_value *object, const char *key, uint64_t *count)
{
    const struct json_value *value = member(page, object, key, JSON_NUMBER);
    if (value == NULL)
        return false;
    if (!value->is_integer || value->integer < 0) {
        page_fail(page, key, "a whole number from 0 on");
        return false;
    }
    *count = (uint64_t)value->integer;
    return true;
}

enum page_truth page_truth(struct page *page, const struct json_value *object, const char *key)
{
    const struct json_value *value = member(page, object, key, JSON_BOOL);
    if (value == NULL)
        return PAGE_NOT_TOLD;
    return value->boolean ? PAGE_YES : PAGE_NO;
}

bool page_interval(struct page *page, const struct json_value *object, const char *key, bool any,
                   struct statistics_interval *interval)
{
    const struct json_value *ends = member(page, object, key, JSON_ARRAY);
    if (ends == NULL)
        return false;
    bool ok = ends->count == 2 && ends->items[0].kind == JSON_NUMBER && ends->items[1].kind == JSON_NUMBER;
    const double low = ok ? ends->items[0].real : 0, high = ok ? ends->items[1].real : 0;
    ok = ok && isfinite(low) && isfinite(high) && low <= high && (any || (is_share(low) && is_share(high)));
    if (!ok)
        page_fail(page, key, any ? "an interval [low, high]" : "an interval [low, high] between 0 and 1");
    else
        *interval = (struct statistics_interval){low, high};
    return ok;
}

bool page_interval_open(struct page *page, const struct json_value *object, const char *key,
                        struct statistics_interval *interval)
{
    const struct json_value *ends = json_get(object, key);
    if (ends == NULL || ends->kind != JSON_ARRAY || ends->count != 2 || ends->items[1].kind != JSON_NULL)
        return page_interval(page, object, key, true, interval);
    if (ends->items[0].kind != JSON_NUMBER || !isfinite(ends->items[0].real)) {
        page_fail(page, key, "an interval [low, high] or [low, null]");
        return false;
    }
    *interval = (struct statistics_interval){ends->items[0].real, (double)INFINITY};
    return true;
}

const struct json_value *page_item(struct page *page, const struct json_value *array, size_t i, enum json_kind kind,
                                   const char *what)
{
    const struct json_value *item = &array->items[i];
    if (page->failed)
        return NULL;
    if (item->kind != kind) {
        page_fail(page, what, kind == JSON_OBJECT ? "a list of objects" : "a list of texts");
        return NULL;
    }
    return item;
}
