"""Three ways to find the matrix between two images: ECC, features, mutual information.

Infrared and visible, or MRI and CT, agree in where edges are, not in brightness. So ECC compares
maps of edge strength, features are found on them, and mutual information asks how well one image
predicts the other. ECC and mutual information only find what is near, so `search` tries turns,
scales and shifts first. A refinement is kept only if edge agreement improves.

Source: ECC after Evangelidis and Psarakis, "Parametric Image Alignment Using Enhanced Correlation
Coefficient Maximization" (PAMI 2008); mutual information after Mattes et al. (SPIE 2001).
"""

from itertools import product

import cv2
import numpy as np
from numpy.fft import fft2, ifft2
from numpy.typing import NDArray

from lkc.alignment.geometry import (
    Image,
    Matrix,
    covered,
    edge_strength,
    edges,
    fit_inside,
    judge,
    shrink_to,
    warp,
)
from lkc.errors import InputError
from lkc.extras import need

Field = NDArray[np.complexfloating]
SEARCH_SIDE = 240
TURNS = np.arange(-12, 12.1, 2)  # These angles are tried, in degrees.
FACTORS = np.geomspace(0.65, 1.8, 19)
SEARCHED = (  # This sentence is about ECC and mutual information.
    f"what is searched: turns up to {TURNS.max():.0f} degrees, and {FACTORS.min():.2f} to "
    f"{FACTORS.max():.2f} times the size that fits"
)
CANDIDATES = 6
SIDES = (256, 512, 1024)  # Images have this longest side at each step, coarse to fine.
ECC_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-6)
MIN_INLIERS = 12
MAX_STRETCH = 1.5  # One direction may be stretched by this factor over the other.
MAX_TILT = 0.25  # The scale may change by this much across the image.


def ecc_step(moving: Image, fixed: Image, matrix: Matrix, motion: int, blur: int) -> Matrix:
    """Run ECC once between the edge maps of two small images; return the start if it diverges."""
    rows = 3 if motion == cv2.MOTION_HOMOGRAPHY else 2
    start = (matrix / matrix[2, 2]).astype(np.float32)[:rows].copy()
    maps = edge_strength(fixed), edge_strength(moving)
    everywhere = np.ones(moving.shape, np.uint8)
    try:
        found = cv2.findTransformECC(*maps, start, motion, ECC_STOP, everywhere, blur)[1]
    except cv2.error:  # OpenCV says so when iterations do not converge.
        return matrix
    full = np.eye(3)
    full[:rows] = found
    return full


def shrink_for(moving: Image, matrix: Matrix) -> tuple[Image, Matrix]:
    """Shrink the moving image to the pixel size of the fixed one that a matrix starts from."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    return shrink_to(moving, round(max(moving.shape) / max(scale, 1.0)))


def refine(moving: Image, fixed: Image, matrix: Matrix, motion: int) -> Matrix:
    """Improve a matrix by ECC, coarse to fine; keep a step only if edge agreement improves."""
    for side in SIDES:
        small, back = shrink_to(fixed, side)
        inverse = np.linalg.inv(back)
        view, view_back = shrink_for(moving, matrix @ back)
        start = np.linalg.inv(view_back) @ matrix @ back
        for blur in (21, 5):
            step = ecc_step(view, small, start, motion, blur)
            if judge(view, small, step) > judge(view, small, start):
                start = step
        matrix = view_back @ start @ inverse
    return matrix / matrix[2, 2]


def edge_directions(image: Image, valid: NDArray) -> Field:
    """Return edges as complex numbers of twice their angle: light-dark equals dark-light."""
    across, down = edges(image)
    edge = across + 1j * down
    field = edge * edge / np.maximum(np.abs(edge), 1e-9) ** 1.5 * valid
    return (field / max(float(np.linalg.norm(field)), 1e-9)).astype(np.complex64)


def best_shift(moving: Field, spectrum: Field) -> tuple[float, Matrix]:
    """Find the shift that makes edges most parallel; return its score and matrix.

    The spectrum is that of the fixed image, padded with zeros to twice its size.
    """
    height, width = moving.shape
    scores = ifft2(fft2(moving, spectrum.shape) * spectrum.conj()).real
    y, x = np.unravel_index(int(scores.argmax()), scores.shape)
    matrix = np.eye(3)
    matrix[:2, 2] = x if x < width else x - 2 * width, y if y < height else y - 2 * height
    return float(scores[y, x]), matrix


def search(moving: Image, fixed: Image) -> Matrix:
    """Try turns and scales of small images, each with its best shift; return the best match."""
    start = fit_inside(moving, fixed)
    small, back = shrink_to(fixed, SEARCH_SIDE)
    view, view_back = shrink_for(moving, start @ back)
    start = np.linalg.inv(view_back) @ start @ back
    height, width = small.shape
    spectrum = fft2(edge_directions(small, np.ones(small.shape)), (2 * height, 2 * width))
    found = []
    for angle, factor in product(TURNS, FACTORS):
        turn = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, factor)
        matrix = start @ np.vstack([turn, [0, 0, 1]])
        inner = cv2.erode(covered(matrix, view, small.shape).astype(np.uint8), np.ones((5, 5)))
        directions = edge_directions(warp(view, matrix, small.shape), inner)
        score, shift = best_shift(directions, spectrum)
        found.append((score, matrix @ shift))
    found.sort(key=lambda entry: -entry[0])
    near = [matrix for _, matrix in found[:CANDIDATES]]
    near += [ecc_step(view, small, matrix, cv2.MOTION_AFFINE, blur=11) for matrix in near]
    best = max(near, key=lambda matrix: judge(view, small, matrix))
    return view_back @ best @ np.linalg.inv(back)


def by_ecc(moving: Image, fixed: Image) -> Matrix:
    """Search for turn, scale and shift, then refine an affine matrix by ECC."""
    matrix = search(moving, fixed)
    for motion in (cv2.MOTION_EUCLIDEAN, cv2.MOTION_AFFINE):
        matrix = refine(moving, fixed, matrix, motion)
    return matrix


def by_homography(moving: Image, fixed: Image) -> Matrix:
    """Match SIFT features of the edge maps, fit a homography with RANSAC, refine it by ECC."""
    finder = cv2.SIFT.create(4000)
    points, descriptors = [], []
    for image in (moving, fixed):
        keys, described = finder.detectAndCompute(
            (255 * edge_strength(image)).astype(np.uint8), None
        )
        points.append(np.array([key.pt for key in keys], np.float32).reshape(-1, 2))
        descriptors.append(described)
    if any(len(found) < MIN_INLIERS for found in points):
        raise InputError("alignment failed: too few features; try --align ecc.")
    matches = cv2.BFMatcher(crossCheck=True).match(descriptors[1], descriptors[0])
    origin = points[1][[match.queryIdx for match in matches]]
    target = points[0][[match.trainIdx for match in matches]]
    matrix, inliers = cv2.findHomography(origin, target, cv2.RANSAC, 4.0, maxIters=20_000)
    if matrix is None or int(inliers.sum()) < MIN_INLIERS:
        raise InputError("alignment failed: the features do not match; try --align ecc.")
    matrix = refine(moving, fixed, np.asarray(matrix, np.float64), cv2.MOTION_HOMOGRAPHY)
    stretch = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    tilt = np.abs(matrix[2, :2]) @ fixed.shape[::-1]
    if stretch[0] > MAX_STRETCH * stretch[1] or tilt > MAX_TILT:
        raise InputError("alignment failed: the features match by chance; try --align ecc.")
    return matrix


def by_mutual_information(moving: Image, fixed: Image) -> Matrix:
    """Search as for ECC, then let SimpleITK maximise Mattes' mutual information."""
    sitk = need("SimpleITK", "aligning by mutual information")
    (small_moving, back_moving), (small_fixed, back_fixed) = (
        shrink_to(image, SIDES[-2]) for image in (moving, fixed)
    )
    found = search(moving, fixed)
    start = np.linalg.inv(back_moving) @ found @ back_fixed
    transform = sitk.AffineTransform(2)
    transform.SetCenter([side / 2 for side in small_fixed.shape[::-1]])
    centre = np.array([*transform.GetCenter(), 1.0])
    transform.SetMatrix(start[:2, :2].ravel().tolist())
    transform.SetTranslation(((start @ centre)[:2] - centre[:2]).tolist())
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(32)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-4, 200)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInterpolator(sitk.sitkLinear)
    method.SetShrinkFactorsPerLevel([2, 1])
    method.SetSmoothingSigmasPerLevel([1, 0])
    method.SetInitialTransform(transform, inPlace=True)
    try:
        method.Execute(*(sitk.GetImageFromArray(image) for image in (small_fixed, small_moving)))
    except RuntimeError:
        raise InputError("alignment failed: mutual information diverged; try ecc.") from None
    matrix = np.eye(3)
    matrix[:2, :2] = np.reshape(transform.GetMatrix(), (2, 2))
    matrix[:2, 2] = transform.TransformPoint((0.0, 0.0))
    matrix = back_moving @ matrix @ np.linalg.inv(back_fixed)
    return max(matrix, found, key=lambda candidate: judge(moving, fixed, candidate))


METHODS = {"ecc": by_ecc, "homography": by_homography, "mutual-information": by_mutual_information}
