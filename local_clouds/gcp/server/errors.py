"""Errors in the shape of Google's JSON error body (https://cloud.google.com/apis/design/errors)."""

from typing import Any

_STATUS = {
    400: "INVALID_ARGUMENT",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    501: "UNIMPLEMENTED",
}


class ApiError(Exception):
    """A refused call: HTTP code, Google's reason and the message the caller reads."""

    def __init__(self, code: int, reason: str, message: str, status: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status or _STATUS[code]

    def body(self) -> dict[str, Any]:
        """The JSON document that the API answers with."""
        detail = {"message": self.message, "domain": "global", "reason": self.reason}
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "errors": [detail],
                "status": self.status,
            }
        }


def invalid(message: str) -> ApiError:
    """400: the request itself is wrong."""
    return ApiError(400, "invalid", message)


def invalid_field(field: str, value: object, rule: str) -> ApiError:
    """400 in Compute Engine's words: the field, its value and the rule it breaks."""
    return invalid(f"Invalid value for field '{field}': '{value}'. {rule}")


def failed_precondition(message: str) -> ApiError:
    """400: well formed, but not possible in the present state."""
    return ApiError(400, "failedPrecondition", message, "FAILED_PRECONDITION")


def not_found(name: str) -> ApiError:
    """404: no such resource."""
    return ApiError(404, "notFound", f"The resource '{name}' was not found")


def already_exists(name: str) -> ApiError:
    """409: the name is taken."""
    return ApiError(409, "alreadyExists", f"The resource '{name}' already exists")


def in_use(kind: str, name: str, user: str) -> ApiError:
    """400: something else still refers to the resource."""
    message = f"The {kind} resource '{name}' is already being used by '{user}'"
    return ApiError(400, "resourceInUseByAnotherResource", message, "FAILED_PRECONDITION")


def concurrent_change(what: str) -> ApiError:
    """409: the etag is of an older state; read again and repeat."""
    message = (
        f"There were concurrent policy changes to {what}. "
        "Please retry the whole read-modify-write with exponential backoff."
    )
    return ApiError(409, "aborted", message, "ABORTED")


def stale_fingerprint() -> ApiError:
    """412: the fingerprint is of an older state."""
    message = "Supplied fingerprint does not match current fingerprint"
    return ApiError(412, "conditionNotMet", message)


def not_implemented(what: str) -> ApiError:
    """501: a real method or feature that this server does not have."""
    return ApiError(501, "notImplemented", f"{what} is not implemented by the local GCP server")
