"""`python deploy/slim.py SITE_PACKAGES`: takes away what an image carries and the site never loads.

Runs while the image is built, in its first stage, where `strip` is. Whatever is taken away here
comes back with the next build; nothing outside the folder is touched.
"""

from __future__ import annotations

import shutil
import subprocess  # nosec B404
import sys
from pathlib import Path
from typing import Final

# Their tests are imported by nothing but tests. (astropy imports its own, Django's are a product.)
TESTED: Final = (
    "icalendar",
    "imblearn",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
)
UNUSED: Final = (
    "numba/tests",
    "numba/cuda/tests",
    # Of Arrow only files of our own are read and written: no remote calls, no buckets.
    "pyarrow/*flight*",
    "pyarrow/*s3*",
    "pyarrow/*azure*",
    "pyarrow/*gcs*",
    "pyarrow/_pyarrow_cpp_tests*",
    "pyarrow/include",
    # The same library under the names that a linker asks for.
    "pyarrow/libarrow_python*.so",
    "pyarrow/libarrow_python*.so.*.*.*",
    "pyarrow/src",
    "numpy/_core/include",
    # Pictures are PNG and SVG, and what matplotlib shows in its handbook is shown nowhere.
    "PIL/_avif*",
    "pillow.libs/libavif*",
    "matplotlib/mpl-data/fonts/afm",
    "matplotlib/mpl-data/fonts/pdfcorefonts",
    "matplotlib/mpl-data/sample_data",
    # Not collected, as exoplanet_site/static_files.py says.
    "drf_spectacular_sidecar/static/*/redoc",
    "rest_framework/static",
    # The site speaks English.
    "django/conf/locale/[!e_]*",
    "django/contrib/*/locale/[!e]*",
    "rest_framework/locale/[!e]*",
)
# What compilers and editors read.
SOURCES: Final = ("*.pyi", "*.pyx", "*.pxd", "*.pxi", "*.a", "*.h", "*.hpp", "*.c", "*.cpp")
# Of botocore's 400 services those by which a bucket is reached and keys are had.
SERVICES: Final = ("s3", "sso", "sso-oidc", "sts", "signin")
# Libraries that were bundled by rewriting their headers break when they are stripped again.
REWRITTEN: Final = ".libs"


def slim(packages: Path) -> None:
    folders = [folder for name in TESTED for folder in (packages / name).rglob("tests")]
    for path in [*folders, *_found(packages, UNUSED), *_services(packages)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for pattern in SOURCES:
        for path in packages.rglob(pattern):
            path.unlink()
    _strip(packages)


def _found(packages: Path, patterns: tuple[str, ...]) -> list[Path]:
    """Raises where a pattern finds nothing: the package has changed, and the list must follow."""
    found = {pattern: list(packages.glob(pattern)) for pattern in patterns}
    if lacking := [pattern for pattern, paths in found.items() if not paths]:
        raise SystemExit(f"deploy/slim.py names what is not there any more: {', '.join(lacking)}")
    return [path for paths in found.values() for path in paths]


def _services(packages: Path) -> list[Path]:
    data = packages / "botocore" / "data"
    return [path for path in data.iterdir() if path.is_dir() and path.name not in SERVICES]


def _strip(packages: Path) -> None:
    """Symbols that only a debugger reads."""
    libraries = [
        str(path)
        for path in packages.rglob("*.so*")
        if path.is_file() and not path.parent.name.endswith(REWRITTEN)
    ]
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)  # noqa: S603, S607  # nosec B603, B607


if __name__ == "__main__":
    slim(Path(sys.argv[1]))
