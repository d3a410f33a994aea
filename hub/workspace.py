"""A workspace: the folder that holds one hub's settings, partners, mapping overlays, endpoints, inbox and outbox."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from hub.errors import ConfigurationError
from hub.located import Located
from hub.settings import WORKSPACE_VERSION, Settings, read_settings, resolved

FILE = "hub.toml"
FOLDERS = ("partners", "mappings", "endpoints", "inbox", "outbox", "stores")

_SETTINGS = """\
# The settings of this hub. Every key that is left out has a default; hub/exchange/README.md lists them all.
workspace_version = {version}
name = "{name}"
environment = "production"      # "test": this hub only exchanges test-flagged interchanges

[database]
url = "sqlite:///hub.db"        # or "env:HUB_DATABASE_URL" with postgresql+psycopg://user:password@host/database

[identities]                    # how we are called in envelopes, QUALIFIER:ID; the first one is sent with
x12 = ["ZZ:MYCOMPANY"]
edifact = ["14:4012345000009"]

[receive]
keep = false                    # true: leave files in the inbox instead of moving them to inbox/.done
"""

_STORES = """\
# The stores that get a replica, and what each may see; hub/replication/README.md lists every key. One table a store:
#
# [[store]]
# id = "S001"
# kind = "sqlite"
# path = "stores/S001.sqlite"
# mode = "autonomous"
"""

_PARTNERS = """\
Trading partners, one YAML file each: partners/NAME.yaml. The name of the file is the partner's name in the hub and
the name of its folders, inbox/NAME and outbox/NAME. The smallest file says how the partner is called in envelopes:

    identities:
      x12: ZZ:ACME

`hub partner list` checks all of them; hub/exchange/README.md lists every key.
"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """An opened workspace: its root (absolute) and checked settings."""

    root: Path
    settings: Settings
    located: Located

    @property
    def partners(self) -> Path:
        """Folder of the partner files."""
        return self.root / "partners"

    @property
    def mappings(self) -> Path:
        """Folder of the workspace's own mapping files and overlays."""
        return self.root / "mappings"

    @property
    def endpoints(self) -> Path:
        """Folder of the endpoint files."""
        return self.root / "endpoints"

    @property
    def inbox(self) -> Path:
        """Where partners' files arrive, a folder a partner."""
        return self.root / "inbox"

    @property
    def outbox(self) -> Path:
        """Where deliveries go, a folder a partner."""
        return self.root / "outbox"

    @property
    def stores(self) -> Path:
        """The file that lists the stores."""
        return self.root / "stores.toml"

    @property
    def database_url(self) -> str:
        """The repository's address, references resolved and SQLite files absolute.

        Raises ``ConfigurationError`` where the referenced secret is missing."""
        line = self.located.line(("database", "url"))
        url = resolved(self.settings.database.url, self.root, file=self.located.file, line=line)
        prefix, _, path = url.partition("///")
        if prefix.startswith("sqlite") and path and path != ":memory:" and not Path(path).is_absolute():
            return f"{prefix}///{self.root / path}"
        return url


def initialize(folder: Path, name: str = "") -> Path:
    """Make a workspace in ``folder`` (new, or existing without one) and return its root.

    Files that are already there stay as they are. Raises ``ConfigurationError`` where a workspace exists."""
    root = folder.absolute()
    if (root / FILE).exists():
        raise ConfigurationError(
            "there is a workspace here already", file=root / FILE, hint="Use another folder, or keep this one."
        )
    try:
        for part in FOLDERS:
            (root / part).mkdir(parents=True, exist_ok=True)
        for file, text in ((root / "stores.toml", _STORES), (root / "partners" / "README.txt", _PARTNERS)):
            if not file.exists():
                file.write_text(text, encoding="utf-8")
        label = (name or root.name).replace("\\", "").replace('"', "")
        # Written last: a folder with hub.toml is a whole workspace.
        (root / FILE).write_text(_SETTINGS.format(version=WORKSPACE_VERSION, name=label), encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"the workspace cannot be made: {reason}", file=error.filename or root) from None
    return root


def find(given: Path | str | None = None) -> Path | None:
    """The workspace's folder: ``given``, else HUB_WORKSPACE, else the nearest folder with ``hub.toml`` at or above the
    current one; None where there is none. Raises ``ConfigurationError`` for a given folder that is no workspace."""
    named = given or os.environ.get("HUB_WORKSPACE")
    if named:
        root = Path(named).absolute()
        if not (root / FILE).is_file():
            origin = "--workspace" if given else "HUB_WORKSPACE"
            raise ConfigurationError(
                f"no workspace here ({origin}): there is no {FILE}", file=root, hint=f"Make one: hub init {root}"
            )
        return root
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE).is_file()), None)


def open_workspace(given: Path | str | None = None) -> Workspace:
    """Find and read a workspace. Raises ``ConfigurationError`` where there is none or its settings are wrong."""
    root = find(given)
    if root is None:
        raise ConfigurationError(
            f"this command needs a workspace, and there is no {FILE} in this folder or above it",
            hint="Make one with 'hub init DIR', then give --workspace DIR, set HUB_WORKSPACE, or work inside it.",
        )
    settings, located = read_settings(root / FILE)
    return Workspace(root, settings, located)
