"""What a 2450 answers, as tables of (sent, received); sources are sections of the SMU facts and manual pages."""

import pytest

from fibplan.simulator.keithley2450 import Keithley2450

SWEEP = ":SOUR:SWE:VOLT:LIN -0.05,0.05,3,0,1,BEST,OFF"

DIALOGUES = {
    "identity; a simulated serial begins with SIM (1.2, *IDN?)": [
        ("*IDN?", "KEITHLEY INSTRUMENTS,MODEL 2450,SIM00001,1.6.7c"),
        ("*LANG?", "SCPI"),
        ("*OPC?", "1"),
        ("*WAI", None),
    ],
    "state after a reset (1.2; 2450-901-01 p 6-53, 6-71, 6-74, 6-77, 6-115)": [
        (":SOUR:VOLT 3;:OUTP ON;:SENS:CURR:NPLC 5;:OUTP:VOLT:SMOD ZERO;*RST", None),
        (":SOUR:FUNC?;:SENS:FUNC?", 'VOLT;"CURR:DC"'),
        (":SOUR:VOLT?;:SOUR:VOLT:RANG?;:SOUR:VOLT:RANG:AUTO?", "0.000000E+00;2.000000E-02;1"),
        (":SOUR:VOLT:ILIM?;:SOUR:VOLT:READ:BACK?;:SOUR:VOLT:DEL:AUTO?", "1.050000E-04;1;1"),
        (":SENS:CURR:RANG?;:SENS:CURR:RANG:AUTO?;:SENS:CURR:NPLC?", "1.000000E-04;1;1.000000E+00"),
        (":SENS:CURR:RSEN?;:SENS:CURR:AZER?;:OUTP?", "0;1;0"),
        (":OUTP:VOLT:SMOD?;:OUTP:CURR:SMOD?;:TRAC:POIN?;:TRAC:ACT?", "NORM;NORM;10000;0"),
    ],
    "short and long forms (UM 14-8)": [
        (":SOURce1:VOLTage:LEVel:IMMediate:AMPLitude 0.5", None),
        ("sour:volt?", "5.000000E-01"),
        (":SOURC:VOLT?", None),
        (":SYST:ERR?", '-113,"Undefined header;1;2026/05/06 12:57:04.484"'),
    ],
    "a unit without a leading colon continues at the path; common commands do not move it (UM 14-12)": [
        (":SENS:CURR:NPLC 2;RANG:AUTO ON", None),
        (":SENS:CURR:NPLC?;*OPC?;RSEN?", "2.000000E+00;1;0"),
        (":SYST:ERR?", '0,"No error;0,0,0"'),
    ],
    "units after a bad one are discarded, those before it are executed and answered (UM 14-13)": [
        (":SOUR:VOLT 1;:NO:SUCH 3;:SOUR:VOLT 2", None),
        (":SOUR:VOLT?;:NO?;:SOUR:VOLT?", "1.000000E+00"),
        (":SYST:ERR:COUN?", "2"),
    ],
    "wrong parameters (1.1 errors)": [
        (":SOUR:VOLT:ILIM", None),
        (":SOUR:VOLT:ILIM NAN", None),
        (":SOUR:VOLT:ILIM 1e400", None),
        (":SOUR:VOLT:ILIM 1,5 mA", None),
        (":SOUR:VOLT:ILIM 2", None),
        (":SOUR:VOLT:ILIM 1x", None),
        (":SENS:FUNC 'CURR", None),
        (":SOUR:FUNC CURR", None),
        (":SOUR:VOLT:ILIM?", "1.050000E-04"),
        (";".join([":SYST:ERR?"] * 8),
         ";".join(f'{code},"{text};1;2026/05/06 12:57:04.484"' for code, text in [
             (-109, "Missing parameter"), (-104, "Data type error"), (-222, "Parameter data out of range"),
             (-108, "Parameter not allowed"), (-222, "Parameter data out of range"),
             (-121, "Invalid character in number"), (-151, "Invalid string data"),
             (-224, "Illegal parameter value")])),
    ],
    "MINimum and MAXimum stand for numbers (2450-901-01 p 6-71)": [
        (":SOUR:VOLT:ILIM MIN;ILIM?", "1.000000E-09"),
        (":SOUR:VOLT:ILIM MAXimum;ILIM?", "1.050000E+00"),
        (":SOUR:VOLT:ILIM DEF;ILIM?", "1.050000E-04"),
    ],
    "a limit below 10.6 % of a fixed range is changed with a warning that SYST:ERR? does not show (2450/30561.htm)": [
        (":SENS:CURR:RANG 1e-3;:SOUR:VOLT:ILIM 1e-6;:SOUR:VOLT:ILIM?", "1.060000E-04"),
        (":SYST:ERR?", '0,"No error;0,0,0"'),
        (":SYST:EVEN:NEXT? WARN",
         '5053,"Source limit changed to 1.060000E-04 to suit the measure range;2;2026/05/06 12:57:04.484"'),
        (":SENS:CURR:RANG:AUTO ON;:SOUR:VOLT:ILIM 1e-6;:SOUR:VOLT:ILIM?", "1.000000E-06"),
    ],
    "the sweep switches the output on at its start and off at its end (1.2)": [
        (SWEEP + ";:INIT;:OUTP?", "1"),
        ("*WAI;:OUTP?;:TRAC:ACT?", "0;3"),
        (":TRAC:DATA? 1,3,\"defbuffer1\",SOURSTAT,STAT,REL",
         "136,0,0.000000,136,0,0.023000,136,0,0.046000"),
    ],
    "aborting a sweep leaves the output on: clients must not forget to switch it off (section 3)": [
        (SWEEP + ";:INIT;:ABOR;:OUTP?", "1"),
        (":OUTP OFF;:OUTP?", "0"),
    ],
    "failAbort is ON by default and ends the sweep at the limit, output off (1.2)": [
        (":SOUR:VOLT:ILIM 1e-4;:SOUR:SWE:VOLT:LIN 0.01,1,5;:INIT;*WAI;:OUTP?;:TRAC:ACT?", "0;2"),
    ],
    "starting nothing, or twice, is an error": [
        (":INIT", None),
        (SWEEP + ";:INIT", None),
        (":INIT", None),
        (":SYST:ERR?;:SYST:ERR?", '-221,"Settings conflict;1;2026/05/06 12:57:04.484";'
                                  '-213,"Init ignored;1;2026/05/06 12:57:04.484"'),
    ],
    "an index without a reading gives 9.91e37, an unknown element 1133 (1.2)": [
        (":TRAC:DATA? 1,2", "9.910000E+37,9.910000E+37"),
        (':TRAC:DATA? 1,1,"defbuffer1",SPEED', None),
        (":SYST:ERR?", '1133,"Parameter 4, Syntax error, expected valid name parameters;1;2026/05/06 12:57:04.484"'),
    ],
    "turning on above 21 V with the interlock open is an event (2450/25729.htm)": [
        (":SOUR:VOLT 30;:OUTP ON", None),
        (":SYST:ERR?", '5074,"Output voltage limited by interlock;1;2026/05/06 12:57:04.484"'),
    ],
    "the standard event register and the status byte (UM 15-8)": [
        (":NO", None),
        ("*STB?;*ESR?;*ESR?", "4;32;0"),
        ("*CLS;*STB?", "0"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("dialogue", DIALOGUES.values(), ids=DIALOGUES)
def test_a_2450_answers_as_its_manual_says(instrument: Keithley2450, dialogue: list[tuple[str, str | None]]) -> None:
    """Every message of the dialogue is answered with exactly the line the manual leads one to expect."""
    assert [(sent, instrument.answer(sent)) for sent, _ in dialogue] == dialogue
