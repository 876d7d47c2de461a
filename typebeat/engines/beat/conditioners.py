"""Conditioners that audiocraft has no builder for: a text encoder out of a folder, a melody, a style, and none of them.

All count as text conditions, so that whoever asks with text alone needs to know nothing of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from typebeat.engines.quiet import quiet_import
from typebeat.sound.audio import Audio, mono, resample

with quiet_import():
    from audiocraft.modules.chroma import ChromaExtractor
    from audiocraft.modules.conditioners import TextConditioner
    from audiocraft.modules.transformer import StreamingTransformer
    from audiocraft.quantization import ResidualVectorQuantizer

if TYPE_CHECKING:
    from audiocraft.models.encodec import CompressionModel
    from transformers import T5EncoderModel

CHROMA_CLASSES = 12
MELODY, STYLE = "melody", "style"  # what a conditioner hears
_FIRST = ord("A")  # the letter of the first pitch class, in the text that stands for a melody


class FolderT5(TextConditioner):
    """As audiocraft's `T5Conditioner`, with an encoder that is at hand instead of one of a known name.

    Args:
        t5: Text encoder; it is not trained, and not part of the language model's state.
        tokenizer: The encoder's.
        output_dim: Width of the language model.
    """

    def __init__(self, t5: T5EncoderModel, tokenizer: Any, output_dim: int) -> None:
        super().__init__(t5.config.d_model, output_dim)
        self.__dict__["t5"] = t5.eval()  # hidden from torch, as audiocraft does it
        self.t5_tokenizer = tokenizer

    def tokenize(self, x: list[str | None]) -> dict[str, Tensor]:
        entries = [text or "" for text in x]
        inputs = self.t5_tokenizer(entries, return_tensors="pt", padding=True).to(self.t5.device)
        inputs["attention_mask"][[place for place, text in enumerate(entries) if not text]] = 0
        return inputs

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        mask = inputs["attention_mask"]
        with torch.no_grad():
            heard = self.t5(input_ids=inputs["input_ids"], attention_mask=mask).last_hidden_state
        return self.output_proj(heard.to(self.output_proj.weight)) * mask[..., None], mask


class NoMelody(TextConditioner):
    """What a melody model hears where there is no melody: its first pitch class in every frame, and not silence.

    Args:
        frames: Length of the melody that goes ahead of the text.
        output_dim: Width of the language model.
        classes: Pitch classes, as many as the projection has inputs.
    """

    def __init__(self, frames: int, output_dim: int, classes: int = CHROMA_CLASSES) -> None:
        super().__init__(classes, output_dim)
        self.frames = frames

    def tokenize(self, x: list[str | None]) -> int:
        return len(x)

    def forward(self, inputs: int) -> tuple[Tensor, Tensor]:
        weight = self.output_proj.weight
        melody = weight.new_zeros((inputs, self.frames, self.dim))
        melody[..., 0] = 1
        return self.output_proj(melody), weight.new_ones((inputs, self.frames))


class Melody(NoMelody):
    """What a melody model hears of a sound: the strongest pitch class of each frame, as audiocraft's conditioner does.

    It separates no stems: whoever asks gives a melody alone. The text that stands for one has a letter a frame.

    Args:
        frames: Length of the melody that goes ahead of the text.
        output_dim: Width of the language model.
        chroma: Hears pitch classes; as `audiocraft.modules.chroma.ChromaExtractor` with `argmax`.
    """

    def __init__(self, frames: int, output_dim: int, chroma: dict[str, Any]) -> None:
        super().__init__(frames, output_dim, int(chroma["n_chroma"]))
        self.hears = MELODY
        self._chroma = chroma

    def listen(self, sound: Audio) -> str:
        """Returns the pitch classes of a sound as text, repeated or cut to the length that the model was trained on."""
        heard = mono(resample(sound, int(self._chroma["sample_rate"]))).samples
        with torch.no_grad():
            classes = ChromaExtractor(**self._chroma, argmax=True)(torch.from_numpy(heard)[None])[0].argmax(dim=-1)
        letters = "".join(chr(_FIRST + each) for each in classes.tolist())
        return (letters * -(-self.frames // len(letters)))[: self.frames]

    def tokenize(self, x: list[str | None]) -> Tensor:
        nothing = chr(_FIRST) * self.frames
        return torch.tensor([[ord(letter) - _FIRST for letter in text or nothing] for text in x])

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        weight = self.output_proj.weight
        melody = torch.nn.functional.one_hot(inputs.to(weight.device), self.dim).to(weight)
        return self.output_proj(melody), torch.ones_like(melody[..., 0])


class NoStyle(TextConditioner):
    """What a style model hears where there is no style: one frame of nothing.

    Args:
        output_dim: Width of the language model.
        dim: Width of what it would hear.
    """

    def __init__(self, output_dim: int, dim: int) -> None:
        super().__init__(dim, output_dim)

    def tokenize(self, x: list[str | None]) -> int:
        return len(x)

    def forward(self, inputs: int) -> tuple[Tensor, Tensor]:
        weight = self.output_proj.weight
        return weight.new_zeros((inputs, 1, self.output_dim)), weight.new_zeros((inputs, 1))


class Style(TextConditioner):
    """What a style model hears of a sound by its own codec, as audiocraft's `StyleConditioner` with EnCodec does.

    The text that stands for a style has a letter a token: one codebook of the excerpt after the other.

    Args:
        output_dim: Width of the language model.
        told: Options of `StyleConditioner`, as `style.style_of` returns them.
    """

    def __init__(self, output_dim: int, told: dict[str, Any]) -> None:
        super().__init__(told["d_model"], output_dim)
        self.hears = STYLE
        self._told, dim = told, told["d_model"]
        self.embed = torch.nn.ModuleList([torch.nn.Embedding(told["card"], dim) for _ in range(told["encodec_n_q"])])
        self.transformer = None
        if told["num_layers"]:
            self.transformer = StreamingTransformer(
                *(dim, told["num_heads"], told["num_layers"], 4 * dim),
                memory_efficient=True, activation="gelu", norm_first=True, causal=False, layer_scale=None,
                bias_ff=False, bias_attn=False,
            )  # fmt: skip
        self.batch_norm = torch.nn.BatchNorm1d(dim, affine=False) if told["batch_norm"] else None
        self.rvq = ResidualVectorQuantizer(dim, n_q=told["n_q_out"], bins=told["bins"]) if told["n_q_out"] else None

    def hear_by(self, codec: CompressionModel) -> None:
        """Gives the codec whose tokens it was trained on; it is no part of the language model's state."""
        self.__dict__["_codec"] = codec

    def listen(self, sound: Audio) -> str:
        """Returns the tokens of the middle of a sound as text; a sound that is too short is repeated."""
        heard = mono(resample(sound, int(self._told["sample_rate"]))).samples
        length = int(self._told["length"] * self._told["sample_rate"])
        times = -(-length // heard.shape[1])
        heard = np.tile(heard, times)
        start = (heard.shape[1] - length) // 2
        codec: CompressionModel = self.__dict__["_codec"]
        excerpt = torch.from_numpy(heard[None, :, start : start + length])
        with torch.no_grad():
            tokens = codec.encode(excerpt.to(next(codec.parameters()).device))[0][0, : len(self.embed)]
        return "".join(chr(_FIRST + token) for token in tokens.flatten().tolist())

    def tokenize(self, x: list[str | None]) -> list[Tensor | None]:
        return [
            torch.tensor([ord(letter) - _FIRST for letter in text]).view(len(self.embed), -1) if text else None
            for text in x
        ]

    def forward(self, inputs: list[Tensor | None]) -> tuple[Tensor, Tensor]:
        weight = self.output_proj.weight
        rows = [None if tokens is None else self._embedded(tokens.to(weight.device)) for tokens in inputs]
        longest = max([1, *(len(row) for row in rows if row is not None)])
        style, mask = weight.new_zeros((len(rows), longest, self.output_dim)), weight.new_zeros((len(rows), longest))
        for place, row in enumerate(rows):
            if row is not None:
                style[place, : len(row)], mask[place, : len(row)] = row, 1
        return style, mask

    def _embedded(self, tokens: Tensor) -> Tensor:
        """Returns what the language model is told of an excerpt's tokens (codebooks, frames)."""
        heard = sum(table(tokens[book])[None] for book, table in enumerate(self.embed))
        if self.transformer is not None:
            heard = self.transformer(heard)
        if self.batch_norm is not None:
            heard = self.batch_norm(heard.transpose(1, 2)).transpose(1, 2)
        if self.rvq is not None:
            self.rvq.set_num_codebooks(self._told["eval_q"])
            heard = self.rvq(heard.transpose(1, 2), frame_rate=1.0).x.transpose(1, 2)
        return self.output_proj(heard[:, :: self._told["ds_factor"]].to(self.output_proj.weight))[0]
