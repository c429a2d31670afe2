"""The words of the tab for many pairs, in English and Chinese."""

TEXT = {
    "en": {
        "batch_tab": "Many pairs",
        "files": "{name}: images, or one ZIP",
        "batch_lead": "Images (PNG, JPEG, TIFF, WebP, BMP) are matched by file name. A single ZIP "
        "with two folders (such as `{first}` and `{second}`) also works. Up to {pairs} pairs. "
        "DICOM and volumes need the command line.",
        "with_metrics": "Measure each result",
        "run": "Fuse all",
        "stop": "Stop",
        "results": "Results as ZIP",
        "table": "Metrics as CSV",
        "gallery": "Results (the first {count})",
        "progress": "fusing",
        "batch_done": "Fused {done} of {all} pairs in {seconds:.1f} s.",
        "batch_orphans": "Without partner: {names}.",
        "batch_late": "The time limit of {seconds} seconds is over.",
        "zip_broken": "{file} is not a ZIP that can be read.",
        "zip_path": "{file} holds a file name that leaves its folder: it was not opened.",
        "zip_folders": "{file} needs two folders, one named {first}, one named {second}.",
        "too_large": "the uploads hold more than {limit} MB or {count} images.",
        "same_name": "two images are called {name}, and pairs are matched by name: rename one, or "
        "fuse their folders one after the other.",
        "no_files": "give images, or a ZIP, for both sources.",
        "no_match": "no file name occurs in both sources ({first}: {first_count} images, "
        "{second}: {second_count}).",
        "too_many": "{count} pairs are more than this page takes ({limit}); the command line takes "
        "any number.",
    },
    "zh": {
        "batch_tab": "批量",
        "files": "{name}：多幅图像，或一个 ZIP",
        "batch_lead": "图像（PNG、JPEG、TIFF、WebP、BMP）按文件名配对。也可以只上传一个含两个文件夹"
        "（如 `{first}` 与 `{second}`）的 ZIP。最多 {pairs} 对。DICOM 与体数据请使用命令行。",
        "with_metrics": "计算每个结果的指标",
        "run": "全部融合",
        "stop": "停止",
        "results": "结果 ZIP",
        "table": "指标 CSV",
        "gallery": "结果（前 {count} 幅）",
        "progress": "融合中",
        "batch_done": "已融合 {done}/{all} 对，用时 {seconds:.1f} 秒。",
        "batch_orphans": "没有配对的文件：{names}。",
        "batch_late": "已到 {seconds} 秒的时间上限。",
        "zip_broken": "{file} 不是可读的 ZIP。",
        "zip_path": "{file} 含有指向文件夹之外的文件名，未打开。",
        "zip_folders": "{file} 需要两个文件夹，一个名为 {first}，一个名为 {second}。",
        "too_large": "上传内容超过 {limit} MB 或 {count} 幅图像。",
        "same_name": "有两幅图像同名（{name}），而图像按文件名配对：请改名，或分批融合各文件夹。",
        "no_files": "请为两个源各提供图像或 ZIP。",
        "no_match": "两个源没有相同的文件名"
        "（{first}：{first_count} 幅，{second}：{second_count} 幅）。",
        "too_many": "{count} 对超过本页上限（{limit}）；命令行不限数量。",
    },
}
