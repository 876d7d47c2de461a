"""Words of their own that lie one letter away from a word of music, so that they are not taken for a slip of it.

Found by going through the frequent words of six languages, folded.
"""

OTHER_WORDS = frozenset(
    """
abogado aborde acabe accorgi accorti accorto acorda acordei acordem acordo acordos acores aggressione aggressioni
agression ameacado ammonia araba araber arabi arabia arabie arabo arabs arame arche archie archiv armenia assustado
atmosphare backen bacteria bacterias baise baisse baixe baixou balde balls banda banded banden bander bando bands
banos basee baseless baseline basis bassin basti battere batteri batterien beatles becker belas bella bellas belli
bello bellos belly belong belos belts beruhigen bills bimbo bingo blamer blase blasen blass blaster blauer blazer
bolsa bombe bombed bomben bomber bombes bombs bonos borghi borgo borsa bosse bosses bossi bossy bosta bounced
bouncer bounty brighten brilliant bulls busse cacete caida caiga caixao californian californie campagna campagne
campanello campanha campanhas campania campina campinas camping camps camus cansa cantanti capas capping cargador
cargando cartoonist casas casca casetta cassee cassetto casta caste catedral cathedrale causa celesti cella celle
cells celso celui cessa ceurs chair chairs chamas chame champagner chang change changing channing chanter chaps
charged chargee charger charles charme chart charte charting charts chatarra chats chatting cheer cheers chego
cheiro chemo chiamo chiant chiaro chiedo chile chilo chimie chine chines chiodo chiudo choix choke chomeurs chora
chorar chorei choro chove chunk cielo cinto cinza citta clamps clams clans clarinet clash clasp class claus claws
cliche cliches clipping clips clocher clothes clous clout coche coches cochon codes coeur coeurs colli collo comas
combing coming comique complet complete completo complets conge conges congo conta contas coping copos coran corda
cordao corde cords cores cornes coroa coroas corpos corps corral corses corso cortas cortes cortos couples cowell
crank crashed creio criado crime crimes crore crush crusher crushes cuello cuire cuore dalai dampf danse decay delas
delhi delia denise denke dente depressao designar designe designed designee designes despacho desse detruit dicha
dicho dillo dilma dirla distort divertindo divertito docking doria droge drohne drome droni drove drugs dummer dumps
echoed elefante elegance entrainent eppure escapo especial estados estamos ethos etouffer exiting expansive
extensive fache faint falls fantasma fantasmas faute fautes fiato fidati fidele filas files fille filles filly
filter filtri filtro final finals finti fisch fische flach flamengo flasche flaschen fleche fling flirt flogen flore
flota flott flotte fluge fluke fluye frati freeing friedrich frigid frigo ganha garza geiger gekampft glider glock
grace graces grade grades grape grapes grate graue grava gravel gravi gravy graze greve greves gritar grove groves
guiar guidare guide guides gustar hafen harden haria harmon harper harps harta haufen herpes horas horer horned
hornet horno hornos horny hunting infanzia infernal infierno internal intimite invernale invernali kinks klicks
knicks leafs leais leaks leans leaps leeds lembranca lends loads luxuries marca marcas marica memoires memorias
memorie menacent mentais mentales metas minima minimas misterios mocks moira monos monts monumentale mood moods
mysteries naples nervios ninth nostro octava oigan oitava organes orientar ottava ottavo ottone overdrive pacific
palma palomas paranoia parcs passione passionnee patti pence perca perce perch perco percu percus percy perds peres
perks perro phone phones phony piace pianto piatta piatto piece pieno pinch pinche pinos plano planos ponce porcs
prince puissent pumpe pumped puppen racer rader raged ranger rarer raser rasse rassen rater ratsel rebates recuerdas
recuerdo reece reise relatado relates relating remate repealing reposent reuse rever revere revered revers reverse
reversed revert reverted rhone roger roles rolle rollo rollt romantik rufus rumos rusos russel sainte sanos sante
satire saturn saure scare scares scarse scarso scarto schalten schatzen schicht schlacht schlecht schleppen schweben
seide senos sente septieme septima sessuale setima settima settimo seung seventy sewing sfide shake shaken shakes
share shared shares siate siente siete signos simile simpel simpler simplest simply since singe sings sinks sinne
sinon sinta sinto sinus slabs slade slapping slice slices slider sliders slime sling smoothing snake snakes soaps
soares solidario solide solides sopro soros souffle souvenir sowing spanned spanning spare spares sparsi sparte
spring springs squadre squared squire stang stare stares staring stars stats stature stays sting stinging stings
stirling storing strapped streichen streng stretcher stringe striped stripper strong strung stung suing summe summed
summon suspens suspensao suture swapping swaps swine synthesized tabela table tabua talla tambour tavola tenebre
termina terminas termine textura textured thrilled tomba tombe traitant tranqui treiben trial triple tripled
triunfar trompe ventos verliert vertraut vices vieil viento vigil vigile vilao vilas villa villas viloes violado
violan violar violato viole viols virado voiced voies voila voiles whistler wiederholen
    """.split()
)
