"""Uploads of a batch brought into folders: images as they are, those in a ZIP unpacked."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from lkc.io.pairing import IMAGE_SUFFIXES
from lkc.tasks import Task

from ..words.say import Complaint

MAX_FILES = 500
MAX_MEGABYTES = 500


def is_zip(upload: Path) -> bool:
    return upload.suffix.lower() == ".zip"


@contextmanager
def open_zip(upload: Path) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP; whatever turns out to be broken while it is read is one sentence."""
    try:
        with zipfile.ZipFile(upload) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Complaint("zip_broken", file=upload.name) from None


def inner_path(entry: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(entry.filename.replace("\\", "/"))


def images_in(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """List an archive's images, unless one has a name that leaves its folder."""
    entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
    for entry in entries:
        path = inner_path(entry)
        if path.is_absolute() or ".." in path.parts or ":" in str(path).split("/")[0]:
            raise Complaint("zip_path", file=name)
    return [
        entry
        for entry in entries
        if inner_path(entry).suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith((".", "__MACOSX")) for part in inner_path(entry).parts)
    ]


def check_amount(uploads: list[str]) -> None:
    """Refuse more than a shared page unpacks, before anything is: of all uploads together."""
    sizes, folders = [], 0
    for upload in map(Path, uploads):
        if is_zip(upload):
            with open_zip(upload) as archive:
                entries = images_in(archive, upload.name)
            sizes += [entry.file_size for entry in entries]
            folders += len({above for entry in entries for above in inner_path(entry).parents})
        else:
            sizes.append(upload.stat().st_size)
    too_many = max(len(sizes), folders) > MAX_FILES
    if sum(sizes) > MAX_MEGABYTES * 1_000_000 or too_many:
        raise Complaint("too_large", limit=MAX_MEGABYTES, count=MAX_FILES)


def claim(folder: Path, name: str) -> Path:
    """Find the place of a file that no other of its folder shares a name with, but for a suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(name).stem
    others = (path for path in folder.iterdir() if path.stem.casefold() == stem.casefold())
    if any(path.is_file() for path in others):
        raise Complaint("same_name", name=stem)
    return folder / name


def write(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as copy:
        shutil.copyfileobj(source, copy)


def gather(uploads: list[str], target: Path) -> None:
    """Bring uploads into one folder; images of a ZIP keep the folders in which they lie there.

    Args:
        uploads: images and ZIPs, checked with `check_amount`.
        target: the folder to make.

    Raises:
        InputError: a broken ZIP, or two images that cannot be told apart by name.
    """
    target.mkdir(parents=True)
    for upload in map(Path, uploads):
        if not is_zip(upload):
            with upload.open("rb") as source:
                write(source, claim(target, upload.name))
            continue
        with open_zip(upload) as archive:
            for entry in images_in(archive, upload.name):
                path = inner_path(entry)
                with archive.open(entry) as source:
                    write(source, claim(target / path.parent, path.name))


def levels(folder: Path) -> list[Path]:
    """A folder, the only thing in it if that is a folder, and so on; the innermost first."""
    inside = list(folder.iterdir())
    is_wrapped = len(inside) == 1 and inside[0].is_dir()
    return [*levels(inside[0]), folder] if is_wrapped else [folder]


def part_sides(folder: Path, first: Path, second: Path, task: Task) -> list[str]:
    """Move the images of a folder into one for each source, by the names of folders in it.

    Args:
        folder: what was unpacked, such as day/ir/1.png and day/vis/1.png.
        first, second: the folders to make, each then with day/1.png.
        task: whose sources to look for.

    Returns:
        Images in it that belong to neither.
    """
    neither = []
    for target in (first, second):
        target.mkdir()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = path.relative_to(folder)
        parts, side = list(inside.parts), None
        for at, part in enumerate(parts[:-1]):  # the innermost counts
            if part.lower() in {*task.first_folders, *task.second_folders}:
                side = at
        if side is None:
            neither.append(inside.as_posix())
            continue
        target = first if parts.pop(side).lower() in task.first_folders else second
        path.rename(claim(target.joinpath(*parts[:-1]), parts[-1]))
    return neither
