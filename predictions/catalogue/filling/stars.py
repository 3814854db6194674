"""Which star a listed signal belongs to: by its number in a catalogue, or by its position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from predictions.catalogue.filling.names import slug_of, star_of
from predictions.catalogue.filling.reading import Listed
from predictions.catalogue.models import Name, Signal, Star
from training.ml.sky.stars import group_stars
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
            keys = Name.objects.filter(star=kept).values_list("key", flat=True)
            Name.objects.filter(star=star).exclude(key__in=list(keys)).update(star=kept)
            star.delete()
