"""A DAWproject file holds every part's sound and notes on the grid, as the format's schema says."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from typebeat.midi.notes import KICK, Marker, Note
from typebeat.parts.dawproject import ProjectTrack, dawproject_bytes
from typebeat.sound.audio import SAMPLE_RATE, Audio, WavTags, loop_length, wav_bytes

BPM, BARS = 140, 6
BEAT = 60 / BPM
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("dawproject.rng")))
TAGS = WavTags("A beat", BPM, "F minor", BARS * 4, "Trap", "Typebeat", "mit", "")
WAV = wav_bytes(Audio(np.zeros((2, loop_length(BARS, 4, BPM))), SAMPLE_RATE), TAGS)


def make_tracks() -> list[ProjectTrack]:
    kicks = tuple(Note(beat * BEAT, (beat + 0.25) * BEAT, KICK, 127) for beat in range(0, 24, 2))
    slide = Note(0.0, 4 * BEAT, 29, 100, glide_to=36, glide_at=2 * BEAT)
    late = Note(23 * BEAT, 26 * BEAT, 60, 64)
    return [
        ProjectTrack("drums", "stems/1_drums_140bpm.wav", WAV, kicks, level=-3.0),
        ProjectTrack("808", "stems/2_808_140bpm.wav", WAV, (slide,)),
        ProjectTrack("chords", "stems/3_chords_140bpm.wav", WAV, (late,), pan=-0.5, muted=True),
        ProjectTrack("melody", "stems/4_melody_140bpm.wav", WAV),
        ProjectTrack("counter", notes=(Note(-0.01, BEAT, 72, 1),)),
    ]


def write(tracks: list[ProjectTrack] | None = None, **changes) -> bytes:
    told = {"bpm": BPM, "bars": BARS, "key": "F minor", "title": "A beat", "genre": "Trap", "licence": "mit", **changes}
    return dawproject_bytes(make_tracks() if tracks is None else tracks, **told)


def read(content: bytes, name: str = "project.xml") -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read(name))


@pytest.fixture(scope="module")
def content() -> bytes:
    return write()


@pytest.fixture(scope="module")
def project(content) -> etree._Element:
    return read(content)


def lanes_of(project: etree._Element, name: str) -> etree._Element:
    track = project.find(f"Structure/Track[@name='{name}']")
    return project.find(f"Arrangement/Lanes/Lanes[@track='{track.get('id')}']")


def test_project_and_metadata_are_as_the_format_says(content):
    for name in ("project.xml", "metadata.xml"):
        SCHEMA.assertValid(read(content, name))


def test_the_schema_refuses_what_the_format_does_not_know(project):
    for path, name in (
        ("Structure/Track", "contentType"),
        ("Arrangement/Lanes/Lanes", "track"),
        ("Transport/Tempo", "unit"),
    ):
        broken = etree.fromstring(etree.tostring(project))
        broken.find(path).set(name, "nothing that exists")
        assert not SCHEMA.validate(broken)


def test_every_reference_leads_somewhere(project, content):
    ids = set(project.xpath("//@id"))
    assert len(ids) == len(project.xpath("//@id"))
    assert set(project.xpath("//@track | //@destination")) <= ids
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {
            f"audio/{number}_{name}_140bpm.wav" for number, name in enumerate(("drums", "808", "chords", "melody"), 1)
        } == {*project.xpath("//File/@path")}
        assert set(project.xpath("//File/@path")) <= set(archive.namelist())
        assert archive.read("audio/1_drums_140bpm.wav") == WAV


def test_a_part_has_a_track_of_sound_and_one_of_notes(project):
    tracks = [(track.get("name"), track.get("contentType")) for track in project.findall("Structure/Track")]
    assert tracks == [
        ("drums", "audio"),
        ("drums notes", "notes"),
        ("808", "audio"),
        ("808 notes", "notes"),
        ("chords", "audio"),
        ("chords notes", "notes"),
        ("melody", "audio"),
        ("counter notes", "notes"),
        ("Master", "audio notes"),
    ]


def test_tempo_signature_key_and_markers_are_there(project, content):
    assert float(project.find("Transport/Tempo").get("value")) == BPM
    assert project.find("Transport/TimeSignature").get("numerator") == "4"
    assert "F minor" in project.find("Arrangement").get("comment")
    assert "140 BPM, F minor" in read(content, "metadata.xml").findtext("Comment")
    markers = [(float(each.get("time")), each.get("name")) for each in project.findall("Arrangement/Markers/Marker")]
    assert markers == [(0, "Bar 1"), (16, "Bar 5"), (24, "End")]


def test_sections_stand_among_the_markers():
    project = read(write(markers=[Marker(8 * BEAT, "Drop")]))
    assert [each.get("name") for each in project.iter("Marker")] == ["Bar 1", "Drop", "Bar 5", "End"]


def test_sound_lies_on_the_grid_from_its_first_to_its_last_bar(project):
    clip = lanes_of(project, "drums").find("Clips/Clip")
    warps = clip.find("Warps").findall("Warp")
    assert [float(each.get("time")) for each in warps] == [0, BARS * 4]
    assert float(warps[1].get("contentTime")) == pytest.approx(BARS * 4 * BEAT)
    audio = clip.find("Warps/Audio")
    assert float(audio.get("duration")) == pytest.approx(BARS * 4 * BEAT, abs=1 / SAMPLE_RATE)
    assert (audio.get("channels"), audio.get("sampleRate")) == ("2", str(SAMPLE_RATE))


def test_levels_pans_and_mutes_are_as_asked(project):
    def channel(name: str) -> etree._Element:
        return project.find(f"Structure/Track[@name='{name}']/Channel")

    assert float(channel("drums").find("Volume").get("value")) == pytest.approx(10 ** (-3 / 20))
    assert float(channel("chords").find("Pan").get("value")) == 0.25
    assert channel("chords").find("Mute").get("value") == "true"
    assert channel("chords notes").find("Mute").get("value") == "false"
    assert channel("drums").get("destination") == channel("Master").get("id")


def test_notes_are_in_beats_and_end_with_the_loop(project):
    kicks = lanes_of(project, "drums notes").findall("Clips/Clip/Notes/Note")
    assert [float(each.get("time")) for each in kicks] == list(range(0, 24, 2))
    assert {(each.get("key"), each.get("channel"), each.get("vel")) for each in kicks} == {("36", "9", "1")}
    last = lanes_of(project, "chords notes").find("Clips/Clip/Notes/Note")
    assert float(last.get("time")) + float(last.get("duration")) == 24
    early = lanes_of(project, "counter notes").find("Clips/Clip/Notes/Note")
    assert float(early.get("time")) == 0


def test_a_glide_is_two_notes_that_overlap(project):
    first, second = lanes_of(project, "808 notes").findall("Clips/Clip/Notes/Note")
    assert (first.get("key"), second.get("key")) == ("29", "36")
    assert float(first.get("time")) + float(first.get("duration")) > float(second.get("time")) == 2


def test_the_same_tracks_give_the_same_bytes(content):
    assert write() == content


def test_texts_from_strangers_stay_texts():
    content = write(title='<Track/> & "quotes" \x00\x1b \U0001f941', comment="]]>")
    assert read(content, "metadata.xml").findtext("Title") == '<Track/> & "quotes"  \U0001f941'
    SCHEMA.assertValid(read(content, "metadata.xml"))


def test_paths_do_not_leave_the_archive():
    content = write([ProjectTrack("drums", "../../etc/drums.wav", WAV)])
    assert read(content).find(".//File").get("path") == "audio/drums.wav"


def test_two_sounds_of_one_name_or_no_wav_are_refused():
    with pytest.raises(ValueError, match="same file name"):
        write([ProjectTrack("drums", "a/x.wav", WAV), ProjectTrack("808", "b/x.wav", WAV)])
    with pytest.raises(ValueError, match=r"x\.wav is no PCM WAV file"):
        write([ProjectTrack("drums", "x.wav", b"RIFFnothing")])
