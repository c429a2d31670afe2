"""Notebooks are read once: no sentence of their text is longer than one can keep in mind."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from notebooks.frame import NOTEBOOKS, all_notebooks, read

LONGEST = 28  # words
# What is no sentence: code, drawings, tables and HTML.
LEFT_OUT = re.compile(r"```.*?```|!\[.*?\]\(.*?\)|^\s*\|.*?$|<[^>]+>", re.DOTALL | re.MULTILINE)
# What counts as one word: a formula, code, and the mark at the start of an item or heading.
ONE_WORD = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", re.DOTALL)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
PARAGRAPH_ENDS = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.|#+)\s)")
MARKS = re.compile(r"^\s*(?:[-*]|\d+\.|#+)\s+|[*_]")
SENTENCE_ENDS = re.compile(r"(?<=[.?!])[)\"']?\s+(?=[(\"']?[A-Z0-9])")


def sentences(text: str) -> Iterator[str]:
    """The sentences of Markdown, without marks."""
    text = ONE_WORD.sub("X", LINK.sub(r"\1", LEFT_OUT.sub("", text)))
    for paragraph in PARAGRAPH_ENDS.split(text):
        yield from SENTENCE_ENDS.split(MARKS.sub("", paragraph))


def too_long(text: str) -> list[str]:
    """The sentences of Markdown that have more than LONGEST words."""
    return [sentence for sentence in sentences(text) if len(sentence.split()) > LONGEST]


@pytest.mark.parametrize("path", all_notebooks(), ids=lambda p: p.relative_to(NOTEBOOKS).as_posix())
def test_no_sentence_is_too_long(path: Path):
    texts = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    lessons = [text for text in texts if not text.startswith("## References")]
    assert [sentence for text in lessons for sentence in too_long(text)] == []


def test_a_long_sentence_is_noticed():
    words = "word " * LONGEST
    assert too_long(f"- **Short.** W{words[1:]}") == []
    assert len(too_long(f"A short one. And [one]({'x' * 9}) {words}of `b c` and $d + e$.")) == 1
    assert too_long(f"```\n{words * 2}\n```\n\n| {words} | {words} |\n\n{words}") == []
