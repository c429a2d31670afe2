"""Draw the README's figure from the example pairs: `python assets/make_figures.py`."""

from pathlib import Path

import matplotlib.pyplot as plt

import lkc
from lkc.io.image_files import read_image

ASSETS = Path(__file__).parent
ROWS = [
    ("ir-vis", "night", ("ir", "vis"), ("Infrared", "Visible")),
    ("mri-pet", "head-1", ("mri", "pet"), ("MRI", "PET")),
]


@plt.style.context("default")  # whatever style the caller has chosen
def draw_overview(target: Path) -> None:
    """One row per task: both sources and the fused image."""
    figure = plt.figure(figsize=(10, 6.1), layout="constrained")
    grid = figure.add_gridspec(2, 3, height_ratios=[3, 4])
    for row, (task, name, folders, titles) in enumerate(ROWS):
        paths = [ASSETS / "examples" / task / folder / f"{name}.png" for folder in folders]
        images = [read_image(path) for path in paths]
        images.append(lkc.fuse(*paths, task=task))
        for column, (image, title) in enumerate(zip(images, [*titles, "Fused"], strict=True)):
            axis = figure.add_subplot(grid[row, column])
            axis.imshow(image, cmap="gray", vmin=0, vmax=255)
            axis.set_title(title, fontsize=12)
            axis.set_axis_off()
    figure.savefig(target, dpi=100)
    plt.close(figure)


if __name__ == "__main__":
    (ASSETS / "figures").mkdir(exist_ok=True)
    draw_overview(ASSETS / "figures" / "overview.png")
