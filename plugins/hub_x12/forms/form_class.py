"""Classes of forms: a document's fields, some of them shaped as the message has them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, create_model

from hub.mapping.forms import Data
from hub.model.document import Document
from hub.model.value import Value


def form_of(name: str, model: type[BaseModel], **changed: Any) -> type[BaseModel]:
    """A form with the fields of ``model``, some of them changed (field: (type, default)). A document's form has no
    extensions of its own."""
    hidden = Document.model_fields if issubclass(model, Document) else {}
    own = {
        field: (info.annotation, info)
        for field, info in model.model_fields.items()
        if field not in hidden and field not in changed
    }
    made: Any = create_model
    form: type[BaseModel] = made(name, __base__=Value, **own, **changed)
    return form


def dumped(document: Document) -> Data:
    """A document as plain data without its empty fields and dates, and without what is not written."""
    data: Data = document.model_dump(exclude_defaults=True, exclude={"extensions", "provenance"})
    without_empty_dates(data)
    return data


def without_empty_dates(data: Data) -> None:
    """Drop dates of which nothing is left but what they mean: no message has a place for that alone."""
    for name, value in list(data.items()):
        if name == "dates":
            data[name] = [one for one in value if says_when(one)]
        elif isinstance(value, dict):
            without_empty_dates(value)
        elif isinstance(value, (list, tuple)):
            for one in value:
                if isinstance(one, dict):
                    without_empty_dates(one)


def says_when(one: Data) -> bool:
    """Whether a qualified date in document form says more than what it means."""
    return any(value not in (None, "", {}) for name, value in one.items() if name != "qualifier")
