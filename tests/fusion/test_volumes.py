"""Norms of a volume: statistics of all slices, gathered first."""

import numpy as np
import pytest
import torch

import lkc
from lkc.data.synthetic import head_phantom
from lkc.fusion import fuse_volumes
from lkc.fusion.volumes import GATHERED, with_statistics_of
from lkc.io import Volume, parse_window
from lkc.io.pixels import to_16_bits
from lkc.model.steady_norm import SteadyGroupNorm

FULL = parse_window("full")


def volume(slices, name):
    values = np.stack([image.astype(np.float32) / 255 for image in slices], axis=2)
    return Volume(values, np.eye(4), (0, 1), name)


def head(count=3, size=64):
    """A still head in which a lesion appears in the last slice, and an empty slice above."""
    scenes = [head_phantom(1, size, lesion=number == count - 1) for number in range(count)]
    empty = np.zeros((size, size), np.uint8)
    mri, ct = [[getattr(s, kind) for s in scenes] + [empty] for kind in ("mri", "ct")]
    return mri, ct


def fused(mri, ct, **options):
    return fuse_volumes(volume(mri, "mri"), volume(ct, "ct"), (FULL, FULL), **options).values


def test_without_steadiness_slices_are_images():
    mri, ct = head()
    values = fused(mri, ct, steady=False)
    for number, pair in enumerate(zip(mri, ct, strict=True)):
        deep = [to_16_bits(image.astype(np.float32) / 255) for image in pair]
        assert np.array_equal(values[..., number], lkc.fuse(*deep, task="mri-ct"))


def test_what_is_alike_in_two_slices_stays_alike():
    mri, ct = head()
    same = (mri[1] == mri[2]) & (ct[1] == ct[2])
    rows = same.all(axis=1)  # from the top of the head down to the lesion's row
    far = np.flatnonzero(rows)[np.abs(np.flatnonzero(rows) - np.flatnonzero(~rows).mean()) > 25]
    jumps = []
    for steady in (False, True):
        values = fused(mri, ct, steady=steady).astype(int)
        assert (values[..., 0] == values[..., 1]).all()
        jumps.append(np.abs(values[..., 2] - values[..., 1])[far].mean())
    assert jumps[1] < 0.5 * jumps[0]


def test_statistics_are_the_mean_of_all_slices_that_show_something():
    """The first norm sees what the stem's convolution makes of each slice, whatever the rest."""
    mri, ct = head(2)
    pairs = [(a / np.float32(255), b / np.float32(255)) for a, b in zip(mri, ct, strict=True)]
    model = lkc.load_model("lite", "mri-ct", device="cpu")
    steady = with_statistics_of(pairs, model, "mri-ct")
    norm = steady.model.stem.norm
    assert isinstance(norm, SteadyGroupNorm)
    maps = []
    with torch.inference_mode():
        for a, b in pairs[:2]:  # the third is empty
            deep = [to_16_bits(image).astype(np.float32) / 65535 for image in (a, b)]
            sources = torch.from_numpy(np.stack(deep))[None]
            maps.append(model.model.stem.conv(torch.nn.functional.pixel_unshuffle(sources, 2)))
    both = torch.cat(maps).transpose(0, 1).flatten(1)
    mean, variance = norm.memory.values[0]
    torch.testing.assert_close(mean, both.mean(1), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(variance, both.var(1, correction=0), rtol=1e-3, atol=1e-6)


def test_of_many_slices_some_are_looked_at(monkeypatch):
    calls = []
    monkeypatch.setattr("lkc.fusion.volumes.fuse", lambda a, *rest: calls.append(a))
    slices = [(np.full((16, 16), k, np.float32) / 200, np.zeros((16, 16))) for k in range(101)]
    with_statistics_of(slices, lkc.load_model("lite", "mri-ct", device="cpu"), "mri-ct")
    assert GATHERED // 2 < len(calls) <= GATHERED
    assert calls[-1].max() > 0.9 * 100 / 200 * 65535


@pytest.mark.parametrize("empty", [True, False])
def test_rules_and_empty_volumes_are_fused_as_before(empty):
    mri, ct = head(1)
    if empty:
        mri = ct = [np.zeros_like(mri[0])] * 2
        assert not fused(mri, ct).any()
    else:
        rule = lkc.load_model("maximum")
        assert with_statistics_of([(mri[0] / 255, ct[0] / 255)], rule, "mri-ct") is rule
