"""A process that reads the contents of articles for a run: ``python -m dedup.evidence.worker``.

Lines of JSON come in and go out, see ``dedup.evidence.messages``. It ends when its input does, so with the run that
started it, however that ends.
"""

from __future__ import annotations

from dedup.worker_processes import pipes_of_worker

__all__ = ["main"]


def main() -> None:
    """Answer chunk after chunk."""
    source, answers = pipes_of_worker()

    from dedup.evidence.messages import contents_line, parse_articles, parse_start

    start = source.readline()
    if not start:
        return
    reader = parse_start(start)
    for line in source:
        answers.write(contents_line(map(reader.of, parse_articles(line))))
        answers.flush()


if __name__ == "__main__":
    main()
