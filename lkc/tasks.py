"""The four fusion tasks: what the two sources are, and which one brings colour."""

from dataclasses import dataclass

from lkc.errors import InputError


@dataclass(frozen=True)
class Task:
    """One pairing of modalities.

    Attributes:
        name: as users write it.
        first, second: what the sources are called, in the order of the name.
        first_folders, second_folders: names that data sets give the two source folders.
        second_has_colour: whether the fused image takes the second source's chroma.
        modalities: DICOM's codes for the two sources, or "" where none is expected.
        second_is_tracer: whether the second source shows uptake, which gets a colour map.
    """

    name: str
    first: str
    second: str
    first_folders: tuple[str, ...]
    second_folders: tuple[str, ...]
    second_has_colour: bool
    modalities: tuple[str, str] = ("", "")
    second_is_tracer: bool = False


TASKS = {
    task.name: task
    for task in (
        Task(
            name="ir-vis",
            first="infrared",
            second="visible",
            first_folders=("ir", "infrared", "thermal", "lwir", "cropinfrared"),
            second_folders=("vi", "vis", "visible", "rgb", "crop_lr_visible"),
            second_has_colour=True,
        ),
        Task("mri-ct", "MRI", "CT", ("mri",), ("ct",), False, ("MR", "CT")),
        Task("mri-pet", "MRI", "PET", ("mri",), ("pet",), True, ("MR", "PT"), True),
        Task("mri-spect", "MRI", "SPECT", ("mri",), ("spect",), True, ("MR", "NM"), True),
    )
}


def get_task(name: str) -> Task:
    """Look up a task.

    Args:
        name: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".

    Returns:
        The task.

    Raises:
        InputError: the name is unknown.

    Example:
        >>> get_task("mri-pet").second
        'PET'
    """
    if name not in TASKS:
        raise InputError(f"unknown task {name!r}: choose one of {', '.join(TASKS)}.")
    return TASKS[name]
