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

from typebeat.engines import WeightsError
from typebeat.engines.load import load_engines, with_choice_of_weights
from typebeat.page import serve
from typebeat.request.settings import read_settings
from typebeat.serving.jobs import JobRunner, health
from typebeat.serving.zerogpu import on_zerogpu


def main() -> int:
    """Loads the engines, says how it stands, and serves the page until it is stopped; returns the exit code."""
    began = time.monotonic()
    try:
        settings = read_settings()
        engines = load_engines(settings)
        print(f"typebeat: {health(engines)}, loaded in {time.monotonic() - began:.1f} s", flush=True)
        runner = JobRunner(on_zerogpu(engines, spaces.GPU) if spaces else with_choice_of_weights(engines, settings))
        serve(runner, inbrowser=not os.environ.get("SPACE_ID") and sys.stdout.isatty())
    except (WeightsError, OSError) as wrong:  # such as a disk that is full, or a port that another server has
        print(f"typebeat: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
