"""The small networks that listen, in numpy: `Network` of dense layers, and `EarNetwork` of convolutions.

`Network` reads melodies and bass lines; `dense` alone reranks drafts. `EarNetwork` hears drums and bass: convolutions
over time and pitch, then over ever wider stretches of time. It is a small form of the usual drum transcription network
(Vogl et al., 2017), with dilated convolutions (Bai et al., 2018) in place of recurrence. `training/starter/listening/`
trains the same networks in torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

POOLED = (1, 2, 3)  # number of bands that are max-pooled after each 2D convolution
KERNELS = ((5, 3), (3, 3), (3, 3))  # size of each 2D convolution, in frames and bands
DILATIONS = (1, 2, 4, 8, 16)  # frames between the three taps of each 1D convolution
NEAR = sum(frames // 2 for frames, _ in KERNELS)  # frames on either side that the 2D convolutions see
MARGIN = NEAR + sum(DILATIONS)  # frames on either side that the whole network sees


FARTHEST = 8.0  # standard deviations; what `Network` is given is clipped to them

Layer = tuple[np.ndarray, np.ndarray]  # weights (inputs, outputs) and biases (outputs,), float32


def load_layers(stored: Mapping[str, np.ndarray], prefix: str = "") -> tuple[Layer, ...]:
    """Reads the layers that an open .npz file holds as weight0, bias0, weight1 and so on."""
    number = sum(name.startswith(f"{prefix}weight") for name in stored)
    return tuple(
        (stored[f"{prefix}weight{i}"].astype(np.float32), stored[f"{prefix}bias{i}"].astype(np.float32))
        for i in range(number)
    )


def dense(x: np.ndarray, layers: Sequence[Layer]) -> np.ndarray:
    """Runs dense layers with ReLU between them: (..., inputs) to (..., outputs), which are logits."""
    *hidden, (last_weight, last_bias) = layers
    for weight, bias in hidden:
        x = np.maximum(x @ weight + bias, 0)
    return x @ last_weight + last_bias


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Logits to probabilities, without overflow."""
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


@dataclass(frozen=True)
class Network:
    """Dense layers over numbers that are centred and scaled first."""

    mean: np.ndarray
    scale: np.ndarray
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        """(..., numbers) to (..., outputs) in [0, 1]."""
        x = np.clip((numbers - self.mean) * self.scale, -FARTHEST, FARTHEST)
        return sigmoid(dense(x, tuple(zip(self.weights, self.biases, strict=True))))


def load_network(stored: Mapping[str, np.ndarray], name: str) -> Network:
    """Reads a `Network` from an open .npz file by its name there."""
    weights, biases = zip(*load_layers(stored, f"{name}."), strict=True)
    return Network(stored[f"{name}.mean"], stored[f"{name}.scale"], weights, biases)


@dataclass(frozen=True)
class EarNetwork:
    """The layers in the order in which they run."""

    convolutions: tuple[Layer, ...]
    dense: Layer
    dilated: tuple[Layer, ...]
    output: Layer

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """(frames + 2 x MARGIN, bands) to (frames, outputs) in [0, 1]."""
        x = seen[:, :, None]
        for (weight, bias), kernel, pooled in zip(self.convolutions, KERNELS, POOLED, strict=True):
            x = np.maximum(_windows(x, kernel) @ weight + bias, 0)
            x = x.reshape(len(x), -1, pooled, x.shape[2]).max(axis=2)
        x = np.concatenate([seen[NEAR:-NEAR], x.transpose(0, 2, 1).reshape(len(x), -1)], axis=1)
        x = np.maximum(x @ self.dense[0] + self.dense[1], 0)
        for (weight, bias), apart in zip(self.dilated, DILATIONS, strict=True):
            three = np.concatenate([x[: -2 * apart], x[apart:-apart], x[2 * apart :]], axis=1)
            x = x[apart:-apart] + np.maximum(three @ weight + bias, 0)
        return sigmoid(dense(x, [self.output]))


def _windows(x: np.ndarray, kernel: tuple[int, int]) -> np.ndarray:
    """Collects the input of a 2D convolution at each place: (frames, bands, channels) to (frames, bands, inputs)."""
    sides = kernel[1] // 2
    padded = np.pad(x, ((0, 0), (sides, sides), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (*kernel, 1))
    return windows.reshape(*windows.shape[:2], -1)


def load_ear_network(stored: Mapping[str, np.ndarray]) -> EarNetwork:
    """Reads an `EarNetwork` from an open .npz file."""
    layers, cut = load_layers(stored), len(KERNELS)
    return EarNetwork(layers[:cut], layers[cut], layers[cut + 1 : -1], layers[-1])
