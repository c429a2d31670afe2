"""Multimodal image fusion with large kernels and hybrid normalization.

What stands here is loaded when it is first used, so that `import lkc` takes no time. On a machine
that other programs keep busy, see `lkc.threads` before torch is imported.

>>> import lkc
>>> net = lkc.create_model("lite")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lkc import (  # noqa: F401 - a type checker takes a package from here
        alignment,
        analysis,
        data,
        evaluation,
        fusion,
        io,
        metrics,
        model,
        training,
        viz,
    )
    from lkc.errors import InputError
    from lkc.fusion.images import fuse, fuse_batch
    from lkc.fusion.module import Fusion
    from lkc.model.loading import load_model
    from lkc.model.network import create_model
    from lkc.tasks import TASKS

__version__ = "0.1.0"
__all__ = [
    "TASKS",
    "Fusion",
    "InputError",
    "create_model",
    "fuse",
    "fuse_batch",
    "load_model",
    "metrics",
]

HOMES = {
    "TASKS": "lkc.tasks",
    "Fusion": "lkc.fusion.module",
    "InputError": "lkc.errors",
    "create_model": "lkc.model.network",
    "fuse": "lkc.fusion.images",
    "fuse_batch": "lkc.fusion.images",
    "load_model": "lkc.model.loading",
}
PACKAGES = (
    "alignment",
    "analysis",
    "data",
    "evaluation",
    "fusion",
    "io",
    "metrics",
    "model",
    "training",
    "viz",
)

if not TYPE_CHECKING:  # a type checker would take every name for one that is here

    def __getattr__(name: str) -> Any:
        """Load a public name or package when it is first used."""
        if name in PACKAGES:
            return import_module(f"lkc.{name}")
        if name not in HOMES:
            raise AttributeError(f"module 'lkc' has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(HOMES[name]), name)
        return found


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*__all__, *PACKAGES, "__version__"})
