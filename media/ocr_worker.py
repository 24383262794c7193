"""The child process that reads watermarks: the bands of a picture in which cameras write, and nothing else of it.

A question is `{"path", "max_pixels", "whole"}`; the answer `{"lines": [[text, left, top, width, height, score], …]}` in
thousandths of the frame. Needs the extra `ocr`, whose models come inside their package: nothing is fetched.
"""

import re
from collections.abc import Iterable
from typing import Any

from PIL import Image

from media.decode_worker import prepare_decoders, small_picture
from media.limits import Answer, Question, limit_process, serve

MEMORY_BYTES = 2 * 1024 * 1024 * 1024  # address space; about 450 MB of it are used
SIDE_PX = 1_280  # as chat clients send pictures
DETECT_PX = 960  # letters of a watermark are found at this size, and read at the full one
BANDS = ((0.0, 0.58, 1.0, 1.0), (0.0, 0.0, 1.0, 0.3))  # below, above
_WHOLE = ((0.0, 0.0, 1.0, 1.0),)
_LEAST_SCORE = 0.5
_CLOCK = re.compile(r"\d\s*[:：.]\s*\d\d")


class Eyes:
    """The recogniser, loaded once."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._engine = RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,
                "Global.max_side_len": SIDE_PX,
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECT_PX,
                "EngineConfig.onnxruntime.intra_op_num_threads": 2,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def lines(self, picture: Image.Image, bands: Iterable[tuple[float, float, float, float]]) -> list[list[Any]]:
        """Return the lines of the first band that has a clock in it; of the last one looked at otherwise."""
        found: list[list[Any]] = []
        for band in bands:
            seen = self._band(picture, band)
            found = seen or found
            if any(_CLOCK.search(line[0]) for line in seen):
                break
        return found

    def _band(self, picture: Image.Image, band: tuple[float, float, float, float]) -> list[list[Any]]:
        import numpy as np

        width, height = picture.size
        left, top = int(band[0] * width), int(band[1] * height)
        part = picture.crop((left, top, int(band[2] * width), int(band[3] * height)))
        read: Any = self._engine(np.asarray(part)[:, :, ::-1].copy())
        if read.boxes is None or read.txts is None or read.scores is None:
            return []
        lines = []
        for box, text, score in zip(read.boxes.tolist(), read.txts, read.scores, strict=True):
            if score < _LEAST_SCORE or not text.strip():
                continue
            xs, ys = [corner[0] for corner in box], [corner[1] for corner in box]
            x, y = (left + min(xs)) / width, (top + min(ys)) / height
            w, h = (max(xs) - min(xs)) / width, (max(ys) - min(ys)) / height
            lines.append([text, *(round(1000 * value) for value in (x, y, w, h)), round(float(score), 3)])
        return lines


def main() -> None:
    """Serve the parent."""
    prepare_decoders()
    eyes = Eyes()
    limit_process(MEMORY_BYTES)

    def answer(question: Question) -> Answer:
        picture = small_picture(str(question["path"]), SIDE_PX, int(question["max_pixels"]))
        return {"lines": eyes.lines(picture, _WHOLE if question.get("whole") else BANDS)}, b""

    serve(answer)
