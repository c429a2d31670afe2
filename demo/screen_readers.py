"""What Gradio leaves out for screen readers, added by the browser."""

import json

import gradio as gr

from .words.say import say

SCRIPT = """() => {
  document.documentElement.lang = LANGUAGE;
  document.title = TITLE;
  const name = () => {
    for (const group of document.querySelectorAll("fieldset")) {
      const heading = group.querySelector("[data-testid=block-info]");
      if (heading) group.setAttribute("aria-label", heading.textContent.trim());
    }
    for (const said of document.querySelectorAll(
      "#status, #share, #hot-text, #batch-status, #video-status"))
      said.setAttribute("role", "status");  // changes are read aloud
  };
  const look = ({target, type}) => { if (target.closest?.("#first, #second")) {
    target.classList.toggle("unseen", type === "error");
    if (type === "error") target.alt = UNSEEN;
  } };
  for (const type of ["load", "error"]) document.addEventListener(type, look, true);
  name();
  const changes = {childList: true, subtree: true, attributeFilter: ["src"]};
  new MutationObserver(name).observe(document.body, changes);
}"""
LANGUAGES = {"en": "en", "zh": "zh-CN"}


def name_for_screen_readers(page: gr.Blocks, language: str) -> None:
    """Have the browser name language, title and groups of choices."""
    title = json.dumps(say("page_title", language))
    unseen = json.dumps(say("unseen", language))
    script = SCRIPT.replace("LANGUAGE", json.dumps(LANGUAGES[language]))
    script = script.replace("TITLE", title).replace("UNSEEN", unseen)
    page.load(None, None, None, js=script)
