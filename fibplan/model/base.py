"""The frozen base of all values, and quantity fields that read text with a unit and hold an SI float."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic_core import core_schema

from fibplan.units import QuantityError, example, parse, pattern


class Frozen(BaseModel):
    """A value: immutable, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Quantity:
    """Marks a float field that is written as text such as ``20 nA``, in the dimension of ``unit``.

    ``scale`` multiplies the SI value (1e6 for plan-view lengths in micrometres); ``signed`` allows zero and below.
    """

    unit: str
    scale: float = 1.0
    signed: bool = False

    def read(self, value: object) -> float:
        number = parse(value, self.unit)
        if number <= 0 and not self.signed:
            raise QuantityError(f"'{value}' is not above zero", f"write a positive value, such as {example(self.unit)}")
        return number if self.scale == 1.0 else round(number * self.scale, 9)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": pattern(self.unit), "examples": [example(self.unit)]}


Length = Annotated[float, Quantity("m")]
LengthUm = Annotated[float, Quantity("m", scale=1e6)]
PositionUm = Annotated[float, Quantity("m", scale=1e6, signed=True)]
Voltage = Annotated[float, Quantity("V")]
SignedVoltage = Annotated[float, Quantity("V", signed=True)]
Current = Annotated[float, Quantity("A")]
Resistance = Annotated[float, Quantity("ohm")]
Time = Annotated[float, Quantity("s")]
Angle = Annotated[float, Quantity("rad", signed=True)]
Flow = Annotated[float, Quantity("m3/s")]
ScanRate = Annotated[float, Quantity("V/s")]
Frequency = Annotated[float, Quantity("Hz")]
DoseRate = Annotated[float, Quantity("e/m2/s")]
Area = Annotated[float, Quantity("m2")]
CardName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
StepName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strict=True)]
PointUm = tuple[float, float]
OutlineUm = Annotated[tuple[PointUm, ...], Field(min_length=3)]
