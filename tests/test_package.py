"""What `import typebeat` offers, and what it does not load."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import typebeat

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "scipy", "torch", "gradio", "audiocraft", "transformers", "tensorflow")


def loaded_after(code: str) -> set[str]:
    """The heavy libraries that are loaded after `code` ran in a Python of its own."""
    report = f"import sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(ran.stdout.splitlines()[-1].split()) if ran.stdout.strip() else set()


def test_importing_the_package_loads_no_library():
    assert loaded_after("import typebeat") == set()


def test_asking_for_help_loads_no_library():
    code = "import typebeat.cli\ntry: typebeat.cli.main(['make', '--help'])\nexcept SystemExit: pass"
    assert loaded_after(code) == set()


def test_knowing_requests_and_engines_loads_no_model_library():
    assert loaded_after("import typebeat.pipeline, typebeat.engines") <= {"numpy", "scipy"}


@pytest.mark.parametrize("name", typebeat.__all__)
def test_every_public_name_is_there(name):
    assert getattr(typebeat, name)
    assert name in dir(typebeat)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = typebeat.nonsense


def test_installing_the_package_gives_a_command():
    declared = re.search(r'\[project\.scripts\]\ntypebeat = "(.+):(.+)"', (ROOT / "pyproject.toml").read_text())
    assert declared
    assert callable(getattr(importlib.import_module(declared[1]), declared[2]))
