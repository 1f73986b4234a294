"""Ask `evgraph mcp` as an assistant does, and write the conversation into assistants.md: ``python -m docs.transcript``.

The question is "Which guidance cites the Timko trial, and where is it said?". It needs the extra ``mcp``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PAGE = Path(__file__).parent / "assistants.md"
_BLOCK = re.compile(r"(?<=<!-- transcript -->\n\n```text\n).*?(?=\n```)", re.DOTALL)


async def transcript(client: Client) -> str:
    """Return the calls, their answers, and the sentences that an assistant can write from the last answer."""
    return "\n".join([line async for line in _lines(client)])


def with_transcript(page: str, text: str) -> str:
    """Return the page with a transcript in its place."""
    return _BLOCK.sub(lambda _: text, page)


async def _lines(client: Client) -> AsyncIterator[str]:
    found = await _call(client, "search", {"words": "Timko", "kind": "trial", "limit": 1})
    yield _written("search", {"words": "Timko", "kind": "trial", "limit": 1}, found)
    trial = {"trial": found["rows"][0]["thing"]["iri"]}
    answer = await _call(client, "guidance-citing-trials", trial)
    yield _written("guidance-citing-trials", trial, answer)
    for row in answer["rows"]:
        places = " and ".join(f"{place['cell']}, line {place['line']}" for place in row["evidence"])
        through = f" through {row['citing']['label']}" if row["how"] == "chained" else ""
        yield f"{row['guidance']['label']} cites {row['trial']['label']} ({row['how']}{through}): {places}."


async def _call(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    content: dict[str, Any] = result.structured_content
    return content


def _written(tool: str, arguments: dict[str, Any], answer: dict[str, Any]) -> str:
    call, content = json.dumps(arguments), json.dumps(answer, indent=1, ensure_ascii=False)
    return f"> {tool} {call}\n{content}\n"


async def _run() -> str:
    server = StdioServerParameters(command=sys.executable, args=["-m", "evgraph", "mcp"], env=dict(os.environ))
    async with Client(stdio_client(server)) as client:
        return await transcript(client)


if __name__ == "__main__":
    PAGE.write_text(with_transcript(PAGE.read_text(encoding="utf-8"), anyio.run(_run)), encoding="utf-8")
