"""How each style is mixed, in numbers: levels, colours, width, space and movement of every part.

The numbers are engineering, not fame: they follow the sentence in `request.styles` that says what a style sounds like.
What is done with them is `mixing.py`'s job.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ROLES = {  # others: "other"
    **{"drums": "drums", "808": "bass", "bass": "bass", "chords": "chords", "melody": "melody", "sample": "sample"},
}
SILENT_DB = -120.0  # of a send that is not used


@dataclass(frozen=True)
class Strip:
    """What one part goes through.

    Attributes:
        level: Loudness beside the drums' in LU, as a balance that parts are moved towards.
        low_cut: Hz below which it makes room for others.
        bass: Decibels below 250 Hz.
        air: Decibels above 7 kHz.
        width: Side beside mid of the part itself, 0 to 1.
        pan: Where the wide band leans to, -1 left to 1 right.
        room: Send to the room in dB.
        hall: Send to the long reverberation in dB.
        echo: Send to the echoes in dB.
        duck: Decibels that it gives way to a kick.
    """

    level: float
    low_cut: float = 25.0
    bass: float = 0.0
    air: float = 0.0
    width: float = 0.0
    pan: float = 0.0
    room: float = SILENT_DB
    hall: float = SILENT_DB
    echo: float = SILENT_DB
    duck: float = 0.0


@dataclass(frozen=True)
class Space:
    """A reverberation.

    Attributes:
        seconds: Time in which it falls by 60 dB.
        damping: Hz above which it falls in less than half of that.
        delay: Seconds until the first reflection.
    """

    seconds: float
    damping: float
    delay: float


@dataclass(frozen=True)
class MixStyle:
    """A mix.

    Attributes:
        strips: A strip for each role.
        room: The short reverberation.
        hall: The long one.
        phone: Level of the bass above 300 Hz beside all of it, in dB: what a telephone's speaker plays of it.
        release: Seconds in which what gave way to a kick comes back.
        glue: Ratio of the compressor on the whole.
    """

    strips: dict[str, Strip]
    room: Space
    hall: Space
    phone: float
    release: float
    glue: float


TRAVIS = MixStyle(
    strips={
        "drums": Strip(0, width=0.5, pan=0.14, air=1.0, room=-21, hall=-31),
        "bass": Strip(2.0, low_cut=24, bass=1.0, duck=5.0),
        "chords": Strip(-4.0, low_cut=140, air=-3.0, width=0.85, room=-20, hall=-9, duck=3.0),
        "melody": Strip(-2.0, low_cut=180, air=-1.0, width=0.4, room=-18, hall=-9.5, echo=-17, duck=1.5),
        "other": Strip(-2.0, low_cut=120, air=-2.0, width=0.6, room=-20, hall=-11, duck=2.5),
    },
    room=Space(0.4, 5000, 0.008),
    hall=Space(2.2, 2800, 0.025),
    phone=-13.0,
    release=0.16,
    glue=1.8,
)

KID_CUDI = MixStyle(
    strips={
        "drums": Strip(0, width=0.3, pan=0.1, air=-2.5, bass=0.5, room=-16, hall=-32),
        "bass": Strip(-0.5, low_cut=26, duck=3.0),
        "chords": Strip(-2.5, low_cut=95, bass=1.5, air=-4.0, width=0.7, room=-16, hall=-11, duck=2.0),
        "melody": Strip(-0.5, low_cut=150, bass=1.0, air=-2.5, width=0.35, room=-17, hall=-9.5, echo=-15, duck=1.0),
        "other": Strip(-1.0, low_cut=90, bass=1.0, air=-3.0, width=0.5, room=-17, hall=-12, duck=1.5),
    },
    room=Space(0.55, 3800, 0.012),
    hall=Space(2.0, 3200, 0.03),
    phone=-17.0,
    release=0.2,
    glue=1.6,
)

DON_TOLIVER = MixStyle(
    strips={
        "drums": Strip(0, width=0.6, pan=0.16, air=2.0, room=-20, hall=-30),
        "bass": Strip(0.5, low_cut=26, duck=4.0),
        "chords": Strip(-4.0, low_cut=150, bass=-1.5, air=1.5, width=0.9, room=-19, hall=-13, duck=2.5),
        "melody": Strip(-1.0, low_cut=180, bass=-1.0, air=2.5, width=0.45, room=-18, hall=-12, echo=-18, duck=1.0),
        "other": Strip(-1.5, low_cut=120, air=1.5, width=0.65, room=-19, hall=-14, duck=2.0),
    },
    room=Space(0.35, 7500, 0.006),
    hall=Space(1.5, 6500, 0.02),
    phone=-15.0,
    release=0.13,
    glue=1.7,
)

SAMPLE = Strip(-1.0, low_cut=20, duck=2.5)  # what somebody brought: as it is, but for the room that a kick needs

MIX_STYLES = {
    name: replace(style, strips={**style.strips, "sample": SAMPLE})
    for name, style in (("travis-scott", TRAVIS), ("kid-cudi", KID_CUDI), ("don-toliver", DON_TOLIVER))
}
