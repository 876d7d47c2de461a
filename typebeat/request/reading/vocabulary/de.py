"""German words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "de"
WORDS = """
mood:dark: dunkel, düster, finster, nacht, mitternacht, nächtlich, dunkl, bedrohlich, unheilvoll, schwarz, schatten
mood:sad: traurig, melancholisch, melancholie, einsam, emotional, wehmütig, schmerz, trauer, depressiv, schwermütig,
    herzschmerz, tränen
mood:dreamy: verträumt, träumerisch, schwebend, sphärisch, traum, weltraum, atmosphärisch, ätherisch, traumhaft,
    spacig
mood:psychedelic: psychedelisch, berauscht, abgedreht, surreal, trippig
mood:hard: hart, härter, aggressiv, wütend, brutal, heftig, gewaltig, wut, schwer, brachial, krass, knallhart, knallt,
    aggressiver
mood:warm: warm, wärmer, sanft, weich, gemütlich, zart
mood:bright: fröhlich, hell, heiter, sommer, sommerlich, sommerbeat, glücklich, sonnig, freundlich, positiv,
    hoffnungsvoll, gute laune, glänzend
mood:eerie: unheimlich, gruselig, gespenstisch, horror, böse, geheimnisvoll, mysteriös, schaurig, spukhaft
mood:epic: episch, mächtig, bombastisch, riesig, heroisch, triumphal, hymnisch
mood:romantic: romantisch, liebe, sinnlich, verliebt, liebeslied, zärtlich, leidenschaftlich, sexy
mood:cold: kalt, eisig, kühl, frostig, winter, winterlich, kälter
mood:playful: verspielt, lustig, witzig, spielerisch, albern
mood:soulful: soulig, seelenvoll, gefühlvoll, soul
mood:tense: angespannt, spannend, spannung, nervös, gespannt, hektisch
mood:nostalgic: nostalgisch, nostalgie, retro, kindheit, erinnerungen, 90er, 80er, 90er jahre, 80er jahre
mood:calm: ruhig, entspannt, gelassen, chillig, gechillt, friedlich, still, beruhigend, leise, gechillter, lässig,
    ruhiger, regen, schlaf, regnerisch
mood:energetic: energiegeladen, energisch, energie, lebhaft, mitreißend, party, treibend, energiegeladener
mood:cinematic: filmisch, kino, filmmusik, dramatisch, cineastisch, film
mood:gritty: dreckig, rau, schmutzig, roh, straße, rauh, gangster
mood:luxurious: luxuriös, edel, teuer, luxus, elegant
sound:piano: klavier, piano, flügel, klaviere, klavierloop, klaviermelodie
sound:felt-piano: filzklavier, gedämpftes klavier
sound:electric-piano: e piano, elektrisches klavier, rhodes, e klavier
sound:organ: orgel, orgeln, kirchenorgel, hammondorgel
sound:clavinet: clavinet
sound:nylon-guitar: gitarre, akustische gitarre, akustikgitarre, konzertgitarre, spanische gitarre, gitarren,
    gezupfte gitarre, gitarrenloop, westerngitarre
sound:electric-guitar: e gitarre, elektrische gitarre, egitarre, e gitarren
sound:muted-guitar: gedämpfte gitarre
sound:distorted-guitar: verzerrte gitarre, verzerrte gitarren, verzerrte e gitarre
sound:harp: harfe, harfen
sound:kalimba: kalimba, daumenklavier
sound:koto: koto
sound:sitar: sitar
sound:music-box: spieluhr, spieldose
sound:celesta: celesta
sound:bells: glocken, glocke, glöckchen, glockenspiel, kirchenglocken, röhrenglocken
sound:marimba: marimba, xylophon, xylofon
sound:vibraphone: vibraphon, vibrafon
sound:strings: streicher, orchester, streichern, streichorchester, orchestral, bratsche
sound:pizzicato: pizzicato, gezupfte streicher
sound:violin: geige, violine, geigen, violinen
sound:cello: cello, celli
sound:brass: bläser, blechbläser, posaune, hörner, horn, posaunen
sound:trumpet: trompete, trompeten
sound:saxophone: saxophon, saxofon
sound:flute: flöte, flöten, querflöte, blockflöte, flötenmelodie
sound:pan-flute: panflöte
sound:whistle: pfeifen, pfiff, gepfiffen, pfeife
sound:choir: chor, chöre, kirchenchor, gesänge
sound:vocal-chop: vocal chops, zerhackte stimmen, stimmfetzen
sound:hum: summen, gesummt
sound:accordion: akkordeon, ziehharmonika, schifferklavier
sound:saw: synthesizer, synthie, synth, synths, sägezahn, synthies
sound:square: rechteck
sound:pluck: pluck, plucks
sound:pad: flächen, fläche, pads, pad, klangteppich, klangflächen, synthesizerflächen
groove:trap: trap
groove:drill: drill
groove:boom-bap: boom bap, oldschool, alte schule
groove:lo-fi: lofi, lo fi
groove:half-time: halbes tempo, half time
drums:rolls: hi hat wirbel, schnelle hi hats, hi hat rolls, wirbel, schnelle hats, rollende hi hats, rasende hi hats
drums:triplets: triolen, triole, triolisch, triolen hats, triolen hi hats
drums:swing: swing, geshuffelt, swingend
drums:sparse: sparsam, minimalistisch, reduziert, schlicht, einfach, spärlich
drums:busy: dicht, komplex, hüpfend
drums:open-hats: offene hi hats, offene hats, offene hi hat
drums:clap: klatschen, klatscher, händeklatschen, claps
drums:snap: schnipsen, fingerschnipsen, snaps
drums:rim: rimshot, rimshots
drums:ghost-notes: ghost notes
drums:fills: fills
drums:shaker: shaker, rassel, rasseln
drums:cowbell: kuhglocke, kuhglocken, cowbell
drums:percussion: percussion, perkussion, bongos, congas, trommeln
drums:kit-808: 808 kit, 808 drums
drums:kit-acoustic: echtes schlagzeug, akustisches schlagzeug, akustische drums
drums:laid-back: lässige drums, schleppend, laid back
bass:long: lange 808, langer bass, lange bässe
bass:bounce: hüpfender bass, federnder bass, kurzer bass, kurze 808
bass:glide: gleitende 808, gleitender bass, 808 slides, slides, rutschende 808
bass:distorted: verzerrte 808, verzerrt, verzerrung, verzerrter bass, verzerrte 808s, übersteuert
bass:sub: subbass, tiefer bass, sub bass, tiefe 808, tiefbass
bass:octaves: oktaven
bass:bass-guitar: bassgitarre, e bass
bass:upright-bass: kontrabass
bass:synth-bass: synthbass, synthesizerbass
fx:reverb: hall, nachhall, reverb, raumklang, hallig
fx:tape: tonband, kassette, kassettenklang, bandrauschen, kassettensound, leiernd
fx:sidechain: sidechain, pumpend, pumpen
fx:vinyl: vinyl, knistern, schallplatte, plattenknistern, schallplattenknistern, vinylknistern, staubig, vinylrauschen
fx:chorus: chorus effekt, choruseffekt
fx:delay: delay, echo, verzögerung
fx:muffled: dumpf, gedämpft, wie unter wasser
fx:bitcrush: bitcrusher, videospiel, 8 bit
harmony:sevenths: septakkorde, jazzig, jazzakkorde, jazz, septimen
harmony:pedal: orgelpunkt
harmony:phrygian: phrygisch, orientalisch, arabisch
harmony:harmonic-minor: harmonisch moll, harmonisches moll
harmony:dorian: dorisch
harmony:arpeggio: arpeggio, arpeggios, arpeggien, gebrochene akkorde
harmony:sustained: gehaltene akkorde, lange akkorde
melody:simple: einfache melodie, schlichte melodie, simple melodie
melody:busy-melody: schnelle melodie, komplexe melodie
melody:call-and-answer: frage und antwort, ruf und antwort
melody:counter-melody: gegenmelodie, zweite melodie
melody:repeating: wiederholend, sich wiederholend, eingängige melodie, wiederholt, hypnotisch
melody:high: hohe melodie, hohe töne
melody:low: tiefe melodie, tiefe töne
section:intro: intro, einleitung
section:verse: strophe, strophen
section:hook: refrain, hook
section:bridge: bridge
section:break: pause
section:outro: outro, schluss
part:drums: schlagzeug, drums, trommel, drumbeat, schlagzeugs
part:808: bass, bässe, basslinie, basslauf
part:chords: akkorde, akkorden, harmonien, akkord
part:melody: melodie, melodien, melodisch, lead
role:chords: begleitung, hintergrund
detail:kick: kick, bassdrum, basstrommel
detail:snare: snare, snares
detail:hats: hi hats, hi hat, hats, becken
voice: gesang, stimme, stimmen, vocals, sänger, text
pace:slow: langsam, langsamer
pace:fast: schnell, schneller
filler: beat, gezupft, beats, musik, lied, song, klang, klänge, stil, art, stimmung, gefühl, ähnlich, mach, mache,
    machen, gib, möchte, hätte, gerne, brauche, suche, bitte, danke, tempo, tonart, loop, instrumental, rap,
    deutschrap, etwas, takte, takt, sound, richtig, schön, geil, lieber, sehr, ganz, ungefähr, etwa, circa, rhythmus,
    typ, instrumente, version, versionen, fürs, schläge, gern, ca, passend, klingen, klingt, erstelle, schreibe,
    hallo, cool, bisschen, jahre, instru, brauch, nen, neu, trotzdem, fett, mal was, alter, digga, bruder, hey, geiler
foreign: techno, dudelsack, zither, mundharmonika, ukulele, cembalo, klarinette, oboe, schlager, rock, pop, metal
"""
