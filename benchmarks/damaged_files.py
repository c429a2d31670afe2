"""Whether damaged files of every format are read, or refused in one sentence.

Run: python -m benchmarks.damaged_files --files 10000 --seed 0        (about half an hour)
Every file is read by the one door in a process that has a limit of time and of memory. A value is
silently wrong if the file was cut off, had bytes appended or another suffix, or is protected by a
checksum, and its values differ from those of the whole file without a word.
"""

import argparse
import os
import resource
import tempfile
import traceback
import warnings
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.whole_files import FORMATS, Format
from lkc.errors import InputError
from lkc.io.clip import read_clip, read_frames
from lkc.io.kinds import IMAGE_KINDS, kind_of
from lkc.io.reading import VOLUME_READERS, read, read_volume, show

RESULTS = Path(__file__).parent / "results" / "damaged-files.csv"
SECONDS = 20  # A reader that takes longer hangs.
MEMORY = 2 << 30  # bytes that reading may take; the files hold kilobytes
FRAMES = 5  # These are read of a clip.
OUTCOMES = ("read", "refused", "tracebacks", "hangs", "memory", "silently wrong")
DAMAGES = ("bits", "cut", "zeros", "header", "extremes", "appended", "suffix")
COMPARABLE = ("cut", "appended", "suffix")  # What is read in spite of these must be right.


def damage(content: bytes, how: str, other: bytes, rng: np.random.Generator) -> bytes:
    """Damage the content of a file; with "suffix" it stays as it is."""
    broken, near = bytearray(content), min(len(content), int(rng.choice([400, len(content)])))
    if how == "bits":
        for place in rng.integers(0, near, rng.integers(1, 9)):
            broken[place] ^= 1 << int(rng.integers(8))
    elif how == "cut":
        return content[: int(rng.integers(len(content)))]
    elif how == "zeros":
        start, size = int(rng.integers(near)), int(rng.integers(1, 65))
        broken[start : start + size] = bytes(len(broken[start : start + size]))
    elif how == "header":
        size = int(rng.integers(4, 200))
        broken[:size] = other[:size]
    elif how == "extremes":
        for place in rng.integers(0, near, rng.integers(1, 5)):
            patch = [b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\xff\xff"][rng.integers(4)]
            broken[place : place + len(patch)] = patch[: len(broken) - place]
    elif how == "appended":
        broken += rng.bytes(int(rng.integers(1, 1000)))
    return bytes(broken)


def read_any(path: Path) -> NDArray:
    """Read a file of any kind by the one door, show it if it is an image; return its values."""
    kind = kind_of(path)
    if kind == "clip":
        return np.stack([f.pixels for f in islice(read_frames(read_clip(path)), FRAMES)])
    if kind in VOLUME_READERS and (kind not in IMAGE_KINDS or "volume" in path.stem):
        return read_volume(path).values
    data = read(path)
    show(data)
    return data.values


def answer(path: Path) -> dict[str, str]:
    """Read one file, and say what became of it."""
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", UserWarning)
            values = read_any(path)
    except InputError as error:
        full = "does not fit into memory" in str(error)
        return {"outcome": "memory" if full else "refused", "text": str(error)}
    except BaseException:
        return {"outcome": "tracebacks", "text": traceback.format_exc()}
    told = " ".join(str(w.message) for w in said if w.category is UserWarning)
    stored = f"{values.shape}{values.dtype}".encode() + np.ascontiguousarray(values).tobytes()
    return {"outcome": "read", "text": told, "values": sha256(stored).hexdigest()}


def work(pipe: Connection) -> None:
    """Answer for each file whose path comes through a pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what C libraries print
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    while True:
        pipe.send(answer(pipe.recv()))


class Reader:
    """A process that reads files; another one takes its place when it hangs or dies."""

    def __init__(self) -> None:
        context = get_context("fork")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()


def ask(readers: list[Reader], path: Path) -> dict[str, str]:
    """What became of a file; a reader that gives no answer is replaced."""
    readers[0].pipe.send(path)
    try:
        if readers[0].pipe.poll(SECONDS):
            return readers[0].pipe.recv()
        found = {"outcome": "hangs", "text": f"no answer in {SECONDS} seconds"}
    except EOFError:
        found = {"outcome": "tracebacks", "text": "the process died"}
    readers[0].end()
    readers[0] = Reader()
    return found


def is_silently_wrong(found: dict[str, str], whole: str, kind: Format, how: str) -> bool:
    """Whether values that differ from those of the whole file were read without a word."""
    if found["outcome"] != "read" or found["text"] or found["values"] == whole:
        return False
    return kind.comparable if how in COMPARABLE else kind.checked and how != "header"


def stem(title: str) -> str:
    """What files of a format are called: DICOM is read as an image, or as a volume."""
    return "volume" if "frames" in title else "file"


def try_files(count: int, seed: int, keep: Path | None = None) -> pd.DataFrame:
    """Damage files and read them.

    Args:
        count: how many, of all formats in turn.
        seed: of the damage; each file has its own, whatever came before it.
        keep: a folder for those that were neither read rightly nor refused, with what happened.

    Returns:
        A row for each format: how many files had each outcome.
    """
    table = pd.DataFrame(0, index=pd.Index(FORMATS, name="format"), columns=list(OUTCOMES))
    with tempfile.TemporaryDirectory() as name:
        folder, readers = Path(name), [Reader()]
        contents, values = {}, {}
        for number, (title, kind) in enumerate(FORMATS.items()):
            path = folder / f"{number}{stem(title)}{kind.suffix}"
            kind.write(path)
            contents[title], values[title] = path.read_bytes(), ask(readers, path)["values"]
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            title = list(FORMATS)[number % len(FORMATS)]
            how, other = str(rng.choice(DAMAGES)), list(FORMATS)[rng.integers(len(FORMATS))]
            suffix = FORMATS[other if how == "suffix" else title].suffix
            path = folder / f"{stem(title)}{suffix}"
            path.write_bytes(damage(contents[title], how, contents[other], rng))
            found = ask(readers, path)
            outcome = found["outcome"]
            if is_silently_wrong(found, values[title], FORMATS[title], how):
                outcome = "silently wrong"
            table.loc[title, outcome] += 1
            if keep and outcome not in ("read", "refused"):
                path.rename(keep / f"{number}{suffix}")
                (keep / f"{number}.txt").write_text(f"{title}, {how}: {outcome}\n{found['text']}")
            path.unlink(missing_ok=True)
        readers[0].end()
    return table


def main() -> None:
    """Try as many files as asked for, and write how they fared."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for files that fared badly")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    table = try_files(options.files, options.seed, options.keep)
    table.to_csv(RESULTS)
    print(table.to_string())
    print(table.sum().to_string())


if __name__ == "__main__":
    main()
