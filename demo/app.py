"""The page itself: `lkc demo` or `python -m demo.app`."""

import html
import os
import shutil
import tempfile
import time
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported

import gradio as gr

import lkc
from demo.inference import (
    METHODS,
    Fusion,
    describe,
    fuse_files,
    list_examples,
    score,
    to_display,
)
from lkc.images import write_image

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
KEEP_SECONDS = 600
RESULTS = Path(tempfile.mkdtemp(prefix="lkc-results-"))
TASK_CHOICES = [
    ("Infrared + visible", "ir-vis"),
    ("MRI + CT", "mri-ct"),
    ("MRI + PET", "mri-pet"),
    ("MRI + SPECT", "mri-spect"),
]
CSS = """
.gradio-container {max-width: 1180px !important; width: 100%; margin: auto}
.controls {align-items: end}
#status {min-height: 1.6em}
#title h1 {margin-bottom: 0.1em}
footer {display: none !important}
#examples .grid-wrap {max-height: none; min-height: 0}
#examples .grid-container {grid-template-columns: repeat(auto-fill, minmax(100px, 1fr)) !important}
#examples .caption-label {display: none}
#examples {height: auto !important; padding-top: 2.2rem}
@media (max-width: 500px) {.sources {flex-direction: column}}
"""
TEXT = gr.I18n(
    en={
        "fuse": "Fuse",
        "detail": "Detail",
        "detail_info": "0 natural, 1 default, 2 strong",
        "method": "Method",
        "task": "Task",
        "fused": "Fused",
        "download": "Download PNG",
        "compare": "Compare with a source",
        "numbers": "Numbers",
        "examples": "Example pairs (generated)",
        "about": "About and limits",
    },
    zh={
        "fuse": "融合",
        "detail": "细节",
        "detail_info": "0 自然，1 默认，2 强",
        "method": "方法",
        "task": "任务",
        "fused": "融合结果",
        "download": "下载 PNG",
        "compare": "与源图像比较",
        "numbers": "指标",
        "examples": "示例（由程序生成）",
        "about": "说明与限制",
    },
)
READING = """
Higher is better in every row, yet no single number is quality: copying the brighter source wins MI,
VIFF and Qabf, sharpening wins EN, SD, SF and AG, averaging wins PSNR, CC and SSIM. There is no
reference image to compare with; trust your eyes first.
"""
ABOUT = """
Two **registered** images of one scene go in (same size, same grid), one comes out. The network
fuses brightness; colour comes from the visible, PET or SPECT image. Nothing is resized.

**Not for diagnosis**, nor for decisions about people. Trained on MSRS, RoadScene and the Harvard
whole-brain atlas; other cameras and scanners may look different. Images stay on this server only
while they are shown and are deleted after ten minutes; nothing is sent elsewhere.

Implements *Rethinking Normalization Strategies and Convolutional Kernels for Multimodal Image
Fusion* (arXiv:2411.10036), independently of its authors. Apache-2.0.
"""


def save_result(fusion: Fusion) -> str:
    """Write the full-precision PNG that the download button hands out; forget old ones."""
    for old in RESULTS.iterdir():
        if time.time() - old.stat().st_mtime > KEEP_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    path = Path(tempfile.mkdtemp(dir=RESULTS)) / "fused.png"
    write_image(path, fusion.fused)
    return str(path)


def fuse(first: str | None, second: str | None, task: str, method: str, detail: float):
    """Fuse a registered pair; returns status, fused image, comparison pairs, metrics, PNG file."""
    labels = lkc.TASKS[task].first, lkc.TASKS[task].second
    missing = [label for label, path in zip(labels, (first, second), strict=True) if not path]
    if missing:
        hint = f"Waiting for the {' and the '.join(missing)} image."
        return hint, None, None, None, None, gr.update(interactive=False, value=None)
    try:
        fusion = fuse_files(first, second, task, method, detail)
    except lkc.InputError as error:
        sentence = html.escape(str(error))
        return f"**Cannot fuse:** {sentence}", None, None, None, None, gr.update(interactive=False)
    shown = to_display(fusion.fused)
    a, b = (to_display(source) for source in fusion.sources)
    button = gr.update(interactive=True, value=save_result(fusion))
    return describe(fusion), shown, (a, shown), (b, shown), score(fusion), button


def label_sources(task: str) -> tuple[dict, dict, dict, dict]:
    """Name the inputs and the comparisons after the task's modalities."""
    first, second = lkc.TASKS[task].first, lkc.TASKS[task].second
    first, second = first[0].upper() + first[1:], second[0].upper() + second[1:]
    return (
        gr.update(label=first),
        gr.update(label=second),
        gr.update(label=f"{first} | fused"),
        gr.update(label=f"{second} | fused"),
    )


def name_example(task: str, first: str, second: str) -> str:
    """A short label such as "infrared + visible: night"."""
    labels = lkc.TASKS[task]
    return f"{labels.first} + {labels.second}: {Path(first).stem.replace('-', ' ')}"


def source_image(label: str) -> gr.Image:
    """An upload that hands on the file as it is, with all its bits."""
    return gr.Image(
        label=label,
        type="filepath",
        image_mode=None,
        sources=["upload", "clipboard"],
        height=280,
        format="png",
        buttons=["fullscreen"],
    )


def build_page() -> gr.Blocks:
    """Lay out the page and connect its events."""
    with gr.Blocks(
        title="lkc: image fusion", fill_width=True, delete_cache=(KEEP_SECONDS, KEEP_SECONDS)
    ) as page:
        gr.Markdown(
            "# See two cameras as one\nDrop a registered pair, or click an example.",
            elem_id="title",
        )
        task = gr.Radio(TASK_CHOICES, value="ir-vis", label=TEXT("task"))
        with gr.Row(elem_classes="sources"):
            first, second = source_image("Infrared"), source_image("Visible")
        examples = list_examples(EXAMPLES)
        if examples:

            def pick_example(event: gr.SelectData) -> list[str]:
                return examples[event.index]

            gallery = gr.Gallery(
                [(second, name_example(*row)) for row in examples for second in row[2:]],
                label=TEXT("examples"),
                columns=9,
                elem_id="examples",
                object_fit="cover",
                allow_preview=False,
                format="png",
                buttons=[],
            )
            gallery.select(
                pick_example, None, [task, first, second],
                api_visibility="private",
            )  # fmt: skip
        with gr.Row(elem_classes="controls"):
            detail = gr.Slider(
                0, 2, value=1, step=0.1, label=TEXT("detail"), info=TEXT("detail_info"), scale=3
            )
            method = gr.Dropdown(METHODS, value="lite", label=TEXT("method"), scale=2)
            button = gr.Button(TEXT("fuse"), variant="primary", size="lg", scale=1)
        status = gr.Markdown("Waiting for a pair.", elem_id="status")
        with gr.Tab(TEXT("fused")):
            fused = gr.Image(
                label=TEXT("fused"), format="png", interactive=False, height=480,
                buttons=["fullscreen"], elem_id="fused",
            )  # fmt: skip
            download = gr.DownloadButton(TEXT("download"), interactive=False)
        with gr.Tab(TEXT("compare")), gr.Row(elem_classes="sources"):
            against_first = gr.ImageSlider(label="Infrared | fused", format="png", max_height=460)
            against_second = gr.ImageSlider(label="Visible | fused", format="png", max_height=460)
        with gr.Tab(TEXT("numbers")):
            metrics = gr.Dataframe(
                headers=["metric", "value", "what it measures"], interactive=False
            )
            gr.Markdown(READING)
        with gr.Accordion(TEXT("about"), open=False):
            gr.Markdown(ABOUT)
        task.change(
            label_sources, task, [first, second, against_first, against_second],
            api_visibility="private",
        )  # fmt: skip
        inputs = [first, second, task, method, detail]
        outputs = [status, fused, against_first, against_second, metrics, download]
        shared = {"concurrency_id": "fuse", "concurrency_limit": 1, "show_progress": "minimal"}
        button.click(fuse, inputs, outputs, api_name="fuse", **shared)
        gr.on(
            [first.change, second.change, task.change, method.change, detail.release],
            fuse, inputs, outputs, api_visibility="private", trigger_mode="always_last", **shared,
        )  # fmt: skip
    return page.queue(max_size=32)


def serve(host: str = "127.0.0.1", port: int = 7860, block: bool = True) -> gr.Blocks:
    """Serve the page until interrupted, or in the background."""
    page = build_page()
    page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=not block,
        quiet=not block,
        max_file_size="50mb",
        share=False,
        enable_monitoring=False,
        run_history=False,
        theme=gr.themes.Soft(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        css=CSS,
        i18n=TEXT,
    )
    return page


if __name__ == "__main__":
    serve()
