#!/usr/bin/env python3
"""Writes src/codec/letter_tables.c: how often letters follow each other in each language, and the common characters of Chinese and
Japanese, from Unicode's Common Locale Data Repository and the short words of src/text/language_words.c.

    apt-get install unicode-cldr-core    # puts it at /usr/share/unicode/cldr
    scripts/make_letter_tables.py [CLDR_FOLDER] > src/codec/letter_tables.c

The result is committed, so that a build needs neither the repository nor this script."""
import math
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

LEVELS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
PER_NAT = 8
SHORT_WORD_WEIGHT = 12
LATIN = 'abcdefghijklmnopqrstuvwxyz'

# Languages whose letters the encodings hold. Behind the code: short words, where language_words.c has none.
LANGUAGES = {
    'en': '', 'de': '', 'fr': '', 'es': '', 'pt': '', 'it': '', 'nl': '', 'ca': '', 'da': '', 'no': '', 'sv': '', 'fi': '',
    'hu': '', 'ro': '', 'tr': '', 'id': '', 'ru': '',
    'el': 'και το να του η για με από στο σε είναι που της των την τα οι δεν αν θα μια ένα αυτό έχει ότι ή τον στην μας πως όταν',
    'ar': 'في من على أن إلى التي هذا مع هذه الذي عن لا ما كان قد أو كما بعد ذلك بين كل لم هو كانت حتى إذا ثم عند غير يمكن',
    'is': 'og að í á sem er við til um var en ekki því það hann þetta eru með fyrir eða frá þar hún hefur þá ef má þú',
    'et': 'ja on ei et see kui ka oma või aga mis kas nii siis selle tema oli üks veel pole mida mitte ära nõu võib',
    'lv': 'un ir no par ar kas uz ka arī kā bet tika tā vai tas lai pēc šo viņš ja jo to nav var būt jābūt lūdzu šī',
    'lt': 'ir yra kad su bet iš tai kaip į apie jis dėl per po arba nuo iki šis gali būti taip jei ne yra už jų mūsų',
    'pl': 'i w na z nie się do że jest to o jak po co za od tak ale przez dla są być może gdy już lub jego który które '
          'także można jeśli został będzie również tylko więc czy',
    'cs': 'a v se na je že s z do o k i to jako by po za ale pro od jsou jeho při který která které není bylo být '
          'nebo může také když již než jen tak podle však',
    'sk': 'a v sa na je že s z do o k i to ako by po za ale pre od sú jeho pri ktorý ktorá ktoré nie bolo byť '
          'alebo môže tiež keď už než len tak podľa však',
    'sl': 'in v je na se za da so ki z s kot pri ne po bi ali tudi od iz še ter bil biti njegov če lahko pa že med več',
    'hr': 'i u je na se da za od su s kao ne koji koja koje što iz bi ali ili do sve nije biti može će već još ako također',
    'sq': 'dhe në të e i një për me nga është që si nuk më do kjo ky u janë ose por kur ka ishte edhe çdo',
    'gl': 'de a o que e do da en un para con non os no na por unha como máis ao se dos das as tamén está foi pero ou',
    'eu': 'eta da ez ere bat dute du izan zuen ziren dira hau baina egin den edo duen beste hori batean',
    'ga': 'agus an na i ar a is go le do bhí sé ag níl tá as ó sin seo mar nach siad chun faoi é í',
    'cy': 'y yr a i yn o ar mae ei am ac oedd wedi gan fel hyn ond na bod at ôl yw sydd â',
    'af': 'die en van in is het dat nie te vir met op om wat was hy sy ons aan by uit as sal deur ook êrens wêreld',
    'uk': 'і в не на що з та до це як у за від для про але його є бути або який яка які при також можна було його її',
    'be': 'і ў не на што з да гэта як у за ад для але яго быць або які якая таксама можа было яе ён яны пры',
    'bg': 'на и да се от в за не е са по с че като до при това който която които ще или този има може също бе след',
    'sr': 'и у је на се да за од су са као не који која које што из би али или до све није бити може ће већ још ако',
    'mk': 'на и во да се од за не е со по што како до при ова кој која кои ќе или има може исто беше сè оваа ги',
    'he': 'של את על לא הוא עם זה גם כי אם או היא הם כל אל יש בין אני יותר אך היה אבל רק ידי כך אחד לפי כמו אשר זו',
    'fa': 'و در به از که این را با است برای آن یک خود تا کرد بر هم نیز می شود باید شده یا ما اگر های',
    'ur': 'کے کی میں ہے اور سے کا کو پر نے کہ یہ ہیں تھا بھی ہو ایک اس کر جو نہیں تو وہ گیا',
}
CODES_IN_LISTS = {'en': 'ENGLISH', 'de': 'GERMAN', 'fr': 'FRENCH', 'es': 'SPANISH', 'pt': 'PORTUGUESE', 'it': 'ITALIAN',
                  'nl': 'DUTCH', 'ca': 'CATALAN', 'da': 'DANISH', 'no': 'NORWEGIAN', 'sv': 'SWEDISH', 'fi': 'FINNISH',
                  'hu': 'HUNGARIAN', 'ro': 'ROMANIAN', 'tr': 'TURKISH', 'id': 'INDONESIAN', 'ru': 'RUSSIAN'}
# The characters that are met most, commonest first.
COMMONEST = {
    'zh': '的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如',
    'zh_Hant': '的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學如',
    'ja': 'のにはをたがでてとしれさいるなあこもらうきくすっかりまそえだよんーンスルトリアイ年日人大一月本国者的中事行同上',
    'ko': '이다는에의가을하고지를은로한도기사대아리어자그인시나있들만해서제스게과수정부전일여보구라면원세조상성',
}


def short_words(root):
    """The lists of language_words.c, by language."""
    words = {}
    source = (root / 'src/text/language_words.c').read_text(encoding='utf-8')
    for name, body in re.findall(r'\{LANGUAGE_(\w+), \w+,\s*((?:"[^"]*"\s*)+)\}', source):
        words.setdefault(name, []).extend(''.join(re.findall(r'"([^"]*)"', body)).split())
    return words


def texts(path):
    if not path.exists():
        return
    for element in ElementTree.parse(path).iter():
        if element.tag in ('exemplarCharacters', 'pattern', 'cr', 'symbol', 'parseLenient', 'dateFormatItem'):
            continue
        if element.text and element.text.strip():
            yield element.text


def plain(text):
    """As encodings of one byte have it: Romanian's comma below is a cedilla there."""
    return unicodedata.normalize('NFC', text).lower().translate(str.maketrans('\u0219\u021B', '\u015F\u0163'))


def word_weights(cldr, code, more):
    code = {'no': 'nb' if not (cldr / 'annotations/no.xml').exists() else 'no'}.get(code, code)
    counts = Counter()
    for part in ('annotations', 'annotationsDerived', 'main'):
        for text in texts(cldr / part / f'{code}.xml'):
            counts.update(re.findall(r'[^\W\d_]+', plain(text)))
    weights = Counter({word: 1 + math.log(count) for word, count in counts.items()})
    for word in more:
        for part in re.findall(r'[^\W\d_]+', plain(word)):
            weights[part] += SHORT_WORD_WEIGHT
    return weights


def exemplars(cldr, code):
    """The letters that the language is written in, as the repository lists them."""
    tree = ElementTree.parse(cldr / 'main' / f'{code}.xml')
    element = next(e for e in tree.iter('exemplarCharacters') if 'type' not in e.attrib)
    text = re.sub(r'\\u([0-9A-Fa-f]{4})', lambda match: chr(int(match.group(1), 16)), element.text.strip('[]'))
    text = re.sub(r'(\S)-(\S)', lambda match: ''.join(map(chr, range(ord(match.group(1)), ord(match.group(2)) + 1))), text)
    return {character for character in plain(text) if character not in '{}\\ '}


def alphabet_of(weights, exemplar):
    latin = exemplar & set(LATIN)
    letters = Counter()
    for word, weight in weights.items():
        for letter in word:
            letters[letter] += weight
    total = sum(letters.values())
    wanted = {letter for letter in exemplar if ord(letter) < 0x10000 and unicodedata.category(letter) in ('Ll', 'Lo')}
    for letter, count in letters.items(): # letters of loan words, met now and then
        script = ord(letter) < 0x250
        if count > total / 1000 and script == bool(latin) and unicodedata.category(letter) in ('Ll', 'Lo'):
            wanted.add(letter)
    if latin:
        wanted |= set(LATIN)
    assert len(wanted) < 62, (len(wanted), wanted)
    return ''.join(sorted(wanted))


def pair_costs(weights, alphabet):
    """Rows of costs: of the second letter behind the first; the first of all is what is no letter."""
    places = {letter: place for place, letter in enumerate(alphabet, 1)}
    size = len(alphabet) + 1
    pairs = [[0.0] * size for _ in range(size)]
    for word, weight in weights.items():
        path = [0] + [places.get(letter, 0) for letter in word] + [0]
        for first, second in zip(path, path[1:]):
            pairs[first][second] += weight
    total = [sum(row[i] for row in pairs) for i in range(size)]
    everything = sum(total)
    rows = []
    for row in pairs:
        count = sum(row)
        shares = [(row[i] + 4.0 * (total[i] + 1) / (everything + size)) / (count + 4.0) for i in range(size)]
        rows.append(''.join(LEVELS[min(len(LEVELS) - 1, round(-math.log(share) * PER_NAT))] for share in shares))
    return rows



def print_characters(name, text):
    print(f'static const char16_t {name}[] =')
    lines = [text[at:at + 60] for at in range(0, len(text), 60)]
    for line in lines:
        print(f'    u"{line}"')
    print('    ;')


def main():
    root = Path(__file__).resolve().parent.parent
    cldr = Path(sys.argv[1] if len(sys.argv) > 1 else '/usr/share/unicode/cldr') / 'common'
    lists = short_words(root)
    print("""/* letter_tables.c - generated by scripts/make_letter_tables.py from Unicode's Common Locale Data Repository (Copyright 1991-2022
 * Unicode, Inc., Unicode-DFS-2016) and our own lists of short words; do not edit.
 *
 * A cost is a letter of 0 … 9, A … Z, a … z: eight are one unit of natural logarithm. */
#include "letter_tables.h"

/* clang-format off */""")
    entries = []
    for code, words in LANGUAGES.items():
        more = words.split() or lists[CODES_IN_LISTS[code]]
        weights = word_weights(cldr, code, more)
        alphabet = alphabet_of(weights, exemplars(cldr, code))
        entries.append((code, alphabet))
        print(f'static const char costs_{code}[] =')
        for row in pair_costs(weights, alphabet):
            print(f'    "{row}"')
        print('    ;')
    print('const struct letter_table letter_tables[] = {')
    for code, alphabet in entries:
        print(f'    {{"{code}", u"{alphabet}", {len(alphabet)}, costs_{code}}},')
    print('};\nconst size_t letter_table_count = ARRAY_COUNT(letter_tables);')
    for code in ('zh', 'zh_Hant', 'ja'):
        print_characters(f'common_{code}', ''.join(sorted(c for c in exemplars(cldr, code) if 0x3000 <= ord(c) < 0xA000)))
    for code, text in COMMONEST.items():
        print_characters(f'commonest_{code}', ''.join(sorted(set(text))))
    print("""const struct character_table character_tables[] = {
    {"zh", common_zh, ARRAY_COUNT(common_zh) - 1, commonest_zh, ARRAY_COUNT(commonest_zh) - 1},
    {"zh-Hant", common_zh_Hant, ARRAY_COUNT(common_zh_Hant) - 1, commonest_zh_Hant, ARRAY_COUNT(commonest_zh_Hant) - 1},
    {"ja", common_ja, ARRAY_COUNT(common_ja) - 1, commonest_ja, ARRAY_COUNT(commonest_ja) - 1},
    {"ko", NULL, 0, commonest_ko, ARRAY_COUNT(commonest_ko) - 1},
};
const size_t character_table_count = ARRAY_COUNT(character_tables);
/* clang-format on */""")


if __name__ == '__main__':
    main()
