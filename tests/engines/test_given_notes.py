"""Given notes reach the starter's language model as a piano roll."""

import numpy as np
import pytest

from typebeat.engines.beat.roll import CHANNELS, DRUM_CLASSES, LOWEST, PARTS, ROWS, notes_text, read_roll

RATE = 25.0


def roll_of(given, start=0.0, seconds=4.0):
    return read_roll(notes_text(given, start, seconds), int(seconds * RATE), RATE)


def test_nothing_given_is_told_apart_from_a_part_that_is_silent():
    assert notes_text({}, 0, 4) is None
    assert not any(read_roll(None, 10, RATE)[1].values())
    rolls, given = roll_of({"drums": []})
    assert given == {part: part == "drums" for part in PARTS}
    assert not rolls["drums"].any()


def test_hits_stand_in_the_frame_they_fall_into_with_their_place_within_it():
    rolls, _ = roll_of({"drums": [(0.5, "kick", 0.8), (1.01, "closed_hat", 0.4)]})
    kick, hat = (3 * DRUM_CLASSES.index(name) for name in ("kick", "closed_hat"))
    assert rolls["drums"][12, kick] == pytest.approx(0.8)
    assert rolls["drums"][12, kick + 1] == pytest.approx(0.4)
    assert rolls["drums"][25, hat] == pytest.approx(0.4)
    assert rolls["drums"].astype(bool).sum() == 6


def test_notes_stand_at_their_pitch_from_onset_to_offset():
    rolls, _ = roll_of({"melody": [(1.0, 2.0, 67, 0.9, None)]})
    row = 67 - LOWEST["melody"]
    assert np.flatnonzero(rolls["melody"][:, row]).tolist() == [25]
    assert np.flatnonzero(rolls["melody"][:, ROWS["melody"] + row]).tolist() == list(range(25, 50))


def test_a_gliding_note_reaches_its_target():
    rolls, _ = roll_of({"808": [(0.0, 1.0, 30, 1.0, 42)]})
    sounding = rolls["808"][:, ROWS["808"] :]
    assert sounding[0, 30 - LOWEST["808"]] == 1
    assert sounding[24, 42 - LOWEST["808"]] == 1
    assert sounding.sum() == 25


def test_a_later_window_sees_what_still_sounds_but_not_its_onset():
    rolls, _ = roll_of({"chords": [(1.0, 3.0, 60, 0.7, None)]}, start=2.0)
    assert not rolls["chords"][:, : ROWS["chords"]].any()
    assert rolls["chords"][:25, ROWS["chords"] + 60 - LOWEST["chords"]].all()


def test_pitches_out_of_range_are_moved_by_octaves():
    rolls, _ = roll_of({"808": [(0.0, 1.0, 12, 1.0, None)], "melody": [(0.0, 1.0, 127, 1.0, None)]})
    assert rolls["808"][0, 24 - LOWEST["808"]] == 1
    assert rolls["melody"][0, : ROWS["melody"]].sum() == 1


def test_named_chords_tell_their_tones_and_bass():
    rolls, _ = roll_of({"harmony": [(0.0, 2.0, 8, [0, 3, 8])]})
    assert np.flatnonzero(rolls["harmony"][0]).tolist() == [0, 3, 8, 20, 24]
    assert rolls["harmony"].shape == (100, CHANNELS["harmony"])


@pytest.mark.parametrize("text", ["[", "[1]", '{"drums": 5}', '{"bells": [[1, 2, 3, 4]]}', '{"melody": [[1]]}'])
def test_what_is_no_such_text_is_refused(text):
    with pytest.raises(ValueError, match="no notes"):
        read_roll(text, 10, RATE)
