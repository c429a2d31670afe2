"""Give the norms of a whole network a memory."""

from copy import deepcopy

from torch import nn

from lkc.model.adaptive_fusion import ChannelPath
from lkc.model.cuda_graph import CudaGraphModel, plain_network
from lkc.model.steady_norm import Pace, SteadyChannelPath, SteadyGroupNorm
from lkc.model.swapping import swap


def with_memory(model: nn.Module) -> tuple[nn.Module, Pace]:
    """Give a model's norms a memory, in a copy that shares its weights.

    Args:
        model: from `load_model`; it stays as it is. A rule, and a network of batch norms, have no
            statistics of an image, so their copies do what they do.

    Returns:
        The copy, which is fused with like the model, and the pace of its memories. The first frame
        is fused as a still.

    Example:
        >>> import torch
        >>> from lkc import create_model
        >>> steady, pace = with_memory(create_model("lite").eval())
        >>> first = steady(torch.rand(1, 2, 32, 32))
        >>> pace.set(0.01)  # from now on, a frame counts for a hundredth
    """
    network = plain_network(model)
    shared = {id(tensor): tensor for tensor in [*network.parameters(), *network.buffers()]}
    pace, copy = Pace(), deepcopy(network, shared)
    swap(copy, nn.GroupNorm, lambda norm: SteadyGroupNorm(norm, pace))
    swap(copy, ChannelPath, lambda path: SteadyChannelPath(path, pace))
    copy.train(network.training)
    return (CudaGraphModel(copy).train(model.training) if network is not model else copy), pace
