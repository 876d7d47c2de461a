"""The starter's language model: its conditions, its folder, and that it is audiocraft's own model."""

import pytest
import torch

from typebeat.engines.quiet import quiet_import

with quiet_import():
    from audiocraft.models.lm import LMModel
    from audiocraft.modules.conditioners import ConditioningAttributes

    from typebeat.engines.beat.codec import StarterCodec
    from typebeat.engines.beat.starter import GridConditioner, build_lm, grid_text, load_starter, save_starter

SIZES = {"dim": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.0}
VOCABULARY = ["style:travis-scott", "mood:dark", "sound:bells"]


@pytest.fixture(scope="module")
def models():
    torch.manual_seed(0)
    codec = StarterCodec().eval()
    return codec, build_lm(SIZES, codec, VOCABULARY, max_seconds=4.0).eval()


def attributes(description="dark bells", key="F minor", bpm=140.0, start=0.0):
    return ConditioningAttributes(text={"description": description, "key": key, "grid": grid_text(bpm, start)})


def predict(lm, codes, condition):
    with torch.inference_mode():
        return lm.compute_predictions(codes, [condition]).logits


def test_it_is_audiocrafts_language_model_with_the_delay_pattern(models):
    _, lm = models
    assert type(lm) is LMModel
    assert lm.pattern_provider.delays == list(range(8))


@pytest.mark.parametrize("other", [{"description": "hum"}, {"key": "G minor"}, {"bpm": 90.0}, {"start": 0.3}])
def test_every_condition_is_heard(models, other):
    codes = torch.zeros(1, 8, 10, dtype=torch.long)
    plain, changed = predict(models[1], codes, attributes()), predict(models[1], codes, attributes(**other))
    assert not torch.allclose(plain.nan_to_num(), changed.nan_to_num())


def test_words_outside_the_vocabulary_change_nothing(models):
    codes = torch.zeros(1, 8, 10, dtype=torch.long)
    plain = predict(models[1], codes, attributes("dark bells"))
    strange = predict(models[1], codes, attributes("dark qwxz ночь bells 🌙"))
    assert torch.equal(plain.nan_to_num(), strange.nan_to_num())


def test_a_window_that_begins_later_is_told_what_the_whole_song_would_be_told():
    grid = GridConditioner(n_q=8, steps=100, frame_rate=25.0, output_dim=16)
    whole, _ = grid(grid.tokenize([grid_text(93.0, 0.0)]))
    later, _ = grid(grid.tokenize([grid_text(93.0, 40 / 25)]))
    torch.testing.assert_close(whole[:, 40:], later[:, :60])


def test_streaming_step_by_step_gives_the_logits_of_the_whole_sequence(models):
    _, lm = models
    sequence = torch.randint(512, (1, 8, 12))
    provider = lm.condition_provider
    tensors = provider(provider.tokenize([attributes()]))
    with torch.inference_mode():
        whole = lm(sequence, [], tensors)
        with lm.streaming():
            steps = [lm(sequence[..., i : i + 1], [], tensors) for i in range(12)]
    torch.testing.assert_close(torch.cat(steps, dim=2), whole, atol=1e-4, rtol=1e-3)


def test_a_saved_folder_loads_to_the_same_model_but_for_half_precision(models, tmp_path):
    codec, lm = models
    save_starter(tmp_path, codec, lm, SIZES, max_seconds=4.0)
    assert max(file.stat().st_size for file in tmp_path.iterdir()) < 10_000_000
    _, loaded, max_seconds = load_starter(tmp_path)
    assert max_seconds == 4.0
    codes = torch.randint(512, (1, 8, 10))
    expected = predict(lm, codes, attributes()).nan_to_num()
    torch.testing.assert_close(predict(loaded, codes, attributes()).nan_to_num(), expected, atol=0.02, rtol=0.02)
