"""What the page says, in English or Chinese."""

import re

from lkc.errors import InputError

from ..server.temporary_files import root_folder
from . import chinese, english
from .chinese_refusals import REFUSALS

TEXT = {"en": english.TEXT, "zh": chinese.TEXT}
ABOUT = {"en": english.ABOUT, "zh": chinese.ABOUT}


def modality(name: str, language: str) -> str:
    """Return what a modality such as "infrared" is called."""
    return chinese.MODALITIES.get(name, name) if language == "zh" else name


def example(stem: str, language: str) -> str:
    """Return what an example is called whose file is, for one, "head-1"."""
    names = chinese.EXAMPLES if language == "zh" else {}
    return " ".join(names.get(word, word) for word in stem.split("-"))


def say(key: str, language: str, **values: object) -> str:
    """Return a text with its values filled in, modalities translated."""
    translated = {
        name: modality(value, language) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return TEXT[language][key].format(**translated)


class Complaint(InputError):
    """Bad input that can be explained in every language of the page."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(say(key, "en", **values))
        self.key, self.values = key, values


def to_pattern(sentence: str) -> re.Pattern[str]:
    """Make a pattern that finds the values of a sentence with {names} in it."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)))


PATTERNS = {to_pattern(sentence): translated for sentence, translated in REFUSALS.items()}


def to_chinese(sentence: str) -> str:
    """Translate a sentence of the library; one that is not listed stays English."""
    for pattern, translated in PATTERNS.items():
        if match := pattern.fullmatch(sentence):
            values = {name: modality(text, "zh") for name, text in match.groupdict().items()}
            return translated.format(**values)
    return sentence


def without_options(sentence: str) -> str:
    """Say in English what a visitor can do, who has no command line."""
    for pattern, advice in english.OPTIONS.items():
        sentence = re.sub(pattern, advice, sentence)
    return sentence


def explain(error: InputError, language: str) -> str:
    """Return an error's sentence in a language of the page, without folders of the server."""
    if isinstance(error, Complaint):
        return say(error.key, language, **error.values)
    folders = re.escape(root_folder().name) + r"/(?:[^/\s]*/)*"
    sentence = re.sub(folders, "", str(error))
    return to_chinese(sentence) if language == "zh" else without_options(sentence)


def as_text(text: str) -> str:
    """Write a text so that Markdown shows it as it is, whatever a file in it is called."""
    return re.sub(r"[\\`*_\[\]()#~|!<>&\"']", lambda sign: f"&#{ord(sign[0])};", text)


def sorry(error: InputError, language: str, key: str = "cannot") -> str:
    """Return an error's sentence as Markdown, after words that say what cannot be done."""
    return f"**{say(key, language)}** {as_text(explain(error, language))}"
