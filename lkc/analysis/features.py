"""Read the feature maps inside a network without changing it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from lkc.errors import InputError
from lkc.model.cuda_graph import plain_network


def layer_names(model: nn.Module) -> list[str]:
    """List the parts of a network that are worth looking at, in the order of their definition.

    Args:
        model: from `lkc.create_model` or `lkc.load_model`.

    Returns:
        Names for `capture_features`: the body's children, and the members of its lists.

    Example:
        >>> from lkc import create_model
        >>> layer_names(create_model("lite"))[:3]
        ['model.stem', 'model.encoder.0', 'model.encoder.1']
    """
    body = plain_network(model).get_submodule("model")
    names = []
    for name, child in body.named_children():
        if isinstance(child, nn.ModuleList):
            names += [f"model.{name}.{index}" for index in range(len(child))]
        else:
            names.append(f"model.{name}")
    return names


def find_layer(model: nn.Module, name: str) -> nn.Module:
    """Look up a part of a network by name.

    Raises:
        InputError: there is no such part.
    """
    parts = dict(plain_network(model).named_modules())
    if not name or name not in parts:
        raise InputError(f"no layer {name!r}: choose one of {', '.join(layer_names(model))}.")
    return parts[name]


@contextmanager
def capture_features(
    model: nn.Module, names: Iterable[str], keep_graph: bool = False
) -> Iterator[dict[str, Tensor]]:
    """Keep the outputs of chosen layers, as long as the `with` block lasts.

    Args:
        model: a network.
        names: of layers, as in `layer_names` or any of `model.named_modules()`.
        keep_graph: True leaves the outputs in the autograd graph, for gradients with respect to
            them; False copies them, because later layers may overwrite them in place.

    Yields:
        Layer name -> output (B, C, h, w) of the latest forward pass.

    Raises:
        InputError: a layer does not exist.

    Example:
        >>> import torch
        >>> from lkc import create_model
        >>> net = create_model("lite")
        >>> with capture_features(net, ["model.stem"]) as features:
        ...     _ = net(torch.rand(1, 2, 32, 48))
        >>> features["model.stem"].shape
        torch.Size([1, 48, 16, 24])
    """
    features: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            features[name] = output if keep_graph else output.detach().clone()

        return hook

    layers = {name: find_layer(model, name) for name in names}
    handles = [layer.register_forward_hook(keep(name)) for name, layer in layers.items()]
    try:
        yield features
    finally:
        for handle in handles:
            handle.remove()
