"""The driver's side of the wire as (sent, received); pages of 2450-901-01 Rev B and sections of the SMU facts."""

import pytest

from fibplan.errors import InstrumentError
from fibplan.model.cards import SmuCard
from fibplan.model.curve import Settings
from fibplan.smu.connect import connect
from fibplan.smu.keithley2450 import point
from fibplan.smu.protocol import SweepRequest

IDENTITY = "KEITHLEY INSTRUMENTS,MODEL 2450,04451117,1.6.7c"
REQUEST = SweepRequest(voltage_v=0.5, compliance_a=1e-4, points=3, nplc=1.0, delay_s=0.001)
NONE = '0,"No error;0,0,0"'

CONFIGURE = (  # p 6-32 off state, 6-71 limit, 6-77 readback, 6-81 sweep (failAbort OFF), 6-115 buffer
    '*RST;*CLS;:OUTP?;:SOUR:FUNC VOLT;:SENS:FUNC "CURR";:OUTP:VOLT:SMOD HIMP;'
    ":SOUR:VOLT:RANG 0.5;:SOUR:VOLT:ILIM 0.0001;"
    ":SOUR:VOLT:READ:BACK ON;:SENS:CURR:RANG:AUTO ON;:SENS:CURR:NPLC 1.0;:SENS:CURR:RSEN OFF;"
    ':TRAC:POIN 10,"defbuffer1";:TRAC:CLE "defbuffer1";'
    ':SOUR:SWE:VOLT:LIN -0.5,0.5,3,0.001,1,FIX,OFF,OFF,"defbuffer1"'
)
QUERIES = (
    ":SOUR:VOLT:ILIM?;:SENS:CURR:NPLC?;:SOUR:FUNC?;:SENS:FUNC?;:SENS:CURR:RANG:AUTO?;:SENS:CURR:RSEN?;"
    ":SOUR:VOLT:READ:BACK?;:OUTP:VOLT:SMOD?;:OUTP?;:SOUR:VOLT:RANG?;:SYST:ERR?;:SYST:EVEN:NEXT? WARN"
)
SET_UP = f"{CONFIGURE};{QUERIES}"
START = ":INIT;:TRAC:ACT?"  # p 3-107: commands that do not conflict with a running trigger model are executed
ASK = ":TRAC:ACT?"
FETCH = '*WAI;:OUTP?;:TRAC:ACT?;:SYST:ERR?;:TRAC:DATA? 1,3,"defbuffer1",SOUR,READ,REL,SOURSTAT'  # p B-10, 6-109
OFF = [":OUTP OFF", ":ABOR;:OUTP OFF;*IDN?;:OUTP?"]

SET = f'0;1E-04;1;VOLT;"CURR:DC";1;0;1;HIMP;0;2;{NONE};{NONE}'
SWEPT = f"0;3;{NONE};-4.9E-01,-4.9E-04,0,136,1E-6,-9.9E37,0.02,136,4.1E-01,+9.91E+37,0.04,168"

DIALOGUE = {
    "*IDN?": IDENTITY,
    "*LANG?": "SCPI",
    SET_UP: SET,
    START: "0",
    ASK: "2",
    FETCH: SWEPT,
    OFF[0]: None,
    OFF[1]: IDENTITY + ";0",
}
"""What is sent, in this order, and what comes back."""


def answering(answers):
    def answer(message: str) -> bytes:
        reply = answers[message]
        return b"" if reply is None else reply.encode("ascii") + b"\n"

    return answer


def test_the_driver_says_exactly_this(fake, card: SmuCard) -> None:
    """A connection with one sweep is these messages in this order and no other."""
    server = fake(answering(DIALOGUE))
    with connect(server.resource, card) as smu:
        smu.sweep(REQUEST)
    assert server.heard == list(DIALOGUE)


def test_a_refused_setting_is_told_although_the_rest_of_the_message_is_discarded(fake, card: SmuCard) -> None:
    """Where only the question before the settings is answered, another asks what is set and why; nothing starts."""
    refused = SET[2:].replace(NONE, '-222,"Parameter data out of range;1;x"', 1).replace("1E-04", "1.05E-04")
    server = fake(answering({**DIALOGUE, SET_UP: "0", QUERIES: refused}))
    with (
        connect(server.resource, card) as smu,
        pytest.raises(InstrumentError, match=r"asked 0\.0001, set 1\.05E-04; it says -222 Parameter data"),
    ):
        smu.sweep(REQUEST)
    assert START not in server.heard


def test_overflow_of_either_sign_is_no_number(fake, card: SmuCard) -> None:
    """9.9e37 and 9.91e37, positive or negative, are overflow flags without a current (1.2; section 3)."""
    server = fake(answering(DIALOGUE))
    with connect(server.resource, card) as smu:
        points = smu.sweep(REQUEST).points
    assert [entry.current_a for entry in points] == [-4.9e-4, None, None]
    assert [entry.overflow for entry in points] == [False, True, True]
    assert [entry.in_compliance for entry in points] == [True, False, True]
    assert [entry.source_v for entry in points] == [-0.5, 0.0, 0.5]


def test_an_instrument_with_a_real_serial_number_is_not_simulated(fake, card: SmuCard) -> None:
    """Only a serial number that begins with SIM is a simulator's."""
    with connect(fake(answering(DIALOGUE)).resource, card) as smu:
        assert not smu.instrument.simulated
        assert smu.instrument.identity == IDENTITY


REFUSED = {
    "another limit (2-100)": (SET_UP, SET.replace("1E-04;", "1.06E-05;"), "compliance: asked 0.0001, set 1.06E-05"),
    "a warning (1.2)": (SET_UP, SET.removesuffix(NONE) + '5053,"Limit changed;2;x"', "5053 Limit changed"),
    "an error (p 6-101)": (SET_UP, SET.replace(NONE, '-109,"Missing parameter;1,1367794863,384492889"', 1),
                           "-109 Missing parameter"),
    "four wires": (SET_UP, SET.replace(";1;0;1;", ";1;1;1;"), "four-wire sensing: asked 0, set 1"),
    "a source range that is too small": (SET_UP, SET.replace(";0;2;", ";0;0.2;"), "source range"),
    "the output on before the sweep": (SET_UP, SET.replace("HIMP;0", "HIMP;1"), "output: asked 0, set 1"),
    "the output on after the reset": (SET_UP, "1" + SET[1:], "output after the reset: asked 0, set 1"),
    "a sweep that ended early": (FETCH, SWEPT.replace("0;3", "0;2", 1), "of 3 points it took: '2'"),
    "an error of the sweep": (FETCH, SWEPT.replace(NONE, '5074,"Output voltage limited by interlock;1;x"'),
                              "5074 Output voltage"),
    "the output on after the sweep": (FETCH, "1" + SWEPT[1:], "output is not off after the sweep"),
    "a point too few": (FETCH, SWEPT.rpartition(",-4")[0], "12 values were expected"),
    "a point too many": (FETCH, SWEPT + ",0,0,0,136", "12 values were expected"),
    "a point with the output off (2450/34340.htm)": (FETCH, SWEPT.replace("136", "8"), "output off"),
    "a point that was too hot (2450/34340.htm)": (FETCH, SWEPT.replace("136", "152"), "too hot"),
    "a line that was cut short": (FETCH, SWEPT[:-1], "output off"),
    "not a number": (FETCH, SWEPT.replace("-4.9E-04", "NAN"), "number was expected"),
    "a voltage that the range cannot give": (FETCH, SWEPT.replace("4.1E-01", "41"), "no point of a sweep"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "received", "told"), REFUSED.values(), ids=REFUSED)
def test_an_answer_that_is_not_what_was_asked_is_refused(
    fake, card: SmuCard, sent: str, received: str, told: str
) -> None:
    """The sweep fails with what was asked, what came and the instrument's words, and the output is switched off.

    Where the settings are not as asked, it is never switched on.
    """
    server = fake(answering({**DIALOGUE, sent: received}))
    with connect(server.resource, card) as smu:
        with pytest.raises(InstrumentError, match=told):
            smu.sweep(REQUEST)
        assert server.heard[-2:] == OFF
        assert (START in server.heard) == (sent != SET_UP)


OTHERS = {
    "another model": ({"*IDN?": "KEITHLEY INSTRUMENTS INC.,MODEL 2400,123,C34"}, "is a model 2400.*for a 2450"),
    "another command set": ({"*LANG?": "TSP"}, r"command set 'TSP', not SCPI.*\*LANG SCPI"),
    "no identity": ({"*IDN?": "SSH-2.0-OpenSSH"}, "no identity"),
}


@pytest.mark.parametrize(("change", "told"), OTHERS.values(), ids=OTHERS)
def test_an_instrument_that_is_not_the_cards_is_explained(fake, card: SmuCard, change, told: str) -> None:
    """Another model or command set is told with what to do, and nothing is set on it."""
    server = fake(answering({**DIALOGUE, **change}))
    with pytest.raises(InstrumentError, match=told):
        connect(server.resource, card)
    assert not set(server.heard) - {"*IDN?", "*LANG?"}


def test_an_output_that_stays_on_is_called_unknown(fake, card: SmuCard) -> None:
    """When the instrument does not confirm that its output is off, the failure says UNKNOWN and what to do."""
    server = fake(answering({**DIALOGUE, OFF[1]: IDENTITY + ";1"}))
    smu = connect(server.resource, card)
    with pytest.raises(InstrumentError, match=r"UNKNOWN.*switch the output off on the instrument"):
        smu.output_off()
    smu.close()


SETTINGS = Settings(compliance_a=1e-3, current_range_a=None, source_range_v=2.0, nplc=1.0)
ROWS = {
    "plain": ((0.5, 5e-4, 0.1, 136), (5e-4, False, False)),
    "held back by the limit": ((0.2, 9.9e-4, 0.1, 168), (9.9e-4, True, False)),
    "at the limit without a flag": ((0.2, -1e-3, 0.1, 136), (-1e-3, True, False)),
    "held back by the overvoltage protection": ((0.2, 1e-6, 0.1, 140), (1e-6, True, False)),
    "overflow": ((0.2, 9.9e37, 0.1, 136), (None, False, True)),
    "negative overflow": ((0.2, -9.9e37, 0.1, 136), (None, False, True)),
    "negative overflow, held back": ((0.2, -9.91e37, 0.1, 168), (None, True, True)),
}


@pytest.mark.parametrize(("row", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_becomes_a_point_with_its_flags(row, expected) -> None:
    """Current, compliance and overflow follow from the reading and the source status bits."""
    made = point(0.5, row, SETTINGS, "here")
    assert (made.current_a, made.in_compliance, made.overflow) == expected
    assert (made.source_v, made.voltage_v, made.time_s) == (0.5, row[0], 0.1)
