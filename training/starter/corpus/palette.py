"""What goes with what: grooves, moods, instruments, scales and traits of each style and mood, as weights.

A weight of `COMMON` is for how often an instrument leads where nothing speaks for or against it. The numbers are set so
that over all beats each instrument leads at least 1.5 % of them, although some suit few moods and grooves.
"""

STYLE_GROOVES = {
    "travis-scott": {"trap": 8, "half-time": 5, "rage": 2, "cloud": 1.5, "drill": 1, "phonk": 0.7, "crunk": 0.5},
    "kid-cudi": {"boom-bap": 6, "lo-fi": 4, "rnb": 1.5, "cloud": 0.8, "half-time": 0.8, "west-coast": 0.8},
    "don-toliver": {
        **{"trap": 5, "rnb": 2.5, "half-time": 2, "plugg": 1.2, "afro": 1, "dancehall": 0.8, "jersey-club": 1},
        "west-coast": 0.5,
    },
}
# in beats of no artist's style: those that the styles have seldom come more often
FREE_GROOVES = {
    **{"trap": 1.5, "half-time": 1, "drill": 4, "boom-bap": 2, "lo-fi": 2, "jersey-club": 3, "phonk": 3, "plugg": 2.4},
    **{"rage": 2.4, "west-coast": 3, "detroit": 4, "afro": 2.8, "dancehall": 3, "rnb": 2, "cloud": 2.4, "crunk": 3.4},
}
STYLE_MOODS = {
    "travis-scott": {"dark": 6, "eerie": 4, "psychedelic": 4, "hard": 3, "sad": 2, "epic": 2, "cold": 2, "tense": 2}
    | {"cinematic": 1.5, "gritty": 1, "energetic": 1, "dreamy": 0.7},
    "kid-cudi": {"dreamy": 5, "sad": 4, "warm": 4, "psychedelic": 3, "dark": 1.5, "nostalgic": 3, "calm": 2}
    | {"soulful": 2, "cinematic": 0.7, "cold": 0.7, "playful": 0.7, "romantic": 0.5},
    "don-toliver": {"bright": 4, "dreamy": 3, "warm": 3, "sad": 2, "hard": 1.5, "luxurious": 3, "romantic": 3}
    | {"soulful": 2, "energetic": 1.5, "psychedelic": 1, "playful": 1, "calm": 1},
}
GROOVE_MOODS = {
    "trap": ("dark", "hard", "eerie", "epic", "luxurious", "tense"),
    "half-time": ("dark", "cinematic", "epic", "dreamy", "cold", "sad"),
    "drill": ("dark", "cold", "tense", "sad", "eerie", "hard"),
    "boom-bap": ("soulful", "gritty", "nostalgic", "warm", "playful", "dark"),
    "lo-fi": ("calm", "nostalgic", "warm", "sad", "dreamy", "soulful"),
    "jersey-club": ("energetic", "bright", "playful", "dreamy", "romantic"),
    "phonk": ("gritty", "dark", "eerie", "hard", "cold"),
    "plugg": ("dreamy", "bright", "playful", "luxurious", "calm"),
    "rage": ("energetic", "hard", "psychedelic", "epic", "bright"),
    "west-coast": ("playful", "warm", "luxurious", "gritty", "nostalgic"),
    "detroit": ("tense", "gritty", "dark", "cold", "playful"),
    "afro": ("warm", "bright", "romantic", "energetic", "soulful"),
    "dancehall": ("bright", "playful", "energetic", "warm", "dark"),
    "rnb": ("romantic", "soulful", "warm", "luxurious", "sad", "calm"),
    "cloud": ("dreamy", "cold", "calm", "psychedelic", "sad"),
    "crunk": ("hard", "energetic", "epic", "gritty", "dark"),
}
OPPOSITES = (
    *({"dark", "bright"}, {"calm", "energetic"}, {"calm", "hard"}, {"warm", "cold"}, {"sad", "playful"}),
    *({"eerie", "bright"}, {"hard", "romantic"}, {"calm", "tense"}, {"eerie", "romantic"}, {"sad", "energetic"}),
    *({"gritty", "luxurious"}, {"warm", "eerie"}, {"cold", "soulful"}, {"bright", "sad"}, {"dark", "playful"}),
)

COMMON = {
    **{"piano": 0.8, "felt-piano": 1.02, "electric-piano": 0.72, "organ": 0.91, "clavinet": 1.14},
    **{"nylon-guitar": 0.82, "electric-guitar": 0.71, "muted-guitar": 1.01, "distorted-guitar": 1.23, "harp": 0.91},
    **{"kalimba": 0.92, "koto": 1.12, "sitar": 1.51, "music-box": 1.25, "celesta": 1.15, "bells": 0.73},
    **{"marimba": 1.25, "vibraphone": 0.91, "strings": 0.66, "pizzicato": 1.25, "violin": 1.17, "cello": 1.02},
    **{"brass": 1.07, "trumpet": 1.35, "saxophone": 0.91, "flute": 0.91, "pan-flute": 1.27, "whistle": 1.1},
    **{"choir": 0.83, "ooh": 0.91, "vocal-chop": 0.91, "hum": 0.95, "accordion": 1.44, "saw": 0.83, "square": 0.89},
    **{"pluck": 0.91, "pad": 0.91, "glide-lead": 0.91},
}
CHORD_COMMON = {
    **{"piano": 8, "felt-piano": 5, "electric-piano": 9, "organ": 4, "clavinet": 2, "nylon-guitar": 4.5},
    **{"electric-guitar": 4.5, "muted-guitar": 2.5, "distorted-guitar": 2, "harp": 2.5, "kalimba": 1.2, "koto": 1.2},
    **{"sitar": 0.9, "music-box": 1.4, "celesta": 1.4, "bells": 1.4, "marimba": 1.4, "vibraphone": 2, "strings": 6},
    **{"pizzicato": 2, "violin": 0.9, "cello": 1.1, "brass": 2.2, "trumpet": 0.7, "saxophone": 0.8, "flute": 0.9},
    **{"pan-flute": 0.7, "whistle": 0.7, "choir": 4, "ooh": 2, "vocal-chop": 1.4, "hum": 1.2, "accordion": 1.2},
    **{"saw": 4, "square": 2, "pluck": 5, "pad": 10, "glide-lead": 0.8},
}
MOOD_INSTRUMENTS = {
    "dark": "piano strings choir cello bells organ koto saw pad distorted-guitar",
    "sad": "piano felt-piano nylon-guitar electric-guitar violin cello strings hum music-box",
    "dreamy": "pad harp celesta electric-piano ooh flute bells kalimba hum vibraphone electric-guitar",
    "psychedelic": "sitar glide-lead organ electric-guitar pan-flute square pad vocal-chop",
    "hard": "brass saw distorted-guitar strings square choir bells trumpet",
    "warm": "electric-piano nylon-guitar felt-piano saxophone vibraphone hum muted-guitar organ ooh",
    "bright": "pluck marimba kalimba whistle muted-guitar bells flute square piano",
    "eerie": "music-box celesta bells choir whistle violin pizzicato organ harp",
    "epic": "strings brass choir trumpet organ saw piano cello distorted-guitar",
    "romantic": "nylon-guitar saxophone electric-piano harp violin ooh piano strings accordion",
    "cold": "bells square pad piano celesta saw glide-lead choir koto",
    "playful": "pizzicato marimba whistle clavinet muted-guitar accordion kalimba square vocal-chop flute",
    "soulful": "organ electric-piano saxophone trumpet vocal-chop electric-guitar clavinet ooh hum",
    "tense": "strings pizzicato piano cello violin square clavinet brass",
    "nostalgic": "vibraphone music-box felt-piano accordion nylon-guitar trumpet saxophone flute whistle",
    "calm": "felt-piano harp kalimba pan-flute nylon-guitar pad flute vibraphone marimba",
    "energetic": "saw square brass pluck vocal-chop clavinet marimba distorted-guitar glide-lead",
    "cinematic": "strings cello choir violin harp brass piano pad pan-flute",
    "gritty": "distorted-guitar organ brass clavinet trumpet saw electric-guitar glide-lead sitar",
    "luxurious": "harp strings electric-piano pluck saxophone flute vibraphone nylon-guitar koto",
}
GROOVE_INSTRUMENTS = {
    "trap": "bells flute piano pluck koto choir strings brass nylon-guitar",
    "half-time": "pad choir electric-guitar strings piano cello hum",
    "drill": "piano strings choir violin cello koto pizzicato flute",
    "boom-bap": "piano vibraphone trumpet saxophone electric-piano strings vocal-chop flute organ muted-guitar",
    "lo-fi": "electric-piano felt-piano nylon-guitar vibraphone music-box electric-guitar saxophone",
    "jersey-club": "vocal-chop pluck saw square bells ooh",
    "phonk": "vocal-chop square bells choir saw sitar",
    "plugg": "celesta pluck electric-piano square bells pad kalimba",
    "rage": "saw square glide-lead pluck distorted-guitar",
    "west-coast": "glide-lead clavinet electric-piano muted-guitar square organ whistle",
    "detroit": "piano pizzicato square strings bells clavinet",
    "afro": "marimba kalimba muted-guitar nylon-guitar pan-flute saxophone flute",
    "dancehall": "marimba brass pluck whistle muted-guitar accordion organ kalimba",
    "rnb": "electric-piano electric-guitar nylon-guitar ooh saxophone pad harp",
    "cloud": "pad ooh choir glide-lead harp pan-flute hum",
    "crunk": "brass saw square strings choir clavinet",
}
STYLE_INSTRUMENTS = {
    "travis-scott": "bells choir strings saw glide-lead flute electric-guitar pad celesta organ",
    "kid-cudi": "hum electric-piano piano strings ooh saw square felt-piano vibraphone electric-guitar",
    "don-toliver": "pluck bells electric-piano nylon-guitar electric-guitar harp glide-lead vocal-chop kalimba",
}
STYLE_CHORD_SOUNDS = {
    "travis-scott": "pad choir strings saw organ",
    "kid-cudi": "electric-piano pad strings piano organ felt-piano",
    "don-toliver": "pluck electric-piano pad electric-guitar nylon-guitar",
}

SCALES = {
    **{"minor": 10, "harmonic-minor": 2.6, "phrygian": 2.6, "dorian": 2.4, "major": 1.35, "mixolydian": 0.42},
    "lydian": 0.33,
}
MOOD_SCALES = {  # what a mood multiplies
    "dark": {"phrygian": 2, "harmonic-minor": 1.6, "major": 0.1, "lydian": 0.2, "mixolydian": 0.3},
    "eerie": {"phrygian": 2.2, "harmonic-minor": 2.2, "major": 0.1, "mixolydian": 0.2},
    "tense": {"phrygian": 2.2, "harmonic-minor": 2.2, "major": 0.1, "mixolydian": 0.3, "lydian": 0.3},
    "hard": {"phrygian": 2, "major": 0.3, "lydian": 0.3},
    "cold": {"phrygian": 1.4, "dorian": 1.2, "major": 0.3},
    "sad": {"major": 0.4, "phrygian": 0.7},
    "bright": {"major": 4, "mixolydian": 3, "lydian": 3, "dorian": 1.4, "phrygian": 0.3},
    "playful": {"major": 3, "mixolydian": 3.5, "dorian": 1.5, "lydian": 2},
    "warm": {"major": 2.5, "mixolydian": 2, "dorian": 1.8, "phrygian": 0.2, "harmonic-minor": 0.5},
    "soulful": {"dorian": 2.5, "mixolydian": 3, "major": 1.8, "phrygian": 0.2},
    "romantic": {"major": 2.2, "harmonic-minor": 1.2, "phrygian": 0.4},
    "nostalgic": {"major": 2.4, "dorian": 1.3, "mixolydian": 1.5},
    "calm": {"major": 2.4, "lydian": 2.5, "dorian": 1.5, "phrygian": 0.3},
    "dreamy": {"major": 1.6, "lydian": 4, "dorian": 1.5},
    "psychedelic": {"phrygian": 1.6, "dorian": 2, "mixolydian": 2.5, "lydian": 2},
    "luxurious": {"major": 1.6, "dorian": 1.5},
}
STYLE_SCALES = {"travis-scott": {"phrygian": 1.4, "major": 0.4}, "kid-cudi": {"dorian": 1.5, "phrygian": 0.4}}
SEVENTHS = {"boom-bap": 0.5, "lo-fi": 0.8, "rnb": 0.75, "plugg": 0.65, "cloud": 0.4, "west-coast": 0.4, "afro": 0.4}
EFFECT_CHANCES = {
    "travis-scott": {"reverb": 0.65, "tape": 0.12, "sidechain": 0.25, "delay": 0.2, "chorus": 0.08, "bitcrush": 0.04},
    "kid-cudi": {"reverb": 0.4, "tape": 0.5, "vinyl": 0.25, "chorus": 0.2, "delay": 0.12, "muffled": 0.12},
    "don-toliver": {"reverb": 0.3, "sidechain": 0.4, "chorus": 0.2, "delay": 0.2, "tape": 0.05},
    "": {"reverb": 0.25, "tape": 0.12, "sidechain": 0.15, "vinyl": 0.1, "chorus": 0.12, "delay": 0.15, "muffled": 0.1}
    | {"bitcrush": 0.07},
}
GROOVE_EFFECTS = {
    "lo-fi": {"tape": 0.35, "vinyl": 0.5, "muffled": 0.3, "sidechain": -0.1},
    "boom-bap": {"vinyl": 0.3, "tape": 0.1},
    "phonk": {"tape": 0.3, "bitcrush": 0.25, "vinyl": 0.1},
    "rage": {"bitcrush": 0.15, "sidechain": 0.2},
    "cloud": {"reverb": 0.4, "delay": 0.2, "muffled": 0.1},
    "plugg": {"chorus": 0.15, "reverb": 0.1},
    "jersey-club": {"sidechain": 0.3},
}
MOOD_EFFECTS = {
    "dreamy": {"reverb": 0.2, "chorus": 0.1, "delay": 0.1},
    "psychedelic": {"delay": 0.2, "chorus": 0.2},
    "nostalgic": {"tape": 0.15, "vinyl": 0.15},
    "gritty": {"bitcrush": 0.15},
    "calm": {"muffled": 0.1},
    "cold": {"reverb": 0.1},
}
