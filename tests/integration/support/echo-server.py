"""An echo server on Debian's python3-websockets: python3 echo-server.py PORT. {"type":"BYE"} makes it close with 1000."""
import asyncio
import signal
import sys

import websockets


async def echo(socket):
    async for frame in socket:
        if frame == '{"type":"BYE"}':
            await socket.close(1000, "bye")
        else:
            await socket.send(frame)


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with websockets.serve(echo, "127.0.0.1", int(sys.argv[1])):
        await stop.wait()  # then it closes all with 1001


asyncio.run(main())
