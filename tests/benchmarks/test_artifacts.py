"""The benchmark of artifacts: light out of nothing, and patterns that no source has."""

import pytest
import torch
from torch import nn

from benchmarks.artifacts import measure_artifacts, pattern_share
from benchmarks.run import case
from lkc.model.loading import load_model


def striped(axis: int, strength: float) -> torch.Tensor:
    waves = torch.arange(24.0).remainder(2) * strength
    return waves.view((1, 1, 24, 1) if axis == 0 else (1, 1, 1, 24)).expand(1, 1, 24, 24)


@pytest.mark.parametrize("axis", [0, 1])
def test_two_pixel_patterns_are_seen_unless_a_source_has_them(axis):
    pattern, flat = striped(axis, 10), torch.full((1, 1, 24, 24), 100.0)
    assert pattern_share(flat + pattern, torch.cat([flat, flat], dim=1)) == 1
    assert pattern_share(flat + pattern, torch.cat([flat, flat + pattern], dim=1)) == 0
    assert pattern_share(flat + pattern * 0.3, torch.cat([flat, flat], dim=1)) == 0  # too weak


def test_an_edge_is_no_pattern():
    edge = (torch.arange(24.0) > 11).mul(200.0).expand(1, 1, 24, 24)
    assert pattern_share(edge, torch.cat([edge, edge * 0], dim=1)) == 0


def test_light_where_both_are_black_is_counted():
    pair = torch.zeros(2, 24, 24, dtype=torch.uint8)
    pair[0, :, 12:] = 90
    brighter = load_model("maximum", "mri-ct")
    assert measure_artifacts(pair, brighter) == {"black": 12 * 24, "leaking": 0, "pattern": 0}
    gray = nn.Conv2d(2, 1, 1)  # 0.1 everywhere
    nn.init.zeros_(gray.weight), nn.init.constant_(gray.bias, 0.1)
    assert measure_artifacts(pair, gray)["leaking"] == 12 * 24


def test_slices_of_a_head_and_frames_of_a_stretch_belong_together():
    assert {case(stem) for stem in ("16005", "16018")} == {"16"}
    assert case("2004") == "2"
    assert case("00770N") == case("00850N") != case("01016N")
