"""The lobby document's flow, step by step, with unmodified clients: requests and python-socketio. Prints at the end what each guest
received, as one line of JSON."""

import faulthandler
import json
import os
import sys
import threading

import requests
import socketio

URL, TRANSPORTS = os.environ["URL"], os.environ["TRANSPORTS"].split(",")
PATIENCE = 20
# Prints a traceback should it hang.
faulthandler.dump_traceback_later(50)
changed = threading.Condition()
status = []


def get(session, path):
    answer = session.get(URL + path, timeout=PATIENCE)
    status.append(answer.status_code)
    return answer


def until(what, happened):
    with changed:
        if not changed.wait_for(happened, PATIENCE):
            sys.exit("waited in vain until " + what)


class Guest:
    """One user: a login session and, with its cookie, a socket."""

    def __init__(self, name):
        self.name, self.users, self.received, self.answers, self.ends = name, [], [], [], 0
        self.session = requests.Session()
        get(self.session, "/login/" + name)
        self.client = socketio.Client(http_session=self.session)
        self.client.on("user_change_in", self.keep(lambda event: setattr(self, "users", event["users"])))
        self.client.on("message_in", self.keep(self.received.append))
        self.client.on("disconnect", self.keep(lambda *_: setattr(self, "ends", self.ends + 1)))

    def keep(self, what):
        def then(*arguments):
            with changed:
                what(*arguments)
                changed.notify_all()

        return then

    def connect(self):
        self.client.connect(URL, transports=TRANSPORTS, wait_timeout=PATIENCE)

    def send(self, receiver, text):
        """Shows the message at once, and learns afterwards what became of it."""
        known = len(self.answers)
        message = {"sender": self.name, "receiver": receiver, "message_text": text}
        self.client.emit("message_out", message, callback=self.keep(self.answers.append))
        until("it is answered", lambda: len(self.answers) > known)

    def sees(self, *names):
        until(self.name + " sees " + " ".join(names), lambda: self.users == list(names))

    def has_received(self, count):
        until(self.name + " has received it", lambda: len(self.received) == count)


# Logging in: nobody has a name twice.
avi, lisa, noa = guests = [Guest("Avi"), Guest("Lisa"), Guest("Noa")]
get(requests.Session(), "/login/avi")

# They appear when they connect.
avi.connect()
avi.sees("Avi")
lisa.connect()
noa.connect()
for guest in guests:
    guest.sees("Avi", "Lisa", "Noa")

# To one, to all, to nobody.
avi.send("Lisa", "between us")
lisa.send("group", "hello all")
avi.send("Nobody", "is anybody there?")
for guest, count in [(avi, 2), (lisa, 2), (noa, 1)]:
    guest.has_received(count)

# One sends a goodbye, another one logs out; neither client reconnects by itself.
noa.client.emit("user_change_out", {"active": False})
avi.sees("Avi", "Lisa")
until("Noa's connection ends", lambda: noa.ends == 1)
get(lisa.session, "/logout/Avi")
get(lisa.session, "/logout/Lisa")
avi.sees("Avi")
until("Lisa's connection ends", lambda: lisa.ends == 1)

# The name is free for the next one.
next_one = Guest("lisa")
next_one.connect()
avi.sees("Avi", "lisa")
avi.send("Lisa", "welcome")
next_one.has_received(1)
avi.has_received(3)
transport = avi.client.eio.transport()
everybody = guests + [next_one]
not_reconnected = not noa.client.connected and not lisa.client.connected
for guest in [avi, next_one]:
    guest.client.disconnect()
report = {"status": status, "transport": transport, "not_reconnected": not_reconnected}
print(json.dumps({**report, "received": [guest.received for guest in everybody], "answers": [guest.answers for guest in everybody]}))
