"""`/make` with `again` and `of`: an earlier beat as an object, as text and as a file; and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import PartsEngine
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from page_server import serve

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 1, "seed": 7}
WISH |= {"parts": ["beat", "stems"], "mix": "dry"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serve(PartsEngine()) as address:
        yield Client(address, verbose=False, download_files=tmp_path_factory.mktemp("got"))


@pytest.fixture(scope="module")
def made(client: Client) -> tuple[dict[str, Any], Path]:
    _, recipe, pack = client.predict(api_name="/make", **WISH)
    return recipe, Path(pack)


@pytest.mark.parametrize("form", ["object", "text", "file", "zip"])
def test_a_part_is_made_anew_of_a_recipe_in_any_form(
    client: Client, made: tuple[dict[str, Any], Path], form: str, tmp_path: Path
) -> None:
    recipe, pack = made
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(recipe))
    of = {"object": recipe, "text": json.dumps(recipe), "file": handle_file(file), "zip": handle_file(pack)}[form]
    _, now, _ = client.predict(again=["melody"], of=of, seed=8, api_name="/make")
    before, after = recipe["stems"]["dry_sha256"], now["stems"]["dry_sha256"]
    assert [name for name in before if before[name] != after[name]] == ["melody"]
    assert (now["bpm"], now["mix"], now["parts"]) == (140, "dry", ["beat", "stems"])


@pytest.mark.parametrize(
    ("of", "line"),
    [
        (None, "again: say of which beat"),
        ("{", "of: this is no recipe, or only a piece"),
        ("/etc/passwd", "of: this is no recipe"),
        ({"path": "/etc/passwd"}, "of: this is no recipe"),
        ({"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, ""),
        ([1], "of: "),
        (7, "of: "),
    ],
)
def test_what_is_no_recipe_is_refused_in_one_line(client: Client, of: Any, line: str) -> None:
    with pytest.raises((AppError, ValueError)) as refused:
        client.predict(again=["melody"], of=of, api_name="/make")
    told = str(refused.value)
    assert line in told
    assert "\n" not in told
    assert "root:" not in told
