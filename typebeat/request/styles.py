"""The three styles: what each sounds like, in numbers and in words.

Page, captions and the starter's corpus read the same records. It does not hold colours or pictures (`assets/`).
"""

from dataclasses import dataclass

DISCLAIMER = "The style names describe a sound. Nobody named is affiliated with Typebeat or endorses it."


@dataclass(frozen=True)
class Style:
    """A style that a request can pick.

    Attributes:
        slug: The name in options, file names and recipes.
        name: The name people read.
        line: One sentence on the sound.
        bpm_low: Slowest typical tempo in BPM.
        bpm_high: Fastest typical tempo in BPM.
        keys: Keys drawn from when the request asks for none.
        spellings: How free text names the style (lower case).
    """

    slug: str
    name: str
    line: str
    bpm_low: int
    bpm_high: int
    keys: tuple[str, ...]
    spellings: tuple[str, ...]


STYLES: dict[str, Style] = {
    style.slug: style
    for style in (
        Style(
            slug="travis-scott",
            name="Travis Scott type",
            line="Dark wide pads, eerie bells and a heavy distorted 808 under half-time trap drums with triplet rolls.",
            bpm_low=125,
            bpm_high=165,
            keys=("C# minor", "D minor", "D# minor", "F minor", "F# minor", "G minor", "A# minor"),
            spellings=("travis scott", "travis", "travis-scott", "la flame", "cactus jack"),
        ),
        Style(
            slug="kid-cudi",
            name="Kid Cudi type",
            line="Warm detuned keys, humming leads and a round sub under swung boom bap drums, spacey and slow.",
            bpm_low=70,
            bpm_high=105,
            keys=("A minor", "B minor", "C minor", "D minor", "E minor", "G minor", "C major", "F major"),
            spellings=("kid cudi", "cudi", "kid-cudi", "man on the moon"),
        ),
        Style(
            slug="don-toliver",
            name="Don Toliver type",
            line="Glossy melodic plucks and seventh chords over a bouncing bass, crisp claps and open hats.",
            bpm_low=100,
            bpm_high=140,
            keys=("A minor", "C minor", "C# minor", "E minor", "F# minor", "G# minor", "D# major"),
            spellings=("don toliver", "toliver", "don-toliver"),
        ),
    )
}
