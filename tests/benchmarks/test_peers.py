"""The page that ranks our networks beside published methods."""

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import peers
from lkc.io.image_files import write_image

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
    monkeypatch.setattr(peers, "SETS", {"Heads": ("mri-ct", ("test",), "values.json")})
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
