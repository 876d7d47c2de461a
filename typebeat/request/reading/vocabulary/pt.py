"""Portuguese words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "pt"
WORDS = """
mood:dark: sombrio, escuro, noite, meia noite, sinistro, tenebroso, obscuro, ameaçador, noturno, negro
mood:sad: triste, melancólico, melancolia, tristeza, solitário, dor, emotivo, emocional, saudade, depressivo,
    lágrimas, sofrência
mood:dreamy: sonhador, onírico, etéreo, flutuante, espacial, sonho, atmosférico, cósmico, sonhadora
mood:psychedelic: psicodélico, alucinante, surreal
mood:hard: pesado, agressivo, violento, duro, brutal, forte, raivoso, furioso
mood:warm: quente, suave, aconchegante, macio, doce, terno
mood:bright: alegre, feliz, brilhante, verão, ensolarado, positivo, luminoso, esperançoso
mood:eerie: misterioso, assustador, assombrado, terror, macabro, fantasmagórico, diabólico, arrepiante
mood:epic: épico, grandioso, majestoso, poderoso, heroico, triunfante
mood:romantic: romântico, amor, sensual, apaixonado, sexy
mood:cold: frio, gelado, gélido, inverno
mood:playful: brincalhão, divertido, engraçado
mood:soulful: com alma, soul
mood:tense: tenso, tensão, suspense, nervoso
mood:nostalgic: nostálgico, nostalgia, retrô, retro, lembranças, infância, anos 90, anos 80
mood:calm: calmo, tranquilo, relaxado, relaxante, sereno, calma, chuva, chuvoso, dormir
mood:energetic: energético, energia, animado, festa, agitado
mood:cinematic: cinematográfico, de filme, dramático, cinemático, filme
mood:gritty: sujo, cru, áspero, rua
mood:luxurious: luxuoso, luxo, elegante, caro
sound:piano: piano, pianos
sound:felt-piano: piano de feltro, piano abafado
sound:electric-piano: piano elétrico, rhodes, teclado, teclados
sound:organ: órgão, órgão de igreja
sound:clavinet: clavinet
sound:nylon-guitar: violão, violões, violão de nylon, guitarra acústica, violão acústico, viola
sound:electric-guitar: guitarra, guitarra elétrica
sound:muted-guitar: guitarra abafada
sound:distorted-guitar: guitarra distorcida
sound:harp: harpa
sound:kalimba: kalimba
sound:koto: koto
sound:sitar: sitar
sound:music-box: caixinha de música, caixa de música
sound:celesta: celesta
sound:bells: sinos, sino, sininhos
sound:marimba: marimba, xilofone
sound:vibraphone: vibrafone
sound:strings: cordas, orquestra, orquestral
sound:pizzicato: pizzicato
sound:violin: violino, violinos
sound:cello: violoncelo
sound:brass: metais, trombone, sopros
sound:trumpet: trompete, trompetes
sound:saxophone: saxofone, sax
sound:flute: flauta
sound:pan-flute: flauta de pã, flauta pã
sound:whistle: assobio, assovio, assobios
sound:choir: coro, coral, coros
sound:vocal-chop: vocais picotados, vozes picotadas, vocal picotado
sound:hum: cantarolar, cantarolando
sound:accordion: acordeão, sanfona, acordeon
sound:saw: sintetizador, synth, sintetizadores
sound:square: onda quadrada
sound:pluck: pluck, plucks
sound:pad: pads, pad, colchão, camas
groove:trap: trap
groove:drill: drill
groove:boom-bap: boom bap, velha escola
groove:lo-fi: lofi, lo fi
groove:phonk: phonk, phonk brasileiro
drums:rolls: rolls, rufos, hi hats rápidos, hats rápidos
drums:triplets: tercinas, tercina, quiálteras
drums:swing: swing, suingue
drums:sparse: minimalista, simples, esparso
drums:busy: denso, cheio, complexo
drums:open-hats: chimbal aberto, hi hats abertos, hats abertos
drums:clap: palmas, claps
drums:snap: estalos, estalos de dedos
drums:rim: rimshot, rimshots
drums:ghost-notes: notas fantasma
drums:fills: viradas, virada
drums:shaker: shaker, chocalho, ganzá
drums:cowbell: cowbell, agogô
drums:percussion: percussão, bongôs, congas, atabaque
drums:kit-acoustic: bateria acústica, bateria real
bass:long: 808 longo, baixo longo
bass:bounce: baixo saltitante, 808 curto
bass:glide: 808 deslizante, deslizante, glissando, slides, 808 com slides
bass:distorted: 808 distorcido, distorção, distorcido, saturado, baixo distorcido
bass:sub: subgrave, grave profundo, sub, baixo profundo
bass:octaves: oitavas
bass:bass-guitar: baixo elétrico
bass:upright-bass: contrabaixo
bass:synth-bass: baixo sintetizado, baixo synth
fx:reverb: reverb, reverberação
fx:tape: fita, cassete, fita cassete
fx:sidechain: sidechain
fx:vinyl: vinil, chiado, chiado de vinil, empoeirado
fx:chorus: efeito chorus
fx:delay: delay, eco, ecos
fx:muffled: abafado, filtrado
fx:bitcrush: videogame, 8 bits
harmony:sevenths: sétimas, acordes com sétima, jazzístico, jazz, bossa
harmony:pedal: nota pedal
harmony:phrygian: frígio, árabe, oriental
harmony:harmonic-minor: menor harmônica, menor harmônico
harmony:dorian: dórico
harmony:arpeggio: arpejo, arpejos, arpejado
harmony:sustained: acordes longos, acordes sustentados
melody:simple: melodia simples
melody:busy-melody: melodia complexa, melodia rápida
melody:call-and-answer: pergunta e resposta
melody:counter-melody: contramelodia, contracanto
melody:repeating: repetitivo, melodia repetitiva, hipnótico, melodia chiclete
melody:high: melodia aguda, agudo
melody:low: melodia grave
section:intro: intro, introdução
section:verse: verso, estrofe, versos
section:hook: refrão, hook
section:bridge: ponte
section:break: pausa
section:outro: outro
part:drums: bateria, baterias, drums, tambores
part:808: baixo, baixos, linha de baixo, grave, graves
part:chords: acordes, acorde, harmonia
part:melody: melodia, melodias, melódico, lead
role:chords: acompanhamento, fundo
detail:kick: bumbo, kick
detail:snare: caixa, snare
detail:hats: chimbal, hi hats, hi hat, hats
voice: voz, vozes, vocais, vocal, letra, canto
pace:slow: lento, devagar
pace:fast: rápido
filler: beat, base, música, som, estilo, tipo, clima, vibe, batida, batidas, ritmo, rap, quero, queria, faz, faça,
    preciso, por favor, obrigado, valeu, bpm, tempo, tom, tonalidade, instrumental, compassos, compasso, algo, muito,
    mais ou menos, loop, pista, faixa, oi, parecido, bem, bom, boa, minuto, versão, versões, instrumento, cerca,
    aproximadamente, criar, cria, gera, rimar, freestyle, um pouco, bastante, estilo de, samples, rap nacional, mano,
    cara, pfv, pra mim, novo
foreign: berimbau, cavaquinho, ukulele, gaita, cravo, clarinete, oboé, samba, pagode, sertanejo, funk, funk carioca,
    rock, forró, cuíca, pandeiro, autotune
"""
