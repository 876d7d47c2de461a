"""Residual vector quantiser with moving-average codebooks that revives dead codes (van den Oord 2017, Zeghidour 2021).

audiocraft's own cannot revive a code: it puts a new vector in and overwrites it with the old average a line later, so
that small batches, as on a CPU, lose most of the codebook.
"""

import torch
from torch import Tensor, nn


class Codebook(nn.Module):
    """`size` vectors that follow the averages of what falls nearest to them."""

    def __init__(self, dimension: int, size: int, decay: float = 0.98, revive_below: float = 0.02):
        super().__init__()
        self.decay, self.revive_below = decay, revive_below
        self.register_buffer("vectors", torch.randn(size, dimension) * 0.1)
        # training state; an inference checkpoint leaves it out
        self.register_buffer("usage", torch.ones(size), persistent=False)
        self.register_buffer("sums", self.vectors.clone(), persistent=False)

    def nearest(self, x: Tensor) -> Tensor:
        """Returns the index of the nearest vector for each row of x (n, dimension)."""
        return (self.vectors.pow(2).sum(1) - 2 * x @ self.vectors.T).argmin(dim=1)

    @torch.no_grad()
    def update(self, x: Tensor, index: Tensor) -> None:
        """Moves the vectors towards the rows of x that chose them; puts rows of x where nobody came for long."""
        counts = torch.bincount(index, minlength=len(self.vectors)).to(x)
        sums = torch.zeros_like(self.sums).index_add_(0, index, x)
        self.usage.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(sums, 1 - self.decay)
        dead = torch.nonzero(self.usage < self.revive_below)[:, 0]
        if len(dead):
            rows = torch.randint(len(x), (len(dead),), device=x.device)
            self.usage[dead] = self.revive_below * 10
            self.sums[dead] = x[rows] * self.usage[dead, None]
        self.vectors.copy_(self.sums / self.usage.clamp(min=1e-6)[:, None])


class ResidualQuantizer(nn.Module):
    """`books` codebooks, each on what the ones before left over."""

    def __init__(self, dimension: int, size: int, books: int):
        super().__init__()
        self.books = nn.ModuleList(Codebook(dimension, size) for _ in range(books))

    def encode(self, latent: Tensor) -> Tensor:
        """Returns the codes (B, books, T) of a latent (B, dimension, T)."""
        return self._quantize(latent)[1]

    def decode(self, codes: Tensor) -> Tensor:
        """Returns the latent (B, dimension, T) of codes (B, books, T)."""
        return sum(book.vectors[codes[:, i]] for i, book in enumerate(self.books)).transpose(1, 2)

    def forward(self, latent: Tensor, kept: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Returns the quantised latent with a straight-through gradient, the codes and the commitment loss.

        Args:
            latent: (B, dimension, T).
            kept: For training: how many codebooks count for each row, (B,); None for all. The first ones then learn to
                say as much as they can (quantizer dropout, Zeghidour et al. 2021).
        """
        quantized, codes = self._quantize(latent, kept)
        distance = (latent - quantized.detach()).pow(2).mean(dim=(1, 2))
        commitment = distance.mean() if kept is None else (distance * (kept >= len(self.books))).mean()
        return latent + (quantized - latent).detach(), codes, commitment

    def _quantize(self, latent: Tensor, kept: Tensor | None = None) -> tuple[Tensor, Tensor]:
        batch, dimension, frames = latent.shape
        left = latent.detach().transpose(1, 2).reshape(-1, dimension)
        total, codes = torch.zeros_like(left), []
        for i, book in enumerate(self.books):
            index = book.nearest(left)
            chosen = book.vectors[index]
            if self.training:
                book.update(left, index)
            counted = chosen if kept is None else chosen * (kept > i).repeat_interleave(frames)[:, None]
            total, left = total + counted, left - chosen
            codes.append(index.reshape(batch, frames))
        return total.reshape(batch, frames, dimension).transpose(1, 2), torch.stack(codes, dim=1)
