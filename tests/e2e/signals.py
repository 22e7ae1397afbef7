"""What a source carries so that a clip can be measured: numbers as blocks, noise that tells its place."""

import functools
import itertools
import math
import operator
import random
from array import array
from dataclasses import dataclass

# A frame's number stands in two rows of blocks at the top left of its picture: the bits of a code
# word, and below them their complements. A block that is grey (frames blended, a reference missing)
# or two that agree make the number unreadable. Code words are random, so that about half of the
# blocks change with each frame: a frame decoded from a wrong reference shows no number or another.
COLUMNS = 16
ROWS = 2
CELLS = COLUMNS * ROWS
HIGHEST_NUMBER = 4095
_CODES = random.Random(1001).sample(range(2**COLUMNS), HIGHEST_NUMBER + 1)
_NUMBERS = {code: number for number, code in enumerate(_CODES)}
_BLACK_BELOW, _WHITE_ABOVE = 80, 175

# All of a picture is compared as a coarse likeness, so that damage beside the blocks is noticed.
_LIKENESS_SIZE = "32:18"
LIKENESS = 32 * 18

# The noise is known at this rate. It is white up to a gentle low-pass, so it resembles itself at
# no other place, and lies below the 4 kHz where AAC encoders put noise of their own.
RATE = 8000
LEAD = 1.0      # seconds of noise before time 0, for audio that starts before the video
LENGTH = 60.0   # seconds of noise from time 0
_NEAR = 80      # samples (10 ms) searched first
_FAR = 8000     # samples (1 s) searched when the near search found nothing
_RESEMBLES = 0.5


def cell_size(width: int) -> int:
    """Side in pixels of the square block in a picture of this width; even, for 4:2:0."""
    return 2 * (width // (2 * COLUMNS))


def number_cells(number: int) -> bytes:
    """The blocks of a frame number, one byte each, row by row."""
    bits = [_CODES[number] >> (COLUMNS - 1 - i) & 1 for i in range(COLUMNS)]
    return bytes(255 * bit for bit in bits + [1 - bit for bit in bits])


def read_number(cells: bytes) -> int | None:
    """The number that the blocks say, None when they are not clearly one."""
    code = 0
    for above, below in zip(cells[:COLUMNS], cells[COLUMNS:]):
        if above > _WHITE_ABOVE and below < _BLACK_BELOW:
            code = code * 2 + 1
        elif above < _BLACK_BELOW and below > _WHITE_ABOVE:
            code = code * 2
        else:
            return None
    return _NUMBERS.get(code)


def number_filter(width: int) -> str:
    """ffmpeg filters that reduce a picture of this width to its blocks, a byte each."""
    side = cell_size(width)
    return f"crop={COLUMNS * side}:{ROWS * side}:0:0,scale={COLUMNS}:{ROWS}:flags=area,format=gray"


def likeness_filter() -> str:
    """ffmpeg filters that reduce a picture to a coarse likeness of LIKENESS bytes."""
    return f"scale={_LIKENESS_SIZE}:flags=area,format=gray"


def unlikeness(one: bytes, other: bytes) -> int:
    """The greatest difference between two likenesses anywhere, in levels of 256."""
    return max(map(abs, map(operator.sub, one, other)))


@functools.cache
def noise() -> list[int]:
    """The reference audio, 16 bit mono at RATE; its sample LEAD * RATE belongs to time 0."""
    raw = random.Random(20200803).randbytes(int((LEAD + LENGTH) * RATE) + 1)
    return [50 * (a + b - 255) for a, b in zip(raw, raw[1:])]


def noise_bytes() -> bytes:
    """The reference audio as s16le."""
    samples = array("h", noise())
    if samples.itemsize != 2:
        raise RuntimeError("array('h') is not 16 bit here")
    return samples.tobytes()


@functools.cache
def _energy() -> list[int]:
    return [0, *itertools.accumulate(x * x for x in noise())]


def rms(samples: list[int]) -> float:
    return math.sqrt(sum(map(operator.mul, samples, samples)) / len(samples)) if samples else 0.0


@dataclass(frozen=True)
class Match:
    """Where a piece of audio lies: late by `error` ms (negative: early), with correlation 0 to 1."""
    error: float
    resemblance: float


def locate(window: list[int], expected: float) -> Match | None:
    """Finds the window in the reference, within a second of `expected` (seconds of time).

    The error is positive when the audio heard belongs to an earlier time than expected: it is late.
    None when no place resembles it.
    """
    at = (LEAD + expected) * RATE
    near = _best(window, round(at), _NEAR)
    if near and near[1] >= _RESEMBLES and abs(near[0] - at) < _NEAR - 2:
        return Match((at - near[0]) * 1000 / RATE, near[1])
    far = _best(window[:RATE // 10], round(at), _FAR)
    if far and far[1] >= _RESEMBLES:
        return Match((at - far[0]) * 1000 / RATE, far[1])
    return None


def _best(window: list[int], around: int, reach: int) -> tuple[float, float] | None:
    """The (fractional) place of the highest correlation within `reach` of `around`, and its value."""
    reference, energy, n = noise(), _energy(), len(window)
    own = sum(map(operator.mul, window, window))
    first, last = max(0, around - reach), min(len(reference) - n, around + reach)
    if not own or last < first:
        return None
    scores = [sum(map(operator.mul, window, reference[k:k + n])) / math.sqrt(own * ((energy[k + n] - energy[k]) or 1))
              for k in range(first, last + 1)]
    k = max(range(len(scores)), key=scores.__getitem__)
    return first + k + _peak(scores, k), scores[k]


def _peak(scores: list[float], k: int) -> float:
    """Offset from k of the top of the parabola through the three scores around it."""
    if not 0 < k < len(scores) - 1:
        return 0.0
    a, b, c = scores[k - 1:k + 2]
    bend = a - 2 * b + c
    return 0.5 * (a - c) / bend if bend else 0.0
