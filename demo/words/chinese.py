"""Every word of the page in Chinese; chinese_refusals.py has the sentences of the library."""

TEXT = {
    "language": "中文",
    # the page, and the tab that fuses one pair
    "page_title": "lkc：图像融合",
    "title": "同一场景的两幅图像，融合为一",
    "lead": "把一对已配准的图像（也可以是 TIFF、DICOM、NIfTI 或数组）拖到下面两个框中，"
    "或点选一个示例。仅供学习，不可用于诊断。",
    "fuse_tab": "融合",
    "about_tab": "关于",
    "task": "任务",
    "examples": "示例",
    "method": "方法",
    "detail": "细节",
    "detail_info": "0 自然 · 1 训练默认 · 2 强",
    "colour": "颜色",
    "colour_keep": "{name}图像的颜色",
    "colour_heat": "热物发光",
    "colour_gray": "无",
    "precision": "精度",
    "fuse": "融合",
    "download": "下载 PNG",
    "download_dicom": "DICOM（二次捕获）",
    "sheet": "对比图（PNG）",
    "sheet_fact": "{name}：{value}",
    "sheet_moved": "其中一幅源图像已移到另一幅的像素上。",
    "sheet_reduced": "图像缩小为 1/{factor}",
    "sheet_end": "lkc {version}。仅供学习，不可用于诊断。",
    "take_away": "带走：对比图、命令行与 Python",
    "take_away_info": "文件位于当前文件夹时：",
    "take_away_slices": "这会融合每一层。灰度值与此处略有不同："
    "此处网络看到的切面方向与您看到的相同。",
    "view": "查看",
    "fused": "融合结果",
    "compare": "对比",
    "origin": "来源",
    "numbers": "指标",
    "origin_map": "橙色：{first} · 蓝色：{second} · 灰色：两者一致",
    "minus": "融合 − {name}（中灰：相等）",
    "origin_text": "在两幅源图像不同之处，融合亮度有 {share:.0%} 更接近{first}，其余更接近"
    "{second}。该图由结果逐像素算得；接近某一源图像并不等于来自它。",
    "origin_colour": "颜色始终取自{second}图像。",
    "status": "{width} × {height} 像素，{bits} 位 · 解码 {decode:.0f} ms · "
    "融合 {network:.0f} ms · 编码 {encode:.0f} ms · 设备 {device}",
    "preview": "{width} × {height} 像素的预览；正在融合全部 {whole_width} × {whole_height} 像素……",
    "window": "{name}，显示范围 {low:g} 到 {high:g}",
    "viewer_layouts": "对比方式",
    "viewer_beside": "并排",
    "viewer_fade": "渐变",
    "viewer_mix": "各图像所占比例",
    "viewer_blink": "闪烁",
    "viewer_closer": "放大",
    "viewer_farther": "缩小",
    "viewer_whole": "整幅",
    "viewer_screen": "全屏",
    "viewer_panes": "图像：加减号缩放，方向键移动，空格键闪烁，0 显示整幅",
    "viewer_keys": "滚轮、双指或 + − 缩放 · 拖动或方向键移动 · 空格键闪烁 · 0 显示整幅 · F 全屏",
    "viewer_column": "列",
    "viewer_row": "行",
    "viewer_of": "/",
    "viewer_in_file": "（文件值）",
    "viewer_gap": "未测量",
    "viewer_gone": "图像已不在服务器上：请点“融合”。",
    "window_title": "显示范围",
    "window_shown": "显示范围",
    "window_black": "黑",
    "window_white": "白",
    "window_by_hand": "从 … 到 …",
    "window_must_rise": "白的值必须更大。",
    "other_size": "本页可以把一幅图像移到另一幅的像素上。",
    "misfit": "两幅图像没有对齐？",
    "align": "自动对齐",
    "align_file": "使用 lkc align 的文件",
    "align_by_hand": "请从居中位置开始手动移动。",
    "nudge_title": "对齐",
    "nudge_good": "已移到另一幅图像的像素上。边缘吻合良好：{agreement:.2f}"
    "（随机为 0，完全吻合为 1）。覆盖画面的 {overlap:.0%}。",
    "nudge_weak": "已移到另一幅图像的像素上。边缘吻合较弱：{agreement:.2f}"
    "（随机为 0，完全吻合为 1），请看图确认。覆盖画面的 {overlap:.0%}。",
    "nudge_layouts": "叠加显示方式",
    "nudge_edges": "边缘",
    "nudge_squares": "棋盘格",
    "nudge_picture": "两幅图像，方向键移动其中一幅",
    "nudge_left": "左移",
    "nudge_right": "右移",
    "nudge_up": "上移",
    "nudge_down": "下移",
    "nudge_turn_left": "向左旋转",
    "nudge_turn_right": "向右旋转",
    "nudge_smaller": "缩小",
    "nudge_larger": "放大",
    "nudge_coarse": "10 倍步长",
    "nudge_closer": "放大显示",
    "nudge_farther": "缩小显示",
    "nudge_undo": "全部撤销",
    "nudge_save": "保存变换",
    "nudge_keys": "方向键移动 1 像素，[ 与 ] 旋转 0.1°，+ 与 − 缩放 0.1%。按住 Shift 为 10 倍。",
    "slices": "切面",
    "axial": "横断面",
    "coronal": "冠状面",
    "sagittal": "矢状面",
    "slice": "第 {number} 层，共 {count} 层，位于 {place:.1f} mm",
    "unseen": "此文件不是可显示的图像。",
    "in_line": "排队中……",
    "no_answer": "没有结果：已有 {limit} 个任务在排队，或出现意外错误。请一分钟后重试。",
    "stopped": "已停止：已融合的部分保留。",
    "waiting": "等待{name}图像。",
    "waiting_both": "等待一对图像：拖入两幅图像，或点选一个示例。",
    "cannot": "无法融合：",
    "lite": "lite 网络",
    "nano": "nano 网络，速度约为十倍",
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
    # the tab that looks inside a network
    "inside_tab": "看内部",
    "inside_lead": "第一个标签页中的图像对，由几个小网络融合；"
    "它们除归一化与卷积核尺寸外完全相同。**点击融合图像**，看一个像素由什么构成。",
    "exhibits": "在浏览器里动手试的小页面（英文）："
    "[哪些特征图共用均值和方差](exhibits/norm-sharing.html)、"
    "[移动热点，远处有什么变化](exhibits/hot-spot.html)、"
    "[逐块增大的感受野](exhibits/receptive-field.html)、"
    "[图像变差而指标变好](exhibits/metric-gym.html)。",
    "norm": "归一化",
    "hybrid": "混合",
    "instance": "实例",
    "group": "组",
    "layer": "层",
    "batch": "批",
    "shipped": "本页所用网络",
    "kernels": "卷积核",
    "layer_to_show": "层",
    "stem": "主干",
    "encoder": "编码器 {number}",
    "down": "下采样 {number}",
    "mid": "中间层",
    "up": "上采样 {number}",
    "join": "自适应融合 {number}",
    "decoder": "解码器 {number}",
    "head": "输出层",
    "inside_fused": "该网络的融合结果：点击一个像素",
    "row": "行",
    "column": "列",
    "region": "区域（像素）",
    "share": "方框内有多少来自{first}？**{first} {first_share:.0%}，"
    "{second} {second_share:.0%}**（卷积核 {kernels}）：分别去掉一个源图像后方框的变化。"
    "负值：该图像使其变暗。",
    "field_caption": "{kernels} · {name}",
    "field_text": "**{kernels}** 卷积核：对该像素的影响一半来自边长 {half} 像素的方框，"
    "99% 来自 {most} 像素；其中 {share:.0%} 来自{first}图像。",
    "field_legend": "颜色：源像素对所点像素的影响，跨 {decades} 个数量级。方框：50% 与 99%。",
    "field_near": "第 {row} 行，第 {column} 列：对该像素的影响一半来自边长 {half} 像素的方框，"
    "99% 来自 {most} 像素；其中 {share:.0%} 来自{first}图像。",
    "field_stage": "两个源图像与一个像素的感受野：方向键移到下一处，回车查看该像素",
    "field_waiting": "正在预先计算各处的感受野……",
    "field_none": "在图像上移动指针，或在此用方向键。",
    "hover_lead": "**在融合图像或下面的图像上移动**：所选网络中指针所指像素的感受野。"
    "点击查看更多。",
    "hover_lead_cpu": "**在融合图像或下面的图像上移动**：所选网络中预先计算的 {places} 处感受野里"
    "离指针最近的一处。点击则计算该像素本身。",
    "maps": "特征图",
    "maps_text": "{channels} 个通道，{width} × {height}；显示变化最大的 {shown} 个。"
    "稀疏度 {sparsity:.2f}（Hoyer：0 为平坦，1 为单点）。两个网络的通道并不对应。",
    "channel": "通道 {number}",
    "side_by_side": "各种归一化并排",
    "side_by_side_text": "上面所选的层，各网络的卷积核相同。第一行：{first}归一化中变化最大的通道，"
    "以及其他网络中与它最相似的通道（r 为相关系数）。所有图共用一个灰度范围：各图均值 "
    "{low:+.2f} 到 {high:+.2f}。最后一行：融合图像之差，橙色更亮，蓝色更暗；"
    "颜色到 ±{limit:.2g} 灰度级为止。",
    "reference_map": "{norm} · 通道 {channel}",
    "like_map": "{norm} · 通道 {channel}（r {like:.2f}）",
    "norm_fused": "{norm} · 融合",
    "reference": "{norm} · 与自身无差别",
    "difference": "{norm} − {first} · 平均 {mean:.1f} 灰度级",
    "hot_spot": "热点：近处与远处",
    "hot_lead": "**点击图像**，把一个热点放入第一个源图像，再拖动它。"
    "每种归一化各有一幅图，显示融合图像因此改变了什么。",
    "hot_none": "还没有热点：请点击图像，或在图像上按方向键。",
    "hot_text": "卷积核的影响全在方框之内：方框之外，仅凭卷积核的变化小于 {least} 灰度级，"
    "那里的变化经由统计量而来。所有图共用一个标度：颜色到 **±{limit:.2g} 灰度级**为止，"
    "橙色更亮，蓝色更暗。\n\n方框之外图像改变了\n",
    "hot_line": "- {norm}：平均 **{mean:.3f} 灰度级**，最大 {most:.2f}",
    "hot_everywhere": "- {norm}：无，因为方框占满整幅图像",
    "hot_batch": "使用时，批归一化取训练中存下的平均值；仍有少许影响，"
    "来自自适应融合中整幅图像的均值。",
    "spot_stage": "第一个源图像：点击、拖动或用方向键移动热点（Shift：10 像素）",
    "spot_none": "还没有热点",
    "spot_width": "宽度（像素）",
    "spot_brightness": "亮度（灰度级）",
    "spot_row": "行",
    "spot_column": "列",
    "shrunk": "在 {width} × {height} 像素的副本上查看。",
    "only_in_a_clone": "对照研究的网络在项目的克隆仓库中，安装包内没有。",
    "borrowed": "对照研究没有该任务的网络：这里的网络由 MRI 与 CT 训练。",
    "waiting_pair": "等待一对图像：请在第一个标签页拖入，或点选示例。",
    "pixel_outside": "像素不在图像（{width} × {height}）内。",
    "cannot_look": "无法查看：",
    # the tab for many pairs
    "batch_tab": "批量",
    "files": "{name}：多幅图像，或一个 ZIP",
    "batch_lead": "图像（PNG、JPEG、TIFF、WebP、BMP）按文件名配对，相机自加的字样不影响配对；"
    "ZIP 中还按文件夹配对。也可以只上传一个含两个文件夹（如 `{first}` 与 `{second}`）的 ZIP。"
    "最多 {pairs} 对。DICOM 与体数据请使用命令行。",
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
    "too_large": "上传内容超过 {limit} MB，或超过 {count} 幅图像或 {count} 个文件夹。",
    "same_name": "同一文件夹中有两幅图像同名（{name}），而图像按文件名配对：请改名。",
    "no_files": "请为两个源各提供图像或 ZIP。",
    "too_many": "{count} 对超过本页上限（{limit}）；命令行不限数量。",
    # the tab for clips
    "video_tab": "视频",
    "video_lead": "同一场景、逐像素对应的两段视频。按时间匹配帧；整段视频使用同一亮度范围；"
    "但归一化逐帧计算，热物体进入时背景仍可能略有变化。"
    "每段最大 {megabytes} MB，处理时间最长 {seconds} 秒；不保留声音。",
    "clip": "{name}视频",
    "clip_range": "第一段视频的亮度范围",
    "full": "按存储值",
    "percentile": "第 1 至 99 百分位",
    "video_run": "融合视频",
    "video_example": "生成示例视频",
    "video_frame": "最新一帧",
    "video_result": "融合后的视频",
    "video_download": "下载 MP4",
    "video_measuring": "测量中",
    "video_fusing": "融合中",
    "video_step": "{step}：第 {done} 帧，共 {of} 帧",
    "video_done": "{frames} 帧，用时 {seconds:.1f} 秒（每秒 {rate:.1f} 帧），设备 {device}。",
    "no_clips": "请为两个源各提供一段视频。",
}
ABOUT = """
## 图像如何处理
输入同一场景的两幅**已配准**图像（尺寸相同、逐像素对应），输出一幅同尺寸的图像。网络融合亮度；
颜色取自可见光、PET 或 SPECT 图像。16 位图像对以 16 位融合并返回，仅以 8 位显示。
取值只占部分范围的 16 位或浮点文件会被拉伸，标签注明其范围。

图像只发送到本服务器，约三十分钟后删除；不保存、不统计、不转发。

## 网络
`lite`：{parameters:,} 个参数，大卷积核（15、11、7），主干使用实例归一化，各模块使用组归一化，
每一层自适应融合。训练数据为 MSRS、RoadScene（红外与可见光）
和 Harvard whole-brain atlas（MRI 与 CT、PET、SPECT），不含本仓库基准测试所用的测试集。
另有五种规则供比较：取最大、取平均、拉普拉斯金字塔、小波、引导滤波。

## 数值
测试集上的平均值，越高越好，但没有哪一项等于质量。平均名次在 `lite`、同任务的已发表方法与五种规则中
计算；1 表示全部最优。
(table)
来自仓库的 `benchmarks/`，其中说明了测量方法。测试图像与训练图像来自相同的头部和行车路线
（沿用已发表的划分），并且提升哪些指标参考了测试结果：这些数值不代表其他相机或医院的表现。

## 限制
- **不可用于诊断，也不可用于针对个人的决定。** 融合图像会掩盖结构来自哪一幅源图像，
  网络也可能放大噪声。
- 与训练数据不同的相机、扫描仪或伪彩色，结果可能不同。
- 结果的灰度不是温度、CT 值或摄取量。
- 未配准的图像会出现重影。
- 示例图像由程序生成，或由一个公开的 MRI 体数据（Colin27）模拟得到。

## 许可与引用
代码与权重：Apache-2.0；各数据集另有条款。本项目独立实现了论文 *Rethinking Normalization
Strategies and Convolutional Kernels for Multimodal Image Fusion*（He 等，Pattern
Recognition 173，2026，doi:10.1016/j.patcog.2025.112903）；
使用时请引用该论文。
"""
MODALITIES = {"infrared": "红外", "visible": "可见光"}
EXAMPLES = {"night": "夜晚", "fog": "雾天", "glare": "眩光", "head": "头部"}
UNITS = {"gray levels": "灰度级"}
METRICS = {
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
