"""The metrics of a result beside two simple rules on the same pair, and how to read them."""

from dataclasses import dataclass

from numpy.typing import NDArray

import lkc
from lkc.metrics import METRICS, evaluate
from lkc.metrics.visual import VIF_SMALLEST

from ..server.latest import give_up_if_outdated
from ..words import chinese
from ..words.say import Complaint, say
from .fuse_files import load_method, to_display

RULES = ("maximum", "average")


@dataclass(frozen=True)
class Scores:
    """Values by metric key: of the result, and of the rules on the same pair."""

    result: dict[str, float]
    rules: dict[str, dict[str, float]]


def score(fused: NDArray, first: NDArray, second: NDArray, task: str) -> Scores:
    """Measure a result and what the simple rules make of the same sources.

    Args:
        fused, first, second: (H, W) or (H, W, 3), of one size.
        task: one of `lkc.TASKS`.

    Returns:
        The eleven metrics of all three.

    Raises:
        InputError: too small for the metrics.
    """
    if min(fused.shape[:2]) < VIF_SMALLEST:
        raise Complaint("small", side=VIF_SMALLEST)
    a, b = to_display(first), to_display(second)
    ruled = {
        rule: lkc.fuse(first, second, task=task, model=load_method(rule, task)) for rule in RULES
    }
    # One after the other: all at once would take 6 GB for 16 megapixels, and no less time.
    measured = {}
    for name, image in {"result": fused, **ruled}.items():
        give_up_if_outdated()
        measured[name] = evaluate(to_display(image), a, b)
    return Scores(measured.pop("result"), measured)


def best(scores: Scores, key: str) -> float:
    """The highest value of a metric."""
    return max(scores.result[key], *(values[key] for values in scores.rules.values()))


def table(scores: Scores, language: str) -> str:
    """An HTML table: each metric with its meaning, and the three values, the best in bold."""
    heads = "".join(f"<th scope='col'>{say(k, language)}</th>" for k in ("metric", "this", *RULES))
    rows = []
    for key, value in scores.result.items():
        metric = METRICS[key]
        meaning, unit = metric.description, metric.unit
        if language == "zh":
            meaning, unit = chinese.METRICS[key], chinese.UNITS.get(unit, unit)
        name = f"{key} ({unit})" if unit else key
        numbers = [value, *(scores.rules[rule][key] for rule in RULES)]
        cells = "".join(
            f"<td><b>{x:.3f}</b></td>" if x == best(scores, key) else f"<td>{x:.3f}</td>"
            for x in numbers
        )
        rows.append(f"<tr><th scope='row'>{name}<small>{meaning}</small></th>{cells}</tr>")
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def reading(scores: Scores, language: str) -> str:
    """How the result stands against the rules, which rule is best in what, then the caveat."""
    others = {key: [scores.rules[r][key] for r in RULES] for key in scores.result}
    wins = sum(value > max(others[key]) for key, value in scores.result.items())
    losses = sum(value < min(others[key]) for key, value in scores.result.items())
    sentences = [say("reading", language, wins=wins, losses=losses, all=len(others))]
    for rule in RULES:
        keys = [key for key, value in scores.rules[rule].items() if value == best(scores, key)]
        if keys:
            name = say(rule, language)
            sentences.append(say("best_of_rule", language, name=name, keys=", ".join(keys)))
    blank = "" if language == "zh" else " "
    return blank.join([*sentences, say("caveat", language)])
