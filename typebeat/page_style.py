"""How the page looks: theme, style sheet and the small pieces of HTML that Gradio has no component for.

Nothing is loaded from other hosts: the fonts are files inside Gradio's wheel, the pictures are data URLs. Whatever a
user typed is escaped here.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from importlib.resources import files
from typing import Any

import gradio as gr

from typebeat.engines import Weights
from typebeat.serving import Working
from typebeat.styles import STYLES

ASSETS = files("typebeat") / "assets"
STARTER_LINE = "the starter: a small model trained from nothing that ships with Typebeat. It is not MusicGen."
MUSICGEN_LINE = "a finetuned MusicGen"
# what Gradio draws itself -> the colours of colours.css
THEME_VARIABLES = {
    "body_background_fill": "var(--paper)",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--ink-soft)",
    "background_fill_primary": "var(--panel)",
    "background_fill_secondary": "var(--well)",
    "block_background_fill": "transparent",
    "block_border_width": "0px",
    "block_padding": "0px",
    "block_label_background_fill": "transparent",
    "block_label_text_color": "var(--ink-soft)",
    "block_title_text_color": "var(--ink)",
    "block_title_text_weight": "700",
    "block_title_text_size": "*text_sm",
    "block_info_text_color": "var(--ink-soft)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--accent)",
    "color_accent": "var(--accent)",
    "color_accent_soft": "var(--accent-wash)",
    "input_background_fill": "var(--well)",
    "input_background_fill_focus": "var(--well)",
    "input_border_color": "var(--line)",
    "input_border_color_focus": "var(--accent)",
    "input_border_width": "1px",
    "input_placeholder_color": "var(--ink-soft)",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 3px var(--accent-wash)",
    "slider_color": "var(--accent)",
    "loader_color": "var(--accent)",
    "link_text_color": "var(--accent-ink)",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent-deep)",
    "button_primary_text_color": "var(--on-accent)",
    "button_secondary_background_fill": "var(--well)",
    "button_secondary_background_fill_hover": "var(--line)",
    "button_secondary_border_color": "var(--line)",
    "button_secondary_text_color": "var(--ink)",
    "panel_background_fill": "transparent",
    "shadow_drop": "none",
}


def theme() -> gr.themes.Base:
    """Ink on warm paper, and the same by night; the accent follows the chosen style (page.css)."""
    paper = gr.themes.Color(
        "#faf7f2",
        "#f3eee6",
        "#e7dfd4",
        "#d5cabb",
        "#a99d8d",
        "#7d7265",
        "#5f564b",
        "#453e36",
        "#2b2622",
        "#1a1614",
        "#110e0d",
    )
    base = gr.themes.Base(
        primary_hue=gr.themes.colors.orange,
        secondary_hue=gr.themes.colors.violet,
        neutral_hue=paper,
        # of the fonts in Gradio's wheel these hold Latin letters; several others hold only exotic ones
        font=(gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)), "system-ui", "sans-serif"),
        font_mono=(
            gr.themes.LocalFont("Share Tech Mono", weights=(400,)),
            gr.themes.LocalFont("Montserrat", weights=(700,)),
            "ui-monospace",
            "monospace",
        ),
        radius_size=gr.themes.sizes.radius_lg,
    )
    # the style sheet's own variables know about the dark, so both modes read the same ones
    by_night = {f"{name}_dark": value for name, value in THEME_VARIABLES.items() if hasattr(base, f"{name}_dark")}
    return base.set(**THEME_VARIABLES, **by_night)


def head() -> str:
    """The script that plays, colours and pictures: Gradio rewrites what it gets as `css`, above all the dark mode."""
    pictures = [
        f"--picture-{slug}: url(data:image/svg+xml;base64,{b64encode((ASSETS / f'{slug}.svg').read_bytes()).decode()});"
        for slug in ("auto", *STYLES)
    ]
    colours = (ASSETS / "colours.css").read_text(encoding="utf-8")
    script = (ASSETS / "live.js").read_text(encoding="utf-8")
    return f"<style>\n{colours}:root {{ {' '.join(pictures)} }}\n</style>\n<script>\n{script}</script>"


def css() -> str:
    """The rules: page.css, then picture and tempo range of each card, and the accent that a chosen card switches."""
    rules = [(ASSETS / "page.css").read_text(encoding="utf-8")]
    for style in STYLES.values():
        slug, card = style.slug, f'.style-cards label:has(input[value="{style.slug}"])'
        rules += [
            f"{card}::before {{ background-image: var(--picture-{slug}); }}",
            f'{card}::after {{ content: "{style.bpm_low}–{style.bpm_high} BPM"; }}',
            f'.gradio-container:has(.style-cards input[value="{slug}"]:checked) {{ --sleeve: var(--picture-{slug}); '
            f"--accent: var(--{slug}); --accent-deep: var(--{slug}-deep); --accent-ink: var(--{slug}-ink); "
            f"--accent-wash: var(--{slug}-wash); --on-accent: #ffffff; }}",
        ]
    return "\n".join(rules)


# --- pieces of HTML; every argument that a user or a file can set is escaped ---


def masthead(weights: Weights) -> str:
    """Name and promise, and what a user must know of the weights, if anything."""
    notice = f'<p class="notice">{escape(weights.notice)}</p>' if weights.notice else ""
    return f"""<header class="masthead"><span class="pads" aria-hidden="true"><i></i><i></i><i></i><i></i></span>
<h1>Typebeat</h1><p>Write a line. Pick a style. Get a beat.</p></header>{notice}"""


def footnotes(weights: Weights, disclaimer: str) -> str:
    """Which model plays, in one honest line and who is not affiliated."""
    what = STARTER_LINE if weights.source == "starter" else f"{escape(weights.name)}, {MUSICGEN_LINE}."
    facts = " · ".join(escape(fact) for fact in (weights.revision, weights.licence, weights.device, weights.precision))
    return f"""<footer class="footnotes"><p class="weights"><b>Playing now</b> {what} <span>{facts}</span></p>
<p>{escape(disclaimer)}</p></footer>"""


def idle() -> str:
    """Before the first beat."""
    return _stage("idle", "Your beat plays here", "A line of text is enough. Leave the rest open and the words decide.")


def waiting(ahead: int) -> str:
    """Somebody else is served first."""
    who = "1 beat is" if ahead == 1 else f"{ahead} beats are"
    return _stage("waiting", "You are in line", f"{who} ahead of yours. It starts by itself.", _bar(None))


def working(state: Working) -> str:
    """What is happening now, and exactly how far it is."""
    share = state.done / state.needed if state.needed else 0.0
    left = f"about {max(1, state.seconds / share * (1 - share)):.0f} s left" if share > 0.05 else "just started"
    facts = f"step {state.done} of {state.needed} · {state.seconds:.0f} s gone, {left}"
    return _stage("working", f'{escape(state.doing)} <b class="percent">{share:.0%}</b>', facts, _bar(share))


def stopped() -> str:
    """Somebody pressed Stop."""
    return _stage("stopped", "Stopped", "Nothing was kept. Change what you like and make it again.")


def trouble(title: str, message: str) -> str:
    """A request that is wrong, or something that went wrong."""
    return _stage("trouble", escape(title), escape(message))


def finished(recipe: dict[str, Any]) -> str:
    """What was made."""
    name = STYLES[recipe["style"]].name
    bpm, bars, seconds = (
        f"{recipe['bpm']:g} BPM",
        f"{recipe['bars']} bar{'s' * (recipe['bars'] > 1)}",
        f"{recipe['seconds']:.2f} s",
    )
    facts = (bpm, recipe["key"], bars, seconds, f"seed {recipe['seed']}")
    chips = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    prompt = f'<p class="said">{escape(recipe["prompt"])}</p>' if recipe.get("prompt") else ""
    return _stage("finished", escape(name), "", f'{prompt}<ul class="chips">{chips}</ul>', recipe["style"])


def _stage(state: str, title: str, line: str, more: str = "", style: str = "") -> str:
    text = f"<p>{line}</p>" if line else ""
    picture = f' style="--sleeve: var(--picture-{style})"' if style else ""
    return (
        f'<div class="stage {state}" data-state="{state}"><div class="sleeve" aria-hidden="true"{picture}></div>'
        f'<div class="words" role="status" aria-live="polite"><h2>{title}</h2>{text}{more}</div></div>'
    )


def _bar(share: float | None) -> str:
    if share is None:
        return '<div class="bar" role="progressbar" aria-label="Waiting"><i class="unknown"></i></div>'
    percent = f"{share * 100:.1f}"
    return (
        f'<div class="bar" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}"><i style="width:{percent}%"></i></div>'
    )
