"""Tells which of twelve subjects a cover shows, by its edges: a linear classifier that learnt from drawn covers alone.

It shares nothing with the networks of the trainings: neither features nor the covers that it learnt from.
"""

import numpy as np
from PIL import Image
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from training.starter.art.covers import draw
from typebeat.covers.looks import CoverLook
from typebeat.covers.vocabulary import COLOURS, ENERGIES, LIGHTS, VERSION_2
from typebeat.request.styles import STYLES

SUBJECTS = (
    *("city", "road", "mountains", "waves", "room", "car"),
    *("plane", "flower", "statue", "stag", "crowd", "chrome"),
)
SIDE = 64  # pixels of the copy whose edges are compared
_ORIENTATIONS = 9
_CELLS = (4, 8)  # a side is divided into so many, coarsely and finely


def edges(picture: np.ndarray) -> np.ndarray:
    """Returns histograms of the edges of a picture, (n, n, 3) uint8: in which direction they run, by place, (720,)."""
    grey = np.asarray(Image.fromarray(picture).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    grey = ndimage.gaussian_filter(grey / 255, 0.8)
    dy, dx = np.gradient(grey)
    strength = np.sqrt(np.hypot(dx, dy))
    place = np.arctan2(dy, dx) % np.pi / np.pi * _ORIENTATIONS
    low, share = np.floor(place).astype(int) % _ORIENTATIONS, place - np.floor(place)
    planes = np.zeros((_ORIENTATIONS, SIDE, SIDE), np.float32)
    for orientation in range(_ORIENTATIONS):
        planes[orientation] += strength * (1 - share) * (low == orientation)
        planes[orientation] += strength * share * ((low + 1) % _ORIENTATIONS == orientation)
    found = []
    for cells in _CELLS:
        size = SIDE // cells
        histograms = planes.reshape(_ORIENTATIONS, cells, size, cells, size).mean((2, 4))
        found.append((histograms / (np.linalg.norm(histograms) + 1e-6)).ravel())
    return np.concatenate(found)


def drawn_subjects(first: int, count: int) -> tuple[list[np.ndarray], list[str], list[str]]:
    """Returns drawn covers, `count` of each subject in each style, their subjects and their styles.

    Args:
        first: Seed of the first; the covers that models learn from have other seeds.
        count: Number of each.
    """
    pictures, subjects, styles = [], [], []
    for style in STYLES:
        for subject in SUBJECTS:
            for _ in range(count):
                seed = first + len(pictures)
                pictures.append(draw(random_look(subject, np.random.default_rng(seed)), style, seed))
                subjects.append(subject)
                styles.append(style)
    return pictures, subjects, styles


def random_look(subject: str, rng: np.random.Generator) -> CoverLook:
    """Returns a look with a subject, and everything else at random."""
    ground, accent = rng.choice(COLOURS, 2, replace=False)
    others = [motif for motif in VERSION_2.motifs if motif not in SUBJECTS]
    motifs = (subject, str(rng.choice(others))) if rng.random() < 0.5 else (subject,)
    energy = ENERGIES[rng.integers(len(ENERGIES))][1]
    return CoverLook((str(ground), str(accent)), motifs, "", energy, str(rng.choice(list(LIGHTS.values()))))


def trained_classifier(pictures: list[np.ndarray], subjects: list[str]) -> Pipeline:
    """Returns a classifier of `edges` that was trained on pictures and their mirror images."""
    seen = [edges(picture) for picture in pictures] + [edges(picture[:, ::-1]) for picture in pictures]
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300)).fit(seen, [*subjects, *subjects])
