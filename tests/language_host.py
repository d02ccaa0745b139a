"""A Python language host for the real `pulumi` command, from the SDK's own parts.

The official one comes with the official installer only. The engine starts `pulumi-language-python`
from PATH and reads a port from its output.
"""

import contextlib
import os
import runpy
import sys
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2, language_pb2_grpc


class Host(LanguageServer):
    """Runs the `__main__.py` of the directory that the engine names."""

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def Handshake(self, request: Any, context: Any) -> Any:
        del request, context
        return language_pb2.LanguageHandshakeResponse()

    def InstallDependencies(self, request: Any, context: Any) -> Any:
        """The checkout's virtual environment is there already: making one needs a network."""
        del request, context
        yield language_pb2.InstallDependenciesResponse(stdout=b"")

    def Run(self, request: Any, context: Any) -> Any:
        directory = Path(request.info.program_directory or request.pwd)
        os.chdir(directory)
        sys.path.insert(0, str(directory))
        self.program = lambda: _run(directory / "__main__.py")
        # The engine's own address is the host's argument; the SDK's server reads it from here.
        request.args[:] = [sys.argv[-1]]
        return super().Run(request, context)


def _run(file: Path) -> None:
    runpy.run_path(str(file), run_name="__main__")


def install(directory: Path) -> None:
    """Put a `pulumi-language-python` that starts this module into a directory for PATH."""
    root = Path(__file__).parent.parent
    command = directory / "pulumi-language-python"
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -P -m tests.language_host "$@"\n'
    )
    command.chmod(0o755)


def main() -> None:
    """Serve until the engine goes."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    # The engine ends its hosts with an interrupt.
    with contextlib.suppress(KeyboardInterrupt):
        server.wait_for_termination()


if __name__ == "__main__":
    main()
