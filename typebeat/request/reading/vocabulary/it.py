"""Italian words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "it"
WORDS = """
mood:dark: oscuro, cupo, scuro, buio, notte, mezzanotte, tenebroso, sinistro, notturno, minaccioso
mood:sad: triste, malinconico, malinconia, tristezza, solitario, dolore, emotivo, struggente, depresso
mood:dreamy: sognante, onirico, etereo, spaziale, sogno, atmosferico, cosmico, fluttuante
mood:psychedelic: psichedelico
mood:hard: duro, aggressivo, violento, pesante, brutale, forte, arrabbiato, cattivo
mood:warm: caldo, dolce, morbido, tenero, soave
mood:bright: allegro, felice, luminoso, solare, estate, estivo, gioioso, brillante, positivo
mood:eerie: inquietante, spettrale, misterioso, horror, spaventoso, macabro
mood:epic: epico, grandioso, maestoso, potente, eroico, trionfale
mood:romantic: romantico, amore, sensuale, passionale, innamorato
mood:cold: freddo, gelido, ghiacciato, inverno
mood:playful: giocoso, divertente, buffo
mood:tense: teso, tensione, nervoso
mood:nostalgic: nostalgico, nostalgia, retrò, ricordi, anni 90, anni 80
mood:calm: calmo, tranquillo, rilassato, rilassante, sereno, pacato, pioggia, piovoso, dormire
mood:energetic: energico, energia, carico, festa
mood:cinematic: cinematografico, cinematico, drammatico
mood:gritty: sporco, grezzo, ruvido, strada
mood:luxurious: lussuoso, lusso, elegante
sound:piano: pianoforte, piano, pianoforti
sound:electric-piano: piano elettrico, pianoforte elettrico, rhodes, tastiere, tastiera
sound:organ: organo, organo da chiesa
sound:nylon-guitar: chitarra, chitarra acustica, chitarra classica, chitarra spagnola, chitarre
sound:electric-guitar: chitarra elettrica
sound:distorted-guitar: chitarra distorta
sound:harp: arpa
sound:music-box: carillon
sound:bells: campane, campana, campanelle, campanelli
sound:marimba: marimba, xilofono
sound:vibraphone: vibrafono
sound:strings: archi, orchestra, orchestrale
sound:violin: violino, violini
sound:cello: violoncello
sound:brass: ottoni, fiati, trombone
sound:trumpet: tromba, trombe
sound:saxophone: sassofono, sax
sound:flute: flauto, flauti
sound:pan-flute: flauto di pan
sound:whistle: fischio, fischi, fischiettio
sound:choir: coro, cori
sound:accordion: fisarmonica
sound:saw: sintetizzatore, synth, sintetizzatori
sound:pad: tappeto, pad, tappeti
groove:trap: trap
groove:drill: drill
groove:boom-bap: boom bap, vecchia scuola
groove:lo-fi: lofi, lo fi
drums:rolls: rullate, rullata
drums:triplets: terzine, terzina
drums:swing: swing
drums:sparse: minimale, semplice, scarno, minimalista
drums:busy: denso, complesso
drums:clap: battiti di mani, clap
drums:snap: schiocchi, schiocco di dita
drums:shaker: shaker, maracas
drums:cowbell: campanaccio
drums:percussion: percussioni, percussione, bonghi
bass:long: 808 lunga, basso lungo
bass:glide: 808 scivolata, glissando, 808 glissate
bass:distorted: 808 distorta, distorsione, distorto, basso distorto, saturo
bass:sub: basso profondo, sub
bass:octaves: ottave
bass:bass-guitar: basso elettrico
bass:upright-bass: contrabbasso
fx:reverb: riverbero, reverb
fx:tape: nastro, cassetta, musicassetta
fx:vinyl: vinile, fruscio, fruscio di vinile
fx:delay: delay, eco
fx:muffled: ovattato, filtrato
harmony:sevenths: settime, accordi di settima, jazz, jazzato
harmony:phrygian: frigio, arabeggiante, orientale
harmony:harmonic-minor: minore armonica
harmony:dorian: dorico
harmony:arpeggio: arpeggio, arpeggi, arpeggiato
melody:simple: melodia semplice
melody:counter-melody: contromelodia, controcanto
melody:repeating: ripetitivo, melodia ripetitiva, ipnotico, orecchiabile
section:intro: intro, introduzione
section:verse: strofa, strofe
section:hook: ritornello
section:bridge: ponte
section:break: pausa
section:outro: outro, finale
part:drums: batteria, drums, tamburi
part:808: basso, bassi, linea di basso
part:chords: accordi, accordo, armonia
part:melody: melodia, melodie, melodico
role:chords: accompagnamento, sottofondo
detail:kick: cassa, grancassa
detail:snare: rullante
detail:hats: charleston, piatti, hi hat
voice: voce, voci, testo
pace:slow: lento
pace:fast: veloce
filler: beat, base, musica, suono, stile, tipo, ritmo, canzone, pezzo, rap, voglio, vorrei, fammi, fai, serve,
    per favore, grazie, bpm, tempo, tonalità, strumentale, battute, battuta, misure, qualcosa, molto, circa,
    atmosfera, ciao, battiti, minuto, versioni, versione, traccia, creare, crea, genera, rappare, freestyle, un po',
    abbastanza, base rap, campioni, base trap per
foreign: cornamusa, zampogna, ukulele, armonica, clavicembalo, clarinetto, oboe, rock, techno, mandolino, autotune
"""
