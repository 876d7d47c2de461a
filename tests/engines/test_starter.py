"""The starter's language model: its conditions, its folder, and that it is audiocraft's own model."""

import pytest
import torch
from tiny_codec import TINY_CODEC, TINY_LM

from typebeat.engines.quiet import quiet_import

with quiet_import():
    from audiocraft.models.lm import LMModel
    from audiocraft.modules.conditioners import ConditioningAttributes

    from typebeat.engines.beat.codec import StarterCodec
    from typebeat.engines.beat.roll import notes_text
    from typebeat.engines.beat.starter import build_lm, load_starter, save_starter
    from typebeat.engines.beat.starter_conditions import GridConditioner, form_text, grid_text

SIZES = {"dim": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.0}
VOCABULARY = ["style:travis-scott", "mood:dark", "sound:bells"]
VERSE, HOOK = [("verse", 0, 4)], [("hook", 0, 4)]
KICKS = {"drums": [(0.0, "kick", 1.0), (0.5, "kick", 1.0)]}


@pytest.fixture(scope="module", params=["first versions", "this version"])
def models(request):
    torch.manual_seed(0)
    codec = StarterCodec(TINY_CODEC).eval()
    sizes = SIZES if request.param == "first versions" else TINY_LM
    lm = build_lm(sizes, codec, VOCABULARY, max_seconds=4.0).eval()
    torch.nn.init.normal_(lm.condition_provider.conditioners["key"].embed.weight)
    return codec, lm, sizes


def attributes(description="dark bells", key="F minor", bpm=140.0, start=0.0, form=VERSE, given=None):
    texts = {"description": description, "key": key, "grid": grid_text(bpm, start)}
    return ConditioningAttributes(
        text={**texts, "form": form_text(form, bpm, start), "notes": notes_text(given or {}, start, 4.0)}
    )


def told(lm, condition):
    return ConditioningAttributes(text={name: condition.text[name] for name in lm.condition_provider.conditioners})


def predict(lm, codes, condition):
    with torch.inference_mode():
        return lm.compute_predictions(codes, [told(lm, condition)]).logits


def test_it_is_audiocrafts_language_model_with_the_delay_pattern(models):
    _, lm, sizes = models
    assert type(lm) is LMModel
    assert lm.pattern_provider.delays == list(sizes.get("delays", range(7)))


def test_given_notes_and_the_song_form_are_heard(models):
    if "notes" not in models[1].condition_provider.conditioners:
        return
    codes = torch.zeros(1, 7, 10, dtype=torch.long)
    plain = predict(models[1], codes, attributes()).nan_to_num()
    for other in ({"form": HOOK}, {"given": KICKS}, {"given": {"melody": []}}):
        assert not torch.allclose(plain, predict(models[1], codes, attributes(**other)).nan_to_num()), other


def test_concepts_may_be_named_outright(models):
    codes = torch.zeros(1, 7, 10, dtype=torch.long)
    words, outright = (predict(models[1], codes, attributes(text)) for text in ("dark bells", "mood:dark sound:bells"))
    assert torch.equal(words.nan_to_num(), outright.nan_to_num())


@pytest.mark.parametrize("other", [{"description": "hum"}, {"key": "G minor"}, {"bpm": 90.0}, {"start": 0.3}])
def test_every_condition_is_heard(models, other):
    codes = torch.zeros(1, 7, 10, dtype=torch.long)
    plain, changed = predict(models[1], codes, attributes()), predict(models[1], codes, attributes(**other))
    assert not torch.allclose(plain.nan_to_num(), changed.nan_to_num())


def test_words_outside_the_vocabulary_change_nothing(models):
    codes = torch.zeros(1, 7, 10, dtype=torch.long)
    plain = predict(models[1], codes, attributes("dark bells"))
    strange = predict(models[1], codes, attributes("dark qwxz ночь bells 🌙"))
    assert torch.equal(plain.nan_to_num(), strange.nan_to_num())


def test_a_window_that_begins_later_is_told_what_the_whole_song_would_be_told():
    grid = GridConditioner(longest_delay=7, steps=100, frame_rate=25.0, output_dim=16)
    whole, _ = grid(grid.tokenize([grid_text(93.0, 0.0)]))
    later, _ = grid(grid.tokenize([grid_text(93.0, 40 / 25)]))
    torch.testing.assert_close(whole[:, 40:], later[:, :60])


def test_streaming_step_by_step_gives_the_logits_of_the_whole_sequence(models):
    _, lm, _ = models
    sequence = torch.randint(16, (1, 7, 12))
    provider = lm.condition_provider
    tensors = provider(provider.tokenize([told(lm, attributes())]))
    with torch.inference_mode():
        whole = lm(sequence, [], tensors)
        with lm.streaming():
            steps = [lm(sequence[..., i : i + 1], [], tensors) for i in range(12)]
    torch.testing.assert_close(torch.cat(steps, dim=2), whole, atol=1e-4, rtol=1e-3)


def test_a_saved_folder_loads_to_the_same_model_but_for_half_precision(models, tmp_path):
    codec, lm, sizes = models
    save_starter(tmp_path, codec, lm, sizes, max_seconds=4.0)
    assert max(file.stat().st_size for file in tmp_path.iterdir()) < 10_000_000
    _, loaded, max_seconds = load_starter(tmp_path)
    assert max_seconds == 4.0
    codes = torch.randint(16, (1, 7, 10))
    expected = predict(lm, codes, attributes()).nan_to_num()
    torch.testing.assert_close(predict(loaded, codes, attributes()).nan_to_num(), expected, atol=0.02, rtol=0.02)
