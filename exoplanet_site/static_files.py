"""Static files under hashed names once collected, and under their own names before that."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """A forgotten `collectstatic` costs caching, not the page: WhiteNoise then finds the plain names."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
