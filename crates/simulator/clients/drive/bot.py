"""The process of a bot: started, waited for, and what it writes."""

import re
import subprocess
import sys
import threading

from person import PATIENCE, Failed

# How long a bot may take to start, in seconds.
STARTING = 60
# A line that complains, in the three libraries.
COMPLAINT = re.compile(
    r"\b(WARNING|ERROR|CRITICAL)\b|^[WEC] |^Traceback|Error:|Warning:|[Uu]n(known|recogni[sz]ed)"
)


class Bot:
    def __init__(self, command):
        self.lines = []
        self.checked = 0
        self.is_ready = threading.Event()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if self.lines[-1] == "ready":
                self.is_ready.set()
        self.is_ready.set()

    def ready(self):
        """Waits for the line by which a bot says that it is connected and its commands registered."""
        if not self.is_ready.wait(STARTING):
            raise Failed(f"the bot was not ready within {STARTING} s")
        self.check()

    def check(self):
        """Fails when the bot ended, or complained since this was last looked at."""
        if self.process.poll() is not None:
            raise Failed(f"the bot ended with {self.process.returncode}")
        complaints = [line for line in self.unchecked() if COMPLAINT.search(line)]
        if complaints:
            raise Failed("the library complains:\n  " + "\n  ".join(complaints))

    def unchecked(self):
        new = self.lines[self.checked :]
        self.checked += len(new)
        return new

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            print("the bot does not end when told so", file=sys.stderr)
            self.process.kill()
        self.reader.join()
