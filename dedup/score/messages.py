"""What a run and its worker processes tell each other of pairs: a line of JSON first, then frames of numbers."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.score.nearly import Products

__all__ = [
    "Request",
    "answer_frame",
    "parse_answer",
    "parse_request",
    "parse_start",
    "read_frame",
    "request_frame",
    "start_line",
]

_LENGTH = struct.Struct("<q")
_HEAD = struct.Struct("<qd")


class Request(NamedTuple):
    """Pairs that are to be scored."""

    pairs: npt.NDArray[np.int64]
    products: Products


def start_line(folder: Path, calibration: Path, max_sentences: int) -> bytes:
    """Return what is said first: where the fingerprints and the calibration lie."""
    return json.dumps([str(folder), str(calibration), max_sentences]).encode() + b"\n"


def parse_start(line: bytes) -> tuple[Path, Path, int]:
    """Return what ``start_line`` says."""
    folder, calibration, max_sentences = json.loads(line)
    return Path(folder), Path(calibration), max_sentences


def request_frame(request: Request) -> bytes:
    """Return a request."""
    products = request.products
    head = _HEAD.pack(len(request.pairs), products.within)
    return _framed(head + request.pairs.astype(np.int64).tobytes() + products.values.astype(np.float64).tobytes())


def parse_request(data: bytes) -> Request:
    """Return what ``request_frame`` asks."""
    count, within = _HEAD.unpack_from(data)
    pairs = np.frombuffer(data, np.int64, 2 * count, _HEAD.size).reshape(count, 2)
    values = np.frombuffer(data, np.float64, count, _HEAD.size + pairs.nbytes)
    return Request(pairs, Products(values=values, within=within))


def answer_frame(enough: npt.NDArray[np.bool_], log_odds: npt.NDArray[np.float64]) -> bytes:
    """Return the answer to a request: as ``score_pairs`` returns it."""
    return _framed(enough.tobytes() + log_odds.tobytes())


def parse_answer(data: bytes, pairs: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Return what ``answer_frame`` says of so many pairs.

    Raises:
        ValueError: it is no answer to that.
    """
    enough = np.frombuffer(data, np.bool_, pairs)
    log_odds = np.frombuffer(data, np.float64, int(enough.sum()), pairs)
    if pairs + log_odds.nbytes != len(data):
        raise ValueError(f"{len(data)} bytes for {pairs} pairs of which {len(log_odds)} have a score")
    return enough, log_odds


def read_frame(source: IO[bytes]) -> bytes | None:
    """Return what the next frame holds; None where there is none, or it is cut off."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = source.read(length)
    return data if len(data) == length else None


def _framed(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data
