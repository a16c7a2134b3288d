"""Documents at addresses with a scheme (``s3://``, ``https://``, ``gs://``, ``sftp://`` ...), through fsspec."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from nordocr.config import Limits
from nordocr.errors import EngineUnavailable, InputMissing, InputTooLarge, InputUnreadable, NordocrError
from nordocr.pages import SUFFIXES


def is_remote(address: str) -> bool:
    """Decide whether an address has a scheme; a Windows path with a drive has none."""
    scheme, found, _ = address.partition("://")
    return bool(found) and len(scheme) > 1 and scheme.replace("+", "").replace("-", "").isalnum()


def remote_documents(address: str) -> Iterator[tuple[str, int | None]]:
    """List the documents at an address: one, those that a glob fits, or those in a folder, sorted folder by folder.

    Yields:
        The address and the size in bytes, None where the system does not tell, of each document.

    Raises:
        EngineUnavailable: fsspec, or what it needs for the scheme, is not installed.
        InputMissing: There is nothing at the address.
        InputUnreadable: The system does not answer.
    """
    with _said(address):
        files, path = _opened(address)
        if any(sign in path for sign in "*?["):
            found = files.glob(path, detail=True)
            for name in sorted(found):
                if found[name].get("type") != "directory":
                    yield files.unstrip_protocol(name), found[name].get("size")
        elif files.isdir(path) and PurePosixPath(path).suffix.lower() not in SUFFIXES:
            for _, folders, names in files.walk(path, detail=True):
                for name in sorted(names):
                    about = names[name]
                    if PurePosixPath(name).suffix.lower() in SUFFIXES:
                        yield files.unstrip_protocol(about["name"]), about.get("size")
                if isinstance(folders, list):
                    folders.sort()
        else:
            yield address, None


@contextlib.contextmanager
def fetched(address: str, limits: Limits, scratch: Path | None = None) -> Iterator[Path]:
    """Give a document as a local file for the time of the block.

    Args:
        address: A path, which is given as it is, or an address with a scheme.
        limits: ``max_bytes`` applies to what is downloaded.
        scratch: Folder for downloads; None for the system's.

    Raises:
        EngineUnavailable: As :func:`remote_documents`.
        InputMissing: There is nothing at the address.
        InputTooLarge: The document has too many bytes.
        InputUnreadable: It cannot be downloaded.
    """
    if not is_remote(address):
        yield Path(address)
        return
    with tempfile.TemporaryDirectory(prefix="fetched-", dir=scratch, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / ("input" + PurePosixPath(address).suffix[:16].lower())
        with _said(address):
            files, name = _opened(address)
            with files.open(name, "rb") as source, path.open("wb") as copy:
                held = 0
                while block := source.read(1 << 20):
                    held += len(block)
                    if held > limits.max_bytes:
                        raise InputTooLarge(f"{address} has over {limits.max_bytes} bytes, the limit.")
                    copy.write(block)
        yield path


def _opened(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise EngineUnavailable(f'{address} needs fsspec: pip install "nordocr[remote]".') from error
    try:
        files, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise EngineUnavailable(f"{address} needs another package: {error}.") from error
    return files, path


@contextlib.contextmanager
def _said(address: str) -> Iterator[None]:
    """Turn what a file system raises, each another class, into nordocr's errors."""
    try:
        yield
    except NordocrError:
        raise
    except FileNotFoundError as error:
        raise InputMissing(f"There is no document at {address}.") from error
    except GeneratorExit:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RemoteFailed(f"{address} cannot be read: {reason}.") from error


class RemoteFailed(InputUnreadable):
    """A remote file system does not answer as it should; another try may succeed."""
