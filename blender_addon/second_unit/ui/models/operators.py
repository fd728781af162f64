# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a model's weights. The daemon does it; nothing here waits."""

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty

from ...link import current
from .. import text
from . import view

if TYPE_CHECKING:
    from ...protocol.errors import ErrorInfo
    from ...protocol.models import ModelChange, ModelInfo

DIALOG_WIDTH = 420


class _OnModel:
    """Works on a model: the one that is named, else the one that is chosen in the list."""

    model: StringProperty(
        name="Model", description="Name of the model; empty for the chosen one", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("Start the daemon first")
            return False
        if view.active(context.window_manager) is None:
            cls.poll_message_set("The daemon lists no models")
            return False
        return True

    def info(self, context: bpy.types.Context) -> "ModelInfo | None":
        return current.models.find(self.model) if self.model else view.active(context.window_manager)

    def begin(self, context: bpy.types.Context, change: "ModelChange", *, accept_licence: bool = False) -> set[str]:
        from ...protocol.models import ModelChange

        model = self.info(context)
        if model is None:
            self.report({"ERROR"}, f"The daemon has no model {self.model}")
            return {"CANCELLED"}
        if not model.fetchable and change is not ModelChange.STOP:
            self.report({"ERROR"}, f"{model.label} lies in {model.place}, a folder of yours: change it there")
            return {"CANCELLED"}
        current.models.change(model.name, change, accept_licence=accept_licence)
        return {"FINISHED"}


class SECOND_UNIT_OT_model_fetch(_OnModel, bpy.types.Operator):
    """Have the daemon fetch the model's weights from the hub; a download that was stopped goes on where it was"""

    bl_idname = "second_unit.model_fetch"
    bl_label = "Fetch Model"

    accept_licence: BoolProperty(
        name="I Have Read It and Accept It",
        description="Accept the licence of the model's weights; it is asked for once",
        options={"SKIP_SAVE"},
    )
    newest: BoolProperty(
        name="Newest",
        description="What is published now, not the commit that was fetched before",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if not bpy.app.online_access:
            cls.poll_message_set("Allow online access in Preferences > System > Network first")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        model = self.info(context)
        if model is None or not (model.licence.ask or model.licence.gated):
            return self.execute(context)
        return context.window_manager.invoke_props_dialog(self, width=DIALOG_WIDTH)

    def draw(self, context: bpy.types.Context) -> None:
        model, layout = self.info(context), self.layout
        layout.label(text=f"{model.label}: {model.licence.name}", icon="INFO")
        if model.licence.note:
            text.wrapped(layout, model.licence.note)
        if model.licence.gated:
            words = "The hub gives it to accounts that were given access: ask on its page, then run hf auth login"
            text.wrapped(layout, words, "LOCKED")
        if model.licence.url:
            layout.operator("wm.url_open", text="Read the Licence", icon="URL").url = model.licence.url
        if model.licence.ask:
            layout.prop(self, "accept_licence")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...protocol.models import ModelChange

        model = self.info(context)
        if model and model.licence.ask and not self.accept_licence:
            self.report({"ERROR"}, f"{model.label} is fetched once {model.licence.name} is accepted")
            return {"CANCELLED"}
        change = ModelChange.RENEW if self.newest else ModelChange.FETCH
        return self.begin(context, change, accept_licence=self.accept_licence)


class SECOND_UNIT_OT_model_stop(_OnModel, bpy.types.Operator):
    """Stop what is being done with the model; what was fetched is kept"""

    bl_idname = "second_unit.model_stop"
    bl_label = "Stop"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...protocol.models import ModelChange

        return self.begin(context, ModelChange.STOP)


class SECOND_UNIT_OT_model_verify(_OnModel, bpy.types.Operator):
    """Read the model's files and compare them with what the hub named; needs no network"""

    bl_idname = "second_unit.model_verify"
    bl_label = "Verify"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and _is_here(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...protocol.models import ModelChange

        return self.begin(context, ModelChange.VERIFY)


class SECOND_UNIT_OT_model_remove(_OnModel, bpy.types.Operator):
    """Delete the model's weights from the hub's cache, which other programs share"""

    bl_idname = "second_unit.model_remove"
    bl_label = "Remove Weights"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        model = self.info(context)
        shared = f"{', '.join(model.shared_with)} use these files too. " if model and model.shared_with else ""
        words = f"{shared}Other programs that use the hub's cache lose them as well."
        label = model.label if model else ""
        return context.window_manager.invoke_confirm(
            self, event, title=f"Delete the weights of {label}?", message=words
        )

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...protocol.models import ModelChange

        return self.begin(context, ModelChange.REMOVE)


class SECOND_UNIT_OT_models_refresh(bpy.types.Operator):
    """Look again at models.toml, the hub's cache and the folder of LoRAs"""

    bl_idname = "second_unit.models_refresh"
    bl_label = "Refresh Models"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("Start the daemon first")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        current.models.refresh()
        current.link.refresh_engines()
        return {"FINISHED"}


class SECOND_UNIT_OT_free_memory(bpy.types.Operator):
    """Have the daemon let go of the graphics card, so that Cycles can have it; the next shot takes it again"""

    bl_idname = "second_unit.free_memory"
    bl_label = "Free Memory for Rendering"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not current.link.ready:
            cls.poll_message_set("There is no daemon that holds any")
            return False
        if current.link.status and current.link.status.running:
            cls.poll_message_set("A shot is being made and needs the card: wait for it or cancel it")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        def freed(error: "ErrorInfo | None") -> None:
            current.models.error = error
            current.models.revision += 1

        current.models.free_memory(freed)
        return {"FINISHED"}


def _is_here(cls: type, context: bpy.types.Context) -> bool:
    from ...protocol.models import ModelState

    model = view.active(context.window_manager)
    if model is None or model.state is not ModelState.HERE:
        cls.poll_message_set("Its weights are not here: fetch them")
        return False
    return True


CLASSES = (
    SECOND_UNIT_OT_model_fetch,
    SECOND_UNIT_OT_model_stop,
    SECOND_UNIT_OT_model_verify,
    SECOND_UNIT_OT_model_remove,
    SECOND_UNIT_OT_models_refresh,
    SECOND_UNIT_OT_free_memory,
)
