"""Chinese for the sentences of the library that visitors meet most; it writes them in English."""

import re

MODALITIES = {"infrared": "红外", "visible": "可见光"}
EXAMPLES = {"night": "夜晚", "fog": "雾天", "glare": "眩光", "head": "头部"}
CHINESE = {
    "{file} is not an image that can be read.": "{file} 不是可读的图像。",
    "{file} is not a clip that can be read: {reason}.": "{file} 不是可读的视频。",
    "{file} cannot be read: {reason}.": "{file} 无法读取，可能不完整或已损坏。",
    "{file} is damaged.": "{file} 已损坏。",
    "{file} is damaged: {reason}.": "{file} 已损坏。",
    "{file} does not fit into memory.": "{file} 太大，内存不足。",
    "{file} cannot be written: {reason}.": "{file} 无法写入。",
    "{file} has more than the limit of {limit} megapixels.": "{file} 超过 {limit} 百万像素。",
    "{file} is {size}: more than the limit of {limit} megapixels.": (
        "{file} 为 {size}，超过 {limit} 百万像素。"
    ),
    "{file} is {size}: at least 16x16 pixels are needed.": (
        "{file} 为 {size}：至少需要 16x16 像素。"
    ),
    "{file} contains NaN or infinite values.": "{file} 含有 NaN 或无穷大的值。",
    "{file} has float values from {low} to {high}: scale it to 0..1.": (
        "{file} 的浮点值从 {low} 到 {high}：请缩放到 0 至 1。"
    ),
    "{file} is {size} but {other} is {other_size}: the clips must be registered and have the same "
    "size.": "{file} 为 {size}，而 {other} 为 {other_size}：两段视频必须逐像素对应、尺寸相同。",
    "{file} holds one stream of pictures: give it with a second file, or a file with two streams "
    "twice.": "{file} 只含一路画面：请提供两段视频，或把含两路画面的文件提供两次。",
    "{file} holds no moving pictures.": "{file} 不含视频画面。",
    "{file} holds no frame that can be read.": "{file} 不含可读的帧。",
    "{file} is coded in a way that PyAV does not know.": "{file} 的编码无法识别。",
    "{file} changes its size or kind of pixels on the way.": "{file} 中途改变了尺寸或像素类型。",
    "{file} has one value everywhere ({value}): nothing to show.": (
        "{file} 处处都是同一个值（{value}）：没有可显示的内容。"
    ),
}


def to_pattern(sentence: str) -> re.Pattern:
    """Make a pattern that finds the values of a sentence with {names} in it."""
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)))


PATTERNS = {to_pattern(english): chinese for english, chinese in CHINESE.items()}


def to_chinese(sentence: str) -> str:
    """Translate a sentence of the library; one that is not listed stays English."""
    for pattern, chinese in PATTERNS.items():
        if match := pattern.fullmatch(sentence):
            values = {key: MODALITIES.get(text, text) for key, text in match.groupdict().items()}
            return chinese.format(**values)
    return sentence
