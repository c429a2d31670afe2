"""Uploads of a batch brought into folders: images as they are, those in a ZIP unpacked."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from lkc.io.pairing import IMAGE_SUFFIXES

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
        and not entry.filename.startswith("__MACOSX/")
    ]


def check_amount(uploads: list[str]) -> None:
    """Refuse more than a shared page unpacks, before anything is: of all uploads together."""
    sizes = []
    for upload in map(Path, uploads):
        if is_zip(upload):
            with open_zip(upload) as archive:
                sizes += [entry.file_size for entry in images_in(archive, upload.name)]
        else:
            sizes.append(upload.stat().st_size)
    if sum(sizes) > MAX_MEGABYTES * 1_000_000 or len(sizes) > MAX_FILES:
        raise Complaint("too_large", limit=MAX_MEGABYTES, count=MAX_FILES)


def write(source: IO[bytes], folder: Path, name: str) -> None:
    """Write a file under a name that no other image of its folder has, whatever their suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(name).stem
    others = (path for path in folder.iterdir() if path.stem.casefold() == stem.casefold())
    if any(path.is_file() for path in others):
        raise Complaint("same_name", name=stem)
    with (folder / name).open("wb") as copy:
        shutil.copyfileobj(source, copy)


def gather(uploads: list[str], target: Path) -> Path:
    """Bring uploads into one folder; images of a ZIP into one named like their last folder there.

    Args:
        uploads: images and ZIPs, checked with `check_amount`.
        target: the folder to make.

    Returns:
        The folder, or the only one in it.

    Raises:
        InputError: a broken ZIP, or two images that cannot be told apart by name.
    """
    target.mkdir()
    for upload in map(Path, uploads):
        if not is_zip(upload):
            with upload.open("rb") as source:
                write(source, target, upload.name)
            continue
        with open_zip(upload) as archive:
            for entry in images_in(archive, upload.name):
                path = inner_path(entry)
                with archive.open(entry) as source:
                    write(source, target / path.parent.name, path.name)
    folders = [path for path in target.iterdir() if path.is_dir()]
    if len(folders) == 1 and not any(path.is_file() for path in target.iterdir()):
        return folders[0]
    return target
