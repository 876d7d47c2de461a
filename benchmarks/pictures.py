"""Computes features, dominant colours and distances of pictures for the cover benchmark, without a neural network.

Pictures are sRGB (side, side, 3) uint8, with a side that is a multiple of 64.
"""

import numpy as np
from scipy import linalg, ndimage
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

SIDE = 64
_BANDS = 8
_CELLS = 4
_KEPT_DIMENSIONS = 16  # for the Frechet distance; must be fewer than covers
_WHITE = np.array([0.9505, 1.0, 1.089])
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(rgb: np.ndarray) -> np.ndarray:
    """Returns CIELAB (D65) of sRGB values in [0, 1], any shape (..., 3)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0.04045) + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def reduced(picture: np.ndarray) -> np.ndarray:
    """Returns the picture averaged to SIDE x SIDE, float in [0, 1]."""
    by = picture.shape[0] // SIDE
    return picture.reshape(SIDE, by, SIDE, by, 3).mean((1, 3)) / 255


def features(picture: np.ndarray) -> np.ndarray:
    """Returns colours and their spread by place, a histogram of chroma, contrast by scale and by direction, (147,)."""
    seen = lab(reduced(picture))
    cells = seen.reshape(_CELLS, SIDE // _CELLS, _CELLS, SIDE // _CELLS, 3)
    histogram, _, _ = np.histogram2d(
        seen[..., 1].ravel(), seen[..., 2].ravel(), bins=6, range=[[-80, 80], [-80, 80]], density=False
    )
    light = picture.mean(axis=-1) / 255
    bands, smooth = [], light
    for octave in range(_BANDS - 2):
        smoother = ndimage.gaussian_filter(light, 2.0**octave)
        bands.append(np.log10((smooth - smoother).std() + 1e-4))
        smooth = smoother
    dy, dx = np.gradient(ndimage.gaussian_filter(light, 1.5))
    bands += [np.log10(np.abs(dx).mean() + 1e-4), np.log10(np.abs(dy).mean() + 1e-4)]
    means, spreads = cells.mean((1, 3)).ravel() / 50, cells.std((1, 3)).ravel() / 50
    tilt = np.array([np.percentile(light, p) for p in (2, 10, 25, 50, 75, 90, 98)])
    return np.concatenate([means, spreads, np.sqrt(histogram.ravel() / SIDE**2), bands, tilt])


def frechet(made: np.ndarray, real: np.ndarray, reference: np.ndarray) -> float:
    """Returns the Frechet distance of two sets of features, in principal components of a third, (n, features) each."""
    spread = reference.std(0) + 1e-6
    pca = PCA(_KEPT_DIMENSIONS, random_state=0).fit(reference / spread)
    a, b = (pca.transform(each / spread) for each in (made, real))
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(cov_a @ cov_b).real
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root))


def palette_distance(picture: np.ndarray, asked: list[tuple[float, float, float]]) -> float:
    """Returns the mean CIELAB distance of colours, sRGB in [0, 1], from the nearest of five dominant ones."""
    seen = lab(reduced(picture)[::2, ::2].reshape(-1, 3))
    dominant = KMeans(5, n_init=2, random_state=0).fit(seen).cluster_centers_
    return float(np.mean([np.linalg.norm(dominant - lab(np.array(colour)), axis=1).min() for colour in asked]))
