"""Diagnoses to draw: one that is clear, one that nothing was measured for, and how reliable such are."""

from fibplan.model.diagnosis import Diagnosis, FaultGroup, Reliability, ReliabilityBin, Suspicion

NAMES = ("as planned, or what these sweeps cannot show", "halo or skin short", "the bridge is open",
         "open somewhere behind the electrode", "the joint of electrode and bridge opens and closes",
         "beam or light drives a current", "something that has no name here, or several things at once")  # fmt: skip


def diagnoses() -> dict[str, Diagnosis]:
    """By name."""
    return {
        "clear": _diagnosis((0.93, 0.05, 0.01, 0.006, 0.003, 0.0007, 0.0003)),
        "open": _diagnosis((0.3, 0.25, 0.2, 0.1, 0.08, 0.05, 0.02), "nothing can be told of what lies behind an open"),
        "prior": _diagnosis((0.7, 0.08, 0.07, 0.06, 0.05, 0.03, 0.01), evidence=0),
    }


def _diagnosis(chances: tuple[float, ...], note: str = "", evidence: int = 25) -> Diagnosis:
    prior = (0.72, 0.07, 0.06, 0.06, 0.04, 0.03, 0.02)
    return Diagnosis(
        suspicions=tuple(
            Suspicion(fault=f"fault_{place}", words=name, prior=prior[place], probability=chances[place])
            for place, name in enumerate(NAMES)
        ),
        groups=tuple(
            FaultGroup(
                name=name, members=(f"fault_{place}",), probability=chances[place], reason="",
                split_by="an image: a grey veil of Pt around the bridge that reaches the cap" if place == 0 else "",
            )
            for place, name in enumerate(NAMES)
        ),
        evidence=tuple(f"sweep {number}" for number in range(evidence)),
        notes=(note,) if note else (),
        seed=0,
        samples=1200,
    )  # fmt: skip


def reliability() -> Reliability:
    """Six bins of which one is empty of right claims."""
    rows = [(0.05, 40, 0), (0.2, 18, 3), (0.41, 17, 8), (0.62, 20, 13), (0.81, 30, 24), (0.99, 140, 139)]
    bins = tuple(
        ReliabilityBin(
            claimed=claimed, cases=cases, right=right, low=0.8 * right / cases, high=min(1.2 * right / cases, 1)
        )
        for claimed, cases, right in rows
    )
    return Reliability(bins=bins, lamellae=280, made_on="simulated lamellae, every fault equally often")
