/* html_page.h - pages that are XML, as books have them. Private to this room. */
#ifndef CODEC_HTML_PAGE_H
#define CODEC_HTML_PAGE_H

#include "codec.h"

/* As html_read, but that an element which closes itself has no content: "<title/>", "<p/>". */
bool xhtml_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

#endif
