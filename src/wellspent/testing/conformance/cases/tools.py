"""A loop of an agent and its tool, as two calls: the model asks for the tool, then it is told what the tool said."""

from typing import Any

TOOL = "look_up"
ABOUT = "Looks a customer up."
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
ARGUMENTS = '{"name": "Apollo"}'
SAID = "Apollo has three open orders."


def turn(wire: str, prompt: str, *, answered: bool) -> dict[str, Any]:
    """What a request of OpenAI Chat or Anthropic Messages has besides: the tool, and the conversation until now."""
    asked = {"role": "user", "content": prompt}
    if wire == "anthropic-messages":
        tools: list[dict[str, Any]] = [{"name": TOOL, "description": ABOUT, "input_schema": SCHEMA}]
        return {"tools": tools, "messages": [asked, *(_anthropic() if answered else ())]}
    tools = [{"type": "function", "function": {"name": TOOL, "description": ABOUT, "parameters": SCHEMA}}]
    return {"tools": tools, "messages": [asked, *(_openai() if answered else ())]}


def _openai() -> tuple[dict[str, Any], dict[str, Any]]:
    call = {"id": "call_1", "type": "function", "function": {"name": TOOL, "arguments": ARGUMENTS}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "tool", "tool_call_id": "call_1", "content": SAID}


def _anthropic() -> tuple[dict[str, Any], dict[str, Any]]:
    use = {"type": "tool_use", "id": "toolu_1", "name": TOOL, "input": {"name": "Apollo"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": SAID}
    return {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}
