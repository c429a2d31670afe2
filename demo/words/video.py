"""The words of the tab for clips, in English and Chinese."""

TEXT = {
    "en": {
        "video_tab": "Video",
        "video_lead": "Two clips of one scene, on the same pixels. Frames are matched by time; one "
        "brightness range holds for the whole clip; a hot object that enters can still shift the "
        "background a little, because norms follow each frame. Up to {megabytes} MB "
        "a clip and {seconds} seconds of work; sound is left out.",
        "clip": "{name} clip",
        "clip_range": "Brightness range of the first clip",
        "full": "as stored",
        "percentile": "1st to 99th percentile",
        "video_run": "Fuse clips",
        "video_example": "Make example clips",
        "video_frame": "Latest frame",
        "video_result": "Fused clip",
        "video_download": "Download MP4",
        "video_measuring": "measuring",
        "video_fusing": "fusing",
        "video_step": "{step}: frame {done} of {of}",
        "video_done": "{frames} frames fused in {seconds:.1f} s ({rate:.1f} a second), on "
        "{device}.",
        "no_clips": "give a clip for both sources.",
    },
    "zh": {
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
    },
}
