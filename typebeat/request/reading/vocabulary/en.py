"""English words for what the beat model knows: a target, then the phrases that mean it, the usual one first."""

LANGUAGE = "en"
WORDS = """
mood:dark: dark, darker, darkness, moody, sinister, menacing, ominous, night, midnight, nocturnal, night time, gloomy,
    shadowy, shadow, brooding, noir, black, late night, stormy, pitch black, darkly, bleak, murky
mood:sad: sad, sadder, sadness, melancholic, melancholy, melancholia, lonely, loneliness, heartbroken, heartbreak,
    emotional, emo, somber, sombre, tearful, pain, painful, depressed, depressing, depressive, crying, mournful,
    sorrowful, bittersweet, tragic, grief, feeling blue, bluesy, somberness, hurting, hurt, broken heart,
    broken hearted, weeping, regret, longing
mood:dreamy: dreamy, dreamlike, dream, dreams, spacey, spacy, floating, floaty, ethereal, hazy, ambient, atmospheric,
    cosmic, outer space, space, airy, celestial, heavenly, otherworldly, mystical, magical, fairy, fairytale,
    enchanted, spaced out, weightless
mood:psychedelic: psychedelic, trippy, warped, wavy, hallucinating, hallucinogenic, acid, swirling, surreal,
    mind bending, psych, drugged
mood:hard: hard, harder, hard hitting, aggressive, aggression, angry, anger, heavy, heavier, brutal, banger, hardcore,
    violent, savage, raw power, fierce, vicious, slaps hard, hits hard, knocking, intense, confident, cocky, swagger,
    hard knocking, mosh, mosh pit, ruthless
mood:warm: warm, warmer, mellow, soft, softer, cozy, cosy, smooth, gentle, tender, sunset vibes, golden hour, velvety,
    buttery, lush
mood:bright: bright, brighter, glossy, shiny, uplifting, happy, happier, summer, summery, sunny, sunshine, hopeful,
    joyful, joyous, cheerful, feel good, feelgood, positive, optimistic, inspirational, inspiring, motivational,
    tropical, beachy, beach, sparkling, sparkly, carefree, good vibes
mood:eerie: eerie, haunting, creepy, horror, ghostly, spooky, scary, haunted, evil, mysterious, mystery, unsettling,
    demonic, satanic, halloween, occult
mood:epic: epic, huge, massive, anthemic, anthem, grand, majestic, triumphant, heroic, victorious, powerful,
    monumental
mood:romantic: romantic, romance, love, lovely, love song, sexy, sensual, seductive, intimate, passionate, sultry,
    loving
mood:cold: cold, colder, icy, ice cold, frozen, frosty, chilly, wintry, winter, freezing, futuristic, sci fi, robotic,
    cyberpunk, metallic, industrial, space age, icy cold
mood:playful: playful, funny, quirky, goofy, silly, fun, cartoonish, whimsical, cheeky, childlike
mood:soulful: soulful, soul, gospel, soul sample
mood:tense: tense, tension, suspense, suspenseful, anxious, nervous, paranoid, anxiety, urgent, thriller
mood:nostalgic: nostalgic, nostalgia, retro, throwback, vintage, wistful, reminiscent, memories, childhood, 80s, 90s,
    70s, 2000s, y2k, oldies, sunset, old times, old days
mood:calm: calm, calmer, calming, chill, chilled, chilled out, chillout, relaxed, relaxing, peaceful, quiet, serene,
    soothing, laid back vibe, meditative, mellowed out, easygoing, tranquil, chillin, rainy, sleepy, sleep, zen,
    chilled vibes, lazy sunday, cool down
mood:energetic: energetic, energy, high energy, hype, hyped, hyper energetic, lively, upbeat, turnt, turn up, lit,
    party, powerful energy, exciting, driving
mood:cinematic: cinematic, film score, movie, movie score, soundtrack, filmic, score, dramatic, trailer
mood:gritty: gritty, grimy, dirty, grungy, raw, street, rough, grit, gutter, filthy, hood, gangster, gangsta, ghetto,
    underground, thug, griselda, grindhouse, muddy
mood:luxurious: luxurious, luxury, expensive, rich, lavish, opulent, classy, elegant, designer, mafioso, champagne
sound:piano: piano, pianos, grand piano, piano loop, piano riff, keyboard
sound:felt-piano: felt piano, upright piano, muted piano, intimate piano, felted piano
sound:electric-piano: electric piano, rhodes, e piano, epiano, wurlitzer, wurli, keys, fender rhodes, electric keys,
    rhode, dx7, rhodes piano, wurlitzer piano, rhodes keys
sound:organ: organ, organs, hammond, church organ, hammond organ, pipe organ
sound:clavinet: clavinet, clav
sound:nylon-guitar: guitar, nylon guitar, acoustic guitar, spanish guitar, classical guitar, flamenco guitar,
    guitar loop, fingerpicked guitar, latin guitar, plucked guitar, acoustic
sound:electric-guitar: electric guitar, clean guitar, clean electric guitar, guitar riff, e guitar, jazz guitar,
    indie guitar
sound:muted-guitar: muted guitar, palm muted guitar, palm muted, palm mute, palm mutes
sound:distorted-guitar: distorted guitar, rock guitar, metal guitar, heavy guitar, overdriven guitar,
    guitar distortion, fuzz guitar, punk guitar
sound:harp: harp, concert harp
sound:kalimba: kalimba, thumb piano, mbira
sound:koto: koto
sound:sitar: sitar
sound:music-box: music box, musicbox, toy box
sound:celesta: celesta, celeste
sound:bells: bells, bell, chimes, church bells, tubular bells, glockenspiel, bell melody, chime, bell synth, bellz
sound:marimba: marimba, xylophone
sound:vibraphone: vibraphone, vibes and bells
sound:strings: strings, string section, orchestra, orchestral, string ensemble, symphony, symphonic, violas, viola,
    string, orchestral strings, synth strings
sound:pizzicato: pizzicato, pizzicato strings, plucked strings, pizz
sound:violin: violin, fiddle, violin solo
sound:cello: cello, celli
sound:brass: brass, horns, horn, horn section, brass section, trombone, tuba, french horn, brass hits, synth brass,
    brass synth
sound:trumpet: trumpet, muted trumpet
sound:saxophone: saxophone, sax, alto sax, tenor sax, saxaphone
sound:flute: flute, flutes, bamboo flute
sound:pan-flute: pan flute, panflute, panpipes, pan pipes, pan pipe
sound:whistle: whistle, whistling, whistles, whistled
sound:choir: choir, choirs, voices, chant, chants, chanting, choral, gospel choir, choir pad, vocal pad, monks,
    synth choir, choir synth
sound:ooh: ooh, oohs, aah, aahs, oohs and aahs, ooh vocals, vocal oohs
sound:vocal-chop: vocal chop, vocal chops, chopped vocals, chopped vocal, vocal sample, vocal samples, vox,
    vocal cuts, pitched vocals
sound:hum: hum, humming, hummed melody, humming lead, vocal hum, hums, hummed
sound:accordion: accordion, concertina
sound:saw: synth, synth lead, saw, saw lead, supersaw, synthesizer, saw synth, moog, sawtooth, analog synth,
    lead synth, trance lead, trance synth
sound:square: square, square lead, square wave, chiptune lead, 8 bit lead, square synth, pulse lead, video game synth
sound:pluck: pluck, plucks, plucky, plucked synth, synth pluck, plucky synth
sound:pad: pad, pads, synth pad, wide pad, drone, drones, warm pad, ambient pad, soundscape, pad texture,
    synth texture, ambient texture, ambient textures
sound:glide-lead: glide lead, gliding lead, gliding synth lead, portamento lead, g funk lead, whiny synth,
    g funk whistle, gliding synth, worm lead, funky worm, portamento, sliding lead, whine synth, moog lead
groove:trap: trap, trap beat, trap drums, atlanta trap
groove:half-time: half time, halftime, half time drums, halftime drums
groove:drill: drill, uk drill, ny drill, chicago drill, brooklyn drill, new york drill, bronx drill, drill drums
groove:boom-bap: boom bap, boombap, old school, oldschool, golden era, golden age, east coast, 90s hip hop, 90s rap
groove:lo-fi: lo fi, lofi, low fi, lo fi hip hop, study beats, chillhop, chill hop
groove:jersey-club: jersey club, jersey, jersey drill, jerz
groove:phonk: phonk, drift phonk, memphis phonk, memphis, memphis rap
groove:plugg: plugg, pluggnb, plug beat, plugg n b
groove:rage: rage, rage beat, opium, rager
groove:west-coast: west coast, westcoast, g funk, gfunk, la hip hop, bay area, hyphy, west coast bounce, california
groove:detroit: detroit, flint, michigan, detroit type
groove:afro: afro, afrobeat, afrobeats, afro beat, afro beats, afro trap, afroswing, afropop, amapiano, afro fusion
groove:dancehall: dancehall, reggaeton, dembow, dance hall, moombahton
groove:rnb: r&b, rnb, r n b, neo soul, trapsoul, trap soul, r'n'b, slow jam, alternative r&b
groove:cloud: cloud, cloud rap, cloudy, cloudrap
groove:crunk: crunk, dirty south, southern bounce
drums:rolls: hi hat rolls, hat rolls, rolls, rolling hats, rolling hi hats, fast hats, fast hi hats, stutter hats,
    drum rolls, snare rolls, hihat rolls, hi hat roll, fast rolls, roll, skittering hats, rapid hats
drums:triplets: triplets, triplet, triplet hats, triplet flow, triplet rolls, triplet hi hats, triplet hi hat,
    triplet hi hat pattern, triplet pattern, triplet hat, triplett, tripletts
drums:swing: swing, swung, shuffle, swinging, swinging drums, dilla, dilla swing, swing feel, shuffled, groovy
drums:sparse: sparse, minimal, minimalist, minimalistic, stripped, stripped back, stripped down, simple drums, empty,
    bare, simple beat, less drums, few drums, minimal drums, fewer drums, sparse drums, simple
drums:busy: busy, dense, busy drums, bouncy, bounce, bouncing, complex drums, more drums, complex, intricate
drums:open-hats: open hats, open hat, open hi hats, open hi hat, open hihats, open hihat
drums:clap: clap, claps, handclap, handclaps, hand claps, hand clap, clapping
drums:snap: snap, snaps, finger snap, finger snaps, snapping
drums:rim: rim, rimshot, rimshots, rim shots, rim shot, rims, side stick, sidestick, rim click
drums:ghost-notes: ghost notes, ghost note, ghost snares, ghost snare
drums:fills: fills, drum fill, drum fills, fill
drums:shaker: shaker, shakers, maracas, maraca
drums:cowbell: cowbell, cowbells, cow bell, cow bells
drums:percussion: percussion, percussive, bongos, bongo, congas, conga, perc, percs, tribal drums, hand drums, djembe,
    tabla
drums:kit-808: 808 kit, 808 drums, 808 drum kit, tr 808, 808 drum machine
drums:kit-909: 909, 909 kit, tr 909, 909 drums, house drums
drums:kit-acoustic: acoustic drums, live drums, real drums, acoustic kit, drummer, acoustic drum kit, breakbeat,
    break beat, sampled drums, live kit, real drum kit
drums:laid-back: laid back, laidback, laid back drums, lazy, behind the beat, lazy drums, off grid, drunk drums,
    dragging
bass:long: long 808, slow 808, sustained 808, booming 808, boomy 808, long 808s, sustained bass, long bass,
    booming 808s, slow 808s, heavy 808, heavy 808s, big 808, big 808s, huge 808
bass:bounce: bouncing bass, bouncy bass, plucky bass, short 808, punchy 808, bouncing 808, bouncy 808, bouncy 808s,
    punchy 808s, bass bounce, short bass, punchy bass, short 808s
bass:glide: 808 glides, glides, sliding 808, sliding 808s, gliding 808, gliding 808s, 808 slides, 808 slide, slides,
    bass slides, gliding bass, sliding bass, 808 glide, glide, slide, bass glide
bass:distorted: distorted 808, distorted 808s, distorted, distortion, distorted bass, gritty 808, saturated 808,
    dirty 808, overdriven, overdriven 808, clipped 808, saturated, crunchy 808, fuzzy bass, hard 808, saturation,
    dirty bass, heavy distorted 808s, spinz 808
bass:sub: sub, sub bass, deep sub, round sub, clean sub, deep bass, deep 808, clean 808, subs, subby, sine bass,
    deep 808s, sub 808, deep low end
bass:octaves: octaves, octave bass, bass octaves, octave jumps
bass:bass-guitar: bass guitar, electric bass, slap bass, fretless bass, picked bass, live bass
bass:upright-bass: upright bass, double bass, contrabass, acoustic bass, standup bass
bass:synth-bass: synth bass, moog bass, analog bass, reese, reese bass, synth bassline
fx:reverb: reverb, reverbs, cavernous, spacious, cathedral, reverberant, reverbed, big room, reverby, wet, hall,
    echoey, washed out
fx:tape: tape, cassette, tape warped, detuned, wobbly, wobble, tape saturation, tape hiss, tape wobble,
    wow and flutter
fx:sidechain: sidechain, side chain, sidechained, side chained, pumping, ducking, sidechain compression
fx:vinyl: vinyl, vinyl crackle, dusty, crackle, vinyl noise, crackles, record crackle, dusty vinyl,
    dusty vinyl crackle, record noise, dust, vinyl texture, vinyl static
fx:chorus: chorus effect, chorused, chorus pedal, flanger, detuned chorus, chorusy
fx:delay: delay, delays, echo, echoes, ping pong delay, tape delay, delayed, slapback
fx:muffled: muffled, low pass, lowpass, filtered, underwater, low passed, low pass filter, from another room
fx:bitcrush: bitcrush, bitcrushed, bitcrusher, bit crushed, 8 bit, chiptune, crushed, downsampled, video game, sp 404,
    sp404
harmony:sevenths: sevenths, seventh chords, jazzy, jazz chords, 7th chords, jazz, maj7, min7, extended chords, ninths,
    7ths, jazzy chords, lush chords, seventh, rich chords, complex chords
harmony:pedal: pedal point, pedal tone, pedal note, drone note, static harmony
harmony:phrygian: phrygian, phrygian mode, spanish scale, arabic, middle eastern, oriental
harmony:harmonic-minor: harmonic minor, harmonic minor scale
harmony:dorian: dorian, dorian mode
harmony:stabs: stabs, chord stabs, stab, chord stab, chord hits
harmony:arpeggio: arpeggio, arpeggios, arp, arps, arpeggiated, arpeggiator, arpeggiated chords, broken chords
harmony:sustained: sustained, sustained chords, long chords, held chords, whole note chords
melody:simple: simple melody, simple lead, easy melody, minimal melody, basic melody, simple melodies, simple riff
melody:busy-melody: busy melody, complex melody, fast melody, intricate melody, virtuosic, busy lead
melody:call-and-answer: call and answer, call and response, question and answer, call response
melody:counter-melody: counter melody, countermelody, counter melodies, countermelodies, second melody
melody:repeating: repeating, repeats, repetitive, looping melody, ostinato, repeating melody, hypnotic,
    repetitive melody, catchy melody, earworm, hypnotic loop
melody:high: high melody, high pitched, high lead, high notes, high register
melody:low: low melody, low pitched, low lead, low notes, low register
section:intro: intro, introduction
section:verse: verse, verses
section:hook: hook, chorus, refrain, hooks
section:bridge: bridge, middle eight, middle 8
section:break: break, breakdown, break down
section:outro: outro, ending
part:drums: drums, drum, drum beat, drum loop, drum pattern, drumming, beat drums, drum part, drum track, the drums,
    drumz
part:808bass: 808, 808s, 808 bass, eight oh eight, 808z
part:808: bass, bassline, bass line, basses, bass part, low end
part:chords: chords, chord, chord progression, harmony, harmonies, chord part, progression, comping
part:melody: melody, melodies, melodic, lead, leads, topline, top line, lead melody, tune, solo, riff, melody line,
    main melody, lead line
role:chords: backing, background, accompaniment
detail:kick: kick, kicks, kick drum, bass drum, kick drums
detail:snare: snare, snares, snare drum
detail:hats: hi hats, hi hat, hats, hat, hihat, hihats, high hat, high hats, cymbal, cymbals, crash, ride
voice: vocals, vocal, singing, singer, voice, lyrics, rapping, rap vocals, acapella vocals, singers
alone: a cappella, acapella, acappella, a capella
out:drums: drumless, beatless, no beat, drum less, drum free, unaccompanied by drums
out:808: bassless
pace:slow: slow, slower, slowly, downtempo, slow tempo, slowed, slow paced
pace:fast: fast, faster, uptempo, up tempo, quick, fast tempo, high tempo, fast paced, speedy, double time, doubletime
filler: beat, groove, plucked, beats, type beat, type beats, loop, loops, song, songs, track, tracks, music, rap,
    hip hop, hiphop, rapper, instrumental, instrumentals, style, styles, type, vibe, vibes, vibey, feel, feels,
    feeling, feelings, mood, sound, sounds, sounding, sample, samples, bpm, key, scale, tempo, tune in, rhythm,
    pattern, version, mix, catchy, make, create, produce, generate, give, want, need, looking, play, playing, played,
    drop, kind, bit, like, type of, please, pls, plz, thanks, thank you, thx, hey, hello, hi, yo, something, anything,
    some, effect, effects, fx, instrument, instruments, part, parts, layer, layers, line, note, notes, add, use,
    using, include, including, put, keep, maybe, really, very, super, ultra, kinda, sorta, somewhat, slightly, nice,
    good, great, cool, dope, fire, sick, best, new, big, little, bars, mode, minute, per, second, start, starts, end,
    ends, wav, mp3, flac, mid, midi, prod, produced, rhythmic, musical, possible, inspired, influenced, influence,
    reminds, similar, combined, mixed, together, set, long, around, about, approximately, roughly, ish, time,
    time signature, riddim, tonality, kit, drum kit, top, high quality, professional, quality, typebeat,
    background music, club, freestyle, mixtape, ep, album, project, rapping over, rap over, hiphop beat, sounds like,
    sounding like, crisp, punchy, tight, snappy, clean, classic, loud, strong, steady, atmosphere, texture, textures,
    elements, free, for profit, profit, prod by, transform, used, production, modern, throughout, perfect,
    perfect for, idk, surprise, called, heard, listen, fat, phat, thick, subtle, light, hits, hits different, hit me,
    would love, i'd love, love to, love some, slide on, rolls royce, roll up, space for, clap back, break my, broke my,
    break up, swing by, without delay, strings attached, no strings attached, taco bell, fill the room, cloud 9,
    jersey number, core memory, vice versa, for sale, not for sale, from hell, hell yeah
foreign: four on the floor, 4 on the floor, four to the floor, reggae, house, techno, grime, uk garage, garage,
    synthwave, vaporwave, hyperpop, future bass, dubstep, drum and bass, dnb, drum n bass, jungle, trance, edm,
    electro, electronic, rock, metal, punk, pop, country, folk, blues, funk, funky, disco, latin, salsa, bachata,
    cumbia, bossa nova, classical, indie, ska, breakcore, hardstyle, miami bass, baile funk, brazilian funk, k pop,
    kpop, j pop, jpop, bollywood, indian, japanese, chinese, asian, african, celtic, medieval, flamenco, ukulele,
    banjo, mandolin, bagpipes, bagpipe, steel drums, steel drum, steelpan, harmonica, theremin, didgeridoo, oboe,
    clarinet, bassoon, piccolo, recorder, harpsichord, erhu, guzheng, shamisen, shakuhachi, oud, duduk, ney, zither,
    dulcimer, autoharp, lute, talkbox, talk box, vocoder, autotune, auto tune, beatbox, turntable, scratches,
    scratching, scratch, dj scratches, timpani, taiko, gong, triangle, tambourine, siren, sirens, gunshots, gunshot,
    rain sounds, bird sounds, ebm, future beats, two step, 2 step
"""
