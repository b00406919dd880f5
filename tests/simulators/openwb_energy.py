"""Grid, inverters and battery of the simulated openWB: who gives and takes how much.

What an MQTT device is fed is what it has (see `openwb_inputs`). What is missing of a
counter's phases openWB works out (modules/common/component_state.py, 2.1.8 to master):
230 V, powers from currents and the other way round, else 0; 50 Hz and power factors of 0.
The signs are openWB's. Nothing is merged or dropped: each cycle writes all of it. The
limit that the active control gives a battery is control/bat_all.py's, without its
conditions by price and by time (`price_limit`, `scheduled`), which set none here.
"""

from dataclasses import dataclass, field
from typing import Any

from .openwb_charging import VOLTS
from .openwb_day import frequency, voltages
from .openwb_inputs import Inputs
from .openwb_store import Store
from .openwb_versions import Features, place

_PV_PEAK = 9000.0
_BAT_CAPACITY = 10_000.0
_TOPICS = {"counter": "counter", "inverter": "pv", "bat": "bat"}


@dataclass(slots=True)
class Balance:
    """The powers of a cycle [W], with openWB's signs.

    Attributes:
        pv: Negative while it produces.
        bat: Positive while it charges.
        grid: Positive while it is bought.
    """

    pv: float = 0.0
    house: float = 0.0
    cars: float = 0.0
    bat: float = 0.0
    grid: float = 0.0
    bats: dict[int, float] = field(default_factory=dict)

    def shares(self) -> dict[str, float]:
        """Return which share of what is used comes from where."""
        sources = {
            "grid": max(self.grid, 0.0),
            "bat": max(-self.bat, 0.0),
            "pv": max(-self.pv - max(-self.grid, 0.0) - max(self.bat, 0.0), 0.0),
        }
        total = sum(sources.values())
        return {key: value / total if total else 0 for key, value in sources.items()}


class Energy:
    """Writes counter, pv and bat topics."""

    def __init__(
        self, store: Store, fed: dict[str, dict[str, Any]], features: Features
    ) -> None:
        """Work on the topics of a release, and on what clients feed."""
        self._features = features
        self._store = store
        self._inputs = Inputs(store, fed, features)
        self._fed = self._inputs.taken

    def read(self) -> None:
        """Read what is fed, at the beginning of a cycle."""
        self._inputs.read()

    def _ids(self, kind: str) -> list[int]:
        return self._store.components(kind)

    def _fed_power(self, topic: str) -> float | None:
        value = self._fed.get(topic, {}).get("power")
        return None if value is None else float(value)

    def production(self, sun: float) -> float:
        """Return what all inverters produce [W, negative]."""
        inverters = self._ids("inverter")
        powers = [self._fed_power(f"pv/{number}") for number in inverters]
        own = -_PV_PEAK * sun / max(len(inverters), 1)
        return sum(own if power is None else power for power in powers)

    def soc(self) -> float:
        """Return the battery's SoC [%]."""
        return float(self._store.get("bat/get/soc", 0))

    def surplus(self, pv: float, house: float) -> float:
        """Return what cars may take of PV [W], by the preference of the user."""
        over = -pv - house
        mode = self._store.get(place(self._features, "bat_mode"))
        least = self._store.get(place(self._features, "min_bat_soc"), 0)
        first = mode == "bat_mode" or (
            mode == "min_soc_bat_mode" and self.soc() < least
        )
        if first and self._ids("bat") and self.soc() < 100:
            most = sum(self._most(number) for number in self._ids("bat"))
            over -= min(max(over, 0), most)
        return over

    def _most(self, number: int) -> float:
        return float(self._store.get(f"bat/{number}/get/max_charge_power", 5000))

    def settle(self, pv: float, house: float, cars: float) -> Balance:
        """Let battery and grid take or give the rest."""
        balance = Balance(pv=pv, house=house, cars=cars)
        for number in self._ids("bat"):
            fed = self._fed_power(f"bat/{number}")
            rest = -pv - house - cars - balance.bat
            power = self._battery(number, rest, balance) if fed is None else fed
            balance.bats[number] = round(power, 1)
            balance.bat += balance.bats[number]
        balance.grid = house + cars + balance.bat + pv
        grid = self._fed_power(f"counter/{self.grid}")
        if grid is not None:
            balance.grid = grid
            balance.house = max(0.0, grid - pv - cars - balance.bat)
        return balance

    @property
    def grid(self) -> int:
        """The id of the grid's counter: the first of the hierarchy."""
        return int(self._store.get("counter/get/hierarchy")[0]["id"])

    def _battery(self, number: int, rest: float, balance: Balance) -> float:
        most, soc = self._most(number), self.soc()
        limit = self._limit(balance)
        self._store.set(f"bat/{number}/set/power_limit", limit)
        if f"bat/{number}" in self._fed:
            self._store.set(f"mqtt/bat/{number}/set/power_limit", limit)
        text = "Keine Steuerung" if limit is None else f"Begrenzung auf {limit:g} W"
        self._store.set(f"bat/{number}/get/state_str", text)
        if limit is not None:
            rest = limit if limit > 0 else max(rest, limit)
        if (rest > 0 and soc >= 100) or (rest < 0 and soc <= 5):
            return 0
        return max(-most, min(rest, most))

    def _limit(self, balance: Balance) -> float | None:
        """Return the active control's limit [W]: negative discharges at most so much."""
        get = self._store.get
        if not get("bat/get/power_limit_controllable"):
            return None
        mode = get("bat/config/power_limit_mode")
        if get("bat/config/bat_control_activated") is None:  # up to 2.1.9
            old = {"limit_stop": 0.0, "limit_to_home_consumption": -balance.house}
            return old.get(mode) if balance.cars else None
        if not get("bat/config/bat_control_activated"):
            return None
        condition = get("bat/config/power_limit_condition")
        if condition == "manual":
            forced = {"manual_charge": 3000.0, "manual_discharge": -3000.0}
            manual = get("bat/config/manual_mode")
            if manual in forced:
                return forced[manual]
            if manual != "manual_limit":
                return None
        elif condition != "vehicle_charging" or not balance.cars:
            return None
        limits = {
            "mode_no_discharge": 0.0,
            "mode_discharge_home_consumption": -round(balance.house, 1),
            "mode_charge_pv_production": round(-balance.pv, 1),
        }
        return limits.get(mode)

    def write(self, balance: Balance, seconds: float, moment: float) -> None:
        """Publish powers, and count the energy [Wh] of the time that has passed."""
        for number in self._ids("counter"):
            grid = number == self.grid
            power = balance.grid if grid else balance.house
            self._write_counter(number, power, seconds, moment)
        inverters = self._ids("inverter")
        fed = [self._fed_power(f"pv/{number}") for number in inverters]
        rest = balance.pv - sum(power for power in fed if power is not None)
        share = rest / max(fed.count(None), 1)
        for number, given in zip(inverters, fed, strict=True):
            power = share if given is None else given
            self._write_inverter(f"pv/{number}", power, seconds)
        self._write_inverter("pv", balance.pv, seconds)
        for number, power in balance.bats.items():
            self._write_battery(f"bat/{number}", number, power, seconds)
        if balance.bats:
            self._write_battery("bat", None, balance.bat, seconds)
        self._write_house(balance, seconds)

    def _write_counter(
        self, number: int, power: float, seconds: float, moment: float
    ) -> None:
        topic = f"counter/{number}"
        fed = self._fed.get(topic)
        values = _phases(fed) if fed else _made_up(power, moment)
        for key, value in {"power": round(power, 1) or 0.0, **values}.items():
            self._store.set(f"{topic}/get/{key}", value)
        for key, sign in (("imported", 1), ("exported", -1)):
            if fed and key in fed:
                self._store.set(f"{topic}/get/{key}", fed[key])
            else:
                self._count(topic, key, max(sign * power, 0) * seconds)

    def _write_inverter(self, topic: str, power: float, seconds: float) -> None:
        fed = self._fed.get(topic, {})
        self._store.set(f"{topic}/get/power", round(power, 1) or 0.0)
        if topic != "pv":
            amps = [round(power / 3 / VOLTS, 2)] * 3
            self._store.set(f"{topic}/get/currents", fed.get("currents") or amps)
        if "exported" in fed:
            if fed["exported"] is not None:
                self._store.set(f"{topic}/get/exported", fed["exported"])
        else:
            periods = ("monthly_", "yearly_")
            self._count(topic, "exported", max(-power, 0) * seconds, periods)

    def _write_battery(
        self, topic: str, number: int | None, power: float, seconds: float
    ) -> None:
        fed = self._fed.get(topic, {})
        self._store.set(f"{topic}/get/power", round(power, 1) or 0.0)
        soc = float(self._store.get(f"{topic}/get/soc", 0))
        soc += power * seconds / 3600 / _BAT_CAPACITY * 100
        if number is None:
            socs = [
                self._store.get(f"bat/{one}/get/soc", 0) for one in self._ids("bat")
            ]
            soc = sum(socs) / len(socs)
        soc = fed.get("soc", max(0.0, min(100.0, soc)))
        self._store.set(f"{topic}/get/soc", round(soc, 3))
        if number is not None:
            amps = [round(power / 3 / VOLTS, 2)] * 3
            self._store.set(f"{topic}/get/currents", fed.get("currents") or amps)
        energies = [fed.get(key) for key in ("imported", "exported")]
        if None not in energies:
            for key in ("imported", "exported"):
                self._store.set(f"{topic}/get/{key}", fed[key])
        elif "imported" not in fed:
            self._count(topic, "imported", max(power, 0) * seconds)
            self._count(topic, "exported", max(-power, 0) * seconds)

    def _write_house(self, balance: Balance, seconds: float) -> None:
        prefix = "counter/set/"
        self._store.set(f"{prefix}home_consumption", round(balance.house, 1))
        for key in ("imported_home_consumption", "daily_yield_home_consumption"):
            before = self._store.get(prefix + key, 0)
            energy = balance.house * seconds / 3600
            self._store.set(prefix + key, round(before + energy, 2))

    def _count(
        self, topic: str, key: str, watt_seconds: float, more: tuple[str, ...] = ()
    ) -> None:
        """Add to a counter, and to those of the day and other periods."""
        if watt_seconds:
            for name in (key, f"daily_{key}", *(f"{period}{key}" for period in more)):
                path = f"{topic}/get/{name}"
                before = self._store.get(path, 0)
                self._store.set(path, round(before + watt_seconds / 3600, 2))


def _made_up(power: float, moment: float) -> dict[str, Any]:
    """Return a counter's values on each phase at some time of the day."""
    return {
        "voltages": voltages(moment),
        "powers": [round(power / 3, 1)] * 3,
        "currents": [round(power / 3 / VOLTS, 2)] * 3,
        "frequency": frequency(moment),
        "power_factors": [0.99, 0.98, 0.99],
    }


def _phases(fed: dict[str, Any]) -> dict[str, Any]:
    """Return a counter's values on each phase as openWB makes them of what it is fed."""
    volts = fed.get("voltages") or [float(VOLTS)] * 3
    powers, amps = fed.get("powers"), fed.get("currents")
    if not powers:
        pairs = zip(amps, volts, strict=True) if amps else ()
        powers = [amp * volt for amp, volt in pairs] or [0.0] * 3
    if not amps:
        amps = [watt / volt for watt, volt in zip(powers, volts, strict=True)]
    return {
        "voltages": volts,
        "powers": [round(one, 2) for one in powers],
        "currents": [
            round(-amp if watt < 0 < amp else amp, 2)
            for amp, watt in zip(amps, powers, strict=True)
        ],
        "frequency": fed.get("frequency", 50),
        "power_factors": fed.get("power_factors") or [0.0] * 3,
    }
