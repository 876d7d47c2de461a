"""The three styles, one record each: how it sounds, what its covers show, and how their type is set.

Page, captions, covers and the starter's corpus read the same records. The page's colours and pictures of a style are
in `page/assets/`.
"""

from dataclasses import dataclass

DISCLAIMER = "The style names describe a sound. Nobody named is affiliated with Typebeat or endorses it."


@dataclass(frozen=True)
class Layout:
    """Where the type stands on a style's covers, in shares of the cover's side."""

    box: tuple[float, float, float, float]  # left, top, right and bottom of the space for the title
    largest: float  # largest font size of the title
    line_top: float  # top of the line of facts (style, tempo, key)
    tints: tuple[tuple[int, int, int], tuple[int, int, int]]  # colour of light type and of dark type
    align: str = "left"  # "left" or "center"
    at_top: bool = False  # whether the title hangs from the top of its box or stands on the bottom
    leading: float = 1.0  # from baseline to baseline of the title, in font sizes
    fill: bool = False  # whether each line of the title fills the width
    capitals: bool = False  # whether the title is set in capitals
    line_size: float = 0.025  # font size of the line of facts
    spread: bool = True  # whether the facts are spread over the whole width or set as one text
    frame: float = 0.0  # distance of a thin frame from the edge; 0 for no frame


@dataclass(frozen=True)
class Style:
    """A style that a request can pick."""

    slug: str  # the name in options, file names and recipes
    name: str  # the name people read
    line: str  # one sentence on the sound
    bpm_low: int  # slowest typical tempo in BPM
    bpm_high: int  # fastest typical tempo in BPM
    keys: tuple[str, ...]  # keys drawn from when the request asks for none
    spellings: tuple[str, ...]  # how free text names the style (lower case)
    look: str  # what stands for the style in a cover's prompt; it is also what triggers the style's LoRA
    font: str  # the font of titles on covers, a file of `covers/fonts/`
    layout: Layout  # where the type stands on covers


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
            look="gritty surreal photo collage",
            font="anton",
            layout=Layout(
                box=(0.06, 0.4, 0.94, 0.895),
                largest=0.3,
                fill=True,
                capitals=True,
                line_top=0.925,
                line_size=0.026,
                tints=((244, 238, 226), (18, 12, 10)),
            ),
        ),
        Style(
            slug="kid-cudi",
            name="Kid Cudi type",
            line="Warm detuned keys, humming leads and a round sub under swung boom bap drums, spacey and slow.",
            bpm_low=70,
            bpm_high=105,
            keys=("A minor", "B minor", "C minor", "D minor", "E minor", "G minor", "C major", "F major"),
            spellings=("kid cudi", "cudi", "kid-cudi", "man on the moon"),
            look="retro painted sci-fi illustration",
            font="unbounded-800",
            layout=Layout(
                box=(0.11, 0.1, 0.89, 0.44),
                align="center",
                at_top=True,
                largest=0.125,
                leading=1.12,
                line_top=0.87,
                spread=False,
                frame=0.035,
                tints=((255, 241, 214), (26, 16, 34)),
            ),
        ),
        Style(
            slug="don-toliver",
            name="Don Toliver type",
            line="Glossy melodic plucks and seventh chords over a bouncing bass, crisp claps and open hats.",
            bpm_low=100,
            bpm_high=140,
            keys=("A minor", "C minor", "C# minor", "E minor", "F# minor", "G# minor", "D# major"),
            spellings=("don toliver", "toliver", "don-toliver"),
            look="glossy airbrushed 80s illustration",
            font="playfair-display-900-italic",
            layout=Layout(
                box=(0.075, 0.42, 0.925, 0.9),
                largest=0.19,
                leading=0.98,
                line_top=0.065,
                tints=((255, 236, 240), (28, 8, 24)),
            ),
        ),
    )
}
