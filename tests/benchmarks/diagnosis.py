"""How often a diagnosis is right, and whether its probabilities mean what they say: figures, not assertions.

Run with ``python tests/benchmarks/diagnosis.py`` in the environment that fibplan is installed in. Simulated lamellae of
the paper's plan, every fault equally often, are drawn from the tolerances of the cards, each fault with a size drawn
from the spread of its card; the whole probing protocol is measured on each. The priors are then those of the study:
all equal. Beside the diagnosis stands the rate of a classifier with the same generative model and many more samples of
it, which no diagnosis can beat by more than chance. ``--each 5`` is short, ``--draw FILE.png`` draws the diagram.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from faulty_lamella import curves_of, drawn
from shipped import PAPER, ROOT, smu_card

from fibplan.advice.diagnosis.calibration import Case, case_of, reliability_of, within
from fibplan.advice.diagnosis.diagnose import belief_of, suspects_for
from fibplan.advice.diagnosis.suspects import Suspects
from fibplan.circuit.halos import halo_closes
from fibplan.library.examine import examine_file
from fibplan.library.load import load_recipe
from fibplan.library.search_path import SearchPath
from fibplan.model.cards import SmuCard
from fibplan.model.diagnosis import AS_PLANNED, SOMETHING_ELSE, Reliability
from fibplan.model.plan import Plan

EACH = 20
MADE_ON = "simulated lamellae, every fault equally often"
FINE = 4
"""So many times more samples has the classifier beside the diagnosis, of another seed."""


class Study(NamedTuple):
    """Cases of the diagnosis, and the same lamellae judged with the finer samples."""

    cases: list[Case]
    finest: list[Case]
    seconds: float

    @property
    def reliability(self) -> Reliability:
        return reliability_of(self.cases, MADE_ON)


def paper_plan() -> Plan:
    return examine_file(load_recipe(PAPER), SearchPath([ROOT])).sound_plan()


def study(plan: Plan, card: SmuCard, each: int, seed: int = 0, *, samples: int = 1200, fine: int = FINE) -> Study:
    """``each`` lamellae of every fault and as planned; the diagnosis never sees what was drawn."""
    usual, finer = suspects_for(plan, seed, samples), suspects_for(plan, seed + 1, fine * samples)
    assert usual is not None
    assert finer is not None
    faults = [entry.fault for entry in usual.entries if entry.fault != SOMETHING_ELSE]
    chances = dict.fromkeys(faults, 1.0 / len(faults))
    cases, finest, spent = list[Case](), list[Case](), 0.0
    for place, fault in enumerate(faults):
        for number in range(each):
            own = 1000 * (seed + 1) + 100_000 * place + number
            values = _one(plan, usual, fault, own)
            curves = curves_of(plan, card, values, [fault] if fault != AS_PLANNED else [], seed=own)
            began = time.perf_counter()
            found = belief_of(plan, curves, card, suspects=usual)
            spent += time.perf_counter() - began
            beside = belief_of(plan, curves, card, suspects=finer)
            assert found is not None
            assert beside is not None
            cases.append(case_of(fault, found.diagnosis, chances))
            finest.append(case_of(fault, beside.diagnosis, chances))
    return Study(cases, finest, spent / len(cases))


def _one(plan: Plan, suspects: Suspects, fault: str, seed: int) -> dict[str, np.ndarray]:
    """A lamella whose halo leaves the gap open, as that of every fault but a halo short, with a size of its fault."""
    sizes = suspects.of(fault).sizes
    size = float(sizes[np.random.default_rng([seed, 3]).integers(len(sizes))])
    values = drawn(plan, seed, **{fault: size})
    while fault != "halo_short" and halo_closes(plan, values).any():
        seed += 50_000
        values = drawn(plan, seed, **{fault: size})
    return values


def report(found: Study) -> list[str]:
    """What was found, in lines."""
    first, two = within(found.cases, 1), within(found.cases, 2)
    lines = [
        f"{len(found.cases)} lamellae, {found.seconds:.2f} s a diagnosis once the suspects are sampled",
        f"right group first: {first:.1%}, in the first two: {two:.1%}",
        f"Bayes-optimal on the same lamellae: {within(found.finest, 1):.1%}, in the first two {_two(found.finest):.1%}",
        "claimed   right of cases   95 %",
    ]
    lines += [
        f"{entry.claimed:7.1%}   {entry.right:4d} of {entry.cases:4d} = {entry.rate:6.1%}   "
        f"{entry.low:.1%} to {entry.high:.1%}"
        for entry in found.reliability.bins
    ]
    by_fault: dict[str, list[Case]] = defaultdict(list)
    for case in found.cases:
        by_fault[case.truth].append(case)
    return [
        *lines,
        *(f"  {name:22s} first {within(own, 1):.0%}, two {within(own, 2):.0%}" for name, own in by_fault.items()),
    ]


def _two(cases: Sequence[Case]) -> float:
    return within(cases, 2)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--each", type=int, default=EACH)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--draw", type=Path)
    given = asked.parse_args()
    found = study(paper_plan(), smu_card("keithley-2450"), given.each, given.seed)
    print("\n".join(report(found)))
    if given.draw is not None:
        from fibplan.figures.diagnosis import draw_reliability

        given.draw.write_bytes(draw_reliability(found.reliability, "png"))


if __name__ == "__main__":
    main()
