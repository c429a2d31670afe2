"""Files of a result for other programs: DICOM where a source was DICOM."""

from pathlib import Path

from lkc.io.dicom_writer import Plane, read_plane, write_dicom
from lkc.io.image_files import read_image
from lkc.io.kinds import kind_of

from .prepared import Given, given_for
from .recipe import Recipe, changed
from .results import Result
from .slices import plane_of_slice


def is_dicom(given: Given) -> bool:
    """Whether a file, or the folder of a series, is DICOM."""
    return kind_of(given.file) in ("dicom", "folder")


def plane_of_result(result: Result) -> Plane | None:
    """Where a result lies in a body; None where its grid is not that of the first source."""
    first = given_for(result.first)
    if first.slice:
        return plane_of_slice(first.slice) if first.slice.grid == first.file else None
    return None if first.moved else read_plane(first.file)


def as_dicom(result: Result, recipe: Recipe) -> str | None:
    """Write a result as a DICOM secondary capture; None where neither source was DICOM."""
    if not any(is_dicom(given_for(source)) for source in (result.first, result.second)):
        return None
    notes = {"task": result.task} | {name: str(value) for name, value in changed(recipe).items()}
    for number, window in zip(("first", "second"), recipe.windows, strict=True):
        notes[f"window of {number}"] = window or "default"
    path = Path(result.fused).with_suffix(".dcm")
    write_dicom(path, read_image(result.fused), notes, plane_of_result(result))
    return str(path)
