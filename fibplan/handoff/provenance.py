"""Which files, commits and versions a package was made from, as its journal says."""

from typing import Any

from fibplan.errors import StorageError
from fibplan.handoff.contents import PackageContents
from fibplan.handoff.frame import json_file
from fibplan.journal.chain import verify
from fibplan.journal.events import SessionResumed

FIELDS = {
    "level": "what was programmed, in V or A as settings.source says",
    "readback": "what the instrument says of the level, in the same unit",
    "voltage_v": "V",
    "current_a": "A",
    "time_s": "s since the sweep began",
    "in_compliance": "held back by the programmed limit",
    "in_range_compliance": "held back by the end of a fixed measure range",
    "overflow": "sign of a reading that holds no number, 0 otherwise",
    "settings.compliance_a": "A",
    "settings.limit_v": "V",
    "settings.voltage_range_v": "V; null while the instrument chose it",
    "settings.current_range_a": "A; null while the instrument chose it",
    "settings.nplc": "power-line cycles",
    "about_v": "V, the open-circuit voltage that the levels lie about",
}
"""Of a curve's JSON: unit or meaning by field."""


def provenance_file(contents: PackageContents) -> bytes:
    """``provenance.json``: hashes of recipe, cards and plan, git's word on the recipe, and every version that wrote."""
    return json_file(contents, "Provenance", None, **_told(contents))


def fields_file(contents: PackageContents) -> bytes:
    """``curves/fields.json``: the units of the curves beside it."""
    return json_file(contents, "Fields of a curve", None, fields=FIELDS)


def _told(contents: PackageContents) -> dict[str, Any]:
    try:
        opened = contents.state.opened
    except StorageError as error:
        return {"journal": str(error)}
    records = verify(contents.journal).records
    resumed = [record.event.version for record in records if isinstance(record.event, SessionResumed)]
    return {
        "session": opened.session,
        "operators": list(dict.fromkeys(record.operator for record in records)),
        "begun": records[0].utc.isoformat(),
        "ended": contents.when.isoformat(),
        "versions": list(dict.fromkeys([opened.version, *resumed])),
        "made_from": [source.model_dump(mode="json") for source in opened.made_from],
        "recipe": {"name": opened.recipe, "sha256": opened.recipe_sha256},
        "cards_sha256": opened.cards_sha256,
        "plan_sha256": opened.plan_sha256,
        "journal_records": len(records),
        "journal_head": records[-1].hash,
    }
