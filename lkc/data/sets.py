"""Public data sets in the folders of their authors: MSRS, M3FD, TNO, RoadScene and Harvard.

Nothing here downloads; `lkc samples` does. What has no partner is reported, never dropped silently.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from lkc.errors import InputError
from lkc.pairing import IMAGE_SUFFIXES, Pairing, pair_folders, source_folders
from lkc.tasks import get_task

PARTS: dict[str, dict[str, tuple[str, ...]]] = {  # task -> where its two source folders may lie
    "MSRS": {"ir-vis": ("train", "test", "detection", ".")},
    "M3FD": {"ir-vis": ("M3FD_Fusion", "M3FD_Detection", ".")},
    "TNO": {"ir-vis": (".",)},
    "RoadScene": {"ir-vis": (".",)},
    "Harvard": {
        task: (f"{name}/train", f"{name}/test", name)
        for task, name in (("mri-ct", "CT-MRI"), ("mri-pet", "PET-MRI"), ("mri-spect", "SPECT-MRI"))
    },
}
SCENE_SIDES = {"thermal": 0, "visual": 1, "dhv": 1}  # folders inside a scene of TNO
NAME_SIDES = (re.compile(r"(lw)?ir(?![a-z])", re.I), re.compile(r"vis?(?![a-z])", re.I))


@dataclass(frozen=True)
class DataPart:
    """One part of a data set, such as its test pairs.

    Attributes:
        name: its folder inside the data set, "." where that is the data set itself.
        task: the fusion task of its pairs.
        pairing: the pairs, and the files without a partner.
    """

    name: str
    task: str
    pairing: Pairing


def find_side(path: Path) -> int | None:
    """Tell infrared (0) from visible (1) in TNO by folder or name; None is neither."""
    by_folder = SCENE_SIDES.get(path.parent.name.lower())
    if by_folder is not None:
        return by_folder
    return next((side for side, name in enumerate(NAME_SIDES) if name.match(path.stem)), None)


def pair_scene(files: tuple[list[Path], list[Path]]) -> Pairing:
    """Match the files of a TNO scene by their last number, or because there is one of each."""
    if len(files[0]) == len(files[1]) == 1:
        return Pairing([(files[0][0], files[1][0])], [], [])
    pairing, partners = Pairing([], [], []), defaultdict(list)
    for path in files[1]:
        partners[(re.findall(r"\d+", path.stem) or [""])[-1]].append(path)
    for path in files[0]:
        same = partners[(re.findall(r"\d+", path.stem) or [""])[-1]]
        if same:
            pairing.pairs.append((path, same.pop(0)))
        else:
            pairing.first_only.append(path)
    pairing.second_only.extend(sorted(path for rest in partners.values() for path in rest))
    return pairing


def pair_scenes(root: Path) -> Pairing:
    """Match infrared and visible in TNO as published: a folder a scene, or IR1.png with VIS1.png.

    Args:
        root: the folder that holds the scenes.

    Returns:
        Pairs and orphans of all scenes; near infrared and fused images are left aside.
    """
    scenes: dict[Path, tuple[list[Path], list[Path]]] = defaultdict(lambda: ([], []))
    for path in sorted(root.rglob("*")):
        side = find_side(path) if path.suffix.lower() in IMAGE_SUFFIXES else None
        if side is not None:
            inside = path.parent.name.lower() in SCENE_SIDES
            scenes[path.parent.parent if inside else path.parent][side].append(path)
    found = [pair_scene(files) for files in scenes.values()]
    return Pairing(
        pairs=[pair for scene in found for pair in scene.pairs],
        first_only=[path for scene in found for path in scene.first_only],
        second_only=[path for scene in found for path in scene.second_only],
    )


def read_part(folder: Path, name: str, task: str) -> DataPart | None:
    """Pair one part, or None where the folder does not hold it."""
    try:
        sources = source_folders(folder, get_task(task))
    except InputError:
        return None
    return DataPart(name, task, pair_folders(*sources))


def read_data_set(name: str, root: str | PathLike) -> list[DataPart]:
    """Find the pairs of a public data set in the folders that its authors give it.

    Args:
        name: "MSRS", "M3FD", "TNO", "RoadScene" or "Harvard".
        root: the folder that the download was unpacked to.

    Returns:
        The parts that are there (train, test, one task of Harvard, ...), each with its pairs in the
        order of the task's name and the files without a partner.

    Raises:
        InputError: unknown name, no such folder, or none of the folders that the set should have.

    Example:
        >>> [part.name for part in read_data_set("MSRS", "MSRS")]  # doctest: +SKIP
        ['train', 'test']
    """
    if name not in PARTS:
        raise InputError(f"unknown data set {name!r}: choose one of {', '.join(PARTS)}.")
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"{root} is not a folder.")
    candidates = ((task, part) for task, parts in PARTS[name].items() for part in parts)
    read = (read_part(root / part, part, task) for task, part in candidates)
    found = [part for part in read if part is not None]
    if not found and name == "TNO":
        scenes = pair_scenes(root)
        found = [DataPart(".", "ir-vis", scenes)] if scenes.pairs else []
    if not found:
        folders = ", ".join(part for parts in PARTS[name].values() for part in parts if part != ".")
        raise InputError(
            f"{root} does not look like {name}: it needs two source folders, such as ir and vi"
            + (f", in {folders}." if folders else ".")
        )
    return found


def report_orphans(parts: Iterable[DataPart]) -> str:
    """Say how many pairs each part has, and name every file without a partner.

    Args:
        parts: from `read_data_set`.

    Returns:
        A line for each part and one for each orphan.

    Example:
        >>> lonely = Pairing([], [Path("ir/1.png")], [])
        >>> print(report_orphans([DataPart("test", "ir-vis", lonely)]))
        test (ir-vis): 0 pairs, 1 without partner
          ir/1.png
    """
    lines = []
    for part in parts:
        orphans = [*part.pairing.first_only, *part.pairing.second_only]
        lines.append(
            f"{part.name} ({part.task}): {len(part.pairing.pairs)} pairs, "
            f"{len(orphans)} without partner"
        )
        lines += [f"  {path.as_posix()}" for path in orphans]
    return "\n".join(lines)
