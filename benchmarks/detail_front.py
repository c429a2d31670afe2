"""Find at which `detail` the network `lite` beats each published method for roads in most metrics.

    python -m benchmarks.detail_front --data DATA --anchors ANCHORS     (ten minutes on two cores)

Writes results/detail-front.csv, which `benchmarks.peers` puts on its page.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from torch import Tensor, nn

from benchmarks.published import ROADS, find_sources, read_published
from lkc.console import run_command
from lkc.evaluation import compare, count_wins, mean_values
from lkc.evaluation.scoring import Method
from lkc.fusion.images import scale_change
from lkc.metrics import METRICS
from lkc.model.loading import load_model

HERE = Path(__file__).parent
DETAILS = (0.0, 0.5, 1.0, 1.5, 2.0)


class AtDetail(nn.Module):
    """A network at one setting of `detail`.

    Args:
        network: (B, 2, H, W) -> (B, 1, H, W).
        detail: 0 to 2, as in `lkc.fuse`.
    """

    def __init__(self, network: nn.Module, detail: float) -> None:
        super().__init__()
        self.network, self.detail = network, detail

    def forward(self, sources: Tensor) -> Tensor:
        return scale_change(self.network(sources), sources, self.detail)


def score_set(title: str, data: Path, anchors: Path) -> pd.DataFrame:
    """Score every setting on the pairs that nearly all published methods have."""
    network = load_model("lite", "ir-vis", device="cpu")
    methods: dict[str, Method] = {f"{d}": AtDetail(network, d).eval() for d in DETAILS}
    methods |= read_published(title, data, anchors)[0]
    return pd.concat(compare(*pair, methods, "ir-vis") for pair in find_sources(title, data))


def find_best(values: pd.DataFrame) -> Iterator[dict]:
    """For each published method, the setting that wins most metrics; of equals that nearest 1."""
    means = mean_values(values)
    settings = sorted((f"{detail}" for detail in DETAILS), key=lambda text: abs(float(text) - 1))
    for name in means.index.drop(settings):
        wins = {setting: count_wins(means, setting, name) for setting in settings}
        best = max(settings, key=wins.__getitem__)
        yield {"method": name, "best detail": best, "wins": wins[best], "wins at 1": wins["1.0"]}


def front_table(rows: pd.DataFrame) -> pd.DataFrame:
    """A line per method and a column per set: the best setting, and the metrics that it wins."""
    text = rows["wins"].astype(str) + " at " + rows["best detail"].astype(str)
    cells = rows.assign(cell=text + " (" + rows["wins at 1"].astype(str) + " at 1)")
    order = list(dict.fromkeys(rows["set"]))
    table = cells.pivot(index="method", columns="set", values="cell")[order].fillna("")
    return table.rename_axis(columns=None).reset_index()


def main() -> None:
    """Score every set and write the table."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="holds MSRS/, TNO/ and M3FD/")
    parser.add_argument("--anchors", type=Path, required=True, help="holds the published values")
    given = parser.parse_args()
    rows = []
    for title in ROADS:
        values = score_set(title, given.data, given.anchors)
        rows += [{"set": title, **row} for row in find_best(values)]
        means = mean_values(values).loc[[f"{d}" for d in DETAILS], list(METRICS)]
        print(title, means.round(3).to_string(), flush=True)
    pd.DataFrame(rows).to_csv(
        HERE / "results" / "detail-front.csv", index=False, lineterminator="\n"
    )


if __name__ == "__main__":
    run_command(main)
