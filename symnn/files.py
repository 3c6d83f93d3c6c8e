"""Reading and writing files so that nothing surprising happens.

Reading is bounded and refuses what is not text, with a message that says what was found. Writing is atomic: a
reader of the target sees the old content or the new one, never a part, even if the writer is killed.
"""

from __future__ import annotations

import codecs
import contextlib
import difflib
import errno
import os
import secrets
import stat
import sys
from typing import BinaryIO

from symnn.errors import NoteError, SymnnError, excerpt, printable

MAX_BYTES = 16 * 2**20
"""The largest document that is read."""
MAX_LINE = 1_000_000
"""The longest line, in characters, of a document that people write by hand."""
STDIN = "-"
"""The path that stands for standard input."""

_BYTE_ORDER_MARKS = (  # UTF-32 before UTF-16: the little-endian marks begin alike
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive (or an Office document)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
)


class FileError(SymnnError):
    """A file cannot be read or written; the message names it and says why."""


def read_text(
    path: str | os.PathLike[str],
    *,
    max_bytes: int = MAX_BYTES,
    max_line: int | None = MAX_LINE,
    allow_empty: bool = False,
) -> str:
    r"""Return the text of a document, with ``\n`` as the only line end and without a byte order mark.

    ``"-"`` reads standard input. The encoding is UTF-8, or what a byte order mark says. ``max_line`` is None
    for formats that machines write on one line, such as notebooks.

    Raises :class:`FileError` if there is no such file or it cannot be read, and :class:`NoteError` with the
    place if the content is too large, not text, empty (unless ``allow_empty``) or has too long a line.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     note = Path(folder, "note.md")
    ...     _ = note.write_bytes(b"\xef\xbb\xbfa = b\r\n")
    ...     read_text(note)
    'a = b\n'
    """
    path = os.fspath(path)
    name = "<stdin>" if path == STDIN else path
    data = _read_bytes(path, max_bytes)
    if len(data) > max_bytes:
        raise NoteError(f"the file is larger than {_amount(max_bytes)}, the most that is read", name)
    text = _decode(data, name).replace("\r\n", "\n").replace("\r", "\n")
    if not allow_empty and not text.strip():
        raise NoteError("the file is empty", name, 1, 1)
    if max_line is not None and len(text) > max_line:
        _refuse_long_line(text, name, max_line)
    return text


def write_atomically(path: str | os.PathLike[str], data: str | bytes) -> None:
    """Write ``data`` to ``path``, all of it or nothing. Text is written as UTF-8.

    The data goes to a new file in the same directory, to the disk, and then takes the place of the target. A
    symbolic link stays a link and its target is replaced. An existing file keeps its permissions, and a
    read-only one is refused. Devices and pipes, which cannot be replaced, are written to.

    Raises :class:`FileError` if that cannot be done.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder, "mlp.tex"), "σ(x)")
    ...     os.listdir(folder), Path(folder, "mlp.tex").read_text("utf-8")
    (['mlp.tex'], 'σ(x)')
    """
    path = os.fspath(path)
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        target = os.path.realpath(path)
        mode = _mode_of(target)
        if mode is not None and not stat.S_ISREG(mode):
            with open(target, "wb") as device:  # raises IsADirectoryError for a directory
                device.write(content)
            return
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        _replace(target, content, mode)
    except OSError as error:
        raise FileError(_write_problem(path, error)) from error
    except ValueError as error:  # a NUL byte in the path
        raise FileError(f"{excerpt(path)}: not a file name") from error


def _replace(target: str, content: bytes, mode: int | None) -> None:
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".symnn-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)  # the umask applies, as for any new file
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:  # KeyboardInterrupt as well: nothing is left behind
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _sync_folder(folder: str) -> None:
    """Put the new directory entry on the disk, where the system can do that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (
            errno.EINVAL,
            errno.ENOTSUP,
            errno.EROFS,
        ):  # some file systems have no such call
            raise
    finally:
        os.close(descriptor)


def _mode_of(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


def _read_bytes(path: str, max_bytes: int) -> bytes:
    """Return at most one byte more than ``max_bytes``, so that an endless device ends."""
    if path == STDIN:
        return _read_at_most(sys.stdin.buffer, max_bytes + 1)
    try:
        with open(path, "rb") as file:
            return _read_at_most(file, max_bytes + 1)
    except OSError as error:
        raise FileError(_read_problem(path, error)) from error
    except ValueError as error:  # a NUL byte in the path
        raise FileError(f"{excerpt(path)}: not a file name") from error


def _read_at_most(file: BinaryIO, count: int) -> bytes:
    parts = []
    while count > 0 and (part := file.read(min(count, 2**20))):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _decode(data: bytes, name: str) -> str:
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise NoteError(f"this is {kind}, not text", name, 1, 1)
    encoding, body = "utf-8", data
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            encoding, body = marked, data[len(mark) :]
            break
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding)
        line, column = _position(before)
        if encoding != "utf-8":
            raise NoteError(f"the text is not valid {encoding.upper()}", name, line, column) from None
        raise NoteError(
            f"not UTF-8 text: byte 0x{body[error.start]:02x}",
            name,
            line,
            column,
            hint="save the file as UTF-8, for example with: iconv -f OLD-ENCODING -t UTF-8",
        ) from None
    if "\0" in text:
        line, column = _position(text[: text.index("\0")])
        raise NoteError("this is a binary file, not text (it holds a NUL byte)", name, line, column)
    return text


def _position(before: str) -> tuple[int, int]:
    """Return line and column of the character that follows ``before``."""
    before = before.replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _refuse_long_line(text: str, name: str, max_line: int) -> None:
    start, number = 0, 1
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end - start > max_line:
            raise NoteError(
                f"the line has {end - start:,} characters, more than {max_line:,}",
                name,
                number,
                max_line + 1,
                source_line=text[start:end],
            )
        start, number = end + 1, number + 1


def _read_problem(path: str, error: OSError) -> str:
    name = printable(path)
    if isinstance(error, FileNotFoundError):
        similar = _similar(path)
        return f"{name}: no such file" + (f"; did you mean {printable(similar)}?" if similar else "")
    if isinstance(error, IsADirectoryError):
        return f"{name}: this is a directory, a file is needed"
    return f"{name}: cannot be read: {error.strerror or error}"


def _write_problem(path: str, error: OSError) -> str:
    name = printable(path)
    folder = os.path.dirname(os.path.realpath(path))
    if isinstance(error, FileNotFoundError) and not os.path.isdir(folder):
        return f"{name}: cannot be written: there is no directory {printable(folder)}"
    if isinstance(error, IsADirectoryError):
        return f"{name}: cannot be written: this is a directory"
    return f"{name}: cannot be written: {error.strerror or error}"


def _similar(path: str) -> str | None:
    """Return a file beside the missing one with nearly the same name."""
    folder, base = os.path.split(path)
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for _, entry in zip(range(1000), entries, strict=False)]
    except OSError:
        return None
    found = difflib.get_close_matches(base, names, n=1, cutoff=0.75)
    return os.path.join(folder, found[0]) if found else None


def _amount(count: int) -> str:
    return f"{count / 2**20:g} MiB" if count >= 2**20 else f"{count:,} bytes"
