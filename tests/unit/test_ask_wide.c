/* test_ask_wide.c - which questions a section answers, and which a thing in it. */
#include "ask/asked_wide.h"
#include "compare.h"

struct wide_case {
    const char *question;
    enum wide_kind kind;
};

static const struct wide_case wide_cases[] = {
    {"How do I return a bicycle?", WIDE_STEPS},
    {"How can members borrow a saw?", WIDE_STEPS},
    {"What should I do if the lamp is red?", WIDE_STEPS},
    {"What is the enrolment process for new members?", WIDE_STEPS},
    {"What are the steps to start the pump?", WIDE_STEPS},
    {"How does the pump work?", WIDE_WHY},
    {"Why is the gate closed?", WIDE_WHY},
    {"Wie beantrage ich Urlaub?", WIDE_WHY},
    {"How long is the course?", WIDE_NONE},
    {"Tell me how much the saw weighs.", WIDE_NONE},
    {"Tell me who has the keys.", WIDE_NONE},
    {"How many saws are there?", WIDE_NONE},
    {"How often is the pump serviced?", WIDE_NONE},
    {"What is the history of the choir?", WIDE_PROSE},
    {"Tell me about the choir.", WIDE_PROSE},
    {"Can you describe the ferry?", WIDE_PROSE},
    {"What does the harbour office offer?", WIDE_PROSE},
    {"Can you tell me when the office opens?", WIDE_NONE},
    {"What is the travel policy?", WIDE_WHAT},
    {"What is Lane Keeping Assist?", WIDE_WHAT},
    {"What is the price of a saw?", WIDE_NONE},
    {"What is the capital of the county?", WIDE_NONE},
    {"What is my room called?", WIDE_NONE},
    {"What are the benefits of the pass?", WIDE_LIST},
    {"Which courses are offered in spring?", WIDE_LIST},
    {"Which course is in spring?", WIDE_NONE},
    {"Is there a sauna?", WIDE_EXISTS},
    {"Does the school have a library?", WIDE_EXISTS},
    {"Does the ferry run on Sundays?", WIDE_EXISTS},
    {"Is the sauna open on Sundays?", WIDE_TRUTH},
    {"Do I have to book the sauna?", WIDE_TRUTH},
    {"The stove is cold. How do I light it at once?", WIDE_STEPS},
    {"What's the command to list saws?", WIDE_STEPS},
    {"What’s the rota?", WIDE_WHAT},
    {"What have I done wrong?", WIDE_WHY},
    {"What are the consequences if a saw is late?", WIDE_WHY},
    {"Who leads the choir?", WIDE_NONE},
    {"When was the choir founded?", WIDE_NONE},
};

static void what_is_asked_at_length_is_told_by_how_the_question_begins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wide_cases) / sizeof(*wide_cases); i++)
        if (wide_asked(slice_from(wide_cases[i].question)) != wide_cases[i].kind)
            fail_msg("%s: %d", wide_cases[i].question, (int)wide_asked(slice_from(wide_cases[i].question)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_at_length_is_told_by_how_the_question_begins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
