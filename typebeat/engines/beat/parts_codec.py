"""What codecs have in common that play each part with codebooks of its own."""

from __future__ import annotations

from abc import abstractmethod

from audiocraft.models.encodec import CompressionModel
from torch import Tensor


class PartsCodec(CompressionModel):
    """A codec of parts behind audiocraft's `CompressionModel`; its sound is their sum.

    Codes are (B, K, T): the codebooks of each part in the order of `parts`.

    Attributes:
        parts: Names of the parts.
        books: Number of codebooks of each part.
    """

    parts: tuple[str, ...]
    books: tuple[int, ...]

    @abstractmethod
    def decode_parts(self, codes: Tensor, first_frame: int = 0) -> Tensor:
        """Returns the sound of each part, (B, parts, channels, n), of codes that begin at `first_frame` of the song."""

    def decode(self, codes: Tensor, scale: None = None, first_frame: int = 0) -> Tensor:
        """Returns the sound (B, channels, n) of codes (B, K, T) that begin at `first_frame` of the song."""
        return self.decode_parts(codes, first_frame).sum(dim=1)

    @property
    def num_codebooks(self) -> int:
        return sum(self.books)

    @property
    def total_codebooks(self) -> int:
        return self.num_codebooks

    def set_num_codebooks(self, n: int) -> None:
        """Refuses any other number than its own: the parts cannot be left out one by one."""
        if n != self.num_codebooks:
            raise ValueError(f"this codec always uses its {self.num_codebooks} codebooks, not {n}")
