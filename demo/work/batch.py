"""Many pairs at once: unpack, match by name, fuse, measure, pack the results."""

import csv
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import lkc
from lkc.errors import InputError
from lkc.io.image_files import write_image
from lkc.io.pairing import Pairing, images_by_stem, pair_folders, source_folders
from lkc.metrics import METRICS
from lkc.tasks import TASKS, Task

from ..server.temporary_files import new_folder
from ..words.say import Complaint
from .fuse_files import check_options, fuse_files, to_display
from .unpack import check_amount, gather, is_zip

MAX_PAIRS = 200
MAX_SECONDS = 300


@dataclass
class Batch:
    """How far a batch is.

    Attributes:
        folder: where results go.
        pairing: what was matched.
        done: fused files so far.
        scores: metrics by name of the pair.
        errors: sentences by name of the pair.
        late: whether it stopped because of the time limit.
    """

    folder: Path
    pairing: Pairing
    done: list[Path] = field(default_factory=list)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    errors: dict[str, InputError] = field(default_factory=dict)
    late: bool = False


def folders_of(upload: str, root: Path, task: Task) -> tuple[Path, Path]:
    """Find the folders of both sources in what was unpacked from one ZIP."""
    try:
        return source_folders(root, task)
    except InputError:
        names = {"first": task.first_folders[0], "second": task.second_folders[0]}
        raise Complaint("zip_folders", file=Path(upload).name, **names) from None


def match(first: list[str], second: list[str], task: str, folder: Path) -> Pairing:
    """Match uploads by file name.

    Args:
        first, second: uploaded images or ZIPs; `second` may be empty if `first` is a ZIP with the
            folders of both sources.
        task: one of `TASKS`.
        folder: an empty folder to unpack into.

    Returns:
        The pairs, and what has no partner.

    Raises:
        InputError: nothing to match, too much, or an archive that is not opened.
    """
    chosen = TASKS[task]
    if not first or not (second or any(is_zip(Path(upload)) for upload in first)):
        raise Complaint("no_files")
    check_amount([*first, *second])
    a = gather(first, folder / "first")
    a, b = (a, gather(second, folder / "second")) if second else folders_of(first[0], a, chosen)
    images = images_by_stem(a), images_by_stem(b)
    if not images[0].keys() & images[1].keys():
        counts = {"first_count": len(images[0]), "second_count": len(images[1])}
        raise Complaint("no_match", first=chosen.first, second=chosen.second, **counts)
    pairing = pair_folders(a, b)
    if len(pairing.pairs) > MAX_PAIRS:
        raise Complaint("too_many", count=len(pairing.pairs), limit=MAX_PAIRS)
    return pairing


def fuse_one(batch: Batch, pair: tuple[Path, Path], options: tuple, measure: bool) -> None:
    """Fuse a pair into the batch, or note there why it cannot be fused."""
    name = pair[0].stem
    try:
        fusion = fuse_files(*pair, *options)
        target = batch.folder / f"{name}.png"
        write_image(target, fusion.fused)
        batch.done.append(target)
        if measure:
            fused, a, b = (to_display(image) for image in (fusion.fused, *fusion.sources))
            batch.scores[name] = lkc.metrics.evaluate(fused, a, b)
    except InputError as error:
        batch.errors[name] = error


def fuse_all(
    first: list[str], second: list[str], task: str, method: str, detail: float, measure: bool
) -> Iterator[Batch]:
    """Fuse every pair; yields before the first pair and after each.

    Args:
        first, second: as for `match`.
        task, method, detail: as for `fuse_files`.
        measure: whether to compute the metrics.

    Yields:
        The batch, which grows. A pair that cannot be fused is named in it, and the rest goes on.

    Raises:
        InputError: as for `match`, or an option that is not offered.
    """
    check_options(method, detail)
    folder, end = new_folder(), time.monotonic() + MAX_SECONDS
    try:
        batch = Batch(folder / "fused", match(first, second, task, folder))
        yield batch
        for a, b in batch.pairing.pairs:
            if time.monotonic() > end:
                batch.late = True
                break
            fuse_one(batch, (a, b), (task, method, detail), measure)
            yield batch
    finally:
        shutil.rmtree(folder / "first", ignore_errors=True)
        shutil.rmtree(folder / "second", ignore_errors=True)


def as_cell(name: str) -> str:
    """Quote a name that a spreadsheet would take for a formula."""
    return f"'{name}" if name.startswith(("=", "+", "-", "@")) else name


def write_table(batch: Batch) -> Path | None:
    """Write the metrics of a batch as CSV, one pair a row."""
    if not batch.scores:
        return None
    path = batch.folder / "metrics.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["pair", *METRICS])
        rows.writerows([as_cell(name), *scores.values()] for name, scores in batch.scores.items())
    return path


def pack(batch: Batch) -> Path | None:
    """Pack the fused images, and the metrics if there are any, into one ZIP."""
    if not batch.done:
        return None
    path = batch.folder / "fused.zip"
    table = batch.folder / "metrics.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # PNG is compressed already
        for file in [*batch.done, *([table] if table.exists() else [])]:
            archive.write(file, file.name)
    return path
