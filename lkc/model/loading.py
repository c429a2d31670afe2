"""Ready-to-use models by name: trained networks on the right device, and the baseline rules."""

from os import PathLike
from pathlib import Path

import torch
from torch import Tensor, nn

from lkc.errors import InputError
from lkc.model.baselines import BASELINES, Rule
from lkc.model.checkpoint import load_weights
from lkc.model.cuda_graph import CudaGraphModel
from lkc.model.network import PRESET_KERNELS
from lkc.tasks import get_task

SHIPPED_WEIGHTS = Path(__file__).parents[1] / "weights"
STUDY_WEIGHTS = SHIPPED_WEIGHTS / "ablation"  # in a clone only, as they are large


def pick_device(name: str = "auto") -> torch.device:
    """Turn a device name into a device that is there.

    Args:
        name: "auto" (CUDA, then MPS, then CPU), "cpu", "cuda" or "mps".

    Returns:
        The device.

    Raises:
        InputError: unknown name, or not available on this machine.

    Example:
        >>> pick_device("cpu")
        device(type='cpu')
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, there in available.items() if there))
    if name not in available:
        raise InputError(f"unknown device {name!r}: choose one of auto, {', '.join(available)}.")
    if not available[name]:
        raise InputError(f"device {name!r} was asked for but is not available on this machine.")
    return torch.device(name)


class RuleModel(nn.Module):
    """A baseline rule behind the interface of a network, so that it fits wherever one does."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule

    def forward(self, sources: Tensor) -> Tensor:
        """Fuse (B, 2, H, W) in [0, 1] to (B, 1, H, W), pair by pair on the CPU."""
        fused = [torch.from_numpy(self.rule(a, b)) for a, b in sources.cpu().numpy()]
        return torch.stack(fused).unsqueeze(1).to(sources.device)  # (B, 1, H, W)


def load_model(
    preset: str = "lite",
    task: str | None = None,
    weights: str | PathLike[str] | None = None,
    device: str = "auto",
) -> nn.Module:
    """Load a model that is ready to fuse.

    Args:
        preset: "lite", "nano", "base", or a baseline: "maximum", "average", "laplacian",
            "wavelet", "guided".
        task: whose shipped weights to take; needed for "lite" and "nano" without `weights`.
        weights: a .safetensors file of ours or a .pth file of the release, whose names and order
            of channels are turned into ours.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        A module in evaluation mode: (B, 2, H, W) -> (B, 1, H, W) in [0, 1] units, with channels
        (first source, second source).

    Raises:
        InputError: unknown preset, task or device, or weights that do not fit.

    Example:
        >>> model = load_model("lite", task="ir-vis", device="cpu")
    """
    target = pick_device(device)
    if preset in BASELINES:
        if weights is not None:
            raise InputError(f"{preset!r} is a rule without weights: leave weights out.")
        return RuleModel(BASELINES[preset]).eval()
    if preset not in PRESET_KERNELS:
        names = ", ".join([*PRESET_KERNELS, *BASELINES])
        raise InputError(f"unknown preset {preset!r}: choose one of {names}.")
    if weights is not None:
        model = load_weights(weights, preset)
    elif preset == "base":
        raise InputError("no weights ship for 'base': pass weights=FILE (see the README).")
    elif task is None:
        raise InputError("name the task whose weights to load, such as task='ir-vis'.")
    else:
        file = f"{preset}-{get_task(task).name}.safetensors"
        model = load_weights(SHIPPED_WEIGHTS / file, preset)
    model = model.requires_grad_(False).to(target)
    if target.type == "cuda":
        return CudaGraphModel(model).eval()
    # A quarter of the time on a CPU.
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
