"""What cannot be used of what somebody brings: each case in one line that says what was heard and what would work."""

from __future__ import annotations

import numpy as np

from typebeat.engines import BeatEngine
from typebeat.hearing.passport import SURE_OF_BEAT
from typebeat.hearing.pitch_track import PitchTrack
from typebeat.hearing.sample import STEADY_SECONDS, HeardSample
from typebeat.midi.parts_of import Voice
from typebeat.midi.reader import MidiSong
from typebeat.midi.voice import SungLine
from typebeat.parts.own import CHORDS, MIDI, SOUND, Reference
from typebeat.request.options import RequestError, listed
from typebeat.request.reference import CONTINUE, FIELD, MELODY, NOTES, SAMPLE, STYLE, WITH_A_SAMPLE, ReferenceOptions

USES_OF = {SOUND: (SAMPLE, MELODY, CONTINUE, STYLE), MIDI: (NOTES, MELODY), CHORDS: (NOTES,)}
FEWEST_NOTES = 3  # of a tune
HELD_IN_MUSIC = 0.3  # share of a sound without a beat in which a pitch is held, if it is music
LEAST_VOICED = 0.15  # share of a hum in which a pitch is heard
A_LOOP = "a loop of keys, guitar, voice or drums with a steady beat in 4/4 works"
A_HUM = "hum or play one note at a time, close to the microphone, without words"


class NoPartError(RequestError):
    """No voice of a MIDI file was taken for a part; `voices` are those that it has."""

    def __init__(self, message: str, voices: tuple[Voice, ...]) -> None:
        super().__init__(FIELD, message)
        self.voices = voices


def wrong(message: str, field: str = FIELD) -> RequestError:
    """An error of the reference."""
    return RequestError(field, message)


def check_together(reference: object, options: ReferenceOptions, earlier: object) -> None:
    """Refuses options of a reference without one, and beside an earlier beat, whose sound stays as it is."""
    if not options.corrections or (reference is not None and earlier is None):
        return
    name = next(iter(options.corrections)).replace("_", "-")
    if earlier is not None:
        raise wrong(f"what is kept of an earlier beat stays as it is there: leave out {name}")
    raise wrong(f"{name} says how a reference is used, and there is none: bring a sound, a MIDI file or chords")


def check_sample(sample: HeardSample, held: float, options: ReferenceOptions) -> None:
    """Refuses a sound that new parts cannot be played to.

    Args:
        sample: As it was heard.
        held: In which share of it a pitch is held.
        options: What is said of it; a tempo that is said settles all doubts about its beat.

    Raises:
        RequestError: it is no music, has no steady beat, is not in 4/4, or is shorter than a bar.
    """
    is_stated, has_beat = options.reference_bpm is not None, sample.sure_of_beat >= SURE_OF_BEAT
    if not (is_stated or has_beat or held >= HELD_IN_MUSIC):
        raise wrong(
            f"neither held notes nor a steady beat were heard in it, as in noise or speech; {A_LOOP}; if it is music, "
            "say its tempo (reference-bpm)"
        )
    if not sample.key and not options.with_parts and options.use != CONTINUE:
        raise wrong(
            f"only drums were heard in it, nothing with a pitch, and {' and '.join(WITH_A_SAMPLE)} would play over "
            "them; say what is to play with it, such as with-parts 808,chords,melody"
        )
    if not is_stated:
        _check_steady(sample, has_beat=has_beat)
    if sample.grid.bars < 1:
        raise wrong(
            f"it is shorter than a bar at {sample.grid.bpm:.4g} BPM; bring at least a bar, or say its tempo "
            "(reference-bpm, or reference-tempo x2)"
        )


def _check_steady(sample: HeardSample, *, has_beat: bool) -> None:
    if sample.told_metre:
        raise wrong(
            f"it sounds like {sample.told_metre}, and beats are made in 4/4; {A_LOOP}; if it is in 4/4, say its tempo "
            "(reference-bpm)"
        )
    if sample.tempos:
        steps = " to ".join(f"{bpm:g}" for bpm in sample.tempos)
        raise wrong(f"its tempo changes from {steps} BPM; cut it to a part that has one tempo")
    if not sample.is_loop and not has_beat:
        raise wrong("no steady beat was heard in it; say its tempo (reference-bpm), or bring a loop cut to whole bars")
    if sample.drift_seconds > STEADY_SECONDS:
        walks = f"its beats walk by {1000 * sample.drift_seconds:.0f} ms"
        raise wrong(f"its tempo is not steady, {walks}; cut it to a part that is, or say its tempo (reference-bpm)")


def check_hum(line: SungLine, track: PitchTrack) -> None:
    """Refuses a sound in which no tune was heard."""
    voiced = float(np.isfinite(track.pitch).mean()) if len(track.pitch) else 0.0
    if len(line.notes) < FEWEST_NOTES or voiced < LEAST_VOICED:
        heard = f"only {len(line.notes)} notes were" if line.notes else "no note was"
        raise wrong(f"{heard} heard in it, too few for a tune; {A_HUM}")


def check_playable(reference: Reference, beat: BeatEngine) -> None:
    """Refuses a reference whose notes are to be played where the loaded weights neither play notes nor hear a tune."""
    if reference.use == STYLE:
        check_style_heard(beat)
        return
    hears_it = reference.use == MELODY and beat.takes_melody
    if not (reference.stays or hears_it):
        weights = f"{beat.weights.name}@{beat.weights.revision}"
        check_notes_known(beat.takes_notes, weights, "the tune" if reference.use == MELODY else "these notes")


def check_notes_known(takes_notes: bool, weights: str, what: str) -> None:
    """Refuses given notes where the loaded weights do not play them."""
    if not takes_notes:
        raise wrong(
            f"the loaded weights ({weights}) were not taught to play given notes, so {what} cannot be played by them; "
            "MusicGen's melody models can play a tune, and a sound used as sample works with any weights",
            "use",
        )


def check_style_heard(beat: BeatEngine) -> None:
    """Refuses to copy how a sound sounds where the loaded weights do not hear it."""
    if not beat.takes_style:
        raise wrong(
            f"the loaded weights ({beat.weights.name}@{beat.weights.revision}) do not hear how a sound sounds, so they "
            "cannot copy it; MusicGen-Style models that hear by an EnCodec can, a sound used as sample or continue "
            "works with any weights, or say in words how it sounds",
            "use",
        )


def check_use(use: str, kind: str, options: ReferenceOptions) -> None:
    """Refuses a use that a kind of reference cannot have, and voices without MIDI."""
    if options.voices and kind != MIDI:
        raise wrong("voices are those of a MIDI file; leave them out for a sound or chords", "voices")
    if use not in USES_OF[kind]:
        names = {"sound": "a sound", "midi": "a MIDI file", "chords": "chords as text"}
        raise wrong(f"{names[kind]} cannot be used as {use}; it can as {listed(USES_OF[kind])}", "use")


def check_song(song: MidiSong) -> None:
    """Refuses a MIDI file in another metre."""
    if song.metre[0] / song.metre[1] not in (1, 0.5):  # 4/4, 2/2, 8/8, 2/4
        count, unit = song.metre
        raise wrong(f"it is in {count}/{unit}, and beats are made in 4/4; export it in 4/4")
