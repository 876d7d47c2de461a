"""French words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "fr"
WORDS = """
mood:dark: sombre, nuit, minuit, noir, ténébreux, obscur, menaçant, ténèbres, nocturne, noire
mood:sad: triste, mélancolique, mélancolie, tristesse, seul au monde, solitude, émotionnel, douleur, déprimé,
    déprimant, larmes, émouvant, chagrin
mood:dreamy: rêveur, rêveuse, onirique, planant, planante, aérien, aérienne, éthéré, spatial, cosmique, rêve,
    atmosphérique, espace, vaporeux
mood:psychedelic: psychédélique, psyché, hallucinant, surréaliste
mood:hard: dur, agressif, agressive, violent, lourd, brutal, énervé, colère, vénère, hardcore, féroce, énervée,
    violente, lourde, agressivement
mood:warm: chaud, chaude, chaleureux, chaleureuse, doux, douce, tendre, suave, moelleux
mood:bright: joyeux, joyeuse, gai, lumineux, lumineuse, ensoleillé, été, heureux, heureuse, estival, brillant,
    positif, positive, clair
mood:eerie: mystérieux, mystérieuse, inquiétant, effrayant, horreur, fantomatique, hanté, lugubre, étrange, diabolique
mood:epic: épique, grandiose, puissant, majestueux, héroïque, triomphant
mood:romantic: romantique, amour, sensuel, sensuelle, amoureux, amoureuse, passionné, sexy
mood:cold: froid, froide, glacial, glaciale, glacé, hiver, hivernal
mood:playful: joueur, espiègle, drôle, amusant, ludique, rigolo
mood:soulful: soul, plein d'âme, gospel
mood:tense: tendu, tension, suspense, nerveux, stressant, angoissant
mood:nostalgic: nostalgique, nostalgie, rétro, souvenirs, enfance, années 90, années 80
mood:calm: calme, tranquille, paisible, détendu, relaxant, apaisant, posé, reposant, zen, pluie, pluvieux, sommeil
mood:energetic: énergique, énergie, dynamique, festif, entraînant, fête
mood:cinematic: cinématographique, cinéma, film, dramatique, bande originale
mood:gritty: sale, crade, brut, rue, rugueux, crasseux
mood:luxurious: luxueux, luxe, élégant, cher, classe, raffiné
sound:piano: piano, pianos, piano à queue
sound:felt-piano: piano feutré, piano étouffé
sound:electric-piano: piano électrique, rhodes, claviers, clavier
sound:organ: orgue, orgues, orgue d'église, orgue hammond
sound:clavinet: clavinet
sound:nylon-guitar: guitare, guitare acoustique, guitare espagnole, guitare classique, guitare sèche, guitares,
    guitare nylon
sound:electric-guitar: guitare électrique
sound:muted-guitar: guitare étouffée, palm mute
sound:distorted-guitar: guitare saturée, guitare distordue
sound:harp: harpe, harpes
sound:kalimba: kalimba
sound:koto: koto
sound:sitar: sitar
sound:music-box: boîte à musique
sound:celesta: célesta
sound:bells: cloches, cloche, clochettes, carillon, clochette
sound:marimba: marimba, xylophone
sound:vibraphone: vibraphone
sound:strings: cordes, orchestre, orchestral, orchestrale, section de cordes, cordes frottées, ensemble à cordes
sound:pizzicato: pizzicato, cordes pincées
sound:violin: violon, violons
sound:cello: violoncelle
sound:brass: cuivres, cuivre, trombone, cor
sound:trumpet: trompette, trompettes
sound:saxophone: saxophone, saxo
sound:flute: flûte, flûtes, flûte traversière
sound:pan-flute: flûte de pan
sound:whistle: sifflement, sifflet, sifflé
sound:choir: chœur, chœurs, choeur, choeurs, chorale
sound:vocal-chop: voix découpées, voix hachées, sample vocal
sound:hum: fredonnement, fredonné
sound:accordion: accordéon
sound:saw: synthé, synthétiseur, synthés, synthé lead
sound:square: onde carrée
sound:pluck: pluck, plucks
sound:pad: nappe, nappes, pads, pad, nappes de synthé, nappe de synthé
groove:trap: trap
groove:drill: drill
groove:boom-bap: boom bap, boom bap à l'ancienne, à l'ancienne, old school
groove:lo-fi: lofi, lo fi
groove:west-coast: côte ouest
groove:half-time: demi tempo
drums:rolls: roulements, roulement, roulements de charley, rolls, charleys rapides, hi hats rapides
drums:triplets: triolets, triolet
drums:swing: swing, swingué
drums:sparse: minimaliste, épuré, dépouillé, minimal
drums:busy: dense, chargé, rebondissant, complexe
drums:open-hats: charleys ouverts, charley ouvert, hi hats ouverts
drums:clap: claps, clap, claquements de mains, applaudissements
drums:snap: claquements de doigts, snaps, claquement de doigts
drums:rim: rimshot, rimshots
drums:ghost-notes: notes fantômes
drums:fills: fills, breaks de batterie
drums:shaker: shaker, maracas
drums:cowbell: cloche à vache, cowbell
drums:percussion: percussions, percussion, bongos, congas
drums:kit-acoustic: batterie acoustique, vraie batterie
drums:laid-back: nonchalant, traînant
bass:long: longue 808, 808 longue, basse longue
bass:bounce: basse rebondissante, 808 courte
bass:glide: 808 qui glisse, glissando, glissandos, 808 glissante, basse glissante, slides, 808 qui glissent
bass:distorted: 808 saturée, saturé, distorsion, basse saturée, saturation, 808 distordue, distordu
bass:sub: basse profonde, infrabasse, sub, sub basse, infrabasses
bass:octaves: octaves
bass:bass-guitar: guitare basse, basse électrique
bass:upright-bass: contrebasse
bass:synth-bass: basse synthé
fx:reverb: réverb, réverbération, reverb, réverbe
fx:tape: bande magnétique, cassette, bande
fx:sidechain: sidechain, pompage
fx:vinyl: vinyle, craquement, craquements, poussiéreux, crépitement, craquements de vinyle, vinyles
fx:chorus: effet chorus
fx:delay: délai, écho, delay, échos
fx:muffled: étouffé, sourd, filtré, sous l'eau
fx:bitcrush: jeu vidéo, 8 bits
harmony:sevenths: septièmes, accords de septième, jazzy, jazz, accords jazz
harmony:pedal: note pédale
harmony:phrygian: phrygien, oriental, arabe, orientale
harmony:harmonic-minor: mineur harmonique, mineure harmonique
harmony:dorian: dorien
harmony:arpeggio: arpège, arpèges, arpégé
harmony:sustained: accords tenus, accords longs
melody:simple: mélodie simple
melody:busy-melody: mélodie complexe, mélodie rapide
melody:call-and-answer: question réponse, appel et réponse
melody:counter-melody: contre mélodie, contrechant
melody:repeating: répétitif, mélodie répétitive, hypnotique, entêtant, mélodie entêtante
melody:high: mélodie aiguë, aigu
melody:low: mélodie grave
section:intro: intro, introduction
section:verse: couplet, couplets
section:hook: refrain, refrains
section:bridge: pont
section:break: pause
section:outro: outro
part:drums: batterie, drums, rythmique, tambours
part:808: basse, basses, ligne de basse
part:chords: accords, accord, harmonie
part:melody: mélodie, mélodies, mélodique, lead
role:chords: accompagnement, fond
detail:kick: kick, grosse caisse
detail:snare: snare, caisse claire
detail:hats: charley, charleston, hi hats, hi hat, charleys, cymbales
voice: voix, chant, paroles, chanteur, chanteuse
pace:slow: lent, lente, lentement
pace:fast: rapide, vite, rapides
filler: instru, beat, prod, musique, son, sons, style, genre, ambiance, boucle, rap, morceau, chanson, type, bpm,
    tempo, tonalité, fais, faire, veux, voudrais, aimerais, besoin, svp, merci, s'il te plait, s'il vous plait,
    instrumental, instrumentale, mesures, mesure, rythme, vibe, bonjour, salut, quelque, chose, environ, très, plutôt,
    assez, battements, minute, version, versions, bien, gros, beau, belle, prises, prise, sonne, piste, instrument,
    rap français, prod de rap, crée, créer, génère, donne, écrire, freestyle, rapper, samples, sample, français,
    superbe, un peu, genre de, sonorité, sonorités, mec, wesh, truc, stp, frérot, frère, bail, grosse, petit, petite,
    lourde prod
foreign: cornemuse, vielle, ukulélé, harmonica, clavecin, clarinette, hautbois, rock, pop, techno, variété, autotune
"""
