"""What the pages of light curves show: templates only lay it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from predictions.curves.forms import too_large_sentence
from predictions.curves.models import CurveSearch
from predictions.curves.words import NOT_SEEN, with_error
from predictions.signals.pages import ShownAnswer
from training.confirmations import Confirmation
from training.figures import significant_text, with_unit
from training.ml.curves.handover import withheld
from training.ml.curves.judging import DISAGREE
from training.ml.curves.read import MAX_FILES
from training.ml.curves.vetting import DEPTH_VETO, ODD_EVEN_VETO, SECONDARY_VETO

FACTS: Final = (
    ("teff", "Teff", "K"),
    ("radius", "Radius", "R☉"),
    ("logg", "log g", "dex"),
    ("metallicity", "[Fe/H]", "dex"),
    ("magnitude", "Magnitude", "mag"),
    ("ra", "Right ascension", "°"),
    ("dec", "Declination", "°"),
)


def limits() -> dict[str, Any]:
    return {
        "files": MAX_FILES,
        "bytes": filesizeformat(settings.CURVE_MAX_BYTES),
        "most_bytes": settings.CURVE_MAX_BYTES,
        "too_large": too_large_sentence(),
        "too_many": f"These are more than {MAX_FILES} files. Search one star at a time.",
        "days": settings.CURVE_KEPT_DAYS,
    }


FROM: Final = {"files": "", "catalogue": ", from the catalogue", "stated": ", as stated"}


def star_facts(star: Mapping[str, Any], sources: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label, and value with unit and where it is from, or "not given"."""
    return [
        (
            label,
            "not given"
            if star.get(name) is None
            else with_unit(significant_text(star[name], 6), unit)
            + FROM[sources.get(name, "files")],
        )
        for name, label, unit in FACTS
    ]


@dataclass(frozen=True)
class Check:
    """One thing that the light says. ``is_against``: it speaks against a planet."""

    title: str
    value: str
    sentence: str
    is_against: bool = False


@dataclass(frozen=True)
class SignalPage:
    """One signal of a finished search, as its page shows it."""

    search: CurveSearch
    signal: Mapping[str, Any]

    @property
    def order(self) -> int:
        order: int = self.signal["order"]
        return order

    @property
    def title(self) -> str:
        period = self.signal["period"]
        return f"{period['value']:.5g} d" if period else "period not known"

    @property
    def given(self) -> str:
        """Who gave the period, in a sentence; "" where the search found it."""
        stated = self.signal.get("stated")
        if not stated:
            return ""
        when = f" with a mid-transit at {stated['epoch']:.10g}" if stated["epoch"] else ""
        return f"Measured at a period of {stated['period']:.8g} d{when}, given by {stated['by']}."

    @property
    def in_short(self) -> str:
        """Period, strength and verdict in one line."""
        said = self.shown.sentence if self.shown else "no verdict"
        return f"{self.title}, S/N {self.signal['snr'] or 0:.1f}: {said}"

    @cached_property
    def shown(self) -> ShownAnswer | None:
        """The verdict; None where there is none."""
        verdict, version = self.signal["verdict"], self.search.model_version
        if verdict is None or version is None:
            return None
        inputs = {name: value for name, value in self.signal["inputs"].items() if name != "mission"}
        mission = str(self.signal["inputs"]["mission"])
        return ShownAnswer(verdict, inputs, mission, version, withheld(mission) - set(inputs))

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What was measured: label, and value with its uncertainty and unit."""
        signal = self.signal
        zero = self.search.result["curve"]["time_zero"] if self.search.result else None
        when = "in the file's time" if zero is None else "BJD"
        pairs = [
            ("Period", signal["period"], "d"),
            ("Mid-transit", signal["epoch"], when),
            ("Duration", signal["duration_hours"], "h"),
            ("Depth", signal["depth_ppm"], "ppm"),
            ("Rp/R★", signal["radius_ratio"], ""),
        ]
        measured = [
            (label, f"{with_error(one['value'], one['error'] or 0.0)} {unit}".strip())
            for label, one, unit in pairs
            if one
        ]
        sde = signal["sde"]
        return [
            *measured,
            ("Ingress", f"{100 * signal['ingress_share']:.0f} % of the duration"),
            ("S/N", f"{signal['snr']:.1f}"),
            ("Transits seen", f"{signal['transit_count']:,}"),
            ("Periodogram", "period stated" if sde is None else f"SDE {sde:.1f}"),
        ]

    @property
    def checks(self) -> list[Check]:
        """The vetoes of the light and what is none, the same ones for every signal."""
        checks = [self._odd_even(), self._secondary(), self._depth(), self._shape(), self._sine()]
        moved = self.signal.get("centroid")
        return [*checks, _centroid(moved)] if moved else checks

    def _veto(self, beginning: str) -> str:
        vetoes: list[str] = self.signal["vetoes"]
        return next((veto for veto in vetoes if veto.startswith(beginning)), "")

    def _odd_even(self) -> Check:
        sigma = self.signal["odd_even"]["sigma"]
        veto = self._veto("Odd and even")
        fine = (
            "Too few transits of one kind were seen to compare them."
            if not sigma
            else f"Odd and even transits are equally deep, within {ODD_EVEN_VETO:g} σ."
        )
        value = f"{sigma:.1f} σ" if sigma else "not compared"
        return Check("Odd and even", value, veto or fine, bool(veto))

    def _secondary(self) -> Check:
        second = self.signal["secondary"]
        if second["sigma"] is None:
            why = "Too little of the orbit was seen to look for another dip."
            return Check("Second dip", "not measured", why, False)
        value = f"{second['sigma']:.1f} σ at phase {second['phase'] or 0:.2f}"
        veto = self._veto("There is a second dip")
        fine = f"No other dip of an eclipsing binary, which would take {SECONDARY_VETO:g} σ."
        if second["sigma"] > SECONDARY_VETO and not veto:
            fine = "There is another dip, no deeper than the planet's own light can make it."
        return Check("Second dip", value, veto or fine, bool(veto))

    def _depth(self) -> Check:
        veto = self._veto("The transit is")
        fine = f"Shallow enough for a planet: less than {100 * DEPTH_VETO:g} %."
        value = f"{self.signal['depth_ppm']['value'] / 1e4:.3g} %"
        return Check("Depth", value, veto or fine, bool(veto))

    def _shape(self) -> Check:
        share = self.signal["ingress_share"]
        said = (
            "V-shaped: a grazing planet, or a grazing binary."
            if share > 0.45
            else "Flat at the bottom, as a body that crosses the whole of its disc."
            if share < 0.25
            else "Between flat and V-shaped."
        )
        return Check("Shape", f"ingress {100 * share:.0f} %", said)

    def _sine(self) -> Check:
        ratio = self.signal["sine_ratio"] or 0.0
        said = "Dips describe the light better than a wave does."
        if ratio > 0.5:
            said = "A wave of the star describes the light nearly as well."
        return Check("Against a wave", f"{ratio:.2f}", said)


def _centroid(moved: dict[str, float]) -> Check:
    """No veto: only the pixels tell whose light it is."""
    said = (
        "The middle of the light is where it is outside of transits: nothing here says that another"
        " star loses the light."
    )
    if moved["sigma"] >= ODD_EVEN_VETO:
        said = (
            "The middle of the light moves; what loses it would stand"
            f" {moved['source_pixels']:.2f} pixels away. Below some tenths of a pixel that is the"
            " target itself beside fainter neighbours; above, look at the pixels."
        )
    value = f"{1e3 * moved['shift_pixels']:.2f} millipixels, {moved['sigma']:.1f} σ"
    return Check("Centroid", value, said)


def signals_of(search: CurveSearch) -> list[SignalPage]:
    found = search.result["signals"] if search.result else []
    return [SignalPage(search, signal) for signal in found]


def asked_signal(text: str) -> int:
    """The number of a signal in an address; the first unless it says another."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 1


def search_context(search: CurveSearch, asked: str = "") -> dict[str, Any]:
    signals = signals_of(search)
    number = asked_signal(asked)
    chosen = next((one for one in signals if one.order == number), signals[0] if signals else None)
    result = search.result or {}
    return {
        "search": search,
        "signals": signals,
        "chosen": chosen,
        "facts": star_facts(result.get("star", {}), result.get("star_from", {})),
        "before": _before(search, chosen) if chosen and chosen.given else None,
        "curve": result.get("curve", {}),
        "notes": result.get("notes", []),
        "ended": result.get("ended", ""),
        "not_seen": NOT_SEEN,
        "disagree": DISAGREE,
    }


def _before(search: CurveSearch, chosen: SignalPage) -> SignalPage | None:
    """The signal as the search found it, before somebody gave another period."""
    earlier = search.earlier
    signals = signals_of(earlier) if earlier else []
    return next((one for one in signals if one.order == chosen.order), None)


def progress_context(search: CurveSearch) -> dict[str, Any]:
    ahead = 0
    if search.status == CurveSearch.Status.QUEUED and search.enqueued_at:
        ahead = CurveSearch.objects.open().filter(enqueued_at__lt=search.enqueued_at).count()
    return {"search": search, "percent": min(99, round(100 * search.progress)), "ahead": ahead}


def cancel_asked(search: CurveSearch) -> Confirmation:
    return Confirmation(
        question="Cancel this search?",
        about=search.name,
        address=search.get_absolute_url(),
        changes=["It stops within seconds and finds nothing."],
        stays=["The light curves that you uploaded."],
        undo="Search again on its page.",
        button="Cancel the search",
        keep="Let it go on",
    )


def deletion_asked(search: CurveSearch) -> Confirmation:
    return Confirmation(
        question="Delete this search?",
        about=search.name,
        address=search.get_absolute_url(),
        changes=["Its light curves, its plots and its page will be gone."],
        stays=["The predictions in your history that came of it."],
        undo="It cannot be brought back. The same files can be uploaded again.",
        button="Delete it",
        keep="Keep it",
    )
