"""Which star a listed signal belongs to: by its number in a catalogue, or by its position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from predictions.catalogue.filling.names import slug_of, star_of
from predictions.catalogue.filling.reading import Listed
from predictions.catalogue.models import Name, Signal, Star
from predictions.catalogue.others.models import OtherSignal
from training.ml.libraries import spatial
from training.ml.sky.stars import MATCH_ARCSEC, group_stars, sky_vectors
from training.ml.sky.typed import name_key


def stars_find_or_create(listed: Sequence[Listed], mission: str) -> list[Star]:
    """The star of each signal. A star that two numbers name is found by its place within 5 arcsec
    among all stars that are known already, whichever mission they are from."""
    known = list(Star.objects.order_by("pk"))
    by_key = dict(Name.objects.exclude(star=None).values_list("key", "star_id"))
    numbers = [star_of(one.star_key, mission) for one in listed]
    ours = {star.pk: f"#{star.pk}" for star in known}
    keys = [ours[by_key[k]] if (k := name_key(n)) in by_key else k or None for n in numbers]
    groups = group_stars(
        [*ours.values(), *keys],
        _degrees([*(star.ra for star in known), *(one.ra for one in listed)]),
        _degrees([*(star.dec for star in known), *(one.dec for one in listed)]),
    ).tolist()
    of_group: dict[int, Star] = {}
    for star, group in zip(known, groups[: len(known)], strict=True):
        of_group.setdefault(group, star)  # the oldest of a group keeps it
    _create(of_group, list(zip(groups[len(known) :], numbers, listed, strict=True)))
    _merge(of_group, known, groups)
    return [of_group[group] for group in groups[len(known) :]]


def stars_join(listed: Sequence[Listed], mission: str) -> list[Star]:
    """The same for a list that is no mission's: known stars stay as they are, and none becomes
    another's because a list puts something between them."""
    known = list(Star.objects.order_by("pk"))
    of_key = dict(Name.objects.exclude(star=None).values_list("key", "star_id"))
    of_pk = {star.pk: star for star in known}
    numbers = [star_of(one.star_key, mission) for one in listed]
    near = _nearest(known, listed)
    stars = [of_pk.get(of_key.get(name_key(n)) or 0) if n else None for n in numbers]
    stars = [star or other for star, other in zip(stars, near, strict=True)]
    left = [at for at, star in enumerate(stars) if star is None]
    groups = group_stars(
        [name_key(numbers[at]) or None for at in left],
        _degrees([listed[at].ra for at in left]),
        _degrees([listed[at].dec for at in left]),
    ).tolist()
    of_group: dict[int, Star] = {}
    _create(of_group, [(g, numbers[at], listed[at]) for g, at in zip(groups, left, strict=True)])
    for group, at in zip(groups, left, strict=True):
        stars[at] = of_group[group]
    return [star for star in stars if star is not None]


def _nearest(known: Sequence[Star], listed: Sequence[Listed]) -> list[Star | None]:
    """Per signal the known star that is nearest to its place, within ``MATCH_ARCSEC``."""
    placed = [star for star in known if star.ra is not None and star.dec is not None]
    at = [n for n, one in enumerate(listed) if one.ra is not None and one.dec is not None]
    found: list[Star | None] = [None] * len(listed)
    if not placed or not at:
        return found
    vectors = sky_vectors(_degrees([s.ra for s in placed]), _degrees([s.dec for s in placed]))
    asked = sky_vectors(_degrees([listed[n].ra for n in at]), _degrees([listed[n].dec for n in at]))
    reach = 2 * np.sin(np.radians(MATCH_ARCSEC / 3600) / 2)
    _, rows = spatial.cKDTree(vectors).query(asked, distance_upper_bound=reach)
    for n, row in zip(at, rows.tolist(), strict=True):
        found[n] = placed[row] if row < len(placed) else None
    return found


def _degrees(values: list[float | None]) -> npt.NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _create(of_group: dict[int, Star], found: Sequence[tuple[int, str, Listed]]) -> None:
    slugs = set(Star.objects.values_list("slug", flat=True))
    names = set(Star.objects.values_list("name", flat=True))
    made: dict[int, Star] = {}
    for group, number, one in found:
        if group in of_group or group in made:
            continue
        name = number or f"star of {one.name}"[:80]
        name = name if name not in names else f"{name} ({one.name})"[:80]
        made[group] = Star(name=name, slug=slug_of(name, slugs), ra=one.ra, dec=one.dec)
        slugs.add(made[group].slug)
        names.add(name)
    Star.objects.bulk_create(made.values())
    of_group |= made


def _merge(of_group: dict[int, Star], known: Sequence[Star], groups: Sequence[int]) -> None:
    """Two known stars between which a newly listed one stands are one."""
    for star, group in zip(known, groups, strict=False):
        kept = of_group[group]
        if kept.pk != star.pk:
            Signal.objects.filter(star=star).update(star=kept, star_name=kept.name)
            OtherSignal.objects.filter(star=star).update(star=kept, star_name=kept.name)
            keys = Name.objects.filter(star=kept).values_list("key", flat=True)
            Name.objects.filter(star=star).exclude(key__in=list(keys)).update(star=kept)
            star.delete()
