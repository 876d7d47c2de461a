"""Conditioners that audiocraft has no builder for: a text encoder out of a folder, a melody, and no melody.

All count as text conditions, so that whoever asks with text alone needs to know nothing of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from typebeat.engines.quiet import quiet_import
from typebeat.sound.audio import Audio, mono, resample

with quiet_import():
    from audiocraft.modules.chroma import ChromaExtractor
    from audiocraft.modules.conditioners import TextConditioner

if TYPE_CHECKING:
    from transformers import T5EncoderModel

CHROMA_CLASSES = 12
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

    It separates no stems: whoever asks gives a melody alone. Its text has a letter a frame.

    Args:
        frames: Length of the melody that goes ahead of the text.
        output_dim: Width of the language model.
        chroma: Hears pitch classes; as `audiocraft.modules.chroma.ChromaExtractor` with `argmax`.
    """

    def __init__(self, frames: int, output_dim: int, chroma: dict[str, Any]) -> None:
        super().__init__(frames, output_dim, int(chroma["n_chroma"]))
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
