"""The optional packages that some formats need."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from dedup.errors import InputError

__all__ = ["MissingPackageError", "require_packages"]


class MissingPackageError(InputError):
    """A file is of a kind that is read with a package that is not installed, or not whole."""


def require_packages(names: Iterable[str], *, kind: str) -> None:
    """Import packages, to know before the first file that they are there.

    Args:
        names: as they are imported.
        kind: of files, for the message: ``"zstd files"``.

    Raises:
        MissingPackageError: one cannot be imported.
    """
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            missing = error.name or name
            raise MissingPackageError(
                f"{kind} need the package {missing.partition('.')[0]}, which is not installed or not whole; "
                "install it with: pip install 'news-dedup[formats]'"
            ) from error
