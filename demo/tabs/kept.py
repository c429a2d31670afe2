"""What a browser keeps of the first tab, so that a reload or another language loses nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from lkc.fusion.images import COLOURS
from lkc.model.precision import PRECISIONS
from lkc.tasks import TASKS

from ..server.one_device import PRIVATE
from ..work.fuse_files import METHODS
from .views import VIEWS

NAME = "lkc-pair"
KEEP = """(...values) => {
  if (window.hasReadPair) sessionStorage.setItem("NAME", JSON.stringify(values));
}""".replace("NAME", NAME)
READ = """() => {
  const kept = JSON.parse(sessionStorage.getItem("NAME"));
  window.hasReadPair = true;
  return [kept];
}""".replace("NAME", NAME)
REMEMBER_TAB = """() => {
  const wanted = () => location.hash.slice(1) || "fuse";
  const labels = LABELS;
  const go = () => {
    const behindTheDots = [...document.querySelectorAll(".overflow-dropdown button")];
    const button = document.getElementById(`${wanted()}-tab-button`)
      ?? behindTheDots.find(button => button.textContent.trim() === labels[wanted()]);
    if (button?.getAttribute("aria-selected") !== "true") button?.click();
  };
  const note = () => {
    const opened = document.querySelector("[role=tab][aria-selected=true]");
    const name = opened?.id.replace("-tab-button", "");
    if (!name) return;
    sessionStorage.setItem("lkc-tab", name);
    if (name !== wanted()) history.pushState(null, "", `${location.pathname}#${name}`);
  };
  const before = sessionStorage.getItem("lkc-tab");
  if (!location.hash && before && before !== "fuse")
    history.replaceState(null, "", `${location.pathname}#${before}`);
  const start = () => {
    const isFilled = /[0-9a-f]{32}/.test(document.getElementById("pair-chosen")?.textContent);
    if (!isFilled) return setTimeout(start, 50);
    go();
    window.addEventListener("popstate", go);
    const changes = {subtree: true, attributeFilter: ["aria-selected"]};
    new MutationObserver(note).observe(document.body, changes);
  };
  start();
}"""
"""Runs in the browser: Back leads to the tab before, and a reload or a language to the same.

A tab may look at the pair when it is opened, so that the pair must be there.
"""


@dataclass(frozen=True)
class Kept:
    """What was chosen before; each value is one that the page offers.

    Attributes:
        task: whose sources these are.
        options: view, method, detail, colour, precision.
        images: both sources as Gradio's images, not checked.
    """

    task: str
    options: tuple[Any, ...]
    images: tuple[object, object]


def parse_kept(sent: object) -> Kept | None:
    """Take what a browser kept; None where it kept nothing, or nothing that this page offers."""
    if not isinstance(sent, list) or len(sent) != 8:
        return None
    task, view, method, detail, colour, precision, first, second = sent
    offered = (TASKS, task), (VIEWS, view), (METHODS, method), (COLOURS, colour)
    for values, value in (*offered, (PRECISIONS, precision)):
        if not isinstance(value, str) or value not in values:
            return None
    if not isinstance(detail, int | float) or not 0 <= detail <= 2:
        return None
    return Kept(task, (view, method, detail, colour, precision), (first, second))


def remember_tab(page: gr.Blocks, tabs: dict[str, str]) -> None:
    """Have the browser put the open tab into the address; tabs are given by name with label."""
    page.load(None, None, None, js=REMEMBER_TAB.replace("LABELS", json.dumps(tabs)))


def keep(parts: Sequence[Any]) -> None:
    """Have the browser keep the values of components, in the order of `parse_kept`."""
    changed = [part.change for part in parts]
    gr.on(
        changed, None, [*parts], None, js=KEEP, trigger_mode="multiple", show_progress="hidden",
        **PRIVATE,
    )  # fmt: skip
