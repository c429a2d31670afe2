"""Which networks the study trains."""

from dataclasses import asdict, dataclass
from itertools import product

from lkc.model.network import FusionNet, create_model

NORMS = ("batch", "instance", "group", "layer", "hybrid")
KERNELS = {
    "k3": (3, 3, 3),
    "k7": (7, 7, 7),
    "k15": (15, 11, 7),
    "k31": (31, 15, 7),
}


@dataclass(frozen=True)
class Variant:
    """One network of the study; the default is the paper's design without the max shortcut.

    Attributes:
        norm: name for `lkc.model.norm.norm_plan`.
        kernels: a key of `KERNELS`, or "own" for the preset's.
        shortcut: whether the network predicts a gain on the brighter source.
        fusion: whether decoder and skip meet in the adaptive fusion module.
        preset: "lite" or "base".
    """

    norm: str = "hybrid"
    kernels: str = "k15"
    shortcut: bool = False
    fusion: bool = True
    preset: str = "lite"

    @property
    def name(self) -> str:
        """Short name, such as hybrid-k15 or batch-k15-shortcut.

        >>> Variant(fusion=False).name
        'hybrid-k15-plain'
        """
        parts = [self.preset] if self.preset != "lite" else []
        parts += [self.norm, self.kernels]
        parts += ["shortcut"] * self.shortcut + ["plain"] * (not self.fusion)
        return "-".join(parts)

    def build(self) -> FusionNet:
        """Make the untrained network."""
        sizes = KERNELS.get(self.kernels)
        return create_model(self.preset, self.norm, sizes, self.fusion, self.shortcut)

    def to_dict(self) -> dict:
        """Return the columns that name this variant in a table."""
        columns = asdict(self)
        del columns["preset"]  # the name tells
        return {"variant": self.name, **columns}


def full_grid() -> list[Variant]:
    """Norms x kernels without the shortcut, each norm with it, and without the fusion module."""
    grid = [Variant(norm, kernels) for norm, kernels in product(NORMS, KERNELS)]
    grid += [Variant(norm, shortcut=True) for norm in NORMS]
    grid += [Variant(norm, fusion=False) for norm in NORMS]
    return grid


def norm_grid() -> list[Variant]:
    """The norms at the paper's kernels, for long runs; and small kernels for the extremes."""
    return [Variant(norm) for norm in NORMS] + [Variant("batch", "k3"), Variant("hybrid", "k3")]


def base_grid() -> list[Variant]:
    """The paper's own network with batch norm and with the hybrid."""
    return [Variant(norm, "own", preset="base") for norm in ("batch", "hybrid")]


GRIDS = {"full": full_grid, "norms": norm_grid, "base": base_grid}
