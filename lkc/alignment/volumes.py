"""Find the turn and shift between two volumes of one body, and judge them.

Mutual information asks how well one volume predicts the other, so MRI can meet CT, PET or SPECT.
It rises for any two volumes, those of two bodies too. So the measure that judges images decides
here as well: how parallel the edges are, and whether that stands out from the volumes displaced.

Source: mutual information after Mattes et al. (IEEE TMI 2003).
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np

from lkc.alignment.volume_search import RISEN, Affine, Search, one_thread
from lkc.errors import InputError
from lkc.io.volume import LPS_FROM_RAS, Volume

VOLUME_METHOD = "mutual-information"
MIN_VOXELS = 8  # along each side
SEARCHED_TURN = 25  # The search finds turns of about this many degrees from where it starts.
MAX_TURN = 45.0  # A larger turn, in degrees, means that the search went astray.
MIN_OVERLAP = 0.3  # of the smaller volume
# A match must agree by this much more than the same volumes displaced. Six matches of MRI with CT,
# PET or SPECT of the Whole Brain Atlas had 0.14 to 0.40; seven pairs that have nothing to do with
# each other had at most 0.02.
MIN_LEAD = 0.08
# Searches from other starts must end this near, in millimetres; sharp pairs end within 1.2.
# What blurred and noisy volumes give is measured by benchmarks/volume_alignment.py.
SURE, TOO_FAR = 4.0, 20.0
COARSE = 3.0  # Volumes whose voxels all have longer sides, in mm, fit elsewhere about as well.


@dataclass(frozen=True)
class VolumeAlignment:
    """A turn and a shift between two volumes, and their quality.

    Attributes:
        matrix: (4, 4), millimetres of the fixed volume to millimetres of the moving one.
        turn: degrees.
        shift: millimetres by which the middle of the fixed volume moves.
        before, after: mutual information in nats.
        agreement: edge agreement after, from 0 (chance) to 1 (all edges parallel).
        spread: millimetres from this match to as good ones that other searches find.
    """

    matrix: Affine
    turn: float
    shift: float
    before: float
    after: float
    agreement: float
    spread: float

    @property
    def sentence(self) -> str:
        """State what was found in plain words."""
        return (
            f"turned by {self.turn:.1f} degrees and shifted by {self.shift:.1f} mm; mutual "
            f"information {self.after:.2f} (before {self.before:.2f}), edge agreement "
            f"{self.agreement:.2f} (chance 0, perfect 1); other searches end within "
            f"{self.spread:.1f} mm"
        )


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
        spread = search.other_ends(matrix)
    turn = np.degrees(np.arccos(np.clip((np.trace(matrix[:3, :3]) - 1) / 2, -1, 1)))
    middle = np.append(search.fixed.middle, 1)
    found = VolumeAlignment(
        matrix=LPS_FROM_RAS @ matrix @ LPS_FROM_RAS,
        turn=float(turn),
        shift=float(np.linalg.norm((matrix @ middle - middle)[:3])),
        before=before,
        after=after,
        agreement=agreement,
        spread=spread,
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
    if found.spread > TOO_FAR:
        return f"other searches find as good a match {found.spread:.0f} mm elsewhere"
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
    if found.spread > SURE:
        warnings.warn(
            f"{moving.name} may lie {found.spread:.0f} mm elsewhere on {fixed.name}, where other "
            "searches find as good a match: it shows too little detail; look at the result.",
            stacklevel=3,
        )
    for volume in (moving, fixed):
        finest = volume.spacing.min()
        if finest > COARSE and found.spread <= SURE:
            warnings.warn(
                f"{volume.name} has voxels of {finest:.1f} mm at the least, too coarse for a sure "
                "match, which may be off by two centimetres: look at the result.",
                stacklevel=3,
            )
        if not volume.placed:
            warnings.warn(
                f"{volume.name} states no position in space, so its left and right cannot be "
                "known: check that the result is not mirrored.",
                stacklevel=3,
            )
    affine = np.linalg.inv(found.matrix) @ moving.affine
    moved = replace(moving, affine=affine, placed=True, frame=fixed.frame)
    return moved, f"{method}, {found.sentence}"
