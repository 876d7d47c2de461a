"""Builds the tab that explains Typebeat: weights in use, licences, limits, and how to train your own weights."""

from __future__ import annotations

from html import escape

import gradio as gr

from typebeat.engines import Engines, Weights
from typebeat.engines.load import hub_entries
from typebeat.page.links import OPTIONS
from typebeat.parts.licences import plain_licence
from typebeat.request.styles import DISCLAIMER
from typebeat.serving.kept_folders import KEPT_SECONDS

STARTER = (
    "A small model, trained from scratch on beats that a program composed, so no recording of anybody is in it. It "
    "shows the whole way from text to a pack and makes usable sketches. It is not MusicGen and does not sound like it."
)
MUSICGEN = (
    "Meta's music model of 2023, or a finetune of it. It sounds richer and needs a GPU. Its weights are CC-BY-NC-4.0."
)
PITCHES = "basic-pitch's network, from Spotify's package"
TRAINING = (
    "<p>The folder <code>training/</code> gathers beats and captions, finetunes the music model and the cover model, "
    "and pushes both to the Hub. Set <code>TYPEBEAT_BEAT</code> and <code>TYPEBEAT_COVER</code> to their names, and "
    "this page uses them.</p>"
)
PROGRAMS = (
    "<p>Everything that the tabs do can also be called with <code>gradio_client</code>, and by agents through MCP: see "
    "“Use via API” at the foot of the page.</p>"
)
LIMITS = (
    "No vocals: it makes instrumentals.",
    "Every beat is in 4/4 at one tempo; a half-time beat is written at twice the tempo that it is felt at.",
    "MIDI is written down from the sound, so it is a sketch of the parts and may be wrong.",
    "A measured tempo or key is a guess where the page says so.",
    f"Packs can be downloaded for {KEPT_SECONDS // 3600} hours; after that their recipe makes them again.",
)


def build_about_tab(engines: Engines) -> None:
    """Builds the tab inside the current Gradio block."""
    gr.HTML(about_html(engines), padding=False, js_on_load=None, elem_id="about")


def about_html(engines: Engines) -> str:
    """Returns the whole tab."""
    loaded = {"Beats": engines.beat.weights}
    if engines.cover is not None:
        loaded["Covers"] = engines.cover.weights
    rows = "".join(_weights_row(what, weights) for what, weights in loaded.items()) + _listener_rows(engines)
    entries = "".join(
        f"<tr><th scope=row>{escape(entry.repo)}</th><td>{escape(entry.purpose)}</td>"
        f"<td>{escape(plain_licence(entry.licence))}</td></tr>"
        for entry in hub_entries()
    )
    bars = OPTIONS["bars"].metadata["high"]
    limits = "".join(
        f"<li>{escape(line)}</li>" for line in (*LIMITS, f"At most {bars} bars and {_takes()} takes at once.")
    )
    sections = {
        "Playing now": _table(("for", "weights", "runs on", "what you may do with what it makes"), rows),
        "Starter and MusicGen": f"<p><b>The starter.</b> {escape(STARTER)}</p>"
        f"<p><b>MusicGen.</b> {escape(MUSICGEN)}</p>" + _table(("on the Hub", "for", "licence"), entries),
        "Limits": f"<ul>{limits}</ul>",
        "Train your own": TRAINING,
        "For programs": PROGRAMS,
        "Names": f"<p>{escape(DISCLAIMER)} The code is MIT.</p>",
    }
    inside = "".join(f"<section><h2>{title}</h2>{body}</section>" for title, body in sections.items())
    return f'<div class="about-us">{inside}</div>'


def _table(heads: tuple[str, ...], rows: str) -> str:
    cells = "".join(f"<th scope=col>{head}</th>" for head in heads)
    return f'<div class="scroll" tabindex="0"><table><tr>{cells}</tr>{rows}</table></div>'


def _takes() -> int:
    return OPTIONS["takes"].metadata["high"]


def _listener_rows(engines: Engines) -> str:
    """Returns rows for what splits stems and hears pitches; neither needs a GPU."""
    rows = ""
    if engines.stems is not None:
        rows += f"<tr><th scope=row>Stems</th><td colspan=3>{escape(engines.stems.method)}</td></tr>"
    if engines.pitches is not None:
        cells = (PITCHES, "cpu, fp32", plain_licence("apache-2.0"))
        rows += f"<tr><th scope=row>MIDI</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
    return rows


def _weights_row(what: str, weights: Weights) -> str:
    name = "the starter" if weights.source == "starter" else weights.name
    cells = (f"{name} {weights.revision}", f"{weights.device}, {weights.precision}", plain_licence(weights.licence))
    return f"<tr><th scope=row>{what}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
