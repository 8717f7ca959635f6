"""The devices that were adopted, in a file of their own beside the operator's: `conf.d/50-adopted.toml`.

The file is the hub's: written whole each time, checked whole with everything else before it takes its place, the one
before kept beside it. Nothing that an operator wrote is ever touched.
"""

import errno
import json
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_hub.config import Config, ConfigInvalid, load
from edge_hub.errors import Conflict

ADOPTED_NAME = "50-adopted.toml"
BEFORE_NAME = "50-adopted.toml.before"
FOLDER_NAME = "conf.d"
FOLDER_MODE = 0o755
FILE_MODE = 0o640
HEAD = """\
# Devices adopted by `edge-hub devices adopt` or by a till. The hub writes this file: change a device with these, or
# move its table to a file of your own. The version before is beside it, as 50-adopted.toml.before.
"""

Device = Mapping[str, Any]
"""A `[[devices]]` table."""


class AdoptionAway(Conflict):
    """The hub has no configuration file it may write to."""

    code = "adoption-away"
    title = "The hub may not change its configuration."


def toml(devices: Sequence[Device]) -> str:
    """The file for these devices. A basic string of TOML takes all that JSON writes, but for DEL and astral pairs."""
    tables = []
    for device in devices:
        lines = [f"{key} = {_value(value)}" for key, value in device.items() if key != "options"]
        if device.get("options"):
            lines += ["", "[devices.options]"]
            lines += [f"{_key(key)} = {_value(value)}" for key, value in device["options"].items()]
        tables.append("\n".join(["[[devices]]", *lines]) + "\n")
    return "\n".join([HEAD, *tables])


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _text(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    return _text(str(value))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class AdoptedFile:
    """Reads and replaces the file. Every method blocks: for a thread."""

    def __init__(self, config_path: Path, check: Callable[[Config], object]) -> None:
        """`check` raises ConfigInvalid for what `load` cannot know: drivers, their options."""
        self._config_path = config_path
        self._folder = config_path.parent / FOLDER_NAME
        self._check = check

    @property
    def path(self) -> Path:
        return self._folder / ADOPTED_NAME

    def read(self) -> list[dict[str, Any]]:
        """The adopted devices; none when there is no file. Raises ConfigInvalid when it is none of ours."""
        try:
            document = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigInvalid(
                "{file} cannot be read: {words}", why="unreadable", file=ADOPTED_NAME, words=str(error)
            ) from error
        devices = document.get("devices", [])
        if document.keys() - {"devices"} or not isinstance(devices, list):
            template = "{file} holds more than devices: move the rest to another file"
            raise ConfigInvalid(template, why="not-adopted", file=ADOPTED_NAME)
        return devices

    def write(self, devices: Sequence[Device]) -> Config:
        """Put these devices in the file's place and give the whole configuration as it is then.

        Raises ConfigInvalid with every fault, AdoptionAway when the file may not be written; nothing changed then.
        """
        text = toml(devices)
        self._try(text)
        try:
            self._replace(text)
        except OSError as error:
            path, words = str(self.path), error.strerror
            if error.errno not in _FORBIDDEN:
                raise AdoptionAway("{path}: {words}", why="system", path=path, words=words) from error
            template, folder = "{path}: {words}: let the user edge-hub write to {folder}", str(self._folder)
            raise AdoptionAway(template, why="forbidden", path=path, words=words, folder=folder) from error
        return load(self._config_path)

    def _try(self, text: str) -> None:
        """The configuration as it would be, checked whole in a place of its own."""
        with tempfile.TemporaryDirectory(prefix="edge-hub-") as scratch:
            trial = Path(scratch)
            (trial / FOLDER_NAME).mkdir()
            try:
                shutil.copy(self._config_path, trial)
                for file in sorted(self._folder.glob("*.toml")):
                    shutil.copy(file, trial / FOLDER_NAME)
            except OSError as error:
                path, words = str(error.filename), error.strerror
                raise AdoptionAway("{path}: {words}", why="system", path=path, words=words) from error
            (trial / FOLDER_NAME / ADOPTED_NAME).write_text(text, encoding="utf-8")
            self._check(load(trial / self._config_path.name))

    def _replace(self, text: str) -> None:
        self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        partial = self._folder / f"{ADOPTED_NAME}.new"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor, not a path
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if self.path.exists():
            shutil.copy2(self.path, self._folder / BEFORE_NAME)
        partial.replace(self.path)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
