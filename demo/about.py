"""What the page says about itself: the model card in short."""

ABOUT = {
    "en": """
### What happens to your images
Two **registered** images of one scene go in (same size, same pixels), one comes out at the same
size. The network fuses brightness; colour is taken from the visible, PET or SPECT image. 16-bit
pairs are fused and handed back with 16 bits, and shown with 8.

Images go to this server only. They are deleted thirty minutes later; nothing is kept, counted
or
sent elsewhere.

### The network
`lite`: at most 0.6 M parameters, large kernels (15, 11, 7), instance normalization in the stem,
group normalization in the blocks, adaptive fusion at every level. Trained on MSRS and RoadScene
(infrared and visible) and on the Harvard whole-brain atlas (MRI with CT, PET or SPECT),
without the
test folders on which the repository's benchmark measures it. The five rules are there for
comparison: maximum, average, Laplacian pyramid, wavelet and guided filter.

### Limits
- **Not for diagnosis, and not for decisions about people.** A fused image hides which source a
  structure came from, and the network may sharpen noise.
- Other cameras, scanners and colour maps than those it was trained on may look different.
- Gray values of a result are not temperatures, Hounsfield units or uptake.
- Pairs that are not registered give double outlines.
- The examples are generated, or simulated from a public MRI; no person is shown.

### Licence and citation
Code and weights: Apache-2.0. The data sets have terms of their own. This is an independent
implementation of *Rethinking Normalization Strategies and Convolutional Kernels for Multimodal
Image Fusion* (He et al., arXiv:2411.10036); if you use it, cite that paper.
""",
    "zh": """
### 图像如何处理
输入同一场景的两幅**已配准**图像（尺寸相同、逐像素对应），输出一幅同尺寸的图像。网络融合亮度；
颜色取自可见光、PET 或
SPECT 图像。16 位图像对以 16 位融合并返回，仅以 8 位显示。

图像只发送到本服务器，三十分钟后删除；不保存、不统计、不转发。

### 网络
`lite`：参数不超过 0.6 M，大卷积核（15、11、7），主干使用实例归一化，各模块使用组归一化，
每一层自适应融合。训练数据为
MSRS、RoadScene（红外与可见光）和 Harvard whole-brain atlas（MRI 与 CT、PET、SPECT），
不含本仓库基准测试所用的测试集。
另有五种规则供比较：取最大、取平均、拉普拉斯金字塔、小波、引导滤波。

### 限制
- **不可用于诊断，也不可用于针对个人的决定。** 融合图像会掩盖结构来自哪一幅源图像，
  网络也可能放大噪声。
- 与训练数据不同的相机、扫描仪或伪彩色，结果可能不同。
- 结果的灰度不是温度、CT 值或摄取量。
- 未配准的图像会出现重影。
- 示例图像由程序生成，或由公开的 MRI 模拟得到，不含真实人物。

### 许可与引用
代码与权重：Apache-2.0；各数据集另有条款。本项目独立实现了论文 *Rethinking Normalization
Strategies and
Convolutional Kernels for Multimodal Image Fusion*（He 等，arXiv:2411.10036）；
使用时请引用该论文。
""",
}
