"""What a calibration did to a column's rates, in words and JSON, and where its card went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fibplan.advice.calibration import Narrowed, width_ratio
from fibplan.library.calibrated_card import SIMULATED, rests_on_simulation
from fibplan.model.fib_card import FibCard
from fibplan.units import show


@dataclass(frozen=True)
class CalibrationReport:
    """The rates that were narrowed, the operations that told nothing with the reason, and the card that was written.

    ``old`` is the card that it started from; ``in_library`` is whether a recipe can name the new one as it lies.
    """

    old: FibCard
    narrowed: Sequence[Narrowed]
    unusable: Mapping[str, str]
    target: Path
    in_library: bool

    @property
    def simulated(self) -> bool:
        """Whether anything that the new card rests on was simulated."""
        return rests_on_simulation(self.old, self.narrowed)

    def lines(self) -> Iterator[str]:
        """The report for people."""
        for one in self.narrowed:
            yield from _narrowed_lines(one)
        yield from (f"not used: {operation}, {why}" for operation, why in self.unusable.items())
        yield f"wrote {self.target}" + (f" ({SIMULATED})" if self.simulated else "")
        if self.in_library:
            yield f"to plan with it, write fib: {self.target.stem} under instruments in the recipe"
        else:
            yield "cards are found in instruments/fib/ of the working folder and of every --library DIR: put it there"

    def json(self) -> dict[str, Any]:
        """The same as other programs read it, in SI units."""
        return {
            "card": str(self.target),
            "from": self.old.name,
            "simulated": self.simulated,
            "calibrations": [_narrowed_json(one) for one in self.narrowed],
            "unusable": dict(self.unusable),
        }


def _narrowed_lines(one: Narrowed) -> Iterator[str]:
    measurement, posterior = one.measurement, one.posterior
    yield f"{one.material} at {show(one.voltage_v, 'V')}"
    yield f"  card      {one.prior}, {one.prior.coverage:.0%}, {one.prior.status}"
    yield f"  measured  {show(measurement.rate, 'm3/C')} +- {measurement.log_sd:.0%}, {measurement.source}"
    yield f"  now       {posterior}, {posterior.coverage:.0%}, {posterior.status}"
    yield f"  {width_ratio(one.prior, posterior):.2f} times as wide as before, on a logarithmic scale"


def _narrowed_json(one: Narrowed) -> dict[str, Any]:
    return {
        "material": one.material,
        "accelerating_voltage_v": one.voltage_v,
        "prior": one.prior.model_dump(mode="json"),
        "measurement": {
            "volume_per_dose": one.measurement.rate,
            "relative_uncertainty": one.measurement.log_sd,
            "source": one.measurement.source,
        },
        "posterior": one.posterior.model_dump(mode="json"),
        "width_ratio": width_ratio(one.prior, one.posterior),
    }
