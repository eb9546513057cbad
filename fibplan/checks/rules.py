"""Every rule, in the order in which their findings are told."""

from fibplan.checks import (
    damage,
    deposition,
    electrical,
    geometry,
    hand_off,
    honesty,
    instruments,
    joint,
    ladder,
    landing,
    leakage,
    paths,
    sequence,
    sizes,
    stack,
    support,
    sweeps,
)
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
    stack.begins_with_substrate,
    stack.ends_with_cap,
    stack.has_cap,
    stack.roles_once,
    stack.names_once,
    stack.layers_in_place,
    stack.layers_thick_enough,
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
    sizes.cut_as_long_as_lamella,
    sizes.trench_shows_foot,
    sizes.undercut_as_long_as_lamella,
    sizes.undercut_goes_through,
    sizes.patterns_larger_than_probe,
    sizes.welds_hold,
    sizes.overlaps_can_be_met,
    sizes.within_working_day,
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
    deposition.cuts_end_above_membrane,
    deposition.membrane_in_budget,
    deposition.membrane_current_allowed,
    deposition.membrane_current_advised,
    deposition.park_beam,
    deposition.deposit_heats,
    deposition.faces_dirty_after_polish,
    geometry.lamella_in_window,
    geometry.lamella_well_in_window,
    geometry.layers_off_electrodes,
    geometry.electrodes_apart,
    geometry.bridge_only_to_flat,
    geometry.beam_crosses_thickness,
    joint.bridge_meets_electrode,
    joint.bridge_meets_collector,
    joint.bridge_meets_bare_metal,
    joint.bridge_lands_in_full,
    joint.bridge_clear_of_others,
    joint.bridge_keeps_clearance,
    joint.bridge_short_enough,
    joint.drawn_as_wide_as_said,
    support.support_meets_substrate,
    support.support_on_membrane,
    support.support_clear_of_metal,
    geometry.fits_under_facing_chip,
    leakage.halo_keeps_off_cap,
    leakage.halo_surely_keeps_off_cap,
    leakage.notch_leaves_something,
    leakage.notch_beside_bridge,
    leakage.cuts_are_milled,
    leakage.cuts_clear_of_metal,
    landing.pads_have_a_way,
    landing.pads_meet_conductor,
    landing.pads_clear_of_others,
    landing.tips_meet_conductor,
    landing.pads_and_tips_on_chip,
    landing.tips_land_on_frame,
    electrical.instruments_named,
    electrical.bridge_described,
    electrical.placement_described,
    electrical.criterion_reachable,
    electrical.contacts_small_enough,
    electrical.bridge_by_ion_beam,
    electrical.resistivity_known,
    paths.terminals_exist,
    paths.paths_lead_somewhere,
    paths.conducting_through_bridge,
    paths.insulating_between_conductors,
    paths.both_paths_verified,
    paths.criteria_in_order,
    paths.marginal_near_limit,
    paths.measured_paths_exist,
    paths.every_path_measured,
    sweeps.compliance_safe,
    sweeps.contact_compliance_safe,
    sweeps.contact_decidable,
    sweeps.contact_crosses_zero,
    sweeps.sweep_crosses_zero,
    sweeps.sweep_not_clamped,
    sweeps.charged_cell_not_shorted,
    sweeps.criterion_resolved,
    sequence.one_chain,
    sequence.thinned_where_said,
    sequence.capped_before_milling,
    sequence.undercut_before_lift_out,
    sequence.welded_before_lift_out,
    sequence.lifted_before_transfer,
    sequence.welded_to_grid,
    sequence.bridge_deposited,
    sequence.support_deposited,
    sequence.every_part_has_a_step,
    sequence.notch_described,
    sequence.notch_between_trench_and_bridge,
    sequence.bridge_after_transfer,
    sequence.support_after_transfer,
    sequence.pads_after_transfer,
    sequence.cuts_after_deposits,
    sequence.faces_cleaned_last,
    sequence.measured_last,
    sequence.unchanged_after_hand_off,
    sequence.ends_with_hand_off,
    hand_off.potentials_in_order,
    hand_off.potentials_in_window,
    hand_off.frequencies_in_order,
    hand_off.amplitude_linear,
    hand_off.measurements_end,
    hand_off.holder_takes_flow,
    hand_off.map_has_points,
    hand_off.precession_small,
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
