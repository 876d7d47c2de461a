"""A small network that tells what a drawn cover shows, and the distance of two pictures in what it sees in them.

The distance is the perceptual loss of the autoencoder (Johnson et al. 2016; normalised as by Zhang et al. 2018), made
without weights that come from elsewhere.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from typebeat.covers.looks import CoverLook
from typebeat.covers.vocabulary import COLOURS, TEXTURES, VERSION_2
from typebeat.request.styles import STYLES

WIDTHS = (24, 48, 96, 128, 160)  # channels of each stage; a stage halves the side
LABELS = (*VERSION_2.motifs, *COLOURS, *TEXTURES, *STYLES, "bright light")


class ArtClassifier(nn.Module):
    """Tells which of LABELS apply to a picture."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        stages, before = [], 3
        for width in widths:
            stages.append(
                nn.Sequential(
                    nn.Conv2d(before, width, 3, stride=2, padding=1),
                    nn.GroupNorm(8, width),
                    nn.SiLU(),
                    nn.Conv2d(width, width, 3, padding=1),
                    nn.GroupNorm(8, width),
                    nn.SiLU(),
                )
            )
            before = width
        self.stages = nn.ModuleList(stages)
        self.head = nn.Linear(2 * before, len(LABELS))

    def features(self, pixels: Tensor) -> list[Tensor]:
        """Returns what each stage sees in pictures (B, 3, H, W) in [-1, 1]."""
        seen = []
        for stage in self.stages:
            pixels = stage(pixels)
            seen.append(pixels)
        return seen

    def forward(self, pixels: Tensor) -> Tensor:
        """Returns the logit of each label, (B, LABELS)."""
        last = self.features(pixels)[-1]
        return self.head(torch.cat([last.mean((2, 3)), last.amax((2, 3))], dim=1))


def labels_of(look: CoverLook, style: str) -> Tensor:
    """Returns which of LABELS apply to a drawn cover, (LABELS,) of 0 and 1."""
    true = {*look.motifs, *look.palette, look.texture, style, look.light}
    return torch.tensor([float(label in true) for label in LABELS])


def perceptual_distance(classifier: ArtClassifier, made: Tensor, real: Tensor) -> Tensor:
    """Returns the mean distance of two batches of pictures in the classifier's stages, each of unit length."""
    distance = torch.zeros((), device=made.device)
    with torch.no_grad():
        wanted = classifier.features(real)
    for a, b in zip(classifier.features(made), wanted, strict=True):
        distance = distance + (F.normalize(a.float(), dim=1) - F.normalize(b.float(), dim=1)).square().sum(1).mean()
    return distance / len(wanted)


def load_classifier(folder: Path) -> ArtClassifier:
    """Loads a trained classifier, frozen."""
    classifier = ArtClassifier().eval().requires_grad_(False)
    classifier.load_state_dict(load_file(folder / "classifier.safetensors"))
    return classifier
