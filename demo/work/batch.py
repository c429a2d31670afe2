"""Many pairs at once: unpack, match by name, fuse, measure, pack the results."""

import csv
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import lkc
from lkc.errors import InputError
from lkc.io.image_files import write_image
from lkc.io.pairing import pair_folders
from lkc.metrics import METRICS
from lkc.tasks import TASKS, Task

from ..server.temporary_files import new_folder
from ..words.say import Complaint
from .fuse_files import check_options, fuse_files, to_display
from .unpack import check_amount, gather, is_zip, levels, part_sides

MAX_PAIRS = 200
MAX_SECONDS = 300


@dataclass(frozen=True)
class Matched:
    """What two uploads have in common.

    Attributes:
        pairs: both files, by the path of their result without suffix, such as "day/1".
        orphans: paths of files without a partner.
    """

    pairs: Mapping[str, tuple[Path, Path]]
    orphans: list[str]


@dataclass
class Batch:
    """How far a batch is.

    Attributes:
        folder: where results go.
        matched: what was matched.
        done: fused files so far, by the path of each without suffix.
        scores: metrics by name of the pair.
        errors: sentences by name of the pair.
        late: whether it stopped because of the time limit.
    """

    folder: Path
    matched: Matched
    done: dict[str, Path] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    errors: dict[str, InputError] = field(default_factory=dict)
    late: bool = False


def pair_below(first: Path, second: Path) -> Matched:
    """Match two folders as `lkc fuse` does; folders around all images of a side do not count."""
    refused = []
    for a, b in product(levels(first), levels(second)):
        try:
            pairing = pair_folders(a, b, nested=True)
        except InputError as error:
            refused.append(error)
            continue
        pairs = {x.relative_to(a).with_suffix("").as_posix(): (x, y) for x, y in pairing.pairs}
        sides = ((a, pairing.first_only), (b, pairing.second_only))
        orphans = [path.relative_to(root).as_posix() for root, left in sides for path in left]
        return Matched(pairs, orphans)
    raise refused[0]


def match_one_zip(uploads: list[str], task: Task, folder: Path) -> Matched:
    """Match the images of one ZIP, in which folders are named as the sources are."""
    gather(uploads, folder / "both")
    first, second = folder / task.first, folder / task.second
    neither = part_sides(folder / "both", first, second, task)
    if not all(any(side.iterdir()) for side in (first, second)):
        names = {"first": task.first_folders[0], "second": task.second_folders[0]}
        raise Complaint("zip_folders", file=Path(uploads[0]).name, **names)
    matched = pair_below(first, second)
    return replace(matched, orphans=[*matched.orphans, *neither])


def match(first: list[str], second: list[str], task: str, folder: Path) -> Matched:
    """Match uploads by file name.

    Args:
        first, second: uploaded images or ZIPs; `second` may be empty if `first` is a ZIP with the
            folders of both sources.
        task: one of `TASKS`.
        folder: to make and to unpack into.

    Returns:
        The pairs, and what has no partner.

    Raises:
        InputError: nothing to match, too much, or an archive that is not opened.
    """
    chosen = TASKS[task]
    if not first or not (second or any(is_zip(Path(upload)) for upload in first)):
        raise Complaint("no_files")
    check_amount([*first, *second])
    if second:
        sides = folder / chosen.first, folder / chosen.second
        for uploads, side in zip((first, second), sides, strict=True):
            gather(uploads, side)
        matched = pair_below(*sides)
    else:
        matched = match_one_zip(first, chosen, folder)
    if len(matched.pairs) > MAX_PAIRS:
        raise Complaint("too_many", count=len(matched.pairs), limit=MAX_PAIRS)
    return matched


def fuse_one(batch: Batch, name: str, options: tuple, measure: bool) -> None:
    """Fuse a pair into the batch, or note there why it cannot be fused."""
    try:
        fusion = fuse_files(*batch.matched.pairs[name], *options)
        target = batch.folder / f"{name}.png"
        write_image(target, fusion.fused)
        batch.done[name] = target
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
        batch = Batch(folder / "fused", match(first, second, task, folder / "given"))
        yield batch
        for name in batch.matched.pairs:
            if time.monotonic() > end:
                batch.late = True
                break
            fuse_one(batch, name, (task, method, detail), measure)
            yield batch
    finally:
        shutil.rmtree(folder / "given", ignore_errors=True)


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
        for file in [*batch.done.values(), *([table] if table.exists() else [])]:
            archive.write(file, file.relative_to(batch.folder))
    return path
