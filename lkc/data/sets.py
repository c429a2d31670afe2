"""Read public data sets in the folders of their authors: MSRS, M3FD, TNO, RoadScene, Harvard.

Nothing here downloads; `lkc samples` does. Files without a partner are reported, never dropped
silently.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from lkc.errors import InputError
from lkc.io.pairing import IMAGE_SUFFIXES, Pairing, find_folders, images_by_stem, match_stems
from lkc.tasks import get_task

# The two source folders of a task may lie at these places.
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "MSRS": {"ir-vis": ("train", "test", "detection", ".")},
    "M3FD": {"ir-vis": ("M3FD_Fusion", "M3FD_Detection", ".")},
    "TNO": {"ir-vis": (".",)},
    "RoadScene": {"ir-vis": (".",)},
    "Harvard": {
        task: (f"{name}/train", f"{name}/test", name)
        for task, name in (("mri-ct", "CT-MRI"), ("mri-pet", "PET-MRI"), ("mri-spect", "SPECT-MRI"))
    },
}
SCENE_SIDES = {"thermal": 0, "rad": 0, "visual": 1, "dhv": 1}  # Scenes of TNO hold such folders.
NAME_SIDES = (  # Infrared comes first, for IR_hei_vis_g; NIR and II (intensified) are neither.
    re.compile(r"(?<![a-z])(lw)?ir(?![a-z])|^2_", re.I),
    re.compile(r"(?<![a-z])vis?(?![a-z])|^1_|_r$", re.I),
)


@dataclass(frozen=True)
class DataPart:
    """One part of a data set, such as its test pairs.

    Attributes:
        name: its folder inside the data set, "." where that is the data set itself.
        task: the fusion task of its pairs.
        pairing: the pairs, of which there may be none, and the files without a partner.
        neither: images that belong to neither side, such as near infrared in TNO.
    """

    name: str
    task: str
    pairing: Pairing
    neither: Sequence[Path] = ()


def find_side(path: Path) -> int | None:
    """Tell infrared (0) from visible (1) in TNO by folder or name; None is neither."""
    by_folder = SCENE_SIDES.get(path.parent.name.lower())
    if by_folder is not None:
        return by_folder
    return next((side for side, name in enumerate(NAME_SIDES) if name.search(path.stem)), None)


def pair_scene(files: tuple[list[Path], list[Path]]) -> Pairing:
    """Match the files of a TNO scene by their last number, or if there is one of each."""
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


def read_scenes(root: Path) -> DataPart | None:
    """Match infrared and visible in TNO: one folder per scene, or IR1.png with VIS1.png.

    Args:
        root: the folder that holds the scenes.

    Returns:
        Pairs and orphans of all scenes, and what belongs to neither side; None without pairs.
    """
    scenes: dict[Path, tuple[list[Path], list[Path]]] = defaultdict(lambda: ([], []))
    neither = []
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in IMAGE_SUFFIXES or path.name.startswith("."):
            continue
        side = find_side(path)
        if side is None:
            neither.append(path)
            continue
        inside = path.parent.name.lower() in SCENE_SIDES
        scenes[path.parent.parent if inside else path.parent][side].append(path)
    found = [pair_scene(files) for files in scenes.values()]
    pairing = Pairing(
        pairs=[pair for scene in found for pair in scene.pairs],
        first_only=[path for scene in found for path in scene.first_only],
        second_only=[path for scene in found for path in scene.second_only],
    )
    return DataPart(".", "ir-vis", pairing, neither) if pairing.pairs else None


def read_part(folder: Path, name: str, task: str) -> DataPart | None:
    """Pair one part; return None where the folder does not hold it. One side alone has orphans."""
    if not folder.is_dir():
        return None
    sources = find_folders(folder, get_task(task))
    if sources == (None, None):
        return None
    sides = [images_by_stem(source) if source else {} for source in sources]
    return DataPart(name, task, match_stems(*sides))


def describe_folders(name: str) -> str:
    """Say which folders a data set should have."""
    tasks = [get_task(task) for task in PARTS[name]]
    pairs = " or ".join(f"{task.first_folders[0]} and {task.second_folders[0]}" for task in tasks)
    parts = ", ".join(part for parts in PARTS[name].values() for part in parts if part != ".")
    return f"two source folders, such as {pairs}" + (f", in {parts}" if parts else "")


def has_pairs(parts: Iterable[DataPart]) -> bool:
    """Tell whether any part has a pair."""
    return any(part.pairing.pairs for part in parts)


def read_data_set(name: str, root: str | PathLike) -> list[DataPart]:
    """Find the pairs of a public data set in the folders that its authors give it.

    Args:
        name: "MSRS", "M3FD", "TNO", "RoadScene" or "Harvard".
        root: the folder that the download was unpacked to.

    Returns:
        The parts that are there (train, test, one task of Harvard, ...), each with its pairs in the
        order of the task's name and the files without a partner; a part may have no pair.

    Raises:
        InputError: unknown name, no such folder, none of the folders that the set should have, or
            no pair in any.

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
    if name == "TNO" and not has_pairs(found):
        found = [part] if (part := read_scenes(root)) else found
    if not found:
        raise InputError(f"{root} does not look like {name}: it needs {describe_folders(name)}.")
    if not has_pairs(found):
        raise InputError(f"{root} holds no pair: no two of its images have a name in common.")
    return found


def report_orphans(parts: Iterable[DataPart]) -> str:
    """Say how many pairs each part has, and name every image that is in none.

    Args:
        parts: from `read_data_set`.

    Returns:
        A line for each part, each orphan and each image that belongs to neither side.

    Example:
        >>> lonely = Pairing([], [Path("ir/1.png")], [])
        >>> print(report_orphans([DataPart("test", "ir-vis", lonely)]))
        test (ir-vis): 0 pairs, 1 without partner
          ir/1.png
    """
    lines = []
    for part in parts:
        orphans = [*part.pairing.first_only, *part.pairing.second_only]
        line = (
            f"{part.name} ({part.task}): {len(part.pairing.pairs)} pairs, "
            f"{len(orphans)} without partner"
        )
        lines.append(f"{line}, {len(part.neither)} of neither side" if part.neither else line)
        lines += [f"  {path.as_posix()}" for path in orphans]
        lines += [f"  neither side: {path.as_posix()}" for path in part.neither]
    return "\n".join(lines)
