"""What OpenAI's content can hold (docs: API reference, Chat messages and Responses input items; Conversation state; Images and vision).

Only kinds that are known to be text are bounded by their bytes. A picture counts its documented maximum. Whatever else there is, also what
a provider may think of tomorrow, can stand for more than its bytes: the prompt is then bounded by the model's context window alone.
"""

from typing import Any

from wellspent.gateway.wires.base import NESTING, Payload, parts_of
from wellspent.gateway.wires.sound import bounded_by_bytes

IMAGE_TOKENS_MAX = 48_169  # the dearest documented image: gpt-4o-mini, high detail, 2,833 + 8 tiles × 5,667
TEXT_PARTS = frozenset(
    {"text", "input_text", "output_text", "refusal", "summary_text", "reasoning_text", "encrypted_content", "thinking", "reasoning", "logs"}
)
TEXT_FIELDS = frozenset({"type", "text", "refusal", "logs", "thinking", "reasoning", "encrypted_content"})
IMAGE_PARTS = frozenset({"image_url", "input_image", "computer_screenshot", "image"})
# What compatible APIs put beside a message's content: citations, cache marks, thoughts.
TEXT_BESIDE = TEXT_PARTS | {"ephemeral", "explicit", "function", "custom", "url_citation", "file_citation", "container_file_citation", "file_path"}
TEXT_BESIDE |= {"reasoning.text", "reasoning.summary", "reasoning.encrypted", "redacted_thinking", "thinking"}
MESSAGE_FIELDS = frozenset(
    {"role", "content", "name", "tool_calls", "tool_call_id", "refusal", "function_call", "reasoning_content", "reasoning"}
    | {"type", "id", "status", "phase", "provider_options", "providerOptions", "provider_specific_fields", "extra_content"}
)
# Responses: what is text as a whole, and which fields of the others hold parts.
TEXT_ITEMS = frozenset(
    {"function_call", "custom_tool_call", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output"}
    | {"apply_patch_call", "apply_patch_call_output", "tool_search_call", "tool_search_output", "additional_tools", "computer_call"}
    | {"web_search_call", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "mcp_call", "file_search_call"}
    | {"program", "program_output", "configuration_update", "compaction", "compaction_summary", "context_compaction", "compaction_trigger"}
    | {"ghost_snapshot"}
)
PART_FIELDS = {
    "message": ("content",),
    "function_call_output": ("output",),
    "custom_tool_call_output": ("output",),
    "computer_call_output": ("output",),
    "code_interpreter_call": ("outputs",),
    "reasoning": ("summary", "content"),
}
# Items that name what is kept at the provider, where the field that would hold it is empty; "" where no field holds it.
KEPT_BEHIND = {
    "reasoning": "encrypted_content",
    "compaction": "encrypted_content",
    "compaction_summary": "encrypted_content",
    "context_compaction": "encrypted_content",
    "code_interpreter_call": "outputs",
    "file_search_call": "results",
    "mcp_call": "output",
    "mcp_list_tools": "tools",
    "web_search_call": "",
}
TOOLS_IN = ("additional_tools", "tool_search_output")


class Content:
    """What was found in a prompt so far.

    Attributes:
        size: The most tokens that what is known can be, from the body's bytes on.
        beyond: Whether there is something whose size is unknown.
        tools: Definitions of tools that stand among the items.
    """

    __slots__ = ("audio", "beyond", "pictures", "size", "tools")

    def __init__(self, body_bytes: int) -> None:
        self.size = body_bytes
        self.beyond = self.audio = self.pictures = False
        self.tools: list[Any] = []

    @property
    def tokens(self) -> int | None:
        """The prompt's bound; None is the context window."""
        return None if self.beyond else self.size

    def message(self, message: Any) -> None:
        """A message of Chat Completions, or of Responses."""
        if not isinstance(message, dict):
            self.unknown()
            return
        content = message.get("content")
        if content is not None and content.__class__ is not str:
            self.parts(content)
        if not MESSAGE_FIELDS.issuperset(message):
            self.beside(message, MESSAGE_FIELDS)

    def item(self, item: Any) -> None:
        """An item of Responses. One without a type is a message, or names another by its id."""
        kind = item.get("type") if isinstance(item, dict) else None
        if kind is None and isinstance(item, dict) and "content" in item:
            kind = "message"
        if not isinstance(kind, str):
            self.unknown()
        elif kind == "message":
            self.message(item)
        elif kind == "image_generation_call":
            self.picture("")
        elif kind in PART_FIELDS or kind in TEXT_ITEMS:
            if kind in KEPT_BEHIND and item.get("id") and not item.get(KEPT_BEHIND[kind]):
                self.unknown()
            for field in PART_FIELDS.get(kind, ()):
                self.parts(item.get(field))
            if kind in TOOLS_IN and isinstance(item.get("tools"), list):
                self.tools += item["tools"]
        else:
            self.unknown()

    def parts(self, content: Any) -> None:
        """A list of parts, or one."""
        for part in content if isinstance(content, list) else (content,):
            if isinstance(part, dict):
                self.part(part)
            elif isinstance(part, list):
                self.unknown()

    def part(self, part: Payload) -> None:
        """A part of what a message or a tool's result says."""
        kind = part.get("type")
        if kind is None and part.keys() == {"text"}:
            return
        if not isinstance(kind, str):
            self.unknown()
        elif kind in TEXT_PARTS:
            if len(part) > 2 and not TEXT_FIELDS.issuperset(part):
                self.beside(part, TEXT_FIELDS)
        elif kind in IMAGE_PARTS:
            image = part.get("image_url")
            self.picture(image.get("url") if isinstance(image, dict) else image)
        elif kind == "input_audio":
            sound = part.get("input_audio")
            self.audio = True
            if not isinstance(sound, dict) or not bounded_by_bytes(sound.get("data")):
                self.unknown()
        elif kind in ("file", "input_file"):
            self.beyond = self.pictures = True
        else:
            self.unknown()

    def picture(self, url: Any) -> None:
        """A picture; the bytes of one that is in the body are no text."""
        inline = len(url) if isinstance(url, str) and url.startswith("data:image/") else 0
        self.size, self.pictures = self.size + IMAGE_TOKENS_MAX - inline, True

    def beside(self, holder: Payload, known: frozenset[str]) -> None:
        """Fields that not every API has: text, unless they hold something that is not. Data of pictures counts as text here."""
        for name, value in holder.items():
            if name in known or not isinstance(value, NESTING) or "metadata" in name:
                continue
            if name == "audio":  # an earlier answer's, kept at the provider
                self.unknown()
            for part in parts_of([value]):
                kind = part.get("type")
                if isinstance(kind, str) and kind in IMAGE_PARTS:
                    self.picture("")
                elif kind is not None and not (isinstance(kind, str) and kind in TEXT_BESIDE):
                    self.unknown()

    def unknown(self) -> None:
        """Something of unknown size and kind."""
        self.beyond = self.audio = self.pictures = True


def of_messages(messages: list[Any], body_bytes: int) -> Content:
    """The messages of Chat Completions."""
    found = Content(body_bytes)
    for message in messages:
        found.message(message)
    return found


def of_items(items: list[Any], body_bytes: int) -> Content:
    """The input items of Responses."""
    found = Content(body_bytes)
    for item in items:
        found.item(item)
    return found
