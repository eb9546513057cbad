"""One process of the study: geometry after geometry, and on each every case that is not measured yet."""

import hashlib
from collections.abc import Iterator, Set
from typing import NamedTuple

from benchmarks.diagnosis import paper_plan
from benchmarks.verdict_study.cases import DRAWN, HALO_SHORT, NAMED, Case, Made, Sizes, cases_on, is_diagnosed, made
from benchmarks.verdict_study.diagnosing import Places, places_of, suspects_on
from benchmarks.verdict_study.lamellae import Batch, Truth, batch_of
from benchmarks.verdict_study.named import CASES, exchanged, lamella_of
from benchmarks.verdict_study.probing import CARDS, curves_of
from benchmarks.verdict_study.results import Result
from shipped import smu_card

from fibplan.advice.diagnosis.diagnose import suspects_for
from fibplan.advice.diagnosis.suspects import SAMPLES, Suspects
from fibplan.model.cards import SmuCard
from fibplan.model.curve import CurveSet
from fibplan.model.diagnosis import AS_PLANNED
from fibplan.model.verdict import Grade, Verdict
from fibplan.planning.field_limits import BoundedPlan, bounded
from fibplan.verification.verdict import judge

FINER = 4
"""Geometries of the classifier beside the diagnosis, each with as many samples as that has."""
ELSEWHERE = 10_000
"""Its geometries are none of those that are measured."""


class Bench(NamedTuple):
    """What every case needs: the plan, the instruments, and the suspects of both diagnoses."""

    plan: BoundedPlan
    cards: tuple[SmuCard, ...]
    suspects: Suspects
    finer: tuple[Suspects, ...]
    sizes: Sizes
    seed: int


def fingerprint() -> str:
    """Of everything that the plan and its cards say: results of two plans are never mixed."""
    return hashlib.sha256(paper_plan().model_dump_json().encode()).hexdigest()[:16]


def bench_of(sizes: Sizes, seed: int, finer: int = FINER, samples: int = SAMPLES) -> Bench:
    """For the plan of the paper."""
    plan = bounded(paper_plan())
    suspects = suspects_for(plan, seed, samples)
    assert suspects is not None
    others = [batch_of(plan, seed, ELSEWHERE + number, 1).plan for number in range(finer)]
    return Bench(plan, tuple(map(smu_card, CARDS)), suspects, suspects_on(others, seed + 1, samples), sizes, seed)


def results_of(bench: Bench, geometries: range, done: Set[str]) -> Iterator[Result]:
    """Every case of these geometries that is not ``done``, the named cases with the first one."""
    if 0 in geometries:
        yield from _named(bench, done)
    for geometry in geometries:
        wanted = [case for case in cases_on(geometry, bench.sizes) if case.key not in done]
        if wanted:
            yield from _measured(bench, batch_of(bench.plan, bench.seed, geometry, bench.sizes.rows), wanted)


def _measured(bench: Bench, batch: Batch, wanted: list[Case]) -> Iterator[Result]:
    for case in wanted:
        found = made(case, batch, bench.suspects, bench.sizes)
        if case.kind != DRAWN or found.truth is not Truth.BETWEEN or is_diagnosed(case, bench.sizes):
            yield _result(bench, case, found)


def _result(bench: Bench, case: Case, found: Made) -> Result:
    card, lamella = bench.cards[case.number % len(bench.cards)], found.lamella
    curves = curves_of(bench.plan, card, lamella.device, case.seed)
    told = _of_verdict(case.key, card, found, judge(bench.plan, curves, card))
    if not is_diagnosed(case, bench.sizes):
        return told
    places = _places(bench, case, found, curves, card)
    return told._replace(place=places.diagnosis, optimal=places.optimal, group=places.group)


def _places(bench: Bench, case: Case, found: Made, curves: CurveSet, card: SmuCard) -> Places:
    as_drawn = HALO_SHORT if found.halo else AS_PLANNED
    truth = as_drawn if case.kind == DRAWN else case.kind
    return places_of(truth, curves, card, bench.suspects, bench.finer)


def _of_verdict(key: str, card: SmuCard, found: Made, verdict: Verdict) -> Result:
    return Result(
        case=key,
        instrument=card.model,
        faults=found.lamella.faults,
        truth=found.truth,
        ohms=found.lamella.ohms,
        outcome=verdict.outcome,
        why={path.path: "; ".join(path.reasons[:2]) for path in verdict.paths if path.grade is not Grade.PASS},
    )


def _named(bench: Bench, done: Set[str]) -> Iterator[Result]:
    for name, named in CASES.items():
        for card in bench.cards:
            key = f"{NAMED}/{name}/{card.model}"
            if key not in done:
                lamella = lamella_of(bench.plan, named)
                curves = curves_of(bench.plan, card, lamella.device, Case(name, 0).seed)
                curves = exchanged(curves) if named.exchanged else curves
                yield _of_verdict(key, card, Made(lamella, lamella.truth, halo=False), judge(bench.plan, curves, card))
