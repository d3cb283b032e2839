/* test_arms.c - forms learned from examples, questions worded otherwise, numbers changed, assay.yaml edited. */
#include "arms/arms_parts.h"
#include "compare.h"

static struct slice number_text(struct arena *arena, const char *format, size_t number)
{
    struct slice text = slice_from(format);
    size_t at;
    assert_true(slice_find(text, '#', &at));
    return slice_from(arena_format(arena, SLICE_FORMAT "%zu" SLICE_FORMAT, SLICE_ARGUMENT(slice_range(text, 0, at)), number,
                                   SLICE_ARGUMENT(slice_range(text, at + 1, text.size))));
}

enum { OUTPUTS = 40 };

static void learn(struct arena *arena, const char *format, struct learned_form *form)
{
    struct slice outputs[OUTPUTS];
    for (size_t i = 0; i < OUTPUTS; i++)
        outputs[i] = number_text(arena, format, i);
    learned_form_learn(outputs, OUTPUTS, arena, form);
}

static void labels_are_few_and_come_again(void **state)
{
    (void)state;
    struct arena arena;
    struct learned_form form;
    struct slice outputs[OUTPUTS];
    static const char *const labels[] = {"refund", "delivery", "refund", "other"};
    arena_init(&arena);
    for (size_t i = 0; i < OUTPUTS; i++)
        outputs[i] = slice_from(labels[i % 4]);
    learned_form_learn(outputs, OUTPUTS, &arena, &form);
    assert_int_equal(form.kind, FORM_LABELS);
    assert_int_equal(form.labels.count, 3);
    assert_true(slice_equal_text(form.labels.items[0], "refund"));
    assert_true(learned_form_follows(&form, SLICE(" other\n")));
    assert_false(learned_form_follows(&form, SLICE("I think it is other")));
    assert_null(learned_form_schema(&form, &arena));
    learned_form_learn(outputs, 9, &arena, &form); /* too few to say */
    assert_int_equal(form.kind, FORM_NONE);
    learn(&arena, "answer #", &form); /* each once: no labels */
    assert_int_equal(form.kind, FORM_NONE);
    assert_true(learned_form_follows(&form, SLICE("anything")));
    arena_release(&arena);
}

static void json_is_learned_with_its_fields(void **state)
{
    (void)state;
    struct arena arena;
    struct learned_form form;
    struct buffer out;
    struct slice outputs[OUTPUTS];
    arena_init(&arena);
    for (size_t i = 0; i < OUTPUTS; i++)
        outputs[i] = slice_from(arena_format(&arena, "{\"kind\":\"%s\",\"reply\":\"Hello P%zu,\\nsay %zu.\\nYours, us\"}",
                                             i % 3 == 0 ? "a" : "b", i, i * 7));
    learned_form_learn(outputs, OUTPUTS, &arena, &form);
    assert_int_equal(form.kind, FORM_JSON);
    assert_int_equal(form.field_count, 2);
    assert_string_equal(learned_form_words(&form, &arena), "JSON with kind, reply");
    for (size_t i = 0; i < OUTPUTS; i++)
        assert_true(learned_form_follows(&form, outputs[i]));
    assert_false(learned_form_follows(&form, SLICE("{\"kind\":\"c\",\"reply\":\"Hello P,\\nx\\nYours, us\"}")));
    assert_false(learned_form_follows(&form, SLICE("{\"kind\":\"a\",\"reply\":\"x\\nYours, us\"}")));
    assert_false(learned_form_follows(&form, SLICE("{\"kind\":\"a\",\"reply\":\"Hello P,\\nx\"}")));
    assert_false(learned_form_follows(&form, SLICE("{\"reply\":\"Hello P,\\nx\\nYours, us\"}")));
    assert_false(learned_form_follows(&form, SLICE("30 days")));
    assert_true(slice_equal_text(learned_form_fact(&form, outputs[2], &arena), "say 14."));
    assert_true(slice_equal_text(learned_form_fact(&form, SLICE("30 days"), &arena), "30 days"));
    const struct slice labels[] = {SLICE_CONSTANT("b"), SLICE_CONSTANT("")};
    buffer_init(&out, MIB);
    learned_form_write(&form, labels, SLICE("30 \"days\""), &out);
    assert_true(learned_form_follows(&form, buffer_slice(&out)));
    assert_true(slice_equal_text(learned_form_fact(&form, buffer_slice(&out), &arena), "30 \"days\""));
    assert_string_equal(learned_form_schema(&form, &arena),
                        "{\"type\":\"object\",\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":[\"b\",\"a\"]},\"reply\":{"
                        "\"type\":\"string\"}},\"required\":[\"kind\",\"reply\"],\"additionalProperties\":false}");
    buffer_release(&out);
    arena_release(&arena);
}

static void frames_are_learned(void **state)
{
    (void)state;
    struct arena arena;
    struct learned_form form;
    struct buffer out;
    arena_init(&arena);
    learn(&arena, "Dear reader #,\nit is so.\nThe desk", &form);
    assert_int_equal(form.kind, FORM_FRAME);
    assert_true(learned_form_follows(&form, SLICE("Dear you,\nno.\nThe desk\n")));
    assert_false(learned_form_follows(&form, SLICE("no.\nThe desk")));
    assert_false(learned_form_follows(&form, SLICE("Dear you,\nno.")));
    buffer_init(&out, MIB);
    learned_form_write(&form, NULL, SLICE("Yes."), &out);
    assert_true(learned_form_follows(&form, buffer_slice(&out)));
    assert_true(slice_equal_text(learned_form_fact(&form, buffer_slice(&out), &arena), "Yes."));
    buffer_release(&out);
    arena_release(&arena);
}

static bool frame_within(const char *format, size_t slips, struct arena *arena, struct learned_form *form)
{
    struct slice outputs[OUTPUTS];
    for (size_t i = 0; i < OUTPUTS; i++)
        outputs[i] = number_text(arena, i < slips ? "Ask us about #" : format, 10 + i);
    learned_form_learn(outputs, OUTPUTS, arena, form);
    return form->kind == FORM_FRAME;
}

static void frames_within_a_line_are_learned(void **state)
{
    (void)state;
    struct arena arena;
    struct learned_form form;
    struct buffer out;
    arena_init(&arena);
    assert_true(frame_within("Hi there! 👋 # euros. Anything else? – Your team of Birch", 1, &arena, &form));
    assert_string_equal(learned_form_words(&form, &arena),
                        "text that begins with \"Hi there! 👋\" and ends with \"Anything else? – Your team of Birch\"");
    assert_true(learned_form_follows(&form, SLICE("Hi there! 👋 3 weeks. Anything else? – Your team of Birch\n")));
    assert_false(learned_form_follows(&form, SLICE("3 weeks. Anything else? – Your team of Birch")));
    assert_false(learned_form_follows(&form, SLICE("Hi there! 👋 3 weeks")));
    assert_false(learned_form_follows(&form, SLICE("Hi there! 👋 . Anything else? – Your team of Birch")));
    buffer_init(&out, KIB);
    learned_form_write(&form, NULL, SLICE("It costs 29 euros."), &out);
    assert_true(slice_equal_text(buffer_slice(&out), "Hi there! 👋 It costs 29 euros. Anything else? – Your team of Birch"));
    assert_true(slice_equal_text(learned_form_fact(&form, buffer_slice(&out), &arena), "It costs 29 euros"));
    assert_true(slice_equal_text(learned_form_fact(&form, SLICE("29 euros"), &arena), "29 euros"));
    assert_true(slice_equal_text(learned_form_within(&form, SLICE(""), buffer_slice(&out)), "It costs 29 euros"));
    buffer_release(&out);
    assert_true(frame_within("# euros. Kind regards, Birch", 0, &arena, &form));
    assert_int_equal(form.frame.head.size, 0);
    arena_release(&arena);
}

static void chance_is_no_frame(void **state)
{
    (void)state;
    struct arena arena;
    struct learned_form form;
    arena_init(&arena);
    assert_false(frame_within("# euros", 0, &arena, &form));
    assert_false(frame_within("The price is # euros", 0, &arena, &form));
    assert_false(frame_within("It is # euros, including all taxes.", 0, &arena, &form)); /* one sentence */
    assert_false(frame_within("It is # euros. Thanks.", 0, &arena, &form)); /* too little to say */
    assert_false(frame_within("It is # euros. Kind regards, Birch", 3, &arena, &form));
    struct slice outputs[OUTPUTS];
    for (size_t i = 0; i < OUTPUTS; i++)
        outputs[i] = slice_from(i % 2 == 0 ? "Please call us. Kind regards, your friends of the Birch workshops at Lake Como"
                                           : "Please write. Kind regards, your friends of the Birch workshops at Lake Como");
    learned_form_learn(outputs, OUTPUTS, &arena, &form);
    assert_int_equal(form.kind, FORM_NONE); /* nothing differs but two sentences */
    arena_release(&arena);
}

static void questions_are_worded_otherwise(void **state)
{
    (void)state;
    struct arena arena;
    static const char question[] = "How long may customers keep it?";
    arena_init(&arena);
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct slice typo = wording_typo(slice_from(question), seed, &arena);
        size_t changed = 0;
        assert_int_equal(typo.size, strlen(question));
        for (size_t i = 0; i < typo.size; i++)
            changed += typo.data[i] != question[i];
        assert_true(changed == 0 || changed == 2); /* 0: two letters that are the same */
        assert_true(slice_starts_with(typo, SLICE("How long may c")));
    }
    assert_true(slice_equal_text(wording_typo(SLICE("Is it so?"), 1, &arena), "Is it so?"));
    assert_true(slice_equal_text(wording_typo(SLICE("Größe Länge"), 1, &arena), "Größe Länge"));
    assert_true(slice_equal_text(wording_other(slice_from(question), &arena), "For how long may customers keep it?"));
    assert_true(slice_equal_text(wording_other(SLICE("Ab Welcher Höhe?"), &arena), "ab welcher höhe") ||
                slice_equal_text(wording_other(SLICE("Ab Welcher Höhe?"), &arena), "ab welcher Höhe"));
    assert_true(slice_equal_text(wording_other(SLICE("?"), &arena), "?"));
    arena_release(&arena);
}

static void numbers_are_changed(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_true(slice_equal_text(change_numbers(SLICE("30 days"), &arena), "50 days"));
    assert_true(slice_equal_text(change_numbers(SLICE("€9.50"), &arena), "€3.70"));
    assert_int_equal(change_numbers(SLICE("Otto Grimm"), &arena).size, 0);
    arena_release(&arena);
}

static void settings_keep_their_other_lines(void **state)
{
    (void)state;
    static const struct arms_setting settings[] = {{"model", "builtin"}, {"prompt", "{examples: none}"}, {"approach", "full"}};
    struct buffer out;
    buffer_init(&out, MIB);
    arms_edit_settings(SLICE("# model: x\nmodels: 1\nmodel: old\nprompt:\n  examples: auto\n  tokens: 9\n\ntests: t\n"),
                       settings, 3, &out);
    assert_string_equal(buffer_text(&out),
                        "# model: x\nmodels: 1\nmodel: builtin\nprompt: {examples: none}\n\ntests: t\napproach: full\n");
    buffer_clear(&out);
    arms_edit_settings(SLICE("retrieve: {k: 3,\n  b: 1}\napproach: rag"), settings, 3, &out);
    assert_string_equal(buffer_text(&out),
                        "retrieve: {k: 3,\n  b: 1}\napproach: full\nmodel: builtin\nprompt: {examples: none}\n");
    buffer_clear(&out);
    arms_edit_settings(SLICE("\xEF\xBB\xBFmodel: old\n"), settings, 1, &out); /* with a byte order mark */
    assert_string_equal(buffer_text(&out), "model: builtin\n");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(labels_are_few_and_come_again),
                                       cmocka_unit_test(json_is_learned_with_its_fields),
                                       cmocka_unit_test(frames_are_learned),
                                       cmocka_unit_test(frames_within_a_line_are_learned),
                                       cmocka_unit_test(chance_is_no_frame),
                                       cmocka_unit_test(questions_are_worded_otherwise),
                                       cmocka_unit_test(numbers_are_changed),
                                       cmocka_unit_test(settings_keep_their_other_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
