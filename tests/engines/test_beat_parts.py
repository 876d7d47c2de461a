"""The starter plays its parts apart, leaves parts out, keeps tokens of parts that stay, and plays given notes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_codec import TINY_CODEC, TINY_LM

from typebeat.engines import BeatConditions, Engines, Job, Weights
from typebeat.engines.quiet import quiet_import
from typebeat.parts.own.arranging import arrange
from typebeat.parts.own.reading import bring
from typebeat.parts.own.settling import settled_by
from typebeat.request.options import RequestError
from typebeat.request.reference import ReferenceOptions
from typebeat.request.requests import BeatRequest
from typebeat.request.settled import resolve

with quiet_import():
    from typebeat.engines.beat.codec import PARTS, StarterCodec
    from typebeat.engines.beat.musicgen import MusicGenEngine, load_musicgen
    from typebeat.engines.beat.starter import build_lm, save_starter

SECONDS = 6.0  # two windows of the model
ASKED = BeatConditions("mood:dark", 140.0, "F minor")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    torch.manual_seed(0)
    codec, folder = StarterCodec(TINY_CODEC).eval(), tmp_path_factory.mktemp("starter")
    for decoder in codec.decoders:
        torch.nn.init.constant_(decoder.levels.bias, -3.0)
    lm = build_lm(TINY_LM, codec, ["mood:dark"], 4.0).eval()
    for conditioner in lm.condition_provider.conditioners.values():
        torch.nn.init.normal_(conditioner.output_proj.weight, std=0.5)
    save_starter(folder, codec, lm, TINY_LM, 4.0)
    return load_musicgen(folder, Weights("tiny", "folder", "", "mit", "cpu", ""))


@pytest.fixture(scope="module")
def beat(engine):
    return engine.generate(ASKED, SECONDS, [1])[0]


def test_a_beat_knows_its_parts_which_sum_to_it(engine, beat):
    assert engine.parts == tuple(beat.parts) == PARTS
    total = sum(part.samples for part in beat.parts.values())
    np.testing.assert_allclose(total / max(1, np.abs(total).max()), beat.samples, atol=1e-5)
    assert beat.tokens.shape == (7, 150)


def test_a_part_that_is_left_out_is_silent_also_while_it_streams(engine):
    pieces = []
    asked = replace(ASKED, left_out=("drums", "808", "chords"))
    (beat,) = engine.generate(asked, SECONDS, [1], job=Job(hear=pieces.append))
    assert not beat.parts["drums"].samples.any()
    loudest = max(1, np.abs(beat.parts["melody"].samples).max())
    np.testing.assert_allclose(beat.samples, beat.parts["melody"].samples / loudest, atol=1e-6)
    streamed = np.concatenate([piece.samples for piece in pieces], axis=1)
    assert np.corrcoef(streamed[0], beat.samples[0])[0, 1] > 0.9


def test_kept_parts_are_the_same_bit_for_bit_and_the_others_are_made_anew(engine, beat):
    kept = {part: engine.part_tokens(beat.tokens, part) for part in ("drums", "808", "chords")}
    (again,) = engine.generate(replace(ASKED, kept=kept), SECONDS, [2])
    for part in kept:
        np.testing.assert_array_equal(engine.part_tokens(again.tokens, part), kept[part])
        np.testing.assert_array_equal(again.parts[part].samples, beat.parts[part].samples)
    assert not np.array_equal(engine.part_tokens(again.tokens, "melody"), engine.part_tokens(beat.tokens, "melody"))


def test_keeping_all_parts_makes_the_same_beat(engine, beat):
    kept = {part: engine.part_tokens(beat.tokens, part) for part in PARTS}
    (again,) = engine.generate(replace(ASKED, kept=kept), SECONDS, [99])
    np.testing.assert_array_equal(again.samples, beat.samples)


@pytest.mark.parametrize(("kept", "line"), [({"flute": 3}, "know no part 'flute'"), ({"drums": 3}, "not as long")])
def test_a_part_that_does_not_fit_is_refused_in_one_line(engine, kept, line):
    kept = {part: np.zeros((2, frames), np.int16) for part, frames in kept.items()}
    with pytest.raises(RequestError, match=line):
        engine.generate(replace(ASKED, kept=kept), SECONDS, [1])


def test_given_notes_and_the_song_form_change_what_is_played(engine, beat):
    notes = {"melody": [(0.0, 1.0, 60, 0.9, None), (4.5, 5.0, 72, 0.9, None)]}
    (given,) = engine.generate(replace(ASKED, given=notes), SECONDS, [1])
    (form,) = engine.generate(replace(ASKED, sections=(("intro", 0, 2), ("hook", 2, 4))), SECONDS, [1])
    assert not np.array_equal(given.tokens, beat.tokens)
    assert not np.array_equal(form.tokens, beat.tokens)


def test_weights_of_the_fourth_version_take_notes_and_those_of_the_first_do_not(engine):
    assert engine.takes_notes
    codec = StarterCodec(TINY_CODEC)
    sizes = {name: size for name, size in TINY_LM.items() if name != "delays"}
    first = MusicGenEngine(build_lm(sizes, codec, ["mood:dark"], 4.0), codec, 4.0, engine.weights)
    assert not first.takes_notes


def test_chords_as_text_change_what_weights_that_know_notes_play(engine, tmp_path):
    reference = bring("Am F C G", ReferenceOptions(), None)
    request = resolve(settled_by(reference, BeatRequest("dark", "travis-scott", bpm=140, bars=1, seed=1, parts="beat")))
    arranged = arrange(reference, request, Engines(engine))
    asked = BeatConditions("mood:dark", 140.0, "A minor")
    (plain,) = engine.generate(asked, 2.0, [1])
    (played,) = engine.generate(replace(asked, given=arranged.given), 2.0, [1])
    assert (plain.tokens != played.tokens).any()
