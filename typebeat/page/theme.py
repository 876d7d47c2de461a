"""Makes the page's look: theme, style sheet, script.

Nothing is loaded from other hosts: the fonts are files inside Gradio's wheel, the pictures are data URLs.
"""

from __future__ import annotations

from base64 import b64encode
from importlib.resources import files

import gradio as gr

from typebeat.request.styles import STYLES

ASSETS = files("typebeat") / "page" / "assets"
ROLL = ("roll_sound.js", "roll.js", "roll_input.js", "roll_midi.js")  # piano rolls
SCRIPTS = ("live.js", "player.js", "mixer_sound.js", "mixer.js", "page.js", "own.js", *ROLL)
SHEETS = ("page.css", "results.css", "mixer.css", "own.css", "roll.css")
# variables of Gradio's theme -> colours of colours.css
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
    """Returns the theme, in which light and dark mode read the same variables of the style sheet."""
    light = ("#faf7f2", "#f3eee6", "#e7dfd4", "#d5cabb", "#a99d8d")
    dark = ("#7d7265", "#5f564b", "#453e36", "#2b2622", "#1a1614", "#110e0d")
    base = gr.themes.Base(
        primary_hue=gr.themes.colors.orange,
        secondary_hue=gr.themes.colors.violet,
        neutral_hue=gr.themes.Color(*light, *dark),
        # these fonts of Gradio's wheel hold Latin letters; several others there do not
        font=(gr.themes.LocalFont("Source Sans Pro", weights=(400, 700)), "system-ui", "sans-serif"),
        font_mono=(
            gr.themes.LocalFont("Share Tech Mono", weights=(400,)),
            gr.themes.LocalFont("Montserrat", weights=(700,)),
            "ui-monospace",
            "monospace",
        ),
        radius_size=gr.themes.sizes.radius_lg,
    )
    by_night = {f"{name}_dark": value for name, value in THEME_VARIABLES.items() if hasattr(base, f"{name}_dark")}
    return base.set(**THEME_VARIABLES, **by_night)


def head() -> str:
    """Returns colours, pictures and scripts, as part of the head since Gradio rewrites what it gets as `css`."""
    pictures = [
        f"--picture-{slug}: url(data:image/svg+xml;base64,{b64encode((ASSETS / f'{slug}.svg').read_bytes()).decode()});"
        for slug in ("auto", *STYLES)
    ]
    colours = (ASSETS / "colours.css").read_text(encoding="utf-8")
    script = "".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f"<style>\n{colours}:root {{ {' '.join(pictures)} }}\n</style>\n<script>\n{script}</script>"


def css() -> str:
    """Returns the style sheets, and for each style the rules of its card and of the accent it chooses."""
    rules = [(ASSETS / name).read_text(encoding="utf-8") for name in SHEETS]
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
