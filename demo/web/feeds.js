// Feeds of the live mode: a clip or a camera as a video element, and what cannot be played.
import { checkLarge, Refusal } from "./images.js";

const CAMERA_SIZE = { width: { ideal: 640 }, height: { ideal: 480 } };
const CAMERA_REFUSALS = {
  NotAllowedError: "camera_refused",
  NotFoundError: "no_camera",
  OverconstrainedError: "no_camera", // the chosen one was unplugged
  NotReadableError: "camera_busy",
};
const FAR_APART = 0.5; // seconds; from here on a clip jumps instead of playing faster or slower

function newVideo() {
  const video = document.createElement("video");
  return Object.assign(video, { muted: true, playsInline: true, preload: "auto" });
}

const firstFrame = (video) =>
  new Promise((ready, failed) => Object.assign(video, { onloadeddata: ready, onerror: failed }));

/** Open a file as a feed: {video, name, file}. */
export async function openClip(file) {
  const video = newVideo();
  const feed = { video, name: file.name, file };
  video.src = URL.createObjectURL(file);
  try {
    await firstFrame(video);
    if (!video.videoWidth) throw new Error("sound only");
  } catch {
    free(feed);
    throw new Refusal("not_clip", { name: file.name });
  }
  checkLarge({ name: file.name, width: video.videoWidth, height: video.videoHeight });
  return feed;
}

/** Open a camera as a feed: {video, name, camera}; without an id the browser chooses. */
export async function openCamera(id) {
  if (!navigator.mediaDevices) throw new Refusal("camera_unsafe");
  const video = newVideo();
  const asked = { ...CAMERA_SIZE, ...(id && { deviceId: { exact: id } }) };
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: asked });
  } catch (error) {
    throw new Refusal(CAMERA_REFUSALS[error.name] ?? "camera_busy");
  }
  const [track] = video.srcObject.getVideoTracks();
  const feed = { video, name: track.label, camera: track.getSettings().deviceId };
  const ready = firstFrame(video);
  await video.play(); // a camera has no first frame before it plays
  await ready;
  return feed;
}

/** The cameras by name; nameless until the visitor has allowed one. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
}

/** The picture that a video shows; a frame shares the video's memory, a bitmap is a copy of it. */
export function grab(video) {
  return self.VideoFrame ? new VideoFrame(video) : createImageBitmap(video);
}

/** Stop a feed; its camera is off, its last picture stays. */
export function pause({ video }) {
  video.pause();
  video.srcObject?.getTracks().forEach((track) => track.stop());
}

/** Stop a feed for good. */
export function free(feed) {
  pause(feed);
  if (feed.file) URL.revokeObjectURL(feed.video.src);
}

/** Play clips from their start, all at once. */
export async function restart(clips) {
  for (const { video } of clips) Object.assign(video, { currentTime: 0, playbackRate: 1 });
  await Promise.all(clips.map(({ video }) => video.play()));
}

/** Let the second of two clips catch up with the first. */
export function keepInStep([{ video: first }, { video: second }]) {
  const behind = first.currentTime - second.currentTime;
  if (Math.abs(behind) > FAR_APART) second.currentTime = first.currentTime;
  else second.playbackRate = 1 + behind;
}
