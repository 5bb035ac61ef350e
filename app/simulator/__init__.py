"""An embedded tenant over real HTTPS on loopback: sign-in and the Graph subset Oathdesk uses.

It lets anyone run, show and test the station with no account and no hardware. It is strict on
purpose: what it accepts, Graph accepts. What is only guessed about Graph is listed in
`app.simulator.refusals.ASSUMED`.
"""

from app.simulator.options import SimulatorOptions, Throttle

__all__ = ["SimulatorOptions", "Throttle"]
