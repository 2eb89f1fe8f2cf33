"""The languages that Lethe knows, and detection of a text's language by its function words.

Function words tell these languages apart as well as a trained model (see the tests), without the 84 MB that
py3langid's model takes in each process. The words below are folded: lower case, without accents.
"""

import re
from collections import Counter
from collections.abc import Mapping

from lethe.text.folding import fold

SIMPLE = "simple"
"""A text in another language that was recognised by its function words: no stop words, no stemming."""
UNKNOWN = "unknown"
"""A text with too few function words: short, a list, a table, code, or in an unknown language."""

SAMPLES = 3
SAMPLE_CHARACTERS = 2_000
_MIN_HITS = 4
_MIN_SHARE = 0.16
"""In running text 35 to 55 % of the words are function words; in source code and lists of names, few."""

_FUNCTION_WORDS = {
    "es": """
        a al algo algun alguna algunas alguno algunos ante antes aquel aquella asi aun aunque bajo cada
        casi como con contra cual cuales cuando cuya cuyo de del desde donde durante e el ella ellas ellos
        en entonces entre era eran es esa esas ese eso esos esta estaba estan estar estas este esto estos
        fue fueron ha habia hacia han hasta hay la las le les lo los mas me mi mis mismo mucho muy nada ni
        no nos nosotros o os otra otro para pero poco por porque pues que quien quienes se sea segun ser
        si sido siempre sin sobre son su sus tambien tan tanto te tiene tienen toda todas todo todos tu
        tus u un una unas uno unos usted y ya yo
    """,
    "en": """
        a about above after again against all also am an and any are as at be because been before being
        below between both but by can could did do does doing down during each few for from further had
        has have having he her here hers him his how i if in into is it its itself just may me more most
        must my no nor not of off on once only or other our out over own same shall she should so some
        such than that the their them then there these they this those through to too under until up upon
        us very was we were what when where which while who whom why will with within without would you
        your
    """,
    "pt": """
        a ainda alem algum alguma ao aos apenas apos aquela aquele as assim ate cada com como contra cuja
        cujo da das de dela dele deles depois desde dessa desse desta deste do dos e ela elas ele eles em
        enquanto entao entre era eram essa essas esse esses esta estao estas estava este estes eu foi
        foram ha isso isto ja la lhe mais mas me mesmo meu minha muito na nao nas nem nessa nesse nesta
        neste no nos nossa nosso num numa o os ou para pela pelas pelo pelos pois por porque qual quando
        que quem se seja sem sempre ser seu seus sido so sob sobre sua suas tambem tao tem tendo ter teu
        toda todas todo todos um uma umas uns voce
    """,
    "fr": """
        a ai ainsi alors apres au aucun aucune aussi autre autres aux avait avant avec avoir c car ce ceci
        cela celle celles celui ces cet cette chaque chez comme comment d dans de depuis des donc dont du
        elle elles en encore entre est et etaient etait etant ete etre eu fait il ils j je jusqu l la le
        les leur leurs lorsque lui m ma mais me meme mes moins mon n ne ni nos notre nous on ont ou par
        parce pas pendant peu peut plus pour pourquoi qu quand que quel quelle qui quoi s sa sans se selon
        sera ses si son sont sous sur t ta tandis te tes toi ton tous tout toute toutes tres tu un une
        vers vos votre vous y
    """,
    "de": """
        aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis
        da dabei damit dann das dass dem den denn der deren des dessen die dies diese diesem diesen dieser
        dieses doch dort du durch ein eine einem einen einer eines er es etwa euch fur gegen haben hat
        hatte ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes
        kann kein keine keinen konnen man mehr mein mit muss nach nicht noch nun nur ob oder ohne sehr
        sein seine seinem seinen seiner sich sie sind so sondern sowie uber um und uns unter vom von vor
        war waren warum was weil welche wenn wer werden wie wieder will wir wird wo wurde wurden zu zum
        zur zwischen
    """,
    "it": """
        a ad agli ai al alla alle allo anche ancora avere c che chi ci cio col come con contro cosi cui d
        da dagli dai dal dalla dalle dallo degli dei del dell della delle dello di dopo dove due e ed era
        erano essere fino fra gia gli ha hanno ho i il in io l la le lei li lo loro lui ma mentre mi mia
        mio molto ne negli nei nel nell nella nelle nello no noi non nostra nostro o ogni oppure per
        perche pero piu po poi prima puo qual quale quali quando quanto quella quelle quelli quello questa
        queste questi questo qui se sei sempre senza si sia sono sopra sotto stata stati stato su sua sue
        sugli sui sul sull sulla sulle sullo suo suoi tra tu tutti tutto un una uno vi voi
    """,
}

_NEIGHBOURS = {
    "nl": """
        aan als bij dan dat de deze die dit door een en er geen het hij hun ik in is kan maar meer met
        naar niet nog of om onder ook op over te tot uit van veel voor was wat we werd worden wordt ze
        zich zij zijn zo zou
    """,
    "ca": """
        a al als amb aquest aquesta com de del dels des el els en entre es es esta fins ha han hi i la les
        li mes molt ni no on pel pels per pero perque qual quan que quins sense ser seu seva si sobre son
        tambe tots un una va
    """,
    "ro": """
        a aceasta acest al ale am ar as au ca care ce cea cel cele cu cum da de din dupa este fi fost in
        insa intre la lui mai nu o pe pentru prin sa sau se si sub sunt un una unei unui
    """,
    "scandinavian": """
        af alle att av blev de den der det dig du efter ej eller en er et ett for fra fran han har hun i
        ikke inte jag jeg kan kun man med meget men mot ned nu och og om op pa sig skal som til till ut
        var ved vi
    """,
    "latin": """
        ac ad amet atque aut cum de dolor dolore eius enim erat esse est et etiam ex hoc id in ipsum
        labore nec neque non nulla per quae qui quis quod sed sit sunt tempor ut vel velit
    """,
}
"""Related languages that share many function words; a text that has more words of one of these is SIMPLE."""

STOP_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()
}
LANGUAGES = (*STOP_WORDS, SIMPLE, UNKNOWN)
"""Every language a document can have."""

_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str) -> str:
    """The language of `text`: es, en, pt, fr, de, it, SIMPLE or UNKNOWN.

    Looks at three samples of 2,000 characters: start, middle and end.
    """
    words = _WORD.findall(fold(_sample(text)))
    hits = Counter[str]()
    for word in words:
        hits.update(_LANGUAGES_OF.get(word, ()))
    language, count = next(iter(hits.most_common(1)), (UNKNOWN, 0))
    if count < max(_MIN_HITS, _MIN_SHARE * len(words)):
        return UNKNOWN
    return language if language in STOP_WORDS else SIMPLE


def _sample(text: str) -> str:
    if len(text) <= SAMPLES * SAMPLE_CHARACTERS:
        return text
    step = (len(text) - SAMPLE_CHARACTERS) // (SAMPLES - 1)
    return " ".join(text[i * step : i * step + SAMPLE_CHARACTERS] for i in range(SAMPLES))


def _languages_of() -> dict[str, list[str]]:
    languages: dict[str, list[str]] = {}
    for language, words in (_FUNCTION_WORDS | _NEIGHBOURS).items():
        for word in words.split():
            languages.setdefault(word, []).append(language)
    return languages


_LANGUAGES_OF = _languages_of()
