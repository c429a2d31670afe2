"""Head phantoms: one imagined anatomy as MRI, CT, PET and SPECT would show it."""

from dataclasses import dataclass

import cv2
import numpy as np

from lkc.data.synthetic.head.anatomy import draw_head, plant_lesion
from lkc.data.synthetic.head.colour_maps import EMBER, RAINBOW, pseudo_colour
from lkc.data.synthetic.head.scanners import scan_ct, scan_mri, scan_uptake
from lkc.data.synthetic.head.tissue import Board, Tissue
from lkc.data.synthetic.noise import fractal_noise
from lkc.errors import InputError

# Each tissue has these signals before blur and noise, in the order T1, T2, CT, PET, SPECT.
_MODALITIES = ("T1", "T2", "CT", "PET", "SPECT")
_SIGNALS = {
    Tissue.AIR: (0.00, 0.00, 0.00, 0.00, 0.00),
    Tissue.SKIN: (0.42, 0.26, 0.34, 0.05, 0.20),
    Tissue.FAT: (0.88, 0.42, 0.12, 0.02, 0.12),
    Tissue.BONE: (0.05, 0.03, 1.60, 0.03, 0.06),
    Tissue.MARROW: (0.50, 0.20, 1.25, 0.05, 0.10),
    Tissue.FLUID: (0.13, 0.92, 0.24, 0.06, 0.02),
    Tissue.GRAY: (0.44, 0.47, 0.50, 0.90, 0.88),
    Tissue.WHITE: (0.70, 0.31, 0.42, 0.34, 0.46),
    Tissue.STRIATUM: (0.50, 0.38, 0.50, 0.96, 0.92),
    Tissue.PALLIDUM: (0.60, 0.27, 0.50, 0.70, 0.78),
    Tissue.THALAMUS: (0.55, 0.37, 0.50, 0.90, 0.90),
    Tissue.SWELLING: (0.50, 0.66, 0.36, 0.30, 0.40),
    Tissue.CHOROID: (0.30, 0.70, 0.55, 0.20, 0.20),
}

# A lesion has these five signals; the flag says whether the white matter around it swells.
_DISEASES = (
    ((0.34, 0.80, 0.47, 1.15, 1.12), True),  # A growing tumour is warm in PET and SPECT.
    ((0.48, 0.40, 0.92, 0.22, 0.20), False),  # A fresh bleeding is white in CT.
    ((0.36, 0.86, 0.40, 0.30, 0.22), False),  # An infarct is bright in T2.
    ((0.54, 0.42, 0.44, 1.22, 1.15), False),  # An active focus is hot in PET and faint in MRI.
)


@dataclass(frozen=True)
class HeadScene:
    """One head as four scanners show it.

    Attributes:
        mri: (size, size) uint8.
        ct: (size, size) uint8, brain window.
        pet: (size, size, 3) uint8, pseudo-colour.
        spect: (size, size, 3) uint8, pseudo-colour.
        lesion: (size, size) bool; all false without a lesion.
    """

    mri: np.ndarray
    ct: np.ndarray
    pet: np.ndarray
    spect: np.ndarray
    lesion: np.ndarray


def _draw_thickness(size: int, rng: np.random.Generator) -> np.ndarray:
    """Return the shift of tissue through half a slice in pixels: (2, size, size) float32."""
    fields = [fractal_noise(rng, (size, size), 14 * size / 256, 2) - 0.5 for _ in range(2)]
    return np.stack(fields) * np.float32(5.5 * size / 256)


def _average_slice(signal: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Average over the thickness of a slice, which dims thin structures such as furrows."""
    grid = np.arange(len(signal), dtype=np.float32)
    x, y = grid[None], grid[:, None]
    shifted = [cv2.remap(signal, x + k * shift[0], y + k * shift[1], 1) for k in (-1, -0.5, 0.5, 1)]
    return (signal + sum(shifted)) / np.float32(5)


def _signal(board: Board, modality: str, focus: tuple[float, ...], shift: np.ndarray) -> np.ndarray:
    """Return the mean signal of the tissues in each pixel: (size, size) float32."""
    column = _MODALITIES.index(modality)
    values = np.zeros(len(Tissue), np.float32)
    for tissue, signals in _SIGNALS.items():
        values[tissue] = signals[column]
    values[Tissue.LESION] = focus[column]
    plane = cv2.resize(values[board.tissue], shift.shape[1:], interpolation=cv2.INTER_AREA)
    return _average_slice(plane, shift)


def head_phantom(
    seed: int, size: int = 256, lesion: bool = True, weighting: str = "T2"
) -> HeadScene:
    """Draw one axial slice of an imagined head as MRI, CT, PET and SPECT would show it.

    Args:
        seed: which head.
        size: rows and columns, at least 64.
        lesion: whether it has a focus of disease; which one depends on the seed, and each is
            plain in some of the modalities and faint in others.
        weighting: "T2" (fluid is bright) or "T1" (white matter is bright).

    Returns:
        The registered images and the lesion's mask.

    Raises:
        InputError: the size is too small, or the weighting unknown.

    >>> scene = head_phantom(0, size=64)
    >>> scene.mri.shape, scene.pet.shape, bool(scene.lesion.any())
    ((64, 64), (64, 64, 3), True)
    """
    if weighting not in ("T1", "T2"):
        raise InputError(f"There is no weighting {weighting!r}: choose T1 or T2.")
    if size < 64:
        raise InputError(f"A head of {size}x{size} is too small: it needs 64 pixels.")
    # Random streams are separate, so that a head without its lesion is otherwise the same head.
    growth, illness, scanner = np.random.default_rng(seed).spawn(3)
    board, shift = draw_head(2 * size, growth), _draw_thickness(size, growth)
    focus, swells = _DISEASES[illness.integers(len(_DISEASES))]
    if lesion:
        plant_lesion(board, illness, swells)
    diseased = board.holds(Tissue.LESION).astype(np.float32)
    pet = scan_uptake(_signal(board, "PET", focus, shift), scanner, 2.6, 0.35)
    spect = scan_uptake(_signal(board, "SPECT", focus, shift), scanner, 3.8, 0.7)
    return HeadScene(
        mri=scan_mri(_signal(board, weighting, focus, shift), scanner),
        ct=scan_ct(_signal(board, "CT", focus, shift), scanner),
        pet=pseudo_colour(pet, RAINBOW),
        spect=pseudo_colour(spect, EMBER),
        lesion=cv2.resize(diseased, (size, size), interpolation=cv2.INTER_AREA) > 0.5,
    )
