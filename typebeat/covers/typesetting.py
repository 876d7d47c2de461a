"""Sets text of any script as a block of lines that fits a box, in the fonts that ship with the package.

Each word is set in the style's font if that has all its characters, or else in a Noto font (Latin, Greek, Cyrillic,
Arabic, Hebrew, Devanagari, Thai, and the more frequent Chinese, Japanese and Korean characters), if need be character
by character. Characters that no font has, such as emoji, are left out. No font of the machine is used, so a cover looks
the same everywhere. Right-to-left text runs right to left. `finish.py` decides what goes where.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from typebeat.request.styles import STYLES

FONTS = Path(__file__).parent / "fonts"
DISPLAY = {style.slug: style.font for style in STYLES.values()}
TEXT = "archivo-600"
FALLBACKS = (
    "noto-sans-700",
    *(f"noto-sans-{script}-700" for script in ("arabic", "hebrew", "devanagari", "thai", "cjk")),
)
_PROBE_SIZE = 32  # font size in pixels for measuring glyphs
_NO_CHARACTER = "\U0010ffff"  # a character that no font has
_SHRINK = 0.96  # factor on the font size from one try to the next
_LEAST_GAP = 0.06  # least distance between the ink of two lines, in font sizes
SMALLEST_WHOLE = 6  # words are broken rather than set smaller than the largest size divided by this
_JOINERS = ("\u200c", "\u200d")  # invisible characters that shape their neighbours


@dataclass(frozen=True)
class Run:
    """A piece of a line in one font and direction."""

    text: str
    font: str
    right_to_left: bool


@dataclass(frozen=True)
class Line:
    """A line of text, ready to be drawn."""

    runs: tuple[Run, ...]  # in visual order, from left to right
    size: int  # font size in pixels
    ink: tuple[int, int, int, int]  # left, top, right and bottom of the ink, in pixels from the start of the baseline

    @property
    def width(self) -> int:
        """Width of the ink in pixels."""
        return self.ink[2] - self.ink[0]


@dataclass(frozen=True)
class Block:
    """Lines below one another; `tops` are the tops of each line's ink, in pixels below the block's top."""

    lines: tuple[Line, ...]
    tops: tuple[int, ...]

    @property
    def width(self) -> int:
        """Width of the widest line in pixels."""
        return max((line.width for line in self.lines), default=0)

    @property
    def height(self) -> int:
        """Height from the first line's top to the last line's bottom in pixels."""
        return self.tops[-1] + self.lines[-1].ink[3] - self.lines[-1].ink[1] if self.lines else 0

    def draw(self, canvas: Image.Image, left: int, top: int, width: int, align: str) -> None:
        """Draws the block in white on a mask (mode L), with lines aligned "left", "center" or "right" in `width`."""
        pen = ImageDraw.Draw(canvas)
        for line, under in zip(self.lines, self.tops, strict=True):
            spare = {"left": 0, "center": (width - line.width) // 2, "right": width - line.width}[align]
            x, baseline = float(left + spare - line.ink[0]), top + under - line.ink[1]
            for run in line.runs:
                font = _font(run.font, line.size)
                pen.text((x, baseline), run.text, fill=255, font=font, anchor="ls", direction=_direction(run))
                x += font.getlength(run.text, direction=_direction(run))


def printable(text: str, font: str) -> str:
    """Removes the characters that no font has, and extra spaces."""
    words = ("".join(c for c in _clusters(word) if _font_for(c, font)) for word in text.split())
    return " ".join(word for word in words if word)


def fit(
    text: str,
    font: str,
    width: int,
    height: int,
    *,
    largest: int,
    lines: int = 4,
    leading: float = 1.05,
    fill: bool = False,
) -> Block:
    """Sets a text as large as fits its box.

    Args:
        text: The result of `printable`; an empty text gives no lines.
        font: The font that is tried first.
        width: Width of the box in pixels.
        height: Height of the box in pixels.
        largest: Largest font size in pixels.
        lines: Most lines; two more if a word is so long that it must be broken.
        leading: From baseline to baseline, in font sizes; more where accents would touch.
        fill: Whether each line gets a size of its own that fills the width.
    """

    base = begins_right_to_left(text)

    def set_in(tokens: Sequence[tuple[str, str]], lines: int) -> Block:
        texts = [_balanced(tokens, font, count) for count in range(1, min(lines, len(tokens)) + 1)]
        blocks = [_shrunk(each, font, base, width, height, largest, leading, fill) for each in texts]
        return max(blocks, key=lambda block: min(line.size for line in block.lines), default=Block((), ()))

    whole = set_in(_tokens(text), lines)
    if not whole.lines or min(line.size for line in whole.lines) >= largest / SMALLEST_WHOLE:
        return whole
    broken = set_in([(cluster, "") for cluster in _clusters(text)], lines + 2)
    return max(whole, broken, key=lambda block: min(line.size for line in block.lines))


def _shrunk(
    texts: Sequence[str], font: str, base: bool, width: int, height: int, largest: int, leading: float, fill: bool
) -> Block:
    """Stacks the lines at the largest size at which they fit the box."""
    full = [largest * min(1.0, width / max(_length(text, font, largest), 1)) for text in texts]
    sizes = full if fill else [min(full)] * len(full)
    while True:
        lines = [_line(text, font, base, max(round(size), 1)) for text, size in zip(texts, sizes, strict=True)]
        block = _stack(lines, leading)
        if (block.width <= width and block.height <= height) or max(sizes) <= 1:
            return block
        sizes = [size * _SHRINK for size in sizes]


def _stack(lines: Sequence[Line], leading: float) -> Block:
    """Stacks lines at the leading, or further apart where their ink would touch."""
    tops, bottom, baseline = [], 0, 0
    for number, line in enumerate(lines):
        gap = round(line.size * _LEAST_GAP)
        top = 0 if number == 0 else max(baseline + round(line.size * leading) + line.ink[1], bottom + gap)
        tops.append(top)
        baseline = top - line.ink[1]
        bottom = baseline + line.ink[3]
    return Block(tuple(lines), tuple(tops))


def _line(text: str, font: str, base: bool, size: int) -> Line:
    runs = tuple(_runs(text, font, base))
    left = top = right = bottom = 0
    x = 0.0
    for run in runs:
        face = _font(run.font, size)
        box = face.getbbox(run.text, anchor="ls", direction=_direction(run))
        left, right = min(left, int(x + box[0])), max(right, int(x + box[2]) + 1)
        top, bottom = min(top, int(box[1])), max(bottom, int(box[3]))
        x += face.getlength(run.text, direction=_direction(run))
    return Line(runs, size, (left, top, right, bottom))


def _length(text: str, font: str, size: int) -> float:
    return sum(_font(run.font, size).getlength(run.text, direction=_direction(run)) for run in _runs(text, font, False))


def _balanced(tokens: Sequence[tuple[str, str]], font: str, count: int) -> list[str]:
    """Breaks tokens into at most `count` lines of similar length."""
    lengths = [_length(token + glue, font, _PROBE_SIZE) for token, glue in tokens]
    low, high = max(lengths), sum(lengths)
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_greedy(tokens, lengths, middle)) <= count else (middle, high)
    return _greedy(tokens, lengths, high)


def _greedy(tokens: Sequence[tuple[str, str]], lengths: Sequence[float], width: float) -> list[str]:
    lines, length = [""], 0.0
    for (token, glue), wide in zip(tokens, lengths, strict=True):
        if length + wide > width and lines[-1]:
            lines.append("")
            length = 0.0
        lines[-1] += token + glue
        length += wide
    return [line.strip() for line in lines]


def _tokens(text: str) -> list[tuple[str, str]]:
    """Splits text where a line may break; each token comes with the space that follows it on the same line, if any."""
    tokens: list[tuple[str, str]] = []
    for word in text.split():
        pieces: list[str] = []
        for cluster in _clusters(word):
            opens = bool(pieces) and not (_is_ideograph(pieces[-1][-1]) or _is_ideograph(cluster[0]))
            if opens or (pieces and not cluster[0].isalnum()):  # closing punctuation begins no line
                pieces[-1] += cluster
            else:
                pieces.append(cluster)
        tokens += [(piece, "") for piece in pieces[:-1]] + [(pieces[-1], " ")]
    return tokens


def _runs(text: str, font: str, base: bool) -> list[Run]:
    """Splits a line into runs in visual order; `base` says whether the whole text reads from right to left.

    This is the bidirectional order for one level nested in another.
    """
    runs: list[Run] = []
    for word in text.split(" "):
        chosen = next((each for each in (font, *FALLBACKS) if all(_has(each, c) for c in word)), None)
        for cluster in [*_clusters(word), " "]:
            if cluster == " " and runs:  # a space stays in the run before it
                runs[-1] = Run(runs[-1].text + " ", runs[-1].font, runs[-1].right_to_left)
                continue
            used = chosen or _font_for(cluster, font) or font
            direction = _is_right_to_left(cluster)
            neutral = direction is None and bool(runs)
            rtl = runs[-1].right_to_left if neutral else bool(direction)
            if runs and (runs[-1].font, runs[-1].right_to_left) == (used, rtl):
                runs[-1] = Run(runs[-1].text + cluster, used, rtl)
            else:
                runs.append(Run(cluster, used, rtl))
    if not runs:
        return []
    runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].font, runs[-1].right_to_left)
    seen: list[Run] = []
    for against, group in groupby(runs[::-1] if base else runs, key=lambda run: run.right_to_left != base):
        ordered = list(group)
        seen += ordered[::-1] if against else ordered
    return seen


def begins_right_to_left(text: str) -> bool:
    """Whether a text reads from right to left, which its first letter decides."""
    return bool(_is_right_to_left(text))


def _is_right_to_left(text: str) -> bool | None:
    """Whether the first letter reads from right to left; None if there are only digits, punctuation and spaces."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return None


def _is_ideograph(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\u0e00" <= character <= "\u0e7f"  # Thai has no spaces either


def _clusters(text: str) -> Iterator[str]:
    """Yields the parts that must stay together: a character with the marks and joiners that follow it."""
    cluster = ""
    for character in unicodedata.normalize("NFC", text):
        if cluster and not (unicodedata.category(character)[0] == "M" or character in _JOINERS):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _font_for(cluster: str, font: str) -> str | None:
    return next((each for each in (font, *FALLBACKS) if all(_has(each, c) for c in cluster)), None)


@lru_cache(maxsize=4096)
def _has(font: str, character: str) -> bool:
    """Whether a font draws a character with a glyph of its own."""
    if character in _JOINERS:
        return True
    probe = _font(font, _PROBE_SIZE, ImageFont.Layout.BASIC)
    glyph, box = (probe.getmask(each, anchor="ls") for each in (character, _NO_CHARACTER))
    return (glyph.size, bytes(glyph)) != (box.size, bytes(box))


@lru_cache(maxsize=64)
def _font(font: str, size: int, layout: ImageFont.Layout = ImageFont.Layout.RAQM) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{font}.woff2", size, layout_engine=layout)


def _direction(run: Run) -> str:
    return "rtl" if run.right_to_left else "ltr"
