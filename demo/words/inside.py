"""The words of the tab that looks inside a network, in English and Chinese."""

TEXT = {
    "en": {
        "inside_tab": "Look inside",
        "inside_lead": "The pair of the first tab, fused by small networks that are equal in "
        "everything but norm and kernel sizes. **Click the fused image** to see what one pixel of "
        "it is made of.",
        "norm": "Norm",
        "hybrid": "hybrid",
        "instance": "instance",
        "group": "group",
        "batch": "batch",
        "shipped": "the page's own",
        "kernels": "Kernels",
        "layer": "Layer",
        "stem": "stem",
        "encoder": "encoder {number}",
        "down": "down {number}",
        "mid": "middle",
        "up": "up {number}",
        "join": "adaptive fusion {number}",
        "decoder": "decoder {number}",
        "head": "head",
        "inside_fused": "Fused by this network: click a pixel",
        "row": "Row",
        "column": "Column",
        "region": "Region (pixels)",
        "kernels_only": "Kernels only",
        "kernels_only_info": "off: also through the norms' statistics",
        "share": "How much of the marked square is {first}? **{first_share:.0%} {first}, "
        "{second_share:.0%} {second}** (kernels {kernels}): what the square loses without either "
        "source. Negative: that source darkens it.",
        "field_caption": "{kernels} · {name}",
        "field_text": "**{kernels}** kernels: half of what reaches the pixel comes from a square "
        "of {half} pixels, 99% from {most}; {share:.0%} of it from the {first} image.",
        "field_legend": "Colour: how much a source pixel changes the clicked one, over {decades} "
        "powers of ten. Squares: 50% and 99%.",
        "maps": "Feature maps",
        "maps_text": "{channels} channels of {width} × {height}; the {shown} that vary most. "
        "Sparsity {sparsity:.2f} (Hoyer: 0 flat, 1 a single position). Channels of two networks "
        "do not correspond.",
        "channel": "channel {number}",
        "shrunk": "Looked at on a copy of {width} × {height} pixels.",
        "borrowed": "The study has no networks for this task: these were trained on MRI with CT.",
        "waiting_pair": "Waiting for a pair: drop one in the first tab, or pick an example there.",
        "pixel_outside": "the pixel lies outside of the image, {width} × {height}.",
        "cannot_look": "Cannot look inside:",
    },
    "zh": {
        "inside_tab": "看内部",
        "inside_lead": "第一个标签页中的图像对，由几个小网络融合；"
        "它们除归一化与卷积核尺寸外完全相同。**点击融合图像**，看一个像素由什么构成。",
        "norm": "归一化",
        "hybrid": "混合",
        "instance": "实例",
        "group": "组",
        "batch": "批",
        "shipped": "本页所用网络",
        "kernels": "卷积核",
        "layer": "层",
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
        "kernels_only": "仅看卷积核",
        "kernels_only_info": "关闭：包含经归一化统计量的影响",
        "share": "方框内有多少来自{first}？**{first} {first_share:.0%}，"
        "{second} {second_share:.0%}**（卷积核 {kernels}）：分别去掉一个源图像后方框的变化。"
        "负值：该图像使其变暗。",
        "field_caption": "{kernels} · {name}",
        "field_text": "**{kernels}** 卷积核：对该像素的影响一半来自边长 {half} 像素的方框，"
        "99% 来自 {most} 像素；其中 {share:.0%} 来自{first}图像。",
        "field_legend": "颜色：源像素对所点像素的影响，跨 {decades} 个数量级。方框：50% 与 99%。",
        "maps": "特征图",
        "maps_text": "{channels} 个通道，{width} × {height}；显示变化最大的 {shown} 个。"
        "稀疏度 {sparsity:.2f}（Hoyer：0 为平坦，1 为单点）。两个网络的通道并不对应。",
        "channel": "通道 {number}",
        "shrunk": "在 {width} × {height} 像素的副本上查看。",
        "borrowed": "对照研究没有该任务的网络：这里的网络由 MRI 与 CT 训练。",
        "waiting_pair": "等待一对图像：请在第一个标签页拖入，或点选示例。",
        "pixel_outside": "像素不在图像（{width} × {height}）内。",
        "cannot_look": "无法查看：",
    },
}
