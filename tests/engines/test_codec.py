"""The starter's codec keeps audiocraft's contract; how good it sounds is measured in benchmarks/."""

import numpy as np
import pytest
import torch
from tiny_codec import TINY_CODEC

from typebeat.engines.quiet import quiet_import

with quiet_import():
    from audiocraft.models.encodec import CompressionModel

    from typebeat.engines.beat.codec import PARTS, TOKEN_HOP, CodecConfig, StarterCodec
    from typebeat.engines.beat.oscillators import NoiseBank, SineBank
    from typebeat.engines.beat.quantizer import ResidualQuantizer


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(0)
    return StarterCodec(TINY_CODEC).eval()


def test_it_is_a_compression_model_with_the_numbers_that_a_language_model_asks_for(codec):
    assert isinstance(codec, CompressionModel)
    assert (codec.channels, codec.sample_rate, codec.frame_rate) == (1, 32_000, 25.0)
    assert codec.num_codebooks == codec.total_codebooks == sum(codec.books) == 7
    assert len(codec.books) == len(PARTS)


def test_codes_are_as_many_as_the_frames_of_the_sound_and_decode_to_its_length(codec):
    sound = torch.randn(2, 1, TOKEN_HOP * 10 + 1) * 0.1
    with torch.inference_mode():
        codes, scale = codec.encode(sound)
        decoded = codec.decode(codes)
    assert scale is None
    assert codes.shape == (2, 7, 11)
    assert int(codes.max()) < codec.cardinality
    assert decoded.shape == (2, 1, TOKEN_HOP * 11)


def test_parts_sum_to_the_whole_and_equal_codes_give_equal_sound(codec):
    codes = torch.randint(codec.cardinality, (1, 7, 20))
    with torch.inference_mode():
        whole, again, parts = codec.decode(codes), codec.decode(codes), codec.decode_parts(codes)
    assert torch.equal(whole, again)
    torch.testing.assert_close(parts.sum(dim=1), whole)


def test_a_sample_depends_on_no_token_further_away_than_the_codecs_reach(codec):
    codes = torch.randint(codec.cardinality, (1, 7, 60))
    other = codes.clone()
    other[..., 30] = (other[..., 30] + 1) % codec.cardinality
    with torch.inference_mode():
        differs = (codec.decode(codes) - codec.decode(other))[0, 0].abs().reshape(60, TOKEN_HOP).amax(dim=1) > 1e-6
    changed = differs.nonzero()[:, 0]
    assert changed.min() >= 30 - codec.reach
    assert changed.max() <= 30 + codec.reach


def test_parts_that_share_a_network_sound_alike(codec):
    tuned = torch.randint(codec.cardinality, (1, 2, 20))
    codes = torch.cat([torch.zeros(1, 3, 20, dtype=torch.long), tuned, tuned], dim=1)
    quiet = codec.decoders[2].noise_levels
    with torch.inference_mode(), torch.no_grad():
        quiet.bias.fill_(-30.0)
        quiet.weight.zero_()
        parts = codec.decode_parts(codes)
    torch.testing.assert_close(parts[:, 2], parts[:, 3])


def test_a_folder_of_the_first_versions_tells_its_sizes():
    stored = {"width": 160, "fine_width": 128, "latent": 32, "cardinality": 512, "books_per_part": 2}
    config = CodecConfig.read({**stored, "bass_per_octave": 24})
    assert StarterCodec(config).books == (2, 2, 2, 2)
    assert CodecConfig.read(StarterCodec(config).config_dict()) == config


def test_the_quantiser_may_count_the_first_codebooks_alone():
    torch.manual_seed(0)
    quantizer = ResidualQuantizer(dimension=4, size=16, books=3).train()
    latent = torch.randn(2, 4, 10)
    whole, codes, _ = quantizer.eval()(latent)
    fewer, _, _ = quantizer(latent, torch.tensor([1, 3]))
    torch.testing.assert_close(fewer[0], quantizer.books[0].vectors[codes[0, 0]].T)
    torch.testing.assert_close(fewer[1], whole[1])


def test_leaving_out_codebooks_is_refused(codec):
    codec.set_num_codebooks(7)
    with pytest.raises(ValueError, match="7 codebooks"):
        codec.set_num_codebooks(4)


def test_an_oscillator_sounds_at_its_pitch_without_a_seam_between_frames():
    bank = SineBank(110.0, 880.0, 12, 32_000, 320)
    levels = torch.zeros(1, 100, bank.count)
    levels[..., 12] = 1.0  # an octave above the lowest
    sound = bank(levels, torch.zeros_like(levels))[0].numpy()
    time = np.arange(len(sound)) / 32_000
    inner = slice(640, -640)
    np.testing.assert_allclose(sound[inner], np.cos(2 * np.pi * 220 * time + np.angle(np.exp(0j)))[inner], atol=2e-3)


def test_noise_is_as_loud_as_asked_in_the_band_asked():
    bank = NoiseBank(24, 32_000, 160)
    levels = torch.zeros(1, 400, 24)
    levels[..., 12] = 1.0
    sound = bank(levels, torch.Generator().manual_seed(0))[0]
    spectrum = torch.fft.rfft(sound).abs() ** 2
    hertz = torch.fft.rfftfreq(len(sound), 1 / 32_000)
    centre = float((spectrum * hertz).sum() / spectrum.sum())
    expected = 700 * (10 ** (12 / 23 * 2595 * np.log10(1 + 16_000 / 700) / 2595) - 1)
    assert centre == pytest.approx(expected, rel=0.1)


def test_the_quantiser_learns_clusters_and_brings_dead_codes_back():
    torch.manual_seed(0)
    quantizer = ResidualQuantizer(dimension=4, size=16, books=1).train()
    quantizer.books[0].vectors[8:] += 100  # nothing falls there
    quantizer.books[0].sums.copy_(quantizer.books[0].vectors)
    centres = torch.randn(16, 4) * 3
    for _ in range(500):
        points = centres[torch.randint(16, (64,))] + 0.01 * torch.randn(64, 4)
        quantizer(points.T[None])
    left = (quantizer.eval().decode(quantizer.encode(centres.T[None]))[0].T - centres).norm(dim=1)
    assert float(left.median()) < 0.1
