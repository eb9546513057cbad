"""Everything that can happen in a session. The union stands at the bottom."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from fibplan.model.base import Frozen, StepName, Text, whole
from fibplan.model.finding import Finding
from fibplan.model.provenance import RecipeSource
from fibplan.model.verdict import Acceptance, Verdict

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FORMAT = 1
"""Of the journal, as its first record says it."""


class Ending(StrEnum):
    """How a session ended. ``UNVERIFIED`` means that it came to its end and nothing measured counts."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"
    UNVERIFIED = "unverified"
    ABORTED = "aborted"


class PackageForm(StrEnum):
    """What was written about a session for somebody else."""

    HAND_OFF = "hand-off"
    FAILURE_REPORT = "failure report"


class Found(StrEnum):
    """What an inspection found of an operation that was started and not confirmed."""

    NOT_BEGUN = "not begun"
    PARTLY = "partly done"
    FINISHED = "finished"


class SessionOpened(Frozen):
    """A session began: what it follows, frozen by hash, and who does it. ``operations`` are in the plan's order.

    ``recipe_sha256`` is that of the whole recipe. ``made_from`` are its file and those that it extends, nearest first,
    as they were written, with what git said of each: facts of the machine, which is why no plan and no hash of one
    holds them.
    """

    kind: Literal["session_opened"] = "session_opened"
    format: Annotated[Literal[1], whole("1")] = FORMAT
    session: Text
    title: Text
    recipe: Text
    recipe_sha256: Sha256
    made_from: tuple[RecipeSource, ...] = ()
    cards_sha256: dict[str, Sha256]
    plan_sha256: Sha256
    operations: tuple[Text, ...]
    version: Text
    simulated: bool
    operator: Text


class SessionResumed(Frozen):
    """Another process goes on with the session, by that version of fibplan; its monotonic clock is another, too."""

    kind: Literal["session_resumed"] = "session_resumed"
    host: str
    pid: int
    version: Text


class SessionSuspended(Frozen):
    """The session was left and can be resumed; without this record it was left by a crash."""

    kind: Literal["session_suspended"] = "session_suspended"
    reason: str


class SessionPaused(Frozen):
    """The person does something else; nothing is begun until the session goes on."""

    kind: Literal["session_paused"] = "session_paused"
    reason: str = ""


class SessionWentOn(Frozen):
    """A pause is over."""

    kind: Literal["session_went_on"] = "session_went_on"


class OperationStarted(Frozen):
    """Durable before the operation is performed: without its end it may or may not have happened.

    ``changes_lamella`` is true for whatever mills, deposits or moves the lamella: what was measured before it no longer
    counts.
    """

    kind: Literal["operation_started"] = "operation_started"
    operation: Text
    changes_lamella: bool = False


class Actuals(Frozen):
    """What an operation really was: seconds in all and with the beam on, amperes, metres left, C/m2 of imaging.

    ``thickness_by`` is how the thickness was measured. ``doubts`` are what looked wrong about these values, and
    ``reason`` is why they hold nevertheless.
    """

    operation: Text
    duration_s: float
    thickness_m: float | None = None
    thickness_by: str = ""
    beam_on_s: float | None = None
    beam_current_a: float | None = None
    imaging_dose: float | None = None
    note: str = ""
    doubts: tuple[Text, ...] = ()
    reason: str = ""


class OperationDone(Actuals):
    """The operation is over, with what it really was."""

    kind: Literal["operation_done"] = "operation_done"


class OperationStopped(Actuals):
    """The operation was broken off for that ``reason``: part of it was done, and it is not gone on with by itself."""

    kind: Literal["operation_stopped"] = "operation_stopped"


class OperationInspected(Actuals):
    """Somebody looked at an operation that was started and not confirmed, and this is what they ``found``.

    One that was not begun may be started again, one that was partly done counts as stopped.
    """

    kind: Literal["operation_inspected"] = "operation_inspected"
    found: Found


class OperationSkipped(Frozen):
    """The operation is not done at all."""

    kind: Literal["operation_skipped"] = "operation_skipped"
    operation: Text
    reason: Text


class OperationAdded(Frozen):
    """An operation that the recipe has not comes before the one called ``before``, or last.

    It ``redoes`` another one, with ``changes`` to its fields, or it is a ``step`` of its own; both are written as in a
    recipe.
    """

    kind: Literal["operation_added"] = "operation_added"
    operation: StepName
    before: str | None
    redoes: str | None = None
    changes: dict[str, str] = Field(default_factory=dict[str, str])
    step: dict[str, Any] | None = None
    reason: Text


class NoteWritten(Frozen):
    """What somebody wants to be remembered, and during which operation, if any."""

    kind: Literal["note_written"] = "note_written"
    text: Text
    operation: str | None = None


class FileAttached(Frozen):
    """An image lies in the session's folder: ``file`` is relative to it, ``name`` is what it was called before."""

    kind: Literal["file_attached"] = "file_attached"
    file: Text
    sha256: Sha256
    size_bytes: int
    media_type: Text
    name: str
    note: str = ""
    operation: str | None = None


class AnswerGiven(Frozen):
    """What was answered to a question, by its id: a session can be replayed from its answers."""

    kind: Literal["answer_given"] = "answer_given"
    question: Text
    answer: str


class RulesChecked(Frozen):
    """What the rules say of what is left, that they did not say of the recipe; after every change of the plan."""

    kind: Literal["rules_checked"] = "rules_checked"
    findings: tuple[Finding, ...]


class FindingAccepted(Frozen):
    """The session goes on in spite of an error that the rules found in what is left."""

    kind: Literal["finding_accepted"] = "finding_accepted"
    finding: Finding
    reason: Text


class CurveMeasured(Frozen):
    """A curve lies in the session's folder; ``file`` is relative to it, with forward slashes."""

    kind: Literal["curve_measured"] = "curve_measured"
    path: Text
    probing: Text
    file: Text
    sha256: Sha256


class VerdictReached(Frozen):
    """What the curves measured so far say of the lamella."""

    kind: Literal["verdict_reached"] = "verdict_reached"
    verdict: Verdict


class MarginalAccepted(Frozen):
    """A named person accepts the lamella although paths are marginal, and why; it stays in the journal for ever."""

    kind: Literal["marginal_accepted"] = "marginal_accepted"
    acceptance: Acceptance
    paths: tuple[Text, ...]
    """Those that are marginal."""


class SessionClosed(Frozen):
    """Nothing more is done in this session."""

    kind: Literal["session_closed"] = "session_closed"
    outcome: Ending
    reason: str


class PackageWritten(Frozen):
    """A hand-off or a failure report was made from this session; the only event that may follow its close."""

    kind: Literal["package_written"] = "package_written"
    file: Text
    sha256: Sha256
    form: PackageForm


Event = Annotated[
    SessionOpened
    | SessionResumed
    | SessionSuspended
    | SessionPaused
    | SessionWentOn
    | OperationStarted
    | OperationDone
    | OperationStopped
    | OperationInspected
    | OperationSkipped
    | OperationAdded
    | NoteWritten
    | FileAttached
    | AnswerGiven
    | RulesChecked
    | FindingAccepted
    | CurveMeasured
    | VerdictReached
    | MarginalAccepted
    | SessionClosed
    | PackageWritten,
    Field(discriminator="kind"),
]
