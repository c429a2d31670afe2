"""Networks in 16-bit products: close to the exact ones, and only where there is a GPU."""

import torch

from lkc.model.loading import load_model
from lkc.model.precision import PRECISIONS, HalfPrecision, in_precision


def test_half_precision_stays_close_and_returns_the_networks_own_shape():
    network = load_model("lite", "ir-vis", device="cpu")
    sources = torch.rand(1, 2, 48, 64)
    with torch.inference_mode():
        exact, rough = network(sources), HalfPrecision(network, torch.bfloat16)(sources)
    assert rough.shape == exact.shape
    assert 0 < (rough - exact).abs().max() < 0.05


def test_without_a_gpu_every_precision_is_the_same_network():
    network = load_model("lite", "ir-vis", device="cpu")
    assert [in_precision(network, precision) for precision in PRECISIONS] == [network] * 3
