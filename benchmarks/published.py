"""Find the pairs of a set, and the published methods that have values on them."""

from pathlib import Path
from statistics import median

from lkc.evaluation import read_scores
from lkc.evaluation.scoring import Scores
from lkc.io.pairing import pair_folders, source_folders
from lkc.tasks import get_task

Published = dict[str, Scores]
SETS = {  # title: task, folders under --data, file under --anchors
    "MSRS": ("ir-vis", ("MSRS/train", "MSRS/test"), "MSRS.json"),
    "TNO": ("ir-vis", ("TNO",), "TNO.json"),
    "M3FD": ("ir-vis", ("M3FD",), "M3FD.json"),
    "MRI-CT": ("mri-ct", ("Harvard/CT-MRI/test",), "Harvard-CT-MRI.json"),
    "MRI-PET": ("mri-pet", ("Harvard/PET-MRI/test",), "Harvard-PET-MRI.json"),
    "MRI-SPECT": ("mri-spect", ("Harvard/SPECT-MRI/test",), "Harvard-SPECT-MRI.json"),
}
ROADS = tuple(title for title, (task, *_) in SETS.items() if task == "ir-vis")


def find_sources(title: str, data: Path) -> list[tuple[Path, Path]]:
    """The folders of both sources, for each part of a set."""
    task, folders, _ = SETS[title]
    return [source_folders(data / folder, get_task(task)) for folder in folders]


def read_published(title: str, data: Path, anchors: Path) -> tuple[Published, Published]:
    """Read published values on a set: of methods with at least as many pairs as half of them.

    Returns:
        By method, values by file; the second holds the methods with fewer pairs.
    """
    pairs = [pair for folders in find_sources(title, data) for pair in pair_folders(*folders).pairs]
    there = {first.stem for first, _ in pairs}
    published: Published = {
        name: {stem: row for stem, row in files.items() if stem in there}
        for name, files in read_scores(anchors / SETS[title][2]).items()
    }
    least = median(len(files) for files in published.values())
    most = {name: files for name, files in published.items() if len(files) >= least}
    return most, {name: files for name, files in published.items() if name not in most}
