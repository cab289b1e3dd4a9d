"""An SMTP server that keeps each mail as a file and delivers none: python dev/smtp_sink.py PORT FOLDER [ADDRESS...].

It refuses mail to each ADDRESS, as if there were no such mailbox.
"""

import asyncio
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Folder:
    """Writes every message to a folder, the file being named after time and recipients."""

    def __init__(self, folder, refused):
        self.folder = folder
        self.refused = refused
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        recipients = "_".join(sorted(envelope.rcpt_tos)).replace("/", "-")[:100]
        path = self.folder / f"{time.time_ns()}_{recipients}.eml"
        path.write_bytes(envelope.content)
        subject = message_from_bytes(envelope.content, policy=policy.default)["Subject"]
        print(f"{', '.join(envelope.rcpt_tos)}: {subject}", flush=True)
        return "250 Kept"


async def serve(port, folder, refused):
    handler = Folder(folder, refused)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, data_size_limit=None), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
