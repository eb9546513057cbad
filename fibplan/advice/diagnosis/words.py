"""What each suspect and each group is called, what its sweeps have in common, and what an image would show."""

from collections.abc import Sequence

from fibplan.model.diagnosis import AS_PLANNED, SOMETHING_ELSE

CALLED = {
    AS_PLANNED: "as planned",
    "open_bridge": "the bridge is open",
    "thin_bridge": "the bridge is thin",
    "halo_short": "the halo shorts collector and cap",
    "skin_short": "a skin on the face shorts collector and cap",
    "resistive_tip": "the tip on the lamella is oxidised",
    "probe_lifted": "the tip on the lamella does not touch",
    "wrong_pad": "collector and cap were taken for each other",
    "electrode_short": "electrodes of the chip are shorted",
    "drifting_contact": "the joint of electrode and bridge drifts",
    "intermittent_contact": "the joint of electrode and bridge opens and closes",
    "nonlinear_contact": "a film lies in the joint of electrode and bridge",
    "mains_noise": "the leads pick up the mains",
    "offset_current": "beam or light drives a current",
    SOMETHING_ELSE: "something that has no name here, or several things at once",
}
IN_AN_IMAGE = {
    "open_bridge": "a gap in the bridge or at one of its feet (tilt the stage)",
    "thin_bridge": "a bridge much thinner than planned (tilted view)",
    "halo_short": "a grey veil of Pt around the bridge that reaches the cap",
    "skin_short": "a film on the face of the lamella, away from the bridge too",
    "electrode_short": "Pt between the electrodes of the chip",
    "drifting_contact": "a crack or a lifted edge where the bridge meets the electrode",
    "intermittent_contact": "a crack or a lifted edge where the bridge meets the electrode",
    "nonlinear_contact": "dirt or a dark rim where the bridge meets the electrode",
    "resistive_tip": "nothing: clean the tip on the electrode until it reads under 100 ohm",
    "probe_lifted": "a tip whose shadow has not closed",
    "wrong_pad": "the tip on the other layer",
}
SHORTED, OPENED = {"halo_short", "skin_short"}, {"open_bridge", "probe_lifted", "resistive_tip"}
TIP = {"probe_lifted", "resistive_tip"}
JOINT = {"drifting_contact", "intermittent_contact", "nonlinear_contact", "thin_bridge"}


def name_of(members: Sequence[str]) -> str:
    """The group in a few words."""
    if len(members) == 1:
        return CALLED[members[0]]
    if AS_PLANNED in members:
        return "as planned, or what these sweeps cannot show"
    if set(members) <= SHORTED:
        return "halo or skin short"
    if set(members) <= TIP:
        return "the tip on the lamella makes no good contact"
    if set(members) <= OPENED:
        return "open somewhere behind the electrode"
    if set(members) <= JOINT:
        return "too much resistance in bridge or joint"
    return " or ".join(CALLED[name] for name in members)


def image_of(members: Sequence[str]) -> str:
    """What to look for in the SEM to tell them apart."""
    looks = [f"{IN_AN_IMAGE[name]} ({CALLED[name]})" for name in members if name in IN_AN_IMAGE]
    return f"an image: {'; '.join(looks)}" if looks else ""
