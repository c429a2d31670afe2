"""Name the label classes that are segmented, and their colours."""

from dataclasses import dataclass

import numpy as np

from lkc.data.synthetic import CLASS_COLOURS, CLASSES


@dataclass(frozen=True)
class ClassTable:
    """The classes of a data set: label i means `names[i]` and is shown in `colours[i]`.

    Attributes:
        names: of the classes.
        colours: RGB, 0 to 255, one per class.
    """

    names: tuple[str, ...]
    colours: tuple[tuple[int, int, int], ...]

    def __len__(self) -> int:
        return len(self.names)

    def paint(self, labels: np.ndarray) -> np.ndarray:
        """Show labels (H, W) in the classes' colours: (H, W, 3) uint8.

        >>> LESION.paint(np.array([[0, 1]])).tolist()
        [[[0, 0, 0], [230, 70, 60]]]
        """
        return np.array(self.colours, np.uint8)[labels]  # (H, W, 3)


STREET = ClassTable(CLASSES, CLASS_COLOURS)
"""Generated streets."""

LESION = ClassTable(("healthy", "lesion"), ((0, 0, 0), (230, 70, 60)))
"""Generated heads."""

MSRS = ClassTable(
    names=(
        "unlabeled",
        "car",
        "person",
        "bike",
        "curve",
        "car_stop",
        "guardrail",
        "color_cone",
        "bump",
    ),
    colours=(
        (0, 0, 0),
        (64, 0, 128),
        (64, 64, 0),
        (0, 128, 192),
        (0, 0, 192),
        (128, 128, 0),
        (64, 64, 128),
        (192, 128, 128),
        (192, 64, 0),
    ),
)
"""MSRS: names and palette of MFNet (Ha et al., IROS 2017), whose road scenes it relabels."""
