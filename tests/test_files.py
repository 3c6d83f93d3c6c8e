import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from symnn.errors import NoteError
from symnn.files import MAX_LINE, FileError, read_text, write_atomically

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


def write(folder: Path, data: bytes) -> Path:
    path = folder / "note.md"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_with_its_mark_is_read(tmp_path, encoding):
    assert read_text(write(tmp_path, "ŷ = σ(가)\n".encode(encoding))) == "ŷ = σ(가)\n"


def test_line_ends_become_line_feeds(tmp_path):
    assert read_text(write(tmp_path, b"a\r\nb\rc\n\rd")) == "a\nb\nc\n\nd"


def test_what_editors_do_not_count_as_a_line_end_stays(tmp_path):
    text = "a\u2028b\x0bc\x85d"
    assert read_text(write(tmp_path, text.encode())) == text


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (b"", (1, 1), "empty"),
        (b" \r\n\t\n", (1, 1), "empty"),
        (b"\xef\xbb\xbf", (1, 1), "empty"),
        (b"a = b\nc\0d", (2, 2), "binary"),
        (b"%PDF-1.7\n", (1, 1), "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", (1, 1), "a PNG picture"),
        (b"PK\x03\x04", (1, 1), "a ZIP archive"),
        ("층\r\nf 층".encode("cp949"), (1, 1), "not UTF-8"),
        ("f\r\nf 층".encode("cp949"), (2, 3), "not UTF-8"),
        (b"\xff\xfea\0\n\0a", (2, 1), "not valid UTF-16"),
    ],
)
def test_what_is_not_text_is_refused_with_its_place(tmp_path, data, place, says):
    path = write(tmp_path, data)
    with pytest.raises(NoteError, match=says) as caught:
        read_text(path)
    assert (caught.value.path, caught.value.line, caught.value.column) == (str(path), *place)


def test_an_empty_file_may_be_allowed(tmp_path):
    assert read_text(write(tmp_path, b""), allow_empty=True) == ""


def test_a_line_of_ten_megabytes_is_refused_with_its_place(tmp_path):
    path = write(tmp_path, b"a = b\n" + b"x" * 10_000_000 + b"\n")
    with pytest.raises(NoteError, match="the line has 10,000,000 characters, more than 1,000,000") as caught:
        read_text(path)
    assert (caught.value.line, caught.value.column) == (2, MAX_LINE + 1)
    assert len(str(caught.value)) < 500
    assert len(read_text(path, max_line=None)) == 10_000_007


def test_the_longest_line_that_is_read(tmp_path):
    assert len(read_text(write(tmp_path, b"x" * MAX_LINE + b"\n" + b"y" * MAX_LINE))) == 2 * MAX_LINE + 1


def test_a_file_beyond_the_bound_is_refused(tmp_path):
    path = write(tmp_path, b"ab\n" * 100)
    assert read_text(path, max_bytes=300)
    with pytest.raises(NoteError, match="larger than 299 bytes"):
        read_text(path, max_bytes=299)


@posix_only
def test_an_endless_device_is_refused():
    with pytest.raises(NoteError, match="larger than 1 MiB"):
        read_text("/dev/zero", max_bytes=2**20)


def test_a_missing_file_and_its_neighbour(tmp_path):
    (tmp_path / "softmax.md").write_text("x")
    with pytest.raises(FileError, match=r"sofmax\.md: no such file; did you mean .*softmax\.md\?"):
        read_text(tmp_path / "sofmax.md")
    with pytest.raises(FileError, match=r"z\.md: no such file$"):
        read_text(tmp_path / "nowhere" / "z.md")


def test_a_directory_and_a_name_that_is_none(tmp_path):
    with pytest.raises(FileError, match="is a directory"):
        read_text(tmp_path)
    with pytest.raises(FileError, match="not a file name"):
        read_text("a\0b")
    with pytest.raises(FileError, match="not a file name"):
        write_atomically("a\0b", "")


def test_written_text_is_utf8_with_line_feeds(tmp_path):
    write_atomically(tmp_path / "a.tex", "σ\n")
    assert (tmp_path / "a.tex").read_bytes() == b"\xcf\x83\n"
    write_atomically(tmp_path / "a.tex", b"\r\n\xff")
    assert (tmp_path / "a.tex").read_bytes() == b"\r\n\xff"
    assert os.listdir(tmp_path) == ["a.tex"]


@posix_only
def test_permissions_of_the_old_file_stay_and_a_new_file_follows_the_umask(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("before")
    old.chmod(0o640)
    write_atomically(old, "after")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    mask = os.umask(0o027)
    try:
        write_atomically(new, "x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


@posix_only
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real").write_text("before")
    (tmp_path / "link").symlink_to("folder/real")
    (tmp_path / "dangling").symlink_to("folder/new")
    write_atomically(tmp_path / "link", "after")
    write_atomically(tmp_path / "dangling", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "real").read_text() == "after"
    assert (tmp_path / "folder" / "new").read_text() == "new"
    assert sorted(os.listdir(tmp_path / "folder")) == ["new", "real"]


@posix_only
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, "through")
    reader.join(timeout=10)
    assert got == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing/a.tex", "there is no directory .*missing"),
        (".", "is a directory"),
        ("file/a.tex", "cannot be written"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path, name, says):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match=says):
        write_atomically(tmp_path / name, "x")


def test_a_read_only_file_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    path.write_text("before")
    path.chmod(0o444)
    # Root, who often runs the tests, may write everything: ask as somebody who may not.
    monkeypatch.setattr(os, "access", lambda path, _mode: bool(os.stat(path).st_mode & stat.S_IWUSR))
    with pytest.raises(FileError, match="Permission denied"):
        write_atomically(path, "after")
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["kept"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, call, failure):
    def fail(*_args):
        raise failure

    path = tmp_path / "a.tex"
    path.write_text("before")
    monkeypatch.setattr(os, call, fail)
    expected = FileError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_atomically(path, "after")
    monkeypatch.undo()
    assert os.listdir(tmp_path) == ["a.tex"]
    assert path.read_text() == "before"


@posix_only
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_writer_that_is_killed_leaves_the_old_file_whole(tmp_path, call):
    path = tmp_path / "a.tex"
    path.write_text("before")
    program = f"""
        import os, time
        from symnn.files import write_atomically
        def wait(*_args):
            print("written", flush=True)
            time.sleep(60)
        os.{call} = wait
        write_atomically({str(path)!r}, "after" * 1_000_000)
    """
    writer = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"  # the data is in the temporary file by now
        writer.send_signal(signal.SIGKILL)
    assert path.read_text() == "before"


def test_readers_never_see_a_part(tmp_path):
    path = tmp_path / "a.bin"
    size = 200_000
    write_atomically(path, b"0" * size)
    seen: set[tuple[int, int]] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            data = path.read_bytes()
            seen.add((len(data), len(set(data))))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for digit in range(100):
            write_atomically(path, str(digit % 10).encode() * size)
    finally:
        done.set()
        reader.join()
    assert seen == {(size, 1)}
