"""Says plainly what this machine lacks.

Run by any Python before anything is installed, so: old syntax, and no imports of ours.
"""

import ctypes
import sys


def lacks() -> "list[str]":
    """The sentences for what is missing; none when the site can be installed."""
    sentences = []
    if sys.version_info[:2] != (3, 11):
        sentences.append(
            "The site needs Python 3.11, and this is Python {}.{}. "
            "Install python3.11, or name yours: make run PYTHON=/path/to/python3.11".format(*sys.version_info[:2])
        )
    if sys.platform == "linux" and not loads("libgomp.so.1"):
        sentences.append(
            "The library libgomp1 is missing, without which the classifier (LightGBM) does not load. "
            "Install it, on Debian and Ubuntu with: apt-get install libgomp1"
        )
    return sentences


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    for sentence in lacks():
        sys.stderr.write(sentence + "\n")
    sys.exit(1 if lacks() else 0)
