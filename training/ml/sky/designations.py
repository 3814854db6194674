"""Words in names of stars that people write in several ways, and the one that keys have."""

from __future__ import annotations

from typing import Final

_GREEK_LETTERS: Final = """
alpha alf α, beta bet β, gamma gam γ, delta del δ, epsilon eps ε, zeta zet ζ, eta eta η,
theta tet θ, iota iot ι, kappa kap κ, lambda lam λ, mu mu μ, nu nu ν, xi ksi ξ, omicron omi ο,
pi pi π, rho rho ρ, sigma sig σ, tau tau τ, upsilon ups υ, phi phi φ, chi chi χ, psi psi ψ,
omega ome ω
"""
_GREEK: Final = [letter.split() for letter in _GREEK_LETTERS.split(",")]
GREEK: Final = {word: short for word, short, _ in _GREEK}
"""As SIMBAD shortens them."""
GREEK_SIGNS: Final = {sign: short for _, short, sign in _GREEK}

_GENITIVES: Final = """
andromedae and, antliae ant, apodis aps, aquarii aqr, aquilae aql, arae ara, arietis ari,
aurigae aur, bootis boo, caeli cae, camelopardalis cam, cancri cnc, capricorni cap, carinae car,
cassiopeiae cas, centauri cen, cephei cep, ceti cet, chamaeleontis cha, circini cir, columbae col,
corvi crv, crateris crt, crucis cru, cygni cyg, delphini del, doradus dor, draconis dra,
equulei equ, eridani eri, fornacis for, geminorum gem, gruis gru, herculis her, horologii hor,
hydrae hya, hydri hyi, indi ind, lacertae lac, leonis leo, leporis lep, librae lib, lupi lup,
lyncis lyn, lyrae lyr, mensae men, microscopii mic, monocerotis mon, muscae mus, normae nor,
octantis oct, ophiuchi oph, orionis ori, pavonis pav, pegasi peg, persei per, phoenicis phe,
pictoris pic, piscium psc, puppis pup, pyxidis pyx, reticuli ret, sagittae sge, sagittarii sgr,
scorpii sco, sculptoris scl, scuti sct, serpentis ser, sextantis sex, tauri tau, telescopii tel,
trianguli tri, tucanae tuc, velorum vel, virginis vir, volantis vol, vulpeculae vul
"""
CONSTELLATIONS: Final = dict(entry.split() for entry in _GENITIVES.split(","))
"""Genitives and the IAU's abbreviations; those of two words (Ursae Majoris) stay as they are."""

_OTHER_NAMES: Final = """
kplr kic, kepid kic, kicid kic, ktwo epic, epicid epic, ticid tic, ctoi tic, gliese gj, gl gj,
hipparcos hip
"""
CATALOGUES: Final = dict(entry.split() for entry in _OTHER_NAMES.split(","))
"""Under their other names; the files of light curves begin with kplr and ktwo, and a CTOI is a
signal of a TIC star."""

WORDS: Final = {**CONSTELLATIONS, **GREEK, **CATALOGUES, "id": ""}
