"""No answer is shown that belongs to an earlier choice, in any tab.

Each change of a choice (the pair, the task, a norm, a pixel ...) gets a number. An event that
answers is sent the number with its inputs, does nothing if there is a newer one, and hands the
number back with its results, all at once. The browser hides what has another number than the
choice: from the click on, and also what was already on its way when the visitor clicked.
"""

import json
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

import gradio as gr

from ..server import latest
from ..server.one_device import PRIVATE

HIDE_OUTDATED = """() => {
  const outdated = document.head.appendChild(document.createElement("style"));
  const number = name => document.getElementById(name)?.textContent.match(/[0-9a-f]{32}/)?.[0];
  const refusals = () => document.querySelectorAll(".toast-message-item.error").length;
  let left = [];
  const awaited = {};  // of each place, the number of requests before its latest act was heard of
  const orderOf = id => parseInt(id?.slice(0, DIGITS) ?? "0", 16);
  const isAwaited = place => orderOf(number(`${place}-chosen`)) <= awaited[place]
    && requests.answered <= awaited[place];
  const isOver = ({place, chosen, refusalsBefore}) =>
    refusals() > refusalsBefore
      || chosen !== undefined && chosen !== (number(`${place}-chosen`) ?? "");
  const isOutdated = place =>
    left.some(l => l.place === place) || isAwaited(place)
      || number(`${place}-chosen`) !== number(`${place}-shown`);
  const hide = () => {
    left = left.filter(leaving => !isOver(leaving));
    const places = [...document.querySelectorAll(".choice")].map(e => e.id.replace("-chosen", ""));
    const rules = places.filter(isOutdated)
      .map(p =>
      `.of-${p}, .of-${p} * {visibility: hidden !important; transition: none !important}`).join("");
    if (outdated.textContent !== rules) outdated.textContent = rules;
  };
  const leave = (target, heardBy) => {
    const control = target.closest?.("[class*=leaves-]");
    for (const [, place] of control ? control.className.matchAll(/leaves-([\\w-]+)/g) : [])
      left.push({place, control, heardBy, refusalsBefore: refusals()});
    hide();
  };
  window.hearOf = (name, event, answeredInOrder) => {
    for (const leaving of left.filter(l => l.control.id === name && l.heardBy.includes(event)))
      leaving.chosen ??= number(`${leaving.place}-chosen`) ?? "";
    for (const place of answeredInOrder) awaited[place] = requests.sent;
    hide();
  };
  window.addEventListener("answered", hide);
  new MutationObserver(hide).observe(document.body, {childList: true, subtree: true,
    characterData: true});
  const on = (event, act) => window.addEventListener(event, act, true);
  on("change", ({target}) => {
    if (target.type === "radio") leave(target, ["input", "change"]);
    else if (target.files?.length) leave(target, ["upload"]);
  });
  on("drop", ({target, dataTransfer}) => dataTransfer?.files.length && leave(target, ["upload"]));
  let pressed;
  on("click", ({target}) => {
    pressed = target;
    const isClearing = target.closest?.(":is(.icon-button-wrapper, .source-selection) button");
    if (isClearing) leave(target, ["clear"]);
  });
  const {clipboard} = navigator;
  const paste = clipboard?.read?.bind(clipboard);
  if (paste) clipboard.read = async () => {
    const control = pressed, items = await paste();
    const isPicture = items.some(({types}) => types.some(type => type.startsWith("image/")));
    if (isPicture) leave(control, ["upload"]);
    return items;
  };
}""".replace("DIGITS", str(latest.ORDER_DIGITS))
"""Runs in the browser, before it paints what an event has changed.

A button that was pressed is painted at once, and Gradio hears of it a little later; of a file that
is dropped, chosen, pasted or removed as well. Until then what belongs to the choice that is being
left is hidden too, unless the file is refused. Where Gradio has heard of an act, the answer of an
earlier act may still come: it is hidden until the later one has been answered.
"""

OTHER = "other-"
"""Before the name of an image, in that of a button that takes files in the image's stead."""

ORDER = "x-order"  # Every request has this header.
KEEP_ORDER = """() => {
  const send = window.fetch, requests = window.requests = {sent: 0, answered: 0};
  let earlier = Promise.resolve();
  const readWhole = async answer => {
    if (!answer.ok) return answer;
    const text = await answer.text();
    return Object.assign(new Response(text, answer), {json: async () => JSON.parse(text)});
  };
  window.fetch = (url, options) => {
    if (options?.method !== "POST") return send(url, options);
    const headers = new Headers(options.headers);
    const order = requests.sent += 1;
    headers.set("NAME", order);
    const answer = send(url, {...options, headers});
    if (!`${url}`.includes("/run/predict")) return answer;
    const before = earlier, whole = answer.then(readWhole);
    earlier = Promise.allSettled([before, whole]).then(() => new Promise(done => setTimeout(done)));
    earlier.then(() => setTimeout(() => {
      requests.answered = order;
      window.dispatchEvent(new Event("answered"));
    }, 500));
    return before.then(() => whole);
  };
}""".replace("NAME", ORDER)
"""Runs in the browser first: a visitor's acts are counted, and answered in their order.

Requests overtake one another on their way, so the server is told their order. Answers do as well,
and an earlier one that came last would undo the later one. Half a second after an answer has come,
Gradio has surely put it in place.
"""


Filled = dict[Any, Any]
"""What an event changes: components with their new values."""


class Choice:
    """A place of the page whose parts show what belongs to one choice.

    Attributes:
        place: a name of its own.
        parts: hidden together.
        waiting: makes what parts show until there is an answer; without it they stay hidden.
        chosen: holds the number of the latest choice, and nothing while it is being changed.
        shown: holds the number of the choice that the parts belong to.
    """

    def __init__(
        self, place: str, parts: list[Any], waiting: Callable[[], Filled] = Filled
    ) -> None:
        self.place, self.parts, self.waiting = place, parts, waiting
        for part in parts:
            part.elem_classes = [*part.elem_classes, f"of-{place}"]
        self.chosen = gr.HTML("", elem_id=f"{place}-chosen", elem_classes=["number", "choice"])
        self.shown = gr.HTML("", elem_id=f"{place}-shown", elem_classes=["number"])

    def outputs(self) -> list[Any]:
        """The outputs that `choose` needs for this choice.

        The number comes first: Gradio puts outputs in place one by one, and what answers the choice
        may be sent before all of them are there.
        """
        return [self.chosen, self.shown, *self.waiting()]


def hide_at_once(choices: Sequence[Choice], *triggers: Any, answered_in_order: bool = True) -> None:
    """Have the browser hide what belongs to the earlier choice, before the server knows of any.

    Args:
        choices: their choice is changed by the triggers.
        triggers: such as `button.click`; what else they start must be connected after this.
        answered_in_order: whether the choice is made by an event that is not queued.
    """
    numbers = [choice.chosen for choice in choices]
    awaited = [choice.place for choice in choices if answered_in_order]
    for trigger in triggers:
        control: Any = getattr(trigger, "__self__", None)
        takes_files = isinstance(control, gr.Image) and trigger.event_name == "upload"
        if isinstance(control, gr.Radio) or takes_files:
            left = [f"leaves-{choice.place}" for choice in choices]
            control.elem_classes = [*control.elem_classes, *left]
        name = (getattr(control, "elem_id", None) or "").removeprefix(OTHER)
        told = ", ".join(map(json.dumps, (name, trigger.event_name, awaited)))
        heard = f"window.hearOf({told})"
        gr.on(
            trigger, None, None, numbers, js=f"() => {{ {heard}; return {[''] * len(numbers)}; }}",
            trigger_mode="multiple", show_progress="hidden", **PRIVATE,
        )  # fmt: skip


def order_of(request: gr.Request) -> int:
    """Which of the visitor's requests this is, by their browser's count; 0 where none counts."""
    count = request.headers.get(ORDER, "")
    return int(count) if re.fullmatch("[0-9]{1,8}", count) else 0


def choose(
    request: gr.Request,
    choices: Sequence[Choice],
    fill: Callable[[], Filled] = Filled,
    parts: Sequence[Any] = (),
) -> Filled:
    """Give a choice its number, and fill in what comes with it.

    Args:
        request: of the event, which is not queued.
        choices: those that change.
        fill: returns what else changes with them.
        parts: the components that `fill` changes; where a later event changes one of them as well,
            the later one is obeyed, whichever of the two is done first.

    Returns:
        What to change.
    """
    session = request.session_hash
    changed = [*(choice.place for choice in choices), *(f"part {part._id}" for part in parts)]
    number = latest.choose(session, changed, order_of(request))

    def is_latest(place: str) -> bool:
        return latest.noted(session, place, "") == number

    filled = {part: new for part, new in fill().items() if is_latest(f"part {part._id}")}
    for choice in choices:
        if is_latest(choice.place):  # of several, a later act may have changed some only
            filled[choice.chosen] = number
            if waiting := choice.waiting():
                filled = waiting | filled | {choice.shown: number}
    return filled or gr.skip()


def restore(request: gr.Request, choices: Sequence[Choice]) -> Filled:
    """Show again what was hidden for a change that was none."""
    return {c.chosen: latest.noted(request.session_hash, c.place, "") for c in choices}


def while_wanted(
    steps: Generator[Filled, None, None], is_wanted: Callable[[], bool]
) -> Iterator[Filled]:
    """Take one step after the other for as long as anybody wants them."""
    with closing(steps):
        while is_wanted():
            try:
                with latest.working_for(is_wanted):
                    filled = next(steps, None)
            except latest.Outdated:
                return
            if filled is None or not is_wanted():
                return
            yield filled


def answers(
    request: gr.Request, numbers: dict[Choice, str], steps: Generator[Filled, None, None]
) -> Iterator[Filled]:
    """Work on an answer for as long as it is wanted, and say which choice it belongs to.

    Args:
        request: of the event.
        numbers: the choices that the answer depends on, with the numbers that the browser sent.
        steps: does the work; each step is what it changes.

    Yields:
        What to change.
    """
    session = request.session_hash
    for choice, number in numbers.items():
        if not latest.noted(session, choice.place, ""):  # a visitor who was thought to have left
            latest.note(session, choice.place, number)

    def is_wanted() -> bool:
        return all(
            number and latest.noted(session, choice.place, "") == number
            for choice, number in numbers.items()
        )

    is_empty = True
    for filled in while_wanted(steps, is_wanted):
        is_empty = False
        answered = {c: n for c, n in numbers.items() if filled.keys() & set(c.parts)}
        yield filled | {choice.shown: number for choice, number in answered.items()}
    if is_empty:  # Gradio empties all outputs of an event that yields nothing
        yield gr.skip()


def answer(request: gr.Request, numbers: dict[Choice, str], work: Callable[[], Filled]) -> Filled:
    """Work on an answer of one step, see `answers`."""
    return next(answers(request, numbers, (work() for _ in range(1))))
