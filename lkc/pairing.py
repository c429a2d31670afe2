"""Match the files of two folders by name."""

from dataclasses import dataclass
from pathlib import Path

from lkc.errors import InputError
from lkc.tasks import Task

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".dcm"}


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


def images_by_stem(folder: Path) -> dict[str, Path]:
    """List the image files of a folder by name without suffix, sorted."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith("."):
            continue
        other = found.setdefault(path.stem, path)
        if other != path:
            raise InputError(f"{folder} holds {other.name} and {path.name}: which one is meant?")
    return found


def pair_folders(first: Path, second: Path) -> Pairing:
    """Match files of the same name, whatever their suffix.

    Args:
        first, second: the two source folders.

    Returns:
        The pairs and the orphans of both sides.

    Raises:
        InputError: not a folder, no name in common, or two files of one name in a folder.

    Example:
        >>> pair_folders(Path("infrared"), Path("visible")).pairs  # doctest: +SKIP
        [(PosixPath('infrared/1.png'), PosixPath('visible/1.jpg'))]
    """
    a, b = images_by_stem(Path(first)), images_by_stem(Path(second))
    common = [stem for stem in a if stem in b]
    if not common:
        raise InputError(
            f"{first} ({len(a)} images) and {second} ({len(b)} images) have no file name in common."
        )
    return Pairing(
        pairs=[(a[stem], b[stem]) for stem in common],
        first_only=[path for stem, path in a.items() if stem not in b],
        second_only=[path for stem, path in b.items() if stem not in a],
    )


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
    folders = {p.name.lower(): p for p in Path(root).iterdir() if p.is_dir()}
    found = []
    for names in (task.first_folders, task.second_folders):
        match = next((folders[name] for name in names if name in folders), None)
        if match is None:
            raise InputError(f"{root} has no folder named {' or '.join(names)} for {task.name}.")
        found.append(match)
    return found[0], found[1]
