"""DICOM series: found in a folder or below it, listed, and picked."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from lkc.errors import InputError
from lkc.io.dicom import check_elements, count_fragments, open_dataset, open_tags, pydicom
from lkc.io.dicom_stack import Slice, stack_slices
from lkc.io.frames import choose_frame
from lkc.io.itk import DICOM, read_path
from lkc.io.kinds import open_file
from lkc.io.nifti import check_voxel_count
from lkc.io.volume import Volume

MOST_NAMED = 5  # files or series, in one sentence
MOST_SEARCHED = 20_000  # files below a folder
NO_SCANS = ("RTDOSE", "SEG")  # These lie in space as volumes do, but are no image of a body.
SHORTEST_ELEMENT = 8  # bytes that a tag and its length take
NM_VOLUME = "RECON TOMO"  # what nuclear medicine calls a volume, in the tag ImageType
NM_OTHERS = (  # and what it calls images that do not lie behind one another
    *("STATIC", "DYNAMIC", "GATED", "WHOLE BODY", "TOMO", "GATED TOMO", "RECON GATED TOMO"),
)


def is_image(dataset: Any, has_pixels: bool) -> bool:
    """Whether a dataset is an image rather than an index or a report.

    An image that was cut off before its pixels counts: it still says of which kind it is.
    """
    kind = dataset.file_meta.get("MediaStorageSOPClassUID") or dataset.get("SOPClassUID") or ""
    return has_pixels or "Image Storage" in pydicom().uid.UID(kind).name


@dataclass(frozen=True)
class Series:
    """The images of one DICOM series.

    Attributes:
        slices: one for each file.
        uid: its SeriesInstanceUID.
    """

    slices: Sequence[Slice]
    uid: str

    @property
    def number(self) -> str:
        """Its number, or "" where none is stated."""
        number = self.slices[0].dataset.get("SeriesNumber")
        return "" if number is None else str(number)

    def count(self) -> int:
        """How many images it holds."""
        return sum(each.images() for each in self.slices)

    def is_volume(self) -> bool:
        """Whether it looks like a volume of a body."""
        first = self.slices[0]
        if self.count() == 1 or str(first.dataset.get("Modality", "")) in NO_SCANS:
            return False
        if len(self.slices) == 1 and not first.places_its_images():
            return states_place(first)
        return all(each.has_place() and not each.kind() for each in self.slices)

    def describe(self, label: str) -> str:
        """State what it is: number, description, modality, size, count of images."""
        dataset = self.slices[0].dataset
        size = f"{dataset.get('Columns', '?')}x{dataset.get('Rows', '?')}"
        words = " ".join(str(dataset.get("SeriesDescription") or "").split())
        images = f"{self.count()} image{'s' * (self.count() > 1)}"
        modality = str(dataset.get("Modality") or "")
        return f"{label} ({', '.join(filter(None, (words, modality, size, images)))})"


@dataclass(frozen=True)
class Found:
    """What a search for DICOM met.

    Attributes:
        series: sorted by their numbers.
        left_out: files that are no images, with their reason.
        lost: files that were images once, with their reason.
    """

    series: Sequence[Series]
    left_out: Sequence[str]
    lost: Sequence[str]

    def label(self, series: Series) -> str:
        """What --series takes for it: its number, or its UID where the number is not its own."""
        numbers = [each.number for each in self.series]
        return series.number if series.number and numbers.count(series.number) == 1 else series.uid

    def listing(self, series: Iterable[Series]) -> str:
        """Describe series one after another."""
        return "; ".join(each.describe(self.label(each)) for each in series)


def states_place(found: Slice) -> bool:
    """Whether a file whose images are placed by SimpleITK says where they lie."""
    detectors = found.dataset.get("DetectorInformationSequence") or []
    return any(each.get("ImagePositionPatient") for each in (found.dataset, *detectors))


def find_series(paths: Iterable[Path]) -> Found:
    """Open files, and sort the images among them into series."""
    groups: dict[str, list[Slice]] = {}
    left_out, lost, suffixes = [], [], {".dcm"}
    for path in paths:
        if path.name.startswith(".") or path.name.upper() == "DICOMDIR":
            continue
        if not path.stat().st_size:
            lost.append((path.suffix.lower(), f"{path.name} is empty"))
            continue
        with open_file(path) as (file, kind):
            if kind != "dicom":
                left_out.append(f"{path.name} is not DICOM")
                continue
            dataset, has_pixels = open_tags(file)
        if is_image(dataset, has_pixels):
            suffixes.add(path.suffix.lower())
            uid = str(dataset.get("SeriesInstanceUID", ""))
            groups.setdefault(uid, []).append(Slice(dataset, path))
        elif dataset.get("SOPClassUID") or dataset.file_meta.get("MediaStorageSOPClassUID"):
            left_out.append(f"{path.name} is not an image")
        else:
            lost.append((path.suffix.lower(), f"{path.name} holds no DICOM tags"))
    left_out += [reason for suffix, reason in lost if suffix not in suffixes]
    series = [Series(slices, uid) for uid, slices in groups.items()]
    series.sort(key=lambda each: (int(each.number) if each.number.isdigit() else -1, each.uid))
    return Found(series, left_out, [reason for suffix, reason in lost if suffix in suffixes])


def name_some(reasons: Sequence[str]) -> str:
    """Name the first few files with their reasons, and count the others."""
    more = f", and {len(reasons) - MOST_NAMED} more" if len(reasons) > MOST_NAMED else ""
    return ", ".join(reasons[:MOST_NAMED]) + more


def pick(found: Found, wanted: str, folder: Path) -> Series:
    """Take the series that a user asked for by its number or UID."""
    fitting = [each for each in found.series if wanted in (each.number, each.uid)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise InputError(
            f"{folder} holds {len(fitting)} series of number {wanted}: pick one with --series UID: "
            f"{found.listing(fitting)}."
        )
    raise InputError(
        f"{folder} holds no series {wanted}; it holds these: {found.listing(found.series)}."
    )


def choose(found: Found, folder: Path) -> tuple[Series, list[str]]:
    """Take the one series that is a volume; what was left out with its reason."""
    if len(found.series) == 1:
        return found.series[0], []
    volumes = [each for each in found.series if each.is_volume()]
    if len(volumes) != 1:
        raise InputError(
            f"{folder} holds several DICOM series: pick one with --series NUMBER: "
            f"{found.listing(found.series)}."
        )
    others = [each for series in found.series if series is not volumes[0] for each in series.slices]
    return volumes[0], [f"{each.name} is of another series" for each in others]


def list_with_folders(found: Found) -> list[str]:
    """Describe the series that were found below a folder, each with the folders it lies in."""
    listed = []
    for series in found.series:
        folders = sorted({str(each.path.parent) for each in series.slices})
        listed.append(f"{series.describe(found.label(series))} in {' and '.join(folders)}")
    return listed


def refuse_upper_folder(found: Found, folder: Path) -> None:
    """List the series below a folder that holds no DICOM itself."""
    if not found.series:
        raise InputError(f"{folder} holds no DICOM image, and neither do the folders in it.")
    raise InputError(
        f"{folder} holds no DICOM image itself, but the folders in it do: give one of them, or "
        f"pick one with --series NUMBER: {'; '.join(list_with_folders(found))}."
    )


def search_below(folder: Path) -> Found:
    """Find the series in the folders of a folder."""
    below = list(islice((p for p in folder.rglob("*") if p.is_file()), MOST_SEARCHED + 1))
    if len(below) > MOST_SEARCHED:
        raise InputError(f"{folder} holds more than {MOST_SEARCHED} files: give a smaller folder.")
    return find_series(sorted(path for path in below if path.parent != folder))


def search(folder: Path, wanted: str | None) -> Found:
    """Find the series of a folder, or below it where it holds none itself."""
    found = find_series(sorted(path for path in folder.iterdir() if path.is_file()))
    if found.series:
        return found
    nested = search_below(folder)
    if wanted is None or not nested.series:
        refuse_upper_folder(nested, folder)
    return nested


def read_series(folder: Path, wanted: str | None = None, frame: int | None = None) -> Volume:
    """Read a DICOM series of a folder as a volume.

    Args:
        folder: files in any order; what is not of the volume is named in a warning. With `wanted`,
            a folder whose folders hold the files will do.
        wanted: number or UID of the series; None takes the only one that is a volume.
        frame: which volume of a series of several, counted from 1.

    Returns:
        The volume, slices sorted by their position.

    Raises:
        InputError: no DICOM, several series, uneven, missing or empty slices, or a damaged file.

    Example:
        >>> read_series(Path("CT")).values.shape  # doctest: +SKIP
        (512, 512, 120)
    """
    found = search(folder, wanted)
    if found.lost:
        raise InputError(
            f"{folder} has lost {len(found.lost)} of its files ({name_some(found.lost)}): copy it "
            "again, or remove them to fuse what is left."
        )
    if wanted is None:
        series, others = choose(found, folder)
        left_out, name = [*found.left_out, *others], folder.name
    else:
        series, left_out = pick(found, wanted, folder), list(found.left_out)
        name = f"{folder.name}, series {wanted}"
    if left_out:
        warnings.warn(f"{folder.name}: left out were: {name_some(left_out)}.", stacklevel=2)
    only = series.slices[0]
    if series.count() > 1 and len(series.slices) == 1 and not only.places_its_images():
        return place_images(only, name if wanted else only.name, frame)
    return stack_slices(series.slices, name, frame)


def read_images(file: BinaryIO, name: str, frame: int | None = None) -> Volume:
    """Read a DICOM file of many images, as SPECT cameras write them, as a volume.

    Args:
        file: opened by `lkc.io.kinds.open_file`.
        name: what to call it in messages.
        frame: which volume of several, counted from 1.

    Returns:
        The volume.

    Raises:
        InputError: damaged, or one slice of a series.
    """
    dataset, has_pixels = open_tags(file)
    found = Slice(dataset, Path(file.name))
    if not is_image(dataset, has_pixels) or found.images() == 1:
        raise InputError(f"{name} is no volume by itself: give the folder of its series.")
    if found.places_its_images():
        return stack_slices([found], name, frame)
    return place_images(found, name, frame)


def check_promise(found: Slice, name: str) -> None:
    """Refuse a file that promises more than it holds: SimpleITK would take memory for all of it.

    Raises:
        InputError: an element, the images or what follows them do not fit into the file.
    """
    with open_file(found.path) as (file, _):
        dataset = open_dataset(file)
        rest = found.path.stat().st_size - file.tell()
    check_elements(dataset.file_meta, name)
    check_elements(dataset, name)
    if rest >= SHORTEST_ELEMENT:
        raise InputError(f"{name} is damaged: its tags end {rest} bytes before the file does.")
    images, content = found.images(), dataset.get("PixelData") or b""
    values = (
        int(dataset.get("SamplesPerPixel", 1)) * images * int(dataset.Rows) * int(dataset.Columns)
    )
    if values < 1:
        raise InputError(f"{name} is damaged: its header states images without pixels.")
    check_voxel_count(values, name)
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        pieces = count_fragments(content, name)
        if pieces < images:
            raise InputError(
                f"{name} has {pieces} pieces of compressed pixels for {images} images: it is cut "
                "off, or it is a video, which is not read as a volume."
            )
    elif values * int(dataset.BitsAllocated) > 8 * len(content):
        raise InputError(f"{name} is cut off: its header promises more than it holds.")


def place_images(found: Slice, name: str, frame: int | None) -> Volume:
    """Let SimpleITK place the images of a file that states one place for all of them."""
    choose_frame(frame, 1, name)
    check_promise(found, name)
    kinds = [str(word).upper() for word in found.dataset.get("ImageType") or []]
    modality = str(found.dataset.get("Modality", ""))
    if modality == "NM" and len(kinds) > 2 and kinds[2] in NM_OTHERS:
        raise InputError(
            f"{name} is nuclear medicine of the kind {kinds[2]}, whose images are no slices of a "
            f"volume: give the reconstructed one, of the kind {NM_VOLUME}."
        )
    return replace(
        read_path(found.path, name, DICOM),
        modality=modality,
        placed=states_place(found),
        frame=str(found.dataset.get("FrameOfReferenceUID", "")),
    )
