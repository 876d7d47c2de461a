"""The mix: mono parts of a loop to a stereo beat, and to what of it each part is.

Every part goes through a strip of its own (`mix_styles.py`) to a mid and a side signal; one gain over time, the same
for all, then sets the loudness of the whole (`bus.py`). So the stems sum to the beat, and the beat in mono is its mid.
Notes, tempo and key of the parts are heard elsewhere; nothing is split here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import uniform_filter1d

from typebeat.sound import bus, loops
from typebeat.sound.audio import Audio
from typebeat.sound.loops import Loop, factor
from typebeat.sound.mastering import BrokenAudioError, true_peaks
from typebeat.sound.mix_styles import MIX_STYLES, ROLES, SILENT_DB, MixStyle, Strip
from typebeat.sound.saturation import overtones

FINISHED, DRY = "finished", "dry"
MODES = (FINISHED, DRY)
WHOLE = "mix"  # the name of a sound that is not in parts

SIDE_SHARE = 0.2  # the most energy in the side beside the mid: mono loses at most 0.8 dB
_MONO_BELOW = 200.0  # Hz; the side falls by 24 dB an octave below
_SPACE_ABOVE, _SPACE_BELOW = 220.0, 11_000.0  # Hz; nothing lower or higher reverberates
_PERCUSSION_ABOVE = 5000.0  # Hz; what of the drums may be wide
_BODY_BAND = (200.0, 2500.0)  # Hz; where kick and snare are, which stay in the middle
_BALANCE_SHARE, _MOST_BALANCE_DB = 0.6, 6.0  # of the way to a style's levels
_HEARD_DB = -40.0  # a part that much below the loudest is not made louder
_KICK_HOLD_SECONDS = 0.03
_ROOM_SEED, _HALL_SEED = 11, 12  # of the noise that reflections are made of
_TURNS = {"chords": 0.0, "melody": 0.37, "other": 0.19}  # where the parts lie beside each other
_ECHO_BEATS, _ECHO_FEEDBACK, _ECHO_ABOVE = 0.75, 0.4, 3500.0


@dataclass(frozen=True)
class Mix:
    """A mixed loop.

    Attributes:
        beat: All of it, mastered.
        stems: What each part adds to it, by name; their sum is the beat.
        levels_db: By how many dB each part was brought nearer to the style's balance.
    """

    beat: Audio
    stems: dict[str, Audio]
    levels_db: dict[str, float]


@dataclass(frozen=True)
class _Desk:
    """What all parts of a mix share: the loop, the style, and the spaces that parts send to."""

    loop: Loop
    style: MixStyle
    bpm: float

    @cached_property
    def spaces(self) -> dict[str, np.ndarray]:
        """What each space does to the lowest bins of mid and side, (2, low bins) complex64, by the name of the send."""
        size = self.loop.size_at(2 * _SPACE_BELOW)
        hertz, rate = self.loop.hertz[: size // 2 + 1], self.loop.sample_rate * size / self.loop.size
        impulses = {
            "room": loops.reverberation(rate, **asdict(self.style.room), seed=_ROOM_SEED),
            "hall": loops.reverberation(rate, **asdict(self.style.hall), seed=_HALL_SEED),
            "echo": loops.echo(rate, _ECHO_BEATS * 60 / self.bpm, _ECHO_FEEDBACK),
        }
        longest = max(each.shape[1] for each in impulses.values())
        rows = np.stack([np.pad(each, ((0, 0), (0, longest - each.shape[1]))) for each in impulses.values()])
        spectra = self.loop.spectrum(rows, size) * loops.high_pass(hertz, _SPACE_ABOVE)
        made = dict(zip(impulses, spectra, strict=True))
        made["echo"] *= loops.low_pass(hertz, _ECHO_ABOVE)
        return made

    @cached_property
    def sides(self) -> np.ndarray:
        """What of a side signal is kept: nothing in the bass."""
        return loops.high_pass(self.loop.hertz, _MONO_BELOW, order=4)


def mix_parts(
    parts: Mapping[str, Audio],
    style: str,
    bpm: float,
    *,
    kicks: Sequence[float] | None = None,
    mode: str = FINISHED,
) -> Mix:
    """Mixes the parts of a loop.

    Args:
        parts: By name, such as "drums", "808", "chords", "melody", or "bass" and "other"; all of one length and rate,
            whose end goes on at the start. Mono, or stereo, whose own width then stays. A sound named "mix" is whole
            already and is only mastered.
        style: A style's slug.
        bpm: Tempo in beats a minute.
        kicks: When the kick is hit, in seconds from the start; heard in the drums where it is not known.
        mode: "finished", or "dry": the plain sum, mastered.

    Raises:
        BrokenAudioError: a sample is NaN or infinite.
        ValueError: there are no parts, they differ in length or rate, or there is no such style or mode.
    """
    loop = _checked(parts, style, mode)
    if mode == DRY or WHOLE in parts:
        sounds = {name: part.samples for name, part in parts.items()}
        return _mastered(sounds, _energy(_total(sounds), loop), loop, glue=1.0, levels={})
    desk = _Desk(loop, MIX_STYLES[style], bpm)

    # 1. each part's spectrum, its balance, and the kicks that others give way to
    heard = {name: _mono(part.samples) for name, part in parts.items() if part.samples.any()}
    spectra = dict(zip(heard, loop.spectrum(np.stack(list(heard.values()))), strict=True)) if heard else {}
    levels = _balance(spectra, heard, desk)
    if kicks is None:
        kicks = loops.kick_times(loop, spectra["drums"]) if "drums" in spectra else ()
    ducking = loops.ducking(loop, kicks, _KICK_HOLD_SECONDS, desk.style.release)

    # 2. each part to mid and side, pushed down by the kick
    strips: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, spectrum in spectra.items():
        role = ROLES.get(name, "other")
        strip = desk.style.strips[role]
        mid, side = _through_strip(spectrum * factor(levels[name]), role, strip, desk)
        if len(parts[name].samples) == 2:
            own = loop.spectrum(parts[name].samples[0] - parts[name].samples[1]) * factor(levels[name]) / 2
            side += loop.sound(own * _tone(desk, strip) * desk.sides)
        if strip.duck and len(kicks):
            given_way = loops.as_samples(factor(-strip.duck) ** ducking, loop.length)
            mid *= given_way
            side *= given_way
        strips[name] = mid, side

    # 3. no more side than survives in mono, then left and right, and the gain of the whole
    narrow, energy = _narrowing(strips, loop)
    sounds = {name: _left_and_right(mid, narrow * side) for name, (mid, side) in strips.items()}
    silence = np.zeros((2, loop.length), np.float32)
    sounds = {name: sounds.get(name, silence) for name in parts}
    return _mastered(sounds, energy, loop, glue=desk.style.glue, levels=levels)


def _checked(parts: Mapping[str, Audio], style: str, mode: str) -> Loop:
    if mode not in MODES:
        raise ValueError(f"a mix is {' or '.join(MODES)}, not {mode!r}")
    if style not in MIX_STYLES:
        raise ValueError(f"there is no mix for the style {style!r}; there is one for {', '.join(MIX_STYLES)}")
    if not parts:
        raise ValueError("there are no parts to mix")
    shapes = {(part.length, part.sample_rate) for part in parts.values()}
    if len(shapes) > 1:
        raise ValueError("all parts of a loop must be equally long and of one sample rate")
    if any(len(part.samples) > 2 for part in parts.values()):
        raise ValueError("a part must be mono or stereo")
    if not all(np.isfinite(part.samples).all() for part in parts.values()):
        raise BrokenAudioError("the model made samples that are not numbers; try another seed")
    return Loop(*shapes.pop())


def _balance(spectra: dict[str, np.ndarray], heard: dict[str, np.ndarray], desk: _Desk) -> dict[str, float]:
    """Returns by how many dB each part is to change: part of the way to the style's levels, none on average."""
    weight = bus.weighting(desk.loop.hertz, desk.loop.sample_rate)
    now = {}
    for name, spectrum in spectra.items():
        frames = loops.points(np.square(heard[name]))
        sounding = np.count_nonzero(frames > 0.01 * np.percentile(frames, 98)) / len(frames)
        now[name] = 10 * np.log10(desk.loop.energy(spectrum, weight) / desk.loop.length / max(sounding, 0.02) + 1e-20)
    loudest = max(now.values(), default=0.0)
    off = {
        name: desk.style.strips[ROLES.get(name, "other")].level - level
        for name, level in now.items()
        if level > loudest + _HEARD_DB
    }
    middle = np.mean(list(off.values())) if off else 0.0
    wanted = {name: _BALANCE_SHARE * (off.get(name, middle) - middle) for name in spectra}
    return {name: round(float(np.clip(each, -_MOST_BALANCE_DB, _MOST_BALANCE_DB)), 2) for name, each in wanted.items()}


def _mono(samples: np.ndarray) -> np.ndarray:
    return samples[0] if len(samples) == 1 else samples.mean(axis=0)


def _tone(desk: _Desk, strip: Strip) -> np.ndarray:
    hertz = desk.loop.hertz
    tone = loops.high_pass(hertz, strip.low_cut)
    if strip.bass:
        tone = tone * loops.low_shelf(hertz, 250.0, strip.bass)
    return tone * loops.high_shelf(hertz, 7000.0, strip.air) if strip.air else tone


def _through_strip(spectrum: np.ndarray, role: str, strip: Strip, desk: _Desk) -> tuple[np.ndarray, np.ndarray]:
    """Returns mid and side of a part, (length,) each."""
    loop = desk.loop
    toned = spectrum * _tone(desk, strip)
    if role == "bass":  # in the middle, and nowhere else
        added = overtones(loop, toned, desk.style.phone)
        toned[: len(added)] += added
        return loop.sound(toned), np.zeros(loop.length, np.float32)
    mid = np.ones(toned.shape, np.complex64)
    side = np.zeros(toned.shape, np.complex64)
    for send, space in ((strip.room, "room"), (strip.hall, "hall"), (strip.echo, "echo")):
        if send > SILENT_DB:
            to_mid, to_side = desk.spaces[space]
            mid[: len(to_mid)] += factor(send) * to_mid
            side[: len(to_side)] += factor(send) * to_side
    if role != "drums":  # which are widened over time
        side += strip.pan
        side.imag += np.float32(strip.width) * loops.widening(loop.hertz, _TURNS.get(role, 0.0))
    mid *= toned
    side *= toned
    side *= desk.sides
    if role == "drums":
        return loop.sound(mid), loop.sound(side) + _percussion(toned, strip, desk)
    return loop.sound(mid), loop.sound(side)


def _percussion(drums: np.ndarray, strip: Strip, desk: _Desk) -> np.ndarray:
    """The side signal of hats and percussion: the highs, while neither kick nor snare sounds."""
    loop = desk.loop
    wide = loops.high_pass(loop.hertz, _PERCUSSION_ABOVE) * np.complex64(strip.pan + 1j * strip.width)
    highs = loop.sound(drums * wide)
    body, rate = loop.band(drums, *_BODY_BAND)
    smooth = uniform_filter1d(np.square(body), max(1, round(0.012 * rate)), mode="wrap")
    high = uniform_filter1d(loops.points(np.square(highs)), max(1, round(0.006 * loop.sample_rate / loops.STEP)))
    at = (np.arange(len(high)) + 0.5) * loops.STEP / loop.sample_rate * rate
    lows = np.interp(at, np.arange(len(smooth)), smooth, period=len(smooth))
    share = high / (high + (strip.width**2 + strip.pan**2) * lows + 1e-12)
    return highs * loops.as_samples(uniform_filter1d(share, 5, mode="wrap"), loop.length)


def _narrowing(strips: dict[str, tuple[np.ndarray, np.ndarray]], loop: Loop) -> tuple[np.float32, np.ndarray]:
    """Returns the factor of all sides at which mono loses no more than is allowed, neither in power nor in loudness.

    Beside it, what the ear weighs of left and right together will then have, (points,).
    """
    mid = sum((mid for mid, _ in strips.values()), start=np.zeros(loop.length, np.float32))
    side = sum((side for _, side in strips.values()), start=np.zeros(loop.length, np.float32))
    heard_mid, heard_side = _energy(mid[None], loop), _energy(side[None], loop)
    shares = (
        float(side @ side) / max(float(mid @ mid), 1e-12),
        float(heard_side.sum()) / max(float(heard_mid.sum()), 1e-12),
    )
    share = min(1.0, SIDE_SHARE / max(*shares, 1e-12))
    return np.float32(np.sqrt(share)), 2 * (heard_mid + share * heard_side)


def _left_and_right(mid: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Returns (2, length)."""
    sound = np.empty((2, len(mid)), np.float32)
    np.add(mid, side, out=sound[0])
    np.subtract(mid, side, out=sound[1])
    return sound


def _energy(samples: np.ndarray, loop: Loop) -> np.ndarray:
    """What the ear weighs of samples (channels, n) in each step, all channels together, (points,)."""
    heard = bus.weighted(samples, loop.sample_rate)
    return loops.points(np.square(heard).sum(axis=0)).astype(np.float64)


def _total(sounds: dict[str, np.ndarray]) -> np.ndarray:
    """The sum of sounds (1 or 2, n), as wide as the widest."""
    first, *others = sorted(sounds.values(), key=len, reverse=True)
    total = first.copy()
    for each in others:
        total += each
    return total


def _mastered(
    sounds: dict[str, np.ndarray], energy: np.ndarray, loop: Loop, glue: float, levels: dict[str, float]
) -> Mix:
    """Brings the sum of sounds (channels, n) to its loudness with one gain over time for all of them.

    Args:
        sounds: By the parts' names.
        energy: What the ear weighs of their sum, (points,).
        loop: The loop.
        glue: Ratio of the compressor, 1 for none.
        levels: What the mix says of its balance.
    """
    highest = true_peaks(_total(sounds))
    for each in sounds.values():  # no stem is clipped, whatever the others take away from it
        for row in each:
            np.maximum(highest, np.abs(row), out=highest)
    peaks = np.pad(highest, (0, -len(highest) % loops.STEP)).reshape(-1, loops.STEP).max(axis=1)
    gains = bus.glue(energy, loop.sample_rate, glue) if glue > 1 else np.ones(len(energy))
    gains = gains * bus.limit(peaks * gains, energy * gains**2, loop.sample_rate)
    gain = loops.as_samples(gains, loop.length)
    sounds = {name: each * gain for name, each in sounds.items()}
    stems = {name: Audio(each, loop.sample_rate) for name, each in sounds.items()}
    return Mix(Audio(_total(sounds), loop.sample_rate), stems, levels)
