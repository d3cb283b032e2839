/* name_words.c - words that tell of editions, in a hash table: every word of every name is looked up. */
#include "name_parts.h"
#include <pthread.h>
#include <string.h>

/* ORDER word classes: a bit each. Words of a list are parted by "|". */
static const char *const lists[] = {
    /* WORD_EDITION */
    "edition|edn|ed|version|ver|vers|v|rev|revision|ausgabe|auflage|fassung|édition|révision|edición|edicion|"
    "versión|revisión|versie|uitgave|editie|herziening|versione|edizione",
    /* WORD_ORDINAL */ "st|nd|rd|th|e|er|ème|eme|ª|º|a|te",
    /* WORD_OLD */
    "superseded|obsolete|outdated|deprecated|veraltet|überholt|abgelöst|obsolète|obsolètes|périmé|"
    "périmée|caduc|obsoleto|obsoleta|derogado|derogada|caducado|verouderd|vervallen",
    /* WORD_MAYBE_OLD */
    "old|alt|alte|ancien|ancienne|viejo|vieja|antiguo|antigua|oud|oude|archive|archived|archiv|archivo|archief|archives|"
    "archiviert|archivé|archivado|gearchiveerd|previous|prev|former",
    /* WORD_DRAFT */ "draft|drafts|entwurf|entwürfe|brouillon|borrador",
    /* WORD_LEADING */
    "of|from|for|in|as|valid|since|until|dated|stand|vom|von|ab|gültig|für|du|de|des|le|au|pour|en|valable|del|vigente|van|"
    "vanaf|geldig|voor|per|the|der|die|das",
    /* WORD_FINAL */ "final|finale|definitief|definitif|définitif|definitivo|endfassung|signed",
    /* WORD_THIS */ "this|these|dieses|diese|dieser|dies|ce|cette|cet|ces|este|esta|estos|estas|deze|dit",
    /* WORD_PAPER */
    "document|documents|page|version|edition|protocol|policy|handbook|guide|guideline|guidelines|procedure|procedures|tariff|"
    "manual|notice|faq|regulation|regulations|rules|list|sheet|form|instruction|instructions|agreement|contract|plan|standard|"
    "specification|chapter|article|text|file|leaflet|memo|dokument|seite|ausgabe|fassung|auflage|richtlinie|anweisung|handbuch|"
    "ordnung|satzung|tarif|preisliste|merkblatt|protokoll|anleitung|leitfaden|vertrag|regelung|datei|règlement|règlements|"
    "édition|procédure|manuel|liste|fiche|consigne|contrat|protocole|documento|página|versión|edición|protocolo|política|guía|"
    "tarifa|procedimiento|reglamento|lista|hoja|contrato|pagina|versie|uitgave|handleiding|regeling|tarief|lijst|richtlijn|"
    "reglement",
    /* WORD_VALUE */
    "price|prices|fee|fees|rate|rates|charge|charges|limit|limits|dose|preis|preise|preisen|gebühr|gebühren|satz|sätze|prix|"
    "tarifs|frais|precio|precios|tarifas|prijs|prijzen|kosten",
    /* WORD_OF_YEARS: what a year is written right behind, however short */ "fy|ay|gj|sj|ws|ss|jg",
};

enum { SLOTS = 2048 };
static struct word_slot {
    struct slice word;
    unsigned classes;
} slots[SLOTS];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static struct word_slot *slot_of(struct slice word)
{
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < word.size; i++)
        hash = (hash ^ (unsigned char)word.data[i]) * 16777619;
    for (uint32_t at = hash % SLOTS;; at = (at + 1) % SLOTS)
        if (slots[at].word.size == 0 || slice_equal(slots[at].word, word))
            return &slots[at];
}

static void fill(void)
{
    for (unsigned i = 0; i < ARRAY_COUNT(lists); i++) {
        struct slice rest = slice_from(lists[i]), word;
        while (slice_next(&rest, '|', &word)) {
            struct word_slot *slot = slot_of(word);
            slot->word = word;
            slot->classes |= 1U << i;
        }
    }
}

unsigned word_classes(const char *word)
{
    (void)pthread_once(&filled, fill);
    return word[0] != '\0' ? slot_of(slice_from(word))->classes : 0;
}

bool word_among(const char *word, const char *list)
{
    size_t size = strlen(word);
    for (const char *at = list; size > 0 && *at != '\0';) {
        const char *end = strchr(at, '|');
        size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        if (length == size && memcmp(at, word, size) == 0)
            return true;
        at += length + (end != NULL);
    }
    return false;
}
