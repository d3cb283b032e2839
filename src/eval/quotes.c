/* quotes.c - does a passage hold the words that prove a case's answer? White space and the case of ASCII letters do not count: a passage's
 * text is broken into lines by its document, the quote by whoever wrote it down. */
#include "runs.h"
#include <string.h>

static void fold(struct buffer *out, struct slice text)
{
    bool in_space = true;
    buffer_clear(out);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
        if (is_space && !in_space)
            buffer_append_byte(out, ' ');
        else if (!is_space)
            buffer_append_byte(out, (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
        in_space = is_space;
    }
    if (out->size > 0 && out->data[out->size - 1] == ' ')
        out->size--;
}

bool eval_holds_quote(const struct eval_case *item, struct slice text)
{
    struct buffer folded, quote;
    bool found = false;
    buffer_init(&folded, LIMIT_DOCUMENT_BYTES_MAX);
    buffer_init(&quote, LIMIT_DOCUMENT_BYTES_MAX);
    fold(&folded, text);
    for (size_t i = 0; i < item->quote_count && !found; i++) {
        fold(&quote, item->quotes[i]);
        found = quote.size > 0 && memmem(folded.data, folded.size, quote.data, quote.size) != NULL;
    }
    buffer_release(&folded);
    buffer_release(&quote);
    return found;
}
