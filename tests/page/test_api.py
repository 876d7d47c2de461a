"""`/midi`, `/cover` and `/analyze` by the real client, the contract of all, and tools for agents."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import mido
import pytest
from api_snapshot import SNAPSHOT, endpoints
from gradio_client import Client, handle_file
from page_server import SlowEngine
from PIL import Image

from typebeat.request.cover_request import CoverRequest
from typebeat.request.midi_options import MidiOptions
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio
WISH = {"prompt": "dark bells", "style": "travis-scott", "bpm": 140, "key": "F minor", "bars": 2, "seed": 7}
BEAT_ONLY = {**WISH, "parts": ["beat"]}


# --- the contract ---


def test_the_api_is_what_programs_rely_on(address: str) -> None:
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    assert endpoints(address) == kept, "if the change is meant: python tests/api_snapshot.py"


def test_every_option_is_a_keyword_with_its_default_and_nothing_else_is_public(address: str) -> None:
    api = endpoints(address)
    assert list(api["named"]) == ["/make", "/midi", "/cover", "/analyze", "/understand"]
    assert not api["unnamed"]
    for name, record in {
        "/make": BeatRequest,
        "/midi": MidiOptions,
        "/cover": CoverRequest,
        "/understand": BeatRequest,
    }.items():
        parameters = {each["parameter_name"]: each for each in api["named"][name]["parameters"]}
        options = [*fields(record), *(fields(ReferenceOptions) if record is BeatRequest else ())]
        beside = [each for each in parameters if each not in ("file", "of", "reference")]
        assert sorted(beside) == sorted(option.name for option in options)
        others = {"/make": {"of", "reference"}, "/understand": {"reference"}}.get(name, set())
        assert {"of", "reference"} & set(parameters) == others
        for option in options:
            default = list(option.default) if isinstance(option.default, tuple) else option.default
            assert parameters[option.name]["parameter_default"] == default
            assert parameters[option.name]["type"], "has a type"


def test_the_endpoints_are_tools_for_agents(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> tuple[dict[str, Any], Any]:
        async with (
            streamablehttp_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            return tools, await session.call_tool("make", {**BEAT_ONLY, "bars": 1})

    tools, made = asyncio.run(talk())
    assert sorted(tools) == ["analyze", "cover", "make", "midi", "understand"]
    assert "beat pack" in tools["make"].description
    assert tools["make"].inputSchema["properties"]["bpm"]["description"].startswith("tempo")
    assert not made.isError
    assert "beat_140bpm_Fmin.wav" in made.content[0].text


def test_a_call_with_too_few_values_is_told_what_is_wrong(address: str) -> None:
    event = httpx.post(f"{address}gradio_api/call/make", json={"data": ["bells"]}).json()["event_id"]
    told = httpx.get(f"{address}gradio_api/call/make/{event}", timeout=30).text
    assert "event: error" in told
    assert "null" not in told.splitlines()[1]
    assert "enough input" in told
    assert "Traceback" not in told


def test_a_file_that_cannot_be_fetched_is_told_to_agents_as_that(address: str) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async def talk() -> Any:
        async with (
            streamablehttp_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await session.call_tool("midi", {"file": "http://127.0.0.1:9/loop.wav"})

    answer = asyncio.run(talk())
    assert answer.isError
    assert "show_error" not in answer.content[0].text


def test_the_contract_only_ever_grows_at_the_end(address: str) -> None:
    names = [each["parameter_name"] for each in endpoints(address)["named"]["/make"]["parameters"]]
    assert names[-13:-9] == ["mix", "again", "chosen", "of"]
    own = [option.name for option in fields(ReferenceOptions) if option.name != "voices"]
    assert names[-9:] == ["reference", *own, "adapter_strength", "voices"]


# --- real results ---


def test_what_is_understood_is_told_and_nothing_is_made(client: Client, engine: SlowEngine) -> None:
    made = len(engine.asked)
    told = client.predict("dunkles Klavier in a-Moll, keine Drums, wie Future", bpm=84, api_name="/understand")
    assert (told["bpm"], told["key"], told["seed"], told["parts_left_out"]) == (84, "A minor", None, ["drums"])
    assert told["not_understood"] == ["Future"]
    assert {"option": "key", "value": "A minor", "words": "a-Moll", "start": 19} in told["understood"]
    assert len(engine.asked) == made
    told = client.predict("120 bpm", bpm=84, api_name="/understand")
    assert [each["option"] for each in told["contradicted"]] == ["bpm"]


def test_midi_of_a_beat_has_notes_at_its_tempo(client: Client, beat: Path) -> None:
    files, facts = client.predict(handle_file(beat), bpm=140, api_name="/midi")
    parts = {Path(file).name.split("_")[0]: mido.MidiFile(file) for file in files}
    assert {"drums", "all"} <= set(parts)
    tempos = [each.tempo for each in parts["all"].tracks[0] if each.type == "set_tempo"]
    assert mido.tempo2bpm(tempos[0]) == pytest.approx(140, abs=0.5)
    assert sum(message.type == "note_on" for message in parts["drums"]) >= 16
    assert facts["passport"]["bpm_hit"]


def test_covers_are_pictures_with_their_recipes_and_script_is_text(client: Client) -> None:
    script = "<script>alert(1)</script>"
    files, recipes = client.predict(
        prompt=script, title=script, style="kid-cudi", seed=3, variations=2, api_name="/cover"
    )
    assert [Image.open(file).size for file in files] == [(1400, 1400)] * 2
    assert [recipe["seed"] for recipe in recipes] == [3, 4]
    assert [recipe["title"] for recipe in recipes] == [script] * 2
    assert len({Path(file).read_bytes() for file in files}) == 2


def test_analysis_measures_what_was_asked_for(client: Client, beat: Path) -> None:
    facts = client.predict(handle_file(beat), bpm=140, api_name="/analyze")
    assert facts["bpm"] == pytest.approx(140, abs=0.5)
    assert facts["asked_bpm"] == 140
    assert facts["bpm_hit"]
