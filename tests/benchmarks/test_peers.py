"""The page that ranks our networks beside published methods."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks import detail_front, kept_detail, peer_costs, peers, published
from lkc.fusion.images import fuse_luma
from lkc.io.image_files import write_image
from lkc.metrics import METRICS
from lkc.model.loading import load_model

ROW = dict.fromkeys(peers.METRICS, 0.0)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Three pairs; of two published methods one has all, the other one of them."""
    rng = np.random.default_rng(0)
    for stem in "abc":
        for kind in ("CT", "MRI"):
            folder = tmp_path / "data" / "test" / kind
            folder.mkdir(parents=True, exist_ok=True)
            write_image(folder / f"{stem}.png", rng.integers(0, 255, (48, 48), np.uint8))
    values = {"worst": dict.fromkeys("abc", ROW), "rare": {"b": ROW, "elsewhere": ROW}}
    (tmp_path / "values.json").write_text(json.dumps(values))
    heads = {"Heads": ("mri-ct", ("test",), "values.json")}
    for module in (peers, published):
        monkeypatch.setattr(module, "SETS", heads)
    return tmp_path / "data", tmp_path


def test_methods_with_few_pairs_stand_apart(folders):
    values, few = peers.score_set("Heads", *folders)
    assert values.groupby(level="method").size().to_dict() == {"lite": 3, "nano": 3, "worst": 3}
    assert few.index.tolist() == [("rare", "b")]


def test_the_table_ranks_all_and_counts_wins(folders):
    values, few = peers.score_set("Heads", *folders)
    table = peers.rank_table(values, ["lite", "nano"]).set_index("method")
    assert table.index[-1] == "worst"
    means = values.groupby(level="method").mean()
    assert table.loc["worst", "lite wins"] == str((means.loc["lite"] > 0).sum())
    assert pd.isna(table.loc["lite", "lite wins"]) or table.loc["lite", "lite wins"] == ""
    sentence = peers.sentence_on_few(values, few, ["lite", "nano"])
    assert "Against rare, on its 1 pairs: `lite` " in sentence


def test_detail_scales_what_the_network_changes():
    sources = torch.rand(1, 2, 32, 32)
    network = load_model("average")
    for detail in (0.0, 1.0, 2.0):
        fused = detail_front.AtDetail(network, detail)(sources)
        assert torch.allclose(fused, fuse_luma(sources, network, detail), atol=1e-6)


def test_the_front_prefers_the_default_among_equals():
    rows = [{key: float(place) for key in METRICS} for place in range(1, 6)]
    names = [f"{detail}" for detail in detail_front.DETAILS]
    table = pd.DataFrame([*rows, ROW], index=[*names, "rival"])
    values = table.set_index(
        pd.MultiIndex.from_product([table.index, ["a"]], names=["method", "file"])
    )
    (found,) = detail_front.find_best(values)
    assert found["best detail"] == "1.0"
    assert found["wins"] == found["wins at 1"] > 5
    front = detail_front.front_table(pd.DataFrame([{"set": "TNO", **found}]))
    assert front.loc[0, "TNO"] == f"{found['wins']} at 1.0 ({found['wins']} at 1)"


def test_what_is_lost_is_counted_in_pixels():
    stripes = torch.arange(48).remainder(2).expand(48, 48) * 60
    pair = torch.stack([stripes, torch.full((48, 48), 250)]).byte()
    counts = kept_detail.measure_pair(pair, load_model("maximum"))
    assert counts["pixels"] == counts["at risk"] == counts["lost"] == 48 * 48
    assert counts["clipped"] == 0
    rows = [{"set": "TNO", "method": name, "pairs": 1, **counts} for name in kept_detail.METHODS]
    table = kept_detail.kept_table(pd.DataFrame(rows)).set_index("method")
    assert table.loc["lite"].tolist() == ["100.0", "0.00"]


def test_costs_stand_in_one_table_by_time(tmp_path):
    case = {"mode": peer_costs.MODE, "height": 480, "width": 640}
    cases = [
        {**case, "preset": "lite", "parameters": 288144, "gflops": 11.48, "median_ms": 150.0},
        {**case, "preset": "nano", "parameters": 15253, "gflops": 0.696, "median_ms": 30.0},
        {**case, "preset": "lite", "parameters": 1, "gflops": 1, "median_ms": 1, "height": 256},
        {**case, "preset": "maximum", "parameters": 0, "gflops": None, "median_ms": 0.3},
    ]
    (tmp_path / "costs.json").write_text(json.dumps({"cases": cases}))
    header = "method,parameters,gflops,times_lite\n"
    (tmp_path / "peer-costs.csv").write_text(f"{header}other,113,0.07,0.06\nslow,1000,483,144\n")
    table = peer_costs.cost_table(("lite", "nano"), tmp_path)
    assert table.to_numpy().tolist() == [
        ["other", "113", "0.07", "0.06", ""],
        ["nano", "15,253", "0.696", "0.2", "30"],
        ["lite", "288,144", "11.5", "1", "150"],
        ["slow", "1,000", "483", "144", ""],
    ]
