"""The ``fibplan`` command: its verbs, and how a failure ends it."""

import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from fibplan import __version__
from fibplan.cli import (
    calibrate,
    check,
    chip,
    demo,
    diff,
    export,
    handoff,
    measure,
    new,
    optimise,
    plan,
    resume,
    run,
    schema,
    sessions,
    simulate,
    verify,
)
from fibplan.cli.output import say, tell
from fibplan.errors import ExitCode, FibplanError

app = typer.Typer(
    name="fibplan",
    help="Plan and verify FIB/SEM lamellae that must work electrically inside a TEM.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fibplan {__version__}")
        raise typer.Exit


@app.callback()
def common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False,
) -> None:
    """A recipe becomes a plan, a measurement, a verdict and a hand-off."""
    del version
    if debug:
        os.environ["FIBPLAN_DEBUG"] = "1"


app.command("check", short_help="Look for errors in recipes before anything is milled.")(check.check)
app.command("plan", short_help="Say what a recipe means: times, damage, resistances.")(plan.plan)
app.command("diff", short_help="Compare two recipes, and what follows from each.")(diff.diff)
app.command("new", short_help="Write a recipe to begin with.")(new.new)
app.command("optimise", short_help="Propose a faster or gentler ladder, or a better bridge.")(optimise.optimise)
app.command("calibrate", short_help="Narrow removal rates by a measured box or session.")(calibrate.calibrate)
app.command("export", short_help="Write files for other people's tools.")(export.export)
app.command("demo", short_help="Do the whole main job on the simulator.")(demo.demo)
app.command("measure", short_help="Sweep one I-V curve with an SMU.")(measure.measure)
app.command("verify", short_help="Judge measured curves: is the lamella accepted?")(verify.verify)
app.command("run", short_help="Walk through a session at the microscope, or a simulated one.")(run.run)
app.command("resume", short_help="Go on with a session that was left.")(resume.resume)
app.command("schema", short_help="Print the JSON Schema of a file, for editors.")(schema.schema)
app.add_typer(sessions.app, name="sessions", short_help="Tell and verify what the journals say.")
app.add_typer(simulate.app, name="simulate")
app.add_typer(chip.app, name="chip")
app.add_typer(handoff.app, name="handoff")


def main() -> None:
    """Run the command; every foreseen failure is one line a fault on stderr and a defined exit code."""
    for number in _stopping_signals():
        signal.signal(number, _stop)
    try:
        _run()
    except FibplanError as failure:
        if os.environ.get("FIBPLAN_DEBUG"):
            raise
        for line in failure.lines():
            tell(line)
        sys.exit(failure.exit_code)


def _run() -> None:
    """The verb, or its help, which the library prints: where that fails, one more line end shows if stdout is why."""
    try:
        app()
    except OSError:
        say()
        raise


def _stopping_signals() -> list[signal.Signals]:
    """Ctrl-C, a request to end, a closed terminal: those that this system has."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


class StoppedBy(SystemExit):
    """A signal ends the process; the name of it goes where the reason is kept."""

    def __init__(self, number: int) -> None:
        super().__init__(int(ExitCode.INTERRUPTED))
        self._name = signal.Signals(number).name

    def __str__(self) -> str:
        return self._name


def _stop(number: int, frame: FrameType | None) -> None:
    """Unwind like any exit, so that every context manager switches its output off, and let nothing disturb that."""
    del frame
    for other in _stopping_signals():
        signal.signal(other, signal.SIG_IGN)
    tell("stopping: every output is switched off")
    raise StoppedBy(number)


if __name__ == "__main__":
    main()
