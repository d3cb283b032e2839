/* style_features.c - what of a text's style has a name: length, punctuation, form, and whom it speaks of. */
#include "style.h"

const char *const style_feature_names[STYLE_FEATURES] = {"words",
                                                         "sentences",
                                                         "words_per_sentence",
                                                         "lines",
                                                         "letters_per_word",
                                                         "exclamations",
                                                         "questions",
                                                         "capitals",
                                                         "numbers",
                                                         "lists",
                                                         "markup",
                                                         "we",
                                                         "you",
                                                         "polite"};

static bool is_one_of(struct slice word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(words[i]), same = 0;
        while (size == word.size && same < size && (word.data[same] | 0x20) == words[i][same])
            same++;
        if (same == word.size && size == word.size)
            return true;
    }
    return false;
}

static void read_word(struct slice word, double *counts, size_t *characters)
{
    static const char *const we[] = {"we", "our", "ours", "us"}, *const you[] = {"you", "your", "yours"};
    static const char *const polite[] = {"please", "thank", "thanks", "sorry", "kindly", "apologise", "apologize"};
    size_t capitals = 0, small = 0, digits = 0;
    for (size_t i = 0; i < word.size; i++) {
        capitals += word.data[i] >= 'A' && word.data[i] <= 'Z';
        small += word.data[i] >= 'a' && word.data[i] <= 'z';
        digits += word.data[i] >= '0' && word.data[i] <= '9';
        *characters += ((unsigned char)word.data[i] & 0xC0) != 0x80;
    }
    counts[STYLE_WORDS]++;
    counts[STYLE_CAPITALS] += capitals > 1 && small == 0 && digits == 0;
    counts[STYLE_NUMBERS] += digits > 0;
    counts[STYLE_WE] += is_one_of(word, we, ARRAY_COUNT(we));
    counts[STYLE_YOU] += is_one_of(word, you, ARRAY_COUNT(you));
    counts[STYLE_POLITE] += is_one_of(word, polite, ARRAY_COUNT(polite));
}

/* "- ", "* ", "1. ", "2) " */
static bool is_list_line(struct slice line)
{
    struct slice text = slice_trim(line);
    size_t digits = 0;
    while (digits < text.size && digits < 3 && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (digits > 0)
        return digits + 1 < text.size && byte_among(text.data[digits], ".)") && text.data[digits + 1] == ' ';
    return text.size >= 2 && byte_among(text.data[0], "-*+") && text.data[1] == ' ';
}

void style_read(struct slice text, double features[STYLE_FEATURES])
{
    struct text_words words = {text, 0};
    struct text_sentences sentences = {.text = text};
    struct slice part, rest = text;
    bool is_word;
    size_t characters = 0;
    memset(features, 0, STYLE_FEATURES * sizeof(*features));
    while (text_words_next(&words, &part, &is_word))
        if (is_word)
            read_word(part, features, &characters);
    while (text_sentences_next(&sentences, &part))
        features[STYLE_SENTENCES] += slice_trim(part).size > 0;
    while (slice_next(&rest, '\n', &part)) {
        features[STYLE_LINES] += slice_trim(part).size > 0;
        features[STYLE_LISTS] += is_list_line(part);
    }
    for (size_t i = 0; i < text.size; i++) {
        features[STYLE_EXCLAMATIONS] += text.data[i] == '!';
        features[STYLE_QUESTIONS] += text.data[i] == '?';
        features[STYLE_MARKUP] += byte_among(text.data[i], "*#`|{}[]");
    }
    double count = features[STYLE_WORDS] > 0 ? features[STYLE_WORDS] : 1;
    features[STYLE_SENTENCE_WORDS] = features[STYLE_SENTENCES] > 0 ? features[STYLE_WORDS] / features[STYLE_SENTENCES] : 0;
    features[STYLE_WORD_LETTERS] = (double)characters / count;
    for (size_t i = STYLE_EXCLAMATIONS; i < STYLE_FEATURES; i++)
        features[i] *= 100 / count;
}
