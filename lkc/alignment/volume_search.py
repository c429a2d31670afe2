"""The search for the turn and shift between two volumes, by mutual information.

Source: mutual information after Mattes et al. (IEEE TMI 2003).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lkc.extras import need
from lkc.io.volume import Volume, to_sitk
from lkc.io.window import find_percentiles

Affine = NDArray[np.float64]
WORKING_SIDE = 72  # The search sees volumes of about this many voxels along the longest side.
LEVELS = (4, 2, 1)  # It sees them shrunk by these factors, coarse to fine.
RELAX = 0.85  # A step is shortened to this share of it when the direction changes.
TURN_REACH = 0.12  # A turn of one radian moves a body by about this share of the diagonal.
SAMPLES = 10_000  # At most so many voxels of a level are looked at.
BINS = 32
SEED = 1  # A run draws the samples of every other run, and so finds the same.
STEPS = 100  # of one level
FIRST_STEP, LAST_STEP = 4.0, 0.02  # millimetres
RISEN = 0.98  # Where nothing moves, samples alone change mutual information by this share.
DISPLACEMENT = 0.08  # Volumes are displaced by this share of the fixed one's diagonal.
BESIDE = ((0, -1), (0, 1), (1, -1), (1, 1))  # axis and sign of the shifts of other starts
OTHER_SHIFT, OTHER_TURN = 12.0, 8.0  # millimetres and degrees from a match
AS_GOOD = 0.9  # A match of less than this share of the worth only overlaps less.
BOX = (0.1, 0.9)  # of the fixed volume's sides: there lies the body


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

    def other_ends(self, matrix: Affine) -> float:
        """How far searches end that start beside a match and find as much mutual information.

        Args:
            matrix: the match.

        Returns:
            The largest distance in the middle of the fixed volume's box, in millimetres; many where
            a volume shows too few details to fix its place.
        """
        ends = [self.refine(matrix @ start, LEVELS[1:]) for start in self.beside()]
        found = [self.mutual_information(each) for each in (matrix, *ends)]
        least, worth = RISEN * max(found), AS_GOOD * self.worth(matrix)
        equal = [
            end
            for end, information in zip(ends, found[1:], strict=True)
            if information > least and self.worth(end) > worth
        ]
        size = np.array(self.fixed.image.GetSize()) - 1
        corners = [(self.inside(size * corner), 1) for corner in product(*[BOX] * 3)]
        points = np.array([np.append(*corner) for corner in corners]).T  # (4, 8)
        apart = [np.linalg.norm(((end - matrix) @ points)[:3], axis=0).max() for end in equal]
        return float(max(apart, default=0.0))

    def inside(self, index: NDArray[np.float64]) -> NDArray[np.float64]:
        """The place of an index of the fixed volume (3,), left-posterior-superior."""
        return np.array(self.fixed.image.TransformContinuousIndexToPhysicalPoint(index.tolist()))

    def beside(self) -> Iterator[Affine]:
        """Turns about the middle of the fixed volume, with shifts, from which to search again."""
        for axis, sign in BESIDE:
            turn = sitk().VersorTransform(
                np.eye(3)[axis - 2].tolist(), np.deg2rad(sign * OTHER_TURN)
            )
            start = np.eye(4)
            start[:3, :3] = np.reshape(turn.GetMatrix(), (3, 3))
            start[:3, 3] = self.fixed.middle - start[:3, :3] @ self.fixed.middle
            start[axis, 3] += sign * OTHER_SHIFT
            yield start

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
