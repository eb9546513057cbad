"""Every rule, in the order in which their findings are told."""

from fibplan.checks import damage, deposition, electrical, geometry, honesty, instruments, ladder, sequence
from fibplan.checks.rule import DEFINITION, Rule
from fibplan.model.finding import Finding, Severity
from fibplan.model.plan import Plan

RULES: tuple[Rule, ...] = (
    instruments.voltage_on_card,
    instruments.current_on_card,
    instruments.gas_on_card,
    instruments.milling_rate_known,
    instruments.smu_reaches_voltage,
    instruments.smu_limits_current,
    instruments.smu_holds_points,
    ladder.starts_with_trench,
    ladder.cut_as_deep_as_lamella,
    ladder.never_grows,
    ladder.removes_something,
    ladder.ends_at_target,
    ladder.current_never_grows,
    ladder.voltage_never_grows,
    ladder.edge_outside_probe,
    ladder.edge_outside_tails,
    ladder.overtilt_small,
    ladder.thin_enough,
    damage.polish_removes_damage,
    damage.polish_gentler,
    damage.polished_at_last,
    damage.mostly_sound,
    damage.cap_survives,
    damage.cap_survives_surely,
    deposition.deposit_has_size,
    deposition.deposit_not_too_dense,
    deposition.deposit_not_too_thin,
    deposition.membrane_survives,
    deposition.membrane_in_budget,
    deposition.membrane_current_allowed,
    deposition.membrane_current_advised,
    deposition.park_beam,
    deposition.deposit_heats,
    deposition.faces_dirty_after_polish,
    geometry.lamella_in_window,
    geometry.lamella_well_in_window,
    geometry.layers_off_electrodes,
    geometry.bridge_meets_electrode,
    geometry.bridge_meets_collector,
    geometry.bridge_lands_in_full,
    geometry.bridge_clear_of_others,
    geometry.bridge_short_enough,
    geometry.support_meets_substrate,
    geometry.support_on_membrane,
    geometry.support_clear_of_metal,
    geometry.fits_under_facing_chip,
    electrical.instruments_named,
    electrical.bridge_described,
    electrical.placement_described,
    electrical.terminals_exist,
    electrical.paths_lead_somewhere,
    electrical.both_paths_verified,
    electrical.criteria_in_order,
    electrical.criterion_reachable,
    electrical.contacts_small_enough,
    electrical.compliance_safe,
    electrical.contact_compliance_safe,
    electrical.contact_decidable,
    electrical.sweep_not_clamped,
    electrical.criterion_resolved,
    electrical.measured_paths_exist,
    electrical.every_path_measured,
    electrical.bridge_by_ion_beam,
    electrical.resistivity_known,
    sequence.one_chain,
    sequence.thinned_where_said,
    sequence.capped_before_milling,
    sequence.undercut_before_lift_out,
    sequence.welded_before_lift_out,
    sequence.lifted_before_transfer,
    sequence.bridge_deposited,
    sequence.support_deposited,
    sequence.bridge_after_transfer,
    sequence.support_after_transfer,
    sequence.measured_last,
    sequence.unchanged_after_hand_off,
    sequence.ends_with_hand_off,
    honesty.assumed_fields_exist,
)

REFERENCES: dict[str, str] = {
    "card-unknown": "Every card that the recipe names exists.",
    "card-of-other-kind": "Every card is of the kind that it is named for.",
    "material-unknown": "Every material that the recipe and its cards name exists.",
    "step-name-repeated": "Every step has a name of its own.",
    "step-missing": "Every step that another waits for exists.",
    "step-cycle": "No steps wait for one another.",
}
"""Errors of binding and ordering, which leave no plan that a rule could look at."""

ACCEPTED_UNKNOWN = "accepted-unknown"
ACCEPTED_ERROR = "accepted-error"
ACCEPTED_NOTHING = "accepted-nothing"
ACCEPTANCE: dict[str, tuple[Severity, str]] = {
    ACCEPTED_UNKNOWN: (Severity.ERROR, "A recipe accepts only warnings that exist."),
    ACCEPTED_ERROR: (Severity.ERROR, "An error cannot be accepted, only a warning."),
    ACCEPTED_NOTHING: (Severity.WARNING, "A recipe accepts only warnings that it causes."),
}


def check(plan: Plan) -> list[Finding]:
    """What every rule found, all at once.

    A warning that the recipe accepts by its code becomes a note that carries the written reason.
    """
    found = [finding for rule in RULES for finding in rule.findings(plan)]
    reasons = {entry.code: entry.reason for entry in plan.recipe.accepts}
    return [*(_accepted(finding, reasons) for finding in found), *_acceptance(plan, found)]


def catalogue() -> list[tuple[str, Severity, str, str]]:
    """Code, severity, summary and source of every rule and of every error before one can look."""
    references = [(code, Severity.ERROR, summary, DEFINITION) for code, summary in REFERENCES.items()]
    rules = [(rule.code, rule.severity, rule.summary, rule.source) for rule in RULES]
    acceptance = [(code, severity, summary, DEFINITION) for code, (severity, summary) in ACCEPTANCE.items()]
    return [*references, *rules, *acceptance]


def _accepted(finding: Finding, reasons: dict[str, str]) -> Finding:
    if finding.severity is not Severity.WARNING or finding.code not in reasons:
        return finding
    message = f"{finding.message} (accepted: {reasons[finding.code]})"
    return finding.model_copy(update={"severity": Severity.NOTE, "message": message, "remedy": ""})


def _acceptance(plan: Plan, found: list[Finding]) -> list[Finding]:
    """What is wrong with what the recipe accepts."""
    severities = {rule.code: rule.severity for rule in RULES}
    seen = {finding.code for finding in found}
    findings: list[Finding] = []
    for index, entry in enumerate(plan.recipe.accepts):
        severity = severities.get(entry.code)
        if severity is None:
            said = ACCEPTED_UNKNOWN, f"there is no rule '{entry.code}'", "fibplan check --list-rules names them"
        elif severity is Severity.ERROR:
            said = ACCEPTED_ERROR, f"'{entry.code}' is an error", "mend what it says"
        elif entry.code not in seen:
            said = ACCEPTED_NOTHING, f"nothing in this recipe causes '{entry.code}'", "take the entry out"
        else:
            continue
        code, message, remedy = said
        path = ("accepts", index, "code")
        findings.append(Finding(code=code, severity=ACCEPTANCE[code][0], path=path, message=message, remedy=remedy))
    return findings
