"""A process that scores pairs for a run: ``python -m dedup.score.worker``.

A line and frames come in, frames go out, see ``dedup.score.messages``. It ends when its input does, so with the run
that started it, however that ends.
"""

from __future__ import annotations

from dedup.worker_processes import pipes_of_worker

__all__ = ["main"]


def main() -> None:
    """Answer request after request."""
    source, answers = pipes_of_worker()

    from dedup.encode.fingerprint_files import map_fingerprints
    from dedup.score.calibration import load_calibration
    from dedup.score.messages import answer_frame, parse_request, parse_start, read_frame
    from dedup.score.pairs import score_pairs

    start = source.readline()
    if not start:
        return
    folder, file, max_sentences = parse_start(start)
    fingerprints, calibration = map_fingerprints(folder), load_calibration(file)
    while (frame := read_frame(source)) is not None:
        pairs, products = parse_request(frame)
        scored = score_pairs(fingerprints, pairs, calibration, max_sentences=max_sentences, products=products)
        answers.write(answer_frame(*scored))
        answers.flush()


if __name__ == "__main__":
    main()
