"""Whether two pictures are the same one saved anew: recompressed, brightened, trimmed, or with another watermark.

Difference hashes of several cuts find the few candidates (one band of sixteen equal bits is enough); small grey copies
decide: after light and contrast are made equal, one frame is laid over the other and moved until it fits best. What still
differs is little and everywhere when a picture was saved anew; a place photographed twice differs more, and when the camera
stood still, in one spot: where something was cleared away. The strip in which watermark cameras
write is left out of both. Pillow alone does the work; nothing here opens a file.
"""

from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageFilter, ImageStat

GREY_WIDTH, GREY_HEIGHT = 64, 48

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
_UNLIKELY = 0.12  # share of cells that differ where a picture fits best: more, and it is another one
_STEPS = (0.05, 0.025, 0.0125)
_FINE_STEPS = (0.0125, 0.006, 0.003)
_FINE_LOOK = (4, 4, 60, 33)  # of the grey copy
_MOST_MEAN = 5.0  # grey levels by which the same picture saved anew may differ on the whole,
_STANDS_OUT, _GRAIN = 8.0, 0.7  # and in one place: so many times more than the rest,
_LEAST_PEAK, _MOST_PEAK = 17.0, 24.0  # within these; more, and something there has changed
_TRIMMED = 0.02  # of the frame in sum: a trimmed one never lies quite exactly
_TWO_BY_TWO = ImageFilter.Kernel((3, 3), (1, 1, 0, 1, 1, 0, 0, 0, 0))
_CLIPPED = [255 if value <= 6 or value >= 240 else 0 for value in range(256)]
# In a brightened picture red and green end at their brightest before grey does: what is lighter than this may be so much
# darker than it should be.
_BRIGHTENED = 1.12
_CUT_SHORT = tuple(4 if value < 70 else 14 if value < 140 else 26 for value in range(256))  # by a fifth
_LEAST_SHOWN = 110.0  # of 255: less of a picture tells nothing
_MOVES = ((0, 1), (1, 1), (2, -1), (3, -1), (0, -1), (1, -1), (2, 1), (3, 1))
_WHOLE = (0.0, 0.0, 1.0, 1.0)

Box = tuple[float, float, float, float]
Cost = Callable[[Box], float]


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
    first, second = _image(one), _image(other)
    return _is_trimmed_from(first, second) or _is_trimmed_from(second, first)


def _image(grey: bytes) -> Image.Image:
    return Image.frombytes("L", (GREY_WIDTH, GREY_HEIGHT), grey)


def _is_trimmed_from(whole: Image.Image, trimmed: Image.Image) -> bool:
    """Tell whether `trimmed` is `whole`, or a part of it, saved anew.

    First cells that differ are counted while the frame is moved; what could fit is laid over more finely. Saving anew
    leaves small differences everywhere; where something was taken away or put down they stand out in one place.
    """
    wanted = _levelled(trimmed.resize(_CELLS, Image.Resampling.BILINEAR).crop(_LOOK))
    if wanted is None:
        return False
    box, least = _descended(lambda near: _off(whole, wanted, near), _WHOLE, _STEPS, _HOPELESS)
    if least > _UNLIKELY:
        return False
    fit = _Fit(whole, trimmed)
    box, mean = _descended(fit.mean, box, _FINE_STEPS, 255.0)
    is_whole = box[0] + box[1] + 1.0 - box[2] + 1.0 - box[3] < _TRIMMED
    most = max(_LEAST_PEAK, min(_MOST_PEAK, _STANDS_OUT * (mean + _GRAIN))) if is_whole else _MOST_PEAK
    return mean <= _MOST_MEAN and fit.peak(box) <= most


def _descended(cost: Cost, box: Box, steps: Sequence[float], hopeless: float) -> tuple[Box, float]:
    """Return the frame that costs least, found step by step, and what it costs."""
    least = cost(box)
    if least > hopeless:
        return box, least
    for step in steps:
        box, least = _moved(cost, box, least, step)
    return box, least


class _Fit:
    """How well a smoothed picture lies on parts of another."""

    def __init__(self, whole: Image.Image, trimmed: Image.Image) -> None:
        self._whole = whole
        self._target, self._target_clipped = _smooth(trimmed, _WHOLE)

    def mean(self, box: Box) -> float:
        """Return the mean difference in grey levels."""
        found = self._difference(box)
        return ImageStat.Stat(found).mean[0] if found is not None else 255.0

    def peak(self, box: Box) -> float:
        """Return the largest mean difference of two by two cells."""
        found = self._difference(box)
        if found is None:
            return 255.0
        squares = found.filter(_TWO_BY_TWO).crop((1, 1, found.width - 1, found.height - 1))
        return float(squares.getextrema()[1])  # type: ignore[arg-type]

    def _difference(self, box: Box) -> Image.Image | None:
        """Return how far the two are apart, cell by cell; what was too bright or too dark in one of them tells nothing."""
        part, clipped = _smooth(self._whole, box)
        clipped = ImageChops.lighter(clipped, self._target_clipped)
        shown = ImageChops.invert(clipped)
        laid, wanted = _levelled(part, shown), _levelled(self._target, shown)
        if laid is None or wanted is None or ImageStat.Stat(shown).mean[0] < _LEAST_SHOWN:
            return None
        darker, lighter = ImageChops.subtract(wanted, laid), ImageChops.subtract(laid, wanted)
        gain = ImageStat.Stat(part, shown).stddev[0] / ImageStat.Stat(self._target, shown).stddev[0]
        if gain >= _BRIGHTENED:
            darker = ImageChops.subtract(darker, part.point(_cut_short(gain)))
        elif gain <= 1 / _BRIGHTENED:
            lighter = ImageChops.subtract(lighter, self._target.point(_cut_short(1 / gain)))
        return ImageChops.subtract(ImageChops.lighter(darker, lighter), clipped)


def _cut_short(gain: float) -> list[int]:
    """Return for each brightness how much darker it may be than it should, in a picture brightened so much."""
    share = min(1.6, (gain - 1.0) / 0.2)
    return [int(value * share) for value in _CUT_SHORT]


def _smooth(grey: Image.Image, box: Box) -> tuple[Image.Image, Image.Image]:
    """Return a part of a grey copy, smoothed, and where it is too bright or too dark (255, else 0)."""
    left, top, right, bottom = box
    part = (left * GREY_WIDTH, top * GREY_HEIGHT, right * GREY_WIDTH, bottom * GREY_HEIGHT)
    laid = grey.resize((GREY_WIDTH, GREY_HEIGHT), Image.Resampling.BILINEAR, box=part)
    clipped = laid.point(_CLIPPED).filter(ImageFilter.MaxFilter(3))
    return laid.filter(ImageFilter.GaussianBlur(1)).crop(_FINE_LOOK), clipped.crop(_FINE_LOOK)


def _moved(cost: Cost, box: Box, least: float, step: float) -> tuple[Box, float]:
    better = True
    while better and least > 0.0:
        better = False
        for side, sign in _MOVES:
            near = _shifted(box, side, sign * step)
            if near is not None and (found := cost(near)) < least:
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


def _levelled(grey: Image.Image, shown: Image.Image | None = None) -> Image.Image | None:
    """Return the picture with mean 128 and a fixed deviation, of what is `shown` (255, else 0); None without contrast."""
    found = ImageStat.Stat(grey, shown)
    if not found.count[0]:
        return None
    mean, spread = found.mean[0], found.stddev[0]
    if spread < _LEAST_CONTRAST:
        return None
    return grey.point([max(0, min(255, int(128 + (value - mean) / spread * _SPREAD))) for value in range(256)])
