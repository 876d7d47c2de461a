"""The starter's codec keeps audiocraft's contract; how good it sounds is measured in benchmarks/."""

import numpy as np
import pytest
import torch

from typebeat.engines.quiet import quiet_import

with quiet_import():
    from audiocraft.models.encodec import CompressionModel

    from typebeat.engines.beat.codec import PARTS, TOKEN_HOP, StarterCodec
    from typebeat.engines.beat.oscillators import NoiseBank, SineBank
    from typebeat.engines.beat.quantizer import ResidualQuantizer


@pytest.fixture(scope="module")
def codec():
    torch.manual_seed(0)
    return StarterCodec().eval()


def test_it_is_a_compression_model_with_the_numbers_that_a_language_model_asks_for(codec):
    assert isinstance(codec, CompressionModel)
    assert (codec.channels, codec.sample_rate, codec.frame_rate) == (1, 32_000, 25.0)
    assert codec.num_codebooks == codec.total_codebooks == 2 * len(PARTS)


def test_codes_are_as_many_as_the_frames_of_the_sound_and_decode_to_its_length(codec):
    sound = torch.randn(2, 1, TOKEN_HOP * 10 + 1) * 0.1
    with torch.inference_mode():
        codes, scale = codec.encode(sound)
        decoded = codec.decode(codes)
    assert scale is None
    assert codes.shape == (2, 8, 11)
    assert int(codes.max()) < codec.cardinality
    assert decoded.shape == (2, 1, TOKEN_HOP * 11)


def test_parts_sum_to_the_whole_and_equal_codes_give_equal_sound(codec):
    codes = torch.randint(codec.cardinality, (1, 8, 20))
    with torch.inference_mode():
        whole, again, parts = codec.decode(codes), codec.decode(codes), codec.decode_parts(codes)
    assert torch.equal(whole, again)
    torch.testing.assert_close(parts.sum(dim=1), whole)


def test_leaving_out_codebooks_is_refused(codec):
    codec.set_num_codebooks(8)
    with pytest.raises(ValueError, match="8 codebooks"):
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
