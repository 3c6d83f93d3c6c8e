"""PDF, through a TeX engine, if this machine has one.

The engine runs in an empty directory of its own, without shell escape, and may read and write nothing outside
it but the files of the TeX installation. Time, memory and the size of what it writes are bounded. Its log is
read for what a reader would see on the page: overfull lines, references to nothing, letters that the font
does not have.

Engines that fetch packages from the network while they run, or that only call one of these engines, are not
used.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from symnn.errors import excerpt
from symnn.write.errors import NoTexEngineError, TexRunError
from symnn.write.latex import needs_unicode_fonts

SECONDS: Final = 120
"""The time limit for one run of the engine."""

MAX_OUTPUT: Final = 64 * 2**20
MAX_MEMORY: Final = 4 * 2**30
MAX_RUNS: Final = 5
"""Page references and the columns of long tables settle after two to four runs."""

PLAIN_ENGINES: Final = ("pdflatex", "xelatex", "lualatex")
UNICODE_ENGINES: Final = ("xelatex", "lualatex")


@dataclass(frozen=True, slots=True)
class TexReport:
    """What the log of a TeX run complains about, line by line as TeX wrote it."""

    overfull: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()
    missing_glyphs: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    rerun: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether nothing on the pages is amiss."""
        return not (self.overfull or self.undefined or self.missing_glyphs or self.errors)


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF with the engine that set it and what it had to say."""

    data: bytes
    engine: str
    report: TexReport


_OVERFULL: Final = re.compile(r"^Overfull \\[hv]box .*$", re.MULTILINE)
_UNDEFINED: Final = re.compile(
    r"^(?:LaTeX Warning: (?:Reference|Citation) .* undefined.*|"
    r".*name\{.*\} has been referenced but does not exist.*)$",
    re.MULTILINE,
)
_MISSING: Final = re.compile(r"^Missing character: .*$", re.MULTILINE)
_ERROR: Final = re.compile(r"^(?:! |\S+\.(?:tex|sty|cls|def|aux|lua):\d+: ).*(?:\n.+){0,2}", re.MULTILINE)
_RERUN: Final = re.compile(r"Rerun to get|Rerun LaTeX|widths have changed|\(rerunfilecheck\)\s+Rerun")


def read_log(log: str) -> TexReport:
    r"""Read the log of a TeX run.

    >>> read_log("Overfull \\hbox (3.0pt too wide) in paragraph at lines 3--4\n").overfull
    ('Overfull \\hbox (3.0pt too wide) in paragraph at lines 3--4',)
    """

    def found(pattern: re.Pattern[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(match.group(0).strip() for match in pattern.finditer(log)))

    return TexReport(found(_OVERFULL), found(_UNDEFINED), found(_MISSING), found(_ERROR), bool(_RERUN.search(log)))


def find_engine(latex: str) -> str | None:
    """The first engine of this machine that can set a document, or None. Returns its full path."""
    engines = UNICODE_ENGINES if needs_unicode_fonts(latex) else PLAIN_ENGINES
    return next((found for engine in engines if (found := shutil.which(engine))), None)


def latex_to_pdf(latex: str, engine: str | None = None, *, seconds: float = SECONDS) -> Pdf:
    """Set a LaTeX source that `render_latex` wrote.

    Raises `NoTexEngineError` when no engine is found, and `TexRunError` when the engine fails or breaks a
    limit.
    """
    engine = engine or find_engine(latex)
    if engine is None:
        wanted = " or ".join(UNICODE_ENGINES if needs_unicode_fonts(latex) else PLAIN_ENGINES)
        why = " (its words need the fonts of the system)" if needs_unicode_fonts(latex) else ""
        raise NoTexEngineError(
            f"no PDF: this document{why} needs {wanted}, and none was found on the path; "
            "install TeX Live, for example with: apt-get install texlive-latex-recommended texlive-pictures "
            "texlive-latex-extra texlive-xetex lmodern"
        )
    with tempfile.TemporaryDirectory(prefix="symnn-tex-") as name:
        directory = Path(name)
        (directory / "document.tex").write_text(latex, encoding="utf-8")
        report = TexReport()
        for number in range(1, MAX_RUNS + 1):
            _run(engine, directory, seconds)
            report = read_log(_read(directory / "document.log"))
            pdf = directory / "document.pdf"
            if report.errors or not pdf.is_file():
                complaint = " ".join(report.errors[0].split()) if report.errors else "it wrote no PDF"
                raise TexRunError(f"no PDF: {Path(engine).name} failed: {excerpt(complaint, 300)}")
            if number >= 2 and not report.rerun:
                break
        return Pdf(pdf.read_bytes(), Path(engine).name, report)


def _read(path: Path) -> str:
    """The log; TeX writes it in whatever encoding the words of an error had."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _environment(directory: Path) -> dict[str, str]:
    """What the engine gets to know: paths, and the limits of what it may open."""
    kept = {
        key: os.environ[key] for key in ("PATH", "HOME", "SYSTEMROOT", "TEXMFHOME", "TEXMFVAR") if key in os.environ
    }
    return kept | {
        "openin_any": "p",
        "openout_any": "p",
        "shell_escape": "f",
        "TEXMFOUTPUT": str(directory),
        "max_print_line": "10000",  # complaints stay on one line
        "SOURCE_DATE_EPOCH": "0",  # the same source gives the same bytes
        "FORCE_SOURCE_DATE": "1",
        "LC_ALL": "C.UTF-8",
    }


def _command(engine: str) -> Sequence[str]:
    return (
        engine,
        "-no-shell-escape",
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-file-line-error",
        "document.tex",
    )


def _run(engine: str, directory: Path, seconds: float) -> None:
    """Run the engine once. A non-zero exit is left to the log, which says more."""
    process = subprocess.Popen(
        _command(engine),
        cwd=directory,
        env=_environment(directory),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _limit(process.pid)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise TexRunError(f"no PDF: {Path(engine).name} took longer than {seconds:g} s") from error
    finally:
        if process.poll() is None:
            _kill(process)


def _limit(pid: int) -> None:
    """Bound memory and the size of files, where the system can do that for a running process."""
    if sys.platform != "linux":
        return
    import resource

    try:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
        resource.prlimit(pid, resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    except ProcessLookupError:
        return  # it has ended already


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the engine and whatever it started."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        process.kill()
    process.wait()
