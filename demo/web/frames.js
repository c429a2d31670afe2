// Live frames to pixels and back to a canvas, for the worker; what fuses owns the memory of pixels.
// All buffers stay from frame to frame: a live picture must not wait for the garbage collector.
import { colourPixels, grayPixels, luma } from "./fusion.js";

export class Frames {
  /** `pictures` are the RGBA bytes of the first source, of the second, and of the fused picture. */
  constructor(canvas, width, height, pictures) {
    Object.assign(canvas, { width, height });
    Object.assign(this, { width, height, pictures });
    this.output = canvas.getContext("2d");
    this.reader = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    this.picture = new ImageData(pictures[2], width, height);
  }

  /** Write the pixels of two video frames or bitmaps where the network takes them from. */
  async read(images) {
    for (const [index, image] of images.entries()) {
      if (this.fits(image)) await image.copyTo(this.pictures[index], { format: "RGBA" });
      else this.pictures[index].set(this.draw(image));
    }
  }

  /** Whether an image is a video frame that can be copied as it is: neither turned nor scaled. */
  fits({ visibleRect, displayWidth, displayHeight, rotation = 0, flip = false }) {
    const asIs = visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
    return asIs && displayWidth === this.width && displayHeight === this.height && !rotation && !flip;
  }

  /** Scale an image to the size of the frames; the pixels are gone with the next one. */
  draw(image) {
    this.reader.drawImage(image, 0, 0, this.width, this.height);
    return this.reader.getImageData(0, 0, this.width, this.height).data;
  }

  show() {
    this.output.putImageData(this.picture, 0, 0);
  }
}

/** Fuses frames with a network of onnxruntime: for a GPU. */
export class OnRuntime {
  /** `run` takes two planes of luma, width and height, and returns the fused plane. */
  constructor(run) {
    this.run = run;
  }

  resize(width, height) {
    Object.assign(this, { width, height });
    this.pictures = [0, 1, 2].map(() => new Uint8ClampedArray(4 * width * height));
    this.planes = [0, 1].map(() => new Float32Array(width * height));
  }

  async fuse(colour) {
    const [first, second, target] = this.pictures;
    const planes = [luma(first, this.planes[0]), luma(second, this.planes[1])];
    const fused = await this.run(planes, this.width, this.height);
    if (colour) colourPixels(second, planes[1], fused, target);
    else grayPixels(fused, target);
  }
}
