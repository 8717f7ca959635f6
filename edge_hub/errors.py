"""What can go wrong, as a tree: the class says what the caller can do next.

    EdgeHubError
    |-- Refused            the answer is no and nothing changed; asking again gives the same answer
    |   |-- Invalid            the request itself is at fault (see `faults`)
    |   |-- Unauthenticated    no valid device token
    |   |-- Forbidden          the member of staff may not do this
    |   |-- NotFound           there is no such thing
    |   |-- Conflict           it changed since you looked, or it is in use
    |   `-- Limited            too much, too often: wait, then ask again
    |-- Unavailable        not now (disk full, device away): nothing changed, ask again later
    |-- OutcomeUnknown     it may or may not have happened: ask, never repeat
    `-- Damaged            stored data contradicts itself: stop and call somebody

Concrete causes subclass these beside the code that raises them and set `code`, the slug of their problem
type (documented in docs/problems.md). All of them survive pickling: they cross the writer's pipe.

What a person reads comes in their language (`edge_hub.words`). An error says which of its code's reasons it is with
`why`, a slug; its detail is then the English template and `params` its values. Without `why` a detail is words of
somebody else: an operating system, a terminal, a driver.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

Param = str | int | None
"""A value that the words of an error need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a request: where (JSON pointer or TOML path), which rule, and English words for a person.

    `why` names those words for translation, `params` are their values.
    """

    pointer: str
    code: str
    message: str
    why: str = field(default="", compare=False)
    params: Mapping[str, Param] = field(default_factory=dict, compare=False)


def fault(pointer: str, code: str, message: str, /, *, why: str, **params: Param) -> Fault:
    """A fault in translatable words: `message` is their English template, `fault.<why>` their key."""
    return Fault(pointer=pointer, code=code, message=message.format_map(params), why=why, params=params)


def shape_fault(pointer: str, code: str, message: str, context: Mapping[str, object] | None = None) -> Fault:
    """A fault that pydantic found: `fault.shape.<code>` has its words where people meet it, with pydantic's context."""
    params = {name: value for name, value in (context or {}).items() if isinstance(value, str | int)}
    return Fault(pointer=pointer, code=code, message=message, why=f"shape.{code}", params=params)


E = TypeVar("E", bound="EdgeHubError")


class EdgeHubError(Exception):
    """Base of all errors with a meaning. `detail`: English, a template of `params` where `why` names its words."""

    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong."

    def __init__(self, detail: str = "", *, why: str = "", faults: tuple[Fault, ...] = (), **params: Param) -> None:
        self.detail = (detail.format_map(params) if why else detail) or self.title
        self.why = why
        self.faults = faults
        self.params = params
        super().__init__(self.detail)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.detail, self.why, self.faults, self.params))


def _rebuild(
    cls: type[EdgeHubError], detail: str, why: str, faults: tuple[Fault, ...], params: dict[str, Param]
) -> EdgeHubError:
    error = cls(detail, why="", faults=faults, **params)  # its template is filled in already
    error.why = why
    return error


def at(pointer: str, code: str, error: E) -> E:
    """`error` with one fault, at `pointer`, in the error's own words."""
    error.faults = (blamed(pointer, code, error),)
    return error


def blamed(pointer: str, code: str, error: EdgeHubError) -> Fault:
    """An error of something else as the fault of one place."""
    why = f"{error.code}.{error.why}" if error.why else error.code
    return Fault(pointer=pointer, code=code, message=error.detail, why=why, params=error.params)


class Refused(EdgeHubError):
    """No, and nothing changed."""

    code = "refused"
    title = "The request was refused."


class Invalid(Refused):
    """The request does not say something the hub can do; `faults` names every reason."""

    code = "invalid-request"
    title = "The request is not valid."


class Unauthenticated(Refused):
    """The caller did not show a valid device token."""

    code = "unauthenticated"
    title = "This device is not paired with the hub."


class Forbidden(Refused):
    """The caller is known and may not do this."""

    code = "forbidden"
    title = "You do not have permission to do this."


class NotFound(Refused):
    """There is no such thing."""

    code = "not-found"
    title = "There is no such thing."


class Conflict(Refused):
    """The thing changed since the caller looked, or someone else holds it."""

    code = "conflict"
    title = "This was changed by someone else in the meantime."


class Limited(Refused):
    """A limit was reached; `params["retry_after_s"]` says when to ask again."""

    code = "rate-limited"
    title = "Too many requests: wait a moment and try again."


class Unavailable(EdgeHubError):
    """Not now; nothing changed; asking again later may succeed."""

    code = "unavailable"
    title = "The hub cannot do this right now."


class OutcomeUnknown(EdgeHubError):
    """The effect may have happened. It must be resolved by asking, never by repeating."""

    code = "outcome-unknown"
    title = "It is not known whether this happened."


class Damaged(EdgeHubError):
    """Stored data contradicts itself."""

    code = "damaged"
    title = "The hub's records are damaged."
