"""The figures of the study, from its tables."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.grid import KERNELS, NORMS
from experiments.tables import TESTED, core, over_seeds
from lkc.viz.style import SIGNED_MAP, line_looks, make_axes

REFERENCE_LINES: dict[str, Any] = {"maximum rule": "--", "best image": ":"}
SOURCES = {
    "ir-vis": ("infrared", "visible"),
    "mri-ct": ("MRI", "CT"),
}
LIMIT = 5  # Colours end at so many deviations over seeds.
DARK = 3.5  # Text on a cell is white from this value on.
COLORS = {norm: look["color"] for norm, look in zip(NORMS, line_looks(NORMS), strict=True)}


def draw_kept(
    ax: Axes, runs: pd.DataFrame, long: pd.DataFrame, references: pd.DataFrame, column: str
) -> None:
    """One dot per run by norm, the long runs as crosses, and lines for the references."""
    for position, norm in enumerate(NORMS):
        kept, after = (table[table["norm"] == norm][column] for table in (runs, long))
        ax.plot([position - 0.15] * len(kept), kept, "o", color=COLORS[norm], alpha=0.5)
        ax.plot([position + 0.2] * len(after), after, "X", color=COLORS[norm], markersize=8)
    for name, line in REFERENCE_LINES.items():
        ax.axhline(references[column][name], color="black", linestyle=line, linewidth=1)
    ax.set_xticks(range(len(NORMS)), NORMS)
    ax.set(xlim=(-0.6, len(NORMS) - 0.4), ylim=(0, 1.35))


def draw_targets(
    tables: dict[str, pd.DataFrame], long: pd.DataFrame, references: dict[str, pd.DataFrame]
) -> Figure:
    """What norms keep of planted targets, against the maximum rule and the best image.

    The long runs on roads were measured on other pairs, so they are left out.
    """
    figure, axes = make_axes(2, 2, height=2.2)
    long = long[(long["steps"] == 6000) & (long["kernels"] == "k15")]
    for row, (task, table) in zip(axes, tables.items(), strict=True):
        same_pairs = long[long["task"] == task] if task == "mri-ct" else long[:0]
        columns = ("kept_first", "kept_second")
        for ax, column, source in zip(row, columns, SOURCES[task], strict=True):
            draw_kept(ax, core(table), same_pairs, references[task], column)
            ax.set_title(f"{task}: targets in {source}")
        row[0].set_ylabel("share kept")
    marks = [
        Line2D([], [], color="0.4", marker="o", linestyle="", label="1200 steps, one run"),
        Line2D([], [], color="0.4", marker="X", linestyle="", label="6000 steps"),
        *(Line2D([], [], color="black", linestyle=s, label=n) for n, s in REFERENCE_LINES.items()),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks))
    return figure


def draw_fields(tables: dict[str, pd.DataFrame]) -> Figure:
    """Side of the field by kernels: a line per norm, the mean of its runs."""
    figure, axes = make_axes(1, 2)
    labels = ["/".join(map(str, dict.fromkeys(sizes))) for sizes in KERNELS.values()]
    for ax, (task, table) in zip(axes[0], tables.items(), strict=True):
        sides = core(table).pivot_table("field_kernels_99", "kernels", "norm").loc[list(KERNELS)]
        for norm, look in zip(NORMS, line_looks(NORMS), strict=True):
            ax.plot(labels, sides[norm], label=norm, **look)
        ax.set(title=task, xlabel="kernels", ylim=(0, 125))
    axes[0, 0].set_ylabel("side of the field, pixels")
    axes[0, 0].legend(fontsize=7, ncols=2)
    return figure


def write_values(ax: Axes, values: pd.DataFrame, colours: pd.DataFrame) -> None:
    """Write each value into its cell."""
    for row, metric in enumerate(values.index):
        for column, norm in enumerate(values.columns):
            on_dark = abs(colours[norm][metric]) > DARK
            text, color = f"{values[norm][metric]:.3g}", "white" if on_dark else "black"
            ax.text(column, row, text, ha="center", va="center", color=color, fontsize=6)


def draw_metrics(tables: dict[str, pd.DataFrame]) -> Figure:
    """The test metrics by norm at 15/11/7, without and with the max shortcut."""
    figure, axes = make_axes(1, 4, height=3.4)
    panels = [(task, build) for task in tables for build in ("no shortcut", "shortcut")]
    for ax, (task, build) in zip(axes[0], panels, strict=True):
        table = tables[task]
        runs = table[(table["kernels"] == "k15") & (table["build"] == build)]
        means = runs.groupby("norm")[list(TESTED)].mean().loc[list(NORMS)]
        colours = ((means - means.mean()) / over_seeds(runs, TESTED)).rename(columns=TESTED).T
        values = means.rename(columns=TESTED).T
        image = ax.imshow(colours, SIGNED_MAP, vmin=-LIMIT, vmax=LIMIT, aspect="auto")
        write_values(ax, values, colours)
        ax.set_xticks(range(len(NORMS)), NORMS, rotation=45)
        ax.set_yticks(range(len(values)), values.index if ax is axes[0, 0] else [""] * len(values))
        ax.set_title(f"{task}, {build}")
    label = "above (+) or below (-) the norms' mean,\nin standard deviations over seeds"
    figure.colorbar(image, ax=axes[0].tolist(), label=label)
    return figure


def draw_base(pairs: pd.DataFrame) -> Figure:
    """The paper's network after 2600 steps: a dot per slice, hybrid against batch norm."""
    figure, axes = make_axes(1, 3, height=2.7)
    wide = pairs.set_index(["pair", "variant"]).unstack("variant")
    for ax, metric in zip(axes[0], ("MI", "SSIM", "PSNR"), strict=True):
        batch, hybrid = (wide[metric][f"base-{norm}-own"] for norm in ("batch", "hybrid"))
        limits = [min(batch.min(), hybrid.min()), max(batch.max(), hybrid.max())]
        ax.plot(limits, limits, color="0.6", linewidth=1)
        ax.plot(batch, hybrid, "o", color="0.2", markersize=4, alpha=0.6)
        ahead = f"{(hybrid > batch).sum()} of {len(batch)}"
        ax.set(title=f"{metric}: hybrid higher on {ahead}", xlabel="batch", aspect="equal")
    axes[0, 0].set_ylabel("hybrid")
    return figure
