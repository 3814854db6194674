"""Says plainly what this machine lacks.

Run by any Python before anything is installed, so: old syntax, and no imports of ours.
"""

import ctypes
import platform
import sys

OLDEST, NEWEST = (3, 11), (3, 14)
"""Every pinned requirement has wheels for these,
and the bundled classifier gives the same answers."""


def lacks() -> "list[str]":
    """The sentences for what is missing; none when the site can be installed."""
    sentences = []
    if not supported():
        here = ".".join(map(str, sys.version_info[:2]))
        sentences.append(
            f"The site needs Python 3.{OLDEST[1]} to 3.{NEWEST[1]}, and this is Python {here}. "
            f"Install one of them, or name yours: make run PYTHON=/path/to/python3.{NEWEST[1]}"
        )
    if sys.platform == "linux" and not loads("libgomp.so.1"):
        sentences.append(
            "The library libgomp1 is missing, without which the classifier (LightGBM) does not"
            " load. Install it, on Debian and Ubuntu with: apt-get install libgomp1"
        )
    if sys.platform == "darwin" and not any(map(loads, LIBOMP)):
        sentences.append(
            "The library libomp is missing, without which the classifier (LightGBM) does not load."
            " Install it with: brew install libomp"
        )
    return sentences


LIBOMP = (  # where Homebrew puts it on Apple's processors and on Intel's, and where MacPorts does
    "/opt/homebrew/opt/libomp/lib/libomp.dylib",
    "/usr/local/opt/libomp/lib/libomp.dylib",
    "/opt/local/lib/libomp/libomp.dylib",
)


def supported() -> bool:
    return OLDEST <= tuple(sys.version_info[:2]) <= NEWEST


def is_wanted(version: str) -> bool:
    """Whether this very Python answers ``version`` to ``--version``; an empty one wants any."""
    return version in ("", "Python " + platform.python_version())


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    if sys.argv[1:2] == ["--version-only"]:
        sys.exit(0 if supported() and is_wanted("".join(sys.argv[2:3])) else 1)
    for sentence in lacks():
        sys.stderr.write(sentence + "\n")
    sys.exit(1 if lacks() else 0)
