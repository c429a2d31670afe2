"""Serve the newest picture to browsers as motion JPEG, which they show without any script."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError

QUALITY = 90
PAGE = b"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>lkc live</title>
<style>body{margin:0;background:#111;color:#eee;font:16px system-ui}
img{display:block;margin:auto;max-width:100%;max-height:92vh}p{text-align:center;margin:.4em}</style>
<img src="stream" alt="The fused picture of both cameras"><p>Fused live. Close the page at will.</p>
"""


def to_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Encode gray (H, W) or RGB (H, W, 3)."""
    ordered = image if image.ndim == 2 else image[..., ::-1]
    _, encoded = cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return encoded.tobytes()


class PictureServer:
    """A page with the picture that was shown last; use it in a `with` block.

    Args:
        host, port: where to listen; port 0 takes a free one.

    Attributes:
        address: of the page.

    Raises:
        InputError: the port is taken.

    Example:
        >>> with PictureServer("127.0.0.1", 0) as server:
        ...     server.show(np.zeros((32, 48), np.uint8))
    """

    def __init__(self, host: str, port: int) -> None:
        self.jpeg, self.number, self.is_open = b"", 0, True
        self.changed = threading.Condition()
        try:
            self.server = ThreadingHTTPServer((host, port), self.handler())
        except OSError as error:
            raise InputError(f"port {port} of {host} cannot be used: {error.strerror}.") from None
        self.server.daemon_threads = True
        self.address = f"http://{host}:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        with self.changed:
            self.is_open = False
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()

    def show(self, image: NDArray[np.uint8]) -> None:
        """Show a picture, gray (H, W) or RGB (H, W, 3), to everybody who looks."""
        jpeg = to_jpeg(image)
        with self.changed:
            self.jpeg, self.number = jpeg, self.number + 1
            self.changed.notify_all()

    def newer_than(self, number: int) -> tuple[int, bytes]:
        """Wait for a picture that comes after so many; the bytes are empty at the end."""
        with self.changed:
            self.changed.wait_for(lambda: self.number > number or not self.is_open)
            return self.number, self.jpeg if self.is_open else b""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """What answers a browser."""
        pictures = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *arguments: Any) -> None:
                """Say nothing on the terminal."""

            def do_GET(self) -> None:
                if self.path == "/":
                    self.answer("text/html; charset=utf-8", PAGE)
                elif self.path == "/stream":
                    self.stream()
                else:
                    self.send_error(404)

            def answer(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def stream(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=picture")
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                number = 0
                try:
                    while True:
                        number, jpeg = pictures.newer_than(number)
                        if not jpeg:
                            return
                        head = (
                            f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                        )
                        self.wfile.write(f"{head}\r\n\r\n".encode() + jpeg + b"\r\n")
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the browser has gone

        return Handler
