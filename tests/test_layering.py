"""Who imports whom: the table below, one row a folder. Nothing else may be imported of the three packages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODELS = {"torch", "torchaudio", "audiocraft", "transformers", "diffusers", "peft", "accelerate", "safetensors"}
MODELS |= {"onnxruntime", "demucs", "huggingface_hub"}
GUARDED = {*MODELS, "basic_pitch", "gradio", "spaces", "ray"}  # each only where its row says so; basic_pitch nowhere
GUARDED |= {"prometheus_client"}

GROUND = "request sound hearing covers midi"
LOAD = "engines engines.load"  # what is known of the engines outside them
# folder or top module -> what it may import beside itself, and which of the guarded libraries
TYPEBEAT = {
    "version": ("", ()),
    "request": ("", ()),
    "sound": ("request", ()),
    "hearing": ("request sound", ()),
    "midi": ("request sound hearing", ()),
    "covers": ("request", ()),
    "engines": (GROUND, MODELS),
    "parts": (f"version {GROUND} {LOAD}", ()),
    "pipeline": (f"version {GROUND} {LOAD} parts", ()),
    "serving": (f"version {GROUND} {LOAD} parts pipeline", {"ray", "prometheus_client"}),
    "batch": (f"version {GROUND} {LOAD} parts pipeline serving", ()),  # for clusters
    "page": (f"version {GROUND} {LOAD} parts pipeline serving", {"gradio"}),
    "cli": (f"version {GROUND} {LOAD} parts pipeline batch", ()),
    "__init__": (f"version {GROUND} {LOAD} parts pipeline", ()),  # the public names, each loaded when it is asked for
    "__main__": ("cli", ()),
}
TRAINING = {  # all of it may import typebeat
    "__init__": ("", ()),
    "runs": ("", MODELS),
    "data": ("runs", MODELS),
    "beat": ("runs data", MODELS),
    "cover": ("runs data", MODELS),
    "quality": ("runs data", MODELS),
    "hub": ("runs data beat cover quality", MODELS),
    "commands": ("runs data beat cover quality hub", MODELS),  # the modules at the top
    "starter": ("runs data beat cover quality hub commands", MODELS),
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = sorted(path for package in ("typebeat", "training", "benchmarks") for path in (ROOT / package).rglob("*.py"))
PATHS.append(ROOT / "app.py")
MODULES = {name_of(path): path for path in PATHS}


def row_of(name: str) -> str:
    """The row of a module: "midi" for "typebeat.midi.notes", "commands" for "training.push"."""
    package, *inner = name.split(".")
    if not inner:
        return "__init__"
    return "commands" if package == "training" and inner[0] not in TRAINING else inner[0]


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            whole = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= whole or {node.module or ""}
    return found


def of(package: str) -> list[str]:
    return [name for name in MODULES if name.split(".")[0] == package]


def imported(name: str, package: str) -> list[str]:
    return [each for each in imports_of(MODULES[name]) if each.split(".")[0] == package]


def libraries(name: str) -> set[str]:
    return {each.split(".")[0] for each in imports_of(MODULES[name])} & GUARDED


def test_every_folder_has_a_row_and_every_row_a_folder():
    for package, table in (("typebeat", TYPEBEAT), ("training", TRAINING)):
        assert {row_of(name) for name in of(package)} == set(table)


@pytest.mark.parametrize("name", of("typebeat"))
def test_typebeat_imports_only_what_its_row_allows(name):
    row = row_of(name)
    allowed, may_load = TYPEBEAT[row]
    for other in imported(name, "typebeat"):
        inner = other.removeprefix("typebeat.")
        known = inner in allowed.split() if row_of(other) == "engines" else row_of(other) in allowed.split()
        assert known or row_of(other) == row, f"{name} imports {other}"
    assert libraries(name) <= set(may_load)


@pytest.mark.parametrize("name", of("training"))
def test_training_imports_only_what_its_row_allows(name):
    row = row_of(name)
    allowed, may_load = TRAINING[row]
    for other in imported(name, "training"):
        assert row_of(other) in {row, *allowed.split()}, f"{name} imports {other}"
    above = {"cli", "page", "serving"}
    assert not [other for other in imported(name, "typebeat") if row_of(other) in above]
    assert libraries(name) <= set(may_load)


def test_the_space_imports_the_doors_alone_and_is_the_only_one_that_knows_spaces():
    allowed = {"engines", "request", "serving", "page"}
    assert {row_of(other) for other in imported("app", "typebeat")} <= allowed
    assert libraries("app") == {"spaces"}


@pytest.mark.parametrize("name", of("typebeat"))
def test_the_package_never_imports_training(name):
    assert not imported(name, "training")


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("benchmarks")])
def test_nobody_imports_benchmarks(name):
    assert not imported(name, "benchmarks")


TEST_HELPERS = {path.stem for path in (ROOT / "tests").glob("*.py")}


@pytest.mark.parametrize("name", list(MODULES))
def test_nobody_imports_tests(name):
    assert not {each.split(".")[0] for each in imports_of(MODULES[name])} & {"tests", *TEST_HELPERS}


def test_a_hub_id_of_a_beat_model_stands_in_one_file_only():
    files = [name for name in of("typebeat") if "facebook/musicgen-" in MODULES[name].read_text(encoding="utf-8")]
    assert files == ["typebeat.engines.weights"]
