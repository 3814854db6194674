"""What a body hides of a star, against what is known in closed form."""

import numpy as np
import pytest

from training.ml.transit_shape import LIMB_DARKENING, hidden_light, intensity, light_curve


def test_a_small_body_hides_its_area_times_the_brightness_behind_it() -> None:
    u1, u2 = LIMB_DARKENING
    mean = 1 - u1 / 3 - u2 / 6
    for distance in (0.0, 0.4, 0.8):
        (hidden,) = hidden_light(np.array([distance]), 0.01)
        expected = 1e-4 * float(intensity(np.array([distance]))[0]) / mean
        assert hidden == pytest.approx(expected, rel=2e-3)


def test_nothing_is_hidden_beside_the_star_and_all_by_a_larger_body() -> None:
    assert hidden_light(np.array([1.2, 5.0]), 0.1).tolist() == [0.0, 0.0]
    assert hidden_light(np.array([0.0, 0.3]), 2.0) == pytest.approx([1.0, 1.0], abs=1e-4)


def test_a_uniform_half_is_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two equal discs whose centres are one radius apart share 2π/3 − √3/2 of an area of π."""
    monkeypatch.setattr("training.ml.transit_shape.LIMB_DARKENING", (0.0, 0.0))
    (hidden,) = hidden_light(np.array([1.0]), 1.0)
    assert hidden == pytest.approx((2 * np.pi / 3 - np.sqrt(3) / 2) / np.pi, rel=1e-3)


def test_the_curve_is_symmetric_begins_at_contact_and_is_deepest_in_the_middle() -> None:
    curve = light_curve(np.linspace(-1.5, 1.5, 121), 0.1, 0.3)
    assert curve == pytest.approx(curve[::-1], abs=1e-12)
    assert curve[:21] == pytest.approx(0, abs=1e-9), "before first contact"
    assert curve[22] > 0
    assert curve.argmax() == 60


def test_a_grazing_body_hides_less() -> None:
    middle, grazing = (light_curve(np.zeros(1), 0.1, b)[0] for b in (0.0, 1.0))
    assert 0 < grazing < middle / 2
