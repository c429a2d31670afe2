"""The summary of how far lesions stand out, by hand."""

import pandas as pd
import pytest

from benchmarks.lesions import RESULTS, lesion_table, measure_lesions, summarise_lesions


def rows_of(ratios: dict[str, tuple[float, float]]) -> pd.DataFrame:
    return pd.DataFrame(
        {"task": "mri-ct", "head": head, "image": image, "contrast": 2 * ratio, "noise": 2.0}
        for image, pair in ratios.items()
        for head, ratio in enumerate(pair)
    )


def test_an_image_is_compared_with_the_better_source_of_each_head():
    table = summarise_lesions(rows_of({"MRI": (1, 8), "CT": (4, 2), "lite": (4, 7)}), "mri-ct")
    assert list(table.index) == ["MRI", "CT", "lite"]
    assert table["both"].tolist() == [0.5, 0.5, 0.5]
    assert table.loc["lite", ["contrast", "noise", "mean"]].tolist() == [11, 2, 5.5]
    assert table.loc["MRI", "faintest"] == pytest.approx(2 + 0.1 * 14)


def test_heads_are_measured_in_both_sources_and_every_fused_image(monkeypatch):
    monkeypatch.setattr("benchmarks.lesions.HEADS", 1)
    monkeypatch.setattr("benchmarks.lesions.SIDE", 64)
    monkeypatch.setattr("benchmarks.lesions.METHODS", ("maximum",))
    monkeypatch.setattr("lkc.downstream.labelled.os.cpu_count", lambda: 1)
    first, second, fused = measure_lesions("mri-ct")
    assert [row["image"] for row in (first, second, fused)] == ["MRI", "CT", "maximum"]
    assert all(row["contrast"] >= 0 and row["noise"] >= 1 for row in (first, second, fused))


def test_stored_rows_make_a_table():
    table = lesion_table(pd.read_csv(RESULTS), "mri-spect")
    assert {"MRI", "SPECT", "lite", "guided"} <= {
        line.split(" | ")[0][2:] for line in table.splitlines()
    }
