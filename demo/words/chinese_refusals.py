"""What the library refuses, in Chinese; {names} stand for what a sentence says of its case."""

REFUSALS = {
    "{folder} holds no images.": "{folder}：没有图像。",
    "{first} ({count} images) and {second} ({other} images) have no file name in common: rename "
    "them, since one side has {a} and the other {b}.": (
        "{first}（{count} 幅）与{second}（{other} 幅）没有相同的文件名：一边有 {a}，"
        "另一边有 {b}，请改名。"
    ),
    "alignment needs at least {side}x{same} pixels.": "对齐至少需要 {side}x{same} 像素。",
    "alignment failed: one of the images is nearly flat and shows no edges.": (
        "对齐失败：其中一幅图像几乎没有明暗变化，找不到边缘。"
    ),
    "alignment failed: edge agreement {agreement} does not stand out from chance; the images may "
    "show different scenes, have too few edges in common, or lie outside of {searched}.": (
        "对齐失败：边缘吻合度 {agreement} 与随机无异；两幅图像可能不是同一场景、共同边缘太少，"
        "或超出搜索范围。"
    ),
    "{file} moves {moving} onto {fixed}, but this pair would move {other} onto {onto}.": (
        "{file} 把 {moving} 移到 {fixed} 上，而这对图像需要把 {other} 移到 {onto} 上。"
    ),
    "the matrix of {file} is no transform: it needs 3 rows of 3 numbers.": (
        "{file} 中的矩阵不是变换：需要 3 行，每行 3 个数。"
    ),
    "{file} is no stored alignment: it needs matrix, moving_size and fixed_size, as lkc align "
    "writes them.": "{file} 不是 lkc align 写出的文件：缺少 matrix、moving_size 或 fixed_size。",
    "{file} has more than {count} million voxels.": "{file} 超过 {count} 百万个体素。",
    "{file} covers {share} of {other}: they do not lie in one space.": (
        "{file} 只覆盖 {other} 的 {share}：两者不在同一空间。"
    ),
    "{file} states no position in space, so it cannot be laid on the other volume: {advice}.": (
        "{file} 未说明空间位置，无法与另一个体数据对齐：请先配准，或用命令行的 --align。"
    ),
    "{file} states no position in space: it has no {tag}.": "{file} 未说明空间位置：缺少 {tag}。",
    "{file} holds several DICOM series: {advice}.": "{file} 含有多个 DICOM 序列：请只给其中一个。",
    "{file} holds no DICOM image, and neither do the folders in it.": "所选文件中没有 DICOM 图像。",
    "{file} is no volume by itself: give the folder of its series.": (
        "{file} 本身不是体数据：请选择该序列的全部文件。"
    ),
    "{file} has no usable geometry: its affine is singular.": (
        "{file} 的空间位置不可用：其仿射矩阵不可逆。"
    ),
    "{file} is damaged: it states no usable position in space.": (
        "{file} 已损坏：其中的空间位置不可用。"
    ),
    "{file} holds slices of different direction or pixel size.": (
        "{file} 中各层的方向或像素大小不同。"
    ),
    "{file} misses slices, or its slices are not evenly spaced.": (
        "{file} 缺少切片，或层间距不均匀。"
    ),
    "{file} holds several slices at one place: {advice}.": (
        "{file} 在同一位置有多层：请每次只给一个时相、回波或副本的文件。"
    ),
    "{file} is a mosaic of many slices in one image: convert it to NIfTI first, for example with "
    "dcm2niix.": "{file} 是把多层拼在一幅图像中的 mosaic：请先转换为 NIfTI，例如用 dcm2niix。",
    "{file} has {count} images that state no places of their own, and does not stand alone: "
    "convert it to NIfTI first, for example with dcm2niix.": (
        "{file} 含 {count} 幅没有各自位置的图像，且不是单独的文件："
        "请先转换为 NIfTI，例如用 dcm2niix。"
    ),
    "{file} holds slices of different size, or colour.": "{file} 中各层的尺寸不同，或为彩色。",
    "{file} has lost {count} of its files ({names}): copy it again, or remove them to fuse what is "
    "left.": "{file} 有 {count} 个文件不完整：请重新复制，或去掉这些文件后融合其余部分。",
    "{file} is damaged: its tags end {count} bytes before the file does.": (
        "{file} 已损坏：标签在文件结束前 {count} 字节处中断。"
    ),
    "{file} has {pieces} pieces of compressed pixels for {images} images: it is cut off, or it is "
    "a video, which is not read as a volume.": (
        "{file} 有 {images} 幅图像，却只有 {pieces} 段压缩像素：文件不完整，或是无法作为体数据"
        "读取的视频。"
    ),
    "{file} is cut off: its header promises more than it holds.": (
        "{file} 不完整：内容少于文件头所述。"
    ),
    "{file} is nuclear medicine of the kind {kind}, whose images are no slices of a volume: give "
    "the reconstructed one, of the kind {wanted}.": (
        "{file} 是 {kind} 类型的核医学图像，各幅不是体数据的切片：请给重建后的 {wanted} 类型。"
    ),
    "{file} holds no voxels.": "{file} 不含体素。",
    "{file} holds colour: gray volumes are needed.": "{file} 是彩色的：需要灰度体数据。",
    "{file} has shape {shape}: one volume is needed.": "{file} 的形状为 {shape}：需要单个体数据。",
    "{file} holds complex numbers.": "{file} 含有复数。",
    "{file} keeps its values in several files, in one that is missing, or behind something else, "
    "which is not read: convert it to NIfTI first.": (
        "{file} 的数值存于多个文件、缺失的文件或其他内容之后，无法读取：请先转换为 NIfTI。"
    ),
    "{file} is not one gray volume: convert it to NIfTI first.": (
        "{file} 不是单个灰度体数据：请先转换为 NIfTI。"
    ),
    "{file} is damaged, or of a kind that is not read.": "{file} 已损坏，或类型无法读取。",
    "{file} holds {frames}: pick one with --frame N, counted from 1 to {last}.": (
        "{file} 含 {last} 个时相：请只给其中一个，或用命令行的 --frame。"
    ),
    "{file} is MINC or another file of netCDF or HDF5, which is not read: convert MINC with "
    "{command}.": "{file} 是 MINC 或其他 netCDF、HDF5 文件，无法读取：MINC 请用 {command} 转换。",
    "{file} is ECAT, which is not read: convert it, for example with XMedCon: {command}.": (
        "{file} 是 ECAT，无法读取：请转换，例如用 XMedCon：{command}。"
    ),
    "{file} is half of a NIfTI pair, which is not read: {advice}.": (
        "{file} 是 NIfTI 文件对的一半，无法读取：请用 nib-convert 转换为 .nii.gz。"
    ),
    "{file} is Analyze, which does not tell left from right: {advice}, and check its sides.": (
        "{file} 是 Analyze，不区分左右：请用 nib-convert 转换为 .nii.gz，并核对左右。"
    ),
    "{file} is a clip: fuse it into a clip (-o OUT.mp4).": "{file} 是视频：请到“视频”标签页融合。",
    "{file} is a FLIR sequence, which is not read: save its frames as CSV or TIFF in FLIR's own "
    "software.": "{file} 是 FLIR 序列，无法读取：请用 FLIR 软件把各帧另存为 CSV 或 TIFF。",
    "{file} is HEIC, which is not read: convert it to JPEG or PNG, such as with heif-convert.": (
        "{file} 是 HEIC，无法读取：请转换为 JPEG 或 PNG，例如用 heif-convert。"
    ),
    "{file} is JPEG XL, which is not read: convert it to PNG, such as with djxl.": (
        "{file} 是 JPEG XL，无法读取：请转换为 PNG，例如用 djxl。"
    ),
    "{file} has signed values, or more than 16 bits: save it as TIFF.": (
        "{file} 含有带符号的值或超过 16 位：请另存为 TIFF。"
    ),
    "{file} has more than 8 bits and transparency: save it without.": (
        "{file} 超过 8 位且含透明度：请去掉透明度后另存。"
    ),
    "{file} holds an array of shape {shape}: save one image of it as (H, W), such as array[0].": (
        "{file} 含形状为 {shape} 的数组：请把其中一幅图像存为 (H, W)，例如 array[0]。"
    ),
    "{file} holds {type} values: numbers are needed.": "{file} 含有 {type}：需要数值。",
    "{file} is not a rectangular table of numbers: remove its headings, or save the temperatures "
    "as TIFF or .npy.": "{file} 不是由数值组成的矩形表格：请去掉表头，或把温度存为 TIFF 或 .npy。",
    "{file} states camera constants that give no temperatures: save it as TIFF or CSV in FLIR's "
    "own software.": "{file} 中的相机常数算不出温度：请用 FLIR 软件另存为 TIFF 或 CSV。",
    "{file} is DICOM without an image.": "{file} 是不含图像的 DICOM。",
    "{file} is damaged, or its compression ({kind}) needs a plugin: pip install pylibjpeg "
    "pylibjpeg-libjpeg pylibjpeg-openjpeg.": (
        "{file} 已损坏，或其压缩方式（{kind}）需要服务器安装插件。"
    ),
    "{file} holds complex numbers: gray or colour is needed.": (
        "{file} 含有复数：需要灰度或彩色图像。"
    ),
    "{file} has shape {shape}: gray or colour is needed.": (
        "{file} 的形状为 {shape}：需要灰度或彩色图像。"
    ),
    "{file} has {bands} bands: gray or colour is needed.": (
        "{file} 有 {bands} 个波段：需要灰度或彩色图像。"
    ),
    "{file} has shape {shape}: expected (H, W) or (H, W, 3).": (
        "{file} 的形状为 {shape}：需要灰度或彩色图像。"
    ),
    "{file} has type {type}: expected uint8, uint16 or float.": (
        "{file} 的类型为 {type}：需要 uint8、uint16 或浮点。"
    ),
    "{file} has more than {count} million values.": "{file} 超过 {count} 百万个值。",
    "{file} holds no finite value.": "{file} 不含有限的值。",
    "the image holds no finite value.": "图像不含有限的值。",
    "the image does not fit into memory: the preset lite needs less.": "图像太大，内存不足。",
    '{purpose} needs {name}: pip install "lkc[{extra}]".': (
        '服务器缺少 {name}，需要安装：pip install "lkc[{extra}]"。'
    ),
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
    "{file} is {size}: at least {least} pixels are needed.": (
        "{file} 为 {size}：至少需要 {least} 像素。"
    ),
    "{file} contains NaN or infinite values.": "{file} 含有 NaN 或无穷大的值。",
    "{file} has float values from {low} to {high}: scale it to 0..1.": (
        "{file} 的浮点值从 {low} 到 {high}：请缩放到 0 至 1。"
    ),
    "{file} is {size} but {other} is {other_size}: the clips must be registered and have the same "
    "size (see lkc fuse --align).": (
        "{file} 为 {size}，而 {other} 为 {other_size}：两段视频必须逐像素对应、尺寸相同"
        "（参见 lkc fuse --align）。"
    ),
    "{file} holds one stream of pictures: give it with a second file, or a file with two streams "
    "twice.": "{file} 只含一路画面：请提供两段视频，或把含两路画面的文件提供两次。",
    "{file} holds no moving pictures.": "{file} 不含视频画面。",
    "{file} holds no frame that can be read.": "{file} 不含可读的帧。",
    "{file} is coded in a way that PyAV does not know.": "{file} 的编码无法识别。",
    "{file} changes its size or kind of pixels on the way.": "{file} 中途改变了尺寸或像素类型。",
    "{file} has no value in the window from {low} to {high}: its values lie between {least} and "
    "{most}.": "{file} 在 {low} 到 {high} 之间没有值：其值介于 {least} 与 {most} 之间。",
    "{file} has one value everywhere ({value}): nothing to show.": (
        "{file} 处处都是同一个值（{value}）：没有可显示的内容。"
    ),
}
