"""The pictures of a session that is over, and its diagnosis: drawn once, and taken from its folder after that."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fibplan.journal.state import SessionState
    from fibplan.model.diagnosis import Diagnosis
    from fibplan.model.plan import Expected, Plan
    from fibplan.session.folder import SessionFolder

FOLDER = "figures"
DIAGNOSIS, DRAWN_OF = "diagnosis.json", "drawn-of.sha256"


@dataclass(frozen=True)
class Pictures:
    """Files by name, and what is probably wrong, None where that cannot be said."""

    files: dict[str, bytes]
    diagnosis: "Diagnosis | None" = None


def session_pictures(folder: "SessionFolder", plan: "Plan", state: "SessionState", seed: int = 0) -> Pictures:
    """Of plan, curves and verdict, as PNG and SVG; drawn only where the folder has none of this very verdict."""
    here = folder.root / FOLDER
    mark = _mark(plan, state, seed)
    kept = _kept(here, mark)
    if kept is not None:
        return kept
    drawn = _drawn(folder, plan, state, seed)
    _keep(here, drawn, mark)
    return drawn


def _drawn(folder: "SessionFolder", plan: "Plan", state: "SessionState", seed: int) -> Pictures:
    from fibplan.cli.diagnosis_report import advised_on
    from fibplan.cli.plan import write_drawings
    from fibplan.planning.predict import predict

    pictures = {path.name: path.read_bytes() for path in write_drawings(plan, folder.root / FOLDER)}
    card = plan.cards.smu
    if state.verdict is None or card is None:
        return Pictures(pictures)
    diagnosis = advised_on(plan, folder.curves(state.curves), card, seed).diagnosis
    results = result_pictures(folder, plan, state, predict(plan, seed=seed), diagnosis)
    return Pictures({**pictures, **results}, diagnosis)


def result_pictures(
    folder: "SessionFolder",
    plan: "Plan",
    state: "SessionState",
    expected: "Expected | None",
    diagnosis: "Diagnosis | None",
) -> dict[str, bytes]:
    """The I-V curve of every path, predicted against measured, and what is probably wrong."""
    from fibplan.figures.canvas import pictures
    from fibplan.figures.diagnosis import diagnosis_pictures
    from fibplan.figures.iv import iv_pictures
    from fibplan.figures.resistances import resistances_figure
    from fibplan.verification.probing import SWEEP, all_paths

    verdict, curves = state.verdict, folder.curves(state.curves)
    made: dict[str, bytes] = {}
    for judged in verdict.paths if verdict is not None else ():
        curve = curves.of(judged.path, SWEEP)
        if curve is not None:
            drawn = iv_pictures(curve, judged, all_paths(plan)[judged.path], plan.cards.smu)
            made |= {f"iv-{judged.path}.{name}": picture for name, picture in drawn.items()}
    if verdict is not None and expected is not None:
        made |= pictures({"resistances": resistances_figure(plan, expected, verdict)})
    if diagnosis is not None:
        drawn = diagnosis_pictures(diagnosis, simulated=curves.simulated)
        made |= {f"diagnosis.{name}": picture for name, picture in drawn.items()}
    return made


def _mark(plan: "Plan", state: "SessionState", seed: int) -> str:
    """What pictures and diagnosis follow from, as one hash."""
    from fibplan import __version__
    from fibplan.session.folder import plan_content, sha256

    curves = [entry.sha256 for entry in state.curves]
    verdict = state.verdict.model_dump_json() if state.verdict is not None else ""
    parts = [__version__, str(seed), sha256(plan_content(plan)), *curves, verdict]
    return sha256("\n".join(parts).encode("utf-8"))


def _kept(here: Path, mark: str) -> Pictures | None:
    """The pictures that are there, when the list beside them is of this mark and each is what the list says."""
    from fibplan.model.diagnosis import Diagnosis
    from fibplan.session.folder import sha256

    try:
        first, *lines = (here / DRAWN_OF).read_text(encoding="utf-8").splitlines()
        files = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in lines}
        contents = {name: (here / name).read_bytes() for name in files}
    except (OSError, ValueError, IndexError):
        return None
    if first != mark or any(sha256(contents[name]) != digest for name, digest in files.items()):
        return None
    said = contents.pop(DIAGNOSIS, None)
    return Pictures(contents, Diagnosis.model_validate_json(said) if said is not None else None)


def _keep(here: Path, drawn: Pictures, mark: str) -> None:
    from fibplan.cli.plan import write_pictures
    from fibplan.session.folder import sha256

    contents = dict(drawn.files)
    if drawn.diagnosis is not None:
        contents[DIAGNOSIS] = drawn.diagnosis.model_dump_json(indent=2).encode("utf-8")
    lines = [mark, *(f"{sha256(content)}  {name}" for name, content in sorted(contents.items()))]
    write_pictures({**contents, DRAWN_OF: "\n".join([*lines, ""]).encode("utf-8")}, here)
