"""Keys that the site makes for itself on its first run, kept in DATA_DIR and outside git."""

import os
import secrets
import sys
from pathlib import Path

# What compose.yaml gives to its services as files.
COMPOSE_SECRETS = ("secret_key", "artifact_signing_key", "database_password", "redis_password")


def key_read_or_create(path: Path) -> str:
    """Return the key in `path`, making it (readable by its owner only) when there is none.

    Web processes, workers and commands may all start first at the same moment. The key is written
    completely under a name of its own and then linked into place: a link never replaces a file, so
    everybody reads the same key.
    """
    if not path.exists():
        _key_create(path)
    return path.read_text(encoding="ascii").strip()


def _key_create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        draft.unlink()


def compose_secrets_create(folder: Path) -> None:
    """Make the secrets that are not there yet.

    The programs in containers are other users than the one who makes these, and read them all the
    same. On this machine the folder keeps everybody else out.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in COMPOSE_SECRETS:
        key_read_or_create(folder / name)
        (folder / name).chmod(0o644)


if __name__ == "__main__":
    compose_secrets_create(Path(sys.argv[1]))
