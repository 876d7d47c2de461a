"""The small words of each language: those that mean nothing by themselves, and by which a language is told."""

from functools import lru_cache

from typebeat.request.reading.text import Text, fold, tokens_of

SMALL_WORDS = {
    "en": "a an the and or nor but of in on at to for from with without by over under into onto off up down "
    "out as is are was were be been being am it its it's this that these those there here i i'm i'd "
    "i'll i've im me my mine we us our you your you're u ur he she they them his her their who what "
    "which when where why how if then than so too also just only not no none never dont don't doesnt "
    "doesn't do does did done can could should would will shall may might must have has had having some "
    "any all each every both either neither more less fewer most least much many few lot lots bit still "
    "yet again ever always often maybe perhaps please let let's lets get got go goes going gonna wanna "
    "gotta w w/ w/o plus minus per via vs about around almost nearly between through during before "
    "after behind one two okay ok well oh yeah yes nope right thing things stuff way ways lot kind sort "
    "type etc and/or em 'em isn't won't can't cannot ain't because while until till within across upon "
    "near same own such other others another else even though although like that's there's someone "
    "somebody everyone everything everybody nothing try make makes making made take need needs want "
    "wants wanted think know see say says said told ask im it'd he's she's we're they're what's under "
    "it'll wouldn't couldn't shouldn't didn't wasn't weren't aren't instead rather quite free zero smth "
    "sth sumn smthn",
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber mit ohne in im ins an am "
    "auf aus bei beim von vom zu zum zur für über unter vor nach durch gegen um bis als wie ist sind "
    "war waren sein bin hat haben habe hatte wird werden würde soll sollte kann könnte muss ich du er "
    "sie es wir ihr mich mir dich dir uns euch mein meine meinen dein deine sein seine ihre unser nicht "
    "kein keine keinen keinem keiner nur bloß auch noch schon so dann da hier dort wo was wer wenn weil "
    "dass daß ob mehr weniger viel viele wenig zwischen ja nein nichts sonst doch mal halt eben "
    "bisschen gar man sich dazu dabei davon drin drauf eher bzw",
    "fr": "le la les l l' un une des du de d d' et ou mais avec sans dans en sur sous par pour au aux à ce "
    "cet cette ces c'est est sont être était je j j' tu il elle on nous vous ils elles me moi toi mon "
    "ma mes ton ta tes son sa ses notre votre leur qui que qu qu' quoi dont où ne n n' pas plus moins "
    "très trop peu beaucoup juste seulement uniquement rien d'autre autre aussi comme si bien entre "
    "chez vers y a ai as avoir avez il y ni non oui tout tous toute toutes quelques même encore alors "
    "donc car peut faut",
    "es": "el la los las un una unos unas y e o u pero con sin en de del al a por para sobre bajo entre que "
    "qué quien como cómo cuando donde es son ser está están fue era yo tú él ella nosotros me mi mis te "
    "tu tus se su sus le les lo nos no ni sí si más menos muy mucho mucha poco poca solo sólo solamente "
    "también nada algo este esta esto ese esa eso aquí ahí hay tiene tengo ya otro otra todo toda todos "
    "pero porque hasta desde así sea",
    "pt": "o a os as um uma uns umas e ou mas com sem em no na nos nas de do da dos das ao aos à às por pelo "
    "pela para pra pro sobre entre que quem como quando onde é são ser está foi era eu tu ele ela nós "
    "me meu minha meus minhas te seu sua seus suas lhe não nao nem sim se mais menos muito muita pouco "
    "pouca só apenas somente também nada este esta isso esse essa aqui ali há tem tenho já outro outra "
    "tudo toda todos porque até desde num numa você vc",
    "it": "il lo la i gli le un uno una e o ma con senza in nel nella nei di del della dei degli delle da dal "
    "dalla a al alla ai per su sul sulla tra fra che chi come quando dove è sono essere era io tu lui "
    "lei noi mi mio mia miei ti tuo tua si suo sua non né no sì se più meno molto molta poco poca solo "
    "soltanto solamente anche niente altro questo questa quello quella qui c'è ha ho già tutto tutti "
    "perché fino un'",
}


@lru_cache(maxsize=1)
def small_words() -> dict[str, frozenset[str]]:
    """Returns language -> its small words, folded."""
    return {language: frozenset(fold(word) for word in words.split()) for language, words in SMALL_WORDS.items()}


@lru_cache(maxsize=1)
def all_small_words() -> frozenset[str]:
    """Returns the small words of every language."""
    return frozenset().union(*small_words().values())


def language_votes(text: Text) -> dict[str, float]:
    """Returns for each language how many of its small words stand in a text; a word of several counts less for each."""
    votes = dict.fromkeys(SMALL_WORDS, 0.0)
    for token in text.tokens:
        if token.kind == "word":
            speakers = [language for language, words in small_words().items() if token.text in words]
            for language in speakers:
                votes[language] += 1 / len(speakers)
    return votes


def words_of(phrase: str) -> tuple[str, ...]:
    """Returns a phrase's folded words, numbers and characters without its marks."""
    return tuple(token.text for token in tokens_of(fold(phrase)) if token.kind != "mark")
