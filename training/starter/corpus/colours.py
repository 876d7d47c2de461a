"""How moods and effects colour a beat's sound, in numbers that `mixing` uses."""

from dataclasses import dataclass

from training.starter.corpus.score import Plan

_MOODS: dict[str, dict[str, float]] = {
    "dark": {"brightness": -0.22, "wet": 0.03, "drums": -0.1},
    "sad": {"brightness": -0.08, "attack": 0.3, "softness": -0.08, "wet": 0.04},
    "dreamy": {"brightness": -0.03, "attack": 1.0, "wet": 0.16, "room": 0.7, "softness": -0.06},
    "psychedelic": {"wobble": 14.0, "tremolo": 0.35, "wet": 0.07, "room": 0.3},
    "hard": {"brightness": 0.1, "drive": 0.5, "softness": 0.08, "wet": -0.03, "drums": 0.1},
    "warm": {"brightness": -0.15, "drive": 0.2, "drums": -0.08},
    "bright": {"brightness": 0.25, "drums": 0.12},
    "eerie": {"brightness": -0.08, "wobble": 7.0, "wet": 0.1, "room": 0.5, "thin": 120.0},
    "epic": {"brightness": 0.06, "wet": 0.1, "room": 0.6, "softness": 0.06},
    "romantic": {"brightness": -0.06, "attack": 0.3, "wet": 0.04, "softness": -0.05},
    "cold": {"brightness": 0.08, "thin": 260.0, "wet": 0.08, "room": 0.3},
    "playful": {"brightness": 0.1, "wet": -0.03},
    "soulful": {"brightness": -0.06, "drive": 0.25},
    "tense": {"brightness": 0.03, "drive": 0.15},
    "nostalgic": {"brightness": -0.12, "wobble": 6.0, "drive": 0.2, "drums": -0.1},
    "calm": {"brightness": -0.1, "attack": 0.6, "softness": -0.16, "drums": -0.1},
    "energetic": {"brightness": 0.12, "softness": 0.08, "wet": -0.03, "drums": 0.1},
    "cinematic": {"wet": 0.12, "room": 0.8, "attack": 0.3},
    "gritty": {"drive": 1.1, "brightness": -0.06},
    "luxurious": {"brightness": 0.08, "wet": 0.05, "softness": -0.04},
}


@dataclass(frozen=True)
class Colour:
    """The sum of a beat's moods and effects.

    Attributes:
        brightness: Of instruments, 0.5 is neutral.
        attack: Factor on the swelling of sustained notes.
        softness: Factor on velocities.
        wet: Level of the room.
        room: Its length in seconds.
        drive: Saturation of chords and melody.
        thin: High-pass filter of chords and melody in Hz.
        wobble: Depth of pitch wobble in cents.
        tremolo: Depth of a slow tremolo.
        drums: Brightness of the drums, 0 is neutral.
    """

    brightness: float
    attack: float
    softness: float
    wet: float
    room: float
    drive: float
    thin: float
    wobble: float
    tremolo: float
    drums: float


def colour_of(plan: Plan) -> Colour:
    """Adds up what the moods of a plan ask for; of two moods each counts in full, within limits."""
    sums = dict.fromkeys(
        ("brightness", "attack", "softness", "wet", "room", "drive", "thin", "wobble", "tremolo", "drums"), 0.0
    )
    for mood in plan.moods:
        for name, value in _MOODS.get(mood, {}).items():
            sums[name] = max(sums[name], value) if name in ("thin", "wobble", "tremolo") else sums[name] + value
    if "reverb" in plan.effects:
        sums["wet"] += 0.28
        sums["room"] += 1.0
    if "tape" in plan.effects:
        sums["wobble"] = max(sums["wobble"], 9.0)
        sums["drive"] += 0.4
    return Colour(
        min(0.9, max(0.1, 0.5 + sums["brightness"])),
        1 + sums["attack"],
        min(1.15, 1 + sums["softness"]),
        max(0.03, 0.08 + sums["wet"]),
        0.6 + sums["room"],
        sums["drive"],
        sums["thin"],
        sums["wobble"],
        sums["tremolo"],
        sums["drums"],
    )
