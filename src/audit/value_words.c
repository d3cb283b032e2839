/* value_words.c - numbers, units and months as other languages than English write them. */
#include "value_words.h"

struct named_number {
    const char *word;
    double number;
};

static double number_of(const struct named_number *named, size_t count, const struct pieces *pieces, size_t at)
{
    for (size_t i = 0; !pieces->is_english && i < count; i++)
        if (piece_is(pieces, at, named[i].word))
            return named[i].number;
    return 0;
}

#define NUMBER_OF(named, pieces, at) number_of(named, ARRAY_COUNT(named), pieces, at)

double foreign_seconds(const struct pieces *pieces, size_t at, bool *is_working)
{
    static const struct named_number units[] = {
        {"sekunde", 1},        {"sekunden", 1},      {"seconde", 1},      {"secondes", 1},      {"seconden", 1},
        {"segundo", 1},        {"segundos", 1},      {"secondi", 1},      {"minute", 60},       {"minuten", 60},
        {"minuto", 60},        {"minutos", 60},      {"minuti", 60},      {"stunde", 3600},     {"stunden", 3600},
        {"heure", 3600},       {"heures", 3600},     {"hora", 3600},      {"horas", 3600},      {"ore", 3600},
        {"uur", 3600},         {"tag", 86400},       {"tage", 86400},     {"tagen", 86400},     {"jour", 86400},
        {"jours", 86400},      {"día", 86400},       {"días", 86400},     {"dag", 86400},       {"dagen", 86400},
        {"giorno", 86400},     {"giorni", 86400},    {"woche", 604800},   {"wochen", 604800},   {"semaine", 604800},
        {"semaines", 604800},  {"semana", 604800},   {"semanas", 604800}, {"weken", 604800},    {"settimana", 604800},
        {"settimane", 604800}, {"monat", 2629800},   {"monate", 2629800}, {"monaten", 2629800}, {"mois", 2629800},
        {"mes", 2629800},      {"meses", 2629800},   {"maand", 2629800},  {"maanden", 2629800}, {"mese", 2629800},
        {"mesi", 2629800},     {"jahr", 31557600},   {"jahre", 31557600}, {"jahren", 31557600}, {"ans", 31557600},
        {"année", 31557600},   {"années", 31557600}, {"año", 31557600},   {"años", 31557600},   {"jaar", 31557600},
        {"anno", 31557600},    {"anni", 31557600},
    };
    static const struct named_number working[] = {
        {"werktag", 86400},     {"werktage", 86400},     {"werktagen", 86400}, {"arbeitstag", 86400},
        {"arbeitstage", 86400}, {"arbeitstagen", 86400}, {"werkdag", 86400},   {"werkdagen", 86400},
    };
    double seconds = NUMBER_OF(working, pieces, at);
    *is_working = seconds > 0;
    return seconds > 0 ? seconds : NUMBER_OF(units, pieces, at);
}

double foreign_number(const struct pieces *pieces, size_t at)
{
    static const struct named_number numbers[] = {
        {"zwei", 2},   {"drei", 3},    {"vier", 4},    {"fünf", 5},   {"sechs", 6},     {"sieben", 7},   {"acht", 8},
        {"neun", 9},   {"zehn", 10},   {"elf", 11},    {"zwölf", 12}, {"vierzehn", 14}, {"dreißig", 30}, {"deux", 2},
        {"trois", 3},  {"quatre", 4},  {"cinq", 5},    {"sept", 7},   {"huit", 8},      {"neuf", 9},     {"dix", 10},
        {"douze", 12}, {"quinze", 15}, {"trente", 30}, {"dos", 2},    {"tres", 3},      {"cuatro", 4},   {"cinco", 5},
        {"seis", 6},   {"siete", 7},   {"ocho", 8},    {"nueve", 9},  {"diez", 10},     {"doce", 12},    {"treinta", 30},
        {"één", 1},    {"twee", 2},    {"drie", 3},    {"vijf", 5},   {"zes", 6},       {"zeven", 7},    {"negen", 9},
        {"tien", 10},  {"twaalf", 12}, {"dertig", 30}, {"due", 2},    {"tre", 3},       {"quattro", 4},  {"cinque", 5},
        {"sei", 6},    {"sette", 7},   {"otto", 8},    {"dieci", 10}, {"dodici", 12},   {"trenta", 30},  {"ein", 1},
        {"eine", 1},   {"einen", 1},   {"einem", 1},   {"einer", 1},  {"une", 1},       {"un", 1},       {"una", 1},
    };
    return NUMBER_OF(numbers, pieces, at);
}

int64_t foreign_month(const struct pieces *pieces, size_t at)
{
    static const struct named_number months[] = {
        {"januar", 1},     {"februar", 2},   {"märz", 3},      {"mai", 5},        {"juni", 6},      {"juli", 7},
        {"oktober", 10},   {"dezember", 12}, {"janvier", 1},   {"février", 2},    {"mars", 3},      {"avril", 4},
        {"juin", 6},       {"juillet", 7},   {"août", 8},      {"septembre", 9},  {"octobre", 10},  {"novembre", 11},
        {"décembre", 12},  {"enero", 1},     {"febrero", 2},   {"marzo", 3},      {"abril", 4},     {"mayo", 5},
        {"junio", 6},      {"julio", 7},     {"agosto", 8},    {"septiembre", 9}, {"octubre", 10},  {"noviembre", 11},
        {"diciembre", 12}, {"januari", 1},   {"februari", 2},  {"maart", 3},      {"mei", 5},       {"augustus", 8},
        {"april", 4},      {"august", 8},    {"september", 9}, {"november", 11},  {"december", 12}, {"gennaio", 1},
        {"febbraio", 2},   {"aprile", 4},    {"maggio", 5},    {"giugno", 6},     {"luglio", 7},    {"settembre", 9},
        {"ottobre", 10},   {"dicembre", 12},
    };
    return (int64_t)NUMBER_OF(months, pieces, at);
}

double weekday_at(const struct pieces *pieces, size_t at)
{
    static const struct named_number english[] = {{"monday", 1}, {"tuesday", 2},  {"wednesday", 3}, {"thursday", 4},
                                                  {"friday", 5}, {"saturday", 6}, {"sunday", 7}};
    static const struct named_number others[] = {
        {"montag", 1},  {"dienstag", 2}, {"mittwoch", 3},  {"donnerstag", 4}, {"freitag", 5},  {"samstag", 6},  {"sonntag", 7},
        {"lundi", 1},   {"mardi", 2},    {"mercredi", 3},  {"jeudi", 4},      {"vendredi", 5}, {"samedi", 6},   {"dimanche", 7},
        {"lunes", 1},   {"martes", 2},   {"miércoles", 3}, {"jueves", 4},     {"viernes", 5},  {"sábado", 6},   {"domingo", 7},
        {"lunedì", 1},  {"martedì", 2},  {"mercoledì", 3}, {"giovedì", 4},    {"venerdì", 5},  {"sabato", 6},   {"domenica", 7},
        {"maandag", 1}, {"dinsdag", 2},  {"woensdag", 3},  {"donderdag", 4},  {"vrijdag", 5},  {"zaterdag", 6}, {"zondag", 7},
    };
    for (size_t i = 0; i < ARRAY_COUNT(english); i++)
        if (piece_is(pieces, at, english[i].word))
            return english[i].number;
    return NUMBER_OF(others, pieces, at);
}
