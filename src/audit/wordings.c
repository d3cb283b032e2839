/* wordings.c - words that say the same in other words, and words that make one thing another. English. */
#include "claims.h"
#include <assert.h>
#include <pthread.h>
#include <string.h>

/* A line each, with blanks between. General words only: what a text is about must agree as it stands. Behind a ~ stand words that do not tell
 * what a sentence is about: two of these may stand in the same place of it. */
static const char *const same[] = {
    "~must shall need needs required require requires have has obliged",
    "~get gets receive receives obtain obtains got enjoy enjoys",
    "customer customers client clients buyer buyers",
    "employee employees staff worker workers personnel colleague colleagues",
    "~usually normally generally typically commonly",
    "cost costs price priced prices charge charged charges fee fees rate",
    "~help helps assist assists assistance support supports supported",
    "~begin begins start starts starting beginning started",
    "~end ends finish finishes close closes stop stops",
    "~buy buys purchase purchases bought purchased",
    "free complimentary gratis nothing",
    "~replace replaced replaces replacing replacement exchange exchanged exchanges swap swapped",
    "~keep keeps kept retain retains retained store stores stored storage hold holds held",
    "~delete deleted deletes discard discards discarded discarding remove removed removes",
    "~send sends sent submit submits submitted",
    "~ask asks request requests requested apply applies",
    "maximum max most largest highest greatest capped limit limited limits",
    "minimum min least fewer smallest lowest",
    "yearly annual annually year years per-year",
    "monthly month months",
    "weekly week weeks",
    "daily day days",
    "~use uses used using spend spends",
    "~call calls phone telephone reach reached contact",
    "deadline due",
    "~available offered provided provide provides offer offers",
    "~approve approval approved approves approvals authorisation authorization authorize authorise",
    "register registered registering registration registrations enroll enrollment enrol enrolment",
    "book booked booking bookings reserve reserved reservation reservations",
    "return returns returned",
    "refund refunds refunded reimbursement reimburse reimbursed",
    "report reports reported reporting",
    "~last lasts take takes",
    "~pay pays paid payment payments",
    "~allow allowed allows permitted can may",
    "~thing things something instead",
    "~go goes going went",
    "~amount amounts amounted",
    "login logins logon logons signin signins signon signons",
    "logout logouts logoff signout signouts signoff",
};

/* A line each: words with a comma between exclude each other, those with a blank between do not. */
static const char *const apart[] = {
    "north northern,south southern,east eastern,west western",
    "small,medium,large big",
    "silver,gold,bronze,platinum,basic,standard,premium,professional,enterprise,starter",
    "domestic national local,international foreign abroad",
    "minimum min least,maximum max most",
    "before,after,since,until",
    "monday,tuesday,wednesday,thursday,friday,saturday,sunday",
    "monthly,weekly,daily,hourly,annual yearly annually,quarterly",
    "first,second,third,fourth,fifth,final",
    "child children,adult adults,senior,junior",
    "breakfast,lunch,dinner,supper",
    "internal,external",
    "summer,winter,spring,autumn",
    "red,green,blue,yellow,black,white,orange",
    "morning,afternoon,evening,night",
    "weekday weekdays,weekend weekends",
    "single,double,triple",
    "new,old former previous",
    "full-time,part-time",
    "public,private",
    "incoming,outgoing",
    "upload,download",
    "left,right",
    "upper,lower",
    "open,closed",
    "express,regular",
    "production,staging,integration,development",
    "read,write",
    "male,female",
    "hot,cold",
    "login,logout",
    "http,https",
    "increase,decrease",
    "buyer,seller",
    "intern interns,manager managers,director directors,contractor contractors,supervisor supervisors",
    "begin begins start starts starting started beginning opens,end ends ending ended closes",
    "earliest,latest",
};

static const char
    general[] = "ahead later least most more than advance prior please note here applies as well up about also only "
                "until within under over above below between during already still just each every all any both up-to "
                "then now new following day night no person people everyone everybody anyone short reminder record "
                "email e-mail mail address contact example e.g first second";

/* Every word of a collection is looked up: what the lists say of each word lies in a table of twice as many places. The first list counts. */
enum { SLOTS = 2048, NAMED_NONE = -1 };

static struct slot {
    struct slice word;
    int same, apart, member; /* the line in each list, NAMED_NONE where it is in none */
    bool is_general;
} slots[SLOTS];

static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

static struct slot *slot_of(struct slice word)
{
    size_t at = (size_t)map_hash(word) % SLOTS;
    while (slots[at].word.size > 0 && !slice_equal(slots[at].word, word))
        at = (at + 1) % SLOTS;
    return &slots[at];
}

static struct slot *slot_for(struct slice word)
{
    static size_t count;
    struct slot *slot = slot_of(word);
    if (slot->word.size == 0) {
        *slot = (struct slot){word, NAMED_NONE, NAMED_NONE, NAMED_NONE, false};
        count++;
        assert(count <= SLOTS / 2);
    }
    return slot;
}

static void fill_slots(void)
{
    struct slice rest, part, word;
    for (size_t i = 0; i < ARRAY_COUNT(same); i++)
        for (rest = slice_from(same[i] + (same[i][0] == '~')); slice_next(&rest, ' ', &word);) {
            struct slot *slot = slot_for(word);
            slot->same = slot->same == NAMED_NONE ? (int)i : slot->same;
        }
    for (size_t i = 0; i < ARRAY_COUNT(apart); i++) {
        rest = slice_from(apart[i]);
        for (int member = 0; slice_next(&rest, ',', &part); member++)
            while (slice_next(&part, ' ', &word)) {
                struct slot *slot = slot_for(word);
                slot->member = slot->apart == NAMED_NONE ? member : slot->member;
                slot->apart = slot->apart == NAMED_NONE ? (int)i : slot->apart;
            }
    }
    for (rest = slice_from(general); slice_next(&rest, ' ', &word);)
        slot_for(word)->is_general = true;
}

static const struct slot *find_slot(struct slice word)
{
    static const struct slot none = {{"", 0}, NAMED_NONE, NAMED_NONE, NAMED_NONE, false};
    pthread_once(&slots_once, fill_slots);
    const struct slot *slot = word.size > 0 ? slot_of(word) : &none;
    return slot->word.size > 0 ? slot : &none;
}

/* What is behind "in" and "on" is a place: "the logs in the vault", "sign in Leeds". */
static bool begins_with_place(struct slice rest)
{
    static const char *const articles[] = {"the", "a",   "an",  "this", "that",  "these", "those", "our", "your",
                                           "my",  "his", "her", "its",  "their", "each",  "every", "all", "both"};
    struct slice word = slice_trim(rest);
    size_t end = 0;
    while (end < word.size && ((word.data[end] | 0x20) >= 'a' && (word.data[end] | 0x20) <= 'z'))
        end++;
    word = slice_range(word, 0, end);
    for (size_t i = 0; i < ARRAY_COUNT(articles); i++)
        if (slice_equal_text(word, articles[i]))
            return true;
    return word.size > 0 && word.data[0] >= 'A' && word.data[0] <= 'Z';
}

/* "in" and "on" are as often words of their own, and "logs" and "signs" in front of them are things. */
static bool may_be_apart(struct slice ending, struct slice particle, struct slice rest)
{
    bool is_preposition = slice_equal_text(particle, "in") || slice_equal_text(particle, "on");
    return is_preposition && (slice_equal_text(ending, "s") || begins_with_place(rest));
}

const char *written_together(struct slice first, struct slice second, char between, struct slice rest)
{
    static const struct {
        const char *verb, *particle, *together;
    } words[] = {
        {"time", "out", "timeout"},   {"log", "in", "login"},           {"log", "out", "logout"},
        {"log", "on", "logon"},       {"log", "off", "logoff"},         {"sign", "in", "signin"},
        {"sign", "out", "signout"},   {"sign", "on", "signon"},         {"sign", "up", "signup"},
        {"check", "in", "checkin"},   {"check", "out", "checkout"},     {"back", "up", "backup"},
        {"set", "up", "setup"},       {"start", "up", "startup"},       {"shut", "down", "shutdown"},
        {"roll", "back", "rollback"}, {"hand", "over", "handover"},     {"pick", "up", "pickup"},
        {"drop", "off", "dropoff"},   {"opt", "out", "optout"},         {"pay", "out", "payout"},
        {"follow", "up", "followup"}, {"work", "around", "workaround"}, {"build", "up", "buildup"},
    };
    static const char *const endings[] = {"", "s", "d", "ed", "ing", "ged", "ging", "ped", "ping", "ting"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        if (!slice_equal_text(second, words[i].particle) || !slice_starts_with(first, slice_from(words[i].verb)))
            continue;
        struct slice ending = slice_range(first, strlen(words[i].verb), first.size);
        for (size_t j = 0; j < ARRAY_COUNT(endings); j++)
            if (slice_equal_text(ending, endings[j]))
                return between == ' ' && may_be_apart(ending, second, rest) ? NULL : words[i].together;
    }
    return NULL;
}

const char *synonym_of(struct slice word, bool *light)
{
    int line = find_slot(word)->same;
    *light = line != NAMED_NONE && same[line][0] == '~';
    return line == NAMED_NONE ? NULL : same[line];
}

bool is_general(struct slice word)
{
    return find_slot(word)->is_general;
}

bool contrast_of(struct slice word, unsigned *set, unsigned *member)
{
    const struct slot *slot = find_slot(word);
    if (slot->apart == NAMED_NONE)
        return false;
    *set = (unsigned)slot->apart;
    *member = (unsigned)slot->member;
    return true;
}
