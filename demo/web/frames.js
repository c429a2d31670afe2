// Frames of two feeds to planes of luma, and the fused plane to a canvas; for the worker.
// All buffers stay from frame to frame: a live picture must not wait for the garbage collector.
import { colourPixels, grayPixels, luma } from "./fusion.js";

export class Frames {
  constructor(canvas, width, height) {
    Object.assign(canvas, { width, height });
    this.width = width;
    this.height = height;
    this.output = canvas.getContext("2d");
    this.reader = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    this.planes = [new Float32Array(width * height), new Float32Array(width * height)];
    this.picture = new ImageData(width, height);
  }

  /** Scale both bitmaps to the size of the frames and take their luma. */
  read(bitmaps) {
    bitmaps.forEach((bitmap, index) => {
      this.reader.drawImage(bitmap, 0, 0, this.width, this.height);
      this.pixels = this.reader.getImageData(0, 0, this.width, this.height).data;
      luma(this.pixels, this.planes[index]);
    }); // the second one's pixels stay for its colour
  }

  /** Show fused luma, in the second feed's colour or gray. */
  show(fused, colour) {
    if (colour) colourPixels(this.pixels, this.planes[1], fused, this.picture.data);
    else grayPixels(fused, this.picture.data);
    this.output.putImageData(this.picture, 0, 0);
  }
}
