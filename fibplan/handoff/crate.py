"""The RO-Crate 1.1 metadata that lets an electronic notebook import a hand-off (``.eln``, TheELNConsortium)."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from fibplan.handoff.contents import PackageContents
from fibplan.model.verdict import Measured
from fibplan.session.folder import sha256

METADATA = "ro-crate-metadata.json"

_FORMATS = {
    ".bmp": "image/bmp", ".csv": "text/csv", ".gif": "image/gif", ".html": "text/html", ".jpg": "image/jpeg",
    ".json": "application/json", ".jsonl": "application/jsonl", ".md": "text/markdown", ".nav": "text/plain",
    ".nxs": "application/x-hdf5", ".png": "image/png", ".sha256": "text/plain", ".svg": "image/svg+xml",
    ".tif": "image/tiff", ".yaml": "application/yaml",
}  # fmt: skip

Node = dict[str, object]


def render_crate(contents: PackageContents, files: Mapping[str, bytes], unhashed: str) -> str:
    """The description of ``files`` and of the file ``unhashed``, which holds their hashes and so has none here."""
    operator = contents.state.opened.operator
    nodes = [_file(name, content) for name, content in sorted(files.items())]
    nodes.append(_named(unhashed))
    results = _results(contents)
    origins = _origins(contents)
    graph = [
        _descriptor(contents),
        {"@id": "#fibplan", "@type": "Organization", "name": "fibplan"},
        {"@id": "#operator", "@type": "Person", "name": operator},
        _root(contents, parts=nodes, results=results, origins=origins),
        *nodes,
        *origins,
        *results,
    ]
    crate = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    return json.dumps(crate, indent=2, ensure_ascii=False) + "\n"


def _descriptor(contents: PackageContents) -> Node:
    return {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "dateCreated": contents.when.isoformat(),
        "sdPublisher": {"@id": "#fibplan"},
        "version": contents.version,
    }


def _root(contents: PackageContents, parts: list[Node], results: list[Node], origins: list[Node]) -> Node:
    mark = "SIMULATED: " if contents.simulated else ""
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{mark}{contents.name}",
        "description": f"{mark}Hand-off of a lamella to the TEM: {contents.plan.recipe.title}",
        "author": {"@id": "#operator"},
        "dateCreated": contents.when.isoformat(),
        "datePublished": contents.when.isoformat(),
        "keywords": "FIB, TEM, lamella, hand-off",
        "hasPart": [{"@id": node["@id"]} for node in parts],
        "variableMeasured": [{"@id": node["@id"]} for node in results],
        "isBasedOn": [{"@id": node["@id"]} for node in origins],
    }


def _origins(contents: PackageContents) -> list[Node]:
    """The recipe's file and those that it extends, each with its hash, and the commit or why there is none."""
    return [
        {
            "@id": f"#recipe-{place}",
            "@type": "SoftwareSourceCode",
            "name": source.name,
            "description": str(source),
            "sha256": source.sha256,
            **({} if source.commit is None else {"version": source.commit}),
        }
        for place, source in enumerate(contents.sources.made_from, start=1)
    ]


def _named(name: str) -> Node:
    suffix = PurePosixPath(name).suffix
    return {
        "@id": f"./{quote(name)}",
        "@type": "File",
        "name": PurePosixPath(name).name,
        "encodingFormat": _FORMATS.get(suffix, "application/octet-stream"),
    }


def _file(name: str, content: bytes) -> Node:
    return {**_named(name), "contentSize": str(len(content)), "sha256": sha256(content)}


def _results(contents: PackageContents) -> list[Node]:
    paths = contents.verdict.paths if contents.verdict else ()
    measured = [(path.path, path.resistance) for path in paths if path.resistance is not None]
    return [_result(place, name, resistance) for place, (name, resistance) in enumerate(measured, start=1)]


def _result(place: int, name: str, resistance: Measured) -> Node:
    bounds = {"minValue": resistance.low_ohm, "value": resistance.expected_ohm, "maxValue": resistance.high_ohm}
    return {
        "@id": f"#resistance-{place}",
        "@type": "PropertyValue",
        "propertyID": f"resistance of path {name}",
        "unitText": "ohm",
        **{key: value for key, value in bounds.items() if value is not None},
    }
