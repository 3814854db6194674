"""Tables as strangers write them: what their names, units and words are taken for, and above all
what is not taken for granted."""

from __future__ import annotations

import io
import json
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest

from training.ml.tables.data_loader import read_signals
from training.ml.tables.mapping import ColumnMapping
from training.ml.tables.preview import Preview, preview_table

PERIODS = [3.36008, 3.69066, 37.42475]
DURATIONS = [1.36, 1.27, 3.15]
DEPTHS = [1018.0, 1250.0, 720.0]
RADII = [1.25, 1.52, 1.07]
STARS = [0.378, 0.315, 0.42]


def preview(text: str) -> Preview:
    return preview_table(io.BytesIO(dedent(text).lstrip().encode()))


def frame(text: str, mapping: ColumnMapping | None = None) -> pd.DataFrame:
    content = dedent(text).lstrip().encode()
    mapping = mapping or preview(text).mapping
    return read_signals(io.BytesIO(content), mapping=mapping).frame


def offered(found: Preview) -> dict[str, str]:
    return {guess.target: guess.column for guess in found.guesses if not guess.filled}


def columns(separator: str, *lines: str) -> str:
    """A table written column by column: "name: cell cell cell"."""
    cells = [[name, *rest.split()] for name, rest in (line.split(": ") for line in lines)]
    rows = [separator.join(row).replace("_", " ") for row in zip(*cells, strict=True)]
    return "\n".join(rows) + "\n"


FRENCH = columns(
    ";",
    "étoile: TIC_259377017 TIC_307210830 TIC_150428135",
    "période orbitale (jours): 3,36008 3,69066 37,42475",
    "durée du transit (heures): 1,36 1,27 3,15",
    "profondeur (ppm): 1018 1250 720",
    "rayon planétaire (rayons terrestres): 1,25 1,52 1,07",
    "rayon stellaire (rayons solaires): 0,378 0,315 0,42",
    "température effective (K): 3386 3459 3480",
)
ITALIAN = columns(
    ",",
    "stella: TIC_259377017 TIC_307210830 TIC_150428135",
    "periodo [giorni]: 3.36008 3.69066 37.42475",
    "durata [giorni]: 0.056666667 0.052916667 0.13125",
    "profondità [%]: 0.1018 0.1250 0.0720",
    "raggio planetario [raggi terrestri]: 1.25 1.52 1.07",
    "raggio stellare [raggi solari]: 0.378 0.315 0.42",
    "temperatura efficace [K]: 3386 3459 3480",
)
PORTUGUESE = columns(
    ",",
    "estrela: TIC_259377017 TIC_307210830 TIC_150428135",
    "período (dias): 3.36008 3.69066 37.42475",
    "duração (minutos): 81.6 76.2 189",
    "profundidade (ppt): 1.018 1.250 0.720",
    "raio do planeta (raios terrestres): 1.25 1.52 1.07",
    "raio da estrela (raios solares): 0.378 0.315 0.42",
    "temperatura efetiva (K): 3386 3459 3480",
)
SPANISH = columns(
    ",",
    "estrella: TIC_259377017 TIC_307210830 TIC_150428135",
    "período (días): 3.36008 3.69066 37.42475",
    "duración (horas): 1.36 1.27 3.15",
    "profundidad (ppm): 1018 1250 720",
    "radio del planeta (radios terrestres): 1.25 1.52 1.07",
    "radio de la estrella (radios solares): 0.378 0.315 0.42",
    "temperatura efectiva (K): 3386 3459 3480",
)
JAPANESE = columns(
    ",",
    "恒星: TIC_259377017 TIC_307210830 TIC_150428135",
    "公転周期 [日]: 3.36008 3.69066 37.42475",
    "トランジット継続時間 [時間]: 1.36 1.27 3.15",
    "減光率 [%]: 0.1018 0.1250 0.0720",
    "惑星半径 [地球半径]: 1.25 1.52 1.07",
    "恒星半径 [太陽半径]: 0.378 0.315 0.42",
    "有効温度 [K]: 3386 3459 3480",
)


@pytest.mark.parametrize("text", [FRENCH, ITALIAN, PORTUGUESE, SPANISH, JAPANESE])
def test_units_decide_in_any_language(text: str) -> None:
    read = frame(text)
    assert set(read["mission"]) == {"TESS"}, "as the stars' numbers say"
    for name, values in (
        ("orbital_period", PERIODS),
        ("transit_duration", DURATIONS),
        ("transit_depth", DEPTHS),
        ("planet_radius", RADII),
        ("stellar_radius", STARS),
        ("stellar_teff", [3386, 3459, 3480]),
    ):
        np.testing.assert_allclose(read[name], values, rtol=1e-6, err_msg=name)


def test_words_of_another_language_without_a_unit_are_only_offered() -> None:
    found = preview("""
        estrella,período,profundidad,radio_planeta,radio_estrella
        TIC 259377017,3.36008,1018,1.25,0.378
        TIC 307210830,3.69066,1250,1.52,0.315
    """)
    assert offered(found) == {
        "transit_depth": "profundidad",
        "planet_radius": "radio_planeta",
        "stellar_radius": "radio_estrella",
    } | {name: column for name, column in offered(found).items() if name == "orbital_period"}


@pytest.mark.parametrize(
    "column",
    [
        "half_duration_hours",
        "log_period",
        "logP",
        "log10 depth",
        "rotation_period",
        "ingress_duration",
        "depth_secondary",
        "odd_depth",
        "frequency",
        "period_limit",
        "stellar_age",
    ],
)
def test_another_quantity_is_not_taken_for_the_one_in_its_name(column: str) -> None:
    found = preview(f"""
        TIC,duration [h],{column}
        259377017,1.36,0.6
        307210830,1.27,0.7
        150428135,3.15,1.5
    """)
    assert column not in [used for used, _ in found.mapping.features.values()]
    assert column not in offered(found).values()


def test_a_logarithm_of_gravity_is_one() -> None:
    for column in ("log g", "logg", "log(g)", "stellar log g", "log_g"):
        found = preview(f"TIC,period [d],{column}\n1234567,3.5,4.4\n1234568,4.5,4.5\n")
        assert found.mapping.features["stellar_logg"][0] == column


def test_a_bare_radius_is_the_planets_or_the_stars_and_is_only_offered() -> None:
    found = preview("""
        tic,P_days,dur_hours,depth_ppm,radius,mass,density,flux
        259377017,3.36008,1.36,1018,1.25,1.6,4.9,812.3
        307210830,3.69066,1.27,1250,1.52,2.2,3.6,954.1
    """)
    assert set(found.mapping.features) == {"orbital_period", "transit_duration", "transit_depth"}
    assert {"planet_radius", "stellar_radius", "stellar_mass"} <= offered(found).keys()


@pytest.mark.parametrize(
    ("column", "feature"),
    [
        ("radius [R_sun]", "stellar_radius"),
        ("radius [R_earth]", "planet_radius"),
        ("rad_jup", "planet_radius"),
        ("Mass (M_sun)", "stellar_mass"),
    ],
)
def test_its_unit_says_whose_it_is(column: str, feature: str) -> None:
    mapping = preview(f"TIC,period [d],{column}\n1234567,3.5,0.9\n1234568,4.5,1.1\n").mapping
    assert [name for name, (used, _) in mapping.features.items() if used == column] == [feature]


def test_a_measured_number_is_no_name() -> None:
    found = preview("""
        kepid,orbital_period_days,transit_depth,planet_mass
        10797460,9.48803557,615.8,7.1
        6922244,3.522498429,9145.7,180.2
    """)
    assert found.mapping.signal is None


def test_p_is_a_period_unless_it_is_a_probability() -> None:
    assert preview("TIC,P,depth [ppm]\n1234567,3.36,900\n1234568,37.4,800\n").mapping.features[
        "orbital_period"
    ] == ("P", "days")
    found = preview("TIC,P,depth [ppm]\n1234567,0.97,900\n1234568,0.12,800\n")
    assert "orbital_period" not in found.mapping.features


def test_a_unit_in_the_name_is_not_asked_for() -> None:
    found = preview("""
        ticid,porb_d,dur_min,depth_mmag,rad_jup
        259377017,3.36008,81.6,1.105,0.1115
        307210830,3.69066,76.2,1.357,0.1356
        150428135,37.42475,189,0.782,0.0955
    """)
    assert {name: unit for name, (_, unit) in found.mapping.features.items()} == {
        "orbital_period": "days",
        "transit_duration": "minutes",
        "transit_depth": "mmag",
        "planet_radius": "Jupiter radii",
    }
    assert [guess.target for guess in found.guesses if guess.units] == []


def test_an_uncertainty_is_in_the_unit_of_its_quantity() -> None:
    """Days that only the values tell: the uncertainty beside them is in days, too."""
    read = frame("""
        TIC,period,duration,duration_err,depth_ppm,depth_err [%]
        259377017,3.36008,0.0566,0.001,1018,7
        307210830,3.69066,0.0529,0.001,1250,4
        150428135,37.42475,0.1312,0.002,720,5
    """)
    np.testing.assert_allclose(read["transit_duration_error"], [0.024, 0.024, 0.048])
    assert read["transit_depth_error"].isna().all(), "percent of what is not said"


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("duration +", "duration -"),
        ("duration_plus", "duration_minus"),
        ("duration_uerr", "duration_lerr"),
        ("duration upper error", "duration lower error"),
        ("duration_error_max", "duration_error_min"),
        ("e_duration", "duration_err_lower"),
    ],
)
def test_both_sides_of_an_uncertainty_are_found(upper: str, lower: str) -> None:
    read = frame(f"""
        TIC,period [d],duration [h],{upper},{lower}
        259377017,3.36008,1.36,0.04,-0.06
        307210830,3.69066,1.27,0.02,-0.04
    """)
    np.testing.assert_allclose(read["transit_duration_error"], [0.05, 0.03])


def test_the_ends_of_an_interval_are_no_uncertainties() -> None:
    read = frame("""
        TIC,period [d],duration [h],duration_lower,duration_upper
        259377017,3.36008,1.36,1.30,1.45
        307210830,3.69066,1.27,1.20,1.33
    """)
    assert read["transit_duration"].tolist() == [1.36, 1.27]
    assert read["transit_duration_error"].isna().all()


@pytest.mark.parametrize(
    ("flag", "cells"),
    [
        ("duration_limit", ("0", "1", "-1")),
        ("duration_lim", ("", "<", ">")),
        ("l_duration", ("", "<", "<=")),
        ("duration limit flag", ("no", "yes", "upper")),
        ("duration_is_upper_limit", ("False", "True", "True")),
    ],
)
def test_limits_are_no_measurements(flag: str, cells: tuple[str, str, str]) -> None:
    text = f"""
        TIC,period [d],duration [h],{flag},depth [ppm]
        259377017,3.36008,1.36,{cells[0]},1018
        307210830,3.69066,1.27,{cells[1]},1250
        150428135,37.42475,3.15,{cells[2]},720
    """
    read = frame(text)
    assert read["transit_duration"].isna().tolist() == [False, True, True]
    assert [p.code for p in preview(text).problems] == ["limit"]


def test_names_of_signals_tell_their_missions() -> None:
    text = """
        object,P_d,T14_h,depth_ppm
        KOI-752.01,9.48803557,2.9575,615.8
        K752.02,54.4183827,4.507,874.8
        Kepler-8 b,3.522498429,3.19843,9145.7
        TOI 270 c,5.66017,1.66,3282
        K2-18 b,32.9396,2.68,2870
    """
    assert (preview(text).mapping.signal, preview(text).mapping.mission_column) == ("object",) * 2
    assert frame(text)["mission"].tolist() == ["Kepler"] * 3 + ["TESS", "K2"]
    asked = preview(text + "    WASP-12 b,1.0914,3.0,13800\n")
    assert [question.kind for question in asked.questions] == ["mission"]


def test_a_header_that_names_the_mission_needs_no_names() -> None:
    mapping = preview("""
        Kepler ID,KOI Name,period [d],depth [ppm]
        10797460,K00752.01,9.488,615.8
        6922244,K00010.01,3.5225,9145.7
    """).mapping
    assert (mapping.mission, mapping.mission_column) == ("Kepler", None)


@pytest.mark.parametrize(
    ("column", "words"),
    [("is_planet", ("yes", "no")), ("label", ("planète", "étoile")), ("class", ("P", "N"))],
)
def test_other_words_for_dispositions_are_asked_for(column: str, words: tuple[str, str]) -> None:
    found = preview(
        f"kic,period_days,{column}\n10797460,9.4,{words[0]}\n6922244,3.5,{words[1]}\n"
        f"6922245,3.6,{words[0]}\n"
    )
    assert found.mapping.disposition == column
    assert [(q.kind, set(q.words)) for q in found.questions] == [("labels", set(words))]


def test_percent_in_one_mission_only_is_doubted_there_before_anything_is_confirmed() -> None:
    found = preview("""
        mission,star,period,duration,depth
        Kepler,10797460,9.48803557,2.9575,615.8
        Kepler,6922244,3.522498429,3.19843,9145.7
        TESS,259377017,3.36008,1.36,1018
        K2,201367065,10.0544,2.54,0.1313
        K2,201912552,32.9396,2.68,0.2870
    """)
    assert [(d.kind, d.mission, d.rows) for d in found.doubts] == [("depth_percent", "K2", (4, 5))]


def test_units_in_a_row_of_their_own_in_brackets() -> None:
    read = frame("""
        TIC,Period,T14,Depth,Rp,Rs
        ,(days),(min),(ppt),(R_jup),(R_sun)
        259377017,3.36008,81.6,1.018,0.1115,0.378
        307210830,3.69066,76.2,1.250,0.1356,0.315
        150428135,37.42475,189,0.720,0.0955,0.42
    """)
    np.testing.assert_allclose(read["transit_duration"], DURATIONS)
    np.testing.assert_allclose(read["transit_depth"], DEPTHS)
    np.testing.assert_allclose(read["planet_radius"], RADII, rtol=2e-3)


@pytest.mark.parametrize("text", [FRENCH, ITALIAN, PORTUGUESE, SPANISH, JAPANESE])
def test_a_guess_sent_back_as_json_reads_the_same(text: str) -> None:
    mapping = preview(text).mapping
    again = ColumnMapping.from_json(json.loads(json.dumps(mapping.as_json(), sort_keys=True)))
    assert again == mapping
    assert frame(text, again).equals(frame(text, mapping))


@pytest.mark.parametrize("name", ["RA [h]", "ra_hours", "RA (hours)", "RA [hourangle]"])
def test_right_ascension_in_hours_is_read_as_that(name: str) -> None:
    text = f"""
        TIC,{name},Dec [deg],period [d],depth [ppm]
        259377017,4.561,-51.9562,3.36008,1018
        307210830,8.302,-68.3134,3.69066,1250
    """
    mapping = preview(text).mapping
    assert mapping.ra == name
    again = ColumnMapping.from_json(json.loads(json.dumps(mapping.as_json())))
    content = io.BytesIO(dedent(text).lstrip().encode())
    positions = read_signals(content, mapping=again).positions
    assert positions["ra"].tolist() == pytest.approx([68.415, 124.53])


def test_known_tables_may_state_hours_for_right_ascension() -> None:
    text = "# COLUMN ra: RA [hours]\n# COLUMN dec: Dec [degrees]\n"
    text += "kepoi_name,koi_period,koi_depth,ra,dec\nK00001.01,2.47,14231,19.1214,49.316\n"
    assert read_signals(io.BytesIO(text.encode())).positions["ra"][0] == pytest.approx(286.821)
    mapping = preview_table(io.BytesIO(text.encode())).mapping
    again = read_signals(io.BytesIO(text.encode()), mapping=mapping)
    assert again.positions["ra"][0] == pytest.approx(286.821)


def test_lines_before_the_header_state_units_in_any_form() -> None:
    read = frame("""
        # A list of candidates.
        # period: orbital period in days
        # duration [d]
        # depth = ppt
        tic,period,duration,depth
        259377017,3.36008,0.0566666667,1.018
        307210830,3.69066,0.0529166667,1.250
    """)
    np.testing.assert_allclose(read["transit_duration"], DURATIONS[:2])
    np.testing.assert_allclose(read["transit_depth"], DEPTHS[:2])


def test_cells_with_units_of_their_own_are_inputs() -> None:
    read = frame("""
        TIC,period,duration,depth
        259377017,3.36008 d,1.36 h,0.1018 %
        307210830,88.57584 h,76.2 min,1250 ppm
        150428135,37.42475 days,3.15 hr,0.72 ppt
    """)
    np.testing.assert_allclose(read["orbital_period"], PERIODS)
    np.testing.assert_allclose(read["transit_duration"], DURATIONS)
    np.testing.assert_allclose(read["transit_depth"], DEPTHS)
