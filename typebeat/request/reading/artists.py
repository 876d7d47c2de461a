"""Names of musicians that prompts mention. None of them is followed: they are found only so that this can be said."""

from functools import lru_cache

from typebeat.request.reading.listed import listed
from typebeat.request.reading.text import Text, fold, tokens_of

# names that cannot be mistaken for plain words
NAMES = """
$uicideboy$, 21 savage, 2hollis, 2pac, 50 cent, 6ix9ine, 808 mafia, a boogie wit da hoodie, a tribe called quest, a$ap
ferg, a$ap rocky, action bronson, adele, aitch, aj tracey, akon, alicia keys, anderson paak, anitta, anuel aa, apache
207, arcangel, ariana grande, armani white, asake, asap ferg, asap rocky, aya nakamura, ayra starr, azealia banks,
baby gang, baby keem, babyface ray, babytron, baco exu do blues, bad bunny, badmomzjay, badshah, beenie man, benny the
butcher, beyonce, big l, big pun, big sean, biggie, biggie smalls, billie eilish, bizarrap, bktherula, black sherif,
black thought, blackpink, blueface, bnyx, bob marley, boi 1da, boi-1da, boldy james, bonez mc, booba, brent faiyaz,
britney spears, bruno mars, bryson tiller, bts, buju banton, burna boy, bushido, busta rhymes, c tangana, c. tangana,
calle 13, canserbero, capital bra, capo plaza, cardi b, carti, cash cobain, cazzu, central cee, ceza, chance the
rapper, charli xcx, chief keef, childish gambino, chris brown, chris travis, clams casino, coi leray, cold hart,
conway the machine, cubeatz, cypress hill, da baby, dababy, daddy yankee, daft punk, damso, danny brown, dave east,
davido, de la soul, denzel curry, destroy lonely, digga d, dj khaled, dj mustard, dj paul, dj premier, dj screw, dj
shadow, djonga, doja cat, don omar, dr dre, dr. dre, drake, dua lipa, duki, earl sweatshirt, ed sheeran, eladio
carrion, emicida, eminem, erykah badu, f1lthy, fabri fibra, farid bang, fatman scoop, fetty wap, filipe ret, fireboy
dml, fivio foreign, fler, flo milli, flying lotus, frank ocean, freddie gibbs, freeze corleone, french montana, g
herbo, g-eazy, gazo, geolier, gera mx, ghali, ghostface killah, gims, gucci mane, gue pequeno, gunna, gzuz,
haftbefehl, hans zimmer, headie one, hit-boy, hitboy, iann dior, ice cube, ice spice, internet money, isaiah rashad, j
balvin, j cole, j dilla, j-hope, j. cole, jack harlow, jadakiss, james blake, janelle monae, jay rock, jay z, jay-z,
jermaine cole, jhene aiko, jpegmafia, juice wrld, juicy j, just blaze, justin bieber, justin timberlake, kaaris,
kanye, kanye west, karol g, kase o, kaytranada, kehlani, ken carson, kendrick, kendrick lamar, khea, koba lad, kodak
black, kollegah, kontra k, kool savas, ksi, kyle beats, lana del rey, lauryn hill, laylow, lazza, lil baby, lil durk,
lil jon, lil keed, lil nas x, lil peep, lil pump, lil skies, lil tecca, lil tjay, lil uzi, lil uzi vert, lil wayne,
lil xan, lil yachty, lit killah, little simz, lofi girl, lomepal, london on da track, loredana, ludacris, ludmilla,
ludwig goransson, mac demarco, mac miller, machine gun kelly, madlib, madonna, madvillain, maluma, mano brown,
marracash, massimo pericolo, matue, mc hariel, mc ig, mc solaar, megan thee stallion, metro boomi, metro boomin, mf
doom, michael jackson, mick jenkins, migos, mike dean, mike will made it, missy elliott, mobb deep, moneybagg yo, mos
def, murda beatz, myke towers, n.w.a, nardo wick, natanael cano, nathy peluso, natos y waor, nba youngboy, nekfeu,
nelly furtado, neptunes, nick mira, nicki minaj, nicki nicole, nicky jam, night lovell, ninho, nipsey hussle, niska,
nle choppa, no id, notorious b.i.g, notorious big, nujabes, nwa, ofb, orelsan, orochi, outkast, ovy on the drums,
ozuna, partynextdoor, pashanim, peewee longway, peso pluma, pharrell, pharrell williams, pi'erre bourne, pierre
bourne, playboi carti, playboy carti, plk, pnl, polo g, pooh shiesty, pop smoke, popcaan, post malone, pusha t, pvris
beats, quando rondo, quavo, queen latifah, racionais, racionais mcs, rae sremmurd, raf camora, rauw alejandro, rich
brian, rich the kid, rick ross, rico nasty, rihanna, rkomi, rob49, rod wave, roddy ricch, ronny j, rosalia, run dmc,
run the jewels, rza, samra, santa fe klan, sarkodie, saweetie, schoolboy q, scott storch, sean paul, seedhe maut,
sexion d'assaut, sexyy red, sfera ebbasta, shakira, sheck wes, shenseea, shiest bubz, shindy, shirin david, sido,
simba la rue, skepta, ski aggu, ski mask the slump god, sleepy hallow, smino, smokepurpp, snoop dogg, snoop doggy
dogg, southside, stormzy, suicideboys, summer cem, summer walker, summrs, swae lee, sza, t-pain, tame impala, tay k,
tay keith, tay-k, taylor swift, tedua, tego calderon, tha supreme, thasup, the alchemist, the notorious big, the
weeknd, theweeknd, three 6 mafia, tiago pzk, tiakola, timbaland, tm88, tommy richman, tory lanez, travis barker,
trefuego, trippie redd, trueno, tupac, ty dolla $ign, ty dolla sign, tyga, tyla, tyler the creator, tyler, the
creator, ufo361, utada hikaru, uzi vert, veigh, vince staples, vybz kartel, waka flocka, waka flocka flame, weeknd,
westside gunn, wheezy, wisin, wiz khalifa, wizkid, wondagurl, wu tang, wu-tang, wu-tang clan, wutang, xama,
xxxtentacion, yeat, yfn lucci, ynw melly, young dolph, young thug, youngboy, yung lean, zaytoven, zeytoven
"""
# names that are words of their own: names only behind "like" or "style of", or before "type beat"
ALSO_WORDS = """
alchemist, amine, aphex twin, bk, bones, burial, casper, chamillionaire, che, chingy, coldplay, common, coolio,
cordae, cro, dave, diplo, divine, dmx, drakeo, eve, feid, fler, flume, four tet, froid, full force, future, game,
gorillaz, guru, halsey, hamza, hurricane chris, iam, ja rule, jamie xx, jid, joji, jul, krs one, latto, linkin park,
logic, lorde, luciano, lucki, maes, marshmello, massive attack, metallica, method man, moby, mustard, nas, nav, nelly,
nettspend, nirvana, noname, offset, osamason, pink, plan b, plies, portishead, prince, public enemy, queen, quevedo,
radiohead, rakim, raye, redman, rema, residente, russ, saba, sabotage, sade, saiko, salmo, scarface, sch, seal, shiva,
sia, skrillex, slowthai, snoop, takeoff, tems, teto, the game, the roots, trina, twista, tyler, usher, vald, wiu,
xzibit, yg
"""


_INSIDE = frozenset("-.'$_")  # marks that a name is found with and without


@lru_cache(maxsize=1)
def _tables() -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]], dict[str, int]]:
    """Names that are nothing else, names that are words too, and first word -> length of the longest such name."""
    names = frozenset(map(_words, _listed(NAMES)))
    words = frozenset(map(_words, _listed(ALSO_WORDS)))
    longest: dict[str, int] = {}
    for tokens in (*names, *words):
        longest[tokens[0]] = max(longest.get(tokens[0], 0), len(tokens))
    return names, words, longest


def _listed(names: str) -> list[str]:
    joined = " ".join(names.split()).replace("tyler, the", "tyler the")
    return [name.strip() for name in joined.split(", ") if name.strip()]


def _words(name: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens_of(fold(name)) if token.text not in _INSIDE)


_BEHIND = listed("type style vibe vibes typebeat like stil estilo stile み")


def find_artists(text: Text) -> list[tuple[int, int]]:
    """Returns where the folded text names a musician, longest name first; free spans only."""
    names, words, longest = _tables()
    places = [at for at, token in enumerate(text.tokens) if token.text not in _INSIDE]
    spoken = [text.tokens[at].text for at in places]
    found = []
    at = 0
    while at < len(places):
        step = 1
        for length in range(min(longest.get(spoken[at], 0), len(places) - at), 0, -1):
            name = tuple(spoken[at : at + length])
            first, last = places[at], places[at + length - 1]
            start, end = text.tokens[first].start, text.tokens[last].end
            is_name = name in names or (name in words and _in_context(text, first, last))
            if is_name and text.is_free(start, end):
                found.append((start, end))
                step = length
                break
        at += step
    return found


def _in_context(text: Text, first: int, last: int) -> bool:
    """Whether the words around a span call it a name."""
    before = text.tokens[first - 1].text if first else ""
    behind = text.tokens[last + 1].text if last + 1 < len(text.tokens) else ""
    if behind in _BEHIND:
        return True
    is_capital = text.plain[text.tokens[first].start].isupper()
    return before in {"of", "like", "by", "feat", "ft"} and (is_capital or before != "of")
