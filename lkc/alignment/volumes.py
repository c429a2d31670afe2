"""Find the turn and shift between two volumes of one body, and judge them.

Mutual information asks how well one volume predicts the other, so MRI can meet CT, PET or SPECT.
It rises for any two volumes, those of two bodies too. So the measure that judges images decides
here as well: how parallel the edges are, and whether that stands out from the volumes displaced.

Source: mutual information after Mattes et al. (IEEE TMI 2003).
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.extras import need
from lkc.io.volume import LPS_FROM_RAS, Volume, to_sitk
from lkc.io.window import find_percentiles

Affine = NDArray[np.float64]
VOLUME_METHOD = "mutual-information"
WORKING_SIDE = 72  # The search sees volumes of about this many voxels along the longest side.
LEVELS = (4, 2, 1)  # It sees them shrunk by these factors, coarse to fine.
RELAX = 0.85  # A step is shortened to this share of it when the direction changes.
TURN_REACH = 0.12  # A turn of one radian moves a body by about this share of the diagonal.
SAMPLES = 10_000  # At most so many voxels of a level are looked at.
BINS = 32
SEED = 1  # A run draws the samples of every other run, and so finds the same.
MIN_VOXELS = 8  # along each side
STEPS = 100  # of one level
FIRST_STEP, LAST_STEP = 4.0, 0.02  # millimetres
RISEN = 0.98  # Where nothing moves, samples alone change mutual information by this share.
SEARCHED_TURN = 25  # The search finds turns of about this many degrees from where it starts.
MAX_TURN = 45.0  # A larger turn, in degrees, means that the search went astray.
MIN_OVERLAP = 0.3  # of the smaller volume
# A match must agree by this much more than the same volumes displaced. Six matches of MRI with CT,
# PET or SPECT of the Whole Brain Atlas had 0.14 to 0.40; seven pairs that have nothing to do with
# each other had at most 0.02.
MIN_LEAD = 0.08
DISPLACEMENT = 0.08  # Volumes are displaced by this share of the fixed one's diagonal.


@dataclass(frozen=True)
class VolumeAlignment:
    """A turn and a shift between two volumes, and their quality.

    Attributes:
        matrix: (4, 4), millimetres of the fixed volume to millimetres of the moving one.
        turn: degrees.
        shift: millimetres by which the middle of the fixed volume moves.
        before, after: mutual information in nats.
        agreement: edge agreement after, from 0 (chance) to 1 (all edges parallel).
    """

    matrix: Affine
    turn: float
    shift: float
    before: float
    after: float
    agreement: float

    @property
    def sentence(self) -> str:
        """State what was found in plain words."""
        return (
            f"turned by {self.turn:.1f} degrees and shifted by {self.shift:.1f} mm; mutual "
            f"information {self.after:.2f} (before {self.before:.2f}), edge agreement "
            f"{self.agreement:.2f} (chance 0, perfect 1)"
        )


def sitk() -> Any:
    """Import SimpleITK."""
    return need("SimpleITK", "aligning volumes")


@dataclass(frozen=True)
class Sight:
    """What the search sees of a volume: SimpleITK's image, and the mask of what was measured."""

    image: Any
    mask: Any

    @property
    def has_gaps(self) -> bool:
        """Whether some of it was not measured; a mask takes time."""
        return not sitk().GetArrayViewFromImage(self.mask).all()

    @property
    def measured_volume(self) -> float:
        """Cubic millimetres of what was measured."""
        box = float(np.prod(np.multiply(self.image.GetSize(), self.image.GetSpacing())))
        return box * float(sitk().GetArrayViewFromImage(self.mask).mean())

    @property
    def middle(self) -> NDArray[np.float64]:
        """The middle of its box (3,), left-posterior-superior."""
        index = [(side - 1) / 2 for side in self.image.GetSize()]
        return np.array(self.image.TransformContinuousIndexToPhysicalPoint(index))

    @property
    def centre(self) -> NDArray[np.float64]:
        """The centre of its brightness (3,), left-posterior-superior."""
        bright = np.maximum(sitk().GetArrayFromImage(self.image), 1e-6)
        indices = [np.average(along, weights=bright) for along in np.indices(bright.shape)]
        return np.array(self.image.TransformContinuousIndexToPhysicalPoint(indices[::-1]))


def look_at(volume: Volume, even: bool) -> Sight:
    """Shrink a volume without its outliers; `even` gives it voxels of one length."""
    low, high = find_percentiles(volume.values, 0.5, 99.5)
    measured = np.isfinite(volume.values)
    shown = np.where(measured, (volume.values - low) / max(high - low, 1e-9), 0).clip(0, 1)
    length = float((volume.spacing * volume.values.shape).max()) / WORKING_SIDE
    factors = np.maximum(length // volume.spacing, 1).astype(int).tolist()
    image, mask = (
        sitk().BinShrink(to_sitk(values.astype(np.float32), volume.affine), factors)
        for values in (shown, measured)
    )
    if even:
        spacing = [max(length, 1e-3)] * 3
        sides = np.multiply(image.GetSize(), image.GetSpacing()) / spacing
        size = np.maximum(np.rint(sides), 1).astype(int).tolist()
        place = image.GetOrigin(), spacing, image.GetDirection()
        nothing = sitk().Transform()
        image, mask = (
            sitk().Resample(each, size, nothing, sitk().sitkLinear, *place)
            for each in (image, mask)
        )
    return Sight(image, mask > 0.5)


def as_transform(matrix: Affine, centre: NDArray[np.float64]) -> Any:
    """A matrix as SimpleITK's turn about a centre and shift; both left-posterior-superior."""
    transform = sitk().Euler3DTransform()
    transform.SetCenter(centre.tolist())
    transform.SetMatrix(matrix[:3, :3].ravel().tolist())
    transform.SetTranslation((matrix[:3, :3] @ centre + matrix[:3, 3] - centre).tolist())
    return transform


def as_matrix(transform: Any) -> Affine:
    """SimpleITK's turn and shift as a matrix (4, 4)."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(transform.GetMatrix(), (3, 3))
    matrix[:3, 3] = transform.TransformPoint((0.0, 0.0, 0.0))
    return matrix


class Search:
    """The search for the matrix from a fixed to a moving volume, left-posterior-superior."""

    def __init__(self, moving: Volume, fixed: Volume) -> None:
        from scipy.ndimage import gaussian_filter  # fusing needs none of it

        self.fixed, self.moving = look_at(fixed, even=True), look_at(moving, even=False)
        size, spacing = self.fixed.image.GetSize(), self.fixed.image.GetSpacing()
        self.diagonal = float(np.linalg.norm(np.multiply(size, spacing)))
        self.voxels = float(np.prod(size))
        self.smooth = gaussian_filter(sitk().GetArrayFromImage(self.fixed.image), 1)
        self.measured = sitk().GetArrayFromImage(self.fixed.mask) > 0
        self.smaller = min(sight.measured_volume for sight in (self.fixed, self.moving))

    def starts(self, headers_agree: bool, one_frame: bool) -> list[Affine]:
        """Where to start: as the headers say, and with the middles or centres on one another."""
        found = [np.eye(4)] if headers_agree else []
        if not one_frame:
            for kind in ("middle", "centre"):
                start = np.eye(4)
                start[:3, 3] = getattr(self.moving, kind) - getattr(self.fixed, kind)
                found.append(start)
        return found

    def method(self, matrix: Affine) -> tuple[Any, Any]:
        """SimpleITK's registration, set to a matrix, and the transform that it will change."""
        method = sitk().ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(BINS)
        if self.fixed.has_gaps:
            method.SetMetricFixedMask(self.fixed.mask)
        if self.moving.has_gaps:
            method.SetMetricMovingMask(self.moving.mask)
        method.SetInterpolator(sitk().sitkLinear)
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentage(min(1.0, 4 * SAMPLES / self.voxels), SEED)
        transform = as_transform(matrix, self.fixed.middle)
        method.SetInitialTransform(transform, inPlace=True)
        return method, transform

    def mutual_information(self, matrix: Affine) -> float:
        """How well the volumes predict one another; 0 where they do not overlap."""
        try:
            return -float(
                self.method(matrix)[0].MetricEvaluate(self.fixed.image, self.moving.image)
            )
        except RuntimeError:
            return 0.0

    def refine(self, matrix: Affine, factors: tuple[int, ...]) -> Affine:
        """Raise the mutual information on some levels; return the start where that fails."""
        method, transform = self.method(matrix)
        length = self.fixed.image.GetSpacing()[0]
        shares = [min(1.0, SAMPLES * factor**3 / self.voxels) for factor in factors]
        method.SetMetricSamplingPercentagePerLevel(shares, SEED)
        step = min(FIRST_STEP, 1.5 * length * max(factors))
        method.SetOptimizerAsRegularStepGradientDescent(step, LAST_STEP, STEPS, RELAX)
        reach = TURN_REACH * self.diagonal
        method.SetOptimizerScales([reach**2] * 3 + [1.0] * 3)
        method.SetShrinkFactorsPerLevel(list(factors))
        method.SetSmoothingSigmasPerLevel([0.5 * length * factor for factor in factors])
        try:
            method.Execute(self.fixed.image, self.moving.image)
        except RuntimeError:  # SimpleITK says so when the volumes lose one another.
            return matrix
        return as_matrix(transform)

    def worth(self, matrix: Affine) -> float:
        """How far a matrix is to be believed: mutual information alone favours a small overlap."""
        agreement, overlap = self.agreement(matrix)
        return agreement * overlap

    def best(self, starts: list[Affine]) -> Affine:
        """Refine every start on the coarsest level, and the best of them on the finer ones."""
        coarse = max((self.refine(start, LEVELS[:1]) for start in starts), key=self.worth)
        return max(self.refine(coarse, LEVELS[1:]), coarse, *starts, key=self.worth)

    def agreement(self, matrix: Affine) -> tuple[float, float]:
        """How parallel the edges of both volumes are, and the share of the smaller one seen."""
        from scipy.ndimage import binary_erosion, gaussian_filter  # fusing needs none of it

        transform, grid = as_transform(matrix, self.fixed.middle), self.fixed.image
        image, mask = (
            sitk().GetArrayFromImage(sitk().Resample(each, grid, transform, how, 0.0))
            for each, how in (
                (self.moving.image, sitk().sitkLinear),
                (self.moving.mask, sitk().sitkNearestNeighbor),
            )
        )
        both = (mask > 0) & self.measured
        overlap = float(both.sum()) * float(np.prod(grid.GetSpacing())) / self.smaller
        inner = binary_erosion(both, iterations=2)  # The border is no edge.
        return edge_agreement(gaussian_filter(image, 1), self.smooth, inner), overlap

    def displaced_agreement(self, matrix: Affine) -> float:
        """Average the agreement of a match shifted to eight corners: the level of chance."""
        scores = []
        for corner in product((-1, 1), repeat=3):
            shift = np.eye(4)
            shift[:3, 3] = np.array(corner) / np.sqrt(3) * DISPLACEMENT * self.diagonal
            scores.append(self.agreement(matrix @ shift)[0])
        return float(np.mean(scores))


def edge_agreement(a: NDArray, b: NDArray, valid: NDArray[np.bool_]) -> float:
    """Measure how parallel the edges of two volumes are, weighted by their strength.

    Args:
        a, b: (Z, Y, X).
        valid: (Z, Y, X), the voxels to look at.

    Returns:
        The weighted mean of (3 cos(angle)^2 - 1) / 2: 0 by chance, 1 if all edges are parallel,
        whichever side is brighter.

    Example:
        >>> a = np.random.default_rng(0).random((9, 9, 9))
        >>> round(edge_agreement(a, 1 - a, np.ones((9, 9, 9), bool)), 3)
        1.0
    """
    slopes = np.stack(np.gradient(a)), np.stack(np.gradient(b))
    lengths = np.prod([np.linalg.norm(slope, axis=0) for slope in slopes], axis=0)
    cosine = (slopes[0] * slopes[1]).sum(axis=0) / np.maximum(lengths, 1e-20)
    weight = np.sqrt(lengths) * valid
    return float((weight * (3 * cosine**2 - 1) / 2).sum() / max(float(weight.sum()), 1e-9))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let SimpleITK work with one thread: the sums of several differ in their last digits."""
    setting = sitk().ProcessObject
    before = setting.GetGlobalDefaultNumberOfThreads()
    setting.SetGlobalDefaultNumberOfThreads(1)
    try:
        yield
    finally:
        setting.SetGlobalDefaultNumberOfThreads(before)


def check_sizes(*volumes: Volume) -> None:
    """Refuse volumes that are too small to be aligned, or show nothing."""
    for volume in volumes:
        if min(volume.values.shape) < MIN_VOXELS:
            raise InputError(
                f"{volume.name} is too small to be aligned: {MIN_VOXELS} voxels along each side "
                "are needed."
            )


def align(moving: Volume, fixed: Volume) -> VolumeAlignment:
    """Find the turn and shift between two volumes of one body, and judge them.

    Args:
        moving: the volume to be moved.
        fixed: the volume whose place is kept.

    Returns:
        The turn and shift with their quality; the same in every run.

    Raises:
        InputError: too small, or no match that can be trusted.
    """
    check_sizes(moving, fixed)
    apart = bool(moving.frame and fixed.frame and moving.frame != fixed.frame)
    one_frame = bool(moving.frame) and moving.frame == fixed.frame
    headers_agree = moving.placed and fixed.placed and not apart
    with one_thread():
        search = Search(moving, fixed)
        starts = search.starts(headers_agree, one_frame and headers_agree)
        matrix = search.best(starts)
        before, after = (search.mutual_information(each) for each in (starts[0], matrix))
        agreement, overlap = search.agreement(matrix)
        lead = agreement - search.displaced_agreement(matrix)
    turn = np.degrees(np.arccos(np.clip((np.trace(matrix[:3, :3]) - 1) / 2, -1, 1)))
    middle = np.append(search.fixed.middle, 1)
    found = VolumeAlignment(
        matrix=LPS_FROM_RAS @ matrix @ LPS_FROM_RAS,
        turn=float(turn),
        shift=float(np.linalg.norm((matrix @ middle - middle)[:3])),
        before=before,
        after=after,
        agreement=agreement,
    )
    least = RISEN * before if headers_agree else before  # Headers may be right already.
    if reason := why_not(found, least, overlap, lead):
        raise InputError(
            f"alignment failed: {reason}; {moving.name} and {fixed.name} may show different "
            f"bodies, have too little in common, or be turned by more than about "
            f"{SEARCHED_TURN} degrees."
        )
    return found


def why_not(found: VolumeAlignment, least: float, overlap: float, lead: float) -> str:
    """Why a match is not to be trusted, as a part of a sentence; "" where it is."""
    if found.after < least:
        return "mutual information did not rise"
    if found.turn > MAX_TURN or overlap < MIN_OVERLAP:
        return (
            f"a turn of {found.turn:.0f} degrees that leaves {overlap:.0%} in common is not "
            "plausible"
        )
    if lead < MIN_LEAD:
        return f"edge agreement {found.agreement:.2f} does not stand out from chance"
    return ""


def check_method(method: str) -> None:
    """Refuse a way to align that is not for volumes."""
    if method != VOLUME_METHOD:
        raise InputError(f"volumes are aligned by {VOLUME_METHOD} only: {method} is for images.")


def align_volume(moving: Volume, fixed: Volume, method: str) -> tuple[Volume, str]:
    """Turn and shift a volume onto another.

    Args:
        moving: the volume to be moved; its values stay, its place changes.
        fixed: the volume whose place is kept.
        method: "mutual-information".

    Returns:
        The moving volume at its new place, and what was found in words.

    Raises:
        InputError: unknown method, or alignment failed.

    Example:
        >>> align_volume(ct, mri, "mutual-information")[1]  # doctest: +SKIP
        'mutual-information, turned by 8.0 degrees and shifted by 15.8 mm; ...'
    """
    check_method(method)
    found = align(moving, fixed)
    for volume in (moving, fixed):
        if not volume.placed:
            warnings.warn(
                f"{volume.name} states no position in space, so its left and right cannot be "
                "known: check that the result is not mirrored.",
                stacklevel=3,
            )
    affine = np.linalg.inv(found.matrix) @ moving.affine
    moved = replace(moving, affine=affine, placed=True, frame=fixed.frame)
    return moved, f"{method}, {found.sentence}"
