"""What a part decoder plays on: sine oscillators in tune with the keyboard, and noise in bands."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SineBank(nn.Module):
    """Oscillators on a logarithmic scale that run on through the whole sound; a frame only says how loud each is.

    A sustained tone is therefore a constant: no network has to carry a phase from frame to frame.
    """

    def __init__(self, lowest: float, highest: float, per_octave: int, sample_rate: int, hop: int):
        super().__init__()
        self.count = int(math.log2(highest / lowest) * per_octave) + 1
        self.hop = hop
        turns = lowest * 2.0 ** (torch.arange(self.count, dtype=torch.float64) / per_octave) / sample_rate  # per sample
        angle = 2 * math.pi * turns[:, None] * torch.arange(2 * hop, dtype=torch.float64)
        window = torch.hann_window(2 * hop, dtype=torch.float64)
        self.register_buffer("turns", turns, persistent=False)
        self.register_buffer("cosines", (torch.cos(angle) * window).float(), persistent=False)
        self.register_buffer("sines", (torch.sin(angle) * window).float(), persistent=False)

    def forward(self, levels: Tensor, phases: Tensor, start: int = 0) -> Tensor:
        """Returns sound (B, frames x hop).

        Args:
            levels: Loudness of each oscillator, (B, frames, count), at least 0.
            phases: What is added to the running phase in radians, (B, frames, count).
            start: Number of the first sample in the whole sound.
        """
        frames = levels.shape[1]
        begin = (torch.arange(frames, device=levels.device, dtype=torch.float64) - 0.5) * self.hop + start
        running = (begin[:, None] * self.turns) % 1.0  # (frames, count)
        angle = phases + (2 * math.pi * running).to(phases)
        blocks = (levels * torch.cos(angle)) @ self.cosines - (levels * torch.sin(angle)) @ self.sines
        return overlap_add(blocks, self.hop)


class NoiseBank(nn.Module):
    """White noise through a filter that changes from frame to frame, given as loudness in bands on a mel-like scale."""

    def __init__(self, bands: int, sample_rate: int, hop: int):
        super().__init__()
        self.hop = hop
        self.bins = hop + 1
        # triangles, evenly spaced in mel, that sum to one at each bin
        mel = 2595 * torch.log10(1 + torch.linspace(0, sample_rate / 2, self.bins) / 700)
        place = mel / mel[-1] * (bands - 1)
        shape = (1 - (place[None] - torch.arange(bands)[:, None]).abs()).clamp(min=0)
        window = torch.sin(math.pi * (torch.arange(2 * hop) + 0.5) / (2 * hop))
        self.register_buffer("shape", shape, persistent=False)  # (bands, bins)
        self.register_buffer("window", window, persistent=False)

    def forward(self, levels: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Returns noise (B, frames x hop) for the loudness of its bands (B, frames, bands), at least 0."""
        spectrum_shape = (levels.shape[0], levels.shape[1], self.bins, 2)
        noise = torch.randn(spectrum_shape, generator=generator, device=levels.device)
        spectrum = torch.view_as_complex(noise) * (levels @ self.shape)
        blocks = torch.fft.irfft(spectrum, n=2 * self.hop, norm="ortho") * self.window
        return overlap_add(blocks, self.hop)


def overlap_add(blocks: Tensor, hop: int) -> Tensor:
    """Adds windowed blocks (B, frames, 2 hop), each centred on the middle of its hop, to (B, frames x hop)."""
    first, second = F.pad(blocks, (0, 0, 1, 1)).split(hop, dim=2)
    joined = (second[:, :-1] + first[:, 1:]).flatten(1)  # hops from half a hop before the start
    return joined[:, hop // 2 : -(hop - hop // 2)]
