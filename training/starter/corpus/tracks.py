"""Puts a score's notes and hits on a time line with the sounds that were drawn; levels come later, in `mixing`."""

from dataclasses import replace

import numpy as np

from training.starter.corpus.bass_sounds import Bass
from training.starter.corpus.instruments import Sound
from training.starter.corpus.kits import LAYERS
from training.starter.corpus.score import Event, Hit
from training.starter.corpus.sources import STRUM_SECONDS
from training.starter.simple_corpus.synth import SAMPLE_RATE

_LEGATO_SECONDS = {"glide-lead": 0.4}
_LEGATO = 0.06  # a pause up to this long still lets the pitch slide from the note before
_LATE_SECONDS = 0.004  # standard deviation of a player's timing
_CHOKE_SECONDS = 0.012
_TAKES = 2


def play_drums(
    hits: tuple[Hit, ...], kit: dict[str, tuple[np.ndarray, ...]], bpm: float, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Plays the hits; an open hat ends where the next closed or open one begins; (n,) float32."""
    track = np.zeros(n, np.float32)
    ordered = sorted(hits, key=lambda hit: (hit.beat * 60 / bpm + hit.late, hit.drum))
    starts = [max(0, _sample(hit.beat, bpm, hit.late)) for hit in ordered]
    hats = [at for at, hit in zip(starts, ordered, strict=True) if hit.drum in ("closed_hat", "open_hat")]
    for at, hit in zip(starts, ordered, strict=True):
        layers = kit[hit.drum]
        number = int(np.argmin([abs(gain - hit.velocity) for gain in LAYERS]))
        sound = layers[number] * np.float32(hit.velocity / LAYERS[number] * rng.uniform(0.94, 1.06))
        if hit.drum == "open_hat":
            ends = [other for other in hats if other > at]
            sound = _choked(sound, min(ends) - at) if ends else sound
        add(track, sound, at)
    return track


def one_at_a_time(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Returns the notes in order, each of them ended where the next one begins, as a bass plays them."""
    ordered = sorted(events, key=lambda event: event.beat)
    ended = []
    for event, after in zip(ordered, [*ordered[1:], None], strict=False):
        overlaps = after is not None and event.beat < after.beat < event.beat + event.length
        ended.append(replace(event, length=after.beat - event.beat) if overlaps else event)
    return tuple(ended)


def play_bass(events: tuple[Event, ...], bass: Bass, bpm: float, n: int) -> np.ndarray:
    """Plays the bass, one note at a time; (n,) float32."""
    track, cache = np.zeros(n, np.float32), {}
    for event in one_at_a_time(events):
        shape = (event.pitch, round(event.length, 3), round(event.velocity, 2), event.glide_to)
        if shape not in cache:
            cache[shape] = bass.note(event.pitch, event.length * 60 / bpm, event.velocity, None, event.glide_to)
        add(track, cache[shape], _sample(event.beat, bpm))
    return track


def play_tuned(events: tuple[Event, ...], sound: Sound, bpm: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """Plays the notes of one instrument: chords strummed, single notes sliding where it can; (n,) float32."""
    track, cache = np.zeros(n, np.float32), {}
    spread = STRUM_SECONDS.get(sound.name, 0.0)
    legato = _LEGATO_SECONDS.get(sound.name, _LEGATO)
    ordered = sorted(events, key=lambda event: (event.beat, event.pitch))
    chord_start, place, before, uses = None, 0, None, {}
    strum, ahead = spread * rng.uniform(0.6, 1.6), sound.ahead()
    for number, event in enumerate(ordered):
        place = place + 1 if event.beat == chord_start else 0
        chord_start = event.beat
        alone = place == 0 and (number + 1 == len(ordered) or ordered[number + 1].beat > event.beat)
        slide = None
        if alone and before is not None and sound.portamento:
            pause = (event.beat - before.beat - before.length) * 60 / bpm
            slide = before.pitch if before.glide_to is None else before.glide_to
            slide = slide if pause < legato and slide != event.pitch else None
        layer = sound.layer(event.velocity)
        shape = (event.pitch, round(event.length, 3), layer, slide, event.glide_to)
        take = uses[shape] = uses.get(shape, -1) + 1
        key = (*shape, take % _TAKES if sound.source.preset is None else 0)
        if key not in cache:
            cache[key] = sound.note(event.pitch, event.length * 60 / bpm, layer, slide, event.glide_to, take % _TAKES)
        late = max(0.0, rng.normal(0.002, _LATE_SECONDS)) if event.beat > 0 else 0.0
        gain = (0.35 + 0.65 * event.velocity) * rng.uniform(0.93, 1.07)
        add(track, cache[key] * np.float32(gain), _sample(event.beat, bpm, late + place * strum - ahead))
        before = event if alone else None
    return track


def add(track: np.ndarray, sound: np.ndarray, at: int) -> None:
    """Adds a sound to a track from sample `at` on, as far as it fits; what would begin before the track is cut off."""
    start, end = max(0, at), min(len(track), at + len(sound))
    if end > start:
        track[start:end] += sound[start - at : end - at]


def _sample(beat: float, bpm: float, late: float = 0.0) -> int:
    return round((beat * 60 / bpm + late) * SAMPLE_RATE)


def _choked(sound: np.ndarray, length: int) -> np.ndarray:
    fade = round(_CHOKE_SECONDS * SAMPLE_RATE)
    if length + fade >= len(sound):
        return sound
    cut = sound[: length + fade].copy()
    cut[length:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return cut
