"""Run fusion programs of others on pairs: each with its own interpreter, timed, without a shell."""

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from lkc.errors import InputError
from lkc.io.pairing import images_by_stem

PER_PAIR = ("{first}", "{second}", "{fused}")
PER_FOLDER = ("{firsts}", "{seconds}", "{outs}")
# What points at the environment of this program must not reach an interpreter of another one.
OF_THIS_PYTHON = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
Pairs = Mapping[str, tuple[Path, Path]]  # the two source files, by name without suffix


@dataclass(frozen=True)
class Command:
    """A program that fuses.

    Attributes:
        words: the program and its arguments; placeholders stand for paths.
    """

    words: tuple[str, ...]

    @property
    def per_folder(self) -> bool:
        """Whether one call takes two folders, rather than two files."""
        return holds(self.words, PER_FOLDER[0])


@dataclass
class Ran:
    """What a command has done.

    Attributes:
        files: fused images, by file name without suffix.
        failed: a sentence on each pair that has none.
        seconds: that a pair took, from the start of the program to its end: the median, or of a
            command for whole folders the mean. NaN where nothing was fused.
    """

    files: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    seconds: float = float("nan")


def holds(words: Sequence[str], placeholder: str) -> bool:
    """Whether a placeholder stands anywhere in a command."""
    return any(placeholder in word for word in words)


def parse_command(text: str) -> Command:
    """Take a command line apart as a shell would, but run nothing and expand nothing.

    Args:
        text: with {first}, {second} and {fused} for files, or {firsts}, {seconds} and {outs} for
            folders.

    Returns:
        The command.

    Raises:
        InputError: a quote is left open, or a placeholder is missing.

    Example:
        >>> parse_command("python 'my test.py' {first} {second} --out={fused}").words
        ('python', 'my test.py', '{first}', '{second}', '--out={fused}')
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(f"the command {text} cannot be read: {error}.") from None
    given = [[one for one in kind if holds(words, one)] for kind in (PER_PAIR, PER_FOLDER)]
    if given not in ([list(PER_PAIR), []], [[], list(PER_FOLDER)]):
        raise InputError(
            f"the command {text} must name {', '.join(PER_PAIR)}, or for whole folders "
            f"{', '.join(PER_FOLDER)}."
        )
    return Command(words)


def call(command: Command, paths: Mapping[str, Path]) -> float:
    """Run a command with paths in place of its placeholders; return the seconds it took.

    Raises:
        InputError: it cannot be started, or ends with another status than 0.
    """
    words = list(command.words)
    for placeholder, path in paths.items():
        words = [word.replace(placeholder, str(path.resolve())) for word in words]
    environment = {key: value for key, value in os.environ.items() if key not in OF_THIS_PYTHON}
    start = time.perf_counter()
    try:
        done = subprocess.run(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise InputError(f"{words[0]} cannot be started: {error.strerror}.") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise InputError(f"the command ended with status {done.returncode}: {said}")
    return time.perf_counter() - start


def run_on_pairs(command: Command, pairs: Pairs, folder: Path, step: Callable[[], None]) -> Ran:
    """Call a command for pair after pair; one that fails does not end the others."""
    ran, times = Ran(), []
    for stem, (first, second) in pairs.items():
        fused = folder / f"{stem}.png"
        try:
            took = call(command, dict(zip(PER_PAIR, (first, second, fused), strict=True)))
            if not fused.exists():
                raise InputError("the command ended well but wrote no {fused} file.")
        except InputError as error:
            ran.failed[stem] = str(error)
        else:
            times.append(took)
            ran.files[stem] = fused
        step()
    ran.seconds = median(times) if times else ran.seconds
    return ran


def gather(files: Mapping[str, Path], folder: Path) -> Path:
    """Copy files into a new folder under the names of their pairs; return the folder."""
    folder.mkdir()
    for stem, path in files.items():
        shutil.copyfile(path, folder / f"{stem}{path.suffix}")
    return folder


def run_on_folders(command: Command, pairs: Pairs, folder: Path, step: Callable[[], None]) -> Ran:
    """Call a command once, for folders that hold the pairs under the same names."""
    firsts = gather({stem: first for stem, (first, _) in pairs.items()}, folder / "firsts")
    seconds = gather({stem: second for stem, (_, second) in pairs.items()}, folder / "seconds")
    outs = folder / "outs"
    outs.mkdir()
    ran = Ran()
    try:
        took = call(command, dict(zip(PER_FOLDER, (firsts, seconds, outs), strict=True)))
        why = "the command ended well but wrote no image of that name."
    except InputError as error:
        took, why = float("nan"), str(error)
    found = images_by_stem(outs)
    for stem in pairs:
        if stem in found:
            ran.files[stem] = found[stem]
        else:
            ran.failed[stem] = why
        step()
    ran.seconds = took / len(pairs)
    return ran


def run_command_on(
    command: Command, pairs: Pairs, folder: Path, step: Callable[[], None] = lambda: None
) -> Ran:
    """Fuse pairs by a command.

    Args:
        command: from `parse_command`.
        pairs: the two source files, by file name without suffix.
        folder: an empty folder for what it writes; the caller removes it.
        step: called once for each pair.

    Returns:
        The fused files, what failed, and the time a pair took.

    Raises:
        InputError: it fused nothing at all.

    Example:
        >>> command = parse_command("python fuse.py {first} {second} {fused}")
        >>> run_command_on(command, {"1": ("ir/1.png", "vis/1.png")}, "out")  # doctest: +SKIP
        Ran(files={'1': PosixPath('out/1.png')}, failed={}, seconds=2.5)
    """
    run = run_on_folders if command.per_folder else run_on_pairs
    ran = run(command, pairs, folder, step)
    if not ran.files:
        raise InputError(f"it fused none of {len(pairs)} pairs. {next(iter(ran.failed.values()))}")
    return ran
