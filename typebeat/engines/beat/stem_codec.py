"""The codec of MusicGen-Stem: one EnCodec for each stem, whose codebooks lie beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import torch
from audiocraft.models.encodec import CompressionModel
from torch import Tensor

from typebeat.engines.beat.formats import STEMS
from typebeat.engines.beat.parts_codec import PartsCodec

_SILENT_SECONDS = 2.0  # whose middle is far from what the encoder sees at both ends


class StemCodec(PartsCodec):
    """Codecs of stems as one.

    Args:
        codecs: A codec for each of `STEMS`, in that order.

    Raises:
        ValueError: they differ in rate, frame rate, channels or in the size of their codebooks.
    """

    parts = STEMS

    def __init__(self, codecs: Sequence[CompressionModel]):
        super().__init__()
        self.codecs = torch.nn.ModuleList(codecs)
        self.books = tuple(codec.num_codebooks for codec in self.codecs)
        for name in ("sample_rate", "frame_rate", "channels", "cardinality"):
            told = [f"{getattr(codec, name):g}" for codec in self.codecs]
            if len(set(told)) > 1:
                apart = ", ".join(f"{part} {value}" for part, value in zip(self.parts, told, strict=True))
                raise ValueError(f"the codecs of its stems differ in {name.replace('_', ' ')}: {apart}")

    def forward(self, x: Tensor) -> NoReturn:
        """Refuses: the codecs are not trained here."""
        raise NotImplementedError("stems are encoded by encode_parts and decoded by decode_parts")

    def encode(self, x: Tensor) -> NoReturn:
        """Refuses: a mix has to be split before it is encoded."""
        raise NotImplementedError("this codec encodes stems; split the mix first and use encode_parts")

    def encode_parts(self, parts: Sequence[Tensor]) -> Tensor:
        """Returns the codes (B, K, T) of stems in the order of `parts`, each (B, channels, n).

        Raises:
            ValueError: the stems are not of one length.
        """
        lengths = [part.shape[-1] for part in parts]
        if len(set(lengths)) > 1:
            told = ", ".join(f"{part} {length}" for part, length in zip(self.parts, lengths, strict=True))
            raise ValueError(f"the stems differ in length ({told} samples)")
        return torch.cat([codec.encode(part)[0] for codec, part in zip(self.codecs, parts, strict=True)], dim=1)

    def decode_parts(self, codes: Tensor, first_frame: int = 0) -> Tensor:
        """Returns the sound of each stem, (B, stems, channels, n); they sum to `decode`. Equal codes, equal sound."""
        by_part = zip(self.codecs, codes.split(self.books, dim=1), strict=True)
        return torch.stack([codec.decode(part) for codec, part in by_part], dim=1)

    def decode_latent(self, codes: Tensor) -> Tensor:
        """Returns the quantised latents of all stems in a row, (B, channels, T), of codes (B, K, T)."""
        by_part = zip(self.codecs, codes.split(self.books, dim=1), strict=True)
        return torch.cat([codec.decode_latent(part) for codec, part in by_part], dim=1)

    @torch.inference_mode()
    def silence(self) -> Tensor:
        """Returns the tokens of a frame of silence, (K,)."""
        device = next(self.parameters()).device
        nothing = torch.zeros(1, self.channels, round(_SILENT_SECONDS * self.sample_rate), device=device)
        codes = self.encode_parts([nothing] * len(self.parts))
        return codes[0, :, codes.shape[-1] // 2]

    @property
    def channels(self) -> int:
        return self.codecs[0].channels

    @property
    def frame_rate(self) -> float:
        return self.codecs[0].frame_rate

    @property
    def sample_rate(self) -> int:
        return self.codecs[0].sample_rate

    @property
    def cardinality(self) -> int:
        return self.codecs[0].cardinality
