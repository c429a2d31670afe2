"""Fusion as one `torch.nn.Module`: two tensors in, the fused tensor out, colour kept."""

import torch
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.fusion.flat import keep_brighter_of_flat
from lkc.fusion.images import check_colour, check_detail, scale_change
from lkc.fusion.tensors import as_batches, luma, refuse_heat, take_chroma
from lkc.model.cuda_graph import plain_network
from lkc.model.loading import load_model
from lkc.model.network import FusionNet
from lkc.tasks import get_task


def reflect_to(image: Tensor, axis: int, multiple: int) -> Tensor:
    """Reflect-pad one axis at its end, by indices, so that the graph fits every size."""
    last = image.shape[axis] - 1
    places = torch.arange((last + multiple) // multiple * multiple, device=image.device)
    return image.index_select(axis, last - (places - last).abs())


def run_at_any_size(network: FusionNet, sources: Tensor) -> Tensor:
    """Do what a network does, without asking about sizes, which `torch.export` would write down."""
    height, width = sources.shape[-2:]
    multiple = network.model.multiple
    padded = reflect_to(reflect_to(sources, 2, multiple), 3, multiple)
    fused = network.model(padded)
    rows, columns = (torch.arange(n, device=fused.device) for n in (height, width))
    return fused.index_select(2, rows).index_select(3, columns)  # (B, 1, H, W)


class Fusion(nn.Module):
    """What `lkc.fuse` does to tensors, as a module that stands in a pipeline and can be exported.

    Images are fused whole: for large ones `lkc.fuse`, which works in bands, needs less memory.

    Args:
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".
        model: a network from `lkc.load_model` or `lkc.create_model`; None takes the shipped `lite`
            weights of the task, on the CPU. Loaded networks are frozen: `requires_grad_()` lets
            them learn.
        detail: 0 = natural (the brighter source), 1 = default, up to 2 = every change doubled.
        colour: "keep" = that of the second source, "gray" = none.

    Raises:
        InputError: an unknown task, a rule instead of a network, or unusable settings.

    Example:
        >>> fusion = Fusion("ir-vis")
        >>> fusion(torch.rand(2, 1, 32, 48), torch.rand(2, 3, 32, 48)).shape
        torch.Size([2, 3, 32, 48])
    """

    def __init__(
        self,
        task: str = "ir-vis",
        model: nn.Module | None = None,
        detail: float = 1.0,
        colour: str = "keep",
    ) -> None:
        super().__init__()
        self.task = get_task(task)
        check_detail(detail)
        check_colour(colour, self.task)
        refuse_heat(colour)
        network = load_model("lite", task, device="cpu") if model is None else plain_network(model)
        if not isinstance(network, FusionNet):
            raise InputError("a module holds a network: take lite, nano or base, not a rule.")
        self.network = network
        self.detail = detail
        self.colour = colour
        self.eval()

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Fuse two batches.

        Args:
            first, second: (B, 1 or 3, H, W), floats in [0, 1] or uint8, at least 16x16; on the
                device of the module.

        Returns:
            Floats in [0, 1], (B, 1, H, W), or (B, 3, H, W) where the second source brings colour.

        Raises:
            InputError: unusable or differently sized tensors. A graph that was exported or compiled
                does not check its input.
        """
        compiling = torch.compiler.is_compiling()
        if not compiling:
            first, second = as_batches(first, second, self.task)
        sources = torch.cat([luma(first), luma(second)], dim=1)  # (B, 2, H, W)
        fused = run_at_any_size(self.network, sources) if compiling else self.network(sources)
        fused = scale_change(fused, sources, self.detail).clamp(0, 1)
        fused = keep_brighter_of_flat(fused, sources)
        if self.colour == "keep" and self.task.second_has_colour and second.shape[1] == 3:
            fused = take_chroma(fused, second, sources[:, 1:])  # (B, 3, H, W)
        return fused
