"""One opened hub: a workspace with its plugins, mappings, partners and repository, each opened when it is needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hub.errors import ConfigurationError
from hub.settings import Bounds, limits_of, party_of
from hub.translation import EnvelopeParty, Limits
from hub.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.mapping.library import MappingLibrary
    from hub.partners import Agreement, Partner, Partners
    from hub.plugins import Plugins
    from hub.repository import Repository


class Hub:
    """A hub, with a workspace or (for stateless commands) without. Use it in a ``with`` block.

    Opening costs nothing; ``plugins``, ``library``, ``partners`` and ``repository`` are opened on first use and raise
    ``ConfigurationError`` then.
    """

    def __init__(self, workspace: Workspace | None = None, *, plugins: Plugins | None = None) -> None:
        self._workspace = workspace
        self._plugins = plugins

    @classmethod
    def open(cls, workspace: Workspace | Path | str | None = None, *, plugins: Plugins | None = None) -> Self:
        """The hub of a workspace, or of the one that is found from here (see ``hub.workspace.find``)."""
        found = workspace if isinstance(workspace, Workspace) else open_workspace(workspace)
        return cls(found, plugins=plugins)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the repository's connections."""
        if "repository" in self.__dict__:
            self.repository.close()

    @property
    def has_workspace(self) -> bool:
        """Whether there is a workspace, with partners and a repository."""
        return self._workspace is not None

    @property
    def workspace(self) -> Workspace:
        """The workspace. Raises ``ConfigurationError`` for a hub without one."""
        if self._workspace is None:
            raise ConfigurationError("this needs a workspace", hint="Make one with 'hub init DIR'.")
        return self._workspace

    @cached_property
    def plugins(self) -> Plugins:
        """The installed plugins."""
        from hub.plugins import Plugins

        return self._plugins if self._plugins is not None else Plugins()

    @cached_property
    def library(self) -> MappingLibrary:
        """All mapping files: the hub's, the plugins' and the workspace's own."""
        from hub.mapping.library import MappingLibrary

        own = [self._workspace.mappings] if self._workspace is not None and self._workspace.mappings.is_dir() else []
        return MappingLibrary(
            [*self.plugins.mapping_folders, *own],
            grammar_of=self.plugins.grammar,
            converters=self.plugins.converters.values(),
        )

    @cached_property
    def partners(self) -> Partners:
        """The workspace's partners, none without a workspace. What the files say about mappings and standards is
        checked here too, so that a wrong name is found before the first payload and not by it."""
        from hub.partners import Partners, read_partners

        if self._workspace is None:
            return Partners(Path(), {})
        partners = read_partners(self._workspace.partners)
        for partner in partners.by_name.values():
            self._check(partner)
        return partners

    def check_agreements(self) -> None:
        """Compile every mapping and overlay that an agreement names. Raises ``ConfigurationError`` for the first that
        is wrong, and for orders that are to be answered in a message that is not agreed."""
        from hub.exchange.answers import response_target

        for partner in self.partners.by_name.values():
            for index, agreement in enumerate(partner.file.documents):
                self.agreed_mapping(partner, index, agreement)
                if agreement.response.rule != "none":
                    response_target(self, partner, index, agreement.response.message, agreement.standard)

    @cached_property
    def repository(self) -> Repository:
        """The workspace's repository, migrated to this hub's schema."""
        from hub.replication.profiles import Profiles
        from hub.replication.scopes import scopes_of
        from hub.repository import Repository

        idle = self.workspace.settings.database.idle.total_seconds()
        return Repository.open(
            self.workspace.database_url, scope_function=scopes_of, derivation=Profiles(), idle_seconds=idle
        )

    def limits(self, partner: Partner | None = None) -> Limits:
        """The bounds on what is read, of a partner if one is known."""
        bounds = self._workspace.settings.limits if self._workspace is not None else Bounds()
        return partner.limits(bounds) if partner is not None else limits_of(bounds)

    def own_identity(self, standard: str, partner: Partner | None = None) -> EnvelopeParty:
        """How we are called in envelopes of a standard, towards a partner. Raises ``ConfigurationError`` where nobody
        has said."""
        if partner is not None and (identity := partner.file.our_identities.get(standard)):
            return party_of(identity)
        settings = self.workspace.settings
        if identities := settings.identities.get(standard):
            return party_of(identities[0])
        if getattr(self.plugins.translators.get(standard), "generic", False):
            return EnvelopeParty(settings.name)  # no envelope, so nobody reads it
        raise self.workspace.located.error(
            ("identities",),
            f"how this company is called in {standard} envelopes is not set",
            f'Add to [identities]: {standard} = ["QUALIFIER:ID"]',
        )

    def owns(self, standard: str, party: EnvelopeParty) -> bool:
        """Whether an envelope's receiver is us; also where we have not said how we are called in this standard."""
        if self._workspace is None:
            return True
        known = set(self._workspace.settings.identities.get(standard, ()))
        known |= {
            identity
            for partner in self.partners.by_name.values()
            if (identity := partner.file.our_identities.get(standard))
        }
        return not known or str(party) in known or party.id in known

    def systems(self) -> list[str]:
        """Names under which the endpoints' record numbers are known."""
        from hub.exchange.endpoint import endpoint_files, read_endpoint

        return [read_endpoint(self, name).system for name in endpoint_files(self)]

    def agreed_mapping(
        self, partner: Partner, index: int, agreement: Agreement, version: str = ""
    ) -> CompiledMapping | None:
        """The compiled mapping that an agreement names, or None where it leaves the choice to the hub. An overlay lies
        on the mapping that it extends, in the release ``version`` if its file serves that one too."""
        overlay = self.workspace.mappings / agreement.overlay if agreement.overlay else None
        if agreement.mapping:
            return self.library.compiled(agreement.mapping, overlay)
        if overlay is not None:
            from hub.exchange.overlays import extended

            base = extended(overlay)
            return self.library.compiled(self.library.in_release(base, version) if version else base, overlay)
        return None

    def _check(self, partner: Partner) -> None:
        from hub.exchange.defaults import check_defaults
        from hub.exchange.deviations import check_deviations
        from hub.located import did_you_mean

        check_defaults(partner)
        standards = set(self.plugins.translators)
        names: list[tuple[tuple[str | int, ...], str]] = [
            (("identities", name), name) for name in partner.file.identities
        ]
        names += [(("deviations", name), name) for name in partner.file.deviations]
        names += [(("documents", index, "standard"), one.standard) for index, one in enumerate(partner.file.documents)]
        for path, standard in names:
            if standard not in standards:
                raise partner.error(
                    path,
                    f"no installed plugin translates '{standard}'",
                    f"{did_you_mean(standard, standards)} `hub plugins` tells what is installed.",
                )
        check_deviations(partner, self.plugins.translators)
        for index, agreement in enumerate(partner.file.documents):
            at = ("documents", index)
            if agreement.mapping and agreement.mapping not in self.library.names():
                raise partner.error(
                    (*at, "mapping"),
                    f"there is no mapping '{agreement.mapping}'",
                    did_you_mean(agreement.mapping, self.library.names()),
                )
            if agreement.mapping and not agreement.mapping.startswith(agreement.standard + "/"):
                raise partner.error(
                    (*at, "mapping"), f"the mapping '{agreement.mapping}' is not for {agreement.standard}"
                )
            if agreement.overlay:
                self._check_overlay(partner, index, agreement.overlay)

    def _check_overlay(self, partner: Partner, index: int, overlay: str) -> None:
        at = ("documents", index, "overlay")
        folder = self.workspace.mappings
        if Path(overlay).is_absolute() or ".." in Path(overlay).parts:
            raise partner.error(at, f"'{overlay}' is outside {folder}", "Move the overlay into it.")
        if not (folder / overlay).is_file():
            raise partner.error(
                at, f"there is no overlay file '{overlay}' in {folder}", "Make the file, or remove the line."
            )
