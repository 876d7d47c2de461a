"""Notes and drums of the two soundfonts under the MIT licence, played in-process by FluidSynth, dry, one at a time.

Debian's packages `fluidsynth` (or its `libfluidsynth3`), `fluid-soundfont-gm` and
`musescore-general-soundfont-lossless` are needed. Samples are read when a preset is first played, and the 63
presets played last stay in memory. Every sound is rendered from silence, so equal arguments give equal samples.
"""

import ctypes
import ctypes.util
from collections import OrderedDict
from functools import cache
from pathlib import Path

import numpy as np

from training.starter.simple_corpus.synth import SAMPLE_RATE

FONTS = {
    "fluid": Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    "muse": Path("/usr/share/sounds/sf2/MuseScore_General_Full.sf2"),
}
MISSING = (
    "the recorded sounds need Debian's packages fluidsynth, fluid-soundfont-gm, musescore-general-soundfont-lossless "
    "and sonic-pi-samples (or render with synthetic=True)"
)
DRUM_BANK = 128
_BLOCK = 64  # samples that FluidSynth makes at a time; bends and note-offs fall between blocks
_CHANNELS = 63
_BEND_RANGE = 24  # semitones that a whole pitch bend spans
_CENTRE_BEND, _TOP_BEND = 8192, 16383
_MOD_WHEEL, _EXPRESSION, _VOLUME = 1, 11, 7
_LOUD_CC = 127
_CHECK_EVERY = 32  # blocks between looks whether a note has died away
_INTERPOLATION = 4  # fourth order


def available() -> bool:
    """Whether FluidSynth and both soundfonts are installed."""
    return ctypes.util.find_library("fluidsynth") is not None and all(path.exists() for path in FONTS.values())


class _Player:
    """A synthesiser with both fonts loaded; a preset stays on its channel until others push it out."""

    def __init__(self):
        if not available():
            raise FileNotFoundError(MISSING)
        self._lib = lib = ctypes.CDLL(ctypes.util.find_library("fluidsynth"))
        lib.new_fluid_settings.restype = lib.new_fluid_synth.restype = ctypes.c_void_p
        pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
        lib.fluid_settings_setnum.argtypes = [pointer, text, ctypes.c_double]
        lib.fluid_settings_setint.argtypes = [pointer, text, number]
        lib.new_fluid_synth.argtypes = [pointer]
        lib.fluid_synth_sfload.argtypes = [pointer, text, number]
        lib.fluid_synth_program_select.argtypes = [pointer, *[number] * 4]
        for name, count in (("noteon", 3), ("noteoff", 2), ("cc", 3), ("pitch_bend", 2), ("pitch_wheel_sens", 2)):
            getattr(lib, f"fluid_synth_{name}").argtypes = [pointer, *[number] * count]
        for name, count in (("all_sounds_off", 1), ("set_interp_method", 2), ("get_active_voice_count", 0)):
            getattr(lib, f"fluid_synth_{name}").argtypes = [pointer, *[number] * count]
        lib.fluid_synth_write_float.argtypes = [pointer, number, pointer, number, number, pointer, number, number]
        lib.fluid_set_log_function.argtypes = [number, pointer, pointer]
        for level in range(5):
            lib.fluid_set_log_function(level, None, None)
        settings = lib.new_fluid_settings()
        lib.fluid_settings_setnum(settings, b"synth.sample-rate", float(SAMPLE_RATE))
        lib.fluid_settings_setnum(settings, b"synth.gain", 0.5)
        for name, value in (
            *((b"synth.reverb.active", 0), (b"synth.chorus.active", 0), (b"synth.lock-memory", 0)),
            *((b"synth.dynamic-sample-loading", 1), (b"synth.threadsafe-api", 0), (b"synth.polyphony", 64)),
            (b"synth.midi-channels", _CHANNELS + 1),
        ):
            lib.fluid_settings_setint(settings, name, value)
        self._synth = lib.new_fluid_synth(settings)
        self._fonts = {name: lib.fluid_synth_sfload(self._synth, str(path).encode(), 0) for name, path in FONTS.items()}
        lib.fluid_synth_set_interp_method(self._synth, -1, _INTERPOLATION)
        self._channels: OrderedDict[tuple[str, int, int], int] = OrderedDict()

    def channel(self, font: str, bank: int, program: int) -> int:
        """The channel that has a preset, loaded if need be."""
        preset = (font, bank, program)
        if preset in self._channels:
            self._channels.move_to_end(preset)
            return self._channels[preset]
        used = len(self._channels)
        number = used if used < _CHANNELS else self._channels.popitem(last=False)[1]
        number += number >= 9 if used < _CHANNELS else 0  # the tenth is General MIDI's drum channel
        if self._lib.fluid_synth_program_select(self._synth, number, self._fonts[font], bank, program) != 0:
            raise ValueError(f"{FONTS[font].name} has no preset {bank}:{program}")
        self._lib.fluid_synth_pitch_wheel_sens(self._synth, number, _BEND_RANGE)
        self._lib.fluid_synth_cc(self._synth, number, _VOLUME, _LOUD_CC)
        self._channels[preset] = number
        return number

    def play(self, preset, pitch, seconds, velocity, ring, bends, vibrato) -> np.ndarray:
        """Renders one note until it has died away, `ring` seconds after its end at the latest; (n,) float32."""
        lib, synth, channel = self._lib, self._synth, self.channel(*preset)
        held = max(1, round(seconds * SAMPLE_RATE / _BLOCK))
        total = held + round(ring * SAMPLE_RATE / _BLOCK)
        sound = np.zeros((2, total * _BLOCK), np.float32)
        changes = {0: [(_MOD_WHEEL, 0)]}
        if vibrato:
            fade_in = np.linspace(0, vibrato, 6)[1:]
            for at, depth in zip(np.linspace(0.12, 0.45, 5), fade_in, strict=True):
                changes.setdefault(round(at * SAMPLE_RATE / _BLOCK), []).append((_MOD_WHEEL, round(127 * depth)))
        lib.fluid_synth_pitch_bend(synth, channel, self._bend(bends[0]) if bends is not None else _CENTRE_BEND)
        for controller, value in changes.pop(0):
            lib.fluid_synth_cc(synth, channel, controller, value)
        lib.fluid_synth_noteon(
            synth, channel, pitch, velocity
        )  # once for nothing: a voice slides from its last panning
        self._silence()
        lib.fluid_synth_noteon(synth, channel, pitch, velocity)
        at = 0
        while at < total:
            for controller, value in changes.pop(at, ()):
                lib.fluid_synth_cc(synth, channel, controller, value)
            if at == held:
                lib.fluid_synth_noteoff(synth, channel, pitch)
            if bends is not None and at < len(bends):
                lib.fluid_synth_pitch_bend(synth, channel, self._bend(bends[at]))
            stop = min([total, at + _CHECK_EVERY, *(edge for edge in (held, *changes) if edge > at)])
            if bends is not None and at < len(bends):
                stop = min(stop, at + 1)
            out, begin = sound.ctypes.data, at * _BLOCK
            right = out + sound.shape[1] * 4
            lib.fluid_synth_write_float(synth, (stop - at) * _BLOCK, out, begin, 1, right, begin, 1)
            at = stop
            if at % _CHECK_EVERY == 0 and lib.fluid_synth_get_active_voice_count(synth) == 0:
                break
        self._silence()
        return sound[:, : at * _BLOCK].mean(axis=0)

    def _silence(self) -> None:
        """Lets what sounds begin, ends it, and leaves every voice at rest."""
        rest = np.zeros(2 * _BLOCK, np.float32)
        out = rest.ctypes.data
        for _ in range(2):
            self._lib.fluid_synth_write_float(self._synth, _BLOCK, out, 0, 1, out + 4 * _BLOCK, 0, 1)
            self._lib.fluid_synth_all_sounds_off(self._synth, -1)

    @staticmethod
    def _bend(semitones: float) -> int:
        return int(np.clip(round(_CENTRE_BEND * (1 + semitones / _BEND_RANGE)), 0, _TOP_BEND))


@cache
def _player() -> _Player:
    return _Player()


def blocks(seconds: float) -> int:
    """How many pitch bends a time of `seconds` takes."""
    return max(1, round(seconds * SAMPLE_RATE / _BLOCK))


def play_note(
    preset: tuple[str, int, int],
    pitch: int,
    seconds: float,
    velocity: float,
    *,
    ring: float = 1.0,
    bends: np.ndarray | None = None,
    vibrato: float = 0.0,
) -> np.ndarray:
    """Plays one note of a preset.

    Args:
        preset: Name of the font (of `FONTS`), bank and program; bank 128 has the drum kits.
        pitch: MIDI pitch, or the drum's key.
        seconds: How long the key is held.
        velocity: In (0, 1].
        ring: Seconds that the sound may last after that.
        bends: Semitones above the pitch, one for each two milliseconds from the start.
        vibrato: Depth in [0, 1] by the modulation wheel; it fades in.

    Returns:
        The note without reverb or chorus, (n,) float32 at `SAMPLE_RATE`.
    """
    strength = int(np.clip(round(127 * velocity), 1, 127))
    return _player().play(preset, int(pitch), seconds, strength, ring, bends, vibrato)
