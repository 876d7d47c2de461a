"""Small pieces of HTML for which Gradio has no component: masthead, the stage's states, players, chips, buttons.

Whatever a user typed or a file holds is escaped here.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from typebeat.engines import Weights
from typebeat.page.links import form_values
from typebeat.serving.states import Waiting, Working, duration
from typebeat.sound.audio import Audio

WAVE_BARS = 110  # bars in a drawn waveform
QUIETEST_BAR = 0.05  # height of silence, as a share of the loudest
ICON = '<svg viewBox="0 0 24 24" aria-hidden="true">{}</svg>'
PLAY_ICON = ICON.format('<path class="go" d="M8 5v14l11-7z"/><path class="hold" d="M7 5h4v14H7zm6 0h4v14h-4z"/>')
LOOP_ICON = ICON.format('<path d="M7 7h10v3l4-4-4-4v3H5v6h2zm10 10H7v-3l-4 4 4 4v-3h12v-6h-2z"/>')


def masthead(notices: Iterable[str]) -> str:
    """Returns name and motto, and what a user must know of the models."""
    notice = "".join(f'<p class="notice">{escape(text)}</p>' for text in notices)
    return f"""<header class="masthead"><span class="pads" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
<h1>Typebeat</h1><p>Write a line. Pick a style. Get a beat.</p></header>{notice}"""


def footnotes(weights: Weights, disclaimer: str) -> str:
    """Returns which model plays, and the disclaimer."""
    what = (
        "the starter, a small model that ships with Typebeat" if weights.source == "starter" else escape(weights.name)
    )
    return f"""<footer class="footnotes"><p class="weights"><b>Playing now</b> {what}
<span>{escape(weights.revision)}</span></p><p>{escape(disclaimer)}</p></footer>"""


# --- the stage: how it goes ---


def idle(title: str, line: str) -> str:
    """The stage before anything was made."""
    return stage("idle", title, line)


def waiting(state: Waiting) -> str:
    """The stage while others are served; the time is given only if it is known."""
    who, takes = ("1 job is", "it takes") if state.ahead == 1 else (f"{state.ahead} jobs are", "they take")
    when = f"how long {takes} is not known yet"
    if state.seconds is not None:
        when = f"about {duration(state.seconds)} to go"
    return stage("waiting", "You are in line", f"{who} ahead of yours, {when}. It starts by itself.", bar(None))


def working(state: Working) -> str:
    """The stage while a job runs: what is happening and how far it is."""
    share = state.done / state.needed if state.needed else 0.0
    left = f"about {duration(state.seconds / share * (1 - share))} left" if share > 0.05 else "just started"
    facts = (
        f'<p class="facts">step {state.done} of {state.needed} · {state.seconds:.0f} s gone, {left} '
        f'<b class="percent">{share:.0%}</b></p>'
    )
    return stage("working", escape(state.doing), "", facts + bar(share))


def stopped(line: str = "Nothing was kept. Change what you like and make it again.") -> str:
    """The stage after somebody pressed Stop; `line` says what that means."""
    return stage("stopped", "Stopped", line)


def trouble(title: str, message: str) -> str:
    """The stage for a wrong request or a failure."""
    return stage("trouble", escape(title), escape(message))


def stage(state: str, title: str, line: str, more: str = "", *, style: str = "", cover: Path | None = None) -> str:
    """The stage: a picture, a title and a line, which are read out when they change, and more, which is not.

    Args:
        state: "idle", "waiting", "working", "stopped", "trouble", "finished", or "gone" and "kept" of beats that are
            not here.
        title: HTML.
        line: HTML.
        more: HTML below the line.
        style: Slug of the style whose picture is shown; empty for that of the chosen style.
        cover: A picture that is shown whole instead.
    """
    text = f"<p>{line}</p>" if line else ""
    sleeve = f"--sleeve:url('{file_url(cover)}')" if cover else f"--sleeve:var(--picture-{style})" if style else ""
    shape = "sleeve square" if cover else "sleeve"
    return (
        f'<div class="stage {state}" data-state="{state}">'
        f'<div class="{shape}" aria-hidden="true" style="{sleeve}"></div>'
        f'<div class="words"><div role="status" aria-live="polite"><h2>{title}</h2>{text}</div>{more}</div></div>'
    )


def bar(share: float | None) -> str:
    """Returns a progress bar; None stands for an unknown share."""
    if share is None:
        return '<div class="bar" role="progressbar" aria-label="Waiting"><i class="unknown"></i></div>'
    percent = f"{share * 100:.1f}"
    return (
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}"><i style="width:{percent}%"></i></div>'
    )


# --- what several places show ---


def file_url(path: Path) -> str:
    """Returns the address of a file that this server made."""
    return f"gradio_api/file={quote(str(path))}"


def player(url: str, name: str, audio: Audio, *, loop: bool = True) -> str:
    """Returns a player with a drawn waveform, which `player.js` makes play, without a gap when it loops.

    Args:
        url: Address of the sound.
        name: Its name for screen readers, such as "take 1".
        audio: The sound itself, for its waveform and length.
        loop: Whether looping is switched on at first.
    """
    return (
        f'<div class="player" data-src="{escape(url)}" data-seconds="{audio.seconds:.3f}">'
        f'<button type="button" class="play" aria-label="Play {escape(name)}">{PLAY_ICON}</button>'
        f'<div class="track"><div class="wave" style="{wave_mask(audio)}"></div>'
        f'<input type="range" min="0" max="1000" value="0" aria-label="Position in {escape(name)}"></div>'
        f'<span class="clock"><span class="now">0:00</span> / {clock(audio.seconds)}</span>'
        f'<button type="button" class="loop" aria-pressed="{str(loop).lower()}" aria-label="Loop {escape(name)}">'
        f"{LOOP_ICON}</button></div>"
    )


def clock(seconds: float) -> str:
    """Returns minutes and seconds, such as 0:14."""
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


def wave_mask(audio: Audio, *, bars: int = WAVE_BARS, top: float | None = None, bend: float = 1.0) -> str:
    """Returns the waveform as a mask, which the style sheet colours.

    Args:
        audio: The sound.
        bars: How many bars are drawn.
        top: The sample value that is as high as the picture; of None the sound's own peak.
        bend: The exponent of heights; below 1 it lifts what is quiet.
    """
    peaks = peaks_of(audio, bars)
    top = max(*peaks, 1e-9) if top is None else top
    lines = "".join(
        f"M{2 * place + 1} {20 - 19 * height:.1f}V{20 + 19 * height:.1f}"
        for place, height in enumerate(max(QUIETEST_BAR, (peak / top) ** bend) for peak in peaks)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * bars} 40" preserveAspectRatio="none">'
        f'<path d="{lines}" stroke="#000" stroke-width="1.3" stroke-linecap="round"/></svg>'
    )
    return f"--wave:url(data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def peaks_of(audio: Audio, bars: int) -> list[float]:
    """Returns the peak of each of so many equal pieces of a sound."""
    edges = np.linspace(0, audio.length, bars + 1).astype(int)
    loudest = np.abs(audio.samples).max(axis=0)
    return [float(loudest[start:end].max(initial=0)) for start, end in pairwise(edges)]


def download(path: Path, text: str, *, kind: str = "", said: str = "") -> str:
    """Returns a link that saves a file under its own name.

    Args:
        path: The file.
        text: What the link shows.
        kind: "big" for one that catches the eye.
        said: Its name for screen readers, where the text alone does not tell which file it is.
    """
    label = f' aria-label="{escape(said)}"' if said else ""
    return (
        f'<a class="download {kind}" href="{escape(file_url(path))}" download="{escape(path.name)}"{label}>'
        f"{escape(text)}</a>"
    )


def size_of(path: Path) -> str:
    """Returns the size of a file, such as 1.2 MB."""
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{max(1, round(size / 1e3))} kB"


def again(text: str, options: dict[str, Any], explained: str, *, why_not: str = "") -> str:
    """Returns a button that fills the form with options and makes a beat; a reason in `why_not` switches it off."""
    off = ' aria-disabled="true"' if why_not else f' data-again="{escape(json.dumps(form_values(options)))}"'
    return f'<button type="button" class="act" title="{escape(why_not or explained)}"{off}>{escape(text)}</button>'


def field_error(text: str) -> str:
    """Returns what is wrong with a control that has no hint of its own."""
    return f'<p class="field-error" role="alert">{escape(text)}</p>' if text else ""
