"""``calibrate`` as a person uses it: a new card that says when, from what and by whom, and the old one untouched."""

import difflib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from as_users_run_it import Run
from shipped import ROOT, replaced

from fibplan.clock import ScriptedClock
from fibplan.library.examine import examine
from fibplan.library.load import load_card
from fibplan.library.search_path import SearchPath
from fibplan.model.curve import CurveSet
from fibplan.model.fib_card import FibCard
from fibplan.model.plan import Operation
from fibplan.model.verdict import Verdict
from fibplan.session.engine import Crew, run_session
from fibplan.session.frozen import frozen_sources
from fibplan.session.operator import Done

OLD = ROOT / "instruments" / "fib" / "strata-db235.yaml"
WHO = ("--by", "A. Person", "--name", "lab")
BOX = {
    "--fib": "strata-db235", "--material": "silicon", "--accelerating-voltage": "30 kV", "--beam-current": "1 nA",
    "--box": "5 um x 5 um", "--depth": "1.2 um", "--time": "180 s",
}  # fmt: skip


def box(**changes: str) -> list[str]:
    """The arguments of a good box, with some options changed: ``beam_current="2 nA"``."""
    changed = {f"--{name.replace('_', '-')}": text for name, text in changes.items()}
    return ["calibrate", *(part for pair in {**BOX, **changed}.items() for part in pair)]


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """The folder for cards, in the folder where the command runs."""
    folder = tmp_path / "instruments" / "fib"
    folder.mkdir(parents=True)
    return folder


def card_at(path: Path) -> FibCard:
    card, _ = load_card(path)
    assert isinstance(card, FibCard)
    return card


def test_a_measured_box_becomes_a_new_card(run: Run, cards: Path) -> None:
    """Only name, title and calibrations are new; comments and all other lines stay to the letter; the old card too."""
    before = OLD.read_bytes()
    told = run(*box(), *WHO, "--out", "instruments/fib/")
    assert told.returncode == 0, told.stderr
    old, new = (path.read_text(encoding="utf-8").splitlines() for path in (OLD, cards / "lab.yaml"))
    changes = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    taken = [line for line in changes if line[0] == "-"]
    assert taken == ["- name: strata-db235", "- title: FEI Strata DB235"]
    today = datetime.now(UTC).date().isoformat()
    assert f'+ title: "FEI Strata DB235, calibrated {today}"' in changes
    assert OLD.read_bytes() == before


def test_the_card_says_when_from_what_and_by_whom(run: Run, cards: Path) -> None:
    """The calibration holds the box, the UTC date and the person, and its rate is derived."""
    run(*box(), *WHO)
    (entry,) = card_at(cards / "lab.yaml").calibrations
    assert (entry.material, entry.accelerating_voltage, entry.by) == ("silicon", 30e3, "A. Person")
    assert datetime.fromisoformat(entry.date).date() <= datetime.now(UTC).date()
    assert entry.measured.startswith("box 5 um x 5 um x 1.2 um in 180 s at 1 nA: 0.167 um3/nC")
    assert entry.volume_per_dose.status == "derived"
    assert entry.measured in entry.volume_per_dose.source


def test_the_result_says_why(run: Run, cards: Path) -> None:
    """Text and JSON tell prior, measurement, posterior and how much narrower the interval became."""
    told = run(*box(), *WHO)
    assert "card      0.2 um3/nC (0.15 um3/nC to 0.29 um3/nC), 90%, derived" in told.stdout
    assert "measured  0.175 um3/nC +- 8%" in told.stdout
    assert "0.36 times as wide as before" in told.stdout
    summary = json.loads(run(*box(), "--by", "B. Person", "--name", "lab-2", "--format", "json").stdout)
    (one,) = summary["calibrations"]
    assert one["prior"]["low"] < one["posterior"]["low"] < one["posterior"]["high"] < one["prior"]["high"]
    assert one["measurement"]["volume_per_dose"] < one["posterior"]["expected"] < one["prior"]["expected"]
    assert one["width_ratio"] == pytest.approx(0.36, abs=0.01)
    assert summary["simulated"] is False
    assert Path(summary["card"]) == Path("instruments/fib/lab-2.yaml")


def test_a_recipe_plans_with_the_calibrated_rate(run: Run, tmp_path: Path, cards: Path) -> None:
    """The plan names the material, and its beam time is volume over calibrated rate and current, to 0.03 %."""
    run(*box(), *WHO)
    text = (ROOT / "recipes" / "si-lamella-grid.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(replaced(text, "fib: strata-db235", "fib: lab"), encoding="utf-8")
    told = run("plan", "mine.yaml")
    assert told.returncode == 0, told.stderr
    assert "Rates calibrated on this column: silicon." in told.stdout
    old, new = (trench_time(run, recipe) for recipe in ("si-lamella-grid", "mine.yaml"))
    calibrated = card_at(cards / "lab.yaml").calibrations[0].volume_per_dose
    assert new["expected"] * calibrated.expected == pytest.approx(old["expected"] * 2e-10, rel=3e-4)
    assert new["high"] / new["low"] < old["high"] / old["low"]


def trench_time(run: Run, recipe: str) -> dict[str, float]:
    plan = json.loads(run("plan", recipe, "--format", "json").stdout)
    return next(op["beam_on_s"] for op in plan["operations"] if op["kind"] == "mill_trench")


def test_a_calibrated_card_is_calibrated_further(run: Run, cards: Path) -> None:
    """A second box starts from the first one's result; both stand in the newest card, whose title tells one date."""
    run(*box(), *WHO)
    told = run(*box(fib="lab", time="170 s"), "--by", "B. Person", "--name", "lab-2")
    assert told.returncode == 0, told.stderr
    first, second = card_at(cards / "lab-2.yaml").calibrations
    assert (first,) == card_at(cards / "lab.yaml").calibrations
    assert second.by == "B. Person"
    widths = [entry.volume_per_dose.high / entry.volume_per_dose.low for entry in (first, second)]
    assert widths[1] < widths[0]
    assert card_at(cards / "lab-2.yaml").title.count("calibrated") == 1


def test_another_hand_s_formatting_is_kept(run: Run, cards: Path) -> None:
    """CRLF, comments behind values, quotes, and calibrations in the middle of the file all stay as they were."""
    run(*box(), *WHO)
    text = (cards / "lab.yaml").read_text(encoding="utf-8")
    body, calibrations = text.split("# Rates that were measured")
    entries = "calibrations:" + calibrations.split("calibrations:")[1]
    head, rest = replaced(body, "name: lab\n", "name: 'odd' # ours\n").split("beams:\n")
    odd = f"{head}{entries}# about beams\nbeams:\n{rest}".replace("\n", "\r\n")
    (cards / "odd.yaml").write_bytes(odd.encode("utf-8"))
    told = run(*box(fib="odd"), "--by", "B. Person", "--name", "odder")
    assert told.returncode == 0, told.stderr
    new = (cards / "odder.yaml").read_bytes().decode("utf-8")
    assert "name: odder # ours\r\n" in new
    assert "by: B. Person\r\n# about beams\r\nbeams:\r\n" in new
    assert new.count("\n") == new.count("\r\n")
    assert len(card_at(cards / "odder.yaml").calibrations) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: FEI Strata DB235\n", "title: FEI Strata\n  DB235\n"),
        ("beam_angle: 52 deg\n", "beam_angle: 52 deg\ncalibrations: []\n"),
    ],
    ids=["title on two lines", "calibrations in brackets"],
)
def test_a_text_that_cannot_be_added_to_is_refused(run: Run, cards: Path, old: str, new: str) -> None:
    """What would not read back as the same card with one calibration more is never written."""
    text = replaced(OLD.read_text(encoding="utf-8"), "name: strata-db235\n", "name: odd\n")
    (cards / "odd.yaml").write_text(replaced(text, old, new), encoding="utf-8")
    told = run(*box(fib="odd"), *WHO)
    assert told.returncode == 2
    assert told.stderr.startswith("odd: this card's text cannot be added to; write its name and its title on a line")
    assert not (cards / "lab.yaml").exists()


WRONG = {
    "negative depth": ({"depth": "-1.2 um"}, "--depth: '-1.2 um' is not above zero; write a positive value"),
    "no time": ({"time": "0 s"}, "--time: '0 s' is not above zero; write a positive value"),
    "no unit": ({"time": "180"}, "--time: '180' has no unit; write the unit"),
    "wrong dimension": ({"beam_current": "1 nm"}, "--beam-current: '1 nm' is not a current; write a unit like nA"),
    "wrong case": ({"beam_current": "1 na"}, "--beam-current: unknown unit 'na' in '1 na'; write 1 nA"),
    "decimal comma": ({"depth": "1,2 um"}, "--depth: '1,2 um' has a decimal comma; write 1.2 um"),
    "one side": ({"box": "5 um"}, "--box: '5 um' is not a length by a width; write '5 um x 5 um'"),
    "three sides": ({"box": "5 um x 5 um x 1 um"}, "--box: '5 um x 5 um x 1 um' is not a length by a width; write"),
    "a side without unit": ({"box": "5 x 5 um"}, "--box: '5' has no unit; write the unit"),
    "certain": ({"depth_uncertainty": "0 %"}, "--depth-uncertainty: '0 %' is not above zero; write a positive value"),
    "hopeless": ({"depth_uncertainty": "150 %"}, "--depth-uncertainty: '150 %' is no measurement; write one sigma"),
    "unknown card": ({"fib": "strata-db23"}, "--fib: there is no fib card 'strata-db23'; did you mean 'strata-db235'?"),
    "unknown material": ({"material": "silicn"}, "--material: there is no material 'silicn'; did you mean 'silicon'?"),
    "voltage not on card": (
        {"accelerating_voltage": "16 kV"}, "--accelerating-voltage: FEI Strata DB235 mills at no 16 kV; use 30 kV or 5",
    ),
    "outlier": (
        {"beam_current": "10 nA"}, "silicon: 0.0175 um3/nC lies 11.3 combined standard deviations from the card's 0.2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_one_line_with_its_remedy(run: Run, cards: Path, name: str) -> None:
    """Exit code 2, one line on stderr that names the option, nothing on stdout, nothing written."""
    changes, line = WRONG[name]
    told = run(*box(**changes), *WHO)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith(line)
    assert "; " in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert list(cards.iterdir()) == []


def test_several_wrong_values_are_told_together(run: Run, cards: Path) -> None:
    """Nobody has to run the command once a mistake."""
    told = run(*box(depth="-1 um", time="180", beam_current="1 nm"), *WHO, "--current-uncertainty", "5")
    wrong = [line.split(":")[0] for line in told.stderr.splitlines()]
    assert sorted(wrong) == ["--beam-current", "--current-uncertainty", "--depth", "--time"]


def test_an_outlier_can_be_insisted_on(run: Run, cards: Path) -> None:
    """The refusal says what to check and how to overrule it; overruled, the card is written."""
    refused = run(*box(beam_current="10 nA"), *WHO)
    assert "more likely a slip: check material, units, current; give --accept-outlier if it holds" in refused.stderr
    assert run(*box(beam_current="10 nA"), *WHO, "--accept-outlier").returncode == 0


def test_a_material_without_milling_rate_is_refused(run: Run, tmp_path: Path, cards: Path) -> None:
    """A measurement narrows an interval; it does not make one."""
    text = "fibplan: 1\nmaterials:\n  glue:\n    title: Glue\n"
    (tmp_path / "instruments" / "materials.yaml").write_text(text, encoding="utf-8")
    told = run(*box(material="glue"), *WHO)
    assert told.returncode == 2
    assert told.stderr.startswith("--material: glue has no milling rate to narrow; give it a milling rate in materials")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--by", "me", "--name", "strata-db235"), "this card exists already; give the new card another --name"),
        (("--by", "me", "--name", "../lab"), "--name: '../lab' is not a name; use lower-case letters, digits, - and _"),
        (("--by", " ", "--name", "lab"), "--by: nobody is named; write who measured"),
        (("--by", "me", "--name", "lab", "--out", "nowhere"), "nowhere: no such folder; make it, or name another with"),
        (("--by", "me", "--name", "lab", "--session", "s"), "--session: a session says for itself what --material, "),
    ],
    ids=["name taken", "no name", "nobody", "no folder", "box and session"],
)
def test_a_card_is_only_written_where_it_belongs(run: Run, cards: Path, arguments: tuple[str, ...], line: str) -> None:
    """A taken or impossible name, nobody's name, a missing folder and two sources at once are each one line."""
    told = run(*box(), *arguments)
    assert told.returncode == 2
    assert line in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_nothing_is_written_over(run: Run, tmp_path: Path) -> None:
    """A file of that name stays as it is, also outside of every library."""
    (tmp_path / "lab.yaml").write_text("mine", encoding="utf-8")
    told = run(*box(), *WHO, "--out", ".")
    assert told.returncode == 2
    assert "this card exists already" in told.stderr
    assert (tmp_path / "lab.yaml").read_text(encoding="utf-8") == "mine"


def test_what_is_missing_is_named(run: Run, cards: Path) -> None:
    """Half a box is told by the options that it lacks."""
    told = run("calibrate", *WHO, "--fib", "strata-db235", "--material", "silicon", "--depth", "1 um")
    assert told.returncode == 2
    assert "add --accelerating-voltage, --beam-current, --box, --time for a box, or give --session" in told.stderr


def test_a_card_outside_the_library_says_where_it_would_be_found(run: Run, tmp_path: Path) -> None:
    """A recipe cannot name a card that lies just anywhere, and the result says so."""
    told = run(*box(), *WHO, "--out", ".")
    assert told.returncode == 0
    assert "cards are found in instruments/fib/" in told.stdout


@dataclass(frozen=True)
class SlowColumn:
    """A person whose beam takes ``slower`` times as long as expected, in a session that may count as real."""

    clock: ScriptedClock
    slower: float
    simulated: bool = False
    name: str = "A. Person"

    def perform(self, operation: Operation) -> Done:
        beam = operation.beam_on_s.expected if operation.beam_on_s is not None else 0.0
        seconds = operation.duration_s.expected + (self.slower - 1.0) * beam
        self.clock.sleep(seconds)
        return Done(seconds, operation.thickness_after_m)

    def land(self, step: object) -> None:
        raise AssertionError("nothing is measured")


def unjudged(curves: CurveSet) -> Verdict:
    raise AssertionError("nothing is judged")


def walked(root: Path, slower: float = 1.0, *, simulated: bool = False) -> Path:
    """A finished session in silicon at ``root``."""
    examined = examine("si-lamella-grid", SearchPath([ROOT]))
    clock = ScriptedClock(datetime(2026, 1, 5, 8, tzinfo=UTC))
    crew = Crew(SlowColumn(clock, slower, simulated), None, unjudged, clock)
    run_session(root, examined.sound_plan(), frozen_sources(examined), crew, "s-001")
    return root


def test_a_session_s_times_narrow_a_little(run: Run, tmp_path: Path, cards: Path) -> None:
    """Twice the beam time points to half the rate; wide factors let it count little; overhead is said in the source."""
    walked(tmp_path / "session", slower=2.0)
    told = run("calibrate", "--session", "session", *WHO, "--format", "json")
    assert told.returncode == 0, told.stderr
    (one,) = json.loads(told.stdout)["calibrations"]
    assert one["measurement"]["volume_per_dose"] == pytest.approx(1e-10)
    assert 1e-10 < one["posterior"]["expected"] < 2e-10
    assert 0.7 < one["width_ratio"] < 1.0
    (entry,) = card_at(cards / "lab.yaml").calibrations
    assert entry.measured.startswith("session s-001 (journal ")
    assert "of overhead" in entry.measured
    assert "SIMULATED" not in (cards / "lab.yaml").read_text(encoding="utf-8")


def test_a_simulated_session_is_refused_or_marked_for_ever(run: Run, tmp_path: Path, cards: Path) -> None:
    """Without --simulated-too nothing is written; with it title and source say SIMULATED, and so does what follows."""
    walked(tmp_path / "session", simulated=True)
    refused = run("calibrate", "--session", "session", *WHO)
    assert refused.returncode == 2
    assert refused.stderr.startswith("session: a simulated session measured no column; take a real one")
    assert run("calibrate", "--session", "session", *WHO, "--simulated-too").returncode == 0
    lab = card_at(cards / "lab.yaml")
    assert ", SIMULATED calibration " in lab.title
    assert lab.calibrations[0].measured.startswith("SIMULATED session")
    assert "SIMULATED" in lab.calibrations[0].volume_per_dose.source
    assert "(SIMULATED)" in run(*box(fib="lab"), "--by", "me", "--name", "lab-2").stdout
    assert ", SIMULATED calibration " in card_at(cards / "lab-2.yaml").title


def test_a_session_counts_once(run: Run, tmp_path: Path, cards: Path) -> None:
    """A calibrated card takes another session of its column, but not the one it came from again."""
    walked(tmp_path / "session")
    assert run(*box(), *WHO).returncode == 0
    again = ("calibrate", "--session", "session", "--by", "me")
    assert run(*again, "--fib", "lab", "--name", "lab-2").returncode == 0
    told = run(*again, "--fib", "lab-2", "--name", "lab-3")
    assert told.returncode == 2
    assert told.stderr == "--fib: lab-2 has used this session already; a session counts only once\n"


def test_a_session_on_another_column_is_refused(run: Run, tmp_path: Path, cards: Path) -> None:
    """A column with other beams learns nothing from this one's times."""
    walked(tmp_path / "session")
    text = replaced(OLD.read_text(encoding="utf-8"), "name: strata-db235\n", "name: other\n")
    other = replaced(text, "beam_angle: 52 deg", "beam_angle: 54 deg")
    (cards / "other.yaml").write_text(other, encoding="utf-8")
    told = run("calibrate", "--session", "session", *WHO, "--fib", "other")
    assert told.returncode == 2
    assert told.stderr.startswith("--fib: other is not the column of this session; start from strata-db235")


def test_a_session_that_is_not_over_or_not_there_is_refused(run: Run, tmp_path: Path, cards: Path) -> None:
    """An open journal and a folder without one are each one line, exit code 2."""
    journal = walked(tmp_path / "session") / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    told = run("calibrate", "--session", "session", *WHO)
    assert (told.returncode, told.stderr) == (2, "session: the session is not over; finish it first\n")
    missing = run("calibrate", "--session", "nowhere", *WHO)
    assert missing.returncode == 2
    assert missing.stderr.startswith("nowhere: there is no session here; name the folder")


def test_a_frozen_card_that_was_changed_is_not_believed(run: Run, tmp_path: Path, cards: Path) -> None:
    """The times belong to what was frozen when the session began: a changed copy is a storage fault."""
    frozen = walked(tmp_path / "session") / "frozen" / "cards" / "fib" / "strata-db235.yaml"
    frozen.write_bytes(frozen.read_bytes() + b"# more\n")
    told = run("calibrate", "--session", "session", *WHO)
    assert told.returncode == 3
    assert "fib/strata-db235.yaml was changed after the session began" in told.stderr
    assert list(cards.iterdir()) == []
