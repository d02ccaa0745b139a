"""The background process: both clouds' APIs over HTTP, and both providers over gRPC."""

import logging
import os
import shutil
import signal
import threading
from pathlib import Path
from types import FrameType

from local_clouds import calls, state
from local_clouds.calls import CallLog
from local_clouds.clouds import Clouds, exclusive

_CHECK_INTERVAL_S = 1.0


def serve(directory: Path) -> None:
    """Run the clouds of `directory` until SIGTERM, or until their record is removed.

    Returns at once when other clouds of that directory run.
    """
    with exclusive(directory) as alone:
        if alone:
            _serve(directory)


def _serve(directory: Path) -> None:
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    signal.signal(signal.SIGTERM, end)
    # State that describes the resources of an earlier process.
    shutil.rmtree(state.backend(directory), ignore_errors=True)
    clouds = _start(directory)
    clouds.publish()
    while clouds.is_published():
        if ended.wait(_CHECK_INTERVAL_S):
            clouds.unpublish()


def _start(directory: Path) -> Clouds:
    # Here, because all this takes a second or two that only this process has to spend.
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    from local_clouds import aws, gcp, plugin  # noqa: PLC0415
    from local_clouds.gcp.server import create_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    aws_endpoint = f"http://{host}:{port}"
    aws.seed(aws_endpoint)
    server = create_server(log=CallLog(directory / calls.GCP))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    gcp_endpoint = f"http://127.0.0.1:{server.server_port}"
    return Clouds(
        directory=directory,
        pid=os.getpid(),
        aws_endpoint=aws_endpoint,
        gcp_endpoint=gcp_endpoint,
        aws_provider_port=plugin.serve(aws.provider(aws_endpoint, CallLog(directory / calls.AWS))),
        gcp_provider_port=plugin.serve(gcp.provider(gcp_endpoint)),
    )
