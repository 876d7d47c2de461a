"""Effects on each part and the balance between the parts."""

import numpy as np

from training.starter.corpus import effects
from training.starter.corpus.colours import Colour
from training.starter.corpus.score import PARTS, Plan, Score
from training.starter.simple_corpus.synth import SAMPLE_RATE

_PEAK = 0.889
_FRAME = SAMPLE_RATE // 20
_LEVELS = {"drums": 0.15, "808": 0.14, "chords": 0.062, "melody": 0.085}  # RMS while a part sounds
_QUIET = 0.1  # of a part's loudest frames: what is below does not count as sounding


def level(track: np.ndarray, target: float = 0.1) -> np.ndarray:
    """Scales a track to an RMS of `target` over the time in which it sounds; (n,) float32."""
    frames = len(track) // _FRAME
    if frames == 0:
        return track
    loudness = np.sqrt(np.mean(track[: frames * _FRAME].reshape(frames, _FRAME).astype(np.float64) ** 2, axis=1))
    loud = np.percentile(loudness, 95)
    if loud < 1e-7:
        loud = loudness.max()
    if loud < 1e-9:
        return track
    heard = loudness[loudness > _QUIET * loud]
    return track * np.float32(target / np.sqrt(np.mean(heard**2)))


def finish_drums(track: np.ndarray, plan: Plan, colour: Colour, rng: np.random.Generator) -> np.ndarray:
    """Gives the drums their saturation, filter and room; (n,) float32."""
    if colour.drive > 0.3:
        track = effects.saturate(track, 0.6 + colour.drive)
    if "tape" in plan.effects or "vinyl" in plan.effects:
        track = effects.low_pass(effects.saturate(track, 1.0), rng.uniform(6500, 9500), 1)
    if "muffled" in plan.effects:
        track = effects.low_pass(track, rng.uniform(3500, 6000), 1)
    if "bitcrush" in plan.effects:
        track = effects.crush(track, int(rng.integers(7, 10)), 2)
    if colour.drums < -0.05:
        track = effects.low_pass(track, 11_000 * 2.0 ** (8 * colour.drums), 1)
    elif colour.drums > 0.05:
        track = track + np.float32(2 * colour.drums) * effects.high_pass(track, 5000, 1)
    wet = 0.02 + (0.08 if "reverb" in plan.effects else 0.0) + 0.15 * max(0.0, colour.wet - 0.15)
    return effects.room(track, rng.uniform(0.25, 0.5) + 0.3 * ("reverb" in plan.effects), wet, 6000, rng)


def finish_bass(track: np.ndarray, plan: Plan) -> np.ndarray:
    """Gives the bass what the whole beat goes through; (n,) float32."""
    return effects.saturate(track, 0.9) if "tape" in plan.effects else track


def finish_tuned(track: np.ndarray, part: str, plan: Plan, colour: Colour, rng: np.random.Generator) -> np.ndarray:
    """Gives chords or melody the beat's effects; (n,) float32."""
    track = effects.high_pass(track, max(colour.thin, rng.uniform(70, 130)), 2)
    if colour.drive > 0.05:
        track = effects.saturate(track, 0.4 + 1.6 * colour.drive)
    if "bitcrush" in plan.effects:
        track = effects.crush(track, int(rng.integers(5, 8)), int(rng.integers(2, 5)))
    if "chorus" in plan.effects:
        track = effects.chorus(track, rng)
    if colour.wobble:
        track = effects.wobble(track, colour.wobble * rng.uniform(0.7, 1.3), rng.uniform(0.35, 0.8), rng)
    if colour.tremolo:
        track = effects.tremolo(
            track, plan.bpm / 60 * float(rng.choice((0.5, 1.0, 2.0))), colour.tremolo * rng.uniform(0.6, 1.2)
        )
    if "tape" in plan.effects:
        track = effects.low_pass(track, rng.uniform(3800, 6500), 2)
    if "muffled" in plan.effects:
        track = effects.low_pass(track, rng.uniform(900, 1700), 2)
    if "delay" in plan.effects and part == "melody":
        track = effects.echo(track, 0.75 * 60 / plan.bpm, rng.uniform(0.35, 0.55), rng.uniform(0.3, 0.45))
    cut = 2500 + 6000 * colour.brightness
    track = effects.room(track, colour.room * rng.uniform(0.8, 1.25), colour.wet * rng.uniform(0.8, 1.2), cut, rng)
    if "vinyl" in plan.effects and part == "chords":
        loud = np.sqrt(np.mean(track**2))
        track = effects.low_pass(track, rng.uniform(5000, 8000), 1) + np.float32(
            rng.uniform(0.04, 0.1)
        ) * loud * effects.crackle(len(track), rng)
    return track


def balanced(stems: dict[str, np.ndarray], score: Score) -> dict[str, np.ndarray]:
    """Sets the levels of the parts, lets the kick duck the tuned ones if asked, and keeps the sum below the peak."""
    plan = score.plan
    rng = np.random.default_rng([plan.seed, 12])
    out = {}
    for name in PARTS:
        gain = _LEVELS[name] * 10 ** (rng.uniform(-1.5, 1.5) / 20)
        out[name] = level(stems[name], gain) if np.any(stems[name]) else stems[name]
    if "sidechain" in plan.effects:
        kicks = [round((h.beat * 60 / plan.bpm + h.late) * SAMPLE_RATE) for h in score.hits if h.drum == "kick"]
        gain = effects.duck(len(out["drums"]), kicks, rng.uniform(0.55, 0.85), rng.uniform(0.08, 0.16))
        out["chords"] = out["chords"] * gain
        out["melody"] = out["melody"] * (0.45 + 0.55 * gain)
    peak = float(np.abs(np.sum([out[name] for name in PARTS], axis=0)).max())
    scale = np.float32(_PEAK / peak) if peak > 0 else np.float32(1)
    return {name: (sound * scale).astype(np.float32) for name, sound in out.items()}
