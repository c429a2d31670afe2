"""A log of every frame that the browser painted, to find out what stood beside what."""

from collections.abc import Callable

Frame = dict[str, list[str]]

WATCH = """watched => {
    const read = {
        value: e => e.value,
        picture: e => e.complete && e.naturalWidth ? e.getAttribute("src") : "",
        drawn: e => JSON.parse(e.dataset.drawn ?? "[]"),
        source: e => e.getAttribute("src"),
        text: e => e.innerText.trim(),
        number: e => e.textContent.match(/[0-9a-f]{32}/)?.[0] ?? "changing",
    };
    const isSeen = e => e.checkVisibility({visibilityProperty: true});
    const look = ([selector, kind]) => [...document.querySelectorAll(selector)]
        .filter(e => kind === "value" || kind === "number" || isSeen(e))
        .flatMap(read[kind]).filter(text => text);
    window.frames = [];
    let last = "";
    const frame = () => {
        const now = Object.fromEntries(
            Object.entries(watched).map(([name, what]) => [name, look(what)]));
        if (JSON.stringify(now) !== last) window.frames.push(now);
        last = JSON.stringify(now);
        requestAnimationFrame(frame);
    };
    frame();
}"""
PAIR = {
    "number": ("#pair-chosen", "number"),
    "task": ("#task input:checked", "value"),
    "first": ("#first img", "source"),
    "second": ("#second img", "source"),
    "status": ("#status span.prose", "text"),
    "pictures": (":is(#fused, #views) img", "picture"),
    "drawn": ("#viewer canvas", "drawn"),
    "table": ("#numbers table", "text"),
    "download": ("#download:not([disabled])", "text"),
}
INSIDE = {
    "number": (
        ":is(#network-chosen, #layer-chosen, #share-chosen, #fields-chosen, #side-by-side-chosen,"
        " #hot-chosen, #hot-text-chosen, #spot-chosen)",
        "number",
    ),
    "norm": ("#norm input:checked", "value"),
    "kernels": ("#kernels input:checked", "value"),
    "layer": ("#layer input", "value"),
    "spot": (":is(#row, #column) input", "value"),
    "fused": ("#inside-fused img", "picture"),
    "maps": ("#maps img", "picture"),
    "fields": ("#fields img", "picture"),
    "beside": ("#side-by-side img", "picture"),
    "hot spot": ("#spot-chosen", "number"),
    "hot": ("#hot img", "picture"),
    "hot text": ("#hot-text span.prose", "text"),
    "share": ("#share span.prose", "text"),
}


def watch(page, watched: dict) -> None:
    """Log, from now on, what stands in places of the page whenever it changes."""
    page.evaluate(WATCH, watched)


def frames(page) -> list[Frame]:
    """Return what every frame showed, by place."""
    return page.evaluate("window.frames")


def file_of(source: str) -> str:
    """The server's file behind an image's address."""
    return source.split("file=")[-1]


def check(logged: list[Frame], place: str, belongs: Callable[[str, Frame], bool]) -> None:
    """Assert that what a place showed belonged to what the same frame showed as chosen.

    A browser paints a number that the visitor types before any program hears of it. So what stood
    there may stand until the page has heard: until the choice's number changes. Nothing may come,
    and nothing may come back.
    """
    stood: dict[str, list[str]] = {}
    for frame in logged:
        for shown in frame[place]:
            if belongs(shown, frame):
                stood[shown] = frame["number"]
            assert stood.get(shown) == frame["number"], (place, shown, frame)
