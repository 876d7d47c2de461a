"""Draws the mixer of a finished beat: a strip for each part, with its waveform, level, mute, solo, lock and Again.

`mixer.js` plays it: all parts from one clock. Which parts are made anew, and of what beat, is read in `anew.py`.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from typebeat.page.html import ICON, LOOP_ICON, PLAY_ICON, clock, download, file_url, peaks_of, wave_mask
from typebeat.page.results import read_sound, reference_of
from typebeat.parts.own.arranging import SAMPLE_PART
from typebeat.parts.pack import BeatPack, Recipe
from typebeat.parts.stems import FOLDER, part_of
from typebeat.request.options import listed
from typebeat.request.requests import BEATS_PER_BAR
from typebeat.sound.audio import Audio

PART_NAMES = {"bass": "808 and bass", "other": "Melody and the rest"}  # of other parts the part's own name
COLOURED = ("drums", "808", "bass", "chords", "melody", "other")  # parts with a colour in colours.css
WAVE_BARS = 200  # bars in a strip's waveform
BEND = 0.7  # of their heights, which stand beside each other on one scale
QUIETEST_DB, LOUDEST_DB = -40, 6  # of a level; at the lowest a part is silent
LOCK_ICON = ICON.format(
    '<path class="shut" d="M6 10V8a6 6 0 0 1 12 0v2h1a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1z'
    'm2.5 0h7V8a3.5 3.5 0 0 0-7 0z"/>'
    '<path class="open" d="M8.5 10V7a3.5 3.5 0 0 1 6.8-1.2l2.3-.9A6 6 0 0 0 6 7v3H5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h14'
    'a1 1 0 0 0 1-1v-9a1 1 0 0 0-1-1z"/>'
)
AGAIN_ICON = ICON.format('<path d="M12 5V1L7 6l5 5V7a5 5 0 1 1-5 5H5a7 7 0 1 0 7-7z"/>')


def mixer(pack: BeatPack, why_not: str, before: str = "") -> str:
    """Returns the mixer of a pack; empty where the pack holds no stems.

    Args:
        pack: The beat.
        why_not: Why no part of it can be made anew; empty where they can.
        before: What `JobRunner.pack` finds the beat by that this one keeps parts of, if the visitor comes from there.
    """
    stems = [path for path in pack.files if path.parent.name == FOLDER.strip("/")]
    if not stems:
        return ""
    recipe, sounds = pack.recipe, [read_sound(path) for path in stems]
    top = max(1e-9, *(max(peaks_of(sound, WAVE_BARS)) for sound in sounds))
    strips = [_strip(path, sound, top, why_not) for path, sound in zip(stems, sounds, strict=True)]
    back = '<button type="button" class="act" data-back>Back to the beat before</button>' if before else ""
    foot = '<p class="plan" role="status"></p>'
    if why_not:
        foot = f'<p class="why-not"><b>No part can be made anew here:</b> {escape(why_not)}.</p>'
    return (
        f'<section class="mixer" aria-labelledby="mixer-title" data-pack="{escape(reference_of(pack))}" '
        f'data-before="{escape(before)}" data-bars="{recipe["bars"]}" data-beats="{BEATS_PER_BAR}" '
        f'data-rate="{sounds[0].sample_rate}" data-seconds="{sounds[0].seconds:.4f}">'
        f'<div class="mixer-head"><h2 id="mixer-title">Mixer{_of_take(pack)}</h2>{back}</div>{lineage(recipe)}'
        f"{_transport(recipe['bars'], sounds[0].seconds)}"
        f'<div class="strips">{"".join(strips)}</div>'
        f'<p class="hint">Level, mute and solo change what you hear, not the files.</p>{foot}</section>'
    )


def lineage(recipe: Recipe) -> str:
    """Returns a line on which parts are new and of which beat the others are; empty for a beat that was made whole."""
    parents, anew = recipe.get("parents"), recipe.get("again")
    if not parents or not anew:
        return ""
    are = "is" if len(anew) == 1 else "are"
    return (
        f'<p class="lineage"><b>{escape(listed(anew, "and")).capitalize()}</b> {are} new; all else is of '
        f"<b>{escape(parents[-1])}</b></p>"
    )


def _of_take(pack: BeatPack) -> str:
    return f" of take {pack.recipe['best_take']}" if len(pack.takes) > 1 else ""


def _transport(bars: int, seconds: float) -> str:
    """Returns play, the ruler of bars by which one seeks, the clock, and loop."""
    marks = "".join(f"<i>{bar}</i>" for bar in range(1, bars + 1)) if bars <= 16 else ""
    return (
        f'<div class="transport">'
        f'<button type="button" class="mix-play" aria-label="Play all parts">{PLAY_ICON}</button>'
        f'<div class="ruler"><i class="played"></i><div class="marks" aria-hidden="true">{marks}</div>'
        f'<input type="range" class="mix-seek" min="0" max="{bars * BEATS_PER_BAR}" step="1" value="0" '
        f'aria-label="Position in the beat" aria-valuetext="bar 1, beat 1"></div>'
        f'<span class="clock"><span class="now">0:00</span> / {clock(seconds)}</span>'
        f'<button type="button" class="mix-loop" aria-pressed="true" aria-label="Loop">{LOOP_ICON}</button></div>'
    )


def _strip(path: Path, sound: Audio, top: float, why_not: str) -> str:
    part = part_of(path.name)
    title, said = escape(PART_NAMES.get(part, part.capitalize())), escape(PART_NAMES.get(part, part).lower())
    colour = part if part in COLOURED else "other"
    stays = part == SAMPLE_PART  # somebody's own sound, which is never made anew
    lock = _switch("lock", LOCK_ICON, f"Lock {said}", title="A locked part stays when others are made anew")
    wav = download(path, "WAV", said=f"WAV of the {PART_NAMES.get(part, part).lower()}")
    return (
        f'<div class="strip" role="group" aria-label="{title}" data-part="{escape(part)}" data-said="{said}" '
        f'{"data-stays " * stays}data-src="{file_url(path)}" style="--part:var(--part-{colour})">'
        f"<h3>{title}</h3>"
        f'<div class="switches">'
        f"{_switch('mute', 'M', f'Mute {said}')}{_switch('solo', 'S', f'Solo {said}')}"
        f"{'' if stays else lock}</div>"
        f'<div class="strip-sound" aria-hidden="true"><div class="strip-wave"><div class="wave" '
        f'style="{wave_mask(sound, bars=WAVE_BARS, top=top, bend=BEND)}"></div>'
        f'<i class="to-come"></i></div><div class="meter"><i></i></div></div>'
        f'<label class="level"><span class="sr">Level of {said}</span><input type="range" min="{QUIETEST_DB}" '
        f'max="{LOUDEST_DB}" step="1" value="0" aria-valuetext="0 dB"><output aria-hidden="true">0 dB</output></label>'
        f'<div class="strip-acts">{"" if stays else _again(said, why_not)}'
        f"{wav}</div></div>"
    )


def _switch(kind: str, shows: str, name: str, *, title: str = "") -> str:
    """Returns a button that is on or off."""
    more = f' title="{escape(title)}"' if title else ""
    return (
        f'<button type="button" class="switch {kind}" data-switch="{kind}" aria-pressed="false" '
        f'aria-label="{name}"{more}>{shows}</button>'
    )


def _again(said: str, why_not: str) -> str:
    title = why_not or f"Make the {said} anew; all other parts stay as they are"
    off = ' aria-disabled="true"' if why_not else ""
    return (
        f'<button type="button" class="act again" data-anew title="{escape(title)}" '
        f'aria-label="Again: new {said}"{off}>{AGAIN_ICON}<span>Again</span></button>'
    )
