"""Ready clients for a deployed service: of the HTTP package, and of the ``openai`` package where it is installed.

They hold the token in clear, as their packages do; whoever asks for one closes it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from eas_deploy.clients.http import new_service_client
from eas_deploy.errors import EasDeployError
from eas_deploy.lifecycle.access import Access, Network

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

__all__ = ["async_openai_client", "http_client", "openai_client"]


def http_client(kind: str, access: Access, network: Network | None, timeout_s: float) -> Any:
    """A client of the HTTP package whose requests go to the service, with its token.

    Args:
        kind: ``"Client"`` or ``"AsyncClient"``.
        access: How the service is reached.
        network: Which side to come from.
        timeout_s: Seconds without a byte.
    """
    headers = {} if access.token is None else {"Authorization": access.token.get_secret_value()}
    return new_service_client(kind, access.url(network), headers, timeout_s)


def openai_client(access: Access, network: Network | None, options: dict[str, Any]) -> OpenAI:
    """An ``openai.OpenAI`` whose requests go to the service.

    Raises:
        EasDeployError: The package is not installed.
    """
    return cast("OpenAI", _openai("OpenAI", access, network, options))


def async_openai_client(access: Access, network: Network | None, options: dict[str, Any]) -> AsyncOpenAI:
    """An ``openai.AsyncOpenAI`` whose requests go to the service; see `openai_client`."""
    return cast("AsyncOpenAI", _openai("AsyncOpenAI", access, network, options))


def _openai(kind: str, access: Access, network: Network | None, options: dict[str, Any]) -> Any:
    try:
        package = import_module("openai")
    except ImportError as error:
        raise EasDeployError(
            'openai() needs the openai package: pip install "eas-deploy[openai]".'
        ) from error
    # Without a key the package would take one from the environment, which is meant for somebody else.
    key = access.token.get_secret_value() if access.token is not None else "none"
    return getattr(package, kind)(base_url=f"{access.url(network)}/v1", api_key=key, **options)
