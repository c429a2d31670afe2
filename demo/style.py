"""The page's look: system fonts, one accent colour, nothing fetched from elsewhere."""

import gradio as gr

THEME = gr.themes.Default(
    primary_hue="teal",
    neutral_hue="slate",
    radius_size="md",
    font=["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif"],
    font_mono=["ui-monospace", "monospace"],
).set(  # text and buttons with a contrast of 4.5:1 at least
    body_text_color_subdued="*neutral_600",
    block_label_text_color="*neutral_600",
    input_placeholder_color="*neutral_600",
    input_placeholder_color_dark="*neutral_400",
    color_accent="*primary_700",
    link_text_color="*primary_700",
    link_text_color_hover="*primary_800",
    link_text_color_visited="*primary_700",
    link_text_color_active="*primary_700",
    link_text_color_dark="*primary_300",
    link_text_color_hover_dark="*primary_200",
    link_text_color_visited_dark="*primary_300",
    link_text_color_active_dark="*primary_300",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_hover_dark="*primary_800",
)
CSS = """
.gradio-container {max-width: 1240px !important; width: 100%; margin: auto}
.nav-holder {border: 0 !important}
#title h1 {margin-bottom: 0.15em; letter-spacing: -0.01em}
.prose h2 {font-size: 1.15em; margin: 0.9em 0 0.3em}
.dark :is([role=tab], .source-selection button).selected {
  color: #5eead4 !important}  /* the accent is for light pages */
footer, .number {display: none !important}

/* choices as one quiet row of buttons; the radio stays for keyboards and screen readers */
.segments .wrap {gap: 6px; flex-wrap: wrap}
.segments label {padding: 6px 12px !important; box-shadow: none !important; position: relative}
.segments label input {position: absolute; opacity: 0; pointer-events: none}
.segments label span {margin: 0 !important}
.segments label.selected {border-color: var(--color-accent) !important;
  background: var(--color-accent-soft) !important; color: var(--body-text-color) !important}
.segments label:has(input:focus-visible) {outline: 2px solid var(--color-accent);
  outline-offset: 1px}

/* small pictures are enlarged to their frame, but for the one to click: Gradio would miscount */
:is(#fused, #video-frame) :is(img, .image-frame) {width: 100% !important}
:is(#fused, #video-frame) img {object-fit: contain !important}
:is(#viewer, #nudge, #window-first, #window-second, #spot, #field) .html-container {padding: 0}
.sources {flex-direction: column}
:is(#first, #second) :is(.image-frame, img) {width: 100% !important}
:is(#first, #second) img {min-height: 150px; max-height: 320px; object-fit: contain !important}
.unseen {padding: 40px 10px 0}  /* the text in place of a picture, below the label */
:is(#outcome, #offer) {align-items: center}
#offer-text {flex: 1 1 220px}
#status {min-height: 1.6em; font-variant-numeric: tabular-nums; flex: 1 1 220px}
.prose .pending, :is(#status, #share, #maps-text, #side-by-side-text, #hot-text) .pending {
  opacity: 1 !important}
.controls {align-items: start}
#measure {min-width: min(180px, 100%) !important}
#recipe :is(pre, code) {white-space: pre-wrap; overflow-wrap: anywhere}
#recipe .token {color: inherit}  /* Gradio's colours are too light */

#examples {min-height: 0; border: 0; background: none; overflow: visible}
#examples .grid-wrap {height: auto !important; max-height: none; min-height: 0; padding: 2px;
  overflow: visible}
#examples .grid-container, .pictures .grid-container {grid-template-rows: none !important;
  grid-auto-rows: auto !important; align-items: start}
#examples .grid-container {padding: 0; gap: 8px;
  grid-template-columns: repeat(3, minmax(0, 1fr)) !important}
#examples.unmarked .thumbnail-item {border-color: var(--border-color-primary) !important;
  --ring-color: transparent; box-shadow: none}
#examples .thumbnail-item {aspect-ratio: 4 / 3; width: 100% !important; height: auto !important}
.pictures .grid-wrap {height: auto !important; max-height: none; min-height: 0}
#views .gallery-item:first-child {grid-column: 1 / -1}
.pictures .thumbnail-item {aspect-ratio: auto; height: auto; min-height: 64px; display: flex;
  flex-direction: column;
  border: 0; box-shadow: none; background: none; overflow: visible}
.pictures .thumbnail-item img {max-height: 420px; width: 100%; height: auto; object-fit: contain}
.pictures .caption-label {position: static; max-width: 100%; white-space: normal; border: 0;
  background: none; padding: 4px 0 8px}

.numbers {overflow-x: auto}
.numbers th, .numbers td {white-space: nowrap; padding: 5px 8px !important}
.numbers :is(th, td):nth-child(-n+2) {text-align: left !important}
.numbers table, #numbers table {width: 100%; border-collapse: collapse;
  font-variant-numeric: tabular-nums}
.numbers th, .numbers td, #numbers th, #numbers td {padding: 5px 4px; border: 0;
  border-bottom: 1px solid var(--border-color-primary); text-align: right; font-weight: 400}
.numbers tr, .numbers table, #numbers tr, #numbers table {border: 0}
#numbers th:first-child {text-align: left; padding-left: 0}
#numbers thead th {font-size: 0.9em; vertical-align: bottom}
#numbers small {display: block; color: var(--body-text-color-subdued)}
@media (max-width: 700px) {
  .sources {flex-direction: row !important; flex-wrap: nowrap !important; gap: 8px}
  .sources > * {min-width: 0 !important; height: 150px !important; flex: 1 1 0}
  :is(#first, #second) img {min-height: 0; height: 104px}
  .sources [data-testid=block-label] {max-width: calc(100% - 34px); white-space: nowrap;
    overflow: hidden}
  #title h1 {font-size: 1.3em; margin-top: 0}
  #title p {font-size: 0.9em; margin: 0}
  .segments .wrap {flex-wrap: nowrap; overflow-x: auto; padding: 3px 28px 3px 3px;
    mask-image: linear-gradient(to left, transparent, black 32px)} /* more beyond the edge */
  .segments label {flex: none}
  #examples .thumbnail-item {aspect-ratio: 2 / 1}
  :is(#views, #batch-gallery) .grid-container {grid-template-columns: 1fr !important}
  :is(#maps, #side-by-side) .grid-container {grid-template-columns: 1fr 1fr !important}
  #fused {height: 260px !important}
  /* fingers */
  .icon-button, .source-selection button, .overflow-menu > button {
    min-width: 32px !important; min-height: 32px !important}
  input[type=range], label:has(> input[type=checkbox]) {min-height: 32px}
  .tab-like-container {height: 34px !important}
  #download, #fuse {min-height: 40px}
}
"""
