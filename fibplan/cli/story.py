"""The records of a session in words, one line each."""

from collections.abc import Iterable, Iterator

from fibplan.journal.chain import Record
from fibplan.journal.events import Actuals, Event
from fibplan.units import show, show_time


def story_lines(records: Iterable[Record]) -> Iterator[str]:
    """Time of day in UTC, who it is by where that changes, and what happened; a new date has a line of its own."""
    day, operator = "", ""
    for record in records:
        if _is_told_already(record.event):
            continue
        if f"{record.utc:%Y-%m-%d}" != day:
            day = f"{record.utc:%Y-%m-%d}"
            yield f"{day} (UTC)"
        by = f" ({record.operator})" if record.operator != operator else ""
        operator = record.operator
        yield _printable(f"{record.utc:%H:%M:%S}  {_told(record.event)}{by}")


def _is_told_already(event: Event) -> bool:
    """A note or an image that was typed at a question has a record of its own beside the answer."""
    return event.kind == "answer_given" and event.answer.startswith((":note ", ":attach "))


def _printable(text: str) -> str:
    """One line that moves no cursor and rings no bell, whatever somebody wrote into a note."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _told(event: Event) -> str:
    match event.kind:
        case "session_opened":
            return f"begun with {event.recipe}, fibplan {event.version}"
        case "session_resumed":
            return f"resumed by process {event.pid} on {event.host}, fibplan {event.version}"
        case "session_suspended":
            return f"left: {event.reason}"
        case "session_paused":
            return "paused" + _because(event.reason)
        case "session_went_on":
            return "went on"
        case "session_closed":
            return f"closed, {event.outcome}: {event.reason}"
        case "rules_checked":
            return f"the rules on what is left: {'; '.join(f.message for f in event.findings) or 'nothing new'}"
        case "finding_accepted":
            return f"accepted [{event.finding.code}]: {event.reason}"
        case _:
            return _kept(event)


def _kept(event: Event) -> str:
    """What was written down, put beside the journal, or made of it."""
    match event.kind:
        case "note_written":
            return f"note: {event.text}"
        case "file_attached":
            return f"attached {event.name} as {event.file}" + _because(event.note)
        case "answer_given":
            return f"answered {event.question}: {event.answer}"
        case "curve_measured":
            return f"measured {event.path}, {event.probing.replace('_', ' ')}: {event.file}"
        case "verdict_reached":
            return f"{'SIMULATED ' if event.verdict.simulated else ''}verdict: {event.verdict.outcome}"
        case "marginal_accepted":
            who = event.acceptance
            return f"{who.person} accepts {', '.join(event.paths)} though marginal" + _because(who.reason)
        case "package_written":
            return f"{event.form} written: {event.file}"
        case _:
            return _operation(event)


def _operation(event: Event) -> str:
    match event.kind:
        case "operation_started":
            return f"{event.operation}: started"
        case "operation_done":
            return f"{event.operation}: done, {_values(event)}"
        case "operation_stopped":
            return f"{event.operation}: broken off, {_values(event)}"
        case "operation_inspected":
            return f"{event.operation}: inspected, {event.found}, {_values(event)}"
        case "operation_skipped":
            return f"{event.operation}: left out" + _because(event.reason)
        case "operation_added":
            how = f"redoes {event.redoes}" if event.redoes else "new"
            changes = "".join(f", {name} {text}" for name, text in event.changes.items())
            return f"{event.operation}: added ({how}{changes})" + _because(event.reason)
        case _:
            return event.kind


def _values(ended: Actuals) -> str:
    """What was measured, what looked wrong about it, and why it holds."""
    by = f" ({ended.thickness_by})" if ended.thickness_by else ""
    parts = [
        show_time(ended.duration_s),
        f"beam on {show_time(ended.beam_on_s)}" if ended.beam_on_s is not None else "",
        f"at {show(ended.beam_current_a, 'A')}" if ended.beam_current_a is not None else "",
        f"{show(ended.thickness_m, 'm')} left{by}" if ended.thickness_m is not None else "",
        f"imaged with {show(ended.imaging_dose, 'C/m2')}" if ended.imaging_dose is not None else "",
        ended.note,
        *(f"doubted: {doubt}" for doubt in ended.doubts),
        ended.reason,
    ]
    return ", ".join(part for part in parts if part)


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""
