"""Print what the core integrations of the demo need, as pip's requirements.

Run with a Python that has Home Assistant. It follows the manifests the way Home
Assistant does at start, so that it finds everything there and installs nothing.
"""

from importlib.util import find_spec
import json
from pathlib import Path

from homeassistant.bootstrap import CORE_INTEGRATIONS, DEFAULT_INTEGRATIONS
from homeassistant.requirements import DISCOVERY_INTEGRATIONS

# What the demo's configuration names beside the integrations that always load.
CONFIGURED = {"energy", "history", "logbook", "mqtt", "my", "recorder"}
# Loaded at start without being named anywhere.
EARLY = {"isal"}


def main() -> None:
    """Print the requirements, sorted."""
    spec = find_spec("homeassistant.components")
    assert spec and spec.submodule_search_locations
    components = Path(next(iter(spec.submodule_search_locations)))
    waiting = CORE_INTEGRATIONS | DEFAULT_INTEGRATIONS | CONFIGURED | EARLY
    seen: set[str] = set()
    requirements: set[str] = set()
    while waiting:
        seen.add(domain := waiting.pop())
        manifest_file = components / domain / "manifest.json"
        if not manifest_file.exists():
            continue  # Core names a few that only other installations have.
        manifest = json.loads(manifest_file.read_text())
        requirements |= set(manifest.get("requirements", ()))
        found = {
            *manifest.get("dependencies", ()),
            *manifest.get("after_dependencies", ()),
            *(
                discovery
                for discovery, keys in DISCOVERY_INTEGRATIONS.items()
                if any(key in manifest for key in keys)
            ),
        }
        waiting |= found - seen
    print("\n".join(sorted(requirements)))


if __name__ == "__main__":
    main()
