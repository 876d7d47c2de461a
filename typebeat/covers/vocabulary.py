"""The closed vocabulary of covers: colours, motifs, textures, moods, and which of them a model was taught to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RGB = {  # sRGB
    "black": (0.05, 0.05, 0.07),
    "white": (0.93, 0.93, 0.91),
    "grey": (0.45, 0.46, 0.48),
    "silver": (0.70, 0.73, 0.78),
    "red": (0.80, 0.11, 0.10),
    "orange": (0.94, 0.45, 0.09),
    "gold": (0.88, 0.66, 0.20),
    "brown": (0.42, 0.25, 0.13),
    "cream": (0.94, 0.87, 0.71),
    "green": (0.14, 0.55, 0.28),
    "teal": (0.05, 0.53, 0.55),
    "blue": (0.12, 0.28, 0.72),
    "violet": (0.42, 0.20, 0.70),
    "magenta": (0.86, 0.10, 0.56),
    "pink": (0.96, 0.55, 0.69),
}
COLOURS = tuple(RGB)
MOTIFS = {  # motif -> (what a prompt says, the words of free text that ask for it)
    "moon": ("a full moon", ("moon", "moons", "lunar", "moonlight", "moonlit")),
    "stars": ("a sky of stars", ("stars", "star", "starry", "galaxy", "constellation")),
    "planet": ("a ringed planet", ("planet", "planets", "saturn", "mars", "orbit", "astronaut")),
    "sun": ("a low sun", ("sun", "sunset", "sunrise", "dawn", "dusk")),
    "clouds": ("rolling clouds", ("clouds", "cloud", "sky", "skies", "heaven", "storm")),
    "dunes": ("desert dunes", ("dunes", "dune", "desert", "sand", "cactus")),
    "mountains": ("jagged mountains", ("mountains", "mountain", "hills", "peak", "cliff", "canyon")),
    "waves": ("ocean waves", ("waves", "wave", "ocean", "sea", "beach", "water", "rain")),
    "city": ("city lights", ("city", "street", "streets", "skyline", "town", "downtown", "neon", "highway")),
    "smoke": ("drifting smoke", ("smoke", "fog", "mist", "haze", "foggy", "smoky")),
    "flames": ("rising flames", ("flames", "flame", "fire", "burning", "inferno", "ash")),
    "chrome": ("liquid chrome", ("chrome", "metal", "steel", "mercury", "mirror", "glass", "diamonds")),
    "halo": ("a glowing halo", ("halo", "angel", "angels", "church", "saint", "holy", "crown")),
    "silhouette": ("a faceless silhouette", ("silhouette", "alone", "shadow", "figure", "ghost", "walking")),
}
TEXTURES = {"grain": "film grain", "halftone": "halftone dots", "foil": "holographic foil"}
ENERGIES = ((85, "calm"), (110, "flowing"), (135, "driving"), (float("inf"), "intense"))  # upper limit in BPM, word
LIGHTS = {"minor": "low light", "major": "bright light"}


@dataclass(frozen=True)
class _Mood:
    """What a mood suggests: palettes as (ground, accent), motifs, and perhaps a texture."""

    palettes: tuple[tuple[str, str], ...]
    motifs: tuple[str, ...]
    texture: str = ""


MOODS = {
    "mood:dark": _Mood((("black", "red"), ("black", "violet"), ("black", "grey")), ("smoke", "moon", "city"), "grain"),
    "mood:sad": _Mood((("blue", "grey"), ("teal", "black"), ("blue", "white")), ("waves", "silhouette", "clouds")),
    "mood:dreamy": _Mood((("violet", "pink"), ("blue", "violet"), ("teal", "cream")), ("stars", "clouds", "planet")),
    "mood:psychedelic": _Mood(
        (("magenta", "green"), ("orange", "violet"), ("teal", "magenta")), ("planet", "waves", "sun"), "foil"
    ),
    "mood:hard": _Mood((("red", "black"), ("orange", "black"), ("red", "white")), ("flames", "dunes", "mountains")),
    "mood:warm": _Mood((("brown", "gold"), ("orange", "cream"), ("gold", "red")), ("sun", "dunes", "mountains")),
    "mood:bright": _Mood(
        (("pink", "gold"), ("teal", "white"), ("magenta", "cream")), ("chrome", "sun", "city"), "foil"
    ),
    "mood:eerie": _Mood((("green", "black"), ("grey", "green"), ("black", "teal")), ("moon", "silhouette", "smoke")),
}
# sounds that add a motif or a texture to those of the mood
SOUND_MOTIFS = {"sound:choir": "halo", "sound:pad": "clouds", "sound:hum": "smoke", "sound:lead": "chrome"}
SOUND_TEXTURES = {"fx:tape": "grain", "drums:boom-bap": "grain", "bass:distorted": "halftone"}
# what version 2 of the starter's cover model can draw besides; some take over words that meant something else before
MORE_MOTIFS = {
    "road": ("an empty desert road", ("road", "highway", "route", "drive", "driving", "lane")),
    "car": ("a low car", ("car", "cars", "whip", "coupe", "ride", "racing", "lambo", "headlights")),
    "plane": ("a jet plane overhead", ("plane", "jet", "airplane", "flight", "flying", "airport")),
    "flower": ("a single flower", ("flower", "flowers", "rose", "roses", "petals", "bloom", "garden")),
    "statue": ("a marble statue", ("statue", "marble", "bust", "sculpture", "museum", "greek")),
    "hand": ("a reaching hand", ("hand", "hands", "fingers", "reach", "reaching")),
    "crowd": ("a crowd from behind", ("crowd", "stage", "concert", "festival", "people", "fans", "show", "club")),
    "room": ("a neon room", ("room", "bedroom", "hotel", "motel", "chair", "neon", "window", "apartment")),
    "snake": ("a coiled snake", ("snake", "snakes", "serpent", "viper", "python", "venom", "poison")),
    "stag": ("a stag with antlers", ("stag", "deer", "antlers", "animal", "forest", "beast", "wolf")),
    "wheel": ("a fairground wheel", ("carnival", "fair", "ferris", "amusement", "circus", "rodeo", "park")),
    "palms": ("tall palm trees", ("palms", "palm", "tropical", "island", "miami", "summer", "california")),
    "glass": ("broken glass", ("glass", "shattered", "broken", "shards", "mirror", "mirrors", "diamonds", "ice")),
}
MORE_MOOD_MOTIFS = {  # of version 2, in place of those of MOODS
    "mood:dark": ("smoke", "city", "stag", "moon", "snake", "car", "room", "silhouette", "statue"),
    "mood:sad": ("waves", "flower", "silhouette", "room", "clouds", "hand", "road", "glass"),
    "mood:dreamy": ("stars", "planet", "clouds", "moon", "flower", "statue", "mountains"),
    "mood:psychedelic": ("planet", "chrome", "sun", "hand", "snake", "waves", "wheel", "flower"),
    "mood:hard": ("flames", "car", "dunes", "crowd", "mountains", "glass", "stag", "plane"),
    "mood:warm": ("sun", "dunes", "road", "palms", "mountains", "flower", "car"),
    "mood:bright": ("chrome", "palms", "city", "plane", "sun", "crowd", "car"),
    "mood:eerie": ("moon", "wheel", "smoke", "statue", "silhouette", "stag", "hand", "halo"),
}


@dataclass(frozen=True)
class Vocabulary:
    """What a cover model was taught to draw.

    Attributes:
        motifs: What a prompt says for each motif, and the words of free text that ask for it.
        mood_motifs: The motifs that each mood suggests.
    """

    motifs: Mapping[str, tuple[str, tuple[str, ...]]]
    mood_motifs: Mapping[str, tuple[str, ...]]

    def of_word(self, word: str) -> str | None:
        """Returns the motif that a word asks for; where several do, the last one."""
        asked = [motif for motif, (_, words) in self.motifs.items() if word in words]
        return asked[-1] if asked else None


VERSION_1 = Vocabulary(MOTIFS, {mood: each.motifs for mood, each in MOODS.items()})
VERSION_2 = Vocabulary({**MOTIFS, **MORE_MOTIFS}, MORE_MOOD_MOTIFS)
SPOKEN = VERSION_1  # what prompts are worded in, as the weights that ship know no more
