"""The network that hears what is struck: convolutions over time and pitch, then over ever wider stretches of time.

A small form of what drum transcription is done with since Vogl et al. (2017), with dilated convolutions (Bai et al.,
2018) in place of recurrence. It runs in numpy; `training/starter/listening/train_ears.py` trains the same in torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

POOLED = (1, 2, 3)  # bands that become one, the loudest, after each of the convolutions over bands
KERNELS = ((5, 3), (3, 3), (3, 3))  # frames and bands of each
DILATIONS = (1, 2, 4, 8, 16)  # frames between the three that each later convolution joins
NEAR = sum(frames // 2 for frames, _ in KERNELS)  # frames on either side that the former see
MARGIN = NEAR + sum(DILATIONS)  # and that all see


@dataclass(frozen=True)
class EarNetwork:
    """Weights and biases of each layer: matrices (inputs, outputs) and vectors (outputs,), float32."""

    convolutions: tuple[tuple[np.ndarray, np.ndarray], ...]
    dense: tuple[np.ndarray, np.ndarray]
    dilated: tuple[tuple[np.ndarray, np.ndarray], ...]
    output: tuple[np.ndarray, np.ndarray]

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
        return 1 / (1 + np.exp(-np.clip(x @ self.output[0] + self.output[1], -30, 30)))


def _windows(x: np.ndarray, kernel: tuple[int, int]) -> np.ndarray:
    """What a convolution sees at each place: (frames, bands, channels) to (fewer frames, bands, numbers)."""
    sides = kernel[1] // 2
    padded = np.pad(x, ((0, 0), (sides, sides), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=(0, 1))
    return windows.reshape(*windows.shape[:2], -1)


def load_ear_network(stored: Mapping[str, np.ndarray]) -> EarNetwork:
    """The network of a file that `numpy.load` has open."""
    layers = [
        (stored[f"weight{i}"].astype(np.float32), stored[f"bias{i}"].astype(np.float32))
        for i in range(len(KERNELS) + 1 + len(DILATIONS) + 1)
    ]
    cut = len(KERNELS)
    return EarNetwork(tuple(layers[:cut]), layers[cut], tuple(layers[cut + 1 : -1]), layers[-1])
