"""Whether two pictures are the same one saved anew: recompressed, brightened, trimmed, or with another watermark.

Difference hashes of several cuts find the few candidates (one band of sixteen equal bits is enough); small grey copies
decide: after light and contrast are made equal, one frame is laid over the other and moved until it fits best, and cells
that still differ are counted. A place photographed twice differs in many cells. The strip in which watermark cameras
write is left out of both. Pillow alone does the work; nothing here opens a file.
"""

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageStat

GREY_WIDTH, GREY_HEIGHT = 64, 48
MOST_OFF = 0.015  # share of cells in which the same picture may still differ

# Parts of the frame (left, top, right, bottom): whole, and trimmed as an editor or a chat client trims.
_CUTS: tuple[tuple[float, float, float, float], ...] = (
    (0.0, 0.0, 1.0, 1.0),
    (0.05, 0.05, 0.95, 0.95),
    (0.025, 0.025, 0.975, 0.975),
    (0.05, 0.0, 1.0, 1.0),
    (0.0, 0.0, 0.95, 1.0),
    (0.0, 0.05, 1.0, 1.0),
    (0.0, 0.0, 1.0, 0.95),
)
_SEEN = (0.06, 0.72)  # from top to bottom of a cut: the rest may be watermark
_LEAST_CONTRAST = 5.0  # grey levels: a wall, a sky or a covered lens is like any other
_CELLS = (32, 24)  # of the close look …
_LOOK = (1, 2, 31, 17)  # … and which of them count
_OFF = 26  # grey levels of a picture brought to a deviation of _SPREAD: a cell that shows something else
_SPREAD = 42.0
_FARTHEST = 0.11  # how much may be trimmed on a side
_HOPELESS = 0.6
_STEPS = (0.05, 0.025, 0.0125)
_MOVES = ((0, 1), (1, 1), (2, -1), (3, -1), (0, -1), (1, -1), (2, 1), (3, 1))
_WHOLE = (0.0, 0.0, 1.0, 1.0)

Box = tuple[float, float, float, float]


def hashes_of(grey: Image.Image) -> tuple[int, ...]:
    """Return the 64-bit difference hashes of a grey picture's cuts, none for a picture without contrast."""
    if ImageStat.Stat(grey).stddev[0] < _LEAST_CONTRAST:
        return ()
    return tuple(dict.fromkeys(_difference_hash(grey, cut) for cut in _CUTS))


def _difference_hash(grey: Image.Image, cut: Box) -> int:
    left, top, right, bottom = cut
    height = bottom - top
    box = (
        left * grey.width,
        (top + _SEEN[0] * height) * grey.height,
        right * grey.width,
        (top + _SEEN[1] * height) * grey.height,
    )
    small = grey.resize((9, 8), Image.Resampling.BOX, box=box).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (small[9 * row + column] < small[9 * row + column + 1])
    return bits


def grey_copy(grey: Image.Image) -> bytes:
    """Return the whole frame as GREY_WIDTH × GREY_HEIGHT bytes of brightness."""
    return grey.resize((GREY_WIDTH, GREY_HEIGHT), Image.Resampling.BOX).tobytes()


def is_same_picture(one: bytes, other: bytes) -> bool:
    """Tell whether two grey copies show the same picture, whichever of the two was trimmed."""
    return difference(one, other) <= MOST_OFF


def difference(one: bytes, other: bytes) -> float:
    """Return the share of cells, 0 to 1, in which two grey copies differ where they fit best."""
    first, second = _image(one), _image(other)
    return min(_best(first, second), _best(second, first))


def _image(grey: bytes) -> Image.Image:
    return Image.frombytes("L", (GREY_WIDTH, GREY_HEIGHT), grey)


def _best(whole: Image.Image, trimmed: Image.Image) -> float:
    """Return the least difference when the frame of `whole` is trimmed step by step towards `trimmed`."""
    wanted = _levelled(trimmed.resize(_CELLS, Image.Resampling.BILINEAR).crop(_LOOK))
    if wanted is None:
        return 1.0
    box: Box = _WHOLE
    least = _off(whole, wanted, box)
    if least > _HOPELESS:
        return least
    for step in _STEPS:
        box, least = _moved(whole, wanted, box, least, step)
    return least


def _moved(whole: Image.Image, wanted: Image.Image, box: Box, least: float, step: float) -> tuple[Box, float]:
    better = True
    while better and least > 0.0:
        better = False
        for side, sign in _MOVES:
            near = _shifted(box, side, sign * step)
            if near is not None and (found := _off(whole, wanted, near)) < least:
                box, least, better = near, found, True
    return box, least


def _shifted(box: Box, side: int, by: float) -> Box | None:
    edges: Sequence[float] = [edge + by if n == side else edge for n, edge in enumerate(box)]
    left, top, right, bottom = (round(edge, 4) for edge in edges)
    if not (0.0 <= left <= _FARTHEST and 0.0 <= top <= _FARTHEST):
        return None
    if not (1.0 - _FARTHEST <= right <= 1.0 and 1.0 - _FARTHEST <= bottom <= 1.0):
        return None
    return left, top, right, bottom


def _off(whole: Image.Image, wanted: Image.Image, box: Box) -> float:
    left, top, right, bottom = box
    part = (left * GREY_WIDTH, top * GREY_HEIGHT, right * GREY_WIDTH, bottom * GREY_HEIGHT)
    laid = _levelled(whole.resize(_CELLS, Image.Resampling.BILINEAR, box=part).crop(_LOOK))
    if laid is None:
        return 1.0
    counts = ImageChops.difference(laid, wanted).histogram()
    return sum(counts[_OFF:]) / (wanted.width * wanted.height)


def _levelled(grey: Image.Image) -> Image.Image | None:
    """Return the picture with mean 128 and a fixed deviation, None without contrast."""
    found = ImageStat.Stat(grey)
    mean, spread = found.mean[0], found.stddev[0]
    if spread < _LEAST_CONTRAST:
        return None
    return grey.point([max(0, min(255, int(128 + (value - mean) / spread * _SPREAD))) for value in range(256)])
