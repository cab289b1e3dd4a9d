"""Attachments that are made of bytes, without traces where that fails."""

import contextlib
import os


def create_attachments(env, vals_list):
    """Create attachments, with their content as ``raw``; where the disk is full, leave no part of a file behind.

    Odoo names a file after its content. The next try would find the part under that name, see that it is not the same,
    and be refused.
    """
    attachments = env["ir.attachment"]
    try:
        return attachments.create(vals_list)
    except OSError:
        for vals in vals_list:
            _drop_part(attachments, vals["raw"])
        raise


def _drop_part(attachments, content):
    """Delete the file of the ``content`` where it is shorter than that."""
    checksum = attachments._compute_checksum(content)
    path = attachments._full_path(f"{checksum[:2]}/{checksum}")
    with contextlib.suppress(OSError):
        if os.path.getsize(path) < len(content):
            os.unlink(path)
