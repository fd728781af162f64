# SPDX-License-Identifier: GPL-3.0-or-later
"""Models' weights and LoRAs as the daemon has them, kept up to date by its events. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ..protocol.errors import ErrorInfo
from ..protocol.messages import ChangeModel, FreeMemory, ListModels, Model, ModelChanged, Models
from ..protocol.models import BUSY, ModelChange, ModelInfo
from .daemon import DaemonLink


class Shelf:
    """``revision`` grows with every change that a panel could show."""

    def __init__(self, link: DaemonLink):
        self.models: tuple[ModelInfo, ...] = ()
        self.loras: tuple[str, ...] = ()
        self.lora_folder = ""
        self.error: ErrorInfo | None = None  # why the last request came to nothing
        self.revision = 0
        self._link = link
        link.ready_hooks.append(self.refresh)
        link.notice_hooks.append(self._notice)

    def find(self, name: str) -> ModelInfo | None:
        return next((model for model in self.models if model.name == name), None)

    def refresh(self) -> None:
        """Asks for the whole list."""
        self._link.ask(ListModels(), self._listed)

    def change(self, name: str, change: ModelChange, *, accept_licence: bool = False) -> None:
        self.error = None
        self.revision += 1
        self._link.ask(ChangeModel(name, change, accept_licence), self._changed)

    def free_memory(self, then: Callable[[ErrorInfo | None], None]) -> None:
        """Has the daemon let go of the device; ``then`` gets None, or why it does not."""
        self._link.ask(FreeMemory(), lambda reply: then(reply if isinstance(reply, ErrorInfo) else None))

    def _listed(self, reply: object) -> None:
        if isinstance(reply, Models):
            self.models, self.loras, self.lora_folder = reply.models, reply.loras, reply.lora_folder
            self.revision += 1

    def _changed(self, reply: object) -> None:
        if isinstance(reply, Model):
            self._take_in(reply.model)
        elif isinstance(reply, ErrorInfo):
            self.error = reply
            self.revision += 1

    def _notice(self, message: object) -> None:
        if isinstance(message, ModelChanged):
            self._take_in(message.model)

    def _take_in(self, model: ModelInfo) -> None:
        before = self.find(model.name)
        self.models = tuple(model if known.name == model.name else known for known in self.models)
        self.revision += 1
        if before and before.state in BUSY and model.state not in BUSY:  # models that share its files changed too
            self.refresh()
            self._link.refresh_engines()
