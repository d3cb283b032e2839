/* test_ask_scope.c - what a question says of the document it is about, and the term that it wants to know the meaning of. */
#include "ask/defined.h"
#include "ask/scope.h"
#include "compare.h"

static void what_is_said_of_the_document_is_told_apart(void **state)
{
    static const struct {
        const char *question, *named, *asked;
        bool is_sure;
    } cases[] = {
        {"Consider the lease between Arden Ltd. and Birch; when does it end?", "the lease between Arden Ltd. and Birch",
         "when does it end?", true},
        {"Consider the Agreement of \"Magic, Inc.; Co.\" and Birch; What is it worth",
         "the Agreement of \"Magic, Inc.; Co.\" and Birch", "What is it worth", true},
        {"Consider the Agreement of “Magic, what else” and Birch: what is it worth?",
         "the Agreement of “Magic, what else” and Birch", "what is it worth?", true},
        {"According to the travel policy, who approves flights?", "the travel policy", "who approves flights?", false},
        {"In the staff handbook, is smoking allowed?", "the staff handbook", "is smoking allowed?", false},
        {"Laut dem Handbuch, wer haftet?", "dem Handbuch", "wer haftet?", false},
        {"Selon le contrat, quand finit le bail ?", "le contrat", "quand finit le bail ?", false},
        {"Staff handbook: how many days off are there?", "Staff handbook", "how many days off are there?", false},
        {"In May, who has the keys?", "", "", false}, /* no document */
        {"For the Basic plan, what is the fee?", "", "", false},
        {"In terms of price, which plan is best?", "", "", false},
        {"According to the policy we have, flights are dear", "", "", false}, /* nothing is asked behind the comma */
        {"When does the lease end?", "", "", false},
        {"Who has the policy: Ada or Bob?", "", "", false}, /* what stands first is asked itself */
        {"Consider;", "", "", false},
        {"", "", "", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct scope scope = scope_split(slice_from(cases[i].question));
        compare_text(cases[i].question, scope.named, cases[i].named);
        compare_text(cases[i].question, scope.asked, cases[i].asked);
        assert_int_equal(scope.is_sure, cases[i].is_sure);
    }
}

static void the_term_is_found(void **state)
{
    static const struct {
        const char *question, *term;
    } cases[] = {
        {"What is the definition of \"Superior Proposal\"", "Superior Proposal"},
        {"What is the Definition of “Knowledge”?", "Knowledge"},
        {"what does 'Net Revenue' mean in the agreement?", "Net Revenue"},
        {"What does the term idle time mean?", "idle time"},
        {"How is a Business Day defined in this contract?", "Business Day"},
        {"What is meant by force majeure?", "force majeure"},
        {"Definition of Subsidiary", "Subsidiary"},
        {"What is the meaning of the yellow lamp?", "yellow lamp"},
        {"Was bedeutet „Werktag“?", "Werktag"},
        {"Wie ist der Begriff Werktag definiert?", "Werktag"},
        {"Que signifie « Jour ouvré » ?", "Jour ouvré"},
        {"¿Qué significa «día hábil»?", "día hábil"},
        {"What is the notice period?", ""},
        {"What do I mean?", ""},
        {"What does the warranty mean for returns?", ""}, /* what follows from it */
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i].question, definition_asked(slice_from(cases[i].question)), cases[i].term);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_of_the_document_is_told_apart),
        cmocka_unit_test(the_term_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
