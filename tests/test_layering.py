"""Who imports whom: never upward, and each heavy library only where it belongs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOMAIN, ENGINES, PARTS, PIPELINE, SERVING, DOORS, APP = range(7)
DOMAIN_MODULES = {
    *("request", "sound", "hearing", "covers", "version"),
    "midi",
}
LAYERS = {"engines": ENGINES, "parts": PARTS, "pipeline": PIPELINE, "serving": SERVING, "app": APP}
LIBRARIES = {  # library -> the layers that may import it
    "torch": {ENGINES},
    "torchaudio": {ENGINES},
    "audiocraft": {ENGINES},
    "transformers": {ENGINES},
    "diffusers": {ENGINES},
    "peft": {ENGINES},
    "accelerate": {ENGINES},
    "safetensors": {ENGINES},
    "basic_pitch": set(),  # only its network is read, by onnxruntime
    "onnxruntime": {ENGINES},
    "demucs": {ENGINES},
    "huggingface_hub": {ENGINES},
    "gradio": {DOORS, APP},
    "spaces": {APP},
}
MODULES = sorted(path for path in [*(ROOT / "typebeat").rglob("*.py"), ROOT / "app.py"] if path.is_file())


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in MODULES}


def layer_of(name: str) -> int:
    """The layer of "typebeat.x.y" or "app"; what is not named here is a door."""
    part = name.removeprefix("typebeat.").split(".")[0]
    return DOMAIN if part in DOMAIN_MODULES else LAYERS.get(part, DOORS)


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it; "typebeat" alone (its version) does not count."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            whole = {f"{node.module}.{alias.name}" for alias in node.names} & NAMES
            found |= whole or {node.module or ""}
    return found - {"typebeat"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_nothing_from_above_it(path):
    if name_of(path) in ("typebeat", "typebeat.__main__"):  # public names, and the way into the command line
        return
    layer = layer_of(name_of(path))
    above = [name for name in imports_of(path) if name in NAMES and layer_of(name) > layer]
    assert not above


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_heavy_library_is_imported_only_where_it_belongs(path):
    misplaced = {
        library
        for library in (name.split(".")[0] for name in imports_of(path))
        if layer_of(name_of(path)) not in LIBRARIES.get(library, {layer_of(name_of(path))})
    }
    assert not misplaced


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_package_never_imports_training_benchmarks_or_tests(path):
    assert not {name.split(".")[0] for name in imports_of(path)} & {"training", "benchmarks", "tests"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_outside_the_engines_only_their_front_is_known(path):
    if layer_of(name_of(path)) != ENGINES:
        assert not [
            name
            for name in imports_of(path)
            if name.startswith("typebeat.engines.") and name != "typebeat.engines.load"
        ]


def test_a_hub_id_of_a_beat_model_stands_in_one_file_only():
    naming = [name_of(path) for path in MODULES if "facebook/musicgen-" in path.read_text(encoding="utf-8")]
    assert naming == ["typebeat.engines.weights"]
