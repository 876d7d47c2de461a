"""The words that the starter is told a beat in: a closed list of concepts, each of them heard in the beats it learnt from.

A concept is "kind:name". `typebeat.conditioning` maps what people write onto them; the corpus composes by them. Order
matters: weights name their own list, so new ones go to the end of their kind.
"""

INSTRUMENTS = (
    *("piano", "felt-piano", "electric-piano", "organ", "clavinet", "nylon-guitar", "electric-guitar"),
    *("muted-guitar", "distorted-guitar", "harp", "kalimba", "koto", "sitar", "music-box", "celesta", "bells"),
    *("marimba", "vibraphone", "strings", "pizzicato", "violin", "cello", "brass", "trumpet", "saxophone", "flute"),
    *("pan-flute", "whistle", "choir", "ooh", "vocal-chop", "hum", "accordion", "saw", "square", "pluck", "pad"),
    *("glide-lead",),
)
MOODS = (
    *("dark", "sad", "dreamy", "psychedelic", "hard", "warm", "bright", "eerie", "epic", "romantic", "cold", "playful"),
    *("soulful", "tense", "nostalgic", "calm", "energetic", "cinematic", "gritty", "luxurious"),
)
GROOVES = (
    *("trap", "half-time", "drill", "boom-bap", "lo-fi", "jersey-club", "phonk", "plugg", "rage", "west-coast"),
    *("detroit", "afro", "dancehall", "rnb", "cloud", "crunk"),
)
DRUM_TRAITS = (
    *("rolls", "triplets", "swing", "sparse", "busy", "open-hats", "clap", "snap", "rim", "ghost-notes", "fills"),
    *("shaker", "cowbell", "percussion", "kit-808", "kit-909", "kit-acoustic", "laid-back"),
)
BASS_TRAITS = (
    *("long", "bounce", "glide", "distorted", "sub", "octaves", "bass-guitar", "upright-bass", "synth-bass"),
)
EFFECTS = ("reverb", "tape", "sidechain", "vinyl", "chorus", "delay", "muffled", "bitcrush")
HARMONY_TRAITS = ("sevenths", "pedal", "phrygian", "harmonic-minor", "dorian", "stabs", "arpeggio", "sustained")
MELODY_TRAITS = ("simple", "busy-melody", "call-and-answer", "counter-melody", "repeating", "high", "low")
SECTIONS = ("intro", "verse", "hook", "bridge", "break", "outro")
LEFT_OUT = ("drums", "808", "chords", "melody")

CONCEPT_IDS = (
    *(f"mood:{name}" for name in MOODS),
    *(f"lead:{name}" for name in INSTRUMENTS),
    *(f"chords:{name}" for name in INSTRUMENTS),
    *(f"groove:{name}" for name in GROOVES),
    *(f"drums:{name}" for name in DRUM_TRAITS),
    *(f"bass:{name}" for name in BASS_TRAITS),
    *(f"fx:{name}" for name in EFFECTS),
    *(f"harmony:{name}" for name in HARMONY_TRAITS),
    *(f"melody:{name}" for name in MELODY_TRAITS),
    *(f"section:{name}" for name in SECTIONS),
    *(f"without:{name}" for name in LEFT_OUT),
)
