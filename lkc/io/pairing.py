"""Match the files of two folders by name."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path

from lkc.errors import InputError
from lkc.io.kinds import IMAGE_SUFFIXES
from lkc.tasks import Task

SIDES = frozenset(  # words in the names of a pair's files that say which of the two it is
    (
        *(
            "ir",
            "infrared",
            "thermal",
            "lwir",
            "t",
            "r",
            "previewdata",
            "thm",
            "thrm",
            "tir",
            "irx",
        ),
        *("vis", "vi", "visible", "rgb", "v", "w", "z", "max", "eo", "optical"),
        *("mr", "mri", "ct", "pet", "spect"),
    )
)

TIME = re.compile(r"(?<!\d)(?:19|20)\d{12}(?!\d)")  # year to second, as DJI names its files
SECONDS_APART = 5  # The two pictures of one release are written at most so long after one another.
MOST_NAMED = 3  # folders or files, in one sentence


@dataclass(frozen=True)
class Pairing:
    """What two folders have in common.

    Attributes:
        pairs: (first file, second file), sorted by name.
        first_only, second_only: files without a partner.
    """

    pairs: list[tuple[Path, Path]]
    first_only: list[Path]
    second_only: list[Path]


def refuse_overwriting(target: Path, sources: Iterable[str | PathLike]) -> None:
    """Refuse a result that would replace one of its sources.

    Args:
        target: where the result is to go, a file or a folder.
        sources: what is read for it; need not exist.

    Raises:
        InputError: the target is one of the sources, by whatever name.

    Example:
        >>> refuse_overwriting(Path("README.md"), ["LICENSE", "README.md"])
        Traceback (most recent call last):
        ...
        lkc.errors.InputError: README.md is one of the sources: choose another name.
    """
    if target.exists() and any(Path(s).exists() and target.samefile(s) for s in sources):
        raise InputError(f"{target} is one of the sources: choose another name.")


def images_by_stem(folder: Path, nested: bool = False) -> dict[str, Path]:
    """List the image files of a folder by name without suffix, sorted.

    Nested are those in its folders too, by their path from there, such as "day/1".
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*") if nested else folder.iterdir()):
        inside = path.relative_to(folder)
        is_hidden = any(part.startswith(".") for part in inside.parts)
        if path.suffix.lower() not in IMAGE_SUFFIXES or is_hidden:
            continue
        other = found.setdefault(inside.with_suffix("").as_posix(), path)
        if other != path:
            raise InputError(f"{folder} holds {other.name} and {path.name}: which one is meant?")
    return found


def pair_folders(first: Path, second: Path, nested: bool = False) -> Pairing:
    """Match files of the same name, whatever their suffix.

    Where no name is the same, words that name a side, as cameras write them, are left out; then
    also times, if they are a few seconds apart.

    Args:
        first, second: the two source folders.
        nested: whether images in their folders count; the names of these must then match as well.

    Returns:
        The pairs and the orphans of both sides.

    Raises:
        InputError: not a folder, one folder given twice, no images, no name in common, or two files
            of one name in a folder.

    Example:
        >>> pair_folders(Path("infrared"), Path("visible")).pairs  # doctest: +SKIP
        [(PosixPath('infrared/1.png'), PosixPath('visible/1.jpg'))]
    """
    first, second = Path(first), Path(second)
    if first.is_dir() and second.is_dir() and first.samefile(second):
        raise InputError(f"{first} is given as both sources: put each into a folder of its own.")
    a, b = images_by_stem(first, nested), images_by_stem(second, nested)
    for folder, found in ((first, a), (second, b)):
        if not found:
            raise InputError(
                f"{folder} holds no images{'' if nested else hint_at_folders(folder)}."
            )
    pairing = match_stems(a, b)
    if not pairing.pairs:
        by_name = match_stems(by_name_without_side(a), by_name_without_side(b))
        by_number = match_stems(by_name_without_side(a, False), by_name_without_side(b, False))
        pairing = max(by_name, part_by_time(by_number), key=lambda found: len(found.pairs))
    if not pairing.pairs:
        raise InputError(
            f"{first} ({len(a)} images) and {second} ({len(b)} images) have no file name in "
            f"common: rename them, since one side has {first_of(a, first)} and the other "
            f"{first_of(b, second)}."
        )
    return pairing


def first_of(files: Mapping[str, Path], folder: Path) -> str:
    """Name the first file of a folder by its path from there."""
    return next(iter(files.values())).relative_to(folder).as_posix()


def folders_inside(folder: Path) -> list[str]:
    """Name the first few folders inside a folder, for who meant one of them."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())[:MOST_NAMED]


def hint_at_folders(folder: Path) -> str:
    """Name the folders inside a folder, as the end of a sentence."""
    inside = folders_inside(folder)
    return f": name one of the folders in it, such as {', '.join(inside)}" if inside else ""


def without_side(name: str) -> str:
    """What is left of the name of a file or folder without words such as "ir" and leading zeros."""
    words = re.findall(r"[^\W\d_]+|\d+", name)
    words = [word.lstrip("0") or "0" if word.isdigit() else word for word in words]
    return "_".join(word for word in words if word not in SIDES)


def by_name_without_side(files: Mapping[str, Path], with_time: bool = True) -> dict[str, Path]:
    """Name files by what is left without words such as "ir"; none where two are then alike.

    >>> list(by_name_without_side({"DJI_0001_T": Path("a"), "day/IR2": Path("b")}))
    ['dji_1', 'day/2']
    """
    named: dict[str, Path] = {}
    for stem, path in files.items():
        parts = (stem if with_time else TIME.sub("", stem)).lower().split("/")
        name = "/".join(filter(None, map(without_side, parts)))
        if not name or name in named:
            return {}
        named[name] = path
    return named


def seconds_of(path: Path) -> float:
    """The time in a file's name, in seconds; NaN where there is none."""
    found = TIME.search(path.stem)
    try:
        return datetime.strptime(found[0], "%Y%m%d%H%M%S").timestamp() if found else math.nan
    except ValueError:
        return math.nan


def part_by_time(pairing: Pairing) -> Pairing:
    """Part pairs whose names state times that are far apart: they only share a number."""
    near: list[tuple[Path, Path]] = []
    far: list[tuple[Path, Path]] = []
    for a, b in pairing.pairs:
        is_near = abs(seconds_of(a) - seconds_of(b)) <= SECONDS_APART
        (near if is_near else far).append((a, b))
    return Pairing(
        near,
        [*pairing.first_only, *(a for a, _ in far)],
        [*pairing.second_only, *(b for _, b in far)],
    )


def match_stems(a: Mapping[str, Path], b: Mapping[str, Path]) -> Pairing:
    """Match what `images_by_stem` found on both sides; there may be no pair."""
    return Pairing(
        pairs=[(path, b[stem]) for stem, path in a.items() if stem in b],
        first_only=[path for stem, path in a.items() if stem not in b],
        second_only=[path for stem, path in b.items() if stem not in a],
    )


def find_folders(root: Path, task: Task) -> tuple[Path | None, Path | None]:
    """Look for the two source folders as `source_folders` does; None where one is missing."""
    folders = {p.name.lower(): p for p in Path(root).iterdir() if p.is_dir()}
    first, second = (
        next((folders[name] for name in names if name in folders), None)
        for names in (task.first_folders, task.second_folders)
    )
    return first, second


def source_folders(root: Path, task: Task) -> tuple[Path, Path]:
    """Find the two source folders of a data set by the names that data sets give them.

    Args:
        root: a folder such as MSRS/train with `ir` and `vi` in it.
        task: whose sources to look for.

    Returns:
        The first and the second source's folder.

    Raises:
        InputError: either is missing.
    """
    if not Path(root).is_dir():
        raise InputError(f"{root} is not a folder.")
    first, second = find_folders(root, task)
    if first is None or second is None:
        names = task.first_folders if first is None else task.second_folders
        raise InputError(f"{root} has no folder named {' or '.join(names)} for {task.name}.")
    return first, second
