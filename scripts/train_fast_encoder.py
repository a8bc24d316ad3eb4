"""Train the fast encoder that ships with the package: one vector a word piece, from the bundled model.

    python -m scripts.train_fast_encoder

The bundled model is the teacher. A sentence's vector is to be the direction of the sum of its pieces, as near as can be
to what the teacher says, with the mean of the language subtracted and turned onto its main axes; two sentences that are
translations are to be nearer to each other than to all others (a contrast within the batch). Compare model2vec and its
tokenlearn (Tulkens & van Dongen 2024).

Read are the unlabelled news and the parallel sentences, and nothing else: no development set, no test set. The
teacher's vectors are kept in the cache of vectors: the first run encodes for about an hour, a later one trains at once.
"""

from __future__ import annotations

import argparse
import gzip
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from benchmarks.datasets import distractors, shared_folder
from dedup.article import canonical_language
from dedup.cache import cache_folder
from dedup.encode.bundled import bundled_model_folder
from dedup.encode.static import FAST_FOLDER
from dedup.encode.transformer import TransformerEncoder
from dedup.encode.vectors import VectorCache, encode_sentences
from dedup.settings import Settings
from dedup.text.language import with_language
from dedup.text.passage import article_sentences, clean_text

Floats = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]

SEED = 1
DIMENSION = 256
MAX_TOKENS = 96
NEWS = 20_000
"""Articles of the news that are read."""
TATOEBA_EVERY = 3
"""Its sentences are short and much alike."""
LEAST_SEEN = 2
"""Pieces seen less often are split into shorter ones, but for those below."""
LATIN_PIECES = 60_000
"""Latin pieces among the teacher's so many commonest are kept unseen, and all Arabic ones."""
EPOCHS = 5
BATCH = 2_048
CONTRAST_BATCH = 512
CONTRAST_WEIGHT = 0.1
CONTRAST_SCALE = 20.0
LEARNING_RATE = 2e-2
HELD_OUT = 20
"""Every so many-th sentence and pair is not trained on."""
RIDGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is learnt from."""

    sentences: list[str]
    languages: list[str]
    pairs: Whole
    """int64 ``[p, 2]``: positions of sentences that are translations of each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bags:
    """Sentences as pieces: those of sentence ``i`` are ``pieces[starts[i]:starts[i + 1]]``."""

    pieces: Whole
    starts: Whole

    def of(self, rows: Whole) -> tuple[Whole, Whole]:
        """Return the pieces of some sentences one after the other, and where those of each begin."""
        counts = self.starts[rows + 1] - self.starts[rows]
        begins = np.concatenate([[0], np.cumsum(counts)[:-1]])
        places = np.repeat(self.starts[rows] - begins, counts) + np.arange(counts.sum())
        return self.pieces[places], begins


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def news_sentences() -> Iterator[tuple[str, str]]:
    """Yield sentences of the news, each with its language."""
    for article in map(with_language, distractors(NEWS)):
        for sentence in article_sentences(article, Settings().max_sentences):
            yield sentence, article.language


def translations(folder: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield sentences that are translations of each other, two or more, each with its language."""
    for name in ("nllb_seed_en_prs", "tatoeba", "wmt_en_tr_windows"):
        every = TATOEBA_EVERY if name == "tatoeba" else 1
        for row in islice(read_rows(folder / f"{name}.jsonl.gz"), 0, None, every):
            yield from _by_lines({row[f"lang{i}"]: row[f"text{i}"] for i in (1, 2)})
    for row in read_rows(folder / "pud_news.jsonl.gz"):
        yield from _by_lines({language: row[language] for language in ("en", "ar", "tr")})
    for name in ("tico19", "xquad"):
        together: dict[str, dict[str, str]] = defaultdict(dict)
        for row in read_rows(folder / f"{name}.jsonl.gz"):
            together[row["story"]][row["lang"]] = row["body"]
        for texts in together.values():
            yield from _by_lines(texts)


def _by_lines(texts: dict[str, str]) -> Iterator[list[tuple[str, str]]]:
    lines = {canonical_language(tag): text.split("\n") for tag, text in texts.items()}
    if len({len(some) for some in lines.values()}) == 1:
        for row in zip(*lines.values(), strict=True):
            yield [(clean_text(text, tag), tag) for tag, text in zip(lines, row, strict=True) if text.strip()]


def collect_text(folder: Path) -> Text:
    """Return all distinct sentences with the pairs among them."""
    language: dict[str, str] = {}
    for sentence, tag in news_sentences():
        language.setdefault(sentence, tag)
    pairs: set[tuple[str, str]] = set()
    for together in translations(folder):
        for sentence, tag in together:
            language.setdefault(sentence, tag)
        pairs.update((one[0], other[0]) for one, other in combinations(together, 2) if one[0] != other[0])
    place = {sentence: i for i, sentence in enumerate(language)}
    return Text(
        sentences=list(language),
        languages=list(language.values()),
        pairs=np.array(sorted((place[one], place[other]) for one, other in pairs), np.int64),
    )


def teacher_vectors(text: Text) -> Floats:
    """Return what the teacher says, with the means of languages subtracted: float32 ``[n, 384]``, unit rows."""
    encoder = TransformerEncoder()
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        vectors = encode_sentences(text.sentences, encoder, cache, progress=_told(len(set(text.sentences))))
    tags = np.array(text.languages)
    centred = vectors.astype(np.float32)
    for tag in sorted(set(text.languages)):
        centred[tags == tag] -= centred[tags == tag].mean(axis=0)
    return _unit(centred)


def _told(total: int) -> Any:
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        print(f"{done:,} of {total:,} sentences encoded", flush=True)

    return tell


def onto_main_axes(vectors: Floats, languages: Sequence[str]) -> Floats:
    """Turn vectors onto the axes on which they differ most, every language counting by the root of its size."""
    sizes = {tag: languages.count(tag) for tag in set(languages)}
    weights = np.array([sizes[tag] ** -0.5 for tag in languages], np.float32)
    spread, axes = np.linalg.eigh((vectors * weights[:, None]).T @ vectors)
    kept = spread[::-1][:DIMENSION].sum() / spread.sum()
    print(f"{DIMENSION} of {vectors.shape[1]} axes keep {kept:.3f} of the variance")
    return _unit(vectors @ axes[:, ::-1][:, :DIMENSION])


def prune_tokenizer(sentences: Sequence[str]) -> tuple[Tokenizer, Whole]:
    """Return the teacher's tokenizer with the pieces that are kept, and where each is among the teacher's."""
    spoken = json.loads((bundled_model_folder() / "tokenizer.json").read_text("utf-8"))
    whole = Tokenizer.from_str(json.dumps(spoken))
    seen = np.bincount(_bags(whole, sentences).pieces, minlength=whole.get_vocab_size())
    vocabulary = spoken["model"]["vocab"]
    special = {"<s>", "<pad>", "</s>", "<unk>"}
    kept = [
        place
        for place, (piece, _) in enumerate(vocabulary)
        if piece == "<unk>" or (piece not in special and (seen[place] >= LEAST_SEEN or _is_spare(piece, place)))
    ]
    spoken["model"]["vocab"] = [vocabulary[place] for place in kept]
    spoken["model"]["unk_id"] = [piece for piece, _ in spoken["model"]["vocab"]].index("<unk>")
    spoken["post_processor"] = None
    spoken["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(spoken)), np.array(kept, np.int64)


def _is_spare(piece: str, place: int) -> bool:
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in piece if letter.isalpha()}
    return scripts == {"ARABIC"} or (scripts == {"LATIN"} and place < LATIN_PIECES)


def _bags(tokenizer: Tokenizer, sentences: Sequence[str]) -> Bags:
    tokenizer.enable_truncation(MAX_TOKENS)
    ids = [
        one.ids
        for start in range(0, len(sentences), 10_000)
        for one in tokenizer.encode_batch_fast(list(sentences[start : start + 10_000]), add_special_tokens=False)
    ]
    counts = [len(some) for some in ids]
    return Bags(
        pieces=np.fromiter((piece for some in ids for piece in some), np.int64, sum(counts)),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )


def first_guess(kept: Whole, bags: Bags, rows: Whole, targets: Floats) -> Floats:
    """Return a linear map of the teacher's own word vectors, frequent pieces made short: float32 ``[pieces, 256]``.

    The weight of a piece is that of smooth inverse frequency (Arora et al. 2017).
    """
    words = load_file(bundled_model_folder() / "model.safetensors")["embeddings.word_embeddings.weight"][kept]
    share = np.bincount(bags.pieces, minlength=len(kept)) / len(bags.pieces)
    centred = words - (share[:, None] * words).sum(axis=0)
    weighted = (_unit(centred.astype(np.float32)) * (1e-3 / (1e-3 + share))[:, None]).astype(np.float32)
    sums = _unit(_sums(weighted, bags, rows))
    mapping = np.linalg.solve(sums.T @ sums + RIDGE * np.eye(sums.shape[1]), sums.T @ targets[rows])
    guess: Floats = (weighted @ mapping).astype(np.float32)
    return guess / np.float32(np.linalg.norm(guess, axis=1).mean())


def train(guess: Floats, bags: Bags, text: Text, targets: Floats, rows: Whole, pairs: Whole) -> Floats:
    """Return the vectors of the pieces: float32 ``[pieces, 256]``."""
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    sizes = {tag: text.languages.count(tag) for tag in set(text.languages)}
    weights = np.array([sizes[tag] ** -0.5 for tag in text.languages], np.float32)
    weights /= weights[rows].mean()
    vectors = torch.nn.Parameter(torch.from_numpy(guess.copy()))
    steps = EPOCHS * len(rows) // BATCH
    optimiser = torch.optim.Adam([vectors], lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps + 1, pct_start=0.1)

    def directions(some: Whole) -> torch.Tensor:
        pieces, begins = (torch.from_numpy(part) for part in bags.of(some))
        return torch.nn.functional.normalize(
            torch.nn.functional.embedding_bag(pieces, vectors, begins, mode="sum"), dim=1
        )

    for step in range(steps):
        some = dice.choice(rows, BATCH)
        likeness = (directions(some) * torch.from_numpy(targets[some])).sum(dim=1)
        loss = (torch.from_numpy(weights[some]) * (1 - likeness)).mean()
        both = pairs[dice.choice(len(pairs), CONTRAST_BATCH)]
        scores = directions(both[:, 0]) @ directions(both[:, 1]).T * CONTRAST_SCALE
        right = torch.arange(CONTRAST_BATCH)
        contrast = torch.nn.functional.cross_entropy
        loss = loss + CONTRAST_WEIGHT * (contrast(scores, right) + contrast(scores.T, right)) / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {steps}: loss {float(loss):.4f}", flush=True)
    learnt: Floats = vectors.detach().numpy()
    return learnt


def fill_unseen(learnt: Floats, guess: Floats, bags: Bags) -> Floats:
    """Give pieces that were never seen the vector that a linear map of their guess gives, fitted on those that were."""
    seen = np.bincount(bags.pieces, minlength=len(learnt))
    often = seen >= 10
    mapping = np.linalg.solve(guess[often].T @ guess[often] + np.eye(guess.shape[1]), guess[often].T @ learnt[often])
    filled = learnt.copy()
    filled[seen == 0] = guess[seen == 0] @ mapping
    return filled


def report(name: str, vectors: Floats, bags: Bags, targets: Floats, rows: Whole, pairs: Whole) -> None:
    """Print how near held-out sentences are to the teacher's, and how often translations find each other."""
    likeness = np.einsum("ij,ij->i", _unit(_sums(vectors, bags, rows)), targets[rows])
    one, other = (_unit(_sums(vectors, bags, pairs[:, side])) for side in (0, 1))
    scores = one @ other.T
    place = np.arange(len(pairs))
    found = ((scores.argmax(axis=1) == place).mean() + (scores.argmax(axis=0) == place).mean()) / 2
    print(f"{name}: cosine to the teacher {likeness.mean():.4f}, translations found {found:.4f} of {len(pairs)}")


def _sums(vectors: Floats, bags: Bags, rows: Whole) -> Floats:
    pieces, begins = bags.of(rows)
    sums: Floats = np.add.reduceat(vectors[pieces], begins, axis=0)
    return sums


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-9))
    return unit.astype(np.float32)


def write_model(vectors: Floats, tokenizer: Tokenizer, folder: Path) -> None:
    """Write pieces and vectors, in eight bits with a scale for each."""
    scales = np.maximum(np.abs(vectors).max(axis=1) / 127, 1e-9).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    codes = np.rint(vectors / scales[:, None]).astype(np.int8)
    save_file({"codes": codes, "scales": scales}, folder / "model.safetensors")
    tokenizer.no_truncation()
    (folder / "tokenizer.json").write_text(
        json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")), "utf-8"
    )


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=FAST_FOLDER, help="default: %(default)s")
    options = parser.parse_args()
    text = collect_text(shared_folder() / "data" / "parallel")
    print(f"{len(text.sentences):,} sentences, {len(text.pairs):,} pairs of translations")
    targets = onto_main_axes(teacher_vectors(text), text.languages)
    tokenizer, kept = prune_tokenizer(text.sentences)
    bags = _bags(tokenizer, text.sentences)
    print(f"{len(kept):,} pieces, {len(bags.pieces):,} read")
    spoken = np.diff(bags.starts) > 0
    held_out = np.arange(len(spoken)) % HELD_OUT == 0
    both = spoken[text.pairs].all(axis=1)
    trained_pairs = text.pairs[both & ~held_out[text.pairs].any(axis=1)]
    other_pairs = text.pairs[both & held_out[text.pairs].any(axis=1)][:2_000]
    rows, other_rows = np.flatnonzero(spoken & ~held_out), np.flatnonzero(spoken & held_out)
    teacher = targets[other_pairs[:, 0]] @ targets[other_pairs[:, 1]].T
    print(f"the teacher: translations found {(teacher.argmax(axis=1) == np.arange(len(teacher))).mean():.4f}")
    guess = first_guess(kept, bags, rows[:: max(1, len(rows) // 60_000)], targets)
    report("first guess", guess, bags, targets, other_rows, other_pairs)
    learnt = train(guess, bags, text, targets, rows, trained_pairs)
    report("trained", learnt, bags, targets, other_rows, other_pairs)
    write_model(fill_unseen(learnt, guess, bags), tokenizer, options.output)


if __name__ == "__main__":
    main()
