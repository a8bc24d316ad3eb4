"""The optional packages that some formats need."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from dedup.errors import InputError

__all__ = ["MissingPackageError", "require_packages"]


class MissingPackageError(InputError):
    """A file is of a kind that is read with a package that is not installed."""


def require_packages(names: Iterable[str], *, kind: str) -> None:
    """Check, without importing them, that packages are installed.

    Args:
        names: as they are imported.
        kind: of files, for the message: ``"zstd files"``.

    Raises:
        MissingPackageError: one is not.
    """
    for name in names:
        if find_spec(name) is None:
            raise MissingPackageError(
                f"{kind} are read with the package {name}, which is not installed; "
                "install it with: pip install 'news-dedup[formats]'"
            )
