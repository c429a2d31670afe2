"""Every word of the page, in English and Chinese, and the complaints that can be said in both."""

import html
import re

from demo.server.temporary_files import root_folder
from demo.words import batch as batch_words
from demo.words import inside as inside_words
from demo.words import video as video_words
from demo.words.chinese import EXAMPLES, MODALITIES, to_chinese
from lkc.errors import InputError

TEXT = {
    "en": {
        "page_title": "lkc: image fusion",
        "title": "Two images of one scene, fused",
        "lead": "Drop your own pair of registered images onto the two sources, or pick an example. "
        "For study, not for diagnosis.",
        "fuse_tab": "Fuse",
        "about_tab": "About",
        "task": "Task",
        "examples": "Examples",
        "method": "Method",
        "detail": "Detail",
        "detail_info": "0 natural · 1 as trained · 2 strong",
        "colour": "Keep colour",
        "precision": "Precision",
        "fuse": "Fuse",
        "download": "Download PNG",
        "view": "View",
        "fused": "Fused",
        "side_by_side": "Side by side",
        "origin": "Where from",
        "numbers": "Numbers",
        "against": "{name} ⇆ fused",
        "origin_map": "orange: {first} · blue: {second} · gray: both agree",
        "minus": "fused − {name} (mid-gray: equal)",
        "origin_text": "Where the sources differ, {share:.0%} of the fused brightness lies nearer "
        "to the {first} image, the rest nearer to the {second} image. Measured from the result, "
        "pixel by pixel; a bright spot may lie near a source without coming from it.",
        "origin_colour": "Colour always comes from the {second} image.",
        "status": "{width} × {height} pixels, {bits} bit · decode {decode:.0f} ms · "
        "fuse {network:.0f} ms · encode {encode:.0f} ms · on {device}",
        "window": "{name}, shown from {low:g} to {high:g}",
        "halves": "Left of the handle: {name}. Right of it: fused.",
        "in_line": "Waiting for its turn …",
        "no_answer": "No result: {limit} others are waiting already, or something went wrong. Try "
        "again in a minute.",
        "stopped": "Stopped: what was fused so far is kept.",
        "waiting": "Waiting for the {name} image.",
        "waiting_both": "Waiting for a pair: drop two images, or pick an example.",
        "cannot": "Cannot fuse:",
        "lite": "lite network",
        "rule": "rule: {name}",
        "metric": "metric",
        "pairs": "pairs",
        "mean_rank": "mean rank",
        "published": ", published",
        "this": "this result",
        "maximum": "maximum",
        "average": "average",
        "reading": "Better than both simple rules in **{wins} of {all}** rows, behind both in "
        "{losses}.",
        "best_of_rule": "Best for {name}: {keys}.",
        "caveat": "Higher is better in every row, but no row is quality: there is no true fused "
        "image to compare with, and rules that copy the brighter pixel or average win rows, too. "
        "Trust your eyes first.",
        "size": "the {first} image is {first_size} but the {second} image is {second_size}: "
        "both must show the scene on the same pixels.",
        "pixels": "the {name} image has more than the {limit} megapixels that this page takes; "
        "the command line takes more.",
        "missing": "the {name} image is missing.",
        "medical": "{file} is DICOM or a volume, which need the command line: lkc fuse.",
        "detail_range": "detail must lie between 0 and 2.",
        "expired": "the {name} image is no longer on the server, which deletes files after "
        "{minutes} minutes: drop it again.",
        "small": "the metrics need at least {side} × {side} pixels.",
    },
    "zh": {
        "page_title": "lkc：图像融合",
        "title": "同一场景的两幅图像，融合为一",
        "lead": "把一对已配准的图像拖到下面两个框中，或点选一个示例。仅供学习，不可用于诊断。",
        "fuse_tab": "融合",
        "about_tab": "关于",
        "task": "任务",
        "examples": "示例",
        "method": "方法",
        "detail": "细节",
        "detail_info": "0 自然 · 1 训练默认 · 2 强",
        "colour": "保留颜色",
        "precision": "精度",
        "fuse": "融合",
        "download": "下载 PNG",
        "view": "查看",
        "fused": "融合结果",
        "side_by_side": "并排",
        "origin": "来源",
        "numbers": "指标",
        "against": "{name} ⇆ 融合",
        "origin_map": "橙色：{first} · 蓝色：{second} · 灰色：两者一致",
        "minus": "融合 − {name}（中灰：相等）",
        "origin_text": "在两幅源图像不同之处，融合亮度有 {share:.0%} 更接近{first}，其余更接近"
        "{second}。该图由结果逐像素算得；接近某一源图像并不等于来自它。",
        "origin_colour": "颜色始终取自{second}图像。",
        "status": "{width} × {height} 像素，{bits} 位 · 解码 {decode:.0f} ms · "
        "融合 {network:.0f} ms · 编码 {encode:.0f} ms · 设备 {device}",
        "window": "{name}，显示范围 {low:g} 到 {high:g}",
        "halves": "分隔线左侧：{name}；右侧：融合结果。",
        "in_line": "排队中……",
        "no_answer": "没有结果：已有 {limit} 个任务在排队，或出现意外错误。请一分钟后重试。",
        "stopped": "已停止：已融合的部分保留。",
        "waiting": "等待{name}图像。",
        "waiting_both": "等待一对图像：拖入两幅图像，或点选一个示例。",
        "cannot": "无法融合：",
        "lite": "lite 网络",
        "rule": "规则：{name}",
        "metric": "指标",
        "pairs": "对数",
        "mean_rank": "平均名次",
        "published": "（已发表）",
        "this": "本结果",
        "maximum": "取最大",
        "average": "取平均",
        "reading": "**{all} 项中有 {wins} 项**优于两种简单规则，{losses} 项不如两者。",
        "best_of_rule": "{name}最优的指标：{keys}。",
        "caveat": "各项均为越高越好，但没有哪一项等于质量：融合没有标准答案可比，"
        "直接取较亮像素或求平均的简单规则也会在一些项上占优。请先相信眼睛。",
        "size": "{first}图像为 {first_size}，而{second}图像为 {second_size}：两者必须逐像素对应。",
        "pixels": "{name}图像超过本页上限（{limit} 百万像素）；命令行可处理更大的图像。",
        "missing": "缺少{name}图像。",
        "medical": "{file} 是 DICOM 或体数据，请使用命令行 lkc fuse。",
        "detail_range": "细节必须在 0 到 2 之间。",
        "expired": "{name}图像已不在服务器上（{minutes} 分钟后删除）：请重新拖入。",
        "small": "计算指标至少需要 {side} × {side} 像素。",
    },
}
for language in TEXT:
    for words in (batch_words, inside_words, video_words):
        TEXT[language] |= words.TEXT[language]
UNITS_ZH = {"gray levels": "灰度级"}
METRICS_ZH = {
    "EN": "灰度的信息熵",
    "MI": "与源图像共有的信息",
    "VIFF": "视觉信息保真度",
    "Qabf": "保留下来的源图像边缘",
    "SSIM": "与源图像的结构相似度",
    "PSNR": "与两幅源图像亮度的接近程度",
    "CC": "与源图像的平均相关",
    "SCD": "各源图像独有内容在结果中的体现",
    "SD": "整体对比度",
    "SF": "局部变化的强度",
    "AG": "平均梯度，清晰度",
}


def modality(name: str, language: str) -> str:
    """Return what a modality such as "infrared" is called."""
    return MODALITIES.get(name, name) if language == "zh" else name


def example(stem: str, language: str) -> str:
    """Return what an example is called whose file is, for one, "head-1"."""
    words = stem.split("-")
    return " ".join(EXAMPLES.get(word, word) if language == "zh" else word for word in words)


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


def explain(error: InputError, language: str) -> str:
    """Return an error's sentence in a language of the page, without folders of the server."""
    if isinstance(error, Complaint):
        return say(error.key, language, **error.values)
    folders = re.escape(root_folder().name) + r"/(?:[^/\s]*/)*"
    sentence = re.sub(folders, "", str(error))
    return to_chinese(sentence) if language == "zh" else sentence


def sorry(error: InputError, language: str, key: str = "cannot") -> str:
    """Return an error's sentence as Markdown, after words that say what cannot be done."""
    return f"**{say(key, language)}** {html.escape(explain(error, language))}"
