/* page.h - a page on its way: fields read strictly, HTML written safely. Private to report.
 *
 * Both are sticky: the first field that is not what it should be fails the page, and whoever makes it asks once at the end. Texts reach the page
 * through page_say alone, which escapes them; page_html takes what this room itself says. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report.h"

struct page {
    struct buffer *out;
    struct arena *arena;
    const struct json_value *root; /* of report.json */
    const char *name; /* of report.json, for messages */
    struct error *error;
    bool failed;
};

/* report.json as a tree, of the format that this room reads. */
bool report_read(struct slice json, const char *name, struct arena *arena, struct json_value *root,
                 struct error *error) MUST_USE;

/* ---- read: absent and null are the same, and no error ---- */

const struct json_value *page_object(struct page *page, const struct json_value *object, const char *key);
const struct json_value *page_array(struct page *page, const struct json_value *object,
                                    const char *key); /* NULL also when empty */
struct slice page_text(struct page *page, const struct json_value *object, const char *key); /* empty when absent */
bool page_number(struct page *page, const struct json_value *object, const char *key, double *number);
bool page_share(struct page *page, const struct json_value *object, const char *key, double *share); /* 0 … 1 */
bool page_count(struct page *page, const struct json_value *object, const char *key, uint64_t *count);
enum page_truth { PAGE_NOT_TOLD, PAGE_NO, PAGE_YES };
enum page_truth page_truth(struct page *page, const struct json_value *object, const char *key);
/* [low, high]; of shares unless `any`. */
bool page_interval(struct page *page, const struct json_value *object, const char *key, bool any,
                   struct statistics_interval *interval);
/* Of any numbers; a high end of null is infinite. */
bool page_interval_open(struct page *page, const struct json_value *object, const char *key,
                        struct statistics_interval *interval);
/* An item of an array as an object or a text; another kind fails the page. */
const struct json_value *page_item(struct page *page, const struct json_value *array, size_t i, enum json_kind kind,
                                   const char *what);
/* A share that is the value itself, as in {"rag": 0.1}. */
bool page_value_share(struct page *page, const struct json_value *value, struct slice name, double *share);
void page_fail(struct page *page, const char *what, const char *wanted);

/* ---- write ---- */

void page_html(struct page *page, const char *html); /* markup and words of this room */
void page_say(struct page *page, struct slice text); /* any text, escaped */
void page_says(struct page *page, const char *text); /* the same */
void page_name(struct page *page,
               struct slice text); /* a text among words of ours, kept apart whatever direction it is written in */

/* Numbers as people read them; none of them writes markup. */
void page_percent(struct page *page, double share); /* "86.2 %" */
void page_percents(struct page *page, struct statistics_interval interval); /* "78.1 to 92.0 %" */
void page_points(struct page *page, double difference); /* "+4.2 points" */
void page_integer(struct page *page, double number); /* "1,234" */
void page_time(struct page *page, double milliseconds); /* "12 ms", "1.2 s" */
void page_money(struct page *page, double amount); /* "$1,234", "$0.0012" */
void page_plain(struct page *page, double number); /* four digits at the most */

/* ---- the page's parts ---- */

/* Up to the beginning of its body; `about` follows the name in the title. */
void page_head(struct page *page, struct slice name, const char *about);

void section_begin(struct page *page, const char *id, const char *title, const char *about); /* `about`: a sentence, or NULL */
void section_end(struct page *page);

/* Says that something was not measured, with the reason of report.json's "not_measured" where there is one. */
void page_not_measured(struct page *page, const char *key, const char *sentence);

/* A table that may be wider than the page and then scrolls by itself; `caption` is its name. */
void table_begin(struct page *page, const char *caption);
void table_end(struct page *page);

/* How the page calls an approach, and which colour and mark it has (its place in the list, from 0 on; ARM_STYLES - 1: another one). */
enum { ARM_STYLES = 6 };
const char *arm_title(struct slice name); /* NULL: it is none of ours */
size_t arm_style(struct slice name);
void page_arm(struct page *page, struct slice name); /* its title, or the name itself */
struct slice arm_name(struct page *page, const struct json_value *arm);
void page_gap(struct page *page, struct slice name); /* "knowledge_base" as people read it */
/* The place of a score on a plot: 0 … 100. */
double plot_percent(double share);

/* The sections, in the page's order. */
void report_verdict(struct page *page);
void report_arms(struct page *page);
void report_gaps(struct page *page);
void report_retrieval(struct page *page);
void report_curve(struct page *page);
void report_costs(struct page *page);
void report_freshness(struct page *page);
void report_frameworks(struct page *page);
void report_cases(struct page *page);
void report_audit(struct page *page);
void report_data(struct page *page);

/* A paragraph with both texts' words: <del> what only the first has, <ins> what only the second has. Nothing, when they are too long to compare. */
void page_difference(struct page *page, struct slice wanted, struct slice given);

/* Made when the program is built, of page.css and page.js. */
struct page_asset {
    struct slice text;
    const char *hash; /* SHA-256 in base 64, as content security policies write it */
};
extern const struct page_asset page_style, page_script;

#endif
