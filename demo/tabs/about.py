"""What the page says about itself: the model card, and the numbers of the benchmark."""

import csv
import re
from pathlib import Path

import lkc
from lkc.metrics import METRICS
from lkc.model.network import count_parameters

from ..words.say import ABOUT, say
from ..work.results import labels

NUMBERS = Path(__file__).parents[1] / "benchmark.csv"  # benchmarks/run.py writes it.
TABLE = "(table)"
CHINESE = r"[^\x00-\x7f]"
# A line that ends inside a Chinese sentence would show a blank there.
BROKEN_LINE = re.compile(rf"(?m)^(?!#)(.*{CHINESE})\n *(?={CHINESE})")


def results_table(language: str) -> str:
    """The numbers of the benchmark as an HTML table, a row a method."""
    heads = [say(key, language) for key in ("task", "method", "pairs")]
    heads += [*METRICS, say("mean_rank", language)]
    with NUMBERS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[1:]
    rows = []
    for task, method, *numbers in lines:
        name = method.replace(", published", say("published", language))
        cells = ["+".join(labels(task, language)), name, *numbers]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th scope='col'>{name}</th>" for name in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return f"<div class='numbers' tabindex='0'>{table}</div>"  # scrolled by keys as well


def about(language: str) -> tuple[str, str, str]:
    """Return the text before the table, the table as HTML, and the text after it."""
    parameters = count_parameters(lkc.create_model("lite"))
    text = BROKEN_LINE.sub(r"\1", ABOUT[language])
    before, _, after = text.partition(TABLE)
    return before.format(parameters=parameters), results_table(language), after
