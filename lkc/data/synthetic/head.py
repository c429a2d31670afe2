"""A head slice as MRI, CT, PET and SPECT: one anatomy, four ways to look at it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.data.synthetic.texture import Image, fractal_noise

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class HeadScene:
    """One slice, four modalities.

    Attributes:
        mri: (H, W) uint8, T2-weighted: fluid is bright.
        ct: (H, W) uint8, bone is white.
        pet, spect: (H, W, 3) uint8, uptake in pseudo-colour on black.
        lesion: (H, W) bool.
    """

    mri: NDArray[np.uint8]
    ct: NDArray[np.uint8]
    pet: NDArray[np.uint8]
    spect: NDArray[np.uint8]
    lesion: Mask


@dataclass(frozen=True)
class Anatomy:
    """Which tissue is where: masks (H, W) that do not overlap, except the lesion."""

    scalp: Mask
    skull: Mask
    fluid: Mask
    gray: Mask
    white: Mask
    nuclei: Mask
    lesion: Mask


def ellipse(x: Image, y: Image, centre: tuple[float, float], axes: tuple[float, float]) -> Image:
    """Elliptic distance: 1 on the outline, smaller inside."""
    return np.hypot((x - centre[0]) / axes[0], (y - centre[1]) / axes[1])


def draw_anatomy(rng: np.random.Generator, size: int, with_lesion: bool) -> Anatomy:
    """Lay out the tissues of an axial slice in coordinates bent by smooth noise."""
    grid = (np.arange(size, dtype=np.float32) - (size - 1) / 2) / (size / 2)
    bend = [0.02 * fractal_noise(rng, size, size, size // 4, 2) for _ in range(2)]
    x = grid[None, :] + bend[0]
    y = grid[:, None] + bend[1]
    radius = ellipse(x, y, (0, 0), (0.66, 0.82))
    brain = radius < 0.83
    folds = fractal_noise(rng, size, size, size // 14, 2)
    sulci = (np.abs(folds) < 0.055 + 0.10 * np.maximum(radius - 0.6, 0)) & (radius > 0.42)
    fissure = (np.abs(x + 0.012 * np.sin(9 * y)) < 0.010) & (np.abs(y) > 0.22)
    horns = np.zeros_like(brain)
    for side in (-1, 1):  # the lateral ventricles: a front and a back horn on each side
        for tip, middle in ((-0.25, -0.05), (0.25, 0.06)):
            lean = side * (0.06 + 0.35 * np.abs(y - middle))
            horns |= (
                (np.abs(x - lean) < 0.045)
                & ((y - middle) * np.sign(tip) > 0)
                & (np.abs(y) < abs(tip))
            )
    horns = cv2.GaussianBlur(horns.astype(np.float32), (0, 0), size / 100) > 0.5
    outside = sulci | fissure | ~brain
    to_fluid = cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 5)
    nuclei = np.zeros_like(brain)
    for side in (-1, 1):
        nuclei |= ellipse(x, y, (side * 0.13, 0.06), (0.08, 0.11)) < 1  # thalamus
        nuclei |= ellipse(x, y, (side * 0.24, -0.06), (0.055, 0.14)) < 1  # putamen
    gray = brain & ~outside & (to_fluid < size / 52) & ~horns
    place = (rng.choice([-1, 1]) * rng.uniform(0.28, 0.36), rng.uniform(-0.35, 0.3))
    edge = 0.25 * fractal_noise(rng, size, size, size // 16, 2)
    lesion = (ellipse(x, y, place, (0.075, 0.09)) + edge < 1) & brain & with_lesion
    return Anatomy(
        scalp=(radius < 1.0) & (radius >= 0.93),
        skull=(radius < 0.93) & (radius >= 0.855),
        fluid=(radius < 0.855) & (outside | horns),
        gray=gray,
        white=brain & ~outside & ~gray & ~horns & ~nuclei,
        nuclei=nuclei & ~gray & ~horns & brain,
        lesion=lesion,
    )


def assign(anatomy: Anatomy, blur: float, **values: float) -> Image:
    """Give each tissue its value and blur with the resolution of the scanner: (H, W) in 0..1."""
    image = np.zeros(anatomy.skull.shape, dtype=np.float32)
    for tissue, value in values.items():
        image[getattr(anatomy, tissue)] = value
    return cv2.GaussianBlur(image, (0, 0), blur)


def to_bytes(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0..1 to 0..255."""
    return np.rint(image.clip(0, 1) * 255).astype(np.uint8)


def see_mri(anatomy: Anatomy, rng: np.random.Generator) -> NDArray[np.uint8]:
    """T2-weighted, with the coil's uneven sensitivity and Rician noise inside the head."""
    size = anatomy.skull.shape[0]
    image = assign(
        anatomy, 0.7, scalp=0.62, skull=0.06, fluid=0.92, gray=0.56, white=0.37, nuclei=0.47,
        lesion=0.80,
    )  # fmt: skip
    texture = 1 + 0.05 * fractal_noise(rng, size, size, 6, 2)
    uneven = 1 + 0.12 * fractal_noise(rng, size, size, size, 1)
    real, imaginary = 0.012 * rng.standard_normal((2, size, size), dtype=np.float32)
    noisy = np.hypot(image * texture * uneven + real, imaginary)
    head = cv2.GaussianBlur((image > 0.02).astype(np.float32), (0, 0), 1)
    return to_bytes(noisy * head)


def see_ct(anatomy: Anatomy, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A brain window: bone saturates, gray and white matter hardly differ."""
    size = anatomy.skull.shape[0]
    image = assign(
        anatomy, 0.9, scalp=0.22, skull=1.25, fluid=0.22, gray=0.37, white=0.32, nuclei=0.36,
        lesion=0.48,
    )  # fmt: skip
    grain = cv2.GaussianBlur(rng.standard_normal((size, size), dtype=np.float32), (0, 0), 0.8)
    return to_bytes(image + 0.035 * grain * (image > 0.02))


def pseudo_colour(uptake: Image, stops: list[tuple[float, float, float]]) -> NDArray[np.uint8]:
    """Map 0..1 through evenly spaced RGB stops, black first: (H, W) -> (H, W, 3)."""
    positions = np.linspace(0, 1, len(stops))
    channels = [np.interp(uptake, positions, [stop[c] for stop in stops]) for c in range(3)]
    return to_bytes(np.stack(channels, axis=-1).astype(np.float32))


PET_COLOURS = [(0, 0, 0), (0, 0, 0.6), (0, 0.35, 1), (0.2, 0.9, 0.8), (1, 0.95, 0.1), (1, 0.2, 0)]
SPECT_COLOURS = [(0, 0, 0), (0.1, 0.2, 0.2), (0.25, 0.05, 0.45), (0.75, 0.25, 0.4), (1, 0.55, 0.1)]


def see_uptake(anatomy: Anatomy, rng: np.random.Generator, blur: float, lesion: float) -> Image:
    """Tracer uptake, high in cortex and nuclei, at the resolution of the scanner."""
    size = anatomy.skull.shape[0]
    image = assign(
        anatomy, blur, scalp=0.10, skull=0.03, fluid=0.12, gray=1.0, white=0.30, nuclei=1.0,
        lesion=lesion,
    )  # fmt: skip
    counts = 1 + 0.07 * fractal_noise(rng, size, size, max(2, int(2 * blur)), 2)
    return (image * counts / 0.95).clip(0, 1)


def head_phantom(seed: int, size: int = 256, lesion: bool = True) -> HeadScene:
    """Draw one head slice in four modalities.

    The lesion is bright in MRI, faint in CT, takes up more tracer than cortex in PET and none in
    SPECT: no modality shows everything.

    Args:
        seed: same seed, same head.
        size: height and width in pixels.
        lesion: whether there is one.

    Returns:
        The slices and the lesion's mask.

    Example:
        >>> head_phantom(0, 64).pet.shape
        (64, 64, 3)
    """
    rng = np.random.default_rng(seed)
    anatomy = draw_anatomy(rng, size, lesion)
    return HeadScene(
        mri=see_mri(anatomy, rng),
        ct=see_ct(anatomy, rng),
        pet=pseudo_colour(see_uptake(anatomy, rng, size / 90, lesion=1.5), PET_COLOURS),
        spect=pseudo_colour(see_uptake(anatomy, rng, size / 48, lesion=0.05), SPECT_COLOURS),
        lesion=anatomy.lesion,
    )
