"""Names as people type them: two hundred spellings of well-known stars and signals."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from training.ml.sky.name_index import NameIndex
from training.ml.sky.typed import LONGEST, Kind, RoundedNumber, name_key, read_typed, tidy

SPELLINGS = """
K00070.01: KOI-70.01 | K00070.01 | koi 70.01 | KOI70.01 | K70.01 | k00070.01 | KOI-0070.01
K00070.01: KOI‑70.01
K00070.02: KOI-70.02 | KOI 70-02 | koi_70.02 | KOI–70.02 | KOI 70 . 02
K00752.01: K00752.01 | KOI-752.01 | KOI 752.01 | K752.01 | koi752.1
K07016.01: KOI-7016.01 | K07016.01 | koi 7016.01
Kepler-20 b: Kepler-20 b | kepler20b | Kepler-20b | KEPLER-20 B | kepler 20 b | Kepler 20b
Kepler-20 b: Kepler‐20 b
Kepler-22 b: Kepler-22b | kepler-22 b | Kepler22 b | “Kepler-22 b” | kepler_22_b
Kepler-186 f: Kepler-186f | KEPLER 186 F | kepler186f | Kepler – 186 f
Kepler-452 b: Kepler-452b | kepler 452 b | 'Kepler-452 b' | Kepler-452 b.
Kepler-1625 b: Kepler-1625 b | kepler1625b | Kepler—1625b
KIC 6850504: KIC 6850504 | KIC6850504 | kic-6850504 | KIC 06850504 | kplr006850504
KIC 6850504: KepID 6850504 | KIC: 6850504
KIC 8462852: KIC 8462852 | kic8462852 | KIC_8462852 | KIC8462852.0 | KIC #8462852
Kepler-90: Kepler-90 | kepler 90 | KEPLER90 | Kepler - 90
TOI-700.02: TOI-700.02 | toi700.02 | TOI 700.02 | toi-700.2 | TOI 0700.02 | TOI700-02
TOI-700 d: TOI-700 d | toi700d | TOI 700d | TOI-700 D | toi‑700‑d
TOI-700: TOI-700 | toi700 | TOI 700 | Toi_700
TOI-270.01: TOI-270.01 | toi 270.01 | TOI270.01
TOI-1338 b: TOI-1338 b | toi1338b | TOI 1338 b
TIC 150428135: TIC 150428135 | TIC150428135 | tic-150428135 | TIC ID 150428135 | TIC 150428135.0
TIC 150428135: tic_150428135 | TIC=150428135
TIC 150428135.02: TIC 150428135.02 | TIC150428135.02 | tic 150428135-02 | TIC_150428135_02
TIC 150428135.02: CTOI 150428135.02 | TIC 150428135.2
TIC 259377017: TIC 259377017 | TIC 0259377017 | tic259377017 | TIC\u00a0259377017
EPIC 201367065: EPIC 201367065 | EPIC201367065 | epic-201367065 | ktwo201367065
EPIC 201367065: EPIC ID 201367065
EPIC 201367065.01: EPIC 201367065.01 | EPIC201367065.01 | epic 201367065.1 | EPIC-201367065.01
EPIC 210490365 b: EPIC 210490365 b | epic210490365b | EPIC-210490365 b
K2-3 b: K2-3 b | K2-3b | k2 3b | K2 3 b | k2-3 B | K2–3 b | K2 – 3b
K2-18 b: K2-18b | K2-18 b | k2 18 b | K2‑18b | k2_18_b
K2-141 c: K2-141 c | k2-141c | K2 141 c
K2-3: K2-3 | k2 3 | K2_3
HD 189733 b: HD 189733 b | HD189733b | hd 189733b | HD-189733 b | HD 189733 B | HD189733 b
HD 209458 b: HD 209458 b | HD209458b | hd-209458-b | HD 209458b
HD 80606 b: HD 80606 b | hd80606b | HD 080606 b
WASP-12 b: WASP 12b | WASP-12 b | WASP-12b | wasp12b | Wasp 12 b | “WASP–12 b”
WASP-18 b: WASP-18b | wasp-18 b | WASP18b | WASP 018 b
WASP-121 b: WASP-121 b | wasp 121b | WASP−121 b
HAT-P-7 b: HAT-P-7 b | HATP7b | HAT P 7b | hat-p-7b | HAT-P-7b | HAT–P–7 b
HATS-6 b: HATS-6 b | hats6b | HATS 6 b
TrES-2 b: TrES-2 b | TRES-2b | tres 2 b | TrES2b
CoRoT-7 b: CoRoT-7 b | corot7b | COROT 7 b | Corot-7b
XO-1 b: XO-1 b | xo1b | XO 1b
KELT-9 b: KELT-9 b | kelt9b | KELT 9b
NGTS-10 b: NGTS-10 b | ngts 10b | NGTS10 b
TRAPPIST-1 e: TRAPPIST-1 e | trappist1e | Trappist-1e | TRAPPIST 1 e
GJ 1214 b: GJ 1214 b | GJ1214b | gj-1214 b | Gliese 1214 b | Gl 1214b | gliese1214b
GJ 436 b: GJ 436b | Gl436b | gliese 436 b
LHS 3844 b: LHS 3844 b | lhs3844b | LHS-3844 b
L 98-59 b: L 98-59 b | L98-59b | l 98 59 b | L 98–59 b
LTT 1445 A b: LTT 1445 A b | LTT1445Ab | ltt 1445A b
pi Men c: pi Men c | π Men c | Pi Mensae c | pi men c | PI MEN C | π Mensae c
55 Cnc e: 55 Cnc e | 55 Cancri e | 55cnce | 55-Cnc e
AU Mic b: AU Mic b | au mic b | AU Microscopii b | AUMic b
bet Pic b: beta Pic b | β Pic b | Beta Pictoris b | bet pic b
nu2 Lup d: nu2 Lup d | ν² Lup d | nu2 Lupi d
BD+20 594 b: BD+20 594 b | BD +20 594 b | bd+20-594b | BD+20 594b | BD+20594b
BD-07 1234: BD-07 1234 | BD-7 1234 | bd −07 1234
TYC 3549-2811-1: TYC 3549-2811-1 | tyc 3549 2811 1 | TYC 3549–2811–1
TYC 3549-281-11: TYC 3549-281-11 | TYC 3549 281 11
2MASS J19024305+5014286: 2MASS J19024305+5014286 | 2mass j19024305+5014286
2MASS J19024305+5014286: 2MASSJ19024305+5014286
Gaia DR3 2052827207364859264: Gaia DR3 2052827207364859264 | gaia dr3 2052827207364859264
Gaia DR3 2052827207364859264: GAIA DR3-2052827207364859264
"""
CASES = [
    (spelling.replace("\\u00a0", "\u00a0"), name)
    for name, _, spellings in (line.partition(": ") for line in SPELLINGS.strip().splitlines())
    for spelling in spellings.split(" | ")
]
NAMES = list(dict.fromkeys(name for _, name in CASES))


@pytest.fixture(scope="module")
def index() -> NameIndex:
    return NameIndex(NAMES, range(len(NAMES)))


def test_there_are_two_hundred_spellings() -> None:
    assert len({spelling for spelling, _ in CASES}) >= 200


@pytest.mark.parametrize(("spelling", "name"), CASES)
def test_every_spelling_finds_its_own(spelling: str, name: str, index: NameIndex) -> None:
    assert index.find(read_typed(spelling))[0].name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_name_has_one_key_of_its_own(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)
    assert [other for other in NAMES if name_key(other) == name_key(name)] == [name]


def test_a_text_with_two_names_finds_both(index: NameIndex) -> None:
    found = index.find(read_typed("TOI-700 d (TIC 150428135)"))
    assert [match.name for match in found][:2] == ["TOI-700 d", "TOI-700"]
    assert "TIC 150428135" in {match.name for match in found}


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ("6850504", ["KIC 6850504", "TIC 6850504"]),
        ("201367065", ["EPIC 201367065", "TIC 201367065"]),
        ("150428135.0", ["TIC 150428135"]),
        ("2.59377017E+08", ["TIC 259377017"]),
        ("150428135.02", ["TIC 150428135.02"]),
        ("700.02", ["TOI-700.02", "KOI-700.02", "KIC 700.02", "TIC 700.02"]),
        ("70.1", ["KOI-70.01", "KOI-70.10", "KIC 70.01", "KIC 70.10", "TIC 70.01", "TIC 70.10"]),
        ("270", ["TOI-270", "KOI-270", "Kepler-270", "K2-270", "KIC 270", "TIC 270"]),
        ("2052827207364859264", ["Gaia DR3 2052827207364859264", "Gaia DR2 2052827207364859264"]),
    ],
)
def test_a_bare_number_says_whose_it_can_be(number: str, names: list[str]) -> None:
    typed = read_typed(number)
    assert typed.kind == Kind.NUMBER
    assert list(typed.names) == names


def test_a_number_that_a_spreadsheet_rounded_is_nobodys() -> None:
    with pytest.raises(RoundedNumber, match="has lost its last digits"):
        read_typed("2.59E+08")


@pytest.mark.parametrize("text", ["", "   ", "“”", "\u200b", "x" * (LONGEST + 1)])
def test_nothing_is_nothing(text: str) -> None:
    assert read_typed(text).kind == Kind.NOTHING
    assert read_typed(text).keys == ()


def test_marks_around_a_name_are_not_part_of_it() -> None:
    assert tidy(" «Kepler‑20\u2009b», ") == "Kepler-20 b"


@pytest.mark.shared_data
def test_every_name_of_the_archive_is_found_however_it_is_written(shared_data: Path) -> None:
    """Small, large, without blanks, with other dashes; and no two names have one key."""
    names = archive_names(shared_data / "archive")
    assert len(names) > 39_000
    assert len({name_key(name) for name in names}) == len(names)
    for name in sorted(names)[::10]:
        written = (name.lower(), name.upper(), name.replace(" ", ""), name.replace("-", "–"))
        missed = [text for text in written if name_key(name) not in read_typed(text).keys]
        assert missed == [], name


def archive_names(folder: Path) -> set[str]:
    koi = pd.read_csv(folder / "cumulative_2025.10.04.csv", comment="#")
    toi = pd.read_csv(folder / "TOI_2025.10.04.csv", comment="#", dtype={"toi": str})
    k2 = pd.read_csv(folder / "k2pandc_2025.10.04.csv")
    columns = [
        koi["kepoi_name"],
        koi["kepler_name"],
        "KIC " + koi["kepid"].astype(str),
        "TOI-" + toi["toi"],
        "TIC " + toi["tid"].astype(str),
        *(k2[name] for name in ("pl_name", "hostname", "k2_name")),
    ]
    return {name for column in columns for name in column.dropna()}
