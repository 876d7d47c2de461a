"""A beat around somebody's own sound or notes in a browser: parts made anew beside it, and notes that are edited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import own_inputs as own
import pytest
from mixers import SlowParts
from page_server import serve
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from test_own import LOOP, start_from
from visits import PHONE, ask, in_state, visit

from typebeat.engines import PitchActivations
from typebeat.sound.audio import Audio

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pandas, inside Gradio


class Deaf:
    """Hears no pitches, at once; drums and 808 are written down without them."""

    def listen(self, audio: Audio, job: object = None) -> PitchActivations:
        nothing = np.zeros((max(40, round(audio.seconds * 86)), 88), np.float32)
        return PitchActivations(nothing, nothing, 1 / 86)


@pytest.fixture(scope="module")
def engine() -> SlowParts:
    return SlowParts(step_s=0.01, takes_notes=True)


@pytest.fixture(scope="module")
def address(engine: SlowParts) -> Iterator[str]:
    with serve(engine, pitches=Deaf()) as url:
        yield url


def roll(page: Page, part: str) -> Locator:
    return page.locator(f'.song figure[data-part="{part}"]')


def notes(page: Page, part: str) -> list[tuple[float, float, int]]:
    """The notes of a part in the roll: first beat, beats, pitch."""
    told = page.evaluate("typebeatRoll.score(document.querySelector('.song')).parts")
    found = next(each for name, each in told if name == part)
    return sorted((round(note["at"], 3), round(note["long"], 3), note["pitch"]) for note in found)


def spot(field: Locator, beat: float, row: int) -> tuple[float, float]:
    """Where a beat in a row of a roll is on the screen."""
    field.locator("xpath=..").evaluate("scroll => scroll.scrollIntoView({ block: 'center' })")
    box: FloatRect | None = field.bounding_box()
    assert box
    beats, rows = (
        float(field.evaluate(f"field => field.style.getPropertyValue('--{name}')")) for name in ("beats", "rows")
    )
    return box["x"] + box["width"] * beat / beats, box["y"] + box["height"] * (row + 0.5) / rows


def row_of(page: Page, part: str, pitch: int) -> int:
    return [each[0] for each in json.loads(roll(page, part).get_attribute("data-rows") or "")].index(pitch)


def given(engine: SlowParts, part: str, bpm: float, beats: float) -> np.ndarray:
    """The notes of a part that the engine was told, up to a beat, as `notes` has them."""
    told = [(note[0] * bpm / 60, (note[1] - note[0]) * bpm / 60, note[2]) for note in engine.asked[-1][0].given[part]]
    return np.array(sorted(each for each in told if each[0] < beats - 0.01))


def test_drums_are_made_anew_and_the_beat_is_varied_beside_the_same_sample(page: Page) -> None:
    start_from(page, "Sample")
    page.set_input_files("#own-sample input[type=file]", LOOP)
    expect(page.locator("#own-heard")).to_contain_text("120 BPM, 4 whole bars")
    ask(page)
    page.get_by_label("Stems", exact=True).check()
    page.click("#make")
    expect(in_state(page, "finished")).to_contain_text("F minor")
    sample = page.locator('.strip[data-part="sample"]')
    expect(sample.locator("[data-anew], .lock")).to_have_count(0)
    page.get_by_role("button", name="Again: new drums").click()
    expect(page.locator(".lineage")).to_contain_text("Drums is new")
    expect(sample).to_be_visible()
    page.locator("#start label", has_text="Words").click()  # what the form says by now does not count
    page.get_by_role("button", name="Vary").first.click()
    expect(page.locator(".lineage")).to_have_count(0)
    in_state(page, "finished")
    expect(sample).to_be_visible()


def test_the_part_of_a_midi_voice_is_shown_and_chosen(page: Page, tmp_path: Path) -> None:
    file = own.midi(tmp_path / "song.mid", [own.melody(name="One"), own.melody(name="Low", channel=1, pitch=36)])
    start_from(page, "MIDI")
    page.set_input_files("#own-midi input[type=file]", file)
    voice = page.get_by_label("Part that voice 1, One, plays")
    expect(voice).to_have_value("melody")
    expect(page.get_by_label("Part that voice 2, Low, plays")).to_have_value("808")
    voice.select_option("Chords")
    expect(page.locator("#own-heard")).to_contain_text("as you said")
    expect(roll(page, "808").locator(".roll")).to_be_visible()
    expect(roll(page, "chords").locator(".roll")).to_be_visible()
    expect(roll(page, "melody")).to_contain_text("No notes")
    voice.select_option("Nothing")
    page.get_by_label("Part that voice 2, Low, plays").select_option("Nothing")
    expect(page.locator("#own-heard [role=alert]")).to_contain_text("none of its voices was taken")
    voice.select_option("Melody")
    expect(page.locator("#own-heard [role=alert]")).to_have_count(0)
    ask(page, prompt="")
    page.click("#make")
    in_state(page, "finished")
    expect(page.locator("#recipe")).to_contain_text('"voices": "1=melody,2=none"')


def test_notes_are_added_moved_made_longer_and_taken_away_and_played_exactly(
    page: Page, engine: SlowParts, tmp_path: Path
) -> None:
    start_from(page, "MIDI")
    file = own.midi(tmp_path / "tune.mid", [own.melody(8)], bpms=(120,))
    page.set_input_files("#own-midi input[type=file]", file)
    page.get_by_role("button", name="Edit the melody").click()
    melody = roll(page, "melody").locator(".roll-field")
    before = notes(page, "melody")
    assert [at for at, _, _ in before] == list(range(8))
    row = row_of(page, "melody", 69)
    page.mouse.click(*spot(melody, 1.6, row))  # a new note, on the sixteenth before
    assert set(notes(page, "melody")) - set(before) == {(1.5, 0.5, 69)}
    assert page.evaluate("typebeatRollSound.told.heard") == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    assert (1.75, 0.25, 70) in notes(page, "melody")
    page.keyboard.press("Control+z")
    assert (1.75, 0.5, 70) in notes(page, "melody")
    page.mouse.move(*spot(melody, 0.3, row))  # the first note, to a beat later and two rows down
    page.mouse.down()
    page.mouse.move(*spot(melody, 2.26, row + 2), steps=4)
    page.mouse.up()
    assert (2, 1, 67) in notes(page, "melody")
    right, middle = spot(melody, 3, row_of(page, "melody", 67))
    page.mouse.move(right - 3, middle)  # by its end
    page.mouse.down()
    page.mouse.move(right + 200, middle, steps=4)
    page.keyboard.press("Escape")  # which leaves it as it was
    page.mouse.up()
    assert (2, 1, 67) in notes(page, "melody")
    page.mouse.move(right - 3, middle)
    page.mouse.down()
    page.mouse.move(spot(melody, 3.5, 0)[0] - 3, middle, steps=4)
    page.mouse.up()
    assert (2, 1.5, 67) in notes(page, "melody")
    page.keyboard.press("Delete")
    page.get_by_role("group", name="Edit the melody").get_by_label("Grid").select_option("1/16 triplets")
    page.mouse.click(*spot(melody, 4.4, row - 2))
    assert (round(26 / 6, 3), 1.5, 71) in notes(page, "melody")  # as long as the last one
    page.get_by_role("button", name="Edit the drums").click()
    drums = roll(page, "drums").locator(".roll-field")
    for beat in (0.1, 1.1, 2.1):
        page.mouse.click(*spot(drums, beat, row_of(page, "drums", 38)))
    page.mouse.click(*spot(drums, 1.1, row_of(page, "drums", 38)))  # once more: away
    assert [at for at, _, _ in notes(page, "drums")] == [0, 2]
    ask(page, prompt="")
    wanted = notes(page, "melody")
    page.get_by_role("button", name="Play these notes").click()
    in_state(page, "finished")
    assert given(engine, "melody", 120, 8) == pytest.approx(np.array(wanted), abs=0.01)
    assert [(round(hit[0], 3), hit[1]) for hit in engine.asked[-1][0].given["drums"][:2]] == [
        (0, "snare"),
        (1, "snare"),
    ]
    assert set(engine.asked[-1][0].given) == {"melody", "drums"}
    recipe = json.loads(page.locator("#recipe").text_content() or "")
    assert (recipe["reference"]["use"], recipe["reference"]["name"], recipe["bpm"]) == ("notes", "notes.mid", 120)


def hum_without_its_first_note(page: Page, tmp_path: Path) -> list[tuple[float, float, int]]:
    """Uploads a tune and deletes its first note; returns the notes as they were."""
    start_from(page, "Hum")
    page.locator("#own-hum").get_by_label("Upload file").click()
    page.set_input_files("#own-hum input[type=file]", own.sound(tmp_path / "hum.wav", own.hummed()))
    melody = roll(page, "melody").locator(".roll-field")
    expect(melody).to_be_visible()  # open from the start
    before = notes(page, "melody")
    assert len(before) >= 4
    melody.focus()
    page.keyboard.press("Escape")
    page.mouse.click(*spot(melody, before[0][0] + 0.1, row_of(page, "melody", before[0][2])))
    page.keyboard.press("Delete")
    assert notes(page, "melody") == before[1:]
    return before


def test_a_hummed_tune_is_edited_before_the_beat_is_made(page: Page, engine: SlowParts, tmp_path: Path) -> None:
    before = hum_without_its_first_note(page, tmp_path)
    ask(page, prompt="")
    page.click("#make")  # what was edited counts
    in_state(page, "finished")
    recipe = json.loads(page.locator("#recipe").text_content() or "")
    assert recipe["reference"]["use"] == "melody"
    told = given(engine, "melody", recipe["bpm"], 4 * recipe["reference"]["bars"])
    assert told == pytest.approx(np.array(before[1:]), abs=0.01)


def test_a_correction_reads_a_tune_anew_as_the_page_says(page: Page, tmp_path: Path) -> None:
    before = hum_without_its_first_note(page, tmp_path)
    expect(page.locator("#own-heard .song > .hint")).to_contain_text("without your edits")
    page.get_by_label("Transpose").fill("2")
    page.wait_for_function(
        "count => { const song = document.querySelector('.song'); "
        "return song && typebeatRoll.score(song).parts[0][1].length === count; }",
        arg=len(before),
    )
    assert notes(page, "melody") == [(at, long, pitch + 2) for at, long, pitch in before]


def test_the_notes_of_a_finished_beat_are_played_anew_on_a_phone(
    browser: Browser, address: str, engine: SlowParts
) -> None:
    phone = visit(browser, address, view=PHONE)
    ask(phone)
    phone.get_by_label("MIDI", exact=True).check()
    phone.click("#make")
    in_state(phone, "finished")
    phone.get_by_role("button", name="Edit the drums").tap()
    drums = roll(phone, "drums").locator(".roll-field")
    drums.scroll_into_view_if_needed()
    before, snare = notes(phone, "drums"), row_of(phone, "drums", 39)
    phone.touchscreen.tap(*spot(drums, 1.1, snare))
    added = set(notes(phone, "drums")) - set(before)
    assert added == {(1, 0.25, 39)}
    touches = phone.context.new_cdp_session(phone)
    (x, y), (to, _) = spot(drums, 1.1, snare), spot(drums, 1.6, snare)
    for kind, places in (
        ("touchStart", [(x, y)]),
        ("touchMove", [(x + 9, y)]),
        ("touchMove", [(to, y)]),
        ("touchEnd", []),
    ):
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in places]})
    assert set(notes(phone, "drums")) - set(before) == {(1.5, 0.25, 39)}
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    bpm = json.loads(phone.locator("#recipe").text_content() or "")["bpm"]
    wanted = [at for at, _, _ in notes(phone, "drums")]
    phone.get_by_role("button", name="Play these notes").tap()
    expect(phone.locator("#recipe")).to_contain_text("notes.mid")
    told = sorted(round(hit[0] * bpm / 60, 2) for hit in engine.asked[-1][0].given["drums"])
    assert [at for at in told if at < 8] == [round(at, 2) for at in wanted]
    assert phone.complaints == []
    phone.context.close()
