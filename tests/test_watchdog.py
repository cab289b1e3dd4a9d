"""A child process that takes too long is killed, with its children."""

import subprocess
from unittest.mock import patch

import psutil

from odoo.tests import BaseCase, tagged

from ..tools.pdf.watchdog import time_limit

WORD = "dunning-watchdog-test"
SOON, PATIENCE, HANG = 0.5, 30, 120  # seconds


@tagged("post_install", "-at_install")
class TestWatchdog(BaseCase):
    def start(self, script):
        """Start a shell script whose command line has the word."""
        process = subprocess.Popen(["sh", "-c", f"{script}; : {WORD}"])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def start_with_child(self):
        process = self.start(f"sleep {HANG} & wait")
        family = psutil.Process(process.pid)
        while not family.children():
            pass
        return process, family.children()[0]

    def check_killed(self, process):
        """The process ends as its time is over."""
        with time_limit(WORD, SOON) as expired:
            process.wait(PATIENCE)
        self.assertTrue(expired.is_set())

    def test_children_of_the_child_are_killed_too(self):
        process, child = self.start_with_child()
        self.check_killed(process)
        child.wait(PATIENCE)

    def test_others_are_left_alone(self):
        other = subprocess.Popen(["sleep", str(HANG)])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.check_killed(self.start(f"sleep {HANG}"))
        self.assertIsNone(other.poll())

    def test_a_grandchild_that_has_just_ended(self):
        process, grandchild = self.start_with_child()
        kill = psutil.Process.kill

        def raising(self):
            if self == grandchild:
                raise psutil.NoSuchProcess(self.pid)
            kill(self)

        with patch.object(psutil.Process, "kill", raising):
            self.check_killed(process)
        kill(grandchild)

    def test_another_child_that_may_not_be_looked_at(self):
        other = self.start(f"sleep {HANG}")
        process = self.start(f"sleep {HANG}")
        cmdline = psutil.Process.cmdline

        def raising(self):
            if self.pid == other.pid:
                raise psutil.AccessDenied(self.pid)
            return cmdline(self)

        with patch.object(psutil.Process, "cmdline", raising):
            self.check_killed(process)
        self.assertIsNone(other.poll())
