"""Nothing that a person can meet goes undocumented, and nothing is documented that is not there."""

import importlib
import pkgutil
import re
import tomllib
import typing
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import docs_text as docs
import pytest
import typer
from pydantic import BaseModel

import edge_hub
from edge_hub.api import problem
from edge_hub.api.routes.table import ENDPOINTS
from edge_hub.api.schemas.events import SERVER_MESSAGES
from edge_hub.api.socket import CLOSE_CODES
from edge_hub.cli.app import app
from edge_hub.config_tables import ConfigTables
from edge_hub.devices.registry import GROUP, load_drivers
from edge_hub.devices.states import DeviceState
from edge_hub.domain.events import EVENT_TYPES
from edge_hub.domain.staff import PERMISSIONS, Role
from edge_hub.sdk import roles as sdk_roles
from edge_hub.sdk.errors import ErrorCode
from edge_hub.services.printing.job import JobState

CONFIGURATION = docs.text("configuration.md")
OTHER_PATHS = {("GET", "/v1/events"), ("GET", "/metrics"), ("GET", "/openapi.json"), ("GET", "/asyncapi.json")}
DRIVERS = load_drivers()
SOURCE = {
    path: path.read_text(encoding="utf-8")
    for folder in ("edge_hub", "drivers", "tests", "systemd", "benchmarks")
    for path in sorted((docs.ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".service"} and path.name != "test_docs_complete.py"
}


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in models_in(part)]


def keys(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key an operator may write, as `table.key` or `table[].key`."""
    for name, field in model.model_fields.items():
        here = f"{path}.{name}".lstrip(".")
        inner = models_in(field.annotation)
        if inner:
            listed = typing.get_origin(field.annotation) is tuple
            yield from keys(inner[0], here + "[]" * listed)
        else:
            yield here, field


CONFIG_KEYS = dict(keys(ConfigTables))
CONFIG_ROWS = {docs.spans(row[0])[0]: row for row in docs.rows(CONFIGURATION) if len(row) == 4 and docs.spans(row[0])}


@pytest.mark.parametrize("key", CONFIG_KEYS)
def test_configuration_key(key: str) -> None:
    assert key in CONFIG_ROWS, f"docs/configuration.md: no row for `{key}`"
    field, default = CONFIG_KEYS[key], CONFIG_ROWS[key][2]
    if field.is_required():
        assert default == "required"
        return
    value = field.get_default(call_default_factory=True)
    said = tomllib.loads(f"x = {docs.spans(default)[0]}")["x"]
    assert said == (list(value) if isinstance(value, tuple) else value), (
        f"docs/configuration.md: the default of `{key}`"
    )


def test_no_configuration_key_is_invented() -> None:
    tables = {"demo", "taxes.rates", "demo.staff"}
    assert set(CONFIG_ROWS) - tables <= set(CONFIG_KEYS)
    headings = set(re.findall(r"^## \[+([a-z]+)\]+$", CONFIGURATION, re.MULTILINE))
    assert headings == set(ConfigTables.model_fields)


COMMANDS_PAGE = docs.sections(docs.text("cli.md"), 3)


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_command(name: str) -> None:
    heading = next(
        (found for found in COMMANDS_PAGE if re.match(rf"edge-hub {name}(?![a-z -])|edge-hub {name} [\[A-Z]", found)),
        None,
    )
    assert heading is not None, f"docs/cli.md: no section for edge-hub {name}"
    said = heading + COMMANDS_PAGE[heading]
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            assert parameter.name.upper() in heading, f"docs/cli.md: {name} takes {parameter.name.upper()}"
        elif parameter.name != "config":
            assert f"`{parameter.opts[0]}" in said, f"docs/cli.md: {name} has {parameter.opts[0]}"


def test_no_command_is_invented() -> None:
    assert len(COMMANDS_PAGE) == len(COMMANDS)


SHELL_LINES = sorted(
    {
        "edge-hub " + line.split("#")[0].strip().partition("edge-hub ")[2]
        for page in docs.pages()
        for found in [page.read_text(encoding="utf-8")]
        for block in docs.blocks(found, lang="sh").values()
        for line in block.splitlines()
        if re.match(r"(?:sudo )?\S*edge-hub ", line)
    }
    | {
        span
        for page in docs.pages()
        for span in docs.spans(docs.without_code(page.read_text(encoding="utf-8")))
        if span.startswith("edge-hub ")
    }
)


@pytest.mark.parametrize("line", SHELL_LINES)
def test_commands_in_the_text_exist(line: str) -> None:
    words = [word.strip("[]") for word in line.removeprefix("edge-hub ").split(" > ")[0].split()]
    if words[0] in {"COMMAND", "...", "--install-completion"}:
        return
    name = next((name for name in (" ".join(words[:2]), words[0]) if name in COMMANDS), None)
    assert name is not None, f"there is no command for: {line}"
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= options


def all_problems() -> dict[str, Any]:
    for module in pkgutil.walk_packages(edge_hub.__path__, "edge_hub."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {code: cls for code, cls in problem.problem_types().items() if cls.__module__.startswith("edge_hub")}


PROBLEMS = all_problems()
PROBLEM_ROWS = {
    docs.spans(row[0])[0]: row for row in docs.rows(docs.text("problems.md")) if len(row) == 4 and docs.spans(row[0])
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_problem(code: str) -> None:
    assert code in PROBLEM_ROWS, f"docs/problems.md: no row for `{code}`"
    assert PROBLEM_ROWS[code][1] == str(problem.status_of(PROBLEMS[code])), f"docs/problems.md: the status of `{code}`"


def test_no_problem_is_invented() -> None:
    assert set(PROBLEM_ROWS) <= set(PROBLEMS)


def test_every_event_and_message_has_its_section() -> None:
    found = {name.strip("`") for name in docs.sections(docs.text("events.md"), 3)}
    events = {name for name, _ in EVENT_TYPES}
    messages = {typing.get_args(typing.get_type_hints(message)["type"])[0] for message, _ in SERVER_MESSAGES}
    assert events | messages == found - {"Closing codes"}


def test_closing_codes() -> None:
    said = {row[0] for row in docs.rows(docs.sections(docs.text("events.md"), 3)["Closing codes"])}
    assert {str(code) for code in CLOSE_CODES} == said - {"Code"}


def operations() -> dict[tuple[str, str], str]:
    """(method, path) of the table of operations, with the cell that says who may."""
    found = {}
    for row in docs.rows(docs.sections(docs.text("api.md"), 2)["Every operation"]):
        methods: list[str] = []
        for span in docs.spans(row[0]):
            method, _, path = span.partition(" ")
            methods.append(method)
            if path:
                found.update(dict.fromkeys([(one, path) for one in methods], row[1]))
                methods = []
    return found


def test_every_operation_is_listed_with_its_permission() -> None:
    said = operations()
    assert {(one.method, one.path) for one in ENDPOINTS} | OTHER_PATHS == set(said)
    for endpoint in ENDPOINTS:
        if endpoint.permission is not None:
            assert f"`{endpoint.permission.value}`" in said[endpoint.method, endpoint.path], endpoint.path
        if endpoint.auth == "none":
            assert "no token" in said[endpoint.method, endpoint.path], endpoint.path


def test_roles_and_what_they_may() -> None:
    line = docs.text("api.md").partition("\nRoles: ")[2]
    clerk, manager, owner = (set(docs.spans(part)) for part in re.split(r"a manager also|an owner also", line))
    assert clerk == {one.value for one in PERMISSIONS[Role.CLERK]}
    assert clerk | manager == {one.value for one in PERMISSIONS[Role.MANAGER]}
    assert clerk | manager | owner == {one.value for one in PERMISSIONS[Role.OWNER]}


@pytest.mark.parametrize(
    "name", [point.name for point in entry_points(group=GROUP) if point.value.startswith("drivers.")]
)
def test_driver(name: str) -> None:
    assert f"`{name}`" in docs.text("technicians.md"), f"docs/technicians.md does not name {name}"
    readme = docs.ROOT / "drivers" / name / "README.md"
    assert readme.exists(), f"drivers/{name} has no README.md"
    said, info = readme.read_text(encoding="utf-8"), DRIVERS[name]
    shared = "\n".join(page.read_text(encoding="utf-8") for page in (docs.ROOT / "drivers").glob("*/README.md"))
    for option in info.options.model_fields:
        assert f"`{option}`" in said or (name.startswith("scale_") and f"`{option}`" in shared), (
            f"drivers/{name}/README.md: option {option}"
        )


@pytest.mark.parametrize(
    "name", [point.name for point in entry_points(group="edge_hub.wallets") if point.value.startswith("drivers.")]
)
def test_wallet(name: str) -> None:
    assert f"`{name}`" in docs.text("technicians.md"), f"docs/technicians.md does not name {name}"
    said = (docs.ROOT / "drivers" / name / "README.md").read_text(encoding="utf-8")
    info = next(point for point in entry_points(group="edge_hub.wallets") if point.name == name).load()
    for word in (*info.options.model_fields, *info.simulator().faults):
        assert f"`{word}`" in said, f"drivers/{name}/README.md: {word}"


def test_states_and_error_codes_of_devices_and_jobs() -> None:
    page = docs.text("technicians.md")
    states = {row[0] for row in docs.rows(page)}
    assert {state.value for state in DeviceState} <= states
    assert {state.value for state in JobState} <= states
    assert {code.value for code in ErrorCode} <= set(docs.spans(page))


def test_roles_of_devices() -> None:
    named = {name for name, value in vars(sdk_roles).items() if isinstance(value, sdk_roles.Role)}
    assert named <= set(docs.spans(docs.sections(docs.text("drivers.md"), 2)["Roles"]))


def test_environment_variables() -> None:
    read = re.compile(
        r'environ(?:\.get|\.setdefault)?[(\[]\s*"([A-Z][A-Z_]+)"|envvar="([A-Z_]+)"|^Environment=([A-Z_]+)=',
        re.MULTILINE,
    )
    used = {next(filter(None, groups)) for code in SOURCE.values() for groups in read.findall(code)}
    said = set(docs.spans(docs.sections(CONFIGURATION, 2)["Environment"]))
    assert used <= said, f"docs/configuration.md: {sorted(used - said)}"


def test_places_of_broad_excepts() -> None:
    there = {
        str(path.relative_to(docs.ROOT / "edge_hub"))
        for path, code in SOURCE.items()
        if "edge_hub" in path.parts[len(docs.ROOT.parts) :][:1] and re.search(r"except \(?\s*Exception\b", code)
    }
    said = set(
        docs.spans("".join(row[0] for row in docs.rows(docs.sections(docs.text("architecture.md"), 2)["Errors"])))
    )
    assert there == said


def test_limits_of_the_architecture_are_real() -> None:
    names = {
        span
        for row in docs.rows(docs.sections(docs.text("architecture.md"), 2)["Limits"])
        for span in docs.spans(row[-1])
    }
    code = "\n".join(SOURCE.values())
    assert [name for name in names - {"[limits]"} if not re.search(rf"^\s*{name}\b", code, re.MULTILINE)] == []
