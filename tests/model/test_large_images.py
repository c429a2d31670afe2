"""Bands give what the whole image gives, to 1e-4 and better, for every norm and size."""

from copy import deepcopy

import numpy as np
import pytest
import torch

import lkc
from lkc.errors import InputError
from lkc.fusion import images as fusion
from lkc.model import large_images
from lkc.model.large_images import Statistics, can_stream, fuse_in_bands, norm_as_affine
from lkc.model.network import create_model
from lkc.model.norm import NORM_PLANS


@pytest.fixture
def thin_bands(monkeypatch):
    """Eight rows at most: many bands even on a small image."""
    monkeypatch.setattr(large_images, "BAND_VALUES", 1)


def lively(norm="hybrid", **options):
    """A network whose norms and head do something that a mistake would change."""
    torch.manual_seed(0)
    model = create_model("lite", norm=norm, **options)
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float("weight" in name), std=0.5)
    torch.nn.init.normal_(model.model.head.weight, std=0.2)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return model.eval().requires_grad_(False)


def scene(height, width, batch=1):
    """Different brightness from top to bottom: statistics of a band are not those of the image."""
    ramp = torch.linspace(0.1, 1, height)[:, None]
    return torch.rand(batch, 2, height, width) * ramp


@pytest.mark.parametrize("norm", NORM_PLANS)
def test_norms(thin_bands, norm):
    model, sources = lively(norm), scene(128, 72)
    assert (fuse_in_bands(model, sources) - model(sources)).abs().max() < 1e-4


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (130, 40), (40, 131), (200, 16)])
def test_sizes(thin_bands, size):
    model, sources = lively(), scene(*size)
    assert (fuse_in_bands(model, sources) - model(sources)).abs().max() < 1e-4


@pytest.mark.parametrize(
    "options", [{"fusion": False}, {"shortcut": False}, {"kernel_sizes": (31, 5, 3)}]
)
def test_variants(thin_bands, options):
    model, sources = lively(**options), scene(96, 64, batch=2)
    assert (fuse_in_bands(model, sources) - model(sources)).abs().max() < 1e-4


def test_cutting_the_image_itself_shows_seams(thin_bands):
    model, sources = lively(), scene(128, 72)
    halves = torch.cat([model(half) for half in sources.split(64, dim=2)], dim=2)
    assert (halves - model(sources)).abs().max() > 0.01


@pytest.mark.parametrize("task", ["ir-vis", "mri-pet"])
def test_shipped_weights(monkeypatch, task):
    monkeypatch.setattr(large_images, "BAND_VALUES", 2**17)
    model = lkc.load_model("lite", task, device="cpu")
    sources = scene(136, 104)
    exact = deepcopy(model).double()(sources.double())  # in single precision, the whole image errs
    assert (fuse_in_bands(model, sources) - exact).abs().max() < 1e-4


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_statistics_far_from_zero(offset):
    x = torch.randn(2, 16, 64, 20) + offset
    x[:, :, :32] *= 3
    norm = torch.nn.GroupNorm(4, 16)
    statistics = Statistics()
    for band in x.split(10, dim=2):
        statistics.add(band)
    scale, shift = norm_as_affine(norm, statistics)
    assert torch.allclose(x * scale + shift, norm(x), atol=1e-4)


def test_what_can_stream():
    assert can_stream(create_model("lite"))
    assert not can_stream(torch.nn.Identity())
    assert not can_stream(lkc.load_model("maximum", device="cpu"))


def test_small_image_is_refused():
    with pytest.raises(InputError, match="at least 16x16"):
        fuse_in_bands(lively(), scene(15, 20))


def test_fuse_takes_bands_above_a_size(monkeypatch):
    seen = []

    def spy(model, sources):
        seen.append(sources.shape)
        return fuse_in_bands(model, sources)

    monkeypatch.setattr(fusion, "fuse_in_bands", spy)
    monkeypatch.setattr(fusion, "LARGE_ON_CPU", 64 * 64)
    images = np.random.default_rng(0).integers(0, 256, (2, 72, 64), dtype=np.uint8)
    in_bands = lkc.fuse(*images)
    assert seen == [(1, 2, 72, 64)]
    lkc.fuse(*images[:, :64])
    lkc.fuse(*images, model=lkc.load_model("maximum"))
    assert len(seen) == 1
    monkeypatch.setattr(fusion, "LARGE_ON_CPU", 10**9)
    assert np.abs(lkc.fuse(*images).astype(int) - in_bands).max() <= 1


class Full(torch.nn.Module):
    """A model that runs out of memory once."""

    def __init__(self, error):
        super().__init__()
        self.errors = [error]

    def __deepcopy__(self, memo):
        return self

    def forward(self, sources):
        if self.errors:
            raise self.errors.pop()
        return sources.amax(dim=1, keepdim=True)


def test_full_gpu_falls_back_with_a_message():
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 40), dtype=np.uint8)
    with pytest.warns(UserWarning, match=r"40x32 does not fit into the GPU's memory"):
        fused = lkc.fuse(*images, model=Full(torch.OutOfMemoryError("CUDA out of memory")))
    assert (fused == images.max(axis=0)).all()


def test_full_memory_is_one_sentence():
    images = np.zeros((2, 32, 40), dtype=np.uint8)
    full = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    with pytest.raises(InputError, match="does not fit into memory"):
        lkc.fuse(*images, model=Full(full))
    with pytest.raises(RuntimeError, match="something else"):
        lkc.fuse(*images, model=Full(RuntimeError("something else")))
