"""Every word of the page, in English and Chinese, and the complaints that can be said in both."""

import html
import re

from demo import inside_labels, video_labels
from demo.files import root_folder
from lkc.errors import InputError

TEXT = {
    "en": {
        "title": "Two images of one scene, fused",
        "lead": "Drop your own pair of registered images onto the two sources, or pick an example. "
        "For study, not for diagnosis.",
        "fuse_tab": "Fuse",
        "batch_tab": "Many pairs",
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
        "waiting": "Waiting for the {name} image.",
        "waiting_both": "Waiting for a pair: drop two images, or pick an example.",
        "cannot": "Cannot fuse:",
        "lite": "lite network",
        "rule": "rule: {name}",
        "metric": "metric",
        "pairs": "pairs",
        "mean_rank": "mean rank",
        "this": "this result",
        "maximum": "maximum",
        "average": "average",
        "reading": "Better than both simple rules in **{wins} of {all}** rows, behind both in "
        "{losses}.",
        "caveat": "Higher is better in every row, but no row is quality: there is no true fused "
        "image to compare with. Copying the brighter pixel wins MI, VIFF and Qabf, sharpening wins "
        "EN, SD, SF and AG, averaging wins PSNR, CC and SSIM. Trust your eyes first.",
        "files": "{name}: images, or one ZIP",
        "batch_lead": "Images are matched by file name. A single ZIP with two folders (such as "
        "`{first}` and `{second}`) also works. Up to {pairs} pairs.",
        "with_metrics": "Measure each result",
        "run": "Fuse all",
        "stop": "Stop",
        "results": "Results as ZIP",
        "table": "Metrics as CSV",
        "gallery": "Results (the first {count})",
        "progress": "fusing",
        "batch_done": "Fused {done} of {all} pairs in {seconds:.1f} s.",
        "batch_orphans": "Without partner: {names}.",
        "batch_late": "Stopped after {seconds} seconds; what was done is kept.",
        "size": "the {first} image is {first_size} but the {second} image is {second_size}: "
        "both must show the scene on the same pixels.",
        "pixels": "the {name} image has {megapixels:.0f} megapixels; this page takes up to "
        "{limit}. The command line takes more.",
        "expired": "the {name} image is no longer on the server, which deletes files after "
        "{minutes} minutes: drop it again.",
        "small": "the metrics need at least {side} × {side} pixels.",
        "zip_broken": "{file} is not a ZIP that can be read.",
        "zip_path": "{file} holds a file name that leaves its folder: it was not opened.",
        "zip_large": "{file} unpacks to more than {limit} MB or {count} files.",
        "no_files": "give images, or a ZIP, for both sources.",
        "no_match": "no file name occurs in both sources ({first}: {first_count} images, "
        "{second}: {second_count}).",
        "too_many": "{count} pairs are more than this page takes ({limit}); the command line takes "
        "any number.",
    },
    "zh": {
        "title": "同一场景的两幅图像，融合为一",
        "lead": "把一对已配准的图像拖到下面两个框中，或点选一个示例。仅供学习，不可用于诊断。",
        "fuse_tab": "融合",
        "batch_tab": "批量",
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
        "waiting": "等待{name}图像。",
        "waiting_both": "等待一对图像：拖入两幅图像，或点选一个示例。",
        "cannot": "无法融合：",
        "lite": "lite 网络",
        "rule": "规则：{name}",
        "metric": "指标",
        "pairs": "对数",
        "mean_rank": "平均名次",
        "this": "本结果",
        "maximum": "取最大",
        "average": "取平均",
        "reading": "**{all} 项中有 {wins} 项**优于两种简单规则，{losses} 项不如两者。",
        "caveat": "各项均为越高越好，但没有哪一项等于质量：融合没有标准答案可比。"
        "直接取较亮像素会在 MI、VIFF、Qabf 上占优，锐化会在 EN、SD、SF、AG 上占优，"
        "平均会在 PSNR、CC、SSIM 上占优。请先相信眼睛。",
        "files": "{name}：多幅图像，或一个 ZIP",
        "batch_lead": "按文件名配对。也可以只上传一个含两个文件夹"
        "（如 `{first}` 与 `{second}`）的 ZIP。最多 {pairs} 对。",
        "with_metrics": "计算每个结果的指标",
        "run": "全部融合",
        "stop": "停止",
        "results": "结果 ZIP",
        "table": "指标 CSV",
        "gallery": "结果（前 {count} 幅）",
        "progress": "融合中",
        "batch_done": "已融合 {done}/{all} 对，用时 {seconds:.1f} 秒。",
        "batch_orphans": "没有配对的文件：{names}。",
        "batch_late": "{seconds} 秒后停止；已完成的结果保留。",
        "size": "{first}图像为 {first_size}，而{second}图像为 {second_size}：两者必须逐像素对应。",
        "pixels": "{name}图像有 {megapixels:.0f} 百万像素；本页最多处理 {limit}，"
        "命令行可处理更大的图像。",
        "expired": "{name}图像已不在服务器上（{minutes} 分钟后删除）：请重新拖入。",
        "small": "计算指标至少需要 {side} × {side} 像素。",
        "zip_broken": "{file} 不是可读的 ZIP。",
        "zip_path": "{file} 含有指向文件夹之外的文件名，未打开。",
        "zip_large": "{file} 解压后超过 {limit} MB 或 {count} 个文件。",
        "no_files": "请为两个源各提供图像或 ZIP。",
        "no_match": "两个源没有相同的文件名"
        "（{first}：{first_count} 幅，{second}：{second_count} 幅）。",
        "too_many": "{count} 对超过本页上限（{limit}）；命令行不限数量。",
    },
}
for language in TEXT:
    TEXT[language] |= inside_labels.TEXT[language] | video_labels.TEXT[language]
MODALITIES = {"en": {}, "zh": {"infrared": "红外", "visible": "可见光"}}
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
    return MODALITIES[language].get(name, name)


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
    """Return an error's sentence, translated where it is the page's own, without server paths."""
    if isinstance(error, Complaint):
        return say(error.key, language, **error.values)
    folders = re.escape(root_folder().name) + r"/(?:[^/\s]*/)*"
    return re.sub(folders, "", str(error))


def sorry(error: InputError, language: str, key: str = "cannot") -> str:
    """Return an error's sentence as Markdown, after words that say what cannot be done."""
    return f"**{say(key, language)}** {html.escape(explain(error, language))}"
