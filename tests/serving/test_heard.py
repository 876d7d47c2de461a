"""An upload is listened to once, however often it is corrected and used, and forgotten with its file."""

from __future__ import annotations

import shutil
from pathlib import Path

from typebeat.parts.own import reading
from typebeat.parts.own.reading import bring
from typebeat.request.reference import ReferenceOptions
from typebeat.serving.heard import MOST_KEPT, HeardUploads

LOOP = Path(__file__).parents[2] / "docs" / "samples" / "loop.ogg"


def test_a_sound_is_listened_to_once_and_corrected_from_memory(tmp_path, monkeypatch):
    listened = []
    hear = reading.hear_sample
    monkeypatch.setattr(reading, "hear_sample", lambda audio, bpm: listened.append(bpm) or hear(audio, bpm=bpm))
    upload, heard = Path(shutil.copy(LOOP, tmp_path / "loop.ogg")), HeardUploads()
    first = bring(upload, ReferenceOptions(), None, heard.of(upload))
    made = bring(upload, ReferenceOptions(), None, heard.of(upload))
    half = bring(upload, ReferenceOptions(reference_tempo="/2"), None, heard.of(upload))
    assert listened == [None]
    assert (made.facts(), made.audio.length) == (first.facts(), first.audio.length)
    assert (half.bpm, first.bpm) == (60, 120)
    bring(upload, ReferenceOptions(reference_bpm=90), None, heard.of(upload))
    assert listened == [None, 90]


def test_what_was_heard_is_forgotten_with_the_upload_and_never_too_much_is_kept(tmp_path):
    upload, other, heard = tmp_path / "loop.wav", tmp_path / "other.wav", HeardUploads()
    upload.write_bytes(b"sound")
    other.write_bytes(b"sound")
    assert heard.of(upload)("what", lambda: 1) == heard.of(upload)("what", lambda: 2) == 1
    upload.unlink()
    assert heard.of(other)("what", lambda: 3) == 3
    for number in range(MOST_KEPT):
        heard.of(other)(number, lambda: 0)
    assert heard.of(other)("what", lambda: 4) == 4
    assert heard.of("Am F") is None
