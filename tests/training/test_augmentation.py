"""Other cameras: what changes, what does not, and that a seed decides all of it."""

from dataclasses import fields, replace

import pytest
import torch

from lkc.training.augmentation import Cameras, vary_cameras

NAMES = [field.name for field in fields(Cameras) if field.name not in ("noise", "noisy")]


@pytest.fixture
def crops() -> torch.Tensor:
    return 0.1 + 0.7 * torch.rand(16, 2, 24, 24)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_no_strength_changes_nothing(crops):
    seen, clean = vary_cameras(crops, Cameras(), generator())
    assert torch.equal(clean, crops)
    assert torch.equal(seen, crops)


@pytest.mark.parametrize("name", NAMES)
def test_each_change_is_seen_and_judged_alike(crops, name):
    before = crops.clone()
    seen, clean = vary_cameras(crops, replace(Cameras(), **{name: 0.5}), generator())
    assert torch.equal(crops, before)  # the caller's crops stay as they are
    assert torch.equal(seen, clean)
    assert not torch.equal(clean, crops)
    assert ((clean >= 0) & (clean <= 1)).all()


def test_polarity_turns_the_first_source_alone(crops):
    _, clean = vary_cameras(crops, Cameras(turned=1), generator())
    assert torch.allclose(clean[:, 0], 1 - crops[:, 0])
    assert torch.equal(clean[:, 1], crops[:, 1])


def test_sources_change_apart(crops):
    _, clean = vary_cameras(crops, Cameras(gain=0.2), generator())
    factors = (clean / crops).clamp_max(1.2).mean(dim=(2, 3))  # (16, 2)
    assert factors.flatten().unique().numel() > 24


def test_noise_is_seen_and_not_judged(crops):
    seen, clean = vary_cameras(crops, Cameras(noise=0.05, noisy=0.5), generator())
    assert torch.equal(clean, crops)
    grain = (seen - clean).std(dim=(2, 3)).flatten()
    assert 4 < (grain == 0).sum() < 28  # half of the 32 sources
    assert 0.02 < grain.max() < 0.06


def test_a_seed_decides(crops):
    cameras = Cameras(0.3, 0.1, 0.3, 0.3, 0.3, 0.03, 0.5)
    one, again, other = (vary_cameras(crops, cameras, generator(s))[0] for s in (3, 3, 4))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
