"""Spanish words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "es"
WORDS = """
mood:dark: oscuro, noche, medianoche, tenebroso, sombrío, siniestro, amenazante, nocturno, oscuridad, negro
mood:sad: triste, melancólico, melancolía, tristeza, solitario, dolor, desamor, emotivo, emocional, deprimido,
    lágrimas, nostálgico y triste
mood:dreamy: soñador, onírico, etéreo, flotante, espacial, sueño, atmosférico, cósmico, ensoñador, ensueño
mood:psychedelic: psicodélico, alucinante, surrealista, sicodélico
mood:hard: duro, agresivo, violento, pesado, brutal, fuerte, rabioso, enojado, furioso
mood:warm: cálido, suave, tierno, acogedor, dulce
mood:bright: alegre, feliz, brillante, verano, soleado, veraniego, positivo, luminoso, esperanzador
mood:eerie: misterioso, tétrico, terror, espeluznante, fantasmal, macabro, embrujado, inquietante, escalofriante,
    diabólico
mood:epic: épico, grandioso, majestuoso, poderoso, heroico, triunfal
mood:romantic: romántico, amor, sensual, enamorado, pasional, apasionado, sexy
mood:cold: frío, helado, gélido, invierno, invernal
mood:playful: juguetón, divertido, gracioso, travieso
mood:soulful: con alma, soul
mood:tense: tenso, tensión, suspenso, nervioso, suspense
mood:nostalgic: nostálgico, nostalgia, retro, recuerdos, infancia, años 90, años 80, noventero, ochentero
mood:calm: tranquilo, calmado, relajado, relajante, sereno, pacífico, calma, lluvia, lluvioso, dormir, relax
mood:energetic: enérgico, energía, fiestero, animado, fiesta, movido
mood:cinematic: cinematográfico, de película, dramático, cinemático, película
mood:gritty: sucio, crudo, callejero, áspero, calle
mood:luxurious: lujoso, lujo, elegante, caro
sound:piano: piano, pianos
sound:felt-piano: piano de fieltro, piano apagado
sound:electric-piano: piano eléctrico, rhodes, teclado, teclados
sound:organ: órgano, órgano de iglesia, órganos
sound:clavinet: clavinet
sound:nylon-guitar: guitarra, guitarra acústica, guitarra española, guitarra flamenca, guitarra clásica,
    guitarra criolla
sound:electric-guitar: guitarra eléctrica
sound:muted-guitar: guitarra apagada
sound:distorted-guitar: guitarra distorsionada
sound:harp: arpa
sound:kalimba: kalimba
sound:koto: koto
sound:sitar: sitar
sound:music-box: caja de música, cajita de música
sound:celesta: celesta
sound:bells: campanas, campana, campanillas, campanitas
sound:marimba: marimba, xilófono
sound:vibraphone: vibráfono
sound:strings: cuerdas, orquesta, orquestal, cuerda
sound:pizzicato: pizzicato
sound:violin: violín, violines
sound:cello: violonchelo, chelo, violoncelo
sound:brass: metales, vientos, trombón, vientos metales
sound:trumpet: trompeta, trompetas
sound:saxophone: saxofón, saxo, saxófono
sound:flute: flauta
sound:pan-flute: zampoña, flauta de pan, flauta andina
sound:whistle: silbido, silbidos, silbando
sound:choir: coro, coros, coral
sound:vocal-chop: voces cortadas, voz cortada
sound:hum: tarareo
sound:accordion: acordeón, bandoneón
sound:saw: sintetizador, sinte, synth, sintetizadores
sound:square: onda cuadrada
sound:pluck: pluck, plucks
sound:pad: colchón, pads, pad, colchones
groove:trap: trap
groove:drill: drill
groove:boom-bap: boom bap, vieja escuela
groove:lo-fi: lofi, lo fi
groove:dancehall: reggaetón, regueton, dembow, perreo, reguetón
groove:west-coast: costa oeste
drums:rolls: redobles, rolls, hi hats rápidos, redoble
drums:triplets: tresillos, tresillo
drums:swing: swing
drums:sparse: minimalista, simple, escaso, sencillo
drums:busy: denso, cargado, complejo, rebotando
drums:open-hats: hi hats abiertos, platillos abiertos, hats abiertos
drums:clap: palmas, palmadas, claps
drums:snap: chasquidos, chasquido
drums:rim: rimshot, rimshots
drums:ghost-notes: notas fantasma
drums:fills: remates
drums:shaker: shaker, maracas
drums:cowbell: cencerro, campana de vaca
drums:percussion: percusión, bongos, bongós, congas, percusiones
drums:kit-acoustic: batería acústica, batería real
drums:laid-back: relajada batería
bass:long: 808 largo, bajo largo
bass:bounce: bajo saltarín, 808 corto
bass:glide: 808 deslizante, deslizante, deslizantes, glissando, bajo deslizante, slides, 808 con slides
bass:distorted: 808 distorsionado, distorsión, distorsionado, saturado, bajo distorsionado, 808 saturado
bass:sub: bajo profundo, subgrave, sub, subgraves, 808 profundo
bass:octaves: octavas
bass:bass-guitar: bajo eléctrico
bass:upright-bass: contrabajo
bass:synth-bass: bajo sintetizado, bajo de sintetizador
fx:reverb: reverb, reverberación, reverberancia
fx:tape: cinta, casete, cassette
fx:sidechain: sidechain, bombeo
fx:vinyl: vinilo, crujido, polvoriento, ruido de vinilo, vinilos
fx:chorus: efecto chorus
fx:delay: delay, eco, ecos
fx:muffled: amortiguado, filtrado, bajo el agua, ahogado
fx:bitcrush: videojuego, 8 bits
harmony:sevenths: séptimas, acordes de séptima, jazzero, jazz, jazzístico
harmony:pedal: nota pedal
harmony:phrygian: frigio, árabe, oriental, flamenco
harmony:harmonic-minor: menor armónica, menor armónico
harmony:dorian: dórico
harmony:arpeggio: arpegio, arpegios, arpegiado
harmony:sustained: acordes largos, acordes sostenidos
melody:simple: melodía simple, melodía sencilla
melody:busy-melody: melodía compleja, melodía rápida
melody:call-and-answer: pregunta y respuesta, llamada y respuesta
melody:counter-melody: contramelodía, contracanto
melody:repeating: repetitivo, melodía repetitiva, hipnótico, pegadizo, melodía pegadiza
melody:high: melodía aguda, agudo
melody:low: melodía grave
section:intro: intro, introducción
section:verse: estrofa, verso, versos, estrofas
section:hook: estribillo, coro principal, hook
section:bridge: puente
section:break: pausa
section:outro: outro
part:drums: batería, baterías, percusiones de batería, drums, tambores
part:808: bajo, línea de bajo, bajos
part:chords: acordes, acorde, armonía
part:melody: melodía, melodías, melódico, lead
role:chords: acompañamiento, fondo
detail:kick: bombo, kick
detail:snare: caja, snare, tarola
detail:hats: hi hats, platillos, hi hat, hats
voice: voz, voces, letra, cantante, canto
pace:slow: lento, despacio
pace:fast: rápido
filler: beat, base, pista, ritmo, música, canción, estilo, tipo, sonido, ambiente, rap, quiero, quisiera, haz, hazme,
    dame, necesito, busco, por favor, gracias, bpm, tempo, tono, tonalidad, instrumental, compases, compás, algo, muy,
    más o menos, aproximadamente, alrededor, loop, bucle, vibra, vibras, hola, parecido, bien, bonito, buen, buena,
    pulsaciones, minuto, versión, versiones, tomas, hacer, crear, instrumento, genera, rapear, freestyle, rap latino,
    un poco, bastante, estilo de, samples, muestra, porfa, bro, hermano, tema, nuevo, rapero, trapero
foreign: gaita, charango, ukelele, armónica, clavecín, clarinete, oboe, cumbia, salsa, bachata, rock, techno,
    autotune, cuatro venezolano, corrido, corridos tumbados
"""
