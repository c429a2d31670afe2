"""Replace parts of a network by others in place."""

from collections.abc import Callable
from typing import Any

from torch import nn


def swap(
    model: nn.Module, kind: type[nn.Module], replacement: Callable[[Any], nn.Module]
) -> list[tuple[nn.Module, str, nn.Module]]:
    """Replace every part of a kind by `replacement(part)`; return the replaced parts by place."""
    undo = []
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is kind:
                setattr(parent, name, replacement(child))
                undo.append((parent, name, child))
    return undo
