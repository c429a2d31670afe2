"""Pictures and sentences of what the study's norms make of one pair."""

from functools import lru_cache

from ..server.temporary_files import new_folder
from ..words.say import say
from .inside import list_trained, load_network, range_of, to_gray_map
from .inside_results import Pictures, Subject
from .norms import Column, put_side_by_side
from .results import save
from .signed import common_limit, paint_signed


@lru_cache(maxsize=4)
def seen_side_by_side(subject: Subject, layer: str) -> dict[str, Column]:
    """Look into the networks of all norms, once; the subject's own norm does not count."""
    sources, _ = subject.sources()
    task, kernels = subject.task, subject.kernels
    networks = {norm: load_network(task, norm, kernels) for norm in list_trained(task)}
    return put_side_by_side(networks, sources, layer)


def show_side_by_side(subject: Subject, layer: str, language: str) -> tuple[Pictures, str]:
    """Show what the networks of all norms make of a pair.

    Args:
        subject: the pair and the kernels.
        layer: a name of `list_layers`.
        language: "en" or "zh".

    Returns:
        Three rows of pictures with a column for each norm: a map of the layer, the fused image,
        and its difference from the first column's; and a text about them.

    Raises:
        InputError: no pair.
    """
    columns = seen_side_by_side(subject, layer)
    first = next(iter(columns))
    differences = {norm: column.minus(columns[first]) for norm, column in columns.items()}
    low, high = range_of(*(column.map for column in columns.values()))
    limit = common_limit([*differences.values()])
    rows: list[Pictures] = [[], [], []]
    folder = new_folder()
    for norm, column in columns.items():
        name = say(norm, language)
        values = {"norm": name, "first": say(first, language)}
        gray = to_gray_map(column.map, low, high)
        painted = paint_signed(differences[norm], limit)
        mean = abs(differences[norm]).mean()
        kinds = ("reference_map", "reference") if norm == first else ("like_map", "difference")
        captions = (
            say(kinds[0], language, channel=column.channel, like=column.likeness, **values),
            say("norm_fused", language, **values),
            say(kinds[1], language, mean=mean, **values),
        )
        pictures = gray, (column.fused + 0.5).astype("uint8"), painted
        for row, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
            rows[row].append((save(picture, f"{row}-{norm}", folder), caption))
    ends = {"low": low, "high": high, "limit": limit}
    text = say("side_by_side_text", language, first=say(first, language), **ends)
    return [picture for row in rows for picture in row], text
