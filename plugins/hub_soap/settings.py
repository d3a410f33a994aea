"""What an endpoint file may say: where the ERP is, how it authenticates, and what each of its operations means.

Operation names, parameter names and result paths are configuration, because the same API comes with other names per
server setting. A *path* is element names joined by ``/`` inside the answer's (or request's) body
element. A parameter's value is text, or one of these placeholders: ``$document`` (what the mapping writes, or a part
of it: ``$document/Order``), ``$key`` (the hub's idempotency key), ``$id`` (the ERP's), ``$since``, ``$page``,
``$size``, ``$session`` and ``$credential.NAME``; ``$$`` writes a dollar sign.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from hub.validation import Configured
from hub_soap.errors import Kind

PLACEHOLDER = re.compile(
    r"\$(?:\$.*|document(?:/.+)?|key|id|since|page|size|session|credential\.[A-Za-z0-9_-]+)\Z", re.DOTALL
)


def _checked_values(parameters: dict[str, str]) -> dict[str, str]:
    for name, value in parameters.items():
        if value.startswith("$") and not PLACEHOLDER.match(value):
            raise ValueError(
                f"parameter '{name}' holds the unknown placeholder {value.split('.')[0]}; known are $document, $key, "
                "$id, $since, $page, $size, $session, $credential.NAME and $$ for a dollar sign"
            )
    return parameters


Parameters = Annotated[dict[str, str], AfterValidator(_checked_values)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class FaultRule(Configured):
    """What a SOAP fault means. ``code`` is the fault code without its prefix; ``text`` a part of the fault string,
    for servers whose numbers mean another thing per operation; at least one of the two."""

    code: str = ""
    text: str = ""
    kind: Kind

    @model_validator(mode="after")
    def _says_something(self) -> FaultRule:
        if not self.code and not self.text:
            raise ValueError("a fault rule needs `code`, `text` or both")
        return self


class ResultCode(Configured):
    """Errors as codes in a 200 answer. ``path`` and ``label`` are where code and sentence stand; ``ok`` the codes of
    success; ``kinds`` what the others mean (a code in neither is ``invalid``)."""

    path: str
    label: str = ""
    ok: tuple[str, ...] = ("OK",)
    kinds: dict[str, Kind] = Field(default_factory=dict)


class Call(Configured):
    """One operation: its name in the WSDL, its parameters, and what its errors mean. ``result_code`` and ``faults``
    come before those of the endpoint."""

    operation: str
    parameters: Parameters = Field(default_factory=dict)
    result_code: ResultCode | None = None
    faults: tuple[FaultRule, ...] = ()


class Changed(Configured):
    """The incremental filter. ``member`` is the path of the change time inside an item; ``read`` its format and
    ``write`` that of ``$since`` (``iso`` or strptime codes). ``overlap`` seconds before the watermark are asked for
    again, so that a change with the same time, or one committed late, is not lost."""

    member: str
    read: str = "iso"
    write: str = "iso"
    overlap: float = Field(default=120.0, ge=0, le=604_800)


class Paging(Configured):
    """``$page`` counts from ``first``; a page is the last when it holds fewer than ``size`` items, or when the
    answer's ``more`` is false where that is given. ``ordered`` says that the server sorts by the change time: then
    every page begins at the last time seen, which no change in between can shift."""

    size: int = Field(default=100, ge=1, le=10_000)
    first: int = 1
    more: str = ""
    total: str = ""
    ordered: bool = False
    maximum: int = Field(default=10_000, ge=1)


class Reread(Call):
    """A list that holds only keys: each item is read by a call of its own. ``item`` is its path in that answer."""

    item: str = ""


class Pull(Call):
    """How documents of one kind are fetched. ``items`` is the path of the repeated element; ``split`` a path inside
    an item of which every occurrence is a document of its own (prices in a product); ``id`` names an item. ``omit``
    are members that make other documents (a product's stock): left out before mapping, so that their changes are no
    changes of this one."""

    mapping: str
    items: str
    id: str
    split: str = ""
    omit: tuple[str, ...] = ()
    changed: Changed | None = None
    paging: Paging | None = None
    reread: Reread | None = None
    batch: int = Field(default=200, ge=1, le=10_000)


class Find(Call):
    """The look-up by the hub's key. ``item`` is the path of what is found (absent or empty: nothing), ``id`` the
    path of the ERP's own key inside it, ``key`` that of the hub's: where it is given, only an item that holds exactly
    this key counts (some servers search for a part of it, or ignore a filter that they do not know)."""

    item: str
    id: str
    key: str = ""


class Create(Call):
    """The call that creates. ``id`` is the path of the new key in the answer; empty where the answer holds none."""

    id: str = ""


class Read(Call):
    """Reading back what was written. ``item`` is its path in the answer, ``key`` the path of the hub's key in it."""

    item: str
    key: str


class Push(Configured):
    """How a document of one kind is delivered: find by key, create, read back and compare; ``update`` only where
    the ERP's document is to follow the hub's (the whole document is sent, with what the ERP holds beside it)."""

    mapping: str
    find: Find
    create: Create
    read: Read
    update: Call | None = None
    ignore: tuple[str, ...] = ()
    settle: float = Field(default=10.0, ge=0, le=600)


class Session(Call):
    """Log in once, use ``$session`` in the parameters of the other calls, log in again on a fault of kind session."""

    id: str


class Http(Configured):
    """HTTP Basic authentication; both are names under ``credentials``."""

    user: str
    password: str


class UsernameToken(Http):
    """WS-Security UsernameToken (OASIS WSS 1.1); ``digest`` sends the password hashed with a nonce and a time."""

    digest: bool = True


class Timeouts(Configured):
    """Seconds: to connect, for one whole call including its answer, and for the WSDL with all it imports."""

    connect: Seconds = 5
    call: Seconds = 60
    load: Seconds = 30


class Retries(Configured):
    """Only for calls that may be repeated: ``attempts`` in all, waiting ``wait`` seconds and twice as long each time,
    at most ``longest``."""

    attempts: int = Field(default=4, ge=1, le=20)
    wait: float = Field(default=0.5, ge=0, le=60)
    longest: float = Field(default=30.0, ge=0, le=600)


class Tls(Configured):
    """``authority``: a PEM file beside the endpoint file; ``certificate`` and ``key``: the client's own."""

    authority: str = ""
    certificate: str = ""
    key: str = ""


class Fixes(Configured):
    """Deviations of one server. ``skip_missing``: leave out members that the WSDL demands and the mapping does not
    write (nusoap structs); ``empty_parameters``: send '' for rpc parameters that are not named; ``array_counts``:
    refuse an answer whose array does not hold as many items as its arrayType says."""

    skip_missing: bool = False
    empty_parameters: bool = False
    array_counts: bool = True


class Endpoint(Configured):
    """An endpoint file of ``type: soap``, whole."""

    type: Literal["soap"]
    name: str = Field(default="", pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$")
    wsdl: str
    address: str = ""
    service: str = ""
    port: str = ""
    system: str = ""
    credentials: dict[str, str] = Field(default_factory=dict)
    http: Http | None = None
    username_token: UsernameToken | None = None
    session: Session | None = None
    parameters: Parameters = Field(default_factory=dict)
    schemas: dict[str, str] = Field(default_factory=dict)
    tls: Tls = Tls()
    proxy: str = ""
    timeouts: Timeouts = Timeouts()
    retries: Retries = Retries()
    answer_bytes: int = Field(default=64_000_000, ge=1_000, le=2_000_000_000)
    time_zone: str = "UTC"
    result_code: ResultCode | None = None
    faults: tuple[FaultRule, ...] = ()
    fixes: Fixes = Fixes()
    pull: dict[str, Pull] = Field(default_factory=dict)
    push: dict[str, Push] = Field(default_factory=dict)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value!r}; write it like Europe/Berlin or UTC") from None
        return value
