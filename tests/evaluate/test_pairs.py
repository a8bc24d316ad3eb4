import gzip
import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import InputError
from dedup.evaluate import PairScores, label_pairs, read_pairs

ROWS = [
    {"a": "x", "b": "y", "probability": 0.9},
    {"b": "x", "a": "۳", "probability": 1},
    {"a": 7, "b": "x", "probability": 0, "note": "passed over"},
]


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "pairs"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def named(scores: PairScores) -> list[tuple[str, str, float]]:
    return [
        (scores.ids[a], scores.ids[b], p)
        for (a, b), p in zip(scores.pairs.tolist(), scores.probabilities.tolist(), strict=True)
    ]


EXPECTED = [("x", "y", 0.9), ("۳", "x", 1.0), ("7", "x", 0.0)]


def test_json_lines(tmp_path: Path) -> None:
    text = "".join(json.dumps(row) + "\n" for row in ROWS)
    assert named(read_pairs(write(tmp_path, text))) == EXPECTED
    assert named(read_pairs(write(tmp_path, gzip.compress(text.encode())))) == EXPECTED


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv(tmp_path: Path, mark: str) -> None:
    text = "probability,a,b\n0.9,x,y\n1,۳,x\n0.0,7,x\n".replace(",", mark)
    assert named(read_pairs(write(tmp_path, text))) == EXPECTED


def test_no_pair_is_no_error(tmp_path: Path) -> None:
    for text in ("", "a,b,probability\n"):
        scores = read_pairs(write(tmp_path, text))
        assert (len(scores.ids), scores.pairs.shape, scores.probabilities.shape) == (0, (0, 2), (0,))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": "x", "probability": 0.5}', "line 1: no b in it"),
        ('{"a": "x", "b": "x", "probability": 0.5}', "line 1: a and b are one article, 'x'"),
        ('{"a": "x", "b": "y"}', "line 1: probability is None where a number from 0 to 1"),
        ('{"a": "x", "b": "y", "probability": 1.01}', "probability is 1.01 where"),
        ('{"a": "x", "b": "y", "probability": NaN}', "probability is nan where"),
        ('{"a": "x", "b": "y", "probability": true}', "probability is True where"),
        ('{"a": "x", "b": "y", "probability": "often"}', "probability is 'often' where"),
        (
            '{"a": "x", "b": "y", "probability": 1}\n{"a": "z", "b": "y", "probability": 1}\n'
            '{"a": "y", "b": "x", "probability": 0.1}',
            "the pair 'x', 'y' stands in two rows",
        ),
        ("a,b,p\nx,y,1\n", "without the columns a and b and probability"),
        ('{"a": "x", "b": "y", "probability": 1%s}' % ("0" * 5000), "line 1: "),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=message) as caught:
        read_pairs(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 500


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("xyz")), st.data())
def test_labels_are_those_of_the_pairs_that_the_reference_knows(reference: dict[str, str], data: st.DataObject) -> None:
    chosen = [two for two in combinations("abcdef", 2) if data.draw(st.booleans())]
    ids = data.draw(st.permutations("abcdef"))
    scores = PairScores(
        ids=ids,
        pairs=np.array([(ids.index(a), ids.index(b)) for a, b in chosen], np.int64).reshape(-1, 2),
        probabilities=np.arange(len(chosen)) / 15,
    )
    probabilities, same = label_pairs(scores, reference)
    expected = [(i / 15, reference[a] == reference[b]) for i, (a, b) in enumerate(chosen) if {a, b} <= reference.keys()]
    assert list(zip(probabilities.tolist(), same.tolist(), strict=True)) == expected
