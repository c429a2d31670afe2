"""Head phantoms: one imagined anatomy as MRI, CT, PET and SPECT would show it."""

from dataclasses import dataclass

import cv2
import numpy as np

from lkc.data.synthetic.anatomy import Board, Tissue, draw_head, plant_lesion
from lkc.data.synthetic.noise import fractal_noise
from lkc.errors import InputError

# Signal of each tissue, in the order of Tissue, before coil, blur and noise.
# air, skin, fat, bone, marrow, fluid, gray, white, putamen, pallidum, thalamus, lesion, swelling, vessel
_T1 = (0.0, 0.42, 0.88, 0.05, 0.50, 0.13, 0.44, 0.70, 0.50, 0.60, 0.55, 0.36, 0.50, 0.30)
_T2 = (0.0, 0.26, 0.42, 0.03, 0.20, 0.98, 0.47, 0.30, 0.38, 0.27, 0.37, 0.72, 0.66, 0.70)
_CT = (0.0, 0.34, 0.12, 1.60, 1.25, 0.24, 0.50, 0.42, 0.50, 0.50, 0.50, 0.46, 0.36, 0.55)
_PET = (0.0, 0.05, 0.02, 0.03, 0.05, 0.06, 0.92, 0.34, 1.02, 0.72, 0.95, 0.92, 0.30, 0.20)
_SPECT = (0.0, 0.20, 0.12, 0.06, 0.10, 0.02, 0.90, 0.46, 0.98, 0.80, 0.95, 0.90, 0.40, 0.20)


@dataclass(frozen=True)
class _Disease:
    """What a focus does to each signal, and whether tissue around it swells."""

    t1: float
    t2: float
    ct: float
    pet: float
    spect: float
    swelling: bool


_DISEASES = (
    _Disease(t1=0.34, t2=0.80, ct=0.47, pet=1.45, spect=1.35, swelling=True),  # growing tumour
    _Disease(t1=0.48, t2=0.40, ct=0.92, pet=0.22, spect=0.20, swelling=False),  # fresh bleeding
    _Disease(t1=0.36, t2=0.86, ct=0.40, pet=0.30, spect=0.22, swelling=False),  # infarct
    _Disease(t1=0.54, t2=0.42, ct=0.44, pet=1.55, spect=1.40, swelling=False),  # active focus
)

_RAINBOW = (
    (0.00, (0, 0, 0)),
    (0.10, (0, 0, 36)),
    (0.24, (0, 16, 120)),
    (0.38, (0, 60, 215)),
    (0.47, (60, 130, 180)),
    (0.54, (235, 235, 60)),
    (0.64, (255, 225, 0)),
    (0.74, (255, 150, 0)),
    (0.86, (255, 50, 0)),
    (0.95, (250, 0, 10)),
    (1.0, (255, 0, 190)),
)
_EMBER = (
    (0.00, (0, 0, 0)),
    (0.10, (14, 24, 28)),
    (0.20, (44, 74, 80)),
    (0.28, (40, 30, 90)),
    (0.40, (78, 0, 140)),
    (0.55, (120, 20, 150)),
    (0.66, (205, 80, 115)),
    (0.78, (250, 105, 40)),
    (0.90, (255, 120, 0)),
    (0.97, (255, 190, 150)),
    (1.0, (255, 240, 235)),
)


@dataclass(frozen=True)
class HeadScene:
    """One head as four scanners show it.

    Args:
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


def pseudo_colour(values: np.ndarray, stops: tuple) -> np.ndarray:
    """Return (H, W, 3) uint8 colours of values in [0, 1], by stops of (value, RGB)."""
    positions = [position for position, _ in stops]
    table = np.stack(
        [np.interp(np.linspace(0, 1, 1024), positions, [c[k] for _, c in stops]) for k in range(3)],
        1,
    )
    return np.round(table[(np.clip(values, 0, 1) * 1023).astype(int)]).astype(np.uint8)


def _signal(board: Board, table: tuple, focus: float, size: int) -> np.ndarray:
    """Return (size, size) float32: each pixel the mean signal of the tissues in it."""
    values = np.array(table, np.float32)
    values[Tissue.LESION] = focus
    return cv2.resize(values[board.tissue], (size, size), interpolation=cv2.INTER_AREA)


def _scan_mri(signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return (H, W) uint8: uneven coil sensitivity, ringing-free blur and Rician noise."""
    size = signal.shape[0]
    texture = 1 + 0.10 * (fractal_noise(rng, size, size, 9 * size / 256, 4, 0.7) - 0.5)
    bias = 0.86 + 0.30 * fractal_noise(rng, size, size, size / 2, 2)
    signal = cv2.GaussianBlur(signal * texture, (0, 0), 0.55 * size / 256) * bias
    real, imaginary = (
        rng.standard_normal(signal.shape, dtype=np.float32) * 0.022 for _ in range(2)
    )
    return np.round(np.clip(np.hypot(signal + real, imaginary) * 1.02 - 0.012, 0, 1) * 255).astype(
        np.uint8
    )


def _scan_ct(signal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return (H, W) uint8: brain window, correlated noise, brighter brain along the skull, the table."""
    size = signal.shape[0]
    unit = size / 256
    near_bone = cv2.GaussianBlur(np.minimum(signal, 1.6), (0, 0), 9 * unit)
    soft = cv2.GaussianBlur(signal, (0, 0), 0.9 * unit)
    noise = (
        cv2.GaussianBlur(rng.standard_normal(signal.shape, dtype=np.float32), (0, 0), 0.8 * unit)
        * 0.055
        * unit
    )
    body = (cv2.GaussianBlur(signal, (0, 0), 2 * unit) > 0.05).astype(np.float32)
    image = soft + 0.10 * near_bone * (soft > 0.2) + noise * body
    image = np.clip((image - 0.08) / 0.92, 0, 1)
    board = np.zeros((size, size), np.uint8)
    centre = (size // 2, int(size * 0.30))
    cv2.ellipse(
        board,
        centre,
        (int(size * 0.56), int(size * 0.66)),
        0,
        20,
        160,
        235,
        max(int(1.5 * unit), 1),
        cv2.LINE_AA,
    )
    return np.maximum(np.round(image * 255).astype(np.uint8), board)


def _scan_activity(
    signal: np.ndarray, rng: np.random.Generator, spread: float, blotch: float
) -> np.ndarray:
    """Return (H, W) float32 in [0, 1]: uptake that varies by region, seen through a wide blur."""
    size = signal.shape[0]
    unit = size / 256
    region = 0.88 + 0.26 * fractal_noise(rng, size, size, 60 * unit, 2)
    counts = 1 + blotch * (fractal_noise(rng, size, size, 11 * unit, 2) - 0.5)
    image = cv2.GaussianBlur(signal * region * counts, (0, 0), spread * unit)
    return np.clip(image, 0, 1.2)


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
        InputError: if the size is too small or the weighting unknown.

    >>> scene = head_phantom(0, size=64)
    >>> scene.mri.shape, scene.pet.shape, bool(scene.lesion.any())
    ((64, 64), (64, 64, 3), True)
    """
    if weighting not in ("T1", "T2"):
        raise InputError(f"There is no weighting {weighting!r}: choose T1 or T2.")
    if size < 64:
        raise InputError(f"A head of {size}x{size} is too small: it needs 64 pixels.")
    # Three streams, so that a head without its lesion is otherwise the same head.
    growth, illness, rng = np.random.default_rng(seed).spawn(3)
    board = draw_head(growth, 2 * size)
    disease = _DISEASES[illness.integers(len(_DISEASES))]
    if lesion:
        plant_lesion(board, illness, disease.swelling)
    mri = _signal(board, *((_T1, disease.t1) if weighting == "T1" else (_T2, disease.t2)), size)
    mask = cv2.resize(
        (board.tissue == Tissue.LESION).astype(np.uint8) * 255,
        (size, size),
        interpolation=cv2.INTER_AREA,
    )
    ct = _scan_ct(_signal(board, _CT, disease.ct, size), rng)
    pet = _scan_activity(_signal(board, _PET, disease.pet, size), rng, 2.6, 0.35)
    spect = _scan_activity(_signal(board, _SPECT, disease.spect, size), rng, 3.8, 0.7)
    return HeadScene(
        mri=_scan_mri(mri, rng),
        ct=ct,
        pet=pseudo_colour(pet, _RAINBOW),
        spect=pseudo_colour(spect, _EMBER),
        lesion=mask > 127,
    )
