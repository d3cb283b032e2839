/* site.h - the page of `assay serve`, as one document that asks for nothing but the server's own routes.
 *
 * It is made when the program is built, by scripts/embed_site.py:
 *
 *   site.html  the frame            site.css  the looks
 *   *.ts  what it does, compiled by scripts/page_script into site.js, which is committed, so that building needs no node
 *
 * The page holds nothing of any project: what it shows comes by routes that want a key, which the page sends as everybody does. Texts from there
 * become text nodes and nothing else; the policy allows no script but this one, no address but this server's, and no way to make markup of a
 * text (Trusted Types). */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "base/base.h"

struct site_page {
    struct slice html;
    const char *policy; /* Content-Security-Policy, with the hashes of the style and the script */
};
extern const struct site_page site_page;

#endif
