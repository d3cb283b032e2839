/* progress.c - how far long work has come. */
#include "output.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAW_EVERY_NS 100000000u   /* on a terminal */
#define PLAIN_EVERY_NS 5000000000u /* elsewhere */

void progress_init(struct progress *progress, const struct invocation *invocation)
{
    uint64_t now = clock_now_ns(), wanted_ms = 0;
    const char *wanted = getenv("ASSAY_PROGRESS_MS");
    *progress = (struct progress){.shown = !invocation->quiet,
                                  .is_terminal = isatty(STDERR_FILENO),
                                  .every_ns = PLAIN_EVERY_NS,
                                  .start_ns = now,
                                  .last_ns = now};
    if (progress->is_terminal)
        progress->every_ns = DRAW_EVERY_NS;
    else if (wanted != NULL && slice_to_u64(slice_from(wanted), &wanted_ms) && wanted_ms <= 60000) {
        progress->every_ns = wanted_ms * 1000000;
        progress->is_followed = true;
    }
}

void progress_init_stream(struct progress *progress, const struct invocation *invocation)
{
    progress_init(progress, invocation);
    progress->shown = progress->shown && progress->is_terminal && !isatty(STDOUT_FILENO);
}

static void draw_bar(const char *stage, size_t done, size_t total, double seconds)
{
    enum { CELLS = 24 };
    char bar[3 * CELLS + 1] = "", count[NUMBER_TEXT_BYTES], all[NUMBER_TEXT_BYTES], left[NUMBER_TEXT_BYTES] = "";
    size_t filled = total > 0 ? done * CELLS / total : 0;
    for (size_t i = 0; i < CELLS; i++)
        memcpy(bar + 3 * i, i < filled ? "█" : "░", 4); /* three bytes each, and the end */
    double rate = seconds > 0 ? (double)done / seconds : 0;
    if (rate > 0 && done < total)
        time_text(left, (double)(total - done) / rate * 1000);
    if (total > 0)
        fprintf(stderr, "\r\033[K%s %s %s/%s", stage, bar, number_text(count, done), number_text(all, total));
    else
        fprintf(stderr, "\r\033[K%s %s  %.0f/s", stage, number_text(count, done), rate);
    if (left[0] != '\0')
        fprintf(stderr, "  %.0f/s, %s left", rate, left);
    fflush(stderr);
}

void progress_step(struct progress *progress, const char *stage, size_t done, size_t total)
{
    uint64_t now = clock_now_ns();
    bool is_new = progress->stage != stage;
    if (!progress->shown)
        return;
    if (is_new)
        progress->start_ns = now;
    progress->stage = stage;
    if (now - progress->last_ns < progress->every_ns &&
        !(is_new && progress->is_followed && now - progress->last_ns > DRAW_EVERY_NS / 2))
        return;
    progress->last_ns = now;
    if (progress->is_terminal) {
        draw_bar(stage, done, total, (double)(now - progress->start_ns) / 1e9);
        progress->drawn = true;
    } else {
        fprintf(stderr, "%s: %zu of %zu\n", stage, done, total);
    }
}

void progress_clear(struct progress *progress)
{
    if (progress->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->drawn = false;
}
