"""Serves a provider to the engine, which attaches to it (`PULUMI_DEBUG_PROVIDERS=name:port`)."""

import asyncio
import importlib.metadata
import queue
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf.empty_pb2 import Empty  # ty: ignore[missing-module-member]
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local_clouds.provider import CALLER, OLD_INPUTS, LocalProvider
from local_clouds.resource import CloudError

# The engine's own limit; the SDK's default of 4 MB would stop large states.
_MAX_MESSAGE_BYTES = 400 * 1024 * 1024

Method = Callable[[Any, Any, grpc.aio.ServicerContext], Awaitable[Any]]


def _adapted(method: Method) -> Method:
    """Tell the provider who calls, and answer a `CloudError` with its message alone.

    The engine connects once for every configuration that it uses: the stack's, the one of the last
    run, that of an explicit provider. The SDK's servicer would add a Python traceback to an error.
    """

    async def call(self: Any, request: Any, context: grpc.aio.ServicerContext) -> Any:
        CALLER.set(context.peer())
        try:
            return await method(self, request, context)
        except Exception as failure:
            if isinstance(failure.__context__, CloudError):
                await context.abort(grpc.StatusCode.UNKNOWN, str(failure.__context__))
            raise

    return call


class AttachableServicer(ProviderServicer):
    """The SDK's servicer with what an attached provider needs and the SDK lacks."""

    Configure = _adapted(ProviderServicer.Configure)
    Check = _adapted(ProviderServicer.Check)
    Create = _adapted(ProviderServicer.Create)
    Read = _adapted(ProviderServicer.Read)
    Update = _adapted(ProviderServicer.Update)
    Delete = _adapted(ProviderServicer.Delete)
    Invoke = _adapted(ProviderServicer.Invoke)

    async def Attach(
        self, request: plugin_pb2.PluginAttach, context: grpc.aio.ServicerContext
    ) -> Empty:
        """Accept the engine: no call of ours goes back to it."""
        del request, context
        return Empty()

    async def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: grpc.aio.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Say yes or no: the SDK's servicer sends a boolean, which as an enum is unknown or no."""
        response = await super().DiffConfig(request, context)
        kinds = provider_pb2.DiffResponse
        response.changes = kinds.DIFF_SOME if response.changes else kinds.DIFF_NONE
        return response

    async def Diff(
        self, request: provider_pb2.DiffRequest, context: grpc.aio.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Keep the old inputs, which the SDK's servicer drops."""
        request.olds.fields[OLD_INPUTS].struct_value.CopyFrom(request.old_inputs)
        return await super().Diff(request, context)


def serve(provider: LocalProvider) -> int:
    """Serve `provider` on 127.0.0.1 from a daemon thread; returns the port."""
    # The version that the program's SDK asks for; the engine warns about any other.
    version = importlib.metadata.version(f"pulumi-{provider.name}")
    ports: queue.Queue[int] = queue.Queue()

    async def run() -> None:
        options = [("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES)]
        server = grpc.aio.server(options=options)
        servicer = AttachableServicer([], version, provider, engine_address="")
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        ports.put(port)
        await server.wait_for_termination()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    return ports.get(timeout=30)
