"""Makes a device family that runs, to be changed into the one that is wanted.

`script/new-family KEY [NAME]` fills the templates beside this file in: protocol, driver,
entities, flow, simulator, tests, page and English texts of a charger that tells a JSON
document over MQTT and can be set.
"""

import argparse
from collections.abc import Callable, Sequence
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATES: Final = Path(__file__).with_name("templates")
PACKAGE: Final = Path("custom_components/wattbus")


def _filled(text: str, key: str, name: str) -> str:
    """Put the family's names in."""
    names = {"newdevice": key, "NewDevice": key.capitalize(), "New device": name}
    return re.sub("|".join(names), lambda found: names[found[0]], text)


def _write(key: str, name: str) -> list[str]:
    """Write the family's own files; gives their paths."""
    paths = []
    for template in sorted(TEMPLATES.rglob("*.template")):
        path = _filled(str(template.relative_to(TEMPLATES).with_suffix("")), key, name)
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(
            _filled(template.read_text("utf-8"), key, name), "utf-8"
        )
        paths.append(path)
    return paths


def _change(path: Path, change: Callable[[str], str]) -> None:
    file = ROOT / path
    file.write_text(change(file.read_text("utf-8")), "utf-8")


def _register(text: str, key: str) -> str:
    """Put the family into the registry."""
    text = re.sub(
        r"^from \. import .+$", rf"\g<0>, {key}", text, count=1, flags=re.MULTILINE
    )
    return text.replace(".FAMILY,\n    )", f".FAMILY,\n        {key}.FAMILY,\n    )", 1)


def _word(text: str, key: str, name: str) -> str:
    """Put the texts of the set-up in."""
    texts: dict[str, Any] = json.loads(text)
    steps = texts["config"]["step"]
    steps["user"]["menu_options"][key] = name
    steps["user"]["menu_option_descriptions"][key] = f"{name}, by MQTT"
    steps["silent"]["menu_options"][f"{key}_mqtt"] = "Change the root topic"
    steps[f"{key}_mqtt"] = {
        "title": f"{name} over MQTT",
        "description": "Enter the root topic that is set at the device.",
        "data": {"root": "Root topic"},
        "data_description": {
            "root": "Without a wildcard and without a slash at the end"
        },
    }
    return f"{json.dumps(texts, indent=2, ensure_ascii=False)}\n"


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=True)


def make(key: str, name: str) -> list[str]:
    """Make the family; gives the paths of its own files."""
    paths = _write(key, name)
    _change(PACKAGE / "families/__init__.py", lambda text: _register(text, key))
    _change(PACKAGE / "translations/en.json", lambda text: _word(text, key, name))
    _change(
        Path("CHANGELOG.md"),
        lambda text: text.replace(
            "### Added\n\n", f"### Added\n\n- {name} over MQTT.\n", 1
        ),
    )
    _run("tests.harness.derived", "--fix")
    code = [path for path in paths if path.endswith(".py")]
    for fix in (("check", "--fix-only"), ("format",)):
        _run("ruff", *fix, "--quiet", *code, str(PACKAGE / "families/__init__.py"))
    _run("pytest", "-q", "--snapshot-update", f"tests/families/{key}")
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a family, and say what is to be done with it."""
    parser = argparse.ArgumentParser(prog="script/new-family", description=__doc__)
    parser.add_argument("key", help="of the folder: small letters and digits")
    parser.add_argument("name", nargs="?", help="that users know it by")
    options = parser.parse_args(arguments)
    key: str = options.key
    if not re.fullmatch(r"[a-z][a-z0-9]{1,19}", key):
        parser.error("the key is 2 to 20 small letters and digits")
    if (ROOT / PACKAGE / "families" / key).exists():
        parser.error(f"there is a family {key}")
    for path in make(key, options.name or key.capitalize()):
        print(path)
    print(f"docs/architecture.md says what each is for; begin with protocols/{key}.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())
