"""Tensors in, tensors out: the pixels of `lkc.fuse`, on any layout, with gradients if asked."""

import warnings

import numpy as np
import pytest
import torch

import lkc
from lkc.errors import InputError
from lkc.io.image_files import read_image

LITE = lkc.load_model("lite", "ir-vis", device="cpu")


def night():
    return [
        read_image(f"assets/examples/ir-vis/{kind}/night.png")[:96, :128] for kind in ("ir", "vis")
    ]


def as_tensor(image):
    return torch.from_numpy(image if image.ndim == 2 else image.transpose(2, 0, 1).copy())


@pytest.mark.parametrize("detail", [0.0, 1.0, 2.0])
def test_bytes_give_the_pixels_of_arrays(detail):
    a, b = night()
    expected = lkc.fuse(a, b, model=LITE, detail=detail)
    fused = lkc.fuse(as_tensor(a)[None], as_tensor(b), model=LITE, detail=detail)
    assert fused.dtype == torch.uint8
    assert np.abs(fused.numpy().transpose(1, 2, 0).astype(int) - expected).max() <= 1


def test_a_batch_is_fused_pair_by_pair():
    a, b = night()
    firsts = torch.stack([as_tensor(a)[None], as_tensor(a[::-1].copy())[None]]).float() / 255
    seconds = torch.stack([as_tensor(b), as_tensor(b[::-1].copy())]).float() / 255
    fused = lkc.fuse(firsts, seconds, model=LITE)
    assert fused.shape == (2, 3, 96, 128)
    for one, first, second in zip(fused, firsts, seconds, strict=True):
        assert torch.allclose(one, lkc.fuse(first, second, model=LITE), atol=1e-4)


def test_gray_stays_gray_in_the_layout_of_the_second_source():
    plain = torch.rand(40, 48)
    assert lkc.fuse(plain, plain, model=LITE).shape == (40, 48)
    assert lkc.fuse(plain, plain[None], model=LITE).shape == (1, 40, 48)
    colour = torch.rand(3, 40, 48)
    assert lkc.fuse(plain, colour, model=LITE, colour="gray").shape == (1, 40, 48)
    assert lkc.fuse(plain, colour, "mri-ct", LITE).shape == (1, 40, 48)


def test_gradients_reach_the_sources():
    a, b = torch.rand(1, 1, 32, 32, requires_grad=True), torch.rand(1, 3, 32, 32)
    lkc.fuse(a, b, model=LITE).sum().backward()
    assert a.grad.abs().sum() > 0
    assert not lkc.fuse(a.detach(), b, model=LITE).requires_grad


def test_a_result_without_gradients_can_be_learned_from():
    image, scale = torch.rand(1, 32, 32), torch.ones((), requires_grad=True)
    (lkc.fuse(image, image, model=LITE) * scale).sum().backward()
    assert scale.grad > 0


def test_the_model_stays_in_its_mode_and_the_sources_stay_as_they_are():
    a, b = torch.rand(32, 32), torch.rand(3, 32, 32)
    before = a.clone(), b.clone()
    net = lkc.create_model("lite", norm="batch").train()
    lkc.fuse(a, b, model=net)
    assert net.training
    assert torch.equal(a, before[0])
    assert torch.equal(b, before[1])


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        (torch.rand(32, 32), torch.rand(32, 40), "infrared is 32x32 but visible is 32x40"),
        (torch.rand(2, 1, 32, 32), torch.rand(3, 1, 32, 32), "2x1x32x32 but visible is 3x1x32x32"),
        (torch.rand(32, 32), torch.rand(32, 32, 3), "visible is a tensor of 32x32x3"),
        (torch.rand(8, 32), torch.rand(8, 32), "at least 16x16"),
        (torch.rand(32, 32) * 255, torch.rand(32, 32), "scale it to 0..1"),
        (torch.full((32, 32), torch.nan), torch.rand(32, 32), "scale it to 0..1"),
        (torch.ones(32, 32, dtype=torch.int64), torch.rand(32, 32), "expected uint8, or floats"),
        (torch.rand(32, 32), np.zeros((32, 32)), "infrared is a tensor but its partner is not"),
    ],
)
def test_what_does_not_fit_is_one_sentence(a, b, sentence):
    with pytest.raises(InputError, match=sentence):
        lkc.fuse(a, b, model=LITE)


def test_heat_is_not_for_tensors():
    with pytest.raises(InputError, match="heat is painted on arrays"):
        lkc.fuse(torch.rand(32, 32), torch.rand(32, 32), colour="heat")


def nearly_flat(level, seed, batch=2):
    """Batches whose pixels differ by less than a gray level, but for the first pair's."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(batch, 1, 48, 64, generator=generator) / 255
    return torch.cat([torch.rand(1, 1, 48, 64, generator=generator), level + noise])


@pytest.mark.parametrize("fuse", [lkc.fuse, lkc.Fusion("ir-vis", LITE)])
@pytest.mark.parametrize("gradients", [False, True])
def test_of_nearly_flat_pairs_the_brighter_is_kept(fuse, gradients):
    first, second = (nearly_flat(*x).requires_grad_(gradients) for x in ((0.3, 1), (0.5, 2)))
    with pytest.warns(UserWarning, match="both sources are nearly flat"):
        fused = fuse(first, second)
    assert torch.equal(fused[1:], torch.maximum(first, second)[1:])
    assert (fused[0] - torch.maximum(first, second)[0]).abs().max() > 0.02  # This one is fused.
    if gradients:
        fused[1:].sum().backward()
        assert second.grad[1:].eq(1).all()


def test_a_flat_source_beside_another_is_fused():
    first, second = nearly_flat(0.3, 1)[1:], torch.rand(2, 1, 48, 64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not torch.equal(lkc.fuse(first, second), torch.maximum(first, second))


def test_rules_see_flat_pairs_as_others():
    first, second = nearly_flat(0.3, 1)[1:], nearly_flat(0.5, 2)[1:]
    fused = lkc.fuse(first, second, model=lkc.load_model("average"))
    assert torch.allclose(fused, (first + second) / 2, atol=1e-6)
