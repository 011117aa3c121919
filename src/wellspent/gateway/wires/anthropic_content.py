"""What Anthropic's content can hold (docs: API reference, Messages, content blocks; Vision; Files; Tool search).

Only kinds of blocks that are known to be text are bounded by their bytes; see openai_content.
"""

from typing import Any

import orjson

from wellspent.gateway.wires.base import Payload

IMAGE_TOKENS_MAX = 5_000  # standard images are at most about 1,600 tokens; high-resolution models about three times that
TEXT_BLOCKS = frozenset(
    {"text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "mcp_tool_use", "tool_removal", "compaction", "fallback"}
    | {"browser_state", "mcp_tool_listing"}
    | {"code_execution_tool_result", "bash_code_execution_tool_result", "text_editor_code_execution_tool_result"}
    | {"web_search_tool_result", "advisor_tool_result"}
)
BLOCKS_IN = frozenset({"tool_result", "mcp_tool_result", "search_result"})  # their content is blocks


class Content:
    """What was found in a prompt so far.

    Attributes:
        size: The most tokens that what is known can be, from the body's bytes on.
        beyond: Whether there is something whose size is unknown.
        tools: Definitions of tools that stand among the blocks.
    """

    __slots__ = ("_sizes", "_tools", "beyond", "pictures", "size", "tools")

    def __init__(self, body_bytes: int, tools: list[Any]) -> None:
        self.size = body_bytes
        self.beyond = self.pictures = False
        self.tools: list[Any] = []
        self._tools = tools
        self._sizes: dict[str, int] | None = None

    @property
    def tokens(self) -> int | None:
        """The prompt's bound; None is the context window."""
        return None if self.beyond else self.size

    def message(self, message: Any) -> None:
        """A turn."""
        if isinstance(message, dict):
            content = message.get("content")
            if content.__class__ is not str:
                self.blocks(content)
        else:
            self.unknown()

    def blocks(self, blocks: Any) -> None:
        """Text, or a list of blocks."""
        if isinstance(blocks, list):
            for block in blocks:
                self.block(block)
        elif blocks is not None and not isinstance(blocks, str):
            self.unknown()

    def block(self, block: Any) -> None:
        """A block of what a turn or a tool's result says."""
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str):
            self.unknown()
        elif kind in BLOCKS_IN:
            self.blocks(block.get("content"))
        elif kind in TEXT_BLOCKS:
            if kind == "compaction":
                self.blocks(block.get("tool_changes"))
        elif kind == "image":
            self.picture(block.get("source"))
        elif kind == "tool_reference":
            self.reference(block.get("tool_name"))
        elif kind == "tool_search_tool_result":
            found = block.get("content")
            names = found.get("tool_references") if isinstance(found, dict) else None
            for each in names if isinstance(names, list) else ():
                self.block(each)
        elif kind == "tool_addition":
            self.addition(block.get("tool"))
        else:
            self.unknown()

    def picture(self, source: Any) -> None:
        """A picture; the bytes of one that is in the body are no text."""
        known: Payload = source if isinstance(source, dict) else {}
        data = known.get("data")
        inline = len(data) if isinstance(data, str) and known.get("type") == "base64" else 0
        self.size, self.pictures = self.size + IMAGE_TOKENS_MAX - inline, True

    def addition(self, tool: Any) -> None:
        """A tool from here on: by its definition, or by its name."""
        kind = tool.get("type") if isinstance(tool, dict) else None
        if kind == "tool_reference":
            self.reference(tool.get("tool_name") or tool.get("name"))
        else:
            self.tools.append(tool.get("definition") if kind == "tool_definition" else tool)

    def reference(self, name: Any) -> None:
        """A tool that is kept out of the prompt until it is named: its definition, once more for each time."""
        if self._sizes is None:
            self._sizes = {}
            for tool in self._tools:
                if isinstance(tool, dict) and isinstance(tool.get("name"), str):
                    self._sizes[tool["name"]] = self._sizes.get(tool["name"], 0) + len(orjson.dumps(tool))
        size = self._sizes.get(name) if isinstance(name, str) else None
        if size is None:
            self.unknown()
        else:
            self.size += size

    def unknown(self) -> None:
        """Something of unknown size and kind."""
        self.beyond = self.pictures = True
