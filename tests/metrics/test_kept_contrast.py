"""What is lost: hand cases, what each place means, and properties that must hold for any images."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lkc.errors import InputError
from lkc.metrics.kept_contrast import (
    clipped,
    detail_under_bright_partner,
    kept_contrast,
    kept_contrast_by_scale,
    lost_detail,
)

SIDE = 64


def waves(period: int, height: float = 40.0, level: float = 100.0) -> Tensor:
    """Vertical stripes (1, 1, 64, 64): a square wave around a level."""
    column = (torch.arange(SIDE) // (period // 2)) % 2
    return (level + height * (column - 0.5)).expand(1, 1, SIDE, SIDE).clone()


def flat(level: float) -> Tensor:
    return torch.full((1, 1, SIDE, SIDE), level)


def test_a_copy_keeps_its_source_and_nothing_of_a_source_that_differs():
    a, b = waves(4), waves(4).transpose(2, 3)
    kept = kept_contrast_by_scale(a, a, b)[0]
    assert kept[0, 0] == 1
    assert kept[1, 0] == pytest.approx(0, abs=0.15)  # windows hold five pixels of a period of four
    assert kept_contrast(a, a, b) < kept_contrast((a + b) / 2, a, b)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_the_share_is_the_factor_on_the_contrast(share):
    a = waves(2)
    fused = 100 + share * (a - 100)
    assert kept_contrast_by_scale(fused, a, flat(50))[0, 0, 0] == pytest.approx(share, abs=1e-4)


def test_contrast_beyond_the_source_counts_as_all_and_turned_contrast_as_none():
    a = waves(2)
    assert kept_contrast_by_scale(a + a - 100, a, flat(50))[0, 0, 0] == 1
    assert kept_contrast_by_scale(200 - a, a, flat(50))[0, 0, 0] == 0


def test_brightness_alone_changes_nothing():
    a = waves(4)
    moved = kept_contrast_by_scale(a + 90, a, flat(0))
    assert torch.equal(moved.nan_to_num(-1), kept_contrast_by_scale(a, a, flat(0)).nan_to_num(-1))


@pytest.mark.parametrize(("period", "scale"), [(2, 0), (4, 1), (8, 2), (16, 3)])
def test_each_scale_sees_its_own_structure(period, scale):
    a = waves(period)
    kept = kept_contrast_by_scale(flat(100), a, flat(0))[0, 0]
    assert kept[scale] == 0  # the source has contrast at this scale, and nothing of it is kept
    if period == 2:
        assert kept[1:].isnan().all()  # means of two pixels leave nothing to coarser scales


def test_places_are_those_of_the_partner():
    a = waves(2, level=60)
    lost = flat(0)
    for place, partner, there in [
        ("brighter", flat(100), True),
        ("brighter", flat(70), False),
        ("flat", flat(10), True),
        ("flat", waves(2), False),
        ("saturated", flat(255), True),
        ("saturated", flat(240), False),
    ]:
        value = kept_contrast_by_scale(lost, a, partner, place)[0, 0, 0]
        assert value.isnan() != there, place


def test_half_of_the_image_is_looked_at():
    """Contrast is kept on the left alone; the partner is bright on the right alone."""
    a = waves(2)
    partner, fused = flat(0), a.clone()
    partner[..., SIDE // 2 :] = 255
    fused[..., SIDE // 2 :] = 255
    assert kept_contrast_by_scale(fused, a, partner)[0, 0, 0] == pytest.approx(0.5, abs=0.06)
    assert kept_contrast_by_scale(fused, a, partner, "brighter")[0, 0, 0] < 0.06


def test_lost_detail_by_hand():
    a, white = waves(2, height=40), flat(255)
    assert lost_detail(white, a, white) == 1
    for height, lost in ((17, 0), (15, 1)):  # 40 % of 40 are 16 levels
        assert lost_detail(waves(2, height=height), a, white) == lost
    assert lost_detail(white, waves(2, height=14), white).isnan()  # too little to count as detail
    assert lost_detail(white, a, flat(199)).isnan()  # the partner hides nothing
    bright = waves(2, height=40, level=235)  # 215 and 255: half of its pixels lie below the partner
    at_risk, lost = detail_under_bright_partner(flat(230), bright, flat(230))
    assert at_risk.float().mean() == 0.5
    assert torch.equal(at_risk, lost)


def test_clipped_by_hand():
    x = torch.tensor([0.0, 252.0, 253.0, 255.0]).view(1, 1, 2, 2)
    assert clipped(x) == 0.5


@given(st.integers(0, 1000), st.sampled_from(["everywhere", "brighter", "flat", "saturated"]))
def test_any_images_give_shares_that_follow_the_sources(seed, place):
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(3, 2, 1, 48, 36, generator=generator) ** 0.3 * 255
    fused, a, b = images
    kept = kept_contrast_by_scale(fused, a, b, place)
    known = kept[~kept.isnan()]
    assert ((known >= 0) & (known <= 1 + 1e-6)).all()
    turned = kept_contrast_by_scale(fused, b, a, place)
    assert torch.allclose(kept, turned.flip(1), equal_nan=True)
    mirrored = kept_contrast_by_scale(fused.flip(2), a.flip(2), b.flip(2), place)
    assert torch.allclose(kept, mirrored, equal_nan=True, atol=1e-4)
    one = kept_contrast_by_scale(fused[:1], a[:1], b[:1], place)
    assert torch.allclose(kept[:1], one, equal_nan=True, atol=1e-5)
    at_risk, lost = detail_under_bright_partner(fused, a, b)
    assert not (lost & ~at_risk).any()


def test_wrong_input_is_refused():
    x = waves(4)
    with pytest.raises(InputError, match="unknown place 'dark'"):
        kept_contrast_by_scale(x, x, x, "dark")
    with pytest.raises(InputError, match="at least 32x32"):
        kept_contrast(*(x[..., :31, :31],) * 3)
    with pytest.raises(InputError, match="same size"):
        lost_detail(x, x, x[..., 1:])
    with pytest.raises(InputError, match="seems to be in 0 to 1"):
        clipped(x / 255)
