"""Every export there is: ``fibplan export --list``."""

from fibplan.formats.exports.export import Export

EXPORTS = (
    Export(
        name="ptf",
        what="xT pattern files (.ptf), one a step, for FEI and Thermo Fisher columns; not verified on a tool",
        spec="none published; after four files that xT wrote (github sklumpe/SerialFIB TemplatePatterns, "
        "CraignRush/beamshape-manuscript)",
        confirmed="no reader of others: our writer gives the structure of those files, field by field",
        extra=None,
        module="ptf",
    ),
    Export(
        name="autolamella",
        what="milling protocol for OpenFIBSEM and AutoLamella (YAML)",
        spec="AutoLamellaTaskProtocol of fibsem 0.5 (fibsem/applications/autolamella/structures.py)",
        confirmed="fibsem 0.5.3 loads it and gives the same shapes",
        extra=None,
        module="autolamella",
    ),
    Export(
        name="gds",
        what="chip, lamella and metal in plan view (GDSII) with its layer map; a drawing of ours, not the vendor's",
        spec="GDSII Stream Format Manual, release 6.0 (Calma, 1987)",
        confirmed="klayout 0.30 reads the same polygons",
        extra="layout",
        module="gds",
    ),
    Export(
        name="card",
        what="milling card to print (HTML), for a FIB whose computer takes no files",
        spec="HTML 5 and CSS 2.1 paged media, without scripts",
        confirmed="looked at as Chromium prints it on A4",
        extra=None,
        module="card",
    ),
    Export(
        name="potentiostat",
        what="settings for the potentiostat (HTML and JSON), from the recipe's hand_off",
        spec="HTML 5; JSON (RFC 8259), values in SI units",
        confirmed="looked at as Chromium prints it on A4",
        extra=None,
        module="potentiostat",
    ),
)


def export_named(name: str) -> Export | None:
    """The export of that name, or None."""
    return next((export for export in EXPORTS if export.name == name), None)
