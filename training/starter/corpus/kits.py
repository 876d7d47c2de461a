"""Drum kits: for each drum of a beat a one-shot in three velocity layers, from drum machines, records and synthesis."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from training.starter.corpus import drum_synth, one_shots, soundfonts, trap_synth
from training.starter.corpus.score import DRUMS
from training.starter.simple_corpus.synth import SAMPLE_RATE

Rng = np.random.Generator
LAYERS = (0.45, 0.75, 1.0)
LEVELS = {
    **{"kick": 0.95, "snare": 0.6, "clap": 0.58, "snap": 0.42, "rim": 0.4, "closed_hat": 0.24, "open_hat": 0.26},
    **{"crash": 0.3, "ride": 0.22, "shaker": 0.2, "tom_low": 0.5, "tom_high": 0.45, "cowbell": 0.3, "conga": 0.4},
    **{"perc": 0.3, "riser": 0.28},
}
_KEYS = {  # of General MIDI's drum map
    **{"kick": (36, 35), "snare": (38, 40), "clap": (39,), "rim": (37,), "closed_hat": (42,), "open_hat": (46,)},
    **{"crash": (49, 57), "ride": (51, 59), "shaker": (70,), "tom_low": (41, 43, 45), "tom_high": (48, 50, 47)},
    **{"cowbell": (56,), "conga": (62, 63, 64), "perc": (75, 76, 77, 60, 61, 66, 67, 54)},
}
_PRESETS = {  # programs of the drum bank
    "acoustic": (0, 1, 3, 5, 8, 9, 10, 16, 17, 32, 33, 40, 48),
    "machine": (25,),
    "electronic": (24,),
}
_SYNTHS: dict[str, dict[str, Callable[[Rng], np.ndarray]]] = {
    "808": {
        name: getattr(drum_synth, f"{name}_808")
        for name in (
            "kick",
            "snare",
            "clap",
            "rim",
            "closed_hat",
            "open_hat",
            "crash",
            "ride",
            "cowbell",
            "conga",
            "shaker",
        )
    },
    "909": {
        name: getattr(drum_synth, f"{name}_909")
        for name in ("kick", "snare", "clap", "rim", "closed_hat", "open_hat", "crash", "ride")
    },
    "trap": {
        name: getattr(trap_synth, f"{name}_trap")
        for name in ("kick", "snare", "clap", "snap", "rim", "closed_hat", "open_hat", "shaker", "perc")
    },
}
_FALLBACK = ("trap", "808", "909")
_SECONDS = {"crash": 2.4, "ride": 1.4, "open_hat": 1.0, "kick": 1.0, "tom_low": 0.9, "tom_high": 0.9}
_LONGEST = 0.6
_OLD_GROOVES = ("boom-bap", "lo-fi", "rnb", "west-coast")
_DUSTY_GROOVES = ("boom-bap", "lo-fi", "phonk")


@dataclass(frozen=True)
class _Finish:
    """What a whole kit goes through: drive of the soft clipper, low-pass in Hz, and level and length of its room."""

    drive: float
    cut: float
    room: float
    room_seconds: float


def make_kit(
    rng: Rng,
    traits: tuple[str, ...],
    style: str,
    *,
    groove: str = "",
    only: Iterable[str] | None = None,
    bar_seconds: float = 1.8,
    synthetic: bool = False,
) -> dict[str, tuple[np.ndarray, ...]]:
    """Draws a kit.

    Args:
        rng: Of every choice.
        traits: Concepts of the drums; "kit-808", "kit-909" and "kit-acoustic" say what kit it is.
        style: Slug of the artist's style, or "".
        groove: Of the beat; old-school grooves like recorded drums.
        only: Drums to make, of `DRUMS`; all where it is None. It changes no drum that is made.
        bar_seconds: Length of a riser.
        synthetic: Whether only synthesised drums may be drawn.

    Returns:
        For each drum its one-shots of the velocity `LAYERS`, (n,) float32 each, the last at the drum's level in a mix.
    """
    seed = int(rng.integers(2**31))
    makers = _families(rng, traits, style, groove, synthetic)
    dusty = groove in _DUSTY_GROOVES or style == "kid-cudi"
    finish = _Finish(
        float(rng.uniform(0.2, 1.6 if style == "travis-scott" or groove in ("phonk", "rage", "crunk") else 0.9)),
        float(rng.uniform(6500, 10_000) if dusty else rng.uniform(11_000, 15_900)),
        float(rng.uniform(0.0, 0.16 if "kit-acoustic" in traits or dusty else 0.07)),
        float(rng.uniform(0.08, 0.3)),
    )
    kit = {}
    for name in DRUMS if only is None else sorted(set(only), key=DRUMS.index):
        own = np.random.default_rng([seed, DRUMS.index(name)])
        kit[name] = _drum(name, own, makers, finish, bar_seconds, synthetic)
    return kit


def _families(
    rng: Rng, traits: tuple[str, ...], style: str, groove: str, synthetic: bool
) -> tuple[list[str], np.ndarray]:
    """The families that a kit draws its drums from and their weights; one of them gets most of the weight."""
    weights = {"trap": 0.4, "808": 0.22, "909": 0.12, "one-shots": 0.12, "electronic": 0.06, "acoustic": 0.08}
    if groove in _OLD_GROOVES:
        weights |= {"trap": 0.18, "one-shots": 0.25, "acoustic": 0.35}
    if style == "kid-cudi":
        weights |= {"one-shots": 0.25, "acoustic": 0.2}
    if groove in ("phonk", "crunk", "detroit"):
        weights |= {"808": 0.5}
    if "kit-808" in traits:
        weights = {"808": 0.75, "machine": 0.25}
    elif "kit-909" in traits:
        weights = {"909": 1.0}
    elif "kit-acoustic" in traits:
        weights = {"acoustic": 0.7, "natural": 0.3}
    if synthetic:
        weights = {name: weight for name, weight in weights.items() if name in _SYNTHS} or {"trap": 1.0}
    names, shares = list(weights), np.array(list(weights.values()))
    main = int(rng.choice(len(names), p=shares / shares.sum()))
    shares = shares / shares.sum() * 0.4
    shares[main] += 0.6
    font, program = ("fluid", "muse")[int(rng.integers(2))], int(rng.choice(_PRESETS["acoustic"]))
    return [f"{name}:{font}:{program}" if name == "acoustic" else name for name in names], shares / shares.sum()


def _drum(
    name: str, rng: Rng, makers: tuple[list[str], np.ndarray], finish: _Finish, bar_seconds: float, synthetic: bool
) -> tuple[np.ndarray, ...]:
    if name == "riser":
        loud = trap_synth.riser(rng, bar_seconds)
        return tuple(_levelled(loud, name) * np.float32(gain) for gain in LAYERS)
    families, shares = makers
    layers = _raw(name, str(rng.choice(families, p=shares)), rng, synthetic)
    if name in ("kick", "snare", "clap") and rng.random() < 0.3:  # a second sound under the first
        other = _raw(name, str(rng.choice(families, p=shares)), rng, synthetic)
        share = np.float32(rng.uniform(0.25, 0.6))
        layers = tuple(_sum(first, second * share) for first, second in zip(layers, other, strict=True))
    tune = 2.0 ** (rng.normal(0, 0.8 if name == "kick" else 1.5) / 12)
    limit = round(_SECONDS.get(name, _LONGEST) * SAMPLE_RATE)
    return tuple(
        _finished(_ended(layer, limit), name, tune, finish, gain, rng)
        for layer, gain in zip(layers, LAYERS, strict=True)
    )


def _raw(name: str, family: str, rng: Rng, synthetic: bool) -> tuple[np.ndarray, ...]:
    """The drum of a family in each layer, with a peak of 1; of another family where that one does not have it."""
    kind, *font = family.split(":")
    if kind in ("one-shots", "natural") and one_shots.available() and not synthetic:
        names = [
            each for each in one_shots.CC0.get(name, ()) if kind != "natural" or each.startswith(one_shots.ACOUSTIC)
        ]
        if names:
            return _softened(one_shots.one_shot(str(rng.choice(names))), name)
        kind = "acoustic" if kind == "natural" else "trap"
    if kind in _PRESETS and name in _KEYS and not synthetic:
        preset = (
            (font[0], 128, int(font[1]))
            if font
            else (str(rng.choice(list(soundfonts.FONTS))), 128, int(rng.choice(_PRESETS[kind])))
        )
        key, seconds = int(rng.choice(_KEYS[name])), _SECONDS.get(name, _LONGEST)
        layers = tuple(soundfonts.play_note(preset, key, seconds, v, ring=0.0) for v in (0.4, 0.7, 0.95))
        if np.abs(layers[-1]).max() > 1e-3:
            return tuple(_from_start(layer / (np.abs(layer).max() + 1e-9)) for layer in layers)
    for family in (kind, *_FALLBACK):
        maker = _SYNTHS.get(family, {}).get(name)
        if name in ("tom_low", "tom_high") and family in ("808", "909", "trap"):
            tom = drum_synth.tom_909 if family == "909" else drum_synth.tom_808
            return _softened(tom(rng, name == "tom_high"), name)
        if maker:
            return _softened(maker(rng), name)
    raise ValueError(f"no sound for {name}")


def _softened(sound: np.ndarray, name: str) -> tuple[np.ndarray, ...]:
    """Three layers of one sound: the softer, the duller and shorter; with a peak of 1 each."""
    sound = sound / (np.abs(sound).max() + 1e-9)
    base = 2500 if name in ("kick", "tom_low", "conga") else 5500
    layers = []
    for gain in LAYERS[:-1]:
        soft = sosfilt(butter(1, min(15_000, base * (1 + 2 * gain)), fs=SAMPLE_RATE, output="sos"), sound)
        soft = soft * np.exp(-np.arange(len(soft)) / SAMPLE_RATE * 6 * (1 - gain))
        layers.append((soft / (np.abs(soft).max() + 1e-9)).astype(np.float32))
    return (*layers, sound.astype(np.float32))


def _ended(sound: np.ndarray, limit: int) -> np.ndarray:
    """The sound, faded out over its last third where it is longer than `limit` samples."""
    if len(sound) <= limit:
        return sound
    sound, fade = sound[:limit].copy(), limit // 3
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return sound


def _from_start(sound: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    return sound[max(0, int(loud[0]) - 16) :] if len(loud) else sound


def _finished(sound: np.ndarray, name: str, tune: float, finish: _Finish, gain: float, rng: Rng) -> np.ndarray:
    places = np.arange(0, len(sound) - 1, tune)
    sound = np.interp(places, np.arange(len(sound)), sound)
    if name not in ("crash", "ride", "shaker"):
        sound = np.tanh(sound * (0.3 + finish.drive)) / np.tanh(0.3 + finish.drive)
    if finish.cut < 15_000:
        sound = sosfilt(butter(1, finish.cut, fs=SAMPLE_RATE, output="sos"), sound)
    if finish.room > 0.01 and name not in ("kick", "closed_hat", "shaker"):
        n = round(finish.room_seconds * SAMPLE_RATE)
        tail = rng.standard_normal(n) * np.exp(-6 * np.arange(n) / n)
        tail = sosfilt(butter(1, [200, 6000], "bandpass", fs=SAMPLE_RATE, output="sos"), tail)
        sound = np.pad(sound, (0, n // 2))
        sound = sound + finish.room * 3 * fftconvolve(sound, tail / np.sqrt(np.sum(tail**2)))[: len(sound)]
    return _levelled(sound, name) * np.float32(gain)


def _levelled(sound: np.ndarray, name: str) -> np.ndarray:
    fade = min(len(sound), SAMPLE_RATE // 100)
    sound = np.asarray(sound, np.float32).copy()
    sound[len(sound) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return sound * np.float32(LEVELS[name] / (np.abs(sound).max() + 1e-9))


def _sum(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    out = np.zeros(max(len(first), len(second)), np.float32)
    out[: len(first)] += first
    out[: len(second)] += second
    return out / (np.abs(out).max() + 1e-9)
