"""Every word of the page in English; chinese.py has the same keys."""

TEXT = {
    "language": "English",
    # the page, and the tab that fuses one pair
    "page_title": "lkc: image fusion",
    "title": "Two images of one scene, fused",
    "lead": "Drop your own pair of registered images onto the two sources (TIFF, DICOM, NIfTI and "
    "arrays as well), or pick an example. "
    "For study, not for diagnosis.",
    "fuse_tab": "Fuse",
    "about_tab": "About",
    "task": "Task",
    "examples": "Examples",
    "method": "Method",
    "detail": "Detail",
    "detail_info": "0 natural · 1 as trained · 2 strong",
    "colour": "Colour",
    "colour_keep": "Of the {name} image",
    "colour_heat": "Heat glows",
    "colour_gray": "None",
    "precision": "Precision",
    "fuse": "Fuse",
    "download": "Download PNG",
    "download_dicom": "DICOM (secondary capture)",
    "sheet": "Comparison sheet (PNG)",
    "sheet_fact": "{name}: {value}",
    "sheet_moved": "One source was moved onto the pixels of the other.",
    "sheet_reduced": "Pictures reduced to 1/{factor}",
    "sheet_end": "lkc {version}. For study, not for diagnosis.",
    "take_away": "Take it away: sheet, command, Python",
    "take_away_info": "With your files in the present folder:",
    "take_away_slices": "This fuses every slice. Gray values differ a little from those "
    "here, where the network sees a slice the way you do.",
    "view": "View",
    "fused": "Fused",
    "compare": "Compare",
    "origin": "Where from",
    "numbers": "Numbers",
    "origin_map": "orange: {first} · blue: {second} · gray: both agree",
    "minus": "fused − {name} (mid-gray: equal)",
    "origin_text": "Where the sources differ, {share:.0%} of the fused brightness lies nearer "
    "to the {first} image, the rest nearer to the {second} image. Measured from the result, "
    "pixel by pixel; a bright spot may lie near a source without coming from it.",
    "origin_colour": "Colour always comes from the {second} image.",
    "status": "{width} × {height} pixels, {bits} bit · decode {decode:.0f} ms · "
    "fuse {network:.0f} ms · encode {encode:.0f} ms · on {device}",
    "preview": "A preview of {width} × {height} pixels; all {whole_width} × {whole_height} are "
    "being fused …",
    "window": "{name}, shown from {low:g} to {high:g}",
    "viewer_layouts": "How to compare",
    "viewer_beside": "Side by side",
    "viewer_fade": "Fade",
    "viewer_mix": "Share of each picture",
    "viewer_blink": "Blink",
    "viewer_closer": "Zoom in",
    "viewer_farther": "Zoom out",
    "viewer_whole": "Whole",
    "viewer_screen": "Full screen",
    "viewer_panes": "Pictures: plus and minus zoom, arrows move, Space blinks, 0 shows all",
    "viewer_keys": "Wheel, pinch or + and − zoom · drag or arrows move · Space blinks · 0 shows "
    "all · F fills the screen",
    "viewer_column": "column",
    "viewer_row": "row",
    "viewer_of": "of",
    "viewer_in_file": "in the file",
    "viewer_gap": "not measured",
    "viewer_gone": "The pictures are no longer on the server: press Fuse.",
    "window_title": "what is shown",
    "window_shown": "What is shown",
    "window_black": "black",
    "window_white": "white",
    "window_by_hand": "from … to …",
    "window_must_rise": "White must be the larger value.",
    "other_size": "The page can move the one onto the pixels of the other.",
    "misfit": "Does the one not lie on the other?",
    "align": "Bring onto one grid",
    "align_file": "By a file of lkc align",
    "align_by_hand": "Move it by hand, from the middle.",
    "nudge_title": "Onto one grid",
    "nudge_good": "Moved onto the grid of the other. The edges agree well: {agreement:.2f} "
    "(chance 0, perfect 1). {overlap:.0%} of the picture is covered.",
    "nudge_weak": "Moved onto the grid of the other. The edges agree weakly: {agreement:.2f} "
    "(chance 0, perfect 1), so look at the picture. {overlap:.0%} of it is covered.",
    "nudge_layouts": "What is drawn over the picture that stays",
    "nudge_edges": "Edges",
    "nudge_squares": "Checkerboard",
    "nudge_picture": "Both pictures, of which arrow keys move one",
    "nudge_left": "Move left",
    "nudge_right": "Move right",
    "nudge_up": "Move up",
    "nudge_down": "Move down",
    "nudge_turn_left": "Turn to the left",
    "nudge_turn_right": "Turn to the right",
    "nudge_smaller": "Make it smaller",
    "nudge_larger": "Make it larger",
    "nudge_coarse": "10 steps",
    "nudge_closer": "Zoom in",
    "nudge_farther": "Zoom out",
    "nudge_undo": "Undo all",
    "nudge_save": "Save the transform",
    "nudge_keys": "Arrow keys move by 1 pixel, [ and ] turn by 0.1°, + and − scale by 0.1%. "
    "With Shift it is 10 times as much.",
    "slices": "Slices",
    "axial": "axial",
    "coronal": "coronal",
    "sagittal": "sagittal",
    "slice": "Slice {number} of {count}, at {place:.1f} mm",
    "unseen": "This file is no image that can be shown.",
    "in_line": "Waiting for its turn …",
    "no_answer": "No result: {limit} others are waiting already, or something went wrong. Try "
    "again in a minute.",
    "stopped": "Stopped: what was fused so far is kept.",
    "waiting": "Waiting for the {name} image.",
    "waiting_both": "Waiting for a pair: drop two images, or pick an example.",
    "cannot": "Cannot fuse:",
    "lite": "lite network",
    "nano": "nano network, ten times as fast",
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
    # the tab that looks inside a network
    "inside_tab": "Look inside",
    "inside_lead": "The pair of the first tab, fused by small networks that are equal in "
    "everything but norm and kernel sizes. **Click the fused image** to see what one pixel of "
    "it is made of.",
    "exhibits": "These pages compute small cases in your browser, while you move them: "
    "[who shares a mean and a variance](exhibits/norm-sharing.html), "
    "[a hot spot and what changes far from it](exhibits/hot-spot.html), "
    "[a growing receptive field](exhibits/receptive-field.html), "
    "[metrics that reward worse images](exhibits/metric-gym.html).",
    "norm": "Norm",
    "hybrid": "hybrid",
    "instance": "instance",
    "group": "group",
    "layer": "layer",
    "batch": "batch",
    "shipped": "the page's own",
    "kernels": "Kernels",
    "layer_to_show": "Layer",
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
    "share": "How much of the marked square is {first}? **{first_share:.0%} {first}, "
    "{second_share:.0%} {second}** (kernels {kernels}): what the square loses without either "
    "source. Negative: that source darkens it.",
    "field_caption": "{kernels} · {name}",
    "field_text": "**{kernels}** kernels: half of what reaches the pixel comes from a square "
    "of {half} pixels, 99% from {most}; {share:.0%} of it from the {first} image.",
    "field_legend": "Colour: how much a source pixel changes the clicked one, over {decades} "
    "powers of ten. Squares: 50% and 99%.",
    "field_near": "Row {row}, column {column}: half of what reaches this pixel comes from a "
    "square of {half} pixels, 99% from {most}; {share:.0%} of it from the {first} image.",
    "field_stage": "Sources with the field of one pixel: cursor keys go to the next place, Enter "
    "asks for all about it",
    "field_waiting": "Fields for the pointer are being measured …",
    "field_none": "Move over a picture, or use cursor keys on these.",
    "hover_lead": "**Move over the fused image**, or over these: the field of the pixel under the "
    "pointer, in the chosen network. A click tells more.",
    "hover_lead_cpu": "**Move over the fused image**, or over these: the field nearest to the "
    "pointer, of {places} measured in advance in the chosen network. A click asks for the pixel "
    "itself.",
    "maps": "Feature maps",
    "maps_text": "{channels} channels of {width} × {height}; the {shown} that vary most. "
    "Sparsity {sparsity:.2f} (Hoyer: 0 flat, 1 a single position). Channels of two networks "
    "do not correspond.",
    "channel": "channel {number}",
    "side_by_side": "All norms side by side",
    "side_by_side_text": "The layer chosen above, in networks with these kernels. First row: the "
    "channel that varies most with {first}, and of each other network the channel most like it "
    "(r: correlation). One gray range for all, {low:+.2f} to {high:+.2f} around each map's mean. "
    "Last row: difference of the fused images, orange brighter, blue darker. Colours end at "
    "±{limit:.2g} gray levels.",
    "reference_map": "{norm} · channel {channel}",
    "like_map": "{norm} · channel {channel} (r {like:.2f})",
    "norm_fused": "{norm} · fused",
    "reference": "{norm} · no difference from itself",
    "difference": "{norm} − {first} · {mean:.1f} gray levels on average",
    "hot_spot": "A hot spot, near and far",
    "hot_lead": "**Click the picture** to put a hot spot into the first source, then drag it. A "
    "map for each norm shows what it changes in the fused image.",
    "hot_none": "No spot yet: click the picture, or press an arrow key on it.",
    "hot_text": "A frame holds all that kernels change: beyond it, they alone change less than "
    "{least} gray levels. What changes there came through statistics. One scale for all maps: "
    "colours end at **±{limit:.2g} gray levels**, orange brighter, blue darker.\n\n"
    "Beyond its frame the picture changes by\n",
    "hot_line": "- {norm}: **{mean:.3f} gray levels** on average, {most:.2f} at most",
    "hot_everywhere": "- {norm}: nothing, as the frame holds the whole picture",
    "hot_batch": "In use, batch norm takes averages stored in training. What it still lets "
    "through is the mean of the whole picture in the adaptive fusion.",
    "spot_stage": "First source: click, drag or use cursor keys to move the hot spot (Shift: 10 "
    "pixels)",
    "spot_none": "No spot yet",
    "spot_width": "Width (pixels)",
    "spot_brightness": "Brightness (gray levels)",
    "spot_row": "Row",
    "spot_column": "Column",
    "shrunk": "Looked at on a copy of {width} × {height} pixels.",
    "only_in_a_clone": "The networks of the study are in a clone of the project, not in the "
    "installed package.",
    "borrowed": "The study has no networks for this task: these were trained on MRI with CT.",
    "waiting_pair": "Waiting for a pair: drop one in the first tab, or pick an example there.",
    "pixel_outside": "the pixel lies outside of the image, {width} × {height}.",
    "cannot_look": "Cannot look inside:",
    # the tab for many pairs
    "batch_tab": "Many pairs",
    "files": "{name}: images, or one ZIP",
    "batch_lead": "Images (PNG, JPEG, TIFF, WebP, BMP) are matched by file name, also where "
    "cameras add words of their own, and in a ZIP by folder too. A single ZIP with two folders "
    "(such as `{first}` and `{second}`) also works. Up to {pairs} pairs. DICOM and volumes need "
    "the command line.",
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
    "too_large": "the uploads hold more than {limit} MB, or {count} images or folders.",
    "same_name": "two images of one folder are called {name}, and pairs are matched by name: "
    "rename one.",
    "no_files": "give images, or a ZIP, for both sources.",
    "too_many": "{count} pairs are more than this page takes ({limit}); the command line takes "
    "any number.",
    # the tab for clips
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
    "video_done": "{frames} frames fused in {seconds:.1f} s ({rate:.1f} a second), on {device}.",
    "no_clips": "give a clip for both sources.",
}
OPTIONS = {  # pattern of advice for the command line -> what the page says instead
    r" \(see lkc fuse --align\)": "",
    r"try --align [\w-]+, or register the two first": "register the two first",
    r"; try --align ecc": "",
    r"pick one with --frame N, counted from 1 to \d+": "give one of them as a file of its own",
    r"pick one with --series (?:NUMBER|UID)": "give the files of one of them",
    r"--window (\S+?),([^\s,]+)(?=[,.])": r"a window from \1 to \2",
    r", or --window percentile": ", or choose percentiles",
    r"--window percentile": "percentiles",
    r"another --window": "another window",
}
ABOUT = """
## What happens to your images
Two **registered** images of one scene go in (same size, same pixels), one comes out at the same
size. The network fuses brightness; colour is taken from the visible, PET or SPECT image. 16-bit
pairs are fused and handed back with 16 bits, and shown with 8. Files of 16 bits or
floating point whose values fill only part of the range are stretched; the label then says from
where to where.

Images go to this server only. They are deleted about thirty minutes later; nothing is
kept, counted or sent elsewhere.

## The network
`lite`: {parameters:,} parameters, large kernels (15, 11, 7), instance normalization in the stem,
group normalization in the blocks, adaptive fusion at every level. Trained on MSRS and RoadScene
(infrared and visible) and on the Harvard whole-brain atlas (MRI with CT, PET or SPECT),
without the test folders on which the repository's benchmark measures it. The five rules are there
for comparison: maximum, average, Laplacian pyramid, wavelet and guided filter.

## Numbers
Means over held-out pairs, more is better, but no single number is quality. The mean rank is among
`lite`, the published methods of the row's task and the five rules; 1 would be best in everything.
(table)
From `benchmarks/` of the repository, which says how they were measured. The test pairs show heads
and drives of which other slices and stretches were trained on (the published splits), and which
metrics to raise was known from them: the values do not tell how the network does on another
camera or in another hospital.

## Limits
- **Not for diagnosis, and not for decisions about people.** A fused image hides which source a
  structure came from, and the network may sharpen noise.
- Other cameras, scanners and colour maps than those it was trained on may look different.
- Gray values of a result are not temperatures, Hounsfield units or uptake.
- Pairs that are not registered give double outlines.
- The examples are generated by a program, or simulated from one public MRI volume (Colin27).

## Licence and citation
Code and weights: Apache-2.0. The data sets have terms of their own. This is an independent
implementation of *Rethinking Normalization Strategies and Convolutional Kernels for Multimodal
Image Fusion* (He et al., Pattern Recognition 173, 2026, doi:10.1016/j.patcog.2025.112903); if you
use it, cite that paper.
"""
