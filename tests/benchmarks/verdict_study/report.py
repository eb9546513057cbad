"""What the study found, as tables in Markdown: counts, Clopper-Pearson bounds, and what is required."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from benchmarks.verdict_study.cases import DRAWN, NAMED, NEAR, PAIR
from benchmarks.verdict_study.lamellae import Truth
from benchmarks.verdict_study.results import Result
from scipy.special import betaincinv

from fibplan.advice.diagnosis.calibration import clopper_pearson
from fibplan.circuit.faults import FAULTS
from fibplan.model.verdict import Outcome

OUTCOMES = (Outcome.ACCEPT, Outcome.REWORK, Outcome.REJECT, Outcome.INCONCLUSIVE)
FALSE_ACCEPT, TURNED_DOWN, UNDECIDED = 0.001, 0.01, 0.05
FIRST, FIRST_TWO = 0.90, 0.98
LEAST = {"good": 2000, "violating": 4000}
THE_PAPERS = "the paper's own"


def report(results: Iterable[Result]) -> list[str]:
    """Every table, and the requirements last."""
    found = list(results)
    cases = [entry for entry in found if entry.kind != NAMED]
    return [
        *_matrix(cases), "", *_by_kind(cases), "", *_diagnosis(cases), "",
        *_named([entry for entry in found if entry.kind == NAMED]), "", *required(found),
    ]  # fmt: skip


def required(results: Iterable[Result]) -> list[str]:
    """Each requirement with its figure, and whether it holds."""
    cases = list(results)
    named = [entry for entry in cases if entry.kind == NAMED]
    cases = [entry for entry in cases if entry.kind != NAMED]
    violating = [entry for entry in cases if entry.violates]
    clear = [entry for entry in cases if entry.kind == DRAWN and entry.truth == Truth.CLEAR]
    good = [entry for entry in cases if entry.kind == DRAWN and entry.truth in (Truth.CLEAR, Truth.GOOD)]
    down = [entry for entry in clear if entry.outcome in (Outcome.REJECT, Outcome.REWORK)]
    undecided = [entry for entry in clear if entry.outcome == Outcome.INCONCLUSIVE]
    false = [entry for entry in violating if entry.accepted]
    scored = [entry for entry in cases if entry.place is not None]
    most = _at_most(len(false), len(violating))
    first, two = _within(scored, 1, _place), _within(scored, 2, _place)
    wrong = [entry.case for entry in named if entry.accepted != (entry.case.split("/")[1] == THE_PAPERS)]
    return [
        "| required | found | holds |",
        "| --- | --- | --- |",
        _held("at least 2,000 good lamellae", f"{len(good):,}", len(good) >= LEAST["good"]),
        _held("at least 4,000 that violate by 1.5", f"{len(violating):,}", len(violating) >= LEAST["violating"]),
        _held("no false accept, one-sided 95 % bound under 0.1 %", f"{len(false)}, under {most:.3%}",
              not false and most < FALSE_ACCEPT),
        _held("clearly good: under 1 % rejected or reworked", _rate(len(down), len(clear)),
              len(down) < TURNED_DOWN * len(clear)),
        _held("clearly good: under 5 % inconclusive", _rate(len(undecided), len(clear)),
              len(undecided) < UNDECIDED * len(clear)),
        _held("right group first in 90 %", _rate(first, len(scored)), first >= FIRST * len(scored) > 0),
        _held("right group in the first two in 98 %", _rate(two, len(scored)), two >= FIRST_TWO * len(scored) > 0),
        _held("named cases as they must be", f"{len(named) - len(wrong)} of {len(named)}", bool(named) and not wrong),
        *(f"| false accept | {entry.case} ({entry.instrument}): {entry.faults} {entry.ohms} | no |" for entry in false),
    ]  # fmt: skip


def _held(what: str, found: str, holds: bool) -> str:
    return f"| {what} | {found} | {'yes' if holds else 'NO'} |"


def _matrix(cases: Sequence[Result]) -> list[str]:
    return [
        f"| the lamella truly is | cases | {' | '.join(OUTCOMES)} |",
        f"| --- |{' ---: |' * 5}",
        *(_row(truth, [entry for entry in cases if entry.truth == truth]) for truth in Truth),
    ]


def _row(name: str, cases: Sequence[Result]) -> str:
    counts = Counter(entry.outcome for entry in cases)
    return f"| {name} | {len(cases):,} | {' | '.join(f'{counts[outcome]:,}' for outcome in OUTCOMES)} |"


def _by_kind(cases: Sequence[Result]) -> list[str]:
    lines = [
        f"| fault | cases | {' | '.join(OUTCOMES)} | violate | of these accepted, at most (95 %) | first | first two |",
        f"| --- |{' ---: |' * 9}",
    ]
    for kind in (DRAWN, *FAULTS, PAIR, NEAR):
        own = [entry for entry in cases if entry.kind == kind]
        bad = [entry for entry in own if entry.violates]
        false = sum(entry.accepted for entry in bad)
        scored = [entry for entry in own if entry.place is not None]
        shares = [f"{_within(scored, n, _place)}/{len(scored)}" if scored else "" for n in (1, 2)]
        bound = f"{false}, {_at_most(false, len(bad)):.2%}" if bad else ""
        name = "none" if kind == DRAWN else kind.replace("_", " ")
        lines.append(f"{_row(name, own)} {len(bad):,} | {bound} | {' | '.join(shares)} |")
    return lines


def _diagnosis(cases: Sequence[Result]) -> list[str]:
    scored = [entry for entry in cases if entry.place is not None]
    lines = ["| diagnosis | right group first | in the first two |", "| --- | ---: | ---: |"]
    for name, place in (("fibplan", _place), ("Bayes-optimal, same lamellae", _optimal)):
        rates = [_rate(_within(scored, count, place), len(scored)) for count in (1, 2)]
        lines.append(f"| {name} | {' | '.join(rates)} |")
    return lines


def _named(named: Sequence[Result]) -> list[str]:
    models = list(dict.fromkeys(entry.instrument for entry in named))
    told = {(entry.case.split("/")[1], entry.instrument): entry.outcome for entry in named}
    names = dict.fromkeys(name for name, _ in told)
    return [
        f"| named case | {' | '.join(models)} |",
        f"| --- |{' --- |' * len(models)}",
        *(f"| {name} | {' | '.join(told[name, model] for model in models)} |" for name in names),
    ]


def _place(entry: Result) -> int | None:
    return entry.place


def _optimal(entry: Result) -> int | None:
    return entry.optimal


def _within(scored: Iterable[Result], places: int, place: Callable[[Result], int | None]) -> int:
    return sum((found := place(entry)) is not None and found <= places for entry in scored)


def _rate(count: int, of: int) -> str:
    if not of:
        return "no cases"
    low, high = clopper_pearson(count, of)
    return f"{count:,} of {of:,}, {count / of:.1%} ({low:.1%} to {high:.1%})"


def _at_most(count: int, of: int) -> float:
    """One-sided 95 % bound of a rate that gave so many of so many."""
    return float(betaincinv(count + 1, of - count, 0.95)) if count < of else 1.0
