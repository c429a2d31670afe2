"""Score several fusion methods on the same pairs."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias, TypeVar

import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.evaluation.commands import Command, run_command_on
from lkc.fusion.images import fuse
from lkc.io.image_data import ImageData
from lkc.io.pairing import images_by_stem, pair_folders
from lkc.io.reading import open_image, show, to_pixels
from lkc.io.window import EIGHT_BITS, NOTES, Window, Windows, parse_said
from lkc.metrics import evaluate, get_profile, to_gray
from lkc.tasks import get_task

# Values by file name without suffix, then by metric.
Scores: TypeAlias = Mapping[str, Mapping[str, float]]
Method: TypeAlias = nn.Module | Command | Scores | str | PathLike[str]
Some = TypeVar("Some")
Both: TypeAlias = tuple[Some, Some]
Found: TypeAlias = nn.Module | Command | Mapping[str, Path] | Scores


@dataclass(frozen=True)
class Plan:
    """The methods and pairs of a comparison.

    Attributes:
        pairs: the two source files, by file name without suffix.
        methods: a model, a command, or what the method has by file name: an image file, or values.
        left_out: sentences on the files that cannot take part, by source folder and method.
        task: whose rules models fuse by.
        extra: whether to compute `lkc.metrics.EXTRA_METRICS` as well.
        profile: whose definitions of the metrics.
        shown: what sources of more than 8 bits were judged as, by folder; filled by `score_pairs`.
        failed: sentences on the pairs that a command could not fuse, by file name.
        seconds: that a pair took, by command.
    """

    pairs: dict[str, tuple[Path, Path]]
    methods: dict[str, Found]
    left_out: list[str]
    task: str
    extra: bool
    profile: str = "lkc"
    shown: dict[Path, set[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def published(self) -> set[str]:
        """Name the methods whose values were given, so that they are marked."""
        return {name for name, has in self.methods.items() if holds_values(has)}


def holds_values(method: Found) -> bool:
    """Whether a method is given by its values rather than by images."""
    return isinstance(method, Mapping) and not isinstance(next(iter(method.values()), None), Path)


def plan_comparison(
    a: str | PathLike[str],
    b: str | PathLike[str],
    methods: Mapping[str, Method],
    task: str = "ir-vis",
    extra: bool = False,
    profile: str = "lkc",
) -> Plan:
    """Find the pairs that all methods have; arguments and errors are those of `compare`."""
    get_task(task)
    get_profile(profile)
    if not methods:
        raise InputError("name at least one method to evaluate.")
    pairing = pair_folders(Path(a), Path(b))
    pairs = {first.stem: (first, second) for first, second in pairing.pairs}
    found: dict[str, Found] = {
        name: images_by_stem(Path(method)) if isinstance(method, str | PathLike) else method
        for name, method in methods.items()
    }
    orphans = len(pairing.first_only) + len(pairing.second_only)
    left_out = [f"Sources without partner: {orphans}."] if orphans else []
    common = dict(pairs)
    for name, has in found.items():
        if isinstance(has, nn.Module | Command):
            continue
        if lacking := sum(stem not in has for stem in pairs):
            left_out.append(f"{name} lacks {lacking} of {len(pairs)} pairs.")
        common = {stem: files for stem, files in common.items() if stem in has}
    if not common:
        raise InputError(f"no pair is there for every method. {' '.join(left_out)}")
    return Plan(common, found, left_out, task, extra, profile)


def run_commands(plan: Plan, folder: Path, step: Callable[[], None] = lambda: None) -> Plan:
    """Let the commands of a plan fuse its pairs, one after another, so that times are fair.

    Args:
        plan: from `plan_comparison`.
        folder: an empty folder for what they write; it must stay until pairs have been scored.
        step: called once for each command and pair.

    Returns:
        The plan with image files in place of commands, and without the pairs that one failed on.

    Raises:
        InputError: a command fused nothing at all.
    """
    methods, failed, seconds = dict(plan.methods), dict[str, str](), dict[str, float]()
    for number, (name, command) in enumerate(plan.methods.items()):
        if not isinstance(command, Command):
            continue
        own = folder / str(number)
        own.mkdir()
        try:
            ran = run_command_on(command, plan.pairs, own, step)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        methods[name], seconds[name] = ran.files, ran.seconds
        failed |= {stem: f"{name}: {why}" for stem, why in ran.failed.items()}
    pairs = {stem: files for stem, files in plan.pairs.items() if stem not in failed}
    return replace(plan, pairs=pairs, methods=methods, failed=failed, seconds=seconds)


def noted_window(notes: Mapping[str, str], note: str, source: ImageData) -> Window | None:
    """Find what a fused PNG says was shown of a source; None where it says nothing of this one.

    A source of 8 bits may be what somebody made of the file that was fused: it is shown as it is,
    unless the noted values can be its own.
    """
    if note not in notes:
        return None
    window, (low, high) = parse_said(notes[note])
    own = EIGHT_BITS[0] <= low and high <= EIGHT_BITS[1] and not window.unit
    return window if own or source.measured or source.full_range != EIGHT_BITS else None


class ShownPair:
    """The sources of a pair as the windows of the methods show them, each found once.

    Args:
        first, second: the source files, opened.
        said: called with a source's place in the pair, 0 or 1, and what was shown of it in words,
            where it has more than 8 bits.
    """

    def __init__(
        self,
        first: ImageData,
        second: ImageData,
        said: Callable[[int, str], None] = lambda which, said: None,
    ) -> None:
        self.sources = first, second
        self.said = said
        self.shown: dict[Windows, tuple[Both[NDArray], Both[Tensor]]] = {}

    def show(self, notes: Mapping[str, str]) -> tuple[Both[NDArray], Both[Tensor]]:
        """Show both sources through the windows that a fused file names, else the default.

        Args:
            notes: texts of the fused file.

        Returns:
            Pixels of both for `lkc.fuse`, and gray (1, 1, H, W) of both for the metrics.
        """
        first, second = (
            noted_window(notes, note, source)
            for note, source in zip(NOTES, self.sources, strict=True)
        )
        if (first, second) not in self.shown:
            pixels = self.show_one(0, first), self.show_one(1, second)
            self.shown[first, second] = pixels, (to_gray(pixels[0]), to_gray(pixels[1]))
        return self.shown[first, second]

    def show_one(self, which: int, window: Window | None) -> NDArray:
        """Show one source, and say how if that is not plain."""
        source = self.sources[which]
        pixels, said = show(source, window)
        if source.full_range != EIGHT_BITS:
            chosen = "default window" if window is None else "window noted in the fused files"
            self.said(which, f"{chosen} ({said})")
        return pixels


def as_stored(fused: ImageData) -> NDArray:
    """Return the pixels of a fused image, whose black and white are those of its file."""
    return fused.values if fused.measured else to_pixels(fused, fused.full_range)


def open_pair(plan: Plan, stem: str) -> ShownPair:
    """Open the sources of a pair; what is shown of them is noted in the plan."""
    paths = plan.pairs[stem]

    def note_window(which: int, said: str) -> None:
        plan.shown.setdefault(paths[which].parent, set()).add(said)

    return ShownPair(open_image(paths[0]), open_image(paths[1]), note_window)


def fuse_or_read(
    plan: Plan, name: str, stem: str, pair: ShownPair
) -> tuple[NDArray, Mapping[str, str]]:
    """Return a method's fused image, and its notes of what was shown of the sources."""
    method = plan.methods[name]
    if isinstance(method, nn.Module):
        (first, second), _ = pair.show({})
        return fuse(first, second, plan.task, method), {}
    assert isinstance(method, Mapping)
    source = method[stem]
    assert isinstance(source, Path)
    opened = open_image(source)
    return as_stored(opened), opened.notes


def score_pair(plan: Plan, stem: str) -> dict[str, Mapping[str, float]]:
    """Return the metrics of every method on one pair, by method; InputError names the method.

    Fused images are judged against their sources as those were shown: by the windows noted in the
    fused file, else by the default that `lkc.fuse` has.
    """
    pair = open_pair(plan, stem)
    rows: dict[str, Mapping[str, float]] = {}
    for name, method in plan.methods.items():
        if isinstance(method, Mapping) and isinstance(row := method[stem], Mapping):
            rows[name] = row
            continue
        try:
            fused, notes = fuse_or_read(plan, name, stem, pair)
            pixels, gray = pair.show(notes)
            a, b = pixels if get_profile(plan.profile).by_channel else gray
            rows[name] = evaluate(fused, a, b, plan.extra, plan.profile)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    return rows


@contextmanager
def one_thread_per_worker() -> Iterator[int]:
    """Replace torch's own threads by the returned number of workers, as pairs scale better."""
    workers = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield workers
    finally:
        torch.set_num_threads(workers)


def score_pairs(plan: Plan) -> Iterator[tuple[str, dict[str, Mapping[str, float]] | InputError]]:
    """Score all pairs, several at a time.

    Args:
        plan: from `plan_comparison`.

    Yields:
        File name without suffix, and the metrics by method, or what is wrong with a file.
    """

    def attempt(stem: str) -> dict[str, Mapping[str, float]] | InputError:
        try:
            return score_pair(plan, stem)
        except InputError as error:
            return error

    with one_thread_per_worker() as workers, ThreadPoolExecutor(workers) as pool:
        try:
            yield from zip(plan.pairs, pool.map(attempt, plan.pairs), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)  # After an interrupt the rest is not scored.


def to_table(rows: Mapping[str, Mapping[str, Mapping[str, float]]]) -> pd.DataFrame:
    """Turn values by file, method and metric into a table, methods in their own order.

    >>> to_table({"1": {"ours": {"EN": 7.0}, "theirs": {"EN": 6.0}}})["EN"]["theirs", "1"]
    np.float64(6.0)
    """
    methods = list(next(iter(rows.values())))
    flat = {(name, stem): rows[stem][name] for name in methods for stem in rows}
    table = pd.DataFrame.from_dict(flat, orient="index", dtype=float)
    table.index = pd.MultiIndex.from_tuples(flat, names=["method", "file"])
    return table


def compare(
    a: str | PathLike[str],
    b: str | PathLike[str],
    methods: Mapping[str, Method],
    task: str = "ir-vis",
    extra: bool = False,
    profile: str = "lkc",
) -> pd.DataFrame:
    """Score several methods on the pairs that all of them have.

    Args:
        a, b: folders of the first and second sources, paired by file name; images of at least
            41x41 pixels (176x176 with `extra`).
        methods: by name: a folder of fused images, a model from `lkc.load_model`, a command from
            `lkc.evaluation.parse_command`, or published values as {file name without suffix:
            {metric: value}}.
        task: whose rules models fuse by.
        extra: also compute `lkc.metrics.EXTRA_METRICS`; NaN where published values lack them.
        profile: whose definitions of the metrics, see `lkc.metrics.PROFILES`.

    Returns:
        One row for each method and file (index levels "method" and "file"), one column per metric.
        A model's image is what `lkc.fuse` returns, gray is round(0.299 R + 0.587 G + 0.114 B).

    Raises:
        InputError: no common pair, or a file that cannot be used.

    Example:
        >>> methods = {"mine": "fused", "theirs": {"1": {"EN": 6.9}}}
        >>> compare("ir", "vi", methods)["EN"]["mine"].mean()  # doctest: +SKIP
        np.float64(7.1)
    """
    rows = {}
    with TemporaryDirectory() as folder:
        plan = run_commands(plan_comparison(a, b, methods, task, extra, profile), Path(folder))
        for stem, why in plan.failed.items():
            raise InputError(f"{stem}: {why}")
        for stem, result in score_pairs(plan):
            if isinstance(result, InputError):
                raise InputError(f"{stem}: {result}")
            rows[stem] = result
    return to_table(rows)
