"""What flickers in a fused film, with statistics that move slowly and with those of each frame.

Run: python -m benchmarks.flicker --clips DATA/M3SVD        (some minutes on two cores)

Street: a hot disc crosses a still street by night within two and within eight seconds. The shift is
that of benchmarks/video.py, without any codec, and for the norms of the study as well. It is
measured where the kernels hardly see the disc. Clips: real films of infrared and visible light at
half size. Each gives a run of frames from its middle for benchmarks/film_measures.py,
and frames from all over it for the eleven metrics. Writes results/flicker-street.csv and
results/flicker-clips.csv.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

import lkc
from benchmarks.film_measures import (
    Film,
    find_flows,
    motion_roughness,
    self_warping_error,
    shift_of_still_pixels,
)
from benchmarks.video import far_from_disc, street_by_night, with_disc
from lkc.fusion.steady import FrameFuser
from lkc.io.clip import read_clip, read_frames
from lkc.metrics import METRICS, evaluate
from lkc.model.loading import STUDY_WEIGHTS, load_model

RESULTS = Path(__file__).parent / "results"
NORMS = ("hybrid", "instance", "group", "batch")
SECONDS = (2, 8)  # The disc takes so long.
STREET_FRAMES = 16
# Statistics of each frame alone, slow ones, and those of the first frame, which show what the
# kernels alone see of the disc.
MEMORIES = ("none", "slow", "held")
RUN = 45  # frames from the middle of a clip
SPREAD = 8  # frames from all over it
SIZE = (320, 240)  # half of what the cameras gave
Pair = tuple[NDArray, NDArray, float]  # infrared, visible, time in seconds


def smaller(image: NDArray) -> NDArray:
    """An image at half size."""
    return np.asarray(cv2.resize(image, SIZE, interpolation=cv2.INTER_AREA))


def fuse_street(model: nn.Module, seconds: float, memory: str) -> Iterator[NDArray]:
    """Fuse the street while the disc crosses it, with one of MEMORIES."""
    infrared, visible = street_by_night()
    fuse_frame = FrameFuser("ir-vis", model, steady=memory != "none")
    for part in np.arange(STREET_FRAMES) / STREET_FRAMES:
        first = with_disc(infrared, part)
        if memory == "held" and part and fuse_frame.memory:
            fuse_frame.memory.pace.set(0)
            yield lkc.fuse(first, visible, model=fuse_frame.memory.model)
        else:
            yield fuse_frame(first, visible, part * seconds)


def measure_street(model: nn.Module, seconds: float, memory: str) -> dict[str, float]:
    """How far a crossing disc shifts the rest, in levels: on average, and in 99 of 100 pixels."""
    frames = np.stack(list(fuse_street(model, seconds, memory)))
    shift = np.ptp(frames, axis=0)[far_from_disc()]
    return {"mean shift": shift.mean().item(), "99 in 100 below": np.percentile(shift, 99).item()}


def street_rows() -> Iterator[dict[str, object]]:
    """Measure `lite` and the networks of the study."""
    models = {"lite": load_model("lite", "ir-vis", device="cpu")}
    for norm in NORMS:
        weights = STUDY_WEIGHTS / f"ir-vis-{norm}-k15.safetensors"
        models[f"study, {norm}"] = load_model("lite", weights=weights, device="cpu")
    for (name, model), seconds, memory in product(models.items(), SECONDS, MEMORIES):
        if name != "lite" and seconds != SECONDS[0]:
            continue
        found = measure_street(model, seconds, memory)
        rounded = {key: round(value, 3) for key, value in found.items()}
        yield {"network": name, "seconds": seconds, "memory": memory, **rounded}


def read_pairs(folder: Path, name: str, numbers: set[int]) -> list[Pair]:
    """Read frames of a clip, counted from 0, at half size."""
    infrared, visible = (read_clip(folder / kind / name) for kind in ("infrared", "visible"))
    pairs = []
    both = zip(read_frames(infrared), read_frames(visible), strict=False)
    for number, frames in enumerate(both):
        if number in numbers:
            pairs.append((*(smaller(f.pixels) for f in frames), float(frames[0].time)))
        if number == max(numbers):
            break
    return pairs  # type: ignore[return-value]


def fuse_pairs(pairs: list[Pair], model: nn.Module, steady: bool) -> list[NDArray]:
    """Fuse pairs in the order of their time."""
    fuse_frame = FrameFuser("ir-vis", model, steady=steady)
    return [fuse_frame(*pair) for pair in pairs]


def as_film(frames: list[NDArray]) -> Film:
    """Luma of frames: (T, H, W)."""
    return np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames])


def mean_metrics(pairs: list[Pair], fused: list[NDArray]) -> pd.Series:
    """Mean of each of the eleven metrics."""
    values = [evaluate(f, a, b) for f, (a, b, _) in zip(fused, pairs, strict=True)]
    return pd.DataFrame(values)[list(METRICS)].mean()


def measure_clip(folder: Path, name: str, model: nn.Module) -> list[dict[str, object]]:
    """Measure a clip without and with slow statistics."""
    infrared, visible = (read_clip(folder / kind / name) for kind in ("infrared", "visible"))
    length = min(infrared.count or RUN, visible.count or RUN)
    start = max(0, (length - RUN) // 2)
    run = read_pairs(folder, name, set(range(start, start + RUN)))
    spread = read_pairs(folder, name, set(np.linspace(0, length - 1, SPREAD).astype(int).tolist()))
    films = as_film([pair[0] for pair in run]), as_film([pair[1] for pair in run])
    flows = [find_flows(film) for film in films]
    second = round(infrared.rate)
    rows, means = [], []
    for steady in (False, True):
        fused = as_film(fuse_pairs(run, model, steady))
        own = find_flows(fused)
        means.append(mean_metrics(spread, fuse_pairs(spread, model, steady)))
        change = (means[-1] / means[0] - 1) * 100
        gain = change * [1 if METRICS[key].better == "higher" else -1 for key in change.index]
        rows.append(
            {
                "clip": Path(name).stem,
                "steady": steady,
                "shift after a frame": round(shift_of_still_pixels(fused, *films), 3),
                "shift after a second": round(shift_of_still_pixels(fused, *films, second), 3),
                "self-warping error": round(self_warping_error(fused, own, flows), 3),
                "motion roughness": round(motion_roughness(own, flows), 4),
                "worst metric": gain.idxmin() if steady else "",
                "its change, %": round(gain.min(), 2) if steady else "",
            }
        )
    return rows


def main() -> None:
    """Measure and write both tables."""
    parser = ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, help="holds infrared/ and visible/ with MP4 files")
    given = parser.parse_args()
    rows = []
    for row in street_rows():
        print(row, flush=True)
        rows.append(row)
    pd.DataFrame(rows).to_csv(RESULTS / "flicker-street.csv", index=False, lineterminator="\n")
    if given.clips is None:
        return
    rows, model = [], lkc.load_model("lite", "ir-vis", device="cpu")
    for path in sorted((given.clips / "infrared").glob("*.mp4")):
        found = measure_clip(given.clips, path.name, model)
        print(*found, sep="\n", flush=True)
        rows += found
    pd.DataFrame(rows).to_csv(RESULTS / "flicker-clips.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
