"""A kind of damage: how it is done, and what may come of it."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mutations.spots import Damage


class Outcome(StrEnum):
    """What became of a mutant, best first.

    ``refused`` names a line; ``warned`` is told, and the plan can be had; ``harmless`` has the plan of the original;
    ``legal`` has another plan, which somebody may mean.
    """

    REFUSED = "refused"
    WARNED = "warned"
    HARMLESS = "harmless"
    LEGAL = "legal"


REFUSED, WARNED, HARMLESS, LEGAL = Outcome


@dataclass(frozen=True)
class Kind:
    """``may`` names every outcome that is fine, each of which must occur.

    ``exact`` asks a refusal to name the very line of the damage. Of a kind that is ``sampled`` one mutant of each
    group is tried in each recipe, another one by each kind. A kind that may be legal says why, and ``legal_at`` is a
    pattern of the only mutants that may.
    """

    damage: Damage
    may: frozenset[Outcome]
    exact: bool = False
    sampled: bool = False
    legal: str = ""
    legal_at: str = ""


def refused(damage: Damage) -> Kind:
    """Must be refused, and in the very line; the reader of the file does so, whatever the place."""
    return Kind(damage, frozenset({REFUSED}), exact=True, sampled=True)


def refused_each(damage: Damage) -> Kind:
    """Must be refused at each place, and in the very line."""
    return Kind(damage, frozenset({REFUSED}), exact=True)


def refused_somewhere(damage: Damage) -> Kind:
    """Must be refused at each place; where it is noticed may be another line."""
    return Kind(damage, frozenset({REFUSED}))


def harmless(damage: Damage) -> Kind:
    """Must give the very plan of the original."""
    return Kind(damage, frozenset({HARMLESS}), sampled=True)


def told(damage: Damage, *more: Outcome) -> Kind:
    """Must be refused or have one of the outcomes ``more``."""
    return Kind(damage, frozenset({REFUSED, *more}))


def legal(damage: Damage, *more: Outcome, why: str, at: str = "") -> Kind:
    """Some of these mutants are recipes that somebody may mean, and ``why``; those that ``at`` matches."""
    return Kind(damage, frozenset({LEGAL, *more}), legal=why, legal_at=at)


def sampled(kind: Kind) -> Kind:
    return replace(kind, sampled=True)
