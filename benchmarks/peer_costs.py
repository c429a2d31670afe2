"""What `lite` and `nano` cost beside published methods, for the page of `benchmarks.peers`.

Ours are in results/costs.json (`lkc bench --full`). Those of others, in results/peer-costs.csv,
came with their values: their code is not part of this project.
"""

import json
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).parent / "results"
SIZE, MODE = (480, 640), "CPU, threads: 2"


def own_costs(results: dict, presets: tuple[str, ...]) -> pd.DataFrame:
    """Parameters, GFLOP and time of our networks, as `lkc bench` wrote them."""
    rows = [
        {"method": case["preset"], **case}
        for case in results["cases"]
        if case["preset"] in presets and case["mode"] == MODE
        if (case["height"], case["width"]) == SIZE
    ]
    costs = pd.DataFrame(rows)[["method", "parameters", "gflops", "median_ms"]]
    lite = costs.set_index("method").loc["lite", "median_ms"]
    return costs.assign(times_lite=costs["median_ms"] / lite)


def cost_table(presets: tuple[str, ...], results: Path = RESULTS) -> pd.DataFrame:
    """Put ours and others' into one table, the fastest first.

    Args:
        presets: names of our networks.
        results: folder of costs.json and peer-costs.csv.

    Returns:
        Text by column: method, parameters, GFLOP, time as a multiple of that of `lite`, and ms,
        which is known of ours only.
    """
    ours = own_costs(json.loads((results / "costs.json").read_text(encoding="utf-8")), presets)
    costs = pd.concat([ours, pd.read_csv(results / "peer-costs.csv")]).sort_values("times_lite")
    milliseconds = [f"{ms:.3g}" if ms == ms else "" for ms in costs["median_ms"]]
    return pd.DataFrame(
        {
            "method": costs["method"],
            "parameters": [f"{count:,}" for count in costs["parameters"]],
            "GFLOP": [f"{gflops:.3g}" for gflops in costs["gflops"]],
            "time / lite": [f"{times:.3g}" for times in costs["times_lite"].round(2)],
            "ms": milliseconds,
        }
    )
