"""The sounds on the style cards: what the starter really made, as small files in `assets/samples`.

`training/starter/samples.py` made them; a style whose file is missing has no button.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files

from typebeat.page.html import PLAY_ICON, file_url
from typebeat.request.styles import STYLES

SAMPLES = files("typebeat") / "page" / "assets" / "samples"


def samples_html() -> str:
    """One small button a style, in the order of the cards."""
    buttons = []
    for style in STYLES.values():
        path = SAMPLES / f"{style.slug}.mp3"
        if path.is_file():
            name = f"a {style.name} beat"
            buttons.append(
                f'<div class="player sample" data-src="{escape(file_url(path))}" data-style="{style.slug}">'
                f'<button type="button" class="play" aria-label="Play {escape(name)}">{PLAY_ICON}</button></div>'
            )
    return f'<div class="samples">{"".join(buttons)}</div>'
