"""Prints results on stdout and messages on stderr, also where the console knows no Unicode."""

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from fibplan.library.examine import Examined
    from fibplan.model.finding import Finding


def say(text: str = "") -> None:
    """One line of the result."""
    _print(text, sys.stdout)


def tell(text: str) -> None:
    """One line of progress or a message for the person."""
    _print(text, sys.stderr)


def say_json(value: Any) -> None:
    """The result as indented JSON; what is not finite is null."""
    say(json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False))


def finding_line(examined: "Examined", finding: "Finding") -> str:
    """``file:line:column: where: severity: message [code]; remedy``."""
    fault = examined.located(finding)
    remedy = f"; {fault.remedy}" if fault.remedy else ""
    return f"{fault.place}: {finding.severity}: {fault.message} [{finding.code}]{remedy}"


def finding_json(examined: "Examined", finding: "Finding") -> dict[str, Any]:
    """A finding as other programs read it."""
    fault = examined.located(finding)
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "where": fault.where,
        "message": fault.message,
        "remedy": fault.remedy,
    }


def _print(text: str, stream: TextIO) -> None:
    encoding = stream.encoding or "ascii"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
