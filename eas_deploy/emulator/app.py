"""The emulator as one ASGI application: API requests here, service requests there."""

from __future__ import annotations

from eas_deploy.emulator.control import ControlPlane
from eas_deploy.emulator.dataplane import DataPlane
from eas_deploy.emulator.wire import Exchange, Receive, Scope, Send


class EmulatorApp:
    """Sends each request to the control plane or to the data plane."""

    def __init__(self, control: ControlPlane, data: DataPlane) -> None:
        self._control = control
        self._data = data

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; there is nothing else to answer."""
        service = self._data.service_of(scope)
        if service is None:
            await self._control.serve(Exchange(scope, receive, send))
        else:
            await self._data.serve(scope, receive, send, service)
