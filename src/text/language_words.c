/* language_words.c - the lists. A word may stand in several: it then counts for each the less. Kept apart where neighbours differ
 * (Danish and Norwegian, Spanish and Portuguese and Catalan), as those words decide. */
#include "language_words.h"

/* clang-format off */
const struct language_words language_words[] = {
    {LANGUAGE_ENGLISH, false,
     "the of that was were are be been being have has had will would could should their they them his her she he you your we our "
     "its an which who what how there these those about than then can may also does did my more most other some such only over "
     "between after before because but so very when must each every through during both here many much any it"},
    {LANGUAGE_ENGLISH, true, "a i and in is for to if or not this from with as on by at while where do no into out up"},
    {LANGUAGE_GERMAN, false,
     "der die das und ist nicht mit den von dem ein eine einen einem einer eines sich auf für auch werden wird wurde wurden sind "
     "zu zum zur im als bei nach oder aus aber noch wie sie er es ich wir ihr kann können haben hat hatte war durch über vor nur "
     "mehr dass wenn diese dieser dieses muss sein seine unter zwischen sehr keine bis gegen ihre ihrer"},
    {LANGUAGE_GERMAN, true, "in an am so man des um"},
    {LANGUAGE_FRENCH, false,
     "le la les des du et est une un dans pour que qui sur pas plus par avec ce cette ces son sa ses leur leurs nous vous il elle "
     "ils elles au aux sont était être été avoir ont mais ou où comme aussi très sans sous entre même fait peut deux votre notre "
     "après avant tout tous ainsi lorsque dont depuis"},
    {LANGUAGE_FRENCH, true, "de en se ne on a d l qu n s c y"},
    {LANGUAGE_SPANISH, false,
     "el la los las del y que una un es por para con su sus más pero como este esta estos estas fue son está ser han ha muy "
     "también entre cuando hasta sobre hay donde desde todo todos nos sin otro otra otros uno ya había puede sólo después antes "
     "porque según años lo al"},
    {LANGUAGE_SPANISH, true, "de en se no a si o e le me"},
    {LANGUAGE_PORTUGUESE, false,
     "o os as um uma do da dos das no na nos nas ao aos à que é não para por com mais foi são está pelo pela pelos seu sua seus "
     "suas também ele ela eles entre quando muito até sobre ser tem há foram isso esse essa este esta mas como depois antes nós "
     "você já só ou onde pode às num numa"},
    {LANGUAGE_PORTUGUESE, true, "de em se e a me te"},
    {LANGUAGE_ITALIAN, false,
     "il lo gli la le di del della dei delle dello degli che è non un una uno per con sono nel nella nei nelle dal dalla da al "
     "alla alle ai come più anche ma si questo questa questi suo sua loro essere stato stata ha hanno dopo prima tra fra era ed "
     "quando sul sulla molto tutti dove quale perché può ogni"},
    {LANGUAGE_ITALIAN, true, "in i e o a se l d un"},
    {LANGUAGE_CATALAN, false,
     "el els la les del dels amb i és que no una un per als al pel pels seu seva seus són va van més però com aquest aquesta "
     "aquests aquestes també entre quan molt ha han ser està hi ho fins sobre tot tots altres on després abans perquè des aquell "
     "nostra vostra cada sense"},
    {LANGUAGE_CATALAN, true, "de en a o es l d s n"},
    {LANGUAGE_ROMANIAN, false,
     "și şi în de la care este sunt nu un o din cu pe pentru mai ca că fi a au al ale ai fost prin sau după lui lor ce se cea cel "
     "cele cei această acest aceste dar unei unui foarte între ori când până fără sa său era poate toate dacă le îi își către"},
    {LANGUAGE_DUTCH, false,
     "de het een en van is dat niet te zijn op met voor aan er ook maar om door over bij naar uit nog wel worden wordt werd "
     "werden hij zij ze wij hebben heeft had was deze dit die als dan kan kunnen moet zou meer geen tot of onder tussen zich "
     "hun haar onze uw veel na tegen zo waar toen alleen"},
    {LANGUAGE_DUTCH, true, "in we je me"},
    {LANGUAGE_DANISH, false,
     "og i det er en et at på for til af som med den de der ikke har fra var også sig blev ved eller om men hun han kan skal vil "
     "være været deres efter kun meget hvor når over under mellem nogle noget mange ud op havde kunne blive bliver denne dette "
     "disse jeg mig os jer vi hvad siden så både"},
    {LANGUAGE_NORWEGIAN, false,
     "og i det er en et at på for til av som med den de der ikke har fra var også seg ble ved eller om men hun han kan skal vil "
     "være vært deres etter bare mye hvor når over under mellom noen noe mange ut opp hadde kunne bli blir denne dette disse jeg "
     "meg oss dere vi hva siden så både"},
    {LANGUAGE_SWEDISH, false,
     "och i det är en ett att på för till av som med den de inte har från var också sig blev vid eller om men hon han kan ska "
     "skall vill vara varit deras efter bara mycket där när över under mellan några något många ut upp hade kunde bli blir denna "
     "detta dessa jag mig oss ni vi vad sedan så både finns här"},
    {LANGUAGE_FINNISH, false,
     "ja on ei että oli se hän ovat joka sekä mutta kun niin myös tai olla jos kuin sen ole siitä tämä mukaan hänen sitä jotka "
     "kuten vain voi jossa näin ollut myöskin oman jälkeen kanssa ennen vuonna ne he minä sinä me te nyt hyvin koska jonka joita "
     "eivät olivat voidaan voivat tämän siihen niiden joissa enää kaikki noin vielä sitten itse tässä siinä näitä"},
    {LANGUAGE_HUNGARIAN, false,
     "a az és hogy nem is egy van volt csak de el ez meg már még mint vagy ha kell lehet nagyon ezt azt ami amely ki után akkor "
     "most minden mert így úgy között szerint majd be fel le sem volna voltak vannak lesz ezek amelyek azonban valamint pedig "
     "illetve által ezért olyan"},
    {LANGUAGE_INDONESIAN, false,
     "yang dan di dengan untuk dari dalam ini itu tidak pada adalah ke akan oleh juga sebagai atau telah bisa dapat karena ada "
     "saya anda kami kita mereka sudah lebih seperti harus hanya antara namun secara tersebut menjadi sebuah bahwa serta setiap "
     "jika setelah belum dia para maka"},
    {LANGUAGE_TURKISH, false,
     "ve bir bu da de için ile çok daha olan olarak gibi ancak kadar sonra ne ise en var her değil o ki mi ya veya göre olduğu "
     "tarafından olduğunu ama iki ilk yok hem büyük eden bunu şu ben sen biz siz onun bütün önce üzerinde arasında oldu olduktan "
     "ederek içinde etmek edilir olur vardır yeni"},
    {LANGUAGE_RUSSIAN, false,
     "и в не на что с по это как к но из у за от то же для так все был была было были она он они его их или при также который "
     "которые этого может более только после до во со ее её уже если бы нет"},
    {LANGUAGE_HINDI, false, "है हैं के में की का को से और पर ने यह एक कि भी नहीं था थे थी हो इस लिए तो वह कर किया जाता"},

    /* none of ours */
    {LANGUAGE_UNKNOWN, false, /* Polish, Czech, Slovak, Slovenian, Croatian */
     "się nie jest że przez został jako jego oraz są do po od który która przy je že jsou nebo jako podle byl byla které není sa "
     "ako aj ktoré sú pre ali bio su što kao iz nego bila ili koji koja za pri je bil tudi kot ki ter niso smo ima z w na to"},
    {LANGUAGE_UNKNOWN, false, /* Estonian, Latvian, Lithuanian, Albanian, Vietnamese, Basque */
     "ning oli või ka kui mis aga seda tema kes ning ei et un ir ar kas tika arī bija kad yra buvo iš su apie kaip taip jo të në "
     "dhe për një që është nga me ka si u e và của là có không được trong một cho các những với người này eta da ez bat dira "
     "zen ere edo izan"},
    {LANGUAGE_UNKNOWN, false, /* Latin, Swahili, Tagalog, Afrikaans, Welsh, Irish */
     "est sunt quod cum esse atque enim autem vel ya wa kwa ni katika na ang ng sa mga ay nang hindi het nie wat vir om ek ons "
     "yn yr ac mae wedi gan agus an na ar go ag bhí"},
    {LANGUAGE_UNKNOWN, false, /* Bulgarian, Serbian, Macedonian, Ukrainian */
     "е са се да от че като което която ще тези това към през след или беше също са си са је су да се што као или од во со ги го "
     "ќе беше та що не як але від для це"},
    {LANGUAGE_UNKNOWN, false, /* Marathi, Nepali */
     "आहे आहेत आणि होते होता या च्या मध्ये ते तो ही छ छन् र मा ले लाई हरू भएको गर्न पनि यो थियो"},
};
/* clang-format on */

const size_t language_words_count = ARRAY_COUNT(language_words);
