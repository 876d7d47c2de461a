"""The starter's neural codec: 32 kHz mono to 25 frames a second of a few tokens a part, and back.

Codebooks of their own carry the drums, the 808, the chords and the melody, and small decoders play one part each; the
sound is their sum. So a token says little and says it plainly, which is what a small language model can learn, and the
parts of a beat can be heard alone (`decode_parts`). Parts may share a network: chords and melody are both played by
the one for tuned instruments.

A decoder drives a bank of sine oscillators that never lose their phase (the idea of DDSP, Engel et al. 2020) and
shaped noise. Blocks are those of ConvNeXt as in Vocos (Siuzdak 2023). It does not stream and does not know any text.
"""

import math
from dataclasses import asdict, dataclass

import torch
from audiocraft.quantization.base import QuantizedResult
from torch import Tensor, nn
from torch.nn import functional as F

from typebeat.engines.beat.oscillators import NoiseBank, SineBank
from typebeat.engines.beat.parts_codec import PartsCodec
from typebeat.engines.beat.quantizer import ResidualQuantizer

PARTS = ("drums", "808", "chords", "melody")
SAMPLE_RATE = 32_000
FINE_HOP = 320  # samples between the fine frames that drive the oscillators
FRAMES_PER_TOKEN = 4
TOKEN_HOP = FINE_HOP * FRAMES_PER_TOKEN  # samples a token stands for
FRAME_RATE = SAMPLE_RATE / TOKEN_HOP
KERNEL = 7  # frames that a block's convolution sees

_TIME_WINDOW, _MEL_BANDS = 1024, 80  # what tells when something happens
_QUIET = 1e-3  # magnitude that counts as silence
_PITCH_WINDOW = 8192  # what tells which pitch sounds: bins of 3.9 Hz


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of an encoder, its quantiser and its decoder.

    Attributes:
        lowest, highest: Frequency in Hz of the lowest and of the highest oscillator.
        per_octave: Oscillators an octave.
        noise_bands: Bands of noise.
        books: Codebooks.
        width: Channels of the layers at the token rate.
        fine_width: Channels of the layers at the fine rate.
        latent: Channels of the quantised vector.
    """

    lowest: float
    highest: float
    per_octave: int
    noise_bands: int
    books: int
    width: int = 192
    fine_width: int = 128
    latent: int = 32


@dataclass(frozen=True)
class CodecConfig:
    """What the codec is built of, stored in config.json.

    Attributes:
        networks: Sizes of each network.
        of_parts: For each of `PARTS` the number of its network.
        cardinality: Entries of a codebook.
        pitch_bins: Bins of 3.9 Hz that tell an encoder which pitches sound.
    """

    networks: tuple[NetworkConfig, ...] = (
        NetworkConfig(30.0, 3_000.0, 24, 64, books=3),
        NetworkConfig(27.5, 5_000.0, 24, 24, books=2),
        NetworkConfig(60.0, 12_000.0, 36, 40, books=4, width=256, fine_width=192, latent=48),
    )
    of_parts: tuple[int, ...] = (0, 1, 2, 2)
    cardinality: int = 512
    pitch_bins: int = 640

    @classmethod
    def read(cls, stored: dict) -> "CodecConfig":
        """Returns the sizes that a config.json names, also those of the starter's first three versions."""
        if "books_per_part" in stored:
            sizes = {name: stored[name] for name in ("width", "fine_width", "latent")}
            sizes["books"] = stored["books_per_part"]
            lows = ((30.0, 2_000.0, 24, 64), (27.5, 3_600.0, stored["bass_per_octave"], 16))
            first = (*lows, (100.0, 9_000.0, 36, 24), (150.0, 11_000.0, 36, 24))
            networks = tuple(NetworkConfig(*voice, **sizes) for voice in first)
            return cls(networks, (0, 1, 2, 3), stored["cardinality"], pitch_bins=448)
        networks = tuple(NetworkConfig(**each) for each in stored["networks"])
        return cls(networks, tuple(stored["of_parts"]), stored["cardinality"], stored["pitch_bins"])


class ConvNeXtBlock(nn.Module):
    """Depthwise convolution over time, then a two-layer perceptron on channels, added to the input (B, C, T)."""

    def __init__(self, channels: int, kernel: int = KERNEL):
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.expand = nn.Linear(channels, 3 * channels)
        self.reduce = nn.Linear(3 * channels, channels)
        nn.init.zeros_(self.reduce.weight)
        nn.init.zeros_(self.reduce.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).transpose(1, 2))
        return x + self.reduce(F.gelu(self.expand(y))).transpose(1, 2)


class Features(nn.Module):
    """Audio (B, 1, n) to a log-mel spectrogram at the fine rate and a fine-pitched spectrum at the token rate."""

    def __init__(self, pitch_bins: int):
        super().__init__()
        self.pitch_bins = pitch_bins
        from torchaudio.functional import melscale_fbanks

        bands = melscale_fbanks(
            _TIME_WINDOW // 2 + 1, 20.0, 15_500.0, _MEL_BANDS, SAMPLE_RATE, norm="slaney", mel_scale="htk"
        )
        self.register_buffer("bands", bands, persistent=False)
        self.register_buffer("time_window", torch.hann_window(_TIME_WINDOW), persistent=False)
        self.register_buffer("pitch_window", torch.hann_window(_PITCH_WINDOW), persistent=False)

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """Returns (B, 80, 4 T) and (B, pitch bins, T) for T tokens; n must be a multiple of the token hop."""
        fine = self._magnitudes(audio, self.time_window, FINE_HOP)
        mel = torch.log10((self.bands.T @ fine) * 100 / _QUIET + 1)
        pitch = self._magnitudes(audio, self.pitch_window, TOKEN_HOP)[:, : self.pitch_bins]
        return mel, torch.log10(pitch / _QUIET + 1)

    @staticmethod
    def _magnitudes(audio: Tensor, window: Tensor, hop: int) -> Tensor:
        """Returns magnitudes, frames centred on the middle of each hop, scaled so that a full sine reads about 1."""
        padding = (len(window) - hop) // 2
        padded = F.pad(audio[:, 0], (padding, padding))
        spectrum = torch.stft(padded, len(window), hop, window=window, center=False, return_complex=True)
        return spectrum.abs() * (2 / window.sum())


class PartEncoder(nn.Module):
    """Features to the latent of one part (B, latent, T)."""

    def __init__(self, config: NetworkConfig, pitch_bins: int):
        super().__init__()
        fine, width = config.fine_width, config.width
        self.fine_in = nn.Conv1d(_MEL_BANDS, fine, 3, padding=1)
        self.fine_block = ConvNeXtBlock(fine)
        self.down = nn.Conv1d(fine, width, FRAMES_PER_TOKEN, stride=FRAMES_PER_TOKEN)
        self.pitch_in = nn.Conv1d(pitch_bins, width, 1)
        self.blocks = nn.Sequential(*(ConvNeXtBlock(width) for _ in range(3)))
        self.out = nn.Conv1d(width, config.latent, 1)

    def forward(self, mel: Tensor, pitch: Tensor) -> Tensor:
        return self.out(self.blocks(self.down(self.fine_block(self.fine_in(mel))) + self.pitch_in(pitch)))


class PartDecoder(nn.Module):
    """The quantised latent of one part to its sound (B, 1, n)."""

    blocks_at_token_rate, blocks_at_fine_rate = 2, 3

    def __init__(self, config: NetworkConfig):
        super().__init__()
        fine, width = config.fine_width, config.width
        self.sines = SineBank(config.lowest, config.highest, config.per_octave, SAMPLE_RATE, FINE_HOP)
        self.noise = NoiseBank(config.noise_bands, SAMPLE_RATE, FINE_HOP // 2)
        self.latent_in = nn.Conv1d(config.latent, width, 3, padding=1)
        self.blocks = nn.Sequential(*(ConvNeXtBlock(width) for _ in range(self.blocks_at_token_rate)))
        self.up = nn.ConvTranspose1d(width, fine, FRAMES_PER_TOKEN, stride=FRAMES_PER_TOKEN)
        self.fine_blocks = nn.Sequential(*(ConvNeXtBlock(fine) for _ in range(self.blocks_at_fine_rate)))
        self.norm = nn.LayerNorm(fine)
        self.levels = nn.Linear(fine, self.sines.count)
        self.phases = nn.Linear(fine, self.sines.count)
        self.noise_levels = nn.Linear(fine, 2 * config.noise_bands)
        for head, bias in ((self.levels, -5.0), (self.noise_levels, -5.0), (self.phases, 0.0)):
            nn.init.normal_(head.weight, std=0.0 if head is self.phases else 0.05)
            nn.init.constant_(head.bias, bias)

    def forward(self, latent: Tensor, start: int = 0, generator: torch.Generator | None = None) -> Tensor:
        hidden = self.fine_blocks(self.up(self.blocks(self.latent_in(latent))))
        hidden = self.norm(hidden.transpose(1, 2))  # (B, 4 T, fine)
        tonal = self.sines(torch.exp(self.levels(hidden).clamp(max=1.5)), self.phases(hidden), start)
        noise_levels = torch.exp(self.noise_levels(hidden).clamp(max=2.0))
        noise_levels = noise_levels.reshape(hidden.shape[0], 2 * hidden.shape[1], -1)  # two to a fine frame
        return (tonal + self.noise(noise_levels, generator))[:, None]


class StarterCodec(PartsCodec):
    """The starter's codec: a small network for each part, or one for several."""

    parts = PARTS

    def __init__(self, config: CodecConfig | None = None):
        super().__init__()
        self.config = config or CodecConfig()
        networks = self.config.networks
        self.books = tuple(networks[number].books for number in self.config.of_parts)
        self.features = Features(self.config.pitch_bins)
        self.encoders = nn.ModuleList(PartEncoder(each, self.config.pitch_bins) for each in networks)
        self.quantizers = nn.ModuleList(
            ResidualQuantizer(each.latent, self.config.cardinality, each.books) for each in networks
        )
        self.decoders = nn.ModuleList(PartDecoder(each) for each in networks)

    def forward(self, x: Tensor) -> QuantizedResult:
        """Returns the round trip of audio (B, 1, n), as audiocraft's codecs do."""
        codes, _ = self.encode(x)
        bandwidth = torch.tensor(self.num_codebooks * FRAME_RATE * (self.cardinality - 1).bit_length() / 1000)
        return QuantizedResult(self.decode(codes)[..., : x.shape[-1]], codes, bandwidth.to(x))

    def encode(self, x: Tensor) -> tuple[Tensor, None]:
        """Returns the codes (B, K, T) of a mix (B, 1, n) in [-1, 1], T = n / token hop rounded up; and no scale."""
        return self.encode_parts([x] * len(PARTS)), None

    def encode_parts(self, parts: list[Tensor]) -> Tensor:
        """Returns the codes (B, K, T) of parts given alone, in the order of `PARTS`, each (B, 1, n)."""
        codes = []
        for number, part in zip(self.config.of_parts, parts, strict=True):
            latent = self.encoders[number](*self.features(pad_to_tokens(part)))
            codes.append(self.quantizers[number].encode(latent))
        return torch.cat(codes, dim=1)

    def decode_parts(self, codes: Tensor, first_frame: int = 0) -> Tensor:
        """Returns the sound of each part, (B, 4, 1, T x token hop); they sum to `decode`. Equal codes, equal sound."""
        generator = torch.Generator(codes.device).manual_seed(0)
        start = first_frame * TOKEN_HOP
        networks = [(self.config.networks[n].latent, self.decoders[n]) for n in self.config.of_parts]
        latents = self.decode_latent(codes).split([size for size, _ in networks], dim=1)
        made = [decoder(latent, start, generator) for (_, decoder), latent in zip(networks, latents, strict=True)]
        return torch.stack(made, dim=1)

    def decode_latent(self, codes: Tensor) -> Tensor:
        """Returns the quantised latents of all parts in a row, (B, channels, T), of codes (B, K, T)."""
        by_part = zip(self.config.of_parts, codes.split(self.books, dim=1), strict=True)
        return torch.cat([self.quantizers[number].decode(part) for number, part in by_part], dim=1)

    @property
    def reach(self) -> int:
        """Tokens to each side of its own that a sample depends on."""
        side = KERNEL // 2
        fine = side * PartDecoder.blocks_at_fine_rate + 2  # two more by the overlap of the oscillators' windows
        return 1 + side * PartDecoder.blocks_at_token_rate + math.ceil(fine / FRAMES_PER_TOKEN) + 1

    @property
    def channels(self) -> int:
        return 1

    @property
    def frame_rate(self) -> float:
        return FRAME_RATE

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    @property
    def cardinality(self) -> int:
        return self.config.cardinality

    def config_dict(self) -> dict:
        """Returns what `CodecConfig.read` needs to build an equal model."""
        return asdict(self.config)


def pad_to_tokens(audio: Tensor) -> Tensor:
    """Returns audio (B, 1, n) with silence added up to a whole number of tokens."""
    return F.pad(audio, (0, -audio.shape[-1] % TOKEN_HOP))
