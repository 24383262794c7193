"""The child process that reads watermarks: the bands of a picture in which cameras write, and nothing else of it.

Below first, then above; the two edges, where a print runs up or down, only when neither tells when. One thread and one
line at a time: threads that wait for one another, and short lines padded to the longest, would double the work.

A question is `{"path", "max_pixels", "whole"}`; the answer `{"lines": [[text, left, top, width, height, score], …]}` in
thousandths of the frame. Needs the extra `ocr`, whose models come inside their package: nothing is fetched.
"""

import re
from collections.abc import Iterable
from typing import Any

from PIL import Image

from media.decode_worker import prepare_decoders, small_picture
from media.limits import Answer, Question, limit_process, serve

MEMORY_BYTES = 2 * 1024 * 1024 * 1024  # address space; about 250 MB of it are used
SIDE_PX = 1_280  # as chat clients send pictures
DETECT_PX = 960  # letters of a watermark are found at this size, and read at the full one
BELOW, BELOW_TALL, ABOVE = (0.0, 0.52, 1.0, 1.0), (0.0, 0.6, 1.0, 1.0), (0.0, 0.0, 1.0, 0.3)
_WHOLE = (0.0, 0.0, 1.0, 1.0)
_LEAST_SCORE = 0.5
EDGE = 0.18  # of the longer side: how broad a print along an edge may be
_UPWARD, _DOWNWARD = 270, 90  # degrees that turn a print upright which runs up, or down
_UPRIGHT_SCORE = 0.95  # lines that stand on their head are read with less
_WHEN = re.compile(r"20\d\d\s?[-./年_]\s?\d|(?<!\d)\d{1,2}\s?[:：.]\s?\d\d(?!\s?[米元%℃折])")
_HOURS = re.compile(r"\d{1,2}\s?[:：]\s?\d\d\s?[-~—–至到]{1,2}\s?\d{1,2}\s?[:：]\s?\d\d")  # of a shop

Band = tuple[float, float, float, float]  # left, top, right, bottom as parts of the frame


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
                "Rec.rec_batch_num": 1,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def print(self, picture: Image.Image) -> list[list[Any]]:
        """Return the lines of the part of a picture that has a print; of all that was looked at where none has."""
        found: list[list[Any]] = []
        for band in (BELOW_TALL if picture.height > picture.width else BELOW, ABOVE):
            seen = self.lines(picture, band)
            if _tells_when(seen):
                return seen
            found += seen
        for is_left in (True, False):
            seen = self._turned(picture, is_left=is_left)
            if _tells_when(seen):
                return seen
        return found

    def lines(self, picture: Image.Image, band: Band = _WHOLE) -> list[list[Any]]:
        """Return the lines in a part of a picture."""
        width, height = picture.size
        left, top = int(band[0] * width), int(band[1] * height)
        part = picture.crop((left, top, int(band[2] * width), int(band[3] * height)))
        return self._read(part, (left, top), picture.size)

    def _turned(self, picture: Image.Image, *, is_left: bool) -> list[list[Any]]:
        """Return the lines that run up or down an edge, as they lie once the edge is turned."""
        width, height = picture.size
        broad = int(EDGE * max(width, height))
        part = picture.crop((0, 0, broad, height) if is_left else (width - broad, 0, width, height))
        best: list[list[Any]] = []
        for angle in (_UPWARD, _DOWNWARD):
            turned = part.rotate(angle, expand=True)
            found = self._read(turned, (0, 0), turned.size)
            best = max(best, found, key=_legibility)
            if not found or _mean_score(found) >= _UPRIGHT_SCORE:
                break  # nothing is written along there, or it is read the right way up
        return best

    def _read(self, part: Image.Image, at: tuple[int, int], frame: tuple[int, int]) -> list[list[Any]]:
        import numpy as np

        read: Any = self._engine(np.asarray(part)[:, :, ::-1].copy())
        if read.boxes is None or read.txts is None or read.scores is None:
            return []
        lines = []
        for box, text, score in zip(read.boxes.tolist(), read.txts, read.scores, strict=True):
            if score < _LEAST_SCORE or not text.strip():
                continue
            xs, ys = [corner[0] for corner in box], [corner[1] for corner in box]
            x, y = (at[0] + min(xs)) / frame[0], (at[1] + min(ys)) / frame[1]
            if max(ys) - min(ys) > max(xs) - min(xs) and len(text) > 1:
                continue  # it stands on end, and was cut where the part ends
            w, h = (max(xs) - min(xs)) / frame[0], (max(ys) - min(ys)) / frame[1]
            lines.append([text, *(round(1000 * value) for value in (x, y, w, h)), round(float(score), 3)])
        return lines


def _mean_score(lines: list[list[Any]]) -> float:
    return float(sum(line[5] for line in lines) / len(lines))


def _legibility(lines: list[list[Any]]) -> float:
    """Return how much was read, and how surely: little and with doubt what stands on its head."""
    return float(sum(len(line[0]) * line[5] ** 4 for line in lines))


def _tells_when(lines: Iterable[list[Any]]) -> bool:
    return any(_WHEN.search(_HOURS.sub(" ", line[0])) for line in lines)


def main() -> None:
    """Serve the parent."""
    prepare_decoders()
    eyes = Eyes()
    limit_process(MEMORY_BYTES)

    def answer(question: Question) -> Answer:
        picture = small_picture(str(question["path"]), SIDE_PX, int(question["max_pixels"]))
        return {"lines": eyes.lines(picture) if question.get("whole") else eyes.print(picture)}, b""

    serve(answer)
