"""What hassfest and HACS ask of the manifest, the quality scale and the brand."""

from importlib.util import find_spec
import struct
import tomllib
from typing import Final

from awesomeversion import AwesomeVersion
from packaging.requirements import Requirement
import pytest
import yaml

from custom_components.wattbus.const import DOMAIN
from custom_components.wattbus.families import FAMILIES
from homeassistant.loader import Manifest

from .texts import INTEGRATION, ROOT, assert_none, read_json, read_yaml

MANIFEST: Final = read_json(INTEGRATION / "manifest.json")
QUALITY: Final = read_yaml("quality_scale.yaml")["rules"]

RULES: Final = frozenset(
    """
    action-setup appropriate-polling brands common-modules config-flow-test-coverage
    config-flow dependency-transparency docs-actions docs-conditions
    docs-high-level-description docs-installation-instructions
    docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
    has-entity-name runtime-data test-before-configure test-before-setup
    unique-config-entry

    action-exceptions config-entry-unloading docs-configuration-parameters
    docs-installation-parameters entity-unavailable integration-owner
    log-when-unavailable parallel-updates reauthentication-flow test-coverage

    devices diagnostics discovery-update-info discovery docs-data-update docs-examples
    docs-known-limitations docs-supported-devices docs-supported-functions
    docs-troubleshooting docs-use-cases dynamic-devices entity-category
    entity-device-class entity-disabled-by-default entity-translations
    exception-translations icon-translations reconfiguration-flow repair-issues
    stale-devices

    async-dependency inject-websession strict-typing
    """.split()  # noqa: SIM905 # easier to compare with the list of rules
)


def test_manifest_has_what_it_needs() -> None:
    assert MANIFEST.keys() >= {
        *("domain", "name", "codeowners", "documentation", "version", "iot_class"),
        *("issue_tracker", "config_flow", "integration_type", "requirements"),
    }
    assert not MANIFEST.keys() - Manifest.__annotations__.keys()
    assert list(MANIFEST) == [
        "domain",
        "name",
        *sorted(MANIFEST.keys() - {"domain", "name"}),
    ]
    assert MANIFEST["domain"] == DOMAIN == INTEGRATION.name


def test_manifest_values_are_allowed() -> None:
    assert AwesomeVersion(MANIFEST["version"]).simple
    assert MANIFEST["iot_class"] in {"local_push", "local_polling"}
    assert MANIFEST["integration_type"] in {"device", "hub"}
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert MANIFEST[key].startswith("https://github.com/wattbus/wattbus"), key


def test_requirements_are_those_of_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pinned = {
        requirement.name: requirement.specifier
        for item in project["dependency-groups"]["demo"]
        for requirement in [Requirement(item)]
    }
    for item in MANIFEST["requirements"]:
        requirement = Requirement(item)
        (pin,) = pinned[requirement.name]
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), item
    assert project["project"]["version"] == MANIFEST["version"]


def test_hacs_knows_what_to_install() -> None:
    hacs = read_json(ROOT / "hacs.json")
    allowed = {
        *("name", "content_in_root", "country", "filename", "hacs", "homeassistant"),
        *("hide_default_branch", "persistent_directory", "zip_release"),
    }
    assert {"name", "homeassistant"} <= hacs.keys() <= allowed
    assert AwesomeVersion(hacs["homeassistant"]).valid
    assert hacs["zip_release"] is True
    assert hacs["filename"] == f"{DOMAIN}.zip"
    # HACS takes the one folder that it finds.
    assert [
        path.parent.name for path in INTEGRATION.parent.glob("*/manifest.json")
    ] == [DOMAIN]


def test_quality_scale_has_every_rule() -> None:
    assert len(RULES) == 54
    assert QUALITY.keys() == RULES


@pytest.mark.parametrize("rule", QUALITY)
def test_quality_rule_says_how_it_is_met(rule: str) -> None:
    value = QUALITY[rule]
    status = value if isinstance(value, str) else value["status"]
    assert status in {"done", "todo", "exempt"}
    if not isinstance(value, str):
        assert value.keys() == {"status", "comment"}, "a plain status needs no mapping"
        assert value["comment"].strip()
    assert isinstance(value, dict) or status != "exempt", "exempt needs a reason"


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_brand_icon(name: str, size: int) -> None:
    head = (INTEGRATION / "brand" / name).read_bytes()[:26]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, _, colour = struct.unpack(">IIBB", head[16:26])
    assert (width, height) == (size, size)
    assert colour == 6, "with transparency"


def test_every_family_is_in_the_demo() -> None:
    assert_none(
        f"tests/harness has no {key}.py with a demo()"
        for key in FAMILIES
        if find_spec(f"tests.harness.{key}") is None
    )


def test_what_is_for_editors_names_scripts_that_exist() -> None:
    container = read_json(ROOT / ".devcontainer/devcontainer.json")
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    commands = [container["postCreateCommand"], container["postAttachCommand"]]
    commands += [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    for command in commands:
        assert (ROOT / command.split()[0]).stat().st_mode & 0o111, command


def test_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in ("script/develop", "script/test"):
        assert f"\n./{command}\n" in readme
        assert (ROOT / command).stat().st_mode & 0o111
