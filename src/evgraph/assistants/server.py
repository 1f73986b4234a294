"""The server of the Model Context Protocol, over standard input and output or over HTTP on this machine.

https://modelcontextprotocol.io/specification/latest
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import mcp.types as protocol
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from evgraph import __version__, workers
from evgraph.assistants import answers
from evgraph.assistants.tools import INSTRUCTIONS
from evgraph.errors import EvgraphError, Hint, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mcp.server.context import ServerRequestContext

    from evgraph.limits import Limits
    from evgraph.store.opening import Origin

_T = TypeVar("_T")
HINTS = {
    Hint.ALLOW_MORE_MEMORY: "ask for less: narrow the question, or give values for more parameters",
    Hint.ALLOW_MORE_TIME: "ask for less: narrow the question, or give values for more parameters",
    Hint.CHOOSE_CELL: "{choices}",
    Hint.GIVE_PARAMETER: 'call {question} with {parameter} = "{example}"',
    Hint.LIST_QUESTIONS: "the list of tools has all names",
    Hint.LIST_VALUES: "the schema of the tool has the values, or 'search' finds the name",
}
"""What to do about an error, for an assistant, with the error's fields in braces."""
PATH = "/mcp"
"""The path of the server over HTTP."""

_LOGGER = logging.getLogger("mcp")
_LOGGER.addHandler(logging.NullHandler())  # Else it prints the headers of requests that it refuses.
_LOCAL = ("127.0.0.1", "localhost", "[::1]")
_MOST_BYTES = 1 << 20  # Of the body of a request.
_OUTPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"type": "object"}},
        "complete": {"type": "boolean", "description": "whether these are all rows"},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["rows", "complete", "notes"],
}


class _HttpServer(uvicorn.Server):
    """A server that ends after SIGTERM or SIGINT without passing the signal on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


class Assistants:
    """The tools over a graph; each call runs in a worker process.

    Args:
        origin: the data; not standard input.
        limits: of a call.
        pages: a folder of pages, for the text of passages.

    """

    def __init__(self, origin: Origin, limits: Limits, pages: Path | None = None) -> None:
        self._origin, self._limits, self._pages = origin, limits, pages

    def check(self) -> None:
        """Open the data in a worker, which stays warm.

        Raises:
            EvgraphError: it cannot be read.

        """
        self._run(answers.list_tools, self._origin, task="loading the data")

    def run_stdio(self) -> None:
        """Serve the client at standard input and output, until it closes them."""

        async def run() -> None:
            server = self.server()
            async with stdio_server() as (read, write):
                await server.run(read, write, server.create_initialization_options())

        anyio.run(run)

    def run_http(self, port: int, on_ready: Callable[[str], None]) -> None:
        """Serve clients of this machine over HTTP, until SIGINT or SIGTERM.

        Requests from web pages of other origins, or to other hosts, are refused:
        https://modelcontextprotocol.io/specification/latest/basic/transports#security-warning

        Args:
            port: 0 for any that is free.
            on_ready: is called with the address.

        Raises:
            UsageError: it cannot listen there.

        """
        try:
            listener = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(f"cannot listen at port {port}: {error.strerror}", hint="choose another port") from None
        with listener:
            hosts = [f"{host}:{listener.getsockname()[1]}" for host in _LOCAL]
            app = self.server().streamable_http_app(
                streamable_http_path=PATH,
                json_response=True,
                stateless_http=True,
                max_request_body_size=_MOST_BYTES,
                transport_security=TransportSecuritySettings(
                    allowed_hosts=hosts, allowed_origins=[f"http://{host}" for host in hosts]
                ),
            )
            config = uvicorn.Config(app, log_config=None, log_level="critical", access_log=False, server_header=False)
            on_ready(f"http://{hosts[0]}{PATH}")  # The socket listens already, and the requests wait.
            _HttpServer(config).run(sockets=[listener])

    def server(self) -> Server[Any]:
        """Return the server of the protocol, for any transport."""
        limiter = anyio.CapacityLimiter(os.cpu_count() or 1)

        async def in_worker(function: Callable[..., Iterator[_T]], *arguments: object, task: str) -> _T:
            run = partial(self._run, function, *arguments, task=task)
            return await anyio.to_thread.run_sync(run, limiter=limiter)

        async def list_tools(
            _context: ServerRequestContext[Any], _parameters: protocol.PaginatedRequestParams | None
        ) -> protocol.ListToolsResult:
            found = await in_worker(answers.list_tools, self._origin, task="the list of tools")
            hints = protocol.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
            return protocol.ListToolsResult(
                tools=[
                    protocol.Tool(
                        name=tool.name,
                        title=tool.title,
                        description=tool.description,
                        input_schema=tool.schema,
                        output_schema=_OUTPUT,
                        annotations=hints,
                    )
                    for tool in found
                ]
            )

        async def call_tool(
            _context: ServerRequestContext[Any], parameters: protocol.CallToolRequestParams
        ) -> protocol.CallToolResult:
            values = parameters.arguments or {}
            try:
                answer = await in_worker(
                    answers.call, self._origin, self._pages, parameters.name, values, task=parameters.name
                )
            except EvgraphError as error:
                return _result(worded(error), is_error=True)
            except Exception as error:  # An assistant can go on with its other tools.
                return _result(f"internal error of evgraph: {type(error).__name__}: {error}", is_error=True)
            content = answer._asdict()
            return _result(json.dumps(content, ensure_ascii=False), content)

        return Server(
            "evgraph",
            version=__version__,
            title="Alcohol and Drug Treatment Matrices",
            instructions=INSTRUCTIONS,
            on_list_tools=list_tools,
            on_call_tool=call_tool,
        )

    def _run(self, function: Callable[..., Iterator[_T]], *arguments: object, task: str) -> _T:
        (item,) = workers.iterate(function, *arguments, limits=self._limits, task=task, key=self._origin)
        return item


def worded(error: EvgraphError) -> str:
    """Return what an assistant reads about an error: what is wrong, and what to do."""
    named = f'{error.parameter} = "{error.value}": ' if error.parameter and error.value is not None else ""
    hint = error.advice(HINTS, '{parameter} = "{value}"')
    place = f"line {error.line}: " if error.line else ""
    return f"{place}{named}{error.message}{f' ({hint})' if hint else ''}"


def _result(text: str, content: dict[str, Any] | None = None, *, is_error: bool = False) -> protocol.CallToolResult:
    return protocol.CallToolResult(
        content=[protocol.TextContent(text=text)], structured_content=content, is_error=is_error
    )
