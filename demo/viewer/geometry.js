// Where a picture lies in a pane. A view is {zoom, x, y}: at zoom 1 the whole picture is seen, and
// the point (x, y), in shares of width and height, lies in the middle of every pane.

export const WHOLE = {zoom: 1, x: 0.5, y: 0.5};
const FEWEST = 8; // So many pixels of the picture are seen across at the highest zoom.

const within = (value, low, high) => Math.min(Math.max(value, low), high);

// The same view, with no more beside the picture than needed.
export function hold(view, picture) {
  const most = Math.max(1, Math.max(picture.width, picture.height) / FEWEST);
  const zoom = within(view.zoom, 1, most);
  const edge = 0.5 / zoom;
  return {zoom, x: within(view.x, edge, 1 - edge), y: within(view.y, edge, 1 - edge)};
}

// How large a pixel of the picture is in the pane, and where its corner lies.
export function place(view, picture, pane) {
  const whole = Math.min(pane.width / picture.width, pane.height / picture.height);
  const scale = whole * view.zoom;
  return {
    scale,
    left: pane.width / 2 - view.x * picture.width * scale,
    top: pane.height / 2 - view.y * picture.height * scale,
  };
}

// The point of the picture, in shares, that lies at (x, y) of the pane.
export function pointAt(view, picture, pane, x, y) {
  const {scale, left, top} = place(view, picture, pane);
  return {
    x: (x - left) / (picture.width * scale),
    y: (y - top) / (picture.height * scale),
  };
}

// Zoom by a factor, while a point of the picture stays where it is on the screen.
export function zoomAt(view, picture, factor, point) {
  const {zoom} = hold({...view, zoom: view.zoom * factor}, picture);
  const kept = view.zoom / zoom;
  const moved = {
    x: point.x + (view.x - point.x) * kept,
    y: point.y + (view.y - point.y) * kept,
  };
  return hold({zoom, ...moved}, picture);
}
