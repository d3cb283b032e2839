/* share.c - whose request is answered next, where an answer takes long: a language model may think for minutes, and there are few places.
 *
 * The next one is the oldest of the key that has the fewest places, so that a key with many requests waits for itself and not others for it. While several
 * keys ask, none has all places: who comes next finds one at once. One key alone has all of them.
 *
 * Whether a key is good is looked at before it comes here (gate_knows): one that is none takes no part. */
#include "exchange.h"
#include <string.h>

#define SHARED_NS UINT64_C(60000000000) /* for so long after another key has asked, a place is kept free */
#define ALL_WAIT_NS_MAX UINT64_C(60000000000) /* nor anybody by waiting behind one who has waited so long */
#define OWN_WAIT_NS_MAX UINT64_C(5000000000) /* who has waited so long for one answer is not helped by asking for more */

static size_t places_of(const struct lane *lane, const char *secret)
{
    size_t count = 0;
    for (size_t i = 0; i < lane->started; i++) {
        const struct connection *answers = lane->hands[i].answers;
        count += answers != NULL && strcmp(answers->exchange.secret, secret) == 0;
    }
    return count;
}

static bool is_shared(const struct lane *lane, uint64_t now_ns)
{
    return lane->thread_count > 1 && lane->shared_ns != 0 && now_ns - lane->shared_ns < SHARED_NS;
}

static size_t places_max(const struct lane *lane, uint64_t now_ns)
{
    return is_shared(lane, now_ns) ? lane->thread_count - 1 : lane->thread_count;
}

void share_note(struct lane *lane, const char *secret, uint64_t now_ns)
{
    if (lane->asked_last[0] != '\0' && strcmp(lane->asked_last, secret) != 0)
        lane->shared_ns = now_ns;
    memcpy(lane->asked_last, secret, strlen(secret) + 1);
}

bool share_admits(const struct lane *lane, const char *secret, uint64_t now_ns)
{
    size_t own = 0;
    const struct connection *first = NULL;
    for (const struct connection *one = lane->first; one != NULL; one = one->next_waiting)
        if (strcmp(one->exchange.secret, secret) == 0) {
            first = first == NULL ? one : first;
            own++;
        }
    bool is_late = first != NULL && now_ns - first->exchange.queued_ns > OWN_WAIT_NS_MAX;
    bool is_crowded = lane->first != NULL && now_ns - lane->first->exchange.queued_ns > ALL_WAIT_NS_MAX;
    return !is_crowded && lane->waiting < lane->waiting_max && own < lane->waiting_max / 4 * 3 && !is_late;
}

struct connection *share_pick(const struct lane *lane, uint64_t now_ns)
{
    struct connection *best = NULL;
    size_t least = places_max(lane, now_ns);
    for (struct connection *one = lane->first; one != NULL && least > 0; one = one->next_waiting) {
        size_t places = places_of(lane, one->exchange.secret);
        if (places >= least)
            continue;
        best = one;
        least = places;
    }
    return best;
}

uint64_t share_until(const struct lane *lane, uint64_t now_ns)
{
    return lane->first != NULL && is_shared(lane, now_ns) ? lane->shared_ns + SHARED_NS : 0;
}
