"""Every rule, in the order in which their findings are told."""

from fibplan.checks import assumptions, electrical, geometry, instruments, ladder, sequence
from fibplan.checks.found import Rule
from fibplan.model.finding import Finding
from fibplan.model.plan import Plan

RULES: tuple[Rule, ...] = (
    instruments.voltage_on_card,
    instruments.current_on_card,
    instruments.gas_on_card,
    instruments.smu_can_sweep,
    ladder.starts_with_trench,
    ladder.never_grows,
    ladder.removes_something,
    ladder.ends_at_target,
    ladder.current_never_grows,
    ladder.polish_removes_damage,
    ladder.thin_enough,
    geometry.lamella_in_window,
    geometry.layers_off_electrodes,
    geometry.bridge_meets_both,
    geometry.bridge_clear_of_others,
    geometry.bridge_short_enough,
    geometry.support_holds,
    geometry.fits_under_facing_chip,
    electrical.instruments_named,
    electrical.parts_present,
    electrical.terminals_exist,
    electrical.criteria_in_order,
    electrical.compliance_safe,
    electrical.sweep_not_clamped,
    electrical.every_path_measured,
    electrical.bridge_by_ion_beam,
    electrical.resistivity_known,
    sequence.one_chain,
    sequence.thinned_where_said,
    sequence.lifted_before_transfer,
    sequence.bridge_deposited,
    sequence.measured_last,
    assumptions.assumed_fields_exist,
)


def check(plan: Plan) -> list[Finding]:
    """What every rule found, all at once."""
    return [finding for rule in RULES for finding in rule(plan)]
