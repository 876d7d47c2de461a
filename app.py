"""The Space: settings, engine, page, launch. The only file that imports `spaces`, and only where that is installed."""

from __future__ import annotations

import os
import sys
import time
from importlib.util import find_spec

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported
if os.environ.get("SPACE_ID") and find_spec("spaces"):
    import spaces  # before torch, which it prepares for GPUs that come and go
else:
    spaces = None

from typebeat.engines import WeightsError, load_beat_engine
from typebeat.page import build_page, launch_options
from typebeat.settings import read_settings
from typebeat.zerogpu import LentEngine


def main() -> int:
    """Loads the engine, says how it stands, and serves the page until it is stopped; returns the exit code."""
    began = time.monotonic()
    try:
        engine = load_beat_engine(read_settings().beat)
    except WeightsError as wrong:
        print(f"typebeat: {wrong}", file=sys.stderr)
        return 1
    weights, seconds = engine.weights, time.monotonic() - began
    health = f"{weights.name}@{weights.revision} on {weights.device}, {weights.precision}, loaded in {seconds:.1f} s"
    print(f"typebeat: {health}. {weights.notice}".rstrip(" ."), flush=True)
    page = build_page(LentEngine(engine, spaces.GPU) if spaces else engine)
    page.launch(**launch_options(), inbrowser=not os.environ.get("SPACE_ID") and sys.stdout.isatty())
    return 0


if __name__ == "__main__":
    sys.exit(main())
